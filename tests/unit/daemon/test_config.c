#include "config_fixture.h"

static void apply(const char *a, const char *b)
{
    char *environment[] = {(char *)(uintptr_t)a, (char *)(uintptr_t)b, NULL};
    config_apply_environment(&config, environment, &problems);
}

static void every_option_has_a_variable(void)
{
    config_fixture_start("dev");
    apply("KLIEG_HTTP_PUBLIC_URL=https://a", "KLIEG_ALLOWED_ORIGINS=http://b,http://c");
    apply("KLIEG_HTTP_TLS_CERT_FILE=cert", "KLIEG_MEDIA_WINDOW_SEGMENTS=20");
    apply("KLIEG_RTMP_INSECURE_INGEST=false", "KLIEG_STORE_URL=postgres://x?a=b");
    CHECK_EQ(0, problems.count);
    CHECK(strcmp("https://a", config.options.http.public_url) == 0);
    CHECK_EQ(2, config.options.allowed_origins.count);
    CHECK(strcmp("cert", config.options.http.tls.cert_file) == 0);
    CHECK_EQ(20, config.options.media.window_segments);
    CHECK(!config.options.rtmp.insecure_ingest);
    CHECK(strcmp("postgres://x?a=b", config.options.store.url) == 0);
    size_t at = (size_t)(options_find(STR("store.url")) - options_table);
    CHECK_EQ(CONFIG_ENVIRONMENT, config.origins[at].place);
    config_fixture_finish();
}

static void an_object_of_options_comes_as_json(void)
{
    config_fixture_start("dev");
    apply("KLIEG_MULTITRACK_INPUT_CONFIGURATION={\"enabled\":true,\"policy\":\"REQUIRE\"}",
          "KLIEG_LIMITS_READ={\"count\":1,\"seconds\":2,\"burst\":3}");
    CHECK_EQ(0, problems.count);
    CHECK(config.options.multitrack.enabled);
    CHECK(strcmp("REQUIRE", config.options.multitrack.policy) == 0);
    CHECK_EQ(3, config.options.limits.read.burst);
    apply("KLIEG_MULTITRACK_INPUT_CONFIGURATION=[]", "KLIEG_HTTP_TLS={\"certFil\":\"x\"}");
    CHECK_EQ(2, problems.count);
    CHECK(config_fixture_says("KLIEG_MULTITRACK_INPUT_CONFIGURATION: must be a JSON object"));
    CHECK(config_fixture_says("http.tls.certFil: unknown key (did you mean \"certFile\"?)"));
    config_fixture_finish();
}

static void unknown_variables_of_ours_are_refused_and_others_passed_over(void)
{
    config_fixture_start("dev");
    apply("KLIEG_HTTP_LISTENS=127.0.0.1:1", "PATH=/bin");
    CHECK_EQ(1, problems.count);
    CHECK(config_fixture_says(
        "klieg: KLIEG_HTTP_LISTENS: unknown variable (did you mean \"KLIEG_HTTP_LISTEN\"?)\n"));
    apply("KLIEG_CONFIG=x", "KLIEG_STAGE=dev");
    apply("KLIEG_SECRET_STORE_KEY=x", "KLIEGHT=x");
    apply("KLIEG_WITHOUT_EQUALS", "KLIE");
    CHECK_EQ(1, problems.count);
    apply("KLIEG_=x", "KLIEG_SECRETX=y");
    CHECK_EQ(3, problems.count);
    config_fixture_finish();
}

static void a_bad_value_is_told_with_the_variables_name(void)
{
    config_fixture_start("dev");
    apply("KLIEG_MEDIA_PART_MS=99", "KLIEG_STORE_DRIVER=mysql");
    CHECK_EQ(2, problems.count);
    CHECK(config_fixture_says(
        "klieg: KLIEG_MEDIA_PART_MS: must be a whole number from 100 to 1000, not 99\n"));
    CHECK(config_fixture_says("klieg: KLIEG_STORE_DRIVER: must be one of"));
    CHECK_EQ(333, config.options.media.part_ms);
    config_fixture_finish();
}

static void later_sources_win(void)
{
    config_fixture_start("dev");
    config_read(&config,
                STR("{\"resourceConfig\":{\"dev\":{\"region\":\"eu-west-1\","
                    "\"media\":{\"partMs\":250,\"segmentMs\":4000}}}}"),
                &problems);
    apply("KLIEG_REGION=eu-west-2", "KLIEG_MEDIA_PART_MS=260");
    config_apply_setting(&config, "region=eu-west-3", &problems);
    CHECK_EQ(0, problems.count);
    CHECK(strcmp("eu-west-3", config.options.region) == 0);
    CHECK_EQ(260, config.options.media.part_ms);
    CHECK_EQ(4000, config.options.media.segment_ms);
    config_fixture_finish();
}

static void settings_of_the_command_line_are_checked(void)
{
    config_fixture_start("dev");
    config_apply_setting(&config, "http.listen=127.0.0.1:0", &problems);
    config_apply_setting(&config, "http.tls={\"certFile\":\"a=b\"}", &problems);
    CHECK_EQ(0, problems.count);
    CHECK(strcmp("127.0.0.1:0", config.options.http.listen) == 0);
    CHECK(strcmp("a=b", config.options.http.tls.cert_file) == 0);
    config_apply_setting(&config, "http.listen", &problems);
    config_apply_setting(&config, "http.lsten=127.0.0.1:0", &problems);
    config_apply_setting(&config, "=1", &problems);
    config_apply_setting(&config, "loops=65", &problems);
    CHECK_EQ(4, problems.count);
    CHECK(config_fixture_says("--set: wants section.key=value"));
    CHECK(config_fixture_says("--set http.lsten: unknown option (did you mean \"http.listen\"?)"));
    CHECK(config_fixture_says("--set loops: must be a whole number from 0 to 64, not 65"));
    config_fixture_finish();
}

int main(void)
{
    RUN(every_option_has_a_variable);
    RUN(an_object_of_options_comes_as_json);
    RUN(unknown_variables_of_ours_are_refused_and_others_passed_over);
    RUN(a_bad_value_is_told_with_the_variables_name);
    RUN(later_sources_win);
    RUN(settings_of_the_command_line_are_checked);
    return check_report();
}
