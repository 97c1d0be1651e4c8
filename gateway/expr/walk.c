/*
 * walk.c - what each kind of node is, from what its arguments are. Every value says whether it is known;
 * logic is Kleene's.
 */
#include "expr/walk.h"

#include "base/status.h"

#define DAY_FIRST   (-719162) /* 0001-01-01: what a text may write */
#define DAY_LAST    DAY_OPEN
#define HOUR_PLACES 15 /* a nanosecond is 3e-13 hours */

/* --- logic (Kleene) and comparisons --------------------------------------------------------------------- */

/* *out: `room`, or where they stand already. */
static rows texts_of(struct walk *walk, const struct node *node, rows asked, struct text room[BLOCK],
                     const struct text **out);
static rows numbers_of(struct walk *walk, const struct node *node, rows asked, struct numbers *room,
                       const struct numbers **out);

static struct expr_truths truths_by(rows known, rows yes) {
    return (struct expr_truths){ known & yes, known & ~yes };
}

static struct expr_truths truths_of_and(struct walk *walk, const struct node *node, rows asked) {
    struct expr_truths first = walk_truths(walk, node->arguments[0], asked);
    rows open = asked & ~first.no;
    struct expr_truths second =
        open ? walk_truths(walk, node->arguments[1], open) : (struct expr_truths){ 0, 0 };
    return (struct expr_truths){ first.yes & second.yes, first.no | second.no };
}

static struct expr_truths truths_of_or(struct walk *walk, const struct node *node, rows asked) {
    struct expr_truths first = walk_truths(walk, node->arguments[0], asked);
    rows open = asked & ~first.yes;
    struct expr_truths second =
        open ? walk_truths(walk, node->arguments[1], open) : (struct expr_truths){ 0, 0 };
    return (struct expr_truths){ first.yes | second.yes, first.no & second.no };
}

static struct expr_truths truths_of_if(struct walk *walk, const struct node *node, rows asked) {
    struct expr_truths condition = walk_truths(walk, node->arguments[0], asked), then = { 0, 0 },
                       otherwise = { 0, 0 };
    if (condition.yes) {
        then = walk_truths(walk, node->arguments[1], condition.yes);
    }
    if (condition.no) {
        otherwise = walk_truths(walk, node->arguments[2], condition.no);
    }
    return (struct expr_truths){ then.yes | otherwise.yes, then.no | otherwise.no };
}

static rows values_of_if(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]) {
    struct expr_truths condition = walk_truths(walk, node->arguments[0], asked);
    rows known = condition.yes ? walk_values(walk, node->arguments[1], condition.yes, out) : 0;
    return known | (condition.no ? walk_values(walk, node->arguments[2], condition.no, out) : 0);
}

static bool compares(enum comparison comparison, int order) {
    switch (comparison) {
    case COMPARE_EQUAL: return order == 0;
    case COMPARE_UNEQUAL: return order != 0;
    case COMPARE_LESS: return order < 0;
    case COMPARE_LESS_EQUAL: return order <= 0;
    case COMPARE_GREATER: return order > 0;
    case COMPARE_GREATER_EQUAL: return order >= 0;
    }
    panic("no such comparison: %d", comparison);
}

/* Mostly with a text that is written out: then it is the same for all rows. */
static struct expr_truths compare_texts(struct walk *walk, const struct node *node, rows asked) {
    const struct node *right = node->arguments[1];
    struct text rooms[2][BLOCK];
    const struct text *firsts, *seconds, *written = right->kind == NODE_LITERAL ? &right->value.text : NULL;
    rows known = texts_of(walk, node->arguments[0], asked, rooms[0], &firsts), yes = 0;
    known = !known || written ? known : texts_of(walk, right, known, rooms[1], &seconds);
    bool unequal = node->comparison == COMPARE_UNEQUAL;
    if (unequal || node->comparison == COMPARE_EQUAL) {
        for (rows left = known; left; left &= left - 1) {
            unsigned i = first_of(left);
            yes |= (rows)text_equal(firsts[i], written ? *written : seconds[i]) << i;
        }
        return truths_by(known, unequal ? ~yes : yes);
    }
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        int order = text_compare(firsts[i], written ? *written : seconds[i]);
        yes |= (rows)compares(node->comparison, order) << i;
    }
    return truths_by(known, yes);
}

static struct expr_truths compare_numbers(struct walk *walk, const struct node *node, rows asked) {
    struct numbers rooms[2];
    const struct numbers *firsts, *seconds;
    rows less = 0, more = 0, yes = 0;
    rows known = numbers_of(walk, node->arguments[0], asked, &rooms[0], &firsts);
    known = known ? numbers_of(walk, node->arguments[1], known, &rooms[1], &seconds) : 0;
    if (known) {
        numbers_compare(firsts, seconds, known, &less, &more);
    }
    yes |= compares(node->comparison, -1) ? less : 0;
    yes |= compares(node->comparison, 0) ? known & ~less & ~more : 0;
    yes |= compares(node->comparison, 1) ? more : 0;
    return truths_by(known, yes);
}

static struct expr_truths truths_of_comparison(struct walk *walk, const struct node *node, rows asked) {
    switch (node->arguments[0]->type) {
    case EXPR_TEXT: return compare_texts(walk, node, asked);
    case EXPR_DECIMAL: return compare_numbers(walk, node, asked);
    default: break;
    }
    struct val firsts[BLOCK], seconds[BLOCK];
    rows known = walk_values(walk, node->arguments[0], asked, firsts), yes = 0;
    known = known ? walk_values(walk, node->arguments[1], known, seconds) : 0;
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        yes |= (rows)compares(node->comparison, val_order(&firsts[i], &seconds[i])) << i;
    }
    return truths_by(known, yes);
}

bool node_lists(const struct node *node, struct text text, int32_t today) {
    if (node->kind == NODE_IN_LIST) {
        return codelist_has(node->list, text, today);
    }
    for (size_t i = 0; i < node->set_count; i++) {
        if (text_equal(text, node->set[i].text)) {
            return true;
        }
    }
    return false;
}

static struct expr_truths truths_of_listed(struct walk *walk, const struct node *node, rows asked) {
    struct text room[BLOCK];
    const struct text *texts;
    rows known = texts_of(walk, node->arguments[0], asked, room, &texts), yes = 0;
    const struct text *before = NULL;
    bool has = false;
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        has =
            before && text_equal(*before, texts[i]) ? has : node_lists(node, texts[i], walk->context->today);
        before = &texts[i];
        yes |= (rows)has << i;
    }
    return truths_by(known, yes);
}

static bool set_has(const struct node *node, const struct val *value) {
    for (size_t i = 0; i < node->set_count; i++) {
        if (val_order(value, &node->set[i]) == 0) {
            return true;
        }
    }
    return false;
}

static struct expr_truths truths_of_in_set(struct walk *walk, const struct node *node, rows asked) {
    if (node->arguments[0]->type == EXPR_TEXT) {
        return truths_of_listed(walk, node, asked);
    }
    struct val values[BLOCK];
    rows known = walk_values(walk, node->arguments[0], asked, values), yes = 0;
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        yes |= (rows)set_has(node, &values[i]) << i;
    }
    return truths_by(known, yes);
}

static bool call(const struct walk *walk, const struct function *function, const struct val *arguments,
                 struct val *out) {
    return function->make ? function->make(arguments, walk->context->arena, out)
                          : function->run(arguments, out);
}

/* Of one text, all else written out: asked without values in between. */
static bool is_of_text(const struct node *node) {
    bool of_text = node->kind == NODE_CALL && node->arguments[0]->type == EXPR_TEXT;
    for (size_t k = 1; of_text && k < FUNCTION_ARGUMENTS_MAX && node->arguments[k]; k++) {
        of_text = node->arguments[k]->kind == NODE_LITERAL;
    }
    return of_text;
}

/* Gives the rows in which it is known; what it is stands in `texts` or `yes`: one of them is NULL. */
static rows call_of_texts(struct walk *walk, const struct node *node, rows asked, struct text *texts,
                          rows *yes) {
    struct text room[BLOCK];
    const struct text *given, *before = NULL;
    struct val row[FUNCTION_ARGUMENTS_MAX] = { { .known = true, .type = EXPR_TEXT } }, made;
    rows known = texts_of(walk, node->arguments[0], asked, room, &given), gives = 0;
    for (size_t k = 1; k < FUNCTION_ARGUMENTS_MAX && node->arguments[k]; k++) {
        row[k] = node->arguments[k]->value;
    }
    bool is_known = false;
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        if (!before || !text_equal(*before, given[i])) {
            row[0].text = given[i];
            is_known = call(walk, node->function, row, &made);
        }
        before = &given[i];
        gives |= (rows)is_known << i;
        if (is_known && texts) {
            texts[i] = made.text;
        } else if (is_known) {
            *yes |= (rows)made.flag << i;
        }
    }
    return gives;
}

static struct expr_truths truths_of_value(struct walk *walk, const struct node *node, rows asked) {
    struct val values[BLOCK];
    rows yes = 0, known;
    if (is_of_text(node)) {
        known = call_of_texts(walk, node, asked, NULL, &yes);
        return truths_by(known, yes);
    }
    known = walk_values(walk, node, asked, values);
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        yes |= (rows)values[i].flag << i;
    }
    return truths_by(known, yes);
}

struct expr_truths walk_truths(struct walk *walk, const struct node *node, rows asked) {
    struct expr_truths inner;
    switch (node->kind) {
    case NODE_EXISTS: return truths_by(asked, walk_there(walk, node->field, asked));
    case NODE_NOT:
        inner = walk_truths(walk, node->arguments[0], asked);
        return (struct expr_truths){ inner.no, inner.yes };
    case NODE_AND: return truths_of_and(walk, node, asked);
    case NODE_OR: return truths_of_or(walk, node, asked);
    case NODE_IF: return truths_of_if(walk, node, asked);
    case NODE_COMPARE: return truths_of_comparison(walk, node, asked);
    case NODE_IN_LIST: return truths_of_listed(walk, node, asked);
    case NODE_IN_SET: return truths_of_in_set(walk, node, asked);
    default: return truths_of_value(walk, node, asked);
    }
}

static rows values_of_truths(struct expr_truths truths, struct val out[BLOCK]) {
    for (rows left = truths.yes | truths.no; left; left &= left - 1) {
        unsigned i = first_of(left);
        out[i] = val_of_flag(truths.yes >> i & 1);
    }
    return truths.yes | truths.no;
}

/* --- arithmetic ----------------------------------------------------------------------------------------- */

static struct val shift_day(int32_t day, struct decimal days, int sign) {
    bool fits = days.scale == 0 && days.coefficient <= DAY_LAST - DAY_FIRST
                && days.coefficient >= DAY_FIRST - DAY_LAST;
    int64_t shifted = fits ? day + sign * (int64_t)days.coefficient : DAY_LAST + 1;
    bool known = shifted >= DAY_FIRST && shifted <= DAY_LAST;
    return (struct val){ .known = known, .type = EXPR_DATE, .day = known ? (int32_t)shifted : 0 };
}

static struct val hours_between(stamp later, stamp earlier) {
    struct val hours = { .type = EXPR_DECIMAL };
    struct decimal difference;
    hours.known =
        decimal_subtract(decimal_of_int(later), decimal_of_int(earlier), &difference)
        && decimal_divide(difference, decimal_of_int(3600 * STAMP_SECOND), HOUR_PLACES, &hours.decimal);
    return hours;
}

/* Of days and moments; numbers have operate(). */
static struct val add_times(const struct val *left, const struct val *right, bool plus) {
    if (left->type == EXPR_MOMENT) {
        return hours_between(left->moment, right->moment);
    }
    return right->type == EXPR_DATE ? val_of_number((int64_t)left->day - right->day)
                                    : shift_day(left->day, right->decimal, plus ? 1 : -1);
}

static rows values_of_times(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]) {
    struct val seconds[BLOCK];
    rows both = walk_values(walk, node->arguments[0], asked, out), known = 0;
    both = both ? walk_values(walk, node->arguments[1], both, seconds) : 0;
    for (rows left = both; left; left &= left - 1) {
        unsigned i = first_of(left);
        out[i] = add_times(&out[i], &seconds[i], node->kind == NODE_ADD);
        known |= (rows)out[i].known << i;
    }
    return known;
}

static rows calculate(struct walk *walk, const struct node *node, rows asked, struct numbers *out) {
    struct numbers rooms[2];
    const struct numbers *firsts, *seconds;
    rows both = numbers_of(walk, node->arguments[0], asked, &rooms[0], &firsts);
    both = both ? numbers_of(walk, node->arguments[1], both, &rooms[1], &seconds) : 0;
    return both ? numbers_calculate(node->kind, firsts, seconds, both, out) : 0;
}

static rows negate(struct walk *walk, const struct node *node, rows asked, struct numbers *out) {
    struct numbers room;
    const struct numbers *numbers;
    rows known = numbers_of(walk, node->arguments[0], asked, &room, &numbers);
    if (known) {
        numbers_turn(numbers, known, false, out);
    }
    return known;
}

/* --- functions ------------------------------------------------------------------------------------------ */

/* What a function is to be given in each row: mostly texts. */
struct argument {
    bool varies;              /* it is not written out */
    const struct text *texts; /* NULL: values */
    struct text room[BLOCK];
    struct val values[BLOCK];
};

static rows take_argument(struct walk *walk, const struct node *node, rows asked, struct argument *out,
                          struct val *written) {
    out->texts = NULL;
    out->varies = node->kind != NODE_LITERAL;
    if (!out->varies) {
        *written = node->value;
        return asked;
    }
    if (node->type != EXPR_TEXT) {
        return walk_values(walk, node, asked, out->values);
    }
    *written = (struct val){ .known = true, .type = EXPR_TEXT };
    return texts_of(walk, node, asked, out->room, &out->texts);
}

/* Lines of one message often say the same as the line before: then so does a function of them. */
static bool is_as_before(const struct function *function, const struct argument *arguments,
                         const struct val *row, unsigned i) {
    bool same = true;
    for (size_t k = 0; same && function->takes[k]; k++) {
        same = arguments[k].texts ? text_equal(row[k].text, arguments[k].texts[i]) : !arguments[k].varies;
    }
    return same;
}

static rows values_of_call(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]) {
    const struct function *function = node->function;
    struct argument arguments[FUNCTION_ARGUMENTS_MAX];
    struct val row[FUNCTION_ARGUMENTS_MAX];
    rows known = asked, given = 0;
    for (size_t k = 0; function->takes[k] && known; k++) {
        known = take_argument(walk, node->arguments[k], known, &arguments[k], &row[k]);
    }
    const struct val *before = NULL;
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        if (before && is_as_before(function, arguments, row, i)) {
            out[i] = *before;
            given |= (rows)out[i].known << i;
            continue;
        }
        before = &out[i];
        out[i].known = false;
        for (size_t k = 0; function->takes[k]; k++) {
            if (arguments[k].texts) {
                row[k].text = arguments[k].texts[i];
            } else if (arguments[k].varies) {
                row[k] = arguments[k].values[i];
            }
        }
        given |= (rows)call(walk, function, row, &out[i]) << i;
    }
    return given;
}

static rows numbers_of_call(struct walk *walk, const struct node *node, rows asked, struct numbers *out) {
    struct numbers room;
    const struct numbers *numbers;
    rows known = numbers_of(walk, node->arguments[0], asked, &room, &numbers);
    if (known) {
        node->function->of_numbers(numbers, known, out);
    }
    return known;
}

static int64_t count_parts(struct parts parts) {
    int64_t count = 0;
    for (struct text part; parts_next(&parts, &part);) {
        count++;
    }
    return count;
}

static rows values_of_count_parts(struct walk *walk, const struct node *node, rows asked,
                                  struct val out[BLOCK]) {
    rows known = walk_values(walk, node->arguments[0], asked, out);
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        out[i] = val_of_number(count_parts(out[i].parts));
    }
    return known;
}

/* --- the walk ------------------------------------------------------------------------------------------- */

/* One value for all rows asked. */
static rows same_value(struct val value, rows asked, struct val out[BLOCK]) {
    for (rows left = asked; left; left &= left - 1) {
        unsigned i = first_of(left);
        out[i] = value;
    }
    return value.known ? asked : 0;
}

static rows texts_of(struct walk *walk, const struct node *node, rows asked, struct text room[BLOCK],
                     const struct text **out) {
    if (node->kind == NODE_FIELD) {
        return walk_field_texts(walk, node->field, asked, room, out);
    }
    *out = room;
    if (node->kind == NODE_LITERAL) {
        for (rows left = asked; left; left &= left - 1) {
            room[first_of(left)] = node->value.text;
        }
        return node->value.known ? asked : 0;
    }
    if (is_of_text(node)) {
        return call_of_texts(walk, node, asked, room, NULL);
    }
    struct val values[BLOCK];
    rows known = walk_values(walk, node, asked, values);
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        room[i] = values[i].text;
    }
    return known;
}

static bool is_calculation(const struct node *node) {
    return node->kind == NODE_MULTIPLY
           || ((node->kind == NODE_ADD || node->kind == NODE_SUBTRACT)
               && node->arguments[0]->type == EXPR_DECIMAL);
}

static bool has_own_numbers(const struct node *node) {
    return node->kind == NODE_NEGATE || is_calculation(node)
           || (node->kind == NODE_CALL && node->function->of_numbers);
}

static rows numbers_of(struct walk *walk, const struct node *node, rows asked, struct numbers *room,
                       const struct numbers **out) {
    if (node->kind == NODE_FIELD) {
        return walk_field_numbers(walk, node->field, asked, room, out);
    }
    *out = room;
    if (node->kind == NODE_LITERAL) {
        numbers_fill(room, node->value.decimal, asked);
        return node->value.known ? asked : 0;
    }
    if (has_own_numbers(node)) {
        return is_calculation(node)        ? calculate(walk, node, asked, room)
               : node->kind == NODE_NEGATE ? negate(walk, node, asked, room)
                                           : numbers_of_call(walk, node, asked, room);
    }
    struct val values[BLOCK];
    struct decimal decimals[BLOCK];
    rows known = walk_values(walk, node, asked, values);
    for (rows left = known; left; left &= left - 1) {
        unsigned i = first_of(left);
        decimals[i] = values[i].decimal;
    }
    numbers_of_decimals(room, decimals, known);
    return known;
}

static rows values_of_numbers(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]) {
    struct numbers room;
    const struct numbers *numbers;
    rows known = numbers_of(walk, node, asked, &room, &numbers);
    walk_values_of_numbers(numbers, known, out);
    return known;
}

rows walk_values(struct walk *walk, const struct node *node, rows asked, struct val out[BLOCK]) {
    switch (node->kind) {
    case NODE_LITERAL: return same_value(node->value, asked, out);
    case NODE_TODAY:
        return same_value((struct val){ .known = true, .type = EXPR_DATE, .day = walk->context->today },
                          asked, out);
    case NODE_FIELD: return walk_field_values(walk, node->field, node->type, asked, out);
    case NODE_EXISTS:
    case NODE_NOT:
    case NODE_AND:
    case NODE_OR:
    case NODE_COMPARE:
    case NODE_IN_LIST:
    case NODE_IN_SET: return values_of_truths(walk_truths(walk, node, asked), out);
    case NODE_IF: return values_of_if(walk, node, asked, out);
    case NODE_ADD:
    case NODE_SUBTRACT:
    case NODE_MULTIPLY:
    case NODE_NEGATE:
    case NODE_CALL:
        return has_own_numbers(node)     ? values_of_numbers(walk, node, asked, out)
               : node->kind == NODE_CALL ? values_of_call(walk, node, asked, out)
                                         : values_of_times(walk, node, asked, out);
    case NODE_COUNT_PARTS: return values_of_count_parts(walk, node, asked, out);
    case NODE_EVERY_IN:
    case NODE_REPEATED: return walk_search(walk, node, asked, out);
    case NODE_EVERY:
    case NODE_ANY:
    case NODE_COUNT_ROWS:
    case NODE_SUM:
    case NODE_MIN:
    case NODE_MAX:
    case NODE_UNIQUE:
    case NODE_CONTIGUOUS: return same_value(walk_closed(walk, node), asked, out);
    }
    panic("no such node: %d", node->kind);
}
