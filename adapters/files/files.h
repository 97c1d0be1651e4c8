/*
 * files.h - messages and deliveries as files:
 * each party with a folder has OutBox, SentBox, FailBox and InBox in it.
 *
 * A message: the party drops it in OutBox (under a temporary name ending in .tmp, then renamed) → it is read,
 * judged and recorded → once durable the response appears in InBox, Successed_NAME_RECORD.xml or
 * Failed_NAME_RECORD.xml, in the form its format expects (of what is no message of any format, the form of
 * the first format that the party may send: its program reads that) → the file moves to SentBox or FailBox.
 * Moving it
 * back from FailBox to OutBox tries again. While the gateway is at its limit, or the party over its budget
 * (intake/budget.h), files stay in OutBox. A file that cannot be read (folder.h) or recorded goes to FailBox,
 * with NAME.reason.txt beside it, and is answered by Failed_NAME.xml.
 * A ZIP archive (archive.h) is the message in it: that is what is judged, recorded, handed on and answered,
 * so that it is the same submission with the archive and without; the record names the archive's digest
 * ("outer"). So it is with a message in an ImportMessage or a DxpMsg (check/wrapper.h), as on every way in.
 * A crash at any point: the file is still in OutBox, is read again, and as its id was seen gets the same
 * receipt, which is a function of its record, under the same name. Only what was refused before an id could
 * be read has none to be known by: it is recorded, refused and answered a second time. What comes again after
 * the engine has refused it gets the refusal again, too, and goes to FailBox.
 * A refusal that comes after that, from the engine: a second response in InBox, Failed_NAME_RECORD.xml
 * (RECORD: of the decision), in that form too, and never before the first one. The file stays in SentBox, for
 * it was taken; mended, it is dropped in OutBox again. A delivery: RECORD_FAMILY_SENDER.xml in the InBox of
 * the party (RECORD_FAMILY.xml for a decision), byte for byte.
 *
 * Thread    the caller's is the loop thread; the disk is touched by one thread of ours.
 * Limits    16 files of a party under way, or those that make 16 MiB; 64 names looked at, 8 of them put away,
 *           before the others' turn; 1024 names in memory; messages of at most CHECK_BODY_MAX.
 */
#ifndef ADAPTERS_FILES_H
#define ADAPTERS_FILES_H

#include "base/loop.h"
#include "edition/edition.h"
#include "journal/journal.h"
#include "intake/intake.h"
#include "deliver/port.h"
#include "view/diagnosis.h"

struct files;

struct files_options {
    struct loop *loop;
    struct journal *journal;
    const char *directory;         /* of state.db, which the engine has made */
    const struct edition *edition; /* in force at the start: the one that is, is held */
    struct intake *intake;
    void (*on_damage)(void *context); /* state.db is not what the journal says; loop thread; may be NULL */
    void *context;
    int scan_ms;   /* every OutBox is looked at again after this, events or none; 0: 5000 */
    int settle_ms; /* a file not moved in must be this old; 0: 500 */
};

/* A folder that is missing is no failure: the log says so, each scan tries again. IO: no descriptor, no
 * thread; else what state_open() says. */
enum status files_start(const struct files_options *options, struct files **out);
/* Another edition: which boxes are looked at. What is under way from one that is not any more is answered. */
void files_change(struct files *files, const struct edition *edition);
/* After intake_stop() and dispatch_stop(): what was answered is put into the boxes before it returns. */
void files_stop(struct files *files);
/* The folders, as they were when they were last looked at. */
void files_diagnose(const struct files *files, stamp now, struct diagnosis *out);
const struct port *files_port(const struct files *files);

#endif
