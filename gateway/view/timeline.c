/*
 * timeline.c - finds what a question may mean among what the viewer may see, and gathers it.
 */
#include "view/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "message/identifiers.h"
#include "engine/part.h"
#include "view/sight.h"

struct look {
    struct state *state;
    const struct edition *edition;
    struct arena *arena;
    const char *viewer;          /* "": sees all */
    const char *own_id, *number; /* the question in the forms of identifiers: token, capitals */
};

/* What a declarant was sent because it held its containers does not tell it what else travels in them: with
 * another's bill, which claimed it later, it is the other's line. */
#define ANOTHERS_CLAIM                                                                                    \
    "(t.part = 'consignments' AND NOT EXISTS (SELECT 1 FROM declarations o WHERE o.subject = t.subject"   \
    " AND o.party = ?1 AND o.state NOT IN ('submitted', 'failed', 'registered', 'rejected'))"             \
    " AND EXISTS (SELECT 1 FROM assigned a JOIN declarations o ON o.subject = a.subject AND o.party = ?1" \
    " WHERE a.record = t.record))"

/* Who may see timeline line t: ?1 is the viewer. */
#define VISIBLE                                                                                \
    "(?1 = '' OR EXISTS (SELECT 1 FROM messages m WHERE m.number = t.record AND m.party = ?1)" \
    " OR (EXISTS (SELECT 1 FROM deliveries d WHERE d.record = t.record AND d.party = ?1"       \
    " AND d.state <> 'dropped')"                                                               \
    " AND NOT " ANOTHERS_CLAIM ")"                                                             \
    " OR (t.part <> 'consignments' AND substr(t.key, 1, length(?1) + 1) = ?1 || '/'))"

/* --- what is asked for ---------------------------------------------------------------------------------- */

/* By bill of lading or subject; by declaration: own id, as it was asked for or in capitals, SeqNo, entry
 * number (of one that customs gave to two parties, neither); by container, and what is kept of it; by
 * booking. In each case it is a visible line that must answer: knowing another's number must not show to what
 * it belongs. */
static const char *const questions[] = {
    "SELECT DISTINCT c.subject FROM consignments c JOIN timeline t ON t.subject = c.subject"
    " WHERE (c.bill = ?3 OR c.subject = ?3) AND " VISIBLE " AND ?2 <> '' LIMIT 50",
    "SELECT DISTINCT t.subject FROM declarations d JOIN timeline t ON t.subject = d.subject"
    " AND t.part = 'declarations' AND t.key = d.key"
    " WHERE (d.own_id IN (?2, ?3) OR d.key IN (?2, ?3)) AND " VISIBLE " LIMIT 50",
    "SELECT DISTINCT t.subject FROM links l JOIN declarations d ON d.key = l.declaration"
    " JOIN timeline t ON t.subject = d.subject"
    " AND t.part = 'declarations' AND t.key = d.key WHERE l.kind IN ('seq', 'entry') AND l.value = ?3"
    " AND NOT EXISTS (SELECT 1 FROM contested c WHERE c.kind = l.kind AND c.value = l.value)"
    " AND (t.event <> 'declare' OR ?1 = '' OR d.party = ?1) AND " VISIBLE " AND ?2 <> '' LIMIT 50",
    "SELECT t.subject FROM container_events e JOIN timeline t ON t.subject = e.port || '/#' || e.container"
    " AND t.record = e.record WHERE e.container = ?3 AND " VISIBLE " AND ?2 <> ''"
    " GROUP BY t.subject ORDER BY max(t.record) DESC LIMIT 50",
    "SELECT t.subject FROM sightings s JOIN timeline t ON t.subject = s.subject AND t.record = s.record"
    " WHERE s.container = ?3 AND " VISIBLE " AND ?2 <> ''"
    " GROUP BY t.subject ORDER BY max(t.record) DESC LIMIT 50",
    "SELECT DISTINCT t.subject FROM bookings b JOIN timeline t ON t.subject = b.subject"
    " AND t.part = 'bookings' AND t.key = b.key"
    " WHERE (b.own_id IN (?2, ?3) OR b.key IN (?2, ?3)) AND " VISIBLE " LIMIT 50",
};

#define QUESTIONS_COUNT (sizeof(questions) / sizeof(*questions))

static void add_subject(struct timeline_view *view, const char *subject) {
    for (size_t i = 0; i < view->count; i++) {
        if (strcmp(view->consignments[i].subject, subject) == 0) {
            return;
        }
    }
    if (view->count < TIMELINE_CONSIGNMENTS_MAX) {
        view->consignments[view->count++].subject = subject;
    }
}

static void find_subjects(const struct look *look, struct timeline_view *view) {
    view->consignments = arena_alloc(look->arena, TIMELINE_CONSIGNMENTS_MAX * sizeof(*view->consignments));
    for (size_t i = 0; i < QUESTIONS_COUNT; i++) {
        struct store_query *query = store_query(state_store(look->state), questions[i]);
        store_bind_string(query, 1, look->viewer);
        store_bind_string(query, 2, look->own_id);
        store_bind_string(query, 3, look->number);
        while (state_row(look->state, query)) {
            add_subject(view, arena_copy(look->arena, store_text(query, 0)));
        }
    }
}

/* --- its lines ------------------------------------------------------------------------------------------ */

/* "I:DISC EST" is DISC of the list event_codes, told as an estimate. */
static void name_port_event(const struct look *look, struct timeline_line *line) {
    struct text rest = text_of(line->event);
    struct text direction = text_until(&rest, ':');
    struct text code = rest.at ? text_until(&rest, ' ') : direction;
    const struct codelist *events = codelists_find(look->edition->lists, TEXT("event_codes"));
    const struct codelist *classifiers = codelists_find(look->edition->lists, TEXT("classifiers"));
    int32_t day = stamp_day(line->at);
    for (int i = 0; i < 2; i++) {
        enum language language = i ? LANGUAGE_EN : LANGUAGE_ZH;
        const char *name = events ? codelist_name_of(events, code, day, language) : NULL;
        const char *as =
            rest.length && classifiers ? codelist_name_of(classifiers, rest, day, language) : NULL;
        name = name ? name : arena_copy(look->arena, code);
        *(i ? &line->en : &line->zh) = rest.length
                                           ? arena_printf(look->arena, i ? "%s (%s)" : "%s（%s）", name,
                                                          as ? as : arena_copy(look->arena, rest))
                                           : name;
    }
}

static void name_by_list(const struct look *look, struct timeline_line *line, const char *list_name) {
    const struct codelist *list = codelists_find(look->edition->lists, text_of(list_name));
    const char *zh =
        list ? codelist_name_of(list, text_of(line->event), stamp_day(line->at), LANGUAGE_ZH) : NULL;
    const char *en =
        list ? codelist_name_of(list, text_of(line->event), stamp_day(line->at), LANGUAGE_EN) : NULL;
    line->zh = zh ? zh : line->event;
    line->en = en ? en : line->event;
}

static void name_line(const struct look *look, struct timeline_line *line) {
    const struct lifecycle *lifecycle = part_lifecycle(line->part);
    const struct lifecycle_event *event = lifecycle ? lifecycle_event(lifecycle, line->event) : NULL;
    const struct lifecycle_state *proven = lifecycle ? lifecycle_state(lifecycle, line->proves) : NULL;
    line->state_zh = proven ? proven->zh : "";
    line->state_en = proven ? proven->en : "";
    if (event && event->zh) {
        line->zh = event->zh;
        line->en = event->en;
    } else if (lifecycle && lifecycle->list) {
        name_by_list(look, line, lifecycle->list);
    } else {
        name_port_event(look, line);
    }
    if (line->taken_back_by) {
        line->zh = arena_printf(look->arena, "%s（不计）", line->zh);
        line->en = arena_printf(look->arena, "%s (does not count)", line->en);
    }
}

static void read_lines(const struct look *look, struct timeline_consignment *consignment) {
    struct store_query *query =
        store_query(state_store(look->state),
                    "SELECT t.record, t.part, t.key, t.event, t.proves, t.at, m.recorded, m.family, m.party,"
                    " t.taken_back, m.account FROM"
                    " timeline t"
                    " LEFT JOIN messages m ON m.number = t.record WHERE t.subject = ?2 AND " VISIBLE
                    " ORDER BY t.at, t.record, t.part, t.key LIMIT ?3");
    struct timeline_line *lines = arena_alloc(look->arena, TIMELINE_LINES_MAX * sizeof(*lines));
    store_bind_string(query, 1, look->viewer);
    store_bind_string(query, 2, consignment->subject);
    store_bind_int(query, 3, TIMELINE_LINES_MAX + 1);
    while (state_row(look->state, query)) {
        if (consignment->lines_count == TIMELINE_LINES_MAX) {
            consignment->more = true;
            break;
        }
        struct timeline_line *line = &lines[consignment->lines_count++];
        bool message = !store_is_null(query, 7);
        line->record = (uint64_t)store_int(query, 0);
        line->part = arena_copy(look->arena, store_text(query, 1));
        line->key = arena_copy(look->arena, store_text(query, 2));
        line->event = arena_copy(look->arena, store_text(query, 3));
        line->proves = arena_copy(look->arena, store_text(query, 4));
        line->at = store_int(query, 5);
        line->recorded = message ? store_int(query, 6) : line->at;
        line->family = message ? arena_copy(look->arena, store_text(query, 7)) : "tick";
        line->party = message ? arena_copy(look->arena, store_text(query, 8)) : "";
        line->taken_back_by = (uint64_t)store_int(query, 9);
        line->account = message ? arena_copy(look->arena, store_text(query, 10)) : "";
        name_line(look, line);
    }
    store_reset(query);
    consignment->lines = lines;
}

/* --- what the lines prove ------------------------------------------------------------------------------- */

static const char *proven_state(const struct look *look, const struct timeline_consignment *consignment,
                                const char *part, const char *key) {
    struct lifecycle_told *told = arena_alloc(look->arena, (consignment->lines_count + 1) * sizeof(*told));
    size_t count = 0;
    for (size_t i = 0; i < consignment->lines_count; i++) {
        const struct timeline_line *line = &consignment->lines[i];
        if (strcmp(line->part, part) == 0 && strcmp(line->key, key) == 0 && !line->taken_back_by) {
            told[count++] = (struct lifecycle_told){ line->event, line->at };
        }
    }
    return part_state_by(part, told, count);
}

static void name_state(const char *part, const char *state, const char **zh, const char **en) {
    const struct lifecycle_state *row = lifecycle_state(part_lifecycle(part), state);
    *zh = row ? row->zh : "";
    *en = row ? row->en : "";
}

static struct timeline_thing *find_thing(struct timeline_thing *things, size_t count, const char *key) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(things[i].key, key) == 0) {
            return &things[i];
        }
    }
    return NULL;
}

/* The declarations or bookings that visible lines speak of, in the order they are first told. */
static struct timeline_thing *gather_things(const struct look *look,
                                            const struct timeline_consignment *consignment, const char *part,
                                            size_t *count) {
    struct timeline_thing *things = arena_alloc(look->arena, TIMELINE_THINGS_MAX * sizeof(*things));
    *count = 0;
    for (size_t i = 0; i < consignment->lines_count; i++) {
        const struct timeline_line *line = &consignment->lines[i];
        if (strcmp(line->part, part) != 0 || find_thing(things, *count, line->key)
            || *count == TIMELINE_THINGS_MAX) {
            continue;
        }
        struct timeline_thing *thing = &things[(*count)++];
        struct text id = text_of(line->key);
        thing->party = arena_copy(look->arena, text_until(&id, '/'));
        thing->key = line->key;
        thing->id = arena_copy(look->arena, id);
        thing->state = proven_state(look, consignment, part, line->key);
        thing->entry_number = thing->seq_no = thing->site = thing->modes = "";
        name_state(part, thing->state, &thing->state_zh, &thing->state_en);
    }
    return things;
}

/* Numbers came with customs' answers: who saw none of those was not told. */
static void add_numbers(const struct look *look, const struct timeline_consignment *consignment,
                        struct timeline_thing *thing) {
    bool told = false;
    for (size_t i = 0; i < consignment->lines_count; i++) {
        const struct timeline_line *line = &consignment->lines[i];
        told = told || (strcmp(line->key, thing->key) == 0 && strcmp(line->family, "customs-response") == 0);
    }
    struct store_query *query = store_query(
        state_store(look->state), "SELECT kind, value FROM links l WHERE declaration = ? ORDER BY at, value");
    store_bind_string(query, 1, thing->key);
    while (told && state_row(look->state, query)) { /* of several the one told last */
        const char **number = text_is(store_text(query, 0), "seq") ? &thing->seq_no : &thing->entry_number;
        *number = arena_copy(look->arena, store_text(query, 1));
    }
    store_reset(query);
}

/* They stand in the declaration: who sees that sees them. */
static void add_modes(const struct look *look, const struct timeline_consignment *consignment,
                      struct timeline_thing *thing) {
    bool seen = false;
    for (size_t i = 0; i < consignment->lines_count; i++) {
        const struct timeline_line *line = &consignment->lines[i];
        seen = seen || (strcmp(line->key, thing->key) == 0 && strcmp(line->event, "declare") == 0);
    }
    struct store_query *query =
        store_query(state_store(look->state), "SELECT modes FROM declarations WHERE key = ?");
    store_bind_string(query, 1, thing->key);
    if (seen && state_row(look->state, query)) {
        thing->modes = arena_copy(look->arena, store_text(query, 0));
    }
    store_reset(query);
}

static void add_slot(const struct look *look, struct timeline_thing *thing) {
    struct store_query *query = store_query(state_store(look->state),
                                            "SELECT site, slot_start, slot_end FROM bookings WHERE key = ?");
    store_bind_string(query, 1, thing->key);
    if (state_row(look->state, query)) {
        thing->site = arena_copy(look->arena, store_text(query, 0));
        thing->slot_start = store_int(query, 1);
        thing->slot_end = store_int(query, 2);
    }
    store_reset(query);
}

static void read_containers(const struct look *look, struct timeline_consignment *consignment) {
    struct store_query *query = store_query(
        state_store(look->state), "SELECT DISTINCT s.container FROM sightings s"
                                  " JOIN timeline t ON t.subject = s.subject AND t.record = s.record"
                                  " WHERE s.subject = ?2 AND " VISIBLE " ORDER BY s.container LIMIT ?3");
    const char **containers = arena_alloc(look->arena, TIMELINE_THINGS_MAX * sizeof(*containers));
    store_bind_string(query, 1, look->viewer);
    store_bind_string(query, 2, consignment->subject);
    store_bind_int(query, 3, TIMELINE_THINGS_MAX);
    while (state_row(look->state, query)) {
        containers[consignment->containers_count++] = arena_copy(look->arena, store_text(query, 0));
    }
    consignment->containers = containers;
}

/* --- milestones ----------------------------------------------------------------------------------------- */

static void name_milestone(const struct look *look, struct timeline_milestone *milestone) {
    milestone->zh = segments_name(look->edition->segments, milestone->code, LANGUAGE_ZH);
    milestone->en = segments_name(look->edition->segments, milestone->code, LANGUAGE_EN);
}

static bool sees_record(const struct timeline_consignment *consignment, uint64_t record) {
    for (size_t i = 0; i < consignment->lines_count; i++) {
        if (consignment->lines[i].record == record) {
            return true;
        }
    }
    return false;
}

static struct timeline_milestone *find_milestone(const struct timeline_consignment *consignment,
                                                 struct text code, struct text declaration) {
    for (size_t i = 0; i < consignment->milestones_count; i++) {
        struct timeline_milestone *milestone = &consignment->milestones[i];
        if (text_is(code, milestone->code) && text_is(declaration, milestone->declaration)) {
            return milestone;
        }
    }
    return NULL;
}

/* One moment that the viewer may see: of the containers of a consignment the first and the last count. */
static void add_moment(const struct look *look, struct timeline_consignment *consignment, struct text code,
                       struct text declaration, stamp at, uint64_t record) {
    struct timeline_milestone *milestone = find_milestone(consignment, code, declaration);
    if (!sees_record(consignment, record)
        || (!milestone && consignment->milestones_count == TIMELINE_THINGS_MAX)) {
        return;
    }
    if (!milestone) {
        milestone = &consignment->milestones[consignment->milestones_count++];
        *milestone = (struct timeline_milestone){
            .code = arena_copy(look->arena, code),
            .declaration = arena_copy(look->arena, declaration),
            .first = at,
            .last = at,
            .record = record,
        };
        name_milestone(look, milestone);
    }
    if (at < milestone->first) {
        milestone->first = at;
        milestone->record = record;
    }
    milestone->last = at > milestone->last ? at : milestone->last;
}

static int by_moment(const void *left, const void *right) {
    const struct timeline_milestone *a = left, *b = right;
    int order = (a->first > b->first) - (a->first < b->first);
    order = order ? order : strcmp(a->code, b->code);
    return order ? order : strcmp(a->declaration, b->declaration);
}

static void read_milestones(const struct look *look, struct timeline_consignment *consignment) {
    struct store_query *query = store_query(
        state_store(look->state),
        "SELECT code, declaration, first, first_record, last, last_record FROM milestones WHERE subject = ?"
        " ORDER BY first, code, declaration, container");
    consignment->milestones =
        arena_alloc(look->arena, TIMELINE_THINGS_MAX * sizeof(*consignment->milestones));
    store_bind_string(query, 1, consignment->subject);
    while (state_row(look->state, query)) {
        struct text code = store_text(query, 0), declaration = store_text(query, 1);
        text_until(&declaration, '/');
        declaration = declaration.at ? declaration : TEXT("");
        add_moment(look, consignment, code, declaration, store_int(query, 2), (uint64_t)store_int(query, 3));
        add_moment(look, consignment, code, declaration, store_int(query, 4), (uint64_t)store_int(query, 5));
    }
    qsort(consignment->milestones, consignment->milestones_count, sizeof(*consignment->milestones),
          by_moment);
}

/* --- import or export ----------------------------------------------------------------------------------- */

static const char *direction_of_declaration(const struct look *look, const char *key) {
    struct store_query *query =
        store_query(state_store(look->state), "SELECT direction FROM declarations WHERE key = ?");
    store_bind_string(query, 1, key);
    const char *direction =
        state_row(look->state, query) ? arena_copy(look->arena, store_text(query, 0)) : "";
    store_reset(query);
    return direction;
}

/* As the first visible line that tells says:
 * an event of the port begins with it ("I:ARRI"), a declaration has it. */
static const char *told_direction(const struct look *look, const struct timeline_consignment *consignment) {
    const char *direction = "";
    for (size_t i = 0; i < consignment->lines_count && !*direction; i++) {
        const struct timeline_line *line = &consignment->lines[i];
        if (strcmp(line->part, "declarations") == 0) {
            direction = direction_of_declaration(look, line->key);
        } else if (strncmp(line->event, "I:", 2) == 0 || strncmp(line->event, "E:", 2) == 0) {
            direction = *line->event == 'I' ? "import" : "export";
        }
    }
    return direction;
}

/* --- the whole ------------------------------------------------------------------------------------------ */

/* False: there is no such consignment; the port told of a container that none had. */
static bool read_bill(const struct look *look, struct timeline_consignment *consignment) {
    struct store_query *query =
        store_query(state_store(look->state), "SELECT bill FROM consignments WHERE subject = ?");
    store_bind_string(query, 1, consignment->subject);
    bool found = state_row(look->state, query);
    consignment->bill = found ? arena_copy(look->arena, store_text(query, 0)) : "";
    store_reset(query);
    return found;
}

static void read_consignment(const struct look *look, struct timeline_consignment *consignment) {
    struct text behind = text_of(consignment->subject);
    consignment->port = arena_copy(look->arena, text_until(&behind, '/'));
    bool kept = !read_bill(look, consignment) && behind.length;
    read_lines(look, consignment);
    consignment->direction = told_direction(look, consignment);
    read_containers(look, consignment);
    if (kept && consignment->lines_count) {
        struct text container = { behind.at + 1,
                                  behind.length - 1 }; /* behind the mark (engine/passages.h) */
        consignment->containers[consignment->containers_count++] = arena_copy(look->arena, container);
    }
    read_milestones(look, consignment);
    consignment->state = proven_state(look, consignment, "consignments", consignment->subject);
    name_state("consignments", consignment->state, &consignment->state_zh, &consignment->state_en);
    consignment->declarations =
        gather_things(look, consignment, "declarations", &consignment->declarations_count);
    consignment->bookings = gather_things(look, consignment, "bookings", &consignment->bookings_count);
    for (size_t i = 0; i < consignment->declarations_count; i++) {
        add_numbers(look, consignment, &consignment->declarations[i]);
        add_modes(look, consignment, &consignment->declarations[i]);
    }
    for (size_t i = 0; i < consignment->bookings_count; i++) {
        add_slot(look, &consignment->bookings[i]);
    }
}

static const char *in_form(enum identifier_form form, struct text text, struct arena *arena) {
    return arena_copy(arena, identifier_canonical(form, text, arena));
}

enum status timeline_look(struct state *state, const struct edition *edition, const struct party *viewer,
                          struct text query, struct arena *arena, struct timeline_view *out) {
    require(state && edition && edition->segments && arena);
    bool all = sight_is_whole(viewer);
    query = text_trim(query);
    *out = (struct timeline_view){ .query = arena_copy(arena, query) };
    if (!query.length || query.length > TIMELINE_QUERY_MAX) {
        return STATUS_NOT_FOUND;
    }
    struct look look = { state,
                         edition,
                         arena,
                         all ? "" : viewer->code,
                         in_form(IDENTIFIER_TOKEN, query, arena),
                         in_form(IDENTIFIER_CAPITALS, query, arena) };
    find_subjects(&look, out);
    for (size_t i = 0; i < out->count; i++) {
        read_consignment(&look, &out->consignments[i]);
    }
    enum status status = state_take_failure(state);
    return status != STATUS_OK ? status : out->count ? STATUS_OK : STATUS_NOT_FOUND;
}
