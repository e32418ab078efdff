// The language and the appearance that a person chose, and texts, numbers and times in that language.
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { en, type Text } from "./en";

export type Theme = "system" | "light" | "dark";
export type LanguageCode = "en" | "de";

/** languages load when they are needed; English is in the page. */
const languages: Record<LanguageCode, () => Promise<Text>> = {
  en: () => Promise.resolve(en),
  de: () => import("./de").then((m) => m.de),
};

export const languageNames: Record<LanguageCode, string> = { en: "English", de: "Deutsch" };

// The only thing that the gallery keeps in the browser after signing out. It says nothing about a person.
const key = "vitrine-preferences";

interface Preferences {
  theme: Theme;
  language: LanguageCode;
}

function stored(): Preferences {
  const system: LanguageCode = navigator.language.startsWith("de") ? "de" : "en";
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Preferences>;
    return {
      theme: kept.theme === "light" || kept.theme === "dark" ? kept.theme : "system",
      language: kept.language === "en" || kept.language === "de" ? kept.language : system,
    };
  } catch {
    return { theme: "system", language: system };
  }
}

/** Formats writes numbers and times as the language has them. */
export interface Formats {
  number: (n: number) => string;
  date: (time: string) => string;
  /** ago is a time relative to now, such as "3 days ago". */
  ago: (time: string) => string;
  bytes: (n: number) => string;
}

function formatsOf(language: LanguageCode): Formats {
  const number = new Intl.NumberFormat(language);
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];
  return {
    number: (n) => number.format(n),
    date: (time) => date.format(new Date(time)),
    ago(time) {
      const seconds = (new Date(time).getTime() - Date.now()) / 1000;
      const [unit, size] = units.find(([, s]) => Math.abs(seconds) >= s) ?? ["minute", 60];
      return relative.format(Math.round(seconds / size), unit);
    },
    bytes: (n) => (n < 1_000_000 ? `${number.format(Math.ceil(n / 1000))} kB` : `${number.format(Math.round(n / 100_000) / 10)} MB`),
  };
}

interface Language extends Preferences {
  text: Text;
  format: Formats;
  choose: (change: Partial<Preferences>) => void;
}

const Context = createContext<Language | undefined>(undefined);

/** LanguageProvider gives what is below it the language and appearance of this browser. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [preferences, setPreferences] = useState(stored);
  const [text, setText] = useState<Text>(() => en);
  const { theme, language } = preferences;
  useEffect(() => {
    let wanted = true;
    void languages[language]().then((loaded) => {
      if (!wanted) return;
      setText(loaded);
      document.documentElement.lang = language;
    });
    return () => {
      wanted = false;
    };
  }, [language]);
  useEffect(() => {
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const value = useMemo(
    () => ({
      theme,
      language,
      text,
      format: formatsOf(language),
      choose(change: Partial<Preferences>) {
        const next = { theme, language, ...change };
        localStorage.setItem(key, JSON.stringify(next));
        setPreferences(next);
      },
    }),
    [theme, language, text],
  );
  return <Context value={value}>{children}</Context>;
}

export function useLanguage(): Language {
  const language = useContext(Context);
  if (!language) throw new Error("outside of LanguageProvider");
  return language;
}

export const useText = (): Text => useLanguage().text;
export const useFormat = (): Formats => useLanguage().format;
