/*
 * calls.h - calls of vessels and how their boarding 登轮检疫 stands (`clearway calls`). The office sees all,
 * customs and terminals those at their ports; any other party those that it asked for.
 */
#ifndef VIEW_CALLS_H
#define VIEW_CALLS_H

#include "view/view.h"

#define CALLS_ROWS_MAX 1000

/* vessel: an IMO number, or nothing for all.
 * {"calls":[{"port","vessel","imo","voyage","party","mode","eta","state","state_zh","state_en","at","reason",
 *   "lacks","record","result"}],"more":true|false}
 * The latest expected first. record, result: of the request and of what customs decided, 0 until then. */
enum status calls_json(const struct view_question *question, struct json_out *out);
enum status calls_print(const struct view_question *question, struct buf *out);

#endif
