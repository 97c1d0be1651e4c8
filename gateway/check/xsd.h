/*
 * xsd.h - schemas compiled and messages judged by libxml2, which shows nowhere else.
 *
 * The message is pushed in 4 KB pieces through a SAX parser with xmlSchemaSAXPlug (NONET | IGNORE_ENC, forced
 * UTF-8), so that findings get line, column and byte, and no tree is built; the same events walk the binding.
 * Schemas: only local files, no network, no DTD; refused when they use what libxml2 judges wrongly or slowly
 * (patterns with nested or overlapping repeats, identity constraints over descendants in recursive types,
 * determinism that compiles for ever: the compile has a CPU cap in a child process).
 */
#ifndef CHECK_XSD_H
#define CHECK_XSD_H

#include "base/arena.h"
#include "check/gate.h"
#include "message/binding.h"
#include "message/verdict.h"

struct xsd;                           /* one compiled schema set; immutable, shared */
struct xsd_session;                   /* one thread's contexts for it */

void xsd_start(void);                 /* once, before threads: library init, entity loader that loads nothing */

struct xsd *xsd_load(const char *path, struct verdict *mistakes);     /* NULL after a mistake (LINT-XSD) */
void        xsd_free(struct xsd *xsd);
struct xsd_session *xsd_session_new(const struct xsd *xsd);
void                xsd_session_free(struct xsd_session *session);

/* Adds a finding for each fault (XML-n, XSD-n). walk may be NULL. False: the validator itself failed
 * (internal error: refused, code XSD-INTERNAL, counted as an alarm). */
bool xsd_judge(struct xsd_session *session, const struct gated *gated, struct binding_walk *walk, struct arena *arena,
               struct verdict *verdict);

#endif
