/*
 * differential: mutants of messages, judged by our own pass and by libxml2.
 *
 *   differential [--values] [--mutants N] [--generate N] [--seed S] [--show] SCHEMA MESSAGE...
 *
 * Puts each of a list of values into each element of the messages, makes N mutants of each, and generates N
 * messages of the kind of the first one, with a mutant of each. Where our own pass accepts, libxml2 must
 * accept too, and both must have filled the same document: every element and attribute of the messages is
 * bound to a field of its own.
 * A message itself, or a generated one, that libxml2 accepts must not have been left to it; of mutants, it is
 * said how many were. Exit 1 after a difference, which is shown by its number; --seed of that number and
 * --mutants 1 makes it again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "edition/binding.h"
#include "edition/dictionary.h"
#include "check/xsd.h"
#include "generate.h"
#include "mutate.h"

#define DIFFERENCES_MAX 20
#define MUTANT_MAX      ((size_t)4 << 20)

/* --- everything bound ----------------------------------------------------------------------------------- */

#define PATHS_MAX       4000

struct binder {
    struct arena *arena;
    struct text paths[PATHS_MAX];
    size_t count;
};

static void add_path(struct binder *binder, const char *path) {
    for (size_t i = 0; i < binder->count; i++) {
        if (text_is(binder->paths[i], path)) {
            return;
        }
    }
    if (binder->count < PATHS_MAX) {
        binder->paths[binder->count++] = text_of(path);
    }
}

static struct text local(struct text name) {
    const char *colon = memchr(name.at, ':', name.length);
    size_t cut = colon ? (size_t)(colon - name.at) + 1 : 0;
    return (struct text){ name.at + cut, name.length - cut };
}

/* The paths of a well-formed message, found by its tags. */
static void add_paths(struct binder *binder, struct text message) {
    const char *open[64] = { "" };
    size_t depth = 0;
    for (const char *at = message.at, *end = at + message.length;
         (at = memchr(at, '<', (size_t)(end - at)));) {
        if (at[1] == '!' || at[1] == '?') {
            const char *close = memmem(at, (size_t)(end - at), at[1] == '?' ? "?>" : "-->", 2);
            at = close ? close + 2 : end;
            continue;
        }
        const char *close = memchr(at, '>', (size_t)(end - at));
        if (!close) {
            return;
        }
        if (at[1] == '/') {
            depth--;
        } else if (depth < 63) {
            struct text name = { at + 1, strcspn(at + 1, " \t\r\n/>") };
            name = local(name);
            const char *path = depth == 0 ? ""
                                          : arena_printf(binder->arena, "%s%s" TEXT_FORMAT, open[depth],
                                                         depth > 1 ? "/" : "", TEXT_ARGS(name));
            if (depth) {
                add_path(binder, path);
            }
            for (const char *equals = at; (equals = memchr(equals, '=', (size_t)(close - equals)));
                 equals++) {
                const char *from = equals;
                while (from > at && !strchr(" \t\r\n", from[-1])) {
                    from--;
                }
                struct text attribute = local((struct text){ from, (size_t)(equals - from) });
                if (attribute.length && attribute.length < 40
                    && !memchr(attribute.at, '"', attribute.length)) {
                    add_path(binder, arena_printf(binder->arena, "%s%s@" TEXT_FORMAT, path, depth ? "/" : "",
                                                  TEXT_ARGS(attribute)));
                }
            }
            open[++depth] = path;
            depth -= close[-1] == '/';
        }
        at = close;
    }
}

struct bound {
    struct fields *fields;
    struct binding *binding;
};

static struct bound bind_all(const struct binder *binder) {
    struct bound bound;
    struct buf fields, binding;
    struct verdict mistakes;
    buf_init(&fields, 1u << 20);
    buf_init(&binding, 1u << 20);
    verdict_init(&mistakes, binder->arena);
    for (size_t i = 0; i < binder->count; i++) {
        buf_printf(&fields, "f%zu text \"f\" \"f\"\n", i);
        buf_printf(&binding, TEXT_FORMAT " f%zu\n", TEXT_ARGS(binder->paths[i]), i);
    }
    bound.fields = dictionary_load(buf_text(&fields), "fields", binder->arena, &mistakes);
    bound.binding = binding_load(buf_text(&binding), "binding", bound.fields, binder->arena, &mistakes);
    buf_release(&fields);
    buf_release(&binding);
    if (mistakes.errors) {
        printf("%s\n", mistakes.findings[0].en);
        exit(2);
    }
    return bound;
}

/* --- judging -------------------------------------------------------------------------------------------- */

struct contest {
    struct xsd_session *session;
    struct bound bound;
    unsigned long mutants, refused_by_gate, both, neither, left, differences;
    bool show;
};

static bool same_documents(struct binding_walk *a_walk, const struct document *a, struct binding_walk *b_walk,
                           const struct document *b) {
    struct buf first, second;
    buf_init(&first, 64u << 20);
    buf_init(&second, 64u << 20);
    document_pack(a, &first);
    document_pack(b, &second);
    bool same = text_equal(buf_text(&first), buf_text(&second));
    for (size_t i = 0; same && i < document_count(a); i++) {
        same = strcmp(binding_path_of(a_walk, document_at(a, i)), binding_path_of(b_walk, document_at(b, i)))
               == 0;
    }
    buf_release(&first);
    buf_release(&second);
    return same;
}

static void report(struct contest *contest, const char *what, const char *kind, uint64_t seed,
                   struct text mutant, const struct verdict *verdict) {
    if (contest->differences++ < DIFFERENCES_MAX) {
        printf("%s: %s, --seed %llu\n", what, kind, (unsigned long long)seed);
        if (verdict->count) {
            printf("    %s:%u %s\n", verdict->findings[0].code, verdict->findings[0].place.line,
                   verdict->findings[0].en);
        }
        if (contest->show) {
            printf(TEXT_FORMAT "\n", TEXT_ARGS(mutant));
        }
    }
}

/* unspoilt: our own pass must know it. */
static void judge(struct contest *contest, struct text mutant, const char *kind, uint64_t seed, bool unspoilt,
                  struct arena *arena) {
    struct gated gated;
    struct verdict gate, ours, theirs;
    verdict_init(&gate, arena);
    verdict_init(&ours, arena);
    verdict_init(&theirs, arena);
    contest->mutants++;
    if (!gate_pass(mutant, NULL, arena, &gated, &gate)) {
        contest->refused_by_gate++;
        return;
    }
    struct document *our_doc = document_new(contest->bound.fields, arena);
    struct document *their_doc = document_new(contest->bound.fields, arena);
    struct binding_walk *our_walk = binding_walk_new(contest->bound.binding, our_doc, arena);
    struct binding_walk *their_walk = binding_walk_new(contest->bound.binding, their_doc, arena);
    bool accepted = xsd_accept(contest->session, &gated, our_walk, &ours);
    enum xsd_end end = xsd_examine(contest->session, &gated, false, their_walk, arena, &theirs);
    bool valid = end == XSD_READ_WHOLE && verdict_passes(&theirs);
    if (accepted && !valid) {
        report(contest, "accepted by our own pass alone", kind, seed, mutant, &theirs);
    } else if (accepted && !same_documents(our_walk, our_doc, their_walk, their_doc)) {
        report(contest, "another document", kind, seed, mutant, &theirs);
    } else if (accepted) {
        contest->both++;
    } else if (valid && unspoilt) {
        report(contest, "left to libxml2", kind, seed, mutant, &theirs);
    } else if (valid) {
        contest->left++;
        if (contest->show) {
            printf("left to libxml2: %s, --seed %llu\n", kind, (unsigned long long)seed);
        }
    } else {
        contest->neither++;
    }
}

static void judge_mutants(struct contest *contest, struct text message, unsigned long mutants,
                          uint64_t seed) {
    struct arena *arena = arena_new();
    struct buf mutant, twice;
    buf_init(&mutant, MUTANT_MAX);
    buf_init(&twice, MUTANT_MAX);
    judge(contest, message, "the message itself", 0, true, arena);
    for (unsigned long i = 0; i < mutants; i++) {
        uint64_t random = seed + i;
        buf_clear(&mutant);
        const char *kind = mutate(message, &random, &mutant);
        struct buf *last = &mutant;
        if (random_below(&random, 8) == 0 && mutant.length) {
            buf_clear(&twice);
            kind = mutate(buf_text(&mutant), &random, &twice);
            last = &twice;
        }
        if (last->length) {
            judge(contest, buf_text(last), kind, seed + i, false, arena);
        }
        arena_reset(arena);
    }
    buf_release(&mutant);
    buf_release(&twice);
    arena_free(arena);
}

static const struct grammar_element *root_of(const struct grammar *grammar, struct text message) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    struct gated gated;
    verdict_init(&verdict, arena);
    require(gate_pass(message, NULL, arena, &gated, &verdict));
    uint32_t namespace = grammar_namespace(grammar, gated.root_namespace);
    grammar_name name = GRAMMAR_NAME(namespace, grammar_local(grammar, gated.root));
    arena_free(arena);
    return grammar_element_named(grammar, name);
}

static void judge_generated(struct contest *contest, const struct grammar *grammar, struct text message,
                            unsigned long count, uint64_t seed) {
    const struct grammar_element *root = root_of(grammar, message);
    struct arena *arena = arena_new();
    struct buf made, mutant;
    unsigned long failed = 0, bytes = 0;
    buf_init(&made, MUTANT_MAX);
    buf_init(&mutant, MUTANT_MAX);
    for (unsigned long i = 0; root && i < count; i++) {
        uint64_t random = seed + i;
        if (!generate(grammar, root, (enum spelling)(i % SPELLING_COUNT), &random, &made)) {
            failed++;
            continue;
        }
        bytes += made.length;
        judge(contest, buf_text(&made), "generated", seed + i, true, arena);
        arena_reset(arena);
    }
    printf("%lu messages generated, %lu bytes on the average, %lu given up\n", count - failed,
           bytes / (count - failed ? count - failed : 1), failed);
    for (unsigned long i = 0; root && i < count; i++) {
        uint64_t random = seed + i;
        if (generate(grammar, root, (enum spelling)(i % SPELLING_COUNT), &random, &made)) {
            buf_clear(&mutant);
            const char *kind = mutate(buf_text(&made), &random, &mutant);
            judge(contest, buf_text(&mutant), kind, seed + i, false, arena);
            arena_reset(arena);
        }
    }
    buf_release(&made);
    buf_release(&mutant);
    arena_free(arena);
}

static void judge_values(struct contest *contest, struct text message) {
    struct arena *arena = arena_new();
    struct buf mutant;
    buf_init(&mutant, MUTANT_MAX);
    for (size_t i = 0; mutate_value(message, i, &mutant); i++) {
        judge(contest, buf_text(&mutant), "value by number", i, false, arena);
        buf_clear(&mutant);
        arena_reset(arena);
    }
    buf_release(&mutant);
    arena_free(arena);
}

static struct text read_file(struct arena *arena, const char *path) {
    struct buf bytes;
    buf_init(&bytes, MUTANT_MAX);
    if (file_read(path, &bytes) != STATUS_OK) {
        printf("%s cannot be read\n", path);
        exit(2);
    }
    struct text text = { arena_copy(arena, buf_text(&bytes)), bytes.length };
    buf_release(&bytes);
    return text;
}

int main(int argc, char **argv) {
    unsigned long mutants = 1000, generated = 0;
    uint64_t seed = 1;
    bool values = false;
    struct contest contest = { 0 };
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        if (strcmp(argv[at], "--show") == 0) {
            contest.show = true;
        } else if (strcmp(argv[at], "--values") == 0) {
            values = true;
        } else if (at + 1 < argc && strcmp(argv[at], "--mutants") == 0) {
            mutants = strtoul(argv[++at], NULL, 10);
        } else if (at + 1 < argc && strcmp(argv[at], "--generate") == 0) {
            generated = strtoul(argv[++at], NULL, 10);
        } else if (at + 1 < argc && strcmp(argv[at], "--seed") == 0) {
            seed = strtoull(argv[++at], NULL, 10);
        }
    }
    if (argc - at < 2) {
        printf(
            "usage: differential [--values] [--mutants N] [--generate N] [--seed S] [--show] SCHEMA MESSAGE...\n");
        return 2;
    }
    struct binder *binder = calloc(1, sizeof(*binder));
    binder->arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, binder->arena);
    xsd_start();
    struct xsd *xsd = xsd_load(argv[at], &mistakes);
    if (!xsd) {
        printf("%s: %s\n", argv[at], mistakes.findings[0].en);
        return 2;
    }
    const struct obstacle *obstacle = xsd_obstacle(xsd);
    if (obstacle) {
        printf("%s is not compiled: %s (%s)\n", argv[at], obstacle_text(obstacle->kind, LANGUAGE_EN),
               obstacle->name);
        return 2;
    }
    contest.session = xsd_session_new(xsd);
    for (int i = at + 1; i < argc; i++) {
        add_paths(binder, read_file(binder->arena, argv[i]));
    }
    contest.bound = bind_all(binder);
    for (int i = at + 1; i < argc; i++) {
        if (values) {
            judge_values(&contest, read_file(binder->arena, argv[i]));
        }
        judge_mutants(&contest, read_file(binder->arena, argv[i]), mutants, seed);
    }
    if (generated) {
        judge_generated(&contest, xsd_grammar(xsd), read_file(binder->arena, argv[at + 1]), generated, seed);
    }
    printf("%lu mutants: %lu refused at the gate, %lu accepted by both, %lu refused by both, %lu accepted by "
           "libxml2 alone, %lu differences\n",
           contest.mutants, contest.refused_by_gate, contest.both, contest.neither, contest.left,
           contest.differences);
    xsd_session_free(contest.session);
    xsd_free(xsd);
    arena_free(binder->arena);
    free(binder);
    return contest.differences ? 1 : 0;
}
