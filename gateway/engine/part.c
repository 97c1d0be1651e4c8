/*
 * part.c - what all parts need: reading the cause, telling what is known, where a thing stands by now.
 */
#include "engine/part.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"

#define LIST_MAX            (256u << 20)
#define CONTAINERS_TEXT_MAX (1 << 20) /* bytes; what does not fit is not told */

const struct part *const parts[PARTS_COUNT] = {
#define X(name) &part_##name,
    PART_LIST(X)
#undef X
};

const struct part *part_find(const char *name) {
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        if (strcmp(parts[i]->name, name) == 0) {
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

stamp cause_moment(const struct cause *cause, const char *field, stamp otherwise) {
    const struct value *value = value_of(cause, field, 0);
    stamp at;
    return value && stamp_parse(value->text, &at) ? at : otherwise;
}

const char *cause_direction(const struct cause *cause) {
    const char *flag = cause_text(cause, "ie_flag");
    return strcmp(flag, "I") == 0 ? "import" : strcmp(flag, "E") == 0 ? "export" : "";
}

void cause_enrich(struct cause *cause, const char *field, uint32_t row, const char *value) {
    if (value && *value && fields_find(document_fields(cause->doc), text_of(field))) {
        document_know(cause->doc, field, row, text_of(value));
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

int64_t move_number(const struct move *move, const char *name) {
    int64_t number;
    return text_to_int(move_text(move, name), &number) ? number : 0;
}

/* All data of a move stand in an arena, copied with their end (decision.c). */
const char *move_string(const struct move *move, const char *name) {
    return move_text(move, name).at;
}
