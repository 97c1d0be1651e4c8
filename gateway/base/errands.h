/*
 * errands.h - work that waits for the network or the disk, done one after another on a thread of its own, so
 * that the loop waits for nobody.
 * Thread    run() on that thread, all else on the loop thread.
 */
#ifndef BASE_ERRANDS_H
#define BASE_ERRANDS_H

#include <stdbool.h>

#include "base/loop.h"
#include "base/status.h"

/* First member of what the work needs. */
struct errand {
    struct errand *next;
    void (*run)(struct errand *errand);
    /* Once, on the loop thread; ran: false when it was closed before. Takes the errand. */
    void (*done)(struct errand *errand, bool ran);
};

struct errands;

enum status errands_open(struct loop *loop, const char *thread, struct errands **out); /* IO */
void errands_hand(struct errands *errands, struct errand *errand);                     /* takes it */
bool errands_are_closing(const struct errands *errands); /* any thread: a long errand may end early */
void errands_close(struct errands *errands); /* waits for the one that runs; done() of all; NULL is fine */

#endif
