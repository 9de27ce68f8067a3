/* The one shape of errors (API contract §1.5): {"__type":"…Exception","message":"…","field"?}. */
#pragma once

#include "http/request.h"

enum { ERRORS_MAX_MORE = 4 };

struct api_error {
    unsigned status;
    const char *type; /* "BadRequest": Exception is appended; NULL: the usual one of the status */
    const char *message;       /* a sentence a person can act on; NULL: a general one */
    const char *field;         /* JSON path or parameter; NULL: none */
    unsigned retry_after_s;    /* 0: no Retry-After */
    const char *cache_control; /* NULL: no-store */
};

/* Answers and ends the request. */
void errors_reply(struct request *, const struct api_error *);

/* With more headers, at most ERRORS_MAX_MORE. */
void errors_reply_with(struct request *, const struct api_error *, const struct http_header *more,
                       size_t count);

/* As above, for the plain cases: errors_reply_status(request, 404). */
void errors_reply_status(struct request *, unsigned status);
