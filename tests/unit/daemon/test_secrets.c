#include "config_fixture.h"
#include "daemon/secrets.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_secrets_XXXXXX";
static char path[64];
static struct secrets secrets;
static char *no_environment[] = {NULL};

/* Byte by byte, padding and all: of what one made and the other copied. */
static bool are_same(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct secrets)) == 0;
}

static enum err load(bool may_create, char *const *environment)
{
    config_fixture_start("dev");
    return secrets_load(path, may_create, environment, &secrets, &problems);
}

static mode_t mode_of(const char *file)
{
    struct stat status = {0};
    CHECK_EQ(0, stat(file, &status));
    return status.st_mode & 07777;
}

static void a_missing_file_is_made_once(void)
{
    (void)unlink(path);
    CHECK_EQ(ERR_DENIED, load(false, no_environment));
    CHECK(config_fixture_says("storeKey is missing"));
    config_fixture_finish();
    CHECK(access(path, F_OK) != 0);

    (void)umask(0);
    CHECK_EQ(ERR_OK, load(true, no_environment));
    config_fixture_finish();
    CHECK_EQ(0600, mode_of(path));
    struct secrets first = secrets;
    CHECK_EQ(ERR_OK, load(true, no_environment));
    config_fixture_finish();
    CHECK(are_same(&first, &secrets));

    CHECK_EQ(0, unlink(path));
    CHECK_EQ(0, rmdir(folder)); /* no draft is left in it */
    CHECK_EQ(0, mkdir(folder, 0700));
}

static void a_file_that_others_can_reach_is_refused(void)
{
    static const mode_t bad[] = {0640, 0604, 0620, 0610, 0602, 0666};
    static const mode_t good[] = {0600, 0400};
    CHECK_EQ(ERR_OK, load(true, no_environment));
    config_fixture_finish();
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        CHECK_EQ(0, chmod(path, bad[i]));
        CHECK_EQ(ERR_DENIED, load(true, no_environment));
        CHECK_EQ(1, problems.count);
        CHECK(config_fixture_says("chmod 600 it"));
        config_fixture_finish();
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        CHECK_EQ(0, chmod(path, good[i]));
        CHECK_EQ(ERR_OK, load(true, no_environment));
        config_fixture_finish();
    }
}

static void a_broken_file_leaves_the_result_untouched(void)
{
    CHECK_EQ(0, chmod(path, 0600));
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs("{\"storeKey\":1}", file) >= 0 && fclose(file) == 0);
    struct secrets before = secrets;
    CHECK_EQ(ERR_DENIED, load(true, no_environment));
    CHECK(config_fixture_says("storeKey: must be 32 bytes"));
    CHECK(are_same(&before, &secrets));
    config_fixture_finish();

    file = fopen(path, "w");
    for (int i = 0; file != NULL && i <= SECRETS_MAX_FILE; i++)
        (void)fputc(' ', file);
    CHECK(file != NULL && fclose(file) == 0);
    CHECK_EQ(ERR_DENIED, load(true, no_environment));
    CHECK(config_fixture_says("too long"));
    config_fixture_finish();
    CHECK_EQ(0, unlink(path));
}

static void what_is_no_file_is_refused(void)
{
    CHECK_EQ(0, mkdir(path, 0700));
    CHECK_EQ(ERR_DENIED, load(true, no_environment));
    CHECK(config_fixture_says("is no regular file"));
    config_fixture_finish();
    CHECK_EQ(0, rmdir(path));

    /* A path that leads through a file is not the same as a file that is missing. */
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fclose(file) == 0);
    char below[80];
    (void)snprintf(below, sizeof(below), "%s/x", path);
    config_fixture_start("dev");
    CHECK_EQ(ERR_DENIED, secrets_load(below, false, no_environment, &secrets, &problems));
    CHECK(config_fixture_says("cannot be opened"));
    config_fixture_finish();
    CHECK_EQ(0, unlink(path));
}

#define KEY "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static void no_file_is_made_when_the_environment_has_all(void)
{
    char a[] = "KLIEG_SECRET_STORE_KEY=" KEY;
    char b[] = "KLIEG_SECRET_PAGINATION_KEY=" KEY;
    char c[] = "KLIEG_SECRET_UPLOAD_KEY=" KEY;
    char d[] = "KLIEG_SECRET_CHAT_KEY=" KEY;
    char e[] = "KLIEG_SECRET_JWT_KEYS=[{\"kid\":\"a\",\"key\":\"" KEY "\"}]";
    char *environment[] = {a, b, c, d, e, NULL};
    CHECK_EQ(ERR_OK, load(true, environment));
    config_fixture_finish();
    CHECK_EQ(1, secrets.keys[SECRETS_UPLOAD][0]);
    CHECK(access(path, F_OK) != 0);

    environment[3] = e; /* no chat key now: the file is made, and the rest replaced */
    CHECK_EQ(ERR_OK, load(true, environment));
    config_fixture_finish();
    CHECK_EQ(1, secrets.keys[SECRETS_STORE][0]);
    CHECK_EQ(0, access(path, F_OK));

    char bad[] = "KLIEG_SECRET_STORE_KEY=x";
    environment[0] = bad;
    CHECK_EQ(ERR_DENIED, load(true, environment));
    CHECK_EQ(1, problems.count);
    config_fixture_finish();
    CHECK_EQ(0, unlink(path));
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/secrets.json", folder);
    RUN(a_missing_file_is_made_once);
    RUN(a_file_that_others_can_reach_is_refused);
    RUN(a_broken_file_leaves_the_result_untouched);
    RUN(what_is_no_file_is_refused);
    RUN(no_file_is_made_when_the_environment_has_all);
    CHECK_EQ(0, rmdir(folder));
    return check_report();
}
