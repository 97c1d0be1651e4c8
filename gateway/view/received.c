/*
 * received.c - rows of state.db. A time is found by halving, since numbers and moments rise together; an id
 * by the index that begins with the sender, once for each who has sent anything.
 */
#include "view/received.h"

#include <string.h>

#include "message/metadata.h"
#include "view/sight.h"

const char *const received_verdicts[] = {
#define X(outcome, text, ...) text,
    OUTCOME_LIST(X)
#undef X
        NULL,
};

#define KEYS "m.number"
#define COLUMNS                                                                               \
    "SELECT m.number, m.recorded, m.party, m.family, m.format, m.own_id, m.outcome, m.bytes," \
    " m.subject, m.result, m.answer_code, ifnull(m.decision, 0), " KEYS " FROM "
#define WHERE                                                                                        \
    " WHERE (?1 = '' OR m.party = ?1) AND (?2 = '' OR m.own_id = ?2) AND (?3 = '' OR m.family = ?3)" \
    " AND (?4 = '' OR m.outcome = ?4) AND m.number >= ?5 AND m.number < ?6 AND" PAGE_BEHIND(         \
        KEYS, "<", 1) "ORDER BY m.number DESC" PAGE_LIMIT
#define SENDERS                                                                          \
    "WITH RECURSIVE senders(party) AS (SELECT min(party) FROM messages UNION ALL SELECT" \
    " (SELECT min(m.party) FROM messages m WHERE m.party > senders.party) FROM senders"  \
    " WHERE senders.party IS NOT NULL) "

/* The first number at that moment or later; behind the last one where there is none. */
static uint64_t number_at(struct state *state, stamp moment) {
    uint64_t low = 1, high;
    enum status status = STATUS_OK;
    struct store_query *last = store_query(state_store(state), "SELECT ifnull(max(number), 0) FROM messages");
    high = store_step(last, &status) ? (uint64_t)store_int(last, 0) + 1 : 1;
    store_reset(last);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct store_query *query =
            store_query(state_store(state),
                        "SELECT number, recorded FROM messages WHERE number >= ? ORDER BY number LIMIT 1");
        store_bind_int(query, 1, (int64_t)middle);
        if (store_step(query, &status) && store_int(query, 1) < moment) {
            low = (uint64_t)store_int(query, 0) + 1;
        } else {
            high = middle;
        }
        store_reset(query);
    }
    return low;
}

static struct store_query *ask(const struct view_question *question) {
    struct state *state = question->source->state;
    struct text id = view_value(question, "id"), since = view_value(question, "since");
    struct text until = view_value(question, "until"), party = view_value(question, "party");
    struct store_query *query =
        id.length
            ? store_query(state_store(state), SENDERS COLUMNS
                          "senders s CROSS JOIN messages m ON m.party = s.party AND m.own_id = ?2" WHERE)
            : store_query(state_store(state), COLUMNS "messages m" WHERE);
    const char *own = sight_own(question->viewer);
    store_bind_text(query, 1, *own ? text_of(own) : party);
    store_bind_text(query, 2, id);
    store_bind_text(query, 3, view_value(question, "family"));
    store_bind_text(query, 4, view_value(question, "verdict"));
    store_bind_int(query, 5, since.length ? (int64_t)number_at(state, view_moment(since)) : 0);
    store_bind_int(query, 6, until.length ? (int64_t)number_at(state, view_moment(until)) : INT64_MAX);
    return query;
}

enum { OUTCOME = 6 };

const char *received_verdict_name(const char *verdict, enum language language) {
    static const struct {
        const char *zh, *en;
    } words[] = { [OUTCOME_ACCEPTED] = { "已接收", "accepted" },
                  [OUTCOME_REFUSED] = { "未接收", "refused" },
                  [OUTCOME_CONFLICT] = { "编号冲突", "conflict" } };
    _Static_assert(sizeof(words) / sizeof(*words)
                       == sizeof(received_verdicts) / sizeof(*received_verdicts) - 1,
                   "each outcome has its words");
    for (size_t i = 0; received_verdicts[i]; i++) {
        if (strcmp(verdict, received_verdicts[i]) == 0) {
            return language_pick(language, words[i].zh, words[i].en);
        }
    }
    return verdict;
}

static const char *verdict_words(const struct view_question *question, const union row_cell *cells,
                                 enum language language) {
    (void)question;
    return received_verdict_name(cells[OUTCOME].text, language);
}

static const struct row_column columns[] = {
    { .name = "record", .kind = ROW_NUMBER, .zh = "记录", .en = "record", .width = 10 },
    { .name = "recorded", .kind = ROW_TIME, .zh = "收到", .en = "recorded", .width = 16 },
    { .name = "party", .zh = "来自", .en = "party", .width = 12 },
    { .name = "family", .zh = "种类", .en = "family", .width = 18 },
    { .name = "format", .about_zh = "报文格式", .about_en = "its format" },
    { .name = "id", .zh = "编号", .en = "id", .width = 28 },
    [OUTCOME] = { .name = "verdict", .about_zh = "判定代码", .about_en = "the verdict, by a code" },
    { .name = "size", .kind = ROW_NUMBER, .about_zh = "字节数", .about_en = "its size in bytes" },
    { .name = "subject",
      .about_zh = "货物或所关之物",
      .about_en = "the goods, or whatever else it is about" },
    { .name = "result", .zh = "处理", .en = "decided", .width = 10 },
    { .name = "answer", .about_zh = "答复代码", .about_en = "the code of the answer" },
    { .name = "decision",
      .kind = ROW_NUMBER,
      .about_zh = "处理结果的记录，或 0",
      .about_en = "the record of the decision, or 0" },
    { .name = "verdict", .kind = ROW_WORDS, .words = verdict_words, .zh = "判定", .en = "verdict" },
};

const struct rows received_rows = {
    .name = "messages",
    ROWS_COLUMNS(columns),
    .max = RECEIVED_ROWS_MAX,
    .keys = "n",
    .ask = ask,
    .none_zh = "尚未收到报文",
    .none_en = "nothing was received yet",
    .no_such_zh = "没有这样的报文",
    .no_such_en = "no such messages",
};
