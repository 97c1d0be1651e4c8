/*
 * house.c - opens a gateway on a loop of its own and turns that until what is waited for has come. Other
 * threads (workers, sequencer, engine, folders) wake the loop when they have something to say, so a turn
 * waits for them and not for a time.
 */
#include "house.h"

#include <dirent.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "journal/reader.h"
#include "adapters/loopback.h"
#include "receivers.h"

#define TURN_MS   20 /* a turn's wait; whoever has something to say ends it earlier */
#define FILES_MAX (32u << 20)

/* --- the clock ------------------------------------------------------------------------------------------ */

static _Atomic stamp wall;
static _Atomic int64_t monotonic_ms;

stamp house_now(void) {
    return atomic_load(&wall);
}

static int64_t now_ms(void) {
    return atomic_load(&monotonic_ms);
}

static int64_t elapsed(void) {
    return now_ms() * 1000000;
}

void house_advance(int64_t seconds) {
    atomic_fetch_add(&wall, seconds * STAMP_SECOND);
    atomic_fetch_add(&monotonic_ms, seconds * 1000);
}

void house_set_wall(stamp at) {
    atomic_store(&wall, at);
}

/* --- folders and files ---------------------------------------------------------------------------------- */

_Noreturn void give_up(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    exit(1);
}

static void run(const char *command) {
    if (system(command) != 0) {
        give_up("%s: failed", command);
    }
}

static const char *path_of(const struct house *house, const char *name) {
    return arena_printf(house->arena, "%s/%s", house->directory, name);
}

static struct text kept(struct house *house, struct text text) {
    return (struct text){ arena_copy(house->arena, text), text.length };
}

static void copy_file(const char *from, const char *to) {
    struct buf bytes;
    buf_init(&bytes, 256u << 20);
    enum status status = file_read(from, &bytes);
    unlink(to);
    if (status == STATUS_OK) {
        FILE *file = fopen(to, "w");
        require(file && fwrite(bytes.at, 1, bytes.length, file) == bytes.length && fclose(file) == 0);
    } else {
        require(status == STATUS_NOT_FOUND);
    }
    buf_release(&bytes);
}

/* --- its life ------------------------------------------------------------------------------------------- */

static void make_folder_of_row(struct house *house, struct text row) {
    const char *found = memmem(row.at, row.length, "/folders/", strlen("/folders/"));
    if (found) {
        size_t length = strcspn(found, " ,}\n");
        run(arena_printf(house->arena, "mkdir -p '%s%.*s'", house->directory, (int)length, found));
    }
}

void house_set_parties(struct house *house, struct text parties) {
    struct buf file;
    buf_init(&file, 1 << 20);
    while (parties.length) {
        struct text row = text_until(&parties, '\n');
        const char *srv = memmem(row.at, row.length, "/srv/", strlen("/srv/"));
        size_t before = srv ? (size_t)(srv - row.at) : row.length;
        size_t start = file.length;
        buf_add(&file, row.at, before);
        if (srv) {
            buf_printf(&file, "%s/folders/", house->directory);
            buf_add(&file, srv + strlen("/srv/"), row.length - before - strlen("/srv/"));
        }
        buf_add_char(&file, '\n');
        make_folder_of_row(house, (struct text){ file.at + start, file.length - start });
    }
    require(file_replace(path_of(house, "parties.yaml"), buf_text(&file)) == STATUS_OK);
    buf_release(&file);
}

void house_set(struct house *house, const char *name, const char *value) {
    char variable[128];
    snprintf(variable, sizeof(variable), "CLEARWAY_%s", name);
    for (char *c = variable; *c; c++) {
        *c = *c == '.' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    require(setenv(variable, value, 1) == 0);
}

struct house *house_new(struct text parties) {
    struct house *house = memory_new(sizeof(*house));
    strcpy(house->directory, "/tmp/clearway-scenario-XXXXXX");
    require(mkdtemp(house->directory));
    house->arena = arena_new();
    house->data = path_of(house, "data");
    house->port = (struct port){
        .transport = "loopback", .context = house, .send = receivers_take, .cancel = receivers_cancel
    };
    house_set_parties(house, parties);
    const struct named {
        const char *name, *value;
    } settings[] = {
        { "gateway.data", house->data },
        { "gateway.schemas", SOURCE_DIR "/schemas" },
        { "gateway.workers", "1" },
        { "gateway.parties", path_of(house, "parties.yaml") },
        { "machines.listen", "" },
        { "people.listen", "" },
        { "monitors.listen", "" },
        { "journal.segment_mib", "8" },
        { "journal.reserve_mib", "1" },
        { "journal.scrub_bytes_s", "0" },
        { "journal.gather_ms", "0" },
        { "state.audit_rows_s", "0" },
        { "pick_up.key", SOURCE_DIR "/tests/scenario/pick-up.pem" },
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
        house_set(house, settings[i].name, settings[i].value);
    }
    log_set_level(LOG_ERROR);
    return house;
}

static void cannot_write(enum status status, void *context) {
    fprintf(stderr, "the gateway cannot write: %s\n", status_name(status));
    _exit(1);
}

static void open_gateway(struct house *house) {
    struct verdict mistakes;
    struct explanation why = { "", "" };
    verdict_init(&mistakes, house->arena);
    enum status status = settings_load(NULL, &house->settings, house->arena, &mistakes);
    if (status == STATUS_OK) {
        house->loop = loop_new_by(now_ms);
        struct gateway_options options = { .settings = house->settings,
                                           .loop = house->loop,
                                           .clock = { .wall = house_now, .elapsed = elapsed },
                                           .on_failure = cannot_write };
        status = gateway_open(&options, &mistakes, &why, &house->gateway);
    }
    for (size_t i = 0; i < mistakes.count && status != STATUS_OK; i++) {
        const struct finding *finding = &mistakes.findings[i];
        fprintf(stderr, "%s:%u: %s: %s\n", finding->file, finding->place.line, finding->code, finding->en);
    }
    if (status != STATUS_OK) {
        give_up("the gateway does not start: %s %s", status_name(status), why.en);
    }
}

void house_start(struct house *house) {
    open_gateway(house);
    house->rooms = gateway_rooms(house->gateway);
    loopback_receive_by(gateway_adapter(house->gateway, &loopback_adapter), &house->port);
    house->picker = reader_new(house->rooms.journal);
    house->reader = reader_new(house->rooms.journal);
    require(reader_seek(house->reader, house->followed + 1) == STATUS_OK);
    if (!house_settle(house)) {
        give_up("the gateway does not come to rest after its start");
    }
}

static void close_gateway(struct house *house) {
    receivers_answer_held(house, NULL, STATUS_UNAVAILABLE);
    reader_free(house->reader);
    reader_free(house->picker);
    house->reader = house->picker = NULL;
    if (gateway_close(house->gateway)) {
        give_up("state.db was found damaged");
    }
    loop_free(house->loop);
    house->gateway = NULL;
    house->loop = NULL;
}

void house_stop(struct house *house) {
    close_gateway(house); /* nobody is connected: there is nothing to drain */
}

void house_free(struct house *house) {
    if (house->gateway) {
        house_stop(house);
    }
    run(arena_printf(house->arena, "rm -rf '%s'", house->directory));
    arena_free(house->arena);
    free(house);
}

/* --- crashes -------------------------------------------------------------------------------------------- */

static const char *const state_files[] = { "state.db", "state.db-wal" };

void house_keep_state(struct house *house) {
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(state_files) / sizeof(*state_files); i++) {
        copy_file(arena_printf(arena, "%s/%s", house->data, state_files[i]),
                  arena_printf(arena, "%s/kept-%s", house->directory, state_files[i]));
    }
    arena_free(arena);
}

/* The disk as it is: the journal's segments, and state.db with them. What is derived and not there is made
 * again. */
static void take_image(struct house *house) {
    struct arena *arena = arena_new();
    run(arena_printf(arena, "mkdir -p '%s/image/journal' && cp '%s'/journal/*.seg '%s/image/journal'",
                     house->directory, house->data, house->directory));
    for (size_t i = 0; i < sizeof(state_files) / sizeof(*state_files); i++) {
        copy_file(arena_printf(arena, "%s/kept-%s", house->directory, state_files[i]),
                  arena_printf(arena, "%s/image/%s", house->directory, state_files[i]));
    }
    arena_free(arena);
}

void house_crash(struct house *house, bool back) {
    if (!back) {
        house_keep_state(house);
    }
    take_image(house);
    close_gateway(house); /* whatever it writes now goes with its folder */
    run(arena_printf(house->arena, "rm -rf '%s' && mv '%s/image' '%s'", house->data, house->directory,
                     house->data));
    house_start(house);
}

/* --- waiting -------------------------------------------------------------------------------------------- */

bool house_wait(struct house *house, bool (*is_so)(struct house *house, void *context), void *context) {
    int64_t end_ms = stamp_monotonic_ms() + HOUSE_PATIENCE_S * 1000;
    while (stamp_monotonic_ms() < end_ms) {
        bool quiet = !loop_turn(house->loop, 0); /* there was nothing left to do */
        if (quiet && is_so(house, context)) {
            return true;
        }
        if (quiet) {
            loop_turn(house->loop, TURN_MS);
        }
    }
    return false;
}

static bool is_settled(struct house *house, void *context) {
    uint64_t last = journal_durable(house->rooms.journal);
    return intake_under_way(house->rooms.intake) == 0
           && dispatch_under_way(house->rooms.dispatch) == receivers_held(house)
           && dispatch_position(house->rooms.dispatch) == last
           && journal_durable(house->rooms.journal) == last;
}

bool house_settle(struct house *house) {
    return house_wait(house, is_settled, NULL);
}

static bool has_looked(struct house *house, void *context) {
    const uint64_t *looks = context;
    return engine_looks(house->rooms.engine) >= *looks;
}

bool house_await_timers(struct house *house) {
    uint64_t looks = engine_looks(house->rooms.engine) + 2;
    return house_wait(house, has_looked, &looks) && house_settle(house);
}

static void note_reload(const struct reload_outcome *outcome, void *asker) {
    int *told = asker;
    *told = (int)outcome->status;
}

static bool is_told(struct house *house, void *context) {
    const int *told = context;
    return *told >= 0;
}

bool house_reload(struct house *house) {
    int told = -1;
    bool good = gateway_reload(house->gateway, false, note_reload, &told) == STATUS_OK
                && house_wait(house, is_told, &told) && told == STATUS_OK;
    house->rooms = gateway_rooms(house->gateway);
    return good && house_settle(house);
}

/* --- messages ------------------------------------------------------------------------------------------- */

struct submission {
    struct house *house;
    struct house_answer *answer;
    bool done;
};

static void answered(const struct answer *answer, void *context) {
    struct submission *submission = context;
    submission->done = true;
    if (submission->answer) { /* else its sender is gone */
        *submission->answer = (struct house_answer){
            .answered = true, .status = answer->status, .repeated = answer->repeated, .record = answer->number
        };
        if (answer->status == STATUS_OK) {
            submission->answer->receipt = kept(submission->house, answer->receipt);
        }
    }
}

static bool is_answered(struct house *house, void *context) {
    const struct submission *submission = context;
    return submission->done;
}

/* Recorded and applied; the loop is not turned, so nobody hears of it. */
static bool await_record(struct house *house, uint64_t before) {
    int64_t end_ms = stamp_monotonic_ms() + HOUSE_PATIENCE_S * 1000;
    struct journal *journal = house->rooms.journal;
    while (stamp_monotonic_ms() < end_ms) {
        uint64_t last = journal_wait(journal, before, TURN_MS);
        if (last > before && engine_position(house->rooms.engine) == last
            && journal_wait(journal, last, TURN_MS) == last) {
            return true;
        }
    }
    return false;
}

bool house_submit(struct house *house, const struct envelope *env, struct text bytes, bool dies,
                  struct house_answer *answer) {
    struct submission *submission = arena_alloc(house->arena, sizeof(*submission));
    *submission = (struct submission){ .house = house, .answer = dies ? NULL : answer };
    const struct party *party = parties_find(house->rooms.edition->parties, text_of(env->party));
    uint64_t before = journal_durable(house->rooms.journal);
    *answer = (struct house_answer){ 0 };
    enum status status = intake_submit(house->rooms.intake, env, party, bytes, answered, submission);
    if (status != STATUS_OK) {
        *answer = (struct house_answer){ .answered = true, .status = status };
        return true;
    }
    if (!dies) {
        return house_wait(house, is_answered, submission);
    }
    answer->record = before + 1;
    return await_record(house, before);
}

static const char *box_of(const struct house *house, const struct party *party, const char *box,
                          struct arena *arena) {
    return arena_printf(arena, "%s/%s", stanza_text(party_stanza(party, "files"), "folder"), box);
}

struct dropped {
    const char *box, *path;
};

/* The gateway makes the boxes that are missing, soon after its start. */
static bool box_stands(struct house *house, void *context) {
    const struct dropped *dropped = context;
    return file_is_directory(dropped->box);
}

static bool is_put_away(struct house *house, void *context) {
    const struct dropped *dropped = context;
    return access(dropped->path, F_OK) != 0;
}

static bool is_message(struct house *house, uint64_t record) {
    struct arena *arena = arena_new();
    struct record rec;
    bool is = house_record(house, record, arena, &rec) == STATUS_OK && rec.kind == RECORD_MESSAGE;
    arena_free(arena);
    return is;
}

/* Of "Successed_NAME_42.xml" and the like the first response to the message recorded last; another under that
 * name may tell of a decision. */
static uint64_t find_response(struct house *house, const char *box, const char *name, char found[256]) {
    uint64_t last = 0;
    char stem[256];
    DIR *list = opendir(box);
    require(list);
    snprintf(stem, sizeof(stem), "_%.*s_", (int)(strlen(name) - strlen(".xml")), name);
    for (const struct dirent *entry; (entry = readdir(list));) {
        const char *at = strstr(entry->d_name, stem);
        uint64_t record = at ? strtoull(at + strlen(stem), NULL, 10) : 0;
        if (record > last && is_message(house, record)) {
            last = record;
            snprintf(found, 256, "%s", entry->d_name);
        }
    }
    closedir(list);
    return last;
}

bool house_drop(struct house *house, const struct party *party, const char *name, struct text bytes,
                struct house_answer *answer) {
    const char *out = box_of(house, party, "OutBox", house->arena);
    const char *in = box_of(house, party, "InBox", house->arena);
    struct dropped dropped = { out, arena_printf(house->arena, "%s/%s", out, name) };
    char response[256];
    uint64_t before = journal_durable(house->rooms.journal);
    *answer = (struct house_answer){ .answered = true };
    if (!house_wait(house, box_stands, &dropped)) {
        return false;
    }
    require(file_replace(dropped.path, bytes) == STATUS_OK);
    if (!house_wait(house, is_put_away, &dropped)) {
        return false;
    }
    answer->record = find_response(house, in, name, response);
    answer->repeated = answer->record <= before;
    if (answer->record) {
        struct buf receipt;
        buf_init(&receipt, FILES_MAX);
        require(file_read(arena_printf(house->arena, "%s/%s", in, response), &receipt) == STATUS_OK);
        answer->receipt = kept(house, buf_text(&receipt));
        buf_release(&receipt);
    }
    return answer->record > 0;
}

enum status house_file(const struct house *house, const struct party *party, const char *box,
                       const char *pattern, struct buf *bytes, char name[256]) {
    struct arena *arena = arena_new();
    const char *folder = box_of(house, party, box, arena);
    DIR *list = opendir(folder);
    enum status status = STATUS_NOT_FOUND;
    for (const struct dirent *entry; list && status != STATUS_OK && (entry = readdir(list));) {
        if (entry->d_name[0] != '.' && fnmatch(pattern, entry->d_name, 0) == 0) {
            snprintf(name, 256, "%s", entry->d_name);
            status = file_read(arena_printf(arena, "%s/%s", folder, name), bytes);
        }
    }
    if (list) {
        closedir(list);
    }
    arena_free(arena);
    return status;
}

/* --- decisions ------------------------------------------------------------------------------------------ */

static void follow(struct house *house) {
    struct record rec;
    while (reader_next(house->reader, &rec) == STATUS_OK) {
        house->followed = rec.number;
        if (rec.kind == RECORD_DECISION) {
            require(house->decisions_count < HOUSE_DECISIONS_MAX);
            struct house_decision *decision = &house->decisions[house->decisions_count++];
            struct text meta = kept(house, rec.meta);
            require(decision_read(meta, house->arena, &decision->decision));
            decision->cause = decision->decision.cause;
            decision->number = rec.number;
        }
    }
}

size_t house_decisions(struct house *house) {
    follow(house);
    return house->decisions_count;
}

struct wanted {
    uint64_t cause;
    size_t from;
    const struct house_decision *found;
};

static bool is_decided(struct house *house, void *context) {
    struct wanted *wanted = context;
    follow(house);
    for (; wanted->from < house->decisions_count && !wanted->found; wanted->from++) {
        const struct house_decision *decision = &house->decisions[wanted->from];
        if (!wanted->cause || decision->cause == wanted->cause) {
            wanted->found = decision;
        }
    }
    return wanted->found;
}

const struct house_decision *house_decision(struct house *house, uint64_t cause, size_t from) {
    struct wanted wanted = { .cause = cause, .from = from };
    (void)house_wait(house, is_decided, &wanted);
    return wanted.found;
}

enum status house_record(struct house *house, uint64_t number, struct arena *arena, struct record *rec) {
    return reader_get(house->picker, number, arena, rec);
}
