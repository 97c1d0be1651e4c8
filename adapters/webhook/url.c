/*
 * url.c - cut at the first sign that may end each part; every part is looked at.
 */
#include "adapters/webhook/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "base/endpoint.h"

#define HTTPS "https://"
#define HTTP  "http://"

static bool consists_of(struct text text, const char *signs) {
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c >= 0x80 || (!isalnum(c) && (c == '\0' || !strchr(signs, c)))) {
            return false;
        }
    }
    return true;
}

static bool is_address(struct text host, int family) {
    char copy[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    snprintf(copy, sizeof(copy), TEXT_FORMAT, TEXT_ARGS(host));
    return host.length < sizeof(copy) && inet_pton(family, copy, bytes) == 1;
}

/* Such a name is an IPv4 address to most who resolve it, in whatever base it is written. */
static bool ends_in_number(struct text host) {
    size_t from = host.length;
    while (from > 0 && host.at[from - 1] != '.') {
        from--;
    }
    return from < host.length && isdigit((unsigned char)host.at[from]);
}

static bool is_name(struct text host) {
    return host.length > 0 && host.length <= ENDPOINT_HOST_MAX && consists_of(host, "-.") && host.at[0] != '-'
           && host.at[0] != '.' && host.at[host.length - 1] != '.';
}

static bool is_port(struct text digits) {
    uint64_t port;
    return text_to_uint(digits, &port) && port > 0 && port <= UINT16_MAX && digits.at[0] != '0';
}

/* HOST, HOST:PORT, [IPV6], [IPV6]:PORT. */
static bool read_authority(struct text authority, struct webhook_url *out) {
    struct text rest = authority;
    bool bracketed = text_starts(authority, "[");
    if (bracketed) {
        out->host = text_until(&rest, ']');
        out->host = (struct text){ out->host.at + 1, out->host.length - 1 };
        if (!rest.at || (rest.length && rest.at[0] != ':')) {
            return false;
        }
        rest = rest.length ? (struct text){ rest.at + 1, rest.length - 1 } : (struct text){ NULL, 0 };
    } else {
        out->host = text_until(&rest, ':');
    }
    out->port = rest;
    out->is_literal = bracketed || ends_in_number(out->host);
    bool good = out->is_literal ? is_address(out->host, bracketed ? AF_INET6 : AF_INET) : is_name(out->host);
    return good && (!rest.at || is_port(rest));
}

bool webhook_url_read(const char *url, struct webhook_url *out) {
    *out = (struct webhook_url){ .plain = strncasecmp(url, HTTP, strlen(HTTP)) == 0 };
    const char *scheme = out->plain ? HTTP : HTTPS;
    if (strncasecmp(url, scheme, strlen(scheme)) != 0) {
        return false;
    }
    const char *from = url + strlen(scheme);
    size_t length = strcspn(from, "/?");
    out->rest = text_of(from + length);
    return read_authority((struct text){ from, length }, out)
           && consists_of(out->rest, "-._~:/?[]@!$&'()*+,;=%");
}

const char *webhook_url_normal(const char *url, struct arena *arena) {
    struct webhook_url parts;
    if (!webhook_url_read(url, &parts)) {
        return url;
    }
    bool usual = text_is(parts.port, parts.plain ? "80" : "443");
    bool v6 = memchr(parts.host.at, ':', parts.host.length) != NULL;
    char *host = (char *)arena_copy(arena, parts.host);
    for (char *c = host; *c; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    return arena_printf(arena, "%s%s%s%s%s" TEXT_FORMAT "%s" TEXT_FORMAT, parts.plain ? HTTP : HTTPS,
                        v6 ? "[" : "", host, v6 ? "]" : "", usual || !parts.port.length ? "" : ":",
                        TEXT_ARGS(usual ? TEXT("") : parts.port), text_starts(parts.rest, "/") ? "" : "/",
                        TEXT_ARGS(parts.rest));
}
