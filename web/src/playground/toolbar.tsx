// The tools above the editor: examples, the site, the price, a link, code.
import * as Menu from "@radix-ui/react-dropdown-menu";
import { useEditorContext } from "@graphiql/react";
import { useContext } from "react";
import { ask } from "../api/graphql";
import type { Settings } from "../settings";
import type { Session } from "../signin/session";
import { asCurl, asFetch, asTypedDocument, shareLink, type Shared } from "./share";
import { SitePicker, type OfferedSite } from "./site-picker";
import { offered, PageContext } from "./start";

interface ToolbarProps {
  settings: Settings;
  session: Session;
  sites: OfferedSite[];
  said: string;
  say: (text: string) => void;
}

export function Toolbar({ settings, session, sites, said, say }: ToolbarProps) {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const { areas, load } = useContext(PageContext);
  const now = (): Shared => ({ query: queryEditor?.getValue() ?? "", variables: variableEditor?.getValue() ?? "" });
  const endpoint = settings.publicURL + settings.endpoint;
  const copy = (what: string, text: string) => {
    navigator.clipboard.writeText(text).then(
      () => say(`${what} copied`),
      () => say("The browser does not allow copying here"),
    );
  };
  const codes = { curl: () => asCurl(endpoint, now()), fetch: () => asFetch(endpoint, now()), "typed document": () => asTypedDocument(now()) };
  return (
    <div className="v-page tools" role="toolbar" aria-label="Query tools">
      <span className="muted small said" role="status">
        {said}
      </span>
      <Choices label="Examples">
        {offered(areas).map(([group, examples]) => (
          <Menu.Group key={group}>
            <Menu.Label className="menu-label">{group}</Menu.Label>
            {examples.map((example) => (
              <Menu.Item key={example.name} onSelect={() => load(example)}>
                {example.name}
              </Menu.Item>
            ))}
          </Menu.Group>
        ))}
      </Choices>
      {sites.length > 1 && <SitePicker sites={sites} said={say} />}
      <button type="button" className="button" onClick={() => void priceOf(settings, session, now()).then(say)}>
        Price
      </button>
      <button type="button" className="button" onClick={() => copy("Link", shareLink(settings.publicURL + settings.path, now()))}>
        Share
      </button>
      <Choices label="Copy as">
        {Object.entries(codes).map(([name, code]) => (
          <Menu.Item key={name} onSelect={() => copy(name, code())}>
            {name}
          </Menu.Item>
        ))}
      </Choices>
    </div>
  );
}

interface Plan {
  cost?: number;
  limits?: { cost?: number };
}

// priceOf asks what a query costs, without running it.
async function priceOf(settings: Settings, session: Session, { query, variables }: Shared): Promise<string> {
  const answer = await ask(settings.endpoint, session, { query, ...variablesOf(variables), extensions: { vitrine: { dryRun: true } } });
  const { cost, limits } = (answer.extensions as { vitrine?: Plan } | undefined)?.vitrine ?? {};
  if (cost === undefined) return answer.errors?.[0]?.message ?? "This query has no price";
  return limits?.cost ? `Price: ${cost} of at most ${limits.cost.toLocaleString("en")} points` : `Price: ${cost} points`;
}

function variablesOf(text: string): { variables?: unknown } {
  try {
    return text.trim() ? { variables: JSON.parse(text) as unknown } : {};
  } catch {
    return {};
  }
}

function Choices({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="button">{label} ▾</Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu v-layer" align="start" sideOffset={6}>
          {children}
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
