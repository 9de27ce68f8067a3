/*
 * The server's side of the RTMP handshake (media spec §1.2): the simple form of RTMP 1.0 §5.2, and
 * the digest form that Flash-derived clients and FFmpeg use. No encryption.
 *
 * Pure functions: the caller collects C0 and C1, sends the answer, and skips C2, which is not
 * checked (clients put times of their own into it).
 */
#pragma once

#include "base/err.h"
#include "base/random.h"

#include <stddef.h>
#include <stdint.h>

enum {
    RTMP_HANDSHAKE_BLOCK = 1536, /* bytes of C1, C2, S1 and S2 */
    RTMP_HANDSHAKE_ANSWER = 1 + 2 * RTMP_HANDSHAKE_BLOCK,
    RTMP_VERSION = 3, /* C0 and S0 */
};

/**
 * Answer C1 with S0, S1 and S2, in the digest form when C1 has a valid digest, else in the simple
 * form.
 *
 * @param time  of the server, ms; only the simple form carries it
 */
void rtmp_handshake_answer(const uint8_t c1[RTMP_HANDSHAKE_BLOCK], uint32_t time,
                           struct random *random, uint8_t out[RTMP_HANDSHAKE_ANSWER]);
