/**
 * A secret that a person fills. It is made without a key in it, so that no key ever stands in a template; the
 * engine refuses keys that are not there.
 */
import { RemovalPolicy, SecretValue } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnSecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { acknowledge } from "../acknowledged-findings.ts";
import type { Deployment } from "../deployment.ts";

/** What stands in a secret until a person fills it; whoever reads it finds no key. */
const EMPTY = "{}";

/** Makes the secret `name`. */
export function houseSecret(
  scope: Construct,
  name: string,
  deployment: Deployment,
  key: IKey,
): Secret {
  const { isProtected } = deployment.stage;
  const secret = new Secret(scope, `Secret-${name.replaceAll("/", "-")}`, {
    secretName: name,
    description: "Filled by hand; see docs/DEPLOY.md",
    encryptionKey: key,
    secretStringValue: SecretValue.unsafePlainText(EMPTY),
    removalPolicy: isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  const resource = secret.node.defaultChild;
  if (!(resource instanceof CfnSecret)) throw new Error("a secret is made of a secret");
  const title = name.slice(deployment.prefix.length).replaceAll(/[^A-Za-z0-9]/g, "");
  resource.overrideLogicalId(`Secret${title}`);
  acknowledge(secret, "rotatedByHand");
  return secret;
}
