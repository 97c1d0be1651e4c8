#include "tests/fault/fault_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#define SECTOR 512

uint64_t fault_dice(uint64_t *dice) {
    *dice ^= *dice << 13; /* xorshift64 */
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    return *dice;
}

/* ---- names ---- */

static int find_name(const struct fault_name *names, int count, const char *name) {
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void set_name(struct fault_name *names, int *count, const char *name, int file) {
    int i = find_name(names, *count, name);
    if (i < 0) {
        require(*count < FAULT_NAMES);
        i = (*count)++;
        snprintf(names[i].name, sizeof(names[i].name), "%s", name);
    }
    names[i].file = file;
}

static int file_of(const struct fault_disk *disk, const char *name) {
    int i = find_name(disk->current, disk->current_count, name);
    return i < 0 ? -1 : disk->current[i].file;
}

static void change_name(struct fault_disk *disk, struct fault_change *change, const char *name, int file) {
    set_name(disk->current, &disk->current_count, name, file);
    struct fault_name *item = &change->changes[change->count++];
    snprintf(item->name, sizeof(item->name), "%s", name);
    item->file = file;
}

static struct fault_change *new_change(struct fault_disk *disk) {
    require(disk->change_count < FAULT_NAMES);
    struct fault_change *change = &disk->changes[disk->change_count++];
    change->count = 0;
    return change;
}

static void apply(struct fault_name *names, int *count, const struct fault_change *change) {
    for (int i = 0; i < change->count; i++) {
        set_name(names, count, change->changes[i].name, change->changes[i].file);
    }
}

/* ---- files ---- */

static size_t read_whole(int fd, uint8_t **bytes) {
    struct stat metadata;
    require(fstat(fd, &metadata) == 0);
    *bytes = memory_new((size_t)metadata.st_size + 1);
    require(pread(fd, *bytes, (size_t)metadata.st_size, 0) == metadata.st_size);
    return (size_t)metadata.st_size;
}

static void note_synced(struct fault_file *file) {
    free(file->durable);
    file->durable_size = read_whole(file->fd, &file->durable);
}

static int new_file(struct fault_disk *disk, int fd) {
    require(disk->file_count < FAULT_FILES);
    struct fault_file *file = &disk->files[disk->file_count];
    file->fd = dup(fd);
    require(file->fd >= 0);
    file->durable = memory_new(1);
    file->durable_size = 0;
    return disk->file_count++;
}

/* ---- counting and failing ---- */

static bool is_index(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && strcmp(dot, ".idx") == 0;
}

/* True: the call fails now, with errno set (SHORT_WRITE: with errno 0). */
static bool meet(struct fault_disk *disk, enum fault_call call, bool index) {
    bool after = disk->tripped && pthread_equal(disk->tripped_by, pthread_self());
    disk->writes_after += after && call == CALL_WRITE && !index;
    if (!(disk->kinds & CALL_BIT(call)) || index != disk->index_files) {
        return false;
    }
    disk->calls++;
    if (disk->before) {
        disk->before(disk, call, disk->context);
    }
    bool fails =
        disk->calls == disk->fail_at || (disk->for_ever && disk->fail_at && disk->calls > disk->fail_at);
    if (fails && !disk->tripped) {
        disk->tripped = true;
        disk->tripped_by = pthread_self();
    }
    errno = disk->error == SHORT_WRITE ? 0 : disk->error;
    return fails;
}

/* ---- the calls ---- */

static int fault_open(void *context, int folder, const char *name, int flags) {
    struct fault_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    int fd = -1;
    if (!meet(disk, CALL_OPEN, is_index(name))) {
        bool existed = faccessat(folder, name, F_OK, 0) == 0;
        int file = file_of(disk, name);
        int read_fd = file < 0 && existed ? openat(folder, name, O_RDONLY | O_CLOEXEC) : -1;
        if (read_fd >= 0) { /* from before our time: all of it is durable */
            file = new_file(disk, read_fd);
            note_synced(&disk->files[file]);
            set_name(disk->names, &disk->name_count, name, file);
            set_name(disk->current, &disk->current_count, name, file);
            close(read_fd);
        }
        fd = disk_real.open(NULL, folder, name, flags);
        if (fd >= 0 && !existed) {
            int read_again = openat(folder, name, O_RDONLY | O_CLOEXEC);
            file = new_file(disk, read_again);
            close(read_again);
            change_name(disk, new_change(disk), name, file);
        }
        if (fd >= 0) {
            require(fd < 1024);
            disk->of_fd[fd] = file + 1;
            disk->index_fd[fd] = is_index(name);
        }
    }
    pthread_mutex_unlock(&disk->lock);
    return fd;
}

static int fault_close(void *context, int fd) {
    struct fault_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    disk->of_fd[fd] = 0;
    int result = close(fd);
    pthread_mutex_unlock(&disk->lock);
    return result;
}

static ssize_t fault_read(void *context, int fd, void *bytes, size_t length, uint64_t offset) {
    struct fault_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    ssize_t result = meet(disk, CALL_READ, disk->index_fd[fd]) ? -1 : pread(fd, bytes, length, (off_t)offset);
    pthread_mutex_unlock(&disk->lock);
    return result;
}

static ssize_t fault_write(void *context, int fd, const void *bytes, size_t length, uint64_t offset) {
    struct fault_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    ssize_t result = -1;
    if (!meet(disk, CALL_WRITE, disk->index_fd[fd])) {
        result = pwrite(fd, bytes, length, (off_t)offset);
    } else if (disk->error == SHORT_WRITE) {
        result = pwrite(fd, bytes, (length + 1) / 2, (off_t)offset);
    } else { /* a part of it may have arrived all the same */
        require(pwrite(fd, bytes, length / 3, (off_t)offset) >= 0);
        errno = disk->error;
    }
    pthread_mutex_unlock(&disk->lock);
    return result;
}

static int fault_sync(void *context, int fd) {
    struct fault_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    bool fails = meet(disk, CALL_SYNC, disk->index_fd[fd]);
    if (!fails) {
        note_synced(&disk->files[disk->of_fd[fd] - 1]);
    }
    pthread_mutex_unlock(&disk->lock);
    return fails ? -1 : 0;
}

static int fault_sync_names(void *context, int folder) {
    struct fault_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    bool fails = meet(disk, CALL_SYNC_NAMES, false);
    if (!fails) {
        for (int i = 0; i < disk->change_count; i++) {
            apply(disk->names, &disk->name_count, &disk->changes[i]);
        }
        disk->change_count = 0;
    }
    pthread_mutex_unlock(&disk->lock);
    return fails ? -1 : 0;
}

/* Not counted: advice may be ignored. */
static int fault_advise(void *context, int fd, uint64_t offset, uint64_t length, int advice) {
    return disk_real.advise(NULL, fd, offset, length, advice);
}

static int fault_rename(void *context, int folder, const char *from, const char *to) {
    struct fault_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    int result = meet(disk, CALL_RENAME, false) ? -1 : disk_real.rename(NULL, folder, from, to);
    if (result == 0) {
        struct fault_change *change = new_change(disk);
        change_name(disk, change, to, file_of(disk, from));
        change_name(disk, change, from, -1);
    }
    pthread_mutex_unlock(&disk->lock);
    return result;
}

static int fault_unlink(void *context, int folder, const char *name) {
    struct fault_disk *disk = context;
    pthread_mutex_lock(&disk->lock);
    int result = meet(disk, CALL_UNLINK, false) ? -1 : disk_real.unlink(NULL, folder, name);
    if (result == 0) {
        change_name(disk, new_change(disk), name, -1);
    }
    pthread_mutex_unlock(&disk->lock);
    return result;
}

static uint64_t plenty(void *context, const char *directory) {
    return UINT64_C(1) << 40;
}

void fault_disk_init(struct fault_disk *disk) {
    memset(disk, 0, sizeof(*disk));
    pthread_mutex_init(&disk->lock, NULL);
    disk->kinds = CALLS_ALL;
    disk->disk = (struct disk){
        .open = fault_open,
        .close = fault_close,
        .read = fault_read,
        .write = fault_write,
        .sync = fault_sync,
        .sync_names = fault_sync_names,
        .advise = fault_advise,
        .rename = fault_rename,
        .unlink = fault_unlink,
        .free_bytes = plenty,
        .context = disk,
    };
}

void fault_disk_release(struct fault_disk *disk) {
    for (int i = 0; i < disk->file_count; i++) {
        close(disk->files[i].fd);
        free(disk->files[i].durable);
    }
    pthread_mutex_destroy(&disk->lock);
}

/* ---- the cut ---- */

static bool arrives(enum cut how, uint64_t *dice) {
    return how == CUT_ALL_KEPT || (how == CUT_RANDOM && fault_dice(dice) >> 32 & 1);
}

static void write_file(int folder, const char *name, const uint8_t *bytes, size_t size) {
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    require(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

static void cut_file(const struct fault_file *file, enum cut how, uint64_t *dice, int folder,
                     const char *name) {
    uint8_t *now;
    size_t now_size = read_whole(file->fd, &now);
    size_t size = arrives(how, dice) ? now_size : file->durable_size;
    uint8_t *found = memory_new(size + 1);
    memcpy(found, file->durable, size < file->durable_size ? size : file->durable_size);
    for (size_t at = 0; at < size && at < now_size; at += SECTOR) {
        size_t end = at + SECTOR < now_size ? at + SECTOR : now_size;
        end = end < size ? end : size;
        if (memcmp(found + at, now + at, end - at) != 0 && arrives(how, dice)) {
            memcpy(found + at, now + at, end - at);
        }
    }
    write_file(folder, name, found, size);
    free(found);
    free(now);
}

/* Opens target/journal, made if need be, with nothing in it. */
static int empty_folder(const char *target) {
    char path[300];
    snprintf(path, sizeof(path), "%s/journal", target);
    mkdir(target, 0700);
    mkdir(path, 0700);
    DIR *dir = opendir(path);
    require(dir);
    for (const struct dirent *item; (item = readdir(dir));) {
        unlinkat(dirfd(dir), item->d_name, 0);
    }
    int folder = dup(dirfd(dir));
    closedir(dir);
    return folder;
}

void fault_disk_cut(struct fault_disk *disk, enum cut how, uint64_t *dice, const char *target) {
    int folder = empty_folder(target);
    static struct fault_name names[FAULT_NAMES]; /* under the disk's lock; one test, one disk */
    int count = disk->name_count;
    memcpy(names, disk->names, sizeof(names));
    int arrived = how == CUT_ALL_LOST   ? 0
                  : how == CUT_ALL_KEPT ? disk->change_count
                                        : (int)(fault_dice(dice) % (uint64_t)(disk->change_count + 1));
    for (int i = 0; i < arrived; i++) {
        apply(names, &count, &disk->changes[i]);
    }
    for (int i = 0; i < count; i++) {
        if (names[i].file >= 0) {
            cut_file(&disk->files[names[i].file], how, dice, folder, names[i].name);
        }
    }
    close(folder);
}

/* ---- the real disk without waiting ---- */

static int no_sync(void *context, int fd) {
    return 0;
}

struct disk disk_lazy(void) {
    struct disk disk = disk_real;
    disk.sync = no_sync;
    disk.sync_names = no_sync;
    disk.free_bytes = plenty;
    return disk;
}
