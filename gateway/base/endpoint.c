/*
 * endpoint.c - the last colon parts host and port; brackets part an IPv6 address from the colon behind it.
 */
#include "base/endpoint.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/status.h"

static const struct {
    const char *zh, *en;
} sentences[] = {
    [ENDPOINT_GOOD] = { "", "" },
    [ENDPOINT_NO_FORM] = { "应写作 主机:端口 或 [IPv6 地址]:端口", "it is written HOST:PORT or [IPV6]:PORT" },
    [ENDPOINT_NO_PORT] = { "端口应为 1 至 65535 的数字（监听时 0 表示任一空闲端口）",
                           "a port is a number from 1 to 65535 (0, for listening: any free one)" },
};

static bool is_bracketed(struct text host) {
    return host.length > 2 && host.at[0] == '[' && host.at[host.length - 1] == ']';
}

enum endpoint_fault endpoint_read(struct text text, struct endpoint *out) {
    const char *colon = text.length ? memrchr(text.at, ':', text.length) : NULL;
    uint64_t port;
    if (!colon || colon == text.at) {
        return ENDPOINT_NO_FORM;
    }
    struct text host = { text.at, (size_t)(colon - text.at) };
    bool bracketed = is_bracketed(host);
    if (bracketed) {
        host = (struct text){ host.at + 1, host.length - 2 };
    }
    bool has_colon = memchr(host.at, ':', host.length) != NULL;
    bool has_other = memchr(host.at, '/', host.length) || memchr(host.at, ' ', host.length);
    if (has_colon != bracketed || has_other || host.length > ENDPOINT_HOST_MAX) {
        return ENDPOINT_NO_FORM;
    }
    struct text digits = { colon + 1, text.length - (size_t)(colon + 1 - text.at) };
    if (!text_to_uint(digits, &port) || port > UINT16_MAX) {
        return ENDPOINT_NO_PORT;
    }
    *out = (struct endpoint){ host, (uint16_t)port };
    return ENDPOINT_GOOD;
}

bool endpoint_is_loopback(struct text host) {
    char text[INET6_ADDRSTRLEN];
    struct in_addr four;
    struct in6_addr six;
    if (host.length >= sizeof(text)) {
        return false;
    }
    memcpy(text, host.at, host.length);
    text[host.length] = '\0';
    return text_is(host, "localhost")
           || (inet_pton(AF_INET, text, &four) == 1 && ntohl(four.s_addr) >> 24 == 127)
           || (inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six));
}

const char *endpoint_fault_zh(enum endpoint_fault fault) {
    require((size_t)fault < sizeof(sentences) / sizeof(*sentences));
    return sentences[fault].zh;
}

const char *endpoint_fault_en(enum endpoint_fault fault) {
    require((size_t)fault < sizeof(sentences) / sizeof(*sentences));
    return sentences[fault].en;
}
