/*
 * adapter.c - an adapter's settings, asked for as what they are.
 */
#include "adapters/adapter.h"

#include <stdlib.h>
#include <string.h>

const char *adapter_text(const struct adapter_settings *settings, size_t row) {
    return settings->values[row];
}

int64_t adapter_number(const struct adapter_settings *settings, size_t row) {
    require(settings->rows[row].type == SETTING_TYPE_NUMBER);
    return strtoll(settings->values[row], NULL, 10);
}

bool adapter_flag(const struct adapter_settings *settings, size_t row) {
    require(settings->rows[row].type == SETTING_TYPE_FLAG);
    return strcmp(settings->values[row], "true") == 0;
}
