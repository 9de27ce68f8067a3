/* `klieg serve`: start, wait for signals, drain, stop. The loops have threads of their own. */
#include "daemon/daemon.h"
#include "log/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void warn(const char *text, void *arg)
{
    (void)arg;
    log_warn("config", text, NULL);
}

/* Blocked in all threads, which inherit it; they come through the descriptor only. */
static int catch_signals(void)
{
    sigset_t signals;
    (void)sigemptyset(&signals); /* these fail for signals that do not exist */
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &signals, NULL) != 0)
        return -1;
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* 0: none was there. */
static int take_signal(int fd)
{
    struct signalfd_siginfo info;
    return read(fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

/* Until draining is complete. A second request to stop is obeyed at once: what was acknowledged is
 * on disk. */
static void wait_for_end(struct daemon *daemon, int signals)
{
    struct pollfd fds[] = {{.fd = signals, .events = POLLIN},
                           {.fd = daemon->stopped_fd, .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return;
        if ((fds[1].revents & POLLIN) != 0)
            return;
        int signal = (fds[0].revents & POLLIN) != 0 ? take_signal(signals) : 0;
        if (signal == SIGHUP) {
            daemon_reload(daemon);
        } else if (signal != 0 && atomic_load(&daemon->is_draining)) {
            log_warn("daemon", "stopping at once", NULL);
            _exit(EXIT_FAILED);
        } else if (signal != 0) {
            daemon_drain(daemon);
        }
    }
}

/* As many descriptors as the system lets us have: each viewer takes one. */
static void raise_limits(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warn("daemon", "cannot raise the number of descriptors", NULL);
}

/* No memory image that could hold keys (media rule SE-13); in dev a crash is to be looked into. */
static void forbid_dumps(const struct options *options)
{
    if (strcmp(options->stage, "dev") != 0 && prctl(PR_SET_DUMPABLE, 0) != 0)
        log_warn("daemon", "cannot forbid core dumps", NULL);
}

static enum err open_log(const struct daemon *daemon)
{
    const struct options_log *options = &daemon->config.options.log;
    enum err err = daemon_open_log(options, options->level);
    if (err)
        (void)fprintf(stderr, "klieg: log.file: cannot open %s\n", options->file);
    return err;
}

static void log_ready(const struct daemon *daemon)
{
    log_info("daemon", "ready", "version=%s stage=%s url=%s loops=%zu", KLIEG_VERSION,
             daemon->config.options.stage, daemon->addresses.public_url, daemon->loop_count);
}

int command_serve(const struct arguments *arguments, char *const *environment)
{
    /* Static for its size; there is one daemon in a process. */
    static struct daemon daemon;
    daemon = (struct daemon){.arguments = arguments, .environment = environment};
    if (command_load_config(arguments, environment, &daemon.config) != ERR_OK)
        return EXIT_CONFIG;
    int status = EXIT_CONFIG;
    int signals = catch_signals();
    enum err err = signals < 0 ? ERR_IO : open_log(&daemon);
    if (!err) {
        config_warn(&daemon.config, warn, NULL);
        raise_limits();
        forbid_dumps(&daemon.config.options);
        err = daemon_create(&daemon, &status);
        if (!err)
            err = daemon_run(&daemon);
        if (!err) {
            log_ready(&daemon);
            wait_for_end(&daemon, signals);
            daemon_stop(&daemon);
            status = EXIT_OK;
        }
        daemon_destroy(&daemon);
    }
    if (status == EXIT_OK)
        log_info("daemon", "stopped", NULL);
    daemon_forget_reload(&daemon);
    config_finish(&daemon.config);
    log_close();
    (void)close(signals); /* nothing to lose */
    return status;
}
