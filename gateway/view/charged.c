/*
 * charged.c - lines of charge notes as state.db has them, the newest note first, each with the line of the
 * list it was held against and the complaint that there is about it.
 */
#include "view/charged.h"

#include <string.h>

#include "base/decimal.h"
#include "view/names.h"
#include "view/sight.h"

enum {
    NOTE,
    LINE,
    PAYEE,
    PARTY,
    PARTY_NAME,
    PAYER,
    PORT,
    SUBJECT,
    ITEM,
    RATE,
    LISTED,
    AGAINST,
    AGAINST_NAME
};

#define KEYS(note, line) "-" note "record, CAST(" line "line AS INTEGER), " line "line, " note "key"

/* The lines that are shown; only of these is the rest looked up. */
#define SHOWN                                                                                   \
    "WITH shown AS (SELECT n.key, n.own_id, n.payee, n.party, n.payer, n.subject, n.list,"      \
    " n.version AS of_note, n.currency, n.record, l.line, l.item, l.rate, l.amount, l.version"  \
    " FROM charge_notes n JOIN charge_lines l ON l.note = n.key WHERE (?1 = '' OR n.party = ?1" \
    " OR EXISTS (SELECT 1 FROM deliveries d WHERE d.record = n.record AND d.party = ?1"         \
    " AND d.state <> 'dropped')) AND (?2 = '' OR n.payee = ?2) AND (?3 = '' OR n.own_id = ?3)"  \
    " AND" PAGE_BEHIND(KEYS("n.", "l."), ">", 4) "ORDER BY " KEYS("n.", "l.") PAGE_LIMIT ")"

/* The list of a line's own day of service may be another than the note's. */
#define OF_LIST                                                                    \
    "iif(version = of_note, list, (SELECT max(c.record) FROM charge_lists c WHERE" \
    " c.operator = payee AND c.version = shown.version))"

/* Of the complaints about the line, or the whole note, the last: the asking party's own, or one about it. */
#define COMPLAINT(column)                                                                                 \
    "ifnull((SELECT " column " FROM complaints k WHERE k.note = shown.key AND k.line IN ('', shown.line)" \
    " AND (?1 = '' OR ?1 IN (k.party, k.respondent)) ORDER BY k.record DESC LIMIT 1), '')"

#define ASKED                                                                                            \
    SHOWN " SELECT own_id, line, payee, party, payer, ifnull((SELECT c.port FROM charge_lists c WHERE"   \
          " c.operator = payee AND c.record = list), ''), subject, item, rate, ifnull((SELECT t.rate"    \
          " FROM tariffs t WHERE t.list = " OF_LIST " AND t.item = shown.item ORDER BY t.line LIMIT 1)," \
          " ''), amount, currency, version, " COMPLAINT("k.own_id") ", " COMPLAINT(                      \
              "k.state") ", record, " KEYS("", "") " FROM shown ORDER BY " KEYS("", "")

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(state_store(question->source->state), ASKED);
    store_bind_string(query, 1, sight_own(question->viewer));
    store_bind_text(query, 2, view_value(question, "operator"));
    store_bind_text(query, 3, view_value(question, "note"));
    return query;
}

static const char *name_of_payee(const struct view_question *question, const union row_cell *cells,
                                 enum language language) {
    return name_of_party(question, cells[PARTY].text, language);
}

static const char *against_list(const struct view_question *question, const union row_cell *cells,
                                enum language language) {
    struct decimal charged, listed;
    (void)question;
    (void)language;
    if (!decimal_parse(text_of(cells[LISTED].text), &listed)
        || !decimal_parse(text_of(cells[RATE].text), &charged)) {
        return "off";
    }
    int order = decimal_compare(charged, listed);
    return order > 0 ? "above" : order < 0 ? "below" : "listed";
}

static const char *against_in_words(const struct view_question *question, const union row_cell *cells,
                                    enum language language) {
    static const char *const words[][3] = {
        { "off", "清单外", "off the list" },
        { "above", "高于清单", "above the list" },
        { "below", "低于清单", "below the list" },
        { "listed", "与清单一致", "as listed" },
    };
    const char *against = against_list(question, cells, language);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(words[i][0], against) == 0) {
            return language_pick(language, words[i][1], words[i][2]);
        }
    }
    return against;
}

static const struct row_column columns[] = {
    [NOTE] = { .name = "note", .zh = "收费单", .en = "note", .width = 24 },
    [LINE] = { .name = "line", .zh = "行", .en = "line", .width = 4 },
    [PAYEE] = { .name = "operator", .zh = "收费方", .en = "operator", .width = 14 },
    [PARTY] = { .name = "party", .about_zh = "谁开具的收费单", .about_en = "who sent the note" },
    [PARTY_NAME] = { .name = "party",
                     .kind = ROW_WORDS,
                     .words = name_of_payee,
                     .about_zh = "其名称",
                     .about_en = "what that party is called" },
    [PAYER] = { .name = "payer", .zh = "付费方", .en = "payer", .width = 14 },
    [PORT] = { .name = "port", .about_zh = "口岸", .about_en = "the port" },
    [SUBJECT] = { .name = "subject", .zh = "货物", .en = "goods", .width = 24 },
    [ITEM] = { .name = "item",
               .kind = ROW_CODE,
               .of = "charge_items",
               .zh = "项目",
               .en = "item",
               .width = 26 },
    [RATE] = { .name = "rate", .zh = "单价", .en = "rate", .width = 10, .is_right = true },
    [LISTED] = { .name = "listed", .zh = "清单", .en = "listed", .width = 10, .is_right = true },
    [AGAINST] = { .name = "against",
                  .kind = ROW_MADE,
                  .words = against_list,
                  .about_zh = "与清单相比：代码",
                  .about_en = "how it is beside the list, by a code" },
    [AGAINST_NAME] = { .name = "against",
                       .kind = ROW_WORDS,
                       .words = against_in_words,
                       .zh = "与清单相比",
                       .en = "against it",
                       .width = 14 },
    { .name = "amount", .zh = "金额", .en = "amount", .width = 10, .is_right = true },
    { .name = "currency", .zh = "币制", .en = "cur.", .width = 4 },
    { .name = "version", .zh = "清单版本", .en = "list", .width = 14 },
    { .name = "complaint", .zh = "投诉", .en = "complaint", .width = 20 },
    { .name = "complaint_state", .kind = ROW_STATE, .of = "complaints", .zh = "投诉状态", .en = "its state" },
    ROW_OF_RECORD,
};

const struct rows charged_rows = {
    .name = "lines",
    ROWS_COLUMNS(columns),
    .max = CHARGED_ROWS_MAX,
    .keys = "nntt",
    .ask = ask,
    .none_zh = "没有收费单",
    .none_en = "nothing was charged",
    .no_such_zh = "没有这样的收费单",
    .no_such_en = "no such charge notes",
};
