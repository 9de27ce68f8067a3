#include "codec/aac.h"

#include <stdio.h>

void aac_codec_string(const struct aac_info *info, char out[AAC_CODEC_LEN + 1])
{
    (void)snprintf(out, AAC_CODEC_LEN + 1, "mp4a.40.%u", info->object_type % 100U); /* it fits */
}
