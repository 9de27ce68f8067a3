#include "proto/websocket/handshake.h"

#include "check.h"

static char accept[WEBSOCKET_ACCEPT_LEN + 1];

static void key_of_the_rfc_is_accepted(void)
{
    CHECK_EQ(ERR_OK, websocket_accept_key(STR("dGhlIHNhbXBsZSBub25jZQ=="), accept));
    CHECK(strcmp("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept) == 0);
    CHECK_EQ(ERR_OK, websocket_accept_key(STR("+/09azAZ++++++++++++++=="), accept));
}

static void other_keys_are_malformed(void)
{
    static const char *const bad[] = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhlIHNhbXBsZSBub25jZQA=",
        "dGhlIHNhbXBsZSBub25jZQ=A",
        "dGhlIHNh=XBsZSBub25jZQ==",
        "dGhlIHNh-XBsZSBub25jZQ==",
        "dGhlIHNh XBsZSBub25jZQ==",
        "@GhlIHNhbXBsZSBub25jZQ==",
        "[GhlIHNhbXBsZSBub25jZQ==",
        "`GhlIHNhbXBsZSBub25jZQ==",
        "{GhlIHNhbXBsZSBub25jZQ==",
        ":GhlIHNhbXBsZSBub25jZQ==",
        ".GhlIHNhbXBsZSBub25jZQ==",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_EQ(ERR_MALFORMED, websocket_accept_key(str_of(bad[i]), accept));
}

static struct websocket_handshake good(void)
{
    return (struct websocket_handshake){
        .upgrade = STR("WebSocket"),
        .key = STR("dGhlIHNhbXBsZSBub25jZQ=="),
        .version = STR("13"),
        .is_upgrade_connection = true,
        .is_get = true,
    };
}

static enum err check(struct websocket_handshake handshake)
{
    return websocket_check_handshake(&handshake, accept);
}

static void each_field_decides(void)
{
    CHECK_EQ(ERR_OK, check(good()));
    CHECK(strcmp("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept) == 0);
    struct websocket_handshake h = good();
    h.is_get = false;
    CHECK_EQ(ERR_MALFORMED, check(h));
    h = good();
    h.is_upgrade_connection = false;
    CHECK_EQ(ERR_MALFORMED, check(h));
    h = good();
    h.upgrade = STR("h2c");
    CHECK_EQ(ERR_MALFORMED, check(h));
    h.upgrade = STR("h2c, websocket");
    CHECK_EQ(ERR_OK, check(h));
    h.upgrade = (struct str){0};
    CHECK_EQ(ERR_MALFORMED, check(h));
    h = good();
    h.version = STR("8");
    CHECK_EQ(ERR_UNSUPPORTED, check(h));
    h.version = (struct str){0};
    CHECK_EQ(ERR_UNSUPPORTED, check(h));
    h = good();
    h.key = (struct str){0};
    CHECK_EQ(ERR_MALFORMED, check(h));
}

int main(void)
{
    RUN(key_of_the_rfc_is_accepted);
    RUN(other_keys_are_malformed);
    RUN(each_field_decides);
    return check_report();
}
