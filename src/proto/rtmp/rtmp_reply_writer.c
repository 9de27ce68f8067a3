#include "proto/rtmp/rtmp_reply_writer.h"

#include "proto/amf/amf0_writer.h"
#include "proto/rtmp/rtmp_chunk_writer.h"
#include "proto/rtmp/rtmp_message.h"

enum {
    MAX_COMMAND = 4096,
    DYNAMIC_LIMIT = 2, /* of Set Peer Bandwidth (§5.4.5) */
    STREAM_BEGIN = 0,  /* user control events (§7.1.7) */
    PING_RESPONSE = 7,
    CAPABILITIES = 31, /* what Flash Media Server says */
};

static void put_uint(uint8_t *at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

/* A protocol control message: `width` bytes. */
static void write_control(struct buf *out, uint8_t type, uint64_t value, size_t width)
{
    uint8_t payload[8];
    put_uint(payload, value, width);
    struct rtmp_out_header header = {.chunk_stream = RTMP_CONTROL_STREAM, .type = type};
    rtmp_chunk_write(out, &header, (struct str){.at = (const char *)payload, .len = width});
}

static struct buf command_start(struct str name, double transaction)
{
    struct buf command;
    buf_init(&command, MAX_COMMAND);
    amf0_write_string(&command, name);
    amf0_write_number(&command, transaction);
    return command;
}

/* Frees the command. */
static void command_end(struct buf *out, struct buf *command, uint32_t stream_id)
{
    struct rtmp_out_header header = {
        .chunk_stream = RTMP_COMMAND_STREAM, .type = RTMP_COMMAND_AMF0, .stream_id = stream_id};
    if (command->failed)
        out->failed = true;
    else
        rtmp_chunk_write(out, &header, buf_str(command));
    buf_finish(command);
}

static void write_member(struct buf *command, struct str key, struct str value)
{
    amf0_write_key(command, key);
    amf0_write_string(command, value);
}

static void write_status(struct buf *command, const struct rtmp_status *status)
{
    write_member(command, STR("level"), status->level);
    write_member(command, STR("code"), status->code);
    write_member(command, STR("description"), status->description);
}

void rtmp_reply_limits(struct buf *out)
{
    write_control(out, RTMP_WINDOW_SIZE, RTMP_WINDOW, 4);
    write_control(out, RTMP_SET_PEER_BANDWIDTH, (uint64_t)RTMP_WINDOW << 8 | DYNAMIC_LIMIT, 5);
    write_control(out, RTMP_SET_CHUNK_SIZE, RTMP_OUT_CHUNK_SIZE, 4);
}

void rtmp_reply_connected(struct buf *out, double transaction)
{
    const struct rtmp_status status = {
        .level = STR("status"),
        .code = STR("NetConnection.Connect.Success"),
        .description = STR("Connection succeeded."),
    };
    struct buf command = command_start(STR("_result"), transaction);
    amf0_write_object_start(&command);
    write_member(&command, STR("fmsVer"), STR("FMS/3,0,1,123"));
    amf0_write_key(&command, STR("capabilities"));
    amf0_write_number(&command, CAPABILITIES);
    amf0_write_object_end(&command);
    amf0_write_object_start(&command);
    write_status(&command, &status);
    amf0_write_key(&command, STR("objectEncoding"));
    amf0_write_number(&command, 0); /* AMF0, whatever was offered */
    amf0_write_object_end(&command);
    command_end(out, &command, 0);
}

void rtmp_reply_connect_rejected(struct buf *out, double transaction, struct str description)
{
    struct rtmp_status status = {.level = STR("error"),
                                 .code = STR("NetConnection.Connect.Rejected"),
                                 .description = description};
    struct buf command = command_start(STR("_error"), transaction);
    amf0_write_null(&command);
    amf0_write_object_start(&command);
    write_status(&command, &status);
    amf0_write_object_end(&command);
    command_end(out, &command, 0);
}

void rtmp_reply_nothing(struct buf *out, double transaction)
{
    struct buf command = command_start(STR("_result"), transaction);
    amf0_write_null(&command);
    amf0_write_undefined(&command);
    command_end(out, &command, 0);
}

void rtmp_reply_stream_created(struct buf *out, double transaction, uint32_t stream_id)
{
    struct buf command = command_start(STR("_result"), transaction);
    amf0_write_null(&command);
    amf0_write_number(&command, stream_id);
    command_end(out, &command, 0);
}

void rtmp_reply_status(struct buf *out, struct str method, uint32_t stream_id,
                       const struct rtmp_status *status)
{
    struct buf command = command_start(method, 0);
    amf0_write_null(&command);
    amf0_write_object_start(&command);
    write_status(&command, status);
    amf0_write_object_end(&command);
    command_end(out, &command, stream_id);
}

void rtmp_reply_stream_begin(struct buf *out, uint32_t stream_id)
{
    write_control(out, RTMP_USER_CONTROL, (uint64_t)STREAM_BEGIN << 32 | stream_id, 6);
}

void rtmp_reply_pong(struct buf *out, uint32_t time)
{
    write_control(out, RTMP_USER_CONTROL, (uint64_t)PING_RESPONSE << 32 | time, 6);
}

void rtmp_reply_acknowledgement(struct buf *out, uint32_t bytes)
{
    write_control(out, RTMP_ACKNOWLEDGEMENT, bytes, 4);
}
