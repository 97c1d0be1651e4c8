/*
 * gate.c - one sweep over the markup of the text that encoding.c has made, linear, from '<' to '<'.
 *
 * The scan must see the same tags as the parser or the limits mean nothing, so whatever it does not
 * understand it does not guess at: it stops, marks the message as suspect and lets the parser refuse it; if
 * the parser does not, check/examiner.c does. Nothing is allocated and nothing depends on how the message is
 * built: a name is looked up in a fixed table whose chains are bounded too.
 */
#include "check/gate.h"

#include <string.h>

#include "base/status.h"
#include "xsd/validator.h"
#include "check/xml_declaration.h"
#include "check/refusal.h"

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

static bool check_version(struct gated *gated, struct verdict *verdict) {
    struct xml_declaration declaration = xml_declaration_read(gated->text.utf8);
    gated->suspect = !declaration.clean;
    if (!declaration.version.at || text_is(declaration.version, "1.0")) {
        return true;
    }
    return refusal_add("GATE-VERSION", &gated->text, (uint64_t)(declaration.version.at - gated->text.utf8.at),
                       declaration.version.length, NULL, verdict);
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
    refusal_add(code, &scan->gated->text, (uint64_t)(at - scan->start), length, NULL, scan->verdict);
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
    static const struct refusal_words no_dtd = { NULL, NULL, "请删去 <!DOCTYPE …> 及其中的实体声明",
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
    refusal_add("GATE-DTD", &scan->gated->text, (uint64_t)(scan->at - scan->start),
                (size_t)(name_end(scan->at + 1, scan->end) - scan->at), &no_dtd, scan->verdict);
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
    static const struct refusal_words behind_blanks = {
        .zh = "XML 声明须从第一个字节开始，其前有空行或空格",
        .en = "the XML declaration must be the very first bytes, and blank lines stand before it",
    };
    static const struct refusal_words behind_something = {
        .zh = "XML 声明须从第一个字节开始，其前有其他内容",
        .en = "the XML declaration must be the very first bytes, and something stands before it",
    };
    bool blanks = skip_blanks(scan->start, scan->at) == scan->at;
    refusal_add("GATE-PROLOG", &scan->gated->text, 0, (uint64_t)(scan->at - scan->start),
                blanks ? &behind_blanks : &behind_something, scan->verdict);
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
    static const struct refusal_words second_mark = {
        .zh = "报文开头有第二个字节顺序标记 (BOM, U+FEFF)",
        .en = "a second byte order mark (U+FEFF) stands at the beginning",
    };
    refusal_add("GATE-PROLOG", &scan->gated->text, (uint64_t)(text - scan->start),
                mark ? 3 : (uint64_t)(to - text), mark ? &second_mark : NULL, scan->verdict);
    return REFUSED;
}

static bool check_markup(struct gated *gated, const struct gate_limits *limits, struct verdict *verdict) {
    struct text text = gated->text.utf8;
    struct scan scan = {
        .gated = gated, .limits = limits, .verdict = verdict, .start = text.at, .end = text.at + text.length
    };
    scan.at = text.at + xml_declaration_read(text).whole.length;
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

/* --- without a scan ------------------------------------------------------------------------------------- */

/* xmlns or xmlns:p: does it say what namespace the name is in? */
static bool is_declared_by(struct text name, struct text declaration) {
    struct text prefix = prefix_of(name);
    return prefix.length ? text_starts(declaration, "xmlns:") && text_equal(local_of(declaration), prefix)
                         : text_is(declaration, "xmlns");
}

/* The pair name="value" at *at, which is moved behind it. False: not written so. */
static bool peek_attribute(const char **at, const char *end, struct text *name, struct text *value) {
    name->at = *at;
    name->length = (size_t)(name_end(*at, end) - *at);
    const char *quote = name->at + name->length + 1;
    if (name->length == 0 || end - quote < 2 || quote[-1] != '=' || (*quote != '"' && *quote != '\'')) {
        return false;
    }
    const char *close = memchr(quote + 1, *quote, (size_t)(end - quote) - 1);
    if (!close) {
        return false;
    }
    *value = (struct text){ quote + 1, (size_t)(close - quote) - 1 };
    *at = close + 1;
    return true;
}

bool gate_peek(struct gated *gated) {
    struct text text = gated->text.utf8, name, value, namespace = TEXT("");
    const char *end = text.at + text.length;
    const char *at = skip_blanks(text.at + xml_declaration_read(text).whole.length, end);
    while (text_starts((struct text){ at, (size_t)(end - at) }, "<!--")) {
        const char *close = memmem(at, (size_t)(end - at), "-->", 3);
        at = close ? skip_blanks(close + 3, end) : end;
    }
    if (end - at < 2 || *at != '<' || at[1] == '!' || at[1] == '?') {
        return false;
    }
    struct text root = { at + 1, (size_t)(name_end(at + 1, end) - at) - 1 };
    at = skip_blanks(root.at + root.length, end);
    while (at < end && *at != '>' && *at != '/') {
        if (!peek_attribute(&at, end, &name, &value)) {
            return false;
        }
        namespace = is_declared_by(root, name) ? value : namespace;
        at = skip_blanks(at, end);
    }
    if (root.length == 0 || at == end) {
        return false;
    }
    gated->root = local_of(root);
    gated->root_namespace = namespace;
    return true;
}

bool gate_would_pass(const struct validator_size *size, const struct gate_limits *limits) {
    limits = limits ? limits : &gate_limits_default;
    return !size->strange && size->depth < limits->depth && size->elements <= limits->tags
           && size->attributes <= limits->attributes && size->prefixes <= limits->namespaces
           && size->names <= limits->names && size->longest_name <= limits->name_length
           && size->longest_value <= limits->value_length;
}

/* --- all of it ------------------------------------------------------------------------------------------ */

bool gate_open(struct text original, const struct gate_limits *limits, struct arena *arena, struct gated *out,
               struct verdict *verdict) {
    require(arena && verdict);
    limits = limits ? limits : &gate_limits_default;
    *out = (struct gated){ .text = { .original = original, .utf8 = { original.at, 0 } } };
    if (original.length > limits->bytes) {
        return refusal_add("GATE-SIZE", &out->text, 0, 0, NULL, verdict);
    }
    return encoding_decode(original, arena, &out->text, verdict);
}

bool gate_scan(struct gated *gated, const struct gate_limits *limits, struct verdict *verdict) {
    limits = limits ? limits : &gate_limits_default;
    require(limits->depth <= GATE_DEPTH_MAX && limits->names <= SLOTS / 4);
    return encoding_check(&gated->text, verdict) && check_version(gated, verdict)
           && check_markup(gated, limits, verdict);
}

bool gate_pass(struct text original, const struct gate_limits *limits, struct arena *arena, struct gated *out,
               struct verdict *verdict) {
    return gate_open(original, limits, arena, out, verdict) && gate_scan(out, limits, verdict);
}
