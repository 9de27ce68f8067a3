/*
 * A value that must never be seen: keys, tokens, passwords. Its own type, so that no log or format
 * function takes it by accident; whoever unwraps it says so with `.value`.
 */
#pragma once

#include "base/str.h"

struct secret {
    struct str value;
};
