/* local.c - a data folder on this machine: settings → edition → state.db, and as whom it is read. */
#include "daemon/local.h"

#include <stdio.h>
#include <string.h>

static int find_viewer(struct invocation *inv, struct local *local) {
    const char *code = invocation_option(inv, "as");
    if (!code) {
        return 0;
    }
    local->viewer = parties_find(local->edition->parties, text_of(code));
    return local->viewer ? 0 : invocation_usage(inv, "没有参与方 '%s'", "there is no party '%s'", code);
}

void local_tell_behind(const struct invocation *inv, const char *data, struct state *state) {
    struct reader *reader;
    if (reader_open(data, &reader) != STATUS_OK) {
        return; /* a copy of state.db alone: there is nothing to compare with */
    }
    uint64_t last = reader_last(reader), position = state_position(state);
    reader_free(reader);
    if (last > position + LOCAL_BEHIND_MAX) {
        invocation_say(inv, "状态停在记录 %llu/%llu，其后的内容未包括在内；网关运行时会自行补上",
                       "the state stands at record %llu/%llu, what came after is not shown;"
                       " a running gateway catches up by itself",
                       (unsigned long long)position, (unsigned long long)last);
    }
}

int local_open(struct invocation *inv, struct local *local) {
    struct settings *settings;
    struct verdict mistakes;
    memset(local, 0, sizeof(*local));
    int code = invocation_edition(inv, &settings, &local->edition, &mistakes);
    if (code) {
        return code;
    }
    enum status status;
    const char *data = invocation_option(inv, "data");
    data = local->data = data ? data : settings_text(settings, SETTING_DATA);
    if (invocation_mistakes(inv, &mistakes, false)) {
        code = status_exit(STATUS_BAD_CONFIG);
    } else if ((status = state_open(data, STORE_READ, &local->state)) != STATUS_OK) {
        code = invocation_fail(inv, status, data);
    } else {
        local_tell_behind(inv, data, local->state);
        if (reader_open(data, &local->reader) != STATUS_OK) {
            local->reader = NULL; /* a copy of state.db alone */
        }
        code = find_viewer(inv, local);
    }
    if (code) {
        local_close(local);
    }
    return code;
}

void local_close(struct local *local) {
    reader_free(local->reader);
    state_close(local->state);
    edition_release(local->edition);
}
