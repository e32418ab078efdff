// Chooses the site that a query is about.
import * as Menu from "@radix-ui/react-dropdown-menu";
import { useEditorContext } from "@graphiql/react";
import { siteOf, withSite } from "./sites";

/** A site that the operator offers. */
export interface OfferedSite {
  name: string | null;
  contentUrl: string;
  access: string;
}

const labelOf = (site: OfferedSite) => site.name || site.contentUrl || "Default";
const closed: Record<string, string> = { USER_UNKNOWN: "no user for you", UNAVAILABLE: "cannot be reached" };

/** SitePicker puts the chosen site into the query, or into the variable that the query takes it from. */
export function SitePicker({ sites, said }: { sites: OfferedSite[]; said: (text: string) => void }) {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const now = () => ({ query: queryEditor?.getValue() ?? "", variables: variableEditor?.getValue() ?? "" });
  const choose = (contentUrl: string) => {
    const next = withSite(now(), contentUrl);
    if (!next) {
      said("This query has no field “site”");
      return;
    }
    queryEditor?.setValue(next.query);
    if (next.variables !== now().variables) variableEditor?.setValue(next.variables);
    said(`Site: ${labelOf(sites.find((s) => s.contentUrl === contentUrl) ?? { name: null, contentUrl, access: "" })}`);
  };
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="button">Site ▾</Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu v-layer" align="start" sideOffset={6}>
          <Menu.Label className="menu-label">Put a site into the query</Menu.Label>
          <Menu.RadioGroup value={siteOf(now()) ?? "none"} onValueChange={choose}>
            {sites.map((site) => (
              <Menu.RadioItem key={site.contentUrl} value={site.contentUrl} disabled={site.access !== "OPEN"}>
                <span className="check">
                  <Menu.ItemIndicator>✓</Menu.ItemIndicator>
                </span>
                <span>
                  {labelOf(site)}
                  {site.access !== "OPEN" && <span className="small"> ({closed[site.access] ?? "not open"})</span>}
                </span>
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
