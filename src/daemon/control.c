#include "daemon/control.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { TIMEOUT_S = 15 };

struct str control_path(const struct options *options, struct arena *arena)
{
    return arena_printf(arena, "%s/klieg.sock", options->data_dir);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval timeout = {.tv_sec = TIMEOUT_S};
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd); /* nothing was sent */
    return -1;
}

static bool send_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t sent = send(fd, text.at, text.len, MSG_NOSIGNAL);
        if (sent < 0)
            return false;
        text = (struct str){.at = text.at + sent, .len = text.len - (size_t)sent};
    }
    return true;
}

/* Until the daemon closes, as the request asked it to. */
static bool receive_all(int fd, struct buf *answer)
{
    ssize_t got = 1;
    while (got > 0) {
        uint8_t *room = buf_reserve(answer, 4096);
        if (room == NULL)
            return false;
        got = recv(fd, room, 4096, 0);
        answer->len += got > 0 ? (size_t)got : 0;
    }
    return got == 0;
}

/* "HTTP/1.1 200 OK", headers, an empty line, the body. */
static bool take_apart(const struct buf *answer, struct buf *out, unsigned *out_status)
{
    struct str rest;
    (void)text_cut(buf_str(answer), ' ', &rest);
    uint64_t status = 0;
    struct str number = {.at = rest.at, .len = rest.len < 3 ? rest.len : 3};
    const char *end = memmem(answer->at, answer->len, "\r\n\r\n", 4);
    if (end == NULL || text_read_uint(number, 999, &status) != ERR_OK)
        return false;
    const char *body = end + 4;
    buf_put(out, body, (size_t)((const char *)answer->at + answer->len - body));
    *out_status = (unsigned)status;
    return !out->failed;
}

enum err control_ask(const char *path, const char *method, struct str target, struct str json,
                     struct buf *out, unsigned *out_status)
{
    int fd = connect_to(path);
    if (fd < 0)
        return ERR_CLOSED;
    struct buf request;
    struct buf answer;
    buf_init(&request, CONTROL_MAX_ANSWER);
    buf_init(&answer, CONTROL_MAX_ANSWER + 8192);
    buf_printf(&request, "%s %.*s HTTP/1.1\r\nHost: klieg\r\nConnection: close\r\n", method,
               (int)target.len, target.at);
    if (json.len > 0)
        buf_printf(&request, "Content-Type: application/json\r\nContent-Length: %zu\r\n", json.len);
    buf_put_cstr(&request, "\r\n");
    buf_put_str(&request, json);
    bool is_answered = !request.failed && send_all(fd, buf_str(&request)) &&
                       receive_all(fd, &answer) && take_apart(&answer, out, out_status);
    (void)close(fd); /* all that matters was read */
    buf_finish(&request);
    buf_finish(&answer);
    return is_answered ? ERR_OK : ERR_IO;
}
