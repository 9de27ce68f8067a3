#include "loop/conn.h"

#include "site.h"

static const struct conn_ops echo = {.on_read = site_echo, .on_close = site_on_close};

static void bytes_come_back_in_order(void)
{
    struct site site;
    site_open(&site, &echo, NULL);
    int fd = site_connect(&site);
    char answer[16] = "";
    for (int i = 0; i < 3; i++) {
        CHECK(send_all(fd, "hello", 5));
        CHECK_EQ(5, receive(fd, answer, 5));
        CHECK_EQ(0, memcmp(answer, "hello", 5));
    }
    close(fd);
    CHECK(site_wait(&site, &site.closed, 1));
    CHECK_EQ(ERR_CLOSED, atomic_load(&site.why));
    site_close(&site);
}

int main(void)
{
    RUN(bytes_come_back_in_order);
    return check_report();
}
