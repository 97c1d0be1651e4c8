/*
 * recheck.c - two passes: verdicts, which need no memory, then decisions along walk.h.
 */
#include "replay/recheck.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "edition/edition.h"
#include "replay/walk.h"

struct rechecking {
    const struct edition *edition;
    struct checker *checker;
    struct reader *reader; /* for the records that orders name */
    struct arena *arena;   /* of one message */
    stamp since;
    uint64_t *changed;
    size_t changed_count, changed_room; /* records whose verdict differs, in order */
    void (*differs)(const struct recheck_difference *difference, void *context);
    void *context;
    struct recheck_totals *totals;
    struct explanation *why;
};

static void tell(struct rechecking *rechecking, const struct record *rec, const struct metadata *metadata,
                 const char *what, const char *then, const char *now) {
    struct recheck_difference difference = {
        .record = rec->number,
        .recorded = rec->stamp,
        .kind = record_kind_text(rec->kind),
        .what = what,
        .then = then,
        .now = now,
        .party = metadata ? metadata->env.party : "",
        .family = metadata ? metadata->family : "",
        .id = metadata ? metadata->id : "",
    };
    rechecking->differs(&difference, rechecking->context);
}

/* --- verdicts ------------------------------------------------------------------------------------------- */

/* "accepted", or "refused" with the codes of its errors, each once. */
static const char *verdict_line(struct arena *arena, bool accepted, const struct finding *findings,
                                size_t count) {
    const char *line = accepted ? "accepted" : "refused";
    for (size_t i = 0; i < count && !accepted; i++) {
        const char *code = findings[i].code;
        bool again = false;
        for (size_t earlier = 0; earlier < i && !again; earlier++) {
            again = strcmp(findings[earlier].code, code) == 0 && findings[earlier].severity == SEVERITY_ERROR;
        }
        if (findings[i].severity == SEVERITY_ERROR && !again) {
            line = arena_printf(arena, "%s %s", line, code);
        }
    }
    return line;
}

static void remember(struct rechecking *rechecking, uint64_t record) {
    if (rechecking->changed_count == rechecking->changed_room) {
        rechecking->changed_room = rechecking->changed_room ? 2 * rechecking->changed_room : 64;
        rechecking->changed =
            memory_grow(rechecking->changed, rechecking->changed_room, sizeof(*rechecking->changed));
    }
    rechecking->changed[rechecking->changed_count++] = record;
}

/* Only who is accepted tells a refusal with other codes from the same one:
 * a changed reason is a difference, too. */
static enum status judge_again(struct rechecking *rechecking, const struct record *rec) {
    struct metadata metadata;
    struct judgement judgement;
    arena_reset(rechecking->arena);
    if (!metadata_read(rec->meta, rechecking->arena, &metadata)) {
        return STATUS_DAMAGED;
    }
    if (metadata.outcome == OUTCOME_CONFLICT) {
        return STATUS_OK; /* says nothing about rules */
    }
    if (metadata.digest_only) {
        rechecking->totals->digest_only++;
        return STATUS_OK;
    }
    const struct party *party = parties_find(rechecking->edition->parties, text_of(metadata.env.party));
    rechecking->totals->messages++;
    check_message(rechecking->checker, &metadata.env, party, rec->data, rechecking->arena, &judgement);
    const char *then = verdict_line(rechecking->arena, metadata.outcome == OUTCOME_ACCEPTED,
                                    metadata.findings, metadata.count);
    const char *now = verdict_line(rechecking->arena, verdict_passes(&judgement.verdict),
                                   judgement.verdict.findings, judgement.verdict.count);
    if (strcmp(then, now) != 0) {
        rechecking->totals->verdict_differences++;
        remember(rechecking, rec->number);
        tell(rechecking, rec, &metadata, "verdict", then, now);
    }
    return STATUS_OK;
}

static enum status recheck_verdicts(struct rechecking *rechecking, const char *directory) {
    struct reader *reader;
    struct record rec;
    enum status status = reader_open(directory, &reader);
    if (status != STATUS_OK) {
        return status;
    }
    status = reader_seek(reader, 1);
    while (status == STATUS_OK && (status = reader_next(reader, &rec)) == STATUS_OK) {
        if (rec.kind == RECORD_MESSAGE && rec.stamp >= rechecking->since) {
            status = judge_again(rechecking, &rec);
        }
    }
    reader_free(reader);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* --- decisions ------------------------------------------------------------------------------------------ */

static const char *decision_line(struct arena *arena, const struct decision *decision) {
    const char *line = arena_printf(arena, "%s %s", result_text(decision->result), decision->answer_code);
    for (size_t i = 0; i < decision->destinations_count; i++) {
        line = arena_printf(arena, "%s %s:%s", line, decision->destinations[i].party,
                            decision->destinations[i].route);
    }
    return line;
}

static int by_number(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool verdict_changed(const struct rechecking *rechecking, uint64_t record) {
    return rechecking->changed_count
           && bsearch(&record, rechecking->changed, rechecking->changed_count, sizeof(record), by_number);
}

static enum status decide_again(struct state *state, const struct record *rec,
                                const struct metadata *metadata, const struct decision **decision,
                                struct arena *scratch, void *context) {
    struct rechecking *rechecking = context;
    const struct decision *then = *decision;
    struct decision now;
    if (rec->stamp < rechecking->since || then->result == RESULT_HELD
        || verdict_changed(rechecking, decision_about(then))) {
        return STATUS_OK;
    }
    enum status status = engine_decide(rechecking->edition, state, rechecking->reader, rec, scratch, &now);
    if (status != STATUS_OK) {
        return status;
    }
    const char *was = decision_line(scratch, then), *is = decision_line(scratch, &now);
    rechecking->totals->decisions++;
    if (strcmp(was, is) != 0) {
        rechecking->totals->decision_differences++;
        tell(rechecking, rec, metadata, "decision", was, is);
    }
    return STATUS_OK;
}

static void remove_folder(struct arena *arena, const char *folder) {
    store_remove(file_join(arena, folder, "state.db"));
    (void)rmdir(folder);
}

static enum status recheck_decisions(struct rechecking *rechecking, const char *directory) {
    struct arena *arena = arena_new();
    struct replay_walk *walk = NULL;
    const char *folder = file_join(arena, directory, "recheck");
    remove_folder(arena, folder); /* of one that was cut off */
    enum status status = replay_walk_folder(folder, rechecking->why);
    if (status == STATUS_OK) {
        status = reader_open(directory, &rechecking->reader);
    }
    if (status == STATUS_OK) {
        status = replay_walk_open(directory, folder, true, &walk, rechecking->why);
    }
    if (status == STATUS_OK) {
        status = replay_walk_to(walk, UINT64_MAX, decide_again, rechecking);
    }
    replay_walk_close(walk);
    reader_free(rechecking->reader);
    remove_folder(arena, folder);
    arena_free(arena);
    return status;
}

enum status recheck(const char *directory, const struct judge *judge, stamp since,
                    void (*differs)(const struct recheck_difference *difference, void *context),
                    void *context, struct recheck_totals *out, struct explanation *why) {
    memset(out, 0, sizeof(*out));
    *why = (struct explanation){ "", "" };
    struct rechecking rechecking = {
        .edition = judge->edition,
        .checker = checker_new(judge),
        .arena = arena_new(),
        .since = since,
        .differs = differs,
        .context = context,
        .totals = out,
        .why = why,
    };
    enum status status = recheck_verdicts(&rechecking, directory);
    if (status == STATUS_OK) {
        status = recheck_decisions(&rechecking, directory);
    }
    checker_free(rechecking.checker);
    arena_free(rechecking.arena);
    free(rechecking.changed);
    return status;
}
