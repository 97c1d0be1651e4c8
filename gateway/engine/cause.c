/*
 * cause.c - reading the cause, telling what is known, where a thing stands by now.
 */
#include "engine/cause.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/status.h"
#include "engine/part.h"

#define LIST_MAX            (256u << 20)
#define CONTAINERS_TEXT_MAX (1 << 20) /* bytes; what does not fit is not told */

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
