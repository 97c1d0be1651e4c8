/*
 * Hostile messages: every class known to hurt an XML gateway, made here, judged by our own schemas and rules.
 * Each is refused with its own code, or is inert, within 50 ms of CPU time and 64 MiB, and without opening a
 * file or a socket.
 *
 * Each case runs in a child of its own whose system calls are filtered: one that opens or connects ends it.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "check/check.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER          20 /* under a sanitizer; memory is not measured there */
#define MEASURES_MEMORY false
#else
#define SLOWER          1
#define MEASURES_MEMORY true
#endif

#define CPU_MS_MAX     (50 * SLOWER)
#define MEMORY_KIB_MAX (64 * 1024)

/* --- making them ---------------------------------------------------------------------------------------- */

struct making {
    struct buf *out;
    struct text honest;
}; /* honest: a declaration that is accepted */

static void add(struct making *making, const char *string) {
    buf_add_string(making->out, string);
}

static void repeat(struct making *making, const char *piece, size_t count) {
    for (size_t i = 0; i < count; i++) {
        add(making, piece);
    }
}

/* The honest declaration with `piece` before its last tag. */
static void add_before_the_end(struct making *making, const char *piece) {
    static const char last[] = "</DecMessage>";
    const char *at = memmem(making->honest.at, making->honest.length, last, strlen(last));
    buf_add(making->out, making->honest.at, (size_t)(at - making->honest.at));
    add(making, piece);
    add(making, at);
}

/* The honest declaration with one element's text replaced. */
static void replace_text(struct making *making, const char *opening, void (*fill)(struct making *making)) {
    const char *at = strstr(making->honest.at, opening);
    const char *behind = at + strlen(opening), *rest = strchr(behind, '<');
    buf_add(making->out, making->honest.at, (size_t)(behind - making->honest.at));
    fill(making);
    add(making, rest);
}

static void laughs(struct making *making) {
    add(making, "<?xml version='1.0'?><!DOCTYPE l [<!ENTITY l0 'lol'>");
    for (int i = 1; i < 11; i++) {
        buf_printf(making->out, "<!ENTITY l%d '", i);
        for (int k = 0; k < 10; k++) {
            buf_printf(making->out, "&l%d;", i - 1);
        }
        add(making, "'>");
    }
    add(making, "]><DecMessage>&l10;</DecMessage>");
}

static void quadratic_text(struct making *making) {
    add(making, "<!DOCTYPE l [<!ENTITY a '");
    repeat(making, "aaaaaaaaaa", 5000);
    add(making, "'>]><DecMessage>");
    repeat(making, "&a;", 50000);
    add(making, "</DecMessage>");
}

static void quadratic_attribute(struct making *making) {
    add(making, "<!DOCTYPE l [<!ENTITY a '");
    repeat(making, "aaaaaaaaaa", 100);
    add(making, "'>]><DecMessage a='");
    repeat(making, "&a;", 17000);
    add(making, "'/>");
}

static void entity_loop(struct making *making) {
    add(making, "<!DOCTYPE l [<!ENTITY a '&b;'><!ENTITY b '&a;'>]><DecMessage>&a;</DecMessage>");
}
static void parameter_laughs(struct making *making) {
    add(making, "<!DOCTYPE l [<!ENTITY % a '<!ENTITY &#37; b \"&#37;a;&#37;a;\">'> %a; %b;]><DecMessage/>");
}
static void xxe_file(struct making *making) {
    add(making, "<!DOCTYPE l [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><DecMessage>&x;</DecMessage>");
}
static void xxe_http(struct making *making) {
    add(making, "<!DOCTYPE l [<!ENTITY x SYSTEM 'http://127.0.0.1:1/'>]><DecMessage>&x;</DecMessage>");
}
static void external_dtd(struct making *making) {
    add(making, "<!DOCTYPE DecMessage SYSTEM 'http://127.0.0.1:1/x.dtd'><DecMessage/>");
}
static void external_parameter(struct making *making) {
    add(making, "<!DOCTYPE l [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]><DecMessage/>");
}
static void dtd_in_utf7(struct making *making) {
    add(making,
        "<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE l +AFs-+ADwAIQ-ENTITY x SYSTEM 'file:///etc/passwd'+AD4AXQA+-<DecMessage/>");
}
static void dtd_late(struct making *making) {
    add(making, "<!--");
    repeat(making, " ", 60000);
    add(making, "-->\n<!DOCTYPE l><DecMessage/>");
}

static void xinclude(struct making *making) {
    add_before_the_end(
        making,
        "<SddTax xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='file:///etc/passwd' parse='text'/>"
        "<xi:include href='http://127.0.0.1:1/'/></SddTax>");
}

static void schema_location(struct making *making) {
    const char *root = strstr(making->honest.at, "<DecMessage");
    buf_add(making->out, making->honest.at, (size_t)(root - making->honest.at) + strlen("<DecMessage"));
    add(making,
        " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='http://www.chinaport.gov.cn/dec "
        "http://127.0.0.1:1/x.xsd urn:x file:///etc/passwd' xsi:noNamespaceSchemaLocation='http://127.0.0.1:1/y.xsd'");
    add(making, root + strlen("<DecMessage"));
}

static void stylesheet(struct making *making) {
    add(making, "<?xml-stylesheet type='text/xsl' href='http://127.0.0.1:1/x.xsl'?><DecMessage/>");
}
static void depth_65(struct making *making) {
    repeat(making, "<a>", 65);
    repeat(making, "</a>", 65);
}
static void depth_200000(struct making *making) {
    repeat(making, "<a>", 200000);
    repeat(making, "</a>", 200000);
}

static void attributes_100000(struct making *making) {
    add(making, "<DecMessage");
    for (int i = 0; i < 100000; i++) {
        buf_printf(making->out, " a%d=''", i);
    }
    add(making, "/>");
}

static void names_400000(struct making *making) {
    add(making, "<DecMessage>");
    for (int i = 0; i < 400000; i++) {
        buf_printf(making->out, "<n%d/>", i);
    }
    add(making, "</DecMessage>");
}

static void attribute_names(struct making *making) {
    add(making, "<DecMessage>");
    for (int i = 0; i < 100000; i++) {
        buf_printf(making->out, "<a b%d='' c%d=''/>", i, i);
    }
    add(making, "</DecMessage>");
}

static void namespaces_on_one(struct making *making) {
    add(making, "<DecMessage");
    for (int i = 0; i < 20000; i++) {
        buf_printf(making->out, " xmlns:n%d='urn:%d'", i, i);
    }
    add(making, "/>");
}

/* Many in scope, then many elements that look for the one declared first. */
static void namespaces_in_scope(struct making *making) {
    add(making, "<a xmlns:first='u'>");
    for (int depth = 0; depth < 60; depth++) {
        add(making, "<a");
        for (int i = 0; i < 60; i++) {
            buf_printf(making->out, " xmlns:n%d_%d='u'", depth, i);
        }
        add(making, ">");
    }
    repeat(making, "<first:b/>", 150000);
}

static void namespace_names(struct making *making) {
    add(making, "<DecMessage>");
    for (int i = 0; i < 190000; i++) {
        buf_printf(making->out, "<a xmlns='urn:%d'/>", i);
    }
    add(making, "</DecMessage>");
}

static void siblings_2500000(struct making *making) {
    add(making, "<DecMessage>");
    repeat(making, "<a/>", 2500000);
    add(making, "</DecMessage>");
}
static void rows_100000(struct making *making) {
    add(making, "<DEC_RESULT>");
    repeat(making, "<a></a>", 100000);
    add(making, "</DEC_RESULT>");
}
static void text_11_mb(struct making *making) {
    add(making, "<DecMessage>");
    repeat(making, "0123456789abcdef", 11 << 16);
    add(making, "</DecMessage>");
}
static void attribute_10_mb(struct making *making) {
    add(making, "<DecMessage a='");
    repeat(making, "0123456789", 1000000);
    add(making, "'/>");
}
static void name_60000(struct making *making) {
    add(making, "<");
    repeat(making, "n", 60000);
    add(making, "/>");
}
static void comment_9_mb(struct making *making) {
    add(making, "<!--");
    repeat(making, "0123456789", 900000);
    add(making, "--><DecMessage/>");
}
static void open_comment(struct making *making) {
    add(making, "<DecMessage>");
    repeat(making, "<!-", 300000);
}
static void open_quotes(struct making *making) {
    add(making, "<DecMessage>");
    repeat(making, "<a b='", 300000);
}
static void open_cdata(struct making *making) {
    add(making, "<DecMessage>");
    repeat(making, "<![CDATA[", 200000);
}

static void overlong(struct making *making) {
    add(making, "<DecMessage>\xC0\xBCscript\xE0\x80\xBC</DecMessage>");
}
static void surrogates(struct making *making) {
    add(making, "<DecMessage>\xED\xA0\xBD\xED\xB8\x80</DecMessage>");
}
static void not_a_character(struct making *making) {
    add(making, "<DecMessage>\xEF\xBF\xBE</DecMessage>");
}
static void control(struct making *making) {
    add(making, "<DecMessage>\x08\x1B[31m</DecMessage>");
}
static void control_by_reference(struct making *making) {
    add(making, "<DecMessage>&#8;&#x1B;</DecMessage>");
}
static void latin1(struct making *making) {
    add(making, "<DecMessage>\xE9t\xE9</DecMessage>");
}
static void nul_behind(struct making *making) {
    buf_add_text(making->out, making->honest);
    buf_add(making->out, "\0<DecMessage>evil</DecMessage>", 31);
}
static void nul_inside(struct making *making) {
    buf_add(making->out, "<DecMessage>\0</DecMessage>", 26);
}
static void second_root(struct making *making) {
    buf_add_text(making->out, making->honest);
    add(making, "<DecMessage>evil</DecMessage>");
}

static void declared(struct making *making, const char *encoding) {
    buf_printf(making->out, "<?xml version='1.0' encoding='%s'?><DecMessage/>", encoding);
}
static void utf7(struct making *making) {
    declared(making, "UTF-7");
}
static void hz(struct making *making) {
    declared(making, "HZ");
}
static void iso2022(struct making *making) {
    declared(making, "ISO-2022-JP");
}
static void ibm037(struct making *making) {
    declared(making, "IBM037");
}
static void ebcdic(struct making *making) {
    add(making, "\x4C\x6F\xA7\x94\x93\x40\xA5\x85\x99");
}
static void utf16(struct making *making) {
    buf_add(making->out, "\xFF\xFE<\0a\0/\0>\0", 10);
}
static void ucs4(struct making *making) {
    buf_add(making->out, "\0\0\0<\0\0\0a\0\0\0/\0\0\0>", 16);
}
static void bom_and_latin1(struct making *making) {
    add(making, "\xEF\xBB\xBF");
    declared(making, "ISO-8859-1");
}
static void xml_1_1(struct making *making) {
    add(making, "<?xml version='1.1'?><DecMessage>&#1;</DecMessage>");
}
static void xml_9_9(struct making *making) {
    add(making, "<?xml version='9.9'?><DecMessage/>");
}
static void gzip(struct making *making) {
    buf_add(making->out, "\x1F\x8B\x08\0\0\0\0\0\0\x03\xB3\xB1\xAF\xC8\xCD\x51", 16);
}
static void undeclared_prefix(struct making *making) {
    add_before_the_end(making, "<SddTax><p:r/></SddTax>");
}

/* What ran for seconds: values against patterns and lists of ours. */
static void fill_digits(struct making *making) {
    repeat(making, "0123456789", 6000);
}
static void fill_blanks(struct making *making) {
    repeat(making, " \n", 30000);
    add(making, "4227");
    repeat(making, "\t ", 30000);
}
static void fill_references(struct making *making) {
    repeat(making, "&#65;", 200000);
}
static void long_for_pattern(struct making *making) {
    replace_text(making, "<CustomMaster>", fill_digits);
}
static void blanks_for_pattern(struct making *making) {
    replace_text(making, "<CustomMaster>", fill_blanks);
}
static void text_by_references(struct making *making) {
    replace_text(making, "<TradeName>", fill_references);
}

static void faults_everywhere(struct making *making) {
    add(making, "<DecMessage xmlns='http://www.chinaport.gov.cn/dec'><DecLists>");
    repeat(making, "<DecList><GNo>x</GNo><y/></DecList>", 40000);
    add(making, "</DecLists></DecMessage>");
}

static const struct {
    const char *name;
    void (*make)(struct making *making);
    const char *code;
} cases[] = {
#define CASE(make, code) \
    { #make, make, code }
    CASE(laughs, "GATE-DTD"),
    CASE(quadratic_text, "GATE-DTD"),
    CASE(quadratic_attribute, "GATE-DTD"),
    CASE(entity_loop, "GATE-DTD"),
    CASE(parameter_laughs, "GATE-DTD"),
    CASE(xxe_file, "GATE-DTD"),
    CASE(xxe_http, "GATE-DTD"),
    CASE(external_dtd, "GATE-DTD"),
    CASE(external_parameter, "GATE-DTD"),
    CASE(dtd_in_utf7, "GATE-ENCODING"),
    CASE(dtd_late, "GATE-DTD"),
    CASE(xinclude, ""),
    CASE(schema_location, ""),
    CASE(stylesheet, "GATE-PI"),
    CASE(depth_65, "GATE-DEPTH"),
    CASE(depth_200000, "GATE-DEPTH"),
    CASE(attributes_100000, "GATE-ATTRIBUTES"),
    CASE(names_400000, "GATE-NAMES"),
    CASE(attribute_names, "GATE-NAMES"),
    CASE(namespaces_on_one, "GATE-ATTRIBUTES"),
    CASE(namespaces_in_scope, "GATE-NAMESPACES"),
    CASE(namespace_names, "GATE-NAMES"),
    CASE(siblings_2500000, "GATE-TAGS"),
    CASE(rows_100000, "XSD-MANY"),
    CASE(text_11_mb, "GATE-SIZE"),
    CASE(attribute_10_mb, "GATE-VALUE"),
    CASE(name_60000, "GATE-NAMES"),
    CASE(comment_9_mb, "GATE-VALUE"),
    CASE(open_comment, "GATE-DTD"),
    CASE(open_quotes, "XML-ATTRIBUTE-VALUE"),
    CASE(open_cdata, "GATE-MARKUP"),
    CASE(overlong, "GATE-BYTES"),
    CASE(surrogates, "GATE-BYTES"),
    CASE(not_a_character, "GATE-CONTROL"),
    CASE(control, "GATE-CONTROL"),
    CASE(control_by_reference, "XML-LEGAL-CHARACTER"),
    CASE(latin1, "GATE-BYTES"),
    CASE(nul_behind, "GATE-NUL"),
    CASE(nul_inside, "GATE-NUL"),
    CASE(second_root, "GATE-TRAILING"),
    CASE(utf7, "GATE-ENCODING"),
    CASE(hz, "GATE-ENCODING"),
    CASE(iso2022, "GATE-ENCODING"),
    CASE(ibm037, "GATE-ENCODING"),
    CASE(ebcdic, "GATE-ENCODING"),
    CASE(utf16, "GATE-ENCODING"),
    CASE(ucs4, "GATE-ENCODING"),
    CASE(bom_and_latin1, "GATE-ENCODING"),
    CASE(xml_1_1, "GATE-VERSION"),
    CASE(xml_9_9, "GATE-VERSION"),
    CASE(gzip, "GATE-NOT-XML"),
    CASE(undeclared_prefix, "XML-PREFIX-DECLARED"),
    CASE(long_for_pattern, "XSD-PATTERN"),
    CASE(blanks_for_pattern, ""),
    CASE(text_by_references, "XSD-MAX-LENGTH"),
    CASE(faults_everywhere, "XSD-CONTENT"),
#undef CASE
};

/* --- judging one in a child ----------------------------------------------------------------------------- */

#define DENY(number) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static bool forbid_opening(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __NR_open
        DENY(__NR_open),
        DENY(__NR_creat),
#endif
        DENY(__NR_openat),
        DENY(__NR_openat2),
        DENY(__NR_socket),
        DENY(__NR_connect),
        DENY(__NR_execve),
        DENY(__NR_execveat),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { COUNT(filter), filter };
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
           && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static long memory_kib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

struct outcome {
    char code[32];
    long cpu_ms, memory_kib;
    bool forbidden;
};

static void judge_in_child(struct checker *checker, struct text bytes, int fd) {
    struct outcome outcome = { .forbidden = forbid_opening() };
    struct arena *arena = arena_new();
    struct judgement judgement;
    struct envelope env = { .party = "",
                            .format = "",
                            .file = "",
                            .trace = "",
                            .received = stamp_of_day(day_of(2026, 10, 31)),
                            .digest = digest_of(bytes.at, bytes.length),
                            .size = bytes.length };
    long memory_before = memory_kib();
    clock_t start = clock();
    check_message(checker, &env, NULL, bytes, arena, &judgement);
    outcome.cpu_ms = (clock() - start) * 1000 / CLOCKS_PER_SEC;
    outcome.memory_kib = memory_kib() - memory_before;
    for (size_t i = 0; i < judgement.verdict.count && !outcome.code[0]; i++) {
        if (judgement.verdict.findings[i].severity == SEVERITY_ERROR) {
            strncpy(outcome.code, judgement.verdict.findings[i].code, sizeof(outcome.code) - 1);
        }
    }
    _exit(write(fd, &outcome, sizeof(outcome)) == sizeof(outcome) ? 0 : 1);
}

static bool judge(struct checker *checker, struct text bytes, struct outcome *outcome) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        judge_in_child(checker, bytes, ends[1]);
    }
    close(ends[1]);
    bool told = read(ends[0], outcome, sizeof(*outcome)) == sizeof(*outcome);
    close(ends[0]);
    waitpid(child, NULL, 0);
    return told;
}

static void judge_case(struct checker *checker, size_t i, struct text honest, bool *forbidden) {
    struct buf bytes;
    struct outcome outcome;
    buf_init(&bytes, 16u << 20);
    struct making making = { &bytes, honest };
    cases[i].make(&making);
    assert_false(buf_failed(&bytes));
    for (int tries = 0; tries < 3; tries++) { /* other work on the machine makes caches cold */
        if (!judge(checker, buf_text(&bytes), &outcome)) {
            fail_msg("%s: ended by a system call it may not make, or by a crash", cases[i].name);
        }
        if (outcome.cpu_ms <= CPU_MS_MAX) {
            break;
        }
    }
    *forbidden = *forbidden && outcome.forbidden;
    if (strcmp(outcome.code, cases[i].code) != 0) {
        fail_msg("%s: '%s' instead of '%s'", cases[i].name, outcome.code, cases[i].code);
    }
    if (outcome.cpu_ms > CPU_MS_MAX || (MEASURES_MEMORY && outcome.memory_kib > MEMORY_KIB_MAX)) {
        fail_msg("%s: %ld ms of CPU time, %ld KiB", cases[i].name, outcome.cpu_ms, outcome.memory_kib);
    }
    buf_release(&bytes);
}

static void test_every_class(void **state) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct edition *edition;
    struct buf honest;
    struct outcome outcome;
    bool forbidden = true;
    verdict_init(&mistakes, arena);
    buf_init(&honest, 1u << 20);
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    assert_int_equal(edition_load(&options, &edition, &mistakes), STATUS_OK);
    struct judge *check = judge_new(edition, &mistakes);
    assert_true(verdict_passes(&mistakes));
    struct checker *checker = checker_new(check);
    assert_int_equal(file_read(SOURCE_DIR "/tests/messages/cn-dec/import-general.xml", &honest), STATUS_OK);
    assert_true(judge(checker, buf_text(&honest), &outcome));
    assert_string_equal(outcome.code, "");
    for (size_t i = 0; i < COUNT(cases); i++) {
        judge_case(checker, i, buf_text(&honest), &forbidden);
    }
    if (!forbidden) {
        print_message("system calls cannot be filtered here: that nothing is opened was not held\n");
    }
    checker_free(checker);
    judge_release(check);
    edition_release(edition);
    buf_release(&honest);
    arena_free(arena);
}

/* The filter itself: a child that opens is ended. */
static void test_the_filter_filters(void **state) {
    pid_t child = fork();
    if (child == 0) {
        int status = forbid_opening() ? open("/dev/null", O_RDONLY) >= 0 ? 1 : 2 : 3;
        _exit(status);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true((WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
                || (WIFEXITED(status) && WEXITSTATUS(status) == 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_class),
        cmocka_unit_test(test_the_filter_filters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
