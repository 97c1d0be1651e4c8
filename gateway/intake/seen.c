/*
 * seen.c - what is known of ids: rules over places to look, the sequencer's half, and the writer's.
 *
 * Three kinds of things are remembered, each under a key of its own, and each is only ever put in, so that
 * what a record says can be noted without asking what was there:
 *   by id                 the record accepted last under it, with the digest of its bytes
 *   by id and digest      the conflict of these bytes, and with which record; and the record that these bytes
 *                         had when the engine refused it, once other bytes took the id
 *   by record             that the engine refused it
 * A holder is the record that stands under the id and is not refused. So a refusal that names an older holder
 * frees nothing newer, and the conflicts with a record end with it, without anything being taken away.
 *
 * Two generations stand in memory: `newest` takes what is noted; when it is full it becomes `frozen`, which
 * the writer puts into the table in one transaction, and the other, emptied, takes its place. A question
 * looks into newest, other, table, in this order, so what is on its way to the table is never missed.
 *
 * A sighting is noted before its record is durable. So the writer waits for the durable mark to pass the
 * generation: a table that knew an id whose record a power cut took back would answer with a receipt for
 * nothing.
 *
 * Behind or ready. At a start, and whenever the table can no longer be relied on or followed, seen is
 * *behind*: it answers nothing and notes nothing. The writer then reads the journal from where the table
 * stands (from its beginning, if the table was damaged) to the mark, follows the journal from a certain
 * record on, reads the few records before that, and is ready. Between the two, newest takes what is placed.
 */
#include "intake/seen.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "message/decided.h"
#include "message/identifiers.h"
#include "journal/reader.h"
#include "intake/seen_table.h"

#define SLOTS (2 * SEEN_NEWEST_MAX)   /* open addressing: messages fill half of it, refusals go on ... */
#define NOTES_MAX (SLOTS - SLOTS / 4) /* ... up to here */
#define NOTES_OF_ONE 2                /* sightings that one message may leave, see note_message() */
#define PROVE_ROWS 1000               /* in one slice */
#define PROVE_FIRST_MS 2              /* between two slices, until the table was gone through once */
#define PAUSE_MS 1000                 /* between two slices later, and before what failed is tried again */
#define DURABLE_MS 100                /* how long a stop may go unnoticed */

struct generation {
    size_t count;
    uint64_t upto;                    /* the last record noted */
    struct sighting slots[SLOTS];     /* number 0: empty */
};

struct seen {
    struct journal *journal;
    char *path;
    struct generation *newest, *other;   /* the sequencer's; the writer's while the journal is not followed */
    struct seen_table *questions;     /* the same: read only; NULL: not open */
    _Atomic bool ready;
    _Atomic bool crowded;             /* the last message found no room */

    struct seen_table *table;         /* the writer's */
    struct reader *reader;            /* the writer's */
    struct seen_key proving;          /* the writer's: the next row to prove */

    pthread_t writer;
    pthread_mutex_t mutex;            /* guards what follows */
    pthread_cond_t changed;
    struct generation *frozen;        /* what the writer has to write: `other`; NULL: it rests */
    bool behind, distrusted, closing;
    bool tried;                       /* the first catching up is over, with ... */
    enum status first;
};

/* --- keys ----------------------------------------------------------------------------------------------- */

enum memory { BY_ID, CONFLICT, REFUSED_BYTES, REFUSED_RECORD };

/* A key is cut from SHA-256; two of them meeting by accident in 128 bits is not a case. */
static struct seen_key key_of_parts(enum memory memory, struct text *parts, size_t count) {
    char tag = (char)memory;
    parts[0] = (struct text){ &tag, 1 };
    struct digest hash = digest_of_parts(parts, count);
    struct seen_key key;
    memcpy(key.bytes, hash.bytes, sizeof(key.bytes));
    return key;
}

static struct text with_end(const char *string) {
    return (struct text){ string, strlen(string) + 1 };
}

static struct seen_key key_of_id(const struct seen_id *id) {
    struct text parts[] = { { 0 }, with_end(id->party), with_end(id->family), with_end(id->id) };
    return key_of_parts(BY_ID, parts, 4);
}

static struct seen_key key_of_bytes(enum memory memory, const struct seen_id *id,
                                    const struct digest *digest) {
    struct text parts[] = { { 0 }, with_end(id->party), with_end(id->family), with_end(id->id),
                            { (const char *)digest->bytes, DIGEST_SIZE } };
    return key_of_parts(memory, parts, 5);
}

static struct seen_key key_of_record(uint64_t number) {
    struct text parts[] = { { 0 }, { (const char *)&number, sizeof(number) } };
    return key_of_parts(REFUSED_RECORD, parts, 2);
}

/* --- generations ---------------------------------------------------------------------------------------- */

static void generation_clear(struct generation *generation) {
    memset(generation, 0, sizeof(*generation));
}

/* All of it is there from the start: memory does not tell how many messages have come. */
static struct generation *generation_new(void) {
    struct generation *generation = memory_new(sizeof(*generation));
    generation_clear(generation);                    /* touches its pages */
    return generation;
}

/* The slot that holds key, or the empty one where it belongs. */
static struct sighting *generation_slot(struct generation *generation, const struct seen_key *key) {
    uint64_t hash;
    memcpy(&hash, key->bytes, sizeof(hash));
    size_t i = hash % SLOTS;
    while (generation->slots[i].number && memcmp(&generation->slots[i].key, key, sizeof(*key)) != 0) {
        i = (i + 1) % SLOTS;
    }
    return &generation->slots[i];
}

static void generation_put(struct generation *generation, const struct sighting *sighting) {
    struct sighting *slot = generation_slot(generation, &sighting->key);
    generation->count += slot->number == 0;
    *slot = *sighting;
}

/* --- the rules, over any places to look ----------------------------------------------------------------- */

struct places { struct generation *newest, *older; struct seen_table *table; };

/* NOT_FOUND, or why the table cannot tell. */
static enum status look_up(const struct places *places, struct seen_key key, struct sighting *out) {
    struct generation *const generations[] = { places->newest, places->older };
    for (size_t i = 0; i < 2; i++) {
        const struct sighting *slot = generations[i] ? generation_slot(generations[i], &key) : NULL;
        if (slot && slot->number) {
            *out = *slot;
            return STATUS_OK;
        }
    }
    return seen_table_find(places->table, &key, out);
}

/* What stands under the id, and whether it is still held. NOT_FOUND: nothing does. */
static enum status find_holder(const struct places *places, const struct seen_id *id, struct sighting *holder,
                               bool *refused) {
    struct sighting refusal;
    enum status status = look_up(places, key_of_id(id), holder);
    if (status != STATUS_OK) {
        return status;
    }
    status = look_up(places, key_of_record(holder->number), &refusal);
    *refused = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Other bytes than those under the id. */
static enum status ask_of_bytes(const struct places *places, const struct seen_id *id,
                                const struct sighting *holder, bool refused, enum seen_answer *answer,
                                uint64_t *number) {
    struct sighting found;
    enum status status = look_up(places, key_of_bytes(REFUSED_BYTES, id, &id->digest), &found);
    if (status == STATUS_OK && !id->again) {
        *answer = SEEN_SAME;                         /* as when they came, whoever holds the id now */
        *number = found.number;
        return STATUS_OK;
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        return status;
    }
    *answer = SEEN_NEW;
    if (refused) {
        return STATUS_OK;
    }
    status = look_up(places, key_of_bytes(CONFLICT, id, &id->digest), &found);
    bool known = status == STATUS_OK && found.against == holder->number;
    *answer = known ? SEEN_CONFLICT_KNOWN : SEEN_OTHER;
    *number = known ? found.number : holder->number;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status ask(const struct places *places, const struct seen_id *id, enum seen_answer *answer,
                       uint64_t *number) {
    struct sighting holder;
    bool refused;
    enum status status = find_holder(places, id, &holder, &refused);
    *answer = SEEN_NEW;
    *number = 0;
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    if (!digest_equal(&holder.digest, &id->digest)) {
        return ask_of_bytes(places, id, &holder, refused, answer, number);
    }
    if (!refused || !id->again) {
        *answer = SEEN_SAME;
        *number = holder.number;
    }
    return STATUS_OK;
}

/* Into the newest of the places. */
static enum status note_message(const struct places *places, const struct seen_id *id, uint64_t number,
                                uint64_t conflicts) {
    struct sighting sighting = { .number = number, .against = conflicts, .digest = id->digest }, before;
    enum status status = STATUS_OK;
    if (conflicts) {
        sighting.key = key_of_bytes(CONFLICT, id, &id->digest);
    } else {
        sighting.key = key_of_id(id);
        status = look_up(places, sighting.key, &before);
        if (status == STATUS_OK && !digest_equal(&before.digest, &id->digest)) {   /* refused: this one is taken */
            before.key = key_of_bytes(REFUSED_BYTES, id, &before.digest);
            generation_put(places->newest, &before);
        }
    }
    if (status == STATUS_OK || status == STATUS_NOT_FOUND) {
        generation_put(places->newest, &sighting);
        places->newest->upto = number;
        status = STATUS_OK;
    }
    return status;
}

/* What any other record changes: only a decision that refuses does. */
static void note_decision(struct generation *newest, const struct record *rec) {
    struct decided decided;
    bool decision = rec->kind == RECORD_DECISION && decided_read(rec->meta, &decided);
    if (decision && decided.result == RESULT_REFUSED) {
        uint64_t refused = decided_about(&decided);
        struct sighting sighting = { .key = key_of_record(refused), .number = refused };
        generation_put(newest, &sighting);
        newest->upto = rec->number;
    }
}

struct seen_id seen_id_of(const struct facts *facts) {
    const struct envelope *env = &facts->env;
    return (struct seen_id){ env->party, facts->family, facts->id, env->digest, env->again };
}

/* Records of a time before ids had one form say them as they were written. */
static const char *id_of_today(const struct facts *facts, struct arena *arena) {
    return arena_copy(arena, identifier_canonical(IDENTIFIER_TOKEN, text_of(facts->id), arena));
}

bool seen_is_id(const struct seen_id *id, const struct facts *facts, struct arena *arena) {
    return strcmp(facts->env.party, id->party) == 0 && strcmp(facts->family, id->family) == 0
        && strcmp(id_of_today(facts, arena), id->id) == 0;
}

bool seen_is(const struct seen_id *id, const struct facts *facts, struct arena *arena) {
    return seen_is_id(id, facts, arena) && digest_equal(&facts->env.digest, &id->digest);
}

/* --- the sequencer's half ------------------------------------------------------------------------------- */

static void say_why_not(const char *what, enum status status) {
    log_event(LOG_WARN, "seen", what, LOG_STRING("why", status_sentence(status, LANGUAGE_EN)), LOG_END);
}

static struct places live_places(const struct seen *seen) {
    return (struct places){ seen->newest, seen->other, seen->questions };
}

/* From here on nothing that stands in memory is put into the table: something may be missing in it. */
static void fall_behind(struct seen *seen, bool distrust) {
    pthread_mutex_lock(&seen->mutex);
    atomic_store(&seen->ready, false);
    if (!seen->behind) {
        pthread_cond_broadcast(&seen->changed);
    }
    seen->behind = true;
    seen->distrusted |= distrust;
    pthread_mutex_unlock(&seen->mutex);
}

/* What was read cannot be relied on, or not be read at all: the journal has it better. */
static bool is_lost(enum status status) {
    return status == STATUS_DAMAGED || status == STATUS_IO;
}

void seen_distrust(struct seen *seen) {
    fall_behind(seen, true);
}

enum status seen_ready(const struct seen *seen) {
    return atomic_load(&seen->ready) && !atomic_load(&seen->crowded) ? STATUS_OK : STATUS_BUSY;
}

/* The full generation goes to the writer, unless that still has the one before. */
static bool freeze(struct seen *seen) {
    seen_table_let_go(seen->questions);              /* before there is something to write */
    pthread_mutex_lock(&seen->mutex);
    bool rests = !seen->frozen;
    if (rests) {
        struct generation *full = seen->newest;
        seen->newest = seen->other;
        seen->frozen = seen->other = full;
        generation_clear(seen->newest);
        pthread_cond_broadcast(&seen->changed);
    }
    pthread_mutex_unlock(&seen->mutex);
    return rests;
}

/* A writer that cannot keep up slows the senders of messages; decisions are noted all the same. */
static bool has_room(struct seen *seen) {
    bool room = seen->newest->count + NOTES_OF_ONE <= SEEN_NEWEST_MAX || freeze(seen);
    atomic_store(&seen->crowded, !room);
    return room;
}

/* While the writer rests nobody changes the table, and one snapshot serves all questions without asking
 * for locks each time. It is let go before the writer has work again: a snapshot that stands would keep
 * the write-ahead log growing. */
static enum status hold_snapshot(struct seen *seen) {
    pthread_mutex_lock(&seen->mutex);
    bool rests = !seen->frozen;
    pthread_mutex_unlock(&seen->mutex);
    return rests ? seen_table_hold(seen->questions) : STATUS_OK;
}

enum status seen_ask(struct seen *seen, const struct seen_id *id, enum seen_answer *answer,
                     uint64_t *number) {
    if (!atomic_load(&seen->ready) || !has_room(seen)) {
        return STATUS_BUSY;
    }
    struct places places = live_places(seen);
    enum status status = hold_snapshot(seen);
    if (status == STATUS_OK) {
        status = ask(&places, id, answer, number);
    }
    if (status != STATUS_OK) {
        say_why_not("table cannot be read", status);
        fall_behind(seen, is_lost(status));
        return STATUS_BUSY;
    }
    return STATUS_OK;
}

void seen_note(struct seen *seen, const struct seen_id *id, uint64_t number, uint64_t conflicts) {
    struct places places = live_places(seen);
    require(number);
    enum status status = note_message(&places, id, number, conflicts);
    if (status != STATUS_OK) {                       /* the journal will have it */
        fall_behind(seen, is_lost(status));
    }
}

/* Told by the journal of each record from a certain one on. */
static void placed(const struct record *rec, void *context) {
    struct seen *seen = context;
    if (rec->kind != RECORD_DECISION) {              /* messages are noted when they are asked about */
        return;
    }
    if (seen->newest->count < SEEN_NEWEST_MAX || freeze(seen) || seen->newest->count < NOTES_MAX) {
        note_decision(seen->newest, rec);
    } else {
        fall_behind(seen, false);
    }
}

/* --- the writer's half: generations become rows --------------------------------------------------------- */

static bool is_closing(struct seen *seen) {
    pthread_mutex_lock(&seen->mutex);
    bool closing = seen->closing;
    pthread_mutex_unlock(&seen->mutex);
    return closing;
}

/* The record's chain goes with its number. The status is the journal's, so DAMAGED would mislead: IO. */
static enum status position_at(struct seen *seen, uint64_t number, struct seen_position *out) {
    struct record rec;
    *out = (struct seen_position){ .number = number };
    if (reader_pick(seen->reader, number, &rec) != STATUS_OK) {
        return STATUS_IO;
    }
    out->chain = rec.chain;
    return STATUS_OK;
}

/* All of it is durable. */
static enum status write_generation(struct seen *seen, const struct generation *generation) {
    struct seen_position position;
    enum status status = position_at(seen, generation->upto, &position);
    const struct sighting **sightings = memory_array(generation->count + 1, sizeof(*sightings));
    size_t count = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        if (generation->slots[i].number) {
            sightings[count++] = &generation->slots[i];
        }
    }
    if (status == STATUS_OK) {
        status = seen_table_write(seen->table, sightings, count, &position);
    }
    free(sightings);
    return status;
}

/* False: it closes before. */
static bool wait_until_durable(struct seen *seen, uint64_t number) {
    while (journal_durable(seen->journal) < number) {
        if (is_closing(seen)) {
            return false;
        }
        journal_wait(seen->journal, number - 1, DURABLE_MS);
    }
    return true;
}

/* --- the writer's half: catching up --------------------------------------------------------------------- */

static void close_tables(struct seen *seen) {
    seen_table_close(seen->questions);
    seen_table_close(seen->table);
    seen->questions = seen->table = NULL;
}

static void remove_table(struct seen *seen) {
    static const char *const endings[] = { "", "-wal", "-shm" };
    struct arena *arena = arena_new();
    log_event(LOG_WARN, "seen", "table is damaged; making it again", LOG_STRING("file", seen->path), LOG_END);
    counter_add(COUNTER_SEEN_REMADE, 1);
    close_tables(seen);
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        unlink(arena_printf(arena, "%s%s", seen->path, endings[i]));
    }
    arena_free(arena);
}

/* DAMAGED: the table is, or it is another journal's. IO: the journal cannot be read, which says nothing of
 * the table. */
static enum status open_tables(struct seen *seen, uint64_t *number) {
    struct seen_position position;
    struct record rec;
    close_tables(seen);
    enum status status = seen_table_open(seen->path, STORE_WRITE, &seen->table);
    if (status == STATUS_OK) {
        status = seen_table_open(seen->path, STORE_READ, &seen->questions);
    }
    if (status == STATUS_OK) {
        status = seen_table_position(seen->table, &position);
    }
    if (status != STATUS_OK) {
        return status;
    }
    *number = position.number;
    if (position.number == 0) {
        return STATUS_OK;
    }
    enum status read = reader_pick(seen->reader, position.number, &rec);
    if (read == STATUS_NOT_FOUND || (read == STATUS_OK && !digest_equal(&rec.chain, &position.chain))) {
        return STATUS_DAMAGED;
    }
    return read == STATUS_OK ? STATUS_OK : STATUS_IO;
}

/* One record into the generation that is being made: what the sequencer would have noted. */
static enum status remember(const struct places *places, const struct record *rec, struct arena *arena) {
    struct facts facts;
    if (rec->kind != RECORD_MESSAGE) {
        note_decision(places->newest, rec);
        return STATUS_OK;
    }
    if (!facts_read(rec->meta, arena, &facts)) {
        return STATUS_IO;                            /* the journal's, not the table's */
    }
    if (facts.outcome == OUTCOME_REFUSED || !*facts.id) {
        return STATUS_OK;
    }
    facts.id = id_of_today(&facts, arena);
    struct seen_id id = seen_id_of(&facts);
    return note_message(places, &id, rec->number, facts.outcome == OUTCOME_CONFLICT ? facts.conflicts : 0);
}

static enum status write_made(struct seen *seen, struct generation *making) {
    enum status status = write_generation(seen, making);
    uint64_t upto = making->upto;
    generation_clear(making);
    making->upto = upto;
    return status;
}

/* Records up to `last`, which will be durable; 0: up to the mark. CLOSED: it closes. */
static enum status read_on(struct seen *seen, struct generation *making, uint64_t last) {
    struct arena *arena = arena_new();
    enum status status = STATUS_OK;
    while (status == STATUS_OK && (last == 0 || making->upto < last)) {
        struct places places = { making, NULL, seen->table };
        struct record rec;
        status = reader_next(seen->reader, &rec);
        if (status == STATUS_NOT_FOUND && last == 0) {
            status = STATUS_OK;
            break;
        }
        if (status == STATUS_NOT_FOUND) {
            status = wait_until_durable(seen, making->upto + 1) ? STATUS_OK : STATUS_CLOSED;
            continue;
        }
        if (status != STATUS_OK) {
            status = STATUS_IO;
            break;
        }
        status = remember(&places, &rec, arena);
        making->upto = rec.number;
        arena_reset(arena);
        if (status == STATUS_OK && making->count + NOTES_OF_ONE > SEEN_NEWEST_MAX) {
            status = is_closing(seen) ? STATUS_CLOSED : write_made(seen, making);
        }
    }
    arena_free(arena);
    return status;
}

static enum status catch_up_from(struct seen *seen, struct generation *making, uint64_t position) {
    uint64_t first;
    making->upto = position;
    enum status status = reader_seek(seen->reader, position + 1) == STATUS_OK ? STATUS_OK : STATUS_IO;
    if (status == STATUS_OK) {
        status = read_on(seen, making, 0);
    }
    if (status == STATUS_OK) {
        status = journal_follow(seen->journal, placed, seen, &first);
    }
    if (status == STATUS_OK) {
        status = read_on(seen, making, first - 1);
    }
    return status == STATUS_OK && making->upto > position ? write_made(seen, making) : status;
}

/* Nobody but this thread touches anything from here until the journal is followed again. */
static enum status begin_anew(struct seen *seen) {
    uint64_t first;
    enum status status = journal_follow(seen->journal, NULL, NULL, &first);
    if (status != STATUS_OK) {
        return status;
    }
    pthread_mutex_lock(&seen->mutex);
    bool distrusted = seen->distrusted;
    seen->behind = seen->distrusted = false;         /* what comes from here on is said again */
    seen->frozen = NULL;
    pthread_mutex_unlock(&seen->mutex);
    generation_clear(seen->newest);
    generation_clear(seen->other);
    seen->proving = (struct seen_key){ { 0 } };
    if (distrusted) {
        remove_table(seen);
    }
    return STATUS_OK;
}

/* DAMAGED: the table is; tried again it is made anew. */
static enum status catch_up(struct seen *seen) {
    uint64_t position;
    enum status status = begin_anew(seen);
    if (status == STATUS_OK) {
        status = open_tables(seen, &position);
    }
    if (status == STATUS_OK) {
        struct generation *making = generation_new();
        status = catch_up_from(seen, making, position);
        free(making);
    }
    return status;
}

/* Under the mutex, which it leaves meanwhile. */
static enum status become_ready(struct seen *seen) {
    pthread_mutex_unlock(&seen->mutex);
    enum status status = catch_up(seen);
    pthread_mutex_lock(&seen->mutex);
    if (status != STATUS_OK) {
        seen->behind = true;
        seen->distrusted |= status == STATUS_DAMAGED;
    }
    if (!seen->behind) {
        atomic_store(&seen->crowded, false);
        atomic_store(&seen->ready, true);
    }
    return status;
}

/* --- the writer's half: its thread ---------------------------------------------------------------------- */

/* Under the mutex; less when something comes up. */
static void rest(struct seen *seen, int pause_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += pause_ms / 1000;
    until.tv_nsec += pause_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_cond_timedwait(&seen->changed, &seen->mutex, &until);
}

/* Under the mutex, which it leaves meanwhile. What stands in memory still answers, so a full disk costs
 * room only. */
static void write_frozen(struct seen *seen) {
    const struct generation *generation = seen->frozen;
    pthread_mutex_unlock(&seen->mutex);
    bool durable = wait_until_durable(seen, generation->upto);
    enum status status = durable ? write_generation(seen, generation) : STATUS_CLOSED;
    pthread_mutex_lock(&seen->mutex);
    if (status == STATUS_OK) {
        seen->frozen = NULL;
        atomic_store(&seen->crowded, false);
    } else if (status == STATUS_DAMAGED) {
        seen->behind = seen->distrusted = true;
        atomic_store(&seen->ready, false);
    } else if (!seen->closing) {
        say_why_not("table cannot be written", status);
        rest(seen, PAUSE_MS);
    }
}

/* Under the mutex, which it leaves meanwhile. Goes through the table once soon after a start, then all the
 * time. */
static void prove_slice(struct seen *seen, int *pause_ms) {
    pthread_mutex_unlock(&seen->mutex);
    enum status status = seen_table_prove(seen->table, &seen->proving, PROVE_ROWS);
    pthread_mutex_lock(&seen->mutex);
    if (is_lost(status)) {
        seen->behind = seen->distrusted = true;
        atomic_store(&seen->ready, false);
    }
    if (status != STATUS_OK) {
        *pause_ms = PAUSE_MS;
    }
    if (!seen->behind && !seen->frozen && !seen->closing) {
        rest(seen, *pause_ms);
    }
}

/* A table that cannot even be made anew is told to the owner; a disk that is full now is not. */
static void become_ready_first(struct seen *seen) {
    enum status status = become_ready(seen);
    if (status == STATUS_DAMAGED) {
        status = become_ready(seen);
    }
    seen->tried = true;
    seen->first = status == STATUS_FULL ? STATUS_OK : status;
    pthread_cond_broadcast(&seen->changed);
}

static void *writer_main(void *argument) {
    struct seen *seen = argument;
    int pause_ms = PROVE_FIRST_MS;
    pthread_mutex_lock(&seen->mutex);
    become_ready_first(seen);
    while (!seen->closing) {
        if (seen->behind) {
            enum status status = become_ready(seen);
            pause_ms = PROVE_FIRST_MS;
            if (status != STATUS_OK && !seen->closing) {
                say_why_not("table cannot follow the journal", status);
                rest(seen, PAUSE_MS);
            }
        } else if (seen->frozen) {
            write_frozen(seen);
        } else {
            prove_slice(seen, &pause_ms);
        }
    }
    pthread_mutex_unlock(&seen->mutex);
    return NULL;
}

/* --- open and close ------------------------------------------------------------------------------------- */

static struct seen *seen_new(const char *directory, struct journal *journal) {
    struct seen *seen = memory_new(sizeof(*seen));
    struct arena *arena = arena_new();
    pthread_condattr_t monotonic;
    seen->journal = journal;
    seen->path = memory_string(file_join(arena, directory, "seen.db"));
    seen->newest = generation_new();
    seen->other = generation_new();
    seen->reader = reader_new(journal);
    seen->behind = true;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&seen->mutex, NULL);
    pthread_cond_init(&seen->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    arena_free(arena);
    return seen;
}

enum status seen_open(const char *directory, struct journal *journal, struct seen **out) {
    struct seen *seen = seen_new(directory, journal);
    thread_start(&seen->writer, "seen", writer_main, seen);
    pthread_mutex_lock(&seen->mutex);
    while (!seen->tried) {
        pthread_cond_wait(&seen->changed, &seen->mutex);
    }
    enum status status = seen->first;
    pthread_mutex_unlock(&seen->mutex);
    if (status != STATUS_OK) {
        seen_close(seen);
        seen = NULL;
    }
    *out = seen;
    return status;
}

/* So that the next start need not read these records again. It does, if this cannot be done at once. */
static void write_rest(struct seen *seen) {
    const struct generation *rest[] = { seen->frozen, seen->newest };
    enum status status = seen->behind ? STATUS_CLOSED : STATUS_OK;
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        if (rest[i] && rest[i]->count > 0) {
            bool durable = journal_durable(seen->journal) >= rest[i]->upto;
            status = durable ? write_generation(seen, rest[i]) : STATUS_CLOSED;
        }
    }
}

void seen_close(struct seen *seen) {
    uint64_t first;
    if (!seen) {
        return;
    }
    pthread_mutex_lock(&seen->mutex);
    seen->closing = true;
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->mutex);
    pthread_join(seen->writer, NULL);
    (void)journal_follow(seen->journal, NULL, NULL, &first);   /* failed or not, nobody is told any more */
    if (seen->questions) {
        seen_table_let_go(seen->questions);
    }
    write_rest(seen);
    close_tables(seen);
    reader_free(seen->reader);
    free(seen->newest);
    free(seen->other);
    pthread_mutex_destroy(&seen->mutex);
    pthread_cond_destroy(&seen->changed);
    free(seen->path);
    free(seen);
}
