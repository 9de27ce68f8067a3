#include "proto/m3u8/media_playlist_writer.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(90000)

enum { MAX_SEGMENTS = 64, PARTS = 6, FIRST_START = 900000 };

/* A list of segments that a test fills and edits. */
struct list_of {
    struct m3u8_segment segments[MAX_SEGMENTS];
    const struct m3u8_segment *pointers[MAX_SEGMENTS];
    struct m3u8_part parts[MAX_SEGMENTS + 1][PARTS];
    struct m3u8_segment open;
    struct m3u8_media media;
};

/* 30 fps: six parts of 10 frames in a segment of 2 s. Wall clock: s1201 starts at 10:40:00.035. */
static void fill_segment(struct m3u8_segment *segment, struct m3u8_part parts[PARTS], uint64_t msn,
                         size_t part_count)
{
    static const int64_t s1201_us = 1770115200035000;
    int64_t s1201 = FIRST_START + (int64_t)1200 * 2 * SECOND;
    *segment = (struct m3u8_segment){
        .msn = msn,
        .start = FIRST_START + (int64_t)(msn - 1) * 2 * SECOND,
        .wall_epoch_us = s1201_us - s1201 / 9 * 100,
        .parts = parts,
        .part_count = part_count,
    };
    for (size_t i = 0; i < part_count; i++) {
        parts[i].end = segment->start + (int64_t)(i + 1) * 30000;
        parts[i].independent = i == 0;
    }
    segment->end = part_count > 0 ? parts[part_count - 1].end : segment->start;
}

static void fill(struct list_of *list, uint64_t first_msn, size_t count, size_t open_parts)
{
    for (size_t i = 0; i < count; i++) {
        fill_segment(&list->segments[i], list->parts[i], first_msn + i, PARTS);
        list->pointers[i] = &list->segments[i];
    }
    fill_segment(&list->open, list->parts[MAX_SEGMENTS], first_msn + count, open_parts);
    list->media = (struct m3u8_media){.target_duration = 2,
                                      .part_target_ms = 338,
                                      .segments = list->pointers,
                                      .segment_count = count,
                                      .open = open_parts > 0 ? &list->open : NULL};
}

static struct buf text_of(const struct m3u8_media *media, bool delta)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    m3u8_write_media(media, delta, &out);
    buf_put_uint(&out, 0, 1); /* so that it can be searched */
    out.len--;
    return out;
}

static bool is_text(struct buf out, const char *want)
{
    bool equal = strcmp((const char *)out.at, want) == 0;
    if (!equal)
        printf("--- got\n%s--- want\n%s", (const char *)out.at, want);
    buf_finish(&out);
    return equal;
}

static bool says(const struct m3u8_media *media, const char *what)
{
    struct buf out = text_of(media, false);
    bool found = strstr((const char *)out.at, what) != NULL;
    buf_finish(&out);
    return found;
}

static size_t count_of(const struct m3u8_media *media, bool delta, const char *what)
{
    struct buf out = text_of(media, delta);
    size_t count = 0;
    for (const char *at = (const char *)out.at; (at = strstr(at, what)) != NULL; at++)
        count++;
    buf_finish(&out);
    return count;
}

#define HEAD                                                                        \
    "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n"                          \
    "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.0,HOLD-BACK=6.0," \
    "PART-HOLD-BACK=1.014\n#EXT-X-PART-INF:PART-TARGET=0.338\n"                     \
    "#EXT-X-MEDIA-SEQUENCE:1187\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
#define SEGMENT(date, msn) \
    "#EXT-X-PROGRAM-DATE-TIME:2026-02-03T10:" date ".035Z\n#EXTINF:2.00000,\ns" msn ".m4s\n"
#define PART(duration, msn, part, rest) \
    "#EXT-X-PART:DURATION=" duration ",URI=\"s" msn ".p" part ".m4s\"" rest "\n"
#define SEGMENT_WITH_PARTS(date, msn)                                                             \
    "#EXT-X-PROGRAM-DATE-TIME:2026-02-03T10:" date                                                \
    ".035Z\n" PART("0.33333", msn, "0", ",INDEPENDENT=YES") PART("0.33334", msn, "1", "")         \
        PART("0.33333", msn, "2", "") PART("0.33333", msn, "3", "") PART("0.33334", msn, "4", "") \
            PART("0.33333", msn, "5", "") "#EXTINF:2.00000,\ns" msn ".m4s\n"
/* One line a line of text; clang-format cannot see where they end. */
/* clang-format off */
#define TAIL                                                         \
    SEGMENT("39:48", "1195")                                         \
    SEGMENT("39:50", "1196")                                         \
    SEGMENT("39:52", "1197")                                         \
    SEGMENT("39:54", "1198")                                         \
    SEGMENT_WITH_PARTS("39:56", "1199")                              \
    SEGMENT_WITH_PARTS("39:58", "1200")                              \
    "#EXT-X-PROGRAM-DATE-TIME:2026-02-03T10:40:00.035Z\n"            \
    PART("0.33333", "1201", "0", ",INDEPENDENT=YES")                 \
    PART("0.33334", "1201", "1", "")                                 \
    "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"s1201.p2.m4s\"\n"           \
    "#EXT-X-RENDITION-REPORT:URI=\"../480p30/index.m3u8\","          \
    "LAST-MSN=1201,LAST-PART=0\n"
/* clang-format on */

static const struct m3u8_report report_480 = {
    .rendition = "480p30", .last_msn = 1201, .last_part = 0, .has_parts = true};

static void golden_vector_v9(void)
{
    static struct list_of list;
    fill(&list, 1187, 14, 2);
    list.media.reports = &report_480;
    list.media.report_count = 1;
    CHECK(is_text(text_of(&list.media, false),
                  HEAD "#EXT-X-MAP:URI=\"init-0.mp4\"\n" SEGMENT("39:32", "1187")
                      SEGMENT("39:34", "1188") SEGMENT("39:36", "1189") SEGMENT("39:38", "1190")
                          SEGMENT("39:40", "1191") SEGMENT("39:42", "1192") SEGMENT("39:44", "1193")
                              SEGMENT("39:46", "1194") TAIL));
    CHECK(is_text(text_of(&list.media, true), HEAD "#EXT-X-SKIP:SKIPPED-SEGMENTS=8\n" TAIL));
}

static void the_size_budget_of_2_7_is_kept(void)
{
    static struct list_of list;
    fill(&list, 100187, 14, 5);
    struct buf full = text_of(&list.media, false);
    CHECK(full.len <= 4096);
    buf_finish(&full);
}

static void the_hint_names_what_comes_next(void)
{
    static struct list_of list;
    fill(&list, 1, 1, 0);
    CHECK(says(&list.media, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"s2.p0.m4s\"\n"));
    CHECK_EQ(1, count_of(&list.media, false, "PROGRAM-DATE-TIME"));
    fill(&list, 1, 1, 1);
    CHECK(says(&list.media, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"s2.p1.m4s\"\n"));
    CHECK_EQ(2, count_of(&list.media, false, "PROGRAM-DATE-TIME"));
}

static void parts_are_listed_three_target_durations_back(void)
{
    static struct list_of list;
    fill(&list, 1, 14, 0); /* the start of s12 is exactly 6 s before the end */
    CHECK(says(&list.media, "s12.p0.m4s"));
    CHECK(!says(&list.media, "s11.p0.m4s"));
    fill(&list, 1, 14, 1);
    CHECK(says(&list.media, "s13.p0.m4s"));
    CHECK(!says(&list.media, "s12.p0.m4s"));
    fill(&list, 1, 2, 1); /* fewer than could */
    CHECK(says(&list.media, "s1.p0.m4s"));
}

static void time_that_passed_between_generations_does_not_count(void)
{
    static struct list_of list;
    fill(&list, 1, 14, 1);
    list.open.start += 20 * SECOND; /* the publisher was away */
    list.parts[MAX_SEGMENTS][0].end += 20 * SECOND;
    list.open.end += 20 * SECOND;
    list.open.discontinuity = true;
    list.open.map = 1;
    CHECK(says(&list.media, "s13.p0.m4s"));
    CHECK_EQ(8, m3u8_skippable(&list.media));
    CHECK(says(&list.media, "s14.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init-1.mp4\"\n"
                            "#EXT-X-PROGRAM-DATE-TIME:"));
}

static void an_ended_playlist_only_has_segments(void)
{
    static struct list_of list;
    fill(&list, 1, 9, 0);
    list.media.reports = &report_480;
    list.media.report_count = 1;
    list.media.ended = true;
    CHECK_EQ(0, count_of(&list.media, false, "#EXT-X-PART:"));
    CHECK_EQ(0, count_of(&list.media, false, "HINT"));
    CHECK_EQ(0, count_of(&list.media, false, "REPORT"));
    CHECK(says(&list.media, "s9.m4s\n#EXT-X-ENDLIST\n"));
    CHECK_EQ(1, count_of(&list.media, false, "PART-TARGET=0.338")); /* constant in the session */
    CHECK_EQ(0, m3u8_skippable(&list.media));
    CHECK_EQ(0, count_of(&list.media, true, "SKIP:"));
}

static void without_parts_both_attributes_are_gone(void)
{
    static struct list_of list;
    fill(&list, 1, 14, 2);
    list.media.part_target_ms = 0;
    list.media.target_duration = 10;
    static const struct m3u8_report report = {.rendition = "r", .last_msn = 14};
    list.media.reports = &report;
    list.media.report_count = 1;
    CHECK(says(&list.media, "#EXT-X-TARGETDURATION:10\n"
                            "#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=60.0,HOLD-BACK=30.0\n"
                            "#EXT-X-MEDIA-SEQUENCE:1\n"));
    CHECK_EQ(0, count_of(&list.media, false, "PART"));
    CHECK(says(&list.media,
               "s14.m4s\n#EXT-X-RENDITION-REPORT:URI=\"../r/index.m3u8\",LAST-MSN=14\n"));
}

static void durations_never_add_up_errors(void)
{
    static struct list_of list;
    fill(&list, 1, 2, 0);
    /* Parts of 10 frames at 29.97 fps, stamps in whole ticks: 30030 each. */
    int64_t at = FIRST_START;
    for (size_t i = 0; i < 2; i++) {
        list.segments[i].start = at;
        for (size_t k = 0; k < PARTS; k++)
            list.parts[i][k].end = at += 30030;
        list.segments[i].end = at;
    }
    struct buf out = text_of(&list.media, false);
    int64_t parts = 0, segments = 0;
    for (const char *line = (const char *)out.at; line != NULL;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        const char *duration = strncmp(line, "#EXTINF:", 8) == 0 ? line + 8 : NULL;
        if (duration != NULL)
            segments += strtoll(duration, NULL, 10) * 100000 + strtoll(duration + 2, NULL, 10);
        if (strncmp(line, "#EXT-X-PART:DURATION=", 21) == 0)
            parts += strtoll(line + 21, NULL, 10) * 100000 + strtoll(line + 23, NULL, 10);
    }
    CHECK_EQ(400400, segments);
    CHECK_EQ(400400, parts);
    buf_finish(&out);
}

static void a_part_longer_than_the_target_is_written_as_the_target(void)
{
    static struct list_of list;
    fill(&list, 1, 1, 1);
    list.parts[MAX_SEGMENTS][0].end = list.open.start + 30420; /* 338 ms: just as long */
    CHECK(says(&list.media, "#EXT-X-PART:DURATION=0.33800,URI=\"s2.p0.m4s\""));
    list.parts[MAX_SEGMENTS][0].end += SECOND;
    CHECK(says(&list.media, "#EXT-X-PART:DURATION=0.33800,URI=\"s2.p0.m4s\""));
    list.parts[MAX_SEGMENTS][0].end = list.open.start - 5; /* never a minus sign */
    CHECK(says(&list.media, "#EXT-X-PART:DURATION=0.00000,URI=\"s2.p0.m4s\""));
}

static void gaps_and_independence_are_told(void)
{
    static struct list_of list;
    fill(&list, 1, 2, 0);
    list.segments[1].gap = true;
    list.segments[1].part_count = 0;
    list.media.independent_segments = true;
    list.media.discontinuity_sequence = 3;
    CHECK(says(&list.media, "Z\n#EXT-X-GAP\n#EXTINF:2.00000,\ns2.m4s\n"));
    CHECK(
        says(&list.media, "#EXT-X-VERSION:9\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION"));
    CHECK(says(&list.media, "#EXT-X-DISCONTINUITY-SEQUENCE:3\n#EXT-X-MAP"));
    list.parts[0][0].independent = false;
    CHECK(says(&list.media, "URI=\"s1.p0.m4s\"\n"));
}

static void maps_stand_where_they_change(void)
{
    static struct list_of list;
    fill(&list, 1, 14, 0);
    for (size_t i = 3; i < 14; i++)
        list.segments[i].map = i < 10 ? 1 : 2;
    list.segments[3].discontinuity = true;
    list.segments[10].discontinuity = true;
    CHECK_EQ(3, count_of(&list.media, false, "#EXT-X-MAP"));
    CHECK_EQ(2, count_of(&list.media, false, "#EXT-X-DISCONTINUITY\n"));
    /* s1 to s8 are skipped, with the start of generation 1; generation 2 stays. */
    CHECK_EQ(1, count_of(&list.media, true, "#EXT-X-MAP"));
    CHECK_EQ(1, count_of(&list.media, true, "#EXT-X-DISCONTINUITY\n"));
    CHECK_EQ(1, count_of(&list.media, true, "init-2.mp4"));
}

static void the_skip_boundary_is_six_target_durations(void)
{
    static struct list_of list;
    fill(&list, 1, 6, 3);
    CHECK_EQ(0, m3u8_skippable(&list.media));
    CHECK_EQ(0, count_of(&list.media, true, "SKIP:"));
    CHECK_EQ(1, count_of(&list.media, true, "#EXT-X-MAP"));
    fill(&list, 1, 7, 3);
    CHECK_EQ(1, m3u8_skippable(&list.media));
    list.segments[6].end--; /* s1 now ends a tick less than 12 s before the end of s7 */
    CHECK_EQ(0, m3u8_skippable(&list.media));
    fill(&list, 1, 8, 0);
    CHECK_EQ(2, m3u8_skippable(&list.media));
}

/* --- HL-p6: a client that merges delta updates sees what the full playlist says. --- */

struct entry {
    char map[32], date[40], uri[32], duration[16];
    bool discontinuity;
};

struct client {
    uint64_t first_msn;
    size_t count;
    struct entry entries[MAX_SEGMENTS];
};

static void take(char *out, size_t cap, const char *from, size_t len)
{
    memset(out, 0, cap);
    memcpy(out, from, len < cap ? len : cap - 1);
}

/* Read as draft-pantos-hls-rfc8216bis §6.3.7 says: skipped segments come from `before`, and the
 * map in force there goes on. */
static void client_read(struct client *client, const struct client *before, const char *text)
{
    memset(client, 0, sizeof(*client));
    struct entry next = {0};
    for (const char *line = text; *line != 0;) {
        size_t len = strcspn(line, "\n");
        if (strncmp(line, "#EXT-X-MEDIA-SEQUENCE:", 22) == 0)
            client->first_msn = strtoull(line + 22, NULL, 10);
        if (before != NULL && strncmp(line, "#EXT-X-SKIP:SKIPPED-SEGMENTS=", 29) == 0) {
            size_t skipped = strtoull(line + 29, NULL, 10);
            size_t offset = client->first_msn - before->first_msn;
            memcpy(client->entries, before->entries + offset, skipped * sizeof(struct entry));
            client->count = skipped;
            memcpy(next.map, client->entries[skipped - 1].map, sizeof(next.map));
        }
        if (strncmp(line, "#EXT-X-MAP", 10) == 0)
            take(next.map, sizeof(next.map), line, len);
        if (strncmp(line, "#EXT-X-PROGRAM", 14) == 0)
            take(next.date, sizeof(next.date), line + 25, len - 25);
        if (strncmp(line, "#EXTINF", 7) == 0)
            take(next.duration, sizeof(next.duration), line, len);
        next.discontinuity |= strncmp(line, "#EXT-X-DISCONTINUITY\n", 21) == 0;
        if (line[0] == 's') {
            take(next.uri, sizeof(next.uri), line, len);
            client->entries[client->count++] = next;
            next.discontinuity = false;
        }
        line += len + 1;
    }
}

/* A list as of `newest` segments, with a generation every 5. */
static void fill_generations(struct list_of *list, uint64_t newest, size_t open_parts)
{
    size_t count = newest < 14 ? newest : 14;
    fill(list, newest - count + 1, count, open_parts);
    for (size_t i = 0; i < count; i++) {
        list->segments[i].map = (uint32_t)(list->segments[i].msn / 5);
        list->segments[i].discontinuity = list->segments[i].msn % 5 == 0;
    }
}

static void read_text(struct client *client, const struct client *before,
                      const struct m3u8_media *media)
{
    struct buf text = text_of(media, before != NULL);
    client_read(client, before, (const char *)text.at);
    buf_finish(&text);
}

static void delta_merged_into_any_fresh_playlist_is_the_full_one(void)
{
    static struct list_of list;
    static struct client last, merged, full;
    memset(&last, 0, sizeof(last));
    for (uint64_t newest = 1; newest < 60; newest++) {
        for (size_t open_parts = 0; open_parts < PARTS; open_parts++) {
            fill_generations(&list, newest, open_parts);
            read_text(&merged, &last, &list.media);
            read_text(&full, NULL, &list.media);
            CHECK_EQ(list.media.segment_count, full.count);
            CHECK_EQ(0, memcmp(&merged, &full, sizeof(full)));
            last = open_parts == 2 ? full : merged;
        }
    }
}

int main(void)
{
    RUN(golden_vector_v9);
    RUN(the_size_budget_of_2_7_is_kept);
    RUN(the_hint_names_what_comes_next);
    RUN(parts_are_listed_three_target_durations_back);
    RUN(time_that_passed_between_generations_does_not_count);
    RUN(an_ended_playlist_only_has_segments);
    RUN(without_parts_both_attributes_are_gone);
    RUN(durations_never_add_up_errors);
    RUN(a_part_longer_than_the_target_is_written_as_the_target);
    RUN(gaps_and_independence_are_told);
    RUN(maps_stand_where_they_change);
    RUN(the_skip_boundary_is_six_target_durations);
    RUN(delta_merged_into_any_fresh_playlist_is_the_full_one);
    return check_report();
}
