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
    /* What was asked; its values stand in the words. */
    const struct view *view;
    enum view_form form;
    enum language language;
    uint64_t position; /* it is the answer of then, or of later */
    stamp made;
    uint64_t used; /* the higher, the later; 0: the place is free */
};

struct kept {
    struct kept_entry entries[KEPT_MAX];
    struct buf words; /* of the question that is being answered */
    uint64_t uses, given;
    struct arena *arena; /* of an answer that is made again */
};

struct kept *kept_new(void) {
    struct kept *kept = memory_new(sizeof(*kept));
    kept->arena = arena_new();
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
        arena_free(kept->arena);
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

static void keep(struct kept *kept, struct kept_entry *entry, const struct view_question *question,
                 enum view_form form, struct text answer, uint64_t position) {
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
    entry->view = question->view;
    entry->form = form;
    entry->language = question->language;
    entry->position = position;
    entry->made = question->now;
    entry->used = ++kept->uses;
}

enum status kept_answer(struct kept *kept, const struct view_question *question, enum view_form form,
                        struct buf *body) {
    require(question->view && question->source && question->arena);
    const struct view *view = question->view;
    if ((!view->stands && !view->age_max_ms) || !question->source->edition) {
        return view_answer(question, form, body);
    }
    uint64_t position = state_position(question->source->state);
    say(kept, question, form);
    struct kept_entry *entry = find(kept);
    bool is_young = entry && question->now >= entry->made /* a clock that was put back tells no age */
                    && question->now - entry->made < view->age_max_ms * (STAMP_SECOND / 1000);
    if (is_young || (entry && view->stands && view->stands(question, entry->position))) {
        entry->position = position;
        entry->used = ++kept->uses;
        kept->given++;
        buf_add_text(body, buf_text(&entry->answer));
        return STATUS_OK;
    }
    size_t before = body->length;
    enum status status = view_answer(question, form, body);
    if (status == STATUS_OK && !buf_failed(body)) {
        keep(kept, entry, question, form, (struct text){ body->at + before, body->length - before },
             position);
    }
    return status;
}

/* --- as events arrive ----------------------------------------------------------------------------------- */

/* The question of an answer, by this source. */
static struct view_question question_of(struct kept *kept, const struct kept_entry *entry,
                                        const struct view_source *source) {
    struct view_question question = {
        .view = entry->view, .source = source, .language = entry->language, .arena = kept->arena
    };
    struct text rest = buf_text(&entry->words);
    (void)text_until(&rest, '\0');
    for (size_t i = 0; i < view_parameters_count(entry->view); i++) {
        question.values[i] = text_until(&rest, '\0');
    }
    return question;
}

static bool is_plain(const struct kept *kept, const struct kept_entry *entry) {
    if (!entry->used || !entry->view->stands || kept->uses - entry->used >= KEPT_FRESH) {
        return false;
    }
    struct text rest = buf_text(&entry->words);
    size_t values = 0;
    (void)text_until(&rest, '\0');
    while (rest.at) {
        values += text_until(&rest, '\0').length > 0;
    }
    return values <= 1;
}

bool kept_has_plain(const struct kept *kept) {
    size_t i = 0;
    while (i < KEPT_MAX && !is_plain(kept, &kept->entries[i])) {
        i++;
    }
    return i < KEPT_MAX;
}

/* False: it is not what was asked by this source, it stands, or it could not be made. */
static bool make_again(struct kept *kept, struct kept_entry *entry, const struct view_source *source) {
    struct view_question question = question_of(kept, entry, source);
    struct buf answer;
    say(kept, &question, entry->form);
    uint64_t position = state_position(source->state);
    if (!text_equal(buf_text(&kept->words), buf_text(&entry->words)) || entry->position == position) {
        return false;
    }
    if (entry->view->stands(&question, entry->position)) {
        entry->position = position;
        return false;
    }
    buf_init(&answer, KEPT_BYTES_MAX);
    bool made = view_answer(&question, entry->form, &answer) == STATUS_OK && !buf_failed(&answer);
    if (made) {
        buf_clear(&entry->answer);
        buf_add_text(&entry->answer, buf_text(&answer));
        entry->position = position;
    }
    buf_release(&answer);
    return made;
}

bool kept_refresh(struct kept *kept, const struct view_source *source) {
    require(source->state && source->edition);
    bool made = false;
    for (size_t i = 0; i < KEPT_MAX && !made; i++) {
        made = is_plain(kept, &kept->entries[i]) && make_again(kept, &kept->entries[i], source);
        arena_reset(kept->arena);
    }
    (void)state_take_failure(source->state); /* who asks will be told */
    return made;
}

uint64_t kept_given(const struct kept *kept) {
    return kept->given;
}
