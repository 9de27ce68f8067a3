#include "log/log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* A line is cut here, so that one write() to a pipe or an append is never torn apart by another
 * thread's (PIPE_BUF is 4096). */
enum { LINE_MAX_BYTES = 4000 };

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *const level_columns[] = {"ERROR", "WARN ", "INFO ", "DEBUG"};

/* The process has one log; these change at start and by a reload only. */
static atomic_int the_level = LOG_LEVEL_INFO;
static atomic_bool is_json;
static atomic_int the_file = -1; /* -1: standard error */

enum err log_open(const struct log_options *options)
{
    bool has_file = options->file != NULL && options->file[0] != '\0';
    int fd = -1;
    if (has_file) {
        fd = open(options->file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
        if (fd < 0)
            return errno == EACCES ? ERR_DENIED : ERR_IO;
    }
    int before = atomic_load(&the_file);
    if (has_file && before >= 0) {
        /* Under the old number, since another thread may be about to write to it. */
        int moved = dup3(fd, before, O_CLOEXEC);
        (void)close(fd); /* the other name of the same file */
        if (moved < 0)
            return ERR_IO;
    } else {
        atomic_store(&the_file, fd); /* `before`, if any, stays open for a late writer */
    }
    atomic_store(&the_level, (int)options->level);
    atomic_store(&is_json, options->json);
    return ERR_OK;
}

void log_close(void)
{
    int fd = atomic_exchange(&the_file, -1);
    if (fd >= 0)
        (void)close(fd); /* nothing is buffered */
}

bool log_is_on(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&the_level, memory_order_relaxed);
}

static void put_escaped(struct buf *out, unsigned char byte)
{
    if (byte == '"' || byte == '\\')
        buf_printf(out, "\\%c", byte);
    else if (byte < 0x20 || byte >= 0x7f)
        buf_printf(out, "\\u%04x", byte);
    else
        buf_put(out, &byte, 1);
}

static size_t utf8_len(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* U+0080 to U+009F: control characters too, which some terminals obey. */
static bool is_c1_control(const char *at)
{
    return (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0;
}

struct log_text log_quote(struct str text)
{
    struct log_text quoted;
    struct buf out;
    buf_init(&out, sizeof(quoted.at) - 2); /* room for the last quote and the NUL */
    buf_put_cstr(&out, "\"");
    bool is_utf8 = text_is_utf8(text);
    for (size_t at = 0; at < text.len && at < LOG_QUOTE_MAX && !out.failed;) {
        size_t len = is_utf8 ? utf8_len((unsigned char)text.at[at]) : 1;
        if (len > 1 && !is_c1_control(text.at + at))
            buf_put(&out, text.at + at, len);
        else
            for (size_t i = 0; i < len; i++)
                put_escaped(&out, (unsigned char)text.at[at + i]);
        at += len;
    }
    memcpy(quoted.at, out.at, out.len);
    memcpy(quoted.at + out.len, "\"", 2);
    buf_finish(&out);
    return quoted;
}

/* `key=value key="quoted value"` to `,"key":"value","key":"quoted value"`. */
static void put_pairs_as_json(struct buf *out, const char *pairs)
{
    while (*pairs != '\0') {
        size_t key_len = strcspn(pairs, "= ");
        buf_printf(out, ",\"%.*s\":\"", (int)key_len, pairs);
        pairs += key_len;
        if (*pairs == '=')
            pairs++;
        bool is_quoted = *pairs == '"';
        if (is_quoted)
            pairs++;
        while (*pairs != '\0' && *pairs != (is_quoted ? '"' : ' ')) {
            if (is_quoted && *pairs == '\\' && pairs[1] != '\0')
                buf_put(out, pairs++, 1); /* escaped as JSON wants it already */
            if (is_quoted)
                buf_put(out, pairs, 1);
            else
                put_escaped(out, (unsigned char)*pairs);
            pairs++;
        }
        buf_put_cstr(out, "\"");
        pairs += *pairs == '"';
        pairs += strspn(pairs, " ");
    }
}

static void write_line(const struct buf *line)
{
    int fd = atomic_load(&the_file);
    if (fd < 0)
        fd = STDERR_FILENO;
    ssize_t written = write(fd, line->at, line->len);
    (void)written; /* there is nobody left to tell */
}

void log_write(enum log_level level, const char *module, const char *message, const char *format,
               ...)
{
    if (!log_is_on(level))
        return;
    char pairs[LINE_MAX_BYTES / 2] = "";
    if (format != NULL) {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(pairs, sizeof(pairs), format, args); /* cut if too long */
        va_end(args);
    }
    char time[CLOCK_ISO_LEN + 1];
    clock_format_iso(clock_wall_us(), time);

    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    if (atomic_load(&is_json)) {
        buf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"module\":\"%s\",\"message\":\"%s\"",
                   time, level_names[level], module, message);
        put_pairs_as_json(&line, pairs);
        buf_put_cstr(&line, "}\n");
    } else {
        buf_printf(&line, "%s %s %s: %s%s%s\n", time, level_columns[level], module, message,
                   pairs[0] != '\0' ? " " : "", pairs);
    }
    write_line(&line);
    buf_finish(&line);
}
