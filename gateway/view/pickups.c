/*
 * pickups.c - rows of state.db, the newest first. The token is made for its holder, and is shown where it
 * has the digest that was granted.
 */
#include "view/pickups.h"

#include <string.h>

#include "engine/pick_up_token.h"
#include "view/sight.h"

const char *const pickup_states[] = { "open", "replaced", "used", NULL };

enum {
    ID,
    PARTY,
    SUBJECT,
    CONTAINER,
    TRUCK,
    UNTIL,
    GATE,
    USED_AT,
    STATE,
    RECORD,
    USED,
    DIGEST,
    RELEASED,
    TOKEN
};

#define KEYS "record, key"

#define PICKUPS(of)                                                                               \
    "SELECT own_id, party, subject, container, truck, until, gate, used_at, state, record, used," \
    " digest, released, " KEYS " FROM pickups WHERE " of "state = iif(?1 = '', 'open', ?1)"       \
    " AND (?2 = '' OR party = ?2 OR gate = ?2) AND" PAGE_BEHIND(                                  \
        KEYS, "<", 2) "ORDER BY record DESC, key DESC" PAGE_LIMIT

static struct store_query *ask(const struct view_question *question) {
    struct text subject = view_value(question, "subject");
    struct store_query *query = store_query(state_store(question->source->state),
                                            subject.length ? PICKUPS("subject = ?3 AND ") : PICKUPS(""));
    store_bind_text(query, 1, view_value(question, "state"));
    store_bind_string(query, 2, sight_own(question->viewer));
    if (subject.length) {
        store_bind_text(query, 3, subject);
    }
    return query;
}

static const char *token_of(const struct view_question *question, const union row_cell *cells,
                            enum language language) {
    const struct edition *edition = question->source->edition;
    const struct party *viewer = question->viewer;
    const struct pick_up pick_up = { cells[SUBJECT].text, cells[CONTAINER].text,
                                     cells[TRUCK].text,   cells[RELEASED].number,
                                     cells[UNTIL].number, (uint64_t)cells[RECORD].number };
    (void)language;
    if (!viewer || strcmp(viewer->code, cells[PARTY].text) != 0 || strcmp(cells[STATE].text, "open") != 0
        || question->now >= cells[UNTIL].number || !edition || !edition->pick_up_key) {
        return "";
    }
    const char *token = pick_up_token(edition, &pick_up, question->arena);
    return strcmp(pick_up_digest(token, question->arena), cells[DIGEST].text) == 0 ? token : "";
}

static const struct row_column columns[] = {
    [ID] = { .name = "id", .zh = "提箱申请", .en = "pick-up", .width = 18 },
    [PARTY] = { .name = "party", .zh = "来自", .en = "party", .width = 12 },
    [SUBJECT] = { .name = "subject", .about_zh = "货物", .about_en = "the goods" },
    [CONTAINER] = { .name = "container", .zh = "箱号", .en = "container", .width = 11 },
    [TRUCK] = { .name = "truck", .zh = "车牌", .en = "truck", .width = 10 },
    [UNTIL] = { .name = "until", .kind = ROW_TIME, .zh = "有效至", .en = "until", .width = 16 },
    [GATE] = { .name = "gate", .zh = "闸口", .en = "gate", .width = 12 },
    [USED_AT] = { .name = "used_at",
                  .kind = ROW_TIME,
                  .about_zh = "何时提箱",
                  .about_en = "when the container was fetched" },
    [STATE] = { .name = "state",
                .kind = ROW_STATE,
                .of = "pickups",
                .zh = "状态",
                .en = "state",
                .width = 12 },
    [RECORD] = ROW_OF_RECORD,
    [USED] = { .name = "used",
               .kind = ROW_NUMBER,
               .about_zh = "提箱的记录，或 0",
               .about_en = "the record of its use, or 0" },
    [DIGEST] = { .kind = ROW_TEXT },
    [RELEASED] = { .kind = ROW_TIME },
    [TOKEN] = { .name = "token", .kind = ROW_MADE, .words = token_of, .zh = "凭证", .en = "token" },
};

const struct rows pickups_rows = {
    .name = "pickups",
    ROWS_COLUMNS(columns),
    .max = PICKUPS_ROWS_MAX,
    .keys = "nt",
    .ask = ask,
    .none_zh = "没有电子提箱凭证",
    .none_en = "no such pick-ups",
};
