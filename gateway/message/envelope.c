/*
 * envelope.c - the names of the channels.
 */
#include "message/envelope.h"

static const char *const channels[] = {
#define X(name, text) [CHANNEL_##name] = text,
    CHANNEL_LIST(X)
#undef X
};

const char *channel_text(enum channel channel) {
    return channels[channel];
}

enum channel channel_of(struct text text) {
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
        if (text_is(text, channels[i])) {
            return (enum channel)i;
        }
    }
    return CHANNEL_NONE;
}
