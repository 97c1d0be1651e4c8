/*
 * stamp.c - the calendar is Howard Hinnant's days_from_civil / civil_from_days
 * (howardhinnant.github.io/date_algorithms.html): years begin in March, so the leap day is the last.
 */
#include "base/stamp.h"

#include <stdio.h>
#include <time.h>

#include "base/status.h"

#define DAY_S INT64_C(86400)

/* What does not fit becomes the stamp nearest to it. */
static stamp stamp_of_second(int64_t second, int64_t ns) {
    stamp at;
    bool beyond = __builtin_mul_overflow(second, STAMP_SECOND, &at) || __builtin_add_overflow(at, ns, &at);
    return !beyond ? at : second < 0 ? INT64_MIN : INT64_MAX;
}

stamp stamp_now(void) {
    struct timespec now;
    require(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return stamp_of_second(now.tv_sec, now.tv_nsec);
}

int64_t stamp_monotonic_ns(void) {
    struct timespec now;
    require(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t stamp_monotonic_ms(void) {
    return stamp_monotonic_ns() / 1000000;
}

static int64_t floor_divide(int64_t value, int64_t by) {
    return value / by - (value % by < 0);
}

/* --- days ------------------------------------------------------------------------------------------ */

int32_t day_of(int year, int month, int day) {
    require(month >= 1 && month <= 12);
    year -= month <= 2;
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void day_split(int32_t day, int *year, int *month, int *day_of_month) {
    int64_t shifted = (int64_t)day + 719468;
    int era = (int)floor_divide(shifted, 146097);
    int day_of_era = (int)(shifted - (int64_t)era * 146097);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    *day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march + (month_from_march < 10 ? 3 : -9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

bool calendar_has(int32_t day) {
    return day >= CALENDAR_FIRST && day <= CALENDAR_LAST;
}

static int days_in_month(int year, int month) {
    int next_year = month == 12 ? year + 1 : year;
    return day_of(next_year, month % 12 + 1, 1) - day_of(year, month, 1);
}

/* --- reading: each takes what it knows off the front of rest ----------------------------------------- */

static bool take_number(struct text *rest, size_t digits, int *out) {
    if (rest->length < digits) {
        return false;
    }
    int value = 0;
    for (size_t i = 0; i < digits; i++) {
        unsigned digit = (unsigned)(rest->at[i] - '0');
        if (digit > 9) {
            return false;
        }
        value = value * 10 + (int)digit;
    }
    rest->at += digits;
    rest->length -= digits;
    *out = value;
    return true;
}

static bool take_char(struct text *rest, char c) {
    if (rest->length == 0 || rest->at[0] != c) {
        return false;
    }
    rest->at++;
    rest->length--;
    return true;
}

static bool take_month(struct text *rest, int *year, int *month) {
    return take_number(rest, 4, year) && take_char(rest, '-') && take_number(rest, 2, month) && *year >= 1
           && *month >= 1 && *month <= 12;
}

static bool take_day(struct text *rest, int32_t *out) {
    int year, month, day;
    if (!take_month(rest, &year, &month) || !take_char(rest, '-') || !take_number(rest, 2, &day) || day < 1
        || day > days_in_month(year, month)) {
        return false;
    }
    *out = day_of(year, month, day);
    return true;
}

/* No leap second: a stamp has no place for it, and 24:00:00 is the next day's 00:00:00. */
static bool take_time(struct text *rest, int *second_of_day, int *ns) {
    int hour, minute, second;
    if (!take_number(rest, 2, &hour) || !take_char(rest, ':') || !take_number(rest, 2, &minute)
        || !take_char(rest, ':') || !take_number(rest, 2, &second) || hour > 23 || minute > 59
        || second > 59) {
        return false;
    }
    *second_of_day = hour * 3600 + minute * 60 + second;
    *ns = 0;
    if (take_char(rest, '.')) {
        int digit, unit = 100000000; /* digits below the nanosecond are read and dropped */
        if (!take_number(rest, 1, &digit)) {
            return false;
        }
        do {
            *ns += digit * unit;
            unit /= 10;
        } while (take_number(rest, 1, &digit));
    }
    return true;
}

static bool take_zone(struct text *rest, int *offset_s) {
    if (rest->length == 0) {
        *offset_s = STAMP_SHANGHAI_OFFSET_S;
        return true;
    }
    if (take_char(rest, 'Z')) {
        *offset_s = 0;
        return true;
    }
    int sign = take_char(rest, '+') ? 1 : take_char(rest, '-') ? -1 : 0;
    int hour, minute = 0;
    if (!sign || !take_number(rest, 2, &hour)) {
        return false;
    }
    bool colon = take_char(rest, ':');
    if ((colon || rest->length) && !take_number(rest, 2, &minute)) {
        return false;
    }
    *offset_s = sign * (hour * 3600 + minute * 60);
    return minute <= 59 && hour * 60 + minute <= 14 * 60; /* XML Schema 1.0 part 2, 3.2.7.3 */
}

bool day_parse(struct text text, int32_t *out) {
    return take_day(&text, out) && text.length == 0;
}

bool month_parse(struct text text, int32_t *first_day, int32_t *next_first_day) {
    int year, month;
    if (!take_month(&text, &year, &month) || text.length) {
        return false;
    }
    *first_day = day_of(year, month, 1);
    *next_first_day = *first_day + days_in_month(year, month);
    return calendar_has(*first_day);
}

bool stamp_parse(struct text text, stamp *out) {
    int32_t day;
    int second_of_day, ns, offset_s;
    if (!take_day(&text, &day) || !take_char(&text, 'T') || !take_time(&text, &second_of_day, &ns)
        || !take_zone(&text, &offset_s) || text.length) {
        return false;
    }
    *out = stamp_of_second(day * DAY_S + second_of_day - offset_s, ns);
    return calendar_has(stamp_day(*out));
}

/* --- printing, and between stamps and days ----------------------------------------------------------- */

static int64_t shanghai_second(stamp at) {
    return floor_divide(at, STAMP_SECOND) + STAMP_SHANGHAI_OFFSET_S;
}

int32_t stamp_day(stamp at) {
    return (int32_t)floor_divide(shanghai_second(at), DAY_S);
}

stamp stamp_of_day(int32_t day) {
    return stamp_of_second(day * DAY_S - STAMP_SHANGHAI_OFFSET_S, 0);
}

const char *day_print(int32_t day, char out[STAMP_TEXT_MAX]) {
    int year, month, day_of_month;
    day_split(day, &year, &month, &day_of_month);
    snprintf(out, STAMP_TEXT_MAX, "%04d-%02d-%02d", year, month, day_of_month);
    return out;
}

static void put_digits(char *out, int count, int number) {
    while (count-- > 0) {
        out[count] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* Every delivery and receipt bears one or several: no printf. The years of a stamp have four digits. */
const char *stamp_print(stamp at, char out[STAMP_TEXT_MAX]) {
    static const char shape[] = "0000-00-00T00:00:00.000+08:00";
    int32_t day = stamp_day(at);
    int second = (int)(shanghai_second(at) - day * DAY_S);
    int year, month, day_of_month;
    day_split(day, &year, &month, &day_of_month);
    memcpy(out, shape, sizeof(shape));
    put_digits(out, 4, year);
    put_digits(out + 5, 2, month);
    put_digits(out + 8, 2, day_of_month);
    put_digits(out + 11, 2, second / 3600);
    put_digits(out + 14, 2, second / 60 % 60);
    put_digits(out + 17, 2, second % 60);
    put_digits(out + 20, 3, (int)((at % STAMP_SECOND + STAMP_SECOND) % STAMP_SECOND / 1000000));
    return out;
}
