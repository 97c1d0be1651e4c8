/*
 * deciding.c - two numbers in a shared mapping.
 */
#include "engine/deciding.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"

struct place { _Atomic uint64_t cause, attempts; };
struct deciding { struct place *place; };

static enum status map_file(const char *path, struct place **out) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) {
        return STATUS_IO;
    }
    bool sized = ftruncate(fd, sizeof(struct place)) == 0;
    void *mapped = sized ? mmap(NULL, sizeof(struct place), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    close(fd);
    *out = mapped == MAP_FAILED ? NULL : mapped;
    return *out ? STATUS_OK : STATUS_IO;
}

enum status deciding_open(const char *directory, struct deciding **out) {
    struct arena *arena = arena_new();
    struct place *place;
    enum status status = map_file(file_join(arena, directory, "deciding"), &place);
    arena_free(arena);
    *out = NULL;
    if (status == STATUS_OK) {
        *out = memory_new(sizeof(**out));
        (*out)->place = place;
    }
    return status;
}

void deciding_close(struct deciding *deciding) {
    if (deciding) {
        munmap(deciding->place, sizeof(*deciding->place));
        free(deciding);
    }
}

bool deciding_begin(struct deciding *deciding, uint64_t cause) {
    struct place *place = deciding->place;
    uint64_t attempts = atomic_load(&place->cause) == cause ? atomic_load(&place->attempts) : 0;
    if (attempts >= DECIDING_ATTEMPTS_MAX) {
        return false;
    }
    atomic_store(&place->attempts, attempts + 1);      /* first: dying between the two must not lose an attempt */
    atomic_store(&place->cause, cause);
    return true;
}

void deciding_end(struct deciding *deciding) {
    atomic_store(&deciding->place->cause, 0);
}
