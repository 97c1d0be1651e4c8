/*
 * scenario.c - plays a text over the real journal, check and engine, under a clock that is part of the text.
 *
 *   clock WHEN | clock +3d | clock +2h | clock +30m | clock jump +20d    jump: the wall clock alone runs away
 *   clock accept                               an operator says that the wall clock is right
 *   set NAME VALUE                             a value for ${NAME} in the messages of scenario/messages;
 *                                              without: the default of ${NAME:-DEFAULT} there
 *   send PARTY FILE [NAME=VALUE ...]           Waits for its decision. label=first names the record;
 *                                              file=a.xml: it came by the party's folder, as that file
 *   block PARTY | unblock PARTY                the gateway stops, and starts with the row so changed
 *   order link LABEL LABEL                     an operator says that answer is that declaration's. Waits for
 *                                              its decision
 *   expect accepted | expect refused CODE      what the check said of the message sent last
 *   expect decided RESULT [CODE]               what the engine said (of the message sent last, or of a tick)
 *   expect recorded WHEN                       begins with this what the message sent last is stamped with
 *   expect clock believed|jumped|behind|ahead
 *   expect finding CODE                        a finding of the engine's rules in that decision
 *   expect detail NAME VALUE                   a detail of its answer
 *   expect to PARTY[:LABEL|:decision] ...      exactly these destinations, of that message unless said else;
 *                                              or nobody
 *   expect answer PARTY folder|transport|kept [TEXT|!TEXT ...]   the decision itself goes to that party and
 *                                              nobody else, that way; texts that must (not) be in its bytes
 *   expect state declaration|booking|consignment|note KEY STATE
 *   expect track PARTY|- QUERY STATE|none [TEXT|!TEXT ...]   what that party sees; texts that must (not) be
 *                                                            in it
 *   expect report MONTH DIRECTION SEGMENT VARIANT n=N [mean=H] [median=H] [p90=H]   SEGMENT total: the chain
 *   expect tick CODE | expect no tick          a timer's decision comes; none comes
 *   in any order                               the `send` lines up to `end` are played in every order that
 *     LINE... send ... send ... LINE... end    they can have, the other lines before and after them each
 *                                              time; ${n} counts the orders
 *   crash                                      dies after the last decision was recorded, before state.db
 *                                              had it
 *   rebuild                                    state.db from the journal is the one that stands
 *
 * At the end of every scenario state.db is rebuilt and must be equal.
 */
#include <inttypes.h>

#include "base/json.h"
#include "base/lines.h"
#include "engine_room.h"
#include "view_kit.h"
#include "message/order.h"
#include "engine/part.h"
#include "engine/setups.h"
#include "replay/rebuild.h"

#define VALUES_MAX   128
#define LABELS_MAX   256
#define LINES_MAX    1000
#define PERMUTED_MAX 6

struct named {
    const char *name, *value;
};
struct label {
    const char *name;
    uint64_t record;
};

struct play {
    const char *file;
    struct room *room;
    struct arena *arena;
    const struct line *line;
    struct named values[VALUES_MAX];
    size_t values_count;
    struct label labels[LABELS_MAX];
    size_t labels_count;
    unsigned serial;
    uint64_t sent;                       /* record of the message sent last */
    struct judgement judgement;          /* its check */
    const struct room_decision *decided; /* of it, or of the last tick; NULL when it was refused before */
    const size_t *order;
    size_t order_count; /* of the block that is played; NULL outside */
    size_t ticks_from;  /* decisions from here on may be of ticks not yet expected */
};

/* --- saying what went wrong ----------------------------------------------------------------------------- */

static _Noreturn void fail(struct play *play, const char *format, ...) __attribute__((format(printf, 2, 3)));

static _Noreturn void fail(struct play *play, const char *format, ...) {
    va_list args;
    fprintf(stderr, "%s:%u: ", play->file, play->line ? play->line->number : 0);
    for (size_t i = 0; play->order && i < play->order_count; i++) {
        fprintf(stderr, "%s%zu%s", i ? " " : "sent in the order ", play->order[i] + 1,
                i + 1 == play->order_count ? ": " : "");
    }
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    exit(1);
}

static struct text fill_in(struct play *play, struct text template);

static const char *word(struct play *play, size_t i) {
    if (i >= play->line->count) {
        fail(play, "a word is missing at the end of this line");
    }
    return fill_in(play, play->line->words[i].text).at;
}

static bool has_word(const struct play *play, size_t i) {
    return i < play->line->count;
}

static void expect_text(struct play *play, const char *what, const char *told, const char *expected) {
    if (strcmp(told, expected) != 0) {
        fail(play, "%s is \"%s\", not \"%s\"", what, told, expected);
    }
}

/* --- values and messages -------------------------------------------------------------------------------- */

static void set_value(struct play *play, const char *name, const char *value) {
    for (size_t i = 0; i < play->values_count; i++) {
        if (strcmp(play->values[i].name, name) == 0) {
            play->values[i].value = value;
            return;
        }
    }
    require(play->values_count < VALUES_MAX);
    play->values[play->values_count++] = (struct named){ name, value };
}

/* expression: NAME or NAME:-DEFAULT, as a shell has it. */
static struct text value_of(struct play *play, struct text expression) {
    struct text rest = expression, name = text_until(&rest, ':');
    for (size_t i = play->values_count; i-- > 0;) {
        if (text_is(name, play->values[i].name)) {
            return text_of(play->values[i].value);
        }
    }
    if (rest.length == 0) {
        fail(play, "there is no value for ${" TEXT_FORMAT "}", TEXT_ARGS(name));
    }
    return (struct text){ rest.at + 1, rest.length - 1 }; /* behind the - */
}

static struct text fill_in(struct play *play, struct text template) {
    struct buf out;
    buf_init(&out, 1 << 20);
    for (struct text rest = template; rest.length;) {
        const char *open = memmem(rest.at, rest.length, "${", 2);
        size_t before = open ? (size_t)(open - rest.at) : rest.length;
        buf_add(&out, rest.at, before);
        rest.at += before;
        rest.length -= before;
        if (open) {
            rest.at += 2;
            rest.length -= 2;
            struct text value = value_of(play, text_until(&rest, '}'));
            buf_add(&out, value.at, value.length);
        }
    }
    struct text filled = { arena_copy(play->arena, buf_text(&out)), out.length };
    buf_release(&out);
    return filled;
}

static struct text read_message(struct play *play, const char *name) {
    struct buf text;
    buf_init(&text, 1 << 20);
    const char *path = arena_printf(play->arena, "%s/tests/scenario/messages/%s.xml", SOURCE_DIR, name);
    if (file_read(path, &text) != STATUS_OK) {
        fail(play, "there is no %s", path);
    }
    struct text filled = fill_in(play, buf_text(&text));
    buf_release(&text);
    return filled;
}

static void set_local_time(struct play *play) {
    char at[STAMP_TEXT_MAX];
    stamp_print(room_now(), at);
    set_value(play, "at", arena_printf(play->arena, "%.19s", at));
}

/* --- statements ----------------------------------------------------------------------------------------- */

static int64_t seconds_of(struct play *play, const char *span) {
    char *unit;
    long long number = strtoll(span, &unit, 10);
    switch (*unit) {
    case 'd': return number * 86400;
    case 'h': return number * 3600;
    case 'm': return number * 60;
    case 's': return number;
    default: fail(play, "a span of time is +3d, +2h, +30m or +5s");
    }
}

static void play_clock(struct play *play) {
    const char *when = word(play, 1);
    stamp at;
    if (strcmp(when, "accept") == 0) {
        if (!clock_accept(journal_clock(play->room->journal))) {
            fail(play, "the clock is not doubted");
        }
    } else if (strcmp(when, "jump") == 0) {
        atomic_fetch_add(&room_wall, seconds_of(play, word(play, 2)) * STAMP_SECOND);
    } else if (*when == '+') {
        room_advance(seconds_of(play, when + 1));
    } else if (stamp_parse(text_of(when), &at)) {
        stamp before = room_now();
        room_advance((at - before) / STAMP_SECOND);
        atomic_store(&room_wall, at);
    } else {
        fail(play, "%s is no moment", when);
    }
}

static void play_set(struct play *play) {
    set_value(play, word(play, 1), fill_in(play, text_of(word(play, 2))).at);
}

static const char *const store_files[] = { "state.db", "state.db-wal" };

/* What state.db is before a message: what it would be again if the gateway died before the next commit. */
static void keep_state(struct play *play) {
    for (size_t i = 0; i < 2; i++) {
        char command[256];
        snprintf(command, sizeof(command), "cp -f '%s/%s' '%s/kept-%s' 2>/dev/null", play->room->directory,
                 store_files[i], play->room->directory, store_files[i]);
        (void)!system(command);
    }
}

static void play_crash(struct play *play) {
    room_stop(play->room);
    for (size_t i = 0; i < 2; i++) {
        char command[256];
        snprintf(command, sizeof(command),
                 "cd '%s' && rm -f '%s' state.db-shm && cp -f 'kept-%s' '%s' 2>/dev/null",
                 play->room->directory, store_files[i], store_files[i], store_files[i]);
        (void)!system(command);
    }
    if (room_start(play->room) != STATUS_OK || !room_settle(play->room)) {
        fail(play, "the gateway does not start again");
    }
}

/* The rows of the parties' file as they are, but for the one that is blocked. */
static void write_parties(struct play *play, const char *path, const char *blocked) {
    struct buf rows, changed;
    buf_init(&rows, 1 << 20);
    buf_init(&changed, 1 << 20);
    require(file_read(SOURCE_DIR "/tests/scenario/parties.yaml", &rows) == STATUS_OK);
    const char *row = arena_printf(play->arena, "{ code: %s,", blocked);
    const char *found = *blocked ? memmem(rows.at, rows.length, row, strlen(row)) : rows.at;
    if (!found) {
        fail(play, "there is no party %s", blocked);
    }
    size_t before = (size_t)(found - rows.at) + (*blocked ? strlen(row) : 0);
    buf_add(&changed, rows.at, before);
    buf_add_string(&changed, *blocked ? " blocked: true," : "");
    buf_add(&changed, rows.at + before, rows.length - before);
    FILE *file = fopen(path, "w");
    require(file && fwrite(changed.at, 1, changed.length, file) == changed.length && fclose(file) == 0);
    buf_release(&rows);
    buf_release(&changed);
}

static void play_block(struct play *play) {
    bool blocks = text_is(play->line->words[0].text, "block");
    const char *path = arena_printf(play->arena, "%s/parties.yaml", play->room->directory);
    write_parties(play, path, blocks ? word(play, 1) : "");
    room_settle(play->room);
    room_stop(play->room);
    room_leave_setup(play->room);
    room_take_setup(play->room, SOURCE_DIR "/schemas", path);
    play->judgement = (struct judgement){ .id = "" };
    if (room_start(play->room) != STATUS_OK || !room_settle(play->room)) {
        fail(play, "the gateway does not start again");
    }
}

static void wait_for_decision(struct play *play, size_t from) {
    play->decided = room_wait(play->room, play->sent, from);
    if (!play->decided) {
        fail(play, "no decision comes about record %" PRIu64 " (%s)", play->sent,
             status_name(play->room->failure));
    }
}

static void play_send(struct play *play) {
    size_t values = play->values_count, from = room_count(play->room);
    const char *party = word(play, 1), *label = NULL, *file = NULL;
    if (!room_settle(play->room)) {
        fail(play, "the engine does not come to rest");
    }
    if (!play->order) {
        keep_state(play);
    }
    set_local_time(play);
    set_value(play, "serial", arena_printf(play->arena, "%u", ++play->serial));
    struct named before[VALUES_MAX];
    values = play->values_count;
    memcpy(before, play->values, sizeof(before));
    for (size_t i = 3; has_word(play, i); i++) {
        struct text value = text_of(word(play, i));
        const char *name = arena_copy(play->arena, text_until(&value, '='));
        if (value.length > 1 && value.at[0] == '"' && value.at[value.length - 1] == '"') {
            value = (struct text){ value.at + 1, value.length - 2 };
        }
        if (strcmp(name, "label") == 0) {
            label = value.at;
        } else if (strcmp(name, "file") == 0) {
            file = arena_copy(play->arena, value);
        } else {
            set_value(play, name, fill_in(play, value).at);
        }
    }
    struct text bytes = read_message(play, word(play, 2));
    memcpy(play->values, before, sizeof(before)); /* values on the line are for this message only */
    play->values_count = values;
    play->sent = room_send_file(play->room, party, file, bytes, &play->judgement);
    play->decided = NULL;
    if (label) {
        require(play->labels_count < LABELS_MAX);
        play->labels[play->labels_count++] = (struct label){ label, play->sent };
    }
    if (verdict_passes(&play->judgement.verdict)) {
        wait_for_decision(play, from);
    }
}

static uint64_t record_of(struct play *play, struct text label);

static void play_order(struct play *play) {
    size_t from = room_count(play->room);
    struct order order = { .record = record_of(play, text_of(word(play, 2))),
                           .to = record_of(play, text_of(word(play, 3))),
                           .reason = "said by telephone" };
    struct buf meta;
    if (!order_find(text_of(word(play, 1)), &order.kind) || !order_is_whole(&order)) {
        fail(play, "this is no whole order");
    }
    room_settle(play->room);
    keep_state(play);
    buf_init(&meta, 1 << 16);
    order_write(&order, &meta);
    struct record rec = { .kind = RECORD_ORDER, .meta = buf_text(&meta) };
    require(journal_append(play->room->journal, &rec, false) == STATUS_OK);
    buf_release(&meta);
    play->sent = rec.number;
    play->judgement = (struct judgement){ .id = "" };
    wait_for_decision(play, from);
}

static void play_rebuild(struct play *play) {
    struct rebuild_result result;
    room_settle(play->room);
    if (rebuild(play->room->directory, &result) != STATUS_LOCKED) {
        fail(play, "a rebuild beside the running gateway is not refused");
    }
    room_stop(play->room);
    enum status status = rebuild(play->room->directory, &result);
    if (status != STATUS_OK || !result.had_old || !result.equal) {
        fail(play, "the rebuilt state.db is not equal: %s %s", status_name(status), result.why.en);
    }
    if (room_start(play->room) != STATUS_OK) {
        fail(play, "the gateway does not start on the rebuilt state.db");
    }
}

/* --- expectations --------------------------------------------------------------------------------------- */

static const struct decision *decision_now(struct play *play) {
    if (!play->decided) {
        fail(play, "nothing was decided");
    }
    return &play->decided->decision;
}

static void expect_recorded(struct play *play) {
    char at[STAMP_TEXT_MAX];
    struct record rec;
    struct reader *reader = reader_new(play->room->journal);
    if (reader_get(reader, play->sent, play->arena, &rec) != STATUS_OK) {
        fail(play, "record %" PRIu64 " cannot be read", play->sent);
    }
    reader_free(reader);
    const char *expected = word(play, 2), *told = stamp_print(rec.stamp, at);
    expect_text(play, "the stamp", arena_printf(play->arena, "%.*s", (int)strlen(expected), told), expected);
}

static void expect_clock(struct play *play) {
    enum clock_doubt doubt = clock_read(journal_clock(play->room->journal)).doubt;
    expect_text(play, "the clock", doubt == CLOCK_NONE ? "believed" : clock_doubt_text(doubt), word(play, 2));
}

static void expect_accepted(struct play *play) {
    const struct verdict *verdict = &play->judgement.verdict;
    for (size_t i = 0; i < verdict->count; i++) {
        if (verdict->findings[i].severity == SEVERITY_ERROR) {
            fail(play, "it was refused: %s %s", verdict->findings[i].code, verdict->findings[i].en);
        }
    }
}

static void expect_refused(struct play *play) {
    const char *code = word(play, 2);
    const struct verdict *verdict = &play->judgement.verdict;
    for (size_t i = 0; i < verdict->count; i++) {
        if (strcmp(verdict->findings[i].code, code) == 0) {
            return;
        }
    }
    fail(play, "the check did not say %s (it said %s)", code,
         verdict->count ? verdict->findings[0].code : "nothing");
}

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

static uint64_t record_of(struct play *play, struct text label) {
    if (!label.at) {
        return play->decided->cause;
    }
    for (size_t i = 0; i < play->labels_count; i++) {
        if (text_is(label, play->labels[i].name)) {
            return play->labels[i].record;
        }
    }
    return text_is(label, "decision") ? 0
                                      : (fail(play, "there is no label " TEXT_FORMAT, TEXT_ARGS(label)), 0);
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
    struct reader *reader = reader_new(play->room->journal);
    struct record rec;
    if (decision->destinations_count != 1 || destination->record != 0) {
        fail(play, "other destinations:%s", list_destinations(play, decision));
    }
    expect_text(play, "who is answered", destination->party, word(play, 2));
    expect_text(play, "the way of the answer", way_of(destination), word(play, 3));
    if (reader_get(reader, play->decided->number, play->arena, &rec) != STATUS_OK) {
        fail(play, "the decision's record cannot be read");
    }
    reader_free(reader);
    for (size_t i = 4; has_word(play, i); i++) {
        const char *text = word(play, i);
        bool must = *text != '!',
             there = memmem(rec.data.at, rec.data.length, must ? text : text + 1, strlen(text) - !must);
        if (must != there) {
            fail(play, "\"%s\" is %s the answer:\n" TEXT_FORMAT, must ? text : text + 1,
                 must ? "not in" : "in", TEXT_ARGS(rec.data));
        }
    }
}

static struct state *look(struct play *play) {
    struct state *state;
    if (!room_settle(play->room) || state_open(play->room->directory, STORE_READ, &state) != STATUS_OK) {
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
                            .source = { .state = state,
                                        .edition = play->room->edition,
                                        .segments = engine_setup_segments(play->room->engine_setup) },
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

static void expect_track(struct play *play) {
    const char *code = word(play, 2), *query = word(play, 3);
    const struct party *viewer =
        strcmp(code, "-") == 0 ? NULL : parties_find(play->room->edition->parties, text_of(code));
    if (!viewer && strcmp(code, "-") != 0) {
        fail(play, "there is no party %s", code);
    }
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
    for (size_t i = 5; has_word(play, i); i++) {
        const char *text = word(play, i);
        bool must = *text != '!';
        bool there = shown.length && strstr(shown.at, must ? text : text + 1);
        if (must != there) {
            fail(play, "\"%s\" is %s what %s sees:\n%s", must ? text : text + 1, must ? "not in" : "in", code,
                 shown.length ? shown.at : "");
        }
    }
    buf_release(&shown);
    state_close(state);
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

static void compare_figures(struct play *play, const struct json *figures, size_t from) {
    for (size_t i = from; has_word(play, i); i++) {
        struct text expected = text_of(word(play, i));
        const char *name = arena_copy(play->arena, text_until(&expected, '='));
        const char *told = json_string_at(figures, name);
        if (strcmp(name, "n") == 0) {
            told = arena_printf(play->arena, "%" PRId64, json_int_at(figures, name));
        }
        expect_text(play, name, told ? told : "none", expected.at);
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

static const struct room_decision *next_tick(struct play *play) {
    struct room *room = play->room;
    const struct room_decision *found = NULL;
    pthread_mutex_lock(&room->lock);
    for (; play->ticks_from < room->count && !found; play->ticks_from++) {
        const struct decision *decision = &room->decisions[play->ticks_from].decision;
        bool timer = decision->moves_count && strcmp(decision->moves[0].part, "timers") == 0
                     && strcmp(decision->moves[0].to, "clear") == 0;
        found = timer && strncmp(decision->answer_code, "SUMMARY-", 8) == 0
                    ? &room->decisions[play->ticks_from]
                    : NULL;
    }
    pthread_mutex_unlock(&room->lock);
    return found;
}

static void expect_tick(struct play *play) {
    for (int i = 0; i < ROOM_PATIENCE_S * 100; i++) {
        const struct room_decision *tick = next_tick(play);
        if (tick) {
            play->decided = tick;
            expect_text(play, "the tick's decision", tick->decision.answer_code, word(play, 2));
            return;
        }
        usleep(10000);
    }
    fail(play, "no tick comes");
}

static void expect_no_tick(struct play *play) {
    usleep(500000); /* five times the engine's idle wait */
    const struct room_decision *tick = next_tick(play);
    if (tick) {
        fail(play, "a tick came: %s", tick->decision.answer_code);
    }
}

/* --- statements and expectations by name ---------------------------------------------------------------- */

struct verb {
    const char *name;
    void (*play)(struct play *);
};

static const struct verb expectations[] = {
    { "accepted", expect_accepted },
    { "refused", expect_refused },
    { "decided", expect_decided },
    { "finding", expect_finding },
    { "recorded", expect_recorded },
    { "clock", expect_clock },
    { "detail", expect_detail },
    { "to", expect_to },
    { "answer", expect_answer },
    { "state", expect_state },
    { "track", expect_track },
    { "report", expect_report },
    { "tick", expect_tick },
    { "no", expect_no_tick },
    { NULL, NULL },
};

static void play_by(struct play *play, const struct verb *verbs, size_t i) {
    for (; verbs->name; verbs++) {
        if (text_is(play->line->words[i].text, verbs->name)) {
            verbs->play(play);
            return;
        }
    }
    fail(play, "\"" TEXT_FORMAT "\" is no statement", TEXT_ARGS(play->line->words[i].text));
}

static void play_expect(struct play *play) {
    word(play, 1);
    play_by(play, expectations, 1);
}

static const struct verb verbs[] = {
    { "clock", play_clock },     { "set", play_set },
    { "send", play_send },       { "expect", play_expect },
    { "order", play_order },     { "block", play_block },
    { "unblock", play_block },   { "crash", play_crash },
    { "rebuild", play_rebuild }, { NULL, NULL },
};

/* --- in every order ------------------------------------------------------------------------------------- */

static bool begins_with(const struct line *line, const char *first) {
    return text_is(line->words[0].text, first);
}

static void play_line(struct play *play, const struct line *line) {
    play->line = line;
    play_by(play, verbs, 0);
}

/* The next larger order of the indices; false after the last one. */
static bool next_order(size_t *order, size_t count) {
    size_t i = count - 1, k = count - 1;
    while (i > 0 && order[i - 1] > order[i]) {
        i--;
    }
    if (i == 0) {
        return false;
    }
    while (order[k] < order[i - 1]) {
        k--;
    }
    size_t swapped = order[i - 1];
    order[i - 1] = order[k];
    order[k] = swapped;
    for (size_t low = i, high = count - 1; low < high; low++, high--) {
        swapped = order[low];
        order[low] = order[high];
        order[high] = swapped;
    }
    return true;
}

/* lines[0] is the first within the block; how many it has, its end counted. */
static size_t play_orders(struct play *play, const struct line *lines, size_t count) {
    size_t first = 0, after, end, order[PERMUTED_MAX] = { 0, 1, 2, 3, 4, 5 };
    unsigned number = 0;
    for (first = 0; first < count && !begins_with(&lines[first], "send"); first++) {
    }
    for (after = first; after < count && begins_with(&lines[after], "send"); after++) {
    }
    for (end = after; end < count && !begins_with(&lines[end], "end"); end++) {
    }
    if (end == count || after == first || after - first > PERMUTED_MAX) {
        fail(play, "a block has 1 to %d sends and its end", PERMUTED_MAX);
    }
    do {
        set_value(play, "n", arena_printf(play->arena, "%03u", ++number));
        play->order = order;
        play->order_count = after - first;
        for (size_t i = 0; i < first; i++) {
            play_line(play, &lines[i]);
        }
        for (size_t i = 0; i < after - first; i++) {
            play_line(play, &lines[first + order[i]]);
        }
        for (size_t i = after; i < end; i++) {
            play_line(play, &lines[i]);
        }
        play->order = NULL;
    } while (next_order(order, after - first));
    return end + 1;
}

/* --- the play ------------------------------------------------------------------------------------------- */

static size_t read_lines(struct play *play, struct text source, struct line *out) {
    struct lines lines;
    bool bad;
    size_t count = 0;
    lines_init(&lines, source, play->arena);
    while (count < LINES_MAX && lines_next(&lines, &out[count], &bad)) {
        play->line = &out[count++];
        if (bad) {
            fail(play, TEXT_FORMAT, TEXT_ARGS(play->line->words[0].text));
        }
    }
    require(count < LINES_MAX);
    return count;
}

static void play_all(struct play *play, struct text source) {
    struct line *lines = arena_alloc(play->arena, LINES_MAX * sizeof(*lines));
    size_t count = read_lines(play, source, lines);
    for (size_t i = 0; i < count; i++) {
        if (begins_with(&lines[i], "in")) {
            play->line = &lines[i];
            i += play_orders(play, &lines[i + 1], count - i - 1);
        } else {
            play_line(play, &lines[i]);
        }
    }
    play_rebuild(play);
    play->line = NULL;
}

int main(int argc, char **argv) {
    struct play play = { .file = argc > 1 ? argv[1] : "" };
    struct buf source;
    if (argc != 2) {
        fprintf(stderr, "usage: scenario FILE\n");
        return 2;
    }
    buf_init(&source, 1 << 20);
    play.arena = arena_new();
    if (file_read(argv[1], &source) != STATUS_OK) {
        fail(&play, "cannot be read");
    }
    atomic_store(&room_wall, stamp_of_day(day_of(2026, 10, 10)) + 8 * 3600 * STAMP_SECOND);
    play.room = room_open(SOURCE_DIR "/schemas", SOURCE_DIR "/tests/scenario/parties.yaml");
    if (room_start(play.room) != STATUS_OK) {
        fail(&play, "the gateway does not start");
    }
    play_all(&play, buf_text(&source));
    room_close(play.room);
    arena_free(play.arena);
    buf_release(&source);
    return 0;
}
