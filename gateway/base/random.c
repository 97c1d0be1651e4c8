/*
 * random.c - getrandom() gives up to 256 bytes whole once the kernel's pool is ready, which it waits for.
 */
#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/status.h"

void random_fill(void *bytes, size_t length) {
    ssize_t got;
    require(length <= 256);
    do {
        got = getrandom(bytes, length, 0);
    } while (got < 0 && errno == EINTR);
    require(got == (ssize_t)length);
}
