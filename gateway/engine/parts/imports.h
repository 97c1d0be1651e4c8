/*
 * imports.h - lists of imported goods 跨境电商进口清单, among the files of this part (inside the engine
 * only). The key of one is SHOP/PLATFORM/ORDER.
 */
#ifndef ENGINE_IMPORTS_H
#define ENGINE_IMPORTS_H

#include "engine/part.h"

#define IMPORTS_OF_PAPER_MAX 32 /* lists that name one paper; of more the others hear nothing of it */

struct import {
    const char *key, *party, *shop, *order_no, *order, *waybill, *office, *person, *state, *lacks, *differs;
    const char *value; /* of its goods */
    uint64_t record;
    stamp round_at;
};

/* Those that customs did not refuse and nobody deleted, by key. order: PLATFORM/ORDER, waybill:
 * CARRIER/NUMBER. */
size_t imports_of_order(const struct cause *cause, const char *order,
                        struct import out[IMPORTS_OF_PAPER_MAX]);
size_t imports_of_waybill(const struct cause *cause, const char *waybill,
                          struct import out[IMPORTS_OF_PAPER_MAX]);

enum import_match { IMPORT_LACKS, IMPORT_DIFFERS, IMPORT_MATCHES };
/* Of a list whose papers do not match yet: it lacks some, they differ from it, or they match, are fixed, and
 * customs gets all of them; the last at once, or, where this decision has no room for it, by one of its
 * own. */
enum import_match import_match(struct cause *cause, const struct import *import, stamp at);
bool import_waits_for_papers(const struct import *import);
bool import_was_matched(const struct import *import); /* and stands */
/* The papers of a list that was matched may be changed, and used, again. */
void import_free_papers(struct cause *cause, const struct import *import, stamp at);
/* A paper has come, says something else, or is gone or free: lists that wait for it are judged anew. */
void imports_hear(struct cause *cause, const struct move *move);

#endif
