/*
 * store_inside.h - what store.c and store_check.c share of a store. Of store*.c alone.
 */
#ifndef BASE_STORE_INSIDE_H
#define BASE_STORE_INSIDE_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "base/store.h"
#include "base/store_sums.h"

#define STORE_QUERIES_MAX  1024 /* more are made at run time: ours (tests/style/check_queries) */
#define STORE_SLOTS        (2 * STORE_QUERIES_MAX)

#define STORE_SQL_COMPARED 32 /* bytes */

struct store {
    sqlite3 *db;
    enum store_mode mode;
    void (*damaged)(void *context); /* may be NULL */
    void *context;
    struct store_sums *sums;       /* NULL: it keeps none, or is only read */
    bool tables_changed;           /* perhaps, by the open transaction */
    enum status statement_failed;  /* in the open transaction */
    const _Atomic bool *stop;      /* NULL: nothing else stops it */
    struct store_filling *filling; /* what store_filled() has to do; NULL: it is not being filled */
    size_t count;
    struct store_query *queries[STORE_SLOTS]; /* open addressing by the literal's address */
};

/* What SQLite's code means for us; logged, and told when it is damage. errno must have been 0 before the
 * call. */
enum status store_judge(struct store *store, int code, const char *sql);
/* We found it damaged ourselves: told as well. Returns DAMAGED. */
enum status store_damaged(struct store *store);

void store_fill_end(struct store *store); /* forgets what store_fill() put off */
typedef enum status store_row(struct store *store, sqlite3_stmt *statement, void *context);
/* Runs a text that is made at run time; each row goes to row(), until it fails. */
enum status store_each_row(struct store *store, const char *sql, store_row *row, void *context);
/* How SQLite would go about this text: a row for each step, which column 3 says. */
enum status store_explain(struct store *store, const char *sql, store_row *row, void *context);

/* What all tables but the sums add up to. Several may add up, each by a store of its own: each takes the next
 * table that nobody has taken. */
struct store_tables {
    _Atomic size_t taken;
    size_t count;
    struct store_table {
        char name[STORE_NAME_MAX];
        struct store_sum sum;
    } tables[STORE_TABLES_MAX];
};

enum status store_tables_list(struct store *store, struct store_tables *tables); /* empty before */
enum status store_tables_add_up(struct store *store, struct store_tables *tables);
void store_tables_digest(const struct store_tables *tables, struct digest *out);

/* Another connection to the file of a store that is being filled, for another thread. It takes no locks, so
 * that the first one may make indices meanwhile: but as long as this one is open, nothing may be written to a
 * table of what was committed. */
enum status store_open_beside(struct store *store, struct store **out);

/* What a table adds up to now. */
enum status store_add_up(struct store *store, const char *table, struct store_sum *out);
enum status store_write_sum(struct store *store, const char *table, const struct store_sum *sum);
/* From here on what is written is added to the sums that stand there. */
enum status store_follow_sums(struct store *store);

#endif
