/*
 * binding_walk.c - follows a message through the trie of its binding, and fills the document.
 *
 * A walk keeps one frame per open element with the node it stands on (NULL off all bound paths). A value is
 * added when its element ends. What depends on an attribute or a sibling (`when`) waits in the frame of the
 * element that holds both: attributes in the element's own frame, siblings in the parent's.
 *
 * Paths for people are made only for what is reported. Every element leaves a small trace (name, parent,
 * sibling before it), from which its number among siblings of the same name can be counted when somebody
 * asks; bound elements are numbered as they come. A walk that is only told of bound elements leaves no
 * traces: when a path is asked for, its reader tells the whole message to another walk, whose are taken over.
 */
#include "edition/binding.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "edition/binding_tree.h"

/* --- walking ----------------------------------------------------------------------------------------- */

#define FRAMES_AT_FIRST 16
#define TRACES_AT_FIRST 128
#define NO_TRACE        UINT32_MAX

/* What is left of every element: enough to number it among its siblings. */
struct trace {
    struct text name;
    uint32_t parent, before;
    uint32_t number; /* 0: not counted yet */
    bool numbered;   /* told even when it is the first of its name: rows are told apart by it */
};

struct kept {
    struct text name, text;
    bool attribute;
    struct kept *next;
};

struct waiting {
    const struct binding_line *rule;
    uint32_t row;
    struct text text;
    struct origin origin;
    struct waiting *next;
};

struct frame {
    const struct binding_node *node; /* NULL off all bound paths */
    uint32_t trace, last_child;
    struct kept *kept;
    struct waiting *waiting; /* the newest first */
};

struct binding_walk {
    const struct binding *binding;
    struct document *doc;
    struct arena *arena;
    struct frame *frames;
    size_t depth, frames_capacity;
    struct trace *traces;
    uint32_t traces_count, traces_capacity;
    uint32_t *newest; /* per node of the binding: the trace of its newest element, + 1 */
    binding_reader *reader;
    void *reader_context;
    bool full;
};

struct binding_walk *binding_walk_new(const struct binding *binding, struct document *doc,
                                      struct arena *arena) {
    require(arena);
    struct binding_walk *walk = arena_alloc(arena, sizeof(*walk));
    *walk = (struct binding_walk){ .binding = binding, .doc = doc, .arena = arena };
    return walk;
}

static struct frame *top(const struct binding_walk *walk) {
    require(walk->depth > 0);
    return &walk->frames[walk->depth - 1];
}

static uint32_t add_trace(struct binding_walk *walk, struct text name, struct frame *parent) {
    if (walk->traces_count == walk->traces_capacity) {
        walk->traces_capacity = walk->traces_capacity ? walk->traces_capacity * 2 : TRACES_AT_FIRST;
        walk->traces = arena_bigger(walk->arena, walk->traces, walk->traces_count, walk->traces_capacity,
                                    sizeof(*walk->traces));
    }
    uint32_t index = walk->traces_count++;
    walk->traces[index] = (struct trace){ name, NO_TRACE, NO_TRACE, 0, false };
    if (parent) {
        walk->traces[index].parent = parent->trace;
        walk->traces[index].before = parent->last_child;
        parent->last_child = index;
    }
    return index;
}

static const struct binding_node *node_for(struct binding_walk *walk, struct text name) {
    if (!walk->binding) {
        return NULL;
    }
    if (walk->depth == 0) {
        return &walk->binding->root;
    }
    return top(walk)->node ? binding_child(top(walk)->node, name) : NULL;
}

static uint32_t add_row(struct binding_walk *walk, const struct field *group) {
    uint32_t number = document_rows(walk->doc, group->id) + 1;
    walk->full |= number > DOCUMENT_VALUES_MAX; /* rows without a value are many, too */
    document_set_rows(walk->doc, group->id, number);
    return number;
}

static void tell_rows(struct binding_walk *walk, const struct binding_node *node) {
    for (const struct binding_line *rule = node->counts; rule; rule = rule->next) {
        uint32_t rows = rule->field->group >= 0 ? document_rows(walk->doc, rule->field->group) : 0;
        const char *number = arena_printf(walk->arena, "%" PRIu32, document_rows(walk->doc, rule->group->id));
        struct origin nowhere = { .element = ORIGIN_NO_ELEMENT };
        walk->full |= !document_add_ranked(walk->doc, rule->field, rows ? rows - 1 : 0, text_of(number),
                                           false, nowhere, rule->rank);
    }
}

/* A bound element is numbered as it comes, for each of its kind stands on the same node: a row by the rows of
 * its group, another by the siblings of its name. */
static void number_bound(struct binding_walk *walk, const struct binding_node *node, uint32_t index) {
    if (!walk->newest) {
        walk->newest = arena_alloc(walk->arena, walk->binding->nodes_count * sizeof(*walk->newest));
    }
    struct trace *trace = &walk->traces[index];
    uint32_t *newest = &walk->newest[node->number];
    trace->numbered = node->numbered;
    if (node->group) {
        trace->number = add_row(walk, node->group);
    } else {
        const struct trace *before = *newest ? &walk->traces[*newest - 1] : NULL;
        trace->number = before && before->parent == trace->parent ? before->number + 1 : 1;
    }
    *newest = index + 1;
    tell_rows(walk, node);
}

static void open_frame(struct binding_walk *walk, const struct binding_node *node, uint32_t trace) {
    require(walk->depth < BINDING_DEPTH_MAX);
    if (walk->depth == walk->frames_capacity) {
        walk->frames_capacity = walk->frames_capacity ? walk->frames_capacity * 2 : FRAMES_AT_FIRST;
        walk->frames = arena_bigger(walk->arena, walk->frames, walk->depth, walk->frames_capacity,
                                    sizeof(*walk->frames));
    }
    walk->frames[walk->depth++] = (struct frame){ .node = node, .trace = trace, .last_child = NO_TRACE };
}

void binding_enter(struct binding_walk *walk, struct text local_name) {
    const struct binding_node *node = node_for(walk, local_name);
    uint32_t trace = add_trace(walk, local_name, walk->depth ? top(walk) : NULL);
    open_frame(walk, node, trace);
    if (node) {
        number_bound(walk, node, trace);
    }
}

void binding_enter_element(struct binding_walk *walk, uint32_t element, uint32_t place) {
    require(walk->binding && element < walk->binding->nodes_count);
    const struct binding_node *node = walk->binding->nodes[element];
    open_frame(walk, node, place);
    if (node->group) {
        add_row(walk, node->group);
    }
    tell_rows(walk, node);
}

/* --- paths: from the traces ----------------------------------------------------------------------------- */

/* Its number among siblings of its name, counted when it is not bound. Counting stops at the last one that
 * was numbered, so numbering every element of a name costs one pass over its siblings in all. */
static uint32_t number_of(struct binding_walk *walk, uint32_t index) {
    struct trace *trace = &walk->traces[index];
    if (trace->number == 0) {
        uint32_t number = 1;
        for (uint32_t at = trace->before; at != NO_TRACE; at = walk->traces[at].before) {
            if (text_equal(walk->traces[at].name, trace->name)) {
                number++;
                if (walk->traces[at].number) {
                    number = walk->traces[at].number + 1;
                    break;
                }
            }
        }
        trace->number = number;
    }
    return trace->number;
}

/* Backwards into the room before `to`: how long a path is, is known at its end only. */
static char *put_before(char *to, struct text text) {
    memcpy(to - text.length, text.at, text.length);
    return to - text.length;
}

static size_t step_size(const struct trace *trace) {
    return trace->name.length + sizeof("/[4294967295]") - 1;
}

static char *put_step_before(char *to, struct binding_walk *walk, uint32_t index) {
    const struct trace *trace = &walk->traces[index];
    uint32_t number = number_of(walk, index);
    if (number > 1 || trace->numbered) {
        *--to = ']';
        for (; number; number /= 10) {
            *--to = (char)('0' + number % 10);
        }
        *--to = '[';
    }
    return put_before(put_before(to, trace->name), TEXT("/"));
}

static const char *path_to(struct binding_walk *walk, uint32_t index, const char *attribute) {
    struct text last = text_of(attribute ? attribute : "");
    size_t size = last.length + sizeof("/@");
    for (uint32_t at = index; at != NO_TRACE; at = walk->traces[at].parent) {
        size += step_size(&walk->traces[at]);
    }
    char *path = arena_alloc(walk->arena, size), *to = path + size - 1;
    *to = '\0';
    if (attribute) {
        to = put_before(put_before(to, last), TEXT("/@"));
    }
    for (uint32_t at = index; at != NO_TRACE; at = walk->traces[at].parent) {
        to = put_step_before(to, walk, at);
    }
    return to;
}

const char *binding_path(struct binding_walk *walk) {
    return walk->depth ? path_to(walk, top(walk)->trace, NULL) : "";
}

void binding_walk_set_reader(struct binding_walk *walk, binding_reader *reader, void *context) {
    require(reader && !walk->reader);
    walk->reader = reader;
    walk->reader_context = context;
}

static void make_traces(struct binding_walk *walk) {
    struct document *doc = document_new(document_fields(walk->doc), walk->arena);
    struct binding_walk *again = binding_walk_new(walk->binding, doc, walk->arena);
    walk->reader(walk->reader_context, again);
    walk->traces = again->traces;
    walk->traces_count = again->traces_count;
}

const char *binding_path_of(struct binding_walk *walk, const struct value *value) {
    if (walk->reader && walk->traces_count == 0) {
        make_traces(walk);
    }
    bool read_here = value->origin.element < walk->traces_count;
    return read_here ? path_to(walk, value->origin.element, value->origin.attribute) : "";
}

/* --- values -------------------------------------------------------------------------------------------- */

static uint32_t row_of(const struct binding_walk *walk, const struct field *field) {
    uint32_t rows = field->group >= 0 ? document_rows(walk->doc, field->group) : 0;
    return rows ? rows - 1 : 0;
}

static struct text mapped(const struct binding_line *rule, struct text text) {
    for (size_t i = 0; i < rule->pairs; i++) {
        if (text_equal(rule->map[i].from, text)) {
            return rule->map[i].to;
        }
    }
    return text;
}

/* text: trimmed, not empty. */
static void add(struct binding_walk *walk, const struct waiting *value) {
    const struct binding_line *rule = value->rule;
    struct text canonical;
    bool ill = !conversion_make(rule->as, rule->field, mapped(rule, value->text), walk->arena, &canonical);
    walk->full |= !document_add_ranked(walk->doc, rule->field, value->row, ill ? value->text : canonical, ill,
                                       value->origin, rule->rank);
}

static void wait_in(struct binding_walk *walk, struct frame *frame, const struct waiting *value) {
    struct waiting *waiting = arena_alloc(walk->arena, sizeof(*waiting));
    *waiting = *value;
    waiting->next = frame->waiting;
    frame->waiting = waiting;
}

static struct kept *find_kept(const struct frame *frame, struct text name, bool attribute) {
    struct kept *kept = frame->kept;
    while (kept && !(kept->attribute == attribute && text_equal(kept->name, name))) {
        kept = kept->next;
    }
    return kept;
}

/* Of a sibling that repeats the last counts, so the list is as short as the binding's conditions. */
static void keep(struct binding_walk *walk, struct frame *frame, struct text name, bool attribute,
                 struct text text) {
    struct kept *kept = find_kept(frame, name, attribute);
    if (!kept) {
        kept = arena_alloc(walk->arena, sizeof(*kept));
        *kept = (struct kept){ .name = name, .attribute = attribute, .next = frame->kept };
        frame->kept = kept;
    }
    kept->text = text;
}

static bool holds(const struct frame *frame, const struct binding_line *rule) {
    const struct kept *kept = find_kept(frame, rule->name, rule->condition == WHEN_ATTRIBUTE);
    return kept && text_equal(kept->text, rule->value);
}

static const struct binding_node *attribute_node(const struct binding_node *node, struct text name) {
    const struct binding_node *at = node->attributes;
    while (at && !text_equal(at->name, name)) {
        at = at->next;
    }
    return at;
}

void binding_attribute(struct binding_walk *walk, struct text local_name, struct text value,
                       struct extent extent) {
    require(walk->depth > 0);
    struct frame *frame = top(walk);
    const struct binding_node *node = frame->node ? attribute_node(frame->node, local_name) : NULL;
    if (!node && !(frame->node && frame->node->keeps_attributes)) {
        return;
    }
    struct text text = text_trim(value);
    if (frame->node->keeps_attributes) {
        keep(walk, frame, local_name, true, text);
    }
    if (!node || !text.length) {
        return;
    }
    for (const struct binding_line *rule = node->rules; rule; rule = rule->next) {
        struct waiting found = { .rule = rule,
                                 .row = row_of(walk, rule->field),
                                 .text = text,
                                 .origin = { extent, frame->trace, node->name.at } };
        if (rule->condition == ALWAYS) {
            add(walk, &found);
        } else {
            wait_in(walk, frame, &found);
        }
    }
}

bool binding_wants_attributes(const struct binding_walk *walk) {
    const struct binding_node *node = top(walk)->node;
    return node && (node->attributes || node->keeps_attributes);
}

bool binding_wants_text(const struct binding_walk *walk) {
    const struct binding_node *node = top(walk)->node;
    return node && (node->rules || node->kept);
}

static void add_text(struct binding_walk *walk, struct frame *frame, struct text text, struct extent extent) {
    for (const struct binding_line *rule = frame->node->rules; rule; rule = rule->next) {
        struct waiting found = { .rule = rule,
                                 .row = row_of(walk, rule->field),
                                 .text = text,
                                 .origin = { extent, frame->trace, NULL } };
        if (rule->condition == WHEN_SIBLING) {
            wait_in(walk, frame - 1, &found);
        } else if (rule->condition == ALWAYS || holds(frame, rule)) {
            add(walk, &found);
        }
    }
}

static void settle(struct binding_walk *walk, struct frame *frame) {
    struct waiting *in_order = NULL;
    for (struct waiting *at = frame->waiting, *next; at; at = next) {
        next = at->next;
        at->next = in_order;
        in_order = at;
    }
    for (struct waiting *at = in_order; at; at = at->next) {
        if (holds(frame, at->rule)) {
            add(walk, at);
        }
    }
}

bool binding_leave(struct binding_walk *walk, struct text text, struct extent extent) {
    require(walk->depth > 0); /* as many as were entered */
    struct frame *frame = top(walk);
    if (binding_wants_text(walk)) {
        struct text value = text_trim(text);
        if (frame->node->kept) {
            keep(walk, frame - 1, frame->node->name, false, value);
        }
        if (value.length) {
            add_text(walk, frame, value, extent);
        }
    }
    settle(walk, frame);
    walk->depth--;
    return !walk->full;
}

bool binding_leaf(struct binding_walk *walk, uint32_t element, uint32_t place, struct text text,
                  struct extent extent) {
    require(walk->binding && element < walk->binding->nodes_count);
    const struct binding_node *node = walk->binding->nodes[element];
    if (!node->plain) {
        binding_enter_element(walk, element, place);
        return binding_leave(walk, text, extent);
    }
    for (const struct binding_line *rule = text.length ? node->rules : NULL; rule; rule = rule->next) {
        add(walk, &(struct waiting){
                      .rule = rule,
                      .row = row_of(walk, rule->field),
                      .text = text,
                      .origin = { extent, place, NULL },
                  });
    }
    return !walk->full;
}
