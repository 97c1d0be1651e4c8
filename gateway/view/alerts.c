/*
 * alerts.c - rows of state.db that the viewer may see, alarms first.
 */
#include "view/alerts.h"

#include "edition/alerts.h"
#include "view/sight.h"

const char *const alert_states[] = { "open", "acknowledged", "closed", NULL };

enum { CODE = 1, ALARM = 3, NOTE = 10 };

#define KEYS "-alarm, since, subject, code, kind, thing"

#define ALERTS(of)                                                                                        \
    "SELECT opened, code, alarm, subject, kind, thing, since, opened_at, state, note, holder, " KEYS      \
    " FROM alerts WHERE " of "opened > 0 AND iif(?1 = '', state IN ('open', 'acknowledged'), state = ?1)" \
    " AND (?2 = '' OR code = ?2) AND (?3 = '' OR holder = ?3 OR ?4 = '*'"                                 \
    " OR instr(?4, '|' || substr(subject, 1, instr(subject, '/') - 1) || '|')) AND" PAGE_BEHIND(          \
        KEYS, ">", 6) "ORDER BY -alarm, since, subject, code, kind, thing" PAGE_LIMIT

static struct store_query *ask(const struct view_question *question) {
    struct text subject = view_value(question, "subject");
    struct store_query *query = store_query(state_store(question->source->state),
                                            subject.length ? ALERTS("subject = ?5 AND ") : ALERTS(""));
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_text(query, 2, view_value(question, "alert"));
    store_bind_string(query, 3, sight_own(question->viewer));
    store_bind_string(query, 4, sight_served(question, "customs"));
    if (subject.length) {
        store_bind_text(query, 5, subject);
    }
    return query;
}

/* "": the text has it no more. */
static const char *name_of_alert(const struct view_question *question, const union row_cell *cells,
                                 enum language language) {
    const struct alert *alert = alerts_find(question->source->edition->alerts, cells[CODE].text);
    return alert ? language_pick(language, alert->zh, alert->en) : "";
}

static const char *what(const struct view_question *question, const union row_cell *cells,
                        enum language language) {
    const char *note = cells[NOTE].text;
    return arena_printf(
        question->arena, "%s%s%s%s", cells[ALARM].number ? language_pick(language, "警报：", "alarm: ") : "",
        name_of_alert(question, cells, language), *note ? language_pick(language, "；", "; ") : "", note);
}

static const struct row_column columns[] = {
    { .name = "record", .kind = ROW_NUMBER, .zh = "记录", .en = "record", .width = 8 },
    [CODE] = { .name = "alert", .zh = "预警", .en = "alert", .width = 6 },
    { .name = "alert",
      .kind = ROW_WORDS,
      .words = name_of_alert,
      .about_zh = "预警名称",
      .about_en = "what the alert is called" },
    [ALARM] = { .name = "alarm",
                .kind = ROW_FLAG,
                .about_zh = "是否须立即处置",
                .about_en = "whether it is an alarm: to be acted on at once" },
    { .name = "subject", .zh = "货物", .en = "goods", .width = 24 },
    { .name = "kind",
      .about_zh = "其中之物的种类：箱、报关单等，或空",
      .about_en = "of which kind the thing is: container, declaration and so on, or \"\"" },
    { .name = "thing", .zh = "其中", .en = "of it", .width = 24 },
    { .name = "since", .kind = ROW_TIME, .zh = "自", .en = "since", .width = 16 },
    { .name = "opened", .kind = ROW_TIME, .about_zh = "何时告知", .about_en = "when it was told" },
    { .name = "state", .kind = ROW_STATE, .of = "alerts", .zh = "状态", .en = "state", .width = 13 },
    [NOTE] = { .name = "note",
               .about_zh = "确认时的说明",
               .about_en = "what was said when it was acknowledged" },
    { .name = "holder", .about_zh = "货物持有人", .about_en = "who holds the goods" },
    { .kind = ROW_MADE, .words = what, .zh = "内容", .en = "what" },
};

const struct rows alerts_rows = {
    .name = "alerts",
    ROWS_COLUMNS(columns),
    .max = ALERTS_ROWS_MAX,
    .keys = "nntttt",
    .ask = ask,
    .none_zh = "没有预警",
    .none_en = "no alerts",
};
