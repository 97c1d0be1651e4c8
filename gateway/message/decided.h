/*
 * decided.h - what a decision says first: which cause it decides, by which edition, and with what result.
 *
 * The meta of a DECISION record always begins with these three, in this order and spelling, and in the
 * decision about an order that releases a held record with that record's number behind them:
 *   {"cause":42,"edition":"<64 hex digits>","result":"refused", ...
 *   {"cause":57,"edition":"<64 hex digits>","result":"refused","released":42, ...
 * so that who needs no more (intake: is the id of that cause free again?) reads no more. engine/decision.h
 * has the rest.
 */
#ifndef MESSAGE_DECIDED_H
#define MESSAGE_DECIDED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

/* clang-format off */
/*    name      text        what it says                                                     */
#define RESULT_LIST(X)                                                                          \
    X(DONE,     "done",     "decided, with what follows")                                       \
    X(NOTHING,  "nothing",  "nothing to do")                                                    \
    X(WAITING,  "waiting",  "decided, and waits for its counterpart or for an operator")         \
    X(REFUSED,  "refused",  "a business rule that needs other messages refuses it")              \
    X(HELD,     "held",     "the engine failed on this cause; an operator looks at it")
/* clang-format on */

enum result {
#define X(name, text, what) RESULT_##name,
    RESULT_LIST(X)
#undef X
};

struct decided {
    uint64_t cause; /* from 1 */
    struct digest edition;
    enum result result;
    uint64_t released; /* 0: nothing was released */
};

const char *result_text(enum result result);
/* The record whose fate this is: the cause, or what it released. */
uint64_t decided_about(const struct decided *decided);
/* The members, just behind json_open_object(). */
void decided_write(const struct decided *decided, struct json_out *out);
/* behind: the members that follow, and the closing brace; may be NULL. false: not the meta of a decision. */
bool decided_read(struct text meta, struct decided *out, struct text *behind);

#endif
