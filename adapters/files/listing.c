/*
 * listing.c - a directory stream that stays open between two bites. The system keeps its place, whatever is
 * removed meanwhile; a place of our own (telldir) would be lost with the stream on some file systems.
 */
#include "adapters/files/listing.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"
#include "adapters/files/folder.h"

struct listing {
    DIR *dir;
    char *names[LISTING_NAMES_MAX]; /* from `at` on */
    size_t at, count;
    size_t entries;
    bool ended;
};

struct listing *listing_open(int fd) {
    require(fd >= 0);
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return NULL;
    }
    struct listing *listing = memory_new(sizeof(*listing));
    listing->dir = dir;
    return listing;
}

void listing_close(struct listing *listing) {
    if (!listing) {
        return;
    }
    for (size_t i = listing->at; i < listing->count; i++) {
        free(listing->names[i]);
    }
    closedir(listing->dir);
    free(listing);
}

int listing_fd(const struct listing *listing) {
    return dirfd(listing->dir);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_bite(struct listing *listing) {
    listing->at = listing->count = 0;
    for (size_t i = 0; i < LISTING_ENTRIES_MAX && listing->count < LISTING_NAMES_MAX; i++) {
        const struct dirent *entry = readdir(listing->dir);
        if (!entry) { /* or it cannot be read any further: the next listing tries again */
            listing->ended = true;
            break;
        }
        listing->entries++;
        if (entry->d_type != DT_DIR && folder_is_candidate(entry->d_name)) {
            listing->names[listing->count++] = memory_string(entry->d_name);
        }
    }
    qsort(listing->names, listing->count, sizeof(*listing->names), by_name);
}

const char *listing_next(struct listing *listing) {
    require(listing->at <= listing->count && listing->count <= LISTING_NAMES_MAX);
    if (listing->at == listing->count && !listing->ended) {
        read_bite(listing);
    }
    return listing->at < listing->count ? listing->names[listing->at] : NULL;
}

void listing_pass(struct listing *listing) {
    require(listing->at < listing->count);
    free(listing->names[listing->at++]);
}

bool listing_put_back(struct listing *listing, const char *name) {
    require(listing->at <= listing->count);
    if (listing->at == 0) {
        return false;
    }
    listing->names[--listing->at] = memory_string(name);
    return true;
}

bool listing_ended(const struct listing *listing) {
    return listing->ended && listing->at == listing->count;
}

size_t listing_entries(const struct listing *listing) {
    return listing->entries;
}
