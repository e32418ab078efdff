import * as Menu from "@radix-ui/react-dropdown-menu";
import { useLocation } from "wouter";
import { useText } from "../i18n/language";
import { homePath } from "../paths";
import { useRole } from "../role";
import { Icon } from "./icons";

/** SiteSwitcher chooses one of the sites that the operator offers. */
export function SiteSwitcher({ site }: { site: string | undefined }) {
  const text = useText();
  const { sites } = useRole();
  const [, go] = useLocation();
  const label = (s: { name: string; contentUrl: string }) => s.name || s.contentUrl || text.defaultSite;
  const chosen = sites.find((s) => s.contentUrl === site);
  const name = chosen ? label(chosen) : text.site;
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="button site-button" aria-label={text.chooseSite(name)}>
        <span className="cut">{name}</span>
        <Icon name="down" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu v-layer" align="start" sideOffset={6}>
          <Menu.Label className="menu-label">{text.site}</Menu.Label>
          <Menu.RadioGroup value={site ?? ""} onValueChange={(to) => go(homePath(to))}>
            {sites.map((s) => (
              <Menu.RadioItem key={s.id} value={s.contentUrl} disabled={s.access !== "OPEN"}>
                <span className="check">
                  <Menu.ItemIndicator>
                    <Icon name="check" />
                  </Menu.ItemIndicator>
                </span>
                <span>
                  {label(s)}
                  {s.access !== "OPEN" && <span className="small"> ({text.siteClosed[s.access]})</span>}
                </span>
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}
