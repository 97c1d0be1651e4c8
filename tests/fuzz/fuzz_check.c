/*
 * Messages through the whole check, by our own schemas and rules. Findings stand in the bytes; what is
 * accepted is XML to libxml2 by itself too, without a DTD; and asked once more, after any other message, the
 * answer is the same.
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/status.h"
#include "check/check.h"
#include "fuzz/driver.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const long fuzz_runs = 40000;

static const char *const messages[] = {
    "cn-dec/import-general.xml",
    "cn-dec/import-gb18030.xml",
    "cn-dec/import-no-namespace.xml",
    "cn-dec/import-prefixed.xml",
    "cn-dec/import-cdata.xml",
    "broken/XSD-CONTENT--element-misspelt.xml",
    "charge-list/terminal.xml",
    "charge-note/import.xml",
    "wrapped/import-message.xml",
    "wrapped/dxp-msg.xml",
    "broken/WRAPPER-CONTENT--two-messages.xml",
};

struct text fuzz_seed(size_t index) {
    static struct buf read[COUNT(messages)];
    if (index >= COUNT(messages)) {
        return (struct text){ NULL, 0 };
    }
    if (!read[index].at) {
        char path[512];
        snprintf(path, sizeof(path), "%s/tests/messages/%s", SOURCE_DIR, messages[index]);
        buf_init(&read[index], 1u << 20);
        require(file_read(path, &read[index]) == STATUS_OK);
    }
    return buf_text(&read[index]);
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = {
        "<SWImpData>",
        "</SWImpData>",
        "<ImportMessage>",
        "<Data>",
        "PEQvPg==",
        " xmlns:d='urn:d'",
        "<DecHead>",
        "</DecHead>",
        "<DecList>",
        "</DecList>",
        "<GNo>1</GNo>",
        "<BillNo/>",
        "<GrossWet> 1 </GrossWet>",
        " xsi:nil='true'",
        " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'",
        " xsi:type='Day'",
        " xmlns=''",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "&amp;",
        "&#65;",
        "&x;",
        "<x/>",
        "<x>",
        "</x>",
        "20261031",
        "-1",
        "青",
        "\xC7\xE0",
        "\n",
        "\r\n",
        "\t",
        "<!DOCTYPE x>",
        "<?x?>",
        "=\"",
        "'",
        "<",
        ">",
        "/>",
    };
    return index < COUNT(words) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

static struct checker *checker(void) {
    static struct checker *made;
    if (!made) {
        struct arena *arena = arena_new();
        struct verdict mistakes;
        struct edition *edition;
        verdict_init(&mistakes, arena);
        struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
        require(edition_load(&options, &edition, &mistakes) == STATUS_OK);
        made = checker_new(judge_new(edition, &mistakes));
        require(mistakes.errors == 0);
        arena_free(arena);
    }
    return made;
}

static void judge(struct text bytes, struct arena *arena, struct judgement *out) {
    static const char *const any[] = { "*" }, *const roles[] = { "declarant" };
    static const struct party party = { .code = "FWD", .roles = { roles, 1 }, .declares = { any, 1 } };
    struct envelope env = { .party = "FWD",
                            .format = "",
                            .file = "",
                            .trace = "",
                            .received = stamp_of_day(day_of(2026, 10, 31)),
                            .size = bytes.length };
    check_message(checker(), &env, &party, bytes, arena, out);
}

static void check_findings(const struct verdict *verdict, struct text bytes) {
    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];
        require(finding->place.offset + finding->place.length <= bytes.length);
        require(*finding->code && *finding->zh && *finding->en);
        require(text_is_utf8(text_of(finding->zh)) && text_is_utf8(text_of(finding->en))
                && text_is_utf8(text_of(finding->path)));
        require(strcmp(finding->code, "XSD-INTERNAL") != 0);
    }
}

static void check_accepted(const struct judgement *judgement, struct text bytes) {
    require(judgement->format && judgement->doc && *judgement->id);
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    xmlDocPtr doc = xmlCtxtReadMemory(parser, bytes.at, (int)bytes.length, NULL, NULL,
                                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    require(doc && parser->wellFormed && parser->nsWellFormed && !doc->intSubset);
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(parser);
}

/* Alone, what a wrapper held is judged just so; and it is no wrapper. */
static void check_unwrapped(const struct judgement *within, struct arena *arena) {
    struct judgement alone;
    judge(within->message, arena, &alone);
    require(!alone.unwrapped && alone.format == within->format);
    require(alone.verdict.count == within->verdict.count && alone.verdict.errors == within->verdict.errors);
    for (size_t i = 0; i < alone.verdict.count; i++) {
        require(strcmp(alone.verdict.findings[i].en, within->verdict.findings[i].en) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct arena *arena = arena_new();
    struct text text = { (const char *)bytes, length };
    struct judgement once, again;
    judge(text, arena, &once);
    require(once.unwrapped || once.message.at == text.at);
    check_findings(&once.verdict, once.message);
    if (verdict_passes(&once.verdict)) {
        check_accepted(&once, once.message);
    }
    if (once.unwrapped) {
        check_unwrapped(&once, arena);
    }
    judge(text, arena, &again);
    require(again.verdict.count == once.verdict.count && again.verdict.errors == once.verdict.errors);
    require(text_equal(again.message, once.message));
    for (size_t i = 0; i < once.verdict.count; i++) {
        require(strcmp(once.verdict.findings[i].en, again.verdict.findings[i].en) == 0);
    }
    arena_free(arena);
    return 0;
}
