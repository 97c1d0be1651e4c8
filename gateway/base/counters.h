/*
 * counters.h - everything the gateway counts (transports beside it, each its own), one list with help
 * texts, in Prometheus' exposition format. Rows of one metric stand together. Thread: any (relaxed atomics).
 */
#ifndef BASE_COUNTERS_H
#define BASE_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* clang-format off */
/*    id                      kind     metric                                   labels                    help */
#define COUNTER_LIST(X)                                                                                                        \
    X(ACCEPTED,               counter, "clearway_messages_judged_total",        "verdict=\"accepted\"",   "Messages recorded, by verdict")     \
    X(REFUSED,                counter, "clearway_messages_judged_total",        "verdict=\"refused\"",    "Messages recorded, by verdict")     \
    X(CONFLICTS,              counter, "clearway_messages_judged_total",        "verdict=\"conflict\"",   "Messages recorded, by verdict")     \
    X(REPEATED,               counter, "clearway_messages_repeated_total",      "",                       "Repeats answered with the first receipt") \
    X(SEEN_REMADE,            counter, "clearway_seen_remade_total",            "",                       "Times the table of seen ids was damaged and made again from the journal (alarm)") \
    X(TURNED_AWAY,            counter, "clearway_messages_turned_away_total",   "",                       "Messages not taken because the gateway was busy, full or closing") \
    X(THROTTLED_MESSAGES,     counter, "clearway_throttled_total",              "limit=\"messages\"",       "What was answered 429 or closed, by the limit that a sender is over") \
    X(THROTTLED_BYTES,        counter, "clearway_throttled_total",              "limit=\"bytes\"",          "What was answered 429 or closed, by the limit that a sender is over") \
    X(THROTTLED_LAG,          counter, "clearway_throttled_total",              "limit=\"lag\"",            "What was answered 429 or closed, by the limit that a sender is over") \
    X(THROTTLED_DAY,          counter, "clearway_throttled_total",              "limit=\"day\"",            "What was answered 429 or closed, by the limit that a sender is over") \
    X(RELOADS_IN_FORCE,       counter, "clearway_reloads_total",                "result=\"in_force\"",    "Reloads of the edition, by what came of them") \
    X(RELOADS_UNCHANGED,      counter, "clearway_reloads_total",                "result=\"unchanged\"",   "Reloads of the edition, by what came of them") \
    X(RELOADS_REFUSED,        counter, "clearway_reloads_total",                "result=\"refused\"",     "Reloads of the edition, by what came of them") \
    X(RELOAD_FAILED,          gauge,   "clearway_reload_failed",                "",                       "1: the last reload was refused, the edition before it is in force (alarm)") \
    X(JUDGED_ANEW,            counter, "clearway_messages_judged_anew_total",   "",                       "Messages that another edition had judged when a reload came between") \
    X(DIGEST_ONLY,            counter, "clearway_digest_only_total",            "",                       "Refused messages recorded by digest and verdict alone") \
    X(JOURNAL_RECORDS,        counter, "clearway_journal_records_total",        "",                       "Records appended since start")      \
    X(JOURNAL_BATCHES,        counter, "clearway_journal_batches_total",        "",                       "Group commits since start")         \
    X(JOURNAL_BYTES,          counter, "clearway_journal_bytes_total",          "",                       "Bytes appended since start")        \
    X(JOURNAL_SYNCED,         gauge,   "clearway_journal_synced_timestamp_seconds", "",                   "When records were last made durable, in seconds since 1970; 0: not since start") \
    X(JOURNAL_SYNCS_SLOW,     counter, "clearway_journal_slow_syncs_total",     "",                       "Syncs of the journal that took over a second") \
    X(JOURNAL_SYNC_SLOW,      gauge,   "clearway_journal_slow_sync_timestamp_seconds", "",                "When the last of them was, in seconds since 1970; 0: not since start") \
    X(JOURNAL_CUT,            gauge,   "clearway_journal_cut_bytes",            "",                       "Bytes of a batch not finished by an unclean stop, cut at the last start") \
    X(JOURNAL_CUT_RECORDS,    gauge,   "clearway_journal_cut_records",          "",                       "Whole records among them, none of them acknowledged") \
    X(JOURNAL_SCRUBBED,       counter, "clearway_journal_scrubbed_bytes_total", "",                       "Bytes of the journal read again in the background since start") \
    X(JOURNAL_SCRUB_POSITION, gauge,   "clearway_journal_scrub_position_number", "",                      "Number of the last record that the pass under way has checked") \
    X(JOURNAL_SCRUB_PASSED,   gauge,   "clearway_journal_scrub_passed_timestamp_seconds", "",             "When all of the journal was last read again to its end; 0: not since start") \
    X(JOURNAL_DAMAGED,        gauge,   "clearway_journal_damaged_segments",     "",                       "Segments that were found damaged when they were read again (alarm)") \
    X(JOURNAL_UNREAD,         gauge,   "clearway_journal_unread_segments",      "",                       "Segments that could not be read again, by the disk's fault (alarm)") \
    X(JOURNAL_FREE,           gauge,   "clearway_journal_free_bytes",           "",                       "What the journal's file system has free for us") \
    X(JOURNAL_DURABLE,        gauge,   "clearway_journal_durable_number",       "",                       "Number of the last durable record") \
    X(ENGINE_POSITION,        gauge,   "clearway_engine_position_number",       "",                       "Number of the last record the engine has applied") \
    X(ENGINE_DECISIONS,       counter, "clearway_engine_decisions_total",       "",                       "Decisions written since start")     \
    X(ANSWERS_WAITING,        gauge,   "clearway_answers_waiting",              "",                       "Answers of customs of which it cannot be told whose they are") \
    X(ANSWERS_OLDEST,         gauge,   "clearway_answers_waiting_oldest_seconds", "",                     "How long the oldest of them waits") \
    X(HELD,                   gauge,   "clearway_held_causes",                  "",                       "Causes held for an operator because the engine failed on them") \
    X(QUARANTINED,            gauge,   "clearway_quarantined_messages",         "",                       "Messages that the routes send to nobody, kept for an operator (alarm)") \
    X(QUARANTINED_OLDEST,     gauge,   "clearway_quarantined_oldest_seconds",   "",                       "How long the oldest of them waits") \
    X(CLOCK_DOUBTED,          gauge,   "clearway_clock_doubted",                "",                       "1 while the wall clock is not believed (alarm): stamps go by the clock that nobody sets, ticks are held") \
    X(STATE_FINDINGS,         counter, "clearway_state_findings_total",         "",                       "Times state.db was found to differ from what was written or from the journal (alarm)") \
    X(STATE_ROWS_CHECKED,     counter, "clearway_state_rows_checked_total",     "",                       "Rows of state.db that were held against what was written") \
    X(STATE_CHECKED,          gauge,   "clearway_state_checked_timestamp_seconds", "",                    "When the last check of all of state.db ended, in seconds since 1970; 0: none yet") \
    X(STATE_REMADE,           counter, "clearway_state_remade_total",           "",                       "Times state.db was put aside as damaged and made again from the journal (alarm)") \
    X(ENGINE_TOO_MUCH,        counter, "clearway_engine_too_much_total",        "",                       "Causes refused because they concern more than can be decided at once") \
    X(DELIVERED,              counter, "clearway_deliveries_total",             "outcome=\"delivered\"",  "Delivery attempts, by outcome")     \
    X(DEFERRED,               counter, "clearway_deliveries_total",             "outcome=\"deferred\"",   "Delivery attempts, by outcome")     \
    X(PARKED,                 counter, "clearway_deliveries_total",             "outcome=\"parked\"",     "Delivery attempts, by outcome")     \
    X(LOG_LOST,               counter, "clearway_log_lines_lost_total",         "",                       "Log lines dropped because nobody reads them") \
    X(VALIDATED_COMPILED,     counter, "clearway_validated_total",              "by=\"compiled\"",        "Messages judged against their schema: accepted by the compiled validator, refused by us as not well-formed, judged again by libxml2, or by libxml2 alone because the schema is not compiled") \
    X(VALIDATED_AGAIN,        counter, "clearway_validated_total",              "by=\"again\"",           "Messages judged against their schema: accepted by the compiled validator, refused by us as not well-formed, judged again by libxml2, or by libxml2 alone because the schema is not compiled") \
    X(VALIDATED_LIBXML2,      counter, "clearway_validated_total",              "by=\"libxml2\"",         "Messages judged against their schema: accepted by the compiled validator, refused by us as not well-formed, judged again by libxml2, or by libxml2 alone because the schema is not compiled") \
    X(VALIDATED_MALFORMED,    counter, "clearway_validated_total",              "by=\"malformed\"",       "Messages judged against their schema: accepted by the compiled validator, refused by us as not well-formed, judged again by libxml2, or by libxml2 alone because the schema is not compiled") \
    X(LEFT_TYPE,              counter, "clearway_validator_left_total",         "why=\"xsi_type\"",       "Valid messages that the compiled validator left to libxml2: by what it does not know; other is a disagreement") \
    X(LEFT_SUBSTITUTE,        counter, "clearway_validator_left_total",         "why=\"substitution\"",   "Valid messages that the compiled validator left to libxml2: by what it does not know; other is a disagreement") \
    X(LEFT_OTHER,             counter, "clearway_validator_left_total",         "why=\"other\"",          "Valid messages that the compiled validator left to libxml2: by what it does not know; other is a disagreement") \
    X(WELLFORMED_DISPUTED,    counter, "clearway_wellformed_disputed_total",    "",                       "Messages that libxml2 calls not well-formed and we do not") \
    X(SCHEMAS_UNCOMPILED,     gauge,   "clearway_schemas_uncompiled",           "",                       "Schemas of the edition that only libxml2 judges, because they use what the compiler does not know") \
    X(VALIDATOR_INTERNAL,     counter, "clearway_validator_internal_total",     "",                       "Messages refused because the validator failed (alarm)")
/* clang-format on */

enum counter {
#define X(id, kind, metric, labels, help) COUNTER_##id,
    COUNTER_LIST(X)
#undef X
        COUNTER_COUNT
};

void counter_add(enum counter counter, int64_t by);
void counter_set(enum counter counter, int64_t value);
int64_t counter_get(enum counter counter);

/* A counter of a room that this one does not know: a transport has a list of its own, an array of these. */
struct room_counter {
    const char *kind, *metric, *labels, *help; /* metric NULL ends the array */
    _Atomic int64_t value;
};
void room_counter_add(struct room_counter *counter, int64_t by);
void room_counter_set(struct room_counter *counter, int64_t value);
int64_t room_counter_get(const struct room_counter *counter);

/* The house's, and those of count rooms; rows of one metric stand together, whoever has them. */
void counters_print(struct room_counter *const rooms[], size_t count, struct buf *buf);

#endif
