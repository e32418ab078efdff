// The frame around every page: the bar on top, the projects at the side, and which page an address means.
import * as Dialog from "@radix-ui/react-dialog";
import { useState } from "react";
import { Link, Redirect, Route, Switch, useLocation, useParams } from "wouter";
import { Mark } from "../design/mark";
import type { Settings } from "../settings";
import type { Session } from "../signin/session";
import { useText } from "./i18n/language";
import { FavoritesPage } from "./pages/favorites";
import { HomePage } from "./pages/home";
import { ProjectPage } from "./pages/project";
import { RecentsPage } from "./pages/recents";
import { SearchPage } from "./pages/search";
import { ViewPage } from "./pages/view";
import { WorkbookPage } from "./pages/workbook";
import { WorkbooksPage } from "./pages/workbooks";
import { AccountMenu } from "./parts/account-menu";
import { Icon } from "./parts/icons";
import { SearchBox } from "./parts/search-box";
import { SiteSwitcher } from "./parts/site-switcher";
import { PageTitle } from "./parts/title";
import { ProjectTree } from "./parts/tree";
import { favoritesPath, homePath, recentsPath, siteOfSegment, workbooksPath } from "./paths";
import { ProblemNotice } from "./problems";
import { useHas, useRole } from "./role";

interface LayoutProps {
  settings: Settings;
  session: Session;
  name: string;
  ended: boolean;
}

export function Layout(props: LayoutProps) {
  const { sites } = useRole();
  const open = sites.filter((s) => s.access === "OPEN");
  const first = open[0];
  return (
    <Switch>
      <Route path="/">{first ? <Redirect to={homePath(first.contentUrl)} replace /> : <Frame {...props} site={undefined} />}</Route>
      <Route path="/:site/*?">
        <SiteFrame {...props} />
      </Route>
    </Switch>
  );
}

function SiteFrame(props: LayoutProps) {
  const segment = useParams<{ site: string }>().site;
  return <Frame {...props} site={siteOfSegment(segment)} />;
}

function Frame({ settings, session, name, ended, site }: LayoutProps & { site: string | undefined }) {
  const text = useText();
  const { sites } = useRole();
  const chosen = sites.find((s) => s.contentUrl === site);
  const usable = chosen?.access === "OPEN";
  return (
    <div className="v-page frame">
      <a className="skip" href="#content">
        {text.skip}
      </a>
      <header className="bar">
        {usable && <Drawer site={chosen.contentUrl} />}
        <Link href={usable ? homePath(chosen.contentUrl) : "/"} className="brand" aria-label={`${text.brand}: ${text.home}`}>
          <Mark />
          <span>{text.brand}</span>
        </Link>
        {sites.length > 0 && <SiteSwitcher site={site} />}
        {usable && <SearchBox site={chosen.contentUrl} />}
        <AccountMenu settings={settings} name={name} signOut={() => void session.signOut()} />
      </header>
      {ended && (
        <div className="notice across" role="alert">
          <p>{text.ended}</p>
          <button type="button" className="button primary" onClick={() => void session.signIn()}>
            {text.signInAgain}
          </button>
        </div>
      )}
      <div className="columns">
        {usable && (
          <nav className="side" aria-label={text.menu}>
            <Navigation site={chosen.contentUrl} />
          </nav>
        )}
        <main id="content" tabIndex={-1}>
          {usable ? <Pages site={chosen.contentUrl} key={chosen.contentUrl} /> : <ClosedSite site={site} />}
        </main>
      </div>
    </div>
  );
}

function Pages({ site }: { site: string }) {
  return (
    <Switch>
      <Route path="/:site">{() => <HomePage site={site} />}</Route>
      <Route path="/:site/workbooks">{() => <WorkbooksPage site={site} />}</Route>
      <Route path="/:site/recents">{() => <RecentsPage site={site} />}</Route>
      <Route path="/:site/favorites">{() => <FavoritesPage site={site} />}</Route>
      <Route path="/:site/search">{() => <SearchPage site={site} />}</Route>
      <Route path="/:site/project/:luid">{({ luid }) => <ProjectPage site={site} luid={luid} key={luid} />}</Route>
      <Route path="/:site/workbook/:contentUrl">{({ contentUrl }) => <WorkbookPage site={site} contentUrl={contentUrl} key={contentUrl} />}</Route>
      <Route path="/:site/view/:workbook/:view">
        {({ workbook, view }) => <ViewPage site={site} path={`${workbook}/${view}`} key={`${workbook}/${view}`} />}
      </Route>
      <Route>
        <NothingHere site={site} />
      </Route>
    </Switch>
  );
}

function NothingHere({ site }: { site: string }) {
  const text = useText();
  return (
    <>
      <PageTitle title={text.nothingHere} />
      <p>
        <Link href={homePath(site)}>{text.backHome}</Link>
      </p>
    </>
  );
}

// ClosedSite says why there is nothing to see: no user in Tableau, Tableau is down, or a site that is not offered.
function ClosedSite({ site }: { site: string | undefined }) {
  const text = useText();
  const { viewer, sites } = useRole();
  const chosen = sites.find((s) => s.contentUrl === site);
  const closed = chosen ? [chosen] : sites;
  if (site !== undefined && !chosen) {
    return (
      <>
        <PageTitle title={text.noSites} />
        <ProblemNotice problem={{ code: "SITE_UNKNOWN", path: [] }} />
      </>
    );
  }
  const down = closed.length > 0 && closed.every((s) => s.access === "UNAVAILABLE");
  return (
    <>
      <PageTitle title={text.noSites} />
      <p className="notice" role="status">
        {down ? text.noSiteNow : text.noUser(viewer.username)}
      </p>
    </>
  );
}

function Navigation({ site, onChoose }: { site: string; onChoose?: () => void }) {
  const text = useText();
  const has = useHas();
  const [location] = useLocation();
  const entries = [
    { to: homePath(site), label: text.home, icon: "home" as const, shown: true },
    { to: workbooksPath(site), label: text.allWorkbooks, icon: "grid" as const, shown: has("Site", "workbooks") },
    { to: recentsPath(site), label: text.recents, icon: "clock" as const, shown: has("Site", "recents") },
    { to: favoritesPath(site), label: text.favorites, icon: "star" as const, shown: has("Site", "favorites") },
  ];
  return (
    <>
      <ul className="nav-list">
        {entries
          .filter((e) => e.shown)
          .map(({ to, label, icon }) => (
            <li key={to}>
              <Link href={to} onClick={onChoose} aria-current={location === to ? "page" : undefined}>
                <Icon name={icon} />
                {label}
              </Link>
            </li>
          ))}
      </ul>
      {has("Site", "projects") && <ProjectTree site={site} {...(onChoose && { onChoose })} />}
    </>
  );
}

// Drawer is the navigation where the window is too narrow for a side.
function Drawer({ site }: { site: string }) {
  const text = useText();
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className="button plain icon only-narrow" aria-label={text.menu}>
        <Icon name="menu" />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="drawer v-layer" aria-describedby={undefined}>
          <div className="drawer-head">
            <Dialog.Title className="drawer-title">{text.menu}</Dialog.Title>
            <Dialog.Close className="button plain icon" aria-label={text.close}>
              <Icon name="close" />
            </Dialog.Close>
          </div>
          <Navigation site={site} onChoose={() => setOpen(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
