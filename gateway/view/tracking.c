/*
 * tracking.c - the visible timeline (timeline.h) as JSON and on a terminal.
 */
#include "view/tracking.h"

#include <string.h>

#include "edition/modes.h"
#include "edition/segments.h"
#include "view/columns.h"
#include "view/timeline.h"

/* --- JSON ----------------------------------------------------------------------------------------------- */

static void put_moment(struct json_out *out, const char *key, stamp at) {
    char text[STAMP_TEXT_MAX];
    json_put_string(out, key, at ? stamp_print(at, text) : "");
}

static void open_thing(struct json_out *out, const struct timeline_thing *thing) {
    json_open_object(out, NULL);
    json_put_string(out, "id", thing->id);
    json_put_string(out, "party", thing->party);
    json_put_string(out, "state", thing->state);
    json_put_string(out, "state_zh", thing->state_zh);
    json_put_string(out, "state_en", thing->state_en);
}

static void put_modes(struct json_out *out, const struct modes *modes, struct text codes) {
    json_open_array(out, "modes");
    while (codes.length) {
        struct text code = text_until(&codes, ' ');
        const char *zh = mode_name(modes, code, LANGUAGE_ZH), *en = mode_name(modes, code, LANGUAGE_EN);
        json_open_object(out, NULL);
        json_put_text(out, "code", code);
        json_put_string(out, "zh", zh ? zh : "");
        json_put_string(out, "en", en ? en : "");
        json_close_object(out);
    }
    json_close_array(out);
}

static void put_declaration(struct json_out *out, const struct modes *modes,
                            const struct timeline_thing *thing) {
    open_thing(out, thing);
    put_modes(out, modes, text_of(thing->modes));
    json_put_string(out, "seq_no", thing->seq_no);
    json_put_string(out, "entry_number", thing->entry_number);
    json_close_object(out);
}

static void put_booking(struct json_out *out, const struct timeline_thing *thing) {
    open_thing(out, thing);
    json_put_string(out, "site", thing->site);
    put_moment(out, "slot_start", thing->slot_start);
    json_close_object(out);
}

static void put_milestone(struct json_out *out, const struct timeline_milestone *milestone) {
    json_open_object(out, NULL);
    json_put_string(out, "code", milestone->code);
    json_put_string(out, "zh", milestone->zh);
    json_put_string(out, "en", milestone->en);
    put_moment(out, "first", milestone->first);
    put_moment(out, "last", milestone->last);
    json_put_int(out, "record", (int64_t)milestone->record);
    json_put_string(out, "declaration", milestone->declaration);
    json_close_object(out);
}

/* The milestone that a line plans or expects: of "I:ARRI EST" ARRIVED; NULL: it tells what was, or does not
 * count any more. */
static const struct milestone *planned_by(const struct segments *segments, const struct timeline_line *line) {
    struct text classifier = text_of(line->event);
    text_until(&classifier, ':');
    struct text code = text_until(&classifier, ' ');
    bool plans = strcmp(line->part, "consignments") == 0 && classifier.length && !line->taken_back_by;
    return plans ? segments_planned_by(segments, code) : NULL;
}

struct plan {
    stamp at;
    uint64_t record; /* 0: nobody planned it */
};

static void plan(const struct segments *segments, const char *code, stamp at, uint64_t record,
                 struct plan plans[MILESTONES_MAX]) {
    const struct milestone *milestone = segments_milestone(segments, code);
    if (milestone && at && record > plans[milestone - segments->milestones].record) {
        plans[milestone - segments->milestones] = (struct plan){ at, record };
    }
}

/* The record that booked it, or moved it last. */
static uint64_t booked_by(const struct timeline_consignment *consignment,
                          const struct timeline_thing *booking) {
    static const char *const events[] = { "book", "change", "rebook" };
    uint64_t record = 0;
    for (size_t i = 0; i < consignment->lines_count; i++) {
        const struct timeline_line *line = &consignment->lines[i];
        for (size_t e = 0; e < sizeof(events) / sizeof(*events); e++) {
            bool books = strcmp(line->part, "bookings") == 0 && strcmp(line->key, booking->key) == 0
                         && strcmp(line->event, events[e]) == 0;
            record = books && line->record > record ? line->record : record;
        }
    }
    return record;
}

/* An inspection is planned for its slot, as long as the booking stands. */
static void plan_inspection(const struct segments *segments, const struct timeline_consignment *consignment,
                            const struct timeline_thing *booking, struct plan plans[MILESTONES_MAX]) {
    static const char *const standing[] = { "booked", "positioned", "opened", "done" };
    for (size_t i = 0; i < sizeof(standing) / sizeof(*standing); i++) {
        if (strcmp(booking->state, standing[i]) == 0) {
            uint64_t record = booked_by(consignment, booking);
            plan(segments, "INSP_ARRIVED", booking->slot_start, record, plans);
            plan(segments, "INSP_DONE", booking->slot_end, record, plans);
        }
    }
}

/* What is planned is as it was told last. */
static void put_planned(struct json_out *out, const struct segments *segments,
                        const struct timeline_consignment *consignment) {
    struct plan plans[MILESTONES_MAX] = { { 0 } };
    for (size_t i = 0; i < consignment->lines_count; i++) {
        const struct timeline_line *line = &consignment->lines[i];
        const struct milestone *milestone = planned_by(segments, line);
        if (milestone) {
            plan(segments, milestone->code, line->at, line->record, plans);
        }
    }
    for (size_t i = 0; i < consignment->bookings_count; i++) {
        plan_inspection(segments, consignment, &consignment->bookings[i], plans);
    }
    json_open_array(out, "planned");
    for (size_t i = 0; i < segments->milestones_count; i++) {
        if (plans[i].record) {
            json_open_object(out, NULL);
            json_put_string(out, "code", segments->milestones[i].code);
            json_put_string(out, "zh", segments->milestones[i].zh);
            json_put_string(out, "en", segments->milestones[i].en);
            put_moment(out, "at", plans[i].at);
            json_put_int(out, "record", (int64_t)plans[i].record);
            json_close_object(out);
        }
    }
    json_close_array(out);
}

/* The consignment's own lines for what its declarations tell say the same again. */
static bool is_shown(const struct timeline_line *line) {
    return strcmp(line->part, "consignments") != 0 || strchr(line->event, ':')
           || strcmp(line->event, "withdraw") == 0;
}

static void put_line(struct json_out *out, const struct view_question *question,
                     const struct timeline_line *line) {
    json_open_object(out, NULL);
    json_put_int(out, "record", (int64_t)line->record);
    put_moment(out, "recorded", line->recorded);
    put_moment(out, "at", line->at);
    json_put_string(out, "family", line->family);
    json_put_string(out, "party", line->party);
    if (*line->account && (!question->people || strcmp(question->people->code, line->party) == 0)) {
        json_put_string(out, "account", line->account);
    }
    json_put_string(out, "what_zh", line->zh);
    json_put_string(out, "what_en", line->en);
    json_put_string(out, "state", line->proves);
    json_put_string(out, "state_zh", line->state_zh);
    json_put_string(out, "state_en", line->state_en);
    if (line->taken_back_by) {
        json_put_int(out, "taken_back_by", (int64_t)line->taken_back_by);
    }
    json_close_object(out);
}

static void put_consignment(struct json_out *out, const struct view_question *question,
                            const struct timeline_consignment *consignment) {
    const struct edition *edition = question->source->edition;
    const struct modes *modes = edition->modes;
    const struct segments *segments = edition->segments;
    json_open_object(out, NULL);
    json_put_string(out, "subject", consignment->subject);
    json_put_string(out, "port", consignment->port);
    json_put_string(out, "bill", consignment->bill);
    json_put_string(out, "direction", consignment->direction);
    json_put_string(out, "state", consignment->state);
    json_put_string(out, "state_zh", consignment->state_zh);
    json_put_string(out, "state_en", consignment->state_en);
    json_open_array(out, "containers");
    for (size_t i = 0; i < consignment->containers_count; i++) {
        json_put_string(out, NULL, consignment->containers[i]);
    }
    json_close_array(out);
    json_open_array(out, "declarations");
    for (size_t i = 0; i < consignment->declarations_count; i++) {
        put_declaration(out, modes, &consignment->declarations[i]);
    }
    json_close_array(out);
    json_open_array(out, "bookings");
    for (size_t i = 0; i < consignment->bookings_count; i++) {
        put_booking(out, &consignment->bookings[i]);
    }
    json_close_array(out);
    json_open_array(out, "milestones");
    for (size_t i = 0; i < consignment->milestones_count; i++) {
        put_milestone(out, &consignment->milestones[i]);
    }
    json_close_array(out);
    put_planned(out, segments, consignment);
    json_open_array(out, "timeline");
    for (size_t i = 0; i < consignment->lines_count; i++) {
        if (is_shown(&consignment->lines[i])) {
            put_line(out, question, &consignment->lines[i]);
        }
    }
    json_close_array(out);
    json_put_bool(out, "more", consignment->more);
    json_close_object(out);
}

/* clang-format off */
#define THING_MEMBERS                                                             \
    { "id", SHAPE_TEXT, .zh = "自编号", .en = "its own id" },                                  \
    { "party", SHAPE_TEXT, .zh = "提交方", .en = "whose it is" },                              \
    { "state", SHAPE_NAMED, .zh = "状态", .en = "where it stands in its life cycle" }
/* clang-format on */

static const struct shape_member mode_members[] = {
    { "code", SHAPE_TEXT, .zh = "代码", .en = "its code" },
    { "", SHAPE_WORDS, .zh = "名称", .en = "what it is called" },
    SHAPE_END,
};

static const struct shape_member declaration_members[] = {
    THING_MEMBERS,
    { "modes", SHAPE_LIST, .zh = "申报模式（普通模式除外）", .en = "how it is declared, where not as usual",
      .of = SHAPE_OF(mode_members) },
    { "seq_no", SHAPE_TEXT, .zh = "统一编号", .en = "the number of the single window" },
    { "entry_number", SHAPE_TEXT, .zh = "海关编号", .en = "the number of customs" },
    SHAPE_END,
};

static const struct shape_member booking_members[] = {
    THING_MEMBERS,
    { "site", SHAPE_TEXT, .zh = "查验场地", .en = "the inspection site" },
    { "slot_start", SHAPE_TIME, .zh = "预约时段", .en = "when its slot begins" },
    SHAPE_END,
};

static const struct shape_member milestone_members[] = {
    { "code", SHAPE_TEXT, .zh = "节点代码", .en = "its code" },
    { "", SHAPE_WORDS, .zh = "名称", .en = "what it is called" },
    { "first", SHAPE_TIME, .zh = "最早时间", .en = "when it was reached first" },
    { "last", SHAPE_TIME, .zh = "最晚时间", .en = "when it was reached last, as by several containers" },
    { "record", SHAPE_NUMBER, .zh = "告知的记录", .en = "the record that told it" },
    { "declaration", SHAPE_TEXT, .zh = "所属报关单", .en = "the declaration it belongs to, or \"\"" },
    SHAPE_END,
};

static const struct shape_member planned_members[] = {
    { "code", SHAPE_TEXT, .zh = "节点代码", .en = "the milestone" },
    { "", SHAPE_WORDS, .zh = "名称", .en = "what it is called" },
    { "at", SHAPE_TIME, .zh = "计划或预计时间，查验为所约时段",
      .en = "when it is planned or expected, as told last; an inspection for its slot" },
    { "record", SHAPE_NUMBER, .zh = "告知的记录", .en = "the record that told it" },
    SHAPE_END,
};

static const struct shape_member line_members[] = {
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "the record" },
    { "recorded", SHAPE_TIME, .zh = "记录时间", .en = "when it was recorded" },
    { "at", SHAPE_TIME, .zh = "发生时间", .en = "when it happened" },
    { "family", SHAPE_TEXT, .zh = "报文种类", .en = "the family of the message" },
    { "party", SHAPE_TEXT, .zh = "告知方", .en = "who told it" },
    { "account", SHAPE_TEXT, .zh = "提交人（本方与运维可见）",
      .en = "the person who handed it over, for his party and the operator", .is_optional = true },
    { "what", SHAPE_WORDS, .zh = "发生了什么", .en = "what happened" },
    { "state", SHAPE_NAMED, .zh = "此后的状态", .en = "the state it led to, or \"\"" },
    { "taken_back_by", SHAPE_NUMBER, .zh = "更正或撤回它的记录",
      .en = "the record that corrected or withdrew it", .is_optional = true },
    SHAPE_END,
};

static const struct shape_member consignment_members[] = {
    { "subject", SHAPE_TEXT, .zh = "货物：口岸/提单", .en = "the goods: port and bill of lading" },
    { "port", SHAPE_TEXT, .zh = "口岸", .en = "the port" },
    { "bill", SHAPE_TEXT, .zh = "提单", .en = "the bill of lading" },
    { "direction", SHAPE_TEXT, .zh = "import、export 或空", .en = "import, export or \"\"" },
    { "state", SHAPE_NAMED, .zh = "状态", .en = "where it stands" },
    { "containers", SHAPE_TEXTS, .zh = "箱号", .en = "its containers" },
    { "declarations", SHAPE_LIST, .zh = "报关单", .en = "its declarations",
      .of = SHAPE_OF(declaration_members) },
    { "bookings", SHAPE_LIST, .zh = "查验预约", .en = "its bookings of inspections",
      .of = SHAPE_OF(booking_members) },
    { "milestones", SHAPE_LIST, .zh = "已到达的节点", .en = "the milestones it has reached",
      .of = SHAPE_OF(milestone_members) },
    { "planned", SHAPE_LIST, .zh = "计划或预计的节点", .en = "those that are planned or expected",
      .of = SHAPE_OF(planned_members) },
    { "timeline", SHAPE_LIST, .zh = "时间线", .en = "what happened, in its order",
      .of = SHAPE_OF(line_members) },
    { "more", SHAPE_FLAG, .zh = "时间线还有更多", .en = "whether the timeline has more" },
    SHAPE_END,
};

static const struct shape_member tracking_members[] = {
    { "query", SHAPE_TEXT, .zh = "所查编号", .en = "what was asked for" },
    { "consignments", SHAPE_LIST, .zh = "可见的票货",
      .en = "the consignments, as the asking party may see them", .of = SHAPE_OF(consignment_members) },
    SHAPE_END,
};

const struct shape tracking_shape = { .members = tracking_members };

static enum status look(const struct view_question *question, struct timeline_view *out) {
    const struct view_source *source = question->source;
    return timeline_look(source->state, source->edition, question->viewer, view_value(question, "query"),
                         question->arena, out);
}

enum status tracking_json(const struct view_question *question, struct json_out *out) {
    struct timeline_view view;
    enum status status = look(question, &view);
    if (status != STATUS_OK) {
        return status;
    }
    json_open_object(out, NULL);
    json_put_string(out, "query", view.query);
    json_open_array(out, "consignments");
    for (size_t i = 0; i < view.count; i++) {
        put_consignment(out, question, &view.consignments[i]);
    }
    json_close_array(out);
    json_close_object(out);
    return STATUS_OK;
}

/* --- on a terminal -------------------------------------------------------------------------------------- */

static const char *direction_name(const char *direction, bool zh) {
    return strcmp(direction, "import") == 0   ? (zh ? "进口" : "import")
           : strcmp(direction, "export") == 0 ? (zh ? "出口" : "export")
                                              : "";
}

static void print_things(struct buf *out, const struct timeline_thing *things, size_t count, bool zh,
                         const char *label) {
    char at[STAMP_TEXT_MAX];
    for (size_t i = 0; i < count; i++) {
        const struct timeline_thing *thing = &things[i];
        buf_add_string(out, "  ");
        column_left(out, i ? "" : label, zh ? 8 : 12);
        column_left(out, thing->id, 20);
        column_left(out, zh ? thing->state_zh : thing->state_en, zh ? 10 : 24);
        column_left(out, *thing->site ? thing->site : thing->entry_number, 18);
        buf_add_string(out, column_moment(thing->slot_start, at));
        column_end(out);
    }
}

/* Of each declaration that was made in another mode than the ordinary one. */
static void print_modes(struct buf *out, const struct modes *modes,
                        const struct timeline_consignment *consignment, enum language language) {
    bool first = true;
    for (size_t i = 0; i < consignment->declarations_count; i++) {
        const struct timeline_thing *thing = &consignment->declarations[i];
        struct text codes = text_of(thing->modes);
        if (!codes.length) {
            continue;
        }
        buf_add_string(out, "  ");
        column_left(out, first ? language_pick(language, "申报模式", "modes") : "",
                    language == LANGUAGE_ZH ? 8 : 12);
        column_left(out, thing->id, 20);
        while (codes.length) {
            struct text code = text_until(&codes, ' ');
            const char *name = mode_name(modes, code, language);
            buf_add_text(out, name ? text_of(name) : code);
            buf_add_string(out, codes.length ? language_pick(language, "、", ", ") : "");
        }
        column_end(out);
        first = false;
    }
}

static void print_milestones(struct buf *out, const struct timeline_consignment *consignment, bool zh) {
    char first[STAMP_TEXT_MAX], last[STAMP_TEXT_MAX];
    for (size_t i = 0; i < consignment->milestones_count; i++) {
        const struct timeline_milestone *milestone = &consignment->milestones[i];
        buf_add_string(out, "  ");
        column_left(out, i ? "" : zh ? "里程碑" : "milestones", zh ? 8 : 12);
        column_left(out, zh ? milestone->zh : milestone->en, zh ? 12 : 26);
        column_left(out, column_moment(milestone->first, first), 16);
        buf_add_string(out, milestone->last == milestone->first ? "" : column_moment(milestone->last, last));
        column_end(out);
    }
}

/* One event may move the booking and the consignment alike: to a reader it happened once. */
static bool is_said(const struct timeline_consignment *consignment, size_t i) {
    const struct timeline_line *line = &consignment->lines[i];
    return i > 0 && is_shown(&line[-1]) && line[-1].record == line->record
           && strcmp(line[-1].en, line->en) == 0;
}

static void print_timeline(struct buf *out, const struct timeline_consignment *consignment, bool zh) {
    char at[STAMP_TEXT_MAX];
    bool first = true;
    for (size_t i = 0; i < consignment->lines_count; i++) {
        const struct timeline_line *line = &consignment->lines[i];
        if (!is_shown(line) || is_said(consignment, i)) {
            continue;
        }
        buf_add_string(out, "  ");
        column_left(out, first ? (zh ? "时间线" : "timeline") : "", zh ? 8 : 12);
        column_left(out, column_moment(line->at, at), 16);
        column_left(out, zh ? line->zh : line->en, zh ? 20 : 32);
        column_left(out, line->party, 12);
        buf_printf(out, "#%llu", (unsigned long long)line->record);
        column_end(out);
        first = false;
    }
    if (consignment->more) {
        buf_add_string(out, zh ? "  ……还有更多\n" : "  ... and more\n");
    }
}

static void print_consignment(struct buf *out, const struct modes *modes,
                              const struct timeline_consignment *consignment, bool zh) {
    const char *direction = direction_name(consignment->direction, zh);
    buf_printf(out, "%s%s%s%s%s\n", consignment->subject, *direction ? "  " : "", direction,
               *consignment->state ? "  " : "", zh ? consignment->state_zh : consignment->state_en);
    for (size_t i = 0; i < consignment->containers_count; i++) {
        buf_add_string(out, "  ");
        column_left(out, i ? "" : zh ? "集装箱" : "containers", zh ? 8 : 12);
        buf_add_string(out, consignment->containers[i]);
        column_end(out);
    }
    print_things(out, consignment->declarations, consignment->declarations_count, zh,
                 zh ? "报关单" : "declarations");
    print_things(out, consignment->bookings, consignment->bookings_count, zh, zh ? "查验预约" : "bookings");
    print_modes(out, modes, consignment, zh ? LANGUAGE_ZH : LANGUAGE_EN);
    print_milestones(out, consignment, zh);
    print_timeline(out, consignment, zh);
}

enum status tracking_print(const struct view_question *question, struct buf *out) {
    struct timeline_view view;
    enum status status = look(question, &view);
    for (size_t i = 0; status == STATUS_OK && i < view.count; i++) {
        if (i) {
            buf_add_char(out, '\n');
        }
        print_consignment(out, question->source->edition->modes, &view.consignments[i],
                          question->language == LANGUAGE_ZH);
    }
    return status;
}
