/*
 * The log: one event, one line. `log_info("rtmp", "publish rejected", "reason=%s channel=%s", …)`.
 *
 * The message is fixed text; what varies follows as key=value pairs, written by `format`. Text from
 * a peer goes through log_quote(), which escapes and cuts it. No secret, and no URL with its query,
 * ever goes here. Any thread.
 *
 * Text for people:  2026-02-03T10:00:00.000Z INFO  rtmp: publish rejected reason=key channel=cats
 * JSON by option:   {"time":…,"level":"info","module":"rtmp","message":…,"reason":…,"channel":…}
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

enum log_level {
    LOG_LEVEL_ERROR, /* we failed */
    LOG_LEVEL_WARN,  /* someone must look */
    LOG_LEVEL_INFO,  /* life cycle */
    LOG_LEVEL_DEBUG,
};

struct log_options {
    enum log_level level;
    bool json;
    const char *file; /* NULL or "": standard error */
};

enum { LOG_QUOTE_MAX = 128 };

/* A peer's text made fit for a line: quoted, control characters escaped, cut to LOG_QUOTE_MAX. */
struct log_text {
    char at[LOG_QUOTE_MAX * 4 + 3];
};
struct log_text log_quote(struct str peer_text);

/* Opens the file, if one is named. May be called again to change level or file (reload). */
MUST_USE enum err log_open(const struct log_options *);
void log_close(void);

bool log_is_on(enum log_level);

/* `format` holds `key=value` pairs apart by single spaces; values that may hold a space come from
 * log_quote(). It may be NULL when nothing varies. */
void log_write(enum log_level, const char *module, const char *message, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* NOLINTBEGIN(readability-identifier-naming): they are called like functions */
#define log_error(module, message, ...) log_write(LOG_LEVEL_ERROR, module, message, __VA_ARGS__)
#define log_warn(module, message, ...)  log_write(LOG_LEVEL_WARN, module, message, __VA_ARGS__)
#define log_info(module, message, ...)  log_write(LOG_LEVEL_INFO, module, message, __VA_ARGS__)
#define log_debug(module, message, ...)                               \
    do {                                                              \
        if (log_is_on(LOG_LEVEL_DEBUG))                               \
            log_write(LOG_LEVEL_DEBUG, module, message, __VA_ARGS__); \
    } while (0)
/* NOLINTEND(readability-identifier-naming) */
