/*
 * budget.c - an account for each party that ever sent, in a table by its code, and the sums over all.
 */
#include "intake/budget.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"

#define BUCKETS      1024
#define SOON_S       2
#define SAY_EVERY_MS 60000 /* one line a party and minute */

struct account {
    struct account *next; /* in its bucket */
    char *party;
    struct queue_flow flow;
    size_t messages, bytes;        /* under way */
    size_t lagging, lagging_bytes; /* recorded, not applied */
    int64_t said_ms;               /* when the log last said that it is over its budget; 0: never */
    _Atomic int32_t day;           /* of the two sums */
    _Atomic uint64_t day_bytes, day_refused_bytes;
};

struct lagging {
    uint64_t number;
    struct account *account;
    size_t bytes;
};

struct budget {
    struct budget_limits limits;
    _Atomic uint64_t day_refused_bytes; /* of the limits: the sequencer asks it */
    struct account *buckets[BUCKETS];
    size_t messages, bytes;
    struct lagging *lagging; /* a ring, in the order of the records */
    size_t lagging_max, lagging_first, lagging_count;
};

struct budget *budget_new(const struct budget_limits *limits) {
    struct budget *budget = memory_new(sizeof(*budget));
    struct budget_limits *own = &budget->limits;
    *own = *limits;
    own->messages_max = own->messages_max ? own->messages_max : 1024;
    own->bytes_max = own->bytes_max ? own->bytes_max : 256u << 20;
    own->lag_max = own->lag_max ? own->lag_max : 20000;
    budget_limit(budget, limits);
    budget->lagging_max = own->lag_max + own->messages_max;
    budget->lagging = memory_array(budget->lagging_max, sizeof(*budget->lagging));
    return budget;
}

void budget_limit(struct budget *budget, const struct budget_limits *limits) {
    struct budget_limits *own = &budget->limits;
    own->party_messages = limits->party_messages ? limits->party_messages : SIZE_MAX;
    own->party_bytes = limits->party_bytes ? limits->party_bytes : SIZE_MAX;
    own->day_bytes = limits->day_bytes ? limits->day_bytes : UINT64_MAX;
    own->day_refused_bytes = limits->day_refused_bytes ? limits->day_refused_bytes : UINT64_MAX;
    atomic_store(&budget->day_refused_bytes, own->day_refused_bytes);
}

void budget_free(struct budget *budget) {
    if (!budget) {
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct account *account = budget->buckets[i], *next; account; account = next) {
            next = account->next;
            free(account->party);
            free(account);
        }
    }
    free(budget->lagging);
    free(budget);
}

const struct budget_limits *budget_limits(const struct budget *budget) {
    return &budget->limits;
}

/* --- accounts ------------------------------------------------------------------------------------------- */

/* FNV-1a. Codes come from the parties file, not from senders: nobody can choose them to collide. */
static size_t bucket_of(const char *party) {
    uint32_t hash = 2166136261u;
    for (; *party; party++) {
        hash = (hash ^ (unsigned char)*party) * 16777619u;
    }
    return hash % BUCKETS;
}

struct account *budget_account(struct budget *budget, const char *party) {
    require(party && *party);
    struct account **bucket = &budget->buckets[bucket_of(party)], *account = *bucket;
    while (account && strcmp(account->party, party) != 0) {
        account = account->next;
    }
    if (!account) {
        account = memory_new(sizeof(*account));
        account->party = memory_string(party);
        account->next = *bucket;
        *bucket = account;
    }
    return account;
}

struct queue_flow *account_flow(struct account *account) {
    return &account->flow;
}

/* --- under way ------------------------------------------------------------------------------------------ */

enum status budget_room(const struct budget *budget, uint64_t lag) {
    const struct budget_limits *limits = &budget->limits;
    bool full = budget->messages >= limits->messages_max || budget->bytes >= limits->bytes_max
                || lag > limits->lag_max;
    return full ? STATUS_BUSY : STATUS_OK;
}

/* Of a room with so much taken of its most; `held` is one party's part of what is taken. */
static bool is_over_share(uint64_t held, uint64_t taken, uint64_t most) {
    return held > most - taken;
}

static enum status refuse(struct account *account, enum status status, enum counter counter,
                          const char *limit) {
    int64_t now_ms = stamp_monotonic_ms();
    counter_add(counter, 1);
    if (!account->said_ms || now_ms - account->said_ms >= SAY_EVERY_MS) {
        account->said_ms = now_ms;
        log_event(LOG_WARN, EVENT_INTAKE_OVER_BUDGET, LOG_STRING("party", account->party),
                  LOG_STRING("limit", limit), LOG_END);
    }
    return status;
}

static bool has_spent_its_day(const struct budget *budget, const struct account *account, stamp now) {
    /* >=: the stamps of records may be ahead of the clock, never behind. */
    return atomic_load(&account->day) >= stamp_day(now)
           && atomic_load(&account->day_bytes) >= budget->limits.day_bytes;
}

enum status budget_admits(struct budget *budget, struct account *account, uint64_t lag, stamp now) {
    require(account);
    const struct budget_limits *limits = &budget->limits;
    if (has_spent_its_day(budget, account, now)) {
        return refuse(account, STATUS_QUOTA, COUNTER_THROTTLED_DAY, "bytes a day");
    }
    enum status status = budget_room(budget, lag);
    if (status != STATUS_OK) {
        return status;
    }
    if (account->messages >= limits->party_messages
        || is_over_share(account->messages, budget->messages, limits->messages_max)) {
        return refuse(account, STATUS_THROTTLED, COUNTER_THROTTLED_MESSAGES, "messages under way");
    }
    if (account->bytes >= limits->party_bytes
        || is_over_share(account->bytes, budget->bytes, limits->bytes_max)) {
        return refuse(account, STATUS_THROTTLED, COUNTER_THROTTLED_BYTES, "bytes under way");
    }
    if (account->lagging_bytes >= limits->party_bytes
        || is_over_share(account->lagging, lag, limits->lag_max)) {
        return refuse(account, STATUS_THROTTLED, COUNTER_THROTTLED_LAG, "records waiting for the engine");
    }
    return STATUS_OK;
}

void budget_take(struct budget *budget, struct account *account, size_t bytes) {
    require(account);
    budget->messages++;
    budget->bytes += bytes;
    account->messages++;
    account->bytes += bytes;
}

void budget_give_back(struct budget *budget, struct account *account, size_t bytes) {
    require(budget->messages > 0 && account->messages > 0 && account->bytes >= bytes);
    budget->messages--;
    budget->bytes -= bytes;
    account->messages--;
    account->bytes -= bytes;
}

size_t budget_messages(const struct budget *budget) {
    return budget->messages;
}

/* --- waiting for the engine ----------------------------------------------------------------------------- */

static void forget_first(struct budget *budget) {
    const struct lagging *first = &budget->lagging[budget->lagging_first];
    first->account->lagging--;
    first->account->lagging_bytes -= first->bytes;
    budget->lagging_first = (budget->lagging_first + 1) % budget->lagging_max;
    budget->lagging_count--;
}

void budget_recorded(struct budget *budget, struct account *account, uint64_t number, size_t bytes) {
    require(account && number > 0);
    if (budget->lagging_count == budget->lagging_max) {
        forget_first(budget);
    }
    size_t last = (budget->lagging_first + budget->lagging_count++) % budget->lagging_max;
    budget->lagging[last] = (struct lagging){ number, account, bytes };
    account->lagging++;
    account->lagging_bytes += bytes;
}

void budget_applied(struct budget *budget, uint64_t position) {
    while (budget->lagging_count && budget->lagging[budget->lagging_first].number <= position) {
        forget_first(budget);
    }
}

/* --- a day ---------------------------------------------------------------------------------------------- */

bool budget_keeps_content(const struct budget *budget, const struct account *account, stamp at,
                          uint64_t bytes) {
    require(account);
    bool same_day = atomic_load(&account->day) == stamp_day(at);
    uint64_t spent = same_day ? atomic_load(&account->day_refused_bytes) : 0;
    uint64_t most = atomic_load(&budget->day_refused_bytes);
    return spent <= most && bytes <= most - spent;
}

void budget_spend(struct account *account, stamp at, uint64_t bytes, bool accepted) {
    require(account);
    int32_t day = stamp_day(at);
    if (atomic_load(&account->day) != day) {
        atomic_store(&account->day_bytes, 0);
        atomic_store(&account->day_refused_bytes, 0);
        atomic_store(&account->day, day);
    }
    atomic_fetch_add(&account->day_bytes, bytes);
    atomic_fetch_add(&account->day_refused_bytes, accepted ? 0 : bytes);
}

int budget_retry_after_s(enum status status, stamp now) {
    stamp tomorrow = stamp_of_day(stamp_day(now) + 1);
    return status == STATUS_QUOTA ? (int)((tomorrow - now) / STAMP_SECOND) + 1 : SOON_S;
}
