/* test_message_identifiers.c - check digits against real numbers of the trade, and what is nearly one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "message/identifiers.h"

static const struct {
    bool (*check)(struct text);
    const char *text;
    bool valid;
} cases[] = {
    { identifier_iso6346, "CSQU3054383", true },
    { identifier_iso6346, "TCNU8473622", true },
    { identifier_iso6346, "TCNU8473629", false },
    { identifier_iso6346, "CSQU3054384", false },
    { identifier_iso6346, "CSQA3054383", false }, /* the fourth letter is U, J or Z */
    { identifier_iso6346, "csqu3054383", false },
    { identifier_iso6346, "C1QU3054383", false },
    { identifier_iso6346, "CSQU305438", false },
    { identifier_iso6346, "CSQU30543833", false },
    { identifier_iso6346, "CSQU305438X", false },
    { identifier_iso6346, "", false },
    { identifier_iso6346_remainder10, "CSQU3054383", false },
    { identifier_imo, "9074729", true },
    { identifier_imo, "IMO9074729", true },
    { identifier_imo, "IMO 9074729", true },
    { identifier_imo, "UN9074729", true },
    { identifier_imo, "CN9074729", true },
    { identifier_imo, "XX9074729", false },
    { identifier_imo, "9074728", false },
    { identifier_imo, "907472", false },
    { identifier_imo, "907472A", false },
    { identifier_imo, "", false },
    { identifier_gb32100, "91440300796611420W", true },
    { identifier_gb32100, "913302017532977856", true },
    { identifier_gb32100, "91310107132231740K", true },
    { identifier_gb32100, "91370281MAD83N0A9X", true },
    { identifier_gb32100, "91370281MAD83N0A9Y", false },
    { identifier_gb32100, "91370281MAD83NOA9X", false }, /* the letter O is not in the alphabet */
    { identifier_gb32100, "91440300796611420w", false },
    { identifier_gb32100, "91440300796611420", false },
    { identifier_gb32100, "", false },
    { identifier_gb11714, "796611420", true },
    { identifier_gb11714, "753297785", true },
    { identifier_gb11714, "132231740", true },
    { identifier_gb11714, "13223174-0", true },
    { identifier_gb11714, "132231741", false },
    { identifier_gb11714, "1322317-40", false },
    { identifier_gb11714, "13223174", false },
    { identifier_gb11714, "13223174-", false },
    { identifier_gb11714, "", false },
    { identifier_entry, "223320231000000762", true },
    { identifier_entry, "223320230000000762", true },
    { identifier_entry, "223320232000000762", false }, /* neither import nor export */
    { identifier_entry, "223318231000000762", false }, /* no such year */
    { identifier_entry, "22332023100000076", false },
    { identifier_entry, "22332023100000076A", false },
    { identifier_entry, "", false },
};

static void each_number_is_judged(void **state) {
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].check(text_of(cases[i].text)) != cases[i].valid) {
            fail_msg("case %zu: %s should be %s", i, cases[i].text, cases[i].valid ? "valid" : "invalid");
        }
    }
}

static const struct {
    enum identifier_form form;
    const char *text, *canonical;
} written[] = {
    { IDENTIFIER_NONE, " a  B ", " a  B " },
    { IDENTIFIER_TOKEN, "A B", "A B" },
    { IDENTIFIER_TOKEN, "A  B", "A B" }, /* case 21 */
    { IDENTIFIER_TOKEN, " \t a \r\n B \n", "a B" },
    { IDENTIFIER_TOKEN, " ", "" },
    { IDENTIFIER_TOKEN, "", "" },
    { IDENTIFIER_CAPITALS, "cosu7701234532", "COSU7701234532" }, /* case 03 */
    { IDENTIFIER_CAPITALS, "COSU7701234532", "COSU7701234532" },
    { IDENTIFIER_CAPITALS, " imo  9074729", "IMO 9074729" },
    { IDENTIFIER_CAPITALS, "鲁b-é1", "鲁B-é1" }, /* no other letters than those of ASCII */
    { IDENTIFIER_CAPITALS, "az`{@[", "AZ`{@[" },
};

static void an_identifier_has_one_form(void **state) {
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
        struct text text = text_of(written[i].text);
        struct text once = identifier_canonical(written[i].form, text, arena);
        struct text twice = identifier_canonical(written[i].form, once, arena);
        if (!text_is(once, written[i].canonical) || !text_equal(once, twice)) {
            fail_msg("case %zu: '%s' became '" TEXT_FORMAT "'", i, written[i].text, TEXT_ARGS(once));
        }
    }
    arena_free(arena);
}

/* An independent reckoning of ISO 6346: letter values as the standard prints them. */
static int container_check(const char *number) {
    static const int letters[] = { 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24,
                                   25, 26, 27, 28, 29, 30, 31, 32, 34, 35, 36, 37, 38 };
    int sum = 0;
    for (int i = 0; i < 10; i++) {
        sum += (i < 4 ? letters[number[i] - 'A'] : number[i] - '0') * (1 << i);
    }
    return sum % 11;
}

static void every_letter_has_the_value_of_the_standard(void **state) {
    size_t avoided = 0;
    for (char letter = 'A'; letter <= 'Z'; letter++) {
        char number[12] = { letter, 'B', 'C', 'U', '1', '2', '3', '4', '5', '6' };
        int remainder = container_check(number);
        for (char digit = '0'; digit <= '9'; digit++) {
            number[10] = digit;
            bool valid = remainder % 10 == digit - '0';
            assert_int_equal(identifier_iso6346(text_of(number)), valid);
            assert_int_equal(identifier_iso6346_remainder10(text_of(number)), valid && remainder == 10);
            avoided += identifier_iso6346_remainder10(text_of(number));
        }
    }
    assert_true(avoided > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_is_judged),
        cmocka_unit_test(an_identifier_has_one_form),
        cmocka_unit_test(every_letter_has_the_value_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
