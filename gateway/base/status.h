/*
 * status.h - what the world answered: the one list of outcomes.
 *
 * A status is about the world (disk, peer, configuration), never about what a partner wrote: that is
 * a finding (message/verdict.h), and never about our own mistakes: those end in panic(). One row says
 * everything the outside sees of an outcome, so wire code, advice and sentence cannot drift apart.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "base/text.h"

enum retry { RETRY_NEVER, RETRY_LATER, RETRY_AFTER_REPAIR };

/* clang-format off */
/*    name         http  exit retry          sentence, zh and en */
#define STATUS_LIST(X)                                                                                       \
    X(OK,           200,  0,   NEVER,         "完成",                                                        \
                                              "done")                                                        \
    X(BAD_INPUT,    400,  1,   NEVER,         "请求格式不正确",                                              \
                                              "the request is not well-formed")                              \
    X(DENIED,       403,  77,  NEVER,         "该参与方无权进行此操作",                                      \
                                              "not allowed for this party")                                  \
    X(NOT_FOUND,    404,  3,   NEVER,         "未找到",                                                      \
                                              "not found")                                                   \
    X(CONFLICT,     409,  1,   NEVER,         "该编号已用于内容不同的报文",                                  \
                                              "this id was used before for other bytes")                     \
    X(TOO_LARGE,    413,  1,   NEVER,         "超出大小限制",                                                \
                                              "larger than the limit")                                       \
    X(REFUSED,      422,  1,   AFTER_REPAIR,  "报文已被拒收，请改正后重新提交",                              \
                                              "the message was refused; mend it and send it again")          \
    X(NOT_KEPT,     410,  3,   NEVER,         "只记录了摘要与判定，未保存内容",                              \
                                              "only its digest and verdict were recorded, not its content")  \
    X(THROTTLED,    429,  69,  LATER,         "该参与方在途的报文已达上限，请稍后重新提交",                  \
                                              "this party has as much under way as one party may have, send it again") \
    X(QUOTA,        429,  69,  LATER,         "该参与方今日可提交的字节数已用完",                            \
                                              "the bytes that this party may send today are used up")        \
    X(IO,           500,  74,  LATER,         "输入输出操作失败",                                            \
                                              "an input or output operation failed")                         \
    X(DAMAGED,      500,  74,  AFTER_REPAIR,  "存储的数据已损坏，须由运维人员处置",                          \
                                              "stored data is damaged; an operator must decide")             \
    X(BAD_CONFIG,   500,  78,  AFTER_REPAIR,  "配置有误",                                                    \
                                              "the configuration is wrong")                                  \
    X(BUSY,         503,  69,  LATER,         "网关已达处理上限，请稍后重新提交",                            \
                                              "the gateway is at its limit, send it again")                  \
    X(BEHIND,       503,  69,  LATER,         "网关启动后正在追赶日志",                                      \
                                              "the gateway is catching up with its journal after a start")   \
    X(FULL,         503,  69,  LATER,         "磁盘将满或文件描述符已用尽，腾出之前不再接收报文",            \
                                              "the disk is nearly full, or no descriptor is left; nothing is accepted until there is room") \
    X(CLOSED,       503,  69,  LATER,         "网关正在关闭",                                                \
                                              "the gateway is shutting down")                                \
    X(UNAVAILABLE,  503,  69,  LATER,         "无法连接对方",                                                \
                                              "the peer cannot be reached")                                  \
    X(LOCKED,       503,  69,  LATER,         "数据文件夹正被另一进程使用",                                  \
                                              "the data directory is in use by another process")             \
    X(TIMEOUT,      504,  124, LATER,         "未在时限内答复",                                              \
                                              "no answer in time")
/* clang-format on */

enum status {
#define X(name, http, exit, retry, zh, en) STATUS_##name,
    STATUS_LIST(X)
#undef X
        STATUS_COUNT
};

const char *status_name(enum status status); /* "NOT_FOUND" */
const char *status_sentence(enum status status, enum language language);

/* What a status is about - which file, address or record, and why - for a person, in both languages. */
struct explanation {
    char zh[512], en[512];
};

/* zh and en are printf formats over the same arguments. NULL is fine: nobody wants to know. */
void explain(struct explanation *out, const char *zh, const char *en, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/* The same with sentences that are ready, behind a name that needs no language: "subject: sentence"; subject
   may be "". */
void explain_about(struct explanation *out, const char *subject, const char *zh, const char *en);
/* What the system says with an errno: of the errors that people meet, in both languages; of others the
   system's word. */
const char *error_sentence(int error, enum language language);

int status_http(enum status status);
int status_exit(enum status status);
enum retry status_retry(enum status status);

/* We are wrong: prints where and why to stderr and aborts. Stays on in release builds. */
_Noreturn void panic_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define panic(...) panic_at(__FILE__, __LINE__, __VA_ARGS__)

/* An invariant; unlike assert() it stays on in release builds. */
#define require(condition)                                            \
    do {                                                              \
        if (!(condition))                                             \
            panic_at(__FILE__, __LINE__, "violated: %s", #condition); \
    } while (0)

#endif
