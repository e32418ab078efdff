import type { ReactNode } from "react";

/** Facts are what is known about something, as a list of terms; what is not known is left out. */
export function Facts({ facts }: { facts: [term: string, value: ReactNode][] }) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
  return (
    <dl className="facts">
      {known.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function TagList({ tags }: { tags: readonly { id: string; label: string }[] | undefined }) {
  if (!tags || tags.length === 0) return null;
  return (
    <ul className="tags">
      {tags.map((tag) => (
        <li key={tag.id}>{tag.label}</li>
      ))}
    </ul>
  );
}
