// The areas of the schema, as the start page shows them: what each holds, and where to begin in the documentation.

export interface AreaGuide {
  name: string;
  holds: string;
  /** Types, or fields as Type.field. */
  members: string[];
}

export const areas: AreaGuide[] = [
  { name: "CATALOG", holds: "Sites, projects, workbooks, views, data sources, flows, search, favorites, lineage", members: ["Site", "Project", "Workbook", "View", "DataSource", "Site.search"] },
  { name: "CONTENT", holds: "What views show: images, PDF files, data", members: ["View.image", "View.data", "ContentLink", "DataSource.rows"] },
  { name: "PEOPLE", holds: "Users and groups, and who is in which", members: ["User", "Group", "Site.users"] },
  { name: "OPERATIONS", holds: "Jobs, schedules, tasks, subscriptions, alerts", members: ["Job", "Schedule", "DataAlert", "Site.subscriptions"] },
  { name: "GOVERNANCE", holds: "Permissions, connections, revisions, labels, databases", members: ["Permissions", "ConnectionInfo", "Revision", "Database"] },
  { name: "DOWNLOAD", holds: "Complete files of workbooks, data sources and flows", members: ["Workbook.download", "DataSource.download"] },
  { name: "EMBED", holds: "Tokens that let a browser show views", members: ["Embed", "View.embed"] },
  { name: "PULSE", holds: "Metrics of Tableau Pulse, with their insights", members: ["PulseDefinition", "PulseMetric"] },
];
