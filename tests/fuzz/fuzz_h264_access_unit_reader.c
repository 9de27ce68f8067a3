/* One byte chooses the length size and how much room there is, the rest is an access unit: the
 * result, read again, is itself. */
#include "codec/h264.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t config[] = {1,    0x42, 0xc0, 0x1e, 0xff, 0xe1, 0,    5,    0x67, 0x42,
                                 0xc0, 0x1e, 0xda, 1,    0,    4,    0x68, 0xce, 0x3c, 0x80};

static enum err normalise(struct h264_access_unit *unit, uint8_t length_size)
{
    struct str record = {.at = (const char *)config, .len = sizeof(config)};
    struct buf new_config;
    buf_init(&new_config, H264_MAX_CONFIG);
    enum err err = h264_access_unit_normalise(unit, length_size, record, &new_config);
    if (err == ERR_OK && unit->has_parameters != (new_config.len > 0))
        abort();
    buf_finish(&new_config);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t sizes[] = {1, 2, 4, 4};
    if (size == 0)
        return 0;
    size_t cap = size - 1 + (data[0] >> 2);
    uint8_t *bytes = malloc(cap > 0 ? cap : 1);
    if (bytes == NULL)
        return 0;
    memcpy(bytes, data + 1, size - 1);
    struct h264_access_unit unit = {.at = bytes, .len = size - 1, .cap = cap};
    if (normalise(&unit, sizes[data[0] & 3]) == ERR_OK) {
        struct h264_access_unit again = unit;
        if (unit.len > cap || normalise(&again, 4) != ERR_OK || again.len != unit.len ||
            again.is_idr != unit.is_idr || again.has_parameters)
            abort();
    }
    free(bytes);
    return 0;
}
