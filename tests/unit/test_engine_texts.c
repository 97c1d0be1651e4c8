/* Routes, segments, ports and slots: what they say of a message, and how their mistakes are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "edition/alerts.h"
#include "edition/ports.h"
#include "edition/priorities.h"
#include "edition/segments.h"
#include "edition/edition.h"
#include "edition/slots.h"
#include "edition/terms.h"
#include "edition/workdays.h"
#include "engine/engine.h"
#include "engine/routing.h"
#include "document_kit.h"
#include "transports_kit.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char parties_text[] =
    "parties:\n"
    "  - { code: FWD-1, name: { zh: 甲, en: A }, roles: [declarant], declares: [\"3702980001\"] }\n"
    "  - { code: FWD-2, name: { zh: 乙, en: B }, roles: [declarant], declares: [\"*\"] }\n"
    "  - { code: CUS-1, name: { zh: 丙, en: C }, roles: [customs], serves: [\"4218\", \"4227\"] }\n"
    "  - { code: CUS-2, name: { zh: 丁, en: D }, roles: [customs], serves: [\"4201\"] }\n"
    "  - { code: TML-1, name: { zh: 戊, en: E }, roles: [terminal], serves: [\"370201\"] }\n"
    "  - { code: TML-2, name: { zh: 己, en: F }, roles: [terminal], serves: [\"370201\"], blocked: true }\n"
    "  - { code: CAR-1, name: { zh: 庚, en: G }, roles: [carrier], serves: [COSU] }\n"
    "  - { code: OFC-1, name: { zh: 辛, en: H }, roles: [office] }\n";

struct fixture {
    struct arena *arena;
    struct edition *edition;
    struct edition_text own;
    struct verdict mistakes;
};

static int setup(void **state) {
    static struct fixture f;
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    f.arena = arena_new();
    verdict_init(&f.mistakes, f.arena);
    assert_int_equal(edition_load(&options, &f.edition, &f.mistakes), STATUS_OK);
    assert_int_equal(f.mistakes.errors, 0);
    f.edition->parties = parties_load(text_of(parties_text), "parties", kit_transports, f.arena, &f.mistakes);
    assert_int_equal(f.mistakes.errors, 0);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    edition_release(f->edition);
    arena_free(f->arena);
    return 0;
}

/* The edition with one of its texts replaced. */
static void use_text(struct fixture *f, const char *name, const char *bytes) {
    for (size_t i = 0; i < f->edition->count; i++) {
        if (strcmp(f->edition->texts[i].name, name) == 0) {
            f->edition->texts[i].bytes = text_of(bytes);
            return;
        }
    }
    fail_msg("no text %s", name);
}

/* "CODE line:column" of the mistakes, joined by "; ". */
static const char *told(struct fixture *f) {
    const char *all = "";
    verdict_sort(&f->mistakes);
    for (size_t i = 0; i < f->mistakes.count; i++) {
        const struct finding *finding = &f->mistakes.findings[i];
        assert_true(*finding->zh && *finding->en && *finding->file);
        all = arena_printf(f->arena, "%s%s%s %u:%u", all, *all ? "; " : "", finding->code,
                           finding->place.line, finding->place.column);
    }
    verdict_init(&f->mistakes, f->arena);
    return all;
}

/* --- routes --------------------------------------------------------------------------------------------- */

static const char *judge(struct fixture *f, const struct routes *routes, const char *family,
                         const char *sender, const char *submitter, enum result result, const char *lines) {
    struct decision decision;
    struct document *doc = document_of(lines, f->edition->fields, f->arena);
    struct expr_context context = { .doc = doc, .today = day_of(2026, 10, 10), .arena = f->arena };
    const struct routing_message message = { text_of(family), sender, submitter, &context, 42 };
    const char *all = "";
    decision_init(&decision, f->arena, 42);
    decision.result = result;
    routing_judge(routes, &message, &decision, NULL);
    for (size_t i = 0; i < decision.destinations_count; i++) {
        const struct destination *destination = &decision.destinations[i];
        all = arena_printf(f->arena, "%s%s%s %s%s", all, *all ? ", " : "", destination->party,
                           destination->route, destination->record ? "" : " decision");
    }
    return all;
}

static void our_routes_send_where_they_should(void **state) {
    struct fixture *f = *state;
    struct routes *routes = routes_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    static const char declaration[] =
        "ie_flag=I\ncustoms_office=4218\nentry_port=370201\ntransport_mode=2\nbill_number=COSU6000000001";
    static const struct {
        const char *family, *sender, *submitter;
        enum result result;
        const char *lines, *expected;
    } cases[] = {
        { "declaration", "FWD-1", "", RESULT_NOTHING, declaration,
          "CUS-1 R01, TML-1 R02, TML-2 R02, CAR-1 R02" }, /* TML-2 is blocked: for it all the same */
        { "declaration", "FWD-1", "", RESULT_NOTHING,
          "customs_office=4201\ntransport_mode=5\nbill_number=COSU6\nentry_port=370201", "CUS-2 R01" },
        { "declaration", "FWD-1", "", RESULT_NOTHING, "customs_office=9999", "" },
        { "declaration", "FWD-1", "", RESULT_NOTHING, "", "" },
        { "declaration", "FWD-1", "", RESULT_REFUSED, declaration, "" },
        { "customs-response", "CUS-1", "FWD-1", RESULT_NOTHING, "customs_channel=P", "FWD-1 R10" },
        { "customs-response", "CUS-1", "", RESULT_NOTHING, "customs_channel=P", "" },
        { "customs-response", "CUS-1", "NOBODY", RESULT_NOTHING, "customs_channel=P", "NOBODY R10" },
        { "port-event", "TML-1", "FWD-1", RESULT_NOTHING, "event_code=ARRI\nclassifier=ACT\nport_code=CNQDG",
          "FWD-1 R21" },
        { "inspection-booking", "FWD-1", "", RESULT_NOTHING, "customs_office=4218\nsite_code=TML-1",
          "CUS-1 R30, TML-1 R30, FWD-1 R30 decision" },
        { "inspection-booking", "FWD-1", "", RESULT_REFUSED, "customs_office=4218\nsite_code=TML-1",
          "FWD-1 R30 decision" },
        { "charge-list", "TML-1", "", RESULT_NOTHING, "operator_code=QQCT", "OFC-1 R40, TML-1 R40 decision" },
        { "charge-note", "TML-1", "", RESULT_NOTHING, "payer_code=3702980001",
          "FWD-1 R41, TML-1 R41 decision" },
        { "charge-note", "TML-1", "", RESULT_NOTHING, "payer_code=3702989999", "TML-1 R41 decision" },
        { "charge-note", "TML-1", "", RESULT_NOTHING, "payer_code=FWD-2", "FWD-2 R41, TML-1 R41 decision" },
        { "no-family", "FWD-1", "FWD-2", RESULT_NOTHING, declaration, "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(judge(f, routes, cases[i].family, cases[i].sender, cases[i].submitter,
                                  cases[i].result, cases[i].lines),
                            cases[i].expected);
    }
}

static void a_sender_does_not_get_its_own_message(void **state) {
    struct fixture *f = *state;
    use_text(f, "routes", "route X declaration\n  to declarant\n  to sender decision\n");
    struct routes *routes = routes_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    assert_string_equal(judge(f, routes, "declaration", "FWD-1", "", RESULT_NOTHING, ""),
                        "FWD-2 X, FWD-1 X decision");
}

static void take_down(void *context, const struct routing_told *told) {
    struct buf *buf = context;
    buf_printf(buf, "%s%s:%u %s%s%s", buf->length ? ", " : "", told->route->code,
               told->target ? told->target->line : told->route->line, told->party, *told->party ? " " : "",
               routing_why_text(told->why));
}

/* case 551: nobody could be told why a message did not reach a party. */
static void each_line_says_why(void **state) {
    struct fixture *f = *state;
    use_text(f, "routes",
             "route A declaration\n  to customs at customs_office\n  to sender decision\n"
             "route B declaration\n  when transport_mode = \"2\"\n  to office\n"
             "route C charge-note\n  to office\n"
             "route D declaration\n  to submitter\n  to agency\n  to customs\n  to terminal at site_code\n"
             "route E declaration\n  when ie_flag = \"I\"\n  to nobody\n");
    struct routes *routes = routes_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    static const struct {
        const char *sender, *submitter, *lines;
        enum result result;
        bool to_nobody;
        const char *expected;
    } cases[] = {
        { "CUS-2", "", "customs_office=4218", RESULT_NOTHING, false,
          "A:1 sent, A:2 CUS-1 sent, A:2 CUS-2 not-served, A:3 CUS-2 sent, B:4 condition-unknown, D:9 sent,"
          " D:10 no-submitter, D:11 no-party, D:12 CUS-1 sent-before, D:12 CUS-2 own-message, D:13 no-value,"
          " E:14 condition-unknown" },
        { "", "FWD-1", "transport_mode=5\nie_flag=I\nsite_code=X", RESULT_NOTHING, true,
          "A:1 sent, A:2 no-value, A:3 no-sender, B:4 condition-false, D:9 sent, D:10 FWD-1 sent, D:11 no-party,"
          " D:12 CUS-1 sent, D:12 CUS-2 sent, D:13 TML-1 not-served, D:13 TML-2 not-served, E:14 sent,"
          " E:16 nobody" },
        { "FWD-1", "FWD-2", "transport_mode=2\nie_flag=E", RESULT_REFUSED, false,
          "A:1 sent, A:2 refused, A:3 FWD-1 sent, B:4 sent, B:6 refused, D:9 sent, D:10 refused, D:11 refused,"
          " D:12 refused, D:13 refused, E:14 condition-false" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct decision decision;
        struct buf why;
        struct document *doc = document_of(cases[i].lines, f->edition->fields, f->arena);
        struct expr_context context = { .doc = doc, .today = day_of(2026, 10, 10), .arena = f->arena };
        const struct routing_message message = { TEXT("declaration"), cases[i].sender, cases[i].submitter,
                                                 &context, 42 };
        const struct routing_listener listener = { take_down, &why };
        buf_init(&why, 1 << 16);
        decision_init(&decision, f->arena, 42);
        decision.result = cases[i].result;
        assert_int_equal(routing_judge(routes, &message, &decision, &listener), cases[i].to_nobody);
        assert_string_equal(arena_copy(f->arena, buf_text(&why)), cases[i].expected);
        buf_release(&why);
    }
}

static void mistakes_in_routes_have_their_place(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "route A declaration\n  to customs at customs_office\n", "" },
        { "route A\n", "LINT-ROUTE 1:7" },
        { "rout A declaration\n  to customs\n", "LINT-ROUTE 1:1" },
        { "route A declaratoin\n", "LINT-ROUTE 1:9" },
        { "route A declaration\nroute A declaration\n", "LINT-ROUTE 2:7" },
        { "route A declaration\n  when ie_flag =\n", "LINT-EXPR 2:17" },
        { "route A declaration\n  when gross_weight\n", "LINT-ROUTE 2:8" },
        { "route A declaration\n  when\n", "LINT-ROUTE 2:7" },
        { "route A declaration\n  to wizards\n", "LINT-ROUTE 2:6" },
        { "route A declaration\n  to customs at\n", "LINT-ROUTE 2:6" },
        { "route A declaration\n  to customs at gross_weight\n", "LINT-ROUTE 2:17" },
        { "route A declaration\n  to customs at no_such_field\n", "LINT-EXPR 2:17" },
        { "route A declaration\n  to sender\n", "LINT-ROUTE 2:6" },
        { "route A declaration\n  frm customs\n", "LINT-ROUTE 2:3" },
        { "route A declaration\n  when ie_flag = \"I\n", "LINT-ROUTE 2:18" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        use_text(f, "routes", cases[i].text);
        routes_load(f->edition, &f->mistakes);
        const char *all = told(f);
        if (strcmp(all, cases[i].expected) != 0) {
            fail_msg("%s: told %s, not %s", cases[i].text, all, cases[i].expected);
        }
    }
}

/* --- segments ------------------------------------------------------------------------------------------- */

static void collect(const char *milestone, stamp at, void *to) {
    char text[STAMP_TEXT_MAX];
    struct buf *buf = to;
    buf_printf(buf, "%s%s %.16s", buf->length ? ", " : "", milestone, stamp_print(at, text));
}

static void our_milestones_are_told_by_the_right_messages(void **state) {
    struct fixture *f = *state;
    struct segments *segments = segments_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    static const struct {
        const char *family, *lines, *expected;
    } cases[] = {
        { "port-event", "event_code=ARRI\nclassifier=ACT\nie_flag=I\nevent_time=2026-10-11T03:40:00+08:00",
          "ARRIVED 2026-10-11T03:40" },
        { "port-event", "event_code=ARRI\nclassifier=EST\nie_flag=I\nevent_time=2026-10-11T03:40:00+08:00",
          "" },
        { "port-event", "event_code=ARRI\nclassifier=ACT\nie_flag=E\nevent_time=2026-10-11T03:40:00+08:00",
          "" },
        { "port-event", "event_code=GTIN\nclassifier=ACT\nie_flag=E\nevent_time=2026-10-11T03:40:00Z",
          "GATE_IN 2026-10-11T11:40" },
        { "port-event", "event_code=CUSI\nclassifier=ACT\nie_flag=I\nevent_time=2026-10-11T03:40:00+08:00",
          "INSP_SELECTED 2026-10-11T03:40" },
        { "customs-response", "customs_channel=J\nnotice_time=2026-10-12T09:00:00+08:00",
          "ACCEPTED 2026-10-12T09:00" },
        { "customs-response", "customs_channel=K\nnotice_time=2026-10-12T09:00:00+08:00",
          "RELEASED 2026-10-12T09:00" },
        { "customs-response", "customs_channel=R\nnotice_time=2026-10-12T09:00:00+08:00",
          "CLOSED 2026-10-12T09:00" },
        { "customs-response", "customs_channel=J", "" },
        { "declaration", "received=2026-10-12T01:00:00Z", "DECLARED 2026-10-12T09:00" },
        { "charge-note", "customs_channel=J\nnotice_time=2026-10-12T09:00:00+08:00", "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf buf;
        struct expr_context context = { .doc = document_of(cases[i].lines, f->edition->fields, f->arena),
                                        .today = 20000,
                                        .arena = f->arena };
        buf_init(&buf, 4096);
        segments_judge(segments, text_of(cases[i].family), &context, collect, &buf);
        assert_string_equal(buf.length ? buf.at : "", cases[i].expected);
        buf_release(&buf);
    }
    assert_true(segments_milestone(segments, "GATE_OUT")->last);
    assert_false(segments_milestone(segments, "RELEASED")->last);
    assert_int_equal(segments->chains_count, 2);
    assert_string_equal(segments->chains[0].month, "RELEASED");
    assert_string_equal(segments->chains[0].base_year, "2017");
    for (size_t c = 0; c < 2; c++) { /* the segments of a chain are its steps: they add up */
        const struct chain *chain = &segments->chains[c];
        for (size_t i = 1; i < chain->count; i++) {
            bool stands = false;
            for (size_t r = 0; r < segments->rows_count; r++) {
                const struct segment_row *row = &segments->rows[r];
                stands = stands
                         || (strcmp(row->direction, chain->direction) == 0
                             && strcmp(row->from, chain->milestones[i - 1]) == 0
                             && strcmp(row->to, chain->milestones[i]) == 0);
            }
            assert_true(stands);
        }
    }
}

static void mistakes_in_segments_have_their_place(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "milestone A \"甲\" \"a\"\n  from declaration at received\nmilestone B \"乙\" \"b\" last\nsegment import s A B \"段\" \"s\"\n"
          "chain import A B\nmonth import B\noverall import A B base 1.5 \"2017\"\n",
          "" },
        { "milestone A \"甲\"\n", "LINT-SEGMENT 1:11" },
        { "milestone A \"甲\" \"a\"\nmilestone A \"甲\" \"a\"\n", "LINT-SEGMENT 2:11" },
        { "milestone A \"甲\" \"a\"\n  from declaration\n", "LINT-SEGMENT 2:8" },
        { "milestone A \"甲\" \"a\"\n  from declaratio at received\n", "LINT-SEGMENT 2:8" },
        { "milestone A \"甲\" \"a\"\n  from declaration at bill_number\n", "LINT-SEGMENT 2:23" },
        { "milestone A \"甲\" \"a\"\n  from declaration when gross_weight at received\n",
          "LINT-SEGMENT 2:25" },
        { "milestone A \"甲\" \"a\"\n  from declaration when ie_flag = at received\n", "LINT-EXPR 2:34" },
        { "milestone A \"甲\" \"a\"\n  form declaration at received\n", "LINT-SEGMENT 2:3" },
        { "milestone A \"甲\" \"a\"\nchain import A C\n", "LINT-SEGMENT 2:16" },
        { "milestone A \"甲\" \"a\"\nchain inport A A\n", "LINT-SEGMENT 2:7" },
        { "milestone A \"甲\" \"a\"\nchain import A A\nchain import A A\n", "LINT-SEGMENT 3:7" },
        { "milestone A \"甲\" \"a\"\nsegment import s A\n", "LINT-SEGMENT 2:9" },
        { "milestone A \"甲\" \"a\"\noverall import A A base nil \"2017\"\n", "LINT-SEGMENT 2:25" },
        { "dimension office \"甲\" \"a\"\n  value transport_mode\n", "LINT-SEGMENT 1:11" }, /* case 721 */
        { "dimension In_Order \"甲\" \"a\"\n  value transport_mode\n", "LINT-SEGMENT 1:11" },
        { "milestone A \"甲\" \"a\"\ndimension a \"甲\" \"a\"\n  value transport_mode\n",
          "LINT-SEGMENT 2:11" },
        { "dimension a \"甲\" \"a\"\n  value transport_mode\nmilestone A \"甲\" \"a\"\n",
          "LINT-SEGMENT 3:11" },
        { "dimension a \"甲\" \"a\"\n  value transport_mode\ndimension A \"甲\" \"a\"\n  value transport_mode\n",
          "LINT-SEGMENT 3:11" },
        { "milestne A \"甲\" \"a\"\n", "LINT-SEGMENT 1:1" },
        { "milestone A \"甲\" \"a\"\n  told by terminals\n", "LINT-SEGMENT 2:11" },
        { "milestone A \"甲\" \"a\"\n  told terminal\n", "LINT-SEGMENT 2:8" },
        { "milestone A \"甲\" \"a\"\nmonth import A\n  from declaration at received\n", "LINT-SEGMENT 3:3" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        use_text(f, "segments", cases[i].text);
        segments_load(f->edition, &f->mistakes);
        const char *all = told(f);
        if (strcmp(all, cases[i].expected) != 0) {
            fail_msg("%s: told %s, not %s", cases[i].text, all, cases[i].expected);
        }
    }
}

/* --- ports and slots ------------------------------------------------------------------------------------ */

static void codes_of_one_port_are_one_port(void **state) {
    struct fixture *f = *state;
    struct ports *ports = ports_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    for (const char *const *code =
             (const char *const[]){ "CNQDG", "CNTAO", "CNQIN", "370201", "4218", "4227", NULL };
         *code; code++) {
        assert_string_equal(ports_find(ports, *code), "CNQDG");
    }
    assert_string_equal(ports_find(ports, "4201"), "CNYTG");
    assert_null(ports_find(ports, "NLRTM"));

    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "port A \"甲\"\n", "LINT-PORT 1:6" },
        { "  also B\n", "LINT-PORT 1:3" },
        { "port A \"甲\" \"a\"\n  also B\nport C \"丙\" \"c\"\n  also D B\n", "LINT-PORT 4:10" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        use_text(f, "ports", cases[i].text);
        ports_load(f->edition, &f->mistakes);
        assert_string_equal(told(f), cases[i].expected);
    }
}

#define WORDS "\n  zh 期限\n  en a term\n"
#define TERMS                                                                             \
    "term summary-due 14 days" WORDS "term summary-warning 10 days from 2020-01-01" WORDS \
    "term undeclared-sold 90 days" WORDS "term weighing-tolerance 5 permille" WORDS

/* What the law gives changes on a day: before the first day that is written the first one holds. */
static void a_term_holds_as_of_a_day(void **state) {
    struct fixture *f = *state;
    struct terms *terms = terms_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    int32_t day = 0;
    assert_true(day_parse(TEXT("2026-11-29"), &day));
    assert_int_equal(terms_days(terms, TERM_SUMMARY_DUE, day), 14);
    assert_int_equal(terms_days(terms, TERM_SUMMARY_WARNING, day), 10);
    assert_int_equal(terms_days(terms, TERM_UNDECLARED_SOLD, day), 90);
    assert_int_equal(terms_permille(terms, TERM_WEIGHING_TOLERANCE, day), 5);

    use_text(f, "terms",
             TERMS "term summary-warning 7 days from 2026-11-29" WORDS
                   "term summary-warning 5 days from 2024-02-29" WORDS);
    terms = terms_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    assert_int_equal(terms_days(terms, TERM_SUMMARY_WARNING, day + 1), 7);
    assert_int_equal(terms_days(terms, TERM_SUMMARY_WARNING, day), 7);
    assert_int_equal(terms_days(terms, TERM_SUMMARY_WARNING, day - 1), 5);
    assert_int_equal(terms_days(terms, TERM_SUMMARY_WARNING, day - 2000), 10);
    assert_int_equal(terms_days(terms, TERM_SUMMARY_WARNING, day - 9000), 10);
}

static void mistakes_in_terms_have_their_place(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        { "", "" }, /* what is missing is told by engine_check() */
        { TERMS "term summary-due 14 days" WORDS, "LINT-TERM 13:6" },
        { TERMS "term summary-dew 14 days" WORDS, "LINT-TERM 13:6" },
        { TERMS "term summary-due 0 days from 2026-01-01" WORDS, "LINT-TERM 13:18" },
        { TERMS "term summary-due 3651 days from 2026-01-01" WORDS, "LINT-TERM 13:18" },
        { TERMS "term summary-due fourteen days from 2026-01-01" WORDS, "LINT-TERM 13:18" },
        { TERMS "term summary-due 14 hours from 2026-01-01" WORDS, "LINT-TERM 13:21" },
        { TERMS "term weighing-tolerance 5 days from 2026-01-01" WORDS, "LINT-TERM 13:27" },
        { TERMS "term summary-due 14 days since 2026-01-01" WORDS, "LINT-TERM 13:26" },
        { TERMS "term summary-due 14 days from 2026-02-30" WORDS, "LINT-TERM 13:26" },
        { TERMS "term summary-due 14 days from 2026-01-01\n  zh 期限\n", "LINT-TERM 13:1" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        use_text(f, "terms", cases[i].text);
        terms_load(f->edition, &f->mistakes);
        assert_string_equal(told(f), cases[i].expected);
    }
}

static void waiting_is_counted_in_working_days(void **state) {
    struct fixture *f = *state;
    struct workdays *workdays = workdays_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    static const struct {
        const char *from;
        int days;
        const char *until;
    } cases[] = {
        { "2026-10-12T09:00:00+08:00", 0, "2026-10-12T09:00:00.000+08:00" }, /* a Monday */
        { "2026-10-12T09:00:00+08:00", 3, "2026-10-15T09:00:00.000+08:00" },
        { "2026-10-16T09:00:00+08:00", 3, "2026-10-21T09:00:00.000+08:00" }, /* over a weekend */
        { "2026-09-30T09:00:00+08:00", 3, "2026-10-10T09:00:00.000+08:00" }, /* a week off, a Saturday on */
        { "2026-10-03T09:00:00+08:00", 1, "2026-10-08T09:00:00.000+08:00" },
        { "2026-10-11T23:30:00+08:00", 1, "2026-10-12T23:30:00.000+08:00" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[STAMP_TEXT_MAX];
        stamp from;
        assert_true(stamp_parse(text_of(cases[i].from), &from));
        assert_string_equal(stamp_print(workdays_after(workdays, from, cases[i].days), text), cases[i].until);
    }
    /* where nothing is a working day the count ends all the same */
    use_text(f, "workdays", "holiday 1900-01-01 2199-12-31 \"歇业\" \"closed\"\n");
    workdays = workdays_load(f->edition, &f->mistakes);
    assert_true(workdays_after(workdays, 0, WORKDAYS_SPAN_MAX) == 366 * 86400 * STAMP_SECOND);

    static const struct {
        const char *text, *expected;
    } wrong[] = {
        { "holiday 2026-10-01 \"国庆\"\n", "LINT-WORKDAY 1:9" },
        { "holiday 2026-10-07 2026-10-01 \"国庆\" \"day\"\n", "LINT-WORKDAY 1:20" },
        { "holiday 2026-10-32 \"国庆\" \"day\"\n", "LINT-WORKDAY 1:9" },
        { "working 2026-10 \"补班\" \"day\"\n", "LINT-WORKDAY 1:9" },
        { "holiday 2026-10-01 \"国庆\" \"day\"\nworking 2026-10-01 \"补班\" \"day\"\n", "LINT-WORKDAY 2:9" },
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        use_text(f, "workdays", wrong[i].text);
        workdays_load(f->edition, &f->mistakes);
        assert_string_equal(told(f), wrong[i].expected);
    }
}

static void the_higher_of_two_priorities_counts(void **state) {
    struct fixture *f = *state;
    struct priorities *priorities = priorities_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    assert_int_equal(priorities->waited_days, 3);
    assert_int_equal(priorities_rank(priorities, TEXT("TRANSPORT LIVELIHOOD")), 0);
    assert_int_equal(priorities_rank(priorities, TEXT("TRANSPORT")), 1);
    assert_int_equal(priorities_rank(priorities, TEXT(" ")), PRIORITIES_MAX);
    assert_int_equal(priorities_rank(priorities, TEXT("GONE")), PRIORITIES_MAX);

    static const struct {
        const char *text, *expected;
    } wrong[] = {
        { "priority A \"甲\"\n", "LINT-PRIORITY 1:10" },
        { "priority A \"甲\" \"a\"\npriority A \"乙\" \"b\"\n", "LINT-PRIORITY 2:10" },
        { "priority A \"甲\" \"a\"\n  from declaration\n", "LINT-PRIORITY 2:8" },
        { "priority A \"甲\" \"a\"\n  from declaration when bill\n", "LINT-EXPR 2:25" },
        { "priority A \"甲\" \"a\"\n  from gossip when bill_number = \"1\"\n", "LINT-PRIORITY 2:8" },
        { "waited 0 working days\n", "LINT-PRIORITY 1:8" },
        { "waited 31 working days\n", "LINT-PRIORITY 1:8" },
        { "waited 3 days\n", "LINT-PRIORITY 1:8" },
        { "waited 3 working days\nwaited 2 working days\n", "LINT-PRIORITY 2:1" },
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        use_text(f, "priorities", wrong[i].text);
        priorities_load(f->edition, &f->mistakes);
        assert_string_equal(told(f), wrong[i].expected);
    }
}

#define ALERT "alert A1 \"甲\" \"a\"\n"
#define LINES "  from ARRIVED\n  until RELEASED\n  to office\n"

static void an_alert_is_told_step_by_step(void **state) {
    struct fixture *f = *state;
    use_text(f, "alerts",
             ALERT "  of import\n  from ARRIVED when classifier = \"ACT\"\n  until RELEASED CLOSED\n"
                   "  after 36 hours\n  after 2 days alarm\n  to holder office\n");
    struct alerts *alerts = alerts_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    const struct alert *alert = alerts_find(alerts, "A1");
    assert_non_null(alert);
    assert_string_equal(alert->direction, "import");
    assert_non_null(alert->when);
    assert_int_equal(alert->steps_count, 2);
    assert_true(alert->steps[0].after == 36 * 3600 * STAMP_SECOND && !alert->steps[0].alarm);
    assert_true(alert->steps[1].after == 48 * 3600 * STAMP_SECOND && alert->steps[1].alarm);
    assert_true(alert_is_ended_by(alert, "CLOSED") && !alert_is_ended_by(alert, "ARRIVED"));
    assert_null(alerts_find(alerts, "A2"));

    static const struct {
        const char *text, *expected;
    } wrong[] = {
        { ALERT LINES "  after 1 days\n" ALERT LINES "  after 1 days\n", "LINT-ALERT 6:7" },
        { ALERT "  from ARIVED\n  until RELEASED\n  to office\n  after 1 days\n", "LINT-ALERT 2:8" },
        { ALERT "  from ARRIVED if x\n  until RELEASED\n  to office\n", "LINT-ALERT 2:16" },
        { ALERT "  from ARRIVED each item when true\n  until RELEASED\n  to office\n", "LINT-ALERT 2:21" },
        { ALERT "  from ARRIVED each container\n  until RELEASED\n  to office\n", "LINT-ALERT 2:21" },
        { ALERT "  from ARRIVED when container.empty\n  until RELEASED\n  to office\n", "LINT-EXPR 2:21" },
        { ALERT "  from ARRIVED when bill\n  until RELEASED\n  to office\n", "LINT-EXPR 2:21" },
        { ALERT "  from ARRIVED\n  to office\n  after 1 days\n", "LINT-ALERT 1:1" },
        { ALERT LINES "  of transit\n", "LINT-ALERT 5:6" },
        { ALERT LINES "  after 1 weeks\n", "LINT-ALERT 5:11" },
        { ALERT LINES "  after 3651 days\n", "LINT-ALERT 5:9" },
        { ALERT LINES "  after 1 days loudly\n", "LINT-ALERT 5:16" },
        { ALERT LINES "  after 24 hours\n  after 1 days alarm\n", "LINT-ALERT 6:9" },
        { ALERT "  from ARRIVED\n  until RELEASED\n  to everybody\n", "LINT-ALERT 4:6" },
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        use_text(f, "alerts", wrong[i].text);
        alerts = alerts_load(f->edition, &f->mistakes);
        assert_string_equal(told(f), wrong[i].expected);
        assert_true(alerts->count <= 1);
    }
}

static void slots_are_found_by_site_mode_and_moment(void **state) {
    struct fixture *f = *state;
    use_text(f, "slots",
             "site S \"场\" \"site\"\n  slots MANUAL,SCAN  mon-fri  08:30-11:45  each 60  places 4\n"
             "  slots MANUAL  sat  22:00-24:00  each 120  places 1\n");
    struct slots *slots = slots_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    static const struct {
        const char *site, *mode, *start;
        enum slot_answer expected;
        int places;
    } cases[] = {
        { "S", "MANUAL", "2026-10-12T08:30:00+08:00", SLOT_OPEN, 4 },   /* a Monday */
        { "S", "SCAN", "2026-10-16T02:30:00Z", SLOT_OPEN, 4 },          /* Friday 10:30 in Qingdao */
        { "S", "MANUAL", "2026-10-12T11:30:00+08:00", SLOT_CLOSED, 0 }, /* would end after the hours */
        { "S", "MANUAL", "2026-10-12T08:00:00+08:00", SLOT_CLOSED, 0 },
        { "S", "MANUAL", "2026-10-12T09:00:00+08:00", SLOT_CLOSED, 0 },
        { "S", "MANUAL", "2026-10-12T08:30:01+08:00", SLOT_CLOSED, 0 },
        { "S", "MANUAL", "2026-10-11T08:30:00+08:00", SLOT_CLOSED, 0 }, /* a Sunday */
        { "S", "MANUAL", "2026-10-17T22:00:00+08:00", SLOT_OPEN, 1 },   /* Saturday, until midnight */
        { "S", "SCAN", "2026-10-17T22:00:00+08:00", SLOT_CLOSED, 0 },
        { "S", "SHIPSIDE", "2026-10-12T08:30:00+08:00", SLOT_UNKNOWN, 0 },
        { "T", "MANUAL", "2026-10-12T08:30:00+08:00", SLOT_UNKNOWN, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct slot slot = { 0 };
        stamp start;
        assert_true(stamp_parse(text_of(cases[i].start), &start));
        assert_int_equal(slots_find(slots, cases[i].site, cases[i].mode, start, &slot), cases[i].expected);
        assert_int_equal(slot.places, cases[i].places);
    }
    struct slot slot;
    assert_int_equal(slots_find(slots, "S", "MANUAL",
                                stamp_of_day(day_of(2026, 10, 17)) + 22 * 3600 * STAMP_SECOND, &slot),
                     SLOT_OPEN);
    assert_true(slot.end == stamp_of_day(day_of(2026, 10, 18)));
}

static void mistakes_in_slots_have_their_place(void **state) {
    struct fixture *f = *state;
    static const struct {
        const char *line, *expected;
    } cases[] = {
        { "slots MANUAL mon-fri 08:30-11:30 each 60 places 4", "" },
        { "slots MANUAL fri-mon 08:30-11:30 each 60 places 4", "LINT-SLOT 2:16" },
        { "slots MANUAL monday 08:30-11:30 each 60 places 4", "LINT-SLOT 2:16" },
        { "slots MANUAL mon 8:30-11:30 each 60 places 4", "LINT-SLOT 2:20" },
        { "slots MANUAL mon 11:30-08:30 each 60 places 4", "LINT-SLOT 2:20" },
        { "slots MANUAL mon 08:30-24:30 each 60 places 4", "LINT-SLOT 2:20" },
        { "slots MANUAL mon 08:30-11:30 each 0 places 4", "LINT-SLOT 2:37" },
        { "slots MANUAL mon 08:30-11:30 each 60 places 0", "LINT-SLOT 2:47" },
        { "slots MANUAL mon 08:30-11:30 every 60 places 4", "LINT-SLOT 2:32" },
        { "slot MANUAL mon 08:30-11:30 each 60 places 4", "LINT-SLOT 2:3" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        use_text(f, "slots", arena_printf(f->arena, "site S \"场\" \"site\"\n  %s\n", cases[i].line));
        slots_load(f->edition, &f->mistakes);
        assert_string_equal(told(f), cases[i].expected);
    }
}

/* --- limits --------------------------------------------------------------------------------------------- */

static void load_routes(struct fixture *f) {
    routes_load(f->edition, &f->mistakes);
}
static void load_segments(struct fixture *f) {
    segments_load(f->edition, &f->mistakes);
}
static void load_ports(struct fixture *f) {
    ports_load(f->edition, &f->mistakes);
}
static void load_slots(struct fixture *f) {
    slots_load(f->edition, &f->mistakes);
}

/* The line with a number for its '#'. */
static void add_line(struct buf *text, const char *line, unsigned number) {
    const char *mark = strchr(line, '#');
    buf_printf(text, "%.*s%u%s", (int)(mark - line), line, number, mark + 1);
}

/* As many lines as there may be are no mistake; one more is told where it stands. */
static void every_text_has_its_limits(void **state) {
    struct fixture *f = *state;
    static const char milestone[] = "milestone A \"甲\" \"a\"\n";
    /* clang-format off */
    static const struct {
        const char *text, *head, *line;
        unsigned max, column;
        void (*load)(struct fixture *);
        const char *code;
    } cases[] = {
        { "routes",   "", "route A# declaration\n", 256, 1, load_routes, "LINT-ROUTE" },
        { "routes",   "route A declaration\n", "  to customs at substr(bill_number, #, 4)\n", 16, 3, load_routes, "LINT-ROUTE" },
        { "segments", "", "milestone M# \"里\" \"m\"\n", 64, 1, load_segments, "LINT-SEGMENT" },
        { "segments", milestone, "segment import s# A A \"段\" \"s\"\n", 64, 1, load_segments, "LINT-SEGMENT" },
        { "segments", milestone, "  from declaration when gross_weight = # at received\n", 256, 3, load_segments, "LINT-SEGMENT" },
        { "ports",    "", "port P# \"港\" \"p\"\n", 4096, 6, load_ports, "LINT-PORT" },
        { "slots",    "site S \"场\" \"s\"\n", "  slots MANUAL mon 00:00-24:00 each 60 places #\n", 1024, 3, load_slots, "LINT-SLOT" },
    };
    /* clang-format on */
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf text;
        buf_init(&text, 1 << 20);
        buf_add_string(&text, cases[i].head);
        for (unsigned n = 1; n <= cases[i].max; n++) {
            add_line(&text, cases[i].line, n);
        }
        use_text(f, cases[i].text, arena_copy(f->arena, buf_text(&text)));
        cases[i].load(f);
        assert_string_equal(told(f), "");
        add_line(&text, cases[i].line, cases[i].max + 1);
        use_text(f, cases[i].text, arena_copy(f->arena, buf_text(&text)));
        cases[i].load(f);
        unsigned line = cases[i].max + 1 + (*cases[i].head != '\0');
        assert_string_equal(told(f),
                            arena_printf(f->arena, "%s %u:%u", cases[i].code, line, cases[i].column));
        buf_release(&text);
    }
}

/* Case 288: a family that C calls by its name and the catalog does not have: its part would hear of no
 * message. */
static void a_part_without_its_family_is_a_mistake(void **state) {
    struct fixture *f = *state;
    struct catalog *catalog = f->edition->catalog, cut = { .count = 0 };
    cut.formats = arena_alloc(f->arena, catalog->count * sizeof(*cut.formats));
    for (size_t i = 0; i < catalog->count; i++) {
        if (strcmp(catalog->formats[i].family, "charge-list") != 0) {
            cut.formats[cut.count++] = catalog->formats[i];
        }
    }
    engine_check(f->edition, &f->mistakes);
    assert_int_equal(f->mistakes.errors, 0);
    f->edition->catalog = &cut;
    engine_check(f->edition, &f->mistakes);
    f->edition->catalog = catalog;
    bool told_of_part = false;
    for (size_t i = 0; i < f->mistakes.count; i++) {
        const struct finding *finding = &f->mistakes.findings[i];
        told_of_part =
            told_of_part || (strcmp(finding->code, "LINT-PART") == 0 && strstr(finding->en, "charge-list"));
    }
    assert_true(told_of_part);
}

/* A term that the engine counts by, and nobody wrote: a clock would be due as it starts. */
static void a_term_that_the_engine_needs_is_a_mistake(void **state) {
    struct fixture *f = *state;
    struct terms *ours = f->edition->terms;
    use_text(f, "terms", "term summary-due 14 days" WORDS "term undeclared-sold 90 days" WORDS);
    f->edition->terms = terms_load(f->edition, &f->mistakes);
    assert_string_equal(told(f), "");
    engine_check(f->edition, &f->mistakes);
    f->edition->terms = ours;
    assert_int_equal(f->mistakes.errors, TERMS_COUNT - 2);
    for (size_t i = 0; i < f->mistakes.count; i++) {
        assert_string_equal(f->mistakes.findings[i].code, "LINT-TERM");
    }
    assert_non_null(strstr(f->mistakes.findings[0].en, "summary-warning"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(our_routes_send_where_they_should),
        TEST(a_sender_does_not_get_its_own_message),
        TEST(each_line_says_why),
        TEST(mistakes_in_routes_have_their_place),
        TEST(our_milestones_are_told_by_the_right_messages),
        TEST(mistakes_in_segments_have_their_place),
        TEST(codes_of_one_port_are_one_port),
        TEST(a_term_holds_as_of_a_day),
        TEST(mistakes_in_terms_have_their_place),
        TEST(an_alert_is_told_step_by_step),
        TEST(waiting_is_counted_in_working_days),
        TEST(the_higher_of_two_priorities_counts),
        TEST(slots_are_found_by_site_mode_and_moment),
        TEST(mistakes_in_slots_have_their_place),
        TEST(every_text_has_its_limits),
        TEST(a_part_without_its_family_is_a_mistake),
        TEST(a_term_that_the_engine_needs_is_a_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
