/*
 * certificates.c - preferential certificates of origin 原产地证书 of exports: applied for, issued at once or
 * by an officer, and printed by their holders.
 *
 *               ┌── nothing to look at ──────────────────────────────► issued
 *   applied ────┤                                                         ▲
 *               └─► queued ◄── lapsed ──┐                                 │
 *                     ▲ └── taken ──► reviewing ──► approved ─────────────┘
 *                     │                   ├──────► refused
 *                     └── mended ── returned ◄┘
 *
 *   issued ──► revoked 撤销, by customs that issued it
 *      └─────► replaced 更改、重发, once another that its holder asked for in its place is issued
 *
 * What a rule warns of, an officer looks at: an application without a warning is issued at once, any other
 * waits in one queue that all districts share. Its order is that of the first application, so that what was
 * returned and mended, or taken and not decided in time, keeps its place. An officer takes the first, whoever
 * applied and wherever, and does not choose; what is taken goes back after a while (schemas/terms,
 * origin-review). Each district that takes is one party, and hears of what it took only.
 *
 * Who prints has a right that is a token: made when it is applied for, from the bytes of the application,
 * which nobody else has but customs, it holds from the issue on, for its holder alone, and counts the copies.
 * No decision tells it, for a decision may go to several: the holder asks (view/certificates.h). It ends with
 * the certificate: what is revoked or replaced is printed no more, and its number is never used again.
 */
#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "engine/parts/links.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "queued",    10, "待审核",   "awaits an officer"  },
    { "reviewing", 10, "审核中",   "under review"       },
    { "returned",  10, "退回补正", "to be mended"       },
    { "refused",   20, "不予签发", "refused"            },
    { "issued",    20, "已签发",   "issued"             },
    { "revoked",   30, "已撤销",   "revoked"            },
    { "replaced",  30, "已被替代", "replaced"           },
};

static const struct lifecycle_event events[] = {
    { "APPLY",   "queued",    "申请原产地证书",       "certificate of origin applied for" },
    { "ISSUE",   "issued",    "自动签发原产地证书",   "certificate of origin issued at once" },
    { "TAKE",    "reviewing", "领取审核",             "application taken by an officer"   },
    { "LAPSE",   "queued",    "逾期退回审核队列",     "application back in the queue"     },
    { "APPROVE", "issued",    "签发原产地证书",       "certificate of origin issued"      },
    { "RETURN",  "returned",  "退回补正",             "application returned to be mended" },
    { "REFUSE",  "refused",   "不予签发",             "certificate of origin refused"     },
    { "PRINT",   "",          "打印原产地证书",       "certificate of origin printed"     },
    { "REVOKE",  "revoked",   "撤销原产地证书",       "certificate of origin revoked"     },
    { "REPLACE", "replaced",  "原产地证书被替代",     "certificate of origin replaced"    },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "certificates", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* holder: the applicant's code; party: that applied last; place: the record of the first application that had
 * to wait, 0 for none; taker: the district that has it; why: what is to be looked at; replaces: the number of
 * the one in whose place it is asked for; successor: of the one that took its place */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS certificates(key TEXT PRIMARY KEY, holder TEXT NOT NULL,"
    "  own_id TEXT NOT NULL, party TEXT NOT NULL, number TEXT NOT NULL, office TEXT NOT NULL,"
    "  agreement TEXT NOT NULL,"
    "  destination TEXT NOT NULL, entry TEXT NOT NULL, subject TEXT NOT NULL, why_zh TEXT NOT NULL,"
    "  why_en TEXT NOT NULL, place INTEGER NOT NULL, taker TEXT NOT NULL, reason TEXT NOT NULL,"
    "  replaces TEXT NOT NULL, successor TEXT NOT NULL,"
    "  token TEXT NOT NULL, copies INTEGER NOT NULL, printed INTEGER NOT NULL, record INTEGER NOT NULL,"
    "  last INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS certificates_number ON certificates(number);"
    "CREATE INDEX IF NOT EXISTS certificates_replaces ON certificates(replaces) WHERE replaces <> '';"
    "CREATE INDEX IF NOT EXISTS certificates_party ON certificates(party);"
    "CREATE INDEX IF NOT EXISTS certificates_queue ON certificates(place) WHERE state = 'queued';"
    "CREATE INDEX IF NOT EXISTS certificates_taken ON certificates(taker) WHERE state = 'reviewing';";

#define TOKEN_LENGTH  32    /* hexadecimal digits: 128 bits */
#define POSITIONS_MAX 10000 /* told of a place in the queue; behind that all are alike */

struct certificate {
    const char *key, *own_id, *party, *number, *office, *subject, *token, *taker, *why_zh, *why_en, *state,
        *holder, *replaces;
    int64_t copies, printed, place;
    uint64_t record;
};

/* --- rows ----------------------------------------------------------------------------------------------- */

#define CERTIFICATE                                                                                    \
    "SELECT key, own_id, party, number, office, subject, token, taker, why_zh, why_en, state, holder," \
    " replaces, copies, printed, place, record FROM certificates"

static bool read_certificate(const struct cause *cause, struct store_query *query, struct certificate *out) {
    bool found = state_row(cause->state, query);
    if (found) {
        const char *texts[13];
        for (int i = 0; i < 13; i++) {
            texts[i] = row_text(query, i, cause->arena);
        }
        *out = (struct certificate){ .key = texts[0],
                                     .own_id = texts[1],
                                     .party = texts[2],
                                     .number = texts[3],
                                     .office = texts[4],
                                     .subject = texts[5],
                                     .token = texts[6],
                                     .taker = texts[7],
                                     .why_zh = texts[8],
                                     .why_en = texts[9],
                                     .state = texts[10],
                                     .holder = texts[11],
                                     .replaces = texts[12],
                                     .copies = store_int(query, 13),
                                     .printed = store_int(query, 14),
                                     .place = store_int(query, 15),
                                     .record = (uint64_t)store_int(query, 16) };
    }
    store_reset(query);
    return found;
}

static bool certificate_get(const struct cause *cause, const char *key, struct certificate *out) {
    struct store_query *query = store_query(state_store(cause->state), CERTIFICATE " WHERE key = ?");
    store_bind_string(query, 1, key);
    return read_certificate(cause, query, out);
}

static const char *key_of(const struct cause *cause) {
    return arena_printf(cause->arena, "%s/%s", cause_text(cause, "applicant_code"),
                        cause_text(cause, "origin_application"));
}

/* A number that was refused may be asked for again. */
static bool is_used(const struct cause *cause) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT 1 FROM certificates WHERE number = ? AND key <> ? AND state <> 'refused' LIMIT 1");
    store_bind_string(query, 1, cause_text(cause, "certificate_number"));
    store_bind_string(query, 2, key_of(cause));
    return state_exists(cause->state, query);
}

/* The holder's certificate of that number, while it is in force. */
static bool issued_to(const struct cause *cause, const char *holder, const char *number,
                      struct certificate *out) {
    struct store_query *query = store_query(state_store(cause->state), CERTIFICATE
                                            " WHERE number = ? AND holder = ? AND state = 'issued' LIMIT 1");
    store_bind_string(query, 1, number);
    store_bind_string(query, 2, holder);
    return read_certificate(cause, query, out);
}

/* By another application, which is not refused. */
static bool is_being_replaced(const struct cause *cause, const char *holder, const char *number) {
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT 1 FROM certificates WHERE replaces = ? AND replaces <> ''"
                                            " AND holder = ? AND key <> ? AND state <> 'refused' LIMIT 1");
    store_bind_string(query, 1, number);
    store_bind_string(query, 2, holder);
    store_bind_string(query, 3, key_of(cause));
    return state_exists(cause->state, query);
}

/* From 1. */
static int64_t position_of(const struct cause *cause, int64_t place) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT 1 + count(*) FROM (SELECT 1 FROM certificates WHERE state = 'queued'"
                    " AND place < ? LIMIT ?)");
    store_bind_int(query, 1, place);
    store_bind_int(query, 2, POSITIONS_MAX);
    return state_number(cause->state, query, 1);
}

/* --- an application ------------------------------------------------------------------------------------- */

static bool own_declaration(struct cause *cause, struct declaration *out) {
    struct declaration of_entry[LINKED_MAX];
    bool own = links_find(cause, "entry", cause_text(cause, "entry_number"), of_entry)
               && strcmp(of_entry[0].party, cause->sender) == 0;
    if (own) {
        *out = of_entry[0];
    }
    return own;
}

static void enrich_application(struct cause *cause) {
    struct certificate before, replaced;
    struct declaration declaration;
    const char *holder = cause_text(cause, "applicant_code");
    const char *replaces = cause_text(cause, "certificate_replaced");
    bool known = certificate_get(cause, key_of(cause), &before);
    cause_enrich_flag(cause, "application_known", 0, known);
    cause_enrich(cause, "application_state", 0, known ? before.state : "");
    cause_enrich_flag(cause, "certificate_used", 0, is_used(cause));
    cause_enrich_flag(cause, "certificate_declared", 0, own_declaration(cause, &declaration));
    if (*replaces) {
        cause_enrich_flag(cause, "replaced_issued", 0, issued_to(cause, holder, replaces, &replaced));
        cause_enrich_flag(cause, "replaced_already", 0, is_being_replaced(cause, holder, replaces));
    }
}

static const char *make_token(const struct cause *cause) {
    const struct digest *bytes = &cause->metadata->env.digest;
    const struct text hashed[] = { TEXT("clearway certificate of origin, right to print\n"),
                                   { (const char *)bytes->bytes, sizeof(bytes->bytes) },
                                   text_of(arena_printf(cause->arena, "%" PRIu64, cause->number)) };
    struct digest digest = digest_of_parts(hashed, sizeof(hashed) / sizeof(*hashed));
    char hex[DIGEST_HEX_MAX];
    return arena_copy(cause->arena, (struct text){ digest_hex(&digest, hex), TOKEN_LENGTH });
}

static void detail_number(struct cause *cause, const char *name, int64_t number) {
    decision_detail(cause->decision, name, arena_printf(cause->arena, "%" PRId64, number));
}

/* 0: not a number of copies. */
static int64_t copies_of(const struct cause *cause) {
    uint64_t copies;
    bool read = text_to_uint(text_of(cause_text(cause, "print_copies")), &copies) && copies <= INT32_MAX;
    return read ? (int64_t)copies : 0;
}

/* The new one is issued: what it is in place of ends, unless it was revoked meanwhile. */
static void replace(struct cause *cause, const char *holder, const char *number, const char *successor) {
    struct certificate old;
    if (*number && issued_to(cause, holder, number, &old)) {
        decision_move(cause->decision, "certificates", old.key, "REPLACE", old.state, "replaced",
                      cause->metadata->env.received, "successor", successor, "subject", old.subject, NULL);
        decision_detail(cause->decision, "replaces", number);
        detail_number(cause, "replaced_printed", old.printed); /* so many copies are out, to be handed in */
    }
}

static void decide_application(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct certificate before = { .state = "", .place = 0 };
    struct declaration declaration = { .subject = "" };
    const char *key = key_of(cause), *why_zh = cause_warnings(cause, true);
    const char *holder = cause_text(cause, "applicant_code");
    const char *replaces = cause_text(cause, "certificate_replaced");
    bool known = certificate_get(cause, key, &before), waits = *why_zh != '\0';
    if ((known && strcmp(before.state, "returned") != 0) || is_used(cause)) { /* rules say it better */
        decision_refuse(decision, "ORIGIN-KNOWN", "该申请已在审核或已有结果，或证书号已使用",
                        "this application is under way or decided, or the number was used before");
        return;
    }
    struct certificate old;
    if (*replaces
        && (!issued_to(cause, holder, replaces, &old) || is_being_replaced(cause, holder, replaces))) {
        decision_refuse(decision, "ORIGIN-NOT-IN-FORCE",
                        "没有可替代或撤销的有效证书", /* rules say it better */
                        "there is no certificate in force to be replaced or revoked");
        return;
    }
    (void)own_declaration(cause, &declaration);
    decision_subject(decision, declaration.subject);
    decision_move(decision, "certificates", key, waits ? "APPLY" : "ISSUE", before.state,
                  waits ? "queued" : "issued", cause->metadata->env.received, "holder", holder, "own_id",
                  cause_text(cause, "origin_application"), "party", cause->sender, "number",
                  cause_text(cause, "certificate_number"), "office", cause_text(cause, "issuing_office"),
                  "agreement", cause_text(cause, "agreement"), "destination",
                  cause_text(cause, "certificate_destination"), "entry", cause_text(cause, "entry_number"),
                  "subject", declaration.subject, "why_zh", why_zh, "why_en", cause_warnings(cause, false),
                  "token", make_token(cause), "replaces", replaces, NULL);
    decision_put(decision, "copies", copies_of(cause));
    int64_t place = before.place ? before.place : (int64_t)cause->number;
    decision_put(decision, "place", waits ? place : before.place);
    decision_detail(decision, "application", cause_text(cause, "origin_application"));
    decision_detail(decision, "certificate", cause_text(cause, "certificate_number"));
    if (waits) {
        decision_answer(decision, "ORIGIN-QUEUED", "申请须人工审核，已进入全关区共用的队列",
                        "an officer looks at the application: it waits in the queue of all districts");
        detail_number(cause, "position", position_of(cause, place));
    } else {
        decision_answer(decision, "ORIGIN-ISSUED", "原产地证书已签发，可自助打印",
                        "the certificate of origin is issued, and may be printed");
        replace(cause, holder, replaces, cause_text(cause, "certificate_number"));
    }
}

/* --- an officer ----------------------------------------------------------------------------------------- */

static bool is_taking(const struct cause *cause) {
    return strcmp(cause_text(cause, "review_action"), "TAKE") == 0;
}

/* The application that the sender has taken, and names. */
static bool find_mine(const struct cause *cause, struct certificate *out) {
    return certificate_get(cause, key_of(cause), out) && strcmp(out->state, "reviewing") == 0
           && strcmp(out->taker, cause->sender) == 0;
}

static bool is_revoking(const struct cause *cause) {
    return strcmp(cause_text(cause, "review_action"), "REVOKE") == 0;
}

/* The certificate in force that the sender's office issued, and that it names. */
static bool find_issued_here(const struct cause *cause, struct certificate *out) {
    const struct party *customs = parties_find(cause->edition->parties, text_of(cause->sender));
    return certificate_get(cause, key_of(cause), out) && strcmp(out->state, "issued") == 0 && customs
           && party_list_has(customs->serves, text_of(out->office));
}

static void enrich_review(struct cause *cause) {
    struct certificate mine, issued;
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT count(*) FROM certificates WHERE taker = ? AND state = 'reviewing'");
    store_bind_string(query, 1, cause->sender);
    cause_enrich(cause, "reviews_open", 0,
                 arena_printf(cause->arena, "%" PRId64, state_number(cause->state, query, 0)));
    cause_enrich_flag(cause, "review_mine", 0, !is_taking(cause) && find_mine(cause, &mine));
    cause_enrich_flag(cause, "certificate_issued_here", 0,
                      is_revoking(cause) && find_issued_here(cause, &issued));
}

static void detail_certificate(struct cause *cause, const struct certificate *certificate) {
    struct decision *decision = cause->decision;
    decision_detail(decision, "applicant", certificate->holder);
    decision_detail(decision, "application", certificate->own_id);
    decision_detail(decision, "certificate", certificate->number);
}

static void take_next(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct certificate next;
    struct store_query *query =
        store_query(state_store(cause->state), CERTIFICATE " WHERE state = 'queued' ORDER BY place LIMIT 1");
    if (!read_certificate(cause, query, &next)) {
        decision_answer(decision, "ORIGIN-NONE", "队列中没有待审核的申请",
                        "no application waits in the queue");
        return;
    }
    stamp at = cause->metadata->env.received, due = at + cause_term(cause, TERM_ORIGIN_REVIEW);
    char due_text[STAMP_TEXT_MAX];
    decision_subject(decision, next.subject);
    decision_move(decision, "certificates", next.key, "TAKE", next.state, "reviewing", at, "taker",
                  cause->sender, "subject", next.subject, NULL);
    timer_set(decision, "certificates", next.key, "LAPSE", due);
    decision_send(decision, cause->sender, next.record, "origin");
    decision_answer(decision, "ORIGIN-TAKEN", "已领取队列中的下一件申请",
                    "the next application of the queue");
    detail_certificate(cause, &next);
    decision_detail(decision, "why_zh", next.why_zh);
    decision_detail(decision, "why_en", next.why_en);
    decision_detail(decision, "due", stamp_print(due, due_text));
}

static void revoke(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct certificate issued;
    if (!find_issued_here(cause, &issued)) {
        decision_refuse(decision, "ORIGIN-NOT-IN-FORCE",
                        "没有可替代或撤销的有效证书", /* a rule says it better */
                        "there is no certificate in force to be replaced or revoked");
        return;
    }
    decision_subject(decision, issued.subject);
    decision_move(decision, "certificates", issued.key, "REVOKE", issued.state, "revoked",
                  cause->metadata->env.received, "reason", cause_text(cause, "reason"), "subject",
                  issued.subject, NULL);
    cause->submitter = issued.party;
    decision_answer(decision, "ORIGIN-REVOKED", "原产地证书已撤销，不得再使用或打印",
                    "the certificate of origin is revoked, and may be neither used nor printed");
    detail_certificate(cause, &issued);
    detail_number(cause, "printed", issued.printed);
}

static void decide_review(struct cause *cause) {
    /* clang-format off */
    static const struct {
        const char *action, *code, *zh, *en;
    } answers[] = {
        { "APPROVE", "ORIGIN-ISSUED",   "原产地证书已签发，可自助打印", "the certificate of origin is issued, and may be printed" },
        { "RETURN",  "ORIGIN-RETURNED", "申请已退回补正",               "the application is returned, to be mended" },
        { "REFUSE",  "ORIGIN-REFUSED",  "不予签发原产地证书",           "no certificate of origin is issued" },
    };
    /* clang-format on */
    struct decision *decision = cause->decision;
    const char *action = cause_text(cause, "review_action");
    struct certificate mine;
    if (is_taking(cause)) {
        take_next(cause);
        return;
    }
    if (is_revoking(cause)) {
        revoke(cause);
        return;
    }
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
        if (strcmp(answers[i].action, action) == 0 && find_mine(cause, &mine)) {
            timer_clear(decision, "certificates", mine.key, "LAPSE");
            decision_subject(decision, mine.subject);
            decision_move(decision, "certificates", mine.key, action, mine.state,
                          lifecycle_proves(&lifecycle, action), cause->metadata->env.received, "reason",
                          cause_text(cause, "reason"), "subject", mine.subject, NULL);
            cause->submitter = mine.party;
            decision_answer(decision, answers[i].code, answers[i].zh, answers[i].en);
            detail_certificate(cause, &mine);
            if (strcmp(action, "APPROVE") == 0) {
                replace(cause, mine.holder, mine.replaces, mine.number);
            }
            return;
        }
    }
    decision_refuse(decision, "ORIGIN-NOT-YOURS", "该申请不在本方审核中", /* a rule says it better */
                    "the application is not under your review");
}

/* Taken, and not decided in time: whoever comes next gets it first. */
static void tick(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct certificate taken;
    if (!certificate_get(cause, cause->tick_key, &taken) || strcmp(taken.state, "reviewing") != 0) {
        return;
    }
    decision_subject(decision, taken.subject);
    decision_move(decision, "certificates", taken.key, "LAPSE", taken.state, "queued", cause->stamp,
                  "subject", taken.subject, NULL);
    decision_answer(decision, "ORIGIN-LAPSED", "领取的申请逾期未审结，已退回队列",
                    "the application was not decided in time, and is back in the queue");
    detail_certificate(cause, &taken);
    decision_send(decision, taken.taker, 0, "origin");
}

/* --- printing ------------------------------------------------------------------------------------------- */

/* The certificate that the sender's applicant holds, when the token is of it. */
static bool find_right(const struct cause *cause, struct certificate *out) {
    struct store_query *query =
        store_query(state_store(cause->state), CERTIFICATE
                    " WHERE number = ? AND holder = ? AND token = ? AND state = 'issued' LIMIT 1");
    store_bind_string(query, 1, cause_text(cause, "certificate_number"));
    store_bind_string(query, 2, cause_text(cause, "applicant_code"));
    store_bind_string(query, 3, cause_text(cause, "print_token"));
    return read_certificate(cause, query, out);
}

static void enrich_print(struct cause *cause) {
    struct certificate printed;
    bool right = find_right(cause, &printed);
    cause_enrich_flag(cause, "print_right", 0, right);
    if (right) {
        cause_enrich(cause, "certificate_office", 0, printed.office);
        cause_enrich(cause, "prints_left", 0,
                     arena_printf(cause->arena, "%" PRId64, printed.copies - printed.printed));
    }
}

static void decide_print(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct certificate printed;
    int64_t copies = copies_of(cause);
    if (!find_right(cause, &printed) || copies < 1 || copies > printed.copies - printed.printed) {
        decision_refuse(decision, "PRINT-NONE", "没有打印权，或打印份数已用完", /* a rule says it better */
                        "there is no right to print, or not so many copies are left of it");
        return;
    }
    decision_subject(decision, printed.subject);
    decision_move(decision, "certificates", printed.key, "PRINT", printed.state, "",
                  cause->metadata->env.received, "subject", printed.subject, NULL);
    decision_put(decision, "printed", printed.printed + copies);
    decision_answer(decision, "PRINTED", "打印已登记", "the print is recorded");
    decision_detail(decision, "certificate", printed.number);
    detail_number(cause, "printed", printed.printed + copies);
    detail_number(cause, "left", printed.copies - printed.printed - copies);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
#define APPLIED \
    { "INSERT INTO certificates(key, holder, own_id, party, number, office, agreement, destination, entry, subject," \
      " why_zh, why_en, place, taker, reason, replaces, successor, token, copies, printed, record, last, at, state)" \
      " VALUES(:key, :holder, :own_id, :party, :number, :office, :agreement, :destination, :entry, :subject,"        \
      " :why_zh, :why_en, :place, '', '', :replaces, '', :token, :copies, 0, :cause, :cause, :at, :to)"                             \
      " ON CONFLICT DO UPDATE SET party = excluded.party, number = excluded.number, office = excluded.office,"       \
      " agreement = excluded.agreement, destination = excluded.destination, entry = excluded.entry,"                 \
      " subject = excluded.subject, why_zh = excluded.why_zh, why_en = excluded.why_en, place = excluded.place,"     \
      " reason = '', replaces = excluded.replaces, token = excluded.token, copies = excluded.copies, record = excluded.record,"                    \
      " last = excluded.last, at = excluded.at, state = excluded.state" }

static const struct part_move moves[] = {
    { "APPLY", NULL, APPLIED, "subject" },
    { "ISSUE", NULL, APPLIED, "subject" },
    { "PRINT", NULL, { "UPDATE certificates SET printed = :printed, last = :cause WHERE key = :key" }, "subject" },
    { "REPLACE", NULL, {
        "UPDATE certificates SET state = :to, successor = :successor, last = :cause, at = :at WHERE key = :key" },
      "subject" },
    { NULL, NULL, {
        "UPDATE certificates SET state = :to, taker = :taker, reason = :reason, last = :cause, at = :at"
        " WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "origin-application", enrich_application, decide_application },
    { "origin-review", enrich_review, decide_review },
    { "origin-print", enrich_print, decide_print },
    { 0 },
};

const struct part part_certificates = {
    .name = "certificates",
    .lifecycle = &lifecycle,
    .noun = "certificate",
    .state_of = "SELECT state FROM certificates WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = tick,
    .moves = moves,
};
