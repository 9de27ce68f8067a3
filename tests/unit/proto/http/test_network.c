#include "proto/http/network.h"

#include "check.h"

static bool has(const char *network_text, const char *address_text)
{
    struct http_network network;
    uint8_t address[16];
    CHECK_EQ(ERR_OK, http_network_read(str_of(network_text), &network));
    CHECK_EQ(ERR_OK, http_address_read(str_of(address_text), address));
    return http_network_has(&network, address);
}

static void networks_hold_their_addresses(void)
{
    CHECK(has("198.51.100.0/24", "198.51.100.255"));
    CHECK(!has("198.51.100.0/24", "198.51.101.0"));
    CHECK(has("198.51.100.8/29", "198.51.100.15"));
    CHECK(!has("198.51.100.8/29", "198.51.100.16"));
    CHECK(has("198.51.100.7", "198.51.100.7"));
    CHECK(!has("198.51.100.7", "198.51.100.6"));
    CHECK(has("198.51.100.7/32", "::ffff:198.51.100.7"));
    CHECK(has("0.0.0.0/0", "203.0.113.1"));
    CHECK(!has("0.0.0.0/0", "2001:db8::1"));
    CHECK(has("::/0", "203.0.113.1"));
    CHECK(has("2001:db8::/33", "2001:db8:7fff::1"));
    CHECK(!has("2001:db8::/33", "2001:db8:8000::1"));
    CHECK(has("2001:db8::1", "2001:DB8::1"));
    CHECK(!has("2001:db8::1", "2001:db8::2"));
}

static void bad_networks_are_malformed(void)
{
    static const char *const bad[] = {
        "",
        "/",
        "a",
        "198.51.100",
        "198.51.100.0/33",
        "198.51.100.0/",
        "1.2.3.4/a",
        "1.2.3.4 ",
        "1.2.3.4/-1",
        "::/129",
        "1.2.3.4/24/3",
        ":::",
        "256.1.1.1",
        "01.2.3.4x",
        "2001:db8::1%eth0",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa",
    };
    struct http_network network = {.prefix_len = 77};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK_EQ(ERR_MALFORMED, http_network_read(str_of(bad[i]), &network));
        CHECK_EQ(77, network.prefix_len);
    }
    uint8_t address[16];
    CHECK_EQ(ERR_MALFORMED, http_address_read((struct str){"1.2.3.4\0x", 9}, address));
}

int main(void)
{
    RUN(networks_hold_their_addresses);
    RUN(bad_networks_are_malformed);
    return check_report();
}
