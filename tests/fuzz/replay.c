/*
 * Stands in for libFuzzer: runs the target over every file of the folders named, so that each
 * corpus entry, and with it each input that once failed, is a regression test in ordinary builds.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INPUT_SIZE = 4 << 20 };

static bool replay_file(const char *path, uint8_t *input)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    size_t size = fread(input, 1, MAX_INPUT_SIZE, file);
    (void)fclose(file); /* only read */

    /* A block of exactly this size, so that sanitizers see a read past the end. */
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        return false;
    memcpy(exact, input, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

static int replay_folder(const char *folder, uint8_t *input)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        perror(folder);
        return -1;
    }
    int replayed = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        int len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || len < 0 || (size_t)len >= sizeof(path))
            continue;
        if (replay_file(path, input))
            replayed++;
    }
    (void)closedir(dir); /* only read */
    return replayed;
}

int main(int argc, char **argv)
{
    static uint8_t input[MAX_INPUT_SIZE];
    int replayed = 0;
    for (int i = 1; i < argc; i++) {
        int here = replay_folder(argv[i], input);
        if (here <= 0)
            return 1; /* a corpus that is not there tests nothing */
        replayed += here;
    }
    printf("%d inputs replayed\n", replayed);
    return replayed == 0;
}
