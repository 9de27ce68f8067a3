#include "fixture.h"

static struct fixture f;

static void a_new_channel_is_found_by_name_in_any_case_and_by_key(void)
{
    struct channel_key key;
    struct store_channel made = fixture_channel(&f, "Cats.And_Dogs", &key);
    CHECK(channel_id_is_valid(str_of(made.id.at)));
    CHECK(strcmp("Cats.And_Dogs", made.name) == 0);
    CHECK(strcmp("BASIC", made.type) == 0);
    CHECK_EQ(FIXTURE_NOW_US, made.created_at_us);
    CHECK(strcmp("[]", made.tags) == 0);
    CHECK(made.language == NULL);

    char tracking_id[CHANNEL_ID_LEN + 1];
    channel_name_fold(str_of(made.id.at), tracking_id);
    CHECK(strcmp(tracking_id, made.tracking_id) == 0);

    struct store_channel found;
    CHECK_EQ(ERR_OK, store_channel_find(f.store, STR("cATS.aND_dOGS"), &f.arena, &found));
    CHECK(strcmp(made.id.at, found.id.at) == 0);
    CHECK(strcmp("Cats.And_Dogs", found.name) == 0);
    CHECK_EQ(ERR_OK,
             store_channel_find_by_key(f.store, (struct secret){str_of(key.at)}, &f.arena, &found));
    CHECK(strcmp(made.id.at, found.id.at) == 0);
}

static void unknown_names_and_keys_are_not_found(void)
{
    struct channel_key key;
    struct store_channel made = fixture_channel(&f, "someone", &key);
    struct store_channel found = {.name = "untouched"};
    CHECK_EQ(ERR_NOT_FOUND, store_channel_find(f.store, STR("someone1"), &f.arena, &found));
    CHECK_EQ(ERR_NOT_FOUND, store_channel_find(f.store, STR(""), &f.arena, &found));
    CHECK_EQ(ERR_NOT_FOUND, store_channel_find(f.store, STR("someone%"), &f.arena, &found));
    CHECK_EQ(ERR_NOT_FOUND,
             store_channel_find(f.store, STR("a name far longer than any name"), &f.arena, &found));

    key.at[strlen(key.at) - 1] ^= 1;
    static const char *const bad[] = {"", "short", "sk_us-west-2_abcdefghijkl_0123456789",
                                      "'; DROP TABLE channels; --"};
    CHECK_EQ(ERR_NOT_FOUND,
             store_channel_find_by_key(f.store, (struct secret){str_of(key.at)}, &f.arena, &found));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        CHECK_EQ(ERR_NOT_FOUND, store_channel_find_by_key(f.store, (struct secret){str_of(bad[i])},
                                                          &f.arena, &found));
    CHECK(strcmp("untouched", found.name) == 0);
    CHECK_EQ(ERR_NOT_FOUND,
             store_channel_show_key(f.store, &(struct channel_id){"000000000000"}, &key));
    (void)made;
}

static void a_key_is_looked_up_whole(void)
{
    struct channel_key key;
    (void)fixture_channel(&f, "wholekey", &key);
    struct store_channel found;
    struct str cut = {.at = key.at, .len = strlen(key.at) - 1};
    CHECK_EQ(ERR_NOT_FOUND,
             store_channel_find_by_key(f.store, (struct secret){cut}, &f.arena, &found));
    char longer[CHANNEL_KEY_MAX + 2];
    (void)snprintf(longer, sizeof(longer), "%sx", key.at);
    CHECK_EQ(ERR_NOT_FOUND,
             store_channel_find_by_key(f.store, (struct secret){str_of(longer)}, &f.arena, &found));
}

static void a_name_is_taken_in_every_case(void)
{
    struct channel_key key = {"untouched"};
    (void)fixture_channel(&f, "Taken", &(struct channel_key){0});
    int64_t before = fixture_number(&f, "SELECT count(*) FROM users");
    struct store_new_channel wish = {
        .name = STR("tAKEN"), .region = STR("us-west-2"), .type = "BASIC", .random = &f.random};
    struct store_channel out;
    CHECK_EQ(ERR_CONFLICT, store_channel_create(f.store, &wish, &f.arena, &out, &key));
    CHECK(strcmp("untouched", key.at) == 0);
    CHECK_EQ(before, fixture_number(&f, "SELECT count(*) FROM users"));
}

static void a_key_is_shown_again_but_not_under_another_secret(void)
{
    struct channel_key key;
    struct channel_key shown = {0};
    struct store_channel made = fixture_channel(&f, "shown", &key);
    CHECK_EQ(ERR_OK, store_channel_show_key(f.store, &made.id, &shown));
    CHECK(strcmp(key.at, shown.at) == 0);

    struct store *other = fixture_open_store(&f, 2);
    struct store_channel found;
    CHECK_EQ(ERR_DENIED, store_channel_show_key(other, &made.id, &shown));
    CHECK_EQ(ERR_NOT_FOUND,
             store_channel_find_by_key(other, (struct secret){str_of(key.at)}, &f.arena, &found));
    store_close(other);
}

static void a_key_row_moved_to_another_channel_does_not_open(void)
{
    struct channel_key key;
    struct store_channel a = fixture_channel(&f, "owner_a", &key);
    struct store_channel b = fixture_channel(&f, "owner_b", &key);
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "UPDATE channels SET stream_key_enc = (SELECT stream_key_enc FROM channels"
                   " WHERE id = '%s') WHERE id = '%s' RETURNING 1",
                   a.id.at, b.id.at);
    CHECK_EQ(1, fixture_number(&f, sql));
    CHECK_EQ(ERR_DENIED, store_channel_show_key(f.store, &b.id, &key));
}

static void the_key_is_nowhere_in_the_files(void)
{
    struct channel_key key;
    (void)fixture_channel(&f, "leaktest", &key);
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM channels WHERE '%s' IN (id, room_id,"
                   " stream_key_id, tracking_id, title, bio)",
                   key.at);
    CHECK_EQ(0, fixture_number(&f, sql));
    static const char *const endings[] = {"", "-wal"};
    for (size_t i = 0; f.url[0] == '\0' && i < 2; i++) {
        char path[80];
        (void)snprintf(path, sizeof(path), "%s%s", f.path, endings[i]);
        static char bytes[4 << 20];
        FILE *file = fopen(path, "rb");
        size_t len = file != NULL ? fread(bytes, 1, sizeof(bytes), file) : 0;
        CHECK(len > 0);
        CHECK(memmem(bytes, len, key.at, strlen(key.at)) == NULL);
        CHECK(memmem(bytes, len, key.at + 26, CHANNEL_KEY_RANDOM_LEN) == NULL);
        if (file != NULL)
            (void)fclose(file); /* only read */
    }
}

static void channels_are_listed_in_order_of_creation(void)
{
    struct fixture g;
    fixture_start(&g);
    struct store_channel *channels = NULL;
    size_t count = 99;
    CHECK_EQ(ERR_OK, store_channel_list(g.store, &g.arena, &channels, &count));
    CHECK_EQ(0, count);
    static const char *const names[] = {"zeta", "yota", "xray", "whip1", "vega"};
    for (size_t i = 0; i < 5; i++) {
        struct store_new_channel wish = {.name = str_of(names[i]),
                                         .region = STR("us-west-2"),
                                         .type = "STANDARD",
                                         .random = &g.random,
                                         .now_us = FIXTURE_NOW_US + (int64_t)i * 1000000};
        struct store_channel out;
        struct channel_key key;
        CHECK_EQ(ERR_OK, store_channel_create(g.store, &wish, &g.arena, &out, &key));
    }
    CHECK_EQ(ERR_OK, store_channel_list(g.store, &g.arena, &channels, &count));
    CHECK_EQ(5, count);
    for (size_t i = 0; i < 5; i++)
        CHECK(strcmp(names[i], channels[i].name) == 0);
    fixture_finish(&g);
}

int main(void)
{
    fixture_start(&f);
    RUN(a_new_channel_is_found_by_name_in_any_case_and_by_key);
    RUN(unknown_names_and_keys_are_not_found);
    RUN(a_key_is_looked_up_whole);
    RUN(a_name_is_taken_in_every_case);
    RUN(a_key_is_shown_again_but_not_under_another_secret);
    RUN(a_key_row_moved_to_another_channel_does_not_open);
    RUN(the_key_is_nowhere_in_the_files);
    RUN(channels_are_listed_in_order_of_creation);
    fixture_finish(&f);
    return check_report();
}
