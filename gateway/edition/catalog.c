/*
 * catalog.c - a block of schemas/catalog for each format; two that nothing tells apart are found when all are
 * read.
 */
#include "edition/catalog.h"

#include <string.h>

#include "message/receipt.h"
#include "edition/block.h"

/* --- one reader per shape of key ------------------------------------------------------------------------ */

static bool read_name(struct block *block, const char **out) {
    if (block->line->count != 2) {
        return false;
    }
    *out = block_word(block, 1);
    return true;
}

#define READ_NAME(key)                                                 \
    static bool read_##key(struct block *block) {                      \
        return read_name(block, &((struct format *)block->open)->key); \
    }
READ_NAME(family)
READ_NAME(root)
READ_NAME(schema)
READ_NAME(binding)
READ_NAME(dropin)

static bool read_official(struct block *block) {
    struct format *format = block->open;
    if (block->line->count != 3) {
        return false;
    }
    format->official_folder = block_word(block, 1);
    format->official = block_word(block, 2);
    return true;
}

static bool read_namespace(struct block *block) {
    struct format *format = block->open;
    format->namespace_optional = block_is(block, 2, "optional");
    if (block->line->count != (format->namespace_optional ? 3u : 2u)) {
        return false;
    }
    format->namespace = block_word(block, 1);
    return true;
}

/* One with a value in every message of the format. */
static const struct field *message_field(struct block *block, size_t word, bool single) {
    const struct field *field = block_field(block, word);
    if (field && ((single && field->group >= 0) || field->type == FIELD_GROUP || field->known)) {
        BLOCK_MISTAKE(block, mistake_word(block->line, word), NULL,
                      single ? "字段 %s 须来自报文且每份报文只有一个" : "字段 %s 须来自报文",
                      single ? "the field %s must come from the message and stand once in it"
                             : "the field %s must come from the message",
                      field->name);
        return NULL;
    }
    return field;
}

static bool read_id(struct block *block) {
    struct format *format = block->open;
    if (block->line->count != 2) {
        return false;
    }
    format->id = message_field(block, 1, true);
    return true;
}

static bool read_acts_for(struct block *block) {
    struct format *format = block->open;
    if (block->line->count != 3 || !(block_is(block, 2, "declares") || block_is(block, 2, "reports"))) {
        return false;
    }
    format->acts_for = message_field(block, 1, false);
    format->acts_for_list = block_word(block, 2);
    return true;
}

static bool read_senders(struct block *block) {
    struct format *format = block->open;
    size_t count = block->line->count - 1;
    if (count == 0 || count > CATALOG_ROLES_MAX) {
        return false;
    }
    for (size_t i = 1; i <= count; i++) {
        const char *role = block_role(block, i);
        if (role) {
            format->senders[format->senders_count++] = role;
        }
    }
    return true;
}

static bool read_receipt(struct block *block) {
    struct format *format = block->open;
    if (!read_name(block, &format->receipt)) {
        return false;
    }
    if (!receipt_has_form(format->receipt)) {
        BLOCK_MISTAKE(block, mistake_word(block->line, 1), NULL, "没有回执形式 %s",
                      "there is no receipt form %s", format->receipt);
    }
    return true;
}

static bool read_valid(struct block *block) {
    struct format *format = block->open;
    return block->line->count > 1 && block_days(block, 1, &format->from_day, &format->until_day)
           && format->from_day < format->until_day;
}

static bool read_where(struct block *block) {
    struct format *format = block->open;
    if (block->line->count != 4 || !block_is(block, 2, "=")) {
        return false;
    }
    format->marker_path = block_word(block, 1);
    format->marker_text = block_word(block, 3);
    return true;
}

static bool read_tolerant(struct block *block) {
    struct format *format = block->open;
    format->tolerant = block_is(block, 1, "yes");
    return block->line->count == 2 && format->tolerant;
}

static bool read_signature(struct block *block) {
    struct format *format = block->open;
    format->is_signed = block_is(block, 1, "enveloped");
    return block->line->count == 2 && format->is_signed;
}

static bool read_format(struct block *block) {
    struct catalog *catalog = block->whole;
    if (block->line->count != 2) {
        return block_wrong(block, 0);
    }
    if (catalog_find(catalog, block->line->words[1].text)) {
        block_twice(block, 1);
    } else if (!block_full(block, catalog->count, CATALOG_FORMATS_MAX)) {
        struct format *format = block->open = &catalog->formats[catalog->count++];
        *format = (struct format){
            .name = block_word(block, 1),
            .family = "",
            .root = "",
            .namespace = "",
            .schema = "",
            .binding = "",
            .receipt = "",
            .dropin = "",
            .official_folder = "",
            .official = "",
            .marker_path = "",
            .marker_text = "",
            .acts_for_list = "",
            .from_day = INT32_MIN,
            .until_day = INT32_MAX,
            .line = block->line->number,
        };
    }
    return true;
}

/* clang-format off */
#define EXPECTED(text) text, text
static const struct block_key keys[] = {
    { "family",    BLOCK_NEEDED, read_family,    EXPECTED("NAME"), NULL, NULL },
    { "root",      BLOCK_NEEDED, read_root,      EXPECTED("ELEMENT"), NULL, NULL },
    { "namespace", BLOCK_ONCE,   read_namespace, EXPECTED("URI [optional]"), NULL, NULL },
    { "schema",    BLOCK_NEEDED, read_schema,    EXPECTED("FILE"), NULL, NULL },
    { "binding",   BLOCK_NEEDED, read_binding,   EXPECTED("FILE"), NULL, NULL },
    { "id",        BLOCK_ONCE,   read_id,        EXPECTED("FIELD"), NULL, NULL },
    { "acts-for",  BLOCK_ONCE,   read_acts_for,  EXPECTED("FIELD declares|reports"), NULL, NULL },
    { "senders",   BLOCK_ONCE,   read_senders,   EXPECTED("ROLE ..."), NULL, NULL },
    { "receipt",   BLOCK_ONCE,   read_receipt,   EXPECTED("FORM"), NULL, NULL },
    { "valid",     BLOCK_ONCE,   read_valid,     EXPECTED("from YYYY-MM-DD until YYYY-MM-DD"), NULL, NULL },
    { "dropin",    BLOCK_ONCE,   read_dropin,    EXPECTED("NAME"), NULL, NULL },
    { "official",  BLOCK_ONCE,   read_official,  EXPECTED("NAME FILE"), NULL, NULL },
    { "where",     BLOCK_ONCE,   read_where,     EXPECTED("PATH = TEXT"), NULL, NULL },
    { "signature", BLOCK_ONCE,   read_signature, EXPECTED("enveloped"), NULL, NULL },
    { "tolerant",  BLOCK_ONCE,   read_tolerant,  EXPECTED("yes"), NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "format", BLOCK_MANY, read_format, EXPECTED("NAME"), keys, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

/* --- all formats together ------------------------------------------------------------------------------- */

/* Could one message of one day be both? */
static bool collide(const struct format *a, const struct format *b) {
    bool same_name = strcmp(a->root, b->root) == 0;
    bool same_space =
        strcmp(a->namespace, b->namespace) == 0 || (a->namespace_optional && b->namespace_optional)
        || (a->namespace_optional && !*b->namespace) || (b->namespace_optional && !*a->namespace);
    bool told_apart = *a->marker_path && strcmp(a->marker_path, b->marker_path) == 0
                      && strcmp(a->marker_text, b->marker_text) != 0;
    bool same_days = a->from_day < b->until_day && b->from_day < a->until_day;
    return same_name && same_space && same_days && !told_apart;
}

static void find_collisions(const struct block *block) {
    const struct catalog *catalog = block->whole;
    for (size_t i = 1; i < catalog->count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct format *format = &catalog->formats[i], *before = &catalog->formats[j];
            if (*format->root && collide(format, before)) {
                mistakes_at(&block->mistakes, mistake_place(format->line, 1, TEXT("format")), NULL,
                            "格式 %s 与 %s 的根元素、命名空间和有效期相同，无法区分",
                            "the formats %s and %s have the same root, namespace and days:"
                            " nothing tells them apart",
                            format->name, before->name);
            }
        }
    }
}

struct catalog *catalog_load(struct text source, const char *file, const struct fields *fields,
                             struct arena *arena, struct verdict *mistakes) {
    require(fields && arena);
    struct catalog *catalog = arena_alloc(arena, sizeof(*catalog));
    catalog->formats = arena_alloc(arena, CATALOG_FORMATS_MAX * sizeof(*catalog->formats));
    struct block block = {
        .mistakes = { mistakes, "LINT-CATALOG", file }, .arena = arena, .fields = fields, .whole = catalog
    };
    block_read(&block, source, heads);
    find_collisions(&block);
    return catalog;
}

/* --- asking --------------------------------------------------------------------------------------------- */

const struct format *catalog_find(const struct catalog *catalog, struct text name) {
    for (size_t i = 0; i < catalog->count; i++) {
        if (text_is(name, catalog->formats[i].name)) {
            return &catalog->formats[i];
        }
    }
    return NULL;
}

bool catalog_has_family(const struct catalog *catalog, struct text family) {
    for (size_t i = 0; i < catalog->count; i++) {
        if (text_is(family, catalog->formats[i].family)) {
            return true;
        }
    }
    return false;
}

bool families_have(const struct families *families, struct text family) {
    for (size_t i = 0; i < families->count; i++) {
        if (text_equal(families->list[i], family)) {
            return true;
        }
    }
    return false;
}

/* --- families that another text names ------------------------------------------------------------------- */

static void tell_no_family(struct block *block, size_t word, struct text family) {
    struct nearest nearest;
    nearest_start(&nearest, family);
    for (size_t i = 0; i < block->catalog->count; i++) {
        nearest_try(&nearest, block->catalog->formats[i].family);
    }
    BLOCK_MISTAKE(block, mistake_word(block->line, word), nearest_found(&nearest),
                  "没有报文种类 " TEXT_FORMAT, "there is no family " TEXT_FORMAT, TEXT_ARGS(family));
}

void families_read(struct block *block, size_t word, struct families *out) {
    struct text rest = text_of(block_word(block, word));
    *out = (struct families){ .count = 0 };
    while (rest.at) {
        struct text family = text_until(&rest, ',');
        if (!catalog_has_family(block->catalog, family)) {
            tell_no_family(block, word, family);
        } else if (out->count == FAMILIES_MAX) {
            BLOCK_MISTAKE(block, mistake_word(block->line, word), NULL, "报文种类超过 %d 个",
                          "more than %d families", FAMILIES_MAX);
        } else {
            out->list[out->count++] = family;
        }
    }
}
