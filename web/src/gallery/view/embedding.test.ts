import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveProblem, renew, type Embed } from "./embedding";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

let made = 0;
const embed = (): Embed => ({ token: `t${++made}`, expiresAt: new Date(Date.now() + 100_000).toISOString(), src: "", libraryUrl: "" });

test("a token is replaced before it ends, and no more once it is used", async () => {
  const used: string[] = [];
  const renewal = renew(embed(), () => Promise.resolve(embed()), (next) => used.push(next.token), () => undefined);
  await vi.advanceTimersByTimeAsync(79_000);
  expect(used).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(used).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(80_000);
  expect(used).toHaveLength(2);
  renewal.stop();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(used).toHaveLength(2);
});

test("a token that is refused ends the renewal, with its code", async () => {
  const failures: string[] = [];
  renew(embed(), () => Promise.reject(new LiveProblem("EMBED_FORBIDDEN")), () => undefined, ({ code }) => failures.push(code));
  await vi.advanceTimersByTimeAsync(300_000);
  expect(failures).toEqual(["EMBED_FORBIDDEN"]);
});
