/*
 * mutate.c - the elements of the message are listed by their tags, then one kind of change is made to one of
 * them, or to any byte. Of a message that is not well-formed any more the list is short; no matter.
 */
#include "mutate.h"

#include <string.h>

#define ELEMENTS_MAX 20000
#define COUNT(table) (sizeof(table) / sizeof(*(table)))

uint64_t random_next(uint64_t *random) {
    uint64_t z = *random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

size_t random_below(uint64_t *random, size_t limit) {
    return (size_t)(random_next(random) % limit);
}

/* --- the elements --------------------------------------------------------------------------------------- */

struct element {
    size_t from, name_end, content, content_end, to; /* < ... > content </ ... > */
    bool leaf, empty;
};

struct subject {
    struct text text;
    uint64_t *random;
    struct buf *out;
    struct element elements[ELEMENTS_MAX];
    size_t count, leaves[ELEMENTS_MAX], leaves_count;
};

static size_t tag_end(struct text text, size_t at) {
    char quote = 0;
    for (; at < text.length; at++) {
        char c = text.at[at];
        if (quote) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return at + 1;
        }
    }
    return text.length;
}

static void list_elements(struct subject *subject) {
    static size_t open[ELEMENTS_MAX];
    struct text text = subject->text;
    size_t depth = 0;
    subject->count = subject->leaves_count = 0;
    for (size_t at = 0; at + 1 < text.length && subject->count < ELEMENTS_MAX; at++) {
        if (text.at[at] != '<') {
            continue;
        }
        if (text.at[at + 1] == '!' || text.at[at + 1] == '?') {
            const char *close =
                memmem(text.at + at, text.length - at, text.at[at + 1] == '?' ? "?>" : "-->", 2);
            at = close ? (size_t)(close - text.at) : text.length;
            continue;
        }
        size_t end = tag_end(text, at);
        if (text.at[at + 1] == '/') {
            if (depth > 0) {
                struct element *element = &subject->elements[open[--depth]];
                element->content_end = at;
                element->to = end;
                element->leaf = open[depth] == subject->count - 1;
            }
        } else {
            struct element *element = &subject->elements[subject->count];
            size_t name = at + 1;
            while (name < end && !strchr(" \t\r\n/>", text.at[name])) {
                name++;
            }
            bool empty = end >= 2 && text.at[end - 2] == '/';
            *element = (struct element){ at, name, end, end, end, empty, empty };
            if (!empty) {
                open[depth++] = subject->count;
            }
            subject->count++;
        }
        at = end - 1;
    }
    for (size_t i = 0; i < subject->count; i++) {
        if (subject->elements[i].leaf && !subject->elements[i].empty) {
            subject->leaves[subject->leaves_count++] = i;
        }
    }
}

static size_t below(struct subject *subject, size_t limit) {
    return random_below(subject->random, limit ? limit : 1);
}

static const struct element *any_element(struct subject *subject) {
    return &subject->elements[below(subject, subject->count)];
}

static const struct element *any_leaf(struct subject *subject) {
    return &subject->elements[subject->leaves_count ? subject->leaves[below(subject, subject->leaves_count)]
                                                    : 0];
}

static void copy(struct subject *subject, size_t from, size_t to) {
    if (from < to && to <= subject->text.length) {
        buf_add(subject->out, subject->text.at + from, to - from);
    }
}

static void put(struct subject *subject, const char *string) {
    buf_add_string(subject->out, string);
}

/* [from, to) becomes that string. */
static void replace(struct subject *subject, size_t from, size_t to, const char *with) {
    copy(subject, 0, from);
    put(subject, with);
    copy(subject, to, subject->text.length);
}

/* --- values --------------------------------------------------------------------------------------------- */

static const char *const nasty[] = {
    "",
    " ",
    "  ",
    "0",
    "1",
    "-1",
    "+1",
    "00",
    "01",
    "-0",
    "+0",
    "0.0",
    "1.",
    ".5",
    "-.5",
    ".",
    "1.0",
    "1.10",
    "100000",
    "99999",
    "100",
    "99",
    "10.5",
    "10.51",
    "-1.01",
    "0.001",
    "P1D1Y",
    "2026-11-29T25:00:00",
    "2026-11-29+14:30",
    "1900-02-29",
    "2030-01-01",
    "2000-02-29T12:00:00Z",
    "2100-01-01T00:00:00Z",
    "0a",
    "中文中文a",
    "aaaa",
    "aaaaa",
    "128",
    "256",
    "65536",
    "0.00001",
    "0.12345",
    "1e5",
    "1E5",
    "INF",
    "-INF",
    "NaN",
    "123456789012345678",
    "1234567890123456789",
    "12345678901234567890123456",
    "0000000000000000000000000000001",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "true",
    "false",
    "TRUE",
    "True",
    "yes",
    "2026-11-29",
    "2026-11-29 ",
    " 2026-11-29",
    "2026-02-29",
    "2024-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-1-1",
    "20261129",
    "0000-01-01",
    "-0001-01-01",
    "12026-01-01",
    "2026-11-29Z",
    "2026-11-29+08:00",
    "2026-11-29+14:00",
    "2026-11-29+14:01",
    "2026-11-29+15:00",
    "2026-11-29T12:00:00",
    "2026-11-29T24:00:00",
    "2026-11-29T23:59:60",
    "2026-11-29T12:00:00.123456789",
    "2026-11-29T12:00:00Z",
    "2026-11-29T12:00:00+08:00",
    "2026-11-29T12:00",
    "12:00:00",
    "2026-11-29T12:00:00.",
    "2026-11-29T23:59:59.99999999999999999",
    "23:59:59.99999999999999999",
    "PT1.S",
    "1E",
    "20261129120000",
    "20261129T12000300",
    "P1Y",
    "PT1S",
    "A",
    "a",
    "AB",
    "abc",
    "ABC",
    "ABCD",
    "CNQDG",
    "CN QDG",
    "A B",
    "A  B",
    " A",
    "A ",
    "\tA",
    "A\n",
    "A\r\nB",
    "中",
    "中文",
    "中文字符测试",
    "\xF0\x9F\x9A\xA2",
    "e\xCC\x81",
    "\xEF\xBC\xA1\xEF\xBC\xA2\xEF\xBC\xA3",
    "\xC2\xA0",
    "\xE3\x80\x80",
    "\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4",
    "&lt;",
    "&amp;",
    "&#65;",
    "&#x41;",
    "&#32;",
    "&#10;",
    "&#0;",
    "&#xD800;",
    "&nbsp;",
    "&",
    "&#65",
    "]]>",
    "]]&gt;",
    "<![CDATA[]]>",
    "<![CDATA[A]]>",
    "<![CDATA[ ]]>",
    "<!-- c -->",
    "A<!-- c -->B",
    "<!-- -- -->",
    "<?pi?>",
    "<x/>",
    "<a>",
    "</a>",
    "\xEF\xBF\xBE",
    "\x01",
    "\x80",
    "\xC0\x80",
    "\xED\xA0\x80",
    "http://a.b/c",
    "urn:x:y",
    "a b c",
    "1 2 3 4",
    "<A>1</A>",
    ":",
    "a:b",
    "_x",
    "1x",
    "-",
    "--",
    "zh",
    "zh-CN",
    "en-GB-x",
    "TWFu",
    "TWE=",
    "TQ==",
    "TR==",
    "T",
    "0F",
    "0f0",
    "G0",
    "IMPORT",
    "EXPORT",
    "import",
};

static void nasty_value(struct subject *subject) {
    const struct element *leaf = any_leaf(subject);
    replace(subject, leaf->content, leaf->content_end, nasty[below(subject, COUNT(nasty))]);
}

static void other_value(struct subject *subject) {
    const struct element *to = any_leaf(subject), *from = any_leaf(subject);
    copy(subject, 0, to->content);
    copy(subject, from->content, from->content_end);
    copy(subject, to->content_end, subject->text.length);
}

static void long_value(struct subject *subject) {
    static const char *const signs[] = { "A", "1", "中", "&#65;", "\xF0\x9F\x9A\xA2", " ", "a", "0" };
    static const size_t limits[] = { 1,   2,   3,   4,   5,   6,   7,    8,    10,   12,   13,
                                     14,  15,  16,  17,  18,  19,  20,   24,   25,   30,   32,
                                     35,  36,  40,  50,  60,  64,  70,   80,   100,  120,  128,
                                     150, 200, 255, 256, 500, 512, 1000, 2000, 4000, 10000 };
    const struct element *leaf = any_leaf(subject);
    const char *sign = signs[below(subject, COUNT(signs))];
    size_t times = limits[below(subject, COUNT(limits))] + below(subject, 3) - 1;
    copy(subject, 0, leaf->content);
    for (size_t i = 0; i < times; i++) {
        put(subject, sign);
    }
    copy(subject, leaf->content_end, subject->text.length);
}

static void value_with(struct subject *subject, const char *what) {
    const struct element *leaf = any_leaf(subject);
    size_t at = leaf->content + below(subject, leaf->content_end - leaf->content + 1);
    replace(subject, at, at, what);
}

static void blank_in_value(struct subject *subject) {
    static const char *const blanks[] = { " ",  "\n",    "\t",   "\r\n",  "\r",
                                          "  ", "&#32;", "&#9;", "&#13;", "&#10;" };
    value_with(subject, blanks[below(subject, COUNT(blanks))]);
}

static void section_in_value(struct subject *subject) {
    static const char *const sections[] = { "<!-- c -->",    "<![CDATA[x]]>", "<![CDATA[]]>", "<!---->",
                                            "<![CDATA[&]]>", "<![CDATA[ ]]>", "<?x y?>",      "<!--->",
                                            "<!-- --- -->",  "<![CDATA[]]]]>" };
    value_with(subject, sections[below(subject, COUNT(sections))]);
}

static void blanks_around_value(struct subject *subject) {
    const struct element *leaf = any_leaf(subject);
    copy(subject, 0, leaf->content);
    put(subject, below(subject, 2) ? "\n   " : "");
    copy(subject, leaf->content, leaf->content_end);
    put(subject, below(subject, 2) ? " \t" : "");
    copy(subject, leaf->content_end, subject->text.length);
}

static void value_as_cdata(struct subject *subject) {
    const struct element *leaf = any_leaf(subject);
    copy(subject, 0, leaf->content);
    put(subject, "<![CDATA[");
    copy(subject, leaf->content, leaf->content_end);
    put(subject, "]]>");
    copy(subject, leaf->content_end, subject->text.length);
}

static void value_as_references(struct subject *subject) {
    const struct element *leaf = any_leaf(subject);
    copy(subject, 0, leaf->content);
    for (size_t i = leaf->content; i < leaf->content_end; i++) {
        unsigned char c = (unsigned char)subject->text.at[i];
        if (c < 0x80 && c != '&' && c != '<' && c != ';' && c != '#') {
            buf_printf(subject->out, below(subject, 2) ? "&#%u;" : "&#x%x;", c);
        } else {
            copy(subject, i, i + 1);
        }
    }
    copy(subject, leaf->content_end, subject->text.length);
}

static void cut_value(struct subject *subject) {
    const struct element *leaf = any_leaf(subject);
    size_t length = leaf->content_end - leaf->content, keep = below(subject, length + 1);
    replace(subject, leaf->content + keep, leaf->content_end, "");
}

/* --- elements ------------------------------------------------------------------------------------------- */

static void delete_element(struct subject *subject) {
    const struct element *element = any_element(subject);
    replace(subject, element->from, element->to, "");
}

static void repeat_element(struct subject *subject) {
    const struct element *element = any_element(subject);
    size_t times = below(subject, 8) ? 1 : 1 + below(subject, 120);
    if (element->to - element->from > 400) {
        times = 1;
    }
    copy(subject, 0, element->to);
    for (size_t i = 0; i < times; i++) {
        copy(subject, element->from, element->to);
    }
    copy(subject, element->to, subject->text.length);
}

static void swap_elements(struct subject *subject) {
    size_t index = below(subject, subject->count);
    const struct element *first = &subject->elements[index], *second = first;
    for (size_t i = index + 1; i < subject->count; i++) {
        if (subject->elements[i].from >= first->to) {
            second = &subject->elements[i];
            break;
        }
    }
    if (second == first) {
        delete_element(subject);
        return;
    }
    copy(subject, 0, first->from);
    copy(subject, second->from, second->to);
    copy(subject, first->to, second->from);
    copy(subject, first->from, first->to);
    copy(subject, second->to, subject->text.length);
}

static void move_element(struct subject *subject) {
    const struct element *element = any_element(subject), *to = any_element(subject);
    copy(subject, 0, to->from);
    copy(subject, element->from, element->to);
    copy(subject, to->from, subject->text.length);
}

static void rename_element(struct subject *subject) {
    static const char *const names[] = { "x",   "X",  "id",  "ID", "Name", "a:b",
                                         "xml", "中", "x.y", "_",  ":a",   "a:" };
    const struct element *element = any_element(subject);
    const char *name = names[below(subject, COUNT(names))];
    copy(subject, 0, element->from + 1);
    put(subject, name);
    copy(subject, element->name_end, element->content_end);
    if (!element->empty) {
        put(subject, "</");
        put(subject, below(subject, 5) ? name : "x");
        put(subject, ">");
    }
    copy(subject, element->to, subject->text.length);
}

static void text_between(struct subject *subject) {
    static const char *const texts[] = {
        "x",        "&#32;", "<!-- c -->", "<![CDATA[ ]]>", "<![CDATA[]]>",
        "\r\n",     "<?p?>", "&lt;",       "\n\n",          "<!-- a --><!-- b -->",
        "\xC2\xA0", "]]>",   "<x/>",       "<x xmlns=''/>", "<!DOCTYPE x>"
    };
    const struct element *element = any_element(subject);
    size_t at = below(subject, 2) ? element->from : element->to;
    replace(subject, at, at, texts[below(subject, COUNT(texts))]);
}

static void foreign_child(struct subject *subject) {
    static const char *const children[] = { "<o:x xmlns:o='urn:other'>y</o:x>",
                                            "<x xmlns='urn:other'><y>z</y></x>",
                                            "<x>1</x>",
                                            "<o:x xmlns:o='urn:other' o:a='1' b='2'/>",
                                            "<o:x xmlns:o=''/>",
                                            "<o:x/>" };
    const struct element *element = any_element(subject);
    size_t at = below(subject, 2) ? element->content : element->content_end;
    replace(subject, at, at, children[below(subject, COUNT(children))]);
}

static void empty_element(struct subject *subject) {
    const struct element *element = any_element(subject);
    copy(subject, 0, element->name_end);
    put(subject, below(subject, 2) ? "/>" : " />");
    copy(subject, element->to, subject->text.length);
}

/* --- tags ----------------------------------------------------------------------------------------------- */

static void blank_in_tag(struct subject *subject) {
    static const char *const blanks[] = { " ", "\n", "\t", "\r\n", "  " };
    const struct element *element = any_element(subject);
    size_t places[] = { element->name_end, element->content - 1, element->to - 1, element->from + 1,
                        element->content_end + 2 };
    size_t at = places[below(subject, COUNT(places))];
    replace(subject, at, at, blanks[below(subject, COUNT(blanks))]);
}

static const char *const attributes[] = {
    " a='1'",
    " xmlns:q='urn:q'",
    " xmlns:q='urn:q' q:a='1'",
    " xmlns=''",
    " q:a='1'",
    " xml:lang='zh'",
    " xml:space='preserve'",
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'",
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='false'",
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='xs:string' xmlns:xs='http://www.w3.org/2001/XMLSchema'",
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='urn:a b.xsd'",
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='urn:a'",
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:noNamespaceSchemaLocation='b.xsd'",
    " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:other='1'",
    " a='1' a='2'",
    " a=1",
    " a",
    " a='<'",
    " a='&lt;'",
    " a='&'",
    " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
    " xmlns:xmlns='urn:a'",
    " xmlns:q=''",
    " xmlns='urn:other'",
    " Id='x'",
    " Id='a1'",
    " version='1.0'",
    " guid='x'",
    " xmlns:q='a b'",
    " xmlns:q='%'",
    " currencyID='CNY'",
    " unitCode='KGM'",
    " schemeID='x'",
    " xmlns:q='q' xmlns:r='q' q:a='' r:a=''",
};
static void add_attribute(struct subject *subject) {
    const struct element *element = any_element(subject);
    replace(subject, element->name_end, element->name_end, attributes[below(subject, COUNT(attributes))]);
}

static void attribute_changed(struct subject *subject) {
    static const char *const values[] = { "=''",      "='x'",  "=' 1 '", "='&#10;'", "='1\n2'",
                                          "=\"a'b\"", "= 'x'", " ='x'",  "='x'a=''" };
    for (int tries = 0; tries < 50; tries++) {
        const struct element *element = any_element(subject);
        const char *tag = subject->text.at + element->name_end;
        const char *equals = memchr(tag, '=', element->content - element->name_end);
        if (!equals) {
            continue;
        }
        size_t from = (size_t)(equals - subject->text.at);
        const char *close = from + 2 < subject->text.length
                                ? memchr(equals + 2, equals[1], subject->text.length - from - 2)
                                : NULL;
        if (close) {
            replace(subject, from, (size_t)(close - subject->text.at) + 1,
                    values[below(subject, COUNT(values))]);
            return;
        }
    }
    add_attribute(subject);
}

static void prefix_tag(struct subject *subject) {
    const struct element *element = any_element(subject);
    copy(subject, 0, element->from + 1);
    put(subject, "p:");
    copy(subject, element->from + 1, element->name_end);
    put(subject, below(subject, 3) ? "" : " xmlns:p=\"http://www.chinaport.gov.cn/dec\"");
    copy(subject, element->name_end, element->content_end);
    if (!element->empty) {
        put(subject, "</p:");
        copy(subject, element->content_end + 2, element->to);
    }
    copy(subject, element->to, subject->text.length);
}

/* The default namespace of the root under a prefix, on every tag. */
static void prefix_all(struct subject *subject) {
    size_t done = 0;
    const char *xmlns = memmem(subject->text.at, subject->text.length, "xmlns=", 6);
    for (size_t i = 0; xmlns && i + 1 < subject->text.length; i++) {
        char c = subject->text.at[i], next = subject->text.at[i + 1];
        bool opens = c == '<' && next != '!' && next != '?';
        if (subject->text.at + i == xmlns) {
            copy(subject, done, i);
            put(subject, "xmlns:k=");
            done = i + 6;
        } else if (opens) {
            size_t at = i + 1 + (next == '/');
            const char *stop = subject->text.at + at;
            while (*stop && !strchr(" :>/\n\t\r", *stop)) {
                stop++;
            }
            copy(subject, done, at);
            put(subject, *stop == ':' ? "" : "k:");
            done = at;
        }
    }
    copy(subject, done, subject->text.length);
}

static void end_tag_changed(struct subject *subject) {
    const struct element *element = any_element(subject);
    static const char *const ends[] = { "</x>", "", "</>", "< /x>", "</x", "/>" };
    replace(subject, element->content_end, element->to, ends[below(subject, COUNT(ends))]);
}

/* --- bytes ---------------------------------------------------------------------------------------------- */

static size_t any_place(struct subject *subject) {
    return below(subject, subject->text.length);
}

static void flip_bit(struct subject *subject) {
    size_t at = any_place(subject);
    char byte = (char)(subject->text.at[at] ^ 1 << below(subject, 8));
    copy(subject, 0, at);
    buf_add(subject->out, &byte, 1);
    copy(subject, at + 1, subject->text.length);
}

static void other_byte(struct subject *subject) {
    static const char bytes[] = "<>&;:/=\"'!?-[]# \t\r\nA0a_\x7F\x80\xC3\xE4\xEF\xF0\xFF\x00\x01\x0B";
    size_t at = any_place(subject), insert = below(subject, 2);
    copy(subject, 0, at);
    buf_add(subject->out, &bytes[below(subject, sizeof(bytes) - 1)], 1);
    copy(subject, at + 1 - insert, subject->text.length);
}

static void delete_byte(struct subject *subject) {
    size_t at = any_place(subject);
    replace(subject, at, at + 1 + below(subject, 3), "");
}

static void truncate_bytes(struct subject *subject) {
    copy(subject, 0, any_place(subject));
}

static void swap_bytes(struct subject *subject) {
    size_t at = any_place(subject);
    copy(subject, 0, at);
    copy(subject, at + 1, at + 2);
    copy(subject, at, at + 1);
    copy(subject, at + 2, subject->text.length);
}

static void line_ends(struct subject *subject) {
    const char *with = below(subject, 3) ? "\r\n" : "\r";
    for (size_t i = 0; i < subject->text.length; i++) {
        if (subject->text.at[i] == '\n') {
            put(subject, with);
        } else {
            copy(subject, i, i + 1);
        }
    }
}

static void no_blanks(struct subject *subject) {
    for (size_t i = 0; i < subject->text.length; i++) {
        bool between = subject->text.at[i] == '\n' || subject->text.at[i] == '\t';
        if (!between) {
            copy(subject, i, i + 1);
        }
    }
}

static void prolog(struct subject *subject) {
    static const char *const prologs[] = {
        "",
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n",
        "<?xml version=\"1.0\" encoding=\"utf-8\" ?>",
        "<?xml version='1.0' standalone='yes' encoding='UTF-8'?>",
        "<?xml version='1.1'?>",
        "<?xml encoding='UTF-8'?>",
        " ",
        "\n",
        "<!-- c -->",
        "<?xml version='1.0'?><!-- c -->\n<!-- d -->",
        "<?xml version='1.0'encoding='UTF-8'?>",
        "<?xml version='1.0' standalone='maybe'?>",
        "<?xml  version = '1.0'  encoding\n=\n'UTF-8'?>",
        "<?xml version='1.0' encoding='UTF-8' x='y'?>",
        "<?xml version='1.0' encoding=''?>",
        "x",
        "<?xml version='1.0' encoding='_8'?>",
        "<?XML version='1.0'?>",
        "<!DOCTYPE a>",
        "<?xml?>",
    };
    const char *root = subject->count ? subject->text.at + subject->elements[0].from : subject->text.at;
    put(subject, prologs[below(subject, COUNT(prologs))]);
    copy(subject, (size_t)(root - subject->text.at), subject->text.length);
}

static void epilog(struct subject *subject) {
    static const char *const ends[] = { "\n",    "<!-- c -->", "x",    "<a/>", " \t\r\n",
                                        "<?p?>", "&#32;",      "<!--", "\x1A", "<![CDATA[]]>" };
    copy(subject, 0, subject->text.length);
    put(subject, ends[below(subject, COUNT(ends))]);
}

static void nothing(struct subject *subject) {
    copy(subject, 0, subject->text.length);
}

static const struct {
    const char *name;
    void (*change)(struct subject *subject);
    int weight;
} kinds[] = {
    { "nothing", nothing, 1 },
    { "nasty value", nasty_value, 14 },
    { "value of another", other_value, 8 },
    { "long value", long_value, 8 },
    { "cut value", cut_value, 4 },
    { "blank in value", blank_in_value, 4 },
    { "section in value", section_in_value, 3 },
    { "blanks around value", blanks_around_value, 3 },
    { "value as CDATA", value_as_cdata, 2 },
    { "value as references", value_as_references, 2 },
    { "element deleted", delete_element, 6 },
    { "element repeated", repeat_element, 5 },
    { "elements swapped", swap_elements, 4 },
    { "element moved", move_element, 4 },
    { "element renamed", rename_element, 2 },
    { "element emptied", empty_element, 4 },
    { "text between", text_between, 4 },
    { "foreign child", foreign_child, 3 },
    { "blank in tag", blank_in_tag, 3 },
    { "attribute added", add_attribute, 5 },
    { "attribute changed", attribute_changed, 4 },
    { "tag prefixed", prefix_tag, 2 },
    { "all prefixed", prefix_all, 2 },
    { "end tag changed", end_tag_changed, 2 },
    { "bit flipped", flip_bit, 4 },
    { "byte changed", other_byte, 6 },
    { "byte deleted", delete_byte, 3 },
    { "truncated", truncate_bytes, 1 },
    { "bytes swapped", swap_bytes, 2 },
    { "line ends", line_ends, 1 },
    { "no blanks", no_blanks, 1 },
    { "prolog", prolog, 2 },
    { "epilog", epilog, 1 },
};

const char *mutate(struct text message, uint64_t *random, struct buf *out) {
    static struct subject subject;
    size_t whole = 0, at, kind = 0;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        whole += (size_t)kinds[i].weight;
    }
    at = random_below(random, whole);
    while (at >= (size_t)kinds[kind].weight) {
        at -= (size_t)kinds[kind++].weight;
    }
    subject.text = message;
    subject.random = random;
    subject.out = out;
    list_elements(&subject);
    kind = subject.count ? kind : 0;
    kinds[kind].change(&subject);
    return kinds[kind].name;
}

/* Changes that are made to each element: it is left out, stands twice, before the one in front of it, is
 * empty, has a blank, a text or an element in it, or one of the attributes more. */
#define CHANGES (7 + COUNT(attributes))

static void change_element(struct subject *subject, size_t index, size_t change) {
    const struct element *element = &subject->elements[index];
    static const char *const insides[] = { " ", "x", "<x/>" };
    switch (change) {
    case 0: replace(subject, element->from, element->to, ""); break;
    case 1:
        copy(subject, 0, element->to);
        copy(subject, element->from, subject->text.length);
        break;
    case 2: {
        const struct element *before = &subject->elements[index ? index - 1 : 0];
        bool beside = before->to <= element->from;
        copy(subject, 0, before->from);
        copy(subject, element->from, element->to);
        copy(subject, before->from, beside ? element->from : subject->text.length);
        copy(subject, element->to, beside ? subject->text.length : 0);
        break;
    }
    case 3:
        copy(subject, 0, element->name_end);
        put(subject, "/>");
        copy(subject, element->to, subject->text.length);
        break;
    case 4:
    case 5:
    case 6: replace(subject, element->content, element->content, insides[change - 4]); break;
    default: replace(subject, element->name_end, element->name_end, attributes[change - 7]);
    }
}

bool mutate_element(struct text message, size_t number, struct buf *out) {
    static struct subject subject;
    subject.text = message;
    subject.out = out;
    list_elements(&subject);
    if (number / CHANGES >= subject.count) {
        return false;
    }
    change_element(&subject, number / CHANGES, number % CHANGES);
    return true;
}

bool mutate_value(struct text message, size_t number, struct buf *out) {
    static struct subject subject;
    subject.text = message;
    subject.out = out;
    list_elements(&subject);
    if (number / COUNT(nasty) >= subject.leaves_count) {
        return false;
    }
    const struct element *leaf = &subject.elements[subject.leaves[number / COUNT(nasty)]];
    replace(&subject, leaf->content, leaf->content_end, nasty[number % COUNT(nasty)]);
    return true;
}
