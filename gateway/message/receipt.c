/*
 * receipt.c - three ways to write the same facts, and one to take an acceptance back. Nothing here reads a
 * clock, a setting or a table that may change: a repeat in ten years is the same bytes.
 */
#include "message/receipt.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "message/finding_code.h"
#include "message/markup.h"

#define PREFIX          "sha256:"
#define DIGEST_TEXT_MAX (sizeof(PREFIX) + DIGEST_HEX_MAX)

static const char *digest_text(const struct digest *digest, char out[DIGEST_TEXT_MAX]) {
    char hex[DIGEST_HEX_MAX];
    snprintf(out, DIGEST_TEXT_MAX, PREFIX "%s", digest_hex(digest, hex));
    return out;
}

void receipt_json(const struct receipt_of *of, const struct metadata *metadata, struct buf *out) {
    require(of->number > 0);
    char moment[STAMP_TEXT_MAX], digest[DIGEST_TEXT_MAX];
    struct json_out json;
    json_start(&json, out);
    json_open_object(&json, NULL);
    json_put_int(&json, "receipt", 1);
    json_put_string(&json, "journal", of->journal);
    json_put_int(&json, "record", (int64_t)of->number);
    json_put_string(&json, "recorded", stamp_print(of->stamp, moment));
    json_put_string(&json, "verdict", outcome_text(metadata->outcome));
    json_put_string(&json, "party", metadata->env.party);
    json_put_string(&json, "family", metadata->family);
    json_put_string(&json, "format", metadata->format);
    json_put_string(&json, "id", metadata->id);
    json_put_string(&json, "digest", digest_text(&metadata->env.digest, digest));
    json_put_int(&json, "size", (int64_t)metadata->env.size);
    if (metadata->env.outer && *metadata->env.outer) {
        json_put_string(&json, "outer", metadata->env.outer);
    }
    json_put_string(&json, "leaf", digest_text(&of->chain, digest));
    json_put_string(&json, "edition", digest_text(&metadata->edition, digest));
    if (metadata->outcome == OUTCOME_CONFLICT) {
        json_put_int(&json, "conflicts", (int64_t)metadata->conflicts);
    }
    if (metadata->digest_only) {
        json_put_bool(&json, "digest_only", true);
    }
    json_put_string(&json, "next_zh", outcome_next(metadata->outcome, LANGUAGE_ZH));
    json_put_string(&json, "next_en", outcome_next(metadata->outcome, LANGUAGE_EN));
    findings_write(&json, "findings", metadata->findings, metadata->count);
    json_close_object(&json);
}

static const struct shape_member receipt_members[] = {
    { "receipt", SHAPE_NUMBER, .zh = "回执格式的版本", .en = "the version of this form" },
    { "journal", SHAPE_TEXT, .zh = "日志名", .en = "the name of the journal" },
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "the number of its record there" },
    { "recorded", SHAPE_TIME, .zh = "记录时间", .en = "when it was recorded" },
    { "verdict", SHAPE_TEXT, .zh = "accepted、refused 或 conflict", .en = "accepted, refused or conflict" },
    { "party", SHAPE_TEXT, .zh = "提交方", .en = "who sent it" },
    { "family", SHAPE_TEXT, .zh = "报文种类", .en = "its family" },
    { "format", SHAPE_TEXT, .zh = "报文格式", .en = "its format" },
    { "id", SHAPE_TEXT, .zh = "报文编号", .en = "its own id" },
    { "digest", SHAPE_TEXT, .zh = "报文摘要，sha256:…", .en = "of its bytes, sha256:…" },
    { "size", SHAPE_NUMBER, .zh = "字节数", .en = "its bytes" },
    { "outer", SHAPE_TEXT, .zh = "所在压缩包或封装的摘要",
      .en = "the digest of the archive or wrapper it came in", .is_optional = true },
    { "leaf", SHAPE_TEXT, .zh = "日志链上的摘要", .en = "its link of the journal's chain" },
    { "edition", SHAPE_TEXT, .zh = "据以校验的规则版本", .en = "the digest of the edition it was judged by" },
    { "conflicts", SHAPE_NUMBER, .zh = "conflict：已占用该编号的记录",
      .en = "of a conflict: the record that holds its id", .is_optional = true },
    { "digest_only", SHAPE_FLAG, .zh = "只记录了摘要，未保存内容",
      .en = "there is its digest, and not its content", .is_optional = true },
    { "next", SHAPE_WORDS, .zh = "提交方下一步做什么", .en = "what its sender does next" },
    { "findings", SHAPE_LIST, .zh = "校验所见", .en = "what was found", .of = &finding_shape },
    SHAPE_END,
};

const struct shape receipt_shape = { "Receipt", receipt_members };

/* --- our own <Receipt> ---------------------------------------------------------------------------------- */

static void put_number(struct buf *out, const char *name, uint32_t number) {
    char digits[12];
    snprintf(digits, sizeof(digits), "%u", number);
    markup_attribute(out, name, text_of(digits));
}

static void put_finding(struct buf *out, const struct finding *finding) {
    buf_add_string(out, "<Finding");
    markup_attribute(out, "code", text_of(finding->code));
    markup_attribute(out, "severity", text_of(severity_text(finding->severity)));
    put_number(out, "line", finding->place.line);
    put_number(out, "column", finding->place.column);
    if (finding->path && *finding->path) {
        markup_attribute(out, "path", text_of(finding->path));
    }
    buf_add_char(out, '>');
    const struct {
        const char *name, *text;
    } texts[] = {
        { "Zh", finding->zh },
        { "En", finding->en },
        { "HintZh", finding->hint_zh },
        { "HintEn", finding->hint_en },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].text && *texts[i].text) {
            markup_element(out, texts[i].name, text_of(texts[i].text));
        }
    }
    buf_add_string(out, "</Finding>");
}

static void write_own(const struct receipt_of *of, const struct metadata *metadata, struct buf *out) {
    char moment[STAMP_TEXT_MAX], digest[DIGEST_TEXT_MAX];
    buf_add_string(out, "<Receipt xmlns=\"urn:clearway:receipt:1\">");
    markup_element(out, "Journal", text_of(of->journal));
    markup_number(out, "Record", of->number);
    markup_element(out, "Recorded", text_of(stamp_print(of->stamp, moment)));
    markup_element(out, "Verdict", text_of(outcome_text(metadata->outcome)));
    markup_element(out, "Party", text_of(metadata->env.party));
    markup_element(out, "Family", text_of(metadata->family));
    markup_element(out, "Format", text_of(metadata->format));
    markup_element(out, "Id", text_of(metadata->id));
    markup_element(out, "Digest", text_of(digest_text(&metadata->env.digest, digest)));
    markup_number(out, "Size", metadata->env.size);
    markup_element(out, "Leaf", text_of(digest_text(&of->chain, digest)));
    markup_element(out, "Edition", text_of(digest_text(&metadata->edition, digest)));
    if (metadata->outcome == OUTCOME_CONFLICT) {
        markup_number(out, "Conflicts", metadata->conflicts);
    }
    if (metadata->digest_only) {
        markup_element(out, "DigestOnly", TEXT("true"));
    }
    markup_element(out, "NextZh", text_of(outcome_next(metadata->outcome, LANGUAGE_ZH)));
    markup_element(out, "NextEn", text_of(outcome_next(metadata->outcome, LANGUAGE_EN)));
    buf_add_string(out, "<Findings>");
    for (size_t i = 0; i < metadata->count; i++) {
        put_finding(out, &metadata->findings[i]);
    }
    buf_add_string(out, "</Findings></Receipt>\n");
}

static void write_own_unrecorded(const char *code, const char *zh, const char *en, struct buf *out) {
    buf_add_string(out, "<Receipt xmlns=\"urn:clearway:receipt:1\">");
    markup_element(out, "Verdict", text_of(outcome_text(OUTCOME_REFUSED)));
    buf_add_string(out, "<Findings>");
    put_finding(out, &(struct finding){ .code = code, .severity = SEVERITY_ERROR, .zh = zh, .en = en });
    buf_add_string(out, "</Findings></Receipt>\n");
}

/* --- DecImportResponse (domain: the import client of the single window) --------------------------------- */

#define CLIENT_SEQ_NO_MAX 18 /* a message without one goes by its digest, which is not a ClientSeqNo */
#define REFUSED_CODE      "1"
#define REASON_MAX        2000 /* bytes: clients show ErrorMessage in one line of a window */

/* What refuses the message, in Chinese, as many findings as there is room for. */
static void write_reasons(const struct finding *findings, size_t count, size_t errors, struct buf *out) {
    size_t told = 0;
    for (size_t i = 0; i < count && out->length < REASON_MAX; i++) {
        const struct finding *finding = &findings[i];
        if (finding->severity == SEVERITY_ERROR) {
            buf_printf(out, "[%s] %s", finding->code, finding->zh);
            if (finding->place.line) {
                buf_printf(out, "（第 %u 行第 %u 列）", finding->place.line, finding->place.column);
            }
            buf_add_string(out, "；");
            told++;
        }
    }
    if (told < errors) {
        buf_printf(out, "等共 %zu 处错误；", errors);
    }
}

static void put_dec_import_response(const char *code, const struct buf *reason, const char *id,
                                    struct buf *out) {
    buf_add_string(out, "<DecImportResponse xmlns=\"http://www.chinaport.gov.cn/dec\">");
    markup_element(out, "ResponseCode", text_of(code));
    markup_element(out, "ErrorMessage", buf_text(reason));
    markup_element(out, "ClientSeqNo", strlen(id) <= CLIENT_SEQ_NO_MAX ? text_of(id) : TEXT(""));
    buf_add_string(out, "<SeqNo></SeqNo></DecImportResponse>\n");
}

/* The form has no place for number and digest of the record, so its free text names them. */
static void name_record(uint64_t record, const struct metadata *metadata, struct buf *reason) {
    char digest[DIGEST_TEXT_MAX];
    buf_printf(reason, "记录号 %llu，摘要 %s%s", (unsigned long long)record,
               digest_text(&metadata->env.digest, digest), metadata->digest_only ? "（报文内容未保存）" : "");
}

static void write_dec_import_response(const struct receipt_of *of, const struct metadata *metadata,
                                      struct buf *out) {
    /* clang-format off */
    static const struct { const char *code, *zh; } answers[] = {
        [OUTCOME_ACCEPTED] = { "0", "已接收" },
        [OUTCOME_REFUSED]  = { REFUSED_CODE, "已拒收" },
        [OUTCOME_CONFLICT] = { "2", "编号冲突" },
    };
    /* clang-format on */
    struct buf reason;
    buf_init(&reason, 64 * 1024);
    buf_printf(&reason, "%s：", answers[metadata->outcome].zh);
    write_reasons(metadata->findings, metadata->count, metadata->errors, &reason);
    name_record(of->number, metadata, &reason);
    buf_printf(&reason, "；%s", outcome_next(metadata->outcome, LANGUAGE_ZH));
    put_dec_import_response(answers[metadata->outcome].code, &reason, metadata->id, out);
    buf_release(&reason);
}

static void refuse_by_dec_import_response(uint64_t record, const struct metadata *metadata,
                                          const struct refusal *refusal, struct buf *out) {
    struct buf reason;
    buf_init(&reason, 64 * 1024);
    buf_add_string(&reason, "已接收，但未通过业务审核：");
    if (refusal->errors) {
        write_reasons(refusal->findings, refusal->count, refusal->errors, &reason);
    } else {
        buf_printf(&reason, "[%s] %s；", refusal->code, refusal->zh);
    }
    name_record(record, metadata, &reason);
    buf_printf(&reason, "；%s", outcome_next(OUTCOME_REFUSED, LANGUAGE_ZH));
    put_dec_import_response(REFUSED_CODE, &reason, metadata->id, out);
    buf_release(&reason);
}

static void write_dec_unrecorded(const char *code, const char *zh, const char *en, struct buf *out) {
    struct buf reason;
    (void)en; /* the form is a Chinese one */
    buf_init(&reason, 64 * 1024);
    const struct finding_meaning *meaning = finding_meaning_find(code);
    const char *next = meaning ? meaning->explanation_zh : "";
    buf_printf(&reason, "已拒收：[%s] %s；未记录%s%s", code, zh, *next ? "。" : "", next);
    put_dec_import_response(REFUSED_CODE, &reason, "", out);
    buf_release(&reason);
}

static const struct form {
    const char *name;
    void (*write)(const struct receipt_of *of, const struct metadata *metadata, struct buf *out);
    void (*refuse)(uint64_t record, const struct metadata *metadata, const struct refusal *refusal,
                   struct buf *out);
    void (*unrecorded)(const char *code, const char *zh, const char *en, struct buf *out);
} forms[] = {
    { "", write_own, NULL, write_own_unrecorded },
    { "DecImportResponse", write_dec_import_response, refuse_by_dec_import_response, write_dec_unrecorded },
};

static const struct form *find_form(const char *name) {
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(forms[i].name, name) == 0) {
            return &forms[i];
        }
    }
    return NULL;
}

bool receipt_has_form(const char *form) {
    return find_form(form) != NULL;
}

static void put_declaration(struct buf *out) {
    buf_add_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

bool refusal_xml(uint64_t record, const struct metadata *metadata, const struct refusal *refusal,
                 const char *form, struct buf *out) {
    require(record > 0 && receipt_has_form(form));
    const struct form *found = find_form(form);
    if (!found || !found->refuse) {
        return false;
    }
    put_declaration(out);
    found->refuse(record, metadata, refusal, out);
    return true;
}

void unrecorded_xml(const char *code, const char *zh, const char *en, const char *form, struct buf *out) {
    require(*code);
    const struct form *found = find_form(form);
    put_declaration(out);
    (found ? found : &forms[0])->unrecorded(code, zh, en, out);
}

void receipt_xml(const struct receipt_of *of, const struct metadata *metadata, const char *form,
                 struct buf *out) {
    require(receipt_has_form(form));
    const struct form *found = find_form(form);
    put_declaration(out);
    (found ? found : &forms[0])->write(of, metadata, out);
}
