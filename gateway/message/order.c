/*
 * order.c - the list of orders, and an order as JSON and back.
 */
#include "message/order.h"

#include <string.h>

#include "base/json.h"
#include "base/status.h"

static const struct {
    const char *text;
    int records;
} rows[] = {
#define X(name, text, records, what) { text, records },
    ORDER_LIST(X)
#undef X
};

const char *order_text(enum order_kind kind) {
    require((size_t)kind < sizeof(rows) / sizeof(*rows));
    return rows[kind].text;
}

int order_records(enum order_kind kind) {
    require((size_t)kind < sizeof(rows) / sizeof(*rows));
    return rows[kind].records;
}

bool order_find(struct text name, enum order_kind *kind) {
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (text_is(name, rows[i].text)) {
            *kind = (enum order_kind)i;
            return true;
        }
    }
    return false;
}

bool order_is_whole(const struct order *order) {
    require(order->kind < sizeof(rows) / sizeof(*rows));
    int records = order_records(order->kind);
    struct text reason = text_of(order->reason);
    bool possible = order->record <= INT64_MAX && order->to <= INT64_MAX; /* JSON and SQL hold no more */
    return possible && (order->record != 0) == (records > 0) && (order->to != 0) == (records > 1)
           && reason.length && reason.length <= ORDER_REASON_MAX && text_is_utf8(reason);
}

void order_write(const struct order *order, struct buf *meta) {
    require(order_is_whole(order));
    struct json_out out;
    json_start(&out, meta);
    json_open_object(&out, NULL);
    json_put_string(&out, "order", order_text(order->kind));
    if (order->record) {
        json_put_int(&out, "record", (int64_t)order->record);
    }
    if (order->to) {
        json_put_int(&out, "to", (int64_t)order->to);
    }
    json_put_string(&out, "reason", order->reason);
    json_close_object(&out);
}

bool order_read(struct text meta, struct arena *arena, struct order *order) {
    char why[128];
    const struct json *root = json_parse(arena, meta, why, sizeof(why));
    int64_t record = json_int_at(root, "record"), to = json_int_at(root, "to");
    memset(order, 0, sizeof(*order));
    if (record < 0 || to < 0 || !order_find(text_of(json_string_at(root, "order")), &order->kind)) {
        return false;
    }
    order->record = (uint64_t)record;
    order->to = (uint64_t)to;
    order->reason = json_string_at(root, "reason");
    return order_is_whole(order);
}
