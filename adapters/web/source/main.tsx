// main.tsx - the page: what stands at each path, and what stands around all of them.
import { render } from "preact";
import { effect } from "@preact/signals";
import { line, startListening } from "./live";
import { follow, language, link, otherLanguage, path } from "./place";
import { isFor, learnWho, signOut, who } from "./session";
import { named, text, type TextName } from "./texts";
import { Charges } from "./views/charges";
import { Consignment } from "./views/consignment";
import { Deliveries } from "./views/deliveries";
import { Home, Search } from "./views/home";
import { Inspections } from "./views/inspections";
import { Lists } from "./views/lists";
import { Messages } from "./views/messages";
import { SignIn } from "./views/sign_in";
import { Submit } from "./views/submit";
import { Times } from "./views/times";

declare const WORKER: string; // the name of worker.ts once it is built

interface View {
  name: TextName;
  view: (rest: string) => preact.JSX.Element;
  roles: readonly string[] | null; // for whom it is (gateway/view/sight.h); null: for everybody
  inMenu: boolean;
}

const PARTIES = ["forwarder", "terminal", "carrier", "inspector"];
const OFFICE = ["analyst", "operator"];

/* The first part of the path; what follows it is handed to the view. page.c has the same list. */
const VIEWS: Record<string, View> = {
  "": { name: "search_head", view: () => <Home />, roles: null, inMenu: false },
  track: { name: "consignment", view: (rest) => <Consignment key={rest} query={rest} />, roles: null, inMenu: false },
  inspections: { name: "inspections", view: () => <Inspections />, roles: [...PARTIES, "operator"], inMenu: true },
  charges: { name: "charges", view: (rest) => <Charges key={rest} operator={rest} />, roles: null, inMenu: true },
  times: { name: "times", view: () => <Times />, roles: OFFICE, inMenu: true },
  lists: { name: "lists", view: (rest) => <Lists key={rest} name={rest} />, roles: null, inMenu: true },
  messages: { name: "messages", view: (rest) => <Messages key={rest} query={rest} />, roles: [...PARTIES, "operator"], inMenu: true },
  deliveries: { name: "deliveries", view: () => <Deliveries />, roles: ["operator"], inMenu: true },
  submit: { name: "submit", view: () => <Submit />, roles: PARTIES, inMenu: true },
};

function Who() {
  const one = who.value;
  return one && typeof one === "object" ? (
    <>
      <span class="faint">{one.account} {named(one, "role")}, {named(one, "party")}</span>
      <button onClick={() => void signOut()}>{text("sign_out")}</button>
    </>
  ) : null;
}

function Header({ here }: { here: string }) {
  const isIn = who.value !== null && who.value !== "nobody";
  return (
    <header>
      <a class="brand" href={link("/")}>Clearway <span>{text("title")}</span></a>
      {isIn && here !== "" && <Search />}
      <nav>
        {isIn && Object.entries(VIEWS).filter(([, view]) => view.inMenu && isFor(view.roles)).map(([to, view]) => (
          <a href={link("/" + to)} aria-current={here === to ? "page" : undefined}>{text(view.name)}</a>
        ))}
        <a href={otherLanguage()} lang={language.value === "zh" ? "en" : "zh-CN"}>{text("other_language")}</a>
        <Who />
        {isIn && <span class={"line " + line.value} role="status">{text(line.value === "stopped" ? "connecting" : line.value)}</span>}
      </nav>
    </header>
  );
}

function Content({ view, rest }: { view: View; rest: string }) {
  if (who.value === null) {
    return <p class="note" role="status">{text("loading")}</p>;
  }
  return who.value === "nobody" ? <SignIn /> : view.view(rest);
}

function Page() {
  const [, here = "", rest = ""] = path.value.split("/");
  return (
    <>
      <a class="skip" href="#content">{text("skip")}</a>
      <Header here={here} />
      {line.value === "stopped" && who.value !== "nobody" && <div class="banner" role="alert">{text("stopped")}</div>}
      <main id="content" tabIndex={-1}><Content view={VIEWS[here] ?? VIEWS[""]!} rest={decodeURIComponent(rest)} /></main>
    </>
  );
}

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
  document.title = "Clearway " + text(VIEWS[path.value.split("/")[1] ?? ""]?.name ?? "search_head");
});
follow();
render(<Page />, document.body);
void learnWho();
let isListening = false;
effect(() => { // a stream is of who is in when it begins; of somebody else it is another one
  if (who.value !== null && who.value !== "nobody" && !isListening) {
    isListening = true;
    void startListening(WORKER);
  }
});
