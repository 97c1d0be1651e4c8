/*
 * dangerous_goods.c - dangerous goods 危险货物 that come or go by ship: declared before they do, selected for
 * an audit 抽查 or not, and answered by the maritime administration 海事 or customs.
 *
 *               ┌── nothing to look at ──► declared ──┬──────────────► permitted
 *   declaration ┤                             │ select│  audit passed ▲
 *               └── warned of, or drawn ──► selected ◄┘──────────────┤
 *                     ▲                       │                       └► refused
 *                     └────── mended ──── returned
 *
 * What a rule warns of is audited (G01, G04): a class that always is, a number that is in no list, and the
 * lot that is drawn. The lot comes from what the record is and when it came: its number, its stamp and its
 * digest. Nobody who sends it knows these before, so nobody can choose it; whoever reads the journal can draw
 * it again.
 *
 * Lines that share a container are compared by what must be kept apart (engine/segregation.h), also with
 * those that others declared of it on the same voyage: rule G08. What was selected the authorities of the
 * port hear at once, with the reason.
 *
 * A declaration belongs to a port, and only who serves that port answers it. What the port tells of a bill of
 * lading that has dangerous goods is asked by rule G07.
 */
#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "engine/segregation.h"
#include "engine/subject.h"

/* clang-format off */
static const struct lifecycle_state states[] = {
    { "declared",  10, "待答复",   "awaits its answer"        },
    { "selected",  10, "抽中查验", "selected for inspection"  },
    { "returned",  10, "退回补正", "to be mended"             },
    { "permitted", 20, "准予",     "permitted"                },
    { "refused",   20, "不予",     "refused"                  },
};

static const struct lifecycle_event events[] = {
    { "DECLARE", "declared",  "危险货物申报",         "dangerous goods declared"                 },
    { "DRAW",    "selected",  "危险货物申报，抽中查验", "dangerous goods declared, and selected for inspection" },
    { "SELECT",  "selected",  "危险货物查验选定",     "dangerous goods selected for inspection"  },
    { "RETURN",  "returned",  "危险货物申报退回补正", "dangerous goods: to be mended"            },
    { "PERMIT",  "permitted", "危险货物准予",         "dangerous goods permitted"                },
    { "REFUSE",  "refused",   "危险货物不予",         "dangerous goods refused"                  },
};
/* clang-format on */

static const struct lifecycle lifecycle = { "dangerous_goods",
                                            states,
                                            sizeof(states) / sizeof(*states),
                                            events,
                                            sizeof(events) / sizeof(*events),
                                            NULL };

/* selected: it was, at some time. goods: "UN1203 3 II". drawn: the lot. why: it was selected, returned or
 * refused. answer: the record that answered last; 0: none has. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS dangerous_goods(key TEXT PRIMARY KEY, port TEXT NOT NULL,"
    "  applicant TEXT NOT NULL, own_id TEXT NOT NULL, party TEXT NOT NULL, subject TEXT NOT NULL,"
    "  bill TEXT NOT NULL, direction TEXT NOT NULL, vessel TEXT NOT NULL, voyage TEXT NOT NULL,"
    "  expected INTEGER NOT NULL, goods TEXT NOT NULL, drawn INTEGER NOT NULL, selected INTEGER NOT NULL,"
    "  why_zh TEXT NOT NULL, why_en TEXT NOT NULL, audit TEXT NOT NULL, record INTEGER NOT NULL,"
    "  answer INTEGER NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS dangerous_goods_pending ON dangerous_goods(subject)"
    "  WHERE state <> 'permitted';"
    "CREATE INDEX IF NOT EXISTS dangerous_goods_party ON dangerous_goods(party);"
    "CREATE TABLE IF NOT EXISTS dangerous_goods_lines(key TEXT NOT NULL, line INTEGER NOT NULL,"
    "  container TEXT NOT NULL, un TEXT NOT NULL, class TEXT NOT NULL, PRIMARY KEY(key, line))"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS dangerous_goods_containers ON dangerous_goods_lines(container);";

#define GOODS_MAX  400 /* bytes of the goods that are shown */
#define LOTS       100
#define OTHERS_MAX 16 /* different goods of others in one container that are compared */
#define LINES_MAX  (1u << 20)

struct declared {
    const char *key, *party, *subject, *state; /* state "": it is not known */
    bool selected;
};

/* --- what is known -------------------------------------------------------------------------------------- */

static const char *key_of(const struct cause *cause) {
    return arena_printf(cause->arena, "%s/%s/%s", subject_port(cause), cause_text(cause, "applicant_code"),
                        cause_text(cause, "dg_id"));
}

static struct declared declared_of(const struct cause *cause) {
    struct declared declared = { key_of(cause), "", "", "", false };
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT party, subject, state, selected FROM dangerous_goods WHERE key = ?");
    store_bind_string(query, 1, declared.key);
    if (state_row(cause->state, query)) {
        declared.party = row_text(query, 0, cause->arena);
        declared.subject = row_text(query, 1, cause->arena);
        declared.state = row_text(query, 2, cause->arena);
        declared.selected = store_int(query, 3) != 0;
    }
    store_reset(query);
    return declared;
}

static void tell_known(struct cause *cause, const struct declared *declared) {
    cause_enrich_flag(cause, "dg_known", 0, *declared->state != '\0');
    cause_enrich(cause, "dg_state", 0, declared->state);
    cause_enrich_flag(cause, "dg_selected", 0, declared->selected);
}

/* 0 to LOTS - 1. */
static int lot_of(const struct cause *cause) {
    const struct digest *bytes = &cause->metadata->env.digest;
    const struct text drawn[] = { TEXT("clearway audit of dangerous goods\n"),
                                  { (const char *)bytes->bytes, sizeof(bytes->bytes) },
                                  text_of(arena_printf(cause->arena, "%" PRIu64 " %" PRId64, cause->number,
                                                       (int64_t)cause->stamp)) };
    struct digest digest = digest_of_parts(drawn, sizeof(drawn) / sizeof(*drawn));
    uint32_t number = 0;
    for (size_t i = 0; i < sizeof(number); i++) {
        number = number << 8 | digest.bytes[i];
    }
    return (int)(number % LOTS);
}

/* --- what shares a container ---------------------------------------------------------------------------- */

/* What others have declared in it for the same voyage: their labels, all together. More than are compared are
 * of all labels, so that nobody hides one thing behind many. */
static uint64_t labels_of_others(const struct cause *cause, const struct segregation *segregation,
                                 const char *key, const char *container) {
    uint64_t labels = 0;
    size_t count = 0;
    struct store_query *query = store_query(
        state_store(cause->state),
        "SELECT DISTINCT l.un, l.class FROM dangerous_goods_lines l JOIN dangerous_goods d ON d.key = l.key"
        " WHERE l.container = ?1 AND l.key <> ?2 AND d.vessel = ?3 AND d.voyage = ?4"
        " AND d.direction = ?5 AND d.state IN ('declared', 'selected', 'permitted')"
        " LIMIT ?6");
    store_bind_string(query, 1, container);
    store_bind_string(query, 2, key);
    store_bind_string(query, 3, cause_text(cause, "vessel_imo"));
    store_bind_string(query, 4, cause_text(cause, "voyage"));
    store_bind_string(query, 5, cause_direction(cause));
    store_bind_int(query, 6, OTHERS_MAX + 1);
    while (count <= OTHERS_MAX && !state_budget_is_low(cause->state) && state_row(cause->state, query)) {
        labels |= segregation_labels(segregation, row_text(query, 0, cause->arena),
                                     row_text(query, 1, cause->arena));
        count++;
    }
    store_reset(query);
    return count > OTHERS_MAX || state_budget_is_low(cause->state) ? UINT64_MAX : labels;
}

struct line {
    const char *container; /* "": in none */
    uint64_t labels;
};

/* The first line before this one that shares its container and must be kept apart from it so; `row`: none. */
static uint32_t kept_from(const struct segregation *segregation, const struct line *lines, uint32_t row,
                          enum apartness apart) {
    for (uint32_t i = 0; i < row; i++) {
        if (strcmp(lines[i].container, lines[row].container) == 0
            && segregation_between(segregation, lines[i].labels, lines[row].labels) == apart) {
            return i;
        }
    }
    return row;
}

static bool is_first_of(const struct line *lines, uint32_t row) {
    uint32_t i = 0;
    while (strcmp(lines[i].container, lines[row].container) != 0) {
        i++;
    }
    return i == row;
}

static void tell_kept_from(struct cause *cause, const char *field, uint32_t row, uint32_t other) {
    if (other != row) {
        cause_enrich(cause, field, row, cause_row_text(cause, "dg.number", other));
    }
}

static void tell_segregation(struct cause *cause, const char *key) {
    const struct segregation *segregation = segregation_of(cause);
    uint32_t count = cause_rows(cause, "dg");
    struct line *lines = arena_alloc(cause->arena, (count + 1) * sizeof(*lines));
    for (uint32_t row = 0; row < count; row++) {
        lines[row] =
            (struct line){ cause_row_text(cause, "dg.container", row),
                           segregation_labels(segregation, cause_row_text(cause, "dg.un_number", row),
                                              cause_row_text(cause, "dg.class", row)) };
    }
    for (uint32_t row = 0; row < count; row++) {
        if (!*lines[row].container) {
            continue;
        }
        tell_kept_from(cause, "dg.kept_apart_from", row, kept_from(segregation, lines, row, APART_ALWAYS));
        tell_kept_from(cause, "dg.kept_away_from", row, kept_from(segregation, lines, row, APART_AWAY));
        if (is_first_of(lines, row)) {
            uint64_t others = labels_of_others(cause, segregation, key, lines[row].container);
            for (uint32_t i = row; i < count && others; i++) {
                if (strcmp(lines[i].container, lines[row].container) == 0
                    && segregation_between(segregation, lines[i].labels, others) != APART_NOT) {
                    cause_enrich_flag(cause, "dg.kept_from_others", i, true);
                }
            }
        }
    }
}

/* [["QDHU4001236","1263","3"],...] */
static const char *lines_of(const struct cause *cause) {
    struct buf json;
    struct json_out out;
    buf_init(&json, LINES_MAX);
    json_start(&out, &json);
    json_open_array(&out, NULL);
    for (uint32_t row = 0; row < cause_rows(cause, "dg"); row++) {
        json_open_array(&out, NULL);
        json_put_string(&out, NULL, cause_row_text(cause, "dg.container", row));
        json_put_string(&out, NULL, cause_row_text(cause, "dg.un_number", row));
        json_put_string(&out, NULL, cause_row_text(cause, "dg.class", row));
        json_close_array(&out);
    }
    json_close_array(&out);
    const char *copy = buf_failed(&json) ? "[]" : arena_copy(cause->arena, buf_text(&json));
    buf_release(&json);
    return copy;
}

static void enrich_declaration(struct cause *cause) {
    struct declared declared = declared_of(cause);
    tell_known(cause, &declared);
    tell_segregation(cause, declared.key);
    cause_enrich(cause, "audit_draw", 0, arena_printf(cause->arena, "%d", lot_of(cause)));
}

static void enrich_result(struct cause *cause) {
    struct declared declared = declared_of(cause);
    declared.state = subject_port_is_served(cause) ? declared.state : "";
    tell_known(cause, &declared);
}

static void enrich_event(struct cause *cause) {
    const char *bill = subject_bill(cause);
    if (*bill) {
        struct store_query *query =
            store_query(state_store(cause->state),
                        "SELECT 1 FROM dangerous_goods WHERE subject = ? AND state <> 'permitted' LIMIT 1");
        store_bind_string(query, 1, subject_of_bill(cause, subject_port(cause), bill));
        cause_enrich_flag(cause, "dg_pending", 0, state_exists(cause->state, query));
    }
}

/* --- a declaration -------------------------------------------------------------------------------------- */

/* "UN1203 3 II, UN0336 1.4 ...": as many as there is room for. */
static const char *goods_of(const struct cause *cause) {
    struct buf goods;
    buf_init(&goods, 2 * GOODS_MAX);
    for (uint32_t row = 0; row < cause_rows(cause, "dg"); row++) {
        const char *group = cause_row_text(cause, "dg.packing_group", row);
        if (goods.length > GOODS_MAX) {
            buf_add_string(&goods, " ...");
            break;
        }
        buf_printf(&goods, "%sUN%s %s%s%s", row ? ", " : "", cause_row_text(cause, "dg.un_number", row),
                   cause_row_text(cause, "dg.class", row), *group ? " " : "", group);
    }
    const char *copy = buf_failed(&goods) ? "" : arena_copy(cause->arena, buf_text(&goods));
    buf_release(&goods);
    return copy;
}

static void decide_declaration(struct cause *cause) {
    struct decision *decision = cause->decision;
    struct declared before = declared_of(cause);
    const char *why_zh = cause_warnings(cause, true), *why_en = cause_warnings(cause, false);
    bool drawn = *why_zh != '\0' || before.selected;
    if (*before.state && strcmp(before.state, "returned") != 0) { /* a rule says it better */
        decision_refuse(decision, "DG-KNOWN", "该危险货物申报已在审核或已有答复",
                        "this declaration of dangerous goods is under way, or answered");
        return;
    }
    if (*before.party && strcmp(before.party, cause->sender) != 0) {
        decision_refuse(decision, "DG-OF-ANOTHER", "该申报编号由另一方使用",
                        "another party has used this number");
        return;
    }
    const char *subject = subject_of_bill(cause, subject_port(cause), subject_bill(cause));
    decision_subject(decision, subject);
    decision_move(decision, "dangerous_goods", before.key, drawn ? "DRAW" : "DECLARE", before.state,
                  drawn ? "selected" : "declared", cause->metadata->env.received, "port", subject_port(cause),
                  "applicant", cause_text(cause, "applicant_code"), "own_id", cause_text(cause, "dg_id"),
                  "party", cause->sender, "subject", subject, "bill", subject_bill(cause), "direction",
                  cause_direction(cause), "vessel", cause_text(cause, "vessel_imo"), "voyage",
                  cause_text(cause, "voyage"), "goods", goods_of(cause), "why_zh", why_zh, "why_en", why_en,
                  NULL);
    decision_put(decision, "expected", cause_moment(cause, "eta", cause_moment(cause, "loading_at", 0)));
    decision_put(decision, "drawn", lot_of(cause));
    decision_put(decision, "selected", drawn);
    decision_put_rows(decision, "lines", lines_of(cause), cause_rows(cause, "dg"));
    if (drawn) {
        cause_send_role(cause, "maritime", subject_port(cause), "dangerous-goods");
        cause_send_role(cause, "customs", subject_port(cause), "dangerous-goods");
        decision_answer(decision, "DG-SELECTED", "危险货物申报已受理，抽中查验",
                        "the dangerous goods are declared, and selected for inspection");
    } else {
        decision_answer(decision, "DG-DECLARED", "危险货物申报已受理，待答复",
                        "the dangerous goods are declared, and await the answer");
    }
    decision_detail(decision, "declaration", cause_text(cause, "dg_id"));
    decision_detail(decision, "lot", arena_printf(cause->arena, "%d", lot_of(cause)));
    decision_detail(decision, "why_zh", why_zh);
    decision_detail(decision, "why_en", why_en);
}

/* --- the answer ----------------------------------------------------------------------------------------- */

static void decide_result(struct cause *cause) {
    /* clang-format off */
    static const struct {
        const char *result, *code, *zh, *en;
    } answers[] = {
        { "SELECT", "DG-SELECTED",  "危险货物查验选定",           "the dangerous goods are selected for inspection" },
        { "PERMIT", "DG-PERMITTED", "危险货物准予",               "the dangerous goods are permitted" },
        { "RETURN", "DG-RETURNED",  "危险货物申报须补正后再申报", "to be mended, and declared again" },
        { "REFUSE", "DG-REFUSED",   "危险货物不予装卸",           "the dangerous goods are refused" },
    };
    /* clang-format on */
    struct decision *decision = cause->decision;
    struct declared declared = declared_of(cause);
    const char *result = cause_text(cause, "dg_result"), *reason = cause_text(cause, "reason");
    const char *to = lifecycle_proves(&lifecycle, result);
    if (!*declared.party || !*to || !subject_port_is_served(cause)) { /* a rule says it better */
        decision_refuse(decision, "NO-DG", "没有该危险货物申报",
                        "there is no such declaration of dangerous goods");
        return;
    }
    decision_subject(decision, declared.subject);
    decision_move(decision, "dangerous_goods", declared.key, result, declared.state, to,
                  cause_moment(cause, "notice_time", cause->metadata->env.received), "subject",
                  declared.subject, "why", reason, "audit", cause_text(cause, "dg_audit"), NULL);
    decision_put(decision, "selected", strcmp(to, "selected") == 0);
    decision_send(decision, declared.party, cause->number, "dangerous-goods");
    for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
        if (strcmp(answers[i].result, result) == 0) {
            decision_answer(decision, answers[i].code, answers[i].zh, answers[i].en);
        }
    }
    decision_detail(decision, "applicant", cause_text(cause, "applicant_code"));
    decision_detail(decision, "declaration", cause_text(cause, "dg_id"));
}

/* --- what its moves do to it ---------------------------------------------------------------------------- */

/* clang-format off */
#define DECLARE \
    "INSERT INTO dangerous_goods(key, port, applicant, own_id, party, subject, bill, direction, vessel, voyage," \
    " expected, goods, drawn, selected, why_zh, why_en, audit, record, answer, at, state) VALUES(:key, :port," \
    " :applicant, :own_id, :party, :subject, :bill, :direction, :vessel, :voyage, :expected, :goods, :drawn," \
    " :selected, :why_zh, :why_en, '', :cause, 0, :at, :to) ON CONFLICT DO UPDATE SET subject = excluded.subject," \
    " bill = excluded.bill, direction = excluded.direction, vessel = excluded.vessel, voyage = excluded.voyage," \
    " expected = excluded.expected, goods = excluded.goods, drawn = excluded.drawn, selected = excluded.selected," \
    " why_zh = excluded.why_zh, why_en = excluded.why_en, record = excluded.record, at = excluded.at," \
    " state = excluded.state"

#define FORGET_LINES "DELETE FROM dangerous_goods_lines WHERE key = :key"
#define KEEP_LINES \
    "INSERT INTO dangerous_goods_lines(key, line, container, un, class)" \
    " SELECT :key, key, value ->> 0, value ->> 1, value ->> 2 FROM json_each(:lines) WHERE value ->> 0 <> ''"

static const struct part_move moves[] = {
    { "DECLARE", NULL, { DECLARE, FORGET_LINES, KEEP_LINES }, "subject" },
    { "DRAW", NULL, { DECLARE, FORGET_LINES, KEEP_LINES }, "subject" },
    { NULL, NULL, {
        "UPDATE dangerous_goods SET answer = :cause, why_zh = iif(:why = '', why_zh, :why),"
        " why_en = iif(:why = '', why_en, :why), audit = :audit,"
        " selected = max(selected, :selected), at = :at, state = :to WHERE key = :key" }, "subject" },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "dangerous-goods", enrich_declaration, decide_declaration },
    { "dangerous-goods-result", enrich_result, decide_result },
    { "port-event", enrich_event, NULL },
    { 0 },
};

const struct part part_dangerous_goods = {
    .name = "dangerous_goods",
    .lifecycle = &lifecycle,
    .noun = "dangerous-goods",
    .state_of = "SELECT state FROM dangerous_goods WHERE key = ?",
    .tables = tables,
    .families = families,
    .moves = moves,
};
