/*
 * A request on its way through the server, and its answer.
 *
 * The server calls the handler once a request is complete, its body included. The handler replies
 * at once, or keeps the request and replies later, on the same loop. Every request ends in exactly
 * one way: by request_reply(), by websocket_accept(), or by the on_gone that request_keep() was
 * given; after that it must not be touched. A client that left is no error: replying to it does
 * nothing but end the request.
 *
 * What stands in the first block below belongs to the connection's read buffer or to the scratch
 * arena and is valid until the handler returns; whoever keeps the request copies what it needs. So
 * a waiting request costs nothing but this struct, and an idle connection no buffer.
 *
 * The server itself answers HEAD (no body), Range and If-None-Match, from what the reply allows.
 */
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include "loop/conn.h"
#include "loop/loop.h"
#include "proto/http/http.h"

enum {
    REQUEST_ID_MAX = 64,
    REQUEST_MAX_HEADERS_OUT = 32, /* of a reply, those of the policy included */
    REQUEST_MAX_SLICES = 128,     /* of a reply's body: a segment is a list of its parts */
};

struct request {
    /* Valid until the handler returns. */
    struct str path;  /* as sent, without the query; for logs and redirects, not for decisions */
    struct str query; /* as sent, without the question mark: http_query_next() */
    const struct http_path *segments;
    const struct http_header *headers;
    size_t header_count;
    struct str body;
    struct arena *arena; /* scratch, emptied when the handler returns */

    /* Valid as long as the request. */
    struct loop *loop;
    enum http_method method; /* HTTP_HEAD is sent through the handlers of HTTP_GET */
    unsigned codings;        /* bits of enum http_coding that the client accepts */
    struct http_range range; /* of the request, whatever the reply makes of it */
    bool is_tls;
    bool is_http2;
    bool is_upgrade;    /* Connection: upgrade */
    bool is_from_proxy; /* came through a trusted proxy; `client` is whom it spoke for */
    uint8_t client[16]; /* address, IPv4 as v4-mapped */
    char id[REQUEST_ID_MAX + 1];

    /* The server's. */
    struct http_server *server;
    enum err handshake;        /* of WebSocket: what it is worth */
    char websocket_accept[29]; /* and its answer */
    bool is_kept;
    uint64_t whole_size;              /* of what a Range could not be satisfied from */
    const struct http_header *policy; /* see request_set_policy() */
    size_t policy_count;
    const void *route;  /* the router's */
    const void *caller; /* likewise */
    struct arena *own;  /* see request_own() */
    const struct request_transport *transport;
    void (*on_gone)(struct request *, void *arg);
    void *on_gone_arg;
};

struct reply {
    unsigned status;
    /* Those below may stay empty. The bytes are copied or sent before request_reply() returns. */
    struct str content_type;
    struct str cache_control;
    struct str content_encoding;
    struct str etag; /* with its quotes, and W/ if weak; a 200 turns into 304 when it matches */
    const struct http_header *headers; /* names are literals, in lower case */
    size_t header_count;

    /* Body: references are taken, the bytes go out uncopied. At most REQUEST_MAX_SLICES. */
    const struct slice *slices;
    size_t slice_count;

    bool has_ranges;     /* honour Range on a 200: 206 or 416 */
    bool is_unqualified; /* send the 200 even if the ETag matches: blocked requests */
};

/* The value, or an empty str with `.at` NULL when there is none. `name` in lower case. Until the
 * handler returns. */
struct str request_header(const struct request *, struct str name);

/* Answers and ends the request. */
void request_reply(struct request *, const struct reply *);

/* Short for a body of one piece of text, copied. */
void request_reply_text(struct request *, unsigned status, struct str content_type,
                        struct str text);

/**
 * Keep the request after the handler returns.
 *
 * With `on_gone` the request is given up as soon as the client closes, even only its own direction:
 * the callback is the end of the request. Without it (NULL) the request stays valid until the reply
 * whatever the client does: for work that must finish anyway. A request that is kept longer than
 * the server's handler deadline is answered 500, and on_gone called if there is one; without one,
 * the late reply is dropped.
 */
void request_keep(struct request *, void (*on_gone)(struct request *, void *arg), void *arg);

/**
 * Copies what is valid only until the handler returns, so that it stays as long as the request, and
 * so does from now on what is put into `arena`. For requests that go through the database.
 */
void request_own(struct request *);

/* Headers that every reply to this request will carry, also the late ones. Not copied: they must
 * outlive the request (static, or the router's own); names in lower case. */
void request_set_policy(struct request *, const struct http_header *, size_t count);

/* Who asks, for limits by address: IPv4 whole, IPv6 by its /64. */
uint64_t request_client_key(const struct request *);

void request_client_text(const struct request *, char out[CONN_ADDRESS_LEN]);
