/*
 * partition.c - a list in the order of the offsets, of which what is done at its front is cut off.
 */
#include "adapters/kafka/partition.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text.h"
#include "adapters/kafka/offsets.h"

struct partition *partition_new(struct topic *topic, int32_t id, size_t place) {
    struct partition *partition = memory_new(sizeof(*partition));
    partition->topic = topic;
    partition->id = id;
    partition->place = place;
    partition->end = &partition->first;
    partition->next = partition->position = partition->asked = OFFSET_NONE;
    partition->proof = partition->committed = OFFSET_NONE;
    return partition;
}

static void taken_free(struct taken_record *taken) {
    if (taken->message) {
        rd_kafka_message_destroy(taken->message);
    }
    free(taken->answer);
    free(taken);
}

void partition_free(struct partition *partition) {
    for (struct taken_record *taken = partition->first, *next; taken; taken = next) {
        next = taken->next;
        taken_free(taken);
    }
    partition_close(partition);
    free(partition);
}

void partition_close(struct partition *partition) {
    if (partition->held) {
        rd_kafka_message_destroy(partition->held);
        partition->held = NULL;
    }
    for (size_t i = partition->strays_at; i < partition->strays_count; i++) {
        rd_kafka_message_destroy(partition->strays[i]);
    }
    free(partition->strays);
    partition->strays = NULL;
    partition->strays_at = partition->strays_count = 0;
    if (partition->queue) {
        rd_kafka_queue_io_event_enable(partition->queue, -1, NULL, 0);
        rd_kafka_queue_destroy(partition->queue);
        partition->queue = NULL;
    }
}

void partition_stray(struct partition *partition, rd_kafka_message_t *message) {
    require(partition->strays_at <= partition->strays_count);
    if ((partition->strays_count & (partition->strays_count - 1)) == 0) { /* a power of two is full */
        size_t capacity = partition->strays_count ? 2 * partition->strays_count : 1;
        partition->strays = memory_grow(partition->strays, capacity, sizeof(message));
    }
    partition->strays[partition->strays_count++] = message;
}

rd_kafka_message_t *partition_read(struct partition *partition) {
    require(partition->queue);
    rd_kafka_message_t *message = partition->held;
    partition->held = NULL;
    if (!message && partition->strays_at < partition->strays_count) {
        message = partition->strays[partition->strays_at++];
        if (partition->strays_at == partition->strays_count) {
            free(partition->strays);
            partition->strays = NULL;
            partition->strays_at = partition->strays_count = 0;
        }
    }
    return message ? message : rd_kafka_consume_queue(partition->queue, 0);
}

void partition_begin(struct partition *partition, int64_t next, const struct digest *digest) {
    require(!partition->first);
    partition->next = partition->position = next;
    partition->has_digest = digest != NULL;
    if (digest) {
        partition->digest = *digest;
    }
}

/* Only tells most of the others from it: who chooses keys that are alike has them compared. */
static uint32_t key_hash(const rd_kafka_message_t *message) {
    return text_hash((struct text){ message->key, message->key_len });
}

static bool same_key(const rd_kafka_message_t *a, const rd_kafka_message_t *b) {
    return a->key_len > 0 && a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

static struct taken_record **place_of(struct partition *partition, uint32_t key) {
    return &partition->by_key[key & (PARTITION_PLACES - 1)];
}

static void enter_by_key(struct taken_record *taken) {
    struct taken_record **place = place_of(taken->partition, taken->key);
    taken->next_alike = *place;
    *place = taken;
}

static void leave_by_key(struct taken_record *taken) {
    struct taken_record **at = place_of(taken->partition, taken->key);
    while (*at != taken) {
        at = &(*at)->next_alike;
    }
    *at = taken->next_alike;
}

bool partition_admits(struct partition *partition, const rd_kafka_message_t *message) {
    if (partition->count >= PARTITION_MESSAGES_MAX
        || (partition->count > 0 && partition->bytes + message->len > PARTITION_BYTES_MAX)) {
        return false;
    }
    uint32_t key = key_hash(message);
    for (const struct taken_record *taken = *place_of(partition, key); taken; taken = taken->next_alike) {
        bool is_open = taken->state == TAKEN_SUBMITTED || taken->state == TAKEN_WAITS;
        if (is_open && taken->key == key && same_key(taken->message, message)) {
            return false;
        }
    }
    return true;
}

struct taken_record *partition_take(struct partition *partition, rd_kafka_message_t *message) {
    require(partition->count < PARTITION_MESSAGES_MAX);
    struct taken_record *taken = memory_new(sizeof(*taken));
    *taken = (struct taken_record){
        .partition = partition, .message = message, .key = key_hash(message), .state = TAKEN_SUBMITTED
    };
    *partition->end = taken;
    partition->end = &taken->next;
    enter_by_key(taken);
    partition->count++;
    partition->bytes += message->len;
    partition->next = message->offset + 1;
    return taken;
}

void partition_forget_last(struct partition *partition) {
    struct taken_record **at = &partition->first;
    require(*at && !partition->held);
    while ((*at)->next) {
        at = &(*at)->next;
    }
    struct taken_record *last = *at;
    *at = NULL;
    partition->end = at;
    partition->held = last->message;
    partition->next = last->message->offset;
    partition->count--;
    partition->bytes -= last->message->len;
    leave_by_key(last);
    last->message = NULL;
    taken_free(last);
}

void partition_done(struct taken_record *taken) {
    struct partition *partition = taken->partition;
    require(taken->state != TAKEN_DONE && partition->count > 0);
    taken->state = TAKEN_DONE;
    for (struct taken_record *first; (first = partition->first) && first->state == TAKEN_DONE;) {
        partition->position = first->message->offset + 1;
        partition->has_digest = first->has_digest;
        partition->digest = first->digest;
        partition->count--;
        partition->bytes -= first->message->len;
        leave_by_key(first);
        partition->first = first->next;
        if (!partition->first) {
            partition->end = &partition->first;
        }
        taken_free(first);
    }
}
