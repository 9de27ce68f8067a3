#include "store/vault.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

enum {
    NONCE_LEN = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_LEN = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    MAC_KEY_ID = 1, /* never renumber: stored rows depend on them */
    CIPHER_KEY_ID = 2,
};
static_assert((int)VAULT_OVERHEAD == (int)NONCE_LEN + (int)TAG_LEN, "as the cipher has it");

static const char derivation_context[crypto_kdf_CONTEXTBYTES] = "kliegkey";

void vault_init(struct vault *vault, const uint8_t store_key[STORE_KEY_LEN])
{
    /* These fail for wrong lengths only. */
    (void)crypto_kdf_derive_from_key(vault->mac_key, sizeof(vault->mac_key), MAC_KEY_ID,
                                     derivation_context, store_key);
    (void)crypto_kdf_derive_from_key(vault->cipher_key, sizeof(vault->cipher_key), CIPHER_KEY_ID,
                                     derivation_context, store_key);
}

void vault_finish(struct vault *vault)
{
    sodium_memzero(vault, sizeof(*vault));
}

void vault_mac(const struct vault *vault, struct secret key, uint8_t out[VAULT_MAC_LEN])
{
    (void)crypto_auth_hmacsha256(out, (const uint8_t *)key.value.at, key.value.len,
                                 vault->mac_key); /* always 0 */
}

size_t vault_seal(const struct vault *vault, struct random *random, struct secret key,
                  struct str owner, uint8_t *out)
{
    assert(key.value.len <= CHANNEL_KEY_MAX);
    random_fill(random, out, NONCE_LEN);
    unsigned long long len = 0;
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + NONCE_LEN, &len, (const uint8_t *)key.value.at, key.value.len,
        (const uint8_t *)owner.at, owner.len, NULL, out, vault->cipher_key); /* always 0 */
    return NONCE_LEN + (size_t)len;
}

enum err vault_open(const struct vault *vault, struct str sealed, struct str owner,
                    struct channel_key *out)
{
    if (sealed.len < VAULT_OVERHEAD || sealed.len > VAULT_SEALED_MAX)
        return ERR_DENIED;
    const uint8_t *nonce = (const uint8_t *)sealed.at;
    struct channel_key key = {0};
    unsigned long long len = 0;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            (uint8_t *)key.at, &len, NULL, nonce + NONCE_LEN, sealed.len - NONCE_LEN,
            (const uint8_t *)owner.at, owner.len, nonce, vault->cipher_key) != 0)
        return ERR_DENIED;
    *out = key;
    return ERR_OK;
}
