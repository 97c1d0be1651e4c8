// diagnostics.tsx - how all stands that the gateway depends on, the worst first; what `clearway doctor` says. It asks again by
// itself, also when nothing happens: what is not there any more tells of no event.
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { named, text } from "../texts";
import { Answered, Table, useAnswer } from "../pieces";
import { moment } from "../time";

const AGAIN_MS = 10_000;

type State = "failed" | "warning" | "unknown" | "ok";

interface Check {
  check: string;
  subject: string;
  state: State;
  since: string;
  zh: string;
  en: string;
  do_zh: string;
  do_en: string;
}

type Diagnosis = Record<State, number> & { checks: Check[]; more: boolean };

const STATES: State[] = ["failed", "warning", "unknown", "ok"];

function Rows({ of }: { of: Check[] }) {
  return (
    <Table label={text("diagnostics")} heads={[text("state"), text("what"), text("how_it_is"), text("what_to_do"), text("when")]}>
      {of.map((each) => (
        <tr class={each.state} key={each.check + " " + each.subject}>
          <td><span class={"sign " + each.state}>{named(each, "state")}</span></td>
          <td class="words"><b>{named(each, "check")}</b> {each.subject}</td>
          <td class="words">{named(each)}</td>
          <td class="words">{named(each, "do")}</td>
          <td>{moment(each.since)}</td>
        </tr>
      ))}
    </Table>
  );
}

export function Diagnostics() {
  const [answer, again] = useAnswer<Diagnosis>("diagnostics");
  const asker = useRef(again);
  const isOnlyTrouble = useSignal(false);
  asker.current = again;
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) { asker.current(); } }, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <h1>{text("diagnostics")}</h1>
      <Answered answer={answer} again={again}>
        {(data) => (
          <>
            <div class="headline" role="status">
              {STATES.map((state) => (
                <div class={data[state] ? undefined : "faint"}><span class={"sign " + (data[state] ? state : "")}>{text(("state_" + state) as "state_ok")}</span> <b>{data[state]}</b></div>
              ))}
              {answer.at && <div class="faint as-of">{text("updated", moment(answer.at))}</div>}
            </div>
            <p class="screen-only"><label><input type="checkbox" checked={isOnlyTrouble.value}
              onChange={(event) => { isOnlyTrouble.value = event.currentTarget.checked; }} /> {text("only_trouble")}</label></p>
            <Rows of={data.checks.filter((each) => !isOnlyTrouble.value || each.state !== "ok")} />
            {data.more && <p class="note">{text("more")}</p>}
          </>
        )}
      </Answered>
    </>
  );
}
