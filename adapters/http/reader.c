/*
 * reader.c - the three steps of the header, each a small machine over bytes: the scan that finds the end of
 * a head, the reading of the complete head line by line, the cutting of a body. Each clause of RFC 9110 and
 * 9112 that is kept stands at its check.
 */
#include "adapters/http/reader.h"

#include <string.h>
#include <strings.h>

#include "base/status.h"

/* --- lists ------------------------------------------------------------------------------------------- */

static const char *const method_names[] = {
#define X(name) #name,
    HTTP_METHOD_LIST(X)
#undef X
};

static const struct {
    int status;
    const char *code, *zh, *en;
} refusals[] = {
#define X(name, status, code, zh, en) { status, code, zh, en },
    HTTP_REFUSAL_LIST(X)
#undef X
};

const char *http_method_name(enum http_method method) {
    require(method < METHOD_COUNT);
    return method_names[method];
}

int http_refusal_status(enum http_refusal refusal) {
    require(refusal < HTTP_REFUSAL_COUNT);
    return refusals[refusal].status;
}

const char *http_refusal_code(enum http_refusal refusal) {
    require(refusal < HTTP_REFUSAL_COUNT);
    return refusals[refusal].code;
}

const char *http_refusal_sentence(enum http_refusal refusal, enum language language) {
    require(refusal < HTTP_REFUSAL_COUNT);
    return language_pick(language, refusals[refusal].zh, refusals[refusal].en);
}

/* --- classes of bytes -------------------------------------------------------------------------------- */

enum {
    TOKEN = 1,  /* tchar, RFC 9110 5.6.2 */
    FIELD = 2,  /* what a field line may hold: visible, blank, tab, obs-text */
    TARGET = 4, /* pchar, '/' and '?', RFC 3986 3.3 and 3.4; '%' is checked with its digits */
    HOST = 8,   /* a registered name or IPv4 address; narrower than RFC 3986, as in DNS */
};

enum { ALNUM = TOKEN | FIELD | TARGET | HOST };

static const unsigned char classes[256] = {
    ['\t'] = FIELD,
    [' '] = FIELD,
    ['0' ... '9'] = ALNUM,
    ['A' ... 'Z'] = ALNUM,
    ['a' ... 'z'] = ALNUM,
    ['-'] = ALNUM,
    ['.'] = ALNUM,
    ['_'] = ALNUM,
    ['~'] = ALNUM,
    ['!'] = TOKEN | TARGET | FIELD,
    ['$'] = TOKEN | TARGET | FIELD,
    ['%'] = TOKEN | TARGET | FIELD,
    ['&'] = TOKEN | TARGET | FIELD,
    ['\''] = TOKEN | TARGET | FIELD,
    ['*'] = TOKEN | TARGET | FIELD,
    ['+'] = TOKEN | TARGET | FIELD,
    ['#'] = TOKEN | FIELD,
    ['^'] = TOKEN | FIELD,
    ['`'] = TOKEN | FIELD,
    ['|'] = TOKEN | FIELD,
    ['('] = TARGET | FIELD,
    [')'] = TARGET | FIELD,
    [','] = TARGET | FIELD,
    ['/'] = TARGET | FIELD,
    [':'] = TARGET | FIELD,
    [';'] = TARGET | FIELD,
    ['='] = TARGET | FIELD,
    ['?'] = TARGET | FIELD,
    ['@'] = TARGET | FIELD,
    ['<'] = FIELD,
    ['>'] = FIELD,
    ['['] = FIELD,
    [']'] = FIELD,
    ['{'] = FIELD,
    ['}'] = FIELD,
    ['"'] = FIELD,
    ['\\'] = FIELD,
    [0x80 ... 0xff] = FIELD,
};

static bool is(char c, int class) {
    return classes[(unsigned char)c] & class;
}

static size_t span(struct text text, int class) {
    size_t n = 0;
    while (n < text.length && is(text.at[n], class)) {
        n++;
    }
    return n;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* -1: not a hexadecimal digit. */
static int hex_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_ipv6_byte(char c) {
    return hex_value(c) >= 0 || c == ':' || c == '.';
}

static struct text skip(struct text text, size_t n) {
    return (struct text){ text.at + n, text.length - n };
}

static struct text skip_blanks(struct text text) {
    while (text.length && is_blank(text.at[0])) {
        text = skip(text, 1);
    }
    return text;
}

static struct text trim_blanks(struct text text) {
    text = skip_blanks(text);
    while (text.length && is_blank(text.at[text.length - 1])) {
        text.length--;
    }
    return text;
}

/* RFC 9110 5.6.2, at least one byte. */
static bool is_token(struct text text) {
    return text.length && span(text, TOKEN) == text.length;
}

/* Equal, ASCII case apart. */
static bool same_name(struct text text, const char *name) {
    return strlen(name) == text.length && strncasecmp(text.at, name, text.length) == 0;
}

/* Why a byte cannot stand where a line starts or goes on. */
static enum http_refusal bad_byte(char c, enum http_refusal otherwise) {
    if (c == '\n' || c == '\r') {
        return HTTP_REFUSE_LINE_END;
    }
    return is(c, FIELD) ? otherwise : HTTP_REFUSE_CONTROL;
}

/* --- the head's raw bytes ---------------------------------------------------------------------------- */

enum { SCAN_BEFORE, SCAN_BEFORE_LF, SCAN_LINE, SCAN_LINE_LF, SCAN_START, SCAN_END_LF, SCAN_DONE };

/* A request line may have this much beside its target: method, two blanks, version, CR LF. */
enum { REQUEST_LINE_REST = 64 };

static enum http_refusal scan_byte(struct http_scan *scan, char c) {
    switch (scan->state) {
    case SCAN_BEFORE:
        if (c == '\r') {
            scan->state = SCAN_BEFORE_LF;
            return ++scan->empty_lines > HTTP_EMPTY_LINES_MAX ? HTTP_REFUSE_EMPTY_LINES : HTTP_REFUSE_NONE;
        }
        scan->start = scan->offset;
        scan->state = SCAN_LINE;
        return is(c, TOKEN) ? HTTP_REFUSE_NONE : bad_byte(c, HTTP_REFUSE_LINE_START);
    case SCAN_LINE:
        if (c == '\r') {
            scan->state = SCAN_LINE_LF;
        } else if (!is(c, FIELD)) {
            return bad_byte(c, HTTP_REFUSE_CONTROL);
        }
        return HTTP_REFUSE_NONE;
    case SCAN_START:
        scan->state = c == '\r' ? SCAN_END_LF : SCAN_LINE;
        return c == '\r' || is(c, TOKEN) ? HTTP_REFUSE_NONE : bad_byte(c, HTTP_REFUSE_LINE_START);
    case SCAN_BEFORE_LF: scan->state = SCAN_BEFORE; break;
    case SCAN_LINE_LF:
        scan->state = SCAN_START;
        scan->in_fields = true;
        break;
    case SCAN_END_LF:
        scan->state = SCAN_DONE;
        scan->end = scan->offset + 1;
        break;
    }
    return c == '\n' ? HTTP_REFUSE_NONE : HTTP_REFUSE_LINE_END;
}

/* The head has grown by a byte: is it too long? */
static enum http_refusal scan_size(const struct http_scan *scan) {
    if (scan->state == SCAN_BEFORE || scan->state == SCAN_BEFORE_LF) {
        return HTTP_REFUSE_NONE;
    }
    size_t size = scan->offset + 1 - scan->start;
    if (!scan->in_fields && size > HTTP_TARGET_MAX + REQUEST_LINE_REST) {
        return HTTP_REFUSE_TARGET_LONG;
    }
    return size > HTTP_HEAD_MAX ? HTTP_REFUSE_HEAD_LONG : HTTP_REFUSE_NONE;
}

enum http_progress http_scan_head(struct http_scan *scan, const char *bytes, size_t length) {
    require(scan->offset <= length);
    while (scan->state != SCAN_DONE && !scan->refusal && scan->offset < length) {
        scan->refusal = scan_byte(scan, bytes[scan->offset]);
        if (!scan->refusal) {
            scan->refusal = scan_size(scan);
        }
        scan->offset++;
    }
    if (scan->refusal) {
        return HTTP_REFUSED;
    }
    return scan->state == SCAN_DONE ? HTTP_COMPLETE : HTTP_MORE;
}

/* --- the request line -------------------------------------------------------------------------------- */

/* Cuts one line off rest; the scan has made sure that each ends in CR LF. */
static struct text cut_line(struct text *rest) {
    const char *end = memchr(rest->at, '\n', rest->length);
    require(end && end > rest->at && end[-1] == '\r');
    struct text line = { rest->at, (size_t)(end - rest->at) - 1 };
    *rest = skip(*rest, line.length + 2);
    return line;
}

static enum http_refusal read_version(struct text version, unsigned *minor) {
    if (version.length != 8 || !text_starts(version, "HTTP/") || !is_digit(version.at[5])
        || version.at[6] != '.' || !is_digit(version.at[7])) {
        return HTTP_REFUSE_REQUEST_LINE;
    }
    *minor = (unsigned)(version.at[7] - '0');
    return version.at[5] == '1' && *minor <= 1 ? HTTP_REFUSE_NONE : HTTP_REFUSE_VERSION;
}

static enum http_refusal read_method(struct text name, enum http_method *method) {
    for (int i = 0; i < METHOD_COUNT; i++) {
        if (text_is(name, method_names[i])) {
            *method = i;
            return HTTP_REFUSE_NONE;
        }
    }
    return is_token(name) ? HTTP_REFUSE_METHOD : HTTP_REFUSE_REQUEST_LINE;
}

/* host[:port]: a name, an IPv4 address or an [IPv6 address]; the port may be empty (RFC 3986 3.2.3). */
static bool is_authority(struct text text) {
    size_t host;
    if (text.length && text.at[0] == '[') {
        host = 1;
        while (host < text.length && is_ipv6_byte(text.at[host])) {
            host++;
        }
        if (host < 3 || host >= text.length || text.at[host++] != ']') {
            return false;
        }
    } else {
        host = span(text, HOST);
    }
    if (host == 0) {
        return false;
    }
    struct text port = skip(text, host);
    if (port.length == 0) {
        return true;
    }
    uint64_t number;
    if (port.at[0] != ':') {
        return false;
    }
    return port.length == 1 || (port.length <= 6 && text_to_uint(skip(port, 1), &number) && number <= 65535);
}

/* Class and percent-encoding; in a path no encoded control character either. */
static bool is_target_part(struct text part, bool path) {
    for (size_t i = 0; i < part.length; i++) {
        if (!is(part.at[i], TARGET)) {
            return false;
        }
        if (part.at[i] != '%') {
            continue;
        }
        if (i + 2 >= part.length) {
            return false;
        }
        int high = hex_value(part.at[i + 1]), low = hex_value(part.at[i + 2]);
        if (high < 0 || low < 0 || (path && (high < 2 || (high == 7 && low == 15)))) {
            return false;
        }
        i += 2;
    }
    return true;
}

/* "." or "..", a dot also as %2E: normalised by some, taken literally by others. */
static bool is_dot_segment(struct text segment) {
    int dots = 0;
    while (segment.length && ++dots <= 2) {
        if (segment.at[0] == '.') {
            segment = skip(segment, 1);
        } else if (segment.length >= 3 && strncasecmp(segment.at, "%2e", 3) == 0) {
            segment = skip(segment, 3);
        } else {
            return false;
        }
    }
    return dots == 1 || dots == 2;
}

static bool has_dot_segment(struct text path) {
    while (path.length) {
        if (is_dot_segment(text_until(&path, '/'))) {
            return true;
        }
    }
    return false;
}

/* Absolute form (RFC 9112 3.2.2): cuts scheme and authority off, so that origin form is left. */
static enum http_refusal read_absolute(struct text *target, const char *scheme, struct text *authority) {
    size_t colon = 0;
    while (colon < target->length && is(target->at[colon], HOST)) {
        colon++;
    }
    if (colon == 0 || !text_starts(skip(*target, colon), "://")) {
        return HTTP_REFUSE_TARGET;
    }
    if (!same_name((struct text){ target->at, colon }, scheme)) {
        return HTTP_REFUSE_TARGET_FOREIGN;
    }
    *target = skip(*target, colon + 3);
    size_t end = 0;
    while (end < target->length && target->at[end] != '/' && target->at[end] != '?') {
        end++;
    }
    *authority = (struct text){ target->at, end };
    *target = skip(*target, end);
    return is_authority(*authority) ? HTTP_REFUSE_NONE : HTTP_REFUSE_TARGET;
}

static enum http_refusal read_target(struct http_head *head, const char *scheme, struct text *authority) {
    struct text rest = head->target;
    if (rest.length > HTTP_TARGET_MAX) {
        return HTTP_REFUSE_TARGET_LONG;
    }
    if (rest.length == 0) {
        return HTTP_REFUSE_REQUEST_LINE;
    }
    if (rest.at[0] != '/') {
        enum http_refusal refusal = read_absolute(&rest, scheme, authority);
        if (refusal) {
            return refusal;
        }
    }
    const char *question = memchr(rest.at, '?', rest.length);
    head->path = (struct text){ rest.at, question ? (size_t)(question - rest.at) : rest.length };
    if (question) {
        head->query = skip(rest, head->path.length + 1);
    }
    if (!is_target_part(head->path, true) || !is_target_part(head->query, false)) {
        return HTTP_REFUSE_TARGET;
    }
    if (has_dot_segment(head->path)) {
        return HTTP_REFUSE_TARGET_DOTS;
    }
    if (head->path.length == 0) {
        head->path = TEXT("/");
    }
    return HTTP_REFUSE_NONE;
}

static enum http_refusal read_request_line(struct http_head *head, struct text line, const char *scheme,
                                           struct text *authority) {
    struct text method = text_until(&line, ' ');
    head->target = text_until(&line, ' ');
    enum http_refusal refusal = read_version(line, &head->minor);
    if (!refusal) {
        refusal = read_method(method, &head->method);
    }
    return refusal ? refusal : read_target(head, scheme, authority);
}

/* --- the fields -------------------------------------------------------------------------------------- */

enum known { KNOWN_HOST, KNOWN_LENGTH, KNOWN_CODING, KNOWN_CONNECTION, KNOWN_EXPECT, KNOWN_COUNT };

struct field_counts {
    unsigned times[KNOWN_COUNT];
    bool close, keep_alive;
};

static enum http_refusal read_host(struct http_head *head, struct field_counts *seen, struct text value) {
    head->host = value;
    return seen->times[KNOWN_HOST] == 1 && is_authority(value) ? HTTP_REFUSE_NONE : HTTP_REFUSE_HOST;
}

static enum http_refusal read_length(struct http_head *head, struct field_counts *seen, struct text value) {
    size_t digits = 0;
    while (digits < value.length && is_digit(value.at[digits])) {
        digits++;
    }
    if (digits == 0 || digits != value.length || seen->times[KNOWN_LENGTH] > 1) {
        return HTTP_REFUSE_LENGTH;
    }
    head->has_length = true;
    return text_to_uint(value, &head->length) ? HTTP_REFUSE_NONE : HTTP_REFUSE_BODY_LARGE;
}

static enum http_refusal read_coding(struct http_head *head, struct field_counts *seen, struct text value) {
    if (seen->times[KNOWN_CODING] > 1 || value.length == 0) {
        return HTTP_REFUSE_FRAMING;
    }
    head->chunked = true;
    return same_name(value, "chunked") ? HTTP_REFUSE_NONE : HTTP_REFUSE_CODING;
}

static enum http_refusal read_connection(struct http_head *head, struct field_counts *seen,
                                         struct text value) {
    while (value.length) {
        struct text option = trim_blanks(text_until(&value, ','));
        seen->close |= same_name(option, "close");
        seen->keep_alive |= same_name(option, "keep-alive");
    }
    return HTTP_REFUSE_NONE;
}

static enum http_refusal read_expect(struct http_head *head, struct field_counts *seen, struct text value) {
    head->expects_continue = head->minor >= 1; /* RFC 9110 10.1.1: not from a 1.0 client */
    return seen->times[KNOWN_EXPECT] == 1 && same_name(value, "100-continue") ? HTTP_REFUSE_NONE
                                                                              : HTTP_REFUSE_EXPECT;
}

/* clang-format off */
static const struct {
    const char *name;
    enum http_refusal (*read)(struct http_head *head, struct field_counts *seen, struct text value);
} known_fields[KNOWN_COUNT] = {
    [KNOWN_HOST]       = { "host",              read_host },
    [KNOWN_LENGTH]     = { "content-length",    read_length },
    [KNOWN_CODING]     = { "transfer-encoding", read_coding },
    [KNOWN_CONNECTION] = { "connection",        read_connection },
    [KNOWN_EXPECT]     = { "expect",            read_expect },
};
/* clang-format on */

static enum http_refusal read_field(struct http_head *head, struct field_counts *seen, struct text line) {
    if (head->field_count == HTTP_FIELDS_MAX) {
        return HTTP_REFUSE_FIELDS;
    }
    size_t name = span(line, TOKEN);
    if (name == 0 || name == line.length || line.at[name] != ':') {
        return HTTP_REFUSE_FIELD_NAME;
    }
    struct http_field *field = &head->fields[head->field_count++];
    field->name = (struct text){ line.at, name };
    field->value = trim_blanks(skip(line, name + 1));
    for (int i = 0; i < KNOWN_COUNT; i++) {
        if (same_name(field->name, known_fields[i].name)) {
            seen->times[i]++;
            return known_fields[i].read(head, seen, field->value);
        }
    }
    return HTTP_REFUSE_NONE;
}

/* What only all lines together tell. */
static enum http_refusal judge_head(struct http_head *head, const struct field_counts *seen,
                                    struct text authority) {
    if (seen->times[KNOWN_HOST] != 1) {
        return HTTP_REFUSE_HOST;
    }
    if (head->chunked && (head->has_length || head->minor == 0)) {
        return HTTP_REFUSE_FRAMING;
    }
    if (authority.at
        && (authority.length != head->host.length
            || strncasecmp(authority.at, head->host.at, authority.length) != 0)) {
        return HTTP_REFUSE_TARGET_FOREIGN;
    }
    head->keep_alive = !seen->close && (head->minor == 1 || seen->keep_alive);
    return HTTP_REFUSE_NONE;
}

enum http_refusal http_head_read(struct text bytes, const char *scheme, struct http_head *head) {
    struct field_counts seen = { { 0 }, false, false };
    struct text authority = { NULL, 0 }, rest = bytes;

    memset(head, 0, offsetof(struct http_head, fields));
    head->size = bytes.length;

    enum http_refusal refusal = read_request_line(head, cut_line(&rest), scheme, &authority);
    for (struct text line; !refusal && (line = cut_line(&rest)).length;) {
        refusal = read_field(head, &seen, line);
    }
    return refusal ? refusal : judge_head(head, &seen, authority);
}

struct text http_head_field(const struct http_head *head, const char *name) {
    for (size_t i = 0; i < head->field_count; i++) {
        if (same_name(head->fields[i].name, name)) {
            return head->fields[i].value;
        }
    }
    return (struct text){ NULL, 0 };
}

enum language http_head_language(const struct http_head *head, enum language otherwise) {
    struct text rest = http_head_field(head, "accept-language");
    while (rest.length) {
        struct text range = text_trim(text_until(&rest, ','));
        struct text tag = text_until(&range, ';'), language = text_trim(text_until(&tag, '-'));
        if (same_name(language, "zh")) {
            return LANGUAGE_ZH;
        }
        if (same_name(language, "en")) {
            return LANGUAGE_EN;
        }
    }
    return otherwise;
}

/* --- chunk lines and trailers ------------------------------------------------------------------------ */

static size_t quoted_length(struct text text) {
    size_t i = 1;
    while (i < text.length && text.at[i] != '"') {
        if (text.at[i] == '\\' && ++i == text.length) {
            return 0;
        }
        if (!is(text.at[i], FIELD)) {
            return 0;
        }
        i++;
    }
    return i < text.length ? i + 1 : 0;
}

/* *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ), RFC 9112 7.1.1. */
static bool are_extensions(struct text text) {
    while (text.length) {
        text = skip_blanks(text);
        if (!text.length || text.at[0] != ';') {
            return false;
        }
        text = skip_blanks(skip(text, 1));
        size_t name = span(text, TOKEN);
        if (name == 0) {
            return false;
        }
        text = skip(text, name);
        struct text value = skip_blanks(text);
        if (!value.length || value.at[0] != '=') {
            continue;
        }
        value = skip_blanks(skip(value, 1));
        size_t length = value.length && value.at[0] == '"' ? quoted_length(value) : span(value, TOKEN);
        if (length == 0) {
            return false;
        }
        text = skip(value, length);
    }
    return true;
}

/* Fields that frame, route, modify, authenticate or describe the request and would come too late
 * (RFC 9110 6.5.1). A last '*' stands for any ending. */
static const char *const not_in_trailers[] = {
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "idempotency-key",
    "if-*",
    "keep-alive",
    "max-forwards",
    "pragma",
    "prefer",
    "proxy-*",
    "range",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
    "x-forwarded-*",
};

static bool may_trail(struct text name) {
    for (size_t i = 0; i < sizeof(not_in_trailers) / sizeof(*not_in_trailers); i++) {
        const char *pattern = not_in_trailers[i];
        size_t fixed = strcspn(pattern, "*");
        if (pattern[fixed] == '*' ? name.length > fixed && strncasecmp(name.at, pattern, fixed) == 0
                                  : same_name(name, pattern)) {
            return false;
        }
    }
    return true;
}

/* --- the body ---------------------------------------------------------------------------------------- */

enum {
    BODY_DONE,
    BODY_LENGTH,
    CHUNK_LINE,
    CHUNK_LINE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    TRAILER_START,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    TRAILER_END_LF,
};

void http_body_start(struct http_body *body, const struct http_head *head, uint64_t max) {
    memset(body, 0, offsetof(struct http_body, line));
    body->max = max;
    body->head_bytes = head->size;
    body->field_count = head->field_count;
    if (head->chunked) {
        body->state = CHUNK_LINE;
    } else if (head->has_length) {
        body->left = head->length;
        body->state = head->length ? BODY_LENGTH : BODY_DONE;
        if (head->length > max) {
            body->refusal = HTTP_REFUSE_BODY_LARGE;
        }
    }
}

static enum http_refusal read_chunk_line(struct http_body *body) {
    struct text line = { body->line, body->line_length };
    size_t digits = 0;
    uint64_t size = 0;
    for (int value; digits < line.length && (value = hex_value(line.at[digits])) >= 0; digits++) {
        if (size > UINT64_MAX >> 4) {
            return HTTP_REFUSE_BODY_LARGE;
        }
        size = size << 4 | (uint64_t)value;
    }
    if (digits == 0 || !are_extensions(skip(line, digits))) {
        return HTTP_REFUSE_CHUNK;
    }
    body->extension_bytes += line.length - digits;
    if (body->extension_bytes > HTTP_EXTENSIONS_MAX) {
        return HTTP_REFUSE_CHUNK_LONG;
    }
    if (size > body->max - body->total) {
        return HTTP_REFUSE_BODY_LARGE;
    }
    body->line_length = 0;
    body->left = size;
    body->total += size;
    body->state = size ? CHUNK_DATA : TRAILER_START;
    return HTTP_REFUSE_NONE;
}

static enum http_refusal chunk_byte(struct http_body *body, char c) {
    switch (body->state) {
    case CHUNK_LINE:
        if (c == '\r') {
            body->state = CHUNK_LINE_LF;
        } else if (!is(c, FIELD)) {
            return HTTP_REFUSE_CHUNK;
        } else if (body->line_length == sizeof(body->line)) {
            return HTTP_REFUSE_CHUNK_LONG;
        } else {
            body->line[body->line_length++] = c;
        }
        return HTTP_REFUSE_NONE;
    case CHUNK_LINE_LF: return c == '\n' ? read_chunk_line(body) : HTTP_REFUSE_CHUNK;
    case CHUNK_DATA_CR: body->state = CHUNK_DATA_LF; return c == '\r' ? HTTP_REFUSE_NONE : HTTP_REFUSE_CHUNK;
    default: body->state = CHUNK_LINE; return c == '\n' ? HTTP_REFUSE_NONE : HTTP_REFUSE_CHUNK;
    }
}

static enum http_refusal trailer_name_byte(struct http_body *body, char c) {
    if (c == ':') {
        body->state = TRAILER_VALUE;
        bool may = may_trail((struct text){ body->line, body->line_length });
        return may ? HTTP_REFUSE_NONE : HTTP_REFUSE_TRAILER;
    }
    if (!is(c, TOKEN)) {
        return bad_byte(c, HTTP_REFUSE_FIELD_NAME);
    }
    if (body->line_length == sizeof(body->line)) {
        return HTTP_REFUSE_TRAILER;
    }
    body->line[body->line_length++] = c;
    return HTTP_REFUSE_NONE;
}

static enum http_refusal trailer_byte(struct http_body *body, char c) {
    if (++body->head_bytes > HTTP_HEAD_MAX) {
        return HTTP_REFUSE_HEAD_LONG;
    }
    switch (body->state) {
    case TRAILER_START:
        if (c == '\r') {
            body->state = TRAILER_END_LF;
            return HTTP_REFUSE_NONE;
        }
        if (!is(c, TOKEN)) {
            return bad_byte(c, HTTP_REFUSE_LINE_START);
        }
        if (++body->field_count > HTTP_FIELDS_MAX) {
            return HTTP_REFUSE_FIELDS;
        }
        body->state = TRAILER_NAME;
        body->line_length = 0;
        return trailer_name_byte(body, c);
    case TRAILER_NAME: return trailer_name_byte(body, c);
    case TRAILER_VALUE:
        if (c == '\r') {
            body->state = TRAILER_LF;
        } else if (!is(c, FIELD)) {
            return bad_byte(c, HTTP_REFUSE_CONTROL);
        }
        return HTTP_REFUSE_NONE;
    case TRAILER_LF: body->state = TRAILER_START; return c == '\n' ? HTTP_REFUSE_NONE : HTTP_REFUSE_LINE_END;
    default: body->state = BODY_DONE; return c == '\n' ? HTTP_REFUSE_NONE : HTTP_REFUSE_LINE_END;
    }
}

/* Takes as much content as there is; returns whether there was any. */
static bool take_content(struct http_body *body, struct text *input, struct text *data) {
    *data = *input;
    if (data->length > body->left) {
        data->length = (size_t)body->left;
    }
    *input = skip(*input, data->length);
    body->left -= data->length;
    if (body->left == 0) {
        body->state = body->state == CHUNK_DATA ? CHUNK_DATA_CR : BODY_DONE;
    }
    return data->length > 0;
}

enum http_progress http_body_read(struct http_body *body, struct text *input, struct text *data) {
    bool content = false;
    *data = (struct text){ NULL, 0 };
    while (!body->refusal && !content && body->state != BODY_DONE && input->length) {
        if (body->state == BODY_LENGTH || body->state == CHUNK_DATA) {
            content = take_content(body, input, data);
        } else {
            body->refusal = (body->state < TRAILER_START ? chunk_byte : trailer_byte)(body, input->at[0]);
            *input = skip(*input, 1);
        }
    }
    if (body->refusal) {
        return HTTP_REFUSED;
    }
    return body->state == BODY_DONE ? HTTP_COMPLETE : HTTP_MORE;
}
