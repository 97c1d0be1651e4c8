/*
 * segments.c - reads schemas/segments, and tells which milestones a message reports.
 */
#include "engine/segments.h"

#include <string.h>

#include "engine/phrase.h"

#define SOURCES_MAX 256

/* One `from` line. */
struct source {
    const char *milestone;
    struct text families;
    const struct expr *when, *at;
};
struct sources {
    struct source list[SOURCES_MAX];
    size_t count;
};

struct loader {
    const struct setup *setup;
    struct arena *arena;
    struct mistakes mistakes;
    struct segments *segments;
    struct sources *sources;
    const char *milestone; /* the block that is open; NULL */
    const struct line *line;
};

static void complain(struct loader *loader, size_t word, const char *zh, const char *en) {
    mistakes_add(&loader->mistakes, mistake_word(loader->line, word), NULL, zh, en);
}

static const char *word(struct loader *loader, size_t i) {
    return arena_copy(loader->arena, loader->line->words[i].text);
}

static bool word_is(struct loader *loader, size_t i, const char *expected) {
    return i < loader->line->count && text_is(loader->line->words[i].text, expected);
}

const struct milestone *segments_milestone(const struct segments *segments, const char *code) {
    for (size_t i = 0; i < segments->milestones_count; i++) {
        if (strcmp(segments->milestones[i].code, code) == 0) {
            return &segments->milestones[i];
        }
    }
    return NULL;
}

/* --- reading -------------------------------------------------------------------------------------------- */

static const char *known_milestone(struct loader *loader, size_t i) {
    struct nearest nearest;
    nearest_start(&nearest, loader->line->words[i].text);
    for (size_t m = 0; m < loader->segments->milestones_count; m++) {
        const char *code = loader->segments->milestones[m].code;
        if (word_is(loader, i, code)) {
            return code;
        }
        nearest_try(&nearest, code);
    }
    mistakes_at(&loader->mistakes, mistake_word(loader->line, i), nearest_found(&nearest),
                "前文没有里程碑 " TEXT_FORMAT, "no milestone " TEXT_FORMAT " stands above",
                TEXT_ARGS(loader->line->words[i].text));
    return "";
}

static bool is_direction(struct loader *loader, size_t i) {
    bool known = word_is(loader, i, "import") || word_is(loader, i, "export");
    if (!known) {
        complain(loader, i, "应为 import 或 export", "expected import or export");
    }
    return known;
}

static struct chain *chain_of(struct loader *loader, const char *direction) {
    struct segments *segments = loader->segments;
    for (size_t i = 0; i < segments->chains_count; i++) {
        if (strcmp(segments->chains[i].direction, direction) == 0) {
            return &segments->chains[i];
        }
    }
    struct chain *chain = &segments->chains[segments->chains_count++]; /* two directions, room for four */
    chain->direction = direction;
    chain->month = chain->from = chain->to = chain->base_year = "";
    return chain;
}

/* milestone CODE "zh" "en" [last] */
static void read_milestone(struct loader *loader) {
    const struct line *line = loader->line;
    bool last = line->count == 5 && word_is(loader, 4, "last");
    loader->milestone = NULL;
    if (line->count != 4 && !last) {
        complain(loader, 0, "应为：milestone 代码 \"中文\" \"英文\" [last]",
                 "expected: milestone CODE \"zh\" \"en\" [last]");
    } else if (segments_milestone(loader->segments, word(loader, 1))) {
        complain(loader, 1, "该里程碑已定义", "this milestone stands twice");
    } else if (loader->segments->milestones_count == MILESTONES_MAX) {
        complain(loader, 0, "里程碑过多", "too many milestones");
    } else {
        loader->milestone = word(loader, 1);
        loader->segments->milestones[loader->segments->milestones_count++] =
            (struct milestone){ loader->milestone, word(loader, 2), word(loader, 3), last };
    }
}

static const struct expr *read_expr(struct loader *loader, size_t first, size_t last) {
    return phrase_compile(loader->line, first, last, loader->setup, &loader->mistakes, loader->arena);
}

/* The last word `at` of the line: what stands before it is the condition. */
static size_t find_at(struct loader *loader) {
    for (size_t i = loader->line->count; i-- > 2;) {
        if (word_is(loader, i, "at")) {
            return i;
        }
    }
    return 0;
}

/* from FAMILY[,FAMILY] [when EXPRESSION] at EXPRESSION */
static void read_from(struct loader *loader) {
    size_t at = find_at(loader);
    bool when = word_is(loader, 2, "when");
    if (!at || at + 1 == loader->line->count || (when ? at < 4 : at != 2)) {
        complain(loader, 0, "应为：from 报文种类 [when 条件] at 时刻",
                 "expected: from FAMILY [when CONDITION] at MOMENT");
        return;
    }
    if (loader->sources->count == SOURCES_MAX) {
        complain(loader, 0, "from 行过多", "too many `from` lines");
        return;
    }
    struct source source = {
        .milestone = loader->milestone,
        .families = loader->line->words[1].text,
        .when = when ? read_expr(loader, 3, at - 1) : NULL,
        .at = read_expr(loader, at + 1, loader->line->count - 1),
    };
    if (source.when && expr_type(source.when) != EXPR_FLAG) {
        complain(loader, 3, "条件须为真或假", "the condition must be true or false");
    } else if (source.at && expr_type(source.at) != EXPR_MOMENT && expr_type(source.at) != EXPR_DATE) {
        complain(loader, at + 1, "at 之后须为时刻或日期", "what follows `at` must be a moment or a date");
    } else if (source.at && (source.when || !when)) {
        loader->sources->list[loader->sources->count++] = source;
    }
}

/* segment DIRECTION NAME FROM TO "zh" "en" */
static void read_segment(struct loader *loader) {
    struct segments *segments = loader->segments;
    if (loader->line->count != 7) {
        complain(loader, 0, "应为：segment 方向 名称 起 止 \"中文\" \"英文\"",
                 "expected: segment DIRECTION NAME FROM TO \"zh\" \"en\"");
    } else if (segments->rows_count == SEGMENTS_MAX) {
        complain(loader, 0, "环节过多", "too many segments");
    } else if (is_direction(loader, 1)) {
        segments->rows[segments->rows_count++] = (struct segment_row){
            word(loader, 1), word(loader, 2), known_milestone(loader, 3), known_milestone(loader, 4),
            word(loader, 5), word(loader, 6),
        };
    }
}

/* chain DIRECTION MILESTONE MILESTONE ... */
static void read_chain(struct loader *loader) {
    if (loader->line->count < 4) {
        complain(loader, 0, "应为：chain 方向 里程碑 里程碑…",
                 "expected: chain DIRECTION MILESTONE MILESTONE...");
    } else if (is_direction(loader, 1)) {
        struct chain *chain = chain_of(loader, word(loader, 1));
        if (chain->count) {
            complain(loader, 1, "该方向已有链", "this direction has a chain already");
            return;
        }
        for (size_t i = 2; i < loader->line->count; i++) {
            chain->milestones[chain->count++] = known_milestone(loader, i);
        }
    }
}

/* month DIRECTION MILESTONE */
static void read_month(struct loader *loader) {
    if (loader->line->count != 3) {
        complain(loader, 0, "应为：month 方向 里程碑", "expected: month DIRECTION MILESTONE");
    } else if (is_direction(loader, 1)) {
        chain_of(loader, word(loader, 1))->month = known_milestone(loader, 2);
    }
}

/* In bounds, so that the report can reckon with it exactly. */
static bool read_base(struct text text, struct decimal *base) {
    return decimal_parse(text, base) && base->coefficient > 0 && base->scale <= 6
           && decimal_compare(*base, decimal_of_int(1000000)) < 0;
}

/* overall DIRECTION FROM TO [base HOURS "YEAR"] */
static void read_overall(struct loader *loader) {
    const struct line *line = loader->line;
    bool base = line->count == 7 && word_is(loader, 4, "base");
    if (line->count != 4 && !base) {
        complain(loader, 0, "应为：overall 方向 起 止 [base 小时 \"年\"]",
                 "expected: overall DIRECTION FROM TO [base HOURS \"YEAR\"]");
    } else if (is_direction(loader, 1)) {
        struct chain *chain = chain_of(loader, word(loader, 1));
        chain->from = known_milestone(loader, 2);
        chain->to = known_milestone(loader, 3);
        if (base && !read_base(line->words[5].text, &chain->base)) {
            complain(loader, 5, "基数须为正数（小时），小于一百万，小数至多六位",
                     "the base is a positive number of hours, below a million and with at most 6 decimals");
        } else if (base) {
            chain->base_year = word(loader, 6);
        }
    }
}

static const struct {
    const char *key;
    void (*read)(struct loader *);
} heads[] = {
    { "milestone", read_milestone }, { "segment", read_segment }, { "chain", read_chain },
    { "month", read_month },         { "overall", read_overall },
};

static void read_line(const struct line *line, void *context) {
    struct loader *loader = context;
    loader->line = line;
    if (loader->line->indented) {
        if (!word_is(loader, 0, "from")) {
            complain(loader, 0, "应为 from", "expected `from`");
        } else if (loader->milestone) {
            phrase_check_families(loader->line, 1, loader->setup, &loader->mistakes);
            read_from(loader);
        }
        return;
    }
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        if (word_is(loader, 0, heads[i].key)) {
            heads[i].read(loader);
            return;
        }
    }
    complain(loader, 0, "应为 milestone、segment、chain、month 或 overall",
             "expected milestone, segment, chain, month or overall");
}

struct segments *segments_load(const struct setup *setup, struct arena *arena, struct verdict *mistakes) {
    struct loader loader = {
        .setup = setup,
        .arena = arena,
        .mistakes = { mistakes, "LINT-SEGMENT", "segments" },
        .segments = arena_alloc(arena, sizeof(*loader.segments)),
        .sources = arena_alloc(arena, sizeof(*loader.sources)),
    };
    loader.segments->sources = loader.sources;
    phrase_each_line(setup, arena, &loader.mistakes, read_line, &loader);
    return loader.segments;
}

/* --- judging -------------------------------------------------------------------------------------------- */

static bool moment_of(const struct source *source, const struct expr_context *context, stamp *out) {
    struct text value;
    int32_t day;
    if (!expr_value(source->at, context, &value)) {
        return false;
    }
    if (expr_type(source->at) == EXPR_DATE) {
        bool real = day_parse(value, &day) && calendar_has(day); /* an open end is no moment */
        *out = real ? stamp_of_day(day) : 0;
        return real;
    }
    return stamp_parse(value, out);
}

void segments_judge(const struct segments *segments, struct text family, const struct expr_context *context,
                    void (*found)(const char *milestone, stamp at, void *to), void *to) {
    const struct sources *sources = segments->sources;
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->list[i];
        stamp at;
        if (phrase_list_has(source->families, family)
            && (!source->when || expr_holds(source->when, context) == TRUTH_TRUE)
            && moment_of(source, context, &at)) {
            found(source->milestone, at, to);
        }
    }
}
