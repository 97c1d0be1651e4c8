/*
 * arena.c - blocks that double from 4 to 64 KiB, cut from the front; a big piece gets a block of its own.
 *
 * A small message costs one small block while it waits; an arena that is reset over and over keeps the
 * ordinary blocks it needed, up to KEPT_MAX bytes, and allocates no more.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define ALIGNMENT _Alignof(max_align_t)
#define BLOCK_MIN ((size_t)4 * 1024)
#define BLOCK_MAX ((size_t)64 * 1024)
#define KEPT_MAX  (4 * BLOCK_MAX)

struct arena_block {
    struct arena_block *next;
    size_t size; /* of bytes[] */
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct arena_block *blocks; /* the first is the one being cut; NULL at the start */
    struct arena_block *spare;  /* kept by a reset, the smallest first */
    struct arena_block *big;    /* blocks of one piece each */
    size_t cut;                 /* bytes handed out of the first block */
    size_t used;
};

static struct arena_block *block_new(size_t size, struct arena_block *next) {
    struct arena_block *block = memory_grow(NULL, 1, sizeof(*block) + size);
    block->next = next;
    block->size = size;
    return block;
}

static void blocks_free(struct arena_block *block) {
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

struct arena *arena_new(void) {
    return memory_new(sizeof(struct arena));
}

void arena_free(struct arena *arena) {
    if (arena) {
        blocks_free(arena->blocks);
        blocks_free(arena->spare);
        blocks_free(arena->big);
        free(arena);
    }
}

/* The blocks in use stand in front of what is spare: the biggest first,
 * so turned round they are the smallest first. */
void arena_reset(struct arena *arena) {
    size_t kept = 0;
    for (const struct arena_block *block = arena->spare; block; block = block->next) {
        kept += block->size;
    }
    blocks_free(arena->big);
    arena->big = NULL;
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        kept += block->size;
        if (kept > KEPT_MAX) {
            free(block);
        } else {
            block->next = arena->spare;
            arena->spare = block;
        }
    }
    arena->blocks = NULL;
    arena->cut = 0;
    arena->used = 0;
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}

static void *piece_of_its_own(struct arena *arena, size_t size) {
    arena->big = block_new(size, arena->big);
    return arena->big->bytes;
}

#ifndef ARENA_MALLOC
/* The next block to cut: a spare one, else one twice as big as the last,
 * with room for as much again as it is for. */
static void next_block(struct arena *arena, size_t rounded) {
    struct arena_block *spare = arena->spare;
    arena->cut = 0;
    if (spare && spare->size >= rounded) {
        arena->spare = spare->next;
        spare->next = arena->blocks;
        arena->blocks = spare;
        return;
    }
    size_t size = arena->blocks ? arena->blocks->size * 2 : BLOCK_MIN;
    while (size < 2 * rounded) {
        size *= 2;
    }
    arena->blocks = block_new(size < BLOCK_MAX ? size : BLOCK_MAX, arena->blocks);
}

static size_t rounded_up(size_t size) {
    return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}
#endif

static void *piece(struct arena *arena, size_t size) {
    require(size < SIZE_MAX / 2); /* the caller bounds what partners control */
    arena->used += size;
#ifdef ARENA_MALLOC
    return piece_of_its_own(arena, size);
#else
    size_t rounded = rounded_up(size);
    if (rounded > BLOCK_MAX / 4) {
        return piece_of_its_own(arena, size);
    }
    if (!arena->blocks || arena->blocks->size - arena->cut < rounded) {
        next_block(arena, rounded);
    }
    void *at = arena->blocks->bytes + arena->cut;
    arena->cut += rounded;
    return at;
#endif
}

void *arena_alloc(struct arena *arena, size_t size) {
    return memset(piece(arena, size), 0, size);
}

void *arena_bigger(struct arena *arena, const void *old, size_t count, size_t capacity, size_t size) {
    require(capacity >= count && capacity < SIZE_MAX / 2 / size);
    void *copy = piece(arena, capacity * size);
    if (count) {
        memcpy(copy, old, count * size);
    }
    return copy;
}

const char *arena_copy(struct arena *arena, struct text text) {
    char *copy = piece(arena, text.length + 1);
    if (text.length) {
        memcpy(copy, text.at, text.length);
    }
    copy[text.length] = '\0';
    return copy;
}

const char *arena_string(struct arena *arena, const char *string) {
    return string ? arena_copy(arena, text_of(string)) : NULL;
}

const char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    require(length >= 0);
    char *copy = piece(arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(copy, (size_t)length + 1, format, args);
    va_end(args);
    return copy;
}
