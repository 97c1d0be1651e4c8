/*
 * standing.c - by role, then by whose name the message bears, then by whose ids begin so.
 */
#include "check/standing.h"

#include <string.h>

const char *standing_role(const struct party *party, const struct format *format) {
    return party_first_role(party, format->senders, format->senders_count);
}

/* Customs names a declaration by its sender's id: one that begins as another's do would get the other's
   answers. */
static void judge_id(const struct edition *edition, const struct party *party, const struct format *format,
                     const struct document *doc, struct places *places, struct verdict *verdict) {
    const struct value *id = format->id ? document_value(doc, format->id->id, 0) : NULL;
    const struct party *owner = id ? parties_of_id(edition->parties, id->text) : NULL;
    if (owner && strcmp(owner->code, party->code) != 0) {
        struct finding finding = {
            .code = "STAND-ID",
            .severity = SEVERITY_ERROR,
            .zh = "该报文编号的前缀已由其他参与方登记，请使用本方编号",
            .en = "ids that begin so are registered to another party; use one of your own",
        };
        places_tell(places, id, &finding);
        verdict_add(verdict, &finding);
    }
}

static void judge_code(const struct party *party, const struct format *format, const struct value *value,
                       struct places *places, struct verdict *verdict) {
    struct party_list list = strcmp(format->acts_for_list, "reports") == 0 ? party->reports : party->declares;
    if (party_list_has(list, value ? value->text : TEXT(""))) {
        return;
    }
    struct arena *arena = verdict->arena;
    struct finding finding = {
        .code = "STAND-CODE",
        .severity = SEVERITY_ERROR,
        .zh = arena_printf(arena, "参与方 %s 不得以此%s的名义发送", party->code, format->acts_for->zh),
        .en = arena_printf(arena, "party %s may not send in the name of this %s", party->code,
                           format->acts_for->en),
    };
    places_tell(places, value, &finding);
    verdict_add(verdict, &finding);
}

void standing_judge(const struct edition *edition, const struct party *party, const struct format *format,
                    const struct document *doc, struct places *places, struct verdict *verdict) {
    require(party && format && doc);
    if (!standing_role(party, format)) {
        verdict_say(verdict, "STAND-ROLE", SEVERITY_ERROR, (struct place){ 0 }, "",
                    "参与方 %s 的角色不得发送 %s", "no role of party %s may send %s", party->code,
                    format->name);
    }
    if (strcmp(format->family, "declaration") == 0) {
        judge_id(edition, party, format, doc, places, verdict);
    }
    if (!format->acts_for) {
        return;
    }
    uint32_t rows = format->acts_for->group >= 0 ? document_rows(doc, format->acts_for->group) : 1;
    for (uint32_t row = 0; row < (rows ? rows : 1); row++) { /* without any row it acts for nobody */
        judge_code(party, format, document_value(doc, format->acts_for->id, row), places, verdict);
    }
}
