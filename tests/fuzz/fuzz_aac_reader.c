/* Any bytes: a configuration that reads has values we serve; a header removed leaves a tail. */
#include "codec/aac.h"
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aac_info info;
    if (aac_config_read(data, size, &info) == ERR_OK &&
        (info.sample_rate < 8000 || info.output_rate > 48000 || info.channels < 1 ||
         info.channels > 2 || (info.frame_samples != 1024 && info.frame_samples != 960)))
        abort();
    struct str frame = {.at = (const char *)data, .len = size};
    struct str raw = aac_strip_adts(frame);
    if (raw.len > frame.len || raw.at != frame.at + (frame.len - raw.len))
        abort();
    return 0;
}
