#include "daemon/addresses.h"

#include "config_fixture.h"

static struct addresses build(const struct addresses_ports *ports)
{
    struct addresses_ports own = addresses_ports(&config.options);
    return addresses_build(&config.options, ports != NULL ? ports : &own, &config.arena);
}

static bool is(const char *text, const char *wanted)
{
    bool is_same = wanted == NULL ? text == NULL : text != NULL && strcmp(text, wanted) == 0;
    if (!is_same)
        printf("%s\n", text != NULL ? text : "NULL");
    return is_same;
}

static void set(const char *setting)
{
    config_apply_setting(&config, setting, &problems);
    CHECK_EQ(0, problems.count);
}

static void the_defaults_are_on_localhost(void)
{
    config_fixture_start("dev");
    struct addresses addresses = build(NULL);
    CHECK(is(addresses.public_url, "http://localhost:8080"));
    CHECK(is(addresses.client_base_url, "http://localhost:8080"));
    CHECK(is(addresses.rtmp_url, "rtmp://localhost:1935/app/"));
    CHECK(is(addresses.rtmps_url, NULL));
    CHECK(is(addresses.ingest_url, "rtmp://localhost:1935/app/"));
    config_fixture_finish();
}

static void ports_in_use_replace_those_of_the_options(void)
{
    config_fixture_start("dev");
    set("http.listen=127.0.0.1:0");
    set("rtmp.tlsListen=127.0.0.1:0");
    struct addresses addresses =
        build(&(struct addresses_ports){.http = 1001, .rtmp = 1002, .rtmps = 1003});
    CHECK(is(addresses.public_url, "http://localhost:1001"));
    CHECK(is(addresses.rtmp_url, "rtmp://localhost:1002/app/"));
    CHECK(is(addresses.rtmps_url, "rtmps://localhost:1003/app/"));
    CHECK(is(addresses.ingest_url, "rtmps://localhost:1003/app/"));
    config_fixture_finish();
}

static void the_public_url_names_the_host(void)
{
    static const struct {
        const char *setting, *rtmp_url;
    } cases[] = {
        {"http.publicUrl=https://klieg.example", "rtmp://klieg.example:1935/app/"},
        {"http.publicUrl=https://klieg.example:8443", "rtmp://klieg.example:1935/app/"},
        {"http.publicUrl=https://klieg.example/tv", "rtmp://klieg.example:1935/app/"},
        {"http.publicUrl=http://[::1]:8080", "rtmp://[::1]:1935/app/"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        config_fixture_start("dev");
        set(cases[i].setting);
        CHECK(is(build(NULL).rtmp_url, cases[i].rtmp_url));
        CHECK(is(build(NULL).public_url, strchr(cases[i].setting, '=') + 1));
        config_fixture_finish();
    }
}

static void with_a_certificate_http_listen_is_https(void)
{
    config_fixture_start("dev");
    set("http.tls={\"certFile\":\"c\",\"keyFile\":\"k\"}");
    struct addresses addresses = build(NULL);
    CHECK(is(addresses.public_url, "https://localhost:8080"));
    CHECK(is(addresses.rtmps_url, "rtmps://localhost:8080/app/")); /* media rule IN-2 */
    CHECK(is(addresses.ingest_url, "rtmp://localhost:1935/app/"));
    set("http.tlsListen=0.0.0.0:8443");
    CHECK(is(build(NULL).rtmps_url, "rtmps://localhost:8443/app/"));
    set("rtmp.listen=");
    addresses = build(NULL);
    CHECK(is(addresses.rtmp_url, NULL));
    CHECK(is(addresses.ingest_url, "rtmps://localhost:8443/app/"));
    config_fixture_finish();
}

static void urls_that_are_set_are_taken_as_they_are(void)
{
    config_fixture_start("dev");
    set("rtmp.publicUrl=rtmps://in.example/app/");
    set("clientBaseUrl=https://www.example");
    CHECK(is(build(NULL).ingest_url, "rtmps://in.example/app/"));
    CHECK(is(build(NULL).client_base_url, "https://www.example"));
    CHECK(is(build(NULL).rtmp_url, "rtmp://localhost:1935/app/"));
    config_fixture_finish();
}

static void without_ingest_there_is_no_address(void)
{
    config_fixture_start("dev");
    set("rtmp.listen=");
    CHECK(is(build(NULL).ingest_url, ""));
    config_fixture_finish();
}

int main(void)
{
    RUN(the_defaults_are_on_localhost);
    RUN(ports_in_use_replace_those_of_the_options);
    RUN(the_public_url_names_the_host);
    RUN(with_a_certificate_http_listen_is_https);
    RUN(urls_that_are_set_are_taken_as_they_are);
    RUN(without_ingest_there_is_no_address);
    return check_report();
}
