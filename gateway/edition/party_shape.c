/*
 * party_shape.c - the shape of a parties file as libcyaml is told it: unknown keys, wrong types and limits
 * are for libcyaml to find. All keys of all stanzas stand in one array of the raw party, one behind the
 * other.
 */
#include <string.h>

#include "base/status.h"
#include "edition/party_inside.h"

#define TEXT_LENGTH_MAX        200
#define CERTIFICATE_LENGTH_MAX (8u << 10) /* in Base64, as public_key_of_base64() takes it */

static const cyaml_schema_value_t string_schema = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1,
                                                                       TEXT_LENGTH_MAX) };

static const cyaml_schema_value_t certificate_schema = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1,
                                                                            CERTIFICATE_LENGTH_MAX) };

#define STRING(key, structure, member, flags) \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 1, TEXT_LENGTH_MAX)
/* clang-format off */
#define LIST_OF(schema, key, structure, member, flags)                                                    \
    CYAML_FIELD_SEQUENCE_COUNT(key, CYAML_FLAG_POINTER | (flags), structure, member.items, member.items_count, \
                               schema, 1, PARTY_LIST_MAX)
#define LIST(key, structure, member, flags) LIST_OF(&string_schema, key, structure, member, flags)
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
    LIST_OF(&certificate_schema, "signs", struct raw_party, signs, OPTIONAL),
    GROUP("deliver", deliver, OPTIONAL, deliver_fields),
    CYAML_FIELD_ENUM("blocked", OPTIONAL | CYAML_FLAG_STRICT, struct raw_party, blocked, flags, 2),
};
#define OWN_FIELDS (sizeof(own_fields) / sizeof(*own_fields))

static const cyaml_schema_field_t fields_end = CYAML_FIELD_END;

size_t party_keys_count(const struct party_transport *transport) {
    size_t count = 0;
    while (transport->keys && transport->keys[count].name) {
        count++;
    }
    return count;
}

size_t party_transports_count(const struct party_transport *const *transports) {
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
    size_t count = party_keys_count(transport);
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
struct file_shape {
    cyaml_schema_value_t file, party;
    cyaml_schema_field_t file_fields[2];
};

const cyaml_schema_value_t *party_shape(const struct party_transport *const *transports,
                                        struct arena *arena) {
    struct file_shape *shape = arena_alloc(arena, sizeof(*shape));
    size_t count = OWN_FIELDS, keys = 0, all = party_transports_count(transports);
    cyaml_schema_field_t *fields = arena_alloc(arena, (OWN_FIELDS + all + 1) * sizeof(*fields));
    memcpy(fields, own_fields, sizeof(own_fields));
    for (size_t i = 0; i < all; i++) {
        if (transports[i]->keys) {
            fields[count++] = stanza_field(transports[i], keys, arena);
            keys += party_keys_count(transports[i]);
            require(keys <= PARTY_KEYS_MAX);
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
