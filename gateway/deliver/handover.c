/*
 * handover.c - a list between two threads, which one fills and the other takes as a whole.
 */
#include "deliver/handover.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

#define BYTES_MAX ((size_t)8 << 20)

void handover_init(struct handover *handover) {
    *handover = (struct handover){ .last = NULL };
    pthread_mutex_init(&handover->lock, NULL);
    handover->last = &handover->first;
}

void handover_release(struct handover *handover) {
    bool missed;
    for (struct handed *handed = handover_take(handover, &missed), *next; handed; handed = next) {
        next = handed->next;
        recipient_list_free(handed->recipients);
        handed_free(handed);
    }
    pthread_mutex_destroy(&handover->lock);
}

static struct handed *handed_new(const struct engine_decided *decided) {
    struct handed *handed = memory_new(sizeof(*handed));
    handed->recipients = recipient_list_new(decided->number, decided->decision);
    handed->payloads[0] = decided->message ? payload_hold(decided->message) : NULL;
    handed->payloads[1] = decided->answer ? payload_hold(decided->answer) : NULL;
    return handed;
}

void handed_free(struct handed *handed) {
    payload_give_back(handed->payloads[0]);
    payload_give_back(handed->payloads[1]);
    free(handed);
}

static size_t bytes_of(const struct handed *handed) {
    size_t bytes = handed->recipients->size;
    for (size_t i = 0; i < 2; i++) {
        bytes += handed->payloads[i] ? handed->payloads[i]->data.length : 0;
    }
    return bytes;
}

void handover_add(struct handover *handover, const struct engine_decided *decided) {
    require(decided);
    if (!decided->decision->destinations_count) {
        return;
    }
    struct handed *handed = handed_new(decided);
    size_t bytes = bytes_of(handed);
    pthread_mutex_lock(&handover->lock);
    bool fits = handover->count < HANDOVER_MAX && handover->bytes + bytes <= BYTES_MAX;
    if (fits) {
        *handover->last = handed;
        handover->last = &handed->next;
        handover->count++;
        handover->bytes += bytes;
    }
    handover->missed = handover->missed || !fits;
    pthread_mutex_unlock(&handover->lock);
    if (!fits) {
        recipient_list_free(handed->recipients);
        handed_free(handed);
    }
}

struct handed *handover_take(struct handover *handover, bool *missed) {
    pthread_mutex_lock(&handover->lock);
    require((handover->first != NULL) == (handover->count > 0));
    struct handed *first = handover->first;
    *missed = handover->missed;
    handover->first = NULL;
    handover->last = &handover->first;
    handover->count = handover->bytes = 0;
    handover->missed = false;
    pthread_mutex_unlock(&handover->lock);
    return first;
}
