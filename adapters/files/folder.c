/*
 * folder.c - every step works on descriptors, never on a path a partner could change under it.
 */
#include "adapters/files/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"

#define SHOWN_MAX   180 /* room for "Successed_", a record number and ".xml" in 255 bytes */
#define CLASHES_MAX 1000
#define TEMP_PREFIX ".clearway-"

static const struct {
    const char *code, *zh, *en;
} faults[] = {
#define X(name, code, zh, en) { code, zh, en },
    FILE_FAULT_LIST(X)
#undef X
};

static const char *const box_names[] = {
#define X(name, text) text,
    BOX_LIST(X)
#undef X
};

const char *file_fault_code(enum file_fault fault) {
    require((size_t)fault < sizeof(faults) / sizeof(*faults));
    return faults[fault].code;
}

const char *file_fault_sentence(enum file_fault fault, enum language language) {
    require((size_t)fault < sizeof(faults) / sizeof(*faults));
    return language == LANGUAGE_ZH ? faults[fault].zh : faults[fault].en;
}

/* A link is never followed: what it leads to is not there. */
static enum status status_of_errno(int error) {
    return error == ELOOP ? STATUS_NOT_FOUND : file_status(error);
}

/* --- the boxes --------------------------------------------------------------------------------------- */

static int open_folder(const char *folder) {
    return open(folder,
                O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* its path, and links in it, are the operator's */
}

static int open_box(int folder_fd, enum box box) {
    return openat(folder_fd, box_names[box], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

enum status folder_open_box(const char *folder, enum box box, int *fd) {
    require(box >= BOX_OUT && box <= BOX_FAIL);
    int folder_fd = open_folder(folder);
    *fd = folder_fd < 0 ? -1 : open_box(folder_fd, box);
    enum status status = *fd < 0 ? status_of_errno(errno) : STATUS_OK;
    if (folder_fd >= 0) {
        close(folder_fd);
    }
    return status;
}

bool folder_holds(const char *folder, enum box box, const char *name) {
    struct stat info;
    int fd;
    if (folder_open_box(folder, box, &fd) != STATUS_OK) {
        return false;
    }
    bool there = fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
    close(fd);
    return there;
}

static void remove_half_written(int box_fd) {
    int fd = dup(box_fd);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strncmp(entry->d_name, TEMP_PREFIX, strlen(TEMP_PREFIX)) == 0) {
            unlinkat(box_fd, entry->d_name, 0);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

static enum status prepare_box(int folder_fd, enum box box) {
    if (mkdirat(folder_fd, box_names[box], 0770) != 0 && errno != EEXIST) {
        return status_of_errno(errno);
    }
    int fd = open_box(folder_fd, box);
    if (fd < 0) {
        return status_of_errno(errno);
    }
    remove_half_written(fd);
    close(fd);
    return STATUS_OK;
}

enum status folder_prepare(const char *folder) {
    int fd = open_folder(folder);
    if (fd < 0) {
        return status_of_errno(errno);
    }
    enum status status = STATUS_OK;
    for (int box = BOX_OUT; box <= BOX_FAIL && status == STATUS_OK; box++) {
        status = prepare_box(fd, (enum box)box);
    }
    if (status == STATUS_OK && fsync(fd) != 0) {
        status = STATUS_IO;
    }
    close(fd);
    return status;
}

/* --- names ------------------------------------------------------------------------------------------- */

static bool begins_with(const char *name, const char *what) {
    return strncasecmp(name, what, strlen(what)) == 0;
}

static bool ends_with(const char *name, const char *what) {
    size_t length = strlen(name), end = strlen(what);
    return length >= end && strcasecmp(name + length - end, what) == 0;
}

static bool is_name(const char *name, const char *what) {
    return strcasecmp(name, what) == 0;
}

/* Of what is still written, or is no file of its user's: sFTP clients, browsers, Office, Explorer. */
static const struct {
    bool (*fits)(const char *name, const char *what);
    const char *what;
} left_alone[] = {
    { begins_with, "." },         { begins_with, "~$" },      { ends_with, ".tmp" },
    { ends_with, ".part" },       { ends_with, ".filepart" }, { ends_with, ".partial" },
    { ends_with, ".crdownload" }, { is_name, "Thumbs.db" },   { is_name, "desktop.ini" },
};

bool folder_is_candidate(const char *name) {
    for (size_t i = 0; i < sizeof(left_alone) / sizeof(*left_alone); i++) {
        if (left_alone[i].fits(name, left_alone[i].what)) {
            return false;
        }
    }
    return true;
}

const char *folder_show(const char *name, char out[FOLDER_NAME_MAX]) {
    const char *end = name + strlen(name);
    size_t length = 0;
    for (const char *at = name; at < end;) {
        const char *next = at;
        int32_t character = text_next(&next, end);
        bool plain = character >= 0x20 && character != 0x7F && character != '/' && character != '%';
        size_t size = plain ? (size_t)(next - at) : 3;
        if (length + size > SHOWN_MAX) {
            break;
        }
        if (plain) {
            memcpy(out + length, at, size);
            at = next;
        } else {
            snprintf(out + length, 4, "%%%02X", (unsigned char)*at++);
        }
        length += size;
    }
    out[length] = '\0';
    return out;
}

/* "a.xml" with mark "42" becomes "a_42.xml", cut so that it stays a name;
 * between characters, where there are any. */
static void mark_name(const char *name, const char *mark, char out[FOLDER_NAME_MAX]) {
    const char *dot = strrchr(name, '.');
    size_t length = strlen(name);
    size_t stem = dot && dot != name && name + length - dot <= 16 ? (size_t)(dot - name) : length;
    size_t rest = length - stem + strlen(mark) + 1;
    size_t room = FOLDER_NAME_MAX - 1 - rest;
    if (stem > room) {
        size_t cut = room;
        while (cut > room - 4 && ((unsigned char)name[cut] & 0xC0) == 0x80) {
            cut--;
        }
        snprintf(out, FOLDER_NAME_MAX, "%.*s_%s%s", (int)cut, name, mark, name + stem);
    } else {
        snprintf(out, FOLDER_NAME_MAX, "%.*s_%s%s", (int)stem, name, mark, name + stem);
    }
}

/* The n-th choice of a name: itself; then, with a mark, "a_MARK", "a_MARK_2" ...; without one "a_2", "a_3"
   ... */
static void choose_name(const char *name, const char *mark, int n, char out[FOLDER_NAME_MAX]) {
    char what[64];
    if (n == 0) {
        snprintf(out, FOLDER_NAME_MAX, "%s", name);
        return;
    }
    if (!mark) {
        snprintf(what, sizeof(what), "%d", n + 1);
    } else if (n == 1) {
        snprintf(what, sizeof(what), "%s", mark);
    } else {
        snprintf(what, sizeof(what), "%s_%d", mark, n);
    }
    mark_name(name, what, out);
}

/* --- taking a file ----------------------------------------------------------------------------------- */

static struct file_identity identity_of(const struct stat *info) {
    return (struct file_identity){ info->st_dev, info->st_ino, info->st_size, info->st_mtim };
}

static bool is_same(const struct file_identity *a, const struct file_identity *b) {
    return a->device == b->device && a->inode == b->inode && a->size == b->size
           && a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

static enum file_fault judge(const struct stat *file, const struct stat *box, size_t size_max) {
    if (S_ISLNK(file->st_mode)) {
        return FILE_FAULT_LINK;
    }
    if (!S_ISREG(file->st_mode)) {
        return S_ISDIR(file->st_mode) ? FILE_FAULT_FOLDER : FILE_FAULT_KIND;
    }
    if (file->st_nlink != 1) {
        return file->st_nlink ? FILE_FAULT_NAMES : FILE_FAULT_GONE;
    }
    if (file->st_uid != box->st_uid && file->st_uid != geteuid()) {
        return FILE_FAULT_OWNER;
    }
    if (file->st_dev != box->st_dev) {
        return FILE_FAULT_DEVICE;
    }
    return (uint64_t)file->st_size > size_max ? FILE_FAULT_SIZE : FILE_FAULT_GOOD;
}

static bool is_young(const struct stat *info, int settle_ms) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_s = now.tv_sec - info->st_mtim.tv_sec;
    int64_t age_ms = age_s * 1000 + (now.tv_nsec - info->st_mtim.tv_nsec) / 1000000;
    return age_ms > -settle_ms && age_ms < settle_ms; /* a clock that jumped must not keep a file for ever */
}

/* A read lease is granted only while nobody has the file open for writing. Where leases do not work (a
 * foreign file system, another owner) its age must do. The lease is given back at once; should somebody open
 * the file in between, the kernel tells us by a signal that is ignored by default. */
static bool somebody_writes(int fd) {
    fcntl(fd, F_SETSIG, SIGURG);
    bool held = fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    fcntl(fd, F_SETLEASE, F_UNLCK);
    return held;
}

static enum file_fault read_whole(int fd, size_t size, struct buf *bytes) {
    char piece[64 * 1024];
    for (uint64_t offset = 0;;) {
        ssize_t got = pread(fd, piece, sizeof(piece), (off_t)offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return FILE_FAULT_READ;
        }
        if (got == 0) {
            return offset == size ? FILE_FAULT_GOOD : FILE_FAULT_RESTLESS;
        }
        offset += (uint64_t)got;
        if (offset > size) {
            return FILE_FAULT_RESTLESS;
        }
        buf_add(bytes, piece, (size_t)got);
    }
}

static enum file_fault read_open(int fd, bool moved_in, int settle_ms, struct buf *bytes,
                                 struct stat *before) {
    if (somebody_writes(fd) || (!moved_in && is_young(before, settle_ms))) {
        return FILE_FAULT_RESTLESS;
    }
    enum file_fault fault = read_whole(fd, (size_t)before->st_size, bytes);
    struct stat after;
    if (fault == FILE_FAULT_GOOD && fstat(fd, &after) != 0) {
        fault = FILE_FAULT_READ;
    }
    if (fault == FILE_FAULT_GOOD) {
        struct file_identity then = identity_of(before), now = identity_of(&after);
        fault = is_same(&then, &now) ? FILE_FAULT_GOOD : FILE_FAULT_RESTLESS;
    }
    return fault;
}

enum file_fault folder_read(int box_fd, const char *name, bool moved_in, int settle_ms, struct buf *bytes,
                            struct file_identity *identity) {
    require(box_fd >= 0 && settle_ms >= 0);
    struct stat box, file;
    if (fstat(box_fd, &box) != 0 || fstatat(box_fd, name, &file, AT_SYMLINK_NOFOLLOW) != 0) {
        return FILE_FAULT_GONE;
    }
    *identity = identity_of(&file);
    enum file_fault fault = judge(&file, &box, bytes->max);
    if (fault != FILE_FAULT_GOOD) {
        return fault == FILE_FAULT_SIZE && !moved_in && is_young(&file, settle_ms) ? FILE_FAULT_RESTLESS
                                                                                   : fault;
    }
    int fd = openat(box_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? FILE_FAULT_GONE : errno == ELOOP ? FILE_FAULT_LINK : FILE_FAULT_READ;
    }
    bool known = fstat(fd, &file) == 0; /* what we opened, not what was there before */
    fault = known ? judge(&file, &box, bytes->max) : FILE_FAULT_READ;
    if (fault == FILE_FAULT_GOOD) {
        *identity = identity_of(&file);
        fault = read_open(fd, moved_in, settle_ms, bytes, &file);
    }
    close(fd);
    return fault;
}

/* --- putting a file ---------------------------------------------------------------------------------- */

static enum status write_temporary(int box_fd, const char *temporary, struct text bytes) {
    unlinkat(box_fd, temporary, 0);
    int fd = openat(box_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0660);
    if (fd < 0) {
        return status_of_errno(errno);
    }
    enum status status = file_write_all(fd, bytes.at, bytes.length, 0);
    if (status == STATUS_OK && fsync(fd) != 0) {
        status = STATUS_IO;
    }
    if (close(fd) != 0 && status == STATUS_OK) {
        status = STATUS_IO;
    }
    return status;
}

static bool holds_same(int box_fd, const char *name, struct text bytes) {
    int fd = openat(box_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat info;
    bool same =
        fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (uint64_t)info.st_size == bytes.length;
    if (same) {
        struct buf there;
        buf_init(&there, bytes.length);
        same = read_whole(fd, bytes.length, &there) == FILE_FAULT_GOOD && text_equal(buf_text(&there), bytes);
        buf_release(&there);
    }
    if (fd >= 0) {
        close(fd);
    }
    return same;
}

/* A rename that never replaces; where the file system does not know it, link and unlink do the same. */
static int rename_new(int from_fd, const char *from, int to_fd, const char *to) {
    if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -1;
    }
    return linkat(from_fd, from, to_fd, to, 0) == 0 ? unlinkat(from_fd, from, 0) : -1;
}

static enum status place_temporary(int box_fd, const char *temporary, const char *name, struct text bytes) {
    for (int n = 0; n < CLASHES_MAX; n++) {
        char chosen[FOLDER_NAME_MAX];
        choose_name(name, NULL, n, chosen);
        if (rename_new(box_fd, temporary, box_fd, chosen) == 0) {
            return fsync(box_fd) == 0 ? STATUS_OK : STATUS_IO;
        }
        if (errno != EEXIST) {
            return status_of_errno(errno);
        }
        if (holds_same(box_fd, chosen, bytes)) { /* an earlier life got this far, perhaps not to the sync */
            unlinkat(box_fd, temporary, 0);
            return fsync(box_fd) == 0 ? STATUS_OK : STATUS_IO;
        }
    }
    return STATUS_FULL;
}

enum status folder_place(int box_fd, const char *name, struct text bytes) {
    require(box_fd >= 0 && *name);
    static atomic_uint count;
    char temporary[64];
    snprintf(temporary, sizeof(temporary), TEMP_PREFIX "%d-%u.tmp", (int)getpid(),
             atomic_fetch_add(&count, 1));
    enum status status = write_temporary(box_fd, temporary, bytes);
    if (status == STATUS_OK) {
        status = place_temporary(box_fd, temporary, name, bytes);
    }
    if (status != STATUS_OK) {
        unlinkat(box_fd, temporary, 0);
    }
    return status;
}

/* --- moving a file ----------------------------------------------------------------------------------- */

static bool is_that_file(int box_fd, const char *name, const struct file_identity *identity) {
    struct stat info;
    if (fstatat(box_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return false;
    }
    struct file_identity now = identity_of(&info);
    return !identity || is_same(identity, &now);
}

static enum status move_to_free_name(int out_fd, const char *name, int to_fd, const char *mark,
                                     char moved[FOLDER_NAME_MAX]) {
    for (int n = 0; n < CLASHES_MAX; n++) {
        choose_name(name, mark, n, moved);
        if (rename_new(out_fd, name, to_fd, moved) == 0) {
            return STATUS_OK;
        }
        if (errno != EEXIST) {
            return status_of_errno(errno);
        }
    }
    return STATUS_FULL;
}

static enum status move_between(int out_fd, int to_fd, const char *name, const struct file_identity *identity,
                                const char *mark) {
    char moved[FOLDER_NAME_MAX];
    if (!is_that_file(out_fd, name, identity)) {
        return STATUS_NOT_FOUND;
    }
    enum status status = move_to_free_name(out_fd, name, to_fd, mark, moved);
    if (status == STATUS_OK && !is_that_file(to_fd, moved, identity)) {
        char back[FOLDER_NAME_MAX]; /* replaced in the very moment: unread, so it goes back */
        status = move_to_free_name(to_fd, moved, out_fd, mark, back);
        status = status == STATUS_OK ? STATUS_NOT_FOUND : status;
    }
    if (fsync(to_fd) != 0 || fsync(out_fd) != 0) {
        status = STATUS_IO;
    }
    return status;
}

enum status folder_move(const char *folder, const char *name, const struct file_identity *identity,
                        enum box to, const char *mark) {
    require(to >= BOX_OUT && to <= BOX_FAIL);
    int out_fd = -1, to_fd = -1;
    enum status status = folder_open_box(folder, BOX_OUT, &out_fd);
    if (status == STATUS_OK) {
        status = folder_open_box(folder, to, &to_fd);
    }
    if (status == STATUS_OK) {
        status = move_between(out_fd, to_fd, name, identity, mark);
    }
    if (out_fd >= 0) {
        close(out_fd);
    }
    if (to_fd >= 0) {
        close(to_fd);
    }
    return status;
}
