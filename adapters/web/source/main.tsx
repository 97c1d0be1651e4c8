// main.tsx - the page: what stands at each path, and what stands around all of them.
import { render } from "preact";
import { effect, useSignal } from "@preact/signals";
import { now } from "./clock";
import { later } from "./later";
import { line, startListening } from "./live";
import { about, follow, language, link, otherLanguage, path, spelled } from "./place";
import { endsSoon, isFor, isUnreachable, learnWho, signOut, watchSession, who, type Needs } from "./session";
import { named, text, type TextName } from "./texts";
import { clockTime, dated } from "./time";
import { Consignment } from "./views/consignment";
import { Home, Search } from "./views/home";
import { SignIn } from "./views/sign_in";

const Alerts = later(async () => (await import("./views/alerts")).Alerts);
const Charges = later(async () => (await import("./views/charges")).Charges);
const Deliveries = later(async () => (await import("./views/deliveries")).Deliveries);
const Diagnostics = later(async () => (await import("./views/diagnostics")).Diagnostics);
const Inspections = later(async () => (await import("./views/inspections")).Inspections);
const Lists = later(async () => (await import("./views/lists")).Lists);
const Messages = later(async () => (await import("./views/messages")).Messages);
const Submit = later(async () => (await import("./views/submit")).Submit);
const Times = later(async () => (await import("./views/times")).Times);

declare const WORKER: string; // the name of worker.ts once it is built

interface View {
  name: TextName;
  view: (rest: string) => preact.JSX.Element;
  needs: Needs; // to be in the menu
  inMenu: boolean;
}

/* The first part of the path; what follows it is handed to the view. page.c has the same list. */
const VIEWS: Record<string, View> = {
  "": { name: "search_head", view: () => <Home />, needs: { kind: "goods" }, inMenu: false },
  track: { name: "consignment", view: (rest) => <Consignment key={rest} query={rest} />, needs: { kind: "goods" }, inMenu: false },
  inspections: { name: "inspections", view: () => <Inspections />, needs: { kind: "goods" }, inMenu: true },
  alerts: { name: "alerts", view: () => <Alerts />, needs: { kind: "goods" }, inMenu: true },
  charges: { name: "charges", view: (rest) => <Charges key={rest} operator={rest} />, needs: { kind: "figures" }, inMenu: true },
  times: { name: "times", view: () => <Times />, needs: { kind: "figures", all: true }, inMenu: true },
  lists: { name: "lists", view: (rest) => <Lists key={rest} name={rest} />, needs: {}, inMenu: true },
  messages: { name: "messages", view: (rest) => <Messages key={rest} query={rest} />, needs: { kind: "messages" }, inMenu: true },
  deliveries: { name: "deliveries", view: () => <Deliveries />, needs: { kind: "gateway" }, inMenu: true },
  diagnostics: { name: "diagnostics", view: () => <Diagnostics />, needs: { kind: "gateway" }, inMenu: true },
  submit: { name: "submit", view: () => <Submit />, needs: { sends: true }, inMenu: true },
};

/* Whoever is in is told what moves, as far as it is for him. */
const isIn = () => who.value !== null && who.value !== "nobody";

/* What stands there. Where one searches for goods, who sees none is shown the review, or the lists that are for him. */
function viewAt(here: string): View {
  const view = VIEWS[here] ?? VIEWS[""]!;
  return view !== VIEWS[""] || !who.value || who.value === "nobody" || isFor(view.needs) ? view : isFor(VIEWS.times!.needs) ? VIEWS.times! : VIEWS.lists!;
}

function Who() {
  const one = who.value;
  const hasFailed = useSignal(false);
  return one && typeof one === "object" ? (
    <>
      <span class="faint">{one.account} {named(one, "role")}, {named(one, "party")}</span>
      <button onClick={() => void signOut().then((isOut) => { hasFailed.value = !isOut; })}>{text("sign_out")}</button>
      {hasFailed.value && <span class="worse" role="alert">{text("still_in")}</span>}
    </>
  ) : null;
}

function Header({ here }: { here: string }) {
  return (
    <header>
      <a class="brand" href={link("/")}>Clearway <span>{text("title")}</span></a>
      {isIn() && here !== "" && isFor(VIEWS.track!.needs) && <Search />}
      <nav class="self" aria-label={text("account")}>
        {isIn() && <span class={"line " + line.value} role="status">{text(line.value === "stopped" ? "connecting" : line.value)}</span>}
        <Who />
        <a href={otherLanguage()} lang={language.value === "zh" ? "en" : "zh-CN"}>{text("other_language")}</a>
      </nav>
      {isIn() && (
        <nav class="menu" aria-label={text("menu")}>
          {Object.entries(VIEWS).filter(([, view]) => view.inMenu && isFor(view.needs)).map(([to, view]) => (
            <a href={link("/" + to)} aria-current={view === viewAt(here) ? "page" : undefined}>{text(view.name)}</a>
          ))}
        </nav>
      )}
    </header>
  );
}

function Content({ view, rest }: { view: View; rest: string }) {
  if (who.value === null) {
    return isUnreachable.value ? <p class="note bad" role="alert">{text("failed")}{text("unreachable")}</p> : <p class="note" role="status">{text("loading")}</p>;
  }
  return who.value === "nobody" ? <SignIn /> : view.view(rest);
}

function Page() {
  const [, here = "", rest = ""] = path.value.split("/");
  return (
    <>
      <a class="skip" href="#content">{text("skip")}</a>
      <Header here={here} />
      {line.value === "stopped" && isIn() && <div class="banner" role="alert">{text("stopped")}</div>}
      {endsSoon.value && <div class="banner mild" role="status">{text(endsSoon.value.isForGood ? "ends_for_good" : "ends_unused", clockTime(endsSoon.value.at))}</div>}
      <p class="paper-only faint">{text("printed", dated(now.value))}{who.value && typeof who.value === "object" && `, ${who.value.account}`}</p>
      <main id="content" tabIndex={-1}><Content view={viewAt(here)} rest={spelled(rest)} /></main>
    </>
  );
}

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
  document.title = (about.value && about.value + " ") + text(viewAt(path.value.split("/")[1] ?? "").name) + " Clearway";
});
follow();
render(<Page />, document.body);
void learnWho();
watchSession();
let isListening = false;
effect(() => { // a stream is of who is in when it begins; of somebody else it is another one
  if (isIn() && !isListening) {
    isListening = true;
    void startListening(WORKER);
  }
});
