/*
 * names.c - names of responses and deliveries. What is cut when a name would be too long is cut before its
 * ending.
 */
#include "adapters/files/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/status.h"

void name_response(const char *shown, bool good, uint64_t record, char out[FOLDER_NAME_MAX]) {
    char number[24] = "";
    size_t length = strlen(shown);
    const char *ending = length > 4 ? shown + length - 4 : "";
    if (strcasecmp(ending, ".xml") == 0 || strcasecmp(ending, ".zip") == 0) {
        length -= 4;
    }
    if (record) {
        snprintf(number, sizeof(number), "_%" PRIu64, record);
    }
    snprintf(out, FOLDER_NAME_MAX, "%s_%.*s%s.xml", good ? "Successed" : "Failed", (int)length, shown,
             number);
}

/* A code as part of a name: what is not a letter, a digit, '-' or '_' becomes '-'. */
static void add_part(char name[FOLDER_NAME_MAX], const char *part) {
    size_t length = strlen(name);
    if (*part && length + 1 < FOLDER_NAME_MAX - 5) {
        name[length++] = '_';
        for (; *part && length < FOLDER_NAME_MAX - 5; part++) {
            char lower = (char)(*part | 0x20);
            bool plain = (*part >= '0' && *part <= '9') || (lower >= 'a' && lower <= 'z') || *part == '_';
            name[length++] = plain ? *part : '-';
        }
        name[length] = '\0';
    }
}

void name_delivery(uint64_t record, const char *family, const char *sender, char out[FOLDER_NAME_MAX]) {
    require(record > 0);
    snprintf(out, FOLDER_NAME_MAX, "%" PRIu64, record);
    add_part(out, family);
    add_part(out, sender);
    strcat(out, ".xml"); /* add_part() leaves room for it */
}

void name_again(char name[FOLDER_NAME_MAX]) {
    require(strlen(name) > strlen(".xml") && strlen(name) < FOLDER_NAME_MAX);
    static const char ending[] = "_again.xml";
    size_t length = strlen(name) - strlen(".xml"), most = FOLDER_NAME_MAX - sizeof(ending);
    while (length > most || (length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80)) {
        length--; /* between characters */
    }
    strcpy(name + length, ending);
}
