/*
 * store_sums.h - what the rows of each table add up to, kept while they are written. Of store*.c alone.
 *
 * For each table: how many rows, and the sum (modulo 2^128) of a hash of each, over all columns with their
 * types. The order of rows does not count, so a write costs its own rows and no others. A row that changed,
 * is missing, came from elsewhere or took a value from another shows; of damage by chance one in 2^128 does
 * not. It is no protection from who may write the file, who could write the sums as well.
 *
 * Sums follow transactions: what is rolled back, by us or by SQLite, was never added. What is written
 * outside of one is not added at all.
 */
#ifndef BASE_STORE_SUMS_H
#define BASE_STORE_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/store.h"

struct sqlite3;
struct sqlite3_stmt;

struct store_sum {
    int64_t rows;
    uint64_t low, high;
};

bool store_sum_equal(const struct store_sum *a, const struct store_sum *b);

/* --- of what is written --- */

struct store_sums;

struct store_sums *store_sums_new(struct sqlite3 *db); /* follows this connection from now on */
void store_sums_free(struct store_sums *sums);         /* NULL is fine */
/* What a table adds up to now. False: there are more tables, or longer names, than any store of ours has. */
bool store_sums_set(struct store_sums *sums, const char *table, const struct store_sum *sum);
/* The next table that the open transaction has written to, from *place on (0 at first); NULL: no more. */
const struct store_sum *store_sums_changed(const struct store_sums *sums, size_t *place, const char **table);
void store_sums_committed(struct store_sums *sums);
/* The SQLite code of what kept a row from being added in this transaction; 0: nothing. */
int store_sums_failure(const struct store_sums *sums);

/* --- of what is read --- */

struct store_tally { /* rows of one table, added up */
    struct store_sum sum;
    uint32_t seed;
};

void store_tally_init(struct store_tally *tally, const char *table);
/* Adds the row on which the statement stands, which must give the table's columns in their order. */
void store_tally_add(struct store_tally *tally, struct sqlite3_stmt *statement);

#endif
