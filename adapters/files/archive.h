/*
 * archive.h - a ZIP archive with one message in it, as the single window's client drops it.
 *
 * It holds one file under a plain name, stored or deflated, neither encrypted nor an archive again, and
 * nothing beside it: each byte belongs to that file, its headers or the archive's comment. All else is a
 * fault with a code of its own. Nothing is ever written under a name of the archive's.
 *
 * Limits    the message's, for what is in it; DECOMPRESS_RATIO_MAX (base/decompress.h).
 * Thread    any.
 */
#ifndef ADAPTERS_FILES_ARCHIVE_H
#define ADAPTERS_FILES_ARCHIVE_H

#include <stdbool.h>

#include "base/buf.h"
#include "adapters/files/folder.h"

/* By its first bytes, or by its name. */
bool archive_is_one(const char *name, struct text bytes);
/* Adds to out, whose maximum is the limit, what is in it. */
enum file_fault archive_read(struct text archive, struct buf *out);

#endif
