/*
 * verdicts: schemas and messages named on the input, each answered with what is thought of it.
 *
 *   verdicts [--plain] < LINES
 *
 * Each line is SCHEMA, tab, MESSAGE; without a message the schema alone is asked about. The answer is a line,
 * too: what became of the schema, tab, what became of the message. By the gateway's own way:
 *   taken | taken, not compiled: why | refused: why     tab     ours | libxml2 | gate: why | invalid: why | -
 * where `ours` is valid by the compiled pass and `libxml2` valid by that alone. --plain: by libxml2 alone,
 * over a tree, without anything of ours: taken | refused, valid | invalid | -.
 * A line that takes more than ten seconds of CPU ends the process; who asks goes on behind it.
 */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/file.h"
#include "base/status.h"
#include "xsd/validator.h"
#include "check/xsd.h"

#define LINE_MAX_LENGTH 8192
#define MESSAGE_MAX     ((size_t)64 << 20)
#define SECONDS_MAX     10

static void quiet(void *context, const char *format, ...) {
    (void)context;
    (void)format;
}

/* --- libxml2 alone -------------------------------------------------------------------------------------- */

static xmlSchemaPtr plain_schema(const char *path) {
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
    xmlSchemaSetParserErrors(parser, quiet, quiet, NULL);
    xmlSchemaPtr schema = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
    return schema;
}

static bool plain_valid(xmlSchemaPtr schema, const char *path) {
    xmlDocPtr doc = xmlReadFile(path, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc) {
        return false;
    }
    xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
    xmlSchemaSetValidErrors(valid, quiet, quiet, NULL);
    bool good = xmlSchemaValidateDoc(valid, doc) == 0;
    xmlSchemaFreeValidCtxt(valid);
    xmlFreeDoc(doc);
    return good;
}

static void answer_plainly(const char *schema_path, const char *message) {
    static char last[LINE_MAX_LENGTH];
    static xmlSchemaPtr schema;
    if (strcmp(last, schema_path) != 0) {
        xmlSchemaFree(schema);
        schema = plain_schema(schema_path);
        snprintf(last, sizeof(last), "%s", schema_path);
    }
    const char *verdict = !schema || !*message ? "-" : plain_valid(schema, message) ? "valid" : "invalid";
    printf("%s\t%s\n", schema ? "taken" : "refused", verdict);
}

/* --- the gateway's way ---------------------------------------------------------------------------------- */

static const char *first_of(const struct verdict *verdict) {
    return verdict->count ? verdict->findings[0].en : "";
}

/* What a finding says, on one line. */
static void print_told(const char *what, const char *why) {
    printf("%s: ", what);
    for (; *why; why++) {
        putchar((unsigned char)*why < ' ' ? ' ' : *why);
    }
}

static void answer_message(const struct xsd *xsd, const char *path, struct arena *arena) {
    struct buf bytes;
    struct gated gated;
    struct validator_size size;
    struct verdict gate, ours, theirs;
    verdict_init(&gate, arena);
    verdict_init(&ours, arena);
    verdict_init(&theirs, arena);
    buf_init(&bytes, MESSAGE_MAX);
    struct xsd_session *session = xsd_session_new(xsd);
    if (file_read(path, &bytes) != STATUS_OK) {
        printf("gate: it cannot be read");
    } else if (!gate_pass(buf_text(&bytes), NULL, arena, &gated, &gate)) {
        print_told("gate", first_of(&gate));
    } else if (!gated.suspect && xsd_accept(session, gated.text.utf8, &size)) {
        xsd_fill(session, &gated, NULL, arena, &ours);
        if (verdict_passes(&ours)) {
            printf("ours");
        } else {
            print_told("invalid", first_of(&ours)); /* its IDs */
        }
    } else if (xsd_examine(session, &gated, false, NULL, arena, &theirs) == XSD_READ_WHOLE
               && verdict_passes(&theirs)) {
        printf("libxml2");
    } else {
        print_told("invalid", first_of(&theirs));
    }
    xsd_session_free(session);
    buf_release(&bytes);
}

static void answer(const char *schema, const char *message) {
    static char last[LINE_MAX_LENGTH], why[LINE_MAX_LENGTH];
    static struct xsd *xsd;
    struct arena *arena = arena_new();
    if (strcmp(last, schema) != 0) {
        struct verdict mistakes;
        verdict_init(&mistakes, arena);
        xsd_free(xsd);
        xsd = xsd_load(schema, &mistakes);
        snprintf(why, sizeof(why), "%s", first_of(&mistakes));
        snprintf(last, sizeof(last), "%s", schema);
    }
    const struct obstacle *obstacle = xsd ? xsd_obstacle(xsd) : NULL;
    if (obstacle) {
        printf("taken, not compiled: %s", obstacle_text(obstacle->kind, LANGUAGE_EN));
    } else if (xsd) {
        printf("taken");
    } else {
        print_told("refused", why);
    }
    putchar('\t');
    if (xsd && *message) {
        answer_message(xsd, message, arena);
    } else {
        putchar('-');
    }
    putchar('\n');
    arena_free(arena);
}

/* Of CPU time: however much else the machine does meanwhile, the answers are the same. */
static void set_limit(int seconds) {
    const struct itimerval limit = { .it_value.tv_sec = seconds };
    setitimer(ITIMER_PROF, &limit, NULL);
}

int main(int argc, char **argv) {
    static char line[LINE_MAX_LENGTH];
    bool plain = argc == 2 && strcmp(argv[1], "--plain") == 0;
    if (argc > 2 || (argc == 2 && !plain)) {
        fprintf(stderr, "usage: verdicts [--plain] < LINES\n");
        return 2;
    }
    if (plain) {
        xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
        xmlSetGenericErrorFunc(NULL, quiet);
    } else {
        xsd_start();
    }
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        char *tab = strchr(line, '\t');
        const char *message = tab ? tab + 1 : "";
        if (tab) {
            *tab = '\0';
        }
        set_limit(SECONDS_MAX);
        (plain ? answer_plainly : answer)(line, message);
        set_limit(0);
        fflush(stdout);
    }
    return 0;
}
