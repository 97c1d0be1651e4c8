/*
 * schema_inside.h - the documents of a schema while it is loaded, between schema.c, which reads and compiles
 * them, and schema_audit.c, which looks into each. Nobody else includes it.
 */
#ifndef CHECK_SCHEMA_INSIDE_H
#define CHECK_SCHEMA_INSIDE_H

#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/uri.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>

#include "check/schema.h"

#define XSD_NAMESPACE "http://www.w3.org/2001/XMLSchema"
#define DOCUMENTS_MAX 256

struct schema_document {
    char *name, *file;
    struct text bytes;
    char *owned;
};

struct schema_set {
    struct arena *arena;
    struct verdict *mistakes;
    struct content *content;
    const struct edition *edition; /* whose texts the documents are; NULL: they are files */
    const char *root; /* what all must stand below, with / at its end: a real path; in an edition, a name */
    struct schema_document documents[DOCUMENTS_MAX];
    size_t count;
};

#define SCHEMA_MISTAKE(set, file, line, ...) \
    verdict_lint((set)->mistakes, "LINT-XSD", file, line, 0, __VA_ARGS__)

/* What libxml2 says, without line breaks; in the arena. */
const char *schema_one_line(struct arena *arena, const char *message);
void schema_ignore_error(void *context, xmlErrorPtr error); /* a handler of libxml2's */

/* Adds the document that a location leads to from `base`. */
void schema_follow(struct schema_set *set, const struct schema_document *base, const char *location,
                   uint32_t line);
/* Looks into the document with this index: mistakes, documents it names, and what content.h wants to know. */
void schema_audit(struct schema_set *set, size_t index);

#endif
