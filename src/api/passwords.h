/*
 * Hashing passwords with argon2id (libsodium), which takes tens of milliseconds and a lot of memory
 * each time: on the worker pool, a few at once for the whole daemon, the others in a bounded queue.
 *
 * The queue belongs to one loop, its home. Jobs come from any loop, and their done() runs there.
 */
#pragma once

#include "base/secret.h"
#include "loop/loop.h"

#include <stdbool.h>

enum { PASSWORDS_HASH_MAX = 128 /* with the NUL; crypto_pwhash_STRBYTES */ };

struct passwords_options {
    struct loop *home;
    unsigned ops_limit;
    unsigned memory_mib;
    unsigned concurrency;
    unsigned max_queue; /* jobs that wait */
};

struct passwords;

struct passwords *passwords_create(const struct passwords_options *);
void passwords_destroy(struct passwords *); /* after the loops */

/* Embedded in whatever waits for it. */
struct passwords_job {
    bool is_check;              /* compare `password` with `hash`; else only make `new_hash` */
    struct secret password;     /* of the check; borrowed until done() */
    struct secret new_password; /* to be hashed once the check passes; or empty */
    char hash[PASSWORDS_HASH_MAX];
    loop_fn done; /* on `loop`, with `arg` */
    struct loop *loop;
    void *arg;

    /*
     * ERR_OK; ERR_LIMIT: too many wait, nothing was done; ERR_IO: no memory. A check also has
     * ERR_DENIED: another password. Against the empty hash of an unknown account it takes as long
     * as against any, and fails.
     */
    enum err err;
    /* Of `new_password`; without one, of `password` if the hash it passed has outdated parameters.
     * Else empty. */
    char new_hash[PASSWORDS_HASH_MAX];

    struct passwords *passwords; /* its own */
    struct list link;
};

/* done() may not ask for another job: when the daemon stops, the home may be gone by then. */
void passwords_run(struct passwords *, struct passwords_job *);

/* The same without a loop, for the command line: makes the hash. ERR_IO: no memory. */
MUST_USE enum err passwords_hash(const struct passwords_options *, struct secret password,
                                 char out[PASSWORDS_HASH_MAX]);
