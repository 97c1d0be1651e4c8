/*
 * referee.h - a second, independent opinion on every head: llhttp's, the reader of Node.
 *
 * Our reader alone is strict enough; the referee guards against a mistake in it. A head that the two read
 * differently is refused. No good client has been seen to trigger that, so a veto is counted as an alarm.
 * Chunked bodies have no referee here; the fuzz test compares them.
 *
 * Thread    any; no globals.
 */
#ifndef ADAPTERS_HTTP_REFEREE_H
#define ADAPTERS_HTTP_REFEREE_H

#include <stdbool.h>

#include "adapters/http/reader.h"

/* bytes: the head that `head` was read from. True when llhttp takes it, ends it at the same byte, and reads
 * the same method, target, version, fields and framing. */
bool http_referee_agrees(struct text bytes, const struct http_head *head);

#endif
