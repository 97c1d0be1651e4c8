/*
 * Bytes at the gate. What is refused is refused with one finding that stands in the bytes; what passes is
 * UTF-8 of characters that XML allows, within the limits as a slow count sees them, and every place in it
 * leads back to the original: in order, inside, and to the same characters.
 */
#include <string.h>

#include "base/arena.h"
#include "base/gb18030.h"
#include "base/status.h"
#include "check/gate.h"
#include "check/peek.h"
#include "check/places.h"
#include "fuzz/driver.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const long fuzz_runs = 1000000;

struct text fuzz_seed(size_t index) {
    static const char *const seeds[] = {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a:r xmlns:a='urn:a' x=\"1\">\n  <b c='>'>text &amp;"
        " more</b><!-- x --><![CDATA[<y>]]>\n</a:r>\n",
        "\xEF\xBB\xBF<r>青岛港<空/></r>",
        "<?xml version='1.0' encoding='GB18030'?><r a='\xC7\xE0\xB5\xBA'>\xB8\xDB\x81\x30\x81\x30\n"
        "\x90\x30\x81\x30</r>",
        "\x84\x31\x95\x33<r>\xC7\xE0</r>",
        "<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>",
        "<r><a><a><a><a><a><a/></a></a></a></a></a><b x='1' y='2' z='3'/></r>",
    };
    return index < COUNT(seeds) ? text_of(seeds[index]) : (struct text){ NULL, 0 };
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = {
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE ",
        "<?xml version='1.0' encoding='",
        "GBK",
        "UTF-8",
        "utf-16",
        "?>",
        "<?",
        "/>",
        "</",
        "<",
        ">",
        "=",
        "\"",
        "'",
        " xmlns=''",
        " xmlns:a='b'",
        ":",
        "&#1;",
        "\xC7\xE0",
        "\x81\x30\x81\x30",
        "\x90\x30\x81\x30",
        "青",
        "\xF0\x9F\x9A\xA2",
        "\xEF\xBB\xBF",
        "\xEF\xBF\xBE",
        "\xED\xA0\x80",
        "\r\n",
        "\n",
        "\t",
        "<r>",
        "</r>",
    };
    return index < COUNT(words) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

static void check_refused(const struct gated *gated, const struct verdict *verdict) {
    require(verdict->count == 1 && verdict->errors == 1);
    struct place place = verdict->findings[0].place;
    require(place.offset + place.length <= gated->text.original.length && place.line >= 1
            && place.column >= 1);
}

static void check_characters(struct text utf8) {
    for (const char *at = utf8.at, *end = at + utf8.length; at < end;) {
        int32_t c = text_next(&at, end);
        require(c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF));
    }
}

/* Walks the characters of both texts together, by a cursor that goes on and by counting anew. */
static void check_places(const struct gated *gated) {
    struct places places = places_of(&gated->text);
    const char *start = gated->text.utf8.at, *end = start + gated->text.utf8.length,
               *original_end = gated->text.original.at + gated->text.original.length;
    uint32_t line = 1, column = 1;
    size_t step = 1 + gated->text.utf8.length / 64, count = 0;
    for (const char *at = start; at < end; count++) {
        const char *from = at;
        int32_t c = text_next(&at, end);
        if (count % step == 0) {
            struct place place = places_at(&places, (uint64_t)(from - start), (uint64_t)(at - from));
            struct place again = place_in(&gated->text, (uint64_t)(from - start), (uint64_t)(at - from));
            const char *original = gated->text.original.at + place.offset;
            require(place.offset == again.offset && place.length == again.length);
            require(place.line == line && place.column == column && again.line == line
                    && again.column == column);
            require(c
                    == (gated->text.converted ? gb18030_next(&original, original_end)
                                              : text_next(&original, original_end)));
        }
        line += c == '\n';
        column = c == '\n' ? 1 : column + 1;
    }
}

/* Open angle brackets bound what a parser can see of elements. */
static void check_limits(const struct gated *gated, const struct gate_limits *limits) {
    size_t brackets = 0;
    for (size_t i = 0; i < gated->text.utf8.length; i++) {
        brackets += gated->text.utf8.at[i] == '<';
    }
    require(gated->text.utf8.length <= limits->bytes * 2);
    require(gated->root.length <= limits->name_length && (gated->root.length == 0 || brackets > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const struct gate_limits small = { .bytes = 4096,
                                              .depth = 5,
                                              .attributes = 3,
                                              .tags = 12,
                                              .names = 12,
                                              .name_length = 12,
                                              .value_length = 24,
                                              .namespaces = 3 };
    struct arena *arena = arena_new();
    for (int i = 0; i < 2; i++) {
        const struct gate_limits *limits = i ? &small : &gate_limits_default;
        struct verdict verdict;
        struct gated gated;
        verdict_init(&verdict, arena);
        if (!gate_pass((struct text){ (const char *)bytes, length }, limits, arena, &gated, &verdict)) {
            check_refused(&gated, &verdict);
            continue;
        }
        require(verdict.count == 0);
        check_characters(gated.text.utf8);
        check_places(&gated);
        check_limits(&gated, limits);
        struct text peeked = peek_in(gated.text.utf8, "b/c", 300);
        require(peeked.length <= gated.text.utf8.length);
    }
    arena_free(arena);
    return 0;
}
