/*
 * turns.h - what may be done in one turn of the loop: bytes served of one party, and TLS handshakes. Who has
 * had its share goes on in the next turn, when the loop has been round and served the others.
 *
 * A turn ends by a timer that is started only when there is something to end: the first handshake of a turn,
 * or a party that has been served enough to be worth a look. Thread: the loop thread.
 */
#ifndef ADAPTERS_HTTP_TURNS_H
#define ADAPTERS_HTTP_TURNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"
#include "adapters/http/exchange.h"

/* Of one server. */
struct http_turns {
    struct loop_timer *next; /* due when the loop has been round once */
    unsigned number;
    unsigned handshakes;                     /* steps of them in this turn */
    bool handshakes_wait, handshakes_waited; /* more wanted to go on than might: in this turn, in the last */
};

void http_turns_init(struct http_turns *turns, struct loop *loop);
void http_turns_release(struct http_turns *turns);

/* So many bytes are served of the account. NULL: of a stranger, who is not counted. */
void http_turns_serve(struct http_turns *turns, struct http_account *account, size_t bytes);
/* The account has been served so many in this turn. NULL: never. */
bool http_turns_is_over(const struct http_turns *turns, const struct http_account *account, size_t bytes);

/* Asked before each step of a handshake; false: in the next turn. */
bool http_turns_may_shake_hands(struct http_turns *turns);
/* More handshakes go on than a turn has room for. */
bool http_turns_are_crowded(const struct http_turns *turns);
/* Those who waited may have gone without a turn. To be called now and then. */
void http_turns_forget_waiting(struct http_turns *turns);

#endif
