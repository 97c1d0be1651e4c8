/*
 * samples.c - one query for each month and direction: each declaration of the population beside all that was
 * told of it. Its rows come declaration by declaration, and are folded into samples as they come.
 *
 * The order of the joins is ours (CROSS JOIN): without statistics of the tables SQLite would begin the search
 * for a newer declaration at the milestones of its kind, once for each declaration.
 */
#include "view/statistics/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"

#define KEY_MAX 65536

enum column { SUBJECT, DECLARATION, CONTAINER, IS_OWN, CODE, FIRST, LAST };

/* The rows of one declaration stand together because of the order, which is that of the index. */
#define MONTH(moment)                                                                                       \
    "SELECT p.subject, p.declaration, p.container, m.declaration <> '', m.code, m.first, m.last"            \
    " FROM milestones p CROSS JOIN declarations d ON d.key = p.declaration"                                 \
    " LEFT JOIN milestones m ON m.subject = p.subject AND m.declaration IN ('', p.declaration)"             \
    " AND (?5 = '' OR m.code IN (?5, ?6)) AND (m.container = ''"                                            \
    "  OR EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = p.declaration"               \
    "   AND c.container = m.container)"                                                                     \
    "  OR NOT EXISTS (SELECT 1 FROM declaration_containers c WHERE c.declaration = p.declaration))"         \
    " WHERE p.code = ?1 AND p." moment " >= ?2 AND p." moment " < ?3 AND d.direction = ?4"                  \
    " AND d.state <> 'cancelled' AND d.step <> 'complete'"                                                  \
    " AND NOT EXISTS (SELECT 1 FROM links a CROSS JOIN links b ON b.kind = a.kind AND b.value = a.value"    \
    "  CROSS JOIN declarations e ON e.key = b.declaration CROSS JOIN milestones n ON n.subject = e.subject" \
    "  AND n.declaration = e.key AND n.code = p.code WHERE a.declaration = d.key"                           \
    "  AND b.declaration <> d.key AND e.record > d.record"                                                  \
    "  AND e.state <> 'cancelled' AND e.step <> 'complete')"                                                \
    " ORDER BY p." moment ", p.subject, p.declaration, p.container"

/* --- reading samples ------------------------------------------------------------------------------------ */

size_t samples_place(const struct samples *samples, const char *code) {
    const struct milestone *milestone = segments_milestone(samples->segments, code);
    return milestone ? (size_t)(milestone - samples->segments->milestones)
                     : samples->segments->milestones_count;
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

bool samples_is_complete(const struct samples *samples, size_t index) {
    for (size_t i = 0; i < samples->chain->count; i++) {
        if (samples_at(samples, index, samples->path[i]) == SAMPLE_NEVER) {
            return false;
        }
    }
    return samples->chain->count > 1;
}

bool samples_is_in_order(const struct samples *samples, size_t index) {
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
    struct buf key, last;         /* of this row, and of the one before: subject, declaration, container */
    bool own[MILESTONES_MAX + 1]; /* which moments of the sample the declaration itself was told */
};

static struct store_query *ask(struct state *state, const struct samples *samples, int32_t first_day,
                               int32_t next_day, bool ends_only) {
    const struct chain *chain = samples->chain;
    const struct milestone *month = segments_milestone(samples->segments, chain->month);
    struct store_query *query = month && month->last ? store_query(state_store(state), MONTH("last"))
                                                     : store_query(state_store(state), MONTH("first"));
    store_bind_string(query, 1, chain->month);
    store_bind_int(query, 2, stamp_of_day(first_day));
    store_bind_int(query, 3, stamp_of_day(next_day));
    store_bind_string(query, 4, chain->direction);
    store_bind_string(query, 5, ends_only ? chain->from : "");
    store_bind_string(query, 6, ends_only ? chain->to : "");
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

static void begin_sample(struct gathering *gathering) {
    struct samples *samples = gathering->samples;
    size_t width = samples->segments->milestones_count;
    if ((samples->count & (samples->count - 1)) == 0) {
        samples->moments = memory_grow(samples->moments, (samples->count ? 2 * samples->count : 1) * width,
                                       sizeof(*samples->moments));
    }
    for (size_t i = 0; i < width; i++) {
        samples->moments[samples->count * width + i] = SAMPLE_NEVER;
    }
    samples->count++;
    memset(gathering->own, 0, sizeof(gathering->own));
}

static void end_sample(struct samples *samples) {
    if (samples->count) {
        samples->complete += samples_is_complete(samples, samples->count - 1);
        samples->in_order += samples_is_in_order(samples, samples->count - 1);
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

enum status samples_gather(struct state *state, const struct segments *segments, const struct chain *chain,
                           int32_t first_day, int32_t next_day, bool ends_only, struct samples *out) {
    require(first_day < next_day && segments->milestones_count <= MILESTONES_MAX);
    *out = (struct samples){ .segments = segments, .chain = chain };
    for (size_t i = 0; i < chain->count; i++) {
        out->path[i] = samples_place(out, chain->milestones[i]);
    }
    struct gathering gathering = { .samples = out };
    buf_init(&gathering.key, KEY_MAX);
    buf_init(&gathering.last, KEY_MAX);
    enum status status = STATUS_OK;
    struct store_query *query = ask(state, out, first_day, next_day, ends_only);
    while (status == STATUS_OK && state_row(state, query)) {
        if (!is_next(&gathering, query)) {
            add_row(&gathering, query);
        } else if (out->count == SAMPLES_MAX) {
            status = STATUS_TOO_LARGE;
        } else {
            end_sample(out);
            begin_sample(&gathering);
            add_row(&gathering, query);
        }
    }
    store_reset(query);
    end_sample(out);
    buf_release(&gathering.key);
    buf_release(&gathering.last);
    enum status failure = state_take_failure(state);
    return failure != STATUS_OK ? failure : status;
}

void samples_release(struct samples *samples) {
    free(samples->moments);
    samples->moments = NULL;
    samples->count = 0;
}
