/*
 * recognize.c - the first row of the catalog that agrees in everything; where none does, the one that came
 * nearest tells the sender what is wrong.
 */
#include "check/recognize.h"

#include "base/stamp.h"
#include "base/status.h"
#include "check/peek.h"
#include "check/places.h"

#define MARKER_WITHIN ((size_t)64 << 10) /* a format's marker stands near the beginning */

/* How far a row of the catalog agrees with a message. */
enum agreement { OTHER_ROOT, OTHER_NAMESPACE, OTHER_MARKER, OTHER_DAY, AGREES };

static enum agreement agreement_of(const struct format *format, const struct gated *gated, int32_t day) {
    bool bare = format->namespace_optional && gated->root_namespace.length == 0;
    if (!text_is(gated->root, format->root)) {
        return OTHER_ROOT;
    }
    if (!bare && !text_is(gated->root_namespace, format->namespace)) {
        return OTHER_NAMESPACE;
    }
    struct text marker =
        format->marker_path[0] ? peek_in(gated->text.utf8, format->marker_path, MARKER_WITHIN) : TEXT("");
    if (format->marker_path[0] && !text_is(marker, format->marker_text)) {
        return OTHER_MARKER;
    }
    return day >= format->from_day && day < format->until_day ? AGREES : OTHER_DAY;
}

static void say_other_day(const struct format *format, struct place place, struct verdict *verdict) {
    char from[STAMP_TEXT_MAX] = "", until[STAMP_TEXT_MAX] = "";
    if (format->from_day != INT32_MIN) {
        day_print(format->from_day, from);
    }
    if (format->until_day != INT32_MAX) {
        day_print(format->until_day, until);
    }
    verdict_say(
        verdict, "FORMAT-CLOSED", SEVERITY_ERROR, place, "", "格式 %s 在收到之日不可用（自 %s 至 %s）",
        "the format %s is not open on the day of receipt (from %s until %s)", format->name, from, until);
}

/* Why no row agrees, told by the one that came nearest. */
static void say_no_format(enum agreement nearest, const struct format *format, const struct gated *gated,
                          struct verdict *verdict) {
    uint64_t at = gated->root.at ? (uint64_t)(gated->root.at - gated->text.utf8.at) : 0;
    struct place place = place_in(&gated->text, at, gated->root.length);
    switch (nearest) {
    case OTHER_DAY: say_other_day(format, place, verdict); break;
    case OTHER_MARKER:
        verdict_say(verdict, "FORMAT-UNKNOWN", SEVERITY_ERROR, place, "",
                    "根元素 %s 的报文种类不明: %s 不是已知的值",
                    "the kind of this %s is not known: its %s has no value that a format has", format->root,
                    format->marker_path);
        break;
    case OTHER_NAMESPACE:
        verdict_say(verdict, "FORMAT-NAMESPACE", SEVERITY_ERROR, place, "",
                    "根元素 %s 应在命名空间 “%s” 中，而不是 “" TEXT_FORMAT "”",
                    "the root element %s belongs in the namespace '%s', not in '" TEXT_FORMAT "'",
                    format->root, format->namespace, TEXT_ARGS(gated->root_namespace));
        break;
    default:
        verdict_say(verdict, "FORMAT-UNKNOWN", SEVERITY_ERROR, place, "",
                    "没有以 " TEXT_FORMAT " 为根元素的报文格式",
                    "no format has the root element " TEXT_FORMAT, TEXT_ARGS(gated->root));
    }
}

const struct format *recognize_by_root(const struct catalog *catalog, const struct gated *gated, int32_t day,
                                       struct verdict *verdict) {
    enum agreement nearest = OTHER_ROOT;
    const struct format *nearest_format = NULL;
    for (size_t i = 0; i < catalog->count; i++) {
        enum agreement agreement = agreement_of(&catalog->formats[i], gated, day);
        if (agreement == AGREES) {
            return &catalog->formats[i];
        }
        if (agreement > nearest) {
            nearest = agreement;
            nearest_format = &catalog->formats[i];
        }
    }
    say_no_format(nearest, nearest_format, gated, verdict);
    return NULL;
}

const struct format *recognize_by_name(const struct catalog *catalog, const char *name, int32_t day,
                                       struct verdict *verdict) {
    require(name && *name);
    const struct format *format = catalog_find(catalog, text_of(name));
    if (!format) {
        verdict_say(verdict, "FORMAT-UNKNOWN", SEVERITY_ERROR, (struct place){ 0 }, "",
                    "没有名为 %s 的报文格式", "there is no format named %s", name);
    } else if (day < format->from_day || day >= format->until_day) {
        say_other_day(format, (struct place){ 0 }, verdict);
        format = NULL;
    }
    return format;
}
