/* test_base_digest.c - SHA-256 by FIPS 180-4, CRC-32C by RFC 3720; pieces against the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/digest.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *text, *hex;
} examples[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void examples_come_out(void **state) {
    for (size_t i = 0; i < COUNT(examples); i++) {
        char hex[DIGEST_HEX_MAX];
        struct digest digest = digest_of(examples[i].text, strlen(examples[i].text));
        assert_string_equal(digest_hex(&digest, hex), examples[i].hex);
    }
}

static void parts_make_the_whole(void **state) {
    struct digest whole = digest_of("abc", 3);
    struct text parts[] = { TEXT("a"), { 0 }, TEXT("bc"), TEXT("") };
    struct digest of_parts = digest_of_parts(parts, COUNT(parts));
    assert_true(digest_equal(&whole, &of_parts));

    struct digester *digester = digester_new();
    for (int round = 0; round < 2; round++) { /* finish starts anew */
        digester_add(digester, "ab", 2);
        digest_of("another", 7); /* is not disturbed by digests made meanwhile */
        digester_add(digester, "c", 1);
        struct digest finished = digester_finish(digester);
        assert_true(digest_equal(&whole, &finished));
    }
    digester_free(digester);
    digester_free(NULL);
}

/* RFC 4231, test cases 1, 2 and 6. */
static void keyed_digests_come_out(void **state) {
    static const char jefe[] = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    static const char long_key[] = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
    static const char eleven[] = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
    struct text parts[] = { TEXT("what do ya want "), { 0 }, TEXT("for nothing?") };
    struct text hi = TEXT("Hi There");
    struct text key_first = TEXT("Test Using Larger Than Block-Size Key - Hash Key First");
    char keys[131], hex[DIGEST_HEX_MAX];
    struct digest digest = digest_keyed(TEXT("Jefe"), parts, COUNT(parts));
    assert_string_equal(digest_hex(&digest, hex), jefe);
    memset(keys, 0xaa, sizeof(keys));
    digest = digest_keyed((struct text){ keys, sizeof(keys) }, &key_first, 1);
    assert_string_equal(digest_hex(&digest, hex), long_key);
    memset(keys, 0x0b, sizeof(keys));
    digest = digest_keyed((struct text){ keys, 20 }, &hi, 1);
    assert_string_equal(digest_hex(&digest, hex), eleven);
}

static void hex_is_read_back_or_refused(void **state) {
    struct digest digest = digest_of("abc", 3), again;
    char hex[DIGEST_HEX_MAX];
    digest_hex(&digest, hex);
    assert_true(digest_from_hex(text_of(hex), &again));
    assert_true(digest_equal(&digest, &again));
    hex[3] = 'A';
    assert_true(digest_from_hex(text_of(hex), &again));
    assert_false(digest_equal(&digest, &again));
    assert_false(digest_from_hex((struct text){ hex, 63 }, &again));
    assert_false(digest_from_hex(TEXT(""), &again));
    hex[63] = 'g';
    assert_false(digest_from_hex(text_of(hex), &again));
}

static void *digest_often(void *context) {
    for (int i = 0; i < 2000; i++) {
        examples_come_out(NULL);
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state) {
    pthread_t threads[4];
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, digest_often, NULL), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
    }
}

/* RFC 3720 appendix B.4, and the usual check value. */
static void checksums_come_out(void **state) {
    char zeros[32] = { 0 }, ones[32], up[32];
    memset(ones, 0xFF, sizeof(ones));
    for (int i = 0; i < 32; i++) {
        up[i] = (char)i;
    }
    assert_int_equal(crc32c(0, "", 0), 0);
    assert_int_equal(crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(crc32c(0, zeros, sizeof(zeros)), 0x8A9136AA);
    assert_int_equal(crc32c(0, ones, sizeof(ones)), 0x62A8AB43);
    assert_int_equal(crc32c(0, up, sizeof(up)), 0x46DD794E);
    for (size_t cut = 0; cut <= sizeof(up); cut++) {
        assert_int_equal(crc32c(crc32c(0, up, cut), up + cut, sizeof(up) - cut), 0x46DD794E);
    }
}

/* Bit by bit, as RFC 3720 has it. */
static uint32_t checksum_by_bits(const unsigned char *bytes, size_t length) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
        }
    }
    return ~crc;
}

/* Of any length, begun at any place and in any pieces: long ones go another way than short ones. */
static void long_checksums_come_out(void **state) {
    enum { LONGEST = 8000 };
    static unsigned char bytes[LONGEST];
    uint32_t random = 1;
    for (size_t i = 0; i < LONGEST; i++) {
        random = random * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(random >> 24);
    }
    for (size_t length = 0; length <= LONGEST; length += length % 512 < 2 || length % 512 > 508 ? 1 : 53) {
        size_t start = length % 9 < LONGEST - length ? length % 9 : 0, cut = length * 7 / 11;
        uint32_t expected = checksum_by_bits(bytes + start, length);
        assert_int_equal(crc32c(0, bytes + start, length), expected);
        assert_int_equal(crc32c(crc32c(0, bytes + start, cut), bytes + start + cut, length - cut), expected);
    }
}

/* The way is chosen once per process, so the other one is tried in another process. */
static void checksums_by_table_are_the_same(void **state) {
    pid_t child = fork();
    if (child == 0) {
        setenv("CLEARWAY_CRC_BY_TABLE", "1", 1);
        execl("/proc/self/exe", "test_base_digest", "checksums", (char *)NULL);
        _exit(99);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

int main(int count, char **arguments) {
    const struct CMUnitTest checksums[] = { cmocka_unit_test(checksums_come_out),
                                            cmocka_unit_test(long_checksums_come_out) };
    if (count > 1) {
        return cmocka_run_group_tests(checksums, NULL, NULL);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_come_out),
        cmocka_unit_test(parts_make_the_whole),
        cmocka_unit_test(keyed_digests_come_out),
        cmocka_unit_test(hex_is_read_back_or_refused),
        cmocka_unit_test(threads_do_not_disturb_each_other),
        cmocka_unit_test(checksums_come_out),
        cmocka_unit_test(long_checksums_come_out),
        cmocka_unit_test(checksums_by_table_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
