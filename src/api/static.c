#include "api/static.h"

#include "api/errors.h"
#include "base/buf.h"
#include "base/mem.h"
#include "http/files.h"

enum { MAX_PATH = 1024, MAX_POLICY = 2048 };

static const struct str forever = {"public, max-age=31536000, immutable", 35};
static const struct str anew = {"no-cache", 8};
static const struct str an_hour = {"public, max-age=3600", 20};

struct static_ui {
    struct files *files;
    const struct file *index;
    struct str policy;       /* Content-Security-Policy of pages */
    struct str frame_policy; /* of those that may be embedded */
};

/* Web UI §26; media-src has "data:" for the empty file that hls.js gives its metadata track. */
static struct str write_policy(const char *origins, const char *ancestors)
{
    struct buf out;
    buf_init(&out, MAX_POLICY);
    buf_printf(&out,
               "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
               "img-src 'self' data: blob: https:; media-src 'self' blob: data:%s%s; "
               "connect-src 'self'%s%s; worker-src 'self'; object-src 'none'; base-uri 'self'; "
               "form-action 'self'; frame-ancestors %s",
               origins[0] != '\0' ? " " : "", origins, origins[0] != '\0' ? " " : "", origins,
               ancestors);
    struct str policy = {mem_copy_str((const char *)out.at, out.len), out.len};
    buf_finish(&out);
    return policy;
}

enum err static_create(const struct static_options *options, struct static_ui **out)
{
    struct files *files = NULL;
    enum err err = files_load(options->folder, &files);
    if (err != ERR_OK)
        return err;
    const struct file *index = files_find(files, STR("index.html"));
    if (index == NULL) {
        files_destroy(files);
        return ERR_NOT_FOUND;
    }
    const char *origins = options->origins != NULL ? options->origins : "";
    struct static_ui *ui = mem_zalloc(1, sizeof(*ui));
    ui->files = files;
    ui->index = index;
    ui->policy = write_policy(origins, "'none'");
    ui->frame_policy = write_policy(origins, "*");
    *out = ui;
    return ERR_OK;
}

void static_destroy(struct static_ui *ui)
{
    if (ui == NULL)
        return;
    files_destroy(ui->files);
    mem_free((void *)(uintptr_t)ui->policy.at);
    mem_free((void *)(uintptr_t)ui->frame_policy.at);
    mem_free(ui);
}

void static_compress(void *arg)
{
    struct static_ui *ui = arg;
    files_compress(ui->files);
}

void static_stop(struct static_ui *ui)
{
    files_stop(ui->files);
}

/* The segments with slashes between them; empty if that is too long to be a file's path. */
static struct str join(const struct http_path *path, char out[MAX_PATH])
{
    size_t len = 0;
    for (size_t i = 0; i < path->count; i++) {
        struct str segment = path->segments[i];
        if (len + segment.len + 1 > MAX_PATH)
            return STR("");
        if (i > 0)
            out[len++] = '/';
        if (segment.len > 0)
            memcpy(out + len, segment.at, segment.len);
        len += segment.len;
    }
    return (struct str){out, len};
}

static bool first_is(const struct http_path *path, struct str name)
{
    return path->count > 0 && str_equal(path->segments[0], name);
}

/* /embed and /popout may stand in a frame of another site, and so may what ends in them. */
static bool may_be_framed(const struct http_path *path)
{
    return first_is(path, STR("embed")) || first_is(path, STR("popout"));
}

static void reply_page(const struct static_ui *ui, struct request *request, const struct file *page)
{
    const struct http_header headers[] = {
        {STR("content-security-policy"),
         may_be_framed(request->segments) ? ui->frame_policy : ui->policy},
        {STR("cross-origin-opener-policy"), STR("same-origin")},
    };
    files_reply(page, request, anew, headers, 2);
}

static bool ends_with(struct str text, struct str ending)
{
    return text.len >= ending.len &&
           memcmp(text.at + text.len - ending.len, ending.at, ending.len) == 0;
}

/* A script that the browser keeps running must be looked for anew, and what describes it too. */
static struct str cache_control_of(struct str path)
{
    bool is_anew = str_equal(path, STR("sw.js")) || ends_with(path, STR(".webmanifest"));
    return is_anew ? anew : an_hour;
}

/* Channel names may hold dots, so a dot alone does not make a file of a path. */
static bool looks_like_file(const struct http_path *path)
{
    static const char *const endings[] = {".css", ".html",  ".ico",        ".js",  ".json",
                                          ".map", ".php",   ".png",        ".svg", ".txt",
                                          ".xml", ".woff2", ".webmanifest"};
    struct str last = path->segments[path->count - 1];
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        if (ends_with(last, str_of(endings[i])))
            return true;
    }
    return false;
}

void static_serve(struct request *request, void *arg)
{
    const struct static_ui *ui = arg;
    const struct http_path *segments = request->segments;
    char joined[MAX_PATH];
    struct str path = join(segments, joined);
    const struct file *file = files_find(ui->files, path);
    if (file != NULL && ends_with(path, STR(".html")))
        reply_page(ui, request, file);
    else if (file != NULL && first_is(segments, STR("static")))
        files_reply(file, request, forever, NULL, 0);
    else if (file != NULL)
        files_reply(file, request, cache_control_of(path), NULL, 0);
    else if (first_is(segments, STR("static")) ||
             (segments->count > 0 && looks_like_file(segments)))
        errors_reply_status(request, 404);
    else
        reply_page(ui, request, ui->index);
}
