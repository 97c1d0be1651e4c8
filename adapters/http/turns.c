/*
 * turns.c - each turn has a number; what an account was served counts only while the account bears it, so a
 * new turn begins for all of them by one increment.
 */
#include "adapters/http/turns.h"

#include "base/status.h"

enum {
    HANDSHAKES_A_TURN = 2,   /* steps of a millisecond each */
    ARMED_BYTES = 32 * 1024, /* served of one account: from here on the end of the turn is waited for */
};

static void begin_turn(void *context) {
    struct http_turns *turns = context;
    turns->number++;
    turns->handshakes = 0;
    turns->handshakes_waited = turns->handshakes_wait;
    turns->handshakes_wait = false;
}

void http_turns_init(struct http_turns *turns, struct loop *loop) {
    require(!turns->next);
    *turns = (struct http_turns){ .next = loop_timer_new(loop, begin_turn, turns) };
}

void http_turns_release(struct http_turns *turns) {
    loop_timer_free(turns->next);
    turns->next = NULL;
}

void http_turns_serve(struct http_turns *turns, struct http_account *account, size_t bytes) {
    require(turns->next);
    if (!account) {
        return;
    }
    if (account->turn != turns->number) {
        account->turn = turns->number;
        account->served = 0;
    }
    bool is_armed = account->served >= ARMED_BYTES;
    account->served += bytes;
    if (!is_armed && account->served >= ARMED_BYTES) {
        loop_timer_start(turns->next, 0);
    }
}

bool http_turns_is_over(const struct http_turns *turns, const struct http_account *account, size_t bytes) {
    return account && account->turn == turns->number && account->served >= bytes;
}

/* Handshakes cost much, and would hold up everything else on the loop. Those that wait are asked again, for
 * their sockets stay readable. */
bool http_turns_may_shake_hands(struct http_turns *turns) {
    require(turns->next && turns->handshakes <= HANDSHAKES_A_TURN);
    if (turns->handshakes == HANDSHAKES_A_TURN) {
        turns->handshakes_wait = true;
        return false;
    }
    if (turns->handshakes++ == 0) {
        loop_timer_start(turns->next, 0);
    }
    return true;
}

bool http_turns_are_crowded(const struct http_turns *turns) {
    return turns->handshakes_wait || turns->handshakes_waited;
}

void http_turns_forget_waiting(struct http_turns *turns) {
    turns->handshakes_waited = false;
}
