/*
 * views.c - the list of questions: a row each, and before it the parameters that it takes. What a row means
 * says view.h; what is done with it, view.c and view_answer.c.
 */
#include "view/view.h"

#include <stddef.h>
#include <string.h>

#include "message/receipt.h"
#include "view/alerts.h"
#include "view/backlog.h"
#include "view/calendar.h"
#include "view/calls.h"
#include "view/certificates.h"
#include "view/charged.h"
#include "view/charges.h"
#include "view/codes.h"
#include "view/complaints.h"
#include "view/dangerous.h"
#include "view/diagnostics.h"
#include "view/inspections.h"
#include "view/labs.h"
#include "view/lots.h"
#include "view/mailbox.h"
#include "view/messages.h"
#include "view/notices.h"
#include "view/page.h"
#include "view/parcels.h"
#include "view/patrol.h"
#include "view/pickups.h"
#include "view/ratings.h"
#include "view/received.h"
#include "view/review.h"
#include "view/rows.h"
#include "view/statistics/clearance.h"
#include "view/statistics/export.h"
#include "view/statistics/periods.h"
#include "view/statistics/report.h"
#include "view/statistics/usual.h"
#include "view/supplements.h"
#include "view/tariffs.h"
#include "view/timeline.h"
#include "view/tracking.h"
#include "view/waivers.h"

#define PARAMETERS_END \
    { .name = NULL }

static const struct view_parameter by_id[] = {
    { .name = "id",
      .type = VIEW_WORD,
      .is_required = true,
      .zh = "报文编号",
      .en = "the message's own id",
      .code = "no-id",
      .wrong_zh = "请以 id 给出报文编号",
      .wrong_en = "name the message by its id" },
    { .name = "family",
      .type = VIEW_WORD,
      .zh = "报文种类",
      .en = "its family, when ids of several are alike" },
    PARAMETERS_END,
};

static const struct view_parameter by_number[] = {
    { .name = "number",
      .type = VIEW_NUMBER,
      .is_required = true,
      .example = "57",
      .zh = "记录编号",
      .en = "the number of its record" },
    PARAMETERS_END,
};

static const struct view_parameter of_mailbox[] = {
    { .name = "after",
      .type = VIEW_WORD,
      .is_of_page = true,
      .zh = "上次答复中的 next",
      .en = "the `next` of an earlier answer" },
    PAGE_LIMIT_PARAMETER,
    PARAMETERS_END,
};

static const struct view_parameter of_track[] = {
    { .name = "query",
      .type = VIEW_WORD,
      .is_required = true,
      .length_max = TIMELINE_QUERY_MAX,
      .argument = "BL|DECLARATION|CONTAINER|BOOKING",
      .example = "COSU6201234567",
      .zh = "提单、报关单、箱号或预约号",
      .en = "a bill of lading, declaration, container or booking",
      .wrong_zh = "请给出一个提单、报关单、箱号或预约号",
      .wrong_en = "name one bill of lading, declaration, container or booking" },
    PARAMETERS_END,
};

/* Which days: a month, or from one to another. */
/* clang-format off */
#define PERIOD_PARAMETERS                                                                           \
    { .name = "month", .type = VIEW_MONTH, .argument = "YYYY-MM", .example = "2026-10",             \
      .otherwise = period_last_month, .code = "no-month",                                           \
      .zh = "月份（默认上一个完整的月）", .en = "which month (default: the last full one)",                      \
      .wrong_zh = "month 应为 1900 至 2199 年间的月份，写作 YYYY-MM；或以 from 与 to 代替",                          \
      .wrong_en = "month is one of the years 1900 to 2199, as YYYY-MM; or say from and to instead" }, \
    { .name = "from", .type = VIEW_DAY, .argument = "YYYY-MM-DD", .code = "no-period",              \
      .zh = "起始日（与 to 同用，代替 month）", .en = "the first day (with `to`, instead of a month)",         \
      .wrong_zh = "from 与 to 应为起始日与截止日，写作 YYYY-MM-DD",                                              \
      .wrong_en = "from and to are the first and the last day, as YYYY-MM-DD" },                    \
    { .name = "to", .type = VIEW_DAY, .argument = "YYYY-MM-DD", .code = "no-period",                \
      .zh = "截止日（含）", .en = "the last day, which counts too",                                       \
      .wrong_zh = "to 应为不早于 from 的一天，写作 YYYY-MM-DD",                                                \
      .wrong_en = "to is a day not before `from`, as YYYY-MM-DD" }
/* clang-format on */

/* By what was known when. */
/* clang-format off */
#define KNOWN_PARAMETERS                                                                            \
    { .name = "as-of", .type = VIEW_DAY, .argument = "YYYY-MM-DD", .code = "no-period",             \
      .zh = "按该日终了时已知的情况统计（默认：现在）", .en = "by what was known at the end of that day (default: now)",   \
      .wrong_zh = "as-of 应为一天，写作 YYYY-MM-DD，不与 snapshot 同用",                                     \
      .wrong_en = "as-of is a day, as YYYY-MM-DD, and does not go with snapshot" },                 \
    { .name = "snapshot", .type = VIEW_NUMBER, .argument = "NUMBER", .code = "no-snapshot",         \
      .zh = "某月定稿的编号：按定稿时已知的情况统计该月", .en = "of a closed month: as it was known then",         \
      .wrong_zh = "snapshot 应为定稿编号，不与 month、from、to 同用",                                        \
      .wrong_en = "snapshot is the number of one, and does not go with month, from and to" },       \
    { .name = "definition", .type = VIEW_NUMBER, .argument = "NUMBER", .code = "no-definition",     \
      .zh = "按该编号的统计口径 schemas/segments（默认：当时的口径）",                                      \
      .en = "by that definition of schemas/segments (default: that of then)",                       \
      .wrong_zh = "definition 应为一个统计口径的编号", .wrong_en = "definition is the number of one" }
/* clang-format on */

/* The words of a list, one behind the other. */
#define WORD_ZH(name, text, zh, ...) text "（" zh "）"
#define WORD_EN(name, text, ...)     " " text

static const struct view_parameter of_report[] = {
    PERIOD_PARAMETERS,
    { .name = "by",
      .type = VIEW_WORD,
      .length_max = FIELD_NAME_MAX + 8,
      .argument = "DIMENSION",
      .zh = "分组：" DIMENSION_LIST(
          WORD_ZH) "，schemas/segments 中的 dimension，field:字段名，或 mode:模式（至多 200 组）",
      .en = "in groups:" DIMENSION_LIST(
          WORD_EN) ", a dimension of schemas/segments, field:NAME, or mode:CODE (at most 200 groups)",
      .code = "no-dimension",
      .wrong_zh = "by 应为其中之一：" DIMENSION_LIST(
          WORD_ZH) "，schemas/segments 中的 dimension，field:字段名，或 mode:模式",
      .wrong_en = "by is one of:" DIMENSION_LIST(
          WORD_EN) ", a dimension of schemas/segments, field:NAME, or mode:CODE" },
    { .name = "compare",
      .type = VIEW_CHOICE,
      .choices = base_period_texts,
      .argument = "WITH",
      .zh = "与何时相比并说明变化原因：previous（环比）、previous_year（同比）或 snapshot（较定稿）",
      .en = "why it changed since: previous, previous_year, or snapshot",
      .code = "no-comparison",
      .wrong_zh = "compare 应为其中之一：" BASE_PERIOD_LIST(WORD_ZH),
      .wrong_en = "compare is one of:" BASE_PERIOD_LIST(WORD_EN) },
    { .name = "between",
      .type = VIEW_WORD,
      .length_max = 64,
      .argument = "FROM:TO",
      .zh = "另计任意两个节点之间，如 ARRIVED:GATE_OUT",
      .en = "also between any two milestones, as ARRIVED:GATE_OUT",
      .code = "no-milestone",
      .wrong_zh = "between 应为两个节点，写作 ARRIVED:GATE_OUT",
      .wrong_en = "between is two milestones, as ARRIVED:GATE_OUT" },
    KNOWN_PARAMETERS,
    { .name = "unit",
      .type = VIEW_CHOICE,
      .choices = unit_texts,
      .argument = "UNIT",
      .zh = "计量单位：declaration（票）、container（箱）或 teu（标准箱）（默认按 schemas/segments）",
      .en = "what is counted: declaration, container or teu (default: as schemas/segments says)",
      .code = "no-unit",
      .wrong_zh = "unit 应为 declaration、container 或 teu",
      .wrong_en = "unit is declaration, container or teu" },
    { .name = "table",
      .type = VIEW_CHOICE,
      .choices = report_table_texts,
      .argument = "TABLE",
      .zh = "CSV 的哪一张表：figures（默认）、beside、coverage、slowest 或 change",
      .en = "which table as CSV: figures (default), beside, coverage, slowest or change",
      .code = "no-table",
      .wrong_zh = "table 应为 figures、beside、coverage、slowest 或 change",
      .wrong_en = "table is figures, beside, coverage, slowest or change" },

    PARAMETERS_END,
};

/* clang-format off */
#define AS_CSV   (1u << VIEW_CSV | 1u << VIEW_CSV_ZST)
#define NOT_CSV  (~AS_CSV)
#define OF_FIGURES(name)                                                                            \
    { AS_CSV, #name, NULL, "table", "figures", true,                                                \
      "CSV 中 " #name " 只影响表 figures", "of the CSV only the table figures is made with " #name }

static const struct view_clash of_report_clashes[] = {
    { NOT_CSV, "table", NULL, NULL, NULL, false,
      "table 选的是 CSV 的表，须与 CSV 格式同用（命令行：--format csv）",
      "table is for CSV, which has them one by one (at the command: --format csv)" },
    { AS_CSV, "table", "change", "compare", NULL, false,
      "表 change 须同时给出 compare", "the table change needs compare" },
    { AS_CSV, "compare", NULL, "table", "change", false,
      "CSV 中只有表 change 与他期相比：compare 须与 table=change 同用",
      "of the CSV only the table change compares: compare goes with table=change" },
    OF_FIGURES(by),
    OF_FIGURES(between),
    { AS_CSV, "unit", NULL, "table", "figures change", true,
      "此表总以报关单（票）计：unit 只影响 figures 与 change",
      "that table counts declarations always: unit changes figures and change only" },
    { 0 },
};
/* clang-format on */

static const struct view_parameter of_export[] = {
    PERIOD_PARAMETERS,
    KNOWN_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_queue[] = {
    { .name = "state",
      .type = VIEW_CHOICE,
      .choices = backlog_states,
      .argument = "STATE",
      .zh = "投递：waiting、parked、delivered、dropped、kept（默认前两种）；记录：held、quarantined",
      .en = "deliveries: waiting, parked, delivered, dropped, kept (default: the first two);"
            " records: held, quarantined",
      .code = "no-state",
      .wrong_zh = "state 应为 waiting、parked、delivered、dropped、kept、held 或 quarantined",
      .wrong_en = "state is waiting, parked, delivered, dropped, kept, held or quarantined" },
    { .name = "to",
      .type = VIEW_WORD,
      .argument = "PARTY",
      .zh = "只此目的方",
      .en = "only this destination" },
    { .name = "from",
      .type = VIEW_WORD,
      .argument = "PARTY",
      .zh = "只此提交方的报文",
      .en = "only messages that this party sent" },
    { .name = "because",
      .type = VIEW_WORD,
      .argument = "CODE",
      .zh = "只因此原因（代码，如 receiver-refused、unrouted、crashed）",
      .en = "only for this reason, by its code: receiver-refused, unrouted, crashed" },
    { .name = "family",
      .type = VIEW_WORD,
      .argument = "FAMILY",
      .zh = "只此报文种类",
      .en = "only this family" },
    { .name = "key",
      .type = VIEW_WORD,
      .argument = "SUBJECT",
      .zh = "只此货物",
      .en = "only these goods, CNQDG/COSU6201234567" },
    { .name = "since",
      .type = VIEW_MOMENT,
      .argument = "WHEN",
      .zh = "自此时起有结果的，或自此时起等待的（YYYY-MM-DD[THH:MM:SS]）",
      .en = "last heard of, or set aside, since then, YYYY-MM-DD[THH:MM:SS]",
      .code = "no-moment",
      .wrong_zh = "since 应为存在的一天 YYYY-MM-DD，或时刻 YYYY-MM-DDTHH:MM:SS[±HH:MM]",
      .wrong_en = "since is a day that there is, YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SS[±HH:MM]" },
    { .name = "until",
      .type = VIEW_MOMENT,
      .argument = "WHEN",
      .zh = "此时之前有结果的，或此时之前起等待的",
      .en = "last heard of, or set aside, before then",
      .code = "no-moment",
      .wrong_zh = "until 应为存在的一天 YYYY-MM-DD，或时刻 YYYY-MM-DDTHH:MM:SS[±HH:MM]",
      .wrong_en = "until is a day that there is, YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SS[±HH:MM]" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_received[] = {
    { .name = "id",
      .type = VIEW_WORD,
      .length_max = 128,
      .argument = "ID",
      .zh = "只此报文编号",
      .en = "only messages of this id",
      .code = "no-id",
      .wrong_zh = "id 应为一个报文编号",
      .wrong_en = "id is a message's own id" },
    { .name = "party",
      .type = VIEW_WORD,
      .length_max = 64,
      .argument = "PARTY",
      .zh = "只此提交方的",
      .en = "only what this party sent",
      .code = "no-party",
      .wrong_zh = "party 应为一个参与方代码",
      .wrong_en = "party is the code of a party" },
    { .name = "family",
      .type = VIEW_WORD,
      .length_max = 64,
      .argument = "FAMILY",
      .zh = "只此报文种类",
      .en = "only this family",
      .code = "no-family",
      .wrong_zh = "family 应为一个报文种类，如 declaration",
      .wrong_en = "family is one of messages, as declaration" },
    { .name = "verdict",
      .choice = received_verdict_name,
      .type = VIEW_CHOICE,
      .choices = received_verdicts,
      .argument = "VERDICT",
      .zh = "只此校验结论：accepted、refused 或 conflict",
      .en = "only those that were accepted, refused, or a conflict",
      .code = "no-verdict",
      .wrong_zh = "verdict 应为 accepted、refused 或 conflict",
      .wrong_en = "verdict is accepted, refused or conflict" },
    { .name = "since",
      .head_zh = "自（含）",
      .head_en = "from",
      .type = VIEW_MOMENT,
      .argument = "WHEN",
      .zh = "自此时起收到的（YYYY-MM-DD[THH:MM:SS]）",
      .en = "received since then, YYYY-MM-DD[THH:MM:SS]",
      .code = "no-moment",
      .wrong_zh = "since 应为存在的一天 YYYY-MM-DD，或时刻 YYYY-MM-DDTHH:MM:SS[±HH:MM]",
      .wrong_en = "since is a day that there is, YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SS[±HH:MM]" },
    { .name = "until",
      .head_zh = "至（不含）",
      .head_en = "until, without",
      .type = VIEW_MOMENT,
      .argument = "WHEN",
      .zh = "此时之前收到的",
      .en = "received before then",
      .code = "no-moment",
      .wrong_zh = "until 应为存在的一天 YYYY-MM-DD，或时刻 YYYY-MM-DDTHH:MM:SS[±HH:MM]",
      .wrong_en = "until is a day that there is, YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SS[±HH:MM]" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_charges[] = {
    { .name = "operator",
      .type = VIEW_WORD,
      .is_required = true,
      .argument = "OPERATOR",
      .example = "3702910055",
      .zh = "经营人（企业代码）",
      .en = "an operator, by its code",
      .wrong_zh = "请给出一个经营人的企业代码",
      .wrong_en = "name an operator by its code" },
    { .name = "port",
      .type = VIEW_WORD,
      .argument = "PORT",
      .zh = "只列此口岸",
      .en = "only at this port",
      .code = "no-port",
      .wrong_zh = "port 应为一个口岸，如 CNQDG",
      .wrong_en = "port is a port, as CNQDG" },
    { .name = "day",
      .type = VIEW_DAY,
      .argument = "YYYY-MM-DD",
      .zh = "该日有效的清单（默认今天）",
      .en = "the list in force on that day (default: today)",
      .code = "no-day",
      .wrong_zh = "day 应为一天，写作 YYYY-MM-DD",
      .wrong_en = "day is a day, as YYYY-MM-DD" },
    { .name = "list",
      .type = VIEW_WORD,
      .argument = "VERSION",
      .zh = "以清单版本代替日期",
      .en = "a version of the list instead of a day",
      .code = "no-list",
      .wrong_zh = "list 应为一个清单版本",
      .wrong_en = "list is a version of the list" },
    { .name = "against",
      .type = VIEW_WORD,
      .argument = "VERSION",
      .zh = "与此版本相比有何变化",
      .en = "what changed against this version",
      .code = "no-list",
      .wrong_zh = "against 应为一个清单版本",
      .wrong_en = "against is a version of the list" },
    PARAMETERS_END,
};

#define OPERATOR_PARAMETER                                                                         \
    {                                                                                              \
        .name = "operator", .type = VIEW_WORD, .argument = "CODE", .code = "no-operator",          \
        .zh = "只列此经营人（企业代码）", .en = "only this operator, by its code",                 \
        .wrong_zh = "operator 应为一个企业代码", .wrong_en = "operator is the code of one company" \
    }

static const struct view_parameter of_complaints[] = {
    { .name = "state",
      .else_zh = "未答复的",
      .else_en = "not answered",
      .type = VIEW_CHOICE,
      .choices = complaint_states,
      .argument = "STATE",
      .zh = "open、overdue 或 answered（默认未答复的）",
      .en = "open, overdue or answered (default: not answered)",
      .code = "no-state",
      .wrong_zh = "state 应为 open、overdue 或 answered",
      .wrong_en = "state is open, overdue or answered" },
    OPERATOR_PARAMETER,
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

#define SUBJECT_PARAMETER                                                                                  \
    {                                                                                                      \
        .name = "subject", .type = VIEW_WORD, .length_max = 128, .argument = "SUBJECT", .head_zh = "货物", \
        .head_en = "goods", .zh = "只此货物", .en = "only these goods, CNQDG/COSU6201234567",              \
        .code = "no-subject", .wrong_zh = "subject 应为口岸/提单，如 CNQDG/COSU6201234567",                \
        .wrong_en = "subject is a port and a bill of lading, as CNQDG/COSU6201234567"                      \
    }

static const struct view_parameter of_pickups[] = {
    { .name = "state",
      .else_zh = "可提箱的",
      .else_en = "may be fetched",
      .type = VIEW_CHOICE,
      .choices = pickup_states,
      .argument = "STATE",
      .zh = "open、replaced 或 used（默认可用的）",
      .en = "open, replaced or used (default: open)",
      .code = "no-state",
      .wrong_zh = "state 应为 open、replaced 或 used",
      .wrong_en = "state is open, replaced or used" },
    SUBJECT_PARAMETER,
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_supplements[] = {
    { .name = "state",
      .else_zh = "未提交的",
      .else_en = "not answered",
      .type = VIEW_CHOICE,
      .choices = supplement_states,
      .argument = "STATE",
      .zh = "asked、overdue 或 answered（默认未提交的）",
      .en = "asked, overdue or answered (default: not answered)",
      .code = "no-state",
      .wrong_zh = "state 应为 asked、overdue 或 answered",
      .wrong_en = "state is asked, overdue or answered" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_waivers[] = {
    { .name = "state",
      .else_zh = "未了结的",
      .else_en = "not settled",
      .type = VIEW_CHOICE,
      .choices = waiver_states,
      .argument = "STATE",
      .zh = "asked、granted、denied 或 settled（默认未了结的）",
      .en = "asked, granted, denied or settled (default: neither denied nor settled)",
      .code = "no-state",
      .wrong_zh = "state 应为 asked、granted、denied 或 settled",
      .wrong_en = "state is asked, granted, denied or settled" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_review[] = {
    { .name = "month",
      .type = VIEW_MONTH,
      .argument = "YYYY-MM",
      .example = "2026-09",
      .zh = "只列此月份会商的措施",
      .en = "only those of the review of this month",
      .code = "no-month",
      .wrong_zh = "month 应为 1900 至 2199 年间的月份，写作 YYYY-MM",
      .wrong_en = "month is one of the years 1900 to 2199, as YYYY-MM" },
    { .name = "state",
      .choice = review_state_name,
      .else_zh = "未完成的",
      .else_en = "not ended",
      .type = VIEW_CHOICE,
      .choices = measure_states,
      .argument = "STATE",
      .zh = "open、overdue、reported、done 或 withdrawn（默认未完成的）",
      .en = "open, overdue, reported, done or withdrawn (default: not ended)",
      .code = "no-state",
      .wrong_zh = "state 应为 open、overdue、reported、done 或 withdrawn",
      .wrong_en = "state is open, overdue, reported, done or withdrawn" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_patrol[] = {
    PERIOD_PARAMETERS,
    OPERATOR_PARAMETER,
    PARAMETERS_END,
};

static const struct view_parameter of_calls[] = {
    { .name = "vessel",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "VESSEL",
      .zh = "只列此船舶（IMO 编号，或船名的一部分）",
      .en = "only this vessel, by its IMO number or a part of its name",
      .code = "no-vessel",
      .wrong_zh = "vessel 应为一个 IMO 编号或船名",
      .wrong_en = "vessel is an IMO number or the name of one" },
    { .name = "voyage",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "VOYAGE",
      .zh = "只列此航次",
      .en = "only this voyage",
      .code = "no-voyage",
      .wrong_zh = "voyage 应为一个航次号",
      .wrong_en = "voyage is the number of one" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_dangerous[] = {
    { .name = "bill",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "BILL",
      .example = "COSU6000000001",
      .zh = "只列此提运单",
      .en = "only those of this bill of lading",
      .code = "no-bill",
      .wrong_zh = "bill 应为一个提运单号",
      .wrong_en = "bill is the number of a bill of lading" },
    { .name = "state",
      .type = VIEW_CHOICE,
      .choices = dangerous_states,
      .argument = "STATE",
      .zh = "只列此状态：declared、selected、returned、permitted 或 refused",
      .en = "only those that are declared, selected, returned, permitted or refused",
      .code = "no-state",
      .wrong_zh = "state 应为 declared、selected、returned、permitted 或 refused",
      .wrong_en = "state is declared, selected, returned, permitted or refused" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_notices[] = {
    { .name = "state",
      .type = VIEW_CHOICE,
      .choices = notice_states,
      .argument = "STATE",
      .zh = "只列此状态：sent 未确认、queried 有疑问、received 已确认或 replaced 已被取代",
      .en = "only those that are sent and not acknowledged, queried, received or replaced",
      .code = "no-state",
      .wrong_zh = "state 应为 sent、queried、received 或 replaced",
      .wrong_en = "state is sent, queried, received or replaced" },
    { .name = "party",
      .head_zh = "告知谁",
      .head_en = "told to",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "PARTY",
      .zh = "只列告知此参与方的",
      .en = "only what this party was told",
      .code = "no-party",
      .wrong_zh = "party 应为一个参与方代码",
      .wrong_en = "party is the code of a party" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_lots[] = {
    { .name = "lot",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "LOT",
      .example = "TK-2026-001",
      .zh = "此货批，连同账册",
      .en = "the lot of this number, with its ledger",
      .code = "no-lot",
      .wrong_zh = "lot 应为一个货批编号",
      .wrong_en = "lot is the number of a lot" },
    { .name = "state",
      .type = VIEW_CHOICE,
      .choices = lot_states,
      .argument = "STATE",
      .zh = "只列此状态：applied、admitted、inspecting、passed、failed、rejected 或 closed",
      .en = "only those that are applied, admitted, inspecting, passed, failed, rejected or closed",
      .code = "no-state",
      .wrong_zh = "state 应为 applied、admitted、inspecting、passed、failed、rejected 或 closed",
      .wrong_en = "state is applied, admitted, inspecting, passed, failed, rejected or closed" },
    { .name = "place",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "PLACE",
      .zh = "只列此场所的",
      .en = "only those that lie there",
      .code = "no-place",
      .wrong_zh = "place 应为一个场所",
      .wrong_en = "place is where a lot lies" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_alerts[] = {
    { .name = "state",
      .else_zh = "未解除的",
      .else_en = "not closed",
      .type = VIEW_CHOICE,
      .choices = alert_states,
      .argument = "STATE",
      .zh = "open、acknowledged 或 closed（默认未解除的）",
      .en = "open, acknowledged or closed (default: not closed)",
      .code = "no-state",
      .wrong_zh = "state 应为 open、acknowledged 或 closed",
      .wrong_en = "state is open, acknowledged or closed" },
    { .name = "alert",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "CODE",
      .zh = "只列此预警（schemas/alerts）",
      .en = "only this alert of schemas/alerts",
      .code = "no-alert",
      .wrong_zh = "alert 应为一个预警代码，如 A01",
      .wrong_en = "alert is the code of one, as A01" },
    SUBJECT_PARAMETER,
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_inspections[] = {
    { .name = "site",
      .head_zh = "查验场地",
      .head_en = "site",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "SITE",
      .example = "QW-INSP-1",
      .zh = "只列此查验场地",
      .en = "only this site",
      .code = "no-site",
      .wrong_zh = "site 应为一个查验场地的代码",
      .wrong_en = "site is the code of an inspection site" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_slots[] = {
    { .name = "site",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "SITE",
      .example = "QW-INSP-1",
      .zh = "只列此查验场地",
      .en = "only this site",
      .code = "no-site",
      .wrong_zh = "site 应为一个查验场地的代码",
      .wrong_en = "site is the code of an inspection site" },
    { .name = "from",
      .head_zh = "自",
      .head_en = "from",
      .else_zh = "今天",
      .else_en = "today",
      .type = VIEW_DAY,
      .argument = "YYYY-MM-DD",
      .zh = "起始日（默认今天）",
      .en = "the first day (default: today)",
      .code = "no-day",
      .wrong_zh = "from 应为一天，写作 YYYY-MM-DD",
      .wrong_en = "from is a day, as YYYY-MM-DD" },
    { .name = "to",
      .head_zh = "至（含）",
      .head_en = "to, inclusive",
      .type = VIEW_DAY,
      .argument = "YYYY-MM-DD",
      .zh = "截止日（含；默认共七天，至多十四天）",
      .en = "the last day (default: of seven days; at most of fourteen)",
      .code = "no-day",
      .wrong_zh = "to 应为自 from 起十四天之内的一天，写作 YYYY-MM-DD",
      .wrong_en = "to is one of the fourteen days from `from` on, as YYYY-MM-DD" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_codes[] = {
    { .name = "list",
      .type = VIEW_CHOICE,
      .choices = codes_lists,
      .is_required = true,
      .argument = "LIST",
      .example = "inspection_modes",
      .zh = "代码表：attendances、charge_items、complaint_reasons、inspection_modes 或 transport_needs",
      .en = "which list: attendances, charge_items, complaint_reasons, inspection_modes or transport_needs",
      .wrong_zh = "请给出一个可查的代码表",
      .wrong_en = "name a list that may be asked for" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

#define LIST_DAY_PARAMETER                                                                              \
    {                                                                                                   \
        .name = "day", .type = VIEW_DAY, .argument = "YYYY-MM-DD", .code = "no-day", .head_zh = "日期", \
        .head_en = "day", .else_zh = "今天", .else_en = "today", .zh = "该日有效的清单（默认今天）",    \
        .en = "the lists in force on that day (default: today)",                                        \
        .wrong_zh = "day 应为一天，写作 YYYY-MM-DD", .wrong_en = "day is a day, as YYYY-MM-DD"          \
    }

static const struct view_parameter of_charge_lists[] = {
    LIST_DAY_PARAMETER,
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_tariffs[] = {
    { .name = "words",
      .head_zh = "含有",
      .head_en = "with the words",
      .type = VIEW_WORD,
      .length_max = TARIFFS_WORDS_MAX,
      .argument = "WORDS",
      .zh = "只列含这些字的项目，以空格分隔，如“堆存 超期”",
      .en = "only charges that have these words in them, each of those between spaces",
      .code = "no-words",
      .wrong_zh = "words 应为至多 128 字节的文字",
      .wrong_en = "words are at most 128 bytes" },
    OPERATOR_PARAMETER,
    LIST_DAY_PARAMETER,
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_charged[] = {
    { .name = "note",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "NOTE",
      .zh = "只列此收费单",
      .en = "only this charge note",
      .code = "no-note",
      .wrong_zh = "note 应为一个收费单号",
      .wrong_en = "note is the number of a charge note" },
    OPERATOR_PARAMETER,
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_certificates[] = {
    { .name = "application",
      .type = VIEW_WORD,
      .length_max = 35,
      .argument = "APPLICATION",
      .zh = "只列此申请",
      .en = "only the application of this number",
      .code = "no-application",
      .wrong_zh = "application 应为一个申请编号",
      .wrong_en = "application is the number of an application" },
    { .name = "state",
      .type = VIEW_CHOICE,
      .choices = certificate_states,
      .argument = "STATE",
      .zh = "只列此状态：queued、reviewing、returned、refused、issued、revoked 或 replaced",
      .en = "only those that are queued, reviewing, returned, refused, issued, revoked or replaced",
      .code = "no-state",
      .wrong_zh = "state 应为 queued、reviewing、returned、refused、issued、revoked 或 replaced",
      .wrong_en = "state is queued, reviewing, returned, refused, issued, revoked or replaced" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_labs[] = {
    { .name = "hs",
      .type = VIEW_WORD,
      .length_max = 13,
      .argument = "CODE",
      .zh = "只列今日对此商品编号采信的机构",
      .en = "only those accepted today for this commodity code",
      .code = "no-code",
      .wrong_zh = "hs 应为一个商品编号",
      .wrong_en = "hs is a commodity code" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

#define NUMBER_PARAMETER(called, what, longest, zh_, en_)                                                 \
    {                                                                                                     \
        .name = called, .type = VIEW_WORD, .length_max = longest, .argument = what, .zh = zh_, .en = en_, \
        .code = "no-" called, .wrong_zh = called " 应为一个编号", .wrong_en = called " is a number",      \
    }

static const struct view_parameter of_parcels[] = {
    NUMBER_PARAMETER("order", "NUMBER", 60, "只列此订单，并列出其商品与退货",
                     "only this order, with its goods and returns"),
    NUMBER_PARAMETER("waybill", "NUMBER", 80, "只列此运单", "only this waybill"),
    NUMBER_PARAMETER("list", "NUMBER", 18, "只列此清单（海关编号）",
                     "only this list, by the number of customs"),
    { .name = "state",
      .choice = parcel_state_name,
      .type = VIEW_CHOICE,
      .choices = parcel_states,
      .argument = "STATE",
      .zh = "只列此状态的，如 lacking（尚缺单证）",
      .en = "only those in this state, as lacking (papers)",
      .code = "no-state",
      .wrong_zh = "state 应为 lacking、matched、lodged、held、assessed、released、departed、closed、refused、"
                  "deleted，或进口的 differing、delivered",
      .wrong_en = "state is lacking, matched, lodged, held, assessed, released, departed, closed, refused,"
                  " deleted, or of imports differing or delivered" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

static const struct view_parameter of_ratings[] = {
    OPERATOR_PARAMETER,
    { .name = "month",
      .type = VIEW_MONTH,
      .argument = "YYYY-MM",
      .example = "2026-10",
      .code = "no-month",
      .zh = "月份（默认各月）",
      .en = "only this month (default: each)",
      .wrong_zh = "month 应为 1900 至 2199 年间的月份，写作 YYYY-MM",
      .wrong_en = "month is one of the years 1900 to 2199, as YYYY-MM" },
    PAGE_PARAMETERS,
    PARAMETERS_END,
};

const struct view views[] = {
    { .name = "message-by-id",
      .path = "messages",
      .kind = VIEW_OF_MESSAGES,
      .parameters = by_id,
      .json = messages_by_id,
      .shape = &message_shape,
      .zh = "按编号查报文的处理情况",
      .en = "what became of a message, by its own id" },
    { .name = "message",
      .path = "messages/{number}",
      .kind = VIEW_OF_MESSAGES,
      .parameters = by_number,
      .json = messages_by_number,
      .shape = &message_shape,
      .zh = "按记录编号查报文的处理情况",
      .en = "what became of a message, by its record" },
    { .name = "receipt",
      .path = "messages/{number}/receipt",
      .kind = VIEW_OF_MESSAGES,
      .parameters = by_number,
      .json = messages_receipt,
      .shape = &receipt_shape,
      .is_of_journal = true,
      .zh = "报文的回执",
      .en = "a message's receipt" },
    { .name = "content",
      .path = "messages/{number}/content",
      .kind = VIEW_OF_MESSAGES,
      .parameters = by_number,
      .xml = messages_bytes,
      .zh = "报文原文",
      .en = "a message's own bytes" },
    { .name = "received",
      .path = "received",
      .kind = VIEW_OF_MESSAGES,
      .parameters = of_received,
      .is_verb = true,
      .is_long = true,
      .rows = &received_rows,
      .zh = "收到的报文：按编号、提交方、种类、判定与时间查找",
      .en = "messages received: by id, sender, family, verdict and time" },
    { .name = "deliveries",
      .path = "deliveries",
      .kind = VIEW_OF_MESSAGES,
      .parameters = of_mailbox,
      .json = mailbox_json,
      .shape = &mailbox_shape,
      .zh = "代为保存、待自取的投递",
      .en = "what is kept for the asking party" },
    { .name = "track",
      .path = "track/{query}",
      .parameters = of_track,
      .is_verb = true,
      .json = tracking_json,
      .shape = &tracking_shape,
      .text = tracking_print,
      .zh = "查询票货状态",
      .en = "where a consignment stands" },
    { .name = "report",
      .path = "report",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_report,
      .clashes = of_report_clashes,
      .is_verb = true,
      .is_long = true,
      .asker = VIEW_FOR_OFFICE,
      .wrong = report_wrong,
      .stands = report_stands,
      .json = report_json,
      .shape = &report_shape,
      .text = report_print,
      .csv = report_csv,
      .zh = "按环节统计通关时效",
      .en = "clearance times of a month, or of any days, by segment" },
    { .name = "export",
      .path = "export",
      .kind = VIEW_OF_GATEWAY,
      .parameters = of_export,
      .is_verb = true,
      .is_long = true,
      .asker = VIEW_FOR_OPERATOR,
      .wrong = period_known_wrong,
      .csv = export_csv,
      .zh = "导出统计所用数据，每票一行",
      .en = "what the clearance times are computed from, one row a declaration" },
    { .name = "usual",
      .path = "usual",
      .is_long = true,
      .age_max_ms = USUAL_AGE_MAX_MS,
      .kind = VIEW_OF_FIGURES,
      .json = usual_json,
      .shape = &usual_shape,
      .zh = "各环节通常用时（近 90 天）",
      .en = "how long each step of clearance usually takes, by the last 90 days" },
    { .name = "calls",
      .path = "calls",
      .parameters = of_calls,
      .is_verb = true,
      .rows = &calls_rows,
      .zh = "船舶航次的登轮检疫",
      .en = "calls of vessels, and how their boarding stands" },
    { .name = "charges",
      .path = "charges/{operator}",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_charges,
      .is_verb = true,
      .is_long = true,
      .json = charges_json,
      .shape = &charges_shape,
      .text = charges_print,
      .zh = "某日有效的公示收费清单，及版本之间的变化",
      .en = "the published charge list of a day, and what changed between versions" },
    { .name = "charge-lists",
      .path = "charge-lists",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_charge_lists,
      .is_verb = true,
      .is_long = true,
      .rows = &charge_lists_rows,
      .zh = "各经营人有效的公示收费清单",
      .en = "the published charge lists in force, of all operators" },
    { .name = "tariffs",
      .path = "tariffs",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_tariffs,
      .is_verb = true,
      .is_long = true,
      .rows = &tariffs_rows,
      .zh = "在全部公示收费清单中按字词查找",
      .en = "the lines of all published charge lists, by words" },
    { .name = "charged",
      .path = "charged",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_charged,
      .is_verb = true,
      .is_long = true,
      .rows = &charged_rows,
      .zh = "收费单各行与公示清单的对照，及其投诉",
      .en = "what was charged, line by line beside the published list, and what was complained of" },
    { .name = "complaints",
      .path = "complaints",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_complaints,
      .is_verb = true,
      .asker = VIEW_FOR_OFFICE,
      .rows = &complaints_rows,
      .zh = "收费投诉及其答复",
      .en = "complaints about charges, and how they were answered" },
    { .name = "pickups",
      .path = "pickups",
      .parameters = of_pickups,
      .is_verb = true,
      .rows = &pickups_rows,
      .zh = "电子提箱：凭证及其使用",
      .en = "pick-ups: their tokens, for the holder, and their use" },
    { .name = "supplements",
      .path = "supplements",
      .parameters = of_supplements,
      .is_verb = true,
      .rows = &supplements_rows,
      .zh = "海关要求补充的单证及期限",
      .en = "documents that customs asks for, and when they are due" },
    { .name = "waivers",
      .path = "waivers",
      .parameters = of_waivers,
      .is_verb = true,
      .rows = &waivers_rows,
      .zh = "免单申请及其结果",
      .en = "requests that charges of an inspection be waived, and what became of them" },
    { .name = "review",
      .path = "review",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_review,
      .is_verb = true,
      .rows = &review_rows,
      .zh = "会商跟进措施：由谁在何时之前做什么，做了没有",
      .en = "follow-up measures of the monthly review: who does what until when, and whether it is done" },
    { .name = "patrol",
      .path = "patrol",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_patrol,
      .is_verb = true,
      .is_long = true,
      .asker = VIEW_FOR_OFFICE,
      .wrong = period_wrong,
      .json = patrol_json,
      .shape = &patrol_shape,
      .text = patrol_print,
      .zh = "收费巡查：谁在清单之外或高于清单收费",
      .en = "who charged off the published list, or above it" },
    { .name = "lots",
      .path = "lots",
      .parameters = of_lots,
      .is_verb = true,
      .is_long = true,
      .rows = &lots_rows,
      .zh = "大宗货批：放行、提离、余量与账册",
      .en = "lots of bulk goods: what is cleared, drawn and left, and the ledger" },
    { .name = "alerts",
      .path = "alerts",
      .parameters = of_alerts,
      .rows = &alerts_rows,
      .zh = "预警：停留过久或状态矛盾的货物",
      .en = "alerts: goods that are as they are for too long, or should not be so" },
    { .name = "dangerous",
      .path = "dangerous",
      .parameters = of_dangerous,
      .is_verb = true,
      .rows = &dangerous_rows,
      .zh = "危险货物申报：待答复、抽中查验及其原因",
      .en = "dangerous goods declared: what awaits its answer, and what is selected for inspection and why" },
    { .name = "inspections",
      .path = "inspections",
      .parameters = of_inspections,
      .keys = INSPECTIONS_KEYS,
      .is_verb = true,
      .json = inspections_json,
      .shape = &inspections_shape,
      .text = inspections_print,
      .zh = "查验排队：各预约的位次及其理由",
      .en = "the queue of inspections, with the reason of each place" },
    { .name = "slots",
      .path = "slots",
      .parameters = of_slots,
      .is_verb = true,
      .is_long = true,
      .wrong = calendar_wrong,
      .rows = &calendar_rows,
      .zh = "查验场地的时段：名额与已约",
      .en = "the slots of inspection sites: how many places they have, and how many are taken" },
    { .name = "codes",
      .path = "codes/{list}",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_codes,
      .is_verb = true,
      .rows = &codes_rows,
      .zh = "一个代码表今日的代码",
      .en = "the codes of a list that are valid today" },
    { .name = "certificates",
      .path = "certificates",
      .parameters = of_certificates,
      .is_verb = true,
      .is_long = true,
      .rows = &certificates_rows,
      .zh = "原产地证书：申请、审核队列与自助打印",
      .en = "certificates of origin: applications, their queue, and what may be printed" },
    { .name = "labs",
      .path = "labs",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_labs,
      .is_verb = true,
      .rows = &labs_rows,
      .zh = "采信机构名录",
      .en = "the laboratories whose reports are accepted, and for what" },
    { .name = "notices",
      .path = "notices",
      .parameters = of_notices,
      .is_verb = true,
      .rows = &notices_rows,
      .zh = "出口信息（退税、信保、结汇）：告知了谁，谁尚未确认",
      .en =
          "what tax office, credit insurer and bank were told of exports, and who has not acknowledged it" },
    { .name = "parcels",
      .path = "parcels",
      .parameters = of_parcels,
      .is_verb = true,
      .rows = &parcels_rows,
      .zh = "跨境电商：各票的三单比对、通关与退货",
      .en = "e-commerce: how each parcel stands with its papers and customs, and what came back" },
    { .name = "ratings",
      .path = "ratings",
      .kind = VIEW_OF_FIGURES,
      .parameters = of_ratings,
      .is_verb = true,
      .is_long = true,
      .rows = &ratings_rows,
      .zh = "各经营人的服务评价，按月汇总",
      .en = "how operators are rated, by month" },
    { .name = "queue",
      .path = "queue",
      .kind = VIEW_OF_GATEWAY,
      .parameters = of_queue,
      .keys = BACKLOG_KEYS,
      .asker = VIEW_FOR_OPERATOR,
      .json = backlog_json,
      .shape = &backlog_shape,
      .text = backlog_print,
      .zh = "等待、失败与搁置的投递，暂挂的记录，待关联的海关回执",
      .en = "deliveries that wait, fail or are parked; what is held; answers of customs that wait" },
    { .name = "diagnostics",
      .path = "diagnostics",
      .kind = VIEW_OF_GATEWAY,
      .asker = VIEW_FOR_OPERATOR,
      .is_of_journal = true,
      .json = diagnostics_json,
      .shape = &diagnosis_shape,
      .text = diagnostics_print,
      .zh = "诊断：网关所依赖的一切现在如何，该做什么",
      .en = "how all stands that the gateway depends on, and what to do about it" },
};
const size_t views_count = sizeof(views) / sizeof(*views);
_Static_assert(sizeof(views) / sizeof(*views) <= VIEWS_MAX, "more questions than there is room for");

const struct view *view_find(const char *name) {
    for (size_t i = 0; i < views_count; i++) {
        if (strcmp(views[i].name, name) == 0) {
            return &views[i];
        }
    }
    return NULL;
}
