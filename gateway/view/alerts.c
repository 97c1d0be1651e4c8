/*
 * alerts.c - rows of state.db that the viewer may see, alarms first.
 */
#include "view/alerts.h"

#include "edition/alerts.h"
#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const alert_states[] = { "open", "acknowledged", "closed", NULL };

struct told {
    const char *code, *subject, *kind, *thing, *state, *note, *holder;
    const struct alert *alert; /* NULL: the text has it no more */
    stamp since, opened_at;
    int64_t record;
    bool alarm;
};

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT code, subject, kind, thing, state, note, holder, since, opened_at, opened, alarm"
        " FROM alerts WHERE opened > 0 AND iif(?1 = '', state IN ('open', 'acknowledged'), state = ?1)"
        " AND (?2 = '' OR code = ?2) AND (?3 = '' OR holder = ?3 OR ?4 = '*'"
        " OR instr(?4, '|' || substr(subject, 1, instr(subject, '/') - 1) || '|'))"
        " ORDER BY alarm DESC, since, subject, code, kind, thing LIMIT ?5");
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_text(query, 2, view_value(question, "alert"));
    store_bind_string(query, 3, sight_own(question->viewer));
    store_bind_string(query, 4, sight_served(question, "customs"));
    store_bind_int(query, 5, ALERTS_ROWS_MAX + 1);
    return query;
}

static struct told read_row(const struct view_question *question, struct store_query *query) {
    const char *texts[7];
    for (int i = 0; i < 7; i++) {
        texts[i] = arena_copy(question->arena, store_text(query, i));
    }
    return (struct told){ .code = texts[0],
                          .subject = texts[1],
                          .kind = texts[2],
                          .thing = texts[3],
                          .state = texts[4],
                          .note = texts[5],
                          .holder = texts[6],
                          .alert = alerts_find(question->source->edition->alerts, texts[0]),
                          .since = store_int(query, 7),
                          .opened_at = store_int(query, 8),
                          .record = store_int(query, 9),
                          .alarm = store_int(query, 10) != 0 };
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    const struct told row = read_row(question, query);
    char since[STAMP_TEXT_MAX], opened[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_int(out, "record", row.record);
    json_put_string(out, "alert", row.code);
    json_put_string(out, "zh", row.alert ? row.alert->zh : "");
    json_put_string(out, "en", row.alert ? row.alert->en : "");
    json_put_bool(out, "alarm", row.alarm);
    json_put_string(out, "subject", row.subject);
    json_put_string(out, "kind", row.kind);
    json_put_string(out, "thing", row.thing);
    json_put_string(out, "since", stamp_print(row.since, since));
    json_put_string(out, "opened", stamp_print(row.opened_at, opened));
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of_state("alerts", row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("alerts", row.state, LANGUAGE_EN));
    json_put_string(out, "note", row.note);
    json_put_string(out, "holder", row.holder);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "记录" : "record", 8);
    column_left(out, zh ? "预警" : "alert", 6);
    column_left(out, zh ? "货物" : "goods", 24);
    column_left(out, zh ? "其中" : "of it", 24);
    column_left(out, zh ? "自" : "since", 16);
    column_left(out, zh ? "状态" : "state", 13);
    buf_add_string(out, zh ? "内容" : "what");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    const struct told row = read_row(question, query);
    bool zh = question->language == LANGUAGE_ZH;
    char since[STAMP_TEXT_MAX];
    stamp_print(row.since, since);
    since[16] = '\0';
    column_left(out, arena_printf(question->arena, "%lld", (long long)row.record), 8);
    column_left(out, row.code, 6);
    column_left(out, row.subject, 24);
    column_left(out, row.thing, 24);
    column_left(out, since, 16);
    column_left(out, name_of_state("alerts", row.state, question->language), 13);
    buf_printf(out, "%s%s%s%s", row.alarm ? (zh ? "警报：" : "alarm: ") : "",
               !row.alert ? ""
               : zh       ? row.alert->zh
                          : row.alert->en,
               *row.note ? zh ? "；" : "; " : "", row.note);
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "alerts",
    .max = ALERTS_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有预警",
    .none_en = "no alerts",
};

enum status alerts_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status alerts_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
