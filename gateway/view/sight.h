/*
 * sight.h - who sees what: the one place that says so, for questions and for events alike.
 *
 * A party (by its certificate, and so each of its programs) sees what its row gives it: its own, what was
 * sent to it, and what its roles add. A person (by an account) sees through a role of the gateway's own: of
 * each kind of thing nothing, what his party sees, or all. What is seen of other parties by such a role is
 * noted before it is shown (readings.h of the API).
 */
#ifndef VIEW_SIGHT_H
#define VIEW_SIGHT_H

#include "view/view.h"

/* clang-format off */
/*    role        text         the party's roles, one of which it takes ("": any)
 *                goods  messages  figures  gateway: what is seen of each kind of thing (view.h)
 *                sends: messages in the party's name                zh, en */
#define SIGHT_ROLE_LIST(X)                                                                       \
    X(PARTY,      "",          "",                   OWN,  OWN,  OWN,  NONE, true,  "参与方", "party")       \
    X(FORWARDER,  "forwarder", "declarant agency",   OWN,  OWN,  OWN,  NONE, true,  "货代", "forwarder")     \
    X(TERMINAL,   "terminal",  "terminal yard",      OWN,  OWN,  OWN,  NONE, true,  "码头", "terminal")      \
    X(CARRIER,    "carrier",   "carrier",            OWN,  OWN,  OWN,  NONE, true,  "承运人", "carrier")     \
    X(INSPECTOR,  "inspector", "customs maritime",   ALL,  OWN,  OWN,  NONE, true,  "查验人员", "inspector") \
    X(ANALYST,    "analyst",   "office",             NONE, NONE, ALL,  NONE, false, "统计人员", "analyst")   \
    X(OPERATOR,   "operator",  "",                   ALL,  ALL,  ALL,  ALL,  false, "运维人员", "operator")
/* clang-format on */

enum sight_role {
#define X(role, ...) SIGHT_##role,
    SIGHT_ROLE_LIST(X)
#undef X
        SIGHT_ROLES_COUNT
};

enum sight_reach { SIGHT_NONE, SIGHT_OWN, SIGHT_ALL };

const char *sight_reach_text(enum sight_reach reach); /* "none", "own", "all" */
/* How far that role sees things of that kind. */
enum sight_reach sight_role_reach(enum sight_role role, enum view_kind kind);

const char *sight_role_text(enum sight_role role);
const char *sight_role_name(enum sight_role role, enum language language);
bool sight_role_find(struct text text, enum sight_role *role); /* not that of a party */
/* Whether an account of this party may have that role. */
bool sight_role_suits(enum sight_role role, const struct party *party);
const char *sight_role_parties(
    enum sight_role role); /* the roles of a party that suit it, "customs maritime" */
bool sight_role_sends(enum sight_role role);

/* Whether an account of that role is answered this question at all, whatever it is then shown. */
bool sight_role_asks(enum sight_role role, const struct view *view);

/* What is asked with: viewer NULL sees everything. */
struct sight {
    enum sight_reach reach;
    const struct party *viewer;
    const struct party *people; /* whose people are named: a party's own matter; NULL: everybody's */
    bool is_by_role;            /* what is seen may be another party's, and that by the role of an account */
};

/* The one function: what that role of that party sees of things of this kind. */
struct sight sight_of(enum sight_role role, const struct party *party, enum view_kind kind);

/* --- how far a party sees by its row, whatever it sent or was sent -------------------------------------- */

/* The operator of the gateway (NULL) and the port office 口岸办 see all. */
bool sight_is_whole(const struct party *viewer);
/* The party whose own rows alone may be seen; "": all. For a statement that asks (? = '' OR party = ?). */
const char *sight_own(const struct party *viewer);
/* Of a viewer with that role, the ports, offices and sites that it serves or reports for, so that a statement
 * may ask instr(?, '|' || port || '|'): "|4218|CNQDG|". "": none, or it has not the role. "*": all; a
 * statement asks for that by itself. In the question's arena. */
const char *sight_served(const struct view_question *question, const char *role);

#endif
