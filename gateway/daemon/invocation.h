/*
 * invocation.h - one line that was typed, as its verb is handed it: options, arguments, language; and what
 * all verbs do with it: settings and texts are loaded, results and mistakes told.
 */
#ifndef DAEMON_INVOCATION_H
#define DAEMON_INVOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/text.h"
#include "message/verdict.h"
#include "edition/edition.h"
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

const char *invocation_option(const struct invocation *inv, const char *name); /* NULL when not given */
const char *invocation_config(const struct invocation *inv); /* --config or CLEARWAY_CONFIG; NULL: neither */
/* Loads the settings of that file; mistakes are printed; 0 or the exit code. */
int invocation_settings(struct invocation *inv, struct settings **out);
/* The settings and the whole edition that they name. Its mistakes are the caller's to print, with those of
 * what is made from it. 0 or the exit code. */
int invocation_edition(struct invocation *inv, struct settings **settings, struct edition **out,
                       struct verdict *mistakes);
/* The same without parties: fields, formats and rules, of --schemas, else of the settings. */
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
/* To stdout, and releases it; the exit code: 0, or it is too large. */
int invocation_print(const struct invocation *inv, struct buf *out);
/* What a verb made, releases it: to stdout, with a line end behind JSON; or the status on stderr. The exit
   code. */
int invocation_result(const struct invocation *inv, enum status status, struct buf *out, const char *what);
/* The verb asks for a list, and for all pages of it. */
bool invocation_is_whole(const struct invocation *inv);
/* The line that says how the verb is typed. */
void invocation_print_usage(const struct command *command, enum language language, FILE *to);

#endif
