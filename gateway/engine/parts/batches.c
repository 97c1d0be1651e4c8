/*
 * batches.c - parcels on their way: at the supervised place 运抵单, which its operator tells, and out of the
 * country 离境单, which the carrier tells, many in one batch.
 *
 * What is told of a waybill holds for all parcels that travel under it, also for one whose list comes only
 * later. A batch has no life of its own: it is kept so that what customs answers to it finds who told it.
 */
#include <string.h>

#include "engine/parts/papers.h"
#include "engine/parts/parcels.h"

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS waybill_movements(waybill TEXT NOT NULL, event TEXT NOT NULL,"
    "  at INTEGER NOT NULL, PRIMARY KEY(waybill, event)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS batches(key TEXT PRIMARY KEY, party TEXT NOT NULL, record INTEGER NOT NULL,"
    "  receipt TEXT NOT NULL, receipt_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/* --- what is told of waybills --------------------------------------------------------------------------- */

static uint32_t batch_of(const struct cause *cause, uint32_t row) {
    struct decimal number;
    uint32_t rows = cause_rows(cause, "batch");
    bool told = decimal_parse(text_of(cause_row_text(cause, "parcel.batch", row)), &number) && !number.scale
                && number.coefficient >= 1 && number.coefficient <= rows;
    return told ? (uint32_t)(number.coefficient - 1) : 0;
}

static const char *waybill_of(const struct cause *cause, uint32_t row) {
    return arena_printf(cause->arena, "%s/%s",
                        cause_row_text(cause, "batch.carrier_code", batch_of(cause, row)),
                        cause_row_text(cause, "parcel.waybill_no", row));
}

static const char *batch_key(const struct cause *cause, uint32_t batch) {
    return arena_printf(cause->arena, "%s/%s/%s", cause_row_text(cause, "batch.sender_code", batch),
                        cause_row_text(cause, "batch.own_no", batch),
                        cause_row_text(cause, "batch.part", batch));
}

static void enrich_movements(struct cause *cause) {
    for (uint32_t row = 0; row < cause_rows(cause, "parcel"); row++) {
        struct parcel parcels[WAYBILL_PARCELS_MAX];
        size_t count = parcels_of_waybill(cause, waybill_of(cause, row), parcels);
        bool released = true;
        for (size_t i = 0; i < count; i++) {
            released &= parcel_is_released(&parcels[i]);
        }
        cause_enrich_flag(cause, "parcel.listed", row, count > 0);
        if (count) {
            cause_enrich_flag(cause, "parcel.released", row, released);
        }
    }
}

static void decide_movements(struct cause *cause) {
    struct decision *decision = cause->decision;
    const char *event = strcmp(cause->family, "ec-arrival") == 0 ? "arrive" : "depart";
    uint32_t rows = cause_rows(cause, "parcel");
    for (uint32_t batch = 0; batch < cause_rows(cause, "batch"); batch++) {
        decision_move(decision, "batches", batch_key(cause, batch), "tell", "", "",
                      cause->metadata->env.received, "party", cause->sender, NULL);
    }
    for (uint32_t row = 0; row < rows; row++) {
        struct parcel parcels[WAYBILL_PARCELS_MAX];
        const char *waybill = waybill_of(cause, row);
        uint32_t batch = batch_of(cause, row);
        stamp told = cause_row_moment(cause, "batch.declared", batch, cause->metadata->env.received);
        stamp at = cause_row_moment(cause, "batch.left_at", batch, told);
        size_t count = parcels_of_waybill(cause, waybill, parcels);
        for (size_t i = 0; i < count; i++) {
            parcel_move(cause, &parcels[i], event, at);
        }
        /* also for a list that comes after it, or once more */
        decision_move(decision, "batches", waybill, "pass", "", "", at, "movement", event, NULL);
    }
    decision_answer(decision, "PARCELS-MOVED", "运抵或离境已登记", "the arrival or departure is recorded");
    decision_detail(decision, "parcels", arena_printf(cause->arena, "%u", rows));
}

/* A list has come: what was told of its waybill before. */
static void hear(struct cause *cause, const struct move *move) {
    struct parcel parcel;
    if (!parcel_is_declared(move, &parcel)) {
        return;
    }
    struct store_query *query =
        store_query(state_store(cause->state),
                    "SELECT event, at FROM waybill_movements WHERE waybill = ? ORDER BY event");
    store_bind_string(query, 1, parcel.waybill);
    while (state_row(cause->state, query)) {
        parcel.state = state_of(cause->decision, "parcels", parcel.key);
        parcel_move(cause, &parcel, row_text(query, 0, cause->arena), store_int(query, 1));
    }
    store_reset(query);
}

/* --- what customs answers ------------------------------------------------------------------------------- */

static void decide_receipts(struct cause *cause) {
    struct ec_owner owner = { 0 };
    for (uint32_t row = 0; row < cause_rows(cause, "batch"); row++) {
        const char *key = batch_key(cause, row);
        struct store_query *query =
            store_query(state_store(cause->state), "SELECT party FROM batches WHERE key = ?");
        store_bind_string(query, 1, key);
        bool known = state_row(cause->state, query);
        ec_owner_add(&owner, known ? row_text(query, 0, cause->arena) : "");
        store_reset(query);
        if (known) {
            decision_move(cause->decision, "batches", key, "receipt", "", "",
                          cause_row_moment(cause, "batch.notice_time", row, cause->stamp), "receipt",
                          cause_row_text(cause, "batch.receipt", row), NULL);
        }
    }
    cause->submitter = ec_owner_of(&owner);
}

/* --- what its moves do to them -------------------------------------------------------------------------- */

/* clang-format off */
static const struct part_move moves[] = {
    { "tell", NULL, {
        "INSERT OR REPLACE INTO batches(key, party, record, receipt, receipt_at)"
        " VALUES(:key, :party, :cause, '', 0)" }, NULL },
    { "pass", NULL, {
        "INSERT INTO waybill_movements(waybill, event, at) VALUES(:key, :movement, :at)"
        " ON CONFLICT DO UPDATE SET at = min(at, excluded.at)" }, NULL },
    { "receipt", NULL, {
        "UPDATE batches SET receipt = :receipt, receipt_at = :at WHERE key = :key AND receipt_at <= :at" }, NULL },
    { 0 },
};
/* clang-format on */

static const struct part_family families[] = {
    { "ec-arrival", enrich_movements, decide_movements },
    { "ec-departure", enrich_movements, decide_movements },
    { "ec-batch-receipt", NULL, decide_receipts },
    { 0 },
};

const struct part part_batches = {
    .name = "batches",
    .tables = tables,
    .families = families,
    .hear = hear,
    .moves = moves,
};
