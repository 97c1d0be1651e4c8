/*
 * columns.c - what expressions learned of the columns of one document. Rules ask the same few columns again
 * and again: which rows have a value, its text, its number. A block of a column is read when it is first
 * asked about, a number when somebody calculates with it, and both are kept for all expressions of the
 * document.
 */
#include "expr/walk.h"

#include "base/status.h"

struct column {
    struct cells *blocks; /* NULL: nobody has asked yet */
    uint32_t rows;
};

struct expr_columns {
    const struct document *doc;
    struct arena *arena;
    struct column *columns; /* by field */
};

struct expr_columns *expr_columns_new(const struct document *doc, struct arena *arena) {
    struct expr_columns *columns = arena_alloc(arena, sizeof(*columns));
    *columns = (struct expr_columns){ .doc = doc, .arena = arena };
    columns->columns = arena_alloc(arena, fields_count(document_fields(doc)) * sizeof(*columns->columns));
    return columns;
}

static void read_block(const struct expr_columns *columns, const struct field *field, uint32_t first,
                       uint32_t count, struct cells *cells) {
    uint64_t ill;
    struct text *texts = arena_alloc(columns->arena, count * sizeof(*texts));
    cells->there = document_column(columns->doc, field->id, first, texts, &ill);
    cells->sound = cells->there & ~ill;
    cells->texts = texts;
    cells->read = true;
}

uint32_t columns_rows(const struct expr_columns *columns, const struct field *field) {
    return field->group >= 0 ? document_rows(columns->doc, field->group) : 1;
}

struct cells *columns_block(struct expr_columns *columns, const struct field *field, uint32_t first) {
    static struct cells none = { .read = true };
    struct column *column = &columns->columns[field->id];
    if (!column->blocks) {
        column->rows = document_has(columns->doc, field->id) ? columns_rows(columns, field) : 0;
        column->blocks = arena_alloc(columns->arena, (column->rows / BLOCK + 1) * sizeof(*column->blocks));
    }
    if (first >= column->rows) {
        return &none;
    }
    uint32_t left = column->rows - first, count = left < BLOCK ? left : BLOCK;
    struct cells *cells = first % BLOCK == 0 ? &column->blocks[first / BLOCK]
                                             : arena_alloc(columns->arena, sizeof(*cells)); /* of no block */
    if (!cells->read) {
        read_block(columns, field, first, count, cells);
    }
    return cells;
}

rows columns_numbers(struct expr_columns *columns, struct cells *cells, const struct numbers **out) {
    if (!cells->numbers && cells->sound) {
        struct decimal decimals[BLOCK];
        for (rows left = cells->sound; left; left &= left - 1) {
            unsigned i = first_of(left);
            cells->numeric |= (rows)decimal_parse(cells->texts[i], &decimals[i]) << i;
        }
        struct numbers *numbers = arena_alloc(columns->arena, sizeof(*numbers));
        numbers_of_decimals(numbers, decimals, cells->numeric);
        cells->numbers = numbers;
    }
    *out = cells->numbers;
    return cells->numeric;
}
