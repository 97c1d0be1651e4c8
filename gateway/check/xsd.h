/*
 * xsd.h - a message judged by its schema: first by the validator compiled from it (xsd/validator.h), and what
 * that does not accept by libxml2, which has the last word and shows nowhere else.
 *
 * All faults are told at once, with line, column and byte (examiner.h says how).
 * Schemas: no network, no DTD; refused when they use what libxml2 judges wrongly or slowly
 * (schema.h, pattern.h). One that our own compiler does not take runs on libxml2 alone (xsd_obstacle).
 */
#ifndef CHECK_XSD_H
#define CHECK_XSD_H

#include "base/arena.h"
#include "xsd/obstacle.h"
#include "message/verdict.h"
#include "edition/binding.h"
#include "check/gate.h"

struct grammar;
struct marks;
struct validator_size;
struct schema_text; /* schema.h */
struct xsd;         /* one compiled schema set; immutable, shared */
struct xsd_session; /* one thread's contexts for it */

#define XSD_FAULTS_MAX 1000 /* after so many faults a message is not looked at any further */
#define XSD_CPU_MS_MAX 4000 /* nor after so much CPU time, which no honest message comes near */

void xsd_start(void); /* once, before threads: library init, entity loader that loads nothing */

/* From a file, or several from the texts of an edition. NULL after a mistake (LINT-XSD). */
struct xsd *xsd_load(const char *path, struct verdict *mistakes);
void xsd_load_texts(const struct schema_text *texts, size_t count, struct xsd **out,
                    struct verdict *mistakes);
void xsd_free(struct xsd *xsd);
/* Where a binding's elements stand in the schema, so that a walk of that binding is filled without looking up
 * paths. NULL: the schema is not compiled. The binding must live as long. */
struct marks *xsd_marks(const struct xsd *xsd, const struct binding *binding);

struct xsd_session *xsd_session_new(const struct xsd *xsd);
/* Walks come of the binding that these marks were made of; NULL: of any. The marks must live as long. */
void xsd_session_set_marks(struct xsd_session *session, const struct marks *marks);
void xsd_session_free(struct xsd_session *session);

/* How far the judging of a message came. CUT_SHORT: not well-formed, or too many faults. FAILED: the
 * validator itself failed or took too long (refused, code XSD-INTERNAL, counted: no honest message does
 * that). */
enum xsd_end { XSD_READ_WHOLE, XSD_CUT_SHORT, XSD_FAILED };

/* Adds a finding for each fault (XML-*, XSD-*; GATE-MARKUP where the parser accepts what the gate found
 * suspect). tolerant: elements and attributes that the schema does not know are warnings, and the message is
 * judged as if they were not there; a name that an element of that name never has is told once. The walk sees
 * them all the same. IDs that stand twice, and references to none, are told beside other faults as far as
 * validator_search_clashes() finds them. walk may be NULL. */
enum xsd_end xsd_judge(struct xsd_session *session, const struct gated *gated, bool tolerant,
                       struct binding_walk *walk, struct arena *arena, struct verdict *verdict);

/* The parts of xsd_judge(), for who needs them one by one.
 * Our own pass over UTF-8 of which nothing is known yet: false says nothing of the message. */
bool xsd_accept(struct xsd_session *session, struct text message, struct validator_size *size);
/* Fills the walk, which may be NULL, from what was accepted last. Of this message only its IDs may be wrong:
 * for those a finding is added (XSD-ID-IDREF), which libxml2 does not look for. */
void xsd_fill(struct xsd_session *session, const struct gated *gated, struct binding_walk *walk,
              struct arena *arena, struct verdict *verdict);
/* What our own pass did not accept: refused by us where it is not well-formed, else judged by libxml2. */
enum xsd_end xsd_judge_again(struct xsd_session *session, const struct gated *gated, bool tolerant,
                             struct binding_walk *walk, struct arena *arena, struct verdict *verdict);
/* Judges by libxml2 whatever our own pass says: for who compares the two. */
enum xsd_end xsd_examine(struct xsd_session *session, const struct gated *gated, bool tolerant,
                         struct binding_walk *walk, struct arena *arena, struct verdict *verdict);
/* Why our own compiler does not take the schema, so that it runs on libxml2 alone; NULL: it does. */
const struct obstacle *xsd_obstacle(const struct xsd *xsd);
const struct grammar *xsd_grammar(const struct xsd *xsd); /* NULL: not compiled */

#endif
