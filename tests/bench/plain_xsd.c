/*
 * plain_xsd.c - libxml2 alone, SAX with the schema plugged in, on one core: the bound that a gateway which
 * validates with
 * libxml2 is measured against.   plain_xsd SCHEMA.xsd MESSAGE.xml; prints messages a second.
 */
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench_clock.h"

#define PIECE   4096
#define SECONDS 2.0

static double now(void) {
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

static int judge(xmlSchemaPtr schema, const char *bytes, int length) {
    xmlSAXHandler empty = { .initialized = XML_SAX2_MAGIC }, *handler = &empty;
    void *data = NULL;
    xmlSchemaValidCtxtPtr valid = xmlSchemaNewValidCtxt(schema);
    xmlSchemaSAXPlugPtr plug = xmlSchemaSAXPlug(valid, &handler, &data);
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(handler, data, NULL, 0, NULL);
    xmlCtxtUseOptions(parser, XML_PARSE_NONET);
    for (int at = 0; at < length; at += PIECE) {
        xmlParseChunk(parser, bytes + at, length - at < PIECE ? length - at : PIECE, at + PIECE >= length);
    }
    int good = parser->wellFormed && xmlSchemaIsValid(valid) == 1;
    xmlFreeParserCtxt(parser);
    xmlSchemaSAXUnplug(plug);
    xmlSchemaFreeValidCtxt(valid);
    return good;
}

int main(int count, char **arguments) {
    static char bytes[1 << 24];
    FILE *file = count == 3 ? fopen(arguments[2], "rb") : NULL;
    if (!file) {
        return 2;
    }
    int length = (int)fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    xmlSchemaParserCtxtPtr context = xmlSchemaNewParserCtxt(arguments[1]);
    xmlSchemaPtr schema = xmlSchemaParse(context);
    xmlSchemaFreeParserCtxt(context);
    if (!schema || !judge(schema, bytes, length)) {
        fprintf(stderr, "plain_xsd: the message is not valid\n");
        return 1;
    }
    double start = now();
    unsigned done = 0;
    for (; now() - start < SECONDS; done++) {
        judge(schema, bytes, length);
    }
    printf("%.0f\n", done / (now() - start));
    xmlSchemaFree(schema);
    return 0;
}
