/*
 * client.c - an example of a party's end of CLEARWAY/1 (adapters/zmq/PROTOCOL.md) in C with libzmq alone;
 * client.py and Client.java do the same.
 *
 *   zmq_client ADDRESS GATEWAY.public PARTY.public PARTY.secret COMMAND ...
 *
 *   submit FILE...             hands in each file; prints RECEIPT or PROBLEM with its headers
 *   receive FOLDER COUNT       takes so many deliveries and decisions, keeps each in FOLDER, prints its verb
 *                              and headers
 *   follow STREAM PLACE COUNT  prints so many events, one a line; PLACE is the file that remembers how far it
 *                              has come
 *
 * Headers are read by two small functions that know how the gateway writes them; a program of yours takes a
 * JSON library.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define PATIENCE_MS   5000 /* then what was asked is asked again: asking twice does no harm */
#define CREDIT        16
#define REPEATS_MAX   4096
#define MESSAGE_MAX   (12 << 20)
#define NO_PLACE      INT64_MIN
#define HEARTBEAT_MS  5000
#define CONNECTION_MS 15000

struct party {
    void *context, *line;
    const char *keys[3]; /* files: the gateway's public key, the party's public and secret ones */
};

struct message {
    char verb[32], headers[20000];
    char *body; /* of MESSAGE_MAX bytes */
    size_t length;
};

/* Safe to be kept apart from what is being written: the file is whole or not there. */
static void keep(const char *path, const void *bytes, size_t length) {
    char part[4200];
    snprintf(part, sizeof(part), "%s.part", path);
    int file = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || write(file, bytes, length) != (ssize_t)length || fsync(file) != 0 || close(file) != 0
        || rename(part, path) != 0) {
        perror(path);
        exit(1);
    }
}

static size_t read_file(const char *path, char *out, size_t max) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    size_t length = fread(out, 1, max, file);
    fclose(file);
    return length;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* --- sockets ------------------------------------------------------------------------------------- */

static void must(int result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", what, zmq_strerror(errno));
        exit(1);
    }
}

static void set_number(void *socket, int option, int value) {
    must(zmq_setsockopt(socket, option, &value, sizeof(value)), "zmq_setsockopt");
}

static void set_key(void *socket, int option, const char *path) {
    char key[64] = "";
    read_file(path, key, sizeof(key) - 1);
    key[strcspn(key, "\r\n")] = '\0';
    must(zmq_setsockopt(socket, option, key, strlen(key)), path);
}

static void *connect_to(const struct party *party, int kind, const char *address) {
    void *socket = zmq_socket(party->context, kind);
    set_key(socket, ZMQ_CURVE_SERVERKEY, party->keys[0]);
    set_key(socket, ZMQ_CURVE_PUBLICKEY, party->keys[1]);
    set_key(socket, ZMQ_CURVE_SECRETKEY, party->keys[2]);
    set_number(socket, ZMQ_LINGER, PATIENCE_MS);
    set_number(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS); /* a dead connection is made anew */
    set_number(socket, ZMQ_HEARTBEAT_TIMEOUT, CONNECTION_MS);
    if (kind == ZMQ_SUB) {
        must(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0), "subscribe");
    }
    must(zmq_connect(socket, address), address);
    return socket;
}

static void say(const struct party *party, const char *verb, const char *headers, const void *body,
                size_t length) {
    must(zmq_send(party->line, verb, strlen(verb), ZMQ_SNDMORE), verb);
    must(zmq_send(party->line, headers, strlen(headers), ZMQ_SNDMORE), verb);
    must(zmq_send(party->line, body, length, 0), verb);
}

/* False: nothing came in this time. */
static bool hear(void *socket, int64_t patience_ms, struct message *out) {
    zmq_pollitem_t item = { socket, 0, ZMQ_POLLIN, 0 };
    if (zmq_poll(&item, 1, patience_ms) <= 0) {
        return false;
    }
    int verb = zmq_recv(socket, out->verb, sizeof(out->verb) - 1, 0);
    int headers = zmq_recv(socket, out->headers, sizeof(out->headers) - 1, 0);
    int body = zmq_recv(socket, out->body, MESSAGE_MAX, 0);
    must(verb < 0 || headers < 0 ? -1 : body, "zmq_recv");
    out->verb[verb] = out->headers[headers] = '\0';
    out->length = (size_t)body;
    return true;
}

/* --- headers, as the gateway writes them --------------------------------------------------------- */

static const char *find(const char *json, const char *name) {
    char key[64];
    snprintf(key, sizeof(key), "\"%s\":", name);
    const char *at = strstr(json, key);
    return at ? at + strlen(key) : "";
}

static const char *text_of(const struct message *message, const char *name, char out[256]) {
    const char *at = find(message->headers, name);
    bool is_text = *at == '"';
    at += is_text;
    snprintf(out, 256, "%.*s", is_text ? (int)strcspn(at, "\"") : 0, at);
    return out;
}

static int64_t number_of(const struct message *message, const char *name) {
    return strtoll(find(message->headers, name), NULL, 10);
}

static bool flag_of(const struct message *message, const char *name) {
    return strncmp(find(message->headers, name), "true", 4) == 0;
}

/* --- what is asked, and asked again -------------------------------------------------------------- */

static void ask(const struct party *party, const char *verb, const char *headers, const char *ref,
                const void *body, size_t length, struct message *answer) {
    char got[256];
    for (bool answered = false; !answered;) {
        say(party, verb, headers, body, length);
        int64_t end_ms = now_ms() + PATIENCE_MS, left_ms = PATIENCE_MS;
        while (!answered && left_ms > 0 && hear(party->line, left_ms, answer)) {
            answered = strcmp(text_of(answer, "ref", got), ref) == 0;
            left_ms = end_ms - now_ms();
        }
        if (answered && strcmp(answer->verb, "PROBLEM") == 0 && flag_of(answer, "retry")) {
            answered = false;
            sleep(1);
        }
    }
}

static void submit(const struct party *party, char **files, struct message *answer) {
    char *bytes = malloc(MESSAGE_MAX), headers[300];
    for (; *files; files++) {
        size_t length = read_file(*files, bytes, MESSAGE_MAX);
        const char *ref = basename(*files);
        snprintf(headers, sizeof(headers), "{\"ref\":\"%s\"}", ref);
        ask(party, "SUBMIT", headers, ref, bytes, length, answer);
        printf("%s %s\n", answer->verb, answer->headers);
    }
    free(bytes);
}

/* --- receiving ----------------------------------------------------------------------------------- */

/* One more credit comes back with each ACK. A gateway that was started anew has forgotten us: silence is
 * answered by HELLO. */
static void receive(const struct party *party, const char *folder, long count, struct message *message) {
    static char done[REPEATS_MAX][256];
    char hello[64], path[4096], id[256], ack[300];
    long taken = 0;
    snprintf(hello, sizeof(hello), "{\"credit\":%d}", CREDIT);
    say(party, "HELLO", hello, "", 0);
    while (taken < count) {
        if (!hear(party->line, PATIENCE_MS, message)) {
            say(party, "HELLO", hello, "", 0);
            continue;
        }
        if (strcmp(message->verb, "DELIVER") != 0 && strcmp(message->verb, "DECISION") != 0) {
            continue;
        }
        text_of(message, "delivery", id);
        snprintf(path, sizeof(path), "%s/%s", folder, id);
        for (char *at = path + strlen(folder) + 1; (at = strchr(at, '/')) != NULL;) {
            *at = '-';
        }
        keep(path, message->body, message->length); /* first it is safe, then it is acknowledged */
        snprintf(ack, sizeof(ack), "{\"delivery\":\"%s\"}", id);
        say(party, "ACK", ack, "", 0);
        bool repeated = false;
        for (long i = 0; i < taken; i++) {
            repeated = repeated || strcmp(done[i], id) == 0;
        }
        if (!repeated && taken < REPEATS_MAX) {
            strcpy(done[taken++], id);
            printf("%s %s\n", message->verb, message->headers);
        }
    }
}

/* --- following ----------------------------------------------------------------------------------- */

struct follower {
    const struct party *party;
    void *stream;
    const char *file;
    int64_t place; /* everything up to here is known */
    long count;
};

/* The objects of an array, one after the other; NULL behind the last. */
static char *next_object(char **at) {
    int depth = 0;
    bool in_string = false;
    char *start = NULL;
    for (char *c = *at; *c; c++) {
        if (in_string) {
            in_string = *c != '"';
            c += *c == '\\' && c[1] != '\0';
        } else if (*c == '"') {
            in_string = true;
        } else if (*c == '{') {
            start = depth++ == 0 ? c : start;
        } else if (*c == '}' && --depth == 0) {
            *at = c + 1;
            return start;
        }
    }
    return NULL;
}

/* All behind `after` and up to `position`. The events are handled, then the place is remembered. */
static void take(struct follower *follower, struct message *message) {
    char *at = message->body, place[32];
    message->body[message->length] = '\0';
    for (char *event; (event = next_object(&at)) != NULL;) {
        char *end = at, kept = *end;
        *end = '\0';
        const char *sequence = find(event, "sequence");
        if (strtoll(sequence + (*sequence == '"'), NULL, 10) > follower->place) {
            printf("%s\n", event);
            follower->count++;
        }
        *end = kept;
    }
    follower->place = number_of(message, "position");
    keep(follower->file, place, (size_t)snprintf(place, sizeof(place), "%" PRId64, follower->place));
}

static void catch_up(struct follower *follower, struct message *answer) {
    char asked[100] = "{\"ref\":\"follow\"}";
    do {
        if (follower->place != NO_PLACE) {
            snprintf(asked, sizeof(asked), "{\"ref\":\"follow\",\"after\":%" PRId64 "}", follower->place);
        }
        ask(follower->party, "FOLLOW", asked, "follow", "", 0, answer);
        if (strcmp(answer->verb, "EVENTS") != 0) {
            fprintf(stderr, "%s %s\n", answer->verb, answer->headers);
            exit(1);
        }
        take(follower, answer);
    } while (flag_of(answer, "more"));
}

static void follow(const struct party *party, const char *stream, const char *file, long count,
                   struct message *message) {
    struct follower follower = { party, connect_to(party, ZMQ_SUB, stream), file, NO_PLACE, 0 };
    if (access(file, F_OK) == 0) {
        char place[32] = "";
        read_file(file, place, sizeof(place) - 1);
        follower.place = strtoll(place, NULL, 10);
    }
    catch_up(&follower, message);
    while (follower.count < count) {
        bool heard = hear(follower.stream, PATIENCE_MS, message);
        if (!heard || number_of(message, "after") > follower.place) { /* silence, or a gap */
            catch_up(&follower, message);
        } else if (number_of(message, "position") > follower.place) { /* else it is known already */
            take(&follower, message);
        }
    }
    zmq_close(follower.stream);
}

int main(int count, char **arguments) {
    if (count < 7) {
        fprintf(stderr, "usage: zmq_client ADDRESS GATEWAY.public PARTY.public PARTY.secret COMMAND ...\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct party party = { .context = zmq_ctx_new(), .keys = { arguments[2], arguments[3], arguments[4] } };
    party.line = connect_to(&party, ZMQ_DEALER, arguments[1]);
    struct message message = { .body = malloc(MESSAGE_MAX + 1) };
    const char *command = arguments[5];
    if (strcmp(command, "submit") == 0) {
        submit(&party, arguments + 6, &message);
    } else if (strcmp(command, "receive") == 0 && count == 8) {
        receive(&party, arguments[6], strtol(arguments[7], NULL, 10), &message);
    } else if (strcmp(command, "follow") == 0 && count == 9) {
        follow(&party, arguments[6], arguments[7], strtol(arguments[8], NULL, 10), &message);
    }
    zmq_close(party.line);
    zmq_ctx_term(party.context); /* the last ACK leaves */
    free(message.body);
    return 0;
}
