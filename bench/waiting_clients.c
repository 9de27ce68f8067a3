/*
 * Many players that wait for one part: the load of bench/waiters.mjs.
 *
 * waiting_clients PORT COUNT: opens COUNT keep-alive connections from addresses of 127.0.0.0/8 (250
 * an address, as the server limits waiters by address), prints "connected", reads a path from
 * standard input, asks for it on all of them, prints "asked", and when all have been answered, one
 * line: the number answered with 200, and the microseconds from the first answer's first byte to
 * the last answer's. A line read before that gives the next round its path; an empty one ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PER_ADDRESS = 250,
    MAX_COUNT = 60000,
    LINE_MAX_LEN = 1024,
    EVENTS = 512,
    PATIENCE_MS = 15000
};

static int64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_one(unsigned index, uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(0x7f010001U + index / PER_ADDRESS);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
        fail("connect");
    return fd;
}

static void ask_all(const int *fds, unsigned count, const char *path)
{
    char request[LINE_MAX_LEN + 128];
    int len =
        snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
    for (unsigned i = 0; i < count; i++) {
        if (send(fds[i], request, (size_t)len, MSG_NOSIGNAL) != len)
            fail("send");
    }
}

/* The length of a whole answer, or 0 while it is not known. */
static size_t answer_len(const char *at)
{
    const char *body = strstr(at, "\r\n\r\n");
    const char *length = strcasestr(at, "content-length:");
    if (body == NULL || length == NULL || length > body)
        return 0;
    return (size_t)(body + 4 - at) + strtoul(length + sizeof("content-length:") - 1, NULL, 10);
}

struct answer {
    char head[1024];
    size_t got;
    size_t len;
};

/* True when the answer is complete with this. */
static bool read_answer(int fd, struct answer *answer)
{
    static char rest[256 << 10];
    bool fits = answer->got < sizeof(answer->head) - 1;
    char *into = fits ? answer->head + answer->got : rest;
    ssize_t got =
        recv(fd, into, fits ? sizeof(answer->head) - 1 - answer->got : sizeof(rest), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return false;
    if (got <= 0)
        fail("recv");
    answer->got += (size_t)got;
    if (answer->len == 0)
        answer->len = answer_len(answer->head);
    return answer->len > 0 && answer->got >= answer->len;
}

static void collect(int epoll, const int *fds, struct answer *answers, unsigned count)
{
    int64_t first = 0;
    unsigned done = 0;
    unsigned good = 0;
    while (done < count) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, PATIENCE_MS);
        if (ready <= 0)
            break;
        if (first == 0)
            first = now_us();
        for (int i = 0; i < ready; i++) {
            struct answer *answer = &answers[events[i].data.u32];
            if (!read_answer(fds[events[i].data.u32], answer))
                continue;
            done++;
            good += strncmp(answer->head, "HTTP/1.1 200", 12) == 0;
        }
    }
    printf("%u %lld\n", good, (long long)(now_us() - first));
    (void)fflush(stdout); /* the reader notices */
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
    unsigned count = (unsigned)strtoul(argv[2], NULL, 10);
    if (count == 0 || count > MAX_COUNT)
        return 2;
    struct rlimit files = {.rlim_cur = MAX_COUNT + 100, .rlim_max = MAX_COUNT + 100};
    (void)setrlimit(RLIMIT_NOFILE, &files); /* without it socket() says so */

    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int *fds = calloc(count, sizeof(*fds));
    struct answer *answers = calloc(count, sizeof(*answers));
    if (epoll < 0 || fds == NULL || answers == NULL)
        fail("set-up");
    for (unsigned i = 0; i < count; i++) {
        fds[i] = open_one(i, port);
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event) != 0)
            fail("epoll_ctl");
    }
    puts("connected");
    (void)fflush(stdout); /* as above */

    char path[LINE_MAX_LEN];
    while (fgets(path, sizeof(path), stdin) != NULL && path[0] != '\n') {
        path[strcspn(path, "\n")] = '\0';
        memset(answers, 0, count * sizeof(*answers));
        ask_all(fds, count, path);
        puts("asked");
        (void)fflush(stdout); /* as above */
        collect(epoll, fds, answers, count);
    }
    return 0;
}
