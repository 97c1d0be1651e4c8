/*
 * periods.c - parameters → days → the days they are compared with.
 */
#include "view/statistics/periods.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "view/statistics/snapshots.h"

static bool is_first_of_month(int32_t day) {
    int year, month, day_of_month;
    day_split(day, &year, &month, &day_of_month);
    return day_of_month == 1;
}

/* The same day so many months before, or the last of that month when it has none of that number. */
static int32_t months_before(int32_t day, int months) {
    int year, month, day_of_month;
    day_split(day, &year, &month, &day_of_month);
    int count = year * 12 + (month - 1) - months;
    int32_t first = day_of(count / 12, count % 12 + 1, 1);
    int32_t next = day_of((count + 1) / 12, (count + 1) % 12 + 1, 1);
    return first + day_of_month - 1 < next ? first + day_of_month - 1 : next - 1;
}

/* --- what is asked -------------------------------------------------------------------------------------- */

const struct view_parameter *period_wrong(const struct view_question *question) {
    struct text from = view_value(question, "from"), to = view_value(question, "to");
    bool by_month = view_value(question, "month").length > 0, by_days = from.length || to.length;
    int32_t first_day, last_day;
    if (by_month == by_days) {
        return view_parameter(question->view, "month");
    }
    if (by_days && !(day_parse(from, &first_day) && day_parse(to, &last_day) && first_day <= last_day)) {
        return view_parameter(question->view, from.length ? "to" : "from");
    }
    return NULL;
}

static bool is_told(const struct view_question *question, const char *name) {
    return view_value(question, name).length > 0;
}

const struct view_parameter *period_known_wrong(const struct view_question *question) {
    if (!is_told(question, "snapshot")) {
        return period_wrong(question);
    }
    bool days = is_told(question, "month") || is_told(question, "from") || is_told(question, "to");
    return days                         ? view_parameter(question->view, "snapshot")
           : is_told(question, "as-of") ? view_parameter(question->view, "as-of")
                                        : NULL;
}

struct period period_of(const struct view_question *question) {
    struct period period = { .as_of = 0 };
    struct text month = view_value(question, "month");
    if (month.length) {
        require(month_parse(month, &period.first_day, &period.next_day));
    } else {
        require(day_parse(view_value(question, "from"), &period.first_day)
                && day_parse(view_value(question, "to"), &period.next_day));
        period.next_day++;
    }
    return period;
}

static enum status refuse_snapshot(const struct view_question *question) {
    struct state *state = question->source->state;
    uint64_t asked = view_number(question, "snapshot"), count = snapshots_count(state);
    enum status failure = state_take_failure(state);
    if (failure != STATUS_OK) {
        return failure;
    }
    return view_refuse(
        question, STATUS_NOT_FOUND,
        count
            ? (struct view_refusal){ NULL,
                                     arena_printf(question->arena,
                                                  "没有快照 %" PRIu64 "：快照有 1 至 %" PRIu64, asked, count),
                                     arena_printf(question->arena,
                                                  "there is no snapshot %" PRIu64 ", there are 1 to %" PRIu64,
                                                  asked, count) }
            : (struct view_refusal){ NULL, "没有快照：还没有月份定稿",
                                     "there is no snapshot: no month was closed yet" });
}

static enum status find_snapshot(const struct view_question *question, struct period *out) {
    struct snapshot snapshot;
    bool found =
        snapshot_find(question->source->state, view_number(question, "snapshot"), question->arena, &snapshot);
    enum status failure = state_take_failure(question->source->state);
    if (failure != STATUS_OK) {
        return failure;
    }
    if (!found || !month_parse(text_of(snapshot.month), &out->first_day, &out->next_day)) {
        return refuse_snapshot(question);
    }
    out->as_of = snapshot.record;
    return STATUS_OK;
}

/* By what is known at the end of a day. What will be known on one that is to come nobody knows; the last
 * record may be ahead of a clock that was put back. */
static enum status find_day(const struct view_question *question, int32_t day, struct period *out) {
    struct state *state = question->source->state;
    stamp last = snapshot_last_recorded(state), now = last > question->now ? last : question->now;
    enum status failure = state_take_failure(state);
    char today[STAMP_TEXT_MAX];
    if (failure == STATUS_OK && day > stamp_day(now)) {
        day_print(stamp_day(now), today);
        return view_refuse(
            question, STATUS_BAD_INPUT,
            (struct view_refusal){
                view_parameter(question->view, "as-of")->code,
                arena_printf(question->arena, "as-of 不能晚于今天（%s）：届时会知道什么，现在还无从得知",
                             today),
                arena_printf(question->arena,
                             "as-of is no day after today, %s: what will be known then, nobody knows yet",
                             today) });
    }
    out->as_of = failure == STATUS_OK ? snapshot_record_before(state, day + 1) : 0;
    failure = failure == STATUS_OK ? state_take_failure(state) : failure;
    if (failure == STATUS_OK && !out->as_of) {
        day_print(day, today);
        return view_refuse(
            question, STATUS_NOT_FOUND,
            (struct view_refusal){
                NULL, arena_printf(question->arena, "截至 %s 还没有任何记录", today),
                arena_printf(question->arena, "nothing was recorded yet at the end of %s", today) });
    }
    return failure;
}

enum status period_find(const struct view_question *question, struct period *out) {
    int32_t day;
    if (is_told(question, "snapshot")) {
        *out = (struct period){ .as_of = 0 };
        return find_snapshot(question, out);
    }
    *out = period_of(question);
    return day_parse(view_value(question, "as-of"), &day) ? find_day(question, day, out) : STATUS_OK;
}

/* Some questions know of no snapshots. */
static bool is_of_snapshot(const struct view_question *question) {
    size_t i = 0, count = view_parameters_count(question->view);
    while (i < count && strcmp(question->view->parameters[i].name, "snapshot") != 0) {
        i++;
    }
    return i < count && question->values[i].length > 0;
}

const char *period_last_month(const struct view_question *question) {
    int year, month, day;
    if (view_value(question, "from").length || view_value(question, "to").length
        || is_of_snapshot(question)) {
        return NULL;
    }
    day_split(stamp_day(question->now), &year, &month, &day);
    return month == 1 ? arena_printf(question->arena, "%04d-12", year - 1)
                      : arena_printf(question->arena, "%04d-%02d", year, month - 1);
}

/* --- what it is compared with --------------------------------------------------------------------------- */

/* Before any moment that is told; stamps reach further back. */
#define EARLIEST_YEAR 1700

/* How many whole months it is; 0: it is not. */
static int months_of(struct period period) {
    int from_year, from_month, until_year, until_month, day;
    if (!is_first_of_month(period.first_day) || !is_first_of_month(period.next_day)) {
        return 0;
    }
    day_split(period.first_day, &from_year, &from_month, &day);
    day_split(period.next_day, &until_year, &until_month, &day);
    return (until_year - from_year) * 12 + until_month - from_month;
}

static bool is_month(struct period period) {
    return months_of(period) == 1;
}

enum status period_refuse_empty(const struct view_question *question, struct period period) {
    char first[STAMP_TEXT_MAX], last[STAMP_TEXT_MAX];
    day_print(period.first_day, first);
    day_print(period.next_day - 1, last);
    return view_refuse(
        question, STATUS_NOT_FOUND,
        (struct view_refusal){
            NULL, arena_printf(question->arena, "%s 至 %s 没有放行的报关单", first, last),
            arena_printf(question->arena, "no declaration was released from %s to %s", first, last) });
}

const char *period_month(struct period period, struct arena *arena) {
    require(period.first_day < period.next_day);
    int year, month, day;
    day_split(period.first_day, &year, &month, &day);
    return is_month(period) ? arena_printf(arena, "%04d-%02d", year, month) : "";
}

struct period period_before(struct period period) {
    require(period.first_day < period.next_day);
    int32_t days = period.next_day - period.first_day, earliest = day_of(EARLIEST_YEAR, 1, 1);
    int months = months_of(period);
    int32_t first = months ? months_before(period.first_day, months) : period.first_day - days;
    return (struct period){ first > earliest ? first : earliest, period.first_day, period.as_of };
}

struct period period_year_before(struct period period) {
    require(period.first_day < period.next_day);
    int32_t last_day = period.next_day - 1;
    return (struct period){ months_before(period.first_day, 12),
                            is_first_of_month(period.next_day) ? months_before(period.next_day, 12)
                                                               : months_before(last_day, 12) + 1,
                            period.as_of };
}
