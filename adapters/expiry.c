/*
 * expiry.c - rows of one gauge. Its labels are not known beforehand, so they are made as certificates are
 * met.
 */
#include "adapters/expiry.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/public_key.h"
#include "base/status.h"
#include "base/text.h"
#include "view/checks.h"

#define USE_MAX   24
#define PARTY_MAX 64 /* a code is shorter (edition/party.c) */

struct expiry {
    char use[USE_MAX], party[PARTY_MAX];
    char labels[USE_MAX + PARTY_MAX + sizeof("use=\"\",party=\"\"")];
};

static struct expiry expiries[EXPIRY_ROWS_MAX];
static struct room_counter rows[EXPIRY_ROWS_MAX + 1]; /* beside them, and the end */
static size_t count;

static size_t find(const char *use, const char *party) {
    size_t i = 0;
    while (i < count && (strcmp(expiries[i].use, use) != 0 || strcmp(expiries[i].party, party) != 0)) {
        i++;
    }
    return i;
}

static void remove_row(size_t i) {
    count--;
    for (; i < count; i++) { /* each row's labels stand in the expiry beside it */
        expiries[i] = expiries[i + 1];
        room_counter_set(&rows[i], room_counter_get(&rows[i + 1]));
    }
    rows[count].metric = NULL;
}

static size_t last_to_expire(void) {
    size_t last = 0;
    for (size_t i = 1; i < count; i++) {
        last = room_counter_get(&rows[i]) > room_counter_get(&rows[last]) ? i : last;
    }
    return last;
}

static size_t add_row(const char *use, const char *party) {
    struct expiry *expiry = &expiries[count];
    snprintf(expiry->use, sizeof(expiry->use), "%s", use);
    snprintf(expiry->party, sizeof(expiry->party), "%s", party);
    snprintf(expiry->labels, sizeof(expiry->labels), *party ? "use=\"%s\",party=\"%s\"" : "use=\"%s\"",
             expiry->use, expiry->party);
    rows[count].kind = "gauge";
    rows[count].metric = "clearway_certificate_expires_timestamp_seconds";
    rows[count].labels = expiry->labels;
    rows[count].help =
        "When the first certificate of a file, or one that a client showed, is over, in seconds "
        "since 1970";
    return count++;
}

void expiry_tell(const char *use, const char *party, int64_t expires_s) {
    require(count <= EXPIRY_ROWS_MAX);
    size_t i = find(use, party);
    if (expires_s == 0) {
        if (i < count) {
            remove_row(i);
        }
        return;
    }
    if (i == count && count == EXPIRY_ROWS_MAX) {
        size_t last = last_to_expire();
        if (room_counter_get(&rows[last]) <= expires_s) {
            return;
        }
        remove_row(last);
        i = count;
    }
    i = i == count ? add_row(use, party) : i;
    room_counter_set(&rows[i], expires_s);
}

void expiry_keep(const struct parties *parties) {
    for (size_t i = count; i-- > 0;) {
        if (expiries[i].party[0] && !parties_find(parties, text_of(expiries[i].party))) {
            remove_row(i);
        }
    }
    for (size_t i = 0; i < parties->count; i++) {
        expiry_tell("signs", parties->list[i].code, expiry_of_signs_s(&parties->list[i]));
    }
}

int64_t expiry_of_signs_s(const struct party *party) {
    int64_t first_s = 0;
    for (size_t i = 0; i < party->signs.count; i++) {
        struct public_key *key = public_key_of_base64(text_of(party->signs.items[i]));
        int64_t ends_s = key ? public_key_until(key) / STAMP_SECOND : 0;
        first_s = ends_s != 0 && (first_s == 0 || ends_s < first_s) ? ends_s : first_s;
        public_key_free(key);
    }
    return first_s;
}

struct room_counter *expiry_rows(void) {
    return rows;
}

void expiry_diagnose(stamp now, struct diagnosis *out) {
    for (size_t i = 0; i < count; i++) {
        const struct expiry *expiry = &expiries[i];
        const char *subject =
            arena_printf(out->arena, *expiry->party ? "%s %s" : "%s", expiry->use, expiry->party);
        check_certificate(subject, room_counter_get(&rows[i]) * STAMP_SECOND, now, out);
    }
}
