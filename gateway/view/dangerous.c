/*
 * dangerous.c - rows of state.db that the viewer may see, what awaits an answer first.
 */
#include "view/dangerous.h"

#include "view/sight.h"

const char *const dangerous_states[] = { "declared", "selected", "returned", "permitted", "refused", NULL };

enum { WHY_ZH = 12, WHY_EN };

/* Who answers for the ports that it serves, or handles goods there. */
static const char *ports_of(const struct view_question *question) {
    static const char *const roles[] = { "customs", "maritime", "terminal" };
    const char *ports = "";
    for (size_t i = 0; !*ports && i < sizeof(roles) / sizeof(*roles); i++) {
        ports = sight_served(question, roles[i]);
    }
    return ports;
}

/* What awaits an answer comes first. */
#define KEYS "state NOT IN ('declared', 'selected'), -record, key"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT own_id, applicant, party, port, direction, bill, vessel, voyage, expected, goods, drawn,"
        " selected, why_zh, why_en, audit, state, at, record, answer, " KEYS " FROM dangerous_goods"
        " WHERE (?1 = '' OR bill = ?1) AND (?2 = '' OR state = ?2)"
        " AND (?3 = '' OR party = ?3 OR ?4 = '*' OR instr(?4, '|' || port || '|')) AND" PAGE_BEHIND(
            KEYS, ">", 3) "ORDER BY " KEYS PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "bill"));
    store_bind_text(query, 2, view_value(question, "state"));
    store_bind_string(query, 3, sight_own(question->viewer));
    store_bind_string(query, 4, ports_of(question));
    return query;
}

static const char *why(const struct view_question *question, const union row_cell *cells,
                       enum language language) {
    (void)question;
    return language_pick(language, cells[WHY_ZH].text, cells[WHY_EN].text);
}

static const struct row_column columns[] = {
    { .name = "declaration", .zh = "申报", .en = "declaration", .width = 16 },
    { .name = "applicant", .about_zh = "申报人", .about_en = "who declares them" },
    { .name = "party", .about_zh = "由谁提交", .about_en = "who sent it" },
    { .name = "port", .about_zh = "口岸", .about_en = "the port" },
    { .name = "direction", .about_zh = "import 或 export", .about_en = "import or export" },
    { .name = "bill", .zh = "提单", .en = "bill", .width = 16 },
    { .name = "vessel", .about_zh = "船名", .about_en = "the vessel" },
    { .name = "voyage", .about_zh = "航次", .about_en = "the voyage" },
    { .name = "expected", .kind = ROW_TIME, .zh = "预计", .en = "expected", .width = 16 },
    { .name = "goods", .zh = "货物", .en = "goods", .width = 24 },
    { .name = "lot", .kind = ROW_NUMBER, .zh = "抽查号", .en = "lot", .width = 6, .is_right = true },
    { .name = "selected",
      .kind = ROW_FLAG,
      .about_zh = "是否抽中查验",
      .about_en = "whether it is selected for inspection" },
    [WHY_ZH] = { .name = "why_zh",
                 .about_zh = "抽中的原因（中文）",
                 .about_en = "why it is selected, in Chinese" },
    [WHY_EN] = { .name = "why_en", .about_zh = "抽中的原因（英文）", .about_en = "why it is selected" },
    { .name = "audit",
      .about_zh = "查验结果代码，或空",
      .about_en = "how the inspection ended, by a code, or \"\"" },
    { .name = "state", .kind = ROW_STATE, .of = "dangerous_goods", .zh = "状态", .en = "state", .width = 24 },
    { .kind = ROW_MADE, .words = why, .zh = "原因", .en = "why" },
    { .name = "at", .kind = ROW_TIME, .about_zh = "状态自何时起", .about_en = "since when it stands so" },
    ROW_OF_RECORD,
    { .name = "answer",
      .kind = ROW_NUMBER,
      .about_zh = "答复的记录，或 0",
      .about_en = "the record of the answer, or 0" },
};

const struct rows dangerous_rows = {
    .name = "dangerous_goods",
    ROWS_COLUMNS(columns),
    .max = DANGEROUS_ROWS_MAX,
    .keys = "nnt",
    .ask = ask,
    .none_zh = "没有危险货物申报",
    .none_en = "no dangerous goods",
};
