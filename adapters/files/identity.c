/*
 * identity.c - links, bind mounts and spellings give one folder many names. So each folder, each of its
 * boxes and all that lies above them is asked for device and inode, which tell what it is.
 */
#include "adapters/files/identity.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "adapters/files/folder.h"

static const char *folder_of(const struct party *party) {
    return stanza_text(party_stanza(party, "files"), "folder");
}

/* A folder on a share may come later, and is served from then on: a warning. */
static void check_usable(const char *file, const struct edition *edition, struct verdict *mistakes) {
    for (size_t i = 0; i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        struct stat info;
        int why = 0;
        if (!*folder_of(party)) {
            continue;
        }
        if (stat(folder_of(party), &info) != 0) {
            why = errno;
        } else if (!S_ISDIR(info.st_mode)) {
            why = ENOTDIR;
        } else if (access(folder_of(party), R_OK | W_OK | X_OK) != 0) {
            why = errno;
        }
        if (why != 0) {
            verdict_add(
                mistakes,
                &(struct finding){
                    .code = "LINT-PARTY",
                    .severity = SEVERITY_WARNING,
                    .file = file,
                    .zh = arena_printf(mistakes->arena, "参与方 %s 的文件夹 %s 现在不可用：%s", party->code,
                                       folder_of(party), error_sentence(why, LANGUAGE_ZH)),
                    .en = arena_printf(mistakes->arena, "the folder %s of %s cannot be used now: %s",
                                       folder_of(party), party->code, error_sentence(why, LANGUAGE_EN)),
                    .hint_zh = "在其可用之前，既不收取也不投递",
                    .hint_en = "until it can, nothing is taken from it or delivered",
                });
        }
    }
}

/* --- one folder under two names ------------------------------------------------------------------------- */

/* Links, bind mounts and spellings give one folder many names: device and inode tell what it is. */
struct folder_id {
    dev_t device;
    ino_t inode;
    const struct party *party;
};

static int by_id(const void *a, const void *b) {
    const struct folder_id *left = a, *right = b;
    if (left->device != right->device) {
        return left->device < right->device ? -1 : 1;
    }
    return left->inode < right->inode ? -1 : left->inode > right->inode;
}

/* Another party's that is the same folder; NULL: none. */
static const struct folder_id *held_by_another(const struct folder_id *ids, size_t count,
                                               const struct folder_id *id) {
    size_t low = 0;
    for (size_t high = count; low < high;) {
        size_t middle = (low + high) / 2;
        if (by_id(&ids[middle], id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < count && by_id(&ids[low], id) == 0; low++) {
        if (ids[low].party != id->party) {
            return &ids[low];
        }
    }
    return NULL;
}

static void say_shared(const char *file, const struct party *party, const char *path,
                       const struct party *other, struct verdict *mistakes) {
    verdict_add(
        mistakes,
        &(struct finding){
            .code = "LINT-PARTY",
            .severity = SEVERITY_ERROR,
            .file = file,
            .zh = arena_printf(mistakes->arena, "参与方 %s 的文件夹 %s 就是参与方 %s 的文件夹 %s，或位于其内",
                               party->code, path, other->code, folder_of(other)),
            .en = arena_printf(mistakes->arena, "the folder %s of %s is, or lies in, the folder %s of %s",
                               path, party->code, folder_of(other), other->code),
            .hint_zh = "名称不同，却是磁盘上的同一个文件夹（链接、挂载）：各参与方须有自己的文件夹",
            .hint_en = "two names of one folder on the disk (a link, a mount): each party needs its own",
        });
}

/* The party's folder and its boxes, each of which could be a mount of another's. */
static const char *const places[] = { "",
#define X(name, text) "/" text,
                                      BOX_LIST(X)
#undef X
};
#define PLACES (sizeof(places) / sizeof(*places))

/* False: it, or one above it, is another's, which is told. */
static bool look_above(const char *file, const struct party *party, const char *folder,
                       const struct folder_id *ids, size_t count, struct verdict *mistakes) {
    char path[PATH_MAX];
    struct stat info;
    if (!realpath(folder, path)) {
        return true; /* not there yet */
    }
    for (char *slash; (slash = strrchr(path, '/')); *slash = '\0') {
        const struct folder_id *other = NULL;
        if (stat(*path ? path : "/", &info) == 0) {
            other = held_by_another(ids, count, &(struct folder_id){ info.st_dev, info.st_ino, party });
        }
        if (other) {
            say_shared(file, party, folder, other->party, mistakes);
            return false;
        }
    }
    return true;
}

static const char *part_of(const struct party *party, size_t part, struct arena *arena) {
    return arena_printf(arena, "%s%s", folder_of(party), places[part]);
}

static void check_identities(const char *file, const struct edition *edition, struct verdict *mistakes) {
    const struct parties *parties = edition->parties;
    struct folder_id *ids = memory_array(PLACES * parties->count + 1, sizeof(*ids));
    struct arena *arena = arena_new();
    size_t count = 0;
    for (size_t i = 0; i < PLACES * parties->count; i++) {
        const struct party *party = &parties->list[i / PLACES];
        struct stat info;
        if (*folder_of(party) && stat(part_of(party, i % PLACES, arena), &info) == 0) {
            ids[count++] = (struct folder_id){ info.st_dev, info.st_ino, party };
        }
    }
    qsort(ids, count, sizeof(*ids), by_id);
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        bool apart = *folder_of(party) != '\0';
        for (size_t part = 0; apart && part < PLACES; part++) {
            apart = look_above(file, party, part_of(party, part, arena), ids, count, mistakes);
        }
    }
    arena_free(arena);
    free(ids);
}

void folders_check(const char *file, const struct edition *edition, struct verdict *mistakes) {
    check_usable(file, edition, mistakes);
    check_identities(file, edition, mistakes);
}
