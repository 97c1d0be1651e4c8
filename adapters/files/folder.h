/*
 * folder.h - a party's folder on disk and its four boxes, touched as if whoever writes there meant harm.
 *
 *   OutBox   the party drops messages here        SentBox  taken and accepted
 *   InBox    receipts and deliveries for it       FailBox  refused, or not fit to be read; there with a
 *                                                          reason file
 *
 * A file is taken only when it is a plain file of the folder's owner (or ours) with one name, on the box's
 * own file system, not too large, and at rest: nobody has it open for writing, and it is half a second old or
 * was moved in. No link is ever followed; one level only; names that programs give to what they still write
 * (".x", "x.tmp", "x.part", "x.filepart", "~$x") or lay beside files (Thumbs.db, desktop.ini) are left alone.
 * What is put into a box appears under its name whole and synced, or not at all, and never over another file.
 * Thread    any, one at a time per folder; every call may wait for the disk.
 */
#ifndef ADAPTERS_FOLDER_H
#define ADAPTERS_FOLDER_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/status.h"
#include "base/text.h"

#define BOX_LIST(X) X(OUT, "OutBox") X(IN, "InBox") X(SENT, "SentBox") X(FAIL, "FailBox")

enum box {
#define X(name, text) BOX_##name,
    BOX_LIST(X)
#undef X
};

/* clang-format off */
/*    name      code             zh                       en */
#define FILE_FAULT_LIST(X)                                                                                  \
    X(GOOD,      "",              "",                      "")                                              \
    X(RESTLESS,  "",              "仍在写入",              "still being written")                           \
    X(GONE,      "",              "文件已不在",            "gone again")                                    \
    X(FOLDER,    "",              "子目录不读取",          "a folder: only one level is read")              \
    X(LINK,      "FILES-LINK",    "符号链接，不予读取",    "a symbolic link: links are never followed")     \
    X(KIND,      "FILES-KIND",    "不是普通文件",          "not a plain file (a pipe, a device, a socket)") \
    X(NAMES,     "FILES-NAMES",   "文件有多个硬链接",      "the file has several names (hard links)")       \
    X(OWNER,     "FILES-OWNER",   "文件不属于目录所有者",  "the file does not belong to the folder's owner")\
    X(DEVICE,    "FILES-DEVICE",  "文件在另一文件系统",    "the file lies on another file system")          \
    X(SIZE,      "FILES-SIZE",    "文件超过大小限制",      "the file is larger than the limit")             \
    X(READ,      "FILES-READ",    "文件无法读取",          "the file cannot be read")                       \
    X(ZIP_DAMAGED,   "FILES-ZIP-DAMAGED",   "ZIP 压缩包不完整、已损坏，或含有多余内容",                     \
                         "the ZIP archive is not whole, is damaged, or has something beside its file")      \
    X(ZIP_ENTRIES,   "FILES-ZIP-ENTRIES",   "ZIP 压缩包内须有且仅有一个文件",                               \
                         "the ZIP archive must hold one file, and one alone")                               \
    X(ZIP_ENCRYPTED, "FILES-ZIP-ENCRYPTED", "ZIP 压缩包已加密",           "the ZIP archive is encrypted")   \
    X(ZIP_METHOD,    "FILES-ZIP-METHOD",    "ZIP 压缩方法只接受 stored 与 deflate",                         \
                         "of a ZIP archive only what is stored or deflated is read")                        \
    X(ZIP64,         "FILES-ZIP-EXTENDED",        "不接受 ZIP64 格式的压缩包",                                    \
                         "the archive is in the ZIP64 form, which no message needs")                        \
    X(ZIP_NAME,      "FILES-ZIP-NAME",      "ZIP 压缩包内的文件名不得含路径",                               \
                         "the file in the ZIP archive has a path, and not a plain name")                    \
    X(ZIP_NESTED,    "FILES-ZIP-NESTED",    "ZIP 压缩包内又是压缩包",                                       \
                         "what is in the ZIP archive is an archive again")                                  \
    X(ZIP_SIZE,      "FILES-ZIP-SIZE",      "ZIP 压缩包内的文件超过大小限制",                               \
                         "the file in the ZIP archive is larger than the limit")                            \
    X(ZIP_RATIO,     "FILES-ZIP-RATIO",     "ZIP 压缩包解压倍数超过上限",                                   \
                         "the file in the ZIP archive becomes too large for what it was")
/* clang-format on */

enum file_fault {
#define X(name, code, zh, en) FILE_FAULT_##name,
    FILE_FAULT_LIST(X)
#undef X
};

const char *file_fault_code(enum file_fault fault); /* "" when it is no reason to put the file away */
const char *file_fault_sentence(enum file_fault fault, enum language language);

#define FOLDER_NAME_MAX 256 /* with its NUL: what Linux allows */

/* Which file it was that we read: a name alone may have become another one meanwhile. */
struct file_identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
};

/* Makes the boxes that are missing, removes what an earlier life left half-written.
 * NOT_FOUND: the folder itself. */
enum status folder_prepare(const char *folder);
/* A descriptor of the box, no link followed. NOT_FOUND, IO. */
enum status folder_open_box(const char *folder, enum box box, int *fd);
bool folder_holds(const char *folder, enum box box, const char *name);
bool folder_is_candidate(const char *name); /* by its name alone */
/* Reads it whole into bytes (whose maximum is the limit). moved_in: it came by rename, so nobody is writing
   it. */
enum file_fault folder_read(int box_fd, const char *name, bool moved_in, int settle_ms, struct buf *bytes,
                            struct file_identity *identity);
/* The bytes appear in the box as `name`, or "name_2", "name_3" ... when that is another file.
 * Same bytes there: OK. */
enum status folder_place(int box_fd, const char *name, struct text bytes);
/* Moves OutBox/name to another box, under `name` or one with `mark` in it when that exists. identity: only if
 * it is still that file (NULL: whatever it is). NOT_FOUND: it is not, or gone. */
enum status folder_move(const char *folder, const char *name, const struct file_identity *identity,
                        enum box to, const char *mark);
/* A name to show and to build names from: UTF-8, without control characters;
 * other bytes as %XX, at most 180 bytes. */
const char *folder_show(const char *name, char out[FOLDER_NAME_MAX]);

#endif
