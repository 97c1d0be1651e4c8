/*
 * slots.h - where and when customs inspects, and how many at a time (schemas/slots).
 *
 *   site QDQW1 "前湾查验场" "Qianwan inspection site"
 *     slots APPOINTMENT,MANUAL  mon-fri  08:30-11:30  each 60  places 4
 *     slots SCAN                mon-sun  00:00-24:00  each 30  places 10
 *
 * One `slots` line is a lane: its modes share its places. A slot is one of its equal pieces of time,
 * Asia/Shanghai; a piece that does not fit before the end is none. Days are a day or a range: mon tue wed thu
 * fri sat sun.
 */
#ifndef EDITION_SLOTS_H
#define EDITION_SLOTS_H

#include "base/stamp.h"

#define SLOT_LANES_MAX 1024

#include "message/verdict.h"

struct edition;
struct slots;

enum slot_answer {
    SLOT_UNKNOWN, /* no such site, or not this mode there */
    SLOT_CLOSED,  /* no slot begins then */
    SLOT_OPEN,
};

struct slot {
    const char *site, *site_zh, *site_en;
    const char *lane; /* names the line among the site's */
    stamp start, end;
    int places;
};

/* Mistakes: LINT-SLOT. */
struct slots *slots_load(const struct edition *edition, struct verdict *mistakes);
enum slot_answer slots_find(const struct slots *slots, const char *site, const char *mode, stamp start,
                            struct slot *out);

typedef bool slots_found(const struct slot *slot, void *to); /* false: no more are wanted */
/* Each slot that begins on that day, of one site ("": of all), lane by lane in the order of the text. */
void slots_of_day(const struct slots *slots, struct text site, int32_t day, slots_found *found, void *to);

#endif
