#include "http/files.h"

#include "web.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <zlib.h>

static char folder[] = "/tmp/klieg-test-XXXXXX";
static char script[4000];

static void write_file(const char *name, const char *bytes, size_t len)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK_EQ((ssize_t)len, write(fd, bytes, len));
    close(fd);
}

static void make_folder(void)
{
    char path[256];
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/static", folder);
    CHECK_EQ(0, mkdir(path, 0700));
    (void)snprintf(path, sizeof(path), "%s/.git", folder);
    CHECK_EQ(0, mkdir(path, 0700));
    for (size_t i = 0; i < sizeof(script); i++)
        script[i] = "let a = 1;\n"[i % 11];
    write_file("index.html", "<!doctype html>", 15);
    write_file("static/app-1.js", script, sizeof(script));
    write_file("static/tiny.css", "a{}", 3);
    write_file("static/picture.png", script, sizeof(script));
    write_file("empty.txt", "", 0);
    write_file(".hidden", "x", 1);
    write_file(".git/config", "x", 1);
    (void)snprintf(path, sizeof(path), "%s/link.txt", folder);
    CHECK_EQ(0, symlink("/etc/passwd", path));
}

static void remove_folder(void)
{
    static const char *const names[] = {"index.html",         "static/app-1.js", "static/tiny.css",
                                        "static/picture.png", "empty.txt",       ".hidden",
                                        ".git/config",        "link.txt"};
    char path[256];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%s/static", folder);
    rmdir(path);
    (void)snprintf(path, sizeof(path), "%s/.git", folder);
    rmdir(path);
    rmdir(folder);
}

static struct files *files;

static void reply(struct request *request, void *arg)
{
    (void)arg;
    static const struct http_header header = {{"x-own", 5}, {"1", 1}};
    struct str path = {request->path.at + 1, request->path.len - 1};
    const struct file *file = files_find(files, path);
    if (file != NULL)
        files_reply(file, request, STR("no-cache"), &header, 1);
    else
        request_reply_text(request, 404, STR("text/plain"), STR("none"));
}

static struct web_answer get(struct web *web, const char *path, const char *fields)
{
    char text[512];
    int fd = web_connect(web);
    (void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, fields);
    web_say(fd, text);
    struct web_answer answer = web_read_answer(fd, false);
    close(fd);
    return answer;
}

static bool has(const struct web_answer *answer, const char *name, const char *value)
{
    const char *got = web_header(answer, name);
    if (value == NULL || got == NULL)
        return got == value;
    return strcmp(value, got) == 0;
}

static void files_are_found_by_their_path(void)
{
    CHECK(files_find(files, STR("index.html")) != NULL);
    CHECK(files_find(files, STR("static/app-1.js")) != NULL);
    CHECK(files_find(files, STR("empty.txt")) != NULL);
    CHECK(files_find(files, STR("/index.html")) == NULL);
    CHECK(files_find(files, STR("static")) == NULL);
    CHECK(files_find(files, STR("")) == NULL);
    CHECK(files_find(files, STR(".hidden")) == NULL);
    CHECK(files_find(files, STR(".git/config")) == NULL);
    CHECK(files_find(files, STR("link.txt")) == NULL);
}

static void files_are_served_as_they_are_at_first(void)
{
    struct web web = {.options.on_request = reply};
    web_start(&web);
    struct web_answer answer = get(&web, "/static/app-1.js", "Accept-Encoding: gzip, br\r\n");
    CHECK_EQ(200, answer.status);
    CHECK_EQ(sizeof(script), answer.body_len);
    CHECK(has(&answer, "content-encoding", NULL));
    CHECK(has(&answer, "vary", "Accept-Encoding"));
    CHECK(has(&answer, "x-own", "1"));
    CHECK(has(&answer, "cache-control", "no-cache"));
    CHECK(has(&answer, "content-type", "text/javascript; charset=utf-8"));
    char condition[128];
    (void)snprintf(condition, sizeof(condition), "If-None-Match: %s\r\n",
                   web_header(&answer, "etag"));
    web_forget(&answer);
    answer = get(&web, "/static/app-1.js", condition);
    CHECK_EQ(304, answer.status);
    web_forget(&answer);
    answer = get(&web, "/static/app-1.js", "Range: bytes=1-3\r\n");
    CHECK_EQ(206, answer.status);
    CHECK(memcmp("et ", answer.body, 3) == 0);
    web_forget(&answer);
    answer = get(&web, "/static/picture.png", "");
    CHECK(has(&answer, "vary", NULL));
    web_forget(&answer);
    answer = get(&web, "/empty.txt", "");
    CHECK_EQ(200, answer.status);
    CHECK_EQ(0, answer.body_len);
    web_forget(&answer);
    web_stop(&web);
}

static void check_gzip(const struct web_answer *answer)
{
    static uint8_t text[sizeof(script) + 1];
    z_stream stream = {.next_in = (uint8_t *)answer->body,
                       .avail_in = (uInt)answer->body_len,
                       .next_out = text,
                       .avail_out = sizeof(text)};
    CHECK_EQ(Z_OK, inflateInit2(&stream, 15 + 16));
    CHECK_EQ(Z_STREAM_END, inflate(&stream, Z_FINISH));
    CHECK_EQ(sizeof(script), stream.total_out);
    CHECK_EQ(0, memcmp(text, script, sizeof(script)));
    inflateEnd(&stream);
}

static void compressed_forms_are_served_once_there_are_any(void)
{
    struct web web = {.options.on_request = reply};
    web_start(&web);
    files_compress(files);
    struct web_answer plain = get(&web, "/static/app-1.js", "");
    struct web_answer gzip = get(&web, "/static/app-1.js", "Accept-Encoding: gzip\r\n");
    struct web_answer both =
        get(&web, "/static/app-1.js", "Accept-Encoding: gzip, br\r\nRange: bytes=0-1\r\n");
    CHECK_EQ(sizeof(script), plain.body_len);
    CHECK(has(&gzip, "content-encoding", "gzip"));
    CHECK(has(&both, "content-encoding", "br"));
    CHECK_EQ(200, both.status); /* ranges are of the plain form only */
    CHECK(has(&both, "accept-ranges", NULL));
    CHECK(both.body_len > 0 && both.body_len < gzip.body_len);
    CHECK(!has(&gzip, "etag", web_header(&plain, "etag")));
    CHECK(!has(&gzip, "etag", web_header(&both, "etag")));
    check_gzip(&gzip);
    web_forget(&plain);
    web_forget(&gzip);
    web_forget(&both);
    struct web_answer answer = get(&web, "/static/picture.png", "Accept-Encoding: gzip, br\r\n");
    CHECK(has(&answer, "content-encoding", NULL));
    web_forget(&answer);
    answer = get(&web, "/static/tiny.css", "Accept-Encoding: gzip, br\r\n");
    CHECK(has(&answer, "content-encoding", NULL)); /* it would only grow */
    web_forget(&answer);
    web_stop(&web);
}

static void stopped_compression_does_nothing(void)
{
    struct files *others = NULL;
    CHECK_EQ(ERR_OK, files_load(folder, &others));
    files_stop(others);
    files_compress(others);
    files_destroy(others);
}

static void types_go_by_the_ending(void)
{
    CHECK(str_equal(STR("text/html; charset=utf-8"), files_type(STR("a.b.HTML"))));
    CHECK(str_equal(STR("image/svg+xml"), files_type(STR("static/avatars/bear.svg"))));
    CHECK(str_equal(STR("font/woff2"), files_type(STR("x.woff2"))));
    CHECK(str_equal(STR("application/octet-stream"), files_type(STR("html"))));
    CHECK(str_equal(STR("application/octet-stream"), files_type(STR("a.exe"))));
    CHECK(str_equal(STR("application/octet-stream"), files_type(STR("a."))));
}

static void every_type_is_whole(void)
{
    static const struct {
        const char *name;
        const char *type;
    } rows[] = {
        {"a.html", "text/html; charset=utf-8"},
        {"a.js", "text/javascript; charset=utf-8"},
        {"a.mjs", "text/javascript; charset=utf-8"},
        {"a.css", "text/css; charset=utf-8"},
        {"a.svg", "image/svg+xml"},
        {"a.json", "application/json; charset=utf-8"},
        {"a.map", "application/json; charset=utf-8"},
        {"a.webmanifest", "application/manifest+json"},
        {"a.txt", "text/plain; charset=utf-8"},
        {"a.xml", "application/xml; charset=utf-8"},
        {"a.wasm", "application/wasm"},
        {"a.png", "image/png"},
        {"a.jpg", "image/jpeg"},
        {"a.jpeg", "image/jpeg"},
        {"a.webp", "image/webp"},
        {"a.avif", "image/avif"},
        {"a.gif", "image/gif"},
        {"a.ico", "image/x-icon"},
        {"a.woff2", "font/woff2"},
        {"a.mp4", "video/mp4"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(str_equal(str_of(rows[i].type), files_type(str_of(rows[i].name))));
}

static void folder_must_be_there(void)
{
    struct files *others = NULL;
    CHECK_EQ(ERR_NOT_FOUND, files_load("/nonexistent/klieg", &others));
    CHECK(others == NULL);
    files_destroy(NULL);
}

int main(void)
{
    make_folder();
    CHECK_EQ(ERR_OK, files_load(folder, &files));
    RUN(files_are_found_by_their_path);
    RUN(files_are_served_as_they_are_at_first);
    RUN(compressed_forms_are_served_once_there_are_any);
    RUN(stopped_compression_does_nothing);
    RUN(types_go_by_the_ending);
    RUN(every_type_is_whole);
    RUN(folder_must_be_there);
    files_destroy(files);
    remove_folder();
    return check_report();
}
