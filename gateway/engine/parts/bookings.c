/*
 * bookings.c - the inspection booking 查验预约: one place in one slot, one active booking per container.
 *
 *   booked ──► positioned ──► opened ──► done ──► left          told by the port; the result by customs
 *     └──► missed ──► booked                                    not there when its turn came, and booked anew
 *
 * What a booking may be is said by the engine-stage rules (I01 ...) over what is made known here: whether
 * the slot exists, is open and has places; whether the goods are the sender's own and selected by
 * customs; whether a container has another booking. "Not yours" and "not there" make the same things
 * known. What no rule refuses is booked.
 *
 * The queue is fair and explainable 公开透明 (engine/inspection_queue.h): what gives goods a priority is
 * heard when they are declared, or said in the booking; who moves to another slot is behind those there.
 */
#include <inttypes.h>
#include <string.h>

#include "edition/priorities.h"
#include "edition/slots.h"
#include "edition/workdays.h"
#include "engine/inspection_queue.h"
#include "engine/parts/bookings.h"
#include "engine/parts/consignments.h"
#include "engine/parts/declarations.h"
#include "engine/parts/links.h"
#include "engine/parts/milestones.h"
#include "engine/parts/passages.h"
#include "engine/subject.h"

/* --- life cycle ----------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "booked",     10, "已预约",   "booked"     },
    { "missed",     15, "未到场",   "did not come" },
    { "positioned", 20, "已靠台",   "positioned" },
    { "opened",     30, "已开箱",   "opened"     },
    { "done",       40, "查验结束", "done"       },
    { "left",       50, "已离台",   "moved out"  },
    { "cancelled",  60, "已取消",   "cancelled"  },
};
/* clang-format on */

/* clang-format off */
static const struct lifecycle_event events[] = {
    { "book",   "booked",     "预约查验",   "inspection booked"          },
    { "change", "",           "变更预约",   "booking changed"            },
    { "rebook", "booked",     "未到场后改约", "booked anew after a no-show" },
    { "cancel", "cancelled",  "取消预约",   "booking cancelled"          },
    { "goods",  "",           NULL, NULL },
    { "unlearn", "",          NULL, NULL },
    { "result", "done",       "查验结果",   "result of the inspection"   },
    { "NOSH",   "missed",     NULL, NULL }, { "LEAV", "left",   NULL, NULL },
    { "POSN",   "positioned", NULL, NULL }, { "OPEN", "opened", NULL, NULL },
    { "INSP",   "done",       NULL, NULL }, { "IDON", "done",   NULL, NULL },
};
/* clang-format on */

const struct lifecycle booking_lifecycle = {
    "bookings", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

#define ACTIVE "state IN ('booked', 'positioned', 'opened')"

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS bookings(key TEXT PRIMARY KEY, party TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  record INTEGER NOT NULL, queued INTEGER NOT NULL,"
    " subject TEXT NOT NULL, declaration TEXT NOT NULL, site TEXT NOT NULL,"
    "  direction TEXT NOT NULL, lane TEXT NOT NULL, mode TEXT NOT NULL, attendance TEXT NOT NULL, slot_start"
    " INTEGER NOT NULL,"
    "  slot_end INTEGER NOT NULL, priority TEXT NOT NULL, rank INTEGER NOT NULL, cut_off INTEGER NOT NULL,"
    "  waited_at INTEGER NOT NULL, booked_at INTEGER NOT NULL, result TEXT NOT NULL, state TEXT NOT NULL)"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS bookings_slot ON bookings(site, slot_start, lane);"
    "CREATE INDEX IF NOT EXISTS bookings_own ON bookings(own_id);"
    "CREATE INDEX IF NOT EXISTS bookings_subject ON bookings(subject, record);"
    "CREATE TABLE IF NOT EXISTS booking_containers(container TEXT NOT NULL, booking TEXT NOT NULL,"
    "  PRIMARY KEY(container, booking)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS booking_containers_booking ON booking_containers(booking);"
    "CREATE TABLE IF NOT EXISTS booking_events(booking TEXT NOT NULL, record INTEGER NOT NULL,"
    "  event TEXT NOT NULL, PRIMARY KEY(booking, record)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS booking_events_record ON booking_events(record);"
    "CREATE TABLE IF NOT EXISTS booking_goods(declaration TEXT PRIMARY KEY, priorities TEXT NOT NULL)"
    "  STRICT, WITHOUT ROWID;";

/* --- what is known -------------------------------------------------------------------------------------- */

struct booking {
    bool known, open; /* open: it may be moved or cancelled */
    const char *key, *state, *subject, *declaration, *site, *lane;
    stamp slot_start, booked_at;
    uint64_t queued;
};

static const char *key_of(const struct cause *cause, const char *party, const char *own_id) {
    return arena_printf(cause->arena, "%s/%s", party, own_id);
}

static const char *key_named(const struct cause *cause) {
    return key_of(cause, cause->sender, cause_text(cause, "booking_id"));
}

static bool is_open(const char *state) {
    return *state
           && lifecycle_rank(&booking_lifecycle, state) <= lifecycle_rank(&booking_lifecycle, "opened");
}

static struct booking booking_get(const struct cause *cause, const char *key) {
    struct booking booking = {
        .key = key, .state = "", .subject = "", .declaration = "", .site = "", .lane = ""
    };
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT state, subject, declaration, site, lane, slot_start, queued, booked_at"
                    " FROM bookings WHERE key = ?");
    store_bind_string(query, 1, key);
    if (state_row(cause->state, query)) {
        booking.known = true;
        booking.state = row_text(query, 0, cause->arena);
        booking.subject = row_text(query, 1, cause->arena);
        booking.declaration = row_text(query, 2, cause->arena);
        booking.site = row_text(query, 3, cause->arena);
        booking.lane = row_text(query, 4, cause->arena);
        booking.slot_start = store_int(query, 5);
        booking.queued = (uint64_t)store_int(query, 6);
        booking.booked_at = store_int(query, 7);
        booking.open = is_open(booking.state);
    }
    store_reset(query);
    return booking;
}

/* The sender's own declaration that this container of the booking is about: by entry number, else by bill of
 * lading; of several the one that names the container. */
static bool find_declaration(struct cause *cause, const char *container, struct declaration *out) {
    const char *entry = cause_text(cause, "entry_number"), *bill = subject_bill(cause);
    struct declaration of_entry[LINKED_MAX];
    size_t count = links_find(cause, "entry", entry, of_entry);
    int best = -2;
    for (size_t i = 0; i < count; i++) {
        int names = declaration_has_container(cause, of_entry[i].key, container);
        if (strcmp(of_entry[i].party, cause->sender) == 0 && names > best) {
            *out = of_entry[i];
            best = names;
        }
    }
    return best > -2
           || (!*entry && *bill
               && declaration_own(cause, cause->sender, subject_of_bill(cause, subject_port(cause), bill),
                                  container, out));
}

/* The slot asked for: a whole one, which begins then. */
static bool find_slot(const struct cause *cause, struct slot *out) {
    stamp start = cause_moment(cause, "slot_start", 0), end = cause_moment(cause, "slot_end", 0);
    const char *site = cause_text(cause, "site_code"), *mode = cause_text(cause, "inspection_mode");
    return slots_find(cause->edition->slots, site, mode, start, out) == SLOT_OPEN
           && (!end || end == out->end);
}

/* Active bookings in the slot's lane. */
static int64_t taken_in_slot(const struct cause *cause, const struct slot *slot, const char *except) {
    struct store_query *query = store_query(state_store(cause->state),
                                            "SELECT count(*) FROM bookings WHERE site = ? AND slot_start = ?"
                                            " AND lane = ? AND key <> ? AND " ACTIVE);
    store_bind_string(query, 1, slot->site);
    store_bind_int(query, 2, slot->start);
    store_bind_string(query, 3, slot->lane);
    store_bind_string(query, 4, except);
    return state_number(cause->state, query, 0);
}

/* Where a booking stands in its slot. */
struct turn {
    int64_t ahead;
    enum queue_reason reason; /* why the one before it does; BOOKED where there is none */
};

static struct turn turn_of(const struct cause *cause, const struct slot *slot, const char *key,
                           const struct queue_place *own) {
    stamp now = cause->metadata->env.received;
    struct turn turn = { 0, QUEUE_BOOKED };
    struct queue_place before = { 0 };
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT state <> 'booked', waited_at, rank, cut_off, queued FROM bookings WHERE site = ?"
                    " AND slot_start = ? AND lane = ? AND key <> ? AND " ACTIVE);
    store_bind_string(query, 1, slot->site);
    store_bind_int(query, 2, slot->start);
    store_bind_string(query, 3, slot->lane);
    store_bind_string(query, 4, key);
    while (state_row(cause->state, query)) {
        struct queue_place other = { slot->start, store_int(query, 1), (int)store_int(query, 2),
                                     store_int(query, 3), (uint64_t)store_int(query, 4) };
        enum queue_reason reason;
        if (store_int(query, 0)) { /* its turn has come */
            turn.ahead++;
        } else if (queue_compare(&other, own, now, &reason) < 0) {
            if (!before.booked || queue_compare(&before, &other, now, NULL) < 0) {
                before = other;
                turn.reason = reason;
            }
            turn.ahead++;
        }
    }
    store_reset(query);
    return turn;
}

static bool has_other_booking(const struct cause *cause, const char *container, const char *except) {
    struct store_query *query = store_query(
        state_store(cause->state), "SELECT 1 FROM booking_containers c JOIN bookings b ON b.key = c.booking"
                                   " WHERE c.container = ? AND b.key <> ? AND b." ACTIVE);
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, except);
    return state_exists(cause->state, query);
}

/* One that the declaration names; where it names none, one that is not seen with another consignment. */
static bool is_own(const struct cause *cause, const struct declaration *declaration, const char *container) {
    int named = declaration_has_container(cause, declaration->key, container);
    const char *port = subject_port_of(cause, declaration->subject);
    return named > 0
           || (named == 0
               && !passages_elsewhere(cause, port, declaration->direction, container, declaration->subject,
                                      cause->metadata->env.received));
}

bool bookings_own_container(struct cause *cause, const char *container, struct declaration *out) {
    return find_declaration(cause, container, out) && is_own(cause, out, container);
}

static void enrich_container(struct cause *cause, const char *key, uint32_t row) {
    const char *container = cause_row_text(cause, "container.number", row);
    struct declaration declaration;
    bool own = bookings_own_container(cause, container, &declaration);
    bool selected =
        own && (declaration.selected_at || consignment_selected(cause, declaration.subject, container));
    cause_enrich_flag(cause, "container.known", row, own);
    cause_enrich_flag(cause, "container.selected", row, selected);
    cause_enrich_flag(cause, "container.released", row, own && declaration.released_at);
    cause_enrich_flag(cause, "container.booked", row, own && has_other_booking(cause, container, key));
}

/* A yard or terminal whose site it is. */
static bool runs_site(const struct party *party, const char *site) {
    return (party_has_role(party, "yard") || party_has_role(party, "terminal"))
           && (party_is_called(party, text_of(site)) || party_list_has(party->serves, text_of(site)));
}

/* 委托: whether the operator that is to attend runs the site. Of a site that nobody here runs, as a factory,
 * it is not known. */
static void enrich_delegate(struct cause *cause) {
    const struct parties *parties = cause->edition->parties;
    const char *site = cause_text(cause, "site_code");
    struct text operator= text_of(cause_text(cause, "operator_code"));
    bool run = false, by_operator = false;
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        if (runs_site(party, site)) {
            run = true;
            by_operator |= party_is_called(party, operator) || party_list_has(party->declares, operator);
        }
    }
    if (run && operator.length) {
        cause_enrich_flag(cause, "operator_runs_site", 0, by_operator);
    }
}

static void enrich(struct cause *cause) {
    struct booking booking = booking_get(cause, key_named(cause));
    struct declaration declaration;
    const char *container = cause_row_text(cause, "container.number", 0);
    bool own = find_declaration(cause, container, &declaration);
    struct slot slot;
    bool known = find_slot(cause, &slot);
    enrich_delegate(cause);
    cause_enrich_flag(cause, "booking_known", 0, booking.known);
    cause_enrich_flag(cause, "booking_active", 0, booking.open);
    cause_enrich_flag(cause, "bill_known", 0, own);
    cause_enrich_flag(cause, "slot_known", 0, known);
    cause_enrich_flag(cause, "slot_open", 0, known && slot.start > cause->metadata->env.received);
    if (known) {
        int64_t left = slot.places - taken_in_slot(cause, &slot, booking.key);
        cause_enrich(cause, "slot_free", 0, arena_printf(cause->arena, "%" PRId64, left > 0 ? left : 0));
    }
    if (own) {
        bool holds =
            strcmp(consignment_holder(cause, declaration.subject, declaration.direction), cause->sender) == 0;
        cause_enrich_moment(cause, "declared_at", declaration.declared_at);
        cause_enrich_moment(cause, "selected_at", declaration.selected_at);
        cause_enrich_moment(cause, "released_at", declaration.released_at);
        cause_enrich_moment(cause, "arrived_at",
                            holds ? milestone_first(cause, declaration.subject, container, "ARRIVED") : 0);
        cause_enrich_moment(cause, "discharged_at",
                            holds ? milestone_first(cause, declaration.subject, container, "DISCHARGED") : 0);
    }
    for (uint32_t row = 0; row < cause_rows(cause, "container"); row++) {
        enrich_container(cause, booking.key, row);
    }
}

/* --- what gives goods a priority ------------------------------------------------------------------------ */

struct priorities_found {
    struct arena *arena;
    const char *words;
};

static void found_priority(const char *code, void *to) {
    struct priorities_found *found = to;
    found->words = arena_printf(found->arena, "%s%s%s", found->words, *found->words ? " " : "", code);
}

/* "LIVELIHOOD TRANSPORT": those that the cause's message gives. */
static const char *priorities_given(const struct cause *cause) {
    const struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    struct priorities_found found = { cause->arena, "" };
    priorities_judge(cause->edition->priorities, text_of(cause->family), &context, found_priority, &found);
    return found.words;
}

static const char *priorities_of_goods(const struct cause *cause, const char *declaration) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT priorities FROM booking_goods WHERE declaration = ?");
    store_bind_string(query, 1, declaration);
    const char *words = state_row(cause->state, query) ? row_text(query, 0, cause->arena) : "";
    store_reset(query);
    return words;
}

static void hear(struct cause *cause, const struct move *move) {
    if (!move_is(move, "declarations", "declare") || !cause->metadata) {
        return;
    }
    const char *words = priorities_given(cause);
    if (*words) {
        decision_move(cause->decision, "bookings", move->key, "goods", "", "", move->at, "priorities", words,
                      NULL);
    }
}

/* --- deciding ------------------------------------------------------------------------------------------- */

static const struct priority *priority_at(const struct cause *cause, int rank) {
    const struct priorities *priorities = cause->edition->priorities;
    return (size_t)rank < priorities->count ? &priorities->list[rank] : NULL;
}

/* since: from when on it waits. It comes first of all for that not before its slot has begun. */
static struct queue_place place_of(const struct cause *cause, const struct booking *booking,
                                   const struct slot *slot, uint64_t queued, stamp since) {
    const struct priorities *priorities = cause->edition->priorities;
    const char *words = arena_printf(cause->arena, "%s %s", priorities_of_goods(cause, booking->declaration),
                                     priorities_given(cause));
    stamp waited = priorities->waited_days
                       ? workdays_after(cause->edition->workdays, since, priorities->waited_days)
                       : INT64_MAX;
    waited = waited > slot->start ? waited : slot->start;
    return (struct queue_place){ slot->start, waited, priorities_rank(priorities, text_of(words)),
                                 cause_moment(cause, "cut_off", 0), queued };
}

static void tell_place(const struct cause *cause, struct decision *decision, const struct slot *slot,
                       const struct queue_place *place, const struct turn *turn, const char *code) {
    char start[STAMP_TEXT_MAX], end[STAMP_TEXT_MAX];
    struct arena *arena = cause->arena;
    const struct priority *priority = priority_at(cause, place->rank);
    stamp_print(slot->start, start);
    stamp_print(slot->end, end);
    decision_answer(decision, code,
                    arena_printf(arena,
                                 "已预约：%s，%.16s 起，第 %" PRId64 " 位"
                                 "（同一时段排在您之前的有效预约 %" PRId64 " 个%s%s）",
                                 slot->site_zh, start, turn->ahead + 1, turn->ahead,
                                 turn->ahead ? "；前一个" : "",
                                 turn->ahead ? queue_reason_zh(turn->reason) : ""),
                    arena_printf(arena,
                                 "booked: %s, from %.16s, number %" PRId64 " in the queue"
                                 " (%" PRId64 " valid bookings of this slot stand before yours%s%s)",
                                 slot->site_en, start, turn->ahead + 1, turn->ahead,
                                 turn->ahead ? "; the last of them " : "",
                                 turn->ahead ? queue_reason_en(turn->reason) : ""));
    decision_detail(decision, "site", slot->site);
    decision_detail(decision, "slot_start", start);
    decision_detail(decision, "slot_end", end);
    decision_detail(decision, "position", arena_printf(arena, "%" PRId64, turn->ahead + 1));
    decision_detail(decision, "ahead", arena_printf(arena, "%" PRId64, turn->ahead));
    decision_detail(decision, "places", arena_printf(arena, "%d", slot->places));
    if (priority) {
        decision_detail(decision, "priority", priority->code);
    }
    if (turn->ahead) {
        decision_detail(decision, "behind_because", queue_reason_text(turn->reason));
    }
}

static void move_booking(const struct cause *cause, struct decision *decision, const struct booking *booking,
                         const char *event, const char *to, const struct slot *slot,
                         const struct queue_place *place, stamp booked_at) {
    const struct priority *priority = priority_at(cause, place->rank);
    decision_move(
        decision, "bookings", booking->key, event, booking->state, to, cause->metadata->env.received, "party",
        cause->sender, "own_id", cause_text(cause, "booking_id"), "subject", booking->subject, "declaration",
        booking->declaration, "direction", cause_direction(cause), "site", slot->site, "lane", slot->lane,
        "mode", cause_text(cause, "inspection_mode"), "attendance", cause_text(cause, "attendance"),
        "containers", cause_containers(cause), "priority", priority ? priority->code : "", NULL);
    decision_put(decision, "queued", (int64_t)place->booked);
    decision_put(decision, "slot_start", slot->start);
    decision_put(decision, "slot_end", slot->end);
    decision_put(decision, "rank", place->rank);
    decision_put(decision, "cut_off", place->cut_off);
    decision_put(decision, "waited_at", place->waited_at);
    decision_put(decision, "booked_at", booked_at);
}

static void decide_book(struct cause *cause, struct decision *decision, struct booking *booking) {
    struct declaration declaration = { .key = "", .subject = "" };
    struct slot slot;
    if (!find_slot(cause, &slot)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "NO-SLOT", "没有该查验时段", "there is no such inspection slot");
        return;
    }
    bool change = booking->known, missed = strcmp(booking->state, "missed") == 0;
    if (find_declaration(cause, cause_row_text(cause, "container.number", 0), &declaration)) {
        booking->subject = declaration.subject;
        booking->declaration = declaration.key;
    }
    bool same_slot = change && !missed && booking->slot_start == slot.start
                     && strcmp(booking->site, slot.site) == 0 && strcmp(booking->lane, slot.lane) == 0;
    const char *event = missed ? "rebook" : change ? "change" : "book";
    const char *to = missed ? "booked" : lifecycle_next(&booking_lifecycle, booking->state, event);
    /* It waits since customs' order; who did not come when his turn came, since his new slot. */
    stamp since = !missed && declaration.selected_at ? declaration.selected_at : slot.start;
    struct queue_place place =
        place_of(cause, booking, &slot, same_slot ? booking->queued : cause->number, since);
    struct turn turn = turn_of(cause, &slot, booking->key, &place);
    decision_subject(decision, booking->subject);
    move_booking(cause, decision, booking, event, to, &slot, &place,
                 same_slot ? booking->booked_at : cause->metadata->env.received);
    tell_place(cause, decision, &slot, &place, &turn, change ? "CHANGED" : "BOOKED");
}

static void decide_cancel(const struct cause *cause, struct decision *decision,
                          const struct booking *booking) {
    decision_subject(decision, booking->subject);
    decision_move(decision, "bookings", booking->key, "cancel", booking->state, "cancelled",
                  cause->metadata->env.received, "subject", booking->subject, NULL);
    decision_answer(decision, "CANCELLED", "预约已取消，名额已释放",
                    "the booking is cancelled, its place is free");
}

static void decide_booking(struct cause *cause) {
    struct decision *decision = cause->decision;
    const char *action = cause_text(cause, "booking_action");
    struct booking booking = booking_get(cause, key_named(cause));
    bool is_new = strcmp(action, "NEW") == 0;
    decision_detail(decision, "booking_id", cause_text(cause, "booking_id"));
    if (is_new && booking.known) {
        decision_refuse(decision, "BOOKING-KNOWN", "该预约编号已使用", "this booking number was used before");
    } else if (!is_new && !booking.open) {
        decision_refuse(decision, "BOOKING-UNKNOWN", "没有该有效预约", "there is no such active booking");
    } else if (strcmp(action, "CANCEL") == 0) {
        decide_cancel(cause, decision, &booking);
    } else {
        decide_book(cause, decision, &booking);
    }
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t count = decision_refused(decision) || !*booking.subject ? 0 : milestones_told(cause, told);
    for (size_t i = 0; i < count; i++) {
        milestone_add(decision, booking.subject, booking.declaration, "", told[i].code, told[i].at,
                      cause->number);
    }
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
#define BOOKED                                                                                                    \
      "INSERT INTO bookings(key, party, own_id, record, queued, subject, declaration, site, direction, lane, mode,"   \
      " attendance, slot_start, slot_end, priority, rank, cut_off, waited_at, booked_at, result, state)"              \
      " VALUES(:key, :party, :own_id, :cause, :queued, :subject, :declaration, :site, :direction, :lane, :mode,"      \
      " :attendance, :slot_start, :slot_end, :priority, :rank, :cut_off, :waited_at, :booked_at, '', :to)"            \
      " ON CONFLICT DO UPDATE SET queued = excluded.queued, subject = excluded.subject,"                              \
      " declaration = excluded.declaration, direction = excluded.direction, site = excluded.site,"                    \
      " lane = excluded.lane, mode = excluded.mode, attendance = excluded.attendance,"                                \
      " slot_start = excluded.slot_start, slot_end = excluded.slot_end, priority = excluded.priority,"                \
      " rank = excluded.rank, cut_off = excluded.cut_off, waited_at = excluded.waited_at,"                            \
      " booked_at = excluded.booked_at, state = excluded.state",                                                      \
      "DELETE FROM booking_containers WHERE booking = :key",                                                          \
      "INSERT OR IGNORE INTO booking_containers(container, booking)"                                                  \
      " VALUES(:each_containers, :key)"

/* What happened to it, each with the record that told it. */
#define HAPPENED "INSERT OR REPLACE INTO booking_events(booking, record, event) VALUES(:key, :cause, :event)"

static const struct part_move moves[] = {
    { "book", NULL, { BOOKED }, "subject" },
    { "change", NULL, { BOOKED }, "subject" },
    { "rebook", NULL, { BOOKED, "DELETE FROM booking_events WHERE booking = :key" }, "subject" },
    { "goods", NULL, {
        "INSERT OR REPLACE INTO booking_goods(declaration, priorities) VALUES(:key, :priorities)" }, NULL },
    { "result", NULL, {
        "UPDATE bookings SET state = :to, result = :result WHERE key = :key", HAPPENED }, "subject" },
    { "cancel", NULL, { "UPDATE bookings SET state = :to WHERE key = :key" }, "subject" },
    { "unlearn", NULL, {
        "UPDATE bookings SET state = :to WHERE key = :key",
        "DELETE FROM booking_events WHERE booking = :key AND record = :told",
        "UPDATE timeline SET proves = '', taken_back = :cause WHERE subject = :subject AND record = :told"
        " AND part = 'bookings' AND key = :key" }, NULL },
    { NULL, NULL, { "UPDATE bookings SET state = :to WHERE key = :key", HAPPENED }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "inspection-booking", enrich, decide_booking },
    { "port-event", NULL, booking_decide_event },
    { "inspection-result", booking_enrich_result, booking_decide_result },
    { 0 },
};

const struct part part_bookings = {
    .name = "bookings",
    .lifecycle = &booking_lifecycle,
    .noun = "booking",
    .state_of = "SELECT state FROM bookings WHERE key = ?",
    .tables = tables,
    .families = families,
    .hear = hear,
    .moves = moves,
};
