// Goal: a terminal is given back as it was found, and a pipe gets one line at a time.
import { describe, expect, test } from "vitest";
import { openTerminal, type Screen } from "../../../bin/view/terminal.ts";
import type { ViewInput } from "../../../bin/view/view-input.ts";
import { engineStatus } from "../../fixtures/status/status-fixture.ts";

const input: ViewInput = {
  status: engineStatus(),
  previous: null,
  cycles: [],
  truth: null,
  hint: "",
};

function screenOf(over: Partial<Screen>): Screen & { written: string[] } {
  const written: string[] = [];
  return { written, write: (text) => void written.push(text), ...over };
}

describe("on a terminal", () => {
  test("the alternate screen is entered once and left once, with the cursor back", () => {
    const screen = screenOf({ isTTY: true, columns: 80, rows: 24 });
    const terminal = openTerminal(screen, true);
    terminal.show(input);
    terminal.close();
    terminal.close();
    terminal.show(input);
    const all = screen.written.join("");
    expect(screen.written).toHaveLength(3);
    expect(all.split("\u001b[?1049h")).toHaveLength(2);
    expect(all.split("\u001b[?1049l")).toHaveLength(2);
    expect(all.indexOf("\u001b[?25l")).toBeLessThan(all.indexOf("\u001b[?25h"));
  });

  test("a frame is one write, each row cleared to its end, and never one row too many", () => {
    const screen = screenOf({ isTTY: true, columns: 80, rows: 24 });
    openTerminal(screen, true).show(input);
    const frame = screen.written[1] ?? "";
    expect(frame.split("\r\n")).toHaveLength(24);
    expect(frame.split("\u001b[K")).toHaveLength(25);
  });

  test("a new size clears the old picture, the same size does not", () => {
    const screen = screenOf({ isTTY: true, columns: 80, rows: 24 });
    const terminal = openTerminal(screen, true);
    terminal.show(input);
    terminal.show(input);
    Object.assign(screen, { columns: 100 });
    terminal.show(input);
    expect(screen.written.slice(1).map((text) => text.startsWith("\u001b[2J"))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("no color when colors are unwanted", () => {
    const screen = screenOf({ isTTY: true });
    openTerminal(screen, false).show(input);
    for (const code of ["0", "1", "2", "32", "33", "34"]) {
      expect(screen.written[1]).not.toContain(`\u001b[${code}m`);
    }
  });
});

describe("on a pipe", () => {
  test("one plain line for each status and no escape at all", () => {
    const screen = screenOf({});
    const terminal = openTerminal(screen, true);
    terminal.show(input);
    terminal.show(input);
    terminal.close();
    expect(screen.written).toHaveLength(2);
    for (const line of screen.written) {
      expect(line).toMatch(/^01:12:07 books=2\/2 .*\n$/);
      expect(line).not.toContain("\u001b");
    }
  });
});
