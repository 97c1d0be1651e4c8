/*
 * transitions.c - which events of which life cycles the scenarios play: each writes down its own, and once
 * all have played, all of them together must be every row of every table of states and events.
 */
#include "transitions.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "engine/part.h"

/* A line for each move of a thing that has a life cycle: "bookings book  booked". */
bool transitions_write(const struct house *house, const char *file) {
    FILE *out = fopen(file, "w");
    if (!out) {
        return false;
    }
    for (size_t i = 0; i < house->decisions_count; i++) {
        const struct decision *decision = &house->decisions[i].decision;
        for (size_t k = 0; k < decision->moves_count; k++) {
            const struct move *move = &decision->moves[k];
            if (lifecycle_of(move->part)) {
                fprintf(out, "%s %s %s\n", move->part, move->event, move->to);
            }
        }
    }
    return fclose(out) == 0;
}

static void read_all(const char *folder, struct buf *all) {
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char path[1024];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && file_read(path, all) == STATUS_OK) {
            buf_add_string(all, "\n");
        }
    }
    if (directory) {
        closedir(directory);
    }
}

/* "\nPART EVENT " begins a line. */
static bool is_played(const struct buf *all, const char *part, const char *event) {
    char line[256];
    int length = snprintf(line, sizeof(line), "\n%s %s ", part, event);
    return memmem(buf_text(all).at, all->length, line, (size_t)length) != NULL;
}

/* By a move to it, or, of a part whose moves are of many things at once, by an event that proves it. */
static bool is_reached(const struct buf *all, const struct lifecycle *lifecycle, const char *state) {
    struct text rest = buf_text(all);
    while (rest.at) {
        struct text words = text_until(&rest, '\n'), of = text_until(&words, ' ');
        text_until(&words, ' ');
        if (text_is(of, lifecycle->part) && text_is(words, state)) {
            return true;
        }
    }
    for (size_t i = 0; i < lifecycle->events_count; i++) {
        if (strcmp(lifecycle->events[i].to, state) == 0
            && is_played(all, lifecycle->part, lifecycle->events[i].name)) {
            return true;
        }
    }
    return false;
}

/* A token is replaced by the grant of another, whose move this is: tests/unit/test_engine_pickups.c. */
static bool is_of_another_move(const char *part, const char *state) {
    return strcmp(part, "pickups") == 0 && strcmp(state, "replaced") == 0;
}

int transitions_compare(const char *folder) {
    struct buf all;
    int missing = 0;
    buf_init(&all, 64u << 20);
    buf_add_string(&all, "\n");
    read_all(folder, &all);
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        const struct lifecycle *lifecycle = parts[i]->lifecycle;
        for (size_t k = 0; lifecycle && k < lifecycle->events_count; k++) {
            if (!is_played(&all, lifecycle->part, lifecycle->events[k].name)) {
                fprintf(stderr, "no scenario plays the event %s of %s\n", lifecycle->events[k].name,
                        lifecycle->part);
                missing++;
            }
        }
        for (size_t k = 0; lifecycle && k < lifecycle->states_count; k++) {
            if (!is_reached(&all, lifecycle, lifecycle->states[k].name)
                && !is_of_another_move(lifecycle->part, lifecycle->states[k].name)) {
                fprintf(stderr, "no scenario reaches the state %s of %s\n", lifecycle->states[k].name,
                        lifecycle->part);
                missing++;
            }
        }
    }
    buf_release(&all);
    return missing ? 1 : 0;
}
