/*
 * seen_room.h - what the tests of seen ids share: a journal, the ids seen in it, messages sent to it as
 * intake sends them, decisions about them, and a plain model of what must be answered, made from the records
 * alone.
 */
#ifndef TESTS_SEEN_ROOM_H
#define TESTS_SEEN_ROOM_H

#include "journal_room.h"

#include "base/buf.h"
#include "message/decided.h"
#include "message/metadata.h"
#include "journal/disk.h"
#include "intake/seen.h"

struct seen_room {
    struct journal_room room;
    const struct disk *disk;
    struct journal *journal;
    struct seen *seen;
};

static const char seen_family[] = "declaration";

/* What damage there is may be found as soon as it is open: then it is ready a little later. */
__attribute__((unused)) static void seen_room_wait(struct seen_room *house) {
    for (int i = 0; seen_ready(house->seen) != STATUS_OK; i++) {
        assert_true(i < 60000);
        usleep(1000);
    }
}

static int seen_no_sync(void *context, int fd) {
    return 0; /* no power is cut here, and thousands of batches are to be quick */
}

__attribute__((unused)) static void seen_room_open(struct seen_room *house) {
    static struct disk lazy;
    struct journal_options options = room_options(&house->room);
    struct journal_report report;
    lazy = disk_real;
    lazy.sync = lazy.sync_names = seen_no_sync;
    options.segment_size = 1u << 20;
    options.disk = house->disk ? house->disk : &lazy;
    assert_int_equal(journal_open(&options, &house->journal, &report), STATUS_OK);
    assert_int_equal(seen_open(house->room.directory, house->journal, &house->seen), STATUS_OK);
    seen_room_wait(house);
}

__attribute__((unused)) static void seen_room_close(struct seen_room *house) {
    seen_close(house->seen);
    journal_close(house->journal);
}

__attribute__((unused)) static const char *seen_room_path(const struct seen_room *house, char out[128]) {
    snprintf(out, 128, "%s/seen.db", house->room.directory);
    return out;
}

__attribute__((unused)) static void seen_room_forget(const struct seen_room *house) {
    static const char *const endings[] = { "", "-wal", "-shm" };
    char path[128], name[160];
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), "%s%s", seen_room_path(house, path), endings[i]);
        unlink(name);
    }
}

/* --- messages, as intake sends them --------------------------------------------------------------------- */

struct sent {
    struct seen_room *house;
    struct metadata metadata;
    struct buf meta;
    struct entry entry;
    enum seen_answer answer;
    uint64_t number; /* its record (OTHER: a conflict ...), or the one that answers it */
    uint64_t holder; /* ... with this one */
    enum status status;
    sem_t done;
};

static struct digest digest_for(const char *bytes) {
    return digest_of(bytes, strlen(bytes));
}

static struct metadata metadata_for(const char *party, const char *id, const char *bytes, bool again) {
    return (struct metadata){
        .env = { .party = party,
                 .format = "",
                 .file = "",
                 .trace = "",
                 .digest = digest_for(bytes),
                 .size = strlen(bytes),
                 .again = again },
        .family = seen_family,
        .format = "cn-dec",
        .id = id,
        .outcome = OUTCOME_ACCEPTED,
    };
}

/* Sequencer thread: the same steps as intake.c's. */
static enum admit sent_admit(struct entry *entry, void *context) {
    struct sent *sent = context;
    struct seen *seen = sent->house->seen;
    struct seen_id id = seen_id_of(&sent->metadata);
    entry->turned_away = seen_ask(seen, &id, &sent->answer, &sent->holder);
    if (entry->turned_away != STATUS_OK) {
        return ADMIT_TURN_AWAY;
    }
    if (sent->answer == SEEN_SAME || sent->answer == SEEN_CONFLICT_KNOWN) {
        entry->earlier = sent->holder;
        return ADMIT_ANSWER_EARLIER;
    }
    if (sent->metadata.outcome == OUTCOME_REFUSED) {
        return ADMIT_APPEND;
    }
    if (sent->answer == SEEN_OTHER) {
        sent->metadata.outcome = OUTCOME_CONFLICT;
        sent->metadata.conflicts = sent->holder;
        buf_clear(&sent->meta);
        metadata_write(&sent->metadata, &sent->meta);
        entry->rec.meta = buf_text(&sent->meta);
    }
    seen_note(seen, &id, entry->rec.number, sent->answer == SEEN_OTHER ? sent->holder : 0);
    return ADMIT_APPEND;
}

static void sent_done(struct entry *entry, enum status status, void *context) {
    struct sent *sent = context;
    sent->status = status;
    sent->number = entry->earlier ? entry->earlier : entry->rec.number;
    sem_post(&sent->done);
}

/* Strings are borrowed until sent_wait(). */
static void send_start(struct seen_room *house, struct sent *sent, const char *party, const char *id,
                       const char *bytes, bool again, enum outcome outcome) {
    *sent = (struct sent){ .house = house, .metadata = metadata_for(party, id, bytes, again) };
    sent->metadata.outcome = outcome;
    buf_init(&sent->meta, 65536);
    metadata_write(&sent->metadata, &sent->meta);
    sem_init(&sent->done, 0, 0);
    sent->entry = (struct entry){
        .rec = { .kind = RECORD_MESSAGE, .meta = buf_text(&sent->meta), .data = text_of(bytes) },
        .admit = sent_admit,
        .done = sent_done,
        .context = sent,
    };
    enum status status;
    while ((status = journal_submit(house->journal, &sent->entry)) == STATUS_BUSY) {
        usleep(100);
    }
    if (status != STATUS_OK) {
        sent->status = status;
        sem_post(&sent->done);
    }
}

static void sent_wait(struct sent *sent) {
    while (sem_wait(&sent->done) < 0) {
    }
    buf_release(&sent->meta);
    sem_destroy(&sent->done);
}

__attribute__((unused)) static struct sent send_one(struct seen_room *house, const char *id,
                                                    const char *bytes, bool again) {
    struct sent sent;
    send_start(house, &sent, "FWD", id, bytes, again, OUTCOME_ACCEPTED);
    sent_wait(&sent);
    return sent;
}

/* A decision as the engine records it; returns its number, 0 when it failed. */
__attribute__((unused)) static uint64_t record_decision(struct seen_room *house,
                                                        const struct decided *decided) {
    struct buf meta;
    struct json_out out;
    buf_init(&meta, 4096);
    json_start(&out, &meta);
    json_open_object(&out, NULL);
    decided_write(decided, &out);
    json_put_string(&out, "subject", "");
    json_close_object(&out);
    struct record rec = { .kind = RECORD_DECISION, .meta = buf_text(&meta) };
    enum status status = journal_append(house->journal, &rec, true);
    buf_release(&meta);
    return status == STATUS_OK ? rec.number : 0;
}

__attribute__((unused)) static uint64_t decide_about(struct seen_room *house, uint64_t cause,
                                                     enum result result) {
    return record_decision(house, &(struct decided){ .cause = cause, .result = result });
}

/* --- the model ------------------------------------------------------------------------------------------ */

#define MODEL_MAX 4096

struct model_record {
    char id[16], bytes[16];
    uint64_t number, conflicts;
    bool accepted, refused;
};

struct seen_model {
    struct model_record records[MODEL_MAX];
    size_t count;
};

/* From the journal, as anybody may read it. */
__attribute__((unused)) static void model_read(struct seen_model *model, struct journal *journal) {
    struct reader *reader = reader_new(journal);
    struct arena *arena = arena_new();
    struct record rec;
    model->count = 0;
    while (reader_next(reader, &rec) == STATUS_OK) {
        struct metadata metadata;
        struct decided decided;
        bool message = rec.kind == RECORD_MESSAGE && metadata_read(rec.meta, arena, &metadata);
        if (message && metadata.outcome != OUTCOME_REFUSED) {
            struct model_record *record = &model->records[model->count++];
            assert_true(model->count < MODEL_MAX);
            *record = (struct model_record){ .number = rec.number,
                                             .conflicts = metadata.conflicts,
                                             .accepted = metadata.outcome == OUTCOME_ACCEPTED };
            snprintf(record->id, sizeof(record->id), "%s", metadata.id);
            snprintf(record->bytes, sizeof(record->bytes), "%.*s", (int)rec.data.length, rec.data.at);
        } else if (rec.kind == RECORD_DECISION && decided_read(rec.meta, &decided, NULL)) {
            for (size_t i = 0; i < model->count; i++) {
                bool named = model->records[i].number == decided.cause;
                model->records[i].refused |= named && decided.result == RESULT_REFUSED;
            }
        }
        arena_reset(arena);
    }
    arena_free(arena);
    reader_free(reader);
}

/* The rules in plain words, with all the time of the world. */
__attribute__((unused)) static enum seen_answer model_ask(const struct seen_model *model, const char *id,
                                                          const char *bytes, bool again, uint64_t *number) {
    const struct model_record *holder = NULL, *same = NULL, *conflict = NULL;
    for (size_t i = 0; i < model->count; i++) {
        const struct model_record *record = &model->records[i];
        if (strcmp(record->id, id) != 0) {
            continue;
        }
        if (record->accepted) {
            holder = record;
        }
        if (strcmp(record->bytes, bytes) == 0) {
            *(record->accepted ? &same : &conflict) = record;
        }
    }
    bool free = !holder || holder->refused;
    if (same && (same == holder ? !again || !free : !again)) {
        *number = same->number;
        return SEEN_SAME;
    }
    if (free) {
        return SEEN_NEW;
    }
    bool known = conflict && conflict->conflicts == holder->number;
    *number = known ? conflict->number : holder->number;
    return known ? SEEN_CONFLICT_KNOWN : SEEN_OTHER;
}

#endif
