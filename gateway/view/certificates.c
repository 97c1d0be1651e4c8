/*
 * certificates.c - rows of state.db that the viewer may see, as the queue has them.
 */
#include "view/certificates.h"

#include <string.h>

#include "view/sight.h"

const char *const certificate_states[] = { "queued", "reviewing", "returned", "refused",
                                           "issued", "revoked",   "replaced", NULL };

enum {
    POSITION,
    PLACE,
    APPLICATION,
    HOLDER,
    PARTY,
    NUMBER,
    OFFICE,
    AGREEMENT,
    DESTINATION,
    STATE,
    PRINTED,
    COPIES,
    PRINTS,
    WHY_ZH,
    WHY_EN,
    TAKER,
    REASON,
    REPLACES,
    SUCCESSOR,
    TOKEN,
    TOKEN_OF_HOLDER,
    NOTE,
    RECORD,
    LAST,
    AT,
};

/* One queue of all districts is the work of any customs. */
static bool sees_all(const struct party *viewer) {
    return sight_is_whole(viewer) || party_has_role(viewer, "customs");
}

/* The queue in its order, those that are being reviewed, then what was asked for last. */
#define KEYS                                                              \
    "CASE state WHEN 'queued' THEN 0 WHEN 'reviewing' THEN 1 ELSE 2 END," \
    " iif(state IN ('queued', 'reviewing'), place, -record), key"

static struct store_query *ask(const struct view_question *question) {
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT ifnull(position, 0), own_id, holder, party, number, office, agreement, destination, state,"
        " printed, copies, why_zh, why_en, taker, reason, replaces, successor, token, record, last, at, " KEYS
        " FROM certificates"
        " LEFT JOIN (SELECT key AS queued, row_number() OVER (ORDER BY place) AS position FROM certificates"
        " WHERE state = 'queued') ON queued = key"
        " WHERE (?1 = '' OR own_id = ?1) AND (?2 = '' OR state = ?2) AND (?3 = '' OR party = ?3)"
        " AND" PAGE_BEHIND(KEYS, ">", 3) "ORDER BY " KEYS PAGE_LIMIT);
    store_bind_text(query, 1, view_value(question, "application"));
    store_bind_text(query, 2, view_value(question, "state"));
    store_bind_string(query, 3, sees_all(question->viewer) ? "" : question->viewer->code);
    return query;
}

static const char *place_of(const struct view_question *question, const union row_cell *cells,
                            enum language language) {
    (void)language;
    return cells[POSITION].number ? arena_printf(question->arena, "%lld", (long long)cells[POSITION].number)
                                  : "";
}

static const char *prints_of(const struct view_question *question, const union row_cell *cells,
                             enum language language) {
    (void)language;
    return arena_printf(question->arena, "%lld/%lld", (long long)cells[PRINTED].number,
                        (long long)cells[COPIES].number);
}

static const char *token_of(const struct view_question *question, const union row_cell *cells,
                            enum language language) {
    const struct party *viewer = question->viewer;
    (void)language;
    return viewer && strcmp(viewer->code, cells[PARTY].text) == 0 && strcmp(cells[STATE].text, "issued") == 0
               ? cells[TOKEN].text
               : "";
}

/* What there is to say of it as it stands. */
static const char *note_of(const struct view_question *question, const union row_cell *cells,
                           enum language language) {
    const char *token = token_of(question, cells, language);
    if (*token) {
        return token;
    }
    if (*cells[SUCCESSOR].text) {
        return arena_printf(question->arena, language_pick(language, "由 %s 替代", "by %s"),
                            cells[SUCCESSOR].text);
    }
    return *cells[REASON].text ? cells[REASON].text
                               : language_pick(language, cells[WHY_ZH].text, cells[WHY_EN].text);
}

static const struct row_column columns[] = {
    [POSITION] = { .name = "position",
                   .kind = ROW_NUMBER,
                   .about_zh = "排队位次，或 0",
                   .about_en = "its place in the queue, or 0" },
    [PLACE] = { .kind = ROW_MADE,
                .words = place_of,
                .zh = "排位",
                .en = "place",
                .width = 5,
                .is_right = true },
    [APPLICATION] = { .name = "application", .zh = "申请", .en = "application", .width = 18 },
    [HOLDER] = { .name = "holder", .zh = "申请人", .en = "holder", .width = 11 },
    [PARTY] = { .name = "party", .about_zh = "由谁申请", .about_en = "who applied for it" },
    [NUMBER] = { .name = "certificate", .zh = "证书号", .en = "certificate", .width = 18 },
    [OFFICE] = { .name = "office", .about_zh = "签证机构", .about_en = "the issuing office" },
    [AGREEMENT] = { .name = "agreement",
                    .kind = ROW_CODE,
                    .of = "agreements",
                    .zh = "协定",
                    .en = "agreement",
                    .width = 20 },
    [DESTINATION] = { .name = "destination", .zh = "目的国", .en = "to", .width = 6 },
    [STATE] = { .name = "state",
                .kind = ROW_STATE,
                .of = "certificates",
                .zh = "状态",
                .en = "state",
                .width = 18 },
    [PRINTED] = { .name = "printed",
                  .kind = ROW_NUMBER,
                  .about_zh = "已打印份数",
                  .about_en = "how many copies were printed" },
    [COPIES] = { .name = "copies",
                 .kind = ROW_NUMBER,
                 .about_zh = "可打印份数",
                 .about_en = "how many may be printed" },
    [PRINTS] = { .kind = ROW_MADE, .words = prints_of, .zh = "打印", .en = "prints", .width = 6 },
    [WHY_ZH] = { .name = "why_zh",
                 .about_zh = "须审核的原因（中文）",
                 .about_en = "why it is to be looked at, in Chinese" },
    [WHY_EN] = { .name = "why_en",
                 .about_zh = "须审核的原因（英文）",
                 .about_en = "why it is to be looked at" },
    [TAKER] = { .name = "taker", .about_zh = "审核人", .about_en = "the officer who took it" },
    [REASON] = { .name = "reason", .about_zh = "退回理由", .about_en = "why it was refused" },
    [REPLACES] = { .name = "replaces",
                   .about_zh = "所替代的证书",
                   .about_en = "the certificate that it replaces" },
    [SUCCESSOR] = { .name = "successor",
                    .about_zh = "替代它的证书",
                    .about_en = "the certificate that replaces it" },
    [TOKEN] = { .kind = ROW_TEXT },
    [TOKEN_OF_HOLDER] = { .name = "token",
                          .kind = ROW_MADE,
                          .words = token_of,
                          .about_zh = "打印凭证（只告知申请方）",
                          .about_en = "the token by which it is printed, for who applied alone" },
    [NOTE] = { .kind = ROW_MADE,
               .words = note_of,
               .zh = "须审核、理由或打印凭证",
               .en = "to be looked at, reason, or token" },
    [RECORD] = ROW_OF_RECORD,
    [LAST] = ROW_OF_LAST,
    [AT] = { .name = "at",
             .kind = ROW_TIME,
             .about_zh = "状态自何时起",
             .about_en = "since when it stands so" },
};

const struct rows certificates_rows = {
    .name = "certificates",
    ROWS_COLUMNS(columns),
    .max = CERTIFICATES_ROWS_MAX,
    .keys = "nnt",
    .ask = ask,
    .none_zh = "没有原产地证书申请",
    .none_en = "no applications for certificates of origin",
};
