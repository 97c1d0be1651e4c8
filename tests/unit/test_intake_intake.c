/*
 * Bytes to receipt over a real journal, an edition of its own and a real loop. Most tests are stories:
 * messages one after another and the record that must answer each. Every story is told three times: each
 * message answered before the next comes, all of them in one batch of the journal, and with a restart
 * before each. The answers are the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>

#include "journal_room.h"

#include "base/counters.h"
#include "base/store.h"
#include "base/file.h"
#include "base/loop.h"
#include "message/decided.h"
#include "edition/party.h"
#include "edition/edition.h"
#include "check/check.h"
#include "journal/disk.h"
#include "journal/segment.h"
#include "intake/intake.h"
#include "intake/seen.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define XSD(body)    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>" body "</xs:schema>"
#define SEQUENCE(name, elements)                                         \
    "<xs:element name='" name "'><xs:complexType><xs:sequence>" elements \
    "</xs:sequence></xs:complexType></xs:element>"

static const struct {
    const char *name, *text;
} texts[] = {
    { "fields",
      "message_id text \"编号\" \"id\" form token\ngross decimal \"毛重\" \"gross\"\nnet decimal \"净重\" \"net\"\n"
      "item group \"项\" \"item\"\nitem.number decimal \"号\" \"number\"\n" },
    { "catalog",
      "format dec\n  family declaration\n  root Dec\n  schema dec/Dec.xsd\n  binding dec/binding\n  id message_id\n"
      "  senders declarant\n"
      "format note\n  family answer\n  root Note\n  schema note/Note.xsd\n  binding note/binding\n  id message_id\n"
      "  senders declarant\n" },
    { "dec/binding", "Id message_id\nGross gross\nNet net\n" },
    { "dec/Dec.xsd",
      XSD(SEQUENCE(
          "Dec", "<xs:element name='Id' type='xs:token' minOccurs='0'/>"
                 "<xs:element name='Gross' type='xs:decimal'/><xs:element name='Net' type='xs:decimal'/>")) },
    { "note/binding", "Id message_id\nItem item\nItem/N item.number\n" },
    { "note/Note.xsd",
      XSD(SEQUENCE("Note",
                   "<xs:element name='Id' type='xs:token'/>"
                   "<xs:element name='Item' minOccurs='0' maxOccurs='unbounded'><xs:complexType><xs:sequence>"
                   "<xs:element name='N' type='xs:int'/></xs:sequence></xs:complexType></xs:element>")) },
};

static const char strict[] =
    "rule D01 error declaration\n  require gross >= net\n  at gross\n  zh 毛重小于净重\n  en gross is less than net\n";
static const char stricter[] =
    "rule D02 error declaration\n  require gross >= 1000\n  at gross\n  zh 毛重过小\n  en gross is too small\n";
static const char lenient[] = "# no rule\n";

#define DEC(id, gross, net) "<Dec>" id "<Gross>" #gross "</Gross><Net>" #net "</Net></Dec>"
#define FIRST               DEC("<Id>X</Id>", 5, 4)
#define SECOND              DEC("<Id>X</Id>", 6, 4)
#define THIRD               DEC("<Id>X</Id>", 7, 4)
#define FAULTY              DEC("<Id>X</Id>", 3, 4)

/* Whom a channel knows, and their rows in the edition. */
static const struct party forwarder = { .code = "FWD" }, other = { .code = "OTHER" },
                          third = { .code = "THIRD" };
#define ROW(code, more) "- code: " code "\n  name: { zh: 某某, en: Somebody }\n  roles: [declarant]\n" more
static const char all_parties[] = "parties:\n" ROW("FWD", "") ROW("OTHER", "") ROW("THIRD", ""),
                  others_blocked[] = "parties:\n" ROW("FWD", "") ROW("OTHER", "  blocked: true\n");

/* --- a house with an intake in it ----------------------------------------------------------------------- */

#define REPLIES_MAX 512

struct reply {
    enum status status;
    bool repeated;
    uint64_t number;
    enum outcome outcome;
    char *receipt;
};

struct house {
    struct journal_room room;
    struct journal_options journal_options;
    struct intake_options options;
    struct arena *arena;
    struct edition *edition;
    struct judge *judge;
    struct loop *loop;
    struct journal *journal;
    struct intake *intake;
    struct reply replies[REPLIES_MAX]; /* in the order sent */
    size_t sent, answered;
    bool again;         /* the senders want refused bytes decided again */
    const char *origin; /* where in their channel the messages stand; NULL: it has no such names */
};

static void write_texts(const struct house *house, const char *rules) {
    char path[256];
    static const char *const folders[] = { "schemas", "schemas/dec", "schemas/note" };
    for (size_t i = 0; i < COUNT(folders); i++) {
        assert_int_equal(file_make_directory(file_join(house->arena, house->room.directory, folders[i])),
                         STATUS_OK);
    }
    for (size_t i = 0; i < COUNT(texts); i++) {
        snprintf(path, sizeof(path), "%s/schemas/%s", house->room.directory, texts[i].name);
        assert_int_equal(file_replace(path, text_of(texts[i].text)), STATUS_OK);
    }
    snprintf(path, sizeof(path), "%s/schemas/rules", house->room.directory);
    assert_int_equal(file_replace(path, text_of(rules)), STATUS_OK);
    snprintf(path, sizeof(path), "%s/parties", house->room.directory);
    assert_int_equal(file_replace(path, text_of(all_parties)), STATUS_OK);
}

static void load_edition(struct house *house, struct edition **edition, struct judge **judge) {
    struct verdict mistakes;
    struct edition_options options = { .schemas = file_join(house->arena, house->room.directory, "schemas"),
                                       .parties = file_join(house->arena, house->room.directory, "parties") };
    verdict_init(&mistakes, house->arena);
    assert_int_equal(edition_load(&options, edition, &mistakes), STATUS_OK);
    *judge = judge_new(*edition, &mistakes);
    assert_int_equal(mistakes.count, 0);
}

static void open_house(struct house *house, const char *rules) {
    struct journal_report report;
    house->arena = arena_new();
    write_texts(house, rules);
    load_edition(house, &house->edition, &house->judge);
    house->loop = loop_new();
    house->journal_options.directory = house->room.directory;
    if (!house->journal_options.reserve) {
        house->journal_options.reserve = 1;
    }
    if (!house->journal_options.segment_size) {
        house->journal_options.segment_size = ROOM_SEGMENT;
    }
    assert_int_equal(journal_open(&house->journal_options, &house->journal, &report), STATUS_OK);
    struct intake_options options = house->options;
    options.loop = house->loop;
    options.now = stamp_now();
    options.journal = house->journal;
    options.directory = house->room.directory;
    options.judge = house->judge;
    assert_int_equal(intake_start(&options, &house->intake), STATUS_OK);
    intake_note_engine(house->intake, journal_durable(house->journal));
}

static void close_house(struct house *house) {
    intake_stop(house->intake);
    journal_close(house->journal);
    loop_free(house->loop);
    judge_release(house->judge);
    edition_release(house->edition);
    arena_free(house->arena);
}

/* Bare: what the test wants otherwise stands in the options before it opens the house. */
static void clear_ground(struct house *house) {
    memset(house, 0, sizeof(*house));
    room_init(&house->room);
}

static void build(struct house *house) {
    clear_ground(house);
    open_house(house, strict);
}

static void tear_down(struct house *house) {
    close_house(house);
    for (size_t i = 0; i < house->sent; i++) {
        free(house->replies[i].receipt);
    }
    room_release(&house->room);
}

static void reopen(struct house *house, const char *rules) {
    close_house(house);
    open_house(house, rules);
}

struct expected_reply {
    struct house *house;
    size_t index;
    char *lent; /* its bytes, where intake has no copy of them */
};

static void note_reply(const struct answer *answer, void *context) {
    struct expected_reply *expected = context;
    struct house *house = expected->house;
    struct reply *reply = &house->replies[expected->index];
    assert_null(reply->receipt); /* once */
    *reply = (struct reply){ answer->status, answer->repeated, answer->number, answer->outcome,
                             strndup(answer->receipt.at ? answer->receipt.at : "", answer->receipt.length) };
    free(expected->lent);
    free(expected);
    house->answered++;
    loop_stop(house->loop);
}

static enum status submit(struct house *house, const struct party *party, struct text bytes) {
    struct envelope env = { .channel = "http",
                            .received = stamp_of_day(day_of(2026, 10, 31)),
                            .file = "not \xFF UTF-8.xml",
                            .origin = house->origin,
                            .again = house->again };
    struct expected_reply *expected = malloc(sizeof(*expected));
    *expected = (struct expected_reply){ house, house->sent, NULL };
    assert_true(house->sent < REPLIES_MAX);
    /* Every other one is lent until its answer comes; the others are given back at once. */
    bool lends = house->sent % 2 == 1;
    char *copy = malloc(bytes.length + 1);
    memcpy(copy, bytes.at, bytes.length);
    struct text mine = { copy, bytes.length };
    enum status status = lends ? intake_submit_lent(house->intake, &env, party, mine, note_reply, expected)
                               : intake_submit(house->intake, &env, party, mine, note_reply, expected);
    if (lends && status == STATUS_OK) {
        expected->lent = copy;
    } else {
        memset(copy, 'x', bytes.length);
        free(copy);
    }
    if (status != STATUS_OK) {
        free(expected);
    } else {
        house->sent++;
    }
    return status;
}

static void wait_for_replies(struct house *house) {
    while (house->answered < house->sent) {
        loop_run(house->loop);
    }
    intake_note_engine(house->intake, journal_durable(house->journal));
}

static struct reply *send_one(struct house *house, const struct party *party, const char *message) {
    assert_int_equal(submit(house, party, text_of(message)), STATUS_OK);
    wait_for_replies(house);
    return &house->replies[house->sent - 1];
}

static void wait_in_line(const struct house *house, size_t entries) {
    while (journal_waiting(house->journal) < entries) {
        usleep(200);
    }
}

static void nothing(struct entry *entry, enum status status, void *context) {}

/* --- stories -------------------------------------------------------------------------------------------- */

struct step {
    const struct party *party;
    const char *message;
    enum outcome outcome;
    uint64_t number;
};

#define A OUTCOME_ACCEPTED
#define R OUTCOME_REFUSED
#define C OUTCOME_CONFLICT

static const struct {
    const char *name;
    struct step steps[10];
} stories[] = {
    { "the first receipt again, and a conflict recorded once",
      { { &forwarder, FIRST, A, 1 },
        { &forwarder, FIRST, A, 1 },
        { &forwarder, SECOND, C, 2 },
        { &forwarder, SECOND, C, 2 },
        { &forwarder, THIRD, C, 3 },
        { &forwarder, FIRST, A, 1 },
        { &forwarder, SECOND, C, 2 },
        { &forwarder, THIRD, C, 3 } } },
    { "a refused message does not use its id up",
      { { &forwarder, FAULTY, R, 1 },
        { &forwarder, FAULTY, R, 2 },
        { &forwarder, FIRST, A, 3 },
        { &forwarder, FIRST, A, 3 },
        { &forwarder, SECOND, C, 4 } } },
    { "what is refused under a used id is refused, and changes nothing",
      { { &forwarder, FIRST, A, 1 },
        { &forwarder, FAULTY, R, 2 },
        { &forwarder, FIRST, A, 1 },
        { &forwarder, SECOND, C, 3 },
        { &forwarder, FAULTY, R, 4 },
        { &forwarder, SECOND, C, 3 } } },
    { "case 21: blanks within an id are one blank",
      { { &forwarder, DEC("<Id>A B</Id>", 5, 4), A, 1 },
        { &forwarder, DEC("<Id>A  B</Id>", 5, 4), C, 2 },
        { &forwarder, DEC("<Id>A&#10;B</Id>", 5, 4), C, 3 },
        { &forwarder, DEC("<Id>A b</Id>", 5, 4), A, 4 } } },
    { "an id is its party's own",
      { { &forwarder, FIRST, A, 1 },
        { &other, FIRST, A, 2 },
        { &other, SECOND, C, 3 },
        { &forwarder, FIRST, A, 1 },
        { &other, FIRST, A, 2 },
        { &forwarder, SECOND, C, 4 } } },
    { "an id belongs to a family",
      { { &forwarder, FIRST, A, 1 },
        { &forwarder, "<Note><Id>X</Id></Note>", A, 2 },
        { &forwarder, FIRST, A, 1 } } },
    { "without an id the bytes themselves are one",
      { { &forwarder, DEC("", 5, 4), A, 1 },
        { &forwarder, DEC("", 6, 4), A, 2 },
        { &forwarder, DEC("", 5, 4), A, 1 },
        { &forwarder, DEC("<Id> </Id>", 5, 4), A, 3 },
        { &forwarder, DEC("<Id> </Id>", 5, 4), A, 3 } } },
    { "what has no format has no id",
      { { &forwarder, "<Nothing/>", R, 1 },
        { &forwarder, "<Nothing/>", R, 2 },
        { &forwarder, "<!DOCTYPE Dec><Dec/>", R, 3 },
        { &forwarder, "", R, 4 } } },
};

enum telling { EACH_ALONE, IN_ONE_BATCH, WITH_RESTARTS, TELLINGS };

static void send_in_one_batch(struct house *house, const struct step *steps) {
    struct brake brake;
    size_t count = 0;
    brake_on(&brake, house->journal, nothing);
    for (; steps[count].message; count++) { /* one behind the other: workers keep no order */
        assert_int_equal(submit(house, steps[count].party, text_of(steps[count].message)), STATUS_OK);
        wait_in_line(house, count + 2);
    }
    brake_off(&brake);
    wait_for_replies(house);
}

static void expect(const struct house *house, size_t index, const struct step *step, uint64_t number,
                   const char *story) {
    const struct reply *reply = &house->replies[index];
    bool repeated = false;
    for (size_t i = 0; i < index; i++) {
        if (house->replies[i].number != number) {
            continue;
        }
        repeated = true;
        assert_string_equal(reply->receipt, house->replies[i].receipt);
    }
    if (reply->status != STATUS_OK || reply->outcome != step->outcome || reply->number != number
        || reply->repeated != repeated) {
        fail_msg("%s, message %zu: %s, outcome %s, record %llu%s", story, index + 1,
                 status_name(reply->status), outcome_text(reply->outcome), (unsigned long long)reply->number,
                 reply->repeated ? ", repeated" : "");
    }
}

static void tell(enum telling telling, const struct step *steps, const char *name) {
    struct house house;
    clear_ground(&house);
    open_house(&house, strict);
    if (telling == IN_ONE_BATCH) {
        send_in_one_batch(&house, steps);
    }
    for (size_t i = 0; telling != IN_ONE_BATCH && steps[i].message; i++) {
        if (telling == WITH_RESTARTS) {
            reopen(&house, strict);
        }
        send_one(&house, steps[i].party, steps[i].message);
    }
    uint64_t before = telling == IN_ONE_BATCH, last = 0; /* the record of the brake */
    for (size_t i = 0; steps[i].message; i++) {
        expect(&house, i, &steps[i], steps[i].number + before, name);
        last = steps[i].number > last ? steps[i].number : last;
    }
    assert_int_equal(journal_durable(house.journal), last + before);
    assert_int_equal(intake_under_way(house.intake), 0);
    tear_down(&house);
}

static void every_story_in_every_telling(void **state) {
    for (size_t i = 0; i < COUNT(stories); i++) {
        for (enum telling telling = 0; telling < TELLINGS; telling++) {
            tell(telling, stories[i].steps, stories[i].name);
        }
    }
}

/* Another edition judges anew what was refused; what was recorded keeps its receipt to the byte. */
static void newer_rules(void **state) {
    /* clang-format off */
    static const struct { const char *rules; struct step step; } years[] = {
        { strict,   { &forwarder, FAULTY, R, 1 } }, { lenient,  { &forwarder, FAULTY, A, 2 } },
        { strict,   { &forwarder, FAULTY, A, 2 } }, { stricter, { &forwarder, SECOND, R, 3 } },
        { strict,   { &forwarder, SECOND, C, 4 } }, { stricter, { &forwarder, SECOND, C, 4 } },
        { lenient,  { &forwarder, FAULTY, A, 2 } },
    };
    /* clang-format on */
    struct house house;
    build(&house);
    for (size_t i = 0; i < COUNT(years); i++) {
        reopen(&house, years[i].rules);
        send_one(&house, years[i].step.party, years[i].step.message);
        expect(&house, i, &years[i].step, years[i].step.number, "newer rules");
    }
    tear_down(&house);
}

/* Many workers at once: one of the copies is the first, all others get its receipt. */
static void a_crowd_of_copies(void **state) {
    enum { COPIES = 200, VARIANTS = 100 };
    struct house house;
    char message[128];
    clear_ground(&house);
    house.options.workers = 4;
    open_house(&house, strict);
    for (int i = 0; i < COPIES; i++) {
        assert_int_equal(submit(&house, &forwarder, text_of(FIRST)), STATUS_OK);
    }
    wait_for_replies(&house);
    size_t first = 0;
    for (int i = 0; i < COPIES; i++) {
        assert_int_equal(house.replies[i].number, 1);
        assert_string_equal(house.replies[i].receipt, house.replies[0].receipt);
        first += !house.replies[i].repeated;
    }
    assert_int_equal(first, 1);
    for (int i = 0; i < 2 * VARIANTS; i++) {
        snprintf(message, sizeof(message), "<Dec><Id>Y</Id><Gross>%d</Gross><Net>1</Net></Dec>",
                 10 + i % VARIANTS);
        assert_int_equal(submit(&house, &forwarder, text_of(message)), STATUS_OK);
    }
    wait_for_replies(&house);
    size_t accepted = 0, conflicts = 0;
    for (int i = 0; i < 2 * VARIANTS; i++) {
        const struct reply *reply = &house.replies[COPIES + i];
        accepted += reply->outcome == A && !reply->repeated;
        conflicts += reply->outcome == C && !reply->repeated;
    }
    assert_int_equal(accepted, 1);
    assert_int_equal(conflicts, VARIANTS - 1);
    assert_int_equal(journal_durable(house.journal), 1 + VARIANTS);
    tear_down(&house);
}

static void a_receipt_says_what_the_record_says(void **state) {
    struct house house;
    struct record rec;
    struct metadata metadata;
    build(&house);
    const struct reply *reply = send_one(&house, &forwarder, FAULTY);
    struct reader *reader = reader_new(house.journal);
    assert_int_equal(reader_next(reader, &rec), STATUS_OK);
    assert_int_equal(rec.kind, RECORD_MESSAGE);
    assert_true(text_is(rec.data, FAULTY));
    assert_int_equal(rec.fields.length, 0); /* nobody acts on what was refused */
    assert_true(metadata_read(rec.meta, house.arena, &metadata));
    struct buf receipt;
    buf_init(&receipt, 65536);
    receipt_json(&(struct receipt_of){ reader_journal_name(reader), rec.number, rec.stamp, rec.chain },
                 &metadata, &receipt);
    assert_string_equal(receipt.at, reply->receipt);
    assert_int_equal(metadata.count, 1);
    assert_string_equal(metadata.findings[0].code, "D01");
    assert_string_equal(metadata.env.party, "FWD");
    assert_true(digest_equal(&metadata.edition, &house.edition->digest));
    buf_release(&receipt);
    reader_free(reader);
    tear_down(&house);
}

/* --- the world says no ---------------------------------------------------------------------------------- */

/* Judged one behind the other by the same workers, and still waiting when the last is: each record has its
   own. */
static void each_record_has_what_was_found_in_it(void **state) {
    enum { NOTES = 60 };
    struct house house;
    struct brake brake;
    struct record rec;
    struct buf note;
    build(&house);
    buf_init(&note, 65536);
    brake_on(&brake, house.journal, nothing);
    for (int i = 0; i < NOTES; i++) {
        buf_clear(&note);
        buf_printf(&note, "<Note><Id>N-%d</Id>", i);
        for (int item = 0; item < i; item++) {
            buf_printf(&note, "<Item><N>%d</N></Item>", i + item);
        }
        buf_add_string(&note, "</Note>");
        assert_int_equal(submit(&house, &forwarder, buf_text(&note)), STATUS_OK);
    }
    wait_in_line(&house, 1 + NOTES);
    brake_off(&brake);
    wait_for_replies(&house);
    struct reader *reader = reader_new(house.journal);
    const struct fields *fields = house.edition->fields;
    int id = fields_find(fields, TEXT("message_id"))->id,
        number = fields_find(fields, TEXT("item.number"))->id;
    for (int i = 0; i < NOTES; i++) {
        struct metadata metadata;
        char text[16];
        assert_int_equal(reader_get(reader, house.replies[i].number, house.arena, &rec), STATUS_OK);
        assert_true(metadata_read(rec.meta, house.arena, &metadata));
        snprintf(text, sizeof(text), "N-%d", i);
        assert_string_equal(metadata.id, text);
        const struct document *doc = document_unpack(rec.fields, fields, house.arena);
        assert_non_null(doc);
        assert_true(text_is(document_value(doc, id, 0)->text, text));
        for (int item = 0; item < i; item++) {
            snprintf(text, sizeof(text), "%d", i + item);
            assert_true(text_is(document_value(doc, number, (uint32_t)item)->text, text));
        }
        assert_null(document_value(doc, number, (uint32_t)i));
    }
    reader_free(reader);
    buf_release(&note);
    tear_down(&house);
}

static void limits(void **state) {
    static const struct {
        struct intake_options options;
        size_t taken;
    } cases[] = {
        { { .limits.messages_max = 2 }, 2 },
        { { .limits.bytes_max = sizeof(FIRST) - 1 }, 1 },
        { { .limits.bytes_max = sizeof(FIRST) }, 2 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct house house;
        struct brake brake;
        clear_ground(&house);
        house.options = cases[i].options;
        open_house(&house, strict);
        brake_on(&brake, house.journal, nothing);
        int64_t turned_away = counter_get(COUNTER_TURNED_AWAY);
        for (size_t k = 0; k < cases[i].taken; k++) {
            assert_int_equal(intake_ready(house.intake), STATUS_OK);
            assert_int_equal(submit(&house, k % 2 ? &other : &forwarder, text_of(FIRST)), STATUS_OK);
        }
        assert_int_equal(intake_under_way(house.intake), cases[i].taken);
        assert_int_equal(intake_ready(house.intake), STATUS_BUSY);
        assert_int_equal(submit(&house, &forwarder, text_of(FIRST)), STATUS_BUSY);
        assert_int_equal(counter_get(COUNTER_TURNED_AWAY), turned_away + 1);
        brake_off(&brake);
        wait_for_replies(&house);
        assert_int_equal(intake_ready(house.intake), STATUS_OK);
        tear_down(&house);
    }
}

static void an_engine_too_far_behind(void **state) {
    struct house house;
    clear_ground(&house);
    static const struct party *const parties[] = { &forwarder, &other, &third };
    house.options.limits.lag_max = 2;
    open_house(&house, strict);
    for (int i = 0; i < 3; i++) {
        send_one(&house, parties[i], "<Nothing/>");
        intake_note_engine(house.intake, 0);
        assert_int_equal(intake_ready(house.intake), i < 2 ? STATUS_OK : STATUS_BUSY);
    }
    assert_int_equal(submit(&house, &forwarder, text_of(FIRST)), STATUS_BUSY);
    intake_note_engine(house.intake, 1);
    assert_int_equal(send_one(&house, &forwarder, FIRST)->number, 4);
    tear_down(&house);
}

/* --- one party over its budget (budget.h; the limits themselves: test_intake_budget.c) ------------------ */

/* Case 190: one party's flood was everybody's: whoever came next was told that the gateway is at its
   limit. */
static void a_flood_slows_its_sender_only(void **state) {
    struct house house;
    struct brake brake;
    clear_ground(&house);
    house.options.limits.messages_max = 16;
    open_house(&house, strict);
    brake_on(&brake, house.journal, nothing);
    size_t flood = 0;
    while (submit(&house, &forwarder, text_of(FIRST)) == STATUS_OK) {
        flood++;
    }
    assert_int_equal(flood, 9); /* as many as are still free, and one */
    assert_int_equal(intake_admits(house.intake, &forwarder, 0), STATUS_THROTTLED);
    assert_int_equal(intake_admits(house.intake, &other, 0), STATUS_OK);
    assert_int_equal(intake_ready(house.intake), STATUS_OK);
    assert_int_equal(submit(&house, &other, text_of(FIRST)), STATUS_OK);
    brake_off(&brake);
    wait_for_replies(&house);
    assert_int_equal(house.replies[flood].outcome, A);
    assert_int_equal(intake_admits(house.intake, &forwarder, 0), STATUS_OK);
    tear_down(&house);
}

static const struct record *record_of(struct house *house, uint64_t number, struct metadata *metadata) {
    struct record *rec = arena_alloc(house->arena, sizeof(*rec));
    struct reader *reader = reader_new(house->journal);
    assert_int_equal(reader_get(reader, number, house->arena, rec), STATUS_OK);
    assert_true(metadata_read(rec->meta, house->arena, metadata));
    reader_free(reader);
    return rec;
}

/* Case 191: what was refused was recorded whole, without end. Beyond the limit of a day: by digest and
   verdict. */
static void refused_beyond_the_day_is_recorded_by_digest(void **state) {
    struct house house;
    struct metadata whole, bare;
    clear_ground(&house);
    open_house(&house, strict);
    uint64_t first = send_one(&house, &forwarder, FAULTY)->number;
    uint64_t size = record_size(record_of(&house, first, &whole));
    assert_false(whole.digest_only);
    house.options.limits.day_refused_bytes = 2 * size; /* the one above is counted again at the start */
    reopen(&house, strict);
    assert_int_equal(record_of(&house, send_one(&house, &forwarder, FAULTY)->number, &whole)->data.length,
                     strlen(FAULTY));
    const struct reply *reply = send_one(&house, &forwarder, FAULTY);
    const struct record *rec = record_of(&house, reply->number, &bare);
    assert_int_equal(reply->outcome, R);
    assert_int_equal(rec->data.length, 0);
    assert_true(bare.digest_only && digest_equal(&bare.env.digest, &whole.env.digest));
    assert_int_equal(bare.env.size, strlen(FAULTY));
    assert_string_equal(bare.findings[0].code, "D01");
    assert_non_null(strstr(reply->receipt, "\"digest_only\":true"));
    struct metadata metadata; /* conflicts are nothing taken either; what is accepted is whole */
    assert_int_equal(record_of(&house, send_one(&house, &forwarder, FIRST)->number, &metadata)->data.length,
                     strlen(FIRST));
    reply = send_one(&house, &forwarder, SECOND);
    assert_int_equal(reply->outcome, C);
    assert_int_equal(record_of(&house, reply->number, &metadata)->data.length, 0);
    assert_string_equal(send_one(&house, &forwarder, SECOND)->receipt, reply->receipt);
    assert_false(record_of(&house, send_one(&house, &other, FAULTY)->number, &metadata)->data.length == 0);
    tear_down(&house);
}

/* Case 192: over the bytes of its day a party is told so, also after a restart; the others go on, and so does
   it tomorrow. */
static void a_day_that_is_spent(void **state) {
    struct house house;
    clear_ground(&house);
    house.options.limits.day_bytes = 1;
    open_house(&house, strict);
    send_one(&house, &forwarder, FIRST);
    for (int start = 0; start < 2; start++) {
        stamp now = stamp_now();
        assert_int_equal(intake_admits(house.intake, &forwarder, now), STATUS_QUOTA);
        assert_int_equal(intake_admits(house.intake, &forwarder, stamp_of_day(stamp_day(now) + 1)),
                         STATUS_OK);
        assert_int_equal(intake_admits(house.intake, &other, now), STATUS_OK);
        reopen(&house, strict);
    }
    tear_down(&house);
}

static void too_large(void **state) {
    struct house house;
    clear_ground(&house);
    house.journal_options.segment_size = 16u << 20;
    open_house(&house, strict);
    size_t length = CHECK_BODY_MAX + 1;
    char *bytes = calloc(1, length);
    assert_int_equal(submit(&house, &forwarder, (struct text){ bytes, length }), STATUS_TOO_LARGE);
    assert_int_equal(submit(&house, &forwarder, (struct text){ bytes, length - 1 }), STATUS_OK);
    wait_for_replies(&house);
    assert_int_equal(house.replies[0].outcome, R);
    free(bytes);
    tear_down(&house);
}

static void a_disk_nearly_full(void **state) {
    struct house house;
    clear_ground(&house);
    house.journal_options.reserve = UINT64_MAX / 2;
    open_house(&house, strict);
    assert_int_equal(intake_ready(house.intake), STATUS_FULL);
    assert_int_equal(submit(&house, &forwarder, text_of(FIRST)), STATUS_FULL);
    assert_int_equal(journal_durable(house.journal), 0);
    tear_down(&house);
}

static void submit_again(const struct answer *answer, void *context) {
    struct house *house = context;
    struct envelope env = { .channel = "http" };
    assert_int_equal(answer->status, STATUS_OK);
    assert_int_equal(intake_submit(house->intake, &env, &forwarder, TEXT(FIRST), submit_again, house),
                     STATUS_CLOSED);
    house->answered++;
}

/* The loop does not run any more: stopping itself gives the answers, and takes nothing new.
 * Bug 4: the sequencer still looked at the intake after its last answer, when stopping had freed it. */
static void stopping_answers_what_is_under_way(void **state) {
    enum { MESSAGES = 20 };
    struct house house;
    struct envelope env = { .channel = "http" };
    build(&house);
    for (int i = 0; i < MESSAGES; i++) {
        assert_int_equal(
            intake_submit(house.intake, &env, &forwarder, TEXT("<Nothing/>"), submit_again, &house),
            STATUS_OK);
    }
    intake_stop(house.intake);
    assert_int_equal(house.answered, MESSAGES);
    assert_int_equal(journal_durable(house.journal), MESSAGES);
    house.intake = NULL;
    tear_down(&house);
}

struct change {
    struct house *house;
    struct edition *edition;
    struct judge *judge;
};

/* As the record of a set-up gets its place. */
static enum admit change(struct entry *entry, void *context) {
    struct change *change = context;
    intake_change(change->house->intake, change->judge);
    entry->turned_away = STATUS_OK;
    return ADMIT_TURN_AWAY;
}

static void change_is_done(struct entry *entry, enum status status, void *context) {}

/* What the old rules judged and what stands behind the new set-up's record goes back to judging: nothing is
 * recorded behind it by what another edition says, and nothing is lost. A party that is blocked in the new
 * one, or gone, hears so. */
static void another_edition_judges_anew_what_waits(void **state) {
    struct house house;
    struct brake brake;
    build(&house);
    struct change made = { .house = &house };
    write_texts(&house, lenient);
    assert_int_equal(
        file_replace(file_join(house.arena, house.room.directory, "parties"), text_of(others_blocked)),
        STATUS_OK);
    load_edition(&house, &made.edition, &made.judge);
    struct entry entry = {
        .rec = { .kind = RECORD_SETUP }, .admit = change, .done = change_is_done, .context = &made
    };
    brake_on(&brake, house.journal, nothing);
    const char *early = DEC("<Id>E</Id>", 3, 4);
    assert_int_equal(submit(&house, &forwarder, text_of(early)), STATUS_OK);
    wait_in_line(&house, 2);
    assert_int_equal(journal_submit(house.journal, &entry), STATUS_OK);
    const struct step late[] = { { &forwarder, FAULTY, A, 0 },
                                 { &other, FIRST, A, 0 },
                                 { &third, FIRST, A, 0 } };
    for (size_t i = 0; i < COUNT(late); i++) {
        assert_int_equal(submit(&house, late[i].party, text_of(late[i].message)), STATUS_OK);
        wait_in_line(&house, i + 4);
    }
    int64_t anew = counter_get(COUNTER_JUDGED_ANEW);
    brake_off(&brake);
    wait_for_replies(&house);
    assert_int_equal(counter_get(COUNTER_JUDGED_ANEW), anew + 3);
    assert_int_equal(house.replies[0].outcome, R);
    assert_int_equal(house.replies[1].outcome, A);
    assert_int_equal(house.replies[2].status, STATUS_DENIED);
    assert_int_equal(house.replies[3].status, STATUS_DENIED);
    struct reader *reader = reader_new(house.journal);
    for (size_t i = 0; i < 2; i++) {
        struct record rec;
        struct metadata metadata;
        const struct edition *edition = i == 0 ? house.edition : made.edition;
        assert_int_equal(reader_get(reader, house.replies[i].number, house.arena, &rec), STATUS_OK);
        assert_true(metadata_read(rec.meta, house.arena, &metadata));
        assert_true(digest_equal(&metadata.edition, &edition->digest));
    }
    reader_free(reader);
    assert_int_equal(send_one(&house, &forwarder, early)->outcome, A);
    judge_release(made.judge);
    edition_release(made.edition);
    tear_down(&house);
}

static atomic_bool sync_fails;

static int maybe_sync(void *context, int fd) {
    if (!atomic_load(&sync_fails)) {
        return disk_real.sync(NULL, fd);
    }
    errno = EIO;
    return -1;
}

/* A repeat shares the fate of a first that is not durable yet; what was not acknowledged happens once all the
   same. */
static void a_sync_that_fails(void **state) {
    struct disk disk = disk_real;
    struct house house;
    struct brake brake;
    clear_ground(&house);
    disk.sync = maybe_sync;
    house.journal_options.disk = &disk;
    open_house(&house, strict);
    brake_on(&brake, house.journal, nothing);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(submit(&house, &forwarder, text_of(FIRST)), STATUS_OK);
    }
    wait_in_line(&house, 4);
    atomic_store(&sync_fails, true);
    brake_off(&brake);
    wait_for_replies(&house);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(house.replies[i].status, STATUS_IO);
    }
    assert_int_equal(send_one(&house, &forwarder, SECOND)->status, STATUS_IO);
    atomic_store(&sync_fails, false);
    reopen(&house, strict);
    const struct reply *reply = send_one(&house, &forwarder, FIRST);
    assert_int_equal(reply->status, STATUS_OK);
    assert_int_equal(reply->outcome, A);
    assert_int_equal(reply->number, 2); /* behind the brake, whether the disk kept it or not */
    assert_int_equal(journal_durable(house.journal), 2);
    tear_down(&house);
}

/* Without the first receipt a repeat gets none: not a new one, and no second record. */
static void a_first_record_that_cannot_be_read(void **state) {
    struct house house;
    char path[128];
    build(&house);
    send_one(&house, &forwarder, FIRST);
    int fd = open(room_path(&house.room, 1, "seg", path), O_WRONLY);
    assert_int_equal(pwrite(fd, "?", 1, SEGMENT_PAGE + RECORD_HEADER_SIZE), 1);
    close(fd);
    assert_int_equal(send_one(&house, &forwarder, FIRST)->status, STATUS_DAMAGED);
    assert_int_equal(send_one(&house, &forwarder, SECOND)->outcome, C);
    assert_int_equal(journal_durable(house.journal), 2);
    tear_down(&house);
}

/* --- ids that are free again, and tables that are wrong ------------------------------------------------- */

static void record_refusal(struct house *house, uint64_t cause) {
    struct buf meta;
    struct json_out out;
    buf_init(&meta, 4096);
    json_start(&out, &meta);
    json_open_object(&out, NULL);
    decided_write(&(struct decided){ .cause = cause, .result = RESULT_REFUSED }, &out);
    json_close_object(&out);
    struct record rec = { .kind = RECORD_DECISION, .meta = buf_text(&meta) };
    assert_int_equal(journal_append(house->journal, &rec, true), STATUS_OK);
    buf_release(&meta);
    intake_note_engine(house->intake, journal_durable(house->journal));
}

/* Case 02. The record says that its sender wanted it decided again. */
static void what_the_engine_refused_may_be_mended_or_decided_again(void **state) {
    static const struct step steps[] = {
        /* behind record 1, refused by record 2 */
        { &forwarder, FIRST, A, 1 },
        { &forwarder, SECOND, A, 3 },
        { &forwarder, FIRST, A, 1 },
        { &forwarder, THIRD, C, 4 },
    };
    struct house house;
    struct arena *arena = arena_new();
    struct record rec;
    struct metadata metadata;
    build(&house);
    house.again = true; /* not refused yet: the first receipt */
    assert_int_equal(send_one(&house, &forwarder, FIRST)->number, 1);
    assert_true(send_one(&house, &forwarder, FIRST)->repeated);
    record_refusal(&house, 1);
    house.again = false;
    for (size_t i = 0; i < COUNT(steps); i++) {
        const struct reply *reply = send_one(&house, &forwarder, steps[i].message);
        assert_int_equal(reply->status, STATUS_OK);
        assert_int_equal(reply->outcome, steps[i].outcome);
        assert_int_equal(reply->number, steps[i].number);
    }
    record_refusal(&house, 3); /* record 5 */
    house.again = true;
    assert_int_equal(send_one(&house, &forwarder, FIRST)->number, 6);
    assert_int_equal(send_one(&house, &forwarder, FIRST)->number, 6);
    struct reader *reader = reader_new(house.journal);
    for (uint64_t number = 1; number <= 6; number += 5) {
        assert_int_equal(reader_get(reader, number, arena, &rec), STATUS_OK);
        assert_true(metadata_read(rec.meta, arena, &metadata));
        assert_int_equal(metadata.env.again, true);
    }
    assert_int_equal(reader_get(reader, 3, arena, &rec), STATUS_OK);
    assert_true(metadata_read(rec.meta, arena, &metadata));
    assert_int_equal(metadata.env.again, false);
    reader_free(reader);
    arena_free(arena);
    tear_down(&house);
}

/* Case 150: the table says, whole in itself, that a message is the record of another party: its receipt stays
 * where it is, the sender hears to come again, and then the message is new. So with another family, another
 * id, other bytes; and where the table calls for a conflict with that record. */
static void a_record_that_is_not_what_the_table_says(void **state) {
    static const struct {
        const struct party *party;
        const char *family, *id, *bytes;
    } others[] = {
        { &other, "declaration", "X", FIRST },
        { &forwarder, "answer", "X", FIRST },
        { &forwarder, "declaration", "Y", FIRST },
        { &forwarder, "declaration", "X", SECOND },
    };
    for (size_t i = 0; i < 2 * COUNT(others) - 1; i++) {
        bool conflict = i >= COUNT(others);
        size_t row = i % COUNT(others);
        struct house house;
        struct seen *seen;
        struct journal *journal;
        struct journal_report report;
        int64_t remade = counter_get(COUNTER_SEEN_REMADE);
        clear_ground(&house);
        open_house(&house, strict);
        close_house(&house);
        assert_int_equal(journal_open(&house.journal_options, &journal, &report), STATUS_OK);
        assert_int_equal(seen_open(house.room.directory, journal, &seen), STATUS_OK);
        struct metadata is = { .env = { .party = others[row].party->code,
                                        .format = "",
                                        .file = "",
                                        .trace = "",
                                        .digest = digest_of(others[row].bytes, strlen(others[row].bytes)) },
                               .family = others[row].family,
                               .format = "dec",
                               .id = others[row].id };
        struct buf meta;
        buf_init(&meta, 65536);
        metadata_write(&is, &meta);
        struct record rec = { .kind = RECORD_MESSAGE,
                              .meta = buf_text(&meta),
                              .data = text_of(others[row].bytes) };
        assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
        const char *bytes = conflict ? THIRD : FIRST;
        struct seen_id said = { "FWD", "declaration", "X", digest_of(bytes, strlen(bytes)), false };
        enum seen_answer answer;
        uint64_t holder;
        assert_int_equal(seen_ask(seen, &said, &answer, &holder), STATUS_OK);
        seen_note(seen, &said, rec.number, 0);
        seen_close(seen);
        journal_close(journal);
        buf_release(&meta);

        open_house(&house, strict);
        assert_int_equal(send_one(&house, &forwarder, FIRST)->status, STATUS_BUSY);
        assert_string_equal(house.replies[house.sent - 1].receipt, "");
        while (intake_ready(house.intake) != STATUS_OK) {
            usleep(1000);
        }
        assert_int_equal(counter_get(COUNTER_SEEN_REMADE), remade + 1);
        const struct reply *reply = send_one(&house, &forwarder, FIRST);
        assert_int_equal(reply->status, STATUS_OK);
        assert_int_equal(reply->number, 2);
        assert_int_equal(reply->outcome, row == 3 ? C : A);
        assert_int_equal(send_one(&house, &forwarder, FIRST)->number, 2);
        tear_down(&house);
    }
}

static const struct reply *send_from(struct house *house, const char *origin, const struct party *party,
                                     const char *message) {
    house->origin = origin;
    return send_one(house, party, message);
}

/* Case 470: what a channel hands over twice at the same place (an offset that is read again) is recorded once
 * and gets its receipt byte for byte, also when it was refused or in conflict; at another place a refused
 * message is judged anew. Other bytes from there are a conflict of the channel, and recorded nowhere. */
static void one_place_in_a_channel_is_one_handing_over(void **state) {
    struct house house;
    build(&house);
    for (int telling = 0; telling < 3; telling++) { /* live; after a restart; with a table made anew */
        const struct reply *refused = send_from(&house, "c/t/0/7", &forwarder, FAULTY);
        assert_int_equal(refused->number, 1);
        assert_int_equal(refused->outcome, R);
        assert_int_equal(refused->repeated, telling > 0);
        assert_string_equal(refused->receipt, house.replies[0].receipt);
        assert_int_equal(send_from(&house, "c/t/0/8", &forwarder, FAULTY)->number, 2);
        assert_int_equal(send_from(&house, "c/t/0/9", &forwarder, FIRST)->number, 3);
        const struct reply *conflict = send_from(&house, "c/t/0/10", &forwarder, SECOND);
        assert_int_equal(conflict->number, 4);
        assert_int_equal(conflict->outcome, C);
        assert_int_equal(send_from(&house, "c/t/1/7", &forwarder, FIRST)->number, 3); /* its id is known */
        assert_int_equal(send_from(&house, "c/t/0/7", &other, FAULTY)->number, 5);
        assert_int_equal(send_from(&house, "c/t/0/7", &forwarder, FIRST)->status, STATUS_CONFLICT);
        assert_int_equal(send_from(&house, "c/t/0/9", &forwarder, FAULTY)->status, STATUS_CONFLICT);
        assert_int_equal(journal_durable(house.journal), 5);
        close_house(&house);
        if (telling == 1) {
            char path[256];
            snprintf(path, sizeof(path), "%s/seen.db", house.room.directory);
            store_remove(path);
        }
        open_house(&house, strict);
    }
    tear_down(&house);
}

/* One note with as many findings as a verdict keeps; how many bytes the meta of its record takes, 0: too
   large. */
static size_t send_note(struct house *house, int id_length) {
    struct buf message;
    buf_init(&message, 65536);
    buf_printf(&message, "<Note><Id>%0*d</Id>", id_length, 7);
    for (int i = 0; i < VERDICT_FINDINGS_MAX; i++) {
        buf_add_string(&message, "<Item><N>1</N></Item>");
    }
    buf_add_string(&message, "</Note>");
    const struct reply *reply = send_one(house, &forwarder, message.at);
    buf_release(&message);
    if (reply->status == STATUS_TOO_LARGE) {
        return 0;
    }
    struct record rec;
    struct reader *reader = reader_new(house->journal);
    assert_int_equal(reader_get(reader, reply->number, house->arena, &rec), STATUS_OK);
    reader_free(reader);
    return rec.meta.length;
}

static void reopen_with_sentences_of(struct house *house, int zh, int en) {
    struct buf rules;
    buf_init(&rules, 65536);
    buf_printf(
        &rules,
        "rule N01 error answer\n  each item\n  require item.number > 1\n  at item.number\n  zh %0*d\n  en %0*d\n",
        zh, 1, en, 1);
    reopen(house, rules.at);
    buf_release(&rules);
}

/* Bug 3: a receipt is a little longer than what the record says; just below the limit, writing it ended the
   process. */
static void findings_that_just_fit(void **state) {
    enum { LIMIT = 4 << 20, LENGTH = 10000, STEP = 40 };
    struct house house;
    clear_ground(&house);
    house.journal_options.segment_size = 16u << 20;
    open_house(&house, strict);
    reopen_with_sentences_of(&house, LENGTH, LENGTH);
    size_t small = send_note(&house, 1);
    int more = (int)((LIMIT - small) / VERDICT_FINDINGS_MAX);
    reopen_with_sentences_of(&house, LENGTH + more / 2, LENGTH + more - more / 2);
    for (int id_length = 1; id_length <= VERDICT_FINDINGS_MAX + STEP; id_length += STEP) {
        send_note(&house, id_length);
    }
    reopen_with_sentences_of(&house, LENGTH + more / 2, LENGTH + more - more / 2 + 2);
    assert_int_equal(send_note(&house, 1), 0);
    reopen_with_sentences_of(&house, LENGTH + more / 2, LENGTH + more - more / 2 - 4);
    assert_in_range(send_note(&house, 1), LIMIT - 1200, LIMIT);
    tear_down(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_story_in_every_telling),
        cmocka_unit_test(newer_rules),
        cmocka_unit_test(a_crowd_of_copies),
        cmocka_unit_test(a_receipt_says_what_the_record_says),
        cmocka_unit_test(each_record_has_what_was_found_in_it),
        cmocka_unit_test(limits),
        cmocka_unit_test(an_engine_too_far_behind),
        cmocka_unit_test(a_flood_slows_its_sender_only),
        cmocka_unit_test(refused_beyond_the_day_is_recorded_by_digest),
        cmocka_unit_test(a_day_that_is_spent),
        cmocka_unit_test(too_large),
        cmocka_unit_test(a_disk_nearly_full),
        cmocka_unit_test(stopping_answers_what_is_under_way),
        cmocka_unit_test(another_edition_judges_anew_what_waits),
        cmocka_unit_test(a_sync_that_fails),
        cmocka_unit_test(findings_that_just_fit),
        cmocka_unit_test(a_first_record_that_cannot_be_read),
        cmocka_unit_test(what_the_engine_refused_may_be_mended_or_decided_again),
        cmocka_unit_test(a_record_that_is_not_what_the_table_says),
        cmocka_unit_test(one_place_in_a_channel_is_one_handing_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
