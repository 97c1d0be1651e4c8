/*
 * test_journal_recovery.c - the same harm at the end of a journal is a torn tail or damage, by what was
 * proven durable before: a batch that nobody was told of is cut and counted; one behind which the journal
 * came to rest is not.
 *
 *   record  1       2-5           | rest |  6       7-9
 *           alone   in one batch            alone   in one batch
 */
#include <fcntl.h>

#include "tests/unit/journal_room.h"

#include "journal/segment.h"
#include "journal/verify.h"

#define SIZE      SEGMENT_SIZE_MIN
#define DATA      512
#define RECORD    (RECORD_SIZE_MIN + DATA)
#define SMALL     RECORD_SIZE_MIN /* what records 1 and 6 take */

#define BATCH_AT  (SEGMENT_PAGE + SMALL)
#define BATCH_END (BATCH_AT + 4 * RECORD)
#define LATER_AT  (BATCH_END + SMALL)
#define LATER_END (LATER_AT + 3 * RECORD)
#define SEAL_AT   (SIZE - SEGMENT_PAGE)

enum image { UNPROVEN, RESTED, LATER, IMAGES };

static struct journal_room room;
static uint8_t images[IMAGES][SIZE];
static char data[9][DATA];

static void ignore(struct entry *entry, enum status status, void *context) {}

static void load(enum image image) {
    char path[128];
    int fd = open(room_path(&room, 1, "seg", path), O_RDONLY);
    assert_int_equal(read(fd, images[image], SIZE), SIZE);
    close(fd);
}

static void store(const uint8_t *bytes, size_t length) {
    char path[128];
    int fd = open(room_path(&room, 1, "seg", path), O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, length), length);
    close(fd);
    unlink(room_path(&room, 2, "seg", path));
}

static enum status open_journal(int idle_ms, struct journal **journal, struct journal_report *report) {
    struct journal_options options = room_options(&room);
    options.segment_size = SIZE;
    options.idle_ms = idle_ms;
    return journal_open(&options, journal, report);
}

/* A small record, and behind it `count` others in one batch. */
static void append_batch(struct journal *journal, uint64_t count) {
    struct entry entries[4];
    struct brake brake;
    uint64_t last = journal_durable(journal);
    brake_on(&brake, journal, ignore);
    for (uint64_t i = 0; i < count; i++) {
        char *bytes = data[last + 1 + i];
        memset(bytes, (int)('a' + last + i), DATA);
        entries[i] =
            (struct entry){ .rec = { .kind = RECORD_MESSAGE, .data = { bytes, DATA } }, .done = ignore };
        assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
    }
    brake_off(&brake);
    while (journal_durable(journal) < last + 1 + count) {
        usleep(200);
    }
}

static int set_up(void **state) {
    struct journal *journal;
    struct journal_report report;
    room_init(&room);
    assert_int_equal(open_journal(0, &journal, &report), STATUS_OK);
    append_batch(journal, 4);
    load(UNPROVEN);
    journal_close(journal);

    store(images[UNPROVEN], SIZE);
    assert_int_equal(open_journal(1, &journal, &report), STATUS_OK);
    do {
        usleep(1000);
        load(RESTED);
    } while (images[RESTED][SEAL_AT] == 0); /* it was opened, and nothing came */
    journal_close(journal);

    store(images[RESTED], SIZE);
    assert_int_equal(open_journal(0, &journal, &report), STATUS_OK);
    append_batch(journal, 3);
    load(LATER);
    journal_close(journal);
    memcpy(images[LATER] + SEAL_AT, images[RESTED] + SEAL_AT,
           SEGMENT_PAGE); /* as if it had gone on by itself */
    return 0;
}

static int tear_down(void **state) {
    room_release(&room);
    return 0;
}

enum harm { NONE, FLIP, ZERO, SHORTEN };

/* clang-format off */
static const struct row {
    const char *what;
    enum image image;
    enum harm harm;
    uint64_t at, length;
    uint64_t records;                  /* found; the next open goes on behind them ... */
    uint64_t torn_bytes, torn_records; /* ... and has cut so much */
    uint64_t damaged_at;               /* or it is refused: damage there */
} rows[] = {
    { "nothing",                             UNPROVEN, NONE, 0, 0,                    5, 0, 0, 0 },
    { "nothing",                             RESTED,   NONE, 0, 0,                    5, 0, 0, 0 },
    { "nothing",                             LATER,    NONE, 0, 0,                    9, 0, 0, 0 },

    { "the first of the last batch flipped", UNPROVEN, FLIP, BATCH_AT + 90, 1,        1, 4 * RECORD, 3, 0 },
    { "the same, and it had come to rest",   RESTED,   FLIP, BATCH_AT + 90, 1,        0, 0, 0, BATCH_AT },
    { "the same, and more came since",       LATER,    FLIP, BATCH_AT + 90, 1,        0, 0, 0, BATCH_AT },
    { "the last of the last batch flipped",  UNPROVEN, FLIP, BATCH_END - 1, 1,        4, RECORD, 0, 0 },
    { "the same, and it had come to rest",   RESTED,   FLIP, BATCH_END - 1, 1,        0, 0, 0, BATCH_END - RECORD },

    { "the last record zeroed",              UNPROVEN, ZERO, BATCH_END - RECORD, RECORD,  4, 0, 0, 0 },
    { "the same, and it had come to rest",   RESTED,   ZERO, BATCH_END - RECORD, RECORD,  0, 0, 0, BATCH_END - RECORD },
    { "a block zeroed in the last batch",    UNPROVEN, ZERO, SEGMENT_PAGE + 512, 512, 1, 4 * RECORD, 2, 0 },
    { "the same, and it had come to rest",   RESTED,   ZERO, SEGMENT_PAGE + 512, 512, 0, 0, 0, BATCH_AT },
    { "the whole batch zeroed",              UNPROVEN, ZERO, BATCH_AT, 4 * RECORD,    1, 0, 0, 0 },
    { "the same, and it had come to rest",   RESTED,   ZERO, BATCH_AT, 4 * RECORD,    0, 0, 0, BATCH_AT },

    { "a batch behind the rest flipped",     LATER,    FLIP, LATER_AT + 5, 1,         6, 3 * RECORD, 2, 0 },
    { "its last record zeroed",              LATER,    ZERO, LATER_END - RECORD, RECORD,  8, 0, 0, 0 },
    { "the record before it flipped",        LATER,    FLIP, BATCH_END + 30, 1,       0, 0, 0, BATCH_END },

    { "the mark itself flipped",             RESTED,   FLIP, SEAL_AT + 9, 1,          5, SEGMENT_PAGE, 0, 0 },
    { "the mark zeroed: as if there was none", RESTED, ZERO, SEAL_AT, SEGMENT_PAGE,   5, 0, 0, 0 },

    { "the file shortened",                  UNPROVEN, SHORTEN, SIZE - 1, 0,          0, 0, 0, UINT64_MAX },
    { "the file shortened to its records",   RESTED,   SHORTEN, BATCH_END, 0,         0, 0, 0, UINT64_MAX },
};
/* clang-format on */

static size_t spoil(const struct row *row, uint8_t bytes[SIZE]) {
    memcpy(bytes, images[row->image], SIZE);
    switch (row->harm) {
    case NONE: break;
    case FLIP: bytes[row->at] ^= 0x10; break;
    case ZERO: memset(bytes + row->at, 0, row->length); break;
    case SHORTEN: return row->at;
    }
    return SIZE;
}

/* Cases 272, 273: what is cut is counted; harm below the mark of a journal at rest is damage. */
static void harm_at_the_end_is_torn_or_damage(void **state) {
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct row *row = &rows[i];
        struct journal *journal;
        struct journal_report report;
        struct journal_verdict verdict;
        uint8_t bytes[SIZE];
        store(bytes, spoil(row, bytes));
        uint64_t damaged_at = row->damaged_at == UINT64_MAX ? 0 : row->damaged_at; /* the file itself */
        bool damaged = row->damaged_at != 0;
        enum status verified = journal_verify(room.directory, &verdict), status;
        status = open_journal(0, &journal, &report);
        if (status != (damaged ? STATUS_DAMAGED : STATUS_OK) || status != verified
            || (damaged && (report.offset != damaged_at || verdict.offset != damaged_at))
            || (!damaged
                && (report.records != row->records || report.torn_bytes != row->torn_bytes
                    || report.torn_records != row->torn_records
                    || verdict.torn_records != row->torn_records))) {
            fail_msg("row %zu, %s: status %d, %d, records %d, torn %d bytes, %d records, damage at %d", i,
                     row->what, (int)status, (int)verified, (int)report.records, (int)report.torn_bytes,
                     (int)report.torn_records, (int)report.offset);
        }
        if (!damaged) {
            journal_close(journal);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harm_at_the_end_is_torn_or_damage),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
