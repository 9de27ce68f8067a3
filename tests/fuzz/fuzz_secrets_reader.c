#include "daemon/secrets.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > SECRETS_MAX_FILE)
        return 0;
    struct secrets secrets = {0};
    struct config_problems problems;
    config_problems_init(&problems);
    secrets_read((struct str){.at = (const char *)data, .len = size}, "secrets.json", &secrets,
                 &problems);
    secrets_require(&secrets, "secrets.json", &problems);
    secrets_finish(&secrets);
    config_problems_finish(&problems);
    return 0;
}
