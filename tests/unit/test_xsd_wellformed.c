/* What is wrong with a message that is not well-formed, and the earliest place of it (case 421). That libxml2
 * is of one mind with this: tests/differential. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "xsd/wellformed.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* The place is marked by [ and ] in the message, which are not part of it. */
static const struct {
    const char *message;
    enum wellformed what;
    const char *element;
} cases[] = {
    { "<r a='1' b=\"&lt;&#x4E2D;&#20013;\"><x/>text<!-- - --><![CDATA[<&]]]]></r ><!--c-->\n", 0, "" },
    { "<r xmlns='http://&#91;::1&#93;:80/'/>", 0, "" },
    { "<r xmlns='http://u:p@w:80/a:b'/>", 0, "" },
    { "<r xmlns='#a?/b'/>", 0, "" },
    { "<r xmlns='urn:a:b'/>", 0, "" },
    { "<r xmlns='//w:8080?a:b'/>", 0, "" },
    { "<p:r xmlns:p='urn:p' p:a='1' a='1' xml:lang='zh'><p:x xmlns:p='urn:q'/></p:r>", 0, "" },
    { "<?xml version='1.0' encoding='UTF-8'?><中 文='1'/>", 0, "" },
    { "[<?xml encoding='UTF-8'?>]<r/>", WELLFORMED_DECLARATION, "" },
    { "<!-- nothing -->[]", WELLFORMED_NO_ROOT, "" },
    { "<r/><!-- c -->[<]r/>", WELLFORMED_BEHIND_ROOT, "" },
    { "[<]/r>", WELLFORMED_MARKUP, "" },
    { "<r><x>[]\n", WELLFORMED_CUT_OFF, "x" },
    { "<r>[<x a='1']", WELLFORMED_TAG_CUT_OFF, "r" },
    { "<r><x>1[</y>]</r>", WELLFORMED_OTHER_END_TAG, "x" },
    { "<r><x>1[</xy>]</r>", WELLFORMED_OTHER_END_TAG, "x" },
    { "<r>1</r [b]>", WELLFORMED_END_TAG, "r" },
    { "<r>a [<] b</r>", WELLFORMED_NO_NAME, "r" },
    { "<r>[<]1/></r>", WELLFORMED_NO_NAME, "r" },
    { "<[a:b:]c/>", WELLFORMED_QNAME, "" },
    { "<[:c]/>", WELLFORMED_QNAME, "" },
    { "<r a='1'[b]='2'/>", WELLFORMED_NO_BLANK, "" },
    { "<r [']1'/>", WELLFORMED_ATTRIBUTE_NAME, "" },
    { "<r [a]>1</r>", WELLFORMED_NO_EQUALS, "" },
    { "<r a=[1]/>", WELLFORMED_NO_QUOTE, "" },
    { "<r a=[']1/>", WELLFORMED_OPEN_QUOTE, "" },
    { "<r a='1[<]2'/>", WELLFORMED_LESS_IN_VALUE, "" },
    { "<r a='1' [a]='2'/>", WELLFORMED_ATTRIBUTE_TWICE, "" },
    { "<r xmlns:p='u' xmlns:q='u' p:a='1' [q:a]='2'/>", WELLFORMED_ATTRIBUTE_TWICE, "" },
    { "<r><[p:x]/></r>", WELLFORMED_PREFIX, "r" },
    { "<r [p:a]='1'/>", WELLFORMED_PREFIX, "" },
    { "<r [xmlns:p]=''/>", WELLFORMED_NAMESPACE, "" },
    { "<r [xmlns:xml]='u'/>", WELLFORMED_NAMESPACE, "" },
    { "<r [xmlns]='a b'/>", WELLFORMED_NAMESPACE, "" },
    { "<r [xmlns]='http://&#91;ww.w3.org/'/>", WELLFORMED_NAMESPACE, "" }, /* case 436 */
    { "<r [xmlns]='http://&#91;::1&#93;x/'/>", WELLFORMED_NAMESPACE, "" },
    { "<r [xmlns]='http://w&#93;/'/>", WELLFORMED_NAMESPACE, "" },
    { "<r [xmlns]='http://www.china:ort.gov.cn/ceb'/>", WELLFORMED_NAMESPACE, "" }, /* case 690 */
    { "<r [xmlns]='http://w:/'/>", WELLFORMED_NAMESPACE, "" },
    { "<r [xmlns]='//u@w:8x'/>", WELLFORMED_NAMESPACE, "" },
    { "<r [xmlns]='http://&#91;::1&#93;:x/'/>", WELLFORMED_NAMESPACE, "" },
    { "<r [xmlns]='http://w/a#b#c'/>", WELLFORMED_NAMESPACE, "" }, /* case 508 */
    { "<r [xmlns]='##'/>", WELLFORMED_NAMESPACE, "" },
    { "<r>AT [&] T</r>", WELLFORMED_REFERENCE_NAME, "r" },
    { "<r>AT[&T]</r>", WELLFORMED_REFERENCE_END, "r" },
    { "<r>1[&nbsp;]2</r>", WELLFORMED_ENTITY, "r" },
    { "<r a='[&copy;]'/>", WELLFORMED_ENTITY, "" },
    { "<r>[&#x;]</r>", WELLFORMED_CHARACTER_REFERENCE, "r" },
    { "<r>[&#xG1;]</r>", WELLFORMED_CHARACTER_REFERENCE, "r" },
    { "<r>[&#12] </r>", WELLFORMED_CHARACTER_REFERENCE, "r" },
    { "<r>[&#0;]</r>", WELLFORMED_CHARACTER, "r" },
    { "<r>[&#xD800;]</r>", WELLFORMED_CHARACTER, "r" },
    { "<r>[&#99999999999999999999;]</r>", WELLFORMED_CHARACTER, "r" },
    { "<r><!-- a [--] b --></r>", WELLFORMED_COMMENT, "r" },
    { "<r><!-- a [--]-></r>", WELLFORMED_COMMENT, "r" },
    { "<r>[<!--] a</r>", WELLFORMED_OPEN_SECTION, "r" },
    { "<r>[<![CDATA[] a</r>", WELLFORMED_OPEN_SECTION, "r" },
};

/* A bracket that stands for itself is one of CDATA. */
static struct text without_marks(const char *marked, char out[256], size_t *from, size_t *to) {
    size_t length = 0;
    *from = *to = SIZE_MAX;
    for (const char *at = marked; *at; at++) {
        bool own = strncmp(at, "[CDATA[", 7) == 0 || (at - marked >= 6 && strncmp(at - 6, "[CDATA[", 7) == 0);
        if (*at == '[' && !own && *from == SIZE_MAX) {
            *from = length;
        } else if (*at == ']' && *from != SIZE_MAX && *to == SIZE_MAX) {
            *to = length;
        } else {
            out[length++] = *at;
        }
    }
    return (struct text){ out, length };
}

static void test_earliest_place(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[256];
        size_t from, to;
        struct text message = without_marks(cases[i].message, out, &from, &to);
        struct wellformed_fault fault = wellformed_check(message, NULL);
        bool placed = !cases[i].what || (fault.offset == from && fault.offset + fault.length == to);
        if (fault.what != cases[i].what || !placed || !text_is(fault.element, cases[i].element)) {
            fail_msg("%s: %d at %u+%u in " TEXT_FORMAT, cases[i].message, fault.what, fault.offset,
                     fault.length, TEXT_ARGS(fault.element));
        }
    }
}

/* It has a limit, behind which nothing is said. */
static void test_beyond_the_limit(void **state) {
    struct buf message;
    buf_init(&message, 1u << 20);
    for (int i = 0; i < WELLFORMED_DEPTH_MAX + 1; i++) {
        buf_add_string(&message, "<a>");
    }
    assert_int_equal(wellformed_check(buf_text(&message), NULL).what, WELLFORMED_NO_FAULT);
    buf_clear(&message);
    for (int i = 0; i < WELLFORMED_DEPTH_MAX; i++) {
        buf_add_string(&message, "<a>");
    }
    assert_int_equal(wellformed_check(buf_text(&message), NULL).what, WELLFORMED_CUT_OFF);
    buf_release(&message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_earliest_place),
        cmocka_unit_test(test_beyond_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
