/*
 * supplements.c - rows of state.db, the earliest due first.
 */
#include "view/supplements.h"

#include "view/columns.h"
#include "view/names.h"
#include "view/rows.h"
#include "view/sight.h"

const char *const supplement_states[] = { "asked", "overdue", "answered", NULL };

struct supplement {
    const char *id, *party, *owner, *entry, *codes, *reason, *state;
    stamp received, due;
    int64_t record, reply;
};

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT own_id, party, owner, entry, codes, reason, state, received, due, record, reply"
                    " FROM supplements WHERE iif(?1 = '', state <> 'answered', state = ?1)"
                    " AND (?2 = '' OR party = ?2 OR owner = ?2) ORDER BY due, record LIMIT ?3");
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_string(query, 2, sight_own(question->viewer));
    store_bind_int(query, 3, SUPPLEMENTS_ROWS_MAX + 1);
    return query;
}

static struct supplement read_row(struct store_query *query, struct arena *arena) {
    return (struct supplement){ arena_copy(arena, store_text(query, 0)),
                                arena_copy(arena, store_text(query, 1)),
                                arena_copy(arena, store_text(query, 2)),
                                arena_copy(arena, store_text(query, 3)),
                                arena_copy(arena, store_text(query, 4)),
                                arena_copy(arena, store_text(query, 5)),
                                arena_copy(arena, store_text(query, 6)),
                                store_int(query, 7),
                                store_int(query, 8),
                                store_int(query, 9),
                                store_int(query, 10) };
}

/* "invoice, contract" */
static const char *names_of(const struct view_question *question, const char *codes, enum language language) {
    const char *names = "";
    struct text words = text_of(codes);
    while (words.length) {
        const char *code = arena_copy(question->arena, text_until(&words, ' '));
        names = arena_printf(question->arena, "%s%s%s", names, *names ? ", " : "",
                             name_of_code(question, "document_codes", code, language));
    }
    return names;
}

static enum status put_row(const struct view_question *question, struct store_query *query,
                           struct json_out *out) {
    const struct supplement row = read_row(query, question->arena);
    char received[STAMP_TEXT_MAX], due[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_string(out, "id", row.id);
    json_put_string(out, "party", row.party);
    json_put_string(out, "owner", row.owner);
    json_put_string(out, "entry", row.entry);
    json_put_string(out, "codes", row.codes);
    json_put_string(out, "documents_zh", names_of(question, row.codes, LANGUAGE_ZH));
    json_put_string(out, "documents_en", names_of(question, row.codes, LANGUAGE_EN));
    json_put_string(out, "reason", row.reason);
    json_put_string(out, "received", stamp_print(row.received, received));
    json_put_string(out, "due", stamp_print(row.due, due));
    json_put_string(out, "state", row.state);
    json_put_string(out, "state_zh", name_of_state("supplements", row.state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("supplements", row.state, LANGUAGE_EN));
    json_put_int(out, "record", row.record);
    json_put_int(out, "reply", row.reply);
    json_close_object(out);
    return STATUS_OK;
}

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "补充单证" : "supplement", 22);
    column_left(out, zh ? "海关" : "customs", 12);
    column_left(out, zh ? "申报人" : "declarant", 12);
    column_left(out, zh ? "海关编号" : "entry", 18);
    column_left(out, zh ? "答复期限" : "due", 16);
    column_left(out, zh ? "状态" : "state", 12);
    buf_add_string(out, zh ? "单证" : "documents");
    column_end(out);
}

static enum status print_row(const struct view_question *question, struct store_query *query,
                             struct buf *out) {
    const struct supplement row = read_row(query, question->arena);
    char due[STAMP_TEXT_MAX];
    stamp_print(row.due, due);
    due[16] = '\0';
    column_left(out, row.id, 22);
    column_left(out, row.party, 12);
    column_left(out, row.owner, 12);
    column_left(out, row.entry, 18);
    column_left(out, due, 16);
    column_left(out, name_of_state("supplements", row.state, question->language), 12);
    buf_add_string(out, names_of(question, row.codes, question->language));
    column_end(out);
    return STATUS_OK;
}

static const struct rows answer = {
    .name = "supplements",
    .max = SUPPLEMENTS_ROWS_MAX,
    .put = put_row,
    .print = print_row,
    .head = print_head,
    .none_zh = "没有要求补充的单证",
    .none_en = "no documents are asked for",
};

enum status supplements_json(const struct view_question *question, struct json_out *out) {
    return rows_json(question, &answer, ask(question), NULL, out);
}

enum status supplements_print(const struct view_question *question, struct buf *out) {
    return rows_text(question, &answer, ask(question), NULL, out);
}
