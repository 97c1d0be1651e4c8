/*
 * diagnostics.h - the question how all stands that the gateway depends on 诊断 (`clearway doctor`): a
 * diagnosis (diagnosis.h) by the judgements of checks.h, over what is measured anyway: counters, rows of
 * state.db, and what the rooms of a running gateway know besides.
 *
 * It is answered while the gateway catches up with its journal, too: then nothing is said by state.db.
 */
#ifndef VIEW_DIAGNOSTICS_H
#define VIEW_DIAGNOSTICS_H

#include "base/clock.h"
#include "base/status.h"
#include "view/diagnosis.h"
#include "view/view.h"

/* What only a running gateway knows. */
struct diagnostics_house {
    const char *directory; /* the data folder */
    stamp started;
    enum status ready;          /* intake's */
    uint64_t behind;            /* of the records of before the start; 0: it has caught up */
    uint64_t durable, position; /* of the journal, and of the engine */
    uint64_t reserve;           /* of the disk; below it nothing is taken */
    bool is_full;
    struct clock_reading clock;
};

struct diagnostics_rooms {
    void (*know)(void *context, struct diagnostics_house *out);
    /* The rows of certificates, people, and of each transport. */
    void (*tell)(void *context, stamp now, struct diagnosis *out);
    void *context;
};

/* By rows of state.db alone, for who has no gateway to ask: destinations, and what waits for an operator.
 * edition NULL: which destinations there are, only rows say. */
enum status diagnostics_of_state(struct state *state, const struct edition *edition, stamp now,
                                 struct diagnosis *out);

enum status diagnostics_json(const struct view_question *question, struct json_out *out);
enum status diagnostics_print(const struct view_question *question, struct buf *out);

#endif
