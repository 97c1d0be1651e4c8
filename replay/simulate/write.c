/*
 * write.c - each step in the format that its sender writes: DecMessage, DecImportResponse, DEC_RESULT,
 * and our own PortEvent, InspectionBooking, ChargeList and ChargeNote.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "replay/simulate/story.h"

#define DAY_TEXT     10 /* characters of YYYY-MM-DD */
#define STORAGE_RATE 10

static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

stamp pace_at(const struct sim_pace *pace, stamp at) {
    return pace->speed ? pace->begin + (at - pace->first) / pace->speed / STAMP_SECOND * STAMP_SECOND : at;
}

/* "2026-10-31T08:00:00+08:00" */
static const char *moment(const struct sim_pace *pace, stamp at, char out[STAMP_TEXT_MAX]) {
    char text[STAMP_TEXT_MAX];
    stamp_print(pace_at(pace, at), text);
    snprintf(out, STAMP_TEXT_MAX, "%.19s+08:00", text);
    return out;
}

/* --- the declaration ------------------------------------------------------------------------------------ */

static void write_parties(const struct sim_trader *trader, struct buf *out) {
    static const char *const roles[] = { "Trade", "Owner", "Agent" };
    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        bool is_trade = i == 0;
        buf_printf(out, "    <%s>%s</%s>\n",
                   is_trade ? "TradeCoScc"
                   : i == 1 ? "OwnerCodeScc"
                            : "AgentCodeScc",
                   trader->scc,
                   is_trade ? "TradeCoScc"
                   : i == 1 ? "OwnerCodeScc"
                            : "AgentCodeScc");
        buf_printf(out, "    <%sCode>%s</%sCode>\n    <%sName>海贸%s有限公司</%sName>\n", roles[i],
                   trader->code, roles[i], roles[i], trader->ids, roles[i]);
    }
    buf_printf(out, "    <CopCode>%s</CopCode>\n    <CopName>海贸%s有限公司</CopName>\n",
               trader->organisation, trader->ids);
}

static void write_goods(const struct goods *goods, bool is_broken, struct buf *out) {
    const struct sim_article *article = goods->article;
    bool by_weight = strcmp(article->unit, "035") == 0;
    buf_printf(out,
               "  <DecLists>\n    <DecList>\n      <GNo>1</GNo>\n      <CodeTS>%s</CodeTS>\n"
               "      <GName>%s</GName>\n"
               "      <GModel>%s</GModel>\n      <GQty>%u%s</GQty>\n      <GUnit>%s</GUnit>\n"
               "      <FirstQty>%u</FirstQty>\n"
               "      <FirstUnit>%s</FirstUnit>\n      <DeclPrice>%u</DeclPrice>\n"
               "      <DeclTotal>%u</DeclTotal>\n"
               "      <TradeCurr>USD</TradeCurr>\n      <OriginCountry>%s</OriginCountry>\n"
               "      <DestinationCountry>CHN</DestinationCountry>\n      <DutyMode>1</DutyMode>\n"
               "    </DecList>\n  </DecLists>\n"
               "  <DecContainers>\n",
               article->hs, article->name, article->model, goods->quantity,
               is_broken && goods->number % 3 == 2 ? " pieces" : "", article->unit,
               by_weight ? goods->net : goods->quantity, article->unit, article->price,
               article->price * goods->quantity, article->country);
    for (unsigned i = 0; i < goods->containers_count; i++) {
        buf_printf(out,
                   "    <Container><ContainerId>%s</ContainerId><ContainerMd>22G1</ContainerMd>"
                   "<GoodsNo>1</GoodsNo>"
                   "<LclFlag>0</LclFlag><GoodsContaWt>%u</GoodsContaWt></Container>\n",
                   goods->containers[i], goods->net);
    }
    buf_printf(out, "  </DecContainers>\n");
}

static void write_declaration(const struct goods *goods, const struct step *step, const struct sim_pace *pace,
                              struct buf *out) {
    bool is_complete = step->kind == STEP_COMPLETE, is_by_road = goods->exclusion == EXCLUSION_BY_ROAD;
    char side = goods->is_import ? 'I' : 'E', signed_at[STAMP_TEXT_MAX];
    const struct sim_article *article = goods->article;
    moment(pace, step->at, signed_at);
    buf_printf(out,
               "<DecMessage Version=\"4.8\" xmlns=\"http://www.chinaport.gov.cn/dec\">\n  <DecHead>\n"
               "    <SeqNo/>\n"
               "    <EntryId>%s</EntryId>\n    <IEFlag>%c</IEFlag>\n    <CustomMaster>%s</CustomMaster>\n"
               "    <IEPort>%s</IEPort>\n"
               "    <ContrNo>QD-%07u</ContrNo>\n",
               is_complete ? goods->entry : "", side, goods->port.office, goods->port.office, goods->number);
    write_parties(&goods->trader, out);
    buf_printf(
        out,
        "    <OverseasConsignorEname>NORTH SEA TRADING GMBH</OverseasConsignorEname>\n"
        "    <TrafMode>%d</TrafMode>\n"
        "    <TrafName>%s</TrafName>\n    <BillNo>%s</BillNo>\n"
        "    <TradeMode>0110</TradeMode>\n"
        "    <CutMode>101</CutMode>\n    <TradeCountry>%s</TradeCountry>\n"
        "    <TradeAreaCode>%s</TradeAreaCode>\n"
        "    <DistinatePort>%s</DistinatePort>\n    <DespPortCode>%s</DespPortCode>\n"
        "    <EntyPortCode>%s</EntyPortCode>\n"
        "    <TransMode>%d</TransMode>\n    <WrapType>22</WrapType>\n    <PackNo>%u</PackNo>\n"
        "    <GrossWet>%u</GrossWet>\n"
        "    <NetWt>%u</NetWt>\n    <GoodsPlace>港区</GoodsPlace>\n    <PromiseItmes>000</PromiseItmes>\n",
        is_by_road ? 4 : 2, goods->vessel.name, goods->bill, article->country, article->country,
        article->far_port, article->far_port, goods->port.entry, goods->is_import ? 1 : 3, goods->packages,
        step->is_broken && goods->number % 3 == 0 ? 1 : goods->gross, goods->net);
    if (goods->is_two_step) {
        buf_printf(out, "    <Type>  %d</Type>\n", is_complete ? 6 : 5);
    }
    buf_printf(out,
               "    <EntryType>M</EntryType>\n    <EdiId>1</EdiId>\n    <DeclTrnRel>%d</DeclTrnRel>\n"
               "    <InputerName>王明</InputerName>\n"
               "    <DeclareName>王明</DeclareName>\n    <TypistNo>8600000000001</TypistNo>\n"
               "    <NoteS>%s</NoteS>\n"
               "    <MarkNo>N/M</MarkNo>\n  </DecHead>\n",
               goods->exclusion == EXCLUSION_TRANSIT,
               goods->is_direct      ? "抵港直装"
               : goods->is_ship_side ? "船边直提"
                                     : "");
    write_goods(goods, step->is_broken, out);
    buf_printf(out, "  <DecFreeTxt><VoyNo>%s</VoyNo></DecFreeTxt>\n%s", goods->vessel.voyage,
               goods->is_two_stage ? "  <DecTpAccess><ConditionalLiftoffApply>1</ConditionalLiftoffApply>"
                                     "</DecTpAccess>\n"
                                   : "");
    buf_printf(out,
               "  <DecSign>\n    <OperType>C</OperType>\n    <ICCode>8600000000001</ICCode>\n"
               "    <OperName>王明</OperName>\n"
               "    <CopCode>%s</CopCode>\n    <ClientSeqNo>%s</ClientSeqNo>\n"
               "    <SignDate>%.4s%.2s%.2s%.2s%.2s%.2s00</SignDate>\n  </DecSign>\n</DecMessage>%s\n",
               goods->trader.organisation, is_complete ? goods->complete_seq_no : goods->client_seq_no,
               signed_at, signed_at + 5, signed_at + 8, signed_at + 11, signed_at + 14, signed_at + 17,
               step->is_broken && goods->number % 3 == 1 ? "<" : "");
}

/* --- customs -------------------------------------------------------------------------------------------- */

static void write_response(const struct goods *goods, const struct step *step, struct buf *out) {
    buf_printf(out,
               "<DecImportResponse xmlns=\"http://www.chinaport.gov.cn/dec\">\n"
               "  <ResponseCode>0</ResponseCode>\n"
               "  <ErrorMessage/>\n  <ClientSeqNo>%s</ClientSeqNo>\n  <SeqNo>%s</SeqNo>\n"
               "</DecImportResponse>\n",
               step->of_complete ? goods->complete_seq_no : goods->client_seq_no,
               step->of_complete ? goods->complete_number : goods->seq_no);
}

/* Its times have no zone and are Beijing's. */
static void write_result(const struct goods *goods, const struct step *step, const struct sim_pace *pace,
                         struct buf *out) {
    char at[STAMP_TEXT_MAX];
    buf_printf(out,
               "<DEC_RESULT>\n  <CUS_CIQ_NO>%s</CUS_CIQ_NO>\n  <ENTRY_ID>%s</ENTRY_ID>\n"
               "  <NOTICE_DATE>%.19s</NOTICE_DATE>\n"
               "  <CHANNEL>%s</CHANNEL>\n  <NOTE/>\n  <CUSTOM_MASTER>%s</CUSTOM_MASTER>\n</DEC_RESULT>\n",
               step->of_complete ? goods->complete_number : goods->seq_no,
               step->of_complete ? goods->complete_entry : goods->entry, moment(pace, step->event, at),
               step->code, goods->port.office);
}

/* --- the port ------------------------------------------------------------------------------------------- */

static void write_containers(const struct goods *goods, struct buf *out) {
    for (unsigned i = 0; i < goods->containers_count; i++) {
        buf_printf(out, "  <Container><ID>%s</ID><TypeCode>22G1</TypeCode></Container>\n",
                   goods->containers[i]);
    }
}

static void write_event(const struct goods *goods, const struct step *step, const struct sim_pace *pace,
                        struct buf *out) {
    char sent[STAMP_TEXT_MAX], event[STAMP_TEXT_MAX], telling[16] = "";
    bool of_vessel =
        strcmp(step->code, "ARRI") == 0 || strcmp(step->code, "DEPA") == 0 || strcmp(step->code, "MFST") == 0;
    stamp first_sent = step->is_repeat ? step->event + 5 * 60 * STAMP_SECOND : step->at;
    if (step->telling > 1) {
        snprintf(telling, sizeof(telling), "-%u", step->telling);
    }
    buf_printf(out,
               "<PortEvent xmlns=\"urn:clearway:port-event:1\">\n  <MessageID>EV-%s-%s%s</MessageID>\n"
               "  <SentTime>%s</SentTime>\n"
               "  <EventID>EV-%s-%s</EventID>\n  <EventCode>%s</EventCode>\n"
               "  <ClassifierCode>ACT</ClassifierCode>\n"
               "  <EventTime>%s</EventTime>\n  <Direction>%s</Direction>\n  <PortCode>%s</PortCode>\n"
               "  <TerminalCode>%s</TerminalCode>\n"
               "  <Vessel><IMO>%s</IMO><Name>%s</Name><Voyage>%s</Voyage></Vessel>\n"
               "  <BillOfLadingID>%s</BillOfLadingID>\n",
               goods->bill, step->id, telling, moment(pace, first_sent, sent), goods->bill, step->id,
               step->code, moment(pace, step->event, event), goods->is_import ? "IMPORT" : "EXPORT",
               goods->port.code, goods->port.operator, goods->vessel.imo, goods->vessel.name,
               goods->vessel.voyage, goods->bill);
    if (!of_vessel) {
        write_containers(goods, out);
    }
    buf_printf(out, "%s</PortEvent>\n",
               step->is_withdrawn ? "  <Withdrawn>误报：非此票货物</Withdrawn>\n" : "");
}

static void write_booking(const struct goods *goods, const struct step *step, const struct sim_pace *pace,
                          struct buf *out) {
    char sent[STAMP_TEXT_MAX], start[STAMP_TEXT_MAX], end[STAMP_TEXT_MAX];
    buf_printf(out,
               "<InspectionBooking xmlns=\"urn:clearway:inspection-booking:1\">\n"
               "  <MessageID>BK-%s-1</MessageID>\n"
               "  <SentTime>%s</SentTime>\n  <BookingID>BK-%s</BookingID>\n  <Action>NEW</Action>\n"
               "  <Direction>IMPORT</Direction>\n"
               "  <PortCode>%s</PortCode>\n  <DeclarationOfficeID>%s</DeclarationOfficeID>\n"
               "  <Applicant><ID>%s</ID><Name>海贸%s有限公司</Name></Applicant>\n"
               "  <Contact><Name>王明</Name><Telephone>+86-532-5550101</Telephone></Contact>\n"
               "  <BillOfLadingID>%s</BillOfLadingID>\n  <DeclarationID>%s</DeclarationID>\n  <Inspection>\n"
               "    <ModeCode>APPOINTMENT</ModeCode>\n    <AttendanceCode>UNACCOMPANIED</AttendanceCode>\n"
               "    <SiteID>%s</SiteID>\n"
               "    <SlotStart>%s</SlotStart>\n    <SlotEnd>%s</SlotEnd>\n  </Inspection>\n",
               goods->bill, moment(pace, step->at, sent), goods->bill, goods->port.code, goods->port.office,
               goods->trader.code, goods->trader.ids, goods->bill, goods->entry, goods->port.site,
               moment(pace, step->event, start), moment(pace, step->event + 7200 * STAMP_SECOND, end));
    write_containers(goods, out);
    buf_printf(out, "</InspectionBooking>\n");
}

static void write_charge(const struct goods *goods, const struct step *step, const struct sim_pace *pace,
                         struct buf *out) {
    char at[STAMP_TEXT_MAX];
    unsigned days = 1 + goods->number % 6;
    moment(pace, step->at, at);
    buf_printf(
        out,
        "<ChargeNote xmlns=\"urn:clearway:charge-note:1\">\n  <MessageID>CN-%s</MessageID>\n"
        "  <SentTime>%s</SentTime>\n"
        "  <NoteID>CN-%s</NoteID>\n  <BillingDate>%.*s</BillingDate>\n"
        "  <ServiceDate>%.*s</ServiceDate>\n"
        "  <PortCode>%s</PortCode>\n  <Payee><ID>%s</ID><Name>集装箱码头</Name></Payee>\n"
        "  <Payer><ID>%s</ID><Name>海贸%s有限公司</Name></Payer>\n  <BillOfLadingID>%s</BillOfLadingID>\n"
        "  <Line>\n"
        "    <SequenceNumeric>1</SequenceNumeric><ItemCode>STORAGE</ItemCode><Name>库场使用费</Name>"
        "<UnitCode>BOX_DAY</UnitCode>\n"
        "    <Quantity>%u</Quantity><Rate currencyID=\"CNY\">%d</Rate>"
        "<Amount currencyID=\"CNY\">%u</Amount>\n  </Line>\n"
        "  <Total currencyID=\"CNY\">%u</Total>\n</ChargeNote>\n",
        goods->bill, at, goods->bill, DAY_TEXT, at, DAY_TEXT, at, goods->port.code, goods->port.operator,
        goods->trader.code, goods->trader.ids, goods->bill, days, STORAGE_RATE, days * STORAGE_RATE,
        days * STORAGE_RATE);
}

/* In force since the beginning of the year before: one that the operator itself publishes comes later. */
void charge_list_write(const struct sim_port *port, stamp at, unsigned first, const struct sim_pace *pace,
                       struct buf *out) {
    char sent[STAMP_TEXT_MAX], version[STAMP_TEXT_MAX + 16];
    moment(pace, at, sent);
    snprintf(version, sizeof(version), first > 1 ? "%.*s-%u" : "%.*s", DAY_TEXT, sent, first);
    int year = atoi(sent) - 1;
    buf_printf(
        out,
        "%s<ChargeList xmlns=\"urn:clearway:charge-list:1\">\n  <MessageID>CL-%s-%s</MessageID>\n"
        "  <SentTime>%s</SentTime>\n"
        "  <Operator><ID>%s</ID><Name>集装箱码头</Name></Operator>\n  <PortCode>%s</PortCode>\n"
        "  <ListVersion>%s</ListVersion>\n  <ValidFrom>%04d-01-01</ValidFrom>\n"
        "  <Tariff>\n    <ItemCode>STORAGE</ItemCode><Name>库场使用费</Name><UnitCode>BOX_DAY</UnitCode>\n"
        "    <Rate currencyID=\"CNY\">%d</Rate><BasisCode>MARKET</BasisCode>\n  </Tariff>\n"
        "</ChargeList>\n",
        head, port->operator, version, sent, port->operator, port->code, version, year, STORAGE_RATE);
}

void step_write(const struct goods *goods, const struct step *step, const struct sim_pace *pace,
                struct buf *out) {
    buf_add_string(out, head);
    switch (step->kind) {
    case STEP_DECLARE:
    case STEP_COMPLETE: write_declaration(goods, step, pace, out); return;
    case STEP_RESPONSE: write_response(goods, step, out); return;
    case STEP_RESULT: write_result(goods, step, pace, out); return;
    case STEP_EVENT: write_event(goods, step, pace, out); return;
    case STEP_BOOK: write_booking(goods, step, pace, out); return;
    case STEP_CHARGE: write_charge(goods, step, pace, out); return;
    }
    panic("no such step: %d", (int)step->kind);
}
