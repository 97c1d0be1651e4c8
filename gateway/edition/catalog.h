/*
 * catalog.h - the formats the gateway reads (schemas/catalog): one block per (family, format).
 *
 *   format cn-dec
 *     family     declaration
 *     root       DecMessage
 *     namespace  http://www.chinaport.gov.cn/dec  optional
 *     schema     cn-dec/DecMessage.xsd
 *     binding    cn-dec/binding
 *     id         message_id                       # the field that holds the sender's own id; absent: digest
 *     acts-for   declarant_code  declares         # the sender's row must list this field's value under
 *                                                 # `declares`; of a group: that of each row
 *     senders    declarant customs                # roles that may send it
 *     receipt    DecImportResponse                # form of the receipt in a folder; a party's first format
 *                                                 # gives that of what has no format, too
 *     valid      from 2018-08-01 until 2030-01-01
 *     dropin     wco                              # its schema comes from this folder of official schemas
 *     official   ceb ceb-export-2018.xsd          # where the folder of official schemas of that name is
 *                                                 # given, this file of it judges instead of ours
 *     where      WCOTypeName = DEC                # PATH = TEXT below the root: parts formats of one root
 *     signature  enveloped                        # its messages may hold an XML signature; of a party that
 *                                                 # signs they must (check/signature.h)
 *     tolerant   yes                              # its sender cannot send again: what can be read counts,
 *                                                 # and elements that the schema does not know, or values
 *                                                 # that cannot be meant, are told as warnings and left out
 *
 * A format with an `optional` namespace has two schemas: cn-dec/DecMessage.xsd for messages with the
 * namespace and, for those without, the same name with -nons before .xsd: cn-dec/DecMessage-nons.xsd.
 * The schema of a drop-in format is looked for in its folder. Where that does not hold it, it is a driver of
 * ours (wco-res/wrapper_notification.xsd in the schemas folder) and is read as if it stood at the top of the
 * drop-in folder, so that its includes and imports resolve there. Without that folder the format cannot be
 * judged.
 *
 * A format needs family, root, schema and binding. Two formats that one message of one day could be are a
 * mistake.
 */
#ifndef EDITION_CATALOG_H
#define EDITION_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "message/fields.h"
#include "message/verdict.h"

#define CATALOG_FORMATS_MAX 64
#define CATALOG_ROLES_MAX   8
#define FAMILIES_MAX        16 /* that one rule, route or milestone is about */

struct format {
    const char *name, *family, *root, *namespace, *schema, *binding, *receipt,
        *dropin;                            /* "" when not given */
    const char *official_folder, *official; /* "": its schema is ours alone */
    bool namespace_optional, tolerant, is_signed;
    const char *marker_path,
        *marker_text;             /* `where PATH = TEXT`: tells formats with one root element apart */
    const struct field *id;       /* NULL: the digest is the id */
    const struct field *acts_for; /* NULL: any */
    const char *acts_for_list;    /* "declares" or "reports" */
    const char *senders[CATALOG_ROLES_MAX];
    size_t senders_count;
    int32_t from_day, until_day; /* INT32_MIN, INT32_MAX when open */
    uint32_t line;               /* where its block starts, for mistakes */
};

struct catalog {
    struct format *formats;
    size_t count;
};

/* The kinds of message that something is about. */
struct families {
    struct text list[FAMILIES_MAX];
    size_t count;
};

struct block;

struct catalog *catalog_load(struct text source, const char *file, const struct fields *fields,
                             struct arena *arena, struct verdict *mistakes); /* code LINT-CATALOG */
const struct format *catalog_find(const struct catalog *catalog, struct text name);
bool catalog_has_family(const struct catalog *catalog, struct text family);
bool families_have(const struct families *families, struct text family);
/* The word of a block's line, "a,b": each must be in the catalog of the block. Mistakes are told there. */
void families_read(struct block *block, size_t word, struct families *out);

#endif
