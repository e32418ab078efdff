// Permission rules as a table. Who may not read them gets a sentence.
import type { RulesFragment } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { ProblemNotice, type Problem } from "../problems";

interface PermissionsProps {
  rules: RulesFragment | null | undefined;
  problem: Problem | undefined;
  again: () => void;
}

// words writes EXPORT_IMAGE as "Export image".
function words(capability: string): string {
  const lower = capability.replaceAll("_", " ").toLowerCase();
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}

export function Permissions({ rules, problem, again }: PermissionsProps) {
  const text = useText();
  if (problem && !rules) return <ProblemNotice problem={problem} again={again} />;
  if (!rules) return <div className="skeleton table-skeleton" role="status" aria-label={text.loading} />;
  return (
    <>
      {rules.inheritedFrom && <p className="muted">{text.inherited(rules.inheritedFrom.name)}</p>}
      {rules.grantees.length === 0 ? (
        <p className="muted">{text.noRules}</p>
      ) : (
        <div className="wide" tabIndex={0} role="region" aria-label={text.permissions}>
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">{text.grantee}</th>
                <th scope="col">{text.allowed}</th>
                <th scope="col">{text.denied}</th>
              </tr>
            </thead>
            <tbody>
              {rules.grantees.map((g, i) => (
                <Grantee key={g.grantee?.id ?? i} of={g} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Grantee({ of }: { of: RulesFragment["grantees"][number] }) {
  const text = useText();
  const { grantee, capabilities } = of;
  const name = grantee && ("fullName" in grantee ? (grantee.fullName ?? grantee.name) : grantee.name);
  const list = (allowed: boolean) =>
    capabilities
      .filter((c) => c.isAllowed === allowed)
      .map((c) => (c.capability === "OTHER" ? c.capabilityRaw : words(c.capability)))
      .join(", ");
  return (
    <tr>
      <th scope="row">
        {name ?? text.unnamed}
        {grantee && <span className="muted small"> {text.granteeKinds[grantee.__typename]}</span>}
      </th>
      <td>{list(true) || "–"}</td>
      <td>{list(false) || "–"}</td>
    </tr>
  );
}
