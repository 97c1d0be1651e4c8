/*
 * calendar.c - the slots of the edition, day by day, as JSON into one statement that counts the bookings of
 * each.
 */
#include "view/calendar.h"

#include <string.h>

#include "base/status.h"
#include "edition/slots.h"
#include "view/names.h"

#define DAYS_OTHERWISE 7
#define SLOTS_TEXT_MAX (4u << 20) /* of CALENDAR_ROWS_MAX slots: codes and names of some hundred bytes */

enum { SITE, SITE_ZH, SITE_EN, SITE_NAME, LANE, LANE_NAME, START, END, PLACES, TAKEN, MINE, OPEN };

/* --- which days ----------------------------------------------------------------------------------------- */

static void days_of(const struct view_question *question, int32_t *from, int32_t *to) {
    struct text first = view_value(question, "from"), last = view_value(question, "to");
    *from = stamp_day(question->now);
    require(!first.length || day_parse(first, from));
    *to = *from + DAYS_OTHERWISE - 1;
    require(!last.length || day_parse(last, to));
}

const struct view_parameter *calendar_wrong(const struct view_question *question) {
    int32_t from, to;
    days_of(question, &from, &to);
    return to < from || to - from >= CALENDAR_DAYS_MAX ? view_parameter(question->view, "to") : NULL;
}

/* --- the slots ------------------------------------------------------------------------------------------ */

struct slots_text {
    struct buf text;
    struct json_out out;
    size_t count, first; /* the first of this page */
};

static bool put_slot(const struct slot *slot, void *to) {
    struct slots_text *all = to;
    if (all->count > all->first + CALENDAR_ROWS_MAX) {
        return false;
    }
    if (all->count++ < all->first) {
        return true;
    }
    json_open_array(&all->out, NULL);
    json_put_string(&all->out, NULL, slot->site);
    json_put_string(&all->out, NULL, slot->site_zh);
    json_put_string(&all->out, NULL, slot->site_en);
    json_put_string(&all->out, NULL, slot->lane);
    json_put_int(&all->out, NULL, slot->start);
    json_put_int(&all->out, NULL, slot->end);
    json_put_int(&all->out, NULL, slot->places);
    json_close_array(&all->out);
    return true;
}

/* One more than are shown, so that it is known whether there are more. */
static const char *slots_as_json(const struct view_question *question, size_t first) {
    int32_t from, to;
    struct slots_text all = { .first = first };
    days_of(question, &from, &to);
    buf_init(&all.text, SLOTS_TEXT_MAX);
    json_start(&all.out, &all.text);
    json_open_array(&all.out, NULL);
    for (int32_t day = from; day <= to; day++) {
        slots_of_day(question->source->edition->slots, view_value(question, "site"), day, put_slot, &all);
    }
    json_close_array(&all.out);
    const char *text = buf_failed(&all.text) ? "[]" : arena_copy(question->arena, buf_text(&all.text));
    buf_release(&all.text);
    return text;
}

/* What stands in the edition has its number for a key. */
static struct store_query *ask(const struct view_question *question) {
    size_t first = page_first(question);
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,"
        " (SELECT count(*) FROM bookings b WHERE b.site = value ->> 0 AND b.slot_start = value ->> 4"
        " AND b.lane = value ->> 3 AND b.state IN ('booked', 'positioned', 'opened')),"
        " (SELECT count(*) FROM bookings b WHERE b.site = value ->> 0 AND b.slot_start = value ->> 4"
        " AND b.lane = value ->> 3 AND b.state IN ('booked', 'positioned', 'opened') AND b.party = ?2),"
        " value ->> 4 > ?3, key + ?4 FROM json_each(?1) WHERE" PAGE_BEHIND("key + ?4", ">",
                                                                           1) "ORDER BY key" PAGE_LIMIT);
    store_bind_string(query, 1, slots_as_json(question, first));
    store_bind_string(query, 2, question->viewer ? question->viewer->code : "");
    store_bind_int(query, 3, question->now);
    store_bind_int(query, 4, (int64_t)first);
    return query;
}

/* --- what they are called ------------------------------------------------------------------------------- */

static const char *name_of_site(const struct view_question *question, const union row_cell *cells,
                                enum language language) {
    (void)question;
    return language_pick(language, cells[SITE_ZH].text, cells[SITE_EN].text);
}

/* The modes that share it. */
static const char *name_of_lane(const struct view_question *question, const union row_cell *cells,
                                enum language language) {
    struct text rest = text_of(cells[LANE].text);
    const char *names = "";
    while (rest.at) {
        const char *mode = arena_copy(question->arena, text_until(&rest, ','));
        const char *between = !*names ? "" : language_pick(language, "、", "; ");
        names = arena_printf(question->arena, "%s%s%s", names, between,
                             name_of_code(question, "inspection_modes", mode, language));
    }
    return names;
}

static const struct row_column columns[] = {
    [SITE] = { .name = "site", .zh = "场地", .en = "site", .width = 12 },
    [SITE_ZH] = { .kind = ROW_TEXT },
    [SITE_EN] = { .kind = ROW_TEXT },
    [SITE_NAME] = { .name = "site",
                    .kind = ROW_WORDS,
                    .words = name_of_site,
                    .about_zh = "场地名称",
                    .about_en = "what the site is called" },
    [LANE] = { .name = "lane",
               .about_zh = "查验方式的组",
               .about_en = "which modes of inspection it is for" },
    [LANE_NAME] = { .name = "lane",
                    .kind = ROW_WORDS,
                    .words = name_of_lane,
                    .zh = "方式",
                    .en = "modes",
                    .width = 34 },
    [START] = { .name = "slot_start", .kind = ROW_TIME, .zh = "时段", .en = "slot", .width = 16 },
    [END] = { .name = "slot_end", .kind = ROW_TIME, .zh = "至", .en = "until", .width = 16 },
    [PLACES] = { .name = "places",
                 .kind = ROW_NUMBER,
                 .zh = "名额",
                 .en = "places",
                 .width = 6,
                 .is_right = true },
    [TAKEN] = { .name = "taken",
                .kind = ROW_NUMBER,
                .zh = "已约",
                .en = "taken",
                .width = 6,
                .is_right = true },
    [MINE] = { .name = "mine",
               .kind = ROW_NUMBER,
               .zh = "本方",
               .en = "yours",
               .width = 6,
               .is_right = true },
    [OPEN] = { .name = "open", .kind = ROW_FLAG, .zh = "可约", .en = "open" },
};

const struct rows calendar_rows = {
    .name = "slots",
    ROWS_COLUMNS(columns),
    .max = CALENDAR_ROWS_MAX,
    .keys = "n",
    .ask = ask,
    .none_zh = "这几天没有查验时段",
    .none_en = "no slot of these days",
};
