/* Frames as ingest would send them, for tests. */
#pragma once

#include "media/frame.h"
#include "media/source.h"

#include <string.h>

enum { FRAMES_RATE = 48000 };

static inline struct generation *frames_generation(uint32_t number, bool has_audio)
{
    struct generation *generation = generation_create();
    generation->number = number;
    generation->wall_epoch_us = 1770115200000000;
    generation->has_audio = has_audio;
    generation->video.avcc = chunk_copy("\1\x42\xc0\x1e\xff\xe1", 6);
    generation->video.info = (struct h264_info){.profile_idc = 0x42,
                                                .constraint_flags = 0xc0,
                                                .level_idc = 30,
                                                .nal_length_size = 4,
                                                .width = 1280,
                                                .height = 720,
                                                .sar_num = 1,
                                                .sar_den = 1};
    if (has_audio) {
        generation->audio.config = chunk_copy("\x11\x90", 2);
        generation->audio.info = (struct aac_info){.object_type = 2,
                                                   .sample_rate = FRAMES_RATE,
                                                   .output_rate = FRAMES_RATE,
                                                   .channels = 2,
                                                   .frame_samples = 1024};
    }
    return generation;
}

static inline struct frame *frames_video(struct generation *generation, int64_t dts, bool is_key)
{
    char payload[40] = "\0\0\0\x24\x41";
    payload[4] = is_key ? 0x65 : 0x41;
    struct chunk *chunk = chunk_copy(payload, sizeof(payload));
    struct frame *frame = frame_create(&(struct frame){.kind = TRACK_VIDEO,
                                                       .is_key = is_key,
                                                       .dts = dts,
                                                       .payload = slice_of(chunk),
                                                       .generation = generation});
    chunk_unref(&chunk);
    return frame;
}

/* `dts` in samples. */
static inline struct frame *frames_audio(struct generation *generation, int64_t dts)
{
    struct chunk *chunk = chunk_copy("\x21\x10\x05", 3);
    struct frame *frame = frame_create(&(struct frame){.kind = TRACK_AUDIO,
                                                       .is_key = true,
                                                       .dts = dts,
                                                       .samples = 1024,
                                                       .payload = slice_of(chunk),
                                                       .generation = generation});
    chunk_unref(&chunk);
    return frame;
}
