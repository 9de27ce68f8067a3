#include "proto/websocket/handshake.h"

#include "base/text.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>

enum { KEY_LEN = 24 };

static bool is_base64_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

enum err websocket_accept_key(struct str key, char out[WEBSOCKET_ACCEPT_LEN + 1])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    if (key.len != KEY_LEN || key.at[22] != '=' || key.at[23] != '=')
        return ERR_MALFORMED;
    for (size_t i = 0; i < KEY_LEN - 2; i++)
        if (!is_base64_char(key.at[i]))
            return ERR_MALFORMED;

    uint8_t text[KEY_LEN + sizeof(guid) - 1];
    uint8_t digest[SHA_DIGEST_LENGTH];
    memcpy(text, key.at, KEY_LEN);
    memcpy(text + KEY_LEN, guid, sizeof(guid) - 1);
    SHA1(text, sizeof(text), digest);
    (void)EVP_EncodeBlock((uint8_t *)out, digest, sizeof(digest)); /* 28 characters and a NUL */
    return ERR_OK;
}

/* Is `word` among the comma-separated words of the list? */
static bool list_has(struct str list, struct str word)
{
    while (list.len > 0)
        if (text_equal_nocase(text_trim(text_cut(list, ',', &list)), word))
            return true;
    return false;
}

enum err websocket_check_handshake(const struct websocket_handshake *handshake,
                                   char out_accept[WEBSOCKET_ACCEPT_LEN + 1])
{
    if (!handshake->is_get || !handshake->is_upgrade_connection ||
        !list_has(handshake->upgrade, STR("websocket")))
        return ERR_MALFORMED;
    if (!str_equal(handshake->version, STR("13")))
        return ERR_UNSUPPORTED;
    return websocket_accept_key(handshake->key, out_accept);
}
