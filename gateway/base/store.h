/*
 * store.h - a table store on disk (SQLite behind it, and nowhere else): WAL, STRICT tables, one writer.
 *
 * Fails     through enum status: IO, FULL (no space, or no descriptor), DAMAGED, LOCKED (another writer for
 *           over 5 s). A text that does not fit the tables is damage, for the tables are made by texts of the
 *           same release; a wrong call is ours and panics. A query the world did not let us prepare says so
 *           at its first step.
 * Thread    a store belongs to one thread; several stores may be open on one file.
 */
#ifndef BASE_STORE_H
#define BASE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/status.h"
#include "base/text.h"

struct store;
struct store_query;

enum store_mode { STORE_READ, STORE_WRITE }; /* WRITE creates the file; it is its owner's alone, 0600 */

/* READ: NOT_FOUND when the file is not there. LOCKED: another connection has been mending or closing it for
 * five seconds. */
enum status store_open(const char *path, enum store_mode mode, struct store **out);
void store_close(struct store *store); /* finalizes its queries */
/* A number of its own, drawn when it was made: who derives something from it can tell it from another one
 * that was made of the same. 0: it has none yet. */
uint64_t store_identity(struct store *store);
enum store_mode store_mode(const struct store *store);
/* The files of a store that nobody has open: the database and the two that SQLite keeps beside it (-wal,
 * -shm). What is not there is no failure. */
void store_remove(const char *path);
void store_rename(const char *from, const char *to);
/* Only what stands beside the database: it belongs to one that was there before. */
void store_remove_log(const char *path);
/* Told each time that SQLite or a check below finds the file damaged, on the store's thread. NULL: nobody. */
void store_on_damage(struct store *store, void (*damaged)(void *context), void *context);
enum status store_exec(struct store *store, const char *sql); /* several statements, no results */
enum status store_begin(struct store *store);
enum status store_commit(struct store *store); /* all of it, or it is rolled back */
void store_rollback(struct store *store);
/* Pages kept at hand, up to so many KiB: where a transaction needs more, they are written before its end, and
 * perhaps again. */
enum status store_set_cache(struct store *store, unsigned kib);
void store_rest(struct store *store); /* gives them back, until they are needed */
/* A store that is made anew from something else, and thrown away if that is cut off: until store_filled() a
 * transaction cannot be taken back, nothing survives a crash, and each page is written once. WRITE only, and
 * nobody else has it open. So long an index is there only where one of these texts uses it; store_filled()
 * makes the others again. What is written is durable when the file was synced after store_close(). */
enum status store_fill(struct store *store, const char *const *sql, size_t count);
/* digest: of all that was written, as store_digest() would give it; NULL: nobody asks. */
enum status store_filled(struct store *store, struct digest *digest);

/* The query of this SQL text, prepared once and kept; reset and unbound. sql must be a literal. */
struct store_query *store_query(struct store *store, const char *sql);
void store_bind_int(struct store_query *query, int index, int64_t value);      /* index from 1 */
void store_bind_text(struct store_query *query, int index, struct text value); /* copied; at NULL: NULL */
void store_bind_string(struct store_query *query, int index, const char *value);
/* The same without a copy: the text lives until the query has run. */
void store_lend_text(struct store_query *query, int index, struct text value);
void store_lend_string(struct store_query *query, int index, const char *value);
/* Named parameters (":key"), from 1; names without the colon. */
int store_parameters(const struct store_query *query);
const char *store_parameter(const struct store_query *query, int index);
void store_bind_blob(struct store_query *query, int index, const void *bytes, size_t length);
/* True: a row stands ready. False: the end, or a failure, which *status tells (OK at the end). */
bool store_step(struct store_query *query, enum status *status);
enum status store_run(struct store_query *query);         /* for statements without rows */
int64_t store_int(struct store_query *query, int column); /* column from 0; NULL gives 0 */
bool store_is_null(struct store_query *query, int column);
struct text store_text(struct store_query *query, int column); /* borrowed until the next step */
void store_reset(struct store_query *query);                   /* ends a read early */
/* How SQLite goes about each query that was asked so far: "SEARCH links USING PRIMARY KEY (value=? AND
 * kind=?)". What reads the more the longer a table has become shows there while all tables are short. */
typedef void store_plan(const char *sql, const char *plan, void *context);
enum status store_each_plan(struct store *store, store_plan *told, void *context);

/* As long as *stop is true, whoever sets it, queries give no rows and say CLOSED, also one that is under way;
 * in the structure of one table store_check() goes on to the end. Of a store that is only read. */
void store_stop_when(struct store *store, const _Atomic bool *stop);
bool store_is_stopped(const struct store *store); /* ... which it is: for who reads elsewhere meanwhile */

/* --- whole tables --------------------------------------------------------------------------------------- */

#define STORE_NAME_MAX   64
#define STORE_TABLES_MAX 128             /* whose sums are kept */
#define STORE_SCHEMA     "sqlite_schema" /* the tables themselves, as a table */

/* From now on this store keeps, in a table `sums`, what the rows of each table add up to (store_sums.h),
 * written by store_commit(). What is written outside of a transaction is not in them, and shows as damage.
 * WRITE only. */
enum status store_keep_sums(struct store *store);

struct store_finding {
    uint64_t rows;  /* read */
    char what[160]; /* that is wrong; "": nothing */
};

/* Reads one table of a store that keeps sums, as of one moment: its rows against its sum, the structure of
 * its pages and of its indices, and its indices against its rows. For STORE_SCHEMA also the pages that
 * nothing uses. DAMAGED, IO and what else kept it from reading; CLOSED by store_stop_when(). All of it
 * costs about 2 us a row. */
enum status store_check(struct store *store, const char *table, struct store_finding *finding);
/* The names to check, from 0 on, STORE_SCHEMA first; NOT_FOUND: there are no more. */
enum status store_table(struct store *store, size_t index, char name[STORE_NAME_MAX]);

/* Digest over all rows of all tables but the sums, as they are read now, in whatever order they stand; every
 * column typed. */
enum status store_digest(struct store *store, struct digest *out);

#endif
