/*
 * releases.c - sheets (sheet.h) at hand, from their files or a scan → each is followed to where the state
 * stands, and its file written anew when that is far behind → a question's samples are put together from the
 * sheets of its months.
 */
#include "view/statistics/releases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "engine/setups.h"
#include "view/statistics/periods.h"
#include "view/statistics/release_file.h"
#include "view/statistics/sheet.h"
#include "view/statistics/touched.h"

#define BEHIND_MAX    200000 /* records that are looked through; behind more of them a month is scanned */
#define GOODS_MAX     20000  /* that were told of; of more of them a month is scanned */
#define GOODS_ONCE    500    /* in one query */
#define CHANGED_MAX   4096   /* rows, and a sixteenth of them: behind more a file is written anew */
#define PATH_LENGTH   4200
#define BYTES_MAX     (512u << 20) /* of all files at hand */
#define FIGURES_MAX   (512u << 20) /* bytes of all figures that are kept */
#define QUESTION_USES 16           /* of sheets, by one question at most */
#define JSON_MAX      (GOODS_ONCE * 2048)

/* Goods of which records told something behind one of them, up to another; and which months they may be of:
 * between the first and the last. */
struct goods {
    struct arena *arena;
    const char *list[GOODS_MAX];
    stamp first[GOODS_MAX], last[GOODS_MAX];
    size_t count;
    bool too_many;
    uint64_t since, until;
};

/* Months are got ready, one after the other; and again for another month, or once they stand far behind. */
struct round {
    int32_t first_day;
    struct digest made_by;
    uint64_t position;
    size_t next;
};

struct releases {
    struct arena *arena;
    const char *directory;
    uint64_t lag_max; /* 0: nothing is written */
    struct digest queries;
    struct sheet *sheets[RELEASES_SHEETS_MAX];
    size_t count;
    uint64_t uses;
    size_t scanned, tallied;
    bool is_told_unwritten;
    struct round round;
    struct goods goods; /* as they were looked up last */
    struct buf json;
};

/* --- sheets --------------------------------------------------------------------------------------------- */

struct releases *releases_new(const char *directory, uint64_t lag_max) {
    struct releases *releases = memory_new(sizeof(*releases));
    releases->arena = arena_new();
    releases->directory = file_join(releases->arena, directory, "releases");
    releases->lag_max = lag_max;
    releases->queries = scan_digest();
    releases->goods.arena = arena_new();
    buf_init(&releases->json, JSON_MAX);
    return releases;
}

static void drop(struct releases *releases, size_t index) {
    struct sheet *sheet = releases->sheets[index];
    releases->sheets[index] = releases->sheets[--releases->count];
    sheet_free(sheet);
}

void releases_free(struct releases *releases) {
    if (releases) {
        while (releases->count) {
            drop(releases, releases->count - 1);
        }
        arena_free(releases->goods.arena);
        buf_release(&releases->json);
        arena_free(releases->arena);
        free(releases);
    }
}

bool releases_have_any(const struct releases *releases) {
    return releases->count > 0;
}

size_t releases_scanned(const struct releases *releases) {
    return releases->scanned;
}

size_t releases_tallied(const struct releases *releases) {
    return releases->tallied;
}

static const char *path_of(const struct releases *releases, const struct release_key *key,
                           char out[PATH_LENGTH]) {
    int year, month, day;
    day_split(key->first_day, &year, &month, &day);
    snprintf(out, PATH_LENGTH, "%s/%04d-%02d.%s", releases->directory, year, month, key->direction);
    return out;
}

/* Room for one more: what was not asked for longest goes, but never what this question asks for. */
static bool make_room(struct releases *releases, size_t bytes) {
    for (;;) {
        size_t oldest = 0, held = bytes;
        for (size_t i = 0; i < releases->count; i++) {
            held += releases->sheets[i]->file.length;
            oldest = releases->sheets[i]->used < releases->sheets[oldest]->used ? i : oldest;
        }
        if (releases->count < RELEASES_SHEETS_MAX && held <= BYTES_MAX) {
            return true;
        }
        if (!releases->count || releases->sheets[oldest]->used == releases->uses) {
            return releases->count < RELEASES_SHEETS_MAX;
        }
        drop(releases, oldest);
    }
}

/* What the state says of the last message up to that record: another journal has another. */
static struct digest witness_of(struct state *state, uint64_t position) {
    struct store_query *query =
        store_query(state_store(state), "SELECT number, recorded, party, own_id FROM messages"
                                        " WHERE number <= ?1 ORDER BY number DESC LIMIT 1");
    struct digest digest = { { 0 } };
    store_bind_int(query, 1, (int64_t)position);
    if (state_row(state, query)) {
        int64_t numbers[] = { store_int(query, 0), store_int(query, 1) };
        const struct text parts[] = { { (const char *)numbers, sizeof(numbers) },
                                      store_text(query, 2),
                                      store_text(query, 3) };
        digest = digest_of_parts(parts, sizeof(parts) / sizeof(*parts));
    }
    store_reset(query);
    return digest;
}

static bool stands_near(uint64_t since, uint64_t position) {
    return since <= position && position - since <= BEHIND_MAX;
}

static void tell_damaged(const struct releases *releases, const char *path) {
    if (releases->lag_max) {
        log_event(LOG_WARN, EVENT_VIEW_RELEASES_DAMAGED, LOG_STRING("file", path), LOG_END);
    }
}

/* Once, until it can be written again: without it all is as it was, but for the time that a scan takes. */
static void tell_written(struct releases *releases, const char *path, enum status status) {
    if (status != STATUS_OK && !releases->is_told_unwritten) {
        log_event(LOG_WARN, EVENT_VIEW_RELEASES_UNWRITTEN, LOG_STRING("file", path),
                  LOG_STRING("status", status_name(status)), LOG_END);
    }
    releases->is_told_unwritten = status != STATUS_OK;
}

/* As far as it is of this state. NULL: it is none, or none any more. */
static struct sheet *load(struct releases *releases, struct state *state, const struct release_key *key,
                          const struct segments *segments, const struct chain *chain) {
    char path[PATH_LENGTH];
    struct release_file file;
    enum release_found found = release_file_open(path_of(releases, key, path), key, &file);
    if (found == RELEASE_DAMAGED) {
        tell_damaged(releases, path);
    }
    if (found != RELEASE_FILE) {
        return NULL;
    }
    struct digest witness = witness_of(state, file.position);
    if (!stands_near(file.position, state_position(state)) || !digest_equal(&witness, &file.witness)
        || !make_room(releases, file.length)) {
        release_file_close(&file);
        return NULL;
    }
    struct sheet *sheet = sheet_new(key, segments, chain);
    sheet_take_file(sheet, &file);
    return sheet;
}

/* --- figures that are kept ------------------------------------------------------------------------------ */

/* Room for more figures: those that were not asked for longest go, but none of the same question. */
static bool make_room_for_figures(struct releases *releases, size_t bytes) {
    for (;;) {
        struct sheet *oldest = NULL;
        size_t held = bytes;
        for (size_t i = 0; i < releases->count; i++) {
            struct sheet *sheet = releases->sheets[i];
            held += sheet->tally ? tally_bytes(sheet->tally) : 0;
            oldest = sheet->tally && (!oldest || sheet->used < oldest->used) ? sheet : oldest;
        }
        if (held <= FIGURES_MAX) {
            return true;
        }
        if (!oldest || oldest->used + QUESTION_USES > releases->uses) {
            return false;
        }
        tally_free(oldest->tally);
        oldest->tally = NULL;
        oldest->is_reported = false;
    }
}

static void keep_figures(struct releases *releases, struct sheet *sheet) {
    size_t rows = sheet->file.rows + sheet->since.count;
    sheet->is_reported = sheet->since.chain->count > 1
                         && make_room_for_figures(releases, rows * TALLY_BYTES_EACH)
                         && sheet_keep_figures(sheet);
}

/* --- made and written ----------------------------------------------------------------------------------- */

static enum status write_file(struct releases *releases, struct state *state, struct sheet *sheet,
                              const struct samples *samples) {
    char path[PATH_LENGTH];
    struct digest witness = witness_of(state, sheet->position);
    (void)path_of(releases, &sheet->key, path);
    enum status status = file_make_directory(releases->directory);
    status = status == STATUS_OK ? release_file_write(path, &sheet->key, samples, sheet->position, &witness)
                                 : status;
    tell_written(releases, path, status);
    return status;
}

/* From the file that was written of all there is; what was told since is in it. False: it is as it was. */
static bool take_up(struct releases *releases, struct sheet *sheet) {
    char path[PATH_LENGTH];
    struct release_file file;
    if (release_file_open(path_of(releases, &sheet->key, path), &sheet->key, &file) != RELEASE_FILE) {
        return false;
    }
    sheet_take_file(sheet, &file);
    return true;
}

/* A month is scanned; NULL: it could not be. */
static enum status make(struct releases *releases, struct state *state, const struct release_key *key,
                        const struct segments *segments, const struct chain *chain, struct sheet **out) {
    struct sheet *sheet = sheet_new(key, segments, chain);
    const struct scan_options options = { .period = sheet_period(sheet), .detail = SAMPLES_EXCLUDED };
    sheet->position = state_position(state);
    samples_release(&sheet->since);
    releases->scanned++;
    *out = NULL;
    enum status status = scan_samples(state, segments, chain, &options, &sheet->since);
    status = status == STATUS_OK && sheet->since.crowded ? STATUS_TOO_LARGE : status;
    if (status != STATUS_OK || !make_room(releases, 0)) {
        sheet_free(sheet);
        return status;
    }
    if (sheet->since.count && write_file(releases, state, sheet, &sheet->since) == STATUS_OK) {
        (void)take_up(releases, sheet); /* without a file it is as good as long as it is at hand */
    }
    *out = sheet;
    return STATUS_OK;
}

static void write_anew(struct releases *releases, struct state *state, struct sheet *sheet) {
    const struct scan_options options = { .period = sheet_period(sheet), .detail = SAMPLES_EXCLUDED };
    struct samples whole;
    samples_init(&whole, sheet->since.segments, sheet->since.chain, SAMPLES_EXCLUDED);
    if (sheet_read(sheet, SAMPLES_EXCLUDED, true) && sheet_tell(sheet, &options, true, &whole) == STATUS_OK
        && !whole.crowded && write_file(releases, state, sheet, &whole) == STATUS_OK) {
        (void)take_up(releases, sheet);
    }
    samples_release(&whole);
}

/* --- what was told since -------------------------------------------------------------------------------- */

static void add_goods(const struct touched_goods *touched, void *to) {
    struct goods *goods = to;
    goods->too_many = goods->too_many || goods->count == GOODS_MAX;
    if (!goods->too_many) {
        goods->first[goods->count] = touched->first;
        goods->last[goods->count] = touched->last;
        goods->list[goods->count++] = arena_copy(goods->arena, touched->subject);
    }
}

static void find_goods(struct goods *goods, struct state *state, const struct segments *segments,
                       uint64_t since, uint64_t until) {
    if (goods->since == since && goods->until == until) {
        return;
    }
    arena_reset(goods->arena);
    goods->count = 0;
    goods->too_many = false;
    goods->since = since;
    goods->until = until;
    touched_goods(state, segments, since, add_goods, goods);
}

/* The next of them that may be of the month, as JSON; how many. *next is behind them. */
static size_t put_goods(const struct goods *goods, const struct sheet *sheet, size_t *next,
                        struct buf *json) {
    stamp from = stamp_of_day(sheet->key.first_day), until = stamp_of_day(sheet->key.next_day);
    struct json_out out;
    size_t count = 0;
    buf_clear(json);
    json_start(&out, json);
    json_open_array(&out, NULL);
    for (; *next < goods->count && count < GOODS_ONCE; ++*next) {
        if (goods->first[*next] < until && goods->last[*next] >= from) {
            json_put_string(&out, NULL, goods->list[*next]);
            count++;
        }
    }
    json_close_array(&out);
    return count;
}

/* False: a failure, or too many values. */
static bool scan_goods(const struct sheet *sheet, struct state *state, struct text goods,
                       struct samples *told) {
    const struct scan_options options = { .period = sheet_period(sheet),
                                          .detail = SAMPLES_EXCLUDED,
                                          .goods = goods };
    struct samples some;
    enum status status = scan_samples(state, sheet->since.segments, sheet->since.chain, &options, &some);
    bool fits = status == STATUS_OK && samples_append(told, &some);
    samples_release(&some);
    return fits;
}

/* Its file is written anew, or told the record at which it still stands. */
static void bring_up(struct releases *releases, struct state *state, struct sheet *sheet) {
    size_t changed = sheet->gone_count + sheet->since.count;
    char path[PATH_LENGTH];
    struct digest witness = witness_of(state, sheet->position);
    bool stands = !changed
                  && (!sheet->file.rows
                      || release_file_stand(path_of(releases, &sheet->key, path), &sheet->key, &sheet->file,
                                            sheet->position, &witness));
    if (!stands) {
        write_anew(releases, state, sheet); /* also where it was deleted, or is another's */
    }
    sheet->written = sheet->position; /* what could not be written is not tried again all the time */
}

static void keep(struct releases *releases, struct state *state, struct sheet *sheet) {
    size_t changed = sheet->gone_count + sheet->since.count;
    uint64_t lag = sheet->position - sheet->written;
    bool much = changed > sheet->file.rows / 16 + CHANGED_MAX && lag > releases->lag_max / 50;
    if (releases->lag_max && (much || lag > releases->lag_max)) {
        bring_up(releases, state, sheet);
    }
}

/* To where the state stands; it stays where it is when it is interrupted. False: it is no use any more. */
static bool follow(struct releases *releases, struct state *state, struct sheet *sheet, uint64_t position) {
    const struct goods *goods = &releases->goods;
    struct samples told;
    if (!stands_near(sheet->position, position)) {
        return false;
    }
    if (sheet->position == position) {
        return true;
    }
    find_goods(&releases->goods, state, sheet->since.segments, sheet->position, position);
    if (goods->too_many) {
        return false;
    }
    samples_init(&told, sheet->since.segments, sheet->since.chain, SAMPLES_EXCLUDED);
    bool fits = !goods->count
                || (release_file_read(&sheet->file, RELEASE_TEXTS)
                    && (!sheet->tally || release_file_read(&sheet->file, RELEASE_MOMENTS)));
    if (!fits) {
        char path[PATH_LENGTH];
        tell_damaged(releases, path_of(releases, &sheet->key, path));
    }
    for (size_t next = 0; fits && next < goods->count;) {
        size_t some = put_goods(goods, sheet, &next, &releases->json);
        fits = !buf_failed(&releases->json)
               && (!some || scan_goods(sheet, state, buf_text(&releases->json), &told));
    }
    bool failed = state_status(state) != STATUS_OK;
    if (!failed && fits) {
        sheet_remove_goods(sheet, goods->list, goods->count);
        fits = sheet_add(sheet, &told);
        sheet->position = position;
    }
    samples_release(&told);
    if (failed) {
        releases->goods.until = 0; /* they may be some of them */
        (void)state_take_failure(state);
        return true;
    }
    if (fits) {
        keep(releases, state, sheet);
    }
    return fits;
}

/* Where the state stands, and with it all that was not interrupted. */
static uint64_t follow_all(struct releases *releases, struct state *state) {
    uint64_t position = state_position(state);
    for (size_t i = releases->count; i-- > 0;) {
        if (!follow(releases, state, releases->sheets[i], position)) {
            drop(releases, i);
        }
    }
    return position;
}

/* --- of an edition -------------------------------------------------------------------------------------- */

/* By what samples of it are made. False: it has no text of its own. */
static bool made_by(const struct releases *releases, const struct edition *edition, struct digest *out) {
    const struct edition_text *text = edition_text(edition, SETUPS_DEFINITION);
    if (text) {
        const struct text parts[] = { { (const char *)&text->digest, sizeof(text->digest) },
                                      { (const char *)&releases->queries, sizeof(releases->queries) } };
        *out = digest_of_parts(parts, sizeof(parts) / sizeof(*parts));
    }
    return text != NULL;
}

static const struct chain *chain_of(const struct segments *segments, const char *direction) {
    for (size_t i = 0; i < segments->chains_count; i++) {
        if (strcmp(segments->chains[i].direction, direction) == 0) {
            return &segments->chains[i];
        }
    }
    return NULL;
}

/* Sheets of another definition go; the others are read by this edition's words for the same one. */
static bool adopt(struct releases *releases, const struct edition *edition, struct digest *by) {
    bool known = made_by(releases, edition, by);
    for (size_t i = releases->count; i-- > 0;) {
        struct sheet *sheet = releases->sheets[i];
        const struct chain *chain = chain_of(edition->segments, sheet->key.direction);
        if (!known || !chain || !digest_equal(by, &sheet->key.made_by)) {
            drop(releases, i);
        } else {
            sheet_adopt(sheet, edition->segments, chain);
        }
    }
    return known;
}

void releases_follow(struct releases *releases, const struct view_source *source) {
    struct digest by;
    if (adopt(releases, source->edition, &by)) {
        (void)follow_all(releases, source->state);
        for (size_t i = 0; i < releases->count; i++) {
            if (releases->sheets[i]->is_reported && !releases->sheets[i]->tally) {
                keep_figures(releases, releases->sheets[i]);
            }
        }
    }
    (void)state_take_failure(source->state); /* who asks will be told */
}

/* --- what is asked -------------------------------------------------------------------------------------- */

static int32_t next_month(int32_t first_day) {
    int year, month, day;
    day_split(first_day, &year, &month, &day);
    return month == 12 ? day_of(year + 1, 1, 1) : day_of(year, month + 1, 1);
}

static int32_t month_begins(int32_t any_day) {
    int year, month, day;
    day_split(any_day, &year, &month, &day);
    return day_of(year, month, 1);
}

static struct sheet *at_hand(const struct releases *releases, const struct release_key *key) {
    for (size_t i = 0; i < releases->count; i++) {
        const struct release_key *other = &releases->sheets[i]->key;
        if (other->first_day == key->first_day && strcmp(other->direction, key->direction) == 0
            && other->identity == key->identity) {
            return releases->sheets[i];
        }
    }
    return NULL;
}

/* The months of the period, each of them at hand; how many. 0: they are not. */
static size_t find_sheets(struct releases *releases, struct state *state, const struct segments *segments,
                          const struct chain *chain, struct release_key key, struct period period,
                          uint64_t position, struct sheet *out[RELEASES_MONTHS_MAX]) {
    bool whole = month_begins(period.first_day) == period.first_day
                 && month_begins(period.next_day) == period.next_day;
    size_t count = 0;
    for (int32_t day = month_begins(period.first_day); day < period.next_day; day = next_month(day)) {
        key.first_day = day;
        key.next_day = next_month(day);
        if (count == RELEASES_MONTHS_MAX) {
            return 0;
        }
        struct sheet *sheet = at_hand(releases, &key);
        if (!sheet) {
            sheet = load(releases, state, &key, segments, chain);
            if (sheet && !follow(releases, state, sheet, position)) {
                sheet_free(sheet);
                sheet = NULL;
            }
            if (!sheet && whole && releases->lag_max) {
                (void)make(releases, state, &key, segments, chain, &sheet);
            }
            if (!sheet) {
                return 0;
            }
            releases->sheets[releases->count++] = sheet;
        }
        sheet->used = releases->uses;
        out[count++] = sheet;
    }
    return count;
}

/* A damaged one, and its file. False: that is there still. */
static bool put_away(struct releases *releases, const struct sheet *sheet) {
    char path[PATH_LENGTH];
    tell_damaged(releases, path_of(releases, &sheet->key, path));
    bool away = releases->lag_max && unlink(path) == 0;
    for (size_t i = releases->count; i-- > 0;) {
        if (releases->sheets[i] == sheet) {
            drop(releases, i);
        }
    }
    return away;
}

bool releases_key(struct releases *releases, const struct view_source *source, const struct chain *chain,
                  struct release_key *out) {
    *out = (struct release_key){ .identity = state_identity(source->state) };
    if (!*chain->month || strlen(chain->direction) >= sizeof(out->direction)
        || !adopt(releases, source->edition, &out->made_by)) {
        return false;
    }
    strcpy(out->direction, chain->direction);
    return true;
}

enum { READY_MONTHS = 5 };

/* What standard reports of this month and of the one before tell of, and compare with. */
static struct period month_of_round(int32_t first_day, size_t place) {
    const struct period month = { first_day, next_month(first_day), 0 }, before = period_before(month);
    const struct period months[READY_MONTHS] = { month, before, period_before(before),
                                                 period_year_before(month), period_year_before(before) };
    return months[place];
}

/* Its file is there, and up to date; what is at hand is anyway. False: it was interrupted. */
static bool get_ready(struct releases *releases, const struct view_source *source, struct release_key key,
                      struct period month, const struct chain *chain) {
    struct state *state = source->state;
    const struct segments *segments = source->edition->segments;
    uint64_t position = state_position(state);
    strcpy(key.direction, chain->direction);
    key.first_day = month.first_day;
    key.next_day = month.next_day;
    if (at_hand(releases, &key)) {
        return true;
    }
    struct sheet *sheet = load(releases, state, &key, segments, chain);
    if (sheet && !follow(releases, state, sheet, position)) {
        sheet_free(sheet);
        sheet = NULL;
    }
    enum status status = sheet ? STATUS_OK : make(releases, state, &key, segments, chain, &sheet);
    enum status failure = state_take_failure(state);
    bool done = (status == STATUS_OK || status == STATUS_TOO_LARGE) && failure == STATUS_OK
                && (!sheet || sheet->position >= position);
    if (sheet && done && sheet->written < sheet->position && sheet->file.rows) {
        bring_up(releases, state, sheet);
    }
    if (sheet) {
        sheet_free(sheet);
    }
    return done;
}

bool releases_prepare(struct releases *releases, const struct view_source *source, int32_t day) {
    const struct segments *segments = source->edition->segments;
    struct round *round = &releases->round;
    struct release_key key = { .identity = state_identity(source->state) };
    int32_t first_day = month_begins(day);
    uint64_t position = state_position(source->state);
    if (!releases->lag_max || !adopt(releases, source->edition, &key.made_by)) {
        return false;
    }
    if (round->first_day != first_day || !digest_equal(&round->made_by, &key.made_by)
        || position > round->position + releases->lag_max) {
        *round = (struct round){ first_day, key.made_by, position, 0 };
    }
    if (round->next == READY_MONTHS * segments->chains_count) {
        return false;
    }
    const struct chain *chain = &segments->chains[round->next % segments->chains_count];
    struct period month = month_of_round(first_day, round->next / segments->chains_count);
    bool is_kept = *chain->month && strlen(chain->direction) < sizeof(key.direction);
    bool done = !is_kept || get_ready(releases, source, key, month, chain);
    round->next += done;
    (void)state_take_failure(source->state); /* who asks will be told */
    return done;
}

bool releases_gather(struct releases *releases, const struct view_source *source,
                     const struct segments *segments, const struct chain *chain,
                     const struct scan_options *options, struct samples *out, enum status *status) {
    struct release_key key;
    struct sheet *sheets[RELEASES_MONTHS_MAX];
    if (options->period.as_of || !source->edition || segments != source->edition->segments
        || !releases_key(releases, source, chain, &key)) {
        return false;
    }
    releases->uses++;
    uint64_t position = follow_all(releases, source->state);
    size_t count =
        find_sheets(releases, source->state, segments, chain, key, options->period, position, sheets);
    for (size_t i = 0; i < count; i++) {
        count = sheets[i]->position < position ? 0 : count; /* it was interrupted */
    }
    bool texts = options->detail >= SAMPLES_DESCRIBED && options->names;
    for (size_t i = 0; i < count; i++) {
        sheets[i]->is_reported |= count == 1 && options->detail < SAMPLES_DESCRIBED;
        if (!sheet_read(sheets[i], options->detail, texts)) {
            return put_away(releases, sheets[i])
                   && releases_gather(releases, source, segments, chain, options, out, status);
        }
    }
    if (!count) {
        (void)state_take_failure(source->state); /* a scan meets it again */
        return false;
    }
    samples_init(out, segments, chain, options->detail);
    if (out->described) {
        out->described->is_nameless = !texts;
    }
    *status = STATUS_OK;
    for (size_t i = 0; i < count && *status == STATUS_OK; i++) {
        *status = sheet_tell(sheets[i], options, texts, out);
    }
    return true;
}

struct tally *releases_tally(struct releases *releases, const struct view_source *source,
                             const struct segments *segments, const struct chain *chain,
                             struct period period) {
    struct release_key key;
    if (period.as_of || !source->edition || segments != source->edition->segments
        || !releases_key(releases, source, chain, &key) || month_begins(period.first_day) != period.first_day
        || next_month(period.first_day) != period.next_day) {
        return NULL;
    }
    uint64_t position = follow_all(releases, source->state);
    key.first_day = period.first_day;
    key.next_day = period.next_day;
    struct sheet *sheet = at_hand(releases, &key);
    if (!sheet || !sheet->is_reported || sheet->position < position) {
        return NULL;
    }
    if (!sheet->tally) {
        keep_figures(releases, sheet);
    }
    sheet->used = ++releases->uses;
    bool tells = sheet->tally && tally_settle(sheet->tally);
    releases->tallied += tells;
    return tells ? sheet->tally : NULL;
}
