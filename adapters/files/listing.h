/*
 * listing.h - the names in a folder, one after another, however many there are: the folder is read in bites,
 * each is given in the order of its names, and the next is read where the last one ended.
 *
 * What is in the folder all the time is given once; what comes or goes meanwhile may be or not.
 * Limits    LISTING_NAMES_MAX names in memory; LISTING_ENTRIES_MAX entries of the folder read at once.
 * Thread    one at a time.
 */
#ifndef ADAPTERS_FILES_LISTING_H
#define ADAPTERS_FILES_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#define LISTING_NAMES_MAX   1024
#define LISTING_ENTRIES_MAX 8192

struct listing;

/* Of the folder behind this descriptor, which is the listing's from here on. NULL: it cannot be read. */
struct listing *listing_open(int fd);
void listing_close(struct listing *listing); /* NULL is fine */
int listing_fd(const struct listing *listing);

/* The name that is next, the same one until listing_pass(); NULL: none in this bite, or, where
 * listing_ended(), none any more. Names that are not taken (folder.h) and folders are left out. */
const char *listing_next(struct listing *listing);
void listing_pass(struct listing *listing);
/* This name is next again, before all others. False: there is no room for it. */
bool listing_put_back(struct listing *listing, const char *name);
bool listing_ended(const struct listing *listing);
size_t listing_entries(const struct listing *listing); /* read so far */

#endif
