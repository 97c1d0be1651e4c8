/*
 * sending.c - messages of a scenario: made of a template and the values that are set, handed in, and followed
 * until their sender has heard and the engine has decided.
 */
#include "play.h"

#include <inttypes.h>
#include <string.h>

#include "base/file.h"

/* --- values and messages -------------------------------------------------------------------------------- */

void set_value(struct play *play, const char *name, const char *value) {
    for (size_t i = 0; i < play->values_count; i++) {
        if (strcmp(play->values[i].name, name) == 0) {
            play->values[i].value = value;
            return;
        }
    }
    require(play->values_count < VALUES_MAX);
    play->values[play->values_count++] = (struct named){ name, value };
}

/* expression: NAME or NAME:-DEFAULT, as a shell has it. */
static struct text value_of(struct play *play, struct text expression) {
    struct text rest = expression, name = text_until(&rest, ':');
    for (size_t i = play->values_count; i-- > 0;) {
        if (text_is(name, play->values[i].name)) {
            return text_of(play->values[i].value);
        }
    }
    if (rest.length == 0) {
        fail(play, "there is no value for ${" TEXT_FORMAT "}", TEXT_ARGS(name));
    }
    return (struct text){ rest.at + 1, rest.length - 1 }; /* behind the - */
}

struct text fill_in(struct play *play, struct text template) {
    struct buf out;
    buf_init(&out, 1 << 20);
    for (struct text rest = template; rest.length;) {
        const char *open = memmem(rest.at, rest.length, "${", 2);
        size_t before = open ? (size_t)(open - rest.at) : rest.length;
        buf_add(&out, rest.at, before);
        rest.at += before;
        rest.length -= before;
        if (open) {
            rest.at += 2;
            rest.length -= 2;
            struct text value = value_of(play, text_until(&rest, '}'));
            buf_add(&out, value.at, value.length);
        }
    }
    struct text filled = { arena_copy(play->arena, buf_text(&out)), out.length };
    buf_release(&out);
    return filled;
}

static struct text read_message(struct play *play, const char *name) {
    struct buf text;
    buf_init(&text, 1 << 20);
    const char *path = arena_printf(play->arena, "%s/tests/scenario/messages/%s.xml", SOURCE_DIR, name);
    if (file_read(path, &text) != STATUS_OK) {
        fail(play, "there is no %s", path);
    }
    struct text filled = fill_in(play, buf_text(&text));
    buf_release(&text);
    return filled;
}

static void set_local_time(struct play *play) {
    char at[STAMP_TEXT_MAX];
    stamp_print(house_now(), at);
    set_value(play, "at", arena_printf(play->arena, "%.19s", at));
}

/* --- messages ------------------------------------------------------------------------------------------- */

struct message {
    const char *party, *label, *file;
    struct text bytes;
    bool anew, dies;
};

void wait_for_decision(struct play *play, size_t from) {
    play->decided = house_decision(play->house, play->sent, from);
    if (!play->decided) {
        fail(play, "no decision comes about record %" PRIu64, play->sent);
    }
}

static void read_facts(struct play *play) {
    struct record rec;
    play->metadata = (struct metadata){ 0 };
    if (house_record(play->house, play->sent, play->arena, &rec) != STATUS_OK || rec.kind != RECORD_MESSAGE
        || !metadata_read(rec.meta, play->arena, &play->metadata)) {
        fail(play, "record %" PRIu64 " is no message", play->sent);
    }
}

static void hand_in(struct play *play, const struct message *message) {
    struct house_answer *answer = &play->answer;
    struct envelope env = { .party = party_of(play, message->party)->code,
                            .channel = "loopback",
                            .format = "",
                            .file = "",
                            .trace = "",
                            .again = message->anew };
    size_t from = house_decisions(play->house);
    bool answered = message->file ? house_drop(play->house, party_of(play, message->party), message->file,
                                               message->bytes, answer)
                                  : house_submit(play->house, &env, message->bytes, message->dies, answer);
    if (!answered) {
        fail(play, "nothing becomes of it");
    }
    if (answer->status != STATUS_OK) {
        fail(play, "it is not taken: %s", status_name(answer->status));
    }
    play->sent = answer->record;
    play->decided = NULL;
    if (message->dies) {
        house_crash(play->house, false);
    }
    read_facts(play);
    if (message->label) {
        require(play->labels_count < LABELS_MAX);
        play->labels[play->labels_count++] =
            (struct message_label){ message->label, play->sent, answer->receipt };
    }
    if (play->metadata.outcome == OUTCOME_ACCEPTED) {
        wait_for_decision(play, answer->repeated || message->dies ? 0 : from);
    }
}

/* The words NAME=VALUE from `from` on: of this message only. */
static struct message read_send(struct play *play, size_t from) {
    struct message message = { .party = word(play, from) };
    struct named before[VALUES_MAX];
    size_t values = play->values_count;
    memcpy(before, play->values, sizeof(before));
    for (size_t i = from + 2; has_word(play, i); i++) {
        struct text value = text_of(word(play, i));
        const char *name = arena_copy(play->arena, text_until(&value, '='));
        if (value.length > 1 && value.at[0] == '"' && value.at[value.length - 1] == '"') {
            value = (struct text){ value.at + 1, value.length - 2 };
        }
        if (strcmp(name, "label") == 0) {
            message.label = value.at;
        } else if (strcmp(name, "file") == 0) {
            message.file = arena_copy(play->arena, value);
        } else {
            set_value(play, name, fill_in(play, value).at);
        }
    }
    message.bytes = read_message(play, word(play, from + 1));
    memcpy(play->values, before, sizeof(before));
    play->values_count = values;
    return message;
}

static void begin_send(struct play *play) {
    settle(play);
    if (!play->order) {
        house_keep_state(play->house);
    }
    set_local_time(play);
    set_value(play, "serial", arena_printf(play->arena, "%u", ++play->serial));
    set_value(play, "guid", arena_printf(play->arena, "00000000-0000-4000-8000-%012u", play->serial));
}

void play_send(struct play *play) {
    begin_send(play);
    struct message message = read_send(play, 1);
    hand_in(play, &message);
}

void play_repeat(struct play *play) {
    const struct message_label *label = label_of(play, text_of(word(play, 1)));
    struct record rec;
    struct metadata metadata;
    begin_send(play);
    if (house_record(play->house, label->record, play->arena, &rec) != STATUS_OK
        || !metadata_read(rec.meta, play->arena, &metadata)) {
        fail(play, "record %" PRIu64 " is no message", label->record);
    }
    bool by_folder = *metadata.env.file != '\0';
    struct message message = { .party = metadata.env.party,
                               .file = by_folder ? metadata.env.file : NULL,
                               .bytes = rec.data,
                               .anew = has_word(play, 2) && strcmp(word(play, 2), "anew") == 0 };
    hand_in(play, &message);
}

void play_send_and_die(struct play *play, size_t from) {
    begin_send(play);
    struct message message = read_send(play, from);
    message.dies = true;
    hand_in(play, &message);
}
