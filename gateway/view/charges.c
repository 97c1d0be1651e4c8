/*
 * charges.c - a published list as state.db has it: chosen for each port, compared, then told line by line.
 */
#include "view/charges.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "view/columns.h"
#include "view/names.h"

struct list {
    int64_t record; /* 0: there is none */
    const char *port, *version, *party;
    int64_t valid_from, valid_until;
};

/* --- which list ----------------------------------------------------------------------------------------- */

#define LIST   "SELECT record, port, version, party, valid_from, valid_until FROM charge_lists"
#define OF     " WHERE operator = ?1 AND port = ?2"
#define NEWEST " ORDER BY valid_from DESC, record DESC"

static struct store_query *ask(const struct view_question *question, const char *sql, const char *port) {
    struct store_query *query = store_query(state_store(question->source->state), sql);
    store_bind_text(query, 1, view_value(question, "operator"));
    store_bind_string(query, 2, port);
    return query;
}

static struct list read_list(struct store_query *query, struct arena *arena) {
    return (struct list){ store_int(query, 0),
                          arena_copy(arena, store_text(query, 1)),
                          arena_copy(arena, store_text(query, 2)),
                          arena_copy(arena, store_text(query, 3)),
                          store_int(query, 4),
                          store_int(query, 5) };
}

static enum status read_one(struct store_query *query, struct arena *arena, struct list *out) {
    enum status status = STATUS_OK;
    *out = (struct list){ 0 };
    if (store_step(query, &status)) {
        *out = read_list(query, arena);
    }
    store_reset(query);
    return status;
}

static enum status list_of_version(const struct view_question *question, const char *port,
                                   struct text version, struct list *out) {
    struct store_query *query = ask(question, LIST OF " AND version = ?3 ORDER BY record DESC LIMIT 1", port);
    store_bind_text(query, 3, version);
    return read_one(query, question->arena, out);
}

static enum status list_of_day(const struct view_question *question, const char *port, struct list *out) {
    struct store_query *query =
        ask(question, LIST OF " AND valid_from <= ?3 AND valid_until > ?3" NEWEST " LIMIT 1", port);
    int32_t day = stamp_day(question->now);
    struct text asked = view_value(question, "day");
    require(!asked.length || day_parse(asked, &day));
    store_bind_int(query, 3, day);
    return read_one(query, question->arena, out);
}

static enum status choose(const struct view_question *question, const char *port, struct list *out) {
    struct text version = view_value(question, "list");
    return version.length ? list_of_version(question, port, version, out) : list_of_day(question, port, out);
}

/* The ports at which the operator ever published, or the one that is asked for. */
static enum status find_ports(const struct view_question *question, const char **ports, size_t *count) {
    enum status status = STATUS_OK;
    struct store_query *query =
        store_query(state_store(question->source->state), "SELECT DISTINCT port FROM charge_lists WHERE"
                                                          " operator = ?1 AND (?2 = '' OR port = ?2)"
                                                          " ORDER BY port LIMIT ?3");
    store_bind_text(query, 1, view_value(question, "operator"));
    store_bind_text(query, 2, view_value(question, "port"));
    store_bind_int(query, 3, CHARGES_PORTS_MAX);
    for (*count = 0; store_step(query, &status); (*count)++) {
        ports[*count] = arena_copy(question->arena, store_text(query, 0));
    }
    store_reset(query);
    return status;
}

/* --- what stands in a list ------------------------------------------------------------------------------ */

struct tariff {
    const char *item, *name, *unit, *rate, *currency, *basis;
    int64_t withdrawn;
};

struct change {
    const char *item, *unit, *name, *what, *before, *after;
};

static const char *column(const struct view_question *question, struct store_query *query, int place) {
    return arena_copy(question->arena, store_text(query, place));
}

static struct store_query *ask_tariffs(const struct view_question *question, const struct list *list) {
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT item, name, unit, rate, currency, basis, withdrawn FROM tariffs"
                    " WHERE list = ? ORDER BY line");
    store_bind_int(query, 1, list->record);
    return query;
}

static struct tariff read_tariff(const struct view_question *question, struct store_query *query) {
    return (struct tariff){ column(question, query, 0), column(question, query, 1),
                            column(question, query, 2), column(question, query, 3),
                            column(question, query, 4), column(question, query, 5),
                            store_int(query, 6) };
}

/* An item listed twice by one unit is charged by its first line. */
#define LINES(n)                                                                                         \
    "(SELECT item, unit, name, rate, currency, basis, withdrawn, min(line) FROM tariffs WHERE list = " n \
    " GROUP BY item, unit)"

static struct store_query *ask_changes(const struct view_question *question, const struct list *list,
                                       const struct list *against) {
    struct store_query *query =
        store_query(state_store(question->source->state),
                    "SELECT ifnull(a.item, b.item), ifnull(a.unit, b.unit), ifnull(a.name, b.name),"
                    " b.rate, b.currency, b.basis, b.withdrawn, a.rate, a.currency, a.basis, a.withdrawn"
                    " FROM " LINES("?1") " a FULL JOIN " LINES(
                        "?2") " b ON a.item = b.item AND a.unit = b.unit"
                              " WHERE (a.rate, a.currency, a.basis, a.withdrawn)"
                              " IS NOT (b.rate, b.currency, b.basis, b.withdrawn) ORDER BY 1, 2");
    store_bind_int(query, 1, list->record);
    store_bind_int(query, 2, against->record);
    return query;
}

/* What is compared: "490 CNY MARKET", and until when. "": it is not listed. */
static const char *price(const struct view_question *question, struct store_query *query, int place) {
    char day[STAMP_TEXT_MAX];
    int64_t withdrawn = store_int(query, place + 3);
    if (!store_text(query, place).length) {
        return "";
    }
    const char *rate = column(question, query, place), *currency = column(question, query, place + 1);
    const char *basis = column(question, query, place + 2);
    const char *until = withdrawn == DAY_OPEN ? "" : day_print((int32_t)withdrawn, day);
    return arena_printf(question->arena, "%s %s %s%s%s", rate, currency, basis, *until ? " < " : "", until);
}

static const char *name_of_change(struct text before, struct text after) {
    struct decimal was, is;
    if (!before.length || !after.length) {
        return before.length ? "dropped" : "added";
    }
    int order = decimal_parse(before, &was) && decimal_parse(after, &is) ? decimal_compare(was, is) : 0;
    return order < 0 ? "raised" : order > 0 ? "lowered" : "changed";
}

static struct change read_change(const struct view_question *question, struct store_query *query) {
    return (struct change){
        column(question, query, 0), column(question, query, 1),
        column(question, query, 2), name_of_change(store_text(query, 3), store_text(query, 7)),
        price(question, query, 3),  price(question, query, 7)
    };
}

static struct store_query *ask_versions(const struct view_question *question, const char *port) {
    struct store_query *query = ask(question, LIST OF NEWEST " LIMIT ?3", port);
    store_bind_int(query, 3, CHARGES_VERSIONS_MAX);
    return query;
}

/* --- for each port -------------------------------------------------------------------------------------- */

/* against: record 0 when nothing is compared. */
typedef enum status tell_list(const struct view_question *question, const struct list *list,
                              const struct list *against, void *out);

static enum status tell_lists(const struct view_question *question, tell_list *tell, void *out) {
    const char *ports[CHARGES_PORTS_MAX];
    struct text version = view_value(question, "against");
    size_t count, told = 0;
    enum status status = find_ports(question, ports, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct list list, against = { 0 };
        status = choose(question, ports[i], &list);
        if (status == STATUS_OK && version.length) {
            status = list_of_version(question, ports[i], version, &against);
        }
        if (status == STATUS_OK && list.record) {
            told++;
            status = tell(question, &list, &against, out);
        }
    }
    return status == STATUS_OK && !told ? STATUS_NOT_FOUND : status;
}

/* "": there is none. */
static const char *day_text(int64_t day, char out[STAMP_TEXT_MAX]) {
    return day == DAY_OPEN ? "" : day_print((int32_t)day, out);
}

/* --- JSON ----------------------------------------------------------------------------------------------- */

static void put_days(struct json_out *out, const struct list *list) {
    char day[STAMP_TEXT_MAX];
    json_put_string(out, "valid_from", day_text(list->valid_from, day));
    json_put_string(out, "valid_until", day_text(list->valid_until, day));
}

static void put_tariff(const struct view_question *question, const struct tariff *tariff,
                       struct json_out *out) {
    char day[STAMP_TEXT_MAX];
    json_open_object(out, NULL);
    json_put_string(out, "item", tariff->item);
    json_put_string(out, "zh", name_of_code(question, "charge_items", tariff->item, LANGUAGE_ZH));
    json_put_string(out, "en", name_of_code(question, "charge_items", tariff->item, LANGUAGE_EN));
    json_put_string(out, "name", tariff->name);
    json_put_string(out, "unit", tariff->unit);
    json_put_string(out, "rate", tariff->rate);
    json_put_string(out, "currency", tariff->currency);
    json_put_string(out, "basis", tariff->basis);
    json_put_string(out, "withdrawn_from", day_text(tariff->withdrawn, day));
    json_close_object(out);
}

static enum status put_tariffs(const struct view_question *question, const struct list *list,
                               struct json_out *out) {
    enum status status = STATUS_OK;
    struct store_query *query = ask_tariffs(question, list);
    json_open_array(out, "tariffs");
    while (store_step(query, &status)) {
        struct tariff tariff = read_tariff(question, query);
        put_tariff(question, &tariff, out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static enum status put_changes(const struct view_question *question, const struct list *list,
                               const struct list *against, struct json_out *out) {
    enum status status = STATUS_OK;
    struct store_query *query = ask_changes(question, list, against);
    json_open_object(out, "against");
    json_put_int(out, "record", against->record);
    json_put_string(out, "version", against->version);
    json_close_object(out);
    json_open_array(out, "changes");
    while (store_step(query, &status)) {
        struct change change = read_change(question, query);
        json_open_object(out, NULL);
        json_put_string(out, "item", change.item);
        json_put_string(out, "unit", change.unit);
        json_put_string(out, "name", change.name);
        json_put_string(out, "change", change.what);
        json_put_string(out, "before", change.before);
        json_put_string(out, "after", change.after);
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static enum status put_versions(const struct view_question *question, const char *port,
                                struct json_out *out) {
    enum status status = STATUS_OK;
    struct store_query *query = ask_versions(question, port);
    json_open_array(out, "versions");
    while (store_step(query, &status)) {
        struct list list = read_list(query, question->arena);
        json_open_object(out, NULL);
        json_put_int(out, "record", list.record);
        json_put_string(out, "version", list.version);
        put_days(out, &list);
        json_close_object(out);
    }
    store_reset(query);
    json_close_array(out);
    return status;
}

static enum status put_list(const struct view_question *question, const struct list *list,
                            const struct list *against, void *context) {
    struct json_out *out = context;
    json_open_object(out, NULL);
    json_put_string(out, "port", list->port);
    json_put_int(out, "record", list->record);
    json_put_string(out, "version", list->version);
    json_put_string(out, "party", list->party);
    json_put_string(out, "zh", name_of_party(question, list->party, LANGUAGE_ZH));
    json_put_string(out, "en", name_of_party(question, list->party, LANGUAGE_EN));
    put_days(out, list);
    enum status status = put_tariffs(question, list, out);
    if (status == STATUS_OK && against->record) {
        status = put_changes(question, list, against, out);
    }
    if (status == STATUS_OK) {
        status = put_versions(question, list->port, out);
    }
    json_close_object(out);
    return status;
}

static const struct shape_member tariff_members[] = {
    { "item", SHAPE_TEXT, .zh = "项目代码", .en = "the item, by its code" },
    { "", SHAPE_WORDS, .zh = "项目名称（代码表）", .en = "what the code list calls it" },
    { "name", SHAPE_TEXT, .zh = "项目名称（经营人）", .en = "what the operator calls it" },
    { "unit", SHAPE_TEXT, .zh = "计费单位", .en = "what it is charged by" },
    { "rate", SHAPE_TEXT, .zh = "费率", .en = "the rate, as a decimal" },
    { "currency", SHAPE_TEXT, .zh = "币种", .en = "its currency" },
    { "basis", SHAPE_TEXT, .zh = "定价方式", .en = "how it is priced" },
    { "withdrawn_from", SHAPE_DAY, .zh = "自何日起停收",
      .en = "from which day on it is not charged any more" },
    SHAPE_END,
};

static const struct shape_member against_members[] = {
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "its record" },
    { "version", SHAPE_TEXT, .zh = "版本", .en = "its version" },
    SHAPE_END,
};

static const struct shape_member change_members[] = {
    { "item", SHAPE_TEXT, .zh = "项目代码", .en = "the item, by its code" },
    { "unit", SHAPE_TEXT, .zh = "计费单位", .en = "what it is charged by" },
    { "name", SHAPE_TEXT, .zh = "项目名称", .en = "what it is called" },
    { "change", SHAPE_TEXT, .zh = "added、dropped、raised、lowered 或 changed",
      .en = "added, dropped, raised, lowered or changed" },
    { "before", SHAPE_TEXT, .zh = "原价", .en = "its price before, or \"\"" },
    { "after", SHAPE_TEXT, .zh = "现价", .en = "its price now, or \"\"" },
    SHAPE_END,
};

static const struct shape_member version_members[] = {
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "its record" },
    { "version", SHAPE_TEXT, .zh = "版本", .en = "its version" },
    { "valid_from", SHAPE_DAY, .zh = "生效日", .en = "the first day it holds" },
    { "valid_until", SHAPE_DAY, .zh = "失效日", .en = "the first day it does not, or \"\"" },
    SHAPE_END,
};

static const struct shape_member list_members[] = {
    { "port", SHAPE_TEXT, .zh = "口岸", .en = "the port" },
    { "record", SHAPE_NUMBER, .zh = "记录编号", .en = "the record of the list" },
    { "version", SHAPE_TEXT, .zh = "版本", .en = "its version" },
    { "party", SHAPE_TEXT, .zh = "公示方", .en = "who published it" },
    { "", SHAPE_WORDS, .zh = "公示方名称", .en = "what that party is called" },
    { "valid_from", SHAPE_DAY, .zh = "生效日", .en = "the first day it holds" },
    { "valid_until", SHAPE_DAY, .zh = "失效日", .en = "the first day it does not, or \"\"" },
    { "tariffs", SHAPE_LIST, .zh = "收费项目", .en = "its lines", .of = SHAPE_OF(tariff_members) },
    { "against", SHAPE_OBJECT, .zh = "所比较的版本", .en = "the version it is compared with",
      .of = SHAPE_OF(against_members), .is_optional = true },
    { "changes", SHAPE_LIST, .zh = "与之相比的变化", .en = "what changed against that",
      .of = SHAPE_OF(change_members), .is_optional = true },
    { "versions", SHAPE_LIST, .zh = "各版本，新的在前", .en = "all versions, the latest first",
      .of = SHAPE_OF(version_members) },
    SHAPE_END,
};

static const struct shape_member charges_members[] = {
    { "operator", SHAPE_TEXT, .zh = "经营人", .en = "the operator" },
    { "lists", SHAPE_LIST, .zh = "每个口岸一份", .en = "one for each port", .of = SHAPE_OF(list_members) },
    SHAPE_END,
};

const struct shape charges_shape = { .members = charges_members };

enum status charges_json(const struct view_question *question, struct json_out *out) {
    json_open_object(out, NULL);
    json_put_text(out, "operator", view_value(question, "operator"));
    json_open_array(out, "lists");
    enum status status = tell_lists(question, put_list, out);
    json_close_array(out);
    json_close_object(out);
    return status;
}

/* --- on a terminal -------------------------------------------------------------------------------------- */

static void print_head(const struct view_question *question, const struct list *list, struct buf *out) {
    char from[STAMP_TEXT_MAX];
    bool zh = question->language == LANGUAGE_ZH;
    struct text code = view_value(question, "operator");
    buf_printf(out,
               zh ? "%s%s " TEXT_FORMAT " @ %s 收费清单 %s，自 %s 起\n\n"
                  : "%s%s " TEXT_FORMAT " @ %s charge list %s, from %s\n\n",
               out->length ? "\n" : "", name_of_party(question, list->party, question->language),
               TEXT_ARGS(code), list->port, list->version, day_text(list->valid_from, from));
}

static enum status print_tariffs(const struct view_question *question, const struct list *list,
                                 struct buf *out) {
    char day[STAMP_TEXT_MAX];
    bool zh = question->language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    struct store_query *query = ask_tariffs(question, list);
    column_left(out, zh ? "项目" : "item", 22);
    column_left(out, zh ? "名称" : "name", 34);
    column_left(out, zh ? "单位" : "unit", 10);
    column_right(out, zh ? "标准" : "rate", 10);
    column_left(out, zh ? "币制" : "cur.", 4);
    column_left(out, zh ? "定价" : "basis", 10);
    buf_add_string(out, zh ? "停止收费" : "withdrawn from");
    column_end(out);
    while (store_step(query, &status)) {
        struct tariff tariff = read_tariff(question, query);
        column_left(out, tariff.item, 22);
        column_left(out, tariff.name, 34);
        column_left(out, tariff.unit, 10);
        column_right(out, tariff.rate, 10);
        column_left(out, tariff.currency, 4);
        column_left(out, tariff.basis, 10);
        buf_add_string(out, day_text(tariff.withdrawn, day));
        column_end(out);
    }
    store_reset(query);
    return status;
}

static const char *change_in_words(const char *change, bool zh) {
    static const char *const words[][2] = {
        { "added", "新增" },   { "dropped", "取消" }, { "raised", "上调" },
        { "lowered", "下调" }, { "changed", "变更" },
    };
    for (size_t i = 0; zh && i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(words[i][0], change) == 0) {
            return words[i][1];
        }
    }
    return change;
}

static enum status print_changes(const struct view_question *question, const struct list *list,
                                 const struct list *against, struct buf *out) {
    bool zh = question->language == LANGUAGE_ZH;
    enum status status = STATUS_OK;
    struct store_query *query = ask_changes(question, list, against);
    buf_printf(out, zh ? "\n与 %s 相比\n" : "\nagainst %s\n", against->version);
    column_left(out, zh ? "变化" : "change", 8);
    column_left(out, zh ? "项目" : "item", 22);
    column_left(out, zh ? "单位" : "unit", 10);
    column_left(out, zh ? "原" : "before", 24);
    buf_add_string(out, zh ? "现" : "now");
    column_end(out);
    while (store_step(query, &status)) {
        struct change change = read_change(question, query);
        column_left(out, change_in_words(change.what, zh), 8);
        column_left(out, change.item, 22);
        column_left(out, change.unit, 10);
        column_left(out, change.before, 24);
        buf_add_string(out, change.after);
        column_end(out);
    }
    store_reset(query);
    return status;
}

static enum status print_versions(const struct view_question *question, const char *port, struct buf *out) {
    char day[STAMP_TEXT_MAX];
    enum status status = STATUS_OK;
    struct store_query *query = ask_versions(question, port);
    buf_add_string(out, question->language == LANGUAGE_ZH ? "\n各版本\n" : "\nversions\n");
    while (store_step(query, &status)) {
        struct list list = read_list(query, question->arena);
        column_left(out, list.version, 22);
        column_left(out, day_text(list.valid_from, day), 10);
        buf_add_string(out, list.valid_until == DAY_OPEN ? "" : "< ");
        buf_add_string(out, day_text(list.valid_until, day));
        column_end(out);
    }
    store_reset(query);
    return status;
}

static enum status print_list(const struct view_question *question, const struct list *list,
                              const struct list *against, void *context) {
    print_head(question, list, context);
    enum status status = print_tariffs(question, list, context);
    if (status == STATUS_OK && against->record) {
        status = print_changes(question, list, against, context);
    }
    return status == STATUS_OK ? print_versions(question, list->port, context) : status;
}

enum status charges_print(const struct view_question *question, struct buf *out) {
    return tell_lists(question, print_list, out);
}
