/*
 * definitions.c - a number or a record → the digest of a text → the text, from its set-up record → segments.
 */
#include "view/statistics/definitions.h"

#include "base/memory.h"

static bool is_own(const struct edition *edition, const struct digest *digest) {
    const struct edition_text *text = edition_text(edition, SETUPS_DEFINITION);
    return text && digest_equal(&text->digest, digest);
}

enum status definition_read(const struct view_source *source, const struct definition *definition,
                            struct arena *arena, struct verdict *mistakes, const struct segments **out) {
    require(source->state && source->edition && definition->number);
    struct text bytes;
    *out = source->edition->segments;
    if (is_own(source->edition, &definition->digest)) {
        return STATUS_OK;
    }
    enum status status = setups_text(source->state, source->reader, &definition->digest, arena, &bytes);
    if (status == STATUS_OK) {
        *out = segments_read(source->edition, bytes, arena, mistakes);
    }
    return status;
}

enum status definition_find(const struct view_question *question, uint64_t as_of,
                            struct definition_used *out) {
    const struct view_source *source = question->source;
    bool asked = view_value(question, "definition").length > 0;
    struct verdict mistakes;
    *out = (struct definition_used){ .segments = source->edition->segments };
    bool found = asked
                     ? definition_numbered(source->state, view_number(question, "definition"), &out->recorded)
                     : definition_at(source->state, as_of, &out->recorded);
    enum status failure = state_take_failure(source->state);
    if (failure != STATUS_OK) {
        return failure;
    }
    if (!found || (!asked && !as_of && !is_own(source->edition, &out->recorded.digest))) {
        out->recorded = (struct definition){ .number = 0 }; /* another edition is not recorded yet */
        return asked ? STATUS_NOT_FOUND : STATUS_OK;
    }
    verdict_init(&mistakes, question->arena);
    return definition_read(source, &out->recorded, question->arena, &mistakes, &out->segments);
}
