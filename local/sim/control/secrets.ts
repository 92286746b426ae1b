/**
 * The secrets of the scene, each of them a word that must stand nowhere but where secrets are kept and used
 * (invariant 25).
 */
import { TOKEN_CANARY } from "./api-desk.ts";

const BOT_TOKEN = "123456:canaryBotTokenOfTheScene";
const HOOK_PATH = "canaryHookPathOfTheScene";
const HOOK_SECRET = "canaryHookSecretOfTheScene";

/** The plan of the alert channels, as it lies in the store of secrets. */
export const CHANNELS = JSON.stringify({
  telegram: { token: BOT_TOKEN, chatId: "-1001" },
  discord: { webhookUrl: `https://discord.com/api/webhooks/1/${HOOK_PATH}` },
  webhook: { url: "https://hooks.sim.example/reckoner", secret: HOOK_SECRET },
});

/** Words that are searched for in everything that was written. */
export const CANARIES: readonly string[] = [BOT_TOKEN, HOOK_PATH, HOOK_SECRET, TOKEN_CANARY];
