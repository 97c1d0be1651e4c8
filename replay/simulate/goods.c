/*
 * goods.c - draws from one generator (splitmix64), seeded by seed and number: so each consignment can
 * be made at any time, without those before it. Log-normal lengths come from a table of quantiles, not
 * from libm: the same bytes everywhere.
 */
#include "replay/simulate/goods.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

#define HOUR   (3600 * STAMP_SECOND)
#define MINUTE (60 * STAMP_SECOND)
#define DAY    (24 * HOUR)

/* --- chance --------------------------------------------------------------------------------------------- */

static uint64_t draw(uint64_t *chance, uint64_t below) {
    uint64_t z = *chance += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

static bool one_in_hundred(uint64_t *chance, unsigned times) {
    return draw(chance, 100) < times;
}

/* A length of this mean in minutes: quantiles of exp(0.8 x - 0.32) in thousandths, x normal; between two of
 * them it is drawn evenly. To the second. */
static stamp some(uint64_t *chance, unsigned minutes) {
    static const unsigned quantiles[] = { 113, 195, 261, 318,  373,  427,  480,  535,  593,  656, 726,
                                          805, 888, 986, 1104, 1253, 1452, 1746, 2024, 2707, 4670 };
    enum { STEPS = sizeof(quantiles) / sizeof(*quantiles) - 1 };
    size_t i = (size_t)draw(chance, STEPS);
    uint64_t thousandths = quantiles[i] + draw(chance, quantiles[i + 1] - quantiles[i] + 1);
    return (stamp)(thousandths * minutes * 60 / 1000 + draw(chance, 60)) * STAMP_SECOND;
}

/* --- numbers with check digits -------------------------------------------------------------------------- */

#define SERIALS 3 /* of each container: the check digit of two that follow each other is not 10 in both */

/* ISO 6346; a serial whose remainder is 10 is passed over. Each million has an owner of its own. */
static void container_number(unsigned number, char out[16]) {
    for (unsigned serial = number * SERIALS;; serial++) {
        unsigned sum = 0;
        snprintf(out, 16, "CS%cU%06u", (char)('A' + serial / 1000000 % 26), serial % 1000000);
        for (int i = 0; i < 10; i++) {
            unsigned letter = (unsigned)(out[i] - 'A');
            unsigned value = i < 4 ? 10 + letter + (letter + 9) / 10 : (unsigned)(out[i] - '0');
            sum += value << i;
        }
        if (sum % 11 < 10) {
            snprintf(out + 10, 6, "%u", sum % 11);
            return;
        }
    }
}

/* GB 11714. */
static void organisation_code(unsigned serial, char out[16]) {
    static const unsigned weights[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
    unsigned sum = 0;
    snprintf(out, 16, "%08u", serial % 100000000);
    for (int i = 0; i < 8; i++) {
        sum += (unsigned)(out[i] - '0') * weights[i];
    }
    unsigned check = 11 - sum % 11;
    out[8] = check == 10 ? 'X' : check == 11 ? '0' : (char)('0' + check);
    out[9] = '\0';
}

/* GB 32100. */
static void social_credit_code(const char *organisation, char out[24]) {
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    unsigned sum = 0, weight = 1;
    snprintf(out, 24, "91370200%.9s", organisation);
    for (int i = 0; i < 17; i++, weight = weight * 3 % 31) {
        sum += (unsigned)(strchr(alphabet, out[i]) - alphabet) * weight;
    }
    out[17] = alphabet[(31 - sum % 31) % 31];
    out[18] = '\0';
}

/* --- who ------------------------------------------------------------------------------------------------ */

struct sim_port sim_port_of(unsigned index) {
    static const char *const known[][2] = {
        { "CNQDG", "4218" }, { "CNYTG", "4201" }, { "CNWEG", "4204" }, { "CNLKU", "4203" }
    };
    struct sim_port port = { .serial = 10 * index + 11 };
    if (index == 0) {
        strcpy(port.forwarders[0], "FWD-QD-01");
        strcpy(port.forwarders[1], "FWD-QD-02");
        strcpy(port.operator, "QQCT");
        strcpy(port.line, "COSU");
        const char *city = "QD";
        snprintf(port.customs, sizeof(port.customs), "CUS-%s", city);
        snprintf(port.terminal, sizeof(port.terminal), "TML-%s", port.operator);
        snprintf(port.carrier, sizeof(port.carrier), "CAR-%s", port.line);
        strcpy(port.site, "QQCT-CFS1");
        strcpy(port.entry, "370201");
        strcpy(port.code, known[0][0]);
        strcpy(port.office, known[0][1]);
        return port;
    }
    if (index < sizeof(known) / sizeof(*known)) {
        strcpy(port.code, known[index][0]);
        strcpy(port.office, known[index][1]);
    } else { /* made up: codes that no port has */
        snprintf(port.code, sizeof(port.code), "CNX%c%c", (char)('A' + index / 26 % 26),
                 (char)('A' + index % 26));
        snprintf(port.office, sizeof(port.office), "59%02u", index % 100);
    }
    char place[4] = { port.code[2], port.code[3], port.code[4] };
    strcpy(port.entry, port.code); /* what declarations and events call it is one code */
    for (int i = 0; i < 2; i++) {
        snprintf(port.forwarders[i], sizeof(port.forwarders[i]), "FWD-%.3s-0%c", place, (char)('1' + i));
    }
    snprintf(port.customs, sizeof(port.customs), "CUS-%.3s", place);
    snprintf(port.terminal, sizeof(port.terminal), "TML-%.3s", place);
    snprintf(port.carrier, sizeof(port.carrier), "CAR-%.3s", place);
    snprintf(port.operator, sizeof(port.operator), "T%.3s", place);
    snprintf(port.line, sizeof(port.line), "L%.3s", place);
    snprintf(port.site, sizeof(port.site), "QQCT-CFS1");
    return port;
}

struct sim_trader sim_trader_of(const struct sim_port *port, unsigned forwarder) {
    struct sim_trader trader;
    unsigned serial = port->serial + forwarder;
    snprintf(trader.code, sizeof(trader.code), "370298%04u", serial - 10);
    snprintf(trader.ids, sizeof(trader.ids), "%04u", serial);
    organisation_code(serial, trader.organisation);
    social_credit_code(trader.organisation, trader.scc);
    return trader;
}

/* --- what ----------------------------------------------------------------------------------------------- */

static const struct sim_article imports[] = {
    { "8703234110", "小轿车", "4|3|汽油型|排量1998毫升|座位数5", "003", 21500, "DEU", "DEU033" },
    { "2203000000", "啤酒", "0|0|麦芽酿造|酒精浓度5%|瓶装", "035", 2, "DEU", "DEU033" },
    { "8471504090", "微型机处理部件", "4|3|服务器用|无品牌|型号M2", "001", 3400, "USA", "USA309" },
    { "0811900090", "冷冻蓝莓", "4|3|未煮熟|冷冻|10千克/箱", "035", 4, "CHL", "CHL030" },
    { "5201000090", "未梳的棉花", "4|3|长度29毫米|未脱脂", "035", 3, "USA", "USA309" },
};
static const struct sim_article exports[] = {
    { "8418211000", "压缩式家用型冷藏箱", "3|0|容积260升|海信牌", "001", 180, "JPN", "JPN501" },
    { "4011100000", "机动小客车用新的充气橡胶轮胎", "3|0|橡胶制|无品牌|205/55R16", "003", 31, "USA",
      "USA309" },
    { "6109100010", "针织棉制T恤", "3|0|针织|男式|棉100%", "011", 5, "DEU", "DEU033" },
};

#define OF_A_CALL 24 /* consignments of one port, on average, that come or leave by one ship */
#define VESSELS   12

/* IMO 7 digits, the last of them checks. */
static struct sim_vessel vessel_of(unsigned vessel, uint64_t voyage, char side) {
    struct sim_vessel out;
    unsigned serial = 100200 + vessel, sum = 0;
    snprintf(out.name, sizeof(out.name), "HAI MAO %02u", vessel % 100 + 1);
    snprintf(out.imo, sizeof(out.imo), "%06u", serial % 1000000);
    for (unsigned i = 0; i < 6; i++) {
        sum += (7 - i) * (unsigned)(out.imo[i] - '0');
    }
    out.imo[6] = (char)('0' + sum % 10);
    out.imo[7] = '\0';
    snprintf(out.voyage, sizeof(out.voyage), "%05u%c", (unsigned)(voyage % 100000), side);
    return out;
}

static stamp moment_between(const struct simulate_options *options, uint64_t *chance) {
    uint64_t seconds = (uint64_t)((options->until - options->from) / STAMP_SECOND);
    return options->from + (stamp)draw(chance, seconds) * STAMP_SECOND;
}

/* Of one call 航次 imports come together, and exports leave together: it is drawn by itself, whatever it
 * carries. A ship is in the port for one to two days, on average as long as exports are. */
static void draw_call(struct goods *goods, const struct simulate_options *options, unsigned port,
                      uint64_t *chance) {
    unsigned calls = options->consignments / options->ports / OF_A_CALL + 1;
    uint64_t voyage = options->first + draw(chance, calls);
    uint64_t call = options->seed ^ ((uint64_t)port << 40 | voyage) * 0x9e3779b97f4a7c15u;
    unsigned vessel = (unsigned)draw(&call, VESSELS);
    stamp arrives = moment_between(options, &call);
    stamp sails = arrives + DAY + (stamp)draw(&call, 32 * 3600 + 1) * STAMP_SECOND;
    goods->vessel = vessel_of(vessel, voyage, goods->is_import ? 'E' : 'W');
    if (goods->is_import) {
        goods->arrived = arrives;
    } else {
        goods->departed = sails;
    }
}

static void draw_numbers(struct goods *goods, uint64_t *chance) {
    unsigned number = goods->number;
    char side = goods->is_import ? 'I' : 'E';
    int year, month, day;
    day_split(stamp_day(goods->is_import ? goods->arrived : goods->departed), &year, &month, &day);
    snprintf(goods->bill, CODE_MAX, "%s7%09u", goods->port.line, number);
    snprintf(goods->client_seq_no, CODE_MAX, "%s%012u", goods->trader.ids, number);
    snprintf(goods->complete_seq_no, CODE_MAX, "%s9%011u", goods->trader.ids, number);
    snprintf(goods->seq_no, CODE_MAX, "%c%d%013u", side, year, number);
    snprintf(goods->complete_number, CODE_MAX, "%c%d9%012u", side, year, number);
    snprintf(goods->entry, CODE_MAX, "%s%d%d%09u", goods->port.office, year, goods->is_import, number);
    snprintf(goods->complete_entry, CODE_MAX, "%s%d%d9%08u", goods->port.office, year, goods->is_import,
             number);
    goods->containers_count = 1 + number % 2;
    for (unsigned i = 0; i < goods->containers_count; i++) {
        container_number(number * 2 + i, goods->containers[i]);
    }
    goods->article = goods->is_import ? &imports[draw(chance, sizeof(imports) / sizeof(*imports))]
                                      : &exports[draw(chance, sizeof(exports) / sizeof(*exports))];
    goods->quantity = 20 + (unsigned)draw(chance, 381);
    goods->net = goods->quantity * (3 + (unsigned)draw(chance, 38));
    goods->gross = goods->net + goods->net / 10 + 1;
    goods->packages = 5 + (unsigned)draw(chance, 56);
}

/* --- when ----------------------------------------------------------------------------------------------- */

/* The next slot of the site that is open: 08:00 to 20:00, each 120 minutes. */
static stamp slot_from(stamp at) {
    stamp midnight = stamp_of_day(stamp_day(at)), slot = 2 * HOUR;
    stamp next = midnight + (at - midnight + slot - 1) / slot * slot;
    stamp hour = (next - stamp_of_day(stamp_day(next))) / HOUR;
    return hour < 8     ? next + (8 - hour) * HOUR
           : hour >= 20 ? stamp_of_day(stamp_day(next) + 1) + 8 * HOUR
                        : next;
}

static void draw_import(struct goods *goods, uint64_t *chance) {
    goods->discharged = goods->arrived + some(chance, 498);
    goods->declared =
        goods->is_advance ? goods->arrived - some(chance, 600) : goods->discharged + some(chance, 1440);
    goods->accepted = goods->declared + some(chance, 30);
    stamp cleared = goods->accepted > goods->discharged ? goods->accepted : goods->discharged;
    cleared += some(chance, 180);
    if (goods->is_inspected) {
        goods->selected = cleared;
        goods->booked = cleared + some(chance, 120);
        goods->positioned = slot_from(goods->booked + 4 * HOUR);
        goods->opened = goods->positioned + some(chance, 30);
        goods->done = goods->opened + some(chance, 90);
        cleared = goods->done + some(chance, 60);
    }
    goods->released = cleared;
    goods->left = cleared + some(chance, goods->is_ship_side ? 60 : 1800);
}

/* Back from the ship's departure, which does not wait. */
static void draw_export(struct goods *goods, uint64_t *chance) {
    goods->left = goods->departed - some(chance, 498);
    goods->released = goods->left - some(chance, goods->is_direct ? 300 : 1800);
    stamp cleared = goods->released - some(chance, 24); /* accepted, and in the port */
    stamp ahead = some(chance, goods->is_advance ? 300 : 60), accepted = some(chance, 15);
    stamp declared = goods->is_advance ? -ahead : ahead; /* from the arrival on */
    goods->arrived = declared + accepted > 0 ? cleared - declared - accepted : cleared;
    goods->declared = goods->arrived + declared;
    goods->accepted = goods->declared + accepted;
}

void goods_draw(const struct simulate_options *options, unsigned number, struct goods *out) {
    uint64_t chance = options->seed ^ (uint64_t)number * 0x2545f4914f6cdd1du;
    *out = (struct goods){ .number = number };
    require(number > 0 && options->until > options->from && options->ports > 0);
    unsigned port = (unsigned)draw(&chance, options->ports);
    out->port = sim_port_of(port);
    unsigned forwarder = (unsigned)draw(&chance, 2);
    out->trader = sim_trader_of(&out->port, forwarder);
    out->forwarder = out->port.forwarders[forwarder];
    out->is_import = !one_in_hundred(&chance, 35);
    draw_call(out, options, port, &chance);
    out->is_advance = one_in_hundred(&chance, out->is_import ? 40 : 20);
    unsigned mode = (unsigned)draw(&chance, 100);
    out->is_two_step = out->is_import && mode < 15 && !options->is_told_late;
    out->is_ship_side = out->is_import && mode >= 15 && mode < 25;
    out->is_two_stage = out->is_import && mode >= 25 && mode < 33;
    out->is_direct = !out->is_import && mode < 20;
    out->is_advance |= out->is_ship_side || out->is_direct; /* goods that pass directly are declared before */
    out->is_inspected = out->is_import && one_in_hundred(&chance, 12);
    out->is_charged = out->is_import && one_in_hundred(&chance, 30);
    if (one_in_hundred(&chance, SIMULATE_FAULTS)) {
        out->fault = 1 + (enum sim_fault)draw(&chance, FAULTS_COUNT - 1);
    }
    unsigned excluded = (unsigned)draw(&chance, 100);
    out->exclusion = out->is_two_step || out->fault ? EXCLUSION_NONE
                     : excluded < 2                 ? EXCLUSION_CANCELLED
                     : excluded < 4                 ? EXCLUSION_TRANSIT
                     : excluded < 5                 ? EXCLUSION_BY_ROAD
                                                    : EXCLUSION_NONE;
    draw_numbers(out, &chance);
    out->is_import ? draw_import(out, &chance) : draw_export(out, &chance);
}
