/*
 * engine.h - the only place that knows other messages: a deterministic state machine over the journal.
 *
 * It follows the durable records in order. For a cause (passed message, tick, set-up) it decides, submits the
 * decision as a record of its own and applies it; for a delivery result it applies it. A batch of records is one
 * transaction of state.db, committed only after the decisions in it are durable.
 * After a crash it first applies decisions that stand in the journal above its position, then goes on deciding
 * behind the last one: every cause gets exactly one decision.
 * A cause on which deciding fails twice (the process died or panicked while on it: DIR/deciding remembers number
 * and count) is decided `held` and shown: no crash loop.
 *
 * Fails     when state.db cannot be written: on_failure(status); the owner exits, the journal stays whole.
 * Thread    one of its own, from engine_start() to engine_stop().
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/status.h"
#include "engine/decision.h"
#include "engine/state.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "message/setup.h"

struct engine;
struct engine_setup;

struct engine_options {
    const char *directory;
    struct journal *journal;
    const struct setup *setup;            /* borrowed for the engine's life */
    const struct engine_setup *engine_setup;
    stamp (*clock)(void);                 /* only to notice that a timer is due; NULL: stamp_now */
    /* After a batch is committed: decisions up to `position` can be seen in state.db. Engine thread. */
    void (*advanced)(uint64_t position, void *context);
    /* For each decision once it is durable and committed: who waits for it. Engine thread. */
    void (*decided)(uint64_t cause, uint64_t number, const struct decision *decision, void *context);
    void (*on_failure)(enum status status, void *context);
    void *context;
};

/* Compiles routes, segments and engine-stage rules. Mistakes: LINT-ROUTE, LINT-SEGMENT, LINT-RULE. */
struct engine_setup *engine_setup_new(const struct setup *setup, struct verdict *mistakes);
void                 engine_setup_free(struct engine_setup *engine_setup);
const struct segments *engine_setup_segments(const struct engine_setup *engine_setup);

enum status engine_start(const struct engine_options *options, struct engine **out);   /* records the set-up when it is new */
void        engine_stop(struct engine *engine);      /* finishes the batch in hand */
uint64_t    engine_position(const struct engine *engine);   /* last record applied and committed; any thread */

/* Applies one record to state.db as the engine does after it is durable (DECISION, DELIVERY, MESSAGE, SETUP rows). */
enum status engine_apply(struct state *state, const struct record *rec);
/* Decides one cause without recording it: for recheck. */
enum status engine_decide(const struct engine_setup *engine_setup, const struct setup *setup, struct state *state,
                          const struct record *rec, struct arena *arena, struct decision *decision);

#endif
