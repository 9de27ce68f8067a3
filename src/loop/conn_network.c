#include "loop/conn.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { V4_SHOWN = 24, V6_SHOWN = 48 };

void conn_network(const struct conn_address *address, char out[CONN_NETWORK_LEN])
{
    struct in_addr v4;
    struct in6_addr v6;
    char text[INET6_ADDRSTRLEN] = "";
    int shown = 0;
    if (inet_pton(AF_INET, address->text, &v4) == 1) {
        shown = V4_SHOWN;
        v4.s_addr &= htonl(0xffffff00);
        (void)inet_ntop(AF_INET, &v4, text, sizeof(text)); /* it fits */
    } else if (inet_pton(AF_INET6, address->text, &v6) == 1) {
        shown = V6_SHOWN;
        memset(v6.s6_addr + V6_SHOWN / 8, 0, sizeof(v6.s6_addr) - V6_SHOWN / 8);
        (void)inet_ntop(AF_INET6, &v6, text, sizeof(text)); /* likewise */
    }
    (void)snprintf(out, CONN_NETWORK_LEN, "%s/%d", text, shown);
}
