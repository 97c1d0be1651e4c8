/*
 * automaton.h - a content model as particles, and as the states a validator steps through.
 */
#ifndef XSD_AUTOMATON_H
#define XSD_AUTOMATON_H

#include "xsd/grammar.h"

#define AUTOMATON_POSITIONS_MAX 8192 /* particles of one model, counted repeats of groups written out */
#define AUTOMATON_DEPTH_MAX     128  /* of groups within groups */
#define AUTOMATON_UNBOUNDED     UINT32_MAX

enum particle_kind { PARTICLE_ELEMENT, PARTICLE_ANY, PARTICLE_SEQUENCE, PARTICLE_CHOICE, PARTICLE_ALL };

struct particle {
    enum particle_kind kind;
    uint32_t min, max; /* max is at least 1 */
    struct grammar_element *element;
    struct grammar_wildcard wildcard;
    struct particle *first, *next; /* children of a group; siblings */
};

/* Fills states, all and needed of a type of the grammar. particle NULL: no children. False: refused. */
bool automaton_make(const struct particle *particle, struct grammar *grammar, struct grammar_type *type,
                    enum obstacle_kind *why);

#endif
