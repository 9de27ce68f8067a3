#include "domain/channels/channel.h"

#include "check.h"

#include <string.h>

static void names_keep_to_length_and_characters(void)
{
    static const char *const good[] = {"cats", "J.Doe_7", "____a", "12345678901234567890", "9..."};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        CHECK_EQ(CHANNEL_NAME_OK, channel_name_check(str_of(good[i])));
    static const char *const bad[] = {"",           "abc",     "123456789012345678901",
                                      "with space", "dash-ed", "caf\xc3\xa9",
                                      "...._",      "tab\tx",  "a/b/c",
                                      "name@"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_EQ(CHANNEL_NAME_INVALID, channel_name_check(str_of(bad[i])));
    CHECK_EQ(CHANNEL_NAME_INVALID, channel_name_check((struct str){.at = "ab\0cd", .len = 5}));
}

static void reserved_names_are_refused_in_any_case(void)
{
    static const char *const reserved[] = {"live",      "LIVE",          "Settings",
                                           "undefined", "main.js",       "Cats.HTML",
                                           "logo.png",  "a.webmanifest", "categories"};
    for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
        CHECK_EQ(CHANNEL_NAME_RESERVED, channel_name_check(str_of(reserved[i])));
    static const char *const free[] = {"lively", "my.live", "pngs", "html", "jsjs"};
    for (size_t i = 0; i < sizeof(free) / sizeof(*free); i++)
        CHECK_EQ(CHANNEL_NAME_OK, channel_name_check(str_of(free[i])));
}

static void every_refusal_has_a_sentence(void)
{
    CHECK(strlen(channel_name_reason(CHANNEL_NAME_RESERVED)) > 10);
    CHECK(strlen(channel_name_reason(CHANNEL_NAME_INVALID)) > 10);
    CHECK(strcmp(channel_name_reason(CHANNEL_NAME_RESERVED),
                 channel_name_reason(CHANNEL_NAME_INVALID)) != 0);
    CHECK_EQ(0, strlen(channel_name_reason(CHANNEL_NAME_OK)));
}

static void names_are_folded_in_ascii_only(void)
{
    char out[16];
    channel_name_fold(STR("AZ.az_09[\xc3\x89"), out);
    CHECK(strcmp("az.az_09[\xc3\x89", out) == 0);
}

static void ids_are_twelve_letters_and_digits(void)
{
    struct random random = random_seeded(1);
    struct channel_id a = channel_id_create(&random);
    struct channel_id b = channel_id_create(&random);
    CHECK(channel_id_is_valid(str_of(a.at)));
    CHECK(strcmp(a.at, b.at) != 0);
    CHECK(!channel_id_is_valid(STR("4WpFQIDqX0p")));
    CHECK(!channel_id_is_valid(STR("4WpFQIDqX0pV1")));
    CHECK(!channel_id_is_valid(STR("4WpFQIDqX0p-")));
    CHECK(!channel_id_is_valid(STR("../../../../")));
}

static void uuids_are_version_four(void)
{
    struct random random = random_seeded(2);
    for (int i = 0; i < 50; i++) {
        struct channel_uuid uuid = channel_uuid_create(&random);
        CHECK_EQ(36, strlen(uuid.at));
        CHECK(uuid.at[8] == '-' && uuid.at[13] == '-' && uuid.at[18] == '-' && uuid.at[23] == '-');
        CHECK_EQ('4', uuid.at[14]);
        CHECK(strchr("89ab", uuid.at[19]) != NULL);
        CHECK_EQ(36, strspn(uuid.at, "0123456789abcdef-"));
    }
}

static void keys_name_region_and_id_and_are_random(void)
{
    struct random random = random_seeded(3);
    struct channel_id id = {"4WpFQIDqX0pV"};
    struct channel_key a = channel_key_create(&random, STR("us-west-2"), &id);
    struct channel_key b = channel_key_create(&random, STR("us-west-2"), &id);
    CHECK(strncmp("sk_us-west-2_4WpFQIDqX0pV_", a.at, 26) == 0);
    CHECK_EQ(26 + 32, strlen(a.at));
    CHECK(strcmp(a.at, b.at) != 0);
}

static void an_arn_names_region_account_and_id(void)
{
    struct buf out;
    buf_init(&out, 200);
    channel_put_arn(&out, STR("us-west-2"), STR("000000000000"), STR("4WpFQIDqX0pV"));
    CHECK(str_equal(STR("arn:aws:ivs:us-west-2:000000000000:channel/4WpFQIDqX0pV"), buf_str(&out)));
    buf_finish(&out);
}

int main(void)
{
    RUN(names_keep_to_length_and_characters);
    RUN(reserved_names_are_refused_in_any_case);
    RUN(every_refusal_has_a_sentence);
    RUN(names_are_folded_in_ascii_only);
    RUN(ids_are_twelve_letters_and_digits);
    RUN(uuids_are_version_four);
    RUN(keys_name_region_and_id_and_are_random);
    RUN(an_arn_names_region_account_and_id);
    return check_report();
}
