/*
 * slots.c - lanes of inspection sites and the slots they are cut into.
 */
#include "engine/slots.h"

#include <string.h>

#include "engine/phrase.h"

#define MINUTE (60 * STAMP_SECOND)

struct lane {
    const char *site, *zh, *en, *modes;
    int first_day, last_day; /* 0 Monday .. 6 Sunday */
    int from_minute, until_minute, each_minutes, places;
};

struct slots {
    struct lane lanes[SLOT_LANES_MAX];
    size_t count;
};

struct loading {
    struct slots *slots;
    struct arena *arena;
    struct mistakes mistakes;
    const char *site, *zh, *en;
};

static const char *const day_names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

/* --- reading -------------------------------------------------------------------------------------------- */

static bool read_day(struct text text, int *out) {
    for (int i = 0; i < 7; i++) {
        if (text_is(text, day_names[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool read_days(struct text text, struct lane *lane) {
    struct text first = text_until(&text, '-');
    bool range = text.at != NULL;
    return read_day(first, &lane->first_day) && read_day(range ? text : first, &lane->last_day)
           && lane->first_day <= lane->last_day;
}

static bool read_time(struct text text, int *minute) {
    uint64_t hours, minutes;
    struct text hour = text_until(&text, ':');
    if (hour.length != 2 || text.length != 2 || !text_to_uint(hour, &hours)
        || !text_to_uint(text, &minutes)) {
        return false;
    }
    *minute = (int)(hours * 60 + minutes);
    return minutes < 60 && *minute <= 24 * 60;
}

static bool read_hours(struct text text, struct lane *lane) {
    struct text from = text_until(&text, '-');
    return text.at && read_time(from, &lane->from_minute) && read_time(text, &lane->until_minute)
           && lane->from_minute < lane->until_minute;
}

static bool read_number(struct text text, int min, int max, int *out) {
    uint64_t number;
    bool good = text_to_uint(text, &number) && number >= (uint64_t)min && number <= (uint64_t)max;
    *out = good ? (int)number : 0;
    return good;
}

/*     0     1      2       3            4    5   6      7    */
/*     slots MODES  mon-fri 08:30-11:30  each 60  places 4    */
static void read_lane(struct loading *loading, const struct line *line) {
    const struct word *words = line->words;
    struct lane lane = { .site = loading->site, .zh = loading->zh, .en = loading->en };
    if (line->count != 8 || !text_is(words[4].text, "each") || !text_is(words[6].text, "places")) {
        mistakes_add(&loading->mistakes, mistake_word(line, 0), NULL,
                     "应为：slots 方式 星期 时间 each 分钟 places 名额",
                     "expected: slots MODES DAYS HH:MM-HH:MM each MINUTES places NUMBER");
    } else if (!read_days(words[2].text, &lane)) {
        mistakes_add(&loading->mistakes, mistake_word(line, 2), NULL, "应为一天或一段：mon-fri",
                     "expected a day or a range of days: mon-fri");
    } else if (!read_hours(words[3].text, &lane)) {
        mistakes_add(&loading->mistakes, mistake_word(line, 3), NULL, "应为时间段：08:30-11:30",
                     "expected a time of day: 08:30-11:30");
    } else if (!read_number(words[5].text, 5, 24 * 60, &lane.each_minutes)) {
        mistakes_add(&loading->mistakes, mistake_word(line, 5), NULL, "时段长度应为 5 至 1440 分钟",
                     "a slot is 5 to 1440 minutes long");
    } else if (!read_number(words[7].text, 1, 10000, &lane.places)) {
        mistakes_add(&loading->mistakes, mistake_word(line, 7), NULL, "名额应为 1 至 10000",
                     "places are 1 to 10000");
    } else if (loading->slots->count == SLOT_LANES_MAX) {
        mistakes_add(&loading->mistakes, mistake_word(line, 0), NULL, "查验时段行数过多",
                     "too many lines of slots");
    } else {
        lane.modes = arena_copy(loading->arena, words[1].text);
        loading->slots->lanes[loading->slots->count++] = lane;
    }
}

static void read_line(const struct line *line, void *context) {
    struct loading *loading = context;
    struct text first = line->words[0].text;
    if (!line->indented && text_is(first, "site") && line->count == 4) {
        loading->site = arena_copy(loading->arena, line->words[1].text);
        loading->zh = arena_copy(loading->arena, line->words[2].text);
        loading->en = arena_copy(loading->arena, line->words[3].text);
    } else if (line->indented && text_is(first, "slots") && loading->site) {
        read_lane(loading, line);
    } else {
        mistakes_add(&loading->mistakes, mistake_word(line, 0), NULL,
                     "应为：site 代码 \"中文\" \"英文\"，或其下的 slots …",
                     "expected: site CODE \"zh\" \"en\", or below it: slots ...");
    }
}

struct slots *slots_load(const struct setup *setup, struct arena *arena, struct verdict *mistakes) {
    struct loading loading = { .slots = arena_alloc(arena, sizeof(struct slots)),
                               .arena = arena,
                               .mistakes = { mistakes, "LINT-SLOT", "slots" } };
    phrase_each_line(setup, arena, &loading.mistakes, read_line, &loading);
    return loading.slots;
}

/* --- asking --------------------------------------------------------------------------------------------- */

static int weekday_of(int32_t day) { /* 1970-01-01 was a Thursday */
    return (int)(((int64_t)day % 7 + 7 + 3) % 7);
}

static bool slot_begins(const struct lane *lane, stamp start) {
    int32_t day = stamp_day(start);
    stamp into_day = start - stamp_of_day(day);
    int weekday = weekday_of(day);
    if (into_day % MINUTE || weekday < lane->first_day || weekday > lane->last_day) {
        return false;
    }
    int minute = (int)(into_day / MINUTE);
    return minute >= lane->from_minute && minute + lane->each_minutes <= lane->until_minute
           && (minute - lane->from_minute) % lane->each_minutes == 0;
}

enum slot_answer slots_find(const struct slots *slots, const char *site, const char *mode, stamp start,
                            struct slot *out) {
    enum slot_answer answer = SLOT_UNKNOWN;
    for (size_t i = 0; i < slots->count; i++) {
        const struct lane *lane = &slots->lanes[i];
        if (strcmp(lane->site, site) != 0 || !phrase_list_has(text_of(lane->modes), text_of(mode))) {
            continue;
        }
        answer = SLOT_CLOSED;
        if (slot_begins(lane, start)) {
            *out = (struct slot){ lane->site,  lane->zh, lane->en,
                                  lane->modes, start,    start + lane->each_minutes * MINUTE,
                                  lane->places };
            return SLOT_OPEN;
        }
    }
    return answer;
}
