/*
 * messages.h - one message and what became of it: its place, decision and deliveries.
 * No row of state.db shows anything by itself: the record says whose it is, the decision to whom it was sent.
 * viewer NULL: an operator. A party sees messages it sent or was sent; else NOT_FOUND, as if it were not
 * there.
 */
#ifndef VIEW_MESSAGES_H
#define VIEW_MESSAGES_H

#include "base/arena.h"
#include "base/json.h"
#include "base/status.h"
#include "message/metadata.h"
#include "edition/party.h"
#include "journal/reader.h"
#include "engine/state.h"
#include "view/view.h"

/* The record that holds the party's own id (accepted, and not refused by the engine); when none does, the
 * newest under it. family may be "". What messages_by_id() asks, and tests. */
enum status messages_find(struct state *state, struct text party, struct text family, struct text own_id,
                          uint64_t *number);
/* Deliveries are shown to the operator and the office; the sender sees their number and state, not the
 * parties. account: of the person who handed it over, for the sender and the operator; absent where it was
 * a program. status: recorded (not yet decided), decided, refused, conflict. The receipt is the very bytes of
 * receipt_json(). */
enum status messages_json(struct state *state, struct reader *reader, const struct party *viewer,
                          uint64_t number, struct arena *arena, struct json_out *out);
/* What the engine said against that message, for its sender, in that form (message/receipt.h) or as
 * <Decision>; decision: the record it stands in. NOT_FOUND: nothing, or nothing yet. */
enum status messages_refusal(struct state *state, struct reader *reader, uint64_t number,
                             const struct metadata *metadata, const char *form, struct arena *arena,
                             uint64_t *decision, struct buf *xml);
/* The bytes of a message that the viewer sent, or of a message or decision that was sent to it, untouched:
 * how a party without transport gets what is kept for it; to the operator those of any message. The office
 * sees what became of everything, but reads nobody's messages. NOT_KEPT: its record has digest and verdict
 * alone. What messages_bytes() answers, and tests ask. */
enum status messages_content(struct state *state, struct reader *reader, const struct party *viewer,
                             uint64_t number, struct arena *arena, struct text *out);

/* --- the questions: an own id is one of the asking party, of which the operator has none ---------------- */

enum status messages_by_id(const struct view_question *question, struct json_out *out);
enum status messages_by_number(const struct view_question *question, struct json_out *out);
extern const struct shape message_shape;
/* The receipt of the viewer's own message, byte for byte; to the operator that of any. */
enum status messages_receipt(const struct view_question *question, struct json_out *out);
enum status messages_bytes(const struct view_question *question, struct buf *out);

#endif
