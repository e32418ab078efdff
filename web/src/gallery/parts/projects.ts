// A flat list of projects as a tree.
import type { ProjectTreeQuery } from "../../gql/graphql";

type Item = NonNullable<NonNullable<ProjectTreeQuery["site"]>["projects"]>["nodes"][number];

export interface Branch {
  id: string;
  luid: string;
  name: string;
  children: Branch[];
}

/** treeOf puts each project below its parent. One whose parent the person may not see is at the top. */
export function treeOf(items: readonly Item[]): Branch[] {
  const branches = new Map(items.map(({ id, luid, name }) => [id, { id, luid, name, children: [] as Branch[] }]));
  const top: Branch[] = [];
  for (const item of items) {
    const branch = branches.get(item.id)!;
    const parent = item.parent && branches.get(item.parent.id);
    (parent?.children ?? top).push(branch);
  }
  return top;
}
