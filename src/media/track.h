/* What the elementary streams of a source are. */
#pragma once

#include "base/chunk.h"
#include "codec/aac.h"
#include "codec/h264.h"

enum { MEDIA_TIMESCALE = 90000 }; /* of the session's clock and of video */

enum track_kind { TRACK_VIDEO, TRACK_AUDIO };
enum { TRACK_KINDS = 2 };

struct video_track {
    struct chunk *avcc; /* AVCDecoderConfigurationRecord with 4-byte NAL lengths */
    struct h264_info info;
};

struct audio_track {
    struct chunk *config; /* AudioSpecificConfig as received */
    struct aac_info info;
};
