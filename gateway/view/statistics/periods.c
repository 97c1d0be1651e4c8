/*
 * periods.c - parameters → days → the days they are compared with.
 */
#include "view/statistics/periods.h"

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

struct period period_of(const struct view_question *question) {
    struct period period;
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

const char *period_last_month(const struct view_question *question) {
    int year, month, day;
    if (view_value(question, "from").length || view_value(question, "to").length) {
        return NULL;
    }
    day_split(stamp_day(question->now), &year, &month, &day);
    return month == 1 ? arena_printf(question->arena, "%04d-12", year - 1)
                      : arena_printf(question->arena, "%04d-%02d", year, month - 1);
}

/* --- what it is compared with --------------------------------------------------------------------------- */

struct period period_before(struct period period) {
    int32_t days = period.next_day - period.first_day;
    bool is_month =
        is_first_of_month(period.first_day) && months_before(period.next_day, 1) == period.first_day;
    return (struct period){ is_month ? months_before(period.first_day, 1) : period.first_day - days,
                            period.first_day };
}

struct period period_year_before(struct period period) {
    int32_t last_day = period.next_day - 1;
    return (struct period){ months_before(period.first_day, 12), is_first_of_month(period.next_day)
                                                                     ? months_before(period.next_day, 12)
                                                                     : months_before(last_day, 12) + 1 };
}
