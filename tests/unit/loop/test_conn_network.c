#include "loop/conn.h"

#include "check.h"

#include <string.h>

static void the_last_byte_of_an_ipv4_address_is_hidden(void)
{
    char text[CONN_NETWORK_LEN];
    conn_network(&(struct conn_address){.text = "198.51.100.77"}, text);
    CHECK(strcmp(text, "198.51.100.0/24") == 0);
}

static void an_ipv6_address_is_cut_to_48_bits(void)
{
    char text[CONN_NETWORK_LEN];
    conn_network(&(struct conn_address){.text = "2001:db8:1:2:3:4:5:6"}, text);
    CHECK(strcmp(text, "2001:db8:1::/48") == 0);
}

static void a_local_socket_has_none(void)
{
    char text[CONN_NETWORK_LEN];
    conn_network(&(struct conn_address){.text = ""}, text);
    CHECK(strcmp(text, "/0") == 0);
}

int main(void)
{
    RUN(the_last_byte_of_an_ipv4_address_is_hidden);
    RUN(an_ipv6_address_is_cut_to_48_bits);
    RUN(a_local_socket_has_none);
    return check_report();
}
