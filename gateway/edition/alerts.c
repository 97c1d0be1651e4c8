/*
 * alerts.c - reads schemas/alerts.
 */
#include "edition/alerts.h"

#include <string.h>

#include "edition/block.h"
#include "edition/edition.h"
#include "edition/segments.h"

#define HOUR (3600 * STAMP_SECOND)

/* --- reading -------------------------------------------------------------------------------------------- */

/* alert CODE "zh" "en" */
static bool read_alert(struct block *block) {
    struct alerts *alerts = block->whole;
    const struct line *line = block->line;
    if (line->count != 4) {
        return false;
    }
    const char *code = block_word(block, 1);
    if (alerts_find(alerts, code)) {
        block_twice(block, 1);
    } else if (!block_full(block, alerts->count, ALERTS_MAX)) {
        struct alert *alert = block->open = &alerts->list[alerts->count++];
        *alert = (struct alert){
            .code = code, .zh = block_word(block, 2), .en = block_word(block, 3), .direction = "", .from = ""
        };
    }
    return true;
}

static bool read_of(struct block *block) {
    static const char *const directions[] = { "import", "export" };
    struct alert *alert = block->open;
    if (block->line->count != 2) {
        return false;
    }
    int found = block_choose(block, 1, directions, 2, "进出口方向（import 或 export）",
                             "direction (import or export)");
    alert->direction = found < 0 ? "" : directions[found];
    return true;
}

static const char *read_milestone(struct block *block, size_t word) {
    const struct segments *segments = block->scratch;
    const char *codes[MILESTONES_MAX];
    for (size_t i = 0; i < segments->milestones_count; i++) {
        codes[i] = segments->milestones[i].code;
    }
    int found = block_choose(block, word, codes, segments->milestones_count, "里程碑（schemas/segments）",
                             "milestone of schemas/segments");
    return found < 0 ? "" : codes[found];
}

/* from MILESTONE [[each container] when CONDITION] */
static bool read_from(struct block *block) {
    struct alert *alert = block->open;
    size_t count = block->line->count, when = 2;
    if (count < 2) {
        return false;
    }
    if (count > 3 && block_is(block, 2, "each")) {
        if (!block_is(block, 3, "container")) {
            return block_wrong(block, 3);
        }
        alert->each = fields_find(block->fields, TEXT("container"));
        when = 4;
    }
    if (count > 2 && (count < when + 2 || !block_is(block, when, "when"))) {
        return block_wrong(block, when < count ? when : count - 1);
    }
    alert->from = read_milestone(block, 1);
    alert->when = count > 2 ? block_condition_of(block, when + 1, count - 1, alert->each) : NULL;
    return true;
}

/* until MILESTONE... */
static bool read_until(struct block *block) {
    struct alert *alert = block->open;
    if (block->line->count < 2) {
        return false;
    }
    for (size_t i = 1; i < block->line->count && !block_full(block, alert->until_count, ALERT_ENDS_MAX);
         i++) {
        alert->until[alert->until_count++] = read_milestone(block, i);
    }
    return true;
}

/* after NUMBER hours|days [alarm] */
static bool read_after(struct block *block) {
    struct alert *alert = block->open;
    const struct line *line = block->line;
    bool alarm = line->count == 4 && block_is(block, 3, "alarm");
    uint64_t number;
    if (line->count != 3 && !alarm) {
        return line->count == 4 ? block_wrong(block, 3) : false;
    }
    bool days = block_is(block, 2, "days");
    if (!days && !block_is(block, 2, "hours")) {
        return block_wrong(block, 2);
    }
    if (!text_to_uint(line->words[1].text, &number) || number > ALERT_HOURS_MAX / (days ? 24 : 1)) {
        return block_wrong(block, 1);
    }
    stamp after = (stamp)number * (days ? 24 * HOUR : HOUR);
    if (alert->steps_count && after <= alert->steps[alert->steps_count - 1].after) {
        BLOCK_MISTAKE(block, mistake_word(line, 1), NULL, "须晚于上一条 after",
                      "it must be later than the line before");
    } else if (!block_full(block, alert->steps_count, ALERT_STEPS_MAX)) {
        alert->steps[alert->steps_count++] = (struct alert_step){ after, alarm };
    }
    return true;
}

/* to ROLE|holder... */
static bool read_to(struct block *block) {
    struct alert *alert = block->open;
    if (block->line->count < 2) {
        return false;
    }
    for (size_t i = 1; i < block->line->count && !block_full(block, alert->to_count, ALERT_ROLES_MAX); i++) {
        const char *role = block_is(block, i, ALERT_HOLDER) ? ALERT_HOLDER : block_role(block, i);
        if (role) {
            alert->to[alert->to_count++] = role;
        }
    }
    return true;
}

/* What could not be read is no alert: it would warn of other things than was meant. */
static void end_alert(struct block *block) {
    struct alerts *alerts = block->whole;
    if (block->spoilt || block->lacks) {
        alerts->count--;
    }
}

/* clang-format off */
static const struct block_key lines[] = {
    { "of",    BLOCK_ONCE,   read_of,    "import 或 export", "import or export", NULL, NULL },
    { "from",  BLOCK_NEEDED, read_from,  "里程碑 [[each container] when 条件]", "MILESTONE [[each container] when CONDITION]", NULL, NULL },
    { "until", BLOCK_NEEDED, read_until, "里程碑 ...", "MILESTONE...", NULL, NULL },
    { "after", BLOCK_MANY,   read_after, "数目 hours|days [alarm]", "NUMBER hours|days [alarm]", NULL, NULL },
    { "to",    BLOCK_NEEDED, read_to,    "角色或 holder ...", "ROLE or holder...", NULL, NULL },
    BLOCK_KEYS_END,
};

static const struct block_key heads[] = {
    { "alert", BLOCK_MANY, read_alert, "代码 \"中文\" \"英文\"", "CODE \"zh\" \"en\"", lines, end_alert },
    BLOCK_KEYS_END,
};
/* clang-format on */

struct alerts *alerts_load(const struct edition *edition, struct verdict *mistakes) {
    require(edition->segments); /* whose milestones it names */
    struct alerts *alerts = arena_alloc(edition->arena, sizeof(*alerts));
    struct block block = { .mistakes = { mistakes, "LINT-ALERT", NULL },
                           .arena = edition->arena,
                           .whole = alerts,
                           .scratch = edition->segments };
    block_read_text(&block, edition, "alerts", heads);
    return alerts;
}

/* --- asking --------------------------------------------------------------------------------------------- */

const struct alert *alerts_find(const struct alerts *alerts, const char *code) {
    for (size_t i = 0; i < alerts->count; i++) {
        if (strcmp(alerts->list[i].code, code) == 0) {
            return &alerts->list[i];
        }
    }
    return NULL;
}

bool alert_is_ended_by(const struct alert *alert, const char *milestone) {
    for (size_t i = 0; i < alert->until_count; i++) {
        if (strcmp(alert->until[i], milestone) == 0) {
            return true;
        }
    }
    return false;
}
