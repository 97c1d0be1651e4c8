/*
 * waivers.c - requests that the charges of an inspection be waived 免单申请.
 *
 *   asked ──► granted ──► settled
 *     └─────► denied
 *
 * When an inspection found nothing, its lifting, moving and storage are not the trader's (list
 * waivable_charges). Who was charged asks by the booking and the charge note. What customs found decides: at
 * once where it has told so, else as soon as it does. From then on that operator's notes of these goods
 * charge nothing that was waived (rule P06); a note that stands in for the one waived, without it, settles
 * the matter. Who may ask is said by the engine-stage rules (W01 ...) over what is made known here; "not
 * yours" and "not there" make the same known.
 */
#include <string.h>

#include "message/codelist.h"
#include "engine/parts/bookings.h"
#include "engine/parts/charges.h"
#include "engine/subject.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "asked",   10, "待查验结果", "awaits the result"  },
    { "denied",  20, "不予免单",   "denied"             },
    { "granted", 20, "准予免单",   "granted"            },
    { "settled", 30, "已更正收费", "the note is mended" },
};

static const struct lifecycle_event events[] = {
    { "ask",    "asked",   "免单申请",   "waiver asked for"         },
    { "grant",  "granted", "准予免单",   "waiver granted"           },
    { "deny",   "denied",  "不予免单",   "waiver denied"            },
    { "settle", "settled", "更正收费单", "note mended after a waiver" },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "waivers", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* payer: a code; respondent: the party that charged; booking, note: their keys; last: by what it stands so */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS waivers(key TEXT PRIMARY KEY, party TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  payer TEXT NOT NULL, operator TEXT NOT NULL, respondent TEXT NOT NULL, note TEXT NOT NULL,"
    "  note_id TEXT NOT NULL, booking TEXT NOT NULL, booking_id TEXT NOT NULL, subject TEXT NOT NULL,"
    "  record INTEGER NOT NULL, last INTEGER NOT NULL, received INTEGER NOT NULL, state TEXT NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS waivers_note ON waivers(note);"
    "CREATE INDEX IF NOT EXISTS waivers_subject ON waivers(subject, respondent);"
    "CREATE INDEX IF NOT EXISTS waivers_received ON waivers(received);"
    "CREATE INDEX IF NOT EXISTS waivers_booking ON waivers(booking) WHERE state = 'asked';";

#define HEARD_MAX 100 /* requests of one booking */

/* --- what is known -------------------------------------------------------------------------------------- */

static const char *key_of(const struct cause *cause) {
    return arena_printf(cause->arena, "%s/%s", cause->sender, cause_text(cause, "waiver_id"));
}

/* The sender's own number was used before, or of the note something is asked that is not denied. */
static bool is_known(const struct cause *cause, const char *note) {
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT 1 FROM waivers WHERE key = ?1 UNION ALL SELECT 1 FROM waivers WHERE note = ?2"
                    " AND state <> 'denied'");
    store_bind_string(query, 1, key_of(cause));
    store_bind_string(query, 2, note);
    return state_exists(cause->state, query);
}

/* The note that the operator charged the applicant. */
static bool find_note(const struct cause *cause, struct charge_note *out) {
    return charges_note(cause, cause_text(cause, "operator_code"), cause_text(cause, "note_id"), out)
           && strcmp(out->payer, cause_text(cause, "applicant_code")) == 0;
}

/* The sender's own inspection, which is done, of the goods that the note is about. */
static bool find_booking(const struct cause *cause, const struct charge_note *note,
                         struct booking_done *out) {
    return bookings_done(cause, cause->sender, cause_text(cause, "booking_id"), out) && *note->subject
           && strcmp(note->subject, out->subject) == 0;
}

static const struct codelist *waivable_charges(const struct cause *cause) {
    return codelists_find(cause->edition->lists, TEXT("waivable_charges"));
}

static bool is_waivable(const struct cause *cause, const struct charge_note *note) {
    const struct codelist *list = waivable_charges(cause);
    return list && charges_any_of(cause, note->key, list);
}

static void enrich_waiver(struct cause *cause) {
    struct charge_note note = { .key = "", .subject = "" };
    struct booking_done booking;
    bool known = find_note(cause, &note);
    cause_enrich_flag(cause, "note_known", 0, known);
    cause_enrich_flag(cause, "note_waivable", 0, known && is_waivable(cause, &note));
    cause_enrich_flag(cause, "booking_known", 0, known && find_booking(cause, &note, &booking));
    cause_enrich_flag(cause, "waiver_known", 0, is_known(cause, known ? note.key : ""));
}

/* --- what was waived ------------------------------------------------------------------------------------ */

static bool was_waived(const struct cause *cause, const char *subject, const char *payer) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT 1 FROM waivers WHERE subject = ? AND respondent = ? AND payer = ?"
                                   " AND state IN ('granted', 'settled')");
    store_bind_string(query, 1, subject);
    store_bind_string(query, 2, cause->sender);
    store_bind_string(query, 3, payer);
    return state_exists(cause->state, query);
}

/* Of a charge note. Another inspection of the same goods that found something, or has no result yet, may be
 * what it charges. */
static void enrich_note(struct cause *cause) {
    const char *subject = charges_goods(cause), *payer = cause_text(cause, "payer_code");
    bool clean = *subject && bookings_clean(cause, subject, payer);
    cause_enrich_flag(cause, "inspection_clean", 0, clean);
    cause_enrich_flag(cause, "charges_waived", 0, clean && was_waived(cause, subject, payer));
}

/* A note that stands in for one of which something was waived, and charges nothing of that any more. */
static void decide_note(struct cause *cause) {
    const struct codelist *list = waivable_charges(cause);
    for (uint32_t row = 0; row < cause_rows(cause, "line"); row++) {
        if (list && codelist_has(list, text_of(cause_row_text(cause, "line.item_code", row)), cause->today)) {
            return;
        }
    }
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT key, subject FROM waivers WHERE note = ? AND state = 'granted'");
    store_bind_string(query, 1,
                      arena_printf(cause->arena, "%s/%s", cause->sender, cause_text(cause, "note_id")));
    if (state_row(cause->state, query)) {
        decision_move(cause->decision, "waivers", row_text(query, 0, cause->arena), "settle", "granted",
                      "settled", cause->metadata->env.received, "subject", row_text(query, 1, cause->arena),
                      NULL);
    }
    store_reset(query);
}

/* --- deciding ------------------------------------------------------------------------------------------- */

/* What customs found is said of the request. */
static void move_waiver(const struct cause *cause, const char *key, const char *subject, const char *result) {
    struct decision *decision = cause->decision;
    bool clean = strcmp(result, "NO_FINDINGS") == 0;
    decision_move(decision, "waivers", key, clean ? "grant" : "deny", "asked", clean ? "granted" : "denied",
                  cause->stamp, "subject", subject, NULL);
    if (clean) {
        decision_answer(decision, "WAIVER-GRANTED", "查验未发现问题，吊装、移位、仓储费准予免单",
                        "the inspection found nothing: lifting, moving and storage are waived");
    } else {
        decision_answer(decision, "WAIVER-DENIED", "查验发现问题，不予免单",
                        "the inspection found something: its charges are not waived");
    }
}

static void decide_waiver(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct charge_note note;
    struct booking_done booking;
    const char *key = key_of(cause), *own_id = cause_text(cause, "waiver_id");
    if (!find_note(cause, &note) || !find_booking(cause, &note, &booking)
        || is_known(cause, note.key)) { /* rules say it better; this holds where none does */
        decision_refuse(decision, "NO-WAIVER", "没有可申请免单的查验与收费单",
                        "there is no inspection and charge note that a waiver could be asked for");
        return;
    }
    decision_subject(decision, note.subject);
    decision_move(decision, "waivers", key, "ask", "", "asked", cause->metadata->env.received, "party",
                  cause->sender, "own_id", own_id, "payer", note.payer, "operator",
                  cause_text(cause, "operator_code"), "respondent", note.party, "note", note.key, "note_id",
                  cause_text(cause, "note_id"), "booking", booking.key, "booking_id",
                  cause_text(cause, "booking_id"), "subject", note.subject, NULL);
    decision_send(decision, note.party, cause->number, "waiver");
    if (*booking.result) {
        move_waiver(cause, key, note.subject, booking.result);
        decision_send(decision, note.party, 0, "waiver");
        cause_send_role(cause, "office", "", "waiver");
    } else {
        decision_answer(decision, "WAIVER-WAITS", "免单申请已登记，待海关告知查验结果",
                        "the request is recorded, and decided when customs tells the result");
    }
    decision_detail(decision, "waiver_id", own_id);
    decision_detail(decision, "note_id", cause_text(cause, "note_id"));
}

/* Customs told what it found: each request that waits for it is told by a decision of its own. */
static void hear(struct cause *cause, const struct move *move) {
    if (!move_is(move, "bookings", "result")) {
        return;
    }
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT key FROM waivers WHERE booking = ? AND state = 'asked' ORDER BY key LIMIT ?");
    store_bind_string(query, 1, move->key);
    store_bind_int(query, 2, HEARD_MAX);
    while (state_row(cause->state, query)) {
        timer_set(cause->decision, "waivers", row_text(query, 0, cause->arena), "result", cause->stamp);
    }
    store_reset(query);
}

static void tick(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct booking_done booking;
    const char *texts[6] = { "", "", "", "", "", "" };
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT party, own_id, respondent, booking, subject, note_id"
                                               " FROM waivers WHERE key = ? AND state = 'asked'");
    store_bind_string(query, 1, cause->tick_key);
    bool found = state_row(cause->state, query);
    for (int i = 0; found && i < 6; i++) {
        texts[i] = row_text(query, i, cause->arena);
    }
    store_reset(query);
    if (!found || !booking_of_key(cause, texts[3], &booking) || !*booking.result) {
        return;
    }
    decision_subject(decision, texts[4]);
    move_waiver(cause, cause->tick_key, texts[4], booking.result);
    decision_detail(decision, "waiver_id", texts[1]);
    decision_detail(decision, "note_id", texts[5]);
    decision_send(decision, texts[0], 0, "waiver");
    decision_send(decision, texts[2], 0, "waiver");
    cause_send_role(cause, "office", "", "waiver");
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "ask", NULL, {
        "INSERT INTO waivers(key, party, own_id, payer, operator, respondent, note, note_id, booking, booking_id,"
        " subject, record, last, received, state) VALUES(:key, :party, :own_id, :payer, :operator, :respondent, :note,"
        " :note_id, :booking, :booking_id, :subject, :cause, :cause, :at, :to)" }, "subject" },
    { NULL, NULL, { "UPDATE waivers SET state = :to, last = :cause WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "fee-waiver", enrich_waiver, decide_waiver },
    { "charge-note", enrich_note, decide_note },
    { 0 },
};

const struct part part_waivers = {
    .name = "waivers",
    .lifecycle = &lifecycle,
    .noun = "waiver",
    .state_of = "SELECT state FROM waivers WHERE key = ?",
    .tables = tables,
    .families = families,
    .tick = tick,
    .hear = hear,
    .moves = moves,
};
