/*
 * seen.c - the sequencer's half, which asks and notes, and the writer's, which puts what was noted into the
 * table, proves that, and makes it anew.
 *
 * Two generations of sightings stand in memory: `newest` takes what is noted; when it is full it becomes
 * `frozen`, which the writer puts into the table in one transaction, and the other, emptied, takes its place.
 * A question looks into newest, other, table, in this order, so what is on its way to the table is never
 * missed.
 *
 * A sighting is noted before its record is durable. So the writer waits for the durable mark to pass the
 * generation: a table that knew an id whose record a power cut took back would answer with a receipt for
 * nothing.
 *
 * Behind or ready. At a start, and whenever the table can no longer be relied on or followed, seen is
 * *behind*: it answers nothing, and what it notes is thrown away. The writer then reads the journal from
 * where the table stands (from its beginning, if the table was damaged) to the mark, follows the journal from
 * a certain record on, reads the few records before that, and is ready. Between the two, newest takes what is
 * placed.
 *
 * Before the table its filter is asked (seen_filter.h), which nearly always tells that there is nothing to
 * look for. It is made by the proving that goes through the table all the time, from one end to the other,
 * and learns what is written meanwhile: until then the table is asked. An empty table has its filter at
 * once. One that has grown full is made anew, larger, in the same way, and serves until then. `asked` is the
 * one that the sequencer may be in: what is not it, and not `filter`, may be freed.
 */
#include "intake/seen.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/condition.h"
#include "base/counters.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/thread.h"
#include "journal/reader.h"
#include "intake/sightings.h"

_Static_assert(GENERATION_SLOTS == 2 * SEEN_NEWEST_MAX, "the newest messages fill half of their generation");

#define PROVE_ROWS     1000       /* in one slice */
#define PROVE_FIRST_MS 2          /* between two slices, until the table was gone through once */
#define PAUSE_MS       1000       /* between two slices later, and before what failed is tried again */
#define DURABLE_MS     100        /* how long a stop may go unnoticed */
#define FILTER_MORE    (1u << 14) /* keys that a filter has room for in any case */

struct seen {
    struct journal *journal;
    char *path;
    struct generation *newest, *other;  /* the sequencer's; the writer's while the journal is not followed */
    struct seen_table *questions;       /* the same: read only; NULL: not open */
    struct seen_key id_key, origin_key; /* the same: of what was asked about last ... */
    bool id_asked, origin_asked;        /* ... and was not noted */
    _Atomic bool ready;
    _Atomic bool crowded; /* changed under the mutex: both generations are full */

    struct seen_table *table; /* the writer's */
    struct reader *reader;    /* the writer's */
    struct seen_key proving;  /* the writer's: the next row to prove */
    struct seen_filter *made; /* the writer's: knows the rows before that; NULL: none is made */

    pthread_t writer;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct generation *frozen;            /* what the writer has to write: `other`; NULL: it rests */
    struct seen_filter *filter, *outworn; /* of the whole table, and the one before; NULL: there is none */
    const struct seen_filter *asked;
    bool behind, distrusted, closing;
    bool tried; /* the first catching up is over, with ... */
    enum status first;
};

/* --- the sequencer's half ------------------------------------------------------------------------------- */

static void say_why_not(enum log_event event, enum status status) {
    log_event(LOG_WARN, event, LOG_STRING("why", status_sentence(status, LANGUAGE_EN)), LOG_END);
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

bool seen_is_filtered(struct seen *seen) {
    pthread_mutex_lock(&seen->mutex);
    bool filtered = atomic_load(&seen->ready) && seen->filter && !seen_filter_is_full(seen->filter);
    pthread_mutex_unlock(&seen->mutex);
    return filtered;
}

enum status seen_ready(const struct seen *seen) {
    return atomic_load(&seen->ready) && !atomic_load(&seen->crowded) ? STATUS_OK : STATUS_BUSY;
}

/* The full generation goes to the writer, unless that still has the one before: then senders hear of it,
 * until the writer says that it has not. */
static bool freeze(struct seen *seen) {
    seen_table_let_go(seen->questions); /* before there is something to write */
    pthread_mutex_lock(&seen->mutex);
    bool rests = !seen->frozen;
    atomic_store(&seen->crowded, !rests);
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
    return seen->newest->count + SIGHTINGS_OF_ONE <= SEEN_NEWEST_MAX || freeze(seen);
}

/* Of a question or a note. While the writer rests nobody changes the table, and one snapshot serves all
 * questions without asking for locks each time. It is let go before the writer has work again: a snapshot
 * that stands would keep the write-ahead log growing. */
static enum status live_sightings(struct seen *seen, struct sightings *sightings) {
    pthread_mutex_lock(&seen->mutex);
    bool rests = !seen->frozen;
    seen->asked = seen->filter;
    pthread_mutex_unlock(&seen->mutex);
    *sightings = (struct sightings){ seen->newest, seen->other, seen->questions, seen->asked };
    return rests ? seen_table_hold(seen->questions) : STATUS_OK;
}

static bool may_be_asked(struct seen *seen) {
    return atomic_load(&seen->ready) && has_room(seen);
}

/* What the places could not tell is told again when they are made anew. */
static enum status answered(struct seen *seen, enum status status) {
    if (status == STATUS_OK) {
        return STATUS_OK;
    }
    say_why_not(EVENT_SEEN_UNREADABLE, status);
    fall_behind(seen, is_lost(status));
    return STATUS_BUSY;
}

enum status seen_ask(struct seen *seen, const struct seen_id *id, enum seen_answer *answer,
                     uint64_t *number) {
    require(id->party && id->family && id->id);
    if (!may_be_asked(seen)) {
        return STATUS_BUSY;
    }
    struct sightings sightings;
    enum status status = live_sightings(seen, &sightings);
    seen->id_key = sightings_key(id);
    seen->id_asked = true;
    return answered(seen, status == STATUS_OK ? sightings_ask(&sightings, id, &seen->id_key, answer, number)
                                              : status);
}

enum status seen_ask_origin(struct seen *seen, const struct seen_origin *origin, enum seen_answer *answer,
                            uint64_t *number) {
    require(origin->party && *origin->origin);
    if (!may_be_asked(seen)) {
        return STATUS_BUSY;
    }
    struct sightings sightings;
    enum status status = live_sightings(seen, &sightings);
    seen->origin_key = sightings_key_of_origin(origin);
    seen->origin_asked = true;
    return answered(seen, status == STATUS_OK
                              ? sightings_ask_origin(&sightings, origin, &seen->origin_key, answer, number)
                              : status);
}

void seen_note(struct seen *seen, const struct seen_id *id, uint64_t number, uint64_t conflicts) {
    struct sightings sightings;
    require(number && seen->id_asked);
    enum status status = live_sightings(seen, &sightings);
    seen->id_asked = false;
    if (status == STATUS_OK) {
        status = sightings_note(&sightings, id, &seen->id_key, number, conflicts);
    }
    if (status != STATUS_OK) { /* the journal will have it */
        fall_behind(seen, is_lost(status));
    }
}

void seen_note_origin(struct seen *seen, const struct seen_origin *origin, uint64_t number) {
    require(number && *origin->origin && seen->origin_asked);
    seen->origin_asked = false;
    sightings_note_origin(seen->newest, origin, &seen->origin_key, number);
}

/* Told by the journal of each record from a certain one on. */
static void placed(const struct record *rec, void *context) {
    struct seen *seen = context;
    if (rec->kind != RECORD_DECISION) { /* messages are noted when they are asked about */
        return;
    }
    if (seen->newest->count < SEEN_NEWEST_MAX || freeze(seen) || seen->newest->count < GENERATION_MAX) {
        sightings_note_decision(seen->newest, rec);
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

/* Before it is written: no key stands in the table that a filter of it does not know. */
static void teach_filters(const struct seen *seen, const struct sighting **sightings, size_t count) {
    struct seen_filter *const filters[] = { seen->filter, seen->made };
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; filters[i] && k < count; k++) {
            seen_filter_put(filters[i], &sightings[k]->key);
        }
    }
}

/* All of it is durable. */
static enum status write_generation(struct seen *seen, const struct generation *generation) {
    struct seen_position position;
    enum status status = position_at(seen, generation->upto, &position);
    const struct sighting **sightings = generation_list(generation);
    if (status == STATUS_OK) {
        teach_filters(seen, sightings, generation->count);
        status = seen_table_write(seen->table, sightings, generation->count, &position);
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
    log_event(LOG_WARN, EVENT_SEEN_DAMAGED, LOG_STRING("file", seen->path), LOG_END);
    counter_add(COUNTER_SEEN_REMADE, 1);
    close_tables(seen);
    store_remove(seen->path);
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
        struct sightings sightings = { making, NULL, seen->table, seen->filter };
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
        if (!sightings_take(&sightings, &rec, arena, &status)) {
            status = STATUS_IO; /* the journal's trouble, not the table's */
        }
        making->upto = rec.number;
        arena_reset(arena);
        if (status == STATUS_OK && making->count + SIGHTINGS_OF_ONE > SEEN_NEWEST_MAX) {
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

/* Nobody asks. */
static void drop_filters(struct seen *seen) {
    seen_filter_free(seen->filter);
    seen_filter_free(seen->outworn);
    seen_filter_free(seen->made);
    seen->filter = seen->outworn = seen->made = NULL;
    seen->asked = NULL;
}

/* A message leaves a key or two, and the decision about it, how it was delivered and the like are records
 * too. */
static uint64_t keys_to_come(const struct seen *seen) {
    return 2 * journal_durable(seen->journal) + FILTER_MORE;
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
    seen->behind = seen->distrusted = false; /* what comes from here on is said again */
    seen->frozen = NULL;
    pthread_mutex_unlock(&seen->mutex);
    generation_clear(seen->newest);
    generation_clear(seen->other);
    drop_filters(seen);
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
    if (status == STATUS_OK && position == 0) {
        seen->filter = seen_filter_new(keys_to_come(seen));
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
    condition_wait(&seen->changed, &seen->mutex, condition_in(pause_ms * 1000000LL));
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
        say_why_not(EVENT_SEEN_NOT_WRITTEN, status);
        rest(seen, PAUSE_MS);
    }
}

/* Under the mutex. One that was asked when the next one came is freed once the sequencer has asked that. */
static void free_outworn(struct seen *seen) {
    if (seen->outworn && seen->outworn != seen->asked) {
        seen_filter_free(seen->outworn);
        seen->outworn = NULL;
    }
}

/* Under the mutex, at the beginning of the table. */
static void begin_filter(struct seen *seen) {
    bool wanted = !seen->filter || seen_filter_is_full(seen->filter);
    if (wanted && !seen->made && !seen->outworn) {
        seen->made = seen_filter_new(keys_to_come(seen));
    }
}

/* Under the mutex, when the last row was proved. */
static void finish_filter(struct seen *seen) {
    if (seen->made) {
        seen->outworn = seen->filter;
        seen->filter = seen->made;
        seen->made = NULL;
    }
}

static void teach_made(const struct seen_key *key, void *context) {
    const struct seen *seen = context;
    if (seen->made) {
        seen_filter_put(seen->made, key);
    }
}

/* Under the mutex, which it leaves meanwhile. Goes through the table once soon after a start, then all the
 * time. */
static void prove_slice(struct seen *seen, int *pause_ms) {
    static const struct seen_key start = { { 0 } };
    free_outworn(seen);
    if (memcmp(&seen->proving, &start, sizeof(start)) == 0) {
        begin_filter(seen);
    }
    pthread_mutex_unlock(&seen->mutex);
    enum status status = seen_table_prove(seen->table, &seen->proving, PROVE_ROWS, teach_made, seen);
    pthread_mutex_lock(&seen->mutex);
    if (is_lost(status)) {
        seen->behind = seen->distrusted = true;
        atomic_store(&seen->ready, false);
    }
    if (status == STATUS_NOT_FOUND) {
        finish_filter(seen);
    }
    if (status != STATUS_OK) {
        *pause_ms = PAUSE_MS;
    } else if (seen->made) { /* of a full one, too, the next is made without long pauses */
        *pause_ms = PROVE_FIRST_MS;
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
                say_why_not(EVENT_SEEN_CANNOT_FOLLOW, status);
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
    seen->journal = journal;
    seen->path = memory_string(file_join(arena, directory, "seen.db"));
    seen->newest = generation_new();
    seen->other = generation_new();
    seen->reader = reader_new(journal);
    seen->behind = true;
    pthread_mutex_init(&seen->mutex, NULL);
    condition_init(&seen->changed);
    arena_free(arena);
    return seen;
}

enum status seen_open(const char *directory, struct journal *journal, struct seen **out) {
    require(directory && journal && out);
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
    (void)journal_follow(seen->journal, NULL, NULL, &first); /* failed or not, nobody is told any more */
    if (seen->questions) {
        seen_table_let_go(seen->questions);
    }
    write_rest(seen);
    close_tables(seen);
    drop_filters(seen);
    reader_free(seen->reader);
    free(seen->newest);
    free(seen->other);
    pthread_mutex_destroy(&seen->mutex);
    pthread_cond_destroy(&seen->changed);
    free(seen->path);
    free(seen);
}
