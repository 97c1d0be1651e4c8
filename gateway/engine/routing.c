/*
 * routing.c - a message is held against each route of its family; who is named by one that takes it becomes a
 * destination of the decision.
 */
#include "edition/party.h"
#include "engine/routing.h"

#include <string.h>

static const struct {
    const char *text, *zh, *en;
} whys[] = {
#define X(name, text, zh, en) { text, zh, en },
    ROUTING_LIST(X)
#undef X
};

const char *routing_why_text(enum routing_why why) {
    require((size_t)why < sizeof(whys) / sizeof(*whys));
    return whys[why].text;
}

const char *routing_why_sentence(enum routing_why why, enum language language) {
    require((size_t)why < sizeof(whys) / sizeof(*whys));
    return language_pick(language, whys[why].zh, whys[why].en);
}

static enum truth condition_of(const struct route *route, const struct expr_context *context) {
    return route->when ? expr_holds(route->when, context) : TRUTH_TRUE;
}

static bool takes(const struct route *route, struct text family, const struct expr_context *context) {
    return families_have(&route->families, family) && condition_of(route, context) == TRUTH_TRUE;
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
    const struct routing_message *message;
    struct decision *decision;
    const struct routing_listener *listener;
    const struct route *route;
    const struct target *target;
    struct text value;
    bool to_nobody;
};

static void tell(const struct judging *judging, const char *party, enum routing_why why) {
    if (judging->listener) {
        const struct routing_told told = { .route = judging->route,
                                           .target = judging->target,
                                           .value = judging->value,
                                           .party = party,
                                           .why = why,
                                           .context = judging->message->context };
        judging->listener->told(judging->listener->context, &told);
    }
}

/* Also to who is blocked now, or has left (of whom only what is about its own goods can tell): dispatch parks
 * it. */
static void send_to(const struct judging *judging, const char *code, uint64_t record) {
    if (record && strcmp(code, judging->message->sender) == 0) {
        tell(judging, code, ROUTING_OWN);
        return;
    }
    size_t before = judging->decision->destinations_count;
    decision_send(judging->decision, code, record, judging->route->code);
    tell(judging, code, judging->decision->destinations_count == before ? ROUTING_SENT_BEFORE : ROUTING_SENT);
}

static void send_to_known(const struct judging *judging, const char *code, uint64_t record,
                          enum routing_why otherwise) {
    if (*code) {
        send_to(judging, code, record);
    } else {
        tell(judging, "", otherwise);
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

static void send_to_role(struct judging *judging, const struct target *target) {
    const struct parties *parties = judging->routes->parties;
    bool any = false;
    if (target->at
        && (!expr_value(target->at, judging->message->context, &judging->value) || !judging->value.length)) {
        tell(judging, "", ROUTING_NO_VALUE);
        return;
    }
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        if (!party_has_role(party, target->role)) {
            continue;
        }
        any = true;
        if (!target->at || stands_for(party, judging->value)) {
            send_to(judging, party->code, judging->message->record);
        } else {
            tell(judging, party->code, ROUTING_NOT_SERVED);
        }
    }
    if (!any) {
        tell(judging, "", ROUTING_NO_PARTY);
    }
}

static void send_to_target(struct judging *judging) {
    const struct routing_message *message = judging->message;
    const struct target *target = judging->target;
    judging->value = TEXT("");
    if (decision_refused(judging->decision) && !target->decision) {
        tell(judging, "", ROUTING_REFUSED);
        return;
    }
    switch (target->kind) {
    case TARGET_SENDER: send_to_known(judging, message->sender, 0, ROUTING_NO_SENDER); break;
    case TARGET_SUBMITTER:
        send_to_known(judging, message->submitter, message->record, ROUTING_NO_SUBMITTER);
        break;
    case TARGET_ROLE: send_to_role(judging, target); break;
    case TARGET_NOBODY:
        judging->to_nobody = true;
        tell(judging, "", ROUTING_NOBODY);
        break;
    }
}

bool routing_judge(const struct routes *routes, const struct routing_message *message,
                   struct decision *decision, const struct routing_listener *listener) {
    require(routes && message->context && decision);
    struct judging judging = {
        .routes = routes, .message = message, .decision = decision, .listener = listener
    };
    for (size_t i = 0; i < routes->count; i++) {
        const struct route *route = judging.route = &routes->list[i];
        judging.target = NULL;
        judging.value = TEXT("");
        if (!families_have(&route->families, message->family)) {
            continue;
        }
        enum truth condition = condition_of(route, message->context);
        tell(&judging, "",
             condition == TRUTH_TRUE    ? ROUTING_SENT
             : condition == TRUTH_FALSE ? ROUTING_CONDITION
                                        : ROUTING_UNKNOWN);
        for (size_t t = 0; condition == TRUTH_TRUE && t < route->count; t++) {
            judging.target = &route->targets[t];
            send_to_target(&judging);
        }
    }
    return judging.to_nobody;
}
