/* A string that somebody else owns: not NUL-terminated, valid as long as its owner says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *at;
    size_t len;
};

/* A struct str of a string literal. */
#define STR(literal) ((struct str){.at = (literal), .len = sizeof(literal) - 1})

static inline bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline struct str str_of(const char *nul_terminated)
{
    return (struct str){.at = nul_terminated, .len = strlen(nul_terminated)};
}
