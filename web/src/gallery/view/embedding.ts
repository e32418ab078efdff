// Shows a view by Tableau's Embedding API v3. A token is in memory only, works once, and is replaced before it ends.

/** What the server gives for one live view. */
export interface Embed {
  token: string;
  expiresAt: string;
  src: string;
  libraryUrl: string;
}

/** LiveProblem is why a live view is not shown, as a code. */
export class LiveProblem extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

interface LiveOptions {
  place: HTMLElement;
  /** Asks for a new token. */
  issue: () => Promise<Embed>;
  /** The only origin that scripts and frames may come from. */
  origin: string;
  /** Which attempt this is: a browser keeps a script that it could not load under its address. */
  attempt: number;
  signal: AbortSignal;
  onShown: () => void;
  onFailed: (reason: LiveProblem) => void;
}

/** The component of the Embedding API. */
type Viz = HTMLElement & { token: string };

/** showLive puts the component into its place, and takes it away when the signal says so. */
export async function showLive({ place, issue, origin, attempt, signal, onShown, onFailed }: LiveOptions): Promise<void> {
  const first = await issue();
  if (signal.aborted) return;
  if ([first.src, first.libraryUrl].some((address) => new URL(address).origin !== origin)) throw new LiveProblem("EMBED_ELSEWHERE");
  await load(first.libraryUrl, attempt);
  if (signal.aborted) return;

  const viz = document.createElement("tableau-viz") as Viz;
  const attributes = { src: first.src, token: first.token, width: "100%", height: String(place.clientHeight), "hide-tabs": "" };
  for (const [name, value] of Object.entries(attributes)) viz.setAttribute(name, value);
  const renewal = renew(first, issue, (next) => (viz.token = next.token), onFailed);
  viz.addEventListener("firstinteractive", () => {
    renewal.stop(); // the token is redeemed: from here on Tableau's own session counts
    onShown();
  });
  viz.addEventListener("vizloaderror", () => {
    renewal.stop();
    onFailed(new LiveProblem("EMBED_FAILED"));
  });
  signal.addEventListener("abort", () => {
    renewal.stop();
    viz.remove();
  });
  place.replaceChildren(viz);
}

async function load(address: string, attempt: number): Promise<void> {
  try {
    await import(attempt === 0 ? address : `${address}#${attempt}`);
  } catch {
    throw new LiveProblem("EMBED_SCRIPT");
  }
}

/** renew asks for the next token some time before the last one ends, until it is stopped. */
export function renew(first: Embed, issue: () => Promise<Embed>, onNext: (next: Embed) => void, onFailed: (reason: LiveProblem) => void) {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout>;
  const plan = ({ expiresAt }: Embed) => {
    const left = Date.parse(expiresAt) - Date.now();
    timer = setTimeout(() => void next(), Math.min(Math.max(left * 0.8, 5_000), 240_000));
  };
  const next = async () => {
    try {
      const embed = await issue();
      if (stopped) return;
      onNext(embed);
      plan(embed);
    } catch (reason) {
      if (!stopped) onFailed(reason instanceof LiveProblem ? reason : new LiveProblem("INTERNAL"));
    }
  };
  plan(first);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
