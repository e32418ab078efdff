// A project: where it is, the projects in it, and its workbooks.
import { useState } from "react";
import { ProjectPageDocument } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { Breadcrumbs } from "../parts/breadcrumbs";
import { CardSkeletons, ProjectCard } from "../parts/cards";
import { PageTitle } from "../parts/title";
import { Count, More, WorkbookCards } from "../parts/workbook-grid";
import { ProblemNotice } from "../problems";
import { useAsk } from "../role";

export function ProjectPage({ site, luid }: { site: string; luid: string }) {
  const text = useText();
  const { data, problem, again } = useAsk(ProjectPageDocument, { site, luid, after: null });
  const [cursors, setCursors] = useState<string[]>([]);
  const project = data?.site?.project;
  const page = project?.workbooks ?? undefined;
  const children = project?.children?.nodes ?? [];
  if (problem && !project) {
    return (
      <>
        <PageTitle title={text.project} />
        <ProblemNotice problem={problem} again={again} />
      </>
    );
  }
  return (
    <>
      {project && <Breadcrumbs site={site} projects={project.ancestors ?? []} />}
      <PageTitle title={project?.name ?? ""} />
      {project?.description && <p className="lead">{project.description}</p>}
      {children.length > 0 && (
        <section className="section">
          <h2>{text.subprojects}</h2>
          <ul className="rows">{children.map((child) => child && <ProjectCard key={child.id} site={site} project={child} />)}</ul>
        </section>
      )}
      {page?.totalCount === 0 && <p className="muted">{text.emptyProject}</p>}
      {page && page.totalCount > 0 && <Count total={page.totalCount} />}
      {page ? (
        <ul className="cards">
          <WorkbookCards site={site} nodes={page.nodes} />
        </ul>
      ) : (
        <CardSkeletons count={6} />
      )}
      {cursors.length === 0 && <More page={page} onMore={(c) => setCursors([c])} />}
      {cursors.map((after, i) => (
        <NextPage key={after} site={site} luid={luid} after={after} isLast={i === cursors.length - 1} onMore={(c) => setCursors([...cursors, c])} />
      ))}
    </>
  );
}

function NextPage({ site, luid, after, isLast, onMore }: { site: string; luid: string; after: string; isLast: boolean; onMore: (c: string) => void }) {
  const { data, problem, again } = useAsk(ProjectPageDocument, { site, luid, after });
  const page = data?.site?.project?.workbooks ?? undefined;
  if (problem && !page) return <ProblemNotice problem={problem} again={again} />;
  if (!page) return <CardSkeletons count={6} />;
  return (
    <>
      <ul className="cards">
        <WorkbookCards site={site} nodes={page.nodes} />
      </ul>
      {isLast && <More page={page} onMore={onMore} />}
    </>
  );
}
