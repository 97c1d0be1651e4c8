/*
 * offsets.h - where reading a partition begins, and what says that a topic is not the one it was.
 *
 * Kafka's group offsets are what operators and monitors look at, and they are not enough: brokers drop them
 * with the topic, and a week after the last commit. So the gateway remembers beside them, in
 * DATA/kafka.positions, how far it has read each partition and the digest of the last message before that:
 * the message is read again at each beginning, and must be the same. (librdkafka 2.0 does not tell the id of
 * a topic, which would say it at once.) What the file says is a help and no truth: without it, reading begins
 * at the group's offset, or with the first message there is, and what was recorded before is recognised by
 * its offset (intake/seen.h).
 */
#ifndef ADAPTERS_KAFKA_OFFSETS_H
#define ADAPTERS_KAFKA_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/text.h"

#define KAFKA_DLQ         ".dlq" /* behind the name of a topic: where its dead letters go */
#define KAFKA_TOPIC_MAX   250    /* with its NUL: 249 characters of ASCII letters, digits, '.', '_', '-' */
#define KAFKA_CLUSTER_MAX 64
#define OFFSET_NONE       INT64_C(-1)

/* What is known of one partition. */
struct offsets {
    int64_t low, high;        /* of the log: the first message that is there, and behind the last */
    int64_t committed, known; /* the next one to read: the group's, ours; OFFSET_NONE */
};

enum offsets_verdict {
    OFFSETS_GOOD,
    OFFSETS_LOST, /* messages that nobody has read are gone */
    OFFSETS_ANEW  /* the log ends before what was read: it is another one */
};

/* *from: where reading begins; known - 1 where the message before can be read again and compared. An operator
 * who sets the group's offset forward skips messages, backward has them looked at again. */
enum offsets_verdict offsets_begin(const struct offsets *offsets, int64_t *from);

/* --- what is remembered ------------------------------------------------------------------------------- */

struct position {
    char topic[KAFKA_TOPIC_MAX];
    int32_t partition;
    int64_t next; /* OFFSET_NONE: nothing was read yet */
    struct digest digest;
    bool has_digest; /* of the message before `next` */
};

struct positions {
    char cluster[KAFKA_CLUSTER_MAX]; /* whose; "": nothing is remembered */
    struct position *list;
    size_t count, capacity;
    uint32_t *slots; /* by topic and partition: numbers in the list, from 1; 0: nobody */
    size_t slots_count;
};

void positions_release(struct positions *positions);
/* False: it is no such text, and nothing is remembered. Zeroed to begin with. */
bool positions_read(struct positions *positions, struct text text);
void positions_print(const struct positions *positions, struct buf *out);
/* What is remembered of another cluster is forgotten. */
void positions_of(struct positions *positions, const char *cluster);
/* The index of that partition's, made when it is new. topic: shorter than KAFKA_TOPIC_MAX. */
size_t positions_place(struct positions *positions, const char *topic, int32_t partition);

#endif
