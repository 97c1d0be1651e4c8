/*
 * fault.h - what the schema validator says, in sentences a declarant can act on, in Chinese and English.
 *
 * The validator's own text is English and written for schema authors; the common faults (values,
 * facets, elements and attributes missing or not expected) are said anew with what was expected.
 * Others keep its words in English, and are called by their number in Chinese.
 */
#ifndef CHECK_FAULT_H
#define CHECK_FAULT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/verdict.h"

struct fault {
    int code;               /* libxml2's number: finding code XSD-<code> */
    const char *message;    /* libxml2's sentence, "Element '{ns}Name': ..." */
    const char *strings[3]; /* what its sentence is made of; may be NULL */
};

enum fault_kind {
    FAULT_OTHER,
    FAULT_FACET,      /* a value breaks a facet: the type itself is then reported once more */
    FAULT_TYPE,       /* a value is not of its type */
    FAULT_UNEXPECTED, /* an element that may not stand here */
    FAULT_ATTRIBUTE,  /* an attribute that may not stand here */
    FAULT_MISSING,    /* an element without a required child */
    FAULT_ECHO,       /* follows from another fault and says nothing */
    FAULT_INTERNAL,   /* the validator's own failure */
};

enum fault_kind fault_kind_of(const struct fault *fault);
/* Local name of the attribute it is about; empty when it is about the element. */
struct text fault_attribute(const struct fault *fault);
/* The part of an UNEXPECTED or MISSING message that lists what was expected, or empty. */
struct text fault_expected(const struct fault *fault);
/* Fills zh, en and the hints, made in the arena. missing: of a MISSING fault the children that are, when they
   are known. */
void fault_explain(const struct fault *fault, struct text missing, struct arena *arena,
                   struct finding *finding);
/* The same for a fault of the parser: not well-formed. element: the one that is open, or empty; wrong: the
 * bytes it is about. */
void fault_explain_xml(const struct fault *fault, struct text element, struct text wrong, struct arena *arena,
                       struct finding *finding);

#endif
