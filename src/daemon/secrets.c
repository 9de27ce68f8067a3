/* The secrets file: its mode, reading it, making it. */
#include "daemon/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH = 4096 };

/* The whole file, or fails: it is short. */
static bool read_all(int fd, struct buf *out)
{
    for (;;) {
        uint8_t *room = buf_reserve(out, 4096);
        if (room == NULL)
            return false;
        ssize_t got = read(fd, room, 4096);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        out->len += (size_t)got;
    }
}

static bool write_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t put = write(fd, text.at, text.len);
        if (put < 0 && errno != EINTR)
            return false;
        if (put > 0)
            text = (struct str){.at = text.at + put, .len = text.len - (size_t)put};
    }
    return true;
}

static enum err check_mode(int fd, const char *path, struct config_problems *problems)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        config_add_problem(problems, path, "is no regular file");
        return ERR_DENIED;
    }
    if ((status.st_mode & 077) == 0)
        return ERR_OK;
    config_add_problem(problems, path, "others can read or change it (mode %04o): chmod 600 it",
                       (unsigned)status.st_mode & 07777);
    return ERR_DENIED;
}

static enum err read_file(int fd, const char *path, struct secrets *secrets,
                          struct config_problems *problems)
{
    enum err err = check_mode(fd, path, problems);
    if (err)
        return err;
    struct buf text;
    buf_init(&text, SECRETS_MAX_FILE);
    if (read_all(fd, &text)) {
        secrets_read(buf_str(&text), path, secrets, problems);
    } else {
        config_add_problem(problems, path, "cannot be read, or is too long");
        err = ERR_DENIED;
    }
    if (text.at != NULL)
        sodium_memzero(text.at, text.cap);
    buf_finish(&text);
    return err;
}

/* Linked under its name once it is complete, so that of two that start at once one wins and both
 * use the winner's. */
static enum err create_file(const char *path)
{
    char draft[MAX_PATH];
    if (snprintf(draft, sizeof(draft), "%s.XXXXXX", path) >= (int)sizeof(draft))
        return ERR_IO;
    int fd = mkostemp(draft, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return ERR_IO;
    struct buf text;
    buf_init(&text, SECRETS_MAX_FILE);
    secrets_write(random_system(), &text);
    bool is_written = write_all(fd, buf_str(&text)) && fsync(fd) == 0;
    is_written = close(fd) == 0 && is_written;
    is_written = is_written && (link(draft, path) == 0 || errno == EEXIST);
    (void)unlink(draft); /* nobody knows it */
    sodium_memzero(text.at, text.cap);
    buf_finish(&text);
    return is_written ? ERR_OK : ERR_IO;
}

static bool has_all(const struct secrets *secrets)
{
    bool all = secrets->jwt_key_count > 0;
    for (size_t i = 0; i < SECRETS_KEYS; i++)
        all = all && secrets->has[i];
    return all;
}

static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

enum err secrets_load(const char *path, bool may_create, char *const *environment,
                      struct secrets *out, struct config_problems *problems)
{
    unsigned before = problems->count;
    struct secrets secrets = {0};
    struct secrets from_environment = {0};
    secrets_apply_environment(environment, &from_environment, problems);

    int fd = open_file(path);
    bool is_missing = fd < 0 && errno == ENOENT;
    if (is_missing && may_create && !has_all(&from_environment)) {
        if (create_file(path) != ERR_OK)
            config_add_problem(problems, path, "cannot be created: %s", strerror(errno));
        fd = open_file(path);
        is_missing = false;
    }
    if (fd >= 0) {
        (void)read_file(fd, path, &secrets, problems); /* says what is wrong */
        (void)close(fd);                               /* only read */
    } else if (!is_missing) {
        config_add_problem(problems, path, "cannot be opened: %s", strerror(errno));
    }
    if (problems->count == before) {
        struct config_problems known; /* told already */
        config_problems_init(&known);
        secrets_apply_environment(environment, &secrets, &known);
        config_problems_finish(&known);
        secrets_require(&secrets, path, problems);
    }
    secrets_finish(&from_environment);
    if (problems->count > before) {
        secrets_finish(&secrets);
        return ERR_DENIED;
    }
    *out = secrets;
    secrets_finish(&secrets);
    return ERR_OK;
}
