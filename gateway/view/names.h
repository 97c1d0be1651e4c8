/*
 * names.h - what codes, states and parties are called today, in answers for people.
 */
#ifndef VIEW_NAMES_H
#define VIEW_NAMES_H

#include "view/view.h"

/* Of a code by its list: the code itself where the list has none. */
const char *name_of_code(const struct view_question *question, const char *list, const char *code,
                         enum language language);
/* Of a state of a part's things. */
const char *name_of_state(const char *part, const char *state, enum language language);
/* "": no party is called so any more. */
const char *name_of_party(const struct view_question *question, const char *code, enum language language);

#endif
