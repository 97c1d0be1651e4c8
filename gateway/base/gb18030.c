/*
 * gb18030.c - two tables and a formula (GB 18030-2005, appendix; Unicode's gb-18030-2000.xml).
 *
 *   00-7F                              ASCII
 *   81-FE  40-7E or 80-FE              two bytes: 126 * 190 codes
 *   81-FE  30-39  81-FE  30-39         four bytes: numbered through, the first 39420 are the rest of the BMP,
 *                                      those from 90 30 81 30 on are U+10000 and up, in order
 */
#include "base/gb18030.h"

#include <iconv.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "base/status.h"

#define LEADS        126 /* 81-FE */
#define TRAILS       190
#define FOUR_BMP     39420  /* 81 30 81 30 to 84 31 A4 39 */
#define FOUR_BEYOND  189000 /* 90 30 81 30 */
#define NO_CHARACTER (-1)

static int32_t two[LEADS * TRAILS], four[FOUR_BMP];
static bool filled;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int32_t ask(iconv_t handle, const unsigned char *bytes, size_t length) {
    uint32_t character = 0;
    char *in = (char *)(uintptr_t)bytes, *out = (char *)&character;
    size_t out_left = sizeof(character);
    iconv(handle, NULL, NULL, NULL, NULL);
    bool one = iconv(handle, &in, &length, &out, &out_left) == 0 && length == 0 && out_left == 0;
    return one ? (int32_t)character : NO_CHARACTER;
}

static void fill(void) {
    iconv_t handle =
        iconv_open(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "UTF-32LE" : "UTF-32BE", "GB18030");
    if (handle == (iconv_t)-1) {
        memset(two, 0xFF, sizeof(two)); /* NO_CHARACTER */
        memset(four, 0xFF, sizeof(four));
        return;
    }
    filled = true;
    for (int i = 0; i < LEADS * TRAILS; i++) {
        int trail = 0x40 + i % TRAILS;
        unsigned char bytes[2] = { (unsigned char)(0x81 + i / TRAILS),
                                   (unsigned char)(trail < 0x7F ? trail : trail + 1) };
        two[i] = ask(handle, bytes, 2);
    }
    for (int i = 0; i < FOUR_BMP; i++) {
        unsigned char bytes[4] = { (unsigned char)(0x81 + i / 12600), (unsigned char)(0x30 + i / 1260 % 10),
                                   (unsigned char)(0x81 + i / 10 % 126), (unsigned char)(0x30 + i % 10) };
        four[i] = ask(handle, bytes, 4);
    }
    iconv_close(handle);
}

bool gb18030_start(void) {
    pthread_once(&once, fill);
    return filled;
}

static bool between(unsigned char byte, unsigned char low, unsigned char high) {
    return byte >= low && byte <= high;
}

static int32_t of_four(const unsigned char *s) {
    if (!between(s[2], 0x81, 0xFE) || !between(s[3], 0x30, 0x39)) {
        return NO_CHARACTER;
    }
    int32_t number = ((s[0] - 0x81) * 10 + (s[1] - 0x30)) * 1260 + (s[2] - 0x81) * 10 + (s[3] - 0x30);
    if (number < FOUR_BMP) {
        return four[number];
    }
    int32_t beyond = number - FOUR_BEYOND;
    return beyond >= 0 && beyond <= 0xFFFFF ? 0x10000 + beyond : NO_CHARACTER;
}

int32_t gb18030_next(const char **at, const char *end) {
    const unsigned char *s = (const unsigned char *)*at;
    size_t left = (size_t)(end - *at), length = 1;
    int32_t character = NO_CHARACTER;
    if (s[0] < 0x80) {
        character = s[0];
    } else if (between(s[0], 0x81, 0xFE) && left >= 2) {
        gb18030_start();
        if (between(s[1], 0x30, 0x39)) {
            length = 4;
            character = left >= 4 ? of_four(s) : NO_CHARACTER;
        } else if (between(s[1], 0x40, 0xFE) && s[1] != 0x7F) {
            length = 2;
            character = two[(s[0] - 0x81) * TRAILS + s[1] - (s[1] < 0x7F ? 0x40 : 0x41)];
        }
    }
    *at += character == NO_CHARACTER ? 1 : length;
    return character;
}
