#include "domain/channels/channel.h"

#include "base/text.h"

#include <stdio.h>

const char *const channel_avatars[CHANNEL_AVATARS] = {
    "bear",     "bird",  "bird2", "dog",  "dog2",      "dog3",  "giraffe",
    "hedgehog", "hippo", "horse", "ibex", "jellyfish", "sheep", "tiger",
};

const char *const channel_colors[CHANNEL_COLORS] = {
    "blue", "green", "lavender", "purple", "salmon", "turquoise", "yellow",
};

/* First path segments of the web UI and the daemon, and names that would mislead (api 2.2.5). */
static const char *const reserved_names[] = {
    "health",   "manager",   "following", "settings", "login",    "register",  "reset",
    "live",     "chat",      "whip",      "whep",     "assets",   "admin",     "status",
    "metrics",  "feed",      "search",    "channel",  "channels", "category",  "categories",
    "browse",   "directory", "session",   "account",  "password", "profile",   "stages",
    "products", "events",    "embed",     "popout",   "clip",     "clips",     "video",
    "videos",   "help",      "about",     "terms",    "privacy",  "support",   "security",
    "static",   "public",    "root",      "system",   "klieg",    "moderator", "staff",
    "official", "null",      "undefined",
};

static const char *const reserved_endings[] = {
    ".html", ".js",  ".css",  ".json", ".map", ".ico",  ".png",
    ".jpg",  ".svg", ".webp", ".txt",  ".xml", ".wasm", ".webmanifest",
};

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_reserved(struct str name)
{
    for (size_t i = 0; i < sizeof(reserved_names) / sizeof(*reserved_names); i++)
        if (text_equal_nocase(name, str_of(reserved_names[i])))
            return true;
    for (size_t i = 0; i < sizeof(reserved_endings) / sizeof(*reserved_endings); i++) {
        struct str ending = str_of(reserved_endings[i]);
        if (name.len < ending.len)
            continue;
        struct str tail = {.at = name.at + name.len - ending.len, .len = ending.len};
        if (text_equal_nocase(tail, ending))
            return true;
    }
    return false;
}

enum channel_name_verdict channel_name_check(struct str name)
{
    if (is_reserved(name))
        return CHANNEL_NAME_RESERVED;
    if (name.len < CHANNEL_NAME_MIN || name.len > CHANNEL_NAME_MAX)
        return CHANNEL_NAME_INVALID;
    bool has_letter_or_digit = false;
    for (size_t i = 0; i < name.len; i++) {
        if (is_letter_or_digit(name.at[i]))
            has_letter_or_digit = true;
        else if (name.at[i] != '.' && name.at[i] != '_')
            return CHANNEL_NAME_INVALID;
    }
    return has_letter_or_digit ? CHANNEL_NAME_OK : CHANNEL_NAME_INVALID;
}

const char *channel_name_reason(enum channel_name_verdict verdict)
{
    switch (verdict) {
    case CHANNEL_NAME_RESERVED:
        return "This name is reserved.";
    case CHANNEL_NAME_INVALID:
        return "A name has 4 to 20 characters: letters, digits, dot and underscore, with at least "
               "one letter or digit.";
    case CHANNEL_NAME_OK:
        break;
    }
    return "";
}

void channel_name_fold(struct str name, char *out)
{
    for (size_t i = 0; i < name.len; i++)
        out[i] = (char)(name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] + 32 : name.at[i]);
    out[name.len] = '\0';
}

struct channel_id channel_id_create(struct random *random)
{
    struct channel_id id;
    random_alnum(random, id.at, CHANNEL_ID_LEN);
    return id;
}

bool channel_id_is_valid(struct str id)
{
    if (id.len != CHANNEL_ID_LEN)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!is_letter_or_digit(id.at[i]))
            return false;
    return true;
}

struct channel_uuid channel_uuid_create(struct random *random)
{
    uint8_t bytes[16];
    random_fill(random, bytes, sizeof(bytes));
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* version 4 (RFC 9562 5.4) */
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80); /* variant */

    char hex[33];
    text_hex(bytes, sizeof(bytes), hex);
    struct channel_uuid uuid;
    (void)snprintf(uuid.at, sizeof(uuid.at), "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                   hex + 16, hex + 20); /* 36 characters */
    return uuid;
}

struct channel_key channel_key_create(struct random *random, struct str region,
                                      const struct channel_id *id)
{
    char random_part[CHANNEL_KEY_RANDOM_LEN + 1];
    random_alnum(random, random_part, CHANNEL_KEY_RANDOM_LEN);
    struct channel_key key;
    (void)snprintf(key.at, sizeof(key.at), "sk_%.*s_%s_%s",
                   (int)(region.len < CHANNEL_REGION_MAX ? region.len : CHANNEL_REGION_MAX),
                   region.at, id->at, random_part); /* at most 81 characters */
    return key;
}

void channel_put_arn(struct buf *out, struct str region, struct str account, struct str id)
{
    buf_put_cstr(out, "arn:aws:ivs:");
    buf_put_str(out, region);
    buf_put_cstr(out, ":");
    buf_put_str(out, account);
    buf_put_cstr(out, ":channel/");
    buf_put_str(out, id);
}
