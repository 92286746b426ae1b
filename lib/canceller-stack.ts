/**
 * The independent canceller: it can cancel every open order while all the rest is gone.
 *
 * It shares nothing with the rest: its own keys, that may cancel and read but not place; its own encryption
 * key; its own log, topic and mailbox; and a second copy in another region. It is called by people, and by the
 * alarm of a silent engine where the stage says so.
 */
import { CfnOutput, Duration, RemovalPolicy, Stack, Tags } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { CfnKey, type IKey, Key } from "aws-cdk-lib/aws-kms";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { asyncDeadLetters } from "./constructs/async-dead-letters.ts";
import { ControlFunction } from "./constructs/control-function.ts";
import { houseSecret } from "./constructs/house-secret.ts";
import { houseTopic } from "./constructs/house-topic.ts";
import { keyPolicy } from "./constructs/key-policy.ts";
import { TopicListener } from "./constructs/topic-listener.ts";
import type { Deployment } from "./deployment.ts";
import { CANCELLER } from "./functions.ts";
import { cancellerStatements, cancelSecretNames } from "./site-permissions.ts";

export class CancellerStack extends Stack {
  constructor(scope: Construct, deployment: Deployment, region: string) {
    super(scope, `${deployment.prefix}-canceller-${region}`, {
      env: deployment.environment(region),
      terminationProtection: deployment.stage.isProtected,
      description: "Reckoner: the independent canceller",
    });
    Tags.of(this).add("reckoner:deployment", deployment.prefix);
    const key = this.makeKey(deployment, region);
    for (const name of cancelSecretNames(deployment)) houseSecret(this, name, deployment, key);
    const dead = asyncDeadLetters(this, `${deployment.prefix}-cancel-dead`, key);
    const canceller = new ControlFunction(this, CANCELLER.name, {
      deployment,
      plan: CANCELLER,
      statements: cancellerStatements(deployment, region),
      environment: {
        RECKONER_CONTROL_PREFIX: deployment.prefix,
        RECKONER_CANCEL_SECRETS: cancelSecretNames(deployment).join(","),
        POWERTOOLS_SERVICE_NAME: CANCELLER.name,
        NODE_OPTIONS: "--enable-source-maps",
      },
      key,
      dead,
      roleSuffix: `-${region}`,
    });
    // The topic lies in the region of the control plane, whose alarm of a silent engine writes to it.
    new TopicListener(this, "Hears", {
      topicArn: deployment.topicArn("cancel"),
      topicRegion: deployment.region,
      listener: canceller.lambda,
      dead: undefined,
    });
    this.watch(deployment, canceller, dead, key);
    new CfnOutput(this, "FunctionName", { value: canceller.name });
  }

  private makeKey(deployment: Deployment, region: string): IKey {
    const { isProtected, keyDeletionDays } = deployment.stage;
    const key = new CfnKey(this, "Key", {
      description: `The independent canceller of ${deployment.prefix}`,
      enableKeyRotation: true,
      pendingWindowInDays: keyDeletionDays,
      keyPolicy: keyPolicy(deployment, region),
    });
    key.overrideLogicalId("Key");
    key.applyRemovalPolicy(isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    return Key.fromKeyArn(this, "MadeKey", key.attrArn);
  }

  private watch(deployment: Deployment, canceller: ControlFunction, dead: Queue, key: IKey): void {
    const topic = houseTopic(this, "canceller-alarms", deployment, key);
    const { alarmEmail } = deployment.options;
    if (alarmEmail !== "") {
      topic.addSubscription(new EmailSubscription(alarmEmail, { deadLetterQueue: dead }));
    }
    const alarm = new Alarm(this, "Failed", {
      alarmName: `${deployment.prefix}-canceller-failed-${this.region}`,
      alarmDescription: "severity 1; docs/RUNBOOK.md, canceller-failed",
      metric: new Metric({
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensionsMap: { FunctionName: canceller.name },
        statistic: "Sum",
        period: Duration.minutes(1),
      }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
  }
}
