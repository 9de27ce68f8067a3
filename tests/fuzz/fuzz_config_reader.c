#include "daemon/config.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > CONFIG_MAX_FILE)
        return 0;
    struct config config;
    struct config_problems problems;
    config_init(&config, "dev", "klieg.json");
    config_problems_init(&problems);
    config_read(&config, (struct str){.at = (const char *)data, .len = size}, &problems);
    config_complete(&config, "ui", &problems);
    config_problems_finish(&problems);
    config_finish(&config);
    return 0;
}
