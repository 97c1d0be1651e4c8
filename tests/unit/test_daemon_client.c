/* The client of the command against a server that takes its time, or ends before its answer does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "daemon/client.h"

enum { BODY = 2 << 20, TIMEOUT_MS = 200, PAUSE_US = 10 * 1000 };

static const char answer_text[] =
    "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    "Connection: close\r\n\r\n{}";

struct server {
    int fd;
    bool answers;
};

/* Reads 64 KB each 10 ms: 2 MiB take longer than the client would wait for an answer. */
static void *serve(void *context) {
    const struct server *server = context;
    int fd = accept(server->fd, NULL, NULL);
    char bytes[64 * 1024];
    size_t came = 0;
    ssize_t got = 1;
    while (came < BODY && got > 0) {
        got = recv(fd, bytes, sizeof(bytes), 0);
        came += got > 0 ? (size_t)got : 0;
        usleep(PAUSE_US);
    }
    if (server->answers) {
        send(fd, answer_text, strlen(answer_text), MSG_NOSIGNAL);
    }
    while (recv(fd, bytes, sizeof(bytes), 0) > 0) { /* until the client has gone */
    }
    close(fd);
    return NULL;
}

static enum status ask(bool answers, size_t length) {
    char directory[] = "/tmp/clearway-client-XXXXXX";
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    struct server server = { .fd = socket(AF_UNIX, SOCK_STREAM, 0), .answers = answers };
    struct client_answer answer;
    pthread_t thread;
    assert_non_null(mkdtemp(directory));
    snprintf(name.sun_path, sizeof(name.sun_path), "%s/socket", directory);
    assert_int_equal(bind(server.fd, (struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(listen(server.fd, 1), 0);
    assert_int_equal(pthread_create(&thread, NULL, serve, &server), 0);
    char *bytes = memory_array(length, 1);
    struct text body = { bytes, length };
    struct client *client =
        client_new(&(struct client_options){ .socket = name.sun_path, .timeout_ms = TIMEOUT_MS });
    enum status status = client_ask(client, "/v1/messages", &body, NULL, &answer);
    client_release(&answer);
    client_free(client);
    pthread_join(thread, NULL);
    free(bytes);
    close(server.fd);
    unlink(name.sun_path);
    rmdir(directory);
    return status;
}

/* Case 605: what is large may take longer than an answer. */
static void a_large_body_has_its_time(void **state) {
    assert_int_equal(ask(true, BODY), STATUS_OK);
}

static void an_answer_that_does_not_come_is_not_waited_for(void **state) {
    assert_int_equal(ask(false, 16), STATUS_TIMEOUT);
}

/* --- what is fetched into a file ------------------------------------------------------------------------ */

struct told {
    int fd;
    const char *answer;
};

/* Says it to whatever is asked, and ends. */
static void *tell(void *context) {
    const struct told *told = context;
    char bytes[4096];
    int fd = accept(told->fd, NULL, NULL);
    assert_true(recv(fd, bytes, sizeof(bytes), 0) > 0);
    send(fd, told->answer, strlen(told->answer), MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

/* What came: in the file, and in the answer. */
static enum status fetch(const char *text, char file[64], struct client_answer *answer) {
    char directory[] = "/tmp/clearway-client-XXXXXX";
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    struct told told = { .fd = socket(AF_UNIX, SOCK_STREAM, 0), .answer = text };
    pthread_t thread;
    FILE *to = tmpfile();
    assert_true(to && mkdtemp(directory));
    snprintf(name.sun_path, sizeof(name.sun_path), "%s/socket", directory);
    assert_int_equal(bind(told.fd, (struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(listen(told.fd, 1), 0);
    assert_int_equal(pthread_create(&thread, NULL, tell, &told), 0);
    struct client *client =
        client_new(&(struct client_options){ .socket = name.sun_path, .timeout_ms = 60 * 1000 });
    enum status status = client_fetch(client, "/v1/export", NULL, to, answer);
    client_free(client);
    pthread_join(thread, NULL);
    rewind(to);
    file[fread(file, 1, 63, to)] = '\0';
    fclose(to);
    close(told.fd);
    unlink(name.sun_path);
    rmdir(directory);
    return status;
}

#define CHUNKS "Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na,b;\r\n"

/* Case 889: an answer that came in pieces, and not to its end, is told from one that did. */
static void an_answer_that_is_cut_is_seen_to_be(void **state) {
    static const struct {
        const char *answer;
        enum status status;
        const char *file;
    } cases[] = {
        { "HTTP/1.1 200 OK\r\n" CHUNKS "2\r\nc;\r\n0\r\n\r\n", STATUS_OK, "a,b;c;" },
        { "HTTP/1.1 200 OK\r\n" CHUNKS, STATUS_UNAVAILABLE, "a,b;" },
        { "HTTP/1.1 200 OK\r\n" CHUNKS "2\r\nc", STATUS_UNAVAILABLE, "a,b;c" },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 9\r\n\r\na,b;", STATUS_UNAVAILABLE,
          "a,b;" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char file[64];
        struct client_answer answer;
        assert_int_equal(fetch(cases[i].answer, file, &answer), cases[i].status);
        assert_string_equal(file, cases[i].file);
        assert_int_equal(strstr(answer.why.en, "cut before its end") != NULL, cases[i].status != STATUS_OK);
        client_release(&answer);
    }
}

static void why_there_is_none_goes_into_no_file(void **state) {
    char file[64];
    struct client_answer answer;
    assert_int_equal(
        fetch("HTTP/1.1 404 Not Found\r\nContent-Type: application/problem+json\r\nContent-Length: "
              "2\r\n\r\n{}",
              file, &answer),
        STATUS_OK);
    assert_string_equal(file, "");
    assert_int_equal(answer.http, 404);
    assert_true(text_is(buf_text(&answer.body), "{}"));
    client_release(&answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_body_has_its_time),
        cmocka_unit_test(an_answer_that_does_not_come_is_not_waited_for),
        cmocka_unit_test(an_answer_that_is_cut_is_seen_to_be),
        cmocka_unit_test(why_there_is_none_goes_into_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
