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
#include "base/status.h"
#include "edition/binding.h"
#include "check/gate.h"
#include "check/places.h"
#include "check/recognize.h"
#include "check/rules.h"
#include "check/signature.h"
#include "check/standing.h"
#include "check/values.h"
#include "check/wrapper.h"
#include "check/xsd.h"
#include "xsd/validator.h"

struct checker {
    const struct judge *judge;
    struct xsd_session *(*sessions)[SCHEMAS]; /* made when first needed */
};

/* --- a thread's own ------------------------------------------------------------------------------------- */

struct checker *checker_new(const struct judge *judge) {
    require(judge);
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
        xsd_session_set_marks(*session, checker->judge->marks[row][kind]);
    }
    return *session;
}

static const struct format *recognize(const struct checker *checker, const struct envelope *env,
                                      const struct gated *gated, struct verdict *verdict) {
    const struct catalog *catalog = checker->judge->edition->catalog;
    int32_t today = stamp_day(env->received);
    return env->format[0] ? recognize_by_name(catalog, env->format, today, verdict)
                          : recognize_by_root(catalog, gated, today, verdict);
}

/* A message on its way through gate and schema. */
struct judging {
    struct checker *checker;
    const struct envelope *env;
    struct arena *arena;
    struct gated gated;
    bool peeked;          /* what its root is */
    struct places places; /* they learn by which walk the values were read */
    bool tried;           /* by our own validator, which did not accept it */
    bool read_whole;
};

/* The document and the walk that fills it. */
static void begin_document(struct judging *judging, const struct format *format, struct judgement *out) {
    const struct edition *edition = judging->checker->judge->edition;
    struct binding *binding = edition->bindings[format - edition->catalog->formats];
    out->format = format;
    out->doc = document_new(edition->fields, judging->arena);
    judging->places.walk = binding_walk_new(binding, binding ? out->doc : NULL, judging->arena);
}

/* By our own validator, before the gate has scanned the message: what it accepts the gate would let pass, and
 * where that is not certain, is asked. False: nothing is known yet. */
static bool accept(struct judging *judging, struct judgement *out) {
    struct verdict unheard;
    struct validator_size size;
    struct gated *gated = &judging->gated;
    verdict_init(&unheard, judging->arena);
    const struct format *format =
        judging->peeked ? recognize(judging->checker, judging->env, gated, &unheard) : NULL;
    struct xsd_session *session = format ? session_for(judging->checker, format, gated) : NULL;
    bool accepted =
        session && xsd_accept(session, gated->text.utf8, &size)
        && (gate_would_pass(&size, NULL) || (gate_scan(gated, NULL, &unheard) && !gated->suspect));
    if (accepted) {
        begin_document(judging, format, out);
        xsd_fill(session, gated, judging->places.walk, judging->arena, &out->verdict);
        judging->read_whole = true;
    }
    return accepted;
}

/* By libxml2, behind the gate. False: the message has no document. */
static bool examine(struct judging *judging, struct judgement *out) {
    struct gated *gated = &judging->gated;
    if (!gate_scan(gated, NULL, &out->verdict)) {
        return false;
    }
    out->format = recognize(judging->checker, judging->env, gated, &out->verdict);
    struct xsd_session *session = out->format ? session_for(judging->checker, out->format, gated) : NULL;
    if (!out->format) {
        return false;
    }
    if (!session) {
        say_unavailable(out->format, &out->verdict);
        return false;
    }
    begin_document(judging, out->format, out);
    enum xsd_end (*judge)(struct xsd_session *, const struct gated *, bool, struct binding_walk *,
                          struct arena *, struct verdict *) = judging->tried ? xsd_judge_again : xsd_judge;
    enum xsd_end end =
        judge(session, gated, out->format->tolerant, judging->places.walk, judging->arena, &out->verdict);
    judging->read_whole = end == XSD_READ_WHOLE;
    return true;
}

/* --- what the gateway adds, and the id ------------------------------------------------------------------ */

static void enrich(struct document *doc, const char *field, const char *value) {
    if (value[0] && fields_find(document_fields(doc), text_of(field))) {
        document_enrich(doc, field, 0, text_of(value));
    }
}

static void enrich_with_envelope(struct document *doc, const struct envelope *env, const struct party *party,
                                 const struct format *format) {
    char received[STAMP_TEXT_MAX];
    const char *role = party ? standing_role(party, format) : NULL;
    enrich(doc, "sender", env->party);
    enrich(doc, "sender_role", role ? role : "");
    enrich(doc, "family", format->family);
    enrich(doc, "format", format->name);
    enrich(doc, "channel", envelope_channel(env));
    enrich(doc, "received", stamp_print(env->received, received));
}

static const char *id_of(struct arena *arena, const struct judgement *out) {
    const struct value *value = out->format->id ? document_value(out->doc, out->format->id->id, 0) : NULL;
    if (value && value->text.length <= IDENTIFIER_LENGTH_MAX) {
        return arena_copy(arena, value->text);
    }
    char hex[DIGEST_HEX_MAX];
    return arena_string(arena, digest_hex(&out->digest, hex));
}

/* --- all of it ------------------------------------------------------------------------------------------ */

/* Size and encoding, of the message that a wrapper holds where there is one. False: a finding was added. */
static bool open_message(struct judging *judging, struct text bytes, struct judgement *out) {
    struct gated *gated = &judging->gated;
    struct text message;
    out->message = bytes;
    out->digest = judging->env->digest;
    if (!gate_open(bytes, NULL, judging->arena, gated, &out->verdict)) {
        return false;
    }
    judging->peeked = gate_peek(gated);
    enum wrapper_end end = wrapper_open(gated, judging->peeked, judging->arena, &message, &out->verdict);
    if (end != WRAPPER_OPENED) {
        return end == WRAPPER_NONE;
    }
    struct gated around = *gated;
    bool opened = gate_open(message, NULL, judging->arena, gated, &out->verdict);
    judging->peeked = opened && gate_peek(gated);
    if (opened && wrapper_is_one(gated, judging->peeked, judging->arena)) {
        wrapper_say_nested(&around, &out->verdict);
        return false;
    }
    out->message = message;
    out->digest = digest_of(message.at, message.length);
    out->unwrapped = true;
    return opened;
}

void check_message(struct checker *checker, const struct envelope *env, const struct party *party,
                   struct text bytes, struct arena *arena, struct judgement *out) {
    require(checker->judge && arena);
    const struct judge *judge = checker->judge;
    int32_t today = stamp_day(env->received);
    struct judging judging = { .checker = checker, .env = env, .arena = arena };
    struct places *places = &judging.places;
    *out = (struct judgement){ .id = "" };
    verdict_init(&out->verdict, arena);
    if (!open_message(&judging, bytes, out)) {
        return;
    }
    *places = places_of(&judging.gated.text);
    if (!accept(&judging, out) && !examine(&judging, out)) {
        return;
    }
    enrich_with_envelope(out->doc, env, party, out->format);
    out->id = id_of(arena, out);
    if (!judging.read_whole) {
        return;
    }
    enum severity severity = out->format->tolerant ? SEVERITY_WARNING : SEVERITY_ERROR;
    values_judge(out->doc, places, severity, &out->verdict);
    if (party) {
        standing_judge(judge->edition, party, out->format, out->doc, places, &out->verdict);
        if (out->format->is_signed && party->signs.count) {
            signature_judge(party, judging.gated.text.utf8, env->received, arena, &out->verdict);
        }
    }
    rules_judge(judge->edition->rules, RULE_CHECK, text_of(out->format->family), out->doc, today, places,
                arena, &out->verdict);
}

void check_by_schema(const struct xsd *schema, struct text bytes, struct arena *arena,
                     struct verdict *verdict) {
    require(schema && arena);
    struct gated gated;
    if (gate_pass(bytes, NULL, arena, &gated, verdict)) {
        struct xsd_session *session = xsd_session_new(schema);
        xsd_judge(session, &gated, false, NULL, arena, verdict);
        xsd_session_free(session);
    }
}
