/*
 * passages_fit.c - the phases of a passage, and the distances that tell one from another.
 */
#include "engine/parts/passages_fit.h"

#include <string.h>

#include "base/status.h"
#include "base/text.h"

#define ONCE (7 * PASSAGE_DAY) /* two beginnings, or ends, within it are one, told twice */

/* --- which events begin and end a passage --------------------------------------------------------------- */

/* clang-format off */
static const struct { const char *event; enum phase phase; } phases[] = {
    { "I:ARRI", PHASE_BEFORE }, { "I:BERT", PHASE_BEFORE }, { "I:MFST", PHASE_BEFORE }, { "I:TALY", PHASE_BEGINS }, { "I:DISC", PHASE_BEGINS },
    { "I:DCMP", PHASE_BEGINS }, { "I:GTOT", PHASE_ENDS },   { "I:DLVR", PHASE_ENDS },
    { "E:PICK", PHASE_BEFORE }, { "E:STUF", PHASE_BEFORE }, { "E:GTIN", PHASE_BEGINS }, { "E:RCVD", PHASE_BEGINS },
    { "E:LOAD", PHASE_ENDS },   { "E:LCMP", PHASE_ENDS },   { "E:UNBE", PHASE_ENDS },   { "E:DEPA", PHASE_ENDS },
};
/* clang-format on */

/* "I:ARRI EST" is of the phase of I:ARRI. */
enum phase passage_phase(const char *event) {
    struct text rest = text_of(event);
    struct text code = text_until(&rest, ' ');
    for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
        if (text_is(code, phases[i].event)) {
            return phases[i].phase;
        }
    }
    return PHASE_WITHIN;
}

bool passage_has_happened(const char *event) {
    return !strchr(event, ' '); /* no classifier: ACT */
}

/* --- which passage fits --------------------------------------------------------------------------------- */

static stamp apart(stamp a, stamp b) {
    return a > b ? a - b : b - a;
}

static bool fits(const struct passage_terms *terms, const struct passage *passage, enum phase phase,
                 stamp at) {
    if (passage->ended && at > passage->ended + (phase == PHASE_ENDS ? ONCE : PASSAGE_SLACK)) {
        return false;
    }
    if (passage->begun
        && (at < passage->begun - ONCE || (phase == PHASE_BEGINS && at > passage->begun + ONCE))) {
        return false;
    }
    if (phase == PHASE_BEFORE || phase == PHASE_BEGINS) {
        return at >= passage->first - terms->reach && at <= passage->last + terms->in_advance;
    }
    return at >= passage->first - PASSAGE_SLACK && at <= passage->last + terms->reach;
}

static stamp distance(const struct passage *passage, stamp at) {
    return at < passage->first ? passage->first - at : at > passage->last ? at - passage->last : 0;
}

/* Both were in the container at one time. */
static bool travel_together(const struct passage_terms *terms, const struct passage *a,
                            const struct passage *b) {
    if (a->begun && b->begun) {
        return apart(a->begun, b->begun) <= ONCE;
    }
    bool after = (a->ended && b->first > a->ended) || (b->ended && a->first > b->ended);
    stamp gap = a->first > b->last ? a->first - b->last : b->first > a->last ? b->first - a->last : 0;
    return !after && gap <= terms->together;
}

/* Marks those that are meant; the nearest is always among them. */
void passages_choose(const struct passages *passages, enum phase phase, stamp at, bool chosen[PASSAGES_MAX]) {
    require(passages->count <= PASSAGES_MAX);
    const struct passage *nearest = NULL;
    for (size_t i = 0; i < passages->count; i++) {
        const struct passage *one = &passages->list[i];
        chosen[i] = false;
        if (fits(&passages->terms, one, phase, at)
            && (!nearest || distance(one, at) < distance(nearest, at))) {
            nearest = one;
        }
    }
    for (size_t i = 0; nearest && i < passages->count; i++) {
        const struct passage *one = &passages->list[i];
        chosen[i] =
            one == nearest
            || (fits(&passages->terms, one, phase, at) && travel_together(&passages->terms, one, nearest));
    }
}

void passage_extend(struct passage *passage, const char *name, stamp at) {
    if (!passage_has_happened(name)) {
        return;
    }
    passage->first = at < passage->first ? at : passage->first;
    passage->last = at > passage->last ? at : passage->last;
    if (passage_phase(name) == PHASE_BEGINS && (!passage->begun || at < passage->begun)) {
        passage->begun = at;
    }
    if (passage_phase(name) == PHASE_ENDS && at > passage->ended) {
        passage->ended = at;
    }
}
