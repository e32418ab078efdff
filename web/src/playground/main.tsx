import { createRoot } from "react-dom/client";
import { readSettings } from "../settings";
import { Session } from "../signin/session";
import { Playground } from "./playground";
import "graphiql/style.css";
import "../design/base.css";
import "./style.css";

// Back from the provider's page by the browser's own button, an old page may come back to life half signed in.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

const settings = readSettings(document);
const session = new Session(settings);
createRoot(document.getElementById("root")!).render(<Playground settings={settings} session={session} />);
void session.start(new URL(window.location.href));
