/*
 * told.h - for tests of texts an expert writes: mistakes as one line each, "line:column sentence (hint)", so
 * that a case is a source and what is told of it.
 */
#ifndef TESTS_TOLD_H
#define TESTS_TOLD_H

#include "base/buf.h"
#include "message/verdict.h"

static inline void tell_mistakes(const struct verdict *verdict, struct buf *out) {
    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];
        buf_printf(out, "%u:%u %s", finding->place.line, finding->place.column, finding->en);
        if (*finding->hint_en) {
            buf_printf(out, " (%s)", finding->hint_en);
        }
        buf_add_char(out, '\n');
    }
}

/* Every mistake speaks both languages and says which text it is about. */
static inline void assert_mistakes_complete(const struct verdict *verdict, const char *code,
                                            const char *file) {
    for (size_t i = 0; i < verdict->count; i++) {
        const struct finding *finding = &verdict->findings[i];
        assert_string_equal(finding->code, code);
        assert_string_equal(finding->file, file);
        assert_int_equal(finding->severity, SEVERITY_ERROR);
        assert_true(*finding->zh && *finding->en);
        assert_int_equal(*finding->hint_zh != '\0', *finding->hint_en != '\0');
    }
}

#endif
