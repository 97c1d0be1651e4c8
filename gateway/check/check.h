/*
 * check.h - bytes and envelope in, verdict and document out: pure judgement.
 *
 * One message flows through:  wrapper (wrapper.h: what is judged is the message within)
 *   → gate (one linear scan: what no honest sender needs; encoding to UTF-8)
 *   → format (by name, or by the root element)  → schema (xsd.h, which also walks the binding)
 *   → standing (may this party send this, in that name?)  → rules (schemas/rules).
 * A stage that cannot go on ends the way; within schema and rules all findings are gathered, not only the
 * first. No clock, no network, no file, no memory of other messages: "today" is the day in the envelope.
 *
 * Findings have codes of ours, each with its meaning (message/finding_code.h): WRAPPER-*, GATE-*, FORMAT-*,
 * XML-*, XSD-*, STAND-*; or those of the rules. Thread a check is immutable and shared; each thread judges
 * with a checker of its own.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "base/arena.h"
#include "base/status.h"
#include "message/document.h"
#include "message/envelope.h"
#include "message/verdict.h"
#include "check/judge.h"

struct checker;
struct xsd;

#define CHECK_BODY_MAX (10u << 20) /* larger messages are refused before they are read */

/* What one thread judges with. It holds the judge. */
struct checker *checker_new(const struct judge *judge);
void checker_free(struct checker *checker);

struct judgement {
    /* What was judged, and what findings have their places in: the bytes, or what a wrapper around them held,
     * which is in the arena or within the bytes. */
    struct text message;
    struct digest digest; /* of that message */
    bool unwrapped;
    struct verdict verdict;
    const struct format *format; /* NULL when none was found */
    struct document *doc;        /* NULL before the schema stage */
    const char *id;              /* the sender's own id, or the digest in hex; "" when it got no document */
};

/* env: of the bytes as they came. party NULL: offline validation, no standing stage. All results live in the
 * arena, or in the bytes. */
void check_message(struct checker *checker, const struct envelope *env, const struct party *party,
                   struct text bytes, struct arena *arena, struct judgement *out);

/* Judges by one schema alone (`validate --schema`): gate, then the schema. */
void check_by_schema(const struct xsd *schema, struct text bytes, struct arena *arena,
                     struct verdict *verdict);

#endif
