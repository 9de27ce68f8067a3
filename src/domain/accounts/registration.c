#include "domain/accounts/registration.h"

#include "base/text.h"
#include "domain/channels/channel.h"

/* White space beyond ASCII, as UTF-8. */
static const char *const wide_spaces[] = {
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
};

static const char specials[] = "^$*.[]{}()?-+\"!@#%&/\\,><':;|_~`=";

/* What follows the last @; `.at` NULL if there is none. */
static struct str domain_of(struct str email)
{
    for (size_t i = email.len; i > 0; i--)
        if (email.at[i - 1] == '@')
            return (struct str){.at = email.at + i, .len = email.len - i};
    return (struct str){0};
}

static bool is_domain_allowed(const struct account_rules *rules, struct str email)
{
    struct str domain = domain_of(email);
    for (size_t i = 0; i < rules->domain_count; i++)
        if (domain.at != NULL && text_equal_nocase(domain, str_of(rules->domains[i])))
            return true;
    return rules->domain_count == 0;
}

/* Spaces, controls, and what ends an address in a mail's head. */
static bool has_forbidden_character(struct str email)
{
    for (size_t i = 0; i < email.len; i++) {
        unsigned char c = (unsigned char)email.at[i];
        if (c <= ' ' || c == 0x7f || c == '<' || c == '>')
            return true;
    }
    for (size_t i = 0; i < sizeof(wide_spaces) / sizeof(*wide_spaces); i++)
        if (memmem(email.at, email.len, wide_spaces[i], strlen(wide_spaces[i])) != NULL)
            return true;
    return false;
}

/* At least two labels, none empty. */
static bool is_dotted(struct str domain)
{
    size_t labels = 0;
    struct str rest = domain;
    while (rest.len > 0) {
        struct str label = text_cut(rest, '.', &rest);
        if (label.len == 0)
            return false;
        labels++;
    }
    return labels >= 2 && domain.at[domain.len - 1] != '.';
}

bool account_email_is_valid(struct str email)
{
    if (email.len > ACCOUNT_EMAIL_MAX || !text_is_utf8(email) || has_forbidden_character(email))
        return false;
    struct str domain = domain_of(email);
    return domain.at != NULL && email.len - domain.len > 1 && is_dotted(domain);
}

bool account_password_is_strong(const struct account_rules *rules, struct secret password)
{
    struct str text = password.value;
    int64_t characters = 0;
    bool has_lower = false;
    bool has_upper = false;
    bool has_digit = false;
    bool has_special = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        characters += ((unsigned char)c & 0xc0) != 0x80;
        has_lower |= c >= 'a' && c <= 'z';
        has_upper |= c >= 'A' && c <= 'Z';
        has_digit |= c >= '0' && c <= '9';
        has_special |= memchr(specials, c, sizeof(specials) - 1) != NULL;
    }
    return characters >= rules->password_min && characters <= ACCOUNT_PASSWORD_MAX && has_lower &&
           has_upper && has_digit && has_special;
}

static bool is_among(struct str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(name, str_of(names[i])))
            return true;
    return false;
}

enum account_verdict account_check(const struct account_rules *rules,
                                   const struct account_wish *wish)
{
    if (!is_domain_allowed(rules, wish->email))
        return ACCOUNT_DOMAIN_REFUSED;
    enum channel_name_verdict name = channel_name_check(wish->name);
    if (name == CHANNEL_NAME_RESERVED)
        return ACCOUNT_NAME_RESERVED;
    if (name != CHANNEL_NAME_OK)
        return ACCOUNT_NAME_INVALID;
    if (!account_email_is_valid(wish->email))
        return ACCOUNT_EMAIL_INVALID;
    if (!account_password_is_strong(rules, wish->password))
        return ACCOUNT_PASSWORD_WEAK;
    if (wish->avatar.len > 0 && !is_among(wish->avatar, channel_avatars, CHANNEL_AVATARS))
        return ACCOUNT_AVATAR_UNKNOWN;
    if (wish->color.len > 0 && !is_among(wish->color, channel_colors, CHANNEL_COLORS))
        return ACCOUNT_COLOR_UNKNOWN;
    return ACCOUNT_OK;
}

const char *account_reason(enum account_verdict verdict)
{
    switch (verdict) {
    case ACCOUNT_DOMAIN_REFUSED:
        return "E-mail addresses of this domain may not register here.";
    case ACCOUNT_NAME_RESERVED:
        return channel_name_reason(CHANNEL_NAME_RESERVED);
    case ACCOUNT_NAME_INVALID:
        return channel_name_reason(CHANNEL_NAME_INVALID);
    case ACCOUNT_EMAIL_INVALID:
        return "This is not an e-mail address.";
    case ACCOUNT_PASSWORD_WEAK:
        return "A password has 8 to 256 characters, among them a small and a capital letter, a "
               "digit and a special character.";
    case ACCOUNT_AVATAR_UNKNOWN:
        return "There is no such avatar.";
    case ACCOUNT_COLOR_UNKNOWN:
        return "There is no such color.";
    case ACCOUNT_OK:
        break;
    }
    return "";
}
