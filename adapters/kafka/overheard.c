/*
 * overheard.c - the list is made anew by each edition, in the order of names; what was known of a topic that
 * stays is kept until the brokers say otherwise.
 */
#include "adapters/kafka/overheard.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "adapters/kafka/counters.h"
#include "adapters/kafka/topic_readers.h"

#define LOOK_MS       300000
#define LOOK_AGAIN_MS 2000
#define UNTOLD_LOOKS  3
#define OF_A_PARTY    4 /* topics: deliveries, receipts, and the dead letters of both */

struct topic_row {
    const char *name;              /* in the list's arena */
    const char *party, *principal; /* of the edition */
    bool dead_letters;
    bool wanted; /* one was not sent, since nobody has judged their topic */
    enum readers readers;
    char *words; /* NULL: none */
};

struct overheard {
    struct overheard_options options;
    struct arena *arena;
    struct topic_row *list;
    size_t count, awaited, alone; /* so many of them are: awaited, dead letters left out */
    uint64_t editions, asked;     /* that came; the one by which the cluster was asked */
    int silent;                   /* looks in a row at which brokers told of a topic, but not who may read */
    struct loop_timer *look;
    bool looking, stopping;
    bool untold; /* it was logged that the cluster does not tell */
};

/* --- which topics --------------------------------------------------------------------------------------- */

static void add(struct overheard *overheard, const struct party *party, const char *topic, bool is_dlq) {
    overheard->list[overheard->count++] =
        (struct topic_row){ .name = arena_printf(overheard->arena, "%s%s", topic, is_dlq ? KAFKA_DLQ : ""),
                            .party = party->code,
                            .principal = stanza_text(party_stanza(party, "kafka"), "principal"),
                            .dead_letters = is_dlq };
}

static void add_both(struct overheard *overheard, const struct party *party, const char *topic) {
    if (*topic) {
        add(overheard, party, topic, false);
    }
    if (*topic && strlen(topic) + strlen(KAFKA_DLQ) < KAFKA_TOPIC_MAX) {
        add(overheard, party, topic, true);
    }
}

static int by_name(const void *left, const void *right) {
    return strcmp(((const struct topic_row *)left)->name, ((const struct topic_row *)right)->name);
}

/* The first of this name, for two parties may have one topic; NULL: none. */
static struct topic_row *find(const struct overheard *overheard, const char *topic) {
    struct topic_row wanted = { .name = topic };
    struct topic_row *found = bsearch(&wanted, overheard->list, overheard->count, sizeof(*found), by_name);
    while (found && found > overheard->list && by_name(found - 1, &wanted) == 0) {
        found--;
    }
    return found;
}

static bool is_named(const struct overheard *overheard, const struct topic_row *row, const char *topic) {
    return row < overheard->list + overheard->count && strcmp(row->name, topic) == 0;
}

static void count_all(struct overheard *overheard) {
    int64_t others = 0;
    overheard->awaited = overheard->alone = 0;
    for (size_t i = 0; i < overheard->count; i++) {
        const struct topic_row *row = &overheard->list[i];
        others += row->readers == READERS_OTHERS;
        overheard->alone += row->readers == READERS_ALONE;
        overheard->awaited += row->readers == READERS_AWAITED && !row->dead_letters;
    }
    room_counter_set(&kafka_counters[KAFKA_COUNT_OVERHEARD], others);
}

static void look_soon(struct overheard *overheard, int ms) {
    if (overheard->count && !overheard->stopping) {
        loop_timer_start(overheard->look, ms);
    }
}

/* Of a row that goes: what was known of its topic, where the same party's has it by the same principal. */
static void hand_on(struct overheard *overheard, struct topic_row *before) {
    struct topic_row *row = find(overheard, before->name);
    while (row && is_named(overheard, row, before->name)
           && (strcmp(row->principal, before->principal) != 0 || strcmp(row->party, before->party) != 0)) {
        row++;
    }
    if (row && is_named(overheard, row, before->name) && row->readers == READERS_AWAITED) {
        row->readers = before->readers;
        row->words = before->words;
    } else {
        free(before->words);
    }
}

static void take_edition(struct overheard *overheard, const struct edition *edition) {
    struct topic_row *before = overheard->list;
    struct arena *arena = overheard->arena;
    size_t count = overheard->count;
    overheard->arena = arena_new();
    overheard->list = memory_array(OF_A_PARTY * edition->parties->count + 1, sizeof(*overheard->list));
    overheard->count = 0;
    overheard->editions++;
    for (size_t i = 0; i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        add_both(overheard, party, strcmp(party->transport, "kafka") == 0 ? party->address : "");
        add_both(overheard, party, stanza_text(party_stanza(party, "kafka"), "receipts"));
    }
    qsort(overheard->list, overheard->count, sizeof(*overheard->list), by_name);
    for (size_t i = 0; i < count; i++) {
        hand_on(overheard, &before[i]);
    }
    free(before);
    if (arena) {
        arena_free(arena);
    }
    count_all(overheard);
    look_soon(overheard, 0);
}

/* --- who may read them ---------------------------------------------------------------------------------- */

static void judge(struct overheard *overheard, struct topic_row *row, enum readers readers,
                  const char *words) {
    bool changed = row->readers != readers;
    row->wanted = false;
    if (changed && readers == READERS_OTHERS) {
        log_event(LOG_ERROR, EVENT_KAFKA_OVERHEARD, LOG_STRING("topic", row->name),
                  LOG_STRING("party", row->party), LOG_STRING("reader", words), LOG_END);
    }
    free(row->words);
    row->words = readers == READERS_ALONE ? NULL : memory_string(words);
    row->readers = readers;
    if (changed && !row->dead_letters) {
        const struct parties *parties = overheard->options.edition->parties;
        overheard->options.judged(overheard->options.context, parties_find(parties, text_of(row->party)));
    }
}

static void trust(struct overheard *overheard, struct topic_row *row, const char *words) {
    if (!overheard->untold) {
        overheard->untold = true;
        log_event(LOG_WARN, EVENT_KAFKA_READERS_NOT_TOLD, LOG_STRING("topic", row->name),
                  LOG_STRING("words", words), LOG_END);
    }
    judge(overheard, row, READERS_ALONE, "");
}

static bool is_known(const struct topic_row *row) {
    return row->readers == READERS_ALONE || row->readers == READERS_OTHERS;
}

/* True: it is to be asked for again soon. Where the brokers let nobody see the topic, what is sent is theirs
 * to refuse. */
static bool take_survey(struct overheard *overheard, struct topic_row *row, const struct survey *survey) {
    if (survey->status == STATUS_NOT_FOUND) {
        judge(overheard, row, READERS_NOT_JUDGED, survey->words);
        return !row->dead_letters; /* not everybody wants them */
    }
    if (survey->status == STATUS_UNAVAILABLE) {
        if (!is_known(row) && overheard->silent >= UNTOLD_LOOKS) {
            trust(overheard, row, survey->words);
        } else if (!is_known(row)) {
            judge(overheard, row, READERS_NOT_JUDGED,
                  *survey->words ? survey->words : status_sentence(survey->status, LANGUAGE_EN));
        }
        return true;
    }
    if (survey->status != STATUS_OK) {
        if (row->readers != READERS_OTHERS) {
            judge(overheard, row, READERS_ALONE, "");
        }
    } else if (survey->holders == HOLDERS_OTHERS) {
        judge(overheard, row, READERS_OTHERS, survey->words);
    } else if (survey->holders == HOLDERS_UNTOLD) {
        trust(overheard, row, survey->words);
    } else {
        judge(overheard, row, READERS_ALONE, "");
    }
    return row->readers == READERS_OTHERS;
}

/* Did the brokers tell of a topic, but did not answer who may read it? */
static bool were_silent(const struct topic_readers *readers) {
    bool silent = false;
    for (size_t i = 0; i < readers->count; i++) {
        silent |= readers->surveys[i].status == STATUS_UNAVAILABLE && readers->surveys[i].count > 0;
    }
    return silent;
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
    overheard->silent = were_silent(readers) ? overheard->silent + 1 : 0;
    for (size_t i = 0; i < readers->count; i++) {
        again |= take_survey(overheard, &overheard->list[i], &readers->surveys[i]);
    }
    count_all(overheard);
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

enum readers overheard_by(struct overheard *overheard, const char *topic, const char **words) {
    require(overheard->alone <= overheard->count);
    *words = "";
    if (overheard->alone == overheard->count) {
        return READERS_ALONE;
    }
    for (struct topic_row *row = find(overheard, topic); row && is_named(overheard, row, topic); row++) {
        if (row->readers != READERS_ALONE) {
            *words = row->words ? row->words : "";
            if (row->dead_letters && !row->wanted) { /* made since, perhaps: for the next letter */
                row->wanted = true;
                look_soon(overheard, LOOK_AGAIN_MS);
            }
            return row->readers;
        }
    }
    return READERS_ALONE;
}

bool overheard_is_awaited(const struct overheard *overheard, const struct party *party) {
    bool awaited = false;
    for (size_t i = 0; overheard->awaited && i < overheard->count; i++) {
        const struct topic_row *row = &overheard->list[i];
        awaited |=
            row->readers == READERS_AWAITED && !row->dead_letters && strcmp(row->party, party->code) == 0;
    }
    return awaited;
}

static void list_those(const struct overheard *overheard, const char *member, enum readers readers,
                       const char *words, struct json_out *out) {
    json_open_array(out, member);
    for (size_t i = 0; i < overheard->count; i++) {
        const struct topic_row *row = &overheard->list[i];
        bool unwanted = row->dead_letters && readers != READERS_OTHERS; /* nobody need make such a topic */
        if (row->readers == readers && !unwanted) {
            json_open_object(out, NULL);
            json_put_string(out, "topic", row->name);
            json_put_string(out, "party", row->party);
            json_put_string(out, words, row->words);
            json_close_object(out);
        }
    }
    json_close_array(out);
}

void overheard_diagnose(const struct overheard *overheard, struct diagnosis *out) {
    for (size_t i = 0; overheard && i < overheard->count; i++) {
        const struct topic_row *topic = &overheard->list[i];
        if (topic->readers == READERS_OTHERS) {
            struct diagnosis_row *row = diagnosis_add(out, CHECK_LINE, topic->name, DIAGNOSIS_FAILED);
            diagnosis_say(out, row, "%s 的主题其他主体也可读取，不向其投递：%s",
                          "the topic of %s may be read by others, so nothing is sent there: %s", topic->party,
                          topic->words ? topic->words : "");
            diagnosis_advise(row, "收回他人的读取权限 ACL",
                             "take the right to read it from the others (ACL)");
        }
    }
}

void overheard_health(const struct overheard *overheard, struct json_out *out) {
    list_those(overheard, "topics_overheard", READERS_OTHERS, "reader", out);
    list_those(overheard, "topics_not_judged", READERS_NOT_JUDGED, "words", out);
}

/* --- life ----------------------------------------------------------------------------------------------- */

struct overheard *overheard_start(const struct overheard_options *options) {
    require(options->judged);
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

void overheard_drain(struct overheard *overheard) {
    if (overheard) {
        overheard->stopping = true;
    }
}

void overheard_stop(struct overheard *overheard) {
    if (overheard) {
        loop_timer_free(overheard->look);
        edition_release(overheard->options.edition);
        for (size_t i = 0; i < overheard->count; i++) {
            free(overheard->list[i].words);
        }
        free(overheard->list);
        arena_free(overheard->arena);
        free(overheard);
    }
}
