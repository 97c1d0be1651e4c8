/*
 * seen_table.c - rows that are linked by their keys and prove themselves, over one store.
 *
 * Between two rows whose link is whole nothing can be missing. So to put a key in is to write two rows: the
 * new one, which takes over the link of the one before it, and the one before, which now names the new key.
 * Rows are never taken out.
 */
#include "intake/seen_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

struct row {
    struct sighting sighting;
    struct seen_key next;
};

struct seen_table {
    struct store *store;
    bool holding;
};

static const struct seen_key first_key; /* zeros: the row of the position */
static const struct seen_key end_key = {
    /* what the last row names */
    { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF },
};

/* As it stands in sqlite_schema: another text is another format. */
static const char schema[] =
    "CREATE TABLE seen(key BLOB PRIMARY KEY, number INTEGER NOT NULL, against INTEGER NOT NULL,"
    " digest BLOB NOT NULL, next BLOB NOT NULL, proof INTEGER NOT NULL) STRICT, WITHOUT ROWID";

static int compare_keys(const struct seen_key *a, const struct seen_key *b) {
    return memcmp(a->bytes, b->bytes, SEEN_KEY_SIZE);
}

/* --- rows ----------------------------------------------------------------------------------------------- */

/* 64 bits of SHA-256: against accidents, not against somebody who may write the file, who could forge all
 * of it. */
static int64_t proof_of(const struct row *row) {
    struct text parts[] = {
        { (const char *)row->sighting.key.bytes, SEEN_KEY_SIZE },
        { (const char *)&row->sighting.number, sizeof(row->sighting.number) },
        { (const char *)&row->sighting.against, sizeof(row->sighting.against) },
        { (const char *)row->sighting.digest.bytes, DIGEST_SIZE },
        { (const char *)row->next.bytes, SEEN_KEY_SIZE },
    };
    struct digest digest = digest_of_parts(parts, sizeof(parts) / sizeof(*parts));
    int64_t proof;
    memcpy(&proof, digest.bytes, sizeof(proof));
    return proof;
}

static bool take_blob(struct store_query *query, int column, void *out, size_t size) {
    struct text blob = store_text(query, column);
    if (blob.length == size) {
        memcpy(out, blob.at, size);
    }
    return blob.length == size;
}

/* Columns: key, number, against, digest, next, proof. */
static enum status take_row(struct store_query *query, struct row *row) {
    row->sighting.number = (uint64_t)store_int(query, 1);
    row->sighting.against = (uint64_t)store_int(query, 2);
    bool whole = take_blob(query, 0, row->sighting.key.bytes, SEEN_KEY_SIZE)
                 && take_blob(query, 3, row->sighting.digest.bytes, DIGEST_SIZE)
                 && take_blob(query, 4, row->next.bytes, SEEN_KEY_SIZE)
                 && store_int(query, 5) == proof_of(row) && compare_keys(&row->sighting.key, &row->next) < 0;
    return whole ? STATUS_OK : STATUS_DAMAGED;
}

/* The row of the key or, when it has none, the one before it, which proves that. There is always one: the
 * first. */
static enum status find_row(struct seen_table *table, const struct seen_key *key, struct row *row) {
    struct store_query *query =
        store_query(table->store, "SELECT key, number, against, digest, next, proof FROM seen WHERE key <= ?"
                                  " ORDER BY key DESC LIMIT 1");
    enum status status;
    store_bind_blob(query, 1, key->bytes, SEEN_KEY_SIZE);
    bool found = store_step(query, &status);
    if (found) {
        status = take_row(query, row);
    } else if (status == STATUS_OK) {
        status = STATUS_DAMAGED;
    }
    store_reset(query);
    if (status != STATUS_OK) {
        return status;
    }
    bool proves = compare_keys(&row->sighting.key, key) <= 0 && compare_keys(key, &row->next) < 0;
    return proves ? STATUS_OK : STATUS_DAMAGED;
}

static enum status put_row(struct seen_table *table, const struct row *row) {
    struct store_query *query = store_query(
        table->store,
        "INSERT OR REPLACE INTO seen(key, number, against, digest, next, proof) VALUES(?, ?, ?, ?, ?, ?)");
    store_bind_blob(query, 1, row->sighting.key.bytes, SEEN_KEY_SIZE);
    store_bind_int(query, 2, (int64_t)row->sighting.number);
    store_bind_int(query, 3, (int64_t)row->sighting.against);
    store_bind_blob(query, 4, row->sighting.digest.bytes, DIGEST_SIZE);
    store_bind_blob(query, 5, row->next.bytes, SEEN_KEY_SIZE);
    store_bind_int(query, 6, proof_of(row));
    return store_run(query);
}

/* last: the row put in before it, whose key is smaller, and which is not written yet; number 0: there is
 * none. Where both stand between the same two rows, it tells all that is asked of the table. */
static enum status put_sighting(struct seen_table *table, const struct sighting *sighting, struct row *last) {
    struct row before = *last;
    enum status status = STATUS_OK;
    if (last->sighting.number == 0 || compare_keys(&sighting->key, &last->next) >= 0) {
        status = last->sighting.number ? put_row(table, last) : STATUS_OK;
        status = status == STATUS_OK ? find_row(table, &sighting->key, &before) : status;
    }
    *last = (struct row){ *sighting, before.next };
    if (status == STATUS_OK && compare_keys(&before.sighting.key, &sighting->key) != 0) {
        before.next = sighting->key;
        status = put_row(table, &before);
    }
    return status;
}

static enum status put_position(struct seen_table *table, const struct seen_position *position) {
    struct sighting sighting = { .key = first_key, .number = position->number, .digest = position->chain };
    struct row row = { .sighting = { .number = 0 } };
    enum status status = put_sighting(table, &sighting, &row);
    return status == STATUS_OK ? put_row(table, &row) : status;
}

/* --- open and close ------------------------------------------------------------------------------------- */

static enum status end_transaction(struct seen_table *table, enum status status) {
    if (status == STATUS_OK) {
        status = store_commit(table->store);
    }
    if (status != STATUS_OK) {
        store_rollback(table->store);
    }
    return status;
}

static enum status make_table(struct seen_table *table) {
    struct row first = { .sighting = { .key = first_key }, .next = end_key };
    enum status status = store_begin(table->store);
    if (status == STATUS_OK) {
        status = store_exec(table->store, schema);
    }
    if (status == STATUS_OK) {
        status = put_row(table, &first);
    }
    return end_transaction(table, status);
}

/* NOT_FOUND: the file has no tables. */
static enum status check_schema(struct seen_table *table) {
    struct store_query *query = store_query(table->store, "SELECT sql FROM sqlite_schema");
    enum status status;
    bool found = store_step(query, &status);
    bool same = found && text_is(store_text(query, 0), schema);
    store_reset(query);
    if (status != STATUS_OK) {
        return status;
    }
    return same ? STATUS_OK : found ? STATUS_DAMAGED : STATUS_NOT_FOUND;
}

enum status seen_table_open(const char *path, enum store_mode mode, struct seen_table **out) {
    require(path && out);
    struct store *store;
    *out = NULL;
    enum status status = store_open(path, mode, &store);
    if (status != STATUS_OK) {
        return status;
    }
    struct seen_table *table = memory_new(sizeof(*table));
    table->store = store;
    status = check_schema(table);
    if (status == STATUS_NOT_FOUND && mode == STORE_WRITE) {
        status = make_table(table);
    }
    if (status != STATUS_OK) {
        seen_table_close(table);
        return status;
    }
    *out = table;
    return STATUS_OK;
}

void seen_table_close(struct seen_table *table) {
    if (table) {
        seen_table_let_go(table);
        store_close(table->store);
        free(table);
    }
}

/* --- questions ------------------------------------------------------------------------------------------ */

enum status seen_table_position(struct seen_table *table, struct seen_position *out) {
    struct row row;
    enum status status = find_row(table, &first_key, &row);
    *out = (struct seen_position){ row.sighting.number, row.sighting.digest };
    return status;
}

enum status seen_table_find(struct seen_table *table, const struct seen_key *key, struct sighting *out) {
    struct row row;
    enum status status = find_row(table, key, &row);
    if (status != STATUS_OK) {
        return status;
    }
    *out = row.sighting;
    return compare_keys(&row.sighting.key, key) == 0 ? STATUS_OK : STATUS_NOT_FOUND;
}

enum status seen_table_prove(struct seen_table *table, struct seen_key *cursor, size_t rows,
                             void (*found)(const struct seen_key *key, void *context), void *context) {
    struct store_query *query = store_query(
        table->store,
        "SELECT key, number, against, digest, next, proof FROM seen WHERE key >= ? ORDER BY key LIMIT ?");
    struct seen_key expected = *cursor;
    struct row row;
    enum status status;
    size_t proved = 0;
    store_bind_blob(query, 1, cursor->bytes, SEEN_KEY_SIZE);
    store_bind_int(query, 2, (int64_t)rows + 1); /* to see that nothing stands behind the last */
    while (proved < rows && store_step(query, &status)) {
        status = take_row(query, &row);
        if (status == STATUS_OK && compare_keys(&row.sighting.key, &expected) != 0) {
            status = STATUS_DAMAGED;
        }
        if (status != STATUS_OK) {
            break;
        }
        if (found) {
            found(&row.sighting.key, context);
        }
        expected = row.next;
        proved++;
    }
    if (status == STATUS_OK && compare_keys(&expected, &end_key) == 0) {
        bool more = proved == rows && store_step(query, &status);
        status = more ? STATUS_DAMAGED : status == STATUS_OK ? STATUS_NOT_FOUND : status;
        expected = first_key;
    } else if (status == STATUS_OK && proved < rows) {
        status = STATUS_DAMAGED; /* the row that the last one names is not there */
    }
    store_reset(query);
    *cursor = expected;
    return status;
}

/* --- writing -------------------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b) {
    const struct sighting *const *one = a, *const *other = b;
    return compare_keys(&(*one)->key, &(*other)->key);
}

/* In the order of the keys, so that rows that stand on one page are written one after the other. */
enum status seen_table_write(struct seen_table *table, const struct sighting **sightings, size_t count,
                             const struct seen_position *position) {
    qsort(sightings, count, sizeof(*sightings), by_key);
    enum status status = store_begin(table->store);
    struct row last = { .sighting = { .number = 0 } };
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = put_sighting(table, sightings[i], &last);
    }
    if (status == STATUS_OK && last.sighting.number) {
        status = put_row(table, &last);
    }
    if (status == STATUS_OK) {
        status = put_position(table, position);
    }
    return end_transaction(table, status);
}

enum status seen_table_hold(struct seen_table *table) {
    enum status status = table->holding ? STATUS_OK : store_begin(table->store);
    table->holding = status == STATUS_OK;
    return status;
}

void seen_table_let_go(struct seen_table *table) {
    if (table->holding) {
        store_rollback(table->store);
        table->holding = false;
    }
}
