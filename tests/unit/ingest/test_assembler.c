#include "ingest/assembler.h"

#include "check.h"
#include "media.h"

static const int64_t second_us = 1000000;

static struct assembler assembler;
static struct assembler_unit unit;
static const char *reason;
static int64_t now_us;

static void begin(void)
{
    assembler_init(&assembler);
    now_us = 1;
    reason = NULL;
}

static void finish(void)
{
    assembler_finish(&assembler);
}

static enum assembler_result put_len(enum track_kind kind, struct chunk *body, size_t len)
{
    struct slice slice = slice_of(body);
    slice.len = len;
    unit = (struct assembler_unit){0};
    const struct assembler_message message = {.kind = kind, .timestamp_ms = 77, .body = slice};
    enum assembler_result result = assembler_put(&assembler, &message, now_us, &unit, &reason);
    chunk_unref(&body);
    return result;
}

static enum assembler_result put(enum track_kind kind, struct chunk *body)
{
    return put_len(kind, body, body->len);
}

/* The unit's payload as NAL types; drops it. */
static const char *nals(void)
{
    static char text[64];
    size_t len = 0;
    text[0] = '\0';
    for (size_t at = 0; at + 4 < unit.payload.len;) {
        const uint8_t *p = unit.payload.at + at;
        size_t nal = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%d:%d ", p[4] & 31, (int)nal);
        at += 4 + nal;
    }
    slice_unref(&unit.payload);
    return text;
}

static enum assembler_result put_idr(void)
{
    enum assembler_result result = put(TRACK_VIDEO, picture(IDR, 0));
    slice_unref(&unit.payload);
    return result;
}

static enum assembler_result configure(void)
{
    return put(TRACK_VIDEO, video_config(small_avcc, sizeof(small_avcc)));
}

static void pictures_follow_a_configuration_and_an_idr(void)
{
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK_EQ(320, assembler.video.info.width);
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_VIDEO, picture(INTER, 0)));
    CHECK_EQ(2, assembler.dropped);
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(IDR, 40)));
    CHECK_EQ(TRACK_VIDEO, unit.kind);
    CHECK_EQ(77, unit.timestamp_ms);
    CHECK_EQ(40, unit.cts_ms);
    CHECK(unit.is_idr && unit.is_new_config);
    CHECK_EQ(1, unit.payload.chunk->refs);
    CHECK_EQ(0, strcmp("5:100 ", nals()));
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(INTER, -40)));
    CHECK_EQ(-40, unit.cts_ms);
    CHECK(!unit.is_idr && !unit.is_new_config);
    CHECK_EQ(0, strcmp("1:100 ", nals()));
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK(unit.is_idr && !unit.is_new_config);
    slice_unref(&unit.payload);
    finish();
}

static void an_equal_configuration_changes_nothing(void)
{
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK_EQ(ASSEMBLER_UNIT, put_idr());
    const struct chunk *before = assembler.video.avcc;
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK(before == assembler.video.avcc);
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(INTER, 0)));
    slice_unref(&unit.payload);
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK(!unit.is_new_config);
    slice_unref(&unit.payload);
    finish();
}

static void another_configuration_waits_for_its_idr(void)
{
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK_EQ(ASSEMBLER_UNIT, put_idr());
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_VIDEO, video_config(large_avcc, sizeof(large_avcc))));
    CHECK_EQ(640, assembler.video.info.width);
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_VIDEO, picture(INTER, 0)));
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK(unit.is_new_config);
    slice_unref(&unit.payload);
    finish();
}

static struct chunk *in_band(const uint8_t *avcc, size_t len)
{
    struct buf out;
    buf_init(&out, 65536);
    put_video_header(&out, 1, 0);
    put_nal(&out, DELIMITER, 2);
    buf_put_uint(&out, SPS_LEN, 4);
    buf_put(&out, avcc + SPS_PLACE, SPS_LEN);
    buf_put_uint(&out, len - SPS_PLACE - SPS_LEN - 3, 4);
    buf_put(&out, avcc + SPS_PLACE + SPS_LEN + 3, len - SPS_PLACE - SPS_LEN - 3);
    put_nal(&out, SEI, 9);
    put_nal(&out, IDR, 50);
    return buf_take(&out);
}

static void parameter_sets_in_band_act_as_a_record(void)
{
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK_EQ(ASSEMBLER_UNIT, put_idr());
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, in_band(small_avcc, sizeof(small_avcc))));
    CHECK(!unit.is_new_config);
    CHECK_EQ(0, strcmp("6:9 5:50 ", nals()));
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, in_band(large_avcc, sizeof(large_avcc))));
    CHECK(unit.is_new_config);
    CHECK_EQ(640, assembler.video.info.width);
    CHECK_EQ(sizeof(large_avcc), assembler.video.avcc->len);
    CHECK_EQ(0, strcmp("6:9 5:50 ", nals()));
    finish();
}

/* Length fields of 1 and 2 bytes become 4. */
static void short_length_fields_are_widened(void)
{
    for (uint8_t size = 1; size <= 2; size++) {
        uint8_t avcc[sizeof(small_avcc)];
        memcpy(avcc, small_avcc, sizeof(avcc));
        avcc[4] = 0xfc | (size - 1);
        begin();
        CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_VIDEO, video_config(avcc, sizeof(avcc))));
        struct buf out;
        buf_init(&out, 65536);
        put_video_header(&out, 1, 0);
        for (int i = 0; i < 10; i++) { /* as small as can be, so that it grows most */
            buf_put_uint(&out, 1, size);
            buf_put_uint(&out, SEI, 1);
        }
        buf_put_uint(&out, 2, size);
        buf_put_uint(&out, IDR << 8, 2);
        CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, buf_take(&out)));
        CHECK_EQ(10 * 5 + 6, unit.payload.len);
        CHECK_EQ(0, strcmp("6:1 6:1 6:1 6:1 6:1 6:1 6:1 6:1 6:1 6:1 5:2 ", nals()));
        /* The same record with lengths of 4 is no new configuration, but is obeyed. */
        CHECK_EQ(ASSEMBLER_NOTHING, configure());
        CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(IDR, 0)));
        CHECK(!unit.is_new_config);
        slice_unref(&unit.payload);
        finish();
    }
}

static void lengths_that_do_not_add_up_cost_the_unit(void)
{
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    for (size_t cut = 1; cut < 104; cut++) {
        struct chunk *body = picture(IDR, 0);
        CHECK_EQ(ASSEMBLER_NOTHING, put_len(TRACK_VIDEO, body, body->len - cut));
    }
    CHECK_EQ(103, assembler.dropped);
    CHECK_EQ(ASSEMBLER_UNIT, put_idr());
    finish();
}

static void units_without_a_picture_are_dropped(void)
{
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK_EQ(ASSEMBLER_UNIT, put_idr());
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_VIDEO, picture(DELIMITER, 0)));
    CHECK_EQ(1, assembler.dropped);
    finish();
}

static void audio_needs_its_configuration(void)
{
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, sound()));
    CHECK_EQ(1, assembler.dropped);
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, audio_config(stereo_48k, 2)));
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, sound())); /* waits for the keyframe */
    CHECK_EQ(ASSEMBLER_UNIT, put_idr());
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_AUDIO, sound()));
    CHECK_EQ(TRACK_AUDIO, unit.kind);
    CHECK_EQ(1024, unit.samples);
    CHECK_EQ(6, unit.payload.len);
    CHECK_EQ(0x21, unit.payload.at[0]);
    slice_unref(&unit.payload);

    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, audio_config(stereo_48k, 2))); /* equal */
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_AUDIO, sound()));
    slice_unref(&unit.payload);
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, audio_config(stereo_44k, 2)));
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, sound()));
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(INTER, 0))); /* video goes on */
    slice_unref(&unit.payload);
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(IDR, 0)));
    CHECK(unit.is_new_config);
    slice_unref(&unit.payload);
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_AUDIO, sound()));
    slice_unref(&unit.payload);
    finish();
}

static void adts_headers_are_removed(void)
{
    static const uint8_t frame[] = {0xaf, 0x01, 0xff, 0xf1, 0x4c, 0x80,
                                    0x01, 0x5f, 0xfc, 0x21, 0x22, 0x23};
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, audio_config(stereo_48k, 2)));
    CHECK_EQ(ASSEMBLER_UNIT, put_idr());
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_AUDIO, chunk_copy(frame, sizeof(frame))));
    CHECK_EQ(3, unit.payload.len);
    slice_unref(&unit.payload);
    finish();
}

static void what_cannot_be_served_is_refused_in_words(void)
{
    static const struct {
        enum track_kind kind;
        const char *body;
        size_t len;
        const char *reason; /* NULL: dropped or ignored */
    } cases[] = {
        {TRACK_VIDEO, "\x12\x01\0\0\0", 5, "Video must be H.264."},
        {TRACK_VIDEO, "\x90hvc1abc", 8, "Video must be H.264."},
        {TRACK_VIDEO, "\x17\0\0\0\0\1\x6e\0\x1f\xff\xe1\0\4\x67\x6e\0\x1f\1\0\1\x68", 21,
         "Video must be H.264 with 8 bits and 4:2:0: Baseline, Main or High, up to level 5.2."},
        {TRACK_VIDEO, "\x17\0\0\0\0\1", 6, "The H.264 configuration cannot be read."},
        {TRACK_AUDIO, "\x2f\1\2", 3, "Audio must be AAC."},
        {TRACK_AUDIO, "\x90Opus", 5, "Audio must be AAC."},
        {TRACK_AUDIO, "\xaf\0\x09\x90", 4,
         "Audio must be AAC-LC or HE-AAC, mono or stereo, 8 to 48 kHz."},
        {TRACK_AUDIO, "\xaf\0\x11", 3, "The AAC configuration cannot be read."},
        {TRACK_VIDEO, "", 0, NULL},
        {TRACK_AUDIO, "", 0, NULL},
        {TRACK_VIDEO, "\x17", 1, NULL},
        {TRACK_AUDIO, "\xaf", 1, NULL},
        {TRACK_VIDEO, "\x17\2\0\0\0", 5, NULL}, /* end of sequence */
        {TRACK_VIDEO, "\x57\0", 2, NULL},       /* a command */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        enum assembler_result want = cases[i].reason != NULL ? ASSEMBLER_FATAL : ASSEMBLER_NOTHING;
        CHECK_EQ(want, put(cases[i].kind, chunk_copy(cases[i].body, cases[i].len)));
        CHECK(reason == cases[i].reason ||
              (reason != NULL && cases[i].reason != NULL && strcmp(reason, cases[i].reason) == 0));
        if (reason != NULL && cases[i].reason == NULL)
            printf("case %zu: %s\n", i, reason);
        finish();
    }
}

static void a_broken_configuration_costs_nothing_later(void)
{
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, audio_config(stereo_48k, 2)));
    CHECK_EQ(ASSEMBLER_UNIT, put_idr());
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_VIDEO, video_config(large_avcc, 20)));
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, audio_config(stereo_48k, 1)));
    CHECK_EQ(2, assembler.dropped);
    CHECK_EQ(320, assembler.video.info.width);
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_VIDEO, picture(INTER, 0)));
    slice_unref(&unit.payload);
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_AUDIO, sound()));
    slice_unref(&unit.payload);
    finish();
}

static void audio_alone_is_refused_after_fifteen_seconds(void)
{
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, audio_config(stereo_48k, 2)));
    now_us += 15 * second_us - 1;
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, sound()));
    now_us++;
    CHECK_EQ(ASSEMBLER_FATAL, put(TRACK_AUDIO, sound()));
    CHECK_EQ(0, strcmp("Audio-only input is not supported.", reason));
    finish();
    begin();
    CHECK_EQ(ASSEMBLER_NOTHING, put(TRACK_AUDIO, audio_config(stereo_48k, 2)));
    CHECK_EQ(ASSEMBLER_NOTHING, configure());
    CHECK_EQ(ASSEMBLER_UNIT, put_idr());
    now_us += 60 * second_us;
    CHECK_EQ(ASSEMBLER_UNIT, put(TRACK_AUDIO, sound()));
    slice_unref(&unit.payload);
    finish();
}

int main(void)
{
    RUN(pictures_follow_a_configuration_and_an_idr);
    RUN(an_equal_configuration_changes_nothing);
    RUN(another_configuration_waits_for_its_idr);
    RUN(parameter_sets_in_band_act_as_a_record);
    RUN(short_length_fields_are_widened);
    RUN(lengths_that_do_not_add_up_cost_the_unit);
    RUN(units_without_a_picture_are_dropped);
    RUN(audio_needs_its_configuration);
    RUN(adts_headers_are_removed);
    RUN(what_cannot_be_served_is_refused_in_words);
    RUN(a_broken_configuration_costs_nothing_later);
    RUN(audio_alone_is_refused_after_fifteen_seconds);
    return check_report();
}
