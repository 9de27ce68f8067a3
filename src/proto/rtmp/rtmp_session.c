#include "proto/rtmp/rtmp_session.h"

#include "base/mem.h"
#include "base/text.h"
#include "proto/amf/amf0_reader.h"
#include "proto/rtmp/rtmp_aggregate_reader.h"
#include "proto/rtmp/rtmp_chunk_reader.h"
#include "proto/rtmp/rtmp_chunk_writer.h"
#include "proto/rtmp/rtmp_handshake.h"
#include "proto/rtmp/rtmp_reply_writer.h"

#include <assert.h>
#include <math.h>

enum {
    MAX_OUTPUT = 256 << 10, /* answers to what one call of feed can bring */
    MIN_WINDOW = 65536,     /* bytes: an acknowledgement costs 16 (IN-16) */
    PING_REQUEST = 6,       /* user control event */
    SECOND_US = 1000000,
    ARENA_BLOCK = 1024,   /* for strings that had to be repaired */
    CAN_RECONNECT = 1,    /* of capsEx */
    TLS_HANDSHAKE = 0x16, /* first byte of a TLS connection */
};

/* How often something happened in the second that began at `start_us`. */
struct rate {
    int64_t start_us;
    unsigned count;
};

struct rtmp_session {
    const struct rtmp_callbacks *callbacks;
    void *arg;
    struct random *random;

    enum rtmp_phase phase;
    enum err failure; /* what feed returns from now on */
    const char *reason;
    bool is_feeding;
    int64_t now_us; /* of the call that runs */

    struct buf output;
    struct buf held; /* C0 and C1, later what came while a publish was pending */
    size_t c2_left;
    struct rtmp_chunk_reader chunks;

    uint64_t received;       /* bytes */
    uint64_t consumed;       /* bytes of them that were looked at */
    uint64_t acknowledged;   /* bytes */
    uint32_t window;         /* bytes between acknowledgements */
    uint32_t stream_count;   /* created */
    uint32_t publish_stream; /* message stream id */
    bool has_fc_publish;
    unsigned unknown_commands;
    struct rate unknown_messages, metadata;
    struct chunk *last_metadata;
    uint32_t dropped_data;
};

/* A command message taken apart. */
struct command {
    struct rtmp_session *session;
    const struct amf_message *amf;
    double transaction;
    uint32_t stream_id;
};

static enum err fail(struct rtmp_session *s, enum err err, const char *reason)
{
    s->phase = RTMP_CLOSING;
    s->failure = err;
    s->reason = reason;
    return err;
}

/* Counts one event; false when it is one too many in its second. */
static bool rate_allows(struct rate *rate, unsigned max, int64_t now_us)
{
    if (now_us - rate->start_us >= SECOND_US || rate->count == 0)
        *rate = (struct rate){.start_us = now_us};
    if (rate->count == max)
        return false;
    rate->count++;
    return true;
}

struct rtmp_session *rtmp_session_create(const struct rtmp_callbacks *callbacks, void *arg,
                                         struct random *random)
{
    struct rtmp_session *s = mem_zalloc(1, sizeof(*s));
    s->callbacks = callbacks;
    s->arg = arg;
    s->random = random;
    s->reason = "";
    s->window = RTMP_WINDOW;
    buf_init(&s->output, MAX_OUTPUT);
    buf_init(&s->held, RTMP_MAX_BEFORE_PUBLISH);
    rtmp_chunk_reader_init(&s->chunks);
    return s;
}

void rtmp_session_destroy(struct rtmp_session *s)
{
    if (s == NULL)
        return;
    assert(!s->is_feeding);
    rtmp_chunk_reader_finish(&s->chunks);
    chunk_unref(&s->last_metadata);
    buf_finish(&s->held);
    buf_finish(&s->output);
    mem_free(s);
}

struct buf *rtmp_session_output(struct rtmp_session *s)
{
    return &s->output;
}

enum rtmp_phase rtmp_session_phase(const struct rtmp_session *s)
{
    return s->phase;
}

struct rtmp_counters rtmp_session_counters(const struct rtmp_session *s)
{
    return (struct rtmp_counters){.bytes = s->received,
                                  .chunk_streams = (uint32_t)s->chunks.stream_count,
                                  .dropped_data = s->dropped_data};
}

const char *rtmp_session_reason(const struct rtmp_session *s)
{
    return s->reason;
}

static enum err read_c1(struct rtmp_session *s, struct reader *input)
{
    size_t missing = 1 + RTMP_HANDSHAKE_BLOCK - s->held.len;
    size_t len = input->left < missing ? input->left : missing;
    buf_put(&s->held, reader_take(input, len), len);
    if (s->held.at[0] == TLS_HANDSHAKE)
        return fail(s, ERR_MALFORMED, "TLS on the plain RTMP port");
    if (s->held.at[0] != RTMP_VERSION)
        return fail(s, ERR_MALFORMED, "not RTMP version 3");
    if (len < missing)
        return ERR_OK;

    uint8_t answer[RTMP_HANDSHAKE_ANSWER];
    uint32_t time_ms = (uint32_t)(s->now_us / 1000);
    rtmp_handshake_answer(s->held.at + 1, time_ms, s->random, answer);
    buf_put(&s->output, answer, sizeof(answer));
    buf_finish(&s->held);
    buf_init(&s->held, RTMP_MAX_BEFORE_PUBLISH);
    s->c2_left = RTMP_HANDSHAKE_BLOCK;
    s->phase = RTMP_AWAITS_C2;
    return ERR_OK;
}

static enum err skip_c2(struct rtmp_session *s, struct reader *input)
{
    size_t len = input->left < s->c2_left ? input->left : s->c2_left;
    reader_take(input, len);
    s->c2_left -= len;
    if (s->c2_left == 0)
        s->phase = RTMP_AWAITS_CONNECT;
    return ERR_OK;
}

/* Text without quotes around it, as some encoders send tcUrl. */
static struct str unquote(struct str text)
{
    if (text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"')
        return (struct str){.at = text.at + 1, .len = text.len - 2};
    return text;
}

static struct str trim_app(struct str app)
{
    struct str query;
    app = text_cut(app, '?', &query);
    for (; app.len > 0 && app.at[0] == '/'; app.len--)
        app.at++;
    while (app.len > 0 && app.at[app.len - 1] == '/')
        app.len--;
    return app;
}

static enum err on_connect(const struct command *command)
{
    struct rtmp_session *s = command->session;
    if (s->phase != RTMP_AWAITS_CONNECT)
        return fail(s, ERR_MALFORMED, "second connect");
    const struct amf_value *object = amf_argument(command->amf, 2);
    const struct amf_value *app = amf_find(command->amf, object, STR("app"));
    if (app == NULL || app->type != AMF_STRING)
        return fail(s, ERR_MALFORMED, "connect without app");
    const struct amf_value *tc_url = amf_find(command->amf, object, STR("tcUrl"));
    if (tc_url == NULL)
        tc_url = amf_find(command->amf, object, STR("tcurl"));
    double caps_ex = amf_number(amf_find(command->amf, object, STR("capsEx")), 0);
    struct rtmp_connect connect = {
        .app = trim_app(app->string),
        .tc_url = unquote(amf_string(tc_url)),
        .flash_ver = amf_string(amf_find(command->amf, object, STR("flashVer"))),
        .can_reconnect =
            caps_ex >= 0 && caps_ex <= UINT8_MAX && ((unsigned)caps_ex & CAN_RECONNECT) != 0,
    };
    const char *rejection = s->callbacks->on_connect(s->arg, &connect);
    rtmp_reply_limits(&s->output);
    if (rejection != NULL) {
        rtmp_reply_connect_rejected(&s->output, command->transaction, str_of(rejection));
        return fail(s, ERR_END, "connect rejected");
    }
    rtmp_reply_connected(&s->output, command->transaction);
    s->phase = RTMP_AWAITS_PUBLISH;
    return ERR_OK;
}

/* GStreamer sends what needs no answer with transaction 0. */
static enum err answer_nothing(const struct command *command)
{
    if (command->transaction > 0)
        rtmp_reply_nothing(&command->session->output, command->transaction);
    return ERR_OK;
}

static enum err on_fc_publish(const struct command *command)
{
    command->session->has_fc_publish = true;
    return answer_nothing(command);
}

static enum err on_create_stream(const struct command *command)
{
    struct rtmp_session *s = command->session;
    if (s->stream_count == RTMP_MAX_STREAMS)
        return fail(s, ERR_LIMIT, "too many message streams");
    s->stream_count++;
    rtmp_reply_stream_created(&s->output, command->transaction, s->stream_count);
    return ERR_OK;
}

static enum err on_publish(const struct command *command)
{
    struct rtmp_session *s = command->session;
    if (s->phase != RTMP_AWAITS_PUBLISH)
        return fail(s, ERR_MALFORMED, "second publish");
    if (command->stream_id > s->stream_count)
        return fail(s, ERR_MALFORMED, "publish on a message stream that was not created");
    const struct amf_value *name = amf_argument(command->amf, 3);
    if (name == NULL || name->type != AMF_STRING)
        return fail(s, ERR_MALFORMED, "publish without a name");
    struct rtmp_publish publish = rtmp_publish_name_read((struct secret){.value = name->string});
    s->publish_stream = command->stream_id == 0 ? 1 : command->stream_id;
    s->phase = RTMP_PENDING;
    s->callbacks->on_publish(s->arg, &publish);
    return s->failure;
}

static void stop(struct rtmp_session *s, bool is_fc_unpublish)
{
    const struct rtmp_status status = {
        .level = STR("status"),
        .code = STR("NetStream.Unpublish.Success"),
        .description = STR("Unpublished."),
    };
    if (s->phase != RTMP_PUBLISHING)
        return;
    if (is_fc_unpublish)
        rtmp_reply_status(&s->output, STR("onFCUnpublish"), 0, &status);
    rtmp_reply_status(&s->output, STR("onStatus"), s->publish_stream, &status);
    s->phase = RTMP_STOPPED;
    s->callbacks->on_stop(s->arg);
}

static enum err on_fc_unpublish(const struct command *command)
{
    (void)answer_nothing(command); /* cannot fail */
    stop(command->session, true);
    return ERR_OK;
}

/* deleteStream says which stream; closeStream comes on it. */
static enum err on_delete_stream(const struct command *command)
{
    struct rtmp_session *s = command->session;
    if (amf_number(amf_argument(command->amf, 3), s->publish_stream) == s->publish_stream)
        stop(s, false);
    return ERR_OK;
}

static enum err on_close_stream(const struct command *command)
{
    struct rtmp_session *s = command->session;
    if (command->stream_id == s->publish_stream || command->stream_id == 0)
        stop(s, false);
    return ERR_OK;
}

static enum err on_play(const struct command *command)
{
    const struct rtmp_status status = {
        .level = STR("error"),
        .code = STR("NetStream.Play.Failed"),
        .description = STR("Watch over HLS."),
    };
    struct rtmp_session *s = command->session;
    rtmp_reply_status(&s->output, STR("onStatus"), command->stream_id, &status);
    return fail(s, ERR_END, "asked to play");
}

static enum err on_unknown(const struct command *command)
{
    struct rtmp_session *s = command->session;
    if (s->unknown_commands == RTMP_MAX_UNKNOWN_COMMANDS)
        return ERR_OK;
    s->unknown_commands++;
    return answer_nothing(command);
}

static const struct {
    const char *name;
    enum err (*run)(const struct command *);
} commands[] = {
    {"connect", on_connect},
    {"releaseStream", answer_nothing},
    {"FCPublish", on_fc_publish},
    {"createStream", on_create_stream},
    {"publish", on_publish},
    {"FCUnpublish", on_fc_unpublish},
    {"deleteStream", on_delete_stream},
    {"closeStream", on_close_stream},
    {"play", on_play},
    {"play2", on_play},
    {"pause", on_play},
    {"seek", on_play},
};

static enum err run_command(struct command *command)
{
    struct rtmp_session *s = command->session;
    const struct amf_value *name = amf_argument(command->amf, 0);
    const struct amf_value *transaction = amf_argument(command->amf, 1);
    if (name == NULL || name->type != AMF_STRING)
        return fail(s, ERR_MALFORMED, "command without a name");
    if (transaction == NULL || transaction->type != AMF_NUMBER || !isfinite(transaction->number))
        return fail(s, ERR_MALFORMED, "command without a transaction");
    command->transaction = transaction->number;
    if (s->phase == RTMP_AWAITS_CONNECT && !str_equal(name->string, STR("connect")))
        return fail(s, ERR_MALFORMED, "command before connect");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (str_equal(name->string, str_of(commands[i].name)))
            return commands[i].run(command);
    }
    return on_unknown(command);
}

/* The AMF0 in a command or data message; messages of the AMF3 types have one byte before it. */
static struct str amf_body(const struct rtmp_message *message)
{
    struct str body = {.at = (const char *)message->payload->at, .len = message->payload->len};
    bool has_prefix = message->type == RTMP_COMMAND_AMF3 || message->type == RTMP_DATA_AMF3;
    if (has_prefix && body.len > 0) {
        body.at++;
        body.len--;
    }
    return body;
}

static enum err handle_command(struct rtmp_session *s, const struct rtmp_message *message)
{
    struct str body = amf_body(message);
    struct arena arena;
    arena_init(&arena, ARENA_BLOCK);
    struct amf_message amf;
    amf_message_init(&amf, &arena);
    struct command command = {.session = s, .amf = &amf, .stream_id = message->stream_id};
    enum err err = amf0_read((const uint8_t *)body.at, body.len, &amf);
    err = err != ERR_OK ? fail(s, err, "malformed command") : run_command(&command);
    arena_finish(&arena);
    return err;
}

static bool is_repeated(const struct chunk *a, const struct chunk *b)
{
    return a != NULL && a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static void handle_data(struct rtmp_session *s, const struct rtmp_message *message)
{
    if (s->phase != RTMP_PUBLISHING || is_repeated(s->last_metadata, message->payload))
        return;
    if (!rate_allows(&s->metadata, RTMP_MAX_METADATA, s->now_us)) {
        s->dropped_data++;
        return;
    }
    struct str body = amf_body(message);
    struct rtmp_metadata metadata;
    enum err err = rtmp_metadata_read((const uint8_t *)body.at, body.len, &metadata);
    if (err == ERR_OK) {
        chunk_unref(&s->last_metadata);
        s->last_metadata = chunk_ref(message->payload);
        s->callbacks->on_metadata(s->arg, &metadata);
    } else if (err != ERR_UNSUPPORTED) {
        s->dropped_data++;
    }
}

static void send_media(struct rtmp_session *s, enum rtmp_media_kind kind, uint32_t timestamp,
                       struct slice body)
{
    if (s->phase != RTMP_PUBLISHING)
        return;
    struct rtmp_media media = {.kind = kind, .timestamp = timestamp, .body = body};
    s->callbacks->on_media(s->arg, &media);
}

static enum err handle_aggregate(struct rtmp_session *s, const struct rtmp_message *message)
{
    struct rtmp_aggregate aggregate;
    if (rtmp_aggregate_open(message, &aggregate) != ERR_OK)
        return fail(s, ERR_MALFORMED, "malformed aggregate message");
    struct rtmp_aggregate_tag tag;
    while (rtmp_aggregate_next(&aggregate, &tag)) {
        struct slice body = {.chunk = message->payload, .at = tag.at, .len = tag.len};
        if (tag.type == RTMP_AUDIO_MESSAGE || tag.type == RTMP_VIDEO_MESSAGE)
            send_media(s, tag.type == RTMP_AUDIO_MESSAGE ? RTMP_AUDIO : RTMP_VIDEO, tag.timestamp,
                       body);
    }
    return s->failure;
}

static enum err handle_user_control(struct rtmp_session *s, const struct chunk *payload)
{
    struct reader r = reader_over(payload->at, payload->len);
    uint64_t event = reader_uint(&r, 2);
    uint32_t time = (uint32_t)reader_uint(&r, 4);
    if (event == PING_REQUEST && !r.failed)
        rtmp_reply_pong(&s->output, time);
    return ERR_OK;
}

static enum err handle_window(struct rtmp_session *s, const struct chunk *payload)
{
    struct reader r = reader_over(payload->at, payload->len);
    uint32_t window = (uint32_t)reader_uint(&r, 4);
    if (r.failed)
        return fail(s, ERR_MALFORMED, "malformed window size");
    s->window = window > MIN_WINDOW ? window : MIN_WINDOW;
    return ERR_OK;
}

static enum err handle_message(struct rtmp_session *s, const struct rtmp_message *message)
{
    switch (message->type) {
    case RTMP_ACKNOWLEDGEMENT:
    case RTMP_SET_PEER_BANDWIDTH:
    case RTMP_SHARED_OBJECT_AMF0:
    case RTMP_SHARED_OBJECT_AMF3:
        return ERR_OK; /* of no interest to a receiver */
    case RTMP_USER_CONTROL:
        return handle_user_control(s, message->payload);
    case RTMP_WINDOW_SIZE:
        return handle_window(s, message->payload);
    case RTMP_AUDIO_MESSAGE:
    case RTMP_VIDEO_MESSAGE:
        send_media(s, message->type == RTMP_AUDIO_MESSAGE ? RTMP_AUDIO : RTMP_VIDEO,
                   message->timestamp, slice_of(message->payload));
        return s->failure;
    case RTMP_AGGREGATE:
        return handle_aggregate(s, message);
    case RTMP_DATA_AMF0:
    case RTMP_DATA_AMF3:
        handle_data(s, message);
        return s->failure;
    case RTMP_COMMAND_AMF0:
    case RTMP_COMMAND_AMF3:
        return handle_command(s, message);
    default:
        if (!rate_allows(&s->unknown_messages, RTMP_MAX_UNKNOWN_MESSAGES, s->now_us))
            return fail(s, ERR_LIMIT, "too many messages of unknown types");
        return ERR_OK;
    }
}

/* One message, or as much of it as there is. */
static enum err read_message(struct rtmp_session *s, struct reader *input)
{
    struct rtmp_message message;
    enum err err = rtmp_chunk_reader_next(&s->chunks, input, &message);
    if (err == ERR_AGAIN)
        return ERR_OK;
    if (err != ERR_OK)
        return fail(s, err,
                    err == ERR_LIMIT ? "message or chunk stream limit" : "malformed chunk stream");
    err = handle_message(s, &message);
    chunk_unref(&message.payload);
    return err;
}

static enum err step(struct rtmp_session *s, struct reader *input)
{
    switch (s->phase) {
    case RTMP_AWAITS_C1:
        return read_c1(s, input);
    case RTMP_AWAITS_C2:
        return skip_c2(s, input);
    default:
        return read_message(s, input);
    }
}

/* Takes the input up to its end, a failure, or a publish that awaits its decision. */
static void consume(struct rtmp_session *s, struct reader *input)
{
    enum err err = s->failure;
    s->is_feeding = true;
    while (err == ERR_OK && input->left > 0 && s->phase != RTMP_PENDING) {
        size_t before = input->left;
        err = step(s, input);
        s->consumed += before - input->left;
        if (err == ERR_OK && s->phase < RTMP_PUBLISHING && s->consumed > RTMP_MAX_BEFORE_PUBLISH)
            err = fail(s, ERR_LIMIT, "too many bytes before publish");
    }
    s->is_feeding = false;
}

/* What every call ends with. */
static enum err settle(struct rtmp_session *s)
{
    if (s->phase > RTMP_AWAITS_CONNECT && s->received - s->acknowledged >= s->window) {
        rtmp_reply_acknowledgement(&s->output, (uint32_t)s->received);
        s->acknowledged = s->received;
    }
    if (s->output.failed && s->failure == ERR_OK)
        return fail(s, ERR_LIMIT, "too many requests at once");
    return s->failure;
}

static void hold(struct rtmp_session *s, const struct reader *rest)
{
    buf_put(&s->held, rest->at, rest->left);
    if (s->held.failed || s->consumed + s->held.len > RTMP_MAX_BEFORE_PUBLISH)
        (void)fail(s, ERR_LIMIT, "too many bytes before publish"); /* returned by the caller */
}

enum err rtmp_session_feed(struct rtmp_session *s, const uint8_t *bytes, size_t len, int64_t now_us)
{
    assert(!s->is_feeding);
    if (s->failure != ERR_OK)
        return s->failure;
    struct reader input = reader_over(bytes, len);
    s->now_us = now_us;
    s->received += len;
    consume(s, &input);
    if (s->phase == RTMP_PENDING && input.left > 0)
        hold(s, &input);
    return settle(s);
}

enum err rtmp_session_accept_publish(struct rtmp_session *s, int64_t now_us)
{
    const struct rtmp_status status = {
        .level = STR("status"),
        .code = STR("NetStream.Publish.Start"),
        .description = STR("Publishing."),
    };
    if (s->failure != ERR_OK) /* too much came while it was pending */
        return s->failure;
    assert(s->phase == RTMP_PENDING);
    s->phase = RTMP_PUBLISHING;
    s->now_us = now_us;
    rtmp_reply_stream_begin(&s->output, s->publish_stream);
    if (s->has_fc_publish)
        rtmp_reply_status(&s->output, STR("onFCPublish"), 0, &status);
    rtmp_reply_status(&s->output, STR("onStatus"), s->publish_stream, &status);
    if (s->is_feeding) /* the input is still at hand */
        return ERR_OK;
    struct buf held = s->held;
    buf_init(&s->held, RTMP_MAX_BEFORE_PUBLISH);
    struct reader input = reader_over(held.at, held.len);
    consume(s, &input);
    buf_finish(&held);
    return settle(s);
}

void rtmp_session_refuse(struct rtmp_session *s, enum rtmp_refusal refusal, struct str description)
{
    if (s->phase != RTMP_PENDING && s->phase != RTMP_PUBLISHING)
        return;
    struct rtmp_status status = {
        .level = STR("error"),
        .code = refusal == RTMP_BAD_NAME ? STR("NetStream.Publish.BadName")
                                         : STR("NetStream.Publish.Rejected"),
        .description = description,
    };
    rtmp_reply_status(&s->output, STR("onStatus"), s->publish_stream, &status);
    (void)fail(s, ERR_END, "refused"); /* what feed returns */
}
