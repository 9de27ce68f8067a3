/*
 * What the databases spell differently, taken from the one text that both are given.
 *
 * Pure: texts in, texts out.
 */
#pragma once

#include "base/buf.h"

/* What stands for a word in braces. Each "%s" in it is the column, the name before the braces. */
struct dialect_word {
    const char *name;
    const char *meaning;
};

/* `text` with its words replaced; `words` ends with an empty row. Braces around what is no word
 * stay as they are: the empty JSON object is one. */
void dialect_define(const struct dialect_word *words, const char *text, struct buf *out);

/* `text` with its parameters as $1, $2 …: "?" is the one after the last before it, "?3" the third.
 * Question marks in quotes are text. Returns how many parameters there are. */
unsigned dialect_number_parameters(const char *text, struct buf *out);
