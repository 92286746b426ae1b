/**
 * The HTTP API in front of control-api: every token is checked in the function, and of changes at the gateway too.
 *
 * Browsers carry their token in a cookie, which the gateway's authorizer cannot read. What they ask is open at
 * the gateway and closed in the function: pages, their forms, and with GET the files that pages point to. A web
 * application firewall cannot stand before an API of this kind (only before REST APIs and CloudFront):
 * throttling, short tokens and default deny stand here instead.
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

type RoutePlan = { readonly path: string; readonly methods?: HttpMethod[] };

/** Of the API and of the page; each has a throttle of its own. */
const KILL_ROUTE = { path: "/v1/engines/{engine}/kill", methods: [HttpMethod.POST] };
const KILL_FORM = { path: "/kill", methods: [HttpMethod.POST] };
/** Nobody who wants to stop trading waits behind somebody who reads charts. */
const KILLS_PER_SECOND = 500;
/** No page of ours asks these with a cookie: its forms go to the page, which asks within the function. */
const CLOSED_ROUTES: readonly RoutePlan[] = [{ path: "/v1/{proxy+}" }, KILL_ROUTE];
const OPEN_ROUTES: readonly RoutePlan[] = [
  { path: "/v1/{proxy+}", methods: [HttpMethod.GET] },
  { path: "/" },
  { path: "/{proxy+}" },
  KILL_FORM,
];

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
    const closed = CLOSED_ROUTES.flatMap((plan) =>
      api.addRoutes({ ...plan, integration, authorizer }),
    );
    const open = OPEN_ROUTES.flatMap((plan) => api.addRoutes({ ...plan, integration }));
    for (const route of open) acknowledge(route, "openRoutes");
    const stage = this.makeStage(api, props);
    // A route's own limits are refused as long as the route is not there.
    stage.node.addDependency(...closed, ...open);
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
    const limits = {
      ThrottlingRateLimit: KILLS_PER_SECOND,
      ThrottlingBurstLimit: KILLS_PER_SECOND,
    };
    resource.routeSettings = {
      [`POST ${KILL_ROUTE.path}`]: limits,
      [`POST ${KILL_FORM.path}`]: limits,
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
