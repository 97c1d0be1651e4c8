/*
 * name.h - what a journal is called. A number says which record of a journal; where several gateways exchange
 * messages, only name and number say which record. So each segment bears the name, from the first on, and it
 * never changes.
 *
 * A name is 1 to 63 of the characters A-Z a-z 0-9 . _ - and begins with a letter or a digit: it stands as it
 * is in receipts, in URIs, in the names of files.
 */
#ifndef JOURNAL_NAME_H
#define JOURNAL_NAME_H

#include <stdbool.h>

#define JOURNAL_NAME_MAX 64 /* with its end */

bool journal_name_is_possible(const char *name);
/* One that no other journal has: this host's name and 8 random digits. */
void journal_name_make(char out[JOURNAL_NAME_MAX]);

#endif
