/*
 * sessions.h - who is signed in 会话: a random token in the cookie of a browser, and its digest here and in a
 * file.
 *
 *   clearway-sessions 1
 *   + DIGEST ACCOUNT BEGUN PASSWORD CHECK      signed in; of the password's hash the beginning of its digest
 *   ~ DIGEST USED CHECK                        was still used then
 *   - DIGEST CHECK                             signed out
 *
 * A session ends by its account's word, when it was not used for a while, when it is old, and when its
 * account is gone, blocked or has another password. It begins once its line is durable, and the end of one is
 * answered once that is: so a restart signs nobody out, and brings nobody back. Whoever reads the file can
 * sign in nowhere: it holds digests of tokens that have 256 bits.
 *
 * Owns      the file, and a thread that writes it: the loop waits for no disk.
 * Limits    SESSIONS_MAX, of one account SESSIONS_OF_ACCOUNT_MAX: one more ends the one that was used longest
 *           ago.
 * Thread    the loop thread. Moments are the house's (base/clock.h).
 */
#ifndef ADAPTERS_API_SESSIONS_H
#define ADAPTERS_API_SESSIONS_H

#include "base/digest.h"
#include "base/loop.h"
#include "base/stamp.h"
#include "base/status.h"
#include "adapters/api/accounts.h"

#define SESSIONS_MAX            10000
#define SESSIONS_OF_ACCOUNT_MAX 16
#define SESSION_TOKEN_MAX       DIGEST_HEX_MAX

struct sessions;

struct session {
    struct digest digest; /* of its token */
    char account[ACCOUNT_NAME_MAX + 1];
    uint64_t password; /* the beginning of the digest of its account's hash then */
    stamp begun, used;
    stamp noted; /* of used: what the file says */
};

struct session_terms {
    stamp idle, whole; /* how long: since it was used, since it began */
};

/* Called once, on the loop thread. */
typedef void sessions_done(void *context, enum status status);

/* What the file of the life before says goes on; a line that is not whole is passed over. IO, FULL. */
enum status sessions_open(struct loop *loop, const char *path, struct sessions **out);
/* What was told to the file is written; those who wait are told. NULL is fine. */
void sessions_close(struct sessions *sessions);
void sessions_set_terms(struct sessions *sessions, struct session_terms terms);

/* The token is for its holder alone. done: OK: it has begun; else it has not. BUSY: there are too many, and
 * done is not called. */
enum status sessions_begin(struct sessions *sessions, const struct account *account, stamp now,
                           char token[SESSION_TOKEN_MAX], sessions_done *done, void *context);
/* The one of that token's digest, used now, and its account among these; NULL: there is none. Lives until the
 * loop goes on. */
const struct session *sessions_use(struct sessions *sessions, const struct digest *digest, stamp now,
                                   const struct accounts *accounts, const struct account **account);
/* The same, and it is not used by that. */
const struct session *sessions_find(const struct sessions *sessions, const struct digest *digest, stamp now,
                                    const struct accounts *accounts);
/* It has ended; done: whether that is durable. */
void sessions_end(struct sessions *sessions, const struct digest *digest, sessions_done *done, void *context);
/* These accounts are in force: sessions whose account is gone, blocked or has another password have ended,
 * and come back with nothing. */
void sessions_keep(struct sessions *sessions, const struct accounts *accounts);
/* Of those that are not over. */
size_t sessions_count(const struct sessions *sessions, stamp now);

#endif
