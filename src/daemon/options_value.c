#include "daemon/options_value.h"

#include "base/text.h"

#include <assert.h>
#include <inttypes.h>

enum {
    MAX_TEXT = 4096,
    MAX_ITEMS = 200, /* of a list, and of the categories (api 7.2) */
    CATEGORY_ID_MIN = 2,
    CATEGORY_ID_MAX = 32,
    CATEGORY_NAME_MAX = 40, /* characters */
    LIMIT_MAX = 1000000000,
};

static void *place(const struct option *option, struct options *options)
{
    return (char *)options + option->offset;
}

static const void *const_place(const struct option *option, const struct options *options)
{
    return (const char *)options + option->offset;
}

static void describe_choices(const char *choices, struct buf *out)
{
    buf_put_cstr(out, "one of ");
    for (struct str rest = str_of(choices); rest.at != NULL;) {
        const char *bar = memchr(rest.at, '|', rest.len);
        size_t len = bar != NULL ? (size_t)(bar - rest.at) : rest.len;
        buf_printf(out, "\"%.*s\"%s", (int)len, rest.at, bar != NULL ? ", " : "");
        rest = bar != NULL ? (struct str){bar + 1, rest.len - len - 1} : (struct str){0};
    }
}

void options_describe(const struct option *option, struct buf *out)
{
    switch (option->type) {
    case OPTION_BOOL:
        buf_put_cstr(out, "true or false");
        break;
    case OPTION_INT:
        buf_printf(out, "a whole number from %" PRId64 " to %" PRId64, option->min, option->max);
        break;
    case OPTION_STRING:
        buf_put_cstr(out, option->check->allowed);
        break;
    case OPTION_ENUM:
        describe_choices(option->choices, out);
        break;
    case OPTION_LIST:
        buf_printf(out, "a list of texts: %s", option->check->allowed);
        break;
    case OPTION_LIMIT:
        buf_put_cstr(out,
                     "{\"count\":n,\"seconds\":n,\"burst\":n} with whole numbers; count 0: off");
        break;
    case OPTION_CATEGORIES:
        buf_put_cstr(out,
                     "a list of {\"id\":2 to 32 of a-z, 0-9 and -,\"name\":1 to 40 characters},"
                     " at most 200, each id once");
        break;
    }
}

static bool is_choice(const char *choices, struct str value)
{
    struct str rest = str_of(choices);
    for (;;) {
        const char *bar = memchr(rest.at, '|', rest.len);
        size_t len = bar != NULL ? (size_t)(bar - rest.at) : rest.len;
        if (str_equal(value, (struct str){rest.at, len}))
            return true;
        if (bar == NULL)
            return false;
        rest = (struct str){bar + 1, rest.len - len - 1};
    }
}

static struct str text_of(const json_t *value)
{
    return (struct str){.at = json_string_value(value), .len = json_string_length(value)};
}

static bool is_allowed_text(const struct option *option, const json_t *value)
{
    if (!json_is_string(value) || json_string_length(value) > MAX_TEXT)
        return false;
    struct str text = text_of(value);
    if (option->type == OPTION_ENUM)
        return is_choice(option->choices, text);
    return option->check->is_valid(text);
}

static bool set_integer(const struct option *option, const json_t *value, int64_t *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < option->min ||
        json_integer_value(value) > option->max)
        return false;
    *out = json_integer_value(value);
    return true;
}

static bool set_list(const struct option *option, const json_t *value, struct arena *arena,
                     struct option_list *out)
{
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count > MAX_ITEMS)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_allowed_text(option, json_array_get(value, i)))
            return false;
    out->items = arena_alloc(arena, (count + 1) * sizeof(*out->items));
    for (size_t i = 0; i < count; i++)
        out->items[i] = arena_copy(arena, text_of(json_array_get(value, i))).at;
    out->count = count;
    return true;
}

static bool set_limit(const json_t *value, struct option_limit *out)
{
    static const struct option part = {.min = 0, .max = LIMIT_MAX};
    static const struct option positive = {.min = 1, .max = LIMIT_MAX};
    struct option_limit limit;
    if (!json_is_object(value) || json_object_size(value) != 3 ||
        !set_integer(&part, json_object_get(value, "count"), &limit.count) ||
        !set_integer(&positive, json_object_get(value, "seconds"), &limit.seconds) ||
        !set_integer(&part, json_object_get(value, "burst"), &limit.burst))
        return false;
    *out = limit;
    return true;
}

static bool is_category_id(struct str id)
{
    for (size_t i = 0; i < id.len; i++)
        if ((id.at[i] < 'a' || id.at[i] > 'z') && (id.at[i] < '0' || id.at[i] > '9') &&
            id.at[i] != '-')
            return false;
    return id.len >= CATEGORY_ID_MIN && id.len <= CATEGORY_ID_MAX;
}

static size_t count_characters(struct str utf8)
{
    size_t count = 0;
    for (size_t i = 0; i < utf8.len; i++)
        count += ((unsigned char)utf8.at[i] & 0xc0) != 0x80; /* not a continuation byte */
    return count;
}

static bool is_category(const json_t *value)
{
    const json_t *id = json_object_get(value, "id");
    const json_t *name = json_object_get(value, "name");
    if (json_object_size(value) != 2 || !json_is_string(id) || !json_is_string(name))
        return false;
    size_t characters = count_characters(text_of(name));
    return is_category_id(text_of(id)) && characters >= 1 && characters <= CATEGORY_NAME_MAX;
}

static bool is_repeated(const json_t *list, size_t at)
{
    struct str id = text_of(json_object_get(json_array_get(list, at), "id"));
    for (size_t i = 0; i < at; i++)
        if (str_equal(id, text_of(json_object_get(json_array_get(list, i), "id"))))
            return true;
    return false;
}

static bool set_categories(const json_t *value, struct arena *arena, struct option_categories *out)
{
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count > MAX_ITEMS)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_category(json_array_get(value, i)) || is_repeated(value, i))
            return false;
    out->items = arena_alloc(arena, (count + 1) * sizeof(*out->items));
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(value, i);
        out->items[i].id = arena_copy(arena, text_of(json_object_get(item, "id"))).at;
        out->items[i].name = arena_copy(arena, text_of(json_object_get(item, "name"))).at;
    }
    out->count = count;
    return true;
}

static bool set(const struct option *option, const json_t *value, struct arena *arena, void *out)
{
    switch (option->type) {
    case OPTION_BOOL:
        if (!json_is_boolean(value))
            return false;
        *(bool *)out = json_is_true(value);
        return true;
    case OPTION_INT:
        return set_integer(option, value, out);
    case OPTION_STRING:
    case OPTION_ENUM:
        if (!is_allowed_text(option, value))
            return false;
        *(const char **)out = arena_copy(arena, text_of(value)).at;
        return true;
    case OPTION_LIST:
        return set_list(option, value, arena, out);
    case OPTION_LIMIT:
        return set_limit(value, out);
    case OPTION_CATEGORIES:
        return set_categories(value, arena, out);
    }
    return false;
}

enum { SHOWN_MAX = 80 };

/* What was given, cut short: a password in the wrong place should not stand in a log whole. */
static void put_given(const json_t *value, struct buf *out)
{
    char text[SHOWN_MAX];
    size_t len =
        json_dumpb(value, text, sizeof(text), JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII);
    buf_put(out, text, len < sizeof(text) ? len : sizeof(text));
    buf_put_cstr(out, len > sizeof(text) ? "..." : "");
}

enum err options_set(const struct option *option, const json_t *value, struct arena *arena,
                     struct options *out, struct buf *why)
{
    if (set(option, value, arena, place(option, out)))
        return ERR_OK;
    buf_put_cstr(why, "must be ");
    options_describe(option, why);
    buf_put_cstr(why, ", not ");
    put_given(value, why);
    return ERR_MALFORMED;
}

static json_t *split_list(struct str text)
{
    json_t *list = json_array();
    while (text.len > 0) {
        struct str rest;
        struct str item = text_trim(text_cut(text, ',', &rest));
        (void)json_array_append_new(list, json_stringn(item.at, item.len)); /* NULL: not UTF-8 */
        text = rest;
    }
    return list;
}

/* NULL when it is neither UTF-8 nor, where it has to be, JSON. */
static json_t *parse_text(const struct option *option, struct str text)
{
    if (option->type == OPTION_STRING || option->type == OPTION_ENUM)
        return json_stringn(text.at, text.len);
    if (option->type == OPTION_LIST && (text.len == 0 || text.at[0] != '['))
        return split_list(text);
    return json_loadb(text.at, text.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
}

enum err options_set_text(const struct option *option, struct str text, struct arena *arena,
                          struct options *out, struct buf *why)
{
    json_t *value = parse_text(option, text);
    if (value == NULL && !text_is_utf8(text)) {
        buf_put_cstr(why, "must be valid UTF-8");
        return ERR_MALFORMED;
    }
    if (value == NULL) /* no JSON, so of the wrong type */
        value = json_stringn(text.at, text.len);
    enum err err = options_set(option, value, arena, out, why);
    json_decref(value);
    return err;
}

void options_set_default(const struct option *option, struct str stage, struct arena *arena,
                         struct options *out)
{
    bool is_dev = str_equal(stage, STR("dev")) || option->prod == NULL;
    struct buf why;
    buf_init(&why, 1024);
    enum err err =
        options_set_text(option, str_of(is_dev ? option->dev : option->prod), arena, out, &why);
    assert(!err); /* tests go through the whole table */
    (void)err;
    buf_finish(&why);
}

static json_t *list_to_json(const struct option_list *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        (void)json_array_append_new(array, json_string(list->items[i])); /* aborts or succeeds */
    return array;
}

static json_t *categories_to_json(const struct option_categories *categories)
{
    json_t *array = json_array();
    for (size_t i = 0; i < categories->count; i++)
        (void)json_array_append_new(array, json_pack("{ss ss}", "id", categories->items[i].id,
                                                     "name", categories->items[i].name));
    return array;
}

json_t *options_get(const struct option *option, const struct options *options)
{
    const void *at = const_place(option, options);
    switch (option->type) {
    case OPTION_BOOL:
        return json_boolean(*(const bool *)at);
    case OPTION_INT:
        return json_integer(*(const int64_t *)at);
    case OPTION_STRING:
    case OPTION_ENUM:
        return json_string(*(const char *const *)at);
    case OPTION_LIST:
        return list_to_json(at);
    case OPTION_LIMIT: {
        const struct option_limit *limit = at;
        return json_pack("{sI sI sI}", "count", (json_int_t)limit->count, "seconds",
                         (json_int_t)limit->seconds, "burst", (json_int_t)limit->burst);
    }
    case OPTION_CATEGORIES:
        return categories_to_json(at);
    }
    return json_null();
}

bool options_equal(const struct option *option, const struct options *a, const struct options *b)
{
    json_t *value_a = options_get(option, a);
    json_t *value_b = options_get(option, b);
    bool is_equal = json_equal(value_a, value_b);
    json_decref(value_a);
    json_decref(value_b);
    return is_equal;
}
