/*
 * The server's side of an RTMP connection that publishes (media spec §1.2 to §1.5): bytes in,
 * events and bytes out. No I/O, no clock, no authorisation: the adapter owns the socket, decides
 * who may publish, and arms the time limits of IN-5 by rtmp_session_phase().
 *
 * After every call the adapter sends what stands in rtmp_session_output(). Callbacks run inside
 * feed and accept_publish, on the caller's thread; what they point to is valid during the call.
 * They may call accept_publish and refuse, but not feed or destroy.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/random.h"
#include "base/slice.h"
#include "base/str.h"
#include "proto/rtmp/rtmp_metadata_reader.h"
#include "proto/rtmp/rtmp_publish_name_reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RTMP_MAX_BEFORE_PUBLISH = 256 * 1024, /* bytes from the peer until publish is accepted (IN-5) */
    RTMP_MAX_STREAMS = 4,                 /* createStream on one connection */
    RTMP_MAX_UNKNOWN_COMMANDS = 20,       /* on one connection */
    RTMP_MAX_UNKNOWN_MESSAGES = 20,       /* a second, by type (IN-17) */
    RTMP_MAX_METADATA = 5,                /* a second, that differ from the last (§1.7) */
};

enum rtmp_phase {
    RTMP_AWAITS_C1, /* limit from accept: 5 s */
    RTMP_AWAITS_C2, /* 5 s */
    RTMP_AWAITS_CONNECT,
    RTMP_AWAITS_PUBLISH,
    RTMP_PENDING,    /* on_publish was called and is not decided yet; input is held back, so the
                        adapter may as well stop reading */
    RTMP_PUBLISHING, /* Publish.Start was sent */
    RTMP_STOPPED,    /* the encoder ended the publication cleanly */
    RTMP_CLOSING,    /* refused or failed: flush for at most 300 ms, then close */
};

struct rtmp_connect {
    struct str app;       /* without slashes at its ends and without query */
    struct str tc_url;    /* without quotes around it; empty when missing */
    struct str flash_ver; /* as sent, so not fit to be shown; empty when missing */
    bool can_reconnect;   /* capsEx announces ReconnectRequest (§1.9) */
};

enum rtmp_media_kind { RTMP_AUDIO, RTMP_VIDEO };

struct rtmp_media {
    enum rtmp_media_kind kind;
    uint32_t timestamp; /* ms modulo 2^32, as sent (IN-30) */
    /* The FLV tag body. Its bytes are nobody else's, so they may be rewritten in place; take a
     * reference to keep them (slice_ref). */
    struct slice body;
};

struct rtmp_callbacks {
    /* Accept with NULL, or give the sentence that says why not (§1.12); it must live on. */
    const char *(*on_connect)(void *arg, const struct rtmp_connect *);
    /* Decide now or later with rtmp_session_accept_publish() or rtmp_session_refuse(). The key is
     * to be copied. */
    void (*on_publish)(void *arg, const struct rtmp_publish *);
    /* Between accept_publish and on_stop only. */
    void (*on_media)(void *arg, const struct rtmp_media *);
    void (*on_metadata)(void *arg, const struct rtmp_metadata *);
    /* The encoder stopped cleanly. Its answer is in the output. Encoders say several goodbyes and
     * then close; the adapter closes when one does not within a second. */
    void (*on_stop)(void *arg);
};

enum rtmp_refusal {
    RTMP_BAD_NAME, /* NetStream.Publish.BadName: before the start; encoders stop for good */
    RTMP_REJECTED, /* NetStream.Publish.Rejected: after it */
};

struct rtmp_counters {
    uint64_t bytes;         /* received, handshake included */
    uint32_t chunk_streams; /* ids seen */
    uint32_t dropped_data;  /* data messages malformed or beyond RTMP_MAX_METADATA */
};

struct rtmp_session;

/* `callbacks` and `random` must outlive the session; `arg` is passed to each callback. */
struct rtmp_session *rtmp_session_create(const struct rtmp_callbacks *callbacks, void *arg,
                                         struct random *random);
void rtmp_session_destroy(struct rtmp_session *); /* NULL is fine */

/**
 * Take bytes from the peer.
 *
 * @param now_us  monotonic clock
 * @return ERR_OK: go on. ERR_END: flush the output and close (refused, or asked to play). Any
 * other: the peer broke the protocol or a limit; flush and close, rtmp_session_reason() says why.
 *         Once it returned an error it returns the same for ever.
 */
MUST_USE enum err rtmp_session_feed(struct rtmp_session *, const uint8_t *bytes, size_t len,
                                    int64_t now_us);

/**
 * Answer a pending publish with Publish.Start, then take the input held back meanwhile. After a
 * failure it does nothing.
 *
 * @return as rtmp_session_feed()
 */
MUST_USE enum err rtmp_session_accept_publish(struct rtmp_session *, int64_t now_us);

/* Queue the refusal of a pending publish, or end one that runs: feed returns ERR_END from then on,
 * and no callback follows. The description is a full sentence. */
void rtmp_session_refuse(struct rtmp_session *, enum rtmp_refusal, struct str description);

/* What must be sent; the adapter empties it (buf_take or buf_clear). */
struct buf *rtmp_session_output(struct rtmp_session *);

enum rtmp_phase rtmp_session_phase(const struct rtmp_session *);
struct rtmp_counters rtmp_session_counters(const struct rtmp_session *);

/* Why feed failed, for the log: static text, without anything the peer sent. "" before that. */
const char *rtmp_session_reason(const struct rtmp_session *);
