/* forwarded.c - hops are cut at commas outside of quotes, and of the last one the address is read. */
#include "adapters/api/forwarded.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "adapters/http/addresses.h"

#define NODE_MAX 64 /* "[2001:db8:...]:65535", in quotes or not */

static bool is_named(struct text text, const char *name) {
    return text.length == strlen(name) && strncasecmp(text.at, name, text.length) == 0;
}

/* --- an address ----------------------------------------------------------------------------------------- */

/* "192.0.2.7", "192.0.2.7:80", "2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:80". */
static struct text without_port(struct text node) {
    if (node.length && node.at[0] == '[') {
        struct text rest = { node.at + 1, node.length - 1 };
        struct text inner = text_until(&rest, ']');
        return inner.length + 1 < node.length && (!rest.length || rest.at[0] == ':') ? inner : TEXT("");
    }
    struct text rest = node;
    struct text first = text_until(&rest, ':');
    return rest.length && memchr(rest.at, ':', rest.length)
               ? node
               : first; /* more than one: it is IPv6, and has no port */
}

static bool print_node(struct text node, char out[INET6_ADDRSTRLEN]) {
    struct sockaddr_in four = { .sin_family = AF_INET };
    struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
    struct text address = without_port(node);
    char string[NODE_MAX] = "";
    if (!address.length || address.length >= sizeof(string) || memchr(address.at, '\0', address.length)) {
        return false;
    }
    memcpy(string, address.at, address.length);
    if (inet_pton(AF_INET, string, &four.sin_addr) == 1) {
        address_print((struct sockaddr *)&four, out);
    } else if (inet_pton(AF_INET6, string, &six.sin6_addr) == 1) {
        address_print((struct sockaddr *)&six, out);
    }
    return *out != '\0';
}

/* --- RFC 7239 ------------------------------------------------------------------------------------------- */

/* The next piece of a list with that separator, quotes whole. False: a quote has no end. */
static bool cut(struct text *rest, char separator, struct text *piece) {
    bool quoted = false;
    size_t end = 0;
    for (; end < rest->length && (quoted || rest->at[end] != separator); end++) {
        if (rest->at[end] == '"') {
            quoted = !quoted;
        } else if (quoted && rest->at[end] == '\\' && end + 1 < rest->length) {
            end++;
        }
    }
    *piece = text_trim((struct text){ rest->at, end });
    size_t passed = end < rest->length ? end + 1 : end;
    *rest = (struct text){ rest->at + passed, rest->length - passed };
    return !quoted;
}

/* No address has a quoted pair in it. */
static struct text without_quotes(struct text value) {
    bool quoted = value.length >= 2 && value.at[0] == '"' && value.at[value.length - 1] == '"';
    return quoted ? (struct text){ value.at + 1, value.length - 2 } : value;
}

/* What a hop says it is for; false: nothing, or twice. */
static bool read_for(struct text hop, struct text *node) {
    struct text pair;
    size_t found = 0;
    while (hop.length) {
        if (!cut(&hop, ';', &pair)) {
            return false;
        }
        struct text name = text_until(&pair, '=');
        if (is_named(name, "for")) {
            *node = without_quotes(pair);
            found++;
        }
    }
    return found == 1;
}

bool forwarded_read(struct text header, struct text value, char out[INET6_ADDRSTRLEN]) {
    struct text hop = TEXT("");
    bool is_standard = is_named(header, "forwarded");
    *out = '\0';
    while (value.length) {
        bool is_whole = true;
        if (is_standard) {
            is_whole = cut(&value, ',', &hop);
        } else {
            hop = text_trim(text_until(&value, ','));
        }
        if (!is_whole) {
            return false;
        }
    }
    return (!is_standard || read_for(hop, &hop)) && print_node(hop, out);
}
