/* Any bytes: a record that reads has sane values, and can be written and read again. */
#include "codec/h264.h"
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct h264_info info;
    if (h264_config_read(data, size, &info) != ERR_OK)
        return 0;
    if (info.width == 0 || info.height == 0 || info.sar_den == 0 || info.max_reorder > 16)
        abort();
    struct buf out;
    buf_init(&out, H264_MAX_CONFIG);
    h264_config_write(data, size, &out);
    struct h264_info again;
    if (h264_config_read(out.at, out.len, &again) != ERR_OK || again.nal_length_size != 4 ||
        again.width != info.width || again.height != info.height)
        abort();
    buf_finish(&out);
    return 0;
}
