/*
 * slots.c - lanes of inspection sites and the slots they are cut into.
 */
#include "edition/slots.h"

#include <string.h>

#include "edition/block.h"
#include "edition/edition.h"

#define MINUTE (60 * STAMP_SECOND)

struct site {
    const char *code, *zh, *en;
};

struct lane {
    const struct site *site;
    const char *modes;
    int first_day, last_day; /* 0 Monday .. 6 Sunday */
    int from_minute, until_minute, each_minutes, places;
};

struct slots {
    struct lane lanes[SLOT_LANES_MAX];
    size_t count;
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

static bool read_site(struct block *block) {
    if (block->line->count != 4) {
        return false;
    }
    struct site *site = block->open = arena_alloc(block->arena, sizeof(*site));
    *site = (struct site){ block_word(block, 1), block_word(block, 2), block_word(block, 3) };
    return true;
}

static void tell(struct block *block, size_t word, const char *zh, const char *en) {
    block->spoilt = true;
    mistakes_add(&block->mistakes, mistake_word(block->line, word), NULL, zh, en);
}

/*     0     1      2       3            4    5   6      7    */
/*     slots MODES  mon-fri 08:30-11:30  each 60  places 4    */
static bool read_lane(struct block *block) {
    struct slots *slots = block->whole;
    const struct word *words = block->line->words;
    struct lane lane = { .site = block->open };
    if (block->line->count != 8) {
        return false;
    } else if (!block_is(block, 4, "each") || !block_is(block, 6, "places")) {
        return block_wrong(block, block_is(block, 4, "each") ? 6 : 4);
    } else if (!read_days(words[2].text, &lane)) {
        tell(block, 2, "应为一天或一段：mon-fri", "expected a day or a range of days: mon-fri");
    } else if (!read_hours(words[3].text, &lane)) {
        tell(block, 3, "应为时间段：08:30-11:30", "expected a time of day: 08:30-11:30");
    } else if (!read_number(words[5].text, 5, 24 * 60, &lane.each_minutes)) {
        tell(block, 5, "时段长度应为 5 至 1440 分钟", "a slot is 5 to 1440 minutes long");
    } else if (!read_number(words[7].text, 1, 10000, &lane.places)) {
        tell(block, 7, "名额应为 1 至 10000", "places are 1 to 10000");
    } else if (!block_full(block, slots->count, SLOT_LANES_MAX)) {
        lane.modes = block_word(block, 1);
        slots->lanes[slots->count++] = lane;
    }
    return true;
}

/* clang-format off */
static const struct block_key lines[] = {
    { "slots", BLOCK_MANY, read_lane, "方式 星期 时间 each 分钟 places 名额",
                                      "MODES DAYS HH:MM-HH:MM each MINUTES places NUMBER", NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "site", BLOCK_MANY, read_site, "代码 \"中文\" \"英文\"", "CODE \"zh\" \"en\"", lines, NULL },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct slots *slots_load(const struct edition *edition, struct verdict *mistakes) {
    struct slots *slots = arena_alloc(edition->arena, sizeof(*slots));
    struct block block = { .mistakes = { mistakes, "LINT-SLOT", NULL },
                           .arena = edition->arena,
                           .whole = slots };
    block_read_text(&block, edition, "slots", heads);
    return slots;
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

static bool has_mode(const struct lane *lane, struct text mode) {
    struct text rest = text_of(lane->modes);
    while (rest.at) {
        if (text_equal(text_until(&rest, ','), mode)) {
            return true;
        }
    }
    return false;
}

static struct slot slot_at(const struct lane *lane, stamp start) {
    return (struct slot){
        .site = lane->site->code,
        .site_zh = lane->site->zh,
        .site_en = lane->site->en,
        .lane = lane->modes,
        .start = start,
        .end = start + lane->each_minutes * MINUTE,
        .places = lane->places,
    };
}

enum slot_answer slots_find(const struct slots *slots, const char *site, const char *mode, stamp start,
                            struct slot *out) {
    enum slot_answer answer = SLOT_UNKNOWN;
    for (size_t i = 0; i < slots->count; i++) {
        const struct lane *lane = &slots->lanes[i];
        if (strcmp(lane->site->code, site) != 0 || !has_mode(lane, text_of(mode))) {
            continue;
        }
        answer = SLOT_CLOSED;
        if (slot_begins(lane, start)) {
            *out = slot_at(lane, start);
            return SLOT_OPEN;
        }
    }
    return answer;
}

void slots_of_day(const struct slots *slots, struct text site, int32_t day, slots_found *found, void *to) {
    int weekday = weekday_of(day);
    for (size_t i = 0; i < slots->count; i++) {
        const struct lane *lane = &slots->lanes[i];
        bool is_meant = !site.length || text_is(site, lane->site->code);
        if (!is_meant || weekday < lane->first_day || weekday > lane->last_day) {
            continue;
        }
        for (int minute = lane->from_minute; minute + lane->each_minutes <= lane->until_minute;
             minute += lane->each_minutes) {
            struct slot slot = slot_at(lane, stamp_of_day(day) + minute * MINUTE);
            if (!found(&slot, to)) {
                return;
            }
        }
    }
}
