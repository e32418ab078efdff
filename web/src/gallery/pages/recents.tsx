// What the person viewed recently on a site, the last one first.
import { RecentsDocument } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { CardSkeletons } from "../parts/cards";
import { PageTitle } from "../parts/title";
import { ProblemNotice } from "../problems";
import { useAsk } from "../role";
import { Target } from "./home";

export function RecentsPage({ site }: { site: string }) {
  const text = useText();
  const { data, problem, again } = useAsk(RecentsDocument, { site });
  const targets = data?.site?.recents?.map((r) => r.target).filter((t) => t !== null && t !== undefined);
  return (
    <>
      <PageTitle title={text.recents} />
      {problem && !targets && <ProblemNotice problem={problem} again={again} />}
      {!problem && !targets && <CardSkeletons count={6} />}
      {targets?.length === 0 && <p className="muted">{text.noRecents}</p>}
      <ul className="cards">{targets?.map((target) => <Target key={target.id} site={site} target={target} />)}</ul>
    </>
  );
}
