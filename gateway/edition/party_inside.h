/*
 * party_inside.h - a parties file while it is loaded, between party.c, which loads it, party_shape.c, which
 * tells libcyaml what may stand in it, and party_index.c, which knows who has what. Nobody else includes it.
 */
#ifndef EDITION_PARTY_INSIDE_H
#define EDITION_PARTY_INSIDE_H

#include "message/mistakes.h"
#include "edition/party.h"
#include "edition/yaml_mistakes.h"

/* --- the shape, as libcyaml sees it (party_shape.c) ----------------------------------------------------- */

#define PARTY_KEYS_MAX 32 /* of all stanzas together */

struct raw_list {
    char **items;
    uint32_t items_count;
};

/* Of a stanza: the one or the other, as the transport says. */
struct raw_key {
    char *text;
    struct raw_list list;
};

struct raw_party {
    char *code;
    struct {
        char *zh, *en;
    } name;
    struct raw_list roles, declares, reports, serves, ids, certificates, signs;
    struct raw_key keys[PARTY_KEYS_MAX];
    struct {
        char *transport, *to;
    } deliver;
    int32_t blocked;
};

struct raw_file {
    struct raw_party *parties;
    uint32_t parties_count;
};

size_t party_keys_count(const struct party_transport *transport);
size_t party_transports_count(const struct party_transport *const *transports);

/* Made for each load: our own fields, and a group for the stanza of each transport. Reads into a struct
 * raw_file. In the arena. */
const cyaml_schema_value_t *party_shape(const struct party_transport *const *transports, struct arena *arena);

/* --- loading (party.c) ---------------------------------------------------------------------------------- */

struct party_loader {
    struct text source;
    const struct party_transport *const *transports;
    struct arena *arena;
    struct mistakes mistakes;
    const char **rows;
    size_t rows_count;
    struct party *list;
    size_t count;
};

/* Where a word of a row stands; its row, when it is not found in it. */
struct place party_place(const struct party_loader *loader, size_t party, const char *word);

#define PARTY_MISTAKE(loader, party, word, meant, ...) \
    mistakes_at(&(loader)->mistakes, party_place(loader, party, word), meant, __VA_ARGS__)

/* --- who has what (party_index.c) ----------------------------------------------------------------------- */

/* Of the loader's list, in its arena. What is one party's own and stands in two rows is a mistake. */
const struct party_index *party_index_new(const struct party_loader *loader);

#endif
