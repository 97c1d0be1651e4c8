/*
 * test_adapters_parties.c - what the parties file says of the transports: each adapter reads its own stanza.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/adapters.h"
#include "told.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define KEY          "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

#define KAFKA(from, receipts, principal) \
    "    kafka: { from: \"" from "\", receipts: \"" receipts "\", principal: \"" principal "\" }\n"
#define HOOK(url, secrets) "    webhook: { url: \"" url "\", secrets: [" secrets "] }\n"
#define ROW(code, more)                       \
    "  - code: " code "\n"                    \
    "    name: { zh: 青岛, en: Qingdao }\n" \
    "    roles: [declarant]\n" more

static const struct {
    const char *source, *told;
} cases[] = {
    { "parties:\n" ROW("A", "    zmq: { bind: \"tcp://*:*\", keys: [\"" KEY "\"] }\n"
                            "    deliver: { transport: zmq }\n")
          ROW("B", "    files: { folder: /srv/b }\n    deliver: { transport: files }\n")
              ROW("C", "    deliver: { transport: kafka, to: t }\n")
                  ROW("D", "    deliver: { transport: loopback, to: accept }\n"),
      "" },
    { "parties:\n" ROW("A", KAFKA("a", "ra", "User:a")) ROW("B", KAFKA("b", "rb", "User:b")), "" },
    { "parties:\n" ROW("A", KAFKA("a", "ra", "User:a")) ROW("B", KAFKA("a", "rb", "User:b")),
      "9:21 the Kafka topic of submissions a belongs to A already\n" },
    { "parties:\n" ROW("A", KAFKA("a", "ra", "User:a")) ROW("B", KAFKA("b", "rb", "User:a")),
      "9:53 the Kafka principal User:a belongs to A already\n" },
    { "parties:\n" ROW("A", KAFKA("a", "ra", "User:a")) ROW("B", KAFKA("ra", "rb", "User:b")),
      "9:21 the Kafka topic ra is receipts of A already\n" },
    { "parties:\n" ROW("A", KAFKA("a", "ra", "User:a"))
          ROW("B", "    deliver: { transport: kafka, to: ra }\n"),
      "5:36 the Kafka topic ra is what is delivered to B by\n" },
    { "parties:\n" ROW("A", KAFKA("a b", "..", "clerk")),
      "5:21 the Kafka topic a b must be 1 to 249 ASCII letters, digits, '.', '_' or '-'\n"
      "5:38 the Kafka topic .. must be 1 to 249 ASCII letters, digits, '.', '_' or '-'\n"
      "5:55 a Kafka principal is written as User:NAME\n" },
    { "parties:\n" ROW("A", "    kafka: { events: ea }\n")
          ROW("B", "    kafka: { from: b, receipts: rb, principal: \"User:b\", events: eb }\n"),
      "" },
    { "parties:\n" ROW("A", "    kafka: { events: ea }\n") ROW("B", "    kafka: { events: ea }\n"),
      "9:22 the Kafka topic of events ea belongs to A already\n" },
    { "parties:\n" ROW("A", "    kafka: { events: b }\n") ROW("B", KAFKA("b", "rb", "User:b")),
      "9:21 the Kafka topic b is events of A already\n" },
    { "parties:\n" ROW("A", "    kafka: { events: a }\n    deliver: { transport: kafka, to: a }\n"),
      "5:22 the Kafka topic a is what is delivered to A by\n" },
    { "parties:\n" ROW("A",
                       "    kafka: { principal: \"User:a\" }\n    deliver: { transport: kafka, to: t }\n"),
      "" },
    { "parties:\n" ROW("A", "    kafka: { principal: \"User:a\" }\n"),
      "5:5 who submits through Kafka needs from, receipts and principal together\n" },
    { "parties:\n" ROW("A", "    kafka: { from: a, principal: \"User:a\" }\n"),
      "5:5 who submits through Kafka needs from, receipts and principal together\n" },
    /* Case 584: copies of another party's parked deliveries would have come to it. */
    { "parties:\n" ROW("A", "    kafka: { events: \"clearway.customs.declarations.v1.dlq\" }\n"),
      "5:23 the Kafka topic clearway.customs.declarations.v1.dlq: what ends in .dlq is for parked deliveries\n" },
    { "parties:\n" ROW("A", "    zmq: { bind: \"tcp://host\", keys: [\"" KEY "\"] }\n"),
      "5:19 the zmq address tcp://host is wrong: it is written HOST:PORT or [IPV6]:PORT\n" },
    { "parties:\n" ROW("A", "    zmq: { bind: \"ipc:///tmp/a\", keys: [\"" KEY "\"] }\n"),
      "5:19 the zmq address ipc:///tmp/a must begin with tcp://\n" },
    { "parties:\n" ROW("A", "    zmq: { bind: \"tcp://*:1\", keys: [short] }\n"),
      "5:38 a public key is 40 characters of Z85\n" },
    { "parties:\n" ROW("A", "    files: { folder: /srv/a }\n") ROW("B", "    files: { folder: /srv/a/ }\n"),
      "9:22 the folder /srv/a belongs to A already\n" },
    { "parties:\n" ROW("A", "    files: { folder: /srv/a }\n")
          ROW("B", "    files: { folder: /srv/a/OutBox/b }\n"),
      "9:22 the folder /srv/a/OutBox/b lies in the folder of A\n" },
    { "parties:\n" ROW("A", "    files: { folder: srv/a }\n"),
      "5:22 the folder srv/a must be an absolute path without . and ..\n" },
    { "parties:\n" ROW("A", "    files: { folder: /srv/../a }\n"),
      "5:22 the folder /srv/../a must be an absolute path without . and ..\n" },
    { "parties:\n" ROW("A", HOOK("https://a.example/", "/s/a") "    deliver: { transport: webhook }\n")
          ROW("B", HOOK("https://a.example/b", "/s/b, /s/c")),
      "" },
    { "parties:\n" ROW("A", "    deliver: { transport: webhook }\n"),
      "5:27 the transport webhook also needs webhook\n" },
    { "parties:\n" ROW("A", HOOK("https://a.example/", "/s/a"))
          ROW("B", HOOK("https://A.example:443", "/s/a")),
      "6:3 the webhook address https://a.example/ belongs to A already\n"
      "9:56 the webhook secret /s/a belongs to A already\n" },
    { "parties:\n" ROW("A.1", HOOK("https://u@a.example/", "s/a")),
      "2:11 the code of a party with a webhook must have no point in it\n"
      "5:22 a webhook address is written https://HOST[:PORT]/PATH, in ASCII, without a user or #\n"
      "5:55 the file s/a must be an absolute path\n" },
    { "parties:\n" ROW("A", HOOK("http://a.example/", "/s/a")),
      "5:22 http is for a loopback address only; all others need https\n" },
    { "parties:\n" ROW("A", HOOK("https://169.254.169.254/", "/s/a")),
      "5:22 nothing is sent to 169.254.169.254 (metadata), which `allow` does not open\n" },
    { "parties:\n" ROW("A", HOOK("http://[::1]:8080/", "/s/a], allow: [\"::1\"")), "" },
    { "parties:\n" ROW("A", HOOK("http://localhost/", "/s/a")),
      "5:22 nothing is sent to localhost (loopback), which `allow` does not open\n" },
    { "parties:\n" ROW("A", HOOK("https://10.1.2.3/", "/s/a], allow: [10.1.0.0/16, 0.0.0.0/0, 10.1.2.3/8")),
      "5:80 a range is written 10.20.0.0/16, with no bits behind the prefix, and not wider than /8\n"
      "5:91 a range is written 10.20.0.0/16, with no bits behind the prefix, and not wider than /8\n" },
    { "parties:\n" ROW("A", "    deliver: { transport: zmp }\n"),
      "5:27 there is no transport zmp (did you mean zmq?)\n" },
};

static void each_adapter_reads_its_own(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct verdict verdict;
        struct buf told;
        buf_init(&told, 4096);
        buf_add_string(&told, "");
        verdict_init(&verdict, arena);
        parties_load(text_of(cases[i].source), "parties", adapter_transports, arena, &verdict);
        tell_mistakes(&verdict, &told);
        buf_add_char(&told, '\0');
        assert_string_equal(told.at, cases[i].told);
        assert_mistakes_complete(&verdict, "LINT-PARTY", "parties");
        buf_release(&told);
        arena_free(arena);
    }
}

/* One adapter, one name: two rows of one name would answer for each other. */
static void names_stand_once(void **state) {
    for (size_t i = 0; adapters[i]; i++) {
        assert_ptr_equal(adapters[i]->transport, adapter_transports[i]);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(adapters[i]->transport->name, adapters[k]->transport->name);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_adapter_reads_its_own),
        cmocka_unit_test(names_stand_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
