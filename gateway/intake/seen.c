/*
 * Two generations stand in memory: `newest` takes what is noted; when it is full it becomes `frozen`, which the
 * writer thread puts into the table in one transaction, and the other, emptied, takes its place. A question looks into
 * newest, frozen, table, in this order, so an entry on its way to the table is never missed.
 *
 * An entry is noted before its record is durable. So the writer waits for the durable mark to pass the generation: a
 * table that knew an id whose record a power cut took back would answer with a receipt for nothing.
 */
#include "intake/seen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/store.h"
#include "message/facts.h"
#include "message/identifiers.h"

#define KEY_SIZE 16
#define SLOTS (2 * SEEN_NEWEST_MAX)   /* open addressing at most half full */

/* A key is cut from SHA-256; two ids meeting by accident in 128 bits is not a case. */
struct sighting { uint8_t key[KEY_SIZE]; uint64_t number; struct digest digest; };   /* number 0: empty slot */

struct generation { size_t count; uint64_t upto; struct sighting slots[SLOTS]; };

struct seen {
    struct journal *journal;
    struct store *store;              /* the asking thread's, read only ... */
    bool holding;                     /* ... in a transaction, see hold_snapshot() */
    char *path;
    struct generation *newest, *other;   /* other: the writer's while it has work, then waits to be the newest */
    pthread_t writer;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct generation *frozen;        /* under mutex: what the writer has to write; NULL: it rests */
    bool closing;
};

static void key_of(const char *party, const char *family, const char *id, const struct digest *digest,
                   uint8_t key[KEY_SIZE]) {
    struct text parts[] = { { party, strlen(party) + 1 }, { family, strlen(family) + 1 }, { id, strlen(id) + 1 },
                            { (const char *)(digest ? digest->bytes : NULL), digest ? DIGEST_SIZE : 0 } };
    struct digest hash = digest_of_parts(parts, digest ? 4 : 3);
    memcpy(key, hash.bytes, KEY_SIZE);
}

/* All of it is there from the start: memory does not tell how many messages have come. */
static struct generation *generation_new(void) {
    struct generation *generation = memory_new(sizeof *generation);
    memset(generation, 0, sizeof *generation);       /* touches its pages */
    return generation;
}

/* The slot that holds key, or the empty one where it belongs. */
static struct sighting *generation_slot(struct generation *generation, const uint8_t key[KEY_SIZE]) {
    uint64_t hash;
    memcpy(&hash, key, sizeof hash);
    for (size_t i = hash % SLOTS;; i = (i + 1) % SLOTS)
        if (!generation->slots[i].number || !memcmp(generation->slots[i].key, key, KEY_SIZE))
            return &generation->slots[i];
}

/* While the writer rests nobody changes the table, and one snapshot serves all questions without asking for locks each
 * time. It is let go before the writer has work again: a snapshot that stands would keep the write-ahead log growing. */
static enum status hold_snapshot(struct seen *seen, bool writer_rests) {
    enum status status = STATUS_OK;
    if (writer_rests && !seen->holding) {
        status = store_begin(seen->store);
        seen->holding = status == STATUS_OK;
    }
    return status;
}

static void let_snapshot_go(struct seen *seen) {
    if (seen->holding) {
        store_rollback(seen->store);
        seen->holding = false;
    }
}

static enum status write_generation(struct store *store, const struct generation *generation) {
    enum status status = store_begin(store);
    if (status) return status;
    struct store_query *insert = store_query(store, "INSERT OR REPLACE INTO seen(key, number, digest) VALUES(?, ?, ?)");
    for (size_t i = 0; i < SLOTS && !status; i++) {
        const struct sighting *sighting = &generation->slots[i];
        if (!sighting->number) continue;
        store_bind_blob(insert, 1, sighting->key, KEY_SIZE);
        store_bind_int(insert, 2, (int64_t)sighting->number);
        store_bind_blob(insert, 3, sighting->digest.bytes, DIGEST_SIZE);
        status = store_run(insert);
        store_reset(insert);
    }
    if (!status) {
        struct store_query *position = store_query(store, "INSERT OR REPLACE INTO position(id, number) VALUES(1, ?)");
        store_bind_int(position, 1, (int64_t)generation->upto);
        status = store_run(position);
        store_reset(position);
    }
    if (!status) status = store_commit(store);
    if (status) store_rollback(store);
    return status;
}

/* False: the journal ends without it. */
static bool wait_until_durable(struct seen *seen, uint64_t number) {
    while (journal_durable(seen->journal) < number) {
        pthread_mutex_lock(&seen->mutex);
        bool closing = seen->closing;
        pthread_mutex_unlock(&seen->mutex);
        if (closing) return false;
        journal_wait(seen->journal, number - 1, 100);
    }
    return true;
}

static void *writer_main(void *argument) {
    struct seen *seen = argument;
    struct store *store = NULL;
    enum status status = store_open(seen->path, STORE_WRITE, &store);
    if (status)
        log_event(LOG_ERROR, "seen", "table cannot be opened", LOG_STRING("why", status_sentence(status)), LOG_END);
    pthread_mutex_lock(&seen->mutex);
    for (;;) {
        while (!seen->frozen && !seen->closing) pthread_cond_wait(&seen->changed, &seen->mutex);
        struct generation *generation = seen->frozen;
        if (!generation) break;
        pthread_mutex_unlock(&seen->mutex);
        status = store && wait_until_durable(seen, generation->upto) ? write_generation(store, generation) : STATUS_IO;
        pthread_mutex_lock(&seen->mutex);
        if (!status) {
            seen->frozen = NULL;
            pthread_cond_broadcast(&seen->changed);
        } else if (seen->closing) {
            break;                    /* derived: the next start reads these records from the journal */
        } else {
            log_event(LOG_WARN, "seen", "table cannot be written", LOG_STRING("why", status_sentence(status)), LOG_END);
            struct timespec until;
            clock_gettime(CLOCK_REALTIME, &until);
            until.tv_sec += 1;
            pthread_cond_timedwait(&seen->changed, &seen->mutex, &until);
        }
    }
    pthread_mutex_unlock(&seen->mutex);
    store_close(store);
    return NULL;
}

static enum status create_table(const char *path) {
    struct store *store = NULL;
    enum status status = store_open(path, STORE_WRITE, &store);
    if (status) return status;
    status = store_exec(store,
        "CREATE TABLE IF NOT EXISTS position(id INTEGER PRIMARY KEY, number INTEGER NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS seen(key BLOB PRIMARY KEY, number INTEGER NOT NULL, digest BLOB NOT NULL)"
        " STRICT, WITHOUT ROWID;");
    store_close(store);
    return status;
}

static enum status remember(struct seen *seen, const struct record *rec, struct arena *arena) {
    struct facts facts;
    if (rec->kind != RECORD_MESSAGE) return STATUS_OK;
    if (!facts_read(rec->meta, arena, &facts)) return STATUS_DAMAGED;
    if (facts.outcome == OUTCOME_REFUSED) return STATUS_OK;
    /* Records of a time before ids had one form say them as they were written. */
    struct text id = identifier_canonical(IDENTIFIER_TOKEN, text_of(facts.id), arena);
    seen_note(seen, facts.env.party, facts.family, arena_copy(arena, id), &facts.env.digest, rec->number,
              facts.outcome == OUTCOME_CONFLICT);
    return STATUS_OK;
}

static enum status catch_up(struct seen *seen, struct reader *reader) {
    enum status status = STATUS_OK;
    struct store_query *query = store_query(seen->store, "SELECT number FROM position WHERE id = 1");
    uint64_t position = store_step(query, &status) ? (uint64_t)store_int(query, 0) : 0;
    store_reset(query);
    if (status) return status;
    if (position > reader_last(reader)) return STATUS_DAMAGED;    /* the table of another, longer journal */
    if ((status = reader_seek(reader, position + 1))) return status;
    struct arena *arena = arena_new();
    struct record rec;
    while (!(status = reader_next(reader, &rec)) && !(status = remember(seen, &rec, arena))) arena_reset(arena);
    arena_free(arena);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* The writer gets what is newest, if it rests; it tries once, and gives up when the journal will not make it durable. */
static void hand_over(struct seen *seen) {
    pthread_mutex_lock(&seen->mutex);
    if (!seen->frozen) {
        seen->frozen = seen->newest;
    }
    pthread_mutex_unlock(&seen->mutex);
}

static void stop_writer(struct seen *seen) {
    pthread_mutex_lock(&seen->mutex);
    seen->closing = true;
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->mutex);
    pthread_join(seen->writer, NULL);
}

static enum status open_once(const char *path, struct journal *journal, struct reader *reader, struct seen **out) {
    struct store *store;
    enum status status = create_table(path);
    if (!status) status = store_open(path, STORE_READ, &store);
    if (status) return status;
    struct seen *seen = memory_new(sizeof *seen);
    seen->journal = journal;
    seen->store = store;
    seen->path = memory_string(path);
    seen->newest = generation_new();
    seen->other = generation_new();
    pthread_mutex_init(&seen->mutex, NULL);
    pthread_cond_init(&seen->changed, NULL);
    require(!pthread_create(&seen->writer, NULL, writer_main, seen));
    pthread_setname_np(seen->writer, "seen");
    status = catch_up(seen, reader);
    if (status) {
        seen_close(seen);
        return status;
    }
    *out = seen;
    return STATUS_OK;
}

enum status seen_open(const char *directory, struct journal *journal, struct reader *reader, struct seen **out) {
    struct arena *arena = arena_new();
    const char *path = arena_printf(arena, "%s/seen.db", directory);
    enum status status = open_once(path, journal, reader, out);
    if (status == STATUS_DAMAGED) {       /* derived: made again from the journal */
        log_event(LOG_WARN, "seen", "table is damaged; making it again", LOG_STRING("file", path), LOG_END);
        unlink(path);
        unlink(arena_printf(arena, "%s-wal", path));
        unlink(arena_printf(arena, "%s-shm", path));
        status = open_once(path, journal, reader, out);
    }
    arena_free(arena);
    return status;
}

void seen_close(struct seen *seen) {
    if (!seen) return;
    if (seen->newest->count) hand_over(seen);         /* so that the next start need not read these records again */
    stop_writer(seen);
    let_snapshot_go(seen);
    store_close(seen->store);
    free(seen->newest);
    free(seen->other);
    pthread_mutex_destroy(&seen->mutex);
    pthread_cond_destroy(&seen->changed);
    free(seen->path);
    free(seen);
}

static bool look_up(struct seen *seen, const uint8_t key[KEY_SIZE], struct sighting *out) {
    const struct sighting *slot = generation_slot(seen->newest, key);
    pthread_mutex_lock(&seen->mutex);
    if (!slot->number && seen->frozen) slot = generation_slot(seen->frozen, key);
    bool found = slot->number != 0;
    if (found) *out = *slot;
    bool writer_rests = !seen->frozen;
    pthread_mutex_unlock(&seen->mutex);
    if (found) return true;

    enum status status = hold_snapshot(seen, writer_rests);
    if (status) panic("the table of seen ids cannot be read: %s", status_sentence(status));
    struct store_query *query = store_query(seen->store, "SELECT number, digest FROM seen WHERE key = ?");
    store_bind_blob(query, 1, key, KEY_SIZE);
    found = store_step(query, &status);
    /* A table that cannot be read would let a submission happen twice: better to stop than to guess. */
    if (status) panic("the table of seen ids cannot be read: %s", status_sentence(status));
    if (found) {
        struct text digest = store_text(query, 1);
        require(digest.length == DIGEST_SIZE);
        out->number = (uint64_t)store_int(query, 0);
        memcpy(out->digest.bytes, digest.at, DIGEST_SIZE);
    }
    store_reset(query);
    return found;
}

enum seen_answer seen_ask(struct seen *seen, const char *party, const char *family, const char *id,
                          const struct digest *digest, uint64_t *number) {
    uint8_t key[KEY_SIZE];
    struct sighting sighting;
    key_of(party, family, id, NULL, key);
    if (!look_up(seen, key, &sighting)) return SEEN_NEW;
    *number = sighting.number;
    if (digest_equal(&sighting.digest, digest)) return SEEN_SAME;
    key_of(party, family, id, digest, key);
    struct sighting conflict;
    if (!look_up(seen, key, &conflict)) return SEEN_OTHER;
    *number = conflict.number;
    return SEEN_CONFLICT_KNOWN;
}

/* Hands the full generation to the writer; waits when that still has the one before. */
static void freeze(struct seen *seen) {
    let_snapshot_go(seen);
    pthread_mutex_lock(&seen->mutex);
    while (seen->frozen) pthread_cond_wait(&seen->changed, &seen->mutex);
    struct generation *full = seen->newest;
    seen->newest = seen->other;
    seen->frozen = seen->other = full;
    pthread_cond_broadcast(&seen->changed);
    pthread_mutex_unlock(&seen->mutex);
    memset(seen->newest, 0, sizeof *seen->newest);
}

void seen_note(struct seen *seen, const char *party, const char *family, const char *id,
               const struct digest *digest, uint64_t number, bool conflict) {
    require(number);
    uint8_t key[KEY_SIZE];
    key_of(party, family, id, conflict ? digest : NULL, key);
    if (seen->newest->count == SEEN_NEWEST_MAX) freeze(seen);
    struct sighting *slot = generation_slot(seen->newest, key);
    if (!slot->number) seen->newest->count++;
    memcpy(slot->key, key, KEY_SIZE);
    slot->number = number;
    slot->digest = *digest;
    seen->newest->upto = number;
}
