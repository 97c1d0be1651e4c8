/*
 * scenario.c - plays a text over the whole gateway, in this process, with a loop and a clock that the text
 * turns (house.h). Nothing waits for time: a clock that is turned by a day makes a day.
 *
 *   clock WHEN | clock +3d | clock +2h | clock +30m | clock +5s
 *   clock jump +20d                            the wall clock alone runs away
 *   clock accept                               an operator says that the wall clock is right
 *   set NAME VALUE                             a value for ${NAME} in the messages of scenario/messages;
 *                                              without: the default of ${NAME:-DEFAULT} there
 *   keep NAME MEMBER PARTY|- QUESTION [PARAMETER=VALUE ...]
 *                                              ... the first text that is called MEMBER in what a row of the
 *                                              list of views answers that party as JSON
 *   setting SECTION.KEY VALUE                  of the gateway, which stops and starts with it
 *
 *   send PARTY FILE [NAME=VALUE ...]           Hands the message in, waits for its receipt and, if that says
 *                                              accepted, for its decision. label=first names the record;
 *                                              file=a.xml: as that file in the party's OutBox
 *   repeat LABEL [anew]                        The same party sends the same bytes the same way again; anew:
 *                                              what was refused is to be decided again
 *   crash before receipt of PARTY FILE [NAME=VALUE ...]
 *                                              sends; the gateway dies once the message is recorded, before
 *                                              its receipt has left, and starts again
 *   crash                                      dies after the last decision was recorded, before state.db
 *                                              had it, and starts again
 *   crash now                                  dies as it stands, and starts again
 *   restart                                    stops in order, and starts again
 *   block PARTY | unblock PARTY                the gateway stops, and starts with the row so changed
 *   reload block PARTY | reload unblock PARTY  the row so changed comes into force while the gateway runs
 *   reload serve PARTY CODE                    ... that party serves this, too
 *   text NAME OLD NEW                          the gateway stops, and starts with NEW for OLD in schemas/NAME
 *   receiver PARTY works|refuses|fails|is slow
 *                                              what that party does with deliveries: acknowledges them at
 *                                              once (this is so unless said else), refuses them, cannot be
 *                                              reached, holds them without a word until it works
 *   order link LABEL LABEL                     an operator says that answer is that declaration's. Waits for
 *                                              its decision
 *   order release LABEL | order drop LABEL     ... what is held or in quarantine is to be decided anew; what
 *                                              is in quarantine is to go nowhere
 *   order alert-ack alert                      ... the alert that was expected last is known
 *   order redrive PARTY LABEL | order drop PARTY LABEL    ... that delivery is to be tried again, given up
 *   rebuild                                    state.db from the journal is the one that stands
 *   in any order                               the `send` lines up to `end` are played in every order that
 *     LINE... send ... send ... LINE... end    they can have, the other lines before and after them each
 *                                              time; ${n} counts the orders
 *   in random order N                          the same in N orders that chance makes, with repeats and hours
 *     LINE... send ... send ... LINE... end    between; the first is sent first, and whoever sends that sends
 *                                              his in order
 *   first LINE                                 what goes before: a `send` that is none of those that change
 *                                              places
 *
 * Of the message sent last:
 *   expect accepted | expect refused CODE      what the check said of it
 *   expect receipt accepted|refused|conflict [again] [TEXT|!TEXT ...]
 *                                              what its sender heard, for a new record or one that was there;
 *                                              texts that must (not) be in the bytes
 *   expect receipt of LABEL                    its sender got the very receipt of that one, byte for byte,
 *                                              and nothing was recorded
 *   expect no receipt                          its sender heard nothing
 *   expect conflict with LABEL                 that record holds its id
 *   expect recorded WHEN                       begins with this what it is stamped with
 *   expect decided RESULT [CODE]               what the engine said of it (or of a tick)
 *   expect finding CODE                        a finding of the engine's rules in that decision
 *   expect detail NAME VALUE                   a detail of its answer
 *   expect to PARTY[:LABEL|:decision] ...      exactly these destinations, of that message unless said else;
 *                                              or nobody
 *   expect quarantine LABEL quarantined|released|dropped|none    whether it waits for an operator, because no
 *                                              route sends it to anybody
 *   expect answer PARTY folder|transport|kept [TEXT|!TEXT ...]   the decision itself goes to that party and
 *                                              nobody else, that way; texts that must (not) be in its bytes
 * Of deliveries; LABEL decision: the decision about the message sent last:
 *   expect delivered PARTY LABEL               the party has acknowledged it, once; byte for byte
 *   expect redelivered PARTY LABEL             ... and once more by an operator's word, marked so
 *   expect waiting PARTY LABEL                 not yet; it goes on by itself
 *   expect parked PARTY LABEL REASON           given up until an operator, or an end of the reason, wants it
 *   expect dropped PARTY LABEL                 given up by an operator
 *   expect tries PARTY LABEL N                 how often the party was handed it, always under the same id
 *   expect nothing to PARTY                    it was handed nothing so far, and its InBox is empty
 *   expect file PARTY BOX NAME [TEXT|!TEXT ...]   such a file (`*`: any characters) comes into its box
 * Of what stands:
 *   expect state declaration|booking|consignment|note|complaint|rating KEY STATE
 *   expect track PARTY|- QUERY STATE|none [TEXT|!TEXT ...]   what that party sees; texts that must (not) be
 *                                                            in it
 *   expect view PARTY|- QUESTION [PARAMETER=VALUE ...] shows [TEXT|!TEXT ...]   what a row of the list of
 *                                                            views answers that party, as a text
 *   expect message PARTY|- LABEL shown|none [TEXT|!TEXT ...] whether it finds that message, by its record
 *   expect report MONTH DIRECTION SEGMENT VARIANT n=N [mean=H] [median=H] [p90=H]   SEGMENT total: the chain
 *   expect clock believed|jumped|behind|ahead
 *   expect tick CODE | expect no tick          a timer's decision comes; none comes. Alerts are no ticks:
 *   expect alert CODE | expect no alert        ... an alert is told; none is
 *
 * At the end of every scenario state.db is rebuilt and must be equal.
 */
#include "play.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "message/order.h"
#include "replay/rebuild.h"
#include "plans.h"
#include "transitions.h"

#define PARTIES      SOURCE_DIR "/tests/scenario/parties.yaml"
#define LINES_MAX    1000
#define REDRIVE_SAID "the receiver is back"

/* --- saying what went wrong ----------------------------------------------------------------------------- */

_Noreturn void fail(struct play *play, const char *format, ...) {
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

const char *word(struct play *play, size_t i) {
    if (i >= play->line->count) {
        fail(play, "a word is missing at the end of this line");
    }
    return fill_in(play, play->line->words[i].text).at;
}

bool has_word(const struct play *play, size_t i) {
    return i < play->line->count;
}

void expect_text(struct play *play, const char *what, const char *told, const char *expected) {
    if (strcmp(told, expected) != 0) {
        fail(play, "%s is \"%s\", not \"%s\"", what, told, expected);
    }
}

void settle(struct play *play) {
    if (!house_settle(play->house)) {
        fail(play, "the gateway does not come to rest");
    }
}

const struct message_label *label_of(struct play *play, struct text name) {
    for (size_t i = play->labels_count; i-- > 0;) {
        if (text_is(name, play->labels[i].name)) {
            return &play->labels[i];
        }
    }
    fail(play, "there is no label " TEXT_FORMAT, TEXT_ARGS(name));
}

/* decision: 0, which stands for the decision itself among its destinations. */
uint64_t record_of(struct play *play, struct text label) {
    if (!label.at) {
        return play->decided->cause;
    }
    return text_is(label, "decision") ? 0 : label_of(play, label)->record;
}

const struct party *party_of(struct play *play, const char *code) {
    const struct party *party = parties_find(play->house->rooms.edition->parties, text_of(code));
    if (!party) {
        fail(play, "there is no party %s", code);
    }
    return party;
}

/* --- time and settings ---------------------------------------------------------------------------------- */

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
    settle(play); /* what can happen before happens before */
    if (strcmp(when, "accept") == 0) {
        if (!clock_accept(journal_clock(play->house->rooms.journal))) {
            fail(play, "the clock is not doubted");
        }
    } else if (strcmp(when, "jump") == 0) {
        house_set_wall(house_now() + seconds_of(play, word(play, 2)) * STAMP_SECOND);
    } else if (*when == '+') {
        house_advance(seconds_of(play, when + 1));
    } else if (stamp_parse(text_of(when), &at)) {
        stamp before = house_now();
        house_advance((at - before) / STAMP_SECOND);
        house_set_wall(at);
    } else {
        fail(play, "%s is no moment", when);
    }
}

static void play_set(struct play *play) {
    set_value(play, word(play, 1), fill_in(play, text_of(word(play, 2))).at);
}

static void restart(struct play *play) {
    settle(play);
    house_stop(play->house);
    house_start(play->house);
}

static void play_setting(struct play *play) {
    house_set(play->house, word(play, 1), word(play, 2));
    restart(play);
}

/* The rows of the parties' file as they are, with this put in behind `mark` of the party's row. */
static void set_row(struct play *play, const char *party, const char *mark, const char *insertion) {
    struct buf rows, changed;
    buf_init(&rows, 1 << 20);
    buf_init(&changed, 1 << 20);
    require(file_read(PARTIES, &rows) == STATUS_OK);
    const char *row = arena_printf(play->arena, "{ code: %s,", party_of(play, party)->code);
    const char *found = memmem(rows.at, rows.length, row, strlen(row));
    require(found);
    found = memmem(found, rows.length - (size_t)(found - rows.at), mark, strlen(mark));
    require(found);
    size_t before = (size_t)(found - rows.at) + strlen(mark);
    buf_add(&changed, rows.at, before);
    buf_add_string(&changed, insertion);
    buf_add(&changed, rows.at + before, rows.length - before);
    house_set_parties(play->house, buf_text(&changed));
    buf_release(&rows);
    buf_release(&changed);
}

/* block, unblock, serve PARTY [CODE], from word i on. */
static void change_row(struct play *play, size_t i) {
    const char *verb = word(play, i), *party = word(play, i + 1);
    if (strcmp(verb, "serve") == 0) {
        set_row(play, party, "serves: [", arena_printf(play->arena, "\"%s\", ", word(play, i + 2)));
    } else {
        set_row(play, party, ",", strcmp(verb, "block") == 0 ? " blocked: true," : "");
    }
}

static void play_block(struct play *play) {
    change_row(play, 0);
    restart(play);
}

/* A folder of schemas as it is, but for what stands once in one text. */
static void play_text(struct play *play) {
    const char *old = word(play, 2),
               *folder = arena_printf(play->arena, "%s/schemas", play->house->directory);
    const char *path = arena_printf(play->arena, "%s/%s", folder, word(play, 1));
    struct buf text, changed;
    buf_init(&text, 1 << 20);
    buf_init(&changed, 1 << 20);
    require(system(arena_printf(play->arena, "[ -d '%s' ] || cp -R '" SOURCE_DIR "/schemas' '%s'", folder,
                                folder))
            == 0);
    require(file_read(path, &text) == STATUS_OK);
    const char *found = memmem(text.at, text.length, old, strlen(old));
    if (!found) {
        fail(play, "%s does not say %s", word(play, 1), old);
    }
    size_t before = (size_t)(found - text.at), behind = before + strlen(old);
    buf_add(&changed, text.at, before);
    buf_add_string(&changed, word(play, 3));
    buf_add(&changed, text.at + behind, text.length - behind);
    require(file_replace(path, buf_text(&changed)) == STATUS_OK);
    buf_release(&text);
    buf_release(&changed);
    house_set(play->house, "gateway.schemas", folder);
    restart(play);
}

static void play_reload(struct play *play) {
    change_row(play, 1);
    if (!house_reload(play->house)) {
        fail(play, "it does not come into force");
    }
}

/* --- crashes and restarts ------------------------------------------------------------------------------- */

static void play_crash(struct play *play) {
    if (has_word(play, 1) && strcmp(word(play, 1), "before") == 0) { /* before receipt of PARTY FILE */
        play_send_and_die(play, 4);
        return;
    }
    settle(play);
    house_crash(play->house, !has_word(play, 1));
}

/* Leaves the gateway stopped. */
static void compare_with_rebuilt(struct play *play) {
    struct rebuild_result result;
    settle(play);
    if (rebuild(play->house->data, &result) != STATUS_LOCKED) {
        fail(play, "a rebuild beside the running gateway is not refused");
    }
    house_stop(play->house);
    enum status status = rebuild(play->house->data, &result);
    if (status != STATUS_OK || !result.had_old || !result.equal) {
        fail(play, "the rebuilt state.db is not equal: %s %s", status_name(status), result.why.en);
    }
}

static void play_rebuild(struct play *play) {
    compare_with_rebuilt(play);
    house_start(play->house);
}

/* --- receivers and operators ---------------------------------------------------------------------------- */

static void play_receiver(struct play *play) {
    static const struct {
        const char *words;
        enum manner manner;
    } manners[] = {
        { "works", MANNER_WORKS },
        { "refuses", MANNER_REFUSES },
        { "fails", MANNER_FAILS },
        { "is slow", MANNER_SLOW },
    };
    const char *party = party_of(play, word(play, 1))->code;
    const char *words =
        has_word(play, 3) ? arena_printf(play->arena, "%s %s", word(play, 2), word(play, 3)) : word(play, 2);
    for (size_t i = 0; i < sizeof(manners) / sizeof(*manners); i++) {
        if (strcmp(manners[i].words, words) == 0) {
            settle(play);
            house_treat(play->house, party, manners[i].manner);
            settle(play);
            return;
        }
    }
    fail(play, "a receiver works, refuses, fails or is slow");
}

static void note_ordered(void *context, enum status status, uint64_t number) {
    *(enum status *)context = status;
}

/* Of one delivery. */
static void play_delivery_order(struct play *play, enum delivery_outcome outcome) {
    const char *party = party_of(play, word(play, 2))->code;
    settle(play);
    enum status recorded = STATUS_TIMEOUT;
    enum status status = dispatch_order(play->house->rooms.dispatch, record_of(play, text_of(word(play, 3))),
                                        party, outcome, REDRIVE_SAID, note_ordered, &recorded);
    settle(play);
    if (status != STATUS_OK || recorded != STATUS_OK) {
        fail(play, "it cannot be ordered: %s", status_name(status != STATUS_OK ? status : recorded));
    }
    settle(play);
}

static void play_order_of_messages(struct play *play) {
    bool of_tick = strcmp(word(play, 2), "alert") == 0;
    struct order order = { .record = of_tick ? play->tick : record_of(play, text_of(word(play, 2))),
                           .to = has_word(play, 3) ? record_of(play, text_of(word(play, 3))) : 0,
                           .reason = "said by telephone" };
    struct buf meta;
    if (!order_find(text_of(word(play, 1)), &order.kind) || !order_is_whole(&order)) {
        fail(play, "this is no whole order");
    }
    settle(play);
    house_keep_state(play->house);
    size_t from = house_decisions(play->house);
    buf_init(&meta, 1 << 16);
    order_write(&order, &meta);
    struct record rec = { .kind = RECORD_ORDER, .meta = buf_text(&meta) };
    require(journal_append(play->house->rooms.journal, &rec, false) == STATUS_OK);
    buf_release(&meta);
    play->sent = rec.number;
    play->metadata = (struct metadata){ .outcome = OUTCOME_ACCEPTED };
    play->answer = (struct house_answer){ 0 };
    wait_for_decision(play, from);
}

static void play_order(struct play *play) {
    const char *what = word(play, 1);
    if (strcmp(what, "redrive") == 0) {
        play_delivery_order(play, DELIVERY_REDRIVEN);
    } else if (strcmp(what, "drop") == 0 && has_word(play, 3)) {
        play_delivery_order(play, DELIVERY_DROPPED);
    } else {
        play_order_of_messages(play);
    }
}

/* --- statements by name --------------------------------------------------------------------------------- */

void play_by(struct play *play, const struct verb *verbs, size_t i) {
    for (; verbs->name; verbs++) {
        if (text_is(play->line->words[i].text, verbs->name)) {
            verbs->play(play);
            return;
        }
    }
    fail(play, "\"" TEXT_FORMAT "\" is no statement", TEXT_ARGS(play->line->words[i].text));
}

static void play_first(struct play *play);

static const struct verb verbs[] = {
    { "clock", play_clock },       { "first", play_first },   { "set", play_set },
    { "setting", play_setting },   { "send", play_send },     { "repeat", play_repeat },
    { "crash", play_crash },       { "restart", restart },    { "block", play_block },
    { "unblock", play_block },     { "reload", play_reload }, { "text", play_text },
    { "receiver", play_receiver }, { "order", play_order },   { "rebuild", play_rebuild },
    { "expect", play_expect },     { "keep", play_keep },     { NULL, NULL },
};

static void play_first(struct play *play) {
    struct line line = *play->line;
    word(play, 1); /* there is one */
    memmove(line.words, line.words + 1, --line.count * sizeof(*line.words));
    play->line = &line;
    play_by(play, verbs, 0);
}

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

/* Its lines before the sends, its sends, and the lines behind them up to `end`. */
struct sends {
    const struct line *lines;
    size_t first, after, end;
};

/* lines[0] is the first within the block. */
static struct sends find_sends(struct play *play, const struct line *lines, size_t count, size_t max) {
    struct sends sends = { .lines = lines };
    for (sends.first = 0; sends.first < count && !begins_with(&lines[sends.first], "send"); sends.first++) {
    }
    for (sends.after = sends.first; sends.after < count && begins_with(&lines[sends.after], "send");
         sends.after++) {
    }
    for (sends.end = sends.after; sends.end < count && !begins_with(&lines[sends.end], "end"); sends.end++) {
    }
    if (sends.end == count || sends.after == sends.first || sends.after - sends.first > max) {
        fail(play, "a block has 1 to %zu sends and its end", max);
    }
    return sends;
}

/* disturb: what happens behind a send besides; NULL: nothing. */
static void play_sends(struct play *play, const struct sends *sends, unsigned number, const size_t *order,
                       void (*disturb)(struct play *play, const struct line *sent)) {
    set_value(play, "n", arena_printf(play->arena, "%03u", number));
    play->order = order;
    play->order_count = sends->after - sends->first;
    for (size_t i = 0; i < sends->first; i++) {
        play_line(play, &sends->lines[i]);
    }
    for (size_t i = 0; i < play->order_count; i++) {
        play_line(play, &sends->lines[sends->first + order[i]]);
        if (disturb) {
            disturb(play, &sends->lines[sends->first + order[i]]);
        }
    }
    for (size_t i = sends->after; i < sends->end; i++) {
        play_line(play, &sends->lines[i]);
    }
    play->order = NULL;
}

/* How many lines the block has, its end counted. */
static size_t play_orders(struct play *play, const struct line *lines, size_t count) {
    const struct sends sends = find_sends(play, lines, count, PERMUTED_MAX);
    size_t order[PERMUTED_MAX] = { 0, 1, 2, 3, 4, 5 };
    unsigned number = 0;
    do {
        play_sends(play, &sends, ++number, order, NULL);
    } while (next_order(order, sends.after - sends.first));
    return sends.end + 1;
}

/* --- in random orders ----------------------------------------------------------------------------------- */

/* The same at each run: 0 to below - 1. */
static size_t chance(size_t below) {
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % below);
}

static bool is_by_first(const struct sends *sends, size_t send) {
    const struct line *line = &sends->lines[sends->first + send];
    return text_equal(line->words[1].text, sends->lines[sends->first].words[1].text);
}

static void shuffle(const struct sends *sends, size_t *order) {
    size_t count = sends->after - sends->first, next = 0;
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
    }
    for (size_t i = count - 1; i > 1; i--) { /* the first stays where it is */
        size_t other = 1 + chance(i), kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    for (size_t i = 0; i < count; i++) { /* his own stand where they fell, in their order */
        if (is_by_first(sends, order[i])) {
            while (!is_by_first(sends, next)) {
                next++;
            }
            order[i] = next++;
        }
    }
}

static void repeat_or_wait(struct play *play, const struct line *sent) {
    struct lines lines;
    struct line hours;
    bool bad;
    if (chance(3) == 0) {
        play_line(play, sent);
    }
    if (chance(3) == 0) {
        const char *text = arena_printf(play->arena, "clock +%zuh", 1 + chance(5));
        lines_init(&lines, text_of(text), play->arena);
        require(lines_next(&lines, &hours, &bad) && !bad);
        play_line(play, &hours);
    }
}

static size_t play_random_orders(struct play *play, const struct line *lines, size_t count) {
    const struct sends sends = find_sends(play, lines, count, SHUFFLED_MAX);
    size_t order[SHUFFLED_MAX];
    uint64_t times;
    if (!text_to_uint(text_of(word(play, 3)), &times) || times == 0) {
        fail(play, "how many orders?");
    }
    for (unsigned number = 1; number <= times; number++) {
        shuffle(&sends, order);
        play_sends(play, &sends, number, order, repeat_or_wait);
    }
    return sends.end + 1;
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
            bool random = text_is(text_of(word(play, 1)), "random");
            i += (random ? play_random_orders : play_orders)(play, &lines[i + 1], count - i - 1);
        } else {
            play_line(play, &lines[i]);
        }
    }
    compare_with_rebuilt(play);
    play->line = NULL;
}

int main(int argc, char **argv) {
    struct play play = { .file = argc > 1 ? argv[1] : "" };
    struct buf source, parties;
    if (argc == 3 && strcmp(argv[1], "--compare") == 0) {
        return transitions_compare(argv[2]);
    }
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: scenario FILE [OUT], scenario --compare FOLDER\n");
        return 2;
    }
    buf_init(&source, 1 << 20);
    buf_init(&parties, 1 << 20);
    play.arena = arena_new();
    if (file_read(argv[1], &source) != STATUS_OK || file_read(PARTIES, &parties) != STATUS_OK) {
        fail(&play, "cannot be read");
    }
    house_set_wall(stamp_of_day(day_of(2026, 10, 10)) + 8 * 3600 * STAMP_SECOND);
    play.house = house_new(buf_text(&parties));
    house_start(play.house);
    play_all(&play, buf_text(&source));
    if (argc == 3 && !transitions_write(play.house, argv[2])) {
        fail(&play, "what it played cannot be written to %s", argv[2]);
    }
    house_free(play.house);
    arena_free(play.arena);
    buf_release(&source);
    buf_release(&parties);
    return plans_faults() ? 1 : 0;
}
