/*
 * report_csv.c - the figures of a period (clearance.h) as CSV: of the tables in report.h that which is asked
 * for.
 */
#include <stdio.h>

#include "view/csv.h"
#include "view/statistics/report_inside.h"

/* --- figures -------------------------------------------------------------------------------------------- */

static void add_row(struct csv_out *csv, const struct clearance *clearance,
                    const struct clearance_direction *direction, const struct clearance_group *group,
                    const struct segment_row *row, enum variant variant, const struct figures *figures,
                    const struct figures *total) {
    char number[FIGURE_MAX];
    csv_put(csv, direction->chain->direction);
    csv_put(csv, group->value);
    csv_put(csv, row->name);
    csv_put(csv, row->from);
    csv_put(csv, row->to);
    csv_put(csv, variant_text(variant));
    csv_put(csv, units_text(figures->n, clearance->wanted.unit, number));
    for (int m = 0; m < MEASURES_COUNT; m++) {
        csv_put(csv, figures_number(figures, m, number));
    }
    csv_put(csv, total ? quotient_number(figures_share(figures, total), number) : "");
    csv_put(csv, unit_texts[clearance->wanted.unit]);
    csv_end_row(csv);
}

static void add_group(struct csv_out *csv, const struct clearance *clearance,
                      const struct clearance_direction *direction, const struct clearance_group *group) {
    const struct chain *chain = direction->chain;
    struct segment_row total = { .name = "total", .from = direction->from, .to = direction->to };
    struct segment_row overall = { .name = "overall", .from = chain->from, .to = chain->to };
    for (size_t i = 0; i < group->segments_count; i++) {
        const struct clearance_segment *segment = &group->segments[i];
        for (int v = 0; v < VARIANT_COUNT; v++) {
            add_row(csv, clearance, direction, group, &segment->row, v, &segment->figures[v],
                    report_total(group, segment->chained, v));
        }
    }
    for (int v = 0; v < VARIANT_COUNT; v++) {
        add_row(csv, clearance, direction, group, &total, v, &group->total[v], NULL);
    }
    if (*chain->from) {
        add_row(csv, clearance, direction, group, &overall, VARIANT_AVAILABLE, &group->overall.now, NULL);
    }
}

static void add_head(struct csv_out *csv, const struct clearance_wanted *wanted) {
    static const char *const columns[] = { "segment", "from", "to", "variant", "n" };
    csv_put(csv, "direction");
    csv_put(csv, wanted->by < DIMENSION_NONE ? report_dimension(wanted, wanted->by) : "group");
    for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
        csv_put(csv, columns[i]);
    }
    for (int m = 0; m < MEASURES_COUNT; m++) {
        csv_put(csv, measure_text(m));
    }
    csv_put(csv, "share");
    csv_put(csv, "unit");
    csv_end_row(csv);
}

static void add_figures(struct csv_out *csv, const struct clearance *clearance) {
    add_head(csv, &clearance->wanted);
    for (size_t i = 0; i < clearance->count; i++) {
        const struct clearance_direction *direction = &clearance->directions[i];
        add_group(csv, clearance, direction, &direction->all);
        for (size_t g = 0; g < direction->groups_count; g++) {
            add_group(csv, clearance, direction, &direction->groups[g]);
        }
    }
}

/* --- who is counted beside, and who misses what --------------------------------------------------------- */

static void start_table(struct csv_out *csv, const char *const *columns) {
    for (; *columns; columns++) {
        csv_put(csv, *columns);
    }
    csv_end_row(csv);
}

static void add_beside(struct csv_out *csv, const struct clearance *clearance) {
    const struct segments *segments = clearance->wanted.definition.segments;
    start_table(csv, (const char *const[]){ "direction", "kind", "code", "declarations", NULL });
    for (size_t i = 0; i < clearance->count; i++) {
        const struct clearance_direction *direction = &clearance->directions[i];
        for (size_t m = 0; m < segments->marks_count; m++) {
            csv_put(csv, direction->chain->direction);
            csv_put(csv, segments->marks[m].excludes ? "excluded" : "doubted");
            csv_put(csv, segments->marks[m].code);
            csv_put_count(csv, direction->marked[m]);
            csv_end_row(csv);
        }
        if (direction->unread) {
            csv_put(csv, direction->chain->direction);
            csv_put(csv, "unread");
            csv_put(csv, "");
            csv_put_count(csv, direction->unread);
            csv_end_row(csv);
        }
    }
}

static void add_owner(struct csv_out *csv, const struct clearance *clearance,
                      const struct clearance_direction *direction, size_t step,
                      const struct coverage_owner *owner) {
    const char *milestone = direction->chain->milestones[step];
    csv_put(csv, direction->chain->direction);
    csv_put(csv, milestone);
    csv_put_count(csv, owner->missing);
    csv_put_count(csv, direction->declarations);
    csv_put(csv, segments_tellers(clearance->wanted.definition.segments, milestone, clearance->arena));
    csv_put(csv, owner->role);
    csv_put(csv, owner->party);
    csv_put_count(csv, owner->of);
    csv_end_row(csv);
}

/* What the rows of a milestone lack adds up; of one that nothing lacks there is one, with 0. */
static void add_coverage(struct csv_out *csv, const struct clearance *clearance) {
    start_table(csv, (const char *const[]){ "direction", "milestone", "missing", "declarations", "told_by",
                                            "role", "party", "of", NULL });
    for (size_t i = 0; i < clearance->count; i++) {
        const struct clearance_direction *direction = &clearance->directions[i];
        for (size_t step = 0; step < direction->chain->count; step++) {
            for (size_t o = 0; o < direction->owners_count[step]; o++) {
                add_owner(csv, clearance, direction, step, &direction->owners[step][o]);
            }
            if (!direction->owners_count[step]) {
                const struct coverage_owner all = { .role = "", .party = "", .of = direction->declarations };
                add_owner(csv, clearance, direction, step, &all);
            }
        }
    }
}

static void add_slowest(struct csv_out *csv, const struct clearance *clearance) {
    char number[FIGURE_MAX];
    start_table(csv, (const char *const[]){ "direction", "segment", "from", "to", "side", "n", "of",
                                            "took_from", NULL });
    for (size_t i = 0; i < clearance->count; i++) {
        const struct clearance_direction *direction = &clearance->directions[i];
        const struct tail *tail = &direction->tail;
        for (size_t step = 0; step + 1 < direction->chain->count; step++) {
            const struct segment_row *row = report_row(direction, step);
            struct quotient least = { tail->from_ns, tail->n ? STAMP_SECOND : 0 };
            csv_put(csv, direction->chain->direction);
            csv_put(csv, row ? row->name : "");
            csv_put(csv, direction->chain->milestones[step]);
            csv_put(csv, direction->chain->milestones[step + 1]);
            csv_put(csv, row ? row->side : "");
            csv_put_count(csv, tail->held_by[step]);
            csv_put_count(csv, tail->n);
            csv_put(csv, quotient_number(least, number));
            csv_end_row(csv);
        }
    }
}

/* --- why it changed ------------------------------------------------------------------------------------- */

static void put_seconds(struct csv_out *csv, long double seconds) {
    char number[FIGURE_MAX];
    snprintf(number, sizeof(number), "%.17Lg", seconds);
    csv_put(csv, number);
}

static void add_change_row(struct csv_out *csv, const char *direction, const char *part, const char *name,
                           const char *of, long double seconds, long double whole) {
    csv_put(csv, direction);
    csv_put(csv, part);
    csv_put(csv, name);
    csv_put(csv, of);
    put_seconds(csv, seconds);
    if (whole != 0) {
        put_seconds(csv, seconds / whole);
    } else {
        csv_put(csv, "");
    }
    csv_end_row(csv);
}

/* Of each part (`segment`, and each dimension) the rows add up to that of `overall`. */
static void add_change(struct csv_out *csv, const struct clearance *clearance) {
    start_table(csv, (const char *const[]){ "direction", "part", "name", "of", "change", "share", NULL });
    for (size_t i = 0; i < clearance->count; i++) {
        const struct change *change = &clearance->directions[i].change;
        const char *direction = clearance->directions[i].chain->direction;
        long double whole = change->now - change->then;
        if (!change->steps_count) {
            continue;
        }
        add_change_row(csv, direction, "overall", "", "", whole, whole);
        for (size_t s = 0; s < change->steps_count; s++) {
            const struct change_step *step = &change->steps[s];
            add_change_row(csv, direction, "segment", step->row ? step->row->name : step->from, "",
                           step->now - step->then, whole);
        }
        for (enum dimension dimension = 0; dimension < DIMENSION_NONE; dimension++) {
            if (change->is_split[dimension]) {
                const char *name = report_dimension(&clearance->wanted, dimension);
                add_change_row(csv, direction, "dimension", name, "within", change->splits[dimension].within,
                               whole);
                add_change_row(csv, direction, "dimension", name, "mix", change->splits[dimension].mix,
                               whole);
            }
        }
    }
}

/* --- the table that is asked for ------------------------------------------------------------------------ */

static const struct {
    const char *text;
    void (*add)(struct csv_out *csv, const struct clearance *clearance);
} tables[] = {
#define X(name, zh, en) { #name, add_##name },
    REPORT_TABLE_LIST(X)
#undef X
};

const char *const report_table_texts[] = {
#define X(name, zh, en) #name,
    REPORT_TABLE_LIST(X)
#undef X
        NULL
};

enum status report_csv(const struct view_question *question, struct buf *out) {
    struct clearance *clearance;
    struct csv_out csv;
    struct text asked = view_value(question, "table");
    enum status status = report_compute(question, &clearance);
    csv_start(&csv, out, CSV_FOR_SPREADSHEETS);
    for (size_t i = 0; status == STATUS_OK && i < sizeof(tables) / sizeof(*tables); i++) {
        if (asked.length ? text_is(asked, tables[i].text) : i == 0) {
            tables[i].add(&csv, clearance);
        }
    }
    csv_end(&csv);
    clearance_free(clearance);
    return status;
}
