/*
 * What judging costs: check_message() (gate, format, schema with its binding, standing, rules) and its parts,
 * against libxml2 alone, SAX with the schema plugged in, on the same messages in the same run. CPU time of
 * one thread.
 *
 *   schema    the compiled pass alone: how many messages while libxml2 reads one against the schema
 *   whole     how many messages we judge, all told
 * CLEARWAY_SAMPLES names a folder of official schemas and messages; where it is there, some are read too.
 */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "check/check.h"
#include "check/gate.h"
#include "xsd/validator.h"
#include "check/xsd.h"
#include "bench_clock.h"

#define PIECE   4096
#define SECONDS 1.0
#define ROUNDS  5

static double cpu_s(void) {
    return clock_s(CLOCK_THREAD_CPUTIME_ID);
}

struct subject {
    struct checker *checker;
    struct arena *arena;
    struct xsd_session *session;
    xmlSchemaPtr plain;
    struct text bytes;
    struct gated gated;
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

static void judge_compiled(struct subject *subject) {
    struct validator_size size;
    require(xsd_accept(subject->session, subject->gated.text.utf8, &size));
}

/* Messages a second, over a part of a second. */
static double rate(void (*judge)(struct subject *subject), struct subject *subject) {
    double start = cpu_s(), spent = 0;
    unsigned done = 0;
    for (; spent < SECONDS / ROUNDS; spent = cpu_s() - start) {
        for (int k = 0; k < 16; k++, done++) {
            judge(subject);
        }
    }
    return done / spent;
}

static int by_size(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

static double median(double rates[ROUNDS]) {
    qsort(rates, ROUNDS, sizeof(*rates), by_size);
    return rates[ROUNDS / 2];
}

/* What is looked for in the folder of samples is judged by its schema alone. */
static const struct {
    const char *message, *schema;
    bool sample;
} subjects[] = {
    { "cn-dec/import-general.xml", "cn-dec/DecMessage.xsd", false },
    { "cn-dec/import-50-lines.xml", "cn-dec/DecMessage.xsd", false },
    { "cn-dec/import-gb18030.xml", "cn-dec/DecMessage.xsd", false },
    { "inspection-booking/new.xml", "inspection-booking/InspectionBooking.xsd", false },
    { "wco/declarations/TT_IM116a__TT_IM116a.xml", "wco/xsd/customs/wrapper_submit.xsd", true },
    { "ceb/messages/CEB603Message.xml", "ceb/xsd/ceb-export-2018.xsd", true },
};

static void bench(struct subject *subject, const char *name, bool whole) {
    double plain[ROUNDS], compiled[ROUNDS], all[ROUNDS] = { 0 }, gate[ROUNDS], ratio[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        plain[i] = rate(judge_plain, subject);
        compiled[i] = rate(judge_compiled, subject);
        ratio[i] = compiled[i] / plain[i];
        gate[i] = rate(judge_gate, subject);
        if (whole) {
            all[i] = rate(judge_whole, subject);
        }
    }
    double mid = median(ratio), size = (double)subject->bytes.length;
    printf("%-44s %7zu %9.0f %8.0f %9.0f %5.1f (%.1f-%.1f) %8.0f %6.2f\n", name, subject->bytes.length,
           median(plain), median(compiled) * size / 1e6, median(gate) * size / 1e6, mid, ratio[0],
           ratio[ROUNDS - 1], all[0] > 0 ? median(all) : 0, all[0] > 0 ? median(all) / median(plain) : 0);
}

static xmlSchemaPtr plain_schema(const char *path) {
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
    xmlSchemaPtr schema = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
    return schema;
}

static void bench_one(struct subject *subject, size_t index, struct arena *arena) {
    bool sample = subjects[index].sample;
    const char *samples = getenv("CLEARWAY_SAMPLES"), *name = subjects[index].message;
    const char *messages = sample ? samples : SOURCE_DIR "/tests/messages";
    const char *path = arena_printf(arena, "%s/%s", messages ? messages : "", name);
    const char *schema =
        arena_printf(arena, "%s/%s", sample ? messages : SOURCE_DIR "/schemas", subjects[index].schema);
    struct buf bytes;
    struct verdict verdict;
    struct arena *kept = arena_new();
    buf_init(&bytes, 1u << 24);
    verdict_init(&verdict, kept);
    if (file_read(path, &bytes) != STATUS_OK) {
        printf("%-44s not here\n", name);
    } else {
        struct xsd *xsd = xsd_load(schema, &verdict);
        xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader); /* the plain reader loads its own */
        subject->plain = plain_schema(schema);
        subject->bytes = buf_text(&bytes);
        require(xsd && subject->plain && gate_pass(subject->bytes, NULL, kept, &subject->gated, &verdict));
        subject->session = xsd_session_new(xsd);
        bench(subject, name, !sample);
        xsd_session_free(subject->session);
        xsd_free(xsd);
        xmlSchemaFree(subject->plain);
    }
    buf_release(&bytes);
    arena_free(kept);
}

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
    xmlExternalEntityLoader ours = xmlGetExternalEntityLoader();
    printf("%-44s %7s %9s %8s %9s %s %12s %6s\n", "judging a message (CPU, one core)", "bytes", "libxml2/s",
           "MB/s", "gate MB/s", "schema (min-max)", "check /s", "whole");
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        xmlSetExternalEntityLoader(ours);
        bench_one(&subject, i, arena);
    }
    checker_free(subject.checker);
    arena_free(subject.arena);
    judge_release(judge);
    edition_release(edition);
    arena_free(arena);
    return 0;
}
