import * as Menu from "@radix-ui/react-dropdown-menu";
import type { Settings } from "../../settings";
import { languageNames, useLanguage, type LanguageCode, type Theme } from "../i18n/language";
import { useRole } from "../role";
import { Icon } from "./icons";

/** AccountMenu says who is signed in, with which roles, and holds appearance, language and the way out. */
export function AccountMenu({ settings, name, signOut }: { settings: Settings; name: string; signOut: () => void }) {
  const { text, theme, language, choose } = useLanguage();
  const { viewer } = useRole();
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="button plain account-button" aria-label={`${text.account}: ${name}`}>
        <Icon name="person" />
        <span className="cut">{name}</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu v-layer" align="end" sideOffset={6}>
          <Menu.Label className="menu-label">
            {viewer.username}
            {viewer.roles.length > 0 && ` · ${text.roles}: ${viewer.roles.join(", ")}`}
          </Menu.Label>
          <hr />
          <Choice label={text.theme} value={theme} options={text.themes} onChoose={(to) => choose({ theme: to as Theme })} />
          <hr />
          <Choice label={text.languageLabel} value={language} options={languageNames} onChoose={(to) => choose({ language: to as LanguageCode })} />
          <hr />
          {settings.pages.playground && (
            <Menu.Item asChild>
              <a href={settings.pages.playground}>
                <span className="check" />
                {text.playground}
              </a>
            </Menu.Item>
          )}
          <Menu.Item asChild>
            <a href={settings.licenses}>
              <span className="check" />
              {text.licenses}
            </a>
          </Menu.Item>
          <Menu.Item onSelect={signOut}>
            <span className="check" />
            {text.signOut}
          </Menu.Item>
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Choice({ label, value, options, onChoose }: { label: string; value: string; options: Record<string, string>; onChoose: (to: string) => void }) {
  return (
    <>
      <Menu.Label className="menu-label">{label}</Menu.Label>
      <Menu.RadioGroup value={value} onValueChange={onChoose} aria-label={label}>
        {Object.entries(options).map(([key, name]) => (
          <Menu.RadioItem key={key} value={key}>
            <span className="check">
              <Menu.ItemIndicator>
                <Icon name="check" />
              </Menu.ItemIndicator>
            </span>
            {name}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </>
  );
}
