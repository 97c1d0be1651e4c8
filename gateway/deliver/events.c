/*
 * events.c - one decision and one party: may it know of this? Then it becomes an event.
 */
#include "deliver/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "edition/segments.h"

#define ID_MAX 48

static bool is_milestone(const struct move *move) {
    return strcmp(move->part, "milestones") == 0 && strcmp(move->event, "told") == 0;
}

const struct party events_everybody = {
    .code = "",
    .zh = "",
    .en = "",
    .roles = { (const char *const[]){ "office" }, 1 },
    .transport = "",
    .address = "",
};

/* --- who --------------------------------------------------------------------------------------------- */

static size_t add_record(uint64_t *records, size_t count, size_t max, uint64_t record) {
    for (size_t i = 0; i < count; i++) {
        if (records[i] == record) {
            return count;
        }
    }
    if (record && count < max) {
        records[count++] = record;
    }
    return count;
}

size_t events_records(const struct decision *decision, uint64_t *records, size_t max) {
    size_t count = add_record(records, 0, max, decision_about(decision));
    for (size_t i = 0; i < decision->moves_count; i++) {
        if (is_milestone(&decision->moves[i])) {
            count = add_record(records, count, max, (uint64_t)move_number(&decision->moves[i], "record"));
        }
    }
    for (size_t i = 0; i < decision->destinations_count; i++) {
        count = add_record(records, count, max, decision->destinations[i].record);
    }
    return count;
}

/* What is known of that record. */
static struct event_sender known_of(const struct event_origin *origin, uint64_t record) {
    for (size_t i = 0; i < origin->senders_count; i++) {
        if (origin->senders[i].record == record) {
            return origin->senders[i];
        }
    }
    return (struct event_sender){ record, "", "" };
}

static const char *sender_of(const struct event_origin *origin, uint64_t record) {
    return known_of(origin, record).party;
}

/* The key of a declaration begins with whose it is. */
static struct text owner_of(const struct move *move, struct text *id) {
    struct text key = move_text(move, "declaration");
    struct text owner = text_until(&key, '/');
    *id = key.at ? key : TEXT("");
    return owner;
}

size_t events_parties(const struct event_origin *origin, const char **parties, size_t max) {
    const struct decision *decision = origin->decision;
    size_t count = 0;
    for (size_t i = 0; i < origin->senders_count && count < max; i++) {
        parties[count++] = origin->senders[i].party;
    }
    for (size_t i = 0; i < decision->destinations_count && count < max; i++) {
        parties[count++] = decision->destinations[i].party;
    }
    for (size_t i = 0; i < decision->moves_count && count < max; i++) {
        struct text id, owner = { 0 };
        if (is_milestone(&decision->moves[i])) {
            owner = owner_of(&decision->moves[i], &id);
        }
        if (owner.length) {
            parties[count++] = arena_copy(decision->arena, owner);
        }
    }
    return count;
}

static bool is_sent(const struct decision *decision, const char *party, uint64_t record) {
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        if (destination->record == record && strcmp(destination->party, party) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_the_senders(const struct event_origin *origin, const struct party *party) {
    const char *sender = sender_of(origin, decision_about(origin->decision));
    return *sender && (!*party->code || strcmp(sender, party->code) == 0);
}

/* Of what is sent to anybody, everybody's row hears, too. */
static bool may_know_decision(const struct event_origin *origin, const struct party *party) {
    return is_the_senders(origin, party)
           || (*party->code ? is_sent(origin->decision, party->code, 0) : decision_is_sent(origin->decision));
}

static bool may_know(const struct event_origin *origin, const struct move *move, const struct party *party) {
    struct text id;
    uint64_t record = (uint64_t)move_number(move, "record");
    return text_is(owner_of(move, &id), party->code) || strcmp(sender_of(origin, record), party->code) == 0
           || (record && is_sent(origin->decision, party->code, record)) || party_has_role(party, "office");
}

/* --- what -------------------------------------------------------------------------------------------- */

static void open_event(const struct event_origin *origin, size_t serial, const char *kind,
                       const char *subject, stamp at, struct json_out *out) {
    char text[STAMP_TEXT_MAX + ID_MAX];
    json_open_object(out, NULL);
    json_put_string(out, "specversion", "1.0");
    snprintf(text, sizeof(text), "%" PRIu64 "-%zu", origin->number, serial);
    json_put_string(out, "id", text);
    json_put_string(out, "source", origin->journal);
    snprintf(text, sizeof(text), "clearway.event.%s.v1", kind);
    json_put_string(out, "type", text);
    json_put_string(out, "subject", *subject ? subject : NULL);
    json_put_string(out, "time", stamp_print(at, text));
    json_put_string(out, "datacontenttype", "application/json");
    snprintf(text, sizeof(text), "%" PRIu64, origin->number);
    json_put_string(out, "sequence", text);
    json_open_object(out, "data");
}

static void close_event(struct json_out *out) {
    json_close_object(out);
    json_close_object(out);
}

/* Who is sent a decision about another's message reads in it of which record it is, and no more of that. */
static void write_decision(const struct event_origin *origin, const struct party *party, size_t serial,
                           struct json_out *out) {
    const struct decision *decision = origin->decision;
    open_event(origin, serial, "decision", decision->subject, origin->recorded, out);
    struct event_sender sender = known_of(origin, decision_about(decision));
    if (!is_the_senders(origin, party)) {
        sender.party = sender.family = "";
    }
    json_put_int(out, "record", (int64_t)sender.record);
    json_put_string(out, "party", sender.party);
    json_put_string(out, "family", sender.family);
    json_put_string(out, "result", result_text(decision->result));
    decision_tell_answer(decision, out);
    close_event(out);
}

static void write_milestone(const struct event_origin *origin, const struct edition *edition,
                            const struct move *move, size_t serial, struct json_out *out) {
    struct text id, containers = move_text(move, "containers");
    const char *code = arena_copy(origin->decision->arena, move_text(move, "code"));
    char text[STAMP_TEXT_MAX];
    owner_of(move, &id);
    open_event(origin, serial, "milestone", move->key, move->at, out);
    json_put_int(out, "record", move_number(move, "record"));
    json_put_string(out, "family", known_of(origin, (uint64_t)move_number(move, "record")).family);
    json_put_string(out, "code", code);
    json_put_string(out, "zh", segments_name(edition->segments, code, LANGUAGE_ZH));
    json_put_string(out, "en", segments_name(edition->segments, code, LANGUAGE_EN));
    json_put_text(out, "declaration", id);
    json_open_array(out, "containers");
    while (containers.length) {
        struct text container = text_until(&containers, ' ');
        json_put_text(out, NULL, container);
    }
    json_close_array(out);
    json_put_string(out, "recorded", stamp_print(origin->recorded, text));
    close_event(out);
}

/* Which message somebody is handed, and of what kind; what it says is read where it is asked for. */
static void write_message(const struct event_origin *origin, uint64_t record, size_t serial,
                          struct json_out *out) {
    open_event(origin, serial, "message", origin->decision->subject, origin->recorded, out);
    json_put_int(out, "record", (int64_t)record);
    json_put_string(out, "family", known_of(origin, record).family);
    close_event(out);
}

static size_t write_messages(const struct event_origin *origin, const struct party *party, size_t serial,
                             struct json_out *out) {
    const struct decision *decision = origin->decision;
    size_t count = 0;
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        if (destination->record && strcmp(destination->party, party->code) == 0) {
            write_message(origin, destination->record, serial + ++count, out);
        }
    }
    return count;
}

/* --- which answers are others now ----------------------------------------------------------------------- */

enum { TELLS_GOODS = 1 };

/* clang-format off */
/*    part              question        its rows are of goods, which are told */
#define CHANGE_LIST(X)                                   \
    X(alerts,           "alerts",       TELLS_GOODS)     \
    X(bookings,         "inspections",  TELLS_GOODS)     \
    X(dangerous_goods,  "dangerous",    TELLS_GOODS)     \
    X(lots,             "lots",         TELLS_GOODS)     \
    X(certificates,     "certificates", TELLS_GOODS)     \
    X(pickups,          "pickups",      TELLS_GOODS)     \
    X(supplements,      "supplements",  TELLS_GOODS)     \
    X(waivers,          "waivers",      TELLS_GOODS)     \
    X(export_notices,   "notices",      TELLS_GOODS)     \
    X(parcels,          "parcels",      TELLS_GOODS)     \
    X(measures,         "review",       0)               \
    X(complaints,       "complaints",   0)               \
    X(ratings,          "ratings",      0)
/* clang-format on */

static const struct {
    const char *part;
    bool tells_goods;
} changes[] = {
#define X(part, question, goods) { #part, goods == TELLS_GOODS },
    CHANGE_LIST(X)
#undef X
};

#define CHANGES    (sizeof(changes) / sizeof(*changes))
#define REPORT     "report"
#define MONTHS_MAX 16 /* of one decision; what it changes of more is seen when the report is asked for next */

const char *const events_questions[] = {
#define X(part, question, goods) question,
    CHANGE_LIST(X)
#undef X
        REPORT,
    NULL,
};

/* An alert that is only watched for is shown to nobody. */
static bool is_shown(const struct move *move) {
    return strcmp(move->part, "alerts") != 0
           || (strcmp(move->event, "watch") != 0 && strcmp(move->event, "recount") != 0);
}

static size_t write_questions(const struct event_origin *origin, size_t serial, struct json_out *out) {
    const struct decision *decision = origin->decision;
    bool told[CHANGES] = { false };
    size_t count = 0;
    for (size_t i = 0; i < decision->moves_count; i++) {
        for (size_t c = 0; c < CHANGES; c++) {
            const struct move *move = &decision->moves[i];
            if (!told[c] && strcmp(move->part, changes[c].part) == 0 && is_shown(move)) {
                told[c] = true;
                open_event(origin, serial + ++count, "change",
                           changes[c].tells_goods ? decision->subject : "", origin->recorded, out);
                json_put_string(out, "question", events_questions[c]);
                close_event(out);
            }
        }
    }
    return count;
}

/* Whose figures are others now: a declaration belongs to the month in which it was released. */
static bool month_of(const struct edition *edition, const struct move *move, char month[8]) {
    if (strcmp(move->part, "closings") == 0) {
        snprintf(month, 8, TEXT_FORMAT, TEXT_ARGS(move_text(move, "month")));
        return *month != '\0';
    }
    if (strcmp(move->part, "milestones") != 0
        || !segments_is_month(edition->segments, move_text(move, "code"))) {
        return false;
    }
    char day[STAMP_TEXT_MAX];
    snprintf(month, 8, "%.7s", day_print(stamp_day(move->at), day));
    return true;
}

static size_t write_months(const struct event_origin *origin, const struct edition *edition, size_t serial,
                           struct json_out *out) {
    const struct decision *decision = origin->decision;
    char months[MONTHS_MAX][8];
    size_t count = 0;
    for (size_t i = 0; i < decision->moves_count && count < MONTHS_MAX; i++) {
        size_t known = 0;
        if (!month_of(edition, &decision->moves[i], months[count])) {
            continue;
        }
        while (strcmp(months[known], months[count]) != 0) {
            known++;
        }
        if (known == count) {
            open_event(origin, serial + ++count, "change", "", origin->recorded, out);
            json_put_string(out, "question", REPORT);
            json_put_string(out, "month", months[known]);
            close_event(out);
        }
    }
    return count;
}

size_t events_write(const struct event_origin *origin, const struct edition *edition,
                    const struct party *party, struct json_out *out) {
    const struct decision *decision = origin->decision;
    size_t count = 0;
    if (decision->result == RESULT_HELD) {
        return 0;
    }
    if (may_know_decision(origin, party)) {
        write_decision(origin, party, ++count, out);
    }
    for (size_t i = 0; i < decision->moves_count; i++) {
        if (is_milestone(&decision->moves[i]) && may_know(origin, &decision->moves[i], party)) {
            write_milestone(origin, edition, &decision->moves[i], ++count, out);
        }
    }
    if (*party->code) {
        return count + write_messages(origin, party, count, out);
    }
    count += write_questions(origin, count, out);
    return count + write_months(origin, edition, count, out);
}

/* --- taken apart again --------------------------------------------------------------------------------- */

/* Behind the object that begins here: what we wrote ourselves is well-formed, so brackets need only be told
 * from those in strings. */
static const char *end_of_object(const char *at, const char *end) {
    size_t depth = 0;
    for (bool in_string = false; at < end; at++) {
        if (*at == '"') {
            in_string = !in_string;
        } else if (in_string) {
            at += *at == '\\';
        } else if (*at == '{') {
            depth++;
        } else if (*at == '}' && --depth == 0) {
            return at + 1;
        }
    }
    return NULL;
}

bool events_next(struct text *array, struct text *event) {
    const char *end = array->at + array->length;
    const char *first = array->length ? memchr(array->at, '{', array->length) : NULL;
    const char *last = first ? end_of_object(first, end) : NULL;
    if (!last) {
        return false;
    }
    *event = (struct text){ first, (size_t)(last - first) };
    *array = (struct text){ last, (size_t)(end - last) };
    return true;
}
