/*
 * reader.h - a strict reader of HTTP/1.1 requests (RFC 9112, RFC 9110), over bytes, without I/O.
 *
 * A request passes through it in three steps. http_scan_head() looks at the raw bytes as they come: line
 * ends, control bytes, sizes; it finds the end of the head, or refuses at the first byte that no honest
 * client sends. http_head_read() then reads the complete head once: request line, target, fields, and how the
 * body is framed. http_body_read() cuts the body out of what follows: so many bytes, or chunks with their
 * extensions and trailers.
 *
 * Whoever reads one request in two ways can be made to smuggle another; so wherever the standards let a
 * recipient guess, we refuse: obsolete folding, bare CR or LF, two lengths, a length beside chunks, a coding
 * we do not know. After a refusal nothing more can be read from the connection: answer, and close.
 *
 * Memory    none of its own: a head is slices of the bytes it was read from.
 * Thread    any; no globals.
 */
#ifndef ADAPTERS_HTTP_READER_H
#define ADAPTERS_HTTP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum {
    HTTP_HEAD_MAX = 32 * 1024, /* request line and fields, trailers counted in */
    HTTP_TARGET_MAX = 8 * 1024,
    HTTP_FIELDS_MAX = 100,    /* trailers counted in */
    HTTP_EMPTY_LINES_MAX = 4, /* before a request line (RFC 9112 2.2) */
    HTTP_CHUNK_LINE_MAX = 512,
    HTTP_EXTENSIONS_MAX = 1024, /* bytes of chunk extensions in one request */
};

/* Those that are known; most are served nowhere (405). */
#define HTTP_METHOD_LIST(X) X(GET) X(HEAD) X(POST) X(PUT) X(PATCH) X(DELETE) X(OPTIONS) X(TRACE)

enum http_method {
#define X(name) METHOD_##name,
    HTTP_METHOD_LIST(X)
#undef X
        METHOD_COUNT
};

const char *http_method_name(enum http_method method);

/* clang-format off */
/*    name           status  code                   sentence, zh and en */
#define HTTP_REFUSAL_LIST(X)                                                                            \
    X(NONE,                0, "",                     "",                                              \
                                                "")                                                    \
    X(LINE_END,          400, "line-end",             "行未以 CR LF 结束",                             \
                                                "a line does not end in CR LF")                        \
    X(CONTROL,           400, "control-character",    "报头中有控制字符",                              \
                                                "a control character in the head")                     \
    X(LINE_START,        400, "line-start",           "行以空白或其他分隔符开头",                      \
                                                "a line starts with a blank or another separator")     \
    X(EMPTY_LINES,       400, "empty-lines",          "请求之前空行过多",                              \
                                                "too many empty lines before the request")             \
    X(REQUEST_LINE,      400, "request-line",         "请求行应为：方法、目标、HTTP/1.1",              \
                                                "the request line is not: method, target, HTTP/1.1")   \
    X(VERSION,           505, "version",              "此处只使用 HTTP/1.1 与 HTTP/1.0",               \
                                                "only HTTP/1.1 and HTTP/1.0 are spoken here")          \
    X(METHOD,            501, "method",               "不支持该方法",                                  \
                                                "this method is not known here")                       \
    X(TARGET,            400, "target",               "目标不是格式正确的路径或 URL",                  \
                                                "the target is not a well-formed path or URL")         \
    X(TARGET_LONG,       414, "target-too-long",      "目标超过 8192 字节",                            \
                                                "the target is longer than 8192 bytes")                \
    X(TARGET_DOTS,       400, "target-dot-segment",   "路径中有点段",                                  \
                                                "the path has dot segments")                           \
    X(TARGET_FOREIGN,    421, "target-foreign",       "目标指向其他协议或主机",                        \
                                                "the target names another scheme or host")             \
    X(HEAD_LONG,         431, "head-too-large",       "报头超过 32768 字节",                           \
                                                "the head is larger than 32768 bytes")                 \
    X(FIELDS,            431, "too-many-fields",      "报头字段超过 100 个",                           \
                                                "more than 100 header fields")                         \
    X(FIELD_NAME,        400, "field-name",           "字段名应为记号并紧跟冒号",                      \
                                                "a field name is not a token followed by a colon")     \
    X(HOST,              400, "host",                 "须有且仅有一个 host[:port] 形式的 Host",        \
                                                "exactly one Host of the form host[:port] is needed")  \
    X(LENGTH,            400, "content-length",       "Content-Length 应为一个数字",                   \
                                                "Content-Length must be one number")                   \
    X(FRAMING,           400, "framing",              "HTTP/1.1 中 Transfer-Encoding 须唯一且单独出现", \
                                                "Transfer-Encoding must be one, alone, in HTTP/1.1")   \
    X(CODING,            501, "transfer-coding",      "传输编码只接受 chunked",                        \
                                                "the only transfer coding taken is chunked")           \
    X(EXPECT,            417, "expectation",          "只支持 100-continue",                           \
                                                "the only expectation met is 100-continue")            \
    X(CHUNK,             400, "chunk",                "分块报文体格式错误",                            \
                                                "the chunked body is malformed")                       \
    X(CHUNK_LONG,        400, "chunk-extensions",     "分块行或扩展过长",                              \
                                                "chunk lines or extensions are too long")              \
    X(TRAILER,           400, "trailer",              "该字段不得出现在尾部",                          \
                                                "this field may not stand in a trailer")               \
    X(BODY_LARGE,        413, "body-too-large",       "报文体超过上限",                                \
                                                "the body is larger than the limit")                   \
    X(CONTENT_CODING,    415, "content-coding",       "内容编码只接受 gzip 或 zstd 之一",              \
                                                "the content coding must be one of gzip and zstd")     \
    X(CONTENT_MALFORMED, 400, "content-malformed",    "报文体不是完整正确的 gzip 或 zstd 数据（zstd 窗口至多 8 MiB）", \
                                                "the body is no whole gzip or zstd (of a window of at most 8 MiB)") \
    X(CONTENT_RATIO,     413, "content-ratio",        "报文体解压倍数超过上限",                        \
                                                "the body becomes too large for what was sent")        \
    X(DIGEST,            400, "digest",               "摘要字段应为：算法=:Base64:",                   \
                                                "a digest field is not: algorithm=:Base64:")           \
    X(DIGEST_MISMATCH,   400, "digest-mismatch",      "收到的字节与所给摘要不符",                      \
                                                "the bytes that came are not those of the digest")     \
    X(REFEREE,           400, "ambiguous-head",       "报头可有不止一种解读",                          \
                                                "the head can be read in more than one way")           \
    X(SLOW,              408, "too-slow",             "请求停顿过久或传输过慢",                        \
                                                "the request stood still, or came too slowly")         \
    X(BODIES_FULL,       503, "busy",                 "网关已达处理上限，请稍后重新提交",              \
                                                "the gateway is at its limit, send it again")          \
    X(CONNECTIONS,       429, "connections",          "该参与方打开的连接过多",                        \
                                                "this party has too many connections open")            \
    X(BODIES,            429, "throttled",            "该参与方在途的报文过多，请稍后重新提交",        \
                                                "this party has too much under way, send it again")    \
    X(NO_RESOURCE,       404, "not-found",            "没有该资源",                                    \
                                                "there is no such resource")                           \
    X(NO_METHOD,         405, "method-not-allowed",   "此资源没有该方法",                              \
                                                "this resource does not have that method")             \
    X(PATH_TEXT,         400, "parameter",            "路径不是 UTF-8 文本",                           \
                                                "the path is not UTF-8 text")                          \
    X(PARAMETERS,        400, "parameter",            "查询参数过多",                                  \
                                                "too many query parameters")                           \
    X(PARAMETER_TEXT,    400, "parameter",            "查询参数不是 UTF-8 文本",                       \
                                                "a query parameter is not UTF-8 text")                 \
    X(PARAMETER_TWICE,   400, "parameter",            "查询参数重复给出",                              \
                                                "a query parameter is given twice")                    \
    X(PARAMETER_NAME,    400, "unknown-parameter",    "此资源没有该查询参数",                          \
                                                "this resource has no query parameter of that name")   \
    X(ANSWER_LARGE,      500, "answer-too-large",     "答复超过上限；请缩小范围",                      \
                                                "the answer is larger than the limit; ask for less")
/* clang-format on */

enum http_refusal {
#define X(name, status, code, zh, en) HTTP_REFUSE_##name,
    HTTP_REFUSAL_LIST(X)
#undef X
        HTTP_REFUSAL_COUNT
};

int http_refusal_status(enum http_refusal refusal);
const char *http_refusal_code(enum http_refusal refusal); /* stable, short */
const char *http_refusal_sentence(enum http_refusal refusal, enum language language);

enum http_progress { HTTP_MORE, HTTP_COMPLETE, HTTP_REFUSED };

/* --- the head's raw bytes. Start with a zeroed struct. ----------------------------------------------- */

struct http_scan {
    size_t offset;     /* bytes looked at */
    size_t start, end; /* COMPLETE: the head is bytes[start, end), empty lines left out */
    unsigned empty_lines;
    bool in_fields; /* behind the request line */
    int state;
    enum http_refusal refusal; /* REFUSED: why */
};

/* bytes: all that came since the last request's end, the same with more behind it at each call. Each byte is
 * looked at once. */
enum http_progress http_scan_head(struct http_scan *scan, const char *bytes, size_t length);

/* --- the head ---------------------------------------------------------------------------------------- */

struct http_field {
    struct text name, value;
}; /* value without blanks around it */

struct http_head {
    size_t size; /* bytes of the head, its last CR LF included */
    enum http_method method;
    unsigned minor;          /* HTTP/1.minor: 0 or 1 */
    struct text target;      /* as sent */
    struct text path, query; /* parts of it, still percent-encoded; the path starts with '/' */
    struct text host;
    bool chunked, has_length; /* never both */
    uint64_t length;          /* with has_length; may be larger than any limit */
    bool keep_alive;
    bool expects_continue; /* never on HTTP/1.0 */
    size_t field_count;
    struct http_field fields[HTTP_FIELDS_MAX];
};

/* bytes: one complete head as http_scan_head() found it; borrowed by the head. scheme: "http" or "https". */
enum http_refusal http_head_read(struct text bytes, const char *scheme, struct http_head *head);

/* Value of the first field of that name (any case); {NULL, 0} when absent. */
struct text http_head_field(const struct http_head *head, const char *name);
/* The first language of Accept-Language that we write (its ranges stand in order of preference, as clients
   send them). */
enum language http_head_language(const struct http_head *head, enum language otherwise);

/* --- the body ---------------------------------------------------------------------------------------- */

struct http_body {
    int state;
    uint64_t left; /* of the length or of the current chunk */
    uint64_t total, max;
    size_t head_bytes, field_count, extension_bytes;
    enum http_refusal refusal; /* REFUSED: why */
    size_t line_length;
    char line[HTTP_CHUNK_LINE_MAX]; /* the current chunk line, or the name of the current trailer */
};

/* max: bytes of body taken; a longer one is refused, by its length or chunk sizes, before it is read. */
void http_body_start(struct http_body *body, const struct http_head *head, uint64_t max);

/* Moves input on behind what belongs to the body; *data is the next piece of content, a slice of input, may
 * be empty. MORE: call again, with the rest of input or with new bytes. COMPLETE: input stands behind the
 * request. */
enum http_progress http_body_read(struct http_body *body, struct text *input, struct text *data);

#endif
