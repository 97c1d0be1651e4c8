/*
 * metadata.c - one JSON object, keys always in the same order, so that the same facts are the same bytes.
 */
#include "message/metadata.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"

static const struct {
    const char *text;
    int http;
    const char *next_zh, *next_en;
} outcomes[] = {
#define X(name, text, http, zh, en) { text, http, zh, en },
    OUTCOME_LIST(X)
#undef X
};

#define OUTCOMES_COUNT (sizeof(outcomes) / sizeof(outcomes[0]))

const char *outcome_text(enum outcome outcome) {
    require((size_t)outcome < sizeof(outcomes) / sizeof(*outcomes));
    return outcomes[outcome].text;
}

int outcome_http(enum outcome outcome) {
    require((size_t)outcome < sizeof(outcomes) / sizeof(*outcomes));
    return outcomes[outcome].http;
}

const char *outcome_next(enum outcome outcome, enum language language) {
    require((size_t)outcome < sizeof(outcomes) / sizeof(*outcomes));
    return language_pick(language, outcomes[outcome].next_zh, outcomes[outcome].next_en);
}

/* --- findings ------------------------------------------------------------------------------------------- */

static void put_unless_empty(struct json_out *out, const char *key, const char *value) {
    if (value && *value) {
        json_put_string(out, key, value);
    }
}

void findings_write(struct json_out *out, const char *key, const struct finding *findings, size_t count) {
    json_open_array(out, key);
    for (size_t i = 0; i < count; i++) {
        const struct finding *finding = &findings[i];
        json_open_object(out, NULL);
        json_put_string(out, "code", finding->code);
        json_put_string(out, "severity", severity_text(finding->severity));
        json_put_int(out, "line", finding->place.line);
        json_put_int(out, "column", finding->place.column);
        json_put_int(out, "offset", (int64_t)finding->place.offset);
        json_put_int(out, "length", finding->place.length);
        put_unless_empty(out, "path", finding->path);
        json_put_string(out, "zh", finding->zh);
        json_put_string(out, "en", finding->en);
        put_unless_empty(out, "hint_zh", finding->hint_zh);
        put_unless_empty(out, "hint_en", finding->hint_en);
        json_close_object(out);
    }
    json_close_array(out);
}

static const struct shape_member finding_members[] = {
    { "code", SHAPE_TEXT, .zh = "代码：规则、XSD 条款或本网关的问题代码",
      .en = "of a rule, a clause of XSD, or one of the gateway's own" },
    { "severity", SHAPE_TEXT, .zh = "error、warning 或 observe", .en = "error, warning or observe" },
    { "line", SHAPE_NUMBER, .zh = "报文中的行", .en = "where it stands in the message" },
    { "column", SHAPE_NUMBER, .zh = "列", .en = "and in its line" },
    { "offset", SHAPE_NUMBER, .zh = "起始字节", .en = "the same in bytes from the beginning" },
    { "length", SHAPE_NUMBER, .zh = "字节数", .en = "of how many bytes it is told" },
    { "path", SHAPE_TEXT, .zh = "元素路径", .en = "of the element", .is_optional = true },
    { "", SHAPE_WORDS, .zh = "说明", .en = "what is wrong" },
    { "hint", SHAPE_WORDS, .zh = "怎样改", .en = "how it is mended", .is_optional = true },
    SHAPE_END,
};

const struct shape finding_shape = { "FindingOfRecord", finding_members };

static const char *string_of(const struct json *object, const char *key) {
    const char *string = json_string_at(object, key);
    return string ? string : "";
}

static bool read_finding(const struct json *node, struct finding *finding) {
    const char *severity = json_string_at(node, "severity");
    *finding = (struct finding){
        .code = string_of(node, "code"),
        .place = {
            .line = (uint32_t)json_int_at(node, "line"), .column = (uint32_t)json_int_at(node, "column"),
            .offset = (uint64_t)json_int_at(node, "offset"), .length = (uint32_t)json_int_at(node, "length"),
        },
        .path = string_of(node, "path"),
        .zh = string_of(node, "zh"), .en = string_of(node, "en"),
        .hint_zh = string_of(node, "hint_zh"), .hint_en = string_of(node, "hint_en"),
        .file = "",
    };
    return *finding->code && severity && severity_of(text_of(severity), &finding->severity);
}

bool findings_read(const struct json *array, struct arena *arena, const struct finding **out, size_t *count) {
    *count = json_count(array);
    struct finding *findings = *count ? arena_alloc(arena, *count * sizeof(*findings)) : NULL;
    *out = findings;
    for (size_t i = 0; i < *count; i++) {
        if (!read_finding(json_item(array, i), &findings[i])) {
            return false;
        }
    }
    return true;
}

/* --- a conflict ----------------------------------------------------------------------------------------- */

void metadata_conflict(struct metadata *metadata, uint64_t holder, stamp since, struct arena *arena) {
    require(holder > 0 && arena);
    char moment[STAMP_TEXT_MAX];
    const char *zh = "刚刚", *en = "just now";
    struct finding *findings = arena_alloc(arena, (metadata->count + 1) * sizeof(*findings));
    if (since) {
        zh = arena_printf(arena, "自 %s 起", stamp_print(since, moment));
        en = arena_printf(arena, "since %s", moment);
    }
    findings[0] = (struct finding){
        .code = "ID-CONFLICT",
        .severity = SEVERITY_ERROR,
        .path = "",
        .file = "",
        .zh = arena_printf(arena, "报文编号 %s %s由记录 %" PRIu64 " 占用，其内容不同", metadata->id, zh,
                           holder),
        .en = arena_printf(arena, "the id %s is taken %s, by record %" PRIu64 ", for other bytes",
                           metadata->id, en, holder),
        .hint_zh = "内容有改动的报文请换用新编号；原样重发的得到首次回执",
        .hint_en = "what has changed needs a new id; the very same bytes get the first receipt again",
    };
    for (size_t i = 0; i < metadata->count; i++) {
        findings[i + 1] = metadata->findings[i];
    }
    metadata->findings = findings;
    metadata->count++;
    metadata->errors++;
    metadata->outcome = OUTCOME_CONFLICT;
    metadata->conflicts = holder;
}

/* --- metadata ------------------------------------------------------------------------------------------- */

static void put_digest(struct json_out *out, const char *key, const struct digest *digest) {
    char hex[DIGEST_HEX_MAX];
    json_put_string(out, key, digest_hex(digest, hex));
}

static void put_unless_zero(struct json_out *out, const char *key, size_t count) {
    if (count) {
        json_put_int(out, key, (int64_t)count);
    }
}

void metadata_write(const struct metadata *metadata, struct buf *meta) {
    require(metadata->family && metadata->format && metadata->id);
    struct json_out out;
    json_start(&out, meta);
    json_open_object(&out, NULL);
    json_put_string(&out, "party", metadata->env.party);
    json_put_string(&out, "channel", envelope_channel(&metadata->env));
    json_put_int(&out, "received", metadata->env.received);
    json_put_string(&out, "format", metadata->format);
    json_put_string(&out, "family", metadata->family);
    json_put_string(&out, "id", metadata->id);
    put_digest(&out, "digest", &metadata->env.digest);
    json_put_int(&out, "size", (int64_t)metadata->env.size);
    json_put_string(&out, "verdict", outcome_text(metadata->outcome));
    put_digest(&out, "edition", &metadata->edition);
    put_unless_empty(&out, "named", metadata->env.format);
    put_unless_empty(&out, "file", metadata->env.file);
    put_unless_empty(&out, "origin", metadata->env.origin);
    put_unless_empty(&out, "outer", metadata->env.outer);
    put_unless_empty(&out, "trace", metadata->env.trace);
    put_unless_empty(&out, "account", metadata->env.account);
    if (metadata->env.again) {
        json_put_bool(&out, "again", true);
    }
    if (metadata->outcome == OUTCOME_CONFLICT) {
        json_put_int(&out, "conflicts", (int64_t)metadata->conflicts);
    }
    if (metadata->digest_only) {
        json_put_bool(&out, "digest_only", true);
    }
    put_unless_zero(&out, "errors", metadata->errors);
    put_unless_zero(&out, "warnings", metadata->warnings);
    if (metadata->count) {
        findings_write(&out, "findings", metadata->findings, metadata->count);
    }
    json_close_object(&out);
}

static bool outcome_of(struct text text, enum outcome *outcome) {
    for (size_t i = 0; i < OUTCOMES_COUNT; i++) {
        if (text_is(text, outcomes[i].text)) {
            *outcome = (enum outcome)i;
            return true;
        }
    }
    return false;
}

static bool read_outcome(const struct json *root, enum outcome *outcome) {
    const char *text = json_string_at(root, "verdict");
    return text && outcome_of(text_of(text), outcome);
}

static bool read_digest(const struct json *root, const char *key, struct digest *digest) {
    const char *hex = json_string_at(root, key);
    return hex && digest_from_hex(text_of(hex), digest);
}

bool metadata_read(struct text meta, struct arena *arena, struct metadata *metadata) {
    char why[128];
    const struct json *root = json_parse(arena, meta, why, sizeof(why));
    *metadata = (struct metadata){
        .env = {
            .party = string_of(root, "party"),
            .channel = string_of(root, "channel"),
            .received = json_int_at(root, "received"), .format = string_of(root, "named"),
            .file = string_of(root, "file"), .origin = string_of(root, "origin"),
            .outer = string_of(root, "outer"),
            .trace = string_of(root, "trace"), .account = string_of(root, "account"),
            .size = (uint64_t)json_int_at(root, "size"), .again = json_bool(json_at(root, "again")),
        },
        .family = string_of(root, "family"), .format = string_of(root, "format"), .id = string_of(root, "id"),
        .digest_only = json_bool(json_at(root, "digest_only")),
        .conflicts = (uint64_t)json_int_at(root, "conflicts"),
        .errors = (size_t)json_int_at(root, "errors"), .warnings = (size_t)json_int_at(root, "warnings"),
    };
    return read_outcome(root, &metadata->outcome) && read_digest(root, "digest", &metadata->env.digest)
           && read_digest(root, "edition", &metadata->edition)
           && findings_read(json_at(root, "findings"), arena, &metadata->findings, &metadata->count);
}
