/*
 * unseen.c - values are looked through as they were read; where one holds such a character, its bytes in the
 * original are walked to find where it stands, be it written out or as a reference.
 */
#include "check/unseen.h"

#include <string.h>

#include "base/gb18030.h"

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

/* --- where it stands ------------------------------------------------------------------------------------ */

struct walk {
    const char *at, *end;
    bool gb18030;
    struct place place;
};

static int32_t step(struct walk *walk) {
    const char *from = walk->at;
    int32_t character = walk->gb18030 ? gb18030_next(&walk->at, walk->end) : text_next(&walk->at, walk->end);
    walk->place.offset += (uint64_t)(walk->at - from);
    walk->place.line += character == '\n';
    walk->place.column = character == '\n' ? 1 : walk->place.column + 1;
    return character;
}

static bool stands_here(const struct walk *walk, const char *text) {
    return text_starts((struct text){ walk->at, (size_t)(walk->end - walk->at) }, text);
}

/* A comment belongs to no value. */
static void skip_comment(struct walk *walk) {
    while (walk->at < walk->end && !stands_here(walk, "-->")) {
        step(walk);
    }
}

/* &#x200B; or &#8203;, from its & on; what is no such reference is 0. The walk stands behind it. */
static int32_t read_reference(struct walk *walk) {
    int32_t base = stands_here(walk, "&#x") ? 16 : 10, character = 0;
    bool numeric = stands_here(walk, "&#");
    while (walk->at < walk->end) {
        int32_t sign = step(walk);
        int32_t digit = sign >= '0' && sign <= '9' ? sign - '0'
                        : base == 16 && (sign | 0x20) >= 'a' && (sign | 0x20) <= 'f'
                            ? (sign | 0x20) - 'a' + 10
                            : -1;
        if (sign == ';') {
            break;
        }
        if (digit >= 0 && character <= 0x10FFFF) {
            character = character * base + digit;
        }
    }
    return numeric ? character : 0;
}

/* The original bytes of the value are well-formed XML: a parser has read them. */
static struct place place_in(const struct gated *gated, struct place value, int32_t wanted) {
    struct walk walk = {
        .at = gated->text.original.at + value.offset,
        .end = gated->text.original.at + value.offset + value.length,
        .gb18030 = gated->text.converted,
        .place = value,
    };
    while (walk.at < walk.end) {
        struct walk before = walk;
        if (stands_here(&walk, "<!--")) {
            skip_comment(&walk);
            continue;
        }
        int32_t character = stands_here(&walk, "&") ? read_reference(&walk) : step(&walk);
        if (character == wanted) {
            before.place.length = (uint32_t)(walk.at - before.at);
            return before.place;
        }
    }
    return value;
}

/* --- judging -------------------------------------------------------------------------------------------- */

static void say(const struct gated *gated, const struct field *field, const struct value *value,
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
    verdict_add(verdict,
                &(struct finding){
                    .code = "FORMAT-CHARACTER",
                    .severity = severity,
                    .place = value->place.line ? place_in(gated, value->place, character) : value->place,
                    .path = value->path,
                    .zh = arena_printf(arena, "%s中有 U+%04X（%s）", field->zh, (unsigned)character, zh),
                    .en = arena_printf(arena, "%s: it holds U+%04X (%s)", field->en, (unsigned)character, en),
                    .hint_zh = hint_zh,
                    .hint_en = hint_en,
                });
}

void unseen_judge(const struct gated *gated, struct document *doc, enum severity severity,
                  struct verdict *verdict) {
    for (size_t i = 0; i < document_count(doc); i++) {
        const struct value *value = document_at(doc, i);
        const struct field *field = fields_at(document_fields(doc), value->field);
        int32_t character = field->form != IDENTIFIER_NONE ? first_unseen(value->text) : 0;
        if (!character) {
            continue;
        }
        if (verdict_keeps(verdict, severity)) {
            say(gated, field, value, character, severity, verdict);
        } else { /* counted, not kept: it needs no sentence */
            verdict_add(verdict, &(struct finding){ .code = "FORMAT-CHARACTER", .severity = severity });
        }
        document_set_ill(doc, i);
    }
}
