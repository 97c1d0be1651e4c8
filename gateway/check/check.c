/*
 * check.c - the order of the stages, and which format a message is in.
 *
 * A message that is well-formed goes through all stages even when its schema or the party's
 * standing refuses it: the sender shall hear of all faults at once. Rules judge what is there; what
 * is absent or ill-typed violates none.
 */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/gb18030.h"
#include "base/memory.h"
#include "edition/binding.h"
#include "check/gate.h"
#include "check/peek.h"
#include "check/places.h"
#include "check/rules.h"
#include "check/unseen.h"
#include "check/xsd.h"

#define RULES         "rules"            /* the text of the set-up that holds them */
#define MARKER_WITHIN ((size_t)64 << 10) /* a format's marker stands near the beginning */
#define DAY_SHOWN     40                 /* bytes of what should have been a day */

/* Schemas of one row of the catalog. A format whose namespace is optional has one for messages without it. */
enum { PROPER, WITHOUT_NAMESPACE, SCHEMAS };

struct judge {
    const struct edition *edition;
    struct arena *arena;
    struct rules *rules;
    struct xsd *(*schemas)[SCHEMAS]; /* per row; NULL: the format cannot be judged here */
};

struct checker {
    const struct judge *judge;
    struct xsd_session *(*sessions)[SCHEMAS]; /* made when first needed */
};

/* --- loading -------------------------------------------------------------------------------------------- */

static const char *dropin_folder(const struct edition *edition, const char *name) {
    for (size_t i = 0; i < EDITION_DROPINS_MAX && edition->dropins[i].name; i++) {
        if (strcmp(edition->dropins[i].name, name) == 0) {
            return edition->dropins[i].folder;
        }
    }
    return NULL;
}

/* An official schema from its folder, or a driver of ours read as if it stood there. */
static struct xsd *load_dropin(struct judge *judge, const struct format *format, struct verdict *mistakes) {
    const char *folder = dropin_folder(judge->edition, format->dropin);
    if (!folder) {
        return NULL;
    }
    const char *official = file_join(judge->arena, folder, format->schema);
    if (access(official, R_OK) == 0) {
        return xsd_load(official, mistakes);
    }
    const char *slash = strrchr(format->schema, '/');
    const char *stands_at = file_join(judge->arena, folder, slash ? slash + 1 : format->schema);
    return xsd_load_as(file_join(judge->arena, judge->edition->directory, format->schema), stands_at,
                       mistakes);
}

/* cn-dec/DecMessage.xsd is cn-dec/DecMessage-nons.xsd for messages without the namespace. */
static const char *without_namespace(struct arena *arena, const char *schema) {
    struct text name = text_of(schema);
    bool ends = name.length > 4 && strcmp(schema + name.length - 4, ".xsd") == 0;
    size_t stem = ends ? name.length - 4 : name.length;
    return arena_printf(arena, "%.*s-nons.xsd", (int)stem, schema);
}

static void load_format(struct judge *judge, size_t row, struct verdict *mistakes) {
    const struct format *format = &judge->edition->catalog->formats[row];
    struct xsd **schemas = judge->schemas[row];
    if (format->dropin[0]) {
        schemas[PROPER] = load_dropin(judge, format, mistakes);
        return;
    }
    const char *directory = judge->edition->directory;
    schemas[PROPER] = xsd_load(file_join(judge->arena, directory, format->schema), mistakes);
    if (format->namespace_optional) {
        const char *other = without_namespace(judge->arena, format->schema);
        schemas[WITHOUT_NAMESPACE] = xsd_load(file_join(judge->arena, directory, other), mistakes);
    }
}

struct judge *judge_new(const struct edition *edition, struct verdict *mistakes) {
    xsd_start();
    if (!gb18030_start()) {
        verdict_lint(mistakes, "LINT-SYSTEM", "", 0, 0,
                     "系统的 C 库缺少 GB18030 编码表（请安装 glibc 的 gconv 模块）",
                     "the C library has no table of GB18030 (install glibc's gconv modules)");
    }
    struct judge *judge = memory_new(sizeof(*judge));
    judge->edition = edition;
    judge->arena = arena_new();
    judge->schemas = memory_array(edition->catalog->count + 1, sizeof(*judge->schemas));
    for (size_t row = 0; row < edition->catalog->count; row++) {
        load_format(judge, row, mistakes);
    }
    judge->rules = rules_load(edition, RULES, judge->arena, mistakes);
    return judge;
}

void judge_release(struct judge *judge) {
    if (!judge) {
        return;
    }
    for (size_t row = 0; row < judge->edition->catalog->count; row++) {
        for (int i = 0; i < SCHEMAS; i++) {
            xsd_free(judge->schemas[row][i]);
        }
    }
    arena_free(judge->arena);
    free(judge->schemas);
    free(judge);
}

struct checker *checker_new(const struct judge *judge) {
    struct checker *checker = memory_new(sizeof(*checker));
    checker->judge = judge;
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
    free(checker);
}

/* --- which format --------------------------------------------------------------------------------------- */

/* How far a row of the catalog agrees with a message. */
enum agreement { OTHER_ROOT, OTHER_NAMESPACE, OTHER_MARKER, OTHER_DAY, AGREES };

static enum agreement agreement_of(const struct format *format, const struct gated *gated, int32_t day) {
    bool bare = format->namespace_optional && gated->root_namespace.length == 0;
    if (!text_is(gated->root, format->root)) {
        return OTHER_ROOT;
    }
    if (!bare && !text_is(gated->root_namespace, format->namespace)) {
        return OTHER_NAMESPACE;
    }
    struct text marker =
        format->marker_path[0] ? peek_in(gated->text.utf8, format->marker_path, MARKER_WITHIN) : TEXT("");
    if (format->marker_path[0] && !text_is(marker, format->marker_text)) {
        return OTHER_MARKER;
    }
    return day >= format->from_day && day < format->until_day ? AGREES : OTHER_DAY;
}

static void say_other_day(const struct format *format, struct place place, struct verdict *verdict) {
    char from[STAMP_TEXT_MAX] = "", until[STAMP_TEXT_MAX] = "";
    if (format->from_day != INT32_MIN) {
        day_print(format->from_day, from);
    }
    if (format->until_day != INT32_MAX) {
        day_print(format->until_day, until);
    }
    verdict_say(
        verdict, "FORMAT-CLOSED", SEVERITY_ERROR, place, "", "格式 %s 在收到之日不可用（自 %s 至 %s）",
        "the format %s is not open on the day of receipt (from %s until %s)", format->name, from, until);
}

/* Why no row agrees, told by the one that came nearest. */
static void say_no_format(enum agreement nearest, const struct format *format, const struct gated *gated,
                          struct verdict *verdict) {
    uint64_t at = gated->root.at ? (uint64_t)(gated->root.at - gated->text.utf8.at) : 0;
    struct place place = place_in(&gated->text, at, gated->root.length);
    switch (nearest) {
    case OTHER_DAY: say_other_day(format, place, verdict); break;
    case OTHER_MARKER:
        verdict_say(verdict, "FORMAT-UNKNOWN", SEVERITY_ERROR, place, "",
                    "根元素 %s 的报文种类不明: %s 不是已知的值",
                    "the kind of this %s is not known: its %s has no value that a format has", format->root,
                    format->marker_path);
        break;
    case OTHER_NAMESPACE:
        verdict_say(verdict, "FORMAT-NAMESPACE", SEVERITY_ERROR, place, "",
                    "根元素 %s 应在命名空间 “%s” 中，而不是 “" TEXT_FORMAT "”",
                    "the root element %s belongs in the namespace '%s', not in '" TEXT_FORMAT "'",
                    format->root, format->namespace, TEXT_ARGS(gated->root_namespace));
        break;
    default:
        verdict_say(verdict, "FORMAT-UNKNOWN", SEVERITY_ERROR, place, "",
                    "没有以 " TEXT_FORMAT " 为根元素的报文格式",
                    "no format has the root element " TEXT_FORMAT, TEXT_ARGS(gated->root));
    }
}

static const struct format *format_by_root(const struct catalog *catalog, const struct gated *gated,
                                           int32_t day, struct verdict *verdict) {
    enum agreement nearest = OTHER_ROOT;
    const struct format *nearest_format = NULL;
    for (size_t i = 0; i < catalog->count; i++) {
        enum agreement agreement = agreement_of(&catalog->formats[i], gated, day);
        if (agreement == AGREES) {
            return &catalog->formats[i];
        }
        if (agreement > nearest) {
            nearest = agreement;
            nearest_format = &catalog->formats[i];
        }
    }
    say_no_format(nearest, nearest_format, gated, verdict);
    return NULL;
}

static const struct format *format_by_name(const struct catalog *catalog, const char *name, int32_t day,
                                           struct verdict *verdict) {
    const struct format *format = catalog_find(catalog, text_of(name));
    if (!format) {
        verdict_say(verdict, "FORMAT-UNKNOWN", SEVERITY_ERROR, (struct place){ 0 }, "",
                    "没有名为 %s 的报文格式", "there is no format named %s", name);
    } else if (day < format->from_day || day >= format->until_day) {
        say_other_day(format, (struct place){ 0 }, verdict);
        format = NULL;
    }
    return format;
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

/* The role by which the party may send this format; NULL: it may not. */
static const char *role_for(const struct party *party, const struct format *format) {
    return party_first_role(party, format->senders, format->senders_count);
}

static void know_envelope(struct document *doc, const struct envelope *env, const struct party *party,
                          const struct format *format) {
    char received[STAMP_TEXT_MAX];
    const char *role = party ? role_for(party, format) : NULL;
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

/* --- days ----------------------------------------------------------------------------------------------- */

static bool is_told(const struct verdict *verdict, struct place place) {
    for (size_t i = 0; i < verdict->count; i++) {
        if (verdict->findings[i].place.offset == place.offset && verdict->findings[i].place.length) {
            return true;
        }
    }
    return false;
}

static void say_no_day(const struct value *value, const struct field *field, struct finding *finding,
                       struct verdict *verdict) {
    struct arena *arena = verdict->arena;
    const char *text = value->text.length <= DAY_SHOWN ? arena_copy(arena, value->text) : "...";
    bool left_out = finding->severity == SEVERITY_WARNING;
    finding->zh = arena_printf(arena, "%s \"%s\" 不是 1900 至 2199 年间真实的日期或时间%s", field->zh, text,
                               left_out ? "，未采用" : "");
    finding->en = arena_printf(arena, "%s '%s' is not a real day or moment of the years 1900 to 2199%s",
                               field->en, text, left_out ? "; it is left out" : "");
    verdict_add(verdict, finding);
}

/* Many formats write days as digits, which a schema cannot hold against a calendar: 20260231 is no day. And a
 * schema lets any year pass. */
static void judge_days(struct judgement *out, struct places *places, enum severity severity) {
    for (size_t i = 0; i < document_count(out->doc); i++) {
        const struct value *value = document_at(out->doc, i);
        const struct field *field = fields_at(document_fields(out->doc), value->field);
        if (!value->ill || (field->type != FIELD_DATE && field->type != FIELD_MOMENT)) {
            continue;
        }
        struct finding finding = { .code = "FORMAT-DAY", .severity = severity };
        if (!verdict_keeps(&out->verdict, severity)) {
            verdict_add(&out->verdict, &finding);
            return; /* one more, not kept: an error is enough to refuse */
        }
        places_tell(places, value, &finding);
        if (!is_told(&out->verdict, finding.place)) {
            say_no_day(value, field, &finding, &out->verdict);
        }
    }
}

/* --- identifiers ---------------------------------------------------------------------------------------- */

/* What is longer is no identifier, whatever its schema says; it would stand in every table that it is a key
 * of. */
static void judge_lengths(struct judgement *out, struct places *places, enum severity severity) {
    struct arena *arena = out->verdict.arena;
    for (size_t i = 0; i < document_count(out->doc); i++) {
        const struct value *value = document_at(out->doc, i);
        const struct field *field = fields_at(document_fields(out->doc), value->field);
        if (field->form == IDENTIFIER_NONE || value->text.length <= IDENTIFIER_LENGTH_MAX) {
            continue;
        }
        struct finding finding = { .code = "FORMAT-ID", .severity = severity };
        if (verdict_keeps(&out->verdict, severity)) {
            finding.zh = arena_printf(arena, "%s超过 %d 字节", field->zh, IDENTIFIER_LENGTH_MAX);
            finding.en = arena_printf(arena, "%s: longer than %d bytes", field->en, IDENTIFIER_LENGTH_MAX);
            places_tell(places, value, &finding);
        }
        verdict_add(&out->verdict, &finding);
        document_set_ill(out->doc, i);
    }
}

/* --- standing ------------------------------------------------------------------------------------------- */

/* Customs names a declaration by its sender's id: one that begins as another's do would get the other's
   answers. */
static void judge_id(const struct edition *edition, const struct party *party, struct places *places,
                     struct judgement *out) {
    const struct value *id = out->format->id ? document_value(out->doc, out->format->id->id, 0) : NULL;
    const struct party *owner = id ? parties_of_id(edition->parties, id->text) : NULL;
    if (owner && strcmp(owner->code, party->code) != 0) {
        struct finding finding = {
            .code = "STAND-ID",
            .severity = SEVERITY_ERROR,
            .zh = "该报文编号的前缀已由其他参与方登记，请使用本方编号",
            .en = "ids that begin so are registered to another party; use one of your own",
        };
        places_tell(places, id, &finding);
        verdict_add(&out->verdict, &finding);
    }
}

static void judge_standing(const struct edition *edition, const struct party *party, struct places *places,
                           struct judgement *out) {
    const struct format *format = out->format;
    if (!role_for(party, format)) {
        verdict_say(&out->verdict, "STAND-ROLE", SEVERITY_ERROR, (struct place){ 0 }, "",
                    "参与方 %s 的角色不得发送 %s", "no role of party %s may send %s", party->code,
                    format->name);
    }
    if (strcmp(format->family, "declaration") == 0) {
        judge_id(edition, party, places, out);
    }
    if (!format->acts_for) {
        return;
    }
    const struct value *value = document_value(out->doc, format->acts_for->id, 0);
    struct party_list list = strcmp(format->acts_for_list, "reports") == 0 ? party->reports : party->declares;
    if (!party_list_has(list, value ? value->text : TEXT(""))) {
        struct arena *arena = out->verdict.arena;
        struct finding finding = {
            .code = "STAND-CODE",
            .severity = SEVERITY_ERROR,
            .zh = arena_printf(arena, "参与方 %s 不得以此%s的名义发送", party->code, format->acts_for->zh),
            .en = arena_printf(arena, "party %s may not send in the name of this %s", party->code,
                               format->acts_for->en),
        };
        places_tell(places, value, &finding);
        verdict_add(&out->verdict, &finding);
    }
}

/* --- all of it ------------------------------------------------------------------------------------------ */

void check_message(struct checker *checker, const struct envelope *env, const struct party *party,
                   struct text bytes, struct arena *arena, struct judgement *out) {
    const struct judge *judge = checker->judge;
    int32_t today = stamp_day(env->received);
    struct gated gated;
    *out = (struct judgement){ .id = "" };
    verdict_init(&out->verdict, arena);
    if (!gate_pass(bytes, NULL, arena, &gated, &out->verdict)) {
        return;
    }
    out->format = env->format[0] ? format_by_name(judge->edition->catalog, env->format, today, &out->verdict)
                                 : format_by_root(judge->edition->catalog, &gated, today, &out->verdict);
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
    judge_days(out, &places, severity);
    unseen_judge(&places, out->doc, severity, &out->verdict);
    judge_lengths(out, &places, severity);
    if (party) {
        judge_standing(judge->edition, party, &places, out);
    }
    rules_judge(judge->rules, RULE_CHECK, text_of(out->format->family), out->doc, today, &places, arena,
                &out->verdict);
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
