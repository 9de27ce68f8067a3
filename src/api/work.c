#include "api/work.h"

#include "api/errors.h"

struct work {
    struct request *request;
    void (*job)(void *arg);
    void (*done)(struct request *, void *arg);
    void *arg;
};

static void run(void *arg)
{
    const struct work *work = arg;
    work->job(work->arg);
}

static void on_done(struct loop *loop, void *arg)
{
    (void)loop;
    const struct work *work = arg;
    work->done(work->request, work->arg);
}

void work_run(struct request *request, void (*job)(void *arg),
              void (*done)(struct request *, void *arg), void *arg)
{
    struct work *work = arena_alloc(request->arena, sizeof(*work));
    *work = (struct work){.request = request, .job = job, .done = done, .arg = arg};
    request_keep(request, NULL, NULL);
    if (loop_work(request->loop, run, on_done, work) != ERR_OK)
        errors_reply_status(request, 503);
}
