/*
 * What unusual and hostile messages cost, in the same run, by turns. CPU time of one thread.
 *
 *   spellings   a declaration of 50 lines, valid, spelled as few senders do: how many our own pass accepts
 *               while libxml2, SAX with the schema plugged in, reads one
 *   hostile     what is made to be slow, and not valid: what judging costs (our own pass, the reading by the
 *               letter of XML, then libxml2 as the gateway runs it), in messages that libxml2 alone reads
 *               meanwhile: as the gateway runs it, and bare
 */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "check/gate.h"
#include "xsd/validator.h"
#include "check/xsd.h"
#include "bench_clock.h"

#define PIECE     4096
#define SECONDS   0.5
#define ROUNDS    5
#define SIZE      ((size_t)32 << 10) /* of a hostile message, about */

#define NAMESPACE "http://www.chinaport.gov.cn/dec"

struct subject {
    struct arena *arena;
    struct xsd_session *session;
    xmlSchemaPtr plain;
    struct text bytes;
};

static double cpu_s(void) {
    return clock_s(CLOCK_THREAD_CPUTIME_ID);
}

/* --- who judges ----------------------------------------------------------------------------------------- */

static void say_nothing(void *context, xmlErrorPtr error) {
    (void)context;
    (void)error;
}

static void judge_plain(struct subject *subject) {
    xmlSAXHandler empty = { .initialized = XML_SAX2_MAGIC }, *handler = &empty;
    void *data = NULL;
    xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(subject->plain);
    xmlSchemaSetValidStructuredErrors(valid, say_nothing, NULL);
    xmlSchemaSAXPlugPtr plug = xmlSchemaSAXPlug(valid, &handler, &data);
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(handler, data, NULL, 0, NULL);
    xmlCtxtUseOptions(parser, XML_PARSE_NONET);
    for (size_t at = 0; at < subject->bytes.length; at += PIECE) {
        size_t length = subject->bytes.length - at < PIECE ? subject->bytes.length - at : PIECE;
        xmlParseChunk(parser, subject->bytes.at + at, (int)length, at + length == subject->bytes.length);
    }
    xmlFreeParserCtxt(parser);
    xmlSchemaSAXUnplug(plug);
    xmlSchemaFreeValidCtxt(valid);
}

static struct gated gated_of(const struct subject *subject) {
    return (struct gated){ .text = { .original = subject->bytes, .utf8 = subject->bytes } };
}

static void judge_examined(struct subject *subject) {
    struct verdict verdict;
    struct gated gated = gated_of(subject);
    arena_reset(subject->arena);
    verdict_init(&verdict, subject->arena);
    xsd_examine(subject->session, &gated, false, NULL, subject->arena, &verdict);
}

static void judge_whole(struct subject *subject) {
    struct verdict verdict;
    struct gated gated = gated_of(subject);
    arena_reset(subject->arena);
    verdict_init(&verdict, subject->arena);
    xsd_judge(subject->session, &gated, false, NULL, subject->arena, &verdict);
}

static void judge_compiled(struct subject *subject) {
    struct validator_size size;
    require(xsd_accept(subject->session, subject->bytes, &size));
}

typedef void (*judge_fn)(struct subject *subject);

static double cost_of(judge_fn judge, struct subject *subject) {
    double start = cpu_s();
    judge(subject);
    return cpu_s() - start;
}

/* What one costs in the other's cost: message by message by turns, for the machine is not always as fast. */
static double cost_in(judge_fn one, judge_fn other, struct subject *subject) {
    double cost = 0, others = 0;
    while (cost + others < SECONDS / ROUNDS) {
        cost += cost_of(one, subject);
        others += cost_of(other, subject);
    }
    return cost / others;
}

static int by_size(const void *a, const void *b) {
    double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

static void print_ratio(double ratios[ROUNDS]) {
    qsort(ratios, ROUNDS, sizeof(*ratios), by_size);
    printf(" %6.2f (%.2f-%.2f)", ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1]);
}

/* --- unusual spellings ---------------------------------------------------------------------------------- */

/* How a tag or a text of the declaration is written. */
struct spelling {
    const char *name;
    void (*tag)(struct buf *out, struct text tag); /* NULL: as it is */
    void (*text)(struct buf *out, struct text text);
};

static bool is_end_tag(struct text tag) {
    return tag.at[1] == '/';
}

static void add_part(struct buf *out, struct text tag, size_t from, size_t to) {
    buf_add(out, tag.at + from, to - from);
}

static bool has_attributes(struct text tag) {
    return memchr(tag.at, '=', tag.length);
}

static void prefix_tag(struct buf *out, struct text tag) {
    size_t name = is_end_tag(tag) ? 2 : 1;
    add_part(out, tag, 0, name);
    buf_add_string(out, "d:");
    add_part(out, tag, name, tag.length);
}

static void prefix_root(struct buf *out, struct text tag) {
    const char *declaration = memmem(tag.at, tag.length, "xmlns=", 6);
    if (declaration) {
        size_t at = (size_t)(declaration - tag.at) + 5;
        add_part(out, tag, 0, 1);
        buf_add_string(out, "d:");
        add_part(out, tag, 1, at);
        buf_add_string(out, ":d");
        add_part(out, tag, at, tag.length);
    } else {
        prefix_tag(out, tag);
    }
}

/* A prefix of its own for each element. */
static void rebind_tag(struct buf *out, struct text tag) {
    bool empty = tag.at[tag.length - 2] == '/';
    if (has_attributes(tag) || is_end_tag(tag)) {
        bool root = memmem(tag.at, tag.length, "DecMessage", 10);
        root ? buf_add_text(out, tag) : prefix_tag(out, tag);
        return;
    }
    buf_add_string(out, "<d:");
    add_part(out, tag, 1, tag.length - (empty ? 2 : 1));
    buf_add_string(out, " xmlns:d=\"" NAMESPACE "\"");
    buf_add_string(out, empty ? "/>" : ">");
}

static void blank_tag(struct buf *out, struct text tag) {
    bool empty = tag.at[tag.length - 2] == '/';
    add_part(out, tag, 0, tag.length - (empty ? 2 : 1));
    buf_add_string(out, empty ? "\n />" : "\n >");
}

static void comment_tag(struct buf *out, struct text tag) {
    if (!is_end_tag(tag) && !has_attributes(tag)) {
        buf_add_string(out, "<!-- as the customs broker has it -->");
    }
    buf_add_text(out, tag);
}

static bool is_blank(struct text text) {
    return text_trim(text).length == 0;
}

static void section_text(struct buf *out, struct text text) {
    if (is_blank(text)) {
        buf_add_text(out, text);
    } else {
        buf_printf(out, "<![CDATA[" TEXT_FORMAT "]]>", TEXT_ARGS(text));
    }
}

static void comment_text(struct buf *out, struct text text) {
    buf_add_text(out, text);
    if (!is_blank(text)) {
        buf_add_string(out, "<!-- ok -->");
    }
}

static void reference_text(struct buf *out, struct text text) {
    const char *at = text.at, *end = at + text.length;
    if (is_blank(text)) {
        buf_add_text(out, text);
        return;
    }
    buf_printf(out, "&#%d;", (int)text_next(&at, end));
    buf_add(out, at, (size_t)(end - at));
}

static void references_text(struct buf *out, struct text text) {
    const char *at = text.at, *end = at + text.length;
    while (!is_blank(text) && at < end) {
        buf_printf(out, "&#x%X;", (unsigned)text_next(&at, end));
    }
    buf_add(out, at, (size_t)(end - at));
}

static void return_text(struct buf *out, struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '\n') {
            buf_add_char(out, '\r');
        }
        buf_add_char(out, text.at[i]);
    }
}

/* clang-format off */
static const struct spelling spellings[] = {
    { "as it is",                           NULL,        NULL },
    { "a prefix, bound at the root",        prefix_root, NULL },
    { "a prefix bound anew at each leaf",   rebind_tag,  NULL },
    { "blanks and lines in tags",           blank_tag,   NULL },
    { "CRLF",                               NULL,        return_text },
    { "values in CDATA sections",           NULL,        section_text },
    { "a comment before each element",      comment_tag, NULL },
    { "a comment in each value",            NULL,        comment_text },
    { "a reference in each value",          NULL,        reference_text },
    { "values of references only",          NULL,        references_text },
};
/* clang-format on */

static void respell(struct text message, const struct spelling *spelling, struct buf *out) {
    const char *at = message.at, *end = at + message.length;
    while (at < end) {
        bool tag = *at == '<';
        const char *to = memchr(at + 1, tag ? '>' : '<', (size_t)(end - at) - 1);
        struct text piece = { at, (size_t)((to ? to + tag : end) - at) };
        bool declaration = tag && at[1] == '?';
        void (*write)(struct buf *, struct text) = tag ? spelling->tag : spelling->text;
        if (write && !declaration) {
            write(out, piece);
        } else {
            buf_add_text(out, piece);
        }
        at += piece.length;
    }
}

static void bench_spelling(struct subject *subject, const char *name) {
    double ratios[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        ratios[i] = cost_in(judge_plain, judge_compiled, subject);
    }
    printf("%-40s %7zu", name, subject->bytes.length);
    print_ratio(ratios);
    putchar('\n');
}

/* --- hostile messages ----------------------------------------------------------------------------------- */

/* head, then as often the piece as makes the size, then the tail. A %d in the piece is how manieth it is. */
static const struct {
    const char *name, *head, *piece, *tail;
} hostiles[] = {
#define ROOT  "<DecMessage xmlns=\"" NAMESPACE "\">"
#define NOTE  ROOT "<DecHead><NoteS>"
#define WRONG "</NoteS></DecHead></DecMessage>"
#define NESTED                                                     \
    "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>" \
    "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>" \
    "</a></a></a></a></a></a></a></a></a></a></a></a></a></a></a>" \
    "</a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a>"
    { "text only", NOTE, "a", WRONG },
    { "Chinese only", NOTE, "报关单", WRONG },
    { "Latin with Chinese among it", NOTE, "a报b关c单", WRONG },
    { "beyond the basic plane", NOTE, "𠮷", WRONG },
    { "blanks only", NOTE, " ", WRONG },
    { "carriage returns only", NOTE, "\r", WRONG },
    { "brackets only", NOTE, "]", WRONG },
    { "all but the end of a section", NOTE, "]]a>", WRONG },
    { "dashes in comments", NOTE, "<!--- - - - - - - -- >", WRONG },
    { "references only", NOTE, "&amp;", WRONG },
    { "references by number", NOTE, "&#x62A5;", WRONG },
    { "comments only", ROOT, "<!-- nothing -->", "</DecMessage>" },
    { "empty comments only", ROOT, "<!---->", "</DecMessage>" },
    { "one comment", ROOT "<!--", "a-", "a--></DecMessage>" },
    { "sections only", NOTE, "<![CDATA[a]]>", WRONG },
    { "one section", NOTE "<![CDATA[", "]]&", "]]>" WRONG },
    { "unknown elements", ROOT, "<a/>", "</DecMessage>" },
    { "elements that differ", ROOT, "<a%d/>", "</DecMessage>" },
    { "nested deep", ROOT, NESTED, "</DecMessage>" },
    { "an element that does not end", ROOT "<DecHead><", "a", "" },
    { "an attribute that does not end", ROOT "<DecHead a=\"", "a", "" },
    { "attributes that differ", ROOT "<DecHead", " a%d='1'", "/></DecMessage>" },
    { "blanks in a tag", ROOT "<DecHead", " ", "/></DecMessage>" },
    { "prefixes bound anew", ROOT, "<p:a xmlns:p='u:%d'/>", "</DecMessage>" },
    { "prefixes not used", ROOT, "<a xmlns:p%d='u'/>", "</DecMessage>" },
    { "a value in an attribute", ROOT "<DecHead a=\"", "a", "\"/></DecMessage>" },
    { "references in an attribute", ROOT "<DecHead a=\"", "&lt;", "\"/></DecMessage>" },
    { "empty elements of the schema", ROOT, "<DecHead/>", "</DecMessage>" },
    { "valid up to the end", ROOT "<DecHead>", "<SeqNo/>", "</DecHead></DecMessage>" },
    { "ends with less than it began", ROOT, "<DecHead></DecHead>", "" },
#undef ROOT
#undef NESTED
#undef NOTE
#undef WRONG
};

static void write_hostile(size_t index, struct buf *out) {
    const char *piece = hostiles[index].piece, *number = strstr(piece, "%d");
    buf_add_string(out, hostiles[index].head);
    for (unsigned i = 0; out->length < SIZE; i++) {
        if (number) {
            buf_add(out, piece, (size_t)(number - piece));
            buf_printf(out, "%u%s", i, number + 2);
        } else {
            buf_add_string(out, piece);
        }
    }
    buf_add_string(out, hostiles[index].tail);
}

static void bench_hostile(struct subject *subject, const char *name) {
    double to_examined[ROUNDS], to_plain[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        to_examined[i] = cost_in(judge_whole, judge_examined, subject);
        to_plain[i] = cost_in(judge_whole, judge_plain, subject);
    }
    printf("%-40s %7zu", name, subject->bytes.length);
    print_ratio(to_examined);
    print_ratio(to_plain);
    putchar('\n');
}

/* --- all of it ------------------------------------------------------------------------------------------ */

/* A part of the names of those to be measured; none: all. */
int main(int count, char **arguments) {
    const char *wanted = count > 1 ? arguments[1] : "";
    static const char schema[] = SOURCE_DIR "/schemas/cn-dec/DecMessage.xsd";
    struct arena *kept = arena_new();
    struct verdict mistakes;
    struct buf declaration, bytes;
    verdict_init(&mistakes, kept);
    buf_init(&declaration, 1u << 20);
    buf_init(&bytes, 1u << 22);
    xsd_start();
    struct xsd *xsd = xsd_load(schema, &mistakes);
    require(xsd
            && file_read(SOURCE_DIR "/tests/messages/cn-dec/import-50-lines.xml", &declaration) == STATUS_OK);
    xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader); /* the plain reader loads its own */
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(schema);
    struct subject subject = { .arena = arena_new(),
                               .session = xsd_session_new(xsd),
                               .plain = xmlSchemaParse(parser) };
    xmlSchemaFreeParserCtxt(parser);
    require(subject.plain);
    printf("%-40s %7s %s\n", "unusual spellings (CPU, one core)", "bytes", "ours to libxml2 (min-max)");
    for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
        buf_clear(&bytes);
        respell(buf_text(&declaration), &spellings[i], &bytes);
        subject.bytes = buf_text(&bytes);
        if (strstr(spellings[i].name, wanted)) {
            bench_spelling(&subject, spellings[i].name);
        }
    }
    printf("\n%-40s %7s %s\n", "hostile messages (CPU, one core)", "bytes",
           "cost, to libxml2 as it is run here (min-max), and bare");
    for (size_t i = 0; i < sizeof(hostiles) / sizeof(*hostiles); i++) {
        buf_clear(&bytes);
        write_hostile(i, &bytes);
        subject.bytes = buf_text(&bytes);
        if (strstr(hostiles[i].name, wanted)) {
            bench_hostile(&subject, hostiles[i].name);
        }
    }
    xsd_session_free(subject.session);
    xmlSchemaFree(subject.plain);
    xsd_free(xsd);
    buf_release(&bytes);
    buf_release(&declaration);
    arena_free(subject.arena);
    arena_free(kept);
    return 0;
}
