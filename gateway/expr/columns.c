/*
 * columns.c - what expressions learned of the columns of one document. Rules ask the same few columns again
 * and again: which rows have a value, its text, its number. A block of a column is read when it is first
 * asked about, a number when somebody calculates with it, and both are kept for all expressions of the
 * document.
 */
#include "expr/walk.h"

#include "base/status.h"

struct column {
    uint32_t rows; /* 0: the document has no value of it */
    bool ranged;
    struct range range;
    struct cells blocks[];
};

struct expr_columns {
    const struct document *doc;
    struct arena *arena;
    struct column **columns; /* by field; NULL: nobody has asked yet */
};

struct expr_columns *expr_columns_new(const struct document *doc, struct arena *arena) {
    struct expr_columns *columns = arena_alloc(arena, sizeof(*columns));
    *columns = (struct expr_columns){ .doc = doc, .arena = arena };
    columns->columns = arena_alloc(arena, fields_count(document_fields(doc)) * sizeof(struct column *));
    return columns;
}

uint32_t columns_rows(const struct expr_columns *columns, const struct field *field) {
    return field->group >= 0 ? document_rows(columns->doc, field->group) : 1;
}

static struct column *column_of(struct expr_columns *columns, const struct field *field) {
    struct column **column = &columns->columns[field->id];
    if (!*column) {
        uint32_t count = document_has(columns->doc, field->id) ? columns_rows(columns, field) : 0;
        size_t blocks = (count + BLOCK - 1) / BLOCK;
        *column = arena_alloc(columns->arena, sizeof(**column) + blocks * sizeof((*column)->blocks[0]));
        (*column)->rows = count;
    }
    return *column;
}

static void *unset_array(struct arena *arena, size_t count, size_t size) {
    return arena_bigger(arena, NULL, 0, count, size);
}

static void read_block(const struct expr_columns *columns, const struct field *field, uint32_t first,
                       uint32_t count, struct cells *cells) {
    uint64_t ill;
    struct text *texts = unset_array(columns->arena, count, sizeof(*texts));
    cells->there = document_column(columns->doc, field->id, first, texts, &ill);
    cells->sound = cells->there & ~ill;
    cells->texts = texts;
    cells->read = true;
}

struct cells *columns_block(struct expr_columns *columns, const struct field *field, uint32_t first) {
    static struct cells none = { .read = true };
    struct column *column = column_of(columns, field);
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
    require(cells->read);
    if (!cells->numbers && cells->sound) {
        struct numbers *numbers = unset_array(columns->arena, 1, sizeof(*numbers));
        cells->numeric = numbers_of_texts(numbers, cells->texts, cells->sound);
        cells->numbers = numbers;
    }
    *out = cells->numbers;
    return cells->numeric;
}

/* --- a column as a whole -------------------------------------------------------------------------------- */

bool columns_everywhere(const struct expr_columns *columns, const struct field *field) {
    return document_filled(columns->doc, field->id) == columns_rows(columns, field);
}

/* What a block adds; false: it has a number that is too large. */
static bool widen(struct range *range, const struct numbers *numbers, rows known) {
    int64_t least = INT64_MAX, most = INT64_MIN;
    if (!known || !numbers->narrow) {
        return !known;
    }
    for (rows left = known; left; left &= left - 1) {
        int64_t number = numbers->whole[first_of(left)];
        least = number < least ? number : least;
        most = number > most ? number : most;
    }
    struct decimal low = { least, numbers->scale }, high = { most, numbers->scale };
    range->least = !range->known || decimal_compare(low, range->least) < 0 ? low : range->least;
    range->most = !range->known || decimal_compare(high, range->most) > 0 ? high : range->most;
    range->places = numbers->scale > range->places ? numbers->scale : range->places;
    range->known = true;
    return true;
}

const struct range *columns_range(struct expr_columns *columns, const struct field *field) {
    struct column *column = column_of(columns, field);
    struct range *range = &column->range;
    for (uint32_t first = 0; !column->ranged && !range->too_large && first < column->rows; first += BLOCK) {
        const struct numbers *numbers;
        rows known = columns_numbers(columns, columns_block(columns, field, first), &numbers);
        range->too_large = !widen(range, numbers, known);
    }
    range->known = range->known && !range->too_large;
    column->ranged = true;
    return range;
}
