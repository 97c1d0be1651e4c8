/*
 * held.h - causes on which deciding failed, kept for an operator: the part `held` (part.h).
 *
 * A held cause is decided: result `held`, and one move by which it stands in the list, with its reason.
 * Nothing else follows from it until an order `release` (message/order.h) names it: the decision about the
 * order is then what deciding the cause at that moment gives (orders.h), and the cause is held no more. A
 * timer whose tick is held is not due again until it is set anew.
 *
 * held(record PK, kind, what, reason, since, state)       state: held, released
 */
#ifndef ENGINE_HELD_H
#define ENGINE_HELD_H

#include "edition/edition.h"
#include "journal/record.h"
#include "engine/decision.h"
#include "engine/state.h"

/* clang-format off */
/*    name        text          zh                                              en                        */
#define HELD_LIST(X)                                                                                        \
    X(CRASHED,    "crashed",    "处理时系统两次崩溃",                                                       \
                                "the gateway crashed twice while deciding it")                              \
    X(DIED,       "died",       "处理时进程五次意外终止，原因不明",                                         \
                                "the process died five times while deciding it, nobody knows why")        \
    X(TOO_LARGE,  "too-large",  "处理结果超过一条记录的上限",                                               \
                                "what follows from it is more than a record may hold")                      \
    X(UNREADABLE, "unreadable", "其记录无法读取",                                                           \
                                "its record cannot be read")
/* clang-format on */

enum held_reason {
#define X(name, text, zh, en) HELD_##name,
    HELD_LIST(X)
#undef X
};

const char *held_reason_text(enum held_reason reason);
/* What is recorded as `reason`, as a sentence; the text itself when no reason is called so. */
const char *held_reason_sentence(const char *text, enum language language);

/* The decision about a cause on which deciding failed. An order is refused instead: it can be given again. */
void held_decide(const struct edition *edition, const struct record *rec, enum held_reason reason,
                 struct arena *scratch, struct decision *decision);
/* "held" or "released"; "" when this record never was. In the arena. */
const char *held_state(struct state *state, uint64_t record, struct arena *arena);
/* Carries out that this record was released: it is held no more. */
void held_apply_release(struct state *state, uint64_t record);
int64_t held_count(struct state *state); /* held now */

#endif
