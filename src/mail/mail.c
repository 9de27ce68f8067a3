#include "mail/mail.h"

#include "base/clock.h"
#include "base/mem.h"
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PATH = 4096, NAME_RANDOM = 8 };

struct mail {
    struct mail_options options;
};

/* A letter on its way; owns its texts. */
struct delivery {
    struct mail *mail;
    struct mail_letter letter;
    char *to, *name, *code;
};

static bool write_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t written = write(fd, text.at, text.len);
        if (written <= 0)
            return false;
        text = (struct str){.at = text.at + written, .len = text.len - (size_t)written};
    }
    return true;
}

/* In the order of their names the files are in the order of sending. */
static bool write_file(const struct mail *mail, struct str text, int64_t now_us)
{
    char path[MAX_PATH];
    char random[NAME_RANDOM + 1];
    random_alnum(random_system(), random, NAME_RANDOM);
    int len = snprintf(path, sizeof(path), "%s/%lld-%s.eml", mail->options.folder,
                       (long long)now_us, random);
    if (len < 0 || (size_t)len >= sizeof(path))
        return false;
    if (mkdir(mail->options.folder, 0700) != 0 && errno != EEXIST)
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool is_written = write_all(fd, text);
    return close(fd) == 0 && is_written;
}

static void log_written(const struct delivery *delivery)
{
    if (!delivery->mail->options.logs_links) {
        log_info("mail", "written to a file", "folder=%s",
                 log_quote(str_of(delivery->mail->options.folder)).at);
        return;
    }
    struct buf link;
    buf_init(&link, LETTER_LINK_MAX);
    letter_put_link(&delivery->letter, delivery->mail->options.client_base_url, &link);
    /* A code in the log, on purpose: with this back end it stands in for the mail (api 7.10). */
    log_info("mail", "written to a file", "to=%s link=%.*s", log_quote(delivery->letter.to).at,
             (int)link.len, (const char *)link.at);
    buf_finish(&link);
}

static void deliver(void *arg)
{
    const struct delivery *delivery = arg;
    const struct mail_options *options = &delivery->mail->options;
    struct letter_site site = {.from = options->from[0] != '\0' ? options->from
                                                                : "no-reply@klieg.invalid",
                               .client_base_url = options->client_base_url,
                               .random = random_system(),
                               .now_us = clock_wall_us()};
    struct buf text;
    buf_init(&text, LETTER_MAX);
    letter_put(&delivery->letter, &site, &text);
    if (!text.failed && write_file(delivery->mail, buf_str(&text), site.now_us))
        log_written(delivery);
    else
        log_error("mail", "cannot write a mail", "folder=%s",
                  log_quote(str_of(options->folder)).at);
    buf_finish(&text);
}

static void on_delivered(struct loop *loop, void *arg)
{
    (void)loop;
    struct delivery *delivery = arg;
    mem_free(delivery->to);
    mem_free(delivery->name);
    mem_free(delivery->code);
    mem_free(delivery);
}

void mail_send(struct mail *mail, struct loop *loop, const struct mail_letter *letter)
{
    struct delivery *delivery = mem_zalloc(1, sizeof(*delivery));
    delivery->mail = mail;
    delivery->to = mem_copy_str(letter->to.at, letter->to.len);
    delivery->name = mem_copy_str(letter->name.at, letter->name.len);
    delivery->code = mem_copy_str(letter->code.value.at, letter->code.value.len);
    delivery->letter = (struct mail_letter){.kind = letter->kind,
                                            .to = str_of(delivery->to),
                                            .name = str_of(delivery->name),
                                            .code = {str_of(delivery->code)}};
    if (loop_work(loop, deliver, on_delivered, delivery) == ERR_OK)
        return;
    log_error("mail", "too much waits to be done: a mail is lost", NULL);
    on_delivered(loop, delivery);
}

struct mail *mail_create(const struct mail_options *options)
{
    struct mail *mail = mem_zalloc(1, sizeof(*mail));
    mail->options = *options;
    return mail;
}

void mail_destroy(struct mail *mail)
{
    mem_free(mail);
}
