/*
 * api.c - one table of routes for each audience; those of machines and people come from the resources
 * (resources.c).
 */
#include "adapters/api/api.h"

#include <stdlib.h>
#include <string.h>

#include "base/errands.h"
#include "base/memory.h"
#include "base/status.h"
#include "adapters/web/page.h"
#include "adapters/api/shared.h"

/* Who watches may ask with whatever his probe adds; an operator's word that is misspelt must not be taken for
 * another (a trial, say, for the thing itself). */
#define QUERY(...)   ((const char *const[]){ __VA_ARGS__, NULL })
#define NO_QUERY     QUERY(NULL)

/* clang-format off */
static const struct http_route monitor_routes[] = {
    { METHOD_GET,  "/healthz",     .handle = api_show_health },
    { METHOD_GET,  "/readyz",      .handle = api_show_readiness, .admit = api_admit_caught_up },
    { METHOD_GET,  "/metrics",     .handle = api_show_metrics },
    { METHOD_GET,  "/version",     .handle = api_show_version },
};

static const struct http_route control_routes[] = {
    { METHOD_POST, "/control/deliveries/{record}/{party}/{order}",
                                   .handle = api_order_delivery, .admit = api_admit_caught_up,
                                   .query = QUERY("reason") },
    { METHOD_POST, "/control/deliveries/{order}",
                                   .handle = api_order_deliveries, .admit = api_admit_caught_up,
                                   .body_max = API_ORDERS_BODY_MAX, .query = QUERY("reason") },
    { METHOD_POST, "/control/orders/{order}",
                                   .handle = api_take_order, .query = QUERY("record", "to", "reason") },
    { METHOD_GET,  "/control/clock", .handle = api_show_clock, .query = NO_QUERY },
    { METHOD_POST, "/control/reload", .handle = api_reload, .query = QUERY("dry_run") },
    { METHOD_GET,  "/control/reload", .handle = api_show_reload, .query = NO_QUERY },
    { METHOD_GET,  "/control/diagnostics", .handle = api_show_diagnosis, .query = NO_QUERY },
    { METHOD_GET,  "/readyz",      .handle = api_show_readiness, .admit = api_admit_caught_up },
    { METHOD_GET,  "/metrics",     .handle = api_show_metrics },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What it may ask, and the page that asks for a person. */
static struct http_router *resource_router(struct api *api, bool people) {
    struct http_route *routes =
        arena_alloc(api->arena, (api->resources_count + page_routes_count()) * sizeof(*routes));
    size_t count = 0;
    for (size_t i = 0; i < api->resources_count; i++) {
        const struct api_resource *resource = &api->resources[i];
        if (people ? resource->is_for_people : resource->is_for_machines) {
            routes[count++] = resource->route;
        }
    }
    memcpy(routes + count, page_routes, page_routes_count() * sizeof(*routes));
    count += page_routes_count();
    return http_router_new(routes, count, api);
}

/* --- people --------------------------------------------------------------------------------------------- */

static enum status start_people(struct api *api, const struct api_options *options) {
    api->people = options->people;
    if (!api->people) {
        return STATUS_OK;
    }
    char *path = memory_new(strlen(options->directory) + sizeof("/sessions"));
    strcat(strcpy(path, options->directory), "/sessions");
    api->tries = tries_new();
    enum status status = sessions_open(options->loop, path, &api->sessions);
    free(path);
    for (size_t i = 0; status == STATUS_OK && i < API_HASHERS; i++) {
        status = errands_open(options->loop, "passwords", &api->hashers[i].errands);
    }
    if (status == STATUS_OK) {
        sessions_set_terms(api->sessions, api->people->terms);
        sessions_keep(api->sessions, api->people->accounts);
    }
    return status;
}

static void stop_people(struct api *api) {
    for (size_t i = 0; i < API_HASHERS; i++) {
        errands_close(api->hashers[i].errands);
    }
    sessions_close(api->sessions);
    tries_free(api->tries);
    readings_free(api->readings);
    people_free(api->people);
}

/* --- its life ------------------------------------------------------------------------------------------- */

enum status api_start(const struct api_options *options, struct api **out) {
    require(options->loop && options->journal && options->edition && options->intake && options->dispatch
            && options->engine && options->accounts);
    struct api *api = memory_new(sizeof(*api));
    *out = NULL;
    api->options = *options;
    api->edition = edition_take(options->edition);
    enum status status = state_open(options->directory, STORE_READ, &api->state);
    if (status == STATUS_OK) {
        state_on_damage(api->state, options->on_damage, options->context);
        status = api_start_worker(api);
    }
    enum status people = start_people(api, options);
    if (status == STATUS_OK && people != STATUS_OK) {
        api_stop_worker(api);
        status = people;
    }
    if (status != STATUS_OK) {
        stop_people(api);
        state_close(api->state);
        edition_release(api->edition);
        free(api);
        return status;
    }
    api->arena = arena_new();
    buf_init(&api->gauges, API_ANSWER_MAX / 2);
    api->accounts = api_accounts_of(api, api->edition);
    api->reader = reader_new(options->journal);
    api->appender = appender_new(options->journal, options->loop);
    api->readings = readings_new(api->appender);
    api->source = (struct view_source){
        .state = api->state, .reader = api->reader, .edition = api->edition, .rooms = &api->rooms
    };
    api->rooms = api_diagnostics_rooms(api);
    api->started = clock_now(journal_clock(options->journal));
    pthread_mutex_init(&api->mutex, NULL);
    api_start_events(api);
    api->resources_count = api_resources(api, &api->resources);
    api->routers[API_MACHINES] = resource_router(api, false);
    api->routers[API_PEOPLE] = resource_router(api, true);
    api->routers[API_MONITORS] = http_router_new(monitor_routes, COUNT(monitor_routes), api);
    api->routers[API_CONTROL] = http_router_new(control_routes, COUNT(control_routes), api);
    *out = api;
    return STATUS_OK;
}

void api_change(struct api *api, const struct edition *edition, struct people *people) {
    require(!people == !api->people);
    const struct edition *before = api->edition;
    struct http_account **accounts = api_accounts_of(api, edition);
    free(api->accounts);
    api->accounts = accounts;
    api->edition = edition_take(edition);
    api->source.edition = edition;
    view_worker_change(api->worker, edition);
    if (people) {
        people_free(api->people);
        api->people = people;
        sessions_set_terms(api->sessions, people->terms);
        sessions_keep(api->sessions, people->accounts);
    }
    api_change_events(api);
    edition_release(before);
}

void api_stop(struct api *api) {
    if (!api) {
        return;
    }
    appender_free(api->appender); /* who ordered something waits for the decision from here on */
    stop_people(api);
    api_end_waiting(api);
    api_stop_events(api);
    api_stop_worker(api);
    require(!api->waiters && atomic_load(&api->waiting) == 0);
    for (size_t i = 0; i < COUNT(api->routers); i++) {
        http_router_free(api->routers[i]);
    }
    reader_free(api->reader);
    state_close(api->state);
    pthread_mutex_destroy(&api->mutex);
    buf_release(&api->gauges);
    arena_free(api->arena);
    free(api->accounts);
    edition_release(api->edition);
    free(api);
}

void api_listen(struct api *api, enum api_audience audience, struct http_listen *listen) {
    require(audience < COUNT(api->routers));
    bool people = audience == API_PEOPLE;
    require(!people || api->people);
    listen->audience = audience;
    listen->admit = people ? api_admit_people : http_router_admit;
    listen->handle = people ? api_handle_people : http_router_handle;
    listen->context = people ? (void *)api : api->routers[audience];
    listen->account_of = audience == API_MACHINES ? api_account_of_peer : NULL;
    listen->account_context = api;
    listen->body_max = CHECK_BODY_MAX;
}
