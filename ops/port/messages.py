"""What the parties of the simulated port write: one function per message, one class for the goods they write about.

Everything is a function of its arguments, so that the same seed gives the same bytes. Names, codes and numbers are made up;
check digits are right.
"""
import random
import uuid
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))

DEC = "http://www.chinaport.gov.cn/dec"


# --- numbers with check digits ---------------------------------------------------------------------------------------

def container_number(prefix, serial):
    """ISO 6346: four letters, six digits, check digit. Serials whose remainder is 10 are passed over."""
    while True:
        body = f"{prefix}{serial % 1000000:06d}"
        values = [int(c) if c.isdigit() else 10 + ord(c) - 65 + (ord(c) - 65 + 9) // 10 for c in body]
        remainder = sum(value << place for place, value in enumerate(values)) % 11
        if remainder < 10:
            return f"{body}{remainder}"
        serial += 1


def organisation_code(serial):
    """GB 11714: eight characters and a check character."""
    body = f"{serial % 100000000:08d}"
    check = 11 - sum(int(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


def social_credit_code(serial):
    """GB 32100: 91, an administrative region, the organisation code, a check character."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = "91370200" + organisation_code(serial)
    check = 31 - sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(body)) % 31
    return body + alphabet[check % 31]


# --- the goods -------------------------------------------------------------------------------------------------------

class Trader:
    """A declarant, its ten-digit customs code, and what the ids of its declarations begin with."""

    def __init__(self, code, name, serial):
        self.code, self.name, self.ids = code, name, f"{serial:04d}"
        self.scc, self.organisation = social_credit_code(serial), organisation_code(serial)


IMPORTS = [  # hs, name, model, unit, price in USD, country, port of departure
    ("8703234110", "小轿车", "4|3|汽油型|排量1998毫升|座位数5", "003", 21500, "DEU", "DEU033"),
    ("2203000000", "啤酒", "0|0|麦芽酿造|酒精浓度5%|瓶装", "035", 2, "DEU", "DEU033"),
    ("8471504090", "微型机处理部件", "4|3|服务器用|无品牌|型号M2", "001", 3400, "USA", "USA309"),
    ("0811900090", "冷冻蓝莓", "4|3|未煮熟|冷冻|10千克/箱", "035", 4, "CHL", "CHL030"),
    ("5201000090", "未梳的棉花", "4|3|长度29毫米|未脱脂", "035", 3, "USA", "USA309"),
]
EXPORTS = [
    ("8418211000", "压缩式家用型冷藏箱", "3|0|容积260升|海信牌", "001", 180, "JPN", "JPN501"),
    ("4011100000", "机动小客车用新的充气橡胶轮胎", "3|0|橡胶制|无品牌|205/55R16", "003", 31, "USA", "USA309"),
    ("6109100010", "针织棉制T恤", "3|0|针织|男式|棉100%", "011", 5, "DEU", "DEU033"),
]


class Consignment:
    """One bill of lading: what is imported or exported, by whom, in which containers."""

    def __init__(self, number, declarant, direction="I", carrier="COSU", containers=1, seed=0):
        pick = random.Random(f"{seed}/{number}/{direction}")
        self.number, self.declarant, self.direction = number, declarant, direction
        self.bill = f"{carrier}6{number:09d}"
        self.client_seq_no = f"{declarant.ids}{number:012d}"
        self.year = 2026
        self.office, self.entry_port, self.port = "4218", "370201", "CNQDG"
        self.seq_no = f"{direction}{self.year}{number:013d}"
        self.vessel, self.imo, self.voyage = "COSCO SHIPPING ARIES", "9783497", f"{number % 90 + 10:03d}{'W' if direction == 'E' else 'E'}"
        self.containers = [container_number("CSNU", number * 7 + i * 100003) for i in range(containers)]
        self.hs, self.goods, self.model, self.unit, self.price, self.country, self.far_port = pick.choice(IMPORTS if direction == "I" else EXPORTS)
        self.quantity = pick.randint(20, 400)
        self.net = self.quantity * pick.randint(3, 40)
        self.gross = self.net + self.net // 10 + 1
        self.packages = pick.randint(5, 60)

    @property
    def entry_number(self):
        return f"{self.office}{self.year}{1 if self.direction == 'I' else 0}{self.number % 1000000000:09d}"


# --- messages --------------------------------------------------------------------------------------------------------

LIFTOFF = "\n  <DecTpAccess><ConditionalLiftoffApply>1</ConditionalLiftoffApply></DecTpAccess>"


def declaration(goods, *, client_seq_no=None, note="", gross=None, net=None, agent=None, bill=None, entry_number="",
                price=None, encoding="UTF-8", step="", liftoff=False):
    """DecMessage 报关单 as bytes. The named arguments replace what follows from the goods. step: of the two, "5" the summary
    概要申报, "6" the complete declaration 完整申报. liftoff: two-stage entry 两段准入 is asked for."""
    trader, direction = goods.declarant, goods.direction
    agent = agent or trader
    gross, net = (goods.gross if gross is None else gross), (goods.net if net is None else net)
    price = goods.price if price is None else price
    origin, destination = (goods.country, "CHN") if direction == "I" else (goods.country, "CHN")
    containers = "\n".join(
        f"    <Container><ContainerId>{number}</ContainerId><ContainerMd>22G1</ContainerMd><GoodsNo>1</GoodsNo>"
        f"<LclFlag>0</LclFlag><GoodsContaWt>{net}</GoodsContaWt></Container>" for number in goods.containers)
    text = f"""<?xml version="1.0" encoding="{encoding}"?>
<DecMessage Version="4.8" xmlns="{DEC}">
  <DecHead>
    <SeqNo/>
    <EntryId>{entry_number}</EntryId>
    <IEFlag>{direction}</IEFlag>
    <CustomMaster>{goods.office}</CustomMaster>
    <IEPort>{goods.office}</IEPort>
    <ContrNo>QD{goods.year}-{goods.number:05d}</ContrNo>
    <TradeCoScc>{trader.scc}</TradeCoScc>
    <TradeCode>{trader.code}</TradeCode>
    <TradeName>{trader.name}</TradeName>
    <OwnerCodeScc>{trader.scc}</OwnerCodeScc>
    <OwnerCode>{trader.code}</OwnerCode>
    <OwnerName>{trader.name}</OwnerName>
    <AgentCodeScc>{agent.scc}</AgentCodeScc>
    <AgentCode>{agent.code}</AgentCode>
    <AgentName>{agent.name}</AgentName>
    <CopCode>{agent.organisation}</CopCode>
    <CopName>{agent.name}</CopName>
    <OverseasConsignorEname>NORTH SEA TRADING GMBH</OverseasConsignorEname>
    <TrafMode>2</TrafMode>
    <TrafName>{goods.vessel}</TrafName>
    <BillNo>{bill or goods.bill}</BillNo>
    <TradeMode>0110</TradeMode>
    <CutMode>101</CutMode>
    <TradeCountry>{goods.country}</TradeCountry>
    <TradeAreaCode>{goods.country}</TradeAreaCode>
    <DistinatePort>{goods.far_port}</DistinatePort>
    <DespPortCode>{goods.far_port}</DespPortCode>
    <EntyPortCode>{goods.entry_port}</EntyPortCode>
    <TransMode>{1 if direction == "I" else 3}</TransMode>
    <WrapType>22</WrapType>
    <PackNo>{goods.packages}</PackNo>
    <GrossWet>{gross}</GrossWet>
    <NetWt>{net}</NetWt>
    <GoodsPlace>前湾港区</GoodsPlace>
    <PromiseItmes>000</PromiseItmes>
    {f"<Type>  {step}</Type>" if step else ""}<EntryType>M</EntryType>
    <EdiId>1</EdiId>
    <DeclTrnRel>0</DeclTrnRel>
    <InputerName>王明</InputerName>
    <DeclareName>王明</DeclareName>
    <TypistNo>8600000000001</TypistNo>
    <NoteS>{note}</NoteS>
    <MarkNo>N/M</MarkNo>
  </DecHead>
  <DecLists>
    <DecList>
      <GNo>1</GNo>
      <CodeTS>{goods.hs}</CodeTS>
      <GName>{goods.goods}</GName>
      <GModel>{goods.model}</GModel>
      <GQty>{goods.quantity}</GQty>
      <GUnit>{goods.unit}</GUnit>
      <FirstQty>{goods.quantity if goods.unit != "035" else net}</FirstQty>
      <FirstUnit>{goods.unit}</FirstUnit>
      <DeclPrice>{price}</DeclPrice>
      <DeclTotal>{price * goods.quantity}</DeclTotal>
      <TradeCurr>USD</TradeCurr>
      <OriginCountry>{origin}</OriginCountry>
      <DestinationCountry>{destination}</DestinationCountry>
      <DutyMode>1</DutyMode>
    </DecList>
  </DecLists>
  <DecContainers>
{containers}
  </DecContainers>
  <DecFreeTxt><VoyNo>{goods.voyage}</VoyNo></DecFreeTxt>{LIFTOFF if liftoff else ""}
  <DecSign>
    <OperType>C</OperType>
    <ICCode>8600000000001</ICCode>
    <OperName>王明</OperName>
    <CopCode>{agent.organisation}</CopCode>
    <ClientSeqNo>{client_seq_no or goods.client_seq_no}</ClientSeqNo>
    <SignDate>2026112408000000</SignDate>
  </DecSign>
</DecMessage>
"""
    return text.encode("gb18030" if encoding.upper() == "GB18030" else "utf-8")


def import_response(client_seq_no, seq_no, code="0", error=""):
    """DecImportResponse 报关单导入响应."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<DecImportResponse xmlns="{DEC}">
  <ResponseCode>{code}</ResponseCode>
  <ErrorMessage>{error}</ErrorMessage>
  <ClientSeqNo>{client_seq_no}</ClientSeqNo>
  <SeqNo>{seq_no}</SeqNo>
</DecImportResponse>
""".encode()


def customs_result(goods, channel, at, note="", entry_number=None):
    """DEC_RESULT 报关单回执; its times have no zone and are Beijing's."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<DEC_RESULT>
  <CUS_CIQ_NO>{goods.seq_no}</CUS_CIQ_NO>
  <ENTRY_ID>{goods.entry_number if entry_number is None else entry_number}</ENTRY_ID>
  <NOTICE_DATE>{at.astimezone(CHINA):%Y-%m-%dT%H:%M:%S}</NOTICE_DATE>
  <CHANNEL>{channel}</CHANNEL>
  <NOTE>{note}</NOTE>
  <CUSTOM_MASTER>{goods.office}</CUSTOM_MASTER>
</DEC_RESULT>
""".encode()


def moment(at):
    return at.astimezone(CHINA).isoformat(timespec="seconds")


def port_event(goods, code, at, *, message_id=None, classifier="ACT", port=None, bill=None, containers=None):
    """PortEvent 港口事件: arrival and departure are the vessel's, the rest are the containers'."""
    message_id = message_id or f"EV-{goods.number}-{code}"
    numbers = goods.containers if containers is None else containers
    lines = "" if code in ("ARRI", "DEPA", "BERT") else "".join(
        f"\n  <Container><ID>{number}</ID><TypeCode>22G1</TypeCode></Container>" for number in numbers)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<PortEvent xmlns="urn:clearway:port-event:1">
  <MessageID>{message_id}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <EventID>{message_id}</EventID>
  <EventCode>{code}</EventCode>
  <ClassifierCode>{classifier}</ClassifierCode>
  <EventTime>{moment(at)}</EventTime>
  <Direction>{"IMPORT" if goods.direction == "I" else "EXPORT"}</Direction>
  <PortCode>{port or goods.port}</PortCode>
  <TerminalCode>QQCT</TerminalCode>
  <Vessel><IMO>{goods.imo}</IMO><Name>{goods.vessel}</Name><Voyage>{goods.voyage}</Voyage></Vessel>
  <BillOfLadingID>{bill or goods.bill}</BillOfLadingID>{lines}
</PortEvent>
""".encode()


def booking(goods, start, *, message_id=None, booking_id=None, action="NEW", mode="APPOINTMENT", attendance="UNACCOMPANIED",
            site="QQCT-CFS1", hours=2, applicant=None):
    """InspectionBooking 查验预约."""
    inspection = "" if action == "CANCEL" else f"""
  <Inspection>
    <ModeCode>{mode}</ModeCode>
    <AttendanceCode>{attendance}</AttendanceCode>
    <SiteID>{site}</SiteID>
    <SlotStart>{moment(start)}</SlotStart>
    <SlotEnd>{moment(start + timedelta(hours=hours))}</SlotEnd>
  </Inspection>"""
    containers = "".join(f"\n  <Container><ID>{number}</ID></Container>" for number in goods.containers)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<InspectionBooking xmlns="urn:clearway:inspection-booking:1">
  <MessageID>{message_id or f"BK-{goods.number}-{action}"}</MessageID>
  <SentTime>{moment(start - timedelta(hours=20))}</SentTime>
  <BookingID>{booking_id or f"B-{goods.number}"}</BookingID>
  <Action>{action}</Action>
  <Direction>{"IMPORT" if goods.direction == "I" else "EXPORT"}</Direction>
  <PortCode>{goods.port}</PortCode>
  <DeclarationOfficeID>{goods.office}</DeclarationOfficeID>
  <Applicant><ID>{applicant or goods.declarant.code}</ID><Name>{goods.declarant.name}</Name></Applicant>
  <Contact><Name>王明</Name><Telephone>+86-532-5550101</Telephone></Contact>
  <BillOfLadingID>{goods.bill}</BillOfLadingID>
  <DeclarationID>{goods.entry_number}</DeclarationID>{inspection}{containers}
</InspectionBooking>
""".encode()


def charge_list(operator, name, items, *, version="2026-1", valid_from="2026-01-01", message_id=None, at=None):
    """ChargeList 收费清单. items: (code, name, unit, rate)."""
    tariffs = "".join(f"""
  <Tariff>
    <ItemCode>{code}</ItemCode><Name>{label}</Name><UnitCode>{unit}</UnitCode>
    <Rate currencyID="CNY">{rate}</Rate><BasisCode>MARKET</BasisCode>
  </Tariff>""" for code, label, unit, rate in items)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ChargeList xmlns="urn:clearway:charge-list:1">
  <MessageID>{message_id or f"CL-{operator}-{version}"}</MessageID>
  <SentTime>{moment(at or datetime(2026, 1, 1, 9, tzinfo=CHINA))}</SentTime>
  <Operator><ID>{operator}</ID><Name>{name}</Name></Operator>
  <PortCode>CNQDG</PortCode>
  <ListVersion>{version}</ListVersion>
  <ValidFrom>{valid_from}</ValidFrom>{tariffs}
</ChargeList>
""".encode()


def charge_note(goods, payee, name, lines, day, *, message_id=None, again=1):
    """ChargeNote 收费单. lines: (code, name, unit, quantity, rate). again: which message about this note it is."""
    rows = "".join(f"""
  <Line>
    <SequenceNumeric>{number}</SequenceNumeric><ItemCode>{code}</ItemCode><Name>{label}</Name><UnitCode>{unit}</UnitCode>
    <Quantity>{quantity}</Quantity><Rate currencyID="CNY">{rate}</Rate><Amount currencyID="CNY">{quantity * rate}</Amount>
  </Line>""" for number, (code, label, unit, quantity, rate) in enumerate(lines, 1))
    total = sum(quantity * rate for _, _, _, quantity, rate in lines)
    message_id = message_id or f"CN-{goods.number}"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ChargeNote xmlns="urn:clearway:charge-note:1">
  <MessageID>{message_id}{f"-{again}" if again > 1 else ""}</MessageID>
  <SentTime>{day}T16:00:00+08:00</SentTime>
  <NoteID>{message_id}</NoteID>
  <BillingDate>{day}</BillingDate>
  <ServiceDate>{day}</ServiceDate>
  <PortCode>CNQDG</PortCode>
  <Payee><ID>{payee}</ID><Name>{name}</Name></Payee>
  <Payer><ID>{goods.declarant.code}</ID><Name>{goods.declarant.name}</Name></Payer>
  <BillOfLadingID>{goods.bill}</BillOfLadingID>{rows}
  <Total currencyID="CNY">{total}</Total>
</ChargeNote>
""".encode()


def service_rating(goods, operator, score, at):
    """ServiceRating 服务评价 of the charge note of these goods, by who paid it."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ServiceRating xmlns="urn:clearway:service-rating:1">
  <MessageID>SR-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PortCode>CNQDG</PortCode>
  <Rater><ID>{goods.declarant.code}</ID></Rater>
  <Operator><ID>{operator}</ID></Operator>
  <Transaction><KindCode>CHARGE_NOTE</KindCode><ID>CN-{goods.number}</ID></Transaction>
  <Score>{score}</Score>
  <Aspect><AspectCode>CHARGES</AspectCode><Score>{score}</Score></Aspect>
</ServiceRating>
""".encode()


def inspection_result(goods, result, at):
    """InspectionResult 查验结果 of the booking of these goods."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<InspectionResult xmlns="urn:clearway:inspection-result:1">
  <MessageID>IR-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <BookingID>B-{goods.number}</BookingID>
  <Direction>IMPORT</Direction>
  <PortCode>{goods.port}</PortCode>
  <SiteID>QQCT-CFS1</SiteID>
  <EndTime>{moment(at)}</EndTime>
  <ResultCode>{result}</ResultCode>
  <Container><ID>{goods.containers[0]}</ID></Container>
</InspectionResult>
""".encode()


LAB, LAB_NAME, METHODS = "3702970001", "青岛示例检验有限公司", ("GB/T 5009.1", "GB 18401")


def lab_registration(number, headings, at):
    """LabRegistration 采信机构登记: customs accepts its reports of goods of these headings, by both methods, for this year."""
    scopes = "".join(f"\n  <Scope><HSHeading>{heading}</HSHeading><MethodID>{method}</MethodID><ValidFrom>{at:%Y}-01-01</ValidFrom>"
                     f"<ValidUntil>{at:%Y}-12-31</ValidUntil></Scope>" for heading in headings for method in METHODS)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<LabRegistration xmlns="urn:clearway:lab-registration:1" version="1.0">
  <MessageID>LR-{number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <Laboratory><ID>{LAB}</ID><Name>{LAB_NAME}</Name></Laboratory>
  <StatusCode>ACCEPTED</StatusCode>{scopes}
</LabRegistration>
""".encode()


def sample_notice(goods, at):
    """SampleNotice 取样送检通知."""
    methods = "".join(f"\n  <Method><MethodID>{method}</MethodID></Method>" for method in METHODS)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<SampleNotice xmlns="urn:clearway:sample-notice:1" version="1.0">
  <MessageID>SN-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <SampleID>S-{goods.number}</SampleID>
  <PortCode>{goods.port}</PortCode>
  <DeclarationID>{goods.entry_number}</DeclarationID>
  <HSCode>{goods.hs}</HSCode>
  <TakenTime>{moment(at)}</TakenTime>{methods}
</SampleNotice>
""".encode()


def lab_report(goods, step, methods, at):
    """LabReport 检测报告 of the sample of these goods: all is well, by these methods."""
    tests = "".join(f"\n  <Test><MethodID>{method}</MethodID><ResultCode>PASS</ResultCode></Test>" for method in methods)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<LabReport xmlns="urn:clearway:lab-report:1" version="1.0">
  <MessageID>R-{goods.number}-{step}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <ReportID>R-{goods.number}-{step}</ReportID>
  <Laboratory><ID>{LAB}</ID></Laboratory>
  <PortCode>{goods.port}</PortCode>
  <SampleID>S-{goods.number}</SampleID>
  <DeclarationID>{goods.entry_number}</DeclarationID>
  <HSCode>{goods.hs}</HSCode>
  <IssueDate>{at:%Y-%m-%d}</IssueDate>{tests}
  <ResultCode>PASS</ResultCode>
</LabReport>
""".encode()


def fee_waiver(goods, operator, at):
    """FeeWaiver 免单申请: what the inspection cost, of the charge note of these goods."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<FeeWaiver xmlns="urn:clearway:fee-waiver:1">
  <MessageID>FW-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <WaiverID>FW-{goods.number}</WaiverID>
  <PortCode>{goods.port}</PortCode>
  <Applicant><ID>{goods.declarant.code}</ID></Applicant>
  <Operator><ID>{operator}</ID></Operator>
  <NoteID>CN-{goods.number}</NoteID>
  <BookingID>B-{goods.number}</BookingID>
</FeeWaiver>
""".encode()


def supplement_notice(goods, at):
    """SupplementNotice 补充单证通知: customs wants to see packing list and contract."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<SupplementNotice xmlns="urn:clearway:supplement-notice:1">
  <MessageID>SN-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <SupplementID>SN-{goods.number}</SupplementID>
  <PortCode>{goods.port}</PortCode>
  <DeclarationID>{goods.entry_number}</DeclarationID>
  <Reason>申报价格待核</Reason>
  <Document><TypeCode>00000002</TypeCode></Document>
  <Document><TypeCode>00000004</TypeCode></Document>
</SupplementNotice>
""".encode()


def supplement_reply(goods, at):
    """SupplementReply 补充单证."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<SupplementReply xmlns="urn:clearway:supplement-reply:1">
  <MessageID>SP-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <SupplementID>SN-{goods.number}</SupplementID>
  <PortCode>{goods.port}</PortCode>
  <Applicant><ID>{goods.declarant.code}</ID></Applicant>
  <Document><TypeCode>00000002</TypeCode><ID>PL-{goods.number}</ID></Document>
  <Document><TypeCode>00000004</TypeCode><ID>CT-{goods.number}</ID></Document>
</SupplementReply>
""".encode()


def pick_up_request(goods, truck, at):
    """PickUpRequest 电子提箱申请 of the first container of these goods."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<PickUpRequest xmlns="urn:clearway:pick-up-request:1">
  <MessageID>PR-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PickUpID>PU-{goods.number}</PickUpID>
  <PortCode>{goods.port}</PortCode>
  <Applicant><ID>{goods.declarant.code}</ID></Applicant>
  <BillOfLadingID>{goods.bill}</BillOfLadingID>
  <Container><ID>{goods.containers[0]}</ID></Container>
  <TruckID>{truck}</TruckID>
</PickUpRequest>
""".encode()


def pick_up(goods, truck, token, at, time=1):
    """PickUp 凭证提箱: what the gate sees."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<PickUp xmlns="urn:clearway:pick-up:1">
  <MessageID>PU-{goods.number}-{time}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PortCode>{goods.port}</PortCode>
  <Token>{token}</Token>
  <Container><ID>{goods.containers[0]}</ID></Container>
  <TruckID>{truck}</TruckID>
</PickUp>
""".encode()


def complaint(goods, operator, at):
    """Complaint 收费投诉 of the first line of the charge note of these goods."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Complaint xmlns="urn:clearway:complaint:1">
  <MessageID>TS-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <ComplaintID>TS-{goods.number}</ComplaintID>
  <PortCode>CNQDG</PortCode>
  <Complainant><ID>{goods.declarant.code}</ID></Complainant>
  <Operator><ID>{operator}</ID></Operator>
  <NoteID>CN-{goods.number}</NoteID>
  <LineNumeric>1</LineNumeric>
  <ReasonCode>QUANTITY</ReasonCode>
  <Reason>库场使用天数有误</Reason>
</Complaint>
""".encode()


def complaint_reply(goods, operator, at):
    """ComplaintReply 投诉答复."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ComplaintReply xmlns="urn:clearway:complaint-reply:1">
  <MessageID>TD-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PortCode>CNQDG</PortCode>
  <Operator><ID>{operator}</ID></Operator>
  <Complainant><ID>{goods.declarant.code}</ID></Complainant>
  <ComplaintID>TS-{goods.number}</ComplaintID>
  <OutcomeCode>EXPLAINED</OutcomeCode>
  <Reply>按进出场时间计收</Reply>
</ComplaintReply>
""".encode()


# --- the monthly review 通关时效会商 ---------------------------------------------------------------------------------------

def review_measure(number, owner, at):
    """ReviewMeasure 会商跟进措施: what the review of last month has somebody do."""
    month = at.replace(day=1) - timedelta(days=1)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ReviewMeasure xmlns="urn:clearway:review-measure:1">
  <MessageID>RM-{number}-1</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <MeasureID>HS-{number}</MeasureID>
  <PortCode>CNQDG</PortCode>
  <ActionCode>NEW</ActionCode>
  <Month>{month:%Y-%m}</Month>
  <Direction>IMPORT</Direction>
  <SegmentName>insp-waiting</SegmentName>
  <OwnerID>{owner}</OwnerID>
  <DueDate>{at + timedelta(days=20):%Y-%m-%d}</DueDate>
  <Text>夜间增开一班，查验箱当夜靠台</Text>
</ReviewMeasure>
""".encode()


def review_measure_done(number, at, office=""):
    """... and that it is done: reported to the office by who carried it out, confirmed by the office itself."""
    step, action = (2, f"REPORTED</ActionCode>\n  <OfficeID>{office}</OfficeID>") if office else (3, "DONE</ActionCode>")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ReviewMeasure xmlns="urn:clearway:review-measure:1">
  <MessageID>RM-{number}-{step}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <MeasureID>HS-{number}</MeasureID>
  <PortCode>CNQDG</PortCode>
  <ActionCode>{action}
  <Text>夜班已开</Text>
</ReviewMeasure>
""".encode()


# --- cross-border e-commerce 跨境电商 -------------------------------------------------------------------------------------

def guid(text):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text)).upper()


def elements(fields):
    return "".join(f"<ceb:{name}>{value}</ceb:{name}>" for name, value in fields.items())


class Parcel:
    """An order of retail goods that is exported: its papers, its list, and what is told of it. quantity: of its one line."""

    def __init__(self, number, shop, carrier, yard, quantity=10, price=20):
        self.number, self.shop, self.carrier, self.yard, self.quantity, self.price = number, shop, carrier, yard, quantity, price
        self.order, self.waybill, self.list_no = f"EC-{number}", f"YT-{number}", f"42182026{number % 10**10:010d}"
        self.of_shop = {"ebpCode": shop.code, "ebpName": shop.name, "ebcCode": shop.code, "ebcName": shop.name}
        self.of_carrier = {"logisticsCode": carrier, "logisticsName": carrier}

    def message(self, kind, step, body, sender=""):
        """kind: of the message, 303. sender: "" of what customs answers."""
        tail = f"""  <ceb:BaseTransfer>{elements({"copCode": sender, "copName": sender, "dxpMode": "DXP", "dxpId": "DXPENT0000000001"})}</ceb:BaseTransfer>
""" if sender else ""
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<ceb:CEB{kind}Message guid="{guid(f"{self.number}/{kind}/{step}")}" version="1.0" xmlns:ceb="http://www.chinaport.gov.cn/ceb">
  {body}
{tail}</ceb:CEB{kind}Message>
""".encode()

    def asked(self, kind, step, at):
        return {"guid": guid(f"{self.number}/{kind}/{step}/head"), "appType": 1, "appTime": f"{at:%Y%m%d%H%M%S}", "appStatus": 2}

    def told(self, kind, step, status, at):
        return {"returnStatus": status, "returnTime": f"{at:%Y%m%d%H%M%S}000", "returnInfo": "海关回执"}

    def ordered(self, at):
        """CEB303 订单."""
        head = {**self.asked(303, 1, at), "orderType": "E", "orderNo": self.order, **self.of_shop,
                "goodsValue": self.quantity * self.price, "freight": 0, "currency": 502}
        line = {"gnum": 1, "itemNo": "AF001", "itemName": "骑行面罩", "unit": "011", "currency": 502, "qty": self.quantity,
                "price": self.price, "totalPrice": self.quantity * self.price}
        return self.message(303, 1, f"<ceb:Order><ceb:OrderHead>{elements(head)}</ceb:OrderHead><ceb:OrderList>{elements(line)}</ceb:OrderList>"
                                    "</ceb:Order>", self.shop.code)

    def paid(self, at):
        """CEB403 收款单."""
        body = {**self.asked(403, 1, at), **self.of_shop, "orderNo": self.order, "payName": "青岛支付", "payNo": f"PAY-{self.number}",
                "charge": self.quantity * self.price, "currency": 502, "accountingDate": f"{at:%Y%m%d%H%M%S}"}
        return self.message(403, 1, f"<ceb:Receipts>{elements(body)}</ceb:Receipts>", self.shop.code)

    def carried(self, at):
        """CEB505 运单."""
        body = {**self.asked(505, 1, at), **self.of_carrier, "logisticsNo": self.waybill, "freight": 12.5, "insuredFee": 0, "currency": 142,
                "grossWeight": 1.2, "packNo": 1, "goodsInfo": "骑行面罩", "ebcCode": self.shop.code}
        return self.message(505, 1, f"<ceb:Logistics>{elements(body)}</ceb:Logistics>", self.carrier)

    def listed(self, at, step=1):
        """CEB603 清单."""
        head = {**self.asked(603, step, at), "customsCode": 4218, "ebpCode": self.shop.code, "ebpName": self.shop.name, "orderNo": self.order,
                **self.of_carrier, "logisticsNo": self.waybill, "copNo": f"L-{self.number}", "ieFlag": "E", "portCode": 4218,
                "ieDate": f"{at:%Y%m%d}", "statisticsFlag": "A", "agentCode": self.shop.code, "agentName": self.shop.name,
                "ebcCode": self.shop.code, "ebcName": self.shop.name, "ownerCode": self.shop.code, "ownerName": self.shop.name,
                "tradeMode": 9610, "trafMode": 2, "country": 502, "POD": 502, "freight": 0, "fCurrency": 142, "fFlag": 3, "insuredFee": 0,
                "iCurrency": 142, "iFlag": 3, "wrapType": 2, "packNo": 1, "grossWeight": 1.2, "netWeight": 1}
        line = {"gnum": 1, "itemNo": "AF001", "gcode": 3926909090, "gname": "骑行面罩", "gmodel": "均码，塑料", "barCode": "无", "country": 142,
                "currency": 502, "qty": self.quantity, "qty1": 1, "unit": "011", "unit1": "035", "price": self.price,
                "totalPrice": self.quantity * self.price}
        return self.message(603, step, f"<ceb:Inventory><ceb:InventoryHead>{elements(head)}</ceb:InventoryHead><ceb:InventoryList>"
                                       f"{elements(line)}</ceb:InventoryList></ceb:Inventory>", self.shop.code)

    def answered(self, status, at):
        """CEB604 清单回执."""
        body = {"guid": guid(f"{self.number}/604/{status}/body"), "agentCode": self.shop.code, "copNo": f"L-{self.number}",
                "preNo": f"P{self.list_no[1:]}", "invtNo": self.list_no, "ebcCode": self.shop.code, "ebpCode": self.shop.code,
                "orderNo": self.order, "statisticsFlag": "A", **self.told(604, 1, status, at)}
        return self.message(604, status, f"<ceb:InventoryReturn>{elements(body)}</ceb:InventoryReturn>")

    def arrived(self, at):
        """CEB507 运抵单."""
        head = {**self.asked(507, 1, at), "customsCode": 4218, "copNo": f"A-{self.number}", "operatorCode": self.yard,
                "operatorName": self.yard, "ieFlag": "E", "trafMode": 2, "domesticTrafNo": "鲁B12345", **self.of_carrier, "msgCount": 1,
                "msgSeqNo": 1}
        line = {"gnum": 1, "logisticsNo": self.waybill}
        return self.message(507, 1, f"<ceb:Arrival><ceb:ArrivalHead>{elements(head)}</ceb:ArrivalHead><ceb:ArrivalList>{elements(line)}"
                                    "</ceb:ArrivalList></ceb:Arrival>", self.yard)

    def left(self, at):
        """CEB509 离境单."""
        head = {**self.asked(509, 1, at), "customsCode": 4218, "copNo": f"D-{self.number}", **self.of_carrier, "trafMode": 2,
                "leaveTime": f"{at:%Y%m%d%H%M%S}", "msgCount": 1, "msgSeqNo": 1}
        line = {"gnum": 1, "logisticsNo": self.waybill}
        return self.message(509, 1, f"<ceb:Departure><ceb:DepartureHead>{elements(head)}</ceb:DepartureHead><ceb:DepartureList>"
                                    f"{elements(line)}</ceb:DepartureList></ceb:Departure>", self.carrier)

    def sent_back(self, step, quantity, by, at):
        """CEB213 退货申请. by: 2 by sea, 5 by air."""
        head = {**self.asked(213, step, at), "customsCode": 4218, **self.of_shop, "logisticsNo": f"BACK-{self.number}-{step}",
                **self.of_carrier, "coElNo": f"R-{self.number}-{step}", "invtNo": self.list_no, "agentCode": self.shop.code,
                "agentName": self.shop.name, "billNo": f"BL{self.number}{step}", "ieFlag": "I", "trafMode": by, "portCode": 4218,
                "reason": "客户退货", "country": 502}
        line = {"gnum": 1, "gcode": 3926909090, "gname": "骑行面罩", "qty": quantity, "qty1": 0.1, "unit": "011", "unit1": "035"}
        return self.message(213, step, f"<ceb:InvtRefund><ceb:InvtRefundHead>{elements(head)}</ceb:InvtRefundHead><ceb:InvtRefundList>"
                                       f"{elements(line)}</ceb:InvtRefundList></ceb:InvtRefund>", self.shop.code)


    def counted(self, step, yard, at):
        """CEB215 退货理货 of what was sent back by that step."""
        body = {**self.asked(215, step, at), "customsCode": 4218, "operatorCode": yard, "operatorName": yard, **self.of_carrier,
                "logisticsNo": f"BACK-{self.number}-{step}", "coElNo": f"R-{self.number}-{step}", "billNo": f"BL{self.number}{step}",
                "ieFlag": "I", "trafMode": 2, "trafName": "COSCO STAR", "voyageNo": "015W"}
        return self.message(215, step, f"<ceb:InvtRefundDetail>{elements(body)}</ceb:InvtRefundDetail>", yard)


INSTITUTION = "3702960001"


class ImportedParcel(Parcel):
    """An order of goods from abroad: its three papers, its list, and what is told of it. buyer: the identity number."""

    def __init__(self, number, shop, carrier, yard, buyer):
        super().__init__(number, shop, carrier, yard, quantity=2, price=100)
        self.order, self.waybill, self.list_no = f"IM-{number}", f"YI-{number}", f"42182026{number % 10**9 + 3 * 10**9:010d}"
        self.buyer, self.value = buyer, self.quantity * self.price
        self.cost = self.value + 10 + 18.2                  # freight and tax

    def ordered(self, at):
        """CEB311 进口订单."""
        head = {**self.asked(311, 1, at), "orderType": "I", "orderNo": self.order, **self.of_shop, "goodsValue": self.value, "freight": 10,
                "discount": 0, "taxTotal": 18.2, "acturalPaid": self.cost, "currency": 142, "buyerRegNo": "U1", "buyerName": "王某",
                "buyerTelephone": "13800000000", "buyerIdType": 1, "buyerIdNumber": self.buyer, "consignee": "王某",
                "consigneeTelephone": "13800000000", "consigneeAddress": "青岛市市南区"}
        line = {"gnum": 1, "itemNo": "MP001", "itemName": "奶粉", "gmodel": "900g", "unit": "122", "qty": self.quantity, "price": self.price,
                "totalPrice": self.value, "currency": 142, "country": 601}
        return self.message(311, 1, f"<ceb:Order><ceb:OrderHead>{elements(head)}</ceb:OrderHead><ceb:OrderList>{elements(line)}</ceb:OrderList>"
                                    "</ceb:Order>", self.shop.code)

    def paid(self, at, step=1, amount=None):
        """CEB411 支付单."""
        body = {**self.asked(411, step, at), "payCode": INSTITUTION, "payName": "青岛支付", "payTransactionId": f"P-{self.number}-{step}",
                "orderNo": self.order, "ebpCode": self.shop.code, "ebpName": self.shop.name, "payerIdType": 1, "payerIdNumber": self.buyer,
                "payerName": "王某", "amountPaid": amount or self.cost, "currency": 142, "payTime": f"{at:%Y%m%d%H%M%S}"}
        return self.message(411, step, f"<ceb:Payment><ceb:PaymentHead>{elements(body)}</ceb:PaymentHead></ceb:Payment>", INSTITUTION)

    def carried(self, at):
        """CEB511 进口运单."""
        body = {**self.asked(511, 1, at), **self.of_carrier, "logisticsNo": self.waybill, "orderNo": self.order, "freight": 10,
                "insuredFee": 0, "currency": 142, "weight": 2.1, "packNo": 1, "goodsInfo": "奶粉", "consignee": "王某",
                "consigneeAddress": "青岛市市南区", "consigneeTelephone": "13800000000"}
        return self.message(511, 1, f"<ceb:Logistics><ceb:LogisticsHead>{elements(body)}</ceb:LogisticsHead></ceb:Logistics>", self.carrier)

    def listed(self, at, step=1):
        """CEB621 进口清单."""
        head = {**self.asked(621, step, at), "orderNo": self.order, **self.of_shop, "logisticsNo": self.waybill, **self.of_carrier,
                "copNo": f"IL-{self.number}", "assureCode": "A001", "ieFlag": "I", "declTime": f"{at:%Y%m%d}", "customsCode": 4218,
                "portCode": 4218, "buyerIdType": 1, "buyerIdNumber": self.buyer, "buyerName": "王某", "buyerTelephone": "13800000000",
                "consigneeAddress": "青岛市市南区", "agentCode": self.shop.code, "agentName": self.shop.name, "tradeMode": 9610, "trafMode": 2,
                "billNo": f"BI{self.number}", "country": 601, "freight": 10, "insuredFee": 0, "currency": 142, "packNo": 1,
                "grossWeight": 2.1, "netWeight": 1.8}
        line = {"gnum": 1, "itemNo": "MP001", "gcode": 1901101000, "gname": "奶粉", "gmodel": "900g", "country": 601, "currency": 142,
                "qty": self.quantity, "unit": "122", "qty1": 1.8, "unit1": "035", "price": self.price, "totalPrice": self.value}
        return self.message(621, step, f"<ceb:Inventory><ceb:InventoryHead>{elements(head)}</ceb:InventoryHead><ceb:InventoryList>"
                                       f"{elements(line)}</ceb:InventoryList></ceb:Inventory>", self.shop.code)

    def answered(self, status, at):
        """CEB622 进口清单回执."""
        body = {"guid": guid(f"{self.number}/622/{status}/body"), "customsCode": 4218, "ebpCode": self.shop.code, "ebcCode": self.shop.code,
                "agentCode": self.shop.code, "copNo": f"IL-{self.number}", "preNo": f"B{self.list_no[1:]}", "invtNo": self.list_no,
                **self.told(622, 1, status, at)}
        return self.message(622, status, f"<ceb:InventoryReturn>{elements(body)}</ceb:InventoryReturn>")

    def delivered(self, at):
        """CEB513 运单状态: with its buyer."""
        body = {**self.asked(513, 1, at), **self.of_carrier, "logisticsNo": self.waybill, "logisticsStatus": "S",
                "logisticsTime": f"{at:%Y%m%d%H%M%S}"}
        return self.message(513, 1, f"<ceb:LogisticsStatus>{elements(body)}</ceb:LogisticsStatus>", self.carrier)


# --- bulk goods 大宗货物 ------------------------------------------------------------------------------------------------

def boarding_request(goods, step, at):
    """BoardingRequest 登轮检疫申请, the step-th of this call: remotely 云登轮."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<BoardingRequest xmlns="urn:clearway:boarding-request:1">
  <MessageID>BQ-{goods.number}-{step}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PortCode>{goods.port}</PortCode>
  <Applicant><ID>COSU</ID></Applicant>
  <Vessel><IMO>{goods.imo}</IMO><Name>{goods.vessel}</Name><Voyage>V{goods.number}</Voyage></Vessel>
  <ETA>{moment(at + timedelta(hours=30))}</ETA>
  <ModeCode>REMOTE</ModeCode>
  <LastCountry><CountryCode>JPN</CountryCode></LastCountry>
  <PersonsIll>0</PersonsIll>
  <SanitationUntil>{at + timedelta(days=90):%Y-%m-%d}</SanitationUntil>
  <Document><TypeCode>HEALTH</TypeCode><ID>H-{goods.number}</ID></Document>
  <Document><TypeCode>CREW</TypeCode><ID>C-{goods.number}</ID></Document>
  <Document><TypeCode>SANITATION</TypeCode><ID>S-{goods.number}</ID></Document>
</BoardingRequest>
""".encode()


def boarding_result(goods, step, result, at, lacks=""):
    """BoardingResult 登轮检疫结果."""
    deficiency = f"\n  <Deficiency><TypeCode>CREW</TypeCode><Description>{lacks}</Description></Deficiency>" if lacks else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<BoardingResult xmlns="urn:clearway:boarding-result:1">
  <MessageID>BR-{goods.number}-{step}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PortCode>{goods.port}</PortCode>
  <Vessel><IMO>{goods.imo}</IMO><Voyage>V{goods.number}</Voyage></Vessel>
  <DecidedTime>{moment(at)}</DecidedTime>
  <ResultCode>{result}</ResultCode>{deficiency}
</BoardingResult>
""".encode()


def dangerous_goods(goods, fireworks, at):
    """DangerousGoods 危险货物申报: fireworks, or paint."""
    un, name, division, group, pack, ems = (("0336", "FIREWORKS", "1.4", "", "4G", "F-B, S-X") if fireworks else
                                            ("1263", "PAINT", "3", "<PackingGroup>II</PackingGroup>", "1A2", "F-E, S-E"))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<DangerousGoods xmlns="urn:clearway:dangerous-goods:1">
  <MessageID>DG-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <DeclarationID>DG-{goods.number}</DeclarationID>
  <Direction>IMPORT</Direction>
  <PortCode>{goods.port}</PortCode>
  <Applicant><ID>{goods.declarant.code}</ID><Name>{goods.declarant.name}</Name></Applicant>
  <Vessel><IMO>{goods.imo}</IMO><Name>{goods.vessel}</Name><Voyage>V{goods.number}</Voyage></Vessel>
  <ETA>{moment(at + timedelta(hours=30))}</ETA>
  <BillOfLadingID>{goods.bill}</BillOfLadingID>
  <Goods>
    <LineNumber>1</LineNumber><UNNumber>{un}</UNNumber><ProperShippingName>{name}</ProperShippingName>
    <ClassCode>{division}</ClassCode>{group}<PackCode>{pack}</PackCode><PackageCount>{goods.packages}</PackageCount>
    <EmS>{ems}</EmS><GrossMassMeasure>{goods.gross}</GrossMassMeasure><ContainerID>{goods.containers[0]}</ContainerID>
  </Goods>
  <EmergencyContact><Name>王明</Name><Telephone>+86-532-5550101</Telephone></EmergencyContact>
</DangerousGoods>
""".encode()


def dangerous_goods_result(goods, result, at):
    """DangerousGoodsResult 危险货物申报答复, of goods that were inspected."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<DangerousGoodsResult xmlns="urn:clearway:dangerous-goods-result:1">
  <MessageID>DR-{goods.number}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PortCode>{goods.port}</PortCode>
  <Applicant><ID>{goods.declarant.code}</ID></Applicant>
  <DeclarationID>DG-{goods.number}</DeclarationID>
  <DecidedTime>{moment(at)}</DecidedTime>
  <ResultCode>{result}</ResultCode>
  <AuditCode>PASSED</AuditCode>
</DangerousGoodsResult>
""".encode()


# --- exports and who settles them 出口退税、出口信保、结汇 ---------------------------------------------------------------------

def export_notice_reply(notice, reply, at, reason=""):
    """ExportNoticeReply 出口信息答复."""
    why = f"\n  <Reason>{reason}</Reason>" if reason else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ExportNoticeReply xmlns="urn:clearway:export-notice-reply:1">
  <MessageID>NR-{notice}-{reply}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <NoticeID>{notice}</NoticeID>
  <ReplyCode>{reply}</ReplyCode>{why}
</ExportNoticeReply>
""".encode()


class Lot:
    """A lot of bulk goods. lot_id is its own number; quantities are in tonnes."""

    def __init__(self, lot_id, holder, mode, hs, name, quantity, place):
        self.lot_id, self.holder, self.mode, self.hs, self.name, self.quantity, self.place = lot_id, holder, mode, hs, name, quantity, place

    def application(self, at):
        """BulkLot 大宗货批申请."""
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<BulkLot xmlns="urn:clearway:bulk-lot:1">
  <MessageID>BL-{self.lot_id}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <Applicant><ID>{self.holder.code}</ID><Name>{self.holder.name}</Name></Applicant>
  <LotID>{self.lot_id}</LotID>
  <ModeCode>{self.mode}</ModeCode>
  <DirectionCode>{"EXPORT" if self.mode == "ON_LOADING" else "IMPORT"}</DirectionCode>
  <PortCode>CNQDG</PortCode>
  <PlaceID>{self.place}</PlaceID>
  <HSCode>{self.hs}</HSCode>
  <Description>{self.name}</Description>
  <Quantity unitCode="070">{self.quantity}</Quantity>
</BulkLot>
""".encode()

    def decision(self, step, action, at, quantity=None, reason=""):
        """LotDecision 货批处置, the step-th."""
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<LotDecision xmlns="urn:clearway:lot-decision:1">
  <MessageID>LD-{self.lot_id}-{step}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PortCode>CNQDG</PortCode>
  <Applicant><ID>{self.holder.code}</ID></Applicant>
  <LotID>{self.lot_id}</LotID>
  <ActionCode>{action}</ActionCode>
  <DecidedTime>{moment(at)}</DecidedTime>
{f'  <Quantity unitCode="070">{quantity}</Quantity>' if quantity is not None else ""}
  <Reason>{reason}</Reason>
</LotDecision>
""".encode()

    def draw(self, step, quantity, at, action="DRAW", draw=None, entry=""):
        """LotDraw 货批提离（出区）核销, or its return."""
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<LotDraw xmlns="urn:clearway:lot-draw:1">
  <MessageID>DR-{self.lot_id}-{step}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PortCode>CNQDG</PortCode>
  <Applicant><ID>{self.holder.code}</ID></Applicant>
  <LotID>{self.lot_id}</LotID>
  <DrawID>D-{draw or step}</DrawID>
  <ActionCode>{action}</ActionCode>
  <Quantity unitCode="070">{quantity}</Quantity>
  <DeclarationID>{entry}</DeclarationID>
</LotDraw>
""".encode()

    def weighing(self, draw, quantity, at):
        """LotWeighing 货批过磅 of a draw, by who keeps the lot."""
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<LotWeighing xmlns="urn:clearway:lot-weighing:1">
  <MessageID>GB-{self.lot_id}-{draw}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <PortCode>CNQDG</PortCode>
  <Applicant><ID>{self.holder.code}</ID></Applicant>
  <LotID>{self.lot_id}</LotID>
  <DrawID>D-{draw}</DrawID>
  <WeighedTime>{moment(at)}</WeighedTime>
  <Quantity unitCode="070">{quantity}</Quantity>
</LotWeighing>
""".encode()


# --- certificates of origin 原产地证书 ----------------------------------------------------------------------------------

def origin_application(goods, shipped, at, kind="C", step=1, lost=False):
    """OriginApplication 原产地证书申请 of an export, under RCEP. kind: C a certificate, D a declaration of origin. lost: another in
    place of the first."""
    number, again = f"{kind}2637{goods.number:010d}", ""
    if lost:
        again = f"<Replaces><CertificateID>{number}</CertificateID><ReasonCode>LOST</ReasonCode></Replaces>"
        number = number.replace("2637", "2638", 1)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OriginApplication xmlns="urn:clearway:origin-application:1">
  <MessageID>OA-{goods.number}-{step}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <ApplicationID>CO-{goods.number}{"-2" if lost else ""}</ApplicationID>
  <Applicant><ID>{goods.declarant.code}</ID><Name>{goods.declarant.name}</Name></Applicant>
  <OfficeID>{goods.office}</OfficeID>
  <AgreementCode>Y22</AgreementCode>
  <CertificateID>{number}</CertificateID>
  <DestinationCode>{goods.country}</DestinationCode>
  <DeclarationID>{goods.entry_number}</DeclarationID>
  <ShipmentDate>{shipped:%Y-%m-%d}</ShipmentDate>
  <CopiesNumeric>3</CopiesNumeric>
  <Line>
    <LineNumeric>1</LineNumeric>
    <HSCode>{goods.hs}</HSCode>
    <Description>{goods.goods}</Description>
    <CriterionCode>PSR</CriterionCode>
    <OriginCode>CHN</OriginCode>
    <Quantity unitCode="{goods.unit}">{goods.quantity}</Quantity>
    <DeclarationLine>1</DeclarationLine>
  </Line>
  {again}
</OriginApplication>
""".encode()


def origin_review(message_id, action, at, goods=None, reason=""):
    """OriginReview 原产地证书审核; of no goods it takes the next application of the queue."""
    meant = f"<Applicant><ID>{goods.declarant.code}</ID></Applicant><ApplicationID>CO-{goods.number}</ApplicationID>" if goods else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OriginReview xmlns="urn:clearway:origin-review:1">
  <MessageID>{message_id}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <ActionCode>{action}</ActionCode>
  {meant}
  <Reason>{reason}</Reason>
</OriginReview>
""".encode()


def origin_print(goods, token, copies, at, kind="C"):
    """OriginPrint 原产地证书自助打印."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<OriginPrint xmlns="urn:clearway:origin-print:1">
  <MessageID>OP-{goods.number}-{copies}</MessageID>
  <SentTime>{moment(at)}</SentTime>
  <Applicant><ID>{goods.declarant.code}</ID></Applicant>
  <CertificateID>{kind}2637{goods.number:010d}</CertificateID>
  <PrintToken>{token}</PrintToken>
  <CopiesNumeric>{copies}</CopiesNumeric>
</OriginPrint>
""".encode()
