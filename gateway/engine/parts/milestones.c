/*
 * milestones.c - moments, each kept twice: as first and as last told, with the records that told them.
 *
 * Most are told once, and then that is all. From the second time on each telling has a row of its own, so
 * that one that is taken back 更正、撤回 leaves the others.
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
    "CREATE TABLE IF NOT EXISTS tellings(subject TEXT NOT NULL, declaration TEXT NOT NULL,"
    "  container TEXT NOT NULL, code TEXT NOT NULL, record INTEGER NOT NULL, at INTEGER NOT NULL,"
    "  PRIMARY KEY(subject, declaration, container, code, record, at)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS milestones_first ON milestones(code, first);"
    "CREATE INDEX IF NOT EXISTS milestones_last ON milestones(code, last);";

/* --- telling -------------------------------------------------------------------------------------------- */

struct telling {
    struct milestone_told *told;
    size_t count;
    stamp now; /* what a mark has for a moment */
};

static void found(const char *code, stamp at, void *to) {
    struct telling *telling = to;
    if (telling->count < MILESTONES_TOLD_MAX) {
        telling->told[telling->count++] = (struct milestone_told){ code, at ? at : telling->now };
    }
}

size_t milestones_told(const struct cause *cause, struct milestone_told told[MILESTONES_TOLD_MAX]) {
    struct telling telling = { told, 0, cause->stamp };
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

void milestones_take_back(struct decision *decision, const char *subject, uint64_t told) {
    decision_move(decision, "milestones", subject, "take-back", "", "", 0, NULL);
    decision_put(decision, "told", (int64_t)told);
}

static size_t add_told_now(const struct cause *cause, const struct move *move, struct milestone_of *out,
                           size_t max) {
    struct text words = move_text(move, "containers");
    const char *declaration = arena_copy(cause->arena, move_text(move, "declaration"));
    size_t count = 0;
    do {
        if (count < max) {
            struct text word = text_until(&words, ' ');
            out[count++] = (struct milestone_of){ declaration, arena_copy(cause->arena, word) };
        }
    } while (words.length && count < max);
    return count;
}

size_t milestones_of(const struct cause *cause, const char *subject, const char *code,
                     struct milestone_of *out, size_t max) {
    const struct decision *decision = cause->decision;
    size_t count = 0;
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT declaration, container FROM milestones WHERE subject = ? AND code = ? LIMIT ?");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, code);
    store_bind_int(query, 3, (int64_t)max);
    while (count < max && state_row(cause->state, query)) {
        out[count++] =
            (struct milestone_of){ row_text(query, 0, cause->arena), row_text(query, 1, cause->arena) };
    }
    store_reset(query);
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (move_is(move, "milestones", "told") && strcmp(move->key, subject) == 0
            && text_is(move_text(move, "code"), code)) {
            count += add_told_now(cause, move, out + count, max - count);
        }
    }
    return count;
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

stamp milestone_first_since(const struct cause *cause, const char *subject, const char *containers,
                            const char *code, stamp since) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT min(first) FROM milestones WHERE subject = ?1 AND declaration = '' AND code = ?2"
                    " AND first >= ?4 AND (container = '' OR ?3 = '' OR"
                    " instr(' ' || ?3 || ' ', ' ' || container || ' '))");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, code);
    store_bind_string(query, 3, containers);
    store_bind_int(query, 4, since);
    return state_number(cause->state, query, 0);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
#define OF_ROW(columns) "SELECT subject, declaration, container, code, " columns " FROM milestones"               \
    " WHERE subject = :key AND declaration = :declaration AND container = :any_containers AND code = :code"
#define TELLINGS "FROM tellings t WHERE t.subject = milestones.subject"                                            \
    " AND t.declaration = milestones.declaration AND t.container = milestones.container AND t.code = milestones.code"
#define TELLING(order) "(SELECT t.at, t.record " TELLINGS " ORDER BY t.at " order ", t.record LIMIT 1)"

static const struct part_move moves[] = {
    { "told", NULL, {
        "INSERT OR IGNORE INTO tellings(subject, declaration, container, code, record, at) "
        OF_ROW("first_record, first") " UNION " OF_ROW("last_record, last") " UNION " OF_ROW(":record, :at"),
        "INSERT INTO milestones(subject, declaration, container, code, first, first_record, last, last_record)"
        " VALUES(:key, :declaration, :any_containers, :code, :at, :record, :at, :record) ON CONFLICT DO UPDATE SET"
        " first_record = iif(excluded.first < first, excluded.first_record, first_record),"
        " first = min(first, excluded.first),"
        " last_record = iif(excluded.last > last, excluded.last_record, last_record),"
        " last = max(last, excluded.last)" }, NULL },
    { "take-back", NULL, {
        "DELETE FROM tellings WHERE subject = :key AND record = :told",
        "DELETE FROM milestones WHERE subject = :key AND first_record = :told AND NOT EXISTS (SELECT 1 " TELLINGS ")",
        "UPDATE milestones SET (first, first_record) = " TELLING("ASC") ", (last, last_record) = " TELLING("DESC")
        " WHERE subject = :key AND (first_record = :told OR last_record = :told)" }, NULL },
    { 0 },
};
/* clang-format on */

const struct part part_milestones = { .name = "milestones", .tables = tables, .moves = moves };
