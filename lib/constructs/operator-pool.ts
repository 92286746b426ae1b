/**
 * Who may log in: a pool of users without self-registration, with a second factor for everybody, and the four
 * roles as groups. Tokens live for a quarter of an hour; what they may do, the control API decides.
 */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  AccountRecovery,
  CfnUserPool,
  CfnUserPoolClient,
  CfnUserPoolGroup,
  FeaturePlan,
  Mfa,
  StandardThreatProtectionMode,
  UserPool,
} from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import type { Deployment } from "../deployment.ts";

export type OperatorPoolProps = { readonly deployment: Deployment };

/** From the least to the most powerful; the claim `cognito:groups` carries them. */
export const ROLES = ["viewer", "operator", "risk", "admin"] as const;

const PASSWORD_LENGTH_MIN = 14;
const TOKEN_MINUTES = 15;
const REFRESH_HOURS = 12;
const INVITATION_DAYS = 1;

export class OperatorPool extends Construct {
  readonly poolId: string;
  readonly clientId: string;

  constructor(scope: Construct, id: string, { deployment }: OperatorPoolProps) {
    super(scope, id);
    const { isProtected } = deployment.stage;
    const pool = new UserPool(this, "Pool", {
      userPoolName: deployment.prefix,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      featurePlan: FeaturePlan.PLUS,
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      passwordPolicy: {
        minLength: PASSWORD_LENGTH_MIN,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
        tempPasswordValidity: Duration.days(INVITATION_DAYS),
      },
      // Whoever takes over a mailbox must not get the account with it; an admin resets.
      accountRecovery: AccountRecovery.NONE,
      deletionProtection: isProtected,
      removalPolicy: isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const resource = pool.node.defaultChild;
    if (resource instanceof CfnUserPool) resource.overrideLogicalId("UserPool");
    const client = pool.addClient("Client", {
      // The password goes to Cognito over TLS, from the command line; there is no page of ours that sees it.
      authFlows: { userPassword: true },
      generateSecret: false,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      disableOAuth: true,
      accessTokenValidity: Duration.minutes(TOKEN_MINUTES),
      idTokenValidity: Duration.minutes(TOKEN_MINUTES),
      refreshTokenValidity: Duration.hours(REFRESH_HOURS),
    });
    const clientResource = client.node.defaultChild;
    if (clientResource instanceof CfnUserPoolClient) {
      clientResource.overrideLogicalId("UserPoolClient");
    }
    this.poolId = pool.userPoolId;
    this.clientId = client.userPoolClientId;
    for (const [index, role] of ROLES.entries()) {
      new CfnUserPoolGroup(this, `Group-${role}`, {
        userPoolId: pool.userPoolId,
        groupName: role,
        // The smallest number is the most important group.
        precedence: ROLES.length - index,
      });
    }
  }
}
