/*
 * stamped_journal DATA WHEN...: a journal whose records were stamped then, by a clock of this program's, for
 * tests of what a gateway makes of the time it finds.
 */
#include <stdio.h>
#include <stdlib.h>

#include "journal/journal.h"

static stamp now;

static stamp wall(void) {
    return now;
}
static int64_t elapsed(void) {
    return now;
}

static void append(const char *data, const char *when) {
    struct journal_report report;
    struct journal *journal;
    struct record rec = { .kind = RECORD_TICK, .meta = TEXT("{}") };
    require(stamp_parse(text_of(when), &now));
    struct journal_options options = { .directory = data,
                                       .segment_size = 1 << 20,
                                       .reserve = 1,
                                       .clock = { wall, elapsed },
                                       .clock_gap = INT64_MAX };
    require(journal_open(&options, &journal, &report) == STATUS_OK);
    require(journal_append(journal, &rec, true) == STATUS_OK && rec.stamp == now);
    journal_close(journal);
}

int main(int argc, char **argv) {
    for (int i = 2; i < argc; i++) {
        append(argv[1], argv[i]);
    }
    return argc < 3;
}
