/*
 * Packed documents from a journal that somebody spoilt: unpacking gives nothing, or a document whose packed
 * form reads back as the same document.
 */
#include <string.h>

#include "base/arena.h"
#include "base/status.h"
#include "message/document.h"
#include "edition/dictionary.h"
#include "fuzz/driver.h"

const long fuzz_runs = 1000000;

static const char dictionary[] =
    "bill text \"提单\" \"bill\"\ngross decimal \"毛重\" \"gross\"\nitem group \"商品\" \"item\"\n"
    "item.number decimal \"序号\" \"number\"\n"
    "item.name text \"名称\" \"name\"\nbox group \"箱\" \"box\"\nbox.number text \"箱号\" \"number\"\n";

static struct fields *fields(void) {
    static struct arena *arena; /* for good */
    static struct fields *made;
    if (!made) {
        arena = arena_new();
        struct verdict mistakes;
        verdict_init(&mistakes, arena);
        made = dictionary_load(text_of(dictionary), "fields", arena, &mistakes);
        require(mistakes.count == 0);
    }
    return made;
}

struct text fuzz_seed(size_t index) {
    static struct buf packed;
    if (index > 0) {
        return (struct text){ NULL, 0 };
    }
    if (!packed.at) {
        struct arena *arena = arena_new();
        struct document *doc = document_new(fields(), arena);
        static const char *const names[] = { "bill", "gross", "item.number", "item.name", "box.number" };
        for (uint32_t i = 0; i < 20; i++) {
            const struct field *field = fields_find(fields(), text_of(names[i % 5]));
            document_add(doc, field, field->group < 0 ? 0 : i, TEXT("some text 青岛"), i % 7 == 0,
                         (struct origin){ { i * 1000, i }, ORIGIN_NO_ELEMENT, NULL });
        }
        buf_init(&packed, 1u << 16);
        document_pack(doc, &packed);
        arena_free(arena);
    }
    return buf_text(&packed);
}

struct text fuzz_word(size_t index) {
    static const char *const words[] = { "\x04"
                                         "bill",
                                         "\x0B"
                                         "item.number",
                                         "\x04"
                                         "item",
                                         "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
                                         "\x80\x80\x04",
                                         "\x01",
                                         "\x7F" };
    return index < sizeof(words) / sizeof(words[0]) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct arena *arena = arena_new();
    struct document *doc = document_unpack((struct text){ (const char *)bytes, length }, fields(), arena);
    if (doc) {
        struct buf packed, again;
        buf_init(&packed, 16u << 20);
        buf_init(&again, 16u << 20);
        document_pack(doc, &packed);
        struct document *other = document_unpack(buf_text(&packed), fields(), arena);
        require(other && document_count(other) <= document_count(doc)); /* of a row only one counts */
        document_pack(other, &again);
        require(text_equal(buf_text(&packed), buf_text(&again)));
        for (size_t i = 0; i < document_count(doc); i++) {
            const struct value *value = document_at(doc, i);
            require(document_value(doc, value->field, value->row) != NULL);
        }
        buf_release(&packed);
        buf_release(&again);
    }
    arena_free(arena);
    return 0;
}
