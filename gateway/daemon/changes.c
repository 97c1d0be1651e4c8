/*
 * changes.c - texts are told apart by their digests, parties by all that their rows say.
 */
#include "daemon/changes.h"

#include <string.h>

#include "base/status.h"

struct finding_out {
    struct arena *arena;
    struct reload_changes *out;
};

static void add(const struct finding_out *to, const char *what, const char *name, const char *how) {
    struct reload_changes *out = to->out;
    if (out->count == RELOAD_CHANGES_MAX) {
        out->left_out++;
        return;
    }
    out->list[out->count++] = (struct reload_change){ what, arena_string(to->arena, name), how };
}

static void find_texts(const struct finding_out *to, const struct edition *before,
                       const struct edition *after) {
    for (size_t i = 0; i < after->count; i++) {
        const struct edition_text *now = &after->texts[i], *was = edition_text(before, now->name);
        if (!was || !digest_equal(&was->digest, &now->digest)) {
            add(to, "text", now->name, was ? "changed" : "new");
        }
    }
    for (size_t i = 0; i < before->count; i++) {
        if (!edition_text(after, before->texts[i].name)) {
            add(to, "text", before->texts[i].name, "gone");
        }
    }
}

static bool is_same_stanza(const struct party_stanza *a, const struct party_stanza *b) {
    bool same = b != NULL;
    for (const struct party_key *key = a->transport->keys; same && key && key->name; key++) {
        same = party_list_equal(stanza_list(a, key->name), stanza_list(b, key->name));
    }
    return same;
}

/* But for whether it is blocked, which has words of its own. */
static bool is_same_row(const struct party *a, const struct party *b) {
    const struct {
        struct party_list a, b;
    } lists[] = {
        { a->roles, b->roles },   { a->declares, b->declares }, { a->reports, b->reports },
        { a->serves, b->serves }, { a->ids, b->ids },           { a->certificates, b->certificates },
        { a->signs, b->signs },
    };
    bool same = strcmp(a->zh, b->zh) == 0 && strcmp(a->en, b->en) == 0
                && strcmp(a->transport, b->transport) == 0 && strcmp(a->address, b->address) == 0
                && a->stanzas_count == b->stanzas_count;
    for (size_t i = 0; same && i < sizeof(lists) / sizeof(*lists); i++) {
        same = party_list_equal(lists[i].a, lists[i].b);
    }
    for (size_t i = 0; same && i < a->stanzas_count; i++) {
        same = is_same_stanza(&a->stanzas[i], party_stanza(b, a->stanzas[i].transport->name));
    }
    return same;
}

static void find_parties(const struct finding_out *to, const struct parties *before,
                         const struct parties *after) {
    for (size_t i = 0; i < after->count; i++) {
        const struct party *now = &after->list[i], *was = parties_find(before, text_of(now->code));
        if (!was) {
            add(to, "party", now->code, "new");
        } else if (was->blocked != now->blocked) {
            add(to, "party", now->code, now->blocked ? "blocked" : "unblocked");
        } else if (!is_same_row(was, now)) {
            add(to, "party", now->code, "changed");
        }
    }
    for (size_t i = 0; i < before->count; i++) {
        if (!parties_find(after, text_of(before->list[i].code))) {
            add(to, "party", before->list[i].code, "gone");
        }
    }
}

void changes_find(const struct configuration *before, const struct configuration *after, struct arena *arena,
                  struct reload_changes *out) {
    require(before->settings && before->edition && after->settings && after->edition);
    *out = (struct reload_changes){ .list = arena_alloc(arena, RELOAD_CHANGES_MAX * sizeof(*out->list)) };
    const struct finding_out to = { arena, out };
    char name[SETTING_NAME_MAX];
    for (size_t at = 0; settings_next_change(before->settings, after->settings, &at, name);) {
        add(&to, "setting", name, "changed");
    }
    find_texts(&to, before->edition, after->edition);
    find_parties(&to, before->edition->parties, after->edition->parties);
}
