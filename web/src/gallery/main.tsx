import { createRoot } from "react-dom/client";
import { readSettings } from "../settings";
import { Session } from "../signin/session";
import { App } from "./app";
import { LanguageProvider } from "./i18n/language";
import "../design/base.css";
import "./gallery.css";

// Back from the provider's page by the browser's own button, an old page may come back to life half signed in.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

const settings = readSettings(document);
const session = new Session(settings);
createRoot(document.getElementById("root")!).render(
  <LanguageProvider>
    <App settings={settings} session={session} />
  </LanguageProvider>,
);
void session.start(new URL(window.location.href));
