/*
 * test_engine_lots.c - the ledgers of lots under ten thousand random histories: whatever is sent, in whatever
 * order, none goes below zero, each line is of one message that was not refused, and the lines add up to what
 * stands. What may be drawn is what a model says, which knows no database and no rules.
 *
 * Half of the lots are decided by the rules as they are shipped, half by an edition without any: then all
 * that holds is what C says, and the ledger must hold all the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/decimal.h"
#include "decide_kit.h"

enum { AT_ONCE = 32, STEPS_MAX = 12, DRAWS = 4 };

/* Quantities of the model are whole numbers of ten thousandths. */
#define ONE 10000

struct model {
    int number;
    bool bare; /* decided without rules */
    int steps; /* that are still to come */
    const char *mode, *state;
    int64_t declared, cleared, drawn;
    struct {
        bool used, open;
        int64_t quantity;
    } draws[DRAWS];
    int lines;
};

static const char *const modes[] = { "RELEASE_FIRST", "ON_LOADING", "ON_DISCHARGE", "BONDED", "INTEGRATED" };
static const char *const actions[] = { "ADMIT", "REJECT", "START",     "CLEAR",  "CLEAR",
                                       "PASS",  "FAIL",   "WRITE_OFF", "CLOSE",  "DRAW",
                                       "DRAW",  "DRAW",   "DRAW",      "RETURN", "RETURN" };

static const char *quantity_text(struct deciding *deciding, int64_t quantity) {
    char text[DECIMAL_TEXT_MAX];
    struct decimal value = { quantity, 4 };
    return arena_string(deciding->arena, decimal_print(value, text));
}

static const struct edition *edition_for(const struct deciding *deciding, const struct model *lot) {
    return lot->bare ? &deciding->bare : deciding->edition;
}

static void apply_for(struct deciding *deciding, struct model *lot, int number, uint64_t *seed) {
    *lot = (struct model){ .number = number,
                           .bare = deciding_random(seed, 2),
                           .steps = 1 + (int)deciding_random(seed, STEPS_MAX),
                           .mode = modes[deciding_random(seed, 5)],
                           .state = "applied",
                           .declared = (int64_t)(1 + deciding_random(seed, 20)) * ONE };
    const char *lines =
        arena_printf(deciding->arena,
                     "applicant_code=3702986001\nlot_id=L%d\nport_code=CNQDG\nlot_place=QW\nbulk_mode=%s\n"
                     "lot_hs=2601111000\nlot_unit=070\nlot_quantity=%s\n",
                     number, lot->mode, quantity_text(deciding, lot->declared));
    assert_true(deciding_send(deciding, edition_for(deciding, lot), "HAIJIA", "bulk-lot", lines));
    assert_false(deciding_send(deciding, edition_for(deciding, lot), "HAIJIA", "bulk-lot", lines));
}

/* About what is left, about what is declared, or anything: what is just too much is asked for often. */
static int64_t some_quantity(const struct model *lot, uint64_t *seed) {
    int64_t left = lot->cleared - lot->drawn;
    switch (deciding_random(seed, 6)) {
    case 0: return left;
    case 1: return left + 1;
    case 2: return lot->declared;
    case 3: return 1;
    default: return 1 + (int64_t)deciding_random(seed, 25 * ONE);
    }
}

static bool is(const char *action, const char *name) {
    return strcmp(action, name) == 0;
}

/* What the shipped rules promise of draws and returns. */
static bool may_be_drawn(const struct model *lot, const char *action, int draw, int64_t quantity) {
    if (is(lot->state, "rejected") || is(lot->state, "closed")) {
        return false;
    }
    return is(action, "RETURN")
               ? lot->draws[draw].open
               : !is(lot->state, "failed") && !lot->draws[draw].used && quantity <= lot->cleared - lot->drawn;
}

static void note(struct model *lot, const char *action, int draw, int64_t quantity) {
    static const char *const states[][2] = { { "ADMIT", "admitted" },   { "REJECT", "rejected" },
                                             { "START", "inspecting" }, { "PASS", "passed" },
                                             { "FAIL", "failed" },      { "CLOSE", "closed" } };
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
        lot->state = is(action, states[i][0]) ? states[i][1] : lot->state;
    }
    bool is_line = true;
    if (is(action, "CLEAR")) {
        lot->cleared += quantity;
    } else if (is(action, "PASS")) {
        lot->cleared = quantity;
    } else if (is(action, "WRITE_OFF")) {
        lot->drawn += quantity;
    } else if (is(action, "DRAW")) {
        lot->drawn += quantity;
        lot->draws[draw].used = lot->draws[draw].open = true;
        lot->draws[draw].quantity = quantity;
    } else if (is(action, "RETURN")) {
        lot->drawn -= lot->draws[draw].quantity;
        lot->draws[draw].open = false;
    } else {
        is_line = false;
    }
    lot->lines += is_line;
}

static int64_t figure(struct store_query *query, int column) {
    struct decimal value, scaled;
    assert_true(decimal_parse(store_text(query, column), &value));
    assert_true(decimal_multiply(value, decimal_of_int(ONE), &scaled));
    while (scaled.scale > 0) {
        assert_int_equal(scaled.coefficient % 10, 0);
        scaled.coefficient /= 10;
        scaled.scale--;
    }
    return (int64_t)scaled.coefficient;
}

static void stands_as_the_model_says(struct deciding *deciding, const struct model *lot) {
    enum status status;
    struct store_query *query =
        store_query(state_store(deciding->state), "SELECT cleared, drawn, state FROM lots WHERE own_id = ?");
    store_bind_string(query, 1, arena_printf(deciding->arena, "L%d", lot->number));
    assert_true(store_step(query, &status));
    assert_int_equal(figure(query, 0), lot->cleared);
    assert_int_equal(figure(query, 1), lot->drawn);
    assert_true(lot->cleared >= lot->drawn);
    assert_true(text_is(store_text(query, 2), lot->state));
    store_reset(query);
}

static void step(struct deciding *deciding, struct model *lot, uint64_t *seed) {
    const char *action = actions[deciding_random(seed, sizeof(actions) / sizeof(*actions))];
    bool drawn = is(action, "DRAW") || is(action, "RETURN");
    int draw = (int)deciding_random(seed, DRAWS);
    int64_t quantity = some_quantity(lot, seed);
    const char *lines = arena_printf(
        deciding->arena,
        "applicant_code=3702986001\nlot_id=L%d\nport_code=CNQDG\n%s=%s\ndraw_id=%s\n"
        "entry_number=421820261000000001\nreason=R\nlot_unit=070\nlot_quantity=%s\n",
        lot->number, drawn ? "draw_action" : "lot_action", action,
        drawn ? arena_printf(deciding->arena, "D%d", draw) : "", quantity_text(deciding, quantity));
    bool done = deciding_send(deciding, edition_for(deciding, lot), drawn ? "HAIJIA" : "CUSTOMS",
                              drawn ? "lot-draw" : "lot-decision", lines);
    if (drawn && !lot->bare) {
        assert_int_equal(done, may_be_drawn(lot, action, draw, quantity));
    }
    if (done) {
        note(lot, action, draw, quantity);
    }
    stands_as_the_model_says(deciding, lot);
}

/* Each line says what was left before it, what it did, and by which record. */
static void lines_add_up(struct deciding *deciding, const struct model *lot) {
    enum status status;
    struct store_query *query = store_query(
        state_store(deciding->state),
        "SELECT quantity, balance, record, party, event FROM lot_ledger WHERE lot = ? ORDER BY record");
    store_bind_string(query, 1, arena_printf(deciding->arena, "3702986001/L%d", lot->number));
    int64_t balance = 0;
    int lines = 0;
    while (store_step(query, &status)) {
        balance += figure(query, 0);
        assert_int_equal(figure(query, 1), balance);
        assert_true(balance >= 0);
        assert_in_range(store_int(query, 2), 1, deciding->number);
        bool drawn = text_is(store_text(query, 4), "DRAW") || text_is(store_text(query, 4), "RETURN");
        assert_true(text_is(store_text(query, 3), drawn ? "HAIJIA" : "CUSTOMS"));
        lines++;
    }
    store_reset(query);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(lines, lot->lines);
    assert_int_equal(balance, lot->cleared - lot->drawn);
}

static void no_history_draws_more_than_was_cleared(void **state) {
    struct deciding *deciding = deciding_open(SOURCE_DIR "/tests/scenario/parties.yaml");
    struct model lots[AT_ONCE];
    uint64_t seed = 20261012;
    int begun = 0, over = 0, lines = 0;
    (void)state;
    for (; begun < AT_ONCE; begun++) {
        apply_for(deciding, &lots[begun], begun, &seed);
    }
    while (over < HISTORIES) {
        struct model *lot = &lots[deciding_random(&seed, AT_ONCE)];
        if (lot->steps-- > 0) {
            step(deciding, lot, &seed);
            continue;
        }
        lines_add_up(deciding, lot);
        lines += lot->lines;
        over++;
        apply_for(deciding, lot, begun++, &seed);
    }
    assert_in_range(lines, HISTORIES, 100 * HISTORIES); /* the histories tell something */
    deciding_close(deciding);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(no_history_draws_more_than_was_cleared) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
