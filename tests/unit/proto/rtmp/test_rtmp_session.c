#include "proto/rtmp/rtmp_session.h"

#include "check.h"
#include "proto/amf/amf0_reader.h"
#include "proto/amf/amf0_writer.h"
#include "proto/rtmp/rtmp_chunk_reader.h"
#include "proto/rtmp/rtmp_chunk_writer.h"
#include "proto/rtmp/rtmp_handshake.h"
#include "unit/hex.h"

#include <stdlib.h>

enum { MAX_REPLIES = 64, SECOND = 1000000 };

/* A message of the server. */
struct reply {
    uint8_t type;
    uint32_t stream_id;
    uint32_t value; /* of a control message: its last four bytes */
    size_t len;
    char name[64]; /* of a command, and what is in it */
    double transaction, result;
    char level[16], code[64], description[128];
};

/* What the callbacks saw, and what they are to do. */
static struct {
    const char *rejection;
    bool accepts, refuses; /* at once, in on_publish */
    unsigned connects, publishes, stops;
    char app[2048], tc_url[2048], flash_ver[256], key[2048];
    bool can_reconnect;
    uint32_t priority;
    unsigned media, metadata;
    struct rtmp_media last_media;
    uint8_t last_byte;
    unsigned sum;
    struct rtmp_metadata last_metadata;
} seen;

static struct rtmp_session *session;
static struct random randomness;
static int64_t now;
static enum err last;
static struct buf wire;     /* to the server */
static uint32_t wire_chunk; /* what the server was told */
static struct rtmp_chunk_reader replies_reader;
static struct reply replies[MAX_REPLIES];
static size_t reply_count;

static void copy(char *to, size_t cap, struct str from)
{
    size_t len = from.len < cap ? from.len : cap - 1;
    if (len > 0)
        memcpy(to, from.at, len);
    to[len] = '\0';
}

static const char *on_connect(void *arg, const struct rtmp_connect *connect)
{
    CHECK(arg == &seen);
    seen.connects++;
    copy(seen.app, sizeof(seen.app), connect->app);
    copy(seen.tc_url, sizeof(seen.tc_url), connect->tc_url);
    copy(seen.flash_ver, sizeof(seen.flash_ver), connect->flash_ver);
    seen.can_reconnect = connect->can_reconnect;
    return seen.rejection;
}

static void on_publish(void *arg, const struct rtmp_publish *publish)
{
    CHECK(arg == &seen);
    seen.publishes++;
    copy(seen.key, sizeof(seen.key), publish->key.value);
    seen.priority = publish->priority;
    CHECK_EQ(RTMP_PENDING, rtmp_session_phase(session));
    if (seen.accepts)
        CHECK_EQ(ERR_OK, rtmp_session_accept_publish(session, now));
    if (seen.refuses)
        rtmp_session_refuse(session, RTMP_BAD_NAME, STR("Stream key not accepted."));
}

static void on_media(void *arg, const struct rtmp_media *media)
{
    CHECK(arg == &seen);
    seen.media++;
    seen.last_media = *media;
    seen.last_byte = media->body.len > 0 ? media->body.at[media->body.len - 1] : 0;
    seen.sum += seen.last_byte * seen.media;
}

static void on_metadata(void *arg, const struct rtmp_metadata *metadata)
{
    CHECK(arg == &seen);
    seen.metadata++;
    seen.last_metadata = *metadata;
}

static void on_stop(void *arg)
{
    CHECK(arg == &seen);
    seen.stops++;
}

static const struct rtmp_callbacks callbacks = {
    .on_connect = on_connect,
    .on_publish = on_publish,
    .on_media = on_media,
    .on_metadata = on_metadata,
    .on_stop = on_stop,
};

static void parse_command(const struct rtmp_message *message, struct reply *reply)
{
    static struct amf_message amf;
    struct arena arena;
    arena_init(&arena, 256);
    amf_message_init(&amf, &arena);
    CHECK_EQ(ERR_OK, amf0_read(message->payload->at, message->payload->len, &amf));
    copy(reply->name, sizeof(reply->name), amf_string(amf_argument(&amf, 0)));
    reply->transaction = amf_number(amf_argument(&amf, 1), -1);
    reply->result = amf_number(amf_argument(&amf, 3), -1);
    const struct amf_value *info = amf_argument(&amf, 3);
    copy(reply->level, sizeof(reply->level), amf_string(amf_find(&amf, info, STR("level"))));
    copy(reply->code, sizeof(reply->code), amf_string(amf_find(&amf, info, STR("code"))));
    copy(reply->description, sizeof(reply->description),
         amf_string(amf_find(&amf, info, STR("description"))));
    arena_finish(&arena);
}

/* Reads what the server has to say. The chunk reader obeys its Set Chunk Size. */
static void collect_replies(void)
{
    struct buf *out = rtmp_session_output(session);
    struct reader input = reader_over(out->at, out->len);
    struct rtmp_message message;
    reply_count = 0;
    if (rtmp_session_phase(session) != RTMP_AWAITS_C1 && replies_reader.stream_count == 0 &&
        out->len >= RTMP_HANDSHAKE_ANSWER)
        reader_take(&input, RTMP_HANDSHAKE_ANSWER);
    while (rtmp_chunk_reader_next(&replies_reader, &input, &message) == ERR_OK) {
        struct reply reply = {
            .type = message.type, .stream_id = message.stream_id, .len = message.payload->len};
        struct reader r = reader_over(message.payload->at, message.payload->len);
        if (message.type == RTMP_COMMAND_AMF0)
            parse_command(&message, &reply);
        else if (reply.len >= 4) {
            reader_take(&r, reply.len - 4);
            reply.value = (uint32_t)reader_uint(&r, 4);
        }
        CHECK(reply_count < MAX_REPLIES);
        if (reply_count < MAX_REPLIES)
            replies[reply_count++] = reply;
        chunk_unref(&message.payload);
    }
    buf_clear(out);
}

static enum err feed(const void *bytes, size_t len)
{
    struct chunk *exact = chunk_copy(bytes, len);
    last = rtmp_session_feed(session, exact->at, len, now);
    chunk_unref(&exact);
    collect_replies();
    return last;
}

static enum err flush(void)
{
    last = feed(wire.at, wire.len);
    buf_clear(&wire);
    return last;
}

/* The writer's chunk size is the server's; a client here says so first. */
static void put_message(uint8_t chunk_stream, uint8_t type, uint32_t stream_id, uint32_t time,
                        const void *bytes, size_t len)
{
    struct rtmp_out_header header = {
        .chunk_stream = chunk_stream, .type = type, .stream_id = stream_id, .timestamp = time};
    if (wire_chunk != RTMP_OUT_CHUNK_SIZE) {
        uint8_t size[] = {2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0x10, 0};
        buf_put(&wire, size, sizeof(size));
        wire_chunk = RTMP_OUT_CHUNK_SIZE;
    }
    rtmp_chunk_write(&wire, &header, (struct str){.at = bytes, .len = len});
}

static struct buf body;

static void start_command(const char *name, double transaction)
{
    buf_clear(&body);
    amf0_write_string(&body, str_of(name));
    amf0_write_number(&body, transaction);
}

static void put_command_on(uint32_t stream_id)
{
    put_message(3, RTMP_COMMAND_AMF0, stream_id, 0, body.at, body.len);
}

/* A command with null and, unless NULL, a string. */
static void put_command(const char *name, double transaction, const char *argument)
{
    start_command(name, transaction);
    amf0_write_null(&body);
    if (argument != NULL)
        amf0_write_string(&body, str_of(argument));
    put_command_on(0);
}

static void add_member(const char *key, struct str value)
{
    amf0_write_key(&body, str_of(key));
    amf0_write_string(&body, value);
}

static void put_connect_to(struct str app)
{
    start_command("connect", 1);
    amf0_write_object_start(&body);
    add_member("app", app);
    add_member("tcUrl", STR("rtmp://h/app"));
    add_member("flashVer", STR("FMLE/3.0"));
    amf0_write_object_end(&body);
    put_command_on(0);
}

static void put_publish(struct str name, uint32_t stream_id)
{
    start_command("publish", 5);
    amf0_write_null(&body);
    amf0_write_string(&body, name);
    amf0_write_string(&body, STR("live"));
    put_command_on(stream_id);
}

static void put_media(uint8_t type, uint32_t time, const char *hex)
{
    uint8_t bytes[256];
    put_message(4, type, 1, time, bytes, hex_read(hex, bytes, sizeof(bytes)));
}

static void begin(void)
{
    rtmp_session_destroy(session);
    rtmp_chunk_reader_finish(&replies_reader);
    rtmp_chunk_reader_init(&replies_reader);
    memset(&seen, 0, sizeof(seen));
    buf_clear(&wire);
    wire_chunk = 128;
    now = 100 * (int64_t)SECOND;
    randomness = random_seeded(7);
    session = rtmp_session_create(&callbacks, &seen, &randomness);
}

/* Up to a phase: everything before it went well. */
static void begin_at(enum rtmp_phase phase)
{
    begin();
    uint8_t c0c1c2[1 + 2 * RTMP_HANDSHAKE_BLOCK] = {3};
    CHECK_EQ(ERR_OK, feed(c0c1c2, sizeof(c0c1c2)));
    CHECK_EQ(RTMP_AWAITS_CONNECT, rtmp_session_phase(session));
    if (phase >= RTMP_AWAITS_PUBLISH) {
        put_connect_to(STR("app"));
        CHECK_EQ(ERR_OK, flush());
    }
    if (phase >= RTMP_PENDING) {
        put_command("createStream", 4, NULL);
        put_publish(STR("key-0123456789abcdef"), 1);
        CHECK_EQ(ERR_OK, flush());
    }
    if (phase >= RTMP_PUBLISHING) {
        CHECK_EQ(ERR_OK, rtmp_session_accept_publish(session, now));
        collect_replies();
    }
    if (phase >= RTMP_STOPPED) {
        put_command("deleteStream", 6, NULL);
        CHECK_EQ(ERR_OK, flush());
    }
    CHECK_EQ(phase, rtmp_session_phase(session));
}

static bool reply_is(size_t i, const char *name, double transaction)
{
    return i < reply_count && replies[i].type == RTMP_COMMAND_AMF0 &&
           strcmp(replies[i].name, name) == 0 && replies[i].transaction == transaction;
}

static bool status_is(size_t i, uint32_t stream_id, const char *level, const char *code,
                      const char *description)
{
    return reply_is(i, "onStatus", 0) && replies[i].stream_id == stream_id &&
           strcmp(replies[i].level, level) == 0 && strcmp(replies[i].code, code) == 0 &&
           strcmp(replies[i].description, description) == 0;
}

static void the_handshake_is_answered_in_any_pieces(void)
{
    uint8_t c0c1c2[1 + 2 * RTMP_HANDSHAKE_BLOCK] = {3};
    for (size_t piece = 1; piece <= sizeof(c0c1c2); piece = 2 * piece + 1) {
        begin();
        for (size_t at = 0; at < sizeof(c0c1c2); at += piece) {
            size_t len = sizeof(c0c1c2) - at < piece ? sizeof(c0c1c2) - at : piece;
            CHECK_EQ(ERR_OK, rtmp_session_feed(session, c0c1c2 + at, len, now));
            size_t got = at + len;
            CHECK_EQ(got < 1537   ? RTMP_AWAITS_C1
                     : got < 3073 ? RTMP_AWAITS_C2
                                  : RTMP_AWAITS_CONNECT,
                     rtmp_session_phase(session));
            CHECK_EQ(got < 1537 ? 0 : RTMP_HANDSHAKE_ANSWER, rtmp_session_output(session)->len);
        }
        CHECK_EQ(3, rtmp_session_output(session)->at[0]);
        CHECK_EQ(3073, rtmp_session_counters(session).bytes);
    }
}

static void other_protocols_are_told_at_once(void)
{
    static const struct {
        uint8_t first;
        const char *reason;
    } cases[] = {{0x16, "TLS on the plain RTMP port"}, {0x06, "not RTMP version 3"},
                 {0x08, "not RTMP version 3"},         {0x02, "not RTMP version 3"},
                 {'G', "not RTMP version 3"},          {0, "not RTMP version 3"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        CHECK_EQ(0, strlen(rtmp_session_reason(session)));
        CHECK_EQ(ERR_MALFORMED, feed(&cases[i].first, 1));
        CHECK_EQ(0, strcmp(cases[i].reason, rtmp_session_reason(session)));
        CHECK_EQ(RTMP_CLOSING, rtmp_session_phase(session));
        CHECK_EQ(ERR_MALFORMED, feed("\3", 1)); /* for ever */
    }
}

static void connect_is_accepted(void)
{
    begin_at(RTMP_AWAITS_CONNECT);
    put_connect_to(STR("app"));
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(RTMP_AWAITS_PUBLISH, rtmp_session_phase(session));
    CHECK_EQ(0, strcmp("app", seen.app));
    CHECK_EQ(0, strcmp("rtmp://h/app", seen.tc_url));
    CHECK_EQ(0, strcmp("FMLE/3.0", seen.flash_ver));
    CHECK(!seen.can_reconnect);
    /* Set Chunk Size comes third, which the reader took for itself. */
    CHECK_EQ(3, reply_count);
    CHECK(replies[0].type == RTMP_WINDOW_SIZE && replies[0].value == 2500000);
    CHECK(replies[1].type == RTMP_SET_PEER_BANDWIDTH && replies[1].len == 5);
    CHECK_EQ(4096, replies_reader.chunk_size);
    CHECK(reply_is(2, "_result", 1));
    CHECK_EQ(0, strcmp("NetConnection.Connect.Success", replies[2].code));
}

static void apps_are_trimmed(void)
{
    static const char *const apps[][2] = {
        {"app", "app"},     {"app/", "app"},          {"/app", "app"},  {"//app//", "app"},
        {"app?x=1", "app"}, {"app/?x=/", "app"},      {"live", "live"}, {"", ""},
        {"/", ""},          {"app/inst", "app/inst"}, {"?app", ""},
    };
    for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
        begin_at(RTMP_AWAITS_CONNECT);
        put_connect_to(str_of(apps[i][0]));
        CHECK_EQ(ERR_OK, flush());
        CHECK_EQ(0, strcmp(apps[i][1], seen.app));
    }
}

static void connect_takes_other_forms(void)
{
    begin_at(RTMP_AWAITS_CONNECT);
    start_command("connect", 7.5);        /* its transaction comes back as it is */
    buf_put_uint(&body, 0x0800000000, 5); /* an ECMA array */
    add_member("app", STR("app"));
    add_member("tcurl", STR("\"rtmp://h/app\""));
    amf0_write_key(&body, STR("capsEx"));
    amf0_write_number(&body, 3);
    amf0_write_object_end(&body);
    amf0_write_null(&body); /* optional arguments */
    put_command_on(0);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(0, strcmp("rtmp://h/app", seen.tc_url));
    CHECK_EQ(0, strcmp("", seen.flash_ver));
    CHECK(seen.can_reconnect);
    CHECK(reply_is(2, "_result", 7.5));

    static const struct {
        double caps;
        bool can;
    } caps[] = {{1, true},   {2, false},     {255, true},       {256, false},
                {-1, false}, {1e300, false}, {0.0 / 0.0, false}};
    for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
        begin_at(RTMP_AWAITS_CONNECT);
        start_command("connect", 1);
        amf0_write_object_start(&body);
        add_member("app", STR("app"));
        add_member("tcUrl", STR("\""));
        amf0_write_key(&body, STR("capsEx"));
        amf0_write_number(&body, caps[i].caps);
        amf0_write_object_end(&body);
        put_command_on(0);
        CHECK_EQ(ERR_OK, flush());
        CHECK_EQ(caps[i].can, seen.can_reconnect);
        CHECK_EQ(0, strcmp("\"", seen.tc_url));
    }
}

static void amf3_commands_have_a_byte_before_them(void)
{
    begin_at(RTMP_AWAITS_CONNECT);
    uint8_t bytes[256];
    /* connect, 1, and an AMF3 object {app: "app"} */
    size_t len = hex_read("00 02 0007 636f6e6e656374 00 3ff0000000000000 11 0a 0b 01 07 617070 06"
                          "00 01",
                          bytes, sizeof(bytes));
    put_message(3, RTMP_COMMAND_AMF3, 0, 0, bytes, len);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(0, strcmp("app", seen.app));
    CHECK(reply_is(2, "_result", 1));
}

static void an_empty_message_is_no_command(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    put_message(3, RTMP_COMMAND_AMF3, 0, 0, NULL, 0);
    CHECK_EQ(ERR_MALFORMED, flush());
    CHECK_EQ(0, strcmp("command without a name", rtmp_session_reason(session)));
    begin_at(RTMP_PUBLISHING);
    put_message(3, RTMP_DATA_AMF3, 0, 0, NULL, 0);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(0, seen.metadata);
}

static void text_of_a_command_is_repaired(void)
{
    static const struct {
        struct str url;
        const char *want;
    } cases[] = {
        {{"rtmp://\xff/app", 12}, "rtmp://?/app"}, /* the leak checker sees whether it is freed */
        {{"\"\"", 2}, ""},
        {{"\"a", 2}, "\"a"},
        {{"a\"", 2}, "a\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin_at(RTMP_AWAITS_CONNECT);
        start_command("connect", 1);
        amf0_write_object_start(&body);
        add_member("app", STR("app"));
        add_member("tcUrl", cases[i].url);
        amf0_write_object_end(&body);
        put_command_on(0);
        CHECK_EQ(ERR_OK, flush());
        CHECK_EQ(0, strcmp(cases[i].want, seen.tc_url));
    }
}

static void a_rejected_connect_closes(void)
{
    begin_at(RTMP_AWAITS_CONNECT);
    seen.rejection = "Unknown application. Use /app.";
    put_connect_to(STR("other"));
    put_command("createStream", 2, NULL);
    CHECK_EQ(ERR_END, flush());
    CHECK_EQ(RTMP_CLOSING, rtmp_session_phase(session));
    CHECK_EQ(3, reply_count);
    CHECK(reply_is(2, "_error", 1));
    CHECK_EQ(0, strcmp("error", replies[2].level));
    CHECK_EQ(0, strcmp("NetConnection.Connect.Rejected", replies[2].code));
    CHECK_EQ(0, strcmp("Unknown application. Use /app.", replies[2].description));
}

static void commands_that_lack_something_close(void)
{
    static const struct {
        enum rtmp_phase phase;
        const char *hex;
        const char *reason;
    } cases[] = {
        {RTMP_AWAITS_CONNECT, "", "command without a name"},
        {RTMP_AWAITS_CONNECT, "00 3ff0000000000000", "command without a name"},
        {RTMP_AWAITS_CONNECT, "02 0007 636f6e6e656374", "command without a transaction"},
        {RTMP_AWAITS_CONNECT, "02 0007 636f6e6e656374 05", "command without a transaction"},
        {RTMP_AWAITS_CONNECT, "02 0007 636f6e6e656374 00 7ff0000000000000",
         "command without a transaction"},
        {RTMP_AWAITS_CONNECT, "02 0007 636f6e6e656374 00 3ff0000000000000", "connect without app"},
        {RTMP_AWAITS_CONNECT, "02 0007 636f6e6e656374 00 3ff0000000000000 05",
         "connect without app"},
        {RTMP_AWAITS_CONNECT, "02 0007 636f6e6e656374 00 3ff0000000000000 03 0000 09",
         "connect without app"},
        {RTMP_AWAITS_CONNECT,
         "02 0007 636f6e6e656374 00 3ff0000000000000 03 0003 617070 05 0000 09",
         "connect without app"},
        {RTMP_AWAITS_CONNECT, "02 0007 636f6e6e656374 00 3ff0000000000000 03", "malformed command"},
        {RTMP_AWAITS_CONNECT, "02 0007 7075626c697368 00 3ff0000000000000",
         "command before connect"},
        {RTMP_AWAITS_PUBLISH, "02 0007 7075626c697368 00 3ff0000000000000",
         "publish without a name"},
        {RTMP_AWAITS_PUBLISH, "02 0007 7075626c697368 00 3ff0000000000000 05 05",
         "publish without a name"},
        {RTMP_AWAITS_PUBLISH, "02 0007 7075626c697368 00 3ff0000000000000 05 02 0005 61",
         "malformed command"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[256];
        begin_at(cases[i].phase);
        put_message(3, RTMP_COMMAND_AMF0, 0, 0, bytes, hex_read(cases[i].hex, bytes, 256));
        CHECK_EQ(ERR_MALFORMED, flush());
        CHECK_EQ(0, strcmp(cases[i].reason, rtmp_session_reason(session)));
        CHECK_EQ(0, seen.publishes);
    }
}

static void what_needs_no_answer_gets_a_short_one(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    put_command("releaseStream", 2, "key");
    put_command("FCPublish", 3, "key");
    put_command("_checkbw", 4, NULL);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(3, reply_count);
    for (size_t i = 0; i < 3; i++)
        CHECK(reply_is(i, "_result", 2.0 + (double)i));
    /* GStreamer's transaction 0 gets none. */
    put_command("releaseStream", 0, "key");
    put_command("FCPublish", 0, "key");
    put_command("setBufferLength", 0, NULL);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(0, reply_count);
}

static void unknown_commands_are_answered_twenty_times(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    for (unsigned i = 0; i < RTMP_MAX_UNKNOWN_COMMANDS + 5; i++)
        put_command("nothing", 10 + i, NULL);
    put_command("releaseStream", 2, "key"); /* is known */
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(RTMP_MAX_UNKNOWN_COMMANDS + 1, reply_count);
    CHECK(reply_is(RTMP_MAX_UNKNOWN_COMMANDS - 1, "_result", 29));
    CHECK(reply_is(RTMP_MAX_UNKNOWN_COMMANDS, "_result", 2));
}

static void streams_are_created_up_to_a_limit(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    for (unsigned i = 0; i < RTMP_MAX_STREAMS; i++)
        put_command("createStream", 2 + i, NULL);
    CHECK_EQ(ERR_OK, flush());
    for (unsigned i = 0; i < RTMP_MAX_STREAMS; i++) {
        CHECK(reply_is(i, "_result", 2 + i));
        CHECK_EQ(1 + i, replies[i].result);
    }
    put_command("createStream", 9, NULL);
    CHECK_EQ(ERR_LIMIT, flush());
}

static void publish_waits_for_its_decision(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    put_command("FCPublish", 3, "key");
    put_command("createStream", 4, NULL);
    put_publish(STR("/key-0123456789abcdef?priority=7"), 1);
    put_command("_checkbw", 6, NULL);
    put_media(RTMP_VIDEO_MESSAGE, 40, "17 00 000000 01");
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(RTMP_PENDING, rtmp_session_phase(session));
    CHECK_EQ(0, strcmp("key-0123456789abcdef", seen.key));
    CHECK_EQ(7, seen.priority);
    CHECK_EQ(2, reply_count); /* to FCPublish and createStream */
    put_media(RTMP_AUDIO_MESSAGE, 50, "af 00 11 90");
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(0, reply_count);
    CHECK_EQ(0, seen.media);

    CHECK_EQ(ERR_OK, rtmp_session_accept_publish(session, now));
    collect_replies();
    CHECK_EQ(RTMP_PUBLISHING, rtmp_session_phase(session));
    CHECK_EQ(4, reply_count);
    CHECK(replies[0].type == RTMP_USER_CONTROL && replies[0].len == 6 && replies[0].value == 1);
    CHECK(reply_is(1, "onFCPublish", 0) && replies[1].stream_id == 0);
    CHECK(status_is(2, 1, "status", "NetStream.Publish.Start", "Publishing."));
    CHECK(reply_is(3, "_result", 6));
    CHECK_EQ(2, seen.media); /* what was held back */
    CHECK(seen.last_media.kind == RTMP_AUDIO && seen.last_media.timestamp == 50);
    CHECK_EQ(0x90, seen.last_byte);
}

static void a_decision_may_be_made_at_once(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    seen.accepts = true;
    put_publish(STR("key"), 0); /* without createStream: stream 1 is meant */
    put_media(RTMP_VIDEO_MESSAGE, 40, "17 00 000000 01");
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(RTMP_PUBLISHING, rtmp_session_phase(session));
    CHECK_EQ(2, reply_count); /* no onFCPublish, as there was no FCPublish */
    CHECK(status_is(1, 1, "status", "NetStream.Publish.Start", "Publishing."));
    CHECK_EQ(1, seen.media);

    begin_at(RTMP_AWAITS_PUBLISH);
    seen.refuses = true;
    put_publish(STR("key"), 0);
    put_media(RTMP_VIDEO_MESSAGE, 40, "17 00 000000 01");
    CHECK_EQ(ERR_END, flush());
    CHECK_EQ(1, reply_count);
    CHECK(status_is(0, 1, "error", "NetStream.Publish.BadName", "Stream key not accepted."));
    CHECK_EQ(0, seen.media);
}

static void a_pending_publish_is_refused_in_words(void)
{
    begin_at(RTMP_PENDING);
    put_media(RTMP_VIDEO_MESSAGE, 40, "17 00 000000 01");
    CHECK_EQ(ERR_OK, flush());
    rtmp_session_refuse(session, RTMP_BAD_NAME, STR("This channel is already live."));
    collect_replies();
    CHECK_EQ(1, reply_count);
    CHECK(status_is(0, 1, "error", "NetStream.Publish.BadName", "This channel is already live."));
    CHECK_EQ(RTMP_CLOSING, rtmp_session_phase(session));
    CHECK_EQ(ERR_END, feed("x", 1));
    CHECK_EQ(0, reply_count);
    rtmp_session_refuse(session, RTMP_BAD_NAME, STR("Again.")); /* once is enough */
    collect_replies();
    CHECK_EQ(0, reply_count);
}

static void a_running_publication_may_be_ended(void)
{
    begin_at(RTMP_PUBLISHING);
    rtmp_session_refuse(session, RTMP_REJECTED, STR("Video must be H.264."));
    collect_replies();
    CHECK(status_is(0, 1, "error", "NetStream.Publish.Rejected", "Video must be H.264."));
    put_media(RTMP_VIDEO_MESSAGE, 40, "17 01 000000 01");
    CHECK_EQ(ERR_END, flush());
    CHECK_EQ(0, seen.media);
    CHECK_EQ(0, seen.stops);
}

static void publish_must_be_on_a_stream_and_only_once(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    put_publish(STR("key"), 1);
    CHECK_EQ(ERR_MALFORMED, flush());
    begin_at(RTMP_AWAITS_PUBLISH);
    put_command("createStream", 4, NULL);
    put_command("createStream", 5, NULL);
    put_publish(STR("key"), 3);
    CHECK_EQ(ERR_MALFORMED, flush());
    begin_at(RTMP_AWAITS_PUBLISH);
    put_command("createStream", 4, NULL);
    put_command("createStream", 5, NULL);
    put_publish(STR("key"), 2);
    CHECK_EQ(ERR_OK, flush());
    rtmp_session_refuse(session, RTMP_BAD_NAME, STR("No."));
    collect_replies();
    CHECK(status_is(0, 2, "error", "NetStream.Publish.BadName", "No."));
    begin_at(RTMP_PUBLISHING);
    put_publish(STR("key"), 1);
    CHECK_EQ(ERR_MALFORMED, flush());
    CHECK_EQ(0, strcmp("second publish", rtmp_session_reason(session)));
    begin_at(RTMP_STOPPED);
    put_publish(STR("key"), 1);
    CHECK_EQ(ERR_MALFORMED, flush());
}

static void a_second_connect_closes(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    put_connect_to(STR("app"));
    CHECK_EQ(ERR_MALFORMED, flush());
    CHECK_EQ(1, seen.connects);
    CHECK_EQ(0, strcmp("second connect", rtmp_session_reason(session)));
}

static void players_are_sent_away(void)
{
    static const char *const names[] = {"play", "play2", "pause", "seek"};
    for (size_t i = 0; i < 4; i++) {
        begin_at(RTMP_AWAITS_PUBLISH);
        start_command(names[i], 0);
        amf0_write_null(&body);
        amf0_write_string(&body, STR("key"));
        put_command_on(1);
        CHECK_EQ(ERR_END, flush());
        CHECK(status_is(0, 1, "error", "NetStream.Play.Failed", "Watch over HLS."));
    }
}

/* Security rule SE-4. */
static void names_of_any_length_are_handled(void)
{
    static char text[65536];
    memset(text, 'a', sizeof(text));
    static const size_t lens[] = {255, 256, 257, 1024, 1025, 4096};
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        begin_at(RTMP_AWAITS_CONNECT);
        put_connect_to((struct str){.at = text, .len = lens[i]});
        CHECK_EQ(ERR_OK, flush());
        put_command("createStream", 4, NULL);
        put_publish((struct str){.at = text, .len = lens[i]}, 1);
        CHECK_EQ(ERR_OK, flush());
        CHECK_EQ(1, seen.publishes);
        CHECK_EQ(lens[i] <= 1024 ? lens[i] : 0, strlen(seen.key));
    }
    begin_at(RTMP_AWAITS_CONNECT);
    put_connect_to((struct str){.at = text, .len = 4097});
    CHECK_EQ(ERR_LIMIT, flush());
    begin_at(RTMP_AWAITS_PUBLISH);
    put_publish((struct str){.at = text, .len = 4097}, 0);
    CHECK_EQ(ERR_LIMIT, flush());
    begin_at(RTMP_AWAITS_PUBLISH);
    put_publish((struct str){.at = text, .len = 65535}, 0);
    CHECK_EQ(ERR_LIMIT, flush()); /* a command is no longer than 16 KiB */
}

static void goodbyes_stop_the_publication_once(void)
{
    begin_at(RTMP_PUBLISHING);
    put_command("FCUnpublish", 6, "key");
    start_command("deleteStream", 7);
    amf0_write_null(&body);
    amf0_write_number(&body, 1);
    put_command_on(0);
    put_media(RTMP_VIDEO_MESSAGE, 40, "17 01 000000 01");
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(1, seen.stops);
    CHECK_EQ(0, seen.media);
    CHECK_EQ(RTMP_STOPPED, rtmp_session_phase(session));
    CHECK_EQ(3, reply_count);
    CHECK(reply_is(0, "_result", 6));
    CHECK(reply_is(1, "onFCUnpublish", 0) && replies[1].stream_id == 0);
    CHECK(status_is(2, 1, "status", "NetStream.Unpublish.Success", "Unpublished."));
}

static void every_goodbye_counts_if_it_means_this_stream(void)
{
    static const struct {
        const char *name;
        double argument; /* -1: none */
        uint32_t stream_id;
        bool stops;
    } cases[] = {
        {"FCUnpublish", -1, 0, true},  {"deleteStream", 1, 0, true}, {"deleteStream", 2, 0, false},
        {"deleteStream", -1, 0, true}, {"closeStream", -1, 1, true}, {"closeStream", -1, 0, true},
        {"closeStream", -1, 2, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin_at(RTMP_PUBLISHING);
        start_command(cases[i].name, 0);
        amf0_write_null(&body);
        if (cases[i].argument >= 0)
            amf0_write_number(&body, cases[i].argument);
        put_command_on(cases[i].stream_id);
        CHECK_EQ(ERR_OK, flush());
        CHECK_EQ(cases[i].stops, seen.stops);
    }
    begin_at(RTMP_AWAITS_PUBLISH); /* nothing to stop */
    put_command("FCUnpublish", 3, "key");
    put_command("deleteStream", 0, NULL);
    put_command("closeStream", 0, NULL);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(0, seen.stops);
    CHECK_EQ(1, reply_count);
    CHECK(reply_is(0, "_result", 3));
    CHECK_EQ(RTMP_AWAITS_PUBLISH, rtmp_session_phase(session));
}

static void media_comes_out_while_publishing(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    put_media(RTMP_VIDEO_MESSAGE, 40, "17 01 000000 01");
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(0, seen.media);
    begin_at(RTMP_PUBLISHING);
    put_media(RTMP_VIDEO_MESSAGE, 0xfedcba98, "17 01 000000 42");
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(1, seen.media);
    CHECK(seen.last_media.kind == RTMP_VIDEO && seen.last_media.timestamp == 0xfedcba98);
    CHECK(seen.last_media.body.len == 6 && seen.last_byte == 0x42);
    put_media(RTMP_AUDIO_MESSAGE, 7, "");
    CHECK_EQ(ERR_OK, flush());
    CHECK(seen.media == 2 && seen.last_media.kind == RTMP_AUDIO && seen.last_media.body.len == 0);
}

static void aggregates_are_split(void)
{
    begin_at(RTMP_PUBLISHING);
    put_media(RTMP_AGGREGATE, 5000,
              "09 000002 0003e8 00 000000 1701 0000000d"
              "12 000000 0003fc 00 000000 0000000b"
              "08 000001 0003fc 00 000000 af 0000000c");
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(2, seen.media);
    CHECK(seen.last_media.kind == RTMP_AUDIO && seen.last_media.timestamp == 5020);
    CHECK(seen.last_byte == 0xaf && seen.last_media.body.len == 1);
    CHECK_EQ(1 * 0x01 + 2 * 0xaf, seen.sum); /* the video before it */
    put_media(RTMP_AGGREGATE, 5000, "09 000002 0003e8 00 000000 17");
    CHECK_EQ(ERR_MALFORMED, flush());
    CHECK_EQ(2, seen.media);
}

static void put_width(uint8_t type, double width)
{
    buf_clear(&body);
    if (type == RTMP_DATA_AMF3)
        buf_put_uint(&body, 0, 1);
    amf0_write_string(&body, STR("onMetaData"));
    amf0_write_object_start(&body);
    amf0_write_key(&body, STR("width"));
    amf0_write_number(&body, width);
    amf0_write_object_end(&body);
    put_message(4, type, 1, 0, body.at, body.len);
}

static void metadata_is_read(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    put_width(RTMP_DATA_AMF0, 640);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(0, seen.metadata);
    begin_at(RTMP_PUBLISHING);
    put_width(RTMP_DATA_AMF0, 640);
    CHECK_EQ(ERR_OK, flush());
    CHECK(seen.metadata == 1 && seen.last_metadata.width == 640);
    put_width(RTMP_DATA_AMF3, 320);
    CHECK_EQ(ERR_OK, flush());
    CHECK(seen.metadata == 2 && seen.last_metadata.width == 320);
}

/* IN-t8: thirty a second, as GStreamer sends them; and thirty that differ. */
static void repeated_metadata_is_free_and_the_rest_is_bounded(void)
{
    begin_at(RTMP_PUBLISHING);
    for (unsigned i = 0; i < 30; i++)
        put_width(RTMP_DATA_AMF0, 640);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(1, seen.metadata);
    CHECK_EQ(0, rtmp_session_counters(session).dropped_data);
    for (unsigned i = 0; i < 30; i++)
        put_width(RTMP_DATA_AMF0, 100 + i);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(RTMP_MAX_METADATA, seen.metadata);
    CHECK_EQ(26, rtmp_session_counters(session).dropped_data);
    now += SECOND - 1;
    put_width(RTMP_DATA_AMF0, 200);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(RTMP_MAX_METADATA, seen.metadata);
    now += 1;
    put_width(RTMP_DATA_AMF0, 200);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(RTMP_MAX_METADATA + 1, seen.metadata);
}

static void broken_data_is_dropped_and_counted(void)
{
    begin_at(RTMP_PUBLISHING);
    put_media(RTMP_DATA_AMF0, 0, "02 000a 6f6e4d65746144617461 03 0000");
    put_media(RTMP_DATA_AMF0, 0, "02 0006 6f6e54657874 03 0000 09"); /* onText: not for us */
    put_media(RTMP_DATA_AMF0, 0, "");
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(0, seen.metadata);
    CHECK_EQ(1, rtmp_session_counters(session).dropped_data);
}

static void messages_of_unknown_types_are_counted_by_the_second(void)
{
    static const uint8_t unknown[] = {0, 7, 10, 11, 12, 13, 14, 21, 23, 99, 255};
    begin_at(RTMP_AWAITS_PUBLISH);
    for (unsigned i = 0; i < RTMP_MAX_UNKNOWN_MESSAGES; i++)
        put_media(unknown[i % sizeof(unknown)], 0, "aa");
    CHECK_EQ(ERR_OK, flush());
    now += SECOND;
    for (unsigned i = 0; i < RTMP_MAX_UNKNOWN_MESSAGES; i++)
        put_media(unknown[i % sizeof(unknown)], 0, "aa");
    CHECK_EQ(ERR_OK, flush());
    now += SECOND - 1;
    put_media(99, 0, "aa");
    CHECK_EQ(ERR_LIMIT, flush());

    begin_at(RTMP_AWAITS_PUBLISH);
    for (unsigned i = 0; i < 3 * RTMP_MAX_UNKNOWN_MESSAGES; i++) {
        static const uint8_t ignored[] = {3, 6, 16, 19};
        put_media(ignored[i % 4], 0, "00000000");
    }
    CHECK_EQ(ERR_OK, flush());
}

static void pings_are_answered(void)
{
    begin_at(RTMP_AWAITS_PUBLISH);
    put_media(RTMP_USER_CONTROL, 0, "0006 fedcba98");
    put_media(RTMP_USER_CONTROL, 0, "0007 00000001");
    put_media(RTMP_USER_CONTROL, 0, "0003 00000001 00000002");
    put_media(RTMP_USER_CONTROL, 0, "0006 fedc");
    put_media(RTMP_USER_CONTROL, 0, "");
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(1, reply_count);
    CHECK(replies[0].type == RTMP_USER_CONTROL && replies[0].value == 0xfedcba98);
}

/* Media rule IN-16. */
static void bytes_are_acknowledged(void)
{
    static uint8_t filler[65536];
    begin_at(RTMP_PUBLISHING);
    put_media(RTMP_WINDOW_SIZE, 0, "00000001"); /* below the floor of 65536 */
    CHECK_EQ(ERR_OK, flush());
    uint64_t before = rtmp_session_counters(session).bytes;
    put_message(4, RTMP_VIDEO_MESSAGE, 1, 0, filler, 65535 - before - 12 - 15);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(65535, rtmp_session_counters(session).bytes);
    CHECK_EQ(0, reply_count);
    CHECK_EQ(ERR_OK, feed("\x04", 1));
    CHECK_EQ(1, reply_count);
    CHECK(replies[0].type == RTMP_ACKNOWLEDGEMENT && replies[0].value == 65536);

    begin_at(RTMP_PUBLISHING); /* the default */
    for (unsigned i = 0; i < 38; i++) {
        put_message(4, RTMP_VIDEO_MESSAGE, 1, 0, filler, 65536);
        CHECK_EQ(ERR_OK, flush());
        CHECK_EQ(rtmp_session_counters(session).bytes >= 2500000, reply_count);
    }
    put_media(RTMP_WINDOW_SIZE, 0, "000000");
    CHECK_EQ(ERR_MALFORMED, flush());
}

/* Media rule IN-5. */
static void input_before_publish_is_bounded(void)
{
    static uint8_t filler[65536];
    begin_at(RTMP_AWAITS_PUBLISH);
    uint64_t room = RTMP_MAX_BEFORE_PUBLISH - rtmp_session_counters(session).bytes;
    for (; room > 60000; room -= 50012 + 12) /* 12 chunk headers more of 4096 */
        put_message(4, RTMP_AUDIO_MESSAGE, 1, 0, filler, 50000);
    size_t rest = RTMP_MAX_BEFORE_PUBLISH - rtmp_session_counters(session).bytes - wire.len;
    size_t len = rest - 12 - (rest - 12) / 4097;
    put_message(4, RTMP_AUDIO_MESSAGE, 1, 0, filler, len);
    CHECK_EQ(RTMP_MAX_BEFORE_PUBLISH, rtmp_session_counters(session).bytes + wire.len);
    CHECK_EQ(ERR_OK, flush());
    CHECK_EQ(ERR_LIMIT, feed("\x04", 1));

    begin_at(RTMP_PENDING);
    size_t left = RTMP_MAX_BEFORE_PUBLISH - rtmp_session_counters(session).bytes;
    uint8_t *bytes = calloc(1, left);
    CHECK_EQ(ERR_OK, feed(bytes, left));
    CHECK_EQ(RTMP_PENDING, rtmp_session_phase(session));
    CHECK_EQ(ERR_LIMIT, feed(bytes, 1));
    CHECK_EQ(ERR_LIMIT, rtmp_session_accept_publish(session, now)); /* too late */
    CHECK_EQ(RTMP_CLOSING, rtmp_session_phase(session));
    collect_replies();
    CHECK_EQ(0, reply_count);
    free(bytes);
}

static void a_flood_of_requests_is_cut(void)
{
    begin_at(RTMP_PUBLISHING);
    struct buf *out = rtmp_session_output(session);
    for (unsigned i = 0; i < 20000; i++)
        put_media(RTMP_USER_CONTROL, 0, "0006 00000001");
    CHECK_EQ(ERR_LIMIT, rtmp_session_feed(session, wire.at, wire.len, now));
    CHECK(out->len <= 256 << 10 && out->len > (256 << 10) - 18);
    CHECK_EQ(0, strcmp("too many requests at once", rtmp_session_reason(session)));
}

static void a_broken_chunk_stream_closes(void)
{
    begin_at(RTMP_PUBLISHING);
    CHECK_EQ(ERR_MALFORMED, feed("\xc9", 1));
    CHECK_EQ(0, strcmp("malformed chunk stream", rtmp_session_reason(session)));
    begin_at(RTMP_PUBLISHING);
    CHECK_EQ(ERR_LIMIT, feed("\x06\0\0\0\x40\0\1\x09\1\0\0\0", 12));
    CHECK_EQ(0, strcmp("message or chunk stream limit", rtmp_session_reason(session)));
    CHECK_EQ(3, rtmp_session_counters(session).chunk_streams);
}

static void a_session_may_end_at_any_time(void)
{
    begin();
    begin_at(RTMP_PENDING);
    put_media(RTMP_VIDEO_MESSAGE, 0, "17");
    CHECK_EQ(ERR_OK, flush());
    begin_at(RTMP_PUBLISHING);
    put_width(RTMP_DATA_AMF0, 640);
    put_message(4, RTMP_VIDEO_MESSAGE, 1, 0, body.at, body.len);
    CHECK_EQ(ERR_OK, feed(wire.at, wire.len - 1));
    rtmp_session_destroy(session); /* the leak checker sees the rest */
    rtmp_session_destroy(NULL);
    session = NULL;
}

int main(void)
{
    buf_init(&wire, 4 << 20);
    buf_init(&body, 1 << 20);
    rtmp_chunk_reader_init(&replies_reader);
    RUN(the_handshake_is_answered_in_any_pieces);
    RUN(other_protocols_are_told_at_once);
    RUN(connect_is_accepted);
    RUN(apps_are_trimmed);
    RUN(connect_takes_other_forms);
    RUN(amf3_commands_have_a_byte_before_them);
    RUN(an_empty_message_is_no_command);
    RUN(text_of_a_command_is_repaired);
    RUN(a_rejected_connect_closes);
    RUN(commands_that_lack_something_close);
    RUN(what_needs_no_answer_gets_a_short_one);
    RUN(unknown_commands_are_answered_twenty_times);
    RUN(streams_are_created_up_to_a_limit);
    RUN(publish_waits_for_its_decision);
    RUN(a_decision_may_be_made_at_once);
    RUN(a_pending_publish_is_refused_in_words);
    RUN(a_running_publication_may_be_ended);
    RUN(publish_must_be_on_a_stream_and_only_once);
    RUN(a_second_connect_closes);
    RUN(players_are_sent_away);
    RUN(names_of_any_length_are_handled);
    RUN(goodbyes_stop_the_publication_once);
    RUN(every_goodbye_counts_if_it_means_this_stream);
    RUN(media_comes_out_while_publishing);
    RUN(aggregates_are_split);
    RUN(metadata_is_read);
    RUN(repeated_metadata_is_free_and_the_rest_is_bounded);
    RUN(broken_data_is_dropped_and_counted);
    RUN(messages_of_unknown_types_are_counted_by_the_second);
    RUN(pings_are_answered);
    RUN(bytes_are_acknowledged);
    RUN(input_before_publish_is_bounded);
    RUN(a_flood_of_requests_is_cut);
    RUN(a_broken_chunk_stream_closes);
    RUN(a_session_may_end_at_any_time);
    rtmp_session_destroy(session);
    rtmp_chunk_reader_finish(&replies_reader);
    buf_finish(&wire);
    buf_finish(&body);
    return check_report();
}
