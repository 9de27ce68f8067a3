#include "loop/send_queue.h"

#include "base/random.h"
#include "check.h"

#include <string.h>

static unsigned refs(struct chunk *chunk)
{
    return atomic_load(&chunk->refs);
}

static void slices_come_out_in_order_and_are_released(void)
{
    struct chunk *chunk = chunk_copy("abcdef", 6);
    struct slice slices[] = {slice_of(chunk), slice_static("", 0), slice_static("xyz", 3)};
    struct send_queue queue = {0};
    send_queue_put(&queue, slices, 3);
    CHECK_EQ(9, queue.len);
    CHECK_EQ(2, refs(chunk));

    struct iovec pieces[4];
    CHECK_EQ(2, send_queue_gather(&queue, pieces, 4)); /* the empty one is left out */
    CHECK_EQ(6, pieces[0].iov_len);
    CHECK_EQ(0, memcmp(pieces[1].iov_base, "xyz", 3));
    CHECK_EQ(1, send_queue_gather(&queue, pieces, 1));

    send_queue_consume(&queue, 4);
    CHECK_EQ(2, refs(chunk));
    CHECK_EQ(2, send_queue_gather(&queue, pieces, 4));
    CHECK_EQ(2, pieces[0].iov_len);
    CHECK_EQ(0, memcmp(pieces[0].iov_base, "ef", 2));
    send_queue_consume(&queue, 3);
    CHECK_EQ(1, refs(chunk));
    CHECK_EQ(2, queue.len);
    CHECK_EQ(1, send_queue_gather(&queue, pieces, 4));
    CHECK_EQ(0, memcmp(pieces[0].iov_base, "yz", 2));
    send_queue_consume(&queue, 2);
    CHECK_EQ(0, queue.len);
    CHECK(queue.at == NULL);
    chunk_unref(&chunk);
}

static void an_empty_queue_holds_nothing(void)
{
    struct send_queue queue = {0};
    struct iovec piece;
    CHECK_EQ(0, send_queue_gather(&queue, &piece, 1));
    send_queue_consume(&queue, 0);
    struct slice nothing = slice_static("", 0);
    send_queue_put(&queue, &nothing, 1);
    CHECK(queue.at == NULL);
    send_queue_clear(&queue);
}

static void clear_releases_all_that_is_left(void)
{
    struct chunk *chunk = chunk_copy("abc", 3);
    struct slice slice = slice_of(chunk);
    struct send_queue queue = {0};
    for (int i = 0; i < 5; i++)
        send_queue_put(&queue, &slice, 1);
    send_queue_consume(&queue, 4);
    CHECK_EQ(5, refs(chunk));
    send_queue_clear(&queue);
    CHECK_EQ(1, refs(chunk));
    CHECK_EQ(0, queue.len);
    CHECK(queue.at == NULL);
    chunk_unref(&chunk);
}

/* Every byte that went in comes out once and in its place, whatever the steps. */
static void it_is_a_pipe_whatever_the_steps(void)
{
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    struct random random = random_seeded(7);
    struct send_queue queue = {0};
    size_t in = 0;
    size_t out = 0;
    for (int step = 0; step < 5000; step++) {
        struct slice slices[9];
        size_t count = random_below(&random, 10);
        for (size_t i = 0; i < count; i++) {
            size_t at = in % 256;
            slices[i] = slice_static(bytes + at, random_below(&random, (uint32_t)(256 - at) + 1));
            in += slices[i].len;
        }
        send_queue_put(&queue, slices, count);
        CHECK_EQ(in - out, queue.len);

        struct iovec pieces[3];
        size_t pieces_count = send_queue_gather(&queue, pieces, 3);
        size_t there = 0;
        for (size_t i = 0; i < pieces_count; i++) {
            CHECK_EQ((out + there) % 256, *(uint8_t *)pieces[i].iov_base);
            there += pieces[i].iov_len;
        }
        size_t taken = random_below(&random, (uint32_t)there + 1);
        send_queue_consume(&queue, taken);
        out += taken;
        if (step % 500 == 499) {
            send_queue_consume(&queue, queue.len);
            out = in;
        }
    }
    send_queue_clear(&queue);
}

/* A queue that is never quite empty must not creep through memory. */
static void its_memory_follows_what_is_in_it(void)
{
    struct send_queue queue = {0};
    struct slice slice = slice_static("ab", 2);
    send_queue_put(&queue, &slice, 1);
    for (int i = 0; i < 10000; i++) {
        send_queue_put(&queue, &slice, 1);
        send_queue_consume(&queue, 2);
    }
    CHECK(queue.cap <= 8);
    send_queue_clear(&queue);
}

int main(void)
{
    RUN(slices_come_out_in_order_and_are_released);
    RUN(an_empty_queue_holds_nothing);
    RUN(clear_releases_all_that_is_left);
    RUN(it_is_a_pipe_whatever_the_steps);
    RUN(its_memory_follows_what_is_in_it);
    return check_report();
}
