/*
 * samples.c - one query for each period and direction: each declaration of the population beside all that was
 * told of it. Its rows come declaration by declaration, and are folded into samples as they come.
 *
 * The order of the joins is ours (CROSS JOIN): without statistics of the tables SQLite would begin the search
 * for a newer declaration at the milestones of its kind, once for each declaration.
 */
#include "view/statistics/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/status.h"
#include "view/statistics/described.h"

#define KEY_MAX 65536

enum column { SUBJECT, DECLARATION, CONTAINER, IS_OWN, CODE, FIRST, LAST, RECORD, VALUES };

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

#define NOW  "", "milestones", "", " AND e.state <> 'cancelled'"
#define THEN TOLD_THEN, "told", " AND d.record <= ?8", NEWER_THEN

/* The rows of one declaration stand together because of the order, which is that of the index. */
#define SAMPLES_OF(with, told, declared, newer, moment, values)                                          \
    with "SELECT p.subject, p.declaration, p.container, m.declaration <> '', m.code, m.first, m.last"    \
         ", d.record" values " FROM " told " p CROSS JOIN declarations d ON d.key = p.declaration"       \
         " LEFT JOIN " told " m ON m.subject = p.subject AND m.declaration IN ('', p.declaration)"       \
         " AND (?5 = '' OR m.code IN (?5, ?6) OR m.code IN (SELECT value FROM json_each(?7)))"           \
         " AND (m.container = ''"                                                                        \
         "  OR EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = p.declaration"       \
         "   AND c.container = m.container)"                                                             \
         "  OR NOT EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = p.declaration))" \
         " WHERE p.code = ?1 AND p." moment " >= ?2 AND p." moment " < ?3 AND d.direction = ?4" declared \
         " AND d.step <> 'complete'"                                                                     \
         " AND NOT EXISTS (SELECT 1 FROM links a"                                                        \
         "  CROSS JOIN links b ON b.kind = a.kind AND b.value = a.value"                                 \
         "  CROSS JOIN declarations e ON e.key = b.declaration"                                          \
         "  CROSS JOIN milestones n ON n.subject = e.subject"                                            \
         "  AND n.declaration = e.key AND n.code = p.code WHERE a.declaration = d.key"                   \
         "  AND b.declaration <> d.key AND e.record > d.record" newer "  AND e.step <> 'complete')"      \
         " ORDER BY p." moment ", p.subject, p.declaration, p.container"
#define SAMPLES(known, moment, values) SAMPLES_OF(known, moment, values)

/* --- dimensions ----------------------------------------------------------------------------------------- */

static const struct {
    const char *text, *zh, *en;
} dimensions[DIMENSIONS_COUNT] = {
#define X(name, text, zh, en, now, then) { text, zh, en },
    DIMENSION_LIST(X)
#undef X
};

const char *dimension_text(const struct segments *segments, enum dimension dimension) {
    require(dimension < DIMENSION_NONE);
    return dimension < DIMENSIONS_COUNT   ? dimensions[dimension].text
           : dimension < DIMENSION_FIELD  ? segments->dimensions[dimension - DIMENSIONS_COUNT].name
           : dimension == DIMENSION_FIELD ? "field"
                                          : dimensions[DIMENSION_MODE].text;
}

const char *dimension_name(const struct segments *segments, enum dimension dimension,
                           enum language language) {
    require(dimension < DIMENSION_NONE);
    if (dimension < DIMENSIONS_COUNT) {
        return language_pick(language, dimensions[dimension].zh, dimensions[dimension].en);
    }
    if (dimension == DIMENSION_ONE_MODE) {
        return language_pick(language, "是否以该模式申报", "declared in that mode, or not");
    }
    const struct segment_dimension *own =
        dimension < DIMENSION_FIELD ? &segments->dimensions[dimension - DIMENSIONS_COUNT] : NULL;
    return own ? language_pick(language, own->zh, own->en) : language_pick(language, "字段", "a field");
}

enum dimension dimension_of(const struct segments *segments, const struct fields *fields, struct text text,
                            const struct field **field) {
    struct text name = text, kind = text_until(&name, ':');
    *field = name.length && fields && text_is(kind, "field") ? fields_find(fields, name) : NULL;
    if (*field) {
        return (*field)->type == FIELD_GROUP ? DIMENSION_NONE : DIMENSION_FIELD;
    }
    size_t known = DIMENSIONS_COUNT + segments->dimensions_count;
    for (enum dimension dimension = 0; dimension < known; dimension++) {
        if (text_is(text, dimension_text(segments, dimension))) {
            return dimension;
        }
    }
    return DIMENSION_NONE;
}

/* --- reading samples ------------------------------------------------------------------------------------ */

size_t samples_place(const struct samples *samples, const char *code) {
    const struct milestone *milestone = segments_milestone(samples->segments, code);
    return milestone ? (size_t)(milestone - samples->segments->milestones)
                     : samples->segments->milestones_count;
}

unsigned samples_weight(const struct samples *samples, size_t index) {
    require(index < samples->count);
    return samples->weights ? samples->weights[index] : 1;
}

stamp samples_at(const struct samples *samples, size_t index, size_t place) {
    size_t width = samples->segments->milestones_count;
    require(index < samples->count);
    return place < width ? samples->moments[index * width + place] : SAMPLE_NEVER;
}

stamp samples_at_most(const struct samples *samples, size_t index, size_t step) {
    stamp latest = SAMPLE_NEVER;
    require(step < samples->chain->count);
    for (size_t i = 0; i <= step; i++) {
        stamp at = samples_at(samples, index, samples->path[i]);
        latest = at > latest ? at : latest;
    }
    return latest;
}

size_t samples_excluded_by(const struct samples *samples, size_t index) {
    const struct segments *segments = samples->segments;
    size_t i = 0;
    require(index < samples->count && samples->descriptions);
    while (i < segments->marks_count
           && !(segments->marks[i].excludes && (samples->descriptions[index].marks & 1u << i))) {
        i++;
    }
    return i;
}

bool samples_is_complete(const struct samples *samples, size_t index) {
    require(index < samples->count);
    for (size_t i = 0; i < samples->chain->count; i++) {
        if (samples_at(samples, index, samples->path[i]) == SAMPLE_NEVER) {
            return false;
        }
    }
    return samples->chain->count > 1;
}

bool samples_is_in_order(const struct samples *samples, size_t index) {
    require(index < samples->count);
    for (size_t i = 1; i < samples->chain->count; i++) {
        if (samples_at(samples, index, samples->path[i]) < samples_at(samples, index, samples->path[i - 1])) {
            return false;
        }
    }
    return samples_is_complete(samples, index);
}

/* --- gathering them ------------------------------------------------------------------------------------- */

/* The sample that rows are folded into. */
struct gathering {
    struct samples *samples;
    const char *mode;             /* of DIMENSION_ONE_MODE; NULL: it is not asked for */
    bool begun;                   /* the last sample is being filled */
    struct buf key, last;         /* of this row, and of the one before: subject, declaration, container */
    bool own[MILESTONES_MAX + 1]; /* which moments of the sample the declaration itself was told */
    bool marked[MARKS_MAX];       /* which marks were told of it */
    /* The values seen so far, one string each. */
    struct distinct values[DIMENSIONS_COUNT];
};

static const char *sql_of(const struct samples *samples, struct period period, enum samples_detail detail) {
    /* by what was known, the moment of the month, and the detail */
    static const char *const texts[2][2][2] = {
        { { SAMPLES(NOW, "first", ""), SAMPLES(NOW, "first", DIMENSIONS_NOW) },
          { SAMPLES(NOW, "last", ""), SAMPLES(NOW, "last", DIMENSIONS_NOW) } },
        { { SAMPLES(THEN, "first", ""), SAMPLES(THEN, "first", DIMENSIONS_THEN) },
          { SAMPLES(THEN, "last", ""), SAMPLES(THEN, "last", DIMENSIONS_THEN) } },
    };
    const struct milestone *month = segments_milestone(samples->segments, samples->chain->month);
    return texts[period.as_of != 0][month && month->last][detail >= SAMPLES_DESCRIBED];
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

static struct store_query *ask(struct state *state, const struct samples *samples, struct period period,
                               enum samples_detail detail) {
    const struct chain *chain = samples->chain;
    struct buf marks;
    buf_init(&marks, KEY_MAX);
    add_marks(&marks, samples->segments);
    struct store_query *query = store_query(state_store(state), sql_of(samples, period, detail));
    store_bind_string(query, 1, chain->month);
    store_bind_int(query, 2, stamp_of_day(period.first_day));
    store_bind_int(query, 3, stamp_of_day(period.next_day));
    store_bind_string(query, 4, chain->direction);
    store_bind_string(query, 5, detail == SAMPLES_ENDS ? chain->from : "");
    store_bind_string(query, 6, detail == SAMPLES_ENDS ? chain->to : "");
    store_bind_text(query, 7, buf_text(&marks));
    if (period.as_of) {
        store_bind_int(query, 8, (int64_t)period.as_of);
    }
    buf_release(&marks);
    return query;
}

/* True: this row is the first of the next declaration. */
static bool is_next(struct gathering *gathering, struct store_query *query) {
    buf_clear(&gathering->key);
    for (int column = SUBJECT; column <= CONTAINER; column++) {
        buf_add_text(&gathering->key, store_text(query, column));
        buf_add_char(&gathering->key, '\0');
    }
    if (text_equal(buf_text(&gathering->key), buf_text(&gathering->last))) {
        return false;
    }
    struct buf last = gathering->last;
    gathering->last = gathering->key;
    gathering->key = last;
    return true;
}

/* Room for one more; doubled when the count is a power of two. */
static void grow(struct samples *samples, bool described) {
    size_t width = samples->segments->milestones_count, room = samples->count ? 2 * samples->count : 1;
    if ((samples->count & (samples->count - 1)) != 0) {
        return;
    }
    samples->moments = memory_grow(samples->moments, room * width, sizeof(*samples->moments));
    if (described) {
        samples->descriptions = memory_grow(samples->descriptions, room, sizeof(*samples->descriptions));
    }
}

/* Modes are joined by +. */
static const char *has_mode(struct text modes, const char *mode) {
    while (modes.length) {
        if (text_is(text_until(&modes, '+'), mode)) {
            return "yes";
        }
    }
    return "no";
}

/* False: a dimension has too many values. */
static bool describe_sample(struct gathering *gathering, struct store_query *query) {
    struct samples *samples = gathering->samples;
    struct sample_description *description = &samples->descriptions[samples->count - 1];
    *description = (struct sample_description){ .record = (uint64_t)store_int(query, RECORD) };
    description->declaration = arena_copy(samples->arena, store_text(query, DECLARATION));
    for (int dimension = 0; dimension < DIMENSIONS_COUNT; dimension++) {
        description->values[dimension] =
            distinct_of(&gathering->values[dimension], samples->arena, store_text(query, VALUES + dimension));
        if (!description->values[dimension]) {
            return false;
        }
    }
    if (gathering->mode) {
        description->values[DIMENSION_ONE_MODE] =
            has_mode(store_text(query, VALUES + DIMENSION_MODE), gathering->mode);
    }
    return true;
}

static void begin_sample(struct gathering *gathering) {
    struct samples *samples = gathering->samples;
    size_t width = samples->segments->milestones_count;
    grow(samples, samples->arena != NULL);
    for (size_t i = 0; i < width; i++) {
        samples->moments[samples->count * width + i] = SAMPLE_NEVER;
    }
    samples->count++;
    gathering->begun = true;
    memset(gathering->own, 0, sizeof(gathering->own));
    memset(gathering->marked, 0, sizeof(gathering->marked));
}

static void count_samples(struct samples *samples) {
    samples->units = samples->complete = samples->in_order = 0;
    for (size_t i = 0; i < samples->count; i++) {
        bool counts =
            !samples->keeps_excluded || samples_excluded_by(samples, i) == samples->segments->marks_count;
        size_t weight = counts ? samples_weight(samples, i) : 0;
        samples->units += weight;
        samples->complete += samples_is_complete(samples, i) ? weight : 0;
        samples->in_order += samples_is_in_order(samples, i) ? weight : 0;
    }
}

/* Its first exclusion; marks_count: it counts. */
static size_t excluded_by(const struct gathering *gathering) {
    const struct segments *segments = gathering->samples->segments;
    size_t i = 0;
    while (i < segments->marks_count && !(segments->marks[i].excludes && gathering->marked[i])) {
        i++;
    }
    return i;
}

/* All of its rows are there: it is one of the samples, or is counted beside them. */
static void end_sample(struct gathering *gathering) {
    struct samples *samples = gathering->samples;
    size_t excluded = excluded_by(gathering), marks = samples->segments->marks_count;
    if (!gathering->begun) {
        return;
    }
    gathering->begun = false;
    for (size_t i = 0; samples->descriptions && i < marks; i++) {
        samples->descriptions[samples->count - 1].marks |= gathering->marked[i] ? 1u << i : 0;
    }
    if (excluded < marks) {
        samples->marked[excluded]++;
        samples->count -= !samples->keeps_excluded;
        return;
    }
    for (size_t i = 0; i < marks; i++) {
        samples->marked[i] += gathering->marked[i];
    }
}

static size_t place_of_row(const struct samples *samples, struct store_query *query) {
    struct text code = store_text(query, CODE);
    size_t width = samples->segments->milestones_count, i = 0;
    while (i < width && !text_is(code, samples->segments->milestones[i].code)) {
        i++;
    }
    return i;
}

static void add_row(struct gathering *gathering, struct store_query *query) {
    struct samples *samples = gathering->samples;
    size_t width = samples->segments->milestones_count, place = place_of_row(samples, query);
    size_t mark = place == width ? segments_mark(samples->segments, store_text(query, CODE)) : MARKS_MAX;
    if (mark < samples->segments->marks_count) {
        gathering->marked[mark] = true;
        return;
    }
    bool own = store_int(query, IS_OWN) != 0;
    if (place == width || (gathering->own[place] && !own)) {
        return;
    }
    bool last = samples->segments->milestones[place].last;
    stamp at = store_int(query, last ? LAST : FIRST);
    stamp *moment = &samples->moments[(samples->count - 1) * width + place];
    bool replaces = *moment == SAMPLE_NEVER || own != gathering->own[place];
    if (replaces || (last ? at > *moment : at < *moment)) {
        *moment = at;
    }
    gathering->own[place] = own;
}

/* One row: of the sample before, or the first of the next. */
static enum status take_row(struct gathering *gathering, struct store_query *query) {
    struct samples *samples = gathering->samples;
    if (is_next(gathering, query)) {
        end_sample(gathering);
        if (samples->count == SAMPLES_MAX) {
            return STATUS_TOO_LARGE;
        }
        begin_sample(gathering);
        if (samples->arena && !describe_sample(gathering, query)) {
            return STATUS_TOO_LARGE;
        }
    }
    add_row(gathering, query);
    return STATUS_OK;
}

static void samples_init(struct samples *samples, const struct segments *segments,
                         const struct chain *chain) {
    *samples = (struct samples){ .segments = segments, .chain = chain };
    for (size_t i = 0; i < chain->count; i++) {
        samples->path[i] = samples_place(samples, chain->milestones[i]);
    }
}

enum status samples_gather(const struct view_source *source, const struct segments *segments,
                           const struct chain *chain, struct period period,
                           const struct samples_options *options, struct samples *out) {
    struct state *state = source->state;
    enum samples_detail detail = options->detail;
    require(period.first_day < period.next_day && segments->milestones_count <= MILESTONES_MAX
            && options->unit < UNITS_COUNT);
    samples_init(out, segments, chain);
    out->arena = detail >= SAMPLES_DESCRIBED ? arena_new() : NULL;
    out->keeps_excluded = detail == SAMPLES_EXCLUDED;
    struct gathering *gathering = memory_new(sizeof(*gathering));
    gathering->samples = out;
    gathering->mode = options->mode;
    buf_init(&gathering->key, KEY_MAX);
    buf_init(&gathering->last, KEY_MAX);
    enum status status = STATUS_OK;
    struct store_query *query = ask(state, out, period, detail);
    while (status == STATUS_OK && state_row(state, query)) {
        status = take_row(gathering, query);
    }
    store_reset(query);
    end_sample(gathering);
    buf_release(&gathering->key);
    buf_release(&gathering->last);
    free(gathering);
    enum status failure = state_take_failure(state);
    status = failure != STATUS_OK ? failure : status;
    if (status == STATUS_OK) {
        status = described_read(source, options, out);
    }
    count_samples(out);
    return status;
}

void samples_select(const struct samples *samples, enum dimension dimension, const char *value,
                    struct samples *out) {
    require(dimension < DIMENSION_NONE && (samples->descriptions || samples->count == 0));
    *out = (struct samples){ .chain = NULL };
    if (!samples->chain) {
        return;
    }
    samples_init(out, samples->segments, samples->chain);
    out->weights = samples->weights ? memory_array(samples->count + 1, sizeof(*out->weights)) : NULL;
    size_t width = samples->segments->milestones_count;
    for (size_t i = 0; i < samples->count; i++) {
        if (strcmp(samples->descriptions[i].values[dimension], value) == 0) {
            grow(out, true);
            memcpy(&out->moments[out->count * width], &samples->moments[i * width],
                   width * sizeof(*out->moments));
            out->descriptions[out->count] = samples->descriptions[i];
            if (samples->weights) {
                out->weights[out->count] = samples->weights[i];
            }
            out->count++;
        }
    }
    count_samples(out);
}

void samples_release(struct samples *samples) {
    free(samples->moments);
    free(samples->descriptions);
    free(samples->weights);
    arena_free(samples->arena);
    *samples = (struct samples){ 0 };
}
