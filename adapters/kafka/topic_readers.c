/*
 * topic_readers.c - one question for each topic; the first that finds no broker ends it, for the others would
 * wait as long.
 */
#include "adapters/kafka/topic_readers.h"

#include <stdlib.h>

#include "base/memory.h"
#include "adapters/kafka/handle.h"

struct question {
    struct errand errand;
    struct topic_readers readers;
    rd_kafka_t *handle;
};

static void run_question(struct errand *errand) {
    struct question *question = (struct question *)errand;
    struct topic_readers *readers = &question->readers;
    bool reachable = true;
    for (size_t i = 0; i < readers->count; i++) {
        readers->surveys[i].status = STATUS_UNAVAILABLE;
        if (reachable && !errands_are_closing(readers->errands)) {
            survey_ask_holders(question->handle, &readers->surveys[i]);
            reachable = readers->surveys[i].status != STATUS_UNAVAILABLE;
        }
    }
    rd_kafka_destroy(question->handle);
    question->handle = NULL;
}

static void question_done(struct errand *errand, bool ran) {
    struct question *question = (struct question *)errand;
    question->readers.done(question->readers.context, &question->readers, ran);
    if (question->handle) {
        rd_kafka_destroy(question->handle);
    }
    arena_free(question->readers.arena);
    free(question);
}

/* Made here, for properties are the loop thread's to change. */
bool topic_readers_ask(const struct topic_readers *readers) {
    static const struct handle_setting settings[] = {
        { "client.id", "clearway" },
        { "socket.timeout.ms", "5000" }, /* its end waits no longer */
        { "allow.auto.create.topics", "false" },
    };
    struct handle_options options = { .type = RD_KAFKA_PRODUCER,
                                      .brokers = readers->brokers,
                                      .properties = readers->properties,
                                      .settings = settings,
                                      .count = sizeof(settings) / sizeof(*settings),
                                      .events = RD_KAFKA_EVENT_ERROR };
    rd_kafka_t *handle = handle_new_logged(&options);
    if (!handle) {
        arena_free(readers->arena);
        return false;
    }
    struct question *question = memory_new(sizeof(*question));
    *question = (struct question){ .errand = { .run = run_question, .done = question_done },
                                   .readers = *readers,
                                   .handle = handle };
    errands_hand(readers->errands, &question->errand);
    return true;
}
