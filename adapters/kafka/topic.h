/*
 * topic.h - one topic of submissions: what the files beside submissions.c share, and nobody else includes.
 *
 *   ASKING ─survey─► READING ─survey, error─► ASKING ...          (trouble that passes)
 *              └───────────┴─► STOPPED ─half a minute─► ASKING    (trouble that an operator ends)
 *
 *   topic.c         read, to intake, answered
 *   topic_survey.c  what the cluster says of it, and where reading begins
 *   commits.c       what is done is remembered and committed, for all topics at once
 *
 * Thread    the loop thread.
 */
#ifndef ADAPTERS_KAFKA_TOPIC_H
#define ADAPTERS_KAFKA_TOPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "base/errands.h"
#include "adapters/kafka/offsets.h"
#include "adapters/kafka/partition.h"
#include "adapters/kafka/submissions.h"
#include "adapters/kafka/teardown.h"
#include "adapters/kafka/trouble.h"

enum topic_state { TOPIC_ASKING, TOPIC_READING, TOPIC_STOPPED };

struct topic {
    struct submissions *submissions;
    const struct party *party; /* of the edition in force; NULL: it has the topic no more (`leaving`) */
    char *name, *receipts, *principal, *code; /* its own: editions go */
    bool leaving; /* nothing is read or submitted any more; it goes when nothing refers to it */
    enum topic_state state;
    enum trouble trouble;
    char words[256];
    bool surveyed;   /* a survey is under way */
    bool tries;      /* some was turned away, or has an answer that was not sent: again later */
    bool untold;     /* it was logged that the cluster does not tell who may write */
    int64_t ask_ms;  /* when it is looked at next */
    int64_t rest_ms; /* nothing is taken or sent again before */
    int pause_ms;
    int64_t told; /* of the group's offsets, when it was stopped */
    struct partition **partitions;
    int32_t count, turn;
};

struct submissions {
    struct submissions_options options;
    rd_kafka_t *consumer;
    rd_kafka_queue_t *queue;  /* errors, commits */
    rd_kafka_queue_t *strays; /* messages of partitions whose queue does not stand alone yet */
    int wakeup;
    struct loop_watch *watch;
    struct loop_timer *again;
    struct positions positions;
    char *path;
    struct topic **topics;
    size_t count;
    bool draining, writing, committing;
    enum submissions_renewal { RENEWAL_NONE, RENEWAL_ENDS_READING, RENEWAL_LETS_GO } renewal;
    int64_t renewal_ms;        /* what is in hand is waited for until then */
    struct teardown teardown;  /* of the consumer before */
    int64_t commit_ms;         /* not before */
    rd_kafka_resp_err_t error; /* the one last logged, and when */
    int64_t error_ms;
    stamp down; /* since when no broker can be reached, and no survey has come back; 0: they are there */
};

static inline int64_t submissions_now_ms(const struct submissions *submissions) {
    return loop_now_ms(submissions->options.loop);
}

/* Unless nothing is read any more. */
static inline void submissions_serve_soon(struct submissions *submissions) {
    if (!submissions->draining && submissions->again) {
        loop_timer_start(submissions->again, 0);
    }
}

void topic_note_trouble(struct topic *topic, enum trouble trouble,
                        const char *words); /* told when it is new */
void topic_count_trouble(const struct topic *topic, int by);
/* What is under way goes on; what was read and not taken is read again. */
void topic_read_no_more(struct topic *topic);
/* It is looked at again after a while; trouble NONE: soon, since something about it has changed. */
void topic_cease(struct topic *topic, enum trouble trouble, const char *words);
void topic_take_error(struct topic *topic, const rd_kafka_message_t *message);
bool topic_read(struct topic *topic);      /* false: there may be more */
void topic_try_again(struct topic *topic); /* what waited for intake or the producer */
void topic_look_at(struct topic *topic);   /* a survey; goes by what it says */

void commits_remember(struct submissions *submissions); /* how far each topic was done: in the positions */
bool commits_are_due(const struct submissions *submissions); /* the group does not know yet what is done */
void commits_begin(struct submissions *submissions); /* of what is done and not committed, if anything is */
void commits_take(struct submissions *submissions, rd_kafka_event_t *event);
/* What is not committed now is read, and recognised, at the next start. Waits a second at most. */
void commits_end(struct submissions *submissions);

#endif
