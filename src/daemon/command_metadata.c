/* `klieg metadata put NAME TEXT`, through the running daemon. */
#include "base/mem.h"
#include "daemon/command.h"
#include "daemon/control.h"

#include <jansson.h>
#include <stdio.h>

/* {"channel","text"} */
static enum err put(const char *socket, const char *channel, const char *text, struct buf *answer,
                    unsigned *out_status)
{
    json_t *body = json_pack("{ss ss}", "channel", channel, "text", text);
    if (body == NULL)
        return ERR_MALFORMED; /* not UTF-8 */
    size_t len = json_dumpb(body, NULL, 0, JSON_COMPACT);
    char *json = mem_alloc(len + 1);
    (void)json_dumpb(body, json, len, JSON_COMPACT); /* as long as it just said */
    json_decref(body);
    enum err err = control_ask(socket, "POST", STR("/metadata"),
                               (struct str){.at = json, .len = len}, answer, out_status);
    mem_free(json);
    return err;
}

static int report(enum err err, unsigned status, const struct buf *answer)
{
    if (!err && status < 300)
        return EXIT_OK;
    if (err == ERR_CLOSED) {
        (void)fputs("klieg: no daemon runs with this data folder\n", stderr);
    } else if (err == ERR_MALFORMED) {
        (void)fputs("klieg: the text is not valid UTF-8\n", stderr);
    } else if (err) {
        (void)fputs("klieg: the daemon did not answer\n", stderr);
    } else {
        json_t *root = json_loadb((const char *)answer->at, answer->len, 0, NULL);
        const char *message = json_string_value(json_object_get(root, "message"));
        (void)fprintf(stderr, "klieg: %s\n", message != NULL ? message : "refused");
        json_decref(root);
    }
    return EXIT_FAILED;
}

int command_metadata_put(const struct arguments *arguments, char *const *environment)
{
    struct config config;
    if (command_load_config(arguments, environment, &config) != ERR_OK)
        return EXIT_CONFIG;
    struct buf answer;
    buf_init(&answer, CONTROL_MAX_ANSWER);
    unsigned status = 0;
    enum err err = put(control_path(&config.options, &config.arena).at, arguments->words[2],
                       arguments->words[3], &answer, &status);
    int result = report(err, status, &answer);
    buf_finish(&answer);
    config_finish(&config);
    return result;
}
