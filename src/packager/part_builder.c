#include "packager/part_builder.h"

#include "base/mem.h"
#include "packager/part_memory.h"
#include "proto/id3/txxx_writer.h"

enum { MAX_TAGS = 1 << 20 /* bytes of metadata in a part; 5 events a second of 4 KiB at most */ };

void part_builder_init(struct part_builder *builder, struct metrics *metrics)
{
    *builder = (struct part_builder){.metrics = metrics};
    buf_init(&builder->tags, MAX_TAGS);
}

void part_builder_finish(struct part_builder *builder)
{
    mem_free(builder->samples);
    mem_free(builder->events);
    buf_finish(&builder->tags);
}

static struct fmp4_sample sample_of(const struct frame *frame, int64_t end)
{
    return (struct fmp4_sample){.bytes = frame->payload.at,
                                .len = (uint32_t)frame->payload.len,
                                .duration = end > frame->dts ? (uint32_t)(end - frame->dts) : 0,
                                .cts = frame->cts,
                                .is_key = frame->is_key};
}

static struct fmp4_run video_run(const struct part_input *input, struct fmp4_sample *samples)
{
    for (size_t i = 0; i < input->video_count; i++) {
        bool is_last = i + 1 == input->video_count;
        samples[i] = sample_of(input->video[i], is_last ? input->end : input->video[i + 1]->dts);
    }
    return (struct fmp4_run){
        .dts = input->video[0]->dts, .samples = samples, .count = input->video_count};
}

/* A frame lasts until the next, so that one after a gap keeps its time; the part's last one as long
 * as it says, and the next part has a time of its own. */
static struct fmp4_run audio_run(const struct part_input *input, struct fmp4_sample *samples)
{
    for (size_t i = 0; i < input->audio_count; i++) {
        const struct frame *frame = input->audio[i];
        bool is_last = i + 1 == input->audio_count;
        samples[i] =
            sample_of(frame, is_last ? frame->dts + frame->samples : input->audio[i + 1]->dts);
    }
    return (struct fmp4_run){.dts = input->audio_count > 0 ? input->audio[0]->dts : 0,
                             .samples = samples,
                             .count = input->audio_count};
}

static void put_events(struct part_builder *builder, const struct part_input *input)
{
    buf_clear(&builder->tags);
    int64_t start = input->video[0]->dts;
    for (size_t i = 0; i < input->event_count; i++) {
        const struct part_event *event = &input->events[i];
        size_t before = builder->tags.len;
        id3_write_txxx(
            ID3_METADATA,
            (struct str){.at = (const char *)event->payload.at, .len = event->payload.len},
            &builder->tags);
        builder->events[i] = (struct fmp4_event){.id = event->id,
                                                 .time = event->time > start ? event->time : start,
                                                 .tag.len = builder->tags.len - before};
    }
    const char *tag = (const char *)builder->tags.at; /* it moves no more */
    for (size_t i = 0; i < input->event_count; i++) {
        builder->events[i].tag.at = tag;
        tag += builder->events[i].tag.len;
    }
}

struct chunk *part_build(struct part_builder *builder, const struct part_input *input)
{
    size_t samples = input->video_count + input->audio_count;
    if (samples > builder->sample_cap) {
        builder->sample_cap = samples * 2;
        builder->samples =
            mem_grow(builder->samples, builder->sample_cap, sizeof(*builder->samples));
    }
    if (input->event_count > builder->event_cap) {
        builder->event_cap = input->event_count;
        builder->events = mem_grow(builder->events, builder->event_cap, sizeof(*builder->events));
    }
    if (input->event_count > 0)
        put_events(builder, input);
    struct fmp4_part part = {
        .sequence = input->sequence,
        .video = video_run(input, builder->samples),
        .audio = audio_run(input, builder->samples + input->video_count),
        .audio_duration = input->audio_count > 0 ? input->audio[0]->samples : 0,
        .events = builder->events,
        .event_count = input->event_count,
    };
    struct chunk *chunk = part_memory_create(builder->metrics, fmp4_part_len(&part));
    fmp4_write_part(&part, chunk->at);
    return chunk;
}
