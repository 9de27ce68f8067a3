#include "api/static.h"

#include "api/routes.h"
#include "unit/http/web.h"

#include <fcntl.h>
#include <sys/stat.h>

static char folder[] = "/tmp/klieg-test-XXXXXX";
static const char *const names[] = {"index.html",      "static/app-1.js", "favicon.ico", "sw.js",
                                    "app.webmanifest", "about.html",      "long.txt"};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static void in_folder(const char *name, char out[256])
{
    (void)snprintf(out, 256, "%s/%s", folder, name);
}

static void make_folder(void)
{
    char path[256];
    CHECK(mkdtemp(folder) != NULL);
    in_folder("static", path);
    CHECK_EQ(0, mkdir(path, 0700));
    for (size_t i = 0; i < NAMES; i++) {
        in_folder(names[i], path);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        bool is_long = strcmp(names[i], "long.txt") == 0; /* enough to be worth compressing */
        for (int times = is_long ? 100 : 1; times > 0; times--)
            CHECK_EQ((ssize_t)strlen(names[i]), write(fd, names[i], strlen(names[i])));
        close(fd);
    }
}

static void remove_folder(void)
{
    char path[256];
    for (size_t i = 0; i < NAMES; i++) {
        in_folder(names[i], path);
        unlink(path);
    }
    in_folder("static", path);
    rmdir(path);
    rmdir(folder);
}

static const struct route table[] = {{HTTP_GET, "/*", static_serve, .cors = ROUTE_CORS_NONE}};
static struct web web;

static struct web_answer get(const char *path)
{
    char text[2048];
    int fd = web_connect(&web);
    (void)snprintf(text, sizeof(text),
                   "GET %s HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n", path);
    web_say(fd, text);
    struct web_answer answer = web_read_answer(fd, false);
    close(fd);
    return answer;
}

static bool header_is(const char *path, const char *name, const char *value)
{
    struct web_answer answer = get(path);
    const char *got = web_header(&answer, name);
    bool is_right = got != NULL && value != NULL ? strcmp(got, value) == 0 : got == value;
    if (!is_right)
        printf("%s: %s\n", path, got);
    web_forget(&answer);
    return is_right;
}

static bool serves(const char *path, unsigned status, const char *body)
{
    struct web_answer answer = get(path);
    bool is_right = answer.status == status && (body == NULL || strcmp(body, answer.body) == 0);
    if (!is_right)
        printf("%s: %u %s\n", path, answer.status, answer.body);
    web_forget(&answer);
    return is_right;
}

static void pages_of_the_application_are_its_index(void)
{
    CHECK(serves("/", 200, "index.html"));
    CHECK(serves("/index.html", 200, "index.html"));
    CHECK(serves("/jdoe", 200, "index.html"));
    CHECK(serves("/jdoe/profile/", 200, "index.html"));
    CHECK(serves("/about.html", 200, "about.html"));
    CHECK(serves("/static/app-1.js", 200, "static/app-1.js"));
}

static void what_should_be_a_file_is_not_found(void)
{
    CHECK(serves("/static/app-2.js", 404, NULL));
    CHECK(serves("/static/", 404, NULL));
    CHECK(serves("/picture.png", 404, NULL));
    CHECK(serves("/api/x", 404, NULL));
    CHECK(serves("/live/x", 404, NULL));
    CHECK(serves("/%2e%2e/etc/passwd", 400, NULL));
    CHECK(serves("/static/..%2f..%2fetc%2fpasswd", 404, NULL));
}

static void caching_goes_by_the_kind(void)
{
    CHECK(header_is("/", "cache-control", "no-cache"));
    CHECK(header_is("/jdoe", "cache-control", "no-cache"));
    CHECK(header_is("/about.html", "cache-control", "no-cache"));
    CHECK(header_is("/static/app-1.js", "cache-control", "public, max-age=31536000, immutable"));
    CHECK(header_is("/sw.js", "cache-control", "no-cache"));
    CHECK(header_is("/app.webmanifest", "cache-control", "no-cache"));
    CHECK(header_is("/favicon.ico", "cache-control", "public, max-age=3600"));
    CHECK(header_is("/static/nothing.js", "cache-control", "no-store"));
}

static void pages_have_a_strict_policy(void)
{
    static const char policy[] =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob: https:; media-src 'self' blob: data: https://edge.example; "
        "connect-src 'self' https://edge.example; worker-src 'self'; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
    CHECK(header_is("/", "content-security-policy", policy));
    CHECK(header_is("/about.html", "content-security-policy", policy));
    CHECK(header_is("/static/app-1.js", "content-security-policy", NULL));
    struct web_answer answer = get("/embed/jdoe");
    const char *got = web_header(&answer, "content-security-policy");
    CHECK(got != NULL && strstr(got, "frame-ancestors *") != NULL);
    web_forget(&answer);
}

static void text_is_compressed(void)
{
    CHECK(header_is("/long.txt", "content-encoding", "gzip"));
    CHECK(header_is("/about.html", "content-encoding", NULL));
}

static void paths_have_a_largest_length(void)
{
    char path[2 * 1100] = "/";
    memset(path + 1, 'a', 1100);
    CHECK(serves(path, 200, "index.html"));
}

static void folder_must_hold_an_index(void)
{
    struct static_ui *ui = NULL;
    char path[256];
    in_folder("static", path);
    CHECK_EQ(ERR_NOT_FOUND, static_create(&(struct static_options){.folder = path}, &ui));
    CHECK_EQ(ERR_NOT_FOUND, static_create(&(struct static_options){.folder = "/nonexistent"}, &ui));
    static_destroy(NULL);
}

int main(void)
{
    make_folder();
    struct static_ui *ui = NULL;
    const struct static_options options = {.folder = folder, .origins = "https://edge.example"};
    CHECK_EQ(ERR_OK, static_create(&options, &ui));
    static_compress(ui);
    static_stop(ui);
    struct routes *routes = routes_create(&(struct routes_options){0});
    routes_add(routes, table, 1, ui);
    web.options.on_request = routes_on_request;
    web.options.on_refused = routes_on_refused;
    web.handler_arg = routes;
    web_start(&web);
    RUN(pages_of_the_application_are_its_index);
    RUN(what_should_be_a_file_is_not_found);
    RUN(caching_goes_by_the_kind);
    RUN(pages_have_a_strict_policy);
    RUN(text_is_compressed);
    RUN(paths_have_a_largest_length);
    RUN(folder_must_hold_an_index);
    web_stop(&web);
    routes_destroy(routes);
    static_destroy(ui);
    remove_folder();
    return check_report();
}
