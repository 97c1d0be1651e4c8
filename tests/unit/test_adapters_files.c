/*
 * Messages and deliveries as files, over a real folder and the real loop. The intake is a fake, linked in its
 * place: it remembers what was submitted and answers as the test says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/memory.h"
#include "edition/catalog.h"
#include "edition/party.h"
#include "journal/journal.h"
#include "engine/decision.h"
#include "engine/state.h"
#include "adapters/adapters.h"
#include "adapters/files/files.h"
#include "waiting.h"

#define SUBMITTED_MAX 64

/* --- the fake intake --------------------------------------------------------------------------------- */

struct submitted {
    char party[32], file[256], bytes[256];
    const char *channel;
    void (*answered)(const struct answer *answer, void *context);
    void *context;
};

static struct {
    struct submitted list[SUBMITTED_MAX];
    size_t count, answered, most, turned_away;
    bool holds;
    enum status status; /* what intake_submit() says; OK takes it */
    enum status later;  /* what the answer says */
    enum outcome outcome;
    const char *format; /* of what comes; NULL: cn-dec */
    bool repeated;      /* the answer says that it came before */
    uint64_t number;
} fake;

static void answer_next(void) {
    struct submitted *submitted = &fake.list[fake.answered++ % SUBMITTED_MAX];
    struct receipt_of of = { .journal = "qd-gate-1", .number = fake.number, .stamp = STAMP_SECOND };
    struct metadata metadata = { .env = { .party = submitted->party,
                                          .channel = "files",
                                          .format = "",
                                          .file = submitted->file,
                                          .trace = "" },
                                 .family = "declaration",
                                 .format = fake.format ? fake.format : "cn-dec",
                                 .id = "ID-1",
                                 .outcome = fake.outcome };
    struct answer answer = { .status = fake.later };
    if (fake.later == STATUS_OK) {
        answer.number = fake.number++;
        answer.outcome = fake.outcome;
        answer.repeated = fake.repeated;
        answer.metadata = &metadata;
        answer.of = &of;
    }
    submitted->answered(&answer, submitted->context);
}

enum status intake_submit(struct intake *intake, const struct envelope *env, const struct party *party,
                          struct text bytes, void (*answered)(const struct answer *answer, void *context),
                          void *context) {
    assert_ptr_equal(intake, (struct intake *)&fake);
    if (fake.status != STATUS_OK) {
        fake.turned_away++;
        return fake.status;
    }
    assert_true(fake.count - fake.answered < SUBMITTED_MAX);
    struct submitted *submitted = &fake.list[fake.count++ % SUBMITTED_MAX];
    snprintf(submitted->party, sizeof(submitted->party), "%s", party->code);
    snprintf(submitted->file, sizeof(submitted->file), "%s", env->file);
    snprintf(submitted->bytes, sizeof(submitted->bytes), TEXT_FORMAT, TEXT_ARGS(bytes));
    submitted->channel = env->channel;
    submitted->answered = answered;
    submitted->context = context;
    if (fake.count - fake.answered > fake.most) {
        fake.most = fake.count - fake.answered;
    }
    if (!fake.holds) {
        answer_next();
    }
    return STATUS_OK;
}

/* --- the world --------------------------------------------------------------------------------------- */

static struct {
    char folder[64];
    struct loop *loop;
    struct loop_timer *look, *limit;
    struct arena *arena;
    struct edition edition;
    struct format format;
    struct catalog catalog;
    struct files *files;
    struct journal *journal;
    struct state *state; /* what the engine would write */
    bool (*until)(void);
    size_t delivered;
    enum status delivery_status;
} world;

static void look(void *context) {
    if (world.until && world.until()) {
        loop_stop(world.loop);
    }
    loop_timer_start(world.look, 2);
}

static void too_long(void *context) {
    fail_msg("what the test waits for did not happen");
}

static void run_until(bool (*until)(void)) {
    world.until = until;
    loop_timer_start(world.limit, WAITING_MAX_MS);
    loop_run(world.loop);
    loop_timer_stop(world.limit);
}

static void start(void) {
    struct files_options options = { .loop = world.loop,
                                     .journal = world.journal,
                                     .directory = world.folder,
                                     .edition = &world.edition,
                                     .intake = (struct intake *)&fake,
                                     .scan_ms = 50,
                                     .settle_ms = 20 };
    assert_int_equal(files_start(&options, &world.files), STATUS_OK);
}

static int set_up(void **state) {
    memset(&world, 0, sizeof(world));
    memset(&fake, 0, sizeof(fake));
    fake.number = 42;
    strcpy(world.folder, "/tmp/clearway-files-XXXXXX");
    assert_non_null(mkdtemp(world.folder));
    char parties[1024], path[128];
    for (char box = 'a'; box <= 'b'; box++) {
        snprintf(path, sizeof(path), "%s/%c", world.folder, box);
        assert_int_equal(mkdir(path, 0777), 0);
    }
    snprintf(
        parties, sizeof(parties),
        "parties:\n"
        "  - { code: FWD-A, name: { zh: 甲, en: A }, roles: [declarant], files: { folder: %s/a }, deliver: { transport: files } }\n"
        "  - { code: CAR-B, name: { zh: 乙, en: B }, roles: [carrier], files: { folder: %s/b }, deliver: { transport: files } }\n"
        "  - { code: NONE, name: { zh: 丙, en: C }, roles: [carrier] }\n",
        world.folder, world.folder);
    world.arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, world.arena);
    static const struct party_transport *const transports[] = { &files_transport, NULL };
    world.edition.holds = 1;
    world.edition.parties =
        parties_load(text_of(parties), "parties.yaml", transports, world.arena, &mistakes);
    assert_int_equal(mistakes.errors, 0);
    world.format = (struct format){ .name = "cn-dec",
                                    .family = "declaration",
                                    .receipt = "DecImportResponse",
                                    .senders = { "declarant" },
                                    .senders_count = 1 };
    world.catalog = (struct catalog){ &world.format, 1 };
    world.edition.catalog = &world.catalog;
    world.loop = loop_new();
    world.look = loop_timer_new(world.loop, look, NULL);
    world.limit = loop_timer_new(world.loop, too_long, NULL);
    loop_timer_start(world.look, 1);
    struct journal_options journal = { .directory = world.folder, .segment_size = 1 << 20, .reserve = 1 };
    struct journal_report report;
    assert_int_equal(journal_open(&journal, &world.journal, &report), STATUS_OK);
    assert_int_equal(state_open(world.folder, STORE_WRITE, &world.state), STATUS_OK);
    start();
    return 0;
}

static int tear_down(void **state) {
    files_stop(world.files);
    state_close(world.state);
    journal_close(world.journal);
    loop_timer_free(world.look);
    loop_timer_free(world.limit);
    loop_free(world.loop);
    arena_free(world.arena);
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", world.folder);
    return system(command);
}

static const char *path_in(const char *box, const char *name) {
    static char paths[4][1024];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s/%s", world.folder, box, name);
    return path;
}

static bool exists(const char *box, const char *name) {
    struct stat info;
    return lstat(path_in(box, name), &info) == 0;
}

static void write_file(const char *box, const char *name, const char *text) {
    FILE *file = fopen(path_in(box, name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* As a careful sender does it. */
static void drop_at(const char *folder, const char *name, const char *text) {
    char box[32];
    snprintf(box, sizeof(box), "%s/OutBox", folder);
    while (!exists(folder, "OutBox")) { /* our thread makes the boxes */
        usleep(1000);
    }
    write_file(box, "x.tmp", text);
    assert_int_equal(rename(path_in(box, "x.tmp"), path_in(box, name)), 0);
}

static void drop(const char *name, const char *text) {
    drop_at("a", name, text);
}

static const char *content(const char *box, const char *name) {
    static char out[4096];
    FILE *file = fopen(path_in(box, name), "r");
    assert_non_null(file);
    out[fread(out, 1, sizeof(out) - 1, file)] = '\0';
    fclose(file);
    return out;
}

static size_t files_in(const char *box) {
    size_t count = 0;
    DIR *dir = opendir(path_in(box, ""));
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        count += entry->d_name[0] != '.';
    }
    if (dir) {
        closedir(dir);
    }
    return count;
}

static bool outbox_is_empty(void) {
    return exists("a", "OutBox") && files_in("a/OutBox") == 0;
}
static bool outbox_of_b_is_empty(void) {
    return exists("b", "OutBox") && files_in("b/OutBox") == 0;
}
static bool one_is_submitted(void) {
    return fake.count == 1;
}
static bool two_are_submitted(void) {
    return fake.count == 2;
}
static bool two_are_answered(void) {
    return files_in("a/InBox") == 3; /* and the link's */
}
static bool sixteen_are_submitted(void) {
    return fake.count == 16;
}
static bool forty_are_sent(void) {
    return files_in("a/SentBox") == 40;
}
static bool two_are_put_away(void) {
    return files_in("a/FailBox") == 4;
}
static bool boxes_stand(void) {
    return exists("a", "FailBox") && exists("b", "FailBox");
}

/* --- messages ---------------------------------------------------------------------------------------- */

static void test_a_message_is_answered_and_moved(void **state) {
    drop("decl.xml", "<DecMessage/>");
    run_until(outbox_is_empty);
    assert_string_equal(fake.list[0].party, "FWD-A");
    assert_string_equal(fake.list[0].file, "decl.xml");
    assert_string_equal(fake.list[0].bytes, "<DecMessage/>");
    assert_string_equal(fake.list[0].channel, "files");
    assert_string_equal(content("a/SentBox", "decl.xml"), "<DecMessage/>");
    assert_non_null(strstr(content("a/InBox", "Successed_decl_42.xml"), "DecImportResponse"));
    assert_int_equal(files_in("a/InBox"), 1);
    assert_int_equal(files_in("a/FailBox"), 0);
}

static void test_a_refused_one_goes_to_failbox(void **state) {
    fake.outcome = OUTCOME_REFUSED;
    drop("decl.XML", "<DecMessage/>");
    run_until(outbox_is_empty);
    assert_true(exists("a/FailBox", "decl.XML"));
    assert_true(exists("a/InBox", "Failed_decl_42.xml"));
    fake.outcome = OUTCOME_ACCEPTED; /* mended and moved back, it is tried again */
    assert_int_equal(rename(path_in("a/FailBox", "decl.XML"), path_in("a/OutBox", "decl.XML")), 0);
    run_until(outbox_is_empty);
    assert_true(exists("a/SentBox", "decl.XML"));
    assert_true(exists("a/InBox", "Successed_decl_43.xml"));
}

/* Case 30. */
static void test_what_has_no_format_is_answered_in_the_form_of_the_folder(void **state) {
    fake.outcome = OUTCOME_REFUSED;
    fake.format = "";
    drop("decl.xml", "\n<?xml version=\"1.0\"?><DecMessage/>");
    run_until(outbox_is_empty);
    const char *response = content("a/InBox", "Failed_decl_42.xml");
    assert_non_null(strstr(response, "<DecImportResponse "));
    assert_non_null(strstr(response, "<ResponseCode>1</ResponseCode>"));
    drop_at("b", "event.xml",
            "not even XML"); /* a carrier: its formats are answered in the gateway's own form */
    run_until(outbox_of_b_is_empty);
    assert_non_null(strstr(content("b/InBox", "Failed_event_43.xml"), "<Receipt "));
}

/* What is dropped in a box of another party and submitted shows that a scan has gone by; two, that a whole
 * one has. */
static size_t submitted_before;

static bool one_more_is_submitted(void) {
    return fake.count > submitted_before;
}

static void two_scans_go_by(void) {
    static const char *const names[] = { "first_sign.xml", "second_sign.xml" };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        submitted_before = fake.count;
        drop_at("b", names[i], "<Event/>");
        run_until(one_more_is_submitted);
    }
}

static void test_the_file_waits_in_outbox_until_the_record_is_durable(void **state) {
    fake.holds = true;
    drop("decl.xml", "<DecMessage/>");
    run_until(one_is_submitted);
    two_scans_go_by();
    assert_int_equal(fake.count, 1 + 2); /* it is not submitted twice */
    assert_true(exists("a/OutBox", "decl.xml"));
    assert_int_equal(files_in("a/InBox"), 0);
    answer_next();
    run_until(outbox_is_empty);
    assert_true(exists("a/InBox", "Successed_decl_42.xml"));
}

static void test_after_a_crash_the_same_file_gets_the_same_response(void **state) {
    fake.holds = true;
    drop("decl.xml", "<DecMessage/>");
    run_until(one_is_submitted);
    files_stop(world.files); /* as if the gateway died after the record was durable */
    assert_true(exists("a/OutBox", "decl.xml"));
    start();
    fake.answered = 1;
    fake.holds = false;
    run_until(outbox_is_empty);
    assert_int_equal(fake.count, 2);
    assert_true(exists("a/InBox", "Successed_decl_42.xml"));

    fake.number = 42; /* as if it died between response and move */
    drop("decl.xml", "<DecMessage/>");
    run_until(outbox_is_empty);
    assert_int_equal(files_in("a/InBox"), 1);
    assert_true(exists("a/SentBox", "decl_42.xml"));
}

static bool one_is_turned_away(void) {
    return fake.turned_away > 0;
}

static void test_while_the_gateway_is_busy_files_stay(void **state) {
    static const enum status cases[] = { STATUS_BUSY, STATUS_FULL, STATUS_CLOSED };
    for (size_t i = 0; i < 3; i++) {
        fake.status = cases[i];
        fake.turned_away = 0;
        drop("decl.xml", "<DecMessage/>");
        run_until(one_is_turned_away);
        fake.turned_away = 0;
        run_until(one_is_turned_away); /* again, at a later scan */
        assert_true(exists("a/OutBox", "decl.xml"));
        fake.status = STATUS_OK;
        run_until(outbox_is_empty); /* after the second it rests */
        assert_int_equal(fake.count, i + 1);
    }
}

static void test_what_could_not_be_recorded_is_tried_again(void **state) {
    fake.later = STATUS_IO;
    drop("decl.xml", "<DecMessage/>");
    run_until(one_is_submitted);
    fake.later = STATUS_OK;
    run_until(outbox_is_empty);
    assert_int_equal(fake.count, 2);
    assert_true(exists("a/SentBox", "decl.xml"));
}

static void test_what_is_too_large_for_the_gateway_is_put_away(void **state) {
    fake.status = STATUS_TOO_LARGE;
    drop("decl.xml", "<DecMessage/>");
    run_until(outbox_is_empty);
    assert_true(exists("a/FailBox", "decl.xml"));
    assert_non_null(strstr(content("a/FailBox", "decl.xml.reason.txt"), "TOO_LARGE"));
    assert_non_null(strstr(content("a/InBox", "Failed_decl.xml"), "[TOO_LARGE]"));
}

static void test_what_cannot_be_read_is_put_away_with_a_reason(void **state) {
    run_until(boxes_stand);
    write_file("a", "secret", "top secret");
    assert_int_equal(symlink("../secret", path_in("a/OutBox", "link.xml")), 0);
    assert_int_equal(mkfifo(path_in("a/OutBox", "pipe.xml"), 0666), 0);
    assert_int_equal(mkdir(path_in("a/OutBox", "sub"), 0777), 0);
    assert_int_equal(mkdir(path_in("a/OutBox", "dir.xml"), 0777), 0); /* case 546: named as a message is */
    write_file("a/OutBox/dir.xml", "within.xml", "<a/>");
    write_file("a/OutBox", "unfinished.tmp", "<half");
    write_file("a/OutBox", ".hidden", "<half");
    run_until(two_are_put_away);
    assert_memory_equal(content("a/FailBox", "link.xml.reason.txt"), "FILES-LINK\nlink.xml\n", 20);
    assert_memory_equal(content("a/FailBox", "pipe.xml.reason.txt"), "FILES-KIND\npipe.xml\n", 20);
    /* Case 161: a program that reads InBox alone hears of it, too, in its own form. */
    assert_string_equal(
        content("a/InBox", "Failed_link.xml"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<DecImportResponse xmlns=\"http://www.chinaport.gov.cn/dec\"><ResponseCode>1</ResponseCode>"
        "<ErrorMessage>已拒收：[FILES-LINK] 符号链接，不予读取；未记录。请将文件本身放入 OutBox。</ErrorMessage>"
        "<ClientSeqNo></ClientSeqNo><SeqNo></SeqNo></DecImportResponse>\n");
    assert_int_equal(files_in("a/InBox"), 2);
    assert_true(exists("a/OutBox/dir.xml", "within.xml"));
    assert_true(exists("a/OutBox", "sub") && exists("a/OutBox", "unfinished.tmp")
                && exists("a/OutBox", ".hidden"));
    assert_int_equal(fake.count, 0);
}

static bool some_of_b_are_put_away(void) {
    return files_in("b/FailBox") > 0;
}
static bool one_is_sent(void) {
    return files_in("a/SentBox") == 1;
}

/* case 187: each link is told and synced, which takes its time; another party's message does not wait for
   that. */
static void test_a_folder_of_links_delays_nobody_else(void **state) {
    run_until(boxes_stand);
    for (int i = 0; i < 20000; i++) {
        char name[32];
        snprintf(name, sizeof(name), "link-%05d.xml", i);
        assert_int_equal(symlink("/etc/passwd", path_in("b/OutBox", name)), 0);
    }
    run_until(some_of_b_are_put_away);
    size_t before = files_in("b/FailBox") / 2; /* each with its reason */
    drop("m.xml", "<m/>");
    run_until(one_is_sent);
    assert_in_range(files_in("b/FailBox") / 2 - before, 0, 500); /* a bite of its names is 1,024 */
    assert_int_equal(fake.count, 1);
}

static void test_one_whose_form_is_ours_is_told_in_it(void **state) {
    run_until(boxes_stand);
    assert_int_equal(symlink("../secret", path_in("b/OutBox", "link.xml")), 0);
    run_until(outbox_of_b_is_empty);
    assert_string_equal(
        content("b/InBox", "Failed_link.xml"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Receipt xmlns=\"urn:clearway:receipt:1\"><Verdict>refused</Verdict><Findings>"
        "<Finding code=\"FILES-LINK\" severity=\"error\" line=\"0\" column=\"0\"><Zh>符号链接，不予读取</Zh>"
        "<En>a symbolic link: links are never followed</En></Finding></Findings></Receipt>\n");
}

static void test_a_file_written_in_place_is_taken_whole(void **state) {
    run_until(boxes_stand);
    FILE *file = fopen(path_in("a/OutBox", "slow.xml"), "w");
    for (int i = 0; i < 4; i++) { /* slower than the folder is scanned */
        fprintf(file, "%d", i);
        fflush(file);
        two_scans_go_by();
    }
    assert_int_equal(fake.count, 2 * 4); /* the signs alone */
    fclose(file);
    run_until(outbox_is_empty);
    assert_int_equal(fake.count, 2 * 4 + 1);
    assert_string_equal(fake.list[2 * 4].bytes, "0123");
}

static void test_strange_names_are_served(void **state) {
    char longest[256];
    memset(longest, 'x', 255);
    memcpy(longest + 251, ".xml", 5);
    drop(longest, "<a/>");
    run_until(outbox_is_empty);
    assert_true(exists("a/SentBox", longest));
    drop("\xB1\xA8\xB9\xD8.xml", "<a/>"); /* a name in GB18030 */
    run_until(outbox_is_empty);
    assert_true(exists("a/SentBox", "\xB1\xA8\xB9\xD8.xml"));
    assert_string_equal(fake.list[1].file, "%B1%A8%B9%D8.xml");
    assert_true(exists("a/InBox", "Successed_%B1%A8%B9%D8_43.xml"));
    drop("报关单 1.xml", "<a/>");
    run_until(outbox_is_empty);
    assert_true(exists("a/InBox", "Successed_报关单 1_44.xml"));
    assert_int_equal(files_in("a/InBox"), 3);
}

static void test_the_same_name_twice_keeps_both(void **state) {
    drop("decl.xml", "<a/>");
    run_until(outbox_is_empty);
    drop("decl.xml", "<b/>");
    run_until(outbox_is_empty);
    assert_string_equal(content("a/SentBox", "decl.xml"), "<a/>");
    assert_string_equal(content("a/SentBox", "decl_43.xml"), "<b/>");
    assert_int_equal(files_in("a/InBox"), 2);
}

static void test_a_replaced_file_is_a_message_of_its_own(void **state) {
    fake.holds = true;
    drop("decl.xml", "<a/>");
    run_until(one_is_submitted);
    drop("decl.xml", "<bb/>"); /* over it, while it is under way */
    fake.holds = false;
    answer_next();
    run_until(outbox_is_empty);
    assert_int_equal(fake.count, 2);
    assert_string_equal(fake.list[1].bytes, "<bb/>");
    assert_string_equal(content("a/SentBox", "decl.xml"), "<bb/>");
    assert_int_equal(files_in("a/InBox"), 2);
}

/* case 547: while its message is under way the file becomes a link, or is taken back and dropped once more;
 * it comes back from SentBox. */
static void test_files_that_change_or_come_back(void **state) {
    fake.holds = true;
    write_file("a", "secret", "<secret/>");
    drop("decl.xml", "<a/>");
    run_until(one_is_submitted);
    assert_int_equal(unlink(path_in("a/OutBox", "decl.xml")), 0);
    assert_int_equal(symlink("../secret", path_in("a/OutBox", "decl.xml")), 0);
    answer_next(); /* the message has its response; the link is not it, and is put away as what it is */
    run_until(outbox_is_empty);
    assert_int_equal(files_in("a/SentBox"), 0);
    assert_int_equal(files_in("a/FailBox"), 2);
    assert_string_equal(content("a", "secret"), "<secret/>");
    assert_int_equal(fake.count, 1);

    drop("decl.xml", "<b/>");
    run_until(two_are_submitted);
    assert_int_equal(rename(path_in("a/OutBox", "decl.xml"), path_in("a", "taken-back")), 0);
    answer_next();
    fake.holds = false;
    run_until(two_are_answered);
    two_scans_go_by();
    assert_int_equal(files_in("a/SentBox"), 0);
    assert_int_equal(rename(path_in("a", "taken-back"), path_in("a/OutBox", "decl.xml")), 0);
    run_until(one_is_sent);
    assert_int_equal(fake.count, 2 + 3);
    assert_string_equal(fake.list[4].bytes, "<b/>"); /* the same bytes: intake gives the same receipt */

    assert_int_equal(rename(path_in("a/SentBox", "decl.xml"), path_in("a/OutBox", "decl.xml")), 0);
    run_until(outbox_is_empty);
    assert_int_equal(fake.count, 2 + 4);
    assert_int_equal(files_in("a/SentBox"), 1);
}

/* case 548: renamed into its place although whoever writes it has not done. */
static void test_a_file_moved_in_half_written_is_not_taken(void **state) {
    run_until(boxes_stand);
    FILE *file = fopen(path_in("a/OutBox", "x.tmp"), "w");
    fputs("<half", file);
    fflush(file);
    assert_int_equal(rename(path_in("a/OutBox", "x.tmp"), path_in("a/OutBox", "half.xml")), 0);
    two_scans_go_by();
    assert_int_equal(fake.count, 2); /* the signs alone */
    fputs(" done='1'/>", file);
    fclose(file);
    run_until(outbox_is_empty);
    assert_int_equal(fake.count, 3);
    assert_string_equal(fake.list[2].bytes, "<half done='1'/>");
}

static void test_under_way_is_bounded_and_all_come_through(void **state) {
    char name[32];
    fake.holds = true;
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "decl%02d.xml", i);
        drop(name, "<a/>");
    }
    run_until(sixteen_are_submitted);
    two_scans_go_by();
    assert_int_equal(fake.count, 16 + 2);
    fake.holds = false;
    while (fake.answered < fake.count) {
        answer_next();
    }
    run_until(forty_are_sent);
    assert_int_equal(fake.count, 40 + 2);
    assert_int_equal(fake.most, 16 + 2);
    assert_int_equal(files_in("a/InBox"), 40);
}

static void test_a_folder_that_comes_late_is_served(void **state) {
    run_until(boxes_stand);
    assert_int_equal(rename(path_in("a", ""), path_in("away", "")), 0);
    two_scans_go_by();
    assert_int_equal(rename(path_in("away", ""), path_in("a", "")), 0);
    drop("decl.xml", "<a/>");
    run_until(outbox_is_empty);
    assert_int_equal(fake.count, 2 + 1);
}

/* --- deliveries -------------------------------------------------------------------------------------- */

static void done(struct delivery *delivery, enum status status, enum delivery_reason reason,
                 const char *words) {
    world.delivered++;
    world.delivery_status = status;
}

static struct delivery delivery_to(const char *party, const char *text) {
    return (struct delivery){ .id = "42/CAR-B",
                              .record = 42,
                              .party = parties_find(world.edition.parties, text_of(party)),
                              .subject = "S",
                              .family = "declaration",
                              .format = "cn-dec",
                              .route = "R01",
                              .trace = "",
                              .sender = "FWD-A",
                              .file = "",
                              .data = text_of(text),
                              .attempt = 1,
                              .done = done };
}

static bool is_delivered(void) {
    return world.delivered == 1;
}

static enum status deliver(struct delivery *delivery) {
    const struct port *port = files_port(world.files);
    world.delivered = 0;
    port->send(port->context, delivery);
    run_until(is_delivered);
    return world.delivery_status;
}

static void test_a_delivery_appears_whole_in_inbox(void **state) {
    run_until(boxes_stand);
    struct delivery delivery = delivery_to("CAR-B", "<DecMessage>\r\n</DecMessage>");
    assert_int_equal(deliver(&delivery), STATUS_OK);
    assert_string_equal(content("b/InBox", "42_declaration_FWD-A.xml"), "<DecMessage>\r\n</DecMessage>");
    assert_int_equal(deliver(&delivery), STATUS_OK); /* again: the same file */
    assert_int_equal(files_in("b/InBox"), 1);
    delivery.sender = "";
    delivery.family = "../../etc/passwd";
    assert_int_equal(deliver(&delivery), STATUS_OK);
    assert_true(exists("b/InBox", "42_------etc-passwd.xml"));
    assert_int_equal(files_in("b/InBox"), 2);
}

/* Case 01: the file that was taken before is refused after all. */
static void test_a_later_refusal_is_a_second_response(void **state) {
    drop("报关单 1.xml", "<DecMessage/>");
    run_until(outbox_is_empty);
    struct delivery delivery = delivery_to("FWD-A", "<DecImportResponse/>");
    delivery.record = 43;
    delivery.family = "decision";
    delivery.sender = "";
    delivery.file = fake.list[0].file; /* as it stands in the record */
    assert_int_equal(deliver(&delivery), STATUS_OK);
    assert_int_equal(deliver(&delivery), STATUS_OK); /* again, after a crash: the same file */
    assert_true(exists("a/InBox", "Successed_报关单 1_42.xml"));
    assert_string_equal(content("a/InBox", "Failed_报关单 1_43.xml"), "<DecImportResponse/>");
    assert_int_equal(files_in("a/InBox"), 2);
    assert_true(exists("a/SentBox", "报关单 1.xml"));
    assert_int_equal(files_in("a/FailBox"), 0);
}

/* Case 163: after a crash the refusal is there before the file was read again and given its receipt. */
static void test_a_later_refusal_never_comes_first(void **state) {
    fake.status = STATUS_BUSY; /* the file stays in OutBox */
    drop("decl.xml", "<DecMessage/>");
    struct delivery delivery = delivery_to("FWD-A", "<DecImportResponse/>");
    delivery.file = "decl.xml";
    assert_int_equal(deliver(&delivery), STATUS_BUSY);
    assert_int_equal(files_in("a/InBox"), 0);
    fake.status = STATUS_OK;
    run_until(outbox_is_empty);
    assert_int_equal(deliver(&delivery), STATUS_OK);
    assert_int_equal(files_in("a/InBox"), 2);
    fake.status = STATUS_BUSY; /* the same name again, and again: it does not wait for ever */
    drop("decl.xml", "<other/>");
    delivery.record = 43;
    delivery.attempt = 4;
    assert_int_equal(deliver(&delivery), STATUS_OK);
}

/* A decision about that record, told of the next one that is answered; its number. */
static uint64_t decide(enum result result, uint64_t about) {
    struct decision decision;
    struct buf meta;
    decision_init(&decision, world.arena, about);
    decision.result = result;
    decision_answer(&decision, "T01", "没有概要申报", "no summary");
    buf_init(&meta, 1 << 16);
    decision_write(&decision, &meta);
    struct record rec = { .kind = RECORD_DECISION, .meta = buf_text(&meta), .data = TEXT("<Decision/>") };
    assert_int_equal(journal_append(world.journal, &rec, true), STATUS_OK);
    buf_release(&meta);
    struct store_query *query = store_query(
        state_store(world.state),
        "INSERT OR REPLACE INTO messages(number, party, family, format, own_id, outcome, recorded, bytes, decision) "
        "VALUES(?, 'FWD-A', 'declaration', 'cn-dec', 'ID-1', 'accepted', 0, 0, ?)");
    store_bind_int(query, 1, (int64_t)fake.number);
    store_bind_int(query, 2, (int64_t)rec.number);
    assert_int_equal(store_run(query), STATUS_OK);
    return rec.number;
}

/* Case 164: dropped again, the very bytes that the engine refused: the first receipt again, which says
   accepted, and more. */
static void test_what_comes_again_after_its_refusal_is_told_so(void **state) {
    char name[64];
    fake.repeated = true;
    uint64_t number = decide(RESULT_REFUSED, 42);
    drop("decl.xml", "<DecMessage/>");
    run_until(outbox_is_empty);
    snprintf(name, sizeof(name), "Failed_decl_%d.xml", (int)number);
    assert_true(exists("a/InBox", "Successed_decl_42.xml"));
    assert_non_null(strstr(content("a/InBox", name), "<ResponseCode>1</ResponseCode>"));
    assert_non_null(strstr(content("a/InBox", name), "[T01] 没有概要申报"));
    assert_true(exists("a/FailBox", "decl.xml"));

    /* done, or not decided, or another's decision: a row that is not true is not believed */
    decide(RESULT_DONE, 43);
    drop("done.xml", "<DecMessage/>");
    run_until(outbox_is_empty);
    drop("undecided.xml", "<DecMessage/>");
    run_until(outbox_is_empty);
    decide(RESULT_REFUSED, 7);
    drop("wrong.xml", "<DecMessage/>");
    run_until(outbox_is_empty);
    assert_int_equal(files_in("a/InBox"), 5);
    assert_int_equal(files_in("a/SentBox"), 3);
}

/* Its name is told as the receipt told it, odd bytes and all. */
static void test_a_later_refusal_of_an_odd_name(void **state) {
    drop("100%\x01.xml", "<DecMessage/>");
    run_until(outbox_is_empty);
    struct delivery delivery = delivery_to("FWD-A", "<Decision/>");
    delivery.file = fake.list[0].file;
    assert_int_equal(deliver(&delivery), STATUS_OK);
    assert_true(exists("a/InBox", "Successed_100%25%01_42.xml"));
    assert_true(exists("a/InBox", "Failed_100%25%01_42.xml"));
}

static void test_a_party_without_a_usable_folder(void **state) {
    run_until(boxes_stand);
    struct delivery delivery = delivery_to("NONE", "<a/>");
    assert_int_equal(deliver(&delivery), STATUS_DENIED);
    assert_int_equal(rmdir(path_in("b", "InBox")), 0);
    assert_int_equal(symlink("/tmp", path_in("b", "InBox")), 0);
    delivery = delivery_to("CAR-B", "<a/>");
    assert_int_equal(deliver(&delivery), STATUS_UNAVAILABLE);
}

static void test_a_cancelled_delivery_is_not_reported(void **state) {
    run_until(boxes_stand);
    struct delivery *delivery = memory_new(sizeof(*delivery));
    *delivery = delivery_to("CAR-B", "<a/>");
    const struct port *port = files_port(world.files);
    port->send(port->context, delivery);
    port->cancel(port->context, delivery);
    free(delivery);
    struct delivery next = delivery_to("CAR-B", "<b/>");
    port->send(port->context, &next);
    run_until(is_delivered);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(test_a_message_is_answered_and_moved),
        T(test_a_refused_one_goes_to_failbox),
        T(test_what_has_no_format_is_answered_in_the_form_of_the_folder),
        T(test_the_file_waits_in_outbox_until_the_record_is_durable),
        T(test_after_a_crash_the_same_file_gets_the_same_response),
        T(test_while_the_gateway_is_busy_files_stay),
        T(test_what_could_not_be_recorded_is_tried_again),
        T(test_what_is_too_large_for_the_gateway_is_put_away),
        T(test_what_cannot_be_read_is_put_away_with_a_reason),
        T(test_a_folder_of_links_delays_nobody_else),
        T(test_one_whose_form_is_ours_is_told_in_it),
        T(test_a_file_written_in_place_is_taken_whole),
        T(test_strange_names_are_served),
        T(test_the_same_name_twice_keeps_both),
        T(test_a_replaced_file_is_a_message_of_its_own),
        T(test_files_that_change_or_come_back),
        T(test_a_file_moved_in_half_written_is_not_taken),
        T(test_under_way_is_bounded_and_all_come_through),
        T(test_a_folder_that_comes_late_is_served),
        T(test_a_delivery_appears_whole_in_inbox),
        T(test_a_later_refusal_is_a_second_response),
        T(test_a_later_refusal_never_comes_first),
        T(test_what_comes_again_after_its_refusal_is_told_so),
        T(test_a_later_refusal_of_an_odd_name),
        T(test_a_party_without_a_usable_folder),
        T(test_a_cancelled_delivery_is_not_reported),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
