/*
 * story.c - the steps of an import and of an export, then what goes wrong with them.
 */
#include "replay/simulate/story.h"

#include <string.h>

#include "base/status.h"

#define MINUTE (60 * STAMP_SECOND)
#define HOUR   (60 * MINUTE)

struct story {
    const struct goods *goods;
    struct step *steps;
    size_t count;
};

static struct step *add(struct story *story, enum step_kind kind, const char *party, stamp event, stamp at) {
    require(story->count < STEPS_MAX);
    struct step *step = &story->steps[story->count++];
    *step = (struct step){
        .kind = kind, .party = party, .code = "", .id = "", .telling = 1, .event = event, .at = at
    };
    return step;
}

static struct step *tell(struct story *story, const char *party, const char *code, stamp event) {
    struct step *step = add(story, STEP_EVENT, party, event, event + 5 * MINUTE);
    step->code = step->id = code;
    return step;
}

static void answer(struct story *story, const char *channel, stamp at, bool of_complete) {
    struct step *step = add(story, STEP_RESULT, story->goods->port.customs, at, at + MINUTE);
    step->code = channel;
    step->of_complete = of_complete;
}

static void respond(struct story *story, stamp at, bool of_complete) {
    struct step *step = add(story, STEP_RESPONSE, story->goods->port.customs, at, at);
    step->of_complete = of_complete;
}

/* A broken one is sent first, and ten minutes later as it should be. */
static void declare(struct story *story) {
    const struct goods *goods = story->goods;
    stamp at = goods->declared;
    if (goods->fault == FAULT_BROKEN) {
        add(story, STEP_DECLARE, goods->forwarder, at - 10 * MINUTE, at - 10 * MINUTE)->is_broken = true;
    }
    add(story, STEP_DECLARE, goods->forwarder, at, at);
    respond(story, at + (goods->accepted - at) / 4, false);
    answer(story, "L", at + (goods->accepted - at) / 2, false);
    answer(story, "J", goods->accepted, false);
}

/* What is told once of the cargo, by the terminal: the step that a fault is about. */
static void tell_cargo(struct story *story, const char *code, stamp event) {
    const struct goods *goods = story->goods;
    const char *terminal = goods->port.terminal;
    struct step *step;
    switch (goods->fault) {
    case FAULT_MISSING: return;
    case FAULT_LATE: tell(story, terminal, code, event)->at += 3 * 24 * HOUR; return;
    case FAULT_REPEATED:
        tell(story, terminal, code, event);
        step = tell(story, terminal, code, event);
        step->at += HOUR;
        step->is_repeat = true;
        return;
    case FAULT_CORRECTED: /* the clerk mistook the hour */
        tell(story, terminal, code, event + 2 * HOUR)->at = event + 5 * MINUTE;
        step = tell(story, terminal, code, event);
        step->at += 6 * HOUR;
        step->telling = 2;
        return;
    case FAULT_WITHDRAWN: /* another's cargo was meant */
        step = tell(story, terminal, code, event - HOUR);
        step->id = "MISTAKEN";
        step = tell(story, terminal, code, event - HOUR);
        step->at += 30 * MINUTE;
        step->id = "MISTAKEN";
        step->telling = 2;
        step->is_withdrawn = true;
        break;
    case FAULT_NONE:
    case FAULT_BROKEN:
    case FAULTS_COUNT: break;
    }
    tell(story, terminal, code, event);
}

static void inspect(struct story *story, bool bookings) {
    const struct goods *goods = story->goods;
    answer(story, "C", goods->selected, false);
    if (bookings) {
        add(story, STEP_BOOK, goods->forwarder, goods->positioned, goods->booked);
    }
    tell(story, goods->port.terminal, "POSN", goods->positioned);
    tell(story, goods->port.terminal, "OPEN", goods->opened);
    tell(story, goods->port.terminal, "IDON", goods->done);
}

/* The goods may leave by the summary alone; the complete declaration follows within days. */
static void complete(struct story *story) {
    stamp at = story->goods->released + 20 * HOUR;
    add(story, STEP_COMPLETE, story->goods->forwarder, at, at);
    respond(story, at + 10 * MINUTE, true);
    answer(story, "L", at + 20 * MINUTE, true);
    answer(story, "J", at + 30 * MINUTE, true);
    answer(story, "P", at + 50 * MINUTE, true);
    answer(story, "R", at + 90 * MINUTE, true);
}

static void release(struct story *story) {
    const struct goods *goods = story->goods;
    answer(story, goods->is_two_step ? "K" : "P", goods->released, false);
    if (goods->exclusion == EXCLUSION_CANCELLED) { /* 撤单 */
        answer(story, "D", goods->released + 30 * MINUTE, false);
    } else if (goods->is_two_step) {
        complete(story);
    } else {
        answer(story, "R", goods->released + 2 * HOUR, false);
    }
}

static void import(struct story *story, bool bookings) {
    const struct goods *goods = story->goods;
    stamp first = goods->arrived < goods->declared ? goods->arrived : goods->declared;
    tell(story, goods->port.carrier, "MFST", first - 24 * HOUR);
    tell(story, goods->port.terminal, "ARRI", goods->arrived);
    tell_cargo(story, "DISC", goods->discharged);
    declare(story);
    if (goods->is_inspected) {
        inspect(story, bookings);
    }
    release(story);
    tell(story, goods->port.terminal, "GTOT", goods->left);
    if (goods->is_charged) {
        add(story, STEP_CHARGE, goods->port.terminal, goods->left, goods->left + HOUR);
    }
}

static void export(struct story *story) {
    const struct goods *goods = story->goods;
    tell(story, goods->port.terminal, "GTIN", goods->arrived);
    declare(story);
    release(story);
    tell_cargo(story, "LOAD", goods->left);
    tell(story, goods->port.carrier, "DEPA", goods->departed);
}

size_t story_of(const struct goods *goods, bool bookings, struct step out[STEPS_MAX]) {
    struct story story = { goods, out, 0 };
    goods->is_import ? import(&story, bookings) : export(&story);
    return story.count;
}
