/*
 * base64.c - four characters for three bytes, and back.
 */
#include "base/base64.h"

#include <stdint.h>

static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* -1: no sign of Base64. */
static int value_of(char c) {
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

bool base64_is_sign(char c) {
    return value_of(c) >= 0;
}

const char *base64_print(const void *bytes, size_t length, char *out) {
    const uint8_t *in = bytes;
    char *at = out;
    for (size_t i = 0; i < length; i += 3) {
        size_t have = length - i < 3 ? length - i : 3;
        uint32_t group = (uint32_t)in[i] << 16;
        group |= have > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        group |= have > 2 ? in[i + 2] : 0;
        *at++ = signs[group >> 18];
        *at++ = signs[group >> 12 & 63];
        *at++ = have > 1 ? signs[group >> 6 & 63] : '=';
        *at++ = have > 2 ? signs[group & 63] : '=';
    }
    *at = '\0';
    return out;
}

/* How many bytes a group of four stands for; 0: it is none. Only the last one may be padded. */
static size_t read_group(const char *at, bool last, uint8_t out[3]) {
    uint32_t group = 0;
    size_t given = 4;
    while (last && given > 2 && at[given - 1] == '=') {
        given--;
    }
    for (size_t i = 0; i < 4; i++) {
        int value = i < given ? value_of(at[i]) : 0;
        if (value < 0) {
            return 0;
        }
        group = group << 6 | (uint32_t)value;
    }
    uint32_t unused = given == 4 ? 0 : given == 3 ? 0xFF : 0xFFFF;
    out[0] = (uint8_t)(group >> 16);
    out[1] = (uint8_t)(group >> 8);
    out[2] = (uint8_t)group;
    return group & unused ? 0 : given - 1;
}

bool base64_read(struct text text, void *out, size_t max, size_t *length) {
    uint8_t *to = out;
    *length = 0;
    if (text.length % 4) {
        return false;
    }
    for (size_t i = 0; i < text.length; i += 4) {
        uint8_t bytes[3];
        size_t count = read_group(text.at + i, i + 4 == text.length, bytes);
        if (count == 0 || *length + count > max) {
            return false;
        }
        memcpy(to + *length, bytes, count);
        *length += count;
    }
    return true;
}

/* --- section 5: '-' and '_' for '+' and '/', and no padding --------------------------------------------- */

const char *base64url_print(const void *bytes, size_t length, char *out) {
    base64_print(bytes, length, out);
    for (char *at = out; *at; at++) {
        *at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at == '=' ? '\0' : *at);
        if (!*at) {
            break;
        }
    }
    return out;
}

bool base64url_read(struct text text, void *out, size_t max, size_t *length) {
    uint8_t *to = out;
    *length = 0;
    for (size_t i = 0; i < text.length; i += 4) {
        char group[4] = { '=', '=', '=', '=' };
        uint8_t bytes[3];
        size_t left = text.length - i < 4 ? text.length - i : 4;
        for (size_t c = 0; c < left; c++) {
            char sign = text.at[i + c];
            group[c] = (char)(sign == '-' ? '+' : sign == '_' ? '/' : base64_is_sign(sign) ? sign : '!');
            if (sign == '+' || sign == '/') {
                return false;
            }
        }
        size_t count = left > 1 ? read_group(group, i + left == text.length, bytes) : 0;
        if (count == 0 || *length + count > max) {
            return false;
        }
        memcpy(to + *length, bytes, count);
        *length += count;
    }
    return true;
}
