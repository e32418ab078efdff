import { useEffect, useRef, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { useText } from "../i18n/language";
import { searchPath } from "../paths";
import { useHas } from "../role";
import { Icon } from "./icons";

/** SearchBox searches as one types: it leads to the page of hits, and keeps the terms in the address. */
export function SearchBox({ site }: { site: string }) {
  const text = useText();
  const has = useHas();
  const input = useRef<HTMLInputElement>(null);
  const [location, go] = useLocation();
  const inSearch = location === searchPath(site, "");
  const search = useSearch();
  const inAddress = inSearch ? (new URLSearchParams(search).get("q") ?? "") : "";
  const [typing, setTyping] = useState<{ terms: string; at: string }>();
  const setTyped = (terms: string | undefined) => setTyping(terms === undefined ? undefined : { terms, at: location });
  // Who has gone elsewhere in the meantime does not want the hits any more.
  const typed = typing?.at === location ? typing.terms : undefined;
  const terms = typed ?? inAddress;

  // The page follows a moment after the last key; the first key makes an entry in the history, the others replace it.
  useEffect(() => {
    if (typed === undefined) return;
    const timer = setTimeout(() => {
      if (typed !== inAddress) go(searchPath(site, typed.trim()), { replace: inSearch });
      setTyping(undefined);
    }, 250);
    return () => clearTimeout(timer);
  }, [typed, inAddress, inSearch, go, site]);

  if (!has("Site", "search")) return <span className="search-box" />;
  return (
    <search className="search-box">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!inSearch || terms !== inAddress) go(searchPath(site, terms.trim()), { replace: inSearch });
        }}
      >
        <Icon name="search" />
        <input
          ref={input}
          type="search"
          enterKeyHint="search"
          autoComplete="off"
          spellCheck={false}
          aria-label={text.search}
          placeholder={text.searchHint}
          value={terms}
          onChange={(event) => setTyped(event.target.value)}
        />
        {terms && (
          <button
            type="button"
            className="button plain icon"
            aria-label={text.clearSearch}
            onClick={() => {
              setTyped("");
              input.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </form>
    </search>
  );
}
