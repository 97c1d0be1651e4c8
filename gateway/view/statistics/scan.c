/*
 * scan.c - one query for each period and direction: each declaration of the population beside all that was
 * told of it. Its rows come declaration by declaration, and are folded into samples as they come.
 *
 * The order of the joins is ours (CROSS JOIN): without statistics of the tables SQLite would begin the search
 * for a newer declaration at the milestones of its kind, once for each declaration.
 */
#include "view/statistics/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/status.h"

#define KEY_MAX 65536

enum column { SUBJECT, DECLARATION, CONTAINER, IS_OWN, CODE, FIRST, LAST, RECORD, AT, VALUES };

#define NOW_SQL(name, text, zh, en, now, then)  ", " now
#define THEN_SQL(name, text, zh, en, now, then) ", " then
#define DIMENSIONS_NOW                          DIMENSION_LIST(NOW_SQL)
#define DIMENSIONS_THEN                         DIMENSION_LIST(THEN_SQL)

/* Milestones as they were known at record ?8, of the goods that may be meant: each telling of theirs that was
 * known and was not taken back. One that was told once stands in milestones alone. */
#define TOLD_THEN                                                                                      \
    "WITH wanted AS (SELECT subject FROM milestones WHERE code = ?1 AND first >= ?2 AND first < ?3"    \
    "  UNION SELECT subject FROM milestones WHERE code = ?1 AND last >= ?2 AND last < ?3"              \
    "  UNION SELECT subject FROM tellings WHERE code = ?1 AND at >= ?2 AND at < ?3"                    \
    "  UNION SELECT subject FROM taken_back WHERE code = ?1 AND at >= ?2 AND at < ?3),"                \
    " told AS MATERIALIZED (SELECT subject, declaration, container, code, min(at) first, max(at) last" \
    " FROM (SELECT m.subject, m.declaration, m.container, m.code, m.first AS at"                       \
    "   FROM wanted w CROSS JOIN milestones m ON m.subject = w.subject WHERE m.first_known <= ?8"      \
    "  UNION ALL SELECT m.subject, m.declaration, m.container, m.code, m.last"                         \
    "   FROM wanted w CROSS JOIN milestones m ON m.subject = w.subject WHERE m.last_known <= ?8"       \
    "  UNION ALL SELECT m.subject, m.declaration, m.container, m.code, m.at"                           \
    "   FROM wanted w CROSS JOIN tellings m ON m.subject = w.subject WHERE m.known <= ?8"              \
    "  UNION ALL SELECT m.subject, m.declaration, m.container, m.code, m.at FROM wanted w"             \
    "   CROSS JOIN taken_back m ON m.subject = w.subject WHERE m.known <= ?8 AND m.until > ?8)"        \
    " GROUP BY 1, 2, 3, 4) "

#define NEWER_THEN                                                                                           \
    " AND e.record <= ?8 AND n.first_known <= ?8 AND NOT EXISTS (SELECT 1 FROM timeline t"                   \
    "  WHERE t.subject = e.subject AND t.part = 'declarations' AND t.key = e.key AND t.proves = 'cancelled'" \
    "  AND t.record <= ?8)"

/* Of some goods the unary + keeps SQLite from looking through the whole month for each of them. */
#define NOW "", "milestones p", "", "milestones", "", " AND e.state <> 'cancelled'"
#define SOME                                                                                     \
    "", "json_each(?9) w CROSS JOIN milestones p ON p.subject = w.value", "+", "milestones", "", \
        " AND e.state <> 'cancelled'"
#define THEN TOLD_THEN, "told p", "", "told", " AND d.record <= ?8", NEWER_THEN

/* The rows of one declaration stand together because of the order, which is that of the index. */
#define SAMPLES_OF(with, meant, plain, told, declared, newer, moment, values)                                \
    with "SELECT p.subject, p.declaration, p.container, m.declaration <> '', m.code, m.first, m.last"        \
         ", d.record, p." moment values " FROM " meant " CROSS JOIN declarations d ON d.key = p.declaration" \
         " LEFT JOIN " told " m ON m.subject = p.subject AND m.declaration IN ('', p.declaration)"           \
         " AND (?5 = '' OR m.code IN (?5, ?6) OR m.code IN (SELECT value FROM json_each(?7)))"               \
         " AND (m.container = ''"                                                                            \
         "  OR EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = p.declaration"           \
         "   AND c.container = m.container)"                                                                 \
         "  OR NOT EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = p.declaration))"     \
         " WHERE " plain "p.code = ?1 AND " plain "p." moment " >= ?2 AND " plain "p." moment                \
         " < ?3 AND d.direction = ?4" declared " AND d.step <> 'complete'"                                   \
         " AND NOT EXISTS (SELECT 1 FROM links a"                                                            \
         "  CROSS JOIN links b ON b.kind = a.kind AND b.value = a.value"                                     \
         "  CROSS JOIN declarations e ON e.key = b.declaration"                                              \
         "  CROSS JOIN milestones n ON n.subject = e.subject"                                                \
         "  AND n.declaration = e.key AND n.code = p.code WHERE a.declaration = d.key"                       \
         "  AND b.declaration <> d.key AND e.record > d.record" newer "  AND e.step <> 'complete')"          \
         " ORDER BY p." moment ", p.subject, p.declaration, p.container"
#define SAMPLES(known, moment, values) SAMPLES_OF(known, moment, values)

/* Who told a moment of the goods, as was known at record ?2, in the order of the first that each told, not of
 * their telling. What was told of one container of theirs counts here for all of them. */
static const char tellers_sql[] =
    "SELECT x.party FROM (SELECT first_record AS record, first AS at FROM milestones"
    "   WHERE subject = ?1 AND first_known <= ?2"
    "  UNION ALL SELECT last_record, last FROM milestones WHERE subject = ?1 AND last_known <= ?2"
    "  UNION ALL SELECT record, at FROM tellings WHERE subject = ?1 AND known <= ?2"
    "  UNION ALL SELECT record, at FROM taken_back WHERE subject = ?1 AND known <= ?2 AND until > ?2) t"
    " CROSS JOIN messages x ON x.number = t.record GROUP BY x.party ORDER BY min(t.at), x.party";

/* The sample that rows are folded into. */
struct scanning {
    struct samples *samples;
    const struct scan_options *options;
    bool begun;                   /* the last sample is being filled */
    struct buf key, last;         /* of this row, and of the one before: subject, declaration, container */
    bool own[MILESTONES_MAX + 1]; /* which moments of the sample the declaration itself was told */
    uint32_t marks;               /* which were told of it */
    struct state *state;
    struct buf goods, tellers; /* of the sample: its subject; who told anything of that */
};

static bool is_by_last(const struct segments *segments, const struct chain *chain) {
    const struct milestone *month = segments_milestone(segments, chain->month);
    return month && month->last;
}

const char *scan_goods_query(bool by_last) {
    return by_last ? SAMPLES(SOME, "last", DIMENSIONS_NOW) : SAMPLES(SOME, "first", DIMENSIONS_NOW);
}

static const char *sql_of(const struct samples *samples, const struct scan_options *options) {
    /* by the moment of the month; by what was known, and the detail */
    static const char *const all[2][2][2] = {
        { { SAMPLES(NOW, "first", ""), SAMPLES(NOW, "first", DIMENSIONS_NOW) },
          { SAMPLES(THEN, "first", ""), SAMPLES(THEN, "first", DIMENSIONS_THEN) } },
        { { SAMPLES(NOW, "last", ""), SAMPLES(NOW, "last", DIMENSIONS_NOW) },
          { SAMPLES(THEN, "last", ""), SAMPLES(THEN, "last", DIMENSIONS_THEN) } },
    };
    bool last = is_by_last(samples->segments, samples->chain);
    return options->goods.at ? scan_goods_query(last)
                             : all[last][options->period.as_of != 0][options->detail >= SAMPLES_DESCRIBED];
}

struct digest scan_digest(void) {
    static const char *const texts[] = { SAMPLES(NOW, "first", DIMENSIONS_NOW),
                                         SAMPLES(NOW, "last", DIMENSIONS_NOW) };
    const struct text parts[] = { text_of(texts[0]), text_of(texts[1]), text_of(tellers_sql) };
    return digest_of_parts(parts, sizeof(parts) / sizeof(*parts));
}

/* The codes of all marks, as JSON. */
static void add_marks(struct buf *out, const struct segments *segments) {
    struct json_out json;
    json_start(&json, out);
    json_open_array(&json, NULL);
    for (size_t i = 0; i < segments->marks_count; i++) {
        json_put_string(&json, NULL, segments->marks[i].code);
    }
    json_close_array(&json);
}

static struct store_query *ask(struct state *state, const struct samples *samples,
                               const struct scan_options *options) {
    const struct chain *chain = samples->chain;
    bool ends = options->detail == SAMPLES_ENDS;
    struct buf marks;
    buf_init(&marks, KEY_MAX);
    add_marks(&marks, samples->segments);
    struct store_query *query = store_query(state_store(state), sql_of(samples, options));
    store_bind_string(query, 1, chain->month);
    store_bind_int(query, 2, stamp_of_day(options->period.first_day));
    store_bind_int(query, 3, stamp_of_day(options->period.next_day));
    store_bind_string(query, 4, chain->direction);
    store_bind_string(query, 5, ends ? chain->from : "");
    store_bind_string(query, 6, ends ? chain->to : "");
    store_bind_text(query, 7, buf_text(&marks));
    if (options->period.as_of) {
        store_bind_int(query, 8, (int64_t)options->period.as_of);
    }
    if (options->goods.at) {
        store_bind_text(query, 9, options->goods);
    }
    buf_release(&marks);
    return query;
}

/* True: this row is the first of the next declaration. */
static bool is_next(struct scanning *scanning, struct store_query *query) {
    buf_clear(&scanning->key);
    for (int column = SUBJECT; column <= CONTAINER; column++) {
        buf_add_text(&scanning->key, store_text(query, column));
        buf_add_char(&scanning->key, '\0');
    }
    if (text_equal(buf_text(&scanning->key), buf_text(&scanning->last))) {
        return false;
    }
    struct buf last = scanning->last;
    scanning->last = scanning->key;
    scanning->key = last;
    return true;
}

/* Modes are joined by +. */
const char *scan_has_mode(struct text modes, const char *mode) {
    while (modes.length) {
        if (text_is(text_until(&modes, '+'), mode)) {
            return "yes";
        }
    }
    return "no";
}

static void describe(struct scanning *scanning, size_t index, struct store_query *query) {
    struct samples *samples = scanning->samples;
    struct sample_columns *described = samples->described;
    described->at[index] = store_int(query, AT);
    described->subjects[index] = arena_copy(described->arena, store_text(query, SUBJECT));
    described->declarations[index] = arena_copy(described->arena, store_text(query, DECLARATION));
    described->containers[index] = arena_copy(described->arena, store_text(query, CONTAINER));
    described->records[index] = (uint64_t)store_int(query, RECORD);
    described->marks[index] = 0;
    for (enum dimension dimension = 0; dimension < DIMENSIONS_COUNT; dimension++) {
        samples_describe(samples, index, dimension, store_text(query, VALUES + (int)dimension));
    }
    const char *mode = scanning->options->mode;
    if (mode) {
        samples_describe(samples, index, DIMENSION_ONE_MODE,
                         text_of(scan_has_mode(store_text(query, VALUES + DIMENSION_MODE), mode)));
    }
}

/* "PORT PARTY PARTY" of the goods of the last sample. */
static void find_tellers(struct scanning *scanning) {
    struct text subject = buf_text(&scanning->goods), goods = subject;
    uint64_t as_of = scanning->options->period.as_of;
    struct store_query *query = store_query(state_store(scanning->state), tellers_sql);
    store_bind_text(query, 1, subject);
    store_bind_int(query, 2, as_of ? (int64_t)as_of : INT64_MAX);
    buf_clear(&scanning->tellers);
    buf_add_text(&scanning->tellers, text_until(&goods, '/'));
    while (state_row(scanning->state, query)) {
        struct text party = store_text(query, 0);
        buf_printf(&scanning->tellers, " " TEXT_FORMAT, TEXT_ARGS(party));
    }
    store_reset(query);
}

/* All of its rows are there: it is one of the samples, or is counted beside them. */
static void end_sample(struct scanning *scanning) {
    struct samples *samples = scanning->samples;
    if (!scanning->begun) {
        return;
    }
    scanning->begun = false;
    if (samples->described) {
        samples->described->marks[samples->count - 1] = scanning->marks;
    }
    bool excluded = samples_mark(samples, scanning->marks);
    if (!excluded && scanning->options->detail != SAMPLES_ENDS) {
        find_tellers(scanning);
        samples_tell_tellers(samples, samples->count - 1, buf_text(&scanning->tellers));
    }
    samples->count -= excluded && !samples->keeps_excluded;
}

static size_t place_of_row(const struct samples *samples, struct text code) {
    size_t width = samples->segments->milestones_count, i = 0;
    while (i < width && !text_is(code, samples->segments->milestones[i].code)) {
        i++;
    }
    return i;
}

static void add_row(struct scanning *scanning, struct store_query *query) {
    struct samples *samples = scanning->samples;
    const struct segments *segments = samples->segments;
    struct text code = store_text(query, CODE);
    size_t width = segments->milestones_count, place = place_of_row(samples, code);
    size_t mark = place == width ? segments_mark(segments, code) : segments->marks_count;
    if (mark < segments->marks_count) {
        scanning->marks |= 1u << mark;
        return;
    }
    bool own = store_int(query, IS_OWN) != 0;
    if (place == width || (scanning->own[place] && !own)) {
        return;
    }
    bool last = segments->milestones[place].last;
    stamp at = store_int(query, last ? LAST : FIRST), was = samples_at(samples, samples->count - 1, place);
    bool replaces = was == SAMPLE_NEVER || own != scanning->own[place];
    if (replaces || (last ? at > was : at < was)) {
        samples_tell(samples, samples->count - 1, place, at);
    }
    scanning->own[place] = own;
}

/* One row: of the sample before, or the first of the next. */
static enum status take_row(struct scanning *scanning, struct store_query *query) {
    struct samples *samples = scanning->samples;
    if (is_next(scanning, query)) {
        end_sample(scanning);
        if (samples->count == SAMPLES_MAX) {
            return STATUS_TOO_LARGE;
        }
        size_t index = samples_add(samples);
        scanning->begun = true;
        buf_clear(&scanning->goods);
        buf_add_text(&scanning->goods, store_text(query, SUBJECT));
        scanning->marks = 0;
        memset(scanning->own, 0, sizeof(scanning->own));
        if (samples->described) {
            describe(scanning, index, query);
        }
    }
    add_row(scanning, query);
    return STATUS_OK;
}

enum status scan_samples(struct state *state, const struct segments *segments, const struct chain *chain,
                         const struct scan_options *options, struct samples *out) {
    require(options->period.first_day < options->period.next_day
            && (!options->goods.at || (options->detail >= SAMPLES_DESCRIBED && !options->period.as_of))
            && (!options->lists || options->detail >= SAMPLES_DESCRIBED));
    samples_init(out, segments, chain, options->detail);
    if (options->lists) {
        out->described->listed = texts_new();
    }
    struct scanning *scanning = memory_new(sizeof(*scanning));
    scanning->samples = out;
    scanning->options = options;
    scanning->state = state;
    buf_init(&scanning->goods, KEY_MAX);
    buf_init(&scanning->tellers, KEY_MAX);
    buf_init(&scanning->key, KEY_MAX);
    buf_init(&scanning->last, KEY_MAX);
    enum status status = STATUS_OK;
    struct store_query *query = ask(state, out, options);
    while (status == STATUS_OK && state_row(state, query)) {
        status = take_row(scanning, query);
    }
    store_reset(query);
    end_sample(scanning);
    buf_release(&scanning->key);
    buf_release(&scanning->last);
    buf_release(&scanning->goods);
    buf_release(&scanning->tellers);
    free(scanning);
    enum status failure = state_take_failure(state);
    return failure != STATUS_OK ? failure : status;
}
