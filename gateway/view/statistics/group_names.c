/*
 * group_names.c - by dimension: a code list of the edition, its parties, its modes, the definition's own
 * words, or ours.
 */
#include "view/statistics/group_names.h"

#include <string.h>

#include "edition/modes.h"
#include "view/names.h"

/* clang-format off */
static const struct {
    const char *value, *zh, *en;
} words[] = {
    { "yes",      "是",       "yes" },
    { "no",       "否",       "no" },
    { "one-step", "一步申报", "one step" },
    { "two-step", "两步申报", "two-step" },
    { "advance",  "提前申报", "in advance" },
    { "ordinary", "普通申报", "ordinary" },
};
/* clang-format on */

static const char *word_of(struct text value, enum language language) {
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (text_is(value, words[i].value)) {
            return language_pick(language, words[i].zh, words[i].en);
        }
    }
    return NULL;
}

/* "advance+two-step" */
static const char *name_of_modes(const struct view_question *question, const char *value,
                                 enum language language) {
    const char *name = "";
    struct text codes = text_of(value);
    while (codes.length) {
        struct text code = text_until(&codes, '+');
        const char *mode = mode_name(question->source->edition->modes, code, language);
        const char *word = mode ? mode : word_of(code, language);
        name = arena_printf(question->arena, "%s%s%s", name, *name ? " + " : "",
                            word ? word : arena_copy(question->arena, code));
    }
    return name;
}

/* Of a dimension of the definition, as that calls it. */
static const char *name_by_definition(const struct view_question *question,
                                      const struct clearance_wanted *wanted, const char *value,
                                      enum language language) {
    const struct segments *segments = wanted->definition.segments;
    size_t dimension = wanted->by - DIMENSIONS_COUNT;
    const char *name = segments_value_name(segments, dimension, value, language);
    const char *list = segments_value_list(segments, dimension);
    name = name ? name : word_of(text_of(value), language);
    return name ? name : *list ? name_of_code(question, list, value, language) : value;
}

const char *group_name(const struct view_question *question, const struct clearance_wanted *wanted,
                       const char *value, enum language language) {
    const char *name;
    if (wanted->by >= DIMENSIONS_COUNT && wanted->by < DIMENSION_FIELD) {
        return name_by_definition(question, wanted, value, language);
    }
    switch (wanted->by) {
    case DIMENSION_OFFICE: return name_of_code(question, "customs_offices", value, language);
    case DIMENSION_PORT: return name_of_code(question, "ports", value, language);
    case DIMENSION_TERMINAL: name = name_of_party(question, value, language); return *name ? name : value;
    case DIMENSION_MODE: return name_of_modes(question, value, language);
    case DIMENSION_FIELD: return name_of_code(question, wanted->field->list, value, language);
    default: name = word_of(text_of(value), language); return name ? name : value;
    }
}

/* People know its values by their codes, too. */
static bool has_codes(const struct clearance_wanted *wanted) {
    bool own = wanted->by >= DIMENSIONS_COUNT && wanted->by < DIMENSION_FIELD;
    return wanted->by == DIMENSION_OFFICE || wanted->by == DIMENSION_PORT || wanted->by == DIMENSION_TERMINAL
           || wanted->by == DIMENSION_FIELD
           || (own && *segments_value_list(wanted->definition.segments, wanted->by - DIMENSIONS_COUNT));
}

const char *group_label(const struct view_question *question, const struct clearance_wanted *wanted,
                        const char *value, enum language language) {
    if (!*value) {
        return language_pick(language, "未填", "not said");
    }
    const char *name = group_name(question, wanted, value, language);
    return strcmp(name, value) == 0 || !has_codes(wanted)
               ? name
               : arena_printf(question->arena, "%s %s", value, name);
}

const char *group_head(const struct view_question *question, const struct clearance_wanted *wanted,
                       enum language language) {
    require(wanted->by < DIMENSION_NONE);
    if (wanted->by == DIMENSION_ONE_MODE) {
        return name_of_modes(question, wanted->mode, language);
    }
    if (wanted->by == DIMENSION_FIELD) {
        return language_pick(language, wanted->field->zh, wanted->field->name);
    }
    const struct segments *segments = wanted->definition.segments;
    return language_pick(language, dimension_name(segments, wanted->by, language),
                         dimension_text(segments, wanted->by));
}
