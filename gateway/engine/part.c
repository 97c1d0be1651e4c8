/*
 * part.c - what all parts need: reading the cause, telling what is known, where a thing stands by now.
 */
#include "engine/part.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/status.h"

#define LIST_MAX            (256u << 20)
#define CONTAINERS_TEXT_MAX (1 << 20) /* bytes; what does not fit is not told */

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

static const struct value *value_of(const struct cause *cause, const char *field, uint32_t row) {
    const struct field *entry = cause->doc ? fields_find(document_fields(cause->doc), text_of(field)) : NULL;
    const struct value *value = entry ? document_value(cause->doc, entry->id, row) : NULL;
    return value && !value->ill ? value : NULL;
}

bool cause_has_state(const struct cause *cause) {
    const struct decision *decision = cause->decision;
    return cause->state && cause->edition && decision && cause->heard <= decision->moves_count
           && decision->moves_count <= DECISION_MOVES_MAX;
}

const char *cause_row_text(const struct cause *cause, const char *field, uint32_t row) {
    const struct value *value = value_of(cause, field, row);
    return value ? arena_copy(cause->arena, value->text) : "";
}

const char *cause_text(const struct cause *cause, const char *field) {
    return cause_row_text(cause, field, 0);
}

uint32_t cause_rows(const struct cause *cause, const char *group) {
    const struct field *entry = cause->doc ? fields_find(document_fields(cause->doc), text_of(group)) : NULL;
    return entry ? document_rows(cause->doc, entry->id) : 0;
}

stamp cause_row_moment(const struct cause *cause, const char *field, uint32_t row, stamp otherwise) {
    const struct value *value = value_of(cause, field, row);
    stamp at;
    return value && stamp_parse(value->text, &at) ? at : otherwise;
}

stamp cause_moment(const struct cause *cause, const char *field, stamp otherwise) {
    return cause_row_moment(cause, field, 0, otherwise);
}

stamp cause_term(const struct cause *cause, enum term term) {
    require(term < TERMS_COUNT);
    return terms_days(cause->edition->terms, term, cause->today) * (86400 * STAMP_SECOND);
}

int32_t cause_row_day(const struct cause *cause, const char *field, uint32_t row, int32_t otherwise) {
    int32_t day;
    return day_parse(text_of(cause_row_text(cause, field, row)), &day) ? day : otherwise;
}

const char *cause_direction(const struct cause *cause) {
    const char *flag = cause_text(cause, "ie_flag");
    return strcmp(flag, "I") == 0 ? "import" : strcmp(flag, "E") == 0 ? "export" : "";
}

void cause_enrich(struct cause *cause, const char *field, uint32_t row, const char *value) {
    require(cause->doc);
    if (value && *value && fields_find(document_fields(cause->doc), text_of(field))) {
        document_enrich(cause->doc, field, row, text_of(value));
    }
}

void cause_enrich_flag(struct cause *cause, const char *field, uint32_t row, bool value) {
    cause_enrich(cause, field, row, value ? "true" : "false");
}

void cause_enrich_moment(struct cause *cause, const char *field, stamp at) {
    char text[STAMP_TEXT_MAX];
    if (at) {
        cause_enrich(cause, field, 0, stamp_print(at, text));
    }
}

const char *state_of(const struct decision *decision, const char *part, const char *key) {
    for (size_t i = decision->moves_count; i-- > 0;) {
        const struct move *move = &decision->moves[i];
        if (*move->to && strcmp(move->part, part) == 0 && strcmp(move->key, key) == 0) {
            return move->to;
        }
    }
    return NULL;
}

bool move_is(const struct move *move, const char *part, const char *event) {
    return strcmp(move->part, part) == 0 && strcmp(move->event, event) == 0;
}

const char *row_text(struct store_query *query, int column, struct arena *arena) {
    return arena_copy(arena, store_text(query, column));
}

/* rows NULL: all. */
static const char *list_containers(const struct cause *cause, const uint32_t *rows, size_t count) {
    struct buf list;
    buf_init(&list, CONTAINERS_TEXT_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *number = cause_row_text(cause, "container.number", rows ? rows[i] : (uint32_t)i);
        if (*number && !strchr(number, ' ')) {
            buf_printf(&list, "%s%s", list.length ? " " : "", number);
        }
    }
    const char *copy = arena_copy(cause->arena, buf_text(&list));
    buf_release(&list);
    return copy;
}

const char *cause_containers(const struct cause *cause) {
    return list_containers(cause, NULL, cause_rows(cause, "container"));
}

const char *cause_containers_at(const struct cause *cause, const uint32_t *rows, size_t count) {
    return count ? list_containers(cause, rows, count) : "";
}

const char *cause_list(const struct cause *cause, const char *const *items, size_t count) {
    struct buf json;
    struct json_out out;
    buf_init(&json, LIST_MAX);
    json_start(&out, &json);
    json_open_array(&out, NULL);
    for (size_t i = 0; i < count; i++) {
        json_put_string(&out, NULL, items[i]);
    }
    json_close_array(&out);
    require(!buf_failed(&json)); /* values of one message, each at most six times as long */
    const char *copy = arena_copy(cause->arena, buf_text(&json));
    buf_release(&json);
    return copy;
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

void cause_send_role(const struct cause *cause, const char *role, const char *place, const char *route) {
    require(*role && *route);
    const struct parties *parties = cause->edition->parties;
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        if (party_has_role(party, role) && (!*place || party_list_has(party->serves, text_of(place)))) {
            decision_send(cause->decision, party->code, 0, route);
        }
    }
}

#define WARNINGS_MAX 2000 /* bytes */

const char *cause_warnings(const struct cause *cause, bool zh) {
    require(cause->metadata);
    const struct {
        const struct finding *list;
        size_t count;
    } findings[] = { { cause->metadata->findings, cause->metadata->count },
                     { cause->decision->findings.findings, cause->decision->findings.count } };
    struct buf why;
    buf_init(&why, WARNINGS_MAX);
    for (size_t of = 0; of < sizeof(findings) / sizeof(*findings); of++) {
        for (size_t i = 0; i < findings[of].count; i++) {
            const struct finding *finding = &findings[of].list[i];
            if (finding->severity == SEVERITY_WARNING) {
                buf_printf(&why, "%s%s", why.length ? (zh ? "；" : "; ") : "",
                           zh ? finding->zh : finding->en);
            }
        }
    }
    const char *copy =
        buf_failed(&why) ? (zh ? "多处" : "many things") : arena_copy(cause->arena, buf_text(&why));
    buf_release(&why);
    return copy;
}
