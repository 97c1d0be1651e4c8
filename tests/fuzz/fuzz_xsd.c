/*
 * Schemas and messages through the compiler and the pass alone. The input is texts with a zero byte between
 * them: the schema, the documents it includes or imports as "1" to "9", the message; or @N, of which seed the
 * schema is, and the message, so that a mutation spares the schema.
 * A schema is compiled or refused by name, and by the same name again; what the pass accepts it accepts
 * again, is well-formed to libxml2, and its events lie in the message and within each other. Nothing is found
 * against the IDs of what is accepted, if the schema is a right one.
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/status.h"
#include "fuzz/driver.h"
#include "xsd/validator.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define PIECES_MAX   10
#define HEAD         "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
#define TAIL         "</xs:schema>"
#define ELEMENT(in)  HEAD "<xs:element name='e'>" in "</xs:element>" TAIL
#define MODEL(in)    ELEMENT("<xs:complexType>" in "</xs:complexType>")
#define SIMPLE(in)   ELEMENT("<xs:simpleType>" in "</xs:simpleType>")

const long fuzz_runs = 60000;

static const char *const pairs[][2] = {
    { SIMPLE(
          "<xs:restriction base='xs:string'><xs:pattern value='[A-Z-[M-P]]{2,4}(-[0-9]+)?|x*y'/><xs:maxLength value='9'/></xs:restriction>"),
      "<?xml version='1.0'?><e>AB-12</e>" },
    { SIMPLE(
          "<xs:restriction base='xs:decimal'><xs:minInclusive value='-1.5'/><xs:maxExclusive value='100'/><xs:totalDigits value='4'/>"
          "<xs:fractionDigits value='2'/></xs:restriction>"),
      "<e>&#49;<!-- c -->2<![CDATA[.5]]></e>" },
    { SIMPLE(
          "<xs:restriction><xs:simpleType><xs:list itemType='xs:unsignedByte'/></xs:simpleType><xs:length value='3'/></xs:restriction>"),
      "<e> 1 2\r\n255 </e>" },
    { SIMPLE("<xs:union memberTypes='xs:date xs:duration xs:base64Binary'/>"), "<e>P1DT2H</e>" },
    { SIMPLE(
          "<xs:restriction base='xs:token'><xs:enumeration value='in transit'/><xs:enumeration value='中'/></xs:restriction>"),
      "<e>in  transit</e>" },
    { MODEL(
          "<xs:sequence><xs:element name='a' type='xs:int' minOccurs='2' maxOccurs='4'/><xs:choice minOccurs='0' maxOccurs='3'>"
          "<xs:element name='b' type='xs:boolean' nillable='true'/><xs:element name='c' type='xs:dateTime'/></xs:choice></xs:sequence>"
          "<xs:attribute name='k' type='xs:ID' use='required'/>"),
      "<e k='x'><a>1</a>\n <a>2</a><c>2026-11-29T12:00:00Z</c><b xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:nil='1'/></e>" },
    { MODEL(
          "<xs:all><xs:element name='a' type='xs:string' default='x'/><xs:element name='b' type='xs:anyURI' minOccurs='0'/></xs:all>"
          "<xs:anyAttribute namespace='##other' processContents='lax'/>"),
      "<e xmlns:p='urn:p' p:q='1'><b>http://a.b/c</b><a/></e>" },
    { HEAD
      "<xs:complexType name='t' mixed='true'><xs:sequence><xs:any processContents='lax' minOccurs='0' maxOccurs='unbounded'/></xs:sequence>"
      "</xs:complexType><xs:element name='e' type='t'/><xs:element name='i' type='xs:IDREFS'/>" TAIL,
      "<e>text &amp; <i>a</i><e>b<o:x xmlns:o='urn:o'/></e><!-- c --></e>" },
    { HEAD
      "<xs:complexType name='b'><xs:simpleContent><xs:extension base='xs:hexBinary'><xs:attribute name='u' fixed='1'/></xs:extension>"
      "</xs:simpleContent></xs:complexType><xs:element name='e'><xs:complexType><xs:simpleContent><xs:restriction base='b'>"
      "<xs:maxLength value='2'/><xs:attribute name='u' use='prohibited'/></xs:restriction></xs:simpleContent></xs:complexType></xs:element>" TAIL,
      "<e>0aFF</e>" },
};

static const char includes[] =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:a' xmlns:b='urn:b' targetNamespace='urn:a' "
    "elementFormDefault='qualified'><xs:include schemaLocation='1'/><xs:import namespace='urn:b' schemaLocation='2'/>"
    "<xs:element name='e'><xs:complexType><xs:group ref='g' maxOccurs='2'/><xs:attributeGroup ref='h'/></xs:complexType></xs:element></xs:schema>\0"
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:b='urn:b'><xs:import namespace='urn:b'/><xs:group name='g'><xs:sequence>"
    "<xs:element name='x' type='xs:gYear'/><xs:element ref='b:y'/></xs:sequence></xs:group><xs:attributeGroup name='h'><xs:attribute name='z'/>"
    "</xs:attributeGroup></xs:schema>\0"
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:b'><xs:element name='y' type='xs:NMTOKENS'/></xs:schema>\0"
    "<a:e xmlns:a='urn:a' xmlns:b='urn:b' z='&lt;'><a:x>2026</a:x><b:y>a b</b:y></a:e>";

static struct text features(void) {
    static const char *const parts[] = { "features.xsd", "chameleon.xsd", "other.xsd", "features.xml" };
    static struct buf all;
    if (!all.at) {
        buf_init(&all, 1u << 20);
        for (size_t i = 0; i < COUNT(parts); i++) {
            char path[512];
            snprintf(path, sizeof(path), "%s/tests/differential/features/%s", SOURCE_DIR, parts[i]);
            require(file_read(path, &all) == STATUS_OK);
            buf_add(&all, "", i + 1 < COUNT(parts)); /* a zero byte */
        }
    }
    return buf_text(&all);
}

#define WHOLE (COUNT(pairs) + 2) /* seeds with a schema; as many more name it */

static struct text message_of(struct text seed) {
    const char *zero = memrchr(seed.at, '\0', seed.length);
    return (struct text){ zero + 1, (size_t)(seed.at + seed.length - zero) - 1 };
}

struct text fuzz_seed(size_t index) {
    static struct buf made[2 * WHOLE];
    struct buf *seed = &made[index < 2 * WHOLE ? index : 0];
    if (index >= 2 * WHOLE) {
        return (struct text){ NULL, 0 };
    }
    if (index == COUNT(pairs)) {
        return (struct text){ includes, sizeof(includes) - 1 };
    }
    if (index == COUNT(pairs) + 1) {
        return features();
    }
    if (!seed->at) {
        buf_init(seed, 1u << 16);
        if (index < WHOLE) {
            buf_add(seed, pairs[index][0], strlen(pairs[index][0]) + 1);
            buf_add_string(seed, pairs[index][1]);
        } else {
            buf_printf(seed, "@%c", (char)('a' + index - WHOLE));
            buf_add(seed, "", 1);
            buf_add_text(seed, message_of(fuzz_seed(index - WHOLE)));
        }
    }
    return buf_text(seed);
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = {
        " minOccurs='0'",
        " maxOccurs='unbounded'",
        " maxOccurs='4294967295'",
        " minOccurs='3' maxOccurs='5'",
        " nillable='true'",
        " mixed='true'",
        " use='required'",
        " fixed='1'",
        " default=''",
        " substitutionGroup='e'",
        " abstract='true'",
        " type='xs:ID'",
        " type='xs:string'",
        " k='x'",
        " type='t'",
        " ref='e'",
        " base='b'",
        " base='xs:string'",
        " namespace='##other'",
        " namespace='##local urn:x'",
        " processContents='skip'",
        "<xs:sequence>",
        "</xs:sequence>",
        "<xs:choice minOccurs='0'>",
        "</xs:choice>",
        "<xs:element name='e' minOccurs='0' maxOccurs='9'/>",
        "<xs:element ref='e' minOccurs='0'/>",
        "<xs:any/>",
        "<xs:anyAttribute/>",
        "<xs:attribute name='a' type='xs:int'/>",
        "<xs:length value='3'/>",
        "<xs:minLength value='99999999999'/>",
        "<xs:enumeration value=''/>",
        "<xs:pattern value='(a|b)*'/>",
        "<xs:pattern value='a{1000}'/>",
        "<xs:pattern value='[^a-f-[c]]{3,}'/>",
        "<xs:whiteSpace value='collapse'/>",
        "<xs:annotation>x</xs:annotation>",
        "xs:int",
        "xs:decimal",
        "xs:date",
        "xs:NMTOKENS",
        "(",
        ")*",
        "{2,}",
        "[^",
        "-[",
        "\\d",
        "\\p{L}",
        "|",
        "<e>",
        "</e>",
        "<a>1</a>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "&#x4E2D;",
        "&lt;",
        " xmlns='urn:b'",
        " xmlns:p='urn:p'",
        "<p:",
        "\r\n",
        "中",
        "1",
        "-0.50",
        "2026-02-29",
    };
    return index < COUNT(words) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

/* --- the pieces of an input ----------------------------------------------------------------------------- */

struct pieces {
    struct text texts[PIECES_MAX + 1];
    int count;
};

static struct pieces cut(struct text input) {
    struct pieces pieces = { .count = 0 };
    if (input.length > 2 && input.at[0] == '@' && input.at[2] == '\0') {
        size_t index = (size_t)(input.at[1] - 'a');
        struct text message = { input.at + 3, input.length - 3 };
        if (index < WHOLE) {
            pieces = cut(fuzz_seed(index));
            pieces.texts[pieces.count - 1] = message;
        }
        return pieces;
    }
    for (struct text rest = input; rest.at && pieces.count <= PIECES_MAX;) {
        pieces.texts[pieces.count++] = text_until(&rest, '\0');
    }
    return pieces;
}

static struct text piece_bytes(void *context, int document) {
    return ((const struct pieces *)context)->texts[document];
}

static int piece_locate(void *context, int base, struct text location) {
    (void)base;
    int number = location.length == 1 ? location.at[0] - '0' : -1;
    if (text_is(location, "chameleon.xsd") || text_is(location, "other.xsd")) {
        number = text_is(location, "other.xsd") ? 2 : 1;
    }
    return number > 0 && number < ((const struct pieces *)context)->count - 1 ? number : -1;
}

/* --- what must hold ------------------------------------------------------------------------------------- */

/* Which encoding the XML declaration names is the gate's to look at. */
#define OPTIONS \
    (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE | XML_PARSE_IGNORE_ENC)

static void check_well_formed(struct text message) {
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    xmlDocPtr doc = xmlCtxtReadMemory(parser, message.at, (int)message.length, NULL, "UTF-8", OPTIONS);
    require(doc && parser->wellFormed && parser->nsWellFormed && !doc->intSubset);
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(parser);
}

static void check_events(const struct validator_events *events, struct text message) {
    size_t depth = 0;
    uint32_t before = 0;
    for (size_t i = 0; i < events->count; i++) {
        const struct validator_event *event = &events->events[i];
        struct text text = validator_text(events, event, message);
        require(event->name + event->name_length <= message.length && event->from <= event->to
                && event->to <= message.length);
        require(event->decoded || event->text + text.length <= message.length);
        require(text_is_utf8(text));
        require(event->kind == VALIDATOR_LEAVE || (event->name_length && event->name >= before));
        before = event->kind == VALIDATOR_LEAVE ? before : event->name;
        depth += event->kind == VALIDATOR_ENTER;
        require(depth > 0 || event->kind == VALIDATOR_LEAF);
        depth -= event->kind == VALIDATOR_LEAVE;
    }
    require(depth == 0 && events->count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct pieces pieces = cut((struct text){ (const char *)bytes, length });
    struct grammar_files files = { &pieces, piece_bytes, piece_locate };
    struct obstacle obstacle, again;
    struct validator_events events;
    if (pieces.count < 2 || pieces.count > PIECES_MAX) {
        return 0;
    }
    struct text message = pieces.texts[pieces.count - 1];
    struct grammar *grammar = grammar_compile(&files, &obstacle);
    require((grammar != NULL) == (obstacle.kind == OBSTACLE_NONE));
    if (!grammar) {
        require(text_is_utf8(text_of(obstacle.name)));
        require(!grammar_compile(&files, &again) && again.kind == obstacle.kind
                && strcmp(again.name, obstacle.name) == 0);
        return 0;
    }
    struct validator *validator = validator_new(grammar);
    bool accepted = validator_accepts(validator, message, &events);
    if (accepted) {
        check_events(&events, message);
        check_well_formed(message);
        require(validator_accepts(validator, message, NULL));
        require(length == 0 || *bytes != '@' || validator_search_clashes(validator, message) == 0);
    } else {
        require(validator_stopped_at(validator) <= message.length);
        validator_search_clashes(validator, message);
    }
    validator_free(validator);
    grammar_free(grammar);
    return 0;
}
