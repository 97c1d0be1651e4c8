/*
 * test_engine_certificates.c - certificates of origin under ten thousand random histories: whoever takes from
 * the queue gets the application that came first, however often it was returned or lapsed; who did not take
 * decides nothing; and a right to print counts its copies, for its holder alone.
 *
 * What should be is said by a model that is a list of applications; the engine decides by the shipped rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/part.h"
#include "decide_kit.h"

enum { AT_ONCE = 24, PRINT = 6 };

enum standing { FREE, QUEUED, REVIEWING, RETURNED, ISSUED, REFUSED };

struct model {
    enum standing standing;
    int number, holder; /* of HOLDERS */
    uint64_t place;     /* the record that put it in the queue first; 0: none did */
    int taker;          /* of OFFICERS */
    int64_t copies, printed;
};

static const struct {
    const char *party, *code;
} holders[] = { { "HAIJIA", "3702986001" }, { "LANYUN", "3702986002" } };
static const char *const officers[] = { "CUSTOMS", "YANTAI" };

struct histories {
    struct deciding *deciding;
    struct model models[AT_ONCE];
    uint64_t seed;
    int begun;
    size_t issued, lapsed, mended;
};

static uint64_t some(struct histories *h, uint64_t below) {
    return deciding_random(&h->seed, below);
}

static bool send(struct histories *h, const char *party, const char *family, const char *lines) {
    return deciding_send(h->deciding, h->deciding->edition, party, family, lines);
}

static bool answered(const struct histories *h, const char *code) {
    return strcmp(h->deciding->decision.answer_code, code) == 0;
}

static const char *detail(const struct histories *h, const char *name) {
    const struct decision *decision = &h->deciding->decision;
    for (size_t i = 0; i < decision->details_count; i++) {
        if (strcmp(decision->details[i].name, name) == 0) {
            return arena_copy(h->deciding->arena, decision->details[i].value);
        }
    }
    return "";
}

static const char *key_of(struct histories *h, const struct model *model) {
    return arena_printf(h->deciding->arena, "%s/A%d", holders[model->holder].code, model->number);
}

/* Half of them are plain; the others name no declaration of their sender's, which an officer looks at. As the
 * declaration is never known here, plain ones are decided without rules: nothing warns. */
static void apply_for(struct histories *h, struct model *model) {
    struct deciding *deciding = h->deciding;
    bool plain = model->standing == FREE && some(h, 2);
    if (model->standing == FREE) {
        *model = (struct model){ .number = h->begun++,
                                 .holder = (int)some(h, 2),
                                 .copies = 1 + (int64_t)some(h, 3) };
    }
    bool may = model->standing == FREE || model->standing == RETURNED;
    h->mended += model->standing == RETURNED;
    const char *lines = arena_printf(
        deciding->arena,
        "applicant_code=%s\norigin_application=A%d\ncertificate_number=C%06d\nissuing_office=4218\n"
        "agreement=Y22\nprint_copies=%d\n",
        holders[model->holder].code, model->number, model->number, (int)model->copies);
    bool done = deciding_send(deciding, plain ? &deciding->bare : deciding->edition,
                              holders[model->holder].party, "origin-application", lines);
    assert_int_equal(done, may);
    if (done && plain) {
        assert_true(answered(h, "ORIGIN-ISSUED"));
        model->standing = ISSUED;
    } else if (done) {
        assert_true(answered(h, "ORIGIN-QUEUED"));
        model->standing = QUEUED;
        model->place = model->place ? model->place : deciding->number;
    }
}

static struct model *first_of_queue(struct histories *h) {
    struct model *first = NULL;
    for (int i = 0; i < AT_ONCE; i++) {
        struct model *model = &h->models[i];
        if (model->standing == QUEUED && (!first || model->place < first->place)) {
            first = model;
        }
    }
    return first;
}

static void take(struct histories *h, int officer) {
    struct model *first = first_of_queue(h);
    size_t taken = 0;
    for (int i = 0; i < AT_ONCE; i++) {
        taken += h->models[i].standing == REVIEWING && h->models[i].taker == officer;
    }
    bool done = send(h, officers[officer], "origin-review", "review_action=TAKE\n");
    assert_int_equal(done, taken < 20);
    if (done && first) {
        assert_string_equal(detail(h, "application"), arena_printf(h->deciding->arena, "A%d", first->number));
        first->standing = REVIEWING;
        first->taker = officer;
    } else if (done) {
        assert_true(answered(h, "ORIGIN-NONE"));
    }
}

static void decide(struct histories *h, struct model *model, int officer) {
    static const struct {
        const char *action;
        enum standing to;
    } actions[] = { { "APPROVE", ISSUED }, { "RETURN", RETURNED }, { "REFUSE", REFUSED } };
    size_t which = some(h, 3);
    bool may = model->standing == REVIEWING && model->taker == officer;
    bool done = send(h, officers[officer], "origin-review",
                     arena_printf(h->deciding->arena,
                                  "review_action=%s\napplicant_code=%s\norigin_application=A%d\nreason=R\n",
                                  actions[which].action, holders[model->holder].code, model->number));
    assert_int_equal(done, may);
    if (done) {
        model->standing = actions[which].to;
        h->issued += model->standing == ISSUED;
    }
}

/* The timer of what is under review is due, or one that was cleared comes late. */
static void lapse(struct histories *h, struct model *model) {
    bool back = deciding_tick(h->deciding, "certificates", key_of(h, model), "LAPSE");
    assert_int_equal(back, model->standing == REVIEWING);
    if (back) {
        model->standing = QUEUED;
        h->lapsed++;
    }
}

static const char *token_of(struct histories *h, const struct model *model) {
    enum status status;
    struct store_query *query = store_query(state_store(h->deciding->state),
                                            "SELECT token, printed, copies FROM certificates WHERE key = ?");
    store_bind_string(query, 1, key_of(h, model));
    if (!store_step(query, &status)) {
        return "none";
    }
    const char *token = arena_copy(h->deciding->arena, store_text(query, 0));
    assert_int_equal(store_int(query, 1), model->printed);
    assert_true(store_int(query, 1) <= store_int(query, 2));
    store_reset(query);
    return token;
}

/* By the right token or the one of another, by its holder or by somebody who got hold of it. */
static void print(struct histories *h, struct model *model) {
    int holder = (int)some(h, 4) ? model->holder : (int)some(h, 2);
    const struct model *other = &h->models[some(h, AT_ONCE)], *of = (int)some(h, 4) ? model : other;
    int64_t copies = (int64_t)some(h, 4);
    const char *lines = arena_printf(
        h->deciding->arena, "applicant_code=%s\ncertificate_number=C%06d\nprint_token=%s\nprint_copies=%d\n",
        holders[holder].code, model->number, token_of(h, of), (int)copies);
    bool may = model->standing == ISSUED && holder == model->holder && of == model && copies >= 1
               && model->printed + copies <= model->copies;
    assert_int_equal(send(h, holders[holder].party, "origin-print", lines), may);
    model->printed += may ? copies : 0;
}

static void step(struct histories *h) {
    struct model *model = &h->models[some(h, AT_ONCE)];
    if (model->standing == FREE) {
        apply_for(h, model);
        return;
    }
    bool settled = model->standing == ISSUED || model->standing == REFUSED;
    switch (settled && some(h, 4) ? PRINT : some(h, PRINT + 1)) {
    case 0: apply_for(h, model); break;
    case 1:
    case 2: take(h, (int)some(h, 2)); break;
    case 3:
    case 4: decide(h, model, (int)some(h, 2)); break;
    case 5: lapse(h, model); break;
    case PRINT: print(h, model);
    }
    bool over = model->standing == REFUSED || (model->standing == ISSUED && model->printed == model->copies);
    if (over && some(h, 4)) { /* the others are tried to do what is not possible any more */
        model->standing = FREE;
    }
}

static void first_come_first_served_and_no_copy_too_many(void **state) {
    struct histories *h = calloc(1, sizeof(*h));
    (void)state;
    h->deciding = deciding_open(SOURCE_DIR "/tests/scenario/parties.yaml");
    h->seed = 20261012;
    int steps = 0;
    for (; h->begun < HISTORIES; steps++) {
        step(h);
    }
    assert_in_range(steps, HISTORIES, 100 * HISTORIES);
    assert_true(h->issued > HISTORIES / 10 && h->lapsed > HISTORIES / 10 && h->mended > HISTORIES / 10);
    deciding_close(h->deciding);
    free(h);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(first_come_first_served_and_no_copy_too_many) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
