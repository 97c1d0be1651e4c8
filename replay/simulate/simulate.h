/*
 * simulate.h - believable months of ports 模拟: what declarants, customs, terminals and carriers of any
 * number of ports write of their consignments, as messages of the real formats, in the order of
 * sending.
 *
 * A consignment comes by ship, with others, and is imported, or comes by road and is exported, by a ship that
 * takes others, too; it is
 * declared in one of the modes (ordinary, in advance, in two steps, ship-side pick-up, two-stage entry,
 * direct loading), accepted, perhaps inspected by appointment, released, and leaves; the terminal charges
 * for its storage. Lengths are skewed, as real ones are. Of a hundred consignments SIMULATE_FAULTS have a
 * fault each: a message that comes late, twice, not at all, is corrected or withdrawn under its EventID, or
 * is broken (and sent again as it should be). Some are cancelled, in transit or not by water, to be counted
 * beside.
 *
 * Promises  the same options make the same bytes, on any machine. Every message that is not `is_broken`
 *           passes the check at the moment it is sent; those that are broken are refused.
 * Owns      the simulation; a message lives until the next.
 * Thread    one at a time.
 */
#ifndef REPLAY_SIMULATE_H
#define REPLAY_SIMULATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/stamp.h"
#include "base/text.h"

#define SIMULATE_FAULTS           12 /* of a hundred consignments */
#define SIMULATE_PORTS_MAX        99
#define SIMULATE_CONSIGNMENTS_MAX 2000000
#define SIMULATE_NUMBERS_MAX      4000000 /* of the last: containers have numbers for so many */

struct simulate_options {
    uint64_t seed;
    unsigned ports, consignments; /* 1 to the limits; consignments: of all ports together */
    unsigned first;    /* the number of the first: another run beside it begins behind those of this one */
    stamp from, until; /* when the ships come: with imports; for exports, which are there before them */
    stamp begin;       /* the first message is sent then, the others after it in proportion; 0: as they are */
    unsigned speed;    /* an hour of the port passes in 1/speed hours; 1 where `begin` is 0 */
    bool is_told_late; /* over when it is handed in: none is in two steps, whose clock would be over */
};

struct simulated {
    const char *party;    /* who sends it: a row of simulate_parties() */
    const char *name;     /* of a file: "0000001-04-declaration", no two have the same */
    stamp at;             /* when it is sent */
    unsigned consignment; /* its number; 0: of none */
    bool is_broken, is_repeat;
    struct text bytes;
};

struct simulation;

struct simulation *simulate_new(const struct simulate_options *options);
void simulate_free(struct simulation *simulation);
/* False: there are no more. */
bool simulate_next(struct simulation *simulation, struct simulated *out);
/* How many there are in all. */
uint64_t simulate_count(const struct simulation *simulation);

/* The file of parties of so many ports, as YAML: certificates have the party's code in small letters. */
void simulate_parties(unsigned ports, struct buf *out);

#endif
