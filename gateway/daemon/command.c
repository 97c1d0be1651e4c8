/*
 * command.c - from a command line to a verb: common options before the verb → the verb's row → getopt over
 * its options → run(). What is wrong is told in the language of the line, with the name probably meant.
 */
#include "daemon/command.h"

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "message/mistakes.h"
#include "view/page.h"

#define OPTION_FIRST 256 /* what getopt calls the first option: behind all letters */

/* Those with a file of their own; behind `submit` come those that ask a question of the list of views. */
static const struct command *const files[] = {
    &command_serve,  &command_validate, &command_route,  &command_submit, &command_explain, &command_rules,
    &command_replay, &command_simulate, &command_queue,  &command_clock,  &command_reload,  &command_journal,
    &command_config, &command_keygen,   &command_passwd, &command_alerts, &command_doctor,
};
#define FILES (sizeof(files) / sizeof(*files))

static const struct command *commands[FILES + VIEWS_MAX];
static size_t commands_count;

static void collect_commands(void) {
    commands_count = 0;
    for (size_t i = 0; i < FILES; i++) {
        commands[commands_count++] = files[i];
        for (size_t v = 0; files[i] == &command_submit && v < views_count; v++) {
            if (views[v].is_verb) {
                commands[commands_count++] = command_of_view(&views[v]);
            }
        }
    }
}

static const struct option_row common[] = {
    { "config", "FILE", "网关的配置文件（CLEARWAY_CONFIG；默认 clearway.yaml）",
      "the gateway's configuration (CLEARWAY_CONFIG; default: clearway.yaml)" },
    { "lang", "zh|en", "文字所用语言", "language of texts" },
    { "json", NULL, "以 JSON 输出结果", "results as JSON" },
    { "color", "WHEN", "着色：always、never 或 auto", "always, never or auto" },
    { "help", NULL, "显示本页（-h）", "this page (-h)" },
};
#define COMMON      (sizeof(common) / sizeof(*common))
#define COMMON_HELP (COMMON - 1)

/* Of a question that is answered as a table for other programs, too. */
static const struct option_row option_format = {
    "format", "FORM",
    "结果的格式：text、json、csv、csv.zst；report 另有 html，即一个可直接打开的文件（--json 即 json）",
    "the form of the results: text, json, csv, csv.zst; of report also html, a file that opens by itself"
    " (--json: json)"
};

/* ... and as nothing else. */
static const struct option_row option_table = { "format", "FORM", "结果的格式：csv（默认）、csv.zst",
                                                "the form of the results: csv (default), csv.zst" };

/* Of a list. */
static const struct option_row option_all = { PAGE_OPTION_ALL, NULL, "逐页列出全部（JSON 每页一行）",
                                              "all pages, one after the other (of JSON a line each)" };

/* What the verb itself takes, what its question takes, and what all verbs do. Returns how many. */
static size_t options_of(const struct command *command, struct option_row out[COMMAND_OPTIONS_MAX]) {
    const struct view *view = command->asks ? view_find(command->asks) : NULL;
    size_t count = 0, of_view = view ? view_parameters_count(view) : 0;
    require(view || !command->asks);
    for (const struct option_row *row = command->options; row->name; row++) {
        require(count < COMMAND_OPTIONS_MAX);
        out[count++] = *row;
    }
    for (size_t i = 0; i < of_view; i++) {
        const struct view_parameter *parameter = &view->parameters[i];
        require(count < COMMAND_OPTIONS_MAX);
        if (!view_parameter_is_in_path(view, parameter)) {
            out[count++] =
                (struct option_row){ parameter->name, parameter->argument, parameter->zh, parameter->en };
        }
    }
    if (view && page_kinds(view)) {
        require(count < COMMAND_OPTIONS_MAX);
        out[count++] = option_all;
    }
    if (view && view_has(view, VIEW_CSV)) {
        require(count < COMMAND_OPTIONS_MAX);
        out[count++] = view_has(view, VIEW_JSON) ? option_format : option_table;
    }
    require(count + COMMON <= COMMAND_OPTIONS_MAX);
    memcpy(&out[count], common, sizeof(common));
    return count + COMMON;
}

/* --- help ----------------------------------------------------------------------------------------------- */

static void print_option(const struct option_row *row, enum language language) {
    char name[64];
    snprintf(name, sizeof(name), "--%s%s%s", row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    printf("  %-26s %s\n", name, language_pick(language, row->zh, row->en));
}

static int print_help(const struct command *command, enum language language) {
    printf("clearway %s - %s\n\n", command->name,
           language_pick(language, command->summary_zh, command->summary_en));
    for (const struct example_row *row = command->examples; row->line; row++) {
        printf("  %s%s%s\n", row->line, row->en ? "   # " : "",
               row->en ? language_pick(language, row->zh, row->en) : "");
    }
    putchar('\n');
    invocation_print_usage(command, language, stdout);
    puts(language_pick(language, "\n选项：", "\noptions:"));
    struct option_row options[COMMAND_OPTIONS_MAX];
    size_t count = options_of(command, options);
    for (size_t i = 0; i < count; i++) {
        print_option(&options[i], language);
    }
    return 0;
}

/* Its first lines are in both languages: who cannot read the rest finds out there how to. */
static int print_commands(FILE *to, enum language language) {
    fputs("clearway " CLEARWAY_VERSION " - a customs single-window message gateway 单一窗口报文网关\n"
          "English: clearway --lang en help   中文：clearway --lang zh help\n\n"
          "  clearway validate declaration.xml\n  clearway serve --config clearway.yaml\n\n",
          to);
    for (size_t i = 0; i < commands_count; i++) {
        fprintf(to, "  %-12s %s\n", commands[i]->name,
                language_pick(language, commands[i]->summary_zh, commands[i]->summary_en));
    }
    fprintf(to, "  %-12s %s\n\n", "version", language_pick(language, "版本", "which version this is"));
    fputs(language_pick(language, "clearway VERB --help 显示详细用法。\n",
                        "clearway VERB --help tells more.\n"),
          to);
    return to == stdout ? 0 : EXIT_USAGE;
}

static int unknown_command(const char *name, enum language language) {
    struct nearest nearest;
    nearest_start(&nearest, text_of(name));
    for (size_t i = 0; i < commands_count; i++) {
        nearest_try(&nearest, commands[i]->name);
    }
    const char *meant = nearest_found(&nearest);
    fprintf(stderr, language_pick(language, "clearway：没有命令 '%s'", "clearway: there is no verb '%s'"),
            name);
    if (meant) {
        fprintf(stderr, language_pick(language, "；是否指 '%s'？\n", "; did you mean '%s'?\n"), meant);
    } else {
        fputs(language_pick(language, "；clearway help 列出全部命令\n", "; clearway help lists them\n"),
              stderr);
    }
    return EXIT_USAGE;
}

/* --- parsing -------------------------------------------------------------------------------------------- */

static enum language language_of(const char *option) {
    const char *names[] = { option, getenv("CLEARWAY_LANG"), getenv("LC_ALL"), getenv("LC_MESSAGES"),
                            getenv("LANG") };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!names[i] || !names[i][0]) {
            continue;
        }
        return strncmp(names[i], "zh", 2) != 0 ? LANGUAGE_EN : LANGUAGE_ZH;
    }
    return LANGUAGE_EN;
}

/* Before anything is parsed: mistakes of the line itself are told in the language that stands in it, too. */
static enum language language_in(int count, char **arguments) {
    const char *found = NULL;
    for (int i = 1; i < count && strcmp(arguments[i], "--") != 0; i++) {
        if (strncmp(arguments[i], "--lang=", 7) == 0) {
            found = arguments[i] + 7;
        } else if (strcmp(arguments[i], "--lang") == 0 && i + 1 < count) {
            found = arguments[++i];
        }
    }
    return language_of(found);
}

static bool color_of(const char *when) {
    if (when && strcmp(when, "always") == 0) {
        return true;
    }
    if ((when && strcmp(when, "never") == 0) || getenv("NO_COLOR")) {
        return false;
    }
    return isatty(STDOUT_FILENO);
}

/* What getopt stumbled over. value: the option it knows, or the letter it does not; 0: neither. */
static int wrong_option(const struct invocation *inv, const struct option *options, const char *argument,
                        bool missing, int value) {
    if (missing) {
        return invocation_usage(inv, "选项 '--%s' 缺少值", "option '--%s' needs a value",
                                options[value - OPTION_FIRST].name);
    }
    if (value >= OPTION_FIRST) {
        return invocation_usage(inv, "选项 '--%s' 不带值", "option '--%s' takes no value",
                                options[value - OPTION_FIRST].name);
    }
    if (value) {
        return invocation_usage(inv, "没有选项 '-%c'", "there is no option '-%c'", value);
    }
    struct nearest nearest;
    struct text name = { argument + 2, strcspn(argument + 2, "=") };
    nearest_start(&nearest, name);
    for (const struct option *option = options; option->name; option++) {
        nearest_try(&nearest, option->name);
    }
    const char *meant = nearest_found(&nearest);
    return meant ? invocation_usage(inv, "没有选项 '--" TEXT_FORMAT "'；是否指 '--%s'？",
                                    "there is no option '--" TEXT_FORMAT "'; did you mean '--%s'?",
                                    TEXT_ARGS(name), meant)
                 : invocation_usage(inv, "没有选项 '--" TEXT_FORMAT "'",
                                    "there is no option '--" TEXT_FORMAT "'", TEXT_ARGS(name));
}

static int parse(struct invocation *inv, int count, char **arguments) {
    struct option options[COMMAND_OPTIONS_MAX + 1] = { { 0 } };
    inv->options_count = options_of(inv->command, inv->options);
    for (size_t i = 0; i < inv->options_count; i++) {
        const struct option_row *row = &inv->options[i];
        options[i] = (struct option){ .name = row->name,
                                      .val = OPTION_FIRST + (int)i,
                                      .has_arg = row->argument ? required_argument : no_argument };
    }
    optind = 1;
    for (int found; (found = getopt_long(count, arguments, ":h", options, NULL)) != -1;) {
        if (found == '?' || found == ':') {
            return wrong_option(inv, options, arguments[optind - 1], found == ':', optopt);
        }
        size_t index =
            found == 'h' ? inv->options_count - COMMON + COMMON_HELP : (size_t)(found - OPTION_FIRST);
        inv->values[index] = optarg ? optarg : "";
    }
    inv->arguments = arguments + optind;
    inv->count = (size_t)(count - optind);
    return 0;
}

/* --- what stands before the verb ------------------------------------------------------------------------ */

/* The row of an option that all verbs have, written "--name" or "--name=value"; NULL: there is none. */
static const struct option_row *common_row(const char *argument) {
    size_t length = strcspn(argument, "=");
    for (size_t i = 0; i < COMMON; i++) {
        size_t named = strlen(common[i].name);
        if (length == named + 2 && strncmp(argument, "--", 2) == 0
            && strncmp(argument + 2, common[i].name, named) == 0) {
            return &common[i];
        }
    }
    return NULL;
}

/* The first word from `at` on, behind options that all verbs have; `count`: there is none; 0: a mistake,
   which is told. */
static int find_word(int count, char **arguments, int at, enum language language) {
    while (at < count && arguments[at][0] == '-') {
        const struct option_row *row = common_row(arguments[at]);
        if (!row || strcmp(row->name, "help") == 0) {
            break;
        }
        at += row->argument && !strchr(arguments[at], '=') ? 2 : 1;
    }
    if (at > count) {
        fprintf(
            stderr,
            language_pick(language, "clearway：选项 '%s' 缺少值\n", "clearway: option '%s' needs a value\n"),
            arguments[count - 1]);
        return 0;
    }
    return at;
}

static bool is_one_of(const char *word, const char *const names[]) {
    while (*names && strcmp(word, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

static const struct command *find_command(const char *name) {
    for (size_t i = 0; i < commands_count; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

/* What is no verb: help and version, or a mistake. */
static int without_command(const char *name, const char *subject, enum language language) {
    static const char *const help[] = { "help", "--help", "-h", NULL };
    static const char *const version[] = { "version", "--version", "-V", NULL };
    if (is_one_of(name, help)) {
        const struct command *command = subject ? find_command(subject) : NULL;
        return command   ? print_help(command, language)
               : subject ? unknown_command(subject, language)
                         : print_commands(stdout, language);
    }
    if (is_one_of(name, version)) {
        return puts("clearway " CLEARWAY_VERSION) < 0;
    }
    if (name[0] == '-') {
        fprintf(stderr,
                language_pick(
                    language, "clearway：命令之前没有选项 '%s'；clearway help 列出全部命令\n",
                    "clearway: there is no option '%s' before the verb; clearway help lists the verbs\n"),
                name);
        return EXIT_USAGE;
    }
    return unknown_command(name, language);
}

/* The verb comes first, and what stood before it among its own options, in their order. */
static void put_verb_first(int verb, char **arguments) {
    char *name = arguments[verb];
    memmove(&arguments[2], &arguments[1], (size_t)(verb - 1) * sizeof(*arguments));
    arguments[1] = name;
}

static int check_common(const struct invocation *inv) {
    static const char *const colors[] = { "always", "never", "auto", NULL };
    const char *language = invocation_option(inv, "lang"), *color = invocation_option(inv, "color");
    if (language && strncmp(language, "zh", 2) != 0 && strncmp(language, "en", 2) != 0) {
        return invocation_usage(inv, "--lang 应为 zh 或 en，而非 '%s'", "--lang takes zh or en, not '%s'",
                                language);
    }
    if (color && !is_one_of(color, colors)) {
        return invocation_usage(inv, "--color 应为 always、never 或 auto，而非 '%s'",
                                "--color takes always, never or auto, not '%s'", color);
    }
    return 0;
}

static int run_command(const struct command *command, int count, char **arguments, enum language language) {
    struct invocation inv = { .command = command, .language = language };
    int code = parse(&inv, count, arguments);
    if (code) {
        return code;
    }
    inv.language = language_of(invocation_option(&inv, "lang"));
    if (invocation_option(&inv, "help")) {
        return print_help(command, inv.language);
    }
    code = check_common(&inv);
    if (code) {
        return code;
    }
    inv.color = color_of(invocation_option(&inv, "color"));
    inv.json = invocation_option(&inv, "json") != NULL;
    inv.arena = arena_new();
    code = command->run(&inv);
    arena_free(inv.arena);
    return code;
}

int command_main(int count, char **arguments) {
    if (file_occupy_standard() != STATUS_OK) {
        return status_exit(STATUS_IO);
    }
    setlocale(LC_ALL, "");
    collect_commands();
    enum language language = language_in(count, arguments);
    int verb = find_word(count, arguments, 1, language);
    if (verb == 0 || verb == count) {
        return verb ? print_commands(stderr, language) : EXIT_USAGE;
    }
    const struct command *command = find_command(arguments[verb]);
    int code;
    if (command) {
        put_verb_first(verb, arguments);
        code = run_command(command, count - 1, arguments + 1, language);
    } else {
        int subject = find_word(count, arguments, verb + 1, language);
        code = subject ? without_command(arguments[verb], arguments[subject], language) : EXIT_USAGE;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs(language_pick(language, "clearway：标准输出无法写入\n",
                            "clearway: standard output cannot be written\n"),
              stderr);
        return status_exit(STATUS_IO);
    }
    return code;
}
