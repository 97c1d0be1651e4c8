/*
 * places.c - counts, and the list of a listener's strangers in the order in which they came.
 */
#include "adapters/http/places.h"

#include "base/status.h"

void http_place_take(struct http_place *place, struct http_places *places, struct http_connection *conn) {
    require(places->options && !place->places);
    *place = (struct http_place){ .conn = conn, .places = places };
    places->taken++;
}

static void leave_strangers(struct http_place *place) {
    struct http_strangers *strangers = place->strangers;
    if (!strangers) {
        return;
    }
    require(strangers->count > 0 && place->places->strangers > 0);
    *(place->older ? &place->older->newer : &strangers->oldest) = place->newer;
    *(place->newer ? &place->newer->older : &strangers->newest) = place->older;
    addresses_give_back(strangers->addresses, place->address);
    place->address = NULL;
    place->strangers = NULL;
    strangers->count--;
    place->places->strangers--;
}

void http_place_give_back(struct http_place *place) {
    require(place->places->taken > 0);
    leave_strangers(place);
    place->places->taken--;
    if (place->account) {
        place->account->connections--;
    }
}

void http_place_join_strangers(struct http_place *place, struct http_strangers *strangers,
                               struct address *address) {
    require(!place->strangers && !place->account);
    place->strangers = strangers;
    place->address = address;
    place->older = strangers->newest;
    *(place->older ? &place->older->newer : &strangers->oldest) = place;
    strangers->newest = place;
    strangers->count++;
    place->places->strangers++;
}

enum http_placing http_place_join_party(struct http_place *place, struct http_account *account) {
    require(!place->account);
    const struct http_options *options = place->places->options;
    place->account = account;
    leave_strangers(place);
    account->connections++;
    size_t shared = options->connections_max - options->strangers_max;
    size_t taken = place->places->taken - place->places->strangers;
    size_t left = taken < shared ? shared - taken : 0;
    if (account->connections <= options->party_connections && account->connections <= left + 1) {
        return HTTP_PLACED;
    }
    bool far = account->connections > 2 * options->party_connections || taken > shared;
    return far ? HTTP_PLACED_FAR_OVER_LIMIT : HTTP_PLACED_OVER_LIMIT;
}
