/*
 * wrapper.h - a message within another: what some clients put around what they send (外层报文).
 *
 *   ImportMessage   the single window's import client: SWImpHead, then SWImpData with the message as its one
 *                   element, or as text in CDATA
 *   DxpMsg          the data exchange platform (数据交换平台, DXP) of China E-Port: TransInfo, then Data with
 *                   the message in Base64, in lines or not, in CDATA or not
 *
 * The message within is what is judged, recorded and answered; of the wrapper the record keeps the digest
 * ("outer"). What a wrapper says of sender and receiver proves nothing and is not read, nor is a signature
 * over it. An element is taken out as it stands, in UTF-8, with the namespaces that it has from outside where
 * it may use them. Text is taken out of CDATA in UTF-8, without its declaration where that names another
 * encoding. So that all readers find the same message in it a wrapper holds one and nothing beside it, no
 * element beside CDATA, no declaration that names another encoding than the wrapper's; and no wrapper again.
 */
#ifndef CHECK_WRAPPER_H
#define CHECK_WRAPPER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/verdict.h"
#include "check/gate.h"

enum wrapper_end { WRAPPER_NONE, WRAPPER_OPENED, WRAPPER_REFUSED };

/* Of what gate_open() has passed; peeked: gate_peek() has told its root. */
bool wrapper_is_one(const struct gated *gated, bool peeked, struct arena *arena);
/* OPENED: *message is what is in it, within the text or in the arena. REFUSED: a finding was added (GATE-*,
 * XML-*, FORMAT-NAMESPACE, WRAPPER-CONTENT, WRAPPER-ENCODING), at its place in the wrapper. */
enum wrapper_end wrapper_open(const struct gated *gated, bool peeked, struct arena *arena,
                              struct text *message, struct verdict *verdict);
/* What was in it is a wrapper again: WRAPPER-NESTED. */
void wrapper_say_nested(const struct gated *gated, struct verdict *verdict);

#endif
