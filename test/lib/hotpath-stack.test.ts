// Goal: the machine lets nothing in, little out, and never runs two engines. Method: the template of a site.
import { describe, expect, test } from "vitest";
import { readConfig } from "../../hotpath/config.ts";
import { riskLimitsOf } from "../../hotpath/trading-plan.ts";
import { allowedNames } from "../../lib/constructs/site-network.ts";
import { engineArguments, engineConfig } from "../../lib/engine-config.ts";
import { SITES, type Site, VENUE_HOSTS } from "../../lib/sites.ts";
import { STAGE_NAMES, STAGES } from "../../lib/stages.ts";
import { build, type Resource, resourcesOf, templateOf } from "../fixtures/infrastructure.ts";
import { isAllowed, rolesOf } from "../fixtures/policy-evaluator.ts";

const DIGEST = "0123456789abcdef".repeat(4);
const built = build(STAGES.live);
const template = templateOf(built, "-hotpath-tokyo");

function only(type: string, from = template): Resource["Properties"] {
  const all = Object.values(resourcesOf(from, type));
  expect(all.length).toBe(1);
  return all[0]?.Properties ?? {};
}

type Container = Readonly<Record<string, unknown>> & { readonly Name: string };

describe("the network", () => {
  test("lies in the zone by its id, without NAT, without a way in", () => {
    expect(only("AWS::EC2::Subnet").AvailabilityZoneId).toBe("apne1-az4");
    expect(only("AWS::EC2::Subnet").AvailabilityZone).toBeUndefined();
    expect(resourcesOf(template, "AWS::EC2::NatGateway")).toEqual({});
    const group = only("AWS::EC2::SecurityGroup");
    expect(group.SecurityGroupIngress).toEqual([]);
    expect(resourcesOf(template, "AWS::EC2::SecurityGroupIngress")).toEqual({});
  });

  test("lets out TLS only", () => {
    const ways = only("AWS::EC2::SecurityGroup").SecurityGroupEgress as readonly Record<
      string,
      unknown
    >[];
    expect(ways.map(({ IpProtocol, FromPort, ToPort }) => [IpProtocol, FromPort, ToPort])).toEqual([
      ["tcp", 443, 443],
    ]);
  });

  test("answers for the names of its venues and of AWS, and for nothing else", () => {
    const rules = only("AWS::Route53Resolver::FirewallRuleGroup").FirewallRules as readonly Record<
      string,
      unknown
    >[];
    expect(rules.map(({ Action, Priority }) => [Action, Priority])).toEqual([
      ["ALLOW", 100],
      ["BLOCK", 200],
    ]);
    const lists = Object.values(resourcesOf(template, "AWS::Route53Resolver::FirewallDomainList"));
    const domains = lists.map(({ Properties }) => Properties.Domains);
    expect(domains).toContainEqual(["*"]);
    const names = allowedNames(built.deployment, SITES.tokyo);
    expect(domains).toContainEqual(names);
    for (const host of [...VENUE_HOSTS["binance-spot"], ...VENUE_HOSTS.kucoin])
      expect(names).toContain(host);
    expect(names).not.toContain("api.kraken.com");
  });

  test("reaches buckets and tables by endpoints that let only the deployment's own through", () => {
    const endpoints = Object.values(resourcesOf(template, "AWS::EC2::VPCEndpoint"));
    expect(endpoints.map(({ Properties }) => Properties.ServiceName).sort()).toEqual([
      "com.amazonaws.ap-northeast-1.dynamodb",
      "com.amazonaws.ap-northeast-1.s3",
    ]);
    const policies = endpoints.map(({ Properties }) => JSON.stringify(Properties.PolicyDocument));
    expect(
      policies.every(
        (text) => !text.includes('"Resource":["*"]') && !text.includes('"Resource":"*"'),
      ),
    ).toBe(true);
    expect(policies.join()).not.toContain("table/reckoner-live-history");
  });

  test("a site beside the control plane's region may ask for both regions", () => {
    const names = allowedNames(built.deployment, SITES.ireland);
    expect(names).toEqual(
      expect.arrayContaining(["*.ap-northeast-1.amazonaws.com", "*.eu-west-1.amazonaws.com"]),
    );
  });
});

describe("the machine", () => {
  const data = only("AWS::EC2::LaunchTemplate").LaunchTemplateData as Readonly<
    Record<string, unknown>
  >;

  test("has one thread a core, its credentials one hop away, and an encrypted disk", () => {
    expect(data.CpuOptions).toEqual({ CoreCount: 4, ThreadsPerCore: 1 });
    expect(data.MetadataOptions).toEqual({ HttpTokens: "required", HttpPutResponseHopLimit: 1 });
    const [disk] = data.BlockDeviceMappings as readonly {
      readonly Ebs: Readonly<Record<string, unknown>>;
    }[];
    expect(disk?.Ebs).toMatchObject({ Encrypted: true, VolumeType: "gp3" });
    expect(data.KeyName).toBeUndefined();
  });

  test("there is one at most, and the old one goes before the new one comes", () => {
    const [group] = Object.values(resourcesOf(template, "AWS::AutoScaling::AutoScalingGroup"));
    expect(group?.Properties.MaxSize).toBe("1");
    expect(group?.UpdatePolicy).toEqual({
      AutoScalingRollingUpdate: { MinInstancesInService: 0, MaxBatchSize: 1 },
    });
  });

  test("keeps the container from the machine's own credentials and takes its address", () => {
    const text = JSON.stringify(data.UserData);
    expect(text).toContain("--uid-owner 1000 -d 169.254.169.254 -j DROP");
    expect(text).toContain("associate-address");
    expect(Object.keys(resourcesOf(template, "AWS::EC2::EIP"))).toEqual(["SiteAddress"]);
  });

  test("stands in a group of ours by name, or in a venue's by id, never by both", () => {
    expect(Object.keys(data.Placement as object)).toEqual(["GroupName"]);
    const shared: Site = {
      ...SITES.tokyo,
      placement: { kind: "shared", groupId: "pg-0123456789abcdef0" },
    };
    const other = templateOf(build(STAGES.paper, "", [shared]), "-hotpath-tokyo");
    const placed = only("AWS::EC2::LaunchTemplate", other).LaunchTemplateData as Readonly<
      Record<string, unknown>
    >;
    expect(placed.Placement).toEqual({ GroupId: "pg-0123456789abcdef0" });
    expect(resourcesOf(other, "AWS::EC2::PlacementGroup")).toEqual({});
  });
});

describe("the task", () => {
  const task = only("AWS::ECS::TaskDefinition");
  const containers = task.ContainerDefinitions as readonly Container[];
  const engine = containers.find(({ Name }) => Name === "engine");

  test.each(containers.map((each) => [each.Name, each] as const))(
    "%s: not root, nothing to write on, no capability",
    (_name, container) => {
      expect(container.User).toBe("1000:1000");
      expect(container.Privileged).toBe(false);
      expect(container.ReadonlyRootFilesystem).toBe(true);
      expect(container.DockerSecurityOptions).toEqual(["no-new-privileges"]);
      expect(container.LinuxParameters).toMatchObject({ Capabilities: { Drop: ["ALL"] } });
      expect(container.Secrets).toBeUndefined();
      expect(container.LogConfiguration).toMatchObject({
        LogDriver: "awslogs",
        Options: { mode: "non-blocking" },
      });
    },
  );

  test("the engine has time to stop, a check of its health, and its folders", () => {
    expect(task.NetworkMode).toBe("host");
    expect(engine?.StopTimeout).toBe(110);
    expect(JSON.stringify(engine?.HealthCheck)).toContain("/healthz");
    expect(engine?.MountPoints).toEqual([
      { ContainerPath: "/journal", ReadOnly: false, SourceVolume: "journal" },
      { ContainerPath: "/config", ReadOnly: true, SourceVolume: "config" },
    ]);
    expect(engine?.DependsOn).toEqual([{ Condition: "SUCCESS", ContainerName: "config" }]);
  });

  test("knows no key", () => {
    const names = containers.flatMap(({ Environment }) =>
      (Environment as readonly { readonly Name: string }[]).map(({ Name }) => Name),
    );
    expect(names.sort()).toEqual([
      "AWS_REGION",
      "RECKONER_BUCKET_PLACE",
      "RECKONER_CONFIG",
      "RECKONER_CONTROL_PREFIX",
      "RECKONER_IMAGE_DIGEST",
    ]);
  });

  test("there are never two, and an update that fails is rolled back", () => {
    expect(only("AWS::ECS::Service").DeploymentConfiguration).toEqual({
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      MaximumPercent: 100,
      MinimumHealthyPercent: 0,
    });
    expect(only("AWS::ECS::Service").EnableExecuteCommand).toBe(false);
  });

  test("an image that was published is named by its digest, in the task and in the lease", () => {
    const image = `111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/reckoner@sha256:${DIGEST}`;
    const published = only(
      "AWS::ECS::TaskDefinition",
      templateOf(build(STAGES.live, image), "-hotpath-tokyo"),
    );
    const found = (published.ContainerDefinitions as readonly Container[]).find(
      ({ Name }) => Name === "engine",
    );
    expect(found?.Image).toBe(image);
    expect(found?.Environment).toContainEqual({
      Name: "RECKONER_IMAGE_DIGEST",
      Value: `sha256:${DIGEST}`,
    });
    const own = ((engine?.Environment ?? []) as readonly { Name: string; Value: string }[]).find(
      ({ Name }) => Name === "RECKONER_IMAGE_DIGEST",
    );
    expect(own?.Value).toMatch(/^source:[0-9a-f]{64}$/);
  });
});

describe("the engine's configuration", () => {
  test.each(STAGE_NAMES)("in %s is one that the engine takes", (name) => {
    const { deployment } = build(STAGES[name]);
    const reading = readConfig(engineConfig(deployment, SITES.tokyo));
    expect(reading.ok ? "" : JSON.stringify(reading.faults)).toBe("");
    // The API judges a first version by the limits that the engine runs on.
    expect(reading.ok && riskLimitsOf(reading.config.trading.limits)).toEqual(
      deployment.options.startLimits,
    );
  });

  test("names the lease, and the engine may take that one and no other", () => {
    const site: Site = { ...SITES.tokyo, leaseAccount: "main" };
    const own = build(STAGES.live, "", [site]);
    expect(JSON.parse(engineConfig(own.deployment, site)).control.leaseAccount).toBe("main");
    const role = rolesOf(own).find(({ name }) => name === "reckoner-live-tokyo-engine");
    const mayTake = (key: string): boolean | undefined =>
      role &&
      isAllowed(role, {
        action: "dynamodb:UpdateItem",
        resource: own.deployment.tableArn("lease"),
        context: { "dynamodb:LeadingKeys": [key] },
      });
    expect([mayTake("lease#main"), mayTake("lease#tokyo-1")]).toEqual([true, false]);
  });

  test("trades live only where stage and site both say so, and is armed only then", () => {
    const site: Site = { ...SITES.tokyo, tradingMode: "live", hasKeys: true };
    const words = (stage: keyof typeof STAGES, which: Site): readonly [boolean, boolean] => {
      const { deployment } = build(STAGES[stage], `reckoner@sha256:${DIGEST}`, [which]);
      return [
        engineConfig(deployment, which).includes('"mode":"live"'),
        engineArguments(deployment, which).includes("--arm"),
      ];
    };
    expect(words("live", site)).toEqual([true, true]);
    expect(words("paper", site)).toEqual([false, false]);
    expect(words("live", SITES.tokyo)).toEqual([false, false]);
  });
});
