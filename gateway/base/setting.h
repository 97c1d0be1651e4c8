/*
 * setting.h - one row of a list of settings: `section.key` of the configuration file, CLEARWAY_SECTION_KEY
 * of the environment. daemon/settings.h has the gateway's own list, each adapter one of what it needs.
 */
#ifndef BASE_SETTING_H
#define BASE_SETTING_H

#include <stdint.h>

enum setting_type {
    SETTING_TYPE_TEXT,
    SETTING_TYPE_PATH, /* relative ones start at the file's folder */
    SETTING_TYPE_NUMBER,
    SETTING_TYPE_FLAG, /* true, false */
    SETTING_TYPE_LEVEL /* of the log */
};

/* How a changed value comes into force. */
enum setting_change { SETTING_RESTART, SETTING_RELOAD };

struct setting_row {
    const char *section, *key;
    enum setting_type type;
    enum setting_change change;
    uint32_t most;       /* of a number: what its room can bear; 0: any */
    const char *value;   /* its default */
    const char *zh, *en; /* its meaning */
};

#endif
