// Goal: no finding of the packs is left, and each one we live with has a reason, an owner and an end.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack, Validations } from "aws-cdk-lib";
import { CfnRole } from "aws-cdk-lib/aws-iam";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { ACKNOWLEDGED, usesOfFindings } from "../../lib/acknowledged-findings.ts";
import { addStacks, newApp } from "../../lib/stacks.ts";
import { STAGES } from "../../lib/stages.ts";
import { deploymentOf, repositoryFolder } from "../fixtures/infrastructure.ts";

const root = repositoryFolder();
const app = newApp(mkdtempSync(join(tmpdir(), "reckoner-findings-")));
addStacks(app, deploymentOf(STAGES.live, root));
const packs = [new AwsSolutionsChecks(app), new ServerlessChecks(app)];
const rows = Object.entries(ACKNOWLEDGED);

/** What the packs find under `scope` and nobody has acknowledged, as `rule: where`. */
function findings(scope: Stack | typeof app): string[] {
  return packs.flatMap((pack) =>
    pack
      .validateScope(scope)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map((found) => `${ruleName}: ${JSON.stringify(found)}`),
      ),
  );
}

describe("the security packs", () => {
  test("find nothing that is not acknowledged", () => {
    expect(findings(app)).toEqual([]);
    rmSync(root, { recursive: true, force: true });
  });

  test("see a fault that somebody plants", () => {
    const stack = new Stack(newApp(), "planted");
    new CfnRole(stack, "Role", {
      assumeRolePolicyDocument: {},
      policies: [
        {
          policyName: "all",
          policyDocument: { Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] },
        },
      ],
    });
    expect(findings(stack).filter((text) => text.includes("IAM5")).length).toBeGreaterThan(0);
  });
});

describe("what is acknowledged", () => {
  test.each(rows)("%s has a reason, an owner, and an end that has not come", (_name, row) => {
    expect(row.rule).toMatch(/^(?:AwsSolutions|Serverless)-[A-Z][A-Za-z0-9]+$/);
    expect(row.reason.length).toBeGreaterThan(30);
    expect(["platform", "security"]).toContain(row.owner);
    expect(row.expires).toMatch(/^\d{4}-\d\d-\d\d$/);
    // Past this day the row must be looked at again, by whoever runs this test then.
    expect(new Date(`${row.expires}T23:59:59Z`).getTime()).toBeGreaterThan(Date.now());
  });

  test("is used, each row of it, and is this many", () => {
    expect(rows.length).toBe(17);
    expect(
      rows.filter(([name]) => !usesOfFindings().has(name as never)).map(([name]) => name),
    ).toEqual([]);
  });

  test("stands in the tree with its owner and its end", () => {
    const said = app.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
    expect(said.length).toBeGreaterThan(rows.length);
    const texts = said
      .map(({ data }) => JSON.stringify(data))
      .filter((text) => /AwsSolutions|Serverless/.test(text));
    expect(
      texts.filter((text) => !/\((?:platform|security), until \d{4}-\d\d-\d\d\)/.test(text)),
    ).toEqual([]);
  });
});
