/*
 * A parties file as an operator may type it, with whatever slips: it is read, and every adapter looks at what
 * it says and at the files it names, as `config lint` and a reload do although mistakes are in it. Nothing of
 * that may end the process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "edition/edition.h"
#include "daemon/preflight.h"
#include "daemon/settings.h"
#include "fuzz/driver.h"

const long fuzz_runs = 3000;

static const char *const rows[] = {
    "parties:\n"
    "  - code: FWD-1\n"
    "    name: { zh: 甲, en: A }\n"
    "    roles: [declarant]\n"
    "    declares: [\"3702980001\"]\n"
    "    ids: [\"0011\"]\n"
    "    certificates: [fwd-1]\n"
    "    files: { folder: \"/nowhere/fwd-1\" }\n"
    "    deliver: { transport: files }\n",
    "parties:\n"
    "  - code: CUS-1\n"
    "    name: { zh: 乙, en: B }\n"
    "    roles: [customs]\n"
    "    serves: [\"4218\"]\n"
    "    certificates: [cus-1]\n"
    "    blocked: false\n"
    "    webhook: { url: \"https://127.0.0.1:1/x\", secrets: [\"/nowhere/secret\"], authorities: \"/nowhere/ca\","
    " allow: [127.0.0.0/8] }\n"
    "    deliver: { transport: webhook }\n",
    "parties:\n"
    "  - code: TML-1\n"
    "    name: { zh: 丙, en: C }\n"
    "    roles: [terminal]\n"
    "    certificates: [tml-1]\n"
    "    zmq: { bind: \"tcp://127.0.0.1:*\", events: \"tcp://127.0.0.1:*\","
    " keys: [\"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\"] }\n"
    "    deliver: { transport: zmq }\n"
    "  - code: FWD-2\n"
    "    name: { zh: 丁, en: D }\n"
    "    roles: [declarant]\n"
    "    certificates: [fwd-2]\n"
    "    kafka: { from: clearway.fwd-2.submissions.v1, receipts: clearway.fwd-2.receipts.v1,"
    " principal: \"User:fwd-2\", events: clearway.fwd-2.events.v1 }\n"
    "    deliver: { transport: kafka, to: clearway.fwd-2.out.v1 }\n",
};

static const char *const words[] = {
    "https://user:pw@h/x",
    "ftp://x/",
    "https://h/x#y",
    "http://10.0.0.1/",
    "https://[::1]:1/",
    "https://",
    "tcp://",
    "tcp://127.0.0.1:0",
    "tcp://127.0.0.1:99999",
    "10.0.0.0/4",
    "::/0",
    "x",
    "\"\"",
    "[]",
    "{}",
    "[a, b, c, d, e, f, g, h, i]",
    "[\"/a\", \"/b\", \"/c\", \"/d\", \"/e\", \"/f\", \"/g\", \"/h\", \"/i\"]",
    "~",
    "a.b",
    "*",
    "kafka",
    "zmq",
    "webhook",
    "files",
    "FWD-1",
    "clearway.x.v1.dlq",
    "true",
    "\n  - code: X\n    ",
    "    blocked: true\n",
    "url: ",
    "secrets: ",
    "keys: ",
    "from: ",
    "to: ",
    "../..",
    "/",
    "\t",
    "\"",
    "&a ",
    "*a",
    "青",
};

struct text fuzz_seed(size_t index) {
    return index < sizeof(rows) / sizeof(*rows) ? text_of(rows[index]) : (struct text){ NULL, 0 };
}

struct text fuzz_word(size_t index) {
    return index < sizeof(words) / sizeof(*words) ? text_of(words[index]) : (struct text){ NULL, 0 };
}

/* A folder of the process: a configuration, texts that may be few, and the parties file of each run. */
static char folder[] = "/tmp/clearway-fuzz-XXXXXX";
static struct settings *settings;
static char parties[64];

static void put(const char *name, struct text bytes) {
    char path[64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    require(file && fwrite(bytes.at, 1, bytes.length, file) == bytes.length && fclose(file) == 0);
}

static void remove_all(void) {
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    require(system(command) == 0);
}

static void make(void) {
    static struct verdict told;
    struct arena *arena = arena_new(); /* the settings stand in it */
    char path[64];
    require(mkdtemp(folder));
    atexit(remove_all);
    verdict_init(&told, arena);
    put("clearway.yaml", text_of("gateway:\n  schemas: schemas\n  parties: parties.yaml\n"
                                 "zmq:\n  secret_key: zmq.secret\nkafka:\n  brokers: 127.0.0.1:1\n"));
    put("zmq.secret", text_of("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"));
    snprintf(path, sizeof(path), "%s/schemas", folder);
    require(file_make_directory(path) == STATUS_OK);
    put("schemas/routes", text_of("# nothing\n"));
    snprintf(path, sizeof(path), "%s/clearway.yaml", folder);
    snprintf(parties, sizeof(parties), "%s/parties.yaml", folder);
    require(settings_load(path, &settings, arena, &told) == STATUS_OK && settings_are_read(settings));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (!settings) {
        make();
    }
    put("parties.yaml", (struct text){ (const char *)bytes, length });
    struct arena *arena = arena_new();
    struct verdict mistakes;
    verdict_init(&mistakes, arena);
    struct edition *edition;
    struct edition_options options = settings_edition(settings);
    require(edition_load(&options, &edition, &mistakes) == STATUS_OK);
    preflight(settings, edition, &mistakes);
    edition_release(edition);
    arena_free(arena);
    return 0;
}
