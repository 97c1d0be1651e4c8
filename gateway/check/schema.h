/*
 * schema.h - a schema read from the texts of an edition or from files, audited, and compiled by libxml2.
 *
 * All documents of a schema set are in memory first, following xs:include, xs:import and xs:redefine: of an
 * edition, only its texts, so that what judges is what its record says; of files, only local
 * ones in the schema's own folder, the folder above it, and below those. Each is audited:
 * well-formed, no DTD, patterns (pattern.h), identity constraints without //. Only then libxml2 compiles
 * them, from memory, through an entity loader that knows these documents and nothing else; first in a child
 * process with a cap on CPU time and memory, because some schemas compile for ever. The schemas of an edition
 * have one child between them, and each the whole of its limits.
 */
#ifndef CHECK_SCHEMA_H
#define CHECK_SCHEMA_H

#include "xsd/grammar.h"
#include "message/verdict.h"
#include "edition/edition.h"
#include "check/content.h"

struct _xmlSchema;

/* Once, before threads and before any other use of libxml2: no catalogs, no proxies,
 * a loader that loads nothing. */
void schema_start(void);

/* What comes of loading a schema. */
struct schema_loaded {
    struct _xmlSchema *schema; /* NULL after mistakes; the caller frees it with schema_free() */
    struct grammar *grammar;   /* the same, compiled for our own pass; NULL: refused, or after mistakes */
    struct obstacle obstacle;  /* ... why */
};

/* content is filled with what its elements may and must have. Mistakes: LINT-XSD, with file and line. The
 * caller frees what it gets. */
struct schema_loaded schema_load(const char *path, struct content *content, struct verdict *mistakes);

/* A schema among the texts of an edition. */
struct schema_text {
    const struct edition *edition;
    const char *name;      /* "cn-dec/DecMessage.xsd" */
    const char *tree;      /* "", or "dropin/NAME/": it is made of texts below that alone */
    const char *stands_at; /* where in the tree it is to be taken to stand, for what it includes */
};

/* The same of several; the mistakes of all documents come before what does not compile. */
void schema_load_texts(const struct schema_text *texts, size_t count, struct content **contents,
                       struct schema_loaded *loaded, struct verdict *mistakes);
void schema_free(struct _xmlSchema *schema);

#endif
