/* test_edition_edition.c - folders become an edition: names, digests, limits; and our own schemas load
   without a mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "edition/edition.h"
#include "folder_kit.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A folder of its own for each test, removed with all in it. */
struct place_of_test {
    char folder[64];
    struct arena *arena;
    struct verdict mistakes;
    struct edition *edition;
};

static void make_folder(struct place_of_test *place) {
    strcpy(place->folder, "/tmp/clearway-edition-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    place->arena = arena_new();
    place->edition = NULL;
    verdict_init(&place->mistakes, place->arena);
}

static const char *path_in(struct place_of_test *place, const char *name) {
    return file_join(place->arena, place->folder, name);
}

static void write_file(struct place_of_test *place, const char *name, struct text bytes) {
    const char *path = path_in(place, name);
    char *folder = strdup(path);
    *strrchr(folder, '/') = '\0';
    assert_int_equal(file_make_directory(folder), STATUS_OK);
    free(folder);
    assert_int_equal(file_replace(path, bytes), STATUS_OK);
}

static void write_smallest(struct place_of_test *place) {
    write_file(place, "schemas/fields",
               TEXT("message_id text \"编号\" \"id\"\nie_flag code \"标志\" \"flag\" list directions\n"));
    write_file(
        place, "schemas/catalog",
        TEXT(
            "format f\n family declaration\n root R\n schema f/R.xsd\n binding f/binding\n id message_id\n"));
    write_file(place, "schemas/f/binding", TEXT("A/Id message_id\n"));
    write_file(place, "schemas/f/R.xsd", TEXT("<schema/>\n"));
    write_file(place, "schemas/lists/directions", TEXT("I \"进\" \"import\"\n"));
}

static enum status load(struct place_of_test *place, const char *dropin, const char *parties) {
    struct edition_options options = { .schemas = path_in(place, "schemas") };
    edition_release(place->edition);
    verdict_init(&place->mistakes, place->arena);
    if (dropin) {
        options.dropins[0] = (struct edition_dropin){ "wco", path_in(place, dropin) };
    }
    options.parties = parties ? path_in(place, parties) : NULL;
    return edition_load(&options, &place->edition, &place->mistakes);
}

static void remove_folder(struct place_of_test *place) {
    folder_remove(place->folder);
    edition_release(place->edition);
    arena_free(place->arena);
}

static void assert_names(const struct edition *edition, const char *const *names, size_t count) {
    assert_int_equal(edition->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(edition->texts[i].name, names[i]);
    }
}

static void folders_become_texts(void **state) {
    static const char *const names[] = {
        "catalog",
        "dropin/wco/a/b.xsd",
        "dropin/wco/top.xsd",
        "f/R.xsd",
        "f/binding",
        "fields",
        "lists/directions",
        "parties",
        "rules",
    };
    struct place_of_test place;
    make_folder(&place);
    write_smallest(&place);
    write_file(&place, "schemas/rules", TEXT("# none\n"));
    write_file(&place, "schemas/.hidden", TEXT("x"));
    write_file(&place, "schemas/.git/config", TEXT("x"));
    write_file(&place, "official/top.xsd", TEXT("<top/>"));
    write_file(&place, "official/a/b.xsd", TEXT("<b/>"));
    write_file(&place, "official/manual.pdf", TEXT("x"));
    write_file(&place, "us.yaml",
               TEXT("parties:\n  - code: A\n    name: { zh: 甲, en: A }\n    roles: [office]\n"));
    assert_int_equal(load(&place, "official", "us.yaml"), STATUS_OK);
    assert_int_equal(place.mistakes.count, 0);
    assert_names(place.edition, names, COUNT(names));
    assert_string_equal(place.edition->directory, path_in(&place, "schemas"));
    assert_string_equal(place.edition->dropins[0].name, "wco");
    assert_string_equal(place.edition->dropins[0].folder, path_in(&place, "official"));
    assert_null(place.edition->dropins[1].name);
    const struct edition_text *text = edition_text(place.edition, "dropin/wco/a/b.xsd");
    assert_true(text_is(text->bytes, "<b/>"));
    assert_string_equal(text->path, path_in(&place, "official/a/b.xsd"));
    struct digest digest = digest_of("<b/>", 4);
    assert_true(digest_equal(&text->digest, &digest));
    assert_null(edition_text(place.edition, "nothing"));
    assert_true(text_is(edition_text(place.edition, "rules")->bytes, "# none\n"));
    assert_int_equal(fields_count(place.edition->fields), 2);
    assert_int_equal(place.edition->catalog->count, 1);
    assert_non_null(codelists_find(place.edition->lists, TEXT("directions")));
    assert_non_null(place.edition->bindings[0]);
    assert_non_null(parties_find(place.edition->parties, TEXT("A")));
    remove_folder(&place);
}

static void the_digest_is_of_names_and_bytes(void **state) {
    struct place_of_test place;
    make_folder(&place);
    write_smallest(&place);
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    struct digest first = place.edition->digest;
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    assert_true(digest_equal(&first, &place.edition->digest));
    write_file(&place, "schemas/f/R.xsd", TEXT("<schema />\n"));
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    struct digest changed = place.edition->digest;
    assert_false(digest_equal(&first, &changed));
    write_file(&place, "schemas/f/R.xsd", TEXT("<schema/>\n"));
    assert_int_equal(rename(path_in(&place, "schemas/f/R.xsd"), path_in(&place, "schemas/f/S.xsd")), 0);
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    assert_false(digest_equal(&first, &place.edition->digest));
    remove_folder(&place);
}

static void no_parties_is_no_party(void **state) {
    struct place_of_test place;
    make_folder(&place);
    write_smallest(&place);
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    assert_int_equal(place.mistakes.count, 0);
    assert_int_equal(place.edition->parties->count, 0);
    assert_null(parties_find(place.edition->parties, TEXT("A")));
    assert_null(parties_of_certificate(place.edition->parties, TEXT("A")));
    remove_folder(&place);
}

static void a_folder_that_is_not_there(void **state) {
    struct place_of_test place;
    make_folder(&place);
    assert_int_equal(load(&place, NULL, NULL), STATUS_NOT_FOUND);
    assert_null(place.edition);
    remove_folder(&place);
}

static bool told(const struct place_of_test *place, const char *file, const char *en) {
    for (size_t i = 0; i < place->mistakes.count; i++) {
        const struct finding *finding = &place->mistakes.findings[i];
        const char *end = finding->file + strlen(finding->file) - strlen(file);
        if (strcmp(finding->en, en) == 0 && end >= finding->file && strcmp(end, file) == 0 && *finding->zh) {
            return true;
        }
    }
    return false;
}

static void what_is_wrong_is_told(void **state) {
    struct place_of_test place;
    make_folder(&place);
    write_file(&place, "schemas/lists/other", TEXT("I \"进\" \"import\"\n"));
    assert_int_equal(load(&place, "official", "us.yaml"), STATUS_OK);
    assert_true(told(&place, "/schemas/fields", "the file fields is missing"));
    assert_true(told(&place, "/schemas/catalog", "the file catalog is missing"));
    assert_true(told(&place, "/official", "the folder of official schemas cannot be read"));
    assert_true(told(&place, "/us.yaml", "the file cannot be read"));
    assert_non_null(place.edition->fields);
    assert_non_null(place.edition->catalog);

    write_smallest(&place);
    write_file(&place, "schemas/routes",
               TEXT("\n \n")); /* case 200: cut short, it routed nothing to anybody */
    write_file(&place, "schemas/parties", TEXT("parties: []\n"));
    write_file(&place, "us.yaml", TEXT("parties: []\n"));
    unlink(path_in(&place, "schemas/f/binding"));
    unlink(path_in(&place, "schemas/lists/directions"));
    assert_int_equal(symlink("..", path_in(&place, "schemas/f/up")), 0);
    assert_int_equal(symlink("nowhere", path_in(&place, "schemas/f/gone")), 0);
    assert_int_equal(load(&place, NULL, "us.yaml"), STATUS_OK);
    assert_true(told(&place, "/schemas/f/binding", "the file f/binding is missing"));
    assert_true(told(&place, "/schemas/fields", "the list directions of the field ie_flag is missing"));
    assert_true(told(&place, "/schemas/f/up", "a symbolic link to a folder is not followed"));
    assert_true(told(&place, "/schemas/f/gone", "the file cannot be read"));
    assert_true(told(&place, "/us.yaml", "another text has the same name")
                || told(&place, "/parties", "another text has the same name"));
    assert_true(told(&place, "/schemas/routes",
                     "the file is empty; if nothing is meant to stand in it, say so in a line that "
                     "begins with #"));
    assert_int_equal(place.mistakes.count, 6);
    assert_null(place.edition->bindings[0]);
    remove_folder(&place);
}

/* --- limits --------------------------------------------------------------------------------------------- */

static void write_sized(struct place_of_test *place, const char *name, size_t size) {
    const char *path = path_in(place, name);
    write_file(place, name, TEXT(""));
    assert_int_equal(truncate(path, (off_t)size), 0);
}

static void a_text_has_a_limit(void **state) {
    struct place_of_test place;
    make_folder(&place);
    write_smallest(&place);
    write_sized(&place, "schemas/large", EDITION_TEXT_MAX);
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    assert_int_equal(place.mistakes.count, 0);
    assert_int_equal(edition_text(place.edition, "large")->bytes.length, EDITION_TEXT_MAX);
    write_sized(&place, "schemas/large", EDITION_TEXT_MAX + 1);
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    assert_int_equal(place.mistakes.count, 1);
    assert_true(told(&place, "/schemas/large", "the file is larger than 8 MiB"));
    remove_folder(&place);
}

static void all_texts_together_have_a_limit(void **state) {
    struct place_of_test place;
    make_folder(&place);
    write_smallest(&place);
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    size_t used = 0;
    for (size_t i = 0; i < place.edition->count; i++) {
        used += place.edition->texts[i].bytes.length;
    }
    for (int i = 0; i < 7; i++) {
        write_sized(&place, arena_printf(place.arena, "schemas/large%d", i), EDITION_TEXT_MAX);
    }
    write_sized(&place, "schemas/rest", EDITION_TEXT_MAX - used);
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    assert_int_equal(place.mistakes.count, 0);
    write_sized(&place, "schemas/rest", EDITION_TEXT_MAX - used + 1);
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    assert_true(place.mistakes.errors >= 1);
    assert_string_equal(place.mistakes.findings[0].en, "the texts of the edition pass 64 MiB together");
    remove_folder(&place);
}

static void the_number_of_texts_has_a_limit(void **state) {
    struct place_of_test place;
    make_folder(&place);
    write_smallest(&place);
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    size_t room = EDITION_TEXTS_MAX - place.edition->count;
    file_make_directory(path_in(&place, "official"));
    for (size_t i = 0; i < room; i++) {
        const char *path = arena_printf(place.arena, "%s/official/t%zu.xsd", place.folder, i);
        FILE *file = fopen(path, "w");
        fputs("<x/>", file);
        fclose(file);
    }
    assert_int_equal(load(&place, "official", NULL), STATUS_OK);
    assert_int_equal(place.mistakes.count, 0);
    assert_int_equal(place.edition->count, EDITION_TEXTS_MAX);
    write_file(&place, "official/more.xsd", TEXT("<x/>"));
    assert_int_equal(load(&place, "official", NULL), STATUS_OK);
    assert_int_equal(place.mistakes.count, 1);
    assert_string_equal(place.mistakes.findings[0].en, "too many texts in the edition");
    remove_folder(&place);
}

static void depth_has_a_limit(void **state) {
    struct place_of_test place;
    struct buf name;
    make_folder(&place);
    buf_init(&name, 4096);
    write_smallest(&place);
    buf_add_string(&name, "schemas");
    for (int depth = 1; depth < EDITION_DEPTH_MAX; depth++) {
        buf_add_string(&name, "/d");
    }
    write_file(&place, arena_printf(place.arena, "%s/x", name.at), TEXT("x"));
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    assert_int_equal(place.mistakes.count, 0);
    write_file(&place, arena_printf(place.arena, "%s/d/x", name.at), TEXT("x"));
    assert_int_equal(load(&place, NULL, NULL), STATUS_OK);
    assert_int_equal(place.mistakes.count, 1);
    assert_string_equal(place.mistakes.findings[0].en, "folders are nested too deeply");
    buf_release(&name);
    remove_folder(&place);
}

static void our_schemas_have_no_mistakes(void **state) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct edition *edition;
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    verdict_init(&mistakes, arena);
    assert_int_equal(edition_load(&options, &edition, &mistakes), STATUS_OK);
    for (size_t i = 0; i < mistakes.count; i++) {
        print_error("%s:%u:%u: %s\n", mistakes.findings[i].file, mistakes.findings[i].place.line,
                    mistakes.findings[i].place.column, mistakes.findings[i].en);
    }
    assert_int_equal(mistakes.count, 0);
    for (size_t i = 0; i < edition->catalog->count; i++) {
        assert_non_null(edition->bindings[i]);
    }
    edition_release(edition);
    arena_free(arena);
}

/* Who took it may go on asking it when whoever made it has let go. */
static void an_edition_lives_as_long_as_it_is_held(void **state) {
    struct arena *arena = arena_new();
    struct verdict mistakes;
    struct edition *edition;
    struct edition_options options = { .schemas = SOURCE_DIR "/schemas" };
    verdict_init(&mistakes, arena);
    assert_int_equal(edition_load(&options, &edition, &mistakes), STATUS_OK);
    assert_int_equal(mistakes.count, 0);
    const struct edition *held = edition_take(edition);
    assert_ptr_equal(held, edition);
    edition_release(edition);
    assert_non_null(catalog_find(held->catalog, TEXT("cn-dec")));
    assert_non_null(held->rules);
    assert_non_null(held->routes);
    assert_non_null(held->segments);
    assert_non_null(held->slots);
    assert_non_null(held->ports);
    edition_release(held);
    edition_release(NULL);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_become_texts),
        cmocka_unit_test(the_digest_is_of_names_and_bytes),
        cmocka_unit_test(no_parties_is_no_party),
        cmocka_unit_test(a_folder_that_is_not_there),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(a_text_has_a_limit),
        cmocka_unit_test(all_texts_together_have_a_limit),
        cmocka_unit_test(the_number_of_texts_has_a_limit),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(our_schemas_have_no_mistakes),
        cmocka_unit_test(an_edition_lives_as_long_as_it_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
