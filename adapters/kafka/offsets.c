/*
 * offsets.c - the file is one line of a head, which names the cluster, and one for each partition:
 *   clearway-kafka-positions 1 CLUSTER
 *   TOPIC PARTITION NEXT DIGEST
 */
#include "adapters/kafka/offsets.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define HEAD          "clearway-kafka-positions"
#define VERSION       "1"
#define POSITIONS_MAX 1000000

/* --- where to begin ----------------------------------------------------------------------------------- */

enum offsets_verdict offsets_begin(const struct offsets *offsets, int64_t *from) {
    int64_t known = offsets->known, committed = offsets->committed;
    *from = offsets->low;
    if (known == OFFSET_NONE && committed == OFFSET_NONE) {
        return OFFSETS_GOOD;
    }
    if (known > offsets->high && committed <= known) {
        return OFFSETS_ANEW;
    }
    if (known == OFFSET_NONE
        || committed > known) { /* the group's offset is all there is, or an operator's word */
        *from = committed;
    } else if (committed == OFFSET_NONE || committed == known) {
        *from = known > offsets->low ? known - 1 : known;
    } else {
        *from = committed > offsets->low || known < offsets->low ? committed : offsets->low;
    }
    if (*from < offsets->low) {
        return OFFSETS_LOST;
    }
    return *from > offsets->high ? OFFSETS_ANEW : OFFSETS_GOOD;
}

/* --- what is remembered ------------------------------------------------------------------------------- */

void positions_release(struct positions *positions) {
    free(positions->list);
    free(positions->slots);
    *positions = (struct positions){ .count = 0 };
}

/* The slot that names that partition, or the empty one where it belongs. */
static uint32_t *slot_of(const struct positions *positions, const char *topic, int32_t partition) {
    size_t i = text_hash(text_of(topic)) + (size_t)partition * 0x9E3779B1u;
    for (;; i++) {
        uint32_t *slot = &positions->slots[i & (positions->slots_count - 1)];
        const struct position *position = &positions->list[*slot ? *slot - 1 : 0];
        if (!*slot || (position->partition == partition && strcmp(position->topic, topic) == 0)) {
            return slot;
        }
    }
}

/* Twice as many slots as there may be positions. */
static void spread(struct positions *positions) {
    free(positions->slots);
    positions->slots_count = 2 * positions->capacity;
    positions->slots = memory_array(positions->slots_count + 1, sizeof(*positions->slots));
    for (size_t i = 0; i < positions->count; i++) {
        const struct position *position = &positions->list[i];
        *slot_of(positions, position->topic, position->partition) = (uint32_t)i + 1;
    }
}

void positions_of(struct positions *positions, const char *cluster) {
    if (strcmp(positions->cluster, cluster) != 0) {
        positions->count = 0;
        spread(positions);
        snprintf(positions->cluster, sizeof(positions->cluster), "%s", cluster);
    }
}

size_t positions_place(struct positions *positions, const char *topic, int32_t partition) {
    if (positions->count == positions->capacity) { /* a power of two, so that slots are */
        positions->capacity = positions->capacity ? 2 * positions->capacity : 16;
        positions->list = memory_grow(positions->list, positions->capacity, sizeof(*positions->list));
        spread(positions);
    }
    uint32_t *slot = slot_of(positions, topic, partition);
    if (*slot) {
        return *slot - 1;
    }
    struct position *added = &positions->list[positions->count];
    *added = (struct position){ .partition = partition, .next = OFFSET_NONE };
    require(strlen(topic) < sizeof(added->topic));
    strcpy(added->topic, topic);
    *slot = (uint32_t)positions->count + 1;
    return positions->count++;
}

static bool read_number(struct text word, int64_t most, int64_t *out) {
    *out = 0;
    for (size_t i = 0; i < word.length; i++) {
        int digit = word.at[i] - '0';
        if (digit < 0 || digit > 9 || *out > (most - digit) / 10) {
            return false;
        }
        *out = *out * 10 + digit;
    }
    return word.length > 0;
}

static bool read_position(struct positions *positions, struct text line) {
    struct text topic = text_until(&line, ' '), partition = text_until(&line, ' ');
    struct text next = text_until(&line, ' ');
    char name[KAFKA_TOPIC_MAX];
    int64_t number, offset;
    struct digest digest = { { 0 } };
    bool has_digest = !text_is(line, "-");
    if (topic.length == 0 || topic.length >= sizeof(name) || !read_number(partition, INT32_MAX, &number)
        || !read_number(next, INT64_MAX - 1, &offset) || (has_digest && !digest_from_hex(line, &digest))
        || positions->count == POSITIONS_MAX) {
        return false;
    }
    snprintf(name, sizeof(name), TEXT_FORMAT, TEXT_ARGS(topic));
    size_t place = positions_place(positions, name, (int32_t)number); /* which may move the list */
    struct position *position = &positions->list[place];
    position->next = offset;
    position->digest = digest;
    position->has_digest = has_digest;
    return true;
}

bool positions_read(struct positions *positions, struct text text) {
    struct text head = text_until(&text, '\n'), name = text_until(&head, ' '),
                version = text_until(&head, ' ');
    bool good = text_is(name, HEAD) && text_is(version, VERSION) && head.length > 0
                && head.length < sizeof(positions->cluster);
    if (good) {
        snprintf(positions->cluster, sizeof(positions->cluster), TEXT_FORMAT, TEXT_ARGS(head));
    }
    while (good && text.at && text.length > 0) {
        good = read_position(positions, text_until(&text, '\n'));
    }
    if (!good) {
        positions_release(positions);
    }
    return good;
}

void positions_print(const struct positions *positions, struct buf *out) {
    buf_printf(out, "%s %s %s\n", HEAD, VERSION, positions->cluster);
    for (size_t i = 0; i < positions->count; i++) {
        const struct position *position = &positions->list[i];
        char hex[DIGEST_HEX_MAX];
        if (position->next != OFFSET_NONE) {
            buf_printf(out, "%s %" PRId32 " %" PRId64 " %s\n", position->topic, position->partition,
                       position->next, position->has_digest ? digest_hex(&position->digest, hex) : "-");
        }
    }
}
