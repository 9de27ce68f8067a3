/* What somebody who wrote an unknown key may have meant. */
#include "base/text.h"
#include "daemon/config.h"

enum { MAX_KEY = 64 };

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t min = a < b ? a : b;
    return min < c ? min : c;
}

static char fold(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Levenshtein's distance, letter case aside; SIZE_MAX for what is too long to be a key. */
static size_t distance(struct str a, struct str b)
{
    if (a.len > MAX_KEY || b.len > MAX_KEY)
        return SIZE_MAX;
    size_t row[MAX_KEY + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t substituted = diagonal + (fold(a.at[i - 1]) != fold(b.at[j - 1]));
            diagonal = row[j];
            row[j] = min3(row[j] + 1, row[j - 1] + 1, substituted);
        }
    }
    return row[b.len];
}

static bool is_close(size_t far, struct str key)
{
    return far <= 2 || far <= key.len / 3;
}

/* The part of an option's path that is a key of the group; empty if it is elsewhere. */
static struct str key_in_group(const char *path, struct str group)
{
    if (group.len > 0) {
        if (strncmp(path, group.at, group.len) != 0 || path[group.len] != '.')
            return (struct str){0};
        path += group.len + 1;
    }
    struct str rest;
    return text_cut(str_of(path), '.', &rest);
}

static struct str last_key(const char *path)
{
    const char *dot = strrchr(path, '.');
    return str_of(dot != NULL ? dot + 1 : path);
}

/* Forgetting the unit at the end of a name is as good as a typing error. */
static bool is_start_of(struct str key, struct str candidate)
{
    return key.len >= 4 && key.len < candidate.len &&
           text_equal_nocase(key, (struct str){candidate.at, key.len});
}

static struct str find_close_key(struct str group, struct str key)
{
    struct str best = {0};
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < options_table_len; i++) {
        struct str candidate = key_in_group(options_table[i].path, group);
        size_t far = candidate.len > 0 ? distance(key, candidate) : SIZE_MAX;
        if (is_start_of(key, candidate))
            far = 1;
        if (far < best_distance) {
            best = candidate;
            best_distance = far;
        }
    }
    return is_close(best_distance, key) ? best : (struct str){0};
}

/* The right key in the wrong section, or a whole path mistyped. */
static struct str find_elsewhere(struct str key)
{
    struct str best = {0};
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < options_table_len; i++) {
        const char *path = options_table[i].path;
        if (text_equal_nocase(key, last_key(path)))
            return str_of(path);
        size_t far = distance(key, str_of(path));
        if (far < best_distance) {
            best = str_of(path);
            best_distance = far;
        }
    }
    return is_close(best_distance, key) ? best : (struct str){0};
}

static void put_known(struct str group, struct buf *out)
{
    struct str last = {0};
    for (size_t i = 0; i < options_table_len; i++) {
        struct str key = key_in_group(options_table[i].path, group);
        if (key.len == 0 || str_equal(key, last)) /* keys of one subgroup stand together */
            continue;
        buf_put_cstr(out, last.len > 0 ? ", " : "; known here: ");
        buf_put_str(out, key);
        last = key;
    }
}

void config_suggest(struct str group, struct str key, struct buf *out)
{
    struct str meant = find_close_key(group, key);
    if (meant.len == 0)
        meant = find_elsewhere(key);
    if (meant.len > 0)
        buf_printf(out, " (did you mean \"%.*s\"?)", (int)meant.len, meant.at);
    put_known(group, out);
}

void config_suggest_variable(struct str name, struct buf *out)
{
    size_t best = SIZE_MAX;
    size_t best_distance = SIZE_MAX;
    struct buf variable;
    buf_init(&variable, 256);
    for (size_t i = 0; i < options_table_len; i++) {
        buf_clear(&variable);
        config_put_variable(str_of(options_table[i].path), &variable);
        size_t far = distance(name, buf_str(&variable));
        if (far < best_distance) {
            best = i;
            best_distance = far;
        }
    }
    buf_clear(&variable);
    if (best != SIZE_MAX && is_close(best_distance, name)) {
        config_put_variable(str_of(options_table[best].path), &variable);
        buf_printf(out, " (did you mean \"%.*s\"?)", (int)variable.len, variable.at);
    }
    buf_finish(&variable);
}
