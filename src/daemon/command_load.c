/* Loading what most verbs need: configuration, secrets, store. */
#include "base/clock.h"
#include "daemon/command.h"
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH = 4096, ARENA_BLOCK = 16384 };

static const char *find_variable(char *const *environment, const char *name)
{
    size_t len = strlen(name);
    for (; *environment != NULL; environment++)
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
            return *environment + len + 1;
    return NULL;
}

static bool read_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = 1;
    while (got > 0) {
        uint8_t *room = buf_reserve(out, 65536);
        got = room != NULL ? read(fd, room, 65536) : -1;
        out->len += got > 0 ? (size_t)got : 0;
    }
    (void)close(fd); /* only read */
    return got == 0;
}

/* The web UI that belongs to this binary: of the source tree it was built in, or installed. */
static const char *find_ui(struct arena *arena)
{
    static const char *const places[] = {"../web/dist", "../share/klieg/ui"};
    char self[MAX_PATH];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (len < 0)
        return "";
    self[len] = '\0';
    char *slash = strrchr(self, '/');
    for (size_t i = 0; slash != NULL && i < sizeof(places) / sizeof(*places); i++) {
        struct str path = arena_printf(arena, "%.*s/%s", (int)(slash - self), self, places[i]);
        char real[MAX_PATH];
        if (realpath(path.at, real) != NULL)
            return arena_copy(arena, str_of(real)).at;
    }
    return "";
}

static void read_named_file(const struct arguments *arguments, char *const *environment,
                            struct config *config, struct config_problems *problems)
{
    bool is_named = arguments->config != NULL || find_variable(environment, "KLIEG_CONFIG") != NULL;
    struct buf text;
    buf_init(&text, CONFIG_MAX_FILE + 65536);
    if (read_file(config->file, &text))
        config_read(config, buf_str(&text), problems);
    else if (is_named || errno != ENOENT)
        config_add_problem(problems, config->file, "cannot be read: %s", strerror(errno));
    buf_finish(&text);
}

enum err command_read_config(const struct arguments *arguments, char *const *environment,
                             struct config *out, struct config_problems *problems)
{
    const char *stage = arguments->stage;
    if (stage == NULL)
        stage = find_variable(environment, "KLIEG_STAGE");
    const char *file = arguments->config;
    if (file == NULL)
        file = find_variable(environment, "KLIEG_CONFIG");

    struct config config;
    config_init(&config, stage != NULL ? stage : "dev", file != NULL ? file : "klieg.json");
    read_named_file(arguments, environment, &config, problems);
    config_apply_environment(&config, environment, problems);
    for (size_t i = 0; i < arguments->setting_count; i++)
        config_apply_setting(&config, arguments->settings[i], problems);
    if (arguments->roles != NULL) {
        struct str setting = arena_printf(&config.arena, "roles=%s", arguments->roles);
        config_apply_setting(&config, setting.at, problems);
    }
    /* Rules are judged on values that are valid by themselves. */
    if (problems->count == 0)
        config_complete(&config, find_ui(&config.arena), problems);
    if (problems->count > 0) {
        config_finish(&config);
        return ERR_DENIED;
    }
    *out = config;
    return ERR_OK;
}

static void print_problems(const struct config_problems *problems)
{
    (void)fwrite(problems->text.at, 1, problems->text.len, stderr); /* nowhere else to say it */
}

enum err command_load_config(const struct arguments *arguments, char *const *environment,
                             struct config *out)
{
    struct config_problems problems;
    config_problems_init(&problems);
    enum err err = command_read_config(arguments, environment, out, &problems);
    print_problems(&problems);
    config_problems_finish(&problems);
    return err;
}

/* The folder with those above it, readable by its owner only. */
static bool make_folders(const char *path)
{
    char part[MAX_PATH];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(part))
        return false;
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        bool is_last = path[i] == '\0';
        if (mkdir(part, is_last ? 0700 : 0755) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

static bool is_on_postgres(const struct config *config)
{
    return strcmp(config->options.store.driver, "postgres") == 0;
}

static enum err load_secrets(const struct config *config, char *const *environment,
                             struct secrets *out)
{
    struct config_problems problems;
    config_problems_init(&problems);
    bool may_create = !is_on_postgres(config); /* all nodes must have the same */
    enum err err =
        secrets_load(config->options.secrets_file, may_create, environment, out, &problems);
    print_problems(&problems);
    config_problems_finish(&problems);
    return err;
}

/* Whose sessions are whose. One database file serves one node, whatever the host is called today;
 * those that share a server differ in their host or their folder. */
static void name_node(const struct config *config, char *out, size_t size)
{
    char host[HOST_NAME_MAX + 1] = "";
    char folder[PATH_MAX] = "";
    (void)gethostname(host, sizeof(host) - 1); /* if not, the folder has to do */
    if (!is_on_postgres(config))
        (void)snprintf(out, size, "local");
    else if (realpath(config->options.data_dir, folder) != NULL)
        (void)snprintf(out, size, "%s:%s", host, folder);
    else
        (void)snprintf(out, size, "%s", host);
}

static enum err open_migrated(const struct config *config, const struct secrets *secrets,
                              struct store **out)
{
    char node[HOST_NAME_MAX + PATH_MAX + 2];
    name_node(config, node, sizeof(node));
    struct store_options options = {.path = config->options.store.path,
                                    .url =
                                        is_on_postgres(config) ? config->options.store.url : NULL,
                                    .password = {str_of(secrets->database_password)},
                                    .node = node,
                                    .connections = (unsigned)config->options.store.pool_size};
    memcpy(options.key, secrets->keys[SECRETS_STORE], sizeof(options.key));
    struct store *store = NULL;
    enum err err = store_open(&options, &store);
    sodium_memzero(&options, sizeof(options));
    if (!err)
        err = store_migrate(store, clock_wall_us(), NULL);
    if (err) {
        store_close(store);
        return err;
    }
    *out = store;
    return ERR_OK;
}

enum err command_open_store(const struct config *config, char *const *environment,
                            struct store **out, struct secrets *out_secrets, int *out_status)
{
    *out_status = EXIT_CONFIG;
    if (!make_folders(config->options.data_dir)) {
        (void)fprintf(stderr, "klieg: dataDir: cannot make %s: %s\n", config->options.data_dir,
                      strerror(errno));
        return ERR_DENIED;
    }
    struct secrets secrets;
    enum err err = load_secrets(config, environment, &secrets);
    if (err)
        return err;
    *out_status = EXIT_FAILED;
    err = open_migrated(config, &secrets, out);
    if (!err && out_secrets != NULL)
        *out_secrets = secrets;
    secrets_finish(&secrets);
    return err;
}

int command_start(const struct arguments *arguments, char *const *environment,
                  struct command_session *out)
{
    if (command_load_config(arguments, environment, &out->config) != ERR_OK)
        return EXIT_CONFIG;
    int status = EXIT_OK;
    if (command_open_store(&out->config, environment, &out->store, NULL, &status) != ERR_OK) {
        config_finish(&out->config);
        return status;
    }
    arena_init(&out->arena, ARENA_BLOCK);
    return EXIT_OK;
}

int command_finish(struct command_session *session, int status)
{
    store_close(session->store);
    arena_finish(&session->arena);
    config_finish(&session->config);
    return status;
}
