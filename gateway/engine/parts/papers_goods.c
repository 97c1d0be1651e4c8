/*
 * papers_goods.c - the goods of the parcels of a message: which of its items are whose, and what they come
 * to.
 */
#include "engine/parts/papers.h"

#include <string.h>

/* The row of the parcel that an item stands in; `rows` where it says none. */
static uint32_t parcel_of_item(const struct cause *cause, uint32_t item, uint32_t rows) {
    struct decimal number;
    if (!decimal_parse(text_of(cause_row_text(cause, "item.parcel", item)), &number) || number.scale
        || number.coefficient < 1 || number.coefficient > rows) {
        return rows;
    }
    return (uint32_t)(number.coefficient - 1);
}

/* By row, in one pass over the items. */
struct ec_goods *ec_goods_of(const struct cause *cause, uint32_t rows) {
    struct ec_goods *goods = arena_alloc(cause->arena, (rows + 1) * sizeof(*goods));
    for (uint32_t row = 0; row <= rows; row++) {
        goods[row] = (struct ec_goods){
            .value = decimal_of_int(0), .is_valued = true, .pieces = decimal_of_int(0), .is_counted = true
        };
    }
    for (uint32_t item = 0; item < cause_rows(cause, "item"); item++) {
        struct ec_goods *of = &goods[parcel_of_item(cause, item, rows)];
        const char *currency = cause_row_text(cause, "item.currency", item);
        struct decimal total, quantity;
        of->is_valued = of->is_valued
                        && decimal_parse(text_of(cause_row_text(cause, "item.total", item)), &total)
                        && decimal_add(of->value, total, &of->value);
        of->is_counted = of->is_counted
                         && decimal_parse(text_of(cause_row_text(cause, "item.quantity", item)), &quantity)
                         && decimal_add(of->pieces, quantity, &of->pieces);
        of->currency = !of->currency || strcmp(of->currency, currency) == 0 ? currency : "";
        of->first = of->lines ? of->first : item;
        of->lines++;
    }
    return goods;
}

const char *ec_value_text(const struct cause *cause, const struct ec_goods *goods) {
    char text[DECIMAL_TEXT_MAX];
    return goods->is_valued ? arena_string(cause->arena, decimal_print(goods->value, text)) : "";
}
