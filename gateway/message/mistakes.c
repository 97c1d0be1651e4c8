/*
 * mistakes.c - from a word of a text to a finding: its place, the sentence in both languages, and the known
 * name that is nearest by edit distance.
 */
#include "message/mistakes.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

struct place mistake_place(uint32_t line, uint32_t column, struct text what) {
    return (struct place){ .line = line, .column = column, .length = (uint32_t)what.length };
}

struct place mistake_word(const struct line *line, size_t word) {
    require(line->count > 0);
    if (word < line->count) {
        return mistake_place(line->number, line->words[word].column, line->words[word].text);
    }
    const struct word *last = &line->words[line->count - 1];
    uint32_t behind = last->column + (uint32_t)text_characters(last->text) + (last->quoted ? 2 : 0);
    return mistake_place(line->number, behind, TEXT(""));
}

static const char *sentence(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static const char *sentence(struct arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *out = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(out, (size_t)length + 1, format, args);
    return out;
}

void mistakes_add(const struct mistakes *mistakes, struct place place, const char *meant, const char *zh,
                  const char *en) {
    require(mistakes->verdict && mistakes->code && zh && en);
    struct arena *arena = mistakes->verdict->arena;
    struct finding finding = {
        .code = mistakes->code,
        .severity = SEVERITY_ERROR,
        .place = place,
        .file = mistakes->file,
        .zh = zh,
        .en = en,
        .hint_zh = meant ? arena_printf(arena, "是否想写 %s？", meant) : "",
        .hint_en = meant ? arena_printf(arena, "did you mean %s?", meant) : "",
    };
    verdict_add(mistakes->verdict, &finding);
}

void mistakes_at(const struct mistakes *mistakes, struct place place, const char *meant, const char *zh,
                 const char *en, ...) {
    va_list args, again;
    va_start(args, en);
    va_copy(again, args);
    const char *sentence_zh = sentence(mistakes->verdict->arena, zh, args);
    const char *sentence_en = sentence(mistakes->verdict->arena, en, again);
    va_end(again);
    va_end(args);
    mistakes_add(mistakes, place, meant, sentence_zh, sentence_en);
}

void mistakes_bad_line(const struct mistakes *mistakes, const struct line *line) {
    require(line->count > 0);
    mistakes_at(mistakes, mistake_place(line->number, line->words[0].column, TEXT("")), NULL,
                "这一行无法读取：" TEXT_FORMAT, "this line cannot be read: " TEXT_FORMAT,
                TEXT_ARGS(line->words[0].text));
}

/* --- did you mean ------------------------------------------------------------------------------------ */

#define NAME_MAX_COMPARED 64

/* Edit distance with swaps of neighbours, the commonest slip of the fingers. */
static size_t distance_of(struct text a, struct text b) {
    size_t rows[3][NAME_MAX_COMPARED + 1];
    size_t *older = rows[0], *old = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b.length; j++) {
        old[j] = j;
        older[j] = j;
    }
    for (size_t i = 1; i <= a.length; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.length; j++) {
            size_t best = old[j - 1] + (a.at[i - 1] != b.at[j - 1]);
            best = old[j] + 1 < best ? old[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1]) {
                best = older[j - 2] + 1 < best ? older[j - 2] + 1 : best;
            }
            now[j] = best;
        }
        size_t *freed = older;
        older = old;
        old = now;
        now = freed;
    }
    return old[b.length];
}

/* hs_code for item.hs_code: the group was forgotten. */
static bool lacks_group(struct text wanted, struct text candidate) {
    while (candidate.length > wanted.length) {
        char first = candidate.at[0];
        candidate.at++;
        candidate.length--;
        if (first == '.') {
            return text_equal(candidate, wanted);
        }
    }
    return false;
}

void nearest_start(struct nearest *nearest, struct text wanted) {
    size_t farthest = wanted.length < 3 ? 0 : 1 + wanted.length / 4;
    *nearest = (struct nearest){ .wanted = wanted, .distance = farthest + 1 };
}

void nearest_try(struct nearest *nearest, const char *candidate) {
    struct text name = text_of(candidate);
    if (nearest->wanted.length > NAME_MAX_COMPARED || name.length > NAME_MAX_COMPARED) {
        return;
    }
    size_t distance = lacks_group(nearest->wanted, name) ? 1 : distance_of(nearest->wanted, name);
    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->best = candidate;
    }
}

const char *nearest_found(const struct nearest *nearest) {
    return nearest->best;
}
