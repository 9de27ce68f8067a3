#include "http/request.h"

#include "base/clock.h"
#include "base/text.h"
#include "http/inside.h"
#include "proto/http/condition_reader.h"
#include "proto/http/path_reader.h"
#include "proto/http/range_reader.h"
#include "proto/websocket/handshake.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>

_Static_assert(sizeof(((struct request *)0)->websocket_accept) == WEBSOCKET_ACCEPT_LEN + 1,
               "room for the answer to a handshake");

enum { DECIMAL_LEN = 20, CONTENT_RANGE_LEN = 80, MIN_ID = 8, OWN_BLOCK = 4 << 10 };

struct str request_header(const struct request *request, struct str name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (text_equal_nocase(request->headers[i].name, name))
            return request->headers[i].value;
    return (struct str){0};
}

static bool matches_etag(const struct request *request, struct str etag)
{
    struct str tags = request_header(request, STR("if-none-match"));
    return tags.at != NULL && http_if_none_match_has(tags, etag);
}

uint64_t request_client_key(const struct request *request)
{
    static const uint8_t v4_mapped[12] = {[10] = 0xff, [11] = 0xff};
    bool is_v4 = memcmp(request->client, v4_mapped, sizeof(v4_mapped)) == 0;
    uint64_t key = 0;
    for (size_t i = 0; i < 8; i++)
        key = key << 8 | request->client[is_v4 ? 8 + i : i];
    return key;
}

void request_client_text(const struct request *request, char out[CONN_ADDRESS_LEN])
{
    struct in6_addr address;
    memcpy(&address, request->client, sizeof(address));
    bool is_v4 = IN6_IS_ADDR_V4MAPPED(&address);
    if (inet_ntop(is_v4 ? AF_INET : AF_INET6, request->client + (is_v4 ? 12 : 0), out,
                  CONN_ADDRESS_LEN) == NULL)
        out[0] = '\0'; /* cannot be: it fits */
}

/* --- Arrival --- */

static void make_id(struct http_server *server, char *out)
{
    /* splitmix64 is a bijection, so a loop does not give an id twice. */
    uint64_t x = server->next_id += 0x9e3779b97f4a7c15U;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    x ^= x >> 31;
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
    for (size_t i = 0; i < 13; i++, x >>= 5)
        out[i] = digits[x & 31];
    out[13] = '\0';
}

static bool is_id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

/* API contract §1.1: the caller's own id, if it has the form of one. */
static void take_id(struct request *request, struct str id)
{
    if (id.len < MIN_ID || id.len > REQUEST_ID_MAX)
        return;
    for (size_t i = 0; i < id.len; i++)
        if (!is_id_char(id.at[i]))
            return;
    memcpy(request->id, id.at, id.len);
    request->id[id.len] = '\0';
}

static bool is_trusted(const struct http_server *server, const uint8_t address[16])
{
    for (size_t i = 0; i < server->options.trusted_proxy_count; i++)
        if (http_network_has(&server->trusted_proxies[i], address))
            return true;
    return false;
}

/* The last address in the list that is none of our proxies: what stands before it may be forged. */
static void take_forwarded(struct request *request, const struct http_server *server,
                           struct str list)
{
    while (list.len > 0) {
        size_t start = list.len;
        while (start > 0 && list.at[start - 1] != ',')
            start--;
        uint8_t address[16];
        struct str last = text_trim((struct str){list.at + start, list.len - start});
        if (http_address_read(last, address) != ERR_OK)
            return;
        memcpy(request->client, address, sizeof(address));
        if (!is_trusted(server, address))
            return;
        list.len = start > 0 ? start - 1 : 0;
    }
}

static void note_header(struct request *request, const struct http_server *server,
                        const struct http_header *header)
{
    switch (header->name.len) { /* spares the comparisons for nearly every field */
    case 5:
        if (text_equal_nocase(header->name, STR("range")))
            request->range = http_range_read(header->value);
        break;
    case 12:
        if (text_equal_nocase(header->name, STR("x-request-id")))
            take_id(request, header->value);
        break;
    case 15:
        if (text_equal_nocase(header->name, STR("accept-encoding")))
            request->codings |= http_accept_encoding_read(header->value);
        else if (request->is_from_proxy && text_equal_nocase(header->name, STR("x-forwarded-for")))
            take_forwarded(request, server, header->value);
        break;
    default:
        break;
    }
}

/* Looked at now, so that a request that was kept can still be upgraded. */
static void note_handshake(struct request *request)
{
    request->handshake = ERR_MALFORMED;
    if (!request->is_upgrade)
        return;
    const struct websocket_handshake handshake = {
        .upgrade = request_header(request, STR("upgrade")),
        .key = request_header(request, STR("sec-websocket-key")),
        .version = request_header(request, STR("sec-websocket-version")),
        .is_upgrade_connection = true,
        .is_get = request->method == HTTP_GET && request->body.len == 0,
    };
    request->handshake = websocket_check_handshake(&handshake, request->websocket_accept);
}

void request_begin(struct request *request, const struct request_transport *transport,
                   struct inside_peer *peer)
{
    struct http_server *server = peer->server;
    request->server = server;
    request->loop = server->loop;
    request->transport = transport;
    request->is_tls = conn_is_tls(peer->conn);
    memcpy(request->client, peer->address, sizeof(request->client));
    request->is_from_proxy = is_trusted(server, peer->address);
    make_id(server, request->id);
    metrics_add(server->options.metrics, METRIC_HTTP_REQUESTS, 1);
}

static void refuse(struct request *request, unsigned status)
{
    struct http_server *server = request->server;
    metrics_add(server->options.metrics, METRIC_HTTP_REFUSED, 1);
    if (server->options.on_refused != NULL)
        server->options.on_refused(request, status, server->options.arg);
    else
        request_reply_text(request, status, STR("text/plain; charset=utf-8"), STR("refused\n"));
}

void request_refuse(struct request *request, unsigned status)
{
    request->arena = &request->server->arena;
    refuse(request, status);
}

static void handle(struct request *request)
{
    struct http_server *server = request->server;
    int64_t start_us = clock_monotonic_us();
    server->options.on_request(request, server->options.arg);
    metrics_observe(server->options.metrics, METRIC_HTTP_REQUEST_TIME,
                    clock_monotonic_us() - start_us);
}

void request_dispatch(struct request *request, unsigned status, struct str body)
{
    struct http_server *server = request->server;
    const struct http1_head *head = &server->head;
    request->arena = &server->arena;
    request->method = head->method;
    request->path = head->path;
    request->query = head->query;
    request->headers = head->headers;
    request->header_count = head->header_count;
    request->body = body;
    request->segments = &server->path;
    server->path.count = 0;
    for (size_t i = 0; i < head->header_count; i++)
        note_header(request, server, &head->headers[i]);
    request->is_upgrade = head->is_upgrade;
    note_handshake(request);

    enum err err = http_path_read(head->path, &server->arena, &server->path);
    if (server->is_draining)
        status = 503;
    else if (status == 0 && err != ERR_OK)
        status = err == ERR_NOT_FOUND ? 404 : 400;

    if (status != 0)
        refuse(request, status);
    else
        handle(request);
    arena_reset(&server->arena);
}

void request_keep(struct request *request, void (*on_gone)(struct request *, void *arg), void *arg)
{
    request->is_kept = true;
    request->on_gone = on_gone;
    request->on_gone_arg = arg;
}

static struct str own_str(struct arena *arena, struct str str)
{
    return str.at != NULL ? arena_copy(arena, str) : str;
}

static const struct http_path *own_path(struct arena *arena, const struct http_path *path)
{
    struct http_path *copy = arena_alloc(arena, sizeof(*copy));
    copy->count = path->count;
    for (size_t i = 0; i < path->count; i++)
        copy->segments[i] = own_str(arena, path->segments[i]);
    return copy;
}

static const struct http_header *own_headers(struct arena *arena, const struct request *request)
{
    struct http_header *copies = arena_alloc(arena, request->header_count * sizeof(*copies));
    for (size_t i = 0; i < request->header_count; i++) {
        copies[i].name = own_str(arena, request->headers[i].name);
        copies[i].value = own_str(arena, request->headers[i].value);
    }
    return copies;
}

void request_own(struct request *request)
{
    assert(request->own == NULL);
    struct arena first;
    arena_init(&first, OWN_BLOCK);
    struct arena *own = arena_alloc(&first, sizeof(*own));
    *own = first; /* it lives in itself */
    request->own = request->arena = own;
    request->path = own_str(own, request->path);
    request->query = own_str(own, request->query);
    request->body = own_str(own, request->body);
    if (request->segments != NULL)
        request->segments = own_path(own, request->segments);
    request->headers = own_headers(own, request);
}

/* Whoever looks at these later finds nothing rather than rubble. */
static void clear_parts(struct request *request)
{
    request->path = request->query = request->body = (struct str){0};
    request->segments = NULL;
    request->headers = NULL;
    request->header_count = 0;
    request->arena = NULL;
}

static void free_own(struct arena *own)
{
    if (own == NULL)
        return;
    struct arena copy = *own; /* which lives in itself */
    arena_finish(&copy);
}

void request_release(struct request *request)
{
    if (request->own == NULL)
        return;
    free_own(request->own);
    request->own = NULL;
    clear_parts(request);
}

void request_settle(struct request *request)
{
    if (request_header(request, STR("if-range")).at != NULL)
        request->range.kind = HTTP_RANGE_NONE; /* the tag to compare with will be gone */
    if (request->own == NULL)
        clear_parts(request);
    assert(request->is_kept);
    if (!request->is_kept)
        request_refuse(request, 500);
}

bool request_gone(struct request *request)
{
    void (*on_gone)(struct request *, void *arg) = request->on_gone;
    if (on_gone == NULL)
        return false;
    request->on_gone = NULL;
    on_gone(request, request->on_gone_arg);
    request_release(request);
    return true;
}

void request_set_policy(struct request *request, const struct http_header *headers, size_t count)
{
    request->policy = headers;
    request->policy_count = count;
}

/* --- The answer --- */

struct outgoing {
    struct http_header headers[REQUEST_MAX_HEADERS_OUT + 1]; /* one is the transport's */
    size_t header_count;
    struct slice slices[REQUEST_MAX_SLICES];
    size_t slice_count;
    size_t whole_len;
    size_t body_len;
    unsigned status;
    char length[DECIMAL_LEN + 1];
    char range[CONTENT_RANGE_LEN];
};

/* HTTP/2 sends names as they are, and wants them so. */
__attribute__((unused)) static bool is_lower(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] >= 'A' && name.at[i] <= 'Z')
            return false;
    return true;
}

static void put_header(struct outgoing *out, struct str name, struct str value)
{
    assert(is_lower(name));
    assert(out->header_count < REQUEST_MAX_HEADERS_OUT);
    if (value.len > 0 && out->header_count < REQUEST_MAX_HEADERS_OUT)
        out->headers[out->header_count++] = (struct http_header){.name = name, .value = value};
}

static void put_headers(struct outgoing *out, const struct http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_header(out, headers[i].name, headers[i].value);
}

static void take_slices(struct outgoing *out, const struct reply *reply)
{
    assert(reply->slice_count <= REQUEST_MAX_SLICES);
    for (size_t i = 0; i < reply->slice_count && i < REQUEST_MAX_SLICES; i++) {
        out->slices[out->slice_count++] = reply->slices[i];
        out->body_len += reply->slices[i].len;
    }
    out->whole_len = out->body_len;
}

/* Leaves `len` bytes of the body, from `first` on. */
static void cut_slices(struct outgoing *out, size_t first, size_t len)
{
    size_t count = 0;
    out->body_len = len;
    for (size_t i = 0; i < out->slice_count && len > 0; i++) {
        struct slice slice = out->slices[i];
        size_t skipped = first < slice.len ? first : slice.len;
        first -= skipped;
        slice.at += skipped;
        slice.len -= skipped;
        if (slice.len > len)
            slice.len = len;
        len -= slice.len;
        if (slice.len > 0)
            out->slices[count++] = slice;
    }
    out->slice_count = count;
}

static bool range_applies(const struct request *request, const struct reply *reply)
{
    if (reply->status != 200 || !reply->has_ranges || request->method != HTTP_GET ||
        request->range.kind == HTTP_RANGE_NONE)
        return false;
    /* RFC 9110 §13.1.5: strong comparison, and a date never equals a tag. */
    struct str if_range = request_header(request, STR("if-range"));
    return if_range.at == NULL || (str_equal(if_range, reply->etag) && if_range.at[0] == '"');
}

/* 200 becomes 304, 206 or 416 where the request asked for that. */
static void apply_conditions(const struct request *request, const struct reply *reply,
                             struct outgoing *out)
{
    bool is_get = request->method == HTTP_GET || request->method == HTTP_HEAD;
    if (reply->status == 200 && is_get && reply->etag.len > 0 && !reply->is_unqualified &&
        matches_etag(request, reply->etag)) {
        out->status = 304;
        cut_slices(out, 0, 0);
        return;
    }
    if (!range_applies(request, reply))
        return;
    uint64_t first = 0;
    uint64_t len = 0;
    if (!http_range_resolve(&request->range, out->whole_len, &first, &len)) {
        out->status = 416;
        return;
    }
    out->status = 206;
    cut_slices(out, (size_t)first, (size_t)len);
    (void)snprintf(out->range, sizeof(out->range), "bytes %llu-%llu/%zu", (unsigned long long)first,
                   (unsigned long long)(first + len - 1), out->whole_len); /* fits: three numbers */
}

static struct str write_length(struct outgoing *out)
{
    char *at = out->length + DECIMAL_LEN;
    size_t rest = out->body_len;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    return (struct str){at, (size_t)(out->length + DECIMAL_LEN - at)};
}

static struct str date_of(struct http_server *server)
{
    int64_t now_us = loop_now_us(server->loop);
    if (now_us >= server->date_until_us) {
        int64_t wall_us = clock_wall_us();
        http_date_write(wall_us, server->date);
        server->date_until_us = now_us + 1000000 - wall_us % 1000000;
    }
    return (struct str){server->date, HTTP_DATE_LEN};
}

static void write_headers(const struct request *request, const struct reply *reply,
                          struct outgoing *out)
{
    bool has_content = out->status != 304 && out->status != 204;
    put_header(out, STR("date"), date_of(request->server));
    if (has_content) {
        put_header(out, STR("content-type"), reply->content_type);
        put_header(out, STR("content-length"), write_length(out));
        put_header(out, STR("content-encoding"), reply->content_encoding);
    }
    put_header(out, STR("cache-control"), reply->cache_control);
    put_header(out, STR("etag"), reply->etag);
    if (reply->has_ranges)
        put_header(out, STR("accept-ranges"), STR("bytes"));
    if (out->range[0] != '\0')
        put_header(out, STR("content-range"), str_of(out->range));
    put_header(out, STR("x-request-id"), str_of(request->id));
    put_header(out, STR("x-content-type-options"), STR("nosniff"));
    put_header(out, STR("referrer-policy"), STR("strict-origin-when-cross-origin"));
    put_headers(out, request->policy, request->policy_count);
    put_headers(out, reply->headers, reply->header_count);
}

static void count_answer(const struct request *request, const struct request_answer *answer)
{
    static const enum metric metrics[] = {
        [2] = METRIC_HTTP_RESPONSES_2XX,
        [3] = METRIC_HTTP_RESPONSES_3XX,
        [4] = METRIC_HTTP_RESPONSES_4XX,
        [5] = METRIC_HTTP_RESPONSES_5XX,
    };
    struct metrics *table = request->server->options.metrics;
    if (answer->status >= 200 && answer->status < 600)
        metrics_add(table, metrics[answer->status / 100], 1);
    metrics_add(table, METRIC_HTTP_SENT_BYTES, (int64_t)answer->body_len);
}

void request_reply(struct request *request, const struct reply *reply)
{
    struct outgoing out;
    out.header_count = out.slice_count = out.body_len = 0;
    out.range[0] = '\0';
    out.status = reply->status;
    take_slices(&out, reply);
    apply_conditions(request, reply, &out);
    if (out.status == 416 && reply->status == 200) {
        struct http_server *server = request->server;
        request->whole_size = out.whole_len;
        cut_slices(&out, 0, 0);
        if (server->options.on_refused != NULL) { /* comes back with the error */
            server->options.on_refused(request, 416, server->options.arg);
            return;
        }
    }
    if (out.status == 416)
        (void)snprintf(out.range, sizeof(out.range), "bytes */%llu",
                       (unsigned long long)request->whole_size); /* fits */
    write_headers(request, reply, &out);
    bool has_body = request->method != HTTP_HEAD;
    const struct request_answer answer = {
        .status = out.status,
        .headers = out.headers,
        .header_count = out.header_count,
        .slices = out.slices,
        .slice_count = has_body ? out.slice_count : 0,
        .body_len = has_body ? out.body_len : 0,
    };
    count_answer(request, &answer);
    struct arena *own = request->own; /* the answer may stand in there */
    request->own = NULL;
    request->transport->send(request, &answer);
    free_own(own);
}

void request_reply_text(struct request *request, unsigned status, struct str content_type,
                        struct str text)
{
    struct chunk *chunk = chunk_copy(text.at, text.len);
    struct slice slice = slice_of(chunk);
    request_reply(request, &(struct reply){.status = status,
                                           .content_type = content_type,
                                           .cache_control = STR("no-store"),
                                           .slices = &slice,
                                           .slice_count = 1});
    chunk_unref(&chunk);
}
