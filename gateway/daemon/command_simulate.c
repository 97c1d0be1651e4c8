/*
 * command_simulate.c - `clearway simulate`: months of ports as messages, into folders by sender, or
 * handed to a running gateway as the parties that they are.
 *
 * What is handed in is shared out among a few threads, each with a simulation of its own, by
 * consignment: what is told of one goes in its order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "base/thread.h"
#include "daemon/client.h"
#include "daemon/command.h"
#include "replay/simulate/simulate.h"

#define SENDERS          6 /* threads */
#define TIMEOUT_MS       60000
#define CLIENTS_MAX      (5 * SIMULATE_PORTS_MAX + 1)
#define PARTIES_TEXT_MAX (1u << 20)
#define PRINT_MAX        65536
#define AGAIN_MS         200 /* after it was busy */
#define SPEED_MAX        1000000
#define HISTORY_DAYS     100 /* before today, where no days are named */

static const struct option_row options[] = {
    { "out", "FOLDER", "写入文件夹：每个发送方一个，另有 manifest.csv 与 parties.yaml",
      "write them: a folder for each sender, manifest.csv and parties.yaml" },
    { "submit", NULL, "以各参与方身份提交给运行中的网关（--server --tls）",
      "hand them to a running gateway as the parties (--server, --tls)" },
    { "server", "URL", "网关地址 https://HOST:PORT（CLEARWAY_SERVER）",
      "the gateway, https://HOST:PORT (CLEARWAY_SERVER)" },
    { "tls", "FOLDER", "证书文件夹：CODE.pem、CODE.key、ca.pem", "certificates: CODE.pem, CODE.key, ca.pem" },
    { "seed", "N", "随机种子（默认 1）：同一种子，同样的字节", "same seed, same bytes (default 1)" },
    { "ports", "N", "口岸个数（默认 1）", "how many ports (default 1)" },
    { "consignments", "N", "票货数（默认 400），均匀分布于各日",
      "how many (default 400), spread over the days" },
    { "first", "N", "首票编号（默认 1）：再次提交时，从已提交的之后起，方不与之重号",
      "the number of the first (default 1): another run beside one that was handed in begins behind it" },
    { "from", "DAY", "首日（默认 100 天前）", "the first day (default: 100 days ago)" },
    { "to", "DAY", "末日（默认昨天）", "the last day (default: yesterday)" },
    { "live", NULL, "从现在起按先后逐份提交，而非一次补报历史",
      "from now on, each when it is its turn, not as history" },
    { "speed", "N", "live：时间加快多少倍（默认 3600：一秒一小时）",
      "live: how much faster than the port time goes (default 3600: an hour a second)" },
    OPTIONS_END,
};

/* --- what is asked for ---------------------------------------------------------------------------------- */

static bool read_number(const struct invocation *inv, const char *name, uint64_t least, uint64_t most,
                        uint64_t *value) {
    const char *given = invocation_option(inv, name);
    if (given && (!text_to_uint(text_of(given), value) || *value < least || *value > most)) {
        invocation_usage(inv, "--%s 应为 %llu 至 %llu", "--%s takes %llu to %llu", name,
                         (unsigned long long)least, (unsigned long long)most);
        return false;
    }
    return true;
}

static bool read_day(const struct invocation *inv, const char *name, int32_t *day) {
    const char *given = invocation_option(inv, name);
    if (given && (!day_parse(text_of(given), day) || !calendar_has(*day))) {
        invocation_usage(inv, "--%s 为一个日期，如 2026-10-01", "--%s takes a day, as 2026-10-01", name);
        return false;
    }
    return true;
}

static bool read_options(const struct invocation *inv, struct simulate_options *out) {
    uint64_t seed = 1, ports = 1, consignments = 400, first = 1, speed = 3600;
    int32_t today = stamp_day(stamp_now()), from = today - HISTORY_DAYS, to = today - 1;
    bool live = invocation_option(inv, "live") != NULL;
    if (!read_number(inv, "seed", 0, INT64_MAX, &seed)
        || !read_number(inv, "ports", 1, SIMULATE_PORTS_MAX, &ports)
        || !read_number(inv, "consignments", 1, SIMULATE_CONSIGNMENTS_MAX, &consignments)
        || !read_number(inv, "first", 1, SIMULATE_NUMBERS_MAX - consignments + 1, &first)
        || !read_number(inv, "speed", 1, SPEED_MAX, &speed) || !read_day(inv, "from", &from)
        || !read_day(inv, "to", &to)) {
        return false;
    }
    if (from > to) {
        invocation_usage(inv, "--from 不得晚于 --to", "--from is not behind --to");
        return false;
    }
    *out = (struct simulate_options){ .seed = seed,
                                      .ports = (unsigned)ports,
                                      .consignments = (unsigned)consignments,
                                      .first = (unsigned)first,
                                      .from = stamp_of_day(from),
                                      .until = stamp_of_day(to + 1),
                                      .begin = live ? stamp_now() : 0,
                                      .speed = (unsigned)speed,
                                      .is_told_late = invocation_option(inv, "submit") != NULL && !live };
    return true;
}

/* --- what is told --------------------------------------------------------------------------------------- */

struct counted {
    const char *name;
    unsigned long long count;
};

/* As JSON these; for people the sentence. The exit code. */
static int print_counts(const struct invocation *inv, const struct counted *counted, size_t count,
                        const char *sentence) {
    struct buf buf;
    struct json_out out;
    buf_init(&buf, PRINT_MAX);
    if (inv->json) {
        json_start(&out, &buf);
        json_open_object(&out, NULL);
        for (size_t i = 0; i < count; i++) {
            json_put_int(&out, counted[i].name, (int64_t)counted[i].count);
        }
        json_close_object(&out);
        buf_add_char(&buf, '\n');
    } else {
        buf_add_string(&buf, sentence);
    }
    return invocation_print(inv, &buf);
}

/* --- into folders --------------------------------------------------------------------------------------- */

static enum status write_message(struct invocation *inv, const char *folder, const struct simulated *message,
                                 uint64_t order, FILE *manifest) {
    char at[STAMP_TEXT_MAX];
    struct arena *arena = arena_new();
    const char *of_party = file_join(arena, folder, message->party);
    enum status status = file_make_directory(of_party);
    if (status == STATUS_OK) {
        const char *path = arena_printf(arena, "%s/%s.xml", of_party, message->name);
        status = file_replace(path, message->bytes);
    }
    arena_free(arena);
    fprintf(manifest, "%llu,%s,%s,%s/%s.xml,%u,%s\r\n", (unsigned long long)order,
            stamp_print(message->at, at), message->party, message->party, message->name, message->consignment,
            message->is_broken   ? "refused"
            : message->is_repeat ? "repeated"
                                 : "accepted");
    return status == STATUS_OK && ferror(manifest) ? STATUS_IO : status;
}

static int write_all(struct invocation *inv, const struct simulate_options *wanted, const char *folder) {
    struct simulation *simulation = simulate_new(wanted);
    struct simulated message;
    struct buf parties;
    uint64_t order = 0;
    buf_init(&parties, PARTIES_TEXT_MAX);
    simulate_parties(wanted->ports, &parties);
    enum status status = file_make_directory(folder);
    if (status == STATUS_OK) {
        status = file_replace(file_join(inv->arena, folder, "parties.yaml"), buf_text(&parties));
    }
    FILE *manifest = status == STATUS_OK ? fopen(file_join(inv->arena, folder, "manifest.csv"), "w") : NULL;
    status = status == STATUS_OK && !manifest ? STATUS_IO : status;
    if (manifest) {
        fprintf(manifest, "order,at,party,file,consignment,expected\r\n");
    }
    while (status == STATUS_OK && simulate_next(simulation, &message)) {
        status = write_message(inv, folder, &message, ++order, manifest);
    }
    if (manifest && fclose(manifest) != 0 && status == STATUS_OK) {
        status = STATUS_IO;
    }
    simulate_free(simulation);
    buf_release(&parties);
    if (status != STATUS_OK) {
        return invocation_fail(inv, status, folder);
    }
    const struct counted counted = { "messages", order };
    return print_counts(
        inv, &counted, 1,
        arena_printf(inv->arena, invocation_pick(inv, "%llu 份报文\n", "%llu messages\n"), counted.count));
}

/* --- to a gateway --------------------------------------------------------------------------------------- */

struct sender {
    const struct invocation *inv;
    const struct simulate_options *wanted;
    const char *server, *tls;
    unsigned index;
    pthread_t thread;
    struct arena *arena;
    struct {
        const char *party;
        struct client *client;
    } clients[CLIENTS_MAX];
    size_t clients_count;
    unsigned long long sent, refused, repeated, surprises; /* surprises: not as it was meant */
    char first[256];                                       /* of them */
    enum status failure;
};

static struct client *client_of(struct sender *sender, const char *party) {
    size_t i = 0;
    while (i < sender->clients_count && strcmp(sender->clients[i].party, party) != 0) {
        i++;
    }
    if (i == sender->clients_count) {
        struct client_options client_options = {
            .server = sender->server,
            .certificate = arena_printf(sender->arena, "%s/%s.pem", sender->tls, party),
            .key = arena_printf(sender->arena, "%s/%s.key", sender->tls, party),
            .ca = file_join(sender->arena, sender->tls, "ca.pem"),
            .timeout_ms = TIMEOUT_MS,
            .language = sender->inv->language,
        };
        require(i < CLIENTS_MAX);
        sender->clients[i].party = arena_string(sender->arena, party);
        sender->clients[i].client = client_new(&client_options);
        sender->clients_count++;
    }
    return sender->clients[i].client;
}

static void sleep_ms(int64_t ms) {
    struct timespec wait = { ms / 1000, ms % 1000 * 1000000 };
    if (ms > 0) {
        nanosleep(&wait, NULL);
    }
}

static void note(struct sender *sender, const struct simulated *message, enum status meant,
                 const struct client_answer *answer) {
    bool is_as_meant = message->is_broken ? meant == STATUS_REFUSED : meant == STATUS_OK;
    sender->sent++;
    sender->refused += meant == STATUS_REFUSED;
    sender->repeated += message->is_repeat;
    if (!is_as_meant && sender->surprises++ == 0) {
        snprintf(sender->first, sizeof(sender->first), "%s %s: %s %.150s", message->party, message->name,
                 status_name(meant), answer->body.at ? answer->body.at : "");
    }
}

/* Until it was answered: a gateway that is busy is asked again. */
static enum status hand_in(struct sender *sender, const struct simulated *message) {
    static const char *const headers[] = { "Content-Type: application/xml", NULL };
    for (;;) {
        struct client_answer answer;
        enum status status =
            client_ask(client_of(sender, message->party), "/v1/messages", &message->bytes, headers, &answer);
        enum status meant = status == STATUS_OK ? client_status(&answer) : status;
        bool again = status == STATUS_OK && (meant == STATUS_BUSY || meant == STATUS_THROTTLED);
        if (status != STATUS_OK) {
            snprintf(sender->first, sizeof(sender->first), "%.200s",
                     language_pick(sender->inv->language, answer.why.zh, answer.why.en));
        } else if (!again) {
            note(sender, message, meant, &answer);
        }
        client_release(&answer);
        if (!again) {
            return status;
        }
        sleep_ms(AGAIN_MS);
    }
}

static void *send_mine(void *context) {
    struct sender *sender = context;
    struct simulation *simulation = simulate_new(sender->wanted);
    struct simulated message;
    while (sender->failure == STATUS_OK && simulate_next(simulation, &message)) {
        if (message.consignment % SENDERS == sender->index) {
            sleep_ms(sender->wanted->begin ? (message.at - stamp_now()) / 1000000 : 0);
            sender->failure = hand_in(sender, &message);
        }
    }
    simulate_free(simulation);
    for (size_t i = 0; i < sender->clients_count; i++) {
        client_free(sender->clients[i].client);
    }
    return NULL;
}

static int tell_senders(struct invocation *inv, struct sender *senders) {
    struct sender all = { .failure = STATUS_OK };
    for (size_t i = 0; i < SENDERS; i++) {
        all.sent += senders[i].sent;
        all.refused += senders[i].refused;
        all.repeated += senders[i].repeated;
        all.surprises += senders[i].surprises;
        all.failure = all.failure != STATUS_OK ? all.failure : senders[i].failure;
        if (senders[i].first[0]) {
            invocation_say(inv, "%s", "%s", senders[i].first);
        }
    }
    const struct counted counted[] = { { "messages", all.sent },
                                       { "refused", all.refused },
                                       { "repeated", all.repeated },
                                       { "not_as_meant", all.surprises } };
    int code = print_counts(
        inv, counted, sizeof(counted) / sizeof(*counted),
        arena_printf(
            inv->arena,
            invocation_pick(
                inv, "提交 %llu 份报文，其中拒收 %llu 份、重复 %llu 份；与预期不符 %llu 份\n",
                "%llu messages handed in, %llu of them refused and %llu repeated; not as meant: %llu\n"),
            counted[0].count, counted[1].count, counted[2].count, counted[3].count));
    return all.failure != STATUS_OK ? status_exit(all.failure) : code ? code : all.surprises != 0;
}

static int submit_all(struct invocation *inv, const struct simulate_options *wanted) {
    static struct sender senders[SENDERS];
    const char *server = invocation_option(inv, "server"), *tls = invocation_option(inv, "tls");
    server = server ? server : getenv("CLEARWAY_SERVER");
    if (!server || !tls) {
        return invocation_usage(inv, "--submit 须同时给出 --server 与 --tls",
                                "--submit needs --server and --tls");
    }
    for (unsigned i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){
            .inv = inv, .wanted = wanted, .server = server, .tls = tls, .index = i, .arena = arena_new()
        };
        thread_start(&senders[i].thread, "simulate", send_mine, &senders[i]);
    }
    for (unsigned i = 0; i < SENDERS; i++) {
        pthread_join(senders[i].thread, NULL);
        arena_free(senders[i].arena);
    }
    return tell_senders(inv, senders);
}

/* --- the verb ------------------------------------------------------------------------------------------- */

static int run(struct invocation *inv) {
    const char *folder = invocation_option(inv, "out");
    bool submit = invocation_option(inv, "submit") != NULL;
    struct simulate_options wanted;
    if (inv->count || submit == (folder != NULL)) {
        return invocation_usage(inv, "应为 --out FOLDER 或 --submit", "say --out FOLDER or --submit");
    }
    static const struct {
        const char *option, *needs;
    } beside[] = { { "live", "submit" }, { "server", "submit" }, { "tls", "submit" }, { "speed", "live" } };
    for (size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++) {
        if (invocation_option(inv, beside[i].option) && !invocation_option(inv, beside[i].needs)) {
            return invocation_usage(inv, "--%s 须与 --%s 同用", "--%s goes with --%s", beside[i].option,
                                    beside[i].needs);
        }
    }
    if (!read_options(inv, &wanted)) {
        return EXIT_USAGE;
    }
    return submit ? submit_all(inv, &wanted) : write_all(inv, &wanted, folder);
}

static const struct example_row examples[] = {
    { "clearway simulate --out month --from 2026-10-01 --to 2026-10-31 --consignments 2000", NULL, NULL },
    { "clearway simulate --submit --tls demo-data/tls --seed 7", "补报最近 100 天",
      "the last hundred days as history" },
    { "clearway simulate --submit --live --speed 600 --ports 3 --first 401 --tls tls",
      "接在那 400 票之后：三个口岸，从现在起，六秒一小时",
      "behind those 400: three ports from now on, an hour in six seconds" },
    EXAMPLES_END,
};

const struct command command_simulate = {
    .name = "simulate",
    .arguments = "--out FOLDER | --submit",
    .summary_en = "believable months of ports, as messages of their parties",
    .summary_zh = "模拟口岸数月的业务，生成各参与方的报文",
    .examples = examples,
    .options = options,
    .run = run,
};
