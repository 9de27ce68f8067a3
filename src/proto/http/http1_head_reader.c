#include "proto/http/http1_head_reader.h"

#include "base/text.h"
#include "proto/http/chars.h"

enum {
    /* "OPTIONS " and " HTTP/1.1" around the URL, and an absolute-form's scheme and host. */
    REQUEST_LINE_EXTRA = 320,
    MAX_METHOD = 32,
    MAX_CONTENT_LENGTH_DIGITS = 15,
};

static enum err refuse(struct http1_head_reader *reader, unsigned status)
{
    reader->status = status;
    return ERR_MALFORMED;
}

enum http_method http_method_of(struct str token)
{
    static const struct {
        struct str name;
        enum http_method method;
    } methods[] = {
        {{"GET", 3}, HTTP_GET},         {{"HEAD", 4}, HTTP_HEAD},   {{"POST", 4}, HTTP_POST},
        {{"PUT", 3}, HTTP_PUT},         {{"PATCH", 5}, HTTP_PATCH}, {{"DELETE", 6}, HTTP_DELETE},
        {{"OPTIONS", 7}, HTTP_OPTIONS},
    };
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (str_equal(token, methods[i].name))
            return methods[i].method;
    return HTTP_OTHER;
}

/* The length of the head with its blank line, or 0 while that has not come. A line that ends in a
 * bare LF fails here, so that it is answered and not waited for. */
static enum err find_end(struct http1_head_reader *reader, struct str bytes, size_t *out_len)
{
    size_t at = reader->seen;
    *out_len = 0;
    while (at < bytes.len) {
        const char *lf = memchr(bytes.at + at, '\n', bytes.len - at);
        if (lf == NULL)
            break;
        size_t place = (size_t)(lf - bytes.at);
        if (place == 0 || lf[-1] != '\r')
            return refuse(reader, 400);
        if (bytes.len - place < 3) {
            /* Whether this line was the last cannot be told yet; look at it again. */
            reader->seen = place;
            return bytes.len - place == 2 && lf[1] == '\n' ? refuse(reader, 400) : ERR_OK;
        }
        if (lf[1] == '\r' && lf[2] == '\n') {
            *out_len = place + 3;
            return ERR_OK;
        }
        at = place + 1;
    }
    reader->seen = bytes.len;
    return ERR_OK;
}

/* What can be said of a head that is not whole. */
static enum err check_unfinished(struct http1_head_reader *reader,
                                 const struct http1_limits *limits, struct str bytes)
{
    const char *lf = memchr(bytes.at, '\n', bytes.len);
    size_t line_len = lf == NULL ? bytes.len : (size_t)(lf - bytes.at);
    if (line_len > limits->max_url + REQUEST_LINE_EXTRA)
        return refuse(reader, 414);
    if (bytes.len - line_len > limits->max_head)
        return refuse(reader, 431);

    /* TLS on the plain port, RTMP, or noise: no need to wait for a line of it. */
    for (size_t i = 0; i < bytes.len && i < MAX_METHOD && bytes.at[i] != ' '; i++)
        if (!http_is_token_char((uint8_t)bytes.at[i]))
            return refuse(reader, 400);
    return ERR_AGAIN;
}

/* Takes the bytes before the next CRLF, which find_end() has made sure of. */
static struct str take_line(struct str *bytes)
{
    const char *lf = memchr(bytes->at, '\n', bytes->len);
    size_t len = (size_t)(lf - bytes->at);
    struct str line = {.at = bytes->at, .len = len - 1};
    bytes->at += len + 1;
    bytes->len -= len + 1;
    return line;
}

/* absolute-form (RFC 9112 §3.2.2) is what proxies get, and what servers must accept. */
static struct str strip_origin(struct str target)
{
    static const struct str schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < 2; i++) {
        struct str scheme = schemes[i];
        if (target.len <= scheme.len ||
            !text_equal_nocase((struct str){target.at, scheme.len}, scheme))
            continue;
        struct str rest = {target.at + scheme.len, target.len - scheme.len};
        const char *slash = memchr(rest.at, '/', rest.len);
        if (slash != NULL && slash != rest.at)
            return (struct str){slash, rest.len - (size_t)(slash - rest.at)};
    }
    return target;
}

static enum err read_target(struct http1_head_reader *reader, const struct http1_limits *limits,
                            struct str target, struct http1_head *out)
{
    for (size_t i = 0; i < target.len; i++)
        if (!http_is_visible_char((uint8_t)target.at[i]) || target.at[i] == '#')
            return refuse(reader, 400);

    target = strip_origin(target);
    if (target.len > limits->max_url)
        return refuse(reader, 414);
    bool is_asterisk = str_equal(target, STR("*")) && out->method == HTTP_OPTIONS;
    if (target.len == 0 || (target.at[0] != '/' && !is_asterisk))
        return refuse(reader, 400);

    out->path = text_cut(target, '?', &out->query);
    return ERR_OK;
}

static enum err read_version(struct http1_head_reader *reader, struct str version,
                             struct http1_head *out)
{
    if (str_equal(version, STR("HTTP/1.1")) || str_equal(version, STR("HTTP/1.0"))) {
        out->is_http10 = version.at[7] == '0';
        return ERR_OK;
    }
    bool is_other = version.len == 8 && memcmp(version.at, "HTTP/", 5) == 0 &&
                    version.at[5] >= '0' && version.at[5] <= '9' && version.at[6] == '.' &&
                    version.at[7] >= '0' && version.at[7] <= '9';
    return refuse(reader, is_other ? 505 : 400);
}

static enum err read_request_line(struct http1_head_reader *reader,
                                  const struct http1_limits *limits, struct str line,
                                  struct http1_head *out)
{
    struct str rest;
    struct str method = text_cut(line, ' ', &rest);
    if (method.len == 0 || method.len > MAX_METHOD)
        return refuse(reader, 400);
    for (size_t i = 0; i < method.len; i++)
        if (!http_is_token_char((uint8_t)method.at[i]))
            return refuse(reader, 400);
    out->method = http_method_of(method);

    struct str version;
    struct str target = text_cut(rest, ' ', &version);
    enum err err = read_version(reader, version, out);
    return err != ERR_OK ? err : read_target(reader, limits, target, out);
}

static enum err read_field(struct http1_head_reader *reader, struct str line,
                           struct http_header *out)
{
    const uint8_t *at = (const uint8_t *)line.at;
    size_t colon = 0;
    while (colon < line.len && http_is_token_char(at[colon]))
        colon++;
    /* This also refuses a folded line and a space before the colon. */
    if (colon == 0 || colon == line.len || at[colon] != ':')
        return refuse(reader, 400);

    for (size_t i = colon + 1; i < line.len; i++)
        if (!http_is_value_char(at[i]))
            return refuse(reader, 400);
    out->name = (struct str){line.at, colon};
    out->value = text_trim((struct str){line.at + colon + 1, line.len - colon - 1});
    return ERR_OK;
}

/* What the fields that frame the message have said so far. */
struct framing {
    unsigned hosts;
    unsigned lengths;
    unsigned codings;
    bool is_close;
    bool is_keep_alive;
};

static void read_connection(struct str value, struct framing *framing, struct http1_head *out)
{
    while (value.len > 0) {
        struct str option = text_trim(text_cut(value, ',', &value));
        framing->is_close |= text_equal_nocase(option, STR("close"));
        framing->is_keep_alive |= text_equal_nocase(option, STR("keep-alive"));
        out->is_upgrade |= text_equal_nocase(option, STR("upgrade"));
    }
}

static enum err read_content_length(struct http1_head_reader *reader, struct str value,
                                    struct framing *framing, struct http1_head *out)
{
    /* Twice the same would be allowed by RFC 9110 §8.6, but who sends that? */
    if (++framing->lengths > 1 || value.len > MAX_CONTENT_LENGTH_DIGITS ||
        text_read_uint(value, UINT64_MAX, &out->content_length) != ERR_OK)
        return refuse(reader, 400);
    return ERR_OK;
}

static enum err read_transfer_encoding(struct http1_head_reader *reader, struct str value,
                                       struct framing *framing, struct http1_head *out)
{
    if (++framing->codings > 1)
        return refuse(reader, 400);
    if (!text_equal_nocase(value, STR("chunked")))
        return refuse(reader, 501);
    out->is_chunked = true;
    return ERR_OK;
}

static enum err read_expect(struct http1_head_reader *reader, struct str value,
                            struct http1_head *out)
{
    if (!text_equal_nocase(value, STR("100-continue")))
        return refuse(reader, 400);
    out->expects_continue = true;
    return ERR_OK;
}

static enum err note_field(struct http1_head_reader *reader, const struct http_header *field,
                           struct framing *framing, struct http1_head *out)
{
    switch (field->name.len) { /* spares the comparisons for nearly every field */
    case 4:
        framing->hosts += text_equal_nocase(field->name, STR("host"));
        return ERR_OK;
    case 6:
        if (text_equal_nocase(field->name, STR("expect")))
            return read_expect(reader, field->value, out);
        return ERR_OK;
    case 10:
        if (text_equal_nocase(field->name, STR("connection")))
            read_connection(field->value, framing, out);
        return ERR_OK;
    case 14:
        if (text_equal_nocase(field->name, STR("content-length")))
            return read_content_length(reader, field->value, framing, out);
        return ERR_OK;
    case 17:
        if (text_equal_nocase(field->name, STR("transfer-encoding")))
            return read_transfer_encoding(reader, field->value, framing, out);
        return ERR_OK;
    default:
        return ERR_OK;
    }
}

static enum err check_framing(struct http1_head_reader *reader, const struct framing *framing,
                              struct http1_head *out)
{
    bool has_both = framing->lengths > 0 && framing->codings > 0;
    bool is_chunked_http10 = out->is_http10 && framing->codings > 0;
    bool has_wrong_host = framing->hosts > 1 || (framing->hosts == 0 && !out->is_http10);
    if (has_both || is_chunked_http10 || has_wrong_host)
        return refuse(reader, 400);

    out->is_persistent = !framing->is_close && (!out->is_http10 || framing->is_keep_alive);
    out->expects_continue = out->expects_continue && !out->is_http10;
    return ERR_OK;
}

static enum err read_fields(struct http1_head_reader *reader, struct str bytes,
                            struct http1_head *out)
{
    struct framing framing = {0};
    for (;;) {
        struct str line = take_line(&bytes);
        if (line.len == 0)
            return check_framing(reader, &framing, out);
        if (out->header_count == HTTP_MAX_HEADERS)
            return refuse(reader, 431);

        struct http_header *field = &out->headers[out->header_count];
        enum err err = read_field(reader, line, field);
        if (err == ERR_OK)
            err = note_field(reader, field, &framing, out);
        if (err != ERR_OK)
            return err;
        out->header_count++;
    }
}

enum err http1_head_read(struct http1_head_reader *reader, const struct http1_limits *limits,
                         struct str bytes, struct http1_head *out)
{
    size_t skipped = 0;
    if (bytes.len >= 2 && bytes.at[0] == '\r' && bytes.at[1] == '\n')
        skipped = 2; /* RFC 9112 §2.2: one empty line before the request line is ignored */
    else if (bytes.len < 2 && (bytes.len == 0 || bytes.at[0] == '\r'))
        return ERR_AGAIN;
    struct str head = {.at = bytes.at + skipped, .len = bytes.len - skipped};

    size_t len = 0;
    enum err err = find_end(reader, head, &len);
    if (err != ERR_OK)
        return err;
    if (len == 0)
        return check_unfinished(reader, limits, head);

    head.len = len;
    out->len = skipped + len;
    out->header_count = 0;
    out->content_length = 0;
    out->is_upgrade = out->is_chunked = out->expects_continue = false;
    struct str line = take_line(&head);
    if (line.len > limits->max_url + REQUEST_LINE_EXTRA)
        return refuse(reader, 414);
    if (head.len > limits->max_head)
        return refuse(reader, 431);
    err = read_request_line(reader, limits, line, out);
    return err != ERR_OK ? err : read_fields(reader, head, out);
}
