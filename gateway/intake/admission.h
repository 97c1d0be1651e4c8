/*
 * admission.h - was it here before? What becomes of a judged message when it has got its place in the
 * journal.
 *
 * The same handing-over, or the same id with the same bytes: the first receipt again, and nothing is
 * recorded. The same id with other bytes: a conflict, recorded once. A refused message does not use its id
 * up. What a party may fill the disk with on a day, refused, ends: then digest and verdict alone are
 * recorded. The answer of seen.h is not believed where a record can be asked: a table of ids that is wrong
 * turns the message away (BUSY) until it is made again.
 * Owns      its reader.
 * Thread    the sequencer's.
 */
#ifndef INTAKE_ADMISSION_H
#define INTAKE_ADMISSION_H

#include "journal/journal.h"
#include "journal/reader.h"
#include "intake/budget.h"
#include "intake/seen.h"
#include "intake/submission.h"

struct admission {
    struct journal *journal; /* borrowed, as the next two are */
    struct seen *seen;
    struct budget *budget;
    struct reader *holders; /* records that hold an id which others want */
};

void admission_init(struct admission *admission, struct journal *journal, struct seen *seen,
                    struct budget *budget);
void admission_release(struct admission *admission);
/* Its entry has its number and stamp. APPEND: what is to be recorded of it is in its entry. ANSWER_EARLIER,
 * TURN_AWAY: the entry says which, and why. */
enum admit admission_ask(struct admission *admission, struct submission *submission);

#endif
