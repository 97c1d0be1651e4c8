/*
 * test_adapters_webhook.c - signatures and secrets, what a status of HTTP means, how an address is written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "adapters/webhook/answer.h"
#include "adapters/webhook/signature.h"
#include "adapters/webhook/url.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- signatures ----------------------------------------------------------------------------------------- */

static char path[64];

static enum status read_secret(const char *text, struct webhook_secret *secret) {
    assert_int_equal(file_replace(path, text_of(text)), STATUS_OK);
    return webhook_secret_read(path, secret);
}

static int make_path(void **state) {
    snprintf(path, sizeof(path), "/tmp/clearway-webhook-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return 0;
}

static int remove_path(void **state) {
    unlink(path);
    return 0;
}

/* Case 631: the example of the specification and of its libraries, and two secrets at once. */
static void the_example_of_the_specification_comes_out(void **state) {
    static const char signed_as[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    struct webhook_secret secrets[2];
    char out[SIGNATURES_SIZE];
    struct text body = TEXT("{\"test\": 2432232314}");
    assert_int_equal(read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", &secrets[0]), STATUS_OK);
    assert_string_equal(webhook_sign(secrets, 1, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, out),
                        signed_as);
    assert_int_equal(read_secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", &secrets[1]), STATUS_OK);
    webhook_sign(secrets, 2, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, out);
    assert_memory_equal(out, signed_as, strlen(signed_as));
    assert_memory_equal(out + strlen(signed_as), " v1,", 4);
    assert_int_equal(strlen(out), 2 * strlen(signed_as) + 1);
}

static void as_many_signatures_as_there_may_be_fit(void **state) {
    struct webhook_secret secrets[SECRETS_MAX];
    char out[SIGNATURES_SIZE];
    for (size_t i = 0; i < SECRETS_MAX; i++) {
        memset(secrets[i].bytes, (int)i, sizeof(secrets[i].bytes));
        secrets[i].length = SECRET_BYTES_MAX;
    }
    webhook_sign(secrets, SECRETS_MAX, "1/A", 1, TEXT("x"), out);
    assert_int_equal(strlen(out), SIGNATURES_SIZE - 1);
}

static void what_is_no_secret_is_refused(void **state) {
    static const char *const none[] = {
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    static const uint8_t zeros[SECRET_BYTES_MAX];
    struct webhook_secret secret;
    char long_text[1024];
    for (size_t i = 0; i < COUNT(none); i++) {
        assert_int_equal(read_secret(none[i], &secret), STATUS_BAD_CONFIG);
        assert_int_equal(secret.length, 0);
        assert_memory_equal(secret.bytes, zeros, sizeof(zeros)); /* nothing of it stays */
    }
    memset(long_text, 'A', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    assert_int_equal(read_secret(long_text, &secret), STATUS_BAD_CONFIG);
    assert_int_equal(webhook_secret_read("/nowhere/secret", &secret), STATUS_NOT_FOUND);
}

/* --- statuses ------------------------------------------------------------------------------------------- */

/* clang-format off */
/* Case 633: what each status of HTTP means for the delivery. */
static const struct {
    int code;
    enum status status;
    const char *reason;
    bool may_rest, gone;
} rulings[] = {
    { 200, STATUS_OK,          "",                 false, false }, { 201, STATUS_OK,          "",                 false, false },
    { 204, STATUS_OK,          "",                 false, false }, { 299, STATUS_OK,          "",                 false, false },
    { 301, STATUS_UNAVAILABLE, "redirected",       false, false }, { 302, STATUS_UNAVAILABLE, "redirected",       false, false },
    { 304, STATUS_UNAVAILABLE, "redirected",       false, false }, { 308, STATUS_UNAVAILABLE, "redirected",       false, false },
    { 400, STATUS_REFUSED,     "receiver-refused", false, false }, { 401, STATUS_UNAVAILABLE, "not-allowed",      false, false },
    { 403, STATUS_UNAVAILABLE, "not-allowed",      false, false }, { 404, STATUS_UNAVAILABLE, "not-allowed",      false, false },
    { 405, STATUS_UNAVAILABLE, "not-allowed",      false, false }, { 408, STATUS_TIMEOUT,     "unacknowledged",   false, false },
    { 409, STATUS_REFUSED,     "receiver-refused", false, false }, { 410, STATUS_DENIED,      "endpoint-gone",    false, true  },
    { 411, STATUS_REFUSED,     "receiver-refused", false, false }, { 413, STATUS_TOO_LARGE,   "receiver-limit",   false, false },
    { 415, STATUS_REFUSED,     "receiver-refused", false, false }, { 418, STATUS_REFUSED,     "receiver-refused", false, false },
    { 421, STATUS_UNAVAILABLE, "unreachable",      false, false }, { 422, STATUS_REFUSED,     "receiver-refused", false, false },
    { 425, STATUS_BUSY,        "receiver-busy",    true,  false }, { 429, STATUS_BUSY,        "receiver-busy",    true,  false },
    { 431, STATUS_UNAVAILABLE, "bad-answer",       false, false }, { 499, STATUS_REFUSED,     "receiver-refused", false, false },
    { 500, STATUS_BUSY,        "receiver-failed",  true,  false }, { 501, STATUS_BUSY,        "receiver-failed",  true,  false },
    { 502, STATUS_UNAVAILABLE, "unreachable",      true,  false }, { 503, STATUS_UNAVAILABLE, "unreachable",      true,  false },
    { 504, STATUS_UNAVAILABLE, "unreachable",      true,  false }, { 599, STATUS_BUSY,        "receiver-failed",  true,  false },
    { 600, STATUS_UNAVAILABLE, "bad-answer",       false, false }, { 999, STATUS_UNAVAILABLE, "bad-answer",       false, false },
};
/* clang-format on */

static void each_status_means_one_thing(void **state) {
    for (size_t i = 0; i < COUNT(rulings); i++) {
        struct webhook_answer answer = { .outcome = WEBHOOK_ANSWERED, .code = rulings[i].code };
        struct webhook_ruling ruling = webhook_rule(&answer);
        if (ruling.status != rulings[i].status || ruling.rests || ruling.gone != rulings[i].gone
            || strcmp(delivery_reason_code(ruling.reason), rulings[i].reason) != 0) {
            fail_msg("%d: %s %s", rulings[i].code, status_name(ruling.status),
                     delivery_reason_code(ruling.reason));
        }
    }
}

/* Case 637: who said when to come again is not told to be within reach each time that is over: then a 503
 * with a Retry-After of a second would use up the tries of three days in minutes. */
static void what_said_when_is_busy(void **state) {
    for (size_t i = 0; i < COUNT(rulings); i++) {
        struct webhook_answer answer = { .outcome = WEBHOOK_ANSWERED,
                                         .code = rulings[i].code,
                                         .retry_after_s = 1 };
        struct webhook_ruling ruling = webhook_rule(&answer);
        assert_int_equal(ruling.rests, rulings[i].may_rest);
        assert_int_equal(ruling.status, rulings[i].may_rest ? STATUS_BUSY : rulings[i].status);
    }
}

static void no_trouble_of_the_world_parks(void **state) {
    for (int outcome = WEBHOOK_ANSWERED + 1; outcome <= WEBHOOK_NO_DESCRIPTOR; outcome++) {
        struct webhook_answer answer = { .outcome = (enum webhook_outcome)outcome };
        struct webhook_ruling ruling = webhook_rule(&answer);
        assert_int_equal(status_retry(ruling.status), RETRY_LATER);
        assert_true(ruling.reason != DELIVERY_REASON_NONE && !ruling.gone);
    }
}

/* --- addresses as they are written ---------------------------------------------------------------------- */

static const struct {
    const char *url, *normal; /* NULL: it is none */
} urls[] = {
    { "https://hooks.example", "https://hooks.example/" },
    { "https://Hooks.Example:443/A?b=C", "https://hooks.example/A?b=C" },
    { "HTTPS://hooks.example:8443/", "https://hooks.example:8443/" },
    { "https://hooks.example?x", "https://hooks.example/?x" },
    { "https://192.0.2.7/x", "https://192.0.2.7/x" },
    { "https://[2001:DB8::1]:9/x", "https://[2001:db8::1]:9/x" },
    { "http://localhost:80/", "http://localhost/" },
    { "https://xn--fiqs8s/", "https://xn--fiqs8s/" },
    { "", NULL },
    { "hooks.example", NULL },
    { "ftp://hooks.example/", NULL },
    { "https:///x", NULL },
    { "https://user@hooks.example/", NULL },
    { "https://user:word@hooks.example/", NULL },
    { "https://hooks.example#x", NULL },
    { "https://hooks.example/x#y", NULL },
    { "https://hooks.example\\@other/", NULL },
    { "https://hooks.example/a b", NULL },
    { "https://hooks.example/\r\nX: y", NULL },
    { "https://青岛.example/", NULL },
    { "https://hooks.example:/", NULL },
    { "https://hooks.example:0/", NULL },
    { "https://hooks.example:65536/", NULL },
    { "https://hooks.example:0443/", NULL },
    { "https://hooks.example:443:443/", NULL },
    { "https://.example/", NULL },
    { "https://example./", NULL },
    { "https://-x.example/", NULL },
    { "https://2130706433/", NULL },
    { "https://0x7f.1/", NULL },
    { "https://0x7f000001/", NULL },
    { "https://127.1/", NULL },
    { "https://0177.0.0.1/", NULL },
    { "https://1.2.3.4.5/", NULL },
    { "https://[::1/", NULL },
    { "https://[::1]x/", NULL },
    { "https://[fe80::1%25eth0]/", NULL },
    { "https://[hooks.example]/", NULL },
    { "https://::1/", NULL },
};

static void addresses_are_read_strictly(void **state) {
    struct arena *arena = arena_new();
    for (size_t i = 0; i < COUNT(urls); i++) {
        struct webhook_url parts;
        if (webhook_url_read(urls[i].url, &parts) != (urls[i].normal != NULL)) {
            fail_msg("%s", urls[i].url);
        }
        assert_string_equal(webhook_url_normal(urls[i].url, arena),
                            urls[i].normal ? urls[i].normal : urls[i].url);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_specification_comes_out),
        cmocka_unit_test(as_many_signatures_as_there_may_be_fit),
        cmocka_unit_test(what_is_no_secret_is_refused),
        cmocka_unit_test(each_status_means_one_thing),
        cmocka_unit_test(what_said_when_is_busy),
        cmocka_unit_test(no_trouble_of_the_world_parks),
        cmocka_unit_test(addresses_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
