/*
 * catalog.c - each key of a block is a row of the table below: its name, whether it must stand there, and
 * the function that reads its words into the format.
 */
#include "edition/catalog.h"

#include <string.h>

#include "base/lines.h"
#include "base/stamp.h"
#include "message/mistakes.h"
#include "message/receipt.h"
#include "edition/party.h"

struct loader {
    struct catalog *catalog;
    const struct fields *fields;
    struct arena *arena;
    struct mistakes mistakes;
    const struct line *line;
    struct format *format; /* the block that is open; NULL before the first and after a bad head */
    unsigned keys_seen;    /* one bit for each row of keys[] */
};

static const char *word(const struct loader *loader, size_t i) {
    return arena_copy(loader->arena, loader->line->words[i].text);
}

static bool is(const struct loader *loader, size_t i, const char *expected) {
    return i < loader->line->count && text_is(loader->line->words[i].text, expected);
}

/* --- one reader per shape of key; each is told the words it expects when it says false ------------------ */

static bool read_name(struct loader *loader, const char **target) {
    if (loader->line->count != 2) {
        return false;
    }
    *target = word(loader, 1);
    return true;
}

static bool read_family(struct loader *loader) {
    return read_name(loader, &loader->format->family);
}
static bool read_root(struct loader *loader) {
    return read_name(loader, &loader->format->root);
}
static bool read_schema(struct loader *loader) {
    return read_name(loader, &loader->format->schema);
}
static bool read_binding(struct loader *loader) {
    return read_name(loader, &loader->format->binding);
}
static bool read_dropin(struct loader *loader) {
    return read_name(loader, &loader->format->dropin);
}

static bool read_namespace(struct loader *loader) {
    loader->format->namespace_optional = is(loader, 2, "optional");
    if (loader->line->count != (loader->format->namespace_optional ? 3u : 2u)) {
        return false;
    }
    loader->format->namespace = word(loader, 1);
    return true;
}

static const struct field *read_field(struct loader *loader, size_t i) {
    struct text name = loader->line->words[i].text;
    const struct field *field = fields_find(loader->fields, name);
    if (!field) {
        const struct field *nearest = fields_nearest(loader->fields, name);
        mistakes_at(&loader->mistakes, mistake_word(loader->line, i), nearest ? nearest->name : NULL,
                    "没有字段 " TEXT_FORMAT, "there is no field " TEXT_FORMAT, TEXT_ARGS(name));
    } else if (field->group >= 0 || field->type == FIELD_GROUP || field->known) {
        mistakes_at(&loader->mistakes, mistake_word(loader->line, i), NULL,
                    "字段 %s 须来自报文且每份报文只有一个",
                    "the field %s must come from the message and stand once in it", field->name);
        field = NULL;
    }
    return field;
}

static bool read_id(struct loader *loader) {
    if (loader->line->count != 2) {
        return false;
    }
    loader->format->id = read_field(loader, 1);
    return true;
}

static bool read_acts_for(struct loader *loader) {
    if (loader->line->count != 3 || !(is(loader, 2, "declares") || is(loader, 2, "reports"))) {
        return false;
    }
    loader->format->acts_for = read_field(loader, 1);
    loader->format->acts_for_list = word(loader, 2);
    return true;
}

static bool is_role(const struct loader *loader, size_t i, struct nearest *nearest) {
    static const char *const roles[] = {
#define X(name, text, zh, en) text,
        ROLE_LIST(X)
#undef X
    };
    nearest_start(nearest, loader->line->words[i].text);
    for (size_t role = 0; role < sizeof(roles) / sizeof(roles[0]); role++) {
        if (is(loader, i, roles[role])) {
            return true;
        }
        nearest_try(nearest, roles[role]);
    }
    return false;
}

static bool read_senders(struct loader *loader) {
    size_t count = loader->line->count - 1;
    if (count == 0 || count > CATALOG_ROLES_MAX) {
        return false;
    }
    for (size_t i = 1; i <= count; i++) {
        struct nearest nearest;
        if (is_role(loader, i, &nearest)) {
            loader->format->senders[loader->format->senders_count++] = word(loader, i);
        } else {
            mistakes_at(&loader->mistakes, mistake_word(loader->line, i), nearest_found(&nearest),
                        "没有角色 " TEXT_FORMAT, "there is no role " TEXT_FORMAT,
                        TEXT_ARGS(loader->line->words[i].text));
        }
    }
    return true;
}

static bool read_receipt(struct loader *loader) {
    if (!read_name(loader, &loader->format->receipt)) {
        return false;
    }
    if (!receipt_has_form(loader->format->receipt)) {
        mistakes_at(&loader->mistakes, mistake_word(loader->line, 1), NULL, "没有回执形式 %s",
                    "there is no receipt form %s", loader->format->receipt);
    }
    return true;
}

static bool read_valid(struct loader *loader) {
    struct format *format = loader->format;
    const struct line *line = loader->line;
    for (size_t i = 1; i < line->count; i += 2) {
        int32_t *day = is(loader, i, "from")    ? &format->from_day
                       : is(loader, i, "until") ? &format->until_day
                                                : NULL;
        if (!day || i + 1 == line->count || !day_parse(line->words[i + 1].text, day)) {
            return false;
        }
    }
    return line->count > 1 && format->from_day < format->until_day;
}

static bool read_where(struct loader *loader) {
    if (loader->line->count != 4 || !is(loader, 2, "=")) {
        return false;
    }
    loader->format->marker_path = word(loader, 1);
    loader->format->marker_text = word(loader, 3);
    return true;
}

static bool read_tolerant(struct loader *loader) {
    loader->format->tolerant = is(loader, 1, "yes");
    return loader->line->count == 2 && loader->format->tolerant;
}

/* clang-format off */
static const struct key {
    const char *name; bool required; bool (*read)(struct loader *); const char *expected;
} keys[] = {
    { "family",    true,  read_family,    "NAME" },
    { "root",      true,  read_root,      "ELEMENT" },
    { "namespace", false, read_namespace, "URI [optional]" },
    { "schema",    true,  read_schema,    "FILE" },
    { "binding",   true,  read_binding,   "FILE" },
    { "id",        false, read_id,        "FIELD" },
    { "acts-for",  false, read_acts_for,  "FIELD declares|reports" },
    { "senders",   false, read_senders,   "ROLE ..." },
    { "receipt",   false, read_receipt,   "FORM" },
    { "valid",     false, read_valid,     "from YYYY-MM-DD until YYYY-MM-DD" },
    { "dropin",    false, read_dropin,    "NAME" },
    { "where",     false, read_where,     "PATH = TEXT" },
    { "tolerant",  false, read_tolerant,  "yes" },
};
/* clang-format on */

#define KEYS_COUNT (sizeof(keys) / sizeof(keys[0]))

/* --- blocks --------------------------------------------------------------------------------------------- */

static void close_block(struct loader *loader) {
    for (size_t i = 0; loader->format && i < KEYS_COUNT; i++) {
        if (keys[i].required && !(loader->keys_seen & (1u << i))) {
            mistakes_at(&loader->mistakes, mistake_place(loader->format->line, 1, TEXT("format")), NULL,
                        "格式 %s 缺少 %s", "the format %s lacks %s", loader->format->name, keys[i].name);
        }
    }
    loader->format = NULL;
}

static void open_block(struct loader *loader) {
    struct catalog *catalog = loader->catalog;
    const struct line *line = loader->line;
    close_block(loader);
    if (line->count != 2 || !is(loader, 0, "format")) {
        mistakes_at(&loader->mistakes, mistake_word(line, 0), is(loader, 0, "format") ? NULL : "format",
                    "此处应为 format NAME", "expected format NAME");
        return;
    }
    if (catalog_find(catalog, line->words[1].text)) {
        mistakes_at(&loader->mistakes, mistake_word(line, 1), NULL, "格式 " TEXT_FORMAT " 重复定义",
                    "the format " TEXT_FORMAT " is defined twice", TEXT_ARGS(line->words[1].text));
        return;
    }
    if (catalog->count == CATALOG_FORMATS_MAX) {
        mistakes_at(&loader->mistakes, mistake_word(line, 1), NULL, "格式超过 %d 个", "more than %d formats",
                    CATALOG_FORMATS_MAX);
        return;
    }
    loader->keys_seen = 0;
    loader->format = &catalog->formats[catalog->count++];
    *loader->format = (struct format){
        .name = word(loader, 1),
        .family = "",
        .root = "",
        .namespace = "",
        .schema = "",
        .binding = "",
        .receipt = "",
        .dropin = "",
        .marker_path = "",
        .marker_text = "",
        .acts_for_list = "",
        .from_day = INT32_MIN,
        .until_day = INT32_MAX,
        .line = line->number,
    };
}

static void read_key(struct loader *loader) {
    const struct line *line = loader->line;
    struct nearest nearest;
    nearest_start(&nearest, line->words[0].text);
    size_t i = 0;
    while (i < KEYS_COUNT && !is(loader, 0, keys[i].name)) {
        nearest_try(&nearest, keys[i++].name);
    }
    if (i == KEYS_COUNT) {
        mistakes_at(&loader->mistakes, mistake_word(line, 0), nearest_found(&nearest),
                    "未知的键 " TEXT_FORMAT, "unknown key " TEXT_FORMAT, TEXT_ARGS(line->words[0].text));
    } else if (loader->keys_seen & (1u << i)) {
        mistakes_at(&loader->mistakes, mistake_word(line, 0), NULL, "%s 重复出现", "%s stands twice",
                    keys[i].name);
    } else if (!keys[i].read(loader)) {
        mistakes_at(&loader->mistakes, mistake_word(line, 1), NULL, "此处应为 %s %s", "expected %s %s",
                    keys[i].name, keys[i].expected);
    }
    loader->keys_seen |= i < KEYS_COUNT ? 1u << i : 0;
}

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

static void find_collisions(const struct loader *loader) {
    const struct catalog *catalog = loader->catalog;
    for (size_t i = 1; i < catalog->count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct format *format = &catalog->formats[i], *before = &catalog->formats[j];
            if (*format->root && collide(format, before)) {
                mistakes_at(&loader->mistakes, mistake_place(format->line, 1, TEXT("format")), NULL,
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
    struct catalog *catalog = arena_alloc(arena, sizeof(*catalog));
    catalog->formats = arena_alloc(arena, CATALOG_FORMATS_MAX * sizeof(*catalog->formats));
    struct line line;
    struct loader loader = {
        .catalog = catalog,
        .fields = fields,
        .arena = arena,
        .mistakes = { mistakes, "LINT-CATALOG", file },
        .line = &line,
    };
    struct lines lines;
    lines_init(&lines, source, arena);
    for (bool bad; lines_next(&lines, &line, &bad);) {
        if (bad) {
            mistakes_bad_line(&loader.mistakes, &line);
        } else if (!line.indented) {
            open_block(&loader);
        } else if (loader.format) {
            read_key(&loader);
        }
    }
    close_block(&loader);
    find_collisions(&loader);
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
