/*
 * kept.c - a question's words → the answer that was given to them, and the record at which the state stood
 * before it was made.
 */
#include "view/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

#define WORDS_MAX 4096

struct kept_entry {
    struct buf words, answer;
    uint64_t position; /* it is the answer of then, or of later */
    uint64_t used;     /* the higher, the later; 0: the place is free */
};

struct kept {
    struct kept_entry entries[KEPT_MAX];
    struct buf words; /* of the question that is being answered */
    uint64_t uses, given;
};

struct kept *kept_new(void) {
    struct kept *kept = memory_new(sizeof(*kept));
    buf_init(&kept->words, WORDS_MAX);
    for (size_t i = 0; i < KEPT_MAX; i++) {
        buf_init(&kept->entries[i].words, WORDS_MAX);
        buf_init(&kept->entries[i].answer, KEPT_BYTES_MAX);
    }
    return kept;
}

void kept_free(struct kept *kept) {
    for (size_t i = 0; kept && i < KEPT_MAX; i++) {
        buf_release(&kept->entries[i].words);
        buf_release(&kept->entries[i].answer);
    }
    if (kept) {
        buf_release(&kept->words);
        free(kept);
    }
}

/* All that an answer depends on but for what records tell: what is asked, in which form, by which edition. */
static void say(struct kept *kept, const struct view_question *question, enum view_form form) {
    char hex[DIGEST_HEX_MAX];
    const struct edition *edition = question->source->edition;
    buf_clear(&kept->words);
    buf_printf(&kept->words, "%s %d %d %s", question->view->name, (int)form, (int)question->language,
               digest_hex(&edition->digest, hex));
    for (size_t i = 0; i < view_parameters_count(question->view); i++) {
        buf_add_char(&kept->words, '\0');
        buf_add_text(&kept->words, question->values[i]);
    }
}

/* Its place; NULL: it was not asked, or not lately. */
static struct kept_entry *find(struct kept *kept) {
    struct text words = buf_text(&kept->words);
    for (size_t i = 0; i < KEPT_MAX && !buf_failed(&kept->words); i++) {
        if (kept->entries[i].used && text_equal(buf_text(&kept->entries[i].words), words)) {
            return &kept->entries[i];
        }
    }
    return NULL;
}

static struct kept_entry *oldest(struct kept *kept) {
    struct kept_entry *oldest = &kept->entries[0];
    for (size_t i = 1; i < KEPT_MAX; i++) {
        oldest = kept->entries[i].used < oldest->used ? &kept->entries[i] : oldest;
    }
    return oldest;
}

static void keep(struct kept *kept, struct kept_entry *entry, struct text answer, uint64_t position) {
    if (buf_failed(&kept->words) || answer.length > KEPT_BYTES_MAX) {
        if (entry) {
            entry->used = 0;
        }
        return;
    }
    entry = entry ? entry : oldest(kept);
    buf_clear(&entry->words);
    buf_clear(&entry->answer);
    buf_add_text(&entry->words, buf_text(&kept->words));
    buf_add_text(&entry->answer, answer);
    entry->position = position;
    entry->used = ++kept->uses;
}

enum status kept_answer(struct kept *kept, const struct view_question *question, enum view_form form,
                        struct buf *body) {
    require(question->view && question->source && question->arena);
    if (!question->view->stands || !question->source->edition) {
        return view_answer(question, form, body);
    }
    uint64_t position = state_position(question->source->state);
    say(kept, question, form);
    struct kept_entry *entry = find(kept);
    if (entry && question->view->stands(question, entry->position)) {
        entry->position = position;
        entry->used = ++kept->uses;
        kept->given++;
        buf_add_text(body, buf_text(&entry->answer));
        return STATUS_OK;
    }
    size_t before = body->length;
    enum status status = view_answer(question, form, body);
    if (status == STATUS_OK && !buf_failed(body)) {
        keep(kept, entry, (struct text){ body->at + before, body->length - before }, position);
    }
    return status;
}

uint64_t kept_given(const struct kept *kept) {
    return kept->given;
}
