#include "domain/accounts/registration.h"

#include "check.h"

#include <string.h>

static const struct account_rules any = {.password_min = 8};

static struct account_wish good(void)
{
    return (struct account_wish){.name = STR("jdoe"),
                                 .email = STR("jdoe@example.org"),
                                 .password = {STR("Passw0rd!")},
                                 .avatar = STR("bear"),
                                 .color = STR("blue")};
}

static void a_good_wish_passes(void)
{
    struct account_wish wish = good();
    CHECK_EQ(ACCOUNT_OK, account_check(&any, &wish));
    wish.avatar = wish.color = (struct str){0};
    CHECK_EQ(ACCOUNT_OK, account_check(&any, &wish));
}

static void the_first_broken_rule_decides(void)
{
    static const char *const domains[] = {"allowed.example"};
    struct account_rules rules = {.domains = domains, .domain_count = 1, .password_min = 8};
    struct account_wish wish = {.name = STR("Settings"),
                                .email = STR("not-an-address"),
                                .password = {STR("password")},
                                .avatar = STR("custom"),
                                .color = STR("hsla")};
    CHECK_EQ(ACCOUNT_DOMAIN_REFUSED, account_check(&rules, &wish));
    CHECK_EQ(ACCOUNT_NAME_RESERVED, account_check(&any, &wish));
    wish.name = STR("jdo");
    CHECK_EQ(ACCOUNT_NAME_INVALID, account_check(&any, &wish));
    wish.name = STR("jdoe");
    CHECK_EQ(ACCOUNT_EMAIL_INVALID, account_check(&any, &wish));
    wish.email = STR("jdoe@example.org");
    CHECK_EQ(ACCOUNT_PASSWORD_WEAK, account_check(&any, &wish));
    wish.password.value = STR("Passw0rd!");
    CHECK_EQ(ACCOUNT_AVATAR_UNKNOWN, account_check(&any, &wish));
    wish.avatar = STR("tiger");
    CHECK_EQ(ACCOUNT_COLOR_UNKNOWN, account_check(&any, &wish));
    wish.color = STR("yellow");
    CHECK_EQ(ACCOUNT_OK, account_check(&any, &wish));
}

static void only_listed_domains_may_register(void)
{
    static const char *const domains[] = {"other.example", "allowed.example"};
    struct account_rules rules = {.domains = domains, .domain_count = 2, .password_min = 8};
    static const struct {
        const char *email;
        enum account_verdict verdict;
    } rows[] = {
        {"USER@Allowed.Example", ACCOUNT_OK},
        {"user@other.example", ACCOUNT_OK},
        {"user@sub.allowed.example", ACCOUNT_DOMAIN_REFUSED},
        {"user@notallowed.example", ACCOUNT_DOMAIN_REFUSED},
        {"allowed.example", ACCOUNT_DOMAIN_REFUSED},
        {"user@allowed.example@evil.example", ACCOUNT_DOMAIN_REFUSED},
        {"@allowed.example", ACCOUNT_EMAIL_INVALID},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct account_wish wish = good();
        wish.email = str_of(rows[i].email);
        CHECK_EQ(rows[i].verdict, account_check(&rules, &wish));
    }
}

static void addresses_are_local_at_domain_with_a_dot(void)
{
    static const char *const valid[] = {"a@b.c", "first.last+tag@mail.example.org", "a@b@c.de",
                                        "\xc3\xbc@\xc3\xbc.de"};
    static const char *const invalid[] = {
        "",
        "a",
        "a@",
        "@b.c",
        "a@b",
        "a@.c",
        "a@b.",
        "a@b..c",
        "a b@c.de",
        "a@c.de ",
        "a\n@c.de",
        "a@c.de\r\nBcc: x@y.z",
        "<a@c.de>",
        "a@c.de>",
        "a\x7f@c.de",
        "a\xc2\xa0@c.de",
        "a\xe2\x80\xa8@c.de",
        "a\xff@c.de",
        "a\t@c.de",
    };
    for (size_t i = 0; i < sizeof(valid) / sizeof(*valid); i++)
        CHECK(account_email_is_valid(str_of(valid[i])));
    for (size_t i = 0; i < sizeof(invalid) / sizeof(*invalid); i++)
        CHECK(!account_email_is_valid(str_of(invalid[i])));
}

/* Without its NUL. */
static void put(char *out, const char *text)
{
    while (*text != '\0')
        *out++ = *text++;
}

static void an_address_has_at_most_254_bytes(void)
{
    char email[ACCOUNT_EMAIL_MAX + 2];
    memset(email, 'a', sizeof(email));
    put(email + ACCOUNT_EMAIL_MAX + 1 - 6, "@bb.cc");
    CHECK(!account_email_is_valid((struct str){email, ACCOUNT_EMAIL_MAX + 1}));
    CHECK(account_email_is_valid((struct str){email + 1, ACCOUNT_EMAIL_MAX}));
}

static bool is_strong(const char *password)
{
    return account_password_is_strong(&any, (struct secret){str_of(password)});
}

static void a_password_needs_one_of_each_kind(void)
{
    CHECK(is_strong("aA1!aA1!"));
    CHECK(!is_strong("aA1!aA1"));
    CHECK(!is_strong("AA1!AA1!"));
    CHECK(!is_strong("aa1!aa1!"));
    CHECK(!is_strong("aAb!aAb!"));
    CHECK(!is_strong("aA1baA1b"));
    CHECK(!is_strong("aA1 aA1 ")); /* a space is allowed, but special it is not */
    CHECK(is_strong(" aA1! a "));
    CHECK(!is_strong("password"));
    /* Each special character by itself. */
    for (const char *c = "^$*.[]{}()?-+\"!@#%&/\\,><':;|_~`="; *c != '\0'; c++) {
        char password[] = "aA1aA1a?";
        password[7] = *c;
        CHECK(is_strong(password));
    }
}

static void lengths_count_characters(void)
{
    CHECK(is_strong("aA1!\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"));
    CHECK(!is_strong("aA1!\xc3\xa4\xc3\xa4\xc3\xa4"));
    char longest[ACCOUNT_PASSWORD_MAX + 2];
    memset(longest, 'a', sizeof(longest));
    put(longest, "A1!");
    struct str text = {longest, ACCOUNT_PASSWORD_MAX};
    CHECK(account_password_is_strong(&any, (struct secret){text}));
    text.len++;
    CHECK(!account_password_is_strong(&any, (struct secret){text}));
    struct account_rules strict = {.password_min = 9};
    CHECK(!account_password_is_strong(&strict, (struct secret){STR("aA1!aA1!")}));
    CHECK(account_password_is_strong(&strict, (struct secret){STR("aA1!aA1!a")}));
}

static void every_refusal_has_a_reason(void)
{
    for (int verdict = ACCOUNT_DOMAIN_REFUSED; verdict <= ACCOUNT_COLOR_UNKNOWN; verdict++)
        CHECK(strlen(account_reason((enum account_verdict)verdict)) > 10);
    CHECK(strcmp("", account_reason(ACCOUNT_OK)) == 0);
}

int main(void)
{
    RUN(a_good_wish_passes);
    RUN(the_first_broken_rule_decides);
    RUN(only_listed_domains_may_register);
    RUN(addresses_are_local_at_domain_with_a_dot);
    RUN(an_address_has_at_most_254_bytes);
    RUN(a_password_needs_one_of_each_kind);
    RUN(lengths_count_characters);
    RUN(every_refusal_has_a_reason);
    return check_report();
}
