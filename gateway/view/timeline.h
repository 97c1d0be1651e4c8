/*
 * timeline.h - what one party may see of the consignments that answer a question: the model behind
 * tracking.h.
 *
 * A line of a timeline is visible to who sent its record, to whom the record was sent, and to whom
 * the declaration or booking it is about belongs. All else shown of a consignment is made of
 * visible lines alone: its state is the highest they prove, so that naming another's bill of lading
 * does not show where the other stands.
 */
#ifndef VIEW_TIMELINE_H
#define VIEW_TIMELINE_H

#include "base/arena.h"
#include "base/stamp.h"
#include "base/status.h"
#include "edition/edition.h"
#include "edition/party.h"
#include "edition/segments.h"
#include "engine/state.h"

#define TIMELINE_QUERY_MAX        128 /* bytes; no number is longer */
#define TIMELINE_CONSIGNMENTS_MAX 50
#define TIMELINE_LINES_MAX        2000
#define TIMELINE_THINGS_MAX       500 /* declarations, bookings or containers of one consignment */

struct timeline_line {
    uint64_t record;
    stamp recorded, at;
    const char *family, *party; /* of the record; family "tick" and party "" when time itself told it */
    const char *account;        /* of the person who handed it over; "" */
    const char *part, *key, *event, *proves;
    const char *zh, *en, *state_zh, *state_en;
    uint64_t taken_back_by; /* the record by which it does not count any more 更正、撤回; 0: it counts */
};

/* A declaration or booking, by its visible lines. */
struct timeline_thing {
    const char *key, *id, *party, *state, *state_zh, *state_en;
    const char *entry_number, *seq_no; /* declaration; "" where the viewer was not told */
    const char *modes; /* declaration: "two-step ship-side"; "" none, or the viewer did not see it itself */
    const char *site;
    stamp slot_start, slot_end; /* booking */
};

struct timeline_milestone {
    const char *code, *zh, *en, *declaration;
    stamp first, last;
    uint64_t record;
};

struct timeline_consignment {
    const char *subject, *port, *bill, *direction, *state, *state_zh, *state_en;
    const char **containers;
    size_t containers_count;
    struct timeline_thing *declarations;
    size_t declarations_count;
    struct timeline_thing *bookings;
    size_t bookings_count;
    struct timeline_milestone *milestones;
    size_t milestones_count;
    struct timeline_line *lines;
    size_t lines_count;
    bool more; /* lines beyond TIMELINE_LINES_MAX */
};

struct timeline_view {
    const char *query;
    struct timeline_consignment *consignments;
    size_t count;
};

/* NOT_FOUND: nothing that this viewer may see. viewer NULL: an operator, who sees all. */
enum status timeline_look(struct state *state, const struct edition *edition, const struct party *viewer,
                          struct text query, struct arena *arena, struct timeline_view *out);

#endif
