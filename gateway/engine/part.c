/*
 * part.c - the list of parts: who hears a move, and what a move does to the tables of its part.
 */
#include "engine/part.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/status.h"

#define LIST_MAX (256u << 20)

const struct part *const parts[PARTS_COUNT] = {
#define X(name) &part_##name,
    PART_LIST(X)
#undef X
};

const struct part *part_find(const char *name) {
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        if (text_same_name(parts[i]->name, name)) {
            return parts[i];
        }
    }
    return NULL;
}

const struct lifecycle *part_lifecycle(const char *part) {
    const struct part *row = part_find(part);
    return row ? row->lifecycle : NULL;
}

const char *part_state_by(const char *part, const struct lifecycle_told *told, size_t count) {
    const struct part *row = part_find(part);
    const char *state = "";
    if (row && row->state_by) {
        return row->state_by(told, count);
    }
    for (size_t i = 0; row && row->lifecycle && i < count; i++) {
        state = lifecycle_next(row->lifecycle, state, told[i].event);
    }
    return state;
}

/* --- hearing -------------------------------------------------------------------------------------------- */

static size_t place_of(const struct move *move) {
    size_t place = 0;
    while (place < PARTS_COUNT && strcmp(parts[place]->name, move->part) != 0) {
        place++;
    }
    return place;
}

void parts_hear(struct cause *cause) {
    struct decision *decision = cause->decision;
    require(cause->state && decision && cause->heard <= decision->moves_count);
    while (cause->heard < decision->moves_count && decision->result != RESULT_REFUSED) {
        const struct move move =
            decision->moves[cause->heard++]; /* those may move to where there is more room */
        size_t place = place_of(&move);
        require(place < PARTS_COUNT); /* no part makes moves of another's name */
        for (; place < PARTS_COUNT; place++) {
            if (parts[place]->hear) {
                parts[place]->hear(cause, &move);
            }
        }
    }
}

/* --- applying ------------------------------------------------------------------------------------------- */

static const char *proven_by(const struct part *part, const struct move *move) {
    return part->lifecycle ? lifecycle_proves(part->lifecycle, move->event) : "";
}

static void bind_list(struct store_query *query, int index, struct text words) {
    struct buf json;
    struct json_out out;
    buf_init(&json, LIST_MAX);
    json_start(&out, &json);
    json_open_array(&out, NULL);
    while (words.length) {
        json_put_text(&out, NULL, text_until(&words, ' '));
    }
    json_close_array(&out);
    require(!buf_failed(&json));
    store_bind_text(query, index, buf_text(&json));
    buf_release(&json);
}

static void bind(struct store_query *query, int index, const struct part *part, const struct move *move,
                 uint64_t cause) {
    static const char list[] = "list_";
    const char *name = store_parameter(query, index);
    const struct {
        const char *name, *value;
    } own[] = {
        { "key", move->key }, { "event", move->event }, { "from", move->from },
        { "to", move->to },   { "proves", NULL },
    };
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        if (text_same_name(name, own[i].name)) {
            store_lend_string(query, index, own[i].value ? own[i].value : proven_by(part, move));
            return;
        }
    }
    const struct move_datum *datum = move_datum(move, name);
    if (text_same_name(name, "at") || text_same_name(name, "cause")) {
        store_bind_int(query, index, *name == 'a' ? move->at : (int64_t)cause);
    } else if (strncmp(name, list, sizeof(list) - 1) == 0) {
        bind_list(query, index, move_text(move, name + sizeof(list) - 1));
    } else if (datum && datum->is_number) {
        store_bind_int(query, index, datum->number);
    } else {
        store_lend_text(query, index, datum ? datum->value : TEXT(""));
    }
}

static const struct part_move *row_of(const struct part *part, const struct move *move) {
    for (const struct part_move *row = part->moves; row && row->sql[0]; row++) {
        if ((!row->event || text_same_name(row->event, move->event))
            && (!row->to || text_same_name(row->to, move->to))) {
            return row;
        }
    }
    return NULL;
}

size_t parts_statements(const char **sql, size_t max) {
    size_t count = 0;
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        for (const struct part_move *row = parts[i]->moves; row && row->sql[0]; row++) {
            for (size_t k = 0; k < PART_STATEMENTS_MAX && row->sql[k]; k++) {
                require(count < max);
                sql[count++] = row->sql[k];
            }
        }
    }
    return count;
}

static void add_to_timeline(const struct part *part, struct state *state, const struct part_move *row,
                            const struct move *move, uint64_t cause) {
    bool by_key = strcmp(row->timeline, "key") == 0;
    const char *subject = by_key ? move->key : move_text(move, row->timeline).at;
    const struct move_datum *record = move_datum(move, "record");
    if (*subject) {
        timeline_add(state, subject, record ? (uint64_t)record->number : cause, part->name, move->key,
                     move->event, proven_by(part, move), move->at);
    }
}

/* The words for each of which the statement runs, if its parameter is called so. */
static bool take_words(const char *name, const struct move *move, struct text *words, bool *or_none) {
    static const char each[] = "each_", any[] = "any_";
    *or_none = strncmp(name, any, sizeof(any) - 1) == 0;
    if (!*or_none && strncmp(name, each, sizeof(each) - 1) != 0) {
        return false;
    }
    *words = move_text(move, name + (*or_none ? sizeof(any) : sizeof(each)) - 1);
    return true;
}

static void run_statement(struct state *state, const char *sql, const struct part *part,
                          const struct move *move, uint64_t cause) {
    struct store_query *query = store_query(state_store(state), sql);
    struct text words = { 0 };
    int word_index = 0;
    bool or_none = false;
    for (int index = 1; index <= store_parameters(query); index++) {
        if (!word_index && take_words(store_parameter(query, index), move, &words, &or_none)) {
            word_index = index;
        } else {
            bind(query, index, part, move, cause);
        }
    }
    if (!word_index || (or_none && !words.length)) {
        if (word_index) {
            store_lend_text(query, word_index, TEXT(""));
        }
        state_run(state, query);
    }
    while (words.length) {
        store_lend_text(query, word_index, text_until(&words, ' '));
        state_run(state, query);
    }
}

bool part_apply(const struct part *part, struct state *state, const struct move *move, uint64_t cause) {
    require(part && state && move);
    const struct part_move *row = row_of(part, move);
    for (size_t i = 0; row && i < PART_STATEMENTS_MAX && row->sql[i]; i++) {
        run_statement(state, row->sql[i], part, move, cause);
    }
    if (row && row->timeline) {
        add_to_timeline(part, state, row, move, cause);
    }
    return row != NULL;
}
