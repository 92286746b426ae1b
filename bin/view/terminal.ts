/**
 * Station: lines -> a terminal that is given back as it was found.
 *
 * On a TTY the view is painted on the alternate screen, in one write a frame, each line over the
 * one before: nothing flickers and the scrollback stays the person's own. Elsewhere one plain line is
 * printed at a time. It decides nothing about what is shown.
 */
import { plainLine } from "./plain-line.ts";
import { renderView } from "./render.ts";
import { ansiText, plainText } from "./spans.ts";
import type { ViewInput } from "./view-input.ts";

const ESCAPE = "\u001b[";
const ENTER = `${ESCAPE}?1049h${ESCAPE}?25l${ESCAPE}2J`;
const LEAVE = `${ESCAPE}0m${ESCAPE}?25h${ESCAPE}?1049l`;
const HOME = `${ESCAPE}H`;
const CLEAR_LINE_END = `${ESCAPE}K`;
const CLEAR_BELOW = `${ESCAPE}J`;

const COLUMNS_STANDARD = 80;
const ROWS_STANDARD = 24;

/** As much of a stream as the view needs; process.stdout is one. */
export type Screen = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
};

export type Terminal = {
  /** Shows `input` now. */
  show(input: ViewInput): void;
  /** Gives the terminal back; safe to call more than once. */
  close(): void;
};

/** Opens the view on `screen`. `color` is what NO_COLOR forbids (https://no-color.org). */
export function openTerminal(screen: Screen, color: boolean): Terminal {
  return screen.isTTY === true ? paintedTerminal(screen, color) : plainTerminal(screen);
}

function plainTerminal(screen: Screen): Terminal {
  return {
    show: (input) => void screen.write(`${plainLine(input)}\n`),
    close: () => undefined,
  };
}

function paintedTerminal(screen: Screen, color: boolean): Terminal {
  let isOpen = true;
  let lastSize = "";
  screen.write(ENTER);
  return {
    show(input) {
      if (!isOpen) return;
      const columns = screen.columns ?? COLUMNS_STANDARD;
      const rows = screen.rows ?? ROWS_STANDARD;
      const lines = renderView(input, columns, rows).map(color ? ansiText : plainText);
      // A new size leaves remains of the old picture wherever the new one is smaller.
      const size = `${columns}x${rows}`;
      const fresh = size === lastSize ? "" : `${ESCAPE}2J`;
      lastSize = size;
      const body = lines.map((line) => line + CLEAR_LINE_END).join("\r\n");
      screen.write(`${fresh}${HOME}${body}${CLEAR_BELOW}`);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      screen.write(LEAVE);
    },
  };
}
