#include "store/vault.h"

#include "check.h"

#include <string.h>

static const struct secret key = {
    {"sk_us-west-2_4WpFQIDqX0pV_0123456789abcdef0123456789abcdef", 58}};

static struct vault vault_of(uint8_t byte)
{
    uint8_t store_key[STORE_KEY_LEN];
    memset(store_key, byte, sizeof(store_key));
    struct vault vault;
    vault_init(&vault, store_key);
    return vault;
}

static void a_sealed_key_opens_for_its_owner_only(void)
{
    struct vault vault = vault_of(1);
    struct random random = random_seeded(1);
    uint8_t sealed[VAULT_SEALED_MAX];
    size_t len = vault_seal(&vault, &random, key, STR("4WpFQIDqX0pV"), sealed);
    CHECK_EQ(key.value.len + VAULT_OVERHEAD, len);
    struct str text = {.at = (const char *)sealed, .len = len};

    struct channel_key out = {0};
    CHECK_EQ(ERR_OK, vault_open(&vault, text, STR("4WpFQIDqX0pV"), &out));
    CHECK(str_equal(key.value, str_of(out.at)));

    out = (struct channel_key){"untouched"};
    struct vault other = vault_of(2);
    CHECK_EQ(ERR_DENIED, vault_open(&vault, text, STR("4WpFQIDqX0pW"), &out));
    CHECK_EQ(ERR_DENIED, vault_open(&other, text, STR("4WpFQIDqX0pV"), &out));
    for (size_t cut = 0; cut < len; cut++)
        CHECK_EQ(ERR_DENIED,
                 vault_open(&vault, (struct str){text.at, cut}, STR("4WpFQIDqX0pV"), &out));
    for (size_t i = 0; i < len; i++) {
        sealed[i] ^= 0x40;
        CHECK_EQ(ERR_DENIED, vault_open(&vault, text, STR("4WpFQIDqX0pV"), &out));
        sealed[i] ^= 0x40;
    }
    CHECK(strcmp("untouched", out.at) == 0);
}

static void sealing_twice_gives_different_bytes(void)
{
    struct vault vault = vault_of(1);
    struct random random = random_seeded(1);
    uint8_t a[VAULT_SEALED_MAX];
    uint8_t b[VAULT_SEALED_MAX];
    size_t len = vault_seal(&vault, &random, key, STR("x"), a);
    CHECK_EQ(len, vault_seal(&vault, &random, key, STR("x"), b));
    CHECK(memcmp(a, b, len) != 0);
}

static void what_is_too_long_for_a_key_is_not_opened(void)
{
    struct vault vault = vault_of(1);
    static char bytes[VAULT_SEALED_MAX + 1];
    struct channel_key out;
    CHECK_EQ(ERR_DENIED, vault_open(&vault, (struct str){bytes, sizeof(bytes)}, STR("x"), &out));
}

static void the_mac_depends_on_key_and_secret(void)
{
    struct vault a = vault_of(1);
    struct vault b = vault_of(2);
    uint8_t mac[4][VAULT_MAC_LEN];
    vault_mac(&a, key, mac[0]);
    vault_mac(&b, key, mac[1]);
    vault_mac(&a, (struct secret){STR("other")}, mac[2]);
    vault_mac(&a, key, mac[3]);
    CHECK(memcmp(mac[0], mac[1], VAULT_MAC_LEN) != 0);
    CHECK(memcmp(mac[0], mac[2], VAULT_MAC_LEN) != 0);
    CHECK(memcmp(mac[0], mac[3], VAULT_MAC_LEN) == 0);
    CHECK(memcmp(a.mac_key, a.cipher_key, sizeof(a.mac_key)) != 0);
}

static void finishing_wipes_the_keys(void)
{
    struct vault vault = vault_of(1);
    static const struct vault empty;
    vault_finish(&vault);
    CHECK(memcmp(&empty, &vault, sizeof(empty)) == 0);
}

int main(void)
{
    RUN(a_sealed_key_opens_for_its_owner_only);
    RUN(sealing_twice_gives_different_bytes);
    RUN(what_is_too_long_for_a_key_is_not_opened);
    RUN(the_mac_depends_on_key_and_secret);
    RUN(finishing_wipes_the_keys);
    return check_report();
}
