/*
 * files.c - the loop's side of it: what the disk thread has read is submitted and its receipt handed back to
 * be put (task.h shows the ways); deliveries are handed to the disk thread; an edition says which boxes it
 * looks at.
 */
#include "adapters/files/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "journal/reader.h"
#include "engine/state.h"
#include "view/checks.h"
#include "view/messages.h"
#include "adapters/files/counters.h"
#include "adapters/files/disk_worker.h"
#include "adapters/files/folder.h"
#include "adapters/files/names.h"
#include "adapters/files/outbox.h"
#include "adapters/files/task.h"

#define PATIENT_MAX 3 /* attempts in which a refusal waits for the first response */

struct files {
    struct files_options options;
    struct port port;
    const struct edition *edition; /* held: in force */
    struct outbox **outboxes;      /* of all editions so far */
    size_t outboxes_count;
    struct state *state; /* as the reader: what became of files that come again */
    struct reader *reader;
    struct task *deliveries; /* out on the disk thread */
    struct disk_worker *disk;
    struct task_queue to_loop;
    struct loop_watch *watch;
};

/* --- messages ---------------------------------------------------------------------------------------- */

static void leave(struct task *task) {
    task->kind = TASK_LEFT;
    disk_worker_put(task->files->disk, task);
}

/* The first receipt says accepted, and was true then. Whoever drops the file again must not take it for
   news. */
static bool is_refused_since(struct task *task, const struct answer *answer, const char *form,
                             const char *shown) {
    struct files *files = task->files;
    struct arena *arena = arena_new();
    uint64_t decision;
    enum status status = messages_refusal(files->state, files->reader, answer->number, answer->metadata, form,
                                          arena, &decision, &task->refusal);
    if (status == STATUS_OK) {
        name_response(shown, false, decision, task->second);
    } else if (status != STATUS_NOT_FOUND) { /* its receipt goes out all the same */
        outbox_log(task->outbox, EVENT_FILES_REFUSAL_UNREADABLE, task->name, status);
    }
    arena_free(arena);
    return status == STATUS_OK;
}

static void answered(const struct answer *answer, void *context) {
    struct task *task = context;
    task->status = answer->status;
    if (answer->status != STATUS_OK) { /* nothing is recorded: the file stays */
        leave(task);
        return;
    }
    char shown[FOLDER_NAME_MAX];
    const struct format *format =
        catalog_find(task->files->edition->catalog, text_of(answer->metadata->format));
    const char *form = format ? format->receipt : task->outbox->form;
    buf_release(&task->bytes);
    buf_init(&task->bytes, RESPONSE_MAX);
    receipt_xml(answer->of, answer->metadata, form, &task->bytes);
    require(!buf_failed(&task->bytes));
    bool accepted = answer->outcome == OUTCOME_ACCEPTED;
    task->record = answer->number;
    name_response(folder_show(task->name, shown), accepted, answer->number, task->target);
    bool refused_since = accepted && answer->repeated && is_refused_since(task, answer, form, shown);
    task->to = accepted && !refused_since ? BOX_SENT : BOX_FAIL;
    task->kind = TASK_ANSWERED;
    disk_worker_put(task->files->disk, task);
}

static void submit(struct task *task) {
    char shown[FOLDER_NAME_MAX];
    struct intake *intake = task->files->options.intake;
    const struct party *party = parties_find(task->files->edition->parties, text_of(task->outbox->party));
    if (!party || party->blocked) { /* since it was read */
        task->status = STATUS_DENIED;
        leave(task);
        return;
    }
    struct envelope env = { .party = party->code,
                            .channel = "files",
                            .format = "",
                            .file = folder_show(task->name, shown),
                            .outer = task->outer,
                            .trace = "" };
    enum status status = intake_submit(intake, &env, party, buf_text(&task->bytes), answered, task);
    room_counter_add(&files_counters[FILES_COUNT_RECEIVED], status == STATUS_OK);
    if (status != STATUS_OK) { /* else it is the intake's until it is answered */
        task->status = status;
        leave(task);
    }
}

/* --- deliveries -------------------------------------------------------------------------------------- */

static struct outbox *outbox_of(struct files *files, const struct party *party) {
    for (size_t i = 0; i < files->outboxes_count; i++) {
        struct outbox *outbox = files->outboxes[i];
        if (outbox->is_named && strcmp(outbox->party, party->code) == 0) {
            return outbox;
        }
    }
    return NULL;
}

static void send_file(void *context, struct delivery *delivery) {
    struct files *files = context;
    struct outbox *outbox = outbox_of(files, delivery->party);
    if (!outbox) {
        delivery->done(delivery, STATUS_DENIED, DELIVERY_REASON_NO_FOLDER, "");
        return;
    }
    struct task *task = task_new(outbox, TASK_PUT, delivery->data.length);
    buf_add_text(&task->bytes, delivery->data);
    if (*delivery->file) {
        name_response(delivery->file, false, delivery->record, task->target);
        snprintf(task->name, sizeof(task->name), "%s", delivery->file);
        task->patient = delivery->attempt <= PATIENT_MAX;
    } else {
        name_delivery(delivery->record, delivery->family, delivery->sender, task->target);
    }
    if (delivery->redelivered) {
        name_again(task->target);
    }
    task->files = files;
    task->delivery = delivery;
    task->sibling = files->deliveries;
    files->deliveries = task;
    disk_worker_put(files->disk, task);
}

static void cancel_file(void *context, struct delivery *delivery) {
    struct files *files = context;
    for (struct task *task = files->deliveries; task; task = task->sibling) {
        if (task->delivery == delivery) {
            task->delivery = NULL; /* where the disk is at it, it goes on; nobody listens */
            atomic_store(&task->is_given_up, true);
        }
    }
}

static void delivered(struct task *task) {
    struct task **at = &task->files->deliveries;
    while (*at != task) {
        at = &(*at)->sibling;
    }
    *at = task->sibling;
    if (task->delivery) {
        enum delivery_reason reason = task->status == STATUS_NOT_FOUND ? DELIVERY_REASON_FOLDER_MISSING
                                      : task->status == STATUS_BUSY    ? DELIVERY_REASON_FIRST_RESPONSE
                                                                       : DELIVERY_REASON_NONE;
        enum status status = task->status == STATUS_NOT_FOUND ? STATUS_UNAVAILABLE : task->status;
        task->delivery->done(task->delivery, status, reason, "");
    }
    task_free(task);
}

static void tasks_back(int events, void *context) {
    struct files *files = context;
    for (struct task *task = task_queue_take(&files->to_loop), *next; task; task = next) {
        next = task->next;
        if (task->kind == TASK_PUT) {
            delivered(task);
        } else {
            task->files = files;
            submit(task);
        }
    }
}

/* --- the boxes of an edition ------------------------------------------------------------------------- */

/* Of a response about what has no format: that of the first format which the party may send. */
static const char *form_of(const struct catalog *catalog, const struct party *party) {
    for (size_t i = 0; i < catalog->count; i++) {
        const struct format *format = &catalog->formats[i];
        if (party_first_role(party, format->senders, format->senders_count)) {
            return format->receipt;
        }
    }
    return "";
}

/* The same as that of another edition, or a new one. *from: where it is likely to be, for most stay. */
static struct outbox *outbox_for(struct files *files, size_t *from, const char *party, const char *folder,
                                 const char *form) {
    for (size_t i = 0; i < files->outboxes_count; i++) {
        size_t at = (*from + i) % files->outboxes_count;
        struct outbox *outbox = files->outboxes[at];
        if (strcmp(outbox->party, party) == 0 && strcmp(outbox->folder, folder) == 0
            && strcmp(outbox->form, form) == 0) {
            *from = at + 1;
            return outbox;
        }
    }
    struct outbox *outbox = outbox_new(party, folder, form);
    files->outboxes = memory_grow(files->outboxes, files->outboxes_count + 1, sizeof(struct outbox *));
    files->outboxes[files->outboxes_count++] = outbox;
    return outbox;
}

/* Names the boxes of the edition; those to be looked at are the caller's. */
static struct outbox **name_outboxes(struct files *files, size_t *count) {
    const struct parties *parties = files->edition->parties;
    struct outbox **boxes = memory_array(parties->count + 1, sizeof(struct outbox *));
    size_t from = 0;
    *count = 0;
    for (size_t i = 0; i < files->outboxes_count; i++) {
        files->outboxes[i]->is_named = false;
    }
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        const char *folder = stanza_text(party_stanza(party, "files"), "folder");
        if (*folder) {
            struct outbox *outbox =
                outbox_for(files, &from, party->code, folder, form_of(files->edition->catalog, party));
            outbox->is_named = true;
            boxes[*count] = outbox;
            *count += !party->blocked;
        }
    }
    return boxes;
}

void files_change(struct files *files, const struct edition *edition) {
    const struct edition *before = files->edition;
    files->edition = edition_take(edition);
    struct task *task = task_new(NULL, TASK_CHANGE, 0);
    task->boxes = name_outboxes(files, &task->boxes_count);
    disk_worker_put(files->disk, task);
    edition_release(before);
}

/* --- start and stop ---------------------------------------------------------------------------------- */

static void release(struct files *files) {
    loop_watch_free(files->watch);
    for (struct task *task = files->deliveries, *next; task; task = next) {
        next = task->sibling;
        task_free(task);
    }
    task_queue_release(&files->to_loop);
    reader_free(files->reader);
    state_close(files->state);
    for (size_t i = 0; i < files->outboxes_count; i++) {
        outbox_free(files->outboxes[i]);
    }
    free(files->outboxes);
    edition_release(files->edition);
    free(files);
}

static enum status open_state(struct files *files) {
    const struct files_options *options = &files->options;
    enum status status = state_open(options->directory, STORE_READ, &files->state);
    if (status == STATUS_OK) {
        state_on_damage(files->state, options->on_damage, options->context);
        files->reader = reader_new(options->journal);
    }
    return status;
}

static enum status start_disk(struct files *files) {
    struct disk_worker_options disk = { .scan_ms = files->options.scan_ms,
                                        .settle_ms = files->options.settle_ms,
                                        .to_loop = &files->to_loop };
    disk.boxes = name_outboxes(files, &disk.boxes_count);
    return disk_worker_start(&disk, &files->disk);
}

enum status files_start(const struct files_options *options, struct files **out) {
    require(options->loop && options->journal && options->intake && options->directory);
    *out = NULL;
    struct files *files = memory_new(sizeof(*files));
    files->options = *options;
    files->edition = edition_take(options->edition);
    files->options.scan_ms = options->scan_ms ? options->scan_ms : 5000;
    files->options.settle_ms = options->settle_ms ? options->settle_ms : 500;
    files->port =
        (struct port){ .transport = "files", .context = files, .send = send_file, .cancel = cancel_file };
    enum status status = task_queue_init(&files->to_loop) ? open_state(files) : STATUS_IO;
    if (status == STATUS_OK) {
        status = start_disk(files);
    }
    if (status != STATUS_OK) {
        release(files);
        return status;
    }
    files->watch = loop_watch_new(files->options.loop, files->to_loop.fd, LOOP_READ, tasks_back, files);
    *out = files;
    return STATUS_OK;
}

/* What was read and not yet submitted is forgotten: the files still lie in their OutBox. */
void files_stop(struct files *files) {
    if (!files) {
        return;
    }
    disk_worker_stop(files->disk);
    release(files);
}

void files_diagnose(const struct files *files, stamp now, struct diagnosis *out) {
    int64_t now_ms = stamp_monotonic_ms();
    for (size_t i = 0; i < files->outboxes_count; i++) {
        const struct outbox *outbox = files->outboxes[i];
        if (outbox->is_named) {
            struct folder_facts facts = { .party = outbox->party,
                                          .folder = outbox->folder,
                                          .fault = outbox_fault(outbox),
                                          .waits_s = outbox_stalled_ms(outbox, now_ms) / 1000,
                                          .now = now };
            check_folder(&facts, out);
        }
    }
}

const struct port *files_port(const struct files *files) {
    return &files->port;
}
