/*
 * properties.h - the file that kafka.properties names: what librdkafka is told about the way to the
 * brokers, one `name=value` a line as `kcat -F` reads it. Lines that begin with '#' and empty ones say
 * nothing, blanks around name and value are no part of them.
 *
 *   security.protocol = SASL_SSL                    sasl.mechanism = SCRAM-SHA-512
 *   ssl.ca.location = /etc/clearway/kafka-ca.pem    sasl.username = clearway
 *   ssl.certificate.location = …                    sasl.password = …
 *
 * What a delivery's promise rests on (acks, idempotence, the partitioner …) is not the file's to say: such a
 * line is a mistake. Which other names and values there are, librdkafka knows (kafka_check() in client.h).
 * The file holds secrets: no sentence quotes what stands in it, but for names that we or librdkafka know and
 * paths of certificates, and its mistakes are marked so that no line of it is shown.
 *
 * Limits    64 KiB, 4096 bytes a line, 256 properties.
 */
#ifndef ADAPTERS_KAFKA_PROPERTIES_H
#define ADAPTERS_KAFKA_PROPERTIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "message/verdict.h"

#define KAFKA_PROPERTIES_FILE_MAX (64u << 10)
#define KAFKA_PROPERTIES_LINE_MAX 4096u
#define KAFKA_PROPERTIES_MAX      256

struct kafka_property {
    const char *name, *value;
    uint32_t line, column;
}; /* where the name stands */

struct kafka_properties {
    const char *file;
    struct kafka_property *list;
    size_t count;
};

/* What could be read, in the file's order; mistakes have code LINT-KAFKA. Lives in the arena. */
void kafka_properties_read(const char *path, struct kafka_properties *out, struct arena *arena,
                           struct verdict *mistakes);

/* Adds a mistake of that file; line 0: nowhere in particular. hint_zh, hint_en: may be "". */
void kafka_properties_mistake(struct verdict *mistakes, const char *file, uint32_t line, uint32_t column,
                              const char *zh, const char *en, const char *hint_zh, const char *hint_en);

#endif
