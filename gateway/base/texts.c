/* texts.c - the C library's balanced tree finds a text, a list the text of a number. */
#include "base/texts.h"

#include <search.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/status.h"

struct kept_text {
    struct text text;
    uint32_t number;
};

struct texts {
    void *tree; /* of entries */
    const char **list;
    size_t count, room;
    struct arena *arena; /* of entries and texts */
};

struct texts *texts_new(void) {
    struct texts *texts = memory_new(sizeof(*texts));
    texts->arena = arena_new();
    return texts;
}

static void keep(void *entry) {
    (void)entry; /* it goes with the arena */
}

void texts_free(struct texts *texts) {
    if (texts) {
        tdestroy(texts->tree, keep);
        arena_free(texts->arena);
        free(texts->list);
        free(texts);
    }
}

static int by_text(const void *a, const void *b) {
    return text_compare(((const struct kept_text *)a)->text, ((const struct kept_text *)b)->text);
}

uint32_t texts_number(struct texts *texts, struct text text) {
    const struct kept_text wanted = { text, 0 };
    struct kept_text *const *found = tfind(&wanted, &texts->tree, by_text);
    if (found) {
        return (*found)->number;
    }
    require(texts->count < UINT32_MAX);
    if (texts->count == texts->room) {
        texts->room = texts->room ? 2 * texts->room : 16;
        texts->list = memory_grow(texts->list, texts->room, sizeof(*texts->list));
    }
    struct kept_text *entry = arena_alloc(texts->arena, sizeof(*entry));
    const char *copy = texts->list[texts->count] = arena_copy(texts->arena, text);
    *entry = (struct kept_text){ { copy, text.length }, (uint32_t)texts->count++ };
    require(tsearch(entry, &texts->tree, by_text));
    return entry->number;
}

size_t texts_count(const struct texts *texts) {
    return texts->count;
}

const char *texts_at(const struct texts *texts, uint32_t number) {
    require(number < texts->count);
    return texts->list[number];
}
