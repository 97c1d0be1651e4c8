#include "message/yaml_mistakes.h"

#include <stdio.h>
#include <string.h>

#define WHAT_MAX 512

struct gathered {
    struct text source;
    const char *file, *code;
    struct verdict *mistakes;
    char what[WHAT_MAX];                  /* the first error line */
    uint32_t line, column;                /* the first position in the backtrace */
};

static void gather(cyaml_log_t level, void *context, const char *format, va_list args) {
    struct gathered *gathered = context;
    char message[WHAT_MAX];
    unsigned line, column;
    vsnprintf(message, sizeof message, format, args);
    message[strcspn(message, "\n")] = 0;
    const char *position = strstr(message, "(line: ");
    if (position && !gathered->line && sscanf(position, "(line: %u, column: %u)", &line, &column) == 2) {
        gathered->line = line;
        gathered->column = column;
    } else if (!position && !gathered->what[0] && level >= CYAML_LOG_ERROR && !strstr(message, "Backtrace")) {
        const char *text = strncmp(message, "Load: ", 6) ? message : message + 6;
        snprintf(gathered->what, sizeof gathered->what, "%s", text);
    }
}

cyaml_config_t yaml_mistakes_config(struct text source, const char *file, const char *code, struct arena *arena,
                                    struct verdict *mistakes) {
    struct gathered *gathered = arena_alloc(arena, sizeof *gathered);
    gathered->source = source;
    gathered->file = file;
    gathered->code = code;
    gathered->mistakes = mistakes;
    return (cyaml_config_t){ .log_fn = gather, .log_ctx = gathered, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR };
}

/* The name between the quotes of `Unexpected key: 'x'`, or what follows the colon. */
static struct text unexpected_key(const char *what) {
    const char *at = strstr(what, "Unexpected key: ");
    if (!at) return (struct text){ NULL, 0 };
    struct text key = text_trim(text_of(at + strlen("Unexpected key: ")));
    if (key.length > 1 && key.at[0] == '\'') key = (struct text){ key.at + 1, key.length - 2 };
    return key;
}

/* Finds `key:` at or behind the known place. */
static void find_key(struct gathered *gathered, struct text key) {
    struct text rest = gathered->source;
    for (uint32_t line = 1; rest.length; line++) {
        struct text row = text_until(&rest, '\n');
        struct text trimmed = text_trim(row);
        if (text_starts(trimmed, "- ")) trimmed = text_trim((struct text){ trimmed.at + 2, trimmed.length - 2 });
        bool here = trimmed.length > key.length && !memcmp(trimmed.at, key.at, key.length) && trimmed.at[key.length] == ':';
        if (line < gathered->line || !here) continue;
        gathered->line = line;
        gathered->column = (uint32_t)(trimmed.at - row.at) + 1;
        return;
    }
}

void yaml_mistakes_done(cyaml_config_t *config) {
    struct gathered *gathered = config->log_ctx;
    if (!gathered->what[0]) return;
    struct text key = unexpected_key(gathered->what);
    if (key.length) find_key(gathered, key);
    char zh[WHAT_MAX + 64];
    if (key.length) snprintf(zh, sizeof zh, "未知的键：" TEXT_FORMAT, TEXT_ARGS(key));
    else snprintf(zh, sizeof zh, "YAML 无法读取：%s", gathered->what);
    verdict_add(gathered->mistakes, &(struct finding){
        .code = gathered->code, .severity = SEVERITY_ERROR, .file = gathered->file, .zh = zh, .en = gathered->what,
        .place = { .line = gathered->line, .column = gathered->column, .length = (uint32_t)key.length } });
}
