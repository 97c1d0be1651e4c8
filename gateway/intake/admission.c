/*
 * admission.c - place in the channel, id, what is kept of it: asked in this order, until one decides.
 */
#include "intake/admission.h"

#include <string.h>

#include "base/counters.h"
#include "base/status.h"

#define DIGEST_ONLY_FINDINGS 20 /* kept of a message recorded by digest and verdict alone */

void admission_init(struct admission *admission, struct journal *journal, struct seen *seen,
                    struct budget *budget) {
    require(journal && seen && budget);
    *admission = (struct admission){
        .journal = journal, .seen = seen, .budget = budget, .holders = reader_new(journal)
    };
}

void admission_release(struct admission *admission) {
    reader_free(admission->holders);
}

/* Whether this record holds the id with other bytes, as far as it can be read: one that came just now is not
 * durable yet, and one that is damaged now still stands in a table that proves itself. since: its moment, or
 * 0. */
static bool is_held_by(const struct admission *admission, struct submission *submission, uint64_t holder,
                       stamp *since) {
    struct record rec;
    struct metadata metadata;
    *since = 0;
    if (holder > journal_durable(admission->journal)
        || reader_pick(admission->holders, holder, &rec) != STATUS_OK) {
        return true;
    }
    *since = rec.stamp;
    if (rec.kind != RECORD_MESSAGE || !metadata_read(rec.meta, submission->arena, &metadata)) {
        return false;
    }
    struct seen_id id = seen_id_of(&submission->metadata), held = seen_id_of(&metadata);
    return seen_id_equal(&id, &held) && !digest_equal(&id.digest, &held.digest);
}

static void become_conflict(struct submission *submission, uint64_t holder, stamp since) {
    metadata_conflict(&submission->metadata, holder, since, submission->arena);
    submission->entry.rec.fields = (struct text){ NULL, 0 };
    submission_write_meta(submission);
}

/* Digest and verdict alone: what a party may fill the disk with on a day, without anything of it being taken,
   ends. */
static void drop_content(struct submission *submission) {
    struct metadata *metadata = &submission->metadata;
    metadata->digest_only = true;
    metadata->count = metadata->count < DIGEST_ONLY_FINDINGS ? metadata->count : DIGEST_ONLY_FINDINGS;
    submission->entry.rec.data = (struct text){ NULL, 0 };
    submission_write_meta(submission);
    counter_add(COUNTER_DIGEST_ONLY, 1);
}

/* Whether this record came from there with other bytes, as far as it can be read. */
static bool came_from_there(const struct admission *admission, struct submission *submission,
                            uint64_t number) {
    const struct envelope *env = &submission->metadata.env;
    struct record rec;
    struct metadata metadata;
    if (number > journal_durable(admission->journal)
        || reader_pick(admission->holders, number, &rec) != STATUS_OK) {
        return true;
    }
    return rec.kind == RECORD_MESSAGE && metadata_read(rec.meta, submission->arena, &metadata)
           && strcmp(metadata.env.party, env->party) == 0 && strcmp(metadata.env.origin, env->origin) == 0
           && !digest_equal(&metadata.env.digest, &env->digest);
}

/* The same place in the channel is the same handing-over; other bytes from there are told as a conflict, and
 * nothing of them is recorded: it is the channel that has changed, not a message. */
static enum admit ask_origin(const struct admission *admission, struct submission *submission) {
    struct entry *entry = &submission->entry;
    struct seen *seen = admission->seen;
    struct seen_origin origin = seen_origin_of(&submission->metadata);
    enum seen_answer answer;
    uint64_t number;
    entry->turned_away = seen_ask_origin(seen, &origin, &answer, &number);
    if (entry->turned_away == STATUS_OK && answer == SEEN_OTHER) {
        bool stands = came_from_there(admission, submission, number);
        entry->turned_away = stands ? STATUS_CONFLICT : STATUS_BUSY;
        if (!stands) {
            seen_distrust(seen); /* until the table of seen ids is made again */
        }
    }
    if (entry->turned_away != STATUS_OK) {
        return ADMIT_TURN_AWAY;
    }
    entry->earlier = number;
    return answer == SEEN_SAME ? ADMIT_ANSWER_EARLIER : ADMIT_APPEND;
}

static enum admit ask_seen(const struct admission *admission, struct submission *submission) {
    struct metadata *metadata = &submission->metadata;
    struct entry *entry = &submission->entry;
    struct seen *seen = admission->seen;
    struct seen_id id = seen_id_of(metadata);
    enum seen_answer answer;
    uint64_t number;
    stamp since = 0;
    entry->turned_away = seen_ask(seen, &id, &answer, &number);
    if (entry->turned_away != STATUS_OK) {
        return ADMIT_TURN_AWAY;
    }
    if (answer == SEEN_OTHER && !is_held_by(admission, submission, number, &since)) {
        seen_distrust(seen);
        entry->turned_away = STATUS_BUSY; /* until the table of seen ids is made again */
        return ADMIT_TURN_AWAY;
    }
    if (answer == SEEN_SAME || answer == SEEN_CONFLICT_KNOWN) {
        entry->earlier = number;
        return ADMIT_ANSWER_EARLIER;
    }
    /* A refused message does not use its id up: nothing is noted, the mended one may carry it. */
    if (metadata->outcome == OUTCOME_REFUSED) {
        return ADMIT_APPEND;
    }
    if (answer == SEEN_OTHER) {
        become_conflict(submission, number, since);
    }
    seen_note(seen, &id, entry->rec.number, answer == SEEN_OTHER ? number : 0);
    return ADMIT_APPEND;
}

enum admit admission_ask(struct admission *admission, struct submission *submission) {
    const struct record *rec = &submission->entry.rec;
    require(rec->number > 0 && rec->stamp > 0 && !submission->entry.earlier);
    bool has_origin = submission->metadata.env.origin[0] != '\0';
    enum admit decided = has_origin ? ask_origin(admission, submission) : ADMIT_APPEND;
    if (decided == ADMIT_APPEND && submission->metadata.id[0]) {
        decided = ask_seen(admission, submission);
    }
    if (decided != ADMIT_APPEND) {
        return decided;
    }
    if (has_origin) {
        struct seen_origin origin = seen_origin_of(&submission->metadata);
        seen_note_origin(admission->seen, &origin, rec->number);
    }
    bool accepted = submission->metadata.outcome == OUTCOME_ACCEPTED;
    if (!accepted
        && !budget_keeps_content(admission->budget, submission->account, rec->stamp, record_size(rec))) {
        drop_content(submission);
    }
    budget_spend(submission->account, rec->stamp, record_size(rec), accepted);
    return ADMIT_APPEND;
}
