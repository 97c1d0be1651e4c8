/*
 * Tables for databases and for spreadsheets: what is quoted, and what is kept from being a formula.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "view/csv.h"

/* case 891: the value of a field that a trader wrote was a formula to whoever opened the report in a
 * spreadsheet. */
static void a_field_is_no_formula(void **state) {
    static const struct {
        const char *field, *database, *spreadsheet;
    } cases[] = {
        { "", "", "" },
        { "4218", "4218", "4218" },
        { "=1+1", "=1+1", "'=1+1" },
        { "=HYPERLINK(\"http://x\",\"y\")", "\"=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"",
          "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"" },
        { "@SUM(A1)", "@SUM(A1)", "'@SUM(A1)" },
        { "+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0" },
        { "-2+3", "-2+3", "'-2+3" },
        { "\t=1", "\t=1", "'\t=1" },
        { "\r=1", "\"\r=1\"", "\"'\r=1\"" },
        { "-12.50", "-12.50", "-12.50" }, /* numbers are numbers */
        { "+8", "+8", "+8" },
        { "-1e-07", "-1e-07", "-1e-07" },
        { "-0x1F", "-0x1F", "'-0x1F" },
        { "-inf", "-inf", "'-inf" },
        { "a=b", "a=b", "a=b" },
        { "a,b", "\"a,b\"", "\"a,b\"" },
        { "say \"so\"", "\"say \"\"so\"\"\"", "\"say \"\"so\"\"\"" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        for (enum csv_reader reader = CSV_FOR_DATABASES; reader <= CSV_FOR_SPREADSHEETS; reader++) {
            struct buf out;
            struct csv_out csv;
            buf_init(&out, 1024);
            csv_start(&csv, &out, reader);
            csv_put(&csv, cases[i].field);
            csv_put_count(&csv, 7);
            csv_end_row(&csv);
            const char *field = reader == CSV_FOR_DATABASES ? cases[i].database : cases[i].spreadsheet;
            assert_int_equal(strncmp(out.at, field, strlen(field)), 0);
            assert_string_equal(out.at + strlen(field), ",7\r\n");
            buf_release(&out);
        }
    }
}

/* case 678: Excel took Chinese for the code page of its user. */
static void a_spreadsheet_is_told_of_utf_8(void **state) {
    static const struct {
        const char *field, *table;
    } cases[] = {
        { "4218", "before:4218\r\n4218\r\n" },
        { "青岛海关", "before:\xEF\xBB\xBF"
                      "4218\r\n青岛海关\r\n" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf out;
        struct csv_out csv;
        buf_init(&out, 64);
        buf_add_string(&out, "before:");
        csv_start(&csv, &out, CSV_FOR_SPREADSHEETS);
        csv_put(&csv, "4218");
        csv_end_row(&csv);
        csv_put(&csv, cases[i].field);
        csv_end_row(&csv);
        csv_end(&csv);
        assert_int_equal(out.length, strlen(cases[i].table));
        assert_memory_equal(out.at, cases[i].table, out.length);
        buf_release(&out);
    }
}

/* At its limit it fails like anything else that is added. */
static void a_table_that_is_full_has_no_mark(void **state) {
    struct buf out;
    struct csv_out csv;
    (void)state;
    buf_init(&out, 8);
    csv_start(&csv, &out, CSV_FOR_SPREADSHEETS);
    csv_put(&csv, "青岛");
    csv_end_row(&csv);
    assert_false(buf_failed(&out));
    csv_end(&csv);
    assert_true(buf_failed(&out));
    buf_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_is_no_formula),
        cmocka_unit_test(a_spreadsheet_is_told_of_utf_8),
        cmocka_unit_test(a_table_that_is_full_has_no_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
