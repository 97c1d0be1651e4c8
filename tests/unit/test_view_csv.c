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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_is_no_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
