/*
 * command.h - the one command `clearway` and its verbs: a table of commands, each with a table of options,
 * from which parsing, --help and the list of verbs come.
 *
 * What all verbs share (--lang, --config, --json ...) may stand before the verb, too.
 * Rules for all: results on stdout, everything else on stderr; --json on every verb that prints results;
 * colour only on a terminal and never with NO_COLOR; language from --lang, CLEARWAY_LANG, then the locale,
 * for help and for everything that is wrong, too; exit codes from base/status.h, 2 for wrong usage.
 */
#ifndef DAEMON_COMMAND_H
#define DAEMON_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/text.h"
#include "view/view.h"
#include "daemon/settings.h"

#define COMMAND_OPTIONS_MAX 24
#define EXIT_USAGE          2

/* argument NULL: a switch; the list ends with OPTIONS_END. */
struct option_row {
    const char *name, *argument, *zh, *en;
};
#define OPTIONS_END \
    { NULL, NULL, NULL, NULL }

/* A line one may type, and what it is good for, or NULL; the list ends with EXAMPLES_END. */
struct example_row {
    const char *line, *zh, *en;
};
#define EXAMPLES_END \
    { NULL, NULL, NULL }

struct invocation;

struct command {
    const char *name, *arguments, *summary_zh, *summary_en;
    const struct example_row *examples;
    const struct option_row *options;
    const char *asks; /* a question of view/view.h, whose parameters are options, too; NULL: none */
    int (*run)(struct invocation *inv);
};

extern const struct command command_serve, command_validate, command_route, command_submit, command_explain,
    command_rules, command_replay, command_simulate, command_queue, command_clock, command_reload,
    command_journal, command_config, command_keygen, command_passwd, command_alerts, command_doctor;

/* Asks the verb's question, of the gateway that --server names or of the data folder, and prints it; the exit
 * code. The verb takes REMOTE_OPTIONS and LOCAL_OPTIONS. */
int command_ask(struct invocation *inv);
/* The verb that asks a question of the list; lives as long as the process. */
const struct command *command_of_view(const struct view *view);

struct invocation {
    const struct command *command;
    struct option_row options[COMMAND_OPTIONS_MAX]; /* its own, those of its view, and those of all verbs */
    size_t options_count;
    const char *values[COMMAND_OPTIONS_MAX]; /* by row of options; switches hold "" */
    char **arguments;
    size_t count;
    enum language language;
    bool json, color;
    const char *schemas; /* base of names in mistakes; NULL: working folder */
    struct arena *arena; /* lives as long as the process */
};

int command_main(int count, char **arguments);                                 /* the whole of main() */
const char *invocation_option(const struct invocation *inv, const char *name); /* NULL when not given */
const char *invocation_config(const struct invocation *inv); /* --config or CLEARWAY_CONFIG; NULL: neither */
/* Loads the settings of that file; mistakes are printed; 0 or the exit code. */
int invocation_settings(struct invocation *inv, struct settings **out);
/* Fields, formats and rules without parties: of --schemas, else of the settings. Its mistakes are the
 * caller's to print, with those of what is made from it. 0 or the exit code. */
int invocation_schemas(struct invocation *inv, struct edition **out, struct verdict *mistakes);
/* The data folder: --data, else the settings'. NULL: told already. */
const char *invocation_data(struct invocation *inv);
/* What a person reads, in the language that was asked for. */
#define invocation_pick(inv, zh, en) language_pick((inv)->language, zh, en)
/* Says on stderr what is wrong with the line that was typed: zh and en are printf formats over the same
   arguments. */
int invocation_usage(const struct invocation *inv, const char *zh, const char *en, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/* The same about something else than the line: no usage follows. */
void invocation_say(const struct invocation *inv, const char *zh, const char *en, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/* Says a status on stderr ("clearway VERB: what: sentence") and returns its exit code. A folder given for a
 * file is wrong usage. */
int invocation_fail(const struct invocation *inv, enum status status, const char *what);
/* Prints findings about experts' texts on stderr with excerpts; true when there is an error among them. */
bool invocation_mistakes(const struct invocation *inv, const struct verdict *mistakes, bool on_stdout);
/* All of a file, or of standard input for "-", into bytes. As file_read(). */
enum status invocation_read(const char *path, struct buf *bytes);
/* What the verb's question is asked for, by its options and by `arguments` for what stands in its path, to be
 * answered in that form; 0, or the exit code after telling what is wrong. Its source and viewer are the
 * caller's to set. */
int invocation_question(struct invocation *inv, enum view_form form, struct view_question *out);
/* The verb asks for a list, and for all pages of it. */
bool invocation_is_whole(const struct invocation *inv);
/* Its answer in that form, to stdout; with --all the pages behind it, too. The exit code. */
int invocation_answer(struct invocation *inv, struct view_question *question, enum view_form form);
/* To stdout, and releases it; the exit code: 0, or it is too large. */
int invocation_print(const struct invocation *inv, struct buf *out);
/* What a verb made, releases it: to stdout, with a line end behind JSON; or the status on stderr. The exit
   code. */
int invocation_result(const struct invocation *inv, enum status status, struct buf *out, const char *what);

#endif
