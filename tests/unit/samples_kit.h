/*
 * samples_kit.h - for tests: the folder of samples beside the project, where there is one.
 */
#ifndef TESTS_SAMPLES_KIT_H
#define TESTS_SAMPLES_KIT_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* What the variable of the environment names, else one of these. NULL: there is none, or the variable is
 * empty. */
static inline const char *samples_folder(const char *variable, const char *const places[2]) {
    const char *told = getenv(variable);
    if (told) {
        return access(told, R_OK) == 0 ? told : NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        if (access(places[i], R_OK) == 0) {
            return places[i];
        }
    }
    return NULL;
}

#define SAMPLES_FOLDER(variable, below)                                                    \
    samples_folder(variable, (const char *const[]){ SOURCE_DIR "/../shared/samples" below, \
                                                    SOURCE_DIR "/../../shared/samples" below })

#endif
