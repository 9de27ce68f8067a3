#include "config_fixture.h"

/* A rule is broken by some settings, and the problem names the option. The stage is prod with mail
 * settings that are in order, or dev. */
struct breach {
    const char *stage;
    const char *settings[4];
    const char *said; /* NULL: nothing is wrong */
};

static const struct breach breaches[] = {
    {"dev", {NULL}, NULL},
    {"prod", {NULL}, NULL},
    {"prod", {"http.publicUrl=http://klieg.example"}, "--set http.publicUrl: outside dev"},
    {"prod", {"http.publicUrl=http://localhost.example"}, "--set http.publicUrl: outside dev"},
    {"prod", {"http.publicUrl=http://localhost:8080"}, NULL},
    {"prod", {"http.publicUrl=http://localhost"}, NULL},
    {"prod", {"http.publicUrl=https://klieg.example"}, NULL},
    {"dev", {"http.publicUrl=http://klieg.example"}, NULL},
    {"dev", {"http.listen="}, "--set http.listen: must be set"},
    {"dev", {"http.listen=", "http.tlsListen=127.0.0.1:0"}, NULL},
    {"dev", {"http.tls.certFile=c"}, "http.tls.certFile: http.tls wants"},
    {"dev", {"http.tls.keyFile=c"}, "default of http.tls.certFile: http.tls wants"},
    {"dev", {"http.tls.keyFile=k", "http.tls.certFile=c"}, NULL},
    {"dev", {"rtmp.tls.keyFile=k"}, "rtmp.tls wants certFile and keyFile"},
    {"dev", {"http.tlsListen=127.0.0.1:0", "rtmp.tlsListen=127.0.0.1:0"}, NULL},
    {"prod", {"http.tlsListen=127.0.0.1:0"}, "http.tlsListen: outside dev it needs"},
    {"prod", {"rtmp.tlsListen=127.0.0.1:0"}, "rtmp.tlsListen: outside dev it needs"},
    {"prod", {"rtmp.tlsListen=127.0.0.1:0", "http.tls.keyFile=k", "http.tls.certFile=c"}, NULL},
    {"dev", {"deploySeparateContainers=true"}, "deploySeparateContainers: needs"},
    {"dev", {"minScalingCapacity=2"}, "minScalingCapacity: more than 1 needs"},
    {"dev",
     {"ivsAdvancedChannelTranscodePreset=HIGHER_BANDWIDTH_DELIVERY"},
     "ivsAdvancedChannelTranscodePreset: must be empty"},
    {"dev",
     {"ivsAdvancedChannelTranscodePreset=HIGHER_BANDWIDTH_DELIVERY", "ivsChannelType=ADVANCED_SD"},
     NULL},
    {"prod", {"ivsChannelType=BASIC"}, "multitrackInputConfiguration.enabled: true needs"},
    {"prod",
     {"multitrackInputConfiguration.maximumResolution="},
     "multitrackInputConfiguration.maximumResolution: must be"},
    {"prod",
     {"multitrackInputConfiguration.policy="},
     "multitrackInputConfiguration.policy: must be"},
    {"dev", {"bus.driver=nats", "bus.url=nats://a"}, "bus.driver: nats needs store.driver"},
    {"dev",
     {"bus.driver=nats", "store.driver=postgres", "store.url=postgres://a"},
     "bus.url: must be set"},
    {"dev", {"store.driver=postgres"}, "store.url: must be set"},
    {"dev", {"store.url=mysql://a"}, "store.url: must begin with postgres://"},
    {"dev", {"store.url=postgres:/a"}, "store.url: must begin with postgres://"},
    {"dev", {"store.url=postgres://u:SECRET@a/b"}, "store.url: must not hold the password"},
    {"dev", {"store.url=postgresql://u:@a"}, "store.url: must not hold the password"},
    {"dev", {"store.url=postgres://a/b?password=SECRET"}, "store.url: must not hold"},
    {"dev", {"store.driver=postgres", "store.url=postgresql://u@a:5432,b:5432/c?x=d:e@f"}, NULL},
    {"dev", {"store.driver=postgres", "store.url=postgres://[::1]:5432/c"}, NULL},
    {"dev",
     {"bus.driver=nats", "store.driver=postgres", "store.url=postgres://a", "bus.url=nats://a"},
     NULL},
    {"dev", {"objects.driver=s3", "objects.endpoint=https://a"}, "objects.driver: s3 needs"},
    {"dev",
     {"objects.driver=s3", "objects.endpoint=https://a", "objects.bucket=b", "objects.region=r"},
     NULL},
    {"prod", {"mail.from="}, "mail.driver: smtp needs mail.host and mail.from"},
    {"prod", {"mail.host="}, "mail.driver: smtp needs mail.host and mail.from"},
    {"prod", {"mail.driver=none"}, "mail.driver: none needs enableUserAutoVerify"},
    {"prod", {"mail.driver=none", "enableUserAutoVerify=true"}, NULL},
    {"dev", {"media.partMs=501", "media.segmentMs=1000"}, "media.partMs: must be at most half"},
    {"dev", {"media.partMs=500", "media.segmentMs=1000"}, NULL},
    {"dev", {"auth.sessionMaxDays=29"}, "auth.refreshTokenDays: must not be over"},
};

static void each_rule_is_checked_and_names_its_option(void)
{
    for (size_t i = 0; i < sizeof(breaches) / sizeof(*breaches); i++) {
        const struct breach *breach = &breaches[i];
        config_fixture_start(breach->stage);
        config_apply_setting(&config, "mail.host=mail.example", &problems);
        config_apply_setting(&config, "mail.from=klieg@example", &problems);
        for (size_t j = 0; j < 4 && breach->settings[j] != NULL; j++)
            config_apply_setting(&config, breach->settings[j], &problems);
        config_complete(&config, "ui", &problems);
        CHECK_EQ(breach->said != NULL, problems.count);
        if (breach->said != NULL)
            CHECK(config_fixture_says(breach->said));
        config_fixture_finish();
    }
}

static void the_defaults_of_prod_want_mail_settings(void)
{
    config_fixture_start("prod");
    config_complete(&config, "ui", &problems);
    CHECK_EQ(1, problems.count);
    CHECK(config_fixture_says("klieg: default of mail.driver: smtp needs"));
    config_fixture_finish();
}

static void a_rule_names_the_line_of_the_file(void)
{
    config_fixture_start("dev");
    config_read(&config,
                STR("{\"resourceConfig\":{\"dev\":{\n\"store\":{\n\"url\":\"\","
                    "\n\"driver\":\"postgres\"}}}}"),
                &problems);
    config_complete(&config, "ui", &problems);
    CHECK_EQ(1, problems.count);
    CHECK(config_fixture_says("klieg: klieg.json:3: resourceConfig.dev.store.url: must be set"));
    config_fixture_finish();

    config_fixture_start("dev");
    char variable[] = "KLIEG_STORE_DRIVER=postgres";
    char *environment[] = {variable, NULL};
    config_apply_environment(&config, environment, &problems);
    char url[] = "KLIEG_STORE_URL=";
    environment[0] = url;
    config_apply_environment(&config, environment, &problems);
    config_complete(&config, "ui", &problems);
    CHECK(config_fixture_says("klieg: KLIEG_STORE_URL: must be set"));
    config_fixture_finish();
}

static void placeholders_are_filled_in(void)
{
    config_fixture_start("dev");
    config_apply_setting(&config, "dataDir=/d/<stage>/x", &problems);
    config_apply_setting(&config, "objects.path=/o", &problems);
    config_complete(&config, "/ui", &problems);
    CHECK(strcmp("/d/dev/x", config.options.data_dir) == 0);
    CHECK(strcmp("/d/dev/x/klieg.db", config.options.store.path) == 0);
    CHECK(strcmp("/d/dev/x/secrets.json", config.options.secrets_file) == 0);
    CHECK(strcmp("/o", config.options.objects.path) == 0);
    CHECK(strcmp("klieg.dev", config.options.bus.prefix) == 0);
    CHECK(strcmp("/ui", config.options.http.ui_dir) == 0);
    config_fixture_finish();
}

static void a_certificate_switches_rtmps_on_outside_dev(void)
{
    static const char *const stages[] = {"dev", "prod"};
    for (size_t i = 0; i < 2; i++) {
        config_fixture_start(stages[i]);
        config_apply_setting(&config, "http.tls={\"certFile\":\"c\",\"keyFile\":\"k\"}", &problems);
        config_complete(&config, "ui", &problems);
        CHECK(strcmp(i == 1 ? "0.0.0.0:1936" : "", config.options.rtmp.tls_listen) == 0);
        config_fixture_finish();
    }
    config_fixture_start("prod");
    config_apply_setting(&config, "http.tls={\"certFile\":\"c\",\"keyFile\":\"k\"}", &problems);
    config_apply_setting(&config, "rtmp.tlsListen=", &problems);
    config_complete(&config, "ui", &problems);
    CHECK(strcmp("", config.options.rtmp.tls_listen) == 0);
    config_fixture_finish();
}

static void count(const char *text, void *arg)
{
    (void)text;
    ++*(unsigned *)arg;
}

static void doubtful_settings_are_warned_about(void)
{
    static const struct {
        const char *stage, *setting;
        unsigned warnings;
    } cases[] = {
        {"dev", "loops=1", 0},          {"dev", "roles=api,chat", 1},
        {"dev", "roles=media", 1},      {"dev", "maxAzs=2", 1},
        {"dev", "natGateways=1", 1},    {"prod", "mail.driver=file", 1},
        {"dev", "mail.driver=file", 0}, {"dev", "media.partMs=199", 1},
        {"dev", "media.partMs=200", 0}, {"dev", "media.partMs=501", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        config_fixture_start(cases[i].stage);
        config_apply_setting(&config, cases[i].setting, &problems);
        unsigned warnings = 0;
        config_warn(&config, count, &warnings);
        CHECK_EQ(cases[i].warnings, warnings);
        config_fixture_finish();
    }
}

int main(void)
{
    RUN(each_rule_is_checked_and_names_its_option);
    RUN(the_defaults_of_prod_want_mail_settings);
    RUN(a_rule_names_the_line_of_the_file);
    RUN(placeholders_are_filled_in);
    RUN(a_certificate_switches_rtmps_on_outside_dev);
    RUN(doubtful_settings_are_warned_about);
    return check_report();
}
