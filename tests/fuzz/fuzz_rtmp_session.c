/* Any bytes as what a client sends. The first byte says whether and when its publish is decided,
 * and whether the bytes begin with a handshake or with the messages behind one. */
#include "fuzz.h"
#include "proto/rtmp/rtmp_session.h"

#include <stdlib.h>

enum { DECIDES_AT_ONCE = 1, REFUSES = 2, BRINGS_HANDSHAKE = 4, HANDSHAKE = 1 + 2 * 1536 };

struct peer {
    struct rtmp_session *session;
    unsigned choices;
    unsigned stops;
};

static const char *on_connect(void *arg, const struct rtmp_connect *connect)
{
    (void)arg;
    return connect->app.len > 8 ? "Unknown application. Use /app." : NULL;
}

static void decide(struct peer *peer)
{
    if ((peer->choices & REFUSES) != 0)
        rtmp_session_refuse(peer->session, RTMP_BAD_NAME, STR("Stream key not accepted."));
    else if (rtmp_session_accept_publish(peer->session, 0) == ERR_OK &&
             rtmp_session_phase(peer->session) < RTMP_PUBLISHING)
        abort();
}

static void on_publish(void *arg, const struct rtmp_publish *publish)
{
    struct peer *peer = arg;
    (void)publish;
    if ((peer->choices & DECIDES_AT_ONCE) != 0)
        decide(peer);
}

static void on_media(void *arg, const struct rtmp_media *media)
{
    struct peer *peer = arg;
    const uint8_t *start = media->body.chunk->at;
    if (peer->stops > 0 || media->body.at < start ||
        media->body.len > media->body.chunk->len - (size_t)(media->body.at - start))
        abort();
}

static void on_metadata(void *arg, const struct rtmp_metadata *metadata)
{
    (void)arg;
    (void)metadata;
}

static void on_stop(void *arg)
{
    struct peer *peer = arg;
    if (peer->stops++ > 0)
        abort();
}

static const struct rtmp_callbacks callbacks = {
    .on_connect = on_connect,
    .on_publish = on_publish,
    .on_media = on_media,
    .on_metadata = on_metadata,
    .on_stop = on_stop,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t handshake[HANDSHAKE] = {3};
    if (size == 0)
        return 0;
    struct random random = random_seeded(1);
    struct peer peer = {.choices = data[0]};
    peer.session = rtmp_session_create(&callbacks, &peer, &random);
    enum err err = ERR_OK;
    if ((peer.choices & BRINGS_HANDSHAKE) == 0)
        err = rtmp_session_feed(peer.session, handshake, sizeof(handshake), 0);
    size_t half = (size - 1) / 2;
    if (err == ERR_OK)
        err = rtmp_session_feed(peer.session, data + 1, half, 0);
    if (rtmp_session_phase(peer.session) == RTMP_PENDING)
        decide(&peer);
    enum err second = rtmp_session_feed(peer.session, data + 1 + half, size - 1 - half, 1000000);
    if (err != ERR_OK && second != err)
        abort();
    if (second != ERR_OK && rtmp_session_phase(peer.session) != RTMP_CLOSING)
        abort();
    rtmp_session_destroy(peer.session);
    return 0;
}
