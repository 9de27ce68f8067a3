#include "config_fixture.h"
#include "daemon/secrets.h"

#define KEY_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define KEY_B "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static struct secrets secrets;

/* Byte by byte, padding and all: of what one made and the other copied. */
static bool are_same(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct secrets)) == 0;
}

static void start(void)
{
    config_fixture_start("dev");
    secrets = (struct secrets){0};
}

static void read_text(const char *text)
{
    secrets_read(str_of(text), "secrets.json", &secrets, &problems);
}

static void keys_are_decoded(void)
{
    start();
    read_text("{\"storeKey\":\"" KEY_B "\",\"chatKey\":\"" KEY_A "\"}");
    CHECK_EQ(0, problems.count);
    CHECK(secrets.has[SECRETS_STORE] && secrets.has[SECRETS_CHAT]);
    CHECK(!secrets.has[SECRETS_UPLOAD] && !secrets.has[SECRETS_PAGINATION]);
    for (size_t i = 0; i < SECRETS_KEY_LEN; i++)
        CHECK_EQ(1, secrets.keys[SECRETS_STORE][i]);
    config_fixture_finish();
}

static void every_member_is_checked_and_no_value_is_told(void)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"{\"storeKey\":\"SECRET\"}", "secrets.json: storeKey: must be 32 bytes"},
        {"{\"storeKey\":\"" KEY_A "SECRET\"}", "storeKey: must be 32 bytes"},
        {"{\"storeKey\":\"AAAA\"}", "storeKey: must be 32 bytes"},
        {"{\"storeKey\":5}", "storeKey: must be 32 bytes"},
        {"{\"chatKey\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", "chatKey: must be 32"},
        {"{\"jwtKeys\":[]}", "jwtKeys: must be a list"},
        {"{\"jwtKeys\":\"SECRET\"}", "jwtKeys: must be a list"},
        {"{\"jwtKeys\":[{\"kid\":\"a\",\"key\":\"SECRET\"}]}", "jwtKeys: must be a list"},
        {"{\"jwtKeys\":[{\"kid\":\"\",\"key\":\"" KEY_A "\"}]}", "jwtKeys: must be a list"},
        {"{\"jwtKeys\":[{\"key\":\"" KEY_A "\"}]}", "jwtKeys: must be a list"},
        {"{\"jwtKeys\":[{\"kid\":\"" KEY_A KEY_A "\",\"key\":\"" KEY_A "\"}]}", "jwtKeys: must be"},
        {"{\"jwtKeys\":[{\"kid\":\"a\",\"key\":\"" KEY_A "\",\"x\":1}]}", "jwtKeys: must be"},
        {"{\"databasePassword\":[\"SECRET\"]}", "databasePassword: must be a text"},
        {"{\"smtp\":{\"user\":\"u\",\"pass\":\"SECRET\"}}", "smtp: must be an object of texts"},
        {"{\"smtp\":{\"\":\"SECRET\"}}", "smtp: must be an object of texts"},
        {"{\"nats\":{\"user\":1}}", "nats: must be an object of texts, of: user password"},
        {"{\"s3\":\"SECRET\"}", "s3: must be an object"},
        {"{\"storekey\":\"SECRET\"}", "secrets.json: storekey: unknown member; known are: jwtKeys"},
        {"[\"SECRET\"]", "secrets.json: must be a JSON object"},
        {"{\n\"storeKey\":\"SECRET", "secrets.json: not valid JSON at line 2"},
        {"", "secrets.json: not valid JSON at line"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        start();
        read_text(cases[i].text);
        CHECK_EQ(1, problems.count);
        CHECK(config_fixture_says(cases[i].said));
        CHECK(memmem(problems.text.at, problems.text.len, "SECRET", 6) == NULL);
        CHECK(!secrets.has[SECRETS_STORE] && secrets.jwt_key_count == 0);
        config_fixture_finish();
    }
    start();
    CHECK(strcmp("", secrets.database_password) == 0);
    read_text("{\"databasePassword\":\"a b\\u00e4\"}");
    CHECK(strcmp("a b\xc3\xa4", secrets.database_password) == 0);
    read_text("{\"smtp\":{\"user\":\"u\",\"password\":\"p\"},\"s3\":{},\"databasePassword\":\"\","
              "\"productApi\":{\"clientSecret\":\"x\"}}");
    CHECK_EQ(0, problems.count);
    config_fixture_finish();
}

static void a_password_has_at_most_255_bytes(void)
{
    for (int len = 255; len <= 256; len++) {
        char text[300];
        start();
        (void)snprintf(text, sizeof(text), "{\"databasePassword\":\"%0*d\"}", len, 0);
        read_text(text);
        CHECK_EQ(len > 255, problems.count);
        CHECK_EQ(len > 255 ? 0 : 255, strlen(secrets.database_password));
        config_fixture_finish();
    }
}

static void the_environment_replaces_the_file(void)
{
    start();
    read_text("{\"storeKey\":\"" KEY_A "\"}");
    char store_key[] = "KLIEG_SECRET_STORE_KEY=" KEY_B;
    char jwt_keys[] = "KLIEG_SECRET_JWT_KEYS=[{\"kid\":\"a\",\"key\":\"" KEY_B "\"}]";
    char other[] = "KLIEG_HTTP_LISTEN=x";
    char *environment[] = {store_key, jwt_keys, other, NULL};
    secrets_apply_environment(environment, &secrets, &problems);
    CHECK_EQ(0, problems.count);
    CHECK_EQ(1, secrets.keys[SECRETS_STORE][31]);
    CHECK_EQ(1, secrets.jwt_key_count);
    CHECK(strcmp("a", secrets.jwt_keys[0].kid) == 0);
    CHECK_EQ(1, secrets.jwt_keys[0].key[31]);

    char unknown[] = "KLIEG_SECRET_STOREKEY=SECRET";
    char bad[] = "KLIEG_SECRET_CHAT_KEY=SECRET";
    char *wrong[] = {unknown, bad, NULL};
    secrets_apply_environment(wrong, &secrets, &problems);
    CHECK_EQ(2, problems.count);
    CHECK(config_fixture_says("klieg: KLIEG_SECRET_STOREKEY: unknown member"));
    CHECK(config_fixture_says("klieg: KLIEG_SECRET_CHAT_KEY: must be 32 bytes"));
    CHECK(memmem(problems.text.at, problems.text.len, "=SECRET", 7) == NULL);
    config_fixture_finish();
}

static void what_is_missing_is_named(void)
{
    start();
    read_text("{\"storeKey\":\"" KEY_A "\"}");
    secrets_require(&secrets, "secrets.json", &problems);
    CHECK_EQ(4, problems.count);
    CHECK(config_fixture_says("klieg: secrets.json: jwtKeys is missing\n"));
    CHECK(config_fixture_says("klieg: secrets.json: paginationKey is missing\n"));
    CHECK(config_fixture_says("klieg: secrets.json: uploadKey is missing\n"));
    CHECK(config_fixture_says("klieg: secrets.json: chatKey is missing\n"));
    config_fixture_finish();
}

static void a_new_file_is_complete_and_random(void)
{
    start();
    struct random random = random_seeded(1);
    struct buf text;
    buf_init(&text, SECRETS_MAX_FILE);
    secrets_write(&random, &text);
    secrets_read(buf_str(&text), "secrets.json", &secrets, &problems);
    secrets_require(&secrets, "secrets.json", &problems);
    CHECK_EQ(0, problems.count);
    for (size_t i = 0; i < SECRETS_KEYS; i++)
        for (size_t j = 0; j < i; j++)
            CHECK(memcmp(secrets.keys[i], secrets.keys[j], SECRETS_KEY_LEN) != 0);
    buf_finish(&text);
    config_fixture_finish();
}

static void finishing_wipes_them(void)
{
    static const struct secrets empty;
    memset(&secrets, 1, sizeof(secrets));
    secrets_finish(&secrets);
    CHECK(are_same(&empty, &secrets));
}

int main(void)
{
    RUN(keys_are_decoded);
    RUN(every_member_is_checked_and_no_value_is_told);
    RUN(a_password_has_at_most_255_bytes);
    RUN(the_environment_replaces_the_file);
    RUN(what_is_missing_is_named);
    RUN(a_new_file_is_complete_and_random);
    RUN(finishing_wipes_them);
    return check_report();
}
