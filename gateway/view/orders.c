/*
 * orders.c - from the order's row to the decision about it.
 */
#include "view/orders.h"

#include "engine/decision.h"

static enum status find_decision(struct state *state, uint64_t number, uint64_t *decision) {
    enum status status = STATUS_OK;
    struct store_query *query =
        store_query(state_store(state), "SELECT decision FROM orders WHERE number = ?");
    store_bind_int(query, 1, (int64_t)number);
    *decision = store_step(query, &status) ? (uint64_t)store_int(query, 0) : 0;
    store_reset(query);
    return status;
}

static void put_decision(uint64_t number, const struct decision *decision, struct json_out *out) {
    json_put_int(out, "decision", (int64_t)number);
    json_put_string(out, "result", result_text(decision->result));
    if (decision->released) {
        json_put_int(out, "released", (int64_t)decision->released);
    }
    json_open_object(out, "answer");
    json_put_string(out, "code", decision->answer_code);
    json_put_string(out, "zh", decision->answer_zh);
    json_put_string(out, "en", decision->answer_en);
    json_close_object(out);
}

static const struct shape_member answer_members[] = {
    { "code", SHAPE_TEXT, .zh = "答复代码", .en = "its code" },
    { "", SHAPE_WORDS, .zh = "答复", .en = "in a sentence" },
    SHAPE_END,
};

static const struct shape_member order_members[] = {
    { "order", SHAPE_NUMBER, .zh = "指令的记录", .en = "the record of the order" },
    { "decision", SHAPE_NUMBER, .zh = "处理结果的记录", .en = "the record of the decision about it",
      .is_optional = true },
    { "result", SHAPE_TEXT, .zh = "处理结果", .en = "what it came to", .is_optional = true },
    { "released", SHAPE_NUMBER, .zh = "放行后随即处理的记录",
      .en = "the record that was released by it, and decided", .is_optional = true },
    { "answer", SHAPE_OBJECT, .zh = "答复", .en = "what is said of it", .of = SHAPE_OF(answer_members),
      .is_optional = true },
    SHAPE_END,
};

const struct shape order_shape = { "Order", order_members };

enum status orders_json(struct state *state, struct reader *reader, uint64_t number, struct arena *arena,
                        struct json_out *out, struct orders_view *view) {
    struct decision decision;
    uint64_t decision_number;
    *view = (struct orders_view){ .code = "", .zh = "", .en = "" };
    enum status status = find_decision(state, number, &decision_number);
    json_open_object(out, NULL);
    json_put_int(out, "order", (int64_t)number);
    if (status == STATUS_OK && decision_number) {
        status = decision_get(reader, decision_number, number, arena, &decision);
        if (status == STATUS_CONFLICT) {
            state_doubt(state, "orders", number);
            status = STATUS_DAMAGED;
        }
        if (status == STATUS_OK) {
            put_decision(decision_number, &decision, out);
            view->decided = true;
            view->refused = decision_refused(&decision) && !decision.released;
            view->code = decision.answer_code;
            view->zh = decision.answer_zh;
            view->en = decision.answer_en;
        }
    }
    json_close_object(out);
    return status;
}

enum status orders_last(struct state *state, enum order_kind kind, stamp *recorded) {
    struct store_query *query = store_query(
        state_store(state), "SELECT recorded FROM orders WHERE kind = ? ORDER BY number DESC LIMIT 1");
    store_bind_string(query, 1, order_text(kind));
    *recorded = state_number(state, query, 0);
    return state_take_failure(state);
}
