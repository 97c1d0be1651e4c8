/*
 * xsd.c - one message through our own pass, or through libxml2 (examiner.h).
 *
 * Our own pass says what stands where, and the binding is told the same that libxml2's events would tell it
 * (retell).
 */
#include "check/xsd.h"

#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "xsd/validator.h"
#include "check/examiner.h"
#include "check/malformed.h"
#include "check/places.h"
#include "check/tags.h"
#include "check/schema.h"

#define ID_SHOWN 60 /* bytes of an ID, in a sentence */

struct xsd {
    struct _xmlSchema *schema;
    struct content *content;
    struct grammar *grammar; /* NULL: our own compiler refused it */
    struct obstacle obstacle;
};

struct xsd_session {
    struct examiner *examiner;
    struct validator *validator;    /* NULL: the schema runs on libxml2 alone */
    struct validator_events events; /* of the message it accepted last */
    const struct marks *marks;
};

static void say_internal(struct verdict *verdict) {
    counter_add(COUNTER_VALIDATOR_INTERNAL, 1);
    verdict_say(verdict, "XSD-INTERNAL", SEVERITY_ERROR, (struct place){ 0 }, "",
                "校验器未能完成判断，报文不予接收", "the validator could not finish; the message is refused");
}

static void say_too_many_values(struct verdict *verdict) {
    verdict_say(verdict, "XSD-VALUES", SEVERITY_ERROR, (struct place){ 0 }, "", "数据项超过 %d 个",
                "more than %d values", DOCUMENT_VALUES_MAX);
}

/* --- the compiled pass ---------------------------------------------------------------------------------- */

/* What the walk is told of a message that our own pass accepted: the same that libxml2's events tell it. */
struct retelling {
    const struct validator_events *events;
    struct text message;
    struct binding_walk *walk;
    struct arena *arena;
    bool too_many_values;
};

/* The text of an event, as long-lived as the message. */
static struct text retold_text(const struct retelling *retelling, const struct validator_event *event) {
    struct text text = text_trim(validator_text(retelling->events, event, retelling->message));
    return event->decoded && text.length ? (struct text){ arena_copy(retelling->arena, text), text.length }
                                         : text;
}

static struct extent extent_of(uint64_t from, uint64_t to) {
    return (struct extent){ (uint32_t)from, (uint32_t)(to - from) };
}

/* Where a value stands: without the blanks around it; where nothing stands, at its start tag. */
static struct extent retold_extent(const struct retelling *retelling, const struct validator_event *event) {
    struct tag_span span = tags_trim(retelling->message, (struct tag_span){ event->from, event->to });
    return span.to > span.from ? extent_of(span.from, span.to) : extent_of(event->tag, event->from);
}

static struct text retold_name(const struct retelling *retelling, const struct validator_event *event) {
    return (struct text){ retelling->message.at + event->name, event->name_length };
}

static void retell_attribute(const struct retelling *retelling, const struct validator_event *event) {
    if (binding_wants_attributes(retelling->walk)) {
        binding_attribute(retelling->walk, retold_name(retelling, event), retold_text(retelling, event),
                          extent_of(event->from, event->to));
    }
}

static void retell_end(struct retelling *retelling, const struct validator_event *event) {
    bool wanted = event->text_length && binding_wants_text(retelling->walk);
    struct text text = wanted ? retold_text(retelling, event) : TEXT("");
    struct extent extent = wanted ? retold_extent(retelling, event) : (struct extent){ 0, 0 };
    retelling->too_many_values |= !binding_leave(retelling->walk, text, extent);
}

/* Element by element, for a walk that looks up paths, or is to know them. */
static void retell_all(struct retelling *retelling) {
    for (size_t i = 0; i < retelling->events->count; i++) {
        const struct validator_event *event = &retelling->events->events[i];
        if (event->kind == VALIDATOR_LEAF || event->kind == VALIDATOR_ENTER) {
            binding_enter(retelling->walk, retold_name(retelling, event));
        }
        if (event->kind == VALIDATOR_ATTRIBUTE) {
            retell_attribute(retelling, event);
        }
        if (event->kind == VALIDATOR_LEAF || event->kind == VALIDATOR_LEAVE) {
            retell_end(retelling, event);
        }
    }
}

/* Only what is bound, by its mark. */
static void retell_marked(struct retelling *retelling) {
    for (size_t i = 0; i < retelling->events->count; i++) {
        const struct validator_event *event = &retelling->events->events[i];
        uint32_t bound = event->mark - MARK_ROOT;
        switch (event->kind) {
        case VALIDATOR_ENTER: binding_enter_element(retelling->walk, bound, event->element); break;
        case VALIDATOR_ATTRIBUTE: retell_attribute(retelling, event); break;
        case VALIDATOR_LEAVE: retell_end(retelling, event); break;
        case VALIDATOR_LEAF:
            retelling->too_many_values |=
                !binding_leaf(retelling->walk, bound, event->element, retold_text(retelling, event),
                              retold_extent(retelling, event));
            break;
        }
    }
}

/* A message that was accepted, for a walk that wants to know its paths. */
struct rereading {
    struct xsd_session *session;
    struct text message;
    struct arena *arena;
};

static void reread(void *context, struct binding_walk *walk) {
    const struct rereading *rereading = context;
    struct validator *validator = rereading->session->validator;
    struct validator_events events;
    validator_tell_only(validator, NULL);
    validator_accepts(validator, rereading->message, &events); /* it was, before, perhaps but for its IDs */
    retell_all(&(struct retelling){ &events, rereading->message, walk, rereading->arena, false });
    validator_tell_only(validator, rereading->session->marks);
    validator_shrink(validator);
}

bool xsd_accept(struct xsd_session *session, struct text message, struct validator_size *size) {
    if (!session->validator) {
        return false;
    }
    const struct validator_clash *clashes;
    bool accepted = validator_accepts(session->validator, message, &session->events)
                    || validator_clashes(session->validator, &clashes) > 0;
    if (accepted) {
        *size = session->events.size;
    } else {
        validator_shrink(session->validator);
    }
    return accepted;
}

static void say_clash(const struct validator_clash *clash, const struct gated *gated, struct arena *arena,
                      struct verdict *verdict) {
    bool placed = clash->offset != UINT32_MAX;
    struct place place =
        placed ? place_in(&gated->text, clash->offset, clash->id.length) : (struct place){ 0 };
    const char *id = arena_copy(arena, clash->id.length <= ID_SHOWN ? clash->id : TEXT("..."));
    verdict_say(verdict, "XSD-ID-IDREF", SEVERITY_ERROR, place, "",
                clash->twice ? "标识 %s 出现两次，在报文中须唯一" : "没有标识为 %s 的元素可供引用",
                clash->twice ? "the ID %s is given twice, it must be unique in the message"
                             : "the reference %s leads to no ID of the message",
                id);
}

static void say_clashes(const struct xsd_session *session, const struct gated *gated, struct arena *arena,
                        struct verdict *verdict) {
    const struct validator_clash *clashes;
    size_t count = validator_clashes(session->validator, &clashes);
    for (size_t i = 0; i < count; i++) {
        say_clash(&clashes[i], gated, arena, verdict);
    }
}

void xsd_fill(struct xsd_session *session, const struct gated *gated, struct binding_walk *walk,
              struct arena *arena, struct verdict *verdict) {
    require(session->validator); /* which has accepted it (xsd_accept()) */
    struct text message = gated->text.utf8;
    struct retelling retelling = { &session->events, message, walk, arena, false };
    say_clashes(session, gated, arena, verdict);
    if (walk && session->marks) {
        struct rereading *rereading = arena_alloc(arena, sizeof(*rereading));
        *rereading = (struct rereading){ session, message, arena };
        binding_walk_set_reader(walk, reread, rereading);
        retell_marked(&retelling);
    } else if (walk) {
        retell_all(&retelling);
    }
    if (retelling.too_many_values) {
        say_too_many_values(verdict);
    }
    counter_add(COUNTER_VALIDATED_COMPILED, 1);
    validator_shrink(session->validator);
}

/* --- both ----------------------------------------------------------------------------------------------- */

enum xsd_end xsd_examine(struct xsd_session *session, const struct gated *gated, bool tolerant,
                         struct binding_walk *walk, struct arena *arena, struct verdict *verdict) {
    bool too_many_values;
    enum xsd_end end =
        examiner_judge(session->examiner, gated, tolerant, walk, arena, verdict, &too_many_values);
    if (too_many_values) {
        say_too_many_values(verdict);
    }
    if (end == XSD_FAILED) {
        say_internal(verdict);
    }
    return end;
}

/* Both validators are of one mind but where ours does not know all: xsi:type and substitution groups, and the
 * edges named in the headers of xsd/. What has no such reason is told, so that it can be looked into. */
static void tell_disagreement(const struct xsd_session *session, const struct verdict *verdict, size_t before,
                              enum xsd_end end) {
    static const enum counter counters[] = {
        [VALIDATOR_UNKNOWN_REASON] = COUNTER_LEFT_OTHER,
        [VALIDATOR_TYPE] = COUNTER_LEFT_TYPE,
        [VALIDATOR_SUBSTITUTE] = COUNTER_LEFT_SUBSTITUTE,
    };
    bool valid = end == XSD_READ_WHOLE && verdict->count == before;
    if (valid && session->validator) {
        enum validator_reason reason = validator_reason(session->validator);
        counter_add(counters[reason], 1);
        if (reason == VALIDATOR_UNKNOWN_REASON) {
            log_event_bounded(LOG_INFO, EVENT_CHECK_LEFT,
                              LOG_INT("offset", validator_stopped_at(session->validator)), LOG_END);
        }
    }
    for (size_t i = 0; i < verdict->count; i++) {
        if (strcmp(verdict->findings[i].code, "XML-OTHER") == 0) {
            counter_add(COUNTER_WELLFORMED_DISPUTED, 1);
            log_event_bounded(LOG_WARN, EVENT_CHECK_DISPUTED,
                              LOG_INT("offset", verdict->findings[i].place.offset), LOG_END);
            return;
        }
    }
}

enum xsd_end xsd_judge_again(struct xsd_session *session, const struct gated *gated, bool tolerant,
                             struct binding_walk *walk, struct arena *arena, struct verdict *verdict) {
    if (malformed_judge(gated, walk, arena, verdict)) {
        counter_add(COUNTER_VALIDATED_MALFORMED, 1);
        return XSD_CUT_SHORT;
    }
    size_t before = verdict->count;
    counter_add(session->validator ? COUNTER_VALIDATED_AGAIN : COUNTER_VALIDATED_LIBXML2, 1);
    enum xsd_end end = xsd_examine(session, gated, tolerant, walk, arena, verdict);
    tell_disagreement(session, verdict, before, end);
    if (end == XSD_READ_WHOLE && session->validator) { /* libxml2 does not look at IDs while it streams */
        validator_search_clashes(session->validator, gated->text.utf8);
        say_clashes(session, gated, arena, verdict);
        validator_shrink(session->validator);
    }
    return end;
}

enum xsd_end xsd_judge(struct xsd_session *session, const struct gated *gated, bool tolerant,
                       struct binding_walk *walk, struct arena *arena, struct verdict *verdict) {
    struct validator_size size;
    if (!gated->suspect && xsd_accept(session, gated->text.utf8, &size)) {
        xsd_fill(session, gated, walk, arena, verdict);
        return XSD_READ_WHOLE;
    }
    return xsd_judge_again(session, gated, tolerant, walk, arena, verdict);
}

/* --- life ----------------------------------------------------------------------------------------------- */

void xsd_start(void) {
    schema_start();
}

/* NULL after mistakes. Takes the content. */
static struct xsd *made_of(const struct schema_loaded *loaded, struct content *content) {
    if (!loaded->schema) {
        content_free(content);
        return NULL;
    }
    struct xsd *xsd = memory_new(sizeof(*xsd));
    *xsd = (struct xsd){ loaded->schema, content, loaded->grammar, loaded->obstacle };
    return xsd;
}

struct xsd *xsd_load(const char *path, struct verdict *mistakes) {
    require(path && mistakes);
    struct content *content = content_new();
    struct schema_loaded loaded = schema_load(path, content, mistakes);
    return made_of(&loaded, content);
}

void xsd_load_texts(const struct schema_text *texts, size_t count, struct xsd **out,
                    struct verdict *mistakes) {
    struct content **contents = memory_array(count + 1, sizeof(*contents));
    struct schema_loaded *loaded = memory_array(count + 1, sizeof(*loaded));
    for (size_t i = 0; i < count; i++) {
        contents[i] = content_new();
    }
    schema_load_texts(texts, count, contents, loaded, mistakes);
    for (size_t i = 0; i < count; i++) {
        out[i] = made_of(&loaded[i], contents[i]);
    }
    free(contents);
    free(loaded);
}

void xsd_free(struct xsd *xsd) {
    if (xsd) {
        schema_free(xsd->schema);
        content_free(xsd->content);
        grammar_free(xsd->grammar);
        free(xsd);
    }
}

static uint32_t mark_below(const void *context, uint32_t mark, struct text local) {
    uint32_t element;
    return binding_element_below(context, mark - MARK_ROOT, local, &element) ? element + MARK_ROOT : 0;
}

static bool marks_attributes(const void *context, uint32_t mark) {
    return binding_element_attributes(context, mark - MARK_ROOT);
}

struct marks *xsd_marks(const struct xsd *xsd, const struct binding *binding) {
    require(binding_elements(binding) > 0);
    struct marks_source source = { binding, binding_elements(binding), mark_below, marks_attributes };
    return xsd->grammar ? marks_new(xsd->grammar, &source) : NULL;
}

void xsd_session_set_marks(struct xsd_session *session, const struct marks *marks) {
    require(session->examiner);
    session->marks = session->validator ? marks : NULL;
    if (session->validator) {
        validator_tell_only(session->validator, session->marks);
    }
}

const struct grammar *xsd_grammar(const struct xsd *xsd) {
    return xsd->grammar;
}

const struct obstacle *xsd_obstacle(const struct xsd *xsd) {
    return xsd->grammar ? NULL : &xsd->obstacle;
}

struct xsd_session *xsd_session_new(const struct xsd *xsd) {
    require(xsd);
    struct xsd_session *session = memory_new(sizeof(*session));
    session->examiner = examiner_new(xsd->schema, xsd->content);
    session->validator = xsd->grammar ? validator_new(xsd->grammar) : NULL;
    return session;
}

void xsd_session_free(struct xsd_session *session) {
    if (session) {
        examiner_free(session->examiner);
        validator_free(session->validator);
        free(session);
    }
}
