#include "store/dialect.h"

#include <ctype.h>

static const char *find_meaning(const struct dialect_word *words, struct str name)
{
    for (; words->name != NULL; words++)
        if (str_equal(name, str_of(words->name)))
            return words->meaning;
    return NULL;
}

/* The name that ends before `end`, blanks apart. */
static struct str name_before(const char *start, const char *end)
{
    while (end > start && end[-1] == ' ')
        end--;
    const char *at = end;
    while (at > start && at[-1] != ' ' && at[-1] != '(')
        at--;
    return (struct str){.at = at, .len = (size_t)(end - at)};
}

static void put_meaning(const char *meaning, struct str column, struct buf *out)
{
    const char *gap;
    while ((gap = strstr(meaning, "%s")) != NULL) {
        buf_put(out, meaning, (size_t)(gap - meaning));
        buf_put_str(out, column);
        meaning = gap + 2;
    }
    buf_put_cstr(out, meaning);
}

void dialect_define(const struct dialect_word *words, const char *text, struct buf *out)
{
    const char *at = text;
    while (*at != '\0') {
        const char *close = *at == '{' ? strchr(at, '}') : NULL;
        struct str name = {.at = at + 1, .len = close != NULL ? (size_t)(close - at - 1) : 0};
        const char *meaning = close != NULL ? find_meaning(words, name) : NULL;
        if (meaning == NULL) {
            buf_put(out, at++, 1);
            continue;
        }
        put_meaning(meaning, name_before(text, at), out);
        at = close + 1;
    }
}

/* The number after a question mark, or 0. */
static unsigned read_number(const char **at)
{
    unsigned number = 0;
    while (isdigit((unsigned char)**at))
        number = number * 10 + (unsigned)(*(*at)++ - '0');
    return number;
}

unsigned dialect_number_parameters(const char *text, struct buf *out)
{
    unsigned last = 0;
    unsigned count = 0;
    bool is_quoted = false;
    for (const char *at = text; *at != '\0';) {
        char c = *at++;
        is_quoted ^= c == '\'';
        if (c != '?' || is_quoted) {
            buf_put(out, &c, 1);
            continue;
        }
        unsigned number = read_number(&at);
        last = number > 0 ? number : last + 1;
        count = last > count ? last : count;
        buf_printf(out, "$%u", last);
    }
    return count;
}
