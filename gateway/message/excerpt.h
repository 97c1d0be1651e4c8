/*
 * excerpt.h - findings shown as a good compiler shows them: code, sentence, file:line:column, the source
 * line with a caret placed by display width (a Chinese character takes two columns), path, hint.
 *
 *   error[D01]: gross weight 10 is less than net weight 12
 *     --> declaration.xml:14:17
 *      |
 *   14 |     <GrossWet>10</GrossWet>
 *      |               ^^
 *      = path: /DecMessage/DecHead/GrossWet
 *      = help: ...
 */
#ifndef MESSAGE_EXCERPT_H
#define MESSAGE_EXCERPT_H

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "message/verdict.h"

/* source: the original bytes; a line that is not UTF-8 is shown as GB18030, and what is neither
 * as U+FFFD. Long lines are windowed around the caret; control characters, direction marks
 * and whatever else is not seen made visible: <1B>, <202E>. file:
 * used where the finding names none. */
void excerpt_print(struct buf *out, const struct finding *finding, const char *file, struct text source,
                   enum language language, bool color);
/* {"code","severity","line","column","path","text","hint"} of one finding, text and hint in the language;
 * an element of the open array. */
void excerpt_json(struct json_out *out, const struct finding *finding, enum language language);

#endif
