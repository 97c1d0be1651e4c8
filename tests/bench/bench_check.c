/*
 * What judging costs: check_message() (gate, format, schema with its binding, standing, rules) and its parts,
 * against libxml2 alone, SAX with the schema plugged in, on the same messages in the same run. CPU time of
 * one thread.
 *
 *   ratio     how many messages we judge while libxml2 alone reads one against the schema
 */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/status.h"
#include "check/check.h"
#include "check/gate.h"

#define PIECE   4096
#define SECONDS 1.0
#define ROUNDS  3 /* the best of them counts */

static double cpu_s(void) {
    struct timespec at;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

struct subject {
    struct checker *checker;
    struct arena *arena;
    xmlSchemaPtr plain;
    struct text bytes;
};

static void judge_whole(struct subject *subject) {
    static const char *const any[] = { "*" }, *const roles[] = { "declarant" };
    static const struct party party = { .code = "FWD", .roles = { roles, 1 }, .declares = { any, 1 } };
    struct judgement judgement;
    struct envelope env = { .party = "FWD",
                            .format = "",
                            .file = "",
                            .trace = "",
                            .received = stamp_of_day(day_of(2026, 10, 31)),
                            .size = subject->bytes.length };
    arena_reset(subject->arena);
    check_message(subject->checker, &env, &party, subject->bytes, subject->arena, &judgement);
    require(verdict_passes(&judgement.verdict));
}

static void judge_gate(struct subject *subject) {
    struct verdict verdict;
    struct gated gated;
    arena_reset(subject->arena);
    verdict_init(&verdict, subject->arena);
    require(gate_pass(subject->bytes, NULL, subject->arena, &gated, &verdict));
}

static void judge_plain(struct subject *subject) {
    xmlSAXHandler empty = { .initialized = XML_SAX2_MAGIC }, *handler = &empty;
    void *data = NULL;
    xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(subject->plain);
    xmlSchemaSAXPlugPtr plug = xmlSchemaSAXPlug(valid, &handler, &data);
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(handler, data, NULL, 0, NULL);
    xmlCtxtUseOptions(parser, XML_PARSE_NONET);
    for (size_t at = 0; at < subject->bytes.length; at += PIECE) {
        size_t length = subject->bytes.length - at < PIECE ? subject->bytes.length - at : PIECE;
        xmlParseChunk(parser, subject->bytes.at + at, (int)length, at + length == subject->bytes.length);
    }
    require(parser->wellFormed && xmlSchemaIsValid(valid) == 1);
    xmlFreeParserCtxt(parser);
    xmlSchemaSAXUnplug(plug);
    xmlSchemaFreeValidCtxt(valid);
}

/* Messages a second. */
static double rate(void (*judge)(struct subject *subject), struct subject *subject) {
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double start = cpu_s(), spent = 0;
        unsigned done = 0;
        for (; spent < SECONDS / ROUNDS; spent = cpu_s() - start) {
            for (int k = 0; k < 16; k++, done++) {
                judge(subject);
            }
        }
        best = done / spent > best ? done / spent : best;
    }
    return best;
}

static const struct {
    const char *message, *schema;
} subjects[] = {
    { "cn-dec/import-general.xml", "cn-dec/DecMessage.xsd" },
    { "cn-dec/import-50-lines.xml", "cn-dec/DecMessage.xsd" },
    { "cn-dec/import-gb18030.xml", "cn-dec/DecMessage.xsd" },
    { "inspection-booking/new.xml", "inspection-booking/InspectionBooking.xsd" },
};

int main(void) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct edition *edition;
    verdict_init(&mistakes, arena);
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    require(edition_load(&options, &edition, &mistakes) == STATUS_OK);
    struct judge *judge = judge_new(edition, &mistakes);
    require(mistakes.errors == 0);
    struct subject subject = { .checker = checker_new(judge), .arena = arena_new() };
    xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader); /* the plain reader loads its schemas itself */
    printf("%-34s %8s %12s %12s %12s %7s\n", "judging a message (CPU, one core)", "bytes", "libxml2 /s",
           "check /s", "gate MB/s", "ratio");
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        struct buf bytes;
        buf_init(&bytes, 1u << 24);
        const char *path = arena_printf(arena, "%s/tests/messages/%s", SOURCE_DIR, subjects[i].message);
        if (file_read(path, &bytes) != STATUS_OK) {
            printf("%-34s not here\n", subjects[i].message);
            continue;
        }
        xmlSchemaParserCtxtPtr parser =
            xmlSchemaNewParserCtxt(arena_printf(arena, "%s/schemas/%s", SOURCE_DIR, subjects[i].schema));
        subject.plain = xmlSchemaParse(parser);
        xmlSchemaFreeParserCtxt(parser);
        require(subject.plain);
        subject.bytes = buf_text(&bytes);
        double plain = rate(judge_plain, &subject), whole = rate(judge_whole, &subject),
               gate = rate(judge_gate, &subject);
        printf("%-34s %8zu %12.0f %12.0f %12.0f %7.2f\n", subjects[i].message, bytes.length, plain, whole,
               gate * (double)bytes.length / 1e6, whole / plain);
        xmlSchemaFree(subject.plain);
        buf_release(&bytes);
    }
    checker_free(subject.checker);
    arena_free(subject.arena);
    judge_release(judge);
    edition_release(edition);
    arena_free(arena);
    return 0;
}
