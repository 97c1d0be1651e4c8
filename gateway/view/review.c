/*
 * review.c - rows of state.db that the viewer may see, the earliest due first. Overdue is what is open on a
 * day that is no longer in time: the day is the question's.
 */
#include "view/review.h"

#include <string.h>

#include "edition/segments.h"
#include "view/names.h"
#include "view/sight.h"

const char *const measure_states[] = { "open", "overdue", "reported", "done", "withdrawn", NULL };

enum {
    MONTH,
    ID,
    OFFICE,
    PORT,
    DIRECTION,
    SEGMENT,
    SEGMENT_NAMES,
    OF_WHAT,
    OWNER,
    DUE,
    DUE_DAY,
    STATE,
    STATE_NAMES,
    TEXT_,
    NOTE,
    WHAT,
    RECORD,
    LAST
};

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT month, own_id, office, port, direction, segment, owner, due, s, text, note, record, last,"
        " due, key FROM (SELECT *, iif(state = 'open' AND due <= ?1, 'overdue', state) AS s FROM measures)"
        " WHERE (?2 = '' OR month = ?2) AND iif(?3 = '', s IN ('open', 'overdue', 'reported'), s = ?3)"
        " AND (?4 = '' OR owner = ?4 OR ?5 = '*' OR instr(?5, '|' || port || '|'))"
        " AND" PAGE_BEHIND("due, key", ">", 2) "ORDER BY due, key" PAGE_LIMIT);
    store_bind_int(query, 1, question->now);
    store_bind_text(query, 2, view_value(question, "month"));
    store_bind_text(query, 3, view_value(question, "state"));
    store_bind_string(query, 4, sight_own(question->viewer));
    store_bind_string(query, 5, sight_served(question, "customs"));
    return query;
}

/* "": of the whole. */
static const char *segment_of(const struct view_question *question, const union row_cell *cells,
                              enum language language) {
    const struct segments *segments = question->source->edition->segments;
    for (size_t i = 0; i < segments->rows_count; i++) {
        const struct segment_row *row = &segments->rows[i];
        if (strcmp(row->direction, cells[DIRECTION].text) == 0
            && strcmp(row->name, cells[SEGMENT].text) == 0) {
            return language_pick(language, row->zh, row->en);
        }
    }
    return cells[SEGMENT].text; /* the text has it no more */
}

static const char *of_what(const struct view_question *question, const union row_cell *cells,
                           enum language language) {
    bool zh = language == LANGUAGE_ZH;
    const char *direction = cells[DIRECTION].text, *segment = segment_of(question, cells, language);
    const char *name = strcmp(direction, "import") == 0   ? (zh ? "进口" : "import")
                       : strcmp(direction, "export") == 0 ? (zh ? "出口" : "export")
                                                          : "";
    return arena_printf(question->arena, "%s%s%s", name, zh || !*name ? "" : " ",
                        *segment ? segment
                        : zh     ? "整体"
                                 : "overall");
}

static const char *last_day(const struct view_question *question, const union row_cell *cells,
                            enum language language) {
    char text[STAMP_TEXT_MAX];
    (void)language;
    return arena_string(question->arena, day_print(stamp_day(cells[DUE].number) - 1, text));
}

const char *review_state_name(const char *state, enum language language) {
    return strcmp(state, "overdue") == 0 ? language_pick(language, "逾期", "overdue")
                                         : name_of_state("measures", state, language);
}

static const char *state_of(const struct view_question *question, const union row_cell *cells,
                            enum language language) {
    (void)question;
    return review_state_name(cells[STATE].text, language);
}

static const char *text_and_note(const struct view_question *question, const union row_cell *cells,
                                 enum language language) {
    const char *note = cells[NOTE].text;
    return arena_printf(question->arena, "%s%s%s", cells[TEXT_].text,
                        *note ? language_pick(language, "；", "; ") : "", note);
}

static const struct row_column columns[] = {
    [MONTH] = { .name = "month", .zh = "月份", .en = "month", .width = 8 },
    [ID] = { .name = "id", .zh = "措施", .en = "measure", .width = 16 },
    [OFFICE] = { .name = "office", .about_zh = "海关", .about_en = "the customs office" },
    [PORT] = { .name = "port", .about_zh = "口岸", .about_en = "the port" },
    [DIRECTION] = { .name = "direction", .about_zh = "import 或 export", .about_en = "import or export" },
    [SEGMENT] = { .name = "segment", .about_zh = "环节", .about_en = "the segment" },
    [SEGMENT_NAMES] = { .name = "segment",
                        .kind = ROW_WORDS,
                        .words = segment_of,
                        .about_zh = "环节名称",
                        .about_en = "what the segment is called" },
    [OF_WHAT] = { .kind = ROW_MADE, .words = of_what, .zh = "环节", .en = "segment", .width = 28 },
    [OWNER] = { .name = "owner", .zh = "责任方", .en = "by", .width = 12 },
    [DUE] = { .kind = ROW_TIME },
    [DUE_DAY] = { .name = "due",
                  .kind = ROW_MADE,
                  .words = last_day,
                  .zh = "期限",
                  .en = "due",
                  .width = 10 },
    [STATE] = { .name = "state", .about_zh = "状态代码", .about_en = "where it stands, by a code" },
    [STATE_NAMES] = { .name = "state",
                      .kind = ROW_WORDS,
                      .words = state_of,
                      .zh = "状态",
                      .en = "state",
                      .width = 10 },
    [TEXT_] = { .name = "text", .about_zh = "措施内容", .about_en = "what is to be done" },
    [NOTE] = { .name = "note", .about_zh = "说明", .about_en = "a note" },
    [WHAT] = { .kind = ROW_MADE, .words = text_and_note, .zh = "内容", .en = "what" },
    [RECORD] = ROW_OF_RECORD,
    [LAST] = ROW_OF_LAST,
};

const struct rows review_rows = {
    .name = "measures",
    ROWS_COLUMNS(columns),
    .max = REVIEW_ROWS_MAX,
    .keys = "nt",
    .ask = ask,
    .none_zh = "没有未完成的措施",
    .none_en = "no measure is open",
    .no_such_zh = "没有这样的措施",
    .no_such_en = "no such measures",
};
