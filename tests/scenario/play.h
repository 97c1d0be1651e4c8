/*
 * play.h - a scenario while it is played: its line, its values, its labels, and what it knows of the message
 * sent last. scenario.c plays the statements, sending.c those that send, expectations.c what is expected of
 * them.
 */
#ifndef SCENARIO_PLAY_H
#define SCENARIO_PLAY_H

#include "base/lines.h"
#include "house.h"

#define VALUES_MAX   128
#define LABELS_MAX   256
#define PERMUTED_MAX 6
#define SHUFFLED_MAX 16

struct named {
    const char *name, *value;
};
struct message_label {
    const char *name;
    uint64_t record;
    struct text receipt; /* the first that was given for it */
};

struct play {
    const char *file;
    struct house *house;
    struct arena *arena;
    const struct line *line;
    struct named values[VALUES_MAX];
    size_t values_count;
    struct message_label labels[LABELS_MAX];
    size_t labels_count;
    unsigned serial;
    uint64_t sent;                        /* record of the message sent last, or of an order; 0: none */
    struct metadata metadata;             /* of that message */
    struct house_answer answer;           /* what its sender heard */
    const struct house_decision *decided; /* about it, or a tick; NULL when it was refused before */
    const size_t *order;
    size_t order_count; /* of the block that is played; NULL outside */
    uint64_t tick;      /* the record of the one expected last */
    size_t ticks_from;  /* decisions from here on may be of ticks not yet expected */
    size_t alerts_from; /* ... of alerts */
};

struct verb {
    const char *name;
    void (*play)(struct play *);
};

_Noreturn void fail(struct play *play, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *word(struct play *play, size_t i); /* of the line, values filled in; it must be there */
bool has_word(const struct play *play, size_t i);
void expect_text(struct play *play, const char *what, const char *told, const char *expected);
void settle(struct play *play);
/* The record of that label; of no label (at NULL) that of the message the decision is about. */
const struct message_label *label_of(struct play *play, struct text name);
uint64_t record_of(struct play *play, struct text label);
const struct party *party_of(struct play *play, const char *code);
void set_value(struct play *play, const char *name, const char *value);
struct text fill_in(struct play *play, struct text template); /* the values of its ${NAME}s */
/* Among the decisions from index `from` on: the one about what was sent last. */
void wait_for_decision(struct play *play, size_t from);
/* Plays what follows the word i of the line. */
void play_by(struct play *play, const struct verb *verbs, size_t i);
void play_expect(struct play *play);
void play_keep(struct play *play);
void play_send(struct play *play);
void play_repeat(struct play *play);
/* Sends what the words from `from` on say, and crashes before its receipt leaves. */
void play_send_and_die(struct play *play, size_t from);

#endif
