/*
 * ports.c - a list of (code, port) pairs; ports are few and codes are looked up once a message.
 */
#include "engine/ports.h"

#include <string.h>

#include "engine/phrase.h"

#define PORT_CODES_MAX 4096

struct alias {
    const char *code, *port;
};
struct ports {
    struct alias list[PORT_CODES_MAX];
    size_t count;
};

struct loading {
    struct ports *ports;
    struct arena *arena;
    struct mistakes mistakes;
    const char *port;
};

static void add_alias(struct loading *loading, const struct line *line, size_t word) {
    struct ports *ports = loading->ports;
    const char *code = arena_copy(loading->arena, line->words[word].text);
    const char *known = ports_find(ports, code);
    if (known && strcmp(known, loading->port) != 0) {
        mistakes_add(&loading->mistakes, mistake_word(line, word), NULL, "该代码已属于另一港口",
                     "this code already stands for another port");
    } else if (ports->count == PORT_CODES_MAX) {
        mistakes_add(&loading->mistakes, mistake_word(line, word), NULL, "港口代码过多",
                     "too many codes of ports");
    } else if (!known) {
        ports->list[ports->count++] = (struct alias){ code, loading->port };
    }
}

static void read_line(const struct line *line, void *context) {
    struct loading *loading = context;
    struct text first = line->words[0].text;
    if (!line->indented && text_is(first, "port") && line->count == 4) {
        loading->port = arena_copy(loading->arena, line->words[1].text);
        add_alias(loading, line, 1);
    } else if (line->indented && text_is(first, "also") && loading->port && line->count > 1) {
        for (size_t i = 1; i < line->count; i++) {
            add_alias(loading, line, i);
        }
    } else {
        mistakes_add(&loading->mistakes, mistake_word(line, 0), NULL,
                     "应为：port 代码 \"中文\" \"英文\"，或其下的 also 代码…",
                     "expected: port CODE \"zh\" \"en\", or below it: also CODE...");
    }
}

struct ports *ports_load(const struct setup *setup, struct arena *arena, struct verdict *mistakes) {
    struct loading loading = {
        arena_alloc(arena, sizeof(struct ports)), arena, { mistakes, "LINT-PORT", "ports" }, NULL
    };
    phrase_each_line(setup, arena, &loading.mistakes, read_line, &loading);
    return loading.ports;
}

const char *ports_find(const struct ports *ports, const char *code) {
    for (size_t i = 0; i < ports->count; i++) {
        if (strcmp(ports->list[i].code, code) == 0) {
            return ports->list[i].port;
        }
    }
    return NULL;
}
