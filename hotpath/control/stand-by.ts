/**
 * Station: an engine that would like to trade -> one that may, or that was asked to end while it waited.
 *
 * It waits alive: whoever runs it sees a healthy process on its admin port, and does not start it again.
 */
import { startAdminServer } from "../io/admin-http.ts";
import { nowUs } from "../io/clock.ts";
import { watchStarter } from "../io/starter.ts";
import { type Claim, type ClaimOptions, claimAccount } from "./claim.ts";
import { standbySource } from "./standby-source.ts";

/** Waits for the lease, however long, and answers on the admin port meanwhile. */
export async function standBy(
  adminPort: number,
  options: Omit<ClaimOptions, "asked">,
): Promise<Claim> {
  const server = await startAdminServer(adminPort, standbySource(options.root, nowUs));
  if (!server.ok) return { kind: "refused", reason: server.reason };
  const asked = Promise.withResolvers<void>();
  const onAsked = (): void => asked.resolve();
  process.once("SIGINT", onAsked).once("SIGTERM", onAsked);
  // Nobody would see the trading that it waits for.
  const endWatch = watchStarter(onAsked);
  const claim = await claimAccount({ ...options, asked: asked.promise });
  endWatch();
  process.off("SIGINT", onAsked).off("SIGTERM", onAsked);
  await server.admin.close();
  return claim;
}
