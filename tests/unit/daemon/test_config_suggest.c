#include "config_fixture.h"

static struct buf out;

static const char *suggest(const char *group, const char *key)
{
    buf_clear(&out);
    config_suggest(str_of(group), str_of(key), &out);
    buf_put(&out, "", 1);
    return (const char *)out.at;
}

static bool means(const char *group, const char *key, const char *meant)
{
    char text[128];
    (void)snprintf(text, sizeof(text), " (did you mean \"%s\"?)", meant);
    return strncmp(text, suggest(group, key), strlen(text)) == 0;
}

static void near_misses_are_recognised(void)
{
    CHECK(means("http", "lsten", "listen"));
    CHECK(means("http", "LISTEN", "listen"));
    CHECK(means("http", "lissten", "listen"));
    CHECK(means("http", "Tls", "tls"));
    CHECK(means("http.tls", "certfile", "certFile"));
    CHECK(means("", "alowedOrigin", "allowedOrigins"));
    CHECK(means("", "htpp", "http"));
    CHECK(means("media", "reconnectWindow", "reconnectWindowSeconds"));
}

static void keys_of_other_sections_are_found(void)
{
    CHECK(means("", "segmentMs", "media.segmentMs"));
    CHECK(means("http", "tokenMinutes", "chat.tokenMinutes"));
    CHECK(means("", "http.lisen", "http.listen"));
}

static void what_resembles_nothing_gets_the_list_only(void)
{
    CHECK(strncmp("; known here: certFile, keyFile", suggest("http.tls", "zzzzzzzzzzzz"), 31) == 0);
    CHECK(strstr(suggest("http.tls", "zzzzzzzzzzzz"), "listen") == NULL);
    CHECK(strstr(suggest("", "zzzzzzzzzzzz"), "http, rtmp, media") != NULL);
    char long_key[200];
    memset(long_key, 'a', sizeof(long_key) - 1);
    long_key[sizeof(long_key) - 1] = '\0';
    CHECK(strstr(suggest("", long_key), "did you mean") == NULL);
}

static void variables_are_suggested_too(void)
{
    buf_clear(&out);
    config_suggest_variable(STR("KLIEG_HTTP_LISEN"), &out);
    CHECK(str_equal(STR(" (did you mean \"KLIEG_HTTP_LISTEN\"?)"), buf_str(&out)));
    buf_clear(&out);
    config_suggest_variable(STR("KLIEG_SOMETHING_ELSE_ENTIRELY_XYZ"), &out);
    CHECK_EQ(0, out.len);
}

static void groups_are_known(void)
{
    CHECK(config_is_group(STR("http")));
    CHECK(config_is_group(STR("http.tls")));
    CHECK(!config_is_group(STR("http.listen")));
    CHECK(!config_is_group(STR("htt")));
    CHECK(!config_is_group(STR("http.")));
}

int main(void)
{
    buf_init(&out, 8192);
    RUN(near_misses_are_recognised);
    RUN(keys_of_other_sections_are_found);
    RUN(what_resembles_nothing_gets_the_list_only);
    RUN(variables_are_suggested_too);
    RUN(groups_are_known);
    buf_finish(&out);
    return check_report();
}
