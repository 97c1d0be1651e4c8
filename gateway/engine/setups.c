/*
 * setups.c - writes set-up records, and reads which texts they brought.
 */
#include "engine/setups.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "journal/reader.h"

#define DATA_USUAL    (1u << 20) /* of one record, so that it fits the segments of a small journal, too */
#define DATA_MAX      ((8u << 20) + 4096) /* one text that is larger: a set-up takes none above 8 MiB */
#define KNOWN_MAX     65536               /* texts recorded above the state's position */
#define LOOK_BACK_MAX 20000               /* records: a start does not wait for a journal to be read */

/* --- reading -------------------------------------------------------------------------------------------- */

/* The next framed text, borrowed; false at the end, or when the frame does not hold (*bad). */
static bool next_text(struct text *data, struct digest *digest, struct text *bytes, bool *bad) {
    uint32_t name_length;
    uint64_t length;
    *bad = false;
    if (!data->length) {
        return false;
    }
    *bad = true;
    if (data->length < sizeof(name_length)) {
        return false;
    }
    memcpy(&name_length, data->at, sizeof(name_length));
    size_t head = sizeof(name_length) + (size_t)le32toh(name_length) + DIGEST_SIZE + sizeof(length);
    if (data->length < head) {
        return false;
    }
    memcpy(digest->bytes, data->at + head - sizeof(length) - DIGEST_SIZE, DIGEST_SIZE);
    memcpy(&length, data->at + head - sizeof(length), sizeof(length));
    length = le64toh(length);
    if (data->length - head < length) {
        return false;
    }
    *bad = false;
    *bytes = (struct text){ data->at + head, length };
    data->at += head + length;
    data->length -= head + length;
    return true;
}

/* What the meta of a set-up says. */
struct setup {
    struct digest edition;
    bool more; /* the rest follows in another record */
    bool is_defined;
    struct digest definition; /* of its clearance times */
};

/* The digest in the list of texts of the one with that name; false: there is none. */
static bool text_listed(const struct json *texts, const char *name, struct digest *out) {
    for (size_t i = 0; i < json_count(texts); i++) {
        const struct json *text = json_item(texts, i);
        const char *named = json_string_at(text, "name"), *hex = json_string_at(text, "digest");
        if (named && hex && strcmp(named, name) == 0) {
            return digest_from_hex(text_of(hex), out);
        }
    }
    return false;
}

/* False: no such meta. */
static bool read_meta(struct text meta, struct setup *out) {
    char why[128];
    struct arena *arena = arena_new();
    const struct json *root = json_parse(arena, meta, why, sizeof(why));
    const char *hex = root ? json_string_at(root, "edition") : NULL;
    *out = (struct setup){ .more = false };
    bool known = hex && digest_from_hex(text_of(hex), &out->edition);
    out->more = known && json_bool(json_at(root, "more"));
    out->is_defined = known && text_listed(json_at(root, "texts"), SETUPS_DEFINITION, &out->definition);
    arena_free(arena);
    return known;
}

bool setups_names(const struct record *rec, const struct digest *edition) {
    struct setup setup;
    return rec->kind == RECORD_SETUP && read_meta(rec->meta, &setup) && !setup.more
           && digest_equal(&setup.edition, edition);
}

static void note(struct state *state, struct store_query *query, const struct digest *digest,
                 uint64_t number) {
    store_bind_blob(query, 1, digest->bytes, DIGEST_SIZE);
    store_bind_int(query, 2, (int64_t)number);
    state_run(state, query);
}

/* Another definition than the last one gets the next number. */
static void note_definition(struct state *state, const struct digest *digest, uint64_t number) {
    struct definition last;
    if (!definition_at(state, 0, &last) || !digest_equal(&last.digest, digest)) {
        struct store_query *query = store_query(
            state_store(state), "INSERT OR IGNORE INTO definitions(number, record, digest) VALUES(?, ?, ?)");
        store_bind_int(query, 1, (int64_t)last.number + 1);
        store_bind_int(query, 2, (int64_t)number);
        store_bind_blob(query, 3, digest->bytes, DIGEST_SIZE);
        state_run(state, query);
    }
}

bool setups_apply(struct state *state, const struct record *rec) {
    struct setup setup;
    struct digest text;
    struct text data = rec->data, bytes;
    bool bad;
    if (!read_meta(rec->meta, &setup)) {
        return false;
    }
    while (next_text(&data, &text, &bytes, &bad)) {
        note(state,
             store_query(state_store(state), "INSERT OR IGNORE INTO texts(digest, number) VALUES(?, ?)"),
             &text, rec->number);
    }
    if (!setup.more) {
        note(state,
             store_query(state_store(state), "INSERT OR REPLACE INTO setups(digest, number) VALUES(?, ?)"),
             &setup.edition, rec->number);
    }
    if (setup.is_defined) {
        note_definition(state, &setup.definition, rec->number);
    }
    return !bad;
}

/* --- what was recorded ---------------------------------------------------------------------------------- */

static bool read_definition(struct state *state, struct store_query *query, struct definition *out) {
    *out = (struct definition){ .number = 0 };
    bool found = state_row(state, query) && store_text(query, 2).length == DIGEST_SIZE;
    if (found) {
        out->number = (uint64_t)store_int(query, 0);
        out->record = (uint64_t)store_int(query, 1);
        memcpy(out->digest.bytes, store_text(query, 2).at, DIGEST_SIZE);
    }
    store_reset(query);
    return found;
}

bool definition_numbered(struct state *state, uint64_t number, struct definition *out) {
    struct store_query *query =
        store_query(state_store(state), "SELECT number, record, digest FROM definitions WHERE number = ?");
    store_bind_int(query, 1, (int64_t)number);
    return read_definition(state, query, out);
}

bool definition_at(struct state *state, uint64_t record, struct definition *out) {
    struct store_query *query = store_query(
        state_store(state), "SELECT number, record, digest FROM definitions WHERE ?1 = 0 OR record <= ?1"
                            " ORDER BY number DESC LIMIT 1");
    store_bind_int(query, 1, (int64_t)record);
    return read_definition(state, query, out);
}

enum status setups_text(struct state *state, struct reader *reader, const struct digest *digest,
                        struct arena *arena, struct text *out) {
    struct record rec;
    struct digest found;
    bool bad;
    struct store_query *query = store_query(state_store(state), "SELECT number FROM texts WHERE digest = ?");
    store_bind_blob(query, 1, digest->bytes, DIGEST_SIZE);
    uint64_t number = (uint64_t)state_number(state, query, 0);
    if (!number || !reader) {
        return STATUS_NOT_FOUND;
    }
    enum status status = reader_get(reader, number, arena, &rec);
    if (status != STATUS_OK) {
        return status;
    }
    struct text data = rec.kind == RECORD_SETUP ? rec.data : TEXT("");
    while (next_text(&data, &found, out, &bad)) {
        if (digest_equal(&found, digest)) {
            return STATUS_OK;
        }
    }
    return STATUS_DAMAGED;
}

/* --- what is recorded already --------------------------------------------------------------------------- */

struct known {
    struct state *state;
    struct digest last; /* the set-up recorded last; all zero: none */
    struct digest *texts;
    size_t count; /* above the state's position */
};

static void know_text(struct known *known, const struct digest *digest) {
    if (known->count < KNOWN_MAX) {
        known->texts = memory_grow(known->texts, known->count + 1, sizeof(*known->texts));
        known->texts[known->count++] = *digest;
    }
}

static bool is_known(const struct known *known, const struct digest *digest) {
    for (size_t i = 0; i < known->count; i++) {
        if (digest_equal(&known->texts[i], digest)) {
            return true;
        }
    }
    struct store_query *query =
        store_query(state_store(known->state), "SELECT 1 FROM texts WHERE digest = ?");
    store_bind_blob(query, 1, digest->bytes, DIGEST_SIZE);
    return state_exists(known->state, query);
}

static void look_at_state(struct known *known) {
    struct store_query *query =
        store_query(state_store(known->state), "SELECT digest FROM setups ORDER BY number DESC LIMIT 1");
    if (state_row(known->state, query) && store_text(query, 0).length == DIGEST_SIZE) {
        memcpy(known->last.bytes, store_text(query, 0).at, DIGEST_SIZE);
    }
    store_reset(query);
}

static void look_at_record(struct known *known, const struct record *rec) {
    struct setup setup;
    struct digest text;
    struct text data = rec->data, bytes;
    bool bad;
    if (read_meta(rec->meta, &setup)) {
        while (next_text(&data, &text, &bytes, &bad)) {
            know_text(known, &text);
        }
        if (!setup.more) {
            known->last = setup.edition;
        }
    }
}

/* Behind the state's position, but not further back than a start may wait for. What is not seen so is
 * recorded once more: a text twice in the journal is the same text. */
static enum status look_at_journal(struct known *known, struct reader *reader) {
    struct record rec;
    uint64_t first = state_position(known->state) + 1, last = reader_last(reader);
    if (last > LOOK_BACK_MAX && first < last - LOOK_BACK_MAX) {
        first = last - LOOK_BACK_MAX;
        known->last = (struct digest){ { 0 } };
    }
    enum status status = reader_seek(reader, first);
    while (status == STATUS_OK && (status = reader_next(reader, &rec)) == STATUS_OK) {
        if (rec.kind == RECORD_SETUP) {
            look_at_record(known, &rec);
        }
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* --- writing -------------------------------------------------------------------------------------------- */

static void add_text(struct buf *data, const struct edition_text *text) {
    buf_add_u32(data, (uint32_t)strlen(text->name));
    buf_add_string(data, text->name);
    buf_add(data, text->digest.bytes, DIGEST_SIZE);
    buf_add_u64(data, text->bytes.length);
    buf_add_text(data, text->bytes);
}

static void write_meta(const struct edition *edition, bool more, struct buf *meta) {
    struct json_out out;
    char hex[DIGEST_HEX_MAX];
    json_start(&out, meta);
    json_open_object(&out, NULL);
    json_put_string(&out, "edition", digest_hex(&edition->digest, hex));
    if (more) {
        json_put_bool(&out, "more", true);
    } else {
        json_open_array(&out, "texts");
        for (size_t i = 0; i < edition->count; i++) {
            json_open_object(&out, NULL);
            json_put_string(&out, "name", edition->texts[i].name);
            json_put_string(&out, "digest", digest_hex(&edition->texts[i].digest, hex));
            json_close_object(&out);
        }
        json_close_array(&out);
    }
    json_close_object(&out);
}

/* On its way into the journal. */
struct recording {
    struct journal *journal;
    const struct edition *edition;
    void (*placed)(const struct record *rec, void *context);
    void *context;
};

static enum status append(const struct recording *recording, bool more, struct buf *data) {
    struct buf meta;
    buf_init(&meta, 4u << 20);
    write_meta(recording->edition, more, &meta);
    struct record rec = { .kind = RECORD_SETUP, .meta = buf_text(&meta), .data = buf_text(data) };
    enum status status = buf_failed(&meta) || buf_failed(data)
                             ? STATUS_TOO_LARGE
                             : journal_append_told(recording->journal, &rec, true,
                                                   more ? NULL : recording->placed, recording->context);
    buf_release(&meta);
    buf_clear(data);
    return status;
}

static enum status append_all(const struct recording *recording, const struct known *known) {
    const struct edition *edition = recording->edition;
    enum status status = STATUS_OK;
    struct buf data;
    buf_init(&data, DATA_MAX);
    for (size_t i = 0; i < edition->count && status == STATUS_OK; i++) {
        const struct edition_text *text = &edition->texts[i];
        if (is_known(known, &text->digest)) {
            continue;
        }
        if (data.length && data.length + text->bytes.length > DATA_USUAL) {
            status = append(recording, true, &data);
        }
        add_text(&data, text);
    }
    if (status == STATUS_OK) {
        status = append(recording, false, &data);
    }
    buf_release(&data);
    return status;
}

enum status setups_record(struct journal *journal, struct reader *reader, struct state *state,
                          const struct edition *edition,
                          void (*placed)(const struct record *rec, void *context), void *context) {
    struct recording recording = { journal, edition, placed, context };
    struct known known = { .state = state };
    look_at_state(&known);
    enum status status = look_at_journal(&known, reader);
    if (status == STATUS_OK) {
        status = state_status(state);
    }
    if (status == STATUS_OK && !digest_equal(&known.last, &edition->digest)) {
        status = append_all(&recording, &known);
    }
    free(known.texts);
    return status;
}
