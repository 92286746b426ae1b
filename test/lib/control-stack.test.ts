// Goal: functions, API, schedules and alarms are bounded, encrypted and watched. Method: the control stack's template.
import { describe, expect, test } from "vitest";
import { ARCHIVE_TABLES } from "../../contracts/archive.ts";
import { CONTROL_METRICS_NAMESPACE, ENGINE_METRIC_NAMES } from "../../contracts/control-metrics.ts";
import { QUEUES } from "../../contracts/resources.ts";
import { limitsFault } from "../../contracts/risk-limits.ts";
import { ENGINE_ALARMS } from "../../lib/alarms.ts";
import { CONTROL_FUNCTIONS, queueOf } from "../../lib/functions.ts";
import { STAGES } from "../../lib/stages.ts";
import {
  ACCOUNT,
  build,
  everyResource,
  type Resource,
  resourcesOf,
  templateOf,
} from "../fixtures/infrastructure.ts";

const built = build(STAGES.live);
const control = templateOf(built, "-control");
const all = (type: string): readonly Resource["Properties"][] =>
  Object.values(resourcesOf(control, type)).map(({ Properties }) => Properties);

describe("functions", () => {
  const functions = all("AWS::Lambda::Function");

  test("are the ones of the list", () => {
    expect(functions.map(({ FunctionName }) => FunctionName).sort()).toEqual(
      CONTROL_FUNCTIONS.map(({ name }) => `reckoner-live-${name}`).sort(),
    );
  });

  test.each(CONTROL_FUNCTIONS)(
    "$name: Node 24 on arm64, bounded, traced, with a log of its own",
    ({ name, timeoutS, memoryMiB, reserved }) => {
      const found = functions.find(({ FunctionName }) => FunctionName === `reckoner-live-${name}`);
      expect(found).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Timeout: timeoutS,
        MemorySize: memoryMiB,
        ReservedConcurrentExecutions: reserved,
        TracingConfig: { Mode: "Active" },
      });
      expect(found?.DeadLetterConfig).toBeDefined();
      expect(found?.VpcConfig).toBeUndefined();
      expect(JSON.stringify(found?.Environment)).not.toMatch(/SECRET|PASSWORD|API_KEY/);
    },
  );

  test("are told what only they need: base limits, hosts of the webhook, names of leases", () => {
    const [site] = built.deployment.sites;
    if (site === undefined) throw new Error("live has a site");
    const stage = { ...STAGES.live, webhookHosts: ["hooks.example.org", "alerts.example.org"] };
    const told = templateOf(build(stage, "", [{ ...site, leaseAccount: "main" }]), "-control");
    const environmentOf = (name: string): Readonly<Record<string, string>> => {
      const found = Object.values(resourcesOf(told, "AWS::Lambda::Function")).find(
        ({ Properties }) => Properties.FunctionName === `reckoner-live-${name}`,
      );
      const environment = found?.Properties.Environment ?? {};
      return (environment as { Variables?: Record<string, string> }).Variables ?? {};
    };
    const base = JSON.parse(environmentOf("control-api").RECKONER_BASE_LIMITS ?? "");
    expect(Object.keys(base)).toEqual(["tokyo-1"]);
    expect(limitsFault(base["tokyo-1"])).toBeUndefined();
    expect(environmentOf("send-alerts").RECKONER_ALERT_WEBHOOK_HOSTS).toBe(
      "hooks.example.org,alerts.example.org",
    );
    expect(environmentOf("watch-engine").RECKONER_LEASE_ACCOUNTS).toBe("tokyo-1=main");
    expect(environmentOf("project-records")).not.toHaveProperty("RECKONER_BASE_LIMITS");
  });

  test("logs end, and are under the customer's key", () => {
    const groups = all("AWS::Logs::LogGroup");
    expect(groups.length).toBe(CONTROL_FUNCTIONS.length + 1);
    for (const group of groups) {
      expect(group.RetentionInDays).toBe(365);
      expect(group.KmsKeyId).toBeDefined();
    }
  });

  test("a stage that reserves no concurrency bounds its consumers all the same", () => {
    const dev = templateOf(build(STAGES.dev), "-control");
    const free = Object.values(resourcesOf(dev, "AWS::Lambda::Function"));
    expect(
      free.every(({ Properties }) => Properties.ReservedConcurrentExecutions === undefined),
    ).toBe(true);
    const sources = Object.values(resourcesOf(dev, "AWS::Lambda::EventSourceMapping"));
    expect(sources.every(({ Properties }) => Properties.ScalingConfig !== undefined)).toBe(true);
  });
});

describe("queues and schedules", () => {
  test("each consumer answers for single messages, and fits six times into the visibility", () => {
    const sources = all("AWS::Lambda::EventSourceMapping");
    const consumers = CONTROL_FUNCTIONS.filter((plan) => queueOf(plan) !== undefined);
    expect(sources.length).toBe(consumers.length);
    for (const source of sources)
      expect(source.FunctionResponseTypes).toEqual(["ReportBatchItemFailures"]);
    for (const plan of consumers) {
      const trigger = queueOf(plan);
      expect(plan.timeoutS).toBeLessThanOrEqual(
        QUEUES[trigger?.queue ?? "records"].consumerTimeoutS,
      );
    }
  });

  test("schedules carry the time that was meant, and end in the dead letters", () => {
    const schedules = all("AWS::Scheduler::Schedule");
    expect(schedules.map(({ ScheduleExpression }) => ScheduleExpression).sort()).toEqual([
      "cron(20 0 * * ? *)",
      "rate(1 minute)",
    ]);
    for (const { Target, KmsKeyArn } of schedules) {
      // The role has no right to a key of ours, so a schedule under one could never fire.
      expect(KmsKeyArn).toBeUndefined();
      const target = Target as Readonly<Record<string, unknown>>;
      expect(target.DeadLetterConfig).toBeDefined();
      expect(target.Input).toContain("<aws.scheduler.scheduled-time>");
    }
  });
});

describe("the API", () => {
  const routes = all("AWS::ApiGatewayV2::Route");

  test("checks the tokens of changes at the gateway, and leaves what browsers ask to the function", () => {
    const open = routes
      .filter(({ AuthorizationType }) => AuthorizationType !== "JWT")
      .map(({ RouteKey }) => RouteKey);
    expect(open.sort()).toEqual(["ANY /", "ANY /{proxy+}", "GET /v1/{proxy+}", "POST /kill"]);
    const closed = routes
      .filter(({ AuthorizationType }) => AuthorizationType === "JWT")
      .map(({ RouteKey }) => RouteKey);
    expect(closed.sort()).toEqual(["ANY /v1/{proxy+}", "POST /v1/engines/{engine}/kill"]);
  });

  test("is slow for all and fast for kills, and writes down who asked", () => {
    const [stage] = all("AWS::ApiGatewayV2::Stage");
    expect(stage?.DefaultRouteSettings).toMatchObject({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 100,
    });
    expect(stage?.RouteSettings).toEqual({
      "POST /v1/engines/{engine}/kill": { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 500 },
      "POST /kill": { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 500 },
    });
    const settings = stage?.AccessLogSettings as Readonly<Record<string, string>>;
    expect(JSON.parse(settings.Format ?? "")).toHaveProperty("subject");
    expect(settings.Format).not.toContain("authorization");
  });

  test("knows no other origin", () => {
    const [api] = all("AWS::ApiGatewayV2::Api");
    expect(api?.CorsConfiguration).toBeUndefined();
  });
});

describe("history", () => {
  test("every table of the archive is one of Athena's, with projection", () => {
    const tables = all("AWS::Glue::Table").map(
      ({ TableInput }) => TableInput as { Name: string; Parameters: Record<string, string> },
    );
    expect(tables.map(({ Name }) => Name).sort()).toEqual(
      ARCHIVE_TABLES.map(({ name }) => name).sort(),
    );
    expect(tables.every(({ Parameters }) => Parameters["projection.enabled"] === "true")).toBe(
      true,
    );
  });

  test("a question has a bound, and its answer is encrypted", () => {
    const [group] = all("AWS::Athena::WorkGroup");
    expect(group?.WorkGroupConfiguration).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 10_000_000_000,
    });
    expect(JSON.stringify(group)).toContain("SSE_KMS");
  });
});

describe("alarms", () => {
  const alarms = all("AWS::CloudWatch::Alarm");
  const names = alarms.map(({ AlarmName }) => String(AlarmName).slice("reckoner-live-".length));

  test("look at every queue of dead letters that there is", () => {
    const dead = everyResource(built)
      .filter(([, , { Type }]) => Type === "AWS::SQS::Queue")
      .map(([, , { Properties }]) => String(Properties.QueueName))
      // The canceller's own is looked at by its errors, in its own region.
      .filter((name) => name.includes("-dead") && !name.includes("cancel-dead"));
    expect(dead.length).toBe(5);
    const watched = alarms
      .filter(({ AlarmName }) => String(AlarmName).includes("dead-letters"))
      .map(({ Dimensions }) => (Dimensions as readonly { Value: string }[])[0]?.Value);
    expect(watched.sort()).toEqual(dead.sort());
  });

  test("look at the age of every queue, the errors and the throttles of every function", () => {
    expect(names.filter((name) => name.startsWith("queue-age")).length).toBe(4);
    for (const { name } of CONTROL_FUNCTIONS) {
      expect(names).toContain(`function-errors-${name}`);
      expect(names).toContain(`function-throttles-${name}`);
    }
  });

  test("look at every number that the watcher writes of an engine", () => {
    expect(new Set(ENGINE_ALARMS.map(({ metric }) => metric))).toEqual(
      new Set(ENGINE_METRIC_NAMES),
    );
    const own = alarms.filter(({ Namespace }) => Namespace === CONTROL_METRICS_NAMESPACE);
    expect(own.length).toBe(ENGINE_METRIC_NAMES.length);
    expect(own[0]?.Dimensions).toEqual([
      { Name: "deployment", Value: "reckoner-live" },
      { Name: "engine", Value: "tokyo-1" },
    ]);
  });

  test("silence of an engine is alarming, and of all else is not", () => {
    const bad = alarms
      .filter(({ TreatMissingData }) => TreatMissingData === "breaching")
      .map(({ AlarmName }) => AlarmName);
    expect(bad).toEqual(["reckoner-live-heartbeat-missing-tokyo-1"]);
  });

  test("tell the topic, which tells the watcher and a mailbox", () => {
    expect(
      alarms.every(({ AlarmActions }) => (AlarmActions as readonly unknown[]).length >= 1),
    ).toBe(true);
    expect(
      all("AWS::SNS::Subscription")
        .map(({ Protocol }) => Protocol)
        .sort(),
    ).toEqual(["email", "lambda"]);
    for (const topic of all("AWS::SNS::Topic")) expect(topic.KmsMasterKeyId).toBeDefined();
    const policies = all("AWS::SNS::TopicPolicy").map((policy) => JSON.stringify(policy));
    expect(policies.length).toBe(2);
    expect(
      policies.every((text) => text.includes("cloudwatch.amazonaws.com") && text.includes(ACCOUNT)),
    ).toBe(true);
  });

  test("money is watched too", () => {
    const [budget] = all("AWS::Budgets::Budget");
    expect(budget?.Budget).toMatchObject({
      BudgetLimit: { Amount: 800, Unit: "USD" },
      TimeUnit: "MONTHLY",
    });
    expect(budget?.NotificationsWithSubscribers).toHaveLength(2);
  });

  test("the dashboard shows each engine's numbers", () => {
    const body = JSON.stringify(all("AWS::CloudWatch::Dashboard")[0]?.DashboardBody);
    for (const name of ENGINE_METRIC_NAMES) expect(body).toContain(name);
    expect(body).toContain("tokyo-1");
  });
});

test("what may be replaced is not protected, and nothing in it must survive", () => {
  expect(built.isProtected.get("reckoner-live-control")).toBe(false);
  const stateful = everyResource(built).filter(
    ([stack, , { Type }]) =>
      stack.endsWith("-control") && /DynamoDB::Table|S3::Bucket|KMS::Key|UserPool$/.test(Type),
  );
  expect(stateful).toEqual([]);
});
