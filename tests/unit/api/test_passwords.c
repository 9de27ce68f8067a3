#include "api/passwords.h"

#include "check.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

enum { JOBS = 6 };

static struct loop *loop;
static unsigned done_count;
static unsigned expected;

static struct passwords_options cheap(void)
{
    return (struct passwords_options){
        .ops_limit = 1, .memory_mib = 8, .concurrency = 1, .max_queue = 2};
}

static void on_done(struct loop *on, void *arg)
{
    (void)arg;
    CHECK(on == loop);
    if (++done_count == expected)
        loop_stop(loop);
}

static void run(const struct passwords_options *options, struct passwords_job *jobs, unsigned count)
{
    done_count = 0;
    expected = count;
    struct passwords_options here = *options;
    here.home = loop; /* this run's: an earlier one had another */
    struct passwords *passwords = passwords_create(&here);
    for (unsigned i = 0; i < count; i++) {
        jobs[i].loop = loop;
        jobs[i].done = on_done;
        passwords_run(passwords, &jobs[i]);
    }
    loop_run(loop);
    passwords_destroy(passwords);
    CHECK_EQ(count, done_count);
}

/* A loop runs once. */
static void renew_loop(void)
{
    loop_destroy(loop);
    CHECK_EQ(ERR_OK, loop_create(0, &loop));
}

static void a_hash_passes_for_its_password_only(void)
{
    struct passwords_options options = cheap();
    struct passwords_job job = {.new_password = {STR("Passw0rd!")}};
    run(&options, &job, 1);
    CHECK_EQ(ERR_OK, job.err);
    CHECK(strncmp("$argon2id$", job.new_hash, 10) == 0);
    renew_loop();

    struct passwords_job checks[2] = {{.is_check = true, .password = {STR("Passw0rd!")}},
                                      {.is_check = true, .password = {STR("Passw0rd?")}}};
    memcpy(checks[0].hash, job.new_hash, sizeof(job.new_hash));
    memcpy(checks[1].hash, job.new_hash, sizeof(job.new_hash));
    run(&options, checks, 2);
    CHECK_EQ(ERR_OK, checks[0].err);
    CHECK_EQ(ERR_DENIED, checks[1].err);
    CHECK(checks[0].new_hash[0] == '\0' && checks[1].new_hash[0] == '\0');
    renew_loop();
}

static void nothing_passes_for_an_unknown_account(void)
{
    struct passwords_options options = cheap();
    struct passwords_job job = {.is_check = true, .password = {STR("")}};
    run(&options, &job, 1);
    CHECK_EQ(ERR_DENIED, job.err);
    renew_loop();
}

static int64_t process_cpu_us(void)
{
    struct timespec time;
    CHECK_EQ(0, clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time));
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void an_unknown_account_costs_as_much_as_a_known_one(void)
{
    struct passwords_options options = cheap();
    options.ops_limit = 4;
    struct passwords_job known = {.is_check = true, .password = {STR("wrong")}};
    struct passwords_job unknown = known;
    CHECK_EQ(ERR_OK, passwords_hash(&options, (struct secret){STR("Passw0rd!")}, known.hash));
    int64_t start_us = process_cpu_us();
    run(&options, &known, 1);
    int64_t known_us = process_cpu_us() - start_us;
    renew_loop();
    start_us = process_cpu_us();
    run(&options, &unknown, 1);
    int64_t unknown_us = process_cpu_us() - start_us;
    renew_loop();
    CHECK(unknown_us > known_us / 2 && unknown_us < known_us * 2);
}

static void an_outdated_hash_is_renewed_and_a_new_password_hashed_after_the_check(void)
{
    struct passwords_options options = cheap();
    struct passwords_job jobs[3] = {
        {.is_check = true, .password = {STR("Passw0rd!")}},
        {.is_check = true, .password = {STR("Passw0rd!")}, .new_password = {STR("0ther!Pass")}},
        {.is_check = true, .password = {STR("wrong")}, .new_password = {STR("0ther!Pass")}},
    };
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ(ERR_OK, passwords_hash(&options, (struct secret){STR("Passw0rd!")}, jobs[i].hash));
    options.ops_limit = 2;
    run(&options, jobs, 3);
    CHECK_EQ(ERR_OK, jobs[0].err);
    CHECK_EQ(0, crypto_pwhash_str_verify(jobs[0].new_hash, "Passw0rd!", 9));
    CHECK_EQ(0, crypto_pwhash_str_needs_rehash(jobs[0].new_hash, 2, 8 << 20));
    CHECK_EQ(ERR_OK, jobs[1].err);
    CHECK_EQ(0, crypto_pwhash_str_verify(jobs[1].new_hash, "0ther!Pass", 10));
    CHECK_EQ(ERR_DENIED, jobs[2].err);
    CHECK(jobs[2].new_hash[0] == '\0');
    renew_loop();
}

static void more_than_the_queue_holds_are_refused(void)
{
    struct passwords_options options = cheap();
    struct passwords_job jobs[JOBS];
    for (unsigned i = 0; i < JOBS; i++)
        jobs[i] = (struct passwords_job){.new_password = {STR("Passw0rd!")}};
    run(&options, jobs, JOBS);
    unsigned refused = 0;
    for (unsigned i = 0; i < JOBS; i++)
        refused += jobs[i].err == ERR_LIMIT;
    CHECK_EQ(JOBS - 3, refused); /* one runs, two wait */
    renew_loop();
}

int main(void)
{
    CHECK_EQ(0, sodium_init());
    CHECK_EQ(ERR_OK, loop_create(0, &loop));
    RUN(a_hash_passes_for_its_password_only);
    RUN(nothing_passes_for_an_unknown_account);
    RUN(an_unknown_account_costs_as_much_as_a_known_one);
    RUN(an_outdated_hash_is_renewed_and_a_new_password_hashed_after_the_check);
    RUN(more_than_the_queue_holds_are_refused);
    loop_destroy(loop);
    return check_report();
}
