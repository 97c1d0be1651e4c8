/*
 * subject.c - from what a message names to the key of the goods it is about.
 */
#include "engine/subject.h"

#include <string.h>

#include "edition/party.h"
#include "edition/ports.h"

#define WITHOUT_BILL_MARK '@'
#define CONTAINER_MARK    '#'
#define MEASURE_MARK      '!'

const char *subject_port(const struct cause *cause) {
    static const char *const fields[] = { "port_code", "entry_port", "port_customs", "customs_office" };
    const char *as_given = "-";
    for (size_t i = 0; i < 4; i++) {
        const char *code = cause_text(cause, fields[i]);
        const char *port = *code ? ports_find(cause->edition->ports, code) : NULL;
        if (port) {
            return port;
        }
        if (i < 2 && *code && !strchr(code, '/') && strcmp(as_given, "-") == 0) { /* '/' ends the port */
            as_given = code;
        }
    }
    return as_given;
}

bool subject_port_is_served(const struct cause *cause) {
    const struct party *party = parties_find(cause->edition->parties, text_of(cause->sender));
    return party
           && (party_list_has(party->serves, text_of(cause_text(cause, "port_code")))
               || party_list_has(party->serves, text_of(subject_port(cause))));
}

const char *subject_bill(const struct cause *cause) {
    return cause_text(cause, "bill_number");
}

const char *subject_of_bill(const struct cause *cause, const char *port, const char *bill) {
    bool is_mark = *bill == WITHOUT_BILL_MARK || *bill == CONTAINER_MARK || *bill == MEASURE_MARK;
    return is_mark ? arena_printf(cause->arena, "%s/%c%s", port, *bill, bill)
                   : arena_printf(cause->arena, "%s/%s", port, bill);
}

const char *subject_without_bill(const struct cause *cause, const char *port, const char *declaration) {
    return arena_printf(cause->arena, "%s/%c%s", port, WITHOUT_BILL_MARK, declaration);
}

const char *subject_of_container(const struct cause *cause, const char *port, const char *container) {
    return arena_printf(cause->arena, "%s/%c%s", port, CONTAINER_MARK, container);
}

const char *subject_of_measure(const struct cause *cause, const char *port, const char *measure) {
    return arena_printf(cause->arena, "%s/%c%s", port, MEASURE_MARK, measure);
}

bool subject_is_measure(const char *subject) {
    const char *slash = strchr(subject, '/');
    return slash && slash[1] == MEASURE_MARK && slash[2] != MEASURE_MARK; /* else it is a bill's own sign */
}

const char *subject_port_of(const struct cause *cause, const char *subject) {
    struct text rest = text_of(subject);
    return arena_copy(cause->arena, text_until(&rest, '/'));
}
