/*
 * verdict.h - what is wrong (or odd) with a text, and whether it may pass.
 *
 * The same finding serves a partner's message (check/), an expert's rule or route that cannot be read
 * (config lint) and a parties file: code, severity, place, sentence in both languages, hint.
 * Lines and columns count from 1; columns count characters; offset and length are bytes of the original.
 */
#ifndef MESSAGE_VERDICT_H
#define MESSAGE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* clang-format off */
/*    name      text        what it does                                                       */
#define SEVERITY_LIST(X)                                                                          \
    X(OBSERVE,  "observe",  "recorded, changes nothing: a new rule on live traffic")              \
    X(WARNING,  "warning",  "told to the sender, does not refuse")                                \
    X(ERROR,    "error",    "refuses the message")
/* clang-format on */

enum severity {
#define X(name, text, what) SEVERITY_##name,
    SEVERITY_LIST(X)
#undef X
};

struct place {
    uint64_t offset;
    uint32_t length, line, column;
}; /* all zero: nowhere in particular */

struct finding {
    const char *code; /* stable: "GATE-DTD", "XSD-PATTERN", "D01", "LINT-EXPR"; never translated */
    enum severity severity;
    struct place place;
    const char *path;              /* "/DecMessage/DecLists/DecList[2]/GNo" or "" */
    const char *zh, *en;           /* the sentence */
    const char *hint_zh, *hint_en; /* what to do about it, or "" */
    const char *file;              /* for texts of experts: which one; "" for a message */
    bool secret;                   /* that text may hold secrets: its lines are not shown */
};

#define VERDICT_FINDINGS_MAX 200 /* more are counted, not kept; errors are kept before anything else */

struct verdict {
    struct arena *arena;
    struct finding *findings;          /* sorted by place once verdict_sort() ran */
    size_t count;                      /* kept */
    size_t errors, warnings, observed; /* counted, kept or not */
};

void verdict_init(struct verdict *verdict, struct arena *arena);
/* Copies the strings into the arena; NULL strings become "". The same mistake in a text of experts is kept
   once, at its worst. */
void verdict_add(struct verdict *verdict, const struct finding *finding);
/* Whether one more of this severity would be kept; else it is counted only and needs no sentences. */
bool verdict_keeps(const struct verdict *verdict, enum severity severity);
/* The same findings in another arena. */
void verdict_copy(const struct verdict *verdict, struct arena *arena, struct verdict *out);
/* One call for the common case: zh and en are printf formats over the same arguments. */
void verdict_say(struct verdict *verdict, const char *code, enum severity severity, struct place place,
                 const char *path, const char *zh, const char *en, ...)
    __attribute__((format(printf, 6, 8), format(printf, 7, 8)));
/* The same for a mistake in a text of experts: an error, with the file, line and column where it stands. */
void verdict_lint(struct verdict *mistakes, const char *code, const char *file, uint32_t line,
                  uint32_t column, const char *zh, const char *en, ...)
    __attribute__((format(printf, 6, 8), format(printf, 7, 8)));
bool verdict_passes(const struct verdict *verdict); /* no error among them */
void verdict_sort(struct verdict *verdict);         /* by file, place, then code; equals keep their order */

const char *severity_text(enum severity severity);
bool severity_of(struct text text, enum severity *out);

#endif
