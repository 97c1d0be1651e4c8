/*
 * command_passwd.c - `clearway passwd`: reads a password, twice and unseen on a terminal, and prints its
 * hash, or the account's whole row. It writes no file: who may, decides where it goes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/json.h"
#include "base/password.h"
#include "adapters/api/accounts.h"
#include "daemon/command.h"

#define LINE_MAX_BYTES (PASSWORD_MAX + 2)

static const struct option_row options[] = {
    { "party", "CODE", "与账户名同用：显示整行", "with the account's name: prints its whole row" },
    { "role", "ROLE", "其角色：forwarder、terminal、carrier、inspector、analyst 或 operator",
      "its role: forwarder, terminal, carrier, inspector, analyst or operator" },
    OPTIONS_END,
};

/* A line of standard input without its end; unseen on a terminal. False: none, or too long. */
static bool read_line(const char *prompt, char line[LINE_MAX_BYTES]) {
    struct termios before, silent;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        silent = before;
        silent.c_lflag &= (tcflag_t)~ECHO;
        fputs(prompt, stderr);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    bool got = fgets(line, LINE_MAX_BYTES, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    size_t length = got ? strlen(line) : 0;
    bool whole = length && (line[length - 1] == '\n' || (length < LINE_MAX_BYTES - 1 && feof(stdin)));
    line[length && line[length - 1] == '\n' ? length - 1 : length] = '\0';
    return whole;
}

/* 0, or the exit code after saying what is wrong. */
static int read_password(const struct invocation *inv, char password[LINE_MAX_BYTES]) {
    char again[LINE_MAX_BYTES];
    if (!read_line(invocation_pick(inv, "密码：", "password: "), password) || strlen(password) > PASSWORD_MAX
        || !text_is_utf8(text_of(password))) {
        return invocation_usage(inv, "密码须为一行 UTF-8 文本，不超过 %d 字节",
                                "a password is one line of UTF-8, at most %d bytes", PASSWORD_MAX);
    }
    if (text_characters(text_of(password)) < PASSWORD_MIN) {
        return invocation_usage(inv, "密码至少 %d 个字符", "a password has at least %d characters",
                                PASSWORD_MIN);
    }
    if (isatty(STDIN_FILENO)) {
        bool same =
            read_line(invocation_pick(inv, "再输一次：", "again: "), again) && strcmp(password, again) == 0;
        explicit_bzero(again, sizeof(again));
        return same ? 0 : invocation_usage(inv, "两次输入不同", "the two are not the same");
    }
    return 0;
}

static void print_json(const char *hash) {
    struct buf body;
    struct json_out out;
    buf_init(&body, 1024);
    json_start(&out, &body);
    json_open_object(&out, NULL);
    json_put_string(&out, "password", hash);
    json_close_object(&out);
    puts(body.at);
    buf_release(&body);
}

static int run(struct invocation *inv) {
    char password[LINE_MAX_BYTES] = "", hash[PASSWORD_HASH_MAX];
    const char *party = invocation_option(inv, "party"), *role = invocation_option(inv, "role");
    enum sight_role found;
    if (inv->count > 1 || (inv->count == 0) != (!party && !role) || !party != !role) {
        return invocation_usage(
            inv, "整行须有账户名、--party 与 --role；只要散列则都不给",
            "a row needs the account's name, --party and --role; for the hash alone give none");
    }
    if (inv->count && !account_name_is_sound(text_of(inv->arguments[0]))) {
        return invocation_usage(inv, "账户名须为字母、数字或 . _ - @，不超过 %d 字节",
                                "an account's name is letters, digits or . _ - @, at most %d bytes",
                                ACCOUNT_NAME_MAX);
    }
    if (role && !sight_role_find(text_of(role), &found)) {
        return invocation_usage(inv, "没有角色 %s", "there is no role %s", role);
    }
    int code = read_password(inv, password);
    if (code == 0) {
        password_hash(text_of(password), hash);
    }
    explicit_bzero(password, sizeof(password));
    if (code != 0) {
        return code;
    }
    if (inv->json) {
        print_json(hash);
    } else if (inv->count) {
        printf("  - name: %s\n    party: %s\n    role: %s\n    password: \"%s\"\n", inv->arguments[0], party,
               role, hash);
    } else {
        puts(hash);
    }
    return 0;
}

static const struct example_row examples[] = {
    { "clearway passwd", NULL, NULL },
    { "clearway passwd zhang.wei --party FWD-QD-01 --role forwarder >> accounts.yaml", "之后 clearway reload",
      "then: clearway reload" },
    EXAMPLES_END,
};

const struct command command_passwd = {
    .name = "passwd",
    .arguments = "[ACCOUNT]",
    .summary_en = "make the hash of a password for an account",
    .summary_zh = "为账户生成密码散列",
    .examples = examples,
    .options = options,
    .run = run,
};
