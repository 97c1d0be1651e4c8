/*
 * recipients.c - the destinations of the decisions asked about last, each in one piece of memory, in a ring
 * of places, one for each of the last records by its number. Few of them are decisions: a message has one,
 * and a delivery for each destination behind it.
 */
#include "engine/recipients.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define PLACES  16384
#define ALL_MAX ((size_t)4 << 20)

struct recipients {
    struct reader *reader;
    struct arena *scratch;
    struct recipient_list *places[PLACES];
    size_t bytes;
};

struct recipients *recipients_new(struct reader *reader) {
    struct recipients *recipients = memory_new(sizeof(*recipients));
    recipients->reader = reader;
    recipients->scratch = arena_new();
    return recipients;
}

static void vacate(struct recipients *recipients, size_t place) {
    struct recipient_list *list = recipients->places[place];
    recipients->bytes -= list ? list->size : 0;
    recipients->places[place] = NULL;
    recipient_list_free(list);
}

void recipients_free(struct recipients *recipients) {
    if (recipients) {
        for (size_t i = 0; i < PLACES; i++) {
            vacate(recipients, i);
        }
        arena_free(recipients->scratch);
        free(recipients);
    }
}

static size_t size_of(const struct decision *decision) {
    size_t size = sizeof(struct recipient_list) + strlen(decision->subject) + 1;
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        size += sizeof(*destination) + strlen(destination->party) + strlen(destination->route)
                + strlen(destination->way) + strlen(destination->file) + 4;
    }
    return size;
}

/* Copies a string to `*at` and moves on behind it. */
static const char *put_string(char **at, const char *string) {
    size_t size = strlen(string) + 1;
    const char *copy = memcpy(*at, string, size);
    *at += size;
    return copy;
}

struct recipient_list *recipient_list_new(uint64_t number, const struct decision *decision) {
    require(number > 0);
    size_t size = size_of(decision), count = decision->destinations_count;
    struct recipient_list *list = memory_grow(NULL, 1, size);
    struct destination *destinations = (struct destination *)(list + 1);
    char *at = (char *)(destinations + count);
    *list = (struct recipient_list){ .number = number, .size = size };
    list->decision = (struct decision){ .subject = put_string(&at, decision->subject),
                                        .destinations = destinations,
                                        .destinations_count = count };
    for (size_t i = 0; i < count; i++) {
        destinations[i] = decision->destinations[i];
        destinations[i].party = put_string(&at, decision->destinations[i].party);
        destinations[i].route = put_string(&at, decision->destinations[i].route);
        destinations[i].way = put_string(&at, decision->destinations[i].way);
        destinations[i].file = put_string(&at, decision->destinations[i].file);
    }
    return list;
}

void recipient_list_free(struct recipient_list *list) {
    free(list);
}

/* A number beyond the last record, and a record of another kind, are the row's mistake; all else is the
   journal's. */
static enum status read_decision(struct recipients *recipients, uint64_t number,
                                 struct recipient_list **out) {
    struct record rec;
    struct decision decision;
    enum status status = number ? reader_pick(recipients->reader, number, &rec) : STATUS_NOT_FOUND;
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
    }
    if (rec.kind != RECORD_DECISION) {
        return STATUS_CONFLICT;
    }
    arena_reset(recipients->scratch);
    if (!decision_read(rec.meta, recipients->scratch, &decision)) {
        return STATUS_DAMAGED;
    }
    *out = recipient_list_new(number, &decision);
    return STATUS_OK;
}

void recipients_remember(struct recipients *recipients, struct recipient_list *list) {
    require(list->number > 0 && list->size >= sizeof(*list));
    size_t place = list->number % PLACES;
    vacate(recipients, place);
    for (size_t i = 1; recipients->bytes + list->size > ALL_MAX && i < PLACES; i++) { /* the oldest first */
        vacate(recipients, (place + i) % PLACES);
    }
    recipients->places[place] = list;
    recipients->bytes += list->size;
}

static enum status look_up(struct recipients *recipients, uint64_t number,
                           const struct recipient_list **out) {
    struct recipient_list *list = recipients->places[number % PLACES];
    if (!list || list->number != number) {
        enum status status = read_decision(recipients, number, &list);
        if (status != STATUS_OK) {
            return status;
        }
        recipients_remember(recipients, list);
    }
    *out = list;
    return STATUS_OK;
}

static bool agrees(const char *row, const char *decided) {
    return !row || strcmp(row, decided) == 0;
}

enum status recipients_confirm(struct recipients *recipients, const struct recipient *row) {
    const struct recipient_list *list;
    enum status status = look_up(recipients, row->decision, &list);
    if (status != STATUS_OK) {
        return status;
    }
    const struct destination *destination =
        decision_destination(&list->decision, row->decision, row->party, row->record);
    bool same = destination && agrees(row->route, destination->route) && agrees(row->way, destination->way)
                && agrees(row->file, destination->file) && agrees(row->subject, list->decision.subject);
    return same ? STATUS_OK : STATUS_CONFLICT;
}
