/*
 * sight.h - how far a party sees by its row, whatever it sent or was sent.
 */
#ifndef VIEW_SIGHT_H
#define VIEW_SIGHT_H

#include "view/view.h"

/* The operator of the gateway (NULL) and the port office 口岸办 see all. */
bool sight_is_whole(const struct party *viewer);
/* The party whose own rows alone may be seen; "": all. For a statement that asks (? = '' OR party = ?). */
const char *sight_own(const struct party *viewer);
/* Of a viewer with that role, the ports, offices and sites that it serves or reports for, so that a statement
 * may ask instr(?, '|' || port || '|'): "|4218|CNQDG|". "": none, or it has not the role. "*": all; a
 * statement asks for that by itself. In the question's arena. */
const char *sight_served(const struct view_question *question, const char *role);

#endif
