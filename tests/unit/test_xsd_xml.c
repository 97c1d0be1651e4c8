/* How XML is read (xsd/xml.h): what is read many bytes at a time says the same as byte by byte, wherever it
 * stands (cases 521 to 523). With -DXML_PLAIN the same is asked of the plain code, with -DXML_NARROW
 * of vectors of 16 bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "xsd/xml.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define PLACES       140 /* more than two blocks of the widest vectors */

/* XML 1.0, [2]. */
static bool is_character(int32_t c) {
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD)
           || (c >= 0x10000 && c <= 0x10FFFF);
}

static bool is_clean_by_the_letter(struct text text) {
    for (const char *at = text.at, *end = at + text.length; at < end;) {
        int32_t character = text_next(&at, end);
        if (character < 0 || !is_character(character)) {
            return false;
        }
    }
    return true;
}

/* At the end of a room of its own size, so that a byte read behind it is seen by who watches memory. */
static void assert_clean_as_said(const char *bytes, size_t length, size_t before, size_t behind) {
    char *room = memory_array(before + length + behind, 1);
    memset(room, 'a', before + length + behind);
    memcpy(room + before, bytes, length);
    struct text text = { room, before + length + behind };
    assert_int_equal(xml_is_clean(text), is_clean_by_the_letter(text));
    free(room);
}

/* Case 521: all that four bytes can be at the edges of UTF-8 and XML, at every place of a block. */
static void every_sequence_is_judged_as_by_the_letter(void **state) {
    static const unsigned char edges[] = { 'a',  '\t', 0x00, 0x1F, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                           0xB7, 0xBD, 0xBE, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
                                           0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF };
    size_t n = COUNT(edges), place = 0;
    for (size_t i = 0; i < n * n * n * n; i++, place = (place + 1) % PLACES) {
        char bytes[4] = { (char)edges[i % n], (char)edges[i / n % n], (char)edges[i / n / n % n],
                          (char)edges[i / n / n / n] };
        assert_clean_as_said(bytes, 4, place, i % 3 ? i % 7 : 0);
    }
    for (size_t at = 0; at < PLACES; at++) {
        for (size_t cut = 1; cut <= 4; cut++) {
            assert_clean_as_said("\xF0\xA0\xAE\xB7", cut, at, 0);
            assert_clean_as_said("\xF0\xA0\xAE\xB7", cut, at, 40);
            assert_clean_as_said("\xEF\xBF\xBF", cut < 3 ? cut : 3, at, 0);
        }
    }
}

static size_t random_below(uint64_t *random, size_t limit) {
    *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (size_t)(*random >> 33) % limit;
}

/* Of few signs, so that what is looked for stands there often, in part or whole. */
static struct text some_text(uint64_t *random, const char *signs, char room[PLACES]) {
    size_t length = random_below(random, PLACES);
    for (size_t i = 0; i < length; i++) {
        bool plain = random_below(random, 4) > 0;
        room[i] = plain ? 'a' : signs[random_below(random, strlen(signs))];
    }
    return (struct text){ room, length };
}

static const char *find_by_the_letter(struct text text, const char *what) {
    return memmem(text.at, text.length, what, strlen(what));
}

/* Case 522: what is looked for is found where it stands first. */
static void what_is_looked_for_is_found(void **state) {
    uint64_t random = 522;
    char room[PLACES];
    for (int i = 0; i < 200000; i++) {
        struct text text = some_text(&random, "-]>-]", room);
        const char *end = text.at + text.length;
        assert_ptr_equal(xml_find_dashes(text.at, end), find_by_the_letter(text, "--"));
        assert_ptr_equal(xml_find_section_end(text.at, end), find_by_the_letter(text, "]]>"));
    }
}

/* Case 522: a scan ends where it must, and tells of what stands before. */
static void scans_end_where_they_must(void **state) {
    uint64_t random = 1522;
    char room[PLACES];
    for (int i = 0; i < 200000; i++) {
        struct text text = some_text(&random, "<&'\"\r\n\t ]", room);
        const char *end = text.at + text.length, *to = text.at;
        uint8_t seen, expected = 0;
        for (; to < end && *to != '<' && *to != '&'; to++) {
            expected |= xml_class(*to) & (XML_BLANK | XML_RETURN | XML_BRACKET);
        }
        assert_ptr_equal(xml_scan_text(text.at, end, &seen), to);
        assert_int_equal(seen & (XML_BLANK | XML_RETURN | XML_BRACKET), expected);
        for (to = text.at, expected = 0; to < end && *to != '<' && *to != '"'; to++) {
            expected |= *to == '&' ? XML_STOP : 0;
            expected |= strchr("\r\n\t", *to) ? XML_RETURN : 0;
        }
        assert_ptr_equal(xml_scan_value(text.at, end, '"', &seen), to);
        assert_int_equal(seen, expected);
        for (to = text.at, expected = 0; to < end && !strchr("<&\"\r\n\t", *to); to++) {
            expected |= xml_class(*to) & XML_BLANK;
        }
        bool plain = to < end && *to == '"';
        assert_ptr_equal(xml_scan_plain_value(text.at, end, '"', &seen), plain ? to : NULL);
        assert_true(!plain || seen == expected);
        struct text trimmed = xml_trim(text), other = text_trim(text);
        assert_true(text_equal(trimmed, other));
    }
}

/* As the standard says it, one sign after the other. */
static size_t decode_by_the_letter(struct text raw, char *out, bool attribute) {
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        struct text rest = { raw.at + i, raw.length - i };
        if (text_starts(rest, "]]>") && !attribute) {
            return SIZE_MAX;
        }
        if (raw.at[i] == '&') {
            if (!text_starts(rest, "&lt;")) {
                return SIZE_MAX;
            }
            out[length++] = '<';
            i += 3;
        } else if (raw.at[i] == '\r') {
            i += text_starts(rest, "\r\n");
            out[length++] = attribute ? ' ' : '\n';
        } else {
            out[length++] = attribute && strchr("\n\t", raw.at[i]) ? ' ' : raw.at[i];
        }
    }
    return length;
}

/* Case 523: references, line ends and blanks are decoded wherever they stand. */
static void texts_are_decoded_wherever_they_stand(void **state) {
    static const char *const pieces[] = { "&lt;", "]]>",     "]",    "\r\n", "\r", "\n",
                                          "\t",   "abcdefg", "中文", "a",    "b" };
    uint64_t random = 523;
    for (int i = 0; i < 200000; i++) {
        char room[2 * PLACES], expected[2 * PLACES];
        size_t length = 0;
        for (size_t k = random_below(&random, 14); k > 0; k--) {
            size_t piece = random_below(&random, 4) ? 7 + random_below(&random, 4) : random_below(&random, 7);
            memcpy(room + length, pieces[piece], strlen(pieces[piece]));
            length += strlen(pieces[piece]);
        }
        char *raw = memory_array(length + 1, 1), *out = memory_array(length + 1, 1);
        memcpy(raw, room, length);
        for (int attribute = 0; attribute < 2; attribute++) {
            struct text text = { raw, length };
            size_t wanted = decode_by_the_letter(text, expected, attribute);
            size_t said = attribute ? xml_decode_attribute(text, out) : xml_decode_text(text, out);
            assert_int_equal(said, wanted);
            assert_true(said == SIZE_MAX || memcmp(out, expected, said) == 0);
        }
        free(raw);
        free(out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_is_judged_as_by_the_letter),
        cmocka_unit_test(what_is_looked_for_is_found),
        cmocka_unit_test(scans_end_where_they_must),
        cmocka_unit_test(texts_are_decoded_wherever_they_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
