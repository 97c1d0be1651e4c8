/*
 * command_route.c - `clearway route`: who would get a message, and why, line by line of the routes. Of files
 * it needs no gateway and knows no other message; of a message that a gateway has recorded it reads the
 * journal and state.db, also while the gateway runs, and tells beside what was decided what the routes of
 * today say.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "message/excerpt.h"
#include "message/metadata.h"
#include "edition/edition.h"
#include "edition/routes.h"
#include "check/check.h"
#include "check/xsd.h"
#include "journal/reader.h"
#include "engine/engine.h"
#include "engine/routing.h"
#include "view/why.h"
#include "daemon/command.h"
#include "daemon/local.h"

#define PRINT_MAX (64u << 20)
#define META_MAX  (1u << 20)
#define PACK_MAX  (32u << 20)

static const struct option_row options[] = {
    { "message", "N", "网关已记录的报文，以其记录编号指明",
      "a message that the gateway has recorded, by its number" },
    { "from", "PARTY", "该文件的发送方（默认不指明）", "who sends the file (default: nobody in particular)" },
    { "to", "PARTY", "只说明与该参与方有关的路由", "only what concerns this party" },
    { "format", "NAME", "指定格式，不由根元素判断", "the format, instead of finding it by the root element" },
    { "as-of", "YYYY-MM-DD", "按该日判断（默认今天）", "judge as of this day (default: today)" },
    { "data", "FOLDER", "数据文件夹（默认按配置）", "the data folder (default: of the configuration)" },
    OPTIONS_END,
};

/* What is asked, and of what. */
struct routed {
    struct invocation *inv;
    const struct edition *edition;
    const struct party *to; /* NULL: all */
    size_t told, unrouted;
};

/* One message. */
struct subject {
    const char *name; /* of the file, or "message 42" */
    const char *family, *format, *sender;
    const char *account;            /* of the person who handed it over; NULL, "": of none, or nobody knows */
    bool valid, refused;            /* by the check; by the engine */
    const struct decision *decided; /* NULL: nothing was decided yet */
    struct decision now;
    struct why *why;
};

/* --- telling -------------------------------------------------------------------------------------------- */

static void put_destinations(const char *name, const struct decision *decision, struct json_out *out) {
    json_open_array(out, name);
    for (size_t i = 0; i < decision->destinations_count; i++) {
        json_open_object(out, NULL);
        json_put_string(out, "party", decision->destinations[i].party);
        json_put_string(out, "route", decision->destinations[i].route);
        json_put_bool(out, "decision", decision->destinations[i].record == 0);
        json_close_object(out);
    }
    json_close_array(out);
}

static void print_json(const struct routed *routed, const struct subject *subject) {
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    json_start(&out, &buf);
    json_open_object(&out, NULL);
    json_put_string(&out, "message", subject->name);
    json_put_string(&out, "family", subject->family);
    json_put_string(&out, "format", subject->format);
    json_put_string(&out, "sender", subject->sender);
    if (subject->account && *subject->account) {
        json_put_string(&out, "account", subject->account);
    }
    json_put_bool(&out, "valid", subject->valid);
    json_put_bool(&out, "refused", subject->refused);
    if (subject->decided) {
        put_destinations("decided", subject->decided, &out);
    }
    put_destinations("destinations", &subject->now, &out);
    why_json(subject->why, routed->to ? routed->to->code : NULL, &out);
    json_close_object(&out);
    buf_add_char(&buf, '\n');
    invocation_print(routed->inv, &buf);
}

/* "CUS-QD (R01), TML-QQCT (R02)" */
static void print_destinations(const struct decision *decision, bool zh, struct buf *buf) {
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        buf_printf(buf, zh ? "%s%s（%s%s）" : "%s%s (%s%s)",
                   i == 0 ? ""
                   : zh   ? "、"
                          : ", ",
                   destination->party, destination->route,
                   destination->record ? ""
                   : zh                ? "，业务回执"
                                       : ", the decision");
    }
}

/* Why nobody gets it. */
static const char *nobody(const struct subject *subject, bool zh) {
    if (strcmp(subject->now.answer_code, "NOT-FORWARDED") == 0) {
        return zh ? "无：有意不送任何一方" : "nobody, and it is meant so";
    }
    if (subject->refused) {
        return zh ? "无：报文已被拒收，决定退回发送方" : "nobody: it is refused, which its sender is told";
    }
    if (why_waits(subject->why)) {
        return zh ? "无：待网关得知属于谁的报关单" : "nobody until the gateway knows whose it is";
    }
    return zh ? "无：该报文将被隔离，待人工处理" : "nobody: it is quarantined for an operator";
}

static bool gets_it(const struct decision *decision, const struct party *party) {
    for (size_t i = 0; i < decision->destinations_count; i++) {
        if (strcmp(decision->destinations[i].party, party->code) == 0) {
            return true;
        }
    }
    return false;
}

static void print_outcome(const struct routed *routed, const struct subject *subject, bool zh,
                          struct buf *buf) {
    if (subject->decided) {
        buf_add_string(buf, zh ? "\n当时决定送达：" : "\ndecided then: ");
        print_destinations(subject->decided, zh, buf);
        buf_add_string(buf, subject->decided->destinations_count ? "" : zh ? "无" : "nobody");
    }
    buf_add_string(buf, zh ? "\n按现行路由送达：" : "\nby the routes of today: ");
    print_destinations(&subject->now, zh, buf);
    buf_printf(buf, "%s\n", subject->now.destinations_count ? "" : nobody(subject, zh));
    if (routed->to && !gets_it(&subject->now, routed->to)) {
        buf_printf(buf, zh ? "%s 不会收到该报文\n" : "%s does not get it\n", routed->to->code);
    }
}

static void print_text(const struct routed *routed, const struct subject *subject) {
    const struct invocation *inv = routed->inv;
    bool zh = inv->language == LANGUAGE_ZH;
    struct buf buf;
    buf_init(&buf, PRINT_MAX);
    buf_add_string(&buf, routed->told ? "\n" : "");
    buf_printf(&buf, zh ? "%s：%s（%s）%s%s\n" : "%s: %s (%s)%s%s\n", subject->name,
               *subject->family ? subject->family : "-", *subject->format ? subject->format : "-",
               !*subject->sender ? ""
               : zh              ? "，来自 "
                                 : ", from ",
               subject->sender);
    if (subject->account && *subject->account) {
        buf_printf(&buf, zh ? "提交人：%s\n" : "handed over by %s\n", subject->account);
    }
    if (!subject->valid) {
        buf_add_string(
            &buf,
            zh ? "该报文会被拒收（clearway validate 说明原因），以下为假设其有效时的路由\n"
               : "it would be refused (clearway validate tells why); what follows is as if it were not\n");
    }
    why_print(subject->why, routed->to ? routed->to->code : NULL, inv->language, &buf);
    print_outcome(routed, subject, zh, &buf);
    invocation_print(inv, &buf);
}

static void tell(struct routed *routed, const struct subject *subject) {
    if (routed->inv->json) {
        print_json(routed, subject);
    } else {
        print_text(routed, subject);
    }
    routed->told++;
    routed->unrouted += !subject->now.destinations_count && !*subject->now.answer_code && !subject->refused
                        && !why_waits(subject->why);
}

/* --- files ---------------------------------------------------------------------------------------------- */

/* A record as the gateway would make it. */
static enum status make_record(const struct judgement *judgement, const struct envelope *env,
                               struct arena *arena, struct record *rec) {
    struct metadata metadata = { .env = *env,
                                 .family = judgement->format ? judgement->format->family : "",
                                 .format = judgement->format ? judgement->format->name : "",
                                 .id = judgement->id,
                                 .outcome = OUTCOME_ACCEPTED };
    struct buf meta, fields;
    buf_init(&meta, META_MAX);
    buf_init(&fields, PACK_MAX);
    metadata_write(&metadata, &meta);
    document_pack(judgement->doc, &fields);
    bool whole = !buf_failed(&meta) && !buf_failed(&fields);
    *rec = (struct record){
        .number = 1, .kind = RECORD_MESSAGE, .stamp = env->received, .data = judgement->message
    };
    if (whole) {
        rec->meta = (struct text){ arena_copy(arena, buf_text(&meta)), meta.length };
        rec->fields = (struct text){ arena_copy(arena, buf_text(&fields)), fields.length };
    }
    buf_release(&meta);
    buf_release(&fields);
    return whole ? STATUS_OK : STATUS_TOO_LARGE;
}

static enum status route_bytes(struct routed *routed, struct checker *checker, const struct envelope *env,
                               const char *file, struct text bytes, struct arena *arena) {
    struct judgement judgement = { .id = "" };
    struct record rec;
    check_message(checker, env, parties_find(routed->edition->parties, text_of(env->party)), bytes, arena,
                  &judgement);
    if (!judgement.doc) { /* it has no fields to route by */
        return STATUS_REFUSED;
    }
    struct subject subject = { .name = file,
                               .family = judgement.format->family,
                               .format = judgement.format->name,
                               .sender = env->party,
                               .valid = verdict_passes(&judgement.verdict),
                               .why = why_new(routed->edition, arena) };
    const struct routing_listener listener = why_listener(subject.why);
    enum status status = make_record(&judgement, env, arena, &rec);
    decision_init(&subject.now, arena, rec.number);
    if (status == STATUS_OK) {
        status = engine_route(routed->edition, NULL, &rec, "", &listener, arena, &subject.now);
    }
    if (status == STATUS_OK) {
        tell(routed, &subject);
    }
    return status;
}

static int route_file(struct routed *routed, struct checker *checker, const struct envelope *env,
                      const char *file) {
    struct arena *arena = arena_new();
    struct buf bytes;
    buf_init(&bytes, CHECK_BODY_MAX + 1);
    enum status status = invocation_read(file, &bytes);
    int code = 0;
    if (status == STATUS_OK) {
        status = route_bytes(routed, checker, env, file, buf_text(&bytes), arena);
    }
    if (status == STATUS_REFUSED) {
        invocation_say(routed->inv, "%s：无法读取为报文，clearway validate 说明原因",
                       "%s cannot be read as a message; clearway validate tells why", file);
        code = status_exit(status);
    } else if (status != STATUS_OK) {
        code = invocation_fail(routed->inv, status, file);
    }
    buf_release(&bytes);
    arena_free(arena);
    return code;
}

static int route_files(struct routed *routed, const struct envelope *env, struct judge *judge) {
    struct invocation *inv = routed->inv;
    struct checker *checker = checker_new(judge);
    int code = 0;
    for (size_t i = 0; i < inv->count; i++) {
        int of_file = route_file(routed, checker, env, inv->arguments[i]);
        code = of_file ? of_file : code;
    }
    checker_free(checker);
    return code ? code : routed->unrouted ? 1 : 0;
}

/* --- a message of a gateway ----------------------------------------------------------------------------- */

/* Whose goods it is about: who was sent it by a route that says `to submitter`. What is not linked yet has
 * nobody. */
static enum status find_submitter(const struct edition *edition, struct state *state, uint64_t number,
                                  struct arena *arena, const char **submitter) {
    enum status status = STATUS_OK;
    struct store_query *query =
        store_query(state_store(state), "SELECT party, route FROM deliveries WHERE record = ?1 UNION ALL"
                                        " SELECT submitter, '' FROM quarantine WHERE record = ?1");
    store_bind_int(query, 1, (int64_t)number);
    *submitter = "";
    while (store_step(query, &status)) {
        struct text party = store_text(query, 0), code = store_text(query, 1);
        const struct route *route = routes_find(edition->routes, code);
        bool to_submitter = !code.length;
        for (size_t i = 0; route && i < route->count; i++) {
            to_submitter |= route->targets[i].kind == TARGET_SUBMITTER;
        }
        *submitter = to_submitter ? arena_copy(arena, party) : *submitter;
    }
    store_reset(query);
    return status;
}

/* *decided: what became of it; its arena NULL when nothing was decided yet. */
static enum status find_decision(struct state *state, struct reader *reader, uint64_t number,
                                 struct arena *arena, struct decision *decided) {
    enum status status = STATUS_OK;
    struct store_query *query =
        store_query(state_store(state), "SELECT ifnull(decision, 0) FROM messages WHERE number = ?");
    store_bind_int(query, 1, (int64_t)number);
    uint64_t decision = store_step(query, &status) ? (uint64_t)store_int(query, 0) : 0;
    store_reset(query);
    *decided = (struct decision){ .arena = NULL };
    return status == STATUS_OK && decision ? decision_get(reader, decision, number, arena, decided) : status;
}

static enum status route_recorded(struct routed *routed, struct state *state, struct reader *reader,
                                  uint64_t number, struct arena *arena) {
    struct record rec;
    struct metadata metadata;
    struct decision decided;
    const char *submitter;
    enum status status = reader_get(reader, number, arena, &rec);
    if (status == STATUS_OK && (rec.kind != RECORD_MESSAGE || !metadata_read(rec.meta, arena, &metadata))) {
        status = STATUS_NOT_FOUND;
    }
    if (status == STATUS_OK) {
        status = find_decision(state, reader, number, arena, &decided);
    }
    if (status == STATUS_OK) {
        status = find_submitter(routed->edition, state, number, arena, &submitter);
    }
    if (status != STATUS_OK) {
        return status;
    }
    bool valid = metadata.outcome == OUTCOME_ACCEPTED;
    struct subject subject = {
        .name = arena_printf(arena, routed->inv->language == LANGUAGE_ZH ? "报文 %llu" : "message %llu",
                             (unsigned long long)number),
        .family = metadata.family,
        .format = metadata.format,
        .sender = metadata.env.party,
        .account = metadata.env.account,
        .valid = valid,
        .refused = decided.arena && decision_refused(&decided),
        .decided = decided.arena ? &decided : NULL,
        .why = why_new(routed->edition, arena),
    };
    const struct routing_listener listener = why_listener(subject.why);
    decision_init(&subject.now, arena, number);
    subject.now.result = subject.refused ? RESULT_REFUSED : RESULT_NOTHING;
    status = rec.fields.length
                 ? engine_route(routed->edition, state, &rec, submitter, &listener, arena, &subject.now)
                 : STATUS_REFUSED;
    if (status == STATUS_OK) {
        tell(routed, &subject);
    }
    return status;
}

static int route_message(struct routed *routed, const char *data, const char *name) {
    struct invocation *inv = routed->inv;
    struct state *state = NULL;
    struct reader *reader = NULL;
    uint64_t number;
    if (!text_to_uint(text_of(name), &number) || number == 0) {
        return invocation_usage(inv, "报文以其记录编号指明，而非 '%s'",
                                "a message is named by its record number, not '%s'", name);
    }
    enum status status = state_open(data, STORE_READ, &state);
    if (status == STATUS_OK) {
        local_tell_behind(inv, data, state);
        status = reader_open(data, &reader);
    }
    if (status == STATUS_OK) {
        status = route_recorded(routed, state, reader, number, inv->arena);
    }
    int code = 0;
    if (status == STATUS_REFUSED) {
        invocation_say(inv, "报文 %s 已被拒收，没有可用于路由的字段",
                       "message %s was refused, and has no fields to route by", name);
        code = status_exit(status);
    } else if (status != STATUS_OK) {
        code = invocation_fail(inv, status, name);
    }
    reader_free(reader);
    state_close(state);
    return code ? code : routed->unrouted ? 1 : 0;
}

/* --- the verb ------------------------------------------------------------------------------------------- */

/* NULL in *out: not asked for. */
static int find_party(struct routed *routed, const char *option, const struct party **out) {
    const char *code = invocation_option(routed->inv, option);
    *out = code ? parties_find(routed->edition->parties, text_of(code)) : NULL;
    return code && !*out ? invocation_usage(routed->inv, "没有参与方 '%s'", "there is no party '%s'", code)
                         : 0;
}

static int read_envelope(struct routed *routed, struct envelope *env) {
    struct invocation *inv = routed->inv;
    const char *as_of = invocation_option(inv, "as-of"), *format = invocation_option(inv, "format");
    const struct party *from;
    int32_t day;
    int code = find_party(routed, "from", &from);
    if (!code && as_of && !(day_parse(text_of(as_of), &day) && calendar_has(day))) {
        code = invocation_usage(inv, "--as-of %s 不是 1900 至 2199 年间的日期（YYYY-MM-DD）",
                                "--as-of %s is not a day of the years 1900 to 2199 (YYYY-MM-DD)", as_of);
    }
    if (!code && format && !catalog_find(routed->edition->catalog, text_of(format))) {
        code = invocation_usage(inv, "没有格式 '%s'", "there is no format '%s'", format);
    }
    if (!code) {
        *env = (struct envelope){ .party = from ? from->code : "",
                                  .file = "",
                                  .origin = "",
                                  .trace = "",
                                  .format = format ? format : "",
                                  .received = as_of ? stamp_of_day(day) : stamp_now() };
    }
    return code;
}

static int with_edition(struct routed *routed, const struct settings *settings) {
    struct invocation *inv = routed->inv;
    const char *message = invocation_option(inv, "message"), *data = invocation_option(inv, "data");
    struct verdict mistakes;
    struct envelope env;
    int code = find_party(routed, "to", &routed->to);
    if (code) {
        return code;
    }
    if (message) {
        return route_message(routed, data ? data : settings_text(settings, SETTING_DATA), message);
    }
    code = read_envelope(routed, &env);
    if (code) {
        return code;
    }
    verdict_init(&mistakes, inv->arena);
    struct judge *judge = judge_new(routed->edition, &mistakes);
    code = invocation_mistakes(inv, &mistakes, false) ? status_exit(STATUS_BAD_CONFIG)
                                                      : route_files(routed, &env, judge);
    judge_release(judge);
    return code;
}

static int run(struct invocation *inv) {
    struct settings *settings;
    struct edition *edition;
    struct verdict mistakes;
    if ((inv->count == 0) == (invocation_option(inv, "message") == NULL)) {
        return invocation_usage(inv, "请给出文件，或以 --message 指明一份报文",
                                "name files, or one message with --message");
    }
    xsd_start();
    int code = invocation_edition(inv, &settings, &edition, &mistakes);
    if (code) {
        return code;
    }
    struct routed routed = { .inv = inv, .edition = edition };
    code = invocation_mistakes(inv, &mistakes, false) ? status_exit(STATUS_BAD_CONFIG)
                                                      : with_edition(&routed, settings);
    edition_release(edition);
    return code;
}

static const struct example_row examples[] = {
    { "clearway route declaration.xml --from FWD-QD-01", "送达何方，为何", "who gets it, and why" },
    { "clearway route --message 57 --to TML-QQCT", "为何该参与方没有收到", "why that party has not got it" },
    EXAMPLES_END,
};

const struct command command_route = {
    .name = "route",
    .arguments = "FILE... | --message N",
    .summary_en = "who gets a message and why, line by line of the routes",
    .summary_zh = "报文送达何方，逐条路由说明原因",
    .examples = examples,
    .options = options,
    .run = run,
};
