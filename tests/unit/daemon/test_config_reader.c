#include "config_fixture.h"

static void read_text(const char *text)
{
    config_read(&config, str_of(text), &problems);
}

static void the_block_of_the_stage_is_used(void)
{
    config_fixture_start("prod");
    read_text("{\"resourceConfig\":{"
              "\"dev\":{\"http\":{\"listen\":\"127.0.0.1:1\"}},"
              "\"prod\":{\"region\":\"eu-west-1\",\"http\":{\"listen\":\"127.0.0.1:2\","
              "\"tls\":{\"certFile\":\"c\"}}}}}");
    CHECK_EQ(0, problems.count);
    CHECK(strcmp("127.0.0.1:2", config.options.http.listen) == 0);
    CHECK(strcmp("eu-west-1", config.options.region) == 0);
    CHECK(strcmp("c", config.options.http.tls.cert_file) == 0);
    CHECK_EQ(10, config.options.http.header_timeout_s); /* a default */
    size_t at = (size_t)(options_find(STR("http.listen")) - options_table);
    CHECK_EQ(CONFIG_FILE, config.origins[at].place);
    CHECK_EQ(1, config.origins[at].line);
    config_fixture_finish();
}

static void every_problem_is_told_with_line_and_what_is_allowed(void)
{
    config_fixture_start("dev");
    read_text("{\n"
              " \"resourceConfig\": {\n"
              "  \"dev\": {\n"
              "   \"http\": {\n"
              "    \"lsten\": \"x\",\n"
              "    \"maxBodyBytes\": 1,\n"
              "    \"tls\": 5},\n"
              "   \"stagename\": \"x\",\n"
              "   \"segmentMs\": 2000\n"
              "  },\n"
              "  \"prod\": {\"rtmp\":\n"
              "   {\"listen\": \"nowhere\"}},\n"
              "  \"other\": 7\n"
              " },\n"
              " \"resourceconfig\": {}\n"
              "}");
    CHECK(config_fixture_says("klieg: klieg.json:5: resourceConfig.dev.http.lsten: unknown key "
                              "(did you mean \"listen\"?); known here: listen, tlsListen"));
    CHECK(config_fixture_says("klieg: klieg.json:6: resourceConfig.dev.http.maxBodyBytes: must be a"
                              " whole number from 1024 to 1048576, not 1\n"));
    CHECK(config_fixture_says("klieg: klieg.json:7: resourceConfig.dev.http.tls: must be an object "
                              "of options\n"));
    CHECK(config_fixture_says("klieg: klieg.json:8: resourceConfig.dev.stagename: unknown key (did "
                              "you mean \"stageName\"?)"));
    CHECK(config_fixture_says("klieg: klieg.json:9: resourceConfig.dev.segmentMs: unknown key (did "
                              "you mean \"media.segmentMs\"?)"));
    CHECK(config_fixture_says("klieg: klieg.json:12: resourceConfig.prod.rtmp.listen: must be"));
    CHECK(config_fixture_says("resourceConfig.other: must be an object"));
    CHECK(config_fixture_says("klieg: klieg.json:15: resourceconfig: unknown key"));
    CHECK_EQ(8, problems.count);
    config_fixture_finish();
}

static void a_bad_value_leaves_the_default(void)
{
    config_fixture_start("dev");
    read_text("{\"resourceConfig\":{\"dev\":{\"http\":{\"listen\":\"x\"}}}}");
    CHECK_EQ(1, problems.count);
    CHECK(strcmp("127.0.0.1:8080", config.options.http.listen) == 0);
    config_fixture_finish();
}

static void other_stages_do_not_change_anything(void)
{
    config_fixture_start("dev");
    read_text("{\"resourceConfig\":{\"prod\":{\"region\":\"eu-west-1\"}}}");
    CHECK_EQ(0, problems.count);
    CHECK(strcmp("us-west-2", config.options.region) == 0);
    size_t at = (size_t)(options_find(STR("region")) - options_table);
    CHECK_EQ(CONFIG_DEFAULT, config.origins[at].place);
    config_fixture_finish();
}

static void a_stage_of_ones_own_needs_its_block(void)
{
    config_fixture_start("staging");
    read_text("{\"resourceConfig\":{\"dev\":{}}}");
    CHECK(config_fixture_says("klieg.json: resourceConfig: has no block for stage \"staging\""));
    config_fixture_finish();
    config_fixture_start("staging");
    read_text("{\"resourceConfig\":{\"staging\":{}}}");
    CHECK_EQ(0, problems.count);
    CHECK(strcmp("info", config.options.log.level) == 0);
    config_fixture_finish();
}

static void what_is_no_configuration_is_refused(void)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "klieg: klieg.json:1: not valid JSON"},
        {"{\n\"resourceConfig\": {}\n,}", "klieg: klieg.json:3: not valid JSON"},
        {"[]", "must be {\"resourceConfig\""},
        {"{\"resourceConfig\":[]}", "must be {\"resourceConfig\""},
        {"{}", "must be {\"resourceConfig\""},
        {"{\"resourceConfig\":{\"dev\":{},\n\"dev\":{}}}",
         "klieg.json:2: not valid JSON: duplicate"},
        {"{\"resourceConfig\":{\"dev\":{\"\":1}}}", "resourceConfig.dev.: unknown key"},
        {"{\"resourceConfig\":{\"dev\":{\"http.listen\":\"127.0.0.1:1\"}}}", "unknown key"},
        {"{\"resourceConfig\":{\"dev\":{\"http\":{\"\":{}}}}}", "unknown key"},
        {"{\"resourceConfig\":{\"dev\":null}}", "must be an object"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        config_fixture_start("dev");
        read_text(cases[i].text);
        CHECK_EQ(1, problems.count);
        CHECK(config_fixture_says(cases[i].said));
        config_fixture_finish();
    }
}

int main(void)
{
    RUN(the_block_of_the_stage_is_used);
    RUN(every_problem_is_told_with_line_and_what_is_allowed);
    RUN(a_bad_value_leaves_the_default);
    RUN(other_stages_do_not_change_anything);
    RUN(a_stage_of_ones_own_needs_its_block);
    RUN(what_is_no_configuration_is_refused);
    return check_report();
}
