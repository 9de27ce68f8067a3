#include "proto/rtmp/rtmp_chunk_reader.h"

#include "base/buf.h"
#include "check.h"
#include "unit/hex.h"

enum { MAX_MESSAGES = 64 };

/* What came out, payloads summed up. */
struct seen {
    uint8_t type;
    uint32_t stream_id, timestamp;
    size_t len;
    uint32_t sum;
};

static struct buf wire;
static struct rtmp_chunk_reader reader;
static struct seen seen[MAX_MESSAGES];
static size_t seen_count;
static enum err last;

static uint32_t sum_of(const uint8_t *at, size_t len)
{
    uint32_t sum = 2166136261U;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ at[i]) * 16777619U;
    return sum;
}

static void begin(void)
{
    rtmp_chunk_reader_finish(&reader);
    rtmp_chunk_reader_init(&reader);
    buf_clear(&wire);
    seen_count = 0;
    last = ERR_AGAIN;
}

static void note(const struct rtmp_message *message)
{
    CHECK(seen_count < MAX_MESSAGES);
    if (seen_count == MAX_MESSAGES)
        return;
    seen[seen_count++] = (struct seen){
        .type = message->type,
        .stream_id = message->stream_id,
        .timestamp = message->timestamp,
        .len = message->payload->len,
        .sum = sum_of(message->payload->at, message->payload->len),
    };
}

static void feed(const uint8_t *at, size_t len)
{
    if (last != ERR_AGAIN) /* it failed: nothing may follow */
        return;
    /* A block of exactly this size, so that sanitizers see a read past the end. */
    struct chunk *exact = chunk_copy(at, len);
    struct reader input = reader_over(exact->at, len);
    struct rtmp_message message;
    enum err err = rtmp_chunk_reader_next(&reader, &input, &message);
    while (err == ERR_OK) {
        note(&message);
        chunk_unref(&message.payload);
        err = rtmp_chunk_reader_next(&reader, &input, &message);
    }
    last = err;
    if (last == ERR_AGAIN)
        CHECK_EQ(0, input.left);
    chunk_unref(&exact);
}

static enum err read_wire(void)
{
    feed(wire.at, wire.len);
    return last;
}

static enum err read_hex(const char *hex)
{
    uint8_t bytes[4096];
    begin();
    feed(bytes, hex_read(hex, bytes, sizeof(bytes)));
    return last;
}

static bool message_is(size_t i, uint8_t type, uint32_t timestamp, size_t len)
{
    return i < seen_count && seen[i].type == type && seen[i].timestamp == timestamp &&
           seen[i].len == len;
}

static void put_hex(const char *hex)
{
    uint8_t bytes[256];
    buf_put(&wire, bytes, hex_read(hex, bytes, sizeof(bytes)));
}

static void put_header(unsigned chunk_stream, uint32_t time, size_t len, unsigned type)
{
    buf_put_uint(&wire, chunk_stream, 1);
    buf_put_uint(&wire, time < 0xffffff ? time : 0xffffff, 3);
    buf_put_uint(&wire, len, 3);
    buf_put_uint(&wire, type, 1);
    put_hex("01000000");
    if (time >= 0xffffff)
        buf_put_uint(&wire, time, 4);
}

/* `len` bytes of a payload whose byte i is a known one. */
static void put_payload(size_t from, size_t len)
{
    for (size_t i = from; i < from + len; i++)
        buf_put_uint(&wire, i * 7 % 251, 1);
}

static uint32_t payload_sum(size_t len)
{
    static uint8_t bytes[70000];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 7 % 251);
    return sum_of(bytes, len);
}

static void put_chunk_size(uint32_t size)
{
    put_hex("02 000000 000004 01 00000000");
    buf_put_uint(&wire, size, 4);
}

static void a_message_comes_out_as_it_was_sent(void)
{
    CHECK_EQ(ERR_AGAIN, read_hex("03 010203 000002 14 04030201 aabb"));
    CHECK_EQ(1, seen_count);
    CHECK(message_is(0, 20, 0x010203, 2));
    CHECK_EQ(0x01020304, seen[0].stream_id); /* little-endian */
    CHECK_EQ(sum_of((const uint8_t *)"\xaa\xbb", 2), seen[0].sum);
}

static void the_connect_vector_fits_one_chunk(void)
{
    begin();
    put_hex("03 000000 000077 14 00000000"); /* golden vector V5 */
    put_payload(0, 119);
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK(message_is(0, 20, 0, 119));
}

/* Security rule SE-5: all forms of chunk stream ids. */
static void every_form_of_chunk_stream_id_reads(void)
{
    static const struct {
        const char *basic;
        uint32_t id;
    } forms[] = {{"02", 2},         {"03", 3},         {"3f", 63},
                 {"00 00", 64},     {"00 ff", 319},    {"01 00 00", 64},
                 {"01 ff 00", 319}, {"01 00 01", 320}, {"01 ff ff", 65599}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char hex[64];
        (void)snprintf(hex, sizeof(hex), "%s 000001 000001 08 01000000 aa", forms[i].basic);
        CHECK_EQ(ERR_AGAIN, read_hex(hex));
        CHECK(message_is(0, 8, 1, 1));
        CHECK_EQ(forms[i].id, reader.streams[0].id);
    }
    /* Two forms of one id are one stream: the second takes its header from the first. */
    CHECK_EQ(ERR_AGAIN, read_hex("00 01 000001 000001 08 01000000 aa c1 01 00 bb"));
    CHECK_EQ(2, seen_count);
    CHECK_EQ(1, reader.stream_count);
}

/* Media rule IN-11. */
static void shorter_headers_repeat_the_last_one_of_their_stream(void)
{
    CHECK_EQ(ERR_AGAIN, read_hex("04 0003e8 000001 08 01000000 aa" /* audio at 1000 */
                                 "44 000014 000002 09 bbbb"        /* video, 20 later */
                                 "84 000005 cccc"                  /* 5 later */
                                 "c4 dddd"                         /* 5 again */
                                 "04 0007d0 000001 08 01000000 ee" /* audio at 2000 */
                                 "c4 ff"));                        /* 2000 later: §5.3.1.2.4 */
    CHECK_EQ(6, seen_count);
    CHECK(message_is(0, 8, 1000, 1));
    CHECK(message_is(1, 9, 1020, 2));
    CHECK(message_is(2, 9, 1025, 2));
    CHECK(message_is(3, 9, 1030, 2));
    CHECK(message_is(4, 8, 2000, 1));
    CHECK(message_is(5, 8, 4000, 1));
    for (size_t i = 0; i < 6; i++)
        CHECK_EQ(1, seen[i].stream_id);
}

static void streams_do_not_share_state(void)
{
    CHECK_EQ(ERR_AGAIN, read_hex("04 0003e8 000001 08 01000000 aa"
                                 "06 000064 000002 09 02000000 bbbb"
                                 "44 000005 000001 08 cc 86 000007 dddd"));
    CHECK(message_is(2, 8, 1005, 1));
    CHECK(message_is(3, 9, 107, 2));
    CHECK_EQ(1, seen[2].stream_id);
    CHECK_EQ(2, seen[3].stream_id);
}

/* Media rule IN-12. */
static void a_stream_begins_with_a_whole_header(void)
{
    CHECK_EQ(ERR_MALFORMED, read_hex("44 000014 000002 09 bbbb"));
    CHECK_EQ(ERR_MALFORMED, read_hex("84 000005 cccc"));
    CHECK_EQ(ERR_MALFORMED, read_hex("c4 dddd"));
    CHECK_EQ(ERR_MALFORMED, read_hex("04 0003e8 000001 08 01000000 aa c5 aa"));
}

static void a_message_must_not_change_half_way(void)
{
    static const struct {
        const char *next; /* after 128 of 130 bytes of audio at 1000 */
        enum err want;
    } cases[] = {
        {"c4 aabb", ERR_AGAIN},
        {"84 000005 aabb", ERR_AGAIN},           /* an odd way to go on */
        {"44 000005 000082 08 aabb", ERR_AGAIN}, /* likewise */
        {"04 000005 000082 08 01000000 aabb", ERR_AGAIN},
        {"44 000005 000083 08 aabb", ERR_MALFORMED}, /* another length */
        {"44 000005 000082 09 aabb", ERR_MALFORMED}, /* another type */
        {"04 000005 000081 08 01000000 aabb", ERR_MALFORMED},
        {"04 000005 000082 12 01000000 aabb", ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        put_header(4, 1000, 130, 8);
        put_payload(0, 128);
        put_hex(cases[i].next);
        put_hex("c4"); /* the next message begins: whether its time is right */
        put_payload(0, 128);
        put_hex("c4 aabb");
        CHECK_EQ(cases[i].want, read_wire());
        if (cases[i].want == ERR_AGAIN) {
            CHECK_EQ(2, seen_count);
            CHECK(message_is(0, 8, 1000, 130));
            CHECK(message_is(1, 8, 2000, 130));
        }
    }
}

static void interleaved_messages_are_told_apart(void)
{
    begin();
    put_header(4, 10, 300, 8);
    put_payload(0, 128);
    put_header(6, 20, 200, 9);
    put_payload(0, 128);
    put_hex("c4");
    put_payload(128, 128);
    put_hex("c6");
    put_payload(128, 72);
    put_hex("c4");
    put_payload(256, 44);
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK(message_is(0, 9, 20, 200));
    CHECK_EQ(payload_sum(200), seen[0].sum);
    CHECK(message_is(1, 8, 10, 300));
    CHECK_EQ(payload_sum(300), seen[1].sum);
    CHECK_EQ(0, reader.partial_bytes);
}

static void empty_messages_come_out(void)
{
    CHECK_EQ(ERR_AGAIN, read_hex("04 000001 000000 08 01000000 c4 c4 44 000001 000001 09 aa"));
    CHECK_EQ(4, seen_count);
    CHECK(message_is(0, 8, 1, 0));
    CHECK(message_is(2, 8, 3, 0));
    CHECK(message_is(3, 9, 4, 1));
}

/* Media rules IN-10 and IN-11 at the edges of 24 and 32 bits. */
static void extended_timestamps_read(void)
{
    CHECK_EQ(ERR_AGAIN, read_hex("04 fffffe 000001 08 01000000 aa"
                                 "84 000001 bb"
                                 "84 000001 cc"
                                 "04 ffffff 000001 08 01000000 00ffffff dd"
                                 "04 ffffff 000001 08 01000000 01000000 ee"
                                 "04 ffffff 000001 08 01000000 fffffffe ff"
                                 "84 000003 aa" /* over the end */
                                 "84 ffffff fffffffe bb"
                                 "c4 fffffffe cc"));
    CHECK_EQ(9, seen_count);
    static const uint32_t want[] = {0xfffffe,   0xffffff, 0x1000000,  0xffffff,  0x1000000,
                                    0xfffffffe, 1,        0xffffffff, 0xfffffffd};
    for (size_t i = 0; i < 9; i++)
        CHECK(message_is(i, 8, want[i], 1));
}

/* A message of 300 bytes in three chunks after an extended header, its chunks with the timestamp
 * repeated or not; its payload starts with `first`, and so do its other chunks. */
static void put_extended(bool is_repeated, uint32_t time, const char *first)
{
    put_header(4, time, 300, 9);
    for (size_t at = 0; at < 300; at += 128) {
        if (at > 0)
            put_hex("c4");
        if (at > 0 && is_repeated)
            buf_put_uint(&wire, time, 4);
        size_t len = 300 - at < 128 ? 300 - at : 128;
        put_hex(first);
        put_payload(0, len - strlen(first) / 2);
    }
}

static void repeated_timestamps_are_told_from_payload(void)
{
    /* Payloads that are no part, one byte, two and three bytes of the timestamp. */
    static const char *const firsts[] = {"", "01", "0123", "012345", "01234568"};
    for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
        uint32_t sums[2];
        for (unsigned is_repeated = 0; is_repeated < 2; is_repeated++) {
            begin();
            put_extended(is_repeated == 1, 0x01234567, firsts[i]);
            put_hex("c4"); /* a new message of one header byte: in both ways too */
            if (is_repeated)
                put_hex("01234567");
            put_payload(0, 128);
            put_header(6, 5, 1, 8);
            put_hex("aa");
            CHECK_EQ(ERR_AGAIN, read_wire());
            CHECK_EQ(2, seen_count);
            CHECK(message_is(0, 9, 0x01234567, 300));
            CHECK(message_is(1, 8, 5, 1));
            sums[is_repeated] = seen[0].sum;
        }
        CHECK_EQ(sums[0], sums[1]);
    }
}

static void what_was_taken_for_a_timestamp_may_reach_into_the_next_header(void)
{
    /* A last chunk of one byte 01, then a header whose first bytes go on like the timestamp
     * 01 04 00 11; without repetition. */
    begin();
    put_header(4, 0x01040011, 129, 9);
    put_payload(0, 128);
    put_hex("c4 01");
    put_hex("04 000011 000001 08 01000000 aa");
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK_EQ(2, seen_count);
    CHECK(message_is(0, 9, 0x01040011, 129));
    CHECK(message_is(1, 8, 17, 1));
}

static void a_plain_header_ends_an_extended_one(void)
{
    begin();
    put_header(4, 0x01000000, 1, 9);
    put_hex("aa 84 000001 bb c4 01"); /* a delta that is not extended: 01 is payload */
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK_EQ(3, seen_count);
    CHECK(message_is(2, 9, 0x01000002, 1));

    begin();
    put_header(4, 0x01000000, 5, 9);
    put_hex("aaaaaaaaaa");
    put_header(4, 5, 5, 9);
    put_hex("bbbbbbbbbb c4 01000000ff"); /* what was the timestamp is payload now */
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK_EQ(3, seen_count);
    CHECK(message_is(2, 9, 10, 5));
}

/* Media rule IN-13. */
static void chunk_sizes_are_checked(void)
{
    static const struct {
        const char *size;
        enum err want;
        uint32_t got;
    } cases[] = {{"00000000", ERR_MALFORMED, 128},  {"00000001", ERR_MALFORMED, 128},
                 {"0000007f", ERR_MALFORMED, 128},  {"00000080", ERR_AGAIN, 128},
                 {"00010000", ERR_AGAIN, 65536},    {"00fffffe", ERR_AGAIN, 0xfffffe},
                 {"00ffffff", ERR_AGAIN, 0xffffff}, {"01000000", ERR_AGAIN, 0xffffff},
                 {"7fffffff", ERR_AGAIN, 0xffffff}, {"80000000", ERR_MALFORMED, 128},
                 {"ffffffff", ERR_MALFORMED, 128},  {"80000080", ERR_MALFORMED, 128}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char hex[64];
        (void)snprintf(hex, sizeof(hex), "02 000000 000004 01 00000000 %s", cases[i].size);
        CHECK_EQ(cases[i].want, read_hex(hex));
        CHECK_EQ(cases[i].got, reader.chunk_size);
        CHECK_EQ(0, seen_count);
    }
    CHECK_EQ(ERR_MALFORMED, read_hex("02 000000 000003 01 00000000 000100"));
    CHECK_EQ(ERR_MALFORMED, read_hex("02 000000 000000 01 00000000"));
    CHECK_EQ(ERR_AGAIN, read_hex("02 000000 000005 01 00000000 00001000 ff"));
    CHECK_EQ(4096, reader.chunk_size);
}

/* 700 bytes: the first chunk of one size, the others of another. */
static void put_resized(uint32_t first, uint32_t second)
{
    put_chunk_size(first);
    put_header(4, 10, 700, 9);
    put_payload(0, first);
    put_chunk_size(second);
    for (size_t at = first; at < 700; at += second) {
        put_hex("c4");
        put_payload(at, 700 - at < second ? 700 - at : second);
    }
}

/* Security rule SE-1: a new chunk size in the middle of a message, at every byte, both ways. */
static void the_chunk_size_may_change_within_a_message(void)
{
    static const uint32_t seconds[] = {128, 129, 65536, 0xffffff};
    for (uint32_t first = 128; first < 700; first++) {
        for (size_t i = 0; i < 4; i++) {
            begin();
            put_resized(first, seconds[i]);
            CHECK_EQ(ERR_AGAIN, read_wire());
            CHECK(message_is(0, 9, 10, 700));
            CHECK_EQ(payload_sum(700), seen[0].sum);
        }
    }
}

/* Media rule IN-14, security rule SE-3. */
static void lengths_are_capped_on_the_header(void)
{
    static const struct {
        unsigned type;
        uint32_t max;
    } caps[] = {{8, 64 << 10},  {9, 4 << 20},   {22, 4 << 20},  {18, 64 << 10}, {15, 64 << 10},
                {20, 16 << 10}, {17, 16 << 10}, {16, 64 << 10}, {99, 64 << 10}, {4, 64 << 10}};
    for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        begin();
        put_header(4, 0, caps[i].max, caps[i].type);
        CHECK_EQ(ERR_AGAIN, read_wire());
        begin();
        put_header(4, 0, caps[i].max + 1, caps[i].type);
        CHECK_EQ(ERR_LIMIT, read_wire());
    }
}

static void chunk_streams_are_counted(void)
{
    begin();
    for (unsigned i = 0; i < RTMP_MAX_CHUNK_STREAMS; i++) {
        put_header(2 + i, 0, 1, 8);
        put_hex("aa");
    }
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK_EQ(RTMP_MAX_CHUNK_STREAMS, seen_count);
    buf_clear(&wire);
    put_header(2 + RTMP_MAX_CHUNK_STREAMS, 0, 1, 8);
    CHECK_EQ(ERR_LIMIT, read_wire());
}

static size_t held_bytes(void)
{
    size_t bytes = 0;
    for (size_t i = 0; i < reader.stream_count; i++) {
        const struct chunk *payload = reader.streams[i].message.payload;
        bytes += payload == NULL ? 0 : payload->len;
    }
    return bytes;
}

/* IN-t13: headers promise 16 x 4 MiB. */
static void promises_are_bounded_and_cost_little(void)
{
    begin();
    for (unsigned i = 0; i < 2; i++) {
        put_header(4 + i, 0, 4 << 20, 9);
        put_payload(0, 128);
    }
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK_EQ(8 << 20, reader.partial_bytes);
    CHECK_EQ(2 * (16 << 10), held_bytes());
    buf_clear(&wire);
    put_header(12, 0, 1, 8); /* one more byte */
    CHECK_EQ(ERR_LIMIT, read_wire());
}

static void memory_follows_what_arrives(void)
{
    static uint8_t payload[5000]; /* so that pieces reach over what there is room for */
    begin();
    put_chunk_size(0xffffff);
    put_header(4, 0, 4 << 20, 9);
    CHECK_EQ(ERR_AGAIN, read_wire());
    for (size_t sent = 0; sent < 4 << 20; sent += sizeof(payload)) {
        CHECK(held_bytes() <= 2 * sent + (16 << 10));
        size_t left = (4 << 20) - sent;
        feed(payload, left < sizeof(payload) ? left : sizeof(payload));
    }
    CHECK_EQ(1, seen_count);
    CHECK(message_is(0, 9, 0, 4 << 20));
    CHECK_EQ(0, held_bytes());
    CHECK_EQ(0, reader.partial_bytes);
}

/* Media rule IN-17. */
static void abort_drops_what_is_incomplete(void)
{
    begin();
    put_header(4, 10, 300, 8);
    put_payload(0, 128);
    put_hex("02 000000 000004 02 00000000 00000004");
    put_hex("44 000005 000001 09 aa"); /* another type and length are fine now */
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK_EQ(1, seen_count);
    CHECK(message_is(0, 9, 15, 1));
    CHECK_EQ(0, reader.partial_bytes);
    CHECK_EQ(0, held_bytes());

    CHECK_EQ(ERR_AGAIN, read_hex("02 000000 000004 02 00000000 00000063")); /* nobody's */
    CHECK_EQ(ERR_AGAIN, read_hex("02 000000 000004 02 00000000 00000002")); /* its own */
    CHECK_EQ(ERR_MALFORMED, read_hex("02 000000 000003 02 00000000 000004"));
    CHECK_EQ(0, seen_count);
    CHECK_EQ(0, reader.partial_bytes);
}

static void abort_may_cut_into_its_own_stream(void)
{
    begin();
    put_header(4, 10, 300, 8);
    put_payload(0, 128);
    put_hex("04 000000 000004 02 00000000 00000004");
    put_header(4, 20, 1, 9);
    put_hex("aa");
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK_EQ(1, seen_count);
    CHECK(message_is(0, 9, 20, 1));
    CHECK_EQ(0, reader.partial_bytes);
}

static void every_split_gives_the_same_messages(void)
{
    begin();
    put_header(3, 0, 119, 20);
    put_payload(0, 119);
    put_extended(true, 0x01234567, "0123");
    put_extended(false, 0x01234567, "012345");
    put_header(6, 20, 200, 9);
    put_payload(0, 128);
    put_chunk_size(150);
    put_hex("c6");
    put_payload(128, 72);
    put_hex("01 00 01 ffffff 000001 08 01000000 fffffffe aa");
    put_hex("81 00 01 000005 bb c1 00 01 cc");
    struct chunk *whole = chunk_copy(wire.at, wire.len);
    feed(whole->at, whole->len);
    CHECK_EQ(7, seen_count);
    struct seen want[MAX_MESSAGES];
    memcpy(want, seen, sizeof(want));
    for (size_t split = 0; split <= whole->len + 1; split++) {
        begin();
        if (split <= whole->len) {
            feed(whole->at, split);
            feed(whole->at + split, whole->len - split);
        } else { /* byte by byte */
            for (size_t i = 0; i < whole->len; i++)
                feed(whole->at + i, 1);
        }
        CHECK_EQ(ERR_AGAIN, last);
        CHECK_EQ(7, seen_count);
        for (size_t i = 0; i < 7; i++) {
            CHECK(message_is(i, want[i].type, want[i].timestamp, want[i].len));
            CHECK(want[i].sum == seen[i].sum && want[i].stream_id == seen[i].stream_id);
        }
    }
    chunk_unref(&whole);
}

static void finishing_frees_what_is_incomplete(void)
{
    begin();
    put_header(4, 10, 300, 8);
    put_payload(0, 128);
    CHECK_EQ(ERR_AGAIN, read_wire());
    CHECK(held_bytes() > 0);
    rtmp_chunk_reader_finish(&reader); /* the leak checker sees the rest */
    CHECK_EQ(0, reader.stream_count);
}

int main(void)
{
    buf_init(&wire, 1 << 20);
    rtmp_chunk_reader_init(&reader);
    RUN(a_message_comes_out_as_it_was_sent);
    RUN(the_connect_vector_fits_one_chunk);
    RUN(every_form_of_chunk_stream_id_reads);
    RUN(shorter_headers_repeat_the_last_one_of_their_stream);
    RUN(streams_do_not_share_state);
    RUN(a_stream_begins_with_a_whole_header);
    RUN(a_message_must_not_change_half_way);
    RUN(interleaved_messages_are_told_apart);
    RUN(empty_messages_come_out);
    RUN(extended_timestamps_read);
    RUN(repeated_timestamps_are_told_from_payload);
    RUN(what_was_taken_for_a_timestamp_may_reach_into_the_next_header);
    RUN(a_plain_header_ends_an_extended_one);
    RUN(chunk_sizes_are_checked);
    RUN(the_chunk_size_may_change_within_a_message);
    RUN(lengths_are_capped_on_the_header);
    RUN(chunk_streams_are_counted);
    RUN(promises_are_bounded_and_cost_little);
    RUN(memory_follows_what_arrives);
    RUN(abort_drops_what_is_incomplete);
    RUN(abort_may_cut_into_its_own_stream);
    RUN(every_split_gives_the_same_messages);
    RUN(finishing_frees_what_is_incomplete);
    rtmp_chunk_reader_finish(&reader);
    buf_finish(&wire);
    return check_report();
}
