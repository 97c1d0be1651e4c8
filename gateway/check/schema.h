/*
 * schema.h - a schema read from its files, audited, and compiled by libxml2.
 *
 * All documents of a schema set are read into memory first, following xs:include, xs:import and xs:redefine;
 * only local files in the schema's own folder, the folder above it, and below those. Each is audited:
 * well-formed, no DTD, patterns (pattern.h), identity constraints without //. Only then libxml2 compiles
 * them, from memory, through an entity loader that knows these documents and nothing else; first in a child
 * process with a cap on CPU time and memory, because some schemas compile for ever.
 */
#ifndef CHECK_SCHEMA_H
#define CHECK_SCHEMA_H

#include "xsd/grammar.h"
#include "message/verdict.h"
#include "check/content.h"

struct _xmlSchema;

/* Once, before threads and before any other use of libxml2: no catalogs, no proxies,
 * a loader that loads nothing. */
void schema_start(void);

/* What comes of loading a schema. */
struct schema_loaded {
    struct _xmlSchema *schema; /* NULL after mistakes; the caller frees it with xmlSchemaFree() */
    struct grammar *grammar;   /* the same, compiled for our own pass; NULL: refused, or after mistakes */
    struct obstacle obstacle;  /* ... why */
};

/* path: the file. stands_at: where it is to be taken to stand, for its includes; NULL: at path.
 * content is filled with what its elements may and must have.
 * Mistakes: LINT-XSD, with file and line. The caller frees what it gets. */
struct schema_loaded schema_load(const char *path, const char *stands_at, struct content *content,
                                 struct verdict *mistakes);

#endif
