/*
 * descriptors.h - how many files and sockets the process may have open, and a few put by for what must go on.
 *
 * Connections come from outside and can take every descriptor there is. So the limit is raised as far as the
 * system lets us; who accepts connections leaves a part of it to the rooms; and because a library may accept
 * what we do not see, some descriptors are opened ahead, and given up one by one when a file has to be opened
 * and there are none.
 *
 * Thread    any.
 */
#ifndef BASE_DESCRIPTORS_H
#define BASE_DESCRIPTORS_H

#include <stddef.h>
#include <sys/types.h>

#define DESCRIPTORS_PUT_BY_MAX 64

size_t descriptors_raise(void); /* the soft limit to the hard one; returns what it is now */
/* How many of `limit` connections may take when the rooms need `needed` at most; never less than a half. */
size_t descriptors_for_connections(size_t limit, size_t needed);
void descriptors_put_by(size_t count); /* up to DESCRIPTORS_PUT_BY_MAX; 0: gives them all back */
/* openat(), which falls back on what was put by. -1 and EMFILE or ENFILE: that is used up, too; try again
   later. */
int descriptors_open(int folder, const char *path, int flags, mode_t mode);
int descriptors_close(int fd); /* close(), which puts by again what was given up */

#endif
