/*
 * simulate.c - all steps of all consignments in the order of time, each written when it is its turn:
 * its goods are drawn again then, so that a plan of millions of steps is a few words each.
 */
#include "replay/simulate/simulate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "replay/simulate/story.h"

#define MESSAGE_MAX 65536
#define NAME_MAX    48

static const char *const kinds[] = {
#define X(name, text) text,
    STEP_LIST(X)
#undef X
};

struct planned {
    stamp at;
    uint32_t consignment; /* 0: the charge list of a port */
    uint32_t step;        /* of its story; the port */
};

struct simulation {
    struct simulate_options options;
    struct sim_pace pace;
    struct planned *plan;
    size_t count, room, next;
    struct goods goods; /* of the message told last */
    struct step steps[STEPS_MAX];
    struct sim_port port;
    struct buf bytes;
    char name[NAME_MAX];
};

static void plan(struct simulation *simulation, stamp at, unsigned consignment, size_t step) {
    if (simulation->count == simulation->room) {
        simulation->room = simulation->room ? 2 * simulation->room : 1024;
        simulation->plan = memory_grow(simulation->plan, simulation->room, sizeof(*simulation->plan));
    }
    simulation->plan[simulation->count++] = (struct planned){ at, consignment, (uint32_t)step };
}

/* Of one moment: by consignment and step, so that there is one order. */
static int by_time(const void *left, const void *right) {
    const struct planned *a = left, *b = right;
    if (a->at != b->at) {
        return a->at < b->at ? -1 : 1;
    }
    if (a->consignment != b->consignment) {
        return a->consignment < b->consignment ? -1 : 1;
    }
    return (a->step > b->step) - (a->step < b->step);
}

static size_t tell_story(struct simulation *simulation, unsigned number) {
    goods_draw(&simulation->options, number, &simulation->goods);
    return story_of(&simulation->goods, simulation->options.begin == 0, simulation->steps);
}

struct simulation *simulate_new(const struct simulate_options *options) {
    struct simulation *simulation = memory_new(sizeof(*simulation));
    require(options->ports >= 1 && options->ports <= SIMULATE_PORTS_MAX
            && options->consignments <= SIMULATE_CONSIGNMENTS_MAX && options->from < options->until
            && options->first >= 1 && options->first + options->consignments - 1 <= SIMULATE_NUMBERS_MAX);
    simulation->options = *options;
    buf_init(&simulation->bytes, MESSAGE_MAX);
    for (unsigned number = options->first; number < options->first + options->consignments; number++) {
        size_t steps = tell_story(simulation, number);
        for (size_t i = 0; i < steps; i++) {
            plan(simulation, simulation->steps[i].at, number, i);
        }
    }
    stamp first = options->from;
    for (size_t i = 0; i < simulation->count; i++) {
        first = simulation->plan[i].at < first ? simulation->plan[i].at : first;
    }
    for (unsigned port = 0; port < options->ports; port++) {
        plan(simulation, first, 0, port);
    }
    qsort(simulation->plan, simulation->count, sizeof(*simulation->plan), by_time);
    if (options->begin) {
        simulation->pace = (struct sim_pace){ first, options->begin, options->speed ? options->speed : 1 };
    }
    return simulation;
}

void simulate_free(struct simulation *simulation) {
    if (simulation) {
        buf_release(&simulation->bytes);
        free(simulation->plan);
        free(simulation);
    }
}

uint64_t simulate_count(const struct simulation *simulation) {
    return simulation->count;
}

bool simulate_next(struct simulation *simulation, struct simulated *out) {
    if (simulation->next == simulation->count) {
        return false;
    }
    struct planned planned = simulation->plan[simulation->next++];
    buf_clear(&simulation->bytes);
    if (planned.consignment == 0) {
        simulation->port = sim_port_of(planned.step);
        charge_list_write(&simulation->port, planned.at, simulation->options.first, &simulation->pace,
                          &simulation->bytes);
        snprintf(simulation->name, NAME_MAX, "charge-list-%u", planned.step + 1);
        *out = (struct simulated){ .party = simulation->port.terminal };
    } else {
        require(planned.step < tell_story(simulation, planned.consignment));
        const struct step *step = &simulation->steps[planned.step];
        step_write(&simulation->goods, step, &simulation->pace, &simulation->bytes);
        snprintf(simulation->name, NAME_MAX, "%07u-%02u-%s", planned.consignment, planned.step + 1,
                 kinds[step->kind]);
        *out = (struct simulated){ .party = step->party,
                                   .is_broken = step->is_broken,
                                   .is_repeat = step->is_repeat };
    }
    require(!buf_failed(&simulation->bytes));
    out->consignment = planned.consignment;
    out->at = pace_at(&simulation->pace, planned.at);
    out->name = simulation->name;
    out->bytes = buf_text(&simulation->bytes);
    return true;
}

/* --- who takes part ------------------------------------------------------------------------------------- */

static void add_party(struct buf *out, const char *code, const char *role, const char *rest) {
    buf_printf(out, "  - code: %s\n    name: { zh: %s, en: %s }\n    roles: [%s]\n%s    certificates: [",
               code, code, code, role, rest);
    for (const char *at = code; *at; at++) {
        buf_add_char(out, *at >= 'A' && *at <= 'Z' ? (char)(*at + 'a' - 'A') : *at);
    }
    buf_printf(out, "]\n");
}

void simulate_parties(unsigned ports, struct buf *out) {
    char rest[256];
    buf_printf(out, "# Who takes part in the simulation.\nparties:\n");
    for (unsigned i = 0; i < ports; i++) {
        struct sim_port port = sim_port_of(i);
        for (unsigned forwarder = 0; forwarder < 2; forwarder++) {
            struct sim_trader trader = sim_trader_of(&port, forwarder);
            snprintf(rest, sizeof(rest), "    declares: [\"%s\"]\n    ids: [\"%s\"]\n", trader.code,
                     trader.ids);
            add_party(out, port.forwarders[forwarder], "declarant", rest);
        }
        snprintf(rest, sizeof(rest), "    serves: [\"%s\", \"%s\"]\n", port.office, port.code);
        add_party(out, port.customs, "customs", rest);
        snprintf(rest, sizeof(rest),
                 "    declares: [\"%s\"]\n    reports: [\"%s\"]\n    serves: [\"%s\", \"%s\"]\n",
                 port.operator, port.code, port.entry, port.site);
        add_party(out, port.terminal, "terminal", rest);
        snprintf(rest, sizeof(rest), "    declares: [\"%s\"]\n    reports: [\"%s\"]\n    serves: [\"%s\"]\n",
                 port.line, port.code, port.line);
        add_party(out, port.carrier, "carrier", rest);
    }
    snprintf(rest, sizeof(rest), "OFC-%s", "QD");
    add_party(out, rest, "office", "");
}
