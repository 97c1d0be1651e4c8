/*
 * command.h - the one command `clearway` and its verbs: a table of commands, each with a table of options
 * (invocation.h), from which parsing, --help and the list of verbs come.
 *
 * What all verbs share (--lang, --config, --json ...) may stand before the verb, too.
 * Rules for all: results on stdout, everything else on stderr; --json on every verb that prints results;
 * colour only on a terminal and never with NO_COLOR; language from --lang, CLEARWAY_LANG, then the locale,
 * for help and for everything that is wrong, too; exit codes from base/status.h, 2 for wrong usage.
 */
#ifndef DAEMON_COMMAND_H
#define DAEMON_COMMAND_H

#include "view/view.h"
#include "daemon/invocation.h"

extern const struct command command_serve, command_validate, command_route, command_submit, command_explain,
    command_rules, command_replay, command_simulate, command_queue, command_clock, command_reload,
    command_journal, command_config, command_keygen, command_passwd, command_alerts, command_doctor;

int command_main(int count, char **arguments); /* the whole of main() */

/* --- command_view.c ------------------------------------------------------------------------------------- */

/* Asks the verb's question, of the gateway that --server names or of the data folder, and prints it; the exit
 * code. The verb takes REMOTE_OPTIONS and LOCAL_OPTIONS. */
int command_ask(struct invocation *inv);
/* The verb that asks a question of the list; lives as long as the process. */
const struct command *command_of_view(const struct view *view);
/* What the verb's question is asked for, by its options and by `arguments` for what stands in its path, to be
 * answered in that form; 0, or the exit code after telling what is wrong. Its source and viewer are the
 * caller's to set. */
int command_question(struct invocation *inv, enum view_form form, struct view_question *out);
/* Its answer in that form, to stdout; with --all the pages behind it, too. The exit code. */
int command_answer(struct invocation *inv, struct view_question *question, enum view_form form);

#endif
