/*
 * charges.h - what others may ask of the charges 口岸收费 (inside the engine only).
 */
#ifndef ENGINE_CHARGES_H
#define ENGINE_CHARGES_H

#include "engine/part.h"

struct charge_note {
    const char *key, *party, *payer, *subject; /* party: which charged; payer: the code that paid */
};

/* The note of this number by which this payee charges; of several, the newest. What the decision itself says
 * is not looked at: who asks is no charge note. */
bool charges_note(const struct cause *cause, const char *payee, const char *note, struct charge_note *out);

#endif
