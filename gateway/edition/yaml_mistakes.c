/*
 * yaml_mistakes.c - libcyaml's log is gathered while it loads; afterwards the one thing that matters is said
 * in our words.
 */
#include "edition/yaml_mistakes.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "message/mistakes.h"

#define WHAT_MAX 512

struct gathered {
    struct text source;
    const cyaml_schema_value_t *shape;
    struct mistakes mistakes;
    char what[WHAT_MAX];   /* the first error line */
    uint32_t line, column; /* the first position in the backtrace */
};

static void gather(cyaml_log_t level, void *context, const char *format, va_list args) {
    struct gathered *gathered = context;
    char message[WHAT_MAX];
    unsigned line, column;
    vsnprintf(message, sizeof(message), format, args);
    message[strcspn(message, "\n")] = 0;
    const char *position = strstr(message, "(line: ");
    if (position && !gathered->line && sscanf(position, "(line: %u, column: %u)", &line, &column) == 2) {
        gathered->line = line;
        gathered->column = column;
    } else if (!position && !gathered->what[0] && level >= CYAML_LOG_ERROR && !strstr(message, "Backtrace")) {
        const char *text = strncmp(message, "Load: ", 6) != 0 ? message : message + 6;
        snprintf(gathered->what, sizeof(gathered->what), "%s", text);
    }
}

cyaml_config_t yaml_mistakes_config(struct text source, const cyaml_schema_value_t *shape, const char *file,
                                    const char *code, struct arena *arena, struct verdict *mistakes) {
    struct gathered *gathered = arena_alloc(arena, sizeof(*gathered));
    gathered->source = source;
    gathered->shape = shape;
    gathered->mistakes = (struct mistakes){ mistakes, code, file };
    return (cyaml_config_t){
        .log_fn = gather,
        .log_ctx = gathered,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
    };
}

/* What libcyaml 1.3 says and how we say it; what follows is the key it is about, a name to tell, or of no
   use. */
enum follows { NOTHING, NAME, KEY };

/* clang-format off */
static const struct said { const char *begins, *zh, *en; enum follows follows; } sayings[] = {
    { "Unexpected key: ",                 "未知的键 ",               "unknown key ",                  KEY },
    { "Mapping field already seen: ",     "键重复：",                "this key stands twice: ",       KEY },
    { "Missing required mapping field: ", "缺少键 ",                 "a key is missing: ",            NAME },
    { "Invalid ENUM value: ",             "不允许的值 ",             "this value is not allowed: ",   NAME },
    { "Expecting SEQUENCE",               "此处应为列表 [a, b]",      "a list is expected: [a, b]",    NOTHING },
    { "Expecting MAPPING",                "此处应为键和值 { a: b }",  "keys with values are expected: { a: b }", NOTHING },
    { "Expecting STRING",                 "此处应为文字",            "a text is expected",            NOTHING },
    { "Insufficient entries",             "列表的条目过少",           "too few entries in the list",   NOTHING },
    { "Excessive entries",                "列表的条目过多",           "too many entries in the list",  NOTHING },
    { "STRING length < ",                 "文字过短",                "the text is too short",         NOTHING },
    { "STRING length > ",                 "文字过长",                "the text is too long",          NOTHING },
};
/* clang-format on */

static const struct said *saying_of(const char *what) {
    for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
        if (strncmp(what, sayings[i].begins, strlen(sayings[i].begins)) == 0) {
            return &sayings[i];
        }
    }
    return NULL;
}

static struct text name_in(const char *what, const struct said *said) {
    if (said->follows == NOTHING) {
        return TEXT("");
    }
    struct text name = text_trim(text_of(what + strlen(said->begins)));
    bool quoted = name.length > 1 && name.at[0] == '\'';
    return quoted ? (struct text){ name.at + 1, name.length - 2 } : name;
}

static bool is_key_at(struct text rest, const char *begin, struct text key) {
    bool opens = rest.at == begin || strchr(" \t{,\n\"'", rest.at[-1]);
    if (!opens || rest.length <= key.length || memcmp(rest.at, key.at, key.length) != 0) {
        return false;
    }
    size_t i = key.length;
    while (i < rest.length && (rest.at[i] == ' ' || rest.at[i] == '"' || rest.at[i] == '\'')) {
        i++;
    }
    return i < rest.length && rest.at[i] == ':';
}

/* Finds `key:` at or behind the known place, which is a little before it. */
static void find_key(struct gathered *gathered, struct text key) {
    struct text rest = gathered->source;
    uint32_t line = 1, column = 1;
    while (rest.length) {
        bool reached = line > gathered->line || (line == gathered->line && column >= gathered->column);
        if (reached && is_key_at(rest, gathered->source.at, key)) {
            gathered->line = line;
            gathered->column = column;
            return;
        }
        const char *before = rest.at;
        text_next(&rest.at, rest.at + rest.length);
        rest.length -= (size_t)(rest.at - before);
        column = *before == '\n' ? 1 : column + 1;
        line += *before == '\n';
    }
}

/* Depth is that of our own shapes. */
static void try_keys(const cyaml_schema_value_t *shape, struct nearest *nearest) {
    if (shape->type == CYAML_SEQUENCE) {
        try_keys(shape->sequence.entry, nearest);
    } else if (shape->type == CYAML_MAPPING) {
        for (const cyaml_schema_field_t *field = shape->mapping.fields; field->key; field++) {
            nearest_try(nearest, field->key);
            try_keys(&field->value, nearest);
        }
    }
}

static bool is_indented_by_tab(struct text source, uint32_t number) {
    struct text line = text_until(&source, '\n');
    for (uint32_t i = 1; i < number; i++) {
        line = text_until(&source, '\n');
    }
    while (line.length && *line.at == ' ') {
        line = (struct text){ line.at + 1, line.length - 1 };
    }
    return line.length && *line.at == '\t';
}

/* libyaml's reader tells what is no character by its offset only, which may lie behind its first byte. */
static struct place place_at(struct text source, size_t offset) {
    uint32_t line = 1, column = 1;
    const char *end = source.at + source.length, *to = offset < source.length ? source.at + offset : end;
    for (const char *at = source.at; at < to;) {
        bool ends_line = *at == '\n';
        if (text_next(&at, end) < 0) {
            break;
        }
        column = ends_line ? 1 : column + 1;
        line += ends_line;
    }
    return mistake_place(line, column, TEXT(""));
}

/* Windows' editors save Chinese in code page 936 unless told otherwise. */
static void say_bytes(const struct gathered *gathered, const yaml_parser_t *parser) {
    struct place place = place_at(gathered->source, parser->problem_offset);
    if (text_is_utf8(gathered->source)) {
        mistakes_add(&gathered->mistakes, place, NULL, "此处为控制字符，YAML 不允许",
                     "a control character, which YAML does not allow");
    } else {
        mistakes_add(&gathered->mistakes, place, NULL,
                     "文件不是 UTF-8 编码，自此处起无法读取；请以 UTF-8 另存",
                     "the file is not UTF-8: from here on it cannot be read; save it as UTF-8");
    }
}

static void say_alias(const struct gathered *gathered, yaml_mark_t at) {
    struct place place = mistake_place((uint32_t)at.line + 1, (uint32_t)at.column + 1, TEXT(""));
    mistakes_add(&gathered->mistakes, place, NULL, "此处不支持别名 (*)，请写出其内容",
                 "aliases (*) are not read here: write out what it stands for");
}

/* libcyaml reads the first document alone, without a word of the others. */
static void say_document(const struct gathered *gathered, yaml_mark_t at) {
    struct place place = mistake_place((uint32_t)at.line + 1, (uint32_t)at.column + 1, TEXT("---"));
    mistakes_add(&gathered->mistakes, place, NULL, "此处开始第二个 YAML 文档，其后内容不会被读取；请合为一个",
                 "a second YAML document begins here, and nothing of it is read: make one of them");
}

/* libcyaml takes it for the text "~". */
static void say_null(const struct gathered *gathered, const yaml_event_t *event) {
    struct text value = { (const char *)event->data.scalar.value, event->data.scalar.length };
    struct place place =
        mistake_place((uint32_t)event->start_mark.line + 1, (uint32_t)event->start_mark.column + 1, value);
    mistakes_add(&gathered->mistakes, place, NULL, "此处没有值：请去掉该行；空文本写作 \"\"",
                 "no value stands here: leave the line out, or write \"\" for an empty text");
}

static bool is_null(const yaml_event_t *event) {
    static const char *const nulls[] = { "~", "null", "Null", "NULL" }; /* YAML 1.2.2, 10.3.2 */
    bool plain = event->type == YAML_SCALAR_EVENT && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    for (size_t i = 0; plain && i < sizeof(nulls) / sizeof(*nulls); i++) {
        if (strcmp((const char *)event->data.scalar.value, nulls[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether something is wrong that libcyaml does not see. */
static bool say_event(const struct gathered *gathered, const yaml_event_t *event, bool no_alias,
                      size_t documents) {
    if (no_alias && event->type == YAML_ALIAS_EVENT) {
        say_alias(gathered, event->start_mark);
    } else if (event->type == YAML_DOCUMENT_START_EVENT && documents > 1) {
        say_document(gathered, event->start_mark);
    } else if (is_null(event)) {
        say_null(gathered, event);
    } else {
        return false;
    }
    return true;
}

/* What is no YAML, or nothing that is read here: the first thing that libyaml's parser stumbles over, and
 * where. False: there is nothing. */
static bool find_syntax(const struct gathered *gathered, bool no_alias) {
    yaml_parser_t parser;
    yaml_event_t event;
    bool ended = false, broken = false, said = false;
    size_t documents = 0;
    if (!yaml_parser_initialize(&parser)) {
        return false;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)gathered->source.at,
                                 gathered->source.length);
    while (!ended && !broken && !said) {
        broken = !yaml_parser_parse(&parser, &event);
        if (!broken) {
            ended = event.type == YAML_STREAM_END_EVENT;
            documents += event.type == YAML_DOCUMENT_START_EVENT;
            said = say_event(gathered, &event, no_alias, documents);
            yaml_event_delete(&event);
        }
    }
    if (broken && parser.error == YAML_READER_ERROR) {
        say_bytes(gathered, &parser);
    } else if (broken) {
        struct place place = mistake_place((uint32_t)parser.problem_mark.line + 1,
                                           (uint32_t)parser.problem_mark.column + 1, TEXT(""));
        bool tab = is_indented_by_tab(gathered->source, place.line);
        if (tab) {
            mistakes_add(&gathered->mistakes, place, NULL, "此处为制表符：YAML 只用空格缩进",
                         "a tab stands here: YAML is indented with blanks only");
        } else {
            mistakes_at(&gathered->mistakes, place, NULL, "YAML 无法读取：%s", "YAML cannot be read: %s",
                        parser.problem ? parser.problem : "");
        }
    }
    yaml_parser_delete(&parser);
    return broken || said;
}

void yaml_mistakes_done(cyaml_config_t *config) {
    struct gathered *gathered = config->log_ctx;
    struct arena *arena = gathered->mistakes.verdict->arena;
    bool silent = !gathered->what[0]; /* all is well, or of what libcyaml says nothing */
    bool no_alias = silent && config->flags & CYAML_CFG_NO_ALIAS;
    if (find_syntax(gathered, no_alias) || silent) {
        return;
    }
    const struct said *said = saying_of(gathered->what);
    struct text name = said ? name_in(gathered->what, said) : TEXT("");
    bool key = said && said->follows == KEY;
    struct nearest nearest;
    nearest_start(&nearest, key ? name : TEXT(""));
    if (key) {
        find_key(gathered, name);
        try_keys(gathered->shape, &nearest);
    }
    bool placed = gathered->line > 0;
    struct place place =
        mistake_place(placed ? gathered->line : 1, placed ? gathered->column : 1, key ? name : TEXT(""));
    if (said) {
        const char *meant = nearest_found(&nearest);
        bool twice = meant && text_is(name, meant); /* the key is known: it stands twice, or elsewhere */
        mistakes_add(&gathered->mistakes, place, twice ? NULL : meant,
                     arena_printf(arena, "%s" TEXT_FORMAT, said->zh, TEXT_ARGS(name)),
                     arena_printf(arena, "%s" TEXT_FORMAT, said->en, TEXT_ARGS(name)));
    } else {
        mistakes_at(&gathered->mistakes, place, NULL, "YAML 无法读取：%s", "YAML cannot be read: %s",
                    gathered->what);
    }
}
