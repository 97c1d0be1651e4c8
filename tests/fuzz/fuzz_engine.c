/*
 * Whole messages with extreme values in their typed fields, through check, journal, engine, views and report.
 *
 * A run takes one of our good messages and gives some of its fields another value: one that the field has in
 * another message, so that numbers meet and links are made, or one at the edges of its type. Where a value
 * stands in the bytes is what the check says of it, so every format with a binding is covered, and a new one
 * by itself. Promised is: nothing aborts, the engine goes on, the views answer, and at the end state.db is
 * what a rebuild makes of the journal. Runs build on those before them: a failure is seen again with the same
 * --runs, from 0.
 */
#include <glob.h>

#include "base/json.h"
#include "fuzz/driver.h"
#include "replay/rebuild.h"
#include "check/places.h"
#include "unit/engine_room.h"
#include "unit/view_kit.h"
#include "view/messages.h"

#define FIRST_DAY    20738 /* 2026-10-12 */
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const long fuzz_runs = 2000;

enum {
    SEEDS_MAX = 128,
    POOL_MAX = 4096,
    CHANGES_MAX = 8,
    LOOK_EACH = 100,
    TICK_EACH = 250,
    ANSWER_MAX = 64 << 20
};

/* Who may send everything, so that what stops a message is never who sends it. */
static const char parties[] =
    "parties:\n"
    "  - { code: ONE, name: { zh: 甲, en: One }, roles: [declarant, agency, customs, terminal, carrier,"
    " yard, office],\n"
    "      declares: [\"*\"], reports: [\"*\"], serves: [\"4218\", CNQDG, COSU, QW-INSP-1], deliver: {"
    " transport: loopback } }\n"
    "  - { code: TWO, name: { zh: 乙, en: Two }, roles: [declarant, agency, customs, terminal, carrier,"
    " yard],\n"
    "      declares: [\"*\"], reports: [\"*\"] }\n";

/* --- values at the edges, by type ----------------------------------------------------------------------- */

static const char *const days[] = {
    "9999-12-31", "9999-12-30", "2200-01-01", "2199-12-31",  "1900-01-01",  "1899-12-31",
    "1677-09-21", "1678-01-01", "0001-01-01", "2262-04-12",  "1970-01-01",  "1969-12-31",
    "2026-02-29", "2024-02-29", "0000-00-00", "-0044-03-15", "12026-01-01",
};
static const char *const times[] = {
    "T00:00:00",  "T23:59:59", "T24:00:00", "T23:59:60Z", "T00:00:00+14:00", "T23:59:59.999999999-14:00",
    "T12:00:00Z",
};
static const char *const decimals[] = {
    "0",
    "-0",
    "1",
    "-1",
    "+1",
    "0.0001",
    "-0.0001",
    "99999999999999.9999",
    "9999999999999999999",
    "18446744073709551616",
    "-9223372036854775808",
    "79228162514264337593543950335",
    "9999999999999999999999999999999999",
    "1e9",
    "NaN",
    ".5",
    "5.",
    "0.000000000000000000000000000000000000000001",
    "00000000000000000000000000000000000000000001",
    "1,000",
};
static const char *const flags[] = { "1", "0", "Y", "N", "true", "false", "2", "TRUE" };
static const char *const texts[] = {
    "-",
    "/",
    "@",
    "A/B",
    "A B",
    "a",
    "0",
    "00000000",
    "%s%n",
    "'",
    "&quot;",
    "&lt;x/&gt;",
    "&#9;",
    "&#10;",
    "&#xFFFD;",
    "&#x10FFFF;",
    "&#x4E2D;&#x6587;",
    "&#x1F6A2;",
    "' OR 1=1 --",
    "..",
    "../../etc",
    "CN",
    "{bill_number}",
    "null",
    "--",
    "\\",
    ",,,",
    ",1,2,",
};

/* --- seeds and what stands in them ---------------------------------------------------------------------- */

struct spot {
    const struct field *field;
    struct place place;
    bool digits;
}; /* digits: a day or moment without signs */
struct seed {
    struct buf bytes;
    struct spot *spots;
    size_t count;
};
struct known {
    const struct field *field;
    struct text value;
};

static struct seed seeds[SEEDS_MAX];
static size_t seeds_count;
static struct known pool[POOL_MAX];
static size_t pool_count;
static struct engine_room *room;
static long run;

static bool is_new(const struct field *field, struct text value) {
    for (size_t i = 0; i < pool_count; i++) {
        if (pool[i].field == field && text_equal(pool[i].value, value)) {
            return false;
        }
    }
    return pool_count < POOL_MAX;
}

static void learn(struct seed *seed, const struct document *doc) {
    size_t count = document_count(doc);
    struct places places = places_of_message(buf_text(&seed->bytes), room->arena);
    seed->spots = calloc(count + 1, sizeof(*seed->spots));
    for (size_t i = 0; i < count; i++) {
        const struct value *value = document_at(doc, i);
        const struct field *field = fields_at(document_fields(doc), value->field);
        struct finding told = { .path = "" };
        places_tell(&places, value, &told);
        struct text there = { seed->bytes.at + told.place.offset, told.place.length };
        if (!told.place.length || memchr(there.at, '<', there.length)) {
            continue;
        }
        seed->spots[seed->count++] = (struct spot){ field, told.place, !memchr(there.at, '-', there.length) };
        if (is_new(field, there)) {
            pool[pool_count++] = (struct known){ field, there };
        }
    }
}

static void add_seed(const char *path) {
    struct seed *seed = &seeds[seeds_count];
    struct judgement judgement;
    struct envelope env = { .party = "ONE", .format = "", .file = "", .trace = "", .received = room_now() };
    buf_init(&seed->bytes, 1 << 20);
    require(file_read(path, &seed->bytes) == STATUS_OK);
    const struct party *party = parties_find(room->edition->parties, TEXT("ONE"));
    check_message(room->checker, &env, party, buf_text(&seed->bytes), room->arena, &judgement);
    /* Without its official schema it has no document; what is in a wrapper has its places there. */
    if (judgement.doc && !judgement.unwrapped && seeds_count + 1 < SEEDS_MAX) {
        learn(seed, judgement.doc);
        seeds_count++;
    } else {
        buf_release(&seed->bytes);
    }
}

static void open_room(void) {
    char path[] = "/tmp/clearway-parties-XXXXXX";
    int fd = mkstemp(path);
    require(fd >= 0 && write(fd, parties, strlen(parties)) == (ssize_t)strlen(parties));
    close(fd);
    room = room_open(SOURCE_DIR "/schemas", path);
    unlink(path);
    atomic_store(&room_wall, stamp_of_day(FIRST_DAY));
    glob_t found;
    require(glob(SOURCE_DIR "/tests/messages/[!b]*/*.xml", 0, NULL, &found)
            == 0); /* not those that are broken */
    for (size_t i = 0; i < found.gl_pathc; i++) {
        add_seed(found.gl_pathv[i]);
    }
    globfree(&found);
    require(seeds_count > 30 && room_start(room) == STATUS_OK);
}

/* --- making a message ----------------------------------------------------------------------------------- */

static void put_day(struct buf *out, bool digits, uint64_t *random) {
    for (const char *c = days[fuzz_below(random, COUNT(days))]; *c; c++) {
        if (!digits || *c != '-') {
            buf_add_char(out, *c);
        }
    }
}

/* An hour of the weeks that the first runs play in: a slot that can be booked, an event in its order. */
static void put_hour(struct buf *out, uint64_t *random) {
    char text[STAMP_TEXT_MAX];
    stamp at = stamp_of_day(FIRST_DAY) + (stamp)fuzz_below(random, 40 * 24) * 3600 * STAMP_SECOND;
    buf_add_string(out, stamp_print(at, text));
}

static void put_moment(struct buf *out, bool digits, uint64_t *random) {
    if (!digits && fuzz_below(random, 2) == 0) {
        put_hour(out, random);
        return;
    }
    put_day(out, digits, random);
    for (const char *c = times[fuzz_below(random, COUNT(times))]; *c; c++) {
        if (!digits || (*c != 'T' && *c != ':')) {
            buf_add_char(out, *c);
        }
    }
}

static void put_text(struct buf *out, uint64_t *random) {
    static const size_t lengths[] = { 18, 35, 36, 150, 255, 256, 513, 4096, 70000 };
    size_t i = fuzz_below(random, COUNT(texts) + 2);
    if (i < COUNT(texts)) {
        buf_add_string(out, texts[i]);
        return;
    }
    for (size_t left = lengths[fuzz_below(random, COUNT(lengths))]; left; left--) {
        buf_add_string(out, i == COUNT(texts) ? "9" : "&#x9752;");
    }
}

static void put_edge(struct buf *out, const struct spot *spot, uint64_t *random) {
    switch (spot->field->type) {
    case FIELD_DATE: put_day(out, spot->digits, random); break;
    case FIELD_MOMENT: put_moment(out, spot->digits, random); break;
    case FIELD_DECIMAL: buf_add_string(out, decimals[fuzz_below(random, COUNT(decimals))]); break;
    case FIELD_FLAG: buf_add_string(out, flags[fuzz_below(random, COUNT(flags))]); break;
    case FIELD_TEXT:
    case FIELD_CODE: put_text(out, random); break;
    case FIELD_GROUP: break;
    }
}

/* What this field is somewhere else, so that messages come to speak of each other. */
static bool put_known(struct buf *out, const struct field *field, uint64_t *random) {
    size_t first = fuzz_below(random, pool_count);
    for (size_t i = 0; i < pool_count; i++) {
        const struct known *known = &pool[(first + i) % pool_count];
        if (known->field == field) {
            buf_add_text(out, known->value);
            return true;
        }
    }
    return false;
}

static bool by_offset(const struct spot *a, const struct spot *b) {
    return a->place.offset < b->place.offset;
}

static size_t choose(const struct seed *seed, const struct spot *chosen[CHANGES_MAX], uint64_t *random) {
    size_t count = 0;
    for (size_t wanted = fuzz_below(random, CHANGES_MAX); wanted && seed->count; wanted--) {
        const struct spot *spot = &seed->spots[fuzz_below(random, seed->count)];
        size_t at = 0;
        while (at < count && by_offset(chosen[at], spot)) {
            at++;
        }
        if (at == count
            || chosen[at]->place.offset != spot->place.offset) { /* one place may fill two fields */
            memmove(&chosen[at + 1], &chosen[at], (count - at) * sizeof(*chosen));
            chosen[at] = spot;
            count++;
        }
    }
    return count;
}

void fuzz_make(struct buf *out, uint64_t *random) {
    const struct spot *chosen[CHANGES_MAX + 1];
    if (!room) {
        open_room();
    }
    const struct seed *seed = &seeds[fuzz_below(random, seeds_count)];
    size_t count = choose(seed, chosen, random), at = 0;
    for (size_t i = 0; i < count; i++) {
        const struct place *place = &chosen[i]->place;
        buf_add(out, seed->bytes.at + at, place->offset - at);
        if (fuzz_below(random, 2) == 0 || !put_known(out, chosen[i]->field, random)) {
            put_edge(out, chosen[i], random);
        }
        at = place->offset + place->length;
    }
    buf_add(out, seed->bytes.at + at, seed->bytes.length - at);
}

/* --- looking at what came of it ------------------------------------------------------------------------- */

static void expect(enum status status) {
    require(status == STATUS_OK || status == STATUS_NOT_FOUND || status == STATUS_BAD_INPUT);
}

/* Asks it in both forms. */
static void look_at(const struct asking *asking) {
    struct buf body;
    buf_init(&body, ANSWER_MAX);
    expect(view_ask(asking, VIEW_JSON, &body));
    if (view_has(view_find(asking->name), VIEW_TEXT)) {
        expect(view_ask(asking, VIEW_TEXT, &body));
    }
    require(!buf_failed(&body) && text_is_utf8(buf_text(&body)));
    buf_release(&body);
}

static struct view_source source_of(struct state *state, struct reader *reader) {
    return (struct view_source){ .state = state, .reader = reader, .edition = room->edition };
}

static void look_at_month(struct state *state, const char *month, struct arena *arena) {
    look_at(&(struct asking){ "report", { month }, .source = source_of(state, NULL), .arena = arena });
}

static void look_at_goods(struct state *state, struct text query, struct arena *arena) {
    for (size_t i = 0; i < room->edition->parties->count; i++) {
        look_at(&(struct asking){ "track",
                                  { arena_copy(arena, query) },
                                  .source = source_of(state, NULL),
                                  .viewer = &room->edition->parties->list[i],
                                  .language = LANGUAGE_EN,
                                  .arena = arena });
    }
}

static void look_at_records(struct state *state, struct arena *arena) {
    struct reader *reader = reader_new(room->journal);
    struct buf body;
    struct json_out out;
    uint64_t last = journal_durable(room->journal);
    for (uint64_t number = last > LOOK_EACH ? last - LOOK_EACH : 1; number <= last; number++) {
        buf_init(&body, ANSWER_MAX);
        json_start(&out, &body);
        expect(messages_json(state, reader, NULL, number, arena, &out));
        require(!buf_failed(&body));
        buf_release(&body);
    }
    struct asking mailbox = {
        "deliveries",
        { "" },
        .source = source_of(state, reader),
        .arena = arena,
        .viewer = parties_find(room->edition->parties, TEXT("TWO")),
    };
    struct asking queue = {
        "queue", { "" }, .source = mailbox.source, .arena = arena, .now = stamp_of_day(day_of(2026, 10, 12))
    };
    require(mailbox.viewer);
    look_at(&mailbox);
    look_at(&queue);
    queue.values[0] = "kept";
    look_at(&queue);
    reader_free(reader);
}

/* A report over everything: each month that a sample may fall into, and those beyond the calendar. */
static void look_at_all(void) {
    static const char *const months[] = {
        "1900-01", "1969-12", "1970-01", "2024-02", "2026-09", "2026-10",
        "2026-11", "2199-12", "2200-01", "9999-12", "1677-09", "x",
    };
    struct arena *arena = arena_new();
    struct state *state;
    require(state_open(room->directory, STORE_READ, &state) == STATUS_OK);
    for (size_t i = 0; i < COUNT(months); i++) {
        look_at_month(state, months[i], arena);
    }
    for (size_t i = 0; i < pool_count; i++) {
        static const char *const numbers[] = { "bill_number", "entry_number", "container.number",
                                               "booking_id", "seq_no" };
        for (size_t n = 0; n < COUNT(numbers); n++) {
            if (strcmp(pool[i].field->name, numbers[n]) == 0) {
                look_at_goods(state, pool[i].value, arena);
                arena_reset(arena);
            }
        }
    }
    look_at_records(state, arena);
    state_close(state);
    arena_free(arena);
}

static void forget(void) {
    pthread_mutex_lock(&room->lock);
    require(room->failure == STATUS_OK);
    room->count = 0;
    arena_reset(room->kept);
    pthread_mutex_unlock(&room->lock);
    arena_reset(room->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct judgement judgement;
    run++;
    room_send(room, run % 3 ? "ONE" : "TWO", (struct text){ (const char *)bytes, length }, &judgement);
    room_advance(run % TICK_EACH == 0 ? 4 * 86400 : 40); /* now and then a timer is due */
    require(room_settle(room) && room->failure == STATUS_OK);
    if (run % LOOK_EACH == 0) {
        look_at_all();
        forget();
    }
    return 0;
}

void fuzz_end(void) {
    struct rebuild_result result;
    require(room_settle(room));
    look_at_all();
    forget();
    room_stop(room);
    require(rebuild(room->directory, &result) == STATUS_OK && result.had_old && result.equal);
    require(room_start(room) == STATUS_OK); /* and the gateway starts on it again */
    room_close(room);
    for (size_t i = 0; i < seeds_count; i++) {
        buf_release(&seeds[i].bytes);
        free(seeds[i].spots);
    }
}

struct text fuzz_seed(size_t index) {
    return (struct text){ NULL, 0 };
}

struct text fuzz_word(size_t index) {
    return (struct text){ NULL, 0 };
}
