/*
 * sight.c - a party's lists as one text, since a statement takes texts.
 */
#include "view/sight.h"

#include "base/buf.h"

#define SERVED_TEXT_MAX (128u << 10) /* two lists of PARTY_LIST_MAX words */

bool sight_is_whole(const struct party *viewer) {
    return !viewer || party_has_role(viewer, "office");
}

const char *sight_own(const struct party *viewer) {
    return sight_is_whole(viewer) ? "" : viewer->code;
}

static void add_all(struct buf *text, struct party_list list) {
    for (size_t i = 0; i < list.count; i++) {
        buf_printf(text, "%s|", list.items[i]);
    }
}

const char *sight_served(const struct view_question *question, const char *role) {
    const struct party *viewer = question->viewer;
    if (!viewer || !party_has_role(viewer, role)) {
        return "";
    }
    if (party_list_has(viewer->serves, TEXT("*"))) {
        return "*";
    }
    struct buf text;
    buf_init(&text, SERVED_TEXT_MAX);
    buf_add_string(&text, "|");
    add_all(&text, viewer->serves);
    add_all(&text, viewer->reports);
    const char *served = buf_failed(&text) ? "" : arena_copy(question->arena, buf_text(&text));
    buf_release(&text);
    return served;
}
