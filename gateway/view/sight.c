/*
 * sight.c - the matrix of roles and kinds of things; and a party's lists as one text, since a statement takes
 * texts.
 */
#include "view/sight.h"

#include "base/buf.h"
#include "base/status.h"

#define SERVED_TEXT_MAX (128u << 10) /* two lists of PARTY_LIST_MAX words */

static const struct {
    const char *text, *parties;
    enum sight_reach reach[VIEW_KINDS_COUNT];
    bool sends;
    const char *zh, *en;
} roles[] = {
#define X(role, text, parties, goods, messages, figures, gateway, sends, zh, en)                         \
    [SIGHT_##                                                                                            \
        role] = { text,  parties, { SIGHT_##goods, SIGHT_##messages, SIGHT_##figures, SIGHT_##gateway }, \
                  sends, zh,      en },
    SIGHT_ROLE_LIST(X)
#undef X
};

const char *sight_role_text(enum sight_role role) {
    require(role < SIGHT_ROLES_COUNT);
    return roles[role].text;
}

const char *sight_role_name(enum sight_role role, enum language language) {
    require(role < SIGHT_ROLES_COUNT);
    return language_pick(language, roles[role].zh, roles[role].en);
}

bool sight_role_find(struct text text, enum sight_role *role) {
    for (int i = SIGHT_PARTY + 1; i < SIGHT_ROLES_COUNT; i++) {
        if (text_is(text, roles[i].text)) {
            *role = (enum sight_role)i;
            return true;
        }
    }
    return false;
}

bool sight_role_suits(enum sight_role role, const struct party *party) {
    struct text rest = text_of(sight_role_parties(role));
    bool suits = rest.length == 0;
    while (rest.length) {
        struct text one = text_until(&rest, ' ');
        for (size_t i = 0; i < party->roles.count; i++) {
            suits = suits || text_is(one, party->roles.items[i]);
        }
    }
    return suits;
}

const char *sight_role_parties(enum sight_role role) {
    require(role < SIGHT_ROLES_COUNT);
    return roles[role].parties;
}

bool sight_role_sends(enum sight_role role) {
    require(role < SIGHT_ROLES_COUNT);
    return roles[role].sends;
}

/* What is for the port office alone is for who sees all of its kind: no other role is an office's. */
const char *sight_reach_text(enum sight_reach reach) {
    static const char *const texts[] = { "none", "own", "all" };
    require(reach <= SIGHT_ALL);
    return texts[reach];
}

enum sight_reach sight_role_reach(enum sight_role role, enum view_kind kind) {
    require(role < SIGHT_ROLES_COUNT && kind < VIEW_KINDS_COUNT);
    return roles[role].reach[kind];
}

bool sight_role_asks(enum sight_role role, const struct view *view) {
    require(role < SIGHT_ROLES_COUNT);
    enum sight_reach reach = roles[role].reach[view->kind];
    return reach == SIGHT_ALL || (reach == SIGHT_OWN && view->asker == VIEW_FOR_PARTY);
}

/* Where the party's row gives as much as the role, it is still the account's role by which it is seen. */
struct sight sight_of(enum sight_role role, const struct party *party, enum view_kind kind) {
    require(role < SIGHT_ROLES_COUNT && kind < VIEW_KINDS_COUNT && party);
    enum sight_reach reach = roles[role].reach[kind];
    bool whole = reach == SIGHT_ALL || (reach == SIGHT_OWN && sight_is_whole(party));
    return (struct sight){
        .reach = reach,
        .viewer = reach == SIGHT_ALL ? NULL : party,
        .people =
            roles[role].reach[VIEW_OF_MESSAGES] == SIGHT_ALL ? NULL : party, /* who reads all messages */
        .is_by_role = whole && role != SIGHT_PARTY,
    };
}

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
