/*
 * command_keygen.c - `clearway keygen`: a CURVE key pair, printed or as two files, of which the secret one is
 * its owner's alone.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "adapters/zmq/zmq.h"
#include "daemon/command.h"

static const struct option_row options[] = {
    { "out", "NAME", "写入 NAME.public 与 NAME.secret（权限 0400），不再显示",
      "write NAME.public and NAME.secret (mode 0400) instead of printing the pair" },
    OPTIONS_END,
};

static enum status write_key(const char *path, const char *key, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        return STATUS_IO;
    }
    enum status status = file_write_all(fd, key, strlen(key), 0);
    if (fsync(fd) || close(fd)) {
        status = STATUS_IO;
    }
    return status;
}

static int run(struct invocation *inv) {
    char public_key[41], secret_key[41];
    const char *name = invocation_option(inv, "out");
    if (inv->count) {
        return invocation_usage(inv, "不带参数", "takes no arguments");
    }
    zmq_keypair(public_key, secret_key);
    if (!name) {
        printf(inv->json ? "{\"public\":\"%s\",\"secret\":\"%s\"}\n"
                         : invocation_pick(inv, "公钥 %s\n私钥 %s\n", "public %s\nsecret %s\n"),
               public_key, secret_key);
        return 0;
    }
    const char *secret_file = arena_printf(inv->arena, "%s.secret", name);
    const char *public_file = arena_printf(inv->arena, "%s.public", name);
    enum status status = write_key(secret_file, secret_key, 0400);
    if (status == STATUS_OK) {
        status = write_key(public_file, public_key, 0444);
    }
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, name);
    }
    printf("%s\n%s\n", public_file, secret_file);
    return 0;
}

static const struct example_row examples[] = {
    { "clearway keygen", NULL, NULL },
    { "clearway keygen --out keys/terminal", NULL, NULL },
    EXAMPLES_END,
};

const struct command command_keygen = {
    .name = "keygen",
    .arguments = "",
    .summary_en = "make a CURVE key pair for ZeroMQ",
    .summary_zh = "生成 ZeroMQ CURVE 密钥对",
    .examples = examples,
    .options = options,
    .run = run,
};
