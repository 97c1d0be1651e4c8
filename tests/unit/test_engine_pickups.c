/*
 * test_engine_pickups.c - pick-up tokens 电子化提箱 under ten thousand random histories: whatever is asked
 * for and shown at a gate, in whatever order, a container leaves once at most, by the token granted last
 * to who used it, of that container and that truck, before its end; and a token verifies by the public key
 * of the edition alone.
 *
 * What should be is said by a model of one container; the engine decides half of them by the shipped
 * rules, half without any.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/public_key.h"
#include "engine/pick_up_token.h"
#include "decide_kit.h"

enum { AT_ONCE = 16, TOGETHER = 16, STEPS_MAX = 8, TOKENS_MAX = 8, TRUCKS = 3 };

struct token {
    const char *text;
    int truck;
    stamp until;
};

struct model {
    int number;
    bool bare; /* decided without rules */
    bool gone;
    int steps; /* that are still to come */
    struct token tokens[TOKENS_MAX];
    int granted; /* the last of them may be used */
    int used;    /* how often a gate was opened */
};

struct histories {
    struct deciding *deciding;
    struct model models[AT_ONCE];
    uint64_t seed;
    int begun;
    size_t picked_up, refused;
};

static uint64_t some(struct histories *h, uint64_t below) {
    return deciding_random(&h->seed, below);
}

static const struct edition *edition_for(const struct histories *h, const struct model *model) {
    return model->bare ? &h->deciding->bare : h->deciding->edition;
}

static const char *container_of(const struct histories *h, const struct model *model) {
    return arena_printf(h->deciding->arena, "QDHU%07d", model->number);
}

/* Declared and released by customs, each together with others. */
static void declare(struct histories *h, int lot) {
    struct deciding *deciding = h->deciding;
    const char *containers = "";
    for (int i = 0; i < TOGETHER; i++) {
        containers = arena_printf(deciding->arena, "%scontainer.number@%d=QDHU%07d\n", containers, i,
                                  lot * TOGETHER + i);
    }
    const char *lines = arena_printf(
        deciding->arena, "bill_number=COSU%07d\ncustoms_office=4218\nport_customs=4218\nie_flag=I\n%s", lot,
        containers);
    assert_true(deciding_send(deciding, &deciding->bare, "HAIJIA", "declaration", lines));
    const char *accepted = arena_printf(deciding->arena, "answers_id=M-%llu\nresponse_code=0\nseq_no=I%07d\n",
                                        (unsigned long long)deciding->number, lot);
    assert_true(deciding_send(deciding, &deciding->bare, "CUSTOMS", "customs-response", accepted));
    const char *released = arena_printf(
        deciding->arena, "seq_no=I%07d\nentry_number=4218202600%08d\ncustoms_channel=P\n", lot, lot);
    assert_true(deciding_send(deciding, &deciding->bare, "CUSTOMS", "customs-response", released));
}

static void begin(struct histories *h, struct model *model) {
    *model = (struct model){ .number = h->begun++, .bare = some(h, 2), .steps = 1 + (int)some(h, STEPS_MAX) };
    if (model->number % TOGETHER == 0) {
        declare(h, model->number / TOGETHER);
    }
}

static const char *granted_token(struct histories *h, const char *key, struct token *out) {
    struct deciding *deciding = h->deciding;
    enum status status;
    struct store_query *query = store_query(
        state_store(deciding->state),
        "SELECT subject, container, truck, released, until, record, digest FROM pickups WHERE key = ?");
    store_bind_string(query, 1, key);
    assert_true(store_step(query, &status));
    const char *texts[3];
    for (int i = 0; i < 3; i++) {
        texts[i] = arena_copy(deciding->arena, store_text(query, i));
    }
    const struct pick_up pick_up = {
        texts[0], texts[1], texts[2], store_int(query, 3), store_int(query, 4), (uint64_t)store_int(query, 5)
    };
    const char *digest = arena_copy(deciding->arena, store_text(query, 6));
    store_reset(query);
    out->until = pick_up.until;
    out->text = pick_up_token(deciding->edition, &pick_up, deciding->arena);
    assert_string_equal(pick_up_digest(out->text, deciding->arena), digest);
    return out->text;
}

static void ask(struct histories *h, struct model *model) {
    struct deciding *deciding = h->deciding;
    int truck = (int)some(h, TRUCKS);
    bool another = some(h, 8) == 0; /* who does not hold the goods */
    if (model->granted == TOKENS_MAX) {
        return;
    }
    const char *id = arena_printf(deciding->arena, "T%d-%d", model->number, model->granted);
    const char *lines = arena_printf(deciding->arena,
                                     "port_code=CNQDG\npick_up_id=%s\nbill_number=COSU%07d\n"
                                     "container.number@0=%s\ntruck_id=TRUCK-%d\n",
                                     id, model->number / TOGETHER, container_of(h, model), truck);
    bool done = deciding_send(deciding, edition_for(h, model), another ? "LANYUN" : "HAIJIA",
                              "pick-up-request", lines);
    assert_int_equal(done, !another && !model->gone);
    if (done) {
        struct token *token = &model->tokens[model->granted++];
        token->truck = truck;
        granted_token(h, arena_printf(deciding->arena, "HAIJIA/%s", id), token);
    }
}

/* A token of this container or of another, with the right truck or a wrong one, at one of two gates. */
static void show(struct histories *h, struct model *model) {
    struct deciding *deciding = h->deciding;
    const struct model *of = some(h, 4) ? model : &h->models[some(h, AT_ONCE)];
    int which = of->granted ? (int)some(h, (uint64_t)of->granted) : 0;
    which = of->granted && some(h, 2) ? of->granted - 1 : which;
    const struct token *token = &of->tokens[which];
    int truck = of->granted && some(h, 4) ? token->truck : (int)some(h, TRUCKS);
    const char *lines = arena_printf(deciding->arena,
                                     "port_code=CNQDG\npick_up_token=%s\ncontainer.number@0=%s\n"
                                     "truck_id=TRUCK-%d\n",
                                     of->granted ? token->text : "eyJ9.AAAA", container_of(h, model), truck);
    stamp now = deciding->now + STAMP_SECOND;
    bool may = of == model && model->granted && which == model->granted - 1 && truck == token->truck
               && !model->gone && now < token->until;
    bool done =
        deciding_send(deciding, edition_for(h, model), some(h, 2) ? "QQCT" : "YARD", "pick-up", lines);
    assert_int_equal(done, may);
    model->used += done;
    model->gone = model->gone || done;
    assert_true(model->used <= 1);
    h->picked_up += done;
    h->refused += !done;
}

static void a_container_leaves_once(void **state) {
    struct histories *h = calloc(1, sizeof(*h));
    (void)state;
    h->deciding = deciding_open(SOURCE_DIR "/tests/scenario/parties.yaml");
    h->seed = 20261012;
    for (int i = 0; i < AT_ONCE; i++) {
        begin(h, &h->models[i]);
    }
    while (h->begun < HISTORIES) {
        struct model *model = &h->models[some(h, AT_ONCE)];
        if (model->steps-- == 0) {
            begin(h, model);
        }
        switch (some(h, 8)) {
        case 0:
        case 1:
        case 2: ask(h, model); break;
        case 3: h->deciding->now += (stamp)some(h, 10) * 3600 * STAMP_SECOND; break;
        default: show(h, model);
        }
    }
    assert_true(h->picked_up > HISTORIES / 10 && h->refused > HISTORIES / 10);
    deciding_close(h->deciding);
    free(h);
}

static void a_token_verifies_by_the_public_key_alone(void **state) {
    struct deciding *deciding = deciding_open(SOURCE_DIR "/tests/scenario/parties.yaml");
    const struct edition_text *text = edition_text(deciding->edition, PICK_UP_KEY);
    const struct pick_up pick_up = {
        "CNQDG/COSU1", "QDHU4001236", "T", deciding->now, deciding->now + 1, 42
    };
    unsigned char public_key[ED25519_KEY_SIZE], signature[ED25519_SIGNATURE_SIZE];
    char payload[1024];
    size_t length = 0;
    (void)state;
    assert_non_null(text);
    assert_true(base64_read(text_trim(text->bytes), public_key, sizeof(public_key), &length));
    struct text token = text_of(pick_up_token(deciding->edition, &pick_up, deciding->arena));
    struct text first = text_until(&token, '.');
    assert_true(base64_read(token, signature, sizeof(signature), &length));
    assert_int_equal(length, ED25519_SIGNATURE_SIZE);
    assert_true(base64_read(first, payload, sizeof(payload), &length));
    struct text bytes = { payload, length }, signed_by = { (const char *)signature, sizeof(signature) };
    assert_true(ed25519_verify(public_key, bytes, signed_by));
    payload[length - 3]++; /* of the number */
    assert_false(ed25519_verify(public_key, bytes, signed_by));
    deciding_close(deciding);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_container_leaves_once),
                                        cmocka_unit_test(a_token_verifies_by_the_public_key_alone) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
