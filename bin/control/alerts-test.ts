/**
 * Station: `reckoner alerts test`: an alert of the lowest severity but one, to see that people are reached.
 *
 * It takes the way of every alert, queue and function included; a channel that stays silent is found before
 * it is needed.
 */
import { randomUUID } from "node:crypto";
import { ALERT_SCHEMA_VERSION, SEVERITIES, type Severity } from "../../contracts/alert.ts";
import { createAlertQueue } from "../../functions/stores/alert-queue.ts";
import { destroyClients } from "../../functions/stores/clients.ts";
import type { Command, Ending } from "../command.ts";
import { EXIT, refusal } from "../command.ts";
import { findDeployment } from "./deployment.ts";

const SEVERITY_STANDARD = "2";

export const alertsTestCommand: Command = {
  operands: [],
  flags: [
    {
      name: "severity",
      kind: "choice",
      choices: SEVERITIES.map(String),
      summary: "how grave it says it is; each has its channels",
      standard: SEVERITY_STANDARD,
    },
    { name: "engine", kind: "text", summary: "of which engine", standard: "the one started here" },
  ],
  fields: [["incidentId", "the same in every message that arrives"]],
  async run({ flags }): Promise<Ending> {
    const found = findDeployment(flags.get("engine"));
    if (!found.ok) return refusal(EXIT.environment, found.reason);
    const { clients, prefix, engine } = found.deployment;
    const incidentId = `test-${randomUUID()}`;
    try {
      await createAlertQueue(clients.queues, prefix).send({
        schemaVersion: ALERT_SCHEMA_VERSION,
        incidentId,
        engine,
        severity: Number(flags.get("severity") ?? SEVERITY_STANDARD) as Severity,
        kind: "test",
        text: "This is a test of the ways alerts take. Nothing has happened.",
        atUs: Date.now() * 1000,
      });
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      return refusal(EXIT.environment, `the queue of alerts does not answer: ${cause}`);
    } finally {
      destroyClients(clients);
    }
    return { exitCode: EXIT.ok, lines: [`sent; incident ${incidentId}`], json: { incidentId } };
  },
};
