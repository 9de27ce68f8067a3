#include "packager/published.h"

#include "check.h"
#include "unit/packager/snapshot.h"

#include <pthread.h>
#include <string.h>

static bool holds(const struct slice *slice, const char *text)
{
    return slice != NULL && slice->len == strlen(text) && memcmp(slice->at, text, slice->len) == 0;
}

static void things_are_found_by_their_names(void)
{
    struct published *published = snapshot_of(PUBLISHED_LIVE, 2);
    CHECK_EQ(0, strcmp("4WpFQIDqX0pV", published->channel_id));
    CHECK_EQ(0, strcmp("st-12345678901234567890123", published->stream_id));
    CHECK(published_find_rendition(published, STR("480p30")) == &published->renditions[1]);
    CHECK(published_find_rendition(published, STR("480p3")) == NULL);
    CHECK(published_find_rendition(published, STR("480p300")) == NULL);
    CHECK(published_find_rendition(published, STR("")) == NULL);

    struct published_rendition *rendition = &published->renditions[0];
    CHECK_EQ(5, published_find_segment(rendition, 5)->entry.msn);
    CHECK_EQ(7, published_find_segment(rendition, 7)->entry.msn);
    CHECK(published_find_segment(rendition, 4) == NULL);
    CHECK(published_find_segment(rendition, 8) == NULL); /* still open */
    CHECK(published_find_segment(rendition, UINT64_MAX) == NULL);

    CHECK(holds(published_find_part(rendition, 5, 0), "5.0"));
    CHECK(holds(published_find_part(rendition, 7, 2), "7.2"));
    CHECK(published_find_part(rendition, 7, 3) == NULL);
    CHECK(holds(published_find_part(rendition, 8, 1), "8.1"));
    CHECK(published_find_part(rendition, 8, 2) == NULL);
    CHECK(published_find_part(rendition, 9, 0) == NULL);
    CHECK(published_find_part(rendition, 5, UINT64_MAX) == NULL);

    CHECK_EQ(4, published_find_init(rendition, 4)->len);
    CHECK(published_find_init(rendition, 0) == NULL);
    rendition->part_target_ms = 0; /* then parts have no names */
    CHECK(published_find_part(rendition, 5, 0) == NULL);
    published_unref(&published);
    CHECK(published == NULL);
}

static void directives_are_judged_by_its_state(void)
{
    struct published *published = snapshot_of(PUBLISHED_LIVE, 2);
    struct reload_state state = published_reload_state(published, &published->renditions[0]);
    CHECK_EQ(7, state.last_msn);
    CHECK_EQ(1, state.last_part);
    CHECK_EQ(3, state.last_count);
    CHECK_EQ(671, state.part_target_ms);
    CHECK(!state.ended);
    published_unref(&published);

    published = snapshot_of(PUBLISHED_ENDED, 0);
    state = published_reload_state(published, &published->renditions[0]);
    CHECK_EQ(-1, state.last_part);
    CHECK(state.ended);
    published_unref(&published);

    published = snapshot_of(PUBLISHED_GRACE, 0);
    CHECK(!published_reload_state(published, &published->renditions[0]).ended);
    published_unref(&published);
}

static bool playlist_says(struct published *published, enum published_text text, const char *what)
{
    struct chunk *chunk = published_playlist(published, &published->renditions[0], text, false);
    return memmem(chunk->at, chunk->len, what, strlen(what)) != NULL;
}

static void playlists_tell_what_is_listed(void)
{
    struct published *published = snapshot_of(PUBLISHED_LIVE, 2);
    CHECK(playlist_says(published, PUBLISHED_FULL, "#EXT-X-MEDIA-SEQUENCE:6\n"));
    CHECK(!playlist_says(published, PUBLISHED_FULL, "s5.m4s"));
    CHECK(playlist_says(published, PUBLISHED_FULL, "URI=\"s8.p2.m4s\""));
    CHECK(playlist_says(published, PUBLISHED_FULL,
                        "REPORT:URI=\"../480p30/index.m3u8\",LAST-MSN=8,LAST-PART=1\n"));
    CHECK(!playlist_says(published, PUBLISHED_FULL, "../720p30"));
    published_unref(&published);

    published = snapshot_of(PUBLISHED_LIVE, 0);
    CHECK(playlist_says(published, PUBLISHED_FULL, "LAST-MSN=7,LAST-PART=2\n"));
    published_unref(&published);

    published = snapshot_of(PUBLISHED_ENDED, 0);
    CHECK(playlist_says(published, PUBLISHED_FULL, "s7.m4s\n#EXT-X-ENDLIST\n"));
    published_unref(&published);
}

static void texts_are_written_once(void)
{
    struct published *published = snapshot_of(PUBLISHED_LIVE, 1);
    struct published_rendition *rendition = &published->renditions[0];
    struct chunk *full = published_playlist(published, rendition, PUBLISHED_FULL, false);
    CHECK(full == published_playlist(published, rendition, PUBLISHED_FULL, false));
    struct chunk *gzip = published_playlist(published, rendition, PUBLISHED_FULL, true);
    CHECK(gzip == published_playlist(published, rendition, PUBLISHED_FULL, true));
    CHECK(gzip != full && gzip->at[0] == 0x1f);
    CHECK(published_playlist(published, rendition, PUBLISHED_DELTA, false) != full);
    CHECK(published_playlist(published, rendition, PUBLISHED_DELTA, true) != gzip);
    CHECK(published_master(published, false) == published->master);
    struct chunk *master = published_master(published, true);
    CHECK(master->at[0] == 0x1f && master == published_master(published, true));
    published_unref(&published);
}

static void *ask_for_all(void *arg)
{
    struct published *published = arg;
    for (size_t i = 0; i < published->rendition_count * 4; i++)
        (void)published_playlist(published, &published->renditions[i / 4],
                                 (enum published_text)(i / 2 % 2), i % 2);
    (void)published_master(published, true);
    published_unref(&published);
    return NULL;
}

static void many_threads_may_ask_at_once(void)
{
    for (int round = 0; round < 50; round++) {
        struct published *published = snapshot_of(PUBLISHED_LIVE, 1);
        pthread_t threads[3];
        for (size_t i = 0; i < 3; i++)
            CHECK_EQ(0, pthread_create(&threads[i], NULL, ask_for_all, published_ref(published)));
        published_unref(&published);
        for (size_t i = 0; i < 3; i++)
            CHECK_EQ(0, pthread_join(threads[i], NULL));
    }
}

static void nothing_is_published_while_open(void)
{
    struct published *published = published_create(STR("c"), STR("s"), 0);
    CHECK_EQ(PUBLISHED_OPEN, published->state);
    CHECK(published_master(published, false) == NULL);
    CHECK(published_master(published, true) == NULL);
    CHECK(published_find_rendition(published, STR("")) == NULL);
    published_unref(&published);
}

int main(void)
{
    RUN(things_are_found_by_their_names);
    RUN(directives_are_judged_by_its_state);
    RUN(playlists_tell_what_is_listed);
    RUN(texts_are_written_once);
    RUN(many_threads_may_ask_at_once);
    RUN(nothing_is_published_while_open);
    return check_report();
}
