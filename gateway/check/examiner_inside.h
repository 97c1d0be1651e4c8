/*
 * examiner_inside.h - one pass of a message through libxml2, between examiner.c (passes, life),
 * examiner_events.c (what the parser tells) and examiner_faults.c (what parser and validator find wrong).
 * Of examiner*.c alone.
 */
#ifndef CHECK_EXAMINER_INSIDE_H
#define CHECK_EXAMINER_INSIDE_H

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>

#include "check/amendments.h"
#include "check/content.h"
#include "check/examiner.h"
#include "check/tags.h"
#include "check/places.h"

struct open {              /* an open element */
    uint32_t element;      /* its number in the message */
    uint64_t tag, content; /* where they begin */
    uint64_t segment;      /* ... and its text since the last tag */
    size_t text, flushed;  /* in the examiner's text: its own, and what the validator has of it */
    bool left_out;
    bool skipped; /* within what is unknown and was walked by an earlier pass */
};

enum examiner_event { NOTHING, AT_START, AT_TEXT, AT_END };

struct examiner_pass {
    struct examiner *examiner;
    const struct gated *gated;
    struct binding_walk *walk;
    struct arena *arena;
    struct verdict *verdict; /* of this pass */
    struct places places;
    xmlParserCtxtPtr parser;
    xmlSAXHandlerPtr plug_sax; /* the validator's handlers and their context */
    void *plug_context;
    struct open *opens; /* the examiner's */
    uint32_t depth, elements;
    size_t text_length;
    enum examiner_event event;
    uint64_t behind;        /* the end tag now handled */
    uint64_t segment_end;   /* AT_TEXT: where the text ends */
    uint32_t facet_element; /* where a facet was broken last */
    struct text facet_attribute;
    size_t amended_before; /* amendments of earlier passes: they hold */
    struct verdict *kept;  /* faults that later passes do not see */
    size_t faults;
    bool tolerant;    /* what the schema does not know is a warning */
    bool last;        /* no pass will follow: nothing is amended any more */
    uint32_t unknown; /* elements passed over */
    bool too_many_values, internal, stopped, well_formed;
};

struct examiner {
    const struct content *content;
    xmlSchemaValidCtxtPtr valid;
    char *text; /* of the elements now open */
    size_t text_capacity;
    struct amendments amendments;
    struct open opens[BINDING_DEPTH_MAX];
    struct examiner_pass pass;
};

static inline struct open *pass_top(const struct examiner_pass *pass) {
    return &pass->opens[pass->depth - 1];
}

static inline struct text pass_message(const struct examiner_pass *pass) {
    return pass->gated->text.utf8;
}

static inline struct extent pass_extent(struct tag_span span) {
    return (struct extent){ (uint32_t)span.from, (uint32_t)(span.to - span.from) };
}

void pass_stop(struct examiner_pass *pass);
uint64_t pass_offset(const struct examiner_pass *pass); /* where the parser stands */
/* Of the element on top: its start tag's name; what stands in it, once its end tag was read; the same without
 * the blanks around it, or its start tag where nothing stands. */
struct tag_span pass_tag_name(const struct examiner_pass *pass);
struct tag_span pass_content(const struct examiner_pass *pass);
struct tag_span pass_value(const struct examiner_pass *pass);

/* --- examiner_events.c --------------------------------------------------------------------------------- */

extern const xmlSAXHandler examiner_handlers; /* their context is the pass */

/* --- examiner_faults.c --------------------------------------------------------------------------------- */

void examiner_schema_fault(void *examiner, xmlErrorPtr error); /* libxml2's callbacks */
void examiner_parse_fault(void *pass, xmlErrorPtr error);
/* More than `max` faults: said once, at the span. */
void examiner_say_many(struct examiner_pass *pass, struct tag_span span, int max);
bool examiner_is_unknown(const struct examiner_pass *pass); /* the element on top was found to be unknown */

#endif
