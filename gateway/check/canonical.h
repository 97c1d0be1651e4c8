/*
 * canonical.h - a signed message as XML Signature sees it (libxml2 behind it): which signature it holds, and
 * the canonical form (Canonical XML 1.0, without comments) of what that covers.
 *
 * The message is well-formed, in UTF-8, and has no document type: the gate or our own validator has said so;
 * one that has, or that is not well-formed after all, is UNREADABLE. Comments are not covered by a canonical
 * form without them, so a message that holds one beside its signature is told to.
 *
 * Owns      a tree of the message, libxml2's; freed by canonical_close().
 * Thread    one.
 */
#ifndef CHECK_CANONICAL_H
#define CHECK_CANONICAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"

#define SIGNATURE_NAMESPACE "http://www.w3.org/2000/09/xmldsig#"

struct canonical;

enum canonical_found {
    CANONICAL_ONE,       /* one signature, a child of the root element, and no comment */
    CANONICAL_NONE,      /* no element of its namespace */
    CANONICAL_ELSEWHERE, /* one that is no child of the root, or more than one */
    CANONICAL_COMMENT,   /* ... and a comment or an instruction anywhere */
    CANONICAL_UNREADABLE,
};

/* *out is to be closed where it is CANONICAL_ONE; else it is NULL. */
enum canonical_found canonical_open(struct text utf8, struct arena *arena, struct canonical **out);
void canonical_close(struct canonical *canonical);

/* Of the signature: how many elements stand at this path below it ("SignedInfo/Reference"), and of the first
 * its attribute without a namespace, or its text; in the arena. An attribute that is not there: NULL. All
 * steps are of the namespace of signatures. */
size_t canonical_count(const struct canonical *canonical, const char *path);
const char *canonical_attribute(const struct canonical *canonical, const char *path, const char *name);
/* Of the n-th transform; "" where it says none. */
const char *canonical_transform(const struct canonical *canonical, size_t n);
struct text canonical_text(const struct canonical *canonical, const char *path);
/* The element at this path holds nothing but elements of these names, in any number ("a b c"), and white
 * space. */
bool canonical_holds_only(const struct canonical *canonical, const char *path, const char *names);

/* Both in the arena; false: it cannot be made. The message without its signature may be asked once, and
 * first. */
bool canonical_signed_info(struct canonical *canonical, struct text *out);
bool canonical_message(struct canonical *canonical, struct text *out);

#endif
