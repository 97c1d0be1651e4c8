/*
 * differential: mutants of messages, judged by our own pass and by libxml2.
 *
 *   differential [--values] [--mutants N] [--generate N] [--seed S] [--show] [--first] [--keep FOLDER]
 *                SCHEMA MESSAGE...
 *
 * --values puts each of a list of values into each element of the messages, and makes each of a list of
 * changes to it. Then N mutants of each message are made, and N messages of the kind of the first one, with
 * two mutants of each. Where our own pass accepts, libxml2 must accept too, and both must have filled the
 * same document: every element and attribute of the messages is bound to a field of its own. Where
 * validators disagree stands in disagreements.md; a class of it that mutants come upon is known (listed[]): a
 * mutant is of it when, with just that mended, there is no difference.
 * A message itself, and a generated one, must be valid and not have been left to libxml2; of mutants, it is
 * said how many were. Exit 1 after a difference, which is shown by its number; --seed of that number and
 * --mutants 1 makes it again; what is of a listed class is only counted. --first: it ends at the first
 * difference. --keep: what one of the two alone accepts stands in the folder afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "edition/binding.h"
#include "edition/dictionary.h"
#include "xsd/validator.h"
#include "check/malformed.h"
#include "check/xsd.h"
#include "generate.h"
#include "mutate.h"

#define DIFFERENCES_MAX 20
#define KEPT_MAX        1000 /* of each schema */
#define MUTANT_MAX      ((size_t)4 << 20)
#define SIZE_LEAST      ((size_t)3 << 10) /* of messages as they are sent */
#define SIZE_MOST       ((size_t)40 << 10)

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

/* What comes of it where there is no difference. */
enum agreed { AT_THE_GATE, BY_BOTH, BY_NEITHER, LEFT, OPINIONS };

struct opinion {
    const char *difference; /* NULL: there is none, but what was agreed */
    enum agreed agreed;
    struct verdict told;  /* of a difference */
    const char *accepter; /* who accepts alone; NULL: nobody */
};

struct contest {
    struct xsd_session *session;
    struct bound bound;
    unsigned long mutants, counts[OPINIONS], listed, differences, kept;
    const char *keep; /* NULL: nowhere */
    bool show, first;
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

static void keep(struct contest *contest, const char *who, struct text mutant) {
    char path[4096];
    if (!contest->keep || contest->kept >= KEPT_MAX) {
        return;
    }
    snprintf(path, sizeof(path), "%s/%s-%lu.xml", contest->keep, who, ++contest->kept);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(mutant.at, 1, mutant.length, file) != mutant.length || fclose(file) != 0) {
        printf("%s cannot be written\n", path);
        exit(2);
    }
}

static void report(struct contest *contest, const char *what, const char *kind, uint64_t seed,
                   struct text mutant, const struct verdict *verdict) {
    if (contest->differences++ < DIFFERENCES_MAX || contest->first) {
        printf("%s: %s, --seed %llu\n", what, kind, (unsigned long long)seed);
        if (verdict->count) {
            printf("    %s:%u %s\n", verdict->findings[0].code, verdict->findings[0].place.line,
                   verdict->findings[0].en);
        }
        if (contest->show) {
            printf(TEXT_FORMAT "\n", TEXT_ARGS(mutant));
        }
    }
    if (contest->first) {
        exit(1);
    }
}

/* To libxml2. */
static bool is_malformed(const struct verdict *verdict) {
    for (size_t i = 0; i < verdict->count; i++) {
        if (strcmp(verdict->findings[i].code, "XML-OTHER") == 0
            || strcmp(verdict->findings[i].code, "GATE-MARKUP") == 0) {
            return true;
        }
    }
    return false;
}

static struct opinion differs(const char *how, const struct verdict *told, const char *accepter) {
    return (struct opinion){ .difference = how, .told = *told, .accepter = accepter };
}

static struct opinion agrees(enum agreed agreed) {
    return (struct opinion){ .agreed = agreed };
}

/* unspoilt: it is valid, and our own pass must know it. */
static struct opinion compare(struct contest *contest, struct text mutant, bool unspoilt,
                              struct arena *arena) {
    struct gated gated;
    struct validator_size size;
    struct verdict gate, ours, theirs;
    verdict_init(&gate, arena);
    verdict_init(&ours, arena);
    verdict_init(&theirs, arena);
    if (!gate_pass(mutant, NULL, arena, &gated, &gate)) {
        bool past = gate_open(mutant, NULL, arena, &gated, &ours) && gate_peek(&gated)
                    && xsd_accept(contest->session, gated.text.utf8, &size) && gate_would_pass(&size, NULL);
        return past ? differs("accepted past the gate", &gate, NULL) : agrees(AT_THE_GATE);
    }
    struct document *our_doc = document_new(contest->bound.fields, arena);
    struct document *their_doc = document_new(contest->bound.fields, arena);
    struct binding_walk *our_walk = binding_walk_new(contest->bound.binding, our_doc, arena);
    struct binding_walk *their_walk = binding_walk_new(contest->bound.binding, their_doc, arena);
    bool accepted = !gated.suspect && xsd_accept(contest->session, gated.text.utf8, &size);
    if (accepted) {
        xsd_fill(contest->session, &gated, our_walk, arena, &ours);
    }
    enum xsd_end end = xsd_examine(contest->session, &gated, false, their_walk, arena, &theirs);
    bool valid = end == XSD_READ_WHOLE && verdict_passes(&theirs);
    struct verdict form;
    verdict_init(&form, arena);
    bool malformed = malformed_judge(&gated, NULL, arena, &form);
    if (malformed != is_malformed(&theirs)) {
        return malformed ? differs("not well-formed to us alone", &form, NULL)
                         : differs("well-formed to us alone", &theirs, NULL);
    }
    if (accepted && !verdict_passes(&ours)) { /* libxml2 does not look at IDs when it streams */
        return valid ? agrees(BY_NEITHER) : differs("refused for its IDs alone", &theirs, NULL);
    }
    if (accepted && !valid) {
        return differs("accepted by our own pass alone", &theirs, "ours");
    }
    if (accepted && !same_documents(our_walk, our_doc, their_walk, their_doc)) {
        return differs("another document", &theirs, NULL);
    }
    if (!accepted && valid && unspoilt) {
        return differs("left to libxml2", &theirs, "libxml2");
    }
    if (!accepted && !valid && unspoilt) {
        return differs("not valid", &theirs, NULL);
    }
    struct opinion opinion = agrees(accepted ? BY_BOTH : valid ? LEFT : BY_NEITHER);
    opinion.accepter = valid && !accepted ? "libxml2" : NULL;
    return opinion;
}

/* --- classes that disagreements.md lists ---------------------------------------------------------------- */

/* XML 1.0, [32]: a blank before `standalone`. */
static bool mend_standalone(struct text mutant, struct buf *out) {
    const char *end = memmem(mutant.at, mutant.length, "?>", 2);
    struct text head = { mutant.at, end ? (size_t)(end - mutant.at) : 0 };
    const char *found = memmem(head.at, head.length, "standalone", strlen("standalone"));
    if (!text_starts(head, "<?xml ") || !found || !strchr("\"'", found[-1])) {
        return false;
    }
    size_t before = (size_t)(found - mutant.at);
    buf_add(out, mutant.at, before);
    buf_add_string(out, " ");
    buf_add(out, found, mutant.length - before);
    return true;
}

static bool (*const listed[])(struct text mutant, struct buf *out) = { mend_standalone };

/* With the one thing mended, both say the same. */
static bool is_listed(struct contest *contest, struct text mutant, bool unspoilt, struct arena *arena) {
    bool is = false;
    struct buf mended;
    buf_init(&mended, 2 * MUTANT_MAX);
    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]) && !is; i++) {
        buf_clear(&mended);
        is = listed[i](mutant, &mended) && !compare(contest, buf_text(&mended), unspoilt, arena).difference;
    }
    buf_release(&mended);
    return is;
}

static void judge(struct contest *contest, struct text mutant, const char *kind, uint64_t seed, bool unspoilt,
                  struct arena *arena) {
    struct opinion opinion = compare(contest, mutant, unspoilt, arena);
    contest->mutants++;
    if (opinion.accepter) {
        keep(contest, opinion.accepter, mutant);
    }
    if (!opinion.difference) {
        contest->counts[opinion.agreed]++;
        if (opinion.agreed == LEFT && contest->show) {
            printf("left to libxml2: %s, --seed %llu\n", kind, (unsigned long long)seed);
        }
    } else if (is_listed(contest, mutant, unspoilt, arena)) {
        contest->listed++;
    } else {
        report(contest, opinion.difference, kind, seed, mutant, &opinion.told);
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

#define DISTINCT_SLOTS (1u << 16)

struct generated {
    unsigned long count, given_up, distinct, in_range;
    size_t bytes, least, most;
    uint32_t hashes[DISTINCT_SLOTS];
};

static uint32_t hash_of(struct text text) { /* FNV-1a */
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < text.length; i++) {
        hash = (hash ^ (unsigned char)text.at[i]) * UINT32_C(16777619);
    }
    return hash | 1;
}

static void add_generated(struct generated *all, struct text message) {
    uint32_t hash = hash_of(message), slot = hash % DISTINCT_SLOTS;
    while (all->hashes[slot] && all->hashes[slot] != hash) {
        slot = (slot + 1) % DISTINCT_SLOTS;
    }
    all->distinct += all->hashes[slot] == 0 && all->distinct < DISTINCT_SLOTS / 2;
    all->hashes[slot] = hash;
    all->count++;
    all->bytes += message.length;
    all->in_range += message.length >= SIZE_LEAST && message.length <= SIZE_MOST;
    all->least = all->least == 0 || message.length < all->least ? message.length : all->least;
    all->most = message.length > all->most ? message.length : all->most;
}

static void print_generated(const struct generated *all) {
    printf("%lu messages generated, %lu distinct, %zu to %zu bytes (%zu on the average, %lu of 3 to 40 KB); "
           "%lu given up\n",
           all->count, all->distinct, all->least, all->most, all->bytes / (all->count ? all->count : 1),
           all->in_range, all->given_up);
}

/* Valid messages, and of each one with a slip (generate.h) and one spoilt as any other is. */
static void judge_generated(struct contest *contest, const struct grammar *grammar, struct text message,
                            unsigned long count, uint64_t seed) {
    const struct grammar_element *root = root_of(grammar, message);
    struct arena *arena = arena_new();
    struct buf made, mutant;
    static struct generated all;
    buf_init(&made, MUTANT_MAX);
    buf_init(&mutant, MUTANT_MAX);
    for (unsigned long i = 0; root && i < count; i++) {
        uint64_t random = seed + i;
        uint32_t places, none;
        enum spelling spelling = (enum spelling)(i % SPELLING_COUNT);
        if (!generate(grammar, root, spelling, &random, 0, &places, &made)) {
            all.given_up++;
            continue;
        }
        judge(contest, buf_text(&made), "generated", seed + i, true, arena);
        add_generated(&all, buf_text(&made));
        arena_reset(arena);
        buf_clear(&mutant);
        const char *kind = mutate(buf_text(&made), &random, &mutant);
        judge(contest, buf_text(&mutant), kind, seed + i, false, arena);
        arena_reset(arena);
        uint32_t slip_at = 1 + (uint32_t)random_below(&random, places);
        random = seed + i;
        generate(grammar, root, spelling, &random, slip_at, &none, &mutant);
        judge(contest, buf_text(&mutant), "slip", seed + i, false, arena);
        arena_reset(arena);
    }
    print_generated(&all);
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
    buf_clear(&mutant);
    for (size_t i = 0; mutate_element(message, i, &mutant); i++) {
        judge(contest, buf_text(&mutant), "element by number", i, false, arena);
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

/* What the generator writes is bound, too. */
static void add_generated_paths(struct binder *binder, const struct grammar *grammar, struct text message) {
    const struct grammar_element *root = root_of(grammar, message);
    struct buf made;
    buf_init(&made, MUTANT_MAX);
    for (uint64_t i = 0; root && i < 100; i++) {
        uint64_t random = i;
        uint32_t places;
        if (generate(grammar, root, SPELLED_PLAIN, &random, 0, &places, &made)) {
            add_paths(binder, buf_text(&made));
        }
    }
    buf_release(&made);
}

struct request {
    unsigned long mutants, generated;
    uint64_t seed;
    bool values;
};

/* Returns the index of the first argument that is no option. */
static int read_options(int argc, char **argv, struct request *request, struct contest *contest) {
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        if (strcmp(argv[at], "--show") == 0) {
            contest->show = true;
        } else if (strcmp(argv[at], "--first") == 0) {
            contest->first = true;
        } else if (strcmp(argv[at], "--values") == 0) {
            request->values = true;
        } else if (at + 1 < argc && strcmp(argv[at], "--mutants") == 0) {
            request->mutants = strtoul(argv[++at], NULL, 10);
        } else if (at + 1 < argc && strcmp(argv[at], "--generate") == 0) {
            request->generated = strtoul(argv[++at], NULL, 10);
        } else if (at + 1 < argc && strcmp(argv[at], "--seed") == 0) {
            request->seed = strtoull(argv[++at], NULL, 10);
        } else if (at + 1 < argc && strcmp(argv[at], "--keep") == 0) {
            contest->keep = argv[++at];
        }
    }
    if (argc - at < 2) {
        printf("usage: differential [--values] [--mutants N] [--generate N] [--seed S] [--show] [--first] "
               "[--keep FOLDER] SCHEMA MESSAGE...\n");
        exit(2);
    }
    return at;
}

static struct xsd *load(const char *path) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    xsd_start();
    struct xsd *xsd = xsd_load(path, &mistakes);
    const struct obstacle *obstacle = xsd ? xsd_obstacle(xsd) : NULL;
    if (!xsd) {
        printf("%s: %s\n", path, mistakes.findings[0].en);
        exit(2);
    }
    if (obstacle) {
        printf("%s is not compiled: %s (%s)\n", path, obstacle_text(obstacle->kind, LANGUAGE_EN),
               obstacle->name);
        exit(2);
    }
    arena_free(arena);
    return xsd;
}

int main(int argc, char **argv) {
    struct request request = { .mutants = 1000, .seed = 1 };
    struct contest contest = { 0 };
    int at = read_options(argc, argv, &request, &contest), messages = argc - at - 1;
    struct binder *binder = calloc(1, sizeof(*binder));
    struct xsd *xsd = load(argv[at]);
    struct text *texts = calloc((size_t)messages, sizeof(*texts));
    binder->arena = arena_new();
    contest.session = xsd_session_new(xsd);
    for (int i = 0; i < messages; i++) {
        texts[i] = read_file(binder->arena, argv[at + 1 + i]);
        add_paths(binder, texts[i]);
    }
    add_generated_paths(binder, xsd_grammar(xsd), texts[0]);
    contest.bound = bind_all(binder);
    struct marks *marks = xsd_marks(xsd, contest.bound.binding);
    xsd_session_set_marks(contest.session, marks);
    for (int i = 0; i < messages; i++) {
        if (request.values) {
            judge_values(&contest, texts[i]);
        }
        judge_mutants(&contest, texts[i], request.mutants, request.seed);
    }
    if (request.generated) {
        judge_generated(&contest, xsd_grammar(xsd), texts[0], request.generated, request.seed);
    }
    printf("%lu mutants: %lu refused at the gate, %lu accepted by both, %lu refused by both, %lu accepted by "
           "libxml2 alone, %lu of a listed class, %lu differences\n",
           contest.mutants, contest.counts[AT_THE_GATE], contest.counts[BY_BOTH], contest.counts[BY_NEITHER],
           contest.counts[LEFT], contest.listed, contest.differences);
    xsd_session_free(contest.session);
    marks_free(marks);
    xsd_free(xsd);
    arena_free(binder->arena);
    free(binder);
    free(texts);
    return contest.differences ? 1 : 0;
}
