/**
 * A topic of the house: encrypted, over encrypted connections only, and open to the alarms of its own account.
 *
 * A topic with a policy of its own loses the one that lets the account's alarms in, so it is said here.
 */
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { Deployment } from "../deployment.ts";

/** Makes the topic `name`, to which CloudWatch and Budgets may write. */
export function houseTopic(
  scope: Construct,
  name: "alarms" | "cancel" | "canceller-alarms",
  deployment: Deployment,
  key: IKey,
): Topic {
  const topic = new Topic(scope, `Topic-${name}`, {
    topicName: `${deployment.prefix}-${name}`,
    masterKey: key,
    enforceSSL: true,
  });
  const writers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"];
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: "AlarmsOfThisAccount",
      principals: writers.map((each) => new ServicePrincipal(each)),
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": deployment.accountText } },
    }),
  );
  return topic;
}
