// Goal: every flag of the embedded AWS is taken or refused by its name.
import { describe, expect, test } from "vitest";
import { parseOptions, UsageError } from "../../../local/aws/options.ts";

describe("flags", () => {
  test("have defaults, and may all be given", () => {
    expect(parseOptions([])).toEqual({
      folder: undefined,
      prefix: "reckoner",
      bucketPlace: "local",
      engines: [],
      dynamodbPort: 0,
      sqsPort: 0,
      withParent: false,
    });
    const given = "--folder f --prefix p --bucket-place b --engine a --engine b";
    const ports = "--dynamodb-port 1 --sqs-port 65535 --with-parent";
    expect(parseOptions(`${given} ${ports}`.split(" "))).toEqual({
      folder: "f",
      prefix: "p",
      bucketPlace: "b",
      engines: ["a", "b"],
      dynamodbPort: 1,
      sqsPort: 65_535,
      withParent: true,
    });
  });

  test.each([
    [["--prefix", "No"], "--prefix"],
    [["--engine", "A B"], "--engine A B"],
    [["--sqs-port", "70000"], "--sqs-port"],
    [["--dynamodb-port", "x"], "--dynamodb-port"],
    [["--unknown"], "--unknown"],
    [["stray"], "stray"],
  ])("%j are refused", (args, name) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(name);
  });
});
