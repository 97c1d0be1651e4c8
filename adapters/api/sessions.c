/*
 * sessions.c - an array in memory, and lines that follow it into the file, one after another on a thread of
 * its own. Where a line could not be written the whole is written anew with the next one.
 */
#include "adapters/api/sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/errands.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"

#define HEAD           "clearway-sessions 1\n"
#define FILE_BYTES_MAX (64u << 20)
#define LINE_MAX_BYTES 256
#define LINES_SPARE    1000 /* beyond those that say something: then the file is written anew */
#define NOTED_PARTS    8    /* of the idle time: as often the file hears that one is used */
#define WRITES_MAX     1024 /* under way */

struct sessions {
    struct loop *loop;
    char *path;
    struct errands *errands;
    struct session *list;
    size_t count, capacity;
    struct session_terms terms;
    size_t lines; /* of the file */
    size_t writing;
    bool spoilt; /* the file lacks something that was to stand in it */
    int fd;      /* the thread's */
};

/* Text on its way into the file. */
struct writing {
    struct errand errand; /* first */
    struct sessions *sessions;
    struct buf text;
    bool is_whole; /* the file from its head on */
    enum status status;
    sessions_done *done; /* NULL: nobody waits */
    void *context;
};

/* --- lines ---------------------------------------------------------------------------------------------- */

/* A line that was cut off begins none, and is none: each begins on a line of its own, and has its check. */
static void add_line(struct buf *text, const char *line) {
    buf_printf(text, "\n%s %08" PRIx32 "\n", line, crc32c(0, line, strlen(line)));
}

static void add_begun(struct buf *text, const struct session *session) {
    char hex[DIGEST_HEX_MAX], line[LINE_MAX_BYTES];
    snprintf(line, sizeof(line), "+ %s %s %" PRId64 " %016" PRIx64, digest_hex(&session->digest, hex),
             session->account, session->begun, session->password);
    add_line(text, line);
}

static void add_used(struct buf *text, const struct session *session) {
    char hex[DIGEST_HEX_MAX], line[LINE_MAX_BYTES];
    snprintf(line, sizeof(line), "~ %s %" PRId64, digest_hex(&session->digest, hex), session->used);
    add_line(text, line);
}

static void add_ended(struct buf *text, const struct digest *digest) {
    char hex[DIGEST_HEX_MAX], line[LINE_MAX_BYTES];
    snprintf(line, sizeof(line), "- %s", digest_hex(digest, hex));
    add_line(text, line);
}

/* The words of a line whose check is right; 0: it is none. */
static size_t read_line(struct text line, struct text words[5]) {
    const char *blank = line.length ? memrchr(line.at, ' ', line.length) : NULL;
    size_t count = 0;
    char check[16];
    if (!blank) {
        return 0;
    }
    struct text said = { line.at, (size_t)(blank - line.at) };
    struct text told = { blank + 1, line.length - said.length - 1 };
    snprintf(check, sizeof(check), "%08" PRIx32, crc32c(0, said.at, said.length));
    if (!text_is(told, check)) {
        return 0;
    }
    while (said.length && count < 5) {
        words[count++] = text_until(&said, ' ');
    }
    return said.length ? 0 : count;
}

static bool read_moment(struct text word, stamp *at) {
    uint64_t number;
    bool good = text_to_uint(word, &number) && number <= INT64_MAX;
    *at = good ? (stamp)number : 0;
    return good;
}

/* --- the list ------------------------------------------------------------------------------------------- */

static struct session *find(const struct sessions *sessions, const struct digest *digest) {
    for (size_t i = 0; i < sessions->count; i++) {
        if (digest_equal(&sessions->list[i].digest, digest)) {
            return &sessions->list[i];
        }
    }
    return NULL;
}

static struct session *add(struct sessions *sessions) {
    if (sessions->count == sessions->capacity) {
        sessions->capacity = sessions->capacity ? 2 * sessions->capacity : 64;
        sessions->list = memory_grow(sessions->list, sessions->capacity, sizeof(*sessions->list));
    }
    struct session *session = &sessions->list[sessions->count++];
    *session = (struct session){ .begun = 0 };
    return session;
}

static void drop(struct sessions *sessions, struct session *session) {
    *session = sessions->list[--sessions->count];
}

static uint64_t mark_of(const struct account *account) {
    struct digest digest = digest_of(account->password, strlen(account->password));
    uint64_t mark;
    memcpy(&mark, digest.bytes, sizeof(mark));
    return mark;
}

static bool is_over(const struct sessions *sessions, const struct session *session, stamp now) {
    return now - session->begun >= sessions->terms.whole || now - session->used >= sessions->terms.idle;
}

/* NULL: it is not what it was. */
static const struct account *same_account(const struct session *session, const struct accounts *accounts) {
    const struct account *account = accounts_find(accounts, text_of(session->account));
    return account && *account->password && mark_of(account) == session->password ? account : NULL;
}

/* NULL: it is over, or its account is not what it was. */
static const struct account *account_of(const struct sessions *sessions, const struct session *session,
                                        stamp now, const struct accounts *accounts) {
    return is_over(sessions, session, now) ? NULL : same_account(session, accounts);
}

/* --- the file ------------------------------------------------------------------------------------------- */

static void add_all(const struct sessions *sessions, struct buf *text) {
    buf_add_string(text, HEAD);
    for (size_t i = 0; i < sessions->count; i++) {
        add_begun(text, &sessions->list[i]);
        add_used(text, &sessions->list[i]);
    }
}

static void read_begun(struct sessions *sessions, const struct text *words) {
    struct digest digest, mark = { { 0 } };
    stamp begun;
    char padded[2 * DIGEST_SIZE + 1];
    memset(padded, '0', sizeof(padded));
    bool good = words[4].length == 16 && words[2].length <= ACCOUNT_NAME_MAX
                && digest_from_hex(words[1], &digest) && read_moment(words[3], &begun);
    if (good) {
        memcpy(padded, words[4].at, 16);
        good = digest_from_hex((struct text){ padded, 2 * DIGEST_SIZE }, &mark);
    }
    if (!good || find(sessions, &digest) || sessions->count == SESSIONS_MAX) {
        return;
    }
    struct session *session = add(sessions);
    session->digest = digest;
    memcpy(session->account, words[2].at, words[2].length);
    session->begun = session->used = session->noted = begun;
    for (size_t i = 0; i < sizeof(session->password); i++) { /* it was printed as a number */
        session->password = session->password << 8 | mark.bytes[i];
    }
}

static void read_whole(struct sessions *sessions, struct text text) {
    while (text.length) {
        struct text words[5];
        size_t count = read_line(text_until(&text, '\n'), words);
        struct digest digest;
        stamp used;
        if (count == 5 && text_is(words[0], "+")) {
            read_begun(sessions, words);
            continue;
        }
        struct session *session =
            count >= 2 && digest_from_hex(words[1], &digest) ? find(sessions, &digest) : NULL;
        if (session && count == 2 && text_is(words[0], "-")) {
            drop(sessions, session);
        } else if (session && count == 3 && text_is(words[0], "~") && read_moment(words[2], &used)) {
            session->used = session->noted = used > session->used ? used : session->used;
        }
    }
}

/* --- on its thread -------------------------------------------------------------------------------------- */

static enum status append(const struct sessions *sessions, struct text text) {
    size_t done = 0;
    while (done < text.length) {
        ssize_t wrote = write(sessions->fd, text.at + done, text.length - done);
        if (wrote < 0 && errno != EINTR) {
            return file_status(errno);
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return fdatasync(sessions->fd) == 0 ? STATUS_OK : STATUS_IO;
}

static int open_file(const char *path) {
    return open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static void write_text(struct errand *errand) {
    struct writing *writing = (struct writing *)errand;
    struct sessions *sessions = writing->sessions;
    if (!writing->is_whole) {
        writing->status = sessions->fd >= 0 ? append(sessions, buf_text(&writing->text)) : STATUS_IO;
        return;
    }
    writing->status = file_replace(sessions->path, buf_text(&writing->text));
    if (writing->status == STATUS_OK) {
        int fd = open_file(sessions->path);
        if (sessions->fd >= 0) {
            close(sessions->fd);
        }
        sessions->fd = fd;
        writing->status = fd >= 0 ? STATUS_OK : file_status(errno);
    }
}

/* --- on the loop again ---------------------------------------------------------------------------------- */

static void written(struct errand *errand, bool ran) {
    struct writing *writing = (struct writing *)errand;
    struct sessions *sessions = writing->sessions;
    if (!ran) { /* we close: nobody else writes now */
        write_text(errand);
    }
    enum status status = writing->status;
    sessions->writing--;
    if (status != STATUS_OK) {
        sessions->spoilt = true;
        log_event_bounded(LOG_ERROR, EVENT_API_SESSIONS_NOT_WRITTEN,
                          LOG_STRING("status", status_name(status)), LOG_END);
    }
    if (writing->done) {
        writing->done(writing->context, status);
    }
    buf_release(&writing->text);
    free(writing);
}

/* Takes the text: a line; or lets the whole be written, where that is due. */
static void hand(struct sessions *sessions, struct buf *text, sessions_done *done, void *context) {
    struct writing *writing = memory_new(sizeof(*writing));
    *writing = (struct writing){ .errand = { .run = write_text, .done = written },
                                 .sessions = sessions,
                                 .done = done,
                                 .context = context };
    sessions->lines++;
    writing->is_whole = sessions->spoilt || sessions->lines > 2 * sessions->count + LINES_SPARE;
    buf_init(&writing->text, FILE_BYTES_MAX);
    if (writing->is_whole) {
        sessions->spoilt = false;
        sessions->lines = 2 * sessions->count;
        add_all(sessions, &writing->text);
    } else {
        buf_add_text(&writing->text, buf_text(text));
    }
    buf_release(text);
    sessions->writing++;
    errands_hand(sessions->errands, &writing->errand);
}

static void tell_end(struct sessions *sessions, const struct digest *digest, sessions_done *done,
                     void *context) {
    struct buf text;
    buf_init(&text, LINE_MAX_BYTES);
    add_ended(&text, digest);
    hand(sessions, &text, done, context);
}

/* --- for everybody -------------------------------------------------------------------------------------- */

enum status sessions_open(struct loop *loop, const char *path, struct sessions **out) {
    struct buf text;
    buf_init(&text, FILE_BYTES_MAX);
    *out = NULL;
    enum status status = file_read(path, &text);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND && status != STATUS_TOO_LARGE) {
        buf_release(&text);
        return status;
    }
    struct sessions *sessions = memory_new(sizeof(*sessions));
    sessions->loop = loop;
    sessions->path = memory_string(path);
    if (text_starts(buf_text(&text), HEAD)) {
        read_whole(sessions, buf_text(&text));
    }
    buf_clear(&text);
    add_all(sessions, &text);
    sessions->lines = 2 * sessions->count;
    status = file_replace(path, buf_text(&text));
    buf_release(&text);
    sessions->fd = status == STATUS_OK ? open_file(path) : -1;
    status = status == STATUS_OK && sessions->fd < 0 ? file_status(errno) : status;
    if (status == STATUS_OK) {
        status = errands_open(loop, "sessions", &sessions->errands);
    }
    if (status != STATUS_OK) {
        sessions_close(sessions);
        return status;
    }
    *out = sessions;
    return STATUS_OK;
}

void sessions_close(struct sessions *sessions) {
    if (!sessions) {
        return;
    }
    errands_close(sessions->errands);
    if (sessions->fd >= 0) {
        close(sessions->fd);
    }
    free(sessions->list);
    free(sessions->path);
    free(sessions);
}

void sessions_set_terms(struct sessions *sessions, struct session_terms terms) {
    require(terms.idle > 0 && terms.whole > 0);
    sessions->terms = terms;
}

size_t sessions_count(const struct sessions *sessions, stamp now) {
    size_t count = 0;
    for (size_t i = 0; i < sessions->count; i++) {
        count += !is_over(sessions, &sessions->list[i], now);
    }
    return count;
}

/* Those that are over make room, and of the account's own the one that was used longest ago. */
static void make_room(struct sessions *sessions, const struct account *account, stamp now) {
    struct session *oldest = NULL;
    size_t own = 0;
    for (size_t i = sessions->count; i-- > 0;) {
        if (is_over(sessions, &sessions->list[i], now)) {
            drop(sessions, &sessions->list[i]); /* its line says when it is over */
        }
    }
    for (size_t i = 0; i < sessions->count; i++) {
        struct session *session = &sessions->list[i];
        if (strcmp(session->account, account->name) == 0) {
            own++;
            oldest = !oldest || session->used < oldest->used ? session : oldest;
        }
    }
    if (own >= SESSIONS_OF_ACCOUNT_MAX) {
        struct digest digest = oldest->digest;
        drop(sessions, oldest);
        tell_end(sessions, &digest, NULL, NULL);
    }
}

enum status sessions_begin(struct sessions *sessions, const struct account *account, stamp now,
                           char token[SESSION_TOKEN_MAX], sessions_done *done, void *context) {
    struct digest random;
    struct buf text;
    require(sessions->terms.idle > 0 && *account->password && done);
    if (sessions->writing >= WRITES_MAX) {
        return STATUS_BUSY;
    }
    make_room(sessions, account, now);
    if (sessions->count == SESSIONS_MAX) {
        return STATUS_BUSY;
    }
    random_fill(random.bytes, sizeof(random.bytes));
    digest_hex(&random, token);
    struct session *session = add(sessions);
    session->digest = digest_of(token, strlen(token));
    strcpy(session->account, account->name);
    session->password = mark_of(account);
    session->begun = session->used = session->noted = now;
    buf_init(&text, LINE_MAX_BYTES);
    add_begun(&text, session);
    hand(sessions, &text, done, context);
    return STATUS_OK;
}

/* Now and then the file hears of it, so that a restart does not end what is in use. */
static void use(struct sessions *sessions, struct session *session, stamp now) {
    struct buf text;
    session->used = now > session->used ? now : session->used;
    if (session->used - session->noted < sessions->terms.idle / NOTED_PARTS
        || sessions->writing >= WRITES_MAX) {
        return;
    }
    session->noted = session->used;
    buf_init(&text, LINE_MAX_BYTES);
    add_used(&text, session);
    hand(sessions, &text, NULL, NULL);
}

const struct session *sessions_find(const struct sessions *sessions, const struct digest *digest, stamp now,
                                    const struct accounts *accounts) {
    const struct session *session = find(sessions, digest);
    return session && account_of(sessions, session, now, accounts) ? session : NULL;
}

const struct session *sessions_use(struct sessions *sessions, const struct digest *digest, stamp now,
                                   const struct accounts *accounts, const struct account **account) {
    struct session *session = find(sessions, digest);
    *account = session ? account_of(sessions, session, now, accounts) : NULL;
    if (!*account) {
        return NULL;
    }
    use(sessions, session, now);
    return session;
}

void sessions_end(struct sessions *sessions, const struct digest *digest, sessions_done *done,
                  void *context) {
    struct digest ended = *digest; /* it may be the session's own */
    struct session *session = find(sessions, &ended);
    if (session) {
        drop(sessions, session);
    }
    if (session || sessions->spoilt) {
        tell_end(sessions, &ended, done, context);
    } else if (done) { /* nobody makes us write of sessions that there are none of */
        done(context, STATUS_OK);
    }
}

void sessions_keep(struct sessions *sessions, const struct accounts *accounts) {
    struct buf text;
    buf_init(&text, FILE_BYTES_MAX);
    for (size_t i = sessions->count; i-- > 0;) {
        if (!same_account(&sessions->list[i], accounts)) {
            add_ended(&text, &sessions->list[i].digest);
            drop(sessions, &sessions->list[i]);
            sessions->lines++;
        }
    }
    if (text.length) {
        hand(sessions, &text, NULL, NULL);
    } else {
        buf_release(&text);
    }
}
