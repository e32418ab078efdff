// The favorites of the person on a site, in the person's order.
import { FavoritesDocument } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { CardSkeletons, ProjectCard, ViewCard, WorkbookCard } from "../parts/cards";
import { Icon } from "../parts/icons";
import { PageTitle } from "../parts/title";
import { ProblemNotice } from "../problems";
import { useAsk } from "../role";

export function FavoritesPage({ site }: { site: string }) {
  const text = useText();
  const { data, problem, again } = useAsk(FavoritesDocument, { site });
  const targets = data?.site?.favorites?.nodes.map((f) => f.target).filter((t) => t !== null && t !== undefined);
  return (
    <>
      <PageTitle title={text.favorites} />
      {problem && !targets && <ProblemNotice problem={problem} again={again} />}
      {!problem && !targets && <CardSkeletons count={6} />}
      {targets?.length === 0 && <p className="muted">{text.noFavorites}</p>}
      <ul className="cards">
        {targets?.map((target) => {
          switch (target.__typename) {
            case "Workbook":
              return <WorkbookCard key={target.id} site={site} workbook={target} />;
            case "View":
              return <ViewCard key={target.id} site={site} view={target} />;
            default:
              return null;
          }
        })}
      </ul>
      <ul className="rows">
        {targets?.map((target) => {
          switch (target.__typename) {
            case "Project":
              return <ProjectCard key={target.id} site={site} project={target} />;
            case "DataSource":
            case "Flow":
              return (
                <li key={target.id} className="row-card">
                  <Icon name="star" />
                  <div>
                    {target.name}
                    <p className="muted small">{text.types[target.__typename]}</p>
                  </div>
                </li>
              );
            default:
              return null;
          }
        })}
      </ul>
    </>
  );
}
