/*
 * sightings.c - keys cut from digests, generations as hash tables, and the rules over both and the table.
 */
#include "intake/sightings.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "message/decided.h"

/* --- keys ----------------------------------------------------------------------------------------------- */

enum memory { BY_ID, CONFLICT, REFUSED_BYTES, REFUSED_RECORD, BY_ORIGIN };

/* A key is cut from SHA-256; two of them meeting by accident in 128 bits is not a case. */
static struct seen_key key_of_parts(enum memory memory, struct text *parts, size_t count) {
    char tag = (char)memory;
    parts[0] = (struct text){ &tag, 1 };
    struct digest hash = digest_of_parts(parts, count);
    struct seen_key key;
    memcpy(key.bytes, hash.bytes, sizeof(key.bytes));
    return key;
}

static struct text with_end(const char *string) {
    return (struct text){ string, strlen(string) + 1 };
}

struct seen_key sightings_key(const struct seen_id *id) {
    struct text parts[] = { { 0 }, with_end(id->party), with_end(id->family), with_end(id->id) };
    return key_of_parts(BY_ID, parts, 4);
}

static struct seen_key key_of_bytes(enum memory memory, const struct seen_id *id,
                                    const struct digest *digest) {
    struct text parts[] = { { 0 },
                            with_end(id->party),
                            with_end(id->family),
                            with_end(id->id),
                            { (const char *)digest->bytes, DIGEST_SIZE } };
    return key_of_parts(memory, parts, 5);
}

static struct seen_key key_of_record(uint64_t number) {
    struct text parts[] = { { 0 }, { (const char *)&number, sizeof(number) } };
    return key_of_parts(REFUSED_RECORD, parts, 2);
}

struct seen_key sightings_key_of_origin(const struct seen_origin *origin) {
    struct text parts[] = { { 0 }, with_end(origin->party), with_end(origin->origin) };
    return key_of_parts(BY_ORIGIN, parts, 3);
}

/* --- generations ---------------------------------------------------------------------------------------- */

void generation_clear(struct generation *generation) {
    memset(generation, 0, sizeof(*generation));
}

/* All of it is there from the start: memory does not tell how many messages have come. */
struct generation *generation_new(void) {
    struct generation *generation = memory_new(sizeof(*generation));
    generation_clear(generation); /* touches its pages */
    return generation;
}

/* The slot that holds key, or the empty one where it belongs. */
static struct sighting *generation_slot(struct generation *generation, const struct seen_key *key) {
    uint64_t hash;
    memcpy(&hash, key->bytes, sizeof(hash));
    size_t i = hash % GENERATION_SLOTS;
    while (generation->slots[i].number && memcmp(&generation->slots[i].key, key, sizeof(*key)) != 0) {
        i = (i + 1) % GENERATION_SLOTS;
    }
    return &generation->slots[i];
}

const struct sighting **generation_list(const struct generation *generation) {
    const struct sighting **list = memory_array(generation->count + 1, sizeof(*list));
    size_t count = 0;
    for (size_t i = 0; i < GENERATION_SLOTS; i++) {
        if (generation->slots[i].number) {
            list[count++] = &generation->slots[i];
        }
    }
    require(count == generation->count);
    return list;
}

static void generation_put(struct generation *generation, const struct sighting *sighting) {
    struct sighting *slot = generation_slot(generation, &sighting->key);
    generation->count += slot->number == 0;
    *slot = *sighting;
}

/* --- the rules, over any places to look ---------------------------------------------------------------- */

/* NOT_FOUND, or why the table cannot tell. */
static enum status look_up(const struct sightings *sightings, struct seen_key key, struct sighting *out) {
    struct generation *const generations[] = { sightings->newest, sightings->older };
    for (size_t i = 0; i < 2; i++) {
        const struct sighting *slot = generations[i] ? generation_slot(generations[i], &key) : NULL;
        if (slot && slot->number) {
            *out = *slot;
            return STATUS_OK;
        }
    }
    bool never = sightings->filter && !seen_filter_may_have(sightings->filter, &key);
    return never ? STATUS_NOT_FOUND : seen_table_find(sightings->table, &key, out);
}

/* What stands under the id, and whether it is still held. NOT_FOUND: nothing does. */
static enum status find_holder(const struct sightings *sightings, const struct seen_key *key,
                               struct sighting *holder, bool *refused) {
    struct sighting refusal;
    enum status status = look_up(sightings, *key, holder);
    if (status != STATUS_OK) {
        return status;
    }
    status = look_up(sightings, key_of_record(holder->number), &refusal);
    *refused = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Other bytes than those under the id. */
static enum status ask_of_bytes(const struct sightings *sightings, const struct seen_id *id,
                                const struct sighting *holder, bool refused, enum seen_answer *answer,
                                uint64_t *number) {
    struct sighting found;
    enum status status = look_up(sightings, key_of_bytes(REFUSED_BYTES, id, &id->digest), &found);
    if (status == STATUS_OK && !id->again) {
        *answer = SEEN_SAME; /* as when they came, whoever holds the id now */
        *number = found.number;
        return STATUS_OK;
    }
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        return status;
    }
    *answer = SEEN_NEW;
    if (refused) {
        return STATUS_OK;
    }
    status = look_up(sightings, key_of_bytes(CONFLICT, id, &id->digest), &found);
    bool known = status == STATUS_OK && found.against == holder->number;
    *answer = known ? SEEN_CONFLICT_KNOWN : SEEN_OTHER;
    *number = known ? found.number : holder->number;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status sightings_ask(const struct sightings *sightings, const struct seen_id *id,
                          const struct seen_key *key, enum seen_answer *answer, uint64_t *number) {
    struct sighting holder;
    bool refused;
    enum status status = find_holder(sightings, key, &holder, &refused);
    *answer = SEEN_NEW;
    *number = 0;
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    if (!digest_equal(&holder.digest, &id->digest)) {
        return ask_of_bytes(sightings, id, &holder, refused, answer, number);
    }
    if (!refused || !id->again) {
        *answer = SEEN_SAME;
        *number = holder.number;
    }
    return STATUS_OK;
}

enum status sightings_note(const struct sightings *sightings, const struct seen_id *id,
                           const struct seen_key *key, uint64_t number, uint64_t conflicts) {
    require(number > 0 && *id->id);
    struct sighting sighting = { .number = number, .against = conflicts, .digest = id->digest }, before;
    enum status status = STATUS_OK;
    if (conflicts) {
        sighting.key = key_of_bytes(CONFLICT, id, &id->digest);
    } else {
        sighting.key = *key;
        status = look_up(sightings, sighting.key, &before);
        /* It was refused, or this one would not be taken. */
        if (status == STATUS_OK && !digest_equal(&before.digest, &id->digest)) {
            before.key = key_of_bytes(REFUSED_BYTES, id, &before.digest);
            generation_put(sightings->newest, &before);
        }
    }
    if (status == STATUS_OK || status == STATUS_NOT_FOUND) {
        generation_put(sightings->newest, &sighting);
        sightings->newest->upto = number;
        status = STATUS_OK;
    }
    return status;
}

enum status sightings_ask_origin(const struct sightings *sightings, const struct seen_origin *origin,
                                 const struct seen_key *key, enum seen_answer *answer, uint64_t *number) {
    struct sighting found;
    enum status status = look_up(sightings, *key, &found);
    *answer = SEEN_NEW;
    *number = 0;
    if (status == STATUS_OK) {
        *answer = digest_equal(&found.digest, &origin->digest) ? SEEN_SAME : SEEN_OTHER;
        *number = found.number;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

void sightings_note_origin(struct generation *newest, const struct seen_origin *origin,
                           const struct seen_key *key, uint64_t number) {
    require(number > 0 && *origin->origin);
    struct sighting sighting = { .key = *key, .number = number, .digest = origin->digest };
    generation_put(newest, &sighting);
    newest->upto = number;
}

void sightings_note_decision(struct generation *newest, const struct record *rec) {
    struct decided decided;
    bool decision = rec->kind == RECORD_DECISION && decided_read(rec->meta, &decided, NULL);
    if (decision && decided.result == RESULT_REFUSED) {
        uint64_t refused = decided_about(&decided);
        struct sighting sighting = { .key = key_of_record(refused), .number = refused };
        generation_put(newest, &sighting);
        newest->upto = rec->number;
    }
}

bool sightings_take(const struct sightings *sightings, const struct record *rec, struct arena *arena,
                    enum status *status) {
    struct metadata metadata;
    *status = STATUS_OK;
    if (rec->kind != RECORD_MESSAGE) {
        sightings_note_decision(sightings->newest, rec);
        return true;
    }
    if (!metadata_read(rec->meta, arena, &metadata)) {
        return false;
    }
    if (*metadata.env.origin) {
        struct seen_origin origin = seen_origin_of(&metadata);
        struct seen_key key = sightings_key_of_origin(&origin);
        sightings_note_origin(sightings->newest, &origin, &key, rec->number);
    }
    if (metadata.outcome != OUTCOME_REFUSED && *metadata.id) {
        struct seen_id id = seen_id_of(&metadata);
        uint64_t conflicts = metadata.outcome == OUTCOME_CONFLICT ? metadata.conflicts : 0;
        struct seen_key key = sightings_key(&id);
        *status = sightings_note(sightings, &id, &key, rec->number, conflicts);
    }
    return true;
}
