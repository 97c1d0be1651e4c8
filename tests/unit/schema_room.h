/*
 * schema_room.h - for tests: a folder of its own under /tmp with files written into it, and gone afterwards.
 */
#ifndef TESTS_SCHEMA_ROOM_H
#define TESTS_SCHEMA_ROOM_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"

#define XSD_HEAD "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>\n"
#define XSD_TAIL "\n</xs:schema>\n"

struct schema_room {
    char path[64];
};

static inline struct schema_room room_open(void) {
    struct schema_room room = { "/tmp/clearway-schema-XXXXXX" };
    require(mkdtemp(room.path));
    return room;
}

static inline int room_remove(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    return remove(path);
}

static inline void room_close(const struct schema_room *room) {
    nftw(room->path, room_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* name may hold folders. Returns the path, good until the next four calls. */
static inline const char *room_write(const struct schema_room *room, const char *name, struct text bytes) {
    static char paths[4][512];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", room->path, name);
    for (char *slash = path + strlen(room->path) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    require(file && fwrite(bytes.at, 1, bytes.length, file) == bytes.length && fclose(file) == 0);
    return path;
}

static inline const char *room_text(const struct schema_room *room, const char *name, const char *text) {
    return room_write(room, name, text_of(text));
}

#endif
