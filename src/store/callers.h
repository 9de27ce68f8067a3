/* Who a sign-in session belongs to: asked on behalf of nearly every request. */
#pragma once

#include "store/store.h"

enum { STORE_USER_ID_LEN = 36 /* UUID */, STORE_SIGN_IN_ID_LEN = 36 /* at most */ };

struct store_caller {
    char session_id[STORE_SIGN_IN_ID_LEN + 1];
    char user_id[STORE_USER_ID_LEN + 1];
    char username[CHANNEL_NAME_MAX + 1]; /* the present one */
    struct channel_id channel_id;        /* empty: not provisioned yet */
};

/* Of a session that is neither revoked nor over. ERR_NOT_FOUND: there is none; ERR_IO. */
MUST_USE enum err store_caller_find(struct store *, struct str session_id, int64_t now_us,
                                    struct store_caller *out);
