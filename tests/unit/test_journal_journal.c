/* test_journal_journal.c - submitting, numbering, the mark, admit and done, limits, closing and opening
   again. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/journal_room.h"

#include "base/counters.h"
#include "base/memory.h"
#include "base/thread.h"
#include "journal/mark.h"
#include "journal/disk.h"
#include "journal/segment.h"
#include "journal/verify.h"
#include "tests/unit/waiting.h"

static struct journal_room room;

static int set_up(void **state) {
    room_init(&room);
    return 0;
}

static int tear_down(void **state) {
    room_release(&room);
    return 0;
}

static struct journal *open_with(struct journal_options options) {
    struct journal *journal;
    struct journal_report report;
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    return journal;
}

static void verify_room(uint64_t records) {
    struct journal_verdict verdict;
    assert_int_equal(journal_verify(room.directory, &verdict), STATUS_OK);
    assert_int_equal(verdict.records, records);
    assert_int_equal(verdict.torn_bytes, 0);
}

/* ---- a log of what done() was told; sequencer thread, read when all is over ---- */

#define TOLD_MAX 8192
static struct {
    struct entry *entry;
    enum status status;
    uint64_t number, earlier;
} told[TOLD_MAX];
static _Atomic size_t told_count;

static void tell(struct entry *entry, enum status status, void *context) {
    size_t i = atomic_load(&told_count);
    if (i < TOLD_MAX) {
        told[i].entry = entry;
        told[i].status = status;
        told[i].number = entry->rec.number;
        told[i].earlier = entry->earlier;
    }
    atomic_store(&told_count, i + 1);
}

static void wait_told(size_t count) {
    while (atomic_load(&told_count) < count) {
        usleep(200);
    }
}

/* ---- tests ---- */

static void what_was_appended_is_there_after_opening_again(void **state) {
    struct journal *journal = room_open(&room);
    assert_int_equal(journal_durable(journal), 0);
    room_fill(journal, 1, 200);
    assert_int_equal(journal_durable(journal), 200);
    assert_int_equal(journal_waiting(journal), 0);
    struct reader *reader = reader_new(journal);
    assert_int_equal(room_check(reader), 200);
    reader_free(reader);
    journal_close(journal);
    verify_room(200);

    struct journal_options options = room_options(&room);
    struct journal_report report;
    counter_set(COUNTER_JOURNAL_DURABLE, 0); /* as it is in another process */
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_OK);
    assert_int_equal(counter_get(COUNTER_JOURNAL_DURABLE), 200); /* case 595: not only once more is written */
    assert_int_equal(report.records, 200);
    assert_true(report.segments > 5);
    assert_int_equal(report.torn_bytes, 0);
    assert_int_equal(journal_durable(journal), 200);
    room_fill(journal, 201, 300);
    reader = reader_new(journal);
    assert_int_equal(room_check(reader), 300);
    reader_free(reader);
    journal_close(journal);
    verify_room(300);

    assert_int_equal(reader_open(room.directory, &reader), STATUS_OK);
    assert_int_equal(reader_last(reader), 300);
    assert_int_equal(room_check(reader), 300);
    reader_free(reader);
}

static void an_empty_journal_stays_empty(void **state) {
    for (int i = 0; i < 3; i++) {
        struct journal *journal = room_open(&room);
        assert_int_equal(journal_durable(journal), 0);
        journal_close(journal);
        verify_room(0);
    }
    journal_close(NULL);
}

static void only_one_may_have_the_directory(void **state) {
    struct journal *journal = room_open(&room), *second;
    struct journal_options options = room_options(&room);
    struct journal_report report;
    assert_int_equal(journal_open(&options, &second, &report), STATUS_LOCKED);
    assert_null(second);
    pid_t child = fork();
    if (child == 0) {
        _exit(journal_open(&options, &second, &report) == STATUS_LOCKED ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    journal_close(journal);
    journal_close(room_open(&room));
}

static void options_that_cannot_be(void **state) {
    static const uint64_t sizes[] = { 4096, SEGMENT_SIZE_MIN - 4096, SEGMENT_SIZE_MIN + 1,
                                      (uint64_t)SEGMENT_SIZE_MAX + 4096 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct journal_options options = { .directory = room.directory, .segment_size = sizes[i] };
        struct journal *journal;
        struct journal_report report;
        assert_int_equal(journal_open(&options, &journal, &report), STATUS_BAD_CONFIG);
    }
    static const int gather_ms[] = { -1, 1001 };
    for (size_t i = 0; i < sizeof(gather_ms) / sizeof(*gather_ms); i++) {
        struct journal_options options = room_options(&room);
        struct journal *journal;
        struct journal_report report;
        options.gather_ms = gather_ms[i];
        assert_int_equal(journal_open(&options, &journal, &report), STATUS_BAD_CONFIG);
    }
}

/* ---- order ---- */

#define WRITERS 4
#define EACH    500

struct writer_thread {
    pthread_t thread;
    struct journal *journal;
    struct entry entries[EACH];
    struct record_content contents[EACH];
};

static void *submit_many(void *context) {
    struct writer_thread *writer = context;
    for (size_t i = 0; i < EACH; i++) {
        while (journal_submit(writer->journal, &writer->entries[i]) == STATUS_BUSY) {
            usleep(100);
        }
    }
    return NULL;
}

static void numbers_follow_the_order_of_each_thread(void **state) {
    struct journal_options options = room_options(&room);
    options.segment_size = 256u << 10;
    options.queue_length = 64;
    struct journal *journal = open_with(options);
    struct writer_thread *writers = memory_array(WRITERS, sizeof(*writers));
    atomic_store(&told_count, 0);
    for (size_t w = 0; w < WRITERS; w++) {
        writers[w].journal = journal;
        for (size_t i = 0; i < EACH; i++) {
            struct entry *entry = &writers[w].entries[i];
            *entry = (struct entry){ .done = tell, .reserve = w % 2 };
            content_of(w * EACH + i, &writers[w].contents[i], &entry->rec);
        }
        assert_int_equal(pthread_create(&writers[w].thread, NULL, submit_many, &writers[w]), 0);
    }
    for (size_t w = 0; w < WRITERS; w++) {
        pthread_join(writers[w].thread, NULL);
    }
    wait_told(WRITERS * EACH);
    for (size_t i = 0; i < WRITERS * EACH; i++) {
        assert_int_equal(told[i].status, STATUS_OK);
        assert_int_equal(told[i].number, i + 1);
    }
    struct reader *reader = reader_new(journal);
    struct record rec;
    uint64_t next_of[WRITERS] = { 0 };
    for (size_t n = 1; n <= WRITERS * EACH; n++) {
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
        uint64_t key = content_key(&rec);
        assert_true(content_is(&rec, key));
        assert_int_equal(key % EACH, next_of[key / EACH]++);
    }
    reader_free(reader);
    journal_close(journal);
    free(writers);
    verify_room(WRITERS * EACH);
}

/* ---- admit and done ---- */

static uint64_t seen_number; /* sequencer thread */

static enum admit seen_before(struct entry *entry, void *context) {
    if (seen_number == 0) {
        seen_number = entry->rec.number;
        entry->rec.meta = TEXT("the first");
        return ADMIT_APPEND;
    }
    entry->earlier = seen_number;
    return ADMIT_ANSWER_EARLIER;
}

static void a_repeat_is_answered_with_its_first_and_not_appended(void **state) {
    struct journal *journal = room_open(&room);
    struct brake brake;
    struct entry entries[3];
    atomic_store(&told_count, 0);
    seen_number = 0;
    brake_on(&brake, journal, tell);
    for (int i = 0; i < 3; i++) { /* all in one batch: the repeats wait for the sync of their first */
        entries[i] = (struct entry){ .rec = { .kind = RECORD_MESSAGE, .meta = TEXT("meta") },
                                     .admit = seen_before,
                                     .done = tell };
        assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
    }
    assert_int_equal(journal_waiting(journal), 4);
    brake_off(&brake);
    wait_told(4);
    assert_int_equal(told[1].number, 2);
    for (int i = 0; i < 3; i++) {
        assert_ptr_equal(told[i + 1].entry, &entries[i]);
        assert_int_equal(told[i + 1].status, STATUS_OK);
        assert_int_equal(told[i + 1].earlier, i == 0 ? 0 : 2);
        assert_int_equal(told[i + 1].number, i == 0 ? 2 : 0);
    }
    assert_int_equal(journal_durable(journal), 2);
    struct record rec = { .kind = RECORD_TICK };
    assert_int_equal(journal_append(journal, &rec, true), STATUS_OK);
    assert_int_equal(rec.number, 3);

    struct arena *arena = arena_new();
    struct reader *reader = reader_new(journal);
    assert_int_equal(reader_get(reader, 2, arena, &rec), STATUS_OK);
    assert_true(text_is(rec.meta, "the first"));
    reader_free(reader);
    arena_free(arena);
    journal_close(journal);
}

/* What admit() puts in the place of parts, by the bits of the record's number. */
static enum admit exchange_parts(struct entry *entry, void *context) {
    struct record *rec = &entry->rec;
    rec->meta = rec->number & 1 ? TEXT("another meta") : rec->meta;
    rec->fields = rec->number & 2 ? TEXT("") : rec->fields;
    rec->data = rec->number & 4 ? (struct text){ NULL, 0 } : rec->data;
    return ADMIT_APPEND;
}

/* The chain rests on digests made before: of what admit() exchanges they are made again. */
static void exchanged_parts_are_chained_as_they_are_written(void **state) {
    enum { ROWS = 16 };
    static const char data[] = "what came";
    struct journal *journal = room_open(&room);
    struct digest known = digest_of(data, sizeof(data) - 1);
    struct entry entries[ROWS];
    atomic_store(&told_count, 0);
    for (int i = 0; i < ROWS; i++) { /* of the second half the digest is known before */
        entries[i] = (struct entry){ .rec = { .kind = RECORD_MESSAGE,
                                              .meta = TEXT("meta"),
                                              .fields = TEXT("fields"),
                                              .data = { data, sizeof(data) - 1 } },
                                     .data_digest = i < ROWS / 2 ? NULL : &known,
                                     .admit = exchange_parts,
                                     .done = tell };
        assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
    }
    wait_told(ROWS);
    struct reader *reader = reader_new(journal);
    for (uint64_t number = 1; number <= ROWS; number++) {
        struct record rec;
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
        assert_true(text_is(rec.meta, number & 1 ? "another meta" : "meta"));
        assert_true(text_is(rec.fields, number & 2 ? "" : "fields"));
        assert_true(text_is(rec.data, number & 4 ? "" : data));
    }
    reader_free(reader);
    journal_close(journal);
    verify_room(ROWS);
}

static struct journal *resubmitting;

static void submit_again(struct entry *entry, enum status status, void *context) {
    _Atomic int *left = context;
    if (atomic_fetch_sub(left, 1) > 1 && journal_submit(resubmitting, entry) != STATUS_OK) {
        abort();
    }
}

static void done_may_submit(void **state) {
    _Atomic int left = 50;
    resubmitting = room_open(&room);
    struct entry entry = { .rec = { .kind = RECORD_TICK }, .done = submit_again, .context = &left };
    assert_int_equal(journal_submit(resubmitting, &entry), STATUS_OK);
    while (atomic_load(&left) > 0) {
        usleep(200);
    }
    journal_close(resubmitting);
    verify_room(50);
}

static enum admit turn_odd_ones_away(struct entry *entry, void *context) {
    entry->turned_away = STATUS_BUSY;
    return entry->reserve ? ADMIT_TURN_AWAY : ADMIT_APPEND;
}

static void who_is_turned_away_is_told_why_and_takes_no_number(void **state) {
    struct journal *journal = room_open(&room);
    struct entry entries[6];
    atomic_store(&told_count, 0);
    for (int i = 0; i < 6; i++) {
        entries[i] = (struct entry){
            .rec = { .kind = RECORD_MESSAGE }, .reserve = i % 2, .admit = turn_odd_ones_away, .done = tell
        };
        assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
    }
    wait_told(6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(told[i].status, i % 2 ? STATUS_BUSY : STATUS_OK);
        assert_int_equal(told[i].number, i % 2 ? 0 : i / 2 + 1);
        assert_int_equal(told[i].earlier, 0);
    }
    journal_close(journal);
    verify_room(3);
}

/* ---- following ---- */

#define FOLLOWED 500

struct follower {
    uint64_t numbers[FOLLOWED];
    size_t count;
}; /* sequencer thread, while it follows */

static void placed(const struct record *rec, void *context) {
    struct follower *follower = context;
    follower->numbers[follower->count++] = rec->number;
}

static void *append_many(void *context) {
    for (int i = 0; i < FOLLOWED; i++) {
        if (room_append(context, (uint64_t)i + 1, NULL) != STATUS_OK) {
            abort();
        }
    }
    return NULL;
}

/* Followers take over from each other while records come in: each is told of those between two takings over,
 * once and in order, across segments too. */
static void a_follower_misses_and_doubles_none(void **state) {
    enum { FOLLOWERS = 20 };
    static struct follower followers[FOLLOWERS];
    struct journal *journal = room_open(&room);
    uint64_t first[FOLLOWERS + 1];
    pthread_t thread;
    memset(followers, 0, sizeof(followers));
    assert_int_equal(pthread_create(&thread, NULL, append_many, journal), 0);
    for (size_t i = 0; i < FOLLOWERS; i++) {
        assert_int_equal(journal_follow(journal, placed, &followers[i], &first[i]), STATUS_OK);
        journal_wait(journal, first[i] + FOLLOWED / FOLLOWERS / 2, 1000);
    }
    pthread_join(thread, NULL);
    assert_int_equal(journal_follow(journal, NULL, NULL, &first[FOLLOWERS]), STATUS_OK);
    assert_int_equal(first[FOLLOWERS], FOLLOWED + 1);
    assert_int_equal(room_append(journal, FOLLOWED + 1, NULL), STATUS_OK); /* nobody is told */
    for (size_t i = 0; i < FOLLOWERS; i++) {
        assert_int_equal(followers[i].count, first[i + 1] - first[i]);
        for (size_t k = 0; k < followers[i].count; k++) {
            assert_int_equal(followers[i].numbers[k], first[i] + k);
        }
    }
    journal_close(journal);
    verify_room(FOLLOWED + 1);
}

static _Atomic bool syncs_fail;

static int maybe_sync(void *context, int fd) {
    if (!atomic_load(&syncs_fail)) {
        return disk_real.sync(NULL, fd);
    }
    errno = EIO;
    return -1;
}

/* Who no longer wants to be told may forget everything, also when the journal has failed. */
static void nobody_is_told_behind_a_failure(void **state) {
    struct disk disk = disk_real;
    struct journal_options options = room_options(&room);
    static struct follower follower;
    uint64_t first;
    disk.sync = maybe_sync;
    options.disk = &disk;
    atomic_store(&syncs_fail, false);
    struct journal *journal = open_with(options);
    follower.count = 0;
    assert_int_equal(journal_follow(journal, placed, &follower, &first), STATUS_OK);
    assert_int_equal(first, 1);
    atomic_store(&syncs_fail, true);
    assert_int_equal(room_append(journal, 1, NULL), STATUS_IO);
    assert_int_equal(journal_follow(journal, NULL, NULL, &first), STATUS_IO);
    assert_int_equal(follower.count, 1); /* it was placed; that it is not durable says the journal */
    journal_close(journal);
}

/* ---- time ---- */

static _Atomic stamp wall_now;
static _Atomic int64_t elapsed_now;
static stamp test_wall(void) {
    return atomic_load(&wall_now);
}
static int64_t test_elapsed(void) {
    return atomic_load(&elapsed_now);
}

static void stamps_never_go_back(void **state) {
    static const struct {
        stamp clock, expected;
    } cases[] = {
        { 1000, 1000 }, { 1000, 1000 }, { 500, 1000 }, { 1001, 1001 }, { -7, 1001 }, { 2000, 2000 },
    };
    struct journal_options options = room_options(&room);
    options.clock = (struct clock_sources){ .wall = test_wall, .elapsed = test_elapsed };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct journal *journal = open_with(options); /* also across a restart */
        struct record rec = { .kind = RECORD_TICK };
        atomic_store(&wall_now, cases[i].clock);
        assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
        assert_int_equal(rec.stamp, cases[i].expected);
        journal_close(journal);
    }
    verify_room(sizeof(cases) / sizeof(*cases));
}

/* ---- limits ---- */

static void a_full_queue_is_busy_and_reserve_entries_wait(void **state) {
    struct journal_options options = room_options(&room);
    options.queue_length = 3;
    struct journal *journal = open_with(options);
    struct brake brake;
    struct entry entries[4];
    atomic_store(&told_count, 0);
    brake_on(&brake, journal, tell);
    for (int i = 0; i < 4; i++) {
        entries[i] = (struct entry){ .rec = { .kind = RECORD_TICK }, .done = tell };
        assert_int_equal(journal_submit(journal, &entries[i]), i < 3 ? STATUS_OK : STATUS_BUSY);
    }
    struct writer_thread *waiter = memory_new(sizeof(*waiter));
    waiter->journal = journal;
    for (size_t i = 0; i < EACH; i++) {
        waiter->entries[i] =
            (struct entry){ .rec = { .kind = RECORD_DECISION }, .reserve = true, .done = tell };
    }
    thread_start(&waiter->thread, "submitter", submit_many, waiter);
    await_asleep("submitter");
    assert_int_equal(journal_waiting(journal), 4);
    brake_off(&brake);
    pthread_join(waiter->thread, NULL);
    wait_told(4 + EACH);
    for (size_t i = 0; i < 4 + EACH; i++) {
        assert_int_equal(told[i].status, STATUS_OK);
        assert_int_equal(told[i].number, i + 1);
    }
    journal_close(journal);
    free(waiter);
}

static void records_up_to_the_limit(void **state) {
    struct journal_options options = { .directory = room.directory, .reserve = 1 }; /* segments of 64 MiB */
    struct journal *journal = open_with(options);
    char *data = memory_new(RECORD_SIZE_MAX);
    struct record rec = { .kind = RECORD_SETUP, .data = { data, RECORD_SIZE_MAX - RECORD_SIZE_MIN + 1 } };
    assert_int_equal(journal_append(journal, &rec, true), STATUS_TOO_LARGE);
    rec.data.length--;
    for (uint64_t n = 1; n <= 3; n++) { /* the second does not fit into the first segment */
        memset(data, (int)n, 1000);
        assert_int_equal(journal_append(journal, &rec, true), STATUS_OK);
        assert_int_equal(rec.number, n);
    }
    struct reader *reader = reader_new(journal);
    for (uint64_t n = 1; n <= 3; n++) {
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
        assert_int_equal(rec.number, n);
        assert_int_equal(rec.data.length, RECORD_SIZE_MAX - RECORD_SIZE_MIN);
        assert_int_equal(rec.data.at[999], n);
    }
    assert_int_equal(reader_next(reader, &rec), STATUS_NOT_FOUND);
    reader_free(reader);
    journal_close(journal);
    free(data);
    verify_room(3);
}

static void a_segment_is_filled_to_the_last_byte(void **state) {
    struct journal *journal = room_open(&room);
    static char data[ROOM_SEGMENT];
    enum { room_for_data = ROOM_SEGMENT - 2 * SEGMENT_PAGE - RECORD_SIZE_MIN };
    struct record rec = { .kind = RECORD_SETUP, .data = { data, room_for_data + 1 } };
    assert_int_equal(journal_append(journal, &rec, false), STATUS_TOO_LARGE);
    static const struct {
        size_t data;
        uint64_t segment;
    } cases[] = {
        { room_for_data, 1 }, /* exactly one segment */
        { room_for_data - 1000, 2 },
        { 1000 - RECORD_SIZE_MIN, 2 }, /* exactly the rest */
        { 0, 3 },
        { room_for_data, 4 }, /* not the rest of 3 */
        { room_for_data - 1000, 5 },
        { 1000 - RECORD_SIZE_MIN + 1, 6 }, /* eight bytes more than the rest */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        rec.data.length = cases[i].data;
        assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
        assert_int_equal(journal_mark(journal).ordinal, cases[i].segment);
    }
    journal_close(journal);
    verify_room(sizeof(cases) / sizeof(*cases));
}

/* More entries, and more bytes, than one batch takes. */
static void batches_are_bounded(void **state) {
    static const struct {
        size_t count, data;
    } cases[] = { { 3000, 10 }, { 30, 1 << 20 } };
    for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
        struct journal_options options = { .directory = room.directory, .reserve = 1 };
        struct journal *journal = open_with(options);
        uint64_t before = journal_durable(journal);
        struct entry *entries = memory_array(cases[c].count, sizeof(*entries));
        char *data = memory_new(cases[c].data);
        struct brake brake;
        atomic_store(&told_count, 0);
        brake_on(&brake, journal, tell);
        for (size_t i = 0; i < cases[c].count; i++) {
            entries[i] = (struct entry){ .rec = { .kind = RECORD_MESSAGE, .data = { data, cases[c].data } },
                                         .done = tell };
            assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
        }
        brake_off(&brake);
        wait_told(cases[c].count + 1);
        for (size_t i = 0; i <= cases[c].count; i++) {
            assert_int_equal(told[i].status, STATUS_OK);
            assert_int_equal(told[i].number, before + i + 1);
        }
        journal_close(journal);
        free(entries);
        free(data);
    }
    verify_room(3032);
}

/* ---- gathering ---- */

#define SEVERAL   8
#define GATHER_MS 1000

static void submit_several(struct journal *journal, struct entry entries[SEVERAL], unsigned pause_us) {
    for (int i = 0; i < SEVERAL; i++) {
        entries[i] = (struct entry){ .rec = { .kind = RECORD_TICK }, .done = tell };
        assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
        usleep(pause_us);
    }
}

/* One batch of several: behind it the sequencer gathers. */
static void make_it_gather(struct journal *journal, struct entry entries[SEVERAL]) {
    struct brake brake;
    atomic_store(&told_count, 0);
    brake_on(&brake, journal, tell);
    submit_several(journal, entries, 0);
    brake_off(&brake);
    wait_told(1 + SEVERAL);
}

/* What comes one by one within the time becomes one batch, without waiting for its end when the queue is
 * full. On a machine that stands still for a while it may become two, or take long, so one round of ten is
 * enough. */
static void many_that_come_at_once_share_a_batch(void **state) {
    struct journal_options options = room_options(&room);
    options.queue_length = SEVERAL;
    options.gather_ms = GATHER_MS;
    struct journal *journal = open_with(options);
    struct reader *reader = reader_new(journal);
    bool shared = false;
    for (int round = 0; round < 10 && !shared; round++) {
        struct entry first[SEVERAL], next[SEVERAL];
        struct record rec;
        make_it_gather(journal, first);
        int64_t began_ms = stamp_monotonic_ms();
        submit_several(journal, next, 2000);
        wait_told(1 + 2 * SEVERAL);
        bool at_once = stamp_monotonic_ms() - began_ms < GATHER_MS / 2;
        uint64_t durable[1 + 2 * SEVERAL];
        for (size_t i = 0; i < 1 + 2 * SEVERAL; i++) {
            assert_int_equal(told[i].status, STATUS_OK);
            assert_int_equal(reader_next(reader, &rec), STATUS_OK);
            durable[i] = rec.durable;
        }
        shared = at_once && durable[1 + SEVERAL] == durable[2 * SEVERAL];
    }
    assert_true(shared);
    reader_free(reader);
    journal_close(journal);
}

/* One round of ten is enough, as above. */
static void closing_ends_the_gathering(void **state) {
    struct journal_options options = room_options(&room);
    uint64_t records = 0;
    options.gather_ms = GATHER_MS;
    bool at_once = false;
    for (int round = 0; round < 10 && !at_once; round++) {
        struct journal *journal = open_with(options);
        struct entry first[SEVERAL], next[SEVERAL];
        make_it_gather(journal, first);
        submit_several(journal, next, 0);
        int64_t began_ms = stamp_monotonic_ms();
        journal_close(journal);
        at_once = stamp_monotonic_ms() - began_ms < GATHER_MS / 2;
        assert_int_equal(atomic_load(&told_count), 1 + 2 * SEVERAL);
        records += 1 + 2 * SEVERAL;
    }
    assert_true(at_once);
    verify_room(records);
}

/* ---- a disk that is nearly full ---- */

static _Atomic uint64_t free_now;
static uint64_t test_free_bytes(void *context, const char *directory) {
    return atomic_load(&free_now);
}

static void wait_full(struct journal *journal, bool full) {
    while (journal_is_full(journal) != full) {
        usleep(1000);
    }
}

static void a_nearly_full_disk_takes_only_the_reserve(void **state) {
    struct disk disk = disk_real;
    disk.free_bytes = test_free_bytes;
    struct journal_options options = room_options(&room);
    options.disk = &disk;
    options.reserve = 0; /* two segments */
    atomic_store(&free_now, 2 * ROOM_SEGMENT);
    struct journal *journal = open_with(options);
    struct record rec = { .kind = RECORD_TICK };
    assert_false(journal_is_full(journal));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
        atomic_store(&free_now, 2 * ROOM_SEGMENT - 1);
        wait_full(journal, true);
        assert_int_equal(journal_append(journal, &rec, false), STATUS_FULL);
        assert_int_equal(journal_append(journal, &rec, true), STATUS_OK);
        atomic_store(&free_now, 2 * ROOM_SEGMENT);
        wait_full(journal, false); /* by itself */
    }
    assert_int_equal(journal_durable(journal), 6);

    struct brake brake; /* full while entries wait: told, and not admitted */
    struct entry plain = { .rec = { .kind = RECORD_TICK }, .done = tell, .admit = seen_before },
                 reserve = plain;
    reserve.reserve = true;
    atomic_store(&told_count, 0);
    seen_number = 0;
    brake_on(&brake, journal, tell);
    assert_int_equal(journal_submit(journal, &plain), STATUS_OK);
    assert_int_equal(journal_submit(journal, &reserve), STATUS_OK);
    atomic_store(&free_now, 0);
    wait_full(journal, true);
    brake_off(&brake);
    wait_told(3);
    assert_int_equal(told[1].status, STATUS_FULL);
    assert_int_equal(told[2].status, STATUS_OK);
    assert_int_equal(told[2].number, 8);
    assert_int_equal(seen_number, 8);
    journal_close(journal);
    verify_room(8);
}

static _Atomic bool no_space;
static atomic_int refused;

static int open_without_space(void *context, int folder_fd, const char *name, int flags) {
    if (atomic_load(&no_space) && strstr(name, ".new")) {
        atomic_fetch_add(&refused, 1);
        errno = ENOSPC;
        return -1;
    }
    return disk_real.open(context, folder_fd, name, flags);
}

/* There is no space for the next segment, whatever statvfs says: what was taken in waits for it. */
static void a_record_waits_for_the_next_segment(void **state) {
    struct disk disk = disk_real;
    disk.open = open_without_space;
    struct journal_options options = room_options(&room);
    options.disk = &disk;
    static char data[ROOM_SEGMENT / 2];
    struct record large = { .kind = RECORD_SETUP, .data = { data, sizeof(data) } };
    atomic_store(&no_space, false);
    atomic_store(&told_count, 0);
    struct journal *journal = open_with(options);
    char path[128];
    while (access(room_path(&room, 2, "seg", path), F_OK) != 0) {
        usleep(1000);
    }
    atomic_store(&no_space, true);
    assert_int_equal(journal_append(journal, &large, false), STATUS_OK);
    assert_int_equal(journal_append(journal, &large, false), STATUS_OK); /* in 2; there will be no 3 */
    wait_full(journal, true);
    assert_int_equal(journal_append(journal, &large, false), STATUS_FULL);
    struct entry entries[2];
    for (int i = 0; i < 2; i++) {
        entries[i] = (struct entry){ .rec = large, .reserve = true, .done = tell };
        assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
    }
    for (int before = atomic_load(&refused); atomic_load(&refused) < before + 2;) { /* tried twice */
        usleep(1000);
    }
    assert_int_equal(atomic_load(&told_count), 0);
    atomic_store(&no_space, false);
    wait_told(2);
    wait_full(journal, false);
    while (access(room_path(&room, 5, "seg", path), F_OK) != 0) {
        usleep(1000);
    }
    atomic_store(&no_space, true);
    assert_int_equal(journal_append(journal, &large, true), STATUS_OK);
    assert_int_equal(journal_submit(journal, &entries[0]), STATUS_OK);
    assert_int_equal(journal_submit(journal, &entries[1]), STATUS_OK);
    journal_close(journal); /* does not wait for space: they were not acknowledged */
    assert_int_equal(atomic_load(&told_count), 4);
    static const enum status expected[] = { STATUS_OK, STATUS_OK, STATUS_CLOSED, STATUS_CLOSED };
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(told[i].status, expected[i]);
    }
    verify_room(5);
}

/* Nothing can grow. */
static ssize_t write_in_place(void *context, int fd, const void *bytes, size_t length, uint64_t offset) {
    struct stat metadata;
    if (atomic_load(&no_space) && fstat(fd, &metadata) == 0 && offset + length > (uint64_t)metadata.st_size) {
        errno = ENOSPC;
        return -1;
    }
    return disk_real.write(context, fd, bytes, length, offset);
}

static void await_segment(uint64_t ordinal) {
    char path[128];
    while (access(room_path(&room, ordinal, "seg", path), F_OK) != 0) {
        usleep(1000);
    }
}

/* case 184: somebody else has filled the disk, and the gateway starts: the segment prepared before gives its
   space. */
static void a_full_disk_is_enough_to_start_on(void **state) {
    struct disk disk = disk_real;
    disk.write = write_in_place;
    struct journal_options options = room_options(&room);
    options.disk = &disk;
    struct record rec = { .kind = RECORD_TICK };
    atomic_store(&no_space, false);
    struct journal *journal = open_with(options);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
    }
    await_segment(2);
    journal_close(journal);

    atomic_store(&no_space, true);
    journal = open_with(options);
    assert_int_equal(journal_durable(journal), 3);
    wait_full(journal, true);
    assert_int_equal(journal_append(journal, &rec, false), STATUS_FULL);
    assert_int_equal(journal_append(journal, &rec, true), STATUS_OK);
    journal_close(journal);
    verify_room(4);

    struct journal_report
        report; /* the prepared one is used up: it needs one now, says so, and has changed nothing */
    assert_int_equal(journal_open(&options, &journal, &report), STATUS_FULL);
    verify_room(4);
    atomic_store(&no_space, false);
    journal = open_with(options);
    await_segment(2);
    journal_close(journal);

    atomic_store(&no_space, true); /* one that was prepared is not made again */
    journal = open_with(options);
    assert_int_equal(journal_append(journal, &rec, true), STATUS_OK);
    journal_close(journal);
    verify_room(5);
}

/* The prepared segment is used at the next start, whatever a torn header left in it; one of another size is
   made anew. */
static void a_prepared_segment_is_used_again(void **state) {
    struct journal_options options = room_options(&room);
    struct record rec = { .kind = RECORD_TICK };
    struct stat before, after;
    char path[128];
    struct journal *made = open_with(options);
    await_segment(2);
    journal_close(made);
    room_path(&room, 2, "seg", path);
    assert_int_equal(stat(path, &before), 0);
    int fd = open(path, O_RDWR);
    char first = 'C';
    assert_int_equal(pwrite(fd, "CWSEGMNT torn", 13, 0), 13);
    struct journal *journal = open_with(options);
    while (first != 0) {
        usleep(1000);
        assert_int_equal(pread(fd, &first, 1, 0), 1);
    }
    await_segment(2);
    journal_close(journal);
    close(fd);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
    options.segment_size = 2 * ROOM_SEGMENT;
    journal = open_with(options);
    do {
        usleep(1000);
        assert_int_equal(stat(path, &after), 0);
    } while (after.st_ino == before.st_ino);
    assert_int_equal(after.st_size, 2 * ROOM_SEGMENT);
    for (uint64_t number = 1; journal_mark(journal).ordinal < 3; number++) {
        assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
    }
    uint64_t records = journal_durable(journal);
    journal_close(journal);
    verify_room(records);
}

/* ---- a failure beside the sequencer ---- */

static sem_t may_fail;

static int failing_rename(void *context, int folder_fd, const char *from, const char *to) {
    if (strcmp(to, "0000000002.seg") != 0) {
        return disk_real.rename(context, folder_fd, from, to);
    }
    while (sem_wait(&may_fail) < 0) {
    }
    errno = EIO;
    return -1;
}

static void note_failure(enum status status, void *context) {
    atomic_fetch_add((_Atomic int *)context, status == STATUS_IO);
}

/* The next segment cannot be made: what is in flight is not acknowledged, though its own write would
   succeed. */
static void when_the_next_segment_fails_nothing_more_is_acknowledged(void **state) {
    _Atomic int failures = 0;
    struct disk disk = disk_real;
    disk.rename = failing_rename;
    struct journal_options options = room_options(&room);
    options.disk = &disk;
    options.on_failure = note_failure;
    options.context = &failures;
    sem_init(&may_fail, 0, 0);
    struct journal *journal = open_with(options);
    struct brake brake;
    static struct entry probes[TOLD_MAX]; /* until one is refused, the failure has not come through */
    size_t taken = 0;
    atomic_store(&told_count, 0);
    brake_on(&brake, journal, tell);
    sem_post(&may_fail);
    do {
        usleep(1000);
        probes[taken] = (struct entry){ .rec = { .kind = RECORD_TICK }, .done = tell };
    } while (journal_submit(journal, &probes[taken]) == STATUS_OK && ++taken < TOLD_MAX);
    assert_true(taken < TOLD_MAX);
    brake_off(&brake);
    wait_told(taken + 1);
    for (size_t i = 0; i <= taken; i++) {
        assert_int_equal(told[i].status, STATUS_IO);
    }
    assert_int_equal(journal_append(journal, &(struct record){ .kind = RECORD_TICK }, true), STATUS_IO);
    assert_int_equal(journal_durable(journal), 0);
    journal_close(journal);
    assert_int_equal(atomic_load(&failures), 1);
}

/* ---- waiting and closing ---- */

#define WAITER "waiter"

static void *append_later(void *context) {
    struct record rec = { .kind = RECORD_TICK };
    await_asleep(WAITER);
    return journal_append(context, &rec, false) == STATUS_OK ? NULL : context;
}

static void waiting_for_the_mark(void **state) {
    struct journal *journal = room_open(&room);
    assert_int_equal(journal_wait(journal, 0, 10), 0);
    pthread_t thread;
    void *bad;
    char name[16];
    assert_int_equal(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
    pthread_setname_np(pthread_self(), WAITER);
    thread_start(&thread, "submitter", append_later, journal);
    assert_int_equal(journal_wait(journal, 0, 10000), 1);
    pthread_setname_np(pthread_self(), name);
    pthread_join(thread, &bad);
    assert_null(bad);
    assert_int_equal(journal_wait(journal, 0, 10000), 1);
    journal_close(journal);
}

static void *wait_long(void *context) {
    return (void *)(uintptr_t)journal_wait(context, 1000, 1000000);
}

static void *append_reserve(void *context) {
    struct record rec = { .kind = RECORD_DECISION };
    return (void *)(uintptr_t)journal_append(context, &rec, true);
}

static void *close_it(void *context) {
    journal_close(context);
    return NULL;
}

static void closing_writes_what_waits_and_lets_nobody_hang(void **state) {
    struct journal_options options = room_options(&room);
    options.queue_length = 2;
    struct journal *journal = open_with(options);
    struct brake brake;
    struct entry entries[2];
    atomic_store(&told_count, 0);
    brake_on(&brake, journal, tell);
    for (int i = 0; i < 2; i++) {
        entries[i] = (struct entry){ .rec = { .kind = RECORD_TICK }, .done = tell };
        assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
    }
    pthread_t waiter, submitter, closer;
    void *waited, *submitted;
    thread_start(&waiter, WAITER, wait_long, journal);
    thread_start(&submitter, "submitter", append_reserve, journal);
    await_asleep(WAITER); /* both wait inside: the queue is full */
    await_asleep("submitter");
    assert_int_equal(pthread_create(&closer, NULL, close_it, journal), 0);
    pthread_join(submitter, &submitted);
    pthread_join(waiter, &waited);
    assert_int_equal((uintptr_t)submitted, STATUS_CLOSED);
    assert_int_equal((uintptr_t)waited, 0);
    brake_off(&brake);
    pthread_join(closer, NULL);
    assert_int_equal(atomic_load(&told_count), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(told[i].status, STATUS_OK);
    }
    verify_room(3);
}

static void closing_wakes_who_only_waits(void **state) {
    struct journal *journal = room_open(&room);
    pthread_t waiter;
    void *waited;
    thread_start(&waiter, WAITER, wait_long, journal);
    await_asleep(WAITER);
    journal_close(journal);
    pthread_join(waiter, &waited);
    assert_int_equal((uintptr_t)waited, 0);
}

/* What readers need to tell a batch that was never acknowledged from one that was. */
static void records_say_what_was_durable_before_them(void **state) {
    struct journal *journal = room_open(&room);
    struct brake brake;
    struct entry entries[2];
    atomic_store(&told_count, 0);
    brake_on(&brake, journal, tell);
    for (int i = 0; i < 2; i++) {
        entries[i] = (struct entry){ .rec = { .kind = RECORD_TICK }, .done = tell };
        assert_int_equal(journal_submit(journal, &entries[i]), STATUS_OK);
    }
    brake_off(&brake);
    wait_told(3);
    struct record rec = { .kind = RECORD_TICK };
    assert_int_equal(journal_append(journal, &rec, false), STATUS_OK);
    static const uint64_t durable[] = { 0, 1, 1, 3 };
    struct reader *reader = reader_new(journal);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(reader_next(reader, &rec), STATUS_OK);
        assert_int_equal(rec.durable, durable[i]);
    }
    reader_free(reader);
    journal_close(journal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_appended_is_there_after_opening_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_journal_stays_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_one_may_have_the_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(options_that_cannot_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_follow_the_order_of_each_thread, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_repeat_is_answered_with_its_first_and_not_appended, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_is_turned_away_is_told_why_and_takes_no_number, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_follower_misses_and_doubles_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_is_told_behind_a_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exchanged_parts_are_chained_as_they_are_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(done_may_submit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stamps_never_go_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_queue_is_busy_and_reserve_entries_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_up_to_the_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_segment_is_filled_to_the_last_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(batches_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_that_come_at_once_share_a_batch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_ends_the_gathering, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_nearly_full_disk_takes_only_the_reserve, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_waits_for_the_next_segment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_is_enough_to_start_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_prepared_segment_is_used_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(when_the_next_segment_fails_nothing_more_is_acknowledged, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(waiting_for_the_mark, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_writes_what_waits_and_lets_nobody_hang, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closing_wakes_who_only_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_say_what_was_durable_before_them, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
