/*
 * bookings.c - the inspection booking 查验预约: one place in one slot, one active booking per container.
 *
 * What a booking may be is said by the engine-stage rules (I01 ...) over what is made known here: whether
 * the slot exists, is open and has places; whether the goods are the sender's own and selected by
 * customs; whether a container has another booking. "Not yours" and "not there" make the same things
 * known. What no rule refuses is booked.
 *
 * The queue is fair and explainable 公开透明: within a slot's lane places are taken in the order of the
 * records; who moves to another slot queues behind those who are there.
 */
#include <inttypes.h>
#include <string.h>

#include "edition/slots.h"
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
    { "positioned", 20, "已靠台",   "positioned" },
    { "opened",     30, "已开箱",   "opened"     },
    { "done",       40, "查验结束", "done"       },
    { "cancelled",  50, "已取消",   "cancelled"  },
};
/* clang-format on */

/* clang-format off */
static const struct lifecycle_event events[] = {
    { "book",   "booked",     "预约查验",   "inspection booked"          },
    { "change", "",           "变更预约",   "booking changed"            },
    { "cancel", "cancelled",  "取消预约",   "booking cancelled"          },
    { "POSN",   "positioned", NULL, NULL }, { "OPEN", "opened", NULL, NULL },
    { "INSP",   "done",       NULL, NULL }, { "IDON", "done",   NULL, NULL },
};
/* clang-format on */

static const struct lifecycle booking_lifecycle = {
    "bookings", states, sizeof(states) / sizeof(*states), events, sizeof(events) / sizeof(*events), NULL
};

#define ACTIVE "state IN ('booked', 'positioned', 'opened')"

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS bookings(key TEXT PRIMARY KEY, party TEXT NOT NULL, own_id TEXT NOT NULL,"
    "  record INTEGER NOT NULL, queued INTEGER NOT NULL,"
    " subject TEXT NOT NULL, declaration TEXT NOT NULL, site TEXT NOT NULL,"
    "  direction TEXT NOT NULL, lane TEXT NOT NULL, mode TEXT NOT NULL, attendance TEXT NOT NULL, slot_start"
    " INTEGER NOT NULL,"
    "  slot_end INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS bookings_slot ON bookings(site, slot_start, lane);"
    "CREATE INDEX IF NOT EXISTS bookings_own ON bookings(own_id);"
    "CREATE INDEX IF NOT EXISTS bookings_subject ON bookings(subject, record);"
    "CREATE TABLE IF NOT EXISTS booking_containers(container TEXT NOT NULL, booking TEXT NOT NULL,"
    "  PRIMARY KEY(container, booking)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS booking_containers_booking ON booking_containers(booking);";

/* --- what is known -------------------------------------------------------------------------------------- */

struct booking {
    bool known, active;
    const char *key, *state, *subject, *declaration, *site, *lane;
    stamp slot_start;
    uint64_t queued;
};

static const char *key_of(const struct cause *cause, const char *party, const char *own_id) {
    return arena_printf(cause->arena, "%s/%s", party, own_id);
}

static const char *key_named(const struct cause *cause) {
    return key_of(cause, cause->sender, cause_text(cause, "booking_id"));
}

static bool is_active(const char *state) {
    return strcmp(state, "booked") == 0 || strcmp(state, "positioned") == 0 || strcmp(state, "opened") == 0;
}

static struct booking booking_get(const struct cause *cause, const char *key) {
    struct booking booking = {
        .key = key, .state = "", .subject = "", .declaration = "", .site = "", .lane = ""
    };
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT state, subject, declaration, site, lane, slot_start, queued FROM bookings WHERE key = ?");
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
        booking.active = is_active(booking.state);
    }
    store_reset(query);
    return booking;
}

bool bookings_done(const struct cause *cause, const char *party, const char *own_id,
                   struct booking_done *out) {
    struct booking booking = booking_get(cause, key_of(cause, party, own_id));
    *out = (struct booking_done){ booking.key, booking.site, booking.subject };
    return strcmp(booking.state, "done") == 0;
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

/* Active bookings in the slot's lane that stand before `queued`; UINT64_MAX: all of them. */
static int64_t ahead_in_slot(const struct cause *cause, const struct slot *slot, const char *except,
                             uint64_t queued) {
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT count(*) FROM bookings WHERE site = ? AND slot_start = ? AND lane = ? AND key <> ?"
        " AND queued < ? AND " ACTIVE);
    store_bind_string(query, 1, slot->site);
    store_bind_int(query, 2, slot->start);
    store_bind_string(query, 3, slot->lane);
    store_bind_string(query, 4, except);
    store_bind_int(query, 5, queued > INT64_MAX ? INT64_MAX : (int64_t)queued);
    return state_number(cause->state, query, 0);
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

static void enrich_container(struct cause *cause, const char *key, uint32_t row) {
    const char *container = cause_row_text(cause, "container.number", row);
    struct declaration declaration;
    bool own = find_declaration(cause, container, &declaration) && is_own(cause, &declaration, container);
    bool selected =
        own && (declaration.selected_at || consignment_selected(cause, declaration.subject, container));
    cause_enrich_flag(cause, "container.known", row, own);
    cause_enrich_flag(cause, "container.selected", row, selected);
    cause_enrich_flag(cause, "container.released", row, own && declaration.released_at);
    cause_enrich_flag(cause, "container.booked", row, own && has_other_booking(cause, container, key));
}

static void enrich(struct cause *cause) {
    struct booking booking = booking_get(cause, key_named(cause));
    struct declaration declaration;
    const char *container = cause_row_text(cause, "container.number", 0);
    bool own = find_declaration(cause, container, &declaration);
    struct slot slot;
    bool known = find_slot(cause, &slot);
    cause_enrich_flag(cause, "booking_known", 0, booking.known);
    cause_enrich_flag(cause, "booking_active", 0, booking.active);
    cause_enrich_flag(cause, "bill_known", 0, own);
    cause_enrich_flag(cause, "slot_known", 0, known);
    cause_enrich_flag(cause, "slot_open", 0, known && slot.start > cause->metadata->env.received);
    if (known) {
        int64_t left = slot.places - ahead_in_slot(cause, &slot, booking.key, UINT64_MAX);
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

/* --- deciding ------------------------------------------------------------------------------------------- */

static void tell_place(const struct cause *cause, struct decision *decision, const struct slot *slot,
                       int64_t ahead, const char *code) {
    char start[STAMP_TEXT_MAX], end[STAMP_TEXT_MAX];
    struct arena *arena = cause->arena;
    stamp_print(slot->start, start);
    stamp_print(slot->end, end);
    decision_answer(decision, code,
                    arena_printf(arena,
                                 "已预约：%s，%.16s 起，第 %" PRId64 " 位"
                                 "（同一时段先于您登记且有效的预约 %" PRId64 " 个）",
                                 slot->site_zh, start, ahead + 1, ahead),
                    arena_printf(arena,
                                 "booked: %s, from %.16s, number %" PRId64 " in the queue"
                                 " (%" PRId64 " valid bookings of this slot were recorded before yours)",
                                 slot->site_en, start, ahead + 1, ahead));
    decision_detail(decision, "site", slot->site);
    decision_detail(decision, "slot_start", start);
    decision_detail(decision, "slot_end", end);
    decision_detail(decision, "position", arena_printf(arena, "%" PRId64, ahead + 1));
    decision_detail(decision, "ahead", arena_printf(arena, "%" PRId64, ahead));
    decision_detail(decision, "places", arena_printf(arena, "%d", slot->places));
}

static void move_booking(const struct cause *cause, struct decision *decision, const struct booking *booking,
                         const char *event, const struct slot *slot, uint64_t queued) {
    decision_move(decision, "bookings", booking->key, event, booking->state,
                  lifecycle_next(&booking_lifecycle, booking->state, event), cause->metadata->env.received,
                  "party", cause->sender, "own_id", cause_text(cause, "booking_id"), "subject",
                  booking->subject, "declaration", booking->declaration, "direction", cause_direction(cause),
                  "site", slot->site, "lane", slot->lane, "mode", cause_text(cause, "inspection_mode"),
                  "attendance", cause_text(cause, "attendance"), "containers", cause_containers(cause), NULL);
    decision_put(decision, "queued", (int64_t)queued);
    decision_put(decision, "slot_start", slot->start);
    decision_put(decision, "slot_end", slot->end);
}

static void decide_book(struct cause *cause, struct decision *decision, struct booking *booking) {
    struct declaration declaration = { .key = "", .subject = "" };
    struct slot slot;
    if (!find_slot(cause, &slot)) { /* a rule says it better; this holds where none does */
        decision_refuse(decision, "NO-SLOT", "没有该查验时段", "there is no such inspection slot");
        return;
    }
    bool change = booking->known;
    if (find_declaration(cause, cause_row_text(cause, "container.number", 0), &declaration)) {
        booking->subject = declaration.subject;
        booking->declaration = declaration.key;
    }
    bool same_slot = change && booking->slot_start == slot.start && strcmp(booking->site, slot.site) == 0
                     && strcmp(booking->lane, slot.lane) == 0;
    uint64_t queued = same_slot ? booking->queued : cause->number;
    decision_subject(decision, booking->subject);
    move_booking(cause, decision, booking, change ? "change" : "book", &slot, queued);
    tell_place(cause, decision, &slot, ahead_in_slot(cause, &slot, booking->key, queued),
               change ? "CHANGED" : "BOOKED");
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
    } else if (!is_new && !booking.active) {
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

/* The yard tells how an inspection goes on: by the booking it names, else by its containers' active bookings,
 * and only of those at its own port: containers travel. */
static void decide_event(struct cause *cause) {
    struct decision *decision = cause->decision;
    const char *event = cause_text(cause, "event_code");
    const char *own_id = cause_text(cause, "booking_id");
    const char *at_port = subject_of_bill(cause, subject_port(cause), "");
    if (!*lifecycle_proves(&booking_lifecycle, event)
        || strcmp(cause_text(cause, "classifier"), "ACT") != 0) {
        return;
    }
    uint32_t rows = cause_rows(cause, "container");
    const char **containers = arena_alloc(cause->arena, (rows + 1) * sizeof(*containers));
    for (uint32_t row = 0; row < rows; row++) {
        containers[row] = cause_row_text(cause, "container.number", row);
    }
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT DISTINCT b.key, b.state, b.subject FROM json_each(?1) named CROSS JOIN booking_containers c"
        " JOIN bookings b ON b.key = c.booking WHERE c.container = named.value AND (?2 = '' OR b.own_id = ?2)"
        " AND substr(b.subject, 1, length(?3)) = ?3 AND b.direction IN (?4, '') AND b." ACTIVE
        " ORDER BY b.key");
    store_bind_string(query, 1, cause_list(cause, containers, rows));
    store_bind_string(query, 2, own_id);
    store_bind_string(query, 3, at_port);
    store_bind_string(query, 4, cause_direction(cause));
    while (state_row(cause->state, query)) {
        const char *key = row_text(query, 0, cause->arena), *before = row_text(query, 1, cause->arena);
        decision_move(decision, "bookings", key, event, before,
                      lifecycle_next(&booking_lifecycle, before, event),
                      cause_moment(cause, "event_time", cause->metadata->env.received), "subject",
                      row_text(query, 2, cause->arena), NULL);
    }
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
#define BOOKED                                                                                                    \
    { "INSERT INTO bookings(key, party, own_id, record, queued, subject, declaration, site, direction, lane, mode,"   \
      " attendance, slot_start, slot_end, state) VALUES(:key, :party, :own_id, :cause, :queued, :subject,"            \
      " :declaration, :site, :direction, :lane, :mode, :attendance, :slot_start, :slot_end, :to)"                     \
      " ON CONFLICT DO UPDATE SET queued = excluded.queued, subject = excluded.subject,"                              \
      " declaration = excluded.declaration, direction = excluded.direction, site = excluded.site,"                    \
      " lane = excluded.lane, mode = excluded.mode, attendance = excluded.attendance,"                                \
      " slot_start = excluded.slot_start, slot_end = excluded.slot_end, state = excluded.state",                      \
      "DELETE FROM booking_containers WHERE booking = :key",                                                          \
      "INSERT OR IGNORE INTO booking_containers(container, booking)"                                                  \
      " VALUES(:each_containers, :key)" }

static const struct part_move moves[] = {
    { "book", NULL, BOOKED, "subject" },
    { "change", NULL, BOOKED, "subject" },
    { NULL, NULL, { "UPDATE bookings SET state = :to WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "inspection-booking", enrich, decide_booking },
    { "port-event", NULL, decide_event },
    { 0 },
};

const struct part part_bookings = {
    .name = "bookings",
    .lifecycle = &booking_lifecycle,
    .noun = "booking",
    .state_of = "SELECT state FROM bookings WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
