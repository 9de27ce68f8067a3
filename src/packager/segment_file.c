#include "packager/segment_file.h"

#include "base/mem.h"
#include "log/log.h"
#include "packager/packager.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char suffix[] = ".m4s";

static void release(struct chunk *chunk)
{
    (void)munmap(chunk->at, chunk->len); /* its own mapping: cannot fail */
}

static bool write_all(int fd, const uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        at += written;
        len -= (size_t)written;
    }
    return true;
}

static struct chunk *map_slices(int fd, const struct published_segment *segment)
{
    for (size_t i = 0; i < segment->slice_count; i++) {
        if (!write_all(fd, segment->slices[i].at, segment->slices[i].len))
            return NULL;
    }
    void *mapping = mmap(NULL, segment->len, PROT_READ, MAP_SHARED, fd, 0);
    return mapping != MAP_FAILED ? chunk_adopt(mapping, segment->len, release) : NULL;
}

static struct published_segment *on_chunk(const struct published_segment *segment,
                                          struct chunk *chunk)
{
    struct published_segment *stored = published_segment_create(segment->slice_count);
    stored->len = segment->len;
    stored->entry = segment->entry;
    stored->entry.parts = stored->parts;
    size_t offset = 0;
    for (size_t i = 0; i < segment->slice_count; i++) {
        stored->parts[i] = segment->parts[i];
        stored->slices[i] = slice_ref((struct slice){
            .chunk = chunk, .at = chunk->at + offset, .len = segment->slices[i].len});
        offset += segment->slices[i].len;
    }
    return stored;
}

struct published_segment *segment_file_store(const char *path,
                                             const struct published_segment *segment)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return NULL;
    struct chunk *chunk = map_slices(fd, segment);
    int failure = errno;
    (void)unlink(path); /* the mapping keeps it */
    (void)close(fd);    /* nothing is buffered */
    if (chunk == NULL) {
        errno = failure;
        return NULL;
    }
    struct published_segment *stored = on_chunk(segment, chunk);
    chunk_unref(&chunk);
    return stored;
}

static bool is_ours(const char *name)
{
    size_t len = strlen(name);
    return len >= sizeof(suffix) && strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0;
}

enum err packager_sweep_store(const char *store_dir)
{
    if (mkdir(store_dir, S_IRWXU) != 0 && errno != EEXIST) {
        log_error("packager", "cannot make the folder for segments", "errno=%d", errno);
        return ERR_IO;
    }
    DIR *dir = opendir(store_dir);
    if (dir == NULL) {
        log_error("packager", "cannot read the folder for segments", "errno=%d", errno);
        return ERR_IO;
    }
    unsigned removed = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (is_ours(entry->d_name) && unlinkat(dirfd(dir), entry->d_name, 0) == 0)
            removed++;
    }
    (void)closedir(dir); /* only read */
    if (removed > 0)
        log_info("packager", "removed segments of an earlier run", "count=%u", removed);
    return ERR_OK;
}
