/*
 * transitions.c - which events of which life cycles the scenarios play: each writes down its own, and once
 * all have played, all of them together must be every row of every table of states and events.
 *
 * Case 661: and what may not be was tried, too. What customs or the port tells is never refused: each of its
 * events came once more where it says nothing new, and moved nothing. What a party asks for where it may not
 * be is refused by a code, by which some scenario was refused; so was something by each error of the engine's
 * rules. What a part makes of its own accord, it makes only where it may be.
 */
#include "transitions.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "edition/edition.h"
#include "edition/rule_set.h"
#include "engine/part.h"

/* Lines: "move|bookings|book|booked|" of each move of a thing that has a life cycle, to and from; "refused|I02"
 * of each code that refused something. */
bool transitions_write(const struct house *house, const char *file) {
    FILE *out = fopen(file, "w");
    if (!out) {
        return false;
    }
    for (size_t i = 0; i < house->decisions_count; i++) {
        const struct decision *decision = &house->decisions[i].decision;
        for (size_t k = 0; k < decision->moves_count; k++) {
            const struct move *move = &decision->moves[k];
            if (part_lifecycle(move->part)) {
                fprintf(out, "move|%s|%s|%s|%s\n", move->part, move->event, move->to, move->from);
            }
        }
        if (decision->result == RESULT_REFUSED) {
            fprintf(out, "refused|%s\n", decision->answer_code);
        }
        for (size_t k = 0; decision->result == RESULT_REFUSED && k < decision->findings.count; k++) {
            fprintf(out, "refused|%s\n", decision->findings.findings[k].code);
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

/* A line that begins so. */
__attribute__((format(printf, 2, 3))) static bool has_line(const struct buf *all, const char *format, ...) {
    char line[256] = "\n";
    va_list args;
    va_start(args, format);
    vsnprintf(line + 1, sizeof(line) - 1, format, args);
    va_end(args);
    return memmem(buf_text(all).at, all->length, line, strlen(line)) != NULL;
}

static bool is_played(const struct buf *all, const char *part, const char *event) {
    return has_line(all, "move|%s|%s|", part, event);
}

/* The next line about a move of the part. False: there is none. */
static bool next_move(struct text *rest, const char *part, struct text *event, struct text *to,
                      struct text *from) {
    while (rest->at) {
        struct text line = text_until(rest, '\n');
        if (text_is(text_until(&line, '|'), "move") && text_is(text_until(&line, '|'), part)) {
            *event = text_until(&line, '|');
            *to = text_until(&line, '|');
            *from = line.at ? line : TEXT("");
            return true;
        }
    }
    return false;
}

/* By a move to it, or, of a part whose moves are of many things at once, by an event that proves it. */
static bool is_reached(const struct buf *all, const struct lifecycle *lifecycle, const char *state) {
    struct text rest = buf_text(all), event, to, from;
    while (next_move(&rest, lifecycle->part, &event, &to, &from)) {
        if (text_is(to, state)) {
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

/* It came where the thing was that far already, or farther, and left it there. */
static bool came_late(const struct buf *all, const char *part, const char *name) {
    struct text rest = buf_text(all), event, to, from;
    while (next_move(&rest, part, &event, &to, &from)) {
        if (text_is(event, name) && from.length && text_equal(to, from)) {
            return true;
        }
    }
    return false;
}

#define BY_ITSELF NULL

/* clang-format off */
/* What is refused where it may not be, and by which code; BY_ITSELF: the part makes it, or makes nothing of it. */
static const struct {
    const char *part, *events, *code;
} guarded[] = {
    { "advance",         "advance|revoke|come|ordinary",             BY_ITSELF },
    { "alerts",          "watch|open|ack|end",                       BY_ITSELF },
    { "bookings",        "book|rebook|cancel",                       "I02" },
    { "bookings",        "result",                                   "I05" },
    { "bookings",        "NOSH|LEAV|POSN|OPEN|INSP|IDON",            BY_ITSELF },
    { "certificates",    "APPLY",                                    "O04" },
    { "certificates",    "TAKE|APPROVE|RETURN|REFUSE|REVOKE",        "O06" },
    { "certificates",    "REPLACE",                                  "O08" },
    { "certificates",    "ISSUE|LAPSE",                              BY_ITSELF },
    { "charges",         "publish|charge",                           "P02" },
    { "complaints",      "complain",                                 "K03" },
    { "complaints",      "reply",                                    "K04" },
    { "complaints",      "overdue",                                  BY_ITSELF },
    { "dangerous_goods", "DECLARE|RETURN|PERMIT|REFUSE",             "G05" },
    { "dangerous_goods", "DRAW|SELECT",                              BY_ITSELF },
    { "declarations",    "declare|imported|import-failed|revoke",    BY_ITSELF },
    { "direct",          "plan|ready|miss|done",                     BY_ITSELF },
    { "export_notices",  "watch|notify|withdraw|replace",            BY_ITSELF },
    { "export_notices",  "QUERY|RECEIVE",                            "N02" },
    { "imports",         "declare|delete",                           "C05" },
    { "imports",         "match|deliver",                            BY_ITSELF },
    { "lots",            "APPLY",                                    "B03" },
    { "lots",            "ADMIT|REJECT|START|PASS|FAIL",             "B04" },
    { "lots",            "CLOSE",                                    "B06" },
    { "measures",        "NEW|CHANGED|REPORTED|DONE|WITHDRAWN",      "N05" },
    { "papers",          "tell|change|delete",                       "C05" },
    { "papers",          "use|free",                                 BY_ITSELF },
    { "parcels",         "declare|delete",                           "C05" },
    { "parcels",         "match",                                    BY_ITSELF },
    { "pickups",         "grant",                                    "E02" },
    { "pickups",         "use",                                      "E04" },
    { "ratings",         "rate",                                     "F03" },
    { "ratings",         "reply",                                    "F04" },
    { "returns",         "apply",                                    "C13" },
    { "returns",         "delete",                                   "C05" },
    { "samples",         "take",                                     "Q05" },
    { "samples",         "fail|release",                             "Q04" },
    { "supplements",     "ask",                                      "U01" },
    { "supplements",     "answer",                                   "U02" },
    { "supplements",     "overdue",                                  BY_ITSELF },
    { "tallies",         "count|withdraw",                           "C05" },
    { "tallies",         "void",                                     BY_ITSELF },
    { "two_stage",       "ask|lift|admit|end",                       BY_ITSELF },
    { "two_step",        "summary|summary-warning|summary-overdue",  BY_ITSELF },
    { "two_step",        "complete",                                 "T01" },
    { "vessel_calls",    "REQUEST|DEFICIENT|PHYSICAL|CLEARED",       "V04" },
    { "waivers",         "ask",                                      "W02" },
    { "waivers",         "grant|deny|settle",                        BY_ITSELF },
};
/* clang-format on */

/* In the words of a row. */
static bool is_among(const char *events, const char *event) {
    struct text rest = text_of(events);
    while (rest.at) {
        if (text_is(text_until(&rest, '|'), event)) {
            return true;
        }
    }
    return false;
}

/* An event that proves a state was tried where it may not be. */
static bool was_tried(const struct buf *all, const char *part, const struct lifecycle_event *event) {
    for (size_t i = 0; i < sizeof(guarded) / sizeof(*guarded); i++) {
        if (strcmp(guarded[i].part, part) == 0 && is_among(guarded[i].events, event->name)) {
            return !guarded[i].code || has_line(all, "refused|%s\n", guarded[i].code);
        }
    }
    return came_late(all, part, event->name);
}

/* The engine's rules by which nothing was refused. */
static int rules_missing(const struct buf *all) {
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    struct arena *arena = arena_new();
    struct edition *edition = NULL;
    struct verdict mistakes;
    int missing = 0;
    verdict_init(&mistakes, arena);
    if (edition_load(&options, &edition, &mistakes) != STATUS_OK || mistakes.errors) {
        fprintf(stderr, "schemas cannot be read\n");
        missing++;
    }
    for (size_t i = 0; edition && i < edition->rules->count; i++) {
        const struct rule *rule = &edition->rules->list[i];
        bool refuses = rule->stage == RULE_ENGINE && rule->severity == SEVERITY_ERROR;
        if (refuses && !has_line(all, "refused|%s\n", rule->code)) {
            fprintf(stderr, "no scenario is refused by rule %s\n", rule->code);
            missing++;
        }
    }
    edition_release(edition);
    arena_free(arena);
    return missing;
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
            } else if (*lifecycle->events[k].to && !was_tried(&all, lifecycle->part, &lifecycle->events[k])) {
                fprintf(stderr, "no scenario tells the event %s of %s where it may not be\n",
                        lifecycle->events[k].name, lifecycle->part);
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
    missing += rules_missing(&all);
    buf_release(&all);
    return missing ? 1 : 0;
}
