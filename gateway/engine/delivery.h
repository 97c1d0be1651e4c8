/*
 * delivery.h - what became of handing records to parties, as recorded (meta of a DELIVERY record):
 * {"edition":"hex","deliveries":[
 *  {"record":42,"party":"QQCT","outcome":"delivered","attempt":1},
 *  {"record":42,"party":"CUS-QD","outcome":"deferred","attempt":3,"reason":"receiver-busy","words":"…",
 *   "next":1790000000000000000}]}
 *
 * One record tells of all whose outcome was known at once, for what a record costs is spent once for them
 * all. edition names the one that said where they go, or that they cannot. What there is none of (a reason,
 * words, a next time) is left out.
 * The reason is a code of the list below, so that people read it in their own language; words are what the
 * receiver, or an operator, said, in whatever language that was.
 */
#ifndef ENGINE_DELIVERY_H
#define ENGINE_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/stamp.h"
#include "base/status.h"
#include "base/text.h"

/* clang-format off */
/*    name        text          state of the row after   what it says                                       
 *    */
#define DELIVERY_LIST(X)                                                                                        \
    X(DELIVERED,  "delivered",  "delivered",  "acknowledged by the receiver")                                   \
    X(DEFERRED,   "deferred",   "waiting",    "failed, will be tried again at `next`")                          \
    X(PARKED,     "parked",     "parked",     "given up with a reason until somebody re-drives it, or what the reason" \
                                              " says is over")                                                  \
    X(REDRIVEN,   "redriven",   "waiting",    "an operator asked for it again; what was delivered is marked so")      \
    X(DROPPED,    "dropped",    "dropped",    "an operator decided that it is not to be sent")

/* returns: it is about the party and not about this delivery, which goes on by itself once the party can be
 * served. */
/*    name              code                     returns  zh, en                                              
 *     */
#define DELIVERY_REASON_LIST(X)                                                                                 \
    X(NONE,             "",                      false,   "",                                                   \
                                                          "")                                                   \
    X(PARTY_BLOCKED,    "party-blocked",         true,    "该参与方已停用",                                     \
                                                          "the party is blocked")                               \
    X(PARTY_LEFT,       "party-left",            true,    "参与方文件中已没有该参与方",                         \
                                                          "the parties file does not name the party any more")  \
    X(NO_TRANSPORT,     "no-transport",          true,    "该参与方未配置投递方式",                             \
                                                          "nothing is delivered to this party: its row has no transport") \
    X(NOT_RUNNING,      "transport-not-running", true,    "该参与方的投递方式未在本网关运行",                   \
                                                          "the party's transport does not run on this gateway") \
    X(UNREADABLE,       "record-unreadable",     false,   "无法从日志读取该记录",                               \
                                                          "the record cannot be read from the journal")         \
    X(UNACKNOWLEDGED,   "unacknowledged",        false,   "对方未在时限内确认收到",                             \
                                                          "no acknowledgement in time")                         \
    X(UNREACHABLE,      "unreachable",           false,   "无法连接对方",                                       \
                                                          "the receiver cannot be reached")                     \
    X(RECEIVER_BUSY,    "receiver-busy",         false,   "对方暂不接收更多",                                   \
                                                          "the receiver takes no more now")                     \
    X(RECEIVER_REFUSED, "receiver-refused",      false,   "对方拒收",                                           \
                                                          "the receiver refused it")                            \
    X(RECEIVER_LIMIT,   "receiver-limit",        false,   "超出对方的大小限制",                                 \
                                                          "it is larger than the receiver takes")               \
    X(NOT_ALLOWED,      "not-allowed",           false,   "对方不允许",                                         \
                                                          "the receiver does not allow it")                     \
    X(NOT_WRITTEN,      "not-written",           false,   "无法写入",                                           \
                                                          "it could not be written")                            \
    X(NO_ROOM,          "no-room",               false,   "磁盘已满",                                           \
                                                          "there is no room for it")                            \
    X(NO_RECEIVER,      "no-receiver",           false,   "对方尚未连接（未发 HELLO）",                         \
                                                          "no receiver has said HELLO")                         \
    X(NO_ADDRESS,       "no-address",            false,   "该参与方没有这种传输的地址",                         \
                                                          "the party has no address of this transport")         \
    X(RECEIVER_GONE,    "receiver-gone",         false,   "对方已断开",                                         \
                                                          "the receiver is gone")                               \
    X(RECEIVER_ANEW,    "receiver-anew",         false,   "对方重新连接",                                       \
                                                          "the receiver said HELLO anew")                       \
    X(NO_FOLDER,        "no-folder",             false,   "该参与方没有文件夹",                                 \
                                                          "the party has no folder")                            \
    X(FOLDER_MISSING,   "folder-missing",        false,   "该参与方的文件夹或其 InBox 不存在",                  \
                                                          "the party's folder or its InBox is not there")       \
    X(FIRST_RESPONSE,   "first-response",        false,   "其文件仍在 OutBox：须先有第一份回执",               \
                                                          "its file lies in OutBox: the first response comes first") \
    X(PRODUCER_FAILED,  "producer-failed",       false,   "连接 Kafka 的生产者失效，正在重建",                         \
                                                          "the Kafka producer failed and is made anew")         \
    X(NO_SECRET,        "no-secret",             false,   "其 webhook 的密钥或证书文件无法使用，见 clearway config lint",   \
                                                          "a file of its webhook, secret or certificate, cannot be used: see clearway config lint") \
    X(NO_HOST,          "no-host",               false,   "无法解析其主机名",                                   \
                                                          "no address is known for its host name")              \
    X(ADDRESS_REFUSED,  "address-refused",       false,   "其主机名指向不允许投递的地址（内网、本机等）",         \
                                                          "its host name leads to an address that nothing is sent to (private, loopback ...)") \
    X(NOT_VERIFIED,     "not-verified",          false,   "无法核验其证书",                                     \
                                                          "its certificate cannot be verified")                 \
    X(REDIRECTED,       "redirected",            false,   "对方答以重定向，不予跟随",                           \
                                                          "the receiver answers with a redirect, which is not followed") \
    X(RECEIVER_FAILED,  "receiver-failed",       false,   "对方处理失败",                                       \
                                                          "the receiver failed on it")                          \
    X(BAD_ANSWER,       "bad-answer",            false,   "对方的答复不是可用的 HTTP 答复",                     \
                                                          "what the receiver answers is no HTTP answer to go by") \
    X(ENDPOINT_GONE,    "endpoint-gone",         false,   "其 webhook 答以 410：已停用；clearway reload 之后才再投递", \
                                                          "its webhook answered 410, gone: nothing is sent there until clearway reload") \
    X(OVERHEARD,        "overheard",             false,   "其他主体也可读取其 Kafka 主题",                       \
                                                          "others may read its Kafka topic, too")               \
    X(STOPPING,         "stopping",              false,   "网关正在关闭",                                       \
                                                          "the gateway is shutting down")                       \
    X(OPERATOR,         "operator",              false,   "运维人员指令",                                       \
                                                          "an operator's order")
/* clang-format on */

enum delivery_reason {
#define X(name, code, returns, zh, en) DELIVERY_REASON_##name,
    DELIVERY_REASON_LIST(X)
#undef X
};

enum delivery_outcome {
#define X(name, text, state, what) DELIVERY_##name,
    DELIVERY_LIST(X)
#undef X
};

#define DELIVERY_WORDS_MAX   500
#define DELIVERY_RESULTS_MAX 64 /* of one record */

struct delivery_result {
    uint64_t record;
    const char *party;
    enum delivery_outcome outcome;
    uint32_t attempt;
    enum delivery_reason reason;
    const char *words; /* below DELIVERY_WORDS_MAX bytes */
    stamp next;
    struct digest edition;
};

const char *delivery_outcome_state(enum delivery_outcome outcome); /* of the row after it */
const char *delivery_reason_code(enum delivery_reason reason);
/* What a failure is called whose transport has no better name for it. */
enum delivery_reason delivery_reason_of(enum status status);
bool delivery_reason_returns(enum delivery_reason reason);
/* Of that code, as a row of state.db has it; the code itself when none is called so. */
const char *delivery_reason_sentence(const char *code, enum language language);
/* What a receiver or an operator said (NULL: nothing), cut between characters. */
void delivery_cut_words(const char *words, char out[DELIVERY_WORDS_MAX]);

/* A record of one result; or piece by piece: begin, a result of that edition each (at most
 * DELIVERY_RESULTS_MAX), end. */
void delivery_write(const struct delivery_result *result, struct buf *meta);
void delivery_write_begin(struct json_out *out, struct buf *meta, const struct digest *edition);
void delivery_write_result(struct json_out *out, const struct delivery_result *result);
void delivery_write_end(struct json_out *out);

struct delivery_results {
    struct delivery_result *list; /* at least one */
    size_t count;
};

/* Into the arena. False: it is none. */
bool delivery_read(struct text meta, struct arena *arena, struct delivery_results *results);

#endif
