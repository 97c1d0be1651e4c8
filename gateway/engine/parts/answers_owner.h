/*
 * answers_owner.h - whose an answer of customs is, by what it names (of the part answers, whose header says
 * how).
 */
#ifndef ENGINE_ANSWERS_OWNER_H
#define ENGINE_ANSWERS_OWNER_H

#include "engine/part.h"
#include "engine/parts/declarations.h"
#include "engine/parts/links.h"
#include "engine/parts/milestones.h"

struct customs_answer {
    uint64_t record;
    const char *customs;              /* who answers */
    const char *own_id, *seq, *entry; /* what it names; "" */
    const char *event;                /* of the declaration's life cycle */
    const char *route;                /* that would take it to its submitter; "" */
    stamp at;
    struct milestone_told told[MILESTONES_TOLD_MAX];
    size_t told_count;
};

/* Declarations of one party. */
struct answer_group {
    struct declaration list[2 * LINKED_MAX];
    size_t count;
};

struct answer_group *answer_group_new(const struct cause *cause); /* in its arena */
void answer_group_add(struct answer_group *group, const struct declaration *declaration);
void answer_group_add_numbered(struct cause *cause, const char *kind, const char *value,
                               struct answer_group *group);
/* Adds those of its numbers. False: customs gave one of these to two parties, or one to each of two. */
bool answer_numbered(struct cause *cause, const struct customs_answer *answer, struct answer_group *group);

/* OWNER_FOUND: group has all declarations of its numbers and the one of its id. OWNER_CONTRADICTS: its
 * numbers are one party's and its id another's. */
enum owner { OWNER_UNKNOWN, OWNER_FOUND, OWNER_CONTRADICTS };

enum owner answer_find_owner(struct cause *cause, const struct customs_answer *answer,
                             struct answer_group *group);
/* Of the group it is told to, whether it is meant for this one, too. */
bool answer_concerns(const struct customs_answer *answer, const struct declaration *declaration,
                     const struct answer_group *group);

/* What the answer itself says against that declaration; NULL: nothing. */
struct answer_objection {
    const char *code, *zh, *en;
};

const struct answer_objection *answer_objection(struct cause *cause, const struct customs_answer *answer,
                                                const struct declaration *declaration);

#endif
