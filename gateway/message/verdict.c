/*
 * verdict.c - findings gathered in the arena of what is judged.
 */
#include "message/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

#define FINDINGS_AT_FIRST 8

static const char *const severities[] = {
#define X(name, text, what) [SEVERITY_##name] = text,
    SEVERITY_LIST(X)
#undef X
};

const char *severity_text(enum severity severity) {
    require((size_t)severity < sizeof(severities) / sizeof(*severities));
    return severities[severity];
}

bool severity_of(struct text text, enum severity *out) {
    for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++) {
        if (text_is(text, severities[i])) {
            *out = (enum severity)i;
            return true;
        }
    }
    return false;
}

void verdict_init(struct verdict *verdict, struct arena *arena) {
    require(arena);
    *verdict = (struct verdict){ .arena = arena };
}

bool verdict_passes(const struct verdict *verdict) {
    return verdict->errors == 0;
}

static size_t *count_of(struct verdict *verdict, enum severity severity) {
    switch (severity) {
    case SEVERITY_ERROR: return &verdict->errors;
    case SEVERITY_WARNING: return &verdict->warnings;
    case SEVERITY_OBSERVE: return &verdict->observed;
    }
    panic("there is no severity %d", (int)severity);
}

/* The array doubles: its size is the next power of two, so the count alone tells when it is full. */
static struct finding *room(struct verdict *verdict) {
    size_t kept = verdict->count;
    bool full = kept == 0 || (kept >= FINDINGS_AT_FIRST && (kept & (kept - 1)) == 0);
    if (full) {
        size_t size = kept ? kept * 2 : FINDINGS_AT_FIRST;
        struct finding *grown = arena_alloc(verdict->arena, size * sizeof(*grown));
        if (kept) {
            memcpy(grown, verdict->findings, kept * sizeof(*grown));
        }
        verdict->findings = grown;
    }
    return &verdict->findings[verdict->count++];
}

static const char *copy(struct arena *arena, const char *string) {
    return string && *string ? arena_string(arena, string) : "";
}

/* Several rooms read one text of experts; what each of them finds in it stands once. */
static struct finding *find_known(const struct verdict *verdict, const struct finding *finding) {
    for (size_t i = 0; finding->file && *finding->file && i < verdict->count; i++) {
        struct finding *known = &verdict->findings[i];
        if (known->place.line == finding->place.line && known->place.column == finding->place.column
            && strcmp(known->file, finding->file) == 0 && strcmp(known->code, finding->code) == 0
            && strcmp(known->en, finding->en ? finding->en : "") == 0) {
            return known;
        }
    }
    return NULL;
}

static struct finding finding_copy(const struct finding *finding, struct arena *arena) {
    return (struct finding){
        .code = copy(arena, finding->code),
        .severity = finding->severity,
        .place = finding->place,
        .path = copy(arena, finding->path),
        .zh = copy(arena, finding->zh),
        .en = copy(arena, finding->en),
        .hint_zh = copy(arena, finding->hint_zh),
        .hint_en = copy(arena, finding->hint_en),
        .file = copy(arena, finding->file),
        .secret = finding->secret,
    };
}

/* The index for one more. In a full verdict an error takes the place of the last finding that is none, for a
 * message is never refused without its reason. VERDICT_FINDINGS_MAX: nowhere. */
static size_t index_for(const struct verdict *verdict, enum severity severity) {
    if (verdict->count < VERDICT_FINDINGS_MAX) {
        return verdict->count;
    }
    for (size_t i = verdict->count; i > 0 && severity == SEVERITY_ERROR; i--) {
        if (verdict->findings[i - 1].severity != SEVERITY_ERROR) {
            return i - 1;
        }
    }
    return VERDICT_FINDINGS_MAX;
}

bool verdict_keeps(const struct verdict *verdict, enum severity severity) {
    require(verdict->count <= VERDICT_FINDINGS_MAX);
    return index_for(verdict, severity) < VERDICT_FINDINGS_MAX;
}

void verdict_add(struct verdict *verdict, const struct finding *finding) {
    require(verdict->arena && finding->code && *finding->code);
    require(verdict->count <= VERDICT_FINDINGS_MAX);
    struct finding *known = find_known(verdict, finding);
    if (known && finding->severity <= known->severity) {
        return;
    }
    ++*count_of(verdict, finding->severity);
    if (known) {
        --*count_of(verdict, known->severity);
        known->severity = finding->severity;
        return;
    }
    size_t index = index_for(verdict, finding->severity);
    if (index < VERDICT_FINDINGS_MAX) {
        struct finding *place = index == verdict->count ? room(verdict) : &verdict->findings[index];
        *place = finding_copy(finding, verdict->arena);
    }
}

void verdict_copy(const struct verdict *verdict, struct arena *arena, struct verdict *out) {
    require(arena);
    verdict_init(out, arena);
    for (size_t i = 0; i < verdict->count; i++) {
        *room(out) = finding_copy(&verdict->findings[i], arena);
    }
    out->errors = verdict->errors; /* those that were counted and not kept too */
    out->warnings = verdict->warnings;
    out->observed = verdict->observed;
}

static const char *format_into(struct arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    require(length >= 0);
    char *out = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(out, (size_t)length + 1, format, args);
    return out;
}

/* zh and en read the same arguments, each from the beginning. */
static void add_formatted(struct verdict *verdict, struct finding *finding, const char *zh, const char *en,
                          va_list args) {
    if (verdict_keeps(verdict, finding->severity)) {
        va_list again;
        va_copy(again, args);
        finding->zh = format_into(verdict->arena, zh, args);
        finding->en = format_into(verdict->arena, en, again);
        va_end(again);
    }
    verdict_add(verdict, finding);
}

void verdict_say(struct verdict *verdict, const char *code, enum severity severity, struct place place,
                 const char *path, const char *zh, const char *en, ...) {
    require(code && *code);
    struct finding finding = { .code = code, .severity = severity, .place = place, .path = path };
    va_list args;
    va_start(args, en);
    add_formatted(verdict, &finding, zh, en, args);
    va_end(args);
}

void verdict_lint(struct verdict *mistakes, const char *code, const char *file, uint32_t line,
                  uint32_t column, const char *zh, const char *en, ...) {
    require(*code);
    struct finding finding = { .code = code, .severity = SEVERITY_ERROR, .file = file };
    finding.place = (struct place){ .line = line, .column = column };
    va_list args;
    va_start(args, en);
    add_formatted(mistakes, &finding, zh, en, args);
    va_end(args);
}

static int order(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

/* Findings of several texts stand text by text; a place without an offset still has its line and column. */
static int compare(const struct finding *a, const struct finding *b) {
    int difference = strcmp(a->file, b->file);
    difference = difference ? difference : order(a->place.line, b->place.line);
    difference = difference ? difference : order(a->place.column, b->place.column);
    difference = difference ? difference : order(a->place.offset, b->place.offset);
    return difference ? difference : strcmp(a->code, b->code);
}

/* Insertion keeps equal findings in the order they were made, and there are few. */
void verdict_sort(struct verdict *verdict) {
    require(verdict->count <= VERDICT_FINDINGS_MAX);
    for (size_t i = 1; i < verdict->count; i++) {
        struct finding moved = verdict->findings[i];
        size_t at = i;
        for (; at > 0 && compare(&verdict->findings[at - 1], &moved) > 0; at--) {
            verdict->findings[at] = verdict->findings[at - 1];
        }
        verdict->findings[at] = moved;
    }
}
