/* The Cookie header (RFC 6265 §5.4). Pure. */
#pragma once

#include "base/str.h"

/* The value of the first cookie of this name, which is compared exactly. `.at` NULL: none. */
struct str cookie_find(struct str header, struct str name);
