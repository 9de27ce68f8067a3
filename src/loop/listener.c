#include "loop/listener.h"

#include "base/clock.h"
#include "base/mem.h"
#include "log/log.h"
#include "loop/conn_inside.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    ACCEPT_BUDGET = 64, /* a turn */
    RETRY_US = 100000,  /* after accept failed for want of descriptors or memory */
    LOG_PAUSE_US = 1000000,
    KEEPALIVE_S = 15,
    KEEPALIVE_PROBES = 3,
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un path;
};

struct listener {
    uv_poll_t poll; /* first: the handle is the listener */
    struct loop *loop;
    struct listener_options options;
    struct conn_quota *quota;
    struct loop_timer retry;
    char *path;     /* of a UNIX-domain socket, to be removed */
    int64_t log_us; /* of the last line about a peer: there is at most one a second */
    unsigned unlogged;
    uint16_t port;
    int fd;
};

uint16_t listener_port(const struct listener *listener)
{
    return listener->port;
}

/* --- Peers --- */

static struct conn_address peer_of(const union address *address)
{
    struct conn_address peer = {.is_loopback = address->any.sa_family == AF_UNIX};
    if (address->any.sa_family == AF_INET) {
        peer.port = ntohs(address->v4.sin_port);
        peer.is_loopback = (ntohl(address->v4.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
        (void)inet_ntop(AF_INET, &address->v4.sin_addr, peer.text, sizeof(peer.text)); /* fits */
    } else if (address->any.sa_family == AF_INET6) {
        const struct in6_addr *at = &address->v6.sin6_addr;
        bool is_mapped = IN6_IS_ADDR_V4MAPPED(at);
        peer.port = ntohs(address->v6.sin6_port);
        peer.is_loopback = IN6_IS_ADDR_LOOPBACK(at) || (is_mapped && at->s6_addr[12] == 127);
        (void)inet_ntop(is_mapped ? AF_INET : AF_INET6, is_mapped ? &at->s6_addr[12] : at->s6_addr,
                        peer.text, sizeof(peer.text)); /* fits */
    }
    return peer;
}

/* Lines that peers provoke are held to one a second; the next says how many were left out. */
static bool may_log(struct listener *listener)
{
    int64_t now_us = loop_now_us(listener->loop);
    if (listener->log_us != 0 && now_us - listener->log_us < LOG_PAUSE_US) {
        listener->unlogged++;
        return false;
    }
    listener->log_us = now_us;
    return true;
}

void listener_mixed_up(struct listener *listener, const struct conn *conn, uint8_t first_byte)
{
    if (!may_log(listener))
        return;
    char network[CONN_NETWORK_LEN];
    conn_network(&conn->peer, network);
    log_warn("listener", "plain bytes on a TLS port", "protocol=%s peer=%s byte=%02x unlogged=%u",
             listener->options.protocol, network, first_byte, listener->unlogged);
    listener->unlogged = 0;
}

void listener_accepted(struct listener *listener, struct conn *conn)
{
    listener->options.on_accept(conn, listener->options.arg);
    if (conn->ops == NULL)
        conn_abandon(conn, ERR_CLOSED); /* nobody wanted it */
}

static void welcome(struct listener *listener, int fd, const union address *address)
{
    struct conn_quota *quota = listener->quota;
    unsigned holders = atomic_fetch_add_explicit(&quota->holders, 1, memory_order_relaxed);
    if (holders > listener->options.max_connections) { /* the listener is one of them */
        conn_quota_leave(quota);
        (void)close(fd); /* whatever it says, the descriptor is gone */
        if (may_log(listener)) {
            log_warn("listener", "too many connections", "protocol=%s max=%u unlogged=%u",
                     listener->options.protocol, listener->options.max_connections,
                     listener->unlogged);
            listener->unlogged = 0;
        }
        return;
    }
    const struct conn_birth birth = {.fd = fd,
                                     .peer = peer_of(address),
                                     .quota = quota,
                                     .tls = listener->options.tls,
                                     .handshake_us = listener->options.handshake_us,
                                     .listener = listener};
    struct conn *conn = NULL;
    if (conn_create(listener->loop, &birth, &conn) != ERR_OK)
        return; /* as good as gone */
    if (listener->options.tls == NULL)
        listener_accepted(listener, conn);
}

/* --- Accepting --- */

static void start_accepting(struct listener *listener);

static void on_retry(struct loop *loop, void *arg)
{
    (void)loop;
    start_accepting(arg);
}

static void pause_accepting(struct listener *listener, int failure)
{
    if (may_log(listener)) {
        log_error("listener", "cannot accept", "protocol=%s error=%s", listener->options.protocol,
                  strerrorname_np(failure));
    }
    (void)uv_poll_stop(&listener->poll); /* never fails */
    loop_timer_start(listener->loop, &listener->retry, RETRY_US, on_retry, listener);
}

static bool is_peers_fault(int failure)
{
    return failure == ECONNABORTED || failure == EINTR || failure == EPROTO || failure == EPERM;
}

static void on_connections(uv_poll_t *poll, int status, int events)
{
    (void)status; /* accept() says it better */
    (void)events;
    struct listener *listener = (struct listener *)poll;
    for (int i = 0; i < ACCEPT_BUDGET && !uv_is_closing((uv_handle_t *)poll); i++) {
        union address address = {.any.sa_family = AF_UNSPEC};
        socklen_t len = sizeof(address);
        loop_watch(listener->loop, "accept");
        int fd = accept4(listener->fd, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            welcome(listener, fd, &address);
        } else if (errno == EAGAIN) {
            return;
        } else if (!is_peers_fault(errno)) {
            pause_accepting(listener, errno);
            return;
        }
    }
}

static void start_accepting(struct listener *listener)
{
    (void)uv_poll_start(&listener->poll, UV_READABLE, on_connections); /* fails only closing */
}

/* --- Binding --- */

static enum err parse(const struct listener_options *options, union address *out, socklen_t *len)
{
    *out = (union address){.any.sa_family = AF_UNSPEC};
    if (options->path != NULL) {
        if (strlen(options->path) >= sizeof(out->path.sun_path))
            return ERR_MALFORMED;
        out->path.sun_family = AF_UNIX;
        memcpy(out->path.sun_path, options->path, strlen(options->path) + 1);
        *len = sizeof(out->path);
        return ERR_OK;
    }
    if (inet_pton(AF_INET, options->host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(options->port);
        *len = sizeof(out->v4);
        return ERR_OK;
    }
    if (inet_pton(AF_INET6, options->host, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(options->port);
        *len = sizeof(out->v6);
        return ERR_OK;
    }
    return ERR_MALFORMED;
}

static int open_socket(const union address *address)
{
    return socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static bool set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/* Linux hands these on to the connections that are accepted. */
static bool set_options(int fd)
{
    return set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
           set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
           set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1) &&
           set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_S) &&
           set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_S) &&
           set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES) &&
           set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* With SO_REUSEPORT a second daemon of the same user would share the port unnoticed. Without it,
 * bind() tells whether anybody listens. */
static bool is_taken(const union address *address, socklen_t len)
{
    int fd = open_socket(address);
    bool taken = fd >= 0 && set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
                 bind(fd, &address->any, len) != 0 && errno == EADDRINUSE;
    if (fd >= 0)
        (void)close(fd); /* whatever it says, the descriptor is gone */
    return taken;
}

/* A socket file that nobody answers on is left from a daemon that was killed. */
static void remove_stale(const union address *address, socklen_t len)
{
    struct stat status;
    if (lstat(address->path.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    int fd = open_socket(address);
    if (fd >= 0 && connect(fd, &address->any, len) != 0 && errno == ECONNREFUSED)
        (void)unlink(address->path.sun_path); /* else bind() fails */
    if (fd >= 0)
        (void)close(fd); /* whatever it says, the descriptor is gone */
}

static bool bind_socket(int fd, const union address *address, socklen_t len)
{
    if (address->any.sa_family == AF_UNIX) {
        remove_stale(address, len);
        /* Before bind(), so that there is no moment in which others may connect. */
        return fchmod(fd, S_IRUSR | S_IWUSR) == 0 && bind(fd, &address->any, len) == 0;
    }
    return set_options(fd) && bind(fd, &address->any, len) == 0;
}

static enum err open_listening(const union address *address, socklen_t len, int *out)
{
    int fd = open_socket(address);
    if (fd >= 0 && bind_socket(fd, address, len) && listen(fd, SOMAXCONN) == 0) {
        *out = fd;
        return ERR_OK;
    }
    int failure = errno;
    if (fd >= 0)
        (void)close(fd); /* whatever it says, the descriptor is gone */
    switch (failure) {
    case EADDRINUSE:
        return ERR_CONFLICT;
    case EACCES:
    case EPERM:
        return ERR_DENIED;
    case EADDRNOTAVAIL:
    case ENOENT:
    case ENOTDIR:
        return ERR_MALFORMED;
    default:
        log_error("listener", "cannot listen", "error=%s", strerrorname_np(failure));
        return ERR_IO;
    }
}

static uint16_t bound_port(int fd)
{
    union address address = {.any.sa_family = AF_UNSPEC};
    socklen_t len = sizeof(address);
    if (getsockname(fd, &address.any, &len) != 0)
        return 0;
    if (address.any.sa_family == AF_INET6)
        return ntohs(address.v6.sin6_port);
    return address.any.sa_family == AF_INET ? ntohs(address.v4.sin_port) : 0;
}

enum err listener_create(struct loop *loop, const struct listener_options *options,
                         struct listener **out)
{
    union address address;
    socklen_t len = 0;
    enum err err = parse(options, &address, &len);
    if (err)
        return err;
    if (options->path == NULL && options->port != 0 && loop_index(loop) == 0 &&
        is_taken(&address, len))
        return ERR_CONFLICT;
    int fd = -1;
    err = open_listening(&address, len, &fd);
    if (err)
        return err;

    struct listener *listener = mem_zalloc(1, sizeof(*listener));
    if (uv_poll_init(&loop->uv, &listener->poll, fd) != 0) {
        (void)close(fd); /* whatever it says, the descriptor is gone */
        mem_free(listener);
        return ERR_IO;
    }
    listener->loop = loop;
    listener->fd = fd;
    listener->port = bound_port(fd);
    listener->options = *options;
    if (options->handshake_us == 0)
        listener->options.handshake_us = CONN_TLS_HANDSHAKE_US;
    if (options->path != NULL)
        listener->path = mem_copy_str(options->path, strlen(options->path));
    listener->quota = mem_zalloc(1, sizeof(*listener->quota));
    atomic_init(&listener->quota->holders, 1);
    start_accepting(listener);
    *out = listener;
    return ERR_OK;
}

static void on_closed(uv_handle_t *poll)
{
    struct listener *listener = (struct listener *)poll;
    conn_quota_leave(listener->quota);
    mem_free(listener->path);
    mem_free(listener);
}

void listener_destroy(struct listener *listener)
{
    if (listener == NULL)
        return;
    assert(!uv_is_closing((uv_handle_t *)&listener->poll));
    conn_abandon_handshakes(listener->loop, listener);
    loop_timer_stop(&listener->retry);
    uv_close((uv_handle_t *)&listener->poll, on_closed);
    (void)close(listener->fd); /* whatever it says, the descriptor is gone */
    if (listener->path != NULL)
        (void)unlink(listener->path); /* it may have been removed by hand */
}
