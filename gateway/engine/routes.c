/*
 * routes.c - reads schemas/routes into a list of routes with compiled expressions, and judges a message by
 * it.
 */
#include "engine/routes.h"

#include <string.h>
#include <strings.h>

#include "engine/phrase.h"

#define ROUTES_MAX  256
#define TARGETS_MAX 16

enum target_kind { TARGET_ROLE, TARGET_SUBMITTER, TARGET_SENDER };

struct target {
    enum target_kind kind;
    const char *role;
    const struct expr *at;
    bool decision;
};

struct route {
    const char *code;
    struct text families;    /* joined by commas */
    const struct expr *when; /* NULL: always */
    struct target targets[TARGETS_MAX];
    size_t count;
};

struct routes {
    const struct parties *parties;
    struct route list[ROUTES_MAX];
    size_t count;
};

struct loader {
    const struct setup *setup;
    struct arena *arena;
    struct mistakes mistakes;
    struct routes *routes;
    struct route *route; /* the block that is open; NULL after a bad head */
    const struct line *line;
};

/* --- reading -------------------------------------------------------------------------------------------- */

static void complain(struct loader *loader, size_t word, const char *zh, const char *en) {
    mistakes_add(&loader->mistakes, mistake_word(loader->line, word), NULL, zh, en);
}

static bool known_code(const struct routes *routes, struct text code) {
    for (size_t i = 0; i < routes->count; i++) {
        if (text_is(code, routes->list[i].code)) {
            return true;
        }
    }
    return false;
}

static void read_head(struct loader *loader) {
    const struct line *line = loader->line;
    loader->route = NULL;
    if (line->count != 3 || !text_is(line->words[0].text, "route")) {
        complain(loader, 0, "应为：route 编号 报文种类[,报文种类]", "expected: route CODE FAMILY[,FAMILY]");
    } else if (known_code(loader->routes, line->words[1].text)) {
        complain(loader, 1, "该路由编号已使用", "this code of a route stands twice");
    } else if (loader->routes->count == ROUTES_MAX) {
        complain(loader, 0, "路由过多", "too many routes");
    } else {
        phrase_check_families(line, 2, loader->setup, &loader->mistakes);
        loader->route = &loader->routes->list[loader->routes->count++];
        loader->route->code = arena_copy(loader->arena, line->words[1].text);
        loader->route->families = line->words[2].text;
    }
}

/* From the given word to the end of the line. */
static const struct expr *read_expr(struct loader *loader, size_t word) {
    return phrase_compile(loader->line, word, loader->line->count - 1, loader->setup, &loader->mistakes,
                          loader->arena);
}

static void read_when(struct loader *loader) {
    const struct expr *when = loader->line->count > 1 ? read_expr(loader, 1) : NULL;
    if (loader->line->count < 2) {
        complain(loader, 1, "此处应有条件", "a condition is expected here");
    } else if (loader->route->when) {
        complain(loader, 0, "一条路由只能有一个 when", "a route has one `when`");
    } else if (when && expr_type(when) != EXPR_FLAG) {
        complain(loader, 1, "条件须为真或假", "the condition must be true or false");
    }
    loader->route->when = when;
}

static bool is_role(struct text text) {
    static const char *const roles[] = {
#define X(name, role, zh, en) role,
        ROLE_LIST(X)
#undef X
    };
    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        if (text_is(text, roles[i])) {
            return true;
        }
    }
    return false;
}

/* submitter | sender decision | ROLE | ROLE at EXPRESSION */
static bool read_target(struct loader *loader, struct target *target) {
    const struct line *line = loader->line;
    struct text who = line->count > 1 ? line->words[1].text : TEXT("");
    if (text_is(who, "submitter") && line->count == 2) {
        target->kind = TARGET_SUBMITTER;
        return true;
    }
    if (text_is(who, "sender") && line->count == 3 && text_is(line->words[2].text, "decision")) {
        *target = (struct target){ .kind = TARGET_SENDER, .decision = true };
        return true;
    }
    bool at = line->count > 3 && text_is(line->words[2].text, "at");
    if (!is_role(who) || !(at || line->count == 2)) {
        complain(loader, 1, "应为：角色 [at 表达式]、submitter 或 sender decision",
                 "expected: ROLE [at EXPRESSION], submitter, or sender decision");
        return false;
    }
    target->role = arena_copy(loader->arena, who);
    target->at = at ? read_expr(loader, 3) : NULL;
    if (target->at && expr_type(target->at) != EXPR_TEXT) {
        complain(loader, 3, "at 之后须为文本", "what follows `at` must be a text");
    }
    return !at || target->at;
}

static void read_to(struct loader *loader) {
    struct route *route = loader->route;
    struct target target = { .kind = TARGET_ROLE };
    if (route->count == TARGETS_MAX) {
        complain(loader, 0, "一条路由的去向过多", "too many `to` lines in a route");
    } else if (read_target(loader, &target)) {
        route->targets[route->count++] = target;
    }
}

static void read_line(const struct line *line, void *context) {
    struct loader *loader = context;
    struct text first = line->words[0].text;
    loader->line = line;
    if (!line->indented) {
        read_head(loader);
    } else if (!loader->route) {
        return; /* said at its head */
    } else if (text_is(first, "when")) {
        read_when(loader);
    } else if (text_is(first, "to")) {
        read_to(loader);
    } else {
        complain(loader, 0, "应为 when 或 to", "expected `when` or `to`");
    }
}

struct routes *routes_load(const struct setup *setup, struct arena *arena, struct verdict *mistakes) {
    struct loader loader = {
        .setup = setup,
        .arena = arena,
        .mistakes = { mistakes, "LINT-ROUTE", "routes" },
        .routes = arena_alloc(arena, sizeof(*loader.routes)),
    };
    loader.routes->parties = setup->parties;
    phrase_each_line(setup, arena, &loader.mistakes, read_line, &loader);
    return loader.routes;
}

/* --- judging -------------------------------------------------------------------------------------------- */

bool routes_has_family(const struct routes *routes, struct text family) {
    for (size_t i = 0; i < routes->count; i++) {
        if (phrase_list_has(routes->list[i].families, family)) {
            return true;
        }
    }
    return false;
}

static bool takes(const struct route *route, struct text family, const struct expr_context *context) {
    return phrase_list_has(route->families, family)
           && (!route->when || expr_holds(route->when, context) == TRUTH_TRUE);
}

const char *routes_to_submitter(const struct routes *routes, struct text family,
                                const struct expr_context *context) {
    for (size_t i = 0; i < routes->count; i++) {
        const struct route *route = &routes->list[i];
        for (size_t t = 0; t < route->count; t++) {
            if (route->targets[t].kind == TARGET_SUBMITTER && takes(route, family, context)) {
                return route->code;
            }
        }
    }
    return NULL;
}

/* One message on its way through the routes. */
struct judging {
    const struct routes *routes;
    const struct route *route;
    const char *sender, *submitter;
    const struct expr_context *context;
    uint64_t record;
    struct decision *decision;
};

static void send_to(const struct judging *judging, const struct party *party, uint64_t record) {
    bool own_message = record && strcmp(party->code, judging->sender) == 0;
    if (!party->blocked && !own_message) {
        decision_send(judging->decision, party->code, record, judging->route->code);
    }
}

static void send_to_code(const struct judging *judging, const char *code, uint64_t record) {
    const struct party *party = *code ? parties_find(judging->routes->parties, text_of(code)) : NULL;
    if (party) {
        send_to(judging, party, record);
    }
}

/* What a message calls a party may be in capitals (message/identifiers.h), its code is as the operator wrote
   it. */
static bool is_code(const struct party *party, struct text value) {
    return strlen(party->code) == value.length && strncasecmp(party->code, value.at, value.length) == 0;
}

/* "*" under `declares` says what a party may sign, not what it is. */
static bool stands_for(const struct party *party, struct text value) {
    if (is_code(party, value) || party_list_has(party->serves, value)) {
        return true;
    }
    for (size_t i = 0; i < party->declares.count; i++) {
        if (text_is(value, party->declares.items[i])) {
            return true;
        }
    }
    return false;
}

static void send_to_role(const struct judging *judging, const struct target *target) {
    const struct parties *parties = judging->routes->parties;
    struct text value = { 0 };
    if (target->at && (!expr_value(target->at, judging->context, &value) || !value.length)) {
        return;
    }
    for (size_t i = 0; i < parties->count; i++) {
        const struct party *party = &parties->list[i];
        if (party_has_role(party, target->role) && (!target->at || stands_for(party, value))) {
            send_to(judging, party, judging->record);
        }
    }
}

static void send_to_target(const struct judging *judging, const struct target *target) {
    if (decision_refused(judging->decision) && !target->decision) {
        return;
    }
    switch (target->kind) {
    case TARGET_SENDER: send_to_code(judging, judging->sender, 0); break;
    case TARGET_SUBMITTER: send_to_code(judging, judging->submitter, judging->record); break;
    case TARGET_ROLE: send_to_role(judging, target); break;
    }
}

void routes_judge(const struct routes *routes, struct text family, const char *sender, const char *submitter,
                  const struct expr_context *context, uint64_t record, struct decision *decision) {
    struct judging judging = { routes, NULL, sender, submitter, context, record, decision };
    for (size_t i = 0; i < routes->count; i++) {
        judging.route = &routes->list[i];
        if (!takes(judging.route, family, context)) {
            continue;
        }
        for (size_t t = 0; t < judging.route->count; t++) {
            send_to_target(&judging, &judging.route->targets[t]);
        }
    }
}
