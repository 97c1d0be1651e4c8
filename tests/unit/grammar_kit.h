/*
 * grammar_kit.h - for tests of the compiler: schemas from texts. Document 0 is the schema; a location "1" to
 * "9" leads to the others.
 */
#ifndef TESTS_GRAMMAR_KIT_H
#define TESTS_GRAMMAR_KIT_H

#include "base/buf.h"
#include "xsd/validator.h"

#define KIT_DOCUMENTS_MAX 10
#define KIT_HEAD          "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
#define KIT_TAIL          "</xs:schema>"

struct grammar_kit {
    const char *documents[KIT_DOCUMENTS_MAX];
};

static inline struct text kit_bytes(void *context, int document) {
    return text_of(((const struct grammar_kit *)context)->documents[document]);
}

static inline int kit_locate(void *context, int base, struct text location) {
    int document = location.length == 1 ? location.at[0] - '0' : -1;
    bool there = document > 0 && document < KIT_DOCUMENTS_MAX;
    return there && ((const struct grammar_kit *)context)->documents[document] ? document : -1;
}

static inline struct grammar *kit_compile(struct grammar_kit *kit, struct obstacle *obstacle) {
    struct grammar_files files = { kit, kit_bytes, kit_locate };
    return grammar_compile(&files, obstacle);
}

static inline struct grammar *kit_compile_one(const char *schema, struct obstacle *obstacle) {
    struct grammar_kit kit = { { schema } };
    return kit_compile(&kit, obstacle);
}

#endif
