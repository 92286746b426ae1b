// Goal: the canceller stands alone: own keys, own key over them, own region. Method: its templates.
import { describe, expect, test } from "vitest";
import { STAGES } from "../../lib/stages.ts";
import { ACCOUNT, build, resourcesOf, templateOf } from "../fixtures/infrastructure.ts";

const built = build(STAGES.live);
const REGIONS = ["ap-northeast-1", "ap-southeast-1"] as const;

describe.each(REGIONS)("the canceller of %s", (region) => {
  const template = templateOf(built, `-canceller-${region}`);

  test("has keys of its own, under a key of its own", () => {
    const secrets = Object.values(resourcesOf(template, "AWS::SecretsManager::Secret"));
    expect(secrets.map(({ Properties }) => Properties.Name).sort()).toEqual([
      "reckoner-live/cancel/tokyo-1/binance-spot",
      "reckoner-live/cancel/tokyo-1/kucoin",
    ]);
    expect(
      secrets.every(({ Properties }) => JSON.stringify(Properties.KmsKeyId).includes('"Key"')),
    ).toBe(true);
    expect(Object.keys(resourcesOf(template, "AWS::KMS::Key"))).toEqual(["Key"]);
  });

  test("takes nothing from another stack", () => {
    const text = JSON.stringify(template.toJSON());
    expect(text).not.toContain("Fn::ImportValue");
    expect(text).not.toContain("Fn::GetStackOutput");
    expect(text).not.toContain('AWS::SSM::Parameter::Value<String>","Default":"/reckoner-live');
  });

  test("hears the topic of the control plane's region, and its own failures reach a mailbox", () => {
    const subscriptions = Object.values(resourcesOf(template, "AWS::SNS::Subscription")).map(
      ({ Properties }) => [Properties.Protocol, Properties.Region],
    );
    expect(subscriptions).toContainEqual(["lambda", "ap-northeast-1"]);
    expect(subscriptions.some(([protocol]) => protocol === "email")).toBe(true);
    const [permission] = Object.values(resourcesOf(template, "AWS::Lambda::Permission"));
    expect(permission?.Properties).toMatchObject({
      Principal: "sns.amazonaws.com",
      SourceArn: `arn:aws:sns:ap-northeast-1:${ACCOUNT}:reckoner-live-cancel`,
    });
    expect(permission?.Properties).not.toHaveProperty("SourceAccount");
    expect(Object.keys(resourcesOf(template, "AWS::CloudWatch::Alarm")).length).toBe(1);
  });
});

describe("the alarm of a silent engine", () => {
  const actions = (stage: "paper" | "live"): number => {
    const alarms = Object.values(
      resourcesOf(templateOf(build(STAGES[stage]), "-control"), "AWS::CloudWatch::Alarm"),
    );
    const silent = alarms.find(({ Properties }) =>
      String(Properties.AlarmName).includes("heartbeat-missing"),
    );
    return ((silent?.Properties.AlarmActions ?? []) as readonly unknown[]).length;
  };

  test("starts the canceller in live, and only tells people in paper", () => {
    expect([actions("live"), actions("paper")]).toEqual([2, 1]);
  });
});
