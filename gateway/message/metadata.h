/*
 * metadata.h - what the record of a message says: its meta part.
 *
 * {"party":"FWD-QD-01","channel":"http","received":1790000000000000000,"format":"cn-dec",
 *  "family":"declaration","id":"20261031000000001","digest":"…","size":9214,"verdict":"accepted",
 *  "edition":"…"}
 * and, where they are not empty: "named" (the format the sender named), "file", "origin", "outer",
 * "trace", "account", "again" (true), "conflicts", "digest_only" (true), "errors" and "warnings" (how many),
 * "findings":[{"code":…,"severity":…,"line":…,"column":…,"offset":…,"length":…,"path":…,"zh":…,"en":…,
 *              "hint_zh":…,"hint_en":…}].
 */
#ifndef MESSAGE_METADATA_H
#define MESSAGE_METADATA_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/shape.h"
#include "message/envelope.h"
#include "message/verdict.h"

/* clang-format off */
/*    name       text        http  what its sender does next: of receipts that were given out, so never reworded */
#define OUTCOME_LIST(X)                                                                                    \
    X(ACCEPTED,  "accepted",  202, "等待处理结果，不必重复提交",                                           \
                                   "wait for what is decided of it; it need not be sent again")            \
    X(REFUSED,   "refused",   422, "按所列问题修改后，以同一编号重新提交",                                  \
                                   "mend what the findings name and send it again, under the same id")     \
    X(CONFLICT,  "conflict",  409, "内容已改动的，换新编号提交；此前已提交的，不必再发",                    \
                                   "send other content under an id of its own; what was sent need not be sent again")
/* clang-format on */

enum outcome {
#define X(name, text, http, zh, en) OUTCOME_##name,
    OUTCOME_LIST(X)
#undef X
};

struct metadata {
    struct envelope env;
    const char *family, *format, *id; /* "" when the message did not get that far */
    enum outcome outcome;
    uint64_t conflicts; /* CONFLICT: the record that holds the id; metadata_conflict() has the words */
    bool digest_only; /* the record has no content: its sender had used up what is kept of refused messages */
    struct digest edition;
    const struct finding *findings;
    size_t count;
    size_t errors, warnings; /* counted, kept or not */
};

#define METADATA_CONFLICT_MAX \
    2048 /* bytes by which metadata_conflict() lengthens what metadata_write() writes */

/* What the check accepted becomes a conflict with the record that holds its id: a finding before all others,
 * ID-CONFLICT, says which record and since when. since 0: since just now. */
void metadata_conflict(struct metadata *metadata, uint64_t holder, stamp since, struct arena *arena);
const char *outcome_text(enum outcome outcome);
int outcome_http(enum outcome outcome);
const char *outcome_next(enum outcome outcome, enum language language); /* what the sender does next */
void metadata_write(const struct metadata *metadata, struct buf *meta);
bool metadata_read(struct text meta, struct arena *arena, struct metadata *metadata); /* false: it is none */

/* Findings as one JSON array, wherever a record or an answer carries them. */
void findings_write(struct json_out *out, const char *key, const struct finding *findings, size_t count);
extern const struct shape finding_shape; /* one of them */
/* False: not such an array. */
bool findings_read(const struct json *array, struct arena *arena, const struct finding **out, size_t *count);

#endif
