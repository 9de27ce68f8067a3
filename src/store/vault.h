/*
 * How stream keys are kept: a MAC finds the row, and an encrypted copy can be shown to the owner
 * again. A stolen database gives neither away without `secrets.storeKey`.
 *
 * The MAC is HMAC-SHA-256 and the cipher XChaCha20-Poly1305 (IETF), each under its own key, derived
 * from the store key (media 1.6; api 5.2).
 */
#pragma once

#include "base/err.h"
#include "base/random.h"
#include "base/secret.h"
#include "store/store.h"

enum {
    VAULT_MAC_LEN = 32,
    VAULT_OVERHEAD = 24 + 16, /* nonce and tag */
    VAULT_SEALED_MAX = CHANNEL_KEY_MAX + VAULT_OVERHEAD,
};

struct vault {
    uint8_t mac_key[32];
    uint8_t cipher_key[32];
};

void vault_init(struct vault *, const uint8_t store_key[STORE_KEY_LEN]);
void vault_finish(struct vault *); /* wipes the keys */

void vault_mac(const struct vault *, struct secret key, uint8_t out[VAULT_MAC_LEN]);

/* `owner` is bound to the text: another row's would not open it. `out` holds VAULT_SEALED_MAX. */
size_t vault_seal(const struct vault *, struct random *, struct secret key, struct str owner,
                  uint8_t *out);

/* ERR_DENIED: sealed under another key, for another owner, or damaged. */
MUST_USE enum err vault_open(const struct vault *, struct str sealed, struct str owner,
                             struct channel_key *out);
