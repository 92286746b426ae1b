// Goal: the document that is served is the one that is checked in, and it names every route and its role.
// RECKONER_WRITE_SCHEMA=1 writes the file anew instead of comparing it.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { assertDefaultDeny, ENDPOINTS } from "../../../functions/control-api/app.ts";
import { openApiText } from "../../../functions/control-api/openapi.ts";
import { ROUTE_IDS, ROUTES } from "../../../functions/control-api/roles.ts";
import { createRigMaker, type RigMaker } from "./rig.ts";

const FILE = fileURLToPath(new URL("../../../docs/schema/control-api.json", import.meta.url));
if (process.env.RECKONER_WRITE_SCHEMA === "1") writeFileSync(FILE, openApiText(ENDPOINTS));

type Operation = {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly description?: string;
  readonly responses: Readonly<Record<string, unknown>>;
};

let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

test("what is served is what is checked in", async () => {
  const served = await maker.create().ask("GET", "/openapi.json");
  expect(served.status).toBe(200);
  expect(served.text).toBe(readFileSync(FILE, "utf8"));
  expect(served.body.openapi).toBe("3.1.0");
});

describe("the document", () => {
  const document = JSON.parse(openApiText(ENDPOINTS)) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const operations = Object.values(document.paths).flatMap((each) => Object.values(each));

  test("has every route of the table once, but itself", () => {
    const ids = operations.map(({ operationId }) => operationId).sort();
    expect(ids).toEqual(ROUTE_IDS.filter((id) => id !== "getOpenApi").toSorted());
  });

  test("refers to nothing that is not in it", () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) => path);
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) {
      let place: unknown = document;
      for (const name of reference.split("/")) place = (place as Record<string, unknown>)?.[name];
      expect(place, reference).toBeDefined();
    }
  });

  test("asks for a token wherever the table does, and names the role", () => {
    for (const { operationId, security, description } of operations) {
      const row = Object.entries(ROUTES).find(([id]) => id === operationId)?.[1];
      expect(security.length === 0, operationId).toBe(row?.role === "public");
      if (row?.role !== "public") expect(description).toBe(`Role: ${row?.role}.`);
    }
  });

  test("tells of the refusals of every route that asks for a token", () => {
    for (const { responses, security } of operations) {
      if (security.length === 0) continue;
      for (const status of ["400", "401", "403", "404", "429", "500"]) {
        expect(responses).toHaveProperty(status);
      }
    }
  });
});

test("the page for people names every route", () => {
  const page = readFileSync(new URL("../../../docs/API.md", import.meta.url), "utf8");
  const rows = page.slice(page.indexOf("## Routes"));
  for (const { path, method } of ENDPOINTS) {
    const last = path.replace("/v1/engines/{engine}/", "").split("/").at(-1) ?? "";
    const name = last.startsWith("{") ? path.split("/").at(-2) : last;
    expect(rows, path).toMatch(new RegExp(`\\b${name}\\b`));
    expect(rows).toContain(method.toUpperCase());
  }
});

describe("default deny", () => {
  test("a route that is missing in the table does not start", () => {
    const [first] = ENDPOINTS;
    const stranger = { ...first, id: "shutDown" } as unknown as (typeof ENDPOINTS)[number];
    expect(() => assertDefaultDeny([...ENDPOINTS, stranger])).toThrow(/shutDown/);
  });

  test("a row without its route does not start either, nor does a route that is there twice", () => {
    expect(() => assertDefaultDeny(ENDPOINTS.slice(1))).toThrow(/has a route/);
    expect(() => assertDefaultDeny([...ENDPOINTS, ...ENDPOINTS.slice(0, 1)])).toThrow(/once/);
  });
});
