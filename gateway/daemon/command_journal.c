/*
 * command_journal.c - `clearway journal`: records as they stand in the segments, the bytes of one of them,
 * and whether every byte is what was written.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "message/metadata.h"
#include "message/mistakes.h"
#include "journal/reader.h"
#include "journal/verify.h"
#include "daemon/command.h"

#define PRINT_MAX  (64u << 20)
#define META_SHOWN 400 /* bytes of a record's meta that a person is shown; --json has all of it */

static const struct option_row options[] = {
    { "data", "FOLDER", "数据文件夹（默认按配置）", "the data folder (default: of the configuration)" },
    { "from", "NUMBER", "cat：从此记录开始（默认 1）", "cat: start at this record (default: 1)" },
    { "count", "NUMBER", "cat：至多这么多条", "cat: so many records at most" },
    { "kind", "KIND", "cat：只列 message、decision、delivery、tick、setup、order 或 reading",
      "cat: only message, decision, delivery, tick, setup, order or reading" },
    { "data-of", "NUMBER", "cat：某条记录的原始字节，不作改动",
      "cat: the original bytes of one record, untouched" },
    OPTIONS_END,
};

static void print_record(const struct invocation *inv, const struct record *rec) {
    char at[STAMP_TEXT_MAX], chain[DIGEST_HEX_MAX];
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    if (inv->json) {
        json_start(&out, &buf);
        json_open_object(&out, NULL);
        json_put_int(&out, "number", (int64_t)rec->number);
        json_put_string(&out, "stamp", stamp_print(rec->stamp, at));
        json_put_string(&out, "kind", record_kind_text(rec->kind));
        json_put_string(&out, "chain", digest_hex(&rec->chain, chain));
        json_put_raw(&out, "meta", rec->meta);
        json_put_int(&out, "data_bytes", (int64_t)rec->data.length);
        json_close_object(&out);
    } else {
        struct text meta = text_cut(rec->meta, META_SHOWN);
        buf_printf(&buf, "%8llu  %s  %-8s %.12s  %7zu B  " TEXT_FORMAT "%s", (unsigned long long)rec->number,
                   stamp_print(rec->stamp, at), record_kind_text(rec->kind), digest_hex(&rec->chain, chain),
                   rec->data.length, TEXT_ARGS(meta), meta.length < rec->meta.length ? "..." : "");
    }
    buf_add_char(&buf, '\n');
    invocation_print(inv, &buf);
}

static bool number_option(const struct invocation *inv, const char *name, uint64_t *number) {
    const char *value = invocation_option(inv, name);
    return !value || text_to_uint(text_of(value), number);
}

static int print_data(struct invocation *inv, struct reader *reader, uint64_t number) {
    struct record rec;
    enum status status = reader_get(reader, number, inv->arena, &rec);
    struct metadata metadata;
    if (status == STATUS_OK && rec.kind == RECORD_MESSAGE && metadata_read(rec.meta, inv->arena, &metadata)
        && metadata.digest_only) {
        status = STATUS_NOT_KEPT;
    }
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, invocation_option(inv, "data-of"));
    }
    fwrite(rec.data.at, 1, rec.data.length, stdout);
    return 0;
}

static bool is_kind(const char *text, struct nearest *nearest) {
    static const char *const kinds[] = {
#define X(name, text, what) text,
        RECORD_KIND_LIST(X)
#undef X
    };
    bool known = false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        nearest_try(nearest, kinds[i]);
        known = known || strcmp(kinds[i], text) == 0;
    }
    return known;
}

static int unknown_kind(const struct invocation *inv, const char *kind, const struct nearest *nearest) {
    const char *meant = nearest_found(nearest);
    return meant ? invocation_usage(inv, "没有类别 '%s'；是否指 '%s'？",
                                    "there is no kind '%s'; did you mean '%s'?", kind, meant)
                 : invocation_usage(inv, "没有类别 '%s'", "there is no kind '%s'", kind);
}

/* Behind the end there is nothing, which is not the same as nothing found. */
static int behind_the_end(const struct invocation *inv, struct reader *reader, uint64_t from) {
    invocation_say(inv, "没有记录 %" PRIu64 "；最后一条是 %" PRIu64,
                   "there is no record %" PRIu64 "; the last one is %" PRIu64, from, reader_last(reader));
    return status_exit(STATUS_NOT_FOUND);
}

static int print_records(struct invocation *inv, struct reader *reader, uint64_t from, uint64_t count) {
    const char *kind = invocation_option(inv, "kind");
    struct record rec;
    enum status status = reader_seek(reader, from);
    if (invocation_option(inv, "from") && (from == 0 || from > reader_last(reader))) {
        return behind_the_end(inv, reader, from);
    }
    for (uint64_t printed = 0;
         status == STATUS_OK && printed < count && (status = reader_next(reader, &rec)) == STATUS_OK;) {
        if (kind && strcmp(kind, record_kind_text(rec.kind)) != 0) {
            continue;
        }
        print_record(inv, &rec);
        printed++;
    }
    if (status == STATUS_OK || status == STATUS_NOT_FOUND) {
        return 0;
    }
    uint64_t offset;
    const char *where = reader_where(reader, &offset);
    invocation_say(inv, "%s 第 %llu 字节处", "%s at byte %llu", where, (unsigned long long)offset);
    return invocation_fail(inv, status, "cat");
}

static int cat(struct invocation *inv, const char *data) {
    uint64_t from = 1, count = UINT64_MAX, data_of = 0;
    if (!number_option(inv, "from", &from) || !number_option(inv, "count", &count)
        || !number_option(inv, "data-of", &data_of)) {
        return invocation_usage(inv, "--from、--count 与 --data-of 应为数字",
                                "--from, --count and --data-of take a number");
    }
    const char *kind = invocation_option(inv, "kind");
    struct nearest nearest;
    nearest_start(&nearest, text_of(kind ? kind : ""));
    if (kind && !is_kind(kind, &nearest)) {
        return unknown_kind(inv, kind, &nearest);
    }
    struct reader *reader;
    enum status status = reader_open(data, &reader);
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, data);
    }
    int code = data_of ? print_data(inv, reader, data_of) : print_records(inv, reader, from, count);
    reader_free(reader);
    return code;
}

static void print_verdict_json(const struct invocation *inv, bool whole,
                               const struct journal_verdict *verdict) {
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    json_start(&out, &buf);
    json_open_object(&out, NULL);
    json_put_bool(&out, "whole", whole);
    json_put_string(&out, "journal", verdict->name);
    json_put_int(&out, "records", (int64_t)verdict->records);
    json_put_int(&out, "segments", (int64_t)verdict->segments);
    json_put_int(&out, "bytes", (int64_t)verdict->bytes);
    json_put_int(&out, "torn_bytes", (int64_t)verdict->torn_bytes);
    json_put_int(&out, "torn_records", (int64_t)verdict->torn_records);
    json_put_string(&out, "segment", verdict->segment);
    json_put_int(&out, "offset", (int64_t)verdict->offset);
    json_put_int(&out, "number", (int64_t)verdict->number);
    json_put_string(&out, "reason", damage_sentence(verdict->damage, LANGUAGE_EN));
    json_close_object(&out);
    buf_add_char(&buf, '\n');
    invocation_print(inv, &buf);
}

/* Of a stopped gateway; what a running one is just writing looks the same. */
static void print_torn(const struct invocation *inv, const struct journal_verdict *verdict) {
    if (verdict->torn_bytes > 0) {
        printf(invocation_pick(
                   inv, "其后有 %llu 字节未写完的一批（完整记录 %llu 条），从未答复过，下次启动时截去\n",
                   "behind them %llu bytes of a batch that was not finished (%llu whole records): never "
                   "acknowledged, cut at the next start\n"),
               (unsigned long long)verdict->torn_bytes, (unsigned long long)verdict->torn_records);
    }
}

static int verify(struct invocation *inv, const char *data) {
    struct journal_verdict verdict;
    enum status status = journal_verify(data, &verdict);
    if (status != STATUS_OK && status != STATUS_DAMAGED) {
        return invocation_fail(inv, status, data);
    }
    if (inv->json) {
        print_verdict_json(inv, status == STATUS_OK, &verdict);
    } else if (status == STATUS_OK) {
        printf(invocation_pick(
                   inv, "完好：%llu 条记录，%llu 个分段，校验和、编号与校验链均连续\n",
                   "whole: %llu records in %llu segments, every checksum, number and chain continues\n"),
               (unsigned long long)verdict.records, (unsigned long long)verdict.segments);
        print_torn(inv, &verdict);
    } else {
        printf(invocation_pick(inv, "已损坏：%s 第 %llu 字节，记录 %llu：%s\n",
                               "DAMAGED: %s at byte %llu, record %llu: %s\n"),
               verdict.segment, (unsigned long long)verdict.offset, (unsigned long long)verdict.number,
               damage_sentence(verdict.damage, inv->language));
    }
    return status != STATUS_OK ? 1 : 0;
}

static int run(struct invocation *inv) {
    const char *data = invocation_data(inv);
    if (!data) {
        return status_exit(STATUS_BAD_CONFIG);
    }
    if (inv->count == 1 && strcmp(inv->arguments[0], "cat") == 0) {
        return cat(inv, data);
    }
    if (inv->count == 1 && strcmp(inv->arguments[0], "verify") == 0) {
        return verify(inv, data);
    }
    return invocation_usage(inv, "应为 cat 或 verify", "say cat or verify");
}

static const struct example_row examples[] = {
    { "clearway journal cat --from 100 --count 10", NULL, NULL },
    { "clearway journal verify", NULL, NULL },
    EXAMPLES_END,
};

const struct command command_journal = {
    .name = "journal",
    .arguments = "cat | verify",
    .summary_en = "read the records, or prove that they are whole",
    .summary_zh = "读取或核验日志记录",
    .examples = examples,
    .options = options,
    .run = run,
};
