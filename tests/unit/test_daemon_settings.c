/* The configuration: where a value comes from, and every mistake with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/settings.h"

struct world {
    char directory[64], file[96];
    struct arena *arena;
    struct verdict mistakes;
    struct settings *settings;
};

static enum status load(struct world *world, const char *yaml) {
    snprintf(world->directory, sizeof(world->directory), "/tmp/clearway-settings-XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    snprintf(world->file, sizeof(world->file), "%s/clearway.yaml", world->directory);
    FILE *file = fopen(world->file, "w");
    assert_non_null(file);
    fputs(yaml, file);
    fclose(file);
    world->arena = arena_new();
    verdict_init(&world->mistakes, world->arena);
    return settings_load(world->file, &world->settings, world->arena, &world->mistakes);
}

static void drop(struct world *world) {
    unlink(world->file);
    rmdir(world->directory);
    arena_free(world->arena);
}

static void values_and_origins(void **state) {
    struct world world;
    struct buf shown;
    char expected[128];
    setenv("CLEARWAY_DELIVERY_ATTEMPTS", "7", 1);
    assert_int_equal(
        load(&world, "gateway:\n  data: here\n  workers: 4\ndelivery:\n  attempts: 3\n  window: 9\n"),
        STATUS_OK);
    unsetenv("CLEARWAY_DELIVERY_ATTEMPTS");
    assert_true(verdict_passes(&world.mistakes));
    snprintf(expected, sizeof(expected), "%s/here", world.directory); /* relative to the file's folder */
    assert_string_equal(settings_text(world.settings, SETTING_DATA), expected);
    assert_int_equal(settings_number(world.settings, SETTING_WORKERS), 4);
    assert_int_equal(settings_number(world.settings, SETTING_DELIVERY_ATTEMPTS), 7);
    assert_int_equal(settings_number(world.settings, SETTING_DELIVERY_WINDOW), 9);
    assert_int_equal(settings_number(world.settings, SETTING_SEGMENT_MIB), 64);
    struct adapter_settings files = settings_adapter(world.settings, &files_adapter);
    assert_string_equal(files.rows[0].key, "enabled");
    assert_true(adapter_flag(&files, 0));
    buf_init(&shown, 65536);
    settings_print(world.settings, true, LANGUAGE_EN, &shown);
    assert_non_null(strstr(shown.at, "  attempts: \"7\"   # from environment\n"));
    assert_non_null(strstr(shown.at, "  window: \"9\"   # from file\n"));
    assert_non_null(strstr(shown.at, "  segment_mib: \"64\"   # from default\n"));
    buf_release(&shown);
    drop(&world);
}

/* What show prints is a file that loads to the same values. */
static void shown_and_loaded_again(void **state) {
    struct world world, again;
    struct buf shown;
    assert_int_equal(load(&world, "machines:\n  listen: 127.0.0.1:9443\nfiles:\n  enabled: false\n"),
                     STATUS_OK);
    buf_init(&shown, 65536);
    settings_print(world.settings, true, LANGUAGE_EN, &shown);
    assert_int_equal(load(&again, shown.at), STATUS_OK);
    assert_true(verdict_passes(&again.mistakes));
    for (int i = 0; i < SETTING_COUNT; i++) {
        assert_string_equal(settings_text(again.settings, i), settings_text(world.settings, i));
    }
    for (size_t i = 0; i < ADAPTERS_COUNT; i++) {
        struct adapter_settings said = settings_adapter(world.settings, adapters[i]);
        struct adapter_settings read = settings_adapter(again.settings, adapters[i]);
        for (size_t k = 0; k < adapters[i]->settings_count; k++) {
            assert_string_equal(adapter_text(&read, k), adapter_text(&said, k));
        }
    }
    buf_release(&shown);
    drop(&world);
    drop(&again);
}

static void mistakes(void **state) {
    static const struct {
        const char *yaml, *says;
        uint32_t line, column;
    } cases[] = {
        { "gateway:\n  data: d\n  wrokers: 3\n", "wrokers", 3, 3 },
        { "gateway:\n  data: d\ngatewya:\n  data: e\n", "gatewya", 3, 1 },
        { "gateway:\n  data: [1, 2]\n", "a text is expected", 2, 9 },
        /* Case 287: was the folder "~"; and of a second document nothing was read. */
        { "gateway:\n  data: ~\n", "no value stands here", 2, 9 },
        { "gateway:\n  data: null\n", "no value stands here", 2, 9 },
        { "gateway:\n  data: d\n---\ngateway:\n  data: e\n", "a second YAML document", 3, 1 },
        { "gateway:\n  workers: many\n", "gateway.workers is \"many\"", 2, 12 },
        { "files:\n  enabled: perhaps\n", "files.enabled is \"perhaps\"", 2, 12 },
        { "gateway:\n  # loud\n  log_level:   loud\n", "debug, info, warn or error", 3, 16 },
        { "files: { enabled: perhaps }\n", "files.enabled is \"perhaps\"", 0, 0 }, /* flow style: no place */
        { "delivery:\n  attempts: -1\n", "a whole number", 2, 13 },
        /* Bug 58: what a room could not bear was no mistake here; the start then failed without naming it. */
        { "journal:\n  gather_ms: 1001\n", "journal.gather_ms is \"1001\", a whole number up to 1000", 2,
          14 },
        { "journal:\n  segment_mib: 1025\n", "a whole number up to 1024", 2, 16 },
        { "gateway:\n  workers: 257\n", "a whole number up to 256", 2, 12 },
        { "delivery:\n  window: 4097\n", "a whole number up to 4096", 2, 11 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct world world;
        assert_int_equal(load(&world, cases[i].yaml), STATUS_OK);
        assert_int_equal(world.mistakes.count, 1);
        const struct finding *finding = &world.mistakes.findings[0];
        assert_string_equal(finding->code, "LINT-CONFIG");
        if (!strstr(finding->en, cases[i].says)) {
            fail_msg("\"%s\" does not say %s", finding->en, cases[i].says);
        }
        assert_true(finding->zh[0]);
        assert_int_equal(finding->place.line, cases[i].line);
        assert_int_equal(finding->place.column, cases[i].column);
        drop(&world);
    }
}

/* case 566: which of what has changed is counted, which refused by name, and what the rooms are given. */
static void read_anew(void **state) {
    struct world world;
    struct settings *now;
    size_t changed;
    assert_int_equal(load(&world, "gateway:\n  workers: 4\ndelivery:\n  attempts: 3\n"), STATUS_OK);
    assert_int_equal(settings_read_anew(world.settings, &now, &changed, world.arena, &world.mistakes),
                     STATUS_OK);
    assert_int_equal(changed, 0);
    FILE *file = fopen(world.file, "w");
    assert_non_null(file);
    fputs("gateway:\n  workers: 5\n  log_level: warn\ndelivery:\n  attempts: 7\nlimits:\n  day_mib: 9\n",
          file);
    fclose(file);
    assert_int_equal(settings_read_anew(world.settings, &now, &changed, world.arena, &world.mistakes),
                     STATUS_OK);
    assert_int_equal(changed, 3);
    assert_int_equal(world.mistakes.count, 1);
    assert_string_equal(world.mistakes.findings[0].en,
                        "gateway.workers was \"4\" and is now \"5\": that needs a restart");
    assert_int_equal(world.mistakes.findings[0].place.line, 2);
    assert_int_equal(settings_log_level(now), LOG_WARN);
    assert_int_equal(settings_log_level(world.settings), LOG_INFO);
    assert_int_equal(settings_dispatch(now).attempts, 7);
    assert_int_equal(settings_budget(now).day_bytes, 9u << 20);
    drop(&world);
}

static void no_file(void **state) {
    struct arena *arena = arena_new();
    struct verdict verdict;
    struct settings *settings;
    verdict_init(&verdict, arena);
    assert_int_equal(settings_load("/nowhere/clearway.yaml", &settings, arena, &verdict), STATUS_NOT_FOUND);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_origins),
        cmocka_unit_test(shown_and_loaded_again),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(read_anew),
        cmocka_unit_test(no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
