// Content links: fetching a file with its progress, and saving it.

/** A file that the server refused, by the code of the error. */
export class FileProblem extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** refusal reads the code of an answer that is no file. */
export async function refusal(response: Response): Promise<FileProblem> {
  const body = (await response.json().catch(() => ({}))) as { errors?: { extensions?: { code?: string } }[] };
  return new FileProblem(body.errors?.[0]?.extensions?.code ?? (response.status === 404 ? "NOT_FOUND" : "TABLEAU_UNAVAILABLE"));
}

/** saveFile fetches a content link and saves it under its name. A plain link could not report why there is no file. */
export async function saveFile(link: { url: string; fileName: string }, onBytes: (received: number) => void): Promise<void> {
  const response = await fetch(link.url, { credentials: "omit", headers: { Accept: "application/json, */*;q=0.5" } });
  if (!response.ok || !response.body) throw await refusal(response);
  const parts: BlobPart[] = [];
  let received = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    received += value.length;
    onBytes(received);
  }
  const type = response.headers.get("Content-Type") ?? "application/octet-stream";
  const url = URL.createObjectURL(new Blob(parts, { type }));
  Object.assign(document.createElement("a"), { href: url, download: link.fileName }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
