/*
 * test_adapters_listing.c - a folder of many names is read in bites: each name once, whatever is removed
 * meanwhile, and what is never taken costs no memory.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/files/listing.h"

#define FILES  3000 /* some bites */
#define OTHERS (LISTING_ENTRIES_MAX + 1000)

static char folder[] = "/tmp/clearway-listing-XXXXXX";
static int folder_fd;

static void make(const char *name) {
    int fd = openat(folder_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static int make_folder(void **state) {
    strcpy(strrchr(folder, '-'), "-XXXXXX");
    assert_non_null(mkdtemp(folder));
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder_fd < 0;
}

static int remove_folder(void **state) {
    char command[128];
    close(folder_fd);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

static struct listing *open_it(void) {
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct listing *listing = listing_open(fd);
    assert_non_null(listing);
    return listing;
}

/* The next name, of whichever bite; NULL: there is none any more. */
static const char *next_of_all(struct listing *listing) {
    const char *name;
    while (!(name = listing_next(listing)) && !listing_ended(listing)) {
    }
    return name;
}

static void make_many(void) {
    char name[32];
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof(name), "m%05d.xml", i);
        make(name);
    }
}

static void each_name_comes_once_while_files_leave(void **state) {
    static bool seen[FILES];
    size_t count = 0;
    make_many();
    struct listing *listing = open_it();
    for (const char *name; (name = next_of_all(listing)); count++) {
        int number = atoi(name + 1);
        assert_false(seen[number]);
        seen[number] = true;
        assert_string_equal(listing_next(listing), name); /* until it is passed */
        assert_int_equal(unlinkat(folder_fd, name, 0), 0);
        listing_pass(listing);
    }
    assert_int_equal(count, FILES);
    assert_true(listing_ended(listing));
    listing_close(listing);
}

static void a_bite_is_in_the_order_of_its_names(void **state) {
    char before[32] = "";
    make_many();
    struct listing *listing = open_it();
    for (int i = 0; i < LISTING_NAMES_MAX; i++) {
        const char *name = listing_next(listing);
        assert_true(strcmp(before, name) < 0);
        snprintf(before, sizeof(before), "%s", name);
        listing_pass(listing);
    }
    assert_true(listing_entries(listing) <= LISTING_NAMES_MAX + 2); /* "." and ".." */
    listing_close(listing);
}

static void what_is_put_back_comes_next(void **state) {
    make("a.xml");
    make("b.xml");
    struct listing *listing = open_it();
    assert_string_equal(listing_next(listing), "a.xml");
    assert_false(listing_put_back(listing, "x.xml")); /* nothing was passed: there is no room */
    listing_pass(listing);
    assert_true(listing_put_back(listing, "a.xml"));
    assert_string_equal(listing_next(listing), "a.xml");
    listing_pass(listing);
    assert_string_equal(listing_next(listing), "b.xml");
    listing_pass(listing);
    assert_null(next_of_all(listing));
    assert_true(listing_put_back(listing, "b.xml"));
    assert_false(listing_ended(listing));
    assert_string_equal(next_of_all(listing), "b.xml");
    listing_close(listing);
}

/* However many lie there: a bite ends with the entries that are read at once. */
static void names_that_are_never_taken_are_left_out(void **state) {
    char name[32];
    for (int i = 0; i < OTHERS; i++) {
        snprintf(name, sizeof(name), "m%05d.xml.tmp", i);
        make(name);
    }
    assert_int_equal(mkdirat(folder_fd, "folder.xml", 0700), 0);
    make("only.xml");
    struct listing *listing = open_it();
    size_t names = 0, bites = 0;
    while (!listing_ended(listing)) {
        size_t before = listing_entries(listing);
        const char *found = listing_next(listing);
        assert_true(listing_entries(listing) - before <= LISTING_ENTRIES_MAX);
        bites += listing_entries(listing) > before;
        if (found) {
            assert_string_equal(found, "only.xml");
            listing_pass(listing);
            names++;
        }
    }
    assert_int_equal(names, 1);
    assert_int_equal(bites, 2);
    assert_int_equal(listing_entries(listing), OTHERS + 4);
    listing_close(listing);
}

static void a_folder_that_is_none_is_told(void **state) {
    make("file");
    assert_null(listing_open(openat(folder_fd, "file", O_RDONLY | O_CLOEXEC)));
    struct listing *listing = open_it();
    listing_close(listing); /* with its names unread */
    listing_close(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_name_comes_once_while_files_leave),
        TEST(a_bite_is_in_the_order_of_its_names),
        TEST(what_is_put_back_comes_next),
        TEST(names_that_are_never_taken_are_left_out),
        TEST(a_folder_that_is_none_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
