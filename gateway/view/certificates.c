/*
 * certificates.c - rows of state.db that the viewer may see, as the queue has them.
 */
#include "view/certificates.h"

#include <string.h>

#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const certificate_states[] = { "queued", "reviewing", "returned", "refused",
                                           "issued", "revoked",   "replaced", NULL };

struct certificate {
    const char *application, *holder, *party, *number, *office, *agreement, *destination, *state, *why_zh,
        *why_en, *taker, *reason, *token, *replaces, *successor;
    int64_t position, copies, printed, record, last;
    stamp at;
};

/* One queue of all districts is the work of any customs. */
static bool sees_all(const struct party *viewer) {
    return sight_is_whole(viewer) || party_has_role(viewer, "customs");
}

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT own_id, holder, party, number, office, agreement, destination, state, why_zh, why_en, taker,"
        " reason, token, replaces, successor, ifnull(position, 0), copies, printed, record, last, at"
        " FROM certificates"
        " LEFT JOIN (SELECT key AS queued, row_number() OVER (ORDER BY place) AS position FROM certificates"
        " WHERE state = 'queued') ON queued = key"
        " WHERE (?1 = '' OR own_id = ?1) AND (?2 = '' OR state = ?2) AND (?3 = '' OR party = ?3)"
        " ORDER BY CASE state WHEN 'queued' THEN 0 WHEN 'reviewing' THEN 1 ELSE 2 END,"
        " iif(state IN ('queued', 'reviewing'), place, -last) LIMIT ?4");
    store_bind_text(query, 1, view_value(question, "application"));
    store_bind_text(query, 2, view_value(question, "state"));
    store_bind_string(query, 3, sees_all(question->viewer) ? "" : question->viewer->code);
    store_bind_int(query, 4, CERTIFICATES_ROWS_MAX + 1);
    return query;
}

static struct certificate read_row(const struct view_question *question, struct store_query *query) {
    const struct party *viewer = question->viewer;
    const char *texts[15];
    for (int i = 0; i < 15; i++) {
        texts[i] = arena_copy(question->arena, store_text(query, i));
    }
    struct certificate row = { texts[0],
                               texts[1],
                               texts[2],
                               texts[3],
                               texts[4],
                               texts[5],
                               texts[6],
                               texts[7],
                               texts[8],
                               texts[9],
                               texts[10],
                               texts[11],
                               texts[12],
                               texts[13],
                               texts[14],
                               store_int(query, 15),
                               store_int(query, 16),
                               store_int(query, 17),
                               store_int(query, 18),
                               store_int(query, 19),
                               store_int(query, 20) };
    if (!viewer || strcmp(viewer->code, row.party) != 0 || strcmp(row.state, "issued") != 0) {
        row.token = "";
    }
    return row;
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    const struct certificate row = read_row(question, query);
    char at[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_string(out, "application", row.application);
    json_put_string(out, "holder", row.holder);
    json_put_string(out, "party", row.party);
    json_put_string(out, "certificate", row.number);
    json_put_string(out, "office", row.office);
    json_put_string(out, "agreement", row.agreement);
    json_put_string(out, "agreement_zh", name_of_code(question, "agreements", row.agreement, LANGUAGE_ZH));
    json_put_string(out, "agreement_en", name_of_code(question, "agreements", row.agreement, LANGUAGE_EN));
    json_put_string(out, "destination", row.destination);
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of_state("certificates", row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("certificates", row.state, LANGUAGE_EN));
    json_put_int(out, "position", row.position);
    json_put_string(out, "why_zh", row.why_zh);
    json_put_string(out, "why_en", row.why_en);
    json_put_string(out, "taker", row.taker);
    json_put_string(out, "reason", row.reason);
    json_put_string(out, "replaces", row.replaces);
    json_put_string(out, "successor", row.successor);
    json_put_int(out, "copies", row.copies);
    json_put_int(out, "printed", row.printed);
    json_put_string(out, "token", row.token);
    json_put_int(out, "record", row.record);
    json_put_int(out, "last", row.last);
    json_put_string(out, "at", stamp_print(row.at, at));
    json_close_object(out);
    return STATUS_OK;
}

/* --- on a terminal -------------------------------------------------------------------------------------- */

static void print_head(bool zh, struct buf *out) {
    column_right(out, zh ? "排位" : "place", 5);
    column_left(out, zh ? "申请" : "application", 18);
    column_left(out, zh ? "申请人" : "holder", 11);
    column_left(out, zh ? "证书号" : "certificate", 18);
    column_left(out, zh ? "协定" : "agreement", 20);
    column_left(out, zh ? "目的国" : "to", 6);
    column_left(out, zh ? "状态" : "state", 18);
    column_left(out, zh ? "打印" : "prints", 6);
    buf_add_string(out, zh ? "须审核、理由或打印凭证" : "to be looked at, reason, or token");
    column_end(out);
}

/* What there is to say of it as it stands. */
static const char *note_of(const struct view_question *question, const struct certificate *row) {
    if (*row->token) {
        return row->token;
    }
    if (*row->successor) {
        return arena_printf(question->arena, question->language == LANGUAGE_ZH ? "由 %s 替代" : "by %s",
                            row->successor);
    }
    return *row->reason ? row->reason : question->language == LANGUAGE_ZH ? row->why_zh : row->why_en;
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    const struct certificate row = read_row(question, query);
    struct arena *arena = question->arena;
    column_right(out, row.position ? arena_printf(arena, "%lld", (long long)row.position) : "", 5);
    column_left(out, row.application, 18);
    column_left(out, row.holder, 11);
    column_left(out, row.number, 18);
    column_left(out, name_of_code(question, "agreements", row.agreement, question->language), 20);
    column_left(out, row.destination, 6);
    column_left(out, name_of_state("certificates", row.state, question->language), 18);
    column_left(out, arena_printf(arena, "%lld/%lld", (long long)row.printed, (long long)row.copies), 6);
    buf_add_string(out, note_of(question, &row));
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "certificates",
    .max = CERTIFICATES_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有原产地证书申请",
    .none_en = "no applications for certificates of origin",
};

enum status certificates_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status certificates_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
