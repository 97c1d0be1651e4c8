/*
 * The compiled pass against libxml2, SAX with the schema plugged in, and against a warm JDK validator, over
 * 4000 messages that differ, made from the schema (tests/differential/generate.h), in the same run, by turns.
 * CPU time of the thread that validates; what a JVM compiles and collects beside it is not counted.
 *
 * Without a JDK its columns are empty. CLEARWAY_SAMPLES names a folder of official schemas; where it is
 * there, those of WCO and CEB are read too.
 */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "check/xsd.h"
#include "tests/differential/generate.h"
#include "xsd/validator.h"
#include "bench_clock.h"

#define PIECE    4096
#define MESSAGES 4000
#define ROUNDS   5

static double cpu_s(void) {
    return clock_s(CLOCK_THREAD_CPUTIME_ID);
}

/* clang-format off */
static const struct {
    const char *schema, *root;
    bool sample;
} subjects[] = {
    { "cn-dec/DecMessage.xsd", "DecMessage", false },
    { "charge-list/ChargeList.xsd", "ChargeList", false },
    { "wco/xsd/customs/wrapper_submit.xsd", "MetaData", true },
    { "ceb/xsd/ceb-export-2018.xsd", "CEB603Message", true },
};
/* clang-format on */

struct subject {
    struct buf messages[MESSAGES];
    size_t count, bytes;
    struct validator *validator;
    xmlSchemaPtr plain;
    FILE *to_jdk, *from_jdk; /* NULL: none is there */
    pid_t jdk;
};

/* --- the three ------------------------------------------------------------------------------------------ */

/* A mark of the byte order is the gate's to take off. */
static struct text unmarked(const struct buf *message) {
    size_t mark = text_starts(buf_text(message), "\xEF\xBB\xBF") ? 3 : 0;
    return (struct text){ message->at + mark, message->length - mark };
}

static void judge_compiled(struct subject *subject) {
    for (size_t i = 0; i < subject->count; i++) {
        require(validator_accepts(subject->validator, unmarked(&subject->messages[i]), NULL));
    }
}

static void judge_plain(struct subject *subject) {
    for (size_t i = 0; i < subject->count; i++) {
        const struct buf *message = &subject->messages[i];
        xmlSAXHandler empty = { .initialized = XML_SAX2_MAGIC }, *handler = &empty;
        void *data = NULL;
        xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(subject->plain);
        xmlSchemaSAXPlugPtr plug = xmlSchemaSAXPlug(valid, &handler, &data);
        xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(handler, data, NULL, 0, NULL);
        xmlCtxtUseOptions(parser, XML_PARSE_NONET);
        for (size_t at = 0; at < message->length; at += PIECE) {
            size_t length = message->length - at < PIECE ? message->length - at : PIECE;
            xmlParseChunk(parser, message->at + at, (int)length, at + length == message->length);
        }
        require(parser->wellFormed && xmlSchemaIsValid(valid) == 1);
        xmlFreeParserCtxt(parser);
        xmlSchemaSAXUnplug(plug);
        xmlSchemaFreeValidCtxt(valid);
    }
}

static double rate(void (*judge)(struct subject *subject), struct subject *subject) {
    double start = cpu_s();
    judge(subject);
    return (double)subject->bytes / (cpu_s() - start) / 1e6;
}

/* It is warm when it answers for the first time; then it goes over the messages once for each line. */
static double jdk_rate(struct subject *subject) {
    double rate = 0;
    if (subject->to_jdk) {
        fputc('\n', subject->to_jdk);
        fflush(subject->to_jdk);
        require(fscanf(subject->from_jdk, "%lf", &rate) == 1);
    }
    return rate;
}

static bool has_java(void) {
    return system("command -v java > /dev/null") == 0;
}

static void start_jdk(struct subject *subject, const char *schema, const char *folder) {
    int to[2], from[2];
    double warm;
    if (!has_java()) {
        return;
    }
    require(pipe(to) == 0 && pipe(from) == 0 && (subject->jdk = fork()) >= 0);
    if (subject->jdk == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        execlp("java", "java", SOURCE_DIR "/tests/differential/Witness.java", "--bench", schema, folder,
               (char *)NULL);
        _exit(1);
    }
    close(to[0]);
    close(from[1]);
    subject->to_jdk = fdopen(to[1], "w");
    subject->from_jdk = fdopen(from[0], "r");
    require(fscanf(subject->from_jdk, "%lf", &warm) == 1);
}

static void stop_jdk(struct subject *subject) {
    if (subject->to_jdk) {
        fclose(subject->to_jdk);
        fclose(subject->from_jdk);
        require(waitpid(subject->jdk, NULL, 0) == subject->jdk);
    }
}

/* --- messages ------------------------------------------------------------------------------------------- */

static const struct grammar_element *root_of(const struct grammar *grammar, const char *name) {
    for (uint32_t i = 0; i < grammar->elements_count; i++) {
        if (text_is(grammar->elements[i]->local, name)) {
            return grammar->elements[i];
        }
    }
    panic("no root element %s", name);
}

static void write_message(const char *folder, size_t index, const struct buf *message) {
    char path[128];
    snprintf(path, sizeof(path), "%s/%zu.xml", folder, index);
    FILE *file = fopen(path, "wb");
    require(file && fwrite(message->at, 1, message->length, file) == message->length && fclose(file) == 0);
}

static void make_messages(struct subject *subject, const struct grammar *grammar, const char *root,
                          const char *folder) {
    for (uint64_t seed = 0; subject->count < MESSAGES; seed++) {
        struct buf *message = &subject->messages[subject->count];
        uint64_t random = seed;
        uint32_t places;
        enum spelling spelling = (enum spelling)(seed % SPELLING_COUNT);
        buf_init(message, 1u << 20);
        if (generate(grammar, root_of(grammar, root), spelling, &random, 0, &places, message)) {
            write_message(folder, subject->count++, message);
            subject->bytes += message->length;
        } else {
            buf_release(message);
        }
    }
}

static void remove_messages(struct subject *subject, const char *folder) {
    for (size_t i = 0; i < subject->count; i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%zu.xml", folder, i);
        unlink(path);
        buf_release(&subject->messages[i]);
    }
    rmdir(folder);
}

/* --- the table ------------------------------------------------------------------------------------------ */

static int by_size(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

static double median(double rates[ROUNDS]) {
    qsort(rates, ROUNDS, sizeof(*rates), by_size);
    return rates[ROUNDS / 2];
}

static void print_ratio(double ratios[ROUNDS]) {
    double middle = median(ratios);
    if (middle > 0) {
        printf(" %6.1f (%.1f-%.1f)", middle, ratios[0], ratios[ROUNDS - 1]);
    } else {
        printf(" %6s", "-");
    }
}

static void bench(struct subject *subject, const char *name) {
    double compiled[ROUNDS], plain[ROUNDS], jdk[ROUNDS], to_plain[ROUNDS], to_jdk[ROUNDS];
    judge_compiled(subject);
    for (int i = 0; i < ROUNDS; i++) {
        plain[i] = rate(judge_plain, subject);
        compiled[i] = rate(judge_compiled, subject);
        jdk[i] = jdk_rate(subject) / 1e6;
        to_plain[i] = compiled[i] / plain[i];
        to_jdk[i] = jdk[i] > 0 ? compiled[i] / jdk[i] : 0;
    }
    printf("%-36s %7zu %8.0f %8.0f %8.0f", name, subject->bytes / subject->count, median(plain), median(jdk),
           median(compiled));
    print_ratio(to_plain);
    print_ratio(to_jdk);
    putchar('\n');
    fflush(stdout);
}

static void bench_one(size_t index) {
    static struct subject subject;
    char folder[] = "/tmp/clearway-bench-XXXXXX", schema[4096];
    const char *samples = getenv("CLEARWAY_SAMPLES");
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    subject = (struct subject){ 0 };
    snprintf(schema, sizeof(schema), "%s/%s", subjects[index].sample ? samples : SOURCE_DIR "/schemas",
             subjects[index].schema);
    struct xsd *xsd = !subjects[index].sample || samples ? xsd_load(schema, &mistakes) : NULL;
    if (!xsd) {
        printf("%-36s not here\n", subjects[index].schema);
        arena_free(arena);
        return;
    }
    require(xsd_grammar(xsd) && mkdtemp(folder));
    make_messages(&subject, xsd_grammar(xsd), subjects[index].root, folder);
    xmlExternalEntityLoader ours = xmlGetExternalEntityLoader();
    xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader); /* the plain reader loads its own */
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(schema);
    subject.plain = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
    subject.validator = validator_new(xsd_grammar(xsd));
    start_jdk(&subject, schema, folder);
    bench(&subject, subjects[index].schema);
    stop_jdk(&subject);
    remove_messages(&subject, folder);
    validator_free(subject.validator);
    xmlSchemaFree(subject.plain);
    xmlSetExternalEntityLoader(ours);
    xsd_free(xsd);
    arena_free(arena);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    xsd_start();
    printf("%-36s %7s %8s %8s %8s %s\n", "4000 messages of a schema (CPU)", "bytes", "libxml2", "JDK", "ours",
           "MB/s; ours to libxml2 (min-max), to the JDK");
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        bench_one(i);
    }
    return 0;
}
