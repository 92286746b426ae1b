/**
 * Station: modes, kills, runs, alerts and resyncs -> what changed, newest first; in a page and in the stream.
 *
 * A transition is named by its kind and the id of its fact, so that whoever hears of it twice knows it.
 */
import { html } from "hono/html";
import type { HistoryRecord } from "../../../contracts/history-filter.ts";
import type { HistoryKind } from "../../../contracts/keys.ts";
import { flatFact } from "../flat-fact.ts";
import { badge, type Html, type Tone, timeOf } from "./markup.ts";
import { modeTone } from "./shell.ts";
import { table } from "./table.ts";
import type { View } from "./view.ts";
import { durationText, numberOf, type Row, rowsOf, textOf, wordsOf } from "./words.ts";

/** The kinds that say that something is otherwise than before, and where the API has them. */
export const TRANSITION_SOURCES = {
  mode: "/modes",
  kill: "/kills",
  run: "/runs",
  alert: "/alerts",
  resync: "/resyncs",
} as const satisfies { readonly [Kind in HistoryKind]?: string };
export type TransitionKind = keyof typeof TRANSITION_SOURCES;
export const TRANSITION_KINDS = Object.keys(TRANSITION_SOURCES) as readonly TransitionKind[];

export type Transition = {
  /** `<kind> <fact id>`. */
  readonly id: string;
  readonly kind: TransitionKind;
  readonly atUs: number;
  readonly where: string;
  readonly text: string;
  readonly tone: Tone;
};

/** The transition that a fact of history tells. */
export function transitionOf(kind: TransitionKind, record: HistoryRecord): Transition {
  return transitionIn(kind, flatFact(record));
}

function transitionIn(kind: TransitionKind, row: Row): Transition {
  const { text, tone } = told(kind, row);
  const where = textOf(row, "instrument") || textOf(row, "venue");
  return {
    id: `${kind} ${textOf(row, "factId")}`,
    kind,
    atUs: numberOf(row, "atUs"),
    where,
    text,
    tone,
  };
}

function told(kind: TransitionKind, row: Row): { readonly text: string; readonly tone: Tone } {
  const reason = textOf(row, "reason");
  switch (kind) {
    case "mode": {
      const to = textOf(row, "to");
      const text = `mode ${wordsOf(textOf(row, "from"))} → ${wordsOf(to)} (${wordsOf(reason)})`;
      return { text, tone: modeTone(to) };
    }
    case "kill": {
      const isKilled = row.isKilled === true;
      const what = [textOf(row, "scope"), textOf(row, "target")].join(" ").trim();
      const text = `${isKilled ? "killed" : "released"} ${what} by ${textOf(row, "by")}: ${reason}`;
      return { text, tone: isKilled ? "bad" : "good" };
    }
    case "run": {
      const change = textOf(row, "change");
      const text = `run ${textOf(row, "runId")} ${change}${reason === "" ? "" : `: ${reason}`}`;
      return { text, tone: change === "started" ? "good" : "warn" };
    }
    case "alert": {
      const severity = numberOf(row, "severity");
      const text = `alert ${textOf(row, "alertKind")}: ${textOf(row, "text")}`;
      return { text, tone: severity === 1 ? "bad" : severity === 2 ? "warn" : "calm" };
    }
    case "resync": {
      const took = durationText(numberOf(row, "totalUs"));
      return { text: `resynced in ${took} (${wordsOf(textOf(row, "cause"))})`, tone: "calm" };
    }
  }
}

const SHOWN_MAX = 15;

/** The last transitions as a table. */
export async function drawTransitions(view: View): Promise<Html> {
  const told = await Promise.all(
    TRANSITION_KINDS.map((kind) =>
      view.door.ask(TRANSITION_SOURCES[kind], { limit: String(SHOWN_MAX) }),
    ),
  );
  const all = told.flatMap(({ body }, at) =>
    rowsOf(body.items).map((row) => transitionIn(TRANSITION_KINDS[at] ?? "mode", row)),
  );
  const newest = all.sort((first, second) => second.atUs - first.atUs).slice(0, SHOWN_MAX);
  const missing = told.some(({ ok }) => !ok);
  const list = table(
    view,
    {
      caption: "What changed, newest first",
      isCompact: true,
      empty: "Nothing changed in the last day.",
      columns: [
        { name: "Time (UTC)", cell: (row) => timeOf(numberOf(row, "atUs"), view.nowUs) },
        { name: "What", cell: (row) => badge(textOf(row, "kind"), row.tone as Tone) },
        { name: "Where", cell: (row) => textOf(row, "where") },
        { name: "", cell: (row) => textOf(row, "text") },
      ],
    },
    newest,
  );
  return missing
    ? html`<p class="box warn">A part of what changed cannot be read now.</p>${list}`
    : list;
}
