/*
 * expectations.c - the lines that begin with `expect`: what they look at, and what they say when it is not
 * so. The head of scenario.c has the list.
 */
#include "play.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "journal/reader.h"
#include "engine/part.h"
#include "engine/parts/quarantine.h"
#include "engine/state.h"
#include "view_kit.h"

/* The words from `from` on must be in these bytes; those that begin with ! must not. */
static void compare_words(struct play *play, size_t from, const char *what, struct text bytes) {
    for (size_t i = from; has_word(play, i); i++) {
        const char *all = word(play, i);
        bool must = *all != '!';
        struct text text = text_of(must ? all : all + 1);
        if (!must && text.length > 2 && text.at[0] == '"' && text.at[text.length - 1] == '"') {
            text = (struct text){ text.at + 1,
                                  text.length - 2 }; /* only a word that begins with them lost its */
        }
        bool there = bytes.length && memmem(bytes.at, bytes.length, text.at, text.length);
        if (must != there) {
            fail(play, "\"" TEXT_FORMAT "\" is %s %s:\n" TEXT_FORMAT, TEXT_ARGS(text), must ? "not in" : "in",
                 what, TEXT_ARGS(bytes));
        }
    }
}

/* --- of a message: the check, the receipt -------------------------------------------------------------- */

static const struct decision *decision_now(struct play *play) {
    if (!play->decided) {
        fail(play, "nothing was decided");
    }
    return &play->decided->decision;
}

static struct record record_sent(struct play *play) {
    struct record rec;
    if (!play->sent || house_record(play->house, play->sent, play->arena, &rec) != STATUS_OK) {
        fail(play, "record %" PRIu64 " cannot be read", play->sent);
    }
    return rec;
}

static void expect_recorded(struct play *play) {
    char at[STAMP_TEXT_MAX];
    struct record rec = record_sent(play);
    const char *expected = word(play, 2), *told = stamp_print(rec.stamp, at);
    expect_text(play, "the stamp", arena_printf(play->arena, "%.*s", (int)strlen(expected), told), expected);
}

static void expect_clock(struct play *play) {
    enum clock_doubt doubt = clock_read(journal_clock(play->house->rooms.journal)).doubt;
    expect_text(play, "the clock", doubt == CLOCK_NONE ? "believed" : clock_doubt_text(doubt), word(play, 2));
}

static const char *first_finding(const struct play *play) {
    return play->metadata.count ? play->metadata.findings[0].code : "nothing";
}

static void expect_accepted(struct play *play) {
    if (play->metadata.outcome != OUTCOME_ACCEPTED) {
        fail(play, "it was %s: %s %s", outcome_text(play->metadata.outcome), first_finding(play),
             play->metadata.count ? play->metadata.findings[0].en : "");
    }
}

static void expect_refused(struct play *play) {
    const char *code = word(play, 2);
    for (size_t i = 0; i < play->metadata.count; i++) {
        if (strcmp(play->metadata.findings[i].code, code) == 0) {
            return;
        }
    }
    fail(play, "the check did not say %s (it said %s)", code, first_finding(play));
}

/* The very receipt that the first got; nothing was recorded for it. */
static void expect_receipt_of(struct play *play) {
    const struct message_label *label = label_of(play, text_of(word(play, 3)));
    if (!play->answer.repeated || play->answer.record != label->record) {
        fail(play, "it got the receipt of record %" PRIu64, play->answer.record);
    }
    if (!text_equal(play->answer.receipt, label->receipt)) {
        fail(play, "another receipt:\n" TEXT_FORMAT "\nnot\n" TEXT_FORMAT, TEXT_ARGS(play->answer.receipt),
             TEXT_ARGS(label->receipt));
    }
}

static void expect_receipt(struct play *play) {
    if (!play->answer.answered) {
        fail(play, "nothing was answered");
    }
    if (strcmp(word(play, 2), "of") == 0) {
        expect_receipt_of(play);
        return;
    }
    expect_text(play, "the receipt", outcome_text(play->metadata.outcome), word(play, 2));
    bool again = has_word(play, 3) && strcmp(word(play, 3), "again") == 0;
    if (again != play->answer.repeated) {
        fail(play, "it is the receipt of record %" PRIu64 "%s", play->answer.record,
             again ? "" : " once more");
    }
    compare_words(play, again ? 4 : 3, "the receipt", play->answer.receipt);
}

static void expect_no_receipt(struct play *play) {
    if (play->answer.answered) {
        fail(play, "it was answered:\n" TEXT_FORMAT, TEXT_ARGS(play->answer.receipt));
    }
}

static void expect_conflict(struct play *play) {
    expect_text(play, "the verdict", outcome_text(play->metadata.outcome), outcome_text(OUTCOME_CONFLICT));
    uint64_t holder = record_of(play, text_of(word(play, 3)));
    if (play->metadata.conflicts != holder) {
        fail(play, "it is in conflict with record %" PRIu64 ", not %" PRIu64, play->metadata.conflicts,
             holder);
    }
}

/* --- of a decision ------------------------------------------------------------------------------------- */

static void expect_decided(struct play *play) {
    expect_accepted(play);
    const struct decision *decision = decision_now(play);
    const char *told =
        arena_printf(play->arena, "%s%s%s", result_text(decision->result), has_word(play, 3) ? " " : "",
                     has_word(play, 3) ? decision->answer_code : "");
    const char *expected = arena_printf(play->arena, "%s%s%s", word(play, 2), has_word(play, 3) ? " " : "",
                                        has_word(play, 3) ? word(play, 3) : "");
    expect_text(play, "the decision", told, expected);
}

static void expect_finding(struct play *play) {
    const struct decision *decision = decision_now(play);
    for (size_t i = 0; i < decision->findings.count; i++) {
        if (strcmp(decision->findings.findings[i].code, word(play, 2)) == 0) {
            return;
        }
    }
    fail(play, "the engine's rules did not find %s", word(play, 2));
}

static void expect_detail(struct play *play) {
    const struct decision *decision = decision_now(play);
    for (size_t i = 0; i < decision->details_count; i++) {
        if (strcmp(decision->details[i].name, word(play, 2)) == 0) {
            expect_text(play, word(play, 2), decision->details[i].value.at, word(play, 3));
            return;
        }
    }
    fail(play, "the answer has no detail %s", word(play, 2));
}

static const char *list_destinations(struct play *play, const struct decision *decision) {
    const char *all = "";
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        all = arena_printf(play->arena, "%s %s:%" PRIu64 "(%s)", all, destination->party, destination->record,
                           destination->route);
    }
    return all;
}

static void expect_to(struct play *play) {
    const struct decision *decision = decision_now(play);
    bool nobody = strcmp(word(play, 2), "nobody") == 0;
    for (size_t i = 2; has_word(play, i) && !nobody; i++) {
        struct text label = text_of(word(play, i));
        const char *party = arena_copy(play->arena, text_until(&label, ':'));
        uint64_t record = record_of(play, label);
        bool there = false;
        for (size_t d = 0; d < decision->destinations_count; d++) {
            there = there
                    || (decision->destinations[d].record == record
                        && strcmp(decision->destinations[d].party, party) == 0);
        }
        if (!there) {
            fail(play, "%s is no destination of record %" PRIu64 "; these are:%s", party, record,
                 list_destinations(play, decision));
        }
    }
    if (decision->destinations_count != (nobody ? 0 : play->line->count - 2)) {
        fail(play, "other destinations:%s", list_destinations(play, decision));
    }
}

static const char *way_of(const struct destination *destination) {
    return *destination->file ? "folder" : destination->kept ? "kept" : "transport";
}

static void expect_answer(struct play *play) {
    const struct decision *decision = decision_now(play);
    const struct destination *destination = decision->destinations;
    struct record rec;
    if (decision->destinations_count != 1 || destination->record != 0) {
        fail(play, "other destinations:%s", list_destinations(play, decision));
    }
    expect_text(play, "who is answered", destination->party, word(play, 2));
    expect_text(play, "the way of the answer", way_of(destination), word(play, 3));
    if (house_record(play->house, play->decided->number, play->arena, &rec) != STATUS_OK) {
        fail(play, "the decision's record cannot be read");
    }
    compare_words(play, 4, "the answer", rec.data);
}

/* --- of what stands in state.db, and what a party sees ------------------------------------------------- */

static struct state *look(struct play *play) {
    struct state *state;
    settle(play);
    if (state_open(play->house->data, STORE_READ, &state) != STATUS_OK) {
        fail(play, "state.db cannot be read");
    }
    return state;
}

static void expect_state(struct play *play) {
    struct state *state = look(play);
    const char *told = NULL;
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        if (parts[i]->noun && strcmp(word(play, 2), parts[i]->noun) == 0) {
            struct store_query *query = store_query(state_store(state), parts[i]->state_of);
            store_bind_string(query, 1, word(play, 3));
            told = state_row(state, query) ? arena_copy(play->arena, store_text(query, 0)) : "none";
            store_reset(query);
        }
    }
    state_close(state);
    if (!told) {
        fail(play, "there is no kind %s", word(play, 2));
    }
    expect_text(play, "the state", told, word(play, 4));
}

/* A question with one parameter, asked by the operator. */
static struct asking about(struct play *play, struct state *state, const char *name, const char *value) {
    return (struct asking){ name,
                            { value },
                            .source = { .state = state, .edition = play->house->rooms.edition },
                            .arena = play->arena };
}

/* The state of the consignment the party sees; "none" when it sees none. */
static const char *tracked_state(struct play *play, struct state *state, const struct party *viewer,
                                 const char *query) {
    struct buf buf;
    char why[128];
    struct asking asking = about(play, state, "track", query);
    asking.viewer = viewer;
    buf_init(&buf, 4 << 20);
    enum status status = view_ask(&asking, VIEW_JSON, &buf);
    const struct json *root =
        status == STATUS_OK ? json_parse(play->arena, buf_text(&buf), why, sizeof(why)) : NULL;
    const struct json *first = root ? json_item(json_at(root, "consignments"), 0) : NULL;
    const char *told = status == STATUS_NOT_FOUND ? "none"
                       : first                    ? arena_string(play->arena, json_string_at(first, "state"))
                                                  : status_name(status);
    buf_release(&buf);
    return told;
}

/* NULL: the operator. */
static const struct party *viewer_of(struct play *play, const char *code) {
    return strcmp(code, "-") == 0 ? NULL : party_of(play, code);
}

static void expect_track(struct play *play) {
    const char *code = word(play, 2), *query = word(play, 3);
    const struct party *viewer = viewer_of(play, code);
    struct state *state = look(play);
    expect_text(play, "the state seen", tracked_state(play, state, viewer, query), word(play, 4));
    struct buf shown; /* in both languages: a text may be of either */
    buf_init(&shown, 4 << 20);
    struct asking asking = about(play, state, "track", query);
    asking.viewer = viewer;
    asking.language = LANGUAGE_ZH;
    view_ask(&asking, VIEW_TEXT, &shown);
    asking.language = LANGUAGE_EN;
    view_ask(&asking, VIEW_TEXT, &shown);
    compare_words(play, 5, arena_printf(play->arena, "what %s sees", code), buf_text(&shown));
    buf_release(&shown);
    state_close(state);
}

/* A question as the words from `at` on ask it: PARTY|- QUESTION [PARAMETER=VALUE ...], up to a word without
 * `=`, or the end. */
static struct asking asked_by_words(struct play *play, struct state *state, size_t at, size_t *behind) {
    const struct view *view = view_find(word(play, at + 1));
    struct asking asking = about(play, state, word(play, at + 1), NULL);
    size_t i = at + 2;
    if (!view) {
        fail(play, "there is no question %s", word(play, at + 1));
    }
    asking.viewer = viewer_of(play, word(play, at));
    asking.source.reader = play->house->picker;
    asking.now = house_now();
    for (; has_word(play, i) && strchr(word(play, i), '='); i++) {
        struct text value = text_of(word(play, i));
        const char *name = arena_copy(play->arena, text_until(&value, '='));
        asking.values[view_parameter(view, name) - view->parameters] = arena_copy(play->arena, value);
    }
    *behind = i;
    return asking;
}

/* A row of the list of views, by its name; then `shows`, with texts that must (not) be in its text
 * in both languages, or the status that refuses it. */
static void expect_view(struct play *play) {
    struct state *state = look(play);
    size_t i;
    struct asking asking = asked_by_words(play, state, 2, &i);
    struct buf shown;
    buf_init(&shown, 4 << 20);
    asking.language = LANGUAGE_ZH;
    enum status status = view_ask(&asking, VIEW_TEXT, &shown);
    asking.language = LANGUAGE_EN;
    if (status == STATUS_OK) {
        status = view_ask(&asking, VIEW_TEXT, &shown);
    }
    state_close(state);
    expect_text(play, "the answer", status == STATUS_OK ? "shows" : status_name(status), word(play, i));
    compare_words(play, i + 1, "what is shown", buf_text(&shown));
    buf_release(&shown);
}

/* The first text that is called MEMBER in the answer, as a value NAME of the messages that follow. */
void play_keep(struct play *play) {
    struct state *state = look(play);
    size_t behind;
    struct asking asking = asked_by_words(play, state, 3, &behind);
    struct buf answer;
    buf_init(&answer, 4 << 20);
    enum status status = view_ask(&asking, VIEW_JSON, &answer);
    state_close(state);
    const char *member = arena_printf(play->arena, "\"%s\":\"", word(play, 2));
    const char *value =
        status == STATUS_OK ? strstr(arena_copy(play->arena, buf_text(&answer)), member) : NULL;
    if (!value || value[strlen(member)] == '"') {
        fail(play, "the answer (%s) has no %s", status_name(status), word(play, 2));
    }
    struct text rest = text_of(value + strlen(member));
    set_value(play, word(play, 1), arena_copy(play->arena, text_until(&rest, '"')));
    buf_release(&answer);
}

static const struct json *find_segment(const struct json *direction, const char *name) {
    const struct json *segments = json_at(direction, "segments");
    for (size_t i = 0; i < json_count(segments); i++) {
        if (strcmp(json_string_at(json_item(segments, i), "name"), name) == 0) {
            return json_item(segments, i);
        }
    }
    return strcmp(name, "total") == 0 ? json_at(direction, "total") : NULL;
}

/* The report tells seconds. */
static const char *hours_of(struct play *play, double seconds) {
    const char *hours = arena_printf(play->arena, "%.2f", seconds / 3600);
    return strcmp(hours, "-0.00") == 0 ? "0.00" : hours;
}

static void compare_figures(struct play *play, const struct json *figures, size_t from) {
    for (size_t i = from; has_word(play, i); i++) {
        struct text expected = text_of(word(play, i));
        const char *name = arena_copy(play->arena, text_until(&expected, '='));
        const struct json *figure = json_at(figures, name);
        const char *told = !figure                  ? "none"
                           : strcmp(name, "n") == 0 ? arena_printf(play->arena, "%" PRId64, json_int(figure))
                                                    : hours_of(play, json_double(figure));
        expect_text(play, name, told, expected.at);
    }
}

static void expect_report(struct play *play) {
    struct state *state = look(play);
    struct buf buf;
    char why[128];
    struct asking asking = about(play, state, "report", word(play, 2));
    buf_init(&buf, 4 << 20);
    enum status status = view_ask(&asking, VIEW_JSON, &buf);
    state_close(state);
    if (strcmp(word(play, 3), "none") == 0) {
        expect_text(play, "the report", status_name(status), "NOT_FOUND");
    } else {
        const struct json *root =
            status == STATUS_OK ? json_parse(play->arena, buf_text(&buf), why, sizeof(why)) : NULL;
        const struct json *segment = root ? find_segment(json_at(root, word(play, 3)), word(play, 4)) : NULL;
        if (!segment || !json_at(segment, word(play, 5))) {
            fail(play, "the report does not have that (%s)", status_name(status));
        }
        compare_figures(play, json_at(segment, word(play, 5)), 6);
    }
    buf_release(&buf);
}

/* Whether that party finds the message of that label, by its record. */
static void expect_message(struct play *play) {
    const struct party *viewer = viewer_of(play, word(play, 2));
    const struct message_label *label = label_of(play, text_of(word(play, 3)));
    struct state *state = look(play);
    struct buf shown;
    struct asking asking =
        about(play, state, "message", arena_printf(play->arena, "%" PRIu64, label->record));
    asking.viewer = viewer;
    asking.source.reader = play->house->picker;
    buf_init(&shown, 4 << 20);
    enum status status = view_ask(&asking, VIEW_JSON, &shown);
    state_close(state);
    expect_text(play, "what is found", status == STATUS_OK ? "shown" : status_name(status),
                strcmp(word(play, 4), "none") == 0 ? "NOT_FOUND" : "shown");
    compare_words(play, 5, "what is shown", status == STATUS_OK ? buf_text(&shown) : (struct text){ 0 });
    buf_release(&shown);
}

/* --- of deliveries ------------------------------------------------------------------------------------- */

/* `PARTY LABEL` from the word 2 on; LABEL decision: of the decision about the message sent last. */
static uint64_t delivered_record(struct play *play) {
    const char *label = word(play, 3);
    settle(play);
    if (strcmp(label, "decision") == 0) {
        (void)decision_now(play);
        return play->decided->number;
    }
    return label_of(play, text_of(label))->record;
}

static void expect_row(struct play *play, uint64_t record, const char *party, const char *expected,
                       const char *reason) {
    struct state *state = look(play);
    struct store_query *query = store_query(
        state_store(state), "SELECT state, reason FROM deliveries WHERE record = ? AND party = ?");
    store_bind_int(query, 1, (int64_t)record);
    store_bind_string(query, 2, party);
    const char *told = "none", *why = "";
    if (state_row(state, query)) {
        told = arena_copy(play->arena, store_text(query, 0));
        why = arena_copy(play->arena, store_text(query, 1));
    }
    store_reset(query);
    state_close(state);
    expect_text(play, arena_printf(play->arena, "the delivery of record %" PRIu64 " to %s", record, party),
                told, expected);
    if (reason) {
        expect_text(play, "the reason", why, reason);
    }
}

static void expect_in_folder(struct play *play, const struct party *party, uint64_t record) {
    struct record rec;
    struct buf bytes;
    char name[256];
    buf_init(&bytes, 32u << 20);
    const char *pattern = arena_printf(play->arena, "%" PRIu64 "_*.xml", record);
    enum status status = house_file(play->house, party, "InBox", pattern, &bytes, name);
    require(house_record(play->house, record, play->arena, &rec) == STATUS_OK);
    if (status != STATUS_OK || !text_equal(buf_text(&bytes), rec.data)) {
        fail(play, "record %" PRIu64 " is not in the InBox of %s, byte for byte", record, party->code);
    }
    buf_release(&bytes);
}

/* Acknowledged once, and known to be. */
static void expect_delivered(struct play *play) {
    uint64_t record = delivered_record(play);
    const struct party *party = party_of(play, word(play, 2));
    const struct house_delivery *handed = house_handed(play->house, party->code, record);
    expect_row(play, record, party->code, "delivered", NULL);
    if (strcmp(party->transport, "files") == 0) {
        expect_in_folder(play, party, record);
    } else if (!handed || handed->acknowledged != 1) {
        fail(play, "%s acknowledged record %" PRIu64 " %u times", party->code, record,
             handed ? handed->acknowledged : 0);
    }
}

/* Acknowledged twice, the second time marked. */
static void expect_redelivered(struct play *play) {
    uint64_t record = delivered_record(play);
    const struct party *party = party_of(play, word(play, 2));
    const struct house_delivery *handed = house_handed(play->house, party->code, record);
    expect_row(play, record, party->code, "delivered", NULL);
    if (!handed || handed->acknowledged != 2 || !handed->redelivered) {
        fail(play, "%s acknowledged record %" PRIu64 " %u times, the last one %s", party->code, record,
             handed ? handed->acknowledged : 0, handed && handed->redelivered ? "marked" : "not marked");
    }
}

static void expect_waiting(struct play *play) {
    expect_row(play, delivered_record(play), word(play, 2), "waiting", NULL);
}

static void expect_parked(struct play *play) {
    expect_row(play, delivered_record(play), word(play, 2), "parked", word(play, 4));
}

static void expect_quarantine(struct play *play) {
    uint64_t record = record_of(play, text_of(word(play, 2)));
    struct state *state;
    const char *submitter;
    settle(play);
    require(state_open(play->house->data, STORE_READ, &state) == STATUS_OK);
    const char *stands = quarantine_state(state, record, play->arena, &submitter);
    state_close(state);
    expect_text(play, arena_printf(play->arena, "record %" PRIu64 " in quarantine", record),
                *stands ? stands : "none", word(play, 3));
}

static void expect_dropped(struct play *play) {
    expect_row(play, delivered_record(play), word(play, 2), "dropped", NULL);
}

static void expect_tries(struct play *play) {
    uint64_t record = delivered_record(play);
    const struct house_delivery *handed = house_handed(play->house, word(play, 2), record);
    expect_text(play,
                arena_printf(play->arena, "how often %s was handed record %" PRIu64, word(play, 2), record),
                arena_printf(play->arena, "%u", handed ? handed->times : 0), word(play, 4));
}

static void expect_nothing(struct play *play) {
    const struct party *party = party_of(play, word(play, 3));
    struct buf bytes;
    char name[256];
    settle(play);
    buf_init(&bytes, 32u << 20);
    if (house_handed_to(play->house, party->code)) {
        fail(play, "%s was handed %zu records", party->code, house_handed_to(play->house, party->code));
    }
    if (*stanza_text(party_stanza(party, "files"), "folder")
        && house_file(play->house, party, "InBox", "*", &bytes, name) == STATUS_OK) {
        fail(play, "%s finds %s in its InBox", party->code, name);
    }
    buf_release(&bytes);
}

static bool file_is_there(struct house *house, void *context) {
    struct play *play = context;
    struct buf bytes;
    char name[256];
    buf_init(&bytes, 32u << 20);
    enum status status =
        house_file(house, party_of(play, word(play, 2)), word(play, 3), word(play, 4), &bytes, name);
    buf_release(&bytes);
    return status == STATUS_OK;
}

static void expect_file(struct play *play) {
    const struct party *party = party_of(play, word(play, 2));
    struct buf bytes;
    char name[256];
    if (!house_wait(play->house, file_is_there, play)) {
        fail(play, "%s has no such file", party->code);
    }
    buf_init(&bytes, 32u << 20);
    house_file(play->house, party, word(play, 3), word(play, 4), &bytes, name);
    compare_words(play, 5, name, buf_text(&bytes));
    buf_release(&bytes);
}

/* --- of timers ----------------------------------------------------------------------------------------- */

static bool is_of_tick(struct play *play, const struct decision *decision) {
    struct record rec;
    return house_record(play->house, decision->cause, play->arena, &rec) == STATUS_OK
           && rec.kind == RECORD_TICK;
}

/* Alerts, or all others: what ages in one scenario or another is no concern of its deadlines. */
static const struct house_decision *next_tick(struct play *play, bool of_alert) {
    struct house *house = play->house;
    size_t *from = of_alert ? &play->alerts_from : &play->ticks_from;
    for (size_t count = house_decisions(house); *from < count;) {
        const struct house_decision *decision = &house->decisions[(*from)++];
        const char *code = decision->decision.answer_code;
        if (*code && (strncmp(code, "ALERT-", 6) == 0) == of_alert && is_of_tick(play, &decision->decision)) {
            return decision;
        }
    }
    return NULL;
}

static bool tick_comes(struct house *house, void *context) {
    struct play *play = context;
    const struct house_decision *tick = next_tick(play, strcmp(word(play, 1), "alert") == 0);
    play->decided = tick ? tick : play->decided;
    return tick;
}

static void expect_tick(struct play *play) {
    if (!house_wait(play->house, tick_comes, play)) {
        fail(play, "no tick comes");
    }
    play->tick = play->decided->decision.cause;
    expect_text(play, "the tick's decision", play->decided->decision.answer_code, word(play, 2));
}

static void expect_no_tick(struct play *play) {
    if (!house_await_timers(play->house)) {
        fail(play, "the engine does not look at the clock");
    }
    const struct house_decision *tick = next_tick(play, strcmp(word(play, 2), "alert") == 0);
    if (tick) {
        fail(play, "a tick came: %s", tick->decision.answer_code);
    }
}

/* --- by name ------------------------------------------------------------------------------------------- */

static const struct verb negations[] = {
    { "tick", expect_no_tick },
    { "alert", expect_no_tick },
    { "receipt", expect_no_receipt },
    { NULL, NULL },
};

static void expect_no(struct play *play) {
    play_by(play, negations, 2);
}

static const struct verb expectations[] = {
    { "accepted", expect_accepted },
    { "refused", expect_refused },
    { "receipt", expect_receipt },
    { "conflict", expect_conflict },
    { "recorded", expect_recorded },
    { "clock", expect_clock },
    { "decided", expect_decided },
    { "finding", expect_finding },
    { "detail", expect_detail },
    { "to", expect_to },
    { "answer", expect_answer },
    { "delivered", expect_delivered },
    { "redelivered", expect_redelivered },
    { "waiting", expect_waiting },
    { "parked", expect_parked },
    { "dropped", expect_dropped },
    { "quarantine", expect_quarantine },
    { "tries", expect_tries },
    { "nothing", expect_nothing },
    { "file", expect_file },
    { "state", expect_state },
    { "track", expect_track },
    { "view", expect_view },
    { "message", expect_message },
    { "report", expect_report },
    { "tick", expect_tick },
    { "alert", expect_tick },
    { "no", expect_no },
    { NULL, NULL },
};

void play_expect(struct play *play) {
    word(play, 1);
    play_by(play, expectations, 1);
}
