/*
 * milestones.c - moments, each kept twice: as first and as last told, with the records that told them.
 */
#include "engine/parts/milestones.h"

#include <inttypes.h>
#include <string.h>

#include "edition/segments.h"

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS milestones(subject TEXT NOT NULL, declaration TEXT NOT NULL,"
    "  container TEXT NOT NULL, code TEXT NOT NULL,"
    "  first INTEGER NOT NULL, first_record INTEGER NOT NULL, last INTEGER NOT NULL, last_record INTEGER NOT"
    " NULL,"
    "  PRIMARY KEY(subject, declaration, container, code)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS milestones_first ON milestones(code, first);"
    "CREATE INDEX IF NOT EXISTS milestones_last ON milestones(code, last);";

/* --- telling -------------------------------------------------------------------------------------------- */

#define AHEAD_MAX (86400 * STAMP_SECOND) /* clocks of different houses, and what is told in the evening */

struct telling {
    struct milestone_told *told;
    size_t count;
    stamp latest;
};

static void found(const char *milestone, stamp at, void *to) {
    struct telling *telling = to;
    if (at <= telling->latest && telling->count < MILESTONES_TOLD_MAX) {
        telling->told[telling->count++] = (struct milestone_told){ milestone, at };
    }
}

size_t milestones_told(const struct cause *cause, struct milestone_told told[MILESTONES_TOLD_MAX]) {
    struct telling telling = { told, 0, cause->stamp + AHEAD_MAX };
    struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    segments_judge(cause->edition->segments, text_of(cause->family), &context, found, &telling);
    return telling.count;
}

const char *milestones_write(struct arena *arena, const struct milestone_told *told, size_t count) {
    const char *text = "";
    for (size_t i = 0; i < count; i++) {
        text = arena_printf(arena, "%s%s%s@%" PRIu64, text, *text ? " " : "", told[i].code,
                            (uint64_t)told[i].at);
    }
    return text;
}

size_t milestones_read(struct arena *arena, struct text text,
                       struct milestone_told told[MILESTONES_TOLD_MAX]) {
    size_t count = 0;
    while (text.length && count < MILESTONES_TOLD_MAX) {
        struct text at = text_until(&text, ' ');
        struct text code = text_until(&at, '@');
        uint64_t moment;
        if (text_to_uint(at, &moment)) {
            told[count++] = (struct milestone_told){ arena_copy(arena, code), (stamp)moment };
        }
    }
    return count;
}

void milestone_add(struct decision *decision, const char *subject, const char *declaration,
                   const char *containers, const char *code, stamp at, uint64_t record) {
    decision_move(decision, "milestones", subject, "told", "", "", at, "code", code, "declaration",
                  declaration, "containers", containers, NULL);
    decision_put(decision, "record", (int64_t)record);
}

stamp milestone_first(const struct cause *cause, const char *subject, const char *container,
                      const char *code) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT min(first) FROM milestones WHERE subject = ?1 AND declaration = '' AND code = ?2"
                    " AND (?3 = '' OR container IN ('', ?3))");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, code);
    store_bind_string(query, 3, container);
    return state_number(cause->state, query, 0);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "told", NULL, {
        "INSERT INTO milestones(subject, declaration, container, code, first, first_record, last, last_record)"
        " VALUES(:key, :declaration, :any_containers, :code, :at, :record, :at, :record) ON CONFLICT DO UPDATE SET"
        " first_record = iif(excluded.first < first, excluded.first_record, first_record),"
        " first = min(first, excluded.first),"
        " last_record = iif(excluded.last > last, excluded.last_record, last_record),"
        " last = max(last, excluded.last)" }, NULL },
    { 0 },
};
/* clang-format on */

const struct part part_milestones = { .name = "milestones", .tables = tables, .moves = moves };
