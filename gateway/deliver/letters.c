/*
 * letters.c - a letter is one piece of memory with a count of its holders, of which the place where it stays
 * is one.
 */
#include "deliver/letters.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "message/facts.h"

#define ONE_MAX ((size_t)64 << 10) /* bytes of data of a letter that stays */
#define ALL_MAX ((size_t)8 << 20)  /* of all of them */

struct letters {
    struct reader *reader;
    struct arena *scratch;
    uint64_t records[LETTERS_STAY]; /* of the letters at the places; 0: nothing stands there */
    struct letter *places[LETTERS_STAY];
    size_t oldest; /* the place that is given away next */
    size_t bytes;
};

struct letters *letters_new(struct reader *reader) {
    struct letters *letters = memory_new(sizeof(*letters));
    letters->reader = reader;
    letters->scratch = arena_new();
    return letters;
}

void letters_free(struct letters *letters) {
    if (letters) {
        for (size_t i = 0; i < LETTERS_STAY; i++) {
            letters_give_back(letters->places[i]);
        }
        arena_free(letters->scratch);
        free(letters);
    }
}

void letters_give_back(const struct letter *letter) {
    struct letter *ours = (struct letter *)letter; /* const is for its holders */
    if (ours && --ours->holders == 0) {
        free(ours);
    }
}

/* Copies a string to `*at` and moves on behind it. */
static const char *put_string(char **at, const char *string) {
    size_t size = strlen(string) + 1;
    const char *copy = memcpy(*at, string, size);
    *at += size;
    return copy;
}

static struct letter *letter_new(const struct record *rec, const struct facts *facts) {
    size_t strings = strlen(facts->env.party) + strlen(facts->env.trace) + strlen(facts->family)
                     + strlen(facts->format) + 4;
    struct letter *letter = memory_grow(NULL, 1, sizeof(*letter) + rec->data.length + strings);
    char *at = (char *)(letter + 1);
    *letter = (struct letter){ .record = rec->number,
                               .recorded = rec->stamp,
                               .digest = facts->env.digest,
                               .data = { at, rec->data.length } };
    if (rec->data.length) {
        memcpy(at, rec->data.at, rec->data.length);
        at += rec->data.length;
    }
    letter->sender = put_string(&at, facts->env.party);
    letter->trace = put_string(&at, facts->env.trace);
    letter->family = put_string(&at, facts->family);
    letter->format = rec->kind == RECORD_MESSAGE ? put_string(&at, facts->format) : NULL;
    return letter;
}

static enum status read_letter(struct letters *letters, uint64_t record, struct letter **out) {
    struct facts facts = { .env = { .party = "", .trace = "" }, .family = "decision", .format = "" };
    struct record rec;
    enum status status = reader_pick(letters->reader, record, &rec);
    if (status != STATUS_OK) {
        return status;
    }
    struct digest digest = digest_of(rec.data.at, rec.data.length);
    if (rec.kind == RECORD_MESSAGE) {
        arena_reset(letters->scratch);
        if (!facts_read(rec.meta, letters->scratch, &facts) || !digest_equal(&digest, &facts.env.digest)) {
            return STATUS_DAMAGED;
        }
    } else if (rec.kind != RECORD_DECISION) {
        return STATUS_DAMAGED;
    }
    facts.env.digest = digest;
    *out = letter_new(&rec, &facts);
    return STATUS_OK;
}

static struct letter *find(const struct letters *letters, uint64_t record) {
    for (size_t i = 0; i < LETTERS_STAY; i++) {
        if (letters->records[i] == record) {
            return letters->places[i];
        }
    }
    return NULL;
}

static void vacate(struct letters *letters, size_t place) {
    struct letter *letter = letters->places[place];
    letters->bytes -= letter ? letter->data.length : 0;
    letters->places[place] = NULL;
    letters->records[place] = 0;
    letters_give_back(letter);
}

static void let_stay(struct letters *letters, struct letter *letter) {
    size_t place = letters->oldest;
    vacate(letters, place);
    for (size_t i = 1; letters->bytes + letter->data.length > ALL_MAX; i++) {
        vacate(letters, (place + i) % LETTERS_STAY);
    }
    letters->places[place] = letter;
    letters->records[place] = letter->record;
    letters->bytes += letter->data.length;
    letters->oldest = (place + 1) % LETTERS_STAY;
    letter->holders++;
}

enum status letters_take(struct letters *letters, uint64_t record, const struct letter **out) {
    struct letter *letter = find(letters, record);
    *out = NULL;
    if (!letter) {
        enum status status = read_letter(letters, record, &letter);
        if (status != STATUS_OK) {
            return status;
        }
        if (letter->data.length <= ONE_MAX) {
            let_stay(letters, letter);
        }
    }
    letter->holders++;
    *out = letter;
    return STATUS_OK;
}
