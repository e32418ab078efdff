// The addresses of the gallery, relative to /gallery. The default site of Tableau Server has no content URL: "~" stands for it.

export const siteSegment = (contentUrl: string): string => (contentUrl === "" ? "~" : encodeURIComponent(contentUrl));
export const siteOfSegment = (segment: string): string => (segment === "~" ? "" : segment);

export const homePath = (site: string) => `/${siteSegment(site)}`;
export const workbooksPath = (site: string) => `${homePath(site)}/workbooks`;
export const recentsPath = (site: string) => `${homePath(site)}/recents`;
export const favoritesPath = (site: string) => `${homePath(site)}/favorites`;
export const projectPath = (site: string, luid: string) => `${homePath(site)}/project/${encodeURIComponent(luid)}`;
export const workbookPath = (site: string, contentUrl: string) => `${homePath(site)}/workbook/${encodeURIComponent(contentUrl)}`;
/** viewPath takes View.path, such as "Superstore/Overview". */
export const viewPath = (site: string, path: string) => `${homePath(site)}/view/${path.split("/").map(encodeURIComponent).join("/")}`;
export const searchPath = (site: string, terms: string) =>
  `${homePath(site)}/search${terms ? `?${new URLSearchParams({ q: terms }).toString()}` : ""}`;
