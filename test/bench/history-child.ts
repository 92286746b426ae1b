/**
 * The tables of the history bench, in a process of their own: loads what is missing, prints its endpoints and how
 * long the load took, and serves until it is ended.
 */
import { startEmbedded } from "../../local/aws/embedded.ts";
import { loadFills } from "./history-load.ts";

const [folder = "", prefix = "", fills = "0"] = process.argv.slice(2);
const options = {
  prefix,
  bucketPlace: "local",
  engines: [],
  folder,
  dynamodbPort: 0,
  sqsPort: 0,
};
// Once to make the tables, and again to serve them: nobody may have them open while they are loaded.
await (await startEmbedded(options)).stop();
const loadSeconds = await loadFills(folder, prefix, Number(fills));
const embedded = await startEmbedded(options);
process.stdout.write(`${JSON.stringify({ endpoints: embedded.endpoints, loadSeconds })}\n`);
process.once("SIGTERM", () => void embedded.stop().then(() => process.exit(0)));
