/* test_journal_segment.c - windows over a file, the header and the seal, making a segment, finding
   records. */
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/unit/journal_room.h"

#include "journal/segment.h"

#define SIZE (16u << 10)

static struct journal_room room;
static struct folder folder;

static int set_up(void **state) {
    char path[128];
    room_init(&room);
    snprintf(path, sizeof(path), "%s/journal", room.directory);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(folder_open(&folder, &disk_real, room.directory), STATUS_OK);
    return 0;
}

static int tear_down(void **state) {
    folder_close(&folder);
    room_release(&room);
    return 0;
}

/* ---- windows ---- */

static void a_window_shows_what_the_file_holds(void **state) {
    static uint8_t expected[5000];
    int fd;
    for (size_t i = 0; i < sizeof(expected); i++) {
        expected[i] = (uint8_t)(i * 7 + i / 256);
    }
    assert_int_equal(folder_open_file(&folder, "file", O_RDWR | O_CREAT, &fd), STATUS_OK);
    assert_int_equal(disk_write_all(&disk_real, fd, expected, sizeof(expected), 0), STATUS_OK);

    struct window window;
    window_init(&window, &disk_real, 64);
    window_point(&window, fd, 4000);
    uint32_t dice = 1;
    for (int i = 0; i < 20000; i++) {
        dice = dice * 1103515245u + 12345;
        uint64_t offset = dice >> 8 & 4095;
        size_t wanted = (dice >> 4) % 8 == 0 ? 700 : (dice >> 20) % 90,
               got; /* within, across, larger than a block */
        const uint8_t *bytes;
        assert_int_equal(window_get(&window, offset, wanted, &bytes, &got), STATUS_OK);
        size_t left = offset < 4000 ? 4000 - offset : 0;
        assert_true(got >= (wanted < left ? wanted : left) && got <= left);
        assert_memory_equal(bytes, expected + offset, got);
        assert_true(window.capacity <= 700);
    }
    window.limit = 6000; /* moved on, behind the end of the file */
    const uint8_t *bytes;
    size_t got;
    assert_int_equal(window_get(&window, 4990, 64, &bytes, &got), STATUS_OK);
    assert_int_equal(got, 10);
    assert_memory_equal(bytes, expected + 4990, 10);
    window_release(&window);
    folder_close_file(&folder, &fd);
}

/* ---- the two pages ---- */

static struct segment_header header_of(uint64_t ordinal) {
    return (struct segment_header){
        .ordinal = ordinal,
        .size = SIZE,
        .seed = 99,
        .name = "qd-gate-1",
        .before = { .next = 41, .stamp = 1234, .chain = digest_of("chain", 5) },
    };
}

static int make(uint64_t ordinal, const struct segment_header *header) {
    int fd;
    assert_int_equal(segment_make(&folder, ordinal, SIZE, header, -1, 0, &fd), STATUS_OK);
    return fd;
}

static enum segment_state state_of(uint64_t ordinal, struct segment_header *header) {
    enum segment_state state;
    enum damage damage;
    int fd;
    assert_int_equal(segment_open(&folder, ordinal, &state, header, &fd, &damage), STATUS_OK);
    assert_true((damage != DAMAGE_NONE) == (state == SEGMENT_DAMAGED || state == SEGMENT_BLANK));
    folder_close_file(&folder, &fd);
    return state;
}

static void a_header_is_read_as_it_was_written(void **state) {
    struct segment_header header = header_of(3), back;
    int fd = make(3, &header);
    assert_int_equal(state_of(3, &back), SEGMENT_USED);
    assert_int_equal(back.ordinal, 3);
    assert_int_equal(back.size, SIZE);
    assert_int_equal(back.seed, 99);
    assert_string_equal(back.name, "qd-gate-1");
    assert_int_equal(back.before.next, 41);
    assert_int_equal(back.before.stamp, 1234);
    assert_true(digest_equal(&back.before.chain, &header.before.chain));
    folder_close_file(&folder, &fd);
}

static void a_segment_has_a_state(void **state) {
    struct segment_header header = header_of(1), back;
    assert_int_equal(state_of(1, &back), SEGMENT_ABSENT);
    int fd = make(1, NULL);
    assert_int_equal(state_of(1, &back), SEGMENT_BLANK);

    /* A header torn anywhere is a blank segment, for nothing was written behind it before it was synced. */
    for (size_t torn = 1; torn < 48; torn++) {
        uint8_t page[SEGMENT_PAGE];
        assert_int_equal(segment_write_header(&disk_real, fd, &header), STATUS_OK);
        assert_int_equal(pread(fd, page, sizeof(page), 0), sizeof(page));
        memset(page + torn, 0, sizeof(page) - torn);
        assert_int_equal(disk_write_all(&disk_real, fd, page, sizeof(page), 0), STATUS_OK);
        assert_int_equal(state_of(1, &back), SEGMENT_BLANK);
    }
    assert_int_equal(disk_write_all(&disk_real, fd, "x", 1, SIZE - 1), STATUS_OK);
    assert_int_equal(state_of(1, &back), SEGMENT_DAMAGED);

    assert_int_equal(segment_write_header(&disk_real, fd, &header), STATUS_OK);
    assert_int_equal(state_of(1, &back), SEGMENT_USED);
    assert_int_equal(ftruncate(fd, SIZE - 1), 0);
    assert_int_equal(state_of(1, &back), SEGMENT_DAMAGED);
    assert_int_equal(ftruncate(fd, SIZE + 1), 0);
    assert_int_equal(state_of(1, &back), SEGMENT_DAMAGED);
    assert_int_equal(ftruncate(fd, 100), 0);
    assert_int_equal(state_of(1, &back), SEGMENT_DAMAGED);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(state_of(1, &back), SEGMENT_DAMAGED);
    folder_close_file(&folder, &fd);

    header = header_of(7); /* another segment's file under this name */
    fd = make(2, &header);
    assert_int_equal(state_of(2, &back), SEGMENT_DAMAGED);
    folder_close_file(&folder, &fd);
}

static void another_format_is_refused_not_overwritten(void **state) {
    static const uint8_t formats[] = { SEGMENT_FORMAT - 1, SEGMENT_FORMAT + 1 };
    for (size_t i = 0; i < sizeof(formats); i++) {
        struct segment_header header = header_of(1), back;
        int fd = make(1, &header);
        uint8_t page[SEGMENT_PAGE];
        assert_int_equal(pread(fd, page, sizeof(page), 0), sizeof(page));
        page[8] = formats[i];
        uint32_t crc = crc32c(0, page, sizeof(page) - 4);
        memcpy(page + sizeof(page) - 4, &crc, 4);
        assert_int_equal(disk_write_all(&disk_real, fd, page, sizeof(page), 0), STATUS_OK);
        enum segment_state found;
        enum damage damage;
        int other;
        assert_int_equal(segment_open(&folder, 1, &found, &back, &other, &damage), STATUS_OK);
        assert_int_equal(found, SEGMENT_DAMAGED);
        assert_int_equal(damage, DAMAGE_FORMAT);
        folder_close_file(&folder, &other);
        folder_close_file(&folder, &fd);
    }
}

static void a_seal_is_read_as_it_was_written(void **state) {
    struct segment_header header = header_of(1);
    struct segment_seal back, seal = { .end = 5000, .after = { 44, 1300, digest_of("end", 3) } };
    int fd = make(1, &header);
    assert_int_equal(segment_read_seal(&disk_real, fd, &header, &back), STATUS_OK);
    assert_int_equal(back.kind, SEAL_NONE);

    static const enum seal_kind kinds[] = { SEAL_REST, SEAL_FINAL };
    for (size_t i = 0; i < 2; i++) {
        seal.kind = kinds[i];
        assert_int_equal(segment_write_seal(&disk_real, fd, &header, &seal), STATUS_OK);
        assert_int_equal(segment_read_seal(&disk_real, fd, &header, &back), STATUS_OK);
        assert_int_equal(back.kind, kinds[i]);
        assert_int_equal(back.end, 5000);
        assert_int_equal(back.after.next, 44);
        assert_int_equal(back.after.stamp, 1300);
        assert_true(digest_equal(&back.after.chain, &seal.after.chain));
    }
    struct segment_header other = header; /* a seal of another segment */
    other.seed++;
    assert_int_equal(segment_read_seal(&disk_real, fd, &other, &back), STATUS_OK);
    assert_int_equal(back.kind, SEAL_BROKEN);
    static const struct {
        uint64_t end, next;
    } wrong[] = {
        { SEGMENT_PAGE - 8, 44 },
        { SIZE - SEGMENT_PAGE + 8, 44 },
        { 5000, 40 },
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        seal.end = wrong[i].end;
        seal.after.next = wrong[i].next;
        assert_int_equal(segment_write_seal(&disk_real, fd, &header, &seal), STATUS_OK);
        assert_int_equal(segment_read_seal(&disk_real, fd, &header, &back), STATUS_OK);
        assert_int_equal(back.kind, SEAL_BROKEN);
    }
    assert_int_equal(disk_write_all(&disk_real, fd, "x", 1, SIZE - 1), STATUS_OK);
    assert_int_equal(segment_read_seal(&disk_real, fd, &header, &back), STATUS_OK);
    assert_int_equal(back.kind, SEAL_BROKEN);
    folder_close_file(&folder, &fd);
}

/* ---- making ---- */

static void making_copies_records_and_zeros_the_rest(void **state) {
    struct segment_header header = header_of(1);
    int source = make(1, &header), fd;
    uint8_t bytes[SIZE], back[SIZE];
    memset(bytes, 'r', sizeof(bytes));
    assert_int_equal(
        disk_write_all(&disk_real, source, bytes + SEGMENT_PAGE, SIZE - SEGMENT_PAGE, SEGMENT_PAGE),
        STATUS_OK);
    assert_int_equal(segment_make(&folder, 1, SIZE, &header, source, 5000, &fd), STATUS_OK);
    folder_close_file(&folder, &source);
    assert_int_equal(pread(fd, back, sizeof(back), 0), SIZE);
    assert_memory_equal(back + SEGMENT_PAGE, bytes + SEGMENT_PAGE, 5000 - SEGMENT_PAGE);
    memset(bytes, 0, sizeof(bytes));
    assert_memory_equal(back + 5000, bytes, SIZE - 5000);
    struct segment_header again;
    assert_int_equal(state_of(1, &again), SEGMENT_USED);
    struct stat metadata;
    assert_int_equal(fstat(fd, &metadata), 0);
    assert_int_equal(metadata.st_size, SIZE);
    assert_int_not_equal(fstatat(folder.fd, "0000000001.new", &metadata, 0), 0);
    folder_close_file(&folder, &fd);
}

static void the_highest_ordinal_is_found(void **state) {
    uint64_t highest;
    assert_int_equal(segment_highest(&folder, &highest), STATUS_OK);
    assert_int_equal(highest, 0);
    static const char *const names[] = { "0000000003.seg",    "0000000012.seg", "0000000099.idx",
                                         "0000000100.new",    "lock",           "x.seg",
                                         "0000000200.seg.bak" };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        int fd;
        assert_int_equal(folder_open_file(&folder, names[i], O_RDWR | O_CREAT, &fd), STATUS_OK);
        folder_close_file(&folder, &fd);
    }
    assert_int_equal(segment_highest(&folder, &highest), STATUS_OK);
    assert_int_equal(highest, 12);
}

/* ---- finding ---- */

static void records_are_found_behind_anything(void **state) {
    struct segment_header header = header_of(1);
    int fd = make(1, &header);
    struct digester *digester = digester_new();
    struct buf buf;
    buf_init(&buf, SIZE);
    for (int i = 0; i < 100; i++) { /* what looks like a beginning of a record, at all remainders */
        buf_add(&buf, "CWR1\x58\0\0\0CWR1!", (size_t)(8 + i % 6));
    }
    while (buf.length % 8) {
        buf_add_char(&buf, 'x');
    }
    uint64_t expected = SEGMENT_PAGE + buf.length;
    struct record rec = { .number = 50, .kind = RECORD_TICK, .meta = TEXT("{}") };
    struct record_digests digests = record_digests_of(&rec);
    record_encode(&rec, &digests, &header.before.chain, header.seed, digester, &buf);
    uint64_t expected_end = SEGMENT_PAGE + buf.length;
    rec.number = 51;
    record_encode(&rec, &digests, &header.before.chain, header.seed + 1, digester,
                  &buf); /* of another segment: does not count */
    assert_int_equal(disk_write_all(&disk_real, fd, buf.at, buf.length, SEGMENT_PAGE), STATUS_OK);

    static const size_t blocks[] = { 8, 64, 100, 4096, 65536 };
    for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
        struct window window;
        struct record found;
        uint64_t offset = SEGMENT_PAGE, last;
        window_init(&window, &disk_real, blocks[i]);
        window_point(&window, fd, segment_seal_offset(SIZE));
        assert_int_equal(segment_find(&window, &offset, &header, &found), STATUS_OK);
        assert_int_equal(offset, expected);
        assert_int_equal(found.number, 50);
        offset += record_size(&found);
        assert_int_equal(offset, expected_end);
        assert_int_equal(segment_find(&window, &offset, &header, &found), STATUS_NOT_FOUND);
        assert_int_equal(segment_last_byte(&window, SEGMENT_PAGE, &last), STATUS_OK);
        assert_int_equal(last, SEGMENT_PAGE + buf.length);
        assert_int_equal(segment_last_byte(&window, last, &last), STATUS_OK);
        assert_int_equal(last, SEGMENT_PAGE + buf.length);
        window_release(&window);
    }
    buf_release(&buf);
    digester_free(digester);
    folder_close_file(&folder, &fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_window_shows_what_the_file_holds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_header_is_read_as_it_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_segment_has_a_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_format_is_refused_not_overwritten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_seal_is_read_as_it_was_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(making_copies_records_and_zeros_the_rest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_highest_ordinal_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_are_found_behind_anything, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
