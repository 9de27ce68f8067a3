#include "http/files.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "log/log.h"

#include <assert.h>
#include <brotli/encode.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    HASH_LEN = 16, /* crypto_generichash_BYTES_MIN */
    ETAG_LEN = 2 * HASH_LEN + 4,
    MIN_COMPRESSED = 256,
    BROTLI_LEVEL = 9, /* 11 takes twenty times as long for 3 % */
    GZIP_LEVEL = 9,
    GZIP_WINDOW = 15 + 16, /* zlib: the largest, in gzip's wrapping */
};

struct file {
    struct chunk *plain;
    /* Set once, by files_compress(); NULL as long as there is none. */
    _Atomic(struct chunk *) gzip;
    _Atomic(struct chunk *) brotli;
    struct str type;
    char etag[ETAG_LEN + 1]; /* "<hash>" */
    bool is_text;
};

struct files {
    struct map by_path;
    size_t count;
    size_t size;
    atomic_bool is_stopped;
};

static const struct {
    struct str ending;
    struct str type;
    bool is_text; /* worth compressing */
} types[] = {
    {{"html", 4}, {"text/html; charset=utf-8", 24}, true},
    {{"js", 2}, {"text/javascript; charset=utf-8", 30}, true},
    {{"mjs", 3}, {"text/javascript; charset=utf-8", 30}, true},
    {{"css", 3}, {"text/css; charset=utf-8", 23}, true},
    {{"svg", 3}, {"image/svg+xml", 13}, true},
    {{"json", 4}, {"application/json; charset=utf-8", 31}, true},
    {{"map", 3}, {"application/json; charset=utf-8", 31}, true},
    {{"webmanifest", 11}, {"application/manifest+json", 25}, true},
    {{"txt", 3}, {"text/plain; charset=utf-8", 25}, true},
    {{"xml", 3}, {"application/xml; charset=utf-8", 30}, true},
    {{"wasm", 4}, {"application/wasm", 16}, true},
    {{"png", 3}, {"image/png", 9}, false},
    {{"jpg", 3}, {"image/jpeg", 10}, false},
    {{"jpeg", 4}, {"image/jpeg", 10}, false},
    {{"webp", 4}, {"image/webp", 10}, false},
    {{"avif", 4}, {"image/avif", 10}, false},
    {{"gif", 3}, {"image/gif", 9}, false},
    {{"ico", 3}, {"image/x-icon", 12}, true},
    {{"woff2", 5}, {"font/woff2", 10}, false},
    {{"mp4", 3}, {"video/mp4", 9}, false},
};

/* The row of the name's ending; the number of rows without one. */
static size_t type_row(struct str name)
{
    const size_t count = sizeof(types) / sizeof(types[0]);
    struct str ending = name;
    struct str rest;
    while (text_cut(ending, '.', &rest).len < ending.len)
        ending = rest;
    if (ending.len == name.len)
        return count;
    for (size_t i = 0; i < count; i++)
        if (text_equal_nocase(ending, types[i].ending))
            return i;
    return count;
}

struct str files_type(struct str name)
{
    size_t row = type_row(name);
    return row < sizeof(types) / sizeof(types[0]) ? types[row].type
                                                  : STR("application/octet-stream");
}

/* --- Reading --- */

static bool read_bytes(const char *path, struct chunk *chunk)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    size_t have = 0;
    ssize_t got = 1;
    while (have < chunk->len && got > 0) {
        got = read(fd, chunk->at + have, chunk->len - have);
        if (got > 0)
            have += (size_t)got;
    }
    (void)close(fd); /* only read */
    return have == chunk->len;
}

static struct file *read_file(const char *path, size_t size)
{
    struct chunk *chunk = chunk_create(size);
    if (!read_bytes(path, chunk)) {
        log_error("http", "cannot read a file of the UI", "path=%s", path);
        chunk_unref(&chunk);
        return NULL;
    }
    struct file *file = mem_zalloc(1, sizeof(*file));
    file->plain = chunk;
    file->type = files_type(str_of(path));
    size_t row = type_row(str_of(path));
    file->is_text = row < sizeof(types) / sizeof(types[0]) && types[row].is_text;
    uint8_t hash[HASH_LEN];
    /* Cannot fail: the length is one that it takes. */
    (void)crypto_generichash(hash, sizeof(hash), chunk->at, chunk->len, NULL, 0);
    char hex[2 * HASH_LEN + 1];
    text_hex(hash, sizeof(hash), hex);
    (void)snprintf(file->etag, sizeof(file->etag), "\"%s\"", hex); /* fits */
    return file;
}

static void free_file(struct file *file)
{
    struct chunk *gzip = atomic_load_explicit(&file->gzip, memory_order_acquire);
    struct chunk *brotli = atomic_load_explicit(&file->brotli, memory_order_acquire);
    chunk_unref(&gzip);
    chunk_unref(&brotli);
    chunk_unref(&file->plain);
    mem_free(file);
}

static enum err add_file(struct files *files, const char *folder, const FTSENT *entry)
{
    size_t size = (size_t)entry->fts_statp->st_size;
    if (files->count == FILES_MAX_COUNT || size > FILES_MAX_SIZE - files->size)
        return ERR_LIMIT;
    struct file *file = read_file(entry->fts_path, size);
    if (file == NULL)
        return ERR_IO;
    files->count++;
    files->size += size;
    const char *below = entry->fts_path + strlen(folder);
    while (*below == '/')
        below++;
    struct file *before = map_put(&files->by_path, str_of(below), file);
    assert(before == NULL);
    (void)before;
    return ERR_OK;
}

static enum err add_entry(struct files *files, FTS *walk, const char *folder, FTSENT *entry)
{
    bool is_hidden = entry->fts_level > 0 && entry->fts_name[0] == '.';
    switch (entry->fts_info) {
    case FTS_D:
        if (is_hidden)
            (void)fts_set(walk, entry, FTS_SKIP); /* its one failure is a bad argument */
        return ERR_OK;
    case FTS_F:
        return is_hidden ? ERR_OK : add_file(files, folder, entry);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return entry->fts_level == 0 ? ERR_NOT_FOUND : ERR_IO;
    default:
        return ERR_OK;
    }
}

enum err files_load(const char *folder, struct files **out)
{
    char *root = mem_copy_str(folder, strlen(folder));
    char *const roots[] = {root, NULL};
    struct files *files = mem_zalloc(1, sizeof(*files));
    map_init(&files->by_path);
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    enum err err = walk == NULL ? ERR_IO : ERR_OK;
    for (FTSENT *entry = NULL; err == ERR_OK && (entry = fts_read(walk)) != NULL;)
        err = add_entry(files, walk, root, entry);
    if (walk != NULL)
        (void)fts_close(walk); /* all is read */
    mem_free(root);
    if (err != ERR_OK) {
        files_destroy(files);
        return err;
    }
    *out = files;
    return ERR_OK;
}

void files_destroy(struct files *files)
{
    if (files == NULL)
        return;
    size_t at = 0;
    struct map_entry entry;
    while (map_next(&files->by_path, &at, &entry))
        free_file(entry.value);
    map_finish(&files->by_path);
    mem_free(files);
}

const struct file *files_find(const struct files *files, struct str path)
{
    return map_find(&files->by_path, path);
}

/* --- Compressing --- */

static void free_bytes(struct chunk *chunk)
{
    mem_free(chunk->at);
}

/* The first `len` of `bytes`, which it takes over; NULL if that saves nothing. */
static struct chunk *keep_if_smaller(const struct file *file, uint8_t *bytes, size_t len)
{
    if (len == 0 || len >= file->plain->len) {
        mem_free(bytes);
        return NULL;
    }
    return chunk_adopt(mem_grow(bytes, len, 1), len, free_bytes);
}

static struct chunk *compress_gzip(const struct file *file)
{
    z_stream stream = {.next_in = file->plain->at, .avail_in = (uInt)file->plain->len};
    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    size_t room = deflateBound(&stream, file->plain->len);
    uint8_t *bytes = mem_alloc(room);
    stream.next_out = bytes;
    stream.avail_out = (uInt)room;
    int result = deflate(&stream, Z_FINISH);
    size_t len = result == Z_STREAM_END ? stream.total_out : 0;
    (void)deflateEnd(&stream); /* what it says of an unfinished stream is known */
    return keep_if_smaller(file, bytes, len);
}

static struct chunk *compress_brotli(const struct file *file)
{
    size_t len = BrotliEncoderMaxCompressedSize(file->plain->len);
    uint8_t *bytes = mem_alloc(len);
    if (!BrotliEncoderCompress(BROTLI_LEVEL, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_TEXT,
                               file->plain->len, file->plain->at, &len, bytes))
        len = 0;
    return keep_if_smaller(file, bytes, len);
}

void files_compress(struct files *files)
{
    size_t at = 0;
    struct map_entry entry;
    while (!atomic_load_explicit(&files->is_stopped, memory_order_relaxed) &&
           map_next(&files->by_path, &at, &entry)) {
        struct file *file = entry.value;
        if (!file->is_text || file->plain->len < MIN_COMPRESSED)
            continue;
        atomic_store_explicit(&file->gzip, compress_gzip(file), memory_order_release);
        atomic_store_explicit(&file->brotli, compress_brotli(file), memory_order_release);
    }
}

void files_stop(struct files *files)
{
    atomic_store_explicit(&files->is_stopped, true, memory_order_relaxed);
}

/* --- Serving --- */

struct variant {
    struct chunk *chunk;
    struct str coding;
    const char *etag_ending;
};

static struct variant choose(const struct file *file, unsigned codings)
{
    struct chunk *brotli = atomic_load_explicit(&file->brotli, memory_order_acquire);
    struct chunk *gzip = atomic_load_explicit(&file->gzip, memory_order_acquire);
    if (brotli != NULL && (codings & HTTP_BROTLI) != 0)
        return (struct variant){brotli, STR("br"), "-b"};
    if (gzip != NULL && (codings & HTTP_GZIP) != 0)
        return (struct variant){gzip, STR("gzip"), "-g"};
    return (struct variant){.chunk = file->plain, .etag_ending = ""};
}

void files_reply(const struct file *file, struct request *request, struct str cache_control,
                 const struct http_header *headers, size_t header_count)
{
    struct variant variant = choose(file, request->codings);
    struct http_header all[REQUEST_MAX_HEADERS_OUT];
    size_t count = 0;
    if (file->is_text)
        all[count++] = (struct http_header){STR("vary"), STR("Accept-Encoding")};
    for (size_t i = 0; i < header_count && count < REQUEST_MAX_HEADERS_OUT; i++)
        all[count++] = headers[i];

    char etag[ETAG_LEN + 1];
    (void)snprintf(etag, sizeof(etag), "%.*s%s\"", (int)strlen(file->etag) - 1, file->etag,
                   variant.etag_ending); /* fits */
    struct slice slice = slice_of(variant.chunk);
    request_reply(request, &(struct reply){
                               .status = 200,
                               .content_type = file->type,
                               .cache_control = cache_control,
                               .content_encoding = variant.coding,
                               .etag = str_of(etag),
                               .headers = all,
                               .header_count = count,
                               .slices = &slice,
                               .slice_count = 1,
                               .has_ranges = variant.coding.len == 0,
                           });
}
