/*
 * command_validate.c - `clearway validate`: files are judged as the gateway would judge them, by the same
 * check, or by one schema alone; nothing is recorded.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "message/excerpt.h"
#include "edition/edition.h"
#include "check/check.h"
#include "check/xsd.h"
#include "daemon/command.h"

#define PRINT_MAX (64u << 20)

static const struct option_row options[] = {
    { "format", "NAME", "指定格式，不由根元素判断", "the format, instead of finding it by the root element" },
    { "schema", "FILE.xsd", "只按此模式校验", "judge by this schema alone" },
    { "as-of", "YYYY-MM-DD", "按该日校验（默认今天）", "judge as of this day (default: today)" },
    { "schemas", "FOLDER", "字段、格式与规则（默认按配置）",
      "fields, formats and rules (default: of the configuration)" },
    OPTIONS_END,
};

struct validation {
    struct invocation *inv;
    const struct xsd *schema; /* of --schema; NULL: by the edition */
    struct checker *checker;
    struct envelope env;
    size_t invalid;
};

static void print_json(const struct validation *validation, const char *file, const char *format,
                       const struct verdict *verdict) {
    const struct invocation *inv = validation->inv;
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    json_start(&out, &buf);
    json_open_object(&out, NULL);
    json_put_string(&out, "file", file);
    json_put_string(&out, "format", format);
    json_put_bool(&out, "valid", verdict_passes(verdict));
    json_open_array(&out, "findings");
    for (size_t i = 0; i < verdict->count; i++) {
        excerpt_json(&out, &verdict->findings[i], inv->language);
    }
    json_close_array(&out);
    json_close_object(&out);
    buf_add_char(&buf, '\n');
    invocation_print(inv, &buf);
}

static void print_text(const struct validation *validation, const char *file, const char *format,
                       struct text bytes, const struct verdict *verdict) {
    const struct invocation *inv = validation->inv;
    bool zh = inv->language == LANGUAGE_ZH;
    struct buf buf;
    buf_init(&buf, PRINT_MAX);
    for (size_t i = 0; i < verdict->count; i++) {
        excerpt_print(&buf, &verdict->findings[i], file, bytes, inv->language, inv->color);
    }
    size_t all = verdict->errors + verdict->warnings + verdict->observed;
    if (all > verdict->count) {
        buf_printf(&buf, zh ? "……另有 %zu 条\n" : "... and %zu more\n", all - verdict->count);
    }
    buf_printf(&buf, zh ? "%s：%s（%s），错误 %zu，警告 %zu\n" : "%s: %s (%s), errors %zu, warnings %zu\n",
               file, verdict_passes(verdict) ? (zh ? "有效" : "valid") : (zh ? "无效" : "not valid"),
               format[0] ? format : "-", verdict->errors, verdict->warnings);
    invocation_print(inv, &buf);
}

static void validate_bytes(struct validation *validation, const char *file, struct text bytes,
                           struct arena *arena) {
    struct judgement judgement = { .id = "" };
    if (validation->schema) {
        verdict_init(&judgement.verdict, arena);
        judgement.message = bytes;
        check_by_schema(validation->schema, bytes, arena, &judgement.verdict);
    } else {
        check_message(validation->checker, &validation->env, NULL, bytes, arena, &judgement);
    }
    verdict_sort(&judgement.verdict);
    const char *format = judgement.format ? judgement.format->name : "";
    if (validation->inv->json) {
        print_json(validation, file, format, &judgement.verdict);
    } else {
        print_text(validation, file, format, judgement.message, &judgement.verdict);
    }
    validation->invalid += !verdict_passes(&judgement.verdict);
}

static int validate_files(struct validation *validation) {
    struct invocation *inv = validation->inv;
    int code = 0;
    for (size_t i = 0; i < inv->count; i++) {
        struct arena *arena = arena_new();
        struct buf bytes;
        buf_init(&bytes, CHECK_BODY_MAX + 1);
        enum status status = invocation_read(inv->arguments[i], &bytes);
        if (status == STATUS_OK
            || status == STATUS_TOO_LARGE) { /* one byte more than the limit: the gate tells it */
            validate_bytes(validation, inv->arguments[i], buf_text(&bytes), arena);
        } else {
            code = invocation_fail(inv, status, inv->arguments[i]);
        }
        buf_release(&bytes);
        arena_free(arena);
    }
    return code ? code : validation->invalid ? 1 : 0;
}

static int by_schema(struct validation *validation, const char *path) {
    struct invocation *inv = validation->inv;
    struct verdict mistakes;
    verdict_init(&mistakes, inv->arena);
    struct xsd *schema = xsd_load(path, &mistakes);
    if (!schema) {
        invocation_mistakes(inv, &mistakes, false);
        return invocation_fail(inv, STATUS_BAD_CONFIG, path);
    }
    validation->schema = schema;
    int code = validate_files(validation);
    xsd_free(schema);
    return code;
}

static int with_set_up(struct validation *validation) {
    struct invocation *inv = validation->inv;
    struct edition *edition;
    struct verdict mistakes;
    int code = invocation_schemas(inv, &edition, &mistakes);
    if (code) {
        return code;
    }
    struct judge *judge = judge_new(edition, &mistakes);
    if (invocation_mistakes(inv, &mistakes, false)) {
        code = status_exit(STATUS_BAD_CONFIG);
    } else if (validation->env.format[0]
               && !catalog_find(edition->catalog, text_of(validation->env.format))) {
        code = invocation_usage(inv, "没有格式 '%s'", "there is no format '%s'", validation->env.format);
    } else {
        validation->checker = checker_new(judge);
        code = validate_files(validation);
        checker_free(validation->checker);
    }
    judge_release(judge);
    edition_release(edition);
    return code;
}

static int run(struct invocation *inv) {
    const char *schema = invocation_option(inv, "schema");
    struct validation validation = {
        .inv = inv, .env = { .party = "", .file = "", .trace = "", .received = stamp_now() }
    };
    const char *as_of = invocation_option(inv, "as-of"), *format = invocation_option(inv, "format");
    int32_t day;
    if (!inv->count) {
        return invocation_usage(inv, "请至少给出一个文件；- 表示标准输入",
                                "name at least one file, or - for standard input");
    }
    if (as_of && !(day_parse(text_of(as_of), &day) && calendar_has(day))) {
        return invocation_usage(inv, "--as-of %s 不是 1900 至 2199 年间的日期（YYYY-MM-DD）",
                                "--as-of %s is not a day of the years 1900 to 2199 (YYYY-MM-DD)", as_of);
    }
    if (as_of) {
        validation.env.received = stamp_of_day(day);
    }
    validation.env.format = format ? format : "";
    xsd_start();
    return schema ? by_schema(&validation, schema) : with_set_up(&validation);
}

static const struct example_row examples[] = {
    { "clearway validate declaration.xml", NULL, NULL },
    { "clearway validate --json --as-of 2026-10-31 *.xml", "按该日的规则", "by the rules of that day" },
    EXAMPLES_END,
};

const struct command command_validate = {
    .name = "validate",
    .arguments = "FILE...",
    .summary_en = "judge messages offline",
    .summary_zh = "离线校验报文",
    .examples = examples,
    .options = options,
    .run = run,
};
