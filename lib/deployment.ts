/**
 * One deployment: a stage in an account, and the names and addresses of all that it consists of.
 *
 * Everything is named from the prefix by contracts/, as the stores do it. So stacks find each other by name,
 * and none imports a value of another: each can be rolled back alone, and a site may be in another region.
 */
import { Aws, type Environment } from "aws-cdk-lib";
import {
  type BucketName,
  bucketName,
  commandQueueName,
  type QueueName,
  queueName,
  TABLES,
  type TableName,
  tableName,
} from "../contracts/resources.ts";
import { limitsFault, type RiskLimits } from "../contracts/risk-limits.ts";
import { type Site, siteFault } from "./sites.ts";
import type { Stage } from "./stages.ts";

export type DeploymentOptions = {
  readonly stage: Stage;
  readonly sites: readonly Site[];
  /** Undefined leaves it to whoever deploys; then templates fit any account. */
  readonly account: string | undefined;
  /** Where mail of alarms goes besides the alerts; "" for nowhere. */
  readonly alarmEmail: string;
  /** `repository@sha256:...` that was built and signed elsewhere; "" builds from this checkout. */
  readonly image: string;
  /** Folder of the repository, and of the functions' handlers. */
  readonly root: string;
  readonly functionsFolder: string;
  /** False where nobody will run the code: in tests. */
  readonly isBundled: boolean;
  /** What every engine runs on until a version is put; the configurations of sites name no limits. */
  readonly startLimits: RiskLimits;
};

/** A tag could be moved to another image. */
const IMAGE_BY_DIGEST = /^[^\s@]+@sha256:[0-9a-f]{64}$/;

/** Names and addresses of a deployment. */
export class Deployment {
  readonly stage: Stage;
  readonly prefix: string;
  readonly region: string;
  readonly account: string | undefined;
  readonly sites: readonly Site[];
  readonly options: DeploymentOptions;

  /** @throws when a site cannot be built, or not from this image, or the limits are none. */
  constructor(options: DeploymentOptions) {
    this.options = options;
    this.stage = options.stage;
    this.prefix = `reckoner-${options.stage.name}`;
    this.region = options.stage.controlRegion;
    this.account = options.account;
    this.sites = options.sites;
    for (const site of this.sites) {
      const fault = siteFault(site);
      if (fault !== "") throw new Error(fault);
    }
    if (limitsFault(options.startLimits) !== undefined) throw new Error("no limits to start with");
    const { image } = options;
    if (image !== "" && !IMAGE_BY_DIGEST.test(image)) {
      throw new Error(`"${image}" names no image by its digest`);
    }
    const isLive = this.sites.some(({ tradingMode }) => tradingMode === "live");
    if (isLive && this.stage.mayTradeLive && image === "") {
      throw new Error("trading live wants an image that was published, by its digest");
    }
  }

  /** Where a stack in `region` goes. */
  environment(region: string): Environment {
    return this.account === undefined ? { region } : { account: this.account, region };
  }

  /** The account as text of a template. */
  get accountText(): string {
    return this.account ?? Aws.ACCOUNT_ID;
  }

  /** Last part of the names of buckets, which share one name space with all the world. */
  get place(): string {
    return `${this.accountText}-${this.region}`;
  }

  get boundaryArn(): string {
    return `arn:aws:iam::${this.accountText}:policy/${this.prefix}-boundary`;
  }

  arn(service: string, resource: string, region = this.region): string {
    return `arn:aws:${service}:${region}:${this.accountText}:${resource}`;
  }

  tableArn(table: TableName): string {
    return this.arn("dynamodb", `table/${tableName(this.prefix, table)}`);
  }

  indexArns(table: TableName): string[] {
    return TABLES[table].indexes.map(({ name }) => `${this.tableArn(table)}/index/${name}`);
  }

  queueArn(queue: Exclude<QueueName, "commands">, isDead = false): string {
    return this.arn("sqs", queueName(this.prefix, queue, isDead));
  }

  commandQueueArn(engine: string, isDead = false): string {
    return this.arn("sqs", commandQueueName(this.prefix, engine, isDead));
  }

  bucket(bucket: BucketName): string {
    return bucketName(this.prefix, bucket, this.place);
  }

  bucketArn(bucket: BucketName): string {
    return `arn:aws:s3:::${this.bucket(bucket)}`;
  }

  topicArn(name: "alarms" | "cancel"): string {
    return this.arn("sns", `${this.prefix}-${name}`);
  }

  /** Secrets end in six letters that are drawn when they are made. */
  secretArn(name: string, region = this.region): string {
    return this.arn("secretsmanager", `secret:${name}-??????`, region);
  }

  /** What names a parameter that one stack leaves for another. */
  parameterName(name: "key-arn" | "user-pool-id" | "user-pool-client-id"): string {
    return `/${this.prefix}/${name}`;
  }
}
