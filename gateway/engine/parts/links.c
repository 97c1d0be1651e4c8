/*
 * links.c - numbers and declarations: what customs links, and what joins by naming a number.
 */
#include "engine/parts/links.h"

#include <string.h>

#include "base/status.h"

#define LINKS_NEW_MAX 512 /* new links of one decision */

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS links(kind TEXT NOT NULL, value TEXT NOT NULL, declaration TEXT NOT NULL,"
    "  party TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(value, kind, declaration)) STRICT, WITHOUT"
    " ROWID;"
    "CREATE INDEX IF NOT EXISTS links_declaration ON links(declaration, kind);"
    "CREATE TABLE IF NOT EXISTS contested(kind TEXT NOT NULL, value TEXT NOT NULL, record INTEGER NOT NULL,"
    "  PRIMARY KEY(kind, value)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS names(kind TEXT NOT NULL, value TEXT NOT NULL, party TEXT NOT NULL,"
    "  declaration TEXT NOT NULL, PRIMARY KEY(kind, value, party, declaration)) STRICT, WITHOUT ROWID;";

/* --- finding -------------------------------------------------------------------------------------------- */

bool links_are_contested(const struct cause *cause, const char *kind, const char *value) {
    require(cause_has_state(cause));
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT 1 FROM contested WHERE kind = ? AND value = ?");
    store_bind_string(query, 1, kind);
    store_bind_string(query, 2, value);
    return state_exists(cause->state, query);
}

bool link_is_made(const struct move *move, struct customs_number *number) {
    bool made = move_is(move, "links", "link");
    if (made) {
        *number = (struct customs_number){ move_text(move, "kind").at, move_text(move, "value").at };
    }
    return made;
}

/* Such a link of this decision. */
static bool is_link_of(const struct move *move, const char *kind, const char *value) {
    return move_is(move, "links", "link") && text_is(move_text(move, "value"), value)
           && text_is(move_text(move, "kind"), kind);
}

static size_t add_key(const char *keys[LINKED_MAX], size_t count, const char *key) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i], key) == 0) {
            return count;
        }
    }
    keys[count] = key;
    return count + 1;
}

/* Keys of the number's declarations: those of state.db, and those that this decision linked. */
static size_t keys_of(const struct cause *cause, const char *kind, const char *value,
                      const char *keys[LINKED_MAX]) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT declaration, party FROM links l WHERE kind = ?1 AND value = ?2 AND NOT EXISTS"
                    " (SELECT 1 FROM contested c WHERE c.kind = l.kind AND c.value = l.value) LIMIT ?3");
    const struct decision *decision = cause->decision;
    size_t count = 0;
    store_bind_string(query, 1, kind);
    store_bind_string(query, 2, value);
    store_bind_int(query, 3, LINKED_MAX);
    while (count < LINKED_MAX && state_row(cause->state, query)) {
        keys[count++] = row_text(query, 0, cause->arena);
        state_compare_owner(cause->state, "links", 0, store_text(query, 0), store_text(query, 1),
                            (struct text){ 0 });
    }
    store_reset(query);
    for (size_t i = 0; count < LINKED_MAX && i < decision->moves_count; i++) {
        if (is_link_of(&decision->moves[i], kind, value)) {
            count = add_key(keys, count, decision->moves[i].key);
        }
    }
    return count;
}

size_t links_find(struct cause *cause, const char *kind, const char *value,
                  struct declaration found[LINKED_MAX]) {
    const char *keys[LINKED_MAX];
    size_t keys_count = *value ? keys_of(cause, kind, value, keys) : 0, count = 0;
    for (size_t i = 0; i < keys_count; i++) {
        count += declaration_get(cause, keys[i], &found[count]);
    }
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && found[k].record > found[k - 1].record; k--) {
            struct declaration newer = found[k];
            found[k] = found[k - 1];
            found[k - 1] = newer;
        }
    }
    return count;
}

static const char *newest_of(const struct cause *cause, const char *kind, const char *declaration) {
    const struct decision *decision = cause->decision;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        if (move_is(move, "links", "link") && strcmp(move->key, declaration) == 0
            && text_is(move_text(move, "kind"), kind)) {
            return move_text(move, "value").at;
        }
    }
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT value FROM links WHERE declaration = ? AND kind = ? ORDER BY at DESC, value DESC LIMIT"
        " 1");
    store_bind_string(query, 1, declaration);
    store_bind_string(query, 2, kind);
    const char *value = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return value;
}

const char *links_seq_of(const struct cause *cause, const char *declaration) {
    return newest_of(cause, "seq", declaration);
}

const char *links_entry_of(const struct cause *cause, const char *declaration) {
    return newest_of(cause, "entry", declaration);
}

/* --- linking -------------------------------------------------------------------------------------------- */

static bool has_link(const struct cause *cause, const char *kind, const char *value, const char *key,
                     size_t *made) {
    const struct decision *decision = cause->decision;
    bool known = false;
    *made = 0;
    for (size_t i = 0; i < decision->moves_count; i++) {
        const struct move *move = &decision->moves[i];
        *made += move_is(move, "links", "link");
        known = known || (strcmp(move->key, key) == 0 && is_link_of(move, kind, value));
    }
    if (known) {
        return true;
    }
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT 1 FROM links WHERE kind = ? AND value = ? AND declaration = ?");
    store_bind_string(query, 1, kind);
    store_bind_string(query, 2, value);
    store_bind_string(query, 3, key);
    return state_exists(cause->state, query);
}

void links_add(struct cause *cause, const char *kind, const char *value, stamp at,
               const struct declaration *declaration) {
    require(cause_has_state(cause));
    size_t made;
    if (!*value || links_are_contested(cause, kind, value)) {
        return;
    }
    bool known = has_link(cause, kind, value, declaration->key, &made);
    if (known ? at != 0 : made < LINKS_NEW_MAX) {
        decision_move(cause->decision, "links", declaration->key, known ? "renew" : "link", "", "", at,
                      "kind", kind, "value", value, "party", declaration->party, NULL);
    }
}

void links_contest(struct cause *cause, const char *kind, const char *value, stamp at, uint64_t record) {
    require(cause_has_state(cause));
    if (*value) {
        decision_move(cause->decision, "links", value, "contest", "", "", at, "kind", kind, NULL);
        decision_put(cause->decision, "record", (int64_t)record);
    }
}

/* --- joining -------------------------------------------------------------------------------------------- */

/* A declaration that comes in names a number: is that its party's? */
static void join_number(struct cause *cause, const struct declaration *declared, const char *kind,
                        const char *value) {
    struct declaration found[LINKED_MAX];
    if (!*value) {
        return;
    }
    decision_move(cause->decision, "links", declared->key, "name", "", "", declared->received, "kind", kind,
                  "value", value, "party", declared->party, NULL);
    if (links_find(cause, kind, value, found) && strcmp(found[0].party, declared->party) == 0) {
        links_add(cause, kind, value, 0, declared);
    }
}

/* The party's declarations that name the number themselves: it is theirs, customs says. */
static void join_by_name(struct cause *cause, const struct customs_number *number, const char *party) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT declaration FROM names WHERE kind = ? AND value = ? AND party = ? ORDER BY declaration LIMIT"
        " ?");
    const char *keys[LINKED_MAX];
    size_t count = 0;
    store_bind_string(query, 1, number->kind);
    store_bind_string(query, 2, number->value);
    store_bind_string(query, 3, party);
    store_bind_int(query, 4, LINKED_MAX);
    while (count < LINKED_MAX && state_row(cause->state, query)) {
        keys[count++] = row_text(query, 0, cause->arena);
    }
    store_reset(query);
    for (size_t i = 0; i < count; i++) {
        struct declaration declaration;
        if (declaration_get(cause, keys[i], &declaration)) {
            links_add(cause, number->kind, number->value, 0, &declaration);
        }
    }
}

static void hear(struct cause *cause, const struct move *move) {
    struct declaration declared;
    struct customs_number number;
    if (link_is_made(move, &number)) {
        join_by_name(cause, &number, move_text(move, "party").at);
    } else if (move_is(move, "declarations", "declare") && declaration_get(cause, move->key, &declared)) {
        join_number(cause, &declared, "seq", cause_text(cause, "seq_no"));
        join_number(cause, &declared, "entry", cause_text(cause, "entry_number"));
    }
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "link", NULL, {
        "INSERT INTO links(kind, value, declaration, party, at) VALUES(:kind, :value, :key, :party, :at)"
        " ON CONFLICT DO UPDATE SET at = max(at, excluded.at)" }, NULL },
    { "renew", NULL, {
        "UPDATE links SET at = max(at, :at) WHERE kind = :kind AND value = :value AND declaration = :key" }, NULL },
    { "contest", NULL, {
        "INSERT OR IGNORE INTO contested(kind, value, record) VALUES(:kind, :key, :record)" }, NULL },
    { "name", NULL, {
        "INSERT OR IGNORE INTO names(kind, value, party, declaration) VALUES(:kind, :value, :party, :key)" }, NULL },
    { 0 },
};
/* clang-format on */

const struct part part_links = { .name = "links", .tables = tables, .hear = hear, .moves = moves };
