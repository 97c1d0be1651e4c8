/*
 * page.h - the page that people look at: one document for every place in it (main.tsx says what stands
 * there), and the files that the document asks for. What it shows it asks of the API, as anybody may; nothing
 * comes from elsewhere, nothing in it is made by what messages say, and a browser is told so
 * (Content-Security-Policy).
 * Thread: the loop thread.
 */
#ifndef ADAPTERS_WEB_PAGE_H
#define ADAPTERS_WEB_PAGE_H

#include "base/buf.h"
#include "adapters/http/router.h"
#include "adapters/web/assets.h"

extern const struct http_route page_routes[];
size_t page_routes_count(void); /* 0: this build has no page */

#define PAGE_FILE_MAX (4u << 20) /* bytes of a file of the page */

/* Its bytes, decompressed. */
void page_file(const struct web_asset *asset, struct buf *out);

#endif
