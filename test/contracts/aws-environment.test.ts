// Goal: in local mode every way to the real AWS is refused by the name of its variable.
import { describe, expect, test } from "vitest";
import { isLocalMode, isLoopbackUrl, localAwsFault } from "../../contracts/aws-environment.ts";

const URL_HERE = "http://127.0.0.1:4566";
const LOCAL = {
  RECKONER_LOCAL: "1",
  AWS_ENDPOINT_URL: URL_HERE,
  AWS_ENDPOINT_URL_DYNAMODB: URL_HERE,
  AWS_ENDPOINT_URL_SQS: URL_HERE,
  AWS_ENDPOINT_URL_S3: URL_HERE,
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
};

describe("the guard of local mode", () => {
  test("lets an environment pass that leads nowhere else, and any that is not local", () => {
    expect(localAwsFault(LOCAL)).toBe("");
    expect(localAwsFault({ AWS_PROFILE: "prod", AWS_ENDPOINT_URL: "https://x.example" })).toBe("");
    expect(isLocalMode(LOCAL)).toBe(true);
    expect(isLocalMode({ RECKONER_LOCAL: "0" })).toBe(false);
  });

  test.each([
    ["AWS_ENDPOINT_URL", ""],
    ["AWS_ENDPOINT_URL_DYNAMODB", undefined],
    ["AWS_ENDPOINT_URL_SQS", "https://sqs.us-east-1.amazonaws.com"],
    ["AWS_ENDPOINT_URL_S3", "http://10.0.0.1:9000"],
    ["AWS_ENDPOINT_URL_SESV2", "https://email.us-east-1.amazonaws.com"],
    ["AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"],
    ["AWS_SECRET_ACCESS_KEY", undefined],
    ["AWS_SESSION_TOKEN", "token"],
    ["AWS_PROFILE", "prod"],
    ["AWS_ROLE_ARN", "arn:aws:iam::1:role/x"],
    ["AWS_WEB_IDENTITY_TOKEN_FILE", "/token"],
    ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.2/"],
    ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2"],
  ])("refuses %s=%s and names it", (name, value) => {
    const fault = localAwsFault({ ...LOCAL, [name]: value });
    expect(fault.startsWith(`${name} is `)).toBe(true);
    if (value !== undefined && value !== "") expect(fault).not.toContain(value);
  });
});

test.each([
  ["http://127.0.0.1:1", true],
  ["https://127.8.8.8/", true],
  ["http://localhost:8000", true],
  ["http://[::1]:8000", true],
  ["http://127.0.0.1.example.org", false],
  ["http://localhost.example.org", false],
  ["http://127.0.0.1@example.org", false],
  ["http://0.0.0.0:1", false],
  ["ftp://127.0.0.1", false],
  ["127.0.0.1:8000", false],
  ["", false],
])("%s is on this machine: %s", (address, expected) => {
  expect(isLoopbackUrl(address)).toBe(expected);
});
