/*
 * inspections.c - rows of state.db, each lane put in the order of its queue as of now.
 */
#include "view/inspections.h"

#include <stdlib.h>
#include <string.h>

#include "edition/priorities.h"
#include "engine/inspection_queue.h"
#include "view/columns.h"
#include "view/names.h"
#include "view/page.h"
#include "view/sight.h"

struct inspection {
    const char *site, *lane, *state, *mode, *attendance, *priority, *own_id, *party, *subject;
    stamp slot_end, booked_at;
    int64_t record;
    struct queue_place place;
    bool waits; /* for its turn */
    size_t position;
    const struct inspection *before; /* in the queue; NULL: it is the first */
    enum queue_reason because;
    stamp now;
};

struct inspections {
    struct inspection rows[INSPECTIONS_ROWS_MAX];
    size_t count;
    bool more;         /* than were read */
    size_t first, end; /* of this page */
    const char *next;  /* where the one behind it begins; NULL: there is none */
};

/* --- the order ------------------------------------------------------------------------------------------ */

static int lane_order(const struct inspection *a, const struct inspection *b) {
    int order = strcmp(a->site, b->site);
    return order ? order : strcmp(a->lane, b->lane);
}

/* Those whose turn has come stand above the queue of their lane. */
static int order_of(const void *left, const void *right) {
    const struct inspection *a = left, *b = right;
    int order = lane_order(a, b);
    if (!order && a->waits != b->waits) {
        order = a->waits ? 1 : -1;
    }
    return order ? order : queue_compare(&a->place, &b->place, a->now, NULL);
}

static void count_places(struct inspections *all) {
    for (size_t i = 0; i < all->count; i++) {
        struct inspection *row = &all->rows[i], *before = i ? row - 1 : NULL;
        bool follows = row->waits && before && before->waits && lane_order(before, row) == 0;
        row->before = follows ? before : NULL;
        row->position = !row->waits ? 0 : follows ? before->position + 1 : 1;
        if (follows) {
            queue_compare(&before->place, &row->place, row->now, &row->because);
        }
    }
}

/* --- a page of it --------------------------------------------------------------------------------------- */

static struct page_keys keys_of(const struct inspection *row) {
    const struct queue_place *place = &row->place;
    return (struct page_keys){ { { .text = row->site },
                                 { .text = row->lane },
                                 { .number = row->waits },
                                 { .number = place->slot_start },
                                 { .number = place->waited_at },
                                 { .number = place->rank },
                                 { .number = place->cut_off },
                                 { .number = (int64_t)place->booked } } };
}

/* The last row of the page before as it stood then. */
static bool row_before(const struct view_question *question, struct inspection *row) {
    struct page_keys keys;
    if (!page_after(question, &keys)) {
        return false;
    }
    *row = (struct inspection){
        .site = keys.list[0].text,
        .lane = keys.list[1].text,
        .waits = keys.list[2].number != 0,
        .place = { keys.list[3].number, keys.list[4].number, (int)keys.list[5].number, keys.list[6].number,
                   (uint64_t)keys.list[7].number },
        .now = question->now,
    };
    return true;
}

/* A last lane that was not read to its end is left to the next page, unless there is no other. */
static void choose_page(const struct view_question *question, const struct inspection *before,
                        struct inspections *all) {
    size_t limit = page_limit(question, INSPECTIONS_ROWS_MAX), whole = all->count;
    while (before && all->first < all->count && order_of(before, &all->rows[all->first]) >= 0) {
        all->first++;
    }
    while (all->more && whole > all->first
           && lane_order(&all->rows[whole - 1], &all->rows[all->count - 1]) == 0) {
        whole--;
    }
    all->count = whole > all->first ? whole : all->count;
    bool is_cut = all->count - all->first > limit;
    all->end = is_cut ? all->first + limit : all->count;
    if ((is_cut || all->more) && all->end > all->first) {
        struct page_keys keys = keys_of(&all->rows[all->end - 1]);
        all->next = page_cursor(question, &keys);
    }
}

/* Lanes are read from their beginning, so that no place is counted wrong; those before the one in which the
 * page begins are not. */
static enum status read_rows(const struct view_question *question, struct inspections *all) {
    enum status status = STATUS_OK;
    struct inspection before;
    bool is_behind = row_before(question, &before);
    struct arena *arena = question->arena;
    struct store_query *query = store_query(
        state_store(question->source->state),
        "SELECT site, lane, state, mode, attendance, priority, own_id, party, subject, slot_start, slot_end,"
        " booked_at, waited_at, rank, cut_off, queued, (SELECT max(t.record)"
        " FROM timeline t WHERE t.subject = bookings.subject AND t.part = 'bookings' AND t.key = bookings.key"
        " AND t.event IN ('book', 'change', 'rebook')) FROM bookings"
        " WHERE state IN ('booked', 'positioned', 'opened') AND (?1 = '' OR site = ?1)"
        " AND (?3 IS NULL OR (site, lane) >= (?3, ?4))"
        " ORDER BY site, lane, slot_start, queued LIMIT ?2");
    store_bind_text(query, 1, view_value(question, "site"));
    store_bind_int(query, 2, INSPECTIONS_ROWS_MAX + 1);
    if (is_behind) {
        store_bind_string(query, 3, before.site);
        store_bind_string(query, 4, before.lane);
    }
    while (store_step(query, &status)) {
        if (all->count == INSPECTIONS_ROWS_MAX) {
            all->more = true;
            break;
        }
        struct inspection *row = &all->rows[all->count++];
        const char *texts[9];
        for (int i = 0; i < 9; i++) {
            texts[i] = arena_copy(arena, store_text(query, i));
        }
        *row = (struct inspection){ .site = texts[0],
                                    .lane = texts[1],
                                    .state = texts[2],
                                    .mode = texts[3],
                                    .attendance = texts[4],
                                    .priority = texts[5],
                                    .own_id = texts[6],
                                    .party = texts[7],
                                    .subject = texts[8],
                                    .slot_end = store_int(query, 10),
                                    .booked_at = store_int(query, 11),
                                    .record = store_int(query, 16),
                                    .place = { store_int(query, 9), store_int(query, 12),
                                               (int)store_int(query, 13), store_int(query, 14),
                                               (uint64_t)store_int(query, 15) },
                                    .waits = strcmp(texts[2], "booked") == 0,
                                    .now = question->now };
    }
    store_reset(query);
    qsort(all->rows, all->count, sizeof(*all->rows), order_of);
    count_places(all);
    choose_page(question, is_behind ? &before : NULL, all);
    return status;
}

/* --- who sees what -------------------------------------------------------------------------------------- */

static bool sees_whose(const struct view_question *question, const struct inspection *row) {
    const struct party *viewer = question->viewer;
    struct text subject = text_of(row->subject), port = text_until(&subject, '/');
    bool serves = viewer && (party_has_role(viewer, "yard") || party_has_role(viewer, "terminal"))
                  && party_list_has(viewer->serves, text_of(row->site));
    bool decides = viewer && party_has_role(viewer, "customs") && party_list_has(viewer->serves, port);
    return sight_is_whole(viewer) || serves || decides || strcmp(viewer->code, row->party) == 0;
}

static const char *name_of_priority(const struct view_question *question, const char *code,
                                    enum language language) {
    const struct priorities *priorities = question->source->edition->priorities;
    for (size_t i = 0; i < priorities->count; i++) {
        if (strcmp(priorities->list[i].code, code) == 0) {
            return language == LANGUAGE_ZH ? priorities->list[i].zh : priorities->list[i].en;
        }
    }
    return code;
}

/* --- as JSON -------------------------------------------------------------------------------------------- */

static void put_moment(struct json_out *out, const char *name, stamp at) {
    char text[STAMP_TEXT_MAX];
    json_put_string(out, name, at && at != INT64_MAX ? stamp_print(at, text) : "");
}

static void put_code(const struct view_question *question, struct json_out *out, const char *name,
                     const char *list, const char *code) {
    struct arena *arena = question->arena;
    json_put_string(out, name, code);
    json_put_string(out, arena_printf(arena, "%s_zh", name), name_of_code(question, list, code, LANGUAGE_ZH));
    json_put_string(out, arena_printf(arena, "%s_en", name), name_of_code(question, list, code, LANGUAGE_EN));
}

static void put_row(const struct view_question *question, const struct inspection *row,
                    struct json_out *out) {
    bool whose = sees_whose(question, row);
    json_open_object(out, NULL);
    json_put_string(out, "site", row->site);
    json_put_string(out, "lane", row->lane);
    json_put_int(out, "position", (int64_t)row->position);
    json_put_string(out, "state", row->state);
    json_put_string(out, "state_zh", name_of_state("bookings", row->state, LANGUAGE_ZH));
    json_put_string(out, "state_en", name_of_state("bookings", row->state, LANGUAGE_EN));
    put_moment(out, "slot_start", row->place.slot_start);
    put_moment(out, "slot_end", row->slot_end);
    put_code(question, out, "mode", "inspection_modes", row->mode);
    put_code(question, out, "attendance", "attendances", row->attendance);
    json_put_string(out, "priority", row->priority);
    json_put_string(out, "priority_zh", name_of_priority(question, row->priority, LANGUAGE_ZH));
    json_put_string(out, "priority_en", name_of_priority(question, row->priority, LANGUAGE_EN));
    put_moment(out, "cut_off", row->place.cut_off);
    put_moment(out, "booked_at", row->booked_at);
    put_moment(out, "waited_at", row->place.waited_at);
    json_put_string(out, "because", row->before ? queue_reason_text(row->because) : "");
    json_put_string(out, "because_zh", row->before ? queue_reason_zh(row->because) : "");
    json_put_string(out, "because_en", row->before ? queue_reason_en(row->because) : "");
    json_put_string(out, "booking", whose ? row->own_id : "");
    json_put_string(out, "party", whose ? row->party : "");
    json_put_string(out, "subject", whose ? row->subject : "");
    json_put_int(out, "record", whose ? row->record : 0);
    json_close_object(out);
}

static const struct shape_member inspection_members[] = {
    { "site", SHAPE_TEXT, .zh = "查验场地", .en = "the inspection site" },
    { "lane", SHAPE_TEXT, .zh = "共用名额的方式", .en = "the modes that share its slots" },
    { "position", SHAPE_NUMBER, .zh = "排位；0：已轮到",
      .en = "its place in the queue; 0: its turn has come" },
    { "state", SHAPE_NAMED, .zh = "状态", .en = "where the booking stands" },
    { "slot_start", SHAPE_TIME, .zh = "时段起", .en = "when its slot begins" },
    { "slot_end", SHAPE_TIME, .zh = "时段止", .en = "when its slot ends" },
    { "mode", SHAPE_NAMED, .zh = "查验方式", .en = "how it is inspected" },
    { "attendance", SHAPE_NAMED, .zh = "到场方式", .en = "who attends" },
    { "priority", SHAPE_NAMED, .zh = "优先级", .en = "its priority" },
    { "cut_off", SHAPE_TIME, .zh = "截关时间", .en = "by when the goods must be on the ship" },
    { "booked_at", SHAPE_TIME, .zh = "何时预约", .en = "when it was booked" },
    { "waited_at", SHAPE_TIME, .zh = "自何时起排在最前", .en = "from when on it comes first of all" },
    { "because", SHAPE_NAMED, .zh = "为何排在前一个之后",
      .en = "why the one before it comes before it; \"\" of the first" },
    { "booking", SHAPE_TEXT, .zh = "预约编号；不可见时为空",
      .en = "its own id; \"\" where it is not to be seen" },
    { "party", SHAPE_TEXT, .zh = "预约方；不可见时为空",
      .en = "whose it is; \"\" where it is not to be seen" },
    { "subject", SHAPE_TEXT, .zh = "货物；不可见时为空",
      .en = "the goods; \"\" where they are not to be seen" },
    { "record", SHAPE_NUMBER, .zh = "预约的记录；不可见时为 0",
      .en = "the record that books it as it stands; 0 where it is not to be seen" },
    SHAPE_END,
};

static const struct shape_member inspections_members[] = {
    { "inspections", SHAPE_LIST, .zh = "按场地、方式与次序",
      .en = "by site and lane, in the order of the queue", .of = SHAPE_OF(inspection_members) },
    PAGE_MEMBERS,
    SHAPE_END,
};

const struct shape inspections_shape = { .members = inspections_members };

enum status inspections_json(const struct view_question *question, struct json_out *out) {
    struct inspections *all = arena_alloc(question->arena, sizeof(*all));
    enum status status = read_rows(question, all);
    json_open_object(out, NULL);
    json_open_array(out, "inspections");
    for (size_t i = all->first; i < all->end; i++) {
        put_row(question, &all->rows[i], out);
    }
    json_close_array(out);
    page_put(question, all->next, out);
    json_close_object(out);
    return status;
}

/* --- for people ----------------------------------------------------------------------------------------- */

static void print_head(bool zh, struct buf *out) {
    column_left(out, zh ? "场地" : "site", 12);
    column_left(out, zh ? "位次" : "place", 6);
    column_left(out, zh ? "时段" : "slot", 16);
    column_left(out, zh ? "预约" : "booking", 20);
    column_left(out, zh ? "方式" : "mode", 27);
    column_left(out, zh ? "陪同" : "attendance", 14);
    column_left(out, zh ? "状态" : "state", 10);
    buf_add_string(out, zh ? "排在此处的理由" : "why it stands here");
    column_end(out);
}

/* By what it comes where it does: what it has, and what the one before it has. */
static void print_reason(const struct view_question *question, const struct inspection *row,
                         struct buf *out) {
    bool zh = question->language == LANGUAGE_ZH;
    char at[STAMP_TEXT_MAX];
    const char *between = "";
    if (!row->waits) {
        buf_add_string(out, zh ? "已轮到" : "its turn has come");
        return;
    }
    if (row->place.waited_at <= row->now) {
        buf_add_string(out, zh ? queue_reason_zh(QUEUE_WAITED) : queue_reason_en(QUEUE_WAITED));
        between = zh ? "；" : "; ";
    } else if (*row->priority) {
        buf_add_string(out, name_of_priority(question, row->priority, question->language));
        between = zh ? "；" : "; ";
    }
    if (row->place.cut_off) {
        buf_printf(out, "%s%s %s", between, zh ? "截关" : "cut-off", column_moment(row->place.cut_off, at));
        between = zh ? "；" : "; ";
    }
    buf_printf(out, "%s%s %s", between, zh ? "预约于" : "booked", column_moment(row->booked_at, at));
    if (row->before) {
        buf_printf(out, zh ? "；前一位%s" : "; the one before it %s",
                   zh ? queue_reason_zh(row->because) : queue_reason_en(row->because));
    }
}

static void print_row(const struct view_question *question, const struct inspection *row, struct buf *out) {
    bool zh = question->language == LANGUAGE_ZH, whose = sees_whose(question, row);
    char start[STAMP_TEXT_MAX];
    column_left(out, row->site, 12);
    column_left(out, row->waits ? arena_printf(question->arena, "%zu", row->position) : "-", 6);
    column_left(out, column_moment(row->place.slot_start, start), 16);
    column_left(out, whose ? row->own_id : zh ? "（他方）" : "(another's)", 20);
    column_left(out, name_of_code(question, "inspection_modes", row->mode, question->language), 27);
    column_left(out, name_of_code(question, "attendances", row->attendance, question->language), 14);
    column_left(out, name_of_state("bookings", row->state, question->language), 10);
    print_reason(question, row, out);
    column_end(out);
}

enum status inspections_print(const struct view_question *question, struct buf *out) {
    bool zh = question->language == LANGUAGE_ZH;
    struct inspections *all = arena_alloc(question->arena, sizeof(*all));
    enum status status = read_rows(question, all);
    if (all->first == all->end) {
        buf_add_string(out, zh ? "没有等待的查验\n" : "no inspection waits\n");
        return status;
    }
    print_head(zh, out);
    for (size_t i = all->first; i < all->end; i++) {
        print_row(question, &all->rows[i], out);
    }
    page_print(question, all->next, out);
    return status;
}
