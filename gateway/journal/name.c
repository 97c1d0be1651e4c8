/*
 * name.c - names given, and names made.
 */
#include "journal/name.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/random.h"

#define HOST_MAX 48

static bool is_plain(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool journal_name_is_possible(const char *name) {
    size_t length = 0;
    while (is_plain(name[length]) || (length > 0 && name[length] != '\0' && strchr("._-", name[length]))) {
        length++;
    }
    return length > 0 && length < JOURNAL_NAME_MAX && name[length] == '\0';
}

/* The host's name up to its domain, as far as it can be part of a name. */
static void host(char out[HOST_MAX]) {
    char name[HOST_MAX] = "";
    size_t length = 0;
    if (gethostname(name, sizeof(name) - 1) == 0) {
        while (is_plain(name[length]) || (length > 0 && name[length] == '-')) {
            out[length] = (char)tolower((unsigned char)name[length]);
            length++;
        }
    }
    strcpy(out + length, length > 0 ? "" : "clearway");
}

void journal_name_make(char out[JOURNAL_NAME_MAX]) {
    char here[HOST_MAX];
    uint32_t random;
    host(here);
    random_fill(&random, sizeof(random));
    snprintf(out, JOURNAL_NAME_MAX, "%s-%08" PRIx32, here, random);
}
