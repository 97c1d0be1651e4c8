/*
 * handle.c - every mistake of the file is told at once, at its line; what is a secret is told nowhere.
 */
#include "adapters/kafka/handle.h"

#include <string.h>

#include "base/log.h"

/* --- what may be told -------------------------------------------------------------------------------- */

static bool is_secret(const char *name) {
    static const char *const parts[] = { "password", "secret", ".pem", "oauthbearer", "kinit.cmd" };
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (strstr(name, parts[i])) {
            return true;
        }
    }
    return false;
}

/* librdkafka's reasons help (a path that is not there) and quote values: one that names a secret or holds it
 * is kept back. */
bool handle_may_tell(const struct kafka_properties *properties, const char *reason) {
    for (size_t i = 0; properties && i < properties->count; i++) {
        const struct kafka_property *property = &properties->list[i];
        if (is_secret(property->name)
            && (strstr(reason, property->name) || strstr(reason, property->value))) {
            return false;
        }
    }
    return true;
}

/* --- making one --------------------------------------------------------------------------------------- */

/* What cannot be set or made is told as a mistake, of the file of properties where there is one. */
struct making {
    const struct handle_options *options;
    rd_kafka_conf_t *conf;
    struct verdict *mistakes;
};

static void tell(const struct making *making, const struct kafka_property *property, const char *zh,
                 const char *en) {
    const struct kafka_properties *properties = making->options->properties;
    bool is_path = property && strstr(property->name, ".location");
    kafka_properties_mistake(making->mistakes, properties ? properties->file : "",
                             property ? property->line : 0, property ? property->column : 0, zh, en,
                             is_path ? "文件在吗？网关能读吗？是 PEM 格式吗？" : "",
                             is_path ? "is the file there, may the gateway read it, is it PEM?" : "");
}

static bool set(const struct making *making, const char *name, const char *value) {
    char reason[256];
    if (rd_kafka_conf_set(making->conf, name, value, reason, sizeof(reason)) == RD_KAFKA_CONF_OK) {
        return true;
    }
    kafka_properties_mistake(making->mistakes, "", 0, 0, reason, reason, "", "");
    return false;
}

/* librdkafka's own reason quotes the value, and a name it does not know may be a password that slipped. */
static bool set_property(const struct making *making, const struct kafka_property *property) {
    char reason[256];
    rd_kafka_conf_res_t result =
        rd_kafka_conf_set(making->conf, property->name, property->value, reason, sizeof(reason));
    struct arena *arena = making->mistakes->arena;
    if (result == RD_KAFKA_CONF_UNKNOWN) {
        tell(making, property, "librdkafka 没有这个名称的属性", "librdkafka has no property of this name");
    } else if (result != RD_KAFKA_CONF_OK) {
        tell(making, property, arena_printf(arena, "librdkafka 不接受 %s 的这个值", property->name),
             arena_printf(arena, "librdkafka does not take this value for %s", property->name));
    }
    return result == RD_KAFKA_CONF_OK;
}

static bool configure(const struct making *making) {
    const struct handle_options *options = making->options;
    const struct kafka_properties *properties = options->properties;
    bool good = set(making, "bootstrap.servers", options->brokers);
    for (size_t i = 0; good && i < options->count; i++) {
        good = set(making, options->settings[i].name, options->settings[i].value);
    }
    for (size_t i = 0; properties && i < properties->count; i++) { /* every mistake of the file at once */
        good &= set_property(making, &properties->list[i]);
    }
    rd_kafka_conf_set_events(making->conf, options->events);
    rd_kafka_conf_set_log_cb(making->conf, NULL); /* what it would log comes as events as well */
    return good;
}

/* The mistake stands at the property that the reason names. */
static void tell_unmade(const struct making *making, const char *reason) {
    const struct kafka_properties *properties = making->options->properties;
    const struct kafka_property *about = NULL;
    for (size_t i = 0; properties && i < properties->count; i++) {
        const struct kafka_property *property = &properties->list[i];
        if (strstr(reason, property->name) && (!about || strlen(property->name) > strlen(about->name))) {
            about = property;
        }
    }
    const char *why = handle_may_tell(properties, reason) ? reason : about ? about->name : "";
    tell(making, about, arena_printf(making->mistakes->arena, "librdkafka 无法按此设置运行：%s", why),
         arena_printf(making->mistakes->arena, "librdkafka cannot run with these settings: %s", why));
}

rd_kafka_t *handle_new(const struct handle_options *options, struct verdict *mistakes) {
    char reason[512];
    struct making making = { options, rd_kafka_conf_new(), mistakes };
    if (!configure(&making)) {
        rd_kafka_conf_destroy(making.conf);
        return NULL;
    }
    rd_kafka_t *handle = rd_kafka_new(options->type, making.conf, reason, sizeof(reason));
    if (!handle) {
        rd_kafka_conf_destroy(making.conf);
        tell_unmade(&making, reason);
    }
    return handle;
}

rd_kafka_t *handle_new_logged(const struct handle_options *options) {
    struct verdict mistakes;
    struct arena *arena = arena_new();
    verdict_init(&mistakes, arena);
    rd_kafka_t *handle = handle_new(options, &mistakes);
    for (size_t i = 0; i < mistakes.count; i++) {
        const struct finding *mistake = &mistakes.findings[i];
        log_event(LOG_ERROR, EVENT_KAFKA_NO_HANDLE, LOG_STRING("file", mistake->file),
                  LOG_INT("line", mistake->place.line), LOG_STRING("reason", mistake->en), LOG_END);
    }
    arena_free(arena);
    return handle;
}
