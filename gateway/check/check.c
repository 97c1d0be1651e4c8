/*
 * check.c - the schemas compiled for an edition, and the order of the stages.
 *
 * A message that is well-formed goes through all stages even when its schema or the party's
 * standing refuses it: the sender shall hear of all faults at once. Rules judge what is there; what
 * is absent or ill-typed violates none.
 */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "edition/binding.h"
#include "check/gate.h"
#include "check/places.h"
#include "check/recognize.h"
#include "check/rules.h"
#include "check/standing.h"
#include "check/values.h"
#include "check/xsd.h"

struct checker {
    const struct judge *judge;
    struct xsd_session *(*sessions)[SCHEMAS]; /* made when first needed */
};

/* --- a thread's own ------------------------------------------------------------------------------------- */

struct checker *checker_new(const struct judge *judge) {
    struct checker *checker = memory_new(sizeof(*checker));
    checker->judge = judge_take(judge);
    checker->sessions = memory_array(judge->edition->catalog->count + 1, sizeof(*checker->sessions));
    return checker;
}

void checker_free(struct checker *checker) {
    if (!checker) {
        return;
    }
    for (size_t row = 0; row < checker->judge->edition->catalog->count; row++) {
        for (int i = 0; i < SCHEMAS; i++) {
            xsd_session_free(checker->sessions[row][i]);
        }
    }
    free(checker->sessions);
    judge_release(checker->judge);
    free(checker);
}

/* --- the schema ----------------------------------------------------------------------------------------- */

static void say_unavailable(const struct format *format, struct verdict *verdict) {
    struct arena *arena = verdict->arena;
    verdict_add(verdict,
                &(struct finding){
                    .code = "FORMAT-UNAVAILABLE",
                    .severity = SEVERITY_ERROR,
                    .zh = arena_printf(arena, "格式 %s 暂不可用：缺少官方模式文件", format->name),
                    .en = arena_printf(
                        arena, "the format %s cannot be judged here: its official schema is not installed",
                        format->name),
                    .hint_zh = arena_printf(arena, "请在配置中给出官方模式 %s 的文件夹", format->dropin),
                    .hint_en = arena_printf(arena, "configure the folder of the official schemas '%s'",
                                            format->dropin),
                });
}

/* NULL when the schema is not there. */
static struct xsd_session *session_for(struct checker *checker, const struct format *format,
                                       const struct gated *gated) {
    size_t row = (size_t)(format - checker->judge->edition->catalog->formats);
    int kind = format->namespace_optional && gated->root_namespace.length == 0 ? WITHOUT_NAMESPACE : PROPER;
    const struct xsd *xsd = checker->judge->schemas[row][kind];
    struct xsd_session **session = &checker->sessions[row][kind];
    if (!*session && xsd) {
        *session = xsd_session_new(xsd);
    }
    return *session;
}

/* True: the document was read to its end. The places learn by which walk its values were read. */
static bool judge_schema(struct checker *checker, const struct gated *gated, struct arena *arena,
                         struct places *places, struct judgement *out) {
    const struct edition *edition = checker->judge->edition;
    struct xsd_session *session = session_for(checker, out->format, gated);
    if (!session) {
        say_unavailable(out->format, &out->verdict);
        return false;
    }
    out->doc = document_new(edition->fields, arena);
    struct binding *binding = edition->bindings[out->format - edition->catalog->formats];
    places->walk = binding_walk_new(binding, binding ? out->doc : NULL, arena);
    return xsd_judge(session, gated, out->format->tolerant, places->walk, arena, &out->verdict)
           == XSD_READ_WHOLE;
}

/* --- what the gateway knows, and the id ----------------------------------------------------------------- */

static void know(struct document *doc, const char *field, const char *value) {
    if (value[0] && fields_find(document_fields(doc), text_of(field))) {
        document_know(doc, field, 0, text_of(value));
    }
}

static void know_envelope(struct document *doc, const struct envelope *env, const struct party *party,
                          const struct format *format) {
    char received[STAMP_TEXT_MAX];
    const char *role = party ? standing_role(party, format) : NULL;
    know(doc, "sender", env->party);
    know(doc, "sender_role", role ? role : "");
    know(doc, "family", format->family);
    know(doc, "format", format->name);
    know(doc, "channel", envelope_channel(env));
    know(doc, "received", stamp_print(env->received, received));
}

static const char *id_of(const struct envelope *env, struct arena *arena, struct judgement *out) {
    const struct value *value = out->format->id ? document_value(out->doc, out->format->id->id, 0) : NULL;
    if (value && value->text.length <= IDENTIFIER_LENGTH_MAX) {
        return arena_copy(arena, value->text);
    }
    char hex[DIGEST_HEX_MAX];
    return arena_string(arena, digest_hex(&env->digest, hex));
}

/* --- all of it ------------------------------------------------------------------------------------------ */

void check_message(struct checker *checker, const struct envelope *env, const struct party *party,
                   struct text bytes, struct arena *arena, struct judgement *out) {
    require(checker->judge && arena);
    const struct judge *judge = checker->judge;
    int32_t today = stamp_day(env->received);
    struct gated gated;
    *out = (struct judgement){ .id = "" };
    verdict_init(&out->verdict, arena);
    if (!gate_pass(bytes, NULL, arena, &gated, &out->verdict)) {
        return;
    }
    out->format = env->format[0]
                      ? recognize_by_name(judge->edition->catalog, env->format, today, &out->verdict)
                      : recognize_by_root(judge->edition->catalog, &gated, today, &out->verdict);
    if (!out->format) {
        return;
    }
    struct places places = places_of(&gated.text);
    bool read_whole = judge_schema(checker, &gated, arena, &places, out);
    if (!out->doc) {
        return;
    }
    know_envelope(out->doc, env, party, out->format);
    out->id = id_of(env, arena, out);
    if (!read_whole) {
        return;
    }
    enum severity severity = out->format->tolerant ? SEVERITY_WARNING : SEVERITY_ERROR;
    values_judge(out->doc, &places, severity, &out->verdict);
    if (party) {
        standing_judge(judge->edition, party, out->format, out->doc, &places, &out->verdict);
    }
    rules_judge(judge->edition->rules, RULE_CHECK, text_of(out->format->family), out->doc, today, &places,
                arena, &out->verdict);
}

void check_by_schema(const struct xsd *schema, struct text bytes, struct arena *arena,
                     struct verdict *verdict) {
    struct gated gated;
    if (gate_pass(bytes, NULL, arena, &gated, verdict)) {
        struct xsd_session *session = xsd_session_new(schema);
        xsd_judge(session, &gated, false, NULL, arena, verdict);
        xsd_session_free(session);
    }
}
