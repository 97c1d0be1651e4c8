/*
 * intake.c - a submission goes through three threads and is in the hands of one at a time: the loop thread
 * takes it in and answers it, a worker judges it and fills its entry, the sequencer asks in between whether
 * it was here before (admission.h). What is done waits in a list until the loop comes to it. Its memory
 * serves the next one.
 */
#include "intake/intake.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/queue.h"
#include "base/status.h"
#include "base/thread.h"
#include "journal/reader.h"
#include "intake/admission.h"
#include "intake/day.h"
#include "intake/seen.h"
#include "intake/submission.h"

#define WORKER_NICE    5          /* see worker_main() */
#define POOL_BYTES     (8u << 20) /* in finished submissions that are kept for the next, with their arenas */
#define KEPT_BYTES_MAX 262144     /* a buffer grown beyond this is not kept for the next message */
#define TURN_BYTES     65536      /* of a party's messages judged before it is another's turn */
#define MESSAGE_COST   4096       /* of any message, however small, in such bytes */
/* From here on judging takes so long that a party may not hold all workers. */
#define LONG_BYTES     262144

/* What judging one message needs and nobody needs afterwards: used again for the next, it stays in the
   processor's cache. */
struct worker {
    struct intake *intake;
    const struct edition *edition; /* of the judge that the checker holds */
    uint64_t judge;                /* which of the intake's */
    struct checker *checker;
    struct arena *scratch;
    struct buf meta, fields;
};

struct intake {
    struct intake_options options;
    struct seen *seen;
    struct queue *queue;
    struct budget *budget;
    struct reader *reader; /* loop thread: records that answer repeats */
    struct admission admission;
    pthread_t *workers;
    unsigned workers_count;
    struct buf receipt;      /* loop thread */
    struct submission *pool; /* loop thread: memory for the next ones */
    size_t pooled;           /* bytes of it, about */
    _Atomic uint64_t engine_position;
    _Atomic int held_up; /* enum status: of the engine */
    bool stopping;
    _Atomic uint64_t judge;  /* which one is in force: they are counted from 1 */
    pthread_mutex_t judging; /* of options.judge, the one in force */
    pthread_mutex_t mutex;
    pthread_cond_t finished;
    struct submission *first, **last; /* under mutex: done, not yet answered */
    bool posted;
};

static void submission_free(struct submission *submission) {
    arena_free(submission->arena);
    free(submission);
}

/* Memory that one thread fills and another frees costs much: what was answered serves the next one. */
static void submission_done(struct submission *submission) {
    struct intake *intake = submission->intake;
    size_t bytes = arena_used(submission->arena) + sizeof(*submission);
    if (intake->pooled + bytes > POOL_BYTES) {
        submission_free(submission);
        return;
    }
    arena_reset(submission->arena);
    submission->pooled = bytes;
    submission->next = intake->pool;
    intake->pool = submission;
    intake->pooled += bytes;
}

static struct submission *submission_from_pool(struct intake *intake) {
    struct submission *submission = intake->pool;
    if (!submission) {
        submission = memory_new(sizeof(*submission));
        submission->arena = arena_new();
        return submission;
    }
    intake->pool = submission->next;
    intake->pooled -= submission->pooled;
    *submission = (struct submission){ .arena = submission->arena };
    return submission;
}

/* --- the sequencer thread: was it here before? --------------------------------------------------------- */

/* Of this thread, so that no record that another judge judged stands behind the set-up's. */
static bool is_judged_anew(const struct submission *submission) {
    return submission->judged_by != atomic_load(&submission->intake->judge);
}

static enum admit admit(struct entry *entry, void *context) {
    struct submission *submission = context;
    if (is_judged_anew(submission)) {
        entry->turned_away = STATUS_OK; /* done() sees the same, and sends it back */
        return ADMIT_TURN_AWAY;
    }
    return admission_ask(&submission->intake->admission, submission);
}

/* Its memory serves the next message, unless that is much. */
static void buf_done(struct buf *buf) {
    if (buf->capacity > KEPT_BYTES_MAX) {
        buf_release(buf);
    } else {
        buf_clear(buf);
    }
}

/* --- back on the loop thread: the answer ---------------------------------------------------------------- */

static void answer_failure(struct submission *submission, enum status status) {
    struct answer answer = { .status = status };
    counter_add(COUNTER_TURNED_AWAY, 1);
    submission->answered(&answer, submission->context);
}

static void answer_from(struct submission *submission, struct answer *answer, const struct receipt_of *of) {
    struct buf *receipt = &submission->intake->receipt;
    receipt_json(of, answer->metadata, receipt);
    if (buf_failed(receipt)) { /* of a first record that we have not made */
        answer_failure(submission, STATUS_DAMAGED);
    } else {
        answer->digest = submission->digest;
        answer->receipt = buf_text(receipt);
        answer->of = of;
        submission->answered(answer, submission->context);
    }
    buf_done(receipt);
}

/* By its id, or because it was handed over at the same place. */
static bool is_same_message(struct submission *submission, const struct metadata *first) {
    const struct envelope *env = &submission->metadata.env;
    struct seen_id id = seen_id_of(&submission->metadata), before = seen_id_of(first);
    bool same_place = *env->origin && strcmp(env->origin, first->env.origin) == 0
                      && strcmp(env->party, first->env.party) == 0;
    return digest_equal(&env->digest, &first->env.digest) && (same_place || seen_id_equal(&id, &before));
}

/* The first record, if it is that: another's would be a wrong receipt, for one who may not have it. */
static enum status read_earlier(struct submission *submission, uint64_t number, struct record *rec,
                                struct metadata *metadata) {
    enum status status = reader_get(submission->intake->reader, number, submission->arena, rec);
    if (status != STATUS_OK) {
        return status;
    }
    bool message = rec->kind == RECORD_MESSAGE;
    if (message && !metadata_read(rec->meta, submission->arena, metadata)) {
        return STATUS_DAMAGED;
    }
    if (message && is_same_message(submission, metadata)) {
        return STATUS_OK;
    }
    seen_distrust(submission->intake->seen);
    return STATUS_BUSY; /* until the table of seen ids is made again */
}

/* The receipt is a function of its record alone, so the first one comes out again byte for byte. */
static void answer_earlier(struct submission *submission, uint64_t number) {
    struct record rec;
    struct metadata metadata;
    enum status status = read_earlier(submission, number, &rec, &metadata);
    if (status != STATUS_OK) {
        log_event_bounded(LOG_ERROR, EVENT_INTAKE_FIRST_RECORD_UNREADABLE, LOG_INT("record", number),
                          LOG_STRING("status", status_name(status)), LOG_END);
        answer_failure(submission, status);
        return;
    }
    counter_add(COUNTER_REPEATED, 1);
    struct receipt_of of = { journal_name(submission->intake->options.journal), rec.number, rec.stamp,
                             rec.chain };
    struct answer answer = {
        .repeated = true, .number = rec.number, .outcome = metadata.outcome, .metadata = &metadata
    };
    answer_from(submission, &answer, &of);
}

static void answer_recorded(struct submission *submission) {
    static const enum counter counters[] = {
        [OUTCOME_ACCEPTED] = COUNTER_ACCEPTED,
        [OUTCOME_REFUSED] = COUNTER_REFUSED,
        [OUTCOME_CONFLICT] = COUNTER_CONFLICTS,
    };
    const struct record *rec = &submission->entry.rec;
    counter_add(counters[submission->metadata.outcome], 1);
    budget_recorded(submission->intake->budget, submission->account, rec->number, submission->bytes.length);
    struct receipt_of of = { journal_name(submission->intake->options.journal), rec->number, rec->stamp,
                             rec->chain };
    struct metadata *metadata = &submission->metadata;
    struct answer answer = { .number = rec->number, .outcome = metadata->outcome, .metadata = metadata };
    answer_from(submission, &answer, &of);
}

static struct submission *take_finished(struct intake *intake) {
    pthread_mutex_lock(&intake->mutex);
    struct submission *first = intake->first;
    intake->first = NULL;
    intake->last = &intake->first;
    intake->posted = false;
    pthread_mutex_unlock(&intake->mutex);
    return first;
}

static void answer_finished(void *context) {
    struct intake *intake = context;
    for (struct submission *submission = take_finished(intake), *next; submission; submission = next) {
        next = submission->next;
        budget_give_back(intake->budget, submission->account, submission->bytes.length);
        if (submission->status != STATUS_OK) {
            answer_failure(submission, submission->status);
        } else if (submission->entry.earlier) {
            answer_earlier(submission, submission->entry.earlier);
        } else {
            answer_recorded(submission);
        }
        submission_done(submission);
    }
}

static void finish(struct submission *submission, enum status status) {
    struct intake *intake = submission->intake;
    submission->status = status;
    submission->next = NULL;
    pthread_mutex_lock(&intake->mutex);
    *intake->last = submission;
    intake->last = &submission->next;
    if (!intake->posted) {
        loop_post(intake->options.loop, answer_finished, intake);
    }
    intake->posted = true;
    pthread_cond_signal(&intake->finished);
    pthread_mutex_unlock(&intake->mutex); /* the last: behind it intake_stop() may be through */
}

/* To the workers, whose queue has its place as long as it is under way. */
static void judge_anew(struct submission *submission) {
    struct intake *intake = submission->intake;
    enum status status = queue_push(intake->queue, account_flow(submission->account), &submission->item,
                                    MESSAGE_COST + submission->bytes.length);
    require(status == STATUS_OK || status == STATUS_CLOSED);
    counter_add(COUNTER_JUDGED_ANEW, status == STATUS_OK);
    if (status == STATUS_CLOSED) {
        finish(submission, status);
    }
}

/* The record is durable (or never will be): from here on an answer may leave. */
static void done(struct entry *entry, enum status status, void *context) {
    bool placed = entry->rec.number || entry->earlier;
    if (status == STATUS_OK && !placed) {
        judge_anew(context);
    } else {
        finish(context, status);
    }
}

/* --- a worker: judge, write down what was found, submit ------------------------------------------------- */

/* The message within is what is recorded and answered; of what was around it the digest is kept, unless an
 * archive was around that. */
static void note_wrapper(struct submission *submission, const struct judgement *judgement) {
    struct envelope *env = &submission->metadata.env;
    char hex[DIGEST_HEX_MAX];
    if (!*env->outer) {
        env->outer = arena_printf(submission->arena, "sha256:%s", digest_hex(&env->digest, hex));
    }
    submission->message.at = arena_copy(submission->arena, judgement->message);
    submission->message.length = judgement->message.length;
    env->digest = judgement->digest;
    env->size = judgement->message.length;
}

static void note_judgement(struct submission *submission, const struct judgement *judgement) {
    struct metadata *metadata = &submission->metadata;
    struct verdict verdict;
    verdict_copy(&judgement->verdict, submission->arena, &verdict);
    submission->message = submission->bytes;
    if (judgement->unwrapped) {
        note_wrapper(submission, judgement);
    }
    metadata->family = judgement->format ? arena_string(submission->arena, judgement->format->family) : "";
    metadata->format = judgement->format ? arena_string(submission->arena, judgement->format->name) : "";
    metadata->id = arena_string(submission->arena, judgement->id);
    metadata->outcome = verdict_passes(&verdict) ? OUTCOME_ACCEPTED : OUTCOME_REFUSED;
    metadata->findings = verdict.findings;
    metadata->count = verdict.count;
    metadata->errors = verdict.errors;
    metadata->warnings = verdict.warnings;
}

/* By the judge in force; what the one before was asked meanwhile, admit() sends back. */
static void follow_judge(struct worker *worker) {
    struct intake *intake = worker->intake;
    if (worker->judge == atomic_load(&intake->judge)) {
        return;
    }
    checker_free(worker->checker);
    pthread_mutex_lock(&intake->judging);
    worker->checker = checker_new(intake->options.judge);
    worker->edition = intake->options.judge->edition;
    worker->judge = atomic_load(&intake->judge);
    pthread_mutex_unlock(&intake->judging);
}

/* False: its sender is none of the parties any more, or blocked. */
static bool judge(struct worker *worker, struct submission *submission) {
    struct metadata *metadata = &submission->metadata;
    struct judgement judgement;
    follow_judge(worker);
    const struct party *party = parties_find(worker->edition->parties, text_of(metadata->env.party));
    if (!party || party->blocked) {
        return false;
    }
    submission->judged_by = worker->judge;
    metadata->edition = worker->edition->digest;
    submission->digest = digest_of(submission->bytes.at, submission->bytes.length);
    metadata->env.digest = submission->digest;
    metadata->env.size = submission->bytes.length;
    check_message(worker->checker, &metadata->env, party, submission->bytes, worker->scratch, &judgement);
    note_judgement(submission, &judgement);
    metadata_write(metadata, &worker->meta);
    if (metadata->outcome == OUTCOME_ACCEPTED) {
        document_pack(judgement.doc, &worker->fields);
    }
    return true;
}

static void work_on(struct worker *worker, struct submission *submission) {
    if (!judge(worker, submission)) {
        finish(submission, STATUS_DENIED);
        return;
    }
    struct entry *entry = &submission->entry;
    *entry = (struct entry){
        .rec = { .kind = RECORD_MESSAGE,
                 .meta = submission_keep(submission, &worker->meta),
                 .fields = submission_keep(submission, &worker->fields),
                 .data = submission->message },
        .data_digest = &submission->metadata.env.digest,
        .admit = admit,
        .done = done,
        .context = submission,
    };
    bool fits = !buf_failed(&worker->meta) && worker->meta.length <= SUBMISSION_META_MAX
                && !buf_failed(&worker->fields);
    arena_reset(worker->scratch);
    buf_done(&worker->meta);
    buf_done(&worker->fields);
    enum status status = fits ? journal_submit(worker->intake->options.journal, entry) : STATUS_TOO_LARGE;
    if (status != STATUS_OK) {
        finish(submission, status);
    }
}

static void *worker_main(void *argument) {
    struct intake *intake = argument;
    /* Where processors are scarce the engine would fall behind until senders are turned away; so judging,
     * which makes its work, gives way to it. On Linux this is of the thread. It changes no result, so a
     * refusal does not matter. */
    (void)setpriority(PRIO_PROCESS, 0, WORKER_NICE);
    struct worker worker = { .intake = intake, .scratch = arena_new() };
    follow_judge(&worker);
    buf_init(&worker.meta, SUBMISSION_META_MAX + SUBMISSION_META_MORE);
    buf_init(&worker.fields, RECORD_SIZE_MAX / 2);
    for (struct queue_item *item; (item = queue_pop(intake->queue));) {
        struct queue_item done = *item; /* the submission may be answered and gone before its work is noted */
        work_on(&worker, (struct submission *)item);
        queue_done(intake->queue, &done);
    }
    buf_release(&worker.fields);
    buf_release(&worker.meta);
    arena_free(worker.scratch);
    checker_free(worker.checker);
    return NULL;
}

/* --- the loop thread ------------------------------------------------------------------------------------ */

static uint64_t lag(const struct intake *intake) {
    uint64_t durable = journal_durable(intake->options.journal),
             position = atomic_load(&intake->engine_position);
    return durable > position ? durable - position : 0;
}

static enum status is_open(const struct intake *intake) {
    if (intake->stopping) {
        return STATUS_CLOSED;
    }
    if (journal_is_full(intake->options.journal)) {
        return STATUS_FULL;
    }
    enum status held_up = (enum status)atomic_load(&intake->held_up);
    return held_up != STATUS_OK ? held_up : seen_ready(intake->seen);
}

enum status intake_ready(const struct intake *intake) {
    enum status status = is_open(intake);
    return status != STATUS_OK ? status : budget_room(intake->budget, lag(intake));
}

static enum status admits(struct intake *intake, struct account *account, stamp now) {
    enum status status = is_open(intake);
    if (status != STATUS_OK) {
        return status;
    }
    budget_applied(intake->budget, atomic_load(&intake->engine_position));
    return budget_admits(intake->budget, account, lag(intake), now);
}

enum status intake_admits(struct intake *intake, const struct party *party, stamp now) {
    require(party);
    return admits(intake, budget_account(intake->budget, party->code), now);
}

size_t intake_under_way(const struct intake *intake) {
    return budget_messages(intake->budget);
}

static struct submission *submission_new(struct intake *intake, const struct envelope *env,
                                         const struct party *party, struct text bytes) {
    struct submission *submission = submission_from_pool(intake);
    submission->intake = intake;
    submission->bytes = bytes;
    submission->metadata.env = *env;
    submission->metadata.env.party = arena_string(submission->arena, party->code);
    submission->metadata.env.format = arena_string(submission->arena, env->format ? env->format : "");
    submission->metadata.env.file = arena_string(submission->arena, env->file ? env->file : "");
    submission->metadata.env.origin = arena_string(submission->arena, env->origin ? env->origin : "");
    submission->metadata.env.outer = arena_string(submission->arena, env->outer ? env->outer : "");
    submission->metadata.env.trace = arena_string(submission->arena, env->trace ? env->trace : "");
    submission->metadata.env.account = arena_string(submission->arena, env->account ? env->account : "");
    return submission;
}

static enum status take(struct intake *intake, const struct envelope *env, const struct party *party,
                        struct text bytes, bool lent,
                        void (*answered)(const struct answer *answer, void *context), void *context) {
    require(env && party && answered && (bytes.at || bytes.length == 0));
    struct account *account = budget_account(intake->budget, party->code);
    stamp received = env->received ? env->received : clock_now(journal_clock(intake->options.journal));
    enum status status = admits(intake, account, received);
    if (status == STATUS_OK && bytes.length > CHECK_BODY_MAX) {
        status = STATUS_TOO_LARGE;
    }
    if (status != STATUS_OK) {
        counter_add(COUNTER_TURNED_AWAY, 1);
        return status;
    }
    struct submission *submission = submission_new(intake, env, party, bytes);
    if (!lent) {
        submission->bytes.at = arena_copy(submission->arena, bytes);
    }
    submission->metadata.env.received = received;
    submission->account = account;
    submission->answered = answered;
    submission->context = context;
    /* It is as long as the budget lets messages be under way. */
    require(queue_push(intake->queue, account_flow(account), &submission->item, MESSAGE_COST + bytes.length)
            == STATUS_OK);
    budget_take(intake->budget, account, bytes.length);
    return STATUS_OK;
}

enum status intake_submit(struct intake *intake, const struct envelope *env, const struct party *party,
                          struct text bytes, void (*answered)(const struct answer *answer, void *context),
                          void *context) {
    return take(intake, env, party, bytes, false, answered, context);
}

enum status intake_submit_lent(struct intake *intake, const struct envelope *env, const struct party *party,
                               struct text bytes,
                               void (*answered)(const struct answer *answer, void *context), void *context) {
    return take(intake, env, party, bytes, true, answered, context);
}

void intake_limit(struct intake *intake, const struct budget_limits *limits) {
    budget_limit(intake->budget, limits);
}

void intake_change(struct intake *intake, const struct judge *judge) {
    require(judge);
    judge_take(judge);
    pthread_mutex_lock(&intake->judging);
    const struct judge *before = intake->options.judge;
    intake->options.judge = judge;
    atomic_fetch_add(&intake->judge, 1);
    pthread_mutex_unlock(&intake->judging);
    judge_release(before);
}

void intake_note_held_up(struct intake *intake, enum status status) {
    atomic_store(&intake->held_up, (int)status);
}

void intake_note_engine(struct intake *intake, uint64_t position) {
    atomic_store(&intake->engine_position, position);
}

enum status intake_start(const struct intake_options *options, struct intake **out) {
    require(options->loop && options->journal && options->directory);
    struct intake *intake = memory_new(sizeof(*intake));
    intake->options = *options;
    if (!intake->options.workers) {
        intake->options.workers = 2;
    }
    intake->reader = reader_new(options->journal);
    buf_init(&intake->receipt, SUBMISSION_META_MAX + 2 * SUBMISSION_META_MORE);
    enum status status = seen_open(options->directory, options->journal, &intake->seen);
    if (status != STATUS_OK) {
        reader_free(intake->reader);
        free(intake);
        return status;
    }
    judge_take(options->judge);
    intake->judge = 1;
    pthread_mutex_init(&intake->judging, NULL);
    intake->last = &intake->first;
    pthread_mutex_init(&intake->mutex, NULL);
    pthread_cond_init(&intake->finished, NULL);
    intake->budget = budget_new(&options->limits);
    admission_init(&intake->admission, options->journal, intake->seen, intake->budget);
    day_count(intake->budget, &intake->options, intake->reader);
    intake->queue = queue_new(&(struct queue_options){
        .capacity = budget_limits(intake->budget)->messages_max,
        .turn = TURN_BYTES,
        .long_cost = LONG_BYTES,
        .long_max = intake->options.workers,
    });
    /* One more than may judge the long messages of one party: it always finds time for the others. */
    intake->workers_count = intake->options.workers + 1;
    intake->workers = memory_array(intake->workers_count, sizeof(*intake->workers));
    for (unsigned i = 0; i < intake->workers_count; i++) {
        thread_start(&intake->workers[i], "check", worker_main, intake);
    }
    *out = intake;
    return STATUS_OK;
}

/* What was taken before is judged, recorded and answered; nothing is posted any more, so we answer here
   ourselves. */
static void answer_rest(struct intake *intake) {
    while (budget_messages(intake->budget)) {
        pthread_mutex_lock(&intake->mutex);
        while (!intake->first) {
            pthread_cond_wait(&intake->finished, &intake->mutex);
        }
        pthread_mutex_unlock(&intake->mutex);
        answer_finished(intake);
    }
}

void intake_stop(struct intake *intake) {
    if (!intake) {
        return;
    }
    require(!intake->stopping);
    intake->stopping = true;
    queue_close(intake->queue);
    for (unsigned i = 0; i < intake->workers_count; i++) {
        pthread_join(intake->workers[i], NULL);
    }
    answer_rest(intake);
    for (struct submission *submission = intake->pool, *next; submission; submission = next) {
        next = submission->next;
        submission_free(submission);
    }
    buf_release(&intake->receipt);
    admission_release(&intake->admission);
    seen_close(intake->seen);
    reader_free(intake->reader);
    queue_free(intake->queue);
    budget_free(intake->budget);
    pthread_cond_destroy(&intake->finished);
    pthread_mutex_destroy(&intake->mutex);
    pthread_mutex_destroy(&intake->judging);
    free(intake->workers);
    judge_release(intake->options.judge);
    free(intake);
}
