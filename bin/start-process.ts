/**
 * Station: a script of ours as a process that says when it is up.
 *
 * Each of them prints one line of JSON on stdout once it listens; before that, what it wrote last on
 * stderr is the reason why it does not.
 */
import { type Child, startChild } from "./child.ts";

/**
 * How Node runs the engine: young generations of one fixed, small size. Left alone they are shrunk and
 * grown again by tens of megabytes in each of the engine's four threads, and what the socket library
 * leaves for each message is collected as well in a small one.
 */
export const ENGINE_FLAGS = ["--min-semi-space-size=4", "--max-semi-space-size=4"] as const;

/** Long enough for exchangeInfo over a slow line; the engine has its own deadlines inside it. */
const READY_MS_MAX = 60_000;

export type Started = {
  readonly ok: true;
  readonly child: Child;
  readonly firstLine: string;
  /** Every line of stdout so far; it grows while the process runs. */
  readonly lines: readonly string[];
};

export type NotStarted = { readonly ok: false; readonly code: number; readonly reason: string };

/** Starts a script and waits for the first line it prints, which says that it is up. */
export async function startAndWait(
  args: readonly string[],
  children: Child[],
  onErrorLine: (line: string) => void,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Started | NotStarted> {
  const lines: string[] = [];
  let lastWords = "";
  const first = Promise.withResolvers<string>();
  const child = startChild({
    args,
    environment,
    tied: true,
    onLine: (line) => {
      lines.push(line);
      first.resolve(line);
    },
    onErrorLine: (line) => {
      lastWords = sentenceOf(line);
      onErrorLine(line);
    },
  });
  children.push(child);
  const timer = setTimeout(() => child.process.kill("SIGTERM"), READY_MS_MAX);
  const end = await Promise.race([first.promise, child.ended]);
  clearTimeout(timer);
  if (typeof end === "string") return { ok: true, child, firstLine: end, lines };
  const reason = lastWords === "" ? `it ended with ${end} before it was up` : lastWords;
  return { ok: false, code: end, reason };
}

/** The words of a line: of a log line in JSON its sentence, of any other line all of it. */
function sentenceOf(line: string): string {
  if (!line.startsWith("{")) return line;
  try {
    const entry = JSON.parse(line) as { readonly sentence?: unknown };
    return typeof entry.sentence === "string" ? entry.sentence : line;
  } catch {
    return line;
  }
}
