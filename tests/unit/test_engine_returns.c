/*
 * test_engine_returns.c - what comes back of exported parcels under ten thousand random histories: whatever
 * is applied for, changed, deleted, refused and released, in whatever order, each quantity comes back at most
 * once. What may come back is what a model says, which knows no database and no rules.
 *
 * Half of the parcels are decided by the rules as they are shipped, half by an edition without any: then all
 * that holds is what C says, and each quantity must come back once all the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/decimal.h"
#include "decide_kit.h"

enum { AT_ONCE = 32, STEPS_MAX = 12, LINES = 2, APPLICATIONS = 4 };

/* Quantities of the model are whole numbers of hundred thousandths. */
#define ONE 100000

/* By rank; behind them what ends a round. */
static const char *const states[] = { "applied", "lodged", "held", "assessed", "released", "closed" };
static const struct {
    const char *status;
    int state;
} statuses[] = { { "120", 1 }, { "300", 2 }, { "399", 3 }, { "800", 4 }, { "899", 5 } };

enum { RELEASED = 4, REFUSED = 90, DELETED = 91 };

struct application {
    bool known;
    int state; /* of `states`, REFUSED or DELETED */
    stamp round_at;
    int64_t drawn[LINES];
};

struct model {
    int number;
    bool bare;
    int steps;
    int64_t exported[LINES];
    struct application applications[APPLICATIONS];
    int done;
};

static const struct edition *edition_for(const struct deciding *deciding, const struct model *parcel) {
    return parcel->bare ? &deciding->bare : deciding->edition;
}

static const char *quantity_text(const struct deciding *deciding, int64_t quantity) {
    char text[DECIMAL_TEXT_MAX];
    struct decimal value = { quantity, 5 };
    return arena_string(deciding->arena, decimal_print(value, text));
}

static const char *list_number(const struct deciding *deciding, const struct model *parcel) {
    return arena_printf(deciding->arena, "4218%014d", parcel->number);
}

static const char *time_text(const struct deciding *deciding, stamp at) {
    char text[STAMP_TEXT_MAX];
    return arena_string(deciding->arena, stamp_print(at, text));
}

/* Its list is declared, and customs releases it. */
static void export(struct deciding *deciding, struct model *parcel, int number, uint64_t *seed) {
    *parcel = (struct model){ .number = number,
                              .bare = deciding_random(seed, 2),
                              .steps = 1 + (int)deciding_random(seed, STEPS_MAX) };
    const char *items = "";
    for (int line = 0; line < LINES; line++) {
        parcel->exported[line] = (int64_t)(1 + deciding_random(seed, 9)) * ONE;
        items =
            arena_printf(deciding->arena,
                         "%sitem.parcel@%d=1\nitem.number@%d=%d\nitem.hs_code@%d=3926909090\n"
                         "item.unit@%d=011\nitem.quantity@%d=%s\nitem.total@%d=10\nitem.currency@%d=502\n",
                         items, line, line, line + 1, line, line, line,
                         quantity_text(deciding, parcel->exported[line]), line, line);
    }
    const char *list = arena_printf(
        deciding->arena,
        "parcel.action@0=1\nparcel.shop_code@0=3702986001\nparcel.order_no@0=O%d\nparcel.carrier_code@0=C\n"
        "parcel.waybill_no@0=W%d\nparcel.office@0=4218\nparcel.mode@0=9610\n%s",
        number, number, items);
    const char *receipt =
        arena_printf(deciding->arena,
                     "parcel.shop_code@0=3702986001\nparcel.order_no@0=O%d\nparcel.list_no@0=%s\n"
                     "parcel.receipt@0=800\n",
                     number, list_number(deciding, parcel));
    assert_true(deciding_send(deciding, edition_for(deciding, parcel), "HAIJIA", "ec-list", list));
    deciding_send(deciding, edition_for(deciding, parcel), "CUSTOMS", "ec-list-receipt", receipt);
}

static bool stands(const struct application *application) {
    return application->known && application->state < REFUSED;
}

static int64_t left_of(const struct model *parcel, int line, const struct application *but) {
    int64_t left = parcel->exported[line];
    for (int i = 0; i < APPLICATIONS; i++) {
        const struct application *other = &parcel->applications[i];
        left -= stands(other) && other != but ? other->drawn[line] : 0;
    }
    return left;
}

/* About what is left, a little more, or anything: what is just too much is asked for often. */
static int64_t some_quantity(const struct model *parcel, int line, const struct application *but,
                             uint64_t *seed) {
    int64_t left = left_of(parcel, line, but);
    switch (deciding_random(seed, 6)) {
    case 0: return left > 0 ? left : 1;
    case 1: return left + 1;
    case 2: return left > 1 ? left / 2 : 1;
    case 3: return left > 3 ? left / 4 : 1;
    case 4: return 1;
    default: return 1 + (int64_t)deciding_random(seed, 9 * ONE);
    }
}

static const int actions[] = { 1, 1, 1, 2, 3 }; /* new mostly, changed, deleted */

/* An application with up to three lines, of which two may be the same. */
static void apply(struct deciding *deciding, struct model *parcel, uint64_t *seed) {
    int number = (int)deciding_random(seed, APPLICATIONS), action = actions[deciding_random(seed, 5)];
    struct application *application = &parcel->applications[number];
    int64_t wanted[LINES] = { 0 };
    bool may = true;
    const char *items = "";
    int rows = 1 + (int)deciding_random(seed, 3);
    for (int row = 0; row < rows; row++) {
        int line = (int)deciding_random(seed, LINES);
        int64_t quantity = some_quantity(parcel, line, application, seed);
        wanted[line] += quantity;
        may = may && wanted[line] <= left_of(parcel, line, application);
        items = arena_printf(deciding->arena,
                             "%sitem.parcel@%d=1\nitem.number@%d=%d\nitem.hs_code@%d=3926909090\n"
                             "item.unit@%d=011\nitem.quantity@%d=%s\n",
                             items, row, row, line + 1, row, row, row, quantity_text(deciding, quantity));
    }
    const char *lines = arena_printf(
        deciding->arena,
        "parcel.action@0=%d\nparcel.shop_code@0=3702986001\nparcel.own_no@0=R%d-%d\nparcel.list_no@0=%s\n"
        "parcel.transport_mode@0=%d\n%s",
        action, parcel->number, number, list_number(deciding, parcel), 2 + 3 * (int)deciding_random(seed, 2),
        items);
    bool done = deciding_send(deciding, edition_for(deciding, parcel), "HAIJIA", "ec-return", lines);
    bool open = action == 1 ? !stands(application) : stands(application) && application->state == 0;
    /* the shipped rules judge the lines of one that is to be deleted, too */
    assert_int_equal(done, open && (may || (action == 3 && parcel->bare)));
    if (done && action == 3) {
        application->state = DELETED;
    } else if (done) {
        *application =
            (struct application){ .known = true, .round_at = application->known ? deciding->now : 0 };
        memcpy(application->drawn, wanted, sizeof(wanted));
    }
    parcel->done += done;
}

/* Of this round, or of the one before. */
static void answer(struct deciding *deciding, struct model *parcel, uint64_t *seed) {
    int number = (int)deciding_random(seed, APPLICATIONS), of = (int)deciding_random(seed, 8);
    struct application *application = &parcel->applications[number];
    bool late = application->round_at && deciding_random(seed, 4) == 0;
    bool refuses = of >= (int)(sizeof(statuses) / sizeof(*statuses));
    stamp at = late ? application->round_at - 1 : deciding->now;
    const char *lines = arena_printf(
        deciding->arena,
        "parcel.own_no@0=R%d-%d\nparcel.list_no@0=%s\nparcel.receipt@0=%s\nparcel.notice_time@0=%s\n",
        parcel->number, number, list_number(deciding, parcel), refuses ? "100" : statuses[of].status,
        time_text(deciding, at));
    deciding_send(deciding, edition_for(deciding, parcel), "CUSTOMS", "ec-return-receipt", lines);
    if (!stands(application) || late) {
        return;
    }
    if (refuses) {
        application->state = application->state < RELEASED ? REFUSED : application->state;
    } else if (statuses[of].state > application->state) {
        application->state = statuses[of].state;
    }
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

static void comes_back_once(struct deciding *deciding, const struct model *parcel) {
    int64_t returned[LINES] = { 0 };
    enum status status;
    struct store_query *query =
        store_query(state_store(deciding->state),
                    "SELECT line, quantity FROM return_goods JOIN returns ON key = application"
                    " WHERE return_goods.parcel = ? AND state NOT IN ('refused', 'deleted')");
    store_bind_string(query, 1, arena_printf(deciding->arena, "3702986001/O%d", parcel->number));
    while (store_step(query, &status)) {
        returned[text_is(store_text(query, 0), "2")] += figure(query, 1);
    }
    store_reset(query);
    assert_int_equal(status, STATUS_OK);
    for (int line = 0; line < LINES; line++) {
        assert_true(returned[line] <= parcel->exported[line]);
        assert_int_equal(returned[line], parcel->exported[line] - left_of(parcel, line, NULL));
    }
}

static void stand_as_the_model_says(struct deciding *deciding, const struct model *parcel) {
    for (int i = 0; i < APPLICATIONS; i++) {
        const struct application *application = &parcel->applications[i];
        enum status status;
        struct store_query *query =
            store_query(state_store(deciding->state), "SELECT state FROM returns WHERE key = ?");
        store_bind_string(query, 1, arena_printf(deciding->arena, "3702986001/R%d-%d", parcel->number, i));
        assert_int_equal(store_step(query, &status), application->known);
        if (application->known) {
            const char *state = application->state == REFUSED   ? "refused"
                                : application->state == DELETED ? "deleted"
                                                                : states[application->state];
            assert_true(text_is(store_text(query, 0), state));
        }
        store_reset(query);
    }
}

static void each_quantity_comes_back_once(void **state) {
    struct deciding *deciding = deciding_open(SOURCE_DIR "/tests/scenario/parties.yaml");
    struct model parcels[AT_ONCE];
    uint64_t seed = 20261030;
    int begun = 0, over = 0, done = 0;
    (void)state;
    for (; begun < AT_ONCE; begun++) {
        export(deciding, &parcels[begun], begun, &seed);
    }
    while (over < HISTORIES) {
        struct model *parcel = &parcels[deciding_random(&seed, AT_ONCE)];
        if (parcel->steps-- > 0) {
            if (deciding_random(&seed, 3)) {
                apply(deciding, parcel, &seed);
            } else {
                answer(deciding, parcel, &seed);
            }
            comes_back_once(deciding, parcel);
            continue;
        }
        stand_as_the_model_says(deciding, parcel);
        done += parcel->done;
        over++;
        export(deciding, parcel, begun++, &seed);
    }
    assert_in_range(done, HISTORIES, 100 * HISTORIES); /* the histories tell something */
    deciding_close(deciding);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_quantity_comes_back_once) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
