// Goal: the picture holds exactly the words of the view, each in its column, and is well-formed.
import { expect, test } from "vitest";
import { pictureOf } from "../../../bin/view/picture.ts";
import { renderView } from "../../../bin/view/render.ts";
import { type Line, plainText } from "../../../bin/view/spans.ts";
import { busyStatus } from "../../fixtures/status/status-fixture.ts";

const lines = renderView(
  { status: busyStatus(), previous: null, cycles: [], truth: null, hint: "" },
  112,
  26,
);
const picture = pictureOf(lines, 112, 'a "title" & <more>');

test("every word of the view is in it, and no other", () => {
  const drawn = [...picture.matchAll(/<text [^>]*textLength[^>]*>([^<]*)<\/text>/g)].map(
    (match) => match[1],
  );
  const words = lines
    .flatMap((line) => line.map(([text]) => text.trim()))
    .filter((text) => text !== "");
  expect(drawn).toEqual(words);
});

test("tags are closed and signs of the markup are escaped", () => {
  expect(picture.match(/<text/g)?.length).toBe(picture.match(/<\/text>/g)?.length);
  expect(picture).toContain("<title>a &#34;title&#34; &#38; &#60;more&#62;</title>");
  const hostile: Line = [["<script>&", "plain"]];
  expect(pictureOf([hostile], 20, "")).not.toContain("<script>");
});

test("a word begins where its column begins, spaces before it left out", () => {
  const line: Line = [
    ["ab", "dim"],
    ["   cd ", "good"],
  ];
  const xs = [...pictureOf([line], 20, "").matchAll(/<text x="([\d.]+)"[^>]*textLength/g)].map(
    (match) => Number(match[1]),
  );
  expect(xs).toEqual([16, 16 + 5 * 8.4]);
});

test("an empty row draws nothing and keeps its height", () => {
  const none = pictureOf([[]], 20, "");
  const two = pictureOf([[], []], 20, "");
  expect(none).not.toContain("textLength");
  expect(two).not.toBe(none);
  expect(plainText([])).toBe("");
});
