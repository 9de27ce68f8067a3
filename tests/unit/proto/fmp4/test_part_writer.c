#include "proto/fmp4/part_writer.h"

#include "base/buf.h"
#include "base/chunk.h"
#include "check.h"
#include "proto/id3/txxx_writer.h"
#include "unit/hex.h"

static const uint8_t idr[] = {0, 0, 0, 1, 0x65}, other[] = {0, 0, 0, 1, 0x41};
static const uint8_t aac_1[] = {0x21, 0x10}, aac_2[] = {0x21, 0x20};

static const struct fmp4_sample video[] = {
    {.bytes = idr, .len = sizeof(idr), .duration = 3000, .is_key = true},
    {.bytes = other, .len = sizeof(other), .duration = 3000, .cts = 6000},
};
static const struct fmp4_sample audio[] = {
    {.bytes = aac_1, .len = sizeof(aac_1), .duration = 1024},
    {.bytes = aac_2, .len = sizeof(aac_2), .duration = 1024},
};

static struct chunk *written(const struct fmp4_part *part)
{
    struct chunk *chunk = chunk_create(fmp4_part_len(part));
    fmp4_write_part(part, chunk->at);
    return chunk;
}

static struct fmp4_part part_of_v3(void)
{
    return (struct fmp4_part){
        .sequence = 7,
        .video = {.dts = 900000, .samples = video, .count = 2},
        .audio = {.dts = 480000, .samples = audio, .count = 2},
        .audio_duration = 1024,
    };
}

#define VIDEO_TRAF                                             \
    "00000060747261660000001074666864000200000000000100000014" \
    "746664740100000000000000000dbba0000000347472756e01000f0100000002000000"

static const char golden_v3[] =
    "000000c86d6f6f66000000106d666864000000000000000700000060747261660000001074666864000200000000"
    "000100000014746664740100000000000000000dbba0000000347472756e01000f0100000002000000d000000bb8"
    "00000005020000000000000000000bb8000000050101000000001770000000507472616600000018746668640002"
    "002800000002000004000200000000000014746664740100000000000000000753000000001c7472756e00000201"
    "00000002000000da0000000200000002000000166d6461740000000165000000014121102120";

static void golden_vector_v3(void)
{
    struct fmp4_part part = part_of_v3();
    struct chunk *chunk = written(&part);
    CHECK_EQ(222, chunk->len);
    CHECK(hex_equal(golden_v3, chunk->at, chunk->len));
    chunk_unref(&chunk);
}

static void golden_vector_v2_stands_before_the_moof(void)
{
    struct buf tag;
    buf_init(&tag, 1024);
    id3_write_txxx(ID3_METADATA, STR("hello"), &tag);
    struct fmp4_event events[] = {{.time = 900000, .id = 1, .tag = buf_str(&tag)},
                                  {.time = 0x123456789a, .id = 0x01020304, .tag = STR("xy")}};
    struct fmp4_part part = part_of_v3();
    part.events = events;
    part.event_count = 2;
    struct chunk *chunk = written(&part);
    CHECK_EQ(113 + 64 + 222, chunk->len);
    CHECK(hex_equal("00000071656d73670100000000015f9000000000000dbba0ffffffff0000000168747470733a2f"
                    "2f616f6d656469612e6f72672f656d73672f4944330000494433040000000000295458585800"
                    "00001f0000036d657461646174612e6c6976652d766964656f2e6e65740068656c6c6f00",
                    chunk->at, 113));
    CHECK(hex_equal("00000040656d73670100000000015f90000000123456789affffffff01020304",
                    chunk->at + 113, 32));
    /* Data offsets count from the moof, wherever it stands. */
    CHECK(hex_equal(golden_v3, chunk->at + 177, 222));
    chunk_unref(&chunk);
    buf_finish(&tag);
}

static void a_part_without_audio_has_one_traf(void)
{
    struct fmp4_part part = part_of_v3();
    part.audio.count = 0;
    struct chunk *chunk = written(&part);
    CHECK(hex_equal("000000786d6f6f66000000106d6668640000000000000007" VIDEO_TRAF
                    "8000000bb800000005020000000000000000000bb8000000050101000000001770"
                    "000000126d64617400000001650000000141",
                    chunk->at, chunk->len));
    chunk_unref(&chunk);
}

static void a_part_without_video_has_one_traf(void)
{
    struct fmp4_part part = part_of_v3();
    part.video.count = 0;
    struct chunk *chunk = written(&part);
    CHECK(hex_equal("000000686d6f6f66000000106d6668640000000000000007"
                    "000000507472616600000018746668640002002800000002000004000200000000000014"
                    "746664740100000000000000000753000000001c7472756e0000020100000002000000700000"
                    "0002000000020000000c6d64617421102120",
                    chunk->at, chunk->len));
    chunk_unref(&chunk);
}

static void a_gap_inside_the_audio_is_written_as_durations(void)
{
    struct fmp4_sample gapped[2] = {audio[0], audio[1]};
    gapped[0].duration = 3072;
    struct fmp4_part part = part_of_v3();
    part.video.count = 0;
    part.audio.samples = gapped;
    struct chunk *chunk = written(&part);
    CHECK(hex_equal("000000706d6f6f66000000106d6668640000000000000007"
                    "000000587472616600000018746668640002002800000002000004000200000000000014"
                    "74666474010000000000000000075300000000247472756e0000030100000002000000780000"
                    "0c0000000002000004000000000"
                    "20000000c6d64617421102120",
                    chunk->at, chunk->len));
    chunk_unref(&chunk);
}

static void offsets_may_be_negative_and_times_pass_32_bits(void)
{
    struct fmp4_sample sample = video[1];
    sample.cts = -3000;
    struct fmp4_part part = {.sequence = 0xfffffffe,
                             .video = {.dts = 0x1122334455, .samples = &sample, .count = 1}};
    struct chunk *chunk = written(&part);
    CHECK(hex_equal("fffffffe", chunk->at + 20, 4));
    CHECK(hex_equal("0000001122334455", chunk->at + 60, 8));
    CHECK(hex_equal("fffff448", chunk->at + 100, 4));
    chunk_unref(&chunk);
}

int main(void)
{
    RUN(golden_vector_v3);
    RUN(golden_vector_v2_stands_before_the_moof);
    RUN(a_part_without_audio_has_one_traf);
    RUN(a_part_without_video_has_one_traf);
    RUN(a_gap_inside_the_audio_is_written_as_durations);
    RUN(offsets_may_be_negative_and_times_pass_32_bits);
    return check_report();
}
