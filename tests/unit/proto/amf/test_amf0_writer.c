#include "proto/amf/amf0_writer.h"

#include "check.h"
#include "proto/amf/amf0_reader.h"
#include "unit/hex.h"

/* Golden vector V6: a refusal. */
static const char refusal_hex[] = "0200086f6e537461747573000000000000000000050300056c6576656c020005"
                                  "6572726f720004636f64650200194e65"
                                  "7453747265616d2e5075626c6973682e4261644e616d65000b64657363726970"
                                  "74696f6e02001853747265616d206b65"
                                  "79206e6f74206163636570"
                                  "7465642e000009";

static void write_member(struct buf *out, struct str key, struct str value)
{
    amf0_write_key(out, key);
    amf0_write_string(out, value);
}

static void write_refusal(struct buf *out)
{
    amf0_write_string(out, STR("onStatus"));
    amf0_write_number(out, 0);
    amf0_write_null(out);
    amf0_write_object_start(out);
    write_member(out, STR("level"), STR("error"));
    write_member(out, STR("code"), STR("NetStream.Publish.BadName"));
    write_member(out, STR("description"), STR("Stream key not accepted."));
    amf0_write_object_end(out);
}

static void the_refusal_vector_is_written(void)
{
    uint8_t want[256];
    size_t len = hex_read(refusal_hex, want, sizeof(want));
    struct buf out;
    buf_init(&out, 4096);
    write_refusal(&out);
    CHECK(!out.failed);
    CHECK_EQ(114, len);
    CHECK_EQ(len, out.len);
    CHECK_EQ(0, memcmp(want, out.at, out.len));
    buf_finish(&out);
}

static void the_other_values_are_written(void)
{
    static const uint8_t want[] = {0x06, 0x00, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0x05};
    struct buf out;
    buf_init(&out, 4096);
    amf0_write_undefined(&out);
    amf0_write_number(&out, 1.5);
    amf0_write_null(&out);
    CHECK_EQ(sizeof(want), out.len);
    CHECK_EQ(0, memcmp(want, out.at, out.len));
    buf_finish(&out);
}

static void what_is_written_reads_back(void)
{
    struct buf out;
    buf_init(&out, 4096);
    write_refusal(&out);
    struct arena arena;
    arena_init(&arena, 256);
    static struct amf_message message;
    amf_message_init(&message, &arena);
    CHECK_EQ(ERR_OK, amf0_read(out.at, out.len, &message));
    const struct amf_value *info = amf_argument(&message, 3);
    CHECK(str_equal(STR("error"), amf_string(amf_find(&message, info, STR("level")))));
    arena_finish(&arena);
    buf_finish(&out);
}

static void a_string_is_cut_at_what_its_length_can_say(void)
{
    static char text[UINT16_MAX + 1];
    memset(text, 'x', sizeof(text));
    struct buf out;
    buf_init(&out, 1 << 20);
    amf0_write_string(&out, (struct str){.at = text, .len = UINT16_MAX + 1});
    CHECK_EQ(3 + UINT16_MAX, out.len);
    CHECK_EQ(0xff, out.at[1]);
    CHECK_EQ(0xff, out.at[2]);
    buf_finish(&out);
}

static void a_full_buffer_is_noticed(void)
{
    struct buf out;
    buf_init(&out, 113);
    write_refusal(&out);
    CHECK(out.failed);
    buf_finish(&out);
}

int main(void)
{
    RUN(the_refusal_vector_is_written);
    RUN(the_other_values_are_written);
    RUN(what_is_written_reads_back);
    RUN(a_string_is_cut_at_what_its_length_can_say);
    RUN(a_full_buffer_is_noticed);
    return check_report();
}
