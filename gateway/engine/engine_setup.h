/*
 * engine_setup.h - the texts the engine judges by, compiled (inside the engine only).
 */
#ifndef ENGINE_ENGINE_SETUP_H
#define ENGINE_ENGINE_SETUP_H

#include "edition/ports.h"
#include "edition/segments.h"
#include "edition/slots.h"
#include "check/rules.h"
#include "engine/routes.h"

struct engine_setup {
    struct arena *arena;
    struct routes *routes;
    struct segments *segments;
    struct rules *rules; /* those of the engine stage are judged here */
    struct ports *ports;
    struct slots *slots;
};

#endif
