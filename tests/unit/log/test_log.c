#include "log/log.h"

#include "check.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/test_log_XXXXXX";
static char written[8192];

static void start(enum log_level level, bool json)
{
    CHECK_EQ(0, truncate(path, 0));
    CHECK_EQ(ERR_OK, log_open(&(struct log_options){.level = level, .json = json, .file = path}));
}

static const char *read_back(void)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return "";
    written[fread(written, 1, sizeof(written) - 1, file)] = '\0';
    (void)fclose(file); /* only read */
    return written;
}

static void a_line_has_time_level_module_message_and_pairs(void)
{
    start(LOG_LEVEL_INFO, false);
    log_info("rtmp", "publish rejected", "reason=%s channel=%s", "key", "cats");
    log_warn("rtmp", "plain", NULL);
    const char *text = read_back();
    CHECK_EQ('Z', text[23]);
    CHECK(strstr(text, "Z INFO  rtmp: publish rejected reason=key channel=cats\n") != NULL);
    CHECK(strstr(text, "Z WARN  rtmp: plain\n") != NULL);
}

static void levels_above_the_chosen_one_are_silent(void)
{
    start(LOG_LEVEL_WARN, false);
    log_info("a", "info", NULL);
    log_debug("a", "debug", NULL);
    log_warn("a", "warn", NULL);
    log_error("a", "error", NULL);
    CHECK(strstr(read_back(), "info") == NULL);
    CHECK(strstr(written, "debug") == NULL);
    CHECK(strstr(written, "WARN  a: warn") != NULL);
    CHECK(strstr(written, "ERROR a: error") != NULL);
    CHECK(!log_is_on(LOG_LEVEL_INFO));
    CHECK(log_is_on(LOG_LEVEL_WARN));
}

static const char *member(json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

static void json_lines_are_objects_with_a_member_for_each_pair(void)
{
    start(LOG_LEVEL_INFO, true);
    log_info("http", "bad request", "peer=%s agent=%s n=%d", "198.51.100.0/24",
             log_quote(STR("a \"b\" \\ c\n7=e")).at, 7);
    json_t *line = json_loads(read_back(), 0, NULL);
    CHECK(strcmp("info", member(line, "level")) == 0);
    CHECK(strcmp("http", member(line, "module")) == 0);
    CHECK(strcmp("bad request", member(line, "message")) == 0);
    CHECK(strcmp("198.51.100.0/24", member(line, "peer")) == 0);
    CHECK(strcmp("a \"b\" \\ c\n7=e", member(line, "agent")) == 0);
    CHECK(strcmp("7", member(line, "n")) == 0);
    CHECK_EQ(7, json_object_size(line));
    json_decref(line);

    start(LOG_LEVEL_INFO, true);
    log_info("http", "odd", "a= b c=\"d");
    line = json_loads(read_back(), 0, NULL);
    CHECK_EQ(7, json_object_size(line));
    json_decref(line);
}

static void peer_text_is_quoted_escaped_and_cut(void)
{
    CHECK(strcmp("\"\"", log_quote(STR("")).at) == 0);
    CHECK(strcmp("\"a\\\"b\\\\c\"", log_quote(STR("a\"b\\c")).at) == 0);
    CHECK(strcmp("\"\\u000a\\u001b\\u007f\"", log_quote(STR("\n\x1b\x7f")).at) == 0);
    CHECK(strcmp("\"caf\xc3\xa9\"", log_quote(STR("caf\xc3\xa9")).at) == 0);
    CHECK(strcmp("\"\\u00c2\\u009b\"", log_quote(STR("\xc2\x9b")).at) == 0); /* C1 control */
    CHECK(strcmp("\"a\\u00ff\"", log_quote(STR("a\xff")).at) == 0);          /* not UTF-8 */

    char long_text[1000];
    memset(long_text, 'x', sizeof(long_text));
    struct str text = {.at = long_text, .len = sizeof(long_text)};
    CHECK_EQ(LOG_QUOTE_MAX + 2, strlen(log_quote(text).at));
    memset(long_text, 1, sizeof(long_text));
    struct log_text quoted = log_quote(text);
    CHECK(strlen(quoted.at) < sizeof(quoted.at));
    CHECK_EQ('"', quoted.at[strlen(quoted.at) - 1]);
}

static void too_long_lines_are_cut_but_end(void)
{
    start(LOG_LEVEL_INFO, false);
    char text[6000];
    memset(text, 'y', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_info("a", "long", "v=%s", text);
    size_t len = strlen(read_back());
    CHECK(len > 100 && len < 4096);
    CHECK_EQ('\n', written[len - 1]);
}

static void a_file_that_cannot_be_opened_changes_nothing(void)
{
    start(LOG_LEVEL_WARN, false);
    CHECK_EQ(ERR_IO, log_open(&(struct log_options){.level = LOG_LEVEL_DEBUG,
                                                    .file = "/nonexistent/klieg.log"}));
    CHECK(!log_is_on(LOG_LEVEL_INFO));
    log_warn("a", "still here", NULL);
    CHECK(strstr(read_back(), "still here") != NULL);
}

int main(void)
{
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    RUN(a_line_has_time_level_module_message_and_pairs);
    RUN(levels_above_the_chosen_one_are_silent);
    RUN(json_lines_are_objects_with_a_member_for_each_pair);
    RUN(peer_text_is_quoted_escaped_and_cut);
    RUN(too_long_lines_are_cut_but_end);
    RUN(a_file_that_cannot_be_opened_changes_nothing);
    log_close();
    (void)close(fd);
    (void)unlink(path);
    return check_report();
}
