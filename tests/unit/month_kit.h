/*
 * month_kit.h - for tests: a simulated month checked, decided and applied in this thread, without
 * journal or network, as intake and engine would: judged as of the moment it was sent, each id once.
 * In the order of time; or with everything but submissions shuffled; or with everything told twice.
 */
#ifndef TESTS_MONTH_KIT_H
#define TESTS_MONTH_KIT_H

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "check/check.h"
#include "check/xsd.h"
#include "edition/edition.h"
#include "engine/apply.h"
#include "engine/engine.h"
#include "replay/simulate/simulate.h"
#include "tests/unit/transports_kit.h"

enum month_order { MONTH_IN_TIME, MONTH_SHUFFLED, MONTH_TWICE };

#define MONTH_BATCH 1000 /* messages in one transaction: in a long log SQLite looks long for each page */

struct month {
    struct edition *edition;
    struct judge *judge;
    struct checker *checker;
    struct state *state;
    struct arena *arena, *scratch;
    uint64_t number;
    unsigned accepted, refused, repeated, surprises; /* of the check; surprises: not as it was meant */
    unsigned declined;                               /* by the engine */
    void (*looked)(struct month *month,
                   void *context); /* behind each message that passed; NULL: nobody looks */
    void *look_context;
    void (*recorded)(struct month *month, const struct record *rec); /* such a message; NULL: nobody asks */
};

struct month_message {
    char party[16];
    stamp at;
    bool is_broken, is_submission;
    struct text bytes;
};

static inline struct month *month_open(const char *directory, unsigned ports) {
    struct month *month = memory_new(sizeof(*month));
    struct verdict mistakes;
    struct buf parties;
    char path[256];
    month->arena = arena_new();
    month->scratch = arena_new();
    buf_init(&parties, 1 << 20);
    simulate_parties(ports, &parties);
    snprintf(path, sizeof(path), "%s/parties.yaml", directory);
    FILE *file = fopen(path, "w");
    require(file && fwrite(parties.at, 1, parties.length, file) == parties.length && fclose(file) == 0);
    buf_release(&parties);
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas",
                                       .parties = path,
                                       .transports = kit_transports };
    verdict_init(&mistakes, month->arena);
    xsd_start();
    require(edition_load(&options, &month->edition, &mistakes) == STATUS_OK && mistakes.errors == 0);
    month->judge = judge_new(month->edition, &mistakes);
    month->checker = checker_new(month->judge);
    require(state_open(directory, STORE_WRITE, &month->state) == STATUS_OK);
    require(state_begin(month->state) == STATUS_OK);
    return month;
}

static inline void month_commit(struct month *month) {
    require(state_commit(month->state, month->number) == STATUS_OK);
}

static inline void month_close(struct month *month) {
    month_commit(month);
    state_close(month->state);
    checker_free(month->checker);
    judge_release(month->judge);
    edition_release(month->edition);
    arena_free(month->scratch);
    arena_free(month->arena);
    free(month);
}

static inline void month_decide(struct month *month, struct record *rec, const struct metadata *metadata) {
    struct decision decision;
    struct content content = { .is_cause = true, .metadata = *metadata };
    require(apply_record(month->state, rec, &content) == STATUS_OK);
    require(engine_decide(month->edition, month->state, NULL, rec, month->scratch, &decision) == STATUS_OK);
    month->declined += decision_refused(&decision);
    apply_moves(month->state, &decision);
    struct message_row row = message_row_of(rec, metadata);
    apply_recorded(month->state, &decision, RECORD_MESSAGE, ++month->number, rec->stamp, &row);
    require(state_status(month->state) == STATUS_OK);
}

/* What was seen before is answered by its first receipt: nothing is decided again. */
static inline bool month_has_seen(struct month *month, const struct metadata *metadata) {
    struct store_query *query = store_query(
        state_store(month->state),
        "SELECT 1 FROM messages WHERE party = ? AND own_id = ? AND family = ? AND outcome = 'accepted'");
    store_bind_string(query, 1, metadata->env.party);
    store_bind_string(query, 2, metadata->id);
    store_bind_string(query, 3, metadata->family);
    return state_exists(month->state, query);
}

/* received: what the gateway's clock says. */
static inline void month_take(struct month *month, const struct month_message *message, stamp received) {
    struct judgement judgement;
    struct buf meta, fields;
    arena_reset(month->scratch);
    struct metadata metadata = { .env = { .party = message->party,
                                          .channel = "http",
                                          .received = received,
                                          .format = "",
                                          .file = "",
                                          .origin = "",
                                          .trace = "",
                                          .outer = "",
                                          .digest = digest_of(message->bytes.at, message->bytes.length),
                                          .size = message->bytes.length } };
    check_message(month->checker, &metadata.env,
                  parties_find(month->edition->parties, text_of(message->party)), message->bytes,
                  month->scratch, &judgement);
    bool passes = verdict_passes(&judgement.verdict);
    if (passes == message->is_broken) {
        month->surprises++;
        fprintf(stderr, "%s %s: %.*s\n", message->party,
                passes ? "accepted" : judgement.verdict.findings[0].en, (int)message->bytes.length,
                message->bytes.at);
    }
    month->refused += !passes;
    if (!passes) {
        return;
    }
    metadata.family = judgement.format->family;
    metadata.format = judgement.format->name;
    metadata.id = judgement.id;
    metadata.edition = month->edition->digest;
    if (month_has_seen(month, &metadata)) {
        month->repeated++;
        return;
    }
    if (++month->accepted % MONTH_BATCH == 0) {
        month_commit(month);
        require(state_begin(month->state) == STATUS_OK);
    }
    buf_init(&meta, 1 << 20);
    buf_init(&fields, 1 << 20);
    metadata_write(&metadata, &meta);
    document_pack(judgement.doc, &fields);
    struct record rec = { .kind = RECORD_MESSAGE,
                          .number = ++month->number,
                          .stamp = received,
                          .meta = buf_text(&meta),
                          .fields = buf_text(&fields),
                          .data = message->bytes };
    month_decide(month, &rec, &metadata);
    if (month->recorded) {
        month->recorded(month, &rec);
    }
    buf_release(&meta);
    buf_release(&fields);
    if (month->looked) {
        month->looked(month, month->look_context);
    }
}

static inline void month_shuffle(struct month_message *messages, size_t count, uint64_t seed) {
    for (size_t i = count; i > 1; i--) {
        uint64_t z = seed += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        size_t other = (size_t)((z ^ (z >> 31)) % i);
        struct month_message kept = messages[i - 1];
        messages[i - 1] = messages[other];
        messages[other] = kept;
    }
}

static inline struct month_message month_message_of(const struct simulated *told) {
    struct month_message message = { .at = told->at,
                                     .is_broken = told->is_broken,
                                     .is_submission = told->party[0] == 'F' || told->consignment == 0,
                                     .bytes = told->bytes };
    snprintf(message.party, sizeof(message.party), "%s", told->party);
    return message;
}

/* Submissions first, in their order; what the port and customs told of them in any, and all of it late. */
static inline void month_feed_shuffled(struct month *month, struct simulation *simulation, uint64_t seed) {
    struct month_message *others = memory_array(simulate_count(simulation), sizeof(*others));
    struct simulated told;
    size_t count = 0;
    stamp last = 0;
    while (simulate_next(simulation, &told)) {
        struct month_message message = month_message_of(&told);
        last = message.at;
        if (message.is_submission) {
            month_take(month, &message, message.at);
        } else {
            message.bytes.at = arena_copy(month->arena, message.bytes);
            others[count++] = message;
        }
    }
    month_shuffle(others, count, seed);
    for (size_t i = 0; i < count; i++) {
        month_take(month, &others[i], last);
    }
    free(others);
}

static inline void month_feed(struct month *month, const struct simulate_options *options,
                              enum month_order order) {
    struct simulation *simulation = simulate_new(options);
    struct simulated told;
    if (order == MONTH_SHUFFLED) {
        month_feed_shuffled(month, simulation, options->seed);
    }
    while (simulate_next(simulation, &told)) { /* of a shuffled month there are no more */
        struct month_message message = month_message_of(&told);
        for (int times = order == MONTH_TWICE ? 2 : 1; times > 0; times--) {
            month_take(month, &message, message.at);
        }
    }
    simulate_free(simulation);
}

#endif
