/*
 * ranking.c - what comes and what goes, sorted, less what does both → from and to the chunk whose first one
 * is not above it → a chunk that is full becomes two, one that is empty goes.
 */
#include "view/statistics/ranking.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define CHUNK 1024            /* of them at most */
#define FILL  (CHUNK * 3 / 4) /* of one that is made as a whole */

struct chunk {
    int64_t *words;
    size_t count;
    size_t counts[RANKING_KINDS];
    duration sums[RANKING_KINDS];
    void *note; /* of these; NULL: none */
};

/* What came, or went, since it was settled. */
struct moved {
    int64_t *words;
    size_t count, room;
};

struct ranking {
    size_t width, note, count;
    size_t counts[RANKING_KINDS];
    struct chunk *chunks;
    size_t chunks_count, chunks_room;
    struct moved come, gone;
};

struct ranking *ranking_new(size_t width, size_t note) {
    require(width > 0);
    struct ranking *ranking = memory_new(sizeof(*ranking));
    ranking->width = width;
    ranking->note = note;
    return ranking;
}

void ranking_free(struct ranking *ranking) {
    if (ranking) {
        for (size_t i = 0; i < ranking->chunks_count; i++) {
            free(ranking->chunks[i].words);
            free(ranking->chunks[i].note);
        }
        free(ranking->chunks);
        free(ranking->come.words);
        free(ranking->gone.words);
        free(ranking);
    }
}

int64_t ranking_word(int64_t length, unsigned kinds) {
    require(length > -RANKING_LENGTH_MAX && length < RANKING_LENGTH_MAX && kinds
            && kinds < 1u << RANKING_KINDS);
    return length * (1 << RANKING_KINDS) + (int64_t)kinds;
}

int64_t ranking_length(int64_t word) {
    return word >> RANKING_KINDS;
}

size_t ranking_bytes(const struct ranking *ranking) {
    return ranking->chunks_count * (CHUNK * ranking->width * sizeof(int64_t) + sizeof(struct chunk));
}

/* --- chunks --------------------------------------------------------------------------------------------- */

static int compare(const int64_t *a, const int64_t *b, size_t width) {
    size_t i = 0;
    while (i + 1 < width && a[i] == b[i]) {
        i++;
    }
    return (a[i] > b[i]) - (a[i] < b[i]);
}

static int by_words(const void *a, const void *b, void *width) {
    return compare(a, b, *(size_t *)width);
}

static void forget_note(struct chunk *chunk) {
    free(chunk->note);
    chunk->note = NULL;
}

static void weigh(struct chunk *chunk, int64_t word, int sign) {
    for (unsigned kind = 0; kind < RANKING_KINDS; kind++) {
        bool counts = word >> kind & 1;
        chunk->counts[kind] += counts ? (size_t)sign : 0;
        chunk->sums[kind] += counts ? sign * (duration)ranking_length(word) : 0;
    }
}

static void count(struct ranking *ranking, int64_t word, int sign) {
    ranking->count += (size_t)sign;
    for (unsigned kind = 0; kind < RANKING_KINDS; kind++) {
        ranking->counts[kind] += word >> kind & 1 ? (size_t)sign : 0;
    }
}

/* Behind that many others. */
static struct chunk *insert_chunk(struct ranking *ranking, size_t place) {
    if (ranking->chunks_count == ranking->chunks_room) {
        ranking->chunks_room = ranking->chunks_room ? 2 * ranking->chunks_room : 4;
        ranking->chunks = memory_grow(ranking->chunks, ranking->chunks_room, sizeof(*ranking->chunks));
    }
    struct chunk *chunk = &ranking->chunks[place];
    memmove(chunk + 1, chunk, (ranking->chunks_count++ - place) * sizeof(*chunk));
    *chunk = (struct chunk){ .words = memory_array(CHUNK * ranking->width, sizeof(*chunk->words)) };
    return chunk;
}

static void fill(const struct ranking *ranking, struct chunk *chunk, const int64_t *words, size_t n) {
    size_t width = ranking->width;
    memcpy(chunk->words, words, n * width * sizeof(*words));
    chunk->count = n;
    for (size_t i = 0; i < n; i++) {
        weigh(chunk, words[i * width], 1);
    }
}

/* Its second half becomes another. */
static void split(struct ranking *ranking, size_t place) {
    size_t width = ranking->width;
    struct chunk *second = insert_chunk(ranking, place + 1), *first = &ranking->chunks[place];
    size_t left = first->count / 2;
    forget_note(first);
    fill(ranking, second, &first->words[left * width], first->count - left);
    first->count = left;
    for (unsigned kind = 0; kind < RANKING_KINDS; kind++) {
        first->counts[kind] -= second->counts[kind];
        first->sums[kind] -= second->sums[kind];
    }
}

/* The last chunk that does not begin above it, or the first. */
static size_t chunk_of(const struct ranking *ranking, const int64_t *words) {
    size_t low = 0, high = ranking->chunks_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (compare(ranking->chunks[middle].words, words, ranking->width) <= 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* How many of the chunk are less. */
static size_t place_in(const struct chunk *chunk, const int64_t *words, size_t width) {
    size_t low = 0, high = chunk->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&chunk->words[middle * width], words, width) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void add(struct ranking *ranking, const int64_t *words) {
    size_t width = ranking->width;
    if (!ranking->chunks_count) {
        insert_chunk(ranking, 0);
    }
    if (ranking->chunks[chunk_of(ranking, words)].count == CHUNK) {
        split(ranking, chunk_of(ranking, words));
    }
    struct chunk *chunk = &ranking->chunks[chunk_of(ranking, words)];
    size_t place = place_in(chunk, words, width);
    int64_t *at = &chunk->words[place * width];
    memmove(at + width, at, (chunk->count - place) * width * sizeof(*at));
    memcpy(at, words, width * sizeof(*at));
    forget_note(chunk);
    weigh(chunk, words[0], 1);
    chunk->count++;
    count(ranking, words[0], 1);
}

static void take(struct ranking *ranking, const int64_t *words) {
    size_t width = ranking->width, which = ranking->count ? chunk_of(ranking, words) : 0;
    require(ranking->count);
    struct chunk *chunk = &ranking->chunks[which];
    size_t place = place_in(chunk, words, width);
    int64_t *at = &chunk->words[place * width];
    require(place < chunk->count && compare(at, words, width) == 0);
    memmove(at, at + width, (chunk->count - place - 1) * width * sizeof(*at));
    forget_note(chunk);
    weigh(chunk, words[0], -1);
    count(ranking, words[0], -1);
    if (--chunk->count == 0) {
        free(chunk->words);
        memmove(chunk, chunk + 1, (--ranking->chunks_count - which) * sizeof(*chunk));
    }
}

/* --- what comes and goes -------------------------------------------------------------------------------- */

static void write_down(struct moved *moved, const int64_t *words, size_t width) {
    if (moved->count == moved->room) {
        moved->room = moved->room ? 2 * moved->room : 16;
        moved->words = memory_grow(moved->words, moved->room * width, sizeof(*words));
    }
    memcpy(&moved->words[moved->count++ * width], words, width * sizeof(*words));
}

void ranking_come(struct ranking *ranking, const int64_t *words) {
    write_down(&ranking->come, words, ranking->width);
}

void ranking_go(struct ranking *ranking, const int64_t *words) {
    write_down(&ranking->gone, words, ranking->width);
}

/* What both came and went is in neither any more; both are sorted, and stay so. */
static void cancel(struct moved *come, struct moved *gone, size_t width) {
    size_t c = 0, g = 0, comes = 0, goes = 0;
    while (c < come->count || g < gone->count) {
        int order = c == come->count   ? 1
                    : g == gone->count ? -1
                                       : compare(&come->words[c * width], &gone->words[g * width], width);
        if (order < 0) {
            memmove(&come->words[comes++ * width], &come->words[c * width], width * sizeof(int64_t));
        } else if (order > 0) {
            memmove(&gone->words[goes++ * width], &gone->words[g * width], width * sizeof(int64_t));
        }
        c += order <= 0;
        g += order >= 0;
    }
    come->count = comes;
    gone->count = goes;
}

static void sort(struct moved *moved, size_t width) {
    qsort_r(moved->words, moved->count, width * sizeof(int64_t), by_words, &width);
}

static void forget(struct moved *moved) {
    free(moved->words);
    *moved = (struct moved){ .words = NULL };
}

/* Into an empty one, sorted. */
static void take_whole(struct ranking *ranking, const struct moved *come) {
    size_t width = ranking->width;
    for (size_t i = 0; i < come->count; i += FILL) {
        size_t n = come->count - i < FILL ? come->count - i : FILL;
        fill(ranking, insert_chunk(ranking, ranking->chunks_count), &come->words[i * width], n);
    }
    for (size_t i = 0; i < come->count; i++) {
        count(ranking, come->words[i * width], 1);
    }
}

bool ranking_settle(struct ranking *ranking) {
    struct moved *come = &ranking->come, *gone = &ranking->gone;
    size_t width = ranking->width;
    if (come->count) {
        sort(come, width);
    }
    if (gone->count) {
        sort(gone, width);
    }
    cancel(come, gone, width);
    bool moved = come->count || gone->count;
    for (size_t i = 0; i < gone->count; i++) {
        take(ranking, &gone->words[i * width]);
    }
    if (!ranking->count) {
        take_whole(ranking, come);
    } else {
        for (size_t i = 0; i < come->count; i++) {
            add(ranking, &come->words[i * width]);
        }
    }
    forget(come);
    forget(gone);
    return moved;
}

/* --- what is asked -------------------------------------------------------------------------------------- */

size_t ranking_count(const struct ranking *ranking, unsigned kind) {
    require(kind < RANKING_KINDS);
    return ranking->counts[kind];
}

/* The one of that kind behind so many others of the chunk; *before grows by their sum. */
static int64_t find_in(const struct chunk *chunk, unsigned kind, size_t rank, size_t width,
                       duration *before) {
    const int64_t *word = chunk->words;
    for (;; word += width) {
        if (*word >> kind & 1) {
            if (!rank--) {
                return ranking_length(*word);
            }
            *before += ranking_length(*word);
        }
    }
}

void ranking_find(const struct ranking *ranking, unsigned kind, const size_t *ranks, size_t count,
                  struct ranked *out) {
    const struct chunk *chunk = ranking->chunks;
    size_t passed = 0;
    duration sum = 0;
    require(!count || ranks[count - 1] < ranking_count(ranking, kind));
    for (size_t r = 0; r < count; r++) {
        while (passed + chunk->counts[kind] <= ranks[r]) {
            passed += chunk->counts[kind];
            sum += chunk->sums[kind];
            chunk++;
        }
        out[r].before = sum;
        out[r].length = find_in(chunk, kind, ranks[r] - passed, ranking->width, &out[r].before);
    }
}

/* Its longest ones. */
static struct ranking_slice slice_of(const struct ranking *ranking, struct chunk *chunk, size_t n) {
    if (n == chunk->count && ranking->note && !chunk->note) {
        chunk->note = memory_new(ranking->note);
    }
    const int64_t *words = &chunk->words[(chunk->count - n) * ranking->width];
    return (struct ranking_slice){ words, n, n == chunk->count ? chunk->note : NULL };
}

void ranking_longest(struct ranking *ranking, size_t n,
                     void (*found)(const struct ranking_slice *slice, void *to), void *to) {
    require(n <= ranking->count);
    for (size_t c = ranking->chunks_count; n && c-- > 0;) {
        struct chunk *chunk = &ranking->chunks[c];
        struct ranking_slice slice = slice_of(ranking, chunk, n < chunk->count ? n : chunk->count);
        found(&slice, to);
        n -= slice.count;
    }
}
