// Cards of workbooks, views and projects: one link each, with what is known about it below.
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { ProjectCardFragment, ViewCardFragment, WorkbookCardFragment } from "../../gql/graphql";
import { useFormat, useText } from "../i18n/language";
import { projectPath, viewPath, workbookPath } from "../paths";
import { useHas } from "../role";
import { Icon } from "./icons";
import { Thumbnail } from "./thumbnail";

function Card({ to, name, star, picture, children }: { to: string; name: string; star?: boolean | null | undefined; picture?: ReactNode; children?: ReactNode }) {
  const text = useText();
  return (
    <li className="card">
      {picture}
      <div className="card-text">
        <h3>
          <Link href={to}>{name}</Link>
          {star && (
            <span className="star" title={text.isFavorite}>
              <Icon name="star" filled />
              <span className="visually-hidden">{text.isFavorite}</span>
            </span>
          )}
        </h3>
        <p className="muted small">{children}</p>
      </div>
    </li>
  );
}

/** facts joins what is known with dots. */
export function facts(...known: (string | null | undefined | false)[]): string {
  return known.filter(Boolean).join(" · ");
}

export function WorkbookCard({ site, workbook }: { site: string; workbook: WorkbookCardFragment }) {
  const text = useText();
  const format = useFormat();
  const has = useHas();
  const owner = workbook.owner?.fullName ?? workbook.owner?.name;
  return (
    <Card
      to={workbookPath(site, workbook.contentUrl)}
      name={workbook.name}
      star={workbook.isFavorite}
      picture={has("Workbook", "thumbnail") && <Thumbnail id={workbook.id} src={workbook.thumbnail?.url} />}
    >
      {facts(workbook.project?.name, owner && text.by(owner), workbook.updatedAt && format.ago(workbook.updatedAt))}
    </Card>
  );
}

export function ViewCard({ site, view, inWorkbook = false }: { site: string; view: ViewCardFragment & { viewCount?: number | null }; inWorkbook?: boolean }) {
  const text = useText();
  const format = useFormat();
  const has = useHas();
  const sheet = view.sheetType && view.sheetType !== "OTHER" ? text.types[view.sheetType] : text.types.View;
  const count = view.viewCount ?? undefined;
  return (
    <Card
      to={viewPath(site, view.path)}
      name={view.name}
      star={view.isFavorite}
      picture={has("View", "thumbnail") && <Thumbnail id={view.id} src={view.thumbnail?.url} />}
    >
      {facts(sheet, !inWorkbook && view.workbook && text.in(view.workbook.name), count !== undefined && text.viewed(count, format.number(count)))}
    </Card>
  );
}

export function ProjectCard({ site, project }: { site: string; project: ProjectCardFragment }) {
  return (
    <li className="row-card">
      <Icon name="folder" />
      <div>
        <Link href={projectPath(site, project.luid)}>{project.name}</Link>
        {project.description && <p className="muted small">{project.description}</p>}
      </div>
    </li>
  );
}

/** CardSkeletons hold the place of cards that are on their way. */
export function CardSkeletons({ count }: { count: number }) {
  const text = useText();
  return (
    <>
      <p className="visually-hidden" role="status">
        {text.loading}
      </p>
      <ul className="cards" aria-hidden="true">
        {Array.from({ length: count }, (_, i) => (
          <li className="card" key={i}>
            <span className="thumbnail skeleton" />
            <div className="card-text">
              <span className="skeleton line" />
              <span className="skeleton line short" />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
