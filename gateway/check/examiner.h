/*
 * examiner.h - judges a message by libxml2 and tells what is wrong with it, for xsd.c: findings get line,
 * column and byte, and the events walk the binding. No tree is built.
 *
 * The message is pushed in 4 KB pieces through a SAX parser with xmlSchemaSAXPlug (NONET | IGNORE_ENC,
 * always UTF-8). All faults are told at once: where the validator gives up the rest of an element after a
 * child it did not expect, it is asked again without that child (amendments.h).
 *
 * Owns      libxml2's contexts, and what they need between messages.
 * Thread    one; the schema is shared.
 */
#ifndef CHECK_EXAMINER_H
#define CHECK_EXAMINER_H

#include "check/content.h"
#include "check/gate.h"
#include "check/xsd.h"

struct _xmlSchema;
struct examiner;

/* Both are borrowed. */
struct examiner *examiner_new(struct _xmlSchema *schema, const struct content *content);
void examiner_free(struct examiner *examiner); /* NULL is fine */

/* As xsd_examine(), but that the caller is still to tell what it gives back: that the validator FAILED, and
 * that there are more values than a document takes. */
enum xsd_end examiner_judge(struct examiner *examiner, const struct gated *gated, bool tolerant,
                            struct binding_walk *walk, struct arena *arena, struct verdict *verdict,
                            bool *too_many_values);

#endif
