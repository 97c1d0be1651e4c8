/*
 * settings.h - the configuration of one gateway: one table of keys (and those of the adapters), from which
 * the file's shape, the environment names, the help text and `config show` come.
 *
 * A value comes from the environment (CLEARWAY_SECTION_KEY), else from the YAML file, else it is the default.
 * Relative paths are relative to the file's folder. Every key is `section.key`.
 */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/status.h"
#include "message/verdict.h"
#include "edition/edition.h"
#include "intake/budget.h"
#include "deliver/dispatch.h"
#include "adapters/adapters.h"

#define SETTINGS_FILE "clearway.yaml" /* in the working folder, where no other is named */

/* clang-format off */
/*    id, section, key, type, what a change of it takes, most: of a number, what its room can bear, 0: any;
 *    default; meaning, zh and en */
#define SETTING_LIST(X)                                                                                      \
    X(DATA, "gateway", "data", PATH, RESTART, 0, "data",                                                              \
      "日志及其派生数据所在的文件夹",                                                                        \
      "folder of the journal and what is derived from it")                                                   \
    X(SCHEMAS, "gateway", "schemas", PATH, RELOAD, 0, "schemas",                                                     \
      "字段、格式、规则、路由与环节所在的文件夹",                                                            \
      "folder of fields, formats, rules, routes, segments")                                                  \
    X(PARTIES, "gateway", "parties", PATH, RELOAD, 0, "parties.yaml",                                                \
      "参与方名册，每行一个",                                                                                \
      "the parties, one row each")                                                                           \
    X(WORKERS, "gateway", "workers", NUMBER, RESTART, 256, "2",                                                       \
      "校验报文的线程数",                                                                                    \
      "threads that check messages")                                                                         \
    X(LOG_LEVEL, "gateway", "log_level", LEVEL, RELOAD, 0, "info",                                                   \
      "debug、info、warn 或 error",                                                                          \
      "debug, info, warn or error")                                                                          \
    X(LAG_MAX, "gateway", "lag_max", NUMBER, RESTART, 1000000, "20000",                                               \
      "处理可落后的记录数，超过即让提交方放慢",                                                              \
      "records the engine may be behind before senders are slowed")                                          \
    X(ANSWER_ALARM_S, "gateway", "answer_alarm_s", NUMBER, RESTART, 31536000, "3600",                                 \
      "海关回执等待其报关单超过此秒数即在日志中告警；0：不告警",                                             \
      "seconds an answer of customs may wait for its declaration before the log warns; 0: never")            \
    X(PARTY_MESSAGES, "limits", "party_messages", NUMBER, RELOAD, 0, "256",                                          \
      "单个参与方在途报文的上限，超过答 429；0：按其份额",                                                   \
      "messages of one party under way; more: 429; 0: what its share allows")                                \
    X(PARTY_MIB, "limits", "party_mib", NUMBER, RELOAD, 0, "64",                                                     \
      "单个参与方在途报文的 MiB 上限，超过答 429；0：按其份额",                                              \
      "MiB of messages of one party under way; more: 429; 0: what its share allows")                         \
    X(DAY_MIB, "limits", "day_mib", NUMBER, RELOAD, 0, "16384",                                                      \
      "单个参与方每天可占用的日志 MiB，用完答 429 直至午夜；0：不限",                                        \
      "MiB of the journal that one party may fill a day; then 429 until midnight; 0: no limit")              \
    X(DAY_REFUSED_MIB, "limits", "day_refused_mib", NUMBER, RELOAD, 0, "64",                                         \
      "其中被拒收报文的 MiB，超过只记录摘要与判定；0：不限",                                                 \
      "of them MiB of refused messages; more are recorded by digest and verdict alone; 0: no limit")         \
    X(PICK_UP_KEY, "pick_up", "key", PATH, RELOAD, 0, "",                                                             \
      "签发电子提箱凭证的 Ed25519 私钥（PEM，openssl genpkey -algorithm ed25519）；不给则不签发",              \
      "Ed25519 private key in PEM that signs pick-up tokens (openssl genpkey -algorithm ed25519); none: no tokens") \
    X(DROPIN_WCO, "dropins", "wco", PATH, RELOAD, 0, "",                                                             \
      "WCO 官方模式的文件夹（customs/wrapper_submit.xsd）",                                                  \
      "folder of official WCO schemas (customs/wrapper_submit.xsd)")                                         \
    X(DROPIN_CEB, "dropins", "ceb", PATH, RELOAD, 0, "",                                                             \
      "海关跨境电商官方模式的文件夹（ceb-export-2018.xsd）；不给则用本系统自有模式",                         \
      "folder of official e-commerce schemas (ceb-export-2018.xsd); without it ours judge")                  \
    X(AUDIT_ROWS, "state", "audit_rows_s", NUMBER, RESTART, 0, "10000",                                           \
      "运行期间每秒核对 state.db 的行数；0：仅在启动时核对",                                                 \
      "rows of state.db that are checked a second while running; 0: at the start only")                      \
    X(JOURNAL_NAME, "journal", "name", TEXT, RESTART, 0, "",                                                          \
      "日志名，写入每份回执与事件的 source，新建后不再改变；空：以主机名加随机数生成",                       \
      "name of the journal, in each receipt and as source of events; never changes; empty: one is made")     \
    X(SEGMENT_MIB, "journal", "segment_mib", NUMBER, RESTART, 1024, "64",                                             \
      "日志分段的大小（MiB）",                                                                               \
      "size of a journal segment in MiB")                                                                    \
    X(RESERVE_MIB, "journal", "reserve_mib", NUMBER, RESTART, 0, "0",                                                 \
      "空闲磁盘低于此值（MiB）即不再接收报文；0：两个分段",                                                  \
      "free disk below which no message is taken; 0: two segments")                                          \
    X(GATHER_MS, "journal", "gather_ms", NUMBER, RESTART, 1000, "2",                                                  \
      "报文密集时为一次落盘汇集记录的毫秒数；0：不汇集",                                                     \
      "ms to gather records for one sync while many come at once; 0: none")                                  \
    X(SCRUB_BYTES_S, "journal", "scrub_bytes_s", NUMBER, RESTART, 0, "4194304",                                       \
      "后台复核日志的读取速率（字节每秒）；0：不复核",                                                       \
      "bytes a second at which the journal is read again in the background; 0: it is not")                   \
    X(SCRUB_PAUSE_S, "journal", "scrub_pause_s", NUMBER, RESTART, 0, "3600",                                          \
      "两遍复核之间的秒数",                                                                                  \
      "seconds between two passes of that")                                                                  \
    X(CLOCK_GAP_DAYS, "clock", "gap_days", NUMBER, RESTART, 36500, "30",                                              \
      "启动时时钟可超前最后一条记录的天数，超过即存疑",                                                      \
      "days the clock may be ahead of the last record at the start before it is doubted")                    \
    X(DELIVERY_ATTEMPTS, "delivery", "attempts", NUMBER, RELOAD, 0, "1000",                                          \
      "因其自身原因失败多少次后搁置：按最长间隔约三天",                                                      \
      "tries that fail by its own fault before a delivery is parked: three days at the longest pause")        \
    X(DELIVERY_GIVE_UP_S, "delivery", "give_up_s", NUMBER, RELOAD, 0, "259200",                                      \
      "webhook 无法送达多少秒之后搁置（三天）",                                                              \
      "seconds after which what a webhook cannot be sent is parked (three days)")                            \
    X(DELIVERY_WINDOW, "delivery", "window", NUMBER, RESTART, 4096, "64",                                             \
      "每个目的方同时在途的投递数",                                                                          \
      "deliveries under way per destination")                                                                \
    X(DELIVERY_FIRST_MS, "delivery", "retry_first_ms", NUMBER, RELOAD, 0, "1000",                                    \
      "第二次投递前的间隔（毫秒），此后逐次加倍",                                                            \
      "pause before the second try; doubles each time")                                                      \
    X(DELIVERY_MAX_MS, "delivery", "retry_max_ms", NUMBER, RELOAD, 0, "300000",                                      \
      "两次投递的最长间隔（毫秒）",                                                                          \
      "longest pause between tries")                                                                         \
    X(DELIVERY_TIMEOUT_MS, "delivery", "timeout_ms", NUMBER, RELOAD, 0, "30000",                                     \
      "投递超过此时限（毫秒）未获答复即为失败",                                                              \
      "an unanswered delivery failed after this")
/* clang-format on */

enum setting {
#define X(id, section, key, type, change, most, value, zh, en) SETTING_##id,
    SETTING_LIST(X)
#undef X
        SETTING_COUNT
};

struct settings;

/* path NULL: SETTINGS_FILE in the working folder when it is there, else only environment and defaults.
   Mistakes: LINT-CONFIG. */
enum status settings_load(const char *path, struct settings **out, struct arena *arena,
                          struct verdict *mistakes);
/* Reads them anew, as *out. Each that has changed, and that only a restart changes, is a mistake that says
 * so. *changed: how many others have. What settings_load() says. */
enum status settings_read_anew(const struct settings *settings, struct settings **out, size_t *changed,
                               struct arena *arena, struct verdict *mistakes);
#define SETTING_NAME_MAX 64
/* The next one that differs, "limits.day_mib", from place *at on, which moves behind it; false: none does. */
bool settings_next_change(const struct settings *before, const struct settings *after, size_t *at,
                          char name[SETTING_NAME_MAX]);
/* False: the file is none of ours (a mistake says where); values that the environment does not give are
   defaults. */
bool settings_are_read(const struct settings *settings);
const char *settings_text(const struct settings *settings, enum setting setting);
int64_t settings_number(const struct settings *settings, enum setting setting);
/* Adds a finding LINT-CONFIG about that value, placed where it stands: in the file, or in the environment
   variable. */
void settings_say(const struct settings *settings, enum setting setting, enum severity severity,
                  const char *zh, const char *en, const char *hint_zh, const char *hint_en,
                  struct verdict *mistakes);
/* What was set for one adapter of the list. Borrows settings. */
struct adapter_settings settings_adapter(const struct settings *settings, const struct adapter *adapter);
struct edition_options settings_edition(const struct settings *settings);
struct budget_limits settings_budget(const struct settings *settings);
struct dispatch_limits settings_dispatch(const struct settings *settings);
enum log_level settings_log_level(const struct settings *settings);
/* As a YAML file, with meanings as comments. */
void settings_print(const struct settings *settings, bool origin, enum language language, struct buf *out);

#endif
