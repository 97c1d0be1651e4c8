/*
 * test_adapters_webhook_address.c - where a webhook may be sent. Case 632: each kind of special address, in
 * every spelling that a resolver takes, also inside IPv6; what a row allows, and what none can.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <netdb.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/webhook/address.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct address_ranges ranges_of(const char *list) {
    struct address_ranges ranges = { .count = 0 };
    struct text rest = text_of(list);
    while (*list && rest.at) {
        assert_true(address_range_read(text_until(&rest, ' '), &ranges.list[ranges.count++]));
    }
    return ranges;
}

/* Of an address in any spelling; "" when it may be sent to. */
static const char *judge(const char *spelling, const char *allowed) {
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *found;
    struct address_ranges ranges = ranges_of(allowed);
    assert_int_equal(getaddrinfo(spelling, NULL, &hints, &found), 0);
    const char *refused = address_refusal(found->ai_addr, &ranges);
    freeaddrinfo(found);
    return refused ? refused : "";
}

/* clang-format off */
static const struct {
    const char *spelling, *refused;
} addresses[] = {
    { "8.8.8.8", "" },              { "1.1.1.1", "" },              { "172.15.255.255", "" },
    { "172.32.0.0", "" },           { "100.63.255.255", "" },       { "100.128.0.0", "" },
    { "223.255.255.255", "" },      { "9.255.255.255", "" },        { "11.0.0.0", "" },
    { "192.167.255.255", "" },      { "198.20.0.0", "" },           { "126.255.255.255", "" },
    { "2400:3200::1", "" },         { "2606:4700::1111", "" },      { "2001:200::1", "" },

    { "127.0.0.1", "loopback" },    { "127.1", "loopback" },        { "0x7f.1", "loopback" },
    { "0177.0.0.1", "loopback" },   { "2130706433", "loopback" },   { "0x7f000001", "loopback" },
    { "017700000001", "loopback" }, { "127.255.255.254", "loopback" },
    { "0", "unspecified" },         { "0.0.0.0", "unspecified" },   { "0.1.2.3", "unspecified" },
    { "10.0.0.1", "private" },      { "0xa.1", "private" },         { "012.0.0.1", "private" },
    { "10.255.255.255", "private" },{ "172.16.0.1", "private" },    { "172.31.255.255", "private" },
    { "192.168.0.1", "private" },   { "3232235521", "private" },    { "100.64.0.1", "shared" },
    { "100.127.255.255", "shared" },{ "169.254.1.1", "link-local" },{ "169.254.169.254", "metadata" },
    { "0xa9fea9fe", "metadata" },   { "2852039166", "metadata" },   { "100.100.100.200", "metadata" },
    { "168.63.129.16", "metadata" },{ "192.0.0.192", "metadata" },  { "192.0.0.8", "protocol" },
    { "192.0.2.1", "documentation" },  { "198.51.100.7", "documentation" }, { "203.0.113.255", "documentation" },
    { "198.18.0.1", "benchmarking" },  { "198.19.255.255", "benchmarking" },
    { "192.88.99.1", "6to4" },      { "224.0.0.1", "multicast" },   { "239.255.255.255", "multicast" },
    { "240.0.0.1", "reserved" },    { "255.255.255.255", "reserved" },

    { "::", "unspecified" },        { "::1", "loopback" },          { "0:0:0:0:0:0:0:1", "loopback" },
    { "::ffff:127.0.0.1", "mapped" },     { "::ffff:7f00:1", "mapped" },    { "::ffff:8.8.8.8", "mapped" },
    { "::ffff:0:127.0.0.1", "translated" }, { "::127.0.0.1", "compatible" },
    { "64:ff9b::8.8.8.8", "translated" }, { "64:ff9b::a9fe:a9fe", "translated" },
    { "64:ff9b:1::7f00:1", "translated" }, { "2002:7f00:1::1", "6to4" },     { "2002:808:808::1", "6to4" },
    { "2001::1", "protocol" },      { "2001:0:4136:e378::1", "protocol" }, { "2001:db8::1", "documentation" },
    { "3fff::1", "documentation" }, { "fc00::1", "private" },       { "fd12:3456::1", "private" },
    { "fd00:ec2::254", "metadata" },{ "fe80::1", "link-local" },    { "febf::1", "link-local" },
    { "fec0::1", "site-local" },    { "ff02::1", "multicast" },     { "100::1", "discard" },
    { "4000::1", "unassigned" },    { "1::1", "unassigned" },       { "5f00::1", "unassigned" },
};

static const struct {
    const char *allowed, *spelling, *refused;
} opened[] = {
    { "10.20.0.0/16",             "10.20.3.4",            "" },
    { "10.20.0.0/16",             "10.21.0.1",            "private" },
    { "10.20.3.4",                "10.20.3.4",            "" },
    { "10.20.3.4",                "10.20.3.5",            "private" },
    { "10.20.0.0/16",             "::ffff:10.20.3.4",     "mapped" },
    { "::ffff:0:0/96",            "::ffff:10.20.3.4",     "private" },
    { "::ffff:0:0/96 10.0.0.0/8", "::ffff:10.20.3.4",     "" },
    { "::ffff:0:0/96",            "::ffff:8.8.8.8",       "" },
    { "64:ff9b::/96",             "64:ff9b::8.8.8.8",     "" },
    { "64:ff9b::/96",             "64:ff9b::a9fe:a9fe",   "metadata" },
    { "64:ff9b::/96",             "64:ff9b::7f00:1",      "loopback" },
    { "2002::/16",                "2002:a00:1::1",        "private" },
    { "2002::/16",                "2002:808:808::1",      "" },
    { "127.0.0.0/8 ::1",          "127.0.0.1",            "" },
    { "127.0.0.0/8 ::1",          "::1",                  "" },
    { "169.254.0.0/16",           "169.254.9.9",          "" },
    { "169.254.0.0/16",           "169.254.169.254",      "metadata" },
    { "100.64.0.0/10",            "100.100.100.200",      "metadata" },
    { "192.0.0.0/24",             "192.0.0.192",          "metadata" },
    { "fd00::/8",                 "fd00:ec2::254",        "metadata" },
    { "fd00::/8",                 "fd12::1",              "" },
    { "224.0.0.0/8",              "224.0.0.1",            "multicast" },
    { "255.0.0.0/8",              "255.255.255.255",      "reserved" },
};

static const struct {
    const char *text;
    bool good;
} ranges[] = {
    { "10.0.0.0/8", true },   { "10.20.3.4/32", true }, { "10.20.3.4", true },  { "fd00::/8", true },
    { "::1", true },          { "10.1.0.0/8", false },  { "0.0.0.0/0", false }, { "::/0", false },
    { "8.0.0.0/7", false },   { "10.0.0.0/33", false }, { "10.0/8", false },    { "10.0.0.0/", false },
    { "10.0.0.0/-1", false }, { "010.0.0.0/8", false }, { "", false },          { "/8", false },
    { "localhost", false },   { "fe80::1%lo", false },  { "10.0.0.0/8/8", false }, { "::ffff:0:0/96", true },
};
/* clang-format on */

static void each_special_address_is_refused(void **state) {
    for (size_t i = 0; i < COUNT(addresses); i++) {
        if (strcmp(judge(addresses[i].spelling, ""), addresses[i].refused) != 0) {
            fail_msg("%s: %s, not %s", addresses[i].spelling, judge(addresses[i].spelling, ""),
                     addresses[i].refused);
        }
    }
}

static void a_row_opens_what_it_names_and_no_more(void **state) {
    for (size_t i = 0; i < COUNT(opened); i++) {
        if (strcmp(judge(opened[i].spelling, opened[i].allowed), opened[i].refused) != 0) {
            fail_msg("%s with %s: %s, not %s", opened[i].spelling, opened[i].allowed,
                     judge(opened[i].spelling, opened[i].allowed), opened[i].refused);
        }
    }
}

static void ranges_are_read_strictly(void **state) {
    for (size_t i = 0; i < COUNT(ranges); i++) {
        struct address_range range;
        if (address_range_read(text_of(ranges[i].text), &range) != ranges[i].good) {
            fail_msg("%s", ranges[i].text);
        }
    }
}

static void what_is_no_internet_address_is_refused(void **state) {
    const struct address_ranges none = { .count = 0 };
    const struct sockaddr local = { .sa_family = AF_UNIX };
    assert_string_equal(address_refusal(&local, &none), "unknown");
    assert_string_equal(address_text_refusal("", &none), "unknown");
    assert_string_equal(address_text_refusal("example.org", &none), "unknown");
    assert_string_equal(address_text_refusal("fe80::1%eth0", &none), "link-local");
    assert_true(address_text_is_loopback("127.0.0.1"));
    assert_true(address_text_is_loopback("::1"));
    assert_false(address_text_is_loopback("::ffff:127.0.0.1"));
    assert_false(address_text_is_loopback("128.0.0.1"));
    assert_false(address_is_loopback(&local));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_special_address_is_refused),
        cmocka_unit_test(a_row_opens_what_it_names_and_no_more),
        cmocka_unit_test(ranges_are_read_strictly),
        cmocka_unit_test(what_is_no_internet_address_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
