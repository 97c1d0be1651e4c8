/*
 * story.h - what is written about a consignment, by whom and when, as steps, and each step as a
 * message (inside the simulator only).
 */
#ifndef REPLAY_SIMULATE_STORY_H
#define REPLAY_SIMULATE_STORY_H

#include "replay/simulate/goods.h"

#define STEPS_MAX 40

/* clang-format off */
#define STEP_LIST(X)                                                                   \
    X(DECLARE, "declaration") X(COMPLETE, "complete") X(RESPONSE, "response")          \
    X(RESULT, "result") X(EVENT, "event") X(BOOK, "booking") X(CHARGE, "charge")
/* clang-format on */

enum step_kind {
#define X(name, text) STEP_##name,
    STEP_LIST(X)
#undef X
};

struct step {
    enum step_kind kind;
    const char *party; /* in the goods */
    const char *code;  /* of the event; of the channel */
    const char *id;    /* of the event: what its EventID ends with */
    unsigned telling;  /* of the event: 1, or which message about it */
    bool of_complete;  /* of customs: it answers the complete declaration of two */
    bool is_withdrawn, is_broken, is_repeat;
    stamp event; /* when it happened */
    stamp at;    /* when it is told */
};

/* In any order. Returns how many. bookings: the slots are to be those of the site. */
size_t story_of(const struct goods *goods, bool bookings, struct step out[STEPS_MAX]);

/* How the port's time becomes that of the messages. */
struct sim_pace {
    stamp first, begin; /* `first` becomes `begin` */
    unsigned speed;     /* 0: times are as they are */
};

stamp pace_at(const struct sim_pace *pace, stamp at);
void step_write(const struct goods *goods, const struct step *step, const struct sim_pace *pace,
                struct buf *out);
/* What the terminal of that port may charge. */
/* first: of the numbers of the run, whose list is another than that of others of the same day. */
void charge_list_write(const struct sim_port *port, stamp at, unsigned first, const struct sim_pace *pace,
                       struct buf *out);

#endif
