// charges.tsx - port charges 口岸收费: what operators publish, found by any words in it (two characters are a word here), what
// changed between two versions, and what was charged, line by line beside the list, with a complaint from the line.
import { useSignal, type Signal } from "@preact/signals";
import { thisMoment } from "../clock";
import { filled, freshId, sentTime, type Part } from "../message";
import { asked, asQuery, codePage, go, link } from "../place";
import { isDeclarant, isFor } from "../session";
import { named, text, type TextName } from "../texts";
import { Answered, Table, useAbout, useAnswer, useNames } from "../pieces";
import { dated } from "../time";
import type { ChargeList, Charged, Code, PublishedList, Tariff } from "./answers";
import { Applicant, Sending } from "./booking";

/** "2026-07-01 起", where no end is known. */
function between({ valid_from, valid_until }: { valid_from: string; valid_until: string }): string {
  return valid_until ? `${valid_from}–${valid_until}` : text("from_on", valid_from);
}

/* --- one operator's list -------------------------------------------------------------------------------- */

const CHANGES: Record<string, TextName> = {
  added: "change_added", dropped: "change_dropped", raised: "change_raised", lowered: "change_lowered", changed: "change_changed",
};

function matches(tariff: object, words: string): boolean {
  const whole = Object.values(tariff).join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => whole.includes(word));
}

function Changes({ list }: { list: ChargeList }) {
  const units = useNames("charge_units");
  const against = list.against!.version;
  return (
    <>
      <h3>{text("changes", against)}</h3>
      {list.changes!.length === 0 ? <p class="note">{text("no_changes", against)}</p> : (
        <Table label={text("changes", against)} heads={[text("change"), text("item"), text("unit"), text("before"), text("after")]}>
          {list.changes!.map((change) => (
            <tr>
              <td><span class={"chip " + change.change}>{change.change in CHANGES ? text(CHANGES[change.change]!) : change.change}</span></td>
              <td class="words">{change.name} <span class="faint">{change.item}</span></td>
              <td>{units(change.unit)}</td>
              <td class="figure">{change.before || "–"}</td>
              <td class="figure">{change.after || "–"}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}

function One({ operator, list }: { operator: string; list: ChargeList }) {
  const words = useSignal("");
  const units = useNames("charge_units"), bases = useNames("charge_bases");
  const shown = list.tariffs.filter((tariff) => matches(tariff, words.value));
  const here = "/charges/" + encodeURIComponent(operator);
  const compare = (version: string) => link(here, { list: list.version, against: version });
  return (
    <section>
      <h2>{named(list) || operator} <span class="faint">{list.port}, {text("version")} {list.version}, {text("valid")} {between(list)}</span></h2>
      <p class="choices">
        <label>{text("filter")} <input type="search" value={words.value} onInput={(event) => { words.value = event.currentTarget.value; }} /></label>
        {list.versions.length > 1 && (
          <label>{text("compare_with")}{" "}
            <select value={list.against?.version ?? ""} onChange={(event) => go(compare(event.currentTarget.value))}>
              <option value="">–</option>
              {list.versions.filter((version) => version.version !== list.version).map((version) => (
                <option value={version.version}>{version.version} ({version.valid_from})</option>
              ))}
            </select>
          </label>
        )}
      </p>
      {list.changes && <Changes list={list} />}
      <Table label={text("charges")} heads={[text("item"), text("item_name"), text("unit"), text("rate"), text("basis")]}>
        {shown.map((tariff) => (
          <tr>
            <td class="words">{named(tariff)} <span class="faint">{tariff.item}</span></td>
            <td class="words">{tariff.name !== named(tariff) && tariff.name}
              {tariff.withdrawn_from && <div class="faint">{text("withdrawn", tariff.withdrawn_from)}</div>}</td>
            <td>{units(tariff.unit)}</td>
            <td class="figure">{tariff.rate} {tariff.currency}</td>
            <td class="words">{bases(tariff.basis)}</td>
          </tr>
        ))}
      </Table>
      {shown.length === 0 && <p class="note">{text("no_such_tariff")}</p>}
      <p class="faint">{list.versions.map((version) => (
        <a class="chip" href={link(here, { list: version.version })} aria-current={version.version === list.version ? "true" : undefined}>
          {text("version")} {version.version}
        </a>
      ))}</p>
    </section>
  );
}

function OfOperator({ operator }: { operator: string }) {
  const query = new URLSearchParams();
  for (const name of ["day", "list", "against"]) {
    if (asked(name)) {
      query.set(name, asked(name));
    }
  }
  const [answer, again] = useAnswer<{ lists: ChargeList[] }>(`charges/${encodeURIComponent(operator)}${asQuery(query)}`);
  useAbout(named(answer.data?.lists[0] ?? {}));
  return (
    <>
      <p class="choices">
        <a class="screen-only" href={link("/charges")}>← {text("all_operators")}</a>
        <label>{text("on_day")} <input type="date" value={asked("day")} onChange={(event) => {
          go(link("/charges/" + encodeURIComponent(operator), { day: event.currentTarget.value }));
        }} /></label>
      </p>
      <Answered answer={answer} again={again}>
        {(data) => data.lists.map((list) => <One key={list.port} operator={operator} list={list} />)}
      </Answered>
    </>
  );
}

/* --- all of them ---------------------------------------------------------------------------------------- */

function Published() {
  const [answer, again] = useAnswer<{ charge_lists: PublishedList[]; more: boolean }>("charge-lists");
  return (
    <Answered answer={answer} again={again}>
      {(data) => data.charge_lists.length === 0 ? <p class="note">{text("no_lists")}</p> : (
        <>
          <h2>{text("published")}</h2>
          <Table label={text("published")} heads={[text("operator_name"), text("port"), text("version"), text("valid"), text("items")]}>
            {data.charge_lists.map((list) => (
              <tr>
                <td class="words"><a href={link("/charges/" + encodeURIComponent(list.operator))}>{named(list, "party") || list.operator}</a>{" "}
                  <span class="faint">{list.operator}</span></td>
                <td>{list.port}</td>
                <td>{list.version}</td>
                <td>{between(list)}</td>
                <td class="figure">{list.lines}</td>
              </tr>
            ))}
          </Table>
          {data.more && <p class="note">{text("more")}</p>}
        </>
      )}
    </Answered>
  );
}

function Found({ words }: { words: string }) {
  const [answer, again] = useAnswer<{ tariffs: Tariff[]; more: boolean }>("tariffs?words=" + encodeURIComponent(words));
  const units = useNames("charge_units"), bases = useNames("charge_bases");
  return (
    <Answered answer={answer} again={again}>
      {(data) => data.tariffs.length === 0 ? <p class="note">{text("no_such_tariff")}</p> : (
        <>
          <Table label={text("found", words)} heads={[text("operator_name"), text("item"), text("item_name"), text("unit"), text("rate"), text("basis")]}>
            {data.tariffs.map((tariff) => (
              <tr>
                <td class="words"><a href={link("/charges/" + encodeURIComponent(tariff.operator))}>{named(tariff, "party") || tariff.operator}</a></td>
                <td class="words">{named(tariff, "item")} <span class="faint">{tariff.item}</span></td>
                <td class="words">{tariff.name !== named(tariff, "item") && tariff.name}</td>
                <td>{units(tariff.unit)}</td>
                <td class="figure">{tariff.rate} {tariff.currency}</td>
                <td>{bases(tariff.basis)}</td>
              </tr>
            ))}
          </Table>
          {data.more && <p class="note">{text("more")}</p>}
        </>
      )}
    </Answered>
  );
}

/* --- what was charged ----------------------------------------------------------------------------------- */

function complaintOf(line: Charged, complainant: string, reason: string, words: string): XMLDocument {
  const parts: Part[] = [
    ["MessageID", freshId("PT")],
    ["SentTime", sentTime()],
    ["ComplaintID", freshId("TS")],
    ["PortCode", line.port],
    ["Complainant", [["ID", complainant]]],
    ["Operator", [["ID", line.operator]]],
    ["NoteID", line.note],
    ["LineNumeric", line.line],
    ["ReasonCode", reason],
    ["Reason", words],
  ];
  return filled("complaint", "Complaint", parts);
}

function Complain({ line, leave, sent }: { line: Charged; leave: () => void; sent: () => void }) {
  const [codes] = useAnswer<{ codes: Code[] }>("codes/complaint_reasons");
  const complainant = useSignal(""), words = useSignal("");
  const reason = useSignal(line.against === "above" ? "ABOVE_LIST" : line.against === "off" ? "OFF_LIST" : "NOT_PROVIDED");
  return (
    <section class="task">
      <h2>{text("complain")} <span class="faint">{line.note}, {text("line_number", line.line)}: {named(line, "item")} {line.amount} {line.currency}</span></h2>
      <div class="fields">
        <Applicant value={complainant} />
        <label>{text("reason")}{" "}
          <select value={reason.value} onChange={(event) => { reason.value = event.currentTarget.value; }}>
            {(codes.data?.codes ?? []).map((code) => <option value={code.code}>{named(code)}</option>)}
          </select>
        </label>
        <label>{text("in_words")}{" "}
          <input value={words.value} maxLength={1000} onInput={(event) => { words.value = event.currentTarget.value; }} /></label>
      </div>
      <Sending message={() => complaintOf(line, complainant.value, reason.value, words.value)} label={text("complain")} onSent={sent} />
      <button type="button" onClick={leave}>{text("leave")}</button>
    </section>
  );
}

function Lines({ lines, chosen, again }: { lines: Charged[]; chosen: Signal<string>; again: () => void }) {
  const name = (line: Charged) => `${line.note} ${line.line}`;
  return (
    <Table label={text("charged")} heads={[text("note"), text("consignment"), text("operator_name"), text("item"), text("rate"), text("listed"), text("against_list"), text("amount"), text("complaint")]}>
      {lines.map((line) => (
        <>
        <tr class={["above", "off"].includes(line.against) ? "over" : undefined}>
          <td>{line.note} <span class="faint">{text("line_number", line.line)}</span></td>
          <td>{line.subject && <a href={link("/track/" + encodeURIComponent(line.subject.split("/")[1] ?? ""))}>{line.subject.split("/")[1]}</a>}</td>
          <td class="words">{named(line, "party") || line.operator}</td>
          <td class="words">{named(line, "item")}</td>
          <td class="figure">{line.rate}</td>
          <td class="figure">{line.listed || "–"}</td>
          <td>{named(line, "against")} <span class="faint">{line.version}</span></td>
          <td class="figure">{line.amount} {line.currency}</td>
          <td>{line.complaint ? <><b>{named(line, "complaint_state")}</b> <div class="faint">{line.complaint}</div></>
               : isDeclarant() && <button type="button" aria-expanded={chosen.value === name(line)}
                                          onClick={() => { chosen.value = chosen.value === name(line) ? "" : name(line); }}>{text("complain")}</button>}</td>
        </tr>
        {chosen.value === name(line) && (
          <tr><td colSpan={9} class="whole"><Complain line={line} sent={again} leave={() => { chosen.value = ""; }} /></td></tr>
        )}
        </>
      ))}
    </Table>
  );
}

function ChargedLines() {
  const [answer, again] = useAnswer<{ lines: Charged[]; more: boolean }>("charged", () => true);
  const chosen = useSignal("");
  return (
    <>
      <h2>{text("charged")}</h2>
      <Answered answer={answer} again={again}>
        {(data) => <>
          {data.lines.length === 0 ? <p class="note">{text("nothing_charged")}</p> : <Lines lines={data.lines} chosen={chosen} again={again} />}
          {data.more && <p class="note">{text("more")}</p>}
        </>}
      </Answered>
    </>
  );
}

/* --- the view ------------------------------------------------------------------------------------------- */

interface Refused {
  party: string;
  zh: string;
  en: string;
  operator: string;
  item: string;
  item_zh: string;
  item_en: string;
  code: string;
  code_zh: string;
  code_en: string;
  n: number;
  notes: number;
}

/** Who tried to charge off or above the list: for the office, which looks after that. */
function Patrol() {
  const month = dated(thisMoment()).slice(0, 7);
  const [answer, again] = useAnswer<{ rows: Refused[] }>("patrol?month=" + month);
  return answer.problem?.status === 403 ? null : (
    <Answered answer={answer} again={again}>
      {({ rows }) => rows.length > 0 && (
        <>
          <h2>{text("patrol", month)}</h2>
          <Table label={text("patrol", month)} heads={[text("operator_name"), text("item"), text("why"), text("lines"), text("notes")]}>
            {rows.map((row) => (
              <tr>
                <td class="words">{named(row) || row.party} <span class="faint">{row.operator}</span></td>
                <td class="words">{named(row, "item")}</td>
                <td class="words"><a href={codePage(row.code)}><code>{row.code}</code></a> <span class="faint">{named(row, "code")}</span></td>
                <td class="figure">{row.n}</td>
                <td class="figure">{row.notes}</td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </Answered>
  );
}

function All() {
  const words = asked("words").trim();
  const typed = useSignal(words);
  return (
    <>
      <form class="search" role="search" onSubmit={(event) => { event.preventDefault(); go(link("/charges", { words: typed.value.trim() })); }}>
        <input type="search" aria-label={text("tariff_words")} placeholder={text("tariff_words")} value={typed.value} maxLength={40}
               onInput={(event) => { typed.value = event.currentTarget.value; }} />
        <button type="submit">{text("search")}</button>
      </form>
      {words ? <Found key={words} words={words} /> : <Published />}
      {!words && isFor({ kind: "figures", all: true }) && <Patrol />}
      {!words && <ChargedLines />}
    </>
  );
}

export function Charges({ operator }: { operator: string }) {
  return (
    <>
      <h1>{text("charges")}</h1>
      {operator ? <OfOperator key={operator} operator={operator} /> : <All key={asked("words")} />}
    </>
  );
}
