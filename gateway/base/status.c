/*
 * status.c - the list of outcomes as a table, and how the process ends when we are wrong.
 */
#include "base/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/standard_error.h"

static const struct {
    const char *name;
    const char *zh, *en;
    int http;
    int exit;
    enum retry retry;
} statuses[STATUS_COUNT] = {
#define X(name, http, exit, retry, zh, en) { #name, zh, en, http, exit, RETRY_##retry },
    STATUS_LIST(X)
#undef X
};

const char *status_name(enum status status) {
    require(status < STATUS_COUNT);
    return statuses[status].name;
}

const char *status_sentence(enum status status, enum language language) {
    require(status < STATUS_COUNT);
    return language_pick(language, statuses[status].zh, statuses[status].en);
}

int status_http(enum status status) {
    require(status < STATUS_COUNT);
    return statuses[status].http;
}

int status_exit(enum status status) {
    require(status < STATUS_COUNT);
    return statuses[status].exit;
}

enum retry status_retry(enum status status) {
    require(status < STATUS_COUNT);
    return statuses[status].retry;
}

/* --- explanations --------------------------------------------------------------------------------------- */

void explain(struct explanation *out, const char *zh, const char *en, ...) {
    if (!out) {
        return;
    }
    va_list args, again;
    va_start(args, en);
    va_copy(again, args);
    vsnprintf(out->zh, sizeof(out->zh), zh, args);
    vsnprintf(out->en, sizeof(out->en), en, again);
    va_end(again);
    va_end(args);
}

void explain_about(struct explanation *out, const char *subject, const char *zh, const char *en) {
    if (out) {
        snprintf(out->zh, sizeof(out->zh), "%s%s%s", subject, *subject ? "：" : "", zh);
        snprintf(out->en, sizeof(out->en), "%s%s%s", subject, *subject ? ": " : "", en);
    }
}

static const struct {
    int error;
    const char *zh, *en;
} errors[] = {
    { EACCES, "权限不足", "permission denied" },
    { EPERM, "不允许此操作", "operation not permitted" },
    { ENOENT, "不存在", "not there" },
    { ENOTDIR, "不是文件夹", "not a folder" },
    { EISDIR, "是文件夹", "it is a folder" },
    { ENAMETOOLONG, "名称过长", "the name is too long" },
    { EROFS, "文件系统只读", "the file system is read-only" },
    { ENOSPC, "磁盘已满", "the disk is full" },
    { EDQUOT, "磁盘配额已用完", "the disk quota is used up" },
    { EMFILE, "文件描述符已用尽", "no descriptor is left" },
    { ENFILE, "系统的文件描述符已用尽", "no descriptor is left in the system" },
    { EADDRINUSE, "地址已被占用", "address already in use" },
    { EADDRNOTAVAIL, "本机没有该地址", "this machine does not have that address" },
    { EAFNOSUPPORT, "本机不支持该地址类型", "this machine does not have that kind of address" },
};

const char *error_sentence(int error, enum language language) {
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        if (errors[i].error == error) {
            return language_pick(language, errors[i].zh, errors[i].en);
        }
    }
    return strerror(error);
}

/* In one piece: what other threads say at this moment must not come between. Who does not listen is not
   waited for. */
_Noreturn void panic_at(const char *file, int line, const char *format, ...) {
    char said[1024];
    int length = snprintf(said, sizeof(said), "clearway: %.200s:%d: ", file, line);
    va_list args;
    va_start(args, format);
    length += vsnprintf(said + length, sizeof(said) - (size_t)length - 1, format, args);
    va_end(args);
    if (length > (int)sizeof(said) - 2) {
        length = (int)sizeof(said) - 2;
    }
    said[length] = '\n';
    (void)standard_error_write(said, (size_t)length + 1);
    abort();
}
