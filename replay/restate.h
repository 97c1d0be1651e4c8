/*
 * restate.h - state.db made again from the journal in a folder of its own, for a question that shall not have
 * to believe the one that is there.
 *
 * What a message tells may be judged anew on the way, by an edition with another definition 统计口径: each
 * cause is decided again, and its moves are what it says now, where its result is what was recorded. Where it
 * is not (another rule refuses it), what was recorded stands.
 *
 * May run beside the gateway: it takes no lock, and removes its folder, DIR/restate.
 */
#ifndef REPLAY_RESTATE_H
#define REPLAY_RESTATE_H

#include <stdint.h>

#include "base/status.h"
#include "edition/edition.h"
#include "engine/state.h"

struct restated;

/* Of the records up to `until`; UINT64_MAX: of all. Fails as the journal and the disk do.
 * edition: by which the causes are judged anew; NULL: as it was recorded.
 * progress: records applied, and how many there are; called now and then. May be NULL.
 * *out: to be freed; NULL when it is not OK. *why: what is known of that beside the status; "": nothing. */
enum status restate(const char *directory, uint64_t until, const struct edition *edition,
                    void (*progress)(uint64_t done, uint64_t last, void *context), void *context,
                    struct restated **out, struct explanation *why);
struct state *restated_state(struct restated *restated);
void restated_free(struct restated *restated);

#endif
