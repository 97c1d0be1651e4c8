/*
 * walk_columns.c - the columns of the document, as texts, numbers and values.
 */
#include "expr/walk.h"

#include "base/status.h"

/* --- values --------------------------------------------------------------------------------------------- */

struct val val_unknown(enum expr_type type) {
    return (struct val){ .type = type };
}

struct val val_of_flag(bool flag) {
    return (struct val){ .known = true, .type = EXPR_FLAG, .flag = flag };
}

struct val val_of_number(int64_t number) {
    return (struct val){ .known = true, .type = EXPR_DECIMAL, .decimal = decimal_of_int(number) };
}

int val_order(const struct val *a, const struct val *b) {
    switch (a->type) {
    case EXPR_TEXT: return text_compare(a->text, b->text);
    case EXPR_DECIMAL: return decimal_compare(a->decimal, b->decimal);
    case EXPR_DATE: return (a->day > b->day) - (a->day < b->day);
    case EXPR_MOMENT: return (a->moment > b->moment) - (a->moment < b->moment);
    case EXPR_FLAG: return a->flag - b->flag;
    case EXPR_TEXTS: break;
    }
    panic("texts have no order");
}

/* Canonical text of a field to a value of that type. */
struct val val_read(enum expr_type type, struct text text) {
    struct val value = { .type = type };
    switch (type) {
    case EXPR_TEXT:
        value.text = text;
        value.known = true;
        break;
    case EXPR_DECIMAL: value.known = decimal_parse(text, &value.decimal); break;
    case EXPR_DATE: value.known = day_parse(text, &value.day); break;
    case EXPR_MOMENT: value.known = stamp_parse(text, &value.moment); break;
    case EXPR_FLAG:
        value.flag = text_is(text, "true");
        value.known = value.flag || text_is(text, "false");
        break;
    case EXPR_TEXTS: break;
    }
    return value;
}

/* --- fields --------------------------------------------------------------------------------------------- */

/* A field that stands once is the same in all rows, and is not worth keeping. NULL: not there, or empty. */
static const struct value *single(const struct walk *walk, const struct field *field) {
    const struct value *value = document_value(walk->context->doc, field->id, 0);
    return value && value->text.length ? value : NULL;
}

static const struct value *sound_single(const struct walk *walk, const struct field *field) {
    const struct value *value = single(walk, field);
    return value && !value->ill ? value : NULL;
}

static struct cells *cells_of(struct walk *walk, const struct field *field) {
    if (!walk->columns) {
        const struct expr_context *context = walk->context;
        walk->columns = context->columns ? context->columns : expr_columns_new(context->doc, context->arena);
    }
    return columns_block(walk->columns, field, walk->first);
}

rows walk_there(struct walk *walk, const struct field *field, rows asked) {
    if (field->group < 0) {
        return single(walk, field) ? asked : 0;
    }
    return asked & cells_of(walk, field)->there;
}

rows walk_field_texts(struct walk *walk, const struct field *field, rows asked, struct text room[BLOCK],
                      const struct text **out) {
    if (field->group >= 0) {
        const struct cells *cells = cells_of(walk, field);
        *out = cells->texts;
        return asked & cells->sound;
    }
    const struct value *value = sound_single(walk, field);
    for (rows left = value ? asked : 0; left; left &= left - 1) {
        room[first_of(left)] = value->text;
    }
    *out = room;
    return value ? asked : 0;
}

rows walk_field_numbers(struct walk *walk, const struct field *field, rows asked, struct numbers *room,
                        const struct numbers **out) {
    if (field->group >= 0) {
        struct cells *cells = cells_of(walk, field);
        return asked & columns_numbers(walk->columns, cells, out);
    }
    struct decimal decimal;
    const struct value *value = sound_single(walk, field);
    bool known = value && decimal_parse(value->text, &decimal);
    if (known) {
        numbers_fill(room, decimal, asked);
    }
    *out = room;
    return known ? asked : 0;
}

rows walk_field_values(struct walk *walk, const struct field *field, enum expr_type type, rows asked,
                       struct val out[BLOCK]) {
    struct text room[BLOCK];
    const struct text *texts;
    if (type == EXPR_DECIMAL) {
        struct numbers numbers_room;
        const struct numbers *numbers;
        rows known = walk_field_numbers(walk, field, asked, &numbers_room, &numbers);
        walk_values_of_numbers(numbers, known, out);
        return known;
    }
    rows sound = walk_field_texts(walk, field, asked, room, &texts), known = 0;
    for (rows left = sound; left; left &= left - 1) {
        unsigned i = first_of(left);
        out[i] = val_read(type, texts[i]);
        known |= (rows)out[i].known << i;
    }
    return known;
}

void walk_values_of_numbers(const struct numbers *numbers, rows known, struct val out[BLOCK]) {
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        out[i] = (struct val){ .known = true, .type = EXPR_DECIMAL, .decimal = numbers_at(numbers, i) };
    }
}
