// charges.tsx - what operators publish that they charge 收费清单: a list of a day, filtered by any words in it (two characters
// are a word here), and what changed against another version.
import { useSignal } from "@preact/signals";
import { asked, go, link } from "../place";
import { named, text } from "../texts";
import { Answered, LookUp, Table, useAnswer } from "../pieces";

interface Tariff {
  item: string;
  zh: string;
  en: string;
  name: string;
  unit: string;
  rate: string;
  currency: string;
  basis: string;
}

interface Change {
  item: string;
  unit: string;
  name: string;
  change: string;
  before: string;
  after: string;
}

interface Version {
  record: number;
  version: string;
  valid_from: string;
  valid_until: string;
}

interface List extends Version {
  port: string;
  tariffs: Tariff[];
  against?: { version: string };
  changes?: Change[];
  versions: Version[];
}

function matches(tariff: Tariff, words: string): boolean {
  const whole = Object.values(tariff).join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => whole.includes(word));
}

function One({ operator, list }: { operator: string; list: List }) {
  const words = useSignal("");
  const shown = list.tariffs.filter((tariff) => matches(tariff, words.value));
  return (
    <section>
      <h2>{list.port} <span class="faint">{text("version")} {list.version}, {text("valid")} {list.valid_from}–{list.valid_until}</span></h2>
      <label>{text("filter")} <input type="search" value={words.value} onInput={(event) => { words.value = event.currentTarget.value; }} /></label>
      <Table label={text("charges")} heads={[text("item"), "", text("unit"), text("rate"), text("basis")]}>
        {shown.map((tariff) => (
          <tr>
            <td>{tariff.item}</td>
            <td class="words">{named(tariff)} {tariff.name !== named(tariff) && <span class="faint">{tariff.name}</span>}</td>
            <td>{tariff.unit}</td>
            <td class="figure">{tariff.rate} {tariff.currency}</td>
            <td class="words">{tariff.basis}</td>
          </tr>
        ))}
      </Table>
      {list.changes && (
        <Table label={text("changes", list.against?.version ?? "")} heads={[text("changes", list.against?.version ?? ""), text("item"), text("unit"), text("before"), text("after")]}>
          {list.changes.map((change) => (
            <tr><td>{change.change}</td><td>{change.item} {change.name}</td><td>{change.unit}</td>
              <td class="figure">{change.before}</td><td class="figure">{change.after}</td></tr>
          ))}
        </Table>
      )}
      <p class="faint">{list.versions.map((version) => (
        <a class="chip" href={link("/charges/" + encodeURIComponent(operator), { list: list.version, against: version.version })}>
          {text("version")} {version.version}
        </a>
      ))}</p>
    </section>
  );
}

function Lists({ operator }: { operator: string }) {
  const query = new URLSearchParams();
  for (const name of ["day", "list", "against"]) {
    if (asked(name)) {
      query.set(name, asked(name));
    }
  }
  const [answer, again] = useAnswer<{ lists: List[] }>(`charges/${encodeURIComponent(operator)}${query.size ? "?" + query : ""}`);
  return (
    <Answered answer={answer} again={again}>
      {(data) => data.lists.map((list) => <One key={list.port} operator={operator} list={list} />)}
    </Answered>
  );
}

export function Charges({ operator }: { operator: string }) {
  return (
    <>
      <h1>{text("charges")}</h1>
      <LookUp label={text("operator")} value={operator} path="/charges" longest={35} />
      {operator && (
        <label>{text("on_day")} <input type="date" value={asked("day")} onChange={(event) => {
          go(link("/charges/" + encodeURIComponent(operator), { day: event.currentTarget.value }));
        }} /></label>
      )}
      {operator ? <Lists key={operator} operator={operator} /> : <p class="note">{text("charges_hint")}</p>}
    </>
  );
}
