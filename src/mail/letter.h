/* What a mail says: a message of RFC 5322 with the same words as plain text and as HTML. Pure. */
#pragma once

#include "base/buf.h"
#include "base/random.h"
#include "base/secret.h"

#include <stdint.h>

enum mail_kind { MAIL_CONFIRM, MAIL_RESET };

enum { LETTER_MAX = 8192, LETTER_LINK_MAX = 1024 };

struct mail_letter {
    enum mail_kind kind;
    struct str to;   /* passed account_email_is_valid() */
    struct str name; /* of the account: passed channel_name_check() */
    struct secret code;
};

/* The address that does what the mail is for; contains the code. */
void letter_put_link(const struct mail_letter *, const char *client_base_url, struct buf *out);

struct letter_site {
    const char *from; /* address */
    const char *client_base_url;
    struct random *random;
    int64_t now_us;
};

void letter_put(const struct mail_letter *, const struct letter_site *, struct buf *out);
