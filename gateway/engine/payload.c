/*
 * payload.c - data and strings stand behind the payload itself, in the same piece of memory.
 */
#include "engine/payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* Copies a string to `*at` and moves on behind it. */
static const char *put_string(char **at, const char *string) {
    size_t size = strlen(string) + 1;
    const char *copy = memcpy(*at, string, size);
    *at += size;
    return copy;
}

struct payload *payload_new(const struct record *rec, const struct metadata *metadata,
                            const struct decided *decided, const struct digest *digest) {
    require(!metadata != !decided);
    static const struct metadata of_decision = { .env = { .party = "", .trace = "" },
                                                 .family = "decision",
                                                 .format = "" };
    const struct metadata *told = metadata ? metadata : &of_decision;
    size_t strings =
        strlen(told->env.party) + strlen(told->env.trace) + strlen(told->family) + strlen(told->format) + 4;
    struct payload *payload = memory_grow(NULL, 1, sizeof(*payload) + rec->data.length + strings);
    char *at = (char *)(payload + 1);
    *payload = (struct payload){
        .record = rec->number, .recorded = rec->stamp, .digest = *digest, .data = { at, rec->data.length }
    };
    if (rec->data.length) {
        memcpy(at, rec->data.at, rec->data.length);
        at += rec->data.length;
    }
    payload->sender = put_string(&at, told->env.party);
    payload->trace = put_string(&at, told->env.trace);
    payload->family = put_string(&at, told->family);
    payload->format = metadata ? put_string(&at, told->format) : NULL;
    payload->about = decided ? decided_about(decided) : 0;
    payload->result = decided ? result_text(decided->result) : "";
    atomic_init(&payload->holders, 1);
    return payload;
}

const struct payload *payload_hold(const struct payload *payload) {
    struct payload *ours = (struct payload *)payload; /* const is for its holders */
    require(atomic_fetch_add_explicit(&ours->holders, 1, memory_order_relaxed) > 0);
    return payload;
}

void payload_give_back(const struct payload *payload) {
    struct payload *ours = (struct payload *)payload;
    require(!ours || atomic_load_explicit(&ours->holders, memory_order_relaxed) > 0);
    if (ours && atomic_fetch_sub_explicit(&ours->holders, 1, memory_order_acq_rel) == 1) {
        free(ours);
    }
}
