// Asks who the server takes the person for, and which sites there are.
import { useEffect, useState } from "react";
import { ask } from "../api/graphql";
import type { Settings } from "../settings";
import type { Session } from "../signin/session";
import type { Viewer } from "./frame";
import type { OfferedSite } from "./site-picker";

interface Begin {
  viewer: Viewer;
  sites: { contentUrl: string; access: string }[];
}

export interface Known {
  viewer?: Viewer;
  sites: OfferedSite[];
  /** Why there is nothing to see. */
  notice?: string;
}

/** useViewer asks once for each session. */
export function useViewer(settings: Settings, session: Session): Known {
  const [known, setKnown] = useState<Known>({ sites: [] });
  useEffect(() => {
    let wanted = true;
    void begin(settings, session, (next) => {
      if (wanted) setKnown(next);
    });
    return () => {
      wanted = false;
    };
  }, [settings, session]);
  return known;
}

async function begin(settings: Settings, session: Session, report: (known: Known) => void): Promise<void> {
  const { data, errors } = await ask<Begin>(settings.endpoint, session, { query: "query Viewer { viewer { username roles areas } sites { contentUrl access } }" });
  if (!data?.viewer) {
    report({ sites: [], notice: `Vitrine does not accept this sign-in: ${errors?.[0]?.message ?? "it gave no reason"}` });
    return;
  }
  const sites: OfferedSite[] = data.sites.map((site) => ({ ...site, name: null }));
  const known: Known = { viewer: data.viewer, sites, ...noticeOf(data) };
  report(known);
  if (!data.viewer.areas.includes("CATALOG") || sites.filter((s) => s.access === "OPEN").length < 2) return;
  const names = await ask<{ sites: { contentUrl: string; name: string | null }[] }>(settings.endpoint, session, { query: "query SiteNames { sites { contentUrl name } }" });
  const nameOf = (contentUrl: string) => names.data?.sites.find((s) => s.contentUrl === contentUrl)?.name ?? null;
  report({ ...known, sites: sites.map((site) => ({ ...site, name: nameOf(site.contentUrl) })) });
}

function noticeOf({ viewer, sites }: Begin): { notice?: string } {
  if (sites.some((s) => s.access === "OPEN")) return {};
  if (sites.length > 0 && sites.every((s) => s.access === "UNAVAILABLE")) return { notice: "Tableau cannot be reached at the moment." };
  return {
    notice: `Tableau has no user “${viewer.username}” on the sites that are offered here, so queries for content fail. Ask your Tableau administrator for a user of this name.`,
  };
}
