/*
 * edition.h - all that experts and operators wrote, as one immutable whole named by its digest: the texts,
 * and everything compiled from them that needs no validator of XML.
 *
 * A schemas folder (fields, catalog, lists/, FORMAT/binding, XSDs, rules, routes, segments, terms,
 * priorities...), drop-in folders of official schemas, and the parties file. Each text has a digest; the
 * digest over all names and digests names the edition in every message and decision record (their
 * `edition`), and each text is recorded once (engine/setups.h). Of the key by which pick-up tokens are
 * signed 电子化提箱 the public half is a text (PICK_UP_KEY), so that a decision names it; the private one
 * is in no record. Of drop-in folders only the schemas (*.xsd) count; what begins with a dot is nobody's
 * text. Symbolic links to folders are not followed. The XML schemas among the texts are compiled by
 * check/judge.h.
 *
 * Who uses an edition holds it: edition_take() when it begins, edition_release() when it ends; the last one
 * frees it. No pointer to anything in it (a format, a field, a party, a rule) outlives the hold of who keeps
 * it. So a new edition is put to use by handing it to each holder, and the old one goes when the last has let
 * go of it. Thread immutable after edition_load(), and counted atomically: any.
 */
#ifndef EDITION_EDITION_H
#define EDITION_EDITION_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/status.h"
#include "message/codelist.h"
#include "message/fields.h"
#include "message/verdict.h"
#include "edition/catalog.h"
#include "edition/party.h"

#define EDITION_TEXTS_MAX   4096
#define EDITION_TEXT_MAX    (8u << 20)
#define EDITION_TOTAL_MAX   (64u << 20)
#define EDITION_DEPTH_MAX   16 /* folders in folders */
#define EDITION_DROPINS_MAX 8

#define PICK_UP_KEY         "pick-up-key" /* the text: Base64 of an Ed25519 public key */

/* What it holds besides: who asks one of them includes its header. */
struct alerts;
struct binding;
struct modes;
struct ports;
struct priorities;
struct routes;
struct rule_set;
struct segments;
struct slots;
struct terms;
struct workdays;

struct edition_text {
    const char *name; /* "cn-dec/binding", "parties", "dropin/wco/..." */
    const char *path; /* where it was read */
    struct text bytes;
    struct digest digest;
};

struct edition_dropin {
    const char *name, *folder;
};

struct edition {
    struct arena *arena;
    struct edition_text *texts;
    size_t count; /* sorted by name */
    struct digest digest;
    const char *directory;                              /* where the schemas folder stands */
    struct edition_dropin dropins[EDITION_DROPINS_MAX]; /* those that were given; name NULL ends */
    struct fields *fields;
    struct catalog *catalog;
    struct codelists *lists;
    struct parties *parties;   /* empty when no parties file was given */
    struct binding **bindings; /* one per catalog row, same order; NULL: text missing */
    struct rule_set *rules;
    struct routes *routes;
    struct segments *segments;
    struct slots *slots;
    struct ports *ports;
    struct modes *modes;
    struct terms *terms;
    struct workdays *workdays;
    struct priorities *priorities;
    struct alerts *alerts;
    const unsigned char *pick_up_key; /* private; NULL: no tokens are signed */
    _Atomic unsigned holds;
};

struct edition_options {
    const char *schemas;                                /* folder */
    const char *parties;                                /* file, or NULL */
    const char *pick_up_key;                            /* file in PEM, or NULL, or "" */
    const struct party_transport *const *transports;    /* whose stanzas it may have (party.h); NULL: none */
    struct edition_dropin dropins[EDITION_DROPINS_MAX]; /* official schemas: catalog `dropin NAME` */
};

/* *out is held once by the caller. It is made even with mistakes (LINT-EDITION and those of the texts), so
 * that lint can go on; it must not serve when mistakes has errors. NOT_FOUND / IO when the schemas folder
 * cannot be read: then *out is NULL. */
enum status edition_load(const struct edition_options *options, struct edition **out,
                         struct verdict *mistakes);
const struct edition *edition_take(const struct edition *edition); /* the same */
void edition_release(const struct edition *edition);               /* NULL: nothing to do */
const struct edition_text *edition_text(const struct edition *edition,
                                        const char *name); /* NULL when absent */

#endif
