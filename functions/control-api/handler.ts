/**
 * The Lambda of the control API: an event of an HTTP API (payload 2.0) -> the application -> its answer.
 *
 * Nothing is decided here. The same entry serves in the cloud and behind the host of one machine.
 */
import { handle } from "hono/aws-lambda";
import { createApp } from "./app.ts";
import { mountPages } from "./pages/mount.ts";
import { portsOf } from "./wiring.ts";

const ports = portsOf(process.env);
const app = createApp(ports);
mountPages(app, ports);

export const handler = handle(app);
