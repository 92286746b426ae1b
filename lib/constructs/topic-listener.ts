/**
 * A function that hears a topic, wherever the topic is.
 *
 * Written out rather than made by the library, which would put the stage's name into the ids of resources. A topic
 * in the function's own region gets a queue for what could not be delivered; one in another region cannot have
 * it there, and the function's own dead letters take what it fails to do.
 */
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnPermission, type IFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSubscription } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledge } from "../acknowledged-findings.ts";

export type TopicListenerProps = {
  readonly topicArn: string;
  readonly topicRegion: string;
  readonly listener: IFunction;
  readonly dead: Queue | undefined;
};

export class TopicListener extends Construct {
  constructor(scope: Construct, id: string, props: TopicListenerProps) {
    super(scope, id);
    const { topicArn, topicRegion, listener, dead } = props;
    const permission = new CfnPermission(this, "Permission", {
      action: "lambda:InvokeFunction",
      functionName: listener.functionArn,
      principal: "sns.amazonaws.com",
      // The topic's address names its account. Not every service tells the account besides, and a condition on
      // what is not told would keep the canceller asleep.
      sourceArn: topicArn,
    });
    const subscription = new CfnSubscription(this, "Subscription", {
      protocol: "lambda",
      topicArn,
      region: topicRegion,
      endpoint: listener.functionArn,
      ...(dead === undefined ? {} : { redrivePolicy: { deadLetterTargetArn: dead.queueArn } }),
    });
    subscription.addResourceDependency(permission);
    if (dead === undefined) acknowledge(subscription, "cancelOnce");
    dead?.addToResourcePolicy(
      new PolicyStatement({
        sid: "UndeliveredNotices",
        principals: [new ServicePrincipal("sns.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [dead.queueArn],
        conditions: { ArnEquals: { "aws:SourceArn": topicArn } },
      }),
    );
  }
}
