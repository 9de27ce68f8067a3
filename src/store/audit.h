/* The log of what matters for security, written in the transaction that does it. For store/ only.
 */
#pragma once

#include "store/sql.h"

struct audit_entry {
    const char *actor_id;   /* user id, or NULL */
    const char *action;     /* "session.reuse" */
    const char *target;     /* of what the action is, or NULL */
    const char *channel_id; /* or NULL */
    const char *address;    /* of the client, or NULL */
    const char *detail;     /* JSON object, or NULL */
    int64_t now_us;
};

MUST_USE enum err audit_write(struct sql *, const struct audit_entry *);
