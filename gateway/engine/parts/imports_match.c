/*
 * imports_match.c - the list of imported goods and its three papers 三单对碰: what is missing, in what they
 * differ, and that they agree.
 */
#include "engine/parts/imports.h"

#include <string.h>

#include "engine/parts/papers.h"
#include "engine/parts/parcels.h"

struct match {
    const struct import *import;
    bool has_order, has_payment, has_waybill;
    struct paper order, payment, waybill;
};

static bool amounts_agree(const char *a, const char *b) {
    struct decimal x, y;
    return decimal_parse(text_of(a), &x) && decimal_parse(text_of(b), &y) && decimal_compare(x, y) == 0;
}

static bool payment_agrees(const struct match *match, const struct paper *payment) {
    return strcmp(payment->state, "used") != 0 && amounts_agree(payment->value, match->order.value)
           && strcmp(payment->currency, match->order.currency) == 0
           && strcmp(payment->person, match->order.person) == 0;
}

/* The one that the order names; where it names none, the first told that agrees with it, so that nobody
 * spoils an order by telling another payment of it; where none agrees, the first. */
static bool find_payment(const struct cause *cause, struct match *match) {
    const char *keys[PAPERS_ABOUT_MAX];
    if (*match->order.payment) {
        return paper_get(cause, match->order.payment, &match->payment)
               && strcmp(match->payment.about, match->import->order) == 0;
    }
    size_t count = papers_about(cause, "import-payment", match->import->order, keys);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        struct paper payment;
        if (paper_get(cause, keys[i], &payment) && strcmp(payment.about, match->import->order) == 0) {
            if (!found || payment_agrees(match, &payment)) {
                match->payment = payment;
            }
            found = true;
            if (payment_agrees(match, &payment)) {
                break;
            }
        }
    }
    return found;
}

static void find_papers(const struct cause *cause, const struct import *import, struct match *out) {
    *out = (struct match){ .import = import };
    out->has_order =
        paper_get(cause, arena_printf(cause->arena, "import-order/%s", import->order), &out->order);
    if (!out->has_order) {
        out->order = (struct paper){ .value = "", .currency = "", .person = "", .payment = "" };
    }
    out->has_payment = find_payment(cause, out);
    out->has_waybill =
        paper_get(cause, arena_printf(cause->arena, "import-waybill/%s", import->waybill), &out->waybill);
}

static bool another_shop(const struct match *match) {
    return strcmp(match->order.type, match->import->shop) != 0;
}

static bool another_buyer(const struct match *match) {
    return strcmp(match->order.person, match->import->person) != 0;
}

static bool another_value(const struct match *match) {
    return !amounts_agree(match->order.goods, match->import->value);
}

static bool another_currency(const struct match *match) {
    return strcmp(match->payment.currency, match->order.currency) != 0;
}

static bool another_amount(const struct match *match) {
    return !amounts_agree(match->payment.value, match->order.value);
}

static bool another_payer(const struct match *match) {
    return strcmp(match->payment.person, match->order.person) != 0;
}

static bool another_order(const struct match *match) {
    return strcmp(match->waybill.about, match->import->order_no) != 0;
}

static bool is_used(const struct match *match) {
    return strcmp(match->order.state, "used") == 0 || strcmp(match->payment.state, "used") == 0
           || strcmp(match->waybill.state, "used") == 0;
}

/* In what they may differ (list ec_differences). */
static const struct {
    const char *code;
    bool (*differs)(const struct match *match);
} differences[] = {
    { "SHOP", another_shop },         { "BUYER", another_buyer }, { "VALUE", another_value },
    { "CURRENCY", another_currency }, { "PAID", another_amount }, { "PAYER", another_payer },
    { "WAYBILL", another_order },     { "USED", is_used },
};

static const char *word_added(const struct cause *cause, const char *words, const char *word) {
    return *words ? arena_printf(cause->arena, "%s %s", words, word) : word;
}

static const char *papers_lacking(const struct cause *cause, const struct match *match) {
    const char *lacks = "";
    lacks = match->has_order ? lacks : word_added(cause, lacks, "order");
    lacks = match->has_payment ? lacks : word_added(cause, lacks, "payment");
    return match->has_waybill ? lacks : word_added(cause, lacks, "waybill");
}

static const char *papers_differing(const struct cause *cause, const struct match *match) {
    const char *differs = "";
    for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++) {
        if (differences[i].differs(match)) {
            differs = word_added(cause, differs, differences[i].code);
        }
    }
    return differs;
}

/* The list and its papers. */
#define RECORDS_OF_LIST 4

static void fix(struct cause *cause, const struct match *match, stamp at) {
    const struct import *import = match->import;
    decision_move(cause->decision, "imports", import->key, "match", import->state, "matched", at, NULL);
    ec_tell_customs(cause, import->office, import->record);
    paper_use(cause, &match->order, at);
    paper_use(cause, &match->payment, at);
    paper_use(cause, &match->waybill, at);
    ec_tell_customs(cause, import->office, match->order.record);
    ec_tell_customs(cause, import->office, match->payment.record);
    ec_tell_customs(cause, import->office, match->waybill.record);
}

enum import_match import_match(struct cause *cause, const struct import *import, stamp at) {
    struct decision *decision = cause->decision;
    struct match match;
    find_papers(cause, import, &match);
    const char *lacks = papers_lacking(cause, &match);
    const char *differs = *lacks ? "" : papers_differing(cause, &match);
    if (*lacks) {
        decision_move(decision, "imports", import->key, "lack", import->state, "lacking", at, "lacks", lacks,
                      NULL);
    } else if (*differs) {
        decision_move(decision, "imports", import->key, "differ", import->state, "differing", at, "differs",
                      differs, NULL);
    } else if (ec_has_room(cause, import->office, RECORDS_OF_LIST)) {
        fix(cause, &match, at);
    } else {
        ec_tell_soon(cause, "imports", import->key);
    }
    return *lacks ? IMPORT_LACKS : *differs ? IMPORT_DIFFERS : IMPORT_MATCHES;
}

bool import_waits_for_papers(const struct import *import) {
    return strcmp(import->state, "lacking") == 0 || strcmp(import->state, "differing") == 0;
}

/* Those of a list that was matched; its payment is found once more, as it was then. */
void import_free_papers(struct cause *cause, const struct import *import, stamp at) {
    const char *keys[PAPERS_ABOUT_MAX];
    size_t count = papers_about(cause, "import-payment", import->order, keys);
    paper_free(cause, arena_printf(cause->arena, "import-order/%s", import->order), at);
    paper_free(cause, arena_printf(cause->arena, "import-waybill/%s", import->waybill), at);
    for (size_t i = 0; i < count; i++) {
        paper_free(cause, keys[i], at);
    }
}

bool import_was_matched(const struct import *import) {
    return !ec_has_ended(import->state) && !import_waits_for_papers(import);
}

/* The list is told of: it stands otherwise than before, and not by a word of its own sender's. */
static bool stands_otherwise(const struct cause *cause, const struct import *before, enum import_match now) {
    if (now != IMPORT_DIFFERS) {
        return now == IMPORT_MATCHES || strcmp(before->state, "differing") == 0;
    }
    const struct move *move = &cause->decision->moves[cause->decision->moves_count - 1];
    return !text_is(move_text(move, "differs"), before->differs);
}

/* A paper has come, says something else or is gone: lists that wait for it are judged anew. */
void imports_hear(struct cause *cause, const struct move *move) {
    struct import waiting[IMPORTS_OF_PAPER_MAX];
    size_t count = 0;
    if (!paper_is_told(move) && !paper_is_freed(move)) {
        return;
    }
    const char *number = strchr(move->key, '/') + 1;
    if (paper_is_of(move->key, "import-order")) {
        count = imports_of_order(cause, number, waiting);
    } else if (paper_is_of(move->key, "import-waybill")) {
        count = imports_of_waybill(cause, number, waiting);
    } else if (paper_is_of(move->key, "import-payment")) {
        struct paper payment;
        paper_get(cause, move->key, &payment); /* a deleted one says still what it was about */
        count = imports_of_order(cause, payment.about, waiting);
    }
    for (size_t i = 0; i < count; i++) {
        if (import_waits_for_papers(&waiting[i])
            && stands_otherwise(cause, &waiting[i], import_match(cause, &waiting[i], move->at))) {
            ec_tell_soon(cause, "imports", waiting[i].key);
        }
    }
}
