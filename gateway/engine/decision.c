/*
 * decision.c - a decision gathered in an arena, written as JSON for the journal and as XML for who asked.
 */
#include "engine/decision.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "message/finding_code.h"
#include "message/markup.h"
#include "message/receipt.h"

/* --- gathering ------------------------------------------------------------------------------------------ */

/* Room for one more item at the end of an array in the arena, which doubles when it is full. */
static void *array_add(struct arena *arena, void *items, size_t *count, size_t size) {
    size_t n = (*count)++;
    bool full = n == 0 || (n >= 4 && (n & (n - 1)) == 0); /* 0, 4, 8, 16, ... */
    if (!full) {
        return items;
    }
    void *grown = arena_alloc(arena, (n ? 2 * n : 4) * size);
    if (n) {
        memcpy(grown, items, n * size);
    }
    return grown;
}

static const char *keep(struct decision *decision, const char *string) {
    return string && *string ? arena_string(decision->arena, string) : "";
}

void decision_init(struct decision *decision, struct arena *arena, uint64_t cause) {
    memset(decision, 0, sizeof(*decision));
    decision->arena = arena;
    decision->cause = cause;
    decision->result = RESULT_NOTHING;
    decision->subject = decision->answer_code = decision->answer_zh = decision->answer_en = "";
    verdict_init(&decision->findings, arena);
}

bool decision_refused(const struct decision *decision) {
    return decision->result == RESULT_REFUSED || decision->result == RESULT_HELD;
}

uint64_t decision_about(const struct decision *decision) {
    return decision->released ? decision->released : decision->cause;
}

static void data_add(struct decision *decision, struct move_datum **data, size_t *count, const char *name,
                     const char *value) {
    *data = array_add(decision->arena, *data, count, sizeof(**data));
    (*data)[*count - 1] =
        (struct move_datum){ .name = keep(decision, name), .value = text_of(keep(decision, value)) };
}

static size_t words_of(const char *value) {
    size_t words = 1;
    for (; *value; value++) {
        words += *value == ' ';
    }
    return words;
}

void decision_move(struct decision *decision, const char *part, const char *key, const char *event,
                   const char *from, const char *to, stamp at, ...) {
    require(decision->arena && *part && *event);
    if (decision->moves_count == DECISION_MOVES_MAX || decision->words > DECISION_WORDS_MAX) {
        decision->overflow = true;
        return;
    }
    struct move_datum *data = NULL;
    size_t count = 0;
    va_list pairs;
    va_start(pairs, at);
    for (const char *name; (name = va_arg(pairs, const char *));) {
        const char *value = va_arg(pairs, const char *);
        if (value && *value) {
            data_add(decision, &data, &count, name, value);
            decision->words += words_of(value);
        }
    }
    va_end(pairs);
    decision->overflow = decision->overflow || decision->words > DECISION_WORDS_MAX;
    decision->moves =
        array_add(decision->arena, decision->moves, &decision->moves_count, sizeof(*decision->moves));
    decision->moves[decision->moves_count - 1] = (struct move){
        .part = keep(decision, part),
        .key = keep(decision, key),
        .event = keep(decision, event),
        .from = keep(decision, from),
        .to = keep(decision, to),
        .at = at,
        .data = data,
        .data_count = count,
    };
}

static struct move_datum *put_datum(struct decision *decision, const char *name) {
    require(decision->moves_count > 0);
    struct move *move = &decision->moves[decision->moves_count - 1];
    struct move_datum *data =
        array_add(decision->arena, (void *)move->data, &move->data_count, sizeof(*data));
    move->data = data;
    data[move->data_count - 1] = (struct move_datum){ .name = keep(decision, name) };
    return &data[move->data_count - 1];
}

/* Not one that was read from the journal, whose limits are those of who wrote it. */
static bool is_being_made(const struct decision *decision) {
    return decision->arena && decision->moves_count <= DECISION_MOVES_MAX
           && decision->destinations_count <= DECISION_DESTINATIONS_MAX;
}

void decision_put(struct decision *decision, const char *name, int64_t number) {
    require(is_being_made(decision));
    if (!decision->overflow) { /* else the move is not there */
        struct move_datum *datum = put_datum(decision, name);
        datum->is_number = true;
        datum->number = number;
        decision->words++;
    }
}

void decision_put_rows(struct decision *decision, const char *name, const char *json, size_t rows) {
    require(is_being_made(decision));
    if (!decision->overflow) {
        put_datum(decision, name)->value = text_of(keep(decision, json));
        decision->words += rows;
        decision->overflow = decision->words > DECISION_WORDS_MAX;
    }
}

void decision_subject(struct decision *decision, const char *subject) {
    require(is_being_made(decision));
    decision->subject = keep(decision, subject);
}

void decision_answer(struct decision *decision, const char *code, const char *zh, const char *en) {
    require(is_being_made(decision) && code && zh && en);
    decision->answer_code = keep(decision, code);
    decision->answer_zh = keep(decision, zh);
    decision->answer_en = keep(decision, en);
}

void decision_refuse(struct decision *decision, const char *code, const char *zh, const char *en) {
    require(is_being_made(decision) && *code);
    decision->result = RESULT_REFUSED;
    decision_answer(decision, code, zh, en);
}

void decision_detail(struct decision *decision, const char *name, const char *value) {
    require(is_being_made(decision) && *name);
    if (value && *value) {
        data_add(decision, &decision->details, &decision->details_count, name, value);
    }
}

void decision_send(struct decision *decision, const char *party, uint64_t record, const char *route) {
    require(*party && *route);
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *known = &decision->destinations[i];
        if (known->record == record && strcmp(known->party, party) == 0) {
            return;
        }
    }
    if (decision->destinations_count == DECISION_DESTINATIONS_MAX) {
        decision->overflow = true;
        return;
    }
    decision->destinations = array_add(decision->arena, decision->destinations, &decision->destinations_count,
                                       sizeof(*decision->destinations));
    decision->destinations[decision->destinations_count - 1] =
        (struct destination){ .party = keep(decision, party),
                              .record = record,
                              .route = keep(decision, route),
                              .way = "",
                              .file = "" };
}

const struct destination *decision_destination(const struct decision *decision, uint64_t number,
                                               const char *party, uint64_t record) {
    for (size_t i = 0; i < decision->destinations_count; i++) {
        const struct destination *destination = &decision->destinations[i];
        uint64_t meant = destination->record ? destination->record : number;
        if (meant == record && strcmp(destination->party, party) == 0) {
            return destination;
        }
    }
    return NULL;
}

const struct move_datum *move_datum(const struct move *move, const char *name) {
    for (size_t i = 0; i < move->data_count; i++) {
        if (text_same_name(move->data[i].name, name)) {
            return &move->data[i];
        }
    }
    return NULL;
}

struct text move_text(const struct move *move, const char *name) {
    const struct move_datum *datum = move_datum(move, name);
    return datum ? datum->value : TEXT("");
}

int64_t move_number(const struct move *move, const char *name) {
    const struct move_datum *datum = move_datum(move, name);
    return datum ? datum->number : 0;
}

/* --- as JSON, for the journal --------------------------------------------------------------------------- */

static void write_data(struct json_out *out, const char *key, const struct move_datum *data, size_t count) {
    if (!count) {
        return;
    }
    json_open_object(out, key);
    for (size_t i = 0; i < count; i++) {
        if (data[i].is_number) {
            json_put_int(out, data[i].name, data[i].number);
        } else {
            json_put_text(out, data[i].name, data[i].value);
        }
    }
    json_close_object(out);
}

static void write_answer(struct json_out *out, const struct decision *decision) {
    if (!*decision->answer_code && !decision->findings.count) {
        return;
    }
    json_open_object(out, "answer");
    json_put_string(out, "code", decision->answer_code);
    json_put_string(out, "zh", decision->answer_zh);
    json_put_string(out, "en", decision->answer_en);
    write_data(out, "details", decision->details, decision->details_count);
    if (decision->findings.count) {
        findings_write(out, "findings", decision->findings.findings, decision->findings.count);
    }
    json_close_object(out);
}

/* What is empty, or as one would expect it, is not written: decisions are read again and again. */
static void put_unless_empty(struct json_out *out, const char *key, const char *value) {
    if (*value) {
        json_put_string(out, key, value);
    }
}

static void write_move(struct json_out *out, const struct decision *decision, const struct move *move) {
    json_open_object(out, NULL);
    json_put_string(out, "part", move->part);
    if (strcmp(move->key, decision->subject) != 0) {
        json_put_string(out, "key", move->key);
    }
    json_put_string(out, "event", move->event);
    put_unless_empty(out, "from", move->from);
    put_unless_empty(out, "to", move->to);
    if (move == decision->moves || move->at != decision->moves->at) {
        json_put_int(out, "at", move->at);
    }
    write_data(out, "data", move->data, move->data_count);
    json_close_object(out);
}

static void write_destination(struct json_out *out, const struct decision *decision,
                              const struct destination *destination) {
    json_open_object(out, NULL);
    json_put_string(out, "party", destination->party);
    if (destination->record != decision_about(decision)) {
        json_put_int(out, "record", (int64_t)destination->record);
    }
    json_put_string(out, "route", destination->route);
    put_unless_empty(out, "way", destination->way);
    put_unless_empty(out, "file", destination->file);
    if (destination->kept) {
        json_put_bool(out, "kept", true);
    }
    json_close_object(out);
}

void decision_write(const struct decision *decision, struct buf *meta) {
    require(decision->cause > 0 && (!decision->overflow || decision_refused(decision)));
    struct json_out out;
    json_start(&out, meta);
    json_open_object(&out, NULL);
    decided_write(
        &(struct decided){ decision->cause, decision->edition, decision->result, decision->released }, &out);
    json_put_string(&out, "subject", decision->subject);
    write_answer(&out, decision);
    json_open_array(&out, "moves");
    for (size_t i = 0; i < decision->moves_count; i++) {
        write_move(&out, decision, &decision->moves[i]);
    }
    json_close_array(&out);
    json_open_array(&out, "destinations");
    for (size_t i = 0; i < decision->destinations_count; i++) {
        write_destination(&out, decision, &decision->destinations[i]);
    }
    json_close_array(&out);
    json_close_object(&out);
}

/* --- and back ------------------------------------------------------------------------------------------- */

static const char *read_string(const struct json *object, const char *key) {
    const char *string = json_string_at(object, key);
    return string ? string : "";
}

static int64_t read_int(const struct json *object, const char *key, int64_t absent) {
    const struct json *number = json_at(object, key);
    return number ? json_int(number) : absent;
}

static void read_data(struct decision *decision, const struct json *object, struct move_datum **data,
                      size_t *count) {
    struct json_member member;
    for (void *iterator = NULL; object && json_next(object, &iterator, &member);) {
        const char *value = json_string(member.value);
        *data = array_add(decision->arena, *data, count, sizeof(**data));
        (*data)[*count - 1] = (struct move_datum){
            .name = member.key,
            .value = text_of(value ? value : ""),
            .is_number = !value,
            .number = value ? 0 : json_int(member.value),
        };
    }
}

static bool read_answer(struct decision *decision, const struct json *answer) {
    const struct finding *findings;
    size_t count;
    decision->answer_code = read_string(answer, "code");
    decision->answer_zh = read_string(answer, "zh");
    decision->answer_en = read_string(answer, "en");
    read_data(decision, json_at(answer, "details"), &decision->details, &decision->details_count);
    bool known = findings_read(json_at(answer, "findings"), decision->arena, &findings, &count);
    for (size_t i = 0; known && i < count; i++) {
        verdict_add(&decision->findings, &findings[i]);
    }
    return known;
}

static void read_moves(struct decision *decision, const struct json *moves) {
    size_t count = json_count(moves);
    decision->moves = arena_alloc(decision->arena, (count + 1) * sizeof(*decision->moves));
    decision->moves_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct json *node = json_item(moves, i);
        struct move *move = &decision->moves[i];
        struct move_datum *data = NULL;
        read_data(decision, json_at(node, "data"), &data, &move->data_count);
        move->data = data;
        move->part = read_string(node, "part");
        const char *key = json_string_at(node, "key");
        move->key = key ? key : decision->subject;
        move->event = read_string(node, "event");
        move->from = read_string(node, "from");
        move->to = read_string(node, "to");
        move->at = read_int(node, "at", decision->moves->at);
    }
}

static void read_destinations(struct decision *decision, const struct json *destinations) {
    size_t count = json_count(destinations);
    decision->destinations = arena_alloc(decision->arena, (count + 1) * sizeof(*decision->destinations));
    decision->destinations_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct json *node = json_item(destinations, i);
        decision->destinations[i] = (struct destination){
            .party = read_string(node, "party"),
            .record = (uint64_t)read_int(node, "record", (int64_t)decision_about(decision)),
            .route = read_string(node, "route"),
            .way = read_string(node, "way"),
            .file = read_string(node, "file"),
            .kept = json_bool(json_at(node, "kept")),
        };
    }
}

/* An object of the members that stand behind the head. */
static const struct json *parse_rest(struct text rest, struct arena *arena) {
    char why[128], *object = arena_alloc(arena, rest.length + 1);
    object[0] = '{';
    memcpy(object + 1, rest.at, rest.length);
    return json_parse(arena, (struct text){ object, rest.length + 1 }, why, sizeof(why));
}

bool decision_read(struct text meta, struct arena *arena, struct decision *decision) {
    struct decided decided;
    struct text rest;
    const struct json *root = decided_read(meta, &decided, &rest) ? parse_rest(rest, arena) : NULL;
    if (!root) {
        return false;
    }
    decision_init(decision, arena, decided.cause);
    decision->released = decided.released;
    decision->edition = decided.edition;
    decision->result = decided.result;
    decision->subject = read_string(root, "subject");
    read_moves(decision, json_at(root, "moves"));
    read_destinations(decision, json_at(root, "destinations"));
    return read_answer(decision, json_at(root, "answer"));
}

enum status decision_get(struct reader *reader, uint64_t number, uint64_t record, struct arena *arena,
                         struct decision *decision) {
    struct record rec;
    enum status status = number ? reader_get(reader, number, arena, &rec) : STATUS_NOT_FOUND;
    if (status != STATUS_OK) {
        return status == STATUS_NOT_FOUND ? STATUS_CONFLICT : status;
    }
    if (rec.kind != RECORD_DECISION) {
        return STATUS_CONFLICT;
    }
    if (!decision_read(rec.meta, arena, decision)) {
        return STATUS_DAMAGED;
    }
    return decision->cause == record || decision_about(decision) == record ? STATUS_OK : STATUS_CONFLICT;
}

/* --- for who asked -------------------------------------------------------------------------------------- */

static void write_sentences(struct buf *xml, const char *element, const char *zh, const char *en) {
    const struct {
        const char *language, *sentence;
    } sentences[] = { { "zh", zh }, { "en", en } };
    for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++) {
        buf_printf(xml, "<%s lang=\"%s\">", element, sentences[i].language);
        markup_text(xml, text_of(sentences[i].sentence));
        buf_printf(xml, "</%s>", element);
    }
}

bool decision_is_sent(const struct decision *decision) {
    bool sent = false;
    for (size_t i = 0; i < decision->destinations_count; i++) {
        sent = sent || decision->destinations[i].record == 0;
    }
    return sent;
}

/* What the code says of it; of what a rule refuses, which says what is wrong, how it comes again. */
struct decision_hint decision_hint(const struct decision *decision) {
    const struct finding_meaning *meaning = finding_meaning_find(decision->answer_code);
    if (meaning && *meaning->explanation_zh) {
        return (struct decision_hint){ meaning->explanation_zh, meaning->explanation_en };
    }
    return decision->result == RESULT_REFUSED
               ? (struct decision_hint){ "按所述改正后再次提交，可用同一编号。",
                                         "Mend what is said and send it again; it may have the same id." }
               : (struct decision_hint){ "", "" };
}

void decision_tell_answer(const struct decision *decision, struct json_out *out) {
    json_put_string(out, "code", decision->answer_code);
    json_put_string(out, "zh", decision->answer_zh);
    json_put_string(out, "en", decision->answer_en);
    struct decision_hint hint = decision_hint(decision);
    if (*hint.zh) {
        json_put_string(out, "hint_zh", hint.zh);
        json_put_string(out, "hint_en", hint.en);
    }
    json_open_object(out, "details");
    for (size_t i = 0; i < decision->details_count; i++) {
        json_put_text(out, decision->details[i].name, decision->details[i].value);
    }
    json_close_object(out);
}

void decision_write_answer(const struct decision *decision, struct buf *xml) {
    buf_printf(xml,
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<Decision xmlns=\"urn:clearway:decision:1\" cause=\"%" PRIu64 "\" result=\"%s\">\n",
               decision_about(decision), result_text(decision->result));
    if (*decision->subject) {
        markup_element(xml, "Subject", text_of(decision->subject));
        buf_add_char(xml, '\n');
    }
    if (*decision->answer_code) {
        buf_add_string(xml, "<Answer");
        markup_attribute(xml, "code", text_of(decision->answer_code));
        buf_add_char(xml, '>');
        write_sentences(xml, "Text", decision->answer_zh, decision->answer_en);
        struct decision_hint hint = decision_hint(decision);
        if (decision_is_sent(decision) && *hint.zh) { /* else nobody reads it */
            write_sentences(xml, "Hint", hint.zh, hint.en);
        }
        buf_add_string(xml, "</Answer>\n");
    }
    for (size_t i = 0; i < decision->details_count; i++) {
        buf_add_string(xml, "<Detail");
        markup_attribute(xml, "name", text_of(decision->details[i].name));
        buf_add_char(xml, '>');
        markup_text(xml, decision->details[i].value);
        buf_add_string(xml, "</Detail>\n");
    }
    for (size_t i = 0; i < decision->findings.count; i++) {
        const struct finding *finding = &decision->findings.findings[i];
        buf_add_string(xml, "<Finding");
        markup_attribute(xml, "code", text_of(finding->code));
        markup_attribute(xml, "severity", text_of(severity_text(finding->severity)));
        buf_add_char(xml, '>');
        write_sentences(xml, "Text", finding->zh, finding->en);
        if (*finding->hint_zh || *finding->hint_en) {
            write_sentences(xml, "Hint", finding->hint_zh, finding->hint_en);
        }
        buf_add_string(xml, "</Finding>\n");
    }
    buf_add_string(xml, "</Decision>\n");
}

void decision_write_refusal(const struct decision *decision, const struct metadata *metadata,
                            const char *form, struct buf *xml) {
    const struct refusal refusal = {
        .code = decision->answer_code,
        .zh = decision->answer_zh,
        .findings = decision->findings.findings,
        .count = decision->findings.count,
        .errors = decision->findings.errors,
    };
    if (!refusal_xml(decision_about(decision), metadata, &refusal, form, xml)) {
        decision_write_answer(decision, xml);
    }
}
