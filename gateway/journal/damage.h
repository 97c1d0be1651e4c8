/*
 * damage.h - what can be wrong with a journal: the one list, with the sentences for who has to decide about
 * it.
 */
#ifndef JOURNAL_DAMAGE_H
#define JOURNAL_DAMAGE_H

#include "base/text.h"

/* clang-format off */
/*    name             sentence, zh and en */
#define DAMAGE_LIST(X)                                                                                       \
    X(NONE,            "", "")                                                                               \
    X(SHORT,           "文件比任何分段都短", "the file is shorter than any segment")                         \
    X(HEADER,          "分段头已损坏", "the segment header is damaged")                                      \
    X(FORMAT,          "分段的格式不是本程序所用的（较旧或较新）；日志不作转换", "the segment has an older or newer format than this program; journals are not converted")    \
    X(ANOTHERS,        "这是另一分段的文件", "this is another segment's file")                               \
    X(SIZE,            "文件大小不足", "the file has not its full size")                                     \
    X(MISSING,         "分段缺失", "the segment is missing")                                                 \
    X(GAP,             "分段缺失或为空，其后却有分段",                                                       \
                       "the segment is missing or empty, and a later one is there")                          \
    X(DISCONTINUED,    "分段未承接前一分段", "the segment does not continue the one before it")              \
    X(SEAL,            "封记缺失或已损坏", "the seal is missing or damaged")                                 \
    X(SEAL_OF_FORMER,  "封记缺失或已损坏，而后一分段已在使用",                                               \
                       "the seal is missing or damaged, and a later segment is in use")                      \
    X(SEAL_UNFIT,      "封记与记录不符", "the seal does not fit the records")                                \
    X(BEHIND_SEAL,     "已封分段的最后一条记录之后还有内容",                                                 \
                       "something stands behind the last record of a sealed segment")                        \
    X(LOST,            "此处的记录曾已落盘，现在不完整或未承接校验链",                                       \
                       "the record that should stand here was durable;"                                      \
                       " it is not whole or does not continue the chain")                                    \
    X(NOTHING,         "应有记录之处为空", "nothing stands where a record should")                           \
    X(TORN,            "记录没有结尾", "the record has no end")                                              \
    X(CHECKSUM,        "记录的字节与其校验和不符", "the record's bytes do not match its checksum")           \
    X(NUMBER,          "记录的编号属于另一条记录", "the record has another's number")                        \
    X(OLDER,           "记录早于其前一条", "the record is older than the one before it")                     \
    X(CHAIN,           "记录未承接校验链", "the record does not continue the chain")
/* clang-format on */

enum damage {
#define X(name, zh, en) DAMAGE_##name,
    DAMAGE_LIST(X)
#undef X
        DAMAGE_COUNT
};

const char *damage_sentence(enum damage damage, enum language language); /* "" for NONE */

#endif
