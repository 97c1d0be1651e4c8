/*
 * supplements.h - documents that customs asked for 补充单证, with the day by which they are due (`clearway
 * supplements`). The port office sees all, others what they asked for or were asked for.
 */
#ifndef VIEW_SUPPLEMENTS_H
#define VIEW_SUPPLEMENTS_H

#include "view/view.h"

#define SUPPLEMENTS_ROWS_MAX 1000

extern const char *const supplement_states[]; /* NULL ends */

/* state: nothing for those that are not answered.
 * {"supplements":[{"id","party","owner","entry","codes","documents_zh","documents_en","reason","received",
 *   "due","state","state_zh","state_en","record","reply"}],"more":true|false}
 * The earliest due first. codes: "A B" of document_codes; reply: the record of the answer, 0 for none. */
enum status supplements_json(const struct view_question *question, struct json_out *out);
enum status supplements_print(const struct view_question *question, struct buf *out);

#endif
