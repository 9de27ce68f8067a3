#include "mail/mail.h"

#include "check.h"
#include "log/log.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void stop(struct loop *loop, void *arg)
{
    (void)arg;
    loop_stop(loop);
}

static void a_mail_becomes_a_file_of_ours_alone(void)
{
    char folder[] = "/tmp/test_mail_XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    char mails[64];
    char pattern[80];
    (void)snprintf(mails, sizeof(mails), "%s/mail", folder);
    (void)snprintf(pattern, sizeof(pattern), "%s/*.eml", mails);

    struct loop *loop = NULL;
    CHECK_EQ(ERR_OK, loop_create(0, &loop));
    struct mail *mail = mail_create(&(struct mail_options){
        .folder = mails, .from = "", .client_base_url = "https://klieg.example"});
    for (unsigned i = 0; i < 2; i++) {
        char code[] = "abc";
        struct mail_letter letter = {.kind = MAIL_CONFIRM,
                                     .to = STR("jdoe@example.org"),
                                     .name = STR("jdoe"),
                                     .code = {str_of(code)}};
        mail_send(mail, loop, &letter);
        memset(code, 'x', 3); /* it was copied */
    }
    loop_post(loop, stop, NULL);
    loop_run(loop); /* finishes work before it returns */

    glob_t found;
    CHECK_EQ(0, glob(pattern, 0, NULL, &found));
    CHECK_EQ(2, found.gl_pathc);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct stat status;
        CHECK_EQ(0, stat(found.gl_pathv[i], &status));
        CHECK_EQ(0600, status.st_mode & 0777);
        char text[LETTER_MAX] = "";
        FILE *file = fopen(found.gl_pathv[i], "r");
        CHECK(file != NULL);
        CHECK(fread(text, 1, sizeof(text) - 1, file) > 0);
        CHECK_EQ(0, fclose(file));
        CHECK(strstr(text, "https://klieg.example/login?code=abc&username=jdoe\r\n") != NULL);
        CHECK_EQ(0, unlink(found.gl_pathv[i]));
    }
    globfree(&found);
    mail_destroy(mail);
    loop_destroy(loop);
    CHECK_EQ(0, rmdir(mails));
    CHECK_EQ(0, rmdir(folder));
}

/* What the log holds after one mail whose code is "sesame". */
static bool log_shows_code(bool logs_links)
{
    char folder[] = "/tmp/test_mail_XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    char log[64];
    (void)snprintf(log, sizeof(log), "%s/log", folder);
    CHECK_EQ(ERR_OK, log_open(&(struct log_options){.level = LOG_LEVEL_DEBUG, .file = log}));

    struct loop *loop = NULL;
    CHECK_EQ(ERR_OK, loop_create(0, &loop));
    struct mail *mail =
        mail_create(&(struct mail_options){.folder = folder,
                                           .from = "",
                                           .client_base_url = "https://klieg.example",
                                           .logs_links = logs_links});
    mail_send(mail, loop,
              &(struct mail_letter){.kind = MAIL_RESET,
                                    .to = STR("jdoe@example.org"),
                                    .name = STR("jdoe"),
                                    .code = {STR("sesame")}});
    loop_post(loop, stop, NULL);
    loop_run(loop); /* finishes work before it returns */
    mail_destroy(mail);
    loop_destroy(loop);
    log_close();

    char text[4096] = "";
    FILE *file = fopen(log, "r");
    CHECK(file != NULL && fread(text, 1, sizeof(text) - 1, file) > 0);
    CHECK(file != NULL && fclose(file) == 0);
    CHECK(strstr(text, "written to a file") != NULL);

    glob_t found;
    char pattern[80];
    (void)snprintf(pattern, sizeof(pattern), "%s/*", folder);
    CHECK_EQ(0, glob(pattern, 0, NULL, &found));
    for (size_t i = 0; i < found.gl_pathc; i++)
        CHECK_EQ(0, unlink(found.gl_pathv[i]));
    globfree(&found);
    CHECK_EQ(0, rmdir(folder));
    return strstr(text, "sesame") != NULL;
}

static void the_log_shows_the_link_only_where_it_stands_in_for_the_mail(void)
{
    CHECK(log_shows_code(true));
    CHECK(!log_shows_code(false));
}

int main(void)
{
    RUN(the_log_shows_the_link_only_where_it_stands_in_for_the_mail);
    RUN(a_mail_becomes_a_file_of_ours_alone);
    return check_report();
}
