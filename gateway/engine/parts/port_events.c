/*
 * port_events.c - what the port tells 港口事件: of which consignments it is, what it does to them, who may
 * have it.
 *
 * By the bill of lading or the declaration it names; else by the passages of its containers (passages.h),
 * each container by itself. Containers that fit nothing are kept, and then nobody gets the event before all
 * are claimed. One that concerns more consignments than a decision holds is refused: it can be sent in parts.
 * One that was told before is corrected by the telling that was sent last, or withdrawn (port_events_told.h).
 */
#include <inttypes.h>
#include <string.h>

#include "engine/parts/consignments.h"
#include "engine/parts/declarations.h"
#include "engine/parts/links.h"
#include "engine/parts/milestones.h"
#include "engine/parts/passages.h"
#include "engine/parts/port_events_told.h"
#include "engine/parts/unheld.h"
#include "engine/routing.h"
#include "engine/subject.h"

/* --- what they name ------------------------------------------------------------------------ */

struct named { /* with the containers that led to it */
    const char *subject;
    uint32_t *rows;
    size_t rows_count, capacity;
};

struct subjects {
    struct named list[EVENT_SUBJECTS_MAX];
    size_t count;
    struct declaration entry[LINKED_MAX];
    size_t entry_count; /* of the entry number it names */
    bool by_container;  /* it names no bill and no known declaration */
    bool *found;        /* by row: the container fits something */
    uint32_t *kept;     /* rows of containers that fit nothing */
    size_t kept_count;
    bool more;     /* a container has so many bills of lading that not all were looked at */
    bool too_many; /* consignments */
    const struct cause *cause;
};

static struct named *subjects_add(struct subjects *subjects, const char *subject) {
    for (size_t i = subjects->count; i-- > 0;) { /* mostly the one before */
        if (strcmp(subjects->list[i].subject, subject) == 0) {
            return &subjects->list[i];
        }
    }
    if (subjects->count == EVENT_SUBJECTS_MAX) {
        subjects->too_many = true;
        return NULL;
    }
    subjects->list[subjects->count] = (struct named){ .subject = subject };
    return &subjects->list[subjects->count++];
}

static void add_row(const struct cause *cause, struct named *named, uint32_t row) {
    if (named->rows_count == named->capacity) {
        named->capacity = named->capacity ? 2 * named->capacity : 4;
        uint32_t *rows = arena_alloc(cause->arena, named->capacity * sizeof(*rows));
        for (size_t i = 0; i < named->rows_count; i++) {
            rows[i] = named->rows[i];
        }
        named->rows = rows;
    }
    named->rows[named->rows_count++] = row;
}

static void add_found(size_t row, const char *subject, void *to) {
    struct subjects *subjects = to;
    struct named *named = subjects_add(subjects, subject);
    subjects->found[row] = true;
    if (named) {
        add_row(subjects->cause, named, (uint32_t)row);
    }
}

static void find_by_containers(const struct cause *cause, const struct container_event *event,
                               struct subjects *subjects) {
    uint32_t rows = cause_rows(cause, "container");
    const char **containers = arena_alloc(cause->arena, (rows + 1) * sizeof(*containers));
    subjects->found = arena_alloc(cause->arena, (rows + 1) * sizeof(*subjects->found));
    subjects->kept = arena_alloc(cause->arena, (rows + 1) * sizeof(*subjects->kept));
    for (uint32_t row = 0; row < rows; row++) {
        const char *container = cause_row_text(cause, "container.number", row);
        containers[row] = strchr(container, ' ') ? "" : container;
        subjects->found[row] = false;
    }
    subjects->more = !passages_find(cause, event, containers, rows, add_found, subjects);
    for (uint32_t row = 0; row < rows; row++) {
        if (*containers[row] && !subjects->found[row]) {
            subjects->kept[subjects->kept_count++] = row;
        }
    }
}

static struct subjects *find_subjects(struct cause *cause, const struct container_event *event) {
    struct subjects *subjects = arena_alloc(cause->arena, sizeof(*subjects));
    const char *bill = subject_bill(cause);
    *subjects = (struct subjects){ .cause = cause };
    subjects->entry_count = links_find(cause, "entry", cause_text(cause, "entry_number"), subjects->entry);
    if (*bill) {
        subjects_add(subjects, subject_of_bill(cause, event->port, bill));
    }
    for (size_t i = 0; i < subjects->entry_count; i++) {
        subjects_add(subjects, subjects->entry[i].subject);
    }
    subjects->by_container = subjects->count == 0;
    if (subjects->by_container) {
        find_by_containers(cause, event, subjects);
    }
    return subjects;
}

/* --- what they do -------------------------------------------------------------------------- */

static const char *event_name(const struct cause *cause) {
    const char *classifier = cause_text(cause, "classifier");
    bool actual = strcmp(classifier, "ACT") == 0 || !*classifier;
    return arena_printf(cause->arena, "%s:%s%s%s", cause_text(cause, "ie_flag"),
                        cause_text(cause, "event_code"), actual ? "" : " ", actual ? "" : classifier);
}

static struct container_event read_event(const struct cause *cause,
                                         struct milestone_told told[MILESTONES_TOLD_MAX]) {
    struct expr_context context = { .doc = cause->doc, .today = cause->today, .arena = cause->arena };
    const char *route = routing_to_submitter(cause->edition->routes, text_of(cause->family), &context);
    return (struct container_event){
        .port = subject_port(cause),
        .direction = cause_direction(cause),
        .name = event_name(cause),
        .route = route ? route : "",
        .at = cause_moment(cause, "event_time", cause->metadata->env.received),
        .ahead = passages_ahead(cause, cause_moment(cause, "event_time", 0)),
        .record = cause->number,
        .told = told,
        .told_count = milestones_told(cause, told),
    };
}

/* A moment told of a declaration is that declaration's; of a bill or a container, the consignment's. */
static void add_milestones(struct decision *decision, const struct container_event *event,
                           const struct subjects *subjects, const char *subject, const char *containers) {
    for (size_t i = 0; i < event->told_count; i++) {
        const struct milestone_told *told = &event->told[i];
        bool of_declaration = false;
        for (size_t e = 0; e < subjects->entry_count; e++) {
            if (strcmp(subjects->entry[e].subject, subject) == 0) {
                milestone_add(decision, subject, subjects->entry[e].key, "", told->code, told->at,
                              event->record);
                of_declaration = true;
            }
        }
        if (!of_declaration) {
            milestone_add(decision, subject, "", containers, told->code, told->at, event->record);
        }
    }
}

static void apply_to(struct cause *cause, const struct container_event *event,
                     const struct subjects *subjects, const struct named *named) {
    const char *containers = subjects->by_container
                                 ? cause_containers_at(cause, named->rows, named->rows_count)
                                 : cause_containers(cause);
    if (subjects->by_container) {
        passages_assign(cause, event, named->subject, containers);
    }
    consignment_tell(cause, named->subject, event->name, event->at, event->record, event->direction,
                     containers);
    add_milestones(cause->decision, event, subjects, named->subject, containers);
    if (!subjects->by_container) {
        passages_seen(cause, event, named->subject, containers);
    }
}

/* To the holder of all of it, who then also gets what was told before; else it is remembered. */
static void hand_on(struct cause *cause, const struct container_event *event,
                    const struct subjects *subjects) {
    const char *list[EVENT_SUBJECTS_MAX], *holder;
    for (size_t i = 0; i < subjects->count; i++) {
        list[i] = subjects->list[i].subject;
    }
    if (subjects->kept_count || subjects->more) {
        return; /* whoever claims the last of what is kept hands it on */
    }
    enum hold hold = consignments_hold(cause, list, subjects->count, event->direction, &holder);
    if (hold == HELD_BY_NOBODY_YET) {
        unheld_remember(cause, list, subjects->count, event->direction, event->record, event->route);
    }
    cause->submitter = holder;
    for (size_t i = 0; *holder && i < subjects->count; i++) {
        unheld_hand_over(cause, list[i], event->direction, holder);
    }
}

static void keep(const struct cause *cause, const struct container_event *event,
                 const struct subjects *subjects) {
    struct decision *decision = cause->decision;
    const char *first = cause_row_text(cause, "container.number", subjects->kept[0]);
    decision_subject(decision, subject_of_container(cause, event->port, first));
    decision->result = RESULT_WAITING;
    decision_answer(
        decision, "KEPT", "事件所述集装箱尚无对应的票货，已保留，待海关接受其报关单后归入",
        "no consignment here had these containers then; the event is kept, and claimed when customs"
        " accepts a declaration that names them");
}

/* The consignments that it was applied to, as JSON. */
static const char *told_of(struct cause *cause) {
    const struct subjects *subjects = cause->notes[PART_port_events];
    const char *list[EVENT_SUBJECTS_MAX];
    for (size_t i = 0; i < subjects->count; i++) {
        list[i] = subjects->list[i].subject;
    }
    return cause_list(cause, list, event_is_withdrawn(cause) ? 0 : subjects->count);
}

/* What the event does, by this telling of it. */
static void apply(struct cause *cause, struct container_event event, const struct subjects *subjects) {
    struct decision *decision = cause->decision;
    if (!subjects->count && !subjects->kept_count) {
        decision_answer(decision, "NOT-TRACKED", "事件所述货物尚无记录",
                        "the goods of this event are not tracked");
        return;
    }
    if (subjects->more) {
        event.route = ""; /* one who holds all of it could not be told */
    }
    if (subjects->by_container) {
        passages_event(cause, &event, cause_containers(cause),
                       cause_containers_at(cause, subjects->kept, subjects->kept_count));
    }
    if (!subjects->count) {
        keep(cause, &event, subjects);
        return;
    }
    decision_subject(decision, subjects->list[0].subject);
    for (size_t i = 0; i < subjects->count; i++) {
        apply_to(cause, &event, subjects, &subjects->list[i]);
    }
    hand_on(cause, &event, subjects);
    decision_answer(decision, "APPLIED", "事件已记入货物状态", "the event is applied to the consignment");
}

static void withdraw(struct cause *cause, const struct container_event *event,
                     const struct subjects *subjects, enum retelling retelling) {
    if (subjects->count) {
        decision_subject(cause->decision, subjects->list[0].subject);
        hand_on(cause, event, subjects);
    }
    if (retelling == RETELLING_HOLDS) {
        decision_answer(cause->decision, "WITHDRAWN", "事件已撤回，不再计入货物状态和统计",
                        "the event is withdrawn: it counts neither for the consignment nor in statistics");
    } else {
        decision_answer(cause->decision, "WITHDRAWN", "此前未收到该事件；更早发出的告知今后到达也不计入",
                        "nothing was told of this event before; what was sent earlier and comes later will"
                        " not count");
    }
}

/* The telling that holds was sent later than this one, and came before it: who hears what happens hears
 * nothing of this. */
static void outdated(struct cause *cause, const struct container_event *event,
                     const struct subjects *subjects, const struct event_told *newer) {
    struct decision *decision = cause->decision;
    for (size_t i = 0; i < subjects->count; i++) {
        consignment_tell_outdated(cause, subjects->list[i].subject, event->name, event->at, newer->record);
    }
    if (subjects->count) {
        decision_subject(decision, subjects->list[0].subject);
        hand_on(cause, event, subjects);
    }
    decision_detail(decision, "replaced_by", arena_printf(cause->arena, "%" PRIu64, newer->record));
    decision_answer(decision, "OUTDATED", "该事件已有更晚发出的告知，本次告知仅留存备查",
                    "a telling of this event that was sent later has come before; this one is kept for the"
                    " record and counts nowhere");
}

static void decide(struct cause *cause) {
    struct milestone_told told[MILESTONES_TOLD_MAX];
    struct event_told before;
    struct container_event event = read_event(cause, told);
    const struct subjects *subjects = cause->notes[PART_port_events];
    enum retelling retelling = event_told_before(cause, &before);
    bool withdrawn = event_is_withdrawn(cause);
    if (subjects->too_many) { /* refused as a whole: it must not happen to some of them */
        cause->decision->overflow = true;
        return;
    }
    if (retelling == RETELLING_OUTDATED) {
        outdated(cause, &event, subjects, &before);
        return;
    }
    if (retelling == RETELLING_HOLDS) {
        event_told_take_back(cause, &before, withdrawn ? "withdraw" : "correct");
        decision_detail(cause->decision, "replaces", arena_printf(cause->arena, "%" PRIu64, before.record));
    }
    if (withdrawn) {
        withdraw(cause, &event, subjects, retelling);
    } else {
        apply(cause, event, subjects);
    }
    event_told_remember(cause, event.at, told_of(cause));
}

/* --- what rules may know: M02 asks whether the container that leaves was released ----------------------- */

struct known { /* of one container */
    bool known, released;
};

static void look_at(const struct cause *cause, const struct subjects *all, const char *direction,
                    const struct named *named, struct known *containers) {
    bool known = consignment_known(cause, named->subject);
    size_t count = all->by_container ? named->rows_count : cause_rows(cause, "container");
    const char **numbers = arena_alloc(cause->arena, (count + 1) * sizeof(*numbers));
    bool *released = arena_alloc(cause->arena, (count + 1) * sizeof(*released));
    for (size_t i = 0; i < count; i++) {
        numbers[i] =
            cause_row_text(cause, "container.number", all->by_container ? named->rows[i] : (uint32_t)i);
    }
    declarations_released(cause, named->subject, direction, numbers, count, released);
    for (size_t i = 0; i < count; i++) {
        struct known *one = &containers[all->by_container ? named->rows[i] : i];
        one->known = one->known || known;
        one->released = one->released || released[i];
    }
}

static void enrich(struct cause *cause) {
    struct milestone_told told[MILESTONES_TOLD_MAX];
    struct container_event event = read_event(cause, told);
    struct subjects *all = find_subjects(cause, &event);
    uint32_t rows = cause_rows(cause, "container");
    struct known *containers = arena_alloc(cause->arena, (rows + 1) * sizeof(*containers));
    cause->notes[PART_port_events] = all;
    for (uint32_t row = 0; row < rows; row++) {
        containers[row] = (struct known){ false, false };
    }
    for (size_t i = 0; i < all->count; i++) {
        look_at(cause, all, event.direction, &all->list[i], containers);
    }
    cause_enrich_flag(cause, "bill_known", 0, all->count && consignment_known(cause, all->list[0].subject));
    for (uint32_t row = 0; row < rows; row++) {
        cause_enrich_flag(cause, "container.known", row, containers[row].known);
        cause_enrich_flag(cause, "container.released", row, containers[row].released);
    }
    if (all->count == 1) {
        cause_enrich_moment(cause, "released_at", declaration_released_at(cause, all->list[0].subject));
    }
}

static const struct part_family families[] = {
    { "port-event", enrich, decide },
    { 0 },
};

const struct part part_port_events = {
    .name = "port_events",
    .tables = event_told_tables,
    .families = families,
    .moves = event_told_moves,
};
