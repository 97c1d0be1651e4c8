/*
 * assets.h - the files of the page, embedded in the binary: build.mjs writes the table, one row a file. A
 * build without the page has an empty one.
 */
#ifndef ADAPTERS_WEB_ASSETS_H
#define ADAPTERS_WEB_ASSETS_H

#include <stddef.h>

struct web_asset {
    const char *name; /* "index.html", "main-QK73NUGY.js" */
    const char *type; /* media type */
    const char *etag; /* of the bytes that are compressed here */
    const unsigned char *gzip;
    size_t length;
};

extern const struct web_asset web_assets[];
extern const size_t web_assets_count;

#endif
