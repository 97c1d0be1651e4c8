/*
 * definitions.c - a number or a record → the digest of a text → the text, from its set-up record → segments.
 */
#include "view/statistics/definitions.h"

#include <inttypes.h>

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

static enum status refuse_number(const struct view_question *question) {
    struct state *state = question->source->state;
    struct definition last = { .number = 0 };
    uint64_t asked = view_number(question, "definition");
    (void)definition_at(state, 0, &last);
    enum status failure = state_take_failure(state);
    if (failure != STATUS_OK) {
        return failure;
    }
    return view_refuse(
        question, STATUS_NOT_FOUND,
        last.number ? (struct view_refusal){ NULL,
                                             arena_printf(question->arena,
                                                          "没有统计口径 %" PRIu64 "：口径有 1 至 %" PRIu64,
                                                          asked, last.number),
                                             arena_printf(question->arena,
                                                          "there is no definition %" PRIu64
                                                          ", there are 1 to %" PRIu64,
                                                          asked, last.number) }
                    : (struct view_refusal){ NULL, "没有统计口径的记录：日志中还没有启用记录",
                                             "no definition was recorded yet" });
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
        return asked ? refuse_number(question) : STATUS_OK;
    }
    verdict_init(&mistakes, question->arena);
    return definition_read(source, &out->recorded, question->arena, &mistakes, &out->segments);
}
