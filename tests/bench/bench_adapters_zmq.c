/*
 * bench_adapters_zmq.c - what a delivery over ZeroMQ costs: messages of 300 B and 10 KB to 8 parties, each
 * acknowledged, at most 64 in flight to each, beside a bare loop over libzmq that sends the same frames over
 * the same kind of sockets and counts what comes back.
 *
 * The receivers are a process of their own. Time is CPU time of the sending process, libzmq's thread with it,
 * in rounds that take turns; the median of each, and of the ratios of rounds side by side. The goal is 0.8 of
 * the bare loop.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/memory.h"
#include "edition/party.h"
#include "adapters/adapters.h"
#include "adapters/zmq/socket.h"
#include "adapters/zmq/zmq.h"
#include "fan_out.h"
#include "bench_clock.h"

enum { ROUNDS = 15, LINES = 2 * PARTIES, ADDRESS_MAX = 64, WAIT_MS = 1000 };

struct keys {
    char public_key[41], secret_key[41];
};

static struct keys gateway, party_keys[PARTIES];

/* --- the receivers ------------------------------------------------------------------------------- */

static void say(void *socket, const char *verb, const char *headers) {
    zmq_send(socket, verb, strlen(verb), ZMQ_SNDMORE);
    zmq_send(socket, headers, strlen(headers), ZMQ_SNDMORE);
    zmq_send(socket, "", 0, 0);
}

static void acknowledge(void *socket) {
    zmq_msg_t frames[FRAMES_MAX];
    while (socket_has_input(socket)) {
        size_t count = socket_receive(socket, frames);
        struct text headers = frame_text(&frames[1]);
        if (count == 3 && text_is(frame_text(&frames[0]), "DELIVER")) {
            char ack[128];
            const char *id = memmem(headers.at, headers.length, "\"delivery\":\"", 12);
            const char *end = memchr(id + 12, '"', 64);
            snprintf(ack, sizeof(ack), "{\"delivery\":\"%.*s\"}", (int)(end - id - 12), id + 12);
            say(socket, "ACK", ack);
        }
        frames_close(frames, count);
    }
}

static void receive(int from) {
    char address[LINES][ADDRESS_MAX];
    void *context = zmq_ctx_new();
    zmq_pollitem_t items[LINES];
    require(read(from, address, sizeof(address)) == sizeof(address));
    for (int i = 0; i < LINES; i++) {
        void *socket = zmq_socket(context, ZMQ_DEALER);
        char hello[32];
        socket_set_text(socket, ZMQ_CURVE_SERVERKEY, gateway.public_key);
        socket_set_text(socket, ZMQ_CURVE_PUBLICKEY, party_keys[i % PARTIES].public_key);
        socket_set_text(socket, ZMQ_CURVE_SECRETKEY, party_keys[i % PARTIES].secret_key);
        require(zmq_connect(socket, address[i]) == 0);
        snprintf(hello, sizeof(hello), "{\"credit\":%d}", WINDOW);
        say(socket, "HELLO", hello);
        items[i] = (zmq_pollitem_t){ socket, 0, ZMQ_POLLIN, 0 };
    }
    for (;;) {
        zmq_poll(items, LINES, -1);
        for (int i = 0; i < LINES; i++) {
            acknowledge(items[i].socket);
        }
    }
}

/* --- the gateway's side -------------------------------------------------------------------------- */

static struct {
    struct arena *arena;
    struct edition edition;
    struct journal *journal;
    struct zmq *zmq;
    char directory[64], secret_file[96];
    size_t reached;
} house;

static void opened(void *listener, const struct party *party) {
    house.reached++;
}

static void open_house(void) {
    struct verdict mistakes;
    struct journal_report report;
    struct buf rows;
    strcpy(house.directory, "/tmp/clearway-bench-XXXXXX");
    require(mkdtemp(house.directory));
    snprintf(house.secret_file, sizeof(house.secret_file), "%s/secret", house.directory);
    FILE *file = fopen(house.secret_file, "w");
    fprintf(file, "%s\n", gateway.secret_key);
    fclose(file);
    buf_init(&rows, 8192);
    buf_add_string(&rows, "parties:\n");
    for (int i = 0; i < PARTIES; i++) {
        buf_printf(&rows,
                   "  - { code: P%d, name: { zh: 甲, en: P }, roles: [terminal], zmq: { bind: "
                   "\"tcp://127.0.0.%d:*\", keys: [\"%s\"] }, deliver: { transport: zmq } }\n",
                   i, i + 1, party_keys[i].public_key);
    }
    static const struct party_transport *const transports[] = { &zmq_transport, NULL };
    house.arena = arena_new();
    verdict_init(&mistakes, house.arena);
    house.edition.holds = 1;
    house.edition.parties = parties_load(buf_text(&rows), "parties.yaml", transports, house.arena, &mistakes);
    require(mistakes.errors == 0);
    fan_out.loop = loop_new();
    require(journal_open(&(struct journal_options){ .directory = house.directory, .segment_size = 1 << 20 },
                         &house.journal, &report)
            == STATUS_OK);
    require(zmq_start(&(struct zmq_options){ .loop = fan_out.loop,
                                             .edition = &house.edition,
                                             .intake = (struct intake *)&house,
                                             .journal = house.journal,
                                             .secret_key_file = house.secret_file },
                      &house.zmq)
            == STATUS_OK);
    fan_out.port = zmq_port(house.zmq);
    zmq_port(house.zmq)->listen(zmq_port(house.zmq)->context, opened, NULL);
    buf_release(&rows);
}

/* --- the bare loop ------------------------------------------------------------------------------- */

static struct {
    void *context, *sockets[PARTIES];
    zmq_pollitem_t items[PARTIES];
    char routing[PARTIES][256];
    int routing_length[PARTIES];
} bare;

static void open_bare(char address[][ADDRESS_MAX]) {
    bare.context = zmq_ctx_new();
    for (int i = 0; i < PARTIES; i++) {
        size_t size = ADDRESS_MAX;
        void *socket = bare.sockets[i] = zmq_socket(bare.context, ZMQ_ROUTER);
        socket_set_int(socket, ZMQ_CURVE_SERVER, 1);
        socket_set_text(socket, ZMQ_CURVE_SECRETKEY, gateway.secret_key);
        require(zmq_bind(socket, "tcp://127.0.0.1:*") == 0);
        require(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, address[i], &size) == 0);
        bare.items[i] = (zmq_pollitem_t){ socket, 0, ZMQ_POLLIN, 0 };
    }
}

static void greet_bare(void) {
    for (int i = 0; i < PARTIES; i++) {
        char rest[256];
        bare.routing_length[i] = zmq_recv(bare.sockets[i], bare.routing[i], 256, 0);
        for (int j = 0; j < 3; j++) {
            zmq_recv(bare.sockets[i], rest, sizeof(rest), 0);
        }
    }
}

static void send_one(int i, const char *headers, size_t length) {
    zmq_send(bare.sockets[i], bare.routing[i], (size_t)bare.routing_length[i], ZMQ_SNDMORE);
    zmq_send(bare.sockets[i], "DELIVER", 7, ZMQ_SNDMORE);
    zmq_send(bare.sockets[i], headers, length, ZMQ_SNDMORE);
    zmq_send(bare.sockets[i], fan_out.body.at, fan_out.body.length, 0);
}

static void send_bare(size_t count) {
    static const char headers[] =
        "{\"delivery\":\"123456/P1\",\"record\":123456,\"family\":\"declaration\",\"format\":\"cn-dec\","
        "\"subject\":\"CNQDG/COSU6001234567\",\"digest\":\"sha256:"
        "0000000000000000000000000000000000000000000000000000000000000000\","
        "\"recorded\":\"2026-10-11T03:40:00.000+08:00\",\"sender\":\"FWD-QD-01\",\"traceparent\":\"\"}";
    size_t left[PARTIES], under_way = 0;
    for (int i = 0; i < PARTIES; i++) {
        left[i] = count / PARTIES;
        for (int j = 0; j < WINDOW; j++, left[i]--, under_way++) {
            send_one(i, headers, sizeof(headers) - 1);
        }
    }
    while (under_way > 0) {
        zmq_poll(bare.items, PARTIES, -1);
        for (int i = 0; i < PARTIES; i++) {
            zmq_msg_t frames[FRAMES_MAX];
            for (size_t got; (got = socket_receive(bare.sockets[i], frames)) > 0;) {
                frames_close(frames, got);
                under_way--;
                if (left[i] > 0) {
                    left[i]--;
                    under_way++;
                    send_one(i, headers, sizeof(headers) - 1);
                }
            }
        }
    }
}

/* --- both, in turns ------------------------------------------------------------------------------ */

static double cpu_us(void) {
    return clock_s(CLOCK_PROCESS_CPUTIME_ID) * 1e6;
}

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void compare(const char *what, size_t size, size_t count) {
    double ours[ROUNDS], plain[ROUNDS], ratios[ROUNDS];
    char *bytes = memory_new(size);
    memset(bytes, 'x', size);
    fan_out.body = (struct text){ bytes, size };
    for (int i = -1; i < ROUNDS; i++) { /* the first warms up */
        double start = cpu_us();
        fan_out_send(count);
        double middle = cpu_us();
        send_bare(count);
        if (i >= 0) {
            ours[i] = (middle - start) / (double)count;
            plain[i] = (cpu_us() - middle) / (double)count;
        }
    }
    for (int i = 0; i < ROUNDS; i++) {
        ratios[i] = plain[i] / ours[i];
    }
    qsort(ratios, ROUNDS, sizeof(*ratios), by_size);
    qsort(ours, ROUNDS, sizeof(*ours), by_size);
    qsort(plain, ROUNDS, sizeof(*plain), by_size);
    double mine = ours[ROUNDS / 2], other = plain[ROUNDS / 2];
    printf("%-6s %6.2f us a delivery, acknowledged; the bare loop %6.2f us: %.2f of its speed (goal 0.80)\n",
           what, mine, other, ratios[ROUNDS / 2]);
    free(bytes);
}

int main(void) {
    int addresses[2];
    char address[LINES][ADDRESS_MAX] = { { 0 } };
    zmq_keypair(gateway.public_key, gateway.secret_key);
    for (int i = 0; i < PARTIES; i++) {
        zmq_keypair(party_keys[i].public_key, party_keys[i].secret_key);
    }
    require(pipe(addresses) == 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        receive(addresses[0]);
    }
    open_house();
    for (int i = 0; i < PARTIES; i++) {
        snprintf(address[i], ADDRESS_MAX, "%s", zmq_bound(house.zmq, house.edition.parties->list[i].code));
        fan_out_prepare((size_t)i, &house.edition.parties->list[i]);
    }
    open_bare(&address[PARTIES]);
    require(write(addresses[1], address, sizeof(address)) == sizeof(address));
    while (house.reached < PARTIES) { /* until all have said HELLO */
        loop_turn(fan_out.loop, WAIT_MS);
    }
    greet_bare();
    compare("300 B", 300, 8000);
    compare("10 KB", 10 << 10, 4000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    zmq_stop(house.zmq);
    journal_close(house.journal);
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", house.directory);
    return system(command);
}
