/**
 * The HTTP API in front of control-api: tokens are checked at the gateway and again in the function.
 *
 * The pages carry their token in a cookie, which the gateway's authorizer cannot read; those routes are open at
 * the gateway and closed in the function. A web application firewall cannot stand before an API of this
 * kind (only before REST APIs and CloudFront): throttling, short tokens and default deny stand here instead.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html (2026-11-21)
 */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { CfnStage, HttpApi, HttpMethod, HttpStage } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { acknowledge } from "../acknowledged-findings.ts";
import type { Deployment } from "../deployment.ts";

export type ControlHttpApiProps = {
  readonly deployment: Deployment;
  readonly handler: IFunction;
  readonly key: IKey;
  readonly issuer: string;
  readonly audience: string;
};

const KILL_ROUTE = "/v1/engines/{engine}/kill";
/** Nobody who wants to stop trading waits behind somebody who reads charts. */
const KILLS_PER_SECOND = 500;
/** Answers without a token: whether it is up, what it is, and the pages with their own way of logging in. */
const OPEN_ROUTES = ["/v1/health", "/openapi.json", "/", "/{proxy+}"] as const;

export class ControlHttpApi extends Construct {
  readonly apiId: string;
  readonly url: string;

  constructor(scope: Construct, id: string, props: ControlHttpApiProps) {
    super(scope, id);
    const { deployment, handler } = props;
    const api = new HttpApi(this, "Api", {
      apiName: deployment.prefix,
      description: "Reckoner: limits, kills, commands, history",
      createDefaultStage: false,
    });
    const integration = new HttpLambdaIntegration("Control", handler, {
      timeout: Duration.seconds(29),
    });
    const authorizer = new HttpJwtAuthorizer("Operators", props.issuer, {
      jwtAudience: [props.audience],
    });
    const closed = [
      ...api.addRoutes({ path: "/v1/{proxy+}", integration, authorizer }),
      ...api.addRoutes({ path: KILL_ROUTE, methods: [HttpMethod.POST], integration, authorizer }),
    ];
    for (const path of OPEN_ROUTES) {
      for (const route of api.addRoutes({ path, integration })) {
        acknowledge(route, "openRoutes");
      }
    }
    const stage = this.makeStage(api, props);
    // A route's own limits are refused as long as the route is not there.
    for (const route of closed) stage.node.addDependency(route);
    this.apiId = api.apiId;
    this.url = api.apiEndpoint;
  }

  private makeStage(api: HttpApi, { deployment, key }: ControlHttpApiProps): HttpStage {
    const { stage, prefix } = deployment;
    const rate = stage.apiRequestsPerSecond;
    const made = new HttpStage(this, "Stage", {
      httpApi: api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: rate, burstLimit: rate * 2 },
    });
    const log = new LogGroup(this, "Access", {
      // The gateway may write only where its own rule of the account lets it: under this name.
      logGroupName: `/aws/vendedlogs/${prefix}/api`,
      retention: stage.logDays,
      encryptionKey: key,
      removalPolicy: stage.isProtected ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const resource = made.node.defaultChild;
    if (!(resource instanceof CfnStage)) throw new Error("a stage is made of a stage");
    resource.accessLogSettings = {
      destinationArn: log.logGroupArn,
      format: JSON.stringify(ACCESS_FORMAT),
    };
    resource.routeSettings = {
      [`POST ${KILL_ROUTE}`]: {
        ThrottlingRateLimit: KILLS_PER_SECOND,
        ThrottlingBurstLimit: KILLS_PER_SECOND,
      },
    };
    return made;
  }
}

/** Who asked for what, and no token. */
const ACCESS_FORMAT = {
  requestId: "$context.requestId",
  at: "$context.requestTimeEpoch",
  from: "$context.identity.sourceIp",
  subject: "$context.authorizer.claims.sub",
  method: "$context.httpMethod",
  path: "$context.path",
  status: "$context.status",
  bytes: "$context.responseLength",
  ms: "$context.responseLatency",
  authorizerError: "$context.authorizer.error",
  integrationError: "$context.integrationErrorMessage",
};
