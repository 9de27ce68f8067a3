#include "base/text.h"
#include "daemon/secrets.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

enum member_kind {
    MEMBER_KEY,      /* 32 bytes as base64 */
    MEMBER_JWT,      /* [{"kid","key"}], the first signs */
    MEMBER_PASSWORD, /* of the database */
    MEMBER_TEXTS     /* an object of texts, with the members listed */
};

struct member {
    const char *name;
    enum member_kind kind;
    enum secrets_key key;
    const char *texts; /* apart by spaces */
};

static const struct member members[] = {
    {"jwtKeys", MEMBER_JWT, 0, NULL},
    {"paginationKey", MEMBER_KEY, SECRETS_PAGINATION, NULL},
    {"storeKey", MEMBER_KEY, SECRETS_STORE, NULL},
    {"uploadKey", MEMBER_KEY, SECRETS_UPLOAD, NULL},
    {"chatKey", MEMBER_KEY, SECRETS_CHAT, NULL},
    {"databasePassword", MEMBER_PASSWORD, 0, NULL},
    {"nats", MEMBER_TEXTS, 0, "user password"},
    {"smtp", MEMBER_TEXTS, 0, "user password"},
    {"s3", MEMBER_TEXTS, 0, "accessKeyId secretAccessKey"},
    {"productApi", MEMBER_TEXTS, 0, "accessKey secretKey partnerTag clientId clientSecret"},
};
enum { MEMBERS = sizeof(members) / sizeof(*members) };

static bool decode_key(const json_t *value, uint8_t out[SECRETS_KEY_LEN])
{
    size_t len = 0;
    uint8_t key[SECRETS_KEY_LEN];
    const char *end = NULL;
    bool is_key =
        json_is_string(value) &&
        sodium_base642bin(key, sizeof(key), json_string_value(value), json_string_length(value),
                          NULL, &len, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
        end == json_string_value(value) + json_string_length(value) && len == SECRETS_KEY_LEN;
    if (is_key)
        memcpy(out, key, sizeof(key));
    sodium_memzero(key, sizeof(key));
    return is_key;
}

static bool decode_jwt_key(const json_t *value, struct auth_key *out)
{
    const json_t *kid = json_object_get(value, "kid");
    size_t kid_len = json_string_length(kid);
    if (json_object_size(value) != 2 || kid_len == 0 || kid_len > AUTH_MAX_KID ||
        !decode_key(json_object_get(value, "key"), out->key))
        return false;
    memcpy(out->kid, json_string_value(kid), kid_len + 1);
    return true;
}

static bool take_jwt_keys(const json_t *value, struct secrets *secrets)
{
    size_t count = json_array_size(value);
    if (count == 0 || count > AUTH_MAX_KEYS)
        return false;
    struct auth_key keys[AUTH_MAX_KEYS] = {0};
    bool is_valid = true;
    for (size_t i = 0; i < count && is_valid; i++)
        is_valid = decode_jwt_key(json_array_get(value, i), &keys[i]);
    if (is_valid) {
        memcpy(secrets->jwt_keys, keys, sizeof(keys));
        secrets->jwt_key_count = count;
    }
    sodium_memzero(keys, sizeof(keys));
    return is_valid;
}

static bool is_word_of(const char *words, struct str word)
{
    struct str rest = str_of(words);
    while (rest.len > 0)
        if (str_equal(word, text_cut(rest, ' ', &rest)))
            return true;
    return false;
}

static bool are_texts(const struct member *member, const json_t *value)
{
    const char *name;
    json_t *text;
    if (!json_is_object(value))
        return false;
    json_object_foreach((json_t *)(uintptr_t)value, name, text) /* nothing is changed */
    {
        if (!is_word_of(member->texts, str_of(name)) || !json_is_string(text))
            return false;
    }
    return true;
}

static bool take_password(const json_t *value, char out[SECRETS_MAX_PASSWORD + 1])
{
    if (!json_is_string(value) || json_string_length(value) > SECRETS_MAX_PASSWORD)
        return false;
    (void)snprintf(out, SECRETS_MAX_PASSWORD + 1, "%s", json_string_value(value)); /* fits */
    return true;
}

static bool take(const struct member *member, const json_t *value, struct secrets *secrets)
{
    switch (member->kind) {
    case MEMBER_KEY:
        if (!decode_key(value, secrets->keys[member->key]))
            return false;
        secrets->has[member->key] = true;
        return true;
    case MEMBER_JWT:
        return take_jwt_keys(value, secrets);
    case MEMBER_PASSWORD:
        return take_password(value, secrets->database_password);
    case MEMBER_TEXTS:
        return are_texts(member, value);
    }
    return false;
}

static void refuse(const struct member *member, const char *where, struct config_problems *problems)
{
    switch (member->kind) {
    case MEMBER_KEY:
        config_add_problem(problems, where, "must be 32 bytes as base64");
        break;
    case MEMBER_JWT:
        config_add_problem(problems, where,
                           "must be a list of 1 to 8 {\"kid\":...,\"key\":...}, "
                           "each key 32 bytes as base64");
        break;
    case MEMBER_PASSWORD:
        config_add_problem(problems, where, "must be a text of at most %d bytes",
                           SECRETS_MAX_PASSWORD);
        break;
    case MEMBER_TEXTS:
        config_add_problem(problems, where, "must be an object of texts, of: %s", member->texts);
        break;
    }
}

static const struct member *find_member(const char *name)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (strcmp(name, members[i].name) == 0)
            return &members[i];
    return NULL;
}

static void put_names(struct buf *out)
{
    for (size_t i = 0; i < MEMBERS; i++)
        buf_printf(out, "%s%s", i > 0 ? ", " : "", members[i].name);
}

static void refuse_unknown(const char *where, struct config_problems *problems)
{
    struct buf names;
    buf_init(&names, 1024);
    put_names(&names);
    config_add_problem(problems, where, "unknown member; known are: %.*s", (int)names.len,
                       (const char *)names.at);
    buf_finish(&names);
}

static void read_members(const json_t *root, const char *file, struct secrets *secrets,
                         struct config_problems *problems)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)root, name, value) /* nothing is changed */
    {
        char where[512];
        (void)snprintf(where, sizeof(where), "%s: %s", file, name); /* cut when too long */
        const struct member *member = find_member(name);
        if (member == NULL)
            refuse_unknown(where, problems);
        else if (!take(member, value, secrets))
            refuse(member, where, problems);
    }
}

void secrets_read(struct str text, const char *file, struct secrets *secrets,
                  struct config_problems *problems)
{
    json_error_t error;
    json_t *root = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);
    /* jansson's own words would quote what it stumbled over. */
    if (root == NULL)
        config_add_problem(problems, file, "not valid JSON at line %d", error.line);
    else if (!json_is_object(root))
        config_add_problem(problems, file, "must be a JSON object");
    else
        read_members(root, file, secrets, problems);
    json_decref(root);
}

static bool is_variable(struct str name, const char *member)
{
    struct buf variable;
    buf_init(&variable, 128);
    config_put_variable(str_of(member), &variable);
    static const struct str start = {"KLIEG_SECRET_", 13};
    struct str tail = {.at = name.at + start.len, .len = name.len - start.len};
    struct str wanted = {.at = (const char *)variable.at + 6, .len = variable.len - 6};
    bool is_same = str_equal(tail, wanted); /* behind KLIEG_ */
    buf_finish(&variable);
    return is_same;
}

static void apply_variable(struct str name, const char *text, struct secrets *secrets,
                           struct config_problems *problems)
{
    char where[128];
    (void)snprintf(where, sizeof(where), "%.*s", (int)name.len, name.at); /* for messages */
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct member *member = &members[i];
        if (!is_variable(name, member->name))
            continue;
        bool is_json = member->kind == MEMBER_JWT || member->kind == MEMBER_TEXTS;
        json_t *value =
            is_json ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : json_string(text);
        if (!take(member, value, secrets))
            refuse(member, where, problems);
        json_decref(value);
        return;
    }
    refuse_unknown(where, problems);
}

void secrets_apply_environment(char *const *environment, struct secrets *secrets,
                               struct config_problems *problems)
{
    for (; *environment != NULL; environment++) {
        const char *equals = strchr(*environment, '=');
        if (equals != NULL && strncmp(*environment, "KLIEG_SECRET_", 13) == 0)
            apply_variable((struct str){*environment, (size_t)(equals - *environment)}, equals + 1,
                           secrets, problems);
    }
}

void secrets_require(const struct secrets *secrets, const char *file,
                     struct config_problems *problems)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct member *member = &members[i];
        bool is_missing = (member->kind == MEMBER_KEY && !secrets->has[member->key]) ||
                          (member->kind == MEMBER_JWT && secrets->jwt_key_count == 0);
        if (is_missing)
            config_add_problem(problems, file, "%s is missing", member->name);
    }
}

static json_t *random_key(struct random *random)
{
    uint8_t key[SECRETS_KEY_LEN];
    char text[sodium_base64_ENCODED_LEN(SECRETS_KEY_LEN, sodium_base64_VARIANT_ORIGINAL)];
    random_fill(random, key, sizeof(key));
    (void)sodium_bin2base64(text, sizeof(text), key, sizeof(key), sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(key, sizeof(key));
    return json_string(text);
}

static int put_text(const char *bytes, size_t len, void *out)
{
    buf_put(out, bytes, len);
    return 0;
}

void secrets_write(struct random *random, struct buf *out)
{
    char kid[9];
    random_alnum(random, kid, sizeof(kid) - 1);
    json_t *root = json_object();
    for (size_t i = 0; i < MEMBERS; i++) {
        json_t *value = NULL;
        if (members[i].kind == MEMBER_JWT)
            value = json_pack("[{ss so}]", "kid", kid, "key", random_key(random));
        else if (members[i].kind == MEMBER_KEY)
            value = random_key(random);
        if (value != NULL)
            (void)json_object_set_new(root, members[i].name, value); /* aborts or succeeds */
    }
    (void)json_dump_callback(root, put_text, out, JSON_INDENT(2)); /* put_text does not fail */
    buf_put_cstr(out, "\n");
    json_decref(root);
}

void secrets_finish(struct secrets *secrets)
{
    sodium_memzero(secrets, sizeof(*secrets));
}
