/*
 * state.h - state.db: where everything stands now, derived from the journal and able to be made again.
 *
 * Written by the engine alone, one transaction per batch of decisions, committed only after they are
 * durable; carries the position: every record up to it is applied, and for each cause among them its
 * decision, wherever in the journal that stands. Views and dispatch open it read-only. Damaged: rebuilt.
 * It keeps sums over its rows (store_keep_sums()). At open for writing the tables' definitions and the
 * position are held against them, since these are believed at once; all the rest is by the audit (audit.h).
 *
 * Tables of the engine itself (parts add theirs, part.h):
 *   position(id=1, number, version)    setups(digest PK, number)    texts(digest PK, number)
 *   messages(number PK, party, family, format, own_id, outcome, recorded, bytes, subject, decision, result,
 *   answer_code)
 *       bytes: of the record
 *   deliveries(record, party, PK(record, party), decision, route, subject, family, state, attempts, reason,
 *              words, returns, next, updated, way, file, redelivered)
 *       reason, words: delivery.h; returns: 1 when it goes on by itself once its party can be served
 *       state: waiting, delivered, parked, dropped (delivery.h), or kept: for a party that fetches for itself
 *       way: the transport by which the message came that this refuses, or "": the party's own; file: under
 *       which name it came by that, or ""; redelivered: 1 when an operator had it sent again though it was
 *       delivered
 *   timers(part, key, event, due, held, PK(part, key, event))
 *   orders(number PK, kind, record, other, reason, recorded, decision, result, answer_code)
 *   timeline(subject, record, part, key, event, proves, at, taken_back,
 *     PK(subject, record, part, key, event))
 *     taken_back: the record that took the line back; it proves nothing any more. 0: it stands
 *   touched(record, subject, PK(record, subject))
 *     goods of which that cause told something that figures are made of, but for those that its row of
 *     messages names
 *
 * A failure of the store sticks: queries after it give no rows, state_status() tells, and state_commit()
 * fails. So code that reads and writes needs no path of its own for it; what it made of missing rows is
 * thrown away. The same holds when one cause has read as many rows as it may: state_overworked() tells.
 */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include "base/stamp.h"
#include "base/status.h"
#include "base/store.h"

struct state;

/* DIR/state.db. NOT_FOUND: READ and there is none. DAMAGED: no such store, or of another version; to be
 * written, also with other tables or another position than were written. */
enum status state_open(const char *directory, enum store_mode mode, struct state **out);
void state_close(struct state *state);
struct store *state_store(struct state *state);     /* for the parts' and views' queries */
uint64_t state_position(struct state *state);       /* 0: nothing applied */
uint64_t state_identity(const struct state *state); /* store_identity(), as it was opened */
enum status state_digest(struct state *state, struct digest *out);

enum status state_status(const struct state *state); /* OK, or the first failure */
enum status state_take_failure(struct state *state); /* the same, and forgets it: a reader may ask again */
/* From here on so many steps of queries give rows, and no more; 0: any number. */
void state_limit(struct state *state, size_t steps);
bool state_overworked(const struct state *state); /* more than that were asked for */
/* A quarter of them are used: who looks through what may be useful stops, so that there is enough for what
 * must be. */
bool state_budget_is_low(const struct state *state);
bool state_row(struct state *state, struct store_query *query); /* store_step(), failures stick */
void state_run(struct state *state, struct store_query *query); /* store_run(), failures stick */
/* The first column of the first row; `otherwise` when there is none. Ends the read. */
int64_t state_number(struct state *state, struct store_query *query, int64_t otherwise);
bool state_exists(struct state *state, struct store_query *query);

/* A damaged one makes room for a new one, as state.db.damaged; nobody has it open. */
void state_put_aside(const char *directory);
/* Whom to tell, on the thread of this handle, that the store is damaged or that a row of it was doubted. */
void state_on_damage(struct state *state, void (*damaged)(void *context), void *context);
/* A row of this table does not say what the journal says of this record. Logged and counted, and told. */
void state_doubt(struct state *state, const char *table, uint64_t record);
/* A row says whose it is twice: by its key PARTY/OWN_ID and in columns of their own. Where they differ it is
 * doubted and nothing may be decided from it: a failure that sticks, DAMAGED. own_id: an empty one (at NULL)
 * is not compared. */
void state_compare_owner(struct state *state, const char *table, uint64_t record, struct text key,
                         struct text party, struct text own_id);

/* A table does not say what was written into it. Logged and counted. */
void state_found(const char *table, const struct store_finding *finding);

enum status state_begin(struct state *state);
enum status state_commit(struct state *state, uint64_t position);
void state_rollback(struct state *state); /* forgets a failure, too */
/* From here to state_filled() records are only applied, to tables that are empty: store_fill(). */
enum status state_fill(struct state *state);
enum status state_filled(struct state *state, struct digest *digest);
void state_rest(struct state *state); /* nothing is to be written: memory for pages goes back */

/* A line in the timeline of a subject: `record` told this event of `key` of `part`. proves: the state it
 * proves by itself, never the one reached through others: who may see this line may not see those. */
void timeline_add(struct state *state, const char *subject, uint64_t record, const char *part,
                  const char *key, const char *event, const char *proves, stamp at);

#endif
