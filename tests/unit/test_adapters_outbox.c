/*
 * test_adapters_outbox.c - one look through an OutBox serves all that lies in it, however often it has to
 * stop for want of a place (case 545); what is turned away is the next again.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/stamp.h"
#include "base/status.h"
#include "adapters/files/outbox.h"

#define FILES  100
#define PLACES 16

static struct {
    char folder[64];
    struct outbox *outbox;
    struct task_queue taken;
    struct outbox_reading reading;
    int64_t now_ms;
    size_t looks; /* that began */
} world;

static int open_world(void **state) {
    char path[128];
    memset(&world, 0, sizeof(world));
    strcpy(world.folder, "/tmp/clearway-outbox-XXXXXX");
    assert_non_null(mkdtemp(world.folder));
    snprintf(path, sizeof(path), "%s/OutBox", world.folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(task_queue_init(&world.taken));
    world.reading = (struct outbox_reading){ .inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
                                             .scan_ms = 5000,
                                             .settle_ms = 0,
                                             .taken = &world.taken };
    world.outbox = outbox_new("FWD", world.folder, "");
    world.now_ms = stamp_monotonic_ms();
    return 0;
}

static int close_world(void **state) {
    char command[128];
    outbox_free(world.outbox);
    close(world.reading.inotify_fd);
    task_queue_release(&world.taken);
    snprintf(command, sizeof(command), "rm -rf %s", world.folder);
    return system(command);
}

static void drop(const char *name) {
    char path[512];
    snprintf(path, sizeof(path), "%s/OutBox/%s", world.folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "<a/>", 4), 4);
    close(fd);
}

/* What is taken, in the order of its names. */
static struct task *scan(void) {
    const struct listing *before = world.outbox->listing;
    outbox_scan(world.outbox, &world.reading, world.now_ms);
    world.looks += !before;
    return task_queue_take(&world.taken);
}

static void answer(struct task *task) {
    task->kind = TASK_ANSWERED;
    task->to = BOX_SENT;
    snprintf(task->target, sizeof(task->target), "Successed_%.200s", task->name);
    outbox_answer(task);
}

static void turn_away(struct task *task) {
    task->kind = TASK_LEFT;
    task->status = STATUS_BUSY;
    outbox_put_back(task);
}

static void one_look_serves_all_that_lies_there(void **state) {
    char name[32], before[32] = "";
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof(name), "m%03d.xml", i);
        drop(name);
    }
    size_t served = 0, turns = 0;
    while (served < FILES) {
        size_t together = 0;
        for (struct task *task = scan(), *next; task; task = next, served++, together++) {
            next = task->next;
            assert_true(strcmp(before, task->name) < 0);
            snprintf(before, sizeof(before), "%.31s", task->name);
            answer(task);
        }
        assert_in_range(together, 1, PLACES);
        turns++;
    }
    assert_int_equal(world.looks, 1);
    assert_int_equal(turns, (FILES + PLACES - 1) / PLACES);
    assert_null(scan());
    assert_null(world.outbox->listing); /* it has ended, and nothing asked for another */
}

/* The gateway was busy: nothing is taken until it may be asked again, and then what it turned away first. */
static void what_is_turned_away_is_the_next(void **state) {
    char name[32];
    for (int i = 0; i < 2 * PLACES; i++) {
        snprintf(name, sizeof(name), "m%03d.xml", i);
        drop(name);
    }
    struct task *first = scan(), *second = first->next;
    assert_string_equal(first->name, "m000.xml");
    for (struct task *task = second, *next; task; task = next) {
        next = task->next;
        answer(task);
    }
    turn_away(first);
    assert_null(scan());
    world.outbox->rest_ms = 0; /* later */
    struct task *task = scan();
    assert_string_equal(task->name, "m000.xml");
    assert_string_equal(task->next->name, "m016.xml");
    for (struct task *next; task; task = next) {
        next = task->next;
        answer(task);
    }
    assert_int_equal(world.looks, 1);
}

/* What comes behind the back of a look is found by the next, which is asked for. */
static void what_comes_meanwhile_is_looked_for(void **state) {
    drop("a.xml");
    struct task *task = scan();
    assert_null(world.outbox->listing); /* through already */
    outbox_look_again(world.outbox, world.now_ms + 20);
    assert_int_equal(world.outbox->scan_ms, world.now_ms + 20);
    answer(task);
    for (int i = 0; i < 2 * PLACES; i++) {
        char name[32];
        snprintf(name, sizeof(name), "m%03d.xml", i);
        drop(name);
    }
    task = scan();
    assert_non_null(world.outbox->listing); /* it stands where there was no place */
    drop("behind.xml");
    outbox_look_again(world.outbox, world.now_ms + 20);
    size_t served = 0;
    for (int turn = 0; turn < 10; turn++, task = scan()) {
        for (struct task *next; task; task = next, served++) {
            next = task->next;
            answer(task);
        }
    }
    assert_int_equal(served, 2 * PLACES + 1);
}

/* A long look is followed by a rest, however often it is asked for. */
static void a_crowd_that_is_never_taken_costs_little(void **state) {
    char name[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "m%04d.xml.part", i);
        drop(name);
    }
    while (world.outbox->listing || world.looks == 0) {
        assert_null(scan());
    }
    outbox_look_again(world.outbox, world.now_ms);
    assert_null(scan());
    assert_null(world.outbox->listing);
    assert_int_equal(world.outbox->scan_ms, world.now_ms + 5002 / 250);
    drop("m.xml"); /* what is moved in does not wait for that */
    outbox_moved_in(world.outbox, &world.reading, "m.xml");
    struct task *task = task_queue_take(&world.taken);
    assert_string_equal(task->name, "m.xml");
    answer(task);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_world, close_world)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(one_look_serves_all_that_lies_there),
        TEST(what_is_turned_away_is_the_next),
        TEST(what_comes_meanwhile_is_looked_for),
        TEST(a_crowd_that_is_never_taken_costs_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
