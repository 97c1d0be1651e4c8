/*
 * adapter.c - webhooks as a row of the list of adapters.
 *
 * In the parties file:
 *   webhook: { url: https://hooks.example/customs, secrets: [/etc/clearway/webhooks/cus-qd] }
 *   deliver: { transport: webhook }
 */
#include "adapters/adapters.h"
#include "adapters/webhook/counters.h"
#include "adapters/webhook/receiver.h"
#include "adapters/webhook/webhook.h"

/* Of a request: its connection, and the two ends by which a thread that resolves a name tells so. */
#define DESCRIPTORS_PARTY (3 * WEBHOOK_CONNECTIONS)

const struct party_transport webhook_transport = {
    .name = "webhook", .keys = webhook_stanza_keys, .delivers = true, .check = webhook_check_stanza
};

/* --- what it needs ------------------------------------------------------------------------------------ */

enum { ENABLED };

/* clang-format off */
static const struct setting_row setting_rows[] = {
    [ENABLED] = { "webhook", "enabled", SETTING_TYPE_FLAG, SETTING_RESTART, 0, "true",
        "向设有 webhook 的参与方投递",
        "deliver to the webhooks of parties that have one" },
};
/* clang-format on */

static void check(const struct adapter_settings *settings, const struct edition *edition,
                  struct verdict *mistakes) {
    if (adapter_flag(settings, ENABLED)) {
        webhook_check(edition, settings->parties, mistakes);
    }
}

static void probe_receivers(const struct adapter_settings *settings, const struct edition *edition,
                            struct probe *probe) {
    if (adapter_flag(settings, ENABLED)) {
        webhooks_probe(edition, settings->parties, probe);
    } else {
        adapter_say_idle(settings, ENABLED, "webhook", edition, probe->mistakes);
    }
}

static size_t descriptors(const struct edition *edition) {
    size_t count = 0;
    for (size_t i = 0; i < edition->parties->count; i++) {
        count += party_stanza(&edition->parties->list[i], "webhook") ? DESCRIPTORS_PARTY : 0;
    }
    return count;
}

/* --- its life ----------------------------------------------------------------------------------------- */

/* Sooner than dispatch gives up: what failed is then told by its name. */
static int timeout_ms(const struct adapter_settings *settings) {
    return settings->delivery_timeout_ms * 2 / 3;
}

static enum status start(const struct adapter_rooms *rooms, void **out) {
    struct webhooks_options options = {
        .loop = rooms->loop,
        .journal = rooms->journal,
        .edition = rooms->edition,
        .parties = rooms->settings.parties,
        .timeout_ms = timeout_ms(&rooms->settings),
        .mistakes = rooms->mistakes,
    };
    *out = adapter_flag(&rooms->settings, ENABLED) ? webhooks_start(&options) : NULL;
    return STATUS_OK;
}

static const struct port *port(void *running) {
    return webhooks_port(running);
}

static void diagnose(void *running, stamp now, struct diagnosis *out) {
    webhooks_diagnose(running, out);
}

static void health(void *running, struct json_out *out) {
    webhooks_health(running, out);
}

static void prepare(void *running, const struct adapter_settings *settings, const struct edition *edition,
                    struct verdict *mistakes, void **prepared) {
    struct webhook_set *set = webhook_set_read(edition, settings->parties, SEVERITY_ERROR, mistakes);
    webhook_set_limit(set, timeout_ms(settings));
    *prepared = set;
}

static void reload(void *running, const struct edition *edition, void *prepared) {
    webhooks_change(running, edition, prepared);
}

static void discard(void *running, void *prepared) {
    webhook_set_free(prepared);
}

static void stop(void *running) {
    webhooks_stop(running);
}

const struct adapter webhook_adapter = {
    .transport = &webhook_transport,
    .zh = "webhook 无法启动",
    .en = "webhooks cannot start",
    .settings = setting_rows,
    .counters = webhook_counters,
    .settings_count = sizeof(setting_rows) / sizeof(*setting_rows),
    .check = check,
    .probe = probe_receivers,
    .descriptors = descriptors,
    .start = start,
    .port = port,
    .health = health,
    .diagnose = diagnose,
    .prepare = prepare,
    .reload = reload,
    .discard = discard,
    .stop = stop,
};
