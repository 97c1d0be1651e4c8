/*
 * calls.c - rows of state.db that the viewer may see, the latest expected first.
 */
#include "view/calls.h"

#include "view/sight.h"

/* Whose business the ships of a port are. */
static const char *ports_of(const struct view_question *question) {
    const char *as_customs = sight_served(question, "customs");
    return *as_customs ? as_customs : sight_served(question, "terminal");
}

#define KEYS "eta, key"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT port, imo, vessel, voyage, party, eta, mode, state, at, reason, lacks, record, result, " KEYS
        " FROM vessel_calls WHERE (?1 = '' OR imo = ?1 OR instr(upper(vessel), upper(?1)))"
        " AND (?4 = '' OR upper(voyage) = upper(?4)) AND (?2 = '' OR party = ?2 OR ?3 = '*'"
        " OR instr(?3, '|' || port || '|')) AND" PAGE_BEHIND(KEYS, "<",
                                                             2) "ORDER BY eta DESC, key DESC" PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "vessel"));
    store_bind_string(query, 2, sight_own(question->viewer));
    store_bind_string(query, 3, ports_of(question));
    store_bind_text(query, 4, view_value(question, "voyage"));
    return query;
}

static const struct row_column columns[] = {
    { .name = "port", .zh = "口岸", .en = "port", .width = 6 },
    { .name = "imo", .zh = "IMO", .en = "IMO", .width = 8 },
    { .name = "vessel", .zh = "船名", .en = "vessel", .width = 20 },
    { .name = "voyage", .zh = "航次", .en = "voyage", .width = 10 },
    { .name = "party", .about_zh = "由谁申报", .about_en = "who applied for it" },
    { .name = "eta", .kind = ROW_TIME, .zh = "预计抵港", .en = "expected", .width = 16 },
    { .name = "mode", .zh = "方式", .en = "mode", .width = 9 },
    { .name = "state", .kind = ROW_STATE, .of = "vessel_calls", .zh = "状态", .en = "state", .width = 24 },
    { .name = "at", .kind = ROW_TIME, .about_zh = "状态自何时起", .about_en = "since when it stands so" },
    { .name = "reason", .about_zh = "原因代码", .about_en = "the code of the reason" },
    { .name = "lacks", .zh = "须补正", .en = "to be mended" },
    ROW_OF_RECORD,
    { .name = "result",
      .kind = ROW_NUMBER,
      .about_zh = "结果的记录，或 0",
      .about_en = "the record of its result, or 0" },
};

const struct rows calls_rows = {
    .name = "calls",
    ROWS_COLUMNS(columns),
    .max = CALLS_ROWS_MAX,
    .keys = "nt",
    .ask = ask,
    .none_zh = "没有船舶航次",
    .none_en = "no vessel calls",
};
