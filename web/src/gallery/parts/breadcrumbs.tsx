import { Link } from "wouter";
import { useText } from "../i18n/language";
import { projectPath, workbookPath } from "../paths";

interface Step {
  luid: string;
  name: string;
}

/** Breadcrumbs lead to the projects, and the workbook, that something is in. */
export function Breadcrumbs({ site, projects, workbook }: { site: string; projects: readonly Step[]; workbook?: { name: string; contentUrl: string } | null }) {
  const text = useText();
  return (
    <nav className="breadcrumbs" aria-label={text.projects}>
      <ol>
        {projects.map((p) => (
          <li key={p.luid}>
            <Link href={projectPath(site, p.luid)}>{p.name}</Link>
          </li>
        ))}
        {workbook && (
          <li>
            <Link href={workbookPath(site, workbook.contentUrl)}>{workbook.name}</Link>
          </li>
        )}
      </ol>
    </nav>
  );
}
