/*
 * party_index.c - who has this code, certificate, beginning of ids, and each value that a transport says is
 * one party's own: sorted lists of words with their holders, in which a word that stands twice stands side by
 * side.
 */
#include <stdlib.h>
#include <string.h>

#include "message/identifiers.h"
#include "base/status.h"
#include "edition/party_inside.h"

struct holder {
    struct text word;
    uint32_t party;
};

struct index {
    struct holder *holders;
    size_t count;
};

struct party_index {
    struct index codes, certificates, ids;
    const struct party_transport *const *transports;
    struct index own[PARTY_KEYS_MAX]; /* of each key of each stanza; empty where any row may have the value */
};

/* --- making it ------------------------------------------------------------------------------------------ */

static int order_of(const void *left, const void *right) {
    const struct holder *a = left, *b = right;
    int order = text_compare(a->word, b->word);
    return order ? order : (a->party > b->party) - (a->party < b->party);
}

static void hold(struct index *index, const char *word, size_t party) {
    if (*word) {
        index->holders[index->count++] = (struct holder){ text_of(word), (uint32_t)party };
    }
}

static void hold_all(struct index *index, struct party_list list, size_t party) {
    for (size_t i = 0; i < list.count; i++) {
        hold(index, list.items[i], party);
    }
}

static const struct holder *find_holder(const struct index *index, struct text word) {
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (text_compare(index->holders[middle].word, word) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < index->count && text_equal(index->holders[low].word, word) ? &index->holders[low] : NULL;
}

static void sort_and_check(const struct party_loader *loader, struct index *index, const char *zh,
                           const char *en) {
    qsort(index->holders, index->count, sizeof(*index->holders), order_of);
    for (size_t i = 1; i < index->count; i++) {
        const struct holder *first = &index->holders[i - 1], *second = &index->holders[i];
        if (text_equal(first->word, second->word)) {
            const char *word = arena_copy(loader->arena, second->word);
            const char *owner = loader->list[first->party].code;
            mistakes_add(&loader->mistakes, party_place(loader, second->party, word), NULL,
                         arena_printf(loader->arena, "%s %s 已属于参与方 %s", zh, word, owner),
                         arena_printf(loader->arena, "the %s %s belongs to %s already", en, word, owner));
        }
    }
}

static struct index index_new(const struct party_loader *loader, size_t max) {
    return (struct index){ .holders = arena_alloc(loader->arena, (max ? max : 1) * sizeof(struct holder)) };
}

/* Where deliveries go is one party's own: there another's program would read what is not for it. */
static void check_addresses(const struct party_loader *loader, const struct party_transport *transport) {
    struct index addresses = index_new(loader, loader->count);
    for (size_t i = 0; i < loader->count; i++) {
        bool is_its = strcmp(loader->list[i].transport, transport->name) == 0;
        hold(&addresses, is_its ? loader->list[i].address : "", i);
    }
    sort_and_check(loader, &addresses, transport->to.zh, transport->to.en);
}

/* The values of one key over all rows. */
static struct index index_of(const struct party_loader *loader, const struct party_transport *transport,
                             const struct party_key *key) {
    size_t count = 0;
    for (size_t i = 0; i < loader->count; i++) {
        count += stanza_list(party_stanza(&loader->list[i], transport->name), key->name).count;
    }
    struct index index = index_new(loader, count);
    for (size_t i = 0; i < loader->count; i++) {
        hold_all(&index, stanza_list(party_stanza(&loader->list[i], transport->name), key->name), i);
    }
    sort_and_check(loader, &index, key->zh, key->en);
    return index;
}

static void index_stanzas(const struct party_loader *loader, struct party_index *index) {
    size_t place = 0;
    for (size_t i = 0; i < party_transports_count(loader->transports); i++) {
        const struct party_transport *transport = loader->transports[i];
        for (size_t k = 0; k < party_keys_count(transport); k++, place++) {
            if (transport->keys[k].zh) {
                index->own[place] = index_of(loader, transport, &transport->keys[k]);
            }
        }
        if (transport->to.zh) {
            check_addresses(loader, transport);
        }
    }
}

/* What begins with one prefix follows it in the order. */
static void check_prefixes(const struct party_loader *loader, const struct index *ids) {
    for (size_t i = 0; i < ids->count; i++) {
        const struct holder *first = &ids->holders[i];
        for (size_t k = i + 1; k < ids->count && text_starts(ids->holders[k].word, first->word.at); k++) {
            const struct holder *second = &ids->holders[k];
            if (second->party != first->party) {
                const char *word = arena_copy(loader->arena, second->word);
                PARTY_MISTAKE(loader, second->party, word, NULL,
                              "编号前缀 %s 与参与方 %s 的前缀 " TEXT_FORMAT " 重叠",
                              "ids that begin with %s would be those of %s, who has " TEXT_FORMAT, word,
                              loader->list[first->party].code, TEXT_ARGS(first->word));
            }
        }
    }
}

/* Messages call a party by its code in capitals (party_is_called()): there two of them would be one. */
static void check_capitals(const struct party_loader *loader) {
    struct index capitals = index_new(loader, loader->count);
    for (size_t i = 0; i < loader->count; i++) {
        struct text code = text_of(loader->list[i].code);
        hold(&capitals,
             arena_copy(loader->arena, identifier_canonical(IDENTIFIER_CAPITALS, code, loader->arena)), i);
    }
    qsort(capitals.holders, capitals.count, sizeof(*capitals.holders), order_of);
    for (size_t i = 1; i < capitals.count; i++) {
        const struct holder *first = &capitals.holders[i - 1], *second = &capitals.holders[i];
        const char *code = loader->list[second->party].code, *other = loader->list[first->party].code;
        if (text_equal(first->word, second->word) && strcmp(code, other) != 0) {
            PARTY_MISTAKE(loader, second->party, code, NULL, "代码 %s 与 %s 仅大小写不同，报文无法区分",
                          "the code %s differs from %s in capitals only, which messages do not tell apart",
                          code, other);
        }
    }
}

const struct party_index *party_index_new(const struct party_loader *loader) {
    require(loader->count <= PARTIES_MAX);
    struct party_index *index = arena_alloc(loader->arena, sizeof(*index));
    size_t certificates = 0, ids = 0;
    for (size_t i = 0; i < loader->count; i++) {
        certificates += loader->list[i].certificates.count;
        ids += loader->list[i].ids.count;
    }
    *index = (struct party_index){
        .codes = index_new(loader, loader->count),
        .certificates = index_new(loader, certificates),
        .ids = index_new(loader, ids),
        .transports = loader->transports,
    };
    for (size_t i = 0; i < loader->count; i++) {
        const struct party *party = &loader->list[i];
        hold(&index->codes, party->code, i);
        hold_all(&index->certificates, party->certificates, i);
        hold_all(&index->ids, party->ids, i);
    }
    sort_and_check(loader, &index->codes, "代码", "code");
    check_capitals(loader);
    sort_and_check(loader, &index->certificates, "证书", "certificate");
    index_stanzas(loader, index);
    qsort(index->ids.holders, index->ids.count, sizeof(*index->ids.holders), order_of);
    check_prefixes(loader, &index->ids);
    return index;
}

/* --- asking --------------------------------------------------------------------------------------------- */

static const struct party *party_at(const struct parties *parties, const struct holder *holder) {
    return holder ? &parties->list[holder->party] : NULL;
}

const struct party *parties_find(const struct parties *parties, struct text code) {
    return parties->index ? party_at(parties, find_holder(&parties->index->codes, code)) : NULL;
}

const struct party *parties_of_certificate(const struct parties *parties, struct text common_name) {
    return parties->index ? party_at(parties, find_holder(&parties->index->certificates, common_name)) : NULL;
}

const struct party *parties_of_id(const struct parties *parties, struct text id) {
    const struct holder *holder = NULL;
    for (size_t length = PARTY_ID_PREFIX_MIN; parties->index && !holder && length <= id.length; length++) {
        holder = find_holder(&parties->index->ids, (struct text){ id.at, length });
    }
    return party_at(parties, holder);
}

const struct party *parties_holder(const struct parties *parties, const char *transport, const char *key,
                                   struct text value) {
    const struct party_index *index = parties->index;
    size_t place = 0;
    for (size_t i = 0; index && i < party_transports_count(index->transports); i++) {
        const struct party_transport *at = index->transports[i];
        for (size_t k = 0; k < party_keys_count(at); k++, place++) {
            if (strcmp(at->name, transport) == 0 && strcmp(at->keys[k].name, key) == 0) {
                return party_at(parties, find_holder(&index->own[place], value));
            }
        }
    }
    return NULL;
}
