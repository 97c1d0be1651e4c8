/*
 * rule_text.h - a business rule as it is shown: all that stands in it, and what does not stand there left
 * out.
 */
#ifndef DAEMON_RULE_TEXT_H
#define DAEMON_RULE_TEXT_H

#include "base/buf.h"
#include "base/json.h"
#include "edition/rule_set.h"

void rule_text_json(const struct rule *rule, struct json_out *out); /* an object of the open array */
void rule_text_print(const struct rule *rule, struct buf *out);     /* a row for each: name, text */

#endif
