// A workbook: its views, what is known about it, and who may do what with it.
import * as Tabs from "@radix-ui/react-tabs";
import { useSearchParams } from "wouter";
import { WorkbookFactsDocument, WorkbookPageDocument, WorkbookPermissionsDocument, type WorkbookPageQuery } from "../../gql/graphql";
import { useFormat, useText } from "../i18n/language";
import { Breadcrumbs } from "../parts/breadcrumbs";
import { CardSkeletons, facts, ViewCard } from "../parts/cards";
import { Facts, TagList } from "../parts/facts";
import { Icon } from "../parts/icons";
import { Permissions } from "../parts/permissions";
import { Sources, useHasSources } from "../parts/sources";
import { PageTitle } from "../parts/title";
import { ProblemNotice } from "../problems";
import { useAsk, useHas } from "../role";
import { Downloads } from "../view/downloads";

type Workbook = NonNullable<NonNullable<WorkbookPageQuery["site"]>["workbook"]>;

export function WorkbookPage({ site, contentUrl }: { site: string; contentUrl: string }) {
  const text = useText();
  const has = useHas();
  const hasSources = useHasSources();
  const [search, setSearch] = useSearchParams();
  const { data, problem, again } = useAsk(WorkbookPageDocument, { site, contentUrl });
  const workbook = data?.site?.workbook;
  if (problem && !workbook) {
    return (
      <>
        <PageTitle title={text.workbook} />
        <ProblemNotice problem={problem} again={again} />
      </>
    );
  }
  const { project } = workbook ?? {};
  return (
    <>
      {workbook && <Breadcrumbs site={site} projects={project ? [...(project.ancestors ?? []), project] : []} />}
      <PageTitle title={workbook?.name ?? ""}>{workbook && <Actions workbook={workbook} />}</PageTitle>
      {workbook && <Byline workbook={workbook} />}
      {workbook?.description && <p className="lead">{workbook.description}</p>}
      <Tabs.Root value={search.get("tab") ?? "views"} onValueChange={(tab) => setSearch(tab === "views" ? {} : { tab }, { replace: true })}>
        <Tabs.List className="tabs" aria-label={text.workbook}>
          <Tabs.Trigger value="views">{text.overview}</Tabs.Trigger>
          <Tabs.Trigger value="details">{text.details}</Tabs.Trigger>
          {hasSources && <Tabs.Trigger value="sources">{text.sources}</Tabs.Trigger>}
          {has("Workbook", "permissions") && <Tabs.Trigger value="permissions">{text.permissions}</Tabs.Trigger>}
        </Tabs.List>
        <Tabs.Content value="views">
          {workbook ? (
            <ul className="cards">{workbook.views?.map((view) => <ViewCard key={view.id} site={site} view={view} inWorkbook />)}</ul>
          ) : (
            <CardSkeletons count={6} />
          )}
        </Tabs.Content>
        <Tabs.Content value="details">{workbook && <Details workbook={workbook} />}</Tabs.Content>
        <Tabs.Content value="sources">{workbook && <Sources id={workbook.id} />}</Tabs.Content>
        <Tabs.Content value="permissions">{workbook && <WorkbookPermissions id={workbook.id} />}</Tabs.Content>
      </Tabs.Root>
    </>
  );
}

function Byline({ workbook }: { workbook: Workbook }) {
  const text = useText();
  const format = useFormat();
  const owner = workbook.owner?.fullName ?? workbook.owner?.name;
  return <p className="byline muted">{facts(text.workbook, owner && text.by(owner), workbook.updatedAt && text.updatedAgo(format.ago(workbook.updatedAt)))}</p>;
}

function Actions({ workbook }: { workbook: Workbook }) {
  const text = useText();
  return (
    <div className="actions">
      <Downloads workbook={workbook.id} />
      {workbook.url && (
        <a className="button" href={workbook.url} target="_blank" rel="noreferrer">
          <Icon name="outside" />
          {text.openInTableau}
        </a>
      )}
    </div>
  );
}

function Details({ workbook }: { workbook: Workbook }) {
  const text = useText();
  const format = useFormat();
  const { data } = useAsk(WorkbookFactsDocument, { id: workbook.id });
  const more = data?.node && "hasExtracts" in data.node ? data.node : undefined;
  const { usage, dataFreshness } = more ?? {};
  return (
    <Facts
      facts={[
        [text.owner, workbook.owner?.fullName ?? workbook.owner?.name],
        [text.updated, workbook.updatedAt && format.date(workbook.updatedAt)],
        [text.published, workbook.lastPublishedAt && format.date(workbook.lastPublishedAt)],
        [text.created, workbook.createdAt && format.date(workbook.createdAt)],
        [text.freshness, typeof more?.hasExtracts === "boolean" && (more.hasExtracts ? text.hasExtracts : text.isLive)],
        [text.freshnessPolicy, dataFreshness && text.freshnessOptions[dataFreshness.type]],
        [text.usage, usage?.viewCount != null && `${text.viewed(usage.viewCount, format.number(usage.viewCount))}${usage.lastMonthViewCount != null ? `, ${text.lastMonth(format.number(usage.lastMonthViewCount))}` : ""}`],
        [text.size, workbook.sizeMegabytes != null && text.megabytes(format.number(workbook.sizeMegabytes))],
        [text.tags, workbook.tags.length > 0 && <TagList tags={workbook.tags} />],
      ]}
    />
  );
}

function WorkbookPermissions({ id }: { id: string }) {
  const { data, problem, again } = useAsk(WorkbookPermissionsDocument, { id });
  const rules = data?.node && "permissions" in data.node ? data.node.permissions : undefined;
  return <Permissions rules={rules} problem={problem} again={again} />;
}
