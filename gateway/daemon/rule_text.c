/*
 * rule_text.c - the rows of a rule, once for both forms.
 */
#include "daemon/rule_text.h"

#include <string.h>

#include "base/stamp.h"

#define ROWS_MAX 16

struct row {
    const char *name, *text;
};

struct rule_rows {
    char since[STAMP_TEXT_MAX], until[STAMP_TEXT_MAX];
    struct row rows[ROWS_MAX]; /* name NULL ends */
};

static const char *day_or_none(int32_t day, char out[STAMP_TEXT_MAX]) {
    return day == INT32_MIN || day == INT32_MAX ? "" : day_print(day, out);
}

static void make_rows(const struct rule *rule, struct rule_rows *out) {
    const struct row rows[ROWS_MAX] = {
        { "code", rule->code },
        { "severity", severity_text(rule->severity) },
        { "families", rule->families_text },
        { "stage", rule->stage == RULE_ENGINE ? "engine" : "check" },
        { "basis", rule->basis },
        { "since", day_or_none(rule->since, out->since) },
        { "until", day_or_none(rule->until, out->until) },
        { "when", rule->when_text },
        { "each", rule->each ? rule->each->name : "" },
        { "require", rule->require_text },
        { "at", rule->at_text },
        { "zh", rule->zh },
        { "en", rule->en },
        { "hint_zh", rule->hint_zh },
        { "hint_en", rule->hint_en },
    };
    memcpy(out->rows, rows, sizeof(rows));
}

void rule_text_json(const struct rule *rule, struct json_out *out) {
    struct rule_rows made;
    make_rows(rule, &made);
    json_open_object(out, NULL);
    for (const struct row *row = made.rows; row->name; row++) {
        json_put_string(out, row->name, row->text);
    }
    json_put_int(out, "line", rule->line);
    json_close_object(out);
}

void rule_text_print(const struct rule *rule, struct buf *out) {
    struct rule_rows made;
    make_rows(rule, &made);
    for (const struct row *row = made.rows; row->name; row++) {
        if (*row->text) {
            buf_printf(out, "%-9s %s\n", row->name, row->text);
        }
    }
}
