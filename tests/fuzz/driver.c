#include "fuzz/driver.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"

enum { SEEDS_MAX = 4096, WORDS_MAX = 1024, INPUT_MAX = 1 << 20, SANITIZED_SHARE = 4 };

/* Runs cost more when they are watched. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SHARE = SANITIZED_SHARE };
#else
enum { SHARE = 1 };
#endif

static struct text seeds[SEEDS_MAX], words[WORDS_MAX];
static size_t seed_count, word_count;
static long current_run;

/* --- a failure names its run ------------------------------------------------------------------------- */

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void tell_run(void) {
    char line[128];
    int length = snprintf(line, sizeof(line), "\nfailed in run %ld; see it with --show %ld\n", current_run,
                          current_run);
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)length);
    (void)ignored;
}

static void died(int number) {
    tell_run();
    signal(number, SIG_DFL);
    raise(number);
}

/* --- inputs ------------------------------------------------------------------------------------------ */

/* splitmix64 (Vigna): any start gives a good sequence. */
static uint64_t next(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

size_t fuzz_below(uint64_t *state, size_t limit) {
    return limit ? (size_t)(next(state) % limit) : 0;
}

/* Puts text in place of `cut` bytes at `at`. */
static void replace(struct buf *buf, size_t at, size_t cut, struct text text) {
    struct buf rest;
    buf_init(&rest, 2 * INPUT_MAX);
    buf_add(&rest, buf->at + at + cut, buf->length - at - cut);
    buf->length = at;
    buf_add_text(buf, text);
    buf_add_text(buf, buf_text(&rest));
    buf_release(&rest);
}

static size_t some_length(uint64_t *state, size_t max) {
    static const size_t usual[] = { 1, 1, 1, 2, 2, 3, 4, 8, 16, 64, 256, 1024 };
    size_t length = usual[fuzz_below(state, sizeof(usual) / sizeof(*usual))];
    return length < max ? length : max;
}

enum mutation {
    FLIP_BIT,
    ANY_BYTE,
    SYNTAX_BYTE,
    INSERT_BYTE,
    INSERT_WORD,
    REPLACE_BY_WORD,
    CUT,
    REPEAT,
    SPLICE,
    TRUNCATE,
    MUTATIONS,
};

static void mutate(struct buf *buf, uint64_t *state) {
    static const char syntax[] = "\r\n\t \0:;=,\"\\/%0aAfF-+.<>&#[]{}()'?\x7f\x80\xff";
    size_t at = fuzz_below(state, buf->length), length = some_length(state, buf->length - at);
    char byte = syntax[fuzz_below(state, sizeof(syntax) - 1)];
    struct text here = { buf->at + at, length };
    struct text word = word_count ? words[fuzz_below(state, word_count)] : here;
    struct text other = seeds[fuzz_below(state, seed_count)];
    size_t from = fuzz_below(state, other.length);
    struct text part = { other.at + from, some_length(state, other.length - from) };
    struct buf copy;

    if (buf->length == 0 || buf->length > INPUT_MAX) {
        return;
    }
    switch ((enum mutation)fuzz_below(state, MUTATIONS)) {
    case FLIP_BIT: buf->at[at] = (char)(buf->at[at] ^ 1 << fuzz_below(state, 8)); break;
    case ANY_BYTE: buf->at[at] = (char)next(state); break;
    case SYNTAX_BYTE: buf->at[at] = byte; break;
    case INSERT_BYTE: replace(buf, at, 0, (struct text){ &byte, 1 }); break;
    case INSERT_WORD: replace(buf, at, 0, word); break;
    case REPLACE_BY_WORD: replace(buf, at, length, word); break;
    case CUT: replace(buf, at, length, (struct text){ "", 0 }); break;
    case SPLICE: replace(buf, at, length, part); break;
    case TRUNCATE: replace(buf, at, buf->length - at, (struct text){ "", 0 }); break;
    case REPEAT:
        buf_init(&copy, INPUT_MAX * 2);
        buf_add_text(&copy, here);
        replace(buf, fuzz_below(state, at + 1), 0, buf_text(&copy));
        buf_release(&copy);
        break;
    case MUTATIONS: break;
    }
}

/* The first runs are the seeds as they stand; then one seed, or two in a row, with one to four mutations. */
static void make_input(struct buf *buf, long run) {
    uint64_t state = (uint64_t)run;
    buf_clear(buf);
    if (fuzz_make) {
        fuzz_make(buf, &state);
        return;
    }
    if ((size_t)run < seed_count) {
        buf_add_text(buf, seeds[run]);
        return;
    }
    buf_add_text(buf, seeds[fuzz_below(&state, seed_count)]);
    if (fuzz_below(&state, 4) == 0) {
        buf_add_text(buf, seeds[fuzz_below(&state, seed_count)]);
    }
    for (size_t times = 1 + fuzz_below(&state, 4); times; times--) {
        mutate(buf, &state);
    }
}

/* --- the test ---------------------------------------------------------------------------------------- */

static void add_file(const char *path) {
    struct buf file;
    buf_init(&file, INPUT_MAX);
    if (file_read(path, &file) != STATUS_OK) {
        panic("%s cannot be read", path);
    }
    require(seed_count < SEEDS_MAX);
    seeds[seed_count++] = buf_text(&file); /* lives as long as the process */
}

static void collect(int count, char **files) {
    for (struct text seed; (seed = fuzz_seed(seed_count)).at && seed_count < SEEDS_MAX;) {
        seeds[seed_count++] = seed;
    }
    for (struct text word; (word = fuzz_word(word_count)).at && word_count < WORDS_MAX;) {
        words[word_count++] = word;
    }
    for (int i = 0; i < count; i++) {
        add_file(files[i]);
    }
    require(seed_count > 0 || fuzz_make);
}

/* The target gets its own copy, of exactly that size, so that the address sanitizer sees each overrun. */
static void run_one(const struct buf *buf) {
    uint8_t *copy = memory_grow(NULL, buf->length, 1);
    memcpy(copy, buf->at, buf->length);
    LLVMFuzzerTestOneInput(copy, buf->length);
    free(copy);
}

int main(int argc, char **argv) {
    const char *wanted = getenv("CLEARWAY_FUZZ_RUNS");
    long runs = wanted ? atol(wanted) : fuzz_runs / SHARE, first = 0, show = -1;
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        long number = atol(argv[i + 1]);
        if (strcmp(argv[i], "--runs") == 0) {
            runs = number;
        } else if (strcmp(argv[i], "--first") == 0) {
            first = number;
        } else if (strcmp(argv[i], "--show") == 0) {
            show = number;
        } else {
            panic("unknown option %s", argv[i]);
        }
    }
    collect(argc - i, argv + i);

    struct buf buf;
    buf_init(&buf, 4 * INPUT_MAX);
    if (show >= 0) {
        make_input(&buf, show);
        fwrite(buf.at, 1, buf.length, stdout);
        return 0;
    }
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(tell_run);
    }
    signal(SIGABRT, died);
    signal(SIGSEGV, died);
    for (current_run = first; current_run < first + runs; current_run++) {
        make_input(&buf, current_run);
        run_one(&buf);
    }
    if (fuzz_end) {
        fuzz_end();
    }
    printf("%ld runs from %zu seeds\n", runs, seed_count);
    buf_release(&buf);
    return 0;
}
