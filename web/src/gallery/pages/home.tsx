// The start page of a site: what the person viewed recently, favorites, and what changed last.
import type { ReactNode } from "react";
import { Link } from "wouter";
import { HomeDocument, WorkbooksDocument, type HomeQuery } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { CardSkeletons, ProjectCard, ViewCard, WorkbookCard } from "../parts/cards";
import { PageTitle } from "../parts/title";
import { favoritesPath, recentsPath, workbooksPath } from "../paths";
import { ProblemNotice, problemAt } from "../problems";
import { useAsk, useHas, useRole } from "../role";

export function HomePage({ site }: { site: string }) {
  const text = useText();
  const { sites } = useRole();
  const has = useHas();
  const name = sites.find((s) => s.contentUrl === site)?.name;
  const { data, error, problem, again } = useAsk(HomeDocument, { site });
  const recents = data?.site?.recents?.map((r) => r.target).filter((t) => t !== null && t !== undefined);
  const favorites = data?.site?.favorites?.nodes.map((f) => f.target).filter((t) => t !== null && t !== undefined);
  const whole = problem && !data?.site ? problem : undefined;
  return (
    <>
      <PageTitle title={name || text.defaultSite} />
      {whole && <ProblemNotice problem={whole} again={again} />}
      {!whole && has("Site", "recents") && (
        <Section
          title={text.recents}
          problem={problemAt(error, "recents")}
          again={again}
          empty={text.noRecents}
          more={<Link href={recentsPath(site)}>{text.allRecents}</Link>}
          strip
        >
          {recents?.slice(0, 8).map((target) => <Target key={target.id} site={site} target={target} />)}
        </Section>
      )}
      {!whole && has("Site", "favorites") && (
        <Section
          title={text.favorites}
          problem={problemAt(error, "favorites")}
          again={again}
          empty={text.noFavorites}
          more={<Link href={favoritesPath(site)}>{text.allFavorites}</Link>}
          strip
        >
          {favorites?.map((target) => <Target key={target.id} site={site} target={target} />)}
        </Section>
      )}
      {!whole && has("Site", "workbooks") && <UpdatedLast site={site} />}
    </>
  );
}

function UpdatedLast({ site }: { site: string }) {
  const text = useText();
  const { data, problem, again } = useAsk(WorkbooksDocument, { site, after: null, orderBy: [{ field: "UPDATED_AT", direction: "DESC" }] });
  const nodes = data?.site?.workbooks?.nodes;
  return (
    <Section
      title={text.updatedLast}
      problem={nodes ? undefined : problem}
      again={again}
      empty={text.emptyProject}
      more={<Link href={workbooksPath(site)}>{text.allWorkbooks}</Link>}
    >
      {nodes?.slice(0, 12).map((w) => w && <WorkbookCard key={w.id} site={site} workbook={w} />)}
    </Section>
  );
}

interface SectionProps {
  title: string;
  problem: ReturnType<typeof problemAt>;
  again: () => void;
  empty: string;
  more?: ReactNode;
  /** True for one row that scrolls sideways, where there is more than fits. */
  strip?: boolean;
  /** undefined while they are on their way. */
  children: ReactNode[] | undefined;
}

function Section({ title, problem, again, empty, more, strip = false, children }: SectionProps) {
  return (
    <section className="section">
      <div className="section-head">
        <h2>{title}</h2>
        {more}
      </div>
      {problem ? (
        <ProblemNotice problem={problem} again={again} />
      ) : children === undefined ? (
        <CardSkeletons count={6} />
      ) : children.length === 0 ? (
        <p className="muted">{empty}</p>
      ) : (
        <ul className={strip ? "cards strip" : "cards"}>{children}</ul>
      )}
    </section>
  );
}

type AnyTarget = NonNullable<NonNullable<NonNullable<HomeQuery["site"]>["favorites"]>["nodes"][number]["target"]>;

/** Target is the card of a workbook, view or project; of other kinds there is no page here. */
export function Target({ site, target }: { site: string; target: AnyTarget }) {
  switch (target.__typename) {
    case "Workbook":
      return <WorkbookCard site={site} workbook={target} />;
    case "View":
      return <ViewCard site={site} view={target} />;
    case "Project":
      return <ProjectCard site={site} project={target} />;
    default:
      return null;
  }
}
