/*
 * answers_owner.c - the declarations an answer can mean: those of its numbers, and the one of its id.
 */
#include "engine/parts/answers_owner.h"

#include <string.h>

#include "base/status.h"

#define CLOCK_SLACK (60 * STAMP_SECOND) /* between customs' clock and ours */

struct answer_group *answer_group_new(const struct cause *cause) {
    struct answer_group *group = arena_alloc(cause->arena, sizeof(*group));
    group->count = 0;
    return group;
}

void answer_group_add(struct answer_group *group, const struct declaration *declaration) {
    require(group->count <= 2 * LINKED_MAX);
    for (size_t i = 0; i < group->count; i++) {
        if (strcmp(group->list[i].key, declaration->key) == 0) {
            return;
        }
    }
    if (group->count < 2 * LINKED_MAX) {
        group->list[group->count++] = *declaration;
    }
}

static bool customs_serves(const struct cause *cause, const char *customs, const char *office) {
    const struct party *party = parties_find(cause->edition->parties, text_of(customs));
    return party && (!*office || party_list_has(party->serves, text_of(office)));
}

void answer_group_add_numbered(struct cause *cause, const char *kind, const char *value,
                               struct answer_group *group) {
    struct declaration found[LINKED_MAX];
    size_t count = links_find(cause, kind, value, found);
    for (size_t i = 0; i < count; i++) {
        answer_group_add(group, &found[i]);
    }
}

/* False: customs gave one of these numbers to two parties, or one to each of two. */
bool answer_numbered(struct cause *cause, const struct customs_answer *answer, struct answer_group *group) {
    if (links_are_contested(cause, "seq", answer->seq)
        || links_are_contested(cause, "entry", answer->entry)) {
        return false;
    }
    answer_group_add_numbered(cause, "seq", answer->seq, group);
    answer_group_add_numbered(cause, "entry", answer->entry, group);
    for (size_t i = 1; i < group->count; i++) {
        if (strcmp(group->list[i].party, group->list[0].party) != 0) {
            return false;
        }
    }
    return true;
}

static bool has_other_seq(const struct cause *cause, const struct declaration *declaration,
                          const struct customs_answer *answer) {
    const char *seq = links_seq_of(cause, declaration->key);
    return *seq && *answer->seq && strcmp(seq, answer->seq) != 0;
}

/* --- whose answer it is --------------------------------------------------------------------------------- */

static bool was_routed(const struct cause *cause, const struct declaration *declaration,
                       const char *customs) {
    struct store_query *query =
        store_query(state_store(cause->state), "SELECT 1 FROM routed WHERE declaration = ? AND customs = ?");
    store_bind_string(query, 1, declaration->key);
    store_bind_string(query, 2, customs);
    return state_exists(cause->state, query);
}

/* The one declaration before the answer that has its id. */
static bool one_earlier(const struct cause *cause, const struct customs_answer *answer,
                        struct declaration *out) {
    struct declaration found[2];
    size_t count = declarations_with_id(cause, answer->own_id, found, 2);
    if (count != 1 || found[0].record > answer->record || declaration_ended(&found[0])
        || !was_routed(cause, &found[0], answer->customs)) {
        return false;
    }
    *out = found[0];
    return true;
}

static bool get_of(struct cause *cause, const char *party, const char *own_id, struct declaration *out) {
    return declaration_get(cause, arena_printf(cause->arena, "%s/%s", party, own_id), out);
}

/* The declaration that the answer's own id means. party: whose its numbers are; "" nobody's yet. */
static bool named_by_id(struct cause *cause, const struct customs_answer *answer, const char *party,
                        struct declaration *out) {
    const struct party *owner = parties_of_id(cause->edition->parties, text_of(answer->own_id));
    bool found =
        owner ? get_of(cause, owner->code, answer->own_id, out)
              : (*party && get_of(cause, party, answer->own_id, out)) || one_earlier(cause, answer, out);
    return found && customs_serves(cause, answer->customs, out->office) && !has_other_seq(cause, out, answer);
}

/* What the single window says of taking a message in concerns that message alone, not all that has its
   number. */
static bool is_of_submission(const struct customs_answer *answer) {
    return strcmp(answer->event, "imported") == 0 || strcmp(answer->event, "import-failed") == 0
           || strcmp(answer->event, "answer") == 0;
}

static bool is_first_of(const struct answer_group *group, const struct declaration *declaration) {
    for (size_t i = 0; i < group->count; i++) {
        if (group->list[i].record < declaration->record) {
            return false;
        }
    }
    return true;
}

/* What was told before a declaration came was meant for those of its number that were there: a released
 * summary does not release the complete declaration, and what was refused may be mended. */
bool answer_concerns(const struct customs_answer *answer, const struct declaration *declaration,
                     const struct answer_group *group) {
    const char *proves = lifecycle_proves(&declaration_lifecycle, answer->event);
    bool refusal =
        strcmp(proves, "failed") == 0 || strcmp(proves, "rejected") == 0 || strcmp(proves, "cancelled") == 0;
    if (is_of_submission(answer) && *answer->own_id) {
        return strcmp(answer->own_id, declaration->own_id) == 0;
    }
    return is_first_of(group, declaration)
           || (refusal ? answer->at > declaration->received
                       : answer->at >= declaration->received - CLOCK_SLACK);
}

enum owner answer_find_owner(struct cause *cause, const struct customs_answer *answer,
                             struct answer_group *group) {
    struct declaration named;
    if (!answer_numbered(cause, answer, group)) {
        return OWNER_UNKNOWN;
    }
    const char *party = group->count ? group->list[0].party : "";
    for (size_t i = 0; i < group->count; i++) {
        if (!customs_serves(cause, answer->customs, group->list[i].office)) {
            return OWNER_UNKNOWN;
        }
    }
    if (!*answer->own_id) {
        return group->count ? OWNER_FOUND : OWNER_UNKNOWN;
    }
    if (!named_by_id(cause, answer, party, &named)) {
        return OWNER_UNKNOWN;
    }
    if (*party && strcmp(party, named.party) != 0) {
        return OWNER_CONTRADICTS;
    }
    answer_group_add(group, &named);
    return OWNER_FOUND;
}

/* --- what contradicts an operator ----------------------------------------------------------------------- */

static bool is_anothers(struct cause *cause, const char *kind, const char *value, const char *party) {
    struct declaration found[LINKED_MAX];
    size_t count = links_find(cause, kind, value, found);
    return count && strcmp(found[0].party, party) != 0;
}

const struct answer_objection *answer_objection(struct cause *cause, const struct customs_answer *answer,
                                                const struct declaration *declaration) {
    static const struct answer_objection
        id = { "CONTRADICTS-ID", "该回执所答为另一报文编号",
               "the answer names another id than the declaration has" },
        office = { "CONTRADICTS-OFFICE", "该海关不负责此报关单的申报地海关",
                   "this customs does not serve the office of the declaration" },
        numbers = { "CONTRADICTS-NUMBERS", "该回执的统一编号或海关编号属于另一报关单",
                    "a number of the answer belongs to another declaration" };
    const struct party *owner = parties_of_id(cause->edition->parties, text_of(answer->own_id));
    bool other_id = *answer->own_id && strcmp(answer->own_id, declaration->own_id) != 0;
    if (other_id || (owner && strcmp(owner->code, declaration->party) != 0)) {
        return &id;
    }
    if (!customs_serves(cause, answer->customs, declaration->office)) {
        return &office;
    }
    bool other_number = has_other_seq(cause, declaration, answer)
                        || is_anothers(cause, "seq", answer->seq, declaration->party)
                        || is_anothers(cause, "entry", answer->entry, declaration->party);
    return other_number ? &numbers : NULL;
}
