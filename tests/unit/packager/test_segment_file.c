#include "packager/segment_file.h"

#include "check.h"
#include "packager/packager.h"
#include "unit/packager/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/klieg-segments-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void a_stored_segment_is_the_same(void)
{
    struct published_segment *segment = snapshot_segment(12, 3);
    segment->entry.discontinuity = true;
    segment->entry.map = 5;
    segment->parts[0].independent = true;
    struct published_segment *stored = segment_file_store(path_of("a.m4s"), segment);
    CHECK(stored != NULL);
    published_segment_unref(&segment);
    CHECK_EQ(12, stored->entry.msn);
    CHECK_EQ(5, stored->entry.map);
    CHECK(stored->entry.discontinuity);
    CHECK_EQ(3, stored->slice_count);
    CHECK_EQ(3, stored->entry.part_count);
    CHECK_EQ(12, stored->len);
    CHECK(stored->entry.parts == stored->parts && stored->parts[0].independent);
    CHECK_EQ(stored->entry.end, stored->parts[2].end);
    CHECK_EQ(0, memcmp("12.012.112.2", stored->slices[0].at, 12)); /* all in one mapping */
    CHECK(stored->slices[2].at == stored->slices[0].at + 8);
    CHECK_EQ(4, stored->slices[2].len);
    CHECK_EQ(-1, access(path_of("a.m4s"), F_OK)); /* and the file has no name any more */

    struct slice kept = slice_ref(stored->slices[1]);
    published_segment_unref(&stored);
    CHECK_EQ(0, memcmp("12.1", kept.at, 4)); /* a slow reader's bytes stay */
    slice_unref(&kept);
}

static void nothing_is_overwritten_or_followed(void)
{
    struct published_segment *segment = snapshot_segment(1, 1);
    CHECK_EQ(0, symlink("target", path_of("link.m4s")));
    CHECK(segment_file_store(path_of("link.m4s"), segment) == NULL);
    CHECK_EQ(EEXIST, errno);
    CHECK_EQ(-1, access(path_of("target"), F_OK));
    CHECK(segment_file_store(path_of("no/such/folder.m4s"), segment) == NULL);
    CHECK_EQ(ENOENT, errno);
    published_segment_unref(&segment);
}

static void a_full_disk_leaves_nothing(void)
{
    struct published_segment *segment = snapshot_segment(12, 3);
    const struct rlimit six_bytes = {.rlim_cur = 6, .rlim_max = RLIM_INFINITY};
    const struct rlimit any = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    (void)signal(SIGXFSZ, SIG_IGN);
    CHECK_EQ(0, setrlimit(RLIMIT_FSIZE, &six_bytes));
    CHECK(segment_file_store(path_of("full.m4s"), segment) == NULL);
    CHECK_EQ(EFBIG, errno);
    CHECK_EQ(0, setrlimit(RLIMIT_FSIZE, &any));
    CHECK_EQ(-1, access(path_of("full.m4s"), F_OK));
    published_segment_unref(&segment);
}

static void make_file(const char *name)
{
    int fd = open(path_of(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    close(fd);
}

static void leftovers_are_swept_and_nothing_else(void)
{
    make_file("st-1-720p30-7.m4s");
    make_file("x.m4s");
    make_file("keep.txt");
    make_file(".m4s");
    CHECK_EQ(ERR_OK, packager_sweep_store(folder));
    CHECK_EQ(-1, access(path_of("st-1-720p30-7.m4s"), F_OK));
    CHECK_EQ(-1, access(path_of("x.m4s"), F_OK));
    CHECK_EQ(0, access(path_of("keep.txt"), F_OK));
    CHECK_EQ(0, access(path_of(".m4s"), F_OK));
    unlink(path_of("keep.txt"));
    unlink(path_of(".m4s"));
}

static void the_folder_is_made_for_us_alone(void)
{
    char fresh[128];
    snprintf(fresh, sizeof(fresh), "%s", path_of("live"));
    CHECK_EQ(ERR_OK, packager_sweep_store(fresh));
    struct stat info;
    CHECK_EQ(0, stat(fresh, &info));
    CHECK_EQ(0700, info.st_mode & 0777);
    CHECK_EQ(0, rmdir(fresh));
    CHECK_EQ(ERR_IO, packager_sweep_store(path_of("no/such")));
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    RUN(a_stored_segment_is_the_same);
    RUN(nothing_is_overwritten_or_followed);
    RUN(a_full_disk_leaves_nothing);
    RUN(leftovers_are_swept_and_nothing_else);
    RUN(the_folder_is_made_for_us_alone);
    unlink(path_of("link.m4s"));
    rmdir(folder);
    return check_report();
}
