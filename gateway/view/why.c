/*
 * why.c - what the routes said is taken down in their order: a route, its lines, their parties.
 */
#include "view/why.h"

#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"
#include "view/columns.h"

#define FIELDS_SHOWN  8
#define OTHERS_SHOWN  8 /* parties that a line does not mean, in a text */
#define CONDITION_MAX 44
#define PARTY_WIDTH   16

struct why {
    const struct edition *edition;
    struct expr_context context;
    struct arena *arena;
    struct routing_told *list;
    size_t count, capacity;
};

struct why *why_new(const struct edition *edition, struct arena *arena) {
    struct why *why = arena_alloc(arena, sizeof(*why));
    *why = (struct why){ .edition = edition, .arena = arena };
    return why;
}

static void take_down(void *context, const struct routing_told *told) {
    struct why *why = context;
    if (why->count == why->capacity) {
        size_t capacity = why->capacity ? 2 * why->capacity : 64;
        struct routing_told *grown = arena_alloc(why->arena, capacity * sizeof(*grown));
        if (why->count) {
            memcpy(grown, why->list, why->count * sizeof(*grown));
        }
        why->list = grown;
        why->capacity = capacity;
    }
    struct routing_told *kept = &why->list[why->count++];
    *kept = *told;
    why->context = *told->context;
    kept->party = arena_string(why->arena, told->party);
    kept->value = text_of(arena_copy(why->arena, told->value));
}

struct routing_listener why_listener(struct why *why) {
    return (struct routing_listener){ take_down, why };
}

bool why_waits(const struct why *why) {
    for (size_t i = 0; i < why->count; i++) {
        if (why->list[i].why == ROUTING_NO_SUBMITTER) {
            return true;
        }
    }
    return false;
}

/* --- what was taken down -------------------------------------------------------------------------------- */

/* The entries behind `at` that are of the same route, or of the same line. */
static size_t end_of_route(const struct why *why, size_t at) {
    size_t end = at + 1;
    while (end < why->count && why->list[end].route == why->list[at].route) {
        end++;
    }
    return end;
}

static size_t end_of_line(const struct why *why, size_t at, size_t end) {
    size_t line = at + 1;
    while (line < end && why->list[line].target == why->list[at].target) {
        line++;
    }
    return line;
}

static bool is_sent(enum routing_why found) {
    return found == ROUTING_SENT || found == ROUTING_SENT_BEFORE;
}

/* Might this line have meant the party? */
static bool concerns(const struct why *why, size_t at, size_t end, const char *code) {
    const struct target *target = why->list[at].target;
    const struct party *party = parties_find(why->edition->parties, text_of(code));
    for (size_t i = at; i < end; i++) {
        if (strcmp(why->list[i].party, code) == 0) {
            return true;
        }
    }
    return target->kind == TARGET_ROLE && party && party_has_role(party, target->role);
}

/* A line of the routes as it was written, without its indent. */
static struct text line_of(const struct why *why, uint32_t number) {
    const struct edition_text *text = edition_text(why->edition, "routes");
    struct text rest = text ? text->bytes : TEXT(""), line = TEXT("");
    for (uint32_t i = 0; i < number && rest.at; i++) {
        line = text_until(&rest, '\n');
    }
    return text_trim(line);
}

/* An expression as it was written, on one line. */
static const char *one_line(struct arena *arena, struct text source) {
    char *line = arena_alloc(arena, source.length + 1), *to = line;
    for (size_t i = 0; i < source.length; i++) {
        bool blank = strchr(" \t\r\n", source.at[i]) != NULL;
        if (!blank || (to > line && to[-1] != ' ')) {
            *to++ = blank ? ' ' : source.at[i];
        }
    }
    *to = '\0';
    return line;
}

static const char *source_of(const struct why *why, const struct expr *when, size_t which) {
    struct text source = expr_condition_source(when, which);
    return one_line(why->arena, source);
}

/* --- as JSON -------------------------------------------------------------------------------------------- */

static const char *truth_text(enum truth truth) {
    return truth == TRUTH_TRUE ? "true" : truth == TRUTH_FALSE ? "false" : "unknown";
}

static void put_why(enum routing_why found, struct json_out *out) {
    json_put_string(out, "why", routing_why_text(found));
    json_put_string(out, "zh", routing_why_sentence(found, LANGUAGE_ZH));
    json_put_string(out, "en", routing_why_sentence(found, LANGUAGE_EN));
}

static void put_values(const struct why *why, const struct expr *when, size_t which, struct json_out *out) {
    const struct field *fields[FIELDS_SHOWN];
    size_t count = expr_condition_fields(when, which, fields, FIELDS_SHOWN);
    json_open_array(out, "values");
    for (size_t i = 0; i < count; i++) {
        const struct value *value =
            fields[i]->group < 0 ? document_value(why->context.doc, fields[i]->id, 0) : NULL;
        if (fields[i]->group >= 0) {
            continue; /* it has one in each row */
        }
        json_open_object(out, NULL);
        json_put_string(out, "field", fields[i]->name);
        if (value) {
            json_put_text(out, "value", value->text);
        }
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_conditions(const struct why *why, const struct expr *when, struct json_out *out) {
    json_open_array(out, "conditions");
    for (size_t i = 0; when && i < expr_conditions(when); i++) {
        json_open_object(out, NULL);
        json_put_string(out, "text", source_of(why, when, i));
        json_put_string(out, "truth", truth_text(expr_condition_holds(when, i, &why->context)));
        put_values(why, when, i, out);
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_party(const struct why *why, const struct routing_told *told, struct json_out *out) {
    const struct party *party = parties_find(why->edition->parties, text_of(told->party));
    json_open_object(out, NULL);
    json_put_string(out, "party", told->party);
    json_put_bool(out, "sent", is_sent(told->why));
    put_why(told->why, out);
    json_put_bool(out, "blocked", party && party->blocked);
    json_put_string(out, "transport", party ? party->transport : "");
    json_close_object(out);
}

static void put_line(const struct why *why, size_t at, size_t end, const char *party, struct json_out *out) {
    const struct routing_told *told = &why->list[at];
    json_open_object(out, NULL);
    json_put_int(out, "line", told->target->line);
    json_put_text(out, "text", line_of(why, told->target->line));
    json_put_text(out, "value", told->value);
    if (!*told->party) {
        put_why(told->why, out);
    }
    json_open_array(out, "parties");
    for (size_t i = at; i < end && *told->party; i++) {
        if (!party || strcmp(why->list[i].party, party) == 0) {
            put_party(why, &why->list[i], out);
        }
    }
    json_close_array(out);
    json_close_object(out);
}

void why_json(const struct why *why, const char *party, struct json_out *out) {
    json_open_array(out, "routes");
    for (size_t at = 0, end; at < why->count; at = end) {
        const struct routing_told *told = &why->list[at];
        end = end_of_route(why, at);
        json_open_object(out, NULL);
        json_put_string(out, "route", told->route->code);
        json_put_int(out, "line", told->route->line);
        json_put_bool(out, "taken", told->why == ROUTING_SENT);
        if (told->why != ROUTING_SENT) {
            put_why(told->why, out);
        }
        put_conditions(why, told->route->when, out);
        json_open_array(out, "to");
        for (size_t line = at + 1, next; line < end; line = next) {
            next = end_of_line(why, line, end);
            if (!party || concerns(why, line, next, party)) {
                put_line(why, line, next, party, out);
            }
        }
        json_close_array(out);
        json_close_object(out);
    }
    json_close_array(out);
}

/* --- as a text ------------------------------------------------------------------------------------------ */

static void print_values(const struct why *why, const struct expr *expr, size_t which, bool zh,
                         struct buf *out) {
    const struct field *fields[FIELDS_SHOWN];
    size_t count = expr_condition_fields(expr, which, fields, FIELDS_SHOWN);
    for (size_t i = 0; i < count; i++) {
        const struct field *field = fields[i];
        const struct value *value = field->group < 0 ? document_value(why->context.doc, field->id, 0) : NULL;
        buf_add_string(out, i ? ", " : "");
        if (value) {
            buf_printf(out, zh ? "%s 为 \"" TEXT_FORMAT "\"%s" : "%s is \"" TEXT_FORMAT "\"%s", field->name,
                       TEXT_ARGS(value->text), value->ill ? (zh ? "（不合法）" : " (ill)") : "");
        } else if (field->group < 0) {
            buf_printf(out, zh ? "%s 缺失" : "%s is absent", field->name);
        } else {
            buf_printf(out, zh ? "%s 每行各有一值" : "%s has a value in each row", field->name);
        }
    }
}

static void print_condition(const struct why *why, const struct expr *when, size_t which, bool zh,
                            struct buf *out) {
    enum truth truth = expr_condition_holds(when, which, &why->context);
    buf_add_string(out, "    ");
    const char *source = source_of(why, when, which);
    column_left(out, source, CONDITION_MAX);
    column_left(out,
                truth == TRUTH_TRUE    ? (zh ? "成立" : "true")
                : truth == TRUTH_FALSE ? (zh ? "不成立" : "false")
                                       : (zh ? "无法判断" : "unknown"),
                8);
    print_values(why, when, which, zh, out);
    column_end(out);
}

/* What becomes of that which is sent to it. */
static const char *fate(const struct party *party, bool zh, struct arena *arena) {
    if (!party) {
        return zh ? "；参与方文件中已没有该参与方：搁置"
                  : "; the parties file does not name it any more: parked";
    }
    if (party->blocked) {
        return zh ? "；该参与方已停用：搁置，恢复后投递"
                  : "; the party is blocked: parked until it is served again";
    }
    return *party->transport
               ? arena_printf(arena, zh ? "，经 %s" : ", by %s", party->transport)
               : (zh ? "；未配置投递方式：留存待其自取" : "; it has no transport: kept for it to fetch");
}

static void print_party(const struct why *why, const struct routing_told *told, enum language language,
                        struct buf *out) {
    const struct party *party = parties_find(why->edition->parties, text_of(told->party));
    buf_add_string(out, is_sent(told->why) ? "    → " : "      ");
    if (*told->party) {
        column_left(out, told->party, PARTY_WIDTH);
    }
    buf_add_string(out, routing_why_sentence(told->why, language));
    if (told->why == ROUTING_SENT && told->target->kind != TARGET_SENDER) {
        buf_add_string(out, fate(party, language == LANGUAGE_ZH, why->arena));
    }
    column_end(out);
}

/* What a place to look for came to, and by which values of the message. */
static void print_place(const struct why *why, const struct routing_told *told, bool zh, struct buf *out) {
    const struct field *fields[1];
    bool of_message = expr_condition_fields(told->target->at, 0, fields, 1) > 0;
    buf_add_string(out, "    (");
    if (told->value.length) {
        buf_printf(out, "\"" TEXT_FORMAT "\"%s", TEXT_ARGS(told->value), of_message ? "; " : "");
    }
    print_values(why, told->target->at, 0, zh, out);
    buf_add_char(out, ')');
}

static void print_line(const struct why *why, size_t at, size_t end, const char *party,
                       enum language language, struct buf *out) {
    bool zh = language == LANGUAGE_ZH;
    const struct routing_told *told = &why->list[at];
    size_t others = 0;
    buf_printf(out, "  " TEXT_FORMAT, TEXT_ARGS(line_of(why, told->target->line)));
    if (told->target->at) {
        print_place(why, told, zh, out);
    }
    column_end(out);
    for (size_t i = at; i < end; i++) {
        bool sent = is_sent(why->list[i].why);
        if (party && *told->party && strcmp(why->list[i].party, party) != 0) {
            continue;
        }
        if (sent || party || others < OTHERS_SHOWN) {
            print_party(why, &why->list[i], language, out);
        }
        others += !sent;
    }
    if (others > OTHERS_SHOWN && !party) {
        buf_printf(out, zh ? "      ……另有 %zu 方\n" : "      ... and %zu more\n", others - OTHERS_SHOWN);
    }
}

static void print_route(const struct why *why, size_t at, size_t end, const char *party,
                        enum language language, struct buf *out) {
    bool zh = language == LANGUAGE_ZH;
    const struct routing_told *told = &why->list[at];
    const struct expr *when = told->route->when;
    bool taken = told->why == ROUTING_SENT;
    buf_printf(out, "\n%-6s ", told->route->code);
    buf_printf(out, zh ? "（routes 第 %u 行）%s\n" : "(routes, line %u) %s\n", told->route->line,
               taken ? (zh ? "接收该报文" : "takes the message")
                     : arena_printf(why->arena, zh ? "不接收：%s" : "does not take it: %s",
                                    routing_why_sentence(told->why, language)));
    for (size_t i = 0; when && i < expr_conditions(when); i++) {
        print_condition(why, when, i, zh, out);
    }
    for (size_t line = at + 1, next; line < end; line = next) {
        next = end_of_line(why, line, end);
        if (!party || concerns(why, line, next, party)) {
            print_line(why, line, next, party, language, out);
        }
    }
    for (size_t t = 0; !taken && t < told->route->count; t++) {
        buf_printf(out, "  " TEXT_FORMAT "\n", TEXT_ARGS(line_of(why, told->route->targets[t].line)));
    }
}

void why_print(const struct why *why, const char *party, enum language language, struct buf *out) {
    for (size_t at = 0, end; at < why->count; at = end) {
        end = end_of_route(why, at);
        print_route(why, at, end, party, language, out);
    }
    if (!why->count) {
        buf_add_string(out, language == LANGUAGE_ZH ? "\n没有关于该类报文的路由\n"
                                                    : "\nno route is about this family\n");
    }
}
