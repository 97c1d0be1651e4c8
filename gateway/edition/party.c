/*
 * party.c - libcyaml reads the shape (unknown keys, wrong types, limits); what it cannot know is checked
 * here, row by row, through indexes (who has this code, certificate, beginning of ids, and each value that a
 * transport says is one party's own). libcyaml keeps no positions of values, so a mistake found here is
 * looked up in the source: in the row's own lines.
 *
 * The shape is made for each load: our own fields, and a group for the stanza of each transport. All keys of
 * all stanzas stand in one array of the raw party, one behind the other.
 */
#include "edition/party.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/status.h"
#include "message/identifiers.h"
#include "message/mistakes.h"
#include "edition/yaml_mistakes.h"

#define TEXT_LENGTH_MAX 200
#define CODE_LENGTH_MAX 32
#define KEYS_MAX        32 /* of all stanzas together */

/* --- the shape, as libcyaml sees it --------------------------------------------------------------------- */

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
    struct raw_list roles, declares, reports, serves, ids, certificates;
    struct raw_key keys[KEYS_MAX];
    struct {
        char *transport, *to;
    } deliver;
    int32_t blocked;
};

struct raw_file {
    struct raw_party *parties;
    uint32_t parties_count;
};

static const cyaml_schema_value_t string_schema = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1,
                                                                       TEXT_LENGTH_MAX) };

#define STRING(key, structure, member, flags) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 1, TEXT_LENGTH_MAX)
/* clang-format off */
#define LIST(key, structure, member, flags)                                                               \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | (flags), structure, member.items, member.items_count, \
                               &string_schema, 1, PARTY_LIST_MAX)
/* clang-format on */
#define GROUP(key, member, flags, fields) CYAML_FIELD_MAPPING(key, flags, struct raw_party, member, fields)
#define REQUIRED                          CYAML_FLAG_DEFAULT
#define OPTIONAL                          CYAML_FLAG_OPTIONAL

static const cyaml_schema_field_t name_fields[] = {
    STRING("zh", __typeof__(((struct raw_party *)0)->name), zh, REQUIRED),
    STRING("en", __typeof__(((struct raw_party *)0)->name), en, REQUIRED),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t deliver_fields[] = {
    STRING("transport", __typeof__(((struct raw_party *)0)->deliver), transport, REQUIRED),
    STRING("to", __typeof__(((struct raw_party *)0)->deliver), to, OPTIONAL),
    CYAML_FIELD_END,
};

/* libcyaml's own flags take every misspelt `false` for true. */
static const cyaml_strval_t flags[] = { { .str = "false", .val = 0 }, { .str = "true", .val = 1 } };

static const cyaml_schema_field_t own_fields[] = {
    STRING("code", struct raw_party, code, REQUIRED),
    GROUP("name", name, REQUIRED, name_fields),
    LIST("roles", struct raw_party, roles, REQUIRED),
    LIST("declares", struct raw_party, declares, OPTIONAL),
    LIST("reports", struct raw_party, reports, OPTIONAL),
    LIST("serves", struct raw_party, serves, OPTIONAL),
    LIST("ids", struct raw_party, ids, OPTIONAL),
    LIST("certificates", struct raw_party, certificates, OPTIONAL),
    GROUP("deliver", deliver, OPTIONAL, deliver_fields),
    CYAML_FIELD_ENUM("blocked", OPTIONAL | CYAML_FLAG_STRICT, struct raw_party, blocked, flags, 2),
};
#define OWN_FIELDS (sizeof(own_fields) / sizeof(*own_fields))

static const cyaml_schema_field_t fields_end = CYAML_FIELD_END;

static size_t count_keys(const struct party_transport *transport) {
    size_t count = 0;
    while (transport->keys && transport->keys[count].name) {
        count++;
    }
    return count;
}

static size_t count_transports(const struct party_transport *const *transports) {
    size_t count = 0;
    while (transports && transports[count]) {
        count++;
    }
    return count;
}

/* The n-th key of a stanza, whose group begins with its first. */
static cyaml_schema_field_t key_field(const struct party_key *key, size_t n) {
    unsigned flag = key->optional ? OPTIONAL : REQUIRED;
    cyaml_schema_field_t text = STRING(key->name, struct raw_key, text, flag);
    cyaml_schema_field_t list = LIST(key->name, struct raw_key, list, flag);
    cyaml_schema_field_t field = key->list ? list : text;
    field.data_offset += (uint32_t)(n * sizeof(struct raw_key));
    field.count_offset += (uint32_t)(n * sizeof(struct raw_key));
    return field;
}

/* first: where the stanza's keys begin among all. */
static cyaml_schema_field_t stanza_field(const struct party_transport *transport, size_t first,
                                         struct arena *arena) {
    size_t count = count_keys(transport);
    cyaml_schema_field_t *fields = arena_alloc(arena, (count + 1) * sizeof(*fields));
    for (size_t i = 0; i < count; i++) {
        fields[i] = key_field(&transport->keys[i], i);
    }
    fields[count] = fields_end;
    return (cyaml_schema_field_t){
        .key = transport->name,
        .data_offset = (uint32_t)(offsetof(struct raw_party, keys) + first * sizeof(struct raw_key)),
        .value = { .type = CYAML_MAPPING,
                   .flags = OPTIONAL,
                   .data_size = (uint32_t)(count * sizeof(struct raw_key)),
                   .mapping = { .fields = fields } },
    };
}

/* What libcyaml is told about the file. */
struct shape {
    cyaml_schema_value_t file, party;
    cyaml_schema_field_t file_fields[2];
};

static const cyaml_schema_value_t *shape_of(const struct party_transport *const *transports,
                                            struct arena *arena) {
    struct shape *shape = arena_alloc(arena, sizeof(*shape));
    size_t count = OWN_FIELDS, keys = 0, all = count_transports(transports);
    cyaml_schema_field_t *fields = arena_alloc(arena, (OWN_FIELDS + all + 1) * sizeof(*fields));
    memcpy(fields, own_fields, sizeof(own_fields));
    for (size_t i = 0; i < all; i++) {
        if (transports[i]->keys) {
            fields[count++] = stanza_field(transports[i], keys, arena);
            keys += count_keys(transports[i]);
            require(keys <= KEYS_MAX);
        }
    }
    fields[count] = fields_end;
    shape->party =
        (cyaml_schema_value_t){ CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_party, fields) };
    shape->file_fields[0] = (cyaml_schema_field_t)CYAML_FIELD_SEQUENCE(
        "parties", CYAML_FLAG_POINTER, struct raw_file, parties, &shape->party, 0, PARTIES_MAX);
    shape->file_fields[1] = fields_end;
    shape->file = (cyaml_schema_value_t){ CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw_file,
                                                              shape->file_fields) };
    return &shape->file;
}

/* cyaml's own would return NULL where the process must end. */
static void *allocate(void *context, void *old, size_t size) {
    if (size == 0) {
        free(old);
        return NULL;
    }
    return memory_grow(old, size, 1);
}

/* --- where a word of a row stands ----------------------------------------------------------------------- */

/* Rows are told by the dash at the column of the first dash; in flow style there are none. */
static size_t find_rows(struct text source, const char **rows, size_t max) {
    size_t count = 0, depth = 0;
    struct text rest = source;
    while (rest.at && count < max) {
        struct text line = text_until(&rest, '\n');
        size_t blanks = 0;
        while (blanks < line.length && line.at[blanks] == ' ') {
            blanks++;
        }
        bool dash = blanks < line.length && line.at[blanks] == '-'
                    && (blanks + 1 == line.length || line.at[blanks + 1] == ' ');
        if (dash && (count == 0 || blanks == depth)) {
            depth = blanks;
            rows[count++] = line.at + blanks;
        }
    }
    return count;
}

static bool is_word_byte(char c) {
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.' || c == '/' || (c & 0x80);
}

static const char *find_word(const char *from, const char *end, struct text word) {
    for (const char *at = from; word.length && at && (size_t)(end - at) >= word.length; at++) {
        at = memmem(at, (size_t)(end - at), word.at, word.length);
        bool begins = at && (at == from || !is_word_byte(at[-1]));
        bool ends =
            at && (at + word.length == end || at[word.length] == '/' || !is_word_byte(at[word.length]));
        if (!at || (begins && ends)) {
            return at;
        }
    }
    return NULL;
}

/* --- checking ------------------------------------------------------------------------------------------- */

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
    struct index own[KEYS_MAX]; /* of each key of each stanza; empty where any row may have the value */
};

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

static struct place place_of(const struct party_loader *loader, size_t party, const char *word) {
    const char *end = loader->source.at + loader->source.length, *from = loader->source.at;
    if (party < loader->rows_count) {
        from = loader->rows[party];
        end = party + 1 < loader->rows_count ? loader->rows[party + 1] : end;
    }
    const char *found = find_word(from, end, text_of(word));
    const char *at = found ? found : from;
    struct place place = { .line = 1,
                           .column = 1,
                           .length = found ? (uint32_t)strlen(word) : 1,
                           .offset = (uint64_t)(at - loader->source.at) };
    const char *line = loader->source.at;
    for (const char *c = line; c < at; c++) {
        if (*c == '\n') {
            place.line++;
            line = c + 1;
        }
    }
    place.column += (uint32_t)text_characters((struct text){ line, (size_t)(at - line) });
    return place;
}

#define MISTAKE(loader, party, word, meant, ...) \
    mistakes_at(&(loader)->mistakes, place_of(loader, party, word), meant, __VA_ARGS__)

static bool has_shape(const char *word, size_t max, const char *signs) {
    size_t length = strlen(word);
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)word[i]) && !strchr(signs, word[i])) {
            return false;
        }
    }
    return length > 0 && length <= max;
}

/* Codes are names of folders, topics and subjects too: no separators, no leading dot. */
static void check_code(const struct party_loader *loader, size_t i, const struct party *party) {
    if (!has_shape(party->code, CODE_LENGTH_MAX, "-_.") || party->code[0] == '.') {
        MISTAKE(loader, i, party->code, NULL,
                "参与方代码 %s 须为字母、数字、-、_、. ，不以点开头，不超过 %d 字节",
                "the party code %s must have letters, digits, - _ . only,"
                " not begin with a dot, and have at most %d bytes",
                party->code, CODE_LENGTH_MAX);
    }
}

static void check_roles(const struct party_loader *loader, size_t i, const struct party *party) {
    static const char *const known[] = {
#define X(name, text, zh, en) text,
        ROLE_LIST(X)
#undef X
    };
    for (size_t role = 0; role < party->roles.count; role++) {
        struct nearest nearest;
        nearest_start(&nearest, text_of(party->roles.items[role]));
        bool found = false;
        for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
            found = found || strcmp(known[k], party->roles.items[role]) == 0;
            nearest_try(&nearest, known[k]);
        }
        if (!found) {
            MISTAKE(loader, i, party->roles.items[role], nearest_found(&nearest), "没有角色 %s",
                    "there is no role %s", party->roles.items[role]);
        }
    }
}

static void check_ids(const struct party_loader *loader, size_t i, const struct party *party) {
    for (size_t id = 0; id < party->ids.count; id++) {
        const char *prefix = party->ids.items[id];
        if (strlen(prefix) < PARTY_ID_PREFIX_MIN || !has_shape(prefix, strlen(prefix), "-_./")) {
            MISTAKE(loader, i, prefix, NULL, "编号前缀 %s 须为至少 %d 个字母、数字或 - _ . /",
                    "the beginning of ids %s must be at least %d letters, digits or - _ . /", prefix,
                    PARTY_ID_PREFIX_MIN);
        }
    }
}

void party_mistake(const struct party_row *row, const char *word, const char *zh, const char *en) {
    const struct party_loader *loader = row->loader;
    mistakes_add(&loader->mistakes, place_of(loader, (size_t)(row->party - loader->list), word), NULL, zh,
                 en);
}

static void check_transport(const struct party_loader *loader, size_t i, const struct party *party) {
    struct nearest nearest;
    nearest_start(&nearest, text_of(party->transport));
    for (size_t k = 0; k < count_transports(loader->transports); k++) {
        const struct party_transport *transport = loader->transports[k];
        if (!transport->delivers) {
            continue;
        }
        if (strcmp(transport->name, party->transport) == 0) {
            const char *lacks =
                transport->to.name && !*party->address ? transport->to.name
                : !transport->to.name && transport->keys && !party_stanza(party, transport->name)
                    ? transport->name
                    : NULL;
            if (lacks) {
                MISTAKE(loader, i, party->transport, NULL, "传输方式 %s 还需要 %s",
                        "the transport %s also needs %s", party->transport, lacks);
            }
            return;
        }
        nearest_try(&nearest, transport->name);
    }
    if (*party->transport) {
        MISTAKE(loader, i, party->transport, nearest_found(&nearest), "没有传输方式 %s",
                "there is no transport %s", party->transport);
    }
}

/* --- who has what --------------------------------------------------------------------------------------- */

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
            mistakes_add(&loader->mistakes, place_of(loader, second->party, word), NULL,
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
    for (size_t i = 0; i < count_transports(loader->transports); i++) {
        const struct party_transport *transport = loader->transports[i];
        for (size_t k = 0; k < count_keys(transport); k++, place++) {
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
                MISTAKE(loader, second->party, word, NULL,
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
            MISTAKE(loader, second->party, code, NULL, "代码 %s 与 %s 仅大小写不同，报文无法区分",
                    "the code %s differs from %s in capitals only, which messages do not tell apart", code,
                    other);
        }
    }
}

static const struct party_index *make_index(const struct party_loader *loader) {
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

/* --- loading -------------------------------------------------------------------------------------------- */

static const char *take_string(const struct party_loader *loader, const char *raw) {
    return raw ? arena_string(loader->arena, raw) : "";
}

static struct party_list take_list(const struct party_loader *loader, struct raw_list raw) {
    const char **items =
        raw.items_count ? arena_alloc(loader->arena, raw.items_count * sizeof(*items)) : NULL;
    for (uint32_t i = 0; i < raw.items_count; i++) {
        items[i] = arena_string(loader->arena, raw.items[i]);
    }
    return (struct party_list){ items, raw.items_count };
}

/* Numbers that messages carry: in the form that the binding gives them there. */
static struct party_list take_numbers(const struct party_loader *loader, struct raw_list raw) {
    const char **items =
        raw.items_count ? arena_alloc(loader->arena, raw.items_count * sizeof(*items)) : NULL;
    for (uint32_t i = 0; i < raw.items_count; i++) {
        struct text number = identifier_canonical(IDENTIFIER_CAPITALS, text_of(raw.items[i]), loader->arena);
        items[i] = arena_copy(loader->arena, number);
    }
    return (struct party_list){ items, raw.items_count };
}

static struct party_list take_key(const struct party_loader *loader, const struct party_key *key,
                                  const struct raw_key *raw) {
    struct raw_list one = { (char **)&raw->text, raw->text ? 1 : 0 };
    struct party_list list = take_list(loader, key->list ? raw->list : one);
    const char **items = (const char **)list.items; /* ours, just made */
    for (size_t i = 0; key->normal && i < list.count; i++) {
        items[i] = key->normal(items[i], loader->arena);
    }
    return list;
}

/* A stanza with nothing in it is one that the row has not. */
static size_t take_stanzas(const struct party_loader *loader, const struct raw_party *raw,
                           struct party_stanza *stanzas) {
    const struct raw_key *at = raw->keys;
    size_t count = 0;
    for (size_t i = 0; i < count_transports(loader->transports); i++) {
        const struct party_transport *transport = loader->transports[i];
        size_t keys = count_keys(transport), given = 0;
        struct party_list *values = arena_alloc(loader->arena, (keys + 1) * sizeof(*values));
        for (size_t k = 0; k < keys; k++) {
            values[k] = take_key(loader, &transport->keys[k], &at[k]);
            given += values[k].count > 0;
        }
        if (given > 0) {
            stanzas[count++] = (struct party_stanza){ transport, values };
        }
        at += keys;
    }
    return count;
}

/* What the transports have to say of the rows. */
static void check_stanzas(const struct party_loader *loader, const struct parties *parties) {
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        struct party_row row = { parties, party, loader->arena, loader };
        for (size_t k = 0; k < party->stanzas_count; k++) {
            const struct party_stanza *stanza = &party->stanzas[k];
            if (stanza->transport->check) {
                stanza->transport->check(&row, stanza);
            }
        }
    }
}

static struct party take_party(const struct party_loader *loader, const struct raw_party *raw) {
    struct party_stanza *stanzas =
        arena_alloc(loader->arena, (count_transports(loader->transports) + 1) * sizeof(*stanzas));
    return (struct party){
        .code = take_string(loader, raw->code),
        .zh = take_string(loader, raw->name.zh),
        .en = take_string(loader, raw->name.en),
        .roles = take_list(loader, raw->roles),
        .declares = take_numbers(loader, raw->declares),
        .reports = take_numbers(loader, raw->reports),
        .serves = take_list(loader, raw->serves),
        .ids = take_list(loader, raw->ids),
        .certificates = take_list(loader, raw->certificates),
        .stanzas = stanzas,
        .stanzas_count = take_stanzas(loader, raw, stanzas),
        .transport = take_string(loader, raw->deliver.transport),
        .address = take_string(loader, raw->deliver.to),
        .blocked = raw->blocked != 0,
    };
}

static struct parties *take_all(struct party_loader *loader, const struct raw_file *raw) {
    loader->count = raw->parties_count;
    loader->list = arena_alloc(loader->arena, (loader->count + 1) * sizeof(*loader->list));
    loader->rows = arena_alloc(loader->arena, (loader->count + 1) * sizeof(*loader->rows));
    loader->rows_count = find_rows(loader->source, loader->rows, loader->count);
    for (size_t i = 0; i < loader->count; i++) {
        struct party *party = &loader->list[i];
        *party = take_party(loader, &raw->parties[i]);
        check_code(loader, i, party);
        check_roles(loader, i, party);
        check_ids(loader, i, party);
        check_transport(loader, i, party);
    }
    struct parties *parties = arena_alloc(loader->arena, sizeof(*parties));
    *parties = (struct parties){ loader->list, loader->count, make_index(loader) };
    check_stanzas(loader, parties);
    return parties;
}

struct parties *parties_load(struct text source, const char *file,
                             const struct party_transport *const *transports, struct arena *arena,
                             struct verdict *mistakes) {
    require(arena && mistakes);
    struct party_loader loader = { .source = source,
                                   .transports = transports,
                                   .arena = arena,
                                   .mistakes = { mistakes, "LINT-PARTY", file } };
    struct raw_file *raw = NULL;
    struct parties *parties = NULL;
    const cyaml_schema_value_t *shape = shape_of(transports, arena);
    cyaml_config_t config = yaml_mistakes_config(source, shape, file, "LINT-PARTY", arena, mistakes);
    config.mem_fn = allocate;
    config.flags |= CYAML_CFG_NO_ALIAS;
    size_t errors_before = mistakes->errors;
    cyaml_err_t error = cyaml_load_data((const uint8_t *)source.at, source.length, &config, shape,
                                        (cyaml_data_t **)&raw, NULL);
    yaml_mistakes_done(&config);
    if (error != CYAML_OK && mistakes->errors == errors_before) {
        mistakes_at(&loader.mistakes, mistake_place(1, 1, TEXT("")), NULL, "YAML 无法读取：%s",
                    "YAML cannot be read: %s", cyaml_strerror(error));
    } else if (error == CYAML_OK && !raw) {
        mistakes_at(&loader.mistakes, mistake_place(1, 1, TEXT("")), NULL, "缺少 parties: 列表",
                    "a list is missing: parties:");
    } else if (error == CYAML_OK) {
        parties = take_all(&loader, raw);
        cyaml_free(&config, shape, raw, 0);
    }
    return parties;
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
    for (size_t i = 0; index && i < count_transports(index->transports); i++) {
        const struct party_transport *at = index->transports[i];
        for (size_t k = 0; k < count_keys(at); k++, place++) {
            if (strcmp(at->name, transport) == 0 && strcmp(at->keys[k].name, key) == 0) {
                return party_at(parties, find_holder(&index->own[place], value));
            }
        }
    }
    return NULL;
}

const struct party_stanza *party_stanza(const struct party *party, const char *transport) {
    for (size_t i = 0; i < party->stanzas_count; i++) {
        if (strcmp(party->stanzas[i].transport->name, transport) == 0) {
            return &party->stanzas[i];
        }
    }
    return NULL;
}

struct party_list stanza_list(const struct party_stanza *stanza, const char *key) {
    for (size_t i = 0; stanza && stanza->transport->keys[i].name; i++) {
        if (strcmp(stanza->transport->keys[i].name, key) == 0) {
            return stanza->values[i];
        }
    }
    require(!stanza); /* a key that the transport has not laid down */
    return (struct party_list){ NULL, 0 };
}

const char *stanza_text(const struct party_stanza *stanza, const char *key) {
    struct party_list list = stanza_list(stanza, key);
    return list.count > 0 ? list.items[0] : "";
}

bool party_list_has(struct party_list list, struct text item) {
    for (size_t i = 0; i < list.count; i++) {
        if (strcmp(list.items[i], "*") == 0 || text_is(item, list.items[i])) {
            return true;
        }
    }
    return false;
}

bool party_is_called(const struct party *party, struct text value) {
    return strlen(party->code) == value.length && strncasecmp(party->code, value.at, value.length) == 0;
}

bool party_has_role(const struct party *party, const char *role) {
    for (size_t i = 0; i < party->roles.count; i++) {
        if (strcmp(party->roles.items[i], role) == 0) {
            return true;
        }
    }
    return false;
}

const char *party_first_role(const struct party *party, const char *const *roles, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (party_has_role(party, roles[i])) {
            return roles[i];
        }
    }
    return NULL;
}
