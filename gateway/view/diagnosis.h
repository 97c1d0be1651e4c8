/*
 * diagnosis.h - how all stands that the gateway depends on 诊断: a list of rows, each of one check and one
 * subject, with what is so, how bad that is, and what to do about it. It is made by judgements (checks.h),
 * told as JSON and as a text, and read back by who asked a gateway for it (`clearway doctor`).
 *
 * The worst first, then in the order of the checks. since: of the last try, or from when on it is so; "" for
 * none. figure stands there only with a unit. do_*: "" where nothing is to be done. state: the worst of all.
 * Limits    DIAGNOSIS_ROWS_MAX rows; what does not fit is counted by its state all the same.
 */
#ifndef VIEW_DIAGNOSIS_H
#define VIEW_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/shape.h"
#include "base/stamp.h"
#include "base/text.h"

#define DIAGNOSIS_ROWS_MAX 4096

/* clang-format off */
/*    check          text             zh, en */
#define CHECK_LIST(X)                                                              \
    X(GATEWAY,       "gateway",       "网关",             "gateway")                \
    X(CONFIGURATION, "configuration", "配置",             "configuration")          \
    X(EDITION,       "edition",       "规则版本",         "edition")                \
    X(DISK,          "disk",          "磁盘",             "disk")                   \
    X(MEMORY,        "memory",        "内存",             "memory")                 \
    X(JOURNAL,       "journal",       "日志",             "journal")                \
    X(SCRUB,         "scrub",         "日志复读",         "journal read again")     \
    X(ENGINE,        "engine",        "处理引擎",         "engine")                 \
    X(STATE,         "state",         "状态库",           "state.db")               \
    X(CLOCK,         "clock",         "时钟",             "clock")                  \
    X(CERTIFICATE,   "certificate",   "证书与密钥",       "certificate or key")     \
    X(PEOPLE,        "people",        "账号与会话",       "accounts and sessions")  \
    X(DESTINATION,   "destination",   "目的方",           "destination")            \
    X(LINE,          "line",          "线路",             "line")                   \
    X(FOLDER,        "folder",        "文件夹",           "folder")                 \
    X(BROKERS,       "brokers",       "Kafka 集群",       "Kafka's brokers")        \
    X(INTAKE,        "intake",        "接收主题",         "topic of submissions")   \
    X(EVENTS,        "events",        "事件主题",         "topic of events")        \
    X(HELD,          "held",          "暂挂",             "held")                   \
    X(QUARANTINE,    "quarantine",    "隔离",             "quarantine")             \
    X(ANSWERS,       "answers",       "待关联的海关回执", "answers of customs")     \
    X(ALERTS,        "alerts",        "预警",             "alerts")
/* clang-format on */

enum check {
#define X(check, text, zh, en) CHECK_##check,
    CHECK_LIST(X)
#undef X
        CHECKS_COUNT
};

/* The worst last, but that what is not known is no more than a warning. */
/* clang-format off */
/*    state    text       zh, en */
#define DIAGNOSIS_STATE_LIST(X)                \
    X(OK,      "ok",      "正常", "ok")         \
    X(UNKNOWN, "unknown", "不明", "unknown")    \
    X(WARNING, "warning", "注意", "warning")    \
    X(FAILED,  "failed",  "故障", "failed")
/* clang-format on */

enum diagnosis_state {
#define X(state, text, zh, en) DIAGNOSIS_##state,
    DIAGNOSIS_STATE_LIST(X)
#undef X
        DIAGNOSIS_STATES_COUNT
};

struct diagnosis_row {
    enum check check;
    const char *subject; /* a party, a topic, a file; "": there is but one */
    enum diagnosis_state state;
    stamp since; /* 0: none */
    int64_t figure;
    const char *unit; /* NULL: no figure */
    const char *zh, *en, *do_zh, *do_en;
};

struct diagnosis {
    struct arena *arena; /* of rows and texts */
    struct diagnosis_row *rows;
    size_t count, left_out;
    size_t of[DIAGNOSIS_STATES_COUNT]; /* how many, those left out as well */
};

void diagnosis_init(struct diagnosis *out, struct arena *arena);
/* One row more, of which nothing else is said yet; the subject is copied. Its texts live as long as the
 * arena. */
struct diagnosis_row *diagnosis_add(struct diagnosis *out, enum check check, const char *subject,
                                    enum diagnosis_state state);
/* printf formats over the same arguments. */
void diagnosis_say(struct diagnosis *out, struct diagnosis_row *row, const char *zh, const char *en, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
void diagnosis_advise(struct diagnosis_row *row, const char *zh, const char *en); /* borrowed */

enum diagnosis_state diagnosis_worst(const struct diagnosis *diagnosis);
/* How long, in one unit: "12 min", "34 分钟". In the arena. */
const char *diagnosis_span(struct arena *arena, int64_t seconds, enum language language);
const char *diagnosis_moment(struct arena *arena, stamp at); /* "2026-10-13 09:00" */

void diagnosis_sort(struct diagnosis *diagnosis);
void diagnosis_json(const struct diagnosis *diagnosis, struct json_out *out);
extern const struct shape diagnosis_shape;
void diagnosis_print(const struct diagnosis *diagnosis, enum language language, struct buf *out);
/* The rows of what a gateway told, in the arena of `out`, which was initialised. False: it is no such
 * thing. */
bool diagnosis_read(const struct json *told, struct diagnosis *out);

#endif
