/* Who may sign in, how often it may be tried, and what stays of a session on the disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/password.h"
#include "view/sight.h"
#include "adapters/api/accounts.h"
#include "adapters/api/forwarded.h"
#include "adapters/api/sessions.h"
#include "adapters/api/tries.h"

#define NOW    (INT64_C(1790000000) * STAMP_SECOND)
#define MINUTE (60 * STAMP_SECOND)

/* --- passwords ------------------------------------------------------------------------------------------ */

static void a_hash_is_of_one_password(void **state) {
    char hash[PASSWORD_HASH_MAX], other[PASSWORD_HASH_MAX];
    password_hash(TEXT("correct horse battery"), hash);
    password_hash(TEXT("correct horse battery"), other);
    assert_string_not_equal(hash, other); /* each has a salt of its own */
    assert_true(password_hash_is_sound(text_of(hash)));
    assert_true(password_matches(TEXT("correct horse battery"), hash));
    assert_false(password_matches(TEXT("correct horse batterx"), hash));
    assert_false(password_matches(TEXT(""), hash));
    assert_false(password_matches(TEXT("correct horse battery"), NULL));
}

static void what_is_no_hash_is_none(void **state) {
    static const char *const none[] = {
        "",
        "secret",
        "$scrypt$ln=15,r=8,p=3$",
        "$scrypt$ln=5,r=8,p=3$Y9V18tgsWs+C5it9oS0M9A==$cGjoHilTY5cjR+1HCWoP55xjy18ycfiwYSRK2fh3jwU=",
        "$scrypt$ln=15,r=8,p=3$Y9V18tgsWs+C5it9oS0M9A==",
        "$scrypt$ln=15,r=8,p=3$Y9V18tgsWs+C5it9oS0M9A==$cGjoHilTY5cjR",
        "$scrypt$ln=15,r=8,p=3$Y9V1$cGjoHilTY5cjR+1HCWoP55xjy18ycfiwYSRK2fh3jwU=",
        "$scrypt$ln=15,r=8,p=3$Y9V18tgsWs+C5it9oS0M9A==$cGjoHilTY5cjR+1HCWoP55xjy18ycfiwYSRK2fh3jwU=x",
        "$2b$12$abcdefghijklmnopqrstuv",
    };
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
        if (password_hash_is_sound(text_of(none[i]))) {
            fail_msg("%s passes for a hash", none[i]);
        }
    }
    assert_true(password_hash_is_sound(
        TEXT("$scrypt$ln=15,r=8,p=3$Y9V18tgsWs+C5it9oS0M9A==$cGjoHilTY5cjR+1HCWoP55xjy18ycfiwYSRK2fh3jwU=")));
}

/* --- from where a proxy says that somebody comes -------------------------------------------------------- */

static void of_the_hops_the_last_one_counts(void **state) {
    /* clang-format off */
    static const struct { const char *header, *value, *expected; } cases[] = {
        { "X-Forwarded-For", "192.0.2.7",                                   "192.0.2.7" },
        { "x-real-ip",       "2001:DB8::7",                                 "2001:db8::7" },
        { "X-Forwarded-For", "203.0.113.1, 198.51.100.2 ,192.0.2.7",        "192.0.2.7" },
        { "X-Forwarded-For", "192.0.2.7:4711",                              "192.0.2.7" },
        { "X-Forwarded-For", "[2001:db8::7]:443",                           "2001:db8::7" },
        { "X-Forwarded-For", "[2001:db8::7]",                               "2001:db8::7" },
        { "X-Forwarded-For", "::ffff:192.0.2.7",                            "192.0.2.7" },
        { "X-Forwarded-For", "192.0.2.7,",                                  "192.0.2.7" },
        { "X-Forwarded-For", "192.0.2.7, unknown",                          "" },
        { "X-Forwarded-For", "192.0.2.7, ",                                 "" },
        { "X-Forwarded-For", "192.0.2.7 192.0.2.8",                         "" },
        { "X-Forwarded-For", "192.0.2.700",                                 "" },
        { "X-Forwarded-For", "[192.0.2.7",                                  "" },
        { "X-Forwarded-For", "[2001:db8::7]x",                              "" },
        { "X-Forwarded-For", "fe80::1%eth0",                                "" },
        { "X-Forwarded-For", ":",                                           "" },
        { "X-Forwarded-For", "",                                            "" },
        { "X-Forwarded-For", "for=192.0.2.7",                               "" },
        { "Forwarded",       "for=192.0.2.7",                               "192.0.2.7" },
        { "forwarded",       "For=203.0.113.1, by=10.0.0.1; FOR=192.0.2.7;proto=https", "192.0.2.7" },
        { "Forwarded",       "for=\"[2001:db8::7]:4711\"",                  "2001:db8::7" },
        { "Forwarded",       "for=\"192.0.2.7:80\"",                        "192.0.2.7" },
        { "Forwarded",       "host=\"a,for=203.0.113.1\", for=192.0.2.7",   "192.0.2.7" },
        { "Forwarded",       "for=192.0.2.7;host=\"a\\\";for=203.0.113.1\"", "192.0.2.7" },
        { "Forwarded",       "for=203.0.113.1, for=unknown",                "" },
        { "Forwarded",       "for=203.0.113.1, for=_gazonk",                "" },
        { "Forwarded",       "for=203.0.113.1, proto=https",                "" },
        { "Forwarded",       "for=203.0.113.1;for=192.0.2.7",               "" },
        { "Forwarded",       "for=203.0.113.1;host=\", for=192.0.2.7",      "" }, /* a quote without an end */
        { "Forwarded",       "for=203.0.113.1;x=\"\\",                      "" },
        { "Forwarded",       "for",                                         "" },
        { "Forwarded",       "for=",                                        "" },
        { "Forwarded",       "for=\"",                                      "" },
        { "Forwarded",       ";;,",                                         "" },
        { "Forwarded",       "192.0.2.7",                                   "" },
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char out[INET6_ADDRSTRLEN] = "stale";
        bool found = forwarded_read(text_of(cases[i].header), text_of(cases[i].value), out);
        if (strcmp(out, cases[i].expected) != 0 || found != (*cases[i].expected != '\0')) {
            fail_msg("%s: %s: %d \"%s\"", cases[i].header, cases[i].value, found, out);
        }
    }
}

/* --- tries ---------------------------------------------------------------------------------------------- */

static void a_few_of_one_account_from_one_address(void **state) {
    struct tries *tries = tries_new();
    for (int i = 0; i < 5; i++) {
        assert_int_equal(tries_count(tries, "192.0.2.7", TEXT("li.na"), 1000), 0);
    }
    assert_int_equal(tries_count(tries, "192.0.2.7", TEXT("li.na"), 1000), 900);
    assert_int_equal(tries_count(tries, "192.0.2.7", TEXT("li.na"), 1000 + 899000), 1);
    assert_int_equal(tries_count(tries, "192.0.2.8", TEXT("li.na"), 1000),
                     0); /* who comes from elsewhere may */
    assert_int_equal(tries_count(tries, "192.0.2.7", TEXT("zhao.min"), 1000), 0);
    assert_int_equal(tries_count(tries, "192.0.2.7", TEXT("li.na"), 1000 + 900000), 0);
    tries_free(tries);
}

static void more_of_one_address_over_all(void **state) {
    struct tries *tries = tries_new();
    char name[32];
    int let = 0;
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof(name), "account%d", i);
        let += tries_count(tries, "2001:db8::1", text_of(name), i) == 0;
    }
    assert_int_equal(let, 30);
    assert_int_not_equal(tries_count(tries, "2001:db8::ffff:1", TEXT("other"), 10000), 0); /* the same /64 */
    assert_int_equal(tries_count(tries, "2001:db8:0:1::1", TEXT("other"), 10000), 0);
    tries_free(tries);
}

static void more_of_one_account_from_everywhere(void **state) {
    struct tries *tries = tries_new();
    char address[32];
    int let = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(address, sizeof(address), "198.51.%d.%d", i / 250, i % 250);
        let += tries_count(tries, address, TEXT("li.na"), 1) == 0;
    }
    assert_int_equal(let, 100);
    tries_free(tries);
}

static void what_was_right_was_no_try(void **state) {
    struct tries *tries = tries_new();
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(tries_count(tries, "192.0.2.7", TEXT("li.na"), i), 0);
        tries_forgive(tries, "192.0.2.7", TEXT("li.na"), i);
    }
    tries_free(tries);
}

static void a_full_table_forgets_the_oldest_first(void **state) {
    struct tries *tries = tries_new();
    char address[32];
    for (int i = 0; i < 5; i++) {
        tries_count(tries, "192.0.2.7", TEXT("li.na"), 500000);
    }
    for (int i = 0; i < TRIES_MAX / 4; i++) { /* each takes three rows, and all began before */
        snprintf(address, sizeof(address), "10.%d.%d.%d", i >> 16, (i >> 8) & 255, i & 255);
        tries_count(tries, address, text_of(address), i);
    }
    assert_int_not_equal(tries_count(tries, "192.0.2.7", TEXT("li.na"), 500000), 0);
    tries_free(tries);
}

/* --- sessions ------------------------------------------------------------------------------------------- */

struct room {
    char directory[64], sessions[96], accounts[96];
    struct loop *loop;
    struct arena *arena;
    struct sessions *open;
    struct accounts *known;
    size_t told;
    enum status status;
};

static const char hash_of_one[] =
    "$scrypt$ln=15,r=8,p=3$Y9V18tgsWs+C5it9oS0M9A==$cGjoHilTY5cjR+1HCWoP55xjy18ycfiwYSRK2fh3jwU=";
static const char hash_of_other[] =
    "$scrypt$ln=15,r=8,p=3$1JlUoKpshXiBqUszvD+IqA==$ud4vJw68bZ8f8yuZShivr1qgNzD+oCi4BYsqMMAOY44=";

static void load_accounts(struct room *room, const char *hash) {
    char text[1024];
    struct verdict mistakes;
    struct parties *parties;
    verdict_init(&mistakes, room->arena);
    snprintf(text, sizeof(text),
             "accounts:\n  - {name: li.na, party: P, role: forwarder, password: '%s'}\n"
             "  - {name: zhao.min, party: P, role: forwarder, password: '%s'}\n",
             hash, hash_of_one);
    assert_int_equal(file_replace(room->accounts, text_of(text)), STATUS_OK);
    parties = parties_load(TEXT("parties:\n  - {code: P, name: {zh: a, en: a}, roles: [declarant]}\n"), "p",
                           NULL, room->arena, &mistakes);
    assert_non_null(parties);
    accounts_free(room->known);
    room->known = accounts_load(room->accounts, parties, &mistakes);
    assert_non_null(room->known);
    assert_int_equal(mistakes.errors, 0);
}

static void told(void *context, enum status status) {
    struct room *room = context;
    room->told++;
    room->status = status;
}

static void open_sessions(struct room *room) {
    assert_int_equal(sessions_open(room->loop, room->sessions, &room->open), STATUS_OK);
    sessions_set_terms(room->open, (struct session_terms){ .idle = 60 * MINUTE, .whole = 12 * 60 * MINUTE });
}

static void wait_until_told(struct room *room, size_t count) {
    while (room->told < count) {
        loop_turn(room->loop, 1000);
    }
}

static int set_up(void **state) {
    struct room *room = *state = calloc(1, sizeof(*room));
    strcpy(room->directory, "/tmp/clearway-people-XXXXXX");
    assert_non_null(mkdtemp(room->directory));
    snprintf(room->sessions, sizeof(room->sessions), "%s/sessions", room->directory);
    snprintf(room->accounts, sizeof(room->accounts), "%s/accounts.yaml", room->directory);
    room->loop = loop_new();
    room->arena = arena_new();
    load_accounts(room, hash_of_one);
    open_sessions(room);
    return 0;
}

static int tear_down(void **state) {
    struct room *room = *state;
    sessions_close(room->open);
    accounts_free(room->known);
    arena_free(room->arena);
    loop_free(room->loop);
    unlink(room->sessions);
    unlink(room->accounts);
    rmdir(room->directory);
    free(room);
    return 0;
}

static struct digest sign_in(struct room *room, const char *name, stamp now) {
    char token[SESSION_TOKEN_MAX];
    size_t before = room->told;
    const struct account *account = accounts_find(room->known, text_of(name));
    assert_non_null(account);
    assert_int_equal(sessions_begin(room->open, account, now, token, told, room), STATUS_OK);
    wait_until_told(room, before + 1);
    assert_int_equal(room->status, STATUS_OK);
    return digest_of(token, strlen(token));
}

static bool is_in(struct room *room, const struct digest *digest, stamp now) {
    return sessions_find(room->open, digest, now, room->known) != NULL;
}

static void reopen(struct room *room) {
    sessions_close(room->open);
    open_sessions(room);
}

static void a_session_slides_and_has_an_end(void **state) {
    struct room *room = *state;
    const struct account *account;
    struct digest digest = sign_in(room, "li.na", NOW);
    assert_true(is_in(room, &digest, NOW + 59 * MINUTE));
    assert_false(is_in(room, &digest, NOW + 60 * MINUTE));
    stamp at = NOW;
    while (at < NOW + 11 * 60 * MINUTE + 30 * MINUTE) {
        at += 50 * MINUTE;
        assert_non_null(sessions_use(room->open, &digest, at, room->known, &account));
        assert_string_equal(account->name, "li.na");
    }
    assert_true(is_in(room, &digest, NOW + 12 * 60 * MINUTE - 1));
    assert_false(is_in(room, &digest, NOW + 12 * 60 * MINUTE));
    reopen(room); /* that it was used stands in the file */
    assert_true(is_in(room, &digest, NOW + 12 * 60 * MINUTE - 1));
    assert_false(is_in(room, &digest, NOW + 12 * 60 * MINUTE));
}

static void what_ended_does_not_come_back(void **state) {
    struct room *room = *state;
    struct digest stays = sign_in(room, "li.na", NOW), leaves = sign_in(room, "li.na", NOW);
    size_t before = room->told;
    sessions_end(room->open, &leaves, told, room);
    assert_false(is_in(room, &leaves, NOW)); /* at once */
    wait_until_told(room, before + 1);
    assert_int_equal(room->status, STATUS_OK);
    reopen(room);
    assert_true(is_in(room, &stays, NOW));
    assert_false(is_in(room, &leaves, NOW));
    sessions_end(room->open, &leaves, told, room); /* there is none: nothing is written for it */
    assert_int_equal(room->told, before + 2);
}

static void another_password_ends_it(void **state) {
    struct room *room = *state;
    struct digest digest = sign_in(room, "li.na", NOW), other = sign_in(room, "zhao.min", NOW);
    load_accounts(room, hash_of_other);
    assert_false(is_in(room, &digest, NOW));
    assert_true(is_in(room, &other, NOW));
    reopen(room);
    assert_false(is_in(room, &digest, NOW));
    load_accounts(room, hash_of_one); /* the old one again: it was the same session's */
    assert_true(is_in(room, &digest, NOW));
}

/* Cut at every byte, each line is as if it were not there, and no other suffers. */
static void a_file_that_was_cut_anywhere(void **state) {
    struct room *room = *state;
    struct digest first = sign_in(room, "li.na", NOW), second = sign_in(room, "zhao.min", NOW);
    struct buf whole;
    buf_init(&whole, 1 << 16);
    sessions_close(room->open);
    assert_int_equal(file_read(room->sessions, &whole), STATUS_OK);
    size_t both = 0;
    for (size_t length = 0; length <= whole.length; length++) {
        struct text cut = { whole.at, length };
        assert_int_equal(file_replace(room->sessions, cut), STATUS_OK);
        open_sessions(room);
        both += is_in(room, &first, NOW) && is_in(room, &second, NOW);
        assert_false(!is_in(room, &first, NOW) && is_in(room, &second, NOW));
        assert_true(length < whole.length || both);
        sessions_close(room->open);
    }
    assert_in_range(both, 1, 3);
    buf_release(&whole);
    open_sessions(room);
}

static void a_changed_byte_is_no_session(void **state) {
    struct room *room = *state;
    struct digest digest = sign_in(room, "li.na", NOW);
    struct buf whole;
    buf_init(&whole, 1 << 16);
    sessions_close(room->open);
    assert_int_equal(file_read(room->sessions, &whole), STATUS_OK);
    for (size_t i = 0; i < whole.length; i++) {
        whole.at[i] ^= 1;
        assert_int_equal(file_replace(room->sessions, buf_text(&whole)), STATUS_OK);
        open_sessions(room);
        for (size_t k = 0; k < sessions_count(room->open, NOW); k++) {
            assert_true(is_in(room, &digest, NOW)); /* where there is one it is that */
        }
        sessions_close(room->open);
        whole.at[i] ^= 1;
    }
    buf_release(&whole);
    open_sessions(room);
}

static void one_more_ends_the_one_that_rested_longest(void **state) {
    struct room *room = *state;
    struct digest digests[SESSIONS_OF_ACCOUNT_MAX + 1];
    const struct account *account;
    for (int i = 0; i < SESSIONS_OF_ACCOUNT_MAX; i++) {
        digests[i] = sign_in(room, "li.na", NOW + i);
    }
    assert_non_null(sessions_use(room->open, &digests[0], NOW + 100, room->known, &account));
    struct digest other = sign_in(room, "zhao.min", NOW);
    digests[SESSIONS_OF_ACCOUNT_MAX] = sign_in(room, "li.na", NOW + 200);
    for (int i = 0; i <= SESSIONS_OF_ACCOUNT_MAX; i++) {
        assert_int_equal(is_in(room, &digests[i], NOW + 200), i != 1);
    }
    assert_true(is_in(room, &other, NOW + 200));
}

static void the_file_does_not_grow_for_ever(void **state) {
    struct room *room = *state;
    struct digest digest = sign_in(room, "li.na", NOW);
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 1200; i++) {
        struct digest other = sign_in(room, "zhao.min", NOW);
        size_t before = room->told;
        sessions_end(room->open, &other, told, room);
        wait_until_told(room, before + 1);
    }
    assert_int_equal(file_read(room->sessions, &text), STATUS_OK);
    assert_in_range(text.length, 1, 256 * 1024);
    buf_release(&text);
    reopen(room);
    assert_int_equal(sessions_count(room->open, NOW), 1);
    assert_true(is_in(room, &digest, NOW));
}

/* Where the file cannot be written nobody is told that it was, and the next change writes all of it. */
static void what_cannot_be_written_is_told(void **state) {
    struct room *room = *state;
    char token[SESSION_TOKEN_MAX], away[128];
    struct digest digest = sign_in(room, "li.na", NOW);
    for (int i = 0; i < 500; i++) { /* until it would be written anew */
        struct digest other = sign_in(room, "zhao.min", NOW);
        sessions_end(room->open, &other, NULL, NULL);
    }
    snprintf(away, sizeof(away), "%s.away", room->directory);
    assert_int_equal(rename(room->directory, away), 0);
    size_t failed = 0;
    for (int i = 0; i < 600 && !failed; i++) {
        size_t before = room->told;
        assert_int_equal(
            sessions_begin(room->open, accounts_find(room->known, TEXT("zhao.min")), NOW, token, told, room),
            STATUS_OK);
        wait_until_told(room, before + 1);
        failed += room->status != STATUS_OK;
        struct digest other = digest_of(token, strlen(token));
        before = room->told;
        sessions_end(room->open, &other, told, room);
        wait_until_told(room, before + 1);
        failed += room->status != STATUS_OK;
    }
    assert_int_not_equal(failed, 0);
    assert_int_equal(rename(away, room->directory), 0);
    struct digest last = sign_in(room, "zhao.min", NOW);
    reopen(room);
    assert_int_equal(sessions_count(room->open, NOW), 2);
    assert_true(is_in(room, &digest, NOW) && is_in(room, &last, NOW));
}

/* --- who sees what -------------------------------------------------------------------------------------- */

static const char *const role_texts[] = { "declarant", "customs", "office" };

static void the_matrix(void **state) {
    static const struct party forwarder = { .code = "F", .roles = { &role_texts[0], 1 } };
    static const struct party customs = { .code = "C", .roles = { &role_texts[1], 1 } };
    static const struct party office = { .code = "O", .roles = { &role_texts[2], 1 } };
    static const struct {
        enum sight_role role;
        const struct party *party;
        const char *reach; /* of goods, messages, figures, gateway: none, own, all; and where it is noted */
        const char *noted;
    } rows[] = {
        { SIGHT_PARTY, &forwarder, "ooon", "----" },     { SIGHT_PARTY, &office, "ooon", "----" },
        { SIGHT_FORWARDER, &forwarder, "ooon", "----" }, { SIGHT_INSPECTOR, &customs, "aoon", "*---" },
        { SIGHT_ANALYST, &office, "nnan", "--*-" },      { SIGHT_OPERATOR, &forwarder, "aaaa", "****" },
        { SIGHT_FORWARDER, &office, "ooon", "***-" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        for (int kind = 0; kind < VIEW_KINDS_COUNT; kind++) {
            struct sight sight = sight_of(rows[i].role, rows[i].party, (enum view_kind)kind);
            assert_int_equal("noa"[sight.reach], rows[i].reach[kind]);
            assert_int_equal(sight.is_by_role, rows[i].noted[kind] == '*');
            assert_ptr_equal(sight.viewer, sight.reach == SIGHT_ALL ? NULL : rows[i].party);
        }
    }
    assert_true(sight_role_suits(SIGHT_INSPECTOR, &customs));
    assert_false(sight_role_suits(SIGHT_INSPECTOR, &forwarder));
    assert_false(sight_role_suits(SIGHT_ANALYST, &customs));
    assert_true(sight_role_suits(SIGHT_OPERATOR, &customs));
    enum sight_role role;
    assert_false(sight_role_find(TEXT(""), &role));
    assert_true(sight_role_find(TEXT("carrier"), &role) && role == SIGHT_CARRIER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_is_of_one_password),
        cmocka_unit_test(what_is_no_hash_is_none),
        cmocka_unit_test(of_the_hops_the_last_one_counts),
        cmocka_unit_test(a_few_of_one_account_from_one_address),
        cmocka_unit_test(more_of_one_address_over_all),
        cmocka_unit_test(more_of_one_account_from_everywhere),
        cmocka_unit_test(what_was_right_was_no_try),
        cmocka_unit_test(a_full_table_forgets_the_oldest_first),
        cmocka_unit_test_setup_teardown(a_session_slides_and_has_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_ended_does_not_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_password_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_was_cut_anywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_byte_is_no_session, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_more_ends_the_one_that_rested_longest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_file_does_not_grow_for_ever, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told, set_up, tear_down),
        cmocka_unit_test(the_matrix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
