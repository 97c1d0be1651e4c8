/*
 * receiver.c - the stanza by its form; its files by what they hold.
 */
#include "adapters/webhook/receiver.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "adapters/tls.h"
#include "adapters/webhook/url.h"

#define AUTHORITIES_MAX (1u << 20)

const struct party_key webhook_stanza_keys[] = {
    { .name = "url", .zh = "webhook 地址", .en = "webhook address", .normal = webhook_url_normal },
    { .name = "secrets", .list = true, .zh = "webhook 密钥文件", .en = "webhook secret" },
    { .name = "authorities", .optional = true },
    { .name = "allow", .list = true, .optional = true },
    { .name = NULL },
};

/* --- the stanza ----------------------------------------------------------------------------------------- */

static struct address_ranges ranges_of(const struct party_stanza *stanza) {
    struct party_list allow = stanza_list(stanza, "allow");
    struct address_ranges ranges = { .count = 0 };
    for (size_t i = 0; i < allow.count && ranges.count < ADDRESS_RANGES_MAX; i++) {
        ranges.count += address_range_read(text_of(allow.items[i]), &ranges.list[ranges.count]);
    }
    return ranges;
}

static void check_ranges(const struct party_row *row, const struct party_stanza *stanza) {
    struct party_list allow = stanza_list(stanza, "allow");
    for (size_t i = 0; i < allow.count; i++) {
        struct address_range range;
        if (!address_range_read(text_of(allow.items[i]), &range)) {
            party_mistake(
                row, allow.items[i], "地址范围写作 10.20.0.0/16，主机位须为 0，前缀不短于 /8",
                "a range is written 10.20.0.0/16, with no bits behind the prefix, and not wider than "
                "/8");
        } else if (i == ADDRESS_RANGES_MAX) {
            party_mistake(row, allow.items[i], "地址范围超过 16 个", "more than 16 ranges");
        }
    }
}

static bool is_local_name(struct text host) {
    return text_is(host, "localhost");
}

static void check_url(const struct party_row *row, const struct party_stanza *stanza) {
    const char *url = stanza_text(stanza, "url");
    struct address_ranges allowed = ranges_of(stanza);
    struct webhook_url parts;
    if (!webhook_url_read(url, &parts)) {
        party_mistake(row, url, "webhook 地址写作 https://主机[:端口]/路径，只用 ASCII，不含用户名与 #",
                      "a webhook address is written https://HOST[:PORT]/PATH, in ASCII, without a user or #");
        return;
    }
    const char *host = arena_copy(row->arena, parts.host);
    if (parts.plain && !is_local_name(parts.host) && !(parts.is_literal && address_text_is_loopback(host))) {
        party_mistake(row, url, "http 只可用于本机（loopback）地址，其余须用 https",
                      "http is for a loopback address only; all others need https");
        return;
    }
    const char *refused = parts.is_literal            ? address_text_refusal(host, &allowed)
                          : is_local_name(parts.host) ? address_text_refusal("127.0.0.1", &allowed)
                                                      : NULL;
    if (refused) {
        party_mistake(row, url,
                      arena_printf(row->arena, "地址 %s 属 %s，allow 未放行，不予投递", host, refused),
                      arena_printf(row->arena, "nothing is sent to %s (%s), which `allow` does not open",
                                   host, refused));
    }
}

static void check_file(const struct party_row *row, const char *path) {
    if (*path && path[0] != '/') {
        party_mistake(row, path, arena_printf(row->arena, "文件 %s 须为绝对路径", path),
                      arena_printf(row->arena, "the file %s must be an absolute path", path));
    }
}

/* What is signed is ID.TIMESTAMP.BODY, and the id has the code in it: a point there would make it possible to
 * read the same bytes as another id. */
static void check_code(const struct party_row *row) {
    if (strchr(row->party->code, '.')) {
        party_mistake(row, row->party->code, "有 webhook 的参与方，其代码不可含点",
                      "the code of a party with a webhook must have no point in it");
    }
}

void webhook_check_stanza(const struct party_row *row, const struct party_stanza *stanza) {
    struct party_list secrets = stanza_list(stanza, "secrets");
    check_code(row);
    check_ranges(row, stanza);
    check_url(row, stanza);
    for (size_t i = 0; i < secrets.count; i++) {
        check_file(row, secrets.items[i]);
        if (i == SECRETS_MAX) {
            party_mistake(row, secrets.items[i], "密钥超过 8 个", "more than 8 secrets");
        }
    }
    check_file(row, stanza_text(stanza, "authorities"));
}

/* --- its files ------------------------------------------------------------------------------------------ */

struct look {
    const struct party *party;
    const char *file;
    enum severity severity;
    struct verdict *mistakes;
};

static void tell(const struct look *look, enum severity severity, const char *path, const char *zh,
                 const char *en, const char *hint_zh, const char *hint_en) {
    struct arena *arena = look->mistakes->arena;
    verdict_add(look->mistakes,
                &(struct finding){
                    .code = "LINT-PARTY",
                    .severity = severity,
                    .file = look->file,
                    .zh = arena_printf(arena, "参与方 %s 的 webhook：%s %s", look->party->code, path, zh),
                    .en = arena_printf(arena, "the webhook of %s: %s %s", look->party->code, path, en),
                    .hint_zh = hint_zh,
                    .hint_en = hint_en,
                });
}

static bool tell_unreadable(const struct look *look, const char *path) {
    tell(look, look->severity, path, "无法读取", "cannot be read", "请检查路径与权限",
         "check the path, and that the gateway's user may read it");
    return false;
}

static void look_at_rights(const struct look *look, const char *path) {
    struct stat info;
    if (stat(path, &info) == 0 && info.st_mode & (S_IROTH | S_IWOTH)) {
        tell(look, SEVERITY_WARNING, path, "可由其他用户读写", "can be read or written by others",
             "chmod o= 文件", "chmod o= FILE");
    }
}

static bool read_secret(const struct look *look, const char *path, struct webhook_secret *out) {
    enum status status = webhook_secret_read(path, out);
    if (status == STATUS_OK) {
        look_at_rights(look, path);
        return true;
    }
    if (status != STATUS_BAD_CONFIG) {
        return tell_unreadable(look, path);
    }
    tell(look, look->severity, path, "须为 whsec_ 加 24 至 64 字节的 Base64",
         "must hold whsec_ and 24 to 64 bytes in Base64", "echo whsec_$(openssl rand -base64 32) 生成一个",
         "echo whsec_$(openssl rand -base64 32) makes one");
    return false;
}

static bool read_authorities(const struct look *look, const char *path, struct webhook_receiver *receiver) {
    if (!*path) {
        return true;
    }
    if (file_read(path, &receiver->authorities) != STATUS_OK) {
        return tell_unreadable(look, path);
    }
    receiver->authorities_expire_s = tls_expires_s(path);
    if (receiver->authorities_expire_s == 0) {
        tell(look, look->severity, path, "中没有 PEM 格式的证书", "holds no certificate in PEM form",
             "PEM 以 -----BEGIN CERTIFICATE----- 开头", "PEM begins with -----BEGIN CERTIFICATE-----");
    }
    return receiver->authorities_expire_s != 0;
}

struct webhook_receiver *webhook_receiver_read(const struct party *party, const char *parties_file,
                                               enum severity severity, struct verdict *mistakes) {
    const struct party_stanza *stanza = party_stanza(party, "webhook");
    struct party_list secrets = stanza_list(stanza, "secrets");
    struct look look = { party, parties_file, severity, mistakes };
    const char *url = stanza_text(stanza, "url");
    struct webhook_url parts;
    if (!webhook_url_read(url, &parts) || secrets.count == 0 || secrets.count > SECRETS_MAX) {
        return NULL; /* an edition with mistakes is looked at, too: webhook_check_stanza() has told them */
    }
    bool good = true;
    struct webhook_receiver *receiver = memory_new(sizeof(*receiver));
    receiver->url = memory_string(url);
    receiver->plain = parts.plain;
    receiver->allowed = ranges_of(stanza);
    receiver->secrets_count = secrets.count;
    buf_init(&receiver->authorities, AUTHORITIES_MAX);
    for (size_t i = 0; i < secrets.count; i++) { /* all of them: every mistake is told at once */
        good &= read_secret(&look, secrets.items[i], &receiver->secrets[i]);
    }
    good &= read_authorities(&look, stanza_text(stanza, "authorities"), receiver);
    if (!good) {
        webhook_receiver_free(receiver);
        return NULL;
    }
    return receiver;
}

void webhook_receiver_free(struct webhook_receiver *receiver) {
    if (receiver) {
        for (size_t i = 0; i < receiver->secrets_count; i++) {
            webhook_secret_forget(&receiver->secrets[i]);
        }
        buf_release(&receiver->authorities);
        free((char *)receiver->url);
        free(receiver);
    }
}
