/*
 * charges.h - what others may ask of the charges 口岸收费 (inside the engine only).
 */
#ifndef ENGINE_CHARGES_H
#define ENGINE_CHARGES_H

#include "engine/part.h"

struct charge_note {
    const char *key, *subject;
    const char *party;   /* that charged */
    const char *payer;   /* the code that is to pay */
    const char *version; /* of the list in force on its day of service */
};

/* The goods that the charge note is about, which is the cause: of its bill of lading, else of the entry
 * number that customs gave one party alone. "": none that are known. */
const char *charges_goods(struct cause *cause);
/* The note of this number by which this payee charges; of several, the newest. What the decision itself says
 * is not looked at: who asks is no charge note. */
bool charges_note(const struct cause *cause, const char *payee, const char *note, struct charge_note *out);
/* The version of the list that this line was held against; NULL: the note has no such line. */
const char *charges_line_list(const struct cause *cause, const char *note_key, const char *line);
/* The note charges an item of this list. */
bool charges_any_of(const struct cause *cause, const char *note_key, const struct codelist *list);

#endif
