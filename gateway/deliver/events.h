/*
 * events.h - what a decision tells a party: its own messages' fate, milestones 节点 it may know of, and what
 * it is handed, as CloudEvents 1.0 in JSON.
 *
 *   {"specversion":"1.0","id":"1042-1","source":"JOURNAL","type":"clearway.event.decision.v1",
 *    "subject":"CNQDG/COSU6001234567","time":"2026-10-11T03:40:00.000+08:00",
 *    "datacontenttype":"application/json","sequence":"1042",
 *    "data":{"record":1040,"party":"…","family":"…","result":"refused","code":"T01","zh":"…","en":"…",
 *            "hint_zh":"…","hint_en":"…","details":{…}}}
 *   {… "type":"clearway.event.milestone.v1", "time": when it happened …
 *    "data":{"record":1040,"family":"…","code":"RELEASED","zh":"放行","en":"released","declaration":"…",
 *            "containers":["…"],"recorded":"…"}}
 *   {… "type":"clearway.event.message.v1" … "data":{"record":1040,"family":"…"}}
 *   {… "type":"clearway.event.change.v1" … "data":{"question":"alerts"}}
 *   {… "type":"clearway.event.change.v1" … "data":{"question":"report","month":"2026-10"}}
 *
 * Who is told is a function of the journal alone, so that what is told again, after a gap or a restart, is
 * the same: a decision tells the sender of the message that it is about, and to whom it is sent itself, as an
 * alert is (without that message's party and family); a milestone is told to who sent the record that proves
 * it, to whom this decision sends that record, to whom the declaration belongs, and to the port office; who
 * is sent another's message is told that it is. That is never more than the party sees when it asks
 * (view/timeline.h): of a consignment it hears what it sent or was sent. Nothing of a held cause is told.
 *
 * Everybody's row, of which accounts are told by their role, hears besides which questions (view/view.h) have
 * another answer now: of goods with their subject, of figures without it, and of the report with the month
 * of which a release was told, or that was closed. Whoever hands that on asks who sees the answer.
 *
 * Thread    any.
 */
#ifndef DELIVER_EVENTS_H
#define DELIVER_EVENTS_H

#include "base/json.h"
#include "edition/edition.h"
#include "engine/decision.h"

#define EVENTS_SENDERS_MAX 256 /* records that a decision is about, rests on or sends */

/* Who sent a record, and what it is: "" where that is not known. */
struct event_sender {
    uint64_t record;
    const char *party, *family;
};

/* A decision as recorded, and who sent what it speaks of. */
struct event_origin {
    uint64_t number; /* of its record */
    stamp recorded;
    const struct decision *decision;
    const char *journal;
    const struct event_sender
        *senders; /* of the message it is about, and of each record that proves a milestone */
    size_t senders_count;
};

/* Nobody's row, for who sees the goods of all: it is told every milestone, and of every message what became
 * of it, and what else was sent to anybody, which who hands it on shows to those who see messages of all, or
 * the party's own. Its code is "". */
extern const struct party events_everybody;

/* The records whose senders it takes to know whom this decision tells; at most `max`, each once. */
size_t events_records(const struct decision *decision, uint64_t *records, size_t max);
/* Who may be told anything, but for port offices: codes, some perhaps twice. */
size_t events_parties(const struct event_origin *origin, const char **parties, size_t max);
/* Adds what this decision tells that party to an open array; how many events that is. */
size_t events_write(const struct event_origin *origin, const struct edition *edition,
                    const struct party *party, struct json_out *out);

/* The questions of which changes are told, NULL at the end: names of view/views.c. */
extern const char *const events_questions[];

/* Cuts the first event off an array of them, as the feed tells it; false: there is none more. */
bool events_next(struct text *array, struct text *event);

#endif
