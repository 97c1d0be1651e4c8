/*
 * milestones.c - moments, each kept twice: as first and as last told, with the records that told them.
 *
 * Most are told once, and then that is all. From the second time on each telling has a row of its own, so
 * that one that is taken back 更正、撤回 leaves the others. Each says since which cause it is known, and one
 * that was taken back until when it was, so that what was known at any record can be told.
 */
#include "engine/parts/milestones.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "edition/segments.h"

/* The columns of a key stand first: else the integrity check of SQLite takes one column for another. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS milestones(subject TEXT NOT NULL, declaration TEXT NOT NULL,"
    "  container TEXT NOT NULL, code TEXT NOT NULL,"
    "  first INTEGER NOT NULL, first_record INTEGER NOT NULL, last INTEGER NOT NULL, last_record INTEGER NOT"
    " NULL, first_known INTEGER NOT NULL DEFAULT 0, last_known INTEGER NOT NULL DEFAULT 0,"
    "  PRIMARY KEY(subject, declaration, container, code)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS tellings(subject TEXT NOT NULL, declaration TEXT NOT NULL,"
    "  container TEXT NOT NULL, code TEXT NOT NULL, record INTEGER NOT NULL, at INTEGER NOT NULL,"
    "  known INTEGER NOT NULL,"
    "  PRIMARY KEY(subject, declaration, container, code, record, at)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS taken_back(subject TEXT NOT NULL, declaration TEXT NOT NULL,"
    "  container TEXT NOT NULL, code TEXT NOT NULL, record INTEGER NOT NULL, at INTEGER NOT NULL,"
    "  until INTEGER NOT NULL, known INTEGER NOT NULL,"
    "  PRIMARY KEY(subject, declaration, container, code, record, at, until)) STRICT, WITHOUT ROWID;"
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

/* Mostly there are none or few: room for many only when there are many. */
struct tellings {
    struct milestone_of *list;
    size_t count, capacity, max;
};

static void add_telling(const struct cause *cause, struct tellings *tellings, struct milestone_of telling) {
    if (tellings->count == tellings->capacity) {
        tellings->capacity = tellings->capacity ? 2 * tellings->capacity : 4;
        tellings->list = arena_bigger(cause->arena, tellings->list, tellings->count, tellings->capacity,
                                      sizeof(*tellings->list));
    }
    tellings->list[tellings->count++] = telling;
}

/* The record of which this decision takes back what it told of the subject; 0: none. */
static int64_t taken_back_now(const struct decision *decision, const char *subject) {
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (move_is(move, "milestones", "take-back") && strcmp(move->key, subject) == 0) {
            return move_number(move, "told");
        }
    }
    return 0;
}

static void add_told_now(const struct cause *cause, const struct move *move, struct tellings *tellings) {
    struct text words = move_text(move, "containers");
    const char *declaration = arena_copy(cause->arena, move_text(move, "declaration"));
    do {
        if (tellings->count < tellings->max) {
            const char *container = arena_copy(cause->arena, text_until(&words, ' '));
            add_telling(cause, tellings, (struct milestone_of){ declaration, container });
        }
    } while (words.length && tellings->count < tellings->max);
}

const struct milestone_of *milestones_of(const struct cause *cause, const char *subject, const char *code,
                                         size_t max, size_t *count) {
    require(cause_has_state(cause));
    const struct decision *decision = cause->decision;
    struct tellings tellings = { .max = max };
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT declaration, container FROM milestones m WHERE subject = ?1 AND code = ?2"
        " AND NOT (first_record = ?4 AND NOT EXISTS (SELECT 1 FROM tellings t WHERE t.subject = ?1"
        " AND t.declaration = m.declaration AND t.container = m.container AND t.code = ?2"
        " AND t.record <> ?4)) LIMIT ?3");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, code);
    store_bind_int(query, 3, (int64_t)max);
    store_bind_int(query, 4, taken_back_now(decision, subject));
    while (tellings.count < max && state_row(cause->state, query)) {
        const char *declaration = row_text(query, 0, cause->arena);
        add_telling(cause, &tellings, (struct milestone_of){ declaration, row_text(query, 1, cause->arena) });
    }
    store_reset(query);
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (move_is(move, "milestones", "told") && strcmp(move->key, subject) == 0
            && text_is(move_text(move, "code"), code)) {
            add_told_now(cause, move, &tellings);
        }
    }
    *count = tellings.count;
    return tellings.list;
}

/* Whether a move of this decision tells it of exactly that. */
static bool is_told_now(const struct move *move, const char *subject, struct milestone_of of,
                        const char *code) {
    struct text words = move_text(move, "containers");
    if (!move_is(move, "milestones", "told") || strcmp(move->key, subject) != 0
        || !text_is(move_text(move, "code"), code)
        || !text_is(move_text(move, "declaration"), of.declaration)) {
        return false;
    }
    if (*of.declaration || (!*of.container && !words.length)) {
        return true;
    }
    while (words.length) {
        if (text_is(text_until(&words, ' '), of.container)) {
            return true;
        }
    }
    return false;
}

stamp milestone_since(const struct cause *cause, const char *subject, struct milestone_of of,
                      const char *code, uint64_t *record) {
    require(cause_has_state(cause) && !(*of.declaration && *of.container));
    const struct decision *decision = cause->decision;
    stamp since = 0;
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT first, first_record FROM milestones WHERE subject = ?1 AND declaration = ?2 AND code = ?4"
        " AND (container = ?3 OR ?2 <> '') AND first_record <> ?5"
        " UNION SELECT at, record FROM tellings WHERE subject = ?1 AND declaration = ?2 AND code = ?4"
        " AND (container = ?3 OR ?2 <> '') AND record <> ?5 ORDER BY 1, 2 LIMIT 1");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, of.declaration);
    store_bind_string(query, 3, of.container);
    store_bind_string(query, 4, code);
    store_bind_int(query, 5, taken_back_now(decision, subject));
    if (state_row(cause->state, query)) {
        since = store_int(query, 0);
        *record = (uint64_t)store_int(query, 1);
    }
    store_reset(query);
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (is_told_now(move, subject, of, code) && (!since || move->at < since)) {
            since = move->at;
            *record = (uint64_t)move_number(move, "record");
        }
    }
    return since;
}

/* "+code", here and below: not by the indices of codes, which are for who asks of all goods. */
stamp milestone_first(const struct cause *cause, const char *subject, const char *container,
                      const char *code) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT min(first) FROM milestones WHERE subject = ?1 AND declaration = '' AND +code = ?2"
                    " AND (?3 = '' OR container IN ('', ?3))");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, code);
    store_bind_string(query, 3, container);
    return state_number(cause->state, query, 0);
}

#define OF_THESE_CONTAINERS " (container = '' OR ?2 = '' OR instr(' ' || ?2 || ' ', ' ' || container || ' '))"

stamp milestone_first_since(const struct cause *cause, const char *subject, const char *containers,
                            const char *code, stamp since) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT min(first) FROM milestones WHERE subject = ?1 AND declaration = '' AND code = ?4"
                    " AND first >= ?3 AND" OF_THESE_CONTAINERS);
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, containers);
    store_bind_int(query, 3, since);
    store_bind_string(query, 4, code);
    return state_number(cause->state, query, 0);
}

/* clang-format off */
#define FIRST_OF(code) "min(iif(code = " code ", first, NULL))"
#define FIRSTS FIRST_OF("?4") ", " FIRST_OF("?5") ", " FIRST_OF("?6") ", " FIRST_OF("?7") ", " FIRST_OF("?8") \
    ", " FIRST_OF("?9")
/* clang-format on */

void milestones_first_since(const struct cause *cause, const char *subject, const char *containers,
                            const char *const codes[MILESTONES_ASKED], stamp since,
                            stamp first[MILESTONES_ASKED]) {
    require(cause_has_state(cause));
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT " FIRSTS " FROM milestones WHERE subject = ?1 AND declaration = ''"
                                   " AND first >= ?3 AND" OF_THESE_CONTAINERS);
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, containers);
    store_bind_int(query, 3, since);
    for (int i = 0; i < MILESTONES_ASKED; i++) {
        store_bind_string(query, 4 + i, codes[i]);
    }
    bool found = state_row(cause->state, query);
    for (int i = 0; i < MILESTONES_ASKED; i++) {
        first[i] = found ? store_int(query, i) : 0;
    }
    store_reset(query);
}

size_t milestone_moments(const struct cause *cause, const char *subject, const char *code, stamp *out,
                         size_t max) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT DISTINCT first FROM milestones WHERE subject = ? AND +code = ? ORDER BY first");
    size_t count = 0;
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, code);
    while (count < max && state_row(cause->state, query)) {
        out[count++] = store_int(query, 0);
    }
    store_reset(query);
    return count;
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
#define OF_ROW(columns) "SELECT subject, declaration, container, code, " columns " FROM milestones"               \
    " WHERE subject = :key AND declaration = :declaration AND container = :any_containers AND code = :code"
#define TELLINGS "FROM tellings t WHERE t.subject = milestones.subject"                                            \
    " AND t.declaration = milestones.declaration AND t.container = milestones.container AND t.code = milestones.code"
#define TELLING(order) "(SELECT t.at, t.record, t.known " TELLINGS " ORDER BY t.at " order ", t.record LIMIT 1)"

#define TAKEN(columns, table, record) " SELECT subject, declaration, container, code, " columns ", :cause FROM " table \
    " WHERE subject = :key AND " record " = :told"

static const struct part_move moves[] = {
    { "told", NULL, {
        "INSERT OR IGNORE INTO tellings(subject, declaration, container, code, record, at, known) "
        OF_ROW("first_record, first, first_known") " UNION ALL " OF_ROW("last_record, last, last_known")
        " UNION ALL " OF_ROW(":record, :at, :cause"),
        "INSERT INTO milestones(subject, declaration, container, code, first, first_record, last, last_record,"
        "  first_known, last_known)"
        " VALUES(:key, :declaration, :any_containers, :code, :at, :record, :at, :record, :cause, :cause)"
        " ON CONFLICT DO UPDATE SET"
        " first_record = iif(excluded.first < first, excluded.first_record, first_record),"
        " first_known = iif(excluded.first < first, excluded.first_known, first_known),"
        " first = min(first, excluded.first),"
        " last_record = iif(excluded.last > last, excluded.last_record, last_record),"
        " last_known = iif(excluded.last > last, excluded.last_known, last_known),"
        " last = max(last, excluded.last)" }, NULL },
    { "take-back", NULL, {
        "INSERT OR IGNORE INTO taken_back(subject, declaration, container, code, record, at, known, until)"
        TAKEN("first_record, first, first_known", "milestones", "first_record")
        " UNION" TAKEN("last_record, last, last_known", "milestones", "last_record")
        " UNION" TAKEN("record, at, known", "tellings", "record"),
        "DELETE FROM tellings WHERE subject = :key AND record = :told",
        "DELETE FROM milestones WHERE subject = :key AND first_record = :told AND NOT EXISTS (SELECT 1 " TELLINGS ")",
        "UPDATE milestones SET (first, first_record, first_known) = " TELLING("ASC")
        ", (last, last_record, last_known) = " TELLING("DESC")
        " WHERE subject = :key AND (first_record = :told OR last_record = :told)" }, NULL },
    { 0 },
};
/* clang-format on */

const struct part part_milestones = { .name = "milestones", .tables = tables, .moves = moves };
