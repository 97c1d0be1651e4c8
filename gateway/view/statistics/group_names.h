/*
 * group_names.h - what people call the groups that a dimension makes of declarations: "黄岛海关" of 4218,
 * "提前申报 + 两步申报" of advance+two-step.
 */
#ifndef VIEW_STATISTICS_GROUP_NAMES_H
#define VIEW_STATISTICS_GROUP_NAMES_H

#include "view/statistics/clearance.h"

/* Of the dimension that is asked for; the value itself where nothing is called so today. In the question's
 * arena. */
const char *group_name(const struct view_question *question, const struct clearance_wanted *wanted,
                       const char *value, enum language language);
/* What stands before a row of the group in a text: its code with its name, a name alone where nobody knows it
 * by the code, or that it was not said. */
const char *group_label(const struct view_question *question, const struct clearance_wanted *wanted,
                        const char *value, enum language language);
/* ... and above them: "申报模式"; of one mode which that is. */
const char *group_head(const struct view_question *question, const struct clearance_wanted *wanted,
                       enum language language);

#endif
