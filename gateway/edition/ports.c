/*
 * ports.c - a list of (code, port) pairs; ports are few and codes are looked up once a message.
 */
#include "edition/ports.h"

#include <string.h>

#include "edition/block.h"
#include "edition/edition.h"

#define PORT_CODES_MAX 4096

struct alias {
    const char *code, *port;
};
struct ports {
    struct alias list[PORT_CODES_MAX];
    size_t count;
};

static void add_alias(struct block *block, size_t word) {
    struct ports *ports = block->whole;
    const char *code = block_word(block, word), *port = block->open;
    const char *known = ports_find(ports, code);
    if (known && strcmp(known, port) != 0) {
        BLOCK_MISTAKE(block, mistake_word(block->line, word), NULL, "该代码已属于港口 %s",
                      "this code stands for the port %s already", known);
    } else if (ports->count == PORT_CODES_MAX) {
        BLOCK_MISTAKE(block, mistake_word(block->line, word), NULL, "港口代码超过 %d 个",
                      "more than %d codes of ports", PORT_CODES_MAX);
    } else if (!known) {
        ports->list[ports->count++] = (struct alias){ code, port };
    }
}

static bool read_port(struct block *block) {
    if (block->line->count != 4) {
        return false;
    }
    block->open = (void *)block_word(block, 1);
    add_alias(block, 1);
    return true;
}

static bool read_also(struct block *block) {
    for (size_t i = 1; i < block->line->count; i++) {
        add_alias(block, i);
    }
    return block->line->count > 1;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "also", BLOCK_MANY, read_also, "代码 ...", "CODE ...", NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "port", BLOCK_MANY, read_port, "代码 \"中文\" \"英文\"", "CODE \"zh\" \"en\"", lines, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct ports *ports_load(const struct edition *edition, struct verdict *mistakes) {
    struct ports *ports = arena_alloc(edition->arena, sizeof(*ports));
    struct block block = { .mistakes = { mistakes, "LINT-PORT", NULL },
                           .arena = edition->arena,
                           .whole = ports };
    block_read_text(&block, edition, "ports", heads);
    return ports;
}

const char *ports_find(const struct ports *ports, const char *code) {
    for (size_t i = 0; i < ports->count; i++) {
        if (strcmp(ports->list[i].code, code) == 0) {
            return ports->list[i].port;
        }
    }
    return NULL;
}
