// choosing.tsx - rows of a list that are chosen, by their ids, for what is then ordered of them (orders.tsx).
import type { Signal } from "@preact/signals";
import { text } from "../texts";

export type Chosen = Signal<ReadonlySet<string>>;

export function choose(chosen: Chosen, ids: string[], isChosen: boolean): void {
  const next = new Set(chosen.value);
  ids.forEach((id) => isChosen ? next.add(id) : next.delete(id));
  chosen.value = next;
}

/** The first cell of a row. */
export function Box({ id, chosen }: { id: string; chosen: Chosen }) {
  return <td><input type="checkbox" aria-label={text("choose", id)} checked={chosen.value.has(id)}
                    onChange={(event) => choose(chosen, [id], event.currentTarget.checked)} /></td>;
}

export function BoxOfAll({ ids, chosen }: { ids: string[]; chosen: Chosen }) {
  return <label class="screen-only"><input type="checkbox" checked={ids.length > 0 && ids.every((id) => chosen.value.has(id))}
                       onChange={(event) => choose(chosen, ids, event.currentTarget.checked)} /> {text("choose_shown")}</label>;
}
