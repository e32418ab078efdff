// A view: its picture, its data, and what is known about it. The state is in the address: the tab, the filters, the parameters.
import * as Tabs from "@radix-ui/react-tabs";
import { lazy, Suspense, type ReactNode } from "react";
import { Link, useSearchParams } from "wouter";
import { ViewPageDocument, ViewPermissionsDocument, type ViewPageQuery } from "../../gql/graphql";
import { useFormat, useText } from "../i18n/language";
import { Breadcrumbs } from "../parts/breadcrumbs";
import { facts } from "../parts/cards";
import { Facts, TagList } from "../parts/facts";
import { Icon } from "../parts/icons";
import { Permissions } from "../parts/permissions";
import { PageTitle } from "../parts/title";
import { viewPath, workbookPath } from "../paths";
import { ProblemNotice } from "../problems";
import { useAsk, useHas, useRole } from "../role";
import { Data } from "../view/data";
import { Downloads } from "../view/downloads";
import { Filters } from "../view/filters";
import { Picture } from "../view/picture";
import { optionsOf, readState, writeState } from "../view/state";

// Few visits need it, so its code comes with the tab.
const Live = lazy(() => import("../view/live").then((m) => ({ default: m.Live })));

type View = NonNullable<NonNullable<ViewPageQuery["site"]>["view"]>;

export function ViewPage({ site, path }: { site: string; path: string }) {
  const text = useText();
  const { data, problem, again } = useAsk(ViewPageDocument, { site, path });
  const view = data?.site?.view;
  if (problem && !view) {
    return (
      <>
        <PageTitle title={text.types.View} />
        <ProblemNotice problem={problem} again={again} />
      </>
    );
  }
  return view ? <Shown site={site} view={view} /> : <Coming />;
}

function Coming() {
  return (
    <>
      <PageTitle title="" />
      <div className="picture-frame skeleton" />
    </>
  );
}

function Shown({ site, view }: { site: string; view: View }) {
  const text = useText();
  const has = useHas();
  const [search, setSearch] = useSearchParams();
  const state = readState(search);
  const options = optionsOf(state);
  const { embedOrigin } = useRole();
  const tabs = tabsOf(view, options, text, { has, live: embedOrigin !== "" && has("View", "embed") });
  const asked = search.get("tab");
  const tab = tabs.find((t) => t.key === asked) ?? tabs[0]!;
  const choose = (key: string) => {
    setSearch(
      (now) => {
        now.set("tab", key);
        return now;
      },
      { replace: true },
    );
  };
  return (
    <>
      <Breadcrumbs site={site} projects={view.project ? [view.project] : []} workbook={view.workbook ?? null} />
      <PageTitle title={view.name}>
        <Actions view={view} options={options} />
      </PageTitle>
      <Byline view={view} />
      <Tabs.Root value={tab.key} onValueChange={choose}>
        <Tabs.List className="tabs" aria-label={view.name}>
          {tabs.map((t) => (
            <Tabs.Trigger key={t.key} value={t.key}>
              {t.label}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {asked === "live" && tab.key !== "live" && (
          <p className="notice" role="status">
            {text.noLive}
          </p>
        )}
        {tab.filtered && <Filters id={view.id} state={state} onChange={(next) => setSearch((now) => writeState(now, next))} />}
        {tabs.map((t) => (
          <Tabs.Content key={t.key} value={t.key}>
            {t.content()}
          </Tabs.Content>
        ))}
      </Tabs.Root>
      <OtherViews site={site} view={view} />
    </>
  );
}

interface Tab {
  key: string;
  label: string;
  /** True if filters and parameters change what the tab shows. */
  filtered: boolean;
  content: () => ReactNode;
}

interface May {
  has: ReturnType<typeof useHas>;
  /** True if there is a live view for this person. */
  live: boolean;
}

// tabsOf are the tabs that this person has something to see in.
function tabsOf(view: View, options: ReturnType<typeof optionsOf>, text: ReturnType<typeof useText>, { has, live }: May): Tab[] {
  const all: (Tab & { shown: boolean })[] = [
    { key: "picture", label: text.picture, filtered: true, shown: has("View", "image"), content: () => <Picture id={view.id} name={view.name} options={options} /> },
    { key: "data", label: text.data, filtered: true, shown: has("View", "data"), content: () => <Data id={view.id} options={options} /> },
    { key: "live", label: text.live, filtered: false, shown: live, content: () => <LiveTab view={view} /> },
    { key: "details", label: text.details, filtered: false, shown: true, content: () => <Details view={view} /> },
    { key: "permissions", label: text.permissions, filtered: false, shown: has("View", "permissions"), content: () => <ViewPermissions id={view.id} /> },
  ];
  return all.filter((t) => t.shown);
}

function LiveTab({ view }: { view: View }) {
  return (
    <Suspense fallback={<div className="live-place skeleton" />}>
      <Live id={view.id} name={view.name} />
    </Suspense>
  );
}

function Actions({ view, options }: { view: View; options: ReturnType<typeof optionsOf> }) {
  const text = useText();
  return (
    <div className="actions">
      <Downloads view={{ id: view.id, options }} workbook={view.workbook?.id} />
      {view.url && (
        <a className="button" href={view.url} target="_blank" rel="noreferrer">
          <Icon name="outside" />
          {text.openInTableau}
        </a>
      )}
    </div>
  );
}

function Byline({ view }: { view: View }) {
  const text = useText();
  const format = useFormat();
  const sheet = view.sheetType && view.sheetType !== "OTHER" ? text.types[view.sheetType] : text.types.View;
  const owner = view.owner?.fullName ?? view.owner?.name;
  const { viewCount, updatedAt } = view;
  return (
    <p className="byline muted">
      {facts(sheet, owner && text.by(owner), updatedAt && text.updatedAgo(format.ago(updatedAt)), viewCount != null && text.viewed(viewCount, format.number(viewCount)))}
    </p>
  );
}

function Details({ view }: { view: View }) {
  const text = useText();
  const format = useFormat();
  return (
    <Facts
      facts={[
        [text.owner, view.owner?.fullName ?? view.owner?.name],
        [text.project, view.project?.name],
        [text.updated, view.updatedAt && format.date(view.updatedAt)],
        [text.created, view.createdAt && format.date(view.createdAt)],
        [text.usage, view.viewCount != null && text.viewed(view.viewCount, format.number(view.viewCount))],
        [text.tags, view.tags.length > 0 && <TagList tags={view.tags} />],
      ]}
    />
  );
}

function ViewPermissions({ id }: { id: string }) {
  const { data, problem, again } = useAsk(ViewPermissionsDocument, { id });
  const rules = data?.node && "permissions" in data.node ? data.node.permissions : undefined;
  return <Permissions rules={rules} problem={problem} again={again} />;
}

function OtherViews({ site, view }: { site: string; view: View }) {
  const text = useText();
  const { workbook } = view;
  if (!workbook?.views || workbook.views.length < 2) return null;
  return (
    <nav className="section" aria-labelledby="other-views">
      <h2 id="other-views">{text.otherViews}</h2>
      <ul className="tags">
        {workbook.views.map((v) => (
          <li key={v.id}>
            <Link href={viewPath(site, v.path)} aria-current={v.id === view.id ? "page" : undefined}>
              {v.name}
            </Link>
          </li>
        ))}
      </ul>
      <p>
        <Link href={workbookPath(site, workbook.contentUrl)}>{workbook.name}</Link>
      </p>
    </nav>
  );
}
