/*
 * fault.h - what the validator found, under a code of ours and in sentences a declarant can act on, in
 * Chinese and English.
 *
 * libxml2 tells a fault by a number and a sentence for schema authors. The number becomes the code of the
 * rule that is broken (message/finding_code.h), the parts of the sentence (which element, which value, what
 * was expected) are said anew. Nothing of its own wording is handed on, nor the names of a schema's types,
 * which mean nothing to a sender: what it tells that has no row here is XSD-OTHER or XML-OTHER.
 */
#ifndef CHECK_FAULT_H
#define CHECK_FAULT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/verdict.h"

struct fault {
    int number;             /* libxml2's */
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
/* Of a TYPE: what the value should have been, "xs:decimal" or the local name of a type; empty: an anonymous
 * one. */
struct text fault_type(const struct fault *fault);
/* The part of an UNEXPECTED or MISSING message that lists what was expected, or empty. */
struct text fault_expected(const struct fault *fault);
/* What is known of a fault from elsewhere; empty when it is not. */
struct fault_context {
    struct text missing;  /* MISSING: the children that are */
    struct text built_in; /* TYPE: the built-in type that the value's type is made from, "xs:decimal" */
};

/* Fills code, zh, en and the hints, made in the arena. */
void fault_explain(const struct fault *fault, struct fault_context context, struct arena *arena,
                   struct finding *finding);

#endif
