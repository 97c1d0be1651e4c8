/*
 * files.c - tasks between the loop and the disk thread, each in the hands of one of them:
 *
 *   disk: read a file ─TAKEN─► loop: intake, answered ─ANSWERED─► disk: response into InBox, file to its box
 *                                 busy, not recorded    ──LEFT─────► disk: forget it, look again later
 *   loop: send()      ──PUT────► disk: into InBox       ──PUT──────► loop: done()
 *   loop: reload      ──CHANGE─► disk: which boxes it looks at
 */
#include "adapters/files/files.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "journal/reader.h"
#include "engine/state.h"
#include "view/messages.h"
#include "adapters/files/folder.h"
#include "adapters/files/counters.h"

#define UNDER_WAY_MAX  16
#define PUT_AWAY_MAX   8  /* of a party's, until the others have had their turn: each is written and synced */
#define CROWD_MS       50 /* and so long until its next turn */
#define SCAN_NAMES_MAX 1024
#define RESPONSE_MAX   (32u << 20) /* all that a record says, each of its bytes escaped */
#define REASON_MAX     4096
#define UNRECORDED_MAX (64u << 10)
#define AGAIN_MS       1000  /* after a refusal that says later */
#define PATIENT_MAX    3     /* attempts in which a refusal waits for the first response */
#define QUOTA_MS       60000 /* after the one that says tomorrow: the settings, or the day, may change */
#define BYTES_MAX \
    (16u << 20) /* of a party's files under way: reading more would keep the disk from the others */

enum task_kind { TASK_TAKEN, TASK_ANSWERED, TASK_LEFT, TASK_PUT, TASK_CHANGE };

/* A file under way, or a delivery on its way into an InBox. */
struct task {
    struct task *next; /* in a list between the threads */
    enum task_kind kind;
    struct files *files;
    struct outbox *outbox;
    char name
        [FOLDER_NAME_MAX]; /* of the file, also of the one refused; of the response or delivery: `target` */
    char target[FOLDER_NAME_MAX];
    struct file_identity identity;
    struct buf bytes;             /* the message, later the response; or the delivery */
    char second[FOLDER_NAME_MAX]; /* of a second response, `refusal`; "": there is none */
    struct buf refusal;
    size_t size; /* of the message */
    enum box to;
    uint64_t record;
    bool patient;              /* a refusal that comes again later while its file lies in OutBox */
    struct delivery *delivery; /* loop thread only; NULL once it was cancelled */
    struct task *sibling;      /* of deliveries out (loop thread), of the outbox's files (disk thread) */
    enum status status;
    struct outbox **boxes; /* CHANGE: those that are looked at from now on */
    size_t boxes_count;
};

/* A party's OutBox, and what is under way from it. It stays until the end, for what is under way; one that an
 * edition names as another did is the same. Disk thread only, but for the first four. */
struct outbox {
    char *party;   /* its code */
    char *folder;  /* in which its OutBox stands */
    char *form;    /* of a response about what has no format */
    bool is_named; /* by the edition in force; loop thread */
    int watch;     /* of inotify; -1: none */
    bool prepared;
    struct task *under_way;
    size_t count, bytes;
    bool more;       /* files were passed over for want of a place */
    size_t put_away; /* since its last scan */
    int64_t scan_ms; /* when its OutBox is looked at next */
    int64_t rest_ms; /* nothing is taken before: the gateway was busy */
};

struct task_list {
    struct task *first, **end;
};

struct files {
    struct files_options options;
    struct port port;
    const struct edition *edition; /* held: in force; loop thread, as the next two are */
    struct outbox **outboxes;      /* of all editions so far */
    size_t outboxes_count;
    struct outbox **scanned; /* disk thread: those of parties that are not blocked */
    size_t scanned_count;
    struct state *state; /* loop thread, as the reader is: what became of files that come again */
    struct reader *reader;
    struct task *deliveries; /* out on the disk thread */
    pthread_t thread;
    int inotify_fd, disk_fd, loop_fd; /* the latter two wake the threads */
    struct loop_watch *watch;
    pthread_mutex_t mutex; /* guards the next three */
    struct task_list to_disk, to_loop;
    bool stopping;
};

/* --- between the threads ----------------------------------------------------------------------------- */

static void list_init(struct task_list *list) {
    list->first = NULL;
    list->end = &list->first;
}

static void wake(int fd) {
    uint64_t one = 1;
    while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
}

static void hand_over(struct files *files, struct task_list *list, struct task *task) {
    task->next = NULL;
    pthread_mutex_lock(&files->mutex);
    *list->end = task;
    list->end = &task->next;
    pthread_mutex_unlock(&files->mutex);
    wake(list == &files->to_disk ? files->disk_fd : files->loop_fd);
}

static struct task *take_all(struct files *files, struct task_list *list, int fd) {
    uint64_t ignored;
    while (read(fd, &ignored, sizeof(ignored)) < 0 && errno == EINTR) {
    }
    pthread_mutex_lock(&files->mutex);
    struct task *first = list->first;
    list_init(list);
    pthread_mutex_unlock(&files->mutex);
    return first;
}

static struct task *task_new(struct files *files, struct outbox *outbox, enum task_kind kind,
                             size_t bytes_max) {
    struct task *task = memory_new(sizeof(*task));
    task->files = files;
    task->outbox = outbox;
    task->kind = kind;
    buf_init(&task->bytes, bytes_max);
    buf_init(&task->refusal, RESPONSE_MAX);
    return task;
}

static void task_free(struct task *task) {
    buf_release(&task->bytes);
    buf_release(&task->refusal);
    free(task);
}

/* --- loop thread: messages --------------------------------------------------------------------------- */

static void leave(struct task *task) {
    task->kind = TASK_LEFT;
    hand_over(task->files, &task->files->to_disk, task);
}

/* "decl.xml" of record 42 is answered by "Successed_decl_42.xml", and should record 43 refuse it after all,
 * by "Failed_decl_43.xml"; a file that was not recorded by "Failed_decl.xml". */
static void name_response(const char *shown, bool good, uint64_t record, char out[FOLDER_NAME_MAX]) {
    char number[24] = "";
    size_t length = strlen(shown);
    if (length > 4 && strcasecmp(shown + length - 4, ".xml") == 0) {
        length -= 4;
    }
    if (record) {
        snprintf(number, sizeof(number), "_%" PRIu64, record);
    }
    snprintf(out, FOLDER_NAME_MAX, "%s_%.*s%s.xml", good ? "Successed" : "Failed", (int)length, shown,
             number);
}

static void say_failed(const struct outbox *outbox, enum log_event event, const char *name,
                       enum status status) {
    char shown[FOLDER_NAME_MAX];
    log_event(LOG_ERROR, event, LOG_STRING("party", outbox->party),
              LOG_STRING("file", folder_show(name, shown)), LOG_STRING("status", status_name(status)),
              LOG_END);
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
        say_failed(task->outbox, EVENT_FILES_REFUSAL_UNREADABLE, task->name, status);
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
    hand_over(task->files, &task->files->to_disk, task);
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
                            .trace = "" };
    enum status status = intake_submit(intake, &env, party, buf_text(&task->bytes), answered, task);
    room_counter_add(&files_counters[FILES_COUNT_RECEIVED], status == STATUS_OK);
    if (status != STATUS_OK) { /* else it is the intake's until it is answered */
        task->status = status;
        leave(task);
    }
}

/* --- loop thread: deliveries ------------------------------------------------------------------------- */

/* A code as part of a name: what is not a letter, a digit, '-' or '_' becomes '-'. */
static void add_part(char name[FOLDER_NAME_MAX], const char *part) {
    size_t length = strlen(name);
    if (*part && length + 1 < FOLDER_NAME_MAX - 5) {
        name[length++] = '_';
        for (; *part && length < FOLDER_NAME_MAX - 5; part++) {
            char lower = (char)(*part | 0x20);
            bool plain = (*part >= '0' && *part <= '9') || (lower >= 'a' && lower <= 'z') || *part == '_';
            name[length++] = plain ? *part : '-';
        }
        name[length] = '\0';
    }
}

static void name_delivery(struct task *task, const struct delivery *delivery) {
    snprintf(task->target, sizeof(task->target), "%" PRIu64, delivery->record);
    add_part(task->target, delivery->family);
    add_part(task->target, delivery->sender);
    strcat(task->target, ".xml"); /* add_part() leaves room for it */
}

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
    struct task *task = task_new(files, outbox, TASK_PUT, delivery->data.length);
    buf_add_text(&task->bytes, delivery->data);
    if (*delivery->file) {
        name_response(delivery->file, false, delivery->record, task->target);
        snprintf(task->name, sizeof(task->name), "%s", delivery->file);
        task->patient = delivery->attempt <= PATIENT_MAX;
    } else {
        name_delivery(task, delivery);
    }
    task->delivery = delivery;
    task->sibling = files->deliveries;
    files->deliveries = task;
    hand_over(files, &files->to_disk, task);
}

static void cancel_file(void *context, struct delivery *delivery) {
    struct files *files = context;
    for (struct task *task = files->deliveries; task; task = task->sibling) {
        if (task->delivery == delivery) {
            task->delivery = NULL; /* the disk goes on; nobody listens */
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
    for (struct task *task = take_all(files, &files->to_loop, files->loop_fd), *next; task; task = next) {
        next = task->next;
        if (task->kind == TASK_PUT) {
            delivered(task);
        } else {
            submit(task);
        }
    }
}

/* --- disk thread: from OutBox ------------------------------------------------------------------------ */

static void look_again(struct outbox *outbox, int64_t at_ms) {
    if (at_ms < outbox->scan_ms) {
        outbox->scan_ms = at_ms;
    }
}

static bool is_under_way(const struct outbox *outbox, const char *name) {
    for (const struct task *task = outbox->under_way; task; task = task->sibling) {
        if (strcmp(task->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void end_way(struct task *task) {
    struct outbox *outbox = task->outbox;
    struct task **at = &outbox->under_way;
    while (*at != task) {
        at = &(*at)->sibling;
    }
    *at = task->sibling;
    outbox->count--;
    outbox->bytes -= task->size;
    if (outbox->more && outbox->count <= UNDER_WAY_MAX / 2 && outbox->bytes <= BYTES_MAX / 2) {
        look_again(outbox, outbox->rest_ms);
    }
    task_free(task);
}

static enum status place_in(const struct outbox *outbox, enum box box, const char *name, struct text bytes) {
    int fd;
    enum status status = folder_open_box(outbox->folder, box, &fd);
    if (status == STATUS_OK) {
        status = folder_place(fd, name, bytes);
        close(fd);
    }
    return status;
}

/* As a response to what was recorded, but without its number. */
static enum status say_unrecorded(const struct outbox *outbox, const char *shown, const char *code,
                                  const char *zh, const char *en) {
    char target[FOLDER_NAME_MAX];
    struct buf response;
    name_response(shown, false, 0, target);
    buf_init(&response, UNRECORDED_MAX);
    unrecorded_xml(code, zh, en, outbox->form, &response);
    require(!buf_failed(&response));
    enum status status = place_in(outbox, BOX_IN, target, buf_text(&response));
    buf_release(&response);
    return status;
}

/* What cannot become a message goes to FailBox; the reason and the response in InBox first, so that no file
 * stands there unexplained. */
static void put_away(const struct outbox *outbox, const char *name, const struct file_identity *identity,
                     const char *code, const char *zh, const char *en) {
    char shown[FOLDER_NAME_MAX], target[FOLDER_NAME_MAX + 16], reason[REASON_MAX];
    folder_show(name, shown);
    snprintf(target, sizeof(target), "%s.reason.txt", shown);
    int length = snprintf(reason, sizeof(reason), "%s\n%s\n%s\n%s\n", code, shown, zh, en);
    enum status status = place_in(outbox, BOX_FAIL, target, (struct text){ reason, (size_t)length });
    if (status == STATUS_OK) {
        status = say_unrecorded(outbox, shown, code, zh, en);
    }
    if (status == STATUS_OK) {
        status = folder_move(outbox->folder, name, identity, BOX_FAIL, NULL);
    }
    if (status == STATUS_OK) {
        log_event(LOG_WARN, EVENT_FILES_PUT_AWAY, LOG_STRING("party", outbox->party),
                  LOG_STRING("file", shown), LOG_STRING("code", code), LOG_END);
    } else if (status != STATUS_NOT_FOUND) {
        say_failed(outbox, EVENT_FILES_CANNOT_PUT_AWAY, name, status);
    }
}

static void consider(struct files *files, struct outbox *outbox, int box_fd, const char *name,
                     bool moved_in) {
    int64_t now_ms = stamp_monotonic_ms();
    if (!folder_is_candidate(name) || is_under_way(outbox, name)) {
        return;
    }
    if (outbox->count == UNDER_WAY_MAX || outbox->bytes >= BYTES_MAX || now_ms < outbox->rest_ms) {
        outbox->more = true;
        return;
    }
    struct task *task = task_new(files, outbox, TASK_TAKEN, CHECK_BODY_MAX);
    int settle_ms = files->options.settle_ms;
    enum file_fault fault = folder_read(box_fd, name, moved_in, settle_ms, &task->bytes, &task->identity);
    if (fault == FILE_FAULT_GOOD) {
        snprintf(task->name, sizeof(task->name), "%s", name);
        task->sibling = outbox->under_way;
        outbox->under_way = task;
        task->size = task->bytes.length;
        outbox->count++;
        outbox->bytes += task->size;
        hand_over(files, &files->to_loop, task);
        return;
    }
    if (fault == FILE_FAULT_RESTLESS) {
        look_again(outbox, now_ms + settle_ms);
    } else if (*file_fault_code(fault) && outbox->put_away == PUT_AWAY_MAX) {
        look_again(outbox, now_ms + CROWD_MS);
    } else if (*file_fault_code(fault)) {
        outbox->put_away++;
        put_away(outbox, name, &task->identity, file_fault_code(fault),
                 file_fault_sentence(fault, LANGUAGE_ZH), file_fault_sentence(fault, LANGUAGE_EN));
    }
    task_free(task);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names first, then the files: a box of a million files is taken in bites, each in the order of its names.
 * What cannot be read is put away a few at a time, however it came: 20,000 links are one party's trouble and
 * keep nobody waiting. */
static void scan_box(struct files *files, struct outbox *outbox, int box_fd) {
    char *names[SCAN_NAMES_MAX];
    size_t count = 0;
    int fd = dup(box_fd);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; dir && count < SCAN_NAMES_MAX && (entry = readdir(dir));) {
        if (entry->d_type != DT_DIR && folder_is_candidate(entry->d_name)
            && !is_under_way(outbox, entry->d_name)) {
            names[count++] = memory_string(entry->d_name);
        }
    }
    if (dir) {
        closedir(dir);
    }
    qsort(names, count, sizeof(*names), by_name);
    for (size_t i = 0; i < count; i++) {
        consider(files, outbox, box_fd, names[i], false);
        free(names[i]);
    }
}

static void prepare(struct files *files, struct outbox *outbox) {
    char path[4096];
    enum status status = folder_prepare(outbox->folder);
    snprintf(path, sizeof(path), "%s/OutBox", outbox->folder);
    if (status == STATUS_OK) {
        /* Without a watch (their number has a limit) the scans must do. */
        uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW;
        outbox->watch = inotify_add_watch(files->inotify_fd, path, events);
        outbox->prepared = true;
    } else {
        say_failed(outbox, EVENT_FILES_FOLDER_NOT_USABLE, outbox->folder, status);
    }
}

static void scan(struct files *files, struct outbox *outbox, int64_t now_ms) {
    int fd;
    outbox->scan_ms = now_ms + files->options.scan_ms;
    outbox->more = false;
    outbox->put_away = 0;
    if (!outbox->prepared) {
        prepare(files, outbox);
    }
    if (outbox->prepared && outbox->count < UNDER_WAY_MAX && now_ms >= outbox->rest_ms) {
        if (folder_open_box(outbox->folder, BOX_OUT, &fd) == STATUS_OK) {
            scan_box(files, outbox, fd);
            close(fd);
        } else {
            outbox->prepared = false; /* it was taken away: made or found again at the next scan */
        }
    }
}

static void note_event(struct files *files, const struct inotify_event *event) {
    int64_t now_ms = stamp_monotonic_ms();
    for (size_t i = 0; i < files->scanned_count; i++) {
        struct outbox *outbox = files->scanned[i];
        int fd;
        if (event->mask & IN_Q_OVERFLOW) {
            look_again(outbox, now_ms);
        } else if (outbox->watch == event->wd && event->len && (event->mask & IN_MOVED_TO)) {
            if (folder_open_box(outbox->folder, BOX_OUT, &fd) == STATUS_OK) {
                consider(files, outbox, fd, event->name, true);
                close(fd);
            }
        } else if (outbox->watch == event->wd) {
            look_again(outbox, now_ms + files->options.settle_ms);
        }
    }
}

static void read_events(struct files *files) {
    _Alignas(struct inotify_event) char buffer[16 * 1024];
    for (ssize_t got; (got = read(files->inotify_fd, buffer, sizeof(buffer))) > 0;) {
        for (char *at = buffer; at < buffer + got;) {
            const struct inotify_event *event = (const struct inotify_event *)at;
            note_event(files, event);
            at += sizeof(*event) + event->len;
        }
    }
}

/* --- disk thread: into the boxes --------------------------------------------------------------------- */

static void put_answer(struct task *task) {
    struct outbox *outbox = task->outbox;
    char mark[32];
    snprintf(mark, sizeof(mark), "%" PRIu64, task->record);
    enum status status = place_in(outbox, BOX_IN, task->target, buf_text(&task->bytes));
    if (status == STATUS_OK && *task->second) {
        status = place_in(outbox, BOX_IN, task->second, buf_text(&task->refusal));
    }
    if (status == STATUS_OK) { /* only now: a file that has left OutBox has been answered */
        status = folder_move(outbox->folder, task->name, &task->identity, task->to, mark);
        status = status == STATUS_NOT_FOUND ? STATUS_OK : status; /* its sender took or replaced it */
    }
    if (status != STATUS_OK) { /* the file stays and is asked about again: same receipt */
        say_failed(outbox, EVENT_FILES_CANNOT_ANSWER, task->name, status);
        outbox->rest_ms = stamp_monotonic_ms() + AGAIN_MS;
        look_again(outbox, outbox->rest_ms);
    }
    end_way(task);
}

static void put_back(struct task *task) {
    struct outbox *outbox = task->outbox;
    if (task->status == STATUS_DENIED) { /* of a party that is blocked or gone: its files are left alone */
        outbox->rest_ms = stamp_monotonic_ms() + QUOTA_MS;
        look_again(outbox, outbox->rest_ms);
    } else if (status_retry(task->status) == RETRY_LATER) {
        outbox->rest_ms = stamp_monotonic_ms() + (task->status == STATUS_QUOTA ? QUOTA_MS : AGAIN_MS);
        look_again(outbox, outbox->rest_ms);
    } else {
        put_away(outbox, task->name, &task->identity, status_name(task->status), "网关拒绝接收该文件",
                 status_sentence(task->status, LANGUAGE_EN));
    }
    end_way(task);
}

/* Who dies before a file is answered reads it again, and gives it its receipt then: the program that reads
 * them in their order must not find "taken" behind "refused". */
static enum status put_delivery(struct task *task) {
    const char *folder = task->outbox->folder;
    if (task->patient && folder_holds(folder, BOX_OUT, task->name)) {
        return STATUS_BUSY;
    }
    return place_in(task->outbox, BOX_IN, task->target, buf_text(&task->bytes));
}

/* Who is not looked at any more keeps no watch: another box of the same folder has its own. */
static void change_boxes(struct task *task) {
    struct files *files = task->files;
    for (size_t i = 0; i < files->scanned_count; i++) {
        struct outbox *outbox = files->scanned[i];
        bool stays = false;
        for (size_t k = 0; !stays && k < task->boxes_count; k++) {
            stays = task->boxes[k] == outbox;
        }
        if (!stays && outbox->watch >= 0) {
            inotify_rm_watch(files->inotify_fd, outbox->watch);
        }
        outbox->watch = stays ? outbox->watch : -1;
        outbox->prepared = stays && outbox->prepared;
    }
    free(files->scanned);
    files->scanned = task->boxes;
    files->scanned_count = task->boxes_count;
    for (size_t i = 0; i < files->scanned_count; i++) {
        look_again(files->scanned[i], stamp_monotonic_ms());
    }
    task_free(task);
}

static void run_task(struct task *task) {
    switch (task->kind) {
    case TASK_PUT:
        task->status = put_delivery(task);
        hand_over(task->files, &task->files->to_loop, task);
        break;
    case TASK_ANSWERED: put_answer(task); break;
    case TASK_LEFT: put_back(task); break;
    case TASK_CHANGE: change_boxes(task); break;
    case TASK_TAKEN: panic("a file taken does not come back as it went");
    }
}

static bool run_tasks(struct files *files) {
    struct task *task = take_all(files, &files->to_disk, files->disk_fd);
    bool any = task != NULL;
    while (task) {
        struct task *next = task->next;
        run_task(task);
        task = next;
    }
    return any;
}

static int64_t scan_what_is_due(struct files *files) {
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < files->scanned_count; i++) {
        struct outbox *outbox = files->scanned[i];
        int64_t now_ms = stamp_monotonic_ms();
        if (outbox->scan_ms <= now_ms) {
            scan(files, outbox, now_ms);
        }
        next_ms = outbox->scan_ms < next_ms ? outbox->scan_ms : next_ms;
    }
    return next_ms;
}

static bool is_stopping(struct files *files) {
    pthread_mutex_lock(&files->mutex);
    bool stopping = files->stopping;
    pthread_mutex_unlock(&files->mutex);
    return stopping;
}

static void *disk_main(void *argument) {
    struct files *files = argument;
    struct pollfd fds[] = { { .fd = files->disk_fd, .events = POLLIN },
                            { .fd = files->inotify_fd, .events = POLLIN } };
    while (!is_stopping(files)) {
        int64_t delay_ms = scan_what_is_due(files) - stamp_monotonic_ms();
        delay_ms = delay_ms < 0 ? 0 : delay_ms > files->options.scan_ms ? files->options.scan_ms : delay_ms;
        if (poll(fds, 2, (int)delay_ms) > 0) {
            run_tasks(files);
            read_events(files);
        }
    }
    while (run_tasks(files)) { /* what was answered is put into its box before we end */
    }
    return NULL;
}

/* --- start and stop ---------------------------------------------------------------------------------- */

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
    struct outbox *outbox = memory_new(sizeof(*outbox));
    outbox->party = memory_string(party);
    outbox->folder = memory_string(folder);
    outbox->form = memory_string(form);
    outbox->watch = -1;
    files->outboxes = memory_grow(files->outboxes, files->outboxes_count + 1, sizeof(struct outbox *));
    files->outboxes[files->outboxes_count++] = outbox;
    return outbox;
}

/* Names the boxes of the edition; those to be looked at are the caller's. */
static struct outbox **name_outboxes(struct files *files, size_t *count) {
    const struct parties *parties = files->edition->parties;
    struct outbox **scanned = memory_array(parties->count + 1, sizeof(struct outbox *));
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
            scanned[*count] = outbox;
            *count += !party->blocked;
        }
    }
    return scanned;
}

void files_change(struct files *files, const struct edition *edition) {
    const struct edition *before = files->edition;
    files->edition = edition_take(edition);
    struct task *task = task_new(files, NULL, TASK_CHANGE, 0);
    task->boxes = name_outboxes(files, &task->boxes_count);
    hand_over(files, &files->to_disk, task);
    edition_release(before);
}

static void release(struct files *files) {
    int fds[] = { files->inotify_fd, files->disk_fd, files->loop_fd };
    for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    loop_watch_free(files->watch);
    pthread_mutex_destroy(&files->mutex);
    reader_free(files->reader);
    state_close(files->state);
    for (size_t i = 0; i < files->outboxes_count; i++) {
        free(files->outboxes[i]->party);
        free(files->outboxes[i]->folder);
        free(files->outboxes[i]->form);
        free(files->outboxes[i]);
    }
    free(files->outboxes);
    free(files->scanned);
    edition_release(files->edition);
    free(files);
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
    list_init(&files->to_disk);
    list_init(&files->to_loop);
    pthread_mutex_init(&files->mutex, NULL);
    files->scanned = name_outboxes(files, &files->scanned_count);
    files->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (files->inotify_fd < 0) { /* their number has a limit that others may use up: the scans must do */
        log_event(LOG_WARN, EVENT_FILES_NO_INOTIFY, LOG_STRING("reason", strerror(errno)), LOG_END);
    }
    files->disk_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    files->loop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum status status = state_open(options->directory, STORE_READ, &files->state);
    if (status != STATUS_OK) {
        release(files);
        return status;
    }
    state_on_damage(files->state, options->on_damage, options->context);
    files->reader = reader_new(options->journal);
    bool works = files->disk_fd >= 0 && files->loop_fd >= 0;
    if (!works || pthread_create(&files->thread, NULL, disk_main, files) != 0) {
        release(files);
        return STATUS_IO;
    }
    pthread_setname_np(files->thread, "folders");
    files->watch = loop_watch_new(files->options.loop, files->loop_fd, LOOP_READ, tasks_back, files);
    *out = files;
    return STATUS_OK;
}

/* What was read and not yet submitted is forgotten: the files still lie in their OutBox. */
static void forget_files(struct files *files) {
    for (size_t i = 0; i < files->outboxes_count; i++) {
        for (struct task *task = files->outboxes[i]->under_way, *next; task; task = next) {
            next = task->sibling;
            task_free(task);
        }
    }
    for (struct task *task = files->deliveries, *next; task; task = next) {
        next = task->sibling;
        task_free(task);
    }
}

void files_stop(struct files *files) {
    if (!files) {
        return;
    }
    pthread_mutex_lock(&files->mutex);
    files->stopping = true;
    pthread_mutex_unlock(&files->mutex);
    wake(files->disk_fd);
    pthread_join(files->thread, NULL);
    forget_files(files);
    release(files);
}

const struct port *files_port(const struct files *files) {
    return &files->port;
}
