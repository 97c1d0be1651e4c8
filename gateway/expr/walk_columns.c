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

/* The rows in which it is there, and not empty. */
rows walk_cells(const struct walk *walk, const struct field *field, rows asked,
                const struct value *out[BLOCK]) {
    const struct document *doc = walk->context->doc;
    rows there = 0;
    if (field->group < 0) {
        const struct value *value = document_value(doc, field->id, 0);
        bool is_there = value && value->text.length;
        for (rows left = is_there ? asked : 0; left; left &= left - 1) {
            unsigned i = first_of(left);
            out[i] = value;
        }
        return is_there ? asked : 0;
    }
    document_column(doc, field->id, walk->first, asked ? BLOCK - (uint32_t)__builtin_clzll(asked) : 0, out);
    for (rows left = asked; left; left &= left - 1) {
        unsigned i = first_of(left);
        there |= out[i] && out[i]->text.length ? (rows)1 << i : 0;
    }
    return there;
}

/* The same, and not ill: its text is its value. */
static rows sound_cells_of(const struct walk *walk, const struct field *field, rows asked,
                           const struct value *out[BLOCK]) {
    rows there = walk_cells(walk, field, asked, out), sound = 0;
    for (rows left = there; left; left &= left - 1) {
        unsigned i = first_of(left);
        sound |= (rows)!out[i]->ill << i;
    }
    return sound;
}

rows walk_field_values(const struct walk *walk, const struct field *field, enum expr_type type, rows asked,
                       struct val out[BLOCK]) {
    const struct value *cells[BLOCK];
    rows sound = sound_cells_of(walk, field, asked, cells), known = 0;
    for (rows left = sound; left; left &= left - 1) {
        unsigned i = first_of(left);
        out[i] = val_read(type, cells[i]->text);
        known |= (rows)out[i].known << i;
    }
    return known;
}

rows walk_field_texts(const struct walk *walk, const struct field *field, rows asked,
                      struct text out[BLOCK]) {
    const struct value *cells[BLOCK];
    rows sound = sound_cells_of(walk, field, asked, cells);
    for (rows left = sound; left; left &= left - 1) {
        unsigned i = first_of(left);
        out[i] = cells[i]->text;
    }
    return sound;
}

rows walk_field_numbers(const struct walk *walk, const struct field *field, rows asked,
                        struct decimal out[BLOCK]) {
    const struct value *cells[BLOCK];
    rows sound = sound_cells_of(walk, field, asked, cells), known = 0;
    for (rows left = sound; left; left &= left - 1) {
        unsigned i = first_of(left);
        known |= (rows)decimal_parse(cells[i]->text, &out[i]) << i;
    }
    return known;
}
