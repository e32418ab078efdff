// Queries to begin with. Each names the area that it needs, and is offered to those who have it.

export interface Example {
  name: string;
  area: string;
  query: string;
}

export const examples: Example[] = [
  {
    name: "Who am I",
    area: "ALWAYS",
    query: `query WhoAmI {\n  viewer { username roles areas groups tokenExpiresAt }\n  sites { contentUrl access }\n}\n`,
  },
  {
    name: "A home page",
    area: "CATALOG",
    query: `query HomePage {\n  site {\n    recents { target { __typename ... on View { name path } ... on Workbook { name } } }\n    favorites(first: 10) { nodes { label target { __typename } } }\n    workbooks(first: 6, orderBy: [{field: UPDATED_AT, direction: DESC}]) {\n      nodes { name updatedAt owner { fullName } }\n    }\n  }\n}\n`,
  },
  {
    name: "Search",
    area: "CATALOG",
    query: `query Search($terms: String = "sales") {\n  site { search(terms: $terms, first: 10) { totalCount nodes { type title containerName ownerName } } }\n}\n`,
  },
  {
    name: "Project tree",
    area: "CATALOG",
    query: `query ProjectTree {\n  site {\n    projects(filter: {isTopLevel: {eq: true}}) {\n      nodes { name children { nodes { name children { nodes { name } } } } }\n    }\n  }\n}\n`,
  },
  {
    name: "Overview of all sites",
    area: "CATALOG",
    query: `query AllSites {\n  sites { name access workbooks(first: 0) { totalCount } views(first: 0) { totalCount } }\n}\n`,
  },
  {
    name: "A picture and the data behind it",
    area: "CONTENT",
    query: `query Picture {\n  site {\n    views(first: 1) {\n      nodes { name image { url expiresAt } pdf { url } data(first: 5) { columns { name } rows } }\n    }\n  }\n}\n`,
  },
  {
    name: "Permission audit",
    area: "GOVERNANCE",
    query: `query PermissionAudit {\n  site {\n    projects(first: 5) {\n      nodes {\n        name\n        permissions { grantees { grantee { __typename ... on User { name } ... on Group { name } } capabilities { capability isAllowed } } }\n      }\n    }\n  }\n}\n`,
  },
  {
    name: "People and groups",
    area: "PEOPLE",
    query: `query People {\n  site { groups(first: 10) { nodes { name users(first: 5) { totalCount nodes { fullName siteRole } } } } }\n}\n`,
  },
  {
    name: "Failed jobs",
    area: "OPERATIONS",
    query: `query Jobs {\n  site { jobs(first: 20) { nodes { status createdAt target { __typename } } } }\n}\n`,
  },
];
