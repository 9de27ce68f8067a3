#include "daemon/json_lines.h"

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct scan {
    struct str text;
    size_t at;
    unsigned line;
    size_t depth; /* objects and arrays around us */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* From the quote: what stands between it and the next, and behind that. */
static struct str take_string(struct scan *scan)
{
    size_t start = ++scan->at;
    while (scan->at < scan->text.len && scan->text.at[scan->at] != '"')
        scan->at += scan->text.at[scan->at] == '\\' ? 2 : 1;
    if (scan->at > scan->text.len)
        scan->at = scan->text.len;
    struct str string = {.at = scan->text.at + start, .len = scan->at - start};
    scan->at += scan->at < scan->text.len;
    return string;
}

static bool is_key(const struct scan *scan)
{
    size_t at = scan->at;
    while (at < scan->text.len && is_space(scan->text.at[at]))
        at++;
    return at < scan->text.len && scan->text.at[at] == ':';
}

/* The key of the path that is expected in `depth` objects, or an empty string. */
static struct str key_at(struct str path, size_t depth)
{
    struct str key = {0};
    for (size_t i = 0; i < depth; i++)
        key = text_cut(path, '.', &path);
    return key;
}

static size_t count_keys(struct str path)
{
    size_t count = 1;
    for (size_t i = 0; i < path.len; i++)
        count += path.at[i] == '.';
    return count;
}

unsigned json_line_of(struct str text, struct str path)
{
    struct scan scan = {.text = text, .line = 1};
    size_t wanted = count_keys(path);
    size_t matched = 0; /* keys of the path that we are inside of */
    while (scan.at < text.len) {
        char c = text.at[scan.at];
        if (c == '"') {
            struct str string = take_string(&scan);
            if (scan.depth == 0 || !is_key(&scan))
                continue;
            if (matched >= scan.depth)
                matched = scan.depth - 1; /* a sibling of the key that matched */
            if (matched == scan.depth - 1 && str_equal(string, key_at(path, scan.depth)))
                matched++;
            if (matched == wanted)
                return scan.line;
            continue;
        }
        scan.line += c == '\n';
        if (c == '{' || c == '[')
            scan.depth++;
        if ((c == '}' || c == ']') && scan.depth > 0 && --scan.depth < matched)
            matched = scan.depth;
        scan.at++;
    }
    return 0;
}
