/**
 * One queue of contracts/resources.ts with its dead-letter queue.
 *
 * A message is invisible for six times its consumer's limit, as Lambda asks of its event sources, and goes to
 * the dead letters after some deliveries. Only encrypted connections are served.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html (2026-11-21)
 */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnQueue, Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { commandQueueName, QUEUES, type QueueName, queueName } from "../../contracts/resources.ts";
import { acknowledge } from "../acknowledged-findings.ts";
import type { Deployment } from "../deployment.ts";

export type HouseQueueProps = {
  readonly deployment: Deployment;
  readonly key: IKey;
} & (
  | { readonly queue: Exclude<QueueName, "commands"> }
  /** Each engine has its own. */
  | { readonly queue: "commands"; readonly engine: string }
);

/** Six, so that a function that is throttled for a while does not see its messages delivered again. */
export const VISIBILITY_FACTOR = 6;
/** The longest that SQS keeps a message. */
const RETENTION_DAYS = 14;
const DATA_KEY_REUSE_MINUTES = 5;

export class HouseQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, props: HouseQueueProps) {
    super(scope, id);
    const { deployment, key } = props;
    const plan = QUEUES[props.queue];
    const nameOf = (isDead: boolean): string =>
      props.queue === "commands"
        ? commandQueueName(deployment.prefix, props.engine, isDead)
        : queueName(deployment.prefix, props.queue, isDead);
    const both: QueueProps = {
      ...(plan.isFifo ? { fifo: true } : {}),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      dataKeyReuse: Duration.minutes(DATA_KEY_REUSE_MINUTES),
      enforceSSL: true,
      retentionPeriod: Duration.days(RETENTION_DAYS),
      removalPolicy: deployment.stage.isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    const dead = new Queue(this, "Dead", { ...both, queueName: nameOf(true) });
    const alive = new Queue(this, "Queue", {
      ...both,
      queueName: nameOf(false),
      visibilityTimeout: Duration.seconds(plan.consumerTimeoutS * VISIBILITY_FACTOR),
      deadLetterQueue: { queue: dead, maxReceiveCount: plan.receivesMax },
    });
    this.queue = alive;
    const title = props.queue === "commands" ? `Commands-${props.engine}` : props.queue;
    pin(alive, `Queue${title}`);
    pin(dead, `Queue${title}Dead`);
    const deadResource = dead.node.defaultChild;
    if (deadResource instanceof CfnQueue) {
      // By name: the two queues point at each other.
      acknowledge(dead, "deadLetterQueue");
      deadResource.redriveAllowPolicy = {
        redrivePermission: "byQueue",
        sourceQueueArns: [deployment.arn("sqs", nameOf(false))],
      };
    }
  }
}

function pin(queue: Queue, logicalId: string): void {
  const resource = queue.node.defaultChild;
  if (resource instanceof CfnQueue) {
    resource.overrideLogicalId(logicalId.replaceAll(/[^A-Za-z0-9]/g, ""));
  }
}
