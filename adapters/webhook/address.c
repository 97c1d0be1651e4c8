/*
 * address.c - one table of ranges, the narrow ones before those around them; IPv4 inside IPv6 is judged as
 * what it is.
 */
#include "adapters/webhook/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

enum embedded { NOT_EMBEDDED, AT_THE_END, BEHIND_THE_PREFIX };

/* clang-format off */
static const struct {
    const char *range, *name;
    bool never;             /* whatever a party's row allows */
    enum embedded embedded; /* an IPv4 address stands in it */
} ranges[] = {
    { "169.254.169.254/32", "metadata",        true,  NOT_EMBEDDED }, /* most clouds */
    { "169.254.170.2/32",   "metadata",        true,  NOT_EMBEDDED }, /* containers of AWS */
    { "169.254.0.23/32",    "metadata",        true,  NOT_EMBEDDED }, /* Tencent */
    { "100.100.100.200/32", "metadata",        true,  NOT_EMBEDDED }, /* Alibaba */
    { "168.63.129.16/32",   "metadata",        true,  NOT_EMBEDDED }, /* Azure */
    { "192.0.0.192/32",     "metadata",        true,  NOT_EMBEDDED }, /* Oracle */
    { "0.0.0.0/8",          "unspecified",     true,  NOT_EMBEDDED }, /* RFC 791 */
    { "10.0.0.0/8",         "private",         false, NOT_EMBEDDED }, /* RFC 1918 */
    { "100.64.0.0/10",      "shared",          false, NOT_EMBEDDED }, /* RFC 6598, CGNAT */
    { "127.0.0.0/8",        "loopback",        false, NOT_EMBEDDED }, /* RFC 1122 */
    { "169.254.0.0/16",     "link-local",      false, NOT_EMBEDDED }, /* RFC 3927 */
    { "172.16.0.0/12",      "private",         false, NOT_EMBEDDED }, /* RFC 1918 */
    { "192.0.0.0/24",       "protocol",        false, NOT_EMBEDDED }, /* RFC 6890 */
    { "192.0.2.0/24",       "documentation",   false, NOT_EMBEDDED }, /* RFC 5737 */
    { "192.88.99.0/24",     "6to4",            false, NOT_EMBEDDED }, /* RFC 7526 */
    { "192.168.0.0/16",     "private",         false, NOT_EMBEDDED }, /* RFC 1918 */
    { "198.18.0.0/15",      "benchmarking",    false, NOT_EMBEDDED }, /* RFC 2544 */
    { "198.51.100.0/24",    "documentation",   false, NOT_EMBEDDED }, /* RFC 5737 */
    { "203.0.113.0/24",     "documentation",   false, NOT_EMBEDDED }, /* RFC 5737 */
    { "224.0.0.0/4",        "multicast",       true,  NOT_EMBEDDED }, /* RFC 5771 */
    { "240.0.0.0/4",        "reserved",        true,  NOT_EMBEDDED }, /* RFC 1112; the broadcast address, too */

    { "fd00:ec2::254/128",  "metadata",        true,  NOT_EMBEDDED },
    { "fd20:ce::254/128",   "metadata",        true,  NOT_EMBEDDED },
    { "::/128",             "unspecified",     true,  NOT_EMBEDDED }, /* RFC 4291 */
    { "::1/128",            "loopback",        false, NOT_EMBEDDED },
    { "::ffff:0:0/96",      "mapped",          false, AT_THE_END },   /* RFC 4291 */
    { "::ffff:0:0:0/96",    "translated",      false, AT_THE_END },   /* RFC 2765 */
    { "::/96",              "compatible",      true,  AT_THE_END },   /* RFC 4291, deprecated */
    { "64:ff9b::/96",       "translated",      false, AT_THE_END },   /* RFC 6052, NAT64 */
    { "64:ff9b:1::/48",     "translated",      false, AT_THE_END },   /* RFC 8215, when its prefix is a /96 */
    { "100::/64",           "discard",         true,  NOT_EMBEDDED }, /* RFC 6666 */
    { "2001:db8::/32",      "documentation",   false, NOT_EMBEDDED }, /* RFC 3849 */
    { "2001::/23",          "protocol",        false, NOT_EMBEDDED }, /* RFC 2928; Teredo, ORCHID ... */
    { "2002::/16",          "6to4",            false, BEHIND_THE_PREFIX }, /* RFC 3056 */
    { "3fff::/20",          "documentation",   false, NOT_EMBEDDED }, /* RFC 9637 */
    { "fc00::/7",           "private",         false, NOT_EMBEDDED }, /* RFC 4193 */
    { "fe80::/10",          "link-local",      false, NOT_EMBEDDED }, /* RFC 4291 */
    { "fec0::/10",          "site-local",      false, NOT_EMBEDDED }, /* RFC 3879, deprecated */
    { "ff00::/8",           "multicast",       true,  NOT_EMBEDDED }, /* RFC 4291 */
};
/* clang-format on */

#define ALLOWED_BITS_MIN 8
#define TEXT_MAX         64

static const struct address_range global_unicast = { AF_INET6, { 0x20 }, 3 }; /* 2000::/3, RFC 4291 */

struct address {
    int family;
    uint8_t bytes[16];
};

static unsigned bits_of(int family) {
    return family == AF_INET ? 32 : 128;
}

static bool bit_is_set(const uint8_t *bytes, unsigned bit) {
    return bytes[bit / 8] >> (7 - bit % 8) & 1;
}

static bool contains(const struct address_range *range, const struct address *address) {
    bool same = range->family == address->family;
    for (unsigned bit = 0; same && bit < range->bits; bit++) {
        same = bit_is_set(range->bytes, bit) == bit_is_set(address->bytes, bit);
    }
    return same;
}

static bool read_address(struct text text, struct address *out) {
    char copy[TEXT_MAX];
    if (text.length >= sizeof(copy) || memchr(text.at, '\0', text.length)) {
        return false;
    }
    snprintf(copy, sizeof(copy), TEXT_FORMAT, TEXT_ARGS(text));
    out->family = strchr(copy, ':') ? AF_INET6 : AF_INET;
    return inet_pton(out->family, copy, out->bytes) == 1;
}

static bool read_range(struct text text, struct address_range *out) {
    struct address address;
    uint64_t bits;
    struct text rest = text, start = text_until(&rest, '/');
    if (text.length == 0 || !read_address(start, &address)) {
        return false;
    }
    bits = bits_of(address.family);
    if (rest.at && (!text_to_uint(rest, &bits) || bits > bits_of(address.family))) {
        return false;
    }
    *out = (struct address_range){ .family = address.family, .bits = (unsigned)bits };
    memcpy(out->bytes, address.bytes, sizeof(out->bytes));
    for (unsigned bit = out->bits; bit < bits_of(out->family); bit++) {
        if (bit_is_set(out->bytes, bit)) {
            return false;
        }
    }
    return true;
}

bool address_range_read(struct text text, struct address_range *out) {
    return read_range(text, out) && out->bits >= ALLOWED_BITS_MIN;
}

bool address_ranges_are_same(const struct address_ranges *one, const struct address_ranges *other) {
    bool same = one->count == other->count;
    for (size_t i = 0; same && i < one->count; i++) {
        const struct address_range *a = &one->list[i], *b = &other->list[i];
        same =
            a->family == b->family && a->bits == b->bits && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
    }
    return same;
}

static bool is_allowed(const struct address *address, const struct address_ranges *allowed) {
    for (size_t i = 0; i < allowed->count; i++) {
        if (contains(&allowed->list[i], address)) {
            return true;
        }
    }
    return false;
}

static struct address embedded_in(const struct address *address, enum embedded where) {
    struct address inner = { .family = AF_INET };
    memcpy(inner.bytes, address->bytes + (where == AT_THE_END ? 12 : 2), 4);
    return inner;
}

static const char *refusal(const struct address *address, const struct address_ranges *allowed) {
    for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
        struct address_range range;
        require(read_range(text_of(ranges[i].range), &range));
        if (!contains(&range, address)) {
            continue;
        }
        if (ranges[i].never || !is_allowed(address, allowed)) {
            return ranges[i].name;
        }
        if (ranges[i].embedded == NOT_EMBEDDED) {
            return NULL;
        }
        struct address inner = embedded_in(address, ranges[i].embedded);
        return refusal(&inner, allowed);
    }
    bool is_public = address->family == AF_INET || contains(&global_unicast, address);
    return is_public || is_allowed(address, allowed) ? NULL : "unassigned";
}

static bool address_of(const struct sockaddr *address, struct address *out) {
    *out = (struct address){ .family = address->sa_family };
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof(in));
        memcpy(out->bytes, &in.sin_addr, sizeof(in.sin_addr));
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof(in));
        memcpy(out->bytes, &in.sin6_addr, sizeof(in.sin6_addr));
    } else {
        return false;
    }
    return true;
}

const char *address_refusal(const struct sockaddr *address, const struct address_ranges *allowed) {
    struct address judged;
    return address_of(address, &judged) ? refusal(&judged, allowed) : "unknown";
}

static bool is_loopback(const struct address *address) {
    static const struct address_range v4 = { AF_INET, { 127 }, 8 };
    static const struct address_range v6 = { AF_INET6, { [15] = 1 }, 128 };
    return contains(&v4, address) || contains(&v6, address);
}

bool address_is_loopback(const struct sockaddr *address) {
    struct address judged;
    return address_of(address, &judged) && is_loopback(&judged);
}

/* Behind '%' stands the interface. */
static bool read_text(const char *text, struct address *out) {
    struct text rest = text_of(text);
    *out = (struct address){ .family = AF_UNSPEC };
    return read_address(text_until(&rest, '%'), out);
}

const char *address_text_refusal(const char *text, const struct address_ranges *allowed) {
    struct address judged;
    return read_text(text, &judged) ? refusal(&judged, allowed) : "unknown";
}

bool address_text_is_loopback(const char *text) {
    struct address judged;
    return read_text(text, &judged) && is_loopback(&judged);
}
