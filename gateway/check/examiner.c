/*
 * examiner.c - one message through libxml2's push parser and schema validator, as often as it takes.
 *
 * Our own SAX handlers stand between the two (examiner_events.c); what either finds wrong becomes findings
 * (examiner_faults.c). After a pass some faults are amended (amendments.h), and the message is judged once
 * more, so that nothing hides behind them.
 */
#include "check/examiner.h"

#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/status.h"
#include "check/examiner_inside.h"

#define PIECE               4096
#define PASSES_MAX          8
#define PASSES_MAX_LARGE    2 /* of messages larger than ... */
#define LARGE               ((size_t)512 << 10)
#define PASSES_MAX_TOLERANT 64 /* each finds one more element that is not known; of messages up to ... */
#define WATCHED             ((size_t)64 << 10) /* messages larger than this are held to their CPU time */
/* The examiner keeps a text buffer of this size between messages. */
#define TEXT_KEPT           ((size_t)64 << 10)

/* --- a pass --------------------------------------------------------------------------------------------- */

void pass_stop(struct examiner_pass *pass) {
    require(pass->parser);
    pass->stopped = true;
    xmlStopParser(pass->parser);
}

uint64_t pass_offset(const struct examiner_pass *pass) {
    long consumed = xmlByteConsumed(pass->parser);
    return consumed < 0 ? 0 : (uint64_t)consumed;
}

struct tag_span pass_tag_name(const struct examiner_pass *pass) {
    require(pass->depth > 0);
    return tags_name_span(pass_message(pass), pass_top(pass)->tag);
}

struct tag_span pass_content(const struct examiner_pass *pass) {
    require(pass->depth > 0);
    return tags_content(pass_message(pass), pass_top(pass)->content, pass->behind);
}

struct tag_span pass_value(const struct examiner_pass *pass) {
    require(pass->depth > 0);
    struct tag_span span = tags_trim(pass_message(pass), pass_content(pass));
    return span.to > span.from ? span : (struct tag_span){ pass_top(pass)->tag, pass_top(pass)->content };
}

#define NO_DEADLINE INT64_MAX

static int64_t cpu_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void push_all(struct examiner_pass *pass, int64_t deadline_ms) {
    struct text text = pass_message(pass);
    for (size_t at = 0; at < text.length && !pass->stopped; at += PIECE) {
        size_t length = text.length - at < PIECE ? text.length - at : PIECE;
        xmlParseChunk(pass->parser, text.at + at, (int)length, at + length == text.length);
        if (deadline_ms != NO_DEADLINE && cpu_ms() > deadline_ms && !pass->stopped) {
            pass->internal = true;
            pass_stop(pass);
        }
    }
}

/* What callbacks did not say but the contexts know. */
static void conclude(struct examiner_pass *pass) {
    pass->well_formed =
        !pass->stopped && pass->parser->wellFormed && pass->parser->nsWellFormed && !pass->gated->suspect;
    if (pass->internal || pass->stopped) {
        return;
    }
    if (!pass->parser->wellFormed || !pass->parser->nsWellFormed) {
        pass->internal |= verdict_passes(pass->verdict);
    } else if (pass->gated->suspect) {
        verdict_say(pass->verdict, "GATE-MARKUP", SEVERITY_ERROR, place_in(&pass->gated->text, 0, 0), "",
                    "标记有误", "markup that is not in order");
    } else if (xmlSchemaIsValid(pass->examiner->valid) != 1) {
        pass->internal |= pass->faults == 0;
    }
}

/* A new parser each time: its dictionary keeps all names it ever saw. */
static void run(struct examiner_pass *pass, int64_t deadline_ms) {
    struct examiner *examiner = pass->examiner;
    xmlSAXHandler sax = examiner_handlers;
    pass->parser = xmlCreatePushParserCtxt(&sax, pass, NULL, 0, NULL);
    require(pass->parser);
    xmlCtxtUseOptions(pass->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    pass->parser->charset = XML_CHAR_ENCODING_UTF8; /* no guessing from the first bytes */
    xmlSchemaSAXPlugPtr plug = xmlSchemaSAXPlug(examiner->valid, &pass->plug_sax, &pass->plug_context);
    require(plug);
    push_all(pass, deadline_ms);
    conclude(pass);
    xmlSchemaSAXUnplug(plug);
    xmlFreeParserCtxt(pass->parser);
}

static void take_over(struct verdict *verdict, const struct verdict *from) {
    for (size_t i = 0; i < from->count; i++) {
        verdict_add(verdict, &from->findings[i]);
    }
    verdict->errors += from->errors > from->count ? from->errors - from->count : 0;
}

static void shrink(struct examiner *examiner) {
    if (examiner->text_capacity > TEXT_KEPT) {
        examiner->text = memory_grow(examiner->text, TEXT_KEPT, 1);
        examiner->text_capacity = TEXT_KEPT;
    }
}

/* --- as often as it takes ------------------------------------------------------------------------------- */

enum xsd_end examiner_judge(struct examiner *examiner, const struct gated *gated, bool tolerant,
                            struct binding_walk *walk, struct arena *arena, struct verdict *verdict,
                            bool *too_many_values) {
    require(examiner->valid && gated->text.utf8.length > 0 && verdict->arena);
    struct verdict kept;
    struct examiner_pass *pass = &examiner->pass;
    int passes = gated->text.utf8.length > LARGE                  ? PASSES_MAX_LARGE
                 : tolerant && gated->text.utf8.length <= WATCHED ? PASSES_MAX_TOLERANT
                                                                  : PASSES_MAX;
    *too_many_values = false;
    int64_t deadline_ms = gated->text.utf8.length > WATCHED ? cpu_ms() + XSD_CPU_MS_MAX : NO_DEADLINE;
    amendments_clear(&examiner->amendments);
    verdict_init(&kept, arena);
    for (bool first = true, again = true; again; first = false) {
        struct verdict found;
        verdict_init(&found, arena);
        *pass = (struct examiner_pass){
            .examiner = examiner,
            .opens = examiner->opens,
            .gated = gated,
            .arena = arena,
            .verdict = &found,
            .kept = &kept,
            .tolerant = tolerant,
            .walk = first && walk ? walk : binding_walk_new(NULL, NULL, arena),
            .places = places_of(&gated->text),
            .amended_before = examiner->amendments.count,
            .last = --passes == 0,
        };
        run(pass, deadline_ms);
        *too_many_values |= pass->too_many_values;
        again = !pass->internal && !pass->stopped && examiner->amendments.count > pass->amended_before;
        if (!again) {
            take_over(verdict, &kept);
            take_over(verdict, &found);
        }
    }
    shrink(examiner);
    return pass->internal ? XSD_FAILED : pass->well_formed ? XSD_READ_WHOLE : XSD_CUT_SHORT;
}

/* --- life ----------------------------------------------------------------------------------------------- */

struct examiner *examiner_new(struct _xmlSchema *schema, const struct content *content) {
    require(schema && content);
    struct examiner *examiner = memory_new(sizeof(*examiner));
    examiner->content = content;
    examiner->valid = xmlSchemaNewValidCtxt(schema);
    require(examiner->valid);
    xmlSchemaSetValidStructuredErrors(examiner->valid, examiner_schema_fault, examiner);
    return examiner;
}

/* An empty run: what a run cut short left in the context's cache is only freed by the next one. */
static void clear(struct examiner *examiner) {
    xmlSAXHandlerPtr sax = NULL;
    void *context = NULL;
    xmlSchemaSAXUnplug(xmlSchemaSAXPlug(examiner->valid, &sax, &context));
}

void examiner_free(struct examiner *examiner) {
    if (examiner) {
        clear(examiner);
        xmlSchemaFreeValidCtxt(examiner->valid);
        free(examiner->text);
        free(examiner);
    }
}
