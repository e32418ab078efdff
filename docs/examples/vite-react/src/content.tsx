import { useRef, useState } from "react";
import { graphql } from "./gql";
import { query } from "./query";

const thumbnail = graphql(`
  query Thumbnail($id: ID!) {
    node(id: $id) { ... on View { thumbnail { url } } }
  }
`);

const pdf = graphql(`
  query Pdf($id: ID!) {
    node(id: $id) { ... on View { pdf { url fileName } } }
  }
`);

/** Thumbnail shows a view. A content URL works for some minutes: when it has expired, a new one is requested, once until it loads. */
export function Thumbnail({ id, name, url }: { id: string; name: string; url: string | undefined }) {
  const [src, setSrc] = useState(url);
  const again = useRef(true);
  const refresh = async () => {
    if (!again.current) return;
    again.current = false;
    const { node } = await query(thumbnail, { id });
    if (node && "thumbnail" in node && node.thumbnail) setSrc(fresh(node.thumbnail.url));
  };
  return <img src={src} alt={name} loading="lazy" onLoad={() => (again.current = true)} onError={() => void refresh()} />;
}

// fresh makes React set src although the URL may be the one that it knows.
const fresh = (url: string) => `${url}#${Date.now()}`;

/** savePdf saves a view as a file. A link to another origin would open it, so it is fetched first. */
export async function savePdf(id: string): Promise<void> {
  const { node } = await query(pdf, { id });
  if (!node || !("pdf" in node) || !node.pdf) throw new Error("There is no PDF of this view.");
  const response = await fetch(node.pdf.url);
  if (!response.ok) throw new Error(`The PDF cannot be read at the moment (${response.status}).`);
  const url = URL.createObjectURL(await response.blob());
  Object.assign(document.createElement("a"), { href: url, download: node.pdf.fileName }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
