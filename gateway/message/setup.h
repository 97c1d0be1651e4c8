/*
 * setup.h - the set-up: every text the gateway judges by, read once, immutable afterwards.
 *
 * A schemas folder (fields, catalog, lists/, FORMAT/binding, XSDs, rules, routes, segments, tariff...), drop-in
 * folders of official schemas, and the parties file. Each text has a digest; the digest over all names and
 * digests names the set-up in every message and decision record.
 * What this layer understands (fields, catalog, lists, bindings, parties) is loaded here; rules and XSDs are
 * compiled by check/, routes, segments and engine rules by engine/, from setup_text().
 * Thread    immutable after setup_load(): any.
 */
#ifndef MESSAGE_SETUP_H
#define MESSAGE_SETUP_H

#include <stddef.h>

#include "base/digest.h"
#include "base/status.h"
#include "message/catalog.h"
#include "message/codelist.h"
#include "message/fields.h"
#include "message/party.h"
#include "message/verdict.h"

struct setup_text { const char *name; struct text bytes; struct digest digest; };   /* name: "cn-dec/binding", "parties", "dropin/wco/..." */

struct setup {
    struct arena *arena;
    struct setup_text *texts; size_t count;       /* sorted by name */
    struct digest digest;
    const char *directory;                        /* where the schemas folder stands */
    struct fields *fields;
    struct catalog *catalog;
    struct codelists *lists;
    struct parties *parties;                      /* empty when no parties file was given */
    struct binding **bindings;                    /* one per catalog row, same order */
};

struct setup_options {
    const char *schemas;                          /* folder */
    const char *parties;                          /* file, or NULL */
    struct { const char *name, *folder; } dropins[8];   /* official schemas: catalog `dropin NAME` */
};

/* *out is made even with mistakes, so that lint can go on; it must not serve when mistakes has errors.
 * IO / NOT_FOUND when the folder cannot be read. Limits: 4096 texts, 8 MiB each, 64 MiB together. */
enum status setup_load(const struct setup_options *options, struct setup **out, struct verdict *mistakes);
void        setup_free(struct setup *setup);
const struct setup_text *setup_text(const struct setup *setup, const char *name);   /* NULL when absent */

#endif
