#include "proto/http/network.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAX_ADDRESS_TEXT = INET6_ADDRSTRLEN };

static const uint8_t v4_mapped[12] = {[10] = 0xff, [11] = 0xff};

enum err http_address_read(struct str text, uint8_t out[16])
{
    char nul_terminated[MAX_ADDRESS_TEXT + 1];
    if (text.len == 0 || text.len > MAX_ADDRESS_TEXT || memchr(text.at, '\0', text.len) != NULL)
        return ERR_MALFORMED;
    memcpy(nul_terminated, text.at, text.len);
    nul_terminated[text.len] = '\0';

    uint8_t address[16];
    memcpy(address, v4_mapped, sizeof(v4_mapped));
    if (inet_pton(AF_INET, nul_terminated, address + 12) != 1 &&
        inet_pton(AF_INET6, nul_terminated, address) != 1)
        return ERR_MALFORMED;
    memcpy(out, address, sizeof(address));
    return ERR_OK;
}

enum err http_network_read(struct str text, struct http_network *out)
{
    struct http_network network = {.prefix_len = 128};
    struct str prefix;
    struct str address = text_cut(text, '/', &prefix);
    enum err err = http_address_read(address, network.address);
    if (err != ERR_OK)
        return err;

    if (address.len < text.len) {
        bool is_v4 = memchr(address.at, ':', address.len) == NULL;
        uint64_t bits = 0;
        if (text_read_uint(prefix, is_v4 ? 32 : 128, &bits) != ERR_OK)
            return ERR_MALFORMED;
        network.prefix_len = (uint8_t)(is_v4 ? bits + 96 : bits);
    }
    *out = network;
    return ERR_OK;
}

bool http_network_has(const struct http_network *network, const uint8_t address[16])
{
    size_t whole = network->prefix_len / 8;
    unsigned rest = network->prefix_len % 8;
    if (memcmp(network->address, address, whole) != 0)
        return false;
    return rest == 0 || (network->address[whole] ^ address[whole]) >> (8 - rest) == 0;
}
