#include "api/provision.h"

enum err provision_channel(const struct provision_site *site, const char *user_id, int64_t now_us)
{
    struct store_provision wish = {.user_id = user_id,
                                   .region = str_of(site->region),
                                   .type = site->channel_type,
                                   .random = site->random,
                                   .now_us = now_us};
    enum err err = store_channel_provision(site->store, &wish);
    if (!err)
        auth_forget(site->auth, user_id);
    return err;
}
