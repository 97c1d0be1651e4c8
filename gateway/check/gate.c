/*
 * gate.c - three sweeps over the bytes, each linear: which encoding, which characters, which markup.
 *
 * Encoding: what the first bytes are and what the XML declaration says must agree. GB18030 is converted here,
 * and every 256 bytes of output the offset in the original is noted; between two notes both texts are walked
 * together.
 *
 * Characters: malformed sequences, NUL, and what XML does not allow. Eight bytes at a time while they are
 * plain.
 *
 * Markup: from '<' to '<'. The scan must see the same tags as the parser or the limits mean nothing, so
 * whatever it does not understand it does not guess at: it stops, marks the message as suspect and lets the
 * parser refuse it; if the parser does not, check/xsd.c does. Nothing is allocated and nothing depends on how
 * the message is built: a name is looked up in a fixed table whose chains are bounded too.
 */
#include "check/gate.h"

#include <string.h>
#include <strings.h>

#include "base/gb18030.h"
#include "base/status.h"
#include "message/finding_code.h"

const struct gate_limits gate_limits_default = {
    .bytes = 10u << 20,
    .depth = GATE_DEPTH_MAX,
    .attributes = 64,
    .tags = 200000,
    .names = 2000,
    .name_length = 256,
    .value_length = 65536,
    .namespaces = 256,
};

struct saying {
    const char *zh, *en;
};
struct hint {
    const char *zh, *en;
};

static const struct saying own_words = { NULL, NULL };

/* With a sentence of its own where the code alone does not tell the reason; else the code's. */
static bool refuse_saying(const char *code, const struct gated *gated, uint64_t offset, uint64_t length,
                          struct saying saying, struct hint hint, struct verdict *verdict) {
    verdict_add(verdict, &(struct finding){
                             .code = finding_meaning(code)->code,
                             .severity = SEVERITY_ERROR,
                             .place = gate_place(gated, offset, length),
                             .zh = saying.zh ? saying.zh : finding_meaning(code)->zh,
                             .en = saying.en ? saying.en : finding_meaning(code)->en,
                             .hint_zh = hint.zh,
                             .hint_en = hint.en,
                         });
    return false;
}

static bool refuse_with(const char *code, const struct gated *gated, uint64_t offset, uint64_t length,
                        struct hint hint, struct verdict *verdict) {
    return refuse_saying(code, gated, offset, length, own_words, hint, verdict);
}

static bool refuse(const char *code, const struct gated *gated, uint64_t offset, uint64_t length,
                   struct verdict *verdict) {
    return refuse_with(code, gated, offset, length, (struct hint){ "", "" }, verdict);
}

/* --- places -------------------------------------------------------------------------------------------- */

#define MAP_STEP 256 /* bytes of output between two notes */

struct note {
    uint32_t utf8, original;
};

/* Bytes that begin a character. */
static uint32_t characters(const char *at, const char *end) {
    uint32_t count = 0;
    uint64_t eight;
    for (; end - at >= 8; at += 8) {
        memcpy(&eight, at, 8);
        uint64_t tails = (eight >> 7) & (~eight >> 6) & UINT64_C(0x0101010101010101);
        count += 8 - (uint32_t)(tails * UINT64_C(0x0101010101010101) >> 56); /* the sum of its bytes */
    }
    for (; at < end; at++) {
        count += ((unsigned char)*at & 0xC0) != 0x80;
    }
    return count;
}

struct gate_cursor gate_cursor_of(const struct gated *gated) {
    return (struct gate_cursor){ .gated = gated, .line = 1, .column = 1 };
}

static void move_on(struct gate_cursor *cursor, uint64_t offset) {
    const char *from = cursor->gated->utf8.at + cursor->offset, *to = cursor->gated->utf8.at + offset,
               *newline;
    while (from < to && (newline = memchr(from, '\n', (size_t)(to - from)))) {
        cursor->line++;
        cursor->column = 1;
        from = newline + 1;
    }
    cursor->column += characters(from, to);
}

static void move_back(struct gate_cursor *cursor, uint64_t offset) {
    const char *start = cursor->gated->utf8.at, *from = start + cursor->offset, *to = start + offset,
               *newline;
    bool other_line = false;
    uint32_t passed = characters(to, from);
    while (from > to && (newline = memrchr(to, '\n', (size_t)(from - to)))) {
        cursor->line--;
        other_line = true;
        from = newline;
    }
    if (!other_line) {
        cursor->column -= passed;
        return;
    }
    newline = memrchr(start, '\n', offset);
    cursor->column = 1 + characters(newline ? newline + 1 : start, to);
}

/* Both texts walked together, character by character, until `to` in the UTF-8. */
static const char *walk_original(const char *at, const char *to, const char *original, const char *end) {
    while (at < to && original < end) {
        if ((unsigned char)*at < 0x80) {
            at++;
            original++;
            continue;
        }
        gb18030_next(&original, end);
        do {
            at++;
        } while (at < to && ((unsigned char)*at & 0xC0) == 0x80);
    }
    return original;
}

/* In the original bytes: straight for UTF-8,
 * else from what was found last or the note before it, whichever is nearer. */
static uint64_t original_of(struct gate_cursor *cursor, uint64_t offset) {
    const struct gated *gated = cursor->gated;
    if (!gated->converted) {
        return offset + (uint64_t)(gated->utf8.at - gated->original.at);
    }
    const struct note *note = (const struct note *)gated->map + offset / MAP_STEP;
    note -= note->utf8 > offset;
    struct note from = *note;
    if (cursor->known_utf8 <= offset && cursor->known_utf8 > from.utf8) {
        from = (struct note){ (uint32_t)cursor->known_utf8, (uint32_t)cursor->known_original };
    }
    const char *base = gated->original.at;
    const char *found = walk_original(gated->utf8.at + from.utf8, gated->utf8.at + offset,
                                      base + from.original, base + gated->original.length);
    uint64_t original = (uint64_t)(found - base);
    cursor->known_utf8 = offset;
    cursor->known_original = original;
    return original;
}

struct place gate_cursor_place(struct gate_cursor *cursor, uint64_t offset, uint64_t length) {
    uint64_t size = cursor->gated->utf8.length;
    offset = offset < size ? offset : size;
    length = length < size - offset ? length : size - offset;
    if (offset >= cursor->offset) {
        move_on(cursor, offset);
    } else {
        move_back(cursor, offset);
    }
    cursor->offset = offset;
    uint64_t original = original_of(cursor, offset);
    uint64_t original_end = length ? original_of(cursor, offset + length) : original;
    return (struct place){ original, (uint32_t)(original_end - original), cursor->line, cursor->column };
}

struct place gate_place(const struct gated *gated, uint64_t offset, uint64_t length) {
    struct gate_cursor cursor = gate_cursor_of(gated);
    return gate_cursor_place(&cursor, offset, length);
}

/* --- the XML declaration -------------------------------------------------------------------------------- */

#define DECLARATION_MAX 512

struct declaration {
    struct text version, encoding, whole;
    bool clean;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* version="1.0": cuts one pseudo-attribute off *rest. False when there is none, or it is not written so. */
static bool next_pair(struct text *rest, struct text *name, struct text *value) {
    *rest = text_trim(*rest);
    struct text all = *rest;
    *name = text_trim(text_until(&all, '='));
    all = text_trim(all);
    if (!name->length || all.length < 2 || (all.at[0] != '"' && all.at[0] != '\'')) {
        return false;
    }
    const char *end = memchr(all.at + 1, all.at[0], all.length - 1);
    if (!end) {
        return false;
    }
    *value = (struct text){ all.at + 1, (size_t)(end - all.at) - 1 };
    *rest = (struct text){ end + 1, all.length - value->length - 2 };
    return true;
}

/* The declaration only counts at the very start; anywhere else it is a processing instruction. */
static struct declaration read_declaration(struct text text) {
    struct declaration declaration = { .clean = true };
    size_t window = text.length < DECLARATION_MAX ? text.length : DECLARATION_MAX;
    const char *end = text_starts(text, "<?xml") ? memmem(text.at, window, "?>", 2) : NULL;
    if (!end || !is_blank(text.at[5])) {
        return declaration;
    }
    declaration.whole = (struct text){ text.at, (size_t)(end - text.at) + 2 };
    struct text rest = { text.at + 5, declaration.whole.length - 7 }, name, value;
    while (next_pair(&rest, &name, &value)) {
        if (text_is(name, "version")) {
            declaration.version = value;
        } else if (text_is(name, "encoding")) {
            declaration.encoding = value;
        } else {
            declaration.clean = declaration.clean && text_is(name, "standalone");
        }
    }
    declaration.clean = declaration.clean && rest.length == 0 && declaration.version.at;
    return declaration;
}

/* --- the encoding --------------------------------------------------------------------------------------- */

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

static const struct hint accepted_encodings = {
    "可用 UTF-8、GB18030、GBK、GB2312，XML 声明须与实际一致",
    "UTF-8, GB18030, GBK and GB2312 are accepted, and the XML declaration must say what the bytes are",
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
#define KIND(literal, zh, en)                                            \
    {                                                                    \
        literal, sizeof(literal) - 1, {                                  \
            "这不是 XML 报文，而是" zh, "this is " en ", no XML message" \
        }                                                                \
    }

/* clang-format off */
static const struct { const char *bytes; size_t length; struct saying saying; } kinds[] = {
    KIND("PK\x03\x04", "ZIP 压缩包", "a ZIP archive"),      KIND("\x1F\x8B", " gzip 压缩的内容", "compressed by gzip"),
    KIND("7z\xBC\xAF\x27\x1C", " 7z 压缩包", "a 7z archive"), KIND("BZh", " bzip2 压缩的内容", "compressed by bzip2"),
    KIND("Rar!", " RAR 压缩包", "a RAR archive"),           KIND("\xFD""7zXZ\0", " xz 压缩的内容", "compressed by xz"),
    KIND("%PDF", " PDF 文件", "a PDF file"),                KIND("\x28\xB5\x2F\xFD", " zstd 压缩的内容", "compressed by zstd"),
    KIND("{", " JSON", "JSON"),                             KIND("\xD0\xCF\x11\xE0", " Office 文件", "an Office file"),
};
/* clang-format on */

static bool is_other_kind(const struct gated *gated, struct verdict *verdict) {
    static const struct hint send_xml = { "请发送 XML 本身，不打包、不压缩",
                                          "send the XML itself, neither packed nor compressed" };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct text text = gated->original;
        if (text.length >= kinds[i].length && memcmp(text.at, kinds[i].bytes, kinds[i].length) == 0) {
            refuse_saying("GATE-NOT-XML", gated, 0, kinds[i].length, kinds[i].saying, send_xml, verdict);
            return true;
        }
    }
    return false;
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
static bool decide_encoding(struct gated *gated, enum encoding *out, struct verdict *verdict) {
    size_t mark;
    enum encoding marked = mark_of(gated->original, &mark);
    gated->utf8 = (struct text){ gated->original.at + mark, gated->original.length - mark };
    if (marked == FOREIGN) {
        gated->utf8 = gated->original;
        struct saying utf16 = { "报文编码为 UTF-16（Windows 记事本称 Unicode），不受支持",
                                "the bytes are UTF-16 (what Windows calls Unicode), which is not supported" };
        return refuse_saying("GATE-ENCODING", gated, 0, mark,
                             looks_like_utf16(gated->original) ? utf16 : own_words, accepted_encodings,
                             verdict);
    }
    struct declaration declaration = read_declaration(gated->utf8);
    enum encoding declared = declared_encoding(declaration.encoding);
    uint64_t at = declaration.encoding.at ? (uint64_t)(declaration.encoding.at - gated->utf8.at) : 0;
    *out = marked != SILENT ? marked : declared != SILENT ? declared : UTF8;
    bool lie =
        (declared != SILENT && declared != *out) || (*out == GB18030 && is_utf8_after_all(gated->utf8));
    if (declared == FOREIGN || lie) {
        return refuse_with("GATE-ENCODING", gated, at, declaration.encoding.length, accepted_encodings,
                           verdict);
    }
    return true;
}

static bool check_version(struct gated *gated, struct verdict *verdict) {
    struct declaration declaration = read_declaration(gated->utf8);
    gated->suspect = !declaration.clean;
    if (!declaration.version.at || text_is(declaration.version, "1.0")) {
        return true;
    }
    return refuse("GATE-VERSION", gated, (uint64_t)(declaration.version.at - gated->utf8.at),
                  declaration.version.length, verdict);
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
    return (unsigned char)c >= 0x20 ? (unsigned char)c < 0x80 : is_blank(c);
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

static const struct saying looks_like_gb = {
    "报文按 UTF-8 读取，其字节却像是 GB18030 (GBK)",
    "the bytes are not UTF-8; they look like GB18030 (GBK)",
};

static const struct hint say_gb = {
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

static bool check_characters(const struct gated *gated, struct verdict *verdict) {
    const char *start = gated->utf8.at, *at = start, *end = start + gated->utf8.length;
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
            bool gb = strcmp(fault, "GATE-BYTES") == 0 && is_gb18030(gated->utf8);
            return refuse_saying(fault, gated, (uint64_t)(from - start), (uint64_t)(at - from),
                                 gb ? looks_like_gb : own_words, gb ? say_gb : (struct hint){ "", "" },
                                 verdict);
        }
    }
    return true;
}

/* Windows writes its code page 936 and calls it GBK or GB2312. It differs in one byte, which the message
 * would carry on to readers that know the standard only, so it is not guessed at here but told. */
#define EURO_OF_936 0x80

static const struct saying euro_of_936 = {
    "0x80 是 Windows 代码页 936 的欧元符号，在 GBK 与 GB18030 中不是字符",
    "0x80 is the euro sign of Windows code page 936 and no character of GBK or GB18030",
};

static const struct hint write_the_euro = {
    "请写作 A2 E3（GB18030）或改用 UTF-8",
    "write A2 E3 (GB18030), or UTF-8",
};

/* Converts to UTF-8 with notes. On bytes without a character it stops there and the place is told. */
static bool convert(struct gated *gated, struct arena *arena, struct verdict *verdict) {
    struct text in = gated->utf8;
    const char *at = in.at, *end = in.at + in.length;
    size_t size_max = in.length * 2 + 4; /* two bytes become four at most */
    char *out = arena_alloc(arena, size_max), *to = out;
    struct note *notes = arena_alloc(arena, (size_max / MAP_STEP + 2) * sizeof(*notes));
    size_t count = 0;
    int32_t character = 0;
    while (at < end) {
        if ((size_t)(to - out) >= count * MAP_STEP) {
            notes[count++] = (struct note){ (uint32_t)(to - out), (uint32_t)(at - gated->original.at) };
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
        to += gb18030_to_utf8(character, to);
    }
    if ((size_t)(to - out) >= count * MAP_STEP) {
        notes[count] =
            (struct note){ (uint32_t)(to - out), (uint32_t)(at - gated->original.at) - (character < 0) };
    }
    gated->utf8 = (struct text){ out, (size_t)(to - out) };
    gated->map = notes;
    gated->converted = true;
    if (character >= 0) {
        return true;
    }
    bool euro = (unsigned char)at[-1] == EURO_OF_936;
    return refuse_saying("GATE-BYTES", gated, gated->utf8.length, 0, euro ? euro_of_936 : own_words,
                         euro ? write_the_euro : (struct hint){ "", "" }, verdict);
}

/* --- markup --------------------------------------------------------------------------------------------- */

#define SLOTS     8192 /* of the table of names; at most a quarter is used */
#define CHAIN_MAX 48   /* honest names do not come near; names made to collide do */

struct scan {
    struct gated *gated;
    const struct gate_limits *limits;
    struct verdict *verdict;
    const char *start, *at, *end;
    uint32_t depth, tags, names, namespaces;
    uint32_t declared[GATE_DEPTH_MAX]; /* namespaces declared by each open element, to forget them with it */
    bool root_seen, root_ended;
    uint32_t slots[SLOTS]; /* offset + 1 of a name seen */
};

enum step { GO_ON, STOP, REFUSED };

static enum step fault(struct scan *scan, const char *code, const char *at, size_t length) {
    refuse(code, scan->gated, (uint64_t)(at - scan->start), length, scan->verdict);
    return REFUSED;
}

static enum step leave_to_parser(struct scan *scan) {
    scan->gated->suspect = true;
    return STOP;
}

enum { NAME_END = 1, BLANK = 2 };

static const unsigned char classes[256] = {
    [' '] = NAME_END | BLANK, ['\t'] = NAME_END | BLANK, ['\n'] = NAME_END | BLANK, ['\r'] = NAME_END | BLANK,
    ['/'] = NAME_END,         ['>'] = NAME_END,          ['<'] = NAME_END,          ['='] = NAME_END,
    ['"'] = NAME_END,         ['\''] = NAME_END,
};

static const char *skip_blanks(const char *at, const char *end) {
    while (at < end && classes[(unsigned char)*at] & BLANK) {
        at++;
    }
    return at;
}

static const char *name_end(const char *at, const char *end) {
    while (at < end && !(classes[(unsigned char)*at] & NAME_END)) {
        at++;
    }
    return at;
}

static uint32_t hash(struct text name) {
    uint64_t sum = name.length;
    size_t i = 0;
    for (uint64_t eight; i + 8 <= name.length; i += 8) {
        memcpy(&eight, name.at + i, 8);
        sum = (sum ^ eight) * UINT64_C(0x9E3779B97F4A7C15);
        sum ^= sum >> 32;
    }
    for (; i < name.length; i++) {
        sum = (sum ^ (unsigned char)name.at[i]) * UINT64_C(0x100000001B3);
    }
    sum *= UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(sum >> 40);
}

/* A slot holds where the name stands, not its length: the same bytes and then the end of a name are the same
 * name. The value of an xmlns ends with its quote, which ends names too; blanks in it make it another, which
 * is fine. */
static bool same(const struct scan *scan, uint32_t slot, struct text name) {
    const char *other = scan->start + slot - 1;
    return (size_t)(scan->end - other) > name.length && memcmp(other, name.at, name.length) == 0
           && classes[(unsigned char)other[name.length]] & NAME_END;
}

/* Counts a name that was not seen before: the parser's dictionary keeps every one, in chains. */
static enum step note_name(struct scan *scan, struct text name) {
    uint32_t at = hash(name);
    for (int tries = 0; tries < CHAIN_MAX; tries++, at++) {
        uint32_t *slot = &scan->slots[at % SLOTS];
        if (*slot == 0) {
            *slot = (uint32_t)(name.at - scan->start) + 1;
            bool too_many = ++scan->names > scan->limits->names;
            return too_many ? fault(scan, "GATE-NAMES", name.at, name.length) : GO_ON;
        }
        if (same(scan, *slot, name)) {
            return GO_ON;
        }
    }
    return fault(scan, "GATE-NAMES", name.at, name.length);
}

static enum step take_name(struct scan *scan, struct text *out) {
    const char *end = name_end(scan->at, scan->end);
    *out = (struct text){ scan->at, (size_t)(end - scan->at) };
    scan->at = end;
    if (out->length > scan->limits->name_length) {
        return fault(scan, "GATE-NAMES", out->at, out->length);
    }
    return out->length ? note_name(scan, *out) : leave_to_parser(scan);
}

static struct text prefix_of(struct text name) {
    const char *colon = memchr(name.at, ':', name.length);
    return colon ? (struct text){ name.at, (size_t)(colon - name.at) } : TEXT("");
}

static struct text local_of(struct text name) {
    struct text prefix = prefix_of(name);
    size_t cut = prefix.length ? prefix.length + 1 : 0;
    return (struct text){ name.at + cut, name.length - cut };
}

/* xmlns="..." or xmlns:p="...": a namespace more in scope, and its name goes into the parser's dictionary. */
static enum step declare_namespace(struct scan *scan, struct text element, struct text name,
                                   struct text value) {
    bool is_default = text_is(name, "xmlns");
    if (!is_default && !text_starts(name, "xmlns:")) {
        return GO_ON;
    }
    if (!scan->root_seen && text_equal(prefix_of(element), is_default ? TEXT("") : local_of(name))) {
        scan->gated->root_namespace = value;
    }
    scan->declared[scan->depth]++;
    if (++scan->namespaces > scan->limits->namespaces) {
        return fault(scan, "GATE-NAMESPACES", name.at, name.length);
    }
    return note_name(scan, value);
}

/* One attribute, `at` on its name. */
static enum step scan_attribute(struct scan *scan, struct text element, uint32_t *count) {
    struct text name, value;
    enum step step = take_name(scan, &name);
    if (step != GO_ON) {
        return step;
    }
    scan->at = skip_blanks(scan->at, scan->end);
    if (scan->at == scan->end || *scan->at != '=') {
        return leave_to_parser(scan);
    }
    scan->at = skip_blanks(scan->at + 1, scan->end);
    if (scan->at == scan->end || (*scan->at != '"' && *scan->at != '\'')) {
        return leave_to_parser(scan);
    }
    value.at = scan->at + 1;
    const char *quote = memchr(value.at, *scan->at, (size_t)(scan->end - value.at));
    if (!quote) {
        return fault(scan, "GATE-MARKUP", scan->at, 1);
    }
    value.length = (size_t)(quote - value.at);
    scan->at = quote + 1;
    if (value.length > scan->limits->value_length) {
        return fault(scan, "GATE-VALUE", name.at, name.length);
    }
    if (++*count > scan->limits->attributes) {
        return fault(scan, "GATE-ATTRIBUTES", name.at, name.length);
    }
    return declare_namespace(scan, element, name, value);
}

static void close_element(struct scan *scan) {
    scan->depth--;
    scan->namespaces -= scan->declared[scan->depth];
    scan->root_ended = scan->depth == 0;
}

/* The end of a start tag, `at` on > or /. */
static enum step open_element(struct scan *scan, struct text name) {
    bool empty = *scan->at == '/';
    scan->at += empty;
    if (scan->at == scan->end) {
        return fault(scan, "GATE-MARKUP", name.at - 1, name.length + 1);
    }
    if (*scan->at != '>') {
        return leave_to_parser(scan);
    }
    scan->at++;
    if (!scan->root_seen) {
        scan->gated->root = local_of(name);
        scan->root_seen = true;
    }
    scan->depth++;
    if (empty) {
        close_element(scan);
    }
    return GO_ON;
}

static enum step scan_start_tag(struct scan *scan) {
    const char *tag = scan->at++;
    if (scan->root_ended) {
        return fault(scan, "GATE-TRAILING", tag, (size_t)(name_end(scan->at, scan->end) - tag));
    }
    struct text name;
    enum step step = take_name(scan, &name);
    if (step != GO_ON) {
        return step;
    }
    if (scan->depth == scan->limits->depth) {
        return fault(scan, "GATE-DEPTH", tag, name.length + 1);
    }
    if (++scan->tags > scan->limits->tags) {
        return fault(scan, "GATE-TAGS", tag, name.length + 1);
    }
    scan->declared[scan->depth] = 0;
    for (uint32_t attributes = 0;;) {
        const char *blank = scan->at;
        scan->at = skip_blanks(scan->at, scan->end);
        if (scan->at == scan->end) {
            return fault(scan, "GATE-MARKUP", tag, name.length + 1);
        }
        if (*scan->at == '>' || *scan->at == '/') {
            return open_element(scan, name);
        }
        step = scan->at == blank ? leave_to_parser(scan) : scan_attribute(scan, name, &attributes);
        if (step != GO_ON) {
            return step;
        }
    }
}

static enum step scan_end_tag(struct scan *scan) {
    const char *tag = scan->at, *end = memchr(tag, '>', (size_t)(scan->end - tag));
    if (scan->depth == 0) {
        return scan->root_ended ? fault(scan, "GATE-TRAILING", tag, 2) : leave_to_parser(scan);
    }
    if (!end) {
        return fault(scan, "GATE-MARKUP", tag, 2);
    }
    scan->at = end + 1;
    close_element(scan);
    return GO_ON;
}

/* Comment or CDATA, from its first bytes to its last. */
static enum step skip_section(struct scan *scan, size_t opening, const char *closing, size_t length_max) {
    const char *from = scan->at + opening;
    const char *end = from <= scan->end ? memmem(from, (size_t)(scan->end - from), closing, 3) : NULL;
    if (!end) {
        return fault(scan, "GATE-MARKUP", scan->at, opening);
    }
    if ((size_t)(end - from) > length_max) {
        return fault(scan, "GATE-VALUE", scan->at, opening);
    }
    scan->at = end + 3;
    return GO_ON;
}

static enum step scan_exclamation(struct scan *scan) {
    static const struct hint no_dtd = { "请删去 <!DOCTYPE …> 及其中的实体声明",
                                        "leave out <!DOCTYPE ...> and what it declares" };
    struct text rest = { scan->at, (size_t)(scan->end - scan->at) };
    if (text_starts(rest, "<!--")) {
        return skip_section(scan, 4, "-->", scan->limits->value_length);
    }
    if (text_starts(rest, "<![CDATA[")) {
        if (scan->depth == 0) {
            return scan->root_ended ? fault(scan, "GATE-TRAILING", scan->at, 9) : leave_to_parser(scan);
        }
        return skip_section(scan, 9, "]]>", SIZE_MAX);
    }
    refuse_with("GATE-DTD", scan->gated, (uint64_t)(scan->at - scan->start),
                (size_t)(name_end(scan->at + 1, scan->end) - scan->at), no_dtd, scan->verdict);
    return REFUSED;
}

/* The XML declaration that is not the first thing is a processing instruction to XML, but to who wrote it it
 * is a declaration with something before it. */
static enum step scan_instruction(struct scan *scan) {
    const char *name = scan->at + 2, *end = name_end(name, scan->end);
    bool declaration = (size_t)(end - name) == 3 && memcmp(name, "xml", 3) == 0;
    if (!declaration || scan->root_seen) {
        return fault(scan, "GATE-PI", scan->at, (size_t)(end - scan->at));
    }
    bool blanks = skip_blanks(scan->start, scan->at) == scan->at;
    struct saying saying = {
        blanks ? "XML 声明须从第一个字节开始，其前有空行或空格"
               : "XML 声明须从第一个字节开始，其前有其他内容",
        blanks ? "the XML declaration must be the very first bytes, and blank lines stand before it"
               : "the XML declaration must be the very first bytes, and something stands before it"
    };
    refuse_saying("GATE-PROLOG", scan->gated, 0, (uint64_t)(scan->at - scan->start), saying,
                  (struct hint){ "", "" }, scan->verdict);
    return REFUSED;
}

static enum step scan_tag(struct scan *scan) {
    switch (scan->end - scan->at > 1 ? scan->at[1] : '\0') {
    case '\0': return fault(scan, "GATE-MARKUP", scan->at, 1);
    case '!': return scan_exclamation(scan);
    case '?': return scan_instruction(scan);
    case '/': return scan_end_tag(scan);
    default: return scan_start_tag(scan);
    }
}

/* Text outside the root element may only be blank. */
static enum step scan_text(struct scan *scan, const char *to) {
    if (scan->depth > 0) {
        return GO_ON;
    }
    const char *text = skip_blanks(scan->at, to);
    if (text == to) {
        return GO_ON;
    }
    if (scan->root_ended) {
        return fault(scan, "GATE-TRAILING", text, (size_t)(to - text));
    }
    bool mark = to - text >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    static const struct saying second_mark = { "报文开头有第二个字节顺序标记 (BOM, U+FEFF)",
                                               "a second byte order mark (U+FEFF) stands at the beginning" };
    refuse_saying("GATE-PROLOG", scan->gated, (uint64_t)(text - scan->start),
                  mark ? 3 : (uint64_t)(to - text), mark ? second_mark : own_words, (struct hint){ "", "" },
                  scan->verdict);
    return REFUSED;
}

static bool check_markup(struct gated *gated, const struct gate_limits *limits, struct verdict *verdict) {
    struct text text = gated->utf8;
    struct scan scan = {
        .gated = gated, .limits = limits, .verdict = verdict, .start = text.at, .end = text.at + text.length
    };
    scan.at = text.at + read_declaration(text).whole.length;
    enum step step = GO_ON;
    while (step == GO_ON && scan.at < scan.end) {
        const char *tag = memchr(scan.at, '<', (size_t)(scan.end - scan.at));
        step = scan_text(&scan, tag ? tag : scan.end);
        scan.at = tag ? tag : scan.end;
        if (step == GO_ON && tag) {
            step = scan_tag(&scan);
        }
    }
    return step != REFUSED;
}

/* --- a look inside -------------------------------------------------------------------------------------- */

/* Behind the tag that begins at `tag`; quotes may hide a '>'. */
static const char *tag_end(const char *tag, const char *end) {
    char quote = 0;
    for (; tag < end; tag++) {
        if (quote) {
            quote = *tag == quote ? 0 : quote;
        } else if (*tag == '"' || *tag == '\'') {
            quote = *tag;
        } else if (*tag == '>') {
            return tag + 1;
        }
    }
    return end;
}

static const char *behind_section(const char *tag, const char *end) {
    const char *closing = text_starts((struct text){ tag, (size_t)(end - tag) }, "<!--") ? "-->" : "]]>";
    const char *found = memmem(tag, (size_t)(end - tag), closing, 3);
    return found ? found + 3 : end;
}

/* How far a path has been followed: `matched` steps, the last of them at `depth`. */
struct pursuit {
    struct text rest;
    uint32_t depth, matched;
    const char *path;
};

static bool follow(struct pursuit *pursuit, struct text name) {
    struct text rest = pursuit->rest, step = text_until(&rest, '/');
    if (pursuit->depth != pursuit->matched + 1 || !text_equal(step, local_of(name))) {
        return false;
    }
    pursuit->rest = rest;
    pursuit->matched++;
    return true;
}

/* An element at depth - 1 ended: if it was on the path, its step is open again. */
static void fall_back(struct pursuit *pursuit) {
    pursuit->depth -= pursuit->depth > 0;
    if (pursuit->depth > pursuit->matched || pursuit->matched == 0) {
        return;
    }
    pursuit->matched--;
    pursuit->rest = text_of(pursuit->path);
    for (uint32_t i = 0; i < pursuit->matched; i++) {
        text_until(&pursuit->rest, '/');
    }
}

struct text gate_peek(const struct gated *gated, const char *path, size_t within) {
    struct text text = gated->utf8;
    const char *at = text.at, *end = at + (text.length < within ? text.length : within);
    struct pursuit pursuit = { .rest = text_of(path), .path = path };
    while (at < end && (at = memchr(at, '<', (size_t)(end - at))) && at + 1 < end) {
        if (at[1] == '!') {
            at = behind_section(at, end);
            continue;
        }
        const char *behind = tag_end(at, end);
        struct text name = { at + 1, (size_t)(name_end(at + 1, end) - at) - 1 };
        at = behind;
        if (name.length == 0) { /* an end tag, for '/' ends names */
            fall_back(&pursuit);
        } else if (name.at[0] != '?') {
            bool on_path = follow(&pursuit, name), empty = behind[-2] == '/';
            if (on_path && !pursuit.rest.length) {
                const char *next = empty ? behind : memchr(behind, '<', (size_t)(end - behind));
                return next ? text_trim((struct text){ behind, (size_t)(next - behind) }) : TEXT("");
            }
            pursuit.depth++;
            if (empty) {
                fall_back(&pursuit);
            }
        }
    }
    return TEXT("");
}

/* --- all of it ------------------------------------------------------------------------------------------ */

bool gate_pass(struct text original, const struct gate_limits *limits, struct arena *arena, struct gated *out,
               struct verdict *verdict) {
    limits = limits ? limits : &gate_limits_default;
    require(limits->depth <= GATE_DEPTH_MAX && limits->names <= SLOTS / 4);
    *out = (struct gated){ .original = original, .utf8 = original };
    if (original.length > limits->bytes) {
        out->utf8.length = 0;
        return refuse("GATE-SIZE", out, 0, 0, verdict);
    }
    enum encoding encoding = UTF8;
    if (is_other_kind(out, verdict)) {
        return false;
    }
    if (!decide_encoding(out, &encoding, verdict)) {
        return false;
    }
    if (text_trim(out->utf8).length == 0) {
        return refuse("GATE-EMPTY", out, 0, 0, verdict);
    }
    return (encoding == UTF8 || convert(out, arena, verdict)) && check_characters(out, verdict)
           && check_version(out, verdict) && check_markup(out, limits, verdict);
}
