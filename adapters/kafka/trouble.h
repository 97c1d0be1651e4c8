/*
 * trouble.h - why a topic of submissions is not read, one list.
 */
#ifndef ADAPTERS_KAFKA_TROUBLE_H
#define ADAPTERS_KAFKA_TROUBLE_H

#include <stdbool.h>

#include "base/text.h"

/* stops: an operator has to look; else it goes on by itself. */
/* clang-format off */
/*    name            code              stops   zh, en */
#define TROUBLE_LIST(X)                                                                                      \
    X(NONE,           "",               false,  "",                                                          \
                                                "")                                                          \
    X(UNREACHABLE,    "unreachable",    false,  "无法连接集群",                                              \
                                                "the cluster cannot be reached")                             \
    X(NO_TOPIC,       "no-topic",       false,  "没有该主题",                                                \
                                                "there is no such topic")                                    \
    X(NOT_ALLOWED,    "not-allowed",    false,  "网关无权读取该主题或其消费组",                              \
                                                "the gateway may not read it, or not use its group")         \
    X(TOO_MANY,       "too-many",       false,  "分区超过 1024 个",                                          \
                                                "it has more than 1024 partitions")                          \
    X(NO_RECEIPTS,    "no-receipts",    false,  "回执主题无法写入",                                          \
                                                "its receipts topic cannot be written")                      \
    X(OTHER_WRITERS,  "other-writers",  true,   "该参与方以外者可写入该主题",                                \
                                                "others than the party may write to it")                     \
    X(OFFSETS_LOST,   "offsets-lost",   true,   "有报文尚未读取即已被删除；确认后将消费组位移设到仍在之处",  \
                                                "messages were deleted before they were read; whoever knows which sets the group's offset to where the log begins") \
    X(TOPIC_ANEW,     "topic-anew",     true,   "主题已被重建：请以新名称重建并写入参与方文件",              \
                                                "the topic was made anew: give it another name, and name that in the parties file")
/* clang-format on */

enum trouble {
#define X(name, code, stops, zh, en) TROUBLE_##name,
    TROUBLE_LIST(X)
#undef X
};

const char *trouble_code(enum trouble trouble);
bool trouble_stops(enum trouble trouble);
const char *trouble_sentence(enum trouble trouble, enum language language);

#endif
