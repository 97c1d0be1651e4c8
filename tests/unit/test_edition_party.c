/* test_edition_party.c - the parties file: rows, and what is told of rows that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "edition/party.h"
#include "told.h"
#include "transports_kit.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define KEY          "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define OTHER_KEY    "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

#define ROW(code, more)                       \
    "  - code: " code "\n"                    \
    "    name: { zh: 青岛, en: Qingdao }\n" \
    "    roles: [declarant]\n" more

static const char example[] = "# who may take part\n"
                              "parties:\n"
                              "  - code: FWD-QD-01\n"
                              "    name: { zh: 青岛某货代, en: Qingdao Forwarder One }\n"
                              "    roles: [declarant, agency]\n"
                              "    declares: [3702961234, 91370281MAD83N0A9X]\n"
                              "    reports: [CNQDG]\n"
                              "    serves: [\"4227\"]\n"
                              "    certificates: [fwd-qd-01, fwd-qd-01-b]\n"
                              "    zmq: { bind: tcp://0.0.0.0:5571, keys: [\"" KEY "\"] }\n"
                              "    files: { folder: /srv/clearway/fwd-qd-01 }\n"
                              "    deliver: { transport: kafka, to: clearway.customs.declarations.v1 }\n"
                              "    blocked: false\n"
                              "  - code: OFFICE\n"
                              "    name:\n"
                              "      zh: 口岸办\n"
                              "      en: Port office\n"
                              "    roles:\n"
                              "      - office\n"
                              "    declares: [\"*\"]\n"
                              "    blocked: true\n";

static void a_row_is_read(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    const struct parties *parties =
        parties_load(text_of(example), "parties", kit_transports, arena, &verdict);
    assert_int_equal(verdict.count, 0);
    assert_int_equal(parties->count, 2);
    const struct party *party = parties_find(parties, TEXT("FWD-QD-01"));
    assert_ptr_equal(party, &parties->list[0]);
    assert_string_equal(party->zh, "青岛某货代");
    assert_string_equal(party->en, "Qingdao Forwarder One");
    assert_true(party_has_role(party, "declarant") && party_has_role(party, "agency")
                && !party_has_role(party, "office"));
    assert_true(party_list_has(party->declares, TEXT("3702961234")));
    assert_true(party_list_has(party->declares, TEXT("91370281MAD83N0A9X")));
    assert_false(party_list_has(party->declares, TEXT("370296123")));
    assert_true(party_list_has(party->reports, TEXT("CNQDG")));
    assert_true(party_list_has(party->serves, TEXT("4227")));
    const struct party_stanza *zmq = party_stanza(party, "zmq");
    assert_string_equal(stanza_text(zmq, "bind"), "tcp://0.0.0.0:5571");
    assert_int_equal(stanza_list(zmq, "keys").count, 1);
    assert_string_equal(stanza_text(party_stanza(party, "files"), "folder"), "/srv/clearway/fwd-qd-01");
    assert_string_equal(party->transport, "kafka");
    assert_string_equal(party->address, "clearway.customs.declarations.v1");
    assert_false(party->blocked);
    assert_ptr_equal(parties_of_certificate(parties, TEXT("fwd-qd-01-b")), party);
    assert_string_equal(stanza_list(zmq, "keys").items[0], KEY);
    assert_ptr_equal(parties_holder(parties, "zmq", "keys", TEXT(KEY)), party);
    assert_null(parties_holder(parties, "zmq", "keys", TEXT("")));
    assert_null(parties_holder(parties, "zmq", "locks", TEXT(KEY)));
    assert_null(parties_of_certificate(parties, TEXT("")));
    const struct party *office = parties_find(parties, TEXT("OFFICE"));
    assert_true(office->blocked);
    assert_null(party_stanza(office, "files"));
    assert_string_equal(stanza_text(party_stanza(office, "zmq"), "bind"), "");
    assert_string_equal(office->transport, "");
    assert_true(party_list_has(office->declares, TEXT("anything")));
    assert_false(party_list_has(office->reports, TEXT("CNQDG")));
    assert_null(parties_find(parties, TEXT("office")));
    arena_free(arena);
}

static const struct {
    const char *source, *told;
} cases[] = {
    { "parties: []\n", "" },
    { "parties:\n" ROW("A", "") ROW("B", ""), "" },
    /* shapes */
    { "partys: []\n", "1:1 unknown key partys (did you mean parties?)\n" },
    { "parties:\n" ROW("A", "    certificate: [a]\n"),
      "5:5 unknown key certificate (did you mean certificates?)\n" },
    { "parties:\n" ROW("A", "    files: { folder: /a, inbox: /b }\n"), "5:26 unknown key inbox\n" },
    { "parties:\n" ROW("A", "") ROW("B", "    \"codes\": B\n"),
      "8:6 unknown key codes (did you mean code?)\n" },
    { "parties:\n  - name: { zh: 甲, en: A }\n    roles: [office]\n", "3:12 a key is missing: code\n" },
    { "parties:\n" ROW("A", "    blocked: fasle\n"), "5:14 this value is not allowed: fasle\n" },
    { "parties:\n" ROW("A", "    certificates: a\n"), "5:19 a list is expected: [a, b]\n" },
    { "parties:\n" ROW("A", "    files: a\n"), "5:12 keys with values are expected: { a: b }\n" },
    { "parties:\n" ROW("A", "    deliver: { transport: [a] }\n"), "5:27 a text is expected\n" },
    { "parties:\n" ROW("A", "    declares: []\n"), "5:15 too few entries in the list\n" },
    { "parties:\n" ROW("A", "    code: B\n"), "5:5 this key stands twice: code\n" },
    { "parties: [\n", "2:1 YAML cannot be read: did not find expected node content\n" },
    { "parties: &a []\nothers: *a\n", "2:1 unknown key others\n" },
    { "parties: *a\n", "1:10 aliases (*) are not read here: write out what it stands for\n" },
    { "parties:\n" ROW("A", "    ids: ~\n"),
      "5:10 no value stands here: leave the line out, or write \"\" for an empty text\n" },
    { "parties: []\n---\nparties: []\n",
      "2:1 a second YAML document begins here, and nothing of it is read: make one of them\n" },
    /* case 245: saved in another encoding */
    { "parties:\n  - name: { zh: 青\xC7\xE0 }\n",
      "2:18 the file is not UTF-8: from here on it cannot be read; save it as UTF-8\n" },
    { "parties:\n  - code: A\x01\n", "2:12 a control character, which YAML does not allow\n" },
    { "", "1:1 a list is missing: parties:\n" },
    { "just a text\n", "1:1 keys with values are expected: { a: b }\n" },
    /* what only we know */
    { "parties:\n" ROW("A", "") ROW("A", ""), "5:11 the code A belongs to A already\n" },
    /* case 401 */
    { "parties:\n" ROW("Ab", "") ROW("aB", ""),
      "5:11 the code aB differs from Ab in capitals only, which messages do not tell apart\n" },
    { "parties:\n" ROW("../A", ""),
      "2:11 the party code ../A must have letters, digits, - _ . only, not begin with a dot, and have at most 32 bytes\n" },
    { "parties:\n  - code: A\n    name: { zh: 甲, en: A }\n    roles: [office, declrant]\n",
      "4:21 there is no role declrant (did you mean declarant?)\n" },
    { "parties:\n" ROW("A", "    certificates: [a, b]\n") ROW("B", "    certificates: [c, b]\n"),
      "9:23 the certificate b belongs to A already\n" },
    { "parties:\n" ROW("A", "    signs: [AAAA]\n"),
      "5:5 certificate 1 under signs cannot be read, or its key is neither RSA of 2048 bits and more nor SM2\n" },
    { "parties:\n" ROW("A", "    certificates: [a, a]\n"), "5:20 the certificate a belongs to A already\n" },
    { "parties:\n" ROW("A", "    zmq: { bind: \"tcp://*:1\", keys: [\"" KEY "\"] }\n")
          ROW("B", "    zmq: { bind: \"tcp://*:2\", keys: [\"" KEY "\"] }\n"),
      "9:39 the key " KEY " belongs to A already\n" },
    { "parties:\n" ROW("A", "    zmq: { bind: \"tcp://*:1\", keys: [\"" KEY "\"] }\n")
          ROW("B", "    zmq: { bind: \"tcp://*:1\", keys: [\"" OTHER_KEY "\"] }\n"),
      "9:19 the zmq address tcp://*:1 belongs to A already\n" },
    { "parties:\n" ROW("A", "    files: { folder: /srv/a }\n") ROW("B", "    files: { folder: /srv/a }\n"),
      "9:22 the folder /srv/a belongs to A already\n" },
    { "parties:\n" ROW("A", "    deliver: { transport: kafka, to: t }\n")
          ROW("B", "    deliver: { transport: kafka, to: t }\n"),
      "9:38 the Kafka topic t belongs to A already\n" },
    { "parties:\n" ROW("A", "    deliver: { transport: kafak, to: t }\n"),
      "5:27 there is no transport kafak (did you mean kafka?)\n" },
    { "parties:\n" ROW("A", "    deliver: { transport: kafka }\n"),
      "5:27 the transport kafka also needs to\n" },
    { "parties:\n" ROW("A", "    deliver: { transport: files }\n"),
      "5:27 the transport files also needs files\n" },
    { "parties:\n" ROW("A", "    deliver: { transport: zmq }\n"), "5:27 the transport zmq also needs zmq\n" },
    { "parties:\n" ROW("A", "    deliver: { transport: loopback }\n"), "" },
    /* case 120: what ids begin with is one party's alone */
    { "parties:\n" ROW("A", "    ids: [HAIJ, HAIJ-2]\n") ROW("B", "    ids: [LANY]\n"), "" },
    { "parties:\n" ROW("A", "    ids: [HAI]\n"),
      "5:11 the beginning of ids HAI must be at least 4 letters, digits or - _ . /\n" },
    { "parties:\n" ROW("A", "    ids: [\"HAI J\"]\n"),
      "5:12 the beginning of ids HAI J must be at least 4 letters, digits or - _ . /\n" },
    { "parties:\n" ROW("A", "    ids: [HAIJ]\n") ROW("B", "    ids: [HAIJ]\n"),
      "9:11 ids that begin with HAIJ would be those of A, who has HAIJ\n" },
    { "parties:\n" ROW("A", "    ids: [HAIJIA]\n") ROW("B", "    ids: [LANY, HAIJ]\n"),
      "5:11 ids that begin with HAIJIA would be those of B, who has HAIJ\n" },
    { "parties:\n" ROW("A", "    ids: [HAIJ, HAIJ-1]\n") ROW("B", "    ids: [HAIJ-2]\n"),
      "9:11 ids that begin with HAIJ-2 would be those of A, who has HAIJ\n" },
};

static void ids_find_their_party(void **state) {
    static const char source[] =
        "parties:\n" ROW("A", "    ids: [HAIJ, HAIJ-2]\n") ROW("B", "    ids: [LANYUN]\n") ROW("C", "");
    static const struct {
        const char *id, *party;
    } ids[] = {
        { "HAIJ", "A" },  { "HAIJ0001", "A" }, { "HAIJ-2x", "A" }, { "LANYUN", "B" },    { "LANYUN7", "B" },
        { "LANY", NULL }, { "HAI", NULL },     { "", NULL },       { "haij0001", NULL }, { "XHAIJ", NULL },
    };
    struct arena *arena = arena_new();
    struct verdict verdict;
    verdict_init(&verdict, arena);
    const struct parties *parties = parties_load(text_of(source), "parties", kit_transports, arena, &verdict);
    assert_int_equal(verdict.count, 0);
    for (size_t i = 0; i < COUNT(ids); i++) {
        const struct party *owner = parties_of_id(parties, text_of(ids[i].id));
        assert_string_equal(owner ? owner->code : "nobody", ids[i].party ? ids[i].party : "nobody");
    }
    arena_free(arena);
}

static void mistakes_are_told(void **state) {
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct verdict verdict;
        struct buf told;
        buf_init(&told, 4096);
        verdict_init(&verdict, arena);
        parties_load(text_of(cases[i].source), "parties", kit_transports, arena, &verdict);
        tell_mistakes(&verdict, &told);
        assert_string_equal(told.at, cases[i].told);
        assert_mistakes_complete(&verdict, "LINT-PARTY", "parties");
        buf_release(&told);
        arena_free(arena);
    }
}

static void write_rows(struct buf *source, size_t rows, size_t declares) {
    buf_add_string(source, "parties:\n");
    for (size_t i = 0; i < rows; i++) {
        buf_printf(source, ROW("P%zu", "    declares: [x"), i);
        for (size_t k = 1; k < declares; k++) {
            buf_printf(source, ",x%zu", k);
        }
        buf_add_string(source, "]\n");
    }
}

static void the_file_has_limits(void **state) {
    static const struct {
        size_t rows, declares;
        const char *told;
    } sizes[] = {
        { PARTIES_MAX, 1, "" },
        { PARTIES_MAX + 1, 1, "too many entries in the list" },
        { 1, PARTY_LIST_MAX, "" },
        { 1, PARTY_LIST_MAX + 1, "too many entries in the list" },
    };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct arena *arena = arena_new();
        struct verdict verdict;
        struct buf source;
        buf_init(&source, 8 << 20);
        verdict_init(&verdict, arena);
        write_rows(&source, sizes[i].rows, sizes[i].declares);
        const struct parties *parties =
            parties_load(buf_text(&source), "parties", kit_transports, arena, &verdict);
        assert_string_equal(verdict.count ? verdict.findings[0].en : "", sizes[i].told);
        assert_int_equal(parties != NULL, verdict.count == 0);
        buf_release(&source);
        arena_free(arena);
    }
}

static void texts_and_codes_have_limits(void **state) {
    static const struct {
        int code, name;
        size_t mistakes;
    } sizes[] = {
        { 32, 200, 0 },
        { 33, 200, 1 },
        { 32, 201, 1 },
    };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct arena *arena = arena_new();
        struct verdict verdict;
        verdict_init(&verdict, arena);
        const char *source = arena_printf(
            arena, "parties:\n  - code: P%0*d\n    name: { zh: 甲, en: N%0*d }\n    roles: [office]\n",
            sizes[i].code - 1, 0, sizes[i].name - 1, 0);
        parties_load(text_of(source), "parties", kit_transports, arena, &verdict);
        assert_int_equal(verdict.count, sizes[i].mistakes);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_read),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(ids_find_their_party),
        cmocka_unit_test(the_file_has_limits),
        cmocka_unit_test(texts_and_codes_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
