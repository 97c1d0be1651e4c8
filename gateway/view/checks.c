/*
 * checks.c - one judgement behind the other, each with its limits and its sentences.
 */
#include "view/checks.h"

#include <string.h>

#include "engine/delivery.h"

#define MIB (1 << 20)

static stamp age_of(stamp since, stamp now) {
    return since && now > since ? (now - since) / STAMP_SECOND : 0;
}

static const char *span_zh(struct diagnosis *out, int64_t seconds) {
    return diagnosis_span(out->arena, seconds, LANGUAGE_ZH);
}

static const char *span_en(struct diagnosis *out, int64_t seconds) {
    return diagnosis_span(out->arena, seconds, LANGUAGE_EN);
}

static void set_figure(struct diagnosis_row *row, int64_t figure, const char *unit) {
    row->figure = figure;
    row->unit = unit;
}

/* --- the house ------------------------------------------------------------------------------------------ */

void check_gateway(const struct gateway_facts *facts, struct diagnosis *out) {
    struct diagnosis_row *row;
    if (facts->behind) {
        row = diagnosis_add(out, CHECK_GATEWAY, "", DIAGNOSIS_WARNING);
        diagnosis_say(out, row, "启动后正在追赶日志，尚余 %lld 条记录；报文照常接收，查询与投递稍后开始",
                      "it catches up with its journal after a start, %lld records to go; messages are taken,"
                      " questions and deliveries begin afterwards",
                      (long long)facts->behind);
        diagnosis_advise(row, "自行继续，无需操作", "it goes on by itself, nothing is to be done");
        set_figure(row, (int64_t)facts->behind, "records");
    } else if (facts->ready != STATUS_OK) {
        row = diagnosis_add(out, CHECK_GATEWAY, "", DIAGNOSIS_FAILED);
        row->zh = status_sentence(facts->ready, LANGUAGE_ZH);
        row->en = status_sentence(facts->ready, LANGUAGE_EN);
        diagnosis_advise(row, "报文暂不接收：见下列故障",
                         "no message is taken now: see what else has failed");
    } else {
        row = diagnosis_add(out, CHECK_GATEWAY, "", DIAGNOSIS_OK);
        row->zh = "正在运行，接收报文";
        row->en = "it runs and takes messages";
    }
    row->since = facts->started;
}

/* How many days what is above the reserve lasts; -1: that cannot be told. */
static int64_t days_left(const struct disk_facts *facts) {
    if (facts->in_s < CHECKS_RATE_AFTER_S || facts->written <= 0) {
        return -1;
    }
    uint64_t above = facts->free > facts->reserve ? facts->free - facts->reserve : 0;
    double days = (double)above / ((double)facts->written / (double)facts->in_s) / 86400;
    return days > 36500 ? 36500 : (int64_t)days;
}

void check_disk(const struct disk_facts *facts, struct diagnosis *out) {
    int64_t days = days_left(facts);
    bool full = facts->is_full || facts->free <= facts->reserve;
    bool near = facts->free < 2 * facts->reserve || (days >= 0 && days < CHECKS_DAYS_WARNING);
    struct diagnosis_row *row = diagnosis_add(out, CHECK_DISK, facts->folder,
                                              full || days == 0 ? DIAGNOSIS_FAILED
                                              : near            ? DIAGNOSIS_WARNING
                                                                : DIAGNOSIS_OK);
    long long free_mib = (long long)(facts->free / MIB), reserve_mib = (long long)(facts->reserve / MIB);
    if (full) {
        diagnosis_say(out, row, "磁盘将满：剩余 %lld MiB，低于 %lld MiB 即不接收报文",
                      "it is nearly full: %lld MiB are left, below %lld MiB no message is taken", free_mib,
                      reserve_mib);
    } else if (days >= 0) {
        diagnosis_say(out, row, "剩余 %lld MiB；按启动以来的写入速度，约 %lld 天后不再接收报文",
                      "%lld MiB are left; as it has filled since the start, no message is taken in about %lld"
                      " days",
                      free_mib, (long long)days);
    } else {
        diagnosis_say(out, row, "剩余 %lld MiB", "%lld MiB are left", free_mib);
    }
    if (row->state != DIAGNOSIS_OK) {
        diagnosis_advise(
            row, "腾出空间，或扩大该文件系统；日志分段不可删除",
            "make room, or let the file system grow; segments of the journal are not to be deleted");
    }
    set_figure(row, (int64_t)facts->free, "bytes");
}

void check_memory(uint64_t available, struct diagnosis *out) {
    struct diagnosis_row *row = diagnosis_add(out, CHECK_MEMORY, "",
                                              available == 0                      ? DIAGNOSIS_UNKNOWN
                                              : available < CHECKS_MEMORY_FAILED  ? DIAGNOSIS_FAILED
                                              : available < CHECKS_MEMORY_WARNING ? DIAGNOSIS_WARNING
                                                                                  : DIAGNOSIS_OK);
    if (available == 0) {
        row->zh = "系统未告知可用内存";
        row->en = "the system does not tell how much is free";
        return;
    }
    diagnosis_say(out, row, "可用 %lld MiB", "%lld MiB are free", (long long)(available / MIB));
    if (row->state != DIAGNOSIS_OK) {
        diagnosis_advise(row, "查明何者占用内存：不足时系统会终止进程",
                         "find out who uses it: when there is none the system ends processes");
    }
    set_figure(row, (int64_t)available, "bytes");
}

/* --- journal, engine, state.db -------------------------------------------------------------------------- */

void check_journal(const struct journal_facts *facts, struct diagnosis *out) {
    bool slow = facts->slow_at && age_of(facts->slow_at, facts->now) < CHECKS_SLOW_SYNC_S;
    struct diagnosis_row *row =
        diagnosis_add(out, CHECK_JOURNAL, "", slow ? DIAGNOSIS_WARNING : DIAGNOSIS_OK);
    row->since = facts->synced;
    set_figure(row, facts->durable, "records");
    if (slow) {
        diagnosis_say(out, row, "磁盘落盘缓慢：%s 有一次超过 1 秒，启动以来 %lld 次",
                      "the disk syncs slowly: one at %s took over a second, %lld of them since the start",
                      diagnosis_moment(out->arena, facts->slow_at), (long long)facts->slow);
        diagnosis_advise(row, "检查磁盘与其上的其他负载：回执须等待落盘",
                         "look at the disk and what else uses it: each receipt waits for it");
    } else {
        diagnosis_say(out, row, "已落盘 %lld 条记录", "%lld records are durable", (long long)facts->durable);
    }
}

void check_scrub(const struct scrub_facts *facts, struct diagnosis *out) {
    bool bad = facts->damaged || facts->unread;
    struct diagnosis_row *row = diagnosis_add(out, CHECK_SCRUB, "", bad ? DIAGNOSIS_FAILED : DIAGNOSIS_OK);
    row->since = facts->passed;
    if (bad) {
        diagnosis_say(out, row, "复读时 %lld 个分段损坏，%lld 个读不出",
                      "read again, %lld segments were damaged and %lld could not be read",
                      (long long)facts->damaged, (long long)facts->unread);
        diagnosis_advise(row, "clearway journal verify 指明何处；保留磁盘，以备份中完好的分段替换",
                         "clearway journal verify says where; keep the disk, put an intact copy from the"
                         " backup in its place");
        set_figure(row, facts->damaged + facts->unread, "segments");
    } else if (facts->passed) {
        row->zh = "全部复读一遍，均完好";
        row->en = "all of it was read again and is whole";
    } else {
        row->zh = "尚未发现损坏，启动以来还未读完一遍";
        row->en = "nothing was found; since the start it was not read to its end yet";
    }
}

void check_engine(int64_t behind, struct diagnosis *out) {
    struct diagnosis_row *row = diagnosis_add(out, CHECK_ENGINE, "",
                                              behind >= CHECKS_BEHIND_FAILED    ? DIAGNOSIS_FAILED
                                              : behind >= CHECKS_BEHIND_WARNING ? DIAGNOSIS_WARNING
                                                                                : DIAGNOSIS_OK);
    diagnosis_say(out, row, "落后日志 %lld 条记录", "%lld records behind the journal", (long long)behind);
    if (row->state != DIAGNOSIS_OK) {
        diagnosis_advise(row, "若不见减少：检查 CPU、磁盘与日志 log 中 engine 的各行",
                         "if it does not get less: look at CPU, disk and the log's lines about the engine");
    }
    set_figure(row, behind, "records");
}

void check_state(const struct state_facts *facts, struct diagnosis *out) {
    bool bad = facts->findings || facts->remade;
    struct diagnosis_row *row = diagnosis_add(out, CHECK_STATE, "", bad ? DIAGNOSIS_WARNING : DIAGNOSIS_OK);
    row->since = facts->checked;
    if (bad) {
        diagnosis_say(out, row, "启动以来 %lld 次与日志不符，%lld 次由日志重建",
                      "since the start it differed from the journal %lld times, and was made again from it"
                      " %lld times",
                      (long long)facts->findings, (long long)facts->remade);
        diagnosis_advise(row, "检查磁盘与内存；被替换者留在 state.db.damaged",
                         "look at disk and memory; what it was lies in state.db.damaged");
    } else {
        row->zh = "与日志相符";
        row->en = "it is what the journal says";
    }
}

void check_clock(const struct clock_reading *reading, struct diagnosis *out) {
    bool doubted = reading->doubt != CLOCK_NONE;
    struct diagnosis_row *row =
        diagnosis_add(out, CHECK_CLOCK, "", doubted ? DIAGNOSIS_FAILED : DIAGNOSIS_OK);
    if (doubted) {
        diagnosis_say(out, row, "系统时钟存疑（%s）：%s；网关按 %s 计时，定时事项暂停",
                      "the wall clock is doubted (%s): %s; the gateway goes by %s, deadlines wait",
                      clock_doubt_text(reading->doubt), diagnosis_moment(out->arena, reading->wall),
                      diagnosis_moment(out->arena, reading->now));
        diagnosis_advise(row, "校准时钟；时钟无误时：clearway clock accept --reason ...",
                         "set the clock right; if it is: clearway clock accept --reason ...");
    } else {
        row->zh = "系统时钟可信";
        row->en = "the wall clock is believed";
    }
}

void check_edition(const struct edition_facts *facts, struct diagnosis *out) {
    struct diagnosis_row *row =
        diagnosis_add(out, CHECK_EDITION, "", facts->reload_failed ? DIAGNOSIS_FAILED : DIAGNOSIS_OK);
    if (facts->reload_failed) {
        diagnosis_say(out, row, "最近一次重新加载被拒绝，仍按先前的版本 %.12s（记录 %lld）",
                      "the last reload was refused, the edition before it is in force: %.12s (record %lld)",
                      facts->digest, (long long)facts->record);
        diagnosis_advise(row, "clearway reload --dry-run 指出何处有误，或何者须重启才生效",
                         "clearway reload --dry-run says what is wrong, or what needs a restart");
    } else {
        diagnosis_say(out, row, "现行版本 %.12s（记录 %lld）", "in force: %.12s (record %lld)", facts->digest,
                      (long long)facts->record);
    }
    set_figure(row, facts->record, "record");
}

void check_certificate(const char *subject, stamp expires, stamp now, struct diagnosis *out) {
    int64_t left_s = (expires - now) / STAMP_SECOND, days = left_s / 86400;
    struct diagnosis_row *row = diagnosis_add(out, CHECK_CERTIFICATE, subject,
                                              left_s <= 0                      ? DIAGNOSIS_FAILED
                                              : days < CHECKS_CERTIFICATE_DAYS ? DIAGNOSIS_WARNING
                                                                               : DIAGNOSIS_OK);
    const char *until = diagnosis_moment(out->arena, expires);
    if (left_s <= 0) {
        diagnosis_say(out, row, "已于 %s 过期", "it is over since %s", until);
    } else {
        diagnosis_say(out, row, "%s 过期，还有 %lld 天", "it is over at %s, in %lld days", until,
                      (long long)days);
    }
    if (row->state != DIAGNOSIS_OK) {
        diagnosis_advise(
            row, "换上新证书后 clearway reload；参与方的证书由其自行更换",
            "put a new one in its place and clearway reload; a party's own is the party's to renew");
    }
    set_figure(row, left_s <= 0 ? -(-left_s / 86400) : days, "days");
}

/* --- destinations --------------------------------------------------------------------------------------- */

/* "10000+" where they were not all counted. */
static const char *counted(struct diagnosis *out, int64_t count) {
    return arena_printf(out->arena, count >= CHECKS_COUNTED_MAX ? "%lld+" : "%lld", (long long)count);
}

static enum diagnosis_state state_of(const struct destination_facts *facts) {
    bool untried = facts->waiting && !facts->attempts && age_of(facts->oldest, facts->now) > CHECKS_UNTRIED_S;
    if (facts->waiting && facts->attempts >= CHECKS_TRIES_FAILED && !facts->is_blocked) {
        return DIAGNOSIS_FAILED;
    }
    return (facts->waiting && facts->attempts) || untried || facts->parked ? DIAGNOSIS_WARNING : DIAGNOSIS_OK;
}

/* "无法连接：connection refused" */
static const char *why_of(struct diagnosis *out, const struct destination_facts *facts,
                          enum language language) {
    const char *sentence = delivery_reason_sentence(facts->reason, language);
    return *facts->words ? arena_printf(out->arena, language_pick(language, "%s（%s）", "%s (%s)"), sentence,
                                        facts->words)
                         : sentence;
}

static void say_trouble(const struct destination_facts *facts, struct diagnosis_row *row,
                        struct diagnosis *out) {
    struct arena *arena = out->arena;
    const char *waits_zh = "", *waits_en = "";
    if (facts->waiting) {
        waits_zh = arena_printf(arena, "；等待 %s 件，最早的已等 %s", counted(out, facts->waiting),
                                span_zh(out, age_of(facts->oldest, facts->now)));
        waits_en = arena_printf(arena, "; %s wait, the oldest for %s", counted(out, facts->waiting),
                                span_en(out, age_of(facts->oldest, facts->now)));
    }
    if (facts->parked) {
        waits_zh = arena_printf(arena, "%s；搁置 %s 件", waits_zh, counted(out, facts->parked));
        waits_en = arena_printf(arena, "%s; %s parked", waits_en, counted(out, facts->parked));
    }
    const char *tries_zh = "", *tries_en = "";
    if (facts->attempts) {
        tries_zh = arena_printf(arena, "；试过 %lld 次，最近 %s", (long long)facts->attempts,
                                diagnosis_moment(arena, facts->tried));
        tries_en = arena_printf(arena, "; tried %lld times, last at %s", (long long)facts->attempts,
                                diagnosis_moment(arena, facts->tried));
    }
    const char *why_zh = *facts->reason       ? why_of(out, facts, LANGUAGE_ZH)
                         : facts->is_blocked  ? "该参与方已停用"
                         : !*facts->transport ? "没有可用的线路"
                                              : "尚未投递";
    const char *why_en = *facts->reason       ? why_of(out, facts, LANGUAGE_EN)
                         : facts->is_blocked  ? "the party is blocked"
                         : !*facts->transport ? "there is no line to it"
                                              : "not delivered yet";
    row->zh = arena_printf(arena, "%s%s%s", why_zh, tries_zh, waits_zh);
    row->en = arena_printf(arena, "%s%s%s", why_en, tries_en, waits_en);
}

void check_destination(const struct destination_facts *facts, struct diagnosis *out) {
    struct diagnosis_row *row = diagnosis_add(out, CHECK_DESTINATION, facts->party, state_of(facts));
    row->since = facts->tried ? facts->tried : facts->oldest;
    set_figure(row, facts->waiting + facts->parked, "deliveries");
    if (row->state == DIAGNOSIS_OK && facts->waiting) {
        diagnosis_say(out, row, "%s：等待 %s 件，正在投递", "%s: %s wait, under way", facts->transport,
                      counted(out, facts->waiting));
    } else if (row->state == DIAGNOSIS_OK) {
        diagnosis_say(out, row, "%s：没有等待的投递", "%s: nothing waits",
                      *facts->transport ? facts->transport : "-");
    } else {
        say_trouble(facts, row, out);
        if (facts->parked) {
            diagnosis_advise(row, "clearway queue 列出；消除原因后 redrive，或 drop",
                             "clearway queue lists them; redrive once what was wrong is mended, or drop");
        } else {
            diagnosis_advise(row, "与对方一同检查其系统与线路；恢复后自动继续，无需操作",
                             "look with them at their system and the line; it goes on by itself once that is"
                             " mended");
        }
    }
}

void check_folder(const struct folder_facts *facts, struct diagnosis *out) {
    bool stuck = facts->waits_s >= CHECKS_WAITED_S;
    struct diagnosis_row *row = diagnosis_add(out, CHECK_FOLDER, facts->party,
                                              facts->fault ? DIAGNOSIS_FAILED
                                              : stuck      ? DIAGNOSIS_WARNING
                                                           : DIAGNOSIS_OK);
    row->since = facts->waits_s ? facts->now - facts->waits_s * STAMP_SECOND : 0;
    set_figure(row, facts->waits_s, "seconds");
    if (facts->fault) {
        row->zh = arena_printf(out->arena, "%s 无法使用：%s", facts->folder,
                               error_sentence(facts->fault, LANGUAGE_ZH));
        row->en = arena_printf(out->arena, "%s cannot be used: %s", facts->folder,
                               error_sentence(facts->fault, LANGUAGE_EN));
        diagnosis_advise(
            row, "该文件夹及其 OutBox、InBox、SentBox、FailBox 须可由网关读写",
            "the gateway must be able to read and write it and its OutBox, InBox, SentBox, FailBox");
    } else if (stuck) {
        row->zh = arena_printf(out->arena, "OutBox 中的文件已等待 %s", span_zh(out, facts->waits_s));
        row->en =
            arena_printf(out->arena, "files in OutBox have waited for %s", span_en(out, facts->waits_s));
        diagnosis_advise(
            row, "网关是否接收报文？该参与方是否超出配额？见日志 log 中 files 的各行",
            "does the gateway take messages, is the party over its budget? See the log's lines about"
            " files");
    } else {
        row->zh = "可读写";
        row->en = "it can be read and written";
    }
}

/* --- what waits for somebody ---------------------------------------------------------------------------- */

void check_held(int64_t count, stamp oldest, struct diagnosis *out) {
    struct diagnosis_row *row = diagnosis_add(out, CHECK_HELD, "", count ? DIAGNOSIS_FAILED : DIAGNOSIS_OK);
    row->since = oldest;
    set_figure(row, count, "records");
    if (count) {
        diagnosis_say(out, row, "%lld 条记录处理时出错，已暂挂，待人处置",
                      "%lld records on which deciding failed are held until somebody releases them",
                      (long long)count);
        diagnosis_advise(row, "clearway queue --state held 列出；查明后 clearway queue release RECORD",
                         "clearway queue --state held lists them; then clearway queue release RECORD");
    } else {
        row->zh = "没有";
        row->en = "none";
    }
}

void check_quarantine(int64_t count, stamp oldest, struct diagnosis *out) {
    struct diagnosis_row *row =
        diagnosis_add(out, CHECK_QUARANTINE, "", count ? DIAGNOSIS_WARNING : DIAGNOSIS_OK);
    row->since = oldest;
    set_figure(row, count, "messages");
    if (count) {
        diagnosis_say(out, row, "%lld 件报文没有路由，不知送往何处", "no route sends %lld messages anywhere",
                      (long long)count);
        diagnosis_advise(row, "在 schemas/routes 补上路由后 clearway queue release，或 drop",
                         "give them a route in schemas/routes and clearway queue release, or drop");
    } else {
        row->zh = "没有";
        row->en = "none";
    }
}

void check_answers(int64_t count, stamp oldest, stamp now, struct diagnosis *out) {
    bool long_since = count && age_of(oldest, now) >= CHECKS_WAITED_S;
    struct diagnosis_row *row =
        diagnosis_add(out, CHECK_ANSWERS, "", long_since ? DIAGNOSIS_WARNING : DIAGNOSIS_OK);
    row->since = oldest;
    set_figure(row, count, "messages");
    if (count) {
        row->zh = arena_printf(out->arena, "%lld 件不知属于哪票报关单，最早的已等 %s", (long long)count,
                               span_zh(out, age_of(oldest, now)));
        row->en =
            arena_printf(out->arena, "of %lld it cannot be told whose they are, the oldest waits for %s",
                         (long long)count, span_en(out, age_of(oldest, now)));
    } else {
        row->zh = "没有";
        row->en = "none";
    }
    if (long_since) {
        diagnosis_advise(
            row, "clearway queue 列出；查明后 clearway queue link ANSWER DECLARATION",
            "clearway queue lists them; clearway queue link ANSWER DECLARATION once it is known");
    }
}

void check_alerts(int64_t open, int64_t unseen, stamp oldest, stamp now, struct diagnosis *out) {
    bool long_since = unseen && age_of(oldest, now) >= CHECKS_ALERT_S;
    struct diagnosis_row *row =
        diagnosis_add(out, CHECK_ALERTS, "", long_since ? DIAGNOSIS_WARNING : DIAGNOSIS_OK);
    row->since = oldest;
    set_figure(row, open, "alerts");
    diagnosis_say(out, row, "未解除 %lld 项，其中 %lld 项无人确认",
                  "%lld are open, %lld of them not acknowledged", (long long)open, (long long)unseen);
    if (long_since) {
        diagnosis_advise(row, "有的已超过一天无人确认：clearway alerts 列出",
                         "some stand for over a day and nobody has acknowledged them: clearway alerts lists"
                         " them");
    }
}
