/*
 * readings.h - what people see of other parties by their role 查阅留痕 is noted in the journal before they
 * see it: one record for each account, question, subject and hour.
 *
 *   {"account":"wang.fang","party":"CUS-QD","role":"inspector","question":"track",
 *    "subject":"query=COSU6001234567","hour":"2026-11-30T15:00:00.000+08:00"}
 *
 * Who asks the same again within the hour is answered at once, and who asks while it is being noted waits
 * with the first. What cannot be noted is not shown. After a start nothing is known of the hour before it, so
 * that it is noted once more.
 *
 * Limits    READINGS_MAX notes of an hour are known; beyond that some are noted again.
 * Thread    the loop thread.
 */
#ifndef ADAPTERS_API_READINGS_H
#define ADAPTERS_API_READINGS_H

#include "base/stamp.h"
#include "base/status.h"
#include "journal/appender.h"
#include "adapters/api/accounts.h"

#define READINGS_MAX        4096
#define READING_SUBJECT_MAX 400 /* bytes; of a longer one its beginning and its digest */

struct readings;

/* Borrowed for the call. */
struct reading {
    const struct account *account;
    const char *question;
    struct text subject;
};

typedef void readings_noted(void *context, enum status status);

struct readings *readings_new(struct appender *appender);
void readings_free(struct readings *readings); /* once the appender is gone; NULL is fine */
/* It stands in the journal: it may be shown. */
bool readings_have(struct readings *readings, const struct reading *reading, stamp now);
/* One that is not there. noted() comes, once: later, or before this returns. */
void readings_note(struct readings *readings, const struct reading *reading, stamp now, readings_noted *noted,
                   void *context);

#endif
