/* Who may see a message, and its bytes: its sender, who was sent it, the office; "not yours" is "not
   there". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/counters.h"
#include "engine/delivery.h"
#include "engine_room.h"
#include "view/messages.h"

struct fixture {
    struct engine_room *room;
    uint64_t declaration, list;
    struct text bytes;
};

static uint64_t send(struct engine_room *room, const char *party, struct text bytes) {
    struct judgement judgement;
    uint64_t number = room_send(room, party, bytes, &judgement);
    assert_true(verdict_passes(&judgement.verdict));
    return number;
}

/* A declaration of HAIJIA, sent to CUSTOMS and QQCT; a list of QQCT, kept for OFFICE. */
static int setup(void **state) {
    static struct fixture f;
    atomic_store(&room_wall, stamp_of_day(day_of(2026, 10, 12)) + 9 * 3600 * STAMP_SECOND);
    f.room = room_open(SOURCE_DIR "/schemas", SOURCE_DIR "/tests/scenario/parties.yaml");
    assert_int_equal(room_start(f.room), STATUS_OK);
    f.bytes = room_message(f.room, "cn-dec/import-general");
    f.declaration = send(f.room, "HAIJIA", f.bytes);
    struct text list = room_message(f.room, "charge-list/terminal");
    f.list = send(f.room, "QQCT", list);
    assert_true(room_settle(f.room));
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    room_close(f->room);
    return 0;
}

struct eyes {
    struct state *state;
    struct reader *reader;
};

static struct eyes open_eyes(struct fixture *f) {
    struct eyes eyes = { .reader = reader_new(f->room->journal) };
    assert_true(room_settle(f->room));
    assert_int_equal(state_open(f->room->directory, STORE_READ, &eyes.state), STATUS_OK);
    return eyes;
}

static void close_eyes(struct eyes eyes) {
    state_close(eyes.state);
    reader_free(eyes.reader);
}

static const struct party *party(struct fixture *f, const char *code) {
    const struct party *party = parties_find(f->room->edition->parties, text_of(code));
    assert_non_null(party);
    return party;
}

/* What the party sees of the record: "" nothing. */
static const char *seen(struct fixture *f, const char *code, uint64_t number) {
    struct eyes eyes = open_eyes(f);
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 1 << 20);
    json_start(&out, &buf);
    enum status status =
        messages_json(eyes.state, eyes.reader, code ? party(f, code) : NULL, number, f->room->arena, &out);
    assert_true(status == STATUS_OK || (status == STATUS_NOT_FOUND && buf.length == 0));
    const char *text = status != STATUS_OK ? "" : arena_copy(f->room->arena, buf_text(&buf));
    buf_release(&buf);
    close_eyes(eyes);
    return text;
}

/* The bytes the party gets of the record; at NULL: it is not there for it. */
static struct text content(struct fixture *f, const char *code, uint64_t number) {
    struct eyes eyes = open_eyes(f);
    struct text bytes = { NULL, 0 };
    enum status status =
        messages_content(eyes.state, eyes.reader, party(f, code), number, f->room->arena, &bytes);
    assert_true(status == STATUS_OK || (status == STATUS_NOT_FOUND && !bytes.at));
    close_eyes(eyes);
    return bytes;
}

static void a_message_is_seen_by_its_sender_its_receivers_and_the_office(void **state) {
    struct fixture *f = *state;
    const char *sender = seen(f, "HAIJIA", f->declaration), *receiver = seen(f, "CUSTOMS", f->declaration);
    assert_non_null(strstr(sender, "\"receipt\""));
    assert_non_null(strstr(sender, "\"deliveries\""));
    assert_null(strstr(sender, "QQCT")); /* that it was handed on, but not to whom */
    assert_non_null(strstr(receiver, "\"family\":\"declaration\""));
    assert_null(strstr(receiver, "receipt"));
    assert_null(strstr(receiver, "deliveries"));
    assert_non_null(strstr(seen(f, "OFFICE", f->declaration), "QQCT"));
    assert_non_null(strstr(seen(f, NULL, f->declaration), "QQCT"));
}

/* Set-up, decisions and numbers that never were: none of them is a message, for nobody. */
static void every_other_number_is_not_there(void **state) {
    struct fixture *f = *state;
    static const char *const parties[] = { "HAIJIA", "LANYUN", "CUSTOMS", "CARRIER", "YARD", "OFFICE" };
    uint64_t last = journal_durable(f->room->journal);
    for (size_t i = 0; i < sizeof(parties) / sizeof(*parties); i++) {
        for (uint64_t number = 0; number <= last + 2; number++) {
            bool message = number == f->declaration || number == f->list;
            if (!message) {
                assert_string_equal(seen(f, parties[i], number), "");
            }
        }
        assert_string_equal(seen(f, parties[i], UINT64_MAX), "");
        assert_null(content(f, parties[i], UINT64_MAX).at);
    }
    assert_string_equal(seen(f, "LANYUN", f->declaration), "");
    assert_string_equal(seen(f, "CARRIER", f->declaration), "");
    assert_string_equal(seen(f, "HAIJIA", f->list), "");
}

/* case 186: without a reader: the answer cannot have read, and its time cannot tell, what the record
   holds. */
static void what_is_not_ones_own_is_not_read(void **state) {
    struct fixture *f = *state;
    static const char *const strangers[] = { "LANYUN", "CARRIER", "YARD" };
    struct eyes eyes = open_eyes(f);
    struct buf buf;
    struct json_out out;
    struct text bytes;
    buf_init(&buf, 1 << 20);
    json_start(&out, &buf);
    for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++) {
        const struct party *stranger = party(f, strangers[i]);
        for (uint64_t number = 0; number <= f->declaration; number++) {
            assert_int_equal(messages_json(eyes.state, NULL, stranger, number, f->room->arena, &out),
                             STATUS_NOT_FOUND);
            assert_int_equal(messages_content(eyes.state, NULL, stranger, number, f->room->arena, &bytes),
                             STATUS_NOT_FOUND);
        }
    }
    assert_int_equal(buf.length, 0);
    buf_release(&buf);
    close_eyes(eyes);
}

static void bytes_are_for_who_sent_them_and_who_was_sent_them(void **state) {
    struct fixture *f = *state;
    static const char *const may[] = { "HAIJIA", "CUSTOMS", "QQCT" }, *const may_not[] = { "LANYUN",
                                                                                           "CARRIER", "YARD",
                                                                                           "OFFICE" };
    for (size_t i = 0; i < 3; i++) {
        assert_true(text_equal(content(f, may[i], f->declaration), f->bytes));
    }
    for (size_t i = 0; i < 4; i++) {
        assert_null(content(f, may_not[i], f->declaration).at);
    }
}

/* OFFICE has no transport: what is kept for it can be had. QQCT was sent the decision about its list. */
static void what_is_kept_can_be_fetched(void **state) {
    struct fixture *f = *state;
    struct text list = content(f, "OFFICE", f->list);
    assert_non_null(list.at);
    assert_non_null(memmem(list.at, list.length, "<ChargeList", 11));
    uint64_t decision = room_wait(f->room, f->list, 0)->number;
    struct text answer = content(f, "QQCT", decision);
    assert_non_null(answer.at);
    assert_non_null(memmem(answer.at, answer.length, "PUBLISHED", 9));
    assert_null(content(f, "OFFICE", decision).at);
    assert_null(content(f, "HAIJIA", decision).at);
}

/* Bug 53: who was not to be sent a message saw it nevertheless by its number. */
static void what_was_dropped_is_not_there(void **state) {
    struct fixture *f = *state;
    struct delivery_result result = { .record = f->declaration,
                                      .party = "QQCT",
                                      .outcome = DELIVERY_DROPPED,
                                      .reason = DELIVERY_REASON_OPERATOR,
                                      .words = "not for this terminal" };
    struct buf meta;
    buf_init(&meta, 1024);
    delivery_write(&result, &meta);
    struct record rec = { .kind = RECORD_DELIVERY, .meta = buf_text(&meta) };
    assert_string_not_equal(seen(f, "QQCT", f->declaration), "");
    assert_int_equal(journal_append(f->room->journal, &rec, true), STATUS_OK);
    buf_release(&meta);
    assert_string_equal(seen(f, "QQCT", f->declaration), "");
    assert_null(content(f, "QQCT", f->declaration).at);
}

static void change(struct fixture *f, const char *sql) {
    struct arena *arena = arena_new();
    struct store *store;
    assert_int_equal(store_open(file_join(arena, f->room->directory, "state.db"), STORE_WRITE, &store),
                     STATUS_OK);
    assert_int_equal(store_exec(store, sql), STATUS_OK);
    store_close(store);
    arena_free(arena);
}

/* Case 210: one row changed so that it names another party, or another's record or decision: that party sees
   nothing. */
static void a_changed_row_shows_nothing(void **state) {
    struct fixture *f = *state;
    int64_t found = counter_get(COUNTER_STATE_FINDINGS);
    change(f, "UPDATE deliveries SET party = 'LANYUN' WHERE party = 'CUSTOMS'");
    assert_string_equal(seen(f, "LANYUN", f->declaration), "");
    assert_null(content(f, "LANYUN", f->declaration).at);
    assert_int_equal(counter_get(COUNTER_STATE_FINDINGS), found + 2);
    change(f, "UPDATE deliveries SET party = 'CUSTOMS' WHERE party = 'LANYUN'");
    assert_non_null(content(f, "CUSTOMS", f->declaration).at);

    char sql[256];
    snprintf(sql, sizeof(sql), "UPDATE deliveries SET record = %d WHERE party = 'CUSTOMS'", (int)f->list);
    change(f, sql);
    assert_string_equal(seen(f, "CUSTOMS", f->list), "");
    assert_null(content(f, "CUSTOMS", f->list).at);

    found = counter_get(COUNTER_STATE_FINDINGS); /* the record itself says whose it is */
    change(f, "UPDATE messages SET party = 'LANYUN' WHERE party = 'HAIJIA'");
    assert_string_equal(seen(f, "LANYUN", f->declaration), "");
    assert_null(content(f, "LANYUN", f->declaration).at);
    assert_int_equal(counter_get(COUNTER_STATE_FINDINGS), found + 2);
    change(f, "UPDATE messages SET party = 'HAIJIA' WHERE party = 'LANYUN'");
    assert_non_null(strstr(seen(f, "HAIJIA", f->declaration), "\"receipt\""));

    found = counter_get(COUNTER_STATE_FINDINGS);
    change(f, "UPDATE messages SET decision = (SELECT max(m.decision) FROM messages m)");
    struct eyes eyes = open_eyes(f);
    struct buf buf;
    struct json_out out;
    buf_init(&buf, 1 << 20);
    json_start(&out, &buf);
    assert_int_equal(
        messages_json(eyes.state, eyes.reader, party(f, "HAIJIA"), f->declaration, f->room->arena, &out),
        STATUS_DAMAGED);
    assert_int_equal(counter_get(COUNTER_STATE_FINDINGS), found + 1);
    buf_release(&buf);
    close_eyes(eyes);
}

/* ?id= shows who holds the id, however many came before and behind; when nobody does, what came last. */
static void an_id_shows_its_holder_or_the_newest(void **state) {
    static const struct {
        const char *outcome, *result;
    } rows[] = {
        { "refused", "" },         /* 1: newest while alone */
        { "accepted", "refused" }, /* 2: newest */
        { "refused", "" },         /* 3: newest, none holds */
        { "accepted", "done" },    /* 4: holds */
        { "conflict", "" },        /* 5: 4 holds */
        { "refused", "" },         /* 6: 4 holds */
        { "accepted", "" },        /* 7: of another family, holds, not decided yet */
    };
    static const uint64_t shown[] = { 1, 2, 3, 4, 4, 4, 4 };
    struct fixture *f = *state;
    struct state *made;
    const char *directory = arena_printf(f->room->arena, "%s/ids", f->room->directory);
    assert_int_equal(file_make_directory(directory), STATUS_OK);
    assert_int_equal(state_open(directory, STORE_WRITE, &made), STATUS_OK);
    uint64_t number = 0;
    assert_int_equal(messages_find(made, TEXT("FWD"), TEXT(""), TEXT("X"), &number), STATUS_NOT_FOUND);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct store_query *query = store_query(
            state_store(made),
            "INSERT INTO messages(number, party, family, format, own_id, outcome, recorded, bytes, result)"
            " VALUES(?, 'FWD', ?, '', 'X', ?, 0, 0, ?)");
        store_bind_int(query, 1, (int64_t)i + 1);
        store_bind_string(query, 2, i == 6 ? "inspection-booking" : "declaration");
        store_bind_string(query, 3, rows[i].outcome);
        store_bind_string(query, 4, rows[i].result);
        assert_int_equal(store_run(query), STATUS_OK);
        assert_int_equal(messages_find(made, TEXT("FWD"), TEXT("declaration"), TEXT("X"), &number),
                         STATUS_OK);
        assert_int_equal(number, shown[i]);
    }
    assert_int_equal(messages_find(made, TEXT("FWD"), TEXT(""), TEXT("X"), &number), STATUS_OK);
    assert_int_equal(number, 7);
    assert_int_equal(messages_find(made, TEXT("OTHER"), TEXT(""), TEXT("X"), &number), STATUS_NOT_FOUND);
    state_close(made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(a_message_is_seen_by_its_sender_its_receivers_and_the_office),
        TEST(every_other_number_is_not_there),
        TEST(what_is_not_ones_own_is_not_read),
        TEST(bytes_are_for_who_sent_them_and_who_was_sent_them),
        TEST(what_is_kept_can_be_fetched),
        TEST(what_was_dropped_is_not_there),
        TEST(a_changed_row_shows_nothing),
        TEST(an_id_shows_its_holder_or_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
