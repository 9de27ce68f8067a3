#include "proto/http/condition_reader.h"

#include "check.h"

static unsigned codings(const char *value)
{
    return http_accept_encoding_read(str_of(value));
}

static void accepted_codings_are_read(void)
{
    CHECK_EQ(HTTP_IDENTITY, codings(""));
    CHECK_EQ(HTTP_GZIP, codings("gzip"));
    CHECK_EQ(HTTP_GZIP, codings("X-Gzip"));
    CHECK_EQ(HTTP_BROTLI, codings("br"));
    CHECK_EQ(HTTP_GZIP | HTTP_BROTLI, codings("gzip, deflate, br, zstd"));
    CHECK_EQ(HTTP_GZIP | HTTP_BROTLI, codings("br;q=1.0 , GZIP ; q=0.5"));
    CHECK_EQ(HTTP_IDENTITY, codings("deflate, identity, brr, gzi"));
    CHECK_EQ(HTTP_GZIP | HTTP_BROTLI, codings("*"));
    CHECK_EQ(HTTP_GZIP | HTTP_BROTLI, codings("gzip, *"));
}

static void weight_zero_refuses(void)
{
    CHECK_EQ(HTTP_BROTLI, codings("gzip;q=0, br"));
    CHECK_EQ(HTTP_BROTLI, codings("gzip;q=0.000, *"));
    CHECK_EQ(HTTP_GZIP, codings("gzip;q=0.001"));
    CHECK_EQ(HTTP_GZIP, codings("gzip, *;q=0"));
    CHECK_EQ(HTTP_IDENTITY, codings("gzip;q="));
    CHECK_EQ(HTTP_GZIP, codings("gzip;x=0"));
    CHECK_EQ(HTTP_IDENTITY, codings("gzip;x=1;Q = 0"));
}

static bool has(const char *value, const char *etag)
{
    return http_if_none_match_has(str_of(value), str_of(etag));
}

static void tags_are_compared_weakly(void)
{
    CHECK(has("\"a\"", "\"a\""));
    CHECK(has("W/\"a\"", "\"a\""));
    CHECK(has("\"a\"", "W/\"a\""));
    CHECK(has("\"b\" ,\t\"a\"", "\"a\""));
    CHECK(has("*", "\"a\""));
    CHECK(!has("\"b\"", "\"a\""));
    CHECK(!has("a", "\"a\""));
    CHECK(!has("\"A\"", "\"a\""));
    CHECK(!has("w/\"a\"", "\"a\""));
    CHECK(!has("", "\"a\""));
    CHECK(!has("\"a\"b", "\"a\""));
    CHECK(!has("**", "\"a\""));
}

int main(void)
{
    RUN(accepted_codings_are_read);
    RUN(weight_zero_refuses);
    RUN(tags_are_compared_weakly);
    return check_report();
}
