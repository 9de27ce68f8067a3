/* Where something stands in a JSON text: jansson keeps no lines. Pure. */
#pragma once

#include "base/str.h"

/**
 * The line, from 1, on which a member's key stands.
 *
 * The text must be valid JSON (the answer is of no use otherwise, but nothing bad happens). Keys
 * are compared as they are written, so one with escapes is not found.
 *
 * @param path  keys from the outermost object inward, apart by dots; no key of ours has one
 * @return 0 when there is no such member
 */
unsigned json_line_of(struct str text, struct str path);
