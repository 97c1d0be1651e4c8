/*
 * workdays.c - reads schemas/workdays, and counts by it.
 */
#include "edition/workdays.h"

#include "edition/block.h"
#include "edition/edition.h"

#define LOOK_MAX 366 /* days that are looked at for one moment */

struct span {
    int32_t first, last;
    bool works;
};

struct workdays {
    struct span list[WORKDAYS_MAX];
    size_t count;
};

/* --- reading -------------------------------------------------------------------------------------------- */

static const struct span *span_of(const struct workdays *workdays, int32_t day) {
    for (size_t i = 0; i < workdays->count; i++) {
        if (day >= workdays->list[i].first && day <= workdays->list[i].last) {
            return &workdays->list[i];
        }
    }
    return NULL;
}

static void add(struct block *block, struct span span) {
    struct workdays *workdays = block->whole;
    if (span_of(workdays, span.first) || span_of(workdays, span.last)) {
        block_twice(block, 1);
    } else if (!block_full(block, workdays->count, WORKDAYS_MAX)) {
        workdays->list[workdays->count++] = span;
    }
}

/* holiday DAY [DAY] "zh" "en" */
static bool read_holiday(struct block *block) {
    const struct line *line = block->line;
    struct span span;
    if (line->count != 4 && line->count != 5) {
        return false;
    }
    if (!day_parse(line->words[1].text, &span.first)) {
        return block_wrong(block, 1);
    }
    span.last = span.first;
    span.works = false;
    if (line->count == 5 && (!day_parse(line->words[2].text, &span.last) || span.last < span.first)) {
        return block_wrong(block, 2);
    }
    add(block, span);
    return true;
}

/* working DAY "zh" "en" */
static bool read_working(struct block *block) {
    int32_t day;
    if (block->line->count != 4) {
        return false;
    }
    if (!day_parse(block->line->words[1].text, &day)) {
        return block_wrong(block, 1);
    }
    add(block, (struct span){ day, day, true });
    return true;
}

/* clang-format off */
static const struct block_key heads[] = {
    { "holiday", BLOCK_MANY, read_holiday, "首日 [末日] \"中文\" \"英文\"", "DAY [DAY] \"zh\" \"en\"", NULL, NULL },
    { "working", BLOCK_MANY, read_working, "日期 \"中文\" \"英文\"", "DAY \"zh\" \"en\"", NULL, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct workdays *workdays_load(const struct edition *edition, struct verdict *mistakes) {
    struct workdays *workdays = arena_alloc(edition->arena, sizeof(*workdays));
    struct block block = { .mistakes = { mistakes, "LINT-WORKDAY", NULL },
                           .arena = edition->arena,
                           .whole = workdays };
    block_read_text(&block, edition, "workdays", heads);
    return workdays;
}

/* --- counting ------------------------------------------------------------------------------------------- */

static bool is_weekend(int32_t day) { /* 1970-01-01 was a Thursday */
    return ((int64_t)day % 7 + 7 + 3) % 7 >= 5;
}

static bool is_workday(const struct workdays *workdays, int32_t day) {
    const struct span *span = span_of(workdays, day);
    return span ? span->works : !is_weekend(day);
}

stamp workdays_after(const struct workdays *workdays, stamp from, int days) {
    require(workdays && days >= 0 && days <= WORKDAYS_SPAN_MAX);
    int32_t first = stamp_day(from), day = first;
    while (days > 0 && day - first < LOOK_MAX) {
        day++;
        days -= is_workday(workdays, day) ? 1 : 0;
    }
    return from + (day - first) * (86400 * STAMP_SECOND);
}
