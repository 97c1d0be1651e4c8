/*
 * outbox.c - a look goes from name to name, and stops where there is no place; what is taken counts until
 * its way has ended. Whatever leaves OutBox is explained first: response or reason are written and synced
 * before the file is moved, so that after a crash at any point it is still there and is asked about again.
 */
#include "adapters/files/outbox.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/stamp.h"
#include "base/status.h"
#include "message/finding_code.h"
#include "message/receipt.h"
#include "check/check.h"
#include "adapters/files/archive.h"
#include "adapters/files/names.h"

#define UNDER_WAY_MAX  16
#define PUT_AWAY_MAX   8  /* of a party's, until the others have had their turn: each is written and synced */
#define CROWD_MS       50 /* and so long until its next turn */
#define TURN_NAMES     64 /* looked at, until the others have had their turn */
#define ENTRIES_PER_MS 250 /* between two looks is a rest: what lies there for ever costs little */
#define REASON_MAX     4096
#define UNRECORDED_MAX (64u << 10)
#define AGAIN_MS       1000  /* after a refusal that says later */
#define QUOTA_MS       60000 /* after the one that says tomorrow: the settings, or the day, may change */
/* Of a party's files under way: reading more would keep the disk from the others. */
#define BYTES_MAX      (16u << 20)

struct outbox *outbox_new(const char *party, const char *folder, const char *form) {
    struct outbox *outbox = memory_new(sizeof(*outbox));
    outbox->party = memory_string(party);
    outbox->folder = memory_string(folder);
    outbox->form = memory_string(form);
    outbox->watch = -1;
    return outbox;
}

void outbox_free(struct outbox *outbox) {
    for (struct task *task = outbox->under_way, *next; task; task = next) {
        next = task->sibling;
        task_free(task);
    }
    listing_close(outbox->listing);
    free(outbox->party);
    free(outbox->folder);
    free(outbox->form);
    free(outbox);
}

void outbox_log(const struct outbox *outbox, enum log_event event, const char *name, enum status status) {
    char shown[FOLDER_NAME_MAX];
    log_event(LOG_ERROR, event, LOG_STRING("party", outbox->party),
              LOG_STRING("file", folder_show(name, shown)), LOG_STRING("status", status_name(status)),
              LOG_END);
}

/* --- what is under way ------------------------------------------------------------------------------- */

/* ... with the look that has begun. */
static void go_on(struct outbox *outbox, int64_t at_ms) {
    if (at_ms < outbox->scan_ms) {
        outbox->scan_ms = at_ms;
    }
}

void outbox_look_again(struct outbox *outbox, int64_t at_ms) {
    outbox->again = outbox->listing != NULL;
    go_on(outbox, at_ms);
}

/* It stays, and is to be the next that is looked at. */
static void pass_back(struct outbox *outbox, const char *name, int64_t at_ms) {
    if (outbox->listing && listing_put_back(outbox->listing, name)) {
        go_on(outbox, at_ms);
    } else {
        outbox_look_again(outbox, at_ms);
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
    require(outbox->count > 0 && outbox->bytes >= task->size);
    struct task **at = &outbox->under_way;
    while (*at != task) {
        at = &(*at)->sibling;
    }
    *at = task->sibling;
    outbox->count--;
    outbox->bytes -= task->size;
    if (outbox->more && outbox->count <= UNDER_WAY_MAX / 2 && outbox->bytes <= BYTES_MAX / 2) {
        go_on(outbox, outbox->rest_ms);
    }
    task_free(task);
}

/* --- what is told and put away ----------------------------------------------------------------------- */

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
    const struct finding_meaning *meaning = finding_meaning_find(code);
    int length = snprintf(reason, sizeof(reason), "%s\n%s\n%s\n%s\n", code, shown, zh, en);
    if (meaning && *meaning->explanation_zh) {
        length += snprintf(reason + length, sizeof(reason) - (size_t)length, "%s\n%s\n",
                           meaning->explanation_zh, meaning->explanation_en);
    }
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
        outbox_log(outbox, EVENT_FILES_CANNOT_PUT_AWAY, name, status);
    }
}

/* --- looking ----------------------------------------------------------------------------------------- */

/* What came in an archive is the message; of the archive its digest is kept. */
static enum file_fault open_archive(struct task *task, const char *name) {
    if (!archive_is_one(name, buf_text(&task->bytes))) {
        return FILE_FAULT_GOOD;
    }
    char hex[DIGEST_HEX_MAX];
    struct digest digest = digest_of(task->bytes.at, task->bytes.length);
    struct buf archive = task->bytes;
    buf_init(&task->bytes, CHECK_BODY_MAX);
    snprintf(task->outer, sizeof(task->outer), "sha256:%s", digest_hex(&digest, hex));
    enum file_fault fault = archive_read(buf_text(&archive), &task->bytes);
    buf_release(&archive);
    return fault;
}

/* Of a name: done with, for this look; or it waits for a place, or for the others' turn. */
enum looked { LOOKED_DONE, LOOKED_NO_PLACE, LOOKED_CROWDED };

static void take(struct task *task, const struct outbox_reading *reading, const char *name) {
    struct outbox *outbox = task->outbox;
    snprintf(task->name, sizeof(task->name), "%s", name);
    task->sibling = outbox->under_way;
    outbox->under_way = task;
    task->size = task->bytes.length;
    outbox->count++;
    outbox->bytes += task->size;
    task_queue_put(reading->taken, task);
}

static enum looked consider(struct outbox *outbox, const struct outbox_reading *reading, int box_fd,
                            const char *name, bool moved_in) {
    int64_t now_ms = stamp_monotonic_ms();
    if (!folder_is_candidate(name) || is_under_way(outbox, name)) {
        return LOOKED_DONE;
    }
    if (outbox->count == UNDER_WAY_MAX || outbox->bytes >= BYTES_MAX || now_ms < outbox->rest_ms) {
        outbox->more = true;
        return LOOKED_NO_PLACE;
    }
    struct task *task = task_new(outbox, TASK_TAKEN, CHECK_BODY_MAX);
    int settle_ms = reading->settle_ms;
    enum file_fault fault = folder_read(box_fd, name, moved_in, settle_ms, &task->bytes, &task->identity);
    if (fault == FILE_FAULT_GOOD) {
        fault = open_archive(task, name);
    }
    if (fault == FILE_FAULT_GOOD) {
        take(task, reading, name);
        return LOOKED_DONE;
    }
    enum looked looked = LOOKED_DONE;
    if (fault == FILE_FAULT_RESTLESS) {
        outbox_look_again(outbox, now_ms + settle_ms);
    } else if (*file_fault_code(fault) && outbox->put_away == PUT_AWAY_MAX) {
        looked = LOOKED_CROWDED;
    } else if (*file_fault_code(fault)) {
        outbox->put_away++;
        put_away(outbox, name, &task->identity, file_fault_code(fault),
                 file_fault_sentence(fault, LANGUAGE_ZH), file_fault_sentence(fault, LANGUAGE_EN));
    }
    task_free(task);
    return looked;
}

/* All names were given: what came behind its back is for another look. */
static void end_look(struct outbox *outbox, const struct outbox_reading *reading, int64_t now_ms) {
    outbox->list_ms = now_ms + (int64_t)(listing_entries(outbox->listing) / ENTRIES_PER_MS);
    listing_close(outbox->listing);
    outbox->listing = NULL;
    if (outbox->again) {
        outbox->again = false;
        go_on(outbox, now_ms + reading->settle_ms);
    }
}

/* What cannot be read is put away a few at a time, however it came: 20,000 links are one party's trouble and
 * keep nobody waiting. */
static void look(struct outbox *outbox, const struct outbox_reading *reading, int64_t now_ms) {
    struct listing *listing = outbox->listing;
    const char *name = NULL;
    for (int i = 0; i < TURN_NAMES && (name = listing_next(listing)); i++) {
        enum looked looked = consider(outbox, reading, listing_fd(listing), name, false);
        if (looked == LOOKED_NO_PLACE) {
            return;
        }
        if (looked == LOOKED_CROWDED) {
            go_on(outbox, now_ms + CROWD_MS);
            return;
        }
        listing_pass(listing);
    }
    if (listing_ended(listing)) {
        end_look(outbox, reading, now_ms);
    } else {
        go_on(outbox, now_ms); /* the others first */
    }
}

static void prepare(struct outbox *outbox, const struct outbox_reading *reading) {
    char path[4096];
    enum status status = folder_prepare(outbox->folder);
    snprintf(path, sizeof(path), "%s/OutBox", outbox->folder);
    if (status == STATUS_OK) {
        /* Without a watch (their number has a limit) the scans must do. */
        uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW;
        outbox->watch = inotify_add_watch(reading->inotify_fd, path, events);
        outbox->prepared = true;
    } else {
        outbox_log(outbox, EVENT_FILES_FOLDER_NOT_USABLE, outbox->folder, status);
    }
}

/* The "." tells a box from a file of its name. */
static int fault_of_boxes(const struct outbox *outbox) {
    static const char *const boxes[] = {
#define X(name, text) text,
        BOX_LIST(X)
#undef X
    };
    char path[4096];
    for (size_t i = 0; i < sizeof(boxes) / sizeof(*boxes); i++) {
        snprintf(path, sizeof(path), "%s/%s/.", outbox->folder, boxes[i]);
        if (access(path, R_OK | W_OK | X_OK) != 0) {
            return errno;
        }
    }
    return 0;
}

/* For who asks how it stands. */
static void note(struct outbox *outbox, int64_t now_ms) {
    bool waits = outbox->count > 0 || outbox->more;
    atomic_store(&outbox->fault, fault_of_boxes(outbox));
    if (!waits || atomic_load(&outbox->stalled_ms) == 0) {
        atomic_store(&outbox->stalled_ms, waits ? now_ms : 0);
    }
}

int outbox_fault(const struct outbox *outbox) {
    return atomic_load(&outbox->fault);
}

int64_t outbox_stalled_ms(const struct outbox *outbox, int64_t now_ms) {
    int64_t since_ms = atomic_load(&outbox->stalled_ms);
    return since_ms && now_ms > since_ms ? now_ms - since_ms : 0;
}

void outbox_scan(struct outbox *outbox, const struct outbox_reading *reading, int64_t now_ms) {
    outbox->scan_ms = now_ms + reading->scan_ms;
    bool looked = outbox->listing != NULL; /* it goes on with the look that has begun */
    outbox->more = false;
    outbox->put_away = 0;
    if (!outbox->prepared) {
        prepare(outbox, reading);
    }
    if (outbox->prepared && !outbox->listing && now_ms < outbox->list_ms) {
        go_on(outbox, outbox->list_ms);
    } else if (outbox->prepared && !outbox->listing) {
        int fd;
        enum status status = folder_open_box(outbox->folder, BOX_OUT, &fd);
        outbox->listing = status == STATUS_OK ? listing_open(fd) : NULL;
        outbox->again = false;
        outbox->prepared = outbox->listing != NULL; /* or it was taken away: made or found at the next scan */
    }
    if (outbox->listing) {
        look(outbox, reading, now_ms);
    }
    if (!looked) {
        note(outbox, now_ms);
    }
}

void outbox_moved_in(struct outbox *outbox, const struct outbox_reading *reading, const char *name) {
    int fd;
    if (folder_open_box(outbox->folder, BOX_OUT, &fd) == STATUS_OK) {
        enum looked looked = consider(outbox, reading, fd, name, true);
        close(fd);
        if (looked == LOOKED_NO_PLACE) { /* looked at when there is one */
            outbox->again = true;
        } else if (looked == LOOKED_CROWDED) {
            outbox_look_again(outbox, stamp_monotonic_ms() + CROWD_MS);
        }
    }
}

/* Who is not looked at any more keeps no watch: another box of the same folder has its own. */
void outbox_change(struct outbox *outbox, const struct outbox_reading *reading, bool stays) {
    require(reading->inotify_fd >= 0 || outbox->watch < 0);
    if (!stays && outbox->watch >= 0) {
        inotify_rm_watch(reading->inotify_fd, outbox->watch);
    }
    if (!stays) {
        listing_close(outbox->listing);
        outbox->listing = NULL;
    }
    outbox->watch = stays ? outbox->watch : -1;
    outbox->prepared = stays && outbox->prepared;
}

/* --- answers and deliveries -------------------------------------------------------------------------- */

void outbox_answer(struct task *task) {
    require(task->kind == TASK_ANSWERED && *task->target && (task->to == BOX_SENT || task->to == BOX_FAIL));
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
        outbox_log(outbox, EVENT_FILES_CANNOT_ANSWER, task->name, status);
        outbox->rest_ms = stamp_monotonic_ms() + AGAIN_MS;
        pass_back(outbox, task->name, outbox->rest_ms);
    } else if (atomic_load(&outbox->stalled_ms)) {
        atomic_store(&outbox->stalled_ms, stamp_monotonic_ms());
    }
    end_way(task);
}

void outbox_put_back(struct task *task) {
    require(task->kind == TASK_LEFT && task->status != STATUS_OK);
    struct outbox *outbox = task->outbox;
    if (task->status == STATUS_DENIED) { /* of a party that is blocked or gone: its files are left alone */
        outbox->rest_ms = stamp_monotonic_ms() + QUOTA_MS;
        pass_back(outbox, task->name, outbox->rest_ms);
    } else if (status_retry(task->status) == RETRY_LATER) {
        outbox->rest_ms = stamp_monotonic_ms() + (task->status == STATUS_QUOTA ? QUOTA_MS : AGAIN_MS);
        pass_back(outbox, task->name, outbox->rest_ms);
    } else {
        put_away(outbox, task->name, &task->identity, status_name(task->status), "网关拒绝接收该文件",
                 status_sentence(task->status, LANGUAGE_EN));
    }
    end_way(task);
}

/* Who dies before a file is answered reads it again, and gives it its receipt then: the program that reads
 * them in their order must not find "taken" behind "refused". */
enum status outbox_deliver(const struct task *task) {
    require(task->kind == TASK_PUT && *task->target);
    const char *folder = task->outbox->folder;
    if (task->patient && folder_holds(folder, BOX_OUT, task->name)) {
        return STATUS_BUSY;
    }
    return place_in(task->outbox, BOX_IN, task->target, buf_text(&task->bytes));
}
