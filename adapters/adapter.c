/*
 * adapter.c - an adapter's settings, asked for as what they are.
 */
#include "adapters/adapter.h"

#include <stdlib.h>
#include <string.h>

const char *adapter_text(const struct adapter_settings *settings, size_t row) {
    return settings->values[row];
}

int64_t adapter_number(const struct adapter_settings *settings, size_t row) {
    require(settings->rows[row].type == SETTING_TYPE_NUMBER);
    return strtoll(settings->values[row], NULL, 10);
}

bool adapter_flag(const struct adapter_settings *settings, size_t row) {
    require(settings->rows[row].type == SETTING_TYPE_FLAG);
    return strcmp(settings->values[row], "true") == 0;
}

void adapter_say_idle(const struct adapter_settings *settings, size_t row, const char *transport,
                      const struct edition *edition, struct verdict *mistakes) {
    const char *first = NULL;
    size_t others = 0;
    for (size_t i = 0; i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        bool uses = party_stanza(party, transport) || strcmp(party->transport, transport) == 0;
        if (uses && !party->blocked) {
            others += first != NULL;
            first = first ? first : party->code;
        }
    }
    if (first) {
        struct arena *arena = mistakes->arena;
        const char *zh = others ? arena_printf(arena, "%s 等 %zu 方", first, others + 1) : first;
        const char *en = others ? arena_printf(arena, "%s and %zu more", first, others) : first;
        settings->say(
            settings, row, SEVERITY_WARNING,
            arena_printf(arena, "%s 未启用，而参与方文件中 %s 使用它", transport, zh),
            arena_printf(arena, "%s does not run, and the parties file has %s use it", transport, en),
            "发给他们的将被搁置：请填写此项，或改其参与方一行",
            "what is for them is parked: set it, or change their rows", mistakes);
    }
}
