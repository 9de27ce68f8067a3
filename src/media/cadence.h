/*
 * The regulariser (media rule IN-36): RTMP rounds time stamps to milliseconds, which makes frame
 * periods look ragged; on a source whose frames come evenly they are snapped back to the grid of
 * its frame rate. No correction is larger than 3 ms, and a source that is uneven is left alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CADENCE_WINDOW = 60 /* frame periods that are measured before snapping */ };

struct cadence {
    int64_t period_num, period_den; /* ticks of 90 kHz; 0: not locked */
    int64_t anchor;                 /* a stamp on the grid */
    int64_t index;                  /* of the last stamp, counted from the anchor */
    int64_t window[CADENCE_WINDOW + 1];
    size_t count;   /* stamps in the window */
    bool is_told;   /* the bitstream tells the period */
    unsigned tries; /* left to begin its grid anew */
    unsigned good;  /* stamps on the grid in a row */
};

/* Starts anew. A frame rate that the bitstream tells is believed until stamps contradict it again
 * and again; 0:0 when there is none. */
void cadence_start(struct cadence *, uint32_t fps_num, uint32_t fps_den);

/* The stamp to use for `dts`. */
int64_t cadence_snap(struct cadence *, int64_t dts);
