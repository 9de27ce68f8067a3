/*
 * One encoder's connection: socket and RTMP session, time limits, the way to its channel. What it
 * sends then goes to its broadcast (broadcast.h), which may start, refuse or close it.
 */
#pragma once

#include "domain/streams/ingest_config.h"
#include "ingest/assembler.h"
#include "ingest/inside.h"
#include "proto/rtmp/rtmp_session.h"

struct broadcast;

enum publisher_state {
    PUBLISHER_ENTERS,  /* asks at the gate */
    PUBLISHER_TALKS,   /* handshake and commands, up to publish */
    PUBLISHER_LOOKS,   /* its key is being looked up */
    PUBLISHER_WAITS,   /* its key is wrong: the refusal comes after the usual time */
    PUBLISHER_MOVES,   /* to its channel's loop */
    PUBLISHER_ARRIVED, /* belongs to a broadcast, or is about to */
    PUBLISHER_CLOSING,
};

struct publisher {
    struct list link;
    struct ingest_loop *home;
    struct conn *conn; /* NULL once it is gone */
    enum publisher_state state;
    struct rtmp_session *rtmp;
    struct loop_timer timer;
    int64_t accepted_us, publish_us;
    unsigned pending; /* answers still to come: it lives until then */
    bool is_at_gate;  /* counted there */
    bool is_feeding;  /* inside rtmp_session_feed() */
    struct conn_address address;
    char peer[CONN_NETWORK_LEN]; /* for the log: a network, not an address */
    struct buf early;            /* bytes that were read before it entered */
    uint32_t priority;
    struct ingest_channel channel;
    struct ingest_config_hints hints;
    struct assembler assembler;
    struct broadcast *broadcast; /* NULL: none */
};

void publisher_accept(struct ingest_loop *, struct conn *, const uint8_t *early, size_t len);

/* Publish.Start; what it had sent meanwhile arrives inside this call. */
void publisher_start(struct publisher *);

/* Says why, BadName before the start and Rejected after it, and closes. The broadcast hears nothing
 * more of it: it has let go of it before. */
void publisher_refuse(struct publisher *, struct str reason);

/* The same without a word: the encoder will come again by itself. */
void publisher_close(struct publisher *);

/* The server is draining: one that has not said `connect` yet has a second to do so, and is then
 * told why not; others are closed without a word. */
void publisher_drain(struct publisher *);
