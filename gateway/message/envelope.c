/*
 * envelope.c - what is said of an envelope that came by no transport.
 */
#include "message/envelope.h"

const char *envelope_channel(const struct envelope *env) {
    return env->channel ? env->channel : "none";
}
