/*
 * excerpt.c - one finding on a screen.
 *
 * The line is found by the offset of the finding (or, for texts that only have lines, by counting them) and
 * turned into cells: one character each, with its text and the columns it takes. Everything else, window and
 * caret, is counted in cells, so that no encoding is thought of twice.
 */
#include "message/excerpt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/gb18030.h"
#include "base/memory.h"

#define LINE_BYTES_MAX ((size_t)4096) /* of a line, looked at to either side of the caret */
#define WINDOW         96             /* columns shown */
#define BEFORE_CARET   40             /* of them before it, when the line is longer */
#define CARETS_MAX     60

/* --- the line as cells ---------------------------------------------------------------------------------- */

struct cell {
    char text[12];
    uint32_t width, offset;
}; /* offset: of its byte in the line */

struct cells {
    struct cell *at;
    size_t count;
    bool cut_before, cut_behind;
};

/* It would be obeyed, or hide, or turn around what stands beside it, rather than be seen. */
static bool is_unseen(int32_t character) {
    return character < 0x20 || character == 0x7F || character == 0x2028 || character == 0x2029
           || (character >= 0x80 && text_look(character) == TEXT_UNSEEN);
}

static struct cell cell_of(int32_t character, uint32_t offset) {
    struct cell cell = { .offset = offset };
    if (character < 0) {
        strcpy(cell.text, "\xEF\xBF\xBD");
    } else if (character == '\t') {
        strcpy(cell.text, "    ");
    } else if (is_unseen(character)) {
        snprintf(cell.text, sizeof(cell.text), "<%02X>", (unsigned)character);
    } else {
        text_put(character, cell.text);
    }
    cell.width = (uint32_t)text_width(text_of(cell.text));
    return cell;
}

static bool is_gb18030(struct text line) {
    for (const char *at = line.at, *end = at + line.length; at < end;) {
        if (gb18030_next(&at, end) < 0) {
            return false;
        }
    }
    return true;
}

static struct cells cells_of(struct text line) {
    struct cells cells = { .at = memory_array(line.length + 1, sizeof(*cells.at)) };
    bool gb = !text_is_utf8(line) && is_gb18030(line);
    for (const char *at = line.at, *end = at + line.length; at < end;) {
        uint32_t offset = (uint32_t)(at - line.at);
        int32_t character = gb ? gb18030_next(&at, end) : text_next(&at, end);
        cells.at[cells.count++] = cell_of(character, offset);
    }
    return cells;
}

/* --- which line ----------------------------------------------------------------------------------------- */

struct spot {
    struct text line;
    uint32_t caret;
    bool cut_before, cut_behind;
}; /* caret: byte in the line */

static const char *line_start(struct text source, const char *at) {
    const char *newline = at > source.at ? memrchr(source.at, '\n', (size_t)(at - source.at)) : NULL;
    return newline ? newline + 1 : source.at;
}

static const char *line_end(struct text source, const char *at) {
    const char *end = source.at + source.length;
    const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    newline = newline ? newline : end;
    return newline > at && newline[-1] == '\r' ? newline - 1 : newline;
}

/* In an expert's text a place has a line and a column, and no offset. */
static const char *by_line_and_column(struct text source, struct place place) {
    const char *at = source.at, *end = at + source.length;
    for (uint32_t line = 1; line < place.line && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    const char *stop = line_end(source, at);
    for (uint32_t column = 1; column < place.column && at < stop; column++) {
        text_next(&at, stop);
    }
    return at;
}

static bool find_spot(struct text source, const struct finding *finding, struct spot *spot) {
    struct place place = finding->place;
    if (place.line == 0 || source.length == 0 || place.offset > source.length) {
        return false;
    }
    bool has_offset = place.offset || (place.line == 1 && place.column == 1);
    const char *at = has_offset ? source.at + place.offset : by_line_and_column(source, place);
    const char *from = line_start(source, at), *to = line_end(source, at);
    spot->cut_before = (size_t)(at - from) > LINE_BYTES_MAX;
    from = spot->cut_before ? at - LINE_BYTES_MAX : from;
    if (!spot->cut_before && text_starts((struct text){ from, (size_t)(to - from) }, "\xEF\xBB\xBF")
        && at >= from + 3) {
        from += 3;
    }
    spot->cut_behind = to > at && (size_t)(to - at) > LINE_BYTES_MAX;
    to = spot->cut_behind ? at + LINE_BYTES_MAX : to;
    spot->line = (struct text){ from, to > from ? (size_t)(to - from) : 0 };
    spot->caret = (uint32_t)(at - from);
    return true;
}

/* --- drawing -------------------------------------------------------------------------------------------- */

struct palette {
    const char *error, *warning, *observe, *dim, *bold, *end;
};

static const struct palette colored = { "\033[1;31m", "\033[1;33m", "\033[1;36m",
                                        "\033[34m",   "\033[1m",    "\033[0m" };
static const struct palette plain = { "", "", "", "", "", "" };

static const char *color_of(const struct palette *palette, enum severity severity) {
    return severity == SEVERITY_ERROR     ? palette->error
           : severity == SEVERITY_WARNING ? palette->warning
                                          : palette->observe;
}

static size_t first_cell_at(const struct cells *cells, uint32_t offset) {
    size_t i = 0;
    while (i < cells->count && cells->at[i].offset < offset) {
        i++;
    }
    return i;
}

/* Which cells are shown: [first, last), with the caret inside. */
static void choose_window(const struct cells *cells, size_t caret, size_t *first, size_t *last) {
    size_t columns = 0, from = caret, to = caret;
    while (from > 0 && columns + cells->at[from - 1].width <= BEFORE_CARET) {
        columns += cells->at[--from].width;
    }
    while (to < cells->count && columns + cells->at[to].width <= WINDOW) {
        columns += cells->at[to++].width;
    }
    while (from > 0 && columns + cells->at[from - 1].width <= WINDOW) {
        columns += cells->at[--from].width;
    }
    *first = from;
    *last = to;
}

static void repeat(struct buf *out, char c, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buf_add_char(out, c);
    }
}

static void draw_line(struct buf *out, const struct cells *cells, const struct spot *spot,
                      const struct finding *finding, int gutter, const struct palette *palette) {
    size_t caret = first_cell_at(cells, spot->caret),
           behind = first_cell_at(cells, spot->caret + finding->place.length);
    size_t first, last, before = 0, under = 0;
    choose_window(cells, caret, &first, &last);
    bool cut_before = first > 0 || spot->cut_before, cut_behind = last < cells->count || spot->cut_behind;
    buf_printf(out, "%s%*u |%s %s", palette->dim, gutter, finding->place.line, palette->end,
               cut_before ? "..." : "");
    for (size_t i = first; i < last; i++) {
        buf_add_string(out, cells->at[i].text);
        before += i < caret ? cells->at[i].width : 0;
        under += i >= caret && i < behind ? cells->at[i].width : 0;
    }
    under = under > CARETS_MAX ? CARETS_MAX : under ? under : 1;
    buf_printf(out, "%s\n%s%*s |%s ", cut_behind ? "..." : "", palette->dim, gutter, "", palette->end);
    repeat(out, ' ', before + (cut_before ? 3 : 0));
    buf_add_string(out, color_of(palette, finding->severity));
    repeat(out, '^', under);
    buf_printf(out, "%s\n", palette->end);
}

/* Sentences hold values of partners: what could move a terminal's cursor, or turn its text around, is shown
 * instead of obeyed. */
static void add_clean(struct buf *out, const char *string) {
    for (const char *at = string, *end = at + strlen(at); at < end;) {
        int32_t character = text_next(&at, end);
        buf_add_string(out, cell_of(character == '\n' ? ' ' : character, 0).text);
    }
}

static int digits_of(uint32_t number) {
    int digits = 1;
    for (; number >= 10; number /= 10) {
        digits++;
    }
    return digits;
}

static void draw_note(struct buf *out, int gutter, const char *name, const char *text,
                      const struct palette *palette) {
    if (text[0]) {
        buf_printf(out, "%s%*s =%s %s: ", palette->dim, gutter, "", palette->end, name);
        add_clean(out, text);
        buf_add_char(out, '\n');
    }
}

void excerpt_print(struct buf *out, const struct finding *finding, const char *file, struct text source,
                   enum language language, bool color) {
    const struct palette *palette = color ? &colored : &plain;
    bool zh = language == LANGUAGE_ZH;
    struct spot spot;
    int gutter = 1 + digits_of(finding->place.line);
    buf_printf(out, "%s%s[%s]%s%s: ", color_of(palette, finding->severity), severity_text(finding->severity),
               finding->code, palette->end, palette->bold);
    add_clean(out, zh ? finding->zh : finding->en);
    buf_printf(out, "%s\n%s%*s-->%s ", palette->end, palette->dim, gutter, "", palette->end);
    add_clean(out, finding->file[0] ? finding->file : file);
    if (finding->place.line) {
        buf_printf(out, ":%u", finding->place.line);
    }
    if (finding->place.line && finding->place.column) {
        buf_printf(out, ":%u", finding->place.column);
    }
    buf_add_char(out, '\n');
    if (!finding->secret && find_spot(source, finding, &spot)) {
        struct cells cells = cells_of(spot.line);
        buf_printf(out, "%s%*s |%s\n", palette->dim, gutter, "", palette->end);
        draw_line(out, &cells, &spot, finding, gutter, palette);
        free(cells.at);
    }
    draw_note(out, gutter, zh ? "路径" : "path", finding->path, palette);
    draw_note(out, gutter, zh ? "建议" : "help", zh ? finding->hint_zh : finding->hint_en, palette);
    buf_add_char(out, '\n');
}

void excerpt_json(struct json_out *out, const struct finding *finding, enum language language) {
    bool zh = language == LANGUAGE_ZH;
    json_open_object(out, NULL);
    json_put_string(out, "code", finding->code);
    json_put_string(out, "severity", severity_text(finding->severity));
    json_put_int(out, "line", finding->place.line);
    json_put_int(out, "column", finding->place.column);
    json_put_string(out, "path", finding->path);
    json_put_string(out, "text", zh ? finding->zh : finding->en);
    json_put_string(out, "hint", zh ? finding->hint_zh : finding->hint_en);
    json_close_object(out);
}
