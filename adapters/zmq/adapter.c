/*
 * adapter.c - ZeroMQ as a row of the list of adapters: what the parties file says of it.
 *
 *   zmq: { bind: tcp://0.0.0.0:5571, keys: ["Z85 public key"] }
 */
#include <string.h>

#include "base/endpoint.h"
#include "adapters/adapters.h"

#define Z85_KEY_LENGTH 40

/* ZeroMQ's own way to say "any free port". */
static bool ends_in_any_port(const char *bind) {
    size_t length = strlen(bind);
    return length > 2 && strcmp(bind + length - 2, ":*") == 0;
}

static void check_bind(const struct party_row *row, const char *bind) {
    struct endpoint endpoint;
    if (strncmp(bind, "tcp://", strlen("tcp://")) != 0) {
        party_mistake(row, bind, arena_printf(row->arena, "zmq 地址 %s 须以 tcp:// 开头", bind),
                      arena_printf(row->arena, "the zmq address %s must begin with tcp://", bind));
    } else if (!ends_in_any_port(bind)) {
        enum endpoint_fault fault = endpoint_read(text_of(bind + strlen("tcp://")), &endpoint);
        if (fault != ENDPOINT_GOOD) {
            party_mistake(
                row, bind, arena_printf(row->arena, "zmq 地址 %s 不对：%s", bind, endpoint_fault_zh(fault)),
                arena_printf(row->arena, "the zmq address %s is wrong: %s", bind, endpoint_fault_en(fault)));
        }
    }
}

static bool is_z85_key(const char *key) {
    static const char signs[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                ".-:+=^!/*?&<>()[]{}@%$#";
    return strlen(key) == Z85_KEY_LENGTH && strspn(key, signs) == Z85_KEY_LENGTH;
}

static void check_stanza(const struct party_row *row, const struct party_stanza *stanza) {
    struct party_list keys = stanza_list(stanza, "keys");
    check_bind(row, stanza_text(stanza, "bind"));
    for (size_t i = 0; i < keys.count; i++) {
        if (!is_z85_key(keys.items[i])) {
            party_mistake(row, keys.items[i], "公钥须为 40 个 Z85 字符",
                          "a public key is 40 characters of Z85");
        }
    }
}

static const struct party_key stanza_keys[] = {
    { .name = "bind", .zh = "zmq 地址", .en = "zmq address" },
    { .name = "keys", .list = true, .zh = "公钥", .en = "key" },
    { .name = NULL },
};

const struct party_transport zmq_transport = {
    .name = "zmq", .keys = stanza_keys, .delivers = true, .check = check_stanza
};

const struct adapter zmq_adapter = { .transport = &zmq_transport };
