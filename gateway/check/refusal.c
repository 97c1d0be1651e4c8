/*
 * refusal.c - a code of message/finding_code.h becomes a finding at its place.
 */
#include "check/refusal.h"

#include "message/finding_code.h"
#include "check/places.h"

bool refusal_add(const char *code, const struct decoded *text, uint64_t offset, uint64_t length,
                 const struct refusal_words *words, struct verdict *verdict) {
    const struct finding_meaning *meaning = finding_meaning(code);
    static const struct refusal_words none;
    words = words ? words : &none;
    verdict_add(verdict, &(struct finding){
                             .code = meaning->code,
                             .severity = SEVERITY_ERROR,
                             .place = place_in(text, offset, length),
                             .zh = words->zh ? words->zh : meaning->zh,
                             .en = words->en ? words->en : meaning->en,
                             .hint_zh = words->hint_zh,
                             .hint_en = words->hint_en,
                         });
    return false;
}
