// later.tsx - views that are fetched when they are first looked at: who only asks where his goods are loads no desk.
import type { ComponentType } from "preact";
import { signal } from "@preact/signals";
import { text } from "./texts";

/** The view itself, once it is here. One that cannot be had (the gateway is away, or is another version by now) is told. */
export function later<Props extends object>(fetch: () => Promise<ComponentType<Props>>): (props: Props) => preact.JSX.Element {
  const known = signal<{ view: ComponentType<Props> } | "asked" | "failed" | null>(null);
  return (props: Props) => {
    const now = known.value;
    if (now === null) {
      queueMicrotask(() => {
        known.value = "asked";
        fetch().then((view) => { known.value = { view }; }, () => { known.value = "failed"; });
      });
    }
    if (now === "failed") {
      return <p class="note bad" role="alert">{text("failed")} <button onClick={() => location.reload()}>{text("again")}</button></p>;
    }
    return now === null || now === "asked" ? <p class="note" role="status">{text("loading")}</p> : <now.view {...props} />;
  };
}
