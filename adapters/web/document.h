/*
 * document.h - an answer as one file that opens in a browser without a server 单文件报告: the answer as JSON,
 * and the script and the style by which the page draws it, embedded as they are in the page (build.mjs). It
 * asks nobody anything, and says so to the browser (Content-Security-Policy).
 */
#ifndef ADAPTERS_WEB_DOCUMENT_H
#define ADAPTERS_WEB_DOCUMENT_H

#include "base/buf.h"
#include "base/stamp.h"
#include "view/view.h"

/* Whether there is such a file of that question's answers. */
bool document_is_of(const struct view *view);
/* json: its answer at that moment. Of a question for which there is one. */
void document_write(const struct view *view, struct text json, stamp at, enum language language,
                    struct buf *out);

#endif
