/* The shipped schemas against the messages under tests/messages: a folder a format, all of them accepted;
 * broken/ and odd/ hold one fault each, whose code is the file name up to "--". Then every facet of the
 * shipped XSDs by tables of small changes to a good message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/stamp.h"
#include "edition/edition.h"
#include "check/check.h"
#include "check/xsd.h"
#include "document_kit.h"
#include "samples_kit.h"

#define SCHEMAS   SOURCE_DIR "/schemas"
#define MESSAGES  SOURCE_DIR "/tests/messages"
#define FILES_MAX 200

static struct edition *edition;
static struct judge *judge;
static struct checker *checker;
static bool have_wco; /* the official WCO schemas are at hand */

static void print_verdict(const char *what, const struct verdict *verdict) {
    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];
        print_message("  %s: %s %s %s:%u:%u %s | %s\n", what, severity_text(finding->severity), finding->code,
                      finding->file, finding->place.line, finding->place.column, finding->path, finding->en);
    }
}

static int set_up(void **state) {
    (void)state;
    xsd_start();
    struct edition_options options = { .schemas = SCHEMAS };
    /* Where the official WCO schemas are, or NULL. CLEARWAY_WCO_XSD names another folder; empty: none. */
    const char *wco = SAMPLES_FOLDER("CLEARWAY_WCO_XSD", "/wco/xsd");
    have_wco = wco != NULL;
    if (wco) {
        options.dropins[0].name = "wco";
        options.dropins[0].folder = wco;
    } else {
        print_message("the official WCO schemas are not here: wco-dec and wco-res are not tried\n");
    }
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    assert_int_equal(edition_load(&options, &edition, &mistakes), STATUS_OK);
    judge = judge_new(edition, &mistakes);
    print_verdict("schemas", &mistakes);
    assert_int_equal(mistakes.errors, 0);
    assert_int_equal(mistakes.warnings, 0);
    assert_non_null(judge);
    checker = checker_new(judge);
    arena_free(arena);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    checker_free(checker);
    judge_release(judge);
    edition_release(edition);
    return 0;
}

/* Judged as received on 31 October 2026, offline. */
static void judge_bytes(struct text bytes, struct arena *arena, struct judgement *out) {
    struct envelope env = { .party = "", .format = "", .file = "", .trace = "", .size = bytes.length };
    assert_true(stamp_parse(TEXT("2026-10-31T08:00:00+08:00"), &env.received));
    env.digest = digest_of(bytes.at, bytes.length);
    check_message(checker, &env, NULL, bytes, arena, out);
}

static struct text read_text(struct arena *arena, const char *path) {
    struct buf buf;
    buf_init(&buf, 4u << 20);
    if (file_read(path, &buf) != STATUS_OK) {
        fail_msg("%s cannot be read", path);
    }
    struct text text = { arena_copy(arena, buf_text(&buf)), buf_text(&buf).length };
    buf_release(&buf);
    return text;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files of a folder of messages, sorted. */
static size_t list_files(struct arena *arena, const char *folder, const char *names[FILES_MAX]) {
    const char *path = file_join(arena, MESSAGES, folder);
    size_t count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        assert_true(count < FILES_MAX);
        names[count++] = arena_string(arena, entry->d_name);
    }
    closedir(dir);
    qsort(names, count, sizeof(*names), by_name);
    return count;
}

static bool can_be_judged(const char *format) {
    return have_wco || strncmp(format, "wco-", 4) != 0;
}

static void every_message_is_accepted(void **state) {
    (void)state;
    size_t judged = 0;
    for (size_t f = 0; f < edition->catalog->count; f++) {
        const char *format = edition->catalog->formats[f].name, *names[FILES_MAX];
        if (!can_be_judged(format)) {
            continue;
        }
        struct arena *arena = arena_new();
        size_t count = list_files(arena, format, names);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++, judged++) {
            const char *path = file_join(arena, file_join(arena, MESSAGES, format), names[i]);
            struct judgement judgement;
            judge_bytes(read_text(arena, path), arena, &judgement);
            print_verdict(path, &judgement.verdict);
            assert_int_equal(judgement.verdict.errors, 0);
            assert_int_equal(judgement.verdict.warnings, 0);
            assert_non_null(judgement.format);
            assert_string_equal(judgement.format->name, format);
            assert_non_null(judgement.doc);
            assert_true(document_count(judgement.doc) > 0);
            if (judgement.format->id) {
                assert_true(judgement.id[0] != '\0' && strlen(judgement.id) <= 36 /* a GUID */);
            }
        }
        arena_free(arena);
    }
    assert_true(judged >= 40);
}

static bool has_finding(const struct verdict *verdict, const char *code, enum severity severity) {
    for (size_t i = 0; i < verdict->count; i++) {
        if (strcmp(verdict->findings[i].code, code) == 0 && verdict->findings[i].severity == severity) {
            return true;
        }
    }
    return false;
}

static bool all_findings_are(const struct verdict *verdict, const char *code) {
    for (size_t i = 0; i < verdict->count; i++) {
        if (strcmp(verdict->findings[i].code, code) != 0) {
            return false;
        }
    }
    return true;
}

static void faults_of(const char *folder, enum severity severity) {
    struct arena *arena = arena_new();
    const char *names[FILES_MAX];
    size_t count = list_files(arena, folder, names), failed = 0;
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const char *path = file_join(arena, file_join(arena, MESSAGES, folder), names[i]);
        const char *end = strstr(names[i], "--");
        assert_non_null(end);
        const char *code = arena_copy(arena, (struct text){ names[i], (size_t)(end - names[i]) });
        struct judgement judgement;
        judge_bytes(read_text(arena, path), arena, &judgement);
        if (has_finding(&judgement.verdict, code, severity) && all_findings_are(&judgement.verdict, code)
            && verdict_passes(&judgement.verdict) == (severity != SEVERITY_ERROR)) {
            continue;
        }
        print_message("expected %s alone:\n", code);
        print_verdict(names[i], &judgement.verdict);
        failed++;
    }
    arena_free(arena);
    assert_int_equal(failed, 0);
}

static void each_broken_message_is_refused_for_its_fault_alone(void **state) {
    (void)state;
    faults_of("broken", SEVERITY_ERROR);
}

/* Case 741 is among them: a number that does not fit 64 bits. */
static void each_odd_message_is_accepted_with_its_warning_alone(void **state) {
    (void)state;
    faults_of("odd", SEVERITY_WARNING);
}

/* ---- facets: one change to a good message -------------------------------------------------------------- */

struct change {
    const char *find, *put, *code;
}; /* code NULL: still accepted; "~" before it: a warning */

/* The message with the first `find` replaced by `put`. */
static struct text changed(struct arena *arena, struct text message, const struct change *change) {
    const char *at = strstr(message.at, change->find);
    if (!at) {
        fail_msg("\"%s\" is not in the message", change->find);
    }
    const char *text = arena_printf(arena, "%.*s%s%s", (int)(at - message.at), message.at, change->put,
                                    at + strlen(change->find));
    return text_of(text);
}

static void try_changes(const char *message, const struct change *changes, size_t count) {
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        struct arena *arena = arena_new();
        struct judgement judgement;
        judge_bytes(changed(arena, read_text(arena, file_join(arena, MESSAGES, message)), &changes[i]), arena,
                    &judgement);
        const struct verdict *verdict = &judgement.verdict;
        const char *code = changes[i].code;
        bool good = !code ? verdict_passes(verdict)
                    : *code == '~'
                        ? has_finding(verdict, code + 1, SEVERITY_WARNING) && verdict_passes(verdict)
                        : has_finding(verdict, code, SEVERITY_ERROR);
        if (!good) {
            print_message("%s with %s: expected %s\n", message, changes[i].put,
                          changes[i].code ? changes[i].code : "no error");
            print_verdict(message, verdict);
            failed++;
        }
        arena_free(arena);
    }
    assert_int_equal(failed, 0);
}

/* The numbers are libxml2's. */
#define XSD_ATOMIC            "XSD-DATATYPE"
#define XSD_UNION             "XSD-DATATYPE"
#define XSD_MIN_LENGTH        "XSD-MIN-LENGTH"
#define XSD_MAX_LENGTH        "XSD-MAX-LENGTH"
#define XSD_MIN               "XSD-MIN-INCLUSIVE"
#define XSD_MAX               "XSD-MAX-INCLUSIVE"
#define XSD_DIGITS            "XSD-TOTAL-DIGITS"
#define XSD_FRACTION          "XSD-FRACTION-DIGITS"
#define XSD_PATTERN           "XSD-PATTERN"
#define XSD_ENUM              "XSD-ENUMERATION"
#define XSD_ATTRIBUTE         "XSD-ATTRIBUTE"
#define XSD_WILD_ATTRIBUTE    "XSD-ATTRIBUTE"
#define XSD_NO_ATTRIBUTE      "XSD-ATTRIBUTE-REQUIRED"
#define XSD_CHILD             "XSD-SIMPLE-CONTENT"
#define XSD_TEXT              "XSD-ELEMENT-ONLY"
#define XSD_CONTENT           "XSD-CONTENT"

/* clang-format off */
static const struct change dec_changes[] = {
    /* order, names, emptiness */
    { "<IEFlag>I</IEFlag>",             "",                                          XSD_CONTENT },
    { "<CustomMaster>4218</CustomMaster>", "",                                       XSD_CONTENT },
    { "<AgentName>",                    "<AgentCode>1</AgentCode><AgentName>",       XSD_CONTENT },
    { "<TradeAreaCode>AUS</TradeAreaCode>", "",                                      "S10" },
    { "<DeclTrnRel>0</DeclTrnRel>",     "",                                          "S10" },
    { "<DestinationCountry>CHN</DestinationCountry>", "",                            "S11" },
    { "<GNo>1</GNo>",                   "",                                          XSD_CONTENT },
    { "<OperType>C</OperType>",         "",                                          XSD_CONTENT },
    { "<DecFreeTxt>",                   "<DecFreeText/><DecFreeTxt>",                XSD_CONTENT },
    { "<MarkNo>N/M</MarkNo>",           "N/M",                                       XSD_TEXT },
    { "<MarkNo>N/M</MarkNo>",           "<MarkNo><b/></MarkNo>",                     XSD_CHILD },
    { " Version=\"4.8\"",               " Version=\"4.8\" Charset=\"x\"",            XSD_WILD_ATTRIBUTE },
    { " Version=\"4.8\"",               " version=\"4.8\"",                          NULL },
    { " Version=\"4.8\"",               " xmlns:x=\"urn:x\" x:y=\"z\"",              NULL },
    { "<LicenseNo/>",                   "<LicenseNo>\n  </LicenseNo>",               NULL },
    { "<DecFreeTxt>",                   "<SddTax><Any><X a=\"1\"/></Any></SddTax><DecFreeTxt>", NULL },
    /* texts */
    { ">LYEX26Q4001234<",               ">LYEX26Q4001234LYEX26Q40012340000<",        NULL },            /* 32 */
    { ">LYEX26Q4001234<",               ">LYEX26Q4001234LYEX26Q400123400000<",       "~L01" },  /* 33 */
    { ">LYEX26Q4001234<",               "> LYEX26Q4001234\n<",                       NULL },
    { "<ClientSeqNo>20261012000000001<", "<ClientSeqNo>2026101200000000123<",        XSD_MAX_LENGTH },
    { "<ClientSeqNo>20261012000000001<", "<ClientSeqNo> <",                          XSD_MIN_LENGTH },
    { "<InputerName>王海<",             "<InputerName><",                            "S10" },
    { "<CopCode>MA3C1Y0R2<",            "<CopCode><",                                "S10" },
    { "<TrafMode>2<",                   "<TrafMode>22<",                             "D15"   },
    { "<ContainerId>QDHU4001236<",      "<ContainerId><",                            XSD_MIN_LENGTH },
    { "<EdocCode>00000001<",            "<EdocCode>000000010<",                      XSD_MAX_LENGTH },
    /* codes that are part of the shape */
    { "<IEFlag>I<",                     "<IEFlag>i<",                                XSD_ENUM },
    { "<IEFlag>I<",                     "<IEFlag><",                                 XSD_ENUM },
    { "<DeclTrnRel>0<",                 "<DeclTrnRel>2<",                            XSD_ENUM },
    { "<DeclTrnRel>0<",                 "<DeclTrnRel><",                             "S10" },
    { "<OperType>C<",                   "<OperType>F<",                              XSD_ENUM },
    { "<OperType>C<",                   "<OperType>D<",                              NULL },
    { "<CustomMaster>4218<",            "<CustomMaster>42180<",                      XSD_PATTERN },
    { "<CustomMaster>4218<",            "<CustomMaster>42l8<",                       XSD_PATTERN },
    /* numbers */
    { "<GrossWet>43180.00000<",         "<GrossWet>43180.000001<",                   "~L02" },
    { "<GrossWet>43180.00000<",         "<GrossWet>1e5<",                            XSD_UNION },
    { "<GrossWet>43180.00000<",         "<GrossWet>123456789012345.12345<",          "~L02" },
    { "<GrossWet>43180.00000<",         "<GrossWet>+43180<",                         NULL },
    { "<DeclPrice>5.2<",                "<DeclPrice>5.20001<",                       "~L02" },
    { "<DeclPrice>5.2<",                "<DeclPrice>5.2000<",                        NULL },
    { "<PackNo>1640<",                  "<PackNo>-1<",                               "D13" },
    { "<PackNo>1640<",                  "<PackNo>1234567890<",                       "~L02" },
    { "<PackNo>1640<",                  "<PackNo>16.5<",                             XSD_UNION },
    { "<GrossWet>43180.00000<",         "<GrossWet>1234567890123456789012345678901<", XSD_UNION },   /* 31 digits */
    { "<GNo>1<",                        "<GNo>-1<",                                  XSD_ATOMIC },
    { "<GNo>1<",                        "<GNo>1000000000<",                          XSD_MAX },
    { "<GNo>1<",                        "<GNo>one<",                                 XSD_ATOMIC },
    /* days */
    { "<DespDate>20260918<",            "<DespDate>2026-09-18<",                     XSD_UNION },
    { "<DespDate>20260918<",            "<DespDate>20260900<",                       XSD_UNION },
    { "<DespDate>20260918<",            "<DespDate>20260932<",                       XSD_UNION },
    { "<DespDate>20260918<",            "<DespDate> <",                              NULL },
};
/* clang-format on */

/* clang-format off */
static const struct change result_changes[] = {
    { "<NOTICE_DATE>2026-10-13T15:18:33</NOTICE_DATE>", "",                                       XSD_CONTENT },
    { "<NOTICE_DATE>2026-10-13T15:18:33<", "<NOTICE_DATE>2026-10-13 15:18:33<",                   XSD_UNION },
    { "<NOTICE_DATE>2026-10-13T15:18:33<", "<NOTICE_DATE>\n2026-10-13T15:18:33\n<",               NULL },
    { "<NOTICE_DATE>2026-10-13T15:18:33<", "<NOTICE_DATE>2026-10-13T07:18:33Z<",                  NULL },
    { "<CHANNEL>P<",                    "<CHANNEL><",                                             XSD_MIN_LENGTH },
    { "<CHANNEL>P<",                    "<CHANNEL>SpLK<",                                         XSD_MAX_LENGTH },
    { "<ENTRY_ID>421820261000004417<",  "<ENTRY_ID>4218202610000044170<",                         "~L01" },
    { "<ENTRY_ID>421820261000004417<",  "<ENTRY_ID><",                                            NULL },
    { "<CHANNEL>P</CHANNEL>",           "<CHANNEL>P</CHANNEL><CHANNEL>R</CHANNEL>",               "~XSD-CONTENT" },
    { "<CUSTOM_MASTER>4218</CUSTOM_MASTER>", "",                                                  NULL },
    { "<DEC_RESULT>",                   "<DEC_RESULT batch=\"7\">",                               "~XSD-ATTRIBUTE" },
    { "<CHANNEL>P</CHANNEL>",           "<NEW>1</NEW>",                                           XSD_CONTENT },   /* CHANNEL is missing */
};
/* clang-format on */

/* clang-format off */
static const struct change data_changes[] = {
    { "<CHANNEL>7</CHANNEL>",           "",                                                       XSD_CONTENT },
    { "<NOTICE_DATE>20261012T15183300<", "<NOTICE_DATE>20261012T1518<",                           XSD_PATTERN },
    { "<NOTICE_DATE>20261012T15183300<", "<NOTICE_DATE>20261012151833<",                          NULL },
    { "<RESULT_INFO></RESULT_INFO>",    "<RESULT_INFO>x<Y/></RESULT_INFO><MORE/>",                "~XSD-CONTENT" },
    { "<D_DATE></D_DATE>",              "<D_DATE/><MORE/><EVEN_MORE/>",                           "~XSD-CONTENT" },
};
/* clang-format on */

/* clang-format off */
static const struct change response_changes[] = {
    { "<ResponseCode>0</ResponseCode>", "",                                                       XSD_CONTENT },
    { "<ResponseCode>0<",               "<ResponseCode><",                                        XSD_MIN_LENGTH },
    { "<ResponseCode>0<",               "<ResponseCode>12345678901<",                             XSD_MAX_LENGTH },
    { "<SeqNo>I20260000000412055<",     "<SeqNo>I202600000004120555<",                            "~L01" },
    { "<TrnPreId/>",                    "",                                                       NULL },
    { "<TrnPreId/>",                    "<TrnId/>",                                               "~XSD-CONTENT" },
};
/* clang-format on */

/* clang-format off */
static const struct change booking_changes[] = {
    { "<MessageID>BKM-20261012-0007</MessageID>", "",                                             XSD_CONTENT },
    { "<MessageID>BKM-20261012-0007<",  "<MessageID><",                                           XSD_MIN_LENGTH },
    { "<MessageID>BKM-20261012-0007<",  "<MessageID>BKM-20261012-0007-BKM-20261012-00070<",       XSD_MAX_LENGTH },
    { "<Action>NEW<",                   "<Action>new<",                                           XSD_ENUM },
    { "<Direction>IMPORT<",             "<Direction>I<",                                          XSD_ENUM },
    { "<PortCode>CNQDG<",               "<PortCode>CNQD<",                                        XSD_PATTERN },
    { "<PortCode>CNQDG<",               "<PortCode>CNQD1<",                                       XSD_PATTERN },
    { "<PortCode>CNQDG<",               "<PortCode> CNQDG <",                                     NULL },
    { "<DeclarationOfficeID>4218<",     "<DeclarationOfficeID>42180<",                            XSD_PATTERN },
    { "<DeclarationID>421820261000004417<", "<DeclarationID>42182026100000441<",                  XSD_PATTERN },
    { "<ModeCode>APPOINTMENT<",         "<ModeCode>appointment<",                                 XSD_PATTERN },
    { "<SlotStart>2026-10-13T09:00:00+08:00<", "<SlotStart>2026-10-13<",                          XSD_UNION },
    { "<SlotStart>2026-10-13T09:00:00+08:00<", "<SlotStart>2026-10-13T25:00:00+08:00<",           XSD_UNION },
    { "<SlotStart>2026-10-13T09:00:00+08:00<", "<SlotStart>2026-10-13T09:00:00\n<",               NULL },
    { "<ID>QDHU4001236<",               "<ID>QDHU400123<",                                        XSD_PATTERN },
    { "<TypeCode>45R1<",                "<TypeCode>45R10<",                                       "~L01" },
    { "<TypeCode>45R1<",                "<TypeCode><",                                            NULL },
    { "<PortCode>CNQDG<",               "<PortCode>cnqdg<",                                       NULL },
    { "<ID>QDHU4001236<",               "<ID>qdhu4001236<",                                       NULL },
    { "<DeclarationOfficeID>4218<",     "<DeclarationOfficeID><",                                 NULL },
    { "<DeclarationID>421820261000004417<", "<DeclarationID><",                                   NULL },
    { "<SentTime>",                     "<Sent/><SentTime>",                                      XSD_CONTENT },
    { " version=\"1.0\">",              " edition=\"1.0\">",                                      XSD_ATTRIBUTE },
};
/* clang-format on */

/* clang-format off */
static const struct change list_changes[] = {
    { "<Rate currencyID=\"CNY\">490<",  "<Rate currencyID=\"CNY\">-490<",                         XSD_MIN },
    { "<Rate currencyID=\"CNY\">490<",  "<Rate currencyID=\"CNY\">490.12345<",                    XSD_FRACTION },
    { "<Rate currencyID=\"CNY\">490<",  "<Rate currencyID=\"CNY\">1234567890123456789<",          XSD_DIGITS },
    { "<Rate currencyID=\"CNY\">490<",  "<Rate currencyID=\"CNY\">free<",                         XSD_ATOMIC },
    { "<Rate currencyID=\"CNY\">490<",  "<Rate currencyID=\"RMB1\">490<",                         XSD_PATTERN },
    { "<Rate currencyID=\"CNY\">490<",  "<Rate>490<",                                             XSD_NO_ATTRIBUTE },
    { "<Rate currencyID=\"CNY\">490<",  "<Rate currencyID=\"CNY\"> 490.1234 <",                   NULL },
    { "<ValidFrom>2026-10-01<",         "<ValidFrom>20261001<",                                   XSD_UNION },
    { "<ValidFrom>2026-10-01</ValidFrom>", "<ValidFrom>2026-10-01</ValidFrom><ValidUntil>2027-10-01</ValidUntil>", NULL },
    { "<ItemCode>TERMINAL_HANDLING<",   "<ItemCode>TERMINAL_HANDLING_WORKS<",                     XSD_PATTERN },
    { "<BasisCode>MARKET</BasisCode>",  "",                                                       XSD_CONTENT },
};
/* clang-format on */

/* clang-format off */
static const struct change note_changes[] = {
    { "<SequenceNumeric>1<",            "<SequenceNumeric>0<",                                    XSD_ATOMIC },
    { "<SequenceNumeric>1<",            "<SequenceNumeric>100000<",                               XSD_MAX },
    { "<Quantity>2<",                   "<Quantity>two<",                                         XSD_ATOMIC },
    { "<OnBehalf>true<",                "<OnBehalf>yes<",                                         XSD_UNION },
    { "<OnBehalf>true<",                "<OnBehalf>1<",                                           NULL },
    { "<BillingDate>2026-10-14<",       "<BillingDate>2026-10-32<",                               XSD_UNION },
    { "<Total currencyID=\"CNY\">1996</Total>", "",                                               XSD_CONTENT },
    { "<Total currencyID=\"CNY\">",     "<Total currencyID=\"cny\">",                             XSD_PATTERN },
    { "<Payee>",                        "<Payee><Code/>",                                         XSD_CONTENT },
};
/* clang-format on */

/* clang-format off */
static const struct change event_changes[] = {
    { "<EventCode>DISC<",               "<EventCode>DISCH<",                                      XSD_PATTERN },
    { "<ClassifierCode>ACT<",           "<ClassifierCode>REQ<",                                   XSD_ENUM },
    { "<EventTime>2026-10-11T12:25:00+08:00<", "<EventTime>2026-10-11T04:25:00.250Z<",            NULL },
    { "<EventTime>2026-10-11T12:25:00+08:00<", "<EventTime>2026-10-11T12:25<",                    XSD_UNION },
    { "<IMO>9701140<",                  "<IMO>970114<",                                           XSD_PATTERN },
    { "<Empty>false<",                  "<Empty>no<",                                             XSD_UNION },
    { "<Empty>false<",                  "<Empty><",                                               NULL },
    { "<GrossMassMeasure>21600<",       "<GrossMassMeasure>-1<",                                  XSD_UNION },
    { "<GrossMassMeasure>21600<",       "<GrossMassMeasure> <",                                   NULL },
    { "<IMO>9701140<",                  "<IMO><",                                                 NULL },
    { "<Vessel>",                       "<Vessel><Flag>CN</Flag>",                                XSD_CONTENT },
    { "<PortCode>CNQDG</PortCode>",     "",                                                       XSD_CONTENT },
};
/* clang-format on */

#define TRY(message, changes) try_changes(message, changes, sizeof(changes) / sizeof(*changes))

static void facets_hold(void **state) {
    (void)state;
    TRY("cn-dec/import-general.xml", dec_changes);
    TRY("cn-result/released.xml", result_changes);
    TRY("cn-dec-data/submitted.xml", data_changes);
    TRY("cn-import-response/imported.xml", response_changes);
    TRY("inspection-booking/new.xml", booking_changes);
    TRY("charge-list/terminal.xml", list_changes);
    TRY("charge-note/import.xml", note_changes);
    TRY("port-event/import-3-discharge.xml", event_changes);
}

/* ---- what a document holds ----------------------------------------------------------------------------- */

struct expected {
    const char *message, *field;
    uint32_t row;
    const char *value;
};

/* clang-format off */
static const struct expected values[] = {
    { "cn-dec-data/submitted.xml",          "seq_no",              0, "I20260000000412055" },      /* case 18 */
    { "cn-dec-data/submitted.xml",          "notice_time",         0, "2026-10-12T15:18:33.000+08:00" },
    { "cn-dec-data/submitted.xml",          "customs_channel",     0, "7" },
    { "cn-dec/import-general.xml",          "message_id",          0, "20261012000000001" },
    { "cn-dec/import-general.xml",          "ie_date",             0, "2026-10-11" },
    { "cn-dec/import-general.xml",          "gross_weight",        0, "43180.00000" },
    { "cn-dec/import-general.xml",          "item.name",           1, "冻去骨牛腩" },
    { "cn-dec/import-general.xml",          "item.second_quantity", 0, "" },
    { "cn-dec/import-general.xml",          "container.number",    1, "QDHU4001874" },
    { "cn-dec/import-general.xml",          "document.code",       2, "10000001" },
    { "cn-dec/import-general.xml",          "transit_advance",     0, "false" },
    { "cn-dec/import-no-namespace.xml",     "bill_number",         0, "LYEX26Q4001301" },
    { "cn-dec/import-prefixed.xml",         "bill_number",         0, "LYEX26Q4001302" },
    { "cn-dec/import-cdata.xml",            "consignor_name",      0, "SOUTHERN PLAINS MEAT & CO PTY LTD" },
    { "cn-dec/import-cdata.xml",            "marks",               0, "<LY> & 青岛" },
    { "cn-dec/import-gb18030.xml",          "item.name",           1, "冻去骨牛腩（𠮷牌 €）" },
    { "cn-dec/import-bom.xml",              "trader_name",         0, "青岛琅琊食品有限公司" },
    { "cn-dec/import-old-order.xml",        "trader_scc",          0, "91370200718043528X" },
    { "cn-dec/import-two-step-summary.xml", "document_type",       0, "  5" },
    { "cn-dec/import-two-stage.xml",        "transition_apply",    0, "true" },
    { "cn-dec/import-origin.xml",           "eco.type",            0, "Y22" },
    { "cn-dec/import-50-lines.xml",         "item.number",        49, "50" },
    { "cn-result/released.xml",             "customs_channel",     0, "P" },
    { "cn-result/released.xml",             "seq_no",              0, "I20260000000412055" },
    { "cn-import-response/imported.xml",    "answers_id",          0, "20261012000000001" },
    { "inspection-booking/change.xml",      "ie_flag",             0, "I" },
    { "inspection-booking/change.xml",      "operator_code",       0, "QQCT" },
    { "inspection-booking/factory.xml",     "transport_need",      0, "RAIL" },
    { "inspection-result/no-findings.xml",  "inspection_result",   0, "NO_FINDINGS" },
    { "charge-list/terminal.xml",           "tariff.currency",     7, "CNY" },
    { "charge-note/import.xml",             "line.on_behalf",      1, "true" },
    { "charge-note/import.xml",             "currency",            0, "CNY" },
    { "boarding-request/remote.xml",        "paper.code",          2, "SANITATION" },
    { "boarding-result/deficient.xml",      "deficiency.code",     0, "CREW" },
    { "bulk-lot/ore.xml",                   "lot_unit",            0, "070" },
    { "lot-decision/passed.xml",            "lot_quantity",        0, "169500.5" },
    { "lot-draw/by-train.xml",              "draw_id",             0, "T-81022" },
    { "ceb303/two-orders.xml",              "parcel.order_no",     1, "EC20261012002" },
    { "ceb303/two-orders.xml",              "item.parcel",         1, "2" },
    { "ceb403/received.xml",                "parcel.paid_at",      0, "2026-10-12T08:30:00.000+08:00" },
    { "ceb505/parcel.xml",                  "parcel.waybill_no",   0, "YT10000000001" },
    { "ceb603/retail-9610.xml",             "item.parcel",         0, "1" },
    { "ceb603/retail-9610.xml",             "item.parcel",         1, "2" },
    { "ceb603/bonded-1210.xml",             "parcel.manual_no",    0, "T4218W000001" },
    { "ceb507/arrived.xml",                 "parcel.batch",        0, "1" },
    { "ceb509/left.xml",                    "batch.left_at",       0, "2026-10-14T18:00:00.000+08:00" },
    { "ceb213/by-air.xml",                  "parcel.transport_mode", 0, "5" },
    { "ceb304/taken.xml",                   "parcel.receipt",      0, "2" },
    { "ceb404/taken.xml",                   "parcel.payment_no",   0, "PAY-EC20261012001" },
    { "ceb506/taken.xml",                   "parcel.carrier_code", 0, "3702910088" },
    { "ceb604/released.xml",                "parcel.list_no",      0, "421820260000000001" },
    { "ceb508/taken.xml",                   "batch.own_no",        0, "ARR-20261013-1" },
    { "ceb510/taken.xml",                   "batch.part",          0, "1" },
    { "ceb214/released.xml",                "parcel.own_no",       0, "BACK-20261030-1" },
    { "ceb215/counted.xml",                 "parcel.operator_code", 0, "3702910066" },
    { "ceb216/taken.xml",                   "parcel.waybill_no",   0, "BACK-1" },
    { "ceb311/order.xml",                   "parcel.discount",     0, "5" },
    { "ceb312/taken.xml",                   "parcel.platform_code", 0, "3702986001" },
    { "ceb411/paid.xml",                    "parcel.payment_no",   0, "P20261012001" },
    { "ceb412/taken.xml",                   "parcel.payer_code",   0, "3702960001" },
    { "ceb511/parcel.xml",                  "parcel.order_no",     0, "IM20261012001" },
    { "ceb512/taken.xml",                   "parcel.waybill_no",   0, "YT20000000001" },
    { "ceb513/delivered.xml",               "parcel.delivered_at", 0, "2026-10-14T18:00:00.000+08:00" },
    { "ceb514/taken.xml",                   "parcel.delivery",     0, "S" },
    { "ceb621/direct-9610.xml",             "parcel.buyer_id",     0, "370202199001011234" },
    { "ceb622/released.xml",                "parcel.list_no",      0, "421820261000000001" },
    { "origin-application/rcep.xml",        "origin.goods_number", 0, "1" },
    { "origin-application/in-place-of-one-lost.xml", "replacement_reason", 0, "LOST" },
    { "origin-review/returned.xml",         "review_action",       0, "RETURN" },
    { "origin-print/two-copies.xml",        "print_copies",        0, "2" },
    { "dangerous-goods/paint.xml",          "dg.class",            1, "9" },
    { "dangerous-goods-result/selected.xml", "dg_result",          0, "SELECT" },
    { "export-notice-reply/queried.xml",    "notice_id",           0, "1207" },
    { "lot-weighing/two-trucks.xml",        "ticket.net",          1, "31.22" },
    { "lab-registration/cotton.xml",        "scope.valid_until",   0, "2026-12-31" },
    { "sample-notice/cotton.xml",           "test.method",         1, "GB 18401" },
    { "lab-report/cotton.xml",              "test.value",          0, "12 mg/kg" },
    { "pick-up-request/one-truck.xml",      "truck_id",            0, "鲁B12345" },
    { "pick-up/at-the-gate.xml",            "pick_up_token",       0, "eyJ9.AAAA" },
    { "supplement-notice/contract.xml",     "document.code",       1, "00000004" },
    { "supplement-reply/contract.xml",      "document.id",         1, "HT-2026-118" },
    { "fee-waiver/of-a-note.xml",           "waiver_id",           0, "MD-20261018-01" },
    { "complaint/of-a-line.xml",            "note_line",           0, "3" },
    { "complaint-reply/refunded.xml",       "refund",              0, "490" },
    { "review-measure/decided.xml",         "segment_name",        0, "insp-waiting" },
    { "service-rating/of-a-note.xml",       "aspect.score",        1, "3" },
    { "rating-reply/thanks.xml",            "rater_code",          0, "3702986001" },
    { "port-event/export-2-loading.xml",    "ie_flag",             0, "E" },
    { "port-event/alias-of-port.xml",       "port_code",           0, "CNTAO" },
    { "port-event/import-7-withdrawn.xml",  "withdrawn",           0, "误报：该箱仍在堆场" },
    { "wco-dec/import.xml",                 "ie_flag",             0, "I" },
    { "wco-dec/import.xml",                 "transport_mode",      0, "2" },
    { "wco-dec/import.xml",                 "item.hs_code",        0, "84821020" },
    { "wco-dec/import.xml",                 "bill_number",         0, "LYEX26Q4003377" },
    { "wco-res/released.xml",               "customs_channel",     0, "P" },
    { "wco-res/released.xml",               "answers_id",          0, "W20261012000001" },
};
/* clang-format on */

static void documents_hold_what_the_messages_say(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        if (!can_be_judged(values[i].message)) {
            continue;
        }
        struct arena *arena = arena_new();
        struct judgement judgement;
        judge_bytes(read_text(arena, file_join(arena, MESSAGES, values[i].message)), arena, &judgement);
        struct text value = document_row_text(judgement.doc, values[i].field, values[i].row);
        if (!text_is(value, values[i].value)) {
            fail_msg("%s %s: \"" TEXT_FORMAT "\", expected \"%s\"", values[i].message, values[i].field,
                     TEXT_ARGS(value), values[i].value);
        }
        arena_free(arena);
    }
}

/* Cuts every `from` ... `until` out of a NUL-terminated text. */
static void cut(char *text, const char *from, const char *until) {
    for (char *at; (at = strstr(text, from)) != NULL;) {
        char *end = strstr(at, until);
        assert_non_null(end);
        end += strlen(until);
        memmove(at, end, strlen(end) + 1);
    }
}

/* Measure 5, rule D11: neither is asked for up front, of an import or an export, ordinary or two-step. */
static void contract_and_packing_list_are_never_demanded(void **state) {
    (void)state;
    static const char *const messages[] = {
        "import-general",
        "import-advance",
        "import-two-step-summary",
        "import-two-step-complete",
        "import-two-stage",
        "import-bulk-ore",
        "import-dangerous",
        "import-origin",
        "export-general",
        "export-9710",
        "export-9810",
    };
    for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
        struct arena *arena = arena_new();
        const char *path = arena_printf(arena, "%s/cn-dec/%s.xml", MESSAGES, messages[i]);
        struct text text = read_text(arena, path);
        char *bare = arena_alloc(arena, text.length + 1);
        memcpy(bare, text.at, text.length);
        cut(bare, "<EdocRealation>", "</EdocRealation>");
        cut(bare, "<ContrNo>", "</ContrNo>");
        assert_null(strstr(bare, "Edoc"));
        struct judgement judgement;
        judge_bytes(text_of(bare), arena, &judgement);
        print_verdict(path, &judgement.verdict);
        assert_true(verdict_passes(&judgement.verdict));
        assert_int_equal(judgement.verdict.warnings, 0);
        arena_free(arena);
    }
}

/* The lists that the dictionary and the rules name are there, and a field's list is not misspelt. */
static void every_list_of_the_dictionary_is_there(void **state) {
    (void)state;
    for (size_t i = 0; i < fields_count(edition->fields); i++) {
        const struct field *field = fields_at(edition->fields, (int)i);
        if (field->list[0] && !codelists_find(edition->lists, text_of(field->list))) {
            fail_msg("%s: no list %s", field->name, field->list);
        }
    }
}

static void an_abolished_charge_ends_on_its_day(void **state) {
    (void)state;
    const struct codelist *items = codelists_find(edition->lists, TEXT("charge_items"));
    assert_true(codelist_has(items, TEXT("PORT_CONSTRUCTION"), day_of(2020, 12, 31)));
    assert_false(codelist_has(items, TEXT("PORT_CONSTRUCTION"), day_of(2021, 1, 1)));
    assert_false(codelist_has(items, TEXT("FACILITY_SECURITY"), day_of(2022, 4, 1)));
    assert_true(codelist_has(items, TEXT("HARBOUR_DUES"), day_of(2026, 10, 31)));
}

/* Case 243: however much customs adds to an answer, it is read: a name is told once, and what stands behind
   it counts. */
static void an_answer_with_thousands_added_is_read(void **state) {
    (void)state;
    struct buf added;
    buf_init(&added, 1u << 20);
    for (int i = 0; i < 3000; i++) {
        buf_add_string(&added, i % 2 ? "<Extra><Note/></Extra>" : "<More/>");
    }
    buf_add_string(&added, "<CHANNEL>P<");
    struct arena *arena = arena_new();
    struct judgement judgement;
    struct change change = { "<CHANNEL>P<", arena_copy(arena, buf_text(&added)), NULL };
    judge_bytes(
        changed(arena, read_text(arena, file_join(arena, MESSAGES, "cn-result/released.xml")), &change),
        arena, &judgement);
    assert_int_equal(judgement.verdict.errors, 0);
    assert_int_equal(judgement.verdict.warnings, 2);
    const struct field *channel = fields_find(edition->fields, TEXT("customs_channel"));
    assert_true(channel && document_value(judgement.doc, channel->id, 0));
    arena_free(arena);
    buf_release(&added);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_list_of_the_dictionary_is_there),
        cmocka_unit_test(an_abolished_charge_ends_on_its_day),
        cmocka_unit_test(every_message_is_accepted),
        cmocka_unit_test(documents_hold_what_the_messages_say),
        cmocka_unit_test(facets_hold),
        cmocka_unit_test(an_answer_with_thousands_added_is_read),
        cmocka_unit_test(contract_and_packing_list_are_never_demanded),
        cmocka_unit_test(each_broken_message_is_refused_for_its_fault_alone),
        cmocka_unit_test(each_odd_message_is_accepted_with_its_warning_alone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
