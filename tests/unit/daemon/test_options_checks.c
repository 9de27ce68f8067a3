#include "daemon/options_checks.h"

#include "check.h"

static bool allows(const struct option_check *check, const char *text)
{
    return check->is_valid(str_of(text));
}

static void check_all(const struct option_check *check, const char *const *good,
                      const char *const *bad)
{
    for (; *good != NULL; good++)
        if (!allows(check, *good)) {
            printf("refused: %s\n", *good);
            CHECK(false);
        }
    for (; *bad != NULL; bad++)
        if (allows(check, *bad)) {
            printf("allowed: %s\n", *bad);
            CHECK(false);
        }
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void addresses_are_read(void)
{
    struct options_address address;
    CHECK_EQ(ERR_OK, options_read_address(STR("127.0.0.1:8080"), &address));
    CHECK(strcmp("127.0.0.1", address.host) == 0);
    CHECK_EQ(8080, address.port);
    CHECK_EQ(ERR_OK, options_read_address(STR("[2001:db8::1]:0"), &address));
    CHECK(strcmp("2001:db8::1", address.host) == 0);
    CHECK_EQ(0, address.port);
    CHECK_EQ(ERR_OK, options_read_address(STR("0.0.0.0:65535"), &address));
    CHECK_EQ(65535, address.port);
    CHECK_EQ(ERR_MALFORMED, options_read_address(STR(""), &address));
    CHECK_EQ(ERR_MALFORMED, options_read_address(STR("0.0.0.0:65536"), &address));
    CHECK(strcmp("0.0.0.0", address.host) == 0); /* untouched */
}

static void each_check_takes_what_it_says(void)
{
    check_all(&options_is_address, LIST("", "0.0.0.0:1", "[::]:1935", "[::1]:80"),
              LIST("8080", ":8080", "localhost:80", "1.2.3:80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:x",
                   "::1:80", "[1.2.3.4]:80", "[::1]", "[]:80", "1.2.3.4:-1"));
    check_all(&options_is_origin, LIST("*", "http://a", "https://a.b:8080", "http://[::1]:3000"),
              LIST("", "**", "a.b", "https://", "https://a/", "https://a b", "ftp://a"));
    check_all(&options_is_url, LIST("", "http://a", "https://a.b/c"),
              LIST("a", "https://", "https:///x", "https://a/", "http://a b", "javascript:x"));
    check_all(&options_is_rtmp_url, LIST("", "rtmp://a/app/", "rtmps://a:1936/app/"),
              LIST("rtmp://a/app", "http://a/app/", "rtmp:///app/", "rtmp://a b/app/"));
    check_all(&options_is_domain, LIST("a.b", "Example.org"),
              LIST("", "ab", "a_b.c", ".ab", "ab.", "a@b.c", "localhost"));
    check_all(&options_is_stage, LIST("a", "prod-2"),
              LIST("", "A", "a b", "a.b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    check_all(&options_is_locale, LIST("", "en-US", "de_DE"),
              LIST("en", "en-us1", "e1-US", "enaUS"));
    check_all(&options_is_region_code, LIST("", "us1", "abcdefghij"),
              LIST("US", "abcdefghijk", "a-b"));
    check_all(&options_is_region, LIST("us-west-2", "eu-x-0"),
              LIST("", "us-west", "us-west-22", "US-west-2", "us-we5t-2", "u-west-2", "us--2",
                   "us-aaaaaaaaaaaaaaaaaaaaaaaa-2", "us-west_2"));
    check_all(&options_is_account, LIST("000000000000"),
              LIST("", "00000000000", "0000000000000", "00000000000a"));
    check_all(&options_is_text, LIST("a"), LIST(""));
    check_all(&options_is_role, LIST("all", "api", "channels", "metrics", "media", "chat"),
              LIST("", "All", "apis", "al"));
    check_all(&options_is_network, LIST("10.0.0.0/8", "::1", "127.0.0.1"),
              LIST("", "10.0.0.0/33", "a", "10.0.0/8"));
    check_all(&options_is_anything, LIST("", "a"), (const char *const[]){NULL});
}

int main(void)
{
    RUN(addresses_are_read);
    RUN(each_check_takes_what_it_says);
    return check_report();
}
