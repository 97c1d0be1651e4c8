/*
 * places_tell.c - where a value stands. A message out of the journal is decoded again for it, and only when
 * something of it is told.
 */
#include "check/places.h"

#include "base/status.h"

struct places places_of_message(struct text original, struct arena *arena) {
    return (struct places){ .original = original, .arena = arena, .line = 1, .column = 1 };
}

/* False: it cannot be decoded, being no message that passed a gate. */
static bool decode(struct places *places) {
    if (!places->text && places->arena) {
        struct decoded *text = arena_alloc(places->arena, sizeof(*text));
        struct verdict unheard;
        verdict_init(&unheard, places->arena);
        bool decoded = encoding_decode(places->original, places->arena, text, &unheard)
                       && encoding_check(text, &unheard);
        places->text = decoded ? text : NULL;
        places->arena = NULL;
    }
    return places->text != NULL;
}

void places_tell(struct places *places, const struct value *value, struct finding *finding) {
    struct extent extent = value ? value->origin.extent : (struct extent){ 0, 0 };
    if (extent.length == 0 || !decode(places)) {
        return;
    }
    finding->place = places_at(places, extent.offset, extent.length);
    finding->path = places->walk ? binding_path_of(places->walk, value) : "";
}
