/*
 * supplements.c - rows of state.db, the earliest due first.
 */
#include "view/supplements.h"

#include "view/names.h"
#include "view/sight.h"

const char *const supplement_states[] = { "asked", "overdue", "answered", NULL };

enum { CODES = 7 };

#define KEYS "due, key"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT own_id, party, owner, entry, received, due, state, codes, reason, record, reply, " KEYS
        " FROM supplements WHERE iif(?1 = '', state <> 'answered', state = ?1)"
        " AND (?2 = '' OR party = ?2 OR owner = ?2) AND" PAGE_BEHIND(KEYS, ">",
                                                                     2) "ORDER BY due, key" PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_string(query, 2, sight_own(question->viewer));
    return query;
}

/* "invoice, contract" */
static const char *names_of_codes(const struct view_question *question, const union row_cell *cells,
                                  enum language language) {
    const char *names = "";
    struct text words = text_of(cells[CODES].text);
    while (words.length) {
        const char *code = arena_copy(question->arena, text_until(&words, ' '));
        names = arena_printf(question->arena, "%s%s%s", names, *names ? ", " : "",
                             name_of_code(question, "document_codes", code, language));
    }
    return names;
}

static const struct row_column columns[] = {
    { .name = "id", .zh = "补充单证", .en = "supplement", .width = 22 },
    { .name = "party", .zh = "海关", .en = "customs", .width = 12 },
    { .name = "owner", .zh = "申报人", .en = "declarant", .width = 12 },
    { .name = "entry", .zh = "海关编号", .en = "entry", .width = 18 },
    { .name = "received", .kind = ROW_TIME, .about_zh = "收到时间", .about_en = "when it was received" },
    { .name = "due", .kind = ROW_TIME, .zh = "答复期限", .en = "due", .width = 16 },
    { .name = "state", .kind = ROW_STATE, .of = "supplements", .zh = "状态", .en = "state", .width = 12 },
    [CODES] = { .name = "codes", .about_zh = "单证代码", .about_en = "the documents, by their codes" },
    { .name = "documents", .kind = ROW_WORDS, .words = names_of_codes, .zh = "单证", .en = "documents" },
    { .name = "reason", .about_zh = "要求的理由", .about_en = "why they are asked for" },
    ROW_OF_RECORD,
    { .name = "reply",
      .kind = ROW_NUMBER,
      .about_zh = "答复的记录，或 0",
      .about_en = "the record of the answer, or 0" },
};

const struct rows supplements_rows = {
    .name = "supplements",
    ROWS_COLUMNS(columns),
    .max = SUPPLEMENTS_ROWS_MAX,
    .keys = "nt",
    .ask = ask,
    .none_zh = "没有要求补充的单证",
    .none_en = "no documents are asked for",
};
