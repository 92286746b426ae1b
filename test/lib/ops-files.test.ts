// Goal: the rules and the dashboard for Prometheus and Grafana ask for metrics that exist. Method: the files' own text.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const read = (path: string): string =>
  readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8");
const known = new Set(
  [...read("METRICS.md").matchAll(/^\| `(reckoner_[a-z_]+)` \| (\w+)/gm)].map(
    ([, name]) => name ?? "",
  ),
);
const histograms = [...read("METRICS.md").matchAll(/^\| `(reckoner_[a-z_]+)` \| histogram/gm)].map(
  ([, name]) => name ?? "",
);

type Rules = {
  groups: {
    name: string;
    rules: {
      alert: string;
      expr: string;
      annotations: { runbook: string; summary: string };
      labels: { severity: string };
    }[];
  }[];
};
type Dashboard = {
  panels: { id: number; title: string; targets?: { expr: string; refId: string }[] }[];
};

const rules = (parse(read("ops/prometheus-alerts.yaml")) as Rules).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(read("ops/grafana-dashboard.json")) as Dashboard;
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);

/** Metrics that an expression names, a histogram's buckets under its own name. */
function metricsOf(expression: string): string[] {
  return [...expression.matchAll(/reckoner_[a-z_]+/g)].map(([name]) =>
    name.replace(/_bucket$/, ""),
  );
}

describe("the rules of alerts", () => {
  test("are this many, each once", () => {
    expect(rules.length).toBeGreaterThanOrEqual(20);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  test.each(rules)(
    "$alert asks for what is there and says where to read on",
    ({ expr, annotations, labels }) => {
      const named = metricsOf(expr);
      expect(named.length + (expr.includes("up{") ? 1 : 0)).toBeGreaterThan(0);
      expect(named.filter((name) => !known.has(name))).toEqual([]);
      expect(["1", "2", "3"]).toContain(labels.severity);
      expect(read("RUNBOOK.md")).toContain(`### ${annotations.runbook}\n`);
      expect(annotations.summary.length).toBeGreaterThan(10);
    },
  );
});

describe("the dashboard", () => {
  test("asks for what is there", () => {
    expect(known.size).toBeGreaterThan(40);
    expect(targets.length).toBeGreaterThan(30);
    expect(
      targets.flatMap(({ expr }) => metricsOf(expr)).filter((name) => !known.has(name)),
    ).toEqual([]);
  });

  test("shows every histogram there is", () => {
    const shown = new Set(targets.flatMap(({ expr }) => metricsOf(expr)));
    expect(histograms.filter((name) => !shown.has(name))).toEqual([]);
  });

  test("has panels with ids of their own, and queries with letters of their own", () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { targets: own = [] } of dashboard.panels) {
      expect(new Set(own.map(({ refId }) => refId)).size).toBe(own.length);
    }
  });
});
