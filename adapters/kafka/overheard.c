/*
 * overheard.c - the list is made anew by each edition; what was known of a topic that stays is kept until the
 * brokers say otherwise.
 */
#include "adapters/kafka/overheard.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "adapters/kafka/counters.h"
#include "adapters/kafka/topic_readers.h"

#define LOOK_MS       300000
#define LOOK_AGAIN_MS 5000

struct topic_row {
    const char *name, *party, *principal; /* of the edition */
    char *reader;                         /* who else may read it; NULL: nobody is known to */
};

struct overheard {
    struct overheard_options options;
    struct topic_row *list;
    size_t count, overheard;  /* so many of them are */
    uint64_t editions, asked; /* that came; the one by which the cluster was asked */
    struct loop_timer *look;
    bool looking, stopping;
    bool untold; /* it was logged that the cluster does not tell */
};

/* --- which topics --------------------------------------------------------------------------------------- */

static void add(struct overheard *overheard, const struct party *party, const char *topic) {
    if (*topic) {
        overheard->list[overheard->count++] =
            (struct topic_row){ .name = topic,
                                .party = party->code,
                                .principal = stanza_text(party_stanza(party, "kafka"), "principal") };
    }
}

static struct topic_row *find(const struct overheard *overheard, const char *topic) {
    for (size_t i = 0; i < overheard->count; i++) {
        if (strcmp(overheard->list[i].name, topic) == 0) {
            return &overheard->list[i];
        }
    }
    return NULL;
}

static void count_overheard(struct overheard *overheard) {
    overheard->overheard = 0;
    for (size_t i = 0; i < overheard->count; i++) {
        overheard->overheard += overheard->list[i].reader != NULL;
    }
    room_counter_set(&kafka_counters[KAFKA_COUNT_OVERHEARD], (int64_t)overheard->overheard);
}

static void look_soon(struct overheard *overheard, int ms) {
    if (overheard->count && !overheard->stopping) {
        loop_timer_start(overheard->look, ms);
    }
}

/* Of a row that goes: what was known of its topic, where another has it by the same principal. */
static void hand_on(struct overheard *overheard, struct topic_row *before) {
    struct topic_row *row = before->reader ? find(overheard, before->name) : NULL;
    if (row && strcmp(row->principal, before->principal) == 0) {
        row->reader = before->reader;
    } else {
        free(before->reader);
    }
}

static void take_edition(struct overheard *overheard, const struct edition *edition) {
    struct topic_row *before = overheard->list;
    size_t count = overheard->count;
    overheard->list = memory_array(2 * edition->parties->count + 1, sizeof(*overheard->list));
    overheard->count = 0;
    overheard->editions++;
    for (size_t i = 0; i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        add(overheard, party, strcmp(party->transport, "kafka") == 0 ? party->address : "");
        add(overheard, party, stanza_text(party_stanza(party, "kafka"), "receipts"));
    }
    for (size_t i = 0; i < count; i++) {
        hand_on(overheard, &before[i]);
    }
    free(before);
    count_overheard(overheard);
    look_soon(overheard, 0);
}

/* --- who may read them ---------------------------------------------------------------------------------- */

/* True: it is to be asked for again soon. What was known counts while it cannot be asked. */
static bool take_survey(struct overheard *overheard, struct topic_row *row, const struct survey *survey) {
    if (survey->status != STATUS_OK) {
        return survey->status == STATUS_UNAVAILABLE || row->reader;
    }
    bool others = survey->holders == HOLDERS_OTHERS;
    if (others && !row->reader) {
        log_event(LOG_ERROR, EVENT_KAFKA_OVERHEARD, LOG_STRING("topic", row->name),
                  LOG_STRING("party", row->party), LOG_STRING("reader", survey->words), LOG_END);
    }
    free(row->reader);
    row->reader = others ? memory_string(survey->words) : NULL;
    if (survey->holders == HOLDERS_UNTOLD && !overheard->untold) {
        overheard->untold = true;
        log_event(LOG_WARN, EVENT_KAFKA_READERS_NOT_TOLD, LOG_STRING("topic", row->name),
                  LOG_STRING("words", survey->words), LOG_END);
    }
    return others;
}

static void looked(void *context, const struct topic_readers *readers, bool ran) {
    struct overheard *overheard = context;
    bool again = false;
    overheard->looking = false;
    if (!ran || overheard->stopping) {
        return;
    }
    if (overheard->asked != overheard->editions) { /* another came meanwhile */
        look_soon(overheard, 0);
        return;
    }
    for (size_t i = 0; i < readers->count; i++) {
        again |= take_survey(overheard, &overheard->list[i], &readers->surveys[i]);
    }
    count_overheard(overheard);
    look_soon(overheard, again ? LOOK_AGAIN_MS : LOOK_MS);
}

static void look(void *context) {
    struct overheard *overheard = context;
    if (overheard->looking) { /* by the edition before: when that is answered */
        return;
    }
    struct arena *arena = arena_new();
    struct topic_readers readers = {
        .arena = arena,
        .surveys = arena_alloc(arena, (overheard->count + 1) * sizeof(*readers.surveys)),
        .count = overheard->count,
        .brokers = overheard->options.brokers,
        .properties = overheard->options.properties,
        .errands = overheard->options.errands,
        .done = looked,
        .context = overheard,
    };
    for (size_t i = 0; i < overheard->count; i++) {
        readers.surveys[i] = (struct survey){ .topic = arena_string(arena, overheard->list[i].name),
                                              .principal = arena_string(arena, overheard->list[i].principal),
                                              .right = SURVEY_READ };
    }
    overheard->asked = overheard->editions;
    overheard->looking = topic_readers_ask(&readers);
    if (!overheard->looking) {
        look_soon(overheard, LOOK_AGAIN_MS);
    }
}

const char *overheard_by(const struct overheard *overheard, const char *topic) {
    const struct topic_row *row = overheard->overheard ? find(overheard, topic) : NULL;
    return row ? row->reader : NULL;
}

void overheard_health(const struct overheard *overheard, struct json_out *out) {
    json_open_array(out, "topics_overheard");
    for (size_t i = 0; i < overheard->count; i++) {
        const struct topic_row *row = &overheard->list[i];
        if (row->reader) {
            json_open_object(out, NULL);
            json_put_string(out, "topic", row->name);
            json_put_string(out, "party", row->party);
            json_put_string(out, "reader", row->reader);
            json_close_object(out);
        }
    }
    json_close_array(out);
}

/* --- life ----------------------------------------------------------------------------------------------- */

struct overheard *overheard_start(const struct overheard_options *options) {
    struct overheard *overheard = memory_new(sizeof(*overheard));
    overheard->options = *options;
    edition_take(options->edition);
    overheard->look = loop_timer_new(options->loop, look, overheard);
    take_edition(overheard, options->edition);
    return overheard;
}

void overheard_reload(struct overheard *overheard, const struct edition *edition) {
    const struct edition *before = overheard->options.edition;
    overheard->options.edition = edition_take(edition);
    take_edition(overheard, edition); /* reads what it knows by names of the one before */
    edition_release(before);
}

void overheard_renew(struct overheard *overheard, const struct kafka_properties *properties) {
    overheard->options.properties = properties;
    look_soon(overheard, 0);
}

void overheard_stop(struct overheard *overheard) {
    if (overheard) {
        overheard->stopping = true;
        loop_timer_free(overheard->look);
        edition_release(overheard->options.edition);
        for (size_t i = 0; i < overheard->count; i++) {
            free(overheard->list[i].reader);
        }
        free(overheard->list);
        free(overheard);
    }
}
