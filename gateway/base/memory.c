/*
 * memory.c - allocation, and the one place where the process ends for want of it.
 */
#include "base/memory.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/standard_error.h"

#define EXIT_OUT_OF_MEMORY 71 /* EX_OSERR */

/* _exit: other threads still run, so nothing of theirs may be torn down under them. */
_Noreturn void memory_exhausted(void) {
    static const char sentence[] = "clearway: out of memory\n";
    (void)standard_error_write(sentence, sizeof(sentence) - 1);
    _exit(EXIT_OUT_OF_MEMORY);
}

/* CLEARWAY_FAIL_ALLOCATION: allocations still to go until one fails; 0: none will. */
enum { NOT_READ = -1, NEVER = 0 };
static atomic_long fail_in = NOT_READ;

static bool is_made_to_fail(void) {
    long left = atomic_load_explicit(&fail_in, memory_order_relaxed);
    if (left == NEVER) {
        return false;
    }
    if (left == NOT_READ) {
        const char *value = getenv("CLEARWAY_FAIL_ALLOCATION");
        long n = value ? strtol(value, NULL, 10) : NEVER;
        long expected = NOT_READ;
        atomic_compare_exchange_strong(&fail_in, &expected, n > 0 ? n : NEVER);
        return is_made_to_fail();
    }
    return atomic_fetch_sub(&fail_in, 1) == 1;
}

static size_t product(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        memory_exhausted();
    }
    return bytes ? bytes : 1;
}

void *memory_new(size_t size) {
    return memory_array(1, size);
}

void *memory_array(size_t count, size_t size) {
    void *bytes = is_made_to_fail() ? NULL : calloc(1, product(count, size));
    if (!bytes) {
        memory_exhausted();
    }
    return bytes;
}

void *memory_grow(void *old, size_t count, size_t size) {
    void *bytes = is_made_to_fail() ? NULL : realloc(old, product(count, size));
    if (!bytes) {
        memory_exhausted();
    }
    return bytes;
}

char *memory_string(const char *string) {
    if (!string) {
        return NULL;
    }
    size_t size = strlen(string) + 1;
    return memcpy(memory_grow(NULL, size, 1), string, size);
}

uint64_t memory_available(void) {
    FILE *file = fopen("/proc/meminfo", "re");
    char line[128];
    unsigned long long kib = 0;
    while (file && fgets(line, sizeof(line), file) && sscanf(line, "MemAvailable: %llu kB", &kib) != 1) {
    }
    if (file) {
        fclose(file);
    }
    return (uint64_t)kib << 10;
}
