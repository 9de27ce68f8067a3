/*
 * ingestConfiguration: what is known of a stream's video and audio, from the bitstream first, then
 * from what the encoder says, then as measured (media spec §1.7). Pure.
 */
#pragma once

#include "codec/aac.h"
#include "codec/h264.h"

#include <stdbool.h>
#include <stdint.h>

enum { INGEST_CONFIG_ENCODER_LEN = 512 };

/* 0 and "" are what nobody knows. */
struct ingest_config_hints {
    uint32_t width, height;
    double framerate;
    uint32_t video_bps, audio_bps;
    uint32_t audio_sample_rate;
    uint8_t audio_channels;
    char encoder[INGEST_CONFIG_ENCODER_LEN + 1];
    char flash_ver[INGEST_CONFIG_ENCODER_LEN + 1];
    double measured_framerate;
    uint32_t measured_video_bps, measured_audio_bps;
};

/* As a JSON object without spaces, to be freed with mem_free(); `audio` may be NULL. A track is
 * there only if something is known of it. */
char *ingest_config_write(const struct h264_info *video, const struct aac_info *audio,
                          const struct ingest_config_hints *);

/* Something that only measuring will tell. */
bool ingest_config_wants_measuring(const struct h264_info *video,
                                   const struct ingest_config_hints *);
