/* The inside of the server, for the files of this folder only. */
#pragma once

#include "base/buf.h"
#include "base/random.h"
#include "http/server.h"
#include "proto/http/date.h"
#include "proto/http/http1_head_reader.h"

enum {
    INSIDE_OUT_SIZE = 16 << 10,  /* of the chunks that heads are written to */
    INSIDE_COPY_MAX = 1 << 10,   /* bodies up to this size are copied behind their head */
    INSIDE_HIGH_QUEUE = 1 << 20, /* more in the send queue: the peer's input has to wait */
    INSIDE_LINGER_US = 2000000,
    INSIDE_SEND_LINGER_US = 30000000, /* with bytes that are still to be sent */
};

/* What a connection waits for. Each kind has one duration, so that its list is in order of the
 * deadlines and neither starting nor ending a wait costs more than a link. */
enum inside_wait {
    WAIT_HEAD,
    WAIT_BODY,
    WAIT_IDLE,
    WAIT_HANDLER,
    WAIT_HTTP2, /* HTTP/2 connections are looked at every so often */
    WAIT_KINDS,
};

/* The common part of what owns a connection: first member of struct http1, http2, websocket. */
struct inside_peer {
    struct list node;      /* among all of the server */
    struct list wait_node; /* among those that wait for the same */
    int64_t deadline_us;
    struct http_server *server;
    struct conn *conn; /* NULL once it is gone */
    const struct inside_peer_ops *ops;
    size_t queued_before;  /* when its deadline last passed: to see whether the peer still reads */
    size_t queued_at_shed; /* likewise, of http_server_shed() */
    uint8_t wait;          /* enum inside_wait */
    int64_t drain_at_us;
    uint8_t address[16];
};

struct inside_peer_ops {
    void (*on_deadline)(struct inside_peer *);
    /* The server drains: go as soon as what is under way is answered. */
    void (*on_drain)(struct inside_peer *);
};

struct http_server {
    struct http_server_options options;
    struct http_network *trusted_proxies;
    struct loop *loop;
    struct list peers;
    struct list waits[WAIT_KINDS];
    struct loop_timer sweep;
    unsigned connections;
    unsigned detached; /* requests whose connection is gone, kept by handlers that will reply */

    /* Scratch of the one request that is being handled. */
    struct http1_head head;
    struct http_path path;
    struct arena arena;

    struct http2_block *spare_block; /* to be used again; NULL */

    struct chunk *out; /* replies' heads are written here, one behind the other */
    size_t out_used;
    char date[HTTP_DATE_LEN + 1];
    int64_t date_until_us;
    uint64_t next_id;

    bool is_draining;
    bool check_is_deferred;
    int64_t drain_end_us;
    void (*on_drained)(void *arg);
    void *on_drained_arg;
};

/* An answer, ready for the wire. */
struct request_answer {
    unsigned status;
    struct http_header *headers; /* with room for one more */
    size_t header_count;
    const struct slice *slices; /* empty for HEAD and 304, though Content-Length may say more */
    size_t slice_count;
    size_t body_len; /* of the slices */
};

/* What carries a request. */
struct request_transport {
    /* Sends the answer and ends the request. */
    void (*send)(struct request *, const struct request_answer *);
    /* Gives up the connection for another protocol, and with it what came behind the request;
     * ends the request. NULL, and it goes on, where the transport cannot. */
    struct conn *(*detach)(struct request *, struct buf *out_early);
};

/* --- server.c --- */

void server_add_peer(struct http_server *, struct inside_peer *, struct conn *);
/* The connection is gone, or is handed over: peer->conn is NULL then. */
void server_remove_peer(struct inside_peer *);

/* Tells who waits for the drain when the last peer, or detached request, has gone. */
void server_check_drained(struct http_server *);

void server_wait(struct inside_peer *, enum inside_wait);
void server_stop_waiting(struct inside_peer *);

/* Room for `len` bytes in a chunk that the answers of many requests share. `*out` covers it and
 * holds no reference: it is valid until the next call, but for those who took one. */
uint8_t *server_reserve_out(struct http_server *, size_t len, struct slice *out);

/* Did the peer take none of its bytes since the last call? */
bool server_is_stuck(struct inside_peer *);

/* Closes, after sending what is queued. */
void server_close_peer(struct inside_peer *);

/* --- request.c --- */

/* Hands a request on that has come whole, its head in server->head: to the handler, or to the
 * refusal if `status` is not 0. The request may have ended when this returns. */
void request_dispatch(struct request *, unsigned status, struct str body);

/* Prepares a zeroed request. */
void request_begin(struct request *, const struct request_transport *, struct inside_peer *);

/* Refuses a request that was begun; its head may be gone, or never have been read. */
void request_refuse(struct request *, unsigned status);

/* The handler has returned and the request has not ended: keeps it, or makes up for a handler that
 * forgot to. */
void request_settle(struct request *);

/* Frees what request_own() made. */
void request_release(struct request *);

/* The client has gone. True when nobody holds the request any more. */
bool request_gone(struct request *);

/* --- http1.c, http2.c --- */

void http1_accept(struct http_server *, struct conn *);
void http2_accept(struct http_server *, struct conn *, struct str early);
