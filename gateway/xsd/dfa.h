/*
 * dfa.h - a pattern as a minimal deterministic automaton: one step for each character, whatever the value.
 *
 * Classes of characters that are not known exactly (charset.h) take what is in them for certain, so a
 * value that is accepted matches the pattern; one that is not, perhaps does all the same.
 *
 * Limits  POSITIONS_MAX places in the pattern, counted repeats written out; DFA_CELLS_MAX cells of the
 *         table of transitions.
 */
#ifndef XSD_DFA_H
#define XSD_DFA_H

#include "base/arena.h"
#include "base/text.h"
#include "xsd/obstacle.h"
#include "xsd/regex.h"

#define DFA_STATES_MAX  2048
#define DFA_CELLS_MAX   65536
#define DFA_CLASSES_MAX 250

struct dfa_interval { /* characters from here up to the next are of that class */
    int32_t low;
    uint8_t class;
};

struct dfa {
    uint8_t ascii[128]; /* class of each */
    const struct dfa_interval *beyond;
    uint32_t beyond_count, classes, states;
    /* next[row + class] is the next row; a row is a state times `classes`. Row 0 accepts nothing any more;
     * rows from `accepting` on accept. */
    const uint16_t *next;
    uint32_t start, accepting;
};

/* NULL: beyond a limit (OBSTACLE_PATTERN), or a class of which nothing is known (OBSTACLE_CLASS). */
const struct dfa *dfa_of(const struct regex_node *tree, struct arena *arena, enum obstacle_kind *why);

bool dfa_accepts(const struct dfa *dfa, struct text value); /* UTF-8 */

#endif
