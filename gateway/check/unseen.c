/*
 * unseen.c - values are looked through as they were read; where one holds such a character, its bytes in the
 * original are walked to find where it stands, be it written out or as a reference.
 */
#include "check/unseen.h"

#include <string.h>

/* --- names ---------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct { int32_t first, last; const char *zh, *en; } names[] = {
    { 0x00A0, 0x00A0, "不换行空格",       "no-break space" },
    { 0x00AD, 0x00AD, "软连字符",         "soft hyphen" },
    { 0x200B, 0x200B, "零宽空格",         "zero width space" },
    { 0x200C, 0x200D, "零宽连接符",       "zero width joiner or non-joiner" },
    { 0x200E, 0x200F, "文字方向标记",     "direction mark" },
    { 0x202A, 0x202E, "文字方向标记",     "direction mark" },
    { 0x202F, 0x202F, "不换行空格",       "no-break space" },
    { 0x2060, 0x2060, "单词连接符",       "word joiner" },
    { 0x2066, 0x2069, "文字方向标记",     "direction mark" },
    { 0x3000, 0x3000, "全角空格",         "ideographic space" },
    { 0xFE00, 0xFE0F, "异体字选择符",     "variation selector" },
    { 0xFEFF, 0xFEFF, "字节序标记",       "byte order mark" },
    { 0xE0100, 0xE01EF, "异体字选择符",   "variation selector" },
};
/* clang-format on */

/* What kinds are called that have no name above. */
/* clang-format off */
static const struct { const char *zh, *en; } kinds[] = {
    [TEXT_SEEN]   = { "", "" },
    [TEXT_UNSEEN] = { "看不见的字符", "a character that is not shown" },
    [TEXT_BLANK]  = { "非普通空格", "a blank other than U+0020" },
    [TEXT_WIDE]   = { "全角字符", "a full-width form" },
    [TEXT_ALIKE]  = { "形似 ASCII 字符的其他字符", "a character of another script that looks like one of ASCII" },
};
/* clang-format on */

static void name_of(int32_t character, const char **zh, const char **en) {
    enum text_look look = text_look(character);
    *zh = kinds[look].zh;
    *en = kinds[look].en;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (character >= names[i].first && character <= names[i].last) {
            *zh = names[i].zh;
            *en = names[i].en;
        }
    }
}

static int32_t first_unseen(struct text value) {
    for (const char *at = value.at, *end = at + value.length; at < end;) {
        int32_t character = text_next(&at, end);
        if (text_look(character) != TEXT_SEEN) {
            return character;
        }
    }
    return 0;
}

/* --- where it stands
 * -------------------------------------------------------------------------------------- */

static bool stands_here(const char *at, const char *end, const char *text) {
    return text_starts((struct text){ at, (size_t)(end - at) }, text);
}

/* A comment belongs to no value. */
static const char *past_comment(const char *at, const char *end) {
    const char *closing = memmem(at, (size_t)(end - at), "-->", 3);
    return closing ? closing + 3 : end;
}

/* &#x200B; or &#8203;, from its & on; what is no such reference is 0. *at stands behind it then. */
static int32_t read_reference(const char **at, const char *end) {
    int32_t base = stands_here(*at, end, "&#x") ? 16 : 10, character = 0;
    bool numeric = stands_here(*at, end, "&#");
    while (*at < end && **at != ';') {
        int32_t sign = text_next(at, end);
        int32_t digit = sign >= '0' && sign <= '9' ? sign - '0'
                        : base == 16 && (sign | 0x20) >= 'a' && (sign | 0x20) <= 'f'
                            ? (sign | 0x20) - 'a' + 10
                            : -1;
        if (digit >= 0 && character <= 0x10FFFF) {
            character = character * base + digit;
        }
    }
    *at += *at < end;
    return numeric ? character : 0;
}

/* The bytes of the value are well-formed XML: a parser has read them. */
static struct extent extent_in(struct text utf8, struct extent value, int32_t wanted) {
    const char *at = utf8.at + value.offset, *end = at + value.length;
    while (at < end) {
        const char *from = at;
        if (stands_here(at, end, "<!--")) {
            at = past_comment(at, end);
            continue;
        }
        int32_t character = stands_here(at, end, "&") ? read_reference(&at, end) : text_next(&at, end);
        if (character == wanted) {
            return (struct extent){ (uint32_t)(from - utf8.at), (uint32_t)(at - from) };
        }
    }
    return value;
}

/* --- judging -------------------------------------------------------------------------------------------- */

static void say(struct places *places, const struct field *field, const struct value *value,
                int32_t character, enum severity severity, struct verdict *verdict) {
    struct arena *arena = verdict->arena;
    const char *zh, *en, *hint_zh = "请删去该字符", *hint_en = "delete it";
    name_of(character, &zh, &en);
    if (severity != SEVERITY_ERROR) {
        hint_zh = "该值未采用";
        hint_en = "the value is left out";
    } else if (text_plain(character)) {
        hint_zh = arena_printf(arena, "请改为半角 %c", text_plain(character));
        hint_en = arena_printf(arena, "write it as %c", text_plain(character));
    }
    struct finding finding = {
        .code = "FORMAT-CHARACTER",
        .severity = severity,
        .zh = arena_printf(arena, "%s中有 U+%04X（%s）", field->zh, (unsigned)character, zh),
        .en = arena_printf(arena, "%s: it holds U+%04X (%s)", field->en, (unsigned)character, en),
        .hint_zh = hint_zh,
        .hint_en = hint_en,
    };
    struct value part = *value;
    part.origin.extent = extent_in(places->text->utf8, value->origin.extent, character);
    places_tell(places, &part, &finding);
    verdict_add(verdict, &finding);
}

void unseen_judge(struct places *places, struct document *doc, enum severity severity,
                  struct verdict *verdict) {
    for (size_t i = 0; i < document_count(doc); i++) {
        const struct value *value = document_at(doc, i);
        const struct field *field = fields_at(document_fields(doc), value->field);
        int32_t character = field->form != IDENTIFIER_NONE ? first_unseen(value->text) : 0;
        if (!character) {
            continue;
        }
        if (verdict_keeps(verdict, severity)) {
            say(places, field, value, character, severity, verdict);
        } else { /* counted, not kept: it needs no sentence */
            verdict_add(verdict, &(struct finding){ .code = "FORMAT-CHARACTER", .severity = severity });
        }
        document_set_ill(doc, i);
    }
}
