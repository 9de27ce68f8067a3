#include "loop/listener.h"

#include "site.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

static const struct conn_ops echo = {.on_read = site_echo, .on_close = site_on_close};

static void never(struct conn *conn, void *arg)
{
    (void)arg;
    CHECK(false);
    conn_close(conn, 0);
}

static enum err try_listener(const struct listener_options *options)
{
    struct loop *loop = NULL;
    struct listener *listener = NULL;
    CHECK_EQ(ERR_OK, loop_create(0, &loop));
    struct listener_options full = *options;
    full.protocol = "test";
    full.max_connections = 1;
    full.on_accept = never;
    enum err err = listener_create(loop, &full, &listener);
    CHECK((err == ERR_OK) == (listener != NULL));
    listener_destroy(listener);
    loop_destroy(loop);
    return err;
}

static void addresses_must_be_numeric_and_ours(void)
{
    CHECK_EQ(ERR_OK, try_listener(&(struct listener_options){.host = "0.0.0.0"}));
    CHECK_EQ(ERR_OK, try_listener(&(struct listener_options){.host = "127.0.0.2"}));
    CHECK_EQ(ERR_MALFORMED, try_listener(&(struct listener_options){.host = "localhost"}));
    CHECK_EQ(ERR_MALFORMED, try_listener(&(struct listener_options){.host = ""}));
    CHECK_EQ(ERR_MALFORMED, try_listener(&(struct listener_options){.host = "192.0.2.1"}));
    CHECK_EQ(ERR_MALFORMED, try_listener(&(struct listener_options){.path = "/nowhere/socket"}));
    char long_path[200];
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    CHECK_EQ(ERR_MALFORMED, try_listener(&(struct listener_options){.path = long_path}));
}

static void an_address_in_use_is_a_conflict(void)
{
    struct site site;
    site_open(&site, &echo, NULL);
    struct listener_options same = {.host = "127.0.0.1", .port = site.port};
    CHECK_EQ(ERR_CONFLICT, try_listener(&same));
    site_close(&site);
    CHECK_EQ(ERR_OK, try_listener(&same));
}

/* --- One address, many loops --- */

static void check_loop_and_count(struct site *site, struct conn *conn)
{
    CHECK(loop_is_current(conn_loop(conn)));
    site_count(site, loop_index(conn_loop(conn)) == 0 ? &site->drained : &site->moved);
}

static void create_second(struct loop *loop, void *arg)
{
    struct site *site = arg;
    const struct listener_options options = {.host = "127.0.0.1",
                                             .port = site->port,
                                             .max_connections = 100,
                                             .protocol = "test",
                                             .on_accept = site_accept,
                                             .arg = site};
    CHECK_EQ(ERR_OK, listener_create(loop, &options, &site->second));
    CHECK_EQ(site->port, listener_port(site->second));
}

static void loops_share_an_address(void)
{
    struct site site;
    site_open(&site, &echo, NULL);
    site.on_accept = check_loop_and_count;
    site_on(site.loops[1], create_second, &site);
    int fds[64];
    for (size_t i = 0; i < 64; i++) {
        fds[i] = site_connect(&site);
        char answer[2];
        CHECK(send_all(fds[i], "hi", 2));
        CHECK_EQ(2, receive(fds[i], answer, 2));
    }
    CHECK(atomic_load(&site.drained) > 0); /* with 64 ports, one of 2^63 runs would fail */
    CHECK(atomic_load(&site.moved) > 0);
    for (size_t i = 0; i < 64; i++)
        close(fds[i]);
    CHECK(site_wait(&site, &site.closed, 64));
    site_close(&site);
}

/* --- Limits --- */

static void connections_over_the_limit_are_closed_at_once(void)
{
    struct site site;
    site_open(&site, &echo, &(struct listener_options){.max_connections = 2});
    int first = site_connect(&site);
    int second = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 2));
    int third = site_connect(&site);
    CHECK(is_at_end(third));
    close(third);
    CHECK_EQ(2, atomic_load(&site.accepted));

    close(first); /* makes room; its place is free a little after its on_close */
    CHECK(site_wait(&site, &site.closed, 1));
    char answer[2];
    bool answered = false;
    for (int i = 0; i < 1000 && !answered; i++) {
        int again = site_connect(&site);
        answered = send_all(again, "hi", 2) && receive(again, answer, 2) == 2;
        close(again);
    }
    CHECK(answered);
    close(second);
    CHECK(site_wait(&site, &site.closed, 3));
    site_close(&site);
}

/* A client that gets no descriptor here waits in the queue of the system until there is one. */
static void running_out_of_descriptors_delays_accepting(void)
{
    struct site site;
    site_open(&site, &echo, NULL);
    int fd = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    int waiting = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct rlimit before;
    CHECK_EQ(0, getrlimit(RLIMIT_NOFILE, &before));
    struct rlimit none_left = {.rlim_cur = (rlim_t)waiting + 1, .rlim_max = before.rlim_max};
    CHECK_EQ(0, setrlimit(RLIMIT_NOFILE, &none_left));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(site.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    CHECK_EQ(0, connect(waiting, (struct sockaddr *)&address, sizeof(address)));
    char answer[2];
    CHECK(send_all(fd, "hi", 2)); /* others are served meanwhile */
    CHECK_EQ(2, receive(fd, answer, 2));
    CHECK_EQ(1, atomic_load(&site.accepted));
    CHECK_EQ(0, setrlimit(RLIMIT_NOFILE, &before));
    CHECK(send_all(waiting, "hi", 2));
    CHECK_EQ(2, receive(waiting, answer, 2));
    close(fd);
    close(waiting);
    CHECK(site_wait(&site, &site.closed, 2));
    site_close(&site);
}

static void what_nobody_takes_is_closed(void)
{
    struct site site;
    site_open(&site, NULL, NULL);
    int fd = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    CHECK(is_at_end(fd));
    close(fd);
    atomic_store(&site.closed, 1); /* it had no owner to be told */
    site_close(&site);
}

/* --- Peers --- */

static void check_peer(struct loop *loop, void *arg)
{
    (void)loop;
    const struct site *site = arg;
    struct sockaddr_in6 address = {0}; /* of IPv4, family and port are at the same place */
    socklen_t len = sizeof(address);
    CHECK_EQ(0, getsockname(site->client, (struct sockaddr *)&address, &len));
    const struct conn_address *peer = conn_peer(site->conn);
    bool is_v6 = address.sin6_family == AF_INET6;
    CHECK(strcmp(is_v6 ? "::1" : "127.0.0.1", peer->text) == 0);
    CHECK_EQ(ntohs(address.sin6_port), peer->port);
    CHECK(peer->is_loopback);
}

static void check_peer_through(const char *host)
{
    struct site site;
    site_open(&site, &echo, &(struct listener_options){.host = host});
    site.client = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], check_peer, &site);
    close(site.client);
    site_close(&site);
}

static int connect_v6(const struct site *site)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons(site->port),
                                   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    CHECK_EQ(0, connect(fd, (struct sockaddr *)&address, sizeof(address)));
    return fd;
}

static void the_peer_is_known_by_its_address(void)
{
    check_peer_through("127.0.0.1");
    if (try_listener(&(struct listener_options){.host = "::1"}) != ERR_OK)
        return;               /* a machine without IPv6 */
    check_peer_through("::"); /* reached by IPv4: mapped */
    struct site site;
    site_open(&site, &echo, &(struct listener_options){.host = "::1"});
    site.client = connect_v6(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], check_peer, &site);
    close(site.client);
    site_close(&site);
}

/* --- Life --- */

static void destroy_listener(struct loop *loop, void *arg)
{
    (void)loop;
    struct site *site = arg;
    listener_destroy(site->listener);
    site->listener = NULL;
}

static void connections_outlive_their_listener(void)
{
    struct site site;
    site_open(&site, &echo, NULL);
    int fd = site_connect(&site);
    CHECK(site_wait(&site, &site.accepted, 1));
    site_on(site.loops[0], destroy_listener, &site);
    CHECK_EQ(-1, site_connect(&site));
    char answer[2];
    CHECK(send_all(fd, "hi", 2));
    CHECK_EQ(2, receive(fd, answer, 2));
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
}

/* --- UNIX-domain sockets --- */

static int connect_path(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static void check_local_peer(struct site *site, struct conn *conn)
{
    (void)site;
    CHECK_EQ('\0', conn_peer(conn)->text[0]);
    CHECK(conn_peer(conn)->is_loopback);
}

static void a_socket_file_is_private_and_goes_with_its_listener(void)
{
    char folder[] = "/tmp/klieg-listener-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    char path[sizeof(folder) + 8];
    (void)snprintf(path, sizeof(path), "%s/socket", folder);
    struct listener_options options = {.path = path};

    struct site site;
    site_open(&site, &echo, &options);
    site.on_accept = check_local_peer;
    struct stat status;
    CHECK_EQ(0, stat(path, &status));
    CHECK_EQ(0600, status.st_mode & 07777);
    CHECK_EQ(ERR_CONFLICT, try_listener(&options));
    int fd = connect_path(path);
    char answer[2];
    CHECK(send_all(fd, "hi", 2));
    CHECK_EQ(2, receive(fd, answer, 2));
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    site_close(&site);
    CHECK_EQ(-1, stat(path, &status));

    /* One left over by a process that was killed. */
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    CHECK_EQ(0, bind(fd, (struct sockaddr *)&address, sizeof(address)));
    close(fd);
    CHECK_EQ(ERR_OK, try_listener(&options));

    /* What is no socket is not ours to remove. */
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fclose(file) == 0);
    CHECK_EQ(ERR_CONFLICT, try_listener(&options));
    CHECK_EQ(0, unlink(path));
    CHECK_EQ(0, rmdir(folder));
}

int main(void)
{
    RUN(addresses_must_be_numeric_and_ours);
    RUN(an_address_in_use_is_a_conflict);
    RUN(loops_share_an_address);
    RUN(connections_over_the_limit_are_closed_at_once);
    RUN(running_out_of_descriptors_delays_accepting);
    RUN(what_nobody_takes_is_closed);
    RUN(the_peer_is_known_by_its_address);
    RUN(connections_outlive_their_listener);
    RUN(a_socket_file_is_private_and_goes_with_its_listener);
    return check_report();
}
