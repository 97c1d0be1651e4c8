/*
 * lots.c - lots of bulk goods 大宗货批: what customs cleared of each, and what was drawn from it.
 *
 *   applied ──► admitted ──► inspecting ──► passed ──► closed
 *      └─► rejected                  └────► failed ──► closed
 *
 * A result stands until another inspection 复验 tells otherwise: passed and failed follow each other.
 *
 * Inspection and release are two tracks. The life cycle above is the inspection's. The release is a ledger:
 * what customs cleared adds to it, what leaves is drawn from it, and it never goes below zero. The mode of a
 * lot says in which order the two come:
 *
 *   RELEASE_FIRST 先放后检                     cleared before the result; what fails stays from then on
 *   ON_LOADING 边装边检, ON_DISCHARGE 即卸即检  cleared part by part, while it is inspected
 *   BONDED 入区检验出区核销, INTEGRATED 集成查检分次出区   cleared as a whole by the result, drawn in parts
 *
 * So say the engine-stage rules (B03 ...) over what is made known here; that the ledger holds is said here
 * as well, whatever the rules say. Each of its lines is of one message, which explains it. What was drawn and
 * did not leave is returned: a line of its own, for nothing in a ledger is taken away.
 *
 * What a weighbridge 过磅 found of a draw stands beside it, and changes no line: within the tolerance it
 * confirms the draw, beyond it customs and the holder are told. The lot's moments (schemas/segments) are
 * milestones of the consignment that it was declared with; a draw that is returned takes its own back.
 */
#include <string.h>

#include "base/decimal.h"
#include "edition/terms.h"
#include "engine/parts/links.h"
#include "engine/parts/milestones.h"
#include "engine/subject.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "applied",    10, "待受理",   "awaits customs"        },
    { "rejected",   20, "不予准予", "not admitted"          },
    { "admitted",   20, "已准予",   "admitted"              },
    { "inspecting", 30, "检验中",   "under inspection"      },
    { "failed",     40, "检验不合格", "failed"              },
    { "passed",     40, "检验合格", "passed"                },
    { "closed",     50, "已结案",   "closed"                },
};

static const struct lifecycle_event events[] = {
    { "APPLY",     "applied",    "申请货批",         "lot applied for"        },
    { "ADMIT",     "admitted",   "准予货批模式",     "lot admitted"           },
    { "REJECT",    "rejected",   "不予准予货批",     "lot not admitted"       },
    { "START",     "inspecting", "开始检验",         "inspection begun"       },
    { "CLEAR",     "",           "放行货批（部分）", "lot cleared, or part"   },
    { "PASS",      "passed",     "货批检验合格",     "lot passed inspection"  },
    { "FAIL",      "failed",     "货批检验不合格",   "lot failed inspection"  },
    { "WRITE_OFF", "",           "核减货批",         "written off the lot"    },
    { "CLOSE",     "closed",     "货批结案",         "lot closed"             },
    { "DRAW",      "",           "货批提离（出区）", "drawn from the lot"     },
    { "RETURN",    "",           "货批提离退回",     "draw returned"          },
    { "WEIGH",     "",           "货批提离过磅",     "draw weighed"           },
};
/* clang-format on */

static const struct lifecycle lifecycle = {
    "lots", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

/* holder: the applicant's code; party: that applied; cleared, drawn: as the last line of the ledger left
 * them; quantity: with its sign */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS lots(key TEXT PRIMARY KEY, holder TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  party TEXT NOT NULL, port TEXT NOT NULL, place TEXT NOT NULL, mode TEXT NOT NULL, entry TEXT NOT NULL,"
    "  bill TEXT NOT NULL, hs TEXT NOT NULL, goods TEXT NOT NULL, unit TEXT NOT NULL, declared TEXT NOT NULL,"
    "  cleared TEXT NOT NULL, drawn TEXT NOT NULL, subject TEXT NOT NULL, record INTEGER NOT NULL,"
    "  last INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS lots_own ON lots(own_id);"
    "CREATE INDEX IF NOT EXISTS lots_party ON lots(party);"
    "CREATE TABLE IF NOT EXISTS lot_ledger(lot TEXT NOT NULL, record INTEGER NOT NULL, event TEXT NOT NULL,"
    "  draw TEXT NOT NULL, party TEXT NOT NULL, entry TEXT NOT NULL, quantity TEXT NOT NULL,"
    "  balance TEXT NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(lot, record))"
    "  STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS lot_weighings(lot TEXT NOT NULL, draw TEXT NOT NULL, record INTEGER NOT NULL,"
    "  party TEXT NOT NULL, quantity TEXT NOT NULL, within INTEGER NOT NULL, at INTEGER NOT NULL,"
    "  PRIMARY KEY(lot, draw)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS lot_ledger_draw ON lot_ledger(lot, draw) WHERE draw <> '';"
    "CREATE INDEX IF NOT EXISTS lot_ledger_party ON lot_ledger(party, lot);";

struct lot {
    const char *key, *party, *port, *place, *mode, *unit, *subject, *state;
    uint64_t record;
    struct decimal declared, cleared, drawn;
};

/* --- the lot that a message is about -------------------------------------------------------------------- */

static const char *key_of(const struct cause *cause) {
    return arena_printf(cause->arena, "%s/%s", cause_text(cause, "applicant_code"),
                        cause_text(cause, "lot_id"));
}

/* The figures of the row are of our own making: others are damage. */
static bool read_figures(const struct cause *cause, struct store_query *query, int column, struct lot *out) {
    bool read = decimal_parse(store_text(query, column), &out->declared)
                && decimal_parse(store_text(query, column + 1), &out->cleared)
                && decimal_parse(store_text(query, column + 2), &out->drawn);
    if (!read) {
        state_doubt(cause->state, "lots", out->record);
    }
    return read;
}

static bool lot_get(const struct cause *cause, const char *key, struct lot *out) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT key, party, port, place, mode, unit, subject, state, record,"
                                   " declared, cleared, drawn FROM lots WHERE key = ?");
    store_bind_string(query, 1, key);
    bool found = state_row(cause->state, query);
    if (found) {
        *out = (struct lot){ .key = row_text(query, 0, cause->arena),
                             .party = row_text(query, 1, cause->arena),
                             .port = row_text(query, 2, cause->arena),
                             .place = row_text(query, 3, cause->arena),
                             .mode = row_text(query, 4, cause->arena),
                             .unit = row_text(query, 5, cause->arena),
                             .subject = row_text(query, 6, cause->arena),
                             .state = row_text(query, 7, cause->arena),
                             .record = (uint64_t)store_int(query, 8) };
        found = read_figures(cause, query, 9, out);
    }
    store_reset(query);
    return found;
}

/* Customs decides where it serves; elsewhere a lot is not there for it. */
static bool may_decide(const struct cause *cause, const struct lot *lot) {
    const struct party *party = parties_find(cause->edition->parties, text_of(cause->sender));
    return party && party_list_has(party->serves, text_of(lot->port));
}

/* Who keeps the goods weighs them. */
static bool may_weigh(const struct cause *cause, const struct lot *lot) {
    const struct party *party = parties_find(cause->edition->parties, text_of(cause->sender));
    return party && *lot->place
           && (party_is_called(party, text_of(lot->place))
               || party_list_has(party->serves, text_of(lot->place)));
}

/* At the port that the message names. */
static bool find_lot(const struct cause *cause, struct lot *out) {
    return lot_get(cause, key_of(cause), out) && strcmp(out->port, cause_text(cause, "port_code")) == 0
           && (strcmp(cause->family, "lot-decision") != 0 || may_decide(cause, out))
           && (strcmp(cause->family, "lot-weighing") != 0 || may_weigh(cause, out));
}

struct draw {
    bool known, open;
    struct decimal quantity; /* negative */
    uint64_t record;
};

static struct draw find_draw(const struct cause *cause, const struct lot *lot) {
    struct draw draw = { .quantity = decimal_of_int(0) };
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT event, quantity, record FROM lot_ledger WHERE lot = ? AND draw = ? AND draw <> ''"
                    " ORDER BY record");
    store_bind_string(query, 1, lot->key);
    store_bind_string(query, 2, cause_text(cause, "draw_id"));
    while (state_row(cause->state, query)) {
        draw.known = true;
        draw.open =
            text_is(store_text(query, 0), "DRAW") && decimal_parse(store_text(query, 1), &draw.quantity);
        draw.record = (uint64_t)store_int(query, 2);
    }
    store_reset(query);
    return draw;
}

/* --- what the rules are told ---------------------------------------------------------------------------- */

static struct decimal minus(struct decimal a, struct decimal b) {
    struct decimal difference;
    return decimal_subtract(a, b, &difference) ? difference : decimal_of_int(0);
}

static struct decimal balance_of(const struct lot *lot) {
    return minus(lot->cleared, lot->drawn);
}

static const char *print(const struct cause *cause, struct decimal value) {
    char text[DECIMAL_TEXT_MAX];
    return arena_string(cause->arena, decimal_print(value, text));
}

static bool is_negative(struct decimal value) {
    return decimal_compare(value, decimal_of_int(0)) < 0;
}

static void enrich_lot(struct cause *cause, const struct lot *lot) {
    struct decimal uncleared = minus(lot->declared, lot->cleared);
    cause_enrich(cause, "lot_mode", 0, lot->mode);
    cause_enrich(cause, "lot_state", 0, lot->state);
    cause_enrich(cause, "lot_ledger_unit", 0, lot->unit);
    cause_enrich(cause, "lot_stored_at", 0, lot->place);
    cause_enrich(cause, "lot_declared", 0, print(cause, lot->declared));
    cause_enrich(cause, "lot_uncleared", 0,
                 print(cause, is_negative(uncleared) ? decimal_of_int(0) : uncleared));
    cause_enrich(cause, "lot_cleared", 0, print(cause, lot->cleared));
    cause_enrich(cause, "lot_drawn", 0, print(cause, lot->drawn));
    cause_enrich(cause, "lot_balance", 0, print(cause, balance_of(lot)));
}

static void enrich_application(struct cause *cause) {
    struct lot lot;
    cause_enrich_flag(cause, "lot_known", 0, lot_get(cause, key_of(cause), &lot));
}

static void enrich_change(struct cause *cause) {
    struct lot lot;
    bool known = find_lot(cause, &lot);
    cause_enrich_flag(cause, "lot_known", 0, known);
    if (known) {
        struct draw draw = find_draw(cause, &lot);
        enrich_lot(cause, &lot);
        cause_enrich_flag(cause, "draw_known", 0, draw.known);
        cause_enrich_flag(cause, "draw_open", 0, draw.open);
    }
}

static void enrich_weighing(struct cause *cause) {
    struct lot lot;
    bool known = find_lot(cause, &lot);
    struct draw draw = { .open = false };
    if (known) {
        draw = find_draw(cause, &lot);
        enrich_lot(cause, &lot);
        cause_enrich_flag(cause, "draw_open", 0, draw.open);
    }
    cause_enrich_flag(cause, "lot_known", 0, known);
    if (draw.open) {
        int permille = terms_permille(cause->edition->terms, TERM_WEIGHING_TOLERANCE, cause->today);
        cause_enrich(cause, "draw_quantity", 0, print(cause, minus(decimal_of_int(0), draw.quantity)));
        cause_enrich(cause, "weighing_tolerance", 0, print(cause, decimal_of_int(permille)));
    }
}

/* --- an application ------------------------------------------------------------------------------------- */

/* The consignment of the sender's own declaration; "": naming another's opens nothing. */
static const char *subject_of_own(struct cause *cause) {
    struct declaration of_entry[LINKED_MAX];
    const char *bill = subject_bill(cause);
    if (links_find(cause, "entry", cause_text(cause, "entry_number"), of_entry)
        && strcmp(of_entry[0].party, cause->sender) == 0) {
        return of_entry[0].subject;
    }
    bool own = *bill
               && declaration_own(cause, cause->sender, subject_of_bill(cause, subject_port(cause), bill), "",
                                  &of_entry[0]);
    return own ? of_entry[0].subject : "";
}

static void detail_lot(struct cause *cause, const struct lot *lot) {
    struct decision *decision = cause->decision;
    decision_detail(decision, "lot_id", cause_text(cause, "lot_id"));
    decision_detail(decision, "declared", print(cause, lot->declared));
    decision_detail(decision, "cleared", print(cause, lot->cleared));
    decision_detail(decision, "drawn", print(cause, lot->drawn));
    decision_detail(decision, "balance", print(cause, balance_of(lot)));
    decision_detail(decision, "unit", lot->unit);
}

static bool read_quantity(const struct cause *cause, struct decimal *out) {
    return decimal_parse(text_of(cause_text(cause, "lot_quantity")), out);
}

static void decide_application(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct lot lot = { .key = key_of(cause),
                       .unit = cause_text(cause, "lot_unit"),
                       .cleared = decimal_of_int(0),
                       .drawn = decimal_of_int(0) };
    struct lot before;
    if (lot_get(cause, lot.key, &before)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "LOT-KNOWN", "该货批编号已使用", "this lot number was used before");
        return;
    }
    if (!read_quantity(cause, &lot.declared)) {
        lot.declared = decimal_of_int(0);
    }
    lot.subject = subject_of_own(cause);
    decision_subject(decision, lot.subject);
    decision_move(decision, "lots", lot.key, "APPLY", "", "applied", cause->metadata->env.received, "holder",
                  cause_text(cause, "applicant_code"), "own_id", cause_text(cause, "lot_id"), "party",
                  cause->sender, "port", cause_text(cause, "port_code"), "place",
                  cause_text(cause, "lot_place"), "mode", cause_text(cause, "bulk_mode"), "entry",
                  cause_text(cause, "entry_number"), "bill", cause_text(cause, "bill_number"), "hs",
                  cause_text(cause, "lot_hs"), "goods", cause_text(cause, "lot_goods"), "unit", lot.unit,
                  "declared", print(cause, lot.declared), "subject", lot.subject, NULL);
    decision_answer(decision, "LOT-APPLIED", "货批申请已登记，请等待海关受理",
                    "the lot is applied for and goes to customs");
    detail_lot(cause, &lot);
}

/* --- what is decided of it, and drawn from it ----------------------------------------------------------- */

/* How a line of the ledger comes about. */
enum line {
    NO_LINE,
    CLEARS,  /* adds the quantity to what is cleared */
    FINDS,   /* so much is cleared in all; without a quantity it stands */
    DRAWS,   /* the quantity leaves, or is lost */
    RETURNS, /* a draw did not leave */
};

/* clang-format off */
static const struct action {
    const char *name;
    enum line line;
    const char *code, *zh, *en;
} actions[] = {
    { "ADMIT",     NO_LINE, "LOT-ADMITTED",    "货批已准予",                 "the lot is admitted" },
    { "REJECT",    NO_LINE, "LOT-REJECTED",    "货批不予准予",               "the lot is not admitted" },
    { "START",     NO_LINE, "LOT-INSPECTING",  "货批开始检验",               "the inspection of the lot has begun" },
    { "CLEAR",     CLEARS,  "LOT-CLEARED",     "已放行，可在余量内提离",     "cleared: it may be drawn" },
    { "PASS",      FINDS,   "LOT-PASSED",      "检验合格，余量可以提离",     "the lot passed: what is left may be drawn" },
    { "FAIL",      NO_LINE, "LOT-FAILED",      "检验不合格，余量停止提离",   "the lot failed: what is left stays" },
    { "WRITE_OFF", DRAWS,   "LOT-WRITTEN-OFF", "已核减",                     "written off" },
    { "CLOSE",     NO_LINE, "LOT-CLOSED",      "货批已核销结案",             "the lot is closed" },
    { "DRAW",      DRAWS,   "LOT-DRAWN",       "已核销，可以提离",           "drawn: it may leave" },
    { "RETURN",    RETURNS, "LOT-RETURNED",    "提离已退回，余量恢复",       "the draw is returned to the lot" },
};
/* clang-format on */

static const struct action *find_action(const char *name) {
    for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
        if (strcmp(actions[i].name, name) == 0) {
            return &actions[i];
        }
    }
    return NULL;
}

/* The ledger after this line, in `after`. False: it would go below zero, or there is no such line. */
static bool draw_up(const struct cause *cause, const struct action *action, const struct lot *lot,
                    struct lot *after) {
    struct decimal quantity, zero = decimal_of_int(0);
    bool told = read_quantity(cause, &quantity);
    *after = *lot;
    if (told && decimal_compare(quantity, zero) < 0) {
        return false;
    }
    switch (action->line) {
    case NO_LINE: return true;
    case CLEARS: return told && decimal_add(lot->cleared, quantity, &after->cleared);
    case FINDS: after->cleared = told ? quantity : lot->cleared; return !is_negative(balance_of(after));
    case DRAWS:
        return told && decimal_add(lot->drawn, quantity, &after->drawn) && !is_negative(balance_of(after));
    case RETURNS: {
        struct draw draw = find_draw(cause, lot);
        return draw.open && decimal_add(lot->drawn, draw.quantity, &after->drawn); /* a draw's is negative */
    }
    }
    return false;
}

/* What changes of the lot is one move, and a line of its ledger where that changes. */
static void move_lot(struct cause *cause, const struct action *action, const struct lot *lot,
                     const struct lot *after) {
    struct decimal quantity = minus(balance_of(after), balance_of(lot));
    bool is_line = action->line != NO_LINE && (action->line != FINDS || *cause_text(cause, "lot_quantity"));
    decision_move(cause->decision, "lots", lot->key, action->name, lot->state,
                  lifecycle_proves(&lifecycle, action->name),
                  cause_moment(cause, "event_time", cause->metadata->env.received), "subject", lot->subject,
                  "party", cause->sender, "draw", cause_text(cause, "draw_id"), "entry",
                  cause_text(cause, "entry_number"), "note", cause_text(cause, "reason"), "cleared",
                  print(cause, after->cleared), "drawn", print(cause, after->drawn), "quantity",
                  is_line ? print(cause, quantity) : "", "balance", print(cause, balance_of(after)), NULL);
}

/* In the timeline of the goods that the lot was declared with. */
static void tell_milestones(struct cause *cause, const struct lot *lot) {
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t count = *lot->subject ? milestones_told(cause, told) : 0;
    for (size_t i = 0; i < count; i++) {
        milestone_add(cause->decision, lot->subject, "", "", told[i].code, told[i].at, cause->number);
    }
}

/* What was weighed of the draw before is no moment of the goods any more. */
static void take_back_weighing(struct cause *cause, const struct lot *lot) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT record FROM lot_weighings WHERE lot = ? AND draw = ?");
    store_bind_string(query, 1, lot->key);
    store_bind_string(query, 2, cause_text(cause, "draw_id"));
    int64_t record = state_number(cause->state, query, 0);
    if (*lot->subject && record) {
        milestones_take_back(cause->decision, lot->subject, (uint64_t)record);
    }
}

static void decide_change(struct cause *cause, const char *name) {
    struct decision *decision = cause->decision;
    const struct action *action = find_action(name);
    struct lot lot, after;
    if (!action || !find_lot(cause, &lot)) { /* rules say it better; this holds where none does */
        decision_refuse(decision, "NO-LOT", "没有该货批，或没有这种操作",
                        "there is no such lot, or nothing of that name is decided of one");
        return;
    }
    decision_subject(decision, lot.subject);
    if (!draw_up(cause, action, &lot, &after)) {
        decision_refuse(decision, "LOT-SHORT", "货批余量不足，或没有该提离",
                        "not so much is left of the lot, or it has no such draw");
        detail_lot(cause, &lot);
        return;
    }
    move_lot(cause, action, &lot, &after);
    tell_milestones(cause, &lot);
    if (action->line == RETURNS) {
        if (*lot.subject) { /* it did not leave */
            milestones_take_back(decision, lot.subject, find_draw(cause, &lot).record);
        }
        take_back_weighing(cause, &lot);
    }
    cause->submitter = lot.party;
    decision_answer(decision, action->code, action->zh, action->en);
    detail_lot(cause, &after);
}

static void decide_decision(struct cause *cause) {
    decide_change(cause, cause_text(cause, "lot_action"));
}

static void decide_draw(struct cause *cause) {
    decide_change(cause, cause_text(cause, "draw_action"));
    decision_detail(cause->decision, "draw_id", cause_text(cause, "draw_id"));
}

/* --- what the weighbridge found of a draw --------------------------------------------------------------- */

/* The rule of the tolerance (B11) warns, and no other does of a weighing. */
static bool is_warned(const struct decision *decision) {
    for (size_t i = 0; i < decision->findings.count; i++) {
        if (decision->findings.findings[i].severity == SEVERITY_WARNING) {
            return true;
        }
    }
    return false;
}

static void decide_weighing(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct lot lot;
    struct draw draw = { .open = false };
    struct decimal weighed;
    bool known = find_lot(cause, &lot);
    if (known) {
        draw = find_draw(cause, &lot);
    }
    if (!draw.open || !read_quantity(cause, &weighed)) { /* rules say it better */
        decision_refuse(decision, "LOT-SHORT", "货批余量不足，或没有该提离",
                        "not so much is left of the lot, or it has no such draw");
        return;
    }
    bool within = !is_warned(decision);
    struct decimal drawn = minus(decimal_of_int(0), draw.quantity);
    decision_subject(decision, lot.subject);
    decision_move(decision, "lots", lot.key, "WEIGH", lot.state, "",
                  cause_moment(cause, "event_time", cause->metadata->env.received), "subject", lot.subject,
                  "party", cause->sender, "draw", cause_text(cause, "draw_id"), "quantity",
                  print(cause, weighed), NULL);
    decision_put(decision, "within", within);
    take_back_weighing(cause, &lot);
    tell_milestones(cause, &lot);
    cause->submitter = lot.party;
    if (within) {
        decision_answer(decision, "LOT-WEIGHED", "过磅已登记，与提离量相符",
                        "the weighing is recorded and confirms the draw");
    } else {
        decision_answer(decision, "LOT-WEIGHED-OFF", "过磅已登记，与提离量不符",
                        "the weighing is recorded, and differs from the draw");
    }
    decision_detail(decision, "lot_id", cause_text(cause, "lot_id"));
    decision_detail(decision, "draw_id", cause_text(cause, "draw_id"));
    decision_detail(decision, "drawn", print(cause, drawn));
    decision_detail(decision, "weighed", print(cause, weighed));
    decision_detail(decision, "difference", print(cause, minus(weighed, drawn)));
    decision_detail(decision, "unit", lot.unit);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "APPLY", NULL, {
        "INSERT INTO lots(key, holder, own_id, party, port, place, mode, entry, bill, hs, goods, unit, declared,"
        " cleared, drawn, subject, record, last, state) VALUES(:key, :holder, :own_id, :party, :port, :place, :mode,"
        " :entry, :bill, :hs, :goods, :unit, :declared, '0', '0', :subject, :cause, :cause, :to)" }, "subject" },
    { "WEIGH", NULL, { /* told again it takes the place of what was told before */
        "INSERT OR REPLACE INTO lot_weighings(lot, draw, record, party, quantity, within, at)"
        " VALUES(:key, :draw, :cause, :party, :quantity, :within, :at)" }, "subject" },
    { NULL, NULL, {
        "UPDATE lots SET cleared = :cleared, drawn = :drawn, last = :cause, state = iif(:to = '', state, :to)"
        " WHERE key = :key",
        "INSERT INTO lot_ledger(lot, record, event, draw, party, entry, quantity, balance, note, at)"
        " SELECT :key, :cause, :event, :draw, :party, :entry, :quantity, :balance, :note, :at"
        " WHERE :quantity <> ''" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "bulk-lot", enrich_application, decide_application },
    { "lot-decision", enrich_change, decide_decision },
    { "lot-draw", enrich_change, decide_draw },
    { "lot-weighing", enrich_weighing, decide_weighing },
    { 0 },
};

const struct part part_lots = {
    .name = "lots",
    .lifecycle = &lifecycle,
    .noun = "lot",
    .state_of = "SELECT state FROM lots WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
