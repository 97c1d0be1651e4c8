/*
 * routing.c - a message is held against each route of its family; who is named by one that takes it becomes a
 * destination of the decision.
 */
#include "edition/party.h"
#include "engine/routing.h"

#include <string.h>

static bool takes(const struct route *route, struct text family, const struct expr_context *context) {
    return families_have(&route->families, family)
           && (!route->when || expr_holds(route->when, context) == TRUTH_TRUE);
}

const char *routing_to_submitter(const struct routes *routes, struct text family,
                                 const struct expr_context *context) {
    for (size_t i = 0; i < routes->count; i++) {
        const struct route *route = &routes->list[i];
        for (size_t t = 0; t < route->count; t++) {
            if (route->targets[t].kind == TARGET_SUBMITTER && takes(route, family, context)) {
                return route->code;
            }
        }
    }
    return NULL;
}

/* One message on its way through the routes. */
struct judging {
    const struct routes *routes;
    const struct route *route;
    const char *sender, *submitter;
    const struct expr_context *context;
    uint64_t record;
    struct decision *decision;
};

/* Also to who is blocked now, or has left (of whom only what is about its own goods can tell): dispatch parks
 * it. */
static void send_to(const struct judging *judging, const char *code, uint64_t record) {
    bool own_message = record && strcmp(code, judging->sender) == 0;
    if (*code && !own_message) {
        decision_send(judging->decision, code, record, judging->route->code);
    }
}

/* "*" under `declares` says what a party may sign, not what it is. */
static bool stands_for(const struct party *party, struct text value) {
    if (party_is_called(party, value) || party_list_has(party->serves, value)) {
        return true;
    }
    for (size_t i = 0; i < party->declares.count; i++) {
        if (text_is(value, party->declares.items[i])) {
            return true;
        }
    }
    return false;
}

static void send_to_role(const struct judging *judging, const struct target *target) {
    const struct parties *parties = judging->routes->parties;
    struct text value = { 0 };
    if (target->at && (!expr_value(target->at, judging->context, &value) || !value.length)) {
        return;
    }
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        if (party_has_role(party, target->role) && (!target->at || stands_for(party, value))) {
            send_to(judging, party->code, judging->record);
        }
    }
}

static void send_to_target(const struct judging *judging, const struct target *target) {
    if (decision_refused(judging->decision) && !target->decision) {
        return;
    }
    switch (target->kind) {
    case TARGET_SENDER: send_to(judging, judging->sender, 0); break;
    case TARGET_SUBMITTER: send_to(judging, judging->submitter, judging->record); break;
    case TARGET_ROLE: send_to_role(judging, target); break;
    }
}

void routing_judge(const struct routes *routes, struct text family, const char *sender, const char *submitter,
                   const struct expr_context *context, uint64_t record, struct decision *decision) {
    require(routes && context && decision);
    struct judging judging = { routes, NULL, sender, submitter, context, record, decision };
    for (size_t i = 0; i < routes->count; i++) {
        judging.route = &routes->list[i];
        if (!takes(judging.route, family, context)) {
            continue;
        }
        for (size_t t = 0; t < judging.route->count; t++) {
            send_to_target(&judging, &judging.route->targets[t]);
        }
    }
}
