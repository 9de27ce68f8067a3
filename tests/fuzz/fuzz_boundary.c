/* Any time stamps and IDRs: the deciders neither overflow nor lose a frame. */
#include "base/reader.h"
#include "fuzz.h"
#include "packager/boundary.h"
#include "packager/part_cutter.h"

#include <stdlib.h>

static size_t frames_of(const struct part_end *ends, size_t count)
{
    size_t frames = 0;
    for (size_t i = 0; i < count; i++)
        frames += ends[i].frames;
    return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = reader_over(data, size);
    struct boundary boundary;
    struct part_cutter cutter;
    struct part_end ends[PART_MAX_ENDS];
    boundary_init(&boundary, 1000 + (uint32_t)reader_uint(&r, 1) * 20);
    part_cutter_init(&cutter, (uint32_t)reader_uint(&r, 2));
    int64_t dts = 900000;
    size_t in = 0, out = 0;
    while (r.left > 0) {
        uint64_t kind = reader_uint(&r, 1);
        /* Whole stamps as the ingest timeline may give them, within 2^53; or steps. */
        dts = kind & 2 ? (int64_t)(reader_uint(&r, 8) >> 11) : dts + (int16_t)reader_uint(&r, 2);
        if (r.failed)
            break;
        unsigned cut = boundary_next(&boundary, dts, kind & 1, period_median(&cutter.period));
        out += frames_of(ends, part_cutter_next(&cutter, dts, cut, ends));
        in++;
        if (kind & 4) {
            boundary_break(&boundary);
            out += frames_of(ends, part_cutter_flush(&cutter, dts + 1, ends));
        }
        if (in != out + cutter.pending)
            abort();
    }
    return 0;
}
