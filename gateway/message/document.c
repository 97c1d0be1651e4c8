/*
 * document.c - values in the order they came, and per field a column: the first value of each row, by row.
 *
 * A message is read from front to back, so rows come in rising order and a column grows at its end; a look-up
 * halves the column. Rows without a value cost nothing, so a sparse table cannot be made to cost memory.
 */
#include "message/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define VALUES_AT_FIRST 128
#define COLUMN_AT_FIRST 8
#define NAMES_MAX       65536 /* fields a packed document may name */

/* There is one for each field of the dictionary, in each document, so it is small. */
struct column {
    union {
        int *many; /* values, one per row that has any, by rising row */
        int one;   /* while there is only one: most have no more */
    };
    uint32_t count;
    uint32_t empty;   /* of them */
    uint32_t longest; /* bytes, of all values */
    uint32_t rows;    /* of a group */
};

struct document {
    const struct fields *fields;
    struct arena *arena;
    struct column *columns; /* one per field */
    size_t columns_count;
    struct value *values;
    size_t count, capacity;
};

struct document *document_new(const struct fields *fields, struct arena *arena) {
    require(fields && arena);
    struct document *doc = arena_alloc(arena, sizeof(*doc));
    *doc = (struct document){ .fields = fields, .arena = arena };
    doc->columns_count = fields_count(fields);
    doc->columns = arena_alloc(arena, doc->columns_count * sizeof(*doc->columns));
    return doc;
}

const struct fields *document_fields(const struct document *doc) {
    return doc->fields;
}

static struct column *column_of(const struct document *doc, int field) {
    require(field >= 0 && (size_t)field < doc->columns_count);
    return &doc->columns[field];
}

static const int *firsts(const struct column *column) {
    return column->count > 1 ? column->many : &column->one;
}

/* The value that counts, of the rows that have one the at-th. */
static const struct value *value_at(const struct document *doc, const struct column *column, uint32_t at) {
    return &doc->values[firsts(column)[at]];
}

/* Where `row` stands in the column, or where it would: mostly at its end;
 * where no row is left out, at its number. */
static uint32_t position(const struct document *doc, const struct column *column, uint32_t row) {
    uint32_t low = 0, high = column->count;
    if (high == 0 || value_at(doc, column, high - 1)->row < row) {
        return high;
    }
    if (row < high && value_at(doc, column, row)->row == row) {
        return row;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (value_at(doc, column, middle)->row < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool column_has(const struct document *doc, const struct column *column, uint32_t at, uint32_t row) {
    return at < column->count && value_at(doc, column, at)->row == row;
}

/* Of more than one there is room for COLUMN_AT_FIRST, and then for twice as many whenever it is full. */
static void column_insert(struct document *doc, struct column *column, uint32_t at, int value) {
    uint32_t count = column->count++;
    bool is_full = count == 1 || (count >= COLUMN_AT_FIRST && (count & (count - 1)) == 0);
    if (count == 0) {
        column->one = value;
        return;
    }
    if (is_full) {
        int only = column->one, *before = count > 1 ? column->many : &only;
        uint32_t capacity = count > 1 ? 2 * count : COLUMN_AT_FIRST;
        column->many = arena_bigger(doc->arena, before, count, capacity, sizeof(*column->many));
    }
    memmove(column->many + at + 1, column->many + at, (count - at) * sizeof(*column->many));
    column->many[at] = value;
}

static void column_replace(struct column *column, uint32_t at, int value) {
    *(column->count > 1 ? &column->many[at] : &column->one) = value;
}

static void make_room(struct document *doc, size_t capacity) {
    doc->values = arena_bigger(doc->arena, doc->values, doc->count, capacity, sizeof(*doc->values));
    doc->capacity = capacity;
}

static struct value *next_value(struct document *doc) {
    if (doc->count == doc->capacity) {
        make_room(doc, doc->capacity ? doc->capacity * 2 : VALUES_AT_FIRST);
    }
    return &doc->values[doc->count++];
}

bool document_add_ranked(struct document *doc, const struct field *field, uint32_t row, struct text text,
                         bool ill, struct origin origin, unsigned rank) {
    require(field->type != FIELD_GROUP && (field->group >= 0 || row == 0));
    if (doc->count == DOCUMENT_VALUES_MAX) {
        return false;
    }
    int index = (int)doc->count;
    *next_value(doc) = (struct value){
        .field = field->id, .row = row, .ill = ill, .rank = rank, .text = text, .origin = origin
    };
    struct column *column = column_of(doc, field->id);
    uint32_t at = position(doc, column, row);
    column->longest = text.length > column->longest ? (uint32_t)text.length : column->longest;
    if (!column_has(doc, column, at, row)) {
        column_insert(doc, column, at, index);
        column->empty += text.length == 0;
    } else if (rank < value_at(doc, column, at)->rank) {
        column->empty -= value_at(doc, column, at)->text.length == 0;
        column->empty += text.length == 0;
        column_replace(column, at, index);
    }
    if (field->group >= 0) {
        document_set_rows(doc, field->group, row + 1);
    }
    return true;
}

bool document_add(struct document *doc, const struct field *field, uint32_t row, struct text text, bool ill,
                  struct origin origin) {
    return document_add_ranked(doc, field, row, text, ill, origin, 0);
}

void document_enrich(struct document *doc, const char *name, uint32_t row, struct text text) {
    const struct field *field = fields_find(doc->fields, text_of(name));
    if (!field) {
        panic("the dictionary has no field %s", name);
    }
    const char *copy = arena_copy(doc->arena, text);
    document_add(doc, field, row, (struct text){ copy, text.length }, false,
                 (struct origin){ .element = ORIGIN_NO_ELEMENT });
}

void document_set_rows(struct document *doc, int group, uint32_t rows) {
    require(group >= 0);
    struct column *column = column_of(doc, group);
    if (rows > column->rows) {
        column->rows = rows;
    }
}

uint32_t document_rows(const struct document *doc, int group) {
    return column_of(doc, group)->rows;
}

bool document_has(const struct document *doc, int field) {
    return column_of(doc, field)->count > 0;
}

uint32_t document_filled(const struct document *doc, int field) {
    return column_of(doc, field)->count - column_of(doc, field)->empty;
}

size_t document_longest(const struct document *doc, int field) {
    return column_of(doc, field)->longest;
}

const struct value *document_value(const struct document *doc, int field, uint32_t row) {
    const struct column *column = column_of(doc, field);
    uint32_t at = position(doc, column, row);
    return column_has(doc, column, at, row) ? value_at(doc, column, at) : NULL;
}

uint64_t document_column(const struct document *doc, int field, uint32_t first, struct text texts[],
                         uint64_t *ill) {
    const struct column *column = column_of(doc, field);
    const struct value *values = doc->values;
    const int *indices = firsts(column);
    uint32_t count = column->count;
    uint64_t there = 0;
    *ill = 0;
    for (uint32_t at = count ? position(doc, column, first) : 0; at < count; at++) {
        const struct value *value = &values[indices[at]];
        uint32_t row = value->row - first;
        if (row >= DOCUMENT_BLOCK) {
            break;
        }
        if (value->text.length) {
            texts[row] = value->text;
            there |= UINT64_C(1) << row;
            *ill |= (uint64_t)value->ill << row;
        }
    }
    return there;
}

size_t document_count(const struct document *doc) {
    return doc->count;
}

const struct value *document_at(const struct document *doc, size_t index) {
    require(index < doc->count);
    return &doc->values[index];
}

void document_set_ill(struct document *doc, size_t index) {
    require(index < doc->count);
    doc->values[index].ill = true;
}

/* --- packed --------------------------------------------------------------------------------------------- */

/* clang-format off */
/*
 * document = version(2)  fields  groups  values
 * fields   = count { length bytes }            names, in the order of the dictionary
 * groups   = count { name rows }               name: index into fields
 * values   = count { name flags [row] length bytes moved [extent] }
 *
 * All numbers are LEB128. flags: 1 ill, 2 a row follows (else 0), 4 its extent follows (else as long as its
 * bytes). moved: how far its extent begins behind that of the value before, its sign in the lowest bit.
 */
/* clang-format on */
#define PACK_VERSION 2

enum { FLAG_ILL = 1, FLAG_ROW = 2, FLAG_EXTENT = 4, FLAGS = 7 };

#define NUMBERS_MAX     6 /* of a value */
#define NUMBER_SIZE_MAX 10

/* Returns what comes behind it. */
static char *write_number(char *to, uint64_t number) {
    for (; number > 0x7F; number >>= 7) {
        *to++ = (char)(number | 0x80);
    }
    *to++ = (char)number;
    return to;
}

static void put(struct buf *out, uint64_t number) {
    char bytes[NUMBER_SIZE_MAX];
    buf_add(out, bytes, (size_t)(write_number(bytes, number) - bytes));
}

static void put_text(struct buf *out, struct text text) {
    char *start = buf_room(out, NUMBER_SIZE_MAX + text.length);
    if (start) {
        char *to = write_number(start, text.length);
        memcpy(to, text.at, text.length);
        buf_filled(out, (size_t)(to - start) + text.length);
    }
}

static uint64_t signed_number(int64_t number) {
    return number < 0 ? (uint64_t)-number << 1 | 1 : (uint64_t)number << 1;
}

/* Returns where the extent begins. */
static uint32_t put_value(struct buf *out, const struct value *value, int name, uint32_t before) {
    struct extent extent = value->origin.extent;
    bool other_length = extent.length != value->text.length;
    unsigned flags =
        (value->ill ? FLAG_ILL : 0) | (value->row ? FLAG_ROW : 0) | (other_length ? FLAG_EXTENT : 0);
    char *start = buf_room(out, NUMBERS_MAX * NUMBER_SIZE_MAX + value->text.length), *to = start;
    if (!start) {
        return extent.offset;
    }
    to = write_number(write_number(to, (uint64_t)name), flags);
    to = value->row ? write_number(to, value->row) : to;
    to = write_number(to, value->text.length);
    if (value->text.length) { /* an empty one may be nowhere */
        memcpy(to, value->text.at, value->text.length);
    }
    to = write_number(to + value->text.length, signed_number((int64_t)extent.offset - before));
    to = other_length ? write_number(to, extent.length) : to;
    buf_filled(out, (size_t)(to - start));
    return extent.offset;
}

/* Of several values in one row only one counts. */
static bool counts(const struct document *doc, size_t index) {
    const struct value *value = &doc->values[index];
    const struct column *column = &doc->columns[value->field];
    return value_at(doc, column, position(doc, column, value->row)) == value;
}

/* What is packed: the fields and groups that the document uses, a few of the dictionary's, get the numbers 0,
 * 1, 2 ..., all others -1. What the gateway knows is left out: it is told anew by whoever needs it. */
struct contents {
    int *numbers; /* by field */
    int *fields;  /* by number */
    size_t fields_count;
    uint64_t groups, values;
    bool all_count; /* no value stands in the place of another */
};

static struct contents contents_of(const struct document *doc) {
    size_t count = doc->columns_count, counting = 0;
    int *numbers = memory_grow(NULL, 2 * count + 1, sizeof(*numbers));
    struct contents contents = { .numbers = numbers, .fields = numbers + count };
    memset(numbers, 0xFF, count * sizeof(*numbers));
    for (size_t i = 0; i < count; i++) {
        const struct column *column = &doc->columns[i];
        if (column->count == 0 && column->rows == 0) {
            continue;
        }
        bool packed = column->count && !fields_at(doc->fields, (int)i)->known;
        counting += column->count;
        contents.groups += column->rows > 0;
        contents.values += packed ? column->count : 0;
        if (packed || column->rows) {
            numbers[i] = (int)contents.fields_count;
            contents.fields[contents.fields_count++] = (int)i;
        }
    }
    contents.all_count = counting == doc->count;
    return contents;
}

void document_pack(const struct document *doc, struct buf *out) {
    require(doc->columns_count == fields_count(doc->fields));
    struct contents contents = contents_of(doc);
    put(out, PACK_VERSION);
    put(out, contents.fields_count);
    for (size_t i = 0; i < contents.fields_count; i++) {
        const struct field *field = fields_at(doc->fields, contents.fields[i]);
        put_text(out, (struct text){ field->name, field->length });
    }
    put(out, contents.groups);
    for (size_t i = 0; i < contents.fields_count; i++) {
        uint32_t rows = doc->columns[contents.fields[i]].rows;
        if (rows) {
            put(out, i);
            put(out, rows);
        }
    }
    put(out, contents.values);
    uint32_t before = 0;
    for (size_t i = 0; i < doc->count; i++) {
        const struct value *value = &doc->values[i];
        int number = contents.numbers[value->field];
        if (number >= 0 && (contents.all_count || counts(doc, i))) {
            before = put_value(out, value, number, before);
        }
    }
    free(contents.numbers);
}

/* A reader that once it failed gives zeros, so that the caller checks where it matters. */
struct unpacker {
    const char *at, *end;
    bool failed;
};

/* One after the other, each held to its maximum. */
static void take_numbers(struct unpacker *in, size_t count, const uint64_t max[], uint64_t numbers[]) {
    const char *at = in->at, *end = in->end;
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = 0x80;
        uint64_t number = 0;
        for (unsigned shift = 0; byte & 0x80 && shift < 64 && at < end; shift += 7) {
            byte = (unsigned char)*at++;
            number |= (uint64_t)(byte & 0x7F) << shift;
        }
        in->failed = in->failed || byte & 0x80 || number > max[i];
        numbers[i] = in->failed ? 0 : number;
    }
    in->at = at;
}

static uint64_t take(struct unpacker *in, uint64_t max) {
    uint64_t number;
    take_numbers(in, 1, &max, &number);
    return number;
}

static struct text take_bytes(struct unpacker *in, uint64_t length) {
    struct text text = { in->at, length };
    in->failed = in->failed || length > (uint64_t)(in->end - in->at);
    if (in->failed) {
        return TEXT("");
    }
    in->at += length;
    return text;
}

static struct text take_text(struct unpacker *in) {
    return take_bytes(in, take(in, UINT64_MAX));
}

#define VALUE_SIZE_MIN 4 /* a value is four numbers at least, and its text */

/* Each counted thing takes at least `size` bytes, so a count beyond what is left is a lie. */
static uint64_t take_count(struct unpacker *in, uint64_t max, size_t size) {
    uint64_t left = (uint64_t)(in->end - in->at) / size;
    return take(in, left < max ? left : max);
}

struct names {
    const struct field **fields;
    uint64_t count;
};

static struct names take_names(struct unpacker *in, const struct fields *fields, struct arena *arena) {
    struct names names = { .count = take_count(in, NAMES_MAX, 1) };
    names.fields = arena_alloc(arena, (names.count + 1) * sizeof(*names.fields));
    for (uint64_t i = 0; i < names.count; i++) {
        names.fields[i] = fields_find(fields, take_text(in));
    }
    return names;
}

static const struct field *field_numbered(struct unpacker *in, const struct names *names, uint64_t number) {
    in->failed = in->failed || number >= names->count;
    return in->failed ? NULL : names->fields[number];
}

static void take_group(struct unpacker *in, const struct names *names, struct document *doc) {
    const struct field *group = field_numbered(in, names, take(in, UINT32_MAX));
    uint32_t rows = (uint32_t)take(in, DOCUMENT_VALUES_MAX);
    if (!in->failed && group && group->type == FIELD_GROUP) {
        document_set_rows(doc, group->id, rows);
    }
}

static uint64_t take_if(struct unpacker *in, bool there, uint64_t max, uint64_t otherwise) {
    return there ? take(in, max) : otherwise;
}

/* Where an extent begins that moved so far from `before`. */
static uint32_t take_offset(struct unpacker *in, uint32_t before) {
    uint64_t moved = take(in, (uint64_t)UINT32_MAX << 1 | 1);
    int64_t offset = (int64_t)before + (moved & 1 ? -(int64_t)(moved >> 1) : (int64_t)(moved >> 1));
    in->failed = in->failed || offset < 0 || offset > UINT32_MAX;
    return in->failed ? 0 : (uint32_t)offset;
}

/* Returns where the extent begins. */
static uint32_t take_value(struct unpacker *in, const struct names *names, struct document *doc,
                           uint32_t before) {
    uint64_t head[2];
    take_numbers(in, 2, (const uint64_t[]){ UINT32_MAX, FLAGS }, head);
    uint32_t row = (uint32_t)take_if(in, head[1] & FLAG_ROW, DOCUMENT_VALUES_MAX - 1, 0);
    struct text text = take_text(in);
    struct origin origin = { .element = ORIGIN_NO_ELEMENT, .extent.offset = take_offset(in, before) };
    origin.extent.length = (uint32_t)take_if(in, head[1] & FLAG_EXTENT, UINT32_MAX, text.length);
    const struct field *field = field_numbered(in, names, head[0]);
    bool wanted = field && !field->known && field->type != FIELD_GROUP && (field->group >= 0 || row == 0);
    if (!in->failed && wanted) {
        document_add(doc, field, row, text, head[1] & FLAG_ILL, origin);
    }
    return origin.extent.offset;
}

struct document *document_unpack(struct text packed, const struct fields *fields, struct arena *arena) {
    require(fields && arena);
    const char *copy = arena_copy(arena, packed); /* whose slices the values are */
    struct unpacker in = { copy, copy + packed.length, false };
    in.failed = take(&in, PACK_VERSION) != PACK_VERSION;
    struct document *doc = document_new(fields, arena);
    struct names names = take_names(&in, fields, arena);
    for (uint64_t left = take_count(&in, NAMES_MAX, 1); left && !in.failed; left--) {
        take_group(&in, &names, doc);
    }
    uint64_t count = take_count(&in, DOCUMENT_VALUES_MAX, VALUE_SIZE_MIN);
    make_room(doc, count);
    uint32_t before = 0;
    for (uint64_t left = count; left && !in.failed; left--) {
        before = take_value(&in, &names, doc, before);
    }
    return in.failed || in.at != in.end ? NULL : doc;
}
