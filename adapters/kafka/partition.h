/*
 * partition.h - one partition that is read: which of its messages are under way, and up to where all are
 * done.
 *
 * A message is taken, submitted, answered, and done when its answer is acknowledged by the brokers. Several
 * are under way at once and may be done in any order; the position is behind the last before which all are
 * done. Pure, but for the message it holds. Thread: the loop thread.
 */
#ifndef ADAPTERS_KAFKA_PARTITION_H
#define ADAPTERS_KAFKA_PARTITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "message/metadata.h"
#include "adapters/kafka/handle.h"

#define PARTITION_MESSAGES_MAX 256
#define PARTITION_BYTES_MAX    ((size_t)2 << 20) /* beyond the first message */
#define PARTITION_PLACES       64                /* of keys: a power of two */

struct topic;
struct partition;

enum taken_state {
    TAKEN_SUBMITTED, /* intake has it */
    TAKEN_WAITS,     /* intake turned it away: again later */
    TAKEN_ANSWERED,  /* its answer is to be sent */
    TAKEN_ANSWERING, /* its answer is with the producer */
    TAKEN_DONE
};

struct taken_record {
    struct taken_record *next;
    struct taken_record *next_alike; /* of those whose keys fall into one place, the last taken first */
    struct partition *partition;
    rd_kafka_message_t *message;
    uint32_t key; /* a hash of the message's */
    enum taken_state state;
    bool has_digest, repeated;
    struct digest digest;
    enum outcome outcome;
    uint64_t record; /* 0: the answer is a problem, nothing is recorded */
    stamp recorded;
    char *answer; /* owned */
    size_t answer_length;
};

struct partition {
    struct topic *topic;
    int32_t id;
    size_t place;                /* in what is remembered (offsets.h) */
    rd_kafka_queue_t *queue;     /* NULL: it is not read now */
    rd_kafka_message_t **strays; /* came before the queue stood by itself, in order */
    size_t strays_count, strays_at;
    rd_kafka_message_t *held;          /* read, and not taken yet */
    struct taken_record *first, **end; /* in the order of their offsets */
    struct taken_record *by_key[PARTITION_PLACES];
    size_t count, bytes;
    int64_t next;         /* the first that is not taken; OFFSET_NONE: nothing is known */
    int64_t position;     /* the first that is not done */
    int64_t asked;        /* `next` when the survey that is under way was begun */
    struct digest digest; /* of the last one before the position */
    bool has_digest;
    int64_t proof; /* the message here must have proof_digest; OFFSET_NONE: nothing to compare */
    struct digest proof_digest;
    int64_t committed; /* the group's offset, as far as we know */
};

/* Takes it. It comes before all that stands in the queue. */
void partition_stray(struct partition *partition, rd_kafka_message_t *message);
/* The next one, whoever has it, of a partition that is read; NULL: there is none now. */
rd_kafka_message_t *partition_read(struct partition *partition);
/* What was read and not taken is dropped, the queue closed. */
void partition_close(struct partition *partition);
struct partition *partition_new(struct topic *topic, int32_t id, size_t place);
void partition_free(struct partition *partition);
/* Where reading begins. Nothing is under way. digest: of the message before; NULL: unknown. */
void partition_begin(struct partition *partition, int64_t next, const struct digest *digest);
/* Whether this message may be under way now: there is room, and none with its key is. So messages with
 * one key are recorded in the order of their offsets. */
bool partition_admits(struct partition *partition, const rd_kafka_message_t *message);
/* Takes it; partition_admits() has said yes. */
struct taken_record *partition_take(struct partition *partition, rd_kafka_message_t *message);
void partition_forget_last(
    struct partition *partition);                /* takes back what was taken last; its message is `held` */
void partition_done(struct taken_record *taken); /* frees it when all before it are done */

#endif
