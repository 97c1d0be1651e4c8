/*
 * diagnosis.c - rows in an arena; the lists of checks and states as tables; what is told of a row, written
 * and read.
 */
#include "view/diagnosis.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "view/columns.h"

#define ROWS_FIRST 64

struct word {
    const char *text, *zh, *en;
};

static const struct word checks[] = {
#define X(check, text, zh, en) { text, zh, en },
    CHECK_LIST(X)
#undef X
};

static const struct word states[] = {
#define X(state, text, zh, en) { text, zh, en },
    DIAGNOSIS_STATE_LIST(X)
#undef X
};

/* --- made ----------------------------------------------------------------------------------------------- */

void diagnosis_init(struct diagnosis *out, struct arena *arena) {
    *out = (struct diagnosis){ .arena = arena };
}

static bool is_full(size_t count) {
    return count >= ROWS_FIRST && (count & (count - 1)) == 0;
}

struct diagnosis_row *diagnosis_add(struct diagnosis *out, enum check check, const char *subject,
                                    enum diagnosis_state state) {
    require(check < CHECKS_COUNT && state < DIAGNOSIS_STATES_COUNT && out->count <= DIAGNOSIS_ROWS_MAX);
    struct diagnosis_row *row;
    out->of[state]++;
    if (out->count == DIAGNOSIS_ROWS_MAX) {
        out->left_out++;
        row = arena_alloc(out->arena, sizeof(*row));
    } else {
        if (out->count == 0 || is_full(out->count)) {
            size_t room = out->count ? 2 * out->count : ROWS_FIRST;
            struct diagnosis_row *rows = arena_alloc(out->arena, room * sizeof(*rows));
            if (out->count) {
                memcpy(rows, out->rows, out->count * sizeof(*rows));
            }
            out->rows = rows;
        }
        row = &out->rows[out->count++];
    }
    *row = (struct diagnosis_row){ .check = check,
                                   .subject = arena_string(out->arena, subject),
                                   .state = state,
                                   .zh = "",
                                   .en = "",
                                   .do_zh = "",
                                   .do_en = "" };
    return row;
}

static const char *printed(struct arena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    require(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

void diagnosis_say(struct diagnosis *out, struct diagnosis_row *row, const char *zh, const char *en, ...) {
    va_list arguments;
    va_start(arguments, en);
    row->zh = printed(out->arena, zh, arguments);
    va_end(arguments);
    va_start(arguments, en);
    row->en = printed(out->arena, en, arguments);
    va_end(arguments);
}

void diagnosis_advise(struct diagnosis_row *row, const char *zh, const char *en) {
    row->do_zh = zh;
    row->do_en = en;
}

enum diagnosis_state diagnosis_worst(const struct diagnosis *diagnosis) {
    enum diagnosis_state worst = DIAGNOSIS_OK;
    for (int state = DIAGNOSIS_OK; state < DIAGNOSIS_STATES_COUNT; state++) {
        worst = diagnosis->of[state] ? (enum diagnosis_state)state : worst;
    }
    return worst;
}

const char *diagnosis_span(struct arena *arena, int64_t seconds, enum language language) {
    static const struct {
        int64_t below_s, in_s;
        const char *zh, *en;
    } units[] = {
        { 120, 1, "秒", "s" },
        { 120 * 60, 60, "分钟", "min" },
        { 48 * 3600, 3600, "小时", "h" },
        { INT64_MAX, 86400, "天", "d" },
    };
    size_t unit = 0;
    int64_t length = seconds > 0 ? seconds : 0;
    while (length >= units[unit].below_s) {
        unit++;
    }
    return arena_printf(arena, "%lld %s", (long long)(length / units[unit].in_s),
                        language_pick(language, units[unit].zh, units[unit].en));
}

const char *diagnosis_moment(struct arena *arena, stamp at) {
    char text[STAMP_TEXT_MAX];
    return arena_string(arena, column_moment(at, text));
}

static int worse_first(const void *left, const void *right) {
    const struct diagnosis_row *a = left, *b = right;
    return a->state != b->state   ? (int)b->state - (int)a->state
           : a->check != b->check ? (int)a->check - (int)b->check
                                  : strcmp(a->subject, b->subject);
}

void diagnosis_sort(struct diagnosis *diagnosis) {
    if (diagnosis->count) {
        qsort(diagnosis->rows, diagnosis->count, sizeof(*diagnosis->rows), worse_first);
    }
}

/* --- told ----------------------------------------------------------------------------------------------- */

static void put_word(struct json_out *out, const char *key, const struct word *word) {
    char name[32];
    json_put_string(out, key, word->text);
    snprintf(name, sizeof(name), "%s_zh", key);
    json_put_string(out, name, word->zh);
    snprintf(name, sizeof(name), "%s_en", key);
    json_put_string(out, name, word->en);
}

static void put_row(const struct diagnosis_row *row, struct json_out *out) {
    char since[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    put_word(out, "check", &checks[row->check]);
    json_put_string(out, "subject", row->subject);
    put_word(out, "state", &states[row->state]);
    json_put_string(out, "since", row->since ? stamp_print(row->since, since) : "");
    if (row->unit) {
        json_put_int(out, "figure", row->figure);
        json_put_string(out, "unit", row->unit);
    }
    json_put_string(out, "zh", row->zh);
    json_put_string(out, "en", row->en);
    json_put_string(out, "do_zh", row->do_zh);
    json_put_string(out, "do_en", row->do_en);
    json_close_object(out);
}

static const struct shape_member check_members[] = {
    { "check", SHAPE_NAMED, .zh = "检查项", .en = "what is looked at" },
    { "subject", SHAPE_TEXT, .zh = "参与方、主题或文件",
      .en = "a party, a topic or a file; \"\": there is but one" },
    { "state", SHAPE_NAMED, .zh = "状况", .en = "how it stands" },
    { "since", SHAPE_TIME, .zh = "自何时起，或最近一次尝试", .en = "since when, or when it was tried last" },
    { "figure", SHAPE_NUMBER, .zh = "数值", .en = "its figure", .is_optional = true },
    { "unit", SHAPE_TEXT, .zh = "数值的单位", .en = "the unit of it", .is_optional = true },
    { "", SHAPE_WORDS, .zh = "情况与原因", .en = "how it stands, and why" },
    { "do", SHAPE_WORDS, .zh = "怎么办", .en = "what to do; \"\": nothing" },
    SHAPE_END,
};

static const struct shape_member diagnosis_members[] = {
    { "state", SHAPE_TEXT, .zh = "其中最差的状况", .en = "the worst state of all" },
#define X(state, text, zh_, en_) { text, SHAPE_NUMBER, .zh = zh_ "几项", .en = "how many are " en_ },
    DIAGNOSIS_STATE_LIST(X)
#undef X
        { "checks", SHAPE_LIST, .zh = "最差的在前", .en = "the worst first", .of = SHAPE_OF(check_members) },
    { "more", SHAPE_FLAG, .zh = "有未列出的", .en = "whether some were left out" },
    SHAPE_END,
};

const struct shape diagnosis_shape = { .members = diagnosis_members };

void diagnosis_json(const struct diagnosis *diagnosis, struct json_out *out) {
    json_open_object(out, NULL);
    json_put_string(out, "state", states[diagnosis_worst(diagnosis)].text);
    for (int state = DIAGNOSIS_STATES_COUNT; state-- > 0;) {
        json_put_int(out, states[state].text, (int64_t)diagnosis->of[state]);
    }
    json_open_array(out, "checks");
    for (size_t i = 0; i < diagnosis->count; i++) {
        put_row(&diagnosis->rows[i], out);
    }
    json_close_array(out);
    json_put_bool(out, "more", diagnosis->left_out > 0);
    json_close_object(out);
}

static void print_row(const struct diagnosis_row *row, bool zh, struct buf *out) {
    column_left(out, zh ? states[row->state].zh : states[row->state].en, 7);
    buf_add_string(out, zh ? checks[row->check].zh : checks[row->check].en);
    buf_add_string(out, *row->subject ? " " : "");
    column_text(out, text_of(row->subject));
    buf_add_string(out, zh ? "：" : ": ");
    column_text(out, text_of(zh ? row->zh : row->en));
    column_end(out);
    const char *advice = zh ? row->do_zh : row->do_en;
    if (*advice) {
        column_left(out, "", 7);
        buf_add_string(out, zh ? "→ " : "-> ");
        buf_add_string(out, advice);
        column_end(out);
    }
}

void diagnosis_print(const struct diagnosis *diagnosis, enum language language, struct buf *out) {
    bool zh = language == LANGUAGE_ZH;
    const size_t *of = diagnosis->of;
    for (size_t i = 0; i < diagnosis->count; i++) {
        print_row(&diagnosis->rows[i], zh, out);
    }
    if (diagnosis->left_out) {
        buf_printf(out, zh ? "另有 %zu 项未列出\n" : "and %zu more\n", diagnosis->left_out);
    }
    buf_printf(out,
               zh ? "共：故障 %zu 项，注意 %zu 项，不明 %zu 项，正常 %zu 项\n"
                  : "in all: %zu failed, %zu warnings, %zu unknown, %zu ok\n",
               of[DIAGNOSIS_FAILED], of[DIAGNOSIS_WARNING], of[DIAGNOSIS_UNKNOWN], of[DIAGNOSIS_OK]);
}

/* --- read ----------------------------------------------------------------------------------------------- */

/* `count` where nothing is called so. */
static size_t find_word(const struct word *words, size_t count, const char *text) {
    size_t i = 0;
    while (i < count && (!text || strcmp(words[i].text, text) != 0)) {
        i++;
    }
    return i;
}

static const char *text_at(const struct json *row, const char *key) {
    const char *text = json_string_at(row, key);
    return text ? text : "";
}

static bool read_row(const struct json *told, struct diagnosis *out) {
    size_t check = find_word(checks, CHECKS_COUNT, json_string_at(told, "check"));
    size_t state = find_word(states, DIAGNOSIS_STATES_COUNT, json_string_at(told, "state"));
    if (check == CHECKS_COUNT || state == DIAGNOSIS_STATES_COUNT) {
        return false;
    }
    struct diagnosis_row *row =
        diagnosis_add(out, (enum check)check, text_at(told, "subject"), (enum diagnosis_state)state);
    row->zh = arena_string(out->arena, text_at(told, "zh"));
    row->en = arena_string(out->arena, text_at(told, "en"));
    row->do_zh = arena_string(out->arena, text_at(told, "do_zh"));
    row->do_en = arena_string(out->arena, text_at(told, "do_en"));
    if (!stamp_parse(text_of(text_at(told, "since")), &row->since)) {
        row->since = 0;
    }
    const char *unit = json_string_at(told, "unit");
    row->unit = unit ? arena_string(out->arena, unit) : NULL;
    row->figure = json_int_at(told, "figure");
    return true;
}

bool diagnosis_read(const struct json *told, struct diagnosis *out) {
    const struct json *rows = json_at(told, "checks");
    bool good = rows != NULL;
    for (size_t i = 0; good && i < json_count(rows); i++) {
        good = read_row(json_item(rows, i), out);
    }
    for (size_t state = 0; good && state < DIAGNOSIS_STATES_COUNT; state++) {
        size_t told_of = (size_t)json_int_at(told, states[state].text);
        out->left_out += told_of > out->of[state] ? told_of - out->of[state] : 0;
        out->of[state] = told_of > out->of[state] ? told_of : out->of[state];
    }
    return good;
}
