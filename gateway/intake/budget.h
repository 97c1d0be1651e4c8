/*
 * budget.h - what one party may have under way, and send in a day, so that no sender starves the others.
 *
 * Under way  messages taken and not answered, their bytes, and records that the engine has not come to. Of
 *            each a party may hold as much as is still free ("dynamic threshold", Choudhury and Hahne 1998)
 *            and no more than its own limit: one flood fills half of the room, two a third each, and
 *            something is always left for who comes next.
 * A day      bytes that its messages filled in the journal since midnight in Asia/Shanghai; of them those of
 *            messages that were not accepted. Beyond the first it is told to come back tomorrow; beyond the
 *            second what is not accepted is recorded by digest and verdict alone.
 * A day's sums are a function of the records: after a start they are made of them again (budget_spend()).
 *
 * Thread     the loop thread's, but for budget_keeps_content() and budget_spend(): one thread at a time,
 *            which is the sequencer's once the journal takes messages.
 */
#ifndef INTAKE_BUDGET_H
#define INTAKE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/queue.h"
#include "base/stamp.h"
#include "base/status.h"

struct budget;
struct account; /* one party's */

struct budget_limits {
    size_t messages_max, bytes_max;        /* of all parties together; 0: 1024, 256 MiB */
    uint64_t lag_max;                      /* records the engine may be behind; 0: 20000 */
    size_t party_messages, party_bytes;    /* of one party; 0: what its share allows */
    uint64_t day_bytes, day_refused_bytes; /* of one party; 0: no limit */
};

struct budget *budget_new(const struct budget_limits *limits);
/* Other limits of one party, while it runs; messages_max, bytes_max and lag_max stay as they were made. The
 * loop thread. */
void budget_limit(struct budget *budget, const struct budget_limits *limits);
void budget_free(struct budget *budget);
const struct budget_limits *budget_limits(const struct budget *budget); /* with what stood for 0 */

/* Made when it is asked for first; lives as long as the budget. */
struct account *budget_account(struct budget *budget, const char *party);
struct queue_flow *account_flow(struct account *account); /* its turn in the workers' queue */

/* BUSY: there is no room for anybody. THROTTLED: this party has its share, or its limit. QUOTA: it has sent
 * its bytes of today. lag: records the engine is behind. */
enum status budget_room(const struct budget *budget, uint64_t lag);
enum status budget_admits(struct budget *budget, struct account *account, uint64_t lag, stamp now);
void budget_take(struct budget *budget, struct account *account, size_t bytes);
void budget_give_back(struct budget *budget, struct account *account, size_t bytes);
size_t budget_messages(const struct budget *budget); /* under way, of all */

/* A record of this party, of so many bytes, waits for the engine; the engine has come to this record. What
 * waits may be as long as what is under way: a few long messages are as much work as many short ones. */
void budget_recorded(struct budget *budget, struct account *account, uint64_t number, size_t bytes);
void budget_applied(struct budget *budget, uint64_t position);

/* What was not accepted and would be a record of so many bytes: is its content kept? */
bool budget_keeps_content(const struct budget *budget, const struct account *account, stamp at,
                          uint64_t bytes);
/* A record of so many bytes is appended (or was, before the start). Records come in their order. */
void budget_spend(struct account *account, stamp at, uint64_t bytes, bool accepted);

/* When to come back after this status, in seconds: QUOTA tomorrow, else soon. */
int budget_retry_after_s(enum status status, stamp now);

#endif
