/**
 * Station: an HTTP request -> the event of an HTTP API, and a handler's result -> an HTTP answer.
 *
 * Payload format 2.0 (API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs",
 * 2026-11): names in lower case, repeated values joined by commas, cookies apart, bodies that are no text in
 * base64; a result without a status code is a body by itself.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

export type HttpRequest = {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly atMs: number;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
};

const TEXT_TYPE =
  /^(?:text\/|application\/(?:json|javascript|xml|x-www-form-urlencoded)|[^;]*\+json)/;

/** The event that `request` is for its function. */
export function httpEvent(request: HttpRequest): APIGatewayProxyEventV2 {
  const { method, headers, body, requestId, atMs } = request;
  const url = new URL(request.target, "http://localhost");
  const { cookie, ...others } = headers;
  const isText = TEXT_TYPE.test(headers["content-type"] ?? "text/plain");
  const query = queryOf(url.searchParams);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers: joined(others),
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: headers.host ?? "localhost",
      domainPrefix: "local",
      http: {
        method,
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: new Date(atMs).toISOString(),
      timeEpoch: atMs,
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

function joined(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(",") : (value ?? ""),
  ]);
  return Object.fromEntries(entries);
}

function queryOf(params: URLSearchParams): Record<string, string> {
  const names = new Set(params.keys());
  return Object.fromEntries([...names].map((name) => [name, params.getAll(name).join(",")]));
}

/** The answer that a handler's `result` stands for. */
export function httpAnswer(result: unknown): HttpAnswer {
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    return jsonAnswer(200, result ?? null);
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as {
    readonly statusCode: unknown;
    readonly headers?: Readonly<Record<string, unknown>>;
    readonly cookies?: readonly string[];
    readonly body?: unknown;
    readonly isBase64Encoded?: boolean;
  };
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return failedAnswer(500);
  const named = Object.entries(headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  const text = typeof body === "string" ? body : "";
  return {
    status,
    headers: Object.fromEntries(named),
    cookies: cookies ?? [],
    body: Buffer.from(text, isBase64Encoded === true ? "base64" : "utf8"),
  };
}

/** What API Gateway itself says where no function has answered. */
export function failedAnswer(status: 413 | 500 | 503): HttpAnswer {
  const message = {
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
  }[status];
  return jsonAnswer(status, { message });
}

function jsonAnswer(status: number, value: unknown): HttpAnswer {
  return {
    status,
    headers: { "content-type": "application/json" },
    cookies: [],
    body: Buffer.from(JSON.stringify(value)),
  };
}
