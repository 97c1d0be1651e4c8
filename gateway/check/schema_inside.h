/*
 * schema_inside.h - the documents of a schema while it is loaded, between schema.c, which reads and compiles
 * them, schema_audit.c, which looks into each, and schema_trial.c, which tries whether compiling ends. Nobody
 * else includes it.
 */
#ifndef CHECK_SCHEMA_INSIDE_H
#define CHECK_SCHEMA_INSIDE_H

#include <sys/types.h>

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
    struct schema_loaded *loaded;  /* what comes of it */
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
/* By libxml2; on_error is called with the set. NULL: it does not compile. */
xmlSchemaPtr schema_compile(struct schema_set *set, xmlStructuredErrorFunc on_error);
/* Looks into the document with this index: mistakes, documents it names, and what content.h wants to know. */
void schema_audit(struct schema_set *set, size_t index);

/* Whether the compiling of each set ends, whatever comes of it: found out in a child process that goes
 * through them one after the other, ahead of who asks. The sets must live as long. */
struct schema_trial {
    struct schema_set *const *sets;
    struct digest *digests;
    bool *known; /* to this process from before */
    size_t count, next;
    pid_t child; /* 0: none */
    int ends;    /* a byte comes here for each set from `next` on that is not known */
};

void schema_trial_start(struct schema_trial *trial, struct schema_set *const *sets, size_t count);
/* Of the next set; to be asked once for each, in their order. false: it takes too long, or no child could be
 * had, which is among its mistakes now. */
bool schema_trial_passed(struct schema_trial *trial);
void schema_trial_stop(struct schema_trial *trial);

#endif
