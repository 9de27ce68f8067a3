#include "api/passwords.h"

#include "base/mem.h"

#include <assert.h>
#include <sodium.h>

static_assert((int)PASSWORDS_HASH_MAX == (int)crypto_pwhash_STRBYTES, "as libsodium writes them");

struct passwords {
    struct passwords_options options;
    struct list waiting;
    unsigned waiting_count;
    unsigned running;
};

enum err passwords_hash(const struct passwords_options *options, struct secret password,
                        char out[PASSWORDS_HASH_MAX])
{
    int status =
        crypto_pwhash_str_alg(out, password.value.at, password.value.len, options->ops_limit,
                              (size_t)options->memory_mib << 20, crypto_pwhash_ALG_ARGON2ID13);
    return status == 0 ? ERR_OK : ERR_IO;
}

static enum err check(const struct passwords_options *options, struct passwords_job *job)
{
    if (job->hash[0] == '\0') {
        char unused[PASSWORDS_HASH_MAX];
        enum err err = passwords_hash(options, job->password, unused);
        return err ? err : ERR_DENIED;
    }
    bool is_right =
        crypto_pwhash_str_verify(job->hash, job->password.value.at, job->password.value.len) == 0;
    return is_right ? ERR_OK : ERR_DENIED;
}

static bool is_outdated(const struct passwords_options *options, const struct passwords_job *job)
{
    return crypto_pwhash_str_needs_rehash(job->hash, options->ops_limit,
                                          (size_t)options->memory_mib << 20) != 0;
}

static void run_job(void *arg)
{
    struct passwords_job *job = arg;
    const struct passwords_options *options = &job->passwords->options;
    job->new_hash[0] = '\0';
    job->err = job->is_check ? check(options, job) : ERR_OK;
    if (job->err)
        return;
    if (job->new_password.value.len > 0)
        job->err = passwords_hash(options, job->new_password, job->new_hash);
    else if (is_outdated(options, job))
        job->err = passwords_hash(options, job->password, job->new_hash);
}

/* The job may be gone after this. */
static void finish(struct passwords_job *job)
{
    loop_post(job->loop, job->done, job->arg);
}

static void start(struct passwords *passwords, struct passwords_job *job);

static void on_ran(struct loop *loop, void *arg)
{
    (void)loop;
    struct passwords_job *job = arg;
    struct passwords *passwords = job->passwords;
    passwords->running--;
    finish(job);
    if (passwords->waiting_count == 0)
        return;
    passwords->waiting_count--;
    struct list *first = passwords->waiting.next;
    list_remove(first);
    start(passwords, LIST_ENTRY(first, struct passwords_job, link));
}

static void start(struct passwords *passwords, struct passwords_job *job)
{
    passwords->running++;
    if (loop_work(passwords->options.home, run_job, on_ran, job) == ERR_OK)
        return;
    passwords->running--;
    job->err = ERR_LIMIT;
    finish(job);
}

static void on_home(struct loop *loop, void *arg)
{
    (void)loop;
    struct passwords_job *job = arg;
    struct passwords *passwords = job->passwords;
    if (passwords->running < passwords->options.concurrency) {
        start(passwords, job);
    } else if (passwords->waiting_count < passwords->options.max_queue) {
        passwords->waiting_count++;
        list_append(&passwords->waiting, &job->link);
    } else {
        job->err = ERR_LIMIT;
        finish(job);
    }
}

void passwords_run(struct passwords *passwords, struct passwords_job *job)
{
    job->passwords = passwords;
    loop_post(passwords->options.home, on_home, job);
}

struct passwords *passwords_create(const struct passwords_options *options)
{
    struct passwords *passwords = mem_zalloc(1, sizeof(*passwords));
    passwords->options = *options;
    list_init(&passwords->waiting);
    return passwords;
}

void passwords_destroy(struct passwords *passwords)
{
    mem_free(passwords);
}
