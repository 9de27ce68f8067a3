/* What texts the options allow. Each check comes with the words that tell people so. */
#pragma once

#include "daemon/options.h"

extern const struct option_check options_is_address;
extern const struct option_check options_is_origin;
extern const struct option_check options_is_url;
extern const struct option_check options_is_domain;
extern const struct option_check options_is_stage;
extern const struct option_check options_is_locale;
extern const struct option_check options_is_region_code;
extern const struct option_check options_is_region;
extern const struct option_check options_is_account;
extern const struct option_check options_is_text;
extern const struct option_check options_is_role;
extern const struct option_check options_is_network;
extern const struct option_check options_is_rtmp_url;
extern const struct option_check options_is_anything;

enum { OPTIONS_HOST_LEN = 46 };

struct options_address {
    char host[OPTIONS_HOST_LEN]; /* numeric, without brackets */
    uint16_t port;
};

/* 127.0.0.1:8080 or [::1]:8080. ERR_MALFORMED. */
MUST_USE enum err options_read_address(struct str, struct options_address *out);
