/*
 * reload.c - one reload after the other, each a chain of steps that hand over to the next: what takes long
 * runs on a thread, what the rooms hear is said on the loop.
 *
 *   ask → read_all (thread) → was_read → record (thread) → was_recorded ─┐
 *                                          engine: before_change → halt ─┴→ both: ended
 */
#include "daemon/reload.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/thread.h"
#include "engine/setups.h"
#include "adapters/adapters.h"
#include "daemon/changes.h"
#include "daemon/preflight.h"

#define LOGGED_MAX 20 /* mistakes in the log; who asked is told all */

struct asker {
    bool dry;
    reload_told *told;
    void *context;
};

struct askers {
    struct asker list[RELOAD_ASKERS_MAX];
    size_t count;
};

enum step { STEP_READING, STEP_RECORDING, STEP_CHANGING };

struct reload {
    struct reload_options options;
    const struct edition *edition; /* held: in force */
    const struct judge *judge;
    const struct settings *settings; /* in force */
    struct arena *settings_arena;    /* that has them; NULL: those of the start */
    struct askers waiting, heard;    /* for the next one; by this one */
    bool runs, stopping;
    bool dry; /* the one that runs changes nothing */
    enum step step;
    pthread_t thread;
    bool thread_runs;

    /* Of the one that runs. */
    struct arena *arena;
    enum status status;
    struct verdict mistakes;
    struct edition *next;
    struct judge *next_judge;
    struct settings *next_settings;
    struct arena *next_arena; /* that has those; once they are in force, the one of those before */
    size_t changed;           /* of the settings */
    struct reload_changes changes;
    void *prepared[ADAPTERS_COUNT];
    bool is_prepared[ADAPTERS_COUNT];
    uint64_t record; /* from which on the next one is in force; 0: none */
    bool is_recorded, is_taken_over, is_dispatched;
};

static void begin(struct reload *reload);

/* --- what came of it ------------------------------------------------------------------------------------ */

static void log_mistakes(const struct verdict *mistakes, enum severity least) {
    for (size_t i = 0, told = 0; i < mistakes->count && told < LOGGED_MAX; i++) {
        const struct finding *finding = &mistakes->findings[i];
        bool error = finding->severity == SEVERITY_ERROR;
        if (error || least != SEVERITY_ERROR) {
            log_event(error ? LOG_ERROR : LOG_WARN, EVENT_GATEWAY_CONFIGURATION,
                      LOG_STRING("file", finding->file), LOG_INT("line", finding->place.line),
                      LOG_STRING(error ? "mistake" : "warning", finding->en), LOG_END);
            told++;
        }
    }
}

static void log_outcome(const struct reload *reload) {
    char hex[DIGEST_HEX_MAX];
    bool good = reload->status == STATUS_OK;
    counter_add(!good            ? COUNTER_RELOADS_REFUSED
                : reload->record ? COUNTER_RELOADS_IN_FORCE
                                 : COUNTER_RELOADS_UNCHANGED,
                1);
    counter_set(COUNTER_RELOAD_FAILED, !good);
    log_mistakes(&reload->mistakes, good ? SEVERITY_WARNING : SEVERITY_ERROR);
    if (!good) {
        log_event(LOG_ERROR, EVENT_GATEWAY_RELOAD_REFUSED, LOG_STRING("status", status_name(reload->status)),
                  LOG_INT("mistakes", reload->mistakes.errors), LOG_END);
    } else {
        log_event(LOG_INFO, reload->record ? EVENT_GATEWAY_RELOADED : EVENT_GATEWAY_RELOAD_UNCHANGED,
                  LOG_STRING("edition", digest_hex(&reload->edition->digest, hex)),
                  LOG_INT("record", reload->record), LOG_END);
    }
}

static void discard_prepared(struct reload *reload) {
    for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
        if (reload->is_prepared[i] && adapters[i]->discard) {
            adapters[i]->discard(reload->options.running[i], reload->prepared[i]);
        }
        reload->is_prepared[i] = false;
    }
}

static bool is_another(const struct reload *reload) {
    return reload->next && !digest_equal(&reload->next->digest, &reload->edition->digest);
}

static void tell(struct reload *reload, enum status status) {
    bool good = status == STATUS_OK;
    const struct reload_outcome outcome = {
        .status = status,
        .dry = reload->dry,
        .changed = good && (reload->dry ? is_another(reload) : reload->record != 0),
        .record = reload->record,
        .edition = reload->edition->digest,
        .settings = good ? reload->changed : 0,
        .changes = reload->changes,
        .mistakes = reload->mistakes
    };
    for (size_t i = 0; i < reload->heard.count; i++) {
        reload->heard.list[i].told(&outcome, reload->heard.list[i].context);
    }
    reload->heard.count = 0;
}

static void forget(struct reload *reload) {
    discard_prepared(reload);
    judge_release(reload->next_judge);
    edition_release(reload->next);
    reload->next_judge = NULL;
    reload->next = NULL;
    arena_free(reload->arena);
    arena_free(reload->next_arena); /* mistakes may have stood in it */
    reload->arena = reload->next_arena = NULL;
    reload->next_settings = NULL;
    reload->mistakes = (struct verdict){ 0 };
    reload->changes = (struct reload_changes){ 0 };
    reload->runs = false;
}

/* Whoever asked meanwhile is heard now. */
static void end(struct reload *reload) {
    if (!reload->dry) {
        log_outcome(reload);
    }
    tell(reload, reload->status);
    forget(reload);
    if (reload->waiting.count) {
        begin(reload);
    }
}

/* --- read beside what is in force ----------------------------------------------------------------------- */

static void *read_all(void *context);
static void *record(void *context);

static void run_thread(struct reload *reload, void *(*run)(void *context)) {
    thread_start(&reload->thread, "reload", run, reload);
    reload->thread_runs = true;
}

static void join_thread(struct reload *reload) {
    if (reload->thread_runs) {
        pthread_join(reload->thread, NULL);
        reload->thread_runs = false;
    }
}

/* Those who want it done are heard first, together; those who only ask, by the next one. */
static void hear(struct reload *reload) {
    struct askers asking = reload->waiting;
    reload->dry = true;
    for (size_t i = 0; i < asking.count; i++) {
        reload->dry &= asking.list[i].dry;
    }
    reload->waiting.count = 0;
    for (size_t i = 0; i < asking.count; i++) {
        struct askers *to = asking.list[i].dry == reload->dry ? &reload->heard : &reload->waiting;
        to->list[to->count++] = asking.list[i];
    }
}

static void begin(struct reload *reload) {
    reload->runs = true;
    hear(reload);
    reload->arena = arena_new();
    reload->next_arena = arena_new();
    reload->changed = 0;
    reload->status = STATUS_OK;
    reload->step = STEP_READING;
    reload->record = 0;
    reload->is_recorded = reload->is_taken_over = reload->is_dispatched = false;
    verdict_init(&reload->mistakes, reload->arena);
    if (!reload->dry) {
        log_event(LOG_INFO, EVENT_GATEWAY_RELOADING, LOG_END);
    }
    run_thread(reload, read_all);
}

/* Of the parties that have a stanza of the transport: whether each is the same in the others. */
static bool are_same_in(const struct parties *parties, const struct parties *others,
                        const struct party_transport *transport) {
    bool same = true;
    for (size_t i = 0; same && i < parties->count; i++) {
        const struct party *party = &parties->list[i], *other = parties_find(others, text_of(party->code));
        const struct party_stanza *stanza = party_stanza(party, transport->name);
        const struct party_stanza *of_other = other ? party_stanza(other, transport->name) : NULL;
        same = !stanza || (of_other && party->blocked == other->blocked);
        for (const struct party_key *key = transport->keys; same && stanza && key->name; key++) {
            same = party_list_equal(stanza_list(stanza, key->name), stanza_list(of_other, key->name));
        }
    }
    return same;
}

/* A transport that cannot change while it runs must not be left with half of the parties. */
static void look_at_fixed(const struct reload *reload, const struct adapter *adapter,
                          struct verdict *mistakes) {
    const struct party_transport *transport = adapter->transport;
    const struct parties *before = reload->edition->parties, *after = reload->next->parties;
    if (adapter->reload || !transport->keys) {
        return;
    }
    if (!are_same_in(before, after, transport) || !are_same_in(after, before, transport)) {
        struct adapter_settings settings = settings_adapter(reload->next_settings, adapter);
        verdict_lint(mistakes, "LINT-RELOAD", settings.parties, 0, 0, "参与方的 %s 设置已改：须重启网关",
                     "what the parties' rows say of %s has changed: that needs a restart", transport->name);
    }
}

static bool is_told_of(const struct verdict *mistakes, const char *path) {
    for (size_t i = 0; i < mistakes->count; i++) {
        if (strcmp(mistakes->findings[i].file, path) == 0) {
            return true;
        }
    }
    return false;
}

/* A file of the folder itself that has gone: a copy that was cut short, more often than meant, and without
 * rules everything would pass. One that is there, and is no text (it is empty), is told of already. */
static void look_for_lost_texts(const struct reload *reload, struct verdict *mistakes) {
    for (size_t i = 0; i < reload->edition->count; i++) {
        const struct edition_text *text = &reload->edition->texts[i];
        if (!strchr(text->name, '/') && !edition_text(reload->next, text->name)
            && !is_told_of(mistakes, text->path)) {
            verdict_lint(mistakes, "LINT-RELOAD", text->path, 0, 0,
                         "文件 %s 已不在；若确实无内容，请留下写有一行以 # 开头的说明的文件",
                         "the file %s has gone; if nothing is meant to stand in it, leave it with a line that"
                         " begins with #",
                         text->name);
        }
    }
}

static void was_read(void *context);

static void *read_all(void *context) {
    struct reload *reload = context;
    reload->status = settings_read_anew(reload->settings, &reload->next_settings, &reload->changed,
                                        reload->next_arena, &reload->mistakes);
    const struct settings *settings = reload->next_settings;
    bool read = reload->status == STATUS_OK && settings_are_read(settings);
    struct edition_options options = settings_edition(read ? settings : reload->settings);
    if (reload->status == STATUS_OK && !read) { /* the file is none of ours: its mistakes say so */
        reload->status = STATUS_BAD_CONFIG;
    }
    if (reload->status == STATUS_OK) {
        reload->status = edition_load(&options, &reload->next, &reload->mistakes);
    }
    if (reload->status == STATUS_OK) {
        reload->next_judge = judge_new(reload->next, &reload->mistakes);
        engine_check(reload->next, &reload->mistakes);
        preflight(settings, reload->next, &reload->mistakes);
        look_for_lost_texts(reload, &reload->mistakes);
        changes_find(&(struct configuration){ reload->settings, reload->edition },
                     &(struct configuration){ settings, reload->next }, reload->arena, &reload->changes);
        for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
            look_at_fixed(reload, adapters[i], &reload->mistakes);
        }
    }
    loop_post(reload->options.loop, was_read, reload);
    return NULL;
}

/* --- into force ----------------------------------------------------------------------------------------- */

static void prepare(struct reload *reload) {
    for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
        void *running = reload->options.running[i];
        reload->prepared[i] = NULL;
        if (running && adapters[i]->prepare) {
            struct adapter_settings settings = settings_adapter(reload->next_settings, adapters[i]);
            adapters[i]->prepare(running, &settings, reload->next, &reload->mistakes, &reload->prepared[i]);
            reload->is_prepared[i] = true;
        }
    }
}

/* The rooms keep to the settings of today from here on. */
static void take_settings(struct reload *reload) {
    struct arena *before = reload->settings_arena;
    reload->settings = reload->next_settings;
    reload->settings_arena = reload->next_arena;
    reload->next_arena = before;
    struct budget_limits budget = settings_budget(reload->settings);
    struct dispatch_limits limits = settings_dispatch(reload->settings);
    log_set_level(settings_log_level(reload->settings));
    intake_limit(reload->options.intake, &budget);
    dispatch_limit(reload->options.dispatch, &limits);
}

/* What parties see of it: who may come in, and what they are shown. */
static void take_over(struct reload *reload, const struct edition *edition) {
    if (reload->is_taken_over) {
        return;
    }
    reload->is_taken_over = true;
    take_settings(reload);
    for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
        void *running = reload->options.running[i];
        if (running && adapters[i]->reload) {
            adapters[i]->reload(running, edition, reload->prepared[i]);
        }
        reload->is_prepared[i] = false;
    }
}

static void was_read(void *context) {
    struct reload *reload = context;
    if (reload->stopping) {
        return;
    }
    join_thread(reload);
    if (reload->status == STATUS_OK && verdict_passes(&reload->mistakes)) {
        prepare(reload);
    }
    if (reload->status == STATUS_OK && !verdict_passes(&reload->mistakes)) {
        reload->status = STATUS_BAD_CONFIG;
    }
    if (reload->status != STATUS_OK || reload->dry) {
        end(reload);
    } else if (!is_another(reload)) {
        take_over(reload, reload->edition); /* certificates and keys are no texts of it */
        end(reload);
    } else {
        engine_announce(reload->options.engine, reload->next);
        reload->step = STEP_RECORDING;
        run_thread(reload, record);
    }
}

/* Sequencer thread. */
static void placed(const struct record *rec, void *context) {
    struct reload *reload = context;
    reload->record = rec->number;
    intake_change(reload->options.intake, reload->next_judge);
}

static void was_recorded(void *context);

static void *record(void *context) {
    struct reload *reload = context;
    struct journal *journal = reload->options.journal;
    struct state *state;
    enum status status =
        state_open(settings_text(reload->options.settings, SETTING_DATA), STORE_READ, &state);
    if (status == STATUS_OK) {
        struct reader *reader = reader_new(journal);
        status = setups_record(journal, reader, state, reload->next, placed, reload);
        reader_free(reader);
        state_close(state);
    }
    reload->status = status;
    loop_post(reload->options.loop, was_recorded, reload);
    return NULL;
}

static void end_when_all_changed(struct reload *reload) {
    if (!reload->is_recorded || !reload->is_dispatched) {
        return;
    }
    judge_release(reload->judge);
    edition_release(reload->edition);
    reload->edition = reload->next;
    reload->judge = reload->next_judge;
    reload->next = NULL;
    reload->next_judge = NULL;
    counter_set(COUNTER_SCHEMAS_UNCOMPILED, (int64_t)reload->judge->uncompiled);
    end(reload);
}

static void was_recorded(void *context) {
    struct reload *reload = context;
    if (reload->stopping) {
        return;
    }
    join_thread(reload);
    if (reload->status == STATUS_OK && reload->record == 0) {
        reload->status = STATUS_BUSY; /* it was the last one recorded, though another is in force */
    }
    if (reload->status != STATUS_OK) { /* nothing was appended, or nothing is acknowledged any more */
        engine_withdraw(reload->options.engine);
        end(reload);
        return;
    }
    reload->is_recorded = true;
    reload->step = STEP_CHANGING;
    take_over(reload, reload->next);
    end_when_all_changed(reload);
}

/* The record is durable, and all before it decided. */
static void halted(void *context) {
    struct reload *reload = context;
    if (reload->stopping) {
        return;
    }
    take_over(reload, reload->next);
    dispatch_change(reload->options.dispatch, reload->next);
    engine_change(reload->options.engine);
    reload->is_dispatched = true;
    end_when_all_changed(reload);
}

void reload_before_change(struct reload *reload) {
    loop_post(reload->options.loop, halted, reload);
}

/* --- life ----------------------------------------------------------------------------------------------- */

struct reload *reload_new(const struct reload_options *options) {
    require(options->loop && options->edition && options->judge && options->settings);
    struct reload *reload = memory_new(sizeof(*reload));
    reload->options = *options;
    reload->settings = options->settings;
    reload->edition = edition_take(options->edition);
    reload->judge = judge_take(options->judge);
    return reload;
}

static void tell_nobody(const struct reload_outcome *outcome, void *asker) {}

enum status reload_ask(struct reload *reload, bool dry, reload_told *told, void *asker) {
    require(reload->waiting.count <= RELOAD_ASKERS_MAX);
    if (reload->stopping) {
        return STATUS_CLOSED;
    }
    if (reload->waiting.count == RELOAD_ASKERS_MAX) {
        return STATUS_BUSY;
    }
    reload->waiting.list[reload->waiting.count++] = (struct asker){ dry, told ? told : tell_nobody, asker };
    if (!reload->runs) {
        begin(reload);
    }
    return STATUS_OK;
}

static void add(char *to, size_t size, const char *between, const char *words) {
    size_t length = strlen(to);
    snprintf(to + length, size - length, "%s%s", between, words);
}

void reload_waits(const struct reload *reload, struct explanation *out) {
    *out = (struct explanation){ "", "" };
    if (!reload->runs) {
        return;
    }
    switch (reload->step) {
    case STEP_READING:
        explain(out, "正在读取并编译规则、模式与参与方", "rules, schemas and parties are read and compiled");
        break;
    case STEP_RECORDING:
        explain(out, "新版本的启用记录尚未写入", "the record of the new edition is not written yet");
        break;
    case STEP_CHANGING:
        explain(out, "处理引擎处理到记录 %" PRIu64 "，新版本自 %" PRIu64 " 起",
                "the engine has come to record %" PRIu64 ", the new edition begins at %" PRIu64,
                engine_position(reload->options.engine), reload->record);
        break;
    }
    enum status ready = intake_ready(reload->options.intake);
    if (ready != STATUS_OK) { /* what holds up everything */
        add(out->zh, sizeof(out->zh), "：", status_sentence(ready, LANGUAGE_ZH));
        add(out->en, sizeof(out->en), ": ", status_sentence(ready, LANGUAGE_EN));
    }
}

const struct edition *reload_edition(const struct reload *reload) {
    return reload->edition;
}

void reload_stop(struct reload *reload) {
    require(!reload || !reload->stopping);
    if (!reload) {
        return;
    }
    reload->stopping = true;
    join_thread(reload);
    tell(reload, STATUS_CLOSED);
    reload->heard = reload->waiting;
    reload->waiting.count = 0;
    tell(reload, STATUS_CLOSED);
    discard_prepared(reload);
}

void reload_free(struct reload *reload) {
    if (reload) {
        require(reload->stopping);
        if (reload->runs) {
            forget(reload);
        }
        judge_release(reload->judge);
        edition_release(reload->edition);
        arena_free(reload->settings_arena);
        free(reload);
    }
}
