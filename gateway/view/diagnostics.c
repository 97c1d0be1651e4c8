/*
 * diagnostics.c - figures are gathered where they are measured, and judged one check after the other.
 */
#include "view/diagnostics.h"

#include "base/counters.h"
#include "base/file.h"
#include "base/memory.h"
#include "view/checks.h"

/* --- destinations --------------------------------------------------------------------------------------- */

/* Each is looked for by an index of what is open; a queue of a million costs no more than a few thousand. */
#define OPEN(of_state, order) \
    " FROM deliveries WHERE party = ? AND state = '" of_state "' ORDER BY " order " LIMIT ?)"
#define WAITING        OPEN("waiting", "way, decision, record")
#define PARKED         OPEN("parked", "decision, record")
#define COUNT_OF(open) "SELECT count(*), ifnull(min(since), 0) FROM (SELECT since" open
#define LAST_OF(open)                                                   \
    "SELECT attempts, updated, next, reason, words FROM (SELECT *" open \
    " ORDER BY attempts > 0 DESC, updated DESC LIMIT 1"
#define LOOKED_AT 1000

static enum status count_open(struct state *state, const char *sql, const char *party, int64_t *count,
                              stamp *oldest) {
    enum status status = STATUS_OK;
    struct store_query *query = store_query(state_store(state), sql);
    store_bind_string(query, 1, party);
    store_bind_int(query, 2, CHECKS_COUNTED_MAX);
    if (store_step(query, &status)) {
        stamp since = store_int(query, 1);
        *count = store_int(query, 0);
        *oldest = *count && (!*oldest || since < *oldest) ? since : *oldest;
    }
    store_reset(query);
    return status;
}

/* The last that was tried, or parked. */
static enum status find_last(struct state *state, const char *sql, struct arena *arena,
                             struct destination_facts *facts) {
    enum status status = STATUS_OK;
    struct store_query *query = store_query(state_store(state), sql);
    store_bind_string(query, 1, facts->party);
    store_bind_int(query, 2, LOOKED_AT);
    if (store_step(query, &status)) {
        facts->attempts = store_int(query, 0);
        facts->tried = facts->attempts ? store_int(query, 1) : 0;
        facts->next = store_int(query, 2);
        facts->reason = arena_copy(arena, store_text(query, 3));
        facts->words = arena_copy(arena, store_text(query, 4));
    }
    store_reset(query);
    return status;
}

static enum status look_at_destination(struct state *state, const char *code, const struct party *party,
                                       stamp now, struct diagnosis *out) {
    struct destination_facts facts = { .party = code,
                                       .transport = party ? party->transport : "",
                                       .is_blocked = party && party->blocked,
                                       .now = now,
                                       .reason = "",
                                       .words = "" };
    enum status status = count_open(state, COUNT_OF(WAITING), code, &facts.waiting, &facts.oldest);
    if (status == STATUS_OK) {
        status = count_open(state, COUNT_OF(PARKED), code, &facts.parked, &facts.oldest);
    }
    if (status == STATUS_OK && facts.waiting) {
        status = find_last(state, LAST_OF(WAITING), out->arena, &facts);
    }
    if (status == STATUS_OK && facts.parked && !facts.attempts) {
        status = find_last(state, LAST_OF(PARKED), out->arena, &facts);
    }
    bool is_served = party && *party->transport;
    if (status == STATUS_OK && (is_served || facts.waiting || facts.parked)) {
        check_destination(&facts, out);
    }
    return status;
}

/* Those of whom something is open, from index to index. */
#define NEXT_OF(of_state) "SELECT min(party) FROM deliveries WHERE state = '" of_state "' AND party > ?"

/* Who has left the edition has no row in it, and still something open perhaps. */
static enum status look_at_others(struct state *state, const struct edition *edition, const char *sql,
                                  const char *or_sql, stamp now, struct diagnosis *out) {
    enum status status = STATUS_OK;
    const char *party = "";
    while (status == STATUS_OK && party) {
        const char *least = NULL;
        const char *const both[] = { sql, or_sql };
        for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
            struct store_query *query = store_query(state_store(state), both[i]);
            store_bind_string(query, 1, party);
            if (store_step(query, &status) && store_text(query, 0).length
                && (!least || text_compare(store_text(query, 0), text_of(least)) < 0)) {
                least = arena_copy(out->arena, store_text(query, 0));
            }
            store_reset(query);
        }
        party = least;
        if (status == STATUS_OK && party && !(edition && parties_find(edition->parties, text_of(party)))) {
            status = look_at_destination(state, party, NULL, now, out);
        }
    }
    return status;
}

static enum status look_at_destinations(struct state *state, const struct edition *edition, stamp now,
                                        struct diagnosis *out) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && edition && i < edition->parties->count; i++) {
        const struct party *party = &edition->parties->list[i];
        status = look_at_destination(state, party->code, party, now, out);
    }
    return status == STATUS_OK
               ? look_at_others(state, edition, NEXT_OF("waiting"), NEXT_OF("parked"), now, out)
               : status;
}

/* --- what waits for somebody ---------------------------------------------------------------------------- */

static enum status ask_two(struct state *state, const char *sql, int64_t *count, stamp *oldest) {
    enum status status = STATUS_OK;
    struct store_query *query = store_query(state_store(state), sql);
    *count = 0;
    *oldest = 0;
    if (store_step(query, &status)) {
        *count = store_int(query, 0);
        *oldest = store_int(query, 1);
    }
    store_reset(query);
    return status;
}

static enum status look_at_held(struct state *state, stamp now, struct diagnosis *out) {
    int64_t count;
    stamp oldest;
    enum status status = ask_two(
        state, "SELECT count(*), ifnull(min(since), 0) FROM held WHERE state = 'held'", &count, &oldest);
    check_held(count, oldest, out);
    return status;
}

static enum status look_at_quarantine(struct state *state, stamp now, struct diagnosis *out) {
    int64_t count;
    stamp oldest;
    enum status status =
        ask_two(state, "SELECT count(*), ifnull(min(since), 0) FROM quarantine WHERE state = 'quarantined'",
                &count, &oldest);
    check_quarantine(count, oldest, out);
    return status;
}

static enum status look_at_answers(struct state *state, stamp now, struct diagnosis *out) {
    int64_t count;
    stamp oldest;
    enum status status = ask_two(state,
                                 "SELECT count(*), ifnull(min(m.recorded), 0) FROM answers a"
                                 " JOIN messages m ON m.number = a.record WHERE a.party = ''",
                                 &count, &oldest);
    check_answers(count, oldest, now, out);
    return status;
}

/* Of the last that were opened: what was, and is closed, is more with each year. */
#define ALERTS_IN(states)                                                                  \
    "SELECT count(*), ifnull(min(opened_at), 0) FROM (SELECT opened_at, state FROM alerts" \
    " WHERE opened > 0 ORDER BY opened DESC LIMIT 10000) WHERE state IN " states

static enum status look_at_alerts(struct state *state, stamp now, struct diagnosis *out) {
    int64_t open, unseen;
    stamp oldest, any;
    enum status status = ask_two(state, ALERTS_IN("('open', 'acknowledged')"), &open, &any);
    if (status == STATUS_OK) {
        status = ask_two(state, ALERTS_IN("('open')"), &unseen, &oldest);
        check_alerts(open, unseen, oldest, now, out);
    }
    return status;
}

enum status diagnostics_of_state(struct state *state, const struct edition *edition, stamp now,
                                 struct diagnosis *out) {
    static enum status (*const looks[])(struct state *state, stamp now,
                                        struct diagnosis *out) = { look_at_held, look_at_quarantine,
                                                                   look_at_answers, look_at_alerts };
    enum status status = look_at_destinations(state, edition, now, out);
    for (size_t i = 0; status == STATUS_OK && i < sizeof(looks) / sizeof(*looks); i++) {
        status = looks[i](state, now, out);
    }
    return status;
}

/* --- the house ------------------------------------------------------------------------------------------ */

struct known {
    const struct view_question *question;
    const struct diagnostics_house *house;
};

static stamp counted_moment(enum counter counter) {
    return counter_get(counter) * STAMP_SECOND;
}

static void look_at_gateway(const struct known *known, struct diagnosis *out) {
    struct gateway_facts facts = { .ready = known->house->ready,
                                   .behind = known->house->behind,
                                   .started = known->house->started };
    check_gateway(&facts, out);
}

static void look_at_edition(const struct known *known, struct diagnosis *out) {
    const struct view_source *source = known->question->source;
    struct edition_facts facts = { .reload_failed = counter_get(COUNTER_RELOAD_FAILED) != 0 };
    char hex[DIGEST_HEX_MAX];
    facts.digest = digest_hex(&source->edition->digest, hex);
    struct store_query *query =
        store_query(state_store(source->state), "SELECT number FROM setups WHERE digest = ?");
    enum status status = STATUS_OK;
    store_bind_blob(query, 1, source->edition->digest.bytes, sizeof(source->edition->digest.bytes));
    facts.record = store_step(query, &status) ? store_int(query, 0) : 0;
    store_reset(query);
    check_edition(&facts, out);
}

static void look_at_disk(const struct known *known, struct diagnosis *out) {
    const struct diagnostics_house *house = known->house;
    struct disk_facts facts = { .folder = house->directory,
                                .free = file_free_bytes(house->directory),
                                .reserve = house->reserve,
                                .is_full = house->is_full,
                                .written = counter_get(COUNTER_JOURNAL_BYTES),
                                .in_s = (known->question->now - house->started) / STAMP_SECOND };
    check_disk(&facts, out);
}

static void look_at_memory(const struct known *known, struct diagnosis *out) {
    check_memory(memory_available(), out);
}

static void look_at_journal(const struct known *known, struct diagnosis *out) {
    struct journal_facts facts = { .durable = (int64_t)known->house->durable,
                                   .synced = counted_moment(COUNTER_JOURNAL_SYNCED),
                                   .slow_at = counted_moment(COUNTER_JOURNAL_SYNC_SLOW),
                                   .slow = counter_get(COUNTER_JOURNAL_SYNCS_SLOW),
                                   .now = known->question->now };
    check_journal(&facts, out);
}

static void look_at_scrub(const struct known *known, struct diagnosis *out) {
    struct scrub_facts facts = { .damaged = counter_get(COUNTER_JOURNAL_DAMAGED),
                                 .unread = counter_get(COUNTER_JOURNAL_UNREAD),
                                 .passed = counted_moment(COUNTER_JOURNAL_SCRUB_PASSED) };
    check_scrub(&facts, out);
}

static void look_at_engine(const struct known *known, struct diagnosis *out) {
    const struct diagnostics_house *house = known->house;
    check_engine(house->durable > house->position ? (int64_t)(house->durable - house->position) : 0, out);
}

static void look_at_state(const struct known *known, struct diagnosis *out) {
    struct state_facts facts = { .findings = counter_get(COUNTER_STATE_FINDINGS),
                                 .remade = counter_get(COUNTER_STATE_REMADE),
                                 .checked = counted_moment(COUNTER_STATE_CHECKED) };
    check_state(&facts, out);
}

static void look_at_clock(const struct known *known, struct diagnosis *out) {
    check_clock(&known->house->clock, out);
}

/* --- the question --------------------------------------------------------------------------------------- */

static enum status diagnose(const struct view_question *question, struct diagnosis *out) {
    static void (*const looks[])(const struct known *known, struct diagnosis *out) = {
        look_at_gateway, look_at_edition, look_at_disk,  look_at_memory, look_at_journal,
        look_at_scrub,   look_at_engine,  look_at_state, look_at_clock,
    };
    const struct view_source *source = question->source;
    const struct diagnostics_rooms *rooms = source->rooms;
    struct diagnostics_house house = { .behind = 0 };
    enum status status = STATUS_OK;
    diagnosis_init(out, question->arena);
    if (rooms) {
        rooms->know(rooms->context, &house);
        struct known known = { .question = question, .house = &house };
        for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
            looks[i](&known, out);
        }
        rooms->tell(rooms->context, question->now, out);
    }
    if (!house.behind) {
        status = diagnostics_of_state(source->state, source->edition, question->now, out);
    }
    diagnosis_sort(out);
    return status;
}

enum status diagnostics_json(const struct view_question *question, struct json_out *out) {
    struct diagnosis diagnosis;
    enum status status = diagnose(question, &diagnosis);
    diagnosis_json(&diagnosis, out);
    return status;
}

enum status diagnostics_print(const struct view_question *question, struct buf *out) {
    struct diagnosis diagnosis;
    enum status status = diagnose(question, &diagnosis);
    diagnosis_print(&diagnosis, question->language, out);
    return status;
}
