/* test_base_file.c - whole reads with a limit, durable replacement, directories, the lock. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "folder_kit.h"

static char directory[64];
static struct arena *arena;

static int set_up(void **state) {
    strcpy(directory, "/tmp/clearway-file-XXXXXX");
    arena = arena_new();
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state) {
    arena_free(arena);
    folder_remove(directory);
    return 0;
}

static const char *in(const char *name) {
    return file_join(arena, directory, name);
}

static void a_file_is_read_whole_up_to_the_limit(void **state) {
    static char bytes[200000]; /* longer than the pieces it is read in */
    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(file_replace(in("f"), (struct text){ bytes, sizeof(bytes) }), STATUS_OK);
    struct buf buf;
    buf_init(&buf, sizeof(bytes) + 2);
    buf_add_string(&buf, "ab");
    assert_int_equal(file_read(in("f"), &buf), STATUS_OK);
    assert_int_equal(buf.length, sizeof(bytes) + 2);
    assert_memory_equal(buf.at, "abxx", 4);
    buf_release(&buf);

    buf_init(&buf, sizeof(bytes) - 1);
    assert_int_equal(file_read(in("f"), &buf), STATUS_TOO_LARGE);
    buf_clear(&buf);
    assert_int_equal(file_read(in("none"), &buf), STATUS_NOT_FOUND);
    assert_int_equal(file_read(in("f/below"), &buf), STATUS_NOT_FOUND);
    assert_int_equal(file_read(directory, &buf), STATUS_IO);
    assert_int_equal(mkfifo(in("pipe"), 0600), 0); /* case 619 */
    assert_int_equal(file_read(in("pipe"), &buf), STATUS_IO);
    assert_int_equal(file_read("/dev/zero", &buf), STATUS_IO);
    assert_int_equal(file_read_any("/dev/zero", &buf), STATUS_TOO_LARGE);
    unlink(in("pipe"));
    buf_release(&buf);

    buf_init(&buf, 0);
    assert_int_equal(file_replace(in("empty"), TEXT("")), STATUS_OK);
    assert_int_equal(file_read(in("empty"), &buf), STATUS_OK);
    assert_int_equal(buf.length, 0);
    buf_release(&buf);
}

static void replacing_leaves_new_bytes_and_nothing_else(void **state) {
    struct buf buf;
    buf_init(&buf, 100);
    assert_int_equal(file_replace(in("f"), TEXT("the longer first")), STATUS_OK);
    assert_int_equal(file_replace(in("f"), TEXT("second")), STATUS_OK);
    assert_int_equal(file_read(in("f"), &buf), STATUS_OK);
    assert_string_equal(buf.at, "second");
    buf_release(&buf);
    struct stat info;
    assert_int_equal(stat(in("f"), &info), 0);
    assert_int_equal(info.st_mode & 0007, 0); /* not for everybody */

    assert_int_equal(file_make_directory(in("d")), STATUS_OK);
    assert_int_equal(file_replace(in("d"), TEXT("x")), STATUS_IO); /* a directory stands there */
    assert_int_equal(file_replace(in("none/f"), TEXT("x")), STATUS_NOT_FOUND);
    char temporary[128];
    snprintf(temporary, sizeof(temporary), "%s.tmp-%ld", in("d"), (long)getpid());
    assert_int_equal(access(temporary, F_OK), -1);
}

/* /dev/full stands for the full disk. */
static void a_full_disk_is_told(void **state) {
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(file_write_all(fd, "x", 1, 0), STATUS_FULL);
    close(fd);
}

static void a_place_in_a_file_is_written(void **state) {
    int fd = open(in("f"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    char bytes[6] = "";
    assert_int_equal(file_write_all(fd, "world", 5, 10), STATUS_OK);
    assert_int_equal(pread(fd, bytes, sizeof(bytes), 10), 5);
    assert_string_equal(bytes, "world");
    close(fd);
    assert_int_equal(file_write_all(fd, "x", 1, 0), STATUS_IO);
}

static void directories_are_made_with_their_parents(void **state) {
    static const char *const names[] = { "a/b/c", "a/b/c", "a/b/d/", "e//f", "." };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(file_make_directory(in(names[i])), STATUS_OK);
        assert_int_equal(file_sync_directory(in(names[i])), STATUS_OK);
    }
    assert_int_equal(file_replace(in("file"), TEXT("x")), STATUS_OK);
    assert_int_equal(file_make_directory(in("file")), STATUS_IO);
    assert_int_equal(file_make_directory(in("file/below")), STATUS_IO);
    assert_int_equal(file_make_directory(""), STATUS_IO);
    assert_int_equal(file_sync_directory(in("none")), STATUS_NOT_FOUND);
    assert_int_equal(file_sync_directory(in("file")), STATUS_NOT_FOUND);
}

static int lock_in_another_process(void) {
    pid_t child = fork();
    if (child == 0) {
        int fd;
        _exit((int)file_lock(in("lock"), &fd));
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    return WEXITSTATUS(how);
}

static void the_lock_is_exclusive_until_closed(void **state) {
    int fd, other;
    assert_int_equal(file_lock(in("lock"), &fd), STATUS_OK);
    assert_int_equal(lock_in_another_process(), STATUS_LOCKED);
    assert_int_equal(file_lock(in("lock"), &other), STATUS_LOCKED); /* nor twice in one process */
    close(fd);
    assert_int_equal(lock_in_another_process(), STATUS_OK);
    assert_int_equal(file_lock(in("lock"), &fd), STATUS_OK); /* it ended with that process */
    close(fd);
    assert_int_equal(file_lock(in("none/lock"), &fd), STATUS_NOT_FOUND);
}

static void names_and_space(void **state) {
    assert_string_equal(file_join(arena, "a", "b"), "a/b");
    assert_string_equal(file_join(arena, "a/", "b"), "a/b");
    assert_string_equal(file_join(arena, "/", "b"), "/b");
    assert_string_equal(file_join(arena, "", "b"), "b");
    assert_true(file_free_bytes(directory) > 0);
    assert_int_equal(file_free_bytes(in("none")), 0);
}

int main(void) {
#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FILE_TEST(a_file_is_read_whole_up_to_the_limit),
        FILE_TEST(replacing_leaves_new_bytes_and_nothing_else),
        FILE_TEST(a_full_disk_is_told),
        FILE_TEST(a_place_in_a_file_is_written),
        FILE_TEST(directories_are_made_with_their_parents),
        FILE_TEST(the_lock_is_exclusive_until_closed),
        FILE_TEST(names_and_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
