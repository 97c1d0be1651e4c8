/*
 * decide.c - one cause passes: what is known → rules of the engine stage → parts → routes → the way back →
 * its decision.
 */
#include "engine/decide.h"

#include <string.h>

#include "base/counters.h"
#include "base/status.h"
#include "message/order.h"
#include "check/rules.h"
#include "engine/part.h"
#include "engine/routing.h"

/* --- a message ------------------------------------------------------------------------------------------ */

static void enrich_by_envelope(struct cause *cause) {
    const struct envelope *env = &cause->metadata->env;
    const struct party *party = parties_find(cause->edition->parties, text_of(env->party));
    const struct format *format = catalog_find(cause->edition->catalog, text_of(cause->metadata->format));
    const char *role =
        party && format ? party_first_role(party, format->senders, format->senders_count) : NULL;
    cause_enrich(cause, "sender", 0, env->party);
    cause_enrich(cause, "sender_role", 0, role ? role : "");
    cause_enrich(cause, "family", 0, cause->metadata->family);
    cause_enrich(cause, "format", 0, cause->metadata->format);
    cause_enrich(cause, "channel", 0, envelope_channel(env));
    cause_enrich_moment(cause, "received", env->received);
}

static void refuse_by_findings(struct decision *decision) {
    decision->result = RESULT_REFUSED;
    for (size_t i = 0; i < decision->findings.count; i++) {
        const struct finding *finding = &decision->findings.findings[i];
        if (finding->severity == SEVERITY_ERROR) {
            decision_answer(decision, finding->code, finding->zh, finding->en);
            return;
        }
    }
}

static const struct part_family *family_of(const struct part *part, const char *family) {
    for (const struct part_family *row = part->families; row && row->family; row++) {
        if (strcmp(row->family, family) == 0) {
            return row;
        }
    }
    return NULL;
}

static void enrich(struct cause *cause) {
    enrich_by_envelope(cause);
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        const struct part_family *row = family_of(parts[i], cause->family);
        if (row && row->enrich) {
            row->enrich(cause);
        }
    }
}

static void pass_part(const struct part *part, struct cause *cause) {
    const struct part_family *row = cause->metadata ? family_of(part, cause->family) : NULL;
    if (row && row->decide) {
        row->decide(cause);
    } else if (part->tick && strcmp(cause->tick_part, part->name) == 0) {
        part->tick(cause);
    } else if (part->ticked && *cause->tick_part) {
        part->ticked(cause);
    } else if (part->order && cause->order) {
        part->order(cause);
    }
    parts_hear(cause);
}

static void pass_parts(struct cause *cause) {
    struct decision *decision = cause->decision;
    for (size_t i = 0; i < PARTS_COUNT && decision->result != RESULT_REFUSED; i++) {
        pass_part(parts[i], cause);
    }
    if (decision->result == RESULT_REFUSED) { /* refused by a part: nothing of it happens */
        decision->moves_count = decision->destinations_count = 0;
    }
}

/* What the parts left open: a message handed on needs an answer, too. */
static void complete_answer(const struct cause *cause) {
    struct decision *decision = cause->decision;
    if (decision_refused(decision) || *decision->answer_code) {
        return;
    }
    if (decision->destinations_count) {
        decision_answer(decision, "FORWARDED",
                        arena_printf(cause->arena, "已转送 %zu 方", decision->destinations_count),
                        arena_printf(cause->arena, "handed on to %zu parties", decision->destinations_count));
    } else if (cause->to_nobody) {
        decision_answer(decision, "NOT-FORWARDED", "按路由，该报文只在此保存",
                        "by the routes this message is kept here and goes no further");
    }
}

static void route(struct cause *cause, const struct routing_listener *listener) {
    const struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    const struct routing_message message = { .family = text_of(cause->family),
                                             .sender = cause->sender,
                                             .submitter = cause->submitter,
                                             .context = &context,
                                             .record = cause->number };
    cause_enrich(cause, "submitter", 0, cause->submitter);
    cause->to_nobody = routing_judge(cause->edition->routes, &message, cause->decision, listener);
}

static void decide_message(struct cause *cause) {
    struct text family = text_of(cause->family);
    struct decision *decision = cause->decision;
    enrich(cause);
    decision_detail(decision, "message_id", cause->metadata->id);
    struct places places = places_of_message(cause->bytes, cause->arena);
    rules_judge(cause->edition->rules, RULE_ENGINE, family, cause->doc, cause->today, &places, cause->arena,
                &decision->findings);
    if (verdict_passes(&decision->findings)) {
        pass_parts(cause);
    } else {
        refuse_by_findings(decision);
    }
    route(cause, NULL);
    for (size_t i = 0; i < PARTS_COUNT && !decision_refused(decision); i++) {
        if (parts[i]->routed) {
            parts[i]->routed(cause);
            parts_hear(cause);
        }
    }
    complete_answer(cause);
}

/* --- a tick --------------------------------------------------------------------------------------------- */

/* A timer may have been cleared between its tick and now: then there is nothing to do. */
static void decide_tick(struct cause *cause, const struct record *rec) {
    if (timer_read(rec->meta, cause->arena, &cause->tick_part, &cause->tick_key, &cause->tick_event)
        && timer_stands(cause->state, cause->tick_part, cause->tick_key, cause->tick_event)) {
        timer_clear(cause->decision, cause->tick_part, cause->tick_key, cause->tick_event);
        pass_parts(cause);
    }
}

/* --- an order ------------------------------------------------------------------------------------------- */

static void decide_order(struct cause *cause, const struct record *rec) {
    struct order order;
    if (order_read(rec->meta, cause->arena, &order)) {
        cause->order = &order;
        pass_parts(cause);
        cause->order = NULL;
    }
}

/* --- the way back, and the ways of all others ----------------------------------------------------------- */

/* Also to a sender that is blocked by now or has left: then it is parked, for somebody to see. */
static void answer_sender(const struct cause *cause, struct decision *decision) {
    if (decision->result == RESULT_REFUSED && cause->metadata) {
        decision_send(decision, cause->sender, 0, "refused");
    }
}

/* What refuses a message goes back by the transport that brought it, if that answers its senders and still
 * knows the party. */
static bool goes_back_as_it_came(const struct cause *cause, const struct decision *decision,
                                 const struct destination *destination, const struct party *party) {
    if (decision->result != RESULT_REFUSED || !cause->metadata || destination->record != 0
        || strcmp(destination->party, cause->sender) != 0) {
        return false;
    }
    const struct party_stanza *stanza = party_stanza(party, envelope_channel(&cause->metadata->env));
    return stanza && stanza->transport->answers;
}

/* Who has no transport fetches for himself. */
static void choose_ways(const struct cause *cause, struct decision *decision) {
    for (size_t i = 0; i < decision->destinations_count; i++) {
        struct destination *destination = &decision->destinations[i];
        const struct party *party = parties_find(cause->edition->parties, text_of(destination->party));
        if (party && goes_back_as_it_came(cause, decision, destination, party)) {
            const struct envelope *env = &cause->metadata->env;
            destination->way = arena_string(decision->arena, envelope_channel(env));
            destination->file = arena_string(decision->arena, *env->file ? env->file : env->origin);
        }
        destination->kept = party && !*destination->way && !*party->transport;
    }
}

void decide_answer(const struct edition *edition, const struct metadata *metadata,
                   const struct decision *decision, struct buf *xml) {
    require(decision->cause > 0);
    const struct format *format = metadata ? catalog_find(edition->catalog, text_of(metadata->format)) : NULL;
    for (size_t i = 0; format && i < decision->destinations_count; i++) {
        if (*decision->destinations[i].way && *metadata->env.file) {
            decision_write_refusal(decision, metadata, format->receipt, xml);
            return;
        }
    }
    decision_write_answer(decision, xml);
}

/* --- any cause ------------------------------------------------------------------------------------------ */

static void refuse_too_much(struct decision *decision) {
    decision->result = RESULT_REFUSED;
    decision->moves_count = decision->destinations_count = 0;
    verdict_init(&decision->findings, decision->arena);
    decision_answer(decision, "TOO-MUCH", "该报文涉及的内容超过一次处理的上限，请分批发送",
                    "this message concerns more than can be decided at once; send it in parts");
    counter_add(COUNTER_ENGINE_TOO_MUCH, 1);
}

static struct cause cause_of(const struct edition *edition, struct state *state, const struct record *rec,
                             const struct metadata *metadata, struct arena *scratch,
                             struct decision *decision) {
    return (struct cause){
        .number = rec->number,
        .stamp = rec->stamp,
        .metadata = metadata,
        .family = metadata ? metadata->family : "",
        .sender = metadata ? metadata->env.party : "",
        .doc = metadata ? document_unpack(rec->fields, edition->fields, scratch) : NULL,
        .bytes = rec->data,
        .tick_part = "",
        .tick_key = "",
        .tick_event = "",
        .today = stamp_day(metadata ? metadata->env.received : rec->stamp),
        .edition = edition,
        .state = state,
        .decision = decision,
        .arena = scratch,
        .submitter = "",
    };
}

bool decide_routes(const struct edition *edition, struct state *state, const struct record *rec,
                   const struct metadata *metadata, const char *submitter,
                   const struct routing_listener *listener, struct arena *scratch,
                   struct decision *decision) {
    require(rec->kind == RECORD_MESSAGE);
    struct cause cause = cause_of(edition, state, rec, metadata, scratch, decision);
    decision->edition = edition->digest;
    if (!cause.doc) {
        return false;
    }
    if (state) {
        state_limit(state, CAUSE_STEPS_MAX);
        enrich(&cause);
        state_limit(state, 0);
    } else {
        enrich_by_envelope(&cause);
    }
    cause.submitter = submitter;
    route(&cause, listener);
    complete_answer(&cause);
    choose_ways(&cause, decision);
    return true;
}

bool decide_cause(const struct edition *edition, struct state *state, const struct record *rec,
                  const struct metadata *metadata, struct arena *scratch, struct decision *decision) {
    require((rec->kind == RECORD_MESSAGE) == (metadata != NULL) && rec->kind != RECORD_DECISION);
    struct cause cause = cause_of(edition, state, rec, metadata, scratch, decision);
    decision->edition = edition->digest;
    if (metadata && !cause.doc) { /* a journal of another's making: its chain proves no sense */
        return false;
    }
    state_limit(state, CAUSE_STEPS_MAX);
    if (metadata) {
        decide_message(&cause);
    } else if (rec->kind == RECORD_TICK) {
        decide_tick(&cause, rec);
    } else if (rec->kind == RECORD_ORDER) {
        decide_order(&cause, rec);
    }
    if (decision->overflow || state_overworked(state)) {
        refuse_too_much(decision);
    }
    state_limit(state, 0);
    if (decision->result == RESULT_NOTHING && (decision->moves_count || decision->destinations_count)) {
        decision->result = RESULT_DONE;
    }
    answer_sender(&cause, decision);
    choose_ways(&cause, decision);
    return true;
}
