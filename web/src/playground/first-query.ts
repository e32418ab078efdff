/** The query that waits in the editor of somebody who is here for the first time. */
export const firstQuery = `# You, and the workbooks that changed last.
# Ctrl-Enter runs it, Ctrl-Space completes.
query First {
  viewer {
    username
    roles
  }
  site {
    name
    workbooks(
      first: 10
      orderBy: {field: UPDATED_AT, direction: DESC}
    ) {
      totalCount
      nodes {
        name
        updatedAt
        project {
          name
        }
        owner {
          fullName
        }
        views {
          name
          path
        }
      }
    }
  }
}
`;
