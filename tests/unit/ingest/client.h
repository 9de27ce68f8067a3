/* A scripted encoder. Everything it received is in `got`, NUL bytes as dots, so that words of the
 * server can be looked for: its messages are shorter than its chunks. */
#pragma once

#include "site.h"

#include <netinet/tcp.h>

struct client {
    int fd;
    bool is_closed;
    char got[65536];
    size_t len;
    uint32_t stamp_ms;
};

static inline bool client_send(struct client *client, const void *bytes, size_t len)
{
    for (const uint8_t *at = bytes; len > 0;) {
        ssize_t sent = send(client->fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* More bytes; false at the end, when `is_closed` says whether it was in order or by reset. */
static inline bool client_receive(struct client *client)
{
    char bytes[4096];
    size_t room = sizeof(client->got) - 1 - client->len;
    ssize_t some = recv(client->fd, bytes, sizeof(bytes) < room ? sizeof(bytes) : room, 0);
    if (some <= 0) {
        client->is_closed = some == 0 || errno == ECONNRESET;
        return false;
    }
    for (ssize_t i = 0; i < some; i++) {
        if (bytes[i] == '\0')
            bytes[i] = '.';
        client->got[client->len++] = bytes[i];
    }
    client->got[client->len] = '\0';
    return true;
}

static inline bool client_wait(struct client *client, const char *words)
{
    while (strstr(client->got, words) == NULL) {
        if (!client_receive(client))
            return false;
    }
    return true;
}

/* Reads until the server closes. */
static inline bool client_wait_closed(struct client *client)
{
    while (client_receive(client)) {
    }
    return client->is_closed;
}

static inline struct client client_connect_to(struct in_addr host, uint16_t port)
{
    struct client client = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const struct timeval limit = {.tv_sec = WAIT_S};
    setsockopt(client.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(client.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const int at_once = 1;
    setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = host};
    CHECK_EQ(0, connect(client.fd, (struct sockaddr *)&address, sizeof(address)));
    return client;
}

static inline struct client client_connect(const struct site *site)
{
    return client_connect_to((struct in_addr){htonl(INADDR_LOOPBACK)}, site->port);
}

static inline void client_close(struct client *client)
{
    close(client->fd);
    client->fd = -1;
}

/* Without a word, and without what was sent last: a cable pulled. */
static inline void client_reset(struct client *client)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    client_close(client);
}

static inline bool client_shake_hands(struct client *client)
{
    enum { BLOCK = 1536 };
    uint8_t c0_c1[1 + BLOCK] = {3};
    if (!client_send(client, c0_c1, sizeof(c0_c1)))
        return false;
    while (client->len < 1 + 2 * BLOCK) {
        if (!client_receive(client))
            return false;
    }
    client->len = 0;
    client->got[0] = '\0';
    return client_send(client, c0_c1 + 1, BLOCK);
}

static inline bool client_message(struct client *client, uint8_t type, uint32_t stamp_ms,
                                  const void *body, size_t len)
{
    struct buf out;
    buf_init(&out, 8 << 20);
    const struct rtmp_out_header header = {.chunk_stream = type < 8 ? RTMP_CONTROL_STREAM : 4,
                                           .type = type,
                                           .stream_id = type == 8 || type == 9 || type == 18,
                                           .timestamp = stamp_ms};
    rtmp_chunk_write(&out, &header, (struct str){body, len});
    bool is_sent = client_send(client, out.at, out.len);
    buf_finish(&out);
    return is_sent;
}

static inline void put_amf_string(struct buf *out, const char *text)
{
    buf_put_uint(out, 2, 1);
    buf_put_uint(out, strlen(text), 2);
    buf_put_cstr(out, text);
}

static inline void put_amf_number(struct buf *out, double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof(bits));
    buf_put_uint(out, 0, 1);
    buf_put_uint(out, bits, 8);
}

static inline bool client_command(struct client *client, const char *name, double transaction,
                                  const char *app, const char *argument)
{
    struct buf out;
    buf_init(&out, 8192);
    put_amf_string(&out, name);
    put_amf_number(&out, transaction);
    if (app != NULL) {
        buf_put_uint(&out, 3, 1);
        buf_put_uint(&out, 3, 2);
        buf_put_cstr(&out, "app");
        put_amf_string(&out, app);
        buf_put_uint(&out, 9, 3);
    } else {
        buf_put_uint(&out, 5, 1);
    }
    if (argument != NULL)
        put_amf_string(&out, argument);
    bool is_sent = client_message(client, 20, 0, out.at, out.len);
    buf_finish(&out);
    return is_sent;
}

/* As OBS does: everything in one go. */
static inline bool client_ask(struct client *client, const char *app, const char *name)
{
    return client_shake_hands(client) && client_message(client, 1, 0, "\0\0\x10\0", 4) &&
           client_command(client, "connect", 1, app, NULL) &&
           client_command(client, "releaseStream", 2, NULL, name) &&
           client_command(client, "FCPublish", 3, NULL, name) &&
           client_command(client, "createStream", 4, NULL, NULL) &&
           client_command(client, "publish", 5, NULL, name);
}

#define START "NetStream.Publish.Start"

static inline struct client client_publish(const struct site *site, const char *name)
{
    struct client client = client_connect(site);
    CHECK(client_ask(&client, "app", name));
    CHECK(client_wait(&client, START));
    return client;
}

static inline bool client_send_chunk(struct client *client, uint8_t type, uint32_t stamp_ms,
                                     struct chunk *body)
{
    bool is_sent = client_message(client, type, stamp_ms, body->at, body->len);
    chunk_unref(&body);
    return is_sent;
}

static inline bool client_configure(struct client *client, const uint8_t *avcc, size_t len,
                                    bool with_audio)
{
    return client_send_chunk(client, 9, 0, video_config(avcc, len)) &&
           (!with_audio || client_send_chunk(client, 8, 0, audio_config(stereo_48k, 2)));
}

/* A picture, 40 ms after the last, and audio. */
static inline bool client_picture(struct client *client, uint8_t first)
{
    client->stamp_ms += 40;
    return client_send_chunk(client, 9, client->stamp_ms, picture(first, 0));
}

/* Publishes and shows its first keyframe; small pictures with audio. */
static inline struct client client_go_live(const struct site *site, const char *name)
{
    struct client client = client_publish(site, name);
    CHECK(client_configure(&client, small_avcc, sizeof(small_avcc), true));
    CHECK(client_picture(&client, IDR));
    return client;
}

/* Refused in these words, without a start, and closed. */
static inline void client_check_refused(struct client *client, const char *code, const char *words)
{
    CHECK(client_wait_closed(client));
    bool is_right = strstr(client->got, code) != NULL && strstr(client->got, words) != NULL &&
                    strstr(client->got, START) == NULL;
    if (!is_right)
        printf("want %s \"%s\", got \"%s\"\n", code, words, client->got);
    CHECK(is_right);
    client_close(client);
}
