/*
 * party.c - a parties file is read by its shape (party_shape.c); what that cannot know is checked here, row
 * by row, and through the index (party_index.c). libcyaml keeps no positions of values, so a mistake found
 * here is looked up in the source: in the row's own lines.
 */
#include "edition/party.h"

#include <ctype.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/public_key.h"
#include "base/memory.h"
#include "base/status.h"
#include "message/identifiers.h"
#include "edition/party_inside.h"

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

struct place party_place(const struct party_loader *loader, size_t party, const char *word) {
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

/* --- checking ------------------------------------------------------------------------------------------- */

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
    if (!has_shape(party->code, PARTY_CODE_MAX, "-_.") || party->code[0] == '.') {
        PARTY_MISTAKE(loader, i, party->code, NULL,
                      "参与方代码 %s 须为字母、数字、-、_、. ，不以点开头，不超过 %d 字节",
                      "the party code %s must have letters, digits, - _ . only,"
                      " not begin with a dot, and have at most %d bytes",
                      party->code, PARTY_CODE_MAX);
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
            PARTY_MISTAKE(loader, i, party->roles.items[role], nearest_found(&nearest), "没有角色 %s",
                          "there is no role %s", party->roles.items[role]);
        }
    }
}

static void check_ids(const struct party_loader *loader, size_t i, const struct party *party) {
    for (size_t id = 0; id < party->ids.count; id++) {
        const char *prefix = party->ids.items[id];
        if (strlen(prefix) < PARTY_ID_PREFIX_MIN || !has_shape(prefix, strlen(prefix), "-_./")) {
            PARTY_MISTAKE(loader, i, prefix, NULL, "编号前缀 %s 须为至少 %d 个字母、数字或 - _ . /",
                          "the beginning of ids %s must be at least %d letters, digits or - _ . /", prefix,
                          PARTY_ID_PREFIX_MIN);
        }
    }
}

static void check_signs(const struct party_loader *loader, size_t i, const struct party *party) {
    for (size_t row = 0; row < party->signs.count; row++) {
        struct public_key *key = public_key_of_base64(text_of(party->signs.items[row]));
        if (!key) {
            PARTY_MISTAKE(
                loader, i, "signs", NULL, "第 %zu 个签名证书无法读取，或其密钥不是 RSA（2048 位以上）或 SM2",
                "certificate %zu under signs cannot be read, or its key is neither RSA of 2048 bits and "
                "more nor SM2",
                row + 1);
        }
        public_key_free(key);
    }
}

void party_mistake(const struct party_row *row, const char *word, const char *zh, const char *en) {
    require(row->party >= row->loader->list);
    const struct party_loader *loader = row->loader;
    mistakes_add(&loader->mistakes, party_place(loader, (size_t)(row->party - loader->list), word), NULL, zh,
                 en);
}

static void check_transport(const struct party_loader *loader, size_t i, const struct party *party) {
    struct nearest nearest;
    nearest_start(&nearest, text_of(party->transport));
    for (size_t k = 0; k < party_transports_count(loader->transports); k++) {
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
                PARTY_MISTAKE(loader, i, party->transport, NULL, "传输方式 %s 还需要 %s",
                              "the transport %s also needs %s", party->transport, lacks);
            }
            return;
        }
        nearest_try(&nearest, transport->name);
    }
    if (*party->transport) {
        PARTY_MISTAKE(loader, i, party->transport, nearest_found(&nearest), "没有传输方式 %s",
                      "there is no transport %s", party->transport);
    }
}

/* --- loading -------------------------------------------------------------------------------------------- */

/* cyaml's own would return NULL where the process must end. It asks for a list anew with each row, and each
 * time may mean a copy of all rows before: what is longer than a page gets room for half as much again. */
static void *allocate(void *context, void *old, size_t size) {
    if (size == 0) {
        free(old);
        return NULL;
    }
    if (old && malloc_usable_size(old) >= size) {
        return old;
    }
    return memory_grow(old, size < 4096 ? size : size + size / 2, 1);
}

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
    for (size_t i = 0; i < party_transports_count(loader->transports); i++) {
        const struct party_transport *transport = loader->transports[i];
        size_t keys = party_keys_count(transport), given = 0;
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
        arena_alloc(loader->arena, (party_transports_count(loader->transports) + 1) * sizeof(*stanzas));
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
        .signs = take_list(loader, raw->signs),
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
        check_signs(loader, i, party);
        check_transport(loader, i, party);
    }
    struct parties *parties = arena_alloc(loader->arena, sizeof(*parties));
    *parties = (struct parties){ loader->list, loader->count, party_index_new(loader) };
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
    const cyaml_schema_value_t *shape = party_shape(transports, arena);
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

/* --- asking of a party ---------------------------------------------------------------------------------- */

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

bool party_list_equal(struct party_list a, struct party_list b) {
    bool same = a.count == b.count;
    for (size_t i = 0; same && i < a.count; i++) {
        same = strcmp(a.items[i], b.items[i]) == 0;
    }
    return same;
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

const char *role_name(const char *role, enum language language) {
    static const struct {
        const char *role, *zh, *en;
    } names[] = {
#define X(name, text, zh, en) { text, zh, en },
        ROLE_LIST(X)
#undef X
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strcmp(names[i].role, role) == 0) {
            return language_pick(language, names[i].zh, names[i].en);
        }
    }
    return role;
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
