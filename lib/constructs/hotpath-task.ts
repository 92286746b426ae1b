/**
 * The one task of a site: the engine in its container, on the network of its machine.
 *
 * There are never two: a new one starts when the old one has stopped and given its lease back, and an update
 * that does not become healthy is rolled back. Not root, a root that cannot be written, no capabilities,
 * and a log that rather loses lines than holds up the engine.
 */
import {
  CfnCapacityProvider,
  CfnCluster,
  CfnClusterCapacityProviderAssociations,
  CfnService,
  CfnTaskDefinition,
} from "aws-cdk-lib/aws-ecs";
import { Construct } from "constructs";
import { acknowledge } from "../acknowledged-findings.ts";
import type { Deployment } from "../deployment.ts";
import {
  ADMIN_PORT,
  CONFIG_FOLDER,
  engineArguments,
  engineConfig,
  JOURNAL_FOLDER,
  WRITE_CONFIG,
} from "../engine-config.ts";
import { clusterName, engineStatements, executionStatements } from "../site-permissions.ts";
import type { Site } from "../sites.ts";
import { LeastRole } from "./least-role.ts";
import { CONTAINER_USER, HOST_FOLDER, type SiteMachine } from "./site-machine.ts";

export type HotpathTaskProps = {
  readonly deployment: Deployment;
  readonly site: Site;
  readonly machine: SiteMachine;
  readonly logGroupName: string;
  /** Address of the image, and what names its content. */
  readonly image: string;
  readonly imageIdentity: string;
};

/** Cancel what is open, finish what is under way, seal the journal, give the lease back. */
const STOP_TIMEOUT_S = 110;
/** Dialing and reading accounts before the first answer of /healthz. */
const START_PERIOD_S = 300;

export class HotpathTask extends Construct {
  constructor(scope: Construct, id: string, props: HotpathTaskProps) {
    super(scope, id);
    const { deployment, site, machine } = props;
    const cluster = new CfnCluster(this, "Cluster", {
      clusterName: clusterName(deployment, site),
      clusterSettings: [{ name: "containerInsights", value: "disabled" }],
    });
    acknowledge(cluster, "containerInsights");
    const provider = new CfnCapacityProvider(this, "Capacity", {
      name: clusterName(deployment, site),
      autoScalingGroupProvider: {
        autoScalingGroupArn: machine.groupArn,
        managedScaling: { status: "DISABLED" },
        managedTerminationProtection: "DISABLED",
        managedDraining: "ENABLED",
      },
    });
    const strategy = [{ capacityProvider: provider.ref, weight: 1 }];
    const association = new CfnClusterCapacityProviderAssociations(this, "CapacityOfCluster", {
      cluster: cluster.ref,
      capacityProviders: [provider.ref],
      defaultCapacityProviderStrategy: strategy,
    });
    const service = new CfnService(this, "Service", {
      serviceName: "engine",
      cluster: cluster.ref,
      taskDefinition: this.makeTask(props).ref,
      capacityProviderStrategy: strategy,
      desiredCount: site.engineCount,
      deploymentConfiguration: {
        minimumHealthyPercent: 0,
        maximumPercent: 100,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
      availabilityZoneRebalancing: "DISABLED",
      enableExecuteCommand: false,
      enableEcsManagedTags: true,
      propagateTags: "SERVICE",
    });
    service.addResourceDependency(association);
  }

  private makeTask(props: HotpathTaskProps): CfnTaskDefinition {
    const { deployment, site } = props;
    const role = (name: string, statements: ReturnType<typeof engineStatements>): string =>
      new LeastRole(this, `${name}Role`, {
        deployment,
        roleName: `${clusterName(deployment, site)}-${name}`,
        principal: "ecs-tasks.amazonaws.com",
        statements,
      }).roleArn;
    const task = new CfnTaskDefinition(this, "Task", {
      family: clusterName(deployment, site),
      networkMode: "host",
      requiresCompatibilities: ["EC2"],
      memory: String(site.containerMemoryMiB),
      taskRoleArn: role("engine", engineStatements(deployment, site)),
      executionRoleArn: role("execution", executionStatements(deployment, site)),
      runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
      volumes: [
        { name: "journal", host: { sourcePath: `${HOST_FOLDER}/journal` } },
        { name: "config", host: { sourcePath: `${HOST_FOLDER}/config` } },
      ],
      containerDefinitions: [configWriter(props), engine(props)],
    });
    acknowledge(task, "plainEnvironment");
    return task;
  }
}

type Container = CfnTaskDefinition.ContainerDefinitionProperty;

/** What both containers have: the image, its user, nothing that may be written, no rights of the kernel. */
function sealed({ image, site, logGroupName }: HotpathTaskProps): Omit<Container, "name"> {
  return {
    image,
    user: `${CONTAINER_USER}:${CONTAINER_USER}`,
    privileged: false,
    readonlyRootFilesystem: true,
    dockerSecurityOptions: ["no-new-privileges"],
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": logGroupName,
        "awslogs-region": site.region,
        "awslogs-stream-prefix": site.engine,
        mode: "non-blocking",
        "max-buffer-size": "8m",
      },
    },
  };
}

const NO_CAPABILITIES = { capabilities: { drop: ["ALL"] } };

function configWriter(props: HotpathTaskProps): Container {
  return {
    ...sealed(props),
    name: "config",
    essential: false,
    entryPoint: ["node"],
    command: [...WRITE_CONFIG],
    memory: 128,
    linuxParameters: NO_CAPABILITIES,
    environment: [{ name: "RECKONER_CONFIG", value: engineConfig(props.deployment, props.site) }],
    mountPoints: [{ sourceVolume: "config", containerPath: CONFIG_FOLDER, readOnly: false }],
  };
}

function engine(props: HotpathTaskProps): Container {
  const { deployment, site, imageIdentity } = props;
  const health = `fetch("http://127.0.0.1:${ADMIN_PORT}/healthz").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
  return {
    ...sealed(props),
    name: "engine",
    essential: true,
    command: engineArguments(deployment, site),
    memory: site.containerMemoryMiB - 128,
    dependsOn: [{ containerName: "config", condition: "SUCCESS" }],
    stopTimeout: STOP_TIMEOUT_S,
    environment: Object.entries({
      AWS_REGION: deployment.region,
      RECKONER_CONTROL_PREFIX: deployment.prefix,
      RECKONER_BUCKET_PLACE: deployment.place,
      // Part of the lease: only listed software may hold it.
      RECKONER_IMAGE_DIGEST: imageIdentity,
    }).map(([name, value]) => ({ name, value })),
    mountPoints: [
      { sourceVolume: "journal", containerPath: JOURNAL_FOLDER, readOnly: false },
      { sourceVolume: "config", containerPath: CONFIG_FOLDER, readOnly: true },
    ],
    linuxParameters: {
      ...NO_CAPABILITIES,
      tmpfs: [{ containerPath: "/tmp", size: 64, mountOptions: ["noexec", "nosuid", "nodev"] }],
    },
    ulimits: [{ name: "nofile", softLimit: 65_536, hardLimit: 65_536 }],
    healthCheck: {
      command: ["CMD", "node", "--eval", health],
      interval: 10,
      timeout: 5,
      retries: 3,
      startPeriod: START_PERIOD_S,
    },
  };
}
