/**
 * Station: the CDK app. Stages in, stacks out; the only reader of what is said at deploy time.
 *
 * RECKONER_STAGE names the stage, and without it all are made; RECKONER_ALARM_EMAIL gets the alarms' mail;
 * RECKONER_IMAGE is an image by its digest, and without it one is built from this checkout; RECKONER_START_LIMITS is
 * what `reckoner dev synth` reads out of the engine, which this may not import. Needs no account and no network.
 */
import { fileURLToPath } from "node:url";
import { Deployment } from "../lib/deployment.ts";
import { addPacks, addStacks, newApp } from "../lib/stacks.ts";
import { isStageName, STAGE_NAMES, STAGES, sitesOf } from "../lib/stages.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const { env } = process;
const wanted = env.RECKONER_STAGE ?? "";
if (wanted !== "" && !isStageName(wanted)) {
  throw new Error(`RECKONER_STAGE: expected one of ${STAGE_NAMES.join(", ")}, got "${wanted}"`);
}
const app = newApp();
for (const name of STAGE_NAMES.filter((each) => wanted === "" || wanted === each)) {
  const deployment = new Deployment({
    stage: STAGES[name],
    sites: sitesOf(STAGES[name]),
    account: env.CDK_DEFAULT_ACCOUNT,
    alarmEmail: env.RECKONER_ALARM_EMAIL ?? "",
    image: env.RECKONER_IMAGE ?? "",
    root,
    functionsFolder: `${root}functions`,
    isBundled: true,
    startLimits: JSON.parse(env.RECKONER_START_LIMITS ?? "{}"),
  });
  addStacks(app, deployment);
}
addPacks(app);
app.synth();
