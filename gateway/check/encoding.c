/*
 * encoding.c - two sweeps over the bytes, each linear.
 *
 * Which encoding: what the first bytes are and what the XML declaration says must agree. GB18030 is
 * converted, and every 256 bytes of output the offset in the original is noted (places.c). Which
 * characters: malformed sequences, NUL, and what XML does not allow. Eight bytes at a time while they are
 * plain.
 */
#include "check/encoding.h"

#include <string.h>
#include <strings.h>

#include "base/gb18030.h"
#include "base/status.h"
#include "check/xml_declaration.h"
#include "check/refusal.h"

/* --- which ---------------------------------------------------------------------------------------------- */

enum encoding { UTF8, GB18030, FOREIGN, SILENT };

#define MARK(literal, encoding) \
    { literal, sizeof(literal) - 1, encoding }

/* First bytes that decide; the longer first where one begins another. */
/* clang-format off */
static const struct { const char *bytes; size_t length; enum encoding encoding; } marks[] = {
    MARK("\xEF\xBB\xBF", UTF8),          MARK("\x84\x31\x95\x33", GB18030),
    MARK("\xFE\xFF", FOREIGN),           MARK("\xFF\xFE", FOREIGN),             /* UTF-16, UTF-32 */
    MARK("\0\0", FOREIGN),               MARK("\0<", FOREIGN),                  /* without a mark */
    MARK("<\0", FOREIGN),                MARK("\x4C\x6F\xA7\x94", FOREIGN),     /* EBCDIC "<?xm" */
    MARK("+/v", FOREIGN),                MARK("\xDD\x73\x66\x73", FOREIGN),     /* UTF-7, UTF-EBCDIC */
};
/* clang-format on */

static enum encoding mark_of(struct text text, size_t *length) {
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (text.length >= marks[i].length && memcmp(text.at, marks[i].bytes, marks[i].length) == 0) {
            *length = marks[i].length;
            return marks[i].encoding;
        }
    }
    *length = 0;
    return SILENT;
}

static bool is_name(struct text text, const char *name) {
    return text.length == strlen(name) && strncasecmp(text.at, name, text.length) == 0;
}

static enum encoding declared_encoding(struct text name) {
    static const struct {
        const char *name;
        enum encoding encoding;
    } known[] = {
        { "UTF-8", UTF8 },  { "UTF8", UTF8 },      { "GB18030", GB18030 },
        { "GBK", GB18030 }, { "GB2312", GB18030 },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (is_name(name, known[i].name)) {
            return known[i].encoding;
        }
    }
    return name.at ? FOREIGN : SILENT;
}

#define ACCEPTED_ZH "可用 UTF-8、GB18030、GBK、GB2312，XML 声明须与实际一致"
#define ACCEPTED_EN \
    "UTF-8, GB18030, GBK and GB2312 are accepted, and the XML declaration must say what the bytes are"

static const struct refusal_words not_accepted = { NULL, NULL, ACCEPTED_ZH, ACCEPTED_EN };

static const struct refusal_words utf16 = {
    "报文编码为 UTF-16（Windows 记事本称 Unicode），不受支持",
    "the bytes are UTF-16 (what Windows calls Unicode), which is not supported",
    ACCEPTED_ZH,
    ACCEPTED_EN,
};

/* A message that says GB18030 but was written in UTF-8 would come out as other Chinese. Text in GB18030 that
 * happens to be well-formed UTF-8 throughout has a character or two, not four of three bytes each. */
static bool is_utf8_after_all(struct text text) {
    unsigned long_ones = 0;
    for (const char *at = text.at, *end = at + text.length, *from; at < end;) {
        from = at;
        if (text_next(&at, end) < 0) {
            return false;
        }
        long_ones += at - from == 3;
    }
    return long_ones >= 4;
}

/* What is put into an OutBox or an upload in the place of a message, told by its first bytes. */
#define KIND(literal, zh, en)                                                                                \
    {                                                                                                        \
        literal, sizeof(literal) - 1, {                                                                      \
            "这不是 XML 报文，而是" zh, "this is " en ", no XML message", "请发送 XML 本身，不打包、不压缩", \
                "send the XML itself, neither packed nor compressed"                                         \
        }                                                                                                    \
    }

/* clang-format off */
static const struct { const char *bytes; size_t length; struct refusal_words words; } kinds[] = {
    KIND("PK\x03\x04", "ZIP 压缩包", "a ZIP archive"),      KIND("\x1F\x8B", " gzip 压缩的内容", "compressed by gzip"),
    KIND("7z\xBC\xAF\x27\x1C", " 7z 压缩包", "a 7z archive"), KIND("BZh", " bzip2 压缩的内容", "compressed by bzip2"),
    KIND("Rar!", " RAR 压缩包", "a RAR archive"),           KIND("\xFD""7zXZ\0", " xz 压缩的内容", "compressed by xz"),
    KIND("%PDF", " PDF 文件", "a PDF file"),                KIND("\x28\xB5\x2F\xFD", " zstd 压缩的内容", "compressed by zstd"),
    KIND("{", " JSON", "JSON"),                             KIND("\xD0\xCF\x11\xE0", " Office 文件", "an Office file"),
};
/* clang-format on */

/* What the bytes are instead of XML; NULL: nothing that is known here. */
static const struct refusal_words *other_kind(struct text text, size_t *length) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (text.length >= kinds[i].length && memcmp(text.at, kinds[i].bytes, kinds[i].length) == 0) {
            *length = kinds[i].length;
            return &kinds[i].words;
        }
    }
    return NULL;
}

/* "<\0" and "\0<", with a mark or without: two bytes a character. */
static bool looks_like_utf16(struct text text) {
    static const char *const beginnings[] = { "\xFE\xFF", "\xFF\xFE", "\0<", "<\0" };
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
        bool four = text.length >= 4 && text.at[2] == 0 && text.at[3] == 0; /* UTF-32 */
        if (text.length >= 2 && memcmp(text.at, beginnings[i], 2) == 0) {
            return !four;
        }
    }
    return false;
}

/* Sets *out and where the text begins behind its mark; the declaration is refused here when it disagrees. */
static bool decide_encoding(struct decoded *text, enum encoding *out, struct verdict *verdict) {
    size_t mark;
    enum encoding marked = mark_of(text->original, &mark);
    text->utf8 = (struct text){ text->original.at + mark, text->original.length - mark };
    if (marked == FOREIGN) {
        text->utf8 = text->original;
        const struct refusal_words *words = looks_like_utf16(text->original) ? &utf16 : &not_accepted;
        return refusal_add("GATE-ENCODING", text, 0, mark, words, verdict);
    }
    struct xml_declaration declaration = xml_declaration_read(text->utf8);
    enum encoding declared = declared_encoding(declaration.encoding);
    uint64_t at = declaration.encoding.at ? (uint64_t)(declaration.encoding.at - text->utf8.at) : 0;
    *out = marked != SILENT ? marked : declared != SILENT ? declared : UTF8;
    bool lie = (declared != SILENT && declared != *out) || (*out == GB18030 && is_utf8_after_all(text->utf8));
    if (declared == FOREIGN || lie) {
        return refusal_add("GATE-ENCODING", text, at, declaration.encoding.length, &not_accepted, verdict);
    }
    return true;
}

/* --- characters ----------------------------------------------------------------------------------------- */

/* A byte below 20 or above 7F among eight. A borrow can raise a false alarm behind a true one, never hide
   one. */
static bool all_plain(const char *at) {
    uint64_t eight;
    memcpy(&eight, at, 8);
    uint64_t low = (eight - UINT64_C(0x2020202020202020)) & ~eight;
    return ((low | eight) & UINT64_C(0x8080808080808080)) == 0;
}

static bool is_plain(char c) {
    return (unsigned char)c >= 0x20 ? (unsigned char)c < 0x80 : c == '\t' || c == '\n' || c == '\r';
}

/* The code of what is wrong with it; NULL: nothing. */
static const char *character_fault(int32_t character) {
    if (character == 0) {
        return "GATE-NUL";
    }
    if (character < 0) {
        return "GATE-BYTES";
    }
    bool allowed = character >= 0x20 ? character != 0xFFFE && character != 0xFFFF
                                     : character == '\t' || character == '\n' || character == '\r';
    return allowed ? NULL : "GATE-CONTROL";
}

static const struct refusal_words looks_like_gb = {
    "报文按 UTF-8 读取，其字节却像是 GB18030 (GBK)",
    "the bytes are not UTF-8; they look like GB18030 (GBK)",
    "请在 XML 声明中写 encoding=\"GB18030\"",
    "say so in the XML declaration, encoding=\"GB18030\"",
};

static bool is_gb18030(struct text text) {
    for (const char *at = text.at, *end = at + text.length; at < end;) {
        if (gb18030_next(&at, end) < 0) {
            return false;
        }
    }
    return true;
}

bool encoding_check(const struct decoded *text, struct verdict *verdict) {
    const char *start = text->utf8.at, *at = start, *end = start + text->utf8.length;
    while (at < end) {
        if (end - at >= 8 && all_plain(at)) {
            at += 8;
            continue;
        }
        if (is_plain(*at)) {
            at++;
            continue;
        }
        const char *from = at;
        const char *fault = character_fault(text_next(&at, end));
        if (fault) {
            bool gb = strcmp(fault, "GATE-BYTES") == 0 && is_gb18030(text->utf8);
            return refusal_add(fault, text, (uint64_t)(from - start), (uint64_t)(at - from),
                               gb ? &looks_like_gb : NULL, verdict);
        }
    }
    return true;
}

/* Windows writes its code page 936 and calls it GBK or GB2312. It differs in one byte, which the message
 * would carry on to readers that know the standard only, so it is not guessed at here but told. */
#define EURO_OF_936 0x80

static const struct refusal_words euro_of_936 = {
    "0x80 是 Windows 代码页 936 的欧元符号，在 GBK 与 GB18030 中不是字符",
    "0x80 is the euro sign of Windows code page 936 and no character of GBK or GB18030",
    "请写作 A2 E3（GB18030）或改用 UTF-8",
    "write A2 E3 (GB18030), or UTF-8",
};

/* Converts to UTF-8 with notes. On bytes without a character it stops there and the place is told. */
static bool convert(struct decoded *text, struct arena *arena, struct verdict *verdict) {
    struct text in = text->utf8;
    const char *at = in.at, *end = in.at + in.length;
    size_t size_max = in.length * 2 + 4; /* two bytes become four at most */
    char *out = arena_alloc(arena, size_max), *to = out;
    struct encoding_note *notes = arena_alloc(arena, (size_max / ENCODING_NOTE_STEP + 2) * sizeof(*notes));
    size_t count = 0;
    int32_t character = 0;
    while (at < end) {
        if ((size_t)(to - out) >= count * ENCODING_NOTE_STEP) {
            notes[count++] =
                (struct encoding_note){ (uint32_t)(to - out), (uint32_t)(at - text->original.at) };
        }
        if ((unsigned char)*at < 0x80) {
            *to++ = *at++;
            character = 0;
            continue;
        }
        character = gb18030_next(&at, end);
        if (character < 0) {
            break;
        }
        to += text_put(character, to);
    }
    if ((size_t)(to - out) >= count * ENCODING_NOTE_STEP) {
        notes[count] = (struct encoding_note){ (uint32_t)(to - out),
                                               (uint32_t)(at - text->original.at) - (character < 0) };
    }
    text->utf8 = (struct text){ out, (size_t)(to - out) };
    text->notes = notes;
    text->converted = true;
    if (character >= 0) {
        return true;
    }
    bool euro = (unsigned char)at[-1] == EURO_OF_936;
    return refusal_add("GATE-BYTES", text, text->utf8.length, 0, euro ? &euro_of_936 : NULL, verdict);
}

/* --- all of it ------------------------------------------------------------------------------------------ */

bool encoding_decode(struct text original, struct arena *arena, struct decoded *out,
                     struct verdict *verdict) {
    require(verdict->arena); /* an empty message is at NULL */
    enum encoding encoding = UTF8;
    size_t length = 0;
    *out = (struct decoded){ .original = original, .utf8 = original };
    const struct refusal_words *other = other_kind(original, &length);
    if (other) {
        return refusal_add("GATE-NOT-XML", out, 0, length, other, verdict);
    }
    if (!decide_encoding(out, &encoding, verdict)) {
        return false;
    }
    if (text_trim(out->utf8).length == 0) {
        return refusal_add("GATE-EMPTY", out, 0, 0, NULL, verdict);
    }
    return encoding == UTF8 || convert(out, arena, verdict);
}
