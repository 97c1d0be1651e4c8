/*
 * names.c - lists, life cycles and parties of the edition that a question is asked by.
 */
#include "view/names.h"

#include "base/status.h"
#include "engine/part.h"

const char *name_of_code(const struct view_question *question, const char *list, const char *code,
                         enum language language) {
    const struct codelist *codes = codelists_find(question->source->edition->lists, text_of(list));
    const char *name =
        codes ? codelist_name_of(codes, text_of(code), stamp_day(question->now), language) : NULL;
    return name ? name : code;
}

const char *name_of_state(const char *part, const char *state, enum language language) {
    require(part_lifecycle(part));
    const struct lifecycle_state *row = lifecycle_state(part_lifecycle(part), state);
    return row ? language_pick(language, row->zh, row->en) : state;
}

const char *name_of_party(const struct view_question *question, const char *code, enum language language) {
    const struct party *party = parties_find(question->source->edition->parties, text_of(code));
    return party ? language_pick(language, party->zh, party->en) : "";
}
