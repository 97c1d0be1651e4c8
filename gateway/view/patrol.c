/*
 * patrol.c - refused charge notes → their findings, from the receipt or from the engine's decision → the line
 * that each is about → rows, added up by who charged what against which rule.
 *
 * A refusal leaves nothing in state.db but that it was one: what was refused, and why, is read from the
 * records.
 */
#include "view/patrol.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "message/decided.h"
#include "message/document.h"
#include "message/finding_code.h"
#include "message/metadata.h"
#include "engine/decision.h"
#include "view/columns.h"
#include "view/names.h"
#include "view/statistics/periods.h"

struct row {
    const char *party, *operator, * item, *code;
    const char *zh, *en; /* what its sender was told of the last */
    int64_t lines, notes;
    int32_t first, last; /* days */
    uint64_t record;
};

struct patrol {
    const struct view_question *question;
    struct row rows[PATROL_ROWS_MAX];
    size_t count;
    bool more;
};

/* One refused note. */
struct note {
    struct record rec;
    struct metadata metadata;
    const struct document *doc; /* NULL: it was refused before it could be read */
    const struct finding *findings;
    size_t count;
};

/* --- what was refused, and why -------------------------------------------------------------------------- */

static struct store_query *ask_notes(const struct view_question *question) {
    struct period period = period_of(question);
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT number, decision FROM messages WHERE family = 'charge-note' AND recorded >= ?"
                    " AND recorded < ? AND (outcome = 'refused' OR result = 'refused') ORDER BY number");
    store_bind_int(query, 1, stamp_of_day(period.first_day));
    store_bind_int(query, 2, stamp_of_day(period.next_day));
    return query;
}

static enum status read_note(const struct view_question *question, uint64_t number, uint64_t decided,
                             struct arena *arena, struct note *out) {
    struct reader *reader = question->source->reader;
    struct decision decision;
    *out = (struct note){ 0 };
    enum status status = reader_get(reader, number, arena, &out->rec);
    if (status != STATUS_OK) {
        return status;
    }
    if (out->rec.kind != RECORD_MESSAGE || !metadata_read(out->rec.meta, arena, &out->metadata)) {
        return STATUS_DAMAGED;
    }
    out->findings = out->metadata.findings;
    out->count = out->metadata.count;
    if (out->rec.fields.length) {
        out->doc = document_unpack(out->rec.fields, question->source->edition->fields, arena);
    }
    if (out->metadata.outcome == OUTCOME_ACCEPTED && decided) {
        status = decision_get(reader, decided, number, arena, &decision);
        out->findings = decision.findings.findings;
        out->count = status == STATUS_OK ? decision.findings.count : 0;
    }
    return status;
}

/* --- which line a finding is about ---------------------------------------------------------------------- */

static const char *value_of(const struct view_question *question, const struct note *note, const char *name,
                            uint32_t row) {
    const struct field *field = fields_find(question->source->edition->fields, text_of(name));
    const struct value *value = field && note->doc ? document_value(note->doc, field->id, row) : NULL;
    return value ? arena_copy(question->arena, value->text) : "";
}

/* The finding points at a value: whose row has an item. */
static bool line_of(const struct note *note, const struct finding *finding, uint32_t *row) {
    for (size_t i = 0; note->doc && i < document_count(note->doc); i++) {
        const struct value *value = document_at(note->doc, i);
        const struct field *field = fields_at(document_fields(note->doc), value->field);
        if (value->origin.extent.offset == finding->place.offset && finding->place.length
            && field->group >= 0) {
            *row = value->row;
            return true;
        }
    }
    return false;
}

/* The item of a note that was refused before its fields were kept stands where the finding points. */
static const char *item_at(const struct view_question *question, const struct note *note,
                           const struct finding *finding) {
    static const char last[] = "/ItemCode";
    size_t length = strlen(finding->path);
    struct place place = finding->place;
    bool is_item = length >= sizeof(last) && strcmp(finding->path + length - (sizeof(last) - 1), last) == 0;
    if (!is_item || place.offset > note->rec.data.length
        || place.length > note->rec.data.length - place.offset) {
        return "";
    }
    return arena_copy(question->arena, (struct text){ note->rec.data.at + place.offset, place.length });
}

static const char *item_of(const struct view_question *question, const struct note *note,
                           const struct finding *finding) {
    uint32_t row;
    return line_of(note, finding, &row) ? value_of(question, note, "line.item_code", row)
                                        : item_at(question, note, finding);
}

/* --- adding up ------------------------------------------------------------------------------------------ */

static struct row *row_of(struct patrol *patrol, const struct row *like) {
    for (size_t i = 0; i < patrol->count; i++) {
        struct row *row = &patrol->rows[i];
        if (strcmp(row->party, like->party) == 0 && strcmp(row->operator, like->operator) == 0
            && strcmp(row->item, like->item) == 0 && strcmp(row->code, like->code) == 0) {
            return row;
        }
    }
    if (patrol->count == PATROL_ROWS_MAX) {
        patrol->more = true;
        return NULL;
    }
    patrol->rows[patrol->count] = *like;
    return &patrol->rows[patrol->count++];
}

static void add_finding(struct patrol *patrol, const struct note *note, const struct finding *finding) {
    const struct view_question *question = patrol->question;
    int32_t day = stamp_day(note->rec.stamp);
    struct row like = { .party = arena_copy(question->arena, text_of(note->metadata.env.party)),
                        .operator= value_of(question, note, "payee_code", 0),
                        .item = item_of(question, note, finding),
                        .code = arena_copy(question->arena, text_of(finding->code)),
                        .first = day };
    struct text only = view_value(question, "operator");
    if (only.length && !text_is(only, like.operator)) {
        return;
    }
    struct row *row = row_of(patrol, &like);
    if (row) {
        row->lines++;
        row->notes += row->record != note->rec.number;
        row->record = note->rec.number;
        row->last = day;
        row->zh = arena_string(question->arena, finding->zh);
        row->en = arena_string(question->arena, finding->en);
    }
}

/* Business rules only: what has no meaning of the gateway's own. */
static void add_note(struct patrol *patrol, const struct note *note) {
    for (size_t i = 0; i < note->count; i++) {
        const struct finding *finding = &note->findings[i];
        if (finding->severity == SEVERITY_ERROR && !finding_meaning_find(finding->code)) {
            add_finding(patrol, note, finding);
        }
    }
}

static int by_operator(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    int order = strcmp(x->operator, y->operator);
    order = order ? order : strcmp(x->party, y->party);
    order = order ? order : strcmp(x->item, y->item);
    return order ? order : strcmp(x->code, y->code);
}

static enum status gather(const struct view_question *question, struct patrol **out) {
    enum status status = STATUS_OK, of_note = STATUS_OK;
    struct patrol *patrol = arena_alloc(question->arena, sizeof(*patrol));
    *patrol = (struct patrol){ .question = question };
    struct store_query *query = ask_notes(question);
    struct arena *arena = arena_new();
    while (of_note == STATUS_OK && store_step(query, &status)) {
        struct note note;
        arena_reset(arena);
        of_note =
            read_note(question, (uint64_t)store_int(query, 0), (uint64_t)store_int(query, 1), arena, &note);
        if (of_note == STATUS_OK) {
            add_note(patrol, &note);
        }
    }
    store_reset(query);
    arena_free(arena);
    qsort(patrol->rows, patrol->count, sizeof(*patrol->rows), by_operator);
    *out = patrol;
    return status != STATUS_OK ? status : of_note;
}

/* --- answers -------------------------------------------------------------------------------------------- */

static const struct shape_member row_members[] = {
    { "party", SHAPE_TEXT, .zh = "提交收费单的参与方", .en = "who sent the notes" },
    { "", SHAPE_WORDS, .zh = "其名称", .en = "what that party is called" },
    { "operator", SHAPE_TEXT, .zh = "收费方",
      .en = "the payee, or \"\" where a note was refused as it came" },
    { "item", SHAPE_NAMED, .zh = "收费项目",
      .en = "the item, or \"\" where the rule is about the whole note" },
    { "code", SHAPE_NAMED, .zh = "所违反的规则，及最近一次被退回的原因",
      .en = "the rule, and what was said of the last" },
    { "n", SHAPE_NUMBER, .zh = "行数", .en = "lines" },
    { "notes", SHAPE_NUMBER, .zh = "收费单数", .en = "charge notes" },
    { "first", SHAPE_DAY, .zh = "最早收到日", .en = "the day of the first" },
    { "last", SHAPE_DAY, .zh = "最近收到日", .en = "the day of the last" },
    { "record", SHAPE_NUMBER, .zh = "最近的记录", .en = "the record of the last" },
    SHAPE_END,
};

static const struct shape_member patrol_members[] = {
    { "from", SHAPE_DAY, .zh = "起始日", .en = "the first day" },
    { "to", SHAPE_DAY, .zh = "截止日（含）", .en = "the last day" },
    { "rows", SHAPE_LIST, .zh = "按收费方、项目与规则", .en = "by payee, item and rule",
      .of = SHAPE_OF(row_members) },
    { "more", SHAPE_FLAG, .zh = "有未列出的", .en = "whether some were left out" },
    SHAPE_END,
};

const struct shape patrol_shape = { .members = patrol_members };

enum status patrol_json(const struct view_question *question, struct json_out *out) {
    struct patrol *patrol;
    char day[STAMP_TEXT_MAX];
    struct period period = period_of(question);
    enum status status = gather(question, &patrol);
    json_open_object(out, NULL);
    json_put_string(out, "from", day_print(period.first_day, day));
    json_put_string(out, "to", day_print(period.next_day - 1, day));
    json_open_array(out, "rows");
    for (size_t i = 0; i < patrol->count; i++) {
        const struct row *row = &patrol->rows[i];
        json_open_object(out, NULL);
        json_put_string(out, "party", row->party);
        json_put_string(out, "zh", name_of_party(question, row->party, LANGUAGE_ZH));
        json_put_string(out, "en", name_of_party(question, row->party, LANGUAGE_EN));
        json_put_string(out, "operator", row->operator);
        json_put_string(out, "item", row->item);
        json_put_string(out, "item_zh", name_of_code(question, "charge_items", row->item, LANGUAGE_ZH));
        json_put_string(out, "item_en", name_of_code(question, "charge_items", row->item, LANGUAGE_EN));
        json_put_string(out, "code", row->code);
        json_put_string(out, "code_zh", row->zh);
        json_put_string(out, "code_en", row->en);
        json_put_int(out, "n", row->lines);
        json_put_int(out, "notes", row->notes);
        json_put_string(out, "first", day_print(row->first, day));
        json_put_string(out, "last", day_print(row->last, day));
        json_put_int(out, "record", (int64_t)row->record);
        json_close_object(out);
    }
    json_close_array(out);
    json_put_bool(out, "more", patrol->more);
    json_close_object(out);
    return status;
}

enum status patrol_print(const struct view_question *question, struct buf *out) {
    struct patrol *patrol;
    char day[STAMP_TEXT_MAX];
    bool zh = question->language == LANGUAGE_ZH;
    enum status status = gather(question, &patrol);
    if (!patrol->count) {
        buf_add_string(out,
                       zh ? "没有因收费被拒的收费单\n" : "no charge note was refused for what it charges\n");
        return status;
    }
    column_left(out, zh ? "收费方" : "operator", 14);
    column_left(out, zh ? "参与方" : "party", 12);
    column_left(out, zh ? "项目" : "item", 22);
    column_left(out, zh ? "规则" : "rule", 6);
    column_right(out, zh ? "行数" : "lines", 5);
    column_right(out, zh ? "单数" : "notes", 5);
    column_left(out, zh ? "最近" : "last", 10);
    column_right(out, zh ? "最近记录" : "last record", 11);
    buf_add_string(out, zh ? "被退回的原因" : "why it was refused");
    column_end(out);
    for (size_t i = 0; i < patrol->count; i++) {
        const struct row *row = &patrol->rows[i];
        column_left(out, row->operator, 14);
        column_left(out, row->party, 12);
        column_left(out, *row->item ? row->item : "-", 22);
        column_left(out, row->code, 6);
        column_right(out, arena_printf(question->arena, "%" PRId64, row->lines), 5);
        column_right(out, arena_printf(question->arena, "%" PRId64, row->notes), 5);
        column_left(out, day_print(row->last, day), 10);
        column_right(out, arena_printf(question->arena, "%" PRIu64, row->record), 11);
        buf_add_string(out, language_pick(question->language, row->zh, row->en));
        column_end(out);
    }
    if (patrol->more) {
        buf_add_string(out, zh ? "……还有更多\n" : "... and more\n");
    }
    return status;
}
