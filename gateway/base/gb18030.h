/*
 * gb18030.h - characters of GB18030 and its subsets GBK and GB2312, read strictly.
 *
 * Both mappings, of two and of four bytes, are the C library's (iconv), read once into tables, so that a
 * message is converted without a handle, a lock or a file, and every byte sequence that has no character is
 * refused.
 * Thread    any.
 */
#ifndef BASE_GB18030_H
#define BASE_GB18030_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the tables now, not at the first character. False: the C library lacks the mapping (glibc's gconv
 * modules are not installed), and no bytes are a character. */
bool gb18030_start(void);
/* As text_next(): the code point at *at, which moves behind it;
 * -1 for bytes that are no character (moves by one). */
int32_t gb18030_next(const char **at, const char *end);

#endif
