/*
 * probe.c - an address is tried by binding it for a moment; whose it is else is found among the sockets of
 * the process that runs (/proc); names are resolved beside us, since a name server may never answer.
 */
#include "adapters/probe.h"

#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/memory.h"
#include "base/stamp.h"
#include "base/status.h"

void probe_tell(struct probe *probe, bool good, const char *what, const char *zh, const char *en) {
    require(probe->count <= PROBE_ANSWERS_MAX);
    struct arena *arena = probe->mistakes->arena;
    if (!probe->answers) {
        probe->answers = arena_alloc(arena, PROBE_ANSWERS_MAX * sizeof(*probe->answers));
    }
    if (probe->count == PROBE_ANSWERS_MAX) {
        probe->left_out++;
        return;
    }
    probe->answers[probe->count++] = (struct probe_answer){ .what = arena_string(arena, what),
                                                            .good = good,
                                                            .zh = arena_string(arena, zh),
                                                            .en = arena_string(arena, en) };
}

#define SOON_S (INT64_C(30) * 86400)

void probe_expiry(struct probe *probe, const char *what, int64_t expires_s) {
    struct arena *arena = probe->mistakes->arena;
    int64_t now_s = stamp_now() / STAMP_SECOND;
    long long days = (long long)((expires_s - now_s) / 86400);
    if (expires_s != 0 && expires_s < now_s) {
        probe_tell(probe, false, what, "其中有证书已过期", "a certificate in it is over");
    } else if (expires_s != 0 && expires_s < now_s + SOON_S) {
        probe_tell(probe, false, what, arena_printf(arena, "其中有证书 %lld 天后过期", days),
                   arena_printf(arena, "a certificate in it is over in %lld days", days));
    }
}

/* --- ports ---------------------------------------------------------------------------------------------- */

/* Inodes of sockets that listen at this port, as /proc/net/tcp and tcp6 tell them. */
static bool listens(unsigned long inode, uint16_t port) {
    static const char *const tables[] = { "/proc/net/tcp", "/proc/net/tcp6" };
    bool found = false;
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables) && !found; i++) {
        FILE *file = fopen(tables[i], "re");
        char line[512];
        while (file && !found && fgets(line, sizeof(line), file)) {
            unsigned local = 0, state = 0;
            unsigned long of_line = 0;
            if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %*d %*d %lu",
                       &local, &state, &of_line)
                == 3) {
                found = state == 0x0a && local == port && of_line == inode; /* TCP_LISTEN */
            }
        }
        if (file) {
            fclose(file);
        }
    }
    return found;
}

static bool process_listens(long process, uint16_t port) {
    char folder[64];
    bool found = false;
    snprintf(folder, sizeof(folder), "/proc/%ld/fd", process);
    DIR *descriptors = opendir(folder);
    for (struct dirent *entry; descriptors && !found && (entry = readdir(descriptors));) {
        char link[64];
        unsigned long inode;
        ssize_t length = readlinkat(dirfd(descriptors), entry->d_name, link, sizeof(link) - 1);
        link[length > 0 ? length : 0] = '\0';
        found = sscanf(link, "socket:[%lu]", &inode) == 1 && listens(inode, port);
    }
    if (descriptors) {
        closedir(descriptors);
    }
    return found;
}

/* 0, or why it cannot be listened at. */
static int try_to_listen(const struct addrinfo *at) {
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), error = 0;
    if (fd < 0) {
        return errno;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, 1) != 0) {
        error = errno;
    }
    close(fd);
    return error;
}

struct probe_port {
    struct probe_port *next;
    const char *address;
    uint16_t port;
    struct in6_addr at; /* IPv4 within IPv6 (RFC 4291, 2.5.5.2); all 0: any */
};

static struct in6_addr address_of(const struct addrinfo *found) {
    struct in6_addr at = { 0 };
    if (found->ai_family == AF_INET6) {
        at = ((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr;
    } else {
        struct in_addr v4 = ((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr;
        at.s6_addr[10] = at.s6_addr[11] = v4.s_addr == INADDR_ANY ? 0 : 0xff;
        memcpy(at.s6_addr + 12, &v4, sizeof(v4));
    }
    return at;
}

/* The one asked of before that nobody can listen at beside it; else it is kept, and NULL. */
static const struct probe_port *find_same(struct probe *probe, const char *address, uint16_t port,
                                          const struct addrinfo *found) {
    struct probe_port one = {
        .next = probe->ports, .address = address, .port = port, .at = address_of(found)
    };
    for (const struct probe_port *other = probe->ports; other; other = other->next) {
        if (other->port == port
            && (IN6_IS_ADDR_UNSPECIFIED(&other->at) || IN6_IS_ADDR_UNSPECIFIED(&one.at)
                || IN6_ARE_ADDR_EQUAL(&other->at, &one.at))) {
            return other;
        }
    }
    probe->ports = arena_alloc(probe->mistakes->arena, sizeof(one));
    *probe->ports = one;
    return NULL;
}

static bool is_taken(int error, struct explanation *why) {
    explain_about(why, "", error_sentence(error, LANGUAGE_ZH), error_sentence(error, LANGUAGE_EN));
    return false;
}

bool probe_port(struct probe *probe, const char *address, struct explanation *why) {
    struct arena *arena = probe->mistakes->arena;
    struct endpoint endpoint;
    if (endpoint_read(text_of(address), &endpoint) != ENDPOINT_GOOD || endpoint.port == 0) {
        return true; /* a mistake of its own, or any free one */
    }
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found;
    const char *host = text_is(endpoint.host, "*") ? NULL : arena_copy(arena, endpoint.host);
    if (getaddrinfo(host, arena_printf(arena, "%u", endpoint.port), &hints, &found) != 0) {
        return is_taken(EADDRNOTAVAIL, why);
    }
    const struct probe_port *same = find_same(probe, address, endpoint.port, found);
    int error = same ? 0 : try_to_listen(found);
    freeaddrinfo(found);
    if (same) {
        explain(why, "本配置已在 %s 监听", "this configuration listens at %s already", same->address);
        return false;
    }
    if (error == EADDRINUSE && probe->running && process_listens(probe->running, endpoint.port)) {
        probe_tell(probe, true, address,
                   arena_printf(arena, "正在运行的网关（进程 %ld）在此监听", probe->running),
                   arena_printf(arena, "the gateway that runs (process %ld) listens here", probe->running));
        return true;
    }
    return error == 0 || is_taken(error, why);
}

/* --- hosts ---------------------------------------------------------------------------------------------- */

/* What does not answer in time is left to the resolver, with the memory that it writes to. */
bool probe_host(struct probe *probe, struct text host, const char *what) {
    struct gaicb *request = memory_new(sizeof(*request));
    struct addrinfo *hints = memory_new(sizeof(*hints));
    struct timespec deadline = { .tv_sec = PROBE_DEADLINE_MS / 1000 };
    char *name = memory_new(host.length + 1);
    memcpy(name, host.at, host.length);
    hints->ai_socktype = SOCK_STREAM;
    *request = (struct gaicb){ .ar_name = name, .ar_request = hints };
    int error = getaddrinfo_a(GAI_NOWAIT, &request, 1, NULL);
    if (error == 0) {
        gai_suspend((const struct gaicb *const *)&request, 1, &deadline);
        error = gai_error(request);
    }
    if (error == EAI_INPROGRESS && gai_cancel(request) != EAI_CANCELED) {
        probe_tell(probe, false, what, "域名服务器未在 5 秒内答复", "its name is not resolved within 5 s");
        return false;
    }
    if (error == 0) {
        freeaddrinfo(request->ar_result);
    } else {
        probe_tell(probe, false, what, "该主机名没有地址", "no address is known for this host name");
    }
    free(name);
    free(hints);
    free(request);
    return error == 0;
}
