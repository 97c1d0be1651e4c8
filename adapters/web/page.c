/*
 * page.c - the files of the page (assets.h) as answers. They lie compressed in the binary; who does not take
 * gzip gets them as they were.
 */
#include "adapters/web/page.h"

#include "base/decompress.h"
#include "base/status.h"

#define NEVER_CHANGES "public, max-age=31536000, immutable" /* its name does, with its content */
#define ASK_EACH_TIME "no-cache"

static const struct web_asset *find(struct text name) {
    for (size_t i = 0; i < web_assets_count; i++) {
        if (text_is(name, web_assets[i].name)) {
            return &web_assets[i];
        }
    }
    return NULL;
}

/* RFC 9110, 12.5.3; a weight of nothing is a refusal. */
static bool takes_gzip(struct http_request *req) {
    struct text list = http_request_field(req, "accept-encoding");
    while (list.length) {
        struct text weight = text_until(&list, ','), coding = text_trim(text_until(&weight, ';'));
        weight = text_trim(weight);
        if (text_is(coding, "gzip") || text_is(coding, "*")) {
            return !text_is(weight, "q=0") && !text_starts(weight, "q=0.0");
        }
    }
    return false;
}

void page_file(const struct web_asset *asset, struct buf *out) {
    struct decompressor *decompressor = decompressor_new(COMPRESSION_GZIP);
    struct text bytes = { (const char *)asset->gzip, asset->length };
    require(decompressor_add(decompressor, bytes, out) == DECOMPRESS_GOOD);
    decompressor_free(decompressor);
}

static void answer(struct http_request *req, const struct web_asset *asset, const char *cache) {
    bool gzip = takes_gzip(req);
    const struct http_header headers[] = {
        { "ETag", asset->etag },
        { "Cache-Control", cache },
        { "Vary", "Accept-Encoding" },
        { "Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src"
                                     " 'self'; img-src 'self' data:; worker-src 'self'; base-uri 'none';"
                                     " form-action 'self'; frame-ancestors 'none'" },
        { "Referrer-Policy", "same-origin" },
        { "X-Content-Type-Options", "nosniff" },
        { gzip ? "Content-Encoding" : NULL, "gzip" },
        { NULL, NULL },
    };
    if (http_request_has(req, text_of(asset->etag))) {
        http_answer(req, 304, NULL, headers, TEXT(""));
    } else if (gzip) {
        http_answer(req, 200, asset->type, headers,
                    (struct text){ (const char *)asset->gzip, asset->length });
    } else {
        struct buf body;
        buf_init(&body, PAGE_FILE_MAX);
        page_file(asset, &body);
        http_answer(req, 200, asset->type, headers, buf_text(&body));
        buf_release(&body);
    }
}

static void show_document(struct http_request *req, void *context) {
    const struct web_asset *index = find(TEXT("index.html"));
    require(index);
    answer(req, index, ASK_EACH_TIME);
}

static void show_file(struct http_request *req, void *context) {
    const struct web_asset *asset = find(http_path_parameter(req, "name"));
    if (asset) {
        answer(req, asset, NEVER_CHANGES);
    } else {
        http_problem_status(req, STATUS_NOT_FOUND);
    }
}

/* main.tsx has the same list of places. */
/* clang-format off */
const struct http_route page_routes[] = {
    { METHOD_GET, "/",                    .handle = show_document },
    { METHOD_GET, "/track/{query}",       .handle = show_document },
    { METHOD_GET, "/inspections",         .handle = show_document },
    { METHOD_GET, "/alerts",              .handle = show_document },
    { METHOD_GET, "/charges",             .handle = show_document },
    { METHOD_GET, "/charges/{operator}",  .handle = show_document },
    { METHOD_GET, "/times",               .handle = show_document },
    { METHOD_GET, "/lists",               .handle = show_document },
    { METHOD_GET, "/lists/{name}",        .handle = show_document },
    { METHOD_GET, "/messages",            .handle = show_document },
    { METHOD_GET, "/messages/{query}",    .handle = show_document },
    { METHOD_GET, "/deliveries",          .handle = show_document },
    { METHOD_GET, "/diagnostics",         .handle = show_document },
    { METHOD_GET, "/submit",              .handle = show_document },
    { METHOD_GET, "/assets/{name}",       .handle = show_file },
};
/* clang-format on */

size_t page_routes_count(void) {
    return web_assets_count ? sizeof(page_routes) / sizeof(*page_routes) : 0;
}
