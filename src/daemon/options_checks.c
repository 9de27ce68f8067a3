#include "daemon/options_checks.h"

#include "base/text.h"
#include "proto/http/network.h"

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool has_only(struct str text, bool (*is_allowed)(char))
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_allowed(text.at[i]))
            return false;
    return true;
}

static struct str tail(struct str text, size_t from)
{
    return (struct str){.at = text.at + from, .len = text.len - from};
}

static bool starts_with(struct str text, struct str start)
{
    return text.len >= start.len && str_equal((struct str){text.at, start.len}, start);
}

static bool ends_with(struct str text, struct str end)
{
    return text.len >= end.len && str_equal(tail(text, text.len - end.len), end);
}

enum err options_read_address(struct str text, struct options_address *out)
{
    size_t colon = text.len;
    while (colon > 0 && text.at[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return ERR_MALFORMED;
    struct str host = {.at = text.at, .len = colon - 1};
    struct str port_text = tail(text, colon);
    bool has_brackets = host.len >= 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
    if (has_brackets)
        host = (struct str){.at = host.at + 1, .len = host.len - 2};
    /* A colon outside brackets would leave open where the port begins. */
    bool is_v6 = host.len > 0 && memchr(host.at, ':', host.len) != NULL;

    uint8_t address[16];
    uint64_t port = 0;
    if (is_v6 != has_brackets || host.len >= OPTIONS_HOST_LEN ||
        http_address_read(host, address) != ERR_OK ||
        text_read_uint(port_text, UINT16_MAX, &port) != ERR_OK)
        return ERR_MALFORMED;
    memset(out->host, 0, sizeof(out->host));
    memcpy(out->host, host.at, host.len);
    out->port = (uint16_t)port;
    return ERR_OK;
}

static bool is_address(struct str value)
{
    struct options_address address;
    return value.len == 0 || options_read_address(value, &address) == ERR_OK;
}

static bool is_host_char(char c)
{
    return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
}

/* Where the host begins, or 0 when there is no such scheme. */
static size_t skip_scheme(struct str value, struct str plain, struct str secure)
{
    return starts_with(value, plain) ? plain.len : starts_with(value, secure) ? secure.len : 0;
}

static bool is_web_origin(struct str value)
{
    size_t scheme = skip_scheme(value, STR("http://"), STR("https://"));
    return scheme > 0 && value.len > scheme && has_only(tail(value, scheme), is_host_char);
}

static bool is_origin(struct str value)
{
    return str_equal(value, STR("*")) || is_web_origin(value);
}

static bool is_url_char(char c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\';
}

static bool is_url(struct str value)
{
    size_t scheme = skip_scheme(value, STR("http://"), STR("https://"));
    return value.len == 0 || (scheme > 0 && value.len > scheme && has_only(value, is_url_char) &&
                              value.at[scheme] != '/' && !ends_with(value, STR("/")));
}

static bool is_rtmp_url(struct str value)
{
    size_t scheme = skip_scheme(value, STR("rtmp://"), STR("rtmps://"));
    return value.len == 0 || (scheme > 0 && value.at[scheme] != '/' &&
                              has_only(value, is_url_char) && ends_with(value, STR("/app/")));
}

static bool is_domain_char(char c)
{
    return is_letter(c) || is_digit(c) || c == '.' || c == '-';
}

static bool is_domain(struct str value)
{
    return value.len >= 3 && value.len <= 253 && has_only(value, is_domain_char) &&
           memchr(value.at, '.', value.len) != NULL && value.at[0] != '.' &&
           value.at[value.len - 1] != '.';
}

static bool is_slug_char(char c)
{
    return is_lower(c) || is_digit(c) || c == '-';
}

static bool is_stage(struct str value)
{
    return value.len >= 1 && value.len <= 32 && has_only(value, is_slug_char);
}

static bool is_locale(struct str value)
{
    return value.len == 0 || (value.len == 5 && is_letter(value.at[0]) && is_letter(value.at[1]) &&
                              (value.at[2] == '-' || value.at[2] == '_') &&
                              is_letter(value.at[3]) && is_letter(value.at[4]));
}

static bool is_region_code_char(char c)
{
    return is_lower(c) || is_digit(c);
}

static bool is_region_code(struct str value)
{
    return value.len <= 10 && has_only(value, is_region_code_char);
}

/* ^[a-z]{2}-[a-z]+-[0-9]$, short enough for a stream key */
static bool is_region(struct str value)
{
    size_t len = value.len;
    return len >= 6 && len <= 24 && is_lower(value.at[0]) && is_lower(value.at[1]) &&
           value.at[2] == '-' && value.at[len - 2] == '-' && is_digit(value.at[len - 1]) &&
           has_only((struct str){value.at + 3, len - 5}, is_lower);
}

static bool is_account(struct str value)
{
    return value.len == 12 && has_only(value, is_digit);
}

static bool is_text(struct str value)
{
    return value.len > 0;
}

static bool is_role(struct str value)
{
    static const char *const roles[] = {"all", "api", "channels", "metrics", "media", "chat"};
    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
        if (str_equal(value, str_of(roles[i])))
            return true;
    return false;
}

static bool is_network(struct str value)
{
    struct http_network network;
    return http_network_read(value, &network) == ERR_OK;
}

static bool is_anything(struct str value)
{
    (void)value;
    return true;
}

const struct option_check options_is_address = {
    is_address, "host:port with a numeric host, [v6]:port, or empty"};
const struct option_check options_is_origin = {is_origin, "* or scheme://host[:port]"};
const struct option_check options_is_url = {
    is_url, "http:// or https:// URL without a trailing slash, or empty"};
const struct option_check options_is_domain = {is_domain, "domain names"};
const struct option_check options_is_stage = {is_stage, "1 to 32 of a-z, 0-9 and -"};
const struct option_check options_is_locale = {is_locale, "en-US or the like, or empty"};
const struct option_check options_is_region_code = {is_region_code, "at most 10 of a-z and 0-9"};
const struct option_check options_is_region = {is_region, "us-west-2 or the like"};
const struct option_check options_is_account = {is_account, "12 digits"};
const struct option_check options_is_text = {is_text, "a text that is not empty"};
const struct option_check options_is_role = {is_role, "all, api, channels, metrics, media, chat"};
const struct option_check options_is_network = {is_network,
                                                "addresses or networks such as 10.0.0.0/8"};
const struct option_check options_is_rtmp_url = {
    is_rtmp_url, "rtmp:// or rtmps:// URL that ends in /app/, or empty"};
const struct option_check options_is_anything = {is_anything, "any text"};
