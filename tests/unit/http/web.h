/*
 * What the server's tests share: a server on a loop in a thread of its own, with a few handlers,
 * and blocking clients in the test's thread. Times are short here, so that a test need not sleep:
 * it waits for bytes, or for the end of the connection.
 */
#pragma once

#include "base/mem.h"
#include "check.h"
#include "http/server.h"
#include "loop/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { WEB_WAIT_S = 20, WEB_MAX_KEPT = 8192, WEB_BIG = 3 << 20 };

struct web {
    struct loop *loop;
    struct http_server *server;
    struct listener *listener;
    struct metrics *metrics;
    uint16_t port;
    pthread_t thread;
    sem_t changed;
    struct http_server_options options;
    struct tls_context *tls;
    void *handler_arg; /* of on_request; the web without one */

    /* Requests that wait; only touched on the loop. */
    struct request *kept[WEB_MAX_KEPT];
    atomic_uint kept_count;
    atomic_uint gone;
    atomic_uint handled;
    atomic_uint drained;
    struct chunk *big;
};

static inline void web_raise(struct web *web, atomic_uint *counter)
{
    atomic_fetch_add(counter, 1);
    sem_post(&web->changed);
}

/* True once the counter has reached `value`. */
static inline bool web_wait(struct web *web, atomic_uint *counter, unsigned value)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WEB_WAIT_S;
    while (atomic_load(counter) < value)
        if (sem_timedwait(&web->changed, &until) != 0)
            return false;
    return true;
}

struct web_call {
    void (*fn)(struct web *, void *arg);
    struct web *web;
    void *arg;
    sem_t done;
};

static inline void web_run_call(struct loop *loop, void *arg)
{
    (void)loop;
    struct web_call *call = arg;
    call->fn(call->web, call->arg);
    sem_post(&call->done);
}

/* Runs it on the loop and returns when it has. */
static inline void web_on_loop(struct web *web, void (*fn)(struct web *, void *arg), void *arg)
{
    struct web_call call = {.fn = fn, .web = web, .arg = arg};
    sem_init(&call.done, 0, 0);
    loop_post(web->loop, web_run_call, &call);
    while (sem_wait(&call.done) != 0) {
    }
    sem_destroy(&call.done);
}

/* --- Handlers --- */

static inline void web_on_gone(struct request *request, void *arg)
{
    struct web *web = arg;
    unsigned count = atomic_load(&web->kept_count);
    for (unsigned i = 0; i < count; i++)
        if (web->kept[i] == request)
            web->kept[i] = NULL;
    web_raise(web, &web->gone);
}

static inline void web_keep(struct web *web, struct request *request, bool tells_gone)
{
    request_keep(request, tells_gone ? web_on_gone : NULL, web);
    web->kept[atomic_load(&web->kept_count)] = request;
    web_raise(web, &web->kept_count);
}

static inline void web_reply_big(struct web *web, struct request *request)
{
    if (web->big == NULL) {
        web->big = chunk_create(WEB_BIG);
        for (size_t i = 0; i < WEB_BIG; i++)
            web->big->at[i] = (uint8_t)(i % 251);
    }
    /* Two slices, to be cut by ranges. */
    struct slice slices[2] = {{web->big, web->big->at, 1000},
                              {web->big, web->big->at + 1000, WEB_BIG - 1000}};
    request_reply(request, &(struct reply){.status = 200,
                                           .content_type = STR("video/mp4"),
                                           .cache_control = STR("public"),
                                           .etag = STR("\"big\""),
                                           .has_ranges = true,
                                           .slices = slices,
                                           .slice_count = 2});
}

static inline bool web_path_is(const struct request *request, const char *name)
{
    return request->segments->count > 0 && str_equal(request->segments->segments[0], str_of(name));
}

static inline void web_on_request(struct request *request, void *arg)
{
    struct web *web = arg;
    web_raise(web, &web->handled);
    if (web_path_is(request, "wait"))
        web_keep(web, request, true);
    else if (web_path_is(request, "late"))
        web_keep(web, request, false);
    else if (web_path_is(request, "own")) {
        request_own(request);
        web_keep(web, request, str_equal(request->query, STR("gone")));
    } else if (web_path_is(request, "big"))
        web_reply_big(web, request);
    else if (web_path_is(request, "echo"))
        request_reply_text(request, 200, STR("text/plain"), request->body);
    else if (web_path_is(request, "client")) {
        char text[CONN_ADDRESS_LEN];
        request_client_text(request, text);
        request_reply_text(request, 200, STR("text/plain"), str_of(text));
    } else
        request_reply_text(request, 200, STR("text/plain"), STR("hello"));
}

/* --- The server's life --- */

static inline void *web_run(void *arg)
{
    loop_run(arg);
    return NULL;
}

static inline void web_start_on_loop(struct web *web, void *arg)
{
    (void)arg;
    web->server = http_server_create(web->loop, &web->options);
    const struct listener_options options = {
        .host = "127.0.0.1",
        .max_connections = 30000,
        .protocol = "http",
        .tls = web->tls,
        .on_accept = http_server_accept,
        .arg = web->server,
    };
    enum err err = listener_create(web->loop, &options, &web->listener);
    CHECK_EQ(ERR_OK, err);
    web->port = listener_port(web->listener);
}

/* Set web->options, web->tls, web->handler_arg before; zeroed ones are the defaults. */
static inline void web_start(struct web *web)
{
    if (web->options.limits.max_url == 0)
        web->options.limits = http_default_limits;
    if (web->options.on_request == NULL)
        web->options.on_request = web_on_request;
    web->metrics = metrics_create();
    web->options.metrics = web->metrics;
    web->options.arg = web->handler_arg != NULL ? web->handler_arg : web;
    sem_init(&web->changed, 0, 0);
    CHECK_EQ(ERR_OK, loop_create(0, &web->loop));
    pthread_create(&web->thread, NULL, web_run, web->loop);
    web_on_loop(web, web_start_on_loop, NULL);
}

static inline void web_on_drained(void *arg)
{
    struct web *web = arg;
    web_raise(web, &web->drained);
}

static inline void web_drain(struct web *web, void *arg)
{
    if (web->listener != NULL)
        listener_destroy(web->listener);
    web->listener = NULL;
    http_server_drain(web->server, *(int64_t *)arg, web_on_drained, web);
}

static inline void web_destroy_on_loop(struct web *web, void *arg)
{
    (void)arg;
    http_server_destroy(web->server);
}

/* No connection and no kept request may be left behind by a test. */
static inline void web_stop(struct web *web)
{
    int64_t at_once = 0;
    unsigned drained = atomic_load(&web->drained);
    web_on_loop(web, web_drain, &at_once);
    CHECK(web_wait(web, &web->drained, drained + 1));
    web_on_loop(web, web_destroy_on_loop, NULL);
    loop_stop(web->loop);
    pthread_join(web->thread, NULL);
    loop_destroy(web->loop);
    metrics_destroy(web->metrics);
    chunk_unref(&web->big);
    sem_destroy(&web->changed);
}

static inline int64_t web_metric(struct web *web, enum metric metric)
{
    return metrics_sum(&web->metrics, 1, metric);
}

/* Whatever of an own request would be gone if it were not its own. */
static inline struct str web_parts(const struct request *request)
{
    struct str header = request_header(request, STR("x-part"));
    return arena_printf(request->arena, "%.*s %.*s %.*s %.*s %.*s", (int)request->path.len,
                        request->path.at, (int)request->segments->segments[1].len,
                        request->segments->segments[1].at, (int)request->query.len,
                        request->query.at, (int)header.len, header.at, (int)request->body.len,
                        request->body.at);
}

static inline void web_release_all(struct web *web, void *arg)
{
    (void)arg;
    unsigned count = atomic_load(&web->kept_count);
    atomic_store(&web->kept_count, 0);
    for (unsigned i = 0; i < count; i++) {
        struct request *request = web->kept[i];
        web->kept[i] = NULL;
        if (request != NULL && request->own != NULL)
            request_reply_text(request, 200, STR("text/plain"), web_parts(request));
        else if (request != NULL)
            request_reply_text(request, 200, STR("text/plain"), STR("released"));
    }
}

/* --- Clients --- */

static inline int web_connect(struct web *web)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(web->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = WEB_WAIT_S};
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    CHECK_EQ(0, connect(fd, (struct sockaddr *)&to, sizeof(to)));
    return fd;
}

/* False when the server closed meanwhile. */
static inline bool web_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

static inline bool web_say(int fd, const char *text)
{
    return web_send(fd, text, strlen(text));
}

/* What a client received. */
struct web_answer {
    unsigned status; /* 0: no answer, the connection ended */
    char head[8192];
    char *body; /* free() it: web_forget() */
    size_t body_len;
};

static inline void web_forget(struct web_answer *answer)
{
    free(answer->body);
    answer->body = NULL;
}

/* The value of a header, lower-case name; NULL without it. In a static buffer. */
static inline const char *web_header(const struct web_answer *answer, const char *name)
{
    static char value[4][1024];
    static unsigned turn;
    char wanted[128];
    (void)snprintf(wanted, sizeof(wanted), "\r\n%s: ", name);
    const char *at = strcasestr(answer->head, wanted);
    if (at == NULL)
        return NULL;
    at += strlen(wanted);
    size_t len = strcspn(at, "\r");
    char *out = value[turn++ % 4];
    (void)snprintf(out, 1024, "%.*s", (int)len, at);
    return out;
}

/* Reads one answer. `is_head`: to a HEAD request, no body comes. */
static inline struct web_answer web_read_answer(int fd, bool is_head)
{
    struct web_answer answer = {0};
    size_t len = 0;
    while (len < sizeof(answer.head) - 1 && recv(fd, answer.head + len, 1, 0) == 1) {
        len++;
        if (len >= 4 && memcmp(answer.head + len - 4, "\r\n\r\n", 4) == 0)
            break;
    }
    if (len < 12)
        return answer;
    answer.status = (unsigned)strtoul(answer.head + 9, NULL, 10);
    const char *length = web_header(&answer, "content-length");
    size_t body_len = is_head || length == NULL ? 0 : (size_t)strtoull(length, NULL, 10);
    answer.body = calloc(1, body_len + 1);
    while (answer.body_len < body_len) {
        ssize_t got = recv(fd, answer.body + answer.body_len, body_len - answer.body_len, 0);
        if (got <= 0)
            break;
        answer.body_len += (size_t)got;
    }
    return answer;
}

/* One exchange; the status alone. */
static inline unsigned web_status(int fd, const char *request)
{
    web_say(fd, request);
    struct web_answer answer = web_read_answer(fd, strncmp(request, "HEAD", 4) == 0);
    web_forget(&answer);
    return answer.status;
}

/* Has the server closed its direction? Skips what is left of answers. */
static inline bool web_is_closed(int fd)
{
    char rest[4096];
    ssize_t got = 0;
    while ((got = recv(fd, rest, sizeof(rest), 0)) > 0) {
    }
    return got == 0 || errno == ECONNRESET;
}
