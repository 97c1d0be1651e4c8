/*
 * A folder whose other user means harm: links, pipes, names, half-written files, replaced files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "adapters/files/folder.h"

static char folder[64];

static int set_up(void **state) {
    strcpy(folder, "/tmp/clearway-folder-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(folder_prepare(folder), STATUS_OK);
    return 0;
}

static int tear_down(void **state) {
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

static const char *path_in(const char *box, const char *name) {
    static char paths[4][1024];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s/%s", folder, box, name);
    return path;
}

static void write_file(const char *box, const char *name, const char *text) {
    FILE *file = fopen(path_in(box, name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool exists(const char *box, const char *name) {
    struct stat info;
    return lstat(path_in(box, name), &info) == 0;
}

static const char *content(const char *box, const char *name) {
    static char out[256];
    FILE *file = fopen(path_in(box, name), "r");
    assert_non_null(file);
    out[fread(out, 1, sizeof(out) - 1, file)] = '\0';
    fclose(file);
    return out;
}

static enum file_fault read_file(const char *name, bool moved_in, int settle_ms, size_t max) {
    struct file_identity identity;
    struct buf bytes;
    int fd;
    assert_int_equal(folder_open_box(folder, BOX_OUT, &fd), STATUS_OK);
    buf_init(&bytes, max);
    enum file_fault fault = folder_read(fd, name, moved_in, settle_ms, &bytes, &identity);
    assert_false(buf_failed(&bytes));
    buf_release(&bytes);
    close(fd);
    return fault;
}

static struct file_identity identity_of(const char *name) {
    struct file_identity identity;
    struct buf bytes;
    int fd;
    assert_int_equal(folder_open_box(folder, BOX_OUT, &fd), STATUS_OK);
    buf_init(&bytes, 1000);
    assert_int_equal(folder_read(fd, name, true, 0, &bytes, &identity), FILE_FAULT_GOOD);
    buf_release(&bytes);
    close(fd);
    return identity;
}

static enum status place(enum box box, const char *name, const char *text) {
    int fd;
    assert_int_equal(folder_open_box(folder, box, &fd), STATUS_OK);
    enum status status = folder_place(fd, name, text_of(text));
    close(fd);
    return status;
}

static void test_boxes_are_made_and_cleared_of_half_written(void **state) {
    write_file("InBox", ".clearway-1-1.tmp", "half");
    write_file("InBox", "theirs.tmp", "not ours");
    assert_int_equal(folder_prepare(folder), STATUS_OK);
    assert_false(exists("InBox", ".clearway-1-1.tmp"));
    assert_true(exists("InBox", "theirs.tmp"));
    assert_true(exists("", "OutBox") && exists("", "SentBox") && exists("", "FailBox"));
    assert_int_equal(folder_prepare("/nowhere/at/all"), STATUS_NOT_FOUND);
}

static void test_a_box_that_is_a_link_is_not_followed(void **state) {
    int fd;
    assert_int_equal(rmdir(path_in("", "InBox")), 0);
    assert_int_equal(symlink("/tmp", path_in("", "InBox")), 0);
    assert_int_equal(folder_open_box(folder, BOX_IN, &fd), STATUS_NOT_FOUND);
    assert_int_equal(folder_prepare(folder), STATUS_NOT_FOUND);
}

static void test_which_names_are_candidates(void **state) {
    static const struct {
        const char *name;
        bool candidate;
    } cases[] = {
        { "a.xml", true },  { "a", true },     { "报关单.xml", true }, { "a.tmp.xml", true }, { "tmp", true },
        { "a.tmp", false }, { ".tmp", false }, { ".hidden", false },   { ".", false },        { "..", false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(folder_is_candidate(cases[i].name), cases[i].candidate);
    }
}

static void test_names_are_shown_as_utf8(void **state) {
    static const struct {
        const char *name, *shown;
    } cases[] = {
        { "a.xml", "a.xml" },
        { "报关单.xml", "报关单.xml" },
        { "\xB1\xA8.xml", "%B1%A8.xml" },
        { "a\nb\x7f", "a%0Ab%7F" },
        { "50%", "50%25" },
        { "\xE6\x8A", "%E6%8A" },
    };
    char out[FOLDER_NAME_MAX], longest[256];
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_string_equal(folder_show(cases[i].name, out), cases[i].shown);
    }
    memset(longest, 'x', 255);
    longest[255] = '\0';
    assert_int_equal(strlen(folder_show(longest, out)), 180);
    for (int i = 0; i < 85; i++) {
        memcpy(longest + 3 * i, "\xE6\x8A\xA5", 3);
    }
    assert_int_equal(strlen(folder_show(longest, out)), 180);
    memset(longest, 0xFF, 255);
    assert_int_equal(strlen(folder_show(longest, out)), 180);
}

static void test_only_plain_files_are_read(void **state) {
    write_file("OutBox", "good.xml", "<a/>");
    write_file("OutBox", "empty.xml", "");
    write_file("OutBox", "names.xml", "<a/>");
    write_file("SentBox", "elsewhere.xml", "<secret/>");
    assert_int_equal(symlink("good.xml", path_in("OutBox", "link.xml")), 0);
    assert_int_equal(symlink("../SentBox/elsewhere.xml", path_in("OutBox", "away.xml")), 0);
    assert_int_equal(symlink("nowhere", path_in("OutBox", "dangling.xml")), 0);
    assert_int_equal(link(path_in("OutBox", "names.xml"), path_in("OutBox", "names2.xml")), 0);
    assert_int_equal(mkfifo(path_in("OutBox", "pipe.xml"), 0666), 0);
    assert_int_equal(mkdir(path_in("OutBox", "dir.xml"), 0777), 0);
    /* clang-format off */
    static const struct { const char *name; enum file_fault fault; } cases[] = {
        { "good.xml", FILE_FAULT_GOOD },     { "empty.xml", FILE_FAULT_GOOD },    { "link.xml", FILE_FAULT_LINK },
        { "away.xml", FILE_FAULT_LINK },     { "dangling.xml", FILE_FAULT_LINK }, { "names.xml", FILE_FAULT_NAMES },
        { "names2.xml", FILE_FAULT_NAMES },  { "pipe.xml", FILE_FAULT_KIND },     { "dir.xml", FILE_FAULT_FOLDER },
        { "none.xml", FILE_FAULT_GONE },
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(read_file(cases[i].name, true, 500, 1000), cases[i].fault);
    }
}

/* case 546: what is no file, and would be read for ever or not at all. */
static void test_devices_and_sockets_are_not_read(void **state) {
    static const char *const names[] = { "zero", "null", "full", "tty", "urandom" };
    struct buf bytes;
    struct file_identity identity;
    int dev = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(dev >= 0);
    buf_init(&bytes, 1000);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_int_equal(folder_read(dev, names[i], true, 0, &bytes, &identity), FILE_FAULT_KIND);
    }
    close(dev);
    assert_int_equal(bytes.length, 0);
    buf_release(&bytes);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path_in("OutBox", "socket.xml"));
    int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(read_file("socket.xml", true, 0, 1000), FILE_FAULT_KIND);
    close(listening);
}

static void test_a_file_of_a_third_user_is_not_read(void **state) {
    if (geteuid() != 0) {
        print_message("skipped: only root can give a file away\n");
        return;
    }
    write_file("OutBox", "theirs.xml", "<a/>");
    assert_int_equal(chown(path_in("OutBox", "theirs.xml"), 12345, (gid_t)-1), 0);
    assert_int_equal(read_file("theirs.xml", true, 0, 1000), FILE_FAULT_OWNER);
    assert_int_equal(chown(path_in("OutBox", ""), 12345, (gid_t)-1), 0); /* their box: their file */
    assert_int_equal(read_file("theirs.xml", true, 0, 1000), FILE_FAULT_GOOD);
}

static void test_the_size_limit_is_exact(void **state) {
    write_file("OutBox", "a.xml", "12345678");
    assert_int_equal(read_file("a.xml", true, 0, 8), FILE_FAULT_GOOD);
    assert_int_equal(read_file("a.xml", true, 0, 7), FILE_FAULT_SIZE);
}

static void test_a_file_still_written_is_left_alone(void **state) {
    int fd = open(path_in("OutBox", "a.xml"), O_WRONLY | O_CREAT, 0666);
    assert_int_equal(write(fd, "<half", 5), 5);
    assert_int_equal(read_file("a.xml", true, 0, 1000),
                     FILE_FAULT_RESTLESS); /* moved in, old enough, but held open */
    close(fd);
    assert_int_equal(read_file("a.xml", false, 60000, 1000), FILE_FAULT_RESTLESS); /* closed a moment ago */
    assert_int_equal(read_file("a.xml", true, 60000, 1000), FILE_FAULT_GOOD);
    struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
    assert_int_equal(utimensat(AT_FDCWD, path_in("OutBox", "a.xml"), old, 0), 0);
    assert_int_equal(read_file("a.xml", false, 60000, 1000), FILE_FAULT_GOOD);
    old[1].tv_sec = 4000000000; /* written tomorrow, says its clock: it must not wait till then */
    assert_int_equal(utimensat(AT_FDCWD, path_in("OutBox", "a.xml"), old, 0), 0);
    assert_int_equal(read_file("a.xml", false, 60000, 1000), FILE_FAULT_GOOD);
}

static void test_placing_never_replaces(void **state) {
    assert_int_equal(place(BOX_IN, "42.xml", "<a/>"), STATUS_OK);
    assert_int_equal(place(BOX_IN, "42.xml", "<a/>"), STATUS_OK); /* again after a crash: nothing new */
    assert_false(exists("InBox", "42_2.xml"));
    assert_int_equal(place(BOX_IN, "42.xml", "<b/>"), STATUS_OK); /* another message: both stay */
    assert_int_equal(place(BOX_IN, "42.xml", "<b/>"), STATUS_OK);
    assert_string_equal(content("InBox", "42.xml"), "<a/>");
    assert_string_equal(content("InBox", "42_2.xml"), "<b/>");
    assert_false(exists("InBox", "42_3.xml"));
    assert_int_equal(symlink("/etc/hostname", path_in("InBox", "43.xml")), 0);
    assert_int_equal(place(BOX_IN, "43.xml", "<c/>"),
                     STATUS_OK); /* a link in the way is neither read nor written */
    assert_string_equal(content("InBox", "43_2.xml"), "<c/>");
    char command[128];
    snprintf(command, sizeof(command), "ls -A %s/InBox | wc -l | grep -qx 4", folder);
    assert_int_equal(system(command), 0); /* no temporary name is left */
}

static void test_moving_keeps_what_is_there(void **state) {
    for (int i = 0; i < 4; i++) {
        write_file("OutBox", "a.xml", "<a/>");
        struct file_identity identity = identity_of("a.xml");
        assert_int_equal(folder_move(folder, "a.xml", &identity, BOX_SENT, "42"), STATUS_OK);
        assert_false(exists("OutBox", "a.xml"));
    }
    assert_true(exists("SentBox", "a.xml") && exists("SentBox", "a_42.xml"));
    assert_true(exists("SentBox", "a_42_2.xml") && exists("SentBox", "a_42_3.xml"));
    char longest[256];
    memset(longest, 'x', 255);
    memcpy(longest + 251, ".xml", 5);
    for (int i = 0; i < 2; i++) {
        write_file("OutBox", longest, "<a/>");
        struct file_identity identity = identity_of(longest);
        assert_int_equal(folder_move(folder, longest, &identity, BOX_FAIL, "18446744073709551615"),
                         STATUS_OK);
    }
    memcpy(longest + 230, "_18446744073709551615.xml", 26);
    assert_true(exists("FailBox", longest));
}

static void test_a_file_replaced_meanwhile_is_not_moved(void **state) {
    write_file("OutBox", "a.xml", "<a/>");
    struct file_identity identity = identity_of("a.xml");
    write_file("OutBox", "new.tmp", "<b/>");
    assert_int_equal(rename(path_in("OutBox", "new.tmp"), path_in("OutBox", "a.xml")), 0);
    assert_int_equal(folder_move(folder, "a.xml", &identity, BOX_SENT, "42"), STATUS_NOT_FOUND);
    assert_string_equal(content("OutBox", "a.xml"), "<b/>");
    identity = identity_of("a.xml");
    write_file("OutBox", "a.xml", "<longer/>"); /* the same file, rewritten */
    assert_int_equal(folder_move(folder, "a.xml", &identity, BOX_SENT, "42"), STATUS_NOT_FOUND);
    assert_int_equal(unlink(path_in("OutBox", "a.xml")), 0);
    assert_int_equal(folder_move(folder, "a.xml", &identity, BOX_SENT, "42"), STATUS_NOT_FOUND);
    assert_false(exists("SentBox", "a.xml"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_boxes_are_made_and_cleared_of_half_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_box_that_is_a_link_is_not_followed, set_up, tear_down),
        cmocka_unit_test(test_which_names_are_candidates),
        cmocka_unit_test(test_names_are_shown_as_utf8),
        cmocka_unit_test_setup_teardown(test_only_plain_files_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_devices_and_sockets_are_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_of_a_third_user_is_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_size_limit_is_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_still_written_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_placing_never_replaces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_moving_keeps_what_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_replaced_meanwhile_is_not_moved, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
