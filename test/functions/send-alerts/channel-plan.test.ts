// Goal: a plan of channels is taken whole or refused by the name of its field, never by its value.
import { describe, expect, test } from "vitest";
import { ChannelPlanError, readChannelPlan } from "../../../functions/send-alerts/channel-plan.ts";
import {
  createChannelSource,
  PLAN_LIFE_US,
} from "../../../functions/send-alerts/channel-source.ts";

const PLAN = {
  telegram: { token: "123456:abcdefghijklmnop", chatId: "-1001" },
  webhook: { url: "https://hooks.example.com/", secret: "0123456789abcdef" },
};

describe("a plan", () => {
  test("may have some channels or none", () => {
    expect(readChannelPlan(JSON.stringify(PLAN))).toEqual(PLAN);
    expect(readChannelPlan(" ")).toEqual({});
    expect(readChannelPlan("{}")).toEqual({});
  });

  test.each([
    ["", "{"],
    ["", '{"fax":{}}'],
    ["telegram.token", '{"telegram":{"token":"hush-hush","chatId":"1"}}'],
    ["telegram.chatId", '{"telegram":{"token":"1:abcdefghijkl","chatId":"hush-hush"}}'],
    [
      "telegram.origin",
      '{"telegram":{"token":"1:abcdefghijkl","chatId":"1","origin":"https://a.b"}}',
    ],
    ["discord.webhookUrl", '{"discord":{"webhookUrl":"hush-hush"}}'],
    ["email.to", '{"email":{"from":"a@example.com","to":[]}}'],
    ["webhook.secret", '{"webhook":{"url":"https://a.b/","secret":"hush-hush"}}'],
  ])("is refused for its %s", (field, text) => {
    const refusal = (): unknown => readChannelPlan(text);
    expect(refusal).toThrow(ChannelPlanError);
    expect(refusal).toThrow(`alert channels: ${field}`);
    expect(refusal).not.toThrow(/hush/);
  });
});

describe("the source of the plan", () => {
  test("is asked once in a while, and what it said last serves while it is away", async () => {
    let nowUs = 1;
    let text = JSON.stringify(PLAN);
    let count = 0;
    const lines: string[] = [];
    const plan = createChannelSource({
      read: async () => {
        count++;
        return text;
      },
      nowUs: () => nowUs,
      log: { error: (message) => void lines.push(message) },
    });
    await plan();
    expect(await plan()).toEqual(PLAN);
    expect(count).toBe(1);
    nowUs += PLAN_LIFE_US;
    text = "no JSON";
    expect(await plan()).toEqual(PLAN);
    expect(lines).toEqual(["the channels cannot be read"]);
    text = "{}";
    expect(await plan()).toEqual({});
  });

  test("that never answered is an error", async () => {
    const plan = createChannelSource({
      read: () => Promise.reject(new Error("denied")),
      nowUs: () => 1,
      log: { error: () => undefined },
    });
    await expect(plan()).rejects.toThrow("denied");
  });
});
