/*
 * file.h - the few ways we touch files: whole reads with a limit, durable replacement, directory sync,
 * one exclusive lock. Every call retries EINTR and short reads and writes.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"

/* Whether this errno says that there is no space or no descriptor now, which the world can mend while we
   run. */
bool file_lacks_room(int error);
/* What a failed call with this errno means: NOT_FOUND, FULL (as above) or IO. */
enum status file_status(int error);
/* A file that is none of pipes, devices and sockets, which might keep who reads it for ever. -1: errno says
 * why, EINVAL of such a one. */
int file_open_plain(const char *path);
/* Whole plain file into buf (appended). TOO_LARGE when there is more than the buf's maximum, which it then
 * holds; NOT_FOUND, IO. */
enum status file_read(const char *path, struct buf *buf);
/* The same of whatever a person names who waits for it: what another program writes, too. */
enum status file_read_any(const char *path, struct buf *buf);
enum status file_read_descriptor(int fd,
                                 struct buf *buf); /* the same from where it stands to its end; stays open */
bool file_is_directory(const char *path);
/* Descriptors 0, 1 and 2 that are closed become ones that fail: else the next file or socket opened would be
 * taken for standard output. First of all in a process. IO: there is no /dev/null. */
enum status file_occupy_standard(void);
/* Writes "path.tmp-<pid>", syncs, renames over path, syncs the directory. */
enum status file_replace(const char *path, struct text bytes);
enum status file_write_all(int fd, const void *bytes, size_t length, uint64_t offset); /* pwrite */
enum status file_sync(const char *path); /* of a file that nobody has open */
enum status file_sync_directory(const char *directory);
/* With parents, mode 0750; exists is OK. errno: why it is not there. */
enum status file_make_directory(const char *directory);
/* LOCKED while somebody else holds it, this process included; close(fd) unlocks. */
enum status file_lock(const char *path, int *fd);
/* The process that holds it, without taking it; 0: none, or one that cannot be seen from here. */
long file_lock_holder(const char *path);
uint64_t file_free_bytes(const char *directory); /* for us, on that file system; 0: cannot be told */
const char *file_join(struct arena *arena, const char *directory, const char *name);

#endif
