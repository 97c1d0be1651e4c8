/*
 * folder_kit.h - for tests: the end of a folder that one has made, and of all that is in it.
 */
#ifndef TESTS_FOLDER_KIT_H
#define TESTS_FOLDER_KIT_H

#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"

static inline void folder_remove(const char *folder) {
    char command[128];
    size_t length = (size_t)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    require(length < sizeof(command) && system(command) == 0);
}

#endif
