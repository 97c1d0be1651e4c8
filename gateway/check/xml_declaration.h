/*
 * xml_declaration.h - the XML declaration (XML 1.0 section 2.8), read before any parser: which version and
 * which encoding it claims.
 */
#ifndef CHECK_XML_DECLARATION_H
#define CHECK_XML_DECLARATION_H

#include <stdbool.h>

#include "base/text.h"

struct xml_declaration {
    struct text version, encoding; /* as written; at NULL: not there */
    struct text whole;             /* "<?xml ... ?>"; empty: there is none */
    bool clean;                    /* written as XML wants it, or not there at all */
};

/* It only counts at the very start; anywhere else it is a processing instruction. */
struct xml_declaration xml_declaration_read(struct text text);

#endif
