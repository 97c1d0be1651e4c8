/*
 * judge.h - what a message is judged by: an edition, and the XML schemas compiled for it, counted together.
 *
 * A judge holds its edition. Who judges holds the judge (judge_take, judge_release), and needs no other hold
 * for what it asks of the edition meanwhile; the last one frees both. Thread immutable after judge_new(), and
 * counted atomically: any. Each thread judges with a checker (check.h).
 */
#ifndef CHECK_JUDGE_H
#define CHECK_JUDGE_H

#include <stdatomic.h>

#include "message/verdict.h"
#include "edition/edition.h"

struct xsd;
struct marks;

/* The schemas of one row of the catalog: a format whose namespace is optional has one for messages without
   it. */
enum { PROPER, WITHOUT_NAMESPACE, SCHEMAS };

struct judge {
    const struct edition *edition;
    struct xsd *(*schemas)[SCHEMAS]; /* per row of the catalog; NULL: the format cannot be judged here */
    size_t uncompiled;               /* of them, that only libxml2 judges */
    struct marks *(*marks)[SCHEMAS]; /* what its binding wants; NULL: nothing, or not compiled */
    _Atomic unsigned holds;
};

/* Held once by the caller; takes a hold of the edition of its own. Compiles the schemas of all formats
 * from its texts.
 * Mistakes: LINT-XSD, LINT-SYSTEM. */
struct judge *judge_new(const struct edition *edition, struct verdict *mistakes);
const struct judge *judge_take(const struct judge *judge); /* the same */
void judge_release(const struct judge *judge);             /* NULL: nothing to do */

#endif
