/*
 * test_check_wrapper.c - what a wrapper holds comes out as it was put in; what is no good wrapper is told
 * where it is wrong (case 542).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/memory.h"
#include "check/check.h"
#include "check/wrapper.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define IMPORT(inside) \
    "<ImportMessage><SWImpHead><MsgType>SWDEC001</MsgType></SWImpHead>" inside "</ImportMessage>"
#define HELD(inside)  IMPORT("<SWImpData>" inside "</SWImpData>")
#define DXP_NAMESPACE "xmlns='http://www.chinaport.gov.cn/dxp'"
#define DXP(inside)          \
    "<DxpMsg " DXP_NAMESPACE \
    " ver='1.0'><TransInfo><SenderId>DXPENT0000000001</SenderId></TransInfo>" inside "</DxpMsg>"
#define DATA(inside) DXP("<Data>" inside "</Data>")

static enum wrapper_end open_it(struct text bytes, struct arena *arena, struct text *message,
                                struct verdict *verdict) {
    struct gated gated;
    verdict_init(verdict, arena);
    if (!gate_open(bytes, NULL, arena, &gated, verdict)) {
        return WRAPPER_REFUSED;
    }
    bool peeked = gate_peek(&gated);
    return wrapper_open(&gated, peeked, arena, message, verdict);
}

/* --- what comes out ------------------------------------------------------------------------------------- */

static const struct {
    const char *bytes, *message;
} opened[] = {
    { HELD("<DecMessage/>"), "<DecMessage/>" },
    { HELD("<D a='/'></D>"), "<D a='/'></D>" },
    { HELD("\n <!-- ours --> <D>\n <A>1 &lt; 2</A> <![CDATA[</D>]]> <SWImpData/>\n</D >\n"),
      "<D>\n <A>1 &lt; 2</A> <![CDATA[</D>]]> <SWImpData/>\n</D >" },
    { HELD("<D/><!-- behind -->"), "<D/>" },
    { "<?xml version='1.0' encoding='UTF-8'?>\n" HELD("<D>\xE8\x88\xAA</D>"), "<D>\xE8\x88\xAA</D>" },
    /* in UTF-8, for no declaration says otherwise any more */
    { "<?xml version='1.0' encoding='GB18030'?>" HELD("<D>\xBA\xBD</D>"), "<D>\xE8\x88\xAA</D>" },
    /* a beginning that only the scan reads */
    { "<ImportMessage a = '1'><SWImpData><D/></SWImpData></ImportMessage>", "<D/>" },
    /* namespaces that it has from outside: those that it may use, the nearer one, and its own before them */
    { "<ImportMessage xmlns:xsi='urn:x' xsi:noNamespaceSchemaLocation='SWImportMessagexsd.xsd'>"
      "<SWImpData><D/></SWImpData></ImportMessage>",
      "<D/>" },
    { "<ImportMessage xmlns='urn:far' xmlns:p='urn:p' xmlns:q='urn:q'><SWImpData xmlns='urn:near'>"
      "<D><p:E/></D></SWImpData></ImportMessage>",
      "<D xmlns='urn:near' xmlns:p='urn:p'><p:E/></D>" },
    { "<ImportMessage xmlns=\"urn:'\"><SWImpData><D b='2'/></SWImpData></ImportMessage>",
      "<D xmlns=\"urn:'\" b='2'/>" },
    { "<ImportMessage xmlns='urn:far'><SWImpData xmlns=''><D/></SWImpData></ImportMessage>", "<D/>" },
    { "<i:ImportMessage xmlns:i='urn:i' xmlns='urn:far'><i:SWImpData><D xmlns='urn:own'/></i:SWImpData>"
      "</i:ImportMessage>",
      "<D xmlns='urn:own'/>" },
    { "<i:ImportMessage xmlns:i='urn:i'><i:SWImpData><i:D/></i:SWImpData></i:ImportMessage>",
      "<i:D xmlns:i='urn:i'/>" },
    /* case 792: text in CDATA; its declaration goes where it says what no longer holds */
    { HELD("<![CDATA[<D/>]]>"), "<D/>" },
    { HELD("\n<![CDATA[\n<?xml version='1.0' encoding='UTF-8'?>\n<D>&lt;</D> ]]>\n"),
      "<?xml version='1.0' encoding='UTF-8'?>\n<D>&lt;</D>" },
    { HELD("<![CDATA[<?xml version='1.0'?><D/>]]>"), "<?xml version='1.0'?><D/>" },
    { HELD("<![CDATA[<D><![CDATA[a]]]]><![CDATA[></D>]]>"), "<D><![CDATA[a]]></D>" },
    { "<?xml version='1.0' encoding='GBK'?>" HELD(
          "<![CDATA[<?xml version='1.0' encoding='gbk'?>\n<D>\xBA\xBD</D>]]>"),
      "<D>\xE8\x88\xAA</D>" },
    { "<?xml version='1.0' encoding='GBK'?>" HELD("<![CDATA[<D>\xBA\xBD</D>]]>"), "<D>\xE8\x88\xAA</D>" },
    { DATA("<![CDATA[PEQv\nPg==]]>"), "<D/>" },
    { DATA("\n<![CDATA[PEQv]]><![CDATA[Pg==]]> "), "<D/>" },
    /* Base64, in lines or not */
    { DATA("PEQvPg=="), "<D/>" },
    { DATA("\n  PEQv\r\n  Pg\t=\n=  \n"), "<D/>" },
    { DATA("PEQv&#13;\nPg&#x3D;="), "<D/>" },
    { DATA("AAEC"), "" }, /* bytes 0, 1, 2: what is in them is not looked at here */
    { DXP("<Data>PEQvPg==</Data><AddInfo><FileName>a.xml</FileName></AddInfo>"), "<D/>" },
    { "<dxp:DxpMsg xmlns:dxp='http://www.chinaport.gov.cn/dxp'><dxp:Data>PEQvPg==</dxp:Data></dxp:DxpMsg>",
      "<D/>" },
};

static void what_a_wrapper_holds_comes_out(void **state) {
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(opened); i++) {
        struct text message = { NULL, 0 };
        struct verdict verdict;
        enum wrapper_end end = open_it(text_of(opened[i].bytes), arena, &message, &verdict);
        const char *code = verdict.count ? verdict.findings[0].code : "";
        if (end != WRAPPER_OPENED || verdict.count
            || (*opened[i].message ? !text_is(message, opened[i].message)
                                   : !text_equal(message, (struct text){ "\0\1\2", 3 }))) {
            fail_msg("%s: %d %s, " TEXT_FORMAT, opened[i].bytes, end, code, TEXT_ARGS(message));
        }
    }
    arena_free(arena);
}

/* --- what is none, or wrong ----------------------------------------------------------------------------- */

static const struct {
    const char *bytes, *code;
    uint32_t line, column, length;
} refused[] = {
    { "<ImportMessage/>", "WRAPPER-CONTENT", 1, 2, 13 },
    { IMPORT(""), "WRAPPER-CONTENT", 1, 2, 13 },
    { HELD(""), "WRAPPER-CONTENT", 1, 2, 13 },
    { "<ImportMessage>\n<SWImpData>text</SWImpData></ImportMessage>", "WRAPPER-CONTENT", 2, 12, 4 },
    { "<ImportMessage>\n<SWImpData>text<D/></SWImpData></ImportMessage>", "WRAPPER-CONTENT", 2, 12, 8 },
    { "<ImportMessage>\n<SWImpData><D/><D/></SWImpData></ImportMessage>", "WRAPPER-CONTENT", 2, 17, 1 },
    { "<ImportMessage><SWImpData><D/></SWImpData>\n<SWImpData><D/></SWImpData></ImportMessage>",
      "WRAPPER-CONTENT", 2, 2, 9 },
    { "<ImportMessage><A><SWImpData><D/></SWImpData></A></ImportMessage>", "WRAPPER-CONTENT", 1, 2, 13 },
    { DATA(""), "WRAPPER-CONTENT", 1, 2, 6 },
    { DATA(" \n "), "WRAPPER-CONTENT", 1, 2, 6 },
    { DXP("\n<Data><D/></Data>"), "WRAPPER-CONTENT", 2, 8, 1 },
    { DXP("\n<Data>PEQvPg==</Data><Data>PEQvPg==</Data>"), "WRAPPER-CONTENT", 2, 23, 4 },
    { DXP("\n<Data>PEQv Pg=\n</Data>"), "WRAPPER-ENCODING", 2, 14, 1 },
    { DXP("\n<Data>PEQv\nP-==</Data>"), "WRAPPER-ENCODING", 3, 2, 1 },
    { DXP("\n<Data>PE\xE8\x88\xAAQv</Data>"), "WRAPPER-ENCODING", 2, 9, 3 },
    /* case 792: of which another reader might make another message */
    { HELD("\n<![CDATA[<D/>]]><E/>"), "WRAPPER-CONTENT", 2, 1, 20 },
    { HELD("\n<E/><![CDATA[<D/>]]>"), "WRAPPER-CONTENT", 2, 1, 20 },
    { HELD("\n<![CDATA[<D/>]]><!-- --><![CDATA[ ]]>"), "WRAPPER-CONTENT", 2, 1, 37 },
    { HELD("\n<![CDATA[<D/>]]> text"), "WRAPPER-CONTENT", 2, 1, 21 },
    { HELD("\n&lt;D/&gt;"), "WRAPPER-CONTENT", 2, 1, 10 },
    { HELD("\n<![CDATA[ ]]>"), "WRAPPER-CONTENT", 2, 1, 13 },
    { HELD("\n<![CDATA[<?xml version='1.0' encoding='GBK'?><D/>]]>"), "WRAPPER-ENCODING", 2, 1, 52 },
    { "<?xml version='1.0' encoding='GBK'?>\n" HELD("<![CDATA[<?xml version='1.1' encoding='GBK'?><D/>]]>"),
      "WRAPPER-ENCODING", 2, 77, 52 },
    { DXP("\n<Data><![CDATA[PEQv&#13;Pg==]]></Data>"), "WRAPPER-ENCODING", 2, 7, 25 },
    { DXP("\n<Data><![CDATA[PEQv]]>Pg==</Data>"), "WRAPPER-ENCODING", 2, 7, 20 },
    { DXP("\n<Data>PEQvPg==&amp;</Data>"), "WRAPPER-ENCODING", 2, 19, 1 },
    { "<DxpMsg><Data>PEQvPg==</Data></DxpMsg>", "FORMAT-NAMESPACE", 1, 2, 6 },
    /* held to what any message is */
    { "<ImportMessage><SWImpData><D></SWImpData></ImportMessage>", "XML-ELEMENT-TYPE-MATCH", 1, 30, 12 },
    { "<!DOCTYPE a><ImportMessage><SWImpData><D/></SWImpData></ImportMessage>", "", 0, 0, 0 },
    { "<ImportMessage><?a b?><SWImpData><D/></SWImpData></ImportMessage>", "GATE-PI", 1, 16, 3 },
    { "<ImportMessage a = '1'><SWImpData/></ImportMessage>", "WRAPPER-CONTENT", 1, 2, 13 },
};

static void what_is_wrong_is_told_where_it_stands(void **state) {
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct text message = { NULL, 0 };
        struct verdict verdict;
        enum wrapper_end end = open_it(text_of(refused[i].bytes), arena, &message, &verdict);
        if (!*refused[i].code) { /* it is told of, as a wrapper or not, where it is judged */
            assert_int_equal(end, WRAPPER_NONE);
            continue;
        }
        assert_int_equal(end, WRAPPER_REFUSED);
        assert_int_equal(verdict.count, 1);
        const struct finding *finding = &verdict.findings[0];
        struct place place = finding->place;
        assert_true(*finding->zh && *finding->en);
        if (strcmp(finding->code, refused[i].code) != 0 || place.line != refused[i].line
            || place.column != refused[i].column || place.length != refused[i].length) {
            fail_msg("%s: %s at %u:%u, %u bytes", refused[i].bytes, finding->code, place.line, place.column,
                     place.length);
        }
    }
    arena_free(arena);
}

static void other_messages_are_none(void **state) {
    static const char *const others[] = { "<D/>", "<d:DxpMsgs/>",     "<A><DxpMsg/></A>", "<importmessage/>",
                                          "text", "<A b = 'DxpMsg'/>" };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(others); i++) {
        struct text message;
        struct verdict verdict;
        assert_int_equal(open_it(text_of(others[i]), arena, &message, &verdict), WRAPPER_NONE);
        assert_int_equal(verdict.count, 0);
    }
    arena_free(arena);
}

/* --- limits --------------------------------------------------------------------------------------------- */

/* As much as a message may have, in lines of 76 as MIME has them. */
static void a_large_one_comes_out_whole(void **state) {
    const size_t size = 7000 * 1000;
    struct arena *arena = arena_new();
    char *inside = memory_array(size + 1, 1), *signs = memory_array(BASE64_SIZE(size), 1);
    memset(inside, 'x', size);
    base64_print(inside, size, signs);
    struct buf bytes;
    buf_init(&bytes, CHECK_BODY_MAX);
    buf_add_string(&bytes, "<DxpMsg " DXP_NAMESPACE "><Data>");
    for (size_t at = 0, length = strlen(signs); at < length; at += 76) {
        buf_add(&bytes, signs + at, length - at < 76 ? length - at : 76);
        buf_add_string(&bytes, "\r\n");
    }
    buf_add_string(&bytes, "</Data></DxpMsg>");
    assert_false(buf_failed(&bytes));
    struct text message;
    struct verdict verdict;
    assert_int_equal(open_it(buf_text(&bytes), arena, &message, &verdict), WRAPPER_OPENED);
    assert_true(text_equal(message, (struct text){ inside, size }));
    buf_release(&bytes);
    free(inside);
    free(signs);
    arena_free(arena);
}

/* More prefixes than are looked for one by one: all are carried over. */
static void many_prefixes_are_all_carried_over(void **state) {
    struct arena *arena = arena_new();
    const char *declared = "";
    for (int i = 0; i < 60; i++) {
        declared = arena_printf(arena, "%s xmlns:p%d='urn:%d'", declared, i, i);
    }
    const char *bytes = arena_printf(
        arena, "<ImportMessage%s><SWImpData><D><p59:E/></D></SWImpData></ImportMessage>", declared);
    struct text message;
    struct verdict verdict;
    assert_int_equal(open_it(text_of(bytes), arena, &message, &verdict), WRAPPER_OPENED);
    assert_true(text_starts(message, "<D xmlns:p"));
    assert_non_null(memmem(message.at, message.length, " xmlns:p59='urn:59'", 19));
    assert_non_null(memmem(message.at, message.length, "><p59:E/></D>", 13));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_wrapper_holds_comes_out),
        cmocka_unit_test(what_is_wrong_is_told_where_it_stands),
        cmocka_unit_test(other_messages_are_none),
        cmocka_unit_test(a_large_one_comes_out_whole),
        cmocka_unit_test(many_prefixes_are_all_carried_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
