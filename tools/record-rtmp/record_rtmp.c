/*
 * Records what an encoder sends: takes one RTMP connection on a port of this machine, accepts what
 * it publishes, and writes its bytes as they came to a file. For fixtures (tests/fixtures/rtmp).
 *
 * Usage: record-rtmp PORT FILE SECONDS     stops after that much media, or when the encoder closes
 */
#include "base/clock.h"
#include "base/random.h"
#include "proto/rtmp/rtmp_session.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct recorder {
    struct rtmp_session *session;
    int fd;
    uint32_t first_ms, last_ms;
    unsigned media;
};

static const char *on_connect(void *arg, const struct rtmp_connect *connect)
{
    (void)arg;
    printf("connect app=%.*s flashVer=%.*s\n", (int)connect->app.len, connect->app.at,
           (int)connect->flash_ver.len, connect->flash_ver.at);
    return NULL;
}

static void on_publish(void *arg, const struct rtmp_publish *publish)
{
    struct recorder *recorder = arg;
    printf("publish priority=%u\n", publish->priority);
    enum err err = rtmp_session_accept_publish(recorder->session, clock_monotonic_us());
    if (err != ERR_OK)
        printf("publish failed\n"); /* feed returns it too */
}

static void on_media(void *arg, const struct rtmp_media *media)
{
    struct recorder *recorder = arg;
    if (recorder->media++ == 0)
        recorder->first_ms = media->timestamp;
    recorder->last_ms = media->timestamp;
}

static void on_metadata(void *arg, const struct rtmp_metadata *metadata)
{
    (void)arg;
    printf("metadata %ux%u %g fps, %u + %u bit/s, %u Hz x%u, encoder=%s\n", metadata->width,
           metadata->height, metadata->framerate, metadata->video_bps, metadata->audio_bps,
           metadata->audio_sample_rate, metadata->audio_channels, metadata->encoder);
}

static void on_stop(void *arg)
{
    (void)arg;
    printf("stop\n");
}

static const struct rtmp_callbacks callbacks = {
    .on_connect = on_connect,
    .on_publish = on_publish,
    .on_media = on_media,
    .on_metadata = on_metadata,
    .on_stop = on_stop,
};

static int accept_one(uint16_t port)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, 1) != 0)
        return -1;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    (void)close(listener); /* one connection is all */
    return fd;
}

static bool send_all(int fd, struct buf *out)
{
    while (out->len > 0) {
        ssize_t sent = send(fd, out->at, out->len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        buf_consume(out, (size_t)sent);
    }
    return true;
}

static void record(struct recorder *recorder, FILE *file, uint32_t max_ms)
{
    static uint8_t bytes[65536];
    enum err err = ERR_OK;
    while (err == ERR_OK && recorder->last_ms - recorder->first_ms < max_ms) {
        ssize_t len = recv(recorder->fd, bytes, sizeof(bytes), 0);
        if (len <= 0)
            break;
        (void)fwrite(bytes, 1, (size_t)len, file); /* fclose tells */
        err = rtmp_session_feed(recorder->session, bytes, (size_t)len, clock_monotonic_us());
        if (!send_all(recorder->fd, rtmp_session_output(recorder->session)))
            break;
    }
    printf("%u media messages, %u ms, err %d %s\n", recorder->media,
           recorder->last_ms - recorder->first_ms, (int)err,
           rtmp_session_reason(recorder->session));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        (void)fputs("usage: record-rtmp PORT FILE SECONDS\n", stderr);
        return 2;
    }
    FILE *file = fopen(argv[2], "wb");
    struct recorder recorder = {.fd = accept_one((uint16_t)strtoul(argv[1], NULL, 10))};
    if (file == NULL || recorder.fd < 0) {
        perror(argv[2]);
        return 1;
    }
    recorder.session = rtmp_session_create(&callbacks, &recorder, random_system());
    record(&recorder, file, (uint32_t)strtoul(argv[3], NULL, 10) * 1000);
    rtmp_session_destroy(recorder.session);
    (void)close(recorder.fd); /* nothing is left to send */
    return fclose(file) != 0;
}
