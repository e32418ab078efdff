// The projects of a site as a tree, from one flat list.
import { useMemo, useState } from "react";
import { Link, useLocation } from "wouter";
import { ProjectTreeDocument } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { projectPath } from "../paths";
import { ProblemNotice } from "../problems";
import { useAsk } from "../role";
import { Icon } from "./icons";
import { treeOf, type Branch } from "./projects";

export function ProjectTree({ site, onChoose }: { site: string; onChoose?: () => void }) {
  const text = useText();
  const { data, problem, loading, again } = useAsk(ProjectTreeDocument, { site });
  const nodes = data?.site?.projects?.nodes;
  const tree = useMemo(() => treeOf(nodes ?? []), [nodes]);
  return (
    <section aria-labelledby="projects-title">
      <h2 className="side-title" id="projects-title">
        {text.projects}
      </h2>
      {problem && !nodes && <ProblemNotice problem={problem} again={again} />}
      {loading && !nodes && <div className="skeleton tree-skeleton" />}
      <Level branches={tree} site={site} depth={0} {...(onChoose && { onChoose })} />
    </section>
  );
}

function Level({ branches, site, depth, onChoose }: { branches: Branch[]; site: string; depth: number; onChoose?: () => void }) {
  return (
    <ul className={depth === 0 ? "tree" : "tree below"}>
      {branches.map((branch) => (
        <Node key={branch.id} branch={branch} site={site} depth={depth} {...(onChoose && { onChoose })} />
      ))}
    </ul>
  );
}

function Node({ branch, site, depth, onChoose }: { branch: Branch; site: string; depth: number; onChoose?: () => void }) {
  const text = useText();
  const [location] = useLocation();
  const to = projectPath(site, branch.luid);
  const [choice, setOpen] = useState<boolean>();
  const open = choice ?? holds(branch, location, site);
  return (
    <li>
      <div className="tree-row">
        {branch.children.length > 0 ? (
          <button type="button" className="twist" aria-expanded={open} aria-label={text.expand(branch.name)} onClick={() => setOpen(!open)}>
            <Icon name="chevron" />
          </button>
        ) : (
          <span className="twist" />
        )}
        <Link href={to} onClick={onChoose} aria-current={location === to ? "page" : undefined}>
          {branch.name}
        </Link>
      </div>
      {open && branch.children.length > 0 && <Level branches={branch.children} site={site} depth={depth + 1} {...(onChoose && { onChoose })} />}
    </li>
  );
}

// holds reports whether the page at location is a project below branch.
function holds(branch: Branch, location: string, site: string): boolean {
  return branch.children.some((c) => projectPath(site, c.luid) === location || holds(c, location, site));
}
