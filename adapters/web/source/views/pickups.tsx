// pickups.tsx - tokens by which a truck fetches a container 提箱凭证: to the gate, as a picture that is read there.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Answered, useAnswer } from "../pieces";
import { named, text } from "../texts";
import { moment } from "../time";
import type { PickUp } from "./answers";

type Encode = typeof import("uqr").encode;

/** Drawn once what draws it has been fetched: nobody else loads it. */
function Code({ token, label }: { token: string; label: string }) {
  const encode = useSignal<{ by: Encode } | null>(null);
  useEffect(() => { void import("uqr").then((library) => { encode.value = { by: library.encode }; }); }, []);
  if (!encode.value) {
    return <p role="status">{text("loading")}</p>;
  }
  const { data, size } = encode.value.by(token, { border: 4 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return <svg class="code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges"><path d={path} /></svg>;
}

function One({ of }: { of: PickUp }) {
  const isShown = useSignal(false);
  return (
    <li class="pickup">
      <b>{of.container}</b> {of.truck} <span class="faint">{of.id}, {of.gate}, {text("until", moment(of.until))}, {named(of, "state")}</span>{" "}
      {of.token && <button type="button" aria-expanded={isShown.value} onClick={() => { isShown.value = !isShown.value; }}>{text("show_code")}</button>}
      {isShown.value && <Code token={of.token} label={text("code_of", of.container, of.truck)} />}
    </li>
  );
}

/** Those that are open; of one consignment, or all that one has. Nothing is drawn where there are none. */
export function PickUps({ subject }: { subject?: string }) {
  const [answer, again] = useAnswer<{ pickups: PickUp[] }>("pickups" + (subject ? "?subject=" + encodeURIComponent(subject) : ""),
    (moved) => !subject || moved === subject);
  return (
    <Answered answer={answer} again={again}>
      {(data) => data.pickups.length > 0 && (
        <section><h2>{text("pickups")}</h2><ul class="plain">{data.pickups.map((each) => <One key={each.id} of={each} />)}</ul></section>
      )}
    </Answered>
  );
}
