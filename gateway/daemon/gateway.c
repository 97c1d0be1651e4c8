/*
 * gateway.c - the rooms tied together: what they tell each other, how each opens, and the table of stages
 * that a start and a stop go through. What transports there are, only the list of adapters knows
 * (running.h).
 */
#include "daemon/gateway.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/descriptors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/memory.h"
#include "base/service.h"
#include "base/stamp.h"
#include "base/status.h"
#include "check/check.h"
#include "check/xsd.h"
#include "journal/journal.h"
#include "intake/intake.h"
#include "engine/engine.h"
#include "deliver/dispatch.h"
#include "replay/rebuild.h"
#include "daemon/preflight.h"
#include "daemon/recall.h"
#include "daemon/reload.h"
#include "daemon/running.h"

#define DRAIN_MAX_MS    15000
#define REST_MS         5000
#define JOURNAL_IDLE_MS 1000
#define ROOM_AGAIN_MS   1000
#define ROOM_TOLD       60 /* tries between two lines that say so */
#define DESCRIPTORS_ROOMS \
    256 /* what the rooms may need: segments, databases, folders, brokers, ZeroMQ's peers */
#define DESCRIPTORS_PUT_BY \
    32 /* for the journal: the segments it turns to, and two files for each of its readers */

struct gateway {
    struct gateway_options options;
    const struct settings *settings;
    const char *data;
    struct verdict *mistakes;
    struct explanation *why;

    struct loop *loop;
    struct arena *arena;
    size_t descriptors; /* the limit */
    struct journal *journal;
    struct edition *edition;
    struct judge *judge;
    struct engine *engine;
    struct dispatch *dispatch;
    struct intake *intake;
    struct reload *reload;
    struct running running;
    struct loop_timer *cut, *rest;
    bool draining;
    bool ready_written;      /* DATA/ready is */
    _Atomic int held_up;     /* enum status: of the engine */
    _Atomic bool distrusted; /* state.db was found damaged */
    _Atomic bool open;       /* every room stands: the engine thread may speak to them */
    _Atomic bool ready;      /* ... and the engine has caught up */
};

/* The first word about it counts: it is the nearest to what failed. */
static enum status failed(struct gateway *gateway, enum status status, const char *zh, const char *en) {
    if (status != STATUS_OK && !gateway->why->en[0]) {
        explain_about(gateway->why, "", zh, en);
    }
    return status;
}

/* --- what the rooms tell each other --------------------------------------------------------------------- */

static void cannot_write(enum status status, void *context) {
    struct gateway *gateway = context;
    gateway->options.on_failure(status, gateway->options.context);
}

static void make_again(void *context);

/* Any thread, again and again. What is decided, sent or shown from now on would rest on it: the engine ends,
 * then all rooms close as for a stop, and open again with a state.db that is made from the journal. */
static void state_damaged(void *context) {
    struct gateway *gateway = context;
    if (!atomic_exchange(&gateway->distrusted, true)) {
        loop_post(gateway->loop, make_again, gateway);
    }
}

static void say_ready(void *context);

/* What was delivered, or whose a message is, may stand in records not yet applied after a start: dispatch,
 * views and readiness begin where the engine has caught up with them. */
static bool follows_engine(const struct gateway *gateway, uint64_t position) {
    return atomic_load(&gateway->open) && position >= engine_mark(gateway->engine);
}

static void engine_decided(const struct engine_decided *decided, void *context) {
    struct gateway *gateway = context;
    if (follows_engine(gateway, decided->cause)) {
        dispatch_decided(gateway->dispatch, decided);
    }
}

static void engine_advanced(uint64_t position, bool all_told, void *context) {
    struct gateway *gateway = context;
    counter_set(COUNTER_ENGINE_POSITION, (int64_t)position);
    if (!follows_engine(gateway, position)) {
        return;
    }
    intake_note_engine(gateway->intake, position);
    dispatch_advance(gateway->dispatch, position, all_told);
    running_advanced(&gateway->running);
    if (!atomic_exchange(&gateway->ready, true)) {
        loop_post(gateway->loop, say_ready, gateway);
    }
}

/* Engine thread. It may stand there before all rooms do, but then nobody has announced anything. */
static void engine_before_change(void *context) {
    struct gateway *gateway = context;
    reload_before_change(gateway->reload);
}

static void engine_held_up(enum status status, void *context) {
    struct gateway *gateway = context;
    atomic_store(&gateway->held_up, (int)status);
    if (atomic_load(&gateway->open)) {
        intake_note_held_up(gateway->intake, status);
    }
}

/* In force. The first one is the gateway's own until all rooms stand. */
static const struct edition *edition_of(const struct gateway *gateway) {
    return gateway->reload ? reload_edition(gateway->reload) : gateway->edition;
}

/* What no room may need later is told apart from the start: descriptors for connections, and for all else. */
static size_t connections_max(const struct gateway *gateway) {
    size_t needed = DESCRIPTORS_ROOMS + running_descriptors(edition_of(gateway));
    return descriptors_for_connections(gateway->descriptors, needed);
}

/* --- opening, room by room ------------------------------------------------------------------------------ */

static enum status open_journal(struct gateway *gateway) {
    struct journal_report report = { 0 };
    struct journal_options options = {
        .directory = gateway->data,
        .name = settings_text(gateway->settings, SETTING_JOURNAL_NAME),
        .segment_size = (uint64_t)settings_number(gateway->settings, SETTING_SEGMENT_MIB) << 20,
        .reserve = (uint64_t)settings_number(gateway->settings, SETTING_RESERVE_MIB) << 20,
        .gather_ms = (int)settings_number(gateway->settings, SETTING_GATHER_MS),
        .idle_ms = JOURNAL_IDLE_MS,
        .scrub = { .bytes_s = (uint64_t)settings_number(gateway->settings, SETTING_SCRUB_BYTES_S),
                   .pause_ms = settings_number(gateway->settings, SETTING_SCRUB_PAUSE_S) * 1000 },
        .clock = gateway->options.clock,
        .clock_gap = settings_number(gateway->settings, SETTING_CLOCK_GAP_DAYS) * 86400 * STAMP_SECOND + 1,
        .on_failure = cannot_write,
        .context = gateway,
    };
    preflight_folders(gateway->settings, gateway->mistakes);
    if (!verdict_passes(gateway->mistakes)) {
        return failed(gateway, STATUS_BAD_CONFIG, "设置有错误", "the configuration has mistakes");
    }
    enum status status = file_make_directory(gateway->data);
    if (status == STATUS_OK) {
        status = journal_open(&options, &gateway->journal, &report);
    }
    if (status == STATUS_DAMAGED) {
        log_event(LOG_ERROR, EVENT_JOURNAL_DAMAGED, LOG_STRING("segment", report.segment),
                  LOG_INT("offset", report.offset), LOG_END);
        char where[300];
        snprintf(where, sizeof(where), "%s @ %llu", report.segment, (unsigned long long)report.offset);
        explain_about(gateway->why, where, damage_sentence(report.damage, LANGUAGE_ZH),
                      damage_sentence(report.damage, LANGUAGE_EN));
    }
    if (status != STATUS_OK) {
        return failed(gateway, status, gateway->data, gateway->data);
    }
    if (report.torn_bytes) { /* an unclean stop: what was being written then, and never acknowledged */
        counter_set(COUNTER_JOURNAL_CUT, (int64_t)report.torn_bytes);
        counter_set(COUNTER_JOURNAL_CUT_RECORDS, (int64_t)report.torn_records);
        log_event(LOG_WARN, EVENT_JOURNAL_TAIL_CUT, LOG_INT("bytes", report.torn_bytes),
                  LOG_INT("whole_records", report.torn_records), LOG_INT("last_record", report.records),
                  LOG_END);
    }
    log_event(LOG_INFO, EVENT_JOURNAL_OPENED, LOG_STRING("name", report.name),
              LOG_INT("records", report.records), LOG_INT("segments", report.segments),
              LOG_INT("torn_bytes", report.torn_bytes), LOG_END);
    recall_accepted_clock(gateway->data, report.last, journal_clock(gateway->journal));
    rebuild_clear(gateway->data);
    return STATUS_OK;
}

/* What does not keep us from starting must be seen while we run, not when we end. */
static void log_warnings(const struct verdict *mistakes) {
    for (size_t i = 0; i < mistakes->count; i++) {
        const struct finding *finding = &mistakes->findings[i];
        log_event(LOG_WARN, EVENT_GATEWAY_CONFIGURATION, LOG_STRING("file", finding->file),
                  LOG_INT("line", finding->place.line), LOG_STRING("warning", finding->en), LOG_END);
    }
}

static enum status load_edition(struct gateway *gateway) {
    struct edition_options options = settings_edition(gateway->settings);
    enum status status = edition_load(&options, &gateway->edition, gateway->mistakes);
    if (status != STATUS_OK) {
        return failed(gateway, status, options.schemas, options.schemas);
    }
    gateway->judge = judge_new(gateway->edition, gateway->mistakes);
    engine_check(gateway->edition, gateway->mistakes);
    preflight(gateway->settings, gateway->edition, gateway->mistakes);
    if (!verdict_passes(gateway->mistakes)) {
        return failed(gateway, STATUS_BAD_CONFIG, "设置有错误", "the configuration has mistakes");
    }
    log_warnings(gateway->mistakes);
    counter_set(COUNTER_SCHEMAS_UNCOMPILED, (int64_t)gateway->judge->uncompiled);
    return STATUS_OK;
}

static enum status start_engine(struct gateway *gateway) {
    struct engine_options options = {
        .directory = gateway->data,
        .journal = gateway->journal,
        .edition = gateway->edition,
        .audit_rows_s = (uint64_t)settings_number(gateway->settings, SETTING_AUDIT_ROWS),
        .answer_alarm = settings_number(gateway->settings, SETTING_ANSWER_ALARM_S) * STAMP_SECOND,
        .decided = engine_decided,
        .advanced = engine_advanced,
        .before_change = engine_before_change,
        .held_up = engine_held_up,
        .on_failure = cannot_write,
        .on_damage = state_damaged,
        .context = gateway,
        .why = gateway->why,
    };
    return failed(gateway, engine_start(&options, &gateway->engine), "处理引擎无法启动",
                  "the engine cannot start");
}

static enum status start_dispatch(struct gateway *gateway) {
    const struct settings *settings = gateway->settings;
    struct dispatch_options options = {
        .loop = gateway->loop,
        .journal = gateway->journal,
        .directory = gateway->data,
        .edition = gateway->edition,
        .window = (uint32_t)settings_number(settings, SETTING_DELIVERY_WINDOW),
        .limits = settings_dispatch(settings),
        .on_damage = state_damaged,
        .context = gateway,
    };
    return failed(gateway, dispatch_start(&options, &gateway->dispatch), "投递无法启动",
                  "deliveries cannot start");
}

static enum status start_intake(struct gateway *gateway) {
    stamp now = clock_now(journal_clock(gateway->journal));
    struct spent *spent = memory_array(PARTIES_MAX, sizeof(*spent));
    uint64_t spent_until;
    size_t spent_count = recall_spent(gateway->data, now, gateway->arena, spent, PARTIES_MAX, &spent_until);
    struct intake_options options = {
        .loop = gateway->loop,
        .journal = gateway->journal,
        .directory = gateway->data,
        .judge = gateway->judge,
        .workers = (unsigned)settings_number(gateway->settings, SETTING_WORKERS),
        .now = now,
        .spent = spent,
        .spent_count = spent_count,
        .spent_until = spent_until,
        .limits = settings_budget(gateway->settings),
    };
    enum status status = intake_start(&options, &gateway->intake);
    free(spent);
    return failed(gateway, status, "接收无法启动", "intake cannot start");
}

/* Before all rooms stand there is nothing to put another edition into. */
enum status gateway_reload(struct gateway *gateway, bool dry, reload_told *told, void *asker) {
    return !atomic_load(&gateway->open) ? STATUS_BUSY
           : gateway->draining          ? STATUS_CLOSED
                                        : reload_ask(gateway->reload, dry, told, asker);
}

static enum status ask_reload(void *context, bool dry, reload_told *told, void *asker) {
    return gateway_reload(context, dry, told, asker);
}

static void tell_reload_waits(void *context, struct explanation *out) {
    const struct gateway *gateway = context;
    *out = (struct explanation){ "", "" };
    if (atomic_load(&gateway->open)) {
        reload_waits(gateway->reload, out);
    }
}

struct adapter_rooms gateway_rooms(const struct gateway *gateway) {
    require(gateway->journal && edition_of(gateway));
    return (struct adapter_rooms){
        .loop = gateway->loop,
        .arena = gateway->arena,
        .journal = gateway->journal,
        .directory = gateway->data,
        .edition = edition_of(gateway),
        .intake = gateway->intake,
        .dispatch = gateway->dispatch,
        .engine = gateway->engine,
        .adapters = adapters,
        .running = gateway->running.of,
        .reload = ask_reload,
        .reload_waits = tell_reload_waits,
        .descriptors = gateway->descriptors,
        .connections_max = connections_max(gateway),
        .on_damage = state_damaged,
        .context = (void *)gateway,
        .mistakes = gateway->mistakes,
    };
}

void *gateway_adapter(const struct gateway *gateway, const struct adapter *adapter) {
    return running_find(&gateway->running, adapter);
}

static enum status start_adapters(struct gateway *gateway) {
    struct adapter_rooms rooms = gateway_rooms(gateway);
    struct explanation why = { "", "" };
    rooms.why = &why;
    enum status status = running_start(&gateway->running, rooms, gateway->settings);
    if (!verdict_passes(gateway->mistakes)) { /* a setting is to blame: it stands there */
        return status;
    }
    return failed(gateway, status, why.zh, why.en);
}

/* --- once it is open ------------------------------------------------------------------------------------ */

static void write_ready(struct gateway *gateway) {
    struct buf ready;
    buf_init(&ready, 256);
    buf_printf(&ready, "{\"pid\":%d", (int)getpid());
    running_write_ports(&gateway->running, &ready);
    buf_add_string(&ready, "}\n");
    enum status status = file_replace(file_join(gateway->arena, gateway->data, "ready"), buf_text(&ready));
    buf_release(&ready);
    gateway->ready_written = status == STATUS_OK;
    if (status != STATUS_OK) {
        log_event_bounded(LOG_WARN, EVENT_GATEWAY_READY_NOT_WRITTEN,
                          LOG_STRING("status", status_name(status)), LOG_END);
    }
}

/* Once. */
static void say_ready(void *context) {
    struct gateway *gateway = context;
    write_ready(gateway);
    service_tell("READY=1");
    log_event(LOG_INFO, EVENT_GATEWAY_READY, LOG_STRING("data", gateway->data),
              LOG_STRING("version", CLEARWAY_VERSION), LOG_END);
}

static void say_behind(const struct gateway *gateway) {
    uint64_t behind = engine_behind(gateway->engine);
    if (behind) {
        log_event(LOG_WARN, EVENT_GATEWAY_CATCHING_UP, LOG_INT("behind", behind),
                  LOG_INT("mark", engine_mark(gateway->engine)), LOG_END);
    }
}

/* What a peak left behind goes back to the system when nothing is under way: memory does not tell the
   gateway's age. */
static void rest(void *context) {
    struct gateway *gateway = context;
    if (!intake_under_way(gateway->intake) && !dispatch_under_way(gateway->dispatch)) {
        malloc_trim(0);
    }
    log_remind(false);
    if (atomic_load(&gateway->ready) && !gateway->ready_written) {
        write_ready(gateway);
    }
    loop_timer_start(gateway->rest, REST_MS);
}

/* --- closing, the other way round ----------------------------------------------------------------------- */

static void stop_loop(void *context) {
    struct gateway *gateway = context;
    loop_stop(gateway->loop);
}

void gateway_drain(struct gateway *gateway) {
    if (gateway->draining) {
        loop_stop(gateway->loop);
        return;
    }
    gateway->draining = true;
    if (!atomic_load(&gateway->open)) { /* while it waits for room to start */
        loop_stop(gateway->loop);
        return;
    }
    log_event(LOG_INFO, EVENT_GATEWAY_DRAINING, LOG_END);
    gateway->cut = loop_timer_new(gateway->loop, stop_loop, gateway);
    loop_timer_start(gateway->cut, DRAIN_MAX_MS);
    running_drain(&gateway->running, stop_loop, gateway);
}

static void make_again(void *context) {
    struct gateway *gateway = context;
    log_event(LOG_ERROR, EVENT_GATEWAY_STATE_DAMAGED, LOG_INT("position", engine_position(gateway->engine)),
              LOG_END);
    engine_halt(gateway->engine);
    if (gateway->dispatch) {
        dispatch_halt(gateway->dispatch);
    }
    if (!gateway->draining) {
        gateway_drain(gateway);
    }
}

static void finish_engine(struct gateway *gateway) {
    engine_stop(gateway->engine); /* it speaks to the rooms that finish next; the next start goes on */
}

static void finish_dispatch(struct gateway *gateway) {
    dispatch_stop(gateway->dispatch); /* runs the loop once more, so intake must still stand */
}

static void finish_intake(struct gateway *gateway) {
    intake_stop(gateway->intake); /* answers what is under way, so connections must still stand */
}

static void close_adapters(struct gateway *gateway) {
    running_stop(&gateway->running);
}

static void close_edition(struct gateway *gateway) {
    judge_release(gateway->judge);
    edition_release(gateway->edition);
    gateway->judge = NULL;
    gateway->edition = NULL;
}

static void start_reload(struct gateway *gateway) {
    struct reload_options options = { .loop = gateway->loop,
                                      .settings = gateway->settings,
                                      .journal = gateway->journal,
                                      .engine = gateway->engine,
                                      .intake = gateway->intake,
                                      .dispatch = gateway->dispatch,
                                      .running = gateway->running.of,
                                      .edition = gateway->edition,
                                      .judge = gateway->judge };
    gateway->reload = reload_new(&options);
    close_edition(gateway); /* from here on the one in force is held there */
}

static void close_journal(struct gateway *gateway) {
    journal_close(gateway->journal);
}

/* --- the stages ------------------------------------------------------------------------------------------
 * */

/* A gateway opens stage by stage. It closes in two rounds: each finishes what it has in hand, in the same
 * order, for each still speaks to the ones behind it; then they close, the other way round. What did not
 * start is NULL, and is closed all the same. */
static const struct stage {
    enum status (*start)(
        struct gateway *gateway);            /* FULL: it found no room and changed nothing; tried again */
    void (*finish)(struct gateway *gateway); /* NULL: it has nothing in hand */
    void (*close)(struct gateway *gateway);  /* NULL: finishing was all */
} stages[] = {
    { open_journal, NULL, close_journal }, { load_edition, NULL, close_edition },
    { start_engine, finish_engine, NULL }, { start_dispatch, finish_dispatch, NULL },
    { start_intake, finish_intake, NULL }, { start_adapters, NULL, close_adapters },
};
#define STAGES (sizeof(stages) / sizeof(*stages))

bool gateway_close(struct gateway *gateway) {
    reload_stop(gateway->reload); /* it speaks to all of them */
    for (size_t i = 0; i < STAGES; i++) {
        if (stages[i].finish) {
            stages[i].finish(gateway);
        }
    }
    for (size_t i = STAGES; i-- > 0;) {
        if (stages[i].close) {
            stages[i].close(gateway);
        }
    }
    reload_free(gateway->reload);
    if (gateway->cut) {
        loop_timer_free(gateway->cut);
    }
    if (gateway->rest) {
        loop_timer_free(gateway->rest);
    }
    descriptors_put_by(0);
    unlink(file_join(gateway->arena, gateway->data, "ready"));
    bool distrusted = atomic_load(&gateway->distrusted);
    if (distrusted) {
        state_put_aside(gateway->data);
    }
    arena_free(gateway->arena);
    free(gateway);
    return distrusted;
}

/* --- opened as a whole ---------------------------------------------------------------------------------- */

/* A start that finds the disk full waits for room, as a running gateway does. False: it is told to end. */
static bool wait_for_room(struct gateway *gateway, int tries) {
    if (tries % ROOM_TOLD == 0) {
        uint64_t needed = (uint64_t)settings_number(gateway->settings, SETTING_SEGMENT_MIB) << 20;
        log_event(LOG_ERROR, EVENT_GATEWAY_NO_ROOM, LOG_STRING("for", gateway->why->en),
                  LOG_INT("free_bytes", file_free_bytes(gateway->data)), LOG_INT("enough_bytes", 2 * needed),
                  LOG_END);
    }
    *gateway->why = (struct explanation){ "", "" };
    struct loop_timer *timer = loop_timer_new(gateway->loop, stop_loop, gateway);
    loop_timer_start(timer, ROOM_AGAIN_MS);
    loop_run(gateway->loop);
    loop_timer_free(timer);
    return !gateway->draining;
}

/* The engine may change its word at this moment: then again. */
static void note_held_up(struct gateway *gateway) {
    int status;
    do {
        status = atomic_load(&gateway->held_up);
        intake_note_held_up(gateway->intake, (enum status)status);
    } while (status != atomic_load(&gateway->held_up));
}

static enum status open_all(struct gateway *gateway) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < STAGES; i++) {
        for (int tries = 0;
             (status = stages[i].start(gateway)) == STATUS_FULL && wait_for_room(gateway, tries); tries++) {
        }
    }
    return gateway->draining ? STATUS_CLOSED : status;
}

enum status gateway_open(const struct gateway_options *options, struct verdict *mistakes,
                         struct explanation *why, struct gateway **out) {
    require(options->settings && options->loop);
    struct gateway *gateway = memory_new(sizeof(*gateway));
    *out = gateway;
    gateway->options = *options;
    gateway->settings = options->settings;
    gateway->data = settings_text(options->settings, SETTING_DATA);
    gateway->mistakes = mistakes;
    gateway->why = why;
    gateway->loop = options->loop;
    gateway->descriptors = descriptors_raise();
    descriptors_put_by(DESCRIPTORS_PUT_BY);
    gateway->arena = arena_new();
    xsd_start();
    enum status status = open_all(gateway);
    if (status != STATUS_OK) {
        return status;
    }
    say_behind(gateway);
    start_reload(gateway);
    gateway->rest = loop_timer_new(gateway->loop, rest, gateway);
    loop_timer_start(gateway->rest, REST_MS);
    intake_note_engine(gateway->intake,
                       engine_mark(gateway->engine)); /* how far behind is counted from there */
    atomic_store(&gateway->open, true);
    note_held_up(gateway);
    engine_advanced(engine_position(gateway->engine), false, gateway);
    return STATUS_OK;
}
