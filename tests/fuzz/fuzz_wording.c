/*
 * What a sender reads is ours: broken messages of every format are judged by the check and read once more
 * by libxml2 alone, and of what libxml2 says of them (its sentences between the values in them, the
 * schema's names of types) nothing stands in a finding. Every finding's code is one of ours or of a rule,
 * and has its meaning.
 */
#include <ctype.h>
#include <glob.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/status.h"
#include "message/finding_code.h"
#include "edition/edition.h"
#include "check/check.h"
#include "fuzz/driver.h"

#define SEEDS_MAX 256
#define SAID_MAX  (1u << 18)
#define WORDS_MIN 4 /* of a piece of its sentences: fewer are anybody's English */

const long fuzz_runs = 12000;

static const char *const folders[] = { "broken",      "cases",       "cn-dec",
                                       "cn-dec-data", "cn-result",   "port-event",
                                       "charge-list", "charge-note", "inspection-booking" };

static struct buf seeds[SEEDS_MAX];
static size_t seeds_count;

static void read_seeds(const char *folder) {
    char pattern[512];
    glob_t found;
    snprintf(pattern, sizeof(pattern), "%s/tests/messages/%s/*.xml", SOURCE_DIR, folder);
    require(glob(pattern, 0, NULL, &found) == 0 && seeds_count + found.gl_pathc <= SEEDS_MAX);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct buf *seed = &seeds[seeds_count++];
        buf_init(seed, 1u << 24);
        require(file_read(found.gl_pathv[i], seed) == STATUS_OK);
    }
    globfree(&found);
}

struct text fuzz_seed(size_t index) {
    if (seeds_count == 0) {
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
            read_seeds(folders[i]);
        }
    }
    return index < seeds_count ? buf_text(&seeds[index]) : (struct text){ NULL, 0 };
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = {
        "<x/>",
        "<x>",
        "</x>",
        "<DecHead>",
        "</DecList>",
        "&",
        "&x;",
        "&#1;",
        "&#x;",
        "<",
        ">",
        "]]>",
        "--",
        "<!--",
        "-->",
        "<![CDATA[",
        "=\"",
        "'",
        " xmlns:p=''",
        "<p:x/>",
        " x='1' x='2'",
        " xsi:nil='true'",
        " xsi:type='N19.5'",
        " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'",
        "20260231",
        "-1",
        "1e9",
        "1,5",
        "青",
        ".",
        "0",
        "",
    };
    return index < sizeof(words) / sizeof(words[0]) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

/* --- the check, and libxml2 alone
 * ------------------------------------------------------------------------ */

static struct edition *edition;
static struct checker *checker;
static xmlSchemaPtr schemas[CATALOG_FORMATS_MAX];

static void make(void) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    require(edition_load(&options, &edition, &mistakes) == STATUS_OK);
    checker = checker_new(judge_new(edition, &mistakes));
    require(mistakes.errors == 0 && edition->catalog->count <= CATALOG_FORMATS_MAX);
    xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader); /* the plain reader loads its schemas itself */
    for (size_t i = 0; i < edition->catalog->count; i++) {
        const struct format *format = &edition->catalog->formats[i];
        if (!*format->dropin) {
            const char *path = arena_printf(arena, "%s/schemas/%s", SOURCE_DIR, format->schema);
            xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
            schemas[i] = xmlSchemaParse(parser);
            xmlSchemaFreeParserCtxt(parser);
            require(schemas[i]);
        }
    }
    arena_free(arena);
}

/* All that libxml2 says, a NUL behind each. */
static void hear(void *context, xmlErrorPtr error) {
    struct buf *said = context;
    if (error->message) {
        buf_add(said, error->message, strlen(error->message) + 1);
    }
}

static void read_plainly(struct text bytes, const struct format *format, struct buf *said) {
    xmlSchemaPtr schema = format ? schemas[format - edition->catalog->formats] : NULL;
    xmlSetStructuredErrorFunc(said, hear);
    xmlDocPtr doc =
        xmlReadMemory(bytes.at, (int)bytes.length, NULL, NULL, XML_PARSE_NONET | XML_PARSE_RECOVER);
    xmlSetStructuredErrorFunc(NULL, NULL);
    if (doc && schema) {
        xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
        xmlSchemaSetValidStructuredErrors(valid, hear, said);
        xmlSchemaValidateDoc(valid, doc);
        xmlSchemaFreeValidCtxt(valid);
    }
    xmlFreeDoc(doc);
}

/* --- what must not be there
 * ------------------------------------------------------------------------------ */

static size_t findings_seen, pieces_seen, types_seen;

static bool says(const struct finding *finding, struct text piece) {
    const char *const texts[] = { finding->zh, finding->en, finding->hint_zh, finding->hint_en };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (memmem(texts[i], strlen(texts[i]), piece.at, piece.length)) {
            return true;
        }
    }
    return false;
}

static void must_not_say(const struct verdict *verdict, struct text piece) {
    for (size_t i = 0; i < verdict->count; i++) {
        if (says(&verdict->findings[i], piece)) {
            panic("libxml2's words: " TEXT_FORMAT " in %s: %s", TEXT_ARGS(piece), verdict->findings[i].code,
                  verdict->findings[i].en);
        }
    }
}

static size_t words_of(struct text piece) {
    size_t count = 0;
    for (struct text rest = piece; rest.at;) {
        count += text_until(&rest, ' ').length > 0;
    }
    return count;
}

/* "Element 'X': 'y' is not a valid value of the atomic type 'T'.": what stands between the quoted parts. */
static void check_sentence(const struct verdict *verdict, const char *sentence) {
    bool quoted = false;
    for (const char *at = sentence; *at;) {
        const char *from = at;
        while (*at == ' ' || isalpha((unsigned char)*at)) {
            at++;
        }
        struct text piece = text_trim((struct text){ from, (size_t)(at - from) });
        if (!quoted && words_of(piece) >= WORDS_MIN) {
            must_not_say(verdict, piece);
            pieces_seen++;
        }
        while (*at && *at != ' ' && !isalpha((unsigned char)*at)) {
            quoted = *at == '\'' ? !quoted : quoted;
            at++;
        }
    }
}

/* The schema's name of a type, unless the message itself has such a word. */
static void check_type(const struct verdict *verdict, const char *sentence, struct text bytes) {
    const char *from = strstr(sentence, " type '"), *to = from ? strchr(from + 7, '\'') : NULL;
    const char *brace = to ? memchr(from + 7, '}', (size_t)(to - from) - 7) : NULL;
    from = brace ? brace + 1 : from ? from + 7 : NULL;
    struct text type = to ? (struct text){ from, (size_t)(to - from) } : TEXT("");
    if (type.length && !text_starts(type, "xs:") && !memmem(bytes.at, bytes.length, type.at, type.length)) {
        must_not_say(verdict, type);
        types_seen++;
    }
}

static void check_codes(const struct verdict *verdict) {
    for (size_t i = 0; i < verdict->count; i++) {
        const char *code = verdict->findings[i].code;
        bool of_a_rule = isalpha((unsigned char)code[0]) && isdigit((unsigned char)code[1]);
        require(of_a_rule || finding_meaning_find(code));
        findings_seen++;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct text text = { (const char *)bytes, length };
    struct arena *arena = arena_new();
    struct judgement judgement;
    struct buf said;
    struct envelope env = { .party = "",
                            .format = "",
                            .file = "",
                            .trace = "",
                            .size = length,
                            .received = stamp_of_day(day_of(2026, 10, 31)) };
    if (!checker) {
        make();
    }
    check_message(checker, &env, NULL, text, arena, &judgement);
    check_codes(&judgement.verdict);
    buf_init(&said, SAID_MAX);
    if (judgement.verdict.count > 0) {
        read_plainly(text, judgement.format, &said);
    }
    for (size_t at = 0; at < said.length && !buf_failed(&said); at += strlen(said.at + at) + 1) {
        check_sentence(&judgement.verdict, said.at + at);
        check_type(&judgement.verdict, said.at + at, text);
    }
    buf_release(&said);
    arena_free(arena);
    return 0;
}

/* It has looked at something. */
void fuzz_end(void) {
    printf("%zu findings against %zu pieces of sentences and %zu names of types\n", findings_seen,
           pieces_seen, types_seen);
    require(findings_seen > 0 && pieces_seen > 0 && types_seen > 0);
}
