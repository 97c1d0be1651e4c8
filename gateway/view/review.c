/*
 * review.c - rows of state.db that the viewer may see, the earliest due first. Overdue is what is open on a
 * day that is no longer in time: the day is the question's.
 */
#include "view/review.h"

#include <string.h>

#include "edition/segments.h"
#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const measure_states[] = { "open", "overdue", "done", "withdrawn", NULL };

struct measure {
    const char *id, *office, *port, *month, *direction, *segment, *owner, *text, *note, *state;
    stamp due; /* from then on it is overdue */
    int64_t record, last;
};

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT own_id, office, port, month, direction, segment, owner, text, note, s, due, record, last FROM"
        " (SELECT *, iif(state = 'open' AND due <= ?1, 'overdue', state) AS s FROM measures)"
        " WHERE (?2 = '' OR month = ?2) AND iif(?3 = '', s IN ('open', 'overdue'), s = ?3)"
        " AND (?4 = '' OR owner = ?4 OR ?5 = '*' OR instr(?5, '|' || port || '|')) ORDER BY due, key LIMIT "
        "?6");
    store_bind_int(query, 1, question->now);
    store_bind_text(query, 2, view_value(question, "month"));
    store_bind_text(query, 3, view_value(question, "state"));
    store_bind_string(query, 4, sight_own(question->viewer));
    store_bind_string(query, 5, sight_served(question, "customs"));
    store_bind_int(query, 6, REVIEW_ROWS_MAX + 1);
    return query;
}

static struct measure read_row(struct store_query *query, struct arena *arena) {
    const char *texts[10];
    for (int i = 0; i < 10; i++) {
        texts[i] = arena_copy(arena, store_text(query, i));
    }
    return (struct measure){ .id = texts[0],
                             .office = texts[1],
                             .port = texts[2],
                             .month = texts[3],
                             .direction = texts[4],
                             .segment = texts[5],
                             .owner = texts[6],
                             .text = texts[7],
                             .note = texts[8],
                             .state = texts[9],
                             .due = store_int(query, 10),
                             .record = store_int(query, 11),
                             .last = store_int(query, 12) };
}

/* "": of the whole. */
static const char *name_of_segment(const struct view_question *question, const struct measure *measure,
                                   enum language language) {
    const struct segments *segments = question->source->edition->segments;
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        if (strcmp(row->direction, measure->direction) == 0 && strcmp(row->name, measure->segment) == 0) {
            return language_pick(language, row->zh, row->en);
        }
    }
    return measure->segment; /* the text has it no more */
}

static const char *name_of(const char *state, enum language language) {
    return strcmp(state, "overdue") == 0 ? language_pick(language, "逾期", "overdue")
                                         : name_of_state("measures", state, language);
}

static const char *last_day(const struct measure *measure, char out[STAMP_TEXT_MAX]) {
    return day_print(stamp_day(measure->due) - 1, out);
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    char due[STAMP_TEXT_MAX];
    const struct measure row = read_row(query, question->arena);
    json_open_object(out, NULL);
    json_put_string(out, "id", row.id);
    json_put_string(out, "office", row.office);
    json_put_string(out, "port", row.port);
    json_put_string(out, "month", row.month);
    json_put_string(out, "direction", row.direction);
    json_put_string(out, "segment", row.segment);
    json_put_string(out, "segment_zh", name_of_segment(question, &row, LANGUAGE_ZH));
    json_put_string(out, "segment_en", name_of_segment(question, &row, LANGUAGE_EN));
    json_put_string(out, "owner", row.owner);
    json_put_string(out, "due", last_day(&row, due));
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of(row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of(row.state, LANGUAGE_EN));
    json_put_string(out, "text", row.text);
    json_put_string(out, "note", row.note);
    json_put_int(out, "record", row.record);
    json_put_int(out, "last", row.last);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "月份" : "month", 8);
    column_left(out, zh ? "措施" : "measure", 16);
    column_left(out, zh ? "环节" : "segment", 28);
    column_left(out, zh ? "责任方" : "by", 12);
    column_left(out, zh ? "期限" : "due", 10);
    column_left(out, zh ? "状态" : "state", 10);
    buf_add_string(out, zh ? "内容" : "what");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    char due[STAMP_TEXT_MAX];
    bool zh = question->language == LANGUAGE_ZH;
    const struct measure row = read_row(query, question->arena);
    const char *direction = strcmp(row.direction, "import") == 0   ? (zh ? "进口" : "import")
                            : strcmp(row.direction, "export") == 0 ? (zh ? "出口" : "export")
                                                                   : "";
    const char *segment = name_of_segment(question, &row, question->language);
    column_left(out, row.month, 8);
    column_left(out, row.id, 16);
    column_left(out,
                arena_printf(question->arena, "%s%s%s", direction, zh || !*direction ? "" : " ",
                             *segment ? segment
                             : zh     ? "整体"
                                      : "overall"),
                28);
    column_left(out, row.owner, 12);
    column_left(out, last_day(&row, due), 10);
    column_left(out, name_of(row.state, question->language), 10);
    buf_printf(out, "%s%s%s", row.text, *row.note ? zh ? "；" : "; " : "", row.note);
    column_end(out);
    return STATUS_OK;
}

static struct rows answer(const struct view_question *question) {
    bool chosen = view_value(question, "state").length > 0 || view_value(question, "month").length > 0;
    return (struct rows){
        .name = "measures",
        .max = REVIEW_ROWS_MAX,
        .put = put_row,
        .print = print_row,
        .head = print_head,
        .none_zh = chosen ? "没有这样的措施" : "没有未完成的措施",
        .none_en = chosen ? "no such measures" : "no measure is open",
    };
}

enum status review_json(const struct view_question *question, struct json_out *out) {
    const struct rows rows = answer(question);
    return rows_json(question, &rows, ask(question), NULL, out);
}

enum status review_print(const struct view_question *question, struct buf *out) {
    const struct rows rows = answer(question);
    return rows_text(question, &rows, ask(question), NULL, out);
}
