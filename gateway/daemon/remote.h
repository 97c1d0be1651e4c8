/*
 * remote.h - the options by which a verb speaks to a running gateway as a party, with their environment
 * names: --server CLEARWAY_SERVER, --cert CLEARWAY_CERT, --key CLEARWAY_KEY, --ca CLEARWAY_CA.
 */
#ifndef DAEMON_REMOTE_H
#define DAEMON_REMOTE_H

#include "view/view.h"
#include "daemon/client.h"
#include "daemon/invocation.h"

#define REMOTE_OPTIONS                                                                                     \
    { "server", "URL", "网关地址 https://HOST:PORT（CLEARWAY_SERVER）",                                    \
      "the gateway, https://HOST:PORT (CLEARWAY_SERVER)" },                                                \
        { "cert", "FILE", "客户端证书，PEM（CLEARWAY_CERT）", "client certificate, PEM (CLEARWAY_CERT)" }, \
        { "key", "FILE", "其私钥，PEM（CLEARWAY_KEY）", "its private key, PEM (CLEARWAY_KEY)" }, {         \
        "ca", "FILE", "签发网关证书的机构，PEM（CLEARWAY_CA）",                                            \
            "who signed the gateway's certificate, PEM (CLEARWAY_CA)"                                      \
    }

/* NULL when no server is named. */
struct client *remote_client(const struct invocation *inv, int timeout_ms);
/* GETs path in that form, a text in the language of the invocation, and prints it; with --all the pages
 * behind it, too, each JSON in a line of its own. The exit code. */
int remote_show(struct invocation *inv, struct client *client, const char *path, enum view_form form);
/* GETs path in that form. 0, and *body is the caller's to release; else the exit code, once it is told
 * why. */
int remote_get(struct invocation *inv, struct client *client, const char *path, enum view_form form,
               struct buf *body);
/* Says on stderr what went wrong (a problem document's detail, or libcurl's reason); the exit code. */
int remote_fail(const struct invocation *inv, enum status status, const struct client_answer *answer);
/* text percent-encoded as one path segment or query value, in the invocation's arena. */
const char *remote_escape(struct invocation *inv, const char *text);
/* The control socket of the gateway that serves this data folder. */
struct client *remote_control(struct invocation *inv, const char *data, int timeout_ms);
#define REMOTE_CONTROL_MS 10000 /* of what it does at once */
/* An operator's order to it, "/control/orders/...": recorded, then decided by the engine, and what that says
 * is printed. The exit code. */
int remote_order(struct invocation *inv, const char *data, const char *path);

#endif
