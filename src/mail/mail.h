/*
 * Mail to people: the links that confirm an address or reset a password (api 2.2.4, 7.10).
 *
 * mail_send() costs its caller the same whatever becomes of the mail: it is composed and delivered
 * on the worker pool, and failures are logged.
 */
#pragma once

#include "base/secret.h"
#include "loop/loop.h"
#include "mail/letter.h"

#include <stdbool.h>

struct mail_options {
    const char *folder; /* where each mail becomes a file; made when the first one comes */
    const char *from;   /* address; "": one that says nobody reads it */
    const char *client_base_url;
    bool logs_links; /* the log stands in for the mail server (mail.driver file) */
};

struct mail;

struct mail *mail_create(const struct mail_options *); /* texts are borrowed */
void mail_destroy(struct mail *);                      /* after the loops */

/* The letter is copied. Any loop. */
void mail_send(struct mail *, struct loop *, const struct mail_letter *);
