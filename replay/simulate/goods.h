/*
 * goods.h - what is imported or exported: a consignment's numbers, its way and its moments, all of them drawn
 * from seed and number alone (inside the simulator only).
 */
#ifndef REPLAY_SIMULATE_GOODS_H
#define REPLAY_SIMULATE_GOODS_H

#include "replay/simulate/simulate.h"

#define CODE_MAX 40

/* A port and its parties. Port 0 is Qingdao with the parties of the demo, the others are like it. */
struct sim_port {
    char code[8], entry[8], office[8]; /* UN/LOCODE, port of entry, customs office */
    char forwarders[2][16], customs[16], terminal[16], carrier[16]; /* codes of parties */
    char operator[8], line[8];                                      /* of the terminal; of the ship */
    char site[16];                                                  /* where customs inspects */
    unsigned serial;                                                /* of its traders */
};

struct sim_trader {
    char code[16], scc[24], organisation[16], ids[8];
};

/* clang-format off */
#define FAULT_LIST(X) X(NONE) X(LATE) X(REPEATED) X(MISSING) X(CORRECTED) X(WITHDRAWN) X(BROKEN)
/* clang-format on */

enum sim_fault {
#define X(name) FAULT_##name,
    FAULT_LIST(X)
#undef X
        FAULTS_COUNT
};

enum exclusion { EXCLUSION_NONE, EXCLUSION_CANCELLED, EXCLUSION_TRANSIT, EXCLUSION_BY_ROAD };

struct sim_vessel {
    char name[16], imo[8], voyage[8];
};

struct sim_article {
    const char *hs, *name, *model, *unit;
    unsigned price;
    const char *country, *far_port;
};

struct goods {
    unsigned number;
    bool is_import, is_advance, is_two_step, is_ship_side, is_two_stage, is_direct, is_inspected, is_charged;
    enum sim_fault fault;
    enum exclusion exclusion;
    struct sim_port port;
    struct sim_trader trader;
    const char *forwarder;
    const struct sim_article *article;
    unsigned quantity, net, gross, packages, containers_count;
    char bill[CODE_MAX], client_seq_no[CODE_MAX], complete_seq_no[CODE_MAX], seq_no[CODE_MAX],
        entry[CODE_MAX], complete_entry[CODE_MAX], complete_number[CODE_MAX], containers[2][16];
    struct sim_vessel vessel;
    /* arrived: of an export in the port */
    stamp arrived, discharged, declared, accepted, selected, booked, positioned, opened, done, released, left,
        departed;
};

struct sim_port sim_port_of(unsigned index);
struct sim_trader sim_trader_of(const struct sim_port *port, unsigned forwarder);
/* number: from 1. */
void goods_draw(const struct simulate_options *options, unsigned number, struct goods *out);

#endif
