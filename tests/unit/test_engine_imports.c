/*
 * test_engine_imports.c - imported parcels under ten thousand random histories: orders, payments, waybills
 * and lists are told, changed and deleted in any order, customs answers, and again. Where a list stands is
 * what a model says, which knows no database: it looks at all papers as they are now, whatever came first.
 *
 * case 816: a matched list that was changed so that it differs was matched again by what it had said before,
 * as its papers were heard to be free.
 *
 * case 654: a message that made more than 64 lists match had more destinations than a decision may have, and
 * was refused as a whole. It is done now, and what there is no room for follows by decisions of its own.
 *
 * Half of the parcels are decided by the rules as they are shipped, half by an edition without any.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "decide_kit.h"

enum { AT_ONCE = 32, STEPS_MAX = 16, PAYMENTS = 2 };

enum paper_state { NONE, TOLD, USED };
enum list_state { NO_LIST, LACKING, DIFFERING, MATCHED, LODGED, RELEASED, REFUSED, DELETED };

static const char *const names[] = { "",       "lacking",  "differing", "matched",
                                     "lodged", "released", "refused",   "deleted" };

/* Papers differ in one figure each, of which 0 is right. */
struct paper {
    enum paper_state state;
    int wrong;
    uint64_t told; /* the record that told it last */
};

struct model {
    int number;
    bool bare;
    int steps, done;
    struct paper order, waybill, payments[PAYMENTS];
    enum list_state list;
    int list_wrong, matched;
    int64_t cents;
};

static const struct edition *edition_for(const struct deciding *deciding, const struct model *parcel) {
    return parcel->bare ? &deciding->bare : deciding->edition;
}

/* --- the model ------------------------------------------------------------------------------------------ */

static bool list_stands(const struct model *parcel) {
    return parcel->list != NO_LIST && parcel->list < REFUSED;
}

static void judge(struct model *parcel) {
    if (parcel->list != LACKING && parcel->list != DIFFERING) {
        return;
    }
    int paid = -1;
    for (int i = 0; i < PAYMENTS; i++) {
        bool right = parcel->payments[i].state == TOLD && !parcel->payments[i].wrong;
        bool earlier = paid < 0 || parcel->payments[i].told < parcel->payments[paid].told;
        paid = right && earlier ? i : paid;
    }
    bool told = parcel->payments[0].state || parcel->payments[1].state;
    if (!parcel->order.state || !parcel->waybill.state || !told) {
        parcel->list = LACKING;
    } else if (parcel->order.wrong || parcel->waybill.wrong || parcel->list_wrong || paid < 0) {
        parcel->list = DIFFERING;
    } else {
        parcel->list = MATCHED;
        parcel->order.state = parcel->waybill.state = parcel->payments[paid].state = USED;
        parcel->matched++;
    }
}

static void free_papers(struct model *parcel) {
    struct paper *papers[] = { &parcel->order, &parcel->waybill, &parcel->payments[0], &parcel->payments[1] };
    for (size_t i = 0; i < sizeof(papers) / sizeof(*papers); i++) {
        papers[i]->state = papers[i]->state == USED ? TOLD : papers[i]->state;
    }
}

/* --- what is sent --------------------------------------------------------------------------------------- */

static const int actions[] = { 1, 1, 1, 1, 1, 1, 2, 3 }; /* new mostly, changed, deleted */

/* Whether it may be done; then it is. */
static bool tell(struct paper *paper, int action, int wrong, uint64_t record) {
    bool may = action == 1 ? paper->state == NONE : paper->state == TOLD;
    if (may) {
        *paper = (struct paper){ action == 3 ? NONE : TOLD, action == 3 ? 0 : wrong, record };
    }
    return may;
}

static void tell_paper(struct deciding *deciding, struct model *parcel, uint64_t *seed) {
    int action = actions[deciding_random(seed, 8)], which = (int)deciding_random(seed, 4);
    int wrong = deciding_random(seed, 8) == 0, number = parcel->number;
    const char *family = "ec-import-payment", *lines;
    struct paper *paper = &parcel->payments[which % PAYMENTS];
    const char *party = "BANK";
    if (which == 2) {
        family = "ec-import-order", party = "HAIJIA", paper = &parcel->order;
        lines = arena_printf(
            deciding->arena,
            "parcel.action@0=%d\nparcel.platform_code@0=P\nparcel.shop_code@0=3702986001\nparcel.order_no@0=O%d\n"
            "parcel.goods_value@0=%d\nparcel.paid@0=223.2\nparcel.currency@0=142\nparcel.buyer_id@0=B%d\n"
            "item.parcel@0=1\nitem.total@0=%d\nitem.quantity@0=1\nitem.currency@0=142\n",
            action, number, 200 + wrong, number, 200 + wrong);
    } else if (which == 3) {
        family = "ec-import-waybill", party = "CARRIER", paper = &parcel->waybill;
        lines = arena_printf(deciding->arena,
                             "parcel.action@0=%d\nparcel.carrier_code@0=C\nparcel.waybill_no@0=W%d\n"
                             "parcel.order_no@0=O%d%s\n",
                             action, number, number, wrong ? "X" : "");
    } else {
        lines = arena_printf(deciding->arena,
                             "parcel.action@0=%d\nparcel.payer_code@0=I\nparcel.payment_no@0=%d-%d\n"
                             "parcel.platform_code@0=P\nparcel.order_no@0=O%d\nparcel.paid@0=%s\n"
                             "parcel.currency@0=142\nparcel.buyer_id@0=B%d\n",
                             action, number, which, number, wrong ? "200" : "223.2", number);
    }
    bool done = deciding_send(deciding, edition_for(deciding, parcel), party, family, lines);
    bool may = tell(paper, action, wrong, deciding->number);
    assert_int_equal(done, may);
    parcel->done += done;
    judge(parcel);
}

static void declare(struct deciding *deciding, struct model *parcel, uint64_t *seed) {
    int action = actions[deciding_random(seed, 8)], wrong = deciding_random(seed, 8) == 0;
    int total = wrong ? 199 : 200;
    const char *lines = arena_printf(
        deciding->arena,
        "parcel.action@0=%d\nparcel.platform_code@0=P\nparcel.shop_code@0=3702986001\nparcel.order_no@0=O%d\n"
        "parcel.carrier_code@0=C\nparcel.waybill_no@0=W%d\nparcel.own_no@0=L%d\nparcel.office@0=4218\n"
        "parcel.mode@0=9610\nparcel.freight@0=10\nparcel.insurance@0=0\nparcel.buyer_id@0=B%d\n"
        "item.parcel@0=1\nitem.number@0=1\nitem.total@0=%d\nitem.quantity@0=1\nitem.currency@0=142\n",
        action, parcel->number, parcel->number, parcel->number, parcel->number, total);
    bool done = deciding_send(deciding, edition_for(deciding, parcel), "HAIJIA", "ec-import-list", lines);
    bool may = action == 1 ? !list_stands(parcel) : list_stands(parcel) && parcel->list <= MATCHED;
    assert_int_equal(done, may);
    if (!may) {
        return;
    }
    parcel->done++;
    if (parcel->list == MATCHED) {
        free_papers(parcel);
    }
    parcel->list = action == 3 ? DELETED : LACKING;
    parcel->cents = action == 3 ? 0 : (total + 10) * 100;
    parcel->list_wrong = wrong;
    judge(parcel);
}

static void answer(struct deciding *deciding, struct model *parcel, uint64_t *seed) {
    static const struct {
        const char *status;
        enum list_state state;
    } statuses[] = { { "120", LODGED }, { "800", RELEASED }, { "100", REFUSED } };
    int of = (int)deciding_random(seed, 3);
    char at[STAMP_TEXT_MAX];
    const char *lines =
        arena_printf(deciding->arena,
                     "parcel.own_no@0=L%d\nparcel.shop_code@0=3702986001\nparcel.receipt@0=%s\n"
                     "parcel.notice_time@0=%s\n",
                     parcel->number, statuses[of].status, stamp_print(deciding->now + STAMP_SECOND, at));
    deciding_send(deciding, edition_for(deciding, parcel), "CUSTOMS", "ec-import-list-receipt", lines);
    if (!list_stands(parcel) || (parcel->list == RELEASED && statuses[of].state == REFUSED)) {
        return;
    }
    if (statuses[of].state == REFUSED) {
        if (parcel->list >= MATCHED) {
            free_papers(parcel);
        }
        parcel->cents = 0;
    }
    parcel->list = statuses[of].state > parcel->list ? statuses[of].state : parcel->list;
}

/* --- what must hold ------------------------------------------------------------------------------------- */

static void text_is_there(struct deciding *deciding, const char *sql, const char *key, const char *wanted) {
    enum status status;
    struct store_query *query = store_query(state_store(deciding->state), sql);
    store_bind_string(query, 1, key);
    bool found = store_step(query, &status);
    assert_string_equal(found ? arena_copy(deciding->arena, store_text(query, 0)) : "", wanted);
    store_reset(query);
}

static void paper_is(struct deciding *deciding, const char *key, const struct paper *paper) {
    text_is_there(deciding, "SELECT state FROM papers WHERE key = ? AND state <> 'deleted'", key,
                  paper->state == NONE   ? ""
                  : paper->state == TOLD ? "told"
                                         : "used");
}

static void stands_as_the_model_says(struct deciding *deciding, const struct model *parcel) {
    struct arena *arena = deciding->arena;
    char hex[DIGEST_HEX_MAX];
    const char *buyer = arena_printf(arena, "B%d", parcel->number);
    struct digest person = digest_of(buyer, strlen(buyer));
    text_is_there(deciding, "SELECT state FROM imports WHERE key = ?",
                  arena_printf(arena, "3702986001/P/O%d", parcel->number), names[parcel->list]);
    paper_is(deciding, arena_printf(arena, "import-order/P/O%d", parcel->number), &parcel->order);
    paper_is(deciding, arena_printf(arena, "import-waybill/C/W%d", parcel->number), &parcel->waybill);
    for (int i = 0; i < PAYMENTS; i++) {
        paper_is(deciding, arena_printf(arena, "import-payment/I/%d-%d", parcel->number, i),
                 &parcel->payments[i]);
    }
    /* a buyer has what stands, and no more */
    text_is_there(deciding, "SELECT CAST(cents AS TEXT) FROM import_buyers WHERE person = ? AND cents <> 0",
                  digest_hex(&person, hex),
                  parcel->cents ? arena_printf(arena, "%d", (int)parcel->cents) : "");
}

static struct model begun(int number, uint64_t *seed) {
    return (struct model){ .number = number,
                           .bare = deciding_random(seed, 2),
                           .steps = 1 + (int)deciding_random(seed, STEPS_MAX) };
}

static void a_list_matches_its_papers_in_any_order(void **state) {
    struct deciding *deciding = deciding_open(SOURCE_DIR "/tests/scenario/parties.yaml");
    struct model parcels[AT_ONCE];
    uint64_t seed = 20261012;
    int number = 0, over = 0, done = 0, matched = 0;
    (void)state;
    for (; number < AT_ONCE; number++) {
        parcels[number] = begun(number, &seed);
    }
    while (over < HISTORIES) {
        struct model *parcel = &parcels[deciding_random(&seed, AT_ONCE)];
        if (parcel->steps-- > 0) {
            uint64_t what = deciding_random(&seed, 8);
            if (what < 5) {
                tell_paper(deciding, parcel, &seed);
            } else if (what < 7) {
                declare(deciding, parcel, &seed);
            } else {
                answer(deciding, parcel, &seed);
            }
            stands_as_the_model_says(deciding, parcel);
            continue;
        }
        done += parcel->done;
        matched += parcel->matched;
        over++;
        *parcel = begun(number++, &seed);
    }
    assert_in_range(done, HISTORIES, 100 * HISTORIES); /* the histories tell something */
    assert_in_range(matched, HISTORIES / 10, 100 * HISTORIES);
    deciding_close(deciding);
}

/* --- many at once --------------------------------------------------------------------------------------- */

enum { LISTS = 100 }; /* of one message: the schema has no more */

static const char three_customs[] =
    "parties:\n"
    "  - { code: HAIJIA, name: { zh: 甲, en: A }, roles: [declarant], declares: [\"3702986001\"] }\n"
    "  - { code: CARRIER, name: { zh: 乙, en: B }, roles: [carrier] }\n"
    "  - { code: BANK, name: { zh: 丙, en: C }, roles: [bank] }\n"
    "  - { code: CUSTOMS-1, name: { zh: 一, en: One }, roles: [customs], serves: [\"4218\"] }\n"
    "  - { code: CUSTOMS-2, name: { zh: 二, en: Two }, roles: [customs], serves: [\"4218\"] }\n"
    "  - { code: CUSTOMS-3, name: { zh: 三, en: Three }, roles: [customs], serves: [\"4218\"] }\n";

static const char import_order[] =
    "parcel.action@%d=1\nparcel.platform_code@%d=P\nparcel.shop_code@%d=3702986001\nparcel.order_no@%d=O%d\n"
    "parcel.goods_value@%d=200\nparcel.paid@%d=223.2\nparcel.currency@%d=142\nparcel.buyer_id@%d=B%d\n";
static const char import_payment[] =
    "parcel.action@%d=1\nparcel.payer_code@%d=I\nparcel.payment_no@%d=P%d\nparcel.platform_code@%d=P\n"
    "parcel.order_no@%d=O%d\nparcel.paid@%d=223.2\nparcel.currency@%d=142\nparcel.buyer_id@%d=B%d\n";
static const char import_waybill[] =
    "parcel.action@%d=1\nparcel.carrier_code@%d=C\nparcel.waybill_no@%d=W%d\n"
    "parcel.order_no@%d=O%d\n";
static const char import_list[] =
    "parcel.action@%d=1\nparcel.platform_code@%d=P\nparcel.shop_code@%d=3702986001\nparcel.order_no@%d=O%d\n"
    "parcel.carrier_code@%d=C\nparcel.waybill_no@%d=W%d\nparcel.own_no@%d=L%d\nparcel.office@%d=4218\n"
    "parcel.mode@%d=9610\nparcel.freight@%d=10\nparcel.insurance@%d=0\nparcel.buyer_id@%d=B%d\n"
    "item.parcel@%d=ROW\nitem.number@%d=1\nitem.total@%d=200\nitem.quantity@%d=1\nitem.currency@%d=142\n";
static const char order[] = "parcel.action@%d=1\nparcel.shop_code@%d=3702986001\nparcel.order_no@%d=O%d\n"
                            "parcel.goods_value@%d=200\nparcel.currency@%d=142\nparcel.order_type@%d=I\n";
static const char payment[] = "parcel.action@%d=1\nparcel.shop_code@%d=3702986001\nparcel.order_no@%d=O%d\n"
                              "parcel.paid@%d=200\nparcel.currency@%d=142\n";
static const char waybill[] = "parcel.action@%d=1\nparcel.carrier_code@%d=C\nparcel.waybill_no@%d=W%d\n";
static const char list[] =
    "parcel.action@%d=1\nparcel.shop_code@%d=3702986001\nparcel.order_no@%d=O%d\nparcel.carrier_code@%d=C\n"
    "parcel.waybill_no@%d=W%d\nparcel.office@%d=4218\nparcel.mode@%d=9610\n"
    "item.parcel@%d=ROW\nitem.number@%d=1\nitem.total@%d=200\nitem.quantity@%d=1\nitem.currency@%d=142\n";

/* As lines of fields: a %d behind an @ is the place of the row in its message, and so is ROW, counted from 1;
 * any other is the number of the row. */
static void add_row(struct buf *all, const char *lines, int place, int number) {
    for (const char *at = lines; *at;) {
        if (strncmp(at, "%d", 2) == 0) {
            buf_printf(all, "%d", at[-1] == '@' ? place : number);
            at += 2;
        } else if (strncmp(at, "ROW", 3) == 0) {
            buf_printf(all, "%d", place + 1);
            at += 3;
        } else {
            buf_add_char(all, *at++);
        }
    }
}

static void send_rows(struct deciding *deciding, const char *party, const char *family, const char *lines,
                      int first, int count) {
    struct buf all;
    buf_init(&all, 1 << 20);
    for (int place = 0; place < count; place++) {
        add_row(&all, lines, place, first + place);
    }
    buf_add_char(&all, '\0');
    assert_true(deciding_send(deciding, &deciding->bare, party, family, buf_text(&all).at));
    buf_release(&all);
}

/* In one message, or in as many. */
static void send_all(struct deciding *deciding, const char *party, const char *family, const char *lines) {
    send_rows(deciding, party, family, lines, 0, LISTS);
}

static void send_each(struct deciding *deciding, const char *party, const char *family, const char *lines) {
    for (int row = 0; row < LISTS; row++) {
        send_rows(deciding, party, family, lines, row, 1);
    }
}

static int64_t count_of(struct deciding *deciding, const char *sql) {
    enum status status;
    struct store_query *query = store_query(state_store(deciding->state), sql);
    int64_t count = store_step(query, &status) ? store_int(query, 0) : -1;
    store_reset(query);
    return count;
}

/* Each timer of the part that stands is due. */
static int tick_all(struct deciding *deciding, const char *part) {
    int ticks = 0;
    for (bool more = true; more; ticks += more) {
        enum status status;
        struct store_query *query = store_query(state_store(deciding->state),
                                                "SELECT key FROM timers WHERE part = ? ORDER BY key LIMIT 1");
        store_bind_string(query, 1, part);
        more = store_step(query, &status);
        const char *key = more ? arena_copy(deciding->arena, store_text(query, 0)) : "";
        store_reset(query);
        if (more) {
            deciding_tick(deciding, part, key, "tell");
            assert_int_equal(deciding->decision.result, RESULT_DONE);
            assert_string_equal(deciding->decision.answer_code, "LIST-MATCHED");
            assert_non_null(decision_destination(&deciding->decision, 0, "HAIJIA", 0));
        }
    }
    return ticks;
}

static void as_many_lists_match_as_one_message_has(void **state) {
    char parties[] = "/tmp/clearway-parties-XXXXXX";
    int file = mkstemp(parties);
    FILE *out = fdopen(file, "w");
    (void)state;
    assert_true(out && fputs(three_customs, out) >= 0 && fclose(out) == 0);
    struct deciding *deciding = deciding_open(parties);
    unlink(parties);

    /* by their own list: three parties of customs get 301 records each, of which there is room for half */
    send_each(deciding, "HAIJIA", "ec-import-order", import_order);
    send_each(deciding, "BANK", "ec-import-payment", import_payment);
    send_each(deciding, "CARRIER", "ec-import-waybill", import_waybill);
    send_all(deciding, "HAIJIA", "ec-import-list", import_list);
    assert_string_equal(deciding->decision.answer_code, "LISTS-MATCHED");
    assert_in_range(count_of(deciding, "SELECT count(*) FROM imports WHERE state = 'matched'"), 10,
                    LISTS - 1);
    assert_in_range(tick_all(deciding, "imports"), 1, LISTS - 10);
    assert_int_equal(count_of(deciding, "SELECT count(*) FROM imports WHERE state = 'matched'"), LISTS);
    assert_int_equal(count_of(deciding, "SELECT count(*) FROM papers WHERE state = 'used'"), 3 * LISTS);

    /* by a paper of the others: each is told, once it matches */
    send_all(deciding, "HAIJIA", "ec-list", list);
    assert_string_equal(deciding->decision.answer_code, "LISTS-LACK-PAPERS");
    send_each(deciding, "HAIJIA", "ec-order", order);
    send_each(deciding, "HAIJIA", "ec-payment", payment);
    assert_int_equal(count_of(deciding, "SELECT count(*) FROM timers"), 0);
    send_all(deciding, "CARRIER", "ec-waybill", waybill);
    assert_in_range(count_of(deciding, "SELECT count(*) FROM parcels WHERE state = 'matched'"), 10,
                    LISTS - 1);
    assert_int_equal(tick_all(deciding, "parcels"), LISTS);
    assert_int_equal(count_of(deciding, "SELECT count(*) FROM parcels WHERE state = 'matched'"), LISTS);
    deciding_close(deciding);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_matches_its_papers_in_any_order),
        cmocka_unit_test(as_many_lists_match_as_one_message_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
