/*
 * engine_decide.c - one cause is decided, or its routes alone, for who records nothing of it; and what must
 * hold of an edition so that causes can be decided.
 */
#include "engine/engine.h"

#include <string.h>

#include "message/metadata.h"
#include "message/mistakes.h"
#include "edition/terms.h"
#include "engine/decide.h"
#include "engine/orders.h"
#include "engine/part.h"
#include "engine/parts/held.h"

/* --- what C says of an edition -------------------------------------------------------------------------- */

/* Where a line of the text could not be read, what is missing may stand in it. */
static void check_terms(const struct edition *edition, struct verdict *mistakes) {
    struct mistakes to = { mistakes, "LINT-TERM", "terms" };
    for (size_t i = 0; i < mistakes->count; i++) {
        if (strcmp(mistakes->findings[i].code, to.code) == 0) {
            return;
        }
    }
    for (size_t term = 0; term < TERMS_COUNT; term++) {
        if (!terms_number(edition->terms, (enum term)term, 0)) {
            mistakes_at(&to, (struct place){ 0 }, NULL, "缺少引擎所需的期限 %s",
                        "the term %s is missing, by which the engine counts", term_name((enum term)term));
        }
    }
}

/* What C calls a family by its name must be one, or a part would never hear of its messages. */
void engine_check(const struct edition *edition, struct verdict *mistakes) {
    struct mistakes to = { mistakes, "LINT-PART", "catalog" };
    check_terms(edition, mistakes);
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        for (const struct part_family *row = parts[i]->families; row && row->family; row++) {
            if (!catalog_has_family(edition->catalog, text_of(row->family))) {
                mistakes_at(&to, (struct place){ 0 }, NULL, "没有报文种类 %s，而引擎的 %s 处理它",
                            "there is no family %s, which the engine's part %s is about", row->family,
                            parts[i]->name);
            }
        }
    }
}

/* --- one cause ------------------------------------------------------------------------------------------ */

enum status engine_route(const struct edition *edition, struct state *state, const struct record *rec,
                         const char *submitter, const struct routing_listener *listener, struct arena *arena,
                         struct decision *decision) {
    struct metadata metadata;
    if (rec->kind != RECORD_MESSAGE) {
        return STATUS_NOT_FOUND;
    }
    if (!metadata_read(rec->meta, arena, &metadata)
        || !decide_routes(edition, state, rec, &metadata, submitter, listener, arena, decision)) {
        return STATUS_DAMAGED;
    }
    return state ? state_status(state) : STATUS_OK;
}

enum status engine_decide(const struct edition *edition, struct state *state, struct reader *reader,
                          const struct record *rec, struct arena *arena, struct decision *decision) {
    require(state && rec->number > 0);
    struct metadata metadata;
    bool message = rec->kind == RECORD_MESSAGE;
    if (message && !metadata_read(rec->meta, arena, &metadata)) {
        return STATUS_DAMAGED;
    }
    decision_init(decision, arena, rec->number);
    if (rec->kind == RECORD_ORDER) {
        const struct metadata *about;
        enum status status = orders_decide(edition, state, reader, rec, arena, decision, &about);
        return status != STATUS_OK ? status : state_status(state);
    }
    if (!decide_cause(edition, state, rec, message ? &metadata : NULL, arena, decision)) {
        held_decide(edition, rec, HELD_UNREADABLE, arena, decision);
    }
    return state_status(state);
}
