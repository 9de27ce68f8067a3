/* Addresses and CIDR networks: trusted proxies, and whom X-Forwarded-For names. */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct http_network {
    uint8_t address[16]; /* IPv4 as v4-mapped */
    uint8_t prefix_len;  /* 0 to 128 */
};

/* 198.51.100.0/24, 2001:db8::/32; without a slash, one address. */
MUST_USE enum err http_network_read(struct str text, struct http_network *out);

MUST_USE enum err http_address_read(struct str text, uint8_t out[16]);

bool http_network_has(const struct http_network *, const uint8_t address[16]);
