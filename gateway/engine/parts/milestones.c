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
    const char *number = arena_printf(decision->arena, "%" PRIu64, record);
    decision_move(decision, "milestones", subject, "told", "", "", at, "code", code, "declaration",
                  declaration, "containers", containers, "record", number, NULL);
}

stamp milestone_first(struct state *state, const char *subject, const char *container, const char *code) {
    struct store_query *query =
        store_query(state_store(state),
                    "SELECT min(first) FROM milestones WHERE subject = ?1 AND declaration = '' AND code = ?2"
                    " AND (?3 = '' OR container IN ('', ?3))");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, code);
    store_bind_string(query, 3, container);
    return state_number(state, query, 0);
}

/* --- applying ------------------------------------------------------------------------------------------- */

static void apply_told(struct state *state, const struct move *move, struct text container) {
    struct store_query *query =
        store_query(state_store(state),
                    "INSERT INTO milestones(subject, declaration, container, code, first, first_record, last,"
                    " last_record)"
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?5, ?6) ON CONFLICT DO UPDATE SET"
                    " first_record = iif(excluded.first < first, excluded.first_record, first_record),"
                    " first = min(first, excluded.first),"
                    " last_record = iif(excluded.last > last, excluded.last_record, last_record),"
                    " last = max(last, excluded.last)");
    store_bind_string(query, 1, move->key);
    store_bind_text(query, 2, move_text(move, "declaration"));
    store_bind_text(query, 3, container);
    store_bind_text(query, 4, move_text(move, "code"));
    store_bind_int(query, 5, move->at);
    store_bind_int(query, 6, move_number(move, "record"));
    state_run(state, query);
}

static void apply(struct state *state, const struct move *move, uint64_t cause) {
    (void)cause;
    struct text rest = move_text(move, "containers");
    if (!rest.length) {
        apply_told(state, move, TEXT(""));
    }
    while (rest.length) {
        apply_told(state, move, text_until(&rest, ' '));
    }
}

const struct part part_milestones = { .name = "milestones", .tables = tables, .apply = apply };
