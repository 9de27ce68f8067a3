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

/* `matched`: keys of the path that we are inside of, this string included if it is one. */
static size_t match_key(const struct scan *scan, struct str string, struct str path, size_t matched)
{
    if (scan->depth == 0 || !is_key(scan))
        return matched;
    if (matched >= scan->depth)
        matched = scan->depth - 1; /* a sibling of the key that matched */
    bool is_next = matched == scan->depth - 1 && str_equal(string, key_at(path, scan->depth));
    return matched + is_next;
}

static size_t pass_byte(struct scan *scan, size_t matched)
{
    char c = scan->text.at[scan->at++];
    scan->line += c == '\n';
    scan->depth += c == '{' || c == '[';
    scan->depth -= scan->depth > 0 && (c == '}' || c == ']');
    return matched < scan->depth ? matched : scan->depth;
}

unsigned json_line_of(struct str text, struct str path)
{
    struct scan scan = {.text = text, .line = 1};
    size_t wanted = count_keys(path);
    size_t matched = 0;
    while (scan.at < text.len) {
        if (text.at[scan.at] != '"') {
            matched = pass_byte(&scan, matched);
            continue;
        }
        struct str string = take_string(&scan);
        matched = match_key(&scan, string, path, matched);
        if (matched == wanted)
            return scan.line;
    }
    return 0;
}
