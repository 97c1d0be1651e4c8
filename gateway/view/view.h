/*
 * view.h - the list of questions 查询 that may be asked of the gateway, and how each is asked and answered.
 *
 * A question is one row of the list in views.c and one file that answers it. The row says who may ask, which
 * parameters it takes with their types and limits, and in which forms it is answered. The API makes a
 * resource of each row that parties may ask, the command a verb of each that people ask there; parameters,
 * limits, help and what is said of a wrong value come from the row. A question knows neither: it reads
 * checked values, and writes JSON or a text for a terminal.
 *
 * Promises  whoever asks sees what it may see, and "not yours" and "not there" are one answer: NOT_FOUND.
 * Thread    any; a question, its source and its arena belong to one thread at a time.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/shape.h"
#include "base/stamp.h"
#include "base/status.h"
#include "edition/edition.h"
#include "edition/party.h"
#include "journal/reader.h"
#include "engine/state.h"

#define VIEW_PARAMETERS_MAX 16
#define VIEW_PART_MAX       (64u << 20) /* bytes of a part */
#define VIEWS_MAX           40

/* --- what questions are about --------------------------------------------------------------------------- */

/* clang-format off */
/*    kind      text        what */
#define VIEW_KIND_LIST(X)                                                                      \
    X(GOODS,    "goods",    "consignments, and what is declared, booked or certified of them") \
    X(MESSAGES, "messages", "what was handed over, word for word")                             \
    X(FIGURES,  "figures",  "how long it took, what it costs, how that is rated: what is"      \
                            " published, and the office's")                                    \
    X(GATEWAY,  "gateway",  "how the gateway itself stands")
/* clang-format on */

enum view_kind {
#define X(kind, ...) VIEW_OF_##kind,
    VIEW_KIND_LIST(X)
#undef X
        VIEW_KINDS_COUNT
};

const char *view_kind_text(enum view_kind kind);

/* --- a question that may be asked ----------------------------------------------------------------------- */

/* clang-format off */
/*    asker     role       code                zh, en: said to whom it is not for */
#define VIEW_ASKER_LIST(X)                                                        \
    X(PARTY,    "",        "",                 "", "")                            \
    X(OFFICE,   "office",  "not-the-office",   "此查询只供口岸办使用",             \
                                               "this is for the port office")     \
    X(OPERATOR, NULL,      "not-the-operator", "此查询只供本机运维人员使用",       \
                                               "this is for the operator of the gateway")
/* clang-format on */

enum view_asker {
#define X(asker, role, code, zh, en) VIEW_FOR_##asker,
    VIEW_ASKER_LIST(X)
#undef X
        VIEW_ASKERS_COUNT
};

struct view_asker_row {
    const char *role; /* the role that a party must have; "": any party; NULL: no party, the operator alone */
    const char *code, *zh, *en;
};

enum view_type {
    VIEW_WORD,   /* any text that is not blank */
    VIEW_NUMBER, /* of a record: 1 and more */
    VIEW_MONTH,  /* YYYY-MM */
    VIEW_DAY,    /* YYYY-MM-DD */
    VIEW_MOMENT, /* the same, for its first moment, or RFC 3339 */
    VIEW_CHOICE, /* one of a list */
    VIEW_CURSOR, /* the `next` of a page before: page.h */
};

struct compressor;
struct view_question;
struct diagnostics_rooms;
struct rows;

struct view_parameter {
    const char *name;
    enum view_type type;
    bool is_required;
    size_t length_max;          /* bytes of a VIEW_WORD: nothing has a longer name; 0: no limit of its own */
    uint64_t number_max;        /* of a VIEW_NUMBER; 0: no limit of its own */
    bool is_of_page;            /* says which page of a list, not of what: page.h */
    const char *const *choices; /* of a VIEW_CHOICE; NULL ends */
    const char *argument;       /* what stands for it in help: "YYYY-MM" */
    const char *example;        /* NULL: none */
    const char *zh, *en;        /* what it means */
    /* In a form for people: its name (NULL: as the list's column of that name is headed), what is shown
     * without it (NULL: all), and what a choice is called (NULL: as the states of that column are). */
    const char *head_zh, *head_en, *else_zh, *else_en;
    const char *(*choice)(const char *choice, enum language language);
    /* Said when it is missing, or is not what it should be. code NULL: nothing is called so, NOT_FOUND. */
    const char *code, *wrong_zh, *wrong_en;
    /* What a person at a terminal means who says the others, but not this one; NULL: nothing. */
    const char *(*otherwise)(const struct view_question *question);
};

/* What does nothing beside something else is refused in words: nobody is to believe that it was heard. */
struct view_clash {
    unsigned forms;           /* of answers in these: a bit each, 1 << VIEW_CSV */
    const char *name, *value; /* a parameter that is given; value NULL: whatever it is */
    const char *needs;        /* ... needs this one beside it; NULL: nothing helps */
    const char *values;       /* words: of these; NULL: of any */
    bool or_none;             /* or that it is not given */
    const char *zh, *en;
};

/* clang-format off */
/*    form    name     media type */
#define VIEW_FORM_LIST(X)                               \
    X(JSON,   "json",  "application/json")              \
    X(TEXT,   "text",  "text/plain; charset=utf-8")     \
    X(CSV,    "csv",   "text/csv; charset=utf-8")       \
    X(CSV_ZST, "csv.zst", "application/zstd")           \
    X(XML,    "xml",   "application/xml")
/* clang-format on */

enum view_form {
#define X(form, name, type) VIEW_##form,
    VIEW_FORM_LIST(X)
#undef X
        VIEW_FORMS_COUNT
};

const char *view_form_name(enum view_form form);
const char *view_form_type(enum view_form form);

struct view {
    const char *name;
    /* Where its answers stand among all, "messages/{number}/receipt": a {parameter} says of what. */
    const char *path;
    enum view_kind kind;
    enum view_asker asker;
    bool is_verb;                            /* the command asks it, by a verb of that name */
    bool is_long;                            /* takes longer than others may wait: worker.h */
    bool is_of_journal;                      /* needs no state.db: answered also while that catches up */
    const char *zh, *en;                     /* what it answers */
    const struct view_parameter *parameters; /* a NULL name ends; NULL: none */
    const struct view_clash *clashes;        /* among them; a NULL name ends; NULL: none */
    /* Which of the parameters does not suit the others; NULL: none. Each by itself was checked. */
    const struct view_parameter *(*wrong)(const struct view_question *question);
    /* An answer that was made when the state stood at that record, or later, is the one of now: it is kept
     * (kept.h). NULL: it is made anew each time. */
    bool (*stands)(const struct view_question *question, uint64_t since);
    int64_t age_max_ms; /* an answer of so long ago will do: it is kept as well; 0: none of before will */
    /* A list, as JSON and as a text: rows.h. */
    const struct rows *rows;
    const char *keys; /* of another answer that has pages: the kinds of what a cursor holds (page.h) */
    /* The forms of another answer; NULL: it has no such. Nothing that was written counts unless it is OK. */
    enum status (*json)(const struct view_question *question, struct json_out *out);
    const struct shape *shape; /* of that, always */
    enum status (*text)(const struct view_question *question, struct buf *out);
    /* CSV_ZST: compressed. It has `parts`, and may leave more to them. */
    enum status (*csv)(const struct view_question *question, struct buf *out);
    enum status (*xml)(const struct view_question *question, struct buf *out);
};

extern const struct view views[];
extern const size_t views_count;

const struct view *view_find(const char *name); /* NULL: there is no such question */
const struct view_asker_row *view_asker(const struct view *view);
bool view_has(const struct view *view, enum view_form form);
size_t view_parameters_count(const struct view *view);
const struct view_parameter *view_parameter(const struct view *view,
                                            const char *name); /* it has such a one */
/* It stands in the path; the others may be left out unless they are required. */
bool view_parameter_is_in_path(const struct view *view, const struct view_parameter *parameter);

/* --- a question that is asked --------------------------------------------------------------------------- */

/* What is asked; borrowed. A question asks only for what its row says: reader NULL suits those that read no
 * record, edition those that name nothing by it. */
struct view_source {
    struct state *state;
    struct reader *reader;
    const struct edition *edition;
    struct releases *releases; /* months in columns (statistics/releases.h); NULL: they are scanned */
    const struct diagnostics_rooms *rooms; /* of a running gateway (diagnostics.h); NULL: none is asked */
};

/* What the answer says of its list, in the arena of the question. */
struct view_page {
    const char *next; /* the cursor of the next page; NULL: there is none */
};

/* Why there is no answer, in words of its own: in the arena of the question, or static. */
struct view_refusal {
    const char *code;    /* of the problem; NULL: that of the status */
    const char *zh, *en; /* NULL: the status says it */
};

/* How far an answer has come that is made in parts, each by itself: however long it is, no more than a part
 * of it is in memory. Zeroed to begin with; to be released. */
struct view_parts {
    bool more;       /* there is another part: the same question, asked again, adds it */
    size_t next;     /* the question's: where that begins */
    uint64_t count;  /* the question's: of the rows that it has told */
    uint64_t unread; /* of these: what their messages say is missing, since those are not at hand */
    struct compressor *compressor;
};

void view_parts_release(struct view_parts *parts);

struct view_question {
    const struct view *view;
    const struct view_source *source;
    const struct party *viewer;              /* NULL: the operator, who sees everything */
    const struct party *people;              /* whose people are named; NULL: everybody's */
    struct text values[VIEW_PARAMETERS_MAX]; /* by the view's parameters, borrowed; at NULL: not given */
    enum language language;                  /* of a text for people */
    stamp now;
    struct arena *arena;    /* what an answer is made in; lives as long as it */
    struct view_page *page; /* filled by the answer; NULL: nobody asks */
    /* Filled where there is none, and more is known than its status says; NULL: nobody asks. Zeroed. */
    struct view_refusal *refusal;
    /* It may come in parts, where it is long; NULL: as a whole. Between two of them the arena may be
     * reset. */
    struct view_parts *parts;
};

/* The value of that parameter; "" when it was not given. */
struct text view_value(const struct view_question *question, const char *name);
/* The same of a VIEW_NUMBER that was checked. */
uint64_t view_number(const struct view_question *question, const char *name);

stamp view_moment(struct text value); /* of a VIEW_MOMENT that was checked */

/* The status, once it is told why. */
enum status view_refuse(const struct view_question *question, enum status status,
                        struct view_refusal refusal);

/* DENIED: not for this viewer, view_asker() says why; BAD_INPUT: *wrong is missing, not what it should be, or
 * does nothing beside others: its wrong_zh and wrong_en say so; NOT_FOUND: nothing is called so. */
enum status view_check(const struct view_question *question, enum view_form form,
                       const struct view_parameter **wrong);
/* Answers a question that was checked into `body`; its limit is the caller's, and buf_failed() tells when the
 * answer is longer. OK, or what the question says: then the body is not to be used. With `parts` it is the
 * next part, which may be empty; NOT_FOUND is told before anything else, other failures at any part. */
enum status view_answer(const struct view_question *question, enum view_form form, struct buf *body);

#endif
